/* explain_blast.c - changes, tried on the organization itself: made as a revision, counted, and taken back. */
#include <assert.h>

#include "cli/explain.h"

typedef struct {
    arena             *a;
    const question    *q;
    const world_plan  *plan;
    authz_store       *store;
    const authz_image *before;
    uint64_t           requests, weights;
    uint32_t           cells;
    const char        *refused;
    char               detail[240];
    str                made[REMEDY_EDITS]; /* ids of the policies that a change makes */
} blasting;

/* ---- the change, by calls ---- */

static bool call(blasting *b, control_command c, control_answer *answer)
{
    c.at_ns = b->q->at_ns;
    control_apply(b->q->s->c, &c, answer);
    if (answer->exception == NULL) return true;
    b->refused = answer->exception;
    memcpy(b->detail, answer->detail, sizeof b->detail);
    return false;
}

static str target_id(const question *q, org_target t)
{
    uint32_t index = org_target_index(t);
    return org_target_is_account(t) ? org_account_id(q->view, index) : org_node_id(q->view, index);
}

static bool attach(blasting *b, control_operation op, str id, org_target target)
{
    control_answer  answer;
    control_command c = {.op = op};
    c.member[MEMBER_PolicyId] = id;
    c.member[MEMBER_TargetId] = target_id(b->q, target);
    return call(b, c, &answer);
}

static bool update(blasting *b, str id, str content)
{
    control_answer  answer;
    control_command c = {.op = CONTROL_UPDATE_POLICY};
    c.member[MEMBER_PolicyId] = id;
    c.member[MEMBER_Content] = content;
    return call(b, c, &answer);
}

static bool delete_policy(blasting *b, str id)
{
    control_answer  answer;
    control_command c = {.op = CONTROL_DELETE_POLICY};
    c.member[MEMBER_PolicyId] = id;
    return call(b, c, &answer);
}

static bool move(blasting *b, uint32_t from, uint32_t to)
{
    control_answer  answer;
    control_command c = {.op = CONTROL_MOVE_ACCOUNT};
    c.member[MEMBER_AccountId] = org_account_id(b->q->view, b->q->account);
    c.member[MEMBER_SourceParentId] = org_node_id(b->q->view, from);
    c.member[MEMBER_DestinationParentId] = org_node_id(b->q->view, to);
    return call(b, c, &answer);
}

static bool create(blasting *b, const remedy_edit *e, str *made)
{
    /* AWS wants different names. */
    static const char *const names[] = {"explain-what-if", "explain-what-if-2", "explain-what-if-3"};
    control_answer           answer;
    control_command          c = {.op = CONTROL_CREATE_POLICY};
    c.member[MEMBER_Name] = str_of(names[made - b->made]);
    c.member[MEMBER_Description] = STR("tried by orgsim explain");
    c.member[MEMBER_Type] = str_of(org_policy_type_name(e->layer == LAYER_SCP ? ORG_TYPE_SCP : ORG_TYPE_RCP));
    c.member[MEMBER_Content] = e->text;
    if (!call(b, c, &answer)) return false;
    *made = answer.id;
    if (attach(b, CONTROL_ATTACH_POLICY, *made, e->target)) return true;
    const char *refused = b->refused; /* of the attachment: the policy goes again */
    (void)delete_policy(b, *made);
    b->refused = refused;
    return false;
}

static bool edit_make(blasting *b, const remedy_edit *e, str *id_made)
{
    const org_view *view = b->q->view;
    if (explain_is_own(e)) return true;
    if (e->kind == REMEDY_MOVE) return move(b, org_account_parent(view, b->q->account), e->node);
    if (e->kind == REMEDY_ADD) return create(b, e, id_made);
    str id = org_policy_id(view, e->org_policy);
    if (e->kind == REMEDY_DETACH) return attach(b, CONTROL_DETACH_POLICY, id, e->target);
    if (e->kind == REMEDY_ATTACH) return attach(b, CONTROL_ATTACH_POLICY, id, e->target);
    return update(b, id, e->text);
}

static void edit_unmake(blasting *b, const remedy_edit *e, str id_made)
{
    const org_view *view = b->q->view;
    bool            done = true;
    if (explain_is_own(e)) return;
    switch (e->kind) {
    case REMEDY_MOVE: done = move(b, e->node, org_account_parent(view, b->q->account)); break;
    case REMEDY_ADD: done = attach(b, CONTROL_DETACH_POLICY, id_made, e->target) && delete_policy(b, id_made); break;
    case REMEDY_ATTACH: done = attach(b, CONTROL_DETACH_POLICY, org_policy_id(view, e->org_policy), e->target); break;
    case REMEDY_DETACH: done = attach(b, CONTROL_ATTACH_POLICY, org_policy_id(view, e->org_policy), e->target); break;
    default: done = update(b, org_policy_id(view, e->org_policy), org_policy_content(view, e->org_policy)); break;
    }
    assert(done); /* what was there a moment ago is taken back */
    (void)done;
}

/* ---- the count ---- */

/* What is decided after a change: by `own` where the change is of one account's policies, else by `after`. */
typedef struct {
    const authz_image *after, *own;
    own_change         change;
} outcome;

