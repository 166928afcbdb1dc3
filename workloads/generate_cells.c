/* Which accounts send requests to which cell, and how many. */
#include "base/rng.h"
#include "workloads/generate_requests.h"

__extension__ typedef unsigned __int128 u128;

#define ATTRIBUTE_ACTIVITY 2u /* of RNG_ORG_ACCOUNT: 0 and 1 are names */
#define SHARE_BITS         16u
#define REGION_BITS        20u /* with the next below 2^52, what world takes as the sum of weights */
#define CELL_BITS          31u

/* The accounts of the view, in order of activity: a shuffle. */
static uint32_t *accounts_by_activity(arena *a, const generate_requests *g, uint32_t *count)
{
    uint32_t  all = org_account_count(g->view), n = 0;
    uint32_t *order = ARENA_NEW(a, uint32_t, all);
    for (uint32_t i = 0; i < all; i++) {
        if (!org_account_exists(g->view, i)) continue;
        uint32_t at = (uint32_t)rng_scale(rng_at(g->seed, RNG_ORG_ACCOUNT, i, ATTRIBUTE_ACTIVITY), n + 1);
        order[n] = order[at];
        order[at] = i;
        n++;
    }
    *count = n;
    return order;
}

/* Regions' weights as parts of 2^20; none that had any weight has none. */
static status region_parts(const generate_requests *g, uint64_t *parts)
{
    u128 total = 0;
    for (uint32_t i = 0; i < g->region_count; i++) total += g->regions[i].weight;
    if (total == 0) return err_set(g->e, STATUS_INVALID, "no region has a weight");
    for (uint32_t i = 0; i < g->region_count; i++) {
        parts[i] = (uint64_t)(((u128)g->regions[i].weight << REGION_BITS) / total);
        if (parts[i] == 0 && g->regions[i].weight > 0) parts[i] = 1;
    }
    return STATUS_OK;
}

typedef struct {
    uint32_t  count;
    uint32_t *accounts; /* most active first */
    uint64_t *weights;
    uint8_t  *home;
    uint64_t *parts; /* [regions] */
    uint64_t  parts_sum;
} population;

/* An account's weight in a region: most of its requests come from its home, the rest by the regions' weights. */
static uint64_t weight_in(const generate_requests *g, const population *p, uint32_t i, uint32_t region)
{
    const profile_ratio home = g->p->requests.home_region;
    uint64_t            share = (uint64_t)(((u128)home.num << SHARE_BITS) / home.den),
             others = p->parts_sum - p->parts[p->home[i]];
    if (others == 0) share = UINT64_C(1) << SHARE_BITS;
    if (p->home[i] != region) {
        uint64_t rest = (UINT64_C(1) << SHARE_BITS) - share;
        share = others > 0 ? (uint64_t)((u128)rest * p->parts[region] / others) : 0;
    }
    return p->weights[i] * share;
}

static status make_cell(generate_requests *g, const population *p, const uint32_t *members, uint32_t count,
                        arena scratch, request_cell *cell, u128 *sum)
{
    uint64_t *weights = ARENA_NEW(&scratch, uint64_t, count);
    uint32_t *accounts = ARENA_NEW(&g->a, uint32_t, count);
    *sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        weights[i] = weight_in(g, p, members[i], cell->region);
        accounts[i] = p->accounts[members[i]];
        *sum += weights[i];
    }
    cell->accounts = accounts;
    if (*sum == 0) return STATUS_OK;
    return alias_init(&g->a, weights, count, scratch, &cell->alias, g->e);
}

/* The cells of a region: its requests are shared by the weights of their accounts. */
static status make_region(generate_requests *g, const population *p, uint32_t region, uint32_t first, arena scratch)
{
    uint32_t  cells = g->regions[region].base.cell_count;
    uint32_t *start = ARENA_NEW(&scratch, uint32_t, cells + 1), *members = ARENA_NEW(&scratch, uint32_t, p->count);
    u128     *sums = ARENA_NEW(&scratch, u128, cells), total = 0;
    for (uint32_t i = 0; i < p->count; i++) start[world_cell_in_region(p->accounts[i], cells) + 1]++;
    for (uint32_t c = 0; c < cells; c++) start[c + 1] += start[c];
    for (uint32_t i = 0; i < p->count; i++) members[start[world_cell_in_region(p->accounts[i], cells)]++] = i;
    for (uint32_t c = 0, begin = 0; c < cells; begin = start[c++]) {
        request_cell *cell = &g->cells[first + c];
        cell->region = region;
        TRY(make_cell(g, p, members + begin, start[c] - begin, scratch, cell, &sums[c]));
        total += sums[c];
    }
    for (uint32_t c = 0; c < cells && total > 0; c++) {
        uint64_t share = (uint64_t)((sums[c] << CELL_BITS) / total) * p->parts[region];
        g->cell_weight[first + c] = share == 0 && sums[c] > 0 ? 1 : share;
    }
    return STATUS_OK;
}

static status make_all(generate_requests *g, arena *scratch)
{
    population  p = {.parts = ARENA_NEW(scratch, uint64_t, g->region_count)};
    alias_table homes;
    TRY(region_parts(g, p.parts));
    for (uint32_t i = 0; i < g->region_count; i++) p.parts_sum += p.parts[i];
    p.accounts = accounts_by_activity(scratch, g, &p.count);
    g->owner_count = p.count;
    g->owners = ARENA_NEW(&g->a, uint32_t, p.count);
    memcpy(g->owners, p.accounts, p.count * sizeof *g->owners);
    if (p.count > TABLES_ZIPF_MAX)
        return err_set(g->e, STATUS_LIMIT, "%u accounts, requests come from at most %u", p.count, TABLES_ZIPF_MAX);
    p.weights = ARENA_NEW(scratch, uint64_t, p.count);
    p.home = ARENA_NEW(scratch, uint8_t, p.count);
    tables_zipf_weights(p.count, g->p->requests.account_zipf.num, g->p->requests.account_zipf.den, p.weights);
    uint64_t *parts = p.parts;
    TRY(alias_init(&g->a, parts, g->region_count, *scratch, &homes, g->e));
    for (uint32_t i = 0; i < p.count; i++)
        p.home[i] = (uint8_t)alias_draw(&homes, rng_at(g->seed, RNG_REGION, p.accounts[i], 0));
    for (uint32_t r = 0, first = 0; r < g->region_count; first += g->regions[r++].base.cell_count)
        TRY(make_region(g, &p, r, first, *scratch));
    return STATUS_OK;
}

status requests_make_cells(generate_requests *g)
{
    arena scratch;
    arena_init(&scratch, MEMORY_GENERAL);
    g->cells = ARENA_NEW(&g->a, request_cell, g->cell_count);
    g->cell_weight = ARENA_NEW(&g->a, uint64_t, g->cell_count);
    status s = make_all(g, &scratch);
    arena_deinit(&scratch);
    return s;
}
