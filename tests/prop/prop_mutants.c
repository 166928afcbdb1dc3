/* The testers tested: each planted fault is found by what is meant to find it, and nothing is found without one.
 *
 *   matching, conditions   by the cases under tests/cases/evaluation, decided as text, and by random worlds
 *   inheritance, images    by random worlds
 *   staleness              shows in no single image: the tests of runs look for it
 */
#include "support/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "authz/case.h"
#include "base/file.h"
#include "base/mutant.h"
#include "oracle/oracle.h"
#include "policy/case.h"
#include "support/check_world.h"

#ifdef ORGSIM_MUTANTS

#define SEED             UINT64_C(20261126)
#define WORLDS           40
#define INHERITANCE      30 /* first number of the family */
#define STALENESS        40
#define CASES_FOLDER     TESTS_DIR "/cases/evaluation"
#define CASE_FILES_LEAST 8

typedef struct {
    arena             run;
    const catalog    *facts;
    authz_vocabulary *v[2];
    source            files[32];
    uint32_t          file_count;
} testers;

static testers t;

static int setup(void **state)
{
    (void)state;
    arena_init(&t.run, MEMORY_GENERAL);
    t.facts = support_catalog(&t.run);
    for (uint32_t i = 0; i < COUNTOF(t.v); i++) t.v[i] = random_vocabulary(t.facts, i > 0);
    DIR *folder = opendir(CASES_FOLDER);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        str name = str_of(entry->d_name), path;
        err e = {0};
        if (!str_ends(name, STR(".jsonl"))) continue;
        assert_true(t.file_count < COUNTOF(t.files));
        path = arena_format(&t.run, "%s/%.*s", CASES_FOLDER, STR_FMT(name));
        if (file_read(&t.run, path.ptr, FILE_BYTES_MAX, &t.files[t.file_count++], &e) != STATUS_OK)
            fail_msg("%s", e.text);
    }
    (void)closedir(folder);
    assert_true(t.file_count >= CASE_FILES_LEAST);
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
static uint32_t differing_rows(const source *file)
{
    arena    row;
    uint32_t count = 0;
    size_t   begin = 0, number = 1;
    arena_init(&row, MEMORY_POLICY);
    for (; begin < file->text.len; number++) {
        size_t      end = str_find(file->text, '\n', begin);
        source      line = {file->name, str_part(file->text, begin, end - begin), number};
        policy_case c;
        err         e = {0};
        if (case_read(&row, &line, 0, line.text.len, &c, &e) != STATUS_OK) fail_msg("%s", e.text);
        count += !decision_equal(authz_decide_case(&row, &c, t.facts), oracle_decide(&c, t.facts));
        arena_reset(&row);
        begin = end + 1;
    }
    arena_deinit(&row);
    return count;
}

static uint32_t differing_cases(void)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < t.file_count; i++) count += differing_rows(&t.files[i]);
    return count;
}

/* The first random world that shows a difference, else WORLDS. */
static uint32_t differing_world(void)
{
    check_options options = {{20, 8, 12, 3}, 5, 512};
    for (uint32_t n = 0; n < WORLDS; n++) {
        check_counts counts = {0};
        arena        scratch = t.run;
        str          difference;
        if (!check_world(&scratch, t.facts, t.v[n & 1], chance_at(SEED, n), options, &counts, &difference)) return n;
    }
    return WORLDS;
}

static void nothing_is_found_without_a_fault(void **state)
{
    (void)state;
    mutant_set(MUTANT_NONE);
    assert_int_equal(differing_cases(), 0);
    assert_int_equal(differing_world(), WORLDS);
}

static void every_fault_is_found(void **state)
{
    (void)state;
    uint32_t missed = 0, planted = 0;
    for (size_t i = 0; i < mutant_row_count; i++) {
        const mutant_row *m = &mutant_rows[i];
        if (m->number >= STALENESS) continue;
        mutant_set(m->number);
        bool     by_text = m->number < INHERITANCE;
        uint32_t cases = by_text ? differing_cases() : 0, world = differing_world();
        mutant_set(MUTANT_NONE);
        print_message("%2d %-26s %3u cases, world %u\n", m->number, m->name, cases, world);
        missed += world == WORLDS || (by_text && cases == 0);
        planted++;
    }
    assert_true(planted >= 12);
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
