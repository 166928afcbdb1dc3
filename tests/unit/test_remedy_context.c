#include "support/fixture.h"

#include "authz/case.h"
#include "authz/remedy_context.h"

FIXTURE_ARENA()

#define ALLOW_ALL "\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\""
#define DENY(condition) \
    SCP(ALLOW_ALL "},{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{" condition "}")
#define ALLOW(condition) SCP(ALLOW_ALL ",\"Condition\":{" condition "}")

static policy_level level_of(const policy *p)
{
    const policy **list = ARENA_NEW(&a, const policy *, 1);
    list[0] = p;
    return (policy_level){list, 1};
}

static policy_case case_of(const char *scp, const char *identity)
{
    static const char *const context[][2] = {{"aws:PrincipalArn", "arn:aws:iam::111111111111:role/Dev"},
                                             {"aws:SecureTransport", "false"},
                                             {"aws:RequestedRegion", "us-east-1"}};
    policy_case              c = {.scps_apply = true, .scp_level_count = 1};
    c.request = (request){STR("arn:aws:iam::111111111111:role/Dev"),
                          STR("s3:PutObject"),
                          STR("arn:aws:s3:::b/k"),
                          STR("111111111111"),
                          NULL,
                          0};
    c.request.context = ARENA_NEW(&a, request_key, COUNTOF(context));
    for (size_t i = 0; i < COUNTOF(context); i++) {
        str *value = ARENA_NEW(&a, str, 1);
        *value = str_of(context[i][1]);
        c.request.context[c.request.context_count++] = (request_key){str_of(context[i][0]), value, 1, false};
    }
    c.scps = ARENA_NEW(&a, policy_level, 1);
    c.scps[0] = level_of(fixture_policy(&a, POLICY_SCP, scp));
    c.identity = level_of(fixture_policy(&a, POLICY_IDENTITY, identity));
    return c;
}

/* `key=value key=value`, after it was decided with them. */
static const char *carried(policy_case c)
{
    const catalog *facts = fixture_catalog(&a);
    request_key   *keys = NULL;
    uint32_t       count = authz_remedy_context(&a, &c, facts, &keys);
    str            out = STR("");
    request        with = c.request;
    with.context = ARENA_NEW(&a, request_key, with.context_count + count);
    with.context_count = 0;
    for (uint32_t i = 0; i < c.request.context_count; i++) {
        bool replaced = false;
        for (uint32_t k = 0; k < count; k++) replaced = replaced || str_eq(keys[k].key, c.request.context[i].key);
        if (!replaced) with.context[with.context_count++] = c.request.context[i];
    }
    for (uint32_t i = 0; i < count; i++) {
        with.context[with.context_count++] = keys[i];
        out = arena_format(&a, "%.*s%s%.*s=%.*s", STR_FMT(out), i > 0 ? " " : "", STR_FMT(keys[i].key),
                           STR_FMT(keys[i].values[0]));
    }
    c.request = with;
    if (count > 0) assert_int_equal(authz_decide_case(&a, &c, facts).kind, DECISION_ALLOWED);
    return arena_str(&a, out).ptr;
}

