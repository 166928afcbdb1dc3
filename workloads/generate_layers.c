/* What requests meet beside the organization's policies: resources that have one of their own, those of accounts
 * outside, calls that name several resources, VPC endpoints. */
#include <assert.h>

#include "base/hash.h"
#include "workloads/generate_choosing.h"
#include "workloads/generate_text.h"

#define SEVERAL_NAMES_MAX 4u

/* ---- policies ---- */

status requests_make_policies(generate_requests *g)
{
    const profile_requests *r = &g->p->requests;
    str                     none = {0};
    g->policies = ARENA_NEW(&g->a, authz_resource_policy, r->policy_count);
    g->endpoints = ARENA_NEW(&g->a, const policy *, r->endpoint_count);
    for (uint32_t i = 0; i < r->policy_count; i++) {
        const profile_resource_policy *from = &r->policies[i];
        g->policies[i].name = from->name;
        TRY(profile_policy_parse(&g->a, from->name, from->text, from->trust ? POLICY_TRUST : POLICY_RESOURCE,
                                 org_id(g->view), none, &g->policies[i].parsed, g->e));
    }
    for (uint32_t i = 0; i < r->endpoint_count; i++)
        TRY(profile_policy_parse(&g->a, r->endpoints[i].id, r->endpoints[i].text, POLICY_ENDPOINT, org_id(g->view),
                                 none, &g->endpoints[i], g->e));
    return STATUS_OK;
}

/* ---- resources that have policies ---- */

typedef struct {
    authz_resource *known; /* by value, as g->known */
    size_t          count, capacity;
} known_resources;

/* A resource has one policy. */
static status resource_know(generate_requests *g, known_resources *k, uint16_t id, authz_resource r, str text)
{
    authz_resource nothing = {.policy = 0};
    while (k->count <= id) *ARENA_PUSH(&g->a, authz_resource, k->known, k->count, k->capacity) = nothing;
    uint16_t before = k->known[id].policy;
    if (before != 0 && before != r.policy)
        return err_set(g->e, STATUS_INVALID, "profile `%.*s`: resource `%.*s` has the policies `%.*s` and `%.*s`",
                       STR_FMT(g->p->name), STR_FMT(text), STR_FMT(g->policies[before - 1].name),
                       STR_FMT(g->policies[r.policy - 1].name));
    k->known[id] = r;
    authz_resource_set(g->v, id, r);
    return STATUS_OK;
}

static status policied_one(choosing *c, known_resources *k, uint32_t index, uint32_t type, str region, str name)
{
    generate_requests             *g = c->g;
    const profile_resource_policy *from = &g->p->requests.policies[index];
    arena                          here = *c->scratch;
    size_t                         hole;
    uint16_t                       id, owner = 0;
    str            text = choosing_text(&here, catalog_resource_at(g->facts, type)->arn, region, name, &hole);
    authz_resource r = {.policy = (uint16_t)(index + 1), .aws_managed_key = from->aws_managed_key};
    if (from->owner.len > 0) {
        r.outside = from->owner;
        if (hole != AUTHZ_NO_HOLE)
            text = arena_format(&here, "%.*s%.*s%.*s", (int)hole, text.ptr, STR_FMT(from->owner),
                                (int)(text.len - hole), text.ptr + hole);
        hole = AUTHZ_NO_HOLE;
        TRY(authz_value(g->v, g->owner_slot, from->owner, AUTHZ_NO_HOLE, &owner, g->e));
    }
    TRY(authz_value(g->v, AUTHZ_RESOURCE, text, hole, &id, g->e));
    TRY(resource_know(g, k, id, r, text));
    return choosing_id(c, id, owner);
}

static bool has_type(const profile_resource_policy *p, uint32_t type)
{
    for (uint32_t i = 0; i < p->type_count; i++)
        if (p->types[i] == type) return true;
    return false;
}

