#include "base/fixed.h"

#include <assert.h>

__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128          i128;

#define ONE_Q63   (1ull << 63)
#define SQRT2_Q63 0xb504f333f9de6484u
#define LN2_Q64   0xb17217f7d1cf79acu
#define LOG2E_Q63 0xb8aa3b295c17f0bbu /* and 64 bits more */
#define LOG2E_LOW 0xbe87fed0691d3e89u

#define EXPONENT_MAX (1 << 30)

static const fixed one = {ONE_Q63, -63};
static const fixed ln2 = {LN2_Q64, -64};
static const fixed log2e = {LOG2E_Q63 + 1, -63};

static uint64_t mul_high(uint64_t a, uint64_t b)
{
    return (uint64_t)((u128)a * b >> 64);
}

static u128 shifted(u128 v, int32_t by)
{
    if (by >= 0) return v << by;
    return by > -128 ? v >> -by : 0;
}

/* v * 2^exponent, to the nearest. */
static fixed normal(u128 v, int32_t exponent)
{
    if (v == 0) return (fixed){0, 0};
    uint64_t high = (uint64_t)(v >> 64);
    int32_t  zeros = high ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t)v);
    v <<= zeros;
    fixed out = {(uint64_t)(v >> 64), exponent + 64 - zeros};
    if ((uint64_t)v >= ONE_Q63 && ++out.mantissa == 0) {
        out.mantissa = ONE_Q63;
        out.exponent++;
    }
    assert(out.exponent < EXPONENT_MAX && out.exponent > -EXPONENT_MAX);
    return out;
}

fixed fixed_of_u64(uint64_t v)
{
    return normal(v, 0);
}

fixed fixed_ratio(uint64_t num, uint64_t den)
{
    return fixed_div(fixed_of_u64(num), fixed_of_u64(den));
}

fixed fixed_mul(fixed a, fixed b)
{
    return normal((u128)a.mantissa * b.mantissa, a.exponent + b.exponent);
}

fixed fixed_div(fixed a, fixed b)
{
    assert(b.mantissa > 0);
    int32_t up = a.mantissa < b.mantissa ? 64 : 63; /* makes a quotient of 64 bits */
    return normal(((u128)a.mantissa << up) / b.mantissa, a.exponent - b.exponent - up);
}

fixed fixed_add(fixed a, fixed b)
{
    if (fixed_cmp(a, b) < 0) return fixed_add(b, a);
    if (b.mantissa == 0) return a;
    return normal(((u128)a.mantissa << 63) + shifted((u128)b.mantissa << 63, b.exponent - a.exponent), a.exponent - 63);
}

fixed fixed_sub(fixed a, fixed b)
{
    assert(fixed_cmp(a, b) >= 0);
    if (b.mantissa == 0) return a;
    return normal(((u128)a.mantissa << 64) - shifted((u128)b.mantissa << 64, b.exponent - a.exponent), a.exponent - 64);
}

int fixed_cmp(fixed a, fixed b)
{
    if (a.mantissa == 0 || b.mantissa == 0) return (a.mantissa > 0) - (b.mantissa > 0);
    if (a.exponent != b.exponent) return a.exponent < b.exponent ? -1 : 1;
    return (a.mantissa > b.mantissa) - (a.mantissa < b.mantissa);
}

uint64_t fixed_to_u64(fixed v)
{
    if (v.mantissa == 0 || v.exponent < -64) return 0;
    if (v.exponent > 0) return UINT64_MAX;
    if (v.exponent == 0) return v.mantissa;
    if (v.exponent == -64) return 1; /* 0.5 or more */
    return (v.mantissa >> -v.exponent) + (v.mantissa >> (-v.exponent - 1) & 1);
}

/* ln(v) = whole * ln(2) + rest, or - rest: v = c * 2^whole with c in (1/sqrt(2), sqrt(2)], ln(c) = 2 atanh(z) with
 * z = (c - 1) / (c + 1), |z| < 0.1716. Both parts of z are exact, so the rest keeps its relative error near 1. */
static fixed log_parts(fixed v, int64_t *whole, bool *negative)
{
    assert(v.mantissa > 0);
    *negative = v.mantissa > SQRT2_Q63;
    *whole = (int64_t)v.exponent + (*negative ? 64 : 63);
    u128  unit = *negative ? (u128)1 << 64 : (u128)ONE_Q63;
    u128  above = *negative ? unit - v.mantissa : v.mantissa - unit;
    fixed z = fixed_div(normal(above, 0), normal(unit + v.mantissa, 0));

    fixed    square = fixed_mul(z, z);
    uint64_t square_q64 = fixed_to_u64((fixed){square.mantissa, square.exponent + 64});
    uint64_t series = 0; /* sum of z^(2k) / (2k + 1), k to 12: the next term is below 2^-70 */
    for (uint64_t k = 13; k-- > 0;) series = ONE_Q63 / (2 * k + 1) + mul_high(series, square_q64);
    return fixed_mul(z, (fixed){series, -62});
}

