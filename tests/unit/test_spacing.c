/* test_spacing.c - points at equal steps of a rational length, against arithmetic in 128 bits on the ratio as given. */
#include "world/spacing.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/rng.h"

__extension__ typedef unsigned __int128 u128;

static void lengths(void **state)
{
    (void)state;
    static const struct {
        uint64_t a, b, c, d, e, whole, rest, den;
    } rows[] = {
        {1, 1, 1, 1, 1, 1, 0, 1},
        {1000000000, 1, 3, 3, 1, 1000000000, 0, 1},
        {1000000000, 1, 1, 3, 1, 333333333, 1, 3},
        {6, 35, 1, 10, 4, 5, 1, 4},
        {1, 1, 1, 7, 1, 0, 1, 7},
        {UINT64_C(1) << 59, 1, 1, 1, 1, UINT64_C(1) << 59, 0, 1},
        /* a denominator of 66 bits is cut to 64 */
        {UINT64_C(3) << 34, UINT64_C(1) << 40, 1, (UINT64_C(1) << 33) + 1, (UINT64_C(1) << 32) + 1, 1535, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        spacing s;
        assert_true(spacing_make(rows[i].a, rows[i].b, rows[i].c, rows[i].d, rows[i].e, &s));
        if (rows[i].den == 0) {
            assert_true(s.den >> 63 == 1);
            assert_int_equal(s.whole, rows[i].whole);
            continue;
        }
        if (s.whole != rows[i].whole || s.rest != rows[i].rest || s.den != rows[i].den)
            fail_msg("row %zu: %" PRIu64 " + %" PRIu64 " / %" PRIu64, i, s.whole, s.rest, s.den);
    }
    spacing s;
    assert_false(spacing_make(UINT64_C(1) << 60, 1, 1, 1, 1, &s));
    assert_true(spacing_make((UINT64_C(1) << 60) - 1, 1, 1, 1, 1, &s));
    assert_false(spacing_make(UINT64_C(1) << 40, UINT64_C(1) << 40, 1, 3, 5, &s));
}

static void points_are_floors_and_indexes_their_inverse(void **state)
{
    (void)state;
    uint32_t tried = 0;
    for (uint64_t n = 0; n < 20000; n++) {
        rng_pair u = rng_pair_at(11, RNG_TEST, 0, 2 * n), v = rng_pair_at(11, RNG_TEST, 0, 2 * n + 1);
        uint64_t num = (u.a >> (u.b & 31)) | 1, den = (u.b >> 32 >> (u.b >> 5 & 31)) | 1;
        num >>= 10;
        spacing s;
        if (num / den == 0 || !spacing_make(num, 1, 1, den, 1, &s)) continue;
        tried++;
        uint64_t k = (uint64_t)((u128)(v.a >> (v.b & 63)) * den / num) >> 4; /* its point is below 2^60 */
        int64_t  at = spacing_at(s, k);
        assert_true((u128)at == (u128)k * num / den);
        assert_true(spacing_index(s, at) == k);
        assert_true(k == 0 || spacing_index(s, at - 1) == k - 1);
        assert_true(spacing_at(s, k + 1) > at);
        int64_t  time = (int64_t)(v.a >> 4);
        uint64_t of = spacing_index(s, time);
        assert_true(spacing_at(s, of) <= time && spacing_at(s, of + 1) > time);
    }
    assert_true(tried > 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths),
        cmocka_unit_test(points_are_floors_and_indexes_their_inverse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
