#include "authz/own.h"

#include <assert.h>

#include "authz/doubts.h"
#include "base/bitset.h"
#include "base/mutant.h"
#include "policy/derive.h"

struct own_statement {
    action_set actions;
    uint32_t   guard;
    bool       deny;
};

/* RCPs reach no other services, and not this action: Organizations User Guide, "Resources and entities not restricted
 * by RCPs". */
static uint64_t mask_under_rcps(const own_table *t, uint32_t chunk, uint64_t mask)
{
    uint32_t retire = catalog_action_find(t->facts, STR("kms:RetireGrant"));
    if (!catalog_service_at(t->facts, catalog_chunk_service(t->facts, chunk))->rcp &&
        !MUTANT(MUTANT_RCPS_REACH_ALL_SERVICES))
        return 0;
    if (retire == CATALOG_NONE) return mask;
    action_handle h = catalog_action_at(t->facts, retire)->handle;
    return h.chunk == chunk ? mask & ~(UINT64_C(1) << h.bit) : mask;
}

static action_set actions_under_rcps(own_table *t, const action_set *all)
{
    arena         scratch = t->scratch;
    uint32_t      chunk_count = catalog_chunk_count(t->facts), count = 0, listed = 0;
    action_chunk *chunks = ARENA_NEW(&scratch, action_chunk, chunk_count);
    for (uint32_t c = 0; c < chunk_count; c++) {
        bool     here = listed < all->count && all->chunks[listed].chunk == c;
        uint64_t mask = here ? all->chunks[listed++].mask : all->rest ? catalog_chunk_mask(t->facts, c) : 0;
        if (mask != 0) mask = mask_under_rcps(t, c, mask);
        if (mask != 0) chunks[count++] = (action_chunk){c, mask};
    }
    action_chunk *kept = ARENA_NEW(&t->a, action_chunk, count);
    if (count > 0) memcpy(kept, chunks, count * sizeof *kept);
    return (action_set){kept, count, false};
}

/* What decides these actions may leave something unevaluated, whether or not it can ever hold. */
static void doubts_note(own_table *t, const policy *p, const policy_statement *s, bool rcps)
{
    uint32_t chunk_count = catalog_chunk_count(t->facts), listed = 0;
    if (!statement_may_doubt(t->formulas->guards.atoms.v, p, s)) return;
    action_set actions = actions_of(&t->a, t->scratch, t->facts, s);
    if (rcps) actions = actions_under_rcps(t, &actions);
    if (t->doubtful == NULL) t->doubtful = ARENA_NEW(&t->a, uint64_t, chunk_count);
    for (uint32_t c = 0; c < chunk_count; c++) {
        bool here = listed < actions.count && actions.chunks[listed].chunk == c;
        t->doubtful[c] |= here ? actions.chunks[listed++].mask : actions.rest ? catalog_chunk_mask(t->facts, c) : 0;
    }
}

/* ---- statements ---- */

static bool has_service(const action_set *set, const catalog_service *service)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (set->chunks[i].chunk - service->chunk_first < service->chunk_count) return true;
    return set->rest;
}

/* Takes the actions of a service out of a set and returns them. */
static action_set actions_take(own_table *t, action_set *from, const catalog_service *service)
{
    uint32_t      end = service->chunk_first + service->chunk_count, taken = 0, left = 0, at = 0;
    action_chunk *out = ARENA_NEW(&t->a, action_chunk, service->chunk_count);
    action_chunk *rest = ARENA_NEW(&t->a, action_chunk, from->count + service->chunk_count);
    while (at < from->count && from->chunks[at].chunk < service->chunk_first) rest[left++] = from->chunks[at++];
    for (uint32_t c = service->chunk_first; c < end; c++) {
        bool     here = at < from->count && from->chunks[at].chunk == c;
        uint64_t mask = here ? from->chunks[at++].mask : from->rest ? catalog_chunk_mask(t->facts, c) : 0;
        if (mask != 0) out[taken++] = (action_chunk){c, mask};
        if (from->rest) rest[left++] = (action_chunk){c, 0};
    }
    while (at < from->count) rest[left++] = from->chunks[at++];
    *from = (action_set){rest, left, from->rest};
    return (action_set){out, taken, false};
}

