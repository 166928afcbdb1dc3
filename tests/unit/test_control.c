#include "support/control_calls.h"

#define ALLOW \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"

static const quota_profile aws = {.accounts = 6,
                                  .ous = 9,
                                  .ou_depth = 5,
                                  .scps = 5,
                                  .scp_characters = 200,
                                  .scps_per_target = 3,
                                  .rcps = 5,
                                  .rcp_characters = 200,
                                  .rcps_per_target = 2,
                                  .management_policies = 1,
                                  .management_policy_characters = 100,
                                  .management_policies_per_target = 1,
                                  .ai_opt_out_policy_characters = 20,
                                  .ai_opt_out_policies_per_target = 1,
                                  .policy_name_characters = 128,
                                  .policy_description_characters = 512,
                                  .ou_name_characters = 128,
                                  .account_removal_days = 4};

/* The world that every row starts from:
 *   r-ab12 { 111111111111 (management), ou-ab12-0000000a "a" { ou-ab12-0000000b "b" .. depth 5, 222222222222 } }
 * SCPs enabled; p-0000000s attached to OU a. */
static control_world world_new(const quota_profile *quotas)
{
    control_world w = control_world_new(quotas, NULL);
    char          id[] = "ou-ab12-0000000a", parent[] = "r-ab12\0........."; /* a chain of five: a, b, c, d, e */
    for (int i = 0; i < 5; i++, id[15]++) {
        control_command in = {.id = str_of(id)};
        in.member[MEMBER_ParentId] = str_of(parent);
        in.member[MEMBER_Name] = str_part(str_of(id), 15, 1);
        control_accepted(control_call(&w, CONTROL_CREATE_ORGANIZATIONAL_UNIT, in));
        memcpy(parent, id, sizeof id);
    }
    control_accepted(CALL(&w, CONTROL_CREATE_ACCOUNT, M(AccountName, "two"), M(Email, "two@example.com"),
                          M(ParentId, "ou-ab12-0000000a"), .parent_given = true, ID("222222222222")));
    control_accepted(CALL(&w, CONTROL_CREATE_POLICY, M(Name, "s"), M(Description, ""), M(Content, ALLOW),
                          M(Type, "SERVICE_CONTROL_POLICY"), ID("p-0000000s")));
    control_accepted(CALL(&w, CONTROL_CREATE_POLICY, M(Name, "free"), M(Description, ""), M(Content, ALLOW),
                          M(Type, "SERVICE_CONTROL_POLICY"), ID("p-0000free")));
    control_accepted(CALL(&w, CONTROL_ATTACH_POLICY, M(PolicyId, "p-0000000s"), M(TargetId, "ou-ab12-0000000a")));
    assert_int_equal(control_bulk_end(w.c), 0);
    return w;
}

