/* core.h - `orgsim bench core`: the decision path alone, measured beside the hardware floor and the naive baseline.
 *
 * Method   requests are made outside the timed region; slices of all tasks are interleaved in a random order, each
 *          task's first slice is dropped, medians of slices are printed. Every task's answers are hashed and must equal
 *          those of authz_decide one by one; a sample is compared with the oracle. What differs is STATUS_INTERNAL.
 * Tax      what the harness itself takes (reading requests from memory, hashing answers) is measured and printed; from
 *          batches it is not subtracted. From chains and single samples the clock's cost is.
 * Figures  of this machine at this moment: they go to timing.json, never to results.json.
 * Memory   the arena given to core_run owns the result; the organization and the requests are freed before it returns.
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
/* Throughput against organization size, one row each: accounts,ous,scps,mode,ns_per_decision,decisions_per_second,
 * image_bytes. STATUS_INVALID when no sizes were swept. */
status core_write_sizes(const core_result *r, const char *path, err *e);
/* The measured time of single decisions as a quantile file (`orgsim.quantile/1`), for a scenario's service_time. */
status core_export_service_time(const core_result *r, const char *path, err *e);

#endif
