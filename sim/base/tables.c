#include "base/tables.h"

#include <assert.h>

#include "base/fixed.h"

__extension__ typedef unsigned __int128 u128;

#define COLUMN       (1ull << 32)
#define POWER_MAX    (1u << 20)
#define ZIPF_SHIFT   (63 - 40)
#define ZIPF_ONE_Q63 (1ull << 63)

/* Weights become shares of count columns. Each division hands its remainder to the next item, so that the shares'
 * running sum is the weights' running sum rounded down: no share is off by a whole unit and the total is exact. */
static bool weights_scale(uint64_t *weights, uint32_t count)
{
    u128 total = 0, remainder = 0;
    for (uint32_t i = 0; i < count; i++) total += weights[i];
    if (total == 0) return false;
    for (uint32_t i = 0; i < count; i++) {
        u128     part = (u128)weights[i] * (count * COLUMN) + remainder;
        uint64_t share = (uint64_t)(part / total);
        remainder = part - share * total;
        weights[i] = share;
    }
    assert(remainder == 0);
    return true;
}

/* Fills the columns in one sweep over the items (Huebschle-Schneider and Sanders, "Parallel Weighted Random Sampling",
 * 2019, section 3.1): `light` walks the items of at most one column, `heavy` the others, `left` is what the present
 * heavy item has still to place. While it has more than a column, it fills up light ones; what remains of it then
 * becomes its own column, filled up by the next heavy item. */
static void columns_sweep(const uint64_t *shares, uint32_t count, struct alias_column *columns)
{
    uint32_t light = 0, heavy = 0;
    while (heavy < count && shares[heavy] <= COLUMN) heavy++;
    uint64_t left = heavy < count ? shares[heavy] : 0;
    while (heavy < count) {
        if (left > COLUMN) {
            while (shares[light] > COLUMN) light++;
            columns[light] = (struct alias_column){(uint32_t)shares[light], heavy};
            if (shares[light] < COLUMN)
                left -= COLUMN - shares[light];
            else
                columns[light].other = light;
            light++;
            continue;
        }
        uint32_t next = heavy + 1;
        while (next < count && shares[next] <= COLUMN) next++;
        columns[heavy] = (struct alias_column){(uint32_t)left, left < COLUMN ? next : heavy};
        if (next < count) left += shares[next] - COLUMN;
        heavy = next;
    }
    for (; light < count; light++) /* what is left over is exactly full */
        if (shares[light] <= COLUMN) columns[light] = (struct alias_column){0, light};
}

/* Turns the weights into shares in place. */
static status table_build(arena *a, uint64_t *weights, uint32_t count, alias_table *out, err *e)
{
    if (!weights_scale(weights, count)) return err_set(e, STATUS_INVALID, "no weight is positive");
    *out = (alias_table){count, ARENA_NEW(a, struct alias_column, count)};
    columns_sweep(weights, count, out->columns);
    return STATUS_OK;
}

static status count_check(uint32_t count, err *e)
{
    if (count == 0) return err_set(e, STATUS_INVALID, "nothing to choose from");
    if (count > TABLES_ZIPF_MAX) return err_set(e, STATUS_LIMIT, "%u items, more than %u", count, TABLES_ZIPF_MAX);
    return STATUS_OK;
}

status alias_init(arena *a, const uint64_t *weights, uint32_t count, arena scratch, alias_table *out, err *e)
{
    TRY(count_check(count, e));
    uint64_t *copy = ARENA_NEW(&scratch, uint64_t, count);
    memcpy(copy, weights, count * sizeof *copy);
    return table_build(a, copy, count, out, e);
}

status alias_zipf(arena *a, uint32_t count, uint64_t s_num, uint64_t s_den, arena scratch, alias_table *out, err *e)
{
    TRY(count_check(count, e));
    if (s_den == 0) return err_set(e, STATUS_INVALID, "an exponent with denominator 0");
    if (s_num / s_den >= POWER_MAX) return err_set(e, STATUS_LIMIT, "an exponent of %u or more", POWER_MAX);
    uint64_t *weights = ARENA_NEW(&scratch, uint64_t, count);
    tables_zipf_weights(count, s_num, s_den, weights);
    return table_build(a, weights, count, out, e);
}

/* 1/n^s is multiplicative in n, so only primes need a power: sixteen million powers would take seconds. Until its turn
 * comes, weights[n - 1] holds a prime factor of n, or zero when n is prime. A product of at most 24 factors, each cut
 * to a multiple of 2^-63, is off by less than 2^-57. */
void tables_zipf_weights(uint32_t count, uint64_t s_num, uint64_t s_den, uint64_t *weights)
{
    assert(count <= TABLES_ZIPF_MAX && s_den > 0 && s_num / s_den < POWER_MAX);
    if (count == 0) return;
    fixed s = fixed_ratio(s_num, s_den);
    memset(weights, 0, count * sizeof *weights);
    weights[0] = ZIPF_ONE_Q63;
    for (uint32_t n = 2; n <= count; n++) {
        uint32_t factor = (uint32_t)weights[n - 1];
        if (factor > 0) {
            weights[n - 1] = (uint64_t)((u128)weights[factor - 1] * weights[n / factor - 1] >> 63);
            continue;
        }
        fixed power = fixed_pow_negative(fixed_of_u64(n), s);
        weights[n - 1] = fixed_to_u64((fixed){power.mantissa, power.exponent + 63});
        for (uint64_t multiple = (uint64_t)n * n; multiple <= count; multiple += n) weights[multiple - 1] = n;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint64_t nearest = (weights[i] >> ZIPF_SHIFT) + (weights[i] >> (ZIPF_SHIFT - 1) & 1);
        weights[i] = nearest > 0 ? nearest : 1;
    }
}
