/* prop_case_rows.c - a row of a case file: every layer where it belongs, what counts as none, and what is refused. */
#include "support/fixture.h"

#include "policy/case.h"

#define REQUEST                                                                                             \
    "\"id\":\"a\",\"request\":{\"principal\":\"anonymous\",\"action\":\"s3:GetObject\",\"resource\":\"*\"," \
    "\"resource_account\":\"111122223333\"}"
#define NAMED(id) "{\"Id\":\"" id "\",\"Statement\":[]}"

typedef struct {
    arena       a;
    source      in;
    policy_case c;
    err         e;
} reading;

static status read_text(reading *r, const char *text)
{
    arena_reset(&r->a);
    r->in = (source){STR("rows"), str_of(text), 1};
    r->e.text[0] = '\0';
    return case_read(&r->a, &r->in, 0, r->in.text.len, &r->c, &r->e);
}

static void expect_policy(const policy *p, policy_type type, const char *id)
{
    assert_non_null(p);
    assert_int_equal(p->type, type);
    assert_true(str_is(p->id.text, id));
}

/* clang-format off */
static const char every_layer_row[] =
    "{" REQUEST ",\"policies\":{\"scps\":[[" NAMED("s1") "],[]],"
    "\"rcps\":[[],[" NAMED("r1") "," NAMED("r2") "],[]],"
    "\"identity\":[" NAMED("i") "],"
    "\"resource\":" NAMED("res") ","
    "\"permissions_boundary\":" NAMED("b") ","
    "\"session\":[" NAMED("x") "," NAMED("y") "],"
    "\"vpc_endpoint\":" NAMED("e") "},"
    "\"management_account\":\"999988887777\"}";
static const char lone_row[] =
    "{" REQUEST ",\"policies\":{\"session\":" NAMED("x") ",\"identity\":" NAMED("i") "}}";
/* clang-format on */

static void every_layer(void **state)
{
    (void)state;
    reading r = {0};
    arena_init(&r.a, MEMORY_POLICY);
    status s = read_text(&r, every_layer_row);
    if (s != STATUS_OK) fail_msg("%s", r.e.text);
    assert_true(r.c.scps_apply);
    assert_true(r.c.rcps_apply);
    assert_int_equal(r.c.scp_level_count, 2);
    assert_int_equal(r.c.scps[0].count, 1);
    assert_int_equal(r.c.scps[1].count, 0);
    assert_int_equal(r.c.rcp_level_count, 3);
    assert_int_equal(r.c.rcps[0].count, 0);
    assert_int_equal(r.c.rcps[1].count, 2);
    expect_policy(r.c.scps[0].policies[0], POLICY_SCP, "s1");
    expect_policy(r.c.rcps[1].policies[1], POLICY_RCP, "r2");
    expect_policy(r.c.identity.policies[0], POLICY_IDENTITY, "i");
    expect_policy(r.c.resource, POLICY_RESOURCE, "res");
    expect_policy(r.c.boundary, POLICY_BOUNDARY, "b");
    assert_int_equal(r.c.session.count, 2);
    expect_policy(r.c.session.policies[1], POLICY_SESSION, "y");
    expect_policy(r.c.endpoint, POLICY_ENDPOINT, "e");
    assert_true(str_is(r.c.management_account, "999988887777"));
    assert_false(r.c.aws_managed_key);
    arena_deinit(&r.a);
}

static void none_of_them(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "{" REQUEST "}",
        "{" REQUEST ",\"policies\":null,\"management_account\":null}",
        "{" REQUEST ",\"policies\":{}}",
        "{" REQUEST ",\"policies\":{\"scps\":null,\"rcps\":null,\"identity\":null,\"resource\":null,"
        "\"permissions_boundary\":null,\"session\":null,\"vpc_endpoint\":null}}",
        "{" REQUEST ",\"policies\":{\"scps\":[],\"rcps\":[],\"identity\":[],\"session\":[]}}",
    };
    reading r = {0};
    arena_init(&r.a, MEMORY_POLICY);
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        if (read_text(&r, rows[i]) != STATUS_OK) fail_msg("row %zu: %s", i, r.e.text);
        assert_false(r.c.scps_apply);
        assert_false(r.c.rcps_apply);
        assert_int_equal(r.c.identity.count, 0);
        assert_int_equal(r.c.session.count, 0);
        assert_null(r.c.resource);
        assert_null(r.c.boundary);
        assert_null(r.c.endpoint);
        assert_null(r.c.management_account.ptr);
    }
    arena_deinit(&r.a);
}

static void lone_documents(void **state)
{
    (void)state;
    reading r = {0};
    arena_init(&r.a, MEMORY_POLICY);
    status s = read_text(&r, lone_row);
    if (s != STATUS_OK) fail_msg("%s", r.e.text);
    assert_int_equal(r.c.session.count, 1);
    expect_policy(r.c.session.policies[0], POLICY_SESSION, "x");
    expect_policy(r.c.identity.policies[0], POLICY_IDENTITY, "i");
    arena_deinit(&r.a);
}

