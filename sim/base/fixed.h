/* fixed.h - logarithm, exponential and power in integers, so that tables are the same on every machine.
 *
 * A `fixed` is a non-negative real as mantissa * 2^exponent with a mantissa in [2^63, 2^64), or zero (mantissa 0).
 * No operation uses floating point or libm. Relative error: of add, sub, mul, div and ratio <= 2^-62; of exp2,
 * exp_negative and ln_inverse <= 2^-58, near 1 too; of a power <= 2^-58 * (1 + power).
 * Limits: exponents stay within +-2^30; powers and arguments of exp are below 2^31. Both are asserts.
 */
#ifndef BASE_FIXED_H
#define BASE_FIXED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

typedef struct {
    uint64_t mantissa;
    int32_t  exponent;
} fixed;

fixed    fixed_of_u64(uint64_t v);
fixed    fixed_ratio(uint64_t num, uint64_t den); /* den > 0 */
fixed    fixed_mul(fixed a, fixed b);
fixed    fixed_div(fixed a, fixed b); /* b > 0   */
fixed    fixed_add(fixed a, fixed b);
fixed    fixed_sub(fixed a, fixed b); /* a >= b  */
int      fixed_cmp(fixed a, fixed b);
uint64_t fixed_to_u64(fixed v); /* nearest, ties up; saturates */

/* A signed real = whole + fraction / 2^64: what logarithms live in. */
typedef struct {
    int64_t  whole; /* floor */
    uint64_t fraction;
} fixed_log;
fixed_log fixed_log2(fixed v); /* v > 0; absolute error <= 2^-60, exact at powers of two */
fixed     fixed_exp2(fixed_log v);
fixed     fixed_pow(fixed base, fixed power);          /* base > 0; base^power   */
fixed     fixed_pow_negative(fixed base, fixed power); /* base > 0; base^(-power) */
fixed     fixed_exp_negative(fixed v);                 /* e^(-v) */
fixed     fixed_ln_inverse(fixed v);                   /* -ln(v) for 0 < v <= 1 */

/* "0.35", "12", "1/100" as an exact ratio in lowest terms where it fits u64/u64 before that; false otherwise. */
bool fixed_parse_ratio(str text, uint64_t *num, uint64_t *den);

#endif
