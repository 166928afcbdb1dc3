#include "support/fixture.h"

#include "base/json.h"
#include "policy/principal.h"

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

static void callers_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        caller_kind kind;
        const char *account, *name, *session;
        bool        service_linked;
    } rows[] = {
        {"anonymous", CALLER_ANONYMOUS, "", "", "", false},
        {"cloudtrail.amazonaws.com", CALLER_SERVICE, "", "", "", false},
        {"arn:aws:iam::111122223333:root", CALLER_ROOT, "111122223333", "", "", false},
        {"arn:aws:iam::111122223333:user/Bob", CALLER_USER, "111122223333", "Bob", "", false},
        {"arn:aws:iam::111122223333:user/a/b/Bob", CALLER_USER, "111122223333", "Bob", "", false},
        {"arn:aws:iam::111122223333:role/team/App", CALLER_ROLE, "111122223333", "App", "", false},
        {"arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX", CALLER_ROLE,
         "111122223333", "AWSServiceRoleForX", "", true},
        {"arn:aws:iam::111122223333:role/AWSServiceRoleForX", CALLER_ROLE, "111122223333", "AWSServiceRoleForX", "",
         false},
        {"arn:aws-cn:sts::111122223333:assumed-role/App/s/1", CALLER_SESSION, "111122223333", "App", "s/1", false},
        {"arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForX/s", CALLER_SESSION, "111122223333",
         "AWSServiceRoleForX", "s", true},
        {"arn:aws:sts::111122223333:assumed-role/App", CALLER_SESSION, "111122223333", "App", "", false},
        {"arn:aws:sts::111122223333:federated-user/Bob", CALLER_FEDERATED_USER, "111122223333", "Bob", "", false},
        {"arn:aws:iam::111122223333:saml-provider/Idp", CALLER_PROVIDER, "111122223333", "Idp", "", false},
        {"arn:aws:iam::111122223333:oidc-provider/a.example/x", CALLER_PROVIDER, "111122223333", "a.example/x", "",
         false},
        {"arn:aws:iam::111122223333:group/g", CALLER_USER, "111122223333", "", "", false},
        {"arn:", CALLER_USER, "", "", "", false},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        caller c = caller_read(str_of(rows[i].text));
        if (c.kind != rows[i].kind || !str_is(c.account, rows[i].account) || !str_is(c.name, rows[i].name) ||
            !str_is(c.session, rows[i].session) || c.service_linked != rows[i].service_linked ||
            !str_is(c.arn, rows[i].text))
            fail_msg("`%s`: kind %u, account `%.*s`, name `%.*s`", rows[i].text, c.kind, STR_FMT(c.account),
                     STR_FMT(c.name));
    }
}

