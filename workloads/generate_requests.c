#include "workloads/generate_requests.h"

#include "base/hash.h"
#include "base/rng.h"
#include "workloads/generate_text.h"

__extension__ typedef unsigned __int128 u128;

#define COIN_BITS    32
#define REGIONS_MAX  255u
#define DENIED_BELOW (UINT64_C(3) << (COIN_BITS - 2)) /* three of four strays ask for what SCPs deny */

/* More coins from one draw: what is added keeps them apart. */
#define MORE_ROUTE UINT64_C(0x726f757465)
#define MORE_OWNER UINT64_C(0x6f776e6572)

/* ---- one request ---- */

static inline void vector_or(context_vector *into, const context_vector *from)
{
    uint64_t a[sizeof *into / sizeof(uint64_t)], b[sizeof *into / sizeof(uint64_t)];
    memcpy(a, into, sizeof a);
    memcpy(b, from, sizeof b);
    for (size_t i = 0; i < COUNTOF(a); i++) a[i] |= b[i];
    memcpy(into, a, sizeof a);
}
_Static_assert(sizeof(context_vector) % sizeof(uint64_t) == 0, "whole words");

static inline void vector_draw(context_vector *into, const vector_table *t, uint64_t u)
{
    vector_or(into, &t->vectors[alias_draw(&t->alias, u)]);
}

uint64_t requests_stray_coin(const generate_requests *g, uint32_t cell, uint64_t n)
{
    return rng_pair_at(g->seed, RNG_REQUEST_CONTEXT, cell, n * 4).b >> COIN_BITS;
}

/* One request on its way through the tables. */
typedef struct {
    uint64_t               account_draw;
    uint32_t               role, account; /* between the draws: gcc would store two as one, by way of memory */
    uint64_t               choice_draw;
    const choice_table_of *from;
    uint64_t               session_draw;
    uint32_t               name, extras, choice; /* name and extras: draws of 32 bits */
    request_route          route;
} underway;

static inline void alias_prefetch(const alias_table *t, uint64_t u)
{
    __builtin_prefetch(&t->columns[rng_scale(u, t->count)]);
}

static inline request_route route_of(const request_mix *m, const request_role *role, uint64_t session_draw)
{
    request_route route = ROUTE_PLAIN;
    if (!role->foreign && m->route_below[ROUTE_SEVERAL] == 0) return ROUTE_PLAIN;
    uint64_t coin = hash_mix(session_draw, MORE_ROUTE) >> COIN_BITS;
    if (role->foreign) return coin < m->foreign_cross_below ? ROUTE_CROSS : ROUTE_POLICY;
    while (route < ROUTE_SEVERAL && coin >= m->route_below[route + 1]) route++;
    return route == ROUTE_SEVERAL ? ROUTE_PLAIN : route + 1;
}

/* What the role asks on its way; the other kind where it has none, the plain way where it has neither. */
static inline const choice_table_of *table_of_route(const request_role *role, request_route *route, bool reads)
{
    request_route          r = *route == ROUTE_CROSS ? ROUTE_POLICY : *route;
    const choice_table_of *first = reads ? &role->reads[r] : &role->writes[r],
                          *second = reads ? &role->writes[r] : &role->reads[r];
    if (first->alias.count > 0) return first;
    if (second->alias.count > 0) return second;
    *route = ROUTE_PLAIN;
    return reads ? &role->reads[ROUTE_PLAIN] : &role->writes[ROUTE_PLAIN];
}

static inline void request_begin(const generate_requests *g, const request_mix *m, uint32_t cell, uint64_t n,
                                 stray_choice stray, underway *out)
{
    rng_pair actor = rng_pair_at(g->seed, RNG_REQUEST_ACTOR, cell, n),
             action = rng_pair_at(g->seed, RNG_REQUEST_ACTION, cell, n),
             context = rng_pair_at(g->seed, RNG_REQUEST_CONTEXT, cell, n * 4);
    uint32_t role = alias_draw(&m->roles, actor.b);
    uint64_t coin = action.b >> COIN_BITS;
    bool     strays = stray == STRAY_ALWAYS || (stray == STRAY_BY_COIN && context.b >> COIN_BITS < m->stray_below);

    const request_role    *table = &g->role_tables[role];
    request_route          route = route_of(m, table, context.a);
    bool                   reads = coin < m->read_below[role];
    const choice_table_of *from = reads ? &table->reads[ROUTE_PLAIN] : &table->writes[ROUTE_PLAIN];
    if (strays && !table->foreign) {
        route = ROUTE_PLAIN;
        from = coin < DENIED_BELOW && table->denied.alias.count > 0 ? &table->denied : &g->any;
    }
    if (route != ROUTE_PLAIN) from = table_of_route(table, &route, reads);
    out->route = route;
    out->account_draw = actor.a;
    out->role = role;
    out->choice_draw = action.a;
    out->from = from;
    out->session_draw = context.a;
    out->name = (uint32_t)action.b;
    out->extras = (uint32_t)context.b;
}

