/* Who asks, and whom a statement names: the tables of spec 1.7 as the oracle reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "oracle/oracle.h"
#include "oracle/oracle_principal.h"

#define USER      "arn:aws:iam::111111111111:user/team/Ann"
#define ROLE      "arn:aws:iam::111111111111:role/team/Dev"
#define SESSION   "arn:aws:sts::111111111111:assumed-role/Dev/ann"
#define FEDERATED "arn:aws:sts::111111111111:federated-user/Ann"
#define ROOT      "arn:aws:iam::111111111111:root"
#define PROVIDER  "arn:aws:iam::111111111111:saml-provider/Idp"

static void callers_by_their_text(void **state)
{
    static const struct {
        const char *text;
        caller_kind kind;
        const char *account, *name, *session;
        bool        in_account, service_linked;
    } rows[] = {
        {"anonymous", CALLER_ANONYMOUS, "", "", "", false, false},
        {"s3.amazonaws.com", CALLER_SERVICE, "", "", "", false, false},
        {"accounts.google.com", CALLER_PROVIDER, "", "", "", false, false},
        {ROOT, CALLER_ROOT, "111111111111", "", "", true, false},
        {USER, CALLER_USER, "111111111111", "Ann", "", true, false},
        {ROLE, CALLER_ROLE, "111111111111", "Dev", "", true, false},
        {"arn:aws:iam::1:role/Dev", CALLER_ROLE, "1", "Dev", "", true, false},
        {SESSION, CALLER_SESSION, "111111111111", "Dev", "ann", true, false},
        {"arn:aws:sts::1:assumed-role/Dev/a/b", CALLER_SESSION, "1", "Dev", "a/b", true, false},
        {"arn:aws:sts::1:assumed-role/Dev", CALLER_SESSION, "1", "Dev", "", true, false},
        {FEDERATED, CALLER_FEDERATED_USER, "111111111111", "Ann", "", true, false},
        {PROVIDER, CALLER_PROVIDER, "111111111111", "", "", false, false},
        {"arn:aws:iam::1:oidc-provider/x.example/y", CALLER_PROVIDER, "1", "", "", false, false},
        {"arn:aws:iam::1:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX", CALLER_ROLE, "1",
         "AWSServiceRoleForX", "", true, true},
        {"arn:aws:sts::1:assumed-role/AWSServiceRoleForX/s", CALLER_SESSION, "1", "AWSServiceRoleForX", "s", true,
         true},
        {"arn:aws:iam::1:role/AWSServiceRoleForX", CALLER_ROLE, "1", "AWSServiceRoleForX", "", true, false},
        {"arn:aws:iam::1:group/Admins", CALLER_USER, "1", "", "", true, false},
        {"arn:aws:iam::1:rootless", CALLER_USER, "1", "", "", true, false},
        {"arn:", CALLER_USER, "", "", "", true, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        caller who = oracle_caller(str_of(rows[i].text));
        if (who.kind != rows[i].kind || !str_is(who.account, rows[i].account) || !str_is(who.name, rows[i].name) ||
            !str_is(who.session, rows[i].session) || oracle_in_account(&who) != rows[i].in_account ||
            who.service_linked != rows[i].service_linked)
            fail_msg("%s: %d `%.*s` `%.*s` `%.*s`", rows[i].text, who.kind, STR_FMT(who.account), STR_FMT(who.name),
                     STR_FMT(who.session));
        assert_true(str_is(oracle_account_of(str_of(rows[i].text)), rows[i].account));
    }
}

static principal_reach reach(principal_kind kind, const char *value, const char *principal, bool not_principal,
                             bool deny, bool has_boundary)
{
    caller           who = oracle_caller(str_of(principal));
    policy_principal named = {kind, {str_of(value), 0}};
    policy_statement s = {.deny = deny,
                          .has_principal = true,
                          .not_principal = not_principal,
                          .principals = &named,
                          .principal_count = 1};
    return oracle_reach(&s, &who, has_boundary, true);
}

static void whom_a_principal_names(void **state)
{
    static const struct {
        principal_kind  kind;
        const char     *value, *principal;
        principal_reach want;
    } rows[] = {
        {PRINCIPAL_EVERYONE, "*", "anonymous", REACH_DIRECT},
        {PRINCIPAL_EVERYONE, "*", "s3.amazonaws.com", REACH_DIRECT},
        {PRINCIPAL_AWS, "*", USER, REACH_DIRECT},
        {PRINCIPAL_AWS, "*", "anonymous", REACH_DIRECT},
        {PRINCIPAL_AWS, "111111111111", USER, REACH_ACCOUNT},
        {PRINCIPAL_AWS, "111111111111", ROOT, REACH_ACCOUNT},
        {PRINCIPAL_AWS, "111111111111", FEDERATED, REACH_ACCOUNT},
        {PRINCIPAL_AWS, "222222222222", USER, REACH_NONE},
        {PRINCIPAL_AWS, "111111111111", "anonymous", REACH_NONE},
        {PRINCIPAL_AWS, "111111111111", PROVIDER, REACH_NONE},
        {PRINCIPAL_AWS, ROOT, SESSION, REACH_ACCOUNT},
        {PRINCIPAL_AWS, ROOT, ROOT, REACH_ACCOUNT},
        {PRINCIPAL_AWS, "arn:aws-cn:iam::111111111111:root", USER, REACH_NONE},
        {PRINCIPAL_AWS, USER, USER, REACH_DIRECT},
        {PRINCIPAL_AWS, "arn:aws:iam::111111111111:user/team/ANN", USER, REACH_DIRECT},
        {PRINCIPAL_AWS, "arn:aws:iam::111111111111:user/Team/Ann", USER, REACH_NONE},
        {PRINCIPAL_AWS, "arn:aws:iam::111111111111:user/Ann", USER, REACH_NONE},
        {PRINCIPAL_AWS, "arn:aws:iam::111111111111:user/team/*", USER, REACH_NONE},
        {PRINCIPAL_AWS, "AIDAEXAMPLE", USER, REACH_NONE},
        {PRINCIPAL_AWS, USER, FEDERATED, REACH_CAPPED},
        {PRINCIPAL_AWS, "arn:aws:iam::111111111111:user/Bob", FEDERATED, REACH_NONE},
        {PRINCIPAL_AWS, FEDERATED, FEDERATED, REACH_DIRECT},
        {PRINCIPAL_AWS, "arn:aws:sts::111111111111:federated-user/ANN", FEDERATED, REACH_NONE},
        {PRINCIPAL_AWS, FEDERATED, USER, REACH_NONE},
        {PRINCIPAL_AWS, ROLE, SESSION, REACH_CAPPED},
        {PRINCIPAL_AWS, "arn:aws:iam::111111111111:role/DEV", SESSION, REACH_CAPPED},
        {PRINCIPAL_AWS, "arn:aws:iam::222222222222:role/Dev", SESSION, REACH_NONE},
        {PRINCIPAL_AWS, "arn:aws:iam::111111111111:user/Dev", SESSION, REACH_NONE},
        {PRINCIPAL_AWS, ROLE, ROLE, REACH_CAPPED},
        {PRINCIPAL_AWS, "arn:aws:iam::111111111111:role/Dev", ROLE, REACH_NONE},
        {PRINCIPAL_AWS, SESSION, SESSION, REACH_DIRECT},
        {PRINCIPAL_AWS, "arn:aws:sts::111111111111:assumed-role/DEV/ann", SESSION, REACH_DIRECT},
        {PRINCIPAL_AWS, "arn:aws:sts::111111111111:assumed-role/Dev/Ann", SESSION, REACH_NONE},
        {PRINCIPAL_AWS, SESSION, ROLE, REACH_NONE},
        {PRINCIPAL_AWS, "s3.amazonaws.com", "s3.amazonaws.com", REACH_NONE},
        {PRINCIPAL_AWS, PROVIDER, PROVIDER, REACH_NONE},
        {PRINCIPAL_AWS, "arn:aws:iam::1:group/A", "arn:aws:iam::1:group/A", REACH_NONE},
        {PRINCIPAL_SERVICE, "s3.amazonaws.com", "s3.amazonaws.com", REACH_DIRECT},
        {PRINCIPAL_SERVICE, "S3.amazonaws.com", "s3.amazonaws.com", REACH_NONE},
        {PRINCIPAL_SERVICE, "*", "s3.amazonaws.com", REACH_NONE},
        {PRINCIPAL_SERVICE, "anonymous", "anonymous", REACH_NONE},
        {PRINCIPAL_SERVICE, USER, USER, REACH_NONE},
        {PRINCIPAL_FEDERATED, PROVIDER, PROVIDER, REACH_DIRECT},
        {PRINCIPAL_FEDERATED, "accounts.google.com", "accounts.google.com", REACH_DIRECT},
        {PRINCIPAL_FEDERATED, USER, USER, REACH_NONE},
        {PRINCIPAL_CANONICAL, "0a1b", "0a1b", REACH_DIRECT},
        {PRINCIPAL_CANONICAL, "0a1b", "0a1c", REACH_NONE},
    };
    (void)state;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        principal_reach have = reach(rows[i].kind, rows[i].value, rows[i].principal, false, false, false);
        if (have != rows[i].want) fail_msg("`%s` of %s: %d", rows[i].value, rows[i].principal, have);
        have = reach(rows[i].kind, rows[i].value, rows[i].principal, true, true, false);
        if ((have == REACH_DIRECT) != (rows[i].want == REACH_NONE))
            fail_msg("all but `%s` of %s: %d", rows[i].value, rows[i].principal, have);
    }
}

static void a_boundary_is_reached_by_every_deny_of_the_kind(void **state)
{
    (void)state;
    assert_int_equal(reach(PRINCIPAL_AWS, USER, USER, true, true, true), REACH_DIRECT);
    assert_int_equal(reach(PRINCIPAL_AWS, USER, USER, true, false, true), REACH_NONE);
    assert_int_equal(reach(PRINCIPAL_AWS, USER, SESSION, false, true, true), REACH_NONE);
}

static void the_strongest_of_several_counts(void **state)
{
    policy_principal named[] = {
        {PRINCIPAL_AWS, {STR(ROLE), 0}}, {PRINCIPAL_AWS, {STR(SESSION), 0}}, {PRINCIPAL_AWS, {STR("111111111111"), 0}}};
    policy_statement s = {.has_principal = true, .principals = named};
    caller           who = oracle_caller(STR(SESSION));
    (void)state;
    s.principal_count = 1;
    assert_int_equal(oracle_reach(&s, &who, false, true), REACH_CAPPED);
    s.principal_count = 3;
    assert_int_equal(oracle_reach(&s, &who, false, true), REACH_DIRECT);
}

static void a_statement_that_names_nobody(void **state)
{
    policy_statement s = {0};
    caller           who = oracle_caller(STR(USER));
    (void)state;
    assert_int_equal(oracle_reach(&s, &who, false, true), REACH_NONE);
    assert_int_equal(oracle_reach(&s, &who, false, false), REACH_DIRECT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callers_by_their_text),
        cmocka_unit_test(whom_a_principal_names),
        cmocka_unit_test(a_boundary_is_reached_by_every_deny_of_the_kind),
        cmocka_unit_test(the_strongest_of_several_counts),
        cmocka_unit_test(a_statement_that_names_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