static void aws_managed_key(void **state)
{
    (void)state;
    reading r = {0};
    arena_init(&r.a, MEMORY_POLICY);
    status s = read_text(&r, "{\"id\":\"a\",\"request\":{\"principal\":\"anonymous\",\"action\":\"kms:Decrypt\","
                             "\"resource\":\"*\",\"resource_account\":\"111122223333\",\"aws_managed_key\":true}}");
    if (s != STATUS_OK) fail_msg("%s", r.e.text);
    assert_true(r.c.aws_managed_key);
    arena_deinit(&r.a);
}

#define WITH(policies) "{" REQUEST ",\"policies\":" policies "}"

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *row, *message; /* what the message holds behind `rows:1:` and the column */
    } rows[] = {
        {"[]", "case: found an array, expected an object"},
        {"{}", "case without `id`"},
        {"{\"id\":\"a\"}", "case without `request`"},
        {"{\"id\":7}", "`id`: found a number, expected a string"},
        {"{\"id\":\"a\",\"request\":[]}", "`request`: found an array, expected an object"},
        {"{\"id\":\"a\",\"request\":{}}", "request without `principal`"},
        {"{\"id\":\"a\",\"request\":{\"action\":null}}", "`action`: found `null`, expected a string"},
        {"{\"id\":\"a\",\"request\":{\"aws_managed_key\":\"true\"}}",
         "`aws_managed_key`: found a string, expected `true` or `false`"},
        {"{\"id\":\"a\",\"request\":{\"context\":[]}}", "`context`: found an array, expected an object"},
        {"{\"id\":\"a\",\"request\":{\"context\":{\"k\":1}}}",
         "context key `k`: found a number, expected a string or an array of strings"},
        {"{\"id\":\"a\",\"request\":{\"context\":{\"k\":[null]}}}", "context key `k`: found `null`, expected a string"},
        {"{" REQUEST ",\"management_account\":1}", "`management_account`: found a number, expected a string"},
        {"{\"id\":\"a\",\"request\":{\"principal\":\"\",\"action\":\"a:b\",\"resource\":\"*\","
         "\"resource_account\":\"1\"}}",
         "request with an empty `principal`"},
        {"{\"id\":\"a\",\"request\":{\"principal\":\"anonymous\",\"action\":\"a:\",\"resource\":\"*\","
         "\"resource_account\":\"1\"}}",
         "`action`: found `a:`, expected `service:Action`"},
        {WITH("[]"), "`policies`: found an array, expected an object"},
        {WITH("{\"scps\":{}}"), "`scps`: found an object, expected an array of levels"},
        {WITH("{\"scps\":[{}]}"), "`scps`: found an object, expected a level, which is an array of policies"},
        {WITH("{\"rcps\":[[1]]}"), "`rcps`: found a number, expected a policy, which is an object"},
        {WITH("{\"rcps\":[null]}"), "`rcps`: found `null`, expected a level, which is an array of policies"},
        {WITH("{\"identity\":\"p\"}"), "`identity`: found a string, expected an array of policies"},
        {WITH("{\"session\":[[]]}"), "`session`: found an array, expected a policy, which is an object"},
        {WITH("{\"resource\":[]}"), "`resource`: found an array, expected one policy, which is an object, or null"},
        {WITH("{\"permissions_boundary\":true}"),
         "`permissions_boundary`: found `true`, expected one policy, which is an object, or null"},
        {WITH("{\"vpc_endpoint\":\"\"}"),
         "`vpc_endpoint`: found a string, expected one policy, which is an object, or null"},
        {WITH("{\"resource\":{}}"), "policy without `Statement`"},
        {WITH("{\"resource\":{\"Statement\":[{}]}}"), "statement without `Effect`"},
        {WITH("{\"scps\":[[]],\"scps\":[[]]}"), "duplicate member `scps`"},
        {"{" REQUEST "} {}", "expected the end of input, found `{`"},
    };
    reading r = {0};
    arena_init(&r.a, MEMORY_POLICY);
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        if (read_text(&r, rows[i].row) == STATUS_OK) fail_msg("row %zu was read: %s", i, rows[i].row);
        if (strncmp(r.e.text, "rows:1:", 7) != 0 || strstr(r.e.text, rows[i].message) == NULL)
            fail_msg("row %zu: `%s`, expected `%s`", i, r.e.text, rows[i].message);
    }
    arena_deinit(&r.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_layer), cmocka_unit_test(none_of_them),
                                       cmocka_unit_test(lone_documents), cmocka_unit_test(aws_managed_key),
                                       cmocka_unit_test(refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
