/* test_json.c - what the strict reader gives, what it refuses and where, and what it writes. */
#include "base/json.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static arena memory;

static int memory_open(void **state)
{
    (void)state;
    arena_init(&memory, MEMORY_GENERAL);
    return 0;
}

static int memory_reset(void **state)
{
    (void)state;
    arena_reset(&memory);
    return 0;
}

static int memory_close(void **state)
{
    (void)state;
    arena_deinit(&memory);
    return 0;
}

/* A copy of exactly the text's size, so that a sanitizer sees a read behind its end. */
static source *source_of(str text)
{
    source *in = ARENA_NEW(&memory, source, 1);
    char   *bytes = malloc(text.len + (text.len == 0));
    assert_non_null(bytes);
    if (text.len > 0) memcpy(bytes, text.ptr, text.len);
    *in = (source){.name = STR("t.json"), .text = {bytes, text.len}};
    return in;
}

static void source_drop(source *in)
{
    free((char *)(uintptr_t)in->text.ptr);
}

static status read_all(const source *in, err *e)
{
    json_reader r;
    json_token  t;
    json_init(&r, &memory, in, 0, in->text.len);
    do TRY(json_next(&r, &t, e));
    while (t.kind != JSON_END);
    return STATUS_OK;
}

static void expect_refused(str text, status code, const char *message)
{
    source *in = source_of(text);
    err     e = {.code = STATUS_OK};
    status  got = read_all(in, &e);
    if (got != code) fail_msg("`%.*s`: %s, expected %s", STR_FMT(text), status_text(got), status_text(code));
    assert_string_equal(e.text, message);
    source_drop(in);
}

static void tokens_come_in_order_with_their_extent(void **state)
{
    (void)state;
    static const struct {
        json_kind   kind;
        const char *text;
        size_t      at, end;
    } want[] = {
        {JSON_OBJECT, "", 1, 2},          {JSON_KEY, "a", 2, 5},         {JSON_ARRAY, "", 7, 8},
        {JSON_NUMBER, "-1.50e+2", 8, 16}, {JSON_TRUE, "true", 17, 21},   {JSON_FALSE, "false", 23, 28},
        {JSON_NULL, "null", 29, 33},      {JSON_STRING, "", 34, 36},     {JSON_OBJECT, "", 37, 38},
        {JSON_OBJECT_END, "", 38, 39},    {JSON_ARRAY_END, "", 39, 40},  {JSON_KEY, "b\n", 41, 46},
        {JSON_STRING, "x", 48, 51},       {JSON_OBJECT_END, "", 51, 52}, {JSON_END, "", 53, 53},
        {JSON_END, "", 53, 53},
    };
    source     *in = source_of(STR(" {\"a\": [-1.50e+2,true, false,null,\"\",{}],\"b\\n\" :\"x\"}\n"));
    json_reader r;
    json_token  t, ahead;
    err         e;
    json_init(&r, &memory, in, 0, in->text.len);
    for (size_t i = 0; i < COUNTOF(want); i++) {
        assert_int_equal(json_peek(&r, &ahead, &e), STATUS_OK);
        assert_int_equal(json_peek(&r, &ahead, &e), STATUS_OK);
        assert_int_equal(json_next(&r, &t, &e), STATUS_OK);
        assert_memory_equal(&t, &ahead, sizeof t);
        bool same =
            t.kind == want[i].kind && str_is(t.text, want[i].text) && t.at == want[i].at && t.end == want[i].end;
        if (!same)
            fail_msg("token %zu: %s `%.*s` at %zu..%zu", i, json_kind_name(t.kind), STR_FMT(t.text), t.at, t.end);
    }
    source_drop(in);
}

