/* Who may call what. The world: 111111111111 (management) and 222222222222 under the root, 333333333333 under the OU
 * with an SCP that denies leaving, 444444444444 under the OU whose allow list has no word of Organizations. */
#include "support/fixture.h"

#include "control/control.h"

#define SCP_TYPE "SERVICE_CONTROL_POLICY"
#define STAY     "ou-ab12-0000stay"
#define LISTED   "ou-ab12-00listed"
#define DENY_LEAVING                                                                      \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Resource\":\"*\"," \
    "\"Action\":\"organizations:LeaveOrganization\",\"Condition\":{\"StringNotLike\":{"   \
    "\"aws:PrincipalArn\":\"arn:aws:iam::*:role/Mover\"}}}]}"
#define ALLOW_S3 \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"
#define DAY_NS (INT64_C(86400) * 1000000000)

enum { MANAGEMENT, FREE, STAYING, LIMITED, NOBODY };

typedef struct {
    arena    run;
    org     *o;
    control *c;
} world;

#define M(name, text)    .member[MEMBER_##name] = {text, sizeof(text) - 1}
#define ID(text)         .id = {text, sizeof(text) - 1}
#define CALL(w, op, ...) call_of((w), (op), (control_command){__VA_ARGS__})

static control_answer call_of(world *w, control_operation op, control_command in)
{
    control_answer answer;
    in.op = op;
    control_apply(w->c, &in, &answer);
    return answer;
}

static void accept(control_answer a)
{
    if (a.exception != NULL) fail_msg("%s %s: %s", a.exception, a.reason ? a.reason : "", a.detail);
}

static int setup(void **state)
{
    static world  w;
    quota_profile quotas = {.ou_depth = ORG_OU_DEPTH_MAX, .account_removal_days = 4};
    quotas.accounts = quotas.ous = quotas.scps = quotas.scp_characters = quotas.scps_per_target = 1000;
    quotas.policy_name_characters = quotas.ou_name_characters = 128;
    arena_init(&w.run, MEMORY_GENERAL);
    w.o = org_new((org_options){.org_id = STR("o-exampleorgid"),
                                .root_id = STR("r-ab12"),
                                .management_id = STR("111111111111"),
                                .management_name = STR("management"),
                                .management_email = STR("m@example.com")});
    w.c = control_new(w.o, &quotas, fixture_catalog(&w.run), 7);
    control_bulk_begin(w.c);
    accept(CALL(&w, CONTROL_ENABLE_POLICY_TYPE, M(RootId, "r-ab12"), M(PolicyType, SCP_TYPE)));
    accept(CALL(&w, CONTROL_CREATE_ORGANIZATIONAL_UNIT, M(ParentId, "r-ab12"), M(Name, "stay"), ID(STAY)));
    accept(CALL(&w, CONTROL_CREATE_ORGANIZATIONAL_UNIT, M(ParentId, "r-ab12"), M(Name, "listed"), ID(LISTED)));
    accept(CALL(&w, CONTROL_CREATE_ACCOUNT, M(AccountName, "free"), M(Email, "2@example.com"), ID("222222222222")));
    accept(CALL(&w, CONTROL_CREATE_ACCOUNT, M(AccountName, "staying"), M(Email, "3@example.com"), M(ParentId, STAY),
                .parent_given = true, ID("333333333333")));
    accept(CALL(&w, CONTROL_CREATE_ACCOUNT, M(AccountName, "limited"), M(Email, "4@example.com"), M(ParentId, LISTED),
                .parent_given = true, ID("444444444444")));
    accept(CALL(&w, CONTROL_CREATE_POLICY, M(Name, "stay"), M(Description, ""), M(Content, DENY_LEAVING),
                M(Type, SCP_TYPE), ID("p-0000stay")));
    accept(CALL(&w, CONTROL_CREATE_POLICY, M(Name, "s3"), M(Description, ""), M(Content, ALLOW_S3), M(Type, SCP_TYPE),
                ID("p-000000s3")));
    accept(CALL(&w, CONTROL_ATTACH_POLICY, M(PolicyId, "p-0000stay"), M(TargetId, STAY)));
    accept(CALL(&w, CONTROL_ATTACH_POLICY, M(PolicyId, "p-000000s3"), M(TargetId, LISTED)));
    accept(CALL(&w, CONTROL_DETACH_POLICY, M(PolicyId, "p-FullAWSAccess"), M(TargetId, LISTED)));
    (void)control_bulk_end(w.c);
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    control_free(w->c);
    org_free(w->o);
    arena_deinit(&w->run);
    return 0;
}

