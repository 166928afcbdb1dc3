#include "authz/remedy.h"

#include <assert.h>

#include "authz/case.h"
#include "authz/remedy_policy.h"

#define FOUND_MAX  64u
#define USEFUL_MAX (REMEDY_ATTACH_MAX + REMEDY_EDITS)

typedef struct { /* a change found, as edits of the search */
    remedy_edit edits[REMEDY_EDITS];
    uint32_t    count;
} finding;

typedef struct {
    remedy_world w;
    arena        trees; /* changed policies, as long as the search */
    bool         to_allow;
    uint32_t     limit, tried;
    bool         complete;
    uint32_t     places[REMEDY_PLACES_MAX], place_count;
    bool         places_known;
    uint32_t     useful[USEFUL_MAX], useful_count; /* policies to attach */
    bool         useful_known;
    remedy_edit  path[REMEDY_EDITS];
    finding      found[FOUND_MAX];
    uint32_t     found_count;
} search;

typedef struct {
    remedy_edit *items;
    size_t       count, capacity;
} edit_list;

const char *remedy_kind_name(remedy_kind kind)
{
    static const char *const names[] = {
        [REMEDY_EXCEPT] = "except-principal", [REMEDY_EXTEND] = "extend-allow", [REMEDY_NARROW] = "narrow-statement",
        [REMEDY_ATTACH] = "attach-policy",    [REMEDY_ADD] = "add-statement",   [REMEDY_DROP] = "drop-statement",
        [REMEDY_DETACH] = "detach-policy",    [REMEDY_MOVE] = "move-account"};
    return names[kind];
}

/* ---- order ---- */

static int compare(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static uint32_t breadth(const finding *f, bool who_only)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < f->count; i++) sum += f->edits[i].who + (who_only ? 0 : (uint32_t)f->edits[i].what);
    return sum;
}

static int edit_cmp(const remedy_edit *a, const remedy_edit *b)
{
    int order = compare(a->kind, b->kind);
    if (order == 0) order = compare(a->layer, b->layer);
    if (order == 0) order = -compare(a->level, b->level); /* lower in the tree, fewer accounts */
    if (order == 0) order = compare(a->policy, b->policy);
    if (order == 0) order = compare(a->statement, b->statement);
    if (order == 0 && a->kind == REMEDY_ADD) order = compare(a->what, b->what);
    if (order == 0 && a->kind == REMEDY_ATTACH) order = compare(a->org_policy, b->org_policy);
    return order;
}

static int finding_cmp(const finding *a, const finding *b)
{
    int order = compare(a->count, b->count);
    if (order == 0) order = compare(breadth(a, false), breadth(b, false));
    if (order == 0) order = compare(breadth(a, true), breadth(b, true));
    for (uint32_t i = 0; order == 0 && i < a->count; i++) order = edit_cmp(&a->edits[i], &b->edits[i]);
    return order;
}

static bool edit_same(const remedy_edit *a, const remedy_edit *b)
{
    return edit_cmp(a, b) == 0 && a->node == b->node && a->org_policy == b->org_policy;
}

/* Whether all edits of a are among those of b. */
static bool within(const finding *a, const finding *b)
{
    for (uint32_t i = 0; i < a->count; i++) {
        bool there = false;
        for (uint32_t k = 0; k < b->count && !there; k++) there = edit_same(&a->edits[i], &b->edits[k]);
        if (!there) return false;
    }
    return true;
}

/* Kept in order; what holds a smaller change that does is none. Equals stay as they came, nearest moves first. */
static void keep(search *s, uint32_t depth)
{
    finding f = {.count = depth};
    memcpy(f.edits, s->path, depth * sizeof *f.edits);
    for (uint32_t i = 0; i < s->found_count; i++)
        if (within(&s->found[i], &f)) return;
    if (s->found_count == FOUND_MAX) {
        if (finding_cmp(&f, &s->found[FOUND_MAX - 1]) >= 0) return;
        s->found_count--;
    }
    uint32_t at = s->found_count++;
    for (; at > 0 && finding_cmp(&f, &s->found[at - 1]) < 0; at--) s->found[at] = s->found[at - 1];
    s->found[at] = f;
}

/* ---- edits ---- */

