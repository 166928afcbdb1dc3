/* test_arrivals.c - when requests arrive: by cell, slot and window; how often; and that windows only cut. */
#include "world/arrivals.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"

#define SECOND INT64_C(1000000000)

typedef struct {
    arena         a;
    world_region  region;
    world_plan    plan;
    arrival_table table;
} fixture;

static void fixture_init(fixture *f, const world_window *windows, uint32_t count, const uint64_t *weights,
                         uint32_t cells)
{
    err e = {0};
    *f = (fixture){.region = {STR("r"), cells}};
    arena_init(&f->a, MEMORY_GENERAL);
    f->plan = (world_plan){.seed = 5,
                           .regions = &f->region,
                           .region_count = 1,
                           .windows = windows,
                           .window_count = count,
                           .source = {.cell_weight = weights}};
    if (arrival_table_make(&f->a, &f->plan, cells, &f->table, &e) != STATUS_OK) fail_msg("%s", e.text);
}

static void fixture_deinit(fixture *f)
{
    arena_deinit(&f->a);
}

typedef struct {
    int64_t *at;
    size_t   count, capacity;
} list;

/* All arrivals of a cell. pieces: the reader is closed and opened anew after every so many. */
static list arrivals_of(fixture *f, uint32_t cell, uint32_t pieces)
{
    list           out = {0};
    arrival_reader r;
    arrival_open(&r, &f->table, cell, (arrival_cursor){0});
    uint32_t window = 0;
    while (r.next < r.count || arrival_fill(&r)) {
        const world_window *w = &f->plan.windows[r.cursor.window];
        assert_true(r.cursor.window >= window);
        window = r.cursor.window;
        int64_t at = r.at[r.next++];
        assert_true(at >= w->start_ns && at < w->start_ns + w->length_ns);
        assert_true(out.count == 0 || at >= out.at[out.count - 1]);
        *ARENA_PUSH(&f->a, int64_t, out.at, out.count, out.capacity) = at;
        if (pieces > 0 && out.count % pieces == 0) {
            arrival_cursor c = arrival_close(&r);
            arrival_open(&r, &f->table, cell, c);
        }
    }
    assert_false(arrival_fill(&r));
    return out;
}

static void same_list(list x, list y)
{
    if (x.count != y.count) fail_msg("%zu and %zu arrivals", x.count, y.count);
    for (size_t i = 0; i < x.count; i++)
        if (x.at[i] != y.at[i]) fail_msg("arrival %zu: %" PRId64 " and %" PRId64, i, x.at[i], y.at[i]);
}

static const uint64_t weights[] = {3, 1, 0, 7, 1};
#define CELLS 5

static void windows_only_cut(void **state)
{
    (void)state;
    static const world_arrival kinds[] = {WORLD_POISSON, WORLD_CONSTANT};
    static const struct {
        uint64_t num, den;
    } rates[] = {{1000, 1}, {1, 3}, {37, 7}, {250000, 3}};
    for (size_t k = 0; k < COUNTOF(kinds) * COUNTOF(rates); k++) {
        uint64_t           num = rates[k / 2].num, den = rates[k / 2].den;
        int64_t            length = (int64_t)((uint64_t)SECOND * 20000 * den / num);
        const world_window whole[] = {{.start_ns = length / 3, .length_ns = length, kinds[k % 2], num, den, 0, {0, 0}}};
        const int64_t      cuts[] = {whole[0].start_ns, whole[0].start_ns + 1, whole[0].start_ns + length / 9 + 5,
                                     whole[0].start_ns + length / 2, whole[0].start_ns + length};
        world_window       parts[4];
        for (int i = 0; i < 4; i++) {
            parts[i] = whole[0];
            parts[i].start_ns = cuts[i];
            parts[i].length_ns = cuts[i + 1] - cuts[i];
            parts[i].rate_num *= (uint64_t)i + 1; /* the same rate, written otherwise */
            parts[i].rate_den *= (uint64_t)i + 1;
        }
        fixture one, several;
        fixture_init(&one, whole, 1, weights, CELLS);
        fixture_init(&several, parts, 4, weights, CELLS);
        for (uint32_t cell = 0; cell < CELLS; cell++) {
            list     all = arrivals_of(&one, cell, 0);
            uint64_t count = 0;
            err      e = {0};
            assert_int_equal(world_arrivals(&several.plan, cell, UINT64_MAX, &count, &e), STATUS_OK);
            assert_int_equal(count, all.count);
            assert_int_equal(world_arrivals(&one.plan, cell, 9, &count, &e), STATUS_OK);
            assert_int_equal(count, all.count < 9 ? all.count : 9);
            assert_true((all.count > 0) == (weights[cell] > 0));
            same_list(all, arrivals_of(&several, cell, 0));
            same_list(all, arrivals_of(&one, cell, 1 + cell));
            same_list(all, arrivals_of(&several, cell, 13));
        }
        fixture_deinit(&one);
        fixture_deinit(&several);
    }
}

