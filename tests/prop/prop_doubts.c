/* What a run counts as not evaluated is what looking at every request as text would count.
 *
 * A failure names its world; `prop_doubts WORLD` runs that one alone. */
#include "support/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/check_doubts.h"

#define SEED     UINT64_C(20261141)
#define WORLDS   600u
#define REQUESTS 160u

static uint32_t first_world, world_end = WORLDS;

static void counts_are_those_of_the_texts(void **state)
{
    (void)state;
    arena        run;
    doubt_counts counts = {0};
    arena_init(&run, MEMORY_GENERAL);
    const catalog    *facts = support_catalog(&run);
    authz_vocabulary *v[] = {random_vocabulary(facts, false), random_vocabulary(facts, true)};
    for (uint32_t n = first_world; n < world_end; n++) {
        str   difference;
        arena scratch = run;
        if (check_doubts(&scratch, facts, v[n & 1], chance_at(SEED, n), REQUESTS, &counts, &difference)) continue;
        (void)fprintf(stderr, "%.*s\n", STR_FMT(difference)); /* cmocka cuts long messages */
        fail_msg("replay: prop_doubts %u", n);
    }
    print_message("%" PRIu64 " requests, %" PRIu64 " not evaluated in full; %" PRIu64 " worlds, %" PRIu64
                  " clear, %" PRIu64 " in vain\n",
                  counts.compared, counts.doubtful, counts.worlds, counts.clear, counts.in_vain);
    for (uint32_t i = 0; i < DIAGNOSTIC_COUNT; i++)
        print_message("%s %" PRIu64 "\n", diagnostic_name((diagnostic_kind)i), counts.by_kind[i]);
    if (first_world == 0 && world_end == WORLDS) {
        assert_true(counts.clear > WORLDS / 5 && counts.clear < WORLDS && counts.doubtful > counts.compared / 200);
        assert_true(counts.by_kind[DIAGNOSTIC_UNREADABLE_VALUE] > 100);
        assert_true(counts.by_kind[DIAGNOSTIC_UNRESOLVED_VARIABLE] > 100);
        assert_true(counts.by_kind[DIAGNOSTIC_NO_SET_OPERATOR] > 100);
        assert_true(counts.by_kind[DIAGNOSTIC_UNKNOWN_OPERATOR] > 20);
        assert_true(counts.by_kind[DIAGNOSTIC_OLD_VARIABLE] > 20);
        assert_int_equal(counts.by_kind[DIAGNOSTIC_TAG_KEY_CASE], 0); /* requests of images have no such keys */
    }
    authz_vocabulary_free(v[0]);
    authz_vocabulary_free(v[1]);
    arena_deinit(&run);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_are_those_of_the_texts)};
    if (argc > 1) {
        first_world = (uint32_t)strtoul(argv[1], NULL, 10);
        world_end = first_world + 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
