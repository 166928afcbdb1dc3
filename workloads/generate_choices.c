/* What requests may ask: (action, resource type) with its resources, by role, and what stray requests ask. */
#include <stdlib.h>

#include "policy/match.h"
#include "workloads/generate_choosing.h"
#include "workloads/generate_text.h"

__extension__ typedef unsigned __int128 u128;

#define NAMES_STEPS         5u
#define NAMES_MAX           8u
#define RESOURCES_COMFORT   8000u /* fewer names beyond: policies tabulate over all resources */
#define MANY_NAMES_SERVICES 12u   /* most used services: the most names for each of their resource types */
#define SOME_NAMES_SERVICES 40u
#define REACH_UNIT          1024u
#define SHARE_BITS          24u
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

type_kind choosing_kind(const catalog *facts, uint32_t type)
{
    str shape = catalog_resource_at(facts, type)->arn;
    return memmem(shape.ptr, shape.len, "${Region}", 9) != NULL ? TYPE_REGIONAL : TYPE_GLOBAL;
}

static uint8_t *type_kinds(arena *a, const catalog *facts)
{
    uint8_t *kinds = ARENA_NEW(a, uint8_t, catalog_resource_count(facts));
    for (uint32_t i = 0; i < catalog_resource_count(facts); i++) {
        if (resource_usable(facts, i)) kinds[i] = (uint8_t)choosing_kind(facts, i);
    }
    return kinds;
}

/* How many resources there would be with the present number of names. */
static uint64_t resources_expected(const choosing *c)
{
    const catalog *facts = c->g->facts;
    arena          scratch = *c->scratch;
    bitset         seen = bitset_new(&scratch, catalog_resource_count(facts));
    uint64_t       total = 0;
    for (uint32_t i = 0; i < c->callable_count; i++) {
        const catalog_action *x = catalog_action_at(facts, c->callables[i].action);
        for (uint32_t k = 0; k < x->resource_count; k++) {
            uint32_t type = x->resources[k];
            if (c->kinds[type] == TYPE_UNUSABLE || bitset_get(seen, type)) continue;
            bitset_set(seen, type);
            total += (uint64_t)names_wanted(c, catalog_resource_at(facts, type)->service) * type_regions(c, type);
        }
    }
    return total;
}

str choosing_text(arena *a, str shape, str region, str name, size_t *hole)
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

status choosing_id(choosing *c, uint16_t id, uint16_t owner)
{
    if (c->id_count == CHOOSING_RESOURCES_MAX)
        return err_set(c->g->e, STATUS_LIMIT, "profile `%.*s`: more than %u resources", STR_FMT(c->g->p->name),
                       CHOOSING_RESOURCES_MAX);
    *ARENA_PUSH(&c->g->a, uint16_t, c->ids, c->id_count, c->id_capacity) = id;
    *ARENA_PUSH(&c->g->a, uint16_t, c->owners, c->owner_count, c->owner_capacity) = owner;
    return STATUS_OK;
}

/* Ids of the type's resources, by region, then by name. */
static status type_resources(choosing *c, uint32_t type, uint32_t names)
{
    generate_requests  *g = c->g;
    const profile_list *all = &g->p->requests.resource_names;
    str                 shape = catalog_resource_at(g->facts, type)->arn;
    uint32_t            regions = type_regions(c, type), turn = type % all->count;
    c->plain[type] = (resource_run){(uint32_t)c->id_count, names, 0};
    for (uint32_t r = 0; r < regions; r++)
        for (uint32_t k = 0; k < names; k++) {
            arena    here = *c->scratch;
            size_t   hole;
            uint16_t id;
            str      name = all->items[(turn + k) % all->count];
            str      text = choosing_text(&here, shape, g->regions[r].base.name, name, &hole);
            TRY(authz_value(g->v, AUTHZ_RESOURCE, text, hole, &id, g->e));
            TRY(choosing_id(c, id, 0));
        }
    return STATUS_OK;
}

status choosing_add(choosing *c, uint32_t action, request_choice choice, request_route route, uint64_t weight,
                    uint64_t stray)
{
    generate_requests    *g = c->g;
    const catalog_action *x = catalog_action_at(g->facts, action);
    uint8_t               flags = choice.action.flags;
    choice.action = x->handle;
    choice.action.flags |= flags;
    if (profile_service_is_global(g->p, x->service)) choice.flags |= CHOICE_GLOBAL;
    TRY(requests_extras(g, x, choice.type, &choice.extras));
    size_t at = c->count;
    *ARENA_PUSH(&g->a, request_choice, g->choices, c->count, c->capacity) = choice;
    c->weights[at] = weight;
    c->stray[at] = stray;
    c->route[at] = (uint8_t)route;
    c->action[at] = action;
    return STATUS_OK;
}