static void plain_strings_are_views_and_escaped_ones_are_decoded(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
        bool        view;
    } rows[] = {
        {"\"\"", "", true},
        {"\"exactly8\"", "exactly8", true},
        {"\"more than eight bytes, \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 among them\x7f\"",
         "more than eight bytes, \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 among them\x7f", true},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", false},
        {"\"\\u0041\\u00e4\\u20AC\\ud83d\\uDE00\"", "A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", false},
        {"\"\\uFFFF\\uDBFF\\uDFFF\"", "\xef\xbf\xbf\xf4\x8f\xbf\xbf", false},
        {"\"1234567\\\\\"", "1234567\\", false},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        source     *in = source_of(str_of(rows[i].text));
        json_reader r;
        json_token  t;
        err         e;
        json_init(&r, &memory, in, 0, in->text.len);
        if (json_expect(&r, JSON_STRING, "text", &t, &e) != STATUS_OK) fail_msg("row %zu: %s", i, e.text);
        bool view = t.text.ptr == in->text.ptr + 1;
        if (!str_is(t.text, rows[i].want) || view != rows[i].view) fail_msg("row %zu: `%.*s`", i, STR_FMT(t.text));
        source_drop(in);
    }
}

static void what_is_not_strict_json_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"", "t.json:1:1: empty input, expected a JSON document"},
        {" \r\n\t", "t.json:2:2: empty input, expected a JSON document"},
        {"\xef\xbb\xbf{}", "t.json:1:1: byte order mark, expected a JSON document"},
        {"{", "t.json:1:2: unexpected end of input, expected a member name or `}`"},
        {"{\"a\"", "t.json:1:5: unexpected end of input, expected `:`"},
        {"{\"a\":", "t.json:1:6: unexpected end of input, expected a value"},
        {"{\"a\":1", "t.json:1:7: unexpected end of input, expected `,` or `}`"},
        {"[1\n", "t.json:2:1: unexpected end of input, expected `,` or `]`"},
        {"{\"a\":1 x", "t.json:1:8: expected `,` or `}`, found `x`"},
        {"{\"a\" 1}", "t.json:1:6: expected `:`, found `1`"},
        {"{a:1}", "t.json:1:2: expected a member name or `}`, found `a`"},
        {"{\"a\":1,}", "t.json:1:8: expected a member name, found `}`"},
        {"[1,]", "t.json:1:4: expected a value, found `]`"},
        {"[1 2]", "t.json:1:4: expected `,` or `]`, found `2`"},
        {"[}", "t.json:1:2: expected a value, found `}`"},
        {"]", "t.json:1:1: expected a value, found `]`"},
        {"[1]]", "t.json:1:4: expected the end of input, found `]`"},
        {"1 // one", "t.json:1:3: expected the end of input, found `/`"},
        {"/* one */ 1", "t.json:1:1: expected a value, found `/`"},
        {"[True]", "t.json:1:2: expected a value, found `True`"},
        {"[nul", "t.json:1:2: expected a value, found `nul`"},
        {"truey", "t.json:1:5: expected the end of input, found `y`"},
        {"'a'", "t.json:1:1: expected a value, found `'`"},
        {"\xc3\xa4", "t.json:1:1: expected a value, found `\xc3\xa4`"},
        {"\xff", "t.json:1:1: expected a value, found byte 0xff"},
        {"[\v1]", "t.json:1:2: expected a value, found byte 0x0b"},
        {"NaN", "t.json:1:1: expected a value, found `NaN`"},
        {"+1", "t.json:1:1: expected a value, found `+`"},
        {"-", "t.json:1:2: unexpected end of input, expected a digit"},
        {"-a", "t.json:1:2: expected a digit, found `a`"},
        {"01", "t.json:1:1: number with a leading zero"},
        {"-00", "t.json:1:2: number with a leading zero"},
        {"1.", "t.json:1:3: unexpected end of input, expected a digit behind the decimal point"},
        {".5", "t.json:1:1: expected a value, found `.`"},
        {"1e", "t.json:1:3: unexpected end of input, expected a digit of the exponent"},
        {"1e+}", "t.json:1:4: expected a digit of the exponent, found `}`"},
        {"0x10", "t.json:1:2: expected the end of input, found `x10`"},
        {"[\"abc", "t.json:1:2: string without a closing quote"},
        {"\"\\", "t.json:1:1: string without a closing quote"},
        {"\"\\\"", "t.json:1:1: string without a closing quote"},
        {"\"a\nb\"", "t.json:1:3: control character in a string, expected an escape"},
        {"\"\\x41\"", "t.json:1:2: unknown escape, expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u"},
        {"\"\\\n\"", "t.json:1:2: unknown escape, expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u"},
        {"\"\\\xc3\xa4\"", "t.json:1:2: unknown escape, expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u"},
        {"\"\\\xff\"", "t.json:1:3: invalid UTF-8"},
        {"\"\\u12\"", "t.json:1:2: `\\u` without four hex digits"},
        {"\"\\u12g4\"", "t.json:1:2: `\\u` without four hex digits"},
        {"\"a\\u0000\"", "t.json:1:3: `\\u0000` is not allowed"},
        {"\"\\ud800\"", "t.json:1:2: lone surrogate, expected a pair"},
        {"\"\\udc00\"", "t.json:1:2: lone surrogate, expected a pair"},
        {"\"\\ud800\\ud800\"", "t.json:1:2: lone surrogate, expected a pair"},
        {"\"\\ud800 dc00\"", "t.json:1:2: lone surrogate, expected a pair"},
        {"\"\x80\"", "t.json:1:2: invalid UTF-8"},
        {"\"\xc1\xbf\"", "t.json:1:2: invalid UTF-8"},         /* overlong           */
        {"\"\xe0\x9f\xbf\"", "t.json:1:2: invalid UTF-8"},     /* overlong           */
        {"\"\xf0\x8f\xbf\xbf\"", "t.json:1:2: invalid UTF-8"}, /* overlong           */
        {"\"\xed\xa0\x80\"", "t.json:1:2: invalid UTF-8"},     /* a surrogate        */
        {"\"\xf4\x90\x80\x80\"", "t.json:1:2: invalid UTF-8"}, /* above U+10FFFF     */
        {"\"\xf5\x80\x80\x80\"", "t.json:1:2: invalid UTF-8"},
        {"\"1234567890\xe2\x82\"", "t.json:1:12: invalid UTF-8"}, /* cut short by a quote */
        {"\"\xe2\x82", "t.json:1:2: invalid UTF-8"},              /* cut short by the end */
        {"{\"a\":1,\n \"b\":{\"a\":2},\n \"a\":3}", "t.json:3:2: duplicate member `a`, first at line 1"},
        {"{\"a\":1,\"\\u0061\":2}", "t.json:1:8: duplicate member `a`, first at line 1"},
        {"{\"\":1,\"\":2}", "t.json:1:7: duplicate member ``, first at line 1"},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) expect_refused(str_of(rows[i].text), STATUS_SYNTAX, rows[i].message);
    expect_refused(STR("\"a\0b\""), STATUS_SYNTAX, "t.json:1:3: control character in a string, expected an escape");
    expect_refused(STR("1\0"), STATUS_SYNTAX, "t.json:1:2: expected the end of input, found byte 0x00");
}

