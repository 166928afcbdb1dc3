/* prop_scenarios.c - the scenarios that come inside the program do what they say: a step labelled `refused: …` is
 * refused and no other, and each is what it is there for.
 */
#include "support/support.h"

#include <inttypes.h>

#include "workloads/data.h"
#include "workloads/scenario.h"

__extension__ typedef unsigned __int128 u128;

static arena a;

static int open_arena(void **state)
{
    (void)state;
    arena_init(&a, MEMORY_GENERAL);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_deinit(&a);
    return 0;
}

#define SETS_MAX 4

/* giant's million accounts take minutes under sanitizers: its steps are as good in the world small. */
static scenario *read_inside(const char *name, scenario_options options)
{
    scenario    *s = NULL;
    err          e = {0};
    scenario_set sets[SETS_MAX];
    assert_true(options.set_count < SETS_MAX);
    for (uint32_t i = 0; i < options.set_count; i++) sets[i] = options.sets[i];
    options.sets = sets;
    if (strcmp(name, "giant") == 0)
        sets[options.set_count++] = (scenario_set){STR("organization/generate/world"), STR("small")};
    if (scenario_read(&a, str_of(name), options, &s, &e) != STATUS_OK) fail_msg("%s: %s", name, e.text);
    return s;
}

/* The whole timeline with few requests. */
static scenario *run_thinly(const char *name, uint32_t rate, world_result *r)
{
    str workload =
        arena_format(&a,
                     "{\"windows\":[{\"start\":\"0s\",\"duration\":\"120s\",\"scenario\":\"few\"}],\"scenarios\":{"
                     "\"few\":{\"executor\":\"constant-arrival-rate\",\"rate\":%u}}}",
                     rate);
    scenario_set  set = {STR("workload"), workload};
    scenario     *s = read_inside(name, (scenario_options){.sets = &set, .set_count = 1});
    world_options options = {.threads = 1};
    err           e = {0};
    if (world_run(&a, &s->plan, &options, r, &e) != STATUS_OK) fail_msg("%s: %s", name, e.text);
    return s;
}

static uint64_t requests_expected(const scenario *s)
{
    u128 sum = 0;
    for (uint32_t i = 0; i < s->plan.window_count; i++) {
        const world_window *w = &s->plan.windows[i];
        sum += (u128)w->rate_num * (uint64_t)w->length_ns / 1000000000u / w->rate_den;
    }
    return (uint64_t)sum;
}

static void each_is_named_after_its_file_and_described(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < data_count(DATA_SCENARIO); i++) {
        str       name = data_name(DATA_SCENARIO, i);
        scenario *s = read_inside(arena_str(&a, name).ptr, (scenario_options){.check_only = true});
        if (!str_eq(s->name, name)) fail_msg("`%.*s` calls itself `%.*s`", STR_FMT(name), STR_FMT(s->name));
        if (s->description.len < 80) fail_msg("`%.*s` says too little of itself", STR_FMT(name));
        scenario_free(s);
    }
}

static void what_is_labelled_refused_is_refused_and_no_other(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < data_count(DATA_SCENARIO); i++) {
        const char  *name = arena_str(&a, data_name(DATA_SCENARIO, i)).ptr;
        world_result r;
        scenario    *s = run_thinly(name, 10, &r);
        for (uint32_t k = 0; k < r.change_count; k++) {
            const world_change *c = &r.changes[k];
            if (str_starts(c->label, STR("refused:")) == (c->exception != NULL)) continue;
            fail_msg("`%s`, step %u, %s, `%.*s`: %s, %.*s", name, k, control_operation_name(c->op), STR_FMT(c->label),
                     c->exception != NULL ? c->exception : "accepted", STR_FMT(c->detail));
        }
        scenario_free(s);
    }
}

