/* test_fixed.c - every operation against libm's long double, pinned results for machines that lack one, ratios. */
#include "base/fixed.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "base/rng.h"

#define CASES 20000

static long double real(fixed v)
{
    return ldexpl((long double)v.mantissa, v.exponent);
}

static long double real_log(fixed_log v)
{
    return (long double)v.whole + ldexpl((long double)v.fraction, -64);
}

/* A mantissa of any kind and an exponent that puts the value within 2^-span .. 2^span. */
static fixed any(uint64_t n, int32_t span)
{
    rng_pair draw = rng_pair_at(1, RNG_TEST, 0, n);
    uint64_t bits = n % 5 == 0 ? draw.a & draw.a << 20 : draw.a;
    return (fixed){bits | 1ull << 63, (int32_t)rng_scale(draw.b, 2 * (uint64_t)span) - span - 63};
}

static void near(const char *what, uint64_t n, long double got, long double want, int bits)
{
    if (!(fabsl(got - want) <= ldexpl(fabsl(want), -bits)))
        fail_msg("%s, case %" PRIu64 ": %.20Lg instead of %.20Lg, off by 2^%Lg", what, n, got, want,
                 log2l(fabsl(got - want) / fabsl(want)));
}

static void arithmetic_agrees_with_long_double(void **state)
{
    (void)state;
    if (LDBL_MANT_DIG < 64) skip();
    for (uint64_t n = 0; n < CASES; n++) {
        fixed a = any(2 * n, 60), b = any(2 * n + 1, 60);
        if (n % 3 == 0) b.exponent = a.exponent - (int32_t)(n % 2);
        near("mul", n, real(fixed_mul(a, b)), real(a) * real(b), 62);
        near("div", n, real(fixed_div(a, b)), real(a) / real(b), 62);
        near("add", n, real(fixed_add(a, b)), real(a) + real(b), 62);
        bool  less = fixed_cmp(a, b) < 0;
        fixed big = less ? b : a, small = less ? a : b;
        assert_true(less == (real(a) < real(b)));
        near("sub", n, real(fixed_sub(big, small)), real(big) - real(small), 62);
        near("sub of add", n, real(fixed_sub(fixed_add(big, small), small)), real(big), 60);
    }
}

static void logarithms_agree_with_libm(void **state)
{
    (void)state;
    if (LDBL_MANT_DIG < 64) skip();
    for (uint64_t n = 0; n < CASES; n++) {
        fixed       v = any(n, 100);
        long double got = real_log(fixed_log2(v)), want = log2l(real(v));
        if (!(fabsl(got - want) <= ldexpl(1, -60) + ldexpl(fabsl(want), -62))) fail_msg("log2, case %" PRIu64, n);

        fixed below = any(n, 70); /* 0 < v < 1, and 1 - v down to 2^-64 */
        if (below.exponent > -64) below.exponent = -64;
        near("ln", n, real(fixed_ln_inverse(below)), -logl(real(below)), 58);
        uint64_t gap = 1ull << n % 60 | n;
        near("ln near 1", n, real(fixed_ln_inverse((fixed){-gap, -64})), -log1pl(-ldexpl((long double)gap, -64)), 58);
    }
}

static void exponentials_agree_with_libm(void **state)
{
    (void)state;
    if (LDBL_MANT_DIG < 64) skip();
    for (uint64_t n = 0; n < CASES; n++) {
        rng_pair    draw = rng_pair_at(2, RNG_TEST, 0, n);
        fixed_log   log = {(int64_t)(draw.b % 128) - 64, draw.a};
        long double part = ldexpl((long double)log.fraction, -64);
        near("exp2", n, real(fixed_exp2(log)), ldexpl(exp2l(part), (int)log.whole), 58);

        fixed v = any(n, 5); /* expl of a large argument is the limit here, not fixed_exp_negative */
        near("exp", n, real(fixed_exp_negative(v)), expl(-real(v)), 57);
        fixed base = any(2 * n, 20), power = any(2 * n + 1, 2);
        near("pow", n, real(fixed_pow(base, power)), powl(real(base), real(power)), 56);
        near("pow negative", n, real(fixed_pow_negative(base, power)), powl(real(base), -real(power)), 56);
    }
}