static bool is_own(const outcome *o, const authz_request *q)
{
    if (o->own == NULL) return false;
    return o->change.owner != ORG_NONE ? q->owner == o->change.owner : q->account == o->change.account;
}

static void count_cell(const blasting *b, const outcome *o, uint32_t cell, uint64_t count, blast_radius *out)
{
    authz_request q[AUTHZ_BATCH];
    decision      was[AUTHZ_BATCH], is[AUTHZ_BATCH];
    for (uint64_t first = 0; first < count; first += AUTHZ_BATCH) {
        uint32_t n = count - first < AUTHZ_BATCH ? (uint32_t)(count - first) : AUTHZ_BATCH;
        b->plan->source.requests(b->plan->source.context, b->q->mix, cell, first, n, q);
        for (uint32_t i = 0; i < n; i++) {
            q[i].time_s = (uint32_t)(b->q->s->epoch_seconds + b->q->at_ns / 1000000000);
            /* A resource that has lost its policy is sealed as one that has none, which it still has in `before`. */
            if (o->own != NULL && o->change.owner != ORG_NONE) q[i].action.flags |= AUTHZ_LAYERED;
        }
        authz_decide_batch(b->before, q, n, was);
        authz_decide_batch(o->after, q, n, is);
        for (uint32_t i = 0; i < n; i++) {
            bool allowed = was[i].kind == DECISION_ALLOWED;
            if (is_own(o, &q[i])) is[i] = authz_decide(o->own, &q[i]);
            if (allowed == (is[i].kind == DECISION_ALLOWED)) continue;
            out->allowed += !allowed;
            out->denied += allowed;
        }
    }
    out->requests += count;
}

/* Requests by the cells' weights; what is left over goes to the first. */
static void count_all(const blasting *b, const outcome *o, blast_radius *out)
{
    uint64_t given = 0;
    for (uint32_t i = b->cells; i-- > 0;) {
        __extension__ typedef unsigned __int128 u128;
        uint64_t share = (uint64_t)((u128)b->requests * b->plan->source.cell_weight[i] / b->weights);
        if (i == 0) share = b->requests - given;
        count_cell(b, o, i, share, out);
        given += share;
    }
}

/* In the organization as it is now, or as the change made it. */
static void count_change(blasting *b, const remedy *r, const org_view *view, blast_radius *out)
{
    const question *q = b->q;
    arena           scratch = *b->a;
    outcome         o = {.own = NULL};
    authz_store    *store = NULL;
    authz_image    *own = NULL, *after = NULL;
    bool            is_own = explain_own_make(&scratch, q, r, &o.change, &out->why);
    if (!is_own && out->why != NULL) return;
    if (is_own) {
        store = authz_store_new(q->facts, b->plan->v, o.change.setting);
        o.own = own = authz_image_build(store, view, NULL);
    }
    if (view != q->view) after = authz_image_build(b->store, view, b->before);
    o.after = after != NULL ? after : b->before;
    *out = (blast_radius){.measured = true};
    count_all(b, &o, out);
    authz_image_release(b->store, after);
    if (!is_own) return;
    authz_image_release(store, own);
    authz_store_free(store);
    explain_own_unmake(q, &o.change);
}

static void try_change(blasting *b, const remedy *r, blast_radius *out)
{
    org     *o = b->q->s->o;
    uint32_t made = 0, of_organization = 0;
    *out = (blast_radius){.why = "AWS refuses it"};
    b->refused = NULL;
    for (uint32_t i = 0; i < r->count; i++) of_organization += !explain_is_own(&r->edits[i]);
    if (of_organization == 0) {
        count_change(b, r, b->q->view, out);
        return;
    }
    control_bulk_begin(b->q->s->c);
    while (made < r->count && edit_make(b, &r->edits[made], &b->made[made])) made++;
    uint32_t revision = control_bulk_end(b->q->s->c);
    out->refused = b->refused;
    memcpy(out->detail, b->detail, sizeof out->detail);
    if (made == r->count) count_change(b, r, org_at(o, revision), out);
    control_bulk_begin(b->q->s->c);
    for (; made > 0; made--) edit_unmake(b, &r->edits[made - 1], b->made[made - 1]);
    (void)control_bulk_end(b->q->s->c);
    org_release(o, revision);
}

void explain_blast(arena *a, const question *q, const remedy_list *list, uint64_t requests, blast_radius *out)
{
    for (uint32_t i = 0; i < list->count; i++) out[i] = (blast_radius){.why = "the case stands alone"};
    if (q->view == NULL || list->count == 0) return;
    blasting b = {.a = a, .q = q, .plan = &q->s->plan, .requests = requests};
    for (uint32_t i = 0; i < b.plan->region_count; i++) b.cells += b.plan->regions[i].cell_count;
    for (uint32_t i = 0; i < b.cells; i++) b.weights += b.plan->source.cell_weight[i];
    b.store = authz_store_new(q->facts, b.plan->v, explain_setting(q));
    authz_image *before = authz_image_build(b.store, q->view, NULL);
    b.before = before;
    for (uint32_t i = 0; i < list->count; i++) try_change(&b, &list->items[i], &out[i]);
    authz_image_release(b.store, before);
    authz_store_free(b.store);
}