/* Another account than the one that asks, any as likely as any other. */
static uint32_t other_account(const generate_requests *g, const underway *w)
{
    uint32_t at = (uint32_t)rng_scale(hash_mix(w->session_draw, MORE_OWNER), g->owner_count);
    if (g->owners[at] == w->account) at = at + 1 < g->owner_count ? at + 1 : 0;
    return g->owners[at];
}

static inline void request_end(const generate_requests *g, uint32_t region, const underway *w, authz_request *out)
{
    const request_role   *table = &g->role_tables[w->role];
    const request_choice *x = &g->choices[w->choice];
    context_vector        v = {0};
    vector_draw(&v, table->tags, hash_mix(hash_mix(g->seed, w->account), w->role));
    vector_draw(&v, &g->sessions[table->session], w->session_draw);
    vector_draw(&v, &g->extras[x->extras], (uint64_t)w->extras << COIN_BITS);
    uint32_t name = (uint32_t)((uint64_t)w->name * x->names >> COIN_BITS);
    uint32_t at = x->resource + (uint32_t)x->region_stride * region + name;
    uint16_t resource = g->resources[at], endpoint = v.value[AUTHZ_PRINCIPAL];
    memset(out, 0, offsetof(authz_request, value)); /* the padding too */
    out->account = out->owner = w->account;
    out->time_s = GENERATE_TIME_S;
    out->action.chunk = x->action.chunk;
    out->action.bit = x->action.bit;
    out->action.flags = (uint8_t)(x->action.flags | endpoint);
    if (w->route == ROUTE_CROSS) out->owner = other_account(g, w);
    /* Single values go over the vector where it lies: into `v` they would have to be waited for. */
    memcpy(out->value, v.value, sizeof out->value);
    out->value[g->region_slot] = x->flags & CHOICE_GLOBAL ? g->global_region : g->region_value[region];
    out->value[g->owner_slot] = x->flags & CHOICE_OUTSIDE ? g->resource_owners[at] : g->owner_inside;
    out->value[AUTHZ_RESOURCE] = resource;
    out->value[AUTHZ_PRINCIPAL] = (uint16_t)(w->role + 1);
    authz_request_seal(g->v, out);
}

/* In stages, so that the tables' lines are on their way while other requests are worked on. */
static void requests_many(const generate_requests *g, uint32_t mix, uint32_t cell, uint64_t first, uint32_t count,
                          stray_choice stray, authz_request *out)
{
    const request_cell *home = &g->cells[cell];
    const request_mix  *m = &g->mixes[mix];
    underway            w[AUTHZ_BATCH];
    assert(home->alias.count > 0 && count <= AUTHZ_BATCH);
    for (uint32_t i = 0; i < count; i++) {
        request_begin(g, m, cell, first + i, stray, &w[i]);
        alias_prefetch(&home->alias, w[i].account_draw);
        alias_prefetch(&w[i].from->alias, w[i].choice_draw);
    }
    for (uint32_t i = 0; i < count; i++) {
        w[i].account = alias_draw(&home->alias, w[i].account_draw);
        w[i].choice = alias_draw(&w[i].from->alias, w[i].choice_draw);
        __builtin_prefetch(&home->accounts[w[i].account]);
        __builtin_prefetch(&w[i].from->choices[w[i].choice]);
    }
    for (uint32_t i = 0; i < count; i++) {
        w[i].account = home->accounts[w[i].account];
        w[i].choice = w[i].from->choices[w[i].choice];
        __builtin_prefetch(&g->choices[w[i].choice]);
    }
    for (uint32_t i = 0; i < count; i++) request_end(g, home->region, &w[i], &out[i]);
}

void requests_one(const generate_requests *g, uint32_t mix, uint32_t cell, uint64_t n, stray_choice stray,
                  authz_request *out)
{
    requests_many(g, mix, cell, n, 1, stray, out);
}

static void requests_fill(const void *context, uint32_t mix, uint32_t cell, uint64_t first, uint32_t count,
                          authz_request *out)
{
    const generate_requests *g = context;
    assert(mix < g->mix_count && cell < g->cell_count);
    requests_many(g, mix, cell, first, count, STRAY_BY_COIN, out);
}

/* ---- mixes ---- */

static uint64_t coin_of(profile_ratio r)
{
    return (uint64_t)(((u128)r.num << COIN_BITS) / r.den);
}

