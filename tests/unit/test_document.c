/* test_document.c - what documents give and refuse, each refusal with its place, and what they print. */
#include "base/document.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>

static arena     memory;
static source    input;
static document *parsed;
static err       error;

static int memory_open(void **state)
{
    (void)state;
    arena_init(&memory, MEMORY_GENERAL);
    return 0;
}

static int test_end(void **state)
{
    (void)state;
    document_free(parsed);
    parsed = NULL;
    arena_reset(&memory);
    return 0;
}

static int memory_close(void **state)
{
    (void)state;
    arena_deinit(&memory);
    return 0;
}

static const node *root_of(const char *text)
{
    document_free(parsed);
    parsed = NULL;
    input = (source){.name = STR("s.json"), .text = str_of(text)};
    if (document_parse(&memory, &input, &parsed, &error) != STATUS_OK) fail_msg("`%s`: %s", text, error.text);
    return document_root(parsed);
}

/* The only element of an array with `literal` in it, at 1:2. */
static const node *value_of(const char *literal)
{
    str text = arena_format(&memory, "[%s]", literal);
    return node_at(root_of(text.ptr), 0);
}

static void a_tree_has_kinds_names_order_and_places(void **state)
{
    (void)state;
    const node *root = root_of("{\"name\": \"x\\ty\",\n \"list\": [null, true, {}],\n \"Name\": -1}");
    assert_int_equal(node_kind_of(root), NODE_OBJECT);
    assert_int_equal(node_count(root), 3);
    assert_true(str_is(node_name(node_at(root, 0)), "name"));
    assert_true(str_is(node_name(node_at(root, 2)), "Name"));
    const node *list = node_get(root, "list");
    assert_ptr_equal(list, node_at(root, 1));
    assert_int_equal(node_count(list), 3);
    assert_int_equal(node_kind_of(node_at(list, 0)), NODE_NULL);
    assert_int_equal(node_kind_of(node_at(list, 1)), NODE_BOOL);
    assert_int_equal(node_kind_of(node_at(list, 2)), NODE_OBJECT);
    assert_int_equal(node_kind_of(node_get(root, "Name")), NODE_NUMBER);
    assert_null(node_get(root, "absent"));
    assert_null(node_get(NULL, "absent"));
    assert_null(node_get(list, "absent"));
    size_t line = 0, column = 0;
    place_line_column(document_place(parsed, node_at(list, 2)), &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 23);
}

static void typed_values_are_given(void **state)
{
    (void)state;
    const node *root = root_of("{\"s\": \"\\u00e4\", \"t\": true, \"f\": false, \"o\": {}, \"a\": [1]}");
    str         s;
    bool        b = false;
    assert_int_equal(node_string(parsed, node_get(root, "s"), &s, &error), STATUS_OK);
    assert_true(str_is(s, "\xc3\xa4"));
    assert_int_equal(node_bool(parsed, node_get(root, "t"), &b, &error), STATUS_OK);
    assert_true(b);
    assert_int_equal(node_bool(parsed, node_get(root, "f"), &b, &error), STATUS_OK);
    assert_false(b);
    assert_int_equal(node_object(parsed, node_get(root, "o"), &error), STATUS_OK);
    assert_int_equal(node_array(parsed, node_get(root, "a"), &error), STATUS_OK);
}