/* One call, and what AWS answers; exception null: accepted. */
static const struct {
    control_operation op;
    control_command   in;
    const char       *exception, *reason;
} rows[] = {
#define ROW(op, exception, reason, ...)      \
    {                                        \
        op, {__VA_ARGS__}, exception, reason \
    }
#define INVALID "InvalidInputException"
#define LIMIT   "ConstraintViolationException"
    /* CreateOrganizationalUnit */
    ROW(CONTROL_CREATE_ORGANIZATIONAL_UNIT, NULL, NULL, M(ParentId, "r-ab12"), M(Name, "new")),
    ROW(CONTROL_CREATE_ORGANIZATIONAL_UNIT, NULL, NULL, M(ParentId, "ou-ab12-0000000a"), M(Name, "a")),
    ROW(CONTROL_CREATE_ORGANIZATIONAL_UNIT, NULL, NULL, M(ParentId, "r-ab12"), M(Name, "A")),
    ROW(CONTROL_CREATE_ORGANIZATIONAL_UNIT, "DuplicateOrganizationalUnitException", NULL, M(ParentId, "r-ab12"),
        M(Name, "a")),
    ROW(CONTROL_CREATE_ORGANIZATIONAL_UNIT, LIMIT, "OU_DEPTH_LIMIT_EXCEEDED", M(ParentId, "ou-ab12-0000000e"),
        M(Name, "six")),
    ROW(CONTROL_CREATE_ORGANIZATIONAL_UNIT, "ParentNotFoundException", NULL, M(ParentId, "ou-ab12-00000000"),
        M(Name, "x")),
    ROW(CONTROL_CREATE_ORGANIZATIONAL_UNIT, INVALID, "INPUT_REQUIRED:PARENT_ID", M(Name, "x")),
    ROW(CONTROL_CREATE_ORGANIZATIONAL_UNIT, INVALID, "INVALID_PATTERN:PARENT_ID", M(ParentId, "111111111111"),
        M(Name, "x")),
    ROW(CONTROL_CREATE_ORGANIZATIONAL_UNIT, INVALID, "MIN_LENGTH_EXCEEDED:NAME", M(ParentId, "r-ab12"), M(Name, "")),
    ROW(CONTROL_CREATE_ORGANIZATIONAL_UNIT, INVALID, "INVALID_PATTERN:ID", M(ParentId, "r-ab12"), M(Name, "x"),
        ID("ou-mine")),
    ROW(CONTROL_CREATE_ORGANIZATIONAL_UNIT, INVALID, NULL, M(ParentId, "r-ab12"), M(Name, "x"), ID("ou-ab12-0000000b")),
    /* UpdateOrganizationalUnit */
    ROW(CONTROL_UPDATE_ORGANIZATIONAL_UNIT, NULL, NULL, M(OrganizationalUnitId, "ou-ab12-0000000a"), M(Name, "z")),
    ROW(CONTROL_UPDATE_ORGANIZATIONAL_UNIT, NULL, NULL, M(OrganizationalUnitId, "ou-ab12-0000000a"), M(Name, "a")),
    ROW(CONTROL_UPDATE_ORGANIZATIONAL_UNIT, NULL, NULL, M(OrganizationalUnitId, "ou-ab12-0000000a")),
    ROW(CONTROL_UPDATE_ORGANIZATIONAL_UNIT, "OrganizationalUnitNotFoundException", NULL,
        M(OrganizationalUnitId, "ou-ab12-00000000"), M(Name, "z")),
    ROW(CONTROL_UPDATE_ORGANIZATIONAL_UNIT, INVALID, "INVALID_PATTERN:ORGANIZATIONAL_UNIT_ID",
        M(OrganizationalUnitId, "r-ab12"), M(Name, "z")),
    /* DeleteOrganizationalUnit */
    ROW(CONTROL_DELETE_ORGANIZATIONAL_UNIT, NULL, NULL, M(OrganizationalUnitId, "ou-ab12-0000000e")),
    ROW(CONTROL_DELETE_ORGANIZATIONAL_UNIT, "OrganizationalUnitNotEmptyException", NULL,
        M(OrganizationalUnitId, "ou-ab12-0000000d")),
    ROW(CONTROL_DELETE_ORGANIZATIONAL_UNIT, "OrganizationalUnitNotFoundException", NULL,
        M(OrganizationalUnitId, "ou-ab12-00000000")),
    /* CreateAccount */
    ROW(CONTROL_CREATE_ACCOUNT, NULL, NULL, M(AccountName, "n"), M(Email, "n.o-1@mail.example.com")),
    ROW(CONTROL_CREATE_ACCOUNT, "FAILED", "EMAIL_ALREADY_EXISTS", M(AccountName, "n"), M(Email, "TWO@example.com")),
    ROW(CONTROL_CREATE_ACCOUNT, INVALID, "INPUT_REQUIRED:EMAIL", M(AccountName, "n")),
    ROW(CONTROL_CREATE_ACCOUNT, INVALID, "MAX_LENGTH_EXCEEDED:ACCOUNT_NAME",
        M(AccountName, "fifty-one characters are too long for the name of a"), M(Email, "n@example.com")),
    ROW(CONTROL_CREATE_ACCOUNT, INVALID, "INVALID_PATTERN:ACCOUNT_NAME", M(AccountName, "M\xc3\xbcller"),
        M(Email, "n@example.com")),
    ROW(CONTROL_CREATE_ACCOUNT, INVALID, "INVALID_PATTERN:EMAIL", M(AccountName, "n"), M(Email, "n@example")),
    ROW(CONTROL_CREATE_ACCOUNT, INVALID, "INVALID_PATTERN:EMAIL", M(AccountName, "n"), M(Email, "n@@example.com")),
    ROW(CONTROL_CREATE_ACCOUNT, INVALID, "INVALID_PATTERN:EMAIL", M(AccountName, "n"), M(Email, "a b@example.com")),
    ROW(CONTROL_CREATE_ACCOUNT, INVALID, "INVALID_PATTERN:EMAIL", M(AccountName, "n"), M(Email, "ab@example.com-")),
    ROW(CONTROL_CREATE_ACCOUNT, INVALID, "INVALID_PATTERN:EMAIL", M(AccountName, "n"), M(Email, "example.com")),
    ROW(CONTROL_CREATE_ACCOUNT, "ParentNotFoundException", NULL, M(AccountName, "n"), M(Email, "n@example.com"),
        M(ParentId, "ou-ab12-00000000"), .parent_given = true),
    ROW(CONTROL_CREATE_ACCOUNT, INVALID, NULL, M(AccountName, "n"), M(Email, "n@example.com"), ID("222222222222")),
    /* MoveAccount */
    ROW(CONTROL_MOVE_ACCOUNT, NULL, NULL, M(AccountId, "222222222222"), M(SourceParentId, "ou-ab12-0000000a"),
        M(DestinationParentId, "r-ab12")),
    ROW(CONTROL_MOVE_ACCOUNT, NULL, NULL, M(AccountId, "111111111111"), M(SourceParentId, "r-ab12"),
        M(DestinationParentId, "ou-ab12-0000000e")),
    ROW(CONTROL_MOVE_ACCOUNT, "DuplicateAccountException", NULL, M(AccountId, "222222222222"),
        M(SourceParentId, "ou-ab12-0000000a"), M(DestinationParentId, "ou-ab12-0000000a")),
    ROW(CONTROL_MOVE_ACCOUNT, "SourceParentNotFoundException", NULL, M(AccountId, "222222222222"),
        M(SourceParentId, "ou-ab12-00000000"), M(DestinationParentId, "r-ab12")),
    ROW(CONTROL_MOVE_ACCOUNT, "DestinationParentNotFoundException", NULL, M(AccountId, "222222222222"),
        M(SourceParentId, "ou-ab12-0000000a"), M(DestinationParentId, "ou-ab12-00000000")),
    ROW(CONTROL_MOVE_ACCOUNT, "AccountNotFoundException", NULL, M(AccountId, "222222222222"),
        M(SourceParentId, "r-ab12"), M(DestinationParentId, "ou-ab12-0000000a")),
    ROW(CONTROL_MOVE_ACCOUNT, "AccountNotFoundException", NULL, M(AccountId, "999999999999"),
        M(SourceParentId, "r-ab12"), M(DestinationParentId, "ou-ab12-0000000a")),
    /* RemoveAccountFromOrganization */
    ROW(CONTROL_REMOVE_ACCOUNT, NULL, NULL, M(AccountId, "222222222222")),
    ROW(CONTROL_REMOVE_ACCOUNT, "MasterCannotLeaveOrganizationException", NULL, M(AccountId, "111111111111")),
    ROW(CONTROL_REMOVE_ACCOUNT, "AccountNotFoundException", NULL, M(AccountId, "999999999999")),
    /* CreatePolicy */
    ROW(CONTROL_CREATE_POLICY, NULL, NULL, M(Name, "x"), M(Description, "d"), M(Content, ALLOW),
        M(Type, "SERVICE_CONTROL_POLICY")),
    ROW(CONTROL_CREATE_POLICY, NULL, NULL, M(Name, "s"), M(Description, ""), M(Content, "{}"), M(Type, "TAG_POLICY")),
    ROW(CONTROL_CREATE_POLICY, "DuplicatePolicyException", NULL, M(Name, "s"), M(Description, ""), M(Content, ALLOW),
        M(Type, "SERVICE_CONTROL_POLICY")),
    ROW(CONTROL_CREATE_POLICY, "MalformedPolicyDocumentException", NULL, M(Name, "x"), M(Description, ""),
        M(Content, "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Permit\"}]}"),
        M(Type, "SERVICE_CONTROL_POLICY")),
    ROW(CONTROL_CREATE_POLICY, "MalformedPolicyDocumentException", NULL, M(Name, "x"), M(Description, ""),
        M(Content, ALLOW), M(Type, "RESOURCE_CONTROL_POLICY")),
    ROW(CONTROL_CREATE_POLICY, "MalformedPolicyDocumentException", NULL, M(Name, "x"), M(Description, ""),
        M(Content, "[]"), M(Type, "BACKUP_POLICY")),
    ROW(CONTROL_CREATE_POLICY, LIMIT, "POLICY_CONTENT_LIMIT_EXCEEDED", M(Name, "x"), M(Description, ""),
        M(Content, "{\"01234567890\": 1234567}"), M(Type, "AISERVICES_OPT_OUT_POLICY")),
    ROW(CONTROL_CREATE_POLICY, INVALID, "INVALID_ENUM_POLICY_TYPE", M(Name, "x"), M(Description, ""), M(Content, ALLOW),
        M(Type, "SCP")),
    ROW(CONTROL_CREATE_POLICY, INVALID, "INPUT_REQUIRED:DESCRIPTION", M(Name, "x"), M(Content, ALLOW),
        M(Type, "SERVICE_CONTROL_POLICY")),
    ROW(CONTROL_CREATE_POLICY, INVALID, "MIN_LENGTH_EXCEEDED:CONTENT", M(Name, "x"), M(Description, ""), M(Content, ""),
        M(Type, "SERVICE_CONTROL_POLICY")),
    /* UpdatePolicy */
    ROW(CONTROL_UPDATE_POLICY, NULL, NULL, M(PolicyId, "p-0000000s"), M(Name, "s"), M(Description, "")),
    ROW(CONTROL_UPDATE_POLICY, "DuplicatePolicyException", NULL, M(PolicyId, "p-0000000s"), M(Name, "free")),
    ROW(CONTROL_UPDATE_POLICY, "MalformedPolicyDocumentException", NULL, M(PolicyId, "p-0000000s"), M(Content, "{")),
    ROW(CONTROL_UPDATE_POLICY, "PolicyNotFoundException", NULL, M(PolicyId, "p-00000000")),
    ROW(CONTROL_UPDATE_POLICY, INVALID, "IMMUTABLE_POLICY", M(PolicyId, "p-FullAWSAccess"), M(Name, "x")),
    ROW(CONTROL_UPDATE_POLICY, INVALID, "INVALID_PATTERN:POLICY_ID", M(PolicyId, "s")),
    /* DeletePolicy */
    ROW(CONTROL_DELETE_POLICY, NULL, NULL, M(PolicyId, "p-0000free")),
    ROW(CONTROL_DELETE_POLICY, "PolicyInUseException", NULL, M(PolicyId, "p-0000000s")),
    ROW(CONTROL_DELETE_POLICY, INVALID, "IMMUTABLE_POLICY", M(PolicyId, "p-FullAWSAccess")),
    ROW(CONTROL_DELETE_POLICY, "PolicyNotFoundException", NULL, M(PolicyId, "p-00000000")),
    /* AttachPolicy */
    ROW(CONTROL_ATTACH_POLICY, NULL, NULL, M(PolicyId, "p-0000free"), M(TargetId, "111111111111")),
    ROW(CONTROL_ATTACH_POLICY, NULL, NULL, M(PolicyId, "p-0000free"), M(TargetId, "r-ab12")),
    ROW(CONTROL_ATTACH_POLICY, "DuplicatePolicyAttachmentException", NULL, M(PolicyId, "p-0000000s"),
        M(TargetId, "ou-ab12-0000000a")),
    ROW(CONTROL_ATTACH_POLICY, "TargetNotFoundException", NULL, M(PolicyId, "p-0000000s"), M(TargetId, "999999999999")),
    ROW(CONTROL_ATTACH_POLICY, "PolicyNotFoundException", NULL, M(PolicyId, "p-00000000"), M(TargetId, "r-ab12")),
    ROW(CONTROL_ATTACH_POLICY, "PolicyTypeNotEnabledException", NULL, M(PolicyId, "p-RCPFullAWSAccess"),
        M(TargetId, "r-ab12")),
    ROW(CONTROL_ATTACH_POLICY, INVALID, "INVALID_PATTERN:TARGET_ID", M(PolicyId, "p-0000000s"), M(TargetId, "root")),
    /* DetachPolicy */
    ROW(CONTROL_DETACH_POLICY, NULL, NULL, M(PolicyId, "p-FullAWSAccess"), M(TargetId, "ou-ab12-0000000a")),
    ROW(CONTROL_DETACH_POLICY, LIMIT, "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", M(PolicyId, "p-FullAWSAccess"),
        M(TargetId, "r-ab12")),
    ROW(CONTROL_DETACH_POLICY, "PolicyNotAttachedException", NULL, M(PolicyId, "p-0000000s"), M(TargetId, "r-ab12")),
    ROW(CONTROL_DETACH_POLICY, INVALID, "NON_DETACHABLE_POLICY", M(PolicyId, "p-RCPFullAWSAccess"),
        M(TargetId, "r-ab12")),
    ROW(CONTROL_DETACH_POLICY, "TargetNotFoundException", NULL, M(PolicyId, "p-0000000s"),
        M(TargetId, "ou-ab12-00000000")),
    /* EnablePolicyType, DisablePolicyType */
    ROW(CONTROL_ENABLE_POLICY_TYPE, NULL, NULL, M(RootId, "r-ab12"), M(PolicyType, "RESOURCE_CONTROL_POLICY")),
    ROW(CONTROL_ENABLE_POLICY_TYPE, "PolicyTypeAlreadyEnabledException", NULL, M(RootId, "r-ab12"),
        M(PolicyType, "SERVICE_CONTROL_POLICY")),
    ROW(CONTROL_ENABLE_POLICY_TYPE, "RootNotFoundException", NULL, M(RootId, "r-ab13"), M(PolicyType, "TAG_POLICY")),
    ROW(CONTROL_DISABLE_POLICY_TYPE, NULL, NULL, M(RootId, "r-ab12"), M(PolicyType, "SERVICE_CONTROL_POLICY")),
    ROW(CONTROL_DISABLE_POLICY_TYPE, "PolicyTypeNotEnabledException", NULL, M(RootId, "r-ab12"),
        M(PolicyType, "TAG_POLICY")),
};

