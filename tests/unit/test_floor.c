/* test_floor.c - the loads are those that were asked for; their times are nobody's business here. */
#include "bench/floor.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SIZE_BYTES (UINT64_C(64) << 10)

static floor_set *set;

static int setup(void **state)
{
    (void)state;
    set = floor_new(SIZE_BYTES + 1, 7);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    floor_free(set);
    return 0;
}

static void sizes_rise_by_four(void **state)
{
    (void)state;
    assert_int_equal(floor_count(set), 2);
    assert_int_equal(floor_bytes(set, 0), FLOOR_BYTES_MIN);
    assert_int_equal(floor_bytes(set, 1), SIZE_BYTES);
}

/* Every line holds its number: a chase over the whole cycle meets each once and is back where it began. */
static void chase_is_one_cycle(void **state)
{
    (void)state;
    for (uint32_t size = 0; size < floor_count(set); size++) {
        uint64_t lines = floor_bytes(set, size) / FLOOR_LINE_BYTES;
        bool    *seen = memory_alloc(MEMORY_GENERAL, lines);
        for (uint64_t i = 1; i <= lines; i++) {
            uint64_t at = floor_load(set, size, FLOOR_CHASE, 0, i);
            assert_true(at < lines);
            assert_false(seen[at]);
            seen[at] = true;
        }
        assert_int_equal(floor_load(set, size, FLOOR_CHASE, 5, lines), 5);
        memory_free(MEMORY_GENERAL, seen);
    }
}

static void stream_reads_each_line_in_order(void **state)
{
    (void)state;
    uint64_t lines = FLOOR_BYTES_MIN / FLOOR_LINE_BYTES;
    assert_int_equal(floor_load(set, 0, FLOOR_STREAM, 0, lines), lines * (lines - 1) / 2);
    assert_int_equal(floor_load(set, 0, FLOOR_STREAM, 3, 4), 3 + 4 + 5 + 6);
    assert_int_equal(floor_load(set, 0, FLOOR_STREAM, lines - 1, 3), lines - 1 + 0 + 1);
    assert_int_equal(floor_load(set, 0, FLOOR_STREAM, 0, 0), 0);
}

/* The addresses depend on their place alone, so parts add up to the whole, whatever the batches. */
static void prefetched_loads_add_up(void **state)
{
    (void)state;
    uint64_t whole = floor_load(set, 1, FLOOR_PREFETCHED, 10, 1000);
    assert_int_equal(whole,
                     floor_load(set, 1, FLOOR_PREFETCHED, 10, 65) + floor_load(set, 1, FLOOR_PREFETCHED, 75, 935));
    assert_true(whole > 0);
    assert_int_not_equal(whole, floor_load(set, 1, FLOOR_PREFETCHED, 11, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_rise_by_four),
        cmocka_unit_test(chase_is_one_cycle),
        cmocka_unit_test(stream_reads_each_line_in_order),
        cmocka_unit_test(prefetched_loads_add_up),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
