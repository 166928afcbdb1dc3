#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

/* tests/kat_vectors of Random123, lines `philox4x32 10`. */
static const struct {
    uint32_t counter[4], key[2], want[4];
} vectors[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

static void philox_equals_the_published_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNTOF(vectors); i++) {
        uint32_t got[4];
        philox4x32_10(vectors[i].counter, vectors[i].key, got);
        if (memcmp(got, vectors[i].want, sizeof got) != 0) fail_msg("vector %zu", i);
    }
}

/* The third vector again, through the address: which field goes to which word. */
static void an_address_fills_key_and_counter(void **state)
{
    (void)state;
    rng_pair got = rng_pair_at(0x299f31d0a4093822u, (rng_stream)0x03707344, 0x13198a2e, 0x85a308d3243f6a88u);
    assert_int_equal(got.a, 0x94fdccebd16cfe09u);
    assert_int_equal(got.b, 0x24126ea15001e420u);
    assert_int_equal(rng_at(0, RNG_TEST, 0, 0), 0xe169c58d6627e8d5u);
}

static void every_part_of_an_address_matters(void **state)
{
    (void)state;
    uint64_t base = rng_at(1, RNG_TEST, 2, 3);
    assert_int_equal(base, rng_at(1, RNG_TEST, 2, 3));
    assert_int_not_equal(base, rng_at(1 | 1ull << 40, RNG_TEST, 2, 3));
    assert_int_not_equal(base, rng_at(1, RNG_ID, 2, 3));
    assert_int_not_equal(base, rng_at(1, RNG_TEST, 3, 3));
    assert_int_not_equal(base, rng_at(1, RNG_TEST, 2, 3 | 1ull << 40));
}

/* A number used twice would not compile. */
static const char *stream_name(rng_stream stream)
{
    switch (stream) {
#define CASE(name, number) \
    case number: return #name;
        RNG_STREAMS(CASE)
#undef CASE
    }
    return "";
}

static void stream_numbers_are_never_reused(void **state)
{
    (void)state;
    assert_string_equal(stream_name(RNG_TEST), "RNG_TEST");
    assert_int_equal(RNG_LAG, 12); /* renumbering would change every result */
}

static void scale_is_uniform_and_stays_below(void **state)
{
    (void)state;
    assert_int_equal(rng_scale(UINT64_MAX, 1), 0);
    assert_int_equal(rng_scale(UINT64_MAX, 10), 9);
    assert_int_equal(rng_scale(UINT64_MAX, UINT64_MAX), UINT64_MAX - 1);
    enum { DRAWS = 100000, BINS = 10 };
    int counts[BINS] = {0};
    for (uint64_t n = 0; n < DRAWS; n++) counts[rng_scale(rng_at(7, RNG_TEST, 0, n), BINS)]++;
    double chi2 = 0;
    for (int i = 0; i < BINS; i++) {
        double off = counts[i] - DRAWS / BINS;
        chi2 += off * off / (DRAWS / BINS);
    }
    assert_true(chi2 < 27.9); /* 9 degrees of freedom, 0.999 */
}

static void chance_is_exact_at_both_ends(void **state)
{
    (void)state;
    assert_false(rng_chance(0, 0, 5));
    assert_true(rng_chance(UINT64_MAX, 5, 5));
    assert_true(rng_chance(UINT64_MAX / 2, 1, 2));
    assert_false(rng_chance(UINT64_MAX / 2 + 1, 1, 2));
    int hits = 0;
    for (uint64_t n = 0; n < 100000; n++) hits += rng_chance(rng_at(11, RNG_TEST, 0, n), 1, 100);
    assert_in_range(hits, 900, 1100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_equals_the_published_vectors), cmocka_unit_test(an_address_fills_key_and_counter),
        cmocka_unit_test(every_part_of_an_address_matters),    cmocka_unit_test(stream_numbers_are_never_reused),
        cmocka_unit_test(scale_is_uniform_and_stays_below),    cmocka_unit_test(chance_is_exact_at_both_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