static void answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        control_world  w = world_new(&aws);
        control_answer a = control_call(&w, rows[i].op, rows[i].in);
        if (!control_same(a.exception, rows[i].exception) || !control_same(a.reason, rows[i].reason))
            fail_msg("row %zu, %s: %s %s: %s", i, control_operation_name(rows[i].op),
                     a.exception ? a.exception : "accepted", a.reason ? a.reason : "", a.detail);
        assert_int_equal(a.revision, a.exception == NULL ? 1 : 0);
        assert_int_equal(a.revision, org_revision(w.o));
        assert_true((a.exception == NULL) == (a.detail[0] == '\0'));
        control_world_free(&w);
    }
}

static void quotas_are_reached(void **state)
{
    (void)state;
    control_world  w = world_new(&aws);
    control_answer a;
    char           name[] = "q0", email[] = "q0@example.com";
    for (int i = 0; i < 4; i++, name[1]++) { /* 5 + 4 = 9 */
        control_command in = {M(ParentId, "r-ab12")};
        in.member[MEMBER_Name] = str_of(name);
        control_accepted(control_call(&w, CONTROL_CREATE_ORGANIZATIONAL_UNIT, in));
    }
    a = CALL(&w, CONTROL_CREATE_ORGANIZATIONAL_UNIT, M(ParentId, "r-ab12"), M(Name, "one more"));
    assert_string_equal(a.reason, "OU_NUMBER_LIMIT_EXCEEDED");
    for (int i = 0; i < 4; i++, email[1]++) { /* 2 + 4 = 6 */
        control_command in = {M(AccountName, "n")};
        in.member[MEMBER_Email] = str_of(email);
        control_accepted(control_call(&w, CONTROL_CREATE_ACCOUNT, in));
    }
    a = CALL(&w, CONTROL_CREATE_ACCOUNT, M(AccountName, "n"), M(Email, "more@example.com"));
    assert_string_equal(a.reason, "ACCOUNT_NUMBER_LIMIT_EXCEEDED");
    for (int i = 0; i < 3; i++, name[1]++) { /* 2 + 3 = 5; FullAWSAccess does not count */
        control_command in = {M(Description, ""), M(Content, ALLOW), M(Type, "SERVICE_CONTROL_POLICY")};
        in.member[MEMBER_Name] = str_of(name);
        a = control_call(&w, CONTROL_CREATE_POLICY, in);
        control_accepted(a);
        control_command attach = {M(TargetId, "r-ab12")};
        attach.member[MEMBER_PolicyId] = a.id;
        a = control_call(&w, CONTROL_ATTACH_POLICY, attach); /* the root holds FullAWSAccess and two more */
        assert_true(control_same(a.reason, i < 2 ? NULL : "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"));
    }
    a = CALL(&w, CONTROL_CREATE_POLICY, M(Name, "more"), M(Description, ""), M(Content, ALLOW),
             M(Type, "SERVICE_CONTROL_POLICY"));
    assert_string_equal(a.reason, "POLICY_NUMBER_LIMIT_EXCEEDED");
    control_world_free(&w);
}

