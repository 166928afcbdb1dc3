/* prop_world.c - random runs are what the slow reference says, number by number and digest by digest, for one, two and
 * three threads; label threads. A failure names its run; `prop_world RUN` runs that one alone. */
#include "support/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/compare.h"
#include "support/run_reference.h"

#define SEED        UINT64_C(20261127)
#define RUNS        90
#define THREADS_MAX 3

static uint32_t first_run, run_end = RUNS;

static bool verify(void *context, const authz_image *image, const org_view *view, const authz_request *q, decision got)
{
    const random_run *r = context;
    compare_with      with = {r->world.facts, r->world.roles, view};
    arena             scratch;
    arena_init(&scratch, MEMORY_GENERAL);
    decision want = compare_oracle(scratch, &with, image, q);
    arena_deinit(&scratch);
    return decision_equal(want, got);
}

typedef struct {
    uint64_t attempts, outdated, allow, deny, neutral, far, accepted, refused, verified, queued, removed;
} seen;

static void note(seen *s, const world_result *r)
{
    s->attempts += r->totals.attempts;
    s->outdated += r->totals.outdated;
    s->allow += r->totals.stale_allow;
    s->deny += r->totals.stale_deny;
    s->neutral += r->totals.stale_neutral;
    s->verified += r->totals.verified;
    s->queued += hist_max(r->waiting_ns) > 1;
    s->far += r->revision_last > 256;
    for (uint32_t i = 0; i < r->change_count; i++) {
        ++*(r->changes[i].exception == NULL ? &s->accepted : &s->refused);
        s->removed += r->changes[i].exception == NULL && r->changes[i].op == CONTROL_REMOVE_ACCOUNT;
    }
}

static void runs_are_what_the_reference_says(void **state)
{
    (void)state;
    static random_run r;
    arena             a, run;
    seen              s = {0};
    arena_init(&a, MEMORY_GENERAL);
    const catalog    *facts = support_catalog(&a);
    authz_vocabulary *v = random_vocabulary(facts, false);
    arena_init(&run, MEMORY_GENERAL);
    for (uint32_t n = first_run; n < run_end; n++) {
        world_result want, got;
        uint64_t     num = n % 4, den = 4;
        random_run_init(&r, facts, v, chance_at(SEED, n));
        run_reference(&r, num, den, &run, &want);
        random_run_deinit(&r);
        note(&s, &want);
        for (uint32_t threads = 1; threads <= THREADS_MAX; threads++) {
            world_options o = {
                .threads = threads, .verify = verify, .verify_context = &r, .verify_num = num, .verify_den = den};
            err e = {0};
            str text = {0};
            random_run_init(&r, facts, v, chance_at(SEED, n));
            if (world_run(&run, &r.plan, &o, &got, &e) != STATUS_OK) fail_msg("replay: prop_world %u\n%s", n, e.text);
            if (!run_same(&run, &got, &want, &text))
                fail_msg("replay: prop_world %u, %u threads\n%.*s", n, threads, STR_FMT(text));
            random_run_deinit(&r);
        }
        arena_reset(&run);
    }
    printf("attempts %" PRIu64 ", outdated %" PRIu64 ": allow %" PRIu64 " deny %" PRIu64 " neutral %" PRIu64
           "; far %" PRIu64 " queued %" PRIu64 " steps %" PRIu64 " + %" PRIu64 " refused, %" PRIu64
           " removals; verified %" PRIu64 "\n",
           s.attempts, s.outdated, s.allow, s.deny, s.neutral, s.far, s.queued, s.accepted, s.refused, s.removed,
           s.verified);
    if (run_end - first_run == RUNS) { /* what the runs must have met for this to mean something */
        assert_true(s.attempts > 10000);
        assert_true(s.allow > 30 && s.deny > 100 && s.neutral > 1000);
        assert_true(s.far > 3 && s.queued > 20);
        assert_true(s.accepted > 1000 && s.refused > 300 && s.removed > 20);
    }
    authz_vocabulary_free(v);
    arena_deinit(&run);
    arena_deinit(&a);
}

int main(int argc, char **argv)
{
    if (argc > 1) first_run = (uint32_t)strtoul(argv[1], NULL, 10), run_end = first_run + 1;
    if (argc > 2) run_end = (uint32_t)strtoul(argv[2], NULL, 10);
    const struct CMUnitTest tests[] = {cmocka_unit_test(runs_are_what_the_reference_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
