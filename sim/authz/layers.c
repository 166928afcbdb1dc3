#include "authz/layers.h"

#include <assert.h>

#include "authz/case.h"
#include "authz/families.h"
#include "base/mutant.h"

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
        plans[i].unbound = role->service_linked || !caller_in_account(&who) || is_outside(role, &who);
        plans[i].identity = layered;
        if (needs_layers(role, &who)) continue;
        plans[i].identity = table_keep(&set, a, &scratch, row_of_level(rows, &temporary, &says), bytes);
    }
    intern_free(set.ids);
    return plans;
}

/* ---- the layers ---- */

static uint32_t *level_codes(row_table *rows, own_table *own, arena *a, policy_level level, own_rules rules)
{
    own_row says = own_row_of_level(own, level, rules);
    return row_of_level(rows, a, &says);
}

static const role_codes *role_codes_make(row_table *rows, own_table *own, arena *a, arena *scratch,
                                         const authz_role *role, table_set *set)
{
    size_t      count = catalog_chunk_count(rows->facts);
    caller      who = caller_of(role);
    arena       temporary = *scratch;
    own_rules   capping = {.caller_identity = true};
    role_codes *codes = ARENA_NEW(&temporary, role_codes, count);
    uint32_t *identity = level_codes(rows, own, &temporary, identity_of(role, &who), identity_rules(role, &who, false));
    uint32_t *boundary = NULL, *session = NULL;
    if (role->boundary != NULL && !MUTANT(MUTANT_BOUNDARY_NOT_ASKED))
        boundary = level_codes(rows, own, &temporary, (policy_level){&role->boundary, 1}, capping);
    if (role->session.count > 0 && !MUTANT(MUTANT_SESSION_NOT_ASKED))
        session = level_codes(rows, own, &temporary, role->session, capping);
    for (size_t c = 0; c < count; c++)
        codes[c] = (role_codes){identity[c], boundary == NULL ? CODE_ALLOWED : boundary[c],
                                session == NULL ? CODE_ALLOWED : session[c], 0};
    return table_keep(set, a, scratch, codes, count * sizeof *codes);
}

static const role_layers *role_layers_make(row_table *rows, own_table *own, arena *a, arena scratch,
                                           const authz_setting *setting)
{
    table_set    set = {.ids = intern_new(MEMORY_IMAGE, false)};
    role_layers *out = ARENA_NEW(a, role_layers, setting->role_count);
    for (uint32_t i = 0; i < setting->role_count; i++) {
        const authz_role *role = &setting->roles[i];
        caller            who = caller_of(role);
        out[i] = (role_layers){.codes = role_codes_make(rows, own, a, &scratch, role, &set),
                               .in_account = caller_in_account(&who),
                               .outside = is_outside(role, &who),
                               .signed_in = who.kind != CALLER_ANONYMOUS,
                               .service_linked = role->service_linked};
        if (role->hole == AUTHZ_NO_HOLE) out[i].account = who.account;
        out[i].has_account = role->hole != AUTHZ_NO_HOLE || who.account.len > 0;
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
    return (str_starts(vocabulary_arn_part(arn, 5), STR("key/")) ? RESOURCE_KMS_KEY : 0) |
           (authz_is_linked_role(arn) ? RESOURCE_LINKED : 0);
}

static const uint32_t *resources_make(arena *a, arena scratch, const authz_vocabulary *v)
{
    size_t    count = value_domain(v, AUTHZ_RESOURCE);
    uint32_t *out = ARENA_NEW(a, uint32_t, count);
    for (size_t id = 0; id < count; id++) {
        authz_resource r = vocabulary_resource(v, (uint32_t)id);
        out[id] = r.policy | (r.outside.ptr != NULL ? RESOURCE_OUTSIDE : 0);
        out[id] |= arn_flags(scratch, v, id);
        bool key = (out[id] & RESOURCE_KMS_KEY) != 0;
        if (key && r.aws_managed_key && !MUTANT(MUTANT_RCPS_BIND_AWS_KEYS)) out[id] |= RESOURCE_PASSED;
    }
    return out;
}

static void chunks_of(const catalog *facts, str prefix, uint16_t *first, uint16_t *end)
{
    uint32_t service = catalog_service_find(facts, prefix);
    *first = *end = 0;
    if (service == CATALOG_NONE) return;
    *first = catalog_service_at(facts, service)->chunk_first;
    *end = (uint16_t)(*first + catalog_service_at(facts, service)->chunk_count);
}

layer_tables layers_make(row_table *rows, own_table *own, arena *a, arena scratch, const authz_vocabulary *v,
                         const authz_setting *setting)
{
    size_t               count = catalog_chunk_count(rows->facts);
    const policy_codes **policies = ARENA_NEW(a, const policy_codes *, setting->policy_count);
    const uint32_t     **endpoints = ARENA_NEW(a, const uint32_t *, setting->endpoint_count + 1);
    uint32_t            *open = ARENA_NEW(a, uint32_t, count);
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
    layer_tables t = {.roles = role_layers_make(rows, own, a, scratch, setting),
                      .policies = policies,
                      .endpoints = endpoints,
                      .resources = resources_make(a, scratch, v),
                      .has_caller_identity = action != CATALOG_NONE};
    if (t.has_caller_identity) t.caller_identity = catalog_action_at(rows->facts, action)->handle;
    chunks_of(rows->facts, STR("kms"), &t.kms_first, &t.kms_end);
    chunks_of(rows->facts, STR("sts"), &t.sts_first, &t.sts_end);
    return t;
}