static void a_wrong_kind_or_a_missing_member_is_told(void **state)
{
    (void)state;
    const node *root = root_of(" {\"a\": [1,\n 2]}"), *n = NULL;
    str         s;
    bool        b;
    uint64_t    u, v;
    int64_t     i;
    assert_int_equal(node_string(parsed, node_get(root, "a"), &s, &error), STATUS_INVALID);
    assert_string_equal(error.text, "s.json:1:8: expected a string, found an array");
    assert_int_equal(node_bool(parsed, node_at(node_get(root, "a"), 1), &b, &error), STATUS_INVALID);
    assert_string_equal(error.text, "s.json:2:2: expected a boolean, found a number");
    assert_int_equal(node_object(parsed, NULL, &error), STATUS_INVALID);
    assert_string_equal(error.text, "s.json:1:2: expected an object, found nothing");
    assert_int_equal(node_need(parsed, root, "b", &n, &error), STATUS_INVALID);
    assert_string_equal(error.text, "s.json:1:2: missing member `b`");
    assert_int_equal(node_need(parsed, root, "a", &n, &error), STATUS_OK);
    assert_ptr_equal(n, node_get(root, "a"));
    assert_int_equal(node_u64(parsed, n, &u, &error), STATUS_INVALID);
    assert_string_equal(error.text, "s.json:1:8: expected an integer or a string with one, found an array");
    assert_int_equal(node_time_ns(parsed, root, &i, &error), STATUS_INVALID);
    assert_string_equal(error.text,
                        "s.json:1:2: expected a time such as `3500ms` or integer nanoseconds, found an object");
    assert_int_equal(node_ratio(parsed, NULL, &u, &v, &error), STATUS_INVALID);
    assert_string_equal(error.text, "s.json:1:2: expected a ratio such as 0.25 or `1/100`, found nothing");
}

/* Rows of one accessor: what it gives, or the message behind the place. */
static void expect_message(const char *literal, const char *message)
{
    str want = arena_format(&memory, "s.json:1:2: %s", message);
    if (strcmp(error.text, want.ptr) != 0) fail_msg("`%s`: %s", literal, error.text);
}

static void integers_are_exact_and_in_range(void **state)
{
    (void)state;
    static const struct {
        const char *literal;
        int64_t     min, max, want;
        const char *message; /* null: accepted */
    } rows[] = {
        {"0", 0, 0, 0, NULL},
        {"-0", 0, 0, 0, NULL},
        {"-12", INT64_MIN, INT64_MAX, -12, NULL},
        {"1e3", 0, 1000, 1000, NULL},
        {"1.50e1", 0, 1000, 15, NULL},
        {"20e-1", 0, 1000, 2, NULL},
        {"9007199254740992", 0, INT64_MAX, INT64_C(9007199254740992), NULL},
        {"9007199254740993", 0, INT64_MAX, 0,
         "expected an integer from 0 to 9007199254740992, found `9007199254740993`"},
        {"-9007199254740993", INT64_MIN, 5, 0,
         "expected an integer from -9007199254740992 to 5, found `-9007199254740993`"},
        {"1e400", 0, 9, 0, "expected an integer from 0 to 9, found `1e400`"},
        {"10", 0, 9, 0, "expected an integer from 0 to 9, found `10`"},
        {"-1", 0, 9, 0, "expected an integer from 0 to 9, found `-1`"},
        {"1.5", 0, 9, 0, "expected an integer from 0 to 9, found `1.5`"},
        {"\"1\"", 0, 9, 0, "expected a number, found a string"},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        const node *n = value_of(rows[i].literal);
        int64_t     got = 0;
        status      code = node_i64(parsed, n, rows[i].min, rows[i].max, &got, &error);
        if (rows[i].message != NULL) {
            assert_int_equal(code, STATUS_INVALID);
            expect_message(rows[i].literal, rows[i].message);
        } else if (code != STATUS_OK || got != rows[i].want) {
            fail_msg("`%s`: %lld", rows[i].literal, (long long)got);
        }
    }
}

