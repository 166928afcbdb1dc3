#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/text.h"

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

static void same(str got, const char *want)
{
    if (!str_is(got, want)) fail_msg("`%.*s`, expected `%s`", STR_FMT(got), want);
}

static void counts_have_their_thousands_apart(void **state)
{
    (void)state;
    same(text_count(&a, 0), "0");
    same(text_count(&a, 999), "999");
    same(text_count(&a, 1000), "1,000");
    same(text_count(&a, 1234567), "1,234,567");
    same(text_count(&a, UINT64_MAX), "18,446,744,073,709,551,615");
    same(text_plural(&a, 1, "cell", "cells"), "1 cell");
    same(text_plural(&a, 2400, "cell", "cells"), "2,400 cells");
    same(text_words(&a, 999499), "999,499");
    same(text_words(&a, 8335968), "8.34 million");
}

static void durations_have_three_digits(void **state)
{
    (void)state;
    static const struct {
        int64_t     ns;
        const char *want;
    } rows[] = {
        {0, "0 ns"},
        {999, "999 ns"},
        {1000, "1.00 µs"},
        {9994, "9.99 µs"},
        {9996, "10.0 µs"},
        {999499, "999 µs"},
        {999600, "1.00 ms"},
        {73334783, "73.3 ms"},
        {4904000000, "4.90 s"},
        {119000000000, "119 s"},
        {120000000000, "2.00 min"},
        {7200000000000, "2.00 h"},
        {172800000000000, "2.00 d"},
        {-1500000, "-1.50 ms"},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) same(text_duration(&a, rows[i].ns), rows[i].want);
}

static void instants_are_exact(void **state)
{
    (void)state;
    same(text_instant(&a, 0), "0 s");
    same(text_instant(&a, 150000000000), "2 min 30 s");
    same(text_instant(&a, 60250000000), "1 min 0.25 s");
    same(text_instant(&a, 100800000000000), "1 d 4 h");
    same(text_instant(&a, 1), "0.000000001 s");
}

static void shares_never_round_to_none_or_all(void **state)
{
    (void)state;
    same(text_share(&a, 0, 0), "0 %");
    same(text_share(&a, 0, 7), "0 %");
    same(text_share(&a, 7, 7), "100 %");
    same(text_share(&a, 1, 3), "33.3 %");
    same(text_share(&a, 773, 10000), "7.73 %");
    same(text_share(&a, 31, 1000000), "0.0031 %");
    same(text_share(&a, 1, UINT64_C(1000000000000)), "< 0.0001 %");
    same(text_share(&a, UINT64_C(999999999999), UINT64_C(1000000000000)), "99.9999 %");
}

static void rates_and_bytes_have_units(void **state)
{
    (void)state;
    same(text_rate(&a, 8335967.7), "8.34 M/s");
    same(text_rate(&a, 12), "12.0 /s");
    same(text_bytes(&a, 1023), "1023 B");
    same(text_bytes(&a, 1024), "1.00 KiB");
    same(text_bytes(&a, 19460096), "18.6 MiB");
}

static void lines_are_cut_at_characters(void **state)
{
    (void)state;
    same(text_line(&a, STR("as it is"), 8), "as it is");
    same(text_line(&a, STR("a longer line"), 10), "a longe...");
    same(text_line(&a, STR("Bärenstraße"), 8), "Bären...");
    same(text_line(&a, STR("bell\a and\nline"), 40), "bell? and?line");
    same(text_line(&a, STR("long"), 2), "lo");
    assert_int_equal(text_columns(STR("73,3 µs")), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_have_their_thousands_apart),
        cmocka_unit_test(durations_have_three_digits),
        cmocka_unit_test(instants_are_exact),
        cmocka_unit_test(shares_never_round_to_none_or_all),
        cmocka_unit_test(rates_and_bytes_have_units),
        cmocka_unit_test(lines_are_cut_at_characters),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