static uint32_t statement_guard(own_table *t, const policy *p, const policy_statement *s, const own_rules *rules,
                                uint64_t lacking)
{
    guard_table    *guards = &t->formulas->guards;
    principal_reach reach = s->deny || rules->reach == REACH_NONE ? REACH_ACCOUNT : rules->reach;
    uint32_t        id = guard_and(guards, GUARD_TRUE, atom_of_principal(&guards->atoms, p, s, rules->relation, reach));
    if (id != GUARD_NEVER) id = guard_and(guards, id, atom_of_resources(&guards->atoms, p, s, lacking));
    for (uint32_t k = 0; k < s->clause_count && id != GUARD_NEVER; k++)
        id = guard_and(guards, id, atom_of_clause(&guards->atoms, p, &s->clauses[k], lacking));
    return id;
}

/* At most two: what a statement says of the service whose requests lack keys that it asks is another statement. */
static uint32_t statement_compile(own_table *t, const policy *p, const policy_statement *s, const own_rules *rules,
                                  own_statement *out)
{
    uint64_t   lacking = atom_keys_asked(t->formulas->guards.atoms.v, p, s, t->owner_keys);
    uint32_t   id = statement_guard(t, p, s, rules, 0), count = 0;
    action_set actions = {0};
    if (id == GUARD_NEVER && lacking == 0) return 0;
    actions = actions_of(&t->a, t->scratch, t->facts, s);
    if (rules->rcps) actions = actions_under_rcps(t, &actions);
    if (lacking != 0 && !MUTANT(MUTANT_OWNER_ALWAYS_TOLD)) {
        const catalog_service *service = catalog_service_at(t->facts, t->ownerless);
        if (has_service(&actions, service)) {
            action_set taken = actions_take(t, &actions, service);
            uint32_t   apart = statement_guard(t, p, s, rules, lacking);
            if (apart != GUARD_NEVER) out[count++] = (own_statement){taken, apart, s->deny};
        }
    }
    if (id != GUARD_NEVER) out[count++] = (own_statement){actions, id, s->deny};
    return count;
}

static own_policy policy_statements(own_table *t, const policy *p, const own_rules *rules)
{
    own_statement *statements = ARENA_NEW(&t->a, own_statement, 2 * p->statement_count);
    uint32_t       count = 0;
    for (uint32_t i = 0; i < p->statement_count; i++) {
        const policy_statement *s = &p->statements[i];
        doubts_note(t, p, s, rules->rcps);
        if (rules->denies_only && !s->deny) continue;
        count += statement_compile(t, p, s, rules, &statements[count]);
    }
    return (own_policy){statements, count};
}

/* ---- one chunk ---- */

typedef struct {
    own_group items[64]; /* a chunk has at most 64 actions */
    uint32_t  count;
} group_list;

static void groups_add(formula_table *f, group_list *g, uint64_t mask, bool deny, uint32_t guard_id)
{
    for (uint32_t i = 0, before = g->count; i < before; i++) {
        uint64_t hit = g->items[i].mask & mask, miss = g->items[i].mask & ~mask;
        if (hit == 0) continue;
        uint32_t own = own_formula_add(f, g->items[i].own, deny, guard_id);
        if (own == g->items[i].own) continue;
        if (miss != 0) {
            assert(g->count < COUNTOF(g->items));
            g->items[g->count++] = (own_group){.mask = miss, .own = g->items[i].own};
        }
        g->items[i] = (own_group){.mask = hit, .own = own};
    }
}

static void groups_replace(group_list *g, uint64_t mask, uint32_t own)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < g->count; i++) {
        g->items[i].mask &= ~mask;
        if (g->items[i].mask != 0) g->items[kept++] = g->items[i];
    }
    g->items[kept] = (own_group){.mask = mask, .own = own};
    g->count = kept + 1;
}

/* Groups that came out alike become one. */
static void groups_merge(group_list *g)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < g->count; i++) {
        uint32_t k = 0;
        while (k < kept && g->items[k].own != g->items[i].own) k++;
        if (k < kept)
            g->items[k].mask |= g->items[i].mask;
        else
            g->items[kept++] = g->items[i];
    }
    g->count = kept;
}

/* ---- one row ---- */

typedef struct {
    own_table            *t;
    own_rules             rules;
    const own_statement **statements;
    uint32_t             *cursors; /* per statement: the next of its chunks */
    uint32_t              count;
    uint32_t              kms; /* service, CATALOG_NONE when the catalogue has none */
    action_handle         caller_identity;
    bool                  has_caller_identity;
} row_maker;

