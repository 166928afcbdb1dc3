/* spacing.h - inside this room: points in time at equal steps of an exact rational length.
 *
 *   point k stands at  floor(k * length),  length = whole + rest / den ns
 *
 * Limits  length below SPACING_WHOLE_MAX, for spacing_index at least 1 ns; points up to 2^62 ns. The ratio is exact
 *         unless its reduced denominator is wider than 64 bits: then it is cut to 64, relative error <= 2^-63.
 */
#ifndef WORLD_SPACING_H
#define WORLD_SPACING_H

#include <stdbool.h>
#include <stdint.h>

#define SPACING_WHOLE_MAX (UINT64_C(1) << 60)

typedef struct {
    uint64_t whole, rest, den; /* rest < den */
} spacing;

/* length = a * b * c / (d * e), all at least 1, a * b * c < 2^127. False when it is not below SPACING_WHOLE_MAX. */
bool     spacing_make(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, spacing *out);
int64_t  spacing_at(spacing s, uint64_t k);
uint64_t spacing_index(spacing s, int64_t at_ns); /* greatest k whose point is <= at_ns; at_ns >= 0 */

#endif