/* Of a level of SCPs or RCPs as they are by now: below the OU that the account was moved to, if it was. */
static org_target target_of(const search *s, const remedy_state *st, decision_layer layer, uint32_t level)
{
    if (s->w.view == NULL || !remedy_in_chain(layer)) return (org_target){ORG_NONE};
    bool moved = st->node != ORG_NONE && (layer == LAYER_SCP || s->w.rcps_follow);
    if (!moved) return s->w.chain[layer == LAYER_RCP][level];
    if (level + 1 == st->x.layers[layer].level_count) return org_target_account(s->w.account);
    uint32_t at = st->node;
    while (org_node_depth(s->w.view, at) > level) at = org_node_parent(s->w.view, at);
    return org_target_node(at);
}

static remedy_edit *put(search *s, const remedy_state *st, edit_list *list, remedy_kind kind, const remedy_slot *slot,
                        remedy_who who, remedy_what what)
{
    remedy_edit *e = ARENA_PUSH(&s->trees, remedy_edit, list->items, list->count, list->capacity);
    *e = (remedy_edit){.kind = kind, .who = who, .what = what, .policy = EXPLAIN_NONE, .statement = EXPLAIN_NONE};
    e->org_policy = ORG_NONE;
    e->node = ORG_NONE;
    e->target = (org_target){ORG_NONE};
    if (slot == NULL) return e;
    e->layer = slot->layer;
    e->level = slot->level;
    e->policy = slot->index;
    e->before = slot->p;
    e->org_policy = slot->org_policy;
    e->target = target_of(s, st, slot->layer, slot->level);
    return e;
}

static remedy_who who_at(const remedy_state *st, decision_layer layer, uint32_t level)
{
    if (layer == LAYER_RESOURCE || layer == LAYER_ENDPOINT) return WHO_ACCOUNT;
    if (!remedy_in_chain(layer)) return WHO_PRINCIPAL;
    if (level == 0) return WHO_ORGANIZATION;
    return level + 1 == st->x.layers[layer].level_count ? WHO_ACCOUNT : WHO_OU;
}

/* An organization's policy is changed wherever it is attached. */
static remedy_who who_by(const search *s, const remedy_state *st, const remedy_slot *slot)
{
    remedy_who widest = who_at(st, slot->layer, slot->level);
    uint32_t   here = 0;
    if (slot->org_policy == ORG_NONE) return widest;
    for (uint32_t i = 0; i < st->count; i++) {
        if (st->slots[i].org_policy != slot->org_policy) continue;
        remedy_who who = who_at(st, st->slots[i].layer, st->slots[i].level);
        if (who > widest) widest = who;
        here++;
    }
    bool elsewhere = org_policy_target_count(s->w.view, slot->org_policy) > here;
    return elsewhere && widest < WHO_OU ? WHO_OU : widest;
}

static bool may_edit(const search *s, const remedy_slot *slot)
{
    if (slot->index == EXPLAIN_NONE) return false; /* it came by an edit */
    return slot->org_policy == ORG_NONE || !org_policy_aws_managed(s->w.view, slot->org_policy);
}

/* ---- moves ---- */

static uint32_t distance(const org_view *v, uint32_t a, uint32_t b)
{
    uint32_t steps = 0;
    while (a != b) {
        bool up = org_node_depth(v, a) >= org_node_depth(v, b);
        if (up)
            a = org_node_parent(v, a);
        else
            b = org_node_parent(v, b);
        steps++;
    }
    return steps;
}

/* Of what comes one after the other those with the least `far`, in that order, equal ones as they came. */
typedef struct {
    uint32_t *items, *far;
    uint32_t  count, max;
} least;

static void least_put(least *l, uint32_t item, uint32_t far)
{
    uint32_t at = l->count;
    if (at == l->max && far >= l->far[at - 1]) return;
    if (at < l->max)
        l->count++;
    else
        at--;
    for (; at > 0 && far < l->far[at - 1]; at--) {
        l->items[at] = l->items[at - 1];
        l->far[at] = l->far[at - 1];
    }
    l->items[at] = item;
    l->far[at] = far;
}