static status plain_add(choosing *c, uint32_t action, uint32_t type, uint32_t types)
{
    uint64_t       weight = c->g->actions.weight[action], denied = c->denied[action];
    request_choice choice = {.names = 1, .type = type};
    if (type != CATALOG_NONE) {
        choice.resource = c->plain[type].first;
        choice.names = (uint8_t)c->plain[type].names;
        choice.region_stride = c->kinds[type] == TYPE_REGIONAL ? choice.names : 0;
    }
    return choosing_add(c, action, choice, ROUTE_PLAIN, weight > 0 ? weight / types + 1 : 0,
                        denied > 0 ? denied / types + 1 : 0);
}

uint32_t choosing_types(const catalog_action *x, const uint32_t **out)
{
    *out = x->resources;
    return x->required_count > 0 ? x->required_count : x->resource_count;
}

static uint32_t usable_types(const choosing *c, const catalog_action *x, uint32_t *out, uint32_t room)
{
    const uint32_t *types;
    uint32_t        named = choosing_types(x, &types), count = 0;
    for (uint32_t i = 0; i < named && count < room; i++)
        if (c->kinds[types[i]] != TYPE_UNUSABLE) out[count++] = types[i];
    return count;
}

#define TYPES_MAX 64u

static status plain_make(choosing *c)
{
    generate_requests *g = c->g;
    for (uint32_t i = 0; i < c->callable_count; i++) {
        uint32_t              action = c->callables[i].action, types[TYPES_MAX], kept = 0;
        const catalog_action *x = catalog_action_at(g->facts, action);
        uint32_t              usable = usable_types(c, x, types, TYPES_MAX);
        for (uint32_t k = 0; k < usable; k++) {
            uint32_t names = names_wanted(c, catalog_resource_at(g->facts, types[k])->service);
            bool     fresh = c->plain[types[k]].names == 0;
            if (fresh && c->id_count + (size_t)names * g->region_count > CHOOSING_RESOURCES_MAX) continue;
            if (fresh) TRY(type_resources(c, types[k], names));
            types[kept++] = types[k];
        }
        if (x->resource_count == 0) TRY(plain_add(c, action, CATALOG_NONE, 1));
        for (uint32_t k = 0; k < kept; k++) TRY(plain_add(c, action, types[k], kept));
        g->actions_left_out += x->resource_count > 0 && kept == 0 && c->callables[i].weight > 0;
    }
    return STATUS_OK;
}

static status choices_make(choosing *c)
{
    generate_requests *g = c->g;
    size_t             most = 0;
    for (uint32_t i = 0; i < c->callable_count; i++)
        most += 2 + 3 * (size_t)catalog_action_at(g->facts, c->callables[i].action)->resource_count;
    c->weights = ARENA_NEW(c->scratch, uint64_t, most);
    c->stray = ARENA_NEW(c->scratch, uint64_t, most);
    c->route = ARENA_NEW(c->scratch, uint8_t, most);
    c->action = ARENA_NEW(c->scratch, uint32_t, most);
    TRY(choosing_id(c, 0, 0));
    TRY(plain_make(c));
    TRY(choosing_policied(c));
    TRY(choosing_several(c));
    g->choice_count = (uint32_t)c->count;
    g->resources = c->ids;
    g->resource_owners = c->owners;
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

/* A call that names several resources is allowed where each of them alone is. */
static void several_granted(const choosing *c, arena scratch, bitset granted)
{
    const generate_requests *g = c->g;
    bitset                   missing = bitset_new(&scratch, catalog_action_count(g->facts));
    for (uint32_t n = 0; n < g->choice_count; n++) {
        bool several = c->route[n] == ROUTE_SEVERAL;
        if (c->route[n] == ROUTE_PLAIN && !bitset_get(granted, n)) bitset_set(missing, c->action[n]);
        if (several && !bitset_get(missing, c->action[n])) bitset_set(granted, n);
    }
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
                    if (!bitset_get(actions, c->action[n]) || (x->action.flags & AUTHZ_SEVERAL) != 0) continue;
                    if (bitset_get(granted, n) != s->deny || !resources_taken(g, here, identity.policies[i], s, x))
                        continue;
                    if (s->deny)
                        bitset_clear(granted, n);
                    else
                        bitset_set(granted, n);
                }
            }
    for (uint32_t n = 0; root && n < g->choice_count; n++) bitset_set(granted, n);
    several_granted(c, scratch, granted);
}