/* The run of a type over all policies: of the organization's own resources, or of those outside. */
static status policied_run(choosing *c, known_resources *k, uint32_t type, bool outside, resource_run *out)
{
    generate_requests      *g = c->g;
    const profile_requests *p = &g->p->requests;
    uint32_t                regions = choosing_kind(g->facts, type) == TYPE_REGIONAL ? g->region_count : 1;
    *out = (resource_run){.first = (uint32_t)c->id_count};
    for (uint32_t region = 0; region < regions; region++)
        for (uint32_t i = 0; i < p->policy_count; i++) {
            const profile_resource_policy *from = &p->policies[i];
            if (!has_type(from, type) || (from->owner.len > 0) != outside) continue;
            for (uint32_t n = 0; n < from->names.count; n++)
                TRY(policied_one(c, k, i, type, g->regions[region].base.name, from->names.items[n]));
            if (region > 0) continue;
            out->names += from->names.count;
            out->weight += from->weight;
        }
    if (out->names <= UINT8_MAX) return STATUS_OK;
    return err_set(g->e, STATUS_LIMIT, "profile `%.*s`: %u resources of type `%.*s` with policies, at most %u",
                   STR_FMT(g->p->name), out->names, STR_FMT(catalog_resource_at(g->facts, type)->name), UINT8_MAX);
}

static status policied_add(choosing *c, uint32_t action, uint32_t type, const resource_run *run, request_route route)
{
    bool           regional = choosing_kind(c->g->facts, type) == TYPE_REGIONAL;
    uint64_t       weight = c->g->actions.weight[action];
    request_choice choice = {.resource = run->first,
                             .names = (uint8_t)run->names,
                             .region_stride = regional ? (uint8_t)run->names : 0,
                             .flags = route == ROUTE_OUTSIDE ? CHOICE_OUTSIDE : 0,
                             .type = type};
    return run->names == 0 ? STATUS_OK : choosing_add(c, action, choice, route, weight, 0);
}

status choosing_policied(choosing *c)
{
    generate_requests      *g = c->g;
    const profile_requests *p = &g->p->requests;
    known_resources         k = {0};
    for (uint32_t i = 0; i < p->policy_count; i++)
        for (uint32_t t = 0; t < p->policies[i].type_count; t++) {
            uint32_t type = p->policies[i].types[t];
            if (c->policied[type].names == 0) TRY(policied_run(c, &k, type, false, &c->policied[type]));
            if (c->outside[type].names == 0) TRY(policied_run(c, &k, type, true, &c->outside[type]));
        }
    g->known = k.known;
    g->known_count = k.count;
    for (uint32_t i = 0; i < c->callable_count; i++) {
        uint32_t        action = c->callables[i].action;
        const uint32_t *types;
        uint32_t        count = choosing_types(catalog_action_at(g->facts, action), &types);
        for (uint32_t t = 0; t < count && c->callables[i].weight > 0; t++) {
            TRY(policied_add(c, action, types[t], &c->policied[types[t]], ROUTE_POLICY));
            TRY(policied_add(c, action, types[t], &c->outside[types[t]], ROUTE_OUTSIDE));
        }
    }
    return STATUS_OK;
}

/* ---- several resources ---- */

typedef struct {
    choosing          *c;
    const profile_key *tag; /* of a resource, drawn for each part; null: the profile has none */
    uint32_t           slot;
    uint16_t           values[PROFILE_VALUES_MAX];
    request_parts     *parts;
    size_t             count, capacity;
} several;

static status tag_find(several *s)
{
    generate_requests  *g = s->c->g;
    const profile_keys *keys = &g->p->requests.action_keys;
    for (uint32_t i = 0; i < keys->count && s->tag == NULL; i++)
        if (str_starts(keys->items[i].key, STR("aws:ResourceTag/"))) s->tag = &keys->items[i];
    if (s->tag == NULL) return STATUS_OK;
    TRY(requests_slot(g, s->tag->key, OWNER_ACTION_KEY, &s->slot));
    for (uint32_t i = 0; i < s->tag->values.count; i++)
        TRY(authz_value(g->v, s->slot, s->tag->values.items[i].text, AUTHZ_NO_HOLE, &s->values[i], g->e));
    return STATUS_OK;
}