static void u64_takes_numbers_to_2_53_and_strings_to_64_bits(void **state)
{
    (void)state;
    static const struct {
        const char *literal;
        uint64_t    want;
        const char *message;
    } rows[] = {
        {"0", 0, NULL},
        {"9007199254740992", UINT64_C(9007199254740992), NULL},
        {"\"9007199254740993\"", UINT64_C(9007199254740993), NULL},
        {"\"18446744073709551615\"", UINT64_MAX, NULL},
        {"\"0xffffFFFFffffFFFF\"", UINT64_MAX, NULL},
        {"\"0x000000000000000000001f\"", 31, NULL},
        {"9007199254740993", 0,
         "integer `9007199254740993` is above 2^53, where JSON numbers are no longer exact: write it as a string"},
        {"1e300", 0, "integer `1e300` is above 2^53, where JSON numbers are no longer exact: write it as a string"},
        {"\"18446744073709551616\"", 0, "integer `18446744073709551616` is above 64 bits"},
        {"\"0x10000000000000000\"", 0, "integer `0x10000000000000000` is above 64 bits"},
        {"-1", 0, "expected a non-negative integer, found `-1`"},
        {"0.5", 0, "expected a non-negative integer, found `0.5`"},
        {"1e-300", 0, "expected a non-negative integer, found `1e-300`"},
        {"\"\"", 0, "expected an integer, decimal or 0x and hex digits, found ``"},
        {"\"0x\"", 0, "expected an integer, decimal or 0x and hex digits, found `0x`"},
        {"\"12f\"", 0, "expected an integer, decimal or 0x and hex digits, found `12f`"},
        {"\"0xg\"", 0, "expected an integer, decimal or 0x and hex digits, found `0xg`"},
        {"\"-1\"", 0, "expected an integer, decimal or 0x and hex digits, found `-1`"},
        {"\" 1\"", 0, "expected an integer, decimal or 0x and hex digits, found ` 1`"},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        const node *n = value_of(rows[i].literal);
        uint64_t    got = 0;
        status      code = node_u64(parsed, n, &got, &error);
        if (rows[i].message != NULL) {
            assert_int_equal(code, STATUS_INVALID);
            expect_message(rows[i].literal, rows[i].message);
        } else if (code != STATUS_OK || got != rows[i].want) {
            fail_msg("`%s`: %llu", rows[i].literal, (unsigned long long)got);
        }
    }
}

static void times_have_units_and_are_whole_nanoseconds(void **state)
{
    (void)state;
    static const char form[] = "expected a time such as `3500ms` (units ns, us, ms, s, m, h, d), found ";
    static const struct {
        const char *literal;
        int64_t     want;
        const char *message, *found; /* null: accepted; found: behind `form` */
    } rows[] = {
        {"\"3500ms\"", INT64_C(3500000000), NULL, NULL},
        {"\"2s\"", INT64_C(2000000000), NULL, NULL},
        {"\"15m\"", INT64_C(900000000000), NULL, NULL},
        {"\"1h\"", INT64_C(3600000000000), NULL, NULL},
        {"\"3d\"", INT64_C(259200000000000), NULL, NULL},
        {"\"250us\"", 250000, NULL, NULL},
        {"\"80ns\"", 80, NULL, NULL},
        {"\"0s\"", 0, NULL, NULL},
        {"\"1.5s\"", INT64_C(1500000000), NULL, NULL},
        {"\"0.000000001s\"", 1, NULL, NULL},
        {"\"0.125000us\"", 125, NULL, NULL},
        {"\"1e3ms\"", INT64_C(1000000000), NULL, NULL},
        {"\"106751.991d\"", INT64_C(9223372022400000000), NULL, NULL},
        {"\"9223372036854775807ns\"", INT64_MAX, NULL, NULL},
        {"1000", 1000, NULL, NULL},
        {"9007199254740993", 0,
         "integer `9007199254740993` is above 2^53, where JSON numbers are no longer exact: write it as a string",
         NULL},
        {"1.5", 0, "expected a non-negative integer, found `1.5`", NULL},
        {"\"9223372036854775808ns\"", 0, "time `9223372036854775808ns` is above 2^63 nanoseconds", NULL},
        {"\"106752d\"", 0, "time `106752d` is above 2^63 nanoseconds", NULL},
        {"\"99999999999999999999s\"", 0, "time `99999999999999999999s` is above 2^63 nanoseconds", NULL},
        {"\"1.5ns\"", 0, "time `1.5ns` is not a whole number of nanoseconds", NULL},
        {"\"1e-99s\"", 0, "time `1e-99s` is not a whole number of nanoseconds", NULL},
        {"\"-1s\"", 0, "time `-1s` is negative", NULL},
        {"\"1\"", 0, NULL, "`1`"},
        {"\"s\"", 0, NULL, "`s`"},
        {"\"\"", 0, NULL, "``"},
        {"\"1 s\"", 0, NULL, "`1 s`"},
        {"\"1S\"", 0, NULL, "`1S`"},
        {"\"1w\"", 0, NULL, "`1w`"},
        {"\"1.s\"", 0, NULL, "`1.s`"},
        {"\".5s\"", 0, NULL, "`.5s`"},
        {"\"1..5s\"", 0, NULL, "`1..5s`"},
        {"\"1h30m\"", 0, NULL, "`1h30m`"},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        const node *n = value_of(rows[i].literal);
        int64_t     got = 0;
        status      code = node_time_ns(parsed, n, &got, &error);
        if (rows[i].message != NULL || rows[i].found != NULL) {
            assert_int_equal(code, STATUS_INVALID);
            str formed = arena_format(&memory, "%s%s", form, rows[i].found != NULL ? rows[i].found : "");
            expect_message(rows[i].literal, rows[i].found != NULL ? formed.ptr : rows[i].message);
        } else if (code != STATUS_OK || got != rows[i].want) {
            fail_msg("`%s`: %lld", rows[i].literal, (long long)got);
        }
    }
}