static status make_mix(generate_requests *g, const profile_mix *from, request_mix *out)
{
    out->read_below = ARENA_NEW(&g->a, uint64_t, g->role_count);
    for (uint32_t i = 0; i < g->role_count; i++) {
        const request_role *table = &g->role_tables[i];
        const profile_role *role = &g->p->requests.roles[i];
        profile_ratio       reads = role->reads_given ? role->reads : from->reads;
        out->read_below[i] = coin_of(reads);
        if (table->foreign) continue;
        if (table->writes[ROUTE_PLAIN].alias.count == 0) out->read_below[i] = UINT64_C(1) << COIN_BITS;
        if (table->reads[ROUTE_PLAIN].alias.count == 0) out->read_below[i] = 0;
    }
    out->route_below[ROUTE_POLICY] = coin_of(from->with_policy);
    out->route_below[ROUTE_CROSS] = out->route_below[ROUTE_POLICY] + coin_of(from->cross_account);
    out->route_below[ROUTE_OUTSIDE] = out->route_below[ROUTE_CROSS] + coin_of(from->outside_owner);
    out->route_below[ROUTE_SEVERAL] = out->route_below[ROUTE_OUTSIDE] + coin_of(from->several);
    out->foreign_cross_below = coin_of(from->cross_account);
    return choice_table(&g->a, from->role_weight, g->role_count, &out->roles, g->e);
}

static status make_mixes(generate_requests *g)
{
    g->mix_count = g->p->requests.mix_count;
    g->mixes = ARENA_NEW(&g->a, request_mix, g->mix_count);
    for (uint32_t i = 0; i < g->mix_count; i++) TRY(make_mix(g, &g->p->requests.mixes[i], &g->mixes[i]));
    return STATUS_OK;
}

/* ---- life ---- */

static status check_regions(generate_requests *g)
{
    uint64_t cells = 0;
    if (g->region_count == 0) return err_set(g->e, STATUS_INVALID, "requests need at least one region");
    if (g->region_count > REGIONS_MAX)
        return err_set(g->e, STATUS_LIMIT, "%u regions, at most %u", g->region_count, REGIONS_MAX);
    for (uint32_t i = 0; i < g->region_count; i++) {
        if (g->regions[i].base.cell_count == 0)
            return err_set(g->e, STATUS_INVALID, "region `%.*s` has no cell", STR_FMT(g->regions[i].base.name));
        cells += g->regions[i].base.cell_count;
    }
    if (cells > WORLD_CELLS_MAX)
        return err_set(g->e, STATUS_LIMIT, "%llu cells, at most %u", (unsigned long long)cells, WORLD_CELLS_MAX);
    g->cell_count = (uint32_t)cells;
    return STATUS_OK;
}

static status make(generate_requests *g)
{
    TRY(check_regions(g));
    actions_new(&g->a, g->p, g->facts, &g->actions);
    TRY(requests_make_context(g));
    TRY(requests_make_policies(g));
    TRY(requests_make_choices(g));
    TRY(make_mixes(g));
    TRY(requests_make_cells(g));
    return requests_calibrate(g);
}

status generate_requests_new(arena *a, const profile *p, const catalog *facts, const org_view *view,
                             const generate_region *regions, uint32_t region_count, uint64_t seed,
                             generate_requests **out, err *e)
{
    generate_requests *g = ARENA_NEW(a, generate_requests, 1);
    generate_region   *kept = ARENA_NEW(a, generate_region, region_count);
    for (uint32_t i = 0; i < region_count; i++) {
        kept[i] = regions[i];
        kept[i].base.name = arena_str(a, regions[i].base.name);
    }
    *g = (generate_requests){
        .p = p, .facts = facts, .view = view, .seed = seed, .regions = kept, .region_count = region_count, .e = e};
    arena_init(&g->a, MEMORY_WORLD);
    g->v = authz_vocabulary_new(facts);
    authz_organization(g->v, org_id(view));
    status s = make(g);
    g->e = NULL;
    if (s != STATUS_OK)
        generate_requests_free(g);
    else
        *out = g;
    return s;
}

void generate_requests_free(generate_requests *g)
{
    if (g == NULL) return;
    authz_vocabulary_free(g->v);
    arena_deinit(&g->a);
    g->v = NULL;
}

authz_vocabulary *generate_vocabulary(const generate_requests *g)
{
    return g->v;
}

authz_setting generate_setting(const generate_requests *g)
{
    return (authz_setting){.roles = g->roles,
                           .role_count = g->role_count,
                           .policies = g->policies,
                           .policy_count = g->p->requests.policy_count,
                           .endpoints = g->endpoints,
                           .endpoint_count = g->p->requests.endpoint_count};
}

world_source generate_source(const generate_requests *g)
{
    return (world_source){.context = g, .cell_weight = g->cell_weight, .requests = requests_fill};
}

generate_calibration generate_calibrated(const generate_requests *g, uint32_t mix)
{
    assert(mix < g->mix_count);
    return g->mixes[mix].calibration;
}
