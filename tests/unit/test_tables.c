/* test_tables.c - alias tables: every unit accounted for, draws that fit their weights, Zipf against powers. */
#include "base/tables.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "base/fixed.h"
#include "base/rng.h"

__extension__ typedef unsigned __int128 u128;

#define COLUMN (1ull << 32)

static arena run, scratch;

static int setup(void **state)
{
    (void)state;
    arena_init(&run, MEMORY_GENERAL);
    arena_init(&scratch, MEMORY_GENERAL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&run);
    arena_deinit(&scratch);
    return 0;
}

/* What the columns hold for each item must be its weight in units of 2^-32 of a column, within one unit, and all of it
 * must be there. */
static void account(const alias_table *t, const uint64_t *weights)
{
    uint64_t *shares = ARENA_NEW(&run, uint64_t, t->count), sum = 0;
    u128      total = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        struct alias_column c = t->columns[i];
        assert_true(c.other < t->count);
        shares[i] += c.keep;
        shares[c.other] += COLUMN - c.keep;
        total += weights[i];
    }
    for (uint32_t i = 0; i < t->count; i++) {
        u128 want = (u128)weights[i] * t->count * COLUMN, got = (u128)shares[i] * total;
        if ((want > got ? want - got : got - want) >= total)
            fail_msg("item %u of %u: share %" PRIu64, i, t->count, shares[i]);
        if (weights[i] == 0) assert_int_equal(shares[i], 0);
        sum += shares[i];
    }
    assert_int_equal(sum, t->count * COLUMN);
}

static void build(const uint64_t *weights, uint32_t count, alias_table *out)
{
    err e;
    assert_int_equal(alias_init(&run, weights, count, scratch, out, &e), STATUS_OK);
    assert_int_equal(out->count, count);
}

static void columns_account_for_every_unit(void **state)
{
    (void)state;
    static const uint64_t rows[][6] = {
        {1, 1, 1, 1, 1, 1},
        {0, 0, 0, 0, 0, 1},
        {1, 0, 0, 0, 0, 0},
        {6, 0, 0, 0, 0, 6},
        {1, 2, 3, 4, 5, 6},
        {6, 5, 4, 3, 2, 1},
        {UINT64_MAX, 1, 1, 1, 1, 1},
        {0, 3, 0, 3, 0, 3},
        {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX},
    };
    alias_table t;
    for (size_t i = 0; i < COUNTOF(rows); i++)
        for (uint32_t count = 1; count <= COUNTOF(rows[i]); count++) {
            uint64_t any = 0;
            for (uint32_t k = 0; k < count; k++) any |= rows[i][k];
            if (any == 0) continue;
            build(rows[i], count, &t);
            account(&t, rows[i]);
        }
    for (uint64_t n = 0; n < 300; n++) {
        uint32_t  count = 1 + (uint32_t)rng_scale(rng_at(1, RNG_TEST, 0, n), 400);
        uint64_t *weights = ARENA_NEW(&run, uint64_t, count);
        for (uint32_t i = 0; i < count; i++) {
            rng_pair draw = rng_pair_at(1, RNG_TEST, i + 1, n);
            weights[i] = draw.b % 3 == 0 ? 0 : draw.a >> draw.b % 61;
        }
        weights[count / 2] |= 1;
        build(weights, count, &t);
        account(&t, weights);
    }
}

static void draws_fit_their_weights(void **state)
{
    (void)state;
    static const uint64_t weights[] = {1, 0, 10, 100, 3, 3, 0, 50, 33, 800};
    enum { COUNT = COUNTOF(weights), DRAWS = 1000000 };
    alias_table t;
    build(weights, COUNT, &t);
    double seen[COUNT] = {0}, chi2 = 0;
    for (uint64_t n = 0; n < DRAWS; n++) seen[alias_draw(&t, rng_at(5, RNG_TEST, 0, n))] += 1;
    for (size_t i = 0; i < COUNT; i++) {
        double want = (double)weights[i] / 1000 * DRAWS;
        if (weights[i] == 0)
            assert_true(seen[i] == 0);
        else
            chi2 += (seen[i] - want) * (seen[i] - want) / want;
    }
    assert_true(chi2 < 24.3); /* 7 degrees of freedom, 0.999 */
    assert_in_range(alias_draw(&t, 0), 0, COUNT - 1);
    assert_in_range(alias_draw(&t, UINT64_MAX), 0, COUNT - 1);
}

