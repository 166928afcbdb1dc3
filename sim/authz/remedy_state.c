#include "authz/remedy_state.h"

#include <assert.h>

enum { KNOWN_REACH = 3, KNOWN_DENIES = 4, KNOWN = 8 };
_Static_assert((int)REACH_DIRECT <= (int)KNOWN_REACH, "a reach fits beside the marks");

bool remedy_in_chain(decision_layer layer)
{
    return layer == LAYER_SCP || layer == LAYER_RCP;
}

void remedy_world_init(arena *a, remedy_world *w, const policy_case *c, const explanation *x, const catalog *facts,
                       const org_view *view)
{
    *w = (remedy_world){.c = c, .x = x, .facts = facts, .view = view, .who = caller_read(c->request.principal)};
    if (view == NULL) return;
    w->known = ARENA_NEW(a, uint8_t, org_policy_count(view));
    w->account = org_account_find(view, w->who.account);
    w->has_account = caller_in_account(&w->who) && w->account != ORG_NONE;
    bool     its_own = caller_in_account(&w->who) && str_is(c->request.resource, "*"); /* as in explaining */
    uint32_t owner = org_account_find(view, its_own ? w->who.account : c->request.resource_account);
    w->rcps_follow = w->has_account && owner == w->account;
    if (w->has_account) {
        uint32_t length = org_chain(view, w->account, w->chain[0]);
        assert(!c->scps_apply || c->scp_level_count == length);
    }
    if (owner != ORG_NONE) {
        uint32_t length = org_chain(view, owner, w->chain[1]);
        assert(!c->rcps_apply || c->rcp_level_count == length);
    }
}

/* ---- slots ---- */

static void slot_judge(arena scratch, const remedy_world *w, remedy_slot *slot)
{
    slot->denies = false;
    slot->allows = REACH_NONE;
    for (uint32_t k = 0; k < slot->p->statement_count; k++) {
        const policy_statement *s = &slot->p->statements[k];
        statement_trace         t = authz_explain_statement(&scratch, slot->p, s, w->c, &w->who, w->facts);
        if (t.outcome != STATEMENT_MATCHES) continue;
        if (s->deny) slot->denies = true;
        if (!s->deny && t.reach > slot->allows) slot->allows = t.reach;
    }
}

static uint32_t levels_of(const policy_case *c, decision_layer layer, const policy_level **levels, policy_level *own)
{
    *levels = own;
    switch (layer) {
    case LAYER_SCP: *levels = c->scps; return c->scps_apply ? c->scp_level_count : 0;
    case LAYER_RCP: *levels = c->rcps; return c->rcps_apply ? c->rcp_level_count : 0;
    case LAYER_RESOURCE: *own = (policy_level){&c->resource, c->resource != NULL}; break;
    case LAYER_IDENTITY: *own = c->identity; break;
    case LAYER_BOUNDARY: *own = (policy_level){&c->boundary, c->boundary != NULL}; break;
    case LAYER_SESSION: *own = c->session; break;
    case LAYER_ENDPOINT: *own = (policy_level){&c->endpoint, c->endpoint != NULL}; break;
    case LAYER_NONE: return 0;
    }
    return 1;
}

static uint32_t org_policy_at(const remedy_world *w, decision_layer layer, uint32_t level, uint32_t index,
                              const policy *p)
{
    if (w->view == NULL || !remedy_in_chain(layer)) return ORG_NONE;
    org_policy_type type = layer == LAYER_SCP ? ORG_TYPE_SCP : ORG_TYPE_RCP;
    org_attachments here = org_attached(w->view, type, w->chain[layer == LAYER_RCP][level]);
    assert(index < here.count);
    assert(org_policy_parsed(w->view, here.policies[index]) == p);
    (void)p;
    return here.policies[index];
}

/* ---- the decision ---- */

static void state_decide(remedy_state *s)
{
    uint32_t there[LAYER_ENDPOINT + 1] = {0};
    s->x.granted = REACH_NONE;
    for (uint32_t i = LAYER_SCP; i <= LAYER_ENDPOINT; i++)
        for (uint32_t k = 0; k < s->x.layers[i].level_count; k++) s->x.layers[i].levels[k].verdict = LEVEL_IMPLICIT;
    for (uint32_t i = 0; i < s->count; i++) {
        const remedy_slot *slot = &s->slots[i];
        if (slot->gone) continue;
        level_verdict *v = &s->x.layers[slot->layer].levels[slot->level].verdict;
        there[slot->layer]++;
        if (slot->denies)
            *v = LEVEL_EXPLICIT;
        else if (slot->allows != REACH_NONE && *v == LEVEL_IMPLICIT)
            *v = LEVEL_ALLOW;
        if (slot->layer == LAYER_RESOURCE && slot->allows > s->x.granted) s->x.granted = slot->allows;
    }
    for (uint32_t i = LAYER_SCP; i <= LAYER_ENDPOINT; i++) {
        layer_trace *layer = &s->x.layers[i];
        layer->verdict = authz_explain_chain((decision_layer)i, layer->levels, layer->level_count);
        if (remedy_in_chain((decision_layer)i) || layer->presence == LAYER_NOTHING_NEEDED) continue;
        if (there[i] == 0) layer->presence = LAYER_ABSENT;
        if (there[i] > 0 && layer->presence == LAYER_ABSENT) layer->presence = LAYER_APPLIES;
    }
    str action = s->w->c->request.action;
    if (str_eq_nocase(str_part(action, 0, str_find(action, ':', 0)), STR("sts")))
        s->x.needs_resource = there[LAYER_RESOURCE] > 0; /* a trust policy that is there */
    s->d = authz_explain_conclude(&s->x);
}

