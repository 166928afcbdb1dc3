/* test_quantile.c - every family against its definition in long double: at knots, between them, in both tails, in the
 * mean; pinned results for all machines. */
#include "base/quantile.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "base/rng.h"

#define CASES 20000

static arena run;

static int setup(void **state)
{
    (void)state;
    arena_init(&run, MEMORY_GENERAL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&run);
    return 0;
}

/* -- References: value at upper tail probability t (or lower, where `lower` says so) ------------------------------ */

typedef struct {
    const char *name;
    int64_t     scale;
    uint64_t    num, den; /* sigma or shape */
    long double error;    /* stated bound between knots, in units of 2^-18 */
} family_row;

static long double weibull(const family_row *row, long double t, bool lower)
{
    long double y = lower ? -log1pl(-t) : -logl(t);
    return (long double)row->scale * powl(y, (long double)row->den / (long double)row->num);
}

/* Newton's method on the logarithm of the tail, from the outer bound sqrt(-2 ln t). */
static long double normal_of_tail(long double t)
{
    long double z = sqrtl(-2 * logl(t));
    for (int i = 0; i < 60; i++) {
        long double tail = erfcl(z / sqrtl(2)) / 2, density = expl(-z * z / 2) / sqrtl(2 * acosl(-1));
        long double step = (logl(tail) - logl(t)) * tail / density;
        z += step;
        if (fabsl(step) < 1e-18L) break;
    }
    return z;
}

static long double lognormal(const family_row *row, long double t, bool lower)
{
    long double sigma = (long double)row->num / (long double)row->den, z = normal_of_tail(t);
    return (long double)row->scale * expl(lower ? -sigma * z : sigma * z);
}

typedef long double reference(const family_row *row, long double t, bool lower);

/* u whose tail probability is t / 2^64. */
static uint64_t draw_of(uint64_t t, bool lower)
{
    return lower ? t : ~t;
}

static void compare(const quantile *q, const family_row *row, reference *of, uint64_t t, bool lower,
                    long double relative)
{
    long double want = of(row, ldexpl((long double)t, -64), lower),
                got = (long double)quantile_at(q, draw_of(t, lower));
    if (!(fabsl(got - want) <= want * relative + 0.5L + ldexpl((long double)quantile_max(q), -62)))
        fail_msg("%s %" PRId64 " %" PRIu64 "/%" PRIu64 ", %s tail %" PRIu64 ": %.17Lg instead of %.17Lg, off by 2^%Lg",
                 row->name, row->scale, row->num, row->den, lower ? "lower" : "upper", t, got, want,
                 log2l(fabsl(got / want - 1)));
}

static void family_agrees(const quantile *q, const family_row *row, reference *of)
{
    for (int octave = 11; octave < 63; octave++)
        for (uint64_t step = 256; step < 512; step += 15) {
            compare(q, row, of, step << (octave - 8), false, ldexpl(1, -40));
            compare(q, row, of, step << (octave - 8), true, ldexpl(1, -40));
        }
    for (uint64_t n = 0; n < CASES; n++) {
        rng_pair draw = rng_pair_at(3, RNG_TEST, 0, n);
        uint64_t t = (draw.a >> 1 | 1ull << 62) >> draw.b % 52; /* within 2^11 .. 2^63 */
        compare(q, row, of, t, n % 2 == 0, row->error * ldexpl(1, -18));
    }
}

/* The mean the table states is the mean of what it returns, by summation over 2^18 equal strata. */
static long double mean_of(const quantile *q)
{
    uint64_t whole, fraction;
    quantile_mean(q, &whole, &fraction);
    long double stated = (long double)whole + ldexpl((long double)fraction, -64), sum = 0;
    for (uint64_t i = 0; i < 1 << 18; i++) sum += (long double)quantile_at(q, i << 46 | 1ull << 45);
    if (!(fabsl(ldexpl(sum, -18) - stated) <= stated * 0.0005L + 0.5L))
        fail_msg("mean %.17Lg, by summation %.17Lg", stated, ldexpl(sum, -18));
    return stated;
}

static void mean_is(const quantile *q, long double want, long double relative)
{
    long double got = mean_of(q);
    if (!(fabsl(got - want) <= want * relative)) fail_msg("mean %.17Lg instead of %.17Lg", got, want);
}

