/* core.h - `orgsim bench core`: the decision path alone, measured beside the hardware floor and the naive baseline.
 *
 * Method   requests are made outside the timed region; batches are timed, the clock's own cost is subtracted; slices
 *          are interleaved over the modes and medians of slices are printed. Every mode's answers are hashed, and
 *          compared one by one with the oracle on a sample.
 * Figures  of this machine at this moment: they go to timing.json, never to results.json.
 */
#ifndef BENCH_CORE_H
#define BENCH_CORE_H

#include "bench/environment.h"

typedef struct {
    str      world; /* `small`, `large`, `quota`, `giant`            */
    uint64_t seed;
    uint64_t requests;      /* distinct requests prepared, e.g. 1 << 20      */
    uint32_t slices;        /* timed repetitions of every mode, interleaved  */
    uint64_t oracle_sample; /* decisions compared with the oracle            */
    bool     sizes;         /* also a sweep over organization sizes          */
    bool     quick;         /* tiny, for the tests                           */
} core_options;

typedef struct core_result core_result;

status core_run(arena *a, const core_options *options, core_result **out, err *e);
/* An object in google/benchmark's superset: context, benchmarks[], pairs[], floor[], memory. */
status core_write(const core_result *r, const environment *env, const char *path, err *e);
str    core_table(arena *a, const core_result *r, uint32_t columns); /* for the terminal */

#endif
