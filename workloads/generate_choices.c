/* What requests may ask: (action, resource type) with its resources, by role, and what stray requests ask. */
#include <stdlib.h>

#include "policy/match.h"
#include "workloads/generate_requests.h"
#include "workloads/generate_text.h"

__extension__ typedef unsigned __int128 u128;

#define NAMES_STEPS         5u
#define NAMES_MAX           8u
#define RESOURCES_COMFORT   8000u /* fewer names beyond: policies tabulate over all resources */
#define RESOURCES_MAX       60000u
#define MANY_NAMES_SERVICES 12u /* most used services: the most names for each of their resource types */
#define SOME_NAMES_SERVICES 40u
#define REACH_UNIT          1024u
#define PATTERN_ACTIONS     16u /* of those that a pattern takes, so many stand for all */

/* ---- what the organization's SCPs deny ---- */

/* How many accounts each policy reaches. */
static uint64_t *policies_reach(arena *a, const org_view *v)
{
    uint32_t  nodes = org_node_count(v), accounts = org_account_count(v);
    uint64_t *below = ARENA_NEW(a, uint64_t, nodes), *reach = ARENA_NEW(a, uint64_t, org_policy_count(v));
    for (uint32_t i = 0; i < accounts; i++) {
        if (!org_account_exists(v, i)) continue;
        below[org_account_parent(v, i)]++;
        org_attachments scps = org_attached(v, ORG_TYPE_SCP, org_target_account(i));
        for (uint32_t k = 0; k < scps.count; k++) reach[scps.policies[k]]++;
    }
    for (uint32_t i = nodes; i-- > 0;) { /* children were created after their parents */
        if (!org_node_exists(v, i)) continue;
        if (i != ORG_ROOT) below[org_node_parent(v, i)] += below[i];
        org_attachments scps = org_attached(v, ORG_TYPE_SCP, org_target_node(i));
        for (uint32_t k = 0; k < scps.count; k++) reach[scps.policies[k]] += below[i];
    }
    return reach;
}

/* A pattern shares its weight among some of the actions that it takes, spread evenly. */
static void pattern_weigh(arena scratch, const catalog *facts, str pattern, uint64_t weight, uint64_t *weights)
{
    action_list list = actions_matching(&scratch, facts, pattern);
    uint32_t    count = list.count < PATTERN_ACTIONS ? list.count : PATTERN_ACTIONS;
    for (uint32_t i = 0; i < count; i++) weights[list.actions[(uint64_t)i * list.count / count]] += weight / count + 1;
}

/* Weight of each action among what Deny statements name: by the square of how many accounts they reach, as a request
 * comes from one account and should meet them. */
static uint64_t *denied_weights(arena *a, const generate_requests *g)
{
    arena           scratch;
    const org_view *v = g->view;
    uint64_t       *weights = ARENA_NEW(a, uint64_t, catalog_action_count(g->facts)), *reach;
    arena_init(&scratch, MEMORY_GENERAL);
    reach = policies_reach(&scratch, v);
    for (uint32_t i = 0; i < org_policy_count(v) && org_type_enabled(v, ORG_TYPE_SCP); i++) {
        const policy *p = org_policy_parsed(v, i);
        if (reach[i] == 0 || p == NULL || org_policy_type_at(v, i) != ORG_TYPE_SCP) continue;
        uint64_t weight = (uint64_t)((u128)reach[i] * reach[i] * REACH_UNIT / org_account_live(v));
        for (uint32_t k = 0; k < p->statement_count; k++) {
            const policy_statement *s = &p->statements[k];
            for (uint32_t n = 0; s->deny && !s->not_action && n < s->action_count; n++)
                pattern_weigh(scratch, g->facts, s->actions[n].text, weight, weights);
        }
    }
    arena_deinit(&scratch);
    return weights;
}

/* ---- choices ---- */

typedef enum { TYPE_UNUSABLE, TYPE_GLOBAL, TYPE_REGIONAL } type_kind;

