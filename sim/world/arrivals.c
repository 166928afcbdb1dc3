#include "world/arrivals.h"

#include <assert.h>

#include "base/rng.h"

#define SECOND_NS     UINT64_C(1000000000)
#define GRID_SHIFT    60
#define SLOT_SHIFT    7
#define CONSTANT_SLOT 64u /* arrivals read at once */

__extension__ typedef unsigned __int128 u128;

/* ---- rates ---- */

static uint32_t arrivals_of_step(const world_window *w)
{
    return w->arrival == WORLD_POISSON ? ARRIVAL_MEAN : 1;
}

/* False: so slow that the cell has none. */
static bool step_of(const arrival_table *t, uint32_t cell, uint32_t window, spacing *out)
{
    const world_window *w = &t->plan->windows[window];
    uint64_t            all = t->weight_before[t->cell_count], mine = t->plan->source.cell_weight[cell];
    if (w->rate_num == 0 || mine == 0) return false;
    return spacing_make(SECOND_NS * arrivals_of_step(w), w->rate_den, all, w->rate_num, mine, out);
}

static uint64_t grid_of(const arrival_table *t, uint32_t window, uint64_t *fresh)
{
    const world_window *all = t->plan->windows, *w = &all[window];
    for (uint32_t i = 0; i < window; i++)
        if ((u128)all[i].rate_num * w->rate_den == (u128)w->rate_num * all[i].rate_den) return t->grid[i];
    return (*fresh)++ % ARRIVAL_GRIDS << GRID_SHIFT;
}

static status window_check(const arrival_table *t, uint32_t window, err *e)
{
    const world_window *w = &t->plan->windows[window];
    bool                any = w->rate_num == 0;
    for (uint32_t cell = 0; cell < t->cell_count; cell++) {
        spacing step;
        if (!step_of(t, cell, window, &step)) continue;
        any = true;
        if (step.whole < SECOND_NS / ARRIVAL_RATE_MAX * arrivals_of_step(w))
            return err_set(e, STATUS_LIMIT, "window %u: cell %u gets more than %u requests per second", window, cell,
                           ARRIVAL_RATE_MAX);
    }
    if (any) return STATUS_OK;
    return err_set(e, STATUS_LIMIT, "window %u: no cell gets a request in 36 years", window);
}

status arrival_table_make(arena *a, const world_plan *plan, uint32_t cell_count, arrival_table *out, err *e)
{
    uint64_t fresh = 0;
    *out = (arrival_table){.plan = plan,
                           .cell_count = cell_count,
                           .weight_before = ARENA_NEW(a, uint64_t, cell_count + 1),
                           .grid = ARENA_NEW(a, uint64_t, plan->window_count)};
    TRY(quantile_poisson(a, ARRIVAL_MEAN, 1, &out->counts, e));
    assert(quantile_max(out->counts) <= ARRIVAL_SLOT_MAX);
    for (uint32_t i = 0; i < cell_count; i++)
        out->weight_before[i + 1] = out->weight_before[i] + plan->source.cell_weight[i];
    for (uint32_t w = 0; w < plan->window_count; w++) {
        out->grid[w] = grid_of(out, w, &fresh);
        TRY(window_check(out, w, e));
    }
    return STATUS_OK;
}

/* ---- one slot ---- */

#define BUCKETS_LOG2 5

/* Sorts draws, which are uniform: by their upper bits first, so that hardly anything is left for the insertion sort,
 * whose branches nobody can predict. */
static void sort(const uint64_t *from, uint64_t *to, uint32_t count)
{
    uint16_t end[1 << BUCKETS_LOG2] = {0}, sum = 0;
    for (uint32_t i = 0; i < count; i++) end[from[i] >> (64 - BUCKETS_LOG2)]++;
    for (uint32_t i = 0; i < COUNTOF(end); i++) end[i] = (sum = (uint16_t)(sum + end[i]));
    for (uint32_t i = count; i-- > 0;) to[--end[from[i] >> (64 - BUCKETS_LOG2)]] = from[i];
    for (uint32_t i = 1; i < count; i++) {
        uint64_t mine = to[i];
        uint32_t k = i;
        for (; k > 0 && to[k - 1] > mine; k--) to[k] = to[k - 1];
        to[k] = mine;
    }
}

/* A greater draw is a later time, so draws are sorted before they become times. */
static void poisson_read(arrival_reader *r)
{
    uint64_t seed = r->table->plan->seed, slot = r->cursor.slot, grid = r->table->grid[r->cursor.window];
    int64_t  begin = spacing_at(r->cursor.step, slot);
    uint64_t length = (uint64_t)(spacing_at(r->cursor.step, slot + 1) - begin);
    uint32_t count = (uint32_t)quantile_at(r->table->counts, rng_at(seed, RNG_ARRIVAL_COUNT, r->cell, grid + slot));
    uint64_t drawn[ARRIVAL_SLOT_MAX], sorted[ARRIVAL_SLOT_MAX];
    for (uint32_t i = 0; i < count; i += 2) { /* the last one may be a draw too many; ARRIVAL_SLOT_MAX is even */
        rng_pair u = rng_pair_at(seed, RNG_ARRIVAL_TIME, r->cell, grid + (slot << SLOT_SHIFT) + i / 2);
        drawn[i] = u.a;
        drawn[i + 1] = u.b;
    }
    sort(drawn, sorted, count);
    for (uint32_t i = 0; i < count; i++) r->at[i] = begin + (int64_t)rng_scale(sorted[i], length);
    r->count = count;
}

