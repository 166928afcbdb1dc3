#include "world/lag.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mutant.h"
#include "base/rng.h"

int64_t lag_visible(const world_plan *plan, const change_log *log, uint32_t cell, uint32_t revision, int64_t before_ns)
{
    assert(revision >= 1);
    if (revision > log->revision_last) return TIME_END;
    int64_t draw = quantile_at(plan->lag, rng_at(plan->seed, RNG_LAG, revision, cell));
    if (MUTANT(MUTANT_LAG_IGNORED)) draw = 0;
    int64_t delivered_ns = log->commit_ns[revision] + draw;
    return delivered_ns > before_ns || MUTANT(MUTANT_FIFO_DROPPED) ? delivered_ns : before_ns;
}

static int lag_cmp(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The smallest of the sorted values with at least percent of all at or below it. */
static int64_t at_percent(const int64_t *sorted, uint32_t count, uint32_t percent)
{
    uint64_t needed = ((uint64_t)count * percent + 99) / 100;
    return sorted[needed == 0 ? 0 : needed - 1];
}

void lag_report(arena *a, const world_plan *plan, const change_log *log, uint32_t cell_count, world_change *changes)
{
    bool     keep = (uint64_t)cell_count * log->revision_last <= LAGS_KEPT_MAX;
    int64_t *seen_ns = memory_alloc(MEMORY_WORLD, cell_count * sizeof *seen_ns);
    int64_t *lags = memory_alloc(MEMORY_WORLD, cell_count * sizeof *lags);
    for (uint32_t cell = 0; cell < cell_count; cell++) seen_ns[cell] = TIME_BEGIN;
    for (uint32_t r = 1; r <= log->revision_last; r++) {
        world_change *change = &changes[log->step[r]];
        for (uint32_t cell = 0; cell < cell_count; cell++) {
            seen_ns[cell] = lag_visible(plan, log, cell, r, seen_ns[cell]);
            lags[cell] = seen_ns[cell] - log->commit_ns[r];
        }
        if (keep) {
            int64_t *kept = ARENA_NEW(a, int64_t, cell_count);
            memcpy(kept, lags, cell_count * sizeof *lags);
            change->lag_ns = kept;
        }
        qsort(lags, cell_count, sizeof *lags, lag_cmp);
        change->lag_50_ns = at_percent(lags, cell_count, 50);
        change->lag_99_ns = at_percent(lags, cell_count, 99);
        change->lag_100_ns = lags[cell_count - 1];
    }
    memory_free(MEMORY_WORLD, lags);
    memory_free(MEMORY_WORLD, seen_ns);
}