static void chunk_make(row_maker *m, uint32_t chunk, uint32_t rest, group_list *g)
{
    formula_table *f = m->t->formulas;
    uint64_t       valid = catalog_chunk_mask(m->t->facts, chunk);
    bool           kms = m->rules.kms_keys_apart && catalog_chunk_service(m->t->facts, chunk) == m->kms;
    uint32_t       apart = kms ? atom_of_no_kms_key(&f->guards.atoms) : ATOM_TRUE;
    *g = (group_list){.count = 1};
    g->items[0] = (own_group){.mask = valid, .own = OWN_NOTHING};
    if (m->rules.allow_all) groups_add(f, g, valid, false, guard_and(&f->guards, GUARD_TRUE, apart));
    for (uint32_t i = 0; i < m->count; i++) {
        const own_statement *s = m->statements[i];
        const action_set    *set = &s->actions;
        bool                 listed = m->cursors[i] < set->count && set->chunks[m->cursors[i]].chunk == chunk;
        uint64_t             mask = listed ? set->chunks[m->cursors[i]++].mask : set->rest ? valid : 0;
        if (mask != 0) groups_add(f, g, mask, s->deny, s->deny ? s->guard : guard_and(&f->guards, s->guard, apart));
    }
    if (m->has_caller_identity && m->caller_identity.chunk == chunk)
        groups_replace(g, UINT64_C(1) << m->caller_identity.bit, OWN_ALLOW);
    groups_merge(g);
    if (g->count == 1 && g->items[0].own == rest) g->count = 0;
}

static own_row row_make(row_maker *m, arena scratch)
{
    own_table *t = m->t;
    uint32_t   chunk_count = catalog_chunk_count(t->facts);
    bitset     listed = bitset_new(&scratch, chunk_count);
    own_row    row = {.rest = m->rules.allow_all ? OWN_ALLOW : OWN_NOTHING};
    own_chunk *chunks = NULL;
    size_t     count = 0, capacity = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        const own_statement *s = m->statements[i];
        for (uint32_t k = 0; k < s->actions.count; k++) bitset_set(listed, s->actions.chunks[k].chunk);
        if (s->actions.rest) row.rest = own_formula_add(t->formulas, row.rest, s->deny, s->guard);
    }
    if (m->has_caller_identity) bitset_set(listed, m->caller_identity.chunk);
    if (m->rules.kms_keys_apart && m->kms != CATALOG_NONE) {
        const catalog_service *kms = catalog_service_at(t->facts, m->kms);
        for (uint32_t i = 0; i < kms->chunk_count; i++) bitset_set(listed, (size_t)kms->chunk_first + i);
    }
    for (size_t c = bitset_next(listed, 0); c < chunk_count; c = bitset_next(listed, c + 1)) {
        group_list g;
        chunk_make(m, (uint32_t)c, row.rest, &g);
        if (g.count == 0) continue;
        own_group *groups = ARENA_NEW(&t->a, own_group, g.count);
        memcpy(groups, g.items, g.count * sizeof *groups);
        uint32_t id = intern_add(t->groups, (str){(const char *)groups, g.count * sizeof *groups});
        *ARENA_PUSH(&t->a, own_chunk, chunks, count, capacity) = (own_chunk){groups, (uint32_t)c, g.count, id};
    }
    row.chunks = chunks;
    row.count = (uint32_t)count;
    row.open = count == 0 && row.rest == OWN_ALLOW;
    return row;
}

static own_row row_of_policies(own_table *t, arena scratch, const own_policy *const *policies, uint32_t count,
                               own_rules rules)
{
    row_maker m = {.t = t, .rules = rules, .kms = catalog_service_find(t->facts, STR("kms"))};
    for (uint32_t i = 0; i < count; i++) m.count += policies[i]->count;
    m.statements = ARENA_NEW(&scratch, const own_statement *, m.count);
    m.cursors = ARENA_NEW(&scratch, uint32_t, m.count);
    m.count = 0;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < policies[i]->count; k++) m.statements[m.count++] = &policies[i]->statements[k];
    uint32_t action = catalog_action_find(t->facts, STR("sts:GetCallerIdentity"));
    m.has_caller_identity = rules.caller_identity && action != CATALOG_NONE;
    if (m.has_caller_identity) m.caller_identity = catalog_action_at(t->facts, action)->handle;
    return row_make(&m, scratch);
}