static int64_t phase_of(const arrival_reader *r)
{
    const world_window *w = &r->table->plan->windows[r->cursor.window];
    u128                before = (u128)SECOND_NS * w->rate_den * r->table->weight_before[r->cell];
    return (int64_t)(before / ((u128)w->rate_num * r->table->plan->source.cell_weight[r->cell]));
}

/* As spacing_at for each, but one division for all. */
static void constant_read(arrival_reader *r)
{
    spacing  step = r->cursor.step;
    uint64_t first = r->cursor.slot * CONSTANT_SLOT, part = (uint64_t)((u128)first * step.rest % step.den);
    int64_t  at = spacing_at(step, first) + phase_of(r);
    for (uint32_t i = 0; i < CONSTANT_SLOT; i++) {
        r->at[i] = at;
        bool carry = part >= step.den - step.rest;
        part = carry ? part - (step.den - step.rest) : part + step.rest;
        at += (int64_t)step.whole + carry;
    }
    r->count = CONSTANT_SLOT;
}

static void slot_read(arrival_reader *r)
{
    const world_window *w = &r->table->plan->windows[r->cursor.window];
    int64_t             end_ns = w->start_ns + w->length_ns;
    if (w->arrival == WORLD_POISSON)
        poisson_read(r);
    else
        constant_read(r);
    r->next = 0;
    while (r->count > 0 && r->at[r->count - 1] >= end_ns) r->count--;
    while (r->next < r->count && r->at[r->next] < w->start_ns) r->next++;
}

static int64_t slot_begin(const arrival_reader *r)
{
    if (r->table->plan->windows[r->cursor.window].arrival == WORLD_POISSON)
        return spacing_at(r->cursor.step, r->cursor.slot);
    return spacing_at(r->cursor.step, r->cursor.slot * CONSTANT_SLOT) + phase_of(r);
}

/* ---- reading on ---- */

static bool window_enter(arrival_reader *r)
{
    arrival_cursor     *c = &r->cursor;
    const world_window *w = &r->table->plan->windows[c->window];
    if (!step_of(r->table, r->cell, c->window, &c->step)) return false;
    int64_t phase = w->arrival == WORLD_POISSON ? 0 : phase_of(r);
    c->slot = w->start_ns <= phase ? 0 : spacing_index(c->step, w->start_ns - phase);
    if (w->arrival == WORLD_CONSTANT) c->slot /= CONSTANT_SLOT;
    c->inside = true;
    return true;
}

bool arrival_fill(arrival_reader *r)
{
    arrival_cursor   *c = &r->cursor;
    const world_plan *plan = r->table->plan;
    assert(r->next == r->count);
    while (c->window < plan->window_count) {
        const world_window *w = &plan->windows[c->window];
        bool                there = true;
        if (c->inside)
            c->slot++;
        else
            there = window_enter(r);
        if (there && slot_begin(r) < w->start_ns + w->length_ns) {
            slot_read(r);
            if (r->next < r->count) return true;
        } else {
            c->window++;
            c->inside = false;
        }
    }
    r->next = r->count = 0;
    return false;
}

void arrival_open(arrival_reader *r, const arrival_table *table, uint32_t cell, arrival_cursor cursor)
{
    r->table = table;
    r->cell = cell;
    r->cursor = cursor;
    r->next = r->count = 0;
    if (!cursor.inside) return;
    slot_read(r);
    assert(r->next <= cursor.taken && cursor.taken <= r->count);
    r->next = cursor.taken;
}

arrival_cursor arrival_close(const arrival_reader *r)
{
    arrival_cursor c = r->cursor;
    c.taken = r->next;
    return c;
}

/* ---- all of a cell ---- */

status world_arrivals(const world_plan *plan, uint32_t cell, uint64_t most, uint64_t *out, err *e)
{
    arena         a;
    arrival_table table;
    uint32_t      cells = 0;
    uint64_t      count = 0;
    arena_init(&a, MEMORY_GENERAL);
    for (uint32_t i = 0; i < plan->region_count; i++) cells += plan->regions[i].cell_count;
    assert(cell < cells);
    status s = arrival_table_make(&a, plan, cells, &table, e);
    if (s == STATUS_OK) {
        arrival_reader r;
        arrival_open(&r, &table, cell, (arrival_cursor){0});
        for (; count < most && (r.next < r.count || arrival_fill(&r)); r.next = r.count) count += r.count - r.next;
        *out = count < most ? count : most;
    }
    arena_deinit(&a);
    return s;
}