/* The nearest nodes, by steps through the tree, then by age. */
static void places_find(search *s)
{
    const org_view *v = s->w.view;
    uint32_t        from = org_account_parent(v, s->w.account), steps[REMEDY_PLACES_MAX];
    least           nearest = {s->places, steps, 0, REMEDY_PLACES_MAX};
    s->places_known = true;
    for (uint32_t node = 0; node < org_node_count(v); node++)
        if (org_node_exists(v, node) && node != from) least_put(&nearest, node, distance(v, from, node));
    s->place_count = nearest.count;
}

static void put_moves(search *s, const remedy_state *st, decision_layer layer, uint32_t level, edit_list *list)
{
    bool above = level + 1 < st->x.layers[layer].level_count;
    bool its = layer == LAYER_SCP || (layer == LAYER_RCP && s->w.rcps_follow);
    if (!s->w.has_account || !above || !its || st->node != ORG_NONE || s->w.account == ORG_MANAGEMENT) return;
    if (!s->places_known) places_find(s);
    for (uint32_t i = 0; i < s->place_count; i++) {
        remedy_edit *e = put(s, st, list, REMEDY_MOVE, NULL, WHO_ACCOUNT, WHAT_ALL);
        e->layer = LAYER_SCP;
        e->node = s->places[i];
    }
}

/* ---- what may remove an obstacle ---- */

/* The first policy that denies there. */
static void against_deny(search *s, const remedy_state *st, decision_layer layer, uint32_t level, edit_list *list)
{
    uint32_t i = 0, statement;
    while (st->slots[i].gone || st->slots[i].layer != layer || st->slots[i].level != level || !st->slots[i].denies) i++;
    const remedy_slot *slot = &st->slots[i];
    remedy_who         who = who_by(s, st, slot);
    remedy_what        what;
    const policy      *after;
    bool               of_principal = layer == LAYER_IDENTITY || layer == LAYER_BOUNDARY || layer == LAYER_SESSION;
    if (may_edit(s, slot)) {
        after = of_principal ? NULL : remedy_policy_except(&s->trees, &s->w, slot->p, &statement);
        remedy_edit *e = after == NULL ? NULL : put(s, st, list, REMEDY_EXCEPT, slot, WHO_PRINCIPAL, WHAT_STATEMENT);
        if (e != NULL) e->after = after, e->statement = statement;
        after = remedy_policy_narrow(&s->trees, &s->w, slot->p, true, &statement, &what);
        e = after == NULL ? NULL : put(s, st, list, REMEDY_NARROW, slot, who, what);
        if (e != NULL) e->after = after, e->statement = statement;
        after = remedy_policy_drop(&s->trees, &s->w, slot->p, true, &statement);
        e = after == NULL ? NULL : put(s, st, list, REMEDY_DROP, slot, who, WHAT_STATEMENT);
        if (e != NULL) e->after = after, e->statement = statement;
    }
    if (slot->index != EXPLAIN_NONE) put(s, st, list, REMEDY_DETACH, slot, who_at(st, layer, level), WHAT_POLICY);
    put_moves(s, st, layer, level, list);
}

static bool only_one(decision_layer layer) /* policy in the layer */
{
    return layer == LAYER_RESOURCE || layer == LAYER_BOUNDARY || layer == LAYER_ENDPOINT;
}

static void put_add(search *s, const remedy_state *st, decision_layer layer, uint32_t level, bool deny, edit_list *list)
{
    const remedy_slot *slot = NULL;
    uint32_t           statement;
    remedy_who         who;
    for (uint32_t i = 0; i < st->count && only_one(layer); i++)
        if (st->slots[i].layer == layer && !st->slots[i].gone) slot = &st->slots[i];
    if (slot != NULL && slot->index == EXPLAIN_NONE) return; /* an edit made it: nothing more would help */
    const policy *after =
        remedy_policy_add(&s->trees, &s->w, slot == NULL ? NULL : slot->p, layer, deny, &statement, &who);
    if (after == NULL) return;
    if (who != WHO_PRINCIPAL) who = who_at(st, layer, level);
    remedy_edit *e =
        put(s, st, list, REMEDY_ADD, slot, who, remedy_in_chain(layer) ? WHAT_ACTION : WHAT_ACTION_ON_RESOURCE);
    e->layer = layer;
    e->level = level;
    e->after = after;
    e->statement = statement;
    e->target = target_of(s, st, layer, level);
    if (deny || layer != LAYER_RESOURCE) return;
    after = remedy_policy_delegate(&s->trees, &s->w, slot == NULL ? NULL : slot->p, &statement);
    if (after == NULL) return;
    e = put(s, st, list, REMEDY_ADD, slot, WHO_ACCOUNT, WHAT_ALL);
    e->layer = layer;
    e->level = level;
    e->after = after;
    e->statement = statement;
}

