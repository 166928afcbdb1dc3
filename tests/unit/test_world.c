/* test_world.c - runs small enough to be worked out by hand; label threads. */
#include "support/random_policy.h"
#include "support/run_world.h"
#include "support/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mutant.h"
#include "base/rng.h"

#define MS     INT64_C(1000000)
#define SECOND (1000 * MS)

static const world_options alone = {.threads = 1};

/* ---- one run, number by number ---- */

/* Cells answer every 1.5 s and are asked every second, cell 0 from 0 s, cell 1 from 0.5 s. Lag is 2 s.
 *
 *   revision  at     seen   what
 *   1         1.0    3.0    policy 2 attached to account 1: denied
 *   -         1.1           refused
 *   2         1.2    3.2    an OU is made: the same
 *   3         2.5    4.5    policy 2 detached: allowed
 *   4         2.6    4.6    account 2 moves: the same
 *
 *   cell 0: arrival  start  sees  newest                      cell 1: arrival  start  sees  newest
 *           0        0      0     0       allowed                     0.5      0.5    0     0      allowed
 *           1        1.5    0     2       stale-allow by 1            1.5      2.0    0     2      neutral, by 1
 *           2        3.0    1     4       denied, stale-deny by 3     2.5      3.5    2     4      neutral, by 3
 *           3        4.5    3     4       neutral, by 4               3.5      5.0    4     4      allowed
 */
static void by_hand_plan(run_world *w)
{
    run_world_init(w);
    run_constant(w, &w->plan.service_time, 1500 * MS);
    run_constant(w, &w->plan.lag, 2 * SECOND);
    run_window(w, 0, 4 * SECOND, WORLD_CONSTANT, 2, 1);
    run_attach(w, 1000 * MS, "$policy/2", "$account/1");
    run_attach(w, 1100 * MS, "$nothing", "$account/1");
    world_step *ou = run_step(w, 1200 * MS, CONTROL_CREATE_ORGANIZATIONAL_UNIT);
    ou->command.member[MEMBER_ParentId] = STR("$root");
    ou->command.member[MEMBER_Name] = STR("new");
    ou->bind = STR("$new");
    run_detach(w, 2500 * MS, "$policy/2", "$account/1");
    world_step *move = run_step(w, 2600 * MS, CONTROL_MOVE_ACCOUNT);
    move->command.member[MEMBER_AccountId] = STR("$account/2");
    move->command.member[MEMBER_SourceParentId] = STR("$ou/2");
    move->command.member[MEMBER_DestinationParentId] = STR("$new");
    move->label = STR("the move");
}

static digest cell_digest(const unsigned char (*rows)[5], size_t count)
{
    digest_state *s = digest_new();
    for (size_t i = 0; i < count; i++) {
        const unsigned char part[8] = {rows[i][1], rows[i][2], rows[i][3], 0, rows[i][4]};
        digest_u64(s, rows[i][0]);
        digest_update(s, part, sizeof part);
    }
    digest d = digest_value(s);
    digest_free(s);
    return d;
}

static bool digest_equal(digest a, digest b)
{
    return a.low == b.low && a.high == b.high;
}

