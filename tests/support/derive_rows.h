/* derive_rows.h - what follows from a request by the rules of policy/derive.h, for the core's reading of them and the
 * oracle's: each is tested by itself, against the same rows.
 */
#ifndef SUPPORT_DERIVE_ROWS_H
#define SUPPORT_DERIVE_ROWS_H

#include "policy/derive.h"
#include "support/fixture.h"

typedef void derive_function(arena *a, request *q, const derive_facts *facts);

/* `want` null: the key is absent. Values are joined with blanks, those of a list in brackets. */
static inline void derive_says(arena *a, const request *q, const char *key, const char *want)
{
    str      got = STR("");
    uint32_t found = 0;
    for (uint32_t i = 0; i < q->context_count; i++) {
        const request_key *k = &q->context[i];
        if (!str_eq_nocase(k->key, str_of(key))) continue;
        found++;
        for (uint32_t v = 0; v < k->value_count; v++)
            got = arena_format(a, "%.*s%s%.*s", STR_FMT(got), v > 0 ? " " : "", STR_FMT(k->values[v]));
        if (k->is_array) got = arena_format(a, "[%.*s]", STR_FMT(got));
    }
    if (found != (want != NULL)) fail_msg("%.*s: %s stands there %u times", STR_FMT(q->principal), key, found);
    if (want != NULL && !str_is(got, want))
        fail_msg("%.*s: %s: `%.*s`, expected `%s`", STR_FMT(q->principal), key, STR_FMT(got), want);
}

static inline request derive_asked(const char *principal, const char *resource)
{
    return (request){.principal = str_of(principal),
                     .action = STR("s3:GetObject"),
                     .resource = str_of(resource),
                     .resource_account = STR("444455556666")};
}

static inline void derive_rows_of_principals(arena *a, derive_function *derive)
{
#define ACCOUNT "111122223333"
#define IAM     "arn:aws:iam::" ACCOUNT ":"
    static const struct {
        const char *principal, *account, *arn, *type, *username, *userid, *is_service, *service;
    } rows[] = {
        {"anonymous", "anonymous", NULL, "Anonymous", NULL, NULL, "false", NULL},
        {"sns.amazonaws.com", NULL, NULL, NULL, NULL, NULL, "true", "sns.amazonaws.com"},
        {IAM "root", ACCOUNT, IAM "root", "Account", NULL, ACCOUNT, "false", NULL},
        {IAM "user/team/Bob", ACCOUNT, IAM "user/team/Bob", "User", "Bob", NULL, "false", NULL},
        {IAM "role/team/App", ACCOUNT, IAM "role/team/App", "AssumedRole", NULL, NULL, "false", NULL},
        {"arn:aws-cn:sts::" ACCOUNT ":assumed-role/App/s", ACCOUNT, "arn:aws-cn:iam::" ACCOUNT ":role/App",
         "AssumedRole", NULL, NULL, "false", NULL},
        {"arn:aws:sts::" ACCOUNT ":federated-user/Bob", ACCOUNT, "arn:aws:sts::" ACCOUNT ":federated-user/Bob",
         "FederatedUser", NULL, NULL, "false", NULL},
        {IAM "saml-provider/Idp", NULL, NULL, NULL, NULL, NULL, "false", NULL},
    };
#undef IAM
#undef ACCOUNT
    derive_facts facts = {.principal = {STR("o-a"), STR("o-a/r-1/")}, .unix_seconds = DERIVE_NO_TIME};
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        request q = derive_asked(rows[i].principal, "arn:aws:s3:::b/k");
        derive(a, &q, &facts);
        derive_says(a, &q, "aws:PrincipalAccount", rows[i].account);
        derive_says(a, &q, "aws:PrincipalArn", rows[i].arn);
        derive_says(a, &q, "aws:PrincipalType", rows[i].type);
        derive_says(a, &q, "aws:username", rows[i].username);
        derive_says(a, &q, "aws:userid", rows[i].userid);
        derive_says(a, &q, "aws:PrincipalIsAWSService", rows[i].is_service);
        derive_says(a, &q, "aws:PrincipalServiceName", rows[i].service);
        derive_says(a, &q, "aws:PrincipalOrgID", rows[i].arn == NULL ? NULL : "o-a");
        derive_says(a, &q, "aws:PrincipalOrgPaths", rows[i].arn == NULL ? NULL : "[o-a/r-1/]");
        derive_says(a, &q, "aws:ResourceOrgID", NULL);
    }
}

static inline void derive_rows_of_resources(arena *a, derive_function *derive)
{
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
        request q = derive_asked("anonymous", rows[i].resource);
        derive(a, &q, &facts);
        derive_says(a, &q, "aws:RequestedRegion", rows[i].region);
        derive_says(a, &q, "aws:ResourceAccount", "444455556666");
        derive_says(a, &q, "aws:ResourceOrgID", "o-b");
        derive_says(a, &q, "aws:ResourceOrgPaths", "[o-b/r-2/ou-x/]");
        derive_says(a, &q, "aws:PrincipalOrgID", NULL);
        derive_says(a, &q, "aws:PrincipalOrgPaths", NULL);
        derive_says(a, &q, "aws:CurrentTime", NULL);
        derive_says(a, &q, "aws:EpochTime", NULL);
        derive_says(a, &q, "aws:ViaAWSService", "false");
        derive_says(a, &q, "aws:CalledViaFirst", NULL);
        derive_says(a, &q, "aws:TagKeys", NULL);
    }
    request q = derive_asked("anonymous", "arn:aws:ec2:eu-west-1::snapshot/snap-1"); /* EBS direct APIs lack them */
    q.action = STR("EBS:GetSnapshotBlock");
    derive(a, &q, &facts);
    derive_says(a, &q, "aws:RequestedRegion", "eu-west-1");
    derive_says(a, &q, "aws:ResourceAccount", NULL);
    derive_says(a, &q, "aws:ResourceOrgID", NULL);
    derive_says(a, &q, "aws:ResourceOrgPaths", NULL);
    q = derive_asked("anonymous", "arn:aws:s3:::b/k");
    q.resource_account = (str){NULL, 0};
    derive(a, &q, &(derive_facts){.unix_seconds = DERIVE_NO_TIME}); /* nothing is known of an organization either */
    derive_says(a, &q, "aws:ResourceAccount", NULL);
    derive_says(a, &q, "aws:ResourceOrgID", NULL);
    derive_says(a, &q, "aws:ResourceOrgPaths", NULL);
}