static bool is_at(const remedy_state *st, decision_layer layer, uint32_t level, uint32_t org_policy)
{
    for (uint32_t i = 0; i < st->count; i++) {
        const remedy_slot *slot = &st->slots[i];
        if (slot->layer == layer && slot->level == level && slot->org_policy == org_policy) return true;
    }
    return false;
}

/* A level with an Allow keeps a list of what is allowed. One without lost its FullAWSAccess: it allows nothing. */
static bool keeps_list(const remedy_state *st, decision_layer layer, uint32_t level)
{
    for (uint32_t i = 0; i < st->count; i++) {
        const remedy_slot *slot = &st->slots[i];
        if (slot->gone || slot->layer != layer || slot->level != level) continue;
        for (uint32_t k = 0; k < slot->p->statement_count; k++)
            if (!slot->p->statements[k].deny) return true;
    }
    return false;
}

/* Policies of the organization that would allow and deny nothing: FullAWSAccess, then those that are attached least,
 * which are made for few. A few more than are offered, as an edit may have changed one, or put it there. */
static void useful_find(search *s)
{
    const org_view *v = s->w.view;
    uint32_t        targets[USEFUL_MAX];
    least           fewest = {s->useful, targets, 0, USEFUL_MAX};
    s->useful_known = true;
    for (uint32_t i = 0; i < org_policy_count(v); i++) {
        if (!org_policy_exists(v, i) || org_policy_type_at(v, i) != ORG_TYPE_SCP) continue;
        remedy_slot slot = {.org_policy = i};
        remedy_state_judge(&s->trees, &s->w, &slot);
        if (slot.denies || slot.allows == REACH_NONE) continue;
        least_put(&fewest, i, org_policy_aws_managed(v, i) ? 0 : org_policy_target_count(v, i) + 1);
    }
    s->useful_count = fewest.count;
}

/* FullAWSAccess alone, where the level does not keep a list. */
static uint32_t attachable(search *s, const remedy_state *st, decision_layer layer, uint32_t level, remedy_slot *out)
{
    uint32_t count = 0, most = keeps_list(st, layer, level) ? REMEDY_ATTACH_MAX : 1;
    if (!s->useful_known) useful_find(s);
    for (uint32_t i = 0; i < s->useful_count && count < most; i++) {
        remedy_slot slot = {.layer = layer, .level = level, .index = EXPLAIN_NONE, .org_policy = s->useful[i]};
        if (most == 1 && slot.org_policy != ORG_FULL_ACCESS) continue;
        if (is_at(st, layer, level, slot.org_policy)) continue;
        remedy_state_recall(&s->trees, st, &slot);
        if (!slot.denies && slot.allows != REACH_NONE) out[count++] = slot;
    }
    return count;
}

static bool put_attach(search *s, const remedy_state *st, decision_layer layer, uint32_t level, edit_list *list)
{
    remedy_slot found[REMEDY_ATTACH_MAX];
    if (s->w.view == NULL || layer != LAYER_SCP) return false;
    uint32_t count = attachable(s, st, layer, level, found);
    for (uint32_t i = 0; i < count; i++) {
        bool         managed = org_policy_aws_managed(s->w.view, found[i].org_policy);
        remedy_edit *e =
            put(s, st, list, REMEDY_ATTACH, &found[i], who_at(st, layer, level), managed ? WHAT_ALL : WHAT_POLICY);
        e->before = NULL;
        e->after = found[i].p;
        e->text = org_policy_content(s->w.view, found[i].org_policy);
    }
    return count > 0;
}

