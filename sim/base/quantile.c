#include "base/quantile.h"

#include <assert.h>

#include "base/rng.h"

__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128          i128;

#define STEP_BITS   8            /* steps per octave of tail probability */
#define OCTAVES     52           /* from 2^-53 to 1/2                    */
#define TAIL_MIN    (1ull << 11) /* 2^-53 in units of 2^-64              */
#define KNOT_COUNT  ((OCTAVES << STEP_BITS) + 1)
#define VALUE_BITS  62 /* a knot with its fraction stays below 2^62 */
#define SPREAD_MAX  32 /* sigma, 1/shape                       */
#define POISSON_MAX (1u << 20)

typedef enum { UNIFORM, TAILS, POISSON, EMPIRICAL } quantile_kind;

struct quantile {
    quantile_kind kind;
    int64_t       min, max;
    uint64_t      mean_whole, mean_fraction;
    /* TAILS: knots[side][i], side 0 the lower tail; i rises with tail probability. */
    int64_t (*knots)[KNOT_COUNT];
    uint32_t fraction_bits; /* of a knot */
    /* POISSON, EMPIRICAL: step i serves u in [start[i], start[i + 1]); guide[j] is the step of u = j * 2^(64-bits). */
    uint32_t        step_count, guide_bits;
    const uint64_t *start;
    const uint32_t *guide;
    const int64_t  *value; /* EMPIRICAL: at start[i] */
    int64_t         first; /* POISSON: the count of step 0 */
};

/* knot + part / 2^64 without its bits of fraction, to the nearest. */
static int64_t round_value(const quantile *q, int64_t knot, i128 part)
{
    i128 value = ((i128)knot << 64) + part + ((i128)1 << (63 + q->fraction_bits));
    return (int64_t)(value >> 64) >> q->fraction_bits;
}

/* Tail probability t lies in the octave of its leading bit; the next eight bits are the step, the rest the place
 * within it. No branch depends on the draw: half of them would be predicted wrongly. */
static int64_t tails_at(const quantile *q, uint64_t u)
{
    uint32_t upper = (uint32_t)(u >> 63);
    uint64_t tail = upper ? ~u : u;
    tail = tail > TAIL_MIN ? tail : TAIL_MIN;
    uint32_t       zeros = (uint32_t)__builtin_clzll(tail);
    uint64_t       rest = tail << zeros << 1;
    uint32_t       octave = OCTAVES - zeros;
    const int64_t *knot = &q->knots[upper][(octave << STEP_BITS) + (uint32_t)(rest >> (64 - STEP_BITS))];
    return round_value(q, knot[0], (i128)(knot[1] - knot[0]) * (rest << STEP_BITS));
}

