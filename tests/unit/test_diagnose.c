#include "support/fixture.h"

#include "policy/diagnose.h"

static arena          a;
static const catalog *facts;
static request        asked;

static void carries(request_key *context, const char *key, const char *first, const char *second)
{
    str *values = ARENA_NEW(&a, str, 2);
    values[0] = str_of(first);
    values[1] = str_of(second);
    context[asked.context_count++] = (request_key){str_of(key), values, second == NULL ? 1 : 2, second != NULL};
}

static int setup(void **state)
{
    (void)state;
    arena_init(&a, MEMORY_GENERAL);
    facts = fixture_catalog(&a);
    request_key *context = ARENA_NEW(&a, request_key, 8);
    asked = (request){.principal = STR("arn:aws:iam::111122223333:user/Bob"),
                      .action = STR("s3:GetObject"),
                      .resource = STR("arn:aws:s3:::b/k"),
                      .resource_account = STR("111122223333"),
                      .context = context};
    carries(context, "aws:SourceIp", "nowhere", NULL);
    carries(context, "aws:TagKeys", "a", "b");
    carries(context, "app:n", "7", NULL);
    carries(context, "aws:ResourceTag/Team", "a", NULL);
    carries(context, "aws:ResourceTag/team", "b", NULL);
    carries(context, "app:list", "1", "x");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&a);
    return 0;
}

