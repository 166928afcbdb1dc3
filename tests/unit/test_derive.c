#include "support/fixture.h"

#include "policy/derive.h"
#include "policy/match.h"
#include "policy/value.h"

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

static const derive_facts nothing = {.unix_seconds = DERIVE_NO_TIME};

/* `want` null: the key is absent. A list is compared by its values, joined with blanks. */
static void says(const request *q, const char *key, const char *want)
{
    const request_key *k = request_key_find(q, str_of(key));
    str                got = STR("");
    if (k == NULL || want == NULL) {
        if ((k == NULL) != (want == NULL)) fail_msg("%s: %s", key, k == NULL ? "is missing" : "is there");
        return;
    }
    for (uint32_t i = 0; i < k->value_count; i++)
        got = arena_format(&a, "%.*s%s%.*s", STR_FMT(got), i > 0 ? " " : "", STR_FMT(k->values[i]));
    if (!str_is(got, want)) fail_msg("%s: `%.*s`, expected `%s`", key, STR_FMT(got), want);
}

static request asked_by(const char *principal)
{
    return (request){.principal = str_of(principal),
                     .action = STR("s3:GetObject"),
                     .resource = STR("arn:aws:s3:::b/k"),
                     .resource_account = STR("444455556666")};
}

static void who_asks_gives_keys(void **state)
{
    (void)state;
    static const struct {
        const char *principal, *account, *arn, *type, *username, *userid, *is_service, *service;
    } rows[] = {
        {"anonymous", "anonymous", NULL, "Anonymous", NULL, NULL, "false", NULL},
        {"sns.amazonaws.com", NULL, NULL, NULL, NULL, NULL, "true", "sns.amazonaws.com"},
        {"arn:aws:iam::111122223333:root", "111122223333", "arn:aws:iam::111122223333:root", "Account", NULL,
         "111122223333", "false", NULL},
        {"arn:aws:iam::111122223333:user/a/Bob", "111122223333", "arn:aws:iam::111122223333:user/a/Bob", "User", "Bob",
         NULL, "false", NULL},
        {"arn:aws:iam::111122223333:role/t/App", "111122223333", "arn:aws:iam::111122223333:role/t/App", "AssumedRole",
         NULL, NULL, "false", NULL},
        {"arn:aws-cn:sts::111122223333:assumed-role/App/s", "111122223333", "arn:aws-cn:iam::111122223333:role/App",
         "AssumedRole", NULL, NULL, "false", NULL},
        {"arn:aws:sts::111122223333:federated-user/Bob", "111122223333", "arn:aws:sts::111122223333:federated-user/Bob",
         "FederatedUser", NULL, NULL, "false", NULL},
        {"arn:aws:iam::111122223333:saml-provider/Idp", NULL, NULL, NULL, NULL, NULL, "false", NULL},
    };
    derive_facts facts = {.principal = {STR("o-a"), STR("o-a/r-1/")}, .unix_seconds = DERIVE_NO_TIME};
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        request q = asked_by(rows[i].principal);
        request_derive(&a, &q, &facts);
        says(&q, "aws:PrincipalAccount", rows[i].account);
        says(&q, "aws:PrincipalArn", rows[i].arn);
        says(&q, "aws:PrincipalType", rows[i].type);
        says(&q, "aws:username", rows[i].username);
        says(&q, "aws:userid", rows[i].userid);
        says(&q, "aws:PrincipalIsAWSService", rows[i].is_service);
        says(&q, "aws:PrincipalServiceName", rows[i].service);
        says(&q, "aws:PrincipalOrgID", rows[i].arn == NULL ? NULL : "o-a");
        says(&q, "aws:PrincipalOrgPaths", rows[i].arn == NULL ? NULL : "o-a/r-1/");
        says(&q, "aws:ResourceOrgID", NULL);
    }
}

