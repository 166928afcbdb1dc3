/* run.c - world_run: the timeline first, then rounds of cells over it, then one result. */
#include <assert.h>

#include "engine/transport.h"
#include "world/cell.h"
#include "world/images.h"
#include "world/lag.h"
#include "world/merge.h"
#include "world/plan.h"

#define ROUND_CHANGES 32u /* changes that one round passes over at most */
#define CACHE_LINE    64u

typedef struct {
    arena         tables, metrics;
    change_log    log;
    arrival_table arrivals;
    image_range   images;
    stage         s;
    transport    *threads;
    void         *cells_block, *workers_block;
} run;

/* ---- making and freeing ---- */

/* Cells and workers stand on cache lines of their own; *block is what has to be freed. */
static void *aligned_new(memory_subsystem subsystem, size_t bytes, void **block)
{
    *block = memory_alloc(subsystem, bytes + CACHE_LINE);
    size_t beyond = (uintptr_t)*block % CACHE_LINE;
    return (unsigned char *)*block + (beyond == 0 ? 0 : CACHE_LINE - beyond);
}

static void cells_make(run *r)
{
    const world_plan *plan = r->s.plan;
    uint32_t          index = 0;
    r->s.cells = aligned_new(MEMORY_WORLD, r->s.cell_count * sizeof *r->s.cells, &r->cells_block);
    for (uint32_t region = 0; region < plan->region_count; region++)
        for (uint32_t i = 0; i < plan->regions[region].cell_count; i++, index++)
            r->s.cells[index] = (cell){.index = index,
                                       .region = region,
                                       .seen_next_ns = lag_visible(plan, &r->log, index, 1, TIME_BEGIN),
                                       .next_ns = TIME_BEGIN,
                                       .digest = digest_new()};
    assert(index == r->s.cell_count);
}

static void workers_make(run *r)
{
    const world_plan *plan = r->s.plan;
    r->s.worker_count = transport_threads(r->threads);
    r->s.workers = aligned_new(MEMORY_WORLD, r->s.worker_count * sizeof *r->s.workers, &r->workers_block);
    for (uint32_t i = 0; i < r->s.worker_count; i++) {
        worker *w = &r->s.workers[i];
        w->rows = ARENA_NEW(&r->metrics, row_memo, ROW_MEMOS);
        w->charges = ARENA_NEW(&r->metrics, charge, r->log.revision_last + 1);
        for (uint32_t k = 0; k <= r->log.revision_last; k++)
            w->charges[k] = (charge){.first_ns = TIME_END, .last_ns = TIME_BEGIN};
        w->response = ARENA_NEW(&r->metrics, hist *, plan->region_count);
        for (uint32_t k = 0; k < plan->region_count; k++) w->response[k] = merge_hist_times(&r->metrics, plan);
        w->waiting = merge_hist_times(&r->metrics, plan);
        w->decide = merge_hist_decide(&r->metrics);
    }
}

/* Bins of equal length that cover all windows. */
static void bins_make(stage *s)
{
    const world_plan *plan = s->plan;
    s->bin_ns = 1;
    if (plan->window_count == 0) return;
    const world_window *last = &plan->windows[plan->window_count - 1];
    s->bins_start_ns = plan->windows[0].start_ns;
    s->bin_ns = (last->start_ns + last->length_ns - s->bins_start_ns + WORLD_BINS - 1) / WORLD_BINS;
}

static void run_free(run *r)
{
    for (uint32_t i = 0; i < r->s.cell_count; i++) digest_free(r->s.cells[i].digest);
    memory_free(MEMORY_WORLD, r->cells_block);
    memory_free(MEMORY_WORLD, r->workers_block);
    transport_free(r->threads);
    images_deinit(&r->images);
}

/* ---- rounds ---- */

/* When the first request of all cells starts, and the oldest revision that any cell is at. */
static int64_t earliest(const stage *s, uint32_t *oldest)
{
    int64_t at_ns = TIME_END;
    *oldest = UINT32_MAX;
    for (uint32_t i = 0; i < s->cell_count; i++) {
        const cell *c = &s->cells[i];
        if (c->next_ns == TIME_END) continue;
        if (c->next_ns < at_ns) at_ns = c->next_ns;
        if (c->seen < *oldest) *oldest = c->seen;
    }
    return at_ns;
}

