/* What describes and lists. The world of each test:
 *   r-ab12 { 111111111111 (management), OU a { OU b, 25 accounts } }, SCPs enabled, one policy of the customer's
 *   attached to a and to the management account. */
#include "support/control_calls.h"

#define ALLOW \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"
#define OU_A    "ou-ab12-0000000a"
#define OU_B    "ou-ab12-0000000b"
#define POLICY  "p-0000000s"
#define INVALID "InvalidInputException"
#define BELOW_A 25u

static int setup(void **state)
{
    static control_world w;
    w = control_world_new(NULL, NULL);
    control_accepted(CALL(&w, CONTROL_CREATE_ORGANIZATIONAL_UNIT, M(ParentId, "r-ab12"), M(Name, "a"), ID(OU_A)));
    control_accepted(CALL(&w, CONTROL_CREATE_ORGANIZATIONAL_UNIT, M(ParentId, OU_A), M(Name, "b"), ID(OU_B)));
    for (uint32_t i = 0; i < BELOW_A; i++) {
        char            email[32];
        control_command in = {M(AccountName, "n"), M(ParentId, OU_A), .parent_given = true};
        (void)snprintf(email, sizeof email, "n%u@example.com", i);
        in.member[MEMBER_Email] = str_of(email);
        control_accepted(control_call(&w, CONTROL_CREATE_ACCOUNT, in));
    }
    control_accepted(CALL(&w, CONTROL_CREATE_POLICY, M(Name, "s"), M(Description, ""), M(Content, ALLOW),
                          M(Type, SCP_TYPE), ID(POLICY)));
    control_accepted(CALL(&w, CONTROL_ATTACH_POLICY, M(PolicyId, POLICY), M(TargetId, OU_A)));
    control_accepted(CALL(&w, CONTROL_ATTACH_POLICY, M(PolicyId, POLICY), M(TargetId, "111111111111")));
    (void)control_bulk_end(w.c);
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    control_world_free(*state);
    return 0;
}

/* ---- one by one ---- */

