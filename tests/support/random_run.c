#include "support/random_run.h"

#include <stdlib.h>

#include "support/random_policy.h"
#include "support/run_world.h"
#include "support/support.h"

#define MS     INT64_C(1000000)
#define SECOND (1000 * MS)

static uint32_t below(random_run *r, uint32_t bound)
{
    return chance_below(&r->world.c, bound);
}

static str format(random_run *r, const char *text, uint32_t number)
{
    return arena_format(&r->world.a, text, number);
}

/* ---- requests ---- */

uint32_t random_run_request(const random_run *r, uint32_t mix, uint32_t cell, uint64_t n)
{
    uint64_t u = rng_at(r->plan.seed, RNG_TEST, cell, n);
    return mix * (RANDOM_REQUESTS / 2) + (uint32_t)rng_scale(u, RANDOM_REQUESTS / 2);
}

static void ask(const void *context, uint32_t mix, uint32_t cell, uint64_t first, uint32_t count, authz_request *out)
{
    const random_run *r = context;
    for (uint32_t i = 0; i < count; i++) out[i] = r->requests[random_run_request(r, mix, cell, first + i)];
}

/* ---- steps ---- */

/* Names of what there is, and now and then of what there is not. */
static str some_node(random_run *r)
{
    uint32_t which = below(r, org_node_count(org_at(r->world.o, 0)) + 3);
    if (below(r, 12) == 0) return format(r, "$made-ou/%u", below(r, 3));
    return which == ORG_ROOT ? STR("$root") : format(r, "$ou/%u", which);
}

static str some_account(random_run *r)
{
    if (below(r, 2) == 0) return format(r, "$account/%u", r->requests[below(r, RANDOM_REQUESTS)].account);
    return format(r, "$account/%u", below(r, org_account_count(org_at(r->world.o, 0)) + 2));
}

static str some_policy(random_run *r)
{
    if (below(r, 4) == 0) return format(r, "$made-policy/%u", below(r, 3));
    return format(r, "$policy/%u", below(r, org_policy_count(org_at(r->world.o, 0)) + 2));
}

static void tree_step(random_run *r, world_step *step, uint32_t serial)
{
    str *in = step->command.member;
    switch (step->command.op) {
    case CONTROL_CREATE_ORGANIZATIONAL_UNIT:
        in[MEMBER_ParentId] = some_node(r);
        in[MEMBER_Name] = format(r, "made %u", serial);
        step->bind = format(r, "$made-ou/%u", below(r, 3));
        break;
    case CONTROL_CREATE_ACCOUNT:
        in[MEMBER_AccountName] = format(r, "made %u", serial);
        in[MEMBER_Email] = format(r, "made-%u@example.com", serial);
        break;
    case CONTROL_MOVE_ACCOUNT: { /* mostly from where it was at first */
        const org_view *v = org_at(r->world.o, 0);
        uint32_t        account = r->requests[below(r, RANDOM_REQUESTS)].account, from = org_account_parent(v, account);
        in[MEMBER_AccountId] = format(r, "$account/%u", account);
        in[MEMBER_SourceParentId] = from == ORG_ROOT ? STR("$root") : format(r, "$ou/%u", from);
        in[MEMBER_DestinationParentId] = some_node(r);
        break;
    }
    case CONTROL_REMOVE_ACCOUNT: in[MEMBER_AccountId] = some_account(r); break;
    default: in[MEMBER_OrganizationalUnitId] = some_node(r);
    }
}

static void policy_step(random_run *r, world_step *step, uint32_t serial)
{
    str *in = step->command.member;
    switch (step->command.op) {
    case CONTROL_CREATE_POLICY:
        in[MEMBER_Name] = format(r, "made %u", serial);
        in[MEMBER_Description] = STR("");
        in[MEMBER_Type] = STR("SERVICE_CONTROL_POLICY");
        in[MEMBER_Content] = random_scp(&r->world.a, &r->world.c, 3);
        step->bind = format(r, "$made-policy/%u", below(r, 3));
        break;
    case CONTROL_UPDATE_POLICY:
        in[MEMBER_PolicyId] = some_policy(r);
        in[MEMBER_Content] = random_scp(&r->world.a, &r->world.c, 3);
        break;
    case CONTROL_DELETE_POLICY: in[MEMBER_PolicyId] = some_policy(r); break;
    default:
        in[MEMBER_PolicyId] = some_policy(r);
        in[MEMBER_TargetId] = below(r, 2) == 0 ? some_account(r) : some_node(r);
    }
}