static void ratios_are_exact(void **state)
{
    (void)state;
    static const struct {
        const char *literal;
        uint64_t    num, den;
        const char *message;
    } rows[] = {
        {"0.25", 1, 4, NULL},
        {"0.1", 1, 10, NULL}, /* which no double is */
        {"\"1/100\"", 1, 100, NULL},
        {"\"50/100\"", 1, 2, NULL},
        {"\"0/7\"", 0, 1, NULL},
        {"\"0.001\"", 1, 1000, NULL},
        {"3", 3, 1, NULL},
        {"\"7/2\"", 7, 2, NULL},
        {"0", 0, 1, NULL},
        {"-0", 0, 1, NULL},
        {"0.000", 0, 1, NULL},
        {"0e9", 0, 1, NULL},
        {"1.000000000000000000000000000000", 1, 1, NULL},
        {"25e-2", 1, 4, NULL},
        {"0.00025E+3", 1, 4, NULL},
        {"1e19", UINT64_C(10000000000000000000), 1, NULL},
        {"1e-19", 1, UINT64_C(10000000000000000000), NULL},
        {"1024e-20", 1, UINT64_C(97656250000000000), NULL}, /* though 10^20 fits no 64 bits */
        {"\"18446744073709551615/18446744073709551614\"", UINT64_MAX, UINT64_MAX - 1, NULL},
        {"-0.5", 0, 0, "ratio `-0.5` is negative"},
        {"\"-1e-99\"", 0, 0, "ratio `-1e-99` is negative"},
        {"1e20", 0, 0, "ratio `1e20` does not fit 64 bits over 64 bits"},
        {"1e-20", 0, 0, "ratio `1e-20` does not fit 64 bits over 64 bits"},
        {"0.12345678901234567890123", 0, 0, "ratio `0.12345678901234567890123` does not fit 64 bits over 64 bits"},
        {"\"1/0\"", 0, 0, "expected a ratio such as 0.25 or `1/100`, found `1/0`"},
        {"\"1/\"", 0, 0, "expected a ratio such as 0.25 or `1/100`, found `1/`"},
        {"\"/2\"", 0, 0, "expected a ratio such as 0.25 or `1/100`, found `/2`"},
        {"\"-1/2\"", 0, 0, "expected a ratio such as 0.25 or `1/100`, found `-1/2`"},
        {"\"1/2/3\"", 0, 0, "expected a ratio such as 0.25 or `1/100`, found `1/2/3`"},
        {"\"1%\"", 0, 0, "expected a ratio such as 0.25 or `1/100`, found `1%`"},
        {"\"1e\"", 0, 0, "expected a ratio such as 0.25 or `1/100`, found `1e`"},
        {"\"1e+-1\"", 0, 0, "expected a ratio such as 0.25 or `1/100`, found `1e+-1`"},
        {"\"\"", 0, 0, "expected a ratio such as 0.25 or `1/100`, found ``"},
        {"true", 0, 0, "expected a ratio such as 0.25 or `1/100`, found a boolean"},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        const node *n = value_of(rows[i].literal);
        uint64_t    num = 0, den = 0;
        status      code = node_ratio(parsed, n, &num, &den, &error);
        if (rows[i].message != NULL) {
            assert_int_equal(code, STATUS_INVALID);
            expect_message(rows[i].literal, rows[i].message);
        } else if (code != STATUS_OK || num != rows[i].num || den != rows[i].den) {
            fail_msg("`%s`: %llu/%llu", rows[i].literal, (unsigned long long)num, (unsigned long long)den);
        }
    }
}

