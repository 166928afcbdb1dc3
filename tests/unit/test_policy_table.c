#include "support/fixture.h"

#include "policy/policy_table.h"

#define LIMIT ((size_t)256 << 10)
#define ALLOW \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"

typedef struct {
    policy_table *t;
    arena         a;
    err           e;
    bool          strict;
} reading;

static void begin(reading *r)
{
    *r = (reading){.t = policy_table_new(LIMIT)};
    arena_init(&r->a, MEMORY_POLICY);
}

static void end(reading *r)
{
    policy_table_free(r->t);
    arena_deinit(&r->a);
}

/* The policy in `[policy]`, or null. */
static const policy *read_one(reading *r, policy_type type, str text)
{
    source       *in = ARENA_NEW(&r->a, source, 1);
    json_reader   j;
    json_token    token;
    const policy *out = NULL;
    *in = (source){STR("row"), arena_format(&r->a, "[%.*s]", STR_FMT(text)), 7};
    json_init(&j, &r->a, in, 0, in->text.len);
    assert_int_equal(json_next(&j, &token, &r->e), STATUS_OK);
    if (policy_table_read(r->t, &r->a, &j, (policy_table_options){type, r->strict}, &out, &r->e) != STATUS_OK)
        return NULL;
    if (json_next(&j, &token, &r->e) != STATUS_OK) return NULL;
    assert_int_equal(token.kind, JSON_ARRAY_END);
    assert_int_equal(json_next(&j, &token, &r->e), STATUS_OK);
    assert_int_equal(token.kind, JSON_END);
    return out;
}

static void parsed_once(void **state)
{
    (void)state;
    reading r;
    begin(&r);
    const policy *first = read_one(&r, POLICY_SCP, STR(ALLOW)), *other = read_one(&r, POLICY_IDENTITY, STR(ALLOW));
    assert_non_null(first);
    assert_int_equal(first->type, POLICY_SCP);
    assert_int_equal(first->statement_count, 1);
    assert_true(str_is(first->statements[0].actions[0].text, "s3:*"));
    assert_ptr_not_equal(first, other); /* types differ in what a pattern means */
    assert_int_equal(other->type, POLICY_IDENTITY);
    arena_reset(&r.a); /* the row goes, the policy stays */
    assert_ptr_equal(read_one(&r, POLICY_SCP, STR(ALLOW)), first);
    assert_ptr_not_equal(read_one(&r, POLICY_SCP, STR(ALLOW " ")), NULL);
    assert_ptr_equal(read_one(&r, POLICY_SCP, STR(" " ALLOW " ")), first); /* white space around is not its own */
    policy_table_stats s = policy_table_stats_get(r.t);
    assert_int_equal(s.parsed, 2);
    assert_int_equal(s.found, 3);
    assert_int_equal(s.count, 2);
    end(&r);
}

/* Laxer than AWS: found again leniently, refused strictly however often it was found. */
static void strict_and_lenient_apart(void **state)
{
    (void)state;
    static const char lax[] = "{\"Statement\":[]}";
    reading           r;
    begin(&r);
    const policy *lenient = read_one(&r, POLICY_SCP, STR(lax)), *fine = read_one(&r, POLICY_SCP, STR(ALLOW));
    assert_non_null(lenient);
    r.strict = true;
    assert_null(read_one(&r, POLICY_SCP, STR(lax)));
    assert_non_null(strstr(r.e.text, "row:7:"));
    const policy *strict = read_one(&r, POLICY_SCP, STR(ALLOW));
    assert_non_null(strict);
    assert_ptr_not_equal(strict, fine);
    assert_ptr_equal(read_one(&r, POLICY_SCP, STR(ALLOW)), strict);
    r.strict = false;
    assert_ptr_equal(read_one(&r, POLICY_SCP, STR(lax)), lenient);
    assert_ptr_equal(read_one(&r, POLICY_SCP, STR(ALLOW)), fine);
    end(&r);
}

/* The refusal by the parser alone, in the same place. */
static void refusal_without(reading *r, str text, err *e)
{
    json_reader j;
    json_token  token;
    policy     *p = NULL;
    size_t      at = 0, stop = 0;
    source      in = {STR("row"), arena_format(&r->a, "[%.*s]", STR_FMT(text)), 7};
    json_init(&j, &r->a, &in, 0, in.text.len);
    assert_int_equal(json_next(&j, &token, e), STATUS_OK);
    if (json_skip(&j, &at, &stop, e) != STATUS_OK) return;
    policy_parse_options options = {.type = POLICY_SCP, .lenient = true};
    assert_int_not_equal(policy_parse_part(&r->a, &in, at, stop, options, &p, e), STATUS_OK);
}