static void for_allow(search *s, const remedy_state *st, decision_layer layer, uint32_t level, edit_list *list)
{
    uint32_t statement;
    for (uint32_t i = 0; i < st->count; i++) {
        const remedy_slot *slot = &st->slots[i];
        if (slot->gone || slot->layer != layer || slot->level != level || !may_edit(s, slot)) continue;
        const policy *after = remedy_policy_extend(&s->trees, &s->w, slot->p, &statement);
        if (after == NULL) continue;
        remedy_edit *e = put(s, st, list, REMEDY_EXTEND, slot, who_by(s, st, slot), WHAT_ACTION);
        e->after = after;
        e->statement = statement;
    }
    if (!put_attach(s, st, layer, level, list)) put_add(s, st, layer, level, false, list);
    if (remedy_in_chain(layer)) put_moves(s, st, layer, level, list);
    for (uint32_t i = 0; i < st->count; i++) {
        const remedy_slot *slot = &st->slots[i];
        if (slot->gone || slot->layer != layer || slot->index == EXPLAIN_NONE) continue;
        if (layer != LAYER_BOUNDARY && layer != LAYER_ENDPOINT && layer != LAYER_SESSION) continue;
        put(s, st, list, REMEDY_DETACH, slot, WHO_PRINCIPAL, WHAT_POLICY);
    }
}

/* A grant: by identity policies, by the resource's policy, or by both. */
static void for_grant(search *s, const remedy_state *st, edit_list *list)
{
    const explanation *x = &st->x;
    bool               in_account = caller_in_account(&s->w.who);
    const layer_trace *identity = &x->layers[LAYER_IDENTITY];
    bool               by_identity =
        x->caller == CALLER_ROOT || (identity->presence == LAYER_APPLIES && identity->verdict == LEVEL_ALLOW);
    bool federated = x->caller == CALLER_FEDERATED_USER && x->layers[LAYER_SESSION].presence == LAYER_ABSENT;
    if (in_account && !by_identity) for_allow(s, st, LAYER_IDENTITY, 0, list);
    if (federated) for_allow(s, st, LAYER_SESSION, 0, list); /* else identity policies do not count */
    /* Not every resource can have a policy: one is asked for only where nothing else does. */
    bool has_one = x->layers[LAYER_RESOURCE].presence != LAYER_ABSENT;
    if (has_one || !in_account || !x->same_account || x->needs_resource) for_allow(s, st, LAYER_RESOURCE, 0, list);
}

/* ---- what may deny ---- */

/* The one policy that allows there, if there is but one. */
static void without_allow(search *s, const remedy_state *st, decision_layer layer, uint32_t level, edit_list *list)
{
    const remedy_slot *one = NULL;
    uint32_t           statement;
    remedy_what        what;
    for (uint32_t i = 0; i < st->count; i++) {
        const remedy_slot *slot = &st->slots[i];
        if (slot->gone || slot->layer != layer || slot->level != level || slot->allows == REACH_NONE) continue;
        if (one != NULL) return;
        one = slot;
    }
    if (one == NULL) return;
    if (may_edit(s, one)) {
        const policy *after = remedy_policy_narrow(&s->trees, &s->w, one->p, false, &statement, &what);
        remedy_edit  *e = after == NULL ? NULL : put(s, st, list, REMEDY_NARROW, one, who_by(s, st, one), what);
        if (e != NULL) e->after = after, e->statement = statement;
    }
    put(s, st, list, REMEDY_DETACH, one, who_at(st, layer, level), WHAT_POLICY);
}

static void for_deny(search *s, const remedy_state *st, edit_list *list)
{
    const explanation *x = &st->x;
    uint32_t           scps = x->layers[LAYER_SCP].level_count, rcps = x->layers[LAYER_RCP].level_count;
    if (caller_in_account(&s->w.who) && s->w.who.kind != CALLER_ROOT) {
        put_add(s, st, LAYER_IDENTITY, 0, true, list);
        without_allow(s, st, LAYER_IDENTITY, 0, list);
    }
    if (x->layers[LAYER_RESOURCE].presence == LAYER_APPLIES) {
        put_add(s, st, LAYER_RESOURCE, 0, true, list);
        without_allow(s, st, LAYER_RESOURCE, 0, list);
    }
    if (x->layers[LAYER_SCP].presence == LAYER_APPLIES) {
        put_add(s, st, LAYER_SCP, scps - 1, true, list);
        for (uint32_t level = scps; level-- > 0;) without_allow(s, st, LAYER_SCP, level, list);
    }
    if (x->layers[LAYER_RCP].presence == LAYER_APPLIES && rcps > 0) put_add(s, st, LAYER_RCP, rcps - 1, true, list);
}

