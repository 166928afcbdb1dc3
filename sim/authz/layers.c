#include "authz/layers.h"

#include <assert.h>

#include "authz/case.h"
#include "authz/families.h"
#include "base/mutant.h"
#include "policy/match.h"

/* ---- tables that say the same are one ---- */

typedef struct {
    intern_table *ids;
    const void  **tables;
    size_t        count, capacity;
} table_set;

static const void *table_keep(table_set *set, arena *a, arena *scratch, const void *table, size_t size_bytes)
{
    uint32_t id = intern_add(set->ids, (str){table, size_bytes});
    if (id == set->count) {
        void *copy = arena_alloc(a, size_bytes, alignof(max_align_t), 1);
        memcpy(copy, table, size_bytes);
        *ARENA_PUSH(scratch, const void *, set->tables, set->count, set->capacity) = copy;
    }
    return set->tables[id];
}

/* ---- roles ---- */

static caller caller_of(const authz_role *role)
{
    return caller_read(role->principal);
}

/* A principal outside has its account in its own text. */
static bool is_outside(const authz_role *role, const caller *who)
{
    return role->hole == AUTHZ_NO_HOLE && caller_in_account(who);
}

static bool text_names(str text, str name)
{
    for (size_t at = 0; at + name.len <= text.len; at++)
        if (str_eq_nocase(str_part(text, at, name.len), name)) return true;
    return false;
}

static bool texts_name_organization(const lexeme *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (text_names(items[i].text, STR("PrincipalOrg")) || text_names(items[i].text, STR("ResourceOrg")))
            return true;
    return false;
}

/* Whether what a role may do could follow from the organization of its account, which a removed account has not. */
static bool asks_organization(policy_level level)
{
    for (uint32_t i = 0; i < level.count; i++)
        for (uint32_t k = 0; k < level.policies[i]->statement_count; k++) {
            const policy_statement *s = &level.policies[i]->statements[k];
            if (texts_name_organization(s->resources, s->resource_count)) return true;
            for (uint32_t n = 0; n < s->clause_count; n++)
                if (texts_name_organization(&s->clauses[n].key, 1) ||
                    texts_name_organization(s->clauses[n].values, s->clauses[n].value_count))
                    return true;
        }
    return false;
}

/* Only IAM users and roles have identity policies: not the root user, services or who has not signed in. */
static policy_level identity_of(const authz_role *role, const caller *who)
{
    policy_level none = {NULL, 0};
    return caller_in_account(who) && !role->root ? role->identity : none;
}

/* GetFederationToken without session policies gives a session that only the policies of resources can let in. */
static own_rules identity_rules(const authz_role *role, const caller *who, bool plain)
{
    return (own_rules){.caller_identity = who->kind != CALLER_ANONYMOUS,
                       .kms_keys_apart = plain,
                       .allow_all = role->root,
                       .denies_only = who->kind == CALLER_FEDERATED_USER && role->session.count == 0};
}

/* Whether SCPs and identity policies never suffice. A service-linked role is not bound by the row of its account, which
 * would say that the account was removed. */
static bool needs_layers(const authz_role *role, const caller *who)
{
    return role->boundary != NULL || role->session.count > 0 || is_outside(role, who) ||
           (role->service_linked && asks_organization(role->identity));
}

static bool is_unbound(const authz_role *role, const caller *who)
{
    return role->service_linked || !caller_in_account(who) || is_outside(role, who);
}