static void refused_as_without(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "{\"Statement\":[{}]}",
        "{\"Statement\":[],}",
        "{\"Statement\":[}]",
        "{\"Statement\":[",
        "{\"Statement\"",
        "{\"Statement\":[],\"Statement\":[]}",
        "{\"Id\":\"\x80\"}",
        "{\"Id\":\"\\",
        "{]",
        "\"x\"",
    };
    reading r;
    begin(&r);
    for (size_t i = 0; i < COUNTOF(rows); i++)
        for (int again = 0; again < 2; again++) {
            err e = {0};
            if (read_one(&r, POLICY_SCP, str_of(rows[i])) != NULL) fail_msg("read: %s", rows[i]);
            refusal_without(&r, str_of(rows[i]), &e);
            if (strncmp(e.text, "row:7:", 6) != 0 || strcmp(r.e.text, e.text) != 0)
                fail_msg("`%s`: `%s`, without a table `%s`", rows[i], r.e.text, e.text);
        }
    assert_int_equal(policy_table_stats_get(r.t).count, 0);
    end(&r);
}

static str numbered(reading *r, uint32_t n, size_t padding)
{
    char *blank = ARENA_NEW(&r->a, char, padding + 1);
    memset(blank, ' ', padding);
    return arena_format(&r->a, "{\"Id\":\"%u\",\"Statement\":[%s]}", n, blank);
}

static void least_recently_used_goes(void **state)
{
    (void)state;
    reading r;
    begin(&r);
    for (uint32_t n = 0; n < 2000; n++) {
        assert_non_null(read_one(&r, POLICY_SCP, numbered(&r, n, 100)));
        assert_non_null(read_one(&r, POLICY_SCP, numbered(&r, 0, 100))); /* always in use */
        policy_table_trim(r.t);
        assert_true(policy_table_stats_get(r.t).bytes <= LIMIT);
        arena_reset(&r.a);
    }
    policy_table_stats s = policy_table_stats_get(r.t);
    assert_int_equal(s.parsed, 2000);
    assert_int_equal(s.count + s.dropped, 2000);
    assert_true(s.dropped > 1000);
    assert_non_null(read_one(&r, POLICY_SCP, numbered(&r, 1999, 100)));
    assert_int_equal(policy_table_stats_get(r.t).parsed, 2000); /* the newest are there */
    assert_non_null(read_one(&r, POLICY_SCP, numbered(&r, 1, 100)));
    assert_int_equal(policy_table_stats_get(r.t).parsed, 2001); /* the oldest are not */
    end(&r);
}

/* What a row uses stays while the row is read, even if the table grows over its limit. */
static void nothing_goes_before_trim(void **state)
{
    (void)state;
    reading r;
    begin(&r);
    const policy *first = read_one(&r, POLICY_SCP, numbered(&r, 0, 0));
    for (uint32_t n = 1; n < 3000; n++) assert_non_null(read_one(&r, POLICY_SCP, numbered(&r, n, 0)));
    assert_true(policy_table_stats_get(r.t).bytes > LIMIT);
    assert_true(str_is(first->id.text, "0"));
    policy_table_trim(r.t);
    assert_true(policy_table_stats_get(r.t).bytes <= LIMIT);
    end(&r);
}

static void large_ones_are_not_kept(void **state)
{
    (void)state;
    reading r;
    begin(&r);
    str large = numbered(&r, 5, LIMIT / 16);
    assert_non_null(read_one(&r, POLICY_SCP, large));
    assert_non_null(read_one(&r, POLICY_SCP, large));
    policy_table_stats s = policy_table_stats_get(r.t);
    assert_int_equal(s.parsed, 2);
    assert_int_equal(s.count, 0);
    end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(parsed_once),
                                       cmocka_unit_test(strict_and_lenient_apart),
                                       cmocka_unit_test(refused_as_without),
                                       cmocka_unit_test(least_recently_used_goes),
                                       cmocka_unit_test(nothing_goes_before_trim),
                                       cmocka_unit_test(large_ones_are_not_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