static const struct {
    control_operation op;
    control_command   in;
    const char       *exception, *reason; /* null: accepted, and then … */
    control_output    output;
    uint32_t          count, first;
} rows[] = {
#define ACCEPTED(op, output, count, first, ...)             \
    {                                                       \
        op, {__VA_ARGS__}, NULL, NULL, output, count, first \
    }
#define REFUSED(op, exception, reason, ...)                             \
    {                                                                   \
        op, {__VA_ARGS__}, exception, reason, CONTROL_OUTPUT_NONE, 0, 0 \
    }
    ACCEPTED(CONTROL_DESCRIBE_ORGANIZATION, CONTROL_OUTPUT_ORGANIZATION, 1, 0, .at_ns = 1),
    ACCEPTED(CONTROL_LIST_ROOTS, CONTROL_OUTPUT_ROOTS, 1, ORG_ROOT, .at_ns = 1),
    ACCEPTED(CONTROL_DESCRIBE_ORGANIZATIONAL_UNIT, CONTROL_OUTPUT_OUS, 1, 2, M(OrganizationalUnitId, OU_B)),
    ACCEPTED(CONTROL_LIST_ORGANIZATIONAL_UNITS_FOR_PARENT, CONTROL_OUTPUT_OUS, 1, 2, M(ParentId, OU_A)),
    ACCEPTED(CONTROL_LIST_ORGANIZATIONAL_UNITS_FOR_PARENT, CONTROL_OUTPUT_OUS, 0, 0, M(ParentId, OU_B)),
    ACCEPTED(CONTROL_LIST_CHILDREN, CONTROL_OUTPUT_OUS, 1, 1, M(ParentId, "r-ab12"),
             M(ChildType, "ORGANIZATIONAL_UNIT")),
    ACCEPTED(CONTROL_LIST_CHILDREN, CONTROL_OUTPUT_ACCOUNTS, 1, ORG_MANAGEMENT, M(ParentId, "r-ab12"),
             M(ChildType, "ACCOUNT")),
    ACCEPTED(CONTROL_LIST_PARENTS, CONTROL_OUTPUT_OUS, 1, 1, M(ChildId, OU_B)),
    ACCEPTED(CONTROL_LIST_PARENTS, CONTROL_OUTPUT_ROOTS, 1, ORG_ROOT, M(ChildId, "111111111111")),
    ACCEPTED(CONTROL_DESCRIBE_ACCOUNT, CONTROL_OUTPUT_ACCOUNTS, 1, ORG_MANAGEMENT, M(AccountId, "111111111111")),
    ACCEPTED(CONTROL_LIST_ACCOUNTS, CONTROL_OUTPUT_ACCOUNTS, 20, ORG_MANAGEMENT, .at_ns = 1),
    ACCEPTED(CONTROL_LIST_ACCOUNTS_FOR_PARENT, CONTROL_OUTPUT_ACCOUNTS, 20, 1, M(ParentId, OU_A)),
    ACCEPTED(CONTROL_DESCRIBE_POLICY, CONTROL_OUTPUT_POLICIES, 1, ORG_FULL_ACCESS, M(PolicyId, "p-FullAWSAccess")),
    ACCEPTED(CONTROL_LIST_POLICIES, CONTROL_OUTPUT_POLICIES, 2, ORG_FULL_ACCESS, M(Filter, SCP_TYPE)),
    ACCEPTED(CONTROL_LIST_POLICIES, CONTROL_OUTPUT_POLICIES, 0, 0, M(Filter, "TAG_POLICY")),
    ACCEPTED(CONTROL_LIST_POLICIES_FOR_TARGET, CONTROL_OUTPUT_POLICIES, 2, ORG_FULL_ACCESS, M(TargetId, OU_A),
             M(Filter, SCP_TYPE)),
    ACCEPTED(CONTROL_LIST_TARGETS_FOR_POLICY, CONTROL_OUTPUT_TARGETS, 2, 1, M(PolicyId, POLICY)),
    ACCEPTED(CONTROL_LIST_ACCOUNTS, CONTROL_OUTPUT_ACCOUNTS, 3, 0, M(MaxResults, "3")),

    REFUSED(CONTROL_DESCRIBE_ORGANIZATIONAL_UNIT, "OrganizationalUnitNotFoundException", NULL,
            M(OrganizationalUnitId, "ou-ab12-00000000")),
    REFUSED(CONTROL_DESCRIBE_ORGANIZATIONAL_UNIT, INVALID, "INVALID_PATTERN:ORGANIZATIONAL_UNIT_ID",
            M(OrganizationalUnitId, "r-ab12")),
    REFUSED(CONTROL_DESCRIBE_ORGANIZATIONAL_UNIT, INVALID, "INPUT_REQUIRED:ORGANIZATIONAL_UNIT_ID", .at_ns = 1),
    REFUSED(CONTROL_LIST_ORGANIZATIONAL_UNITS_FOR_PARENT, "ParentNotFoundException", NULL, M(ParentId, "r-ab13")),
    REFUSED(CONTROL_LIST_ACCOUNTS_FOR_PARENT, "ParentNotFoundException", NULL, M(ParentId, "ou-ab12-00000000")),
    REFUSED(CONTROL_LIST_CHILDREN, "ParentNotFoundException", NULL, M(ParentId, "r-ab13"), M(ChildType, "ACCOUNT")),
    REFUSED(CONTROL_LIST_CHILDREN, INVALID, "INVALID_ENUM:CHILD_TYPE", M(ParentId, "r-ab12"), M(ChildType, "OU")),
    REFUSED(CONTROL_LIST_CHILDREN, INVALID, "INPUT_REQUIRED:CHILD_TYPE", M(ParentId, "r-ab12")),
    REFUSED(CONTROL_LIST_PARENTS, "ChildNotFoundException", NULL, M(ChildId, "999999999999")),
    REFUSED(CONTROL_LIST_PARENTS, INVALID, "INVALID_PATTERN:CHILD_ID", M(ChildId, "r-ab12")),
    REFUSED(CONTROL_DESCRIBE_ACCOUNT, "AccountNotFoundException", NULL, M(AccountId, "999999999999")),
    REFUSED(CONTROL_DESCRIBE_POLICY, "PolicyNotFoundException", NULL, M(PolicyId, "p-00000000")),
    REFUSED(CONTROL_LIST_POLICIES, INVALID, "INVALID_ENUM_POLICY_TYPE", M(Filter, "SCP")),
    REFUSED(CONTROL_LIST_POLICIES, INVALID, "INPUT_REQUIRED:FILTER", .at_ns = 1),
    REFUSED(CONTROL_LIST_POLICIES_FOR_TARGET, "TargetNotFoundException", NULL, M(TargetId, "999999999999"),
            M(Filter, SCP_TYPE)),
    REFUSED(CONTROL_LIST_TARGETS_FOR_POLICY, "PolicyNotFoundException", NULL, M(PolicyId, "p-00000000")),
    REFUSED(CONTROL_LIST_ACCOUNTS, INVALID, "MIN_VALUE_EXCEEDED:MAX_RESULTS", M(MaxResults, "0")),
    REFUSED(CONTROL_LIST_ACCOUNTS, INVALID, "MAX_VALUE_EXCEEDED:MAX_RESULTS", M(MaxResults, "21")),
    REFUSED(CONTROL_LIST_ACCOUNTS, INVALID, "INVALID_PATTERN:MAX_RESULTS", M(MaxResults, "many")),
    REFUSED(CONTROL_LIST_ACCOUNTS, INVALID, "INVALID_NEXT_TOKEN", M(NextToken, "")),
    REFUSED(CONTROL_LIST_ACCOUNTS, INVALID, "INVALID_NEXT_TOKEN", M(NextToken, "7-7")),
    REFUSED(CONTROL_LIST_ACCOUNTS, INVALID, "INVALID_NEXT_TOKEN", M(NextToken, "\xff-99999999999999999999")),
};