/* The tag of one resource: by its weights, absent as often as the profile says. */
static uint16_t tag_of(const several *s, uint32_t type, uint32_t region, uint32_t name)
{
    const catalog_resource *r = catalog_resource_at(s->c->g->facts, type);
    uint32_t                key = catalog_key_find(s->c->g->facts, s->tag->key);
    uint64_t                u = hash_mix(type, (uint64_t)region << 32 | name), all = 0;
    bool                    listed = false;
    for (uint32_t i = 0; i < r->key_count; i++) listed = listed || r->keys[i] == key;
    if (!listed || !rng_chance(u, s->tag->present.num, s->tag->present.den)) return 0;
    for (uint32_t i = 0; i < s->tag->values.count; i++) all += s->tag->values.items[i].weight;
    uint64_t left = rng_scale(hash_mix(u, 1), all);
    uint32_t i = 0;
    while (left >= s->tag->values.items[i].weight) left -= s->tag->values.items[i++].weight;
    return s->values[i];
}

static status parts_add(several *s, const uint32_t *types, uint32_t type_count, uint32_t region, uint32_t name)
{
    choosing          *c = s->c;
    generate_requests *g = c->g;
    authz_part        *parts = ARENA_NEW(&g->a, authz_part, type_count);
    uint16_t           id;
    for (uint32_t i = 0; i < type_count; i++) {
        resource_run run = c->plain[types[i]];
        uint32_t     stride = c->kinds[types[i]] == TYPE_REGIONAL ? run.names : 0;
        parts[i].resource = c->ids[run.first + stride * region + (name + i) % run.names];
        if (s->tag == NULL) continue;
        parts[i].slot = (uint16_t)s->slot;
        parts[i].value = tag_of(s, types[i], region, (name + i) % run.names);
    }
    TRY(authz_parts_add(g->v, parts, type_count, &id, g->e));
    while (s->count <= id)
        *ARENA_PUSH(&g->a, request_parts, s->parts, s->count, s->capacity) = (request_parts){parts, type_count};
    return choosing_id(c, id, 0);
}

/* A call of the action with one resource of each of its required types. */
static status several_add(several *s, uint32_t action)
{
    choosing             *c = s->c;
    const catalog_action *x = catalog_action_at(c->g->facts, action);
    uint32_t              types[AUTHZ_PARTS_MAX], count = 0, names = 1, regions = 1;
    for (uint32_t i = 0; i < x->required_count && count < AUTHZ_PARTS_MAX; i++) {
        uint32_t type = x->resources[i];
        if (c->plain[type].names == 0) return STATUS_OK;
        types[count++] = type;
        names = c->plain[type].names > names ? c->plain[type].names : names;
        if (c->kinds[type] == TYPE_REGIONAL) regions = c->g->region_count;
    }
    if (count < 2) return STATUS_OK;
    names = names < SEVERAL_NAMES_MAX ? names : SEVERAL_NAMES_MAX;
    request_choice choice = {.action.flags = AUTHZ_SEVERAL,
                             .resource = (uint32_t)c->id_count,
                             .names = (uint8_t)names,
                             .region_stride = regions > 1 ? (uint8_t)names : 0,
                             .type = CATALOG_NONE};
    for (uint32_t r = 0; r < regions; r++)
        for (uint32_t n = 0; n < names; n++) TRY(parts_add(s, types, count, r, n));
    return choosing_add(c, action, choice, ROUTE_SEVERAL, c->g->actions.weight[action], 0);
}

status choosing_several(choosing *c)
{
    several s = {.c = c};
    bool    wanted = false;
    for (uint32_t i = 0; i < c->g->p->requests.mix_count; i++)
        wanted = wanted || c->g->p->requests.mixes[i].several.num > 0;
    if (!wanted) return STATUS_OK;
    TRY(tag_find(&s));
    for (uint32_t i = 0; i < c->callable_count; i++)
        if (c->callables[i].weight > 0) TRY(several_add(&s, c->callables[i].action));
    c->g->parts = s.parts;
    c->g->part_count = s.count;
    return STATUS_OK;
}
