/* test_bitset.c - sets against plain arrays of bool, at every size around a word's edges. */
#include "base/bitset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "base/hash.h"

#define BITS_MAX 200

/* Fills set and model alike, about one in `sparse` bits. */
static void fill(bitset s, bool *model, uint64_t salt, uint64_t sparse)
{
    for (size_t bit = 0; bit < s.bit_count; bit++) {
        model[bit] = hash_mix(bit, salt) % sparse == 0;
        if (model[bit]) bitset_set(s, bit);
    }
}

static void expect(bitset s, const bool *model)
{
    size_t count = 0;
    for (size_t bit = 0; bit < s.bit_count; bit++) {
        assert_int_equal(bitset_get(s, bit), model[bit]);
        count += model[bit];
    }
    assert_int_equal(bitset_count(s), count);
    for (size_t from = 0; from <= s.bit_count + 65; from++) {
        size_t want = from;
        while (want < s.bit_count && !model[want]) want++;
        assert_int_equal(bitset_next(s, from), want < s.bit_count ? want : s.bit_count);
    }
}

static void operations_equal_those_on_bools(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    for (size_t bits = 0; bits <= BITS_MAX; bits++) {
        bool   x_model[BITS_MAX + 1], y_model[BITS_MAX + 1];
        bitset x = bitset_new(&a, bits), y = bitset_new(&a, bits);
        assert_int_equal(bitset_count(x), 0);
        fill(x, x_model, bits, 3);
        fill(y, y_model, bits + 1000, 20);
        expect(x, x_model);
        bitset_union(x, y);
        for (size_t i = 0; i < bits; i++) x_model[i] = x_model[i] || y_model[i];
        expect(x, x_model);
        bitset_intersect(x, y); /* y is a part of x now */
        assert_true(bitset_equal(x, y));
        expect(x, y_model);
        for (size_t i = 0; i < bits; i++) bitset_clear(x, i);
        assert_int_equal(bitset_count(x), 0);
        assert_int_equal(bitset_equal(x, y), bitset_count(y) == 0);
        arena_reset(&a);
    }
    arena_deinit(&a);
}

static void sets_of_different_size_differ(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    assert_false(bitset_equal(bitset_new(&a, 64), bitset_new(&a, 63)));
    assert_true(bitset_equal(bitset_new(&a, 0), bitset_new(&a, 0)));
    arena_deinit(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_equal_those_on_bools),
        cmocka_unit_test(sets_of_different_size_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
