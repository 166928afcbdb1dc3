/* Keys that follow from a request, by the rules of policy/derive.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "oracle/oracle.h"

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

/* The value, a list in brackets; `-` when the key is absent. */
static str value_of(const request *q, const char *key)
{
    str      out = STR("-");
    uint32_t found = 0;
    for (uint32_t i = 0; i < q->context_count; i++) {
        const request_key *k = &q->context[i];
        if (!str_eq_nocase(k->key, str_of(key))) continue;
        found++;
        out = k->is_array ? STR("[") : STR("");
        for (uint32_t v = 0; v < k->value_count; v++)
            out = arena_format(&a, "%.*s%s%.*s", STR_FMT(out), v > 0 ? " " : "", STR_FMT(k->values[v]));
        if (k->is_array) out = arena_format(&a, "%.*s]", STR_FMT(out));
    }
    assert_true(found <= 1);
    return out;
}

static void assert_value(const request *q, const char *key, const char *want)
{
    str have = value_of(q, key);
    if (!str_is(have, want))
        fail_msg("%.*s: %s: `%.*s`, expected `%s`", STR_FMT(q->principal), key, STR_FMT(have), want);
}

static const derive_facts known = {
    .principal = {{"o-1", 3}, {"o-1/r-a/ou-x/", 13}},
    .resource = {{"o-2", 3}, {"o-2/r-b/", 8}},
    .unix_seconds = 1767225600,
};

static request ask(const char *principal, const char *resource, const derive_facts *facts)
{
    request q = {.principal = str_of(principal),
                 .action = STR("s3:GetObject"),
                 .resource = str_of(resource),
                 .resource_account = STR("222222222222")};
    oracle_derive(&a, &q, facts);
    return q;
}

static void who_asks(void **state)
{
#define ACCOUNT "111111111111"
    static const struct {
        const char *principal, *account, *arn, *type, *username, *userid, *is_service, *service, *organization;
    } rows[] = {
        {"arn:aws:iam::" ACCOUNT ":user/team/Ann", ACCOUNT, "arn:aws:iam::" ACCOUNT ":user/team/Ann", "User", "Ann",
         "-", "false", "-", "o-1"},
        {"arn:aws:iam::" ACCOUNT ":role/team/Dev", ACCOUNT, "arn:aws:iam::" ACCOUNT ":role/team/Dev", "AssumedRole",
         "-", "-", "false", "-", "o-1"},
        {"arn:aws-cn:sts::" ACCOUNT ":assumed-role/Dev/ann", ACCOUNT, "arn:aws-cn:iam::" ACCOUNT ":role/Dev",
         "AssumedRole", "-", "-", "false", "-", "o-1"},
        {"arn:aws:sts::" ACCOUNT ":federated-user/Ann", ACCOUNT, "arn:aws:sts::" ACCOUNT ":federated-user/Ann",
         "FederatedUser", "-", "-", "false", "-", "o-1"},
        {"arn:aws:iam::" ACCOUNT ":root", ACCOUNT, "arn:aws:iam::" ACCOUNT ":root", "Account", "-", ACCOUNT, "false",
         "-", "o-1"},
        {"cloudtrail.amazonaws.com", "-", "-", "-", "-", "-", "true", "cloudtrail.amazonaws.com", "-"},
        {"arn:aws:iam::" ACCOUNT ":saml-provider/Idp", "-", "-", "-", "-", "-", "false", "-", "-"},
        {"anonymous", "anonymous", "-", "Anonymous", "-", "-", "false", "-", "-"},
    };
    (void)state;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        request q = ask(rows[i].principal, "arn:aws:s3:::b", &known);
        bool    inside = !str_is(str_of(rows[i].organization), "-");
        assert_value(&q, "aws:PrincipalAccount", rows[i].account);
        assert_value(&q, "aws:PrincipalArn", rows[i].arn);
        assert_value(&q, "aws:PrincipalType", rows[i].type);
        assert_value(&q, "aws:username", rows[i].username);
        assert_value(&q, "aws:userid", rows[i].userid);
        assert_value(&q, "aws:PrincipalIsAWSService", rows[i].is_service);
        assert_value(&q, "aws:PrincipalServiceName", rows[i].service);
        assert_value(&q, "aws:PrincipalOrgID", rows[i].organization);
        assert_value(&q, "aws:PrincipalOrgPaths", inside ? "[o-1/r-a/ou-x/]" : "-");
    }
}