static void what_a_caller_has_in_hand_is_offered(void **state)
{
    static const struct {
        const char *scp, *identity, *want;
    } rows[] = {
        {DENY("\"Bool\":{\"aws:SecureTransport\":\"false\"}"), SCP(ALLOW_ALL), "aws:SecureTransport=true"},
        {DENY("\"BoolIfExists\":{\"aws:MultiFactorAuthPresent\":\"false\"}"), SCP(ALLOW_ALL),
         "aws:MultiFactorAuthPresent=true"},
        {DENY("\"NotIpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"}"), SCP(ALLOW_ALL), "aws:SourceIp=10.0.0.0"},
        {DENY("\"StringNotEquals\":{\"aws:RequestedRegion\":[\"eu-central-1\",\"eu-west-1\"]}"), SCP(ALLOW_ALL),
         "aws:RequestedRegion=eu-central-1"},
        {DENY("\"Null\":{\"s3:x-amz-server-side-encryption\":\"true\"}"), SCP(ALLOW_ALL),
         "s3:x-amz-server-side-encryption=example"},
        {SCP(ALLOW_ALL), ALLOW("\"StringLike\":{\"aws:UserAgent\":\"tool/?.*\"}"), "aws:UserAgent=tool/x.example"},
        {SCP(ALLOW_ALL), ALLOW("\"StringEquals\":{\"aws:SourceVpce\":\"vpce-1\",\"s3:x-amz-acl\":\"private\"}"),
         "aws:SourceVpce=vpce-1 s3:x-amz-acl=private"},
        {DENY("\"Bool\":{\"aws:SecureTransport\":\"false\"}"), ALLOW("\"StringEquals\":{\"aws:SourceVpc\":\"vpc-1\"}"),
         "aws:SecureTransport=true aws:SourceVpc=vpc-1"},
    };
    (void)state;
    for (size_t i = 0; i < COUNTOF(rows); i++)
        assert_string_equal(carried(case_of(rows[i].scp, rows[i].identity)), rows[i].want);
}

/* What AWS knows itself, what is said elsewhere, and what no condition would help. */
static void what_no_caller_can_carry_is_not(void **state)
{
    static const char *const conditions[] = {"\"StringEquals\":{\"aws:PrincipalTag/team\":\"a\"}",
                                             "\"StringEquals\":{\"aws:PrincipalOrgID\":\"o-a\"}",
                                             "\"StringEquals\":{\"aws:ResourceTag/team\":\"a\"}",
                                             "\"StringEquals\":{\"s3:ExistingObjectTag/a\":\"b\"}",
                                             "\"DateLessThan\":{\"aws:CurrentTime\":\"2020-01-01T00:00:00Z\"}",
                                             "\"StringEquals\":{\"aws:SourceAccount\":\"1\"}",
                                             "\"StringEquals\":{\"aws:SourceIpp\":\"1\"}",
                                             "\"StringEquals\":{\"aws:UserAgent\":\"${aws:userid}\"}"};
    (void)state;
    for (size_t i = 0; i < COUNTOF(conditions); i++) {
        str allow = arena_format(&a, SCP(ALLOW_ALL ",\"Condition\":{%s}"), conditions[i]);
        assert_string_equal(carried(case_of(SCP(ALLOW_ALL), allow.ptr)), "");
    }
    policy_case c = case_of(DENY("\"StringNotEquals\":{\"aws:RequestedRegion\":\"eu-central-1\"}"), SCP(ALLOW_ALL));
    c.request.action = STR("ec2:StopInstances");
    c.request.resource = STR("arn:aws:ec2:us-east-1:111111111111:instance/i");
    assert_string_equal(carried(c), ""); /* the resource is where it is */
    c = case_of(SCP("\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\""), SCP(ALLOW_ALL));
    assert_string_equal(carried(c), "");
    assert_string_equal(carried(case_of(SCP(ALLOW_ALL), SCP(ALLOW_ALL))), "");
}

static void tags_bring_their_keys(void **state)
{
    (void)state;
    policy_case  c = case_of(SCP(ALLOW_ALL), ALLOW("\"StringEquals\":{\"aws:RequestTag/team\":\"a\"},"
                                                    "\"ForAnyValue:StringEquals\":{\"aws:TagKeys\":\"team\"}"));
    request_key *keys = NULL;
    uint32_t     count = authz_remedy_context(&a, &c, fixture_catalog(&a), &keys);
    assert_int_equal(count, 1);
    assert_true(str_is(keys[0].key, "aws:RequestTag/team"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_a_caller_has_in_hand_is_offered, setup, teardown),
        cmocka_unit_test_setup_teardown(what_no_caller_can_carry_is_not, setup, teardown),
        cmocka_unit_test_setup_teardown(tags_bring_their_keys, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