/* A round begins with the earliest request and passes over at most ROUND_CHANGES changes, so that few images are alive
 * and threads seldom wait for each other. */
static void rounds_run(run *r)
{
    stage   *s = &r->s;
    uint32_t newest = 0, oldest;
    s->end_ns = 0; /* no request starts before: cells only look ahead */
    transport_run(r->threads, s->cell_count, cell_run, s);
    for (;;) {
        int64_t begin_ns = earliest(s, &oldest);
        if (begin_ns == TIME_END || stage_stopped(s)) break;
        while (r->log.commit_ns[newest + 1] <= begin_ns) newest++;
        uint32_t left = r->log.revision_last - newest;
        uint32_t last = newest + (left < ROUND_CHANGES ? left : ROUND_CHANGES);
        s->end_ns = r->log.commit_ns[last + 1];
        images_move(&r->images, oldest, last);
        transport_run(r->threads, s->cell_count, cell_run, s);
        progress_report(s);
    }
}

/* Times are int64 in the result too. */
static status times_check(const stage *s, err *e)
{
    int64_t busy_ns = 0;
    for (uint32_t i = 0; i < s->cell_count; i++) {
        if (s->cells[i].overrun)
            return err_set(e, STATUS_LIMIT, "cell %u: its queue reaches beyond 2^62 ns of virtual time", i);
        if (__builtin_add_overflow(busy_ns, s->cells[i].counts.busy_ns, &busy_ns))
            return err_set(e, STATUS_LIMIT, "service times add up to more than 2^63 ns");
    }
    return STATUS_OK;
}

/* ---- all ---- */

static bool all_done(const stage *s)
{
    for (uint32_t i = 0; i < s->cell_count; i++)
        if (s->cells[i].next_ns != TIME_END) return false;
    return true;
}

static status run_all(run *r, arena *a, world_result *out, err *e)
{
    const world_plan *plan = r->s.plan;
    world_result      result = {.change_count = plan->step_count};
    result.changes = ARENA_NEW(a, world_change, plan->step_count);
    timeline_apply(a, plan, result.changes, &r->log);
    lag_report(a, plan, &r->log, r->s.cell_count, result.changes);
    images_init(&r->images, &r->tables, plan, r->log.revision_last);
    r->s.images = r->images.at;
    r->threads = transport_new(r->s.options->threads);
    cells_make(r);
    workers_make(r);
    bins_make(&r->s);
    rounds_run(r);
    result.complete = all_done(&r->s);
    result.revision_last = r->log.revision_last;
    result.images_built = r->images.built;
    result.first_image = r->images.first;
    status done = times_check(&r->s, e);
    if (done == STATUS_OK) {
        merge_result(a, &r->s, &result);
        done = merge_check(&r->s, &result, e);
    }
    if (done == STATUS_OK) *out = result;
    run_free(r);
    return done;
}

status world_run(arena *a, const world_plan *plan, const world_options *options, world_result *out, err *e)
{
    TRY(plan_check(plan, options, e));
    int64_t constant_ns = quantile_min(plan->service_time);
    run     r = {.s = {.plan = plan,
                       .options = options,
                       .log = &r.log,
                       .arrivals = &r.arrivals,
                       .cell_count = plan_cell_count(plan),
                       .expected = plan_expected(plan)}};
    if (constant_ns == quantile_max(plan->service_time)) r.s.service_constant_ns = constant_ns > 0 ? constant_ns : 1;
    arena_init(&r.tables, MEMORY_WORLD);
    arena_init(&r.metrics, MEMORY_METRICS);
    status done = arrival_table_make(&r.tables, plan, r.s.cell_count, &r.arrivals, e);
    if (done == STATUS_OK) done = run_all(&r, a, out, e);
    arena_deinit(&r.metrics);
    arena_deinit(&r.tables);
    return done;
}
