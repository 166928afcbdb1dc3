/* The 63 operations of AWS Organizations, API version 2016-11-28: spec/organizations 2 (who may call, members, errors)
 * and 8.1 (throttling). In the order of the numbers that audit records carry. Of those without a handler all but what
 * they do is here. */
#include "control/operation.h"

#include <assert.h>

_Static_assert(CONTROL_MEMBER_COUNT <= 64, "members are a set in one word");
#define TAKES(name) (UINT64_C(1) << MEMBER_##name)
#define PAGE        (TAKES(MaxResults) | TAKES(NextToken))

#define M CONTROL_BY_MANAGEMENT
#define R CONTROL_BY_READER
#define W CONTROL_BY_WRITER
#define m CONTROL_BY_MEMBER
#define A CONTROL_BY_ANY
#define S CONTROL_BY_STANDALONE
#define P CONTROL_BY_PARTY

/* A table, read by rows. */
/* clang-format off */
#define NONE     {0, 0}
#define UNLISTED {2000, 3}, NONE /* throttling of what the page on quotas does not list: spec 8.1 */

static const operation_row operations[CONTROL_OPERATION_COUNT] = {
    [CONTROL_CREATE_ORGANIZATIONAL_UNIT] = {{CONTROL_WRITE, M, {1000, 2}, NONE,
        "DuplicateOrganizationalUnitException ParentNotFoundException "
        "ConstraintViolationException:OU_DEPTH_LIMIT_EXCEEDED "
        "ConstraintViolationException:OU_NUMBER_LIMIT_EXCEEDED "
        "ConstraintViolationException:TAG_POLICY_VIOLATION"},
        TAKES(ParentId) | TAKES(Name), TAKES(Tags), call_create_ou},
    [CONTROL_UPDATE_ORGANIZATIONAL_UNIT] = {{CONTROL_WRITE, M, {2000, 3}, NONE,
        "DuplicateOrganizationalUnitException OrganizationalUnitNotFoundException"},
        TAKES(OrganizationalUnitId), TAKES(Name), call_update_ou},
    [CONTROL_DELETE_ORGANIZATIONAL_UNIT] = {{CONTROL_WRITE, M, {2000, 3}, NONE,
        "OrganizationalUnitNotEmptyException OrganizationalUnitNotFoundException"},
        TAKES(OrganizationalUnitId), 0, call_delete_ou},
    [CONTROL_CREATE_ACCOUNT] = {{CONTROL_WRITE, M, {100, 3}, NONE,
        "ConstraintViolationException:ACCOUNT_NUMBER_LIMIT_EXCEEDED "
        "ConstraintViolationException:ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED "
        "ConstraintViolationException:TAG_POLICY_VIOLATION FinalizingOrganizationException "
        "InvalidInputException:INVALID_ROLE_NAME"},
        TAKES(AccountName) | TAKES(Email),
        TAKES(ParentId) | TAKES(RoleName) | TAKES(IamUserAccessToBilling) | TAKES(Tags), call_create_account},
    [CONTROL_MOVE_ACCOUNT] = {{CONTROL_WRITE, M, {2000, 3}, NONE,
        "DuplicateAccountException SourceParentNotFoundException "
        "DestinationParentNotFoundException AccountNotFoundException"},
        TAKES(AccountId) | TAKES(SourceParentId) | TAKES(DestinationParentId), 0, call_move_account},
    [CONTROL_REMOVE_ACCOUNT] = {{CONTROL_WRITE, M, {2000, 2}, NONE,
        "MasterCannotLeaveOrganizationException AccountNotFoundException "
        "ConstraintViolationException:WAIT_PERIOD_ACTIVE "
        "ConstraintViolationException:ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA "
        "ConstraintViolationException:ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION "
        "ConstraintViolationException:MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED "
        "ConstraintViolationException:CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"},
        TAKES(AccountId), 0, call_remove_account},
    [CONTROL_CREATE_POLICY] = {{CONTROL_WRITE, M | W, {2000, 3}, NONE,
        "MalformedPolicyDocumentException DuplicatePolicyException "
        "PolicyTypeNotAvailableForOrganizationException "
        "ConstraintViolationException:POLICY_CONTENT_LIMIT_EXCEEDED "
        "ConstraintViolationException:POLICY_NUMBER_LIMIT_EXCEEDED"},
        TAKES(Content) | TAKES(Description) | TAKES(Name) | TAKES(Type), TAKES(Tags), call_create_policy},
    [CONTROL_UPDATE_POLICY] = {{CONTROL_WRITE, M | W, {2000, 3}, NONE,
        "MalformedPolicyDocumentException DuplicatePolicyException "
        "ConstraintViolationException:POLICY_CONTENT_LIMIT_EXCEEDED PolicyNotFoundException "
        "PolicyChangesInProgressException InvalidInputException:IMMUTABLE_POLICY"},
        TAKES(PolicyId), TAKES(Name) | TAKES(Description) | TAKES(Content), call_update_policy},
    [CONTROL_DELETE_POLICY] = {{CONTROL_WRITE, M | W, {2000, 3}, NONE,
        "PolicyInUseException PolicyNotFoundException InvalidInputException:IMMUTABLE_POLICY"},
        TAKES(PolicyId), 0, call_delete_policy},
    [CONTROL_ATTACH_POLICY] = {{CONTROL_WRITE, M | W, {2000, 3}, NONE,
        "PolicyTypeNotEnabledException DuplicatePolicyAttachmentException TargetNotFoundException "
        "PolicyNotFoundException PolicyChangesInProgressException "
        "ConstraintViolationException:MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"},
        TAKES(PolicyId) | TAKES(TargetId), 0, call_attach_policy},
    [CONTROL_DETACH_POLICY] = {{CONTROL_WRITE, M | W, {2000, 3}, NONE,
        "PolicyNotAttachedException PolicyNotFoundException "
        "ConstraintViolationException:MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED "
        "InvalidInputException:NON_DETACHABLE_POLICY TargetNotFoundException "
        "PolicyChangesInProgressException"},
        TAKES(PolicyId) | TAKES(TargetId), 0, call_detach_policy},
    [CONTROL_ENABLE_POLICY_TYPE] = {{CONTROL_WRITE, M | W, {1000, 1}, NONE,
        "PolicyTypeAlreadyEnabledException PolicyTypeNotAvailableForOrganizationException "
        "RootNotFoundException PolicyChangesInProgressException "
        "ConstraintViolationException:SERVICE_ACCESS_NOT_ENABLED"},
        TAKES(RootId) | TAKES(PolicyType), 0, call_enable_policy_type},
    [CONTROL_DISABLE_POLICY_TYPE] = {{CONTROL_WRITE, M | W, {1000, 1}, NONE,
        "PolicyTypeNotEnabledException RootNotFoundException PolicyChangesInProgressException"},
        TAKES(RootId) | TAKES(PolicyType), 0, call_disable_policy_type},
    [CONTROL_CREATE_ORGANIZATION] = {{CONTROL_WRITE, S, {1000, 1}, NONE,
        "AlreadyInOrganizationException AccessDeniedForDependencyException "
        "ConstraintViolationException:ACCOUNT_CREATION_NOT_COMPLETE "
        "ConstraintViolationException:MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"},
        0, TAKES(FeatureSet), NULL},
    [CONTROL_DESCRIBE_ORGANIZATION] = {{CONTROL_READ, A, {1000, 2}, NONE,
        ""},
        0, 0, call_describe_organization},
    [CONTROL_DELETE_ORGANIZATION] = {{CONTROL_WRITE, M, {1000, 1}, NONE,
        "OrganizationNotEmptyException "
        "ConstraintViolationException:ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS"},
        0, 0, NULL},
    [CONTROL_ENABLE_ALL_FEATURES] = {{CONTROL_WRITE, M, {1000, 1}, NONE,
        "HandshakeConstraintViolationException:ORGANIZATION_ALREADY_HAS_ALL_FEATURES "
        "HandshakeConstraintViolationException:ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION "
        "ConstraintViolationException:ALL_FEATURES_MIGRATION_ORGANIZATION_SIZE_LIMIT_EXCEEDED"},
        0, 0, NULL},
    [CONTROL_LIST_ROOTS] = {{CONTROL_LIST, M | R, {1000, 2}, {1000, 3},
        ""},
        0, PAGE, call_list_roots},
    [CONTROL_DESCRIBE_ORGANIZATIONAL_UNIT] = {{CONTROL_READ, M | R, {2000, 2}, {2000, 3},
        "OrganizationalUnitNotFoundException"},
        TAKES(OrganizationalUnitId), 0, call_describe_ou},
    [CONTROL_LIST_ORGANIZATIONAL_UNITS_FOR_PARENT] = {{CONTROL_LIST, M | R, {5000, 8}, {6000, 10},
        "ParentNotFoundException"},
        TAKES(ParentId), PAGE, call_list_ous},
    [CONTROL_LIST_CHILDREN] = {{CONTROL_LIST, M | R, {6000, 10}, {7000, 12},
        "ParentNotFoundException"},
        TAKES(ParentId) | TAKES(ChildType), PAGE, call_list_children},
    [CONTROL_LIST_PARENTS] = {{CONTROL_LIST, M | R, {5000, 8}, {6000, 10},
        "ChildNotFoundException"},
        TAKES(ChildId), PAGE, call_list_parents},
    [CONTROL_CREATE_GOV_CLOUD_ACCOUNT] = {{CONTROL_WRITE, M, {100, 3}, NONE,
        "ConstraintViolationException:ACCOUNT_NUMBER_LIMIT_EXCEEDED "
        "ConstraintViolationException:ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED "
        "ConstraintViolationException:MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED "
        "ConstraintViolationException:TAG_POLICY_VIOLATION FinalizingOrganizationException "
        "InvalidInputException:INVALID_ROLE_NAME"},
        TAKES(AccountName) | TAKES(Email), TAKES(RoleName) | TAKES(IamUserAccessToBilling) | TAKES(Tags), NULL},
    [CONTROL_DESCRIBE_CREATE_ACCOUNT_STATUS] = {{CONTROL_READ, M | R, {2000, 2}, {2000, 3},
        "CreateAccountStatusNotFoundException"},
        TAKES(CreateAccountRequestId), 0, NULL},
    [CONTROL_LIST_CREATE_ACCOUNT_STATUS] = {{CONTROL_LIST, M | R, {5000, 8}, {6000, 10},
        ""},
        0, TAKES(States) | PAGE, NULL},
    [CONTROL_DESCRIBE_ACCOUNT] = {{CONTROL_READ, M | R, {20000, 30}, {24000, 36},
        "AccountNotFoundException"},
        TAKES(AccountId), 0, call_describe_account},
    [CONTROL_LIST_ACCOUNTS] = {{CONTROL_LIST, M | R, {8000, 12}, {9000, 15},
        ""},
        0, PAGE, call_list_accounts},
    [CONTROL_LIST_ACCOUNTS_FOR_PARENT] = {{CONTROL_LIST, M | R, {5000, 8}, {6000, 10},
        "ParentNotFoundException"},
        TAKES(ParentId), PAGE, call_list_accounts_below},
    [CONTROL_LEAVE_ORGANIZATION] = {{CONTROL_WRITE, m, {1000, 1}, NONE,
        "MasterCannotLeaveOrganizationException ConstraintViolationException:WAIT_PERIOD_ACTIVE "
        "ConstraintViolationException:ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA "
        "ConstraintViolationException:ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION "
        "ConstraintViolationException:MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED "
        "ConstraintViolationException:CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"},
        0, 0, call_leave_organization},
    [CONTROL_CLOSE_ACCOUNT] = {{CONTROL_WRITE, M, {50, 1}, NONE,
        "AccountAlreadyClosedException AccountNotFoundException ConflictException "
        "ConstraintViolationException:CANNOT_CLOSE_MANAGEMENT_ACCOUNT "
        "ConstraintViolationException:CLOSE_ACCOUNT_QUOTA_EXCEEDED "
        "ConstraintViolationException:CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED "
        "ConstraintViolationException:ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"},
        TAKES(AccountId), 0, NULL},
    [CONTROL_INVITE_ACCOUNT_TO_ORGANIZATION] = {{CONTROL_WRITE, M, {3000, 5}, NONE,
        "AccountOwnerNotVerifiedException DuplicateHandshakeException "
        "FinalizingOrganizationException "
        "HandshakeConstraintViolationException:ALREADY_IN_AN_ORGANIZATION "
        "HandshakeConstraintViolationException:ACCOUNT_NUMBER_LIMIT_EXCEEDED "
        "HandshakeConstraintViolationException:HANDSHAKE_RATE_LIMIT_EXCEEDED "
        "HandshakeConstraintViolationException:INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES "
        "HandshakeConstraintViolationException:PAYMENT_INSTRUMENT_REQUIRED"},
        TAKES(Target_Id) | TAKES(Target_Type), TAKES(Notes) | TAKES(Tags), NULL},
    [CONTROL_ACCEPT_HANDSHAKE] = {{CONTROL_WRITE, P, {1000, 2}, {5000, 5},
        "HandshakeAlreadyInStateException InvalidHandshakeTransitionException "
        "HandshakeNotFoundException "
        "HandshakeConstraintViolationException:ALREADY_IN_AN_ORGANIZATION "
        "HandshakeConstraintViolationException:ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED "
        "ConstraintViolationException:WAIT_PERIOD_ACTIVE "
        "ConstraintViolationException:CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG "
        "MasterCannotLeaveOrganizationException AccessDeniedForDependencyException"},
        TAKES(HandshakeId), 0, NULL},
    [CONTROL_DECLINE_HANDSHAKE] = {{CONTROL_WRITE, P, {1000, 1}, {5000, 5},
        "HandshakeAlreadyInStateException InvalidHandshakeTransitionException "
        "HandshakeNotFoundException"},
        TAKES(HandshakeId), 0, NULL},
    [CONTROL_CANCEL_HANDSHAKE] = {{CONTROL_WRITE, P, {2000, 3}, NONE,
        "HandshakeAlreadyInStateException InvalidHandshakeTransitionException "
        "HandshakeNotFoundException"},
        TAKES(HandshakeId), 0, NULL},
    [CONTROL_DESCRIBE_HANDSHAKE] = {{CONTROL_READ, P | R, {1000, 2}, {6000, 10},
        "HandshakeNotFoundException"},
        TAKES(HandshakeId), 0, NULL},
    [CONTROL_LIST_HANDSHAKES_FOR_ACCOUNT] = {{CONTROL_LIST, S, {5000, 8}, {6000, 10},
        "InvalidInputException:MAX_LIMIT_EXCEEDED_FILTER"},
        0, TAKES(Filter_ActionType) | TAKES(Filter_ParentHandshakeId) | PAGE, NULL},
    [CONTROL_LIST_HANDSHAKES_FOR_ORGANIZATION] = {{CONTROL_LIST, M | R, {5000, 8}, {6000, 10},
        "InvalidInputException:MAX_LIMIT_EXCEEDED_FILTER"},
        0, TAKES(Filter_ActionType) | TAKES(Filter_ParentHandshakeId) | PAGE, NULL},
    [CONTROL_DESCRIBE_POLICY] = {{CONTROL_READ, M | R, {2000, 2}, {2000, 3},
        "PolicyNotFoundException"},
        TAKES(PolicyId), 0, call_describe_policy},
    [CONTROL_LIST_POLICIES] = {{CONTROL_LIST, M | R, {5000, 8}, {6000, 10},
        ""},
        TAKES(Filter), PAGE, call_list_policies},
    [CONTROL_LIST_POLICIES_FOR_TARGET] = {{CONTROL_LIST, M | R, {5000, 8}, {6000, 10},
        "TargetNotFoundException"},
        TAKES(TargetId) | TAKES(Filter), PAGE, call_list_policies_for_target},
    [CONTROL_LIST_TARGETS_FOR_POLICY] = {{CONTROL_LIST, M | R, {5000, 8}, {6000, 10},
        "PolicyNotFoundException"},
        TAKES(PolicyId), PAGE, call_list_targets_for_policy},
    [CONTROL_DESCRIBE_EFFECTIVE_POLICY] = {{CONTROL_READ, A, UNLISTED,
        "EffectivePolicyNotFoundException TargetNotFoundException "
        "InvalidInputException:TARGET_NOT_SUPPORTED"},
        TAKES(PolicyType), TAKES(TargetId), NULL},
    [CONTROL_LIST_ACCOUNTS_WITH_INVALID_EFFECTIVE_POLICY] = {{CONTROL_LIST, M | R, UNLISTED,
        "EffectivePolicyNotFoundException"},
        TAKES(PolicyType), PAGE, NULL},
    [CONTROL_LIST_EFFECTIVE_POLICY_VALIDATION_ERRORS] = {{CONTROL_LIST, M | R, UNLISTED,
        "AccountNotFoundException EffectivePolicyNotFoundException "
        "InvalidInputException:TARGET_NOT_SUPPORTED"},
        TAKES(AccountId) | TAKES(PolicyType), PAGE, NULL},
    [CONTROL_ENABLE_AWS_SERVICE_ACCESS] = {{CONTROL_WRITE, M, {1000, 2}, NONE,
        "ConstraintViolationException:ORGANIZATION_NOT_IN_ALL_FEATURES_MODE "
        "InvalidInputException:UNRECOGNIZED_SERVICE_PRINCIPAL"},
        TAKES(ServicePrincipal), 0, NULL},
    [CONTROL_DISABLE_AWS_SERVICE_ACCESS] = {{CONTROL_WRITE, M, {1000, 2}, NONE,
        "ConstraintViolationException:POLICY_TYPE_ENABLED_FOR_THIS_SERVICE"},
        TAKES(ServicePrincipal), 0, NULL},
    [CONTROL_LIST_AWS_SERVICE_ACCESS_FOR_ORGANIZATION] = {{CONTROL_LIST, M | R, {1000, 3}, {1000, 4},
        ""},
        0, PAGE, NULL},
    [CONTROL_REGISTER_DELEGATED_ADMINISTRATOR] = {{CONTROL_WRITE, M, {1000, 2}, NONE,
        "AccountAlreadyRegisteredException AccountNotFoundException "
        "ConstraintViolationException:SERVICE_ACCESS_NOT_ENABLED "
        "ConstraintViolationException:CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR "
        "ConstraintViolationException:CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR "
        "ConstraintViolationException:MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED "
        "ConstraintViolationException:DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE"},
        TAKES(AccountId) | TAKES(ServicePrincipal), 0, NULL},
    [CONTROL_DEREGISTER_DELEGATED_ADMINISTRATOR] = {{CONTROL_WRITE, M, {1000, 2}, NONE,
        "AccountNotRegisteredException AccountNotFoundException"},
        TAKES(AccountId) | TAKES(ServicePrincipal), 0, NULL},
    [CONTROL_LIST_DELEGATED_ADMINISTRATORS] = {{CONTROL_LIST, M | R, {5000, 8}, {6000, 10},
        ""},
        0, TAKES(ServicePrincipal) | PAGE, NULL},
    [CONTROL_LIST_DELEGATED_SERVICES_FOR_ACCOUNT] = {{CONTROL_LIST, M | R, {1000, 3}, {1000, 4},
        "AccountNotRegisteredException AccountNotFoundException"},
        TAKES(AccountId), PAGE, NULL},
    [CONTROL_PUT_RESOURCE_POLICY] = {{CONTROL_WRITE, M, UNLISTED,
        "InvalidInputException:INVALID_RESOURCE_POLICY_JSON "
        "ConstraintViolationException:UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED"},
        TAKES(Content), TAKES(Tags), NULL},
    [CONTROL_DESCRIBE_RESOURCE_POLICY] = {{CONTROL_READ, M | R, UNLISTED,
        "ResourcePolicyNotFoundException"},
        0, 0, NULL},
    [CONTROL_DELETE_RESOURCE_POLICY] = {{CONTROL_WRITE, M, UNLISTED,
        "ResourcePolicyNotFoundException"},
        0, 0, NULL},
    [CONTROL_TAG_RESOURCE] = {{CONTROL_WRITE, M | W, {4000, 6}, NONE,
        "TargetNotFoundException ConstraintViolationException:MAX_TAG_LIMIT_EXCEEDED "
        "ConstraintViolationException:TAG_POLICY_VIOLATION "
        "InvalidInputException:DUPLICATE_TAG_KEY "
        "InvalidInputException:INVALID_SYSTEM_TAGS_PARAMETER"},
        TAKES(ResourceId) | TAKES(Tags), 0, NULL},
    [CONTROL_UNTAG_RESOURCE] = {{CONTROL_WRITE, M | W, {4000, 6}, NONE,
        "TargetNotFoundException InvalidInputException:INVALID_SYSTEM_TAGS_PARAMETER"},
        TAKES(ResourceId) | TAKES(TagKeys), 0, NULL},
    [CONTROL_LIST_TAGS_FOR_RESOURCE] = {{CONTROL_LIST, M | R, {10000, 15}, {12000, 18},
        "TargetNotFoundException"},
        TAKES(ResourceId), TAKES(NextToken), NULL},
    [CONTROL_INVITE_ORGANIZATION_TO_TRANSFER_RESPONSIBILITY] = {{CONTROL_WRITE, M, UNLISTED,
        "DuplicateHandshakeException "
        "HandshakeConstraintViolationException:SOURCE_AND_TARGET_CANNOT_MATCH "
        "ConstraintViolationException:RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION "
        "InvalidInputException:START_DATE_NOT_BEGINNING_OF_MONTH"},
        TAKES(Type) | TAKES(Target_Id) | TAKES(Target_Type) | TAKES(StartTimestamp) | TAKES(SourceName),
        TAKES(Notes) | TAKES(Tags), NULL},
    [CONTROL_LIST_INBOUND_RESPONSIBILITY_TRANSFERS] = {{CONTROL_LIST, M, UNLISTED,
        "ResponsibilityTransferNotFoundException"},
        TAKES(Type), TAKES(Id) | PAGE, NULL},
    [CONTROL_LIST_OUTBOUND_RESPONSIBILITY_TRANSFERS] = {{CONTROL_LIST, M, UNLISTED,
        ""},
        TAKES(Type), PAGE, NULL},
    [CONTROL_DESCRIBE_RESPONSIBILITY_TRANSFER] = {{CONTROL_READ, M, UNLISTED,
        "ResponsibilityTransferNotFoundException"},
        TAKES(Id), 0, NULL},
    [CONTROL_UPDATE_RESPONSIBILITY_TRANSFER] = {{CONTROL_WRITE, M, UNLISTED,
        "ResponsibilityTransferNotFoundException "
        "ConstraintViolationException:TRANSFER_RESPONSIBILITY_UPDATE_NOT_ALLOWED"},
        TAKES(Id) | TAKES(Name), 0, NULL},
    [CONTROL_TERMINATE_RESPONSIBILITY_TRANSFER] = {{CONTROL_WRITE, M, UNLISTED,
        "ResponsibilityTransferNotFoundException ResponsibilityTransferAlreadyInStatusException "
        "InvalidResponsibilityTransferTransitionException "
        "InvalidInputException:END_DATE_NOT_END_OF_MONTH"},
        TAKES(Id), TAKES(EndTimestamp), NULL},
};
/* clang-format on */