static void step_make(random_run *r, world_step *step, int64_t at_ns, uint32_t serial)
{
    static const control_operation often[] = {CONTROL_ATTACH_POLICY, CONTROL_ATTACH_POLICY, CONTROL_ATTACH_POLICY,
                                              CONTROL_DETACH_POLICY, CONTROL_DETACH_POLICY, CONTROL_UPDATE_POLICY,
                                              CONTROL_UPDATE_POLICY, CONTROL_CREATE_POLICY, CONTROL_MOVE_ACCOUNT,
                                              CONTROL_MOVE_ACCOUNT,  CONTROL_REMOVE_ACCOUNT};
    control_operation              op = often[below(r, COUNTOF(often))];
    if (below(r, 6) == 0) op = (control_operation)below(r, CONTROL_DISABLE_POLICY_TYPE + 1);
    *step = (world_step){.command = {.op = op, .at_ns = at_ns}, .label = format(r, "step %u", serial)};
    if (op == CONTROL_ENABLE_POLICY_TYPE || op == CONTROL_DISABLE_POLICY_TYPE) {
        step->command.member[MEMBER_RootId] = STR("$root");
        step->command.member[MEMBER_PolicyType] = STR("SERVICE_CONTROL_POLICY");
    } else if (op <= CONTROL_REMOVE_ACCOUNT) {
        tree_step(r, step, serial);
    } else {
        policy_step(r, step, serial);
    }
}

static int time_cmp(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void steps_make(random_run *r, int64_t end_ns)
{
    int64_t  times[RANDOM_STEPS];
    uint32_t count = below(r, 9) == 0 ? RANDOM_STEPS : below(r, 50);
    for (uint32_t i = 0; i < count; i++) /* a grid, so that some are at once */
        times[i] = (int64_t)below(r, (uint32_t)(end_ns / (20 * MS))) * (20 * MS);
    qsort(times, count, sizeof times[0], time_cmp);
    for (uint32_t i = 0; i < count; i++) step_make(r, &r->steps[i], times[i], i);
    r->plan.step_count = count;
}

/* ---- load ---- */

static int64_t windows_make(random_run *r)
{
    int64_t at_ns = below(r, 2) == 0 ? 0 : (int64_t)below(r, 3000) * MS;
    r->plan.window_count = 1 + below(r, RANDOM_WINDOWS);
    for (uint32_t i = 0; i < r->plan.window_count; i++) {
        world_window *w = &r->windows[i];
        *w = (world_window){.start_ns = at_ns,
                            .length_ns = 1 + (int64_t)below(r, 3000) * MS,
                            .arrival = below(r, 3) == 0 ? WORLD_CONSTANT : WORLD_POISSON,
                            .rate_num = 1 + below(r, 500),
                            .rate_den = 1 + below(r, 3),
                            .mix = below(r, 2)};
        at_ns += w->length_ns + (below(r, 2) == 0 ? 0 : (int64_t)below(r, 4000) * MS);
    }
    return at_ns;
}

static void cells_make(random_run *r)
{
    uint32_t cells = 0;
    r->plan.region_count = 1 + below(r, RANDOM_REGIONS);
    for (uint32_t i = 0; i < r->plan.region_count; i++) {
        r->regions[i] = (world_region){format(r, "region-%u", i), 1 + below(r, RANDOM_CELLS / RANDOM_REGIONS)};
        for (uint32_t k = 0; k < r->regions[i].cell_count; k++) r->weights[cells++] = below(r, 5);
    }
    r->weights[below(r, cells)] = 3;
}

static const quantile *times_make(random_run *r, int64_t scale_ns)
{
    quantile *q = NULL;
    status    s = STATUS_OK;
    switch (below(r, 5)) {
    case 0: s = quantile_constant(&r->world.a, 0, &q, NULL); break;
    case 1: s = quantile_constant(&r->world.a, scale_ns, &q, NULL); break;
    case 2: s = quantile_exponential(&r->world.a, scale_ns, &q, NULL); break;
    case 3: s = quantile_lognormal(&r->world.a, scale_ns, 3, 2, &q, NULL); break;
    default: s = quantile_uniform(&r->world.a, 0, 2 * scale_ns, &q, NULL); break;
    }
    assert_int_equal(s, STATUS_OK);
    return q;
}

/* ---- life ---- */

void random_run_init(random_run *r, const catalog *facts, const authz_vocabulary *v, chance c)
{
    /* Policies name moments of which some lie within the run. */
    static const int64_t epochs[] = {1767225600 - 2, 1767225600, 1761955200, 0};
    *r = (random_run){0};
    random_world_init(&r->world, facts, v, c, (random_sizes){20, 8, 8, 3, true});
    r->c = control_new(r->world.o, &run_quotas, NULL, c.number);
    r->plan = (world_plan){.seed = c.number,
                           .o = r->world.o,
                           .c = r->c,
                           .facts = facts,
                           .v = v,
                           .setting = random_setting(&r->world),
                           .regions = r->regions,
                           .steps = r->steps,
                           .windows = r->windows,
                           .source = {r, r->weights, ask},
                           .response_max_ns = below(r, 3) == 0 ? 50 * MS : 3600 * SECOND};
    for (uint32_t i = 0; i < RANDOM_REQUESTS; i++) random_request(&r->world, org_at(r->world.o, 0), &r->requests[i]);
    cells_make(r);
    r->plan.service_time = times_make(r, 1 + (int64_t)below(r, 40) * MS);
    r->plan.lag = times_make(r, 1 + (int64_t)below(r, 2000) * MS);
    steps_make(r, windows_make(r) + SECOND);
    r->plan.epoch_s = epochs[below(r, COUNTOF(epochs))];
}

void random_run_deinit(random_run *r)
{
    control_free(r->c);
    random_world_deinit(&r->world);
}