/* Reads change nothing and make no revision; each leaves a record. */
static void answers(void **state)
{
    control_world *w = *state;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        uint32_t       before = control_record_count(w->c);
        control_answer a = control_call(w, rows[i].op, rows[i].in);
        const char    *name = control_operation_name(rows[i].op);
        if (!control_same(a.exception, rows[i].exception) || !control_same(a.reason, rows[i].reason))
            fail_msg("row %zu, %s: %s %s: %s", i, name, a.exception ? a.exception : "accepted",
                     a.reason ? a.reason : "", a.detail);
        if (a.output != rows[i].output || a.output_count != rows[i].count)
            fail_msg("row %zu, %s: %u entries of kind %d", i, name, a.output_count, (int)a.output);
        if (rows[i].count > 0) assert_int_equal(a.outputs[0], rows[i].first);
        assert_int_equal(org_revision(w->o), 0);
        assert_int_equal(a.revision, 0);
        assert_int_equal(control_record_count(w->c), before + 1);
    }
}

/* ---- page by page ---- */

/* All entries, in pages of `size`; each page but the last is full. */
static uint32_t walk(control_world *w, control_operation op, control_command in, uint32_t size, uint32_t *out)
{
    char     number[8], token[CONTROL_TOKEN_SIZE] = "";
    uint32_t count = 0;
    (void)snprintf(number, sizeof number, "%u", size);
    in.member[MEMBER_MaxResults] = str_of(number);
    do {
        control_answer a = control_call(w, op, in);
        control_accepted(a);
        for (uint32_t i = 0; i < a.output_count; i++) out[count++] = a.outputs[i];
        memcpy(token, a.next_token, sizeof token);
        in.member[MEMBER_NextToken] = str_of(token);
        if (token[0] != '\0') assert_int_equal(a.output_count, size);
    } while (token[0] != '\0');
    return count;
}

