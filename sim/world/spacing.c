#include "world/spacing.h"

#include <assert.h>

__extension__ typedef unsigned __int128 u128;

static void cancel(uint64_t *a, uint64_t *b)
{
    uint64_t x = *a, y = *b;
    while (y != 0) {
        uint64_t rest = x % y;
        x = y;
        y = rest;
    }
    *a /= x;
    *b /= x;
}

bool spacing_make(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, spacing *out)
{
    uint64_t *above[] = {&a, &b, &c}, *below[] = {&d, &e};
    assert(a > 0 && b > 0 && c > 0 && d > 0 && e > 0);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 2; k++) cancel(above[i], below[k]);
    u128 ab = (u128)a * b, num = ab * c, den = (u128)d * e;
    assert(ab <= ((u128)1 << 127) / c);
    for (; den >> 64 != 0; den >>= 1) num >>= 1;
    if (num / den >= SPACING_WHOLE_MAX) return false;
    *out = (spacing){(uint64_t)(num / den), (uint64_t)(num % den), (uint64_t)den};
    return true;
}

int64_t spacing_at(spacing s, uint64_t k)
{
    u128 at = (u128)k * s.whole + (u128)k * s.rest / s.den;
    assert(at <= (u128)1 << 62);
    return (int64_t)at;
}

/* The quotient is k itself or one less: point k is rounded down. */
uint64_t spacing_index(spacing s, int64_t at_ns)
{
    assert(at_ns >= 0);
    assert(s.whole >= 1);
    uint64_t k = (uint64_t)((u128)(uint64_t)at_ns * s.den / ((u128)s.whole * s.den + s.rest));
    while (spacing_at(s, k + 1) <= at_ns) k++;
    assert(spacing_at(s, k) <= at_ns);
    return k;
}
