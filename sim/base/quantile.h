/* quantile.h - random durations and counts from integer quantile tables: value = Q(u), u a u64 draw.
 *
 * u is a probability in units of 2^-64 from the lower tail. Exponential, log-normal and Weibull tables have knots at
 * 256 steps per octave of tail probability, from 2^-53 to 1/2 on either side; beyond, Q is constant. They interpolate
 * in integers, linearly.
 * Error   at a knot: relative <= 2^-40, or 2^-62 of the table's greatest value where that is more. Between knots,
 *         beside that, relative: exponential <= 2^-18; log-normal and Weibull <= 3 * (1 + c)^2 * 2^-19 with c = sigma
 *         and c = 1/shape. A result is then rounded to an integer.
 * Limits  values are >= 0 and below 2^62; sigma <= 32; shape >= 1/32; a Poisson mean <= 2^20. STATUS_LIMIT above,
 *         STATUS_INVALID for what makes no sense. A scale of 0 gives the constant 0.
 * Units   whatever the maker used, normally nanoseconds.
 */
#ifndef BASE_QUANTILE_H
#define BASE_QUANTILE_H

#include "base/arena.h"
#include "base/fixed.h"
#include "base/status.h"

#define QUANTILE_KNOTS_MAX (1u << 20)

typedef struct quantile quantile; /* immutable once made; any number of threads */

status quantile_constant(arena *a, int64_t value, quantile **out, err *e);
status quantile_uniform(arena *a, int64_t min, int64_t max, quantile **out, err *e);
status quantile_exponential(arena *a, int64_t mean, quantile **out, err *e);
/* Log-normal by median and sigma of ln (sigma = num/den); Weibull by scale and shape = num/den > 0. */
status quantile_lognormal(arena *a, int64_t median, uint64_t sigma_num, uint64_t sigma_den, quantile **out, err *e);
status quantile_weibull(arena *a, int64_t scale, uint64_t shape_num, uint64_t shape_den, quantile **out, err *e);
/* Knots (probability as ratio p_num/p_den strictly increasing in [0,1], value non-decreasing), linear between them and
 * constant outside; a probability of 1 is reached by the last u. */
typedef struct {
    uint64_t p_num, p_den;
    int64_t  value;
} quantile_knot;
status quantile_empirical(arena *a, const quantile_knot *knots, uint32_t count, quantile **out, err *e);
/* Counts of a Poisson distribution, mean = num/den: probabilities as multiples of 2^-64, each within 2^-50 of its size
 * or 2^-63. */
status quantile_poisson(arena *a, uint64_t mean_num, uint64_t mean_den, quantile **out, err *e);

int64_t quantile_at(const quantile *q, uint64_t u);
int64_t quantile_min(const quantile *q);
int64_t quantile_max(const quantile *q);
/* The mean of the table, before results are rounded to integers: whole + fraction / 2^64, cut to a multiple of 2^-64.
 * It is the sum over the table, hence what rates and theory should use, not the mean of the ideal distribution. */
void quantile_mean(const quantile *q, uint64_t *whole, uint64_t *fraction);

#endif