role_plan *roles_make(row_table *rows, own_table *own, arena *a, arena scratch, const authz_setting *setting)
{
    size_t     count = catalog_chunk_count(rows->facts), bytes = count * sizeof(uint32_t);
    table_set  set = {.ids = intern_new(MEMORY_IMAGE, false)};
    role_plan *plans = ARENA_NEW(a, role_plan, setting->role_count);
    uint32_t  *layered = ARENA_NEW(a, uint32_t, count);
    for (size_t i = 0; i < count; i++) layered[i] = CODE_LAYERED;
    for (uint32_t i = 0; i < setting->role_count; i++) {
        const authz_role *role = &setting->roles[i];
        caller            who = caller_of(role);
        arena             temporary = scratch;
        assert(role->root == (who.kind == CALLER_ROOT));
        assert(role->service_linked == who.service_linked);
        assert((caller_in_account(&who) && !role->root) || (role->boundary == NULL && role->session.count == 0));
        own_row says = own_row_of_level(own, identity_of(role, &who), identity_rules(role, &who, true));
        plans[i].unbound = is_unbound(role, &who);
        plans[i].identity = layered;
        plans[i].layered = role->service_linked || needs_layers(role, &who);
        if (needs_layers(role, &who)) continue;
        plans[i].identity = table_keep(&set, a, &scratch, row_of_level(rows, &temporary, NULL, &says, 0), bytes);
    }
    intern_free(set.ids);
    return plans;
}

/* ---- the layers ---- */

static uint32_t *level_codes(row_table *rows, own_table *own, arena *a, policy_level level, own_rules rules)
{
    own_row says = own_row_of_level(own, level, rules);
    return row_of_level(rows, a, NULL, &says, 0);
}

/* The layer by itself, and below what is above. */
static void role_layer_put(row_table *rows, own_table *own, arena *a, policy_level level, own_rules rules,
                           uint32_t number, uint32_t **alone, uint32_t **all)
{
    own_row says = own_row_of_level(own, level, rules);
    *alone = row_of_level(rows, a, NULL, &says, 0);
    *all = row_of_level(rows, a, *all, &says, number);
}

static const role_codes *role_codes_make(row_table *rows, own_table *own, arena *a, arena *scratch,
                                         const authz_role *role, table_set *set)
{
    size_t      count = catalog_chunk_count(rows->facts);
    caller      who = caller_of(role);
    arena       temporary = *scratch;
    own_rules   capping = {.caller_identity = true};
    uint32_t   *identity, *boundary = NULL, *session = NULL, *all = NULL;
    role_codes *codes = ARENA_NEW(&temporary, role_codes, count);
    role_layer_put(rows, own, &temporary, identity_of(role, &who), identity_rules(role, &who, false), 0, &identity,
                   &all);
    if (role->boundary != NULL && !MUTANT(MUTANT_BOUNDARY_NOT_ASKED))
        role_layer_put(rows, own, &temporary, (policy_level){&role->boundary, 1}, capping, 1, &boundary, &all);
    if (role->session.count > 0 && !MUTANT(MUTANT_SESSION_NOT_ASKED))
        role_layer_put(rows, own, &temporary, role->session, capping, 2, &session, &all);
    for (size_t c = 0; c < count; c++)
        codes[c] = (role_codes){identity[c], boundary == NULL ? CODE_ALLOWED : boundary[c],
                                session == NULL ? CODE_ALLOWED : session[c], all[c]};
    return table_keep(set, a, scratch, codes, count * sizeof *codes);
}

static uint8_t kind_of(const authz_role *role, const caller *who)
{
    uint32_t kind = role->hole != AUTHZ_NO_HOLE ? ROLE_HOLE : who->account.len > 0 ? ROLE_NUMBERED : 0;
    if (caller_in_account(who)) kind |= ROLE_IN_ACCOUNT;
    if (is_outside(role, who)) kind |= ROLE_OUTSIDE;
    if (role->service_linked) kind |= ROLE_LINKED;
    return (uint8_t)kind;
}