fixed_log fixed_log2(fixed v)
{
    int64_t  whole;
    bool     negative;
    fixed    rest = fixed_mul(log_parts(v, &whole, &negative), log2e);
    uint64_t fraction = fixed_to_u64((fixed){rest.mantissa, rest.exponent + 64});
    if (negative && fraction > 0) return (fixed_log){whole - 1, -fraction};
    return (fixed_log){whole, fraction};
}

fixed fixed_ln_inverse(fixed v)
{
    assert(fixed_cmp(v, one) <= 0);
    int64_t whole;
    bool    negative;
    fixed   rest = log_parts(v, &whole, &negative);
    fixed   octaves = fixed_mul(fixed_of_u64((uint64_t)-whole), ln2);
    return negative ? fixed_add(octaves, rest) : fixed_sub(octaves, rest);
}

/* 2^fraction = e^x by Taylor: x < ln(2), so the term after the 19th is below 2^-72. */
fixed fixed_exp2(fixed_log v)
{
    uint64_t x = mul_high(v.fraction, LN2_Q64), sum = ONE_Q63;
    for (uint64_t k = 19; k > 0; k--) sum = ONE_Q63 + mul_high(sum, x) / k;
    assert(v.whole < EXPONENT_MAX && v.whole > -EXPONENT_MAX);
    return (fixed){sum, (int32_t)v.whole - 63};
}

static fixed_log log_of_q64(i128 v)
{
    return (fixed_log){(int64_t)(v >> 64), (uint64_t)v};
}

/* power * log2(base) in units of 2^-64. */
static i128 power_log2(fixed base, fixed power)
{
    assert(power.mantissa == 0 || power.exponent < -32);
    fixed_log log = fixed_log2(base);
    uint64_t  size = log.whole < 0 ? (uint64_t)-log.whole : (uint64_t)log.whole;
    i128      whole = (i128)shifted((u128)size * power.mantissa, power.exponent + 64);
    i128      fraction = (i128)shifted((u128)log.fraction * power.mantissa, power.exponent);
    return (log.whole < 0 ? -whole : whole) + fraction;
}

fixed fixed_pow(fixed base, fixed power)
{
    return fixed_exp2(log_of_q64(power_log2(base, power)));
}

fixed fixed_pow_negative(fixed base, fixed power)
{
    return fixed_exp2(log_of_q64(-power_log2(base, power)));
}

/* e^-v = 2^-(v log2(e)), with log2(e) in 128 bits: a large v needs them for its fraction. */
fixed fixed_exp_negative(fixed v)
{
    assert(v.mantissa == 0 || v.exponent < -32);
    u128 product = (u128)v.mantissa * LOG2E_Q63 + mul_high(v.mantissa, LOG2E_LOW);
    return fixed_exp2(log_of_q64(-(i128)shifted(product, v.exponent + 1)));
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b > 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* "0.35" as 035/10^2. */
static bool parse_decimal(str text, size_t point, uint64_t *num, uint64_t *den)
{
    uint64_t whole, part, scale = 1;
    str      places = str_part(text, point + 1, text.len - point - 1);
    if (!str_to_u64(str_part(text, 0, point), &whole) || !str_to_u64(places, &part)) return false;
    for (size_t i = 0; i < places.len; i++)
        if (__builtin_mul_overflow(scale, 10u, &scale)) return false;
    if (__builtin_mul_overflow(whole, scale, &whole) || __builtin_add_overflow(whole, part, num)) return false;
    *den = scale;
    return true;
}

bool fixed_parse_ratio(str text, uint64_t *num, uint64_t *den)
{
    uint64_t n = 0, d = 1;
    size_t   slash = str_find(text, '/', 0), point = str_find(text, '.', 0);
    if (slash < text.len) {
        if (!str_to_u64(str_part(text, 0, slash), &n)) return false;
        if (!str_to_u64(str_part(text, slash + 1, text.len - slash - 1), &d) || d == 0) return false;
    } else if (point < text.len) {
        if (!parse_decimal(text, point, &n, &d)) return false;
    } else if (!str_to_u64(text, &n)) {
        return false;
    }
    uint64_t divisor = common_divisor(n, d);
    *num = n / divisor;
    *den = d / divisor;
    return true;
}