static diagnostics of_statement(const char *statement)
{
    bool        old = statement[0] == '!'; /* the older version of the language */
    str         text = arena_format(&a, "{\"Version\":\"%s\",\"Statement\":[{%s}]}", old ? "2008-10-17" : "2012-10-17",
                                    statement + old);
    source     *in = ARENA_NEW(&a, source, 1);
    policy     *p = NULL;
    err         e = {0};
    caller      who = caller_read(asked.principal);
    diagnostics to = {.a = &a};
    const policy *set[1];
    *in = (source){STR("policy"), text, 1};
    if (policy_parse(&a, in, (policy_parse_options){.type = POLICY_SCP, .lenient = true}, &p, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    set[0] = p;
    policy_question x = policy_question_make(&asked, facts, &who, false);
    diagnose_level(&to, LAYER_SCP, 1, (policy_level){set, 1}, &x);
    return to;
}

#define S3 "\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\","

static void what_cannot_be_evaluated_is_said_once(void **state)
{
    (void)state;
    static const struct {
        const char     *statement;
        diagnostic_kind kind; /* COUNT: nothing is said */
        const char     *what;
        uint32_t        count;
    } rows[] = {
        /* the request's value, the policy's; no value under another operator, or when the clause is false anyway */
        {S3 "\"Condition\":{\"NotIpAddress\":{\"aws:SourceIp\":[\"10.0.0.0/8\",\"11.0.0.0/8\"]}}",
         DIAGNOSTIC_UNREADABLE_VALUE, "nowhere", 1},
        {S3 "\"Condition\":{\"NumericNotEquals\":{\"app:n\":[\"8\",\"x\"]}}", DIAGNOSTIC_UNREADABLE_VALUE, "x", 1},
        {S3 "\"Condition\":{\"ForAllValues:NumericNotEquals\":{\"app:list\":\"8\"}}", DIAGNOSTIC_UNREADABLE_VALUE, "x",
         1},
        {S3 "\"Condition\":{\"ForAnyValue:NumericNotEquals\":{\"app:list\":\"8\"}}", DIAGNOSTIC_COUNT, "", 0},
        {S3 "\"Condition\":{\"NumericNotEquals\":{\"app:n\":[\"x\",\"7\"]}}", DIAGNOSTIC_COUNT, "", 0},
        {S3 "\"Condition\":{\"NumericEquals\":{\"app:n\":\"x\"}}", DIAGNOSTIC_COUNT, "", 0},
        {S3 "\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"}}", DIAGNOSTIC_COUNT, "", 0},
        /* variables, in values and in resources; not under an operator that has none */
        {S3 "\"Condition\":{\"StringNotEquals\":{\"app:n\":\"${aws:username}\"}}", DIAGNOSTIC_UNRESOLVED_VARIABLE,
         "aws:username", 1},
        {S3 "\"Condition\":{\"StringEquals\":{\"app:n\":\"${aws:username, 'x'}\"}}", DIAGNOSTIC_COUNT, "", 0},
        {S3 "\"Condition\":{\"StringEquals\":{\"app:n\":\"${app:n}\"}}", DIAGNOSTIC_COUNT, "", 0},
        {S3 "\"Condition\":{\"NumericEquals\":{\"app:n\":\"${aws:username}\"}}", DIAGNOSTIC_COUNT, "", 0},
        {"\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":[\"*\",\"arn:aws:s3:::${aws:username}/*\"]",
         DIAGNOSTIC_UNRESOLVED_VARIABLE, "aws:username", 1},
        {"\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"NotResource\":\"arn:aws:s3:::${aws:TagKeys}/*\"",
         DIAGNOSTIC_UNRESOLVED_VARIABLE, "aws:TagKeys", 1},
        {"\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::${app:n}/*\"", DIAGNOSTIC_COUNT, "", 0},
        /* keys */
        {S3 "\"Condition\":{\"StringEquals\":{\"aws:resourcetag/TEAM\":\"a\"}}", DIAGNOSTIC_TAG_KEY_CASE,
         "aws:resourcetag/TEAM", 1},
        {S3 "\"Condition\":{\"Null\":{\"aws:ResourceTag/Team\":\"true\"}}", DIAGNOSTIC_TAG_KEY_CASE,
         "aws:ResourceTag/Team", 1},
        {S3 "\"Condition\":{\"StringEquals\":{\"app:n\":\"${aws:ResourceTag/TEAM, 'x'}\"}}", DIAGNOSTIC_TAG_KEY_CASE,
         "aws:ResourceTag/TEAM", 1},
        {"\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::${aws:resourcetag/team}/*\"",
         DIAGNOSTIC_TAG_KEY_CASE, "aws:resourcetag/team", 1},
        {S3 "\"Condition\":{\"NumericEquals\":{\"app:n\":\"${aws:ResourceTag/TEAM}\"}}", DIAGNOSTIC_COUNT, "", 0},
        {S3 "\"Condition\":{\"StringNotEquals\":{\"aws:TagKeys\":\"a\"}}", DIAGNOSTIC_NO_SET_OPERATOR, "aws:TagKeys",
         1},
        {S3 "\"Condition\":{\"ForAnyValue:StringNotEquals\":{\"aws:TagKeys\":\"a\"}}", DIAGNOSTIC_COUNT, "", 0},
        {S3 "\"Condition\":{\"StringEquals\":{\"aws:PrincipalOrgID\":\"o\"}}", DIAGNOSTIC_MISSING_KEY,
         "aws:PrincipalOrgID", 1},
        {S3 "\"Condition\":{\"ForAllValues:StringEquals\":{\"s3:prefix\":\"o\"}}", DIAGNOSTIC_MISSING_KEY, "s3:prefix",
         1},
        {S3 "\"Condition\":{\"StringEqualsIfExists\":{\"aws:PrincipalOrgID\":\"o\"}}", DIAGNOSTIC_COUNT, "", 0},
        {S3 "\"Condition\":{\"Null\":{\"aws:PrincipalOrgID\":\"true\"}}", DIAGNOSTIC_COUNT, "", 0},
        {S3 "\"Condition\":{\"StringEquals\":{\"app:unknown\":\"o\"}}", DIAGNOSTIC_COUNT, "", 0},
        {S3 "\"Condition\":{\"StringEquals\":{\"ec2:InstanceType\":\"o\"}}", DIAGNOSTIC_COUNT, "", 0},
        /* an operator that does not exist, whatever the key; said for each clause of it */
        {S3 "\"Condition\":{\"StringNotEqual\":{\"app:n\":\"7\"}}", DIAGNOSTIC_UNKNOWN_OPERATOR, "StringNotEqual", 1},
        {S3 "\"Condition\":{\"NoSuchOperator\":{\"aws:PrincipalOrgID\":\"o\",\"app:unknown\":\"o\"}}",
         DIAGNOSTIC_UNKNOWN_OPERATOR, "NoSuchOperator", 2},
        {S3 "\"Condition\":{\"ForAnyValue:StringEqual\":{\"aws:TagKeys\":\"a\"}}", DIAGNOSTIC_UNKNOWN_OPERATOR,
         "ForAnyValue:StringEqual", 1},
        /* variables that the version makes plain text: where they are compared */
        {"!" S3 "\"Condition\":{\"StringEquals\":{\"app:n\":[\"x\",\"${aws:username}\"]}}", DIAGNOSTIC_OLD_VARIABLE,
         "${aws:username}", 1},
        {"!" S3 "\"Condition\":{\"StringEquals\":{\"app:n\":\"${aws:username, 'x'}\"}}", DIAGNOSTIC_OLD_VARIABLE,
         "${aws:username, 'x'}", 1},
        {"!" S3 "\"Condition\":{\"StringEquals\":{\"app:unknown\":\"${aws:username}\"}}", DIAGNOSTIC_COUNT, "", 0},
        {"!" S3 "\"Condition\":{\"NumericEquals\":{\"app:n\":\"${aws:username}\"}}", DIAGNOSTIC_COUNT, "", 0},
        {"!\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::${aws:username}/*\"",
         DIAGNOSTIC_OLD_VARIABLE, "arn:aws:s3:::${aws:username}/*", 1},
        {"!\"Effect\":\"Allow\",\"Action\":\"ec2:*\",\"Resource\":\"arn:aws:s3:::${aws:username}/*\"", DIAGNOSTIC_COUNT,
         "", 0},
        {"!\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::b/*\"", DIAGNOSTIC_COUNT, "", 0},
        /* each clause, whatever the others say */
        {S3 "\"Condition\":{\"Bool\":{\"app:n\":\"true\"},\"StringEquals\":{\"aws:PrincipalOrgID\":\"o\"}}",
         DIAGNOSTIC_MISSING_KEY, "aws:PrincipalOrgID", 1},
        /* statements that do not take the request */
        {"\"Effect\":\"Deny\",\"Action\":\"ec2:*\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{\"aws:TagKeys\":"
         "\"a\"}}",
         DIAGNOSTIC_COUNT, "", 0},
        {"\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::c\",\"Condition\":{\"StringEquals\":{"
         "\"aws:TagKeys\":\"a\"}}",
         DIAGNOSTIC_COUNT, "", 0},
        {"\"Effect\":\"Deny\",\"Principal\":{\"AWS\":\"444455556666\"},\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::"
         "${aws:username}\"",
         DIAGNOSTIC_COUNT, "", 0},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        diagnostics d = of_statement(rows[i].statement);
        if (d.count != rows[i].count) fail_msg("row %zu: %zu of them", i, d.count);
        if (d.count > 0 && (d.items[0].kind != rows[i].kind || !str_is(d.items[0].what, rows[i].what)))
            fail_msg("row %zu: %s of `%.*s`", i, diagnostic_name(d.items[0].kind), STR_FMT(d.items[0].what));
    }
}

static void each_is_one_line_for_people(void **state)
{
    (void)state;
    static const struct {
        const char *statement, *want;
    } rows[] = {
        {"\"Sid\":\"Net\"," S3 "\"Condition\":{\"NotIpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"}}",
         "SCP at level 1 below the root, policy 1, statement 1 (`Net`): value `nowhere` under `NotIpAddress` cannot be "
         "read"},
        {"\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::${aws:username}/*\"",
         "SCP at level 1 below the root, policy 1, statement 1: variable `aws:username` has no value"},
        {S3 "\"Condition\":{\"StringEquals\":{\"aws:ResourceTag/Team\":\"a\"}}",
         "SCP at level 1 below the root, policy 1, statement 1: keys of the request differ from `aws:ResourceTag/Team` "
         "by case only, the "
         "first counts"},
        {S3 "\"Condition\":{\"StringLike\":{\"aws:TagKeys\":\"a\"}}",
         "SCP at level 1 below the root, policy 1, statement 1: key `aws:TagKeys` is multivalued, `StringLike` lacks "
         "ForAllValues or "
         "ForAnyValue"},
        {S3 "\"Condition\":{\"StringLike\":{\"aws:PrincipalOrgID\":\"a\"}}",
         "SCP at level 1 below the root, policy 1, statement 1: key `aws:PrincipalOrgID` is not in the request"},
        {S3 "\"Condition\":{\"StringNotEqual\":{\"aws:PrincipalOrgID\":\"a\"}}",
         "SCP at level 1 below the root, policy 1, statement 1: condition operator `StringNotEqual` does not exist, "
         "the "
         "statement never matches"},
        {"!\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::${aws:username}/*\"",
         "SCP at level 1 below the root, policy 1, statement 1: `arn:aws:s3:::${aws:username}/*` is plain text without "
         "\"Version\": \"2012-10-17\""},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        diagnostics d = of_statement(rows[i].statement);
        assert_int_equal(d.count, 1);
        str text = diagnostic_text(&a, &d.items[0]);
        if (!str_is(text, rows[i].want)) fail_msg("%.*s", STR_FMT(text));
    }
    diagnostics d = of_statement(rows[0].statement);
    d.items[0].level = 0;
    assert_true(str_starts(diagnostic_text(&a, &d.items[0]), STR("SCP at the root, policy 1, statement 1")));
    d.items[0].layer = LAYER_IDENTITY;
    assert_true(str_starts(diagnostic_text(&a, &d.items[0]), STR("identity, policy 1, statement 1")));
    assert_string_equal(diagnostic_name(DIAGNOSTIC_MISSING_KEY), "missing-key");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_cannot_be_evaluated_is_said_once),
                                       cmocka_unit_test(each_is_one_line_for_people)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