static void edits_for(search *s, const remedy_state *st, edit_list *list)
{
    decision_layer layer = (decision_layer)st->d.layer;
    uint32_t       level = authz_explain_level(&st->x, st->d);
    if (!s->to_allow)
        for_deny(s, st, list);
    else if (st->d.kind == DECISION_EXPLICITLY_DENIED)
        against_deny(s, st, layer, level, list);
    else if (layer == LAYER_IDENTITY)
        for_grant(s, st, list);
    else
        for_allow(s, st, layer, level, list);
}

/* ---- the search ---- */

static void search_from(search *s, arena scratch, const remedy_state *st, uint32_t depth)
{
    edit_list list = {0};
    if ((st->d.kind == DECISION_ALLOWED) == s->to_allow) {
        keep(s, depth);
        return;
    }
    if (depth == s->limit) return;
    edits_for(s, st, &list);
    for (size_t i = 0; i < list.count; i++) {
        arena here = scratch;
        if (s->tried == REMEDY_STEPS) {
            s->complete = false;
            return;
        }
        s->tried++;
        assert(depth < COUNTOF(s->path));
        s->path[depth] = list.items[i];
        remedy_state next = remedy_state_edit(&here, st, &list.items[i]);
        search_from(s, here, &next, depth + 1);
    }
}

static bool moves(const finding *f)
{
    for (uint32_t i = 0; i < f->count; i++)
        if (f->edits[i].kind == REMEDY_MOVE) return true;
    return false;
}

static bool done(const search *s)
{
    for (uint32_t i = 0; i < s->found_count; i++)
        if (!moves(&s->found[i])) return true;
    return false;
}

/* Made anew, of policies as they would be written, and decided by the evaluator of cases. */
static bool verified(arena *a, const search *s, const finding *f, remedy *out)
{
    remedy_state st = remedy_state_new(a, &s->w);
    *out = (remedy){.count = f->count};
    for (uint32_t i = 0; i < f->count; i++) {
        remedy_edit *e = &out->edits[i];
        *e = f->edits[i];
        for (uint32_t k = 0; k < i; k++) /* it changes on what an earlier one has made */
            if (e->before != NULL && e->before == f->edits[k].after) e->before = out->edits[k].after;
        if (e->after != NULL && e->kind != REMEDY_ATTACH) e->after = remedy_policy_printed(a, e->after, &e->text);
        st = remedy_state_edit(a, &st, e);
    }
    remedy_state_case(a, &st, &out->changed);
    arena scratch = *a;
    out->after = authz_decide_case(&scratch, &out->changed, s->w.facts);
    return (out->after.kind == DECISION_ALLOWED) == s->to_allow;
}

void authz_remedies(arena *a, const policy_case *c, const explanation *x, const catalog *facts, const org_view *view,
                    remedy_list *out)
{
    search  *s = ARENA_NEW(a, search, 1);
    arena    scratch;
    uint32_t moved = 0;
    *out = (remedy_list){.complete = true};
    remedy_world_init(a, &s->w, c, x, facts, view);
    if (authz_explain_needs_nothing(&c->request, &s->w.who)) return; /* nothing turns it */
    s->to_allow = x->decision.kind != DECISION_ALLOWED;
    s->complete = true;
    arena_init(&s->trees, MEMORY_GENERAL);
    arena_init(&scratch, MEMORY_GENERAL);
    remedy_state first = remedy_state_new(&scratch, &s->w);
    assert(decision_equal(first.d, x->decision));
    for (s->limit = 1; s->limit <= REMEDY_EDITS && s->complete && !done(s); s->limit++)
        search_from(s, scratch, &first, 0);
    *out = (remedy_list){.items = ARENA_NEW(a, remedy, REMEDY_MAX), .complete = s->complete, .tried = s->tried};
    for (uint32_t i = 0; i < s->found_count && out->count < REMEDY_MAX; i++) {
        bool moving = moves(&s->found[i]);
        if (moving && moved == REMEDY_MOVES_MAX) continue;
        if (!verified(a, s, &s->found[i], &out->items[out->count])) continue;
        moved += moving;
        out->count++;
    }
    arena_deinit(&scratch);
    arena_deinit(&s->trees);
}