static void created_accounts_must_age(void **state)
{
    (void)state;
    control_world  w = world_new(&aws);
    control_answer created =
        CALL(&w, CONTROL_CREATE_ACCOUNT, M(AccountName, "n"), M(Email, "n@example.com"), .at_ns = CONTROL_DAY_NS);
    control_accepted(created);
    control_command in = {.at_ns = 5 * CONTROL_DAY_NS - 1};
    in.member[MEMBER_AccountId] = created.id;
    assert_string_equal(control_call(&w, CONTROL_REMOVE_ACCOUNT, in).reason, "WAIT_PERIOD_ACTIVE");
    in.at_ns = 5 * CONTROL_DAY_NS;
    control_accepted(control_call(&w, CONTROL_REMOVE_ACCOUNT, in));
    assert_string_equal(control_call(&w, CONTROL_REMOVE_ACCOUNT, in).exception, "AccountNotFoundException");
    control_world_free(&w);
}

static void ids_follow_the_patterns(void **state)
{
    (void)state;
    char first[CONTROL_ID_SIZE], second[CONTROL_ID_SIZE];
    for (uint32_t kind = CONTROL_ID_ORGANIZATION; kind <= CONTROL_ID_POLICY; kind++) {
        for (uint64_t n = 0; n < 100; n++) {
            str a = control_id_draw((control_id_kind)kind, 1, n, STR("r-ab12"), first);
            str b = control_id_draw((control_id_kind)kind, 1, n + 1, STR("r-ab12"), second);
            assert_true(control_id_valid((control_id_kind)kind, a));
            assert_false(str_eq(a, b));
            for (uint32_t other = CONTROL_ID_ORGANIZATION; other <= CONTROL_ID_POLICY; other++)
                assert_int_equal(control_id_valid((control_id_kind)other, a), other == kind);
        }
    }
    static const struct {
        control_id_kind kind;
        const char     *id;
        bool            want;
    } ids[] = {
        {CONTROL_ID_OU, "ou-ab12-12345678", true},
        {CONTROL_ID_OU, "ou-ab12-1234567", false},
        {CONTROL_ID_OU, "ou-ab12-12345678-", false},
        {CONTROL_ID_OU, "ou-ab1-12345678", false},
        {CONTROL_ID_OU, "ou-", false},
        {CONTROL_ID_OU, "", false},
        {CONTROL_ID_ACCOUNT, "000000000001", true},
        {CONTROL_ID_ACCOUNT, "00000000000a", false},
        {CONTROL_ID_ACCOUNT, "0000000000001", false},
        {CONTROL_ID_POLICY, "p-FullAWSAccess", true},
        {CONTROL_ID_POLICY, "p-Full-Access", false},
        {CONTROL_ID_ROOT, "r-abc", false},
        {CONTROL_ID_ROOT, "r-ABCD", false},
        {CONTROL_ID_ROOT, "r-ab12", true},
        {CONTROL_ID_ORGANIZATION, "o-exampleorgid", true},
        {CONTROL_ID_ORGANIZATION, "o-short", false},
    };
    for (size_t i = 0; i < COUNTOF(ids); i++)
        if (control_id_valid(ids[i].kind, str_of(ids[i].id)) != ids[i].want) fail_msg("`%s`", ids[i].id);
}