static void every_utf8_boundary_is_accepted(void **state)
{
    (void)state;
    source *in =
        source_of(STR("[\"\x7f\", \"\xc2\x80\", \"\xdf\xbf\", \"\xe0\xa0\x80\", \"\xed\x9f\xbf\", \"\xee\x80\x80\","
                      "\"\xef\xbf\xbf\", \"\xf0\x90\x80\x80\", \"\xf4\x8f\xbf\xbf\"]"));
    err e;
    if (read_all(in, &e) != STATUS_OK) fail_msg("%s", e.text);
    source_drop(in);
}

/* Every byte that needs attention at every offset of the eight read at once. */
static void every_position_of_a_word_is_looked_at(void **state)
{
    (void)state;
    static const char special[] = {'\x1f', '\x00', '\xff', '\\', '"'};
    for (size_t len = 1; len <= 24; len++)
        for (size_t at = 0; at < len; at++)
            for (size_t s = 0; s < sizeof special; s++) {
                char text[32] = {'"'};
                memset(text + 1, 'x', len);
                text[1 + at] = special[s];
                text[1 + len] = '"';
                source *in = source_of((str){text, len + 2});
                if (read_all(in, NULL) == STATUS_OK) fail_msg("byte %zu of %zu is 0x%02x", at, len, special[s] & 0xff);
                source_drop(in);
            }
}

