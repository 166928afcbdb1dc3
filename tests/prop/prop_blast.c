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
        c.member[MEMBER_Type] = str_of(org_policy_type_name(e->layer == LAYER_SCP ? ORG_TYPE_SCP : ORG_TYPE_RCP));
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

/* ---- counted slowly ---- */

typedef struct {
    const question    *q;
    const remedy      *r;
    scenario          *s; /* read anew, and changed as far as the change is the organization's */
    const authz_image *image;
    bool               role, resource, endpoint; /* whose policies change as well */
} recount;

/* The policies that the account, or its resource, has after the change. */
static void change_own(const recount *w, const authz_request *asked, uint16_t resource, policy_case *c)
{
    const question *q = w->q;
    bool            same_role = str_eq(w->s->plan.setting.roles[authz_request_role(asked)].name, q->role);
    unsigned        endpoint = asked->action.flags & AUTHZ_ENDPOINT;
    if (w->role && asked->account == q->account && same_role) {
        c->identity = w->r->changed.identity;
        c->boundary = w->r->changed.boundary;
        c->session = w->r->changed.session;
    }
    if (w->endpoint && asked->account == q->account && endpoint == (q->stream.action.flags & AUTHZ_ENDPOINT))
        c->endpoint = w->r->changed.endpoint;
    if (w->resource && asked->owner == q->owner && resource == q->resource) c->resource = w->r->changed.resource;
}

/* Every part of the call has to be allowed. */
static bool allows(const recount *w, const authz_request *asked, bool after)
{
    const org_view *v = after ? org_head(w->s->o) : org_at(w->s->o, 0);
    for (uint32_t part = 0; part < authz_request_parts(w->image, asked); part++) {
        arena       scratch = a;
        policy_case c;
        authz_request_case(&scratch, w->image, asked, part, &c);
        if (after) change_own(w, asked, authz_request_resource(w->image, asked, part), &c);
        if (oracle_decide_at(v, &c, w->s->facts).kind != DECISION_ALLOWED) return false;
    }
    return true;
}

/* By the oracle, request by request, before and after. */
static blast_radius count_slowly(const question *q, const remedy *r, const char *name)
{
    recount      w = {.q = q, .r = r};
    err          e = {0};
    blast_radius out = {.measured = true, .requests = REQUESTS};
    uint64_t     weights = 0, given = 0;
    uint32_t     cells = 0;
    if (scenario_read(&a, str_of(name), (scenario_options){0}, &w.s, &e) != STATUS_OK) fail_msg("%s", e.text);
    authz_store *store = authz_store_new(w.s->facts, w.s->plan.v, w.s->plan.setting);
    authz_image *image = authz_image_build(store, org_at(w.s->o, 0), NULL);
    w.image = image;
    for (uint32_t i = 0; i < r->count; i++) {
        const remedy_edit *edit = &r->edits[i];
        if (!explain_is_own(edit)) {
            apply(w.s, edit, q->account);
            continue;
        }
        w.resource = w.resource || edit->layer == LAYER_RESOURCE;
        w.endpoint = w.endpoint || edit->layer == LAYER_ENDPOINT;
        w.role = w.role || (edit->layer != LAYER_RESOURCE && edit->layer != LAYER_ENDPOINT);
    }
    for (uint32_t i = 0; i < w.s->plan.region_count; i++) cells += w.s->plan.regions[i].cell_count;
    for (uint32_t i = 0; i < cells; i++) weights += w.s->plan.source.cell_weight[i];
    for (uint32_t cell = cells; cell-- > 0;) {
        uint64_t count = cell == 0 ? REQUESTS - given : REQUESTS * w.s->plan.source.cell_weight[cell] / weights;
        given += count;
        for (uint64_t n = 0; n < count; n++) {
            authz_request asked;
            w.s->plan.source.requests(w.s->plan.source.context, q->mix, cell, n, 1, &asked);
            asked.time_s = (uint32_t)w.s->epoch_seconds;
            bool was = allows(&w, &asked, false), is = allows(&w, &asked, true);
            out.allowed += !was && is;
            out.denied += was && !is;
        }
    }
    authz_image_release(store, image);
    authz_store_free(store);
    scenario_free(w.s);
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

typedef struct {
    uint32_t measured, moved, changed, own, mixed;
} tally;

/* Asks, lets each change be counted, and counts again. */
static void check_question(const explain_flags *f, const char *name, tally *t)
{
    question     q = {0};
    explanation  x;
    remedy_list  list;
    err          e = {0};
    blast_radius blast[REMEDY_MAX];
    if (question_open(&a, f, &q, &e) != STATUS_OK) fail_msg("%s", e.text);
    authz_explain_case(&a, &q.c, q.facts, &x);
    authz_remedies(&a, &q.c, &x, q.facts, q.view, &list);
    str before = picture(&q);
    explain_blast(&a, &q, &list, REQUESTS, blast);
    assert_true(str_eq(before, picture(&q)));
    if (org_check(org_head(q.s->o), &e) != STATUS_OK) fail_msg("%s", e.text);
    for (uint32_t k = 0; k < list.count; k++) {
        if (!blast[k].measured) continue;
        const remedy *r = &list.items[k];
        blast_radius  want = count_slowly(&q, r, name);
        if (blast[k].requests != want.requests || blast[k].allowed != want.allowed || blast[k].denied != want.denied)
            fail_msg("%.*s, change %" PRIu32 ": %" PRIu64 " and %" PRIu64 ", slowly %" PRIu64 " and %" PRIu64,
                     STR_FMT(q.c.request.action), k, blast[k].allowed, blast[k].denied, want.allowed, want.denied);
        uint32_t own = 0;
        for (uint32_t i = 0; i < r->count; i++) own += explain_is_own(&r->edits[i]);
        t->measured++;
        t->moved += r->edits[0].kind == REMEDY_MOVE;
        t->changed += want.allowed + want.denied > 0;
        t->own += own == r->count;
        t->mixed += own > 0 && own < r->count;
    }
    question_close(&q);
}

static void counted_as_it_comes_out(void **state)
{
    static const struct {
        const char *account, *action, *role;
    } rows[] = {{"Shop", "s3:DeleteObject", "Administrator"},
                {"Trials", "dynamodb:GetItem", "Application"},
                {"Trials", "s3:GetObject", "Application"},
                {"Shop-Dev", "s3:GetObject", "Administrator"}};
    tally t = {0};
    (void)state;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        explain_flags f = {.scenario = STR("five-accounts"), .account = str_of(rows[i].account)};
        f.action = str_of(rows[i].action);
        f.role = str_of(rows[i].role);
        check_question(&f, "five-accounts", &t);
    }
    assert_true(t.measured > 10 && t.moved > 1 && t.changed > 5);
}

/* Policies of roles, resources and endpoints too, alone and together with the organization's. */
static void every_layer_is_counted(void **state)
{
    static const uint64_t requests[] = {14, 16};
    tally                 t = {0};
    (void)state;
    for (size_t i = 0; i < COUNTOF(requests); i++) {
        explain_flags f = {.scenario = STR("every-layer"), .request = requests[i], .request_given = true};
        check_question(&f, "every-layer", &t);
    }
    print_message("%u changes: %u of own policies, %u mixed, %u that turn something\n", t.measured, t.own, t.mixed,
                  t.changed);
    assert_true(t.own >= 3 && t.mixed >= 5 && t.changed >= 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counted_as_it_comes_out, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(every_layer_is_counted, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
