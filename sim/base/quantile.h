/* quantile.h - random durations and counts from integer quantile tables: value = Q(u), u a u64 draw.
 *
 * u is a probability in units of 2^-64 from the LOWER tail; the upper tail reaches to 1 - 2^-53. Tables hold exact
 * knots (relative error <= 2^-40) spaced densely toward both tails and interpolate in integers. The mean of a table
 * is known exactly as a ratio of integers (for rates and for theory).
 * Units: whatever the maker used, normally nanoseconds.
 */
#ifndef BASE_QUANTILE_H
#define BASE_QUANTILE_H

#include "base/arena.h"
#include "base/fixed.h"
#include "base/status.h"

typedef struct quantile quantile; /* immutable once made; any number of threads */

status quantile_constant(arena *a, int64_t value, quantile **out, err *e);
status quantile_uniform(arena *a, int64_t min, int64_t max, quantile **out, err *e);
status quantile_exponential(arena *a, int64_t mean, quantile **out, err *e);
/* Log-normal by median and sigma of ln (sigma = num/den); Weibull by scale and shape = num/den. */
status quantile_lognormal(arena *a, int64_t median, uint64_t sigma_num, uint64_t sigma_den, quantile **out, err *e);
status quantile_weibull(arena *a, int64_t scale, uint64_t shape_num, uint64_t shape_den, quantile **out, err *e);
/* Knots (probability as ratio p_num/p_den strictly increasing in [0,1], value non-decreasing). */
typedef struct {
    uint64_t p_num, p_den;
    int64_t  value;
} quantile_knot;
status quantile_empirical(arena *a, const quantile_knot *knots, uint32_t count, quantile **out, err *e);
/* Counts of a Poisson distribution, mean = num/den <= 2^20. */
status quantile_poisson(arena *a, uint64_t mean_num, uint64_t mean_den, quantile **out, err *e);

int64_t quantile_at(const quantile *q, uint64_t u);
int64_t quantile_min(const quantile *q);
int64_t quantile_max(const quantile *q);

#endif