#undef M
#undef R
#undef W
#undef m
#undef A
#undef S
#undef P

const operation_row *operation_at(control_operation op)
{
    assert(op < CONTROL_OPERATION_COUNT);
    return &operations[op];
}

/* ---- what others are told of it ---- */

static const char *const operation_names[CONTROL_OPERATION_COUNT] = {
#define CONTROL_ROW(id, name) [id] = name,
    CONTROL_OPERATIONS(CONTROL_ROW)
#undef CONTROL_ROW
};

static const char *const member_names[CONTROL_MEMBER_COUNT] = {
#define CONTROL_ROW(id, name) [MEMBER_##id] = name,
    CONTROL_MEMBERS(CONTROL_ROW)
#undef CONTROL_ROW
};

const control_facts *control_operation_facts(control_operation op)
{
    return &operation_at(op)->facts;
}

bool control_modelled(control_operation op)
{
    return operation_at(op)->handler != NULL;
}

const char *control_operation_name(control_operation op)
{
    assert(op < CONTROL_OPERATION_COUNT);
    return operation_names[op];
}

bool control_operation_of(str name, control_operation *out)
{
    uint32_t op = 0;
    while (op < CONTROL_OPERATION_COUNT && !str_is(name, operation_names[op])) op++;
    if (op < CONTROL_OPERATION_COUNT) *out = (control_operation)op;
    return op < CONTROL_OPERATION_COUNT;
}

const char *control_member_name(control_member member)
{
    assert(member < CONTROL_MEMBER_COUNT);
    return member_names[member];
}

bool control_member_of(str name, control_member *out)
{
    uint32_t member = 0;
    while (member < CONTROL_MEMBER_COUNT && !str_is(name, member_names[member])) member++;
    if (member < CONTROL_MEMBER_COUNT) *out = (control_member)member;
    return member < CONTROL_MEMBER_COUNT;
}

bool control_takes(control_operation op, control_member member, bool *required)
{
    assert(member < CONTROL_MEMBER_COUNT);
    *required = operation_at(op)->required >> member & 1;
    return (operation_at(op)->required | operation_at(op)->optional) >> member & 1;
}

bool control_is_shorthand(control_operation op, control_member member)
{
    return op == CONTROL_CREATE_ACCOUNT && member == MEMBER_ParentId;
}