/* From tags and from the services it came through; what the request says stays, also under another case. */
static inline void derive_rows_of_context(arena *a, derive_function *derive)
{
    str         tag = STR("1"), mine = STR("mine"), via[] = {STR("athena.amazonaws.com"), STR("glue.amazonaws.com")};
    request_key keys[] = {
        {STR("aws:requesttag/Team"), &tag, 1, false},  {STR("AWS:RequestTag/cost-center"), &tag, 1, false},
        {STR("aws:RequestTag/"), &tag, 1, false},      {STR("aws:calledvia"), via, 2, true},
        {STR("AWS:requestedregion"), &mine, 1, false}, {STR("AWS:principalarn"), &mine, 1, false},
        {STR("aws:EpochTime"), &mine, 1, false}};
    request q = derive_asked("arn:aws:iam::111122223333:user/Bob", "arn:aws:sqs:eu-west-1:444455556666:q");
    q.context = keys;
    q.context_count = COUNTOF(keys);
    derive(a, &q, &(derive_facts){.unix_seconds = 0});
    for (size_t i = 0; i < COUNTOF(keys); i++) assert_ptr_equal(q.context[i].values, keys[i].values);
    derive_says(a, &q, "aws:TagKeys", "[Team cost-center]");
    derive_says(a, &q, "aws:ViaAWSService", "true");
    derive_says(a, &q, "aws:CalledViaFirst", "athena.amazonaws.com");
    derive_says(a, &q, "aws:CalledViaLast", "glue.amazonaws.com");
    derive_says(a, &q, "aws:RequestedRegion", "mine");
    derive_says(a, &q, "aws:PrincipalArn", "mine");
    derive_says(a, &q, "aws:EpochTime", "mine");
    derive_says(a, &q, "aws:CurrentTime", "1970-01-01T00:00:00Z");
    uint32_t count = q.context_count;
    derive(a, &q, &(derive_facts){.unix_seconds = 0}); /* nothing is left to derive */
    assert_int_equal(q.context_count, count);

    request_key none[] = {{STR("aws:TagKeys"), NULL, 0, true},
                          {STR("aws:RequestTag/a"), &mine, 1, false},
                          {STR("aws:CalledVia"), via, 0, true}}; /* through no service */
    q.context = none;
    q.context_count = COUNTOF(none);
    derive(a, &q, &(derive_facts){.unix_seconds = 0});
    derive_says(a, &q, "aws:TagKeys", "[]");
    derive_says(a, &q, "aws:ViaAWSService", "false");
    derive_says(a, &q, "aws:CalledViaFirst", NULL);
}

static inline void derive_rows_of_time(arena *a, derive_function *derive)
{
    static const struct {
        int64_t     seconds;
        const char *text; /* null: beyond what is written so */
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59Z"},
        {1767225600, "2026-01-01T00:00:00Z"},
        {1767225599, "2025-12-31T23:59:59Z"},
        {951782400, "2000-02-29T00:00:00Z"},
        {951868799, "2000-02-29T23:59:59Z"},
        {1709251199, "2024-02-29T23:59:59Z"},
        {4107542400, "2100-03-01T00:00:00Z"},
        {-11676096000, "1600-01-01T00:00:00Z"},
        {13631086245, "2401-12-14T04:50:45Z"},
        {253402300799, "9999-12-31T23:59:59Z"},
        {-62135596800, "0001-01-01T00:00:00Z"},
        {-62167219200, "0000-01-01T00:00:00Z"},
        {-62167219201, NULL},
        {253402300800, NULL},
        {INT64_MAX, NULL},
        {INT64_MIN + 1, NULL},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        request q = derive_asked("anonymous", "*");
        derive(a, &q, &(derive_facts){.unix_seconds = rows[i].seconds});
        derive_says(a, &q, "aws:CurrentTime", rows[i].text);
        derive_says(a, &q, "aws:EpochTime", arena_format(a, "%lld", (long long)rows[i].seconds).ptr);
    }
}

/* The four as tests of a file that has FIXTURE_ARENA. */
#define DERIVE_TESTS(derive)                             \
    static void from_who_asks(void **state)              \
    {                                                    \
        (void)state;                                     \
        derive_rows_of_principals(&a, derive);           \
    }                                                    \
    static void from_what_is_asked_for(void **state)     \
    {                                                    \
        (void)state;                                     \
        derive_rows_of_resources(&a, derive);            \
    }                                                    \
    static void from_what_the_request_says(void **state) \
    {                                                    \
        (void)state;                                     \
        derive_rows_of_context(&a, derive);              \
    }                                                    \
    static void from_the_time(void **state)              \
    {                                                    \
        (void)state;                                     \
        derive_rows_of_time(&a, derive);                 \
    }
#define DERIVE_TESTS_LIST                                                      \
    cmocka_unit_test(from_who_asks), cmocka_unit_test(from_what_is_asked_for), \
        cmocka_unit_test(from_what_the_request_says), cmocka_unit_test(from_the_time)

#endif
