/* analysis.h - derived figures of a run, in floating point: means, rates, expectations, intervals.
 *
 * Nothing here decides anything and nothing here reaches results.json.
 */
#ifndef BENCH_ANALYSIS_H
#define BENCH_ANALYSIS_H

#include "world/world.h"

/* Mean of Q(u)^2 over u, by the midpoint rule within each octave of either tail; relative error about 1e-5. */
double analysis_second_moment(const quantile *q);
double analysis_mean(const quantile *q);

/* What a single-server queue with Poisson arrivals makes of each cell in the long run, averaged over requests:
 * Pollaczek-Khinchine, W = lambda E[S^2] / (2 (1 - rho)). Null, or why it does not apply. */
const char *analysis_mean_waiting(const world_plan *plan, double *out_ns);

/* 95 % interval for the mean of a Poisson count that came out as n: Byar's approximation. From n = 5 on within 1 % of
 * the exact one; below that too wide, at n = 1 by half of the lower limit. */
typedef struct {
    double low, high;
} analysis_interval;
analysis_interval analysis_poisson(uint64_t n);

#endif