#define EXPECT(got, want)                                                                                         \
    do {                                                                                                          \
        int64_t got_ = (int64_t)(got), want_ = (int64_t)(want);                                                   \
        if (got_ == want_) break;                                                                                 \
        (void)snprintf(text, size, "line %d: " #got " is %" PRId64 ", expected %" PRId64, __LINE__, got_, want_); \
        return false;                                                                                             \
    } while (0)

/* As a histogram of three digits gives it back. */
static bool about(int64_t got, int64_t want)
{
    return llabs(got - want) <= want / 1000;
}

static bool counts_as_by_hand(const world_result *r, char *text, size_t size)
{
    const world_counts *t = &r->totals;
    EXPECT(r->complete, 1);
    EXPECT(t->attempts, 8);
    EXPECT(t->allowed, 7);
    EXPECT(t->explicitly_denied, 1);
    EXPECT(t->implicitly_denied + t->shed + t->timed_out + t->unfinished, 0);
    EXPECT(t->denied_at[1][LAYER_SCP][2], 1);
    EXPECT(t->outdated, 5);
    EXPECT(t->stale_allow, 1);
    EXPECT(t->stale_deny, 1);
    EXPECT(t->stale_neutral, 3);
    EXPECT(t->busy_ns, 12 * SECOND);
    EXPECT(t->finish_ns, 6500 * MS);
    EXPECT(r->cells[0].counts.finish_ns, 6000 * MS);
    EXPECT(r->cells[0].counts.attempts, 4);
    EXPECT(r->cells[1].counts.outdated, 2);
    EXPECT(hist_count(r->response_ns), 8);
    EXPECT(about(hist_min(r->response_ns), 1500 * MS), true);
    EXPECT(about(hist_max(r->response_ns), 3000 * MS), true);
    EXPECT(hist_min(r->waiting_ns), 1);
    EXPECT(about(hist_quantile(r->waiting_ns, 1, 2), 500 * MS), true);
    EXPECT(about(hist_max(r->waiting_ns), 1500 * MS), true);
    EXPECT(hist_count(r->region_response_ns[0]), 8);
    EXPECT(r->revision_last, 4);
    return true;
}

static bool changes_as_by_hand(const world_result *r, char *text, size_t size)
{
    static const struct {
        uint32_t revision;
        uint64_t allow, deny, neutral;
        int64_t  stale_ns;
    } rows[] = {{1, 1, 0, 1, 1500 * MS}, {0, 0, 0, 0, -1}, {2, 0, 0, 0, -1}, {3, 0, 1, 1, 3000 * MS}, {4, 0, 0, 1, -1}};
    EXPECT(r->change_count, COUNTOF(rows));
    for (uint32_t i = 0; i < COUNTOF(rows); i++) {
        const world_change *c = &r->changes[i];
        EXPECT(c->step, i);
        EXPECT(c->revision, rows[i].revision);
        EXPECT(c->stale_allow, rows[i].allow);
        EXPECT(c->stale_deny, rows[i].deny);
        EXPECT(c->stale_neutral, rows[i].neutral);
        EXPECT(c->first_stale_ns, rows[i].stale_ns);
        EXPECT(c->last_stale_ns, rows[i].stale_ns);
        EXPECT(c->exception != NULL, rows[i].revision == 0);
        EXPECT(c->lag_ns == NULL, rows[i].revision == 0);
        if (rows[i].revision == 0) continue;
        EXPECT(c->lag_ns[0], 2 * SECOND);
        EXPECT(c->lag_ns[1], 2 * SECOND);
        EXPECT(c->lag_50_ns, 2 * SECOND);
        EXPECT(c->lag_100_ns, 2 * SECOND);
    }
    EXPECT(str_is(r->changes[4].label, "the move"), 1);
    EXPECT(r->changes[2].op, CONTROL_CREATE_ORGANIZATIONAL_UNIT);
    EXPECT(r->changes[1].at_ns, 1100 * MS);
    return true;
}

static bool bins_as_by_hand(const world_result *r, char *text, size_t size)
{
    uint64_t decisions = 0;
    EXPECT(r->bins_start_ns, 0);
    EXPECT(r->bin_ns, 4 * SECOND / WORLD_BINS + 1);
    for (uint32_t i = 0; i < WORLD_BINS; i++) decisions += r->bins[i].decisions;
    EXPECT(decisions, 8);
    const world_bin *at = &r->bins[1500 * MS / r->bin_ns], *last = &r->bins[WORLD_BINS - 1];
    EXPECT(at->decisions, 1);
    EXPECT(at->outdated, 1);
    EXPECT(at->stale_allow, 1);
    at = &r->bins[3000 * MS / r->bin_ns];
    EXPECT(at->denied, 1);
    EXPECT(at->allowed, 0);
    EXPECT(at->stale_deny, 1);
    EXPECT(last->decisions, 2); /* at 4.5 and 5.0 s */
    EXPECT(last->outdated, 1);
    return true;
}

static bool digest_as_by_hand(const run_world *w, const world_result *r, char *text, size_t size)
{
    static const unsigned char cells[2][4][5] = {
        {{0, 0, 0, 0, 0}, {1, 0, 0, 0, 0}, {2, DECISION_EXPLICITLY_DENIED, LAYER_SCP, 2, 1}, {3, 0, 0, 0, 3}},
        {{0, 0, 0, 0, 0}, {1, 0, 0, 0, 0}, {2, 0, 0, 0, 2}, {3, 0, 0, 0, 4}}};
    digest_state *all = digest_new();
    bool          same = true;
    for (uint32_t i = 0; i < 2; i++) {
        digest d = cell_digest(cells[i], 4);
        same = same && digest_equal(d, r->cells[i].digest);
        digest_u64(all, d.low);
        digest_u64(all, d.high);
    }
    digest audit = control_digest(w->c);
    digest_u64(all, audit.low);
    digest_u64(all, audit.high);
    digest want = digest_value(all);
    digest_free(all);
    EXPECT(same, true);
    EXPECT(digest_equal(want, r->digest), true);
    return true;
}

static bool by_hand(char *text, size_t size)
{
    run_world    w;
    world_result r;
    by_hand_plan(&w);
    run_it(&w, &alone, &r);
    bool good = counts_as_by_hand(&r, text, size) && changes_as_by_hand(&r, text, size) &&
                bins_as_by_hand(&r, text, size) && digest_as_by_hand(&w, &r, text, size);
    run_world_deinit(&w);
    return good;
}

static void worked_out_by_hand(void **state)
{
    (void)state;
    char text[200] = "";
    if (!by_hand(text, sizeof text)) fail_msg("%s", text);
}

/* ---- lag ---- */

/* The formula of the header, over many changes that come faster than they are seen. */
static bool lags(char *text, size_t size)
{
    enum { CHANGES = 100, CELLS = 5 };
    run_world    w;
    world_result r;
    quantile    *lag;
    run_world_init(&w);
    w.region.cell_count = CELLS;
    assert_int_equal(quantile_uniform(&w.a, 0, 10 * SECOND, &lag, NULL), STATUS_OK);
    w.plan.lag = lag;
    for (int i = 0; i < CHANGES / 2; i++) {
        run_attach(&w, 200 * i * MS, "$policy/2", "$ou/1");
        run_detach(&w, (200 * i + 50) * MS, "$policy/2", "$ou/1");
    }
    run_it(&w, &alone, &r);
    int64_t seen[CELLS] = {0};
    bool    good = true, waits = false;
    for (uint32_t i = 0; i < CHANGES && good; i++) {
        int64_t max = 0, at = r.changes[i].at_ns;
        for (uint32_t cell = 0; cell < CELLS; cell++) {
            int64_t own = at + quantile_at(lag, rng_at(w.plan.seed, RNG_LAG, i + 1, cell));
            waits |= own < seen[cell];
            if (own > seen[cell]) seen[cell] = own;
            if (r.changes[i].lag_ns[cell] != seen[cell] - at) good = false;
            if (seen[cell] - at > max) max = seen[cell] - at;
        }
        int below_half = 0;
        for (uint32_t cell = 0; cell < CELLS; cell++) below_half += r.changes[i].lag_ns[cell] <= r.changes[i].lag_50_ns;
        if (below_half < 3 || r.changes[i].lag_99_ns != max || r.changes[i].lag_100_ns != max) good = false;
        if (!good) (void)snprintf(text, size, "change %u", i);
    }
    assert_true(waits);
    run_world_deinit(&w);
    return good;
}

static void lag_as_the_header_says(void **state)
{
    (void)state;
    char text[200] = "";
    if (!lags(text, sizeof text)) fail_msg("%s", text);
}

/* ---- two accounts ---- */

/* Account 1 asks for a bucket of account 2. */
static void ask_across(const void *context, uint32_t mix, uint32_t cell, uint64_t first, uint32_t count,
                       authz_request *out)
{
    const run_world *w = context;
    (void)mix;
    (void)cell;
    (void)first;
    for (uint32_t i = 0; i < count; i++) {
        out[i] = (authz_request){.account = 1, .owner = 2, .value = {1, 1}, .action = w->action};
        authz_request_seal(w->v, &out[i]);
    }
}

static bool owners_as_by_hand(const world_result *r, char *text, size_t size)
{
    EXPECT(r->changes[2].exception == NULL, 1);
    EXPECT(r->totals.explicitly_denied, r->totals.denied_at[1][LAYER_RCP][1]);
    EXPECT(r->totals.explicitly_denied, 12);
    EXPECT(r->totals.stale_allow, 12);
    EXPECT(r->changes[2].stale_allow, 12);
    return true;
}

static bool owners(char *text, size_t size)
{
    static const char bucket[] = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":"
                                 "\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}",
                      rcp[] = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\","
                              "\"Action\":\"s3:*\",\"Resource\":\"*\"}]}";
    run_world    w;
    world_result r;
    uint16_t     id;
    run_world_init(&w);
    authz_resource_policy bucket_policy = {STR("open"), policy_of_text(&w.a, POLICY_RESOURCE, bucket)};
    assert_int_equal(authz_value(w.v, AUTHZ_RESOURCE, STR("arn:aws:s3:::b/k"), AUTHZ_NO_HOLE, &id, NULL), STATUS_OK);
    assert_int_equal(id, 1);
    authz_resource_set(w.v, id, (authz_resource){.policy = 1});
    w.plan.setting.policies = &bucket_policy;
    w.plan.setting.policy_count = 1;
    w.plan.source.requests = ask_across;
    run_constant(&w, &w.plan.lag, 3 * SECOND);
    run_window(&w, 0, 10 * SECOND, WORLD_CONSTANT, 4, 1);
    world_step *enable = run_step(&w, 0, CONTROL_ENABLE_POLICY_TYPE), *create = run_step(&w, 0, CONTROL_CREATE_POLICY);
    enable->command.member[MEMBER_RootId] = STR("$root");
    enable->command.member[MEMBER_PolicyType] = create->command.member[MEMBER_Type] = STR("RESOURCE_CONTROL_POLICY");
    create->command.member[MEMBER_Name] = create->command.member[MEMBER_Description] = STR("rcp");
    create->command.member[MEMBER_Content] = str_of(rcp);
    create->bind = STR("$rcp");
    run_attach(&w, 4 * SECOND, "$rcp", "$ou/2");
    run_it(&w, &alone, &r);
    bool good = owners_as_by_hand(&r, text, size);
    run_world_deinit(&w);
    return good;
}

static void changes_for_the_owner_count(void **state)
{
    (void)state;
    char text[200] = "";
    if (!owners(text, sizeof text)) fail_msg("%s", text);
}

/* ---- names ---- */

static const char *answer_of(run_world *w, control_operation op, control_member m, const char *name)
{
    world_result r;
    world_step  *step = run_step(w, SECOND, op);
    step->command.member[m] = str_of(name);
    if (op == CONTROL_ENABLE_POLICY_TYPE) step->command.member[MEMBER_PolicyType] = STR("TAG_POLICY");
    run_it(w, &alone, &r);
    const char *exception = r.changes[w->plan.step_count - 1].exception;
    return exception == NULL ? "" : exception;
}

static void names_stand_for_ids(void **state)
{
    (void)state;
    static const struct {
        control_operation op;
        control_member    member;
        const char       *name, *want;
    } rows[] = {
        {CONTROL_ENABLE_POLICY_TYPE, MEMBER_RootId, "$root", ""},
        {CONTROL_ENABLE_POLICY_TYPE, MEMBER_RootId, "$rooot", "InvalidInputException"},
        {CONTROL_REMOVE_ACCOUNT, MEMBER_AccountId, "$management", "MasterCannotLeaveOrganizationException"},
        {CONTROL_REMOVE_ACCOUNT, MEMBER_AccountId, "$account/0", "MasterCannotLeaveOrganizationException"},
        {CONTROL_REMOVE_ACCOUNT, MEMBER_AccountId, "$account/2", ""},
        {CONTROL_REMOVE_ACCOUNT, MEMBER_AccountId, "$account/3", "InvalidInputException"},
        {CONTROL_REMOVE_ACCOUNT, MEMBER_AccountId, "$account/", "InvalidInputException"},
        {CONTROL_REMOVE_ACCOUNT, MEMBER_AccountId, "$account/+1", "InvalidInputException"},
        {CONTROL_DELETE_ORGANIZATIONAL_UNIT, MEMBER_OrganizationalUnitId, "$ou/1",
         "OrganizationalUnitNotEmptyException"},
        {CONTROL_DELETE_ORGANIZATIONAL_UNIT, MEMBER_OrganizationalUnitId, "$ou/0", "InvalidInputException"},
        {CONTROL_DELETE_ORGANIZATIONAL_UNIT, MEMBER_OrganizationalUnitId, "$ou/3", "InvalidInputException"},
        {CONTROL_DELETE_POLICY, MEMBER_PolicyId, "$policy/2", ""},
        {CONTROL_DELETE_POLICY, MEMBER_PolicyId, "$policy/3", "InvalidInputException"},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        run_world w;
        run_world_init(&w);
        const char *got = answer_of(&w, rows[i].op, rows[i].member, rows[i].name);
        if (strcmp(got, rows[i].want) != 0) fail_msg("row %zu: `%s`", i, got);
        run_world_deinit(&w);
    }
}

static void ou_step(run_world *w, int64_t at_ns, const char *parent, const char *name, const char *bind)
{
    world_step *step = run_step(w, at_ns, CONTROL_CREATE_ORGANIZATIONAL_UNIT);
    step->command.member[MEMBER_ParentId] = str_of(parent);
    step->command.member[MEMBER_Name] = str_of(name);
    if (bind != NULL) step->bind = str_of(bind);
}

static void what_a_step_makes_can_be_named(void **state)
{
    (void)state;
    run_world    w;
    world_result r;
    run_world_init(&w);
    ou_step(&w, 1, "$later", "a", "$a"); /* refused: not made yet, so nothing is bound */
    ou_step(&w, 2, "$root", "$a", "$later");
    ou_step(&w, 3, "$later", "b", "$later"); /* bound anew: the inner one */
    ou_step(&w, 4, "$later", "c", NULL);
    ou_step(&w, 5, "$a", "d", NULL);
    run_it(&w, &alone, &r);
    assert_string_equal(r.changes[0].exception, "InvalidInputException");
    assert_string_equal(r.changes[0].reason, "INVALID_PATTERN:PARENT_ID");
    assert_true(r.changes[0].detail.len > 0);
    assert_null(r.changes[1].exception);
    assert_null(r.changes[2].exception);
    assert_null(r.changes[3].exception);
    assert_string_equal(r.changes[4].exception, "InvalidInputException");
    const org_view *v = org_head(w.o);
    assert_true(str_is(org_node_name(v, 3), "$a")); /* a name is text, not a name of ours */
    assert_int_equal(org_node_depth(v, 5), 3);
    assert_int_equal(org_node_parent(v, 5), 4);
    run_world_deinit(&w);
}

/* ---- who asks ---- */

static void a_removed_account_goes_on_asking(void **state)
{
    (void)state;
    run_world    w;
    world_result r;
    run_world_init(&w);
    run_constant(&w, &w.plan.lag, 0);
    run_window(&w, 0, 30 * SECOND, WORLD_CONSTANT, 2, 1);
    run_attach(&w, 9500 * MS, "$policy/2", "$account/1");
    world_step *removal = run_step(&w, 19500 * MS, CONTROL_REMOVE_ACCOUNT);
    removal->command.member[MEMBER_AccountId] = STR("$account/1");
    run_it(&w, &alone, &r);
    assert_int_equal(r.cells[0].counts.attempts, 30);
    assert_int_equal(r.cells[0].counts.denied_at[1][LAYER_SCP][2], 10);
    assert_int_equal(r.cells[1].counts.allowed, 30);
    assert_int_equal(r.totals.outdated, 0);
    run_world_deinit(&w);
}

static void a_cell_without_weight_is_silent(void **state)
{
    (void)state;
    run_world    w;
    world_result r;
    run_world_init(&w);
    w.weights[0] = 0;
    run_window(&w, 0, 10 * SECOND, WORLD_POISSON, 100, 1);
    run_window(&w, 10 * SECOND, 10 * SECOND, WORLD_POISSON, 0, 1);
    run_it(&w, &alone, &r);
    assert_int_equal(r.cells[0].counts.attempts, 0);
    assert_in_range(r.cells[1].counts.attempts, 840, 1160);
    assert_true(r.complete);
    run_world_deinit(&w);
}

static void cells_partition_accounts(void **state)
{
    (void)state;
    uint32_t counts[7] = {0};
    for (uint32_t account = 0; account < 70000; account++) {
        uint32_t cell = world_cell_in_region(account, 7);
        assert_in_range(cell, 0, 6);
        assert_int_equal(world_cell_in_region(account, 1), 0);
        counts[cell]++;
    }
    for (uint32_t i = 0; i < 7; i++) assert_in_range(counts[i], 9500, 10500);
}

/* ---- images ---- */

static void what_nobody_reads_is_not_built(void **state)
{
    (void)state;
    run_world    w;
    world_result r;
    run_world_init(&w);
    run_window(&w, 0, SECOND, WORLD_CONSTANT, 10, 1);
    run_window(&w, 1000 * SECOND, SECOND, WORLD_CONSTANT, 10, 1);
    for (int i = 0; i < 60; i++) {
        run_attach(&w, (10 + i) * SECOND, "$policy/2", "$ou/1");
        run_detach(&w, (10 + i) * SECOND, "$policy/2", "$ou/1");
    }
    run_attach(&w, 100 * SECOND, "$policy/2", "$ou/1");
    run_it(&w, &alone, &r);
    assert_int_equal(r.revision_last, 121);
    assert_in_range(r.images_built, 2, 40);
    assert_int_equal(r.totals.allowed, 15); /* all of the first window, half of the second */
    assert_int_equal(r.cells[0].counts.denied_at[1][LAYER_SCP][1], 5);
    assert_int_equal(org_view_revision(org_at(w.o, 0)), 0);
    assert_true(r.first_image.rows > 0);
    run_world_deinit(&w);
}

static void steps_without_windows_and_windows_without_steps(void **state)
{
    (void)state;
    world_result r;
    for (int steps = 0; steps < 2; steps++) {
        for (int windows = 0; windows < 2; windows++) {
            run_world w;
            run_world_init(&w);
            if (windows == 1) run_window(&w, 5 * SECOND, SECOND, WORLD_CONSTANT, 10, 1);
            if (steps == 1) run_attach(&w, SECOND, "$policy/2", "$ou/2");
            run_it(&w, &alone, &r);
            assert_true(r.complete);
            assert_int_equal(r.totals.attempts, windows * 10);
            assert_int_equal(r.totals.explicitly_denied, windows * steps * 5);
            assert_int_equal(r.revision_last, steps);
            run_world_deinit(&w);
        }
    }
}

/* ---- options ---- */

typedef struct {
    run_world *w;
    uint64_t   calls, refused, last_done, last_expected;
    int        stop, clock_calls;
} watch;

static bool verify_count(void *context, const authz_image *image, const org_view *view, const authz_request *q,
                         decision got)
{
    watch *k = context;
    k->calls++;
    assert_int_equal(authz_image_revision(image), org_view_revision(view));
    assert_true(decision_equal(authz_decide(image, q), got));
    k->refused += k->calls % 10 == 0;
    return k->calls % 10 != 0;
}

static void verify_is_asked_at_the_ratio(void **state)
{
    (void)state;
    run_world w;
    run_world_init(&w);
    run_window(&w, 0, 10 * SECOND, WORLD_POISSON, 2000, 1);
    run_attach(&w, 5 * SECOND, "$policy/2", "$ou/2");
    watch         k = {.w = &w};
    world_options o = {.threads = 1, .verify = verify_count, .verify_context = &k, .verify_num = 1, .verify_den = 8};
    world_result  r;
    run_it(&w, &o, &r);
    uint64_t want = 0;
    for (uint32_t cell = 0; cell < 2; cell++)
        for (uint64_t n = 0; n < r.cells[cell].counts.attempts; n++)
            want += rng_chance(rng_at(w.plan.seed, RNG_SAMPLE, cell, n), 1, 8);
    assert_int_equal(r.totals.verified, want);
    assert_int_equal(k.calls, want);
    assert_in_range(want, 2250, 2750);
    assert_int_equal(r.totals.mismatched, k.refused);
    run_world_deinit(&w);
}

static void progress_note(void *context, uint64_t done, uint64_t expected)
{
    watch *k = context;
    assert_true(done >= k->last_done);
    k->last_done = done;
    k->last_expected = expected;
    k->calls++;
    if (done > 50000) __atomic_store_n(&k->stop, 1, __ATOMIC_RELAXED);
}

static int64_t clock_steps(void)
{
    static int64_t now;
    return now += 64 * 25;
}

static void progress_and_clock(void **state)
{
    (void)state;
    run_world w;
    run_world_init(&w);
    run_window(&w, 0, 10 * SECOND, WORLD_CONSTANT, 4000, 1);
    watch         k = {0};
    world_options o = {.threads = 1, .progress = progress_note, .progress_context = &k, .clock_ns = clock_steps};
    world_result  r;
    run_it(&w, &o, &r);
    assert_int_equal(k.last_done, 40000);
    assert_int_equal(k.last_expected, 40000);
    assert_true(k.calls >= 3);
    assert_in_range(hist_count(r.decide_ns), 40000 / 64 - 64, 40000 / 64 + 64); /* one batch of 64 is timed */
    assert_int_equal(hist_quantile(r.decide_ns, 1, 2), 25);
    run_world_deinit(&w);
}

static void a_stop_leaves_a_consistent_result(void **state)
{
    (void)state;
    run_world w;
    run_world_init(&w);
    run_window(&w, 0, 100 * SECOND, WORLD_POISSON, 4000, 1);
    for (int i = 0; i < 40; i++) {
        run_attach(&w, i * 2 * SECOND, "$policy/2", "$ou/2");
        run_detach(&w, (i * 2 + 1) * SECOND, "$policy/2", "$ou/2");
    }
    watch         k = {0};
    world_options o = {.threads = 2, .stop = &k.stop, .progress = progress_note, .progress_context = &k};
    world_result  r;
    run_it(&w, &o, &r); /* the sums are checked in there */
    assert_false(r.complete);
    assert_in_range(r.totals.attempts, 50000, 399000);
    assert_null(r.decide_ns);
    run_world_deinit(&w);
    k = (watch){.stop = 1};
    run_world_init(&w);
    run_window(&w, 0, 100 * SECOND, WORLD_POISSON, 4000, 1);
    run_it(&w, &o, &r); /* stopped before it begins */
    assert_false(r.complete);
    assert_int_equal(r.totals.attempts, 0);
    run_world_deinit(&w);
}

/* ---- plans that cannot be run ---- */

static void refused(run_world *w, status code, const char *want)
{
    world_result r = {.revision_last = 77};
    err          e = {0};
    assert_int_equal(world_run(&w->a, &w->plan, &alone, &r, &e), code);
    assert_string_equal(e.text, want);
    assert_int_equal(r.revision_last, 77);
    run_world_deinit(w);
}

static void bad_plans_are_refused(void **state)
{
    (void)state;
    run_world w;
    run_world_init(&w);
    w.plan.region_count = 0;
    refused(&w, STATUS_INVALID, "there is no region, expected one or more");
    run_world_init(&w);
    w.region.cell_count = 0;
    refused(&w, STATUS_INVALID, "region `us-east-1` has no cell, expected one or more");
    run_world_init(&w);
    w.region.cell_count = WORLD_CELLS_MAX + 1;
    refused(&w, STATUS_LIMIT, "65537 cells, the limit is 65536");
    run_world_init(&w);
    w.weights[0] = w.weights[1] = 0;
    refused(&w, STATUS_INVALID, "no cell has a weight, so nobody asks anything");
    run_world_init(&w);
    w.weights[0] = WORLD_WEIGHT_MAX;
    refused(&w, STATUS_LIMIT, "cell weights add up to more than 4503599627370496");
    run_world_init(&w);
    run_window(&w, 0, 10, WORLD_POISSON, 1, 1);
    run_window(&w, 9, 10, WORLD_POISSON, 1, 1);
    refused(&w, STATUS_INVALID, "window 1 starts at 9 ns, expected 10 ns or later");
    run_world_init(&w);
    run_window(&w, 1, WORLD_TIME_MAX, WORLD_POISSON, 1, 1);
    refused(&w, STATUS_LIMIT, "window 0 ends after 1152921504606846976 ns");
    run_world_init(&w);
    run_window(&w, 0, 10, WORLD_POISSON, 1, 0);
    refused(&w, STATUS_INVALID, "window 0: the rate is divided by zero");
    run_world_init(&w);
    run_attach(&w, 10, "$policy/2", "$ou/1");
    run_detach(&w, 9, "$policy/2", "$ou/1");
    refused(&w, STATUS_INVALID, "step 1 is at 9 ns, expected 10 ns or later");
    run_world_init(&w);
    run_constant(&w, &w.plan.service_time, (INT64_C(1) << 46) + 1);
    refused(&w, STATUS_LIMIT, "a service time may be 70368744177665 ns, the limit is 70368744177664");
    run_world_init(&w);
    w.plan.response_max_ns = 1;
    refused(&w, STATUS_INVALID, "longest response time to be told apart: 1 ns, expected 2 ns or more");
    run_world_init(&w);
    run_window(&w, 0, 10 * SECOND, WORLD_POISSON, 1, 1);
    w.plan.epoch_s = UINT32_MAX - 10;
    refused(&w, STATUS_LIMIT,
            "requests arrive up to 10 s after Unix second 4294967285, expected times of 1970 to 2105");
    run_world_init(&w);
    run_constant(&w, &w.plan.service_time, INT64_C(1) << 46);
    run_window(&w, 0, 70 * SECOND, WORLD_CONSTANT, 2000, 1);
    refused(&w, STATUS_LIMIT, "cell 0: its queue reaches beyond 2^62 ns of virtual time");
    run_world_init(&w);
    w.region.cell_count = 4;
    run_constant(&w, &w.plan.service_time, INT64_C(1) << 46);
    run_window(&w, 0, 60 * SECOND, WORLD_CONSTANT, 4000, 1);
    refused(&w, STATUS_LIMIT, "service times add up to more than 2^63 ns");
}

/* ---- planted faults ---- */

static void every_mutant_of_staleness_is_caught(void **state)
{
    (void)state;
#ifdef ORGSIM_MUTANTS
    uint32_t met = 0;
    for (size_t i = 0; i < mutant_row_count; i++) {
        if (mutant_rows[i].number < 40 || mutant_rows[i].number > 49) continue;
        char text[200] = "";
        mutant_set(mutant_rows[i].number);
        bool survived = by_hand(text, sizeof text) && lags(text, sizeof text) && owners(text, sizeof text);
        mutant_set(MUTANT_NONE);
        if (survived) fail_msg("nothing objects to: %s", mutant_rows[i].text);
        met++;
    }
    assert_true(met >= 8);
#else
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_out_by_hand),
        cmocka_unit_test(lag_as_the_header_says),
        cmocka_unit_test(changes_for_the_owner_count),
        cmocka_unit_test(names_stand_for_ids),
        cmocka_unit_test(what_a_step_makes_can_be_named),
        cmocka_unit_test(a_removed_account_goes_on_asking),
        cmocka_unit_test(a_cell_without_weight_is_silent),
        cmocka_unit_test(cells_partition_accounts),
        cmocka_unit_test(what_nobody_reads_is_not_built),
        cmocka_unit_test(steps_without_windows_and_windows_without_steps),
        cmocka_unit_test(verify_is_asked_at_the_ratio),
        cmocka_unit_test(progress_and_clock),
        cmocka_unit_test(a_stop_leaves_a_consistent_result),
        cmocka_unit_test(bad_plans_are_refused),
        cmocka_unit_test(every_mutant_of_staleness_is_caught),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
