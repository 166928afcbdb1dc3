#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/parse.h"

#define STATEMENT(inside) "{\"Version\":\"2012-10-17\",\"Statement\":[{" inside "}]}"
#define ALLOW             "\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\""

/* Each document with what the strict parser says of it; null: accepted. */
static const struct {
    policy_type type;
    const char *text, *message;
} rows[] = {
    {POLICY_SCP, STATEMENT(ALLOW), NULL},
    {POLICY_SCP, "", "p:1:1: empty input, expected a JSON document"},
    {POLICY_SCP, "[]", "p:1:1: policy: found an array, expected an object"},
    {POLICY_SCP, STATEMENT("\"Effect\":\"Permit\",\"Action\":\"*\",\"Resource\":\"*\""),
     "p:1:48: unknown effect `Permit`, expected `Allow` or `Deny`"},
    {POLICY_SCP, STATEMENT("\"effect\":\"Deny\""),
     "p:1:39: unknown element `effect` in a statement, did you mean `Effect`?"},
    {POLICY_SCP, STATEMENT(ALLOW ",\"Principal\":\"*\""),
     "p:1:84: `Principal` is not allowed in policies of type `SERVICE_CONTROL_POLICY`"},
    {POLICY_SCP, STATEMENT(ALLOW ",\"NotAction\":\"s3:*\""),
     "p:1:84: statement with both `Action` and `NotAction`, expected one of them"},
    {POLICY_SCP, "{\"Statement\":[{" ALLOW "}]}",
     "p:1:1: policy without `Version`, expected `\"Version\": \"2012-10-17\"`"},
    {POLICY_SCP, "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
     "p:1:38: `Statement`: found an empty array, expected at least one statement"},
    {POLICY_SCP, STATEMENT("\"Effect\":\"Deny\",\"Action\":\"s*:Get\",\"Resource\":\"*\""),
     "p:1:66: `*` in the service prefix of action `s*:Get`, expected letters, digits or `-`"},
    {POLICY_SCP, STATEMENT(ALLOW ",\"Condition\":{\"StringEqual\":{\"a:b\":\"c\"}}"),
     "p:1:97: unknown condition operator `StringEqual`, did you mean `StringEquals`?"},
    {POLICY_SCP, STATEMENT(ALLOW ",\"Condition\":{\"NumericEquals\":{\"a:b\":\"c\"}}"),
     "p:1:120: value `c` under `NumericEquals`, expected a decimal number"},
    {POLICY_RCP, STATEMENT(ALLOW ",\"Principal\":\"*\""),
     "p:1:48: effect `Allow` is not allowed in policies of type `RESOURCE_CONTROL_POLICY`, expected `Deny`"},
    {POLICY_IDENTITY, "{\"Statement\":{" ALLOW "}}", NULL},
};

static void strict_messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        arena   a;
        err     e = {0};
        policy *p = NULL;
        source  in = {STR("p"), str_of(rows[i].text), 1};
        arena_init(&a, MEMORY_POLICY);
        status s = policy_parse(&a, &in, (policy_parse_options){.type = rows[i].type}, &p, &e);
        if ((s == STATUS_OK) != (rows[i].message == NULL)) fail_msg("row %zu: status %d: %s", i, s, e.text);
        if (rows[i].message != NULL && strcmp(rows[i].message, e.text) != 0)
            fail_msg("row %zu:\n have %s\n want %s", i, e.text, rows[i].message);
        arena_deinit(&a);
    }
}

static void legacy_dialect(void **state)
{
    (void)state;
    arena   a;
    policy *p = NULL;
    source  in = {STR("p"), STR(STATEMENT("\"Effect\":\"Deny\",\"Action\":\"iam:*User\",\"Resource\":\"*\"")), 1};
    arena_init(&a, MEMORY_POLICY);
    assert_int_equal(policy_parse(&a, &in, (policy_parse_options){.type = POLICY_SCP}, &p, NULL), STATUS_OK);
    policy_parse_options legacy = {.type = POLICY_SCP, .dialect = DIALECT_SCP_LEGACY};
    assert_int_equal(policy_parse(&a, &in, legacy, &p, NULL), STATUS_INVALID);
    arena_deinit(&a);
}

static void counts_code_points(void **state)
{
    (void)state;
    arena   a;
    policy *p = NULL;
    source  in = {STR("p"), STR("{ \"Id\": \"\xc3\xa4 b\", \"Statement\": [] }"), 1};
    arena_init(&a, MEMORY_POLICY);
    policy_parse_options lenient = {.type = POLICY_RESOURCE, .lenient = true};
    assert_int_equal(policy_parse(&a, &in, lenient, &p, NULL), STATUS_OK);
    assert_int_equal(p->bytes, 33);
    assert_int_equal(p->characters, 32);
    assert_int_equal(p->characters_minified, 27);
    arena_deinit(&a);
}

/* As many statements as there may be, and one more. */
static void statements_have_a_limit(void **state)
{
    static const char one[] = "{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}";
    (void)state;
    arena a;
    arena_init(&a, MEMORY_POLICY);
    for (uint32_t more = 0; more < 2; more++) {
        static const char begin[] = "{\"Version\":\"2012-10-17\",\"Statement\":[";
        size_t            count = POLICY_STATEMENTS_MAX + more, each = sizeof one, len = sizeof begin - 1;
        char             *text = ARENA_NEW(&a, char, len + count * each + 2);
        policy           *p = NULL;
        err               e = {0};
        memcpy(text, begin, len);
        for (size_t i = 0; i < count; i++, len += each) {
            memcpy(text + len, one, each - 1);
            text[len + each - 1] = i + 1 < count ? ',' : ']';
        }
        text[len++] = '}';
        source in = {STR("many"), {text, len}, 1};
        status s = policy_parse(&a, &in, (policy_parse_options){.type = POLICY_IDENTITY}, &p, &e);
        assert_int_equal(s, more == 0 ? STATUS_OK : STATUS_LIMIT);
        if (more == 0) assert_int_equal(p->statement_count, POLICY_STATEMENTS_MAX);
        if (more == 1) assert_non_null(strstr(e.text, "a policy of more than 65536 statements"));
    }
    arena_deinit(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(strict_messages), cmocka_unit_test(legacy_dialect),
                                       cmocka_unit_test(counts_code_points), cmocka_unit_test(statements_have_a_limit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