/* Of what the policies allow the role asks only some; without policies of its own, all that it asks for. */
static void role_asks(const choosing *c, arena scratch, const profile_role *role, bitset granted)
{
    const generate_requests *g = c->g;
    bitset                   asked = bitset_new(&scratch, catalog_action_count(g->facts));
    bool                     nobody = role->kind == PROFILE_SERVICE || role->kind == PROFILE_ANONYMOUS;
    if (role->asks.count == 0) return;
    for (uint32_t i = 0; i < role->asks.count; i++) {
        arena       here = scratch;
        action_list list = actions_matching(&here, g->facts, role->asks.items[i]);
        for (uint32_t k = 0; k < list.count; k++) bitset_set(asked, list.actions[k]);
    }
    for (uint32_t n = 0; n < g->choice_count; n++) {
        if (!bitset_get(asked, c->action[n]))
            bitset_clear(granted, n);
        else if (nobody)
            bitset_set(granted, n);
    }
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
static uint64_t asked_weight(const choosing *c, asked how, request_route route, uint32_t n)
{
    if (c->route[n] != route) return 0;
    if (how == ASKED_DENIED) return c->stray[n];
    bool reads = action_reads(catalog_action_at(c->g->facts, c->action[n]));
    return reads == (how == ASKED_READ) ? c->weights[n] : 0;
}

/* Types that have policies share the requests by the profile's weights, whatever services are used most. */
static void share_by_type(const choosing *c, arena scratch, const resource_run *runs, const uint32_t *choices,
                          uint32_t count, uint64_t *weights)
{
    uint64_t *total = ARENA_NEW(&scratch, uint64_t, catalog_resource_count(c->g->facts));
    for (uint32_t i = 0; i < count; i++) total[c->g->choices[choices[i]].type] += weights[i];
    for (uint32_t i = 0; i < count; i++) {
        uint32_t type = c->g->choices[choices[i]].type;
        weights[i] = (uint64_t)(((u128)weights[i] << SHARE_BITS) / total[type]) * runs[type].weight + 1;
    }
}

static status role_table_make(choosing *c, bitset granted, arena here, asked how, request_route route,
                              choice_table_of *out)
{
    generate_requests *g = c->g;
    uint32_t          *choices = ARENA_NEW(&here, uint32_t, g->choice_count), count = 0;
    uint64_t          *weights = ARENA_NEW(&here, uint64_t, g->choice_count);
    for (uint32_t n = 0; n < g->choice_count; n++) {
        uint64_t weight = bitset_get(granted, n) ? asked_weight(c, how, route, n) : 0;
        if (weight == 0) continue;
        choices[count] = n;
        weights[count++] = weight;
    }
    if (route == ROUTE_POLICY) share_by_type(c, here, c->policied, choices, count, weights);
    if (route == ROUTE_OUTSIDE) share_by_type(c, here, c->outside, choices, count, weights);
    return table_of(c, choices, weights, count, out);
}

static status role_tables_make(choosing *c, uint32_t role)
{
    generate_requests *g = c->g;
    request_role      *table = &g->role_tables[role];
    arena              here = *c->scratch;
    bitset             granted = bitset_new(&here, g->choice_count);
    request_route      usual = table->foreign ? ROUTE_POLICY : ROUTE_PLAIN;
    role_granted(c, here, g->roles[role].identity, g->roles[role].root, granted);
    role_asks(c, here, &g->p->requests.roles[role], granted);
    for (request_route route = usual; route < ROUTE_COUNT; route++) {
        if (route == ROUTE_CROSS || (table->foreign && route != usual)) continue;
        TRY(role_table_make(c, granted, here, ASKED_READ, route, &table->reads[route]));
        TRY(role_table_make(c, granted, here, ASKED_WRITE, route, &table->writes[route]));
    }
    if (!table->foreign) TRY(role_table_make(c, granted, here, ASKED_DENIED, ROUTE_PLAIN, &table->denied));
    if (table->reads[usual].alias.count + table->writes[usual].alias.count > 0) return STATUS_OK;
    return err_set(g->e, STATUS_INVALID, "profile `%.*s`: role `%.*s` may do nothing that requests could ask%s",
                   STR_FMT(g->p->name), STR_FMT(g->roles[role].name),
                   table->foreign ? " of resources that have a policy" : "");
}

/* What strays may ask besides: anything, by ordinary weight. */
static status any_make(choosing *c)
{
    generate_requests *g = c->g;
    arena              here = *c->scratch;
    uint64_t          *weights = ARENA_NEW(&here, uint64_t, g->choice_count);
    uint32_t          *choices = ARENA_NEW(&here, uint32_t, g->choice_count), count = 0;
    for (uint32_t i = 0; i < g->choice_count; i++) {
        if (c->weights[i] == 0 || c->route[i] != ROUTE_PLAIN) continue;
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
    c.plain = ARENA_NEW(&scratch, resource_run, catalog_resource_count(g->facts));
    c.policied = ARENA_NEW(&scratch, resource_run, catalog_resource_count(g->facts));
    c.outside = ARENA_NEW(&scratch, resource_run, catalog_resource_count(g->facts));
    c.callables = callables(&c, &count);
    c.callable_count = count;
    while (c.names_step + 1 < NAMES_STEPS && resources_expected(&c) > RESOURCES_COMFORT) c.names_step++;
    s = choices_make(&c);
    for (uint32_t i = 0; s == STATUS_OK && i < g->role_count; i++) s = role_tables_make(&c, i);
    if (s == STATUS_OK) s = any_make(&c);
    arena_deinit(&scratch);
    return s;
}
