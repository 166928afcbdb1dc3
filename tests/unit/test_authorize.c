/* Who may call what. The world: 111111111111 (management) and 222222222222 under the root, 333333333333 under the OU
 * with an SCP that denies leaving, 444444444444 under the OU whose allow list has no word of Organizations. */
#include "support/control_calls.h"

#define STAY   "ou-ab12-0000stay"
#define LISTED "ou-ab12-00listed"
#define DENY_LEAVING                                                                      \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Resource\":\"*\"," \
    "\"Action\":\"organizations:LeaveOrganization\",\"Condition\":{\"StringNotLike\":{"   \
    "\"aws:PrincipalArn\":\"arn:aws:iam::*:role/Mover\"}}}]}"
#define ALLOW_S3 \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"

enum { MANAGEMENT, FREE, STAYING, LIMITED, NOBODY };

typedef struct {
    control_world w;
    arena         run;
} world;

static int setup(void **state)
{
    static world x;
    arena_init(&x.run, MEMORY_GENERAL);
    x.w = control_world_new(NULL, fixture_catalog(&x.run));
    control_world *w = &x.w;
    control_accepted(CALL(w, CONTROL_CREATE_ORGANIZATIONAL_UNIT, M(ParentId, "r-ab12"), M(Name, "stay"), ID(STAY)));
    control_accepted(CALL(w, CONTROL_CREATE_ORGANIZATIONAL_UNIT, M(ParentId, "r-ab12"), M(Name, "listed"), ID(LISTED)));
    control_accepted(
        CALL(w, CONTROL_CREATE_ACCOUNT, M(AccountName, "free"), M(Email, "2@example.com"), ID("222222222222")));
    control_accepted(CALL(w, CONTROL_CREATE_ACCOUNT, M(AccountName, "staying"), M(Email, "3@example.com"),
                          M(ParentId, STAY), .parent_given = true, ID("333333333333")));
    control_accepted(CALL(w, CONTROL_CREATE_ACCOUNT, M(AccountName, "limited"), M(Email, "4@example.com"),
                          M(ParentId, LISTED), .parent_given = true, ID("444444444444")));
    control_accepted(CALL(w, CONTROL_CREATE_POLICY, M(Name, "stay"), M(Description, ""), M(Content, DENY_LEAVING),
                          M(Type, SCP_TYPE), ID("p-0000stay")));
    control_accepted(CALL(w, CONTROL_CREATE_POLICY, M(Name, "s3"), M(Description, ""), M(Content, ALLOW_S3),
                          M(Type, SCP_TYPE), ID("p-000000s3")));
    control_accepted(CALL(w, CONTROL_ATTACH_POLICY, M(PolicyId, "p-0000stay"), M(TargetId, STAY)));
    control_accepted(CALL(w, CONTROL_ATTACH_POLICY, M(PolicyId, "p-000000s3"), M(TargetId, LISTED)));
    control_accepted(CALL(w, CONTROL_DETACH_POLICY, M(PolicyId, "p-FullAWSAccess"), M(TargetId, LISTED)));
    (void)control_bulk_end(w->c);
    *state = &x;
    return 0;
}

static int teardown(void **state)
{
    world *x = *state;
    control_world_free(&x->w);
    arena_deinit(&x->run);
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
        control_world *w = &((world *)*state)->w;
        uint32_t       before = org_account_live(org_head(w->o));
        control_answer a = control_call(w, rows[i].op, in);
        const char    *want = rows[i].exception;
        bool           same = control_same(a.exception, want);
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
    control_world *w = &((world *)*state)->w;
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
    control_world *w = &((world *)*state)->w;
    control_answer created = CALL(w, CONTROL_CREATE_ACCOUNT, M(AccountName, "new"), M(Email, "5@example.com"));
    control_accepted(created);
    control_command leave = {.caller = created.index};
    assert_string_equal(control_call(w, CONTROL_LEAVE_ORGANIZATION, leave).reason, "WAIT_PERIOD_ACTIVE");
    leave.at_ns = 4 * CONTROL_DAY_NS;
    control_accepted(control_call(w, CONTROL_LEAVE_ORGANIZATION, leave));
    assert_string_equal(control_call(w, CONTROL_LEAVE_ORGANIZATION, leave).exception,
                        "AWSOrganizationsNotInUseException");
    assert_string_equal(control_call(w, CONTROL_DESCRIBE_ORGANIZATION, leave).exception,
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