static void rises(const quantile *q)
{
    assert_int_equal(quantile_at(q, 0), quantile_min(q));
    assert_int_equal(quantile_at(q, UINT64_MAX), quantile_max(q));
    for (int bit = 0; bit < 64; bit++)
        for (int64_t off = -2; off < 2; off++) {
            uint64_t u = (1ull << bit) + (uint64_t)off;
            if (u == UINT64_MAX) continue;
            assert_true(quantile_at(q, u) <= quantile_at(q, u + 1));
            assert_true(quantile_at(q, ~u - 1) <= quantile_at(q, ~u));
        }
    for (uint64_t n = 0; n < CASES; n++) {
        rng_pair draw = rng_pair_at(4, RNG_TEST, 0, n);
        uint64_t low = draw.a < draw.b ? draw.a : draw.b, high = draw.a ^ draw.b ^ low;
        if (quantile_at(q, low) > quantile_at(q, high)) fail_msg("falls between %" PRIu64 " and %" PRIu64, low, high);
    }
}

static void exponential_and_weibull(void **state)
{
    (void)state;
    if (LDBL_MANT_DIG < 64) skip();
    static const family_row rows[] = {
        {"exponential", 1000000000000000, 1, 1, 1},
        {"exponential", 250000, 1, 1, 1},
        {"weibull", 1000000000000000, 2, 1, 1.5L * 1.5L * 1.5L},
        {"weibull", 1000000000000, 1, 2, 3 * 3 * 1.5L},
        {"weibull", 100000000, 3, 20, (1 + 20 / 3.0L) * (1 + 20 / 3.0L) * 1.5L},
        {"weibull", 1000000, 40, 1, 1.025L * 1.025L * 1.5L},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        quantile *q;
        err       e;
        status    made = rows[i].name[0] == 'e'
                             ? quantile_exponential(&run, rows[i].scale, &q, &e)
                             : quantile_weibull(&run, rows[i].scale, rows[i].num, rows[i].den, &q, &e);
        assert_int_equal(made, STATUS_OK);
        family_agrees(q, &rows[i], weibull);
        rises(q);
        if (rows[i].num * 2 < rows[i].den) continue; /* the summation's strata are too coarse for such a tail */
        mean_is(q, (long double)rows[i].scale * tgammal(1 + (long double)rows[i].den / (long double)rows[i].num),
                rows[i].error * ldexpl(1, -18));
    }
}

static void lognormal_agrees(void **state)
{
    (void)state;
    if (LDBL_MANT_DIG < 64) skip();
    static const family_row rows[] = {
        {"lognormal", 1ll << 55, 1, 2, 1.5L * 1.5L * 1.5L}, /* results of 50 bits even in the lower tail */
        {"lognormal", 1ll << 40, 1, 1, 2 * 2 * 1.5L},
        {"lognormal", 3500000000, 6, 10, 1.6L * 1.6L * 1.5L},
        {"lognormal", 1000, 3, 1, 4 * 4 * 1.5L},
        {"lognormal", 1000000, 1, 1000000000000, 1.5L},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        quantile *q;
        err       e;
        assert_int_equal(quantile_lognormal(&run, rows[i].scale, rows[i].num, rows[i].den, &q, &e), STATUS_OK);
        family_agrees(q, &rows[i], lognormal);
        rises(q);
        assert_int_equal(quantile_at(q, 1ull << 63), rows[i].scale);
        if (rows[i].num > rows[i].den) continue;
        long double sigma = (long double)rows[i].num / (long double)rows[i].den;
        mean_is(q, (long double)rows[i].scale * expl(sigma * sigma / 2), rows[i].error * ldexpl(1, -18));
    }
}

static void constant_and_uniform(void **state)
{
    (void)state;
    quantile *q;
    err       e;
    assert_int_equal(quantile_constant(&run, 17, &q, &e), STATUS_OK);
    assert_int_equal(quantile_at(q, 0), 17);
    assert_int_equal(quantile_at(q, UINT64_MAX), 17);
    assert_true(mean_of(q) == 17);
    assert_int_equal(quantile_uniform(&run, 10, 13, &q, &e), STATUS_OK);
    for (uint64_t i = 0; i < 4; i++) {
        assert_int_equal(quantile_at(q, i << 62), 10 + i);
        assert_int_equal(quantile_at(q, (i << 62) + (1ull << 62) - 1), 10 + i);
    }
    assert_true(mean_of(q) == 11.5L);
    assert_int_equal(quantile_exponential(&run, 0, &q, &e), STATUS_OK);
    assert_int_equal(quantile_at(q, UINT64_MAX), 0);
    assert_int_equal(quantile_lognormal(&run, 5, 0, 1, &q, &e), STATUS_OK);
    assert_int_equal(quantile_at(q, UINT64_MAX), 5);
    assert_int_equal(quantile_at(q, 0), 5);
}