/* A drawn id that is taken is skipped: here the maker has taken the first one. */
static void taken_ids_are_skipped(void **state)
{
    (void)state;
    control_world   w = world_new(&aws);
    char            zero[CONTROL_ID_SIZE], one[CONTROL_ID_SIZE];
    str             taken = control_id_draw(CONTROL_ID_OU, 7, 0, STR("r-ab12"), zero);
    str             next = control_id_draw(CONTROL_ID_OU, 7, 1, STR("r-ab12"), one);
    control_command in = {.id = taken, M(ParentId, "r-ab12"), M(Name, "mine")};
    control_accepted(control_call(&w, CONTROL_CREATE_ORGANIZATIONAL_UNIT, in));
    control_answer a = CALL(&w, CONTROL_CREATE_ORGANIZATIONAL_UNIT, M(ParentId, "r-ab12"), M(Name, "drawn"));
    control_accepted(a);
    assert_true(str_eq(a.id, next));
    assert_int_equal(org_node_find(org_head(w.o), next), a.index);
    control_world_free(&w);
}

static void names_of_the_table(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < CONTROL_OPERATION_COUNT; i++) {
        control_operation op = CONTROL_OPERATION_COUNT;
        assert_true(control_operation_of(str_of(control_operation_name((control_operation)i)), &op));
        assert_int_equal(op, i);
    }
    for (uint32_t i = 0; i < CONTROL_MEMBER_COUNT; i++) {
        control_member m = CONTROL_MEMBER_COUNT;
        assert_true(control_member_of(str_of(control_member_name((control_member)i)), &m));
        assert_int_equal(m, i);
    }
    control_operation op;
    bool              required = true;
    assert_false(control_operation_of(STR("attachpolicy"), &op));
    assert_true(control_takes(CONTROL_ATTACH_POLICY, MEMBER_TargetId, &required));
    assert_true(required);
    assert_true(control_takes(CONTROL_UPDATE_POLICY, MEMBER_Name, &required));
    assert_false(required);
    assert_false(control_takes(CONTROL_ATTACH_POLICY, MEMBER_Name, &required));
}