static principal_reach reach(const char *effect, const char *element, const char *value, const char *who, bool boundary)
{
    source *in = ARENA_NEW(&a, source, 1);
    policy *p = NULL;
    err     e = {0};
    str     text = arena_format(&a,
                                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"%s\",\"Action\":\"s3:*\","
                                    "\"Resource\":\"*\",\"%s\":%s}]}",
                                effect, element, value);
    *in = (source){STR("policy"), text, 1};
    if (policy_parse(&a, in, (policy_parse_options){.type = POLICY_RESOURCE, .lenient = true}, &p, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    caller c = caller_read(str_of(who));
    return principal_reaches(&p->statements[0], &c, boundary);
}

#define BOB     "arn:aws:iam::111122223333:user/a/Bob"
#define ROLE    "arn:aws:iam::111122223333:role/team/App"
#define SESSION "arn:aws:sts::111122223333:assumed-role/App/s1"
#define FEDBOB  "arn:aws:sts::111122223333:federated-user/Bob"
#define ROOT    "arn:aws:iam::111122223333:root"
#define SAML    "arn:aws:iam::111122223333:saml-provider/Idp"

static void names_reach_as_far_as_the_guide_says(void **state)
{
    (void)state;
    static const struct {
        const char     *value, *who;
        principal_reach want;
    } rows[] = {
        {"\"*\"", "anonymous", REACH_DIRECT},
        {"{\"AWS\":\"*\"}", "anonymous", REACH_DIRECT},
        {"{\"AWS\":\"*\"}", "sns.amazonaws.com", REACH_DIRECT},
        {"{\"CanonicalUser\":\"79a5\"}", "79a5", REACH_DIRECT},
        {"{\"Federated\":\"79a5\"}", "79a5", REACH_NONE},
        {"{\"Service\":\"79a5\"}", "79a5", REACH_NONE},
        {"{\"CanonicalUser\":\"accounts.google.com\"}", "accounts.google.com", REACH_NONE},
        {"{\"AWS\":\"111122223333\"}", BOB, REACH_ACCOUNT},
        {"{\"AWS\":\"" ROOT "\"}", SESSION, REACH_ACCOUNT},
        {"{\"AWS\":\"" ROOT "\"}", ROOT, REACH_ACCOUNT},
        {"{\"AWS\":\"arn:aws-cn:iam::111122223333:root\"}", BOB, REACH_NONE},
        {"{\"AWS\":\"444455556666\"}", BOB, REACH_NONE},
        {"{\"AWS\":\"111122223333\"}", "anonymous", REACH_NONE},
        {"{\"AWS\":\"111122223333\"}", SAML, REACH_NONE},
        {"{\"AWS\":\"" BOB "\"}", BOB, REACH_DIRECT},
        {"{\"AWS\":\"arn:aws:iam::111122223333:user/a/bob\"}", BOB, REACH_DIRECT},
        {"{\"AWS\":\"arn:aws:iam::111122223333:user/Bob\"}", BOB, REACH_NONE},
        {"{\"AWS\":\"arn:aws:iam::111122223333:user/A/Bob\"}", BOB, REACH_NONE},
        {"{\"AWS\":\"arn:aws:iam::444455556666:user/a/Bob\"}", BOB, REACH_NONE},
        {"{\"AWS\":\"arn:aws:iam::111122223333:user/*\"}", BOB, REACH_NONE},
        {"{\"AWS\":\"arn:aws:iam::111122223333:role/a/Bob\"}", BOB, REACH_NONE},
        {"{\"AWS\":\"" BOB "\"}", FEDBOB, REACH_CAPPED},
        {"{\"AWS\":\"" FEDBOB "\"}", FEDBOB, REACH_DIRECT},
        {"{\"AWS\":\"arn:aws:sts::111122223333:federated-user/bob\"}", FEDBOB, REACH_NONE},
        {"{\"AWS\":\"" ROLE "\"}", ROLE, REACH_CAPPED},
        {"{\"AWS\":\"" ROLE "\"}", SESSION, REACH_CAPPED},
        {"{\"AWS\":\"arn:aws:iam::111122223333:role/app\"}", SESSION, REACH_CAPPED},
        {"{\"AWS\":\"arn:aws:iam::111122223333:role/App2\"}", SESSION, REACH_NONE},
        {"{\"AWS\":\"arn:aws:iam::444455556666:role/App\"}", SESSION, REACH_NONE},
        {"{\"AWS\":\"" SESSION "\"}", SESSION, REACH_DIRECT},
        {"{\"AWS\":\"arn:aws:sts::111122223333:assumed-role/app/s1\"}", SESSION, REACH_DIRECT},
        {"{\"AWS\":\"arn:aws:sts::111122223333:assumed-role/App/S1\"}", SESSION, REACH_NONE},
        {"{\"AWS\":\"" SESSION "\"}", ROLE, REACH_NONE},
        {"{\"AWS\":[\"111122223333\",\"" BOB "\"]}", BOB, REACH_DIRECT},
        {"{\"AWS\":[\"111122223333\",\"" ROLE "\"]}", SESSION, REACH_CAPPED},
        {"{\"AWS\":\"AIDAEXAMPLEBOB\"}", BOB, REACH_NONE},
        {"{\"AWS\":\"sns.amazonaws.com\"}", "sns.amazonaws.com", REACH_NONE},
        {"{\"Service\":\"sns.amazonaws.com\"}", "sns.amazonaws.com", REACH_DIRECT},
        {"{\"Service\":\"sqs.amazonaws.com\"}", "sns.amazonaws.com", REACH_NONE},
        {"{\"Service\":\"*\"}", BOB, REACH_NONE},
        {"{\"Federated\":\"" SAML "\"}", SAML, REACH_DIRECT},
        {"{\"Federated\":\"accounts.google.com\"}", "accounts.google.com", REACH_DIRECT},
        {"{\"Federated\":\"" SAML "\"}", BOB, REACH_NONE},
        {"{\"CanonicalUser\":\"79a5\"}", "79a5", REACH_DIRECT},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        principal_reach got = reach("Allow", "Principal", rows[i].value, rows[i].who, true);
        if (got != rows[i].want) fail_msg("%s by %s: %u, not %u", rows[i].value, rows[i].who, got, rows[i].want);
    }
}

static void who_is_not_listed_is_reached(void **state)
{
    (void)state;
    static const struct {
        const char     *effect, *value, *who;
        bool            boundary;
        principal_reach want;
    } rows[] = {
        {"Deny", "{\"AWS\":\"" BOB "\"}", BOB, false, REACH_NONE},
        {"Deny", "{\"AWS\":\"" BOB "\"}", BOB, true, REACH_DIRECT},
        {"Deny", "{\"AWS\":\"111122223333\"}", BOB, false, REACH_NONE},
        {"Deny", "{\"AWS\":\"" ROLE "\"}", SESSION, false, REACH_NONE},
        {"Deny", "{\"AWS\":\"" ROLE "\"}", BOB, false, REACH_DIRECT},
        {"Deny", "\"*\"", BOB, false, REACH_NONE},
        {"Allow", "{\"AWS\":\"" BOB "\"}", BOB, true, REACH_NONE},
        {"Allow", "{\"AWS\":\"" BOB "\"}", "anonymous", false, REACH_DIRECT},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        principal_reach got = reach(rows[i].effect, "NotPrincipal", rows[i].value, rows[i].who, rows[i].boundary);
        if (got != rows[i].want) fail_msg("row %zu: %u, not %u", i, got, rows[i].want);
    }
    policy_statement none = {0};
    caller           bob = caller_read(STR(BOB));
    assert_int_equal(principal_reaches(&none, &bob, false), REACH_DIRECT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(callers_are_told_apart),
                                       cmocka_unit_test(names_reach_as_far_as_the_guide_says),
                                       cmocka_unit_test(who_is_not_listed_is_reached)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