static remedy_state state_copy(arena *a, const remedy_state *s, uint32_t more)
{
    remedy_state out = *s;
    out.slots = ARENA_NEW(a, remedy_slot, s->count + more);
    if (s->count > 0) memcpy(out.slots, s->slots, s->count * sizeof *s->slots);
    for (uint32_t i = LAYER_SCP; i <= LAYER_ENDPOINT; i++)
        out.x.layers[i].levels = ARENA_NEW(a, level_trace, s->x.layers[i].level_count);
    return out;
}

remedy_state remedy_state_new(arena *a, const remedy_world *w)
{
    remedy_state        s = {.w = w, .node = ORG_NONE, .x = *w->x};
    const policy_level *levels;
    policy_level        own;
    uint32_t            count = 0;
    for (uint32_t i = LAYER_SCP; i <= LAYER_ENDPOINT; i++)
        for (uint32_t k = levels_of(w->c, (decision_layer)i, &levels, &own); k-- > 0;) count += levels[k].count;
    s.slots = ARENA_NEW(a, remedy_slot, count);
    for (uint32_t i = LAYER_SCP; i <= LAYER_ENDPOINT; i++) {
        decision_layer layer = (decision_layer)i;
        uint32_t       level_count = levels_of(w->c, layer, &levels, &own);
        s.x.layers[i].level_count = level_count;
        s.x.layers[i].levels = ARENA_NEW(a, level_trace, level_count);
        for (uint32_t k = 0; k < level_count; k++)
            for (uint32_t j = 0; j < levels[k].count; j++) {
                remedy_slot *slot = &s.slots[s.count++];
                *slot = (remedy_slot){.layer = layer, .level = k, .index = j, .p = levels[k].policies[j]};
                slot->org_policy = org_policy_at(w, layer, k, j, slot->p);
                slot_judge(*a, w, slot);
            }
    }
    state_decide(&s);
    return s;
}

/* ---- edits ---- */

void remedy_state_judge(arena *a, const remedy_world *w, remedy_slot *slot)
{
    uint8_t *known = &w->known[slot->org_policy];
    slot->p = org_policy_parsed(w->view, slot->org_policy);
    if (*known == 0) {
        slot_judge(*a, w, slot);
        *known = (uint8_t)(KNOWN | (slot->denies ? KNOWN_DENIES : 0) | slot->allows);
    }
    slot->denies = (*known & KNOWN_DENIES) != 0;
    slot->allows = (principal_reach)(*known & KNOWN_REACH);
}

/* From the state, the memory, or itself. */
void remedy_state_recall(arena *a, const remedy_state *s, remedy_slot *slot)
{
    for (uint32_t i = 0; i < s->count; i++) {
        const remedy_slot *same = &s->slots[i];
        if (same->org_policy != slot->org_policy) continue;
        slot->p = same->p;
        slot->denies = same->denies;
        slot->allows = same->allows;
        return;
    }
    remedy_state_judge(a, s->w, slot);
}

/* The account's own policies travel with it; above them stands the chain of the new OU. */
static remedy_state state_move(arena *a, const remedy_state *s, decision_layer layer, uint32_t node)
{
    const org_view *view = s->w->view;
    org_policy_type type = layer == LAYER_SCP ? ORG_TYPE_SCP : ORG_TYPE_RCP;
    uint32_t        depth = org_node_depth(view, node), more = 0, last = s->x.layers[layer].level_count - 1;
    for (uint32_t at = node; at != ORG_NONE; at = org_node_parent(view, at))
        more += org_attached(view, type, org_target_node(at)).count;
    remedy_state out = state_copy(a, s, more);
    uint32_t     kept = 0;
    for (uint32_t i = 0; i < out.count; i++) {
        remedy_slot slot = out.slots[i];
        if (slot.layer == layer && slot.level != last) continue;
        if (slot.layer == layer) slot.level = depth + 1;
        out.slots[kept++] = slot;
    }
    out.count = kept;
    for (uint32_t at = node, level = depth; at != ORG_NONE; at = org_node_parent(view, at), level--) {
        org_attachments here = org_attached(view, type, org_target_node(at));
        for (uint32_t k = 0; k < here.count; k++) {
            remedy_slot *slot = &out.slots[out.count++];
            *slot = (remedy_slot){.layer = layer, .level = level, .index = k, .org_policy = here.policies[k]};
            remedy_state_recall(a, s, slot);
        }
    }
    out.x.layers[layer].level_count = depth + 2;
    out.x.layers[layer].levels = ARENA_NEW(a, level_trace, depth + 2);
    out.node = node;
    return out;
}

