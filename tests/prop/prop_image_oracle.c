/* Random organizations while they change: every image gives the oracle's answers, at old revisions as well as new.
 *
 * A failure names its world; `prop_image_oracle WORLD` runs that one alone, `prop_image_oracle FIRST END` a range. The
 * smallest sizes at which it still fails are found before it is reported; label release. */
#include "support/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/check_world.h"

#define SEED UINT64_C(20261125)
#ifdef ORGSIM_HOT_ASSERTS
#define COMPARED UINT64_C(250000) /* under sanitizers; the preset `release` does all */
#define WORLDS   104
#else
#define COMPARED UINT64_C(1000000)
#define WORLDS   410
#endif

static uint32_t first_world, world_end = WORLDS;

static check_options options_of(chance c)
{
    chance size = {c.seed, UINT64_C(1) << 32, c.number};
    return (check_options){{10 + chance_below(&size, 51), chance_below(&size, 25), 1 + chance_below(&size, 16),
                            1 + chance_below(&size, 3), c.number % 4 != 0},
                           9,
                           256};
}

static uint32_t smaller(uint32_t size, uint32_t step)
{
    uint32_t less = size * step / 8;
    return less == 0 ? 1 : less;
}

/* A smaller world is another world, but mostly it fails for the same reason. */
static void report(arena *a, const catalog *facts, const authz_vocabulary *v, chance c, str difference)
{
    check_options at = options_of(c);
    for (uint32_t step = 1; step < 8; step++) {
        check_options less = at;
        check_counts  counts = {0};
        str           text;
        less.sizes =
            (random_sizes){smaller(at.sizes.accounts, step), smaller(at.sizes.ous, step),
                           smaller(at.sizes.policies, step), smaller(at.sizes.statements, step), at.sizes.layers};
        if (check_world(a, facts, v, c, less, &counts, &text)) continue;
        difference = text;
        break;
    }
    (void)fprintf(stderr, "%.*s\n", STR_FMT(difference)); /* cmocka cuts long messages */
    fail_msg("replay: prop_image_oracle %u", c.number);
}

static void images_give_the_answers_of_the_oracle(void **state)
{
    (void)state;
    arena        run;
    check_counts counts = {0};
    arena_init(&run, MEMORY_GENERAL);
    const catalog    *facts = support_catalog(&run);
    authz_vocabulary *v[] = {random_vocabulary(facts, false), random_vocabulary(facts, true)};
    for (uint32_t n = first_world; n < world_end; n++) {
        str    difference;
        chance c = chance_at(SEED, n);
        if (!check_world(&run, facts, v[n & 1], c, options_of(c), &counts, &difference))
            report(&run, facts, v[n & 1], c, difference);
    }
    print_message("%" PRIu64 " decisions, %" PRIu64 " conditional, %" PRIu64 " in doubt, %" PRIu64 " by SCPs, %" PRIu64
                  " claims of same rows, %" PRIu64 " images\n",
                  counts.compared, counts.conditional, counts.doubtful, counts.by_scp, counts.same_rows, counts.images);
    print_message("kinds %" PRIu64 " %" PRIu64 " %" PRIu64 ", levels %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
                  " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                  counts.seen[0], counts.seen[1], counts.seen[2], counts.by_level[0], counts.by_level[1],
                  counts.by_level[2], counts.by_level[3], counts.by_level[4], counts.by_level[5], counts.by_level[6]);
    for (int i = LAYER_SCP; i <= LAYER_ENDPOINT; i++)
        print_message("%s %" PRIu64 "%s", layer_name((decision_layer)i), counts.by_layer[i],
                      i < LAYER_ENDPOINT ? ", " : "\n");
    if (first_world == 0 && world_end == WORLDS) {
        for (int i = LAYER_SCP; i <= LAYER_ENDPOINT; i++) assert_true(counts.by_layer[i] > COMPARED / 2000);
        assert_true(counts.compared >= COMPARED && counts.doubtful > COMPARED / 1000);
        for (uint32_t i = 0; i < COUNTOF(counts.seen); i++) assert_true(counts.seen[i] > COMPARED / 20);
        for (uint32_t i = 0; i < ORG_CHAIN_MAX; i++) assert_true(counts.by_level[i] > COMPARED / 2000);
    }
    authz_vocabulary_free(v[0]);
    authz_vocabulary_free(v[1]);
    arena_deinit(&run);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(images_give_the_answers_of_the_oracle)};
    if (argc > 1) {
        first_world = (uint32_t)strtoul(argv[1], NULL, 10);
        world_end = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : first_world + 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