static void every_call_is_recorded(void **state)
{
    (void)state;
    control_world w = world_new(&aws), v = world_new(&aws);
    uint32_t      before = control_record_count(w.c);
    assert_int_equal(before, 10); /* bulk calls too */
    (void)CALL(&w, CONTROL_ATTACH_POLICY, M(PolicyId, "p-0000free"), M(TargetId, "222222222222"), .at_ns = 42);
    (void)CALL(&w, CONTROL_ATTACH_POLICY, M(PolicyId, "p-0000free"), M(TargetId, "222222222222"), .at_ns = 43);
    assert_int_equal(control_record_count(w.c), before + 2);
    const control_record *done = control_record_at(w.c, before), *refused = control_record_at(w.c, before + 1);
    assert_int_equal(done->at_ns, 42);
    assert_null(done->exception);
    assert_int_equal(done->first, org_policy_find(org_head(w.o), STR("p-0000free")));
    assert_int_equal(done->second, org_target_account(1).v);
    assert_int_equal(done->revision, 1);
    assert_string_equal(refused->exception, "DuplicatePolicyAttachmentException");
    assert_int_equal(refused->revision, 1);

    digest a = control_digest(w.c), b = control_digest(v.c);
    assert_false(a.low == b.low && a.high == b.high);
    (void)CALL(&v, CONTROL_ATTACH_POLICY, M(PolicyId, "p-0000free"), M(TargetId, "222222222222"), .at_ns = 42);
    (void)CALL(&v, CONTROL_ATTACH_POLICY, M(PolicyId, "p-0000free"), M(TargetId, "222222222222"), .at_ns = 43);
    b = control_digest(v.c);
    assert_true(a.low == b.low && a.high == b.high);
    control_world_free(&w);
    control_world_free(&v);
}