static uint32_t step_find(const quantile *q, uint64_t u)
{
    uint64_t cell = u >> (64 - q->guide_bits);
    uint32_t low = q->guide[cell], high = q->guide[cell + 1];
    while (low < high) {
        uint32_t middle = high - (high - low) / 2;
        if (q->start[middle] <= u)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static int64_t empirical_at(const quantile *q, uint64_t u)
{
    uint32_t i = step_find(q, u);
    if (i + 1 == q->step_count) return q->max;
    uint64_t width = q->start[i + 1] - q->start[i], rise = (uint64_t)(q->value[i + 1] - q->value[i]);
    return q->value[i] + (int64_t)(((u128)rise * (u - q->start[i]) + width / 2) / width);
}

int64_t quantile_at(const quantile *q, uint64_t u)
{
    switch (q->kind) {
    case TAILS: return tails_at(q, u);
    case POISSON: return q->first + step_find(q, u);
    case EMPIRICAL: return empirical_at(q, u);
    case UNIFORM: break;
    }
    return q->min + (int64_t)rng_scale(u, (uint64_t)(q->max - q->min) + 1);
}

int64_t quantile_min(const quantile *q)
{
    return q->min;
}

int64_t quantile_max(const quantile *q)
{
    return q->max;
}

void quantile_mean(const quantile *q, uint64_t *whole, uint64_t *fraction)
{
    *whole = q->mean_whole;
    *fraction = q->mean_fraction;
}

static quantile *quantile_new(arena *a, quantile_kind kind)
{
    quantile *q = ARENA_NEW(a, quantile, 1);
    q->kind = kind;
    return q;
}

/* The mean is twice_sum / 2 in units of 2^-64 * 2^-fraction_bits. */
static void mean_set(quantile *q, u128 twice_sum)
{
    u128 mean = twice_sum >> 1 >> q->fraction_bits;
    q->mean_whole = (uint64_t)(mean >> 64);
    q->mean_fraction = (uint64_t)mean;
}

static status value_check(int64_t value, const char *what, err *e)
{
    if (value < 0) return err_set(e, STATUS_INVALID, "%s is negative: %lld", what, (long long)value);
    if (value >= 1ll << VALUE_BITS) return err_set(e, STATUS_LIMIT, "%s is 2^62 or more: %lld", what, (long long)value);
    return STATUS_OK;
}

status quantile_constant(arena *a, int64_t value, quantile **out, err *e)
{
    return quantile_uniform(a, value, value, out, e);
}

status quantile_uniform(arena *a, int64_t min, int64_t max, quantile **out, err *e)
{
    TRY(value_check(min, "the least value", e));
    TRY(value_check(max, "the greatest value", e));
    if (min > max) return err_set(e, STATUS_INVALID, "the least value is above the greatest");
    quantile *q = quantile_new(a, UNIFORM);
    q->min = min;
    q->max = max;
    mean_set(q, (u128)(min + max) << 64);
    *out = q;
    return STATUS_OK;
}

/* -- Exponential, log-normal, Weibull: knots toward both tails ------------------------------------------------- */

/* Tail probability of knot i, in units of 2^-64. */
static uint64_t knot_tail(uint32_t i)
{
    uint64_t step = (i & ((1u << STEP_BITS) - 1)) + (1u << STEP_BITS);
    return step * (TAIL_MIN >> STEP_BITS) << (i >> STEP_BITS);
}

/* A table whose greatest value is `max`: as many bits of fraction as fit beside it. */
static status tails_new(arena *a, fixed max, quantile **out, err *e)
{
    int32_t spare = VALUE_BITS - 64 - max.exponent;
    if (max.mantissa > 0 && spare < 0) return err_set(e, STATUS_LIMIT, "the tail of the distribution reaches 2^62");
    quantile *q = quantile_new(a, TAILS);
    q->fraction_bits = max.mantissa == 0 || spare > VALUE_BITS - 1 ? VALUE_BITS - 1 : (uint32_t)spare;
    q->knots = arena_alloc(a, sizeof *q->knots, alignof(int64_t), 2);
    *out = q;
    return STATUS_OK;
}

/* Fills knot i of both tails; i rises. Where neighbours are closer than the error of the arithmetic, order wins. */
static void tails_set(quantile *q, uint32_t i, fixed lower, fixed upper)
{
    lower.exponent += (int32_t)q->fraction_bits;
    upper.exponent += (int32_t)q->fraction_bits;
    int64_t low = (int64_t)fixed_to_u64(lower), high = (int64_t)fixed_to_u64(upper);
    q->knots[0][i] = i > 0 && low < q->knots[0][i - 1] ? q->knots[0][i - 1] : low;
    q->knots[1][i] = i > 0 && high > q->knots[1][i - 1] ? q->knots[1][i - 1] : high;
}

static void tails_finish(quantile *q)
{
    u128 twice_sum = 0;
    for (uint32_t side = 0; side < 2; side++) {
        const int64_t *knot = q->knots[side];
        twice_sum += (u128)knot[0] * (2 * TAIL_MIN);
        for (uint32_t i = 0; i + 1 < KNOT_COUNT; i++)
            twice_sum += (u128)(knot[i] + knot[i + 1]) * (knot_tail(i + 1) - knot_tail(i));
    }
    q->min = round_value(q, q->knots[0][0], 0);
    q->max = round_value(q, q->knots[1][0], 0);
    mean_set(q, twice_sum);
}

status quantile_exponential(arena *a, int64_t mean, quantile **out, err *e)
{
    return quantile_weibull(a, mean, 1, 1, out, e);
}

/* scale * (-ln(1 - p))^(1/shape), with p or 1 - p exact, whichever is small. */
static fixed weibull_value(fixed scale, fixed power, uint64_t above)
{
    return fixed_mul(scale,
                     fixed_pow(fixed_ln_inverse(fixed_mul(fixed_of_u64(above), (fixed){1ull << 63, -127})), power));
}

status quantile_weibull(arena *a, int64_t scale, uint64_t shape_num, uint64_t shape_den, quantile **out, err *e)
{
    TRY(value_check(scale, "the scale", e));
    if (shape_num == 0 || shape_den == 0) return err_set(e, STATUS_INVALID, "the shape must be above 0");
    if ((u128)shape_num * SPREAD_MAX < shape_den)
        return err_set(e, STATUS_LIMIT, "the shape is below 1/%d", SPREAD_MAX);
    if (scale == 0) return quantile_constant(a, 0, out, e);
    fixed     size = fixed_of_u64((uint64_t)scale), power = fixed_ratio(shape_den, shape_num);
    quantile *q = NULL;
    TRY(tails_new(a, weibull_value(size, power, TAIL_MIN), &q, e));
    for (uint32_t i = 0; i < KNOT_COUNT; i++) {
        uint64_t tail = knot_tail(i);
        tails_set(q, i, weibull_value(size, power, -tail), weibull_value(size, power, tail));
    }
    tails_finish(q);
    *out = q;
    return STATUS_OK;
}

#define NORMAL_Q59   0x41ad214a33a946cd /* 8.2095361516...: the upper tail of the normal distribution is 2^-53 */
#define SQRT_2PI_Q62 0xa06c98ffb1382cb3u

static int64_t mul_q62(int64_t a, int64_t b)
{
    return (int64_t)((i128)a * b >> 62);
}

/* The normal quantile z(t) of upper tail t obeys dz/dt = -1 / density(z), so its Taylor series from t to t + h is a
 * polynomial in w = h / density(z) and z; of sixth order here, in a = z w and b = w^2, both below 2^-7. Marching from
 * the tail to the middle damps every error as the density grows: z keeps 48 bits and arrives at 0, which is checked. */
static int64_t normal_step(int64_t z_q59, uint64_t h)
{
    fixed z = fixed_of_u64((uint64_t)z_q59);
    z.exponent -= 59;
    fixed half_square = fixed_mul(z, z);
    half_square.exponent--;
    fixed   w = fixed_mul(fixed_of_u64(h), fixed_div((fixed){SQRT_2PI_Q62, -62}, fixed_exp_negative(half_square)));
    int64_t w_q62 = (int64_t)fixed_to_u64((fixed){w.mantissa, w.exponent - 2});

    int64_t a = (int64_t)((i128)z_q59 * w_q62 >> 59), b = mul_q62(w_q62, w_q62);
    int64_t a2 = mul_q62(a, a), a3 = mul_q62(a2, a), ab = mul_q62(a, b);
    int64_t fourth = 7 * mul_q62(b, b) + 46 * mul_q62(a2, b) + 24 * mul_q62(a2, a2);
    int64_t fifth = 127 * mul_q62(ab, b) + 326 * mul_q62(a3, b) + 120 * mul_q62(a3, a2);
    int64_t series = (1ll << 62) - a / 2 + (b + 2 * a2) / 6 - (7 * ab + 6 * a3) / 24 + fourth / 120 - fifth / 720;
    return z_q59 - (int64_t)(((i128)w_q62 * series + ((i128)1 << 64)) >> 65);
}

status quantile_lognormal(arena *a, int64_t median, uint64_t sigma_num, uint64_t sigma_den, quantile **out, err *e)
{
    TRY(value_check(median, "the median", e));
    if (sigma_den == 0) return err_set(e, STATUS_INVALID, "sigma has the denominator 0");
    if ((u128)sigma_den * SPREAD_MAX < sigma_num) return err_set(e, STATUS_LIMIT, "sigma is above %d", SPREAD_MAX);
    if (median == 0) return quantile_constant(a, 0, out, e);
    fixed     middle = fixed_of_u64((uint64_t)median), sigma = fixed_ratio(sigma_num, sigma_den);
    int64_t   z_q59 = NORMAL_Q59;
    quantile *q = NULL;
    for (uint32_t i = 0; i < KNOT_COUNT; i++) {
        if (i > 0) z_q59 = normal_step(z_q59, knot_tail(i) - knot_tail(i - 1));
        if (i + 1 == KNOT_COUNT) {
            assert(z_q59 < 1 << 11 && z_q59 > -(1 << 11));
            z_q59 = 0;
        }
        fixed z = fixed_of_u64((uint64_t)z_q59);
        z.exponent -= 59;
        fixed factor = fixed_exp_negative(fixed_mul(sigma, z));
        fixed upper = fixed_div(middle, factor);
        if (i == 0) TRY(tails_new(a, upper, &q, e));
        tails_set(q, i, fixed_mul(middle, factor), upper);
    }
    tails_finish(q);
    *out = q;
    return STATUS_OK;
}

/* -- Empirical, Poisson: steps found through a guide ------------------------------------------------------------ */

static void guide_make(arena *a, quantile *q)
{
    q->guide_bits = 1;
    while (1u << q->guide_bits < q->step_count) q->guide_bits++;
    uint32_t  cells = 1u << q->guide_bits, step = 0;
    uint32_t *guide = ARENA_NEW(a, uint32_t, cells + 1);
    for (uint32_t cell = 0; cell < cells; cell++) {
        uint64_t u = (uint64_t)cell << (64 - q->guide_bits);
        while (step + 1 < q->step_count && q->start[step + 1] <= u) step++;
        guide[cell] = step;
    }
    guide[cells] = q->step_count - 1;
    q->guide = guide;
}

static status knots_check(const quantile_knot *knots, uint32_t count, err *e)
{
    if (count == 0) return err_set(e, STATUS_INVALID, "no knots");
    if (count > QUANTILE_KNOTS_MAX)
        return err_set(e, STATUS_LIMIT, "%u knots, more than %u", count, QUANTILE_KNOTS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        const quantile_knot *k = &knots[i];
        if (k->p_den == 0 || k->p_num > k->p_den)
            return err_set(e, STATUS_INVALID, "knot %u: a probability outside 0 to 1", i + 1);
        if (value_check(k->value, "the value", e) != STATUS_OK) return err_wrap(e, "knot %u", i + 1);
        if (i == 0) continue;
        if ((u128)k->p_num * k[-1].p_den <= (u128)k[-1].p_num * k->p_den)
            return err_set(e, STATUS_INVALID, "knot %u: the probability does not rise", i + 1);
        if (k->value < k[-1].value) return err_set(e, STATUS_INVALID, "knot %u: the value falls", i + 1);
    }
    return STATUS_OK;
}

/* The user's knots, and one more at either end where they leave some room. */
status quantile_empirical(arena *a, const quantile_knot *knots, uint32_t count, quantile **out, err *e)
{
    TRY(knots_check(knots, count, e));
    quantile *q = quantile_new(a, EMPIRICAL);
    uint64_t *start = ARENA_NEW(a, uint64_t, count + 2);
    int64_t  *value = ARENA_NEW(a, int64_t, count + 2);
    uint32_t  n = 0;
    if (knots[0].p_num > 0) value[n++] = knots[0].value;
    for (uint32_t i = 0; i < count; i++, n++) {
        bool certain = knots[i].p_num == knots[i].p_den;
        start[n] = certain ? UINT64_MAX : (uint64_t)(((u128)knots[i].p_num << 64) / knots[i].p_den);
        value[n] = knots[i].value;
    }
    if (start[n - 1] < UINT64_MAX) {
        start[n] = UINT64_MAX;
        value[n] = value[n - 1];
        n++;
    }
    q->min = value[0];
    q->max = value[n - 1];
    q->step_count = n;
    q->start = start;
    q->value = value;
    guide_make(a, q);

    u128 twice_sum = 2 * (u128)q->max; /* of u = 2^64 - 1 alone */
    for (uint32_t i = 0; i + 1 < n; i++) twice_sum += (u128)(value[i] + value[i + 1]) * (start[i + 1] - start[i]);
    mean_set(q, twice_sum);
    *out = q;
    return STATUS_OK;
}

/* part / whole in units of 2^-64, rounded down, in two digits of 32 bits; part < whole < 2^96. */
static uint64_t fraction_of(u128 part, u128 whole)
{
    u128     scaled = part << 32;
    uint64_t high = (uint64_t)(scaled / whole);
    return high << 32 | (uint64_t)((scaled % whole << 32) / whole);
}

/* How likely counts are beside the likeliest, `mode`, whose term is 2^63: term(k + 1) = term(k) * mean / (k + 1).
 * Returns how many counts on one side of the mode have a term above zero, and writes them if asked. */
static uint32_t poisson_terms(fixed mean, uint64_t mode, bool up, uint64_t *at_mode)
{
    fixed    term = {1ull << 63, 0};
    uint32_t reach = 0;
    for (uint64_t k = mode; up || k > 0; up ? k++ : k--) {
        term = up ? fixed_mul(term, fixed_div(mean, fixed_of_u64(k + 1)))
                  : fixed_mul(term, fixed_div(fixed_of_u64(k), mean));
        uint64_t whole = fixed_to_u64(term);
        if (whole == 0) break;
        reach++;
        if (at_mode) *(up ? at_mode + reach : at_mode - reach) = whole;
    }
    return reach;
}

status quantile_poisson(arena *a, uint64_t mean_num, uint64_t mean_den, quantile **out, err *e)
{
    if (mean_den == 0) return err_set(e, STATUS_INVALID, "the mean has the denominator 0");
    if ((u128)mean_den * POISSON_MAX < mean_num) return err_set(e, STATUS_LIMIT, "the mean is above %u", POISSON_MAX);
    if (mean_num == 0) return quantile_constant(a, 0, out, e);
    fixed     mean = fixed_ratio(mean_num, mean_den);
    uint64_t  mode = mean_num / mean_den;
    uint32_t  below = poisson_terms(mean, mode, false, NULL), above = poisson_terms(mean, mode, true, NULL);
    quantile *q = quantile_new(a, POISSON);
    q->step_count = below + 1 + above;
    uint64_t *start = ARENA_NEW(a, uint64_t, q->step_count); /* the terms first */
    start[below] = 1ull << 63;
    poisson_terms(mean, mode, false, start + below);
    poisson_terms(mean, mode, true, start + below);

    u128 total = 0, sum = 0, beyond = 0;
    for (uint32_t i = 0; i < q->step_count; i++) total += start[i];
    for (uint32_t i = 0; i < q->step_count; i++) {
        uint64_t term = start[i];
        start[i] = fraction_of(sum, total);
        sum += term;
        if (i > 0) beyond += ((u128)1 << 64) - start[i]; /* the mean is the sum of the chances of i or more */
    }
    q->first = (int64_t)(mode - below);
    q->start = start;
    guide_make(a, q);
    q->min = quantile_at(q, 0); /* counts rarer than 2^-64 have no u */
    q->max = quantile_at(q, UINT64_MAX);
    mean_set(q, ((u128)(mode - below) << 65) + 2 * beyond);
    *out = q;
    return STATUS_OK;
}