static const struct {
    control_operation op;
    uint32_t          caller;
    const char       *principal, *exception; /* exception null: accepted */
} rows[] = {
    {CONTROL_DESCRIBE_ORGANIZATION, MANAGEMENT, NULL, NULL},
    {CONTROL_DESCRIBE_ORGANIZATION, FREE, NULL, NULL},
    {CONTROL_DESCRIBE_ORGANIZATION, STAYING, NULL, NULL},
    {CONTROL_DESCRIBE_ORGANIZATION, LIMITED, NULL, "AccessDeniedException"}, /* its allow list does not say so */
    {CONTROL_DESCRIBE_ORGANIZATION, NOBODY, NULL, "AWSOrganizationsNotInUseException"},
    {CONTROL_DESCRIBE_ORGANIZATION, ORG_NONE, NULL, "AWSOrganizationsNotInUseException"},
    {CONTROL_LIST_ACCOUNTS, MANAGEMENT, NULL, NULL},
    {CONTROL_LIST_ACCOUNTS, FREE, NULL, "AccessDeniedException"}, /* no delegated administrator */
    {CONTROL_LEAVE_ORGANIZATION, FREE, NULL, NULL},
    {CONTROL_LEAVE_ORGANIZATION, STAYING, NULL, "AccessDeniedException"},
    {CONTROL_LEAVE_ORGANIZATION, STAYING, "arn:aws:iam::333333333333:role/Other", "AccessDeniedException"},
    {CONTROL_LEAVE_ORGANIZATION, STAYING, "arn:aws:iam::333333333333:role/Mover", NULL}, /* by the SCP's exception */
    {CONTROL_LEAVE_ORGANIZATION, LIMITED, NULL, "AccessDeniedException"},
    {CONTROL_LEAVE_ORGANIZATION, MANAGEMENT, NULL, "MasterCannotLeaveOrganizationException"},
};

/* What is refused changes nothing, and is recorded with who called. */
static void answers(void **state)
{
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        control_command in = {.caller = rows[i].caller};
        if (rows[i].principal != NULL) in.principal = str_of(rows[i].principal);
        (void)setup(state);
        world         *w = *state;
        uint32_t       before = org_account_live(org_head(w->o));
        control_answer a = call_of(w, rows[i].op, in);
        const char    *want = rows[i].exception;
        bool same = a.exception == NULL || want == NULL ? a.exception == want : strcmp(a.exception, want) == 0;
        if (!same) fail_msg("row %zu: %s: %s", i, a.exception ? a.exception : "accepted", a.detail);
        bool left = rows[i].op == CONTROL_LEAVE_ORGANIZATION && a.exception == NULL;
        assert_int_equal(org_account_live(org_head(w->o)), before - left);
        assert_int_equal(org_revision(w->o), left);
        const control_record *last = control_record_at(w->c, control_record_count(w->c) - 1);
        assert_int_equal(last->caller, rows[i].caller);
        if (left) assert_int_equal(last->first, rows[i].caller);
        (void)teardown(state);
    }
}

/* Before the input is looked at. */
static void callers_come_before_input(void **state)
{
    (void)setup(state);
    world         *w = *state;
    control_answer a = CALL(w, CONTROL_CREATE_ORGANIZATIONAL_UNIT, .caller = FREE);
    assert_string_equal(a.exception, "AccessDeniedException");
    a = CALL(w, CONTROL_CREATE_ORGANIZATIONAL_UNIT, .caller = MANAGEMENT);
    assert_string_equal(a.reason, "INPUT_REQUIRED:NAME");
    (void)teardown(state);
}

/* Of a member created a moment ago, and of one that has left. */
static void members_come_and_go(void **state)
{
    (void)setup(state);
    world         *w = *state;
    control_answer created = CALL(w, CONTROL_CREATE_ACCOUNT, M(AccountName, "new"), M(Email, "5@example.com"));
    accept(created);
    control_command leave = {.caller = created.index};
    assert_string_equal(call_of(w, CONTROL_LEAVE_ORGANIZATION, leave).reason, "WAIT_PERIOD_ACTIVE");
    leave.at_ns = 4 * DAY_NS;
    accept(call_of(w, CONTROL_LEAVE_ORGANIZATION, leave));
    assert_string_equal(call_of(w, CONTROL_LEAVE_ORGANIZATION, leave).exception, "AWSOrganizationsNotInUseException");
    assert_string_equal(call_of(w, CONTROL_DESCRIBE_ORGANIZATION, leave).exception,
                        "AWSOrganizationsNotInUseException");
    (void)teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(callers_come_before_input),
        cmocka_unit_test(members_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