static int time_cmp(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The addresses of the header: nothing else may decide when a request arrives. */
static void poisson_by_the_book(void **state)
{
    (void)state;
    const world_window windows[] = {{0, 10 * SECOND, WORLD_POISSON, 600, 1, 0, {0, 0}},
                                    {10 * SECOND, 10 * SECOND, WORLD_POISSON, 300, 1, 0, {0, 0}}};
    fixture            f;
    fixture_init(&f, windows, 2, weights, CELLS);
    list   got = arrivals_of(&f, 3, 0);
    size_t at = 0;
    for (uint64_t w = 0; w < 2; w++) {
        for (uint64_t slot = 0; slot < 1000; slot++) { /* a slot is 32 / (rate * 7 / 12) seconds */
            int64_t  times[ARRIVAL_SLOT_MAX];
            uint64_t slot_num = 32 * (uint64_t)SECOND * 12, slot_den = windows[w].rate_num * 7;
            int64_t  begin = (int64_t)(slot * slot_num / slot_den), end = (int64_t)((slot + 1) * slot_num / slot_den);
            uint64_t grid = w << 60;
            int64_t  count = quantile_at(f.table.counts, rng_at(5, RNG_ARRIVAL_COUNT, 3, grid + slot));
            for (int64_t i = 0; i < count; i++) {
                rng_pair u = rng_pair_at(5, RNG_ARRIVAL_TIME, 3, grid + slot * 128 + (uint64_t)i / 2);
                times[i] = begin + (int64_t)rng_scale(i % 2 == 0 ? u.a : u.b, (uint64_t)(end - begin));
            }
            qsort(times, (size_t)count, sizeof times[0], time_cmp);
            for (int64_t i = 0; i < count; i++) {
                if (times[i] < windows[w].start_ns || times[i] >= windows[w].start_ns + windows[w].length_ns) continue;
                if (at == got.count || got.at[at] != times[i]) fail_msg("arrival %zu", at);
                at++;
            }
        }
    }
    assert_int_equal(at, got.count);
    fixture_deinit(&f);
}

/* Counts of bins that lie across slots have mean and variance of a Poisson distribution, gaps are exponential. Bounds
 * are five standard deviations; the seed is fixed. */
static void poisson_in_distribution(void **state)
{
    (void)state;
    enum { BINS = 20000 };
    const double        mean = 20.0; /* of a bin, at cell 0: 3/12 of the rate */
    const int64_t       bin = SECOND / 1000 * 37;
    static const double at_least[] = {0.25, 1.0, 3.0}; /* mean gaps */
    static uint32_t     counts[BINS];
    const world_window  windows[] = {{0, bin * BINS, WORLD_POISSON, 80000, 37, 0, {0, 0}}};
    fixture             f;
    fixture_init(&f, windows, 1, weights, CELLS);
    list   all = arrivals_of(&f, 0, 0);
    double sum = 0, squares = 0, expected = mean * BINS;
    memset(counts, 0, sizeof counts);
    for (size_t i = 0; i < all.count; i++) counts[all.at[i] / bin]++;
    for (size_t i = 0; i < BINS; i++) sum += counts[i], squares += (counts[i] - mean) * (counts[i] - mean);
    assert_true(fabs(sum - expected) < 5 * sqrt(expected));
    assert_true(fabs(squares / BINS / mean - 1) < 5 * sqrt(2.0 / BINS));
    for (size_t k = 0; k < COUNTOF(at_least); k++) {
        double longer = 0, p = exp(-at_least[k]), n = (double)all.count - 1;
        for (size_t i = 1; i < all.count; i++)
            longer += (double)(all.at[i] - all.at[i - 1]) >= at_least[k] * (double)bin / mean;
        assert_true(fabs(longer - n * p) < 5 * sqrt(n * p * (1 - p)));
    }
    fixture_deinit(&f);
}

/* The rate of each cell in each of several windows. */
static void poisson_rates(void **state)
{
    (void)state;
    world_window windows[6];
    for (int i = 0; i < 6; i++)
        windows[i] = (world_window){
            (int64_t)i * 120 * SECOND, 60 * SECOND, WORLD_POISSON, (uint64_t)(1 + i) * 1000, 1, 0, {0, 0}};
    fixture f;
    fixture_init(&f, windows, 6, weights, CELLS);
    for (uint32_t cell = 0; cell < CELLS; cell++) {
        list   all = arrivals_of(&f, cell, 0);
        double counts[6] = {0};
        for (size_t i = 0; i < all.count; i++) counts[all.at[i] / (120 * SECOND)]++;
        for (int i = 0; i < 6; i++) {
            double expected = (double)windows[i].rate_num * 60 * (double)weights[cell] / 12;
            if (fabs(counts[i] - expected) > 5 * sqrt(expected)) fail_msg("cell %u, window %d: %g", cell, i, counts[i]);
        }
    }
    fixture_deinit(&f);
}

static void constant_cells_take_turns(void **state)
{
    (void)state;
    static const uint64_t equal[] = {2, 2, 2, 2};
    const world_window    windows[] = {{SECOND, 50 * SECOND, WORLD_CONSTANT, 700, 3, 0, {0, 0}}};
    fixture               f;
    fixture_init(&f, windows, 1, equal, 4);
    list all = {0};
    for (uint32_t cell = 0; cell < 4; cell++) {
        list one = arrivals_of(&f, cell, 0);
        for (size_t i = 0; i < one.count; i++) *ARENA_PUSH(&f.a, int64_t, all.at, all.count, all.capacity) = one.at[i];
    }
    qsort(all.at, all.count, sizeof *all.at, time_cmp);
    assert_true(all.count >= 11666 && all.count <= 11667);
    for (size_t i = 0; i < all.count; i++) {
        double want = (double)SECOND + ((double)i + 2.0 / 3) * 3e9 / 700; /* request 234 is the first after a second */
        if (fabs((double)all.at[i] - want) > 2) fail_msg("arrival %zu: %" PRId64 ", expected %.1f", i, all.at[i], want);
    }
    fixture_deinit(&f);
}

static void constant_by_the_book(void **state)
{
    (void)state;
    const world_window windows[] = {{0, 100 * SECOND, WORLD_CONSTANT, 1000, 7, 0, {0, 0}}};
    fixture            f;
    fixture_init(&f, windows, 1, weights, CELLS);
    list got = arrivals_of(&f, 3, 0); /* weight 7 of 12, 4 before it */
    for (size_t j = 0; j < got.count; j++)
        assert_int_equal(got.at[j], j * 84000000000 / 7000 + UINT64_C(4) * 7000000000 / 7000);
    assert_int_equal(got.count, 8333);
    fixture_deinit(&f);
}

/* Windows of different rates do not repeat each other's gaps on another scale. */
static void other_rates_draw_elsewhere(void **state)
{
    (void)state;
    const world_window windows[] = {{0, 10 * SECOND, WORLD_POISSON, 1200, 1, 0, {0, 0}},
                                    {10 * SECOND, 20 * SECOND, WORLD_POISSON, 600, 1, 0, {0, 0}},
                                    {30 * SECOND, 10 * SECOND, WORLD_POISSON, 2400, 2, 0, {0, 0}}};
    fixture            f;
    fixture_init(&f, windows, 3, weights, CELLS);
    assert_true(f.table.grid[0] != f.table.grid[1]);
    assert_true(f.table.grid[0] == f.table.grid[2]);
    list   all = arrivals_of(&f, 0, 0);
    size_t first = 0, stretched = 0;
    while (all.at[first] < 10 * SECOND) first++;
    for (size_t i = 0; i < first; i++)
        for (size_t k = first; k < all.count; k++) stretched += llabs(all.at[k] - 2 * all.at[i]) <= 2;
    assert_true(stretched < 20);
    fixture_deinit(&f);
}

static void limits(void **state)
{
    (void)state;
    static const uint64_t one[] = {1}, uneven[] = {UINT64_C(1) << 50, 1};
    static const struct {
        uint64_t    num, den;
        const char *want; /* null: taken */
    } rows[] = {
        {100000000, 1, NULL},
        {100000001, 1, "window 0: cell 0 gets more than 100000000 requests per second"},
        {0, 1, NULL},
        {1, UINT64_C(1) << 40, "window 0: no cell gets a request in 36 years"},
    };
    for (size_t i = 0; i < 2 * COUNTOF(rows); i++) {
        const world_window w = {
            0, SECOND, i % 2 == 0 ? WORLD_POISSON : WORLD_CONSTANT, rows[i / 2].num, rows[i / 2].den, 0, {0, 0}};
        const world_plan plan = {.windows = &w, .window_count = 1, .source = {.cell_weight = one}};
        arrival_table    t;
        arena            a;
        err              e = {0};
        arena_init(&a, MEMORY_GENERAL);
        status s = arrival_table_make(&a, &plan, 1, &t, &e);
        if (rows[i / 2].want == NULL) {
            assert_int_equal(s, STATUS_OK);
        } else {
            assert_int_equal(s, STATUS_LIMIT);
            assert_string_equal(e.text, rows[i / 2].want);
        }
        arena_deinit(&a);
    }
    const world_window slow[] = {{0, 10 * SECOND, WORLD_POISSON, 10, 1, 0, {0, 0}}};
    fixture            f;
    fixture_init(&f, slow, 1, uneven, 2);
    assert_true(arrivals_of(&f, 0, 0).count > 50);
    assert_int_equal(arrivals_of(&f, 1, 0).count, 0);
    fixture_deinit(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_only_cut),           cmocka_unit_test(poisson_by_the_book),
        cmocka_unit_test(poisson_in_distribution),    cmocka_unit_test(poisson_rates),
        cmocka_unit_test(constant_cells_take_turns),  cmocka_unit_test(constant_by_the_book),
        cmocka_unit_test(other_rates_draw_elsewhere), cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
