#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/analysis.h"

static arena a;

static int setup(void **state)
{
    (void)state;
    arena_init(&a, MEMORY_GENERAL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&a);
    return 0;
}

static void near(double got, double want, double relative)
{
    if (fabs(got - want) > relative * fabs(want)) fail_msg("%.10g, expected %.10g", got, want);
}

static void moments_are_those_of_the_distribution(void **state)
{
    (void)state;
    quantile *q = NULL;
    assert_int_equal(quantile_constant(&a, 20000000, &q, NULL), STATUS_OK);
    near(analysis_mean(q), 2e7, 1e-12);
    near(analysis_second_moment(q), 4e14, 1e-9);
    assert_int_equal(quantile_exponential(&a, 1000000, &q, NULL), STATUS_OK);
    near(analysis_mean(q), 1e6, 1e-5);
    near(analysis_second_moment(q), 2e12, 1e-4);
    assert_int_equal(quantile_uniform(&a, 0, 3000000, &q, NULL), STATUS_OK);
    near(analysis_second_moment(q), 3e12, 1e-4);
    /* Log-normal: E[X^2] = median^2 * exp(2 sigma^2) */
    assert_int_equal(quantile_lognormal(&a, 1000000, 1, 2, &q, NULL), STATUS_OK);
    near(analysis_second_moment(q), 1e12 * exp(0.5), 1e-4);
}

static const world_region regions[] = {{{"a", 1}, 2}};

static world_plan plan_of(const quantile *service, const uint64_t *weights, const world_window *windows, uint32_t count)
{
    return (world_plan){.regions = regions,
                        .region_count = 1,
                        .windows = windows,
                        .window_count = count,
                        .source = {.cell_weight = weights},
                        .service_time = service};
}

static void waiting_is_pollaczek_and_khinchines(void **state)
{
    (void)state;
    static const uint64_t equal[] = {1, 1}, skewed[] = {3, 1};
    const world_window    one = {.length_ns = 1000000000, .rate_num = 100, .rate_den = 1};
    quantile             *constant = NULL, *exponential = NULL;
    double                got = 0;
    assert_int_equal(quantile_constant(&a, 10000000, &constant, NULL), STATUS_OK);
    assert_int_equal(quantile_exponential(&a, 10000000, &exponential, NULL), STATUS_OK);
    /* M/D/1 at rho = 1/2: W = rho s / (2 (1 - rho)) = s / 2; M/M/1: twice that */
    world_plan p = plan_of(constant, equal, &one, 1);
    assert_null(analysis_mean_waiting(&p, &got));
    near(got, 5e6, 1e-6);
    p = plan_of(exponential, equal, &one, 1);
    assert_null(analysis_mean_waiting(&p, &got));
    near(got, 1e7, 1e-3);
    /* rho = 3/4 for three quarters of the requests, 1/4 for the others */
    p = plan_of(constant, skewed, &one, 1);
    assert_null(analysis_mean_waiting(&p, &got));
    near(got, 0.75 * 1.5e7 + 0.25 * 1e7 / 6, 1e-6);
}

static void waiting_is_refused_where_theory_has_none(void **state)
{
    (void)state;
    static const uint64_t weights[] = {1, 1};
    quantile             *constant = NULL;
    double                got = 0;
    assert_int_equal(quantile_constant(&a, 10000000, &constant, NULL), STATUS_OK);
    const world_window windows[] = {
        {.length_ns = 1000000000, .rate_num = 100, .rate_den = 1},
        {.start_ns = 2000000000, .length_ns = 1000000000, .rate_num = 200, .rate_den = 1},
        {.start_ns = 4000000000, .length_ns = 1000000000, .rate_num = 1, .rate_den = 1, .arrival = WORLD_CONSTANT},
    };
    world_plan p = plan_of(constant, weights, windows, 2);
    assert_non_null(analysis_mean_waiting(&p, &got)); /* a full cell */
    p = plan_of(constant, weights, &windows[2], 1);
    assert_non_null(analysis_mean_waiting(&p, &got)); /* no chance in the arrivals */
    p = plan_of(constant, weights, windows, 0);
    assert_non_null(analysis_mean_waiting(&p, &got));
}

/* Exact (Garwood) limits, from tables of the chi-square distribution. */
static void intervals_are_near_the_exact_ones(void **state)
{
    (void)state;
    static const struct {
        uint64_t n;
        double   low, high;
    } rows[] = {{1, 0.02532, 5.572}, {5, 1.623, 11.67}, {10, 4.795, 18.39}, {100, 81.36, 121.6}};
    assert_true(analysis_poisson(0).low == 0);
    near(analysis_poisson(0).high, 3.689, 0.01);
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        analysis_interval got = analysis_poisson(rows[i].n);
        near(got.low, rows[i].low, rows[i].n == 1 ? 0.5 : 0.01);
        near(got.high, rows[i].high, 0.005);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_those_of_the_distribution),
        cmocka_unit_test(waiting_is_pollaczek_and_khinchines),
        cmocka_unit_test(waiting_is_refused_where_theory_has_none),
        cmocka_unit_test(intervals_are_near_the_exact_ones),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