static void unknown_keys_are_refused_with_a_suggestion(void **state)
{
    (void)state;
    static const char *const names[] = {"accounts", "regions", "seed"};
    const node              *root = root_of("{\"seed\": 1, \"x-mine\": 2, \"_comment\": 3,\n \"acounts\": 4}");
    assert_int_equal(node_only(parsed, root, names, COUNTOF(names), &error), STATUS_INVALID);
    assert_string_equal(error.text, "s.json:2:2: unknown key `acounts`, did you mean `accounts`?");
    root = root_of("{\"zebra\": 1}");
    assert_int_equal(node_only(parsed, root, names, COUNTOF(names), &error), STATUS_INVALID);
    assert_string_equal(error.text, "s.json:1:2: unknown key `zebra`");
    root = root_of("{\"regions\": 1, \"_comment\": \"\", \"x-\": 0}");
    assert_int_equal(node_only(parsed, root, names, COUNTOF(names), &error), STATUS_OK);
    assert_int_equal(node_only(parsed, node_at(root, 0), names, COUNTOF(names), &error), STATUS_INVALID);
    assert_string_equal(error.text, "s.json:1:13: expected an object, found a number");
}

static void source_text_is_the_users_bytes(void **state)
{
    (void)state;
    const node *root = root_of("{\"policy\": {\"a\" : [ 1.0 ]} }");
    str         text;
    place       at;
    assert_int_equal(node_source_text(parsed, node_get(root, "policy"), &text, &at, &error), STATUS_OK);
    assert_true(str_is(text, "{\"a\" : [ 1.0 ]}"));
    assert_ptr_equal(at.in, &input);
    assert_int_equal(at.offset, 11);
}

static void what_is_refused_has_a_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        status      code;
        const char *message;
    } rows[] = {
        {"", STATUS_SYNTAX, "s.json:1:1: empty input, expected a JSON document"},
        {"{\"a\":1,\n\"a\":2}", STATUS_SYNTAX, "s.json:2:1: duplicate member `a`, first at line 1"},
        {"[1] 2", STATUS_SYNTAX, "s.json:1:5: expected the end of input, found `2`"},
        {"[0.000000000000000000000000000000000000000000000000000000000000001]", STATUS_LIMIT,
         "s.json:1:2: number of 65 characters, the limit is 63"},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        input = (source){.name = STR("s.json"), .text = str_of(rows[i].text)};
        assert_int_equal(document_parse(&memory, &input, &parsed, &error), rows[i].code);
        assert_string_equal(error.text, rows[i].message);
        assert_null(parsed);
    }
}

static void a_document_has_a_limit_of_values(void **state)
{
    (void)state;
    size_t len = 2 * (size_t)DOCUMENT_VALUES_MAX; /* the array itself, and one element less than that */
    char  *text = arena_alloc(&memory, len, 1, 1);
    for (size_t i = 0; i < len; i++) text[i] = i % 2 == 0 ? ',' : '0';
    text[0] = '[';
    input = (source){.name = STR("s.json"), .text = {text, len}};
    assert_int_equal(document_parse(&memory, &input, &parsed, &error), STATUS_LIMIT);
    assert_string_equal(error.text, "s.json:1:16777216: more than 8388608 values in one document");
    input.text.len = 2;
    text[1] = ']';
    assert_int_equal(document_parse(&memory, &input, &parsed, &error), STATUS_OK);
}