static void what_is_asked_for_gives_keys(void **state)
{
    (void)state;
    static const struct {
        const char *resource, *region;
    } rows[] = {
        {"arn:aws:s3:::b/k", NULL},
        {"arn:aws:s3:eu-west-1:444455556666:accesspoint/p", "eu-west-1"},
        {"arn:aws:iam::444455556666:role/r", "us-east-1"},
        {"arn:aws-cn:iam::444455556666:role/r", "cn-north-1"},
        {"arn:aws-us-gov:iam::444455556666:role/r", "us-gov-west-1"},
        {"arn:aws:ec2:eu-west-1:444455556666:instance/i", "eu-west-1"},
        {"*", "us-east-1"},
        {"arn:aws:ec2", "us-east-1"},
        {"arn:aws:ec2:eu-west-1", "eu-west-1"},
        {"arn:aws:ec2:", "us-east-1"},
    };
    derive_facts facts = {.resource = {STR("o-b"), STR("o-b/r-2/ou-x/")}, .unix_seconds = DERIVE_NO_TIME};
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        request q = asked_by("anonymous");
        q.resource = str_of(rows[i].resource);
        request_derive(&a, &q, &facts);
        says(&q, "aws:RequestedRegion", rows[i].region);
        says(&q, "aws:ResourceAccount", "444455556666");
        says(&q, "aws:ResourceOrgID", "o-b");
        says(&q, "aws:ResourceOrgPaths", "o-b/r-2/ou-x/");
        says(&q, "aws:PrincipalOrgID", NULL);
        says(&q, "aws:CurrentTime", NULL);
        says(&q, "aws:ViaAWSService", "false");
        says(&q, "aws:CalledViaFirst", NULL);
        says(&q, "aws:TagKeys", NULL);
    }
    request q = asked_by("anonymous"); /* EBS direct APIs lack them */
    q.action = STR("EBS:GetSnapshotBlock");
    request_derive(&a, &q, &facts);
    says(&q, "aws:ResourceAccount", NULL);
    says(&q, "aws:ResourceOrgID", NULL);
    says(&q, "aws:ResourceOrgPaths", NULL);
}

static void keys_follow_from_keys(void **state)
{
    (void)state;
    str         tag = STR("1"), via[] = {STR("athena.amazonaws.com"), STR("glue.amazonaws.com")};
    request_key context[] = {{STR("aws:requesttag/Team"), &tag, 1, false},
                             {STR("aws:RequestTag/cost-center"), &tag, 1, false},
                             {STR("aws:RequestTag/"), &tag, 1, false},
                             {STR("aws:CalledVia"), via, 2, true}};
    request     q = asked_by("anonymous");
    q.context = context;
    q.context_count = COUNTOF(context);
    request_derive(&a, &q, &nothing);
    says(&q, "aws:TagKeys", "Team cost-center");
    assert_true(request_key_find(&q, STR("aws:TagKeys"))->is_array);
    says(&q, "aws:ViaAWSService", "true");
    says(&q, "aws:CalledViaFirst", "athena.amazonaws.com");
    says(&q, "aws:CalledViaLast", "glue.amazonaws.com");
    for (size_t i = 0; i < COUNTOF(context); i++) assert_ptr_equal(q.context[i].values, context[i].values);
}

/* Also under another case; and nothing is derived from what is no longer asked. */
static void what_the_request_says_stays(void **state)
{
    (void)state;
    str         mine = STR("mine");
    request_key context[] = {{STR("AWS:principalarn"), &mine, 1, false},
                             {STR("aws:TagKeys"), NULL, 0, true},
                             {STR("aws:RequestTag/a"), &mine, 1, false},
                             {STR("aws:EpochTime"), &mine, 1, false}};
    request     q = asked_by("arn:aws:iam::111122223333:user/Bob");
    q.context = context;
    q.context_count = COUNTOF(context);
    request_derive(&a, &q, &(derive_facts){.unix_seconds = 0});
    says(&q, "aws:PrincipalArn", "mine");
    says(&q, "aws:TagKeys", "");
    says(&q, "aws:EpochTime", "mine");
    says(&q, "aws:CurrentTime", "1970-01-01T00:00:00Z");
}

/* Against the reader of dates in policies. */
static void time_is_written_as_it_is_read(void **state)
{
    (void)state;
    static const struct {
        int64_t     seconds;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59Z"},
        {951782400, "2000-02-29T00:00:00Z"},
        {1767225599, "2025-12-31T23:59:59Z"},
        {4107542400, "2100-03-01T00:00:00Z"},
        {253402300799, "9999-12-31T23:59:59Z"},
        {-62135596800, "0001-01-01T00:00:00Z"},
        {253402300800, NULL},
        {INT64_MAX, NULL},
        {INT64_MIN + 1, NULL},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        request q = asked_by("anonymous");
        request_derive(&a, &q, &(derive_facts){.unix_seconds = rows[i].seconds});
        says(&q, "aws:CurrentTime", rows[i].text);
        says(&q, "aws:EpochTime", arena_format(&a, "%lld", (long long)rows[i].seconds).ptr);
    }
    for (int64_t seconds = -5000000000; seconds < 9000000000; seconds += 86399 * 13) {
        request    q = asked_by("anonymous");
        value_date date;
        request_derive(&a, &q, &(derive_facts){.unix_seconds = seconds});
        assert_true(value_date_read(request_key_find(&q, STR("aws:CurrentTime"))->values[0], &date));
        if (date.seconds != seconds) fail_msg("%lld is read as %lld", (long long)seconds, (long long)date.seconds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_asks_gives_keys),           cmocka_unit_test(what_is_asked_for_gives_keys),
        cmocka_unit_test(keys_follow_from_keys),         cmocka_unit_test(what_the_request_says_stays),
        cmocka_unit_test(time_is_written_as_it_is_read),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
