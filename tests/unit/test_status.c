/* test_status.c - messages: one line, with the place in the user's file. */
#include "base/status.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static void place_counts_lines_and_bytes_from_one(void **state)
{
    (void)state;
    static const struct {
        size_t line_first, offset, line, column;
    } rows[] = {
        {0, 0, 1, 1},   {1, 0, 1, 1},   {1, 2, 1, 3}, {1, 3, 2, 1}, /* just behind the newline */
        {1, 4, 3, 1},   {1, 6, 3, 3},                               /* the two-byte letter counts two */
        {1, 7, 3, 4},   {1, 99, 3, 4},                              /* behind the end: the end */
        {57, 0, 57, 1}, {57, 4, 59, 1},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        source in = {.name = STR("x"), .text = STR("ab\n\n\xc3\xa4z"), .line_first = rows[i].line_first};
        size_t line = 0, column = 0;
        place_line_column((place){&in, rows[i].offset}, &line, &column);
        if (line != rows[i].line || column != rows[i].column)
            fail_msg("row %zu: offset %zu is %zu:%zu", i, rows[i].offset, line, column);
    }
}

static void message_has_file_line_column(void **state)
{
    (void)state;
    source in = {.name = STR("policy/deny-leave.json"), .text = STR("{\n  \"Effect\": \"Permit\"\n}"), .line_first = 1};
    err    e;
    status s =
        err_at(&e, STATUS_INVALID, (place){&in, 14}, "unknown effect `%s`, expected `Allow` or `Deny`", "Permit");
    assert_int_equal(s, STATUS_INVALID);
    assert_int_equal(e.code, STATUS_INVALID);
    assert_string_equal(e.text, "policy/deny-leave.json:2:13: unknown effect `Permit`, expected `Allow` or `Deny`");
}

static void wrapping_keeps_the_code_and_joins_by_colon(void **state)
{
    (void)state;
    err e;
    assert_int_equal(err_set(&e, STATUS_LIMIT, "depth %d", 6), STATUS_LIMIT);
    assert_int_equal(err_wrap(&e, "OU `%s`", "x"), STATUS_LIMIT);
    assert_int_equal(err_wrap(&e, "organization"), STATUS_LIMIT);
    assert_int_equal(e.code, STATUS_LIMIT);
    assert_string_equal(e.text, "organization: OU `x`: depth 6");
}

static void null_err_is_allowed(void **state)
{
    (void)state;
    source in = {.name = STR("x"), .text = STR("y"), .line_first = 1};
    assert_int_equal(err_set(NULL, STATUS_IO, "x"), STATUS_IO);
    assert_int_equal(err_at(NULL, STATUS_SYNTAX, (place){&in, 0}, "x"), STATUS_SYNTAX);
    assert_int_not_equal(err_wrap(NULL, "x"), STATUS_OK);
}

static void message_stays_one_line(void **state)
{
    (void)state;
    err e;
    (void)err_set(&e, STATUS_INVALID, "`%s`", "a\nb\rc\x1b[31m\td\x7f");
    assert_string_equal(e.text, "`a?b?c?[31m?d?`");
}

/* Whatever the length, a message which is cut ends between two characters. */
static void long_message_is_cut_between_characters(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        char text[2000];
        memset(text, 'x', shift);
        size_t len = shift;
        for (; len + 3 < sizeof text; len += 3) memcpy(text + len, "\xe2\x82\xac", 3);
        text[len] = '\0';
        err e;
        (void)err_set(&e, STATUS_INVALID, "%s", text);
        size_t got = strlen(e.text);
        assert_true(got < sizeof e.text && got + 4 >= sizeof e.text);
        assert_int_equal((got - shift) % 3, 0);
        assert_memory_equal(e.text, text, got);
    }
}

static void long_name_leaves_room_for_the_message(void **state)
{
    (void)state;
    char name[3000];
    memset(name, 'n', sizeof name);
    source in = {.name = {name, sizeof name}, .text = STR(""), .line_first = 1};
    err    e;
    (void)err_at(&e, STATUS_SYNTAX, (place){&in, 0}, "empty input");
    assert_true(str_ends(str_of(e.text), STR(":1:1: empty input")));
    assert_string_equal(e.text + e.message, "empty input");
    err_wrap(&e, "%.*s", (int)sizeof name, name);
    assert_true(strlen(e.text) < sizeof e.text);
}

static void the_place_is_kept_apart(void **state)
{
    (void)state;
    source in = {.name = STR("a:b.json"), .text = STR("12\n345"), .line_first = 1};
    err    e;
    (void)err_at(&e, STATUS_INVALID, (place){&in, 4}, "no %s", "number");
    assert_int_equal(e.line, 2);
    assert_int_equal(e.column, 2);
    assert_int_equal(e.name_len, in.name.len);
    assert_string_equal(e.text + e.message, "no number");
    (void)err_wrap(&e, "cell 3");
    assert_int_equal(e.line, 0);
    assert_string_equal(e.text + e.message, "cell 3: a:b.json:2:2: no number");
}

static void every_code_has_a_text(void **state)
{
    (void)state;
    for (int code = STATUS_OK; code <= STATUS_INTERNAL; code++) assert_true(strlen(status_text((status)code)) > 0);
    assert_string_equal(status_text(STATUS_OK), "ok");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(place_counts_lines_and_bytes_from_one),
        cmocka_unit_test(message_has_file_line_column),
        cmocka_unit_test(wrapping_keeps_the_code_and_joins_by_colon),
        cmocka_unit_test(null_err_is_allowed),
        cmocka_unit_test(message_stays_one_line),
        cmocka_unit_test(long_message_is_cut_between_characters),
        cmocka_unit_test(long_name_leaves_room_for_the_message),
        cmocka_unit_test(the_place_is_kept_apart),
        cmocka_unit_test(every_code_has_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