static void pages_are_the_whole(void **state)
{
    control_world *w = *state;
    uint32_t       out[64];
    for (uint32_t size = 1; size <= CONTROL_PAGE_MAX; size++) {
        assert_int_equal(walk(w, CONTROL_LIST_ACCOUNTS, (control_command){0}, size, out), BELOW_A + 1);
        for (uint32_t i = 0; i <= BELOW_A; i++) assert_int_equal(out[i], i);
        assert_int_equal(walk(w, CONTROL_LIST_ACCOUNTS_FOR_PARENT, (control_command){M(ParentId, OU_A)}, size, out),
                         BELOW_A);
        for (uint32_t i = 0; i < BELOW_A; i++) assert_int_equal(out[i], i + 1);
        /* The root, two OUs, then every account. */
        assert_int_equal(
            walk(w, CONTROL_LIST_TARGETS_FOR_POLICY, (control_command){M(PolicyId, "p-FullAWSAccess")}, size, out),
            3 + BELOW_A + 1);
        for (uint32_t i = 0; i < 3 + BELOW_A + 1; i++)
            assert_int_equal(out[i], i < 3 ? org_target_node(i).v : org_target_account(i - 3).v);
    }
}

static void a_token_serves_its_own_list(void **state)
{
    control_world  *w = *state;
    control_answer  first = CALL(w, CONTROL_LIST_ACCOUNTS, M(MaxResults, "5"));
    control_command in = {M(ParentId, OU_A)};
    control_accepted(first);
    in.member[MEMBER_NextToken] = str_of(first.next_token);
    assert_string_equal(control_call(w, CONTROL_LIST_ACCOUNTS_FOR_PARENT, in).reason, "INVALID_NEXT_TOKEN");
    control_answer below = CALL(w, CONTROL_LIST_ACCOUNTS_FOR_PARENT, M(ParentId, OU_A), M(MaxResults, "5"));
    control_accepted(below);
    control_command other = {M(ParentId, "r-ab12")};
    other.member[MEMBER_NextToken] = str_of(below.next_token);
    assert_string_equal(control_call(w, CONTROL_LIST_ACCOUNTS_FOR_PARENT, other).reason, "INVALID_NEXT_TOKEN");
    in.member[MEMBER_NextToken] = str_of(below.next_token); /* of another size, it goes on all the same */
    in.member[MEMBER_MaxResults] = STR("2");
    control_answer next = control_call(w, CONTROL_LIST_ACCOUNTS_FOR_PARENT, in);
    control_accepted(next);
    assert_int_equal(next.outputs[0], 6);
}

/* What is removed between two pages is passed over, what comes later is found. */
static void lists_move_on(void **state)
{
    control_world  *w = *state;
    control_answer  first = CALL(w, CONTROL_LIST_ACCOUNTS_FOR_PARENT, M(ParentId, OU_A), M(MaxResults, "4"));
    control_command in = {M(ParentId, OU_A), M(MaxResults, "1")}, gone = {0};
    control_accepted(first);
    gone.member[MEMBER_AccountId] = org_account_id(org_head(w->o), 5);
    control_accepted(control_call(w, CONTROL_REMOVE_ACCOUNT, gone));
    in.member[MEMBER_NextToken] = str_of(first.next_token);
    control_answer next = control_call(w, CONTROL_LIST_ACCOUNTS_FOR_PARENT, in);
    control_accepted(next);
    assert_int_equal(next.outputs[0], 6);
    gone.member[MEMBER_AccountId] = org_account_id(org_at(w->o, 0), 5);
    assert_string_equal(control_call(w, CONTROL_DESCRIBE_ACCOUNT, gone).exception, "AccountNotFoundException");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers, setup, teardown),
        cmocka_unit_test_setup_teardown(pages_are_the_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(a_token_serves_its_own_list, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_move_on, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