static void quickstart_is_large_and_uses_eight_operations(void **state)
{
    (void)state;
    static const control_operation used[] = {CONTROL_CREATE_POLICY,
                                             CONTROL_UPDATE_POLICY,
                                             CONTROL_DELETE_POLICY,
                                             CONTROL_ATTACH_POLICY,
                                             CONTROL_DETACH_POLICY,
                                             CONTROL_MOVE_ACCOUNT,
                                             CONTROL_CREATE_ORGANIZATIONAL_UNIT,
                                             CONTROL_CREATE_ACCOUNT};
    uint32_t                       accepted[CONTROL_OPERATION_COUNT] = {0}, sum = 0, cells = 0;
    world_result                   r;
    scenario                      *s = read_inside("quickstart", (scenario_options){.check_only = true});
    const org_view                *v = org_at(s->o, 0);
    const world_plan               plan = s->plan;
    assert_true(requests_expected(s) >= 10000000);
    assert_true(org_account_live(v) == 10000 && org_ou_live(v) == 600 && org_policy_live(v, ORG_TYPE_SCP) == 900);
    for (uint32_t i = 0; i < plan.region_count; i++) cells += plan.regions[i].cell_count;
    assert_true(plan.region_count == 4 && cells == 32);
    scenario_free(s);
    s = run_thinly("quickstart", 10, &r);
    for (uint32_t i = 0; i < r.change_count; i++) accepted[r.changes[i].op] += r.changes[i].exception == NULL;
    for (size_t i = 0; i < COUNTOF(used); i++) {
        if (accepted[used[i]] == 0) fail_msg("%s is never accepted", control_operation_name(used[i]));
        sum += accepted[used[i]];
    }
    assert_true(sum >= 24 && sum < r.change_count);
    scenario_free(s);
}

static void two_levels_teaches_what_its_labels_say(void **state)
{
    (void)state;
    enum { ALLOW_LIST_BESIDE = 1, FULL_ACCESS_GOES, FULL_ACCESS_BACK, ALLOW_LIST_GOES, ACCOUNT_MOVES };
    world_result r;
    scenario    *s = run_thinly("two-levels", 200, &r);
    assert_int_equal(r.change_count, 6);
    for (uint32_t i = 0; i < r.change_count; i++) {
        bool harmless = i != FULL_ACCESS_GOES && i != FULL_ACCESS_BACK && i != ACCOUNT_MOVES;
        if (harmless && r.changes[i].stale_allow + r.changes[i].stale_deny > 0) fail_msg("step %u changed answers", i);
        if (r.changes[i].exception == NULL) assert_true(r.changes[i].lag_100_ns == 2000000000);
    }
    assert_true(r.changes[FULL_ACCESS_GOES].stale_allow > 0 && r.changes[FULL_ACCESS_GOES].stale_deny == 0);
    assert_true(r.changes[FULL_ACCESS_BACK].stale_deny > 0 && r.changes[FULL_ACCESS_BACK].stale_allow == 0);
    assert_true(r.changes[ACCOUNT_MOVES].stale_deny > 0);
    /* Levels: the root and the OUs deny by what they do not allow, Workloads by its deny list. */
    assert_true(r.totals.denied_at[0][LAYER_SCP][0] > 0 && r.totals.denied_at[0][LAYER_SCP][1] > 0);
    assert_true(r.totals.denied_at[1][LAYER_SCP][1] > 0);
    scenario_free(s);
}

/* Every layer denies, and what changes on either side makes decisions stale. */
static void every_layer_shows_every_layer(void **state)
{
    (void)state;
    world_result  r;
    scenario     *s = read_inside("every-layer", (scenario_options){.check_only = false});
    world_options options = {.threads = 2};
    err           e = {0};
    uint64_t      by_type[ORG_TYPE_COUNT] = {0};
    if (world_run(&a, &s->plan, &options, &r, &e) != STATUS_OK) fail_msg("%s", e.text);
    for (uint32_t layer = LAYER_SCP; layer <= LAYER_ENDPOINT; layer++) {
        uint64_t implicitly = 0, explicitly = 0;
        for (uint32_t level = 0; level < ORG_CHAIN_MAX; level++) {
            implicitly += r.totals.denied_at[0][layer][level];
            explicitly += r.totals.denied_at[1][layer][level];
        }
        if (explicitly < r.totals.attempts / 2000) fail_msg("%s denies too little", layer_name((decision_layer)layer));
        bool grants = layer != LAYER_RCP && layer != LAYER_RESOURCE; /* what those leave out, others answer for */
        assert_int_equal(implicitly > 0, grants);
    }
    for (uint32_t i = 0; i < r.change_count; i++) {
        const world_change *c = &r.changes[i];
        if (c->op == CONTROL_ATTACH_POLICY || c->op == CONTROL_DETACH_POLICY)
            by_type[c->at_ns < INT64_C(18000000000) ? ORG_TYPE_RCP : ORG_TYPE_SCP] += c->stale_allow + c->stale_deny;
    }
    assert_true(by_type[ORG_TYPE_RCP] > 50 && by_type[ORG_TYPE_SCP] > 50);
    scenario_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_is_named_after_its_file_and_described, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(what_is_labelled_refused_is_refused_and_no_other, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(quickstart_is_large_and_uses_eight_operations, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(two_levels_teaches_what_its_labels_say, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(every_layer_shows_every_layer, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