typedef struct {
    generate_requests *g;
    arena             *scratch;
    const uint64_t    *denied;          /* [actions] */
    uint64_t          *weights, *stray; /* [choices] as ordinary requests; as what SCPs deny */
    size_t             count, capacity;
    uint32_t          *action;     /* [choices] */
    uint8_t           *kinds;      /* [resource types] type_kind */
    uint32_t           names_step; /* fewer names where resources would be too many */
    uint16_t          *ids;
    size_t             id_count, id_capacity;
} choosing;

typedef struct { /* an action that requests may call */
    uint64_t weight;
    uint32_t action;
} callable;

static int callable_cmp(const void *a, const void *b)
{
    const callable *x = a, *y = b;
    if (x->weight != y->weight) return x->weight > y->weight ? -1 : 1;
    return (x->action > y->action) - (x->action < y->action);
}

/* Ordinary actions and denied ones, what is asked most first. */
static callable *callables(const choosing *c, uint32_t *count)
{
    const generate_requests *g = c->g;
    callable                *list = ARENA_NEW(c->scratch, callable, catalog_action_count(g->facts));
    for (uint32_t i = 0; i < catalog_action_count(g->facts); i++)
        if (g->actions.weight[i] > 0 || c->denied[i] > 0) list[(*count)++] = (callable){g->actions.weight[i], i};
    qsort(list, *count, sizeof *list, callable_cmp);
    return list;
}

static uint32_t names_wanted(const choosing *c, uint32_t service)
{
    static const uint8_t steps[NAMES_STEPS][3] = {{8, 4, 2}, {8, 2, 1}, {4, 1, 1}, {2, 1, 1}, {1, 1, 1}};
    uint32_t             rank = c->g->actions.used_rank[service], known = c->g->p->requests.resource_names.count;
    uint32_t wanted = steps[c->names_step][rank < MANY_NAMES_SERVICES ? 0 : rank < SOME_NAMES_SERVICES ? 1 : 2];
    return wanted < known ? wanted : known;
}

static uint32_t type_regions(const choosing *c, uint32_t type)
{
    return c->kinds[type] == TYPE_REGIONAL ? c->g->region_count : 1;
}

static uint8_t *type_kinds(arena *a, const catalog *facts)
{
    uint8_t *kinds = ARENA_NEW(a, uint8_t, catalog_resource_count(facts));
    for (uint32_t i = 0; i < catalog_resource_count(facts); i++) {
        str shape = catalog_resource_at(facts, i)->arn;
        if (!resource_usable(facts, i)) continue;
        kinds[i] = memmem(shape.ptr, shape.len, "${Region}", 9) != NULL ? TYPE_REGIONAL : TYPE_GLOBAL;
    }
    return kinds;
}

/* How many resources there would be with the present number of names. */
static uint64_t resources_expected(const choosing *c, const callable *list, uint32_t count)
{
    const catalog *facts = c->g->facts;
    arena          scratch = *c->scratch;
    bitset         seen = bitset_new(&scratch, catalog_resource_count(facts));
    uint64_t       total = 0;
    for (uint32_t i = 0; i < count; i++) {
        const catalog_action *x = catalog_action_at(facts, list[i].action);
        for (uint32_t k = 0; k < x->resource_count; k++) {
            uint32_t type = x->resources[k];
            if (c->kinds[type] == TYPE_UNUSABLE || bitset_get(seen, type)) continue;
            bitset_set(seen, type);
            total += (uint64_t)names_wanted(c, catalog_resource_at(facts, type)->service) * type_regions(c, type);
        }
    }
    return total;
}