static void depth_and_size_have_limits(void **state)
{
    (void)state;
    enum { DEEP = 100000 };
    char *text = ARENA_NEW(&memory, char, DEEP);
    memset(text, '[', DEEP);
    expect_refused((str){text, DEEP}, STATUS_LIMIT, "t.json:1:129: nested deeper than 128 levels");
    char *fits = ARENA_NEW(&memory, char, (size_t)2 * JSON_DEPTH_MAX);
    memset(fits, '[', JSON_DEPTH_MAX);
    memset(fits + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
    source     *in = source_of((str){fits, (size_t)2 * JSON_DEPTH_MAX});
    err         e = {.code = STATUS_OK};
    json_reader r;
    json_token  t;
    size_t      begin = 0, end = 0;
    json_init(&r, &memory, in, 0, in->text.len);
    assert_int_equal(json_skip(&r, &begin, &end, &e), STATUS_OK);
    json_init(&r, &memory, in, 0, in->text.len);
    r.size_max = 255;
    assert_int_equal(json_next(&r, &t, &e), STATUS_LIMIT);
    assert_string_equal(e.text, "t.json:1:1: 256 bytes of JSON, the limit is 255");
    source_drop(in);
}

/* `count` members, then the name numbered `again` (count: none) once more. */
static str many_members(size_t count, size_t again)
{
    char  *text = ARENA_NEW(&memory, char, count * 24 + 64);
    size_t len = 0;
    text[len++] = '{';
    for (size_t i = 0; i < count; i++) len += (size_t)sprintf(text + len, "\n\"name%zu\":[],", i);
    len += (size_t)sprintf(text + len, "\n\"name%zu\":{}}", again);
    return (str){text, len};
}

static void names_are_unique_in_objects_of_any_size(void **state)
{
    (void)state;
    static const size_t counts[] = {1, 2, 15, 16, 17, 31, 32, 33, 34, 127, 128, 129, 5000};
    for (size_t i = 0; i < COUNTOF(counts); i++) {
        size_t count = counts[i];
        for (size_t again = 0; again < count; again += count / 7 + 1) {
            char message[100];
            (void)snprintf(message, sizeof message, "t.json:%zu:1: duplicate member `name%zu`, first at line %zu",
                           count + 2, again, again + 2);
            expect_refused(many_members(count, again), STATUS_SYNTAX, message);
        }
        source *in = source_of(many_members(count, count));
        assert_int_equal(read_all(in, NULL), STATUS_OK);
        source_drop(in);
    }
    source *giant = source_of(many_members(1000000, 1000000)); /* in seconds, if it were quadratic: hours */
    assert_int_equal(read_all(giant, NULL), STATUS_OK);
    source_drop(giant);
}

/* The set of a large object is used again by its next sibling and by what follows at the same level. */
static void names_of_siblings_do_not_meet(void **state)
{
    (void)state;
    str large = many_members(100, 100), small = many_members(20, 20);
    str text = arena_format(&memory, "[%.*s,%.*s,{\"name1\":1},%.*s]", STR_FMT(large), STR_FMT(small), STR_FMT(large));
    source *in = source_of(text);
    err     e;
    if (read_all(in, &e) != STATUS_OK) fail_msg("%s", e.text);
    source_drop(in);
}

static void skip_gives_extents_and_checks_everything(void **state)
{
    (void)state;
    source     *in = source_of(STR("{\"a\": {\"b\": [1, {}]} , \"c\":2}"));
    json_reader r;
    json_token  t;
    err         e;
    size_t      begin = 0, end = 0;
    json_init(&r, &memory, in, 0, in->text.len);
    assert_int_equal(json_expect(&r, JSON_OBJECT, "document", &t, &e), STATUS_OK);
    assert_int_equal(json_next(&r, &t, &e), STATUS_OK);
    assert_int_equal(json_peek(&r, &t, &e), STATUS_OK); /* a look ahead does not disturb it */
    assert_int_equal(json_skip(&r, &begin, &end, &e), STATUS_OK);
    assert_true(str_is(str_part(in->text, begin, end - begin), "{\"b\": [1, {}]}"));
    assert_int_equal(json_next(&r, &t, &e), STATUS_OK);
    assert_int_equal(json_skip(&r, &begin, &end, &e), STATUS_OK);
    assert_true(str_is(str_part(in->text, begin, end - begin), "2"));
    assert_int_equal(json_expect(&r, JSON_OBJECT_END, "document", &t, &e), STATUS_OK);
    assert_int_equal(json_expect(&r, JSON_END, "document", &t, &e), STATUS_OK);
    source_drop(in);

    in = source_of(STR("[[1,{\"x\":\"\\q\"}]]"));
    json_init(&r, &memory, in, 0, in->text.len);
    assert_int_equal(json_skip(&r, &begin, &end, &e), STATUS_SYNTAX);
    source_drop(in);
}

static void a_window_ends_where_it_says(void **state)
{
    (void)state;
    source     *in = source_of(STR("xx[12]34"));
    json_reader r;
    size_t      begin = 0, end = 0;
    err         e = {.code = STATUS_OK};
    json_init(&r, &memory, in, 2, 6);
    assert_int_equal(json_skip(&r, &begin, &end, &e), STATUS_OK);
    assert_int_equal(begin, 2);
    assert_int_equal(end, 6);
    json_init(&r, &memory, in, 2, 5);
    assert_int_equal(json_skip(&r, &begin, &end, &e), STATUS_SYNTAX);
    assert_string_equal(e.text, "t.json:1:6: unexpected end of input, expected `,` or `]`");
    source_drop(in);
}

static void expect_names_both_kinds_and_errors_stay(void **state)
{
    (void)state;
    source     *in = source_of(STR("{\"Effect\": 1}"));
    json_reader r;
    json_token  t;
    err         e = {.code = STATUS_OK};
    json_init(&r, &memory, in, 0, in->text.len);
    assert_int_equal(json_next(&r, &t, &e), STATUS_OK);
    assert_int_equal(json_next(&r, &t, &e), STATUS_OK);
    assert_int_equal(json_expect(&r, JSON_STRING, "`Effect`", &t, &e), STATUS_INVALID);
    assert_string_equal(e.text, "t.json:1:12: `Effect`: found a number, expected a string");
    assert_int_equal(json_next(&r, &t, &e), STATUS_SYNTAX);
    assert_int_equal(json_peek(&r, &t, &e), STATUS_SYNTAX);
    source_drop(in);
}

static void quoted_text_reads_back(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", "\"\""},
        {"plain \xc3\xa4\xf0\x9f\x98\x80/", "\"plain \xc3\xa4\xf0\x9f\x98\x80/\""},
        {"\"\\\b\f\n\r\t\x01\x1f\x7f", "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\""},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        str quoted = json_quote(&memory, str_of(rows[i].text));
        if (!str_is(quoted, rows[i].want)) fail_msg("row %zu: %.*s", i, STR_FMT(quoted));
        source     *in = source_of(quoted);
        json_reader r;
        json_token  t;
        json_init(&r, &memory, in, 0, in->text.len);
        assert_int_equal(json_next(&r, &t, NULL), STATUS_OK);
        assert_true(str_is(t.text, rows[i].text));
        source_drop(in);
    }
    assert_true(str_is(json_quote(&memory, STR("a\xff\xe2\x82z")), "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\""));
    assert_true(str_is(json_quote(&memory, STR("\0")), "\"\\u0000\""));
}

int main(void)
{
#define CASE(test) cmocka_unit_test_teardown(test, memory_reset)
    const struct CMUnitTest tests[] = {
        CASE(tokens_come_in_order_with_their_extent),
        CASE(plain_strings_are_views_and_escaped_ones_are_decoded),
        CASE(what_is_not_strict_json_is_refused_with_its_place),
        CASE(every_utf8_boundary_is_accepted),
        CASE(every_position_of_a_word_is_looked_at),
        CASE(depth_and_size_have_limits),
        CASE(names_are_unique_in_objects_of_any_size),
        CASE(names_of_siblings_do_not_meet),
        CASE(skip_gives_extents_and_checks_everything),
        CASE(a_window_ends_where_it_says),
        CASE(expect_names_both_kinds_and_errors_stay),
        CASE(quoted_text_reads_back),
    };
    return cmocka_run_group_tests(tests, memory_open, memory_close);
}
