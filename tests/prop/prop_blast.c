/* What `orgsim explain` says a change does to other requests is what comes out when the change is made in an
 * organization read anew and the oracle decides; and trying changes leaves the organization as it was. */
#include "support/support.h"

#include <inttypes.h>

#include "cli/explain.h"
#include "oracle/oracle.h"

#define REQUESTS 300

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

static void apply(scenario *s, const remedy_edit *e, uint32_t account)
{
    const org_view *v = org_head(s->o);
    control_command c = {.op = CONTROL_UPDATE_POLICY};
    control_answer  answer;
    if (e->kind == REMEDY_MOVE) {
        c.op = CONTROL_MOVE_ACCOUNT;
        c.member[MEMBER_AccountId] = org_account_id(v, account);
        c.member[MEMBER_SourceParentId] = org_node_id(v, org_account_parent(v, account));
        c.member[MEMBER_DestinationParentId] = org_node_id(v, e->node);
    } else if (e->kind == REMEDY_ADD) {
        c.op = CONTROL_CREATE_POLICY;
        c.member[MEMBER_Name] = arena_format(&a, "added-%" PRIu32, e->level);
        c.member[MEMBER_Description] = STR("added");
        c.member[MEMBER_Type] = STR("SERVICE_CONTROL_POLICY");
        c.member[MEMBER_Content] = e->text;
        control_apply(s->c, &c, &answer);
        assert_null(answer.exception);
        c = (control_command){.op = CONTROL_ATTACH_POLICY};
        c.member[MEMBER_PolicyId] = answer.id;
    } else {
        c.member[MEMBER_PolicyId] = org_policy_id(v, e->org_policy);
        c.member[MEMBER_Content] = e->text;
        if (e->kind == REMEDY_DETACH) c.op = CONTROL_DETACH_POLICY;
        if (e->kind == REMEDY_ATTACH) c.op = CONTROL_ATTACH_POLICY;
    }
    if (e->kind == REMEDY_ADD || e->kind == REMEDY_DETACH || e->kind == REMEDY_ATTACH) {
        uint32_t index = org_target_index(e->target);
        c.member[MEMBER_TargetId] = org_target_is_account(e->target) ? org_account_id(v, index) : org_node_id(v, index);
    }
    control_apply(s->c, &c, &answer);
    if (answer.exception != NULL) fail_msg("%s: %s, %s", remedy_kind_name(e->kind), answer.exception, answer.detail);
}

/* By the oracle, request by request, before and after. */
static blast_radius count_slowly(const question *q, const remedy *r)
{
    scenario    *s = NULL;
    err          e = {0};
    blast_radius out = {.measured = true, .requests = REQUESTS};
    uint64_t     weights = 0, given = 0;
    if (scenario_read(&a, STR("five-accounts"), (scenario_options){0}, &s, &e) != STATUS_OK) fail_msg("%s", e.text);
    authz_store *store = authz_store_new(s->facts, s->plan.v, explain_setting(q));
    authz_image *image = authz_image_build(store, org_at(s->o, 0), NULL);
    for (uint32_t i = 0; i < r->count; i++) apply(s, &r->edits[i], q->account);
    for (uint32_t i = 0; i < 2; i++) weights += s->plan.source.cell_weight[i];
    for (uint32_t cell = 2; cell-- > 0;) {
        uint64_t count = cell == 0 ? REQUESTS - given : REQUESTS * s->plan.source.cell_weight[cell] / weights;
        given += count;
        for (uint64_t n = 0; n < count; n++) {
            arena         scratch = a;
            authz_request asked;
            policy_case   c;
            s->plan.source.requests(s->plan.source.context, q->mix, cell, n, 1, &asked);
            asked.time_s = (uint32_t)s->epoch_seconds;
            authz_request_case(&scratch, image, &asked, 0, &c);
            bool was = oracle_decide_at(org_at(s->o, 0), &c, s->facts).kind == DECISION_ALLOWED;
            bool is = oracle_decide_at(org_head(s->o), &c, s->facts).kind == DECISION_ALLOWED;
            out.allowed += !was && is;
            out.denied += was && !is;
        }
    }
    authz_image_release(store, image);
    authz_store_free(store);
    scenario_free(s);
    return out;
}

/* The attachments and texts of everything, in order. */
static str picture(const question *q)
{
    const org_view *v = org_head(q->s->o);
    str             out = STR("");
    for (uint32_t i = 0; i < org_node_count(v) + org_account_count(v); i++) {
        bool            node_is = i < org_node_count(v);
        org_target      t = node_is ? org_target_node(i) : org_target_account(i - org_node_count(v));
        org_attachments here = org_attached(v, ORG_TYPE_SCP, t);
        uint32_t        parent = node_is ? 0 : org_account_parent(v, org_target_index(t));
        for (uint32_t k = 0; k < here.count; k++)
            out = arena_format(&a, "%.*s%" PRIu32 " in %" PRIu32 ": %.*s\n", STR_FMT(out), i, parent,
                               STR_FMT(org_policy_content(v, here.policies[k])));
    }
    return out;
}

static void counted_as_it_comes_out(void **state)
{
    static const struct {
        const char *account, *action, *role;
    } rows[] = {{"Shop", "s3:DeleteObject", "Administrator"},
                {"Trials", "dynamodb:GetItem", "Application"},
                {"Trials", "s3:GetObject", "Application"},
                {"Shop-Dev", "s3:GetObject", "Administrator"}};
    uint32_t measured = 0, moved = 0, changed = 0;
    (void)state;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        explain_flags f = {.scenario = STR("five-accounts"), .account = str_of(rows[i].account)};
        question      q;
        explanation   x;
        remedy_list   list;
        err           e = {0};
        blast_radius  blast[REMEDY_MAX];
        f.action = str_of(rows[i].action);
        f.role = str_of(rows[i].role);
        if (question_open(&a, &f, &q, &e) != STATUS_OK) fail_msg("%s", e.text);
        authz_explain_case(&a, &q.c, q.facts, &x);
        authz_remedies(&a, &q.c, &x, q.facts, q.view, &list);
        str before = picture(&q);
        explain_blast(&q, &list, REQUESTS, blast);
        assert_true(str_eq(before, picture(&q)));
        if (org_check(org_head(q.s->o), &e) != STATUS_OK) fail_msg("%s", e.text);
        for (uint32_t k = 0; k < list.count; k++) {
            if (!blast[k].measured) continue;
            blast_radius want = count_slowly(&q, &list.items[k]);
            if (blast[k].requests != want.requests || blast[k].allowed != want.allowed ||
                blast[k].denied != want.denied)
                fail_msg("%s, change %" PRIu32 ": %" PRIu64 " and %" PRIu64 ", slowly %" PRIu64 " and %" PRIu64,
                         rows[i].action, k, blast[k].allowed, blast[k].denied, want.allowed, want.denied);
            measured++;
            moved += list.items[k].edits[0].kind == REMEDY_MOVE;
            changed += want.allowed + want.denied > 0;
        }
        question_close(&q);
    }
    assert_true(measured > 10 && moved > 1 && changed > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counted_as_it_comes_out, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