/* An ARN of the type: everything that is named gets `name`; *hole: where the account id goes. */
static str resource_text(arena *a, str shape, str region, str name, size_t *hole)
{
    text_builder t = {.a = a};
    uint32_t     colons = 0;
    *hole = AUTHZ_NO_HOLE;
    for (size_t i = 0; i < shape.len; i++) {
        colons += shape.ptr[i] == ':';
        size_t close = str_find(shape, '}', i);
        if (shape.ptr[i] == '*') {
            text_put(&t, name);
        } else if (shape.ptr[i] != '$' || close == shape.len) {
            text_put(&t, str_part(shape, i, 1));
        } else {
            str variable = str_part(shape, i + 2, close - i - 2);
            if (colons == 1)
                TEXT_PUT(&t, "aws");
            else if (str_is(variable, "Region"))
                text_put(&t, region);
            else if (colons == 4)
                *hole = t.len;
            else
                text_put(&t, name);
            i = close;
        }
    }
    return text_of(&t);
}

/* Ids of the type's resources, by region, then by name; where the first of them stands. */
static status type_resources(choosing *c, uint32_t type, uint32_t names, uint32_t *first)
{
    generate_requests  *g = c->g;
    const profile_list *all = &g->p->requests.resource_names;
    str                 shape = catalog_resource_at(g->facts, type)->arn;
    uint32_t            regions = type_regions(c, type), turn = type % all->count;
    *first = (uint32_t)c->id_count;
    for (uint32_t r = 0; r < regions; r++)
        for (uint32_t k = 0; k < names; k++) {
            arena    here = *c->scratch;
            size_t   hole;
            uint16_t id;
            str      name = all->items[(turn + k) % all->count];
            str      text = resource_text(&here, shape, g->regions[r].base.name, name, &hole);
            TRY(authz_value(g->v, AUTHZ_RESOURCE, text, hole, &id, g->e));
            *ARENA_PUSH(&g->a, uint16_t, c->ids, c->id_count, c->id_capacity) = id;
        }
    return STATUS_OK;
}

static status choice_add(choosing *c, uint32_t action, uint32_t type, uint32_t types, const uint32_t *first)
{
    generate_requests    *g = c->g;
    const catalog_action *x = catalog_action_at(g->facts, action);
    bool                  some = type != CATALOG_NONE;
    uint32_t              names = some ? names_wanted(c, catalog_resource_at(g->facts, type)->service) : 1;
    request_choice        choice = {.action = x->handle, .names = (uint8_t)names, .type = type};
    if (some) {
        choice.resource = first[type];
        choice.region_stride = c->kinds[type] == TYPE_REGIONAL ? (uint8_t)names : 0;
    }
    for (uint32_t i = 0; i < g->p->requests.global_count; i++)
        choice.global = choice.global || g->p->requests.global_services[i] == x->service;
    TRY(requests_extras(g, x, type, &choice.extras));
    size_t at = c->count;
    *ARENA_PUSH(&g->a, request_choice, g->choices, c->count, c->capacity) = choice;
    uint64_t weight = g->actions.weight[action];
    c->weights[at] = weight > 0 ? weight / types + 1 : 0;
    c->action[at] = action;
    c->stray[at] = c->denied[action] > 0 ? c->denied[action] / types + 1 : 0;
    return STATUS_OK;
}

/* The resource types that a call may name: required ones if there are any. */
static uint32_t usable_types(const choosing *c, const catalog_action *x, uint32_t *out, uint32_t room)
{
    uint32_t named = x->required_count > 0 ? x->required_count : x->resource_count, count = 0;
    for (uint32_t i = 0; i < named && count < room; i++)
        if (c->kinds[x->resources[i]] != TYPE_UNUSABLE) out[count++] = x->resources[i];
    return count;
}

#define TYPES_MAX 64u

