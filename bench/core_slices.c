#include "bench/core_slices.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/rng.h"
#include "bench/environment.h"

uint64_t core_draw_at(uint64_t seed, core_draw what, uint64_t n)
{
    return rng_at(seed ^ UINT64_C(0x626e63682f636f72), RNG_SAMPLE, (uint32_t)what, n);
}

/* ---- one slice ---- */

core_watch core_watch_start(void)
{
    core_watch w = {.cpu_ns = clock_cpu_ns()};
    w.wall_ns = clock_wall_ns();
    return w;
}

void core_watch_stop(core_watch started, uint64_t iterations, core_slice *out)
{
    out->wall_ns = clock_wall_ns() - started.wall_ns;
    out->cpu_ns = clock_cpu_ns() - started.cpu_ns;
    out->iterations = iterations;
}

static status task_run(core_task *t, uint32_t turn, err *e)
{
    core_slice slice = {0};
    TRY(t->run(t->context, turn == 0, &slice, e));
    if (slice.hash != slice.expected)
        return err_set(e, STATUS_INTERNAL,
                       "bench core: slice %" PRIu32 " of `%s` answered %016" PRIx64 ", expected %016" PRIx64, turn,
                       t->name, slice.hash, slice.expected);
    if (turn > 0) t->kept[turn - 1] = slice;
    return STATUS_OK;
}

/* ---- the order ---- */

/* How many slices a task of `slices` has had before round `round` of `rounds`: spread evenly. */
static uint32_t turns_before(uint32_t slices, uint32_t round, uint32_t rounds)
{
    return (uint32_t)((uint64_t)slices * round / rounds);
}

status core_slices_run(arena *a, core_task *tasks, uint32_t count, uint64_t seed, err *e)
{
    uint32_t  rounds = 0;
    uint32_t *order = ARENA_NEW(a, uint32_t, count);
    uint64_t  draw = 0;
    for (uint32_t i = 0; i < count; i++) {
        order[i] = i;
        tasks[i].kept = ARENA_NEW(a, core_slice, tasks[i].slices);
        if (tasks[i].slices > rounds) rounds = tasks[i].slices;
    }
    for (uint32_t i = 0; i < count; i++) TRY(task_run(&tasks[i], 0, e));
    for (uint32_t round = 0; round < rounds; round++) {
        for (uint32_t i = count; i > 1; i--) {
            uint32_t k = (uint32_t)rng_scale(core_draw_at(seed, CORE_DRAW_ORDER, draw++), i), swap = order[k];
            order[k] = order[i - 1];
            order[i - 1] = swap;
        }
        for (uint32_t i = 0; i < count; i++) {
            core_task *t = &tasks[order[i]];
            uint32_t   turn = turns_before(t->slices, round, rounds);
            if (turns_before(t->slices, round + 1, rounds) > turn) TRY(task_run(t, turn + 1, e));
        }
    }
    return STATUS_OK;
}

/* ---- statistics ---- */

static int double_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double sorted_median(double *values, uint32_t count)
{
    qsort(values, count, sizeof *values, double_order);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

core_spread core_spread_of(const double *values, uint32_t count, arena scratch)
{
    core_spread s = {0};
    double     *sorted = ARENA_NEW(&scratch, double, count);
    if (count == 0) return s;
    memcpy(sorted, values, count * sizeof *values);
    s.median = sorted_median(sorted, count);
    s.min = sorted[0];
    s.max = sorted[count - 1];
    for (uint32_t i = 0; i < count; i++) sorted[i] = values[i] > s.median ? values[i] - s.median : s.median - values[i];
    s.mad = sorted_median(sorted, count);
    return s;
}

core_spread core_spread_wall(const core_task *t, arena scratch)
{
    double *ns = ARENA_NEW(&scratch, double, t->slices);
    for (uint32_t i = 0; i < t->slices; i++) ns[i] = (double)t->kept[i].wall_ns / (double)t->kept[i].iterations;
    return core_spread_of(ns, t->slices, scratch);
}

core_spread core_spread_cpu(const core_task *t, arena scratch)
{
    double *ns = ARENA_NEW(&scratch, double, t->slices);
    for (uint32_t i = 0; i < t->slices; i++) ns[i] = (double)t->kept[i].cpu_ns / (double)t->kept[i].iterations;
    return core_spread_of(ns, t->slices, scratch);
}

static int u32_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void core_sort(uint32_t *values, size_t count)
{
    if (count > 0) qsort(values, count, sizeof *values, u32_order);
}

uint32_t core_quantile(const uint32_t *sorted, size_t count, uint64_t num, uint64_t den)
{
    if (count == 0) return 0;
    uint64_t rank = ((uint64_t)count * num + den - 1) / den; /* at least this many are no greater */
    return sorted[rank > 0 ? rank - 1 : 0];
}