static void what_is_asked_for(void **state)
{
    static const derive_facts nowhere = {.unix_seconds = DERIVE_NO_TIME};
    (void)state;
    request q = ask("anonymous", "arn:aws:sqs:eu-west-1:222222222222:jobs", &known);
    assert_value(&q, "aws:RequestedRegion", "eu-west-1");
    assert_value(&q, "aws:ResourceAccount", "222222222222");
    assert_value(&q, "aws:ResourceOrgID", "o-2");
    assert_value(&q, "aws:ResourceOrgPaths", "[o-2/r-b/]");
    assert_value(&q, "aws:TagKeys", "-");
    q = ask("arn:aws:iam::111111111111:user/Ann", "*", &nowhere);
    assert_value(&q, "aws:RequestedRegion", "us-east-1");
    assert_value(&q, "aws:PrincipalOrgID", "-");
    assert_value(&q, "aws:PrincipalOrgPaths", "-");
    assert_value(&q, "aws:ResourceOrgID", "-");
    assert_value(&q, "aws:ResourceOrgPaths", "-");
    assert_value(&q, "aws:CurrentTime", "-");
    q = ask("anonymous", "arn:aws-cn:iam::222222222222:role/r", &nowhere);
    assert_value(&q, "aws:RequestedRegion", "cn-north-1");
    q = ask("anonymous", "arn:aws-us-gov:iam::222222222222:role/r", &nowhere);
    assert_value(&q, "aws:RequestedRegion", "us-gov-west-1");
    q = (request){.principal = STR("anonymous"),
                  .action = STR("EBS:GetSnapshotBlock"),
                  .resource = STR("arn:aws:ec2:eu-west-1::snapshot/snap-1"),
                  .resource_account = STR("222222222222")};
    oracle_derive(&a, &q, &known);
    assert_value(&q, "aws:RequestedRegion", "eu-west-1");
    assert_value(&q, "aws:ResourceAccount", "-");
    assert_value(&q, "aws:ResourceOrgID", "-");
    assert_value(&q, "aws:ResourceOrgPaths", "-");
    q = ask("anonymous", "arn:aws:s3:::b/k", &nowhere);
    assert_value(&q, "aws:RequestedRegion", "-");
    assert_value(&q, "aws:EpochTime", "-");
}

static void what_the_request_says_is_left(void **state)
{
    str         region = STR("eu-central-1"), team = STR("blue"), cost = STR("7");
    str         via[] = {STR("athena.amazonaws.com"), STR("glue.amazonaws.com")};
    request_key keys[] = {{STR("AWS:requestedregion"), &region, 1, false},
                          {STR("aws:RequestTag/Team"), &team, 1, false},
                          {STR("aws:calledvia"), via, 2, true},
                          {STR("AWS:REQUESTTAG/cost"), &cost, 1, false}};
    request     q = {.principal = STR("anonymous"), .resource = STR("arn:aws:sqs:eu-west-1:1:q")};
    (void)state;
    q.context = keys;
    q.context_count = COUNTOF(keys);
    oracle_derive(&a, &q, &known);
    for (size_t i = 0; i < COUNTOF(keys); i++) assert_true(str_eq(q.context[i].key, keys[i].key));
    assert_value(&q, "aws:RequestedRegion", "eu-central-1");
    assert_value(&q, "aws:TagKeys", "[Team cost]");
    assert_value(&q, "aws:ViaAWSService", "true");
    assert_value(&q, "aws:CalledViaFirst", "athena.amazonaws.com");
    assert_value(&q, "aws:CalledViaLast", "glue.amazonaws.com");
    assert_value(&q, "aws:ResourceAccount", "-");

    q.context = keys;
    q.context_count = COUNTOF(keys);
    keys[2].value_count = 0; /* through no service */
    oracle_derive(&a, &q, &known);
    assert_value(&q, "aws:ViaAWSService", "false");
    assert_value(&q, "aws:CalledViaFirst", "-");
    uint32_t count = q.context_count;
    oracle_derive(&a, &q, &known); /* nothing is left to derive */
    assert_int_equal(q.context_count, count);
}

static void dates_and_seconds(void **state)
{
    static const struct {
        int64_t     seconds;
        const char *date, *epoch;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z", "0"},
        {1767225600, "2026-01-01T00:00:00Z", "1767225600"},
        {951782400, "2000-02-29T00:00:00Z", "951782400"},
        {951868799, "2000-02-29T23:59:59Z", "951868799"},
        {1709251199, "2024-02-29T23:59:59Z", "1709251199"},
        {4107542400, "2100-03-01T00:00:00Z", "4107542400"},
        {-1, "1969-12-31T23:59:59Z", "-1"},
        {-11676096000, "1600-01-01T00:00:00Z", "-11676096000"},
        {13631086245, "2401-12-14T04:50:45Z", "13631086245"},
    };
    (void)state;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        derive_facts facts = {.unix_seconds = rows[i].seconds};
        request      q = ask("anonymous", "*", &facts);
        assert_value(&q, "aws:CurrentTime", rows[i].date);
        assert_value(&q, "aws:EpochTime", rows[i].epoch);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_asks),
        cmocka_unit_test(what_is_asked_for),
        cmocka_unit_test(what_the_request_says_is_left),
        cmocka_unit_test(dates_and_seconds),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