static status choices_make(choosing *c, const callable *list, uint32_t count)
{
    generate_requests *g = c->g;
    uint32_t          *first = ARENA_NEW(c->scratch, uint32_t, catalog_resource_count(g->facts));
    size_t             most = 0;
    for (uint32_t i = 0; i < count; i++) most += 1 + catalog_action_at(g->facts, list[i].action)->resource_count;
    c->weights = ARENA_NEW(c->scratch, uint64_t, most);
    c->stray = ARENA_NEW(c->scratch, uint64_t, most);
    c->action = ARENA_NEW(c->scratch, uint32_t, most);
    *ARENA_PUSH(&g->a, uint16_t, c->ids, c->id_count, c->id_capacity) = 0;
    for (uint32_t i = 0; i < count; i++) {
        const catalog_action *x = catalog_action_at(g->facts, list[i].action);
        uint32_t              types[TYPES_MAX], usable = usable_types(c, x, types, TYPES_MAX), kept = 0;
        for (uint32_t k = 0; k < usable; k++) {
            uint32_t names = names_wanted(c, catalog_resource_at(g->facts, types[k])->service);
            if (first[types[k]] == 0 && c->id_count + (size_t)names * g->region_count > RESOURCES_MAX) continue;
            if (first[types[k]] == 0) TRY(type_resources(c, types[k], names, &first[types[k]]));
            types[kept++] = types[k];
        }
        if (x->resource_count == 0) TRY(choice_add(c, list[i].action, CATALOG_NONE, 1, first));
        for (uint32_t k = 0; k < kept; k++) TRY(choice_add(c, list[i].action, types[k], kept, first));
        g->actions_left_out += x->resource_count > 0 && kept == 0 && list[i].weight > 0;
    }
    g->choice_count = (uint32_t)c->count;
    g->resources = c->ids;
    g->resource_count = (uint32_t)c->id_count;
    return STATUS_OK;
}

/* ---- what a role may do ---- */

/* Whether a Resource list takes every resource of the choice. */
static bool resources_taken(const generate_requests *g, arena scratch, const policy *p, const policy_statement *s,
                            const request_choice *x)
{
    uint32_t regions = x->region_stride > 0 ? g->region_count : 1;
    for (uint32_t i = 0; i < s->resource_count && !s->not_resource; i++)
        if (str_is(s->resources[i].text, "*")) return true;
    for (uint32_t i = 0; i < regions * x->names; i++) {
        arena   here = scratch;
        request q = {.resource = STR("*")};
        bool    any = false;
        if (x->resource > 0)
            q.resource = authz_resource_text(&here, g->v, g->resources[x->resource + i], STR("123456789012"));
        for (uint32_t k = 0; k < s->resource_count && !any; k++)
            any = match_resource_pattern(&here, s->resources[k].text, &q, NULL, p->type, p->version_2012);
        if (any == s->not_resource) return false;
    }
    return true;
}

static void statement_actions(const generate_requests *g, arena scratch, const policy_statement *s, bitset out)
{
    for (uint32_t i = 0; i < s->action_count; i++) {
        arena       here = scratch;
        action_list list = actions_matching(&here, g->facts, s->actions[i].text);
        for (uint32_t k = 0; k < list.count; k++) bitset_set(out, list.actions[k]);
    }
    for (size_t i = 0; s->not_action && i < bitset_words(out.bit_count); i++) out.words[i] = ~out.words[i];
}

/* Choices that the identity policies allow for certain; a Deny under conditions or for some resources only is left to
 * be met. */
static void role_granted(const choosing *c, arena scratch, policy_level identity, bool root, bitset granted)
{
    const generate_requests *g = c->g;
    for (uint32_t turn = 0; turn < 2; turn++) /* allows, then denies */
        for (uint32_t i = 0; i < identity.count; i++)
            for (uint32_t k = 0; k < identity.policies[i]->statement_count; k++) {
                const policy_statement *s = &identity.policies[i]->statements[k];
                if (s->deny != (turn == 1) || s->clause_count > 0) continue;
                arena  here = scratch;
                bitset actions = bitset_new(&here, catalog_action_count(g->facts));
                statement_actions(g, here, s, actions);
                for (uint32_t n = 0; n < g->choice_count; n++) {
                    const request_choice *x = &g->choices[n];
                    if (!bitset_get(actions, c->action[n])) continue;
                    if (bitset_get(granted, n) != s->deny || !resources_taken(g, here, identity.policies[i], s, x))
                        continue;
                    if (s->deny)
                        bitset_clear(granted, n);
                    else
                        bitset_set(granted, n);
                }
            }
    for (uint32_t n = 0; root && n < g->choice_count; n++) bitset_set(granted, n);
}