/* ---- the table ---- */

void own_table_init(own_table *t, const catalog *facts, formula_table *formulas)
{
    *t = (own_table){.facts = facts,
                     .ownerless = catalog_service_find(facts, DERIVE_OWNERLESS),
                     .formulas = formulas,
                     .contents = intern_new(MEMORY_IMAGE, false),
                     .sets = intern_new(MEMORY_IMAGE, false),
                     .groups = intern_new(MEMORY_IMAGE, false)};
    if (t->ownerless != CATALOG_NONE) t->owner_keys = vocabulary_owner_keys(formulas->guards.atoms.v);
    arena_init(&t->a, MEMORY_IMAGE);
    arena_init(&t->scratch, MEMORY_IMAGE);
    *ARENA_PUSH(&t->a, own_row, t->rows, t->row_count, t->row_capacity) = (own_row){.rest = OWN_ALLOW, .open = true};
}

void own_table_deinit(own_table *t)
{
    intern_free(t->contents);
    intern_free(t->sets);
    intern_free(t->groups);
    arena_deinit(&t->a);
    arena_deinit(&t->scratch);
}

static const own_rules scp_rules = {.caller_identity = true};
static const own_rules rcp_rules = {.allow_all = true, .denies_only = true, .rcps = true};

uint32_t own_content(own_table *t, str content, const policy *parsed)
{
    arena    scratch = t->scratch;
    bool     rcp = parsed->type == POLICY_RCP;
    str      named = rcp ? arena_format(&scratch, "RCP%.*s", STR_FMT(content)) : content; /* no text begins so */
    uint32_t id = intern_add(t->contents, named);
    if (id < t->policy_count) return id;
    own_policy compiled = policy_statements(t, parsed, rcp ? &rcp_rules : &scp_rules);
    *ARENA_PUSH(&t->a, own_policy, t->policies, t->policy_count, t->policy_capacity) = compiled;
    (void)ARENA_PUSH(&t->a, const own_holder *, t->holders, t->holder_count, t->holder_capacity);
    return id;
}

static uint32_t sort_unique(uint32_t *items, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 1; i < count; i++) { /* a handful of policies: AWS allows ten */
        uint32_t x = items[i], at = i;
        for (; at > 0 && items[at - 1] > x; at--) items[at] = items[at - 1];
        items[at] = x;
    }
    for (uint32_t i = 0; i < count; i++)
        if (i == 0 || items[i] != items[i - 1]) items[kept++] = items[i];
    return kept;
}

uint32_t own_row_of(own_table *t, uint32_t *contents, uint32_t count, bool rcps)
{
    if (rcps && count == 0) return OWN_ROW_OPEN; /* what is attached without being said */
    count = sort_unique(contents, count);
    uint32_t id = intern_add(t->sets, (str){(const char *)contents, count * sizeof *contents}) + 1;
    if (id < t->row_count) return id;
    arena              scratch = t->scratch;
    const own_policy **policies = ARENA_NEW(&scratch, const own_policy *, count);
    for (uint32_t i = 0; i < count; i++) policies[i] = &t->policies[contents[i]];
    own_row row = row_of_policies(t, scratch, policies, count, rcps ? rcp_rules : scp_rules);
    *ARENA_PUSH(&t->a, own_row, t->rows, t->row_count, t->row_capacity) = row;
    for (uint32_t i = 0; i < count; i++) {
        own_holder *h = ARENA_NEW(&t->a, own_holder, 1);
        *h = (own_holder){t->holders[contents[i]], id};
        t->holders[contents[i]] = h;
    }
    return id;
}

void own_rows_with(const own_table *t, uint32_t content, bitset rows)
{
    for (const own_holder *h = t->holders[content]; h != NULL; h = h->next) bitset_set(rows, h->row);
}

own_row own_row_of_level(own_table *t, policy_level level, own_rules rules)
{
    own_policy        *compiled = ARENA_NEW(&t->a, own_policy, level.count);
    const own_policy **policies = ARENA_NEW(&t->a, const own_policy *, level.count);
    for (uint32_t i = 0; i < level.count; i++) {
        compiled[i] = policy_statements(t, level.policies[i], &rules);
        policies[i] = &compiled[i];
    }
    return row_of_policies(t, t->scratch, policies, level.count, rules);
}