static void documents_print_with_two_spaces_and_short_lines(void **state)
{
    (void)state;
    document *d = document_new_object();
    out_node *root = document_out(d);
    out_text(root, "name", "a \"b\"\t\xc3\xa4");
    out_str(root, "part", str_part(STR("abcdef"), 1, 2));
    out_i64(root, "least", INT64_MIN);
    out_u64(root, "most", UINT64_MAX);
    out_bool(root, "yes", true);
    out_bool(root, "no", false);
    out_null(root, "none");
    out_real(root, "real", 0.1);
    out_real(root, "third", 1.0 / 3);
    out_real(root, "infinite", INFINITY);
    out_raw(root, "raw", STR("[1,2]"));
    out_object(root, "empty");
    out_array(root, "nothing");
    out_node *list = out_array(root, "list");
    out_i64(list, NULL, 1);
    out_text(list, NULL, "two");
    out_node *rows = out_array(root, "rows");
    out_i64(out_object(rows, NULL), "x", 1);
    out_array(rows, NULL);
    str pretty = document_print(&memory, d);
    str compact = document_print_compact(&memory, d);
    document_free(d);
    assert_true(str_is(pretty, "{\n"
                               "  \"name\": \"a \\\"b\\\"\\t\xc3\xa4\",\n"
                               "  \"part\": \"bc\",\n"
                               "  \"least\": -9223372036854775808,\n"
                               "  \"most\": 18446744073709551615,\n"
                               "  \"yes\": true,\n"
                               "  \"no\": false,\n"
                               "  \"none\": null,\n"
                               "  \"real\": 0.1,\n"
                               "  \"third\": 0.3333333333333333,\n"
                               "  \"infinite\": null,\n"
                               "  \"raw\": [1,2],\n"
                               "  \"empty\": {},\n"
                               "  \"nothing\": [],\n"
                               "  \"list\": [1, \"two\"],\n"
                               "  \"rows\": [\n"
                               "    {\n"
                               "      \"x\": 1\n"
                               "    },\n"
                               "    []\n"
                               "  ]\n"
                               "}\n"));
    assert_true(str_is(compact,
                       "{\"name\":\"a \\\"b\\\"\\t\xc3\xa4\",\"part\":\"bc\",\"least\":-9223372036854775808,"
                       "\"most\":18446744073709551615,\"yes\":true,\"no\":false,\"none\":null,\"real\":0.1,"
                       "\"third\":0.3333333333333333,\"infinite\":null,\"raw\":[1,2],\"empty\":{},\"nothing\":[],"
                       "\"list\":[1,\"two\"],\"rows\":[{\"x\":1},[]]}"));
}

static void long_arrays_take_a_line_for_each_element(void **state)
{
    (void)state;
    document *d = document_new_array();
    for (int64_t i = 0; i < 60; i++) out_i64(document_out(d), NULL, i);
    str text = document_print(&memory, d);
    document_free(d);
    assert_true(str_starts(text, STR("[\n  0,\n  1,\n")));
    assert_true(str_ends(text, STR(",\n  59\n]\n")));
}

static void a_printed_document_reads_back_and_prints_the_same(void **state)
{
    (void)state;
    static const char text[] = "{\n  \"a\": [1, 2.5, \"\\n\"],\n  \"b\": {\n    \"c\": null\n  }\n}\n";
    (void)root_of(text);
    assert_true(str_is(document_print(&memory, parsed), text));
    assert_true(str_is(document_print_compact(&memory, parsed), "{\"a\":[1,2.5,\"\\n\"],\"b\":{\"c\":null}}"));
}

int main(void)
{
#define CASE(test) cmocka_unit_test_teardown(test, test_end)
    const struct CMUnitTest tests[] = {
        CASE(a_tree_has_kinds_names_order_and_places),
        CASE(typed_values_are_given),
        CASE(a_wrong_kind_or_a_missing_member_is_told),
        CASE(integers_are_exact_and_in_range),
        CASE(u64_takes_numbers_to_2_53_and_strings_to_64_bits),
        CASE(times_have_units_and_are_whole_nanoseconds),
        CASE(ratios_are_exact),
        CASE(unknown_keys_are_refused_with_a_suggestion),
        CASE(source_text_is_the_users_bytes),
        CASE(what_is_refused_has_a_place),
        CASE(a_document_has_a_limit_of_values),
        CASE(documents_print_with_two_spaces_and_short_lines),
        CASE(long_arrays_take_a_line_for_each_element),
        CASE(a_printed_document_reads_back_and_prints_the_same),
    };
    return cmocka_run_group_tests(tests, memory_open, memory_close);
}