/* outside: numbers accounts outside the organization, from 1. */
static const role_layers *role_layers_make(row_table *rows, own_table *own, arena *a, arena scratch,
                                           intern_table *outside, const authz_setting *setting)
{
    table_set    set = {.ids = intern_new(MEMORY_IMAGE, false)};
    role_layers *out = ARENA_NEW(a, role_layers, setting->role_count);
    for (uint32_t i = 0; i < setting->role_count; i++) {
        const authz_role *role = &setting->roles[i];
        caller            who = caller_of(role);
        bool              numbered = role->hole == AUTHZ_NO_HOLE && who.account.len > 0;
        out[i] = (role_layers){.codes = role_codes_make(rows, own, a, &scratch, role, &set),
                               .account = numbered ? intern_add(outside, who.account) + 1 : 0,
                               .kind = kind_of(role, &who),
                               .signed_in = who.kind != CALLER_ANONYMOUS,
                               .unbound = is_unbound(role, &who)};
    }
    intern_free(set.ids);
    return out;
}

static const policy_codes *policy_codes_make(row_table *rows, own_table *own, arena *a, arena scratch,
                                             const policy *const *p)
{
    size_t        count = catalog_chunk_count(rows->facts);
    policy_codes *codes = ARENA_NEW(a, policy_codes, count);
    own_rules     rules = {.relation = CALLER_OF_SAME_ACCOUNT};
    for (int relation = 0; relation < CALLER_RELATION_COUNT; relation++)
        for (int reach = REACH_ACCOUNT; reach <= REACH_DIRECT; reach++) {
            arena temporary = scratch;
            rules.relation = (caller_relation)relation;
            rules.reach = (principal_reach)reach;
            const uint32_t *of = level_codes(rows, own, &temporary, (policy_level){p, 1}, rules);
            for (size_t c = 0; c < count; c++) codes[c].by[relation][reach] = of[c];
        }
    return codes;
}

/* What the ARN says, whichever account is in its hole. */
static uint32_t arn_flags(arena scratch, const authz_vocabulary *v, size_t id)
{
    const authz_entry *x = &v->keys[VOCABULARY_RESOURCE].values[id];
    if (id == 0) return 0;
    str arn = x->hole != AUTHZ_NO_HOLE ? family_marked(&scratch, x) : x->texts[0];
    return (str_starts(arn_part(arn, 5), STR("key/")) ? RESOURCE_KEY : 0) |
           (authz_is_linked_role(arn) ? RESOURCE_LINKED : 0);
}

static const resource_layers *resources_make(arena *a, arena scratch, intern_table *outside, const authz_vocabulary *v)
{
    size_t           count = value_domain(v, AUTHZ_RESOURCE);
    resource_layers *out = ARENA_NEW(a, resource_layers, count);
    for (size_t id = 0; id < count; id++) {
        authz_resource r = vocabulary_resource(v, (uint32_t)id);
        uint32_t       facts = r.policy | arn_flags(scratch, v, id);
        if (id == 0) facts |= RESOURCE_STAR;
        if (r.policy > 0) facts |= RESOURCE_TRUST;
        if (r.outside.ptr != NULL) facts |= RESOURCE_OUTSIDE;
        bool key = (facts & RESOURCE_KEY) != 0;
        if (key && r.aws_managed_key && !MUTANT(MUTANT_RCPS_BIND_AWS_KEYS)) facts |= RESOURCE_PASSED;
        out[id].facts = facts;
        if (r.outside.ptr != NULL) out[id].account = intern_add(outside, r.outside) + 1;
    }
    return out;
}

/* ---- who asks for what of whom ---- */

