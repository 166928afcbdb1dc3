/* The testers tested: each planted fault of matching, conditions and layers is found by random cases, and what is left
 * of the case that found it is small, a row of the case format, and about the fault still. */
#include "support/support.h"

#include "base/mutant.h"
#include "support/case_compare.h"
#include "support/case_stream.h"
#include "support/shrink_case.h"

#ifdef ORGSIM_MUTANTS

#define SEED           UINT64_C(20261127)
#define CASES          100000u
#define STATEMENTS_MAX 3
#define INHERITANCE    30 /* first numbers of families; those between show in no case */
#define CASE_LAYERS    50
#define IMAGE_LAYERS   60

/* The first case that shows the fault, else CASES. */
static uint32_t first_difference(case_stream *s, const catalog *facts, policy_case *out)
{
    arena scratch;
    arena_init(&scratch, MEMORY_GENERAL);
    uint32_t n = 0;
    for (; n < CASES; n++) {
        case_stream_at(s, n, out);
        if (case_decision_difference(scratch, out, facts) != NULL) break;
    }
    arena_deinit(&scratch);
    return n;
}

static void every_fault_is_made_small(void **state)
{
    (void)state;
    arena       run;
    case_stream stream;
    uint32_t    missed = 0, planted = 0;
    arena_init(&run, MEMORY_GENERAL);
    case_stream_init(&stream, SEED);
    const catalog *facts = support_catalog(&run);
    for (size_t i = 0; i < mutant_row_count; i++) {
        const mutant_row *m = &mutant_rows[i];
        policy_case       c, small;
        arena             a = run;
        if (m->number >= IMAGE_LAYERS || (m->number >= INHERITANCE && m->number < CASE_LAYERS)) continue;
        planted++;
        mutant_set(m->number);
        uint32_t n = first_difference(&stream, facts, &c);
        str      row = n < CASES ? case_difference(&a, &c, facts, &small) : (str){0};
        uint32_t statements = n < CASES ? shrink_statements(&small) : UINT32_MAX;
        mutant_set(MUTANT_NONE);
        missed += statements > STATEMENTS_MAX;
        print_message("%2d %-34s case %6u, %u statements, %4zu bytes\n", m->number, m->name, n, statements, row.len);
        if (statements > STATEMENTS_MAX) print_message("%.*s\n", STR_FMT(row));
    }
    assert_true(planted >= 20);
    assert_int_equal(missed, 0);
    case_stream_deinit(&stream);
    arena_deinit(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_fault_is_made_small)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    return 77; /* skipped: built without planted faults */
}

#endif