static void zipf_weights_are_powers(void **state)
{
    (void)state;
    static const struct {
        uint32_t count;
        uint64_t num, den;
    } rows[] = {{1, 1, 1},       {2, 1, 1},    {5000, 1, 1}, {5000, 9, 10},
                {20000, 11, 10}, {3000, 0, 1}, {3000, 5, 2}, {100, 300, 1}};
    for (size_t r = 0; r < COUNTOF(rows); r++) {
        uint64_t *weights = ARENA_NEW(&run, uint64_t, rows[r].count);
        tables_zipf_weights(rows[r].count, rows[r].num, rows[r].den, weights);
        fixed s = fixed_ratio(rows[r].num, rows[r].den);
        for (uint32_t i = 0; i < rows[r].count; i++) {
            fixed power = fixed_pow_negative(fixed_of_u64(i + 1), s);
            power.exponent += 40 + 16; /* in units of 2^-16 of a weight */
            uint64_t want = fixed_to_u64(power), got = weights[i] << 16;
            if (want < 1 << 15 ? weights[i] != 1 : (want > got ? want - got : got - want) > (1 << 15) + 1)
                fail_msg("row %zu, item %u: %" PRIu64, r, i, weights[i]);
        }
    }
}

static void zipf_draws_and_pins(void **state)
{
    (void)state;
    alias_table t;
    err         e;
    assert_int_equal(alias_zipf(&run, 1000000, 9, 10, scratch, &t, &e), STATUS_OK);
    uint64_t *weights = ARENA_NEW(&run, uint64_t, t.count);
    tables_zipf_weights(t.count, 9, 10, weights);
    account(&t, weights);
    uint64_t hash = 0; /* the same table on every machine */
    for (uint32_t i = 0; i < t.count; i++)
        hash = hash * 0x9e3779b97f4a7c15u + ((uint64_t)t.columns[i].keep << 32 | t.columns[i].other);
    if (hash != 0x857123e41761ec31u) fail_msg("another table: 0x%" PRIx64, hash);
}

static void bad_weights_are_refused(void **state)
{
    (void)state;
    static const uint64_t zeros[3] = {0, 0, 0};
    alias_table           t = {7, NULL};
    err                   e;
    assert_int_equal(alias_init(&run, zeros, 3, scratch, &t, &e), STATUS_INVALID);
    assert_int_equal(alias_init(&run, zeros, 0, scratch, &t, &e), STATUS_INVALID);
    assert_int_equal(alias_init(&run, zeros, TABLES_ZIPF_MAX + 1, scratch, &t, &e), STATUS_LIMIT);
    assert_int_equal(alias_zipf(&run, 0, 1, 1, scratch, &t, &e), STATUS_INVALID);
    assert_int_equal(alias_zipf(&run, TABLES_ZIPF_MAX + 1, 1, 1, scratch, &t, &e), STATUS_LIMIT);
    assert_int_equal(alias_zipf(&run, 10, 1, 0, scratch, &t, &e), STATUS_INVALID);
    assert_int_equal(alias_zipf(&run, 10, UINT64_MAX, 1, scratch, &t, &e), STATUS_LIMIT);
    assert_int_equal(t.count, 7); /* outputs are written on success only */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(columns_account_for_every_unit, setup, teardown),
        cmocka_unit_test_setup_teardown(draws_fit_their_weights, setup, teardown),
        cmocka_unit_test_setup_teardown(zipf_weights_are_powers, setup, teardown),
        cmocka_unit_test_setup_teardown(zipf_draws_and_pins, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_weights_are_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