static void empirical_interpolates(void **state)
{
    (void)state;
    static const quantile_knot whole[] = {{0, 1, 100}, {1, 2, 200}, {3, 4, 200}, {1, 1, 1000}};
    static const quantile_knot inner[] = {{1, 4, 7}, {1, 2, 9}};
    static const quantile_knot alone[] = {{99, 100, 42}};
    const uint64_t             quarter = 1ull << 62;
    quantile                  *q;
    err                        e;
    assert_int_equal(quantile_empirical(&run, whole, COUNTOF(whole), &q, &e), STATUS_OK);
    assert_int_equal(quantile_at(q, quarter), 150);
    assert_int_equal(quantile_at(q, 2 * quarter), 200);
    assert_int_equal(quantile_at(q, 2 * quarter + 5), 200);
    assert_int_equal(quantile_at(q, 3 * quarter + quarter / 2), 600);
    mean_is(q, 75 + 50 + 150, ldexpl(1, -60));
    rises(q);
    assert_int_equal(quantile_empirical(&run, inner, COUNTOF(inner), &q, &e), STATUS_OK);
    assert_int_equal(quantile_at(q, 0), 7);
    assert_int_equal(quantile_at(q, quarter + quarter / 2), 8);
    assert_int_equal(quantile_at(q, UINT64_MAX), 9);
    rises(q);
    assert_int_equal(quantile_empirical(&run, alone, COUNTOF(alone), &q, &e), STATUS_OK);
    assert_int_equal(quantile_at(q, 0), 42);
    assert_int_equal(quantile_at(q, UINT64_MAX), 42);

    enum { COUNT = 1000 };
    static quantile_knot many[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) many[i] = (quantile_knot){(uint64_t)i * i, (uint64_t)COUNT * COUNT, i * 1000};
    assert_int_equal(quantile_empirical(&run, many, COUNT, &q, &e), STATUS_OK);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_in_range(quantile_at(q, (uint64_t)(ldexpl((long double)i * i / ((long double)COUNT * COUNT), 64))) + 1,
                        i * 1000u, i * 1000u + 2);
    rises(q);
}