static void details_name_place_and_stay_whole(void **state)
{
    (void)state;
    control_world  w = world_new(&aws);
    control_answer a = CALL(&w, CONTROL_UPDATE_POLICY, M(PolicyId, "p-0000000s"), M(Content, "{\n \"Version\": 1}"));
    assert_string_equal(a.exception, "MalformedPolicyDocumentException");
    assert_non_null(strstr(a.detail, "Content:2:"));
    char            name[3 * 128];
    control_command in = {M(ParentId, "r-ab12"), .member[MEMBER_Name] = {name, sizeof name}};
    for (size_t i = 0; i < sizeof name; i += 3) memcpy(name + i, "\xe2\x82\xac", 3);
    control_accepted(control_call(&w, CONTROL_CREATE_ORGANIZATIONAL_UNIT, in)); /* 128 characters */
    a = control_call(&w, CONTROL_CREATE_ORGANIZATIONAL_UNIT, in);
    assert_string_equal(a.exception, "DuplicateOrganizationalUnitException");
    size_t len = strlen(a.detail);
    assert_true(len > sizeof a.detail - 4);
    assert_memory_equal(a.detail + len - 3, "\xe2\x82\xac", 3);
    control_world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(quotas_are_reached),
        cmocka_unit_test(created_accounts_must_age),
        cmocka_unit_test(ids_follow_the_patterns),
        cmocka_unit_test(taken_ids_are_skipped),
        cmocka_unit_test(names_of_the_table),
        cmocka_unit_test(every_call_is_recorded),
        cmocka_unit_test(details_name_place_and_stay_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