static void edges(void **state)
{
    (void)state;
    const fixed zero = {0, 0}, one = fixed_of_u64(1), top = fixed_of_u64(UINT64_MAX);
    assert_int_equal(fixed_to_u64(zero), 0);
    assert_int_equal(fixed_to_u64(top), UINT64_MAX);
    assert_int_equal(fixed_to_u64(fixed_add(top, top)), UINT64_MAX);
    assert_int_equal(fixed_to_u64(fixed_ratio(1, 2)), 1);
    assert_int_equal(fixed_to_u64(fixed_ratio(499, 1000)), 0);
    assert_int_equal(fixed_to_u64(fixed_ratio(7, 2)), 4);
    assert_int_equal(fixed_to_u64(fixed_ratio(10, 3)), 3);
    assert_int_equal(fixed_cmp(fixed_add(zero, one), one), 0);
    assert_int_equal(fixed_cmp(fixed_sub(one, one), zero), 0);
    assert_int_equal(fixed_cmp(fixed_mul(zero, top), zero), 0);
    assert_int_equal(fixed_cmp(fixed_div(zero, top), zero), 0);
    assert_int_equal(fixed_cmp(fixed_ln_inverse(one), zero), 0);
    assert_int_equal(fixed_cmp(fixed_exp_negative(zero), one), 0);
    assert_int_equal(fixed_cmp(fixed_pow(top, zero), one), 0);
    for (int32_t e = -200; e <= 200; e++) {
        fixed_log log = fixed_log2((fixed){1ull << 63, e - 63});
        assert_int_equal(log.whole, e);
        assert_int_equal(log.fraction, 0);
        assert_int_equal(fixed_cmp(fixed_exp2(log), (fixed){1ull << 63, e - 63}), 0);
    }
    /* Far below any floating type, as a Poisson table or a thin tail may ask: e^-2^20 = 2^-1512775.39... */
    fixed tiny = fixed_exp_negative(fixed_of_u64(1 << 20));
    assert_int_equal(tiny.exponent + 63, -1512776);
}

/* The same bits everywhere, whatever long double is. */
static void results_are_pinned(void **state)
{
    (void)state;
    fixed seven = fixed_of_u64(7), third = fixed_ratio(1, 3);
    struct {
        const char *what;
        fixed       got, want;
    } rows[] = {
        {"1/3", third, {0xaaaaaaaaaaaaaaaau, -65}},
        {"e^-7", fixed_exp_negative(seven), {0xef0b5ce1254c755cu, -74}},
        {"-ln(1/3)", fixed_ln_inverse(third), {0x8c9f53d5681854bcu, -63}},
        {"7^(1/3)", fixed_pow(seven, third), {0xf4daedd2c0c4edddu, -63}},
        {"7^-7", fixed_pow_negative(seven, seven), {0xa2f9d9dd8414d224u, -83}},
        {"-ln(1 - 2^-53)", fixed_ln_inverse((fixed){-(1ull << 11), -64}), {0x8000000000000200u, -116}},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++)
        if (rows[i].got.mantissa != rows[i].want.mantissa || rows[i].got.exponent != rows[i].want.exponent)
            fail_msg("%s: 0x%" PRIx64 "u, %d", rows[i].what, rows[i].got.mantissa, rows[i].got.exponent);
    fixed_log log = fixed_log2(seven);
    assert_int_equal(log.whole, 2);
    assert_int_equal(log.fraction, 0xceaecfea80859b33u);
}

static void ratios_are_exact(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t    num, den;
    } rows[] = {
        {"12", 12, 1},
        {"0", 0, 1},
        {"0.35", 7, 20},
        {"1/100", 1, 100},
        {"50/100", 1, 2},
        {"0/7", 0, 1},
        {"1.0", 1, 1},
        {"0.0000000000000000001", 1, 10000000000000000000u},
        {"18446744073709551615", UINT64_MAX, 1},
        {"1/18446744073709551615", 1, UINT64_MAX},
    };
    static const char *const wrong[] = {"",
                                        ".",
                                        ".5",
                                        "1.",
                                        "-1",
                                        "1/0",
                                        "/2",
                                        "1/",
                                        "1e3",
                                        "1/2/3",
                                        "1.5/2",
                                        " 1",
                                        "0x10",
                                        "1,5",
                                        "1.2.3",
                                        "18446744073709551616",
                                        "1.00000000000000000000",
                                        "18446744073709551615.5"};
    uint64_t                 num, den;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        if (!fixed_parse_ratio(str_of(rows[i].text), &num, &den)) fail_msg("`%s` refused", rows[i].text);
        assert_int_equal(num, rows[i].num);
        assert_int_equal(den, rows[i].den);
    }
    for (size_t i = 0; i < COUNTOF(wrong); i++)
        if (fixed_parse_ratio(str_of(wrong[i]), &num, &den)) fail_msg("`%s` accepted", wrong[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic_agrees_with_long_double),
        cmocka_unit_test(logarithms_agree_with_libm),
        cmocka_unit_test(exponentials_agree_with_libm),
        cmocka_unit_test(edges),
        cmocka_unit_test(results_are_pinned),
        cmocka_unit_test(ratios_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
