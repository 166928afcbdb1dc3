/* core_slices.h - repeated timings: short slices of every task, interleaved in a random order.
 *
 * Why      a shared machine drifts, and neighbours come and go. Where every task has a slice in every stretch of the
 *          measurement, drift falls on all alike, and medians over slices compare.
 * Order    in each round every task that is due runs once; the order within a round is an addressed draw.
 * Warm-up  each task's first slice is run and dropped.
 * Answers  a slice says what it answered (a hash) and what it had to answer; a difference is STATUS_INTERNAL.
 * Memory   the arena given to core_slices_run owns the slices kept.
 */
#ifndef BENCH_CORE_SLICES_H
#define BENCH_CORE_SLICES_H

#include "base/arena.h"
#include "base/status.h"

typedef struct {
    uint64_t iterations;
    int64_t  wall_ns, cpu_ns; /* of all iterations together */
    uint64_t hash, expected;
    uint64_t apart; /* stretches that were interrupted: neither in the iterations nor in the times */
} core_slice;

typedef struct {
    const char *name;
    /* Runs one slice. dropped: the warm-up, of which the context must keep nothing. */
    status (*run)(void *context, bool dropped, core_slice *out, err *e);
    void       *context;
    uint32_t    slices; /* to keep              */
    core_slice *kept;   /* [slices], when it ran */
} core_task;

status core_slices_run(arena *a, core_task *tasks, uint32_t count, uint64_t seed, err *e);

/* What a slice measures: between these two stands nothing but the work. A slice takes milliseconds, so the reading of
 * the clock in it (some 30 ns) is left in. */
typedef struct {
    int64_t wall_ns, cpu_ns;
} core_watch;
core_watch core_watch_start(void);
void       core_watch_stop(core_watch started, uint64_t iterations, core_slice *out);

typedef struct {
    double median, min, max;
    double mad; /* median absolute deviation from the median */
} core_spread;

core_spread core_spread_of(const double *values, uint32_t count, arena scratch);
core_spread core_spread_wall(const core_task *t, arena scratch); /* ns per iteration */
core_spread core_spread_cpu(const core_task *t, arena scratch);
void        core_sort(uint32_t *values, size_t count);
/* The smallest of the values such that at least num/den of them are no greater; 0 when there are none. */
uint32_t core_quantile(const uint32_t *sorted, size_t count, uint64_t num, uint64_t den);

/* Draws of the measurement itself, on RNG_SAMPLE under a seed of their own: entity = what, n = serial. */
typedef enum { CORE_DRAW_ORDER, CORE_DRAW_ACCOUNT, CORE_DRAW_ORACLE, CORE_DRAW_CHANGE, CORE_DRAW_FLOOR } core_draw;
uint64_t core_draw_at(uint64_t seed, core_draw what, uint64_t n);

#endif