static status table_of(choosing *c, const uint32_t *choices, const uint64_t *weights, uint32_t count,
                       choice_table_of *out)
{
    if (count == 0) return STATUS_OK;
    uint32_t *kept = ARENA_NEW(&c->g->a, uint32_t, count);
    memcpy(kept, choices, count * sizeof *kept);
    out->choices = kept;
    return choice_table(&c->g->a, weights, count, &out->alias, c->g->e);
}

typedef enum { ASKED_READ, ASKED_WRITE, ASKED_DENIED } asked;

/* The weight of a choice among what a role asks in this way. */
static uint64_t asked_weight(const choosing *c, asked how, uint32_t n)
{
    if (how == ASKED_DENIED) return c->stray[n];
    bool reads = action_reads(catalog_action_at(c->g->facts, c->action[n]));
    return reads == (how == ASKED_READ) ? c->weights[n] : 0;
}

static status role_tables_make(choosing *c, uint32_t role)
{
    generate_requests *g = c->g;
    request_role      *table = &g->role_tables[role];
    choice_table_of   *tables[] = {&table->reads, &table->writes, &table->denied};
    arena              here = *c->scratch;
    bitset             granted = bitset_new(&here, g->choice_count);
    uint32_t          *choices = ARENA_NEW(&here, uint32_t, g->choice_count);
    uint64_t          *weights = ARENA_NEW(&here, uint64_t, g->choice_count);
    role_granted(c, here, g->roles[role].identity, g->roles[role].root, granted);
    for (uint32_t how = 0; how < COUNTOF(tables); how++) {
        uint32_t count = 0;
        for (uint32_t n = 0; n < g->choice_count; n++) {
            uint64_t weight = bitset_get(granted, n) ? asked_weight(c, (asked)how, n) : 0;
            if (weight == 0) continue;
            choices[count] = n;
            weights[count++] = weight;
        }
        TRY(table_of(c, choices, weights, count, tables[how]));
    }
    if (table->reads.alias.count + table->writes.alias.count > 0) return STATUS_OK;
    return err_set(g->e, STATUS_INVALID, "profile `%.*s`: role `%.*s` may do nothing that requests could ask",
                   STR_FMT(g->p->name), STR_FMT(g->roles[role].name));
}

/* What strays may ask besides: anything, by ordinary weight. */
static status any_make(choosing *c)
{
    generate_requests *g = c->g;
    arena              here = *c->scratch;
    uint64_t          *weights = ARENA_NEW(&here, uint64_t, g->choice_count);
    uint32_t          *choices = ARENA_NEW(&here, uint32_t, g->choice_count), count = 0;
    for (uint32_t i = 0; i < g->choice_count; i++) {
        if (c->weights[i] == 0) continue;
        choices[count] = i;
        weights[count++] = c->weights[i];
    }
    return table_of(c, choices, weights, count, &g->any);
}

status requests_make_choices(generate_requests *g)
{
    arena    scratch;
    uint32_t count = 0;
    status   s;
    arena_init(&scratch, MEMORY_GENERAL);
    choosing c = {
        .g = g, .scratch = &scratch, .denied = denied_weights(&scratch, g), .kinds = type_kinds(&scratch, g->facts)};
    callable *list = callables(&c, &count);
    while (c.names_step + 1 < NAMES_STEPS && resources_expected(&c, list, count) > RESOURCES_COMFORT) c.names_step++;
    s = choices_make(&c, list, count);
    for (uint32_t i = 0; s == STATUS_OK && i < g->role_count; i++) s = role_tables_make(&c, i);
    if (s == STATUS_OK) s = any_make(&c);
    arena_deinit(&scratch);
    return s;
}
