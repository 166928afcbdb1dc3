/* The testers tested: each planted fault is found by what is meant to find it, and nothing is found without one.
 *
 *   matching, conditions   by the cases under tests/cases, decided as text, and by random worlds
 *   layers of a case       by the cases
 *   inheritance, images, their layers    by random worlds
 *   what could not be evaluated          by random worlds of few statements
 *   staleness              shows in no single image: the tests of runs look for it
 */
#include "support/rows.h"

#include "authz/case.h"
#include "base/mutant.h"
#include "oracle/oracle.h"
#include "policy/case.h"
#include "support/check_doubts.h"
#include "support/check_world.h"

#ifdef ORGSIM_MUTANTS

#define SEED         UINT64_C(20261162) /* finds the rarest faults early */
#define WORLDS       64
#define DOUBT_WORLDS 300
#define INHERITANCE  30 /* first numbers of families */
#define STALENESS    40
#define LAYERS       50
#define IMAGE        60
#define DOUBTS       80
#define FILES_LEAST  20

typedef struct {
    arena             run;
    const catalog    *facts;
    authz_vocabulary *v[2];
    rows              files[64]; /* before their first rows */
    uint32_t          file_count;
} testers;

static testers t;

static int setup(void **state)
{
    (void)state;
    arena_init(&t.run, MEMORY_GENERAL);
    t.facts = support_catalog(&t.run);
    for (uint32_t i = 0; i < COUNTOF(t.v); i++) t.v[i] = random_vocabulary(t.facts, i > 0);
    static const char *const folders[] = {"evaluation", "edge", "contested", "layers"};
    for (size_t i = 0; i < COUNTOF(folders); i++) {
        str     *paths = NULL;
        uint32_t count = rows_files(&t.run, folders[i], &paths);
        assert_true(t.file_count + count <= COUNTOF(t.files));
        for (uint32_t k = 0; k < count; k++) rows_open(&t.run, paths[k], &t.files[t.file_count++]);
    }
    assert_true(t.file_count >= FILES_LEAST);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < COUNTOF(t.v); i++) authz_vocabulary_free(t.v[i]);
    arena_deinit(&t.run);
    return 0;
}

/* How many rows of a case file the evaluator of texts decides otherwise than the oracle. */
static uint32_t differing_rows(rows r)
{
    arena    row;
    uint32_t count = 0;
    arena_init(&row, MEMORY_POLICY);
    for (; rows_next(&r); arena_reset(&row)) {
        policy_case c;
        err         e = {0};
        if (case_read(&row, &r.line, 0, r.line.text.len, &c, &e) != STATUS_OK) fail_msg("%s", e.text);
        count += !decision_equal(authz_decide_case(&row, &c, t.facts), oracle_decide(&c, t.facts));
    }
    arena_deinit(&row);
    return count;
}

static uint32_t differing_cases(void)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < t.file_count; i++) count += differing_rows(t.files[i]);
    return count;
}

/* The first random world that shows a difference, else WORLDS. */
static uint32_t differing_world(void)
{
    check_options options = {{20, 8, 12, 3, true}, 5, 512};
    for (uint32_t n = 0; n < WORLDS; n++) {
        check_counts counts = {0};
        arena        scratch = t.run;
        str          difference;
        if (!check_world(&scratch, t.facts, t.v[n & 1], chance_at(SEED, n), options, &counts, &difference)) return n;
    }
    return WORLDS;
}

static uint32_t doubting_world(void)
{
    for (uint32_t n = 0; n < DOUBT_WORLDS; n++) {
        doubt_counts counts = {0};
        arena        scratch = t.run;
        str          difference;
        if (!check_doubts(&scratch, t.facts, t.v[n & 1], chance_at(SEED, n), 160, &counts, &difference)) return n;
    }
    return DOUBT_WORLDS;
}

static void nothing_is_found_without_a_fault(void **state)
{
    (void)state;
    mutant_set(MUTANT_NONE);
    assert_int_equal(differing_cases(), 0);
    assert_int_equal(differing_world(), WORLDS);
    assert_int_equal(doubting_world(), DOUBT_WORLDS);
}

/* By all that is meant to find it. */
static bool is_found(const mutant_row *m)
{
    bool     by_text = m->number < INHERITANCE || (m->number >= LAYERS && m->number < IMAGE);
    bool     by_world = m->number < STALENESS || (m->number >= IMAGE && m->number < DOUBTS);
    uint32_t cases = by_text ? differing_cases() : 0, world = by_world ? differing_world() : 0;
    if (m->number >= DOUBTS) world = doubting_world();
    print_message("%2d %-32s %3u cases, world %u\n", m->number, m->name, cases, world);
    return world != (m->number >= DOUBTS ? DOUBT_WORLDS : WORLDS) && (cases > 0 || !by_text);
}

static void every_fault_is_found(void **state)
{
    (void)state;
    uint32_t missed = 0, planted = 0;
    for (size_t i = 0; i < mutant_row_count; i++) {
        const mutant_row *m = &mutant_rows[i];
        if (m->number >= STALENESS && m->number < LAYERS) continue;
        mutant_set(m->number);
        missed += !is_found(m);
        mutant_set(MUTANT_NONE);
        planted++;
    }
    assert_true(planted >= 45);
    if (missed > 0) fail_msg("%u of %u planted faults were not found everywhere", missed, planted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_found_without_a_fault),
                                       cmocka_unit_test(every_fault_is_found)};
    return cmocka_run_group_tests(tests, setup, teardown);
}

#else

int main(void)
{
    return 77; /* skipped: built without planted faults */
}

#endif