static uint32_t relation_of(uint32_t kind, uint32_t facts, bool same_account, bool same_number)
{
    bool outside = (facts & RESOURCE_OUTSIDE) != 0, asker_outside = (kind & ROLE_OUTSIDE) != 0;
    bool unowned = asker_outside && (facts & RESOURCE_STAR) != 0, inside = !outside && !unowned;
    bool in_account = (kind & ROLE_IN_ACCOUNT) != 0;
    bool spared = (kind & ROLE_LINKED) != 0 && !MUTANT(MUTANT_RCPS_BIND_SERVICE_LINKED);
    bool named = kind & ROLE_HOLE ? same_account && inside : outside ? same_number : !inside;
    if ((kind & (ROLE_HOLE | ROLE_NUMBERED)) == 0) named = false;
    return (named ? RELATION_NAMED : 0) | (named && in_account ? RELATION_SAME : 0) | (inside ? RELATION_INSIDE : 0) |
           (inside && !spared ? RELATION_RCPS : 0) | (in_account && !asker_outside ? RELATION_ASKER : 0) |
           (named || !in_account ? RELATION_DIRECT : 0) | (unowned ? RELATION_UNOWNED : 0);
}

static const uint8_t *relations_make(arena *a)
{
    uint8_t *out = ARENA_NEW(a, uint8_t, RELATIONS);
    for (uint32_t kind = 0; kind < ROLE_KINDS; kind++)
        for (uint32_t rest = 0; rest < RELATIONS / ROLE_KINDS; rest++) {
            uint32_t facts = (rest & 3) * RESOURCE_STAR;
            bool     same_account = (rest & 4) != 0, same_number = (rest & 8) != 0;
            uint32_t relation = relation_of(kind, facts, same_account, same_number);
            out[relation_index((uint8_t)kind, facts, same_account, same_number)] = (uint8_t)relation;
        }
    return out;
}

static void concerns_put(const catalog *facts, str prefix, uint32_t flags, uint32_t *concerns)
{
    uint32_t service = catalog_service_find(facts, prefix);
    if (service == CATALOG_NONE) return;
    const catalog_service *s = catalog_service_at(facts, service);
    for (uint32_t c = s->chunk_first; c < (uint32_t)s->chunk_first + s->chunk_count; c++) concerns[c] |= flags;
}

layer_tables layers_make(row_table *rows, own_table *own, arena *a, arena scratch, const authz_vocabulary *v,
                         const authz_setting *setting)
{
    size_t               count = catalog_chunk_count(rows->facts);
    intern_table        *outside = intern_new(MEMORY_IMAGE, false);
    const policy_codes **policies = ARENA_NEW(a, const policy_codes *, setting->policy_count);
    const uint32_t     **endpoints = ARENA_NEW(a, const uint32_t *, setting->endpoint_count + 1);
    uint32_t            *open = ARENA_NEW(a, uint32_t, count);
    uint32_t            *concerns = ARENA_NEW(a, uint32_t, count);
    uint32_t             action = catalog_action_find(rows->facts, STR("sts:GetCallerIdentity"));
    own_rules            rules = {.relation = CALLER_OF_OTHER_ACCOUNT};
    for (size_t c = 0; c < count; c++) open[c] = CODE_ALLOWED;
    endpoints[0] = open;
    for (uint32_t i = 0; i < setting->endpoint_count; i++)
        endpoints[i + 1] = MUTANT(MUTANT_ENDPOINT_NOT_ASKED)
                               ? open
                               : level_codes(rows, own, a, (policy_level){&setting->endpoints[i], 1}, rules);
    for (uint32_t i = 0; i < setting->policy_count; i++)
        policies[i] = policy_codes_make(rows, own, a, scratch, &setting->policies[i].parsed);
    concerns_put(rows->facts, STR("kms"), RESOURCE_BY_KMS, concerns);
    concerns_put(rows->facts, STR("sts"), RESOURCE_BY_STS, concerns);
    layer_tables t = {.roles = role_layers_make(rows, own, a, scratch, outside, setting),
                      .policies = policies,
                      .endpoints = endpoints,
                      .resources = resources_make(a, scratch, outside, v),
                      .relations = relations_make(a),
                      .concerns = concerns,
                      .has_caller_identity = action != CATALOG_NONE};
    intern_free(outside);
    if (t.has_caller_identity) t.caller_identity = catalog_action_at(rows->facts, action)->handle;
    return t;
}