/* The first u that gives k or more: its share of 2^64 is P(X < k). */
static uint64_t first_draw(const quantile *q, int64_t k)
{
    uint64_t low = 0, high = UINT64_MAX;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (quantile_at(q, middle) >= k)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void poisson_agrees(void **state)
{
    (void)state;
    if (LDBL_MANT_DIG < 64) skip();
    static const uint64_t rows[][2] = {{1, 1000000}, {1, 3}, {7, 2}, {100, 1}, {12345, 10}, {1 << 20, 1}};
    for (size_t r = 0; r < COUNTOF(rows); r++) {
        long double mean = (long double)rows[r][0] / (long double)rows[r][1];
        quantile   *q;
        err         e;
        assert_int_equal(quantile_poisson(&run, rows[r][0], rows[r][1], &q, &e), STATUS_OK);
        rises(q);
        long double by_chances = (long double)quantile_min(q);
        uint64_t    before = 0;
        for (int64_t k = quantile_min(q); k < quantile_max(q); k++) {
            uint64_t    next = first_draw(q, k + 1);
            long double got = ldexpl((long double)(next - before), -64);
            long double want = expl((long double)k * logl(mean) - mean - lgammal((long double)k + 1));
            /* lgamma of a million keeps 40 bits after the point */
            if (!(fabsl(got - want) <= want * ldexpl(1, -36) + ldexpl(1, -62)))
                fail_msg("mean %Lg, %" PRId64 ": %.17Lg instead of %.17Lg", mean, k, got, want);
            by_chances += 1 - ldexpl((long double)next, -64);
            before = next;
        }
        uint64_t whole, fraction;
        quantile_mean(q, &whole, &fraction);
        long double stated = (long double)whole + ldexpl((long double)fraction, -64);
        assert_true(fabsl(stated - mean) <= mean * ldexpl(1, -48) + ldexpl(1, -60));
        assert_true(fabsl(by_chances - mean) <= mean * ldexpl(1, -44) + ldexpl(1, -60));
    }
}

static uint64_t hash_of(const quantile *q)
{
    uint64_t hash = 0;
    for (uint64_t n = 0; n < 4096; n++) {
        rng_pair draw = rng_pair_at(6, RNG_TEST, 0, n);
        uint64_t tail = draw.a >> draw.b % 60;
        hash = hash * 0x9e3779b97f4a7c15u + (uint64_t)quantile_at(q, n % 2 ? tail : ~tail);
    }
    return hash;
}

/* The same table on every machine. */
static void results_are_pinned(void **state)
{
    (void)state;
    static const quantile_knot knots[] = {{1, 100, 40}, {1, 2, 900}, {999, 1000, 123456789}, {1, 1, 987654321000}};
    quantile                  *q[5];
    err                        e;
    assert_int_equal(quantile_exponential(&run, 1000000, &q[0], &e), STATUS_OK);
    assert_int_equal(quantile_lognormal(&run, 3500000000, 6, 10, &q[1], &e), STATUS_OK);
    assert_int_equal(quantile_weibull(&run, 777777, 3, 2, &q[2], &e), STATUS_OK);
    assert_int_equal(quantile_empirical(&run, knots, COUNTOF(knots), &q[3], &e), STATUS_OK);
    assert_int_equal(quantile_poisson(&run, 20001, 10, &q[4], &e), STATUS_OK);
    static const uint64_t want[] = {0xe1c1af7874676a30u, 0xa8e440fe49638760u, 0x9e52fbe4a2de9bc5u, 0xb1f072c8faab7165u,
                                    0xb8dca915ea44db2au};
    for (size_t i = 0; i < COUNTOF(want); i++)
        if (hash_of(q[i]) != want[i]) fail_msg("table %zu: 0x%" PRIx64 "u", i, hash_of(q[i]));
}

static void bad_parameters_are_refused(void **state)
{
    (void)state;
    static const quantile_knot falling[] = {{0, 1, 5}, {1, 2, 4}}, equal[] = {{1, 2, 5}, {2, 4, 6}};
    static const quantile_knot outside[] = {{3, 2, 5}}, zero[] = {{0, 0, 5}}, negative[] = {{0, 1, -5}};
    quantile                  *q = NULL;
    err                        e;
    assert_int_equal(quantile_constant(&run, -1, &q, &e), STATUS_INVALID);
    assert_int_equal(quantile_constant(&run, INT64_MAX, &q, &e), STATUS_LIMIT);
    assert_int_equal(quantile_uniform(&run, 2, 1, &q, &e), STATUS_INVALID);
    assert_int_equal(quantile_exponential(&run, 1ll << 60, &q, &e), STATUS_LIMIT);
    assert_int_equal(quantile_exponential(&run, -5, &q, &e), STATUS_INVALID);
    assert_int_equal(quantile_weibull(&run, 5, 0, 1, &q, &e), STATUS_INVALID);
    assert_int_equal(quantile_weibull(&run, 5, 1, 0, &q, &e), STATUS_INVALID);
    assert_int_equal(quantile_weibull(&run, 5, 1, 33, &q, &e), STATUS_LIMIT);
    assert_int_equal(quantile_weibull(&run, 5, 1, 32, &q, &e), STATUS_LIMIT); /* 37^32 */
    assert_int_equal(quantile_lognormal(&run, 5, 1, 0, &q, &e), STATUS_INVALID);
    assert_int_equal(quantile_lognormal(&run, 5, 33, 1, &q, &e), STATUS_LIMIT);
    assert_int_equal(quantile_lognormal(&run, 5, 32, 1, &q, &e), STATUS_LIMIT);
    assert_int_equal(quantile_poisson(&run, 1, 0, &q, &e), STATUS_INVALID);
    assert_int_equal(quantile_poisson(&run, (1 << 20) + 1, 1, &q, &e), STATUS_LIMIT);
    assert_int_equal(quantile_empirical(&run, falling, 0, &q, &e), STATUS_INVALID);
    assert_int_equal(quantile_empirical(&run, falling, 2, &q, &e), STATUS_INVALID);
    assert_string_equal(e.text, "knot 2: the value falls");
    assert_int_equal(quantile_empirical(&run, equal, 2, &q, &e), STATUS_INVALID);
    assert_int_equal(quantile_empirical(&run, outside, 1, &q, &e), STATUS_INVALID);
    assert_int_equal(quantile_empirical(&run, zero, 1, &q, &e), STATUS_INVALID);
    assert_int_equal(quantile_empirical(&run, negative, 1, &q, &e), STATUS_INVALID);
    assert_null(q); /* outputs are written on success only */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(exponential_and_weibull, setup, teardown),
        cmocka_unit_test_setup_teardown(lognormal_agrees, setup, teardown),
        cmocka_unit_test_setup_teardown(constant_and_uniform, setup, teardown),
        cmocka_unit_test_setup_teardown(empirical_interpolates, setup, teardown),
        cmocka_unit_test_setup_teardown(poisson_agrees, setup, teardown),
        cmocka_unit_test_setup_teardown(results_are_pinned, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_parameters_are_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