remedy_state remedy_state_edit(arena *a, const remedy_state *s, const remedy_edit *e)
{
    remedy_state out;
    if (e->kind == REMEDY_MOVE) {
        out = state_move(a, s, LAYER_SCP, e->node);
        if (s->w->rcps_follow && s->w->c->rcps_apply) out = state_move(a, &out, LAYER_RCP, e->node);
        state_decide(&out);
        return out;
    }
    out = state_copy(a, s, 1);
    if (e->policy == EXPLAIN_NONE && e->before == NULL) {
        remedy_slot *slot = &out.slots[out.count++];
        *slot = (remedy_slot){.layer = e->layer, .level = e->level, .index = EXPLAIN_NONE};
        slot->org_policy = e->org_policy; /* of one that the organization has; else ORG_NONE */
        slot->p = e->after;
        slot_judge(*a, s->w, slot);
    }
    for (uint32_t i = 0; i < s->count && e->before != NULL; i++) {
        remedy_slot *slot = &out.slots[i];
        bool         here = slot->layer == e->layer && slot->level == e->level && slot->index == e->policy;
        bool         same = e->after != NULL && e->org_policy != ORG_NONE && slot->org_policy == e->org_policy;
        if (!here && !same) continue;
        slot->gone = e->after == NULL;
        if (slot->gone) continue;
        slot->p = e->after;
        slot_judge(*a, s->w, slot);
    }
    state_decide(&out);
    return out;
}

/* ---- as a case again ---- */

static policy_level level_of(arena *a, const remedy_state *s, decision_layer layer, uint32_t level)
{
    const policy **policies = NULL;
    size_t         count = 0, capacity = 0;
    for (uint32_t i = 0; i < s->count; i++)
        if (s->slots[i].layer == layer && s->slots[i].level == level && !s->slots[i].gone)
            *ARENA_PUSH(a, const policy *, policies, count, capacity) = s->slots[i].p;
    return (policy_level){policies, (uint32_t)count};
}

static const policy *only_of(arena *a, const remedy_state *s, decision_layer layer)
{
    policy_level level = level_of(a, s, layer, 0);
    assert(level.count <= 1);
    return level.count == 0 ? NULL : level.policies[0];
}

/* Keys that say where the account is follow it. */
static void context_move(arena *a, const remedy_state *s, request *q)
{
    const org_view *view = s->w->view;
    str             from = org_path(a, view, org_account_parent(view, s->w->account)), to = org_path(a, view, s->node);
    request_key    *keys = ARENA_NEW(a, request_key, q->context_count);
    for (uint32_t i = 0; i < q->context_count; i++) {
        keys[i] = q->context[i];
        bool principal = str_eq_nocase(keys[i].key, STR("aws:PrincipalOrgPaths"));
        bool resource = s->w->rcps_follow && str_eq_nocase(keys[i].key, STR("aws:ResourceOrgPaths"));
        if ((!principal && !resource) || keys[i].value_count != 1 || !str_eq(keys[i].values[0], from)) continue;
        keys[i].values = ARENA_NEW(a, str, 1);
        keys[i].values[0] = to;
    }
    q->context = keys;
}

void remedy_state_case(arena *a, const remedy_state *s, policy_case *out)
{
    *out = *s->w->c;
    for (uint32_t i = LAYER_SCP; i <= LAYER_RCP; i++) {
        uint32_t      count = s->x.layers[i].level_count;
        policy_level *levels = ARENA_NEW(a, policy_level, count);
        for (uint32_t k = 0; k < count; k++) levels[k] = level_of(a, s, (decision_layer)i, k);
        if (i == LAYER_SCP && out->scps_apply) out->scps = levels, out->scp_level_count = count;
        if (i == LAYER_RCP && out->rcps_apply) out->rcps = levels, out->rcp_level_count = count;
    }
    out->identity = level_of(a, s, LAYER_IDENTITY, 0);
    out->session = level_of(a, s, LAYER_SESSION, 0);
    out->resource = only_of(a, s, LAYER_RESOURCE);
    out->boundary = only_of(a, s, LAYER_BOUNDARY);
    out->endpoint = only_of(a, s, LAYER_ENDPOINT);
    if (s->node != ORG_NONE) context_move(a, s, &out->request);
}
