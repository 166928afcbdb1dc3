/* test_str.c - order, case, numbers and "did you mean". */
#include "base/str.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static int sign(int v)
{
    return (v > 0) - (v < 0);
}

static void order_is_by_unsigned_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int         exact, nocase;
    } rows[] = {
        {"", "", 0, 0},
        {"", "a", -1, -1},
        {"a", "ab", -1, -1},
        {"B", "a", -1, 1},
        {"abc", "ABC", 1, 0},
        {"a_", "aB", 1, -1}, /* `_` stands between capitals and small letters */
        {"\xc3", "z", 1, 1},
        {"[", "{", -1, -1},
        {"\xc3\x84", "\xc3\xa4", -1, -1},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        str a = str_of(rows[i].a), b = str_of(rows[i].b);
        if (sign(str_cmp(a, b)) != rows[i].exact || sign(str_cmp(b, a)) != -rows[i].exact)
            fail_msg("row %zu: str_cmp of `%s` and `%s`", i, rows[i].a, rows[i].b);
        if (sign(str_cmp_nocase(a, b)) != rows[i].nocase || sign(str_cmp_nocase(b, a)) != -rows[i].nocase)
            fail_msg("row %zu: str_cmp_nocase of `%s` and `%s`", i, rows[i].a, rows[i].b);
        assert_int_equal(str_eq(a, b), rows[i].exact == 0);
        assert_int_equal(str_eq_nocase(a, b), rows[i].nocase == 0);
    }
}

static void parts_and_searches_keep_inside(void **state)
{
    (void)state;
    str s = STR("a:b:c");
    assert_int_equal(str_find(s, ':', 0), 1);
    assert_int_equal(str_find(s, ':', 2), 3);
    assert_int_equal(str_find(s, ':', 4), 5);
    assert_int_equal(str_find(s, ':', 99), 5);
    assert_int_equal(str_find((str){NULL, 0}, ':', 0), 0);
    assert_true(str_is(str_part(s, 2, 1), "b"));
    assert_true(str_starts(s, STR("a:")));
    assert_true(str_starts(s, STR("")));
    assert_false(str_starts(STR("a"), s));
    assert_true(str_ends(s, STR(":c")));
    assert_false(str_ends(STR("c"), s));
    assert_true(str_eq((str){NULL, 0}, STR("")));
}

static void numbers_are_strict(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool        fits_u64, fits_i64;
        uint64_t    u64;
        int64_t     i64;
    } rows[] = {
        {"0", true, true, 0, 0},
        {"007", true, true, 7, 7},
        {"-1", false, true, 0, -1},
        {"9223372036854775807", true, true, INT64_MAX, INT64_MAX},
        {"9223372036854775808", true, false, UINT64_C(9223372036854775808), 0},
        {"-9223372036854775808", false, true, 0, INT64_MIN},
        {"-9223372036854775809", false, false, 0, 0},
        {"18446744073709551615", true, false, UINT64_MAX, 0},
        {"18446744073709551616", false, false, 0, 0},
        {"99999999999999999999", false, false, 0, 0},
        {"", false, false, 0, 0},
        {"-", false, false, 0, 0},
        {"--1", false, false, 0, 0},
        {"+1", false, false, 0, 0},
        {" 1", false, false, 0, 0},
        {"1 ", false, false, 0, 0},
        {"0x10", false, false, 0, 0},
        {"1e3", false, false, 0, 0},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        uint64_t u = 42;
        int64_t  v = 42;
        if (str_to_u64(str_of(rows[i].text), &u) != rows[i].fits_u64 || u != (rows[i].fits_u64 ? rows[i].u64 : 42))
            fail_msg("row %zu: `%s` as u64", i, rows[i].text);
        if (str_to_i64(str_of(rows[i].text), &v) != rows[i].fits_i64 || v != (rows[i].fits_i64 ? rows[i].i64 : 42))
            fail_msg("row %zu: `%s` as i64", i, rows[i].text);
    }
}

static void nearest_is_what_was_meant(void **state)
{
    (void)state;
    static const str names[] = {
        {"Effect", 6}, {"Action", 6}, {"NotAction", 9}, {"Resource", 8}, {"Condition", 9}, {"Sid", 3}, {"seed", 4},
    };
    static const struct {
        const char *word, *want;
    } rows[] = {
        {"effect", "Effect"},     /* case costs nothing              */
        {"Efect", "Effect"},      /* one missing                     */
        {"Acction", "Action"},    /* one too many                    */
        {"Resuorce", "Resource"}, /* two swapped: one edit           */
        {"sede", "seed"},         /* swapped, within a third of four */
        {"Conditoins", "Condition"},
        {"NotActoin", "NotAction"},
        {"Sod", "Sid"},
        {"Si", ""}, /* a third of two letters is none  */
        {"Principal", ""},
        {"", ""},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        str got = str_nearest(str_of(rows[i].word), names, COUNTOF(names));
        if (!str_is(got, rows[i].want))
            fail_msg("row %zu: `%s` gave `%.*s`, expected `%s`", i, rows[i].word, STR_FMT(got), rows[i].want);
    }
}

static void nearest_settles_ties_by_order_and_bounds_length(void **state)
{
    (void)state;
    static const str ties[] = {{"abcx", 4}, {"abcy", 4}};
    assert_true(str_is(str_nearest(STR("abcz"), ties, 2), "abcx"));
    assert_true(str_is(str_nearest(STR("abcz"), ties, 0), ""));
    char longest[200];
    memset(longest, 'a', sizeof longest);
    str twin = {longest, sizeof longest};
    assert_int_equal(str_nearest(twin, &twin, 1).len, 0);
    assert_int_equal(str_nearest(STR("aaaa"), &twin, 1).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_by_unsigned_bytes),
        cmocka_unit_test(parts_and_searches_keep_inside),
        cmocka_unit_test(numbers_are_strict),
        cmocka_unit_test(nearest_is_what_was_meant),
        cmocka_unit_test(nearest_settles_ties_by_order_and_bounds_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
