/* control.h - how facts change: API operations of AWS Organizations, one table row each, with AWS's answers as data.
 *
 * An operation is checked against the request's shape, the facts and the quota profile; it is then applied or refused
 * with the exception (and Reason) that AWS names. A refusal leaves the state as it was and is never an error of the
 * program. Readers of `organization` turn a refusal into an error with a place; the timeline records it.
 *
 * Reads    change nothing, make no revision and leave a record; they see the uncommitted state.
 * Time     virtual ns. Each accepted change is one org revision (control_apply commits), except between
 *          control_bulk_begin and control_bulk_end, which commit once.
 * Audit    every call leaves one compact record, part of the run's digest.
 * Ids      generated ids are addressed draws (RNG_ID) in AWS's patterns.
 * At once  what AWS does in the background ends within the call. A CreateAccount that AWS would accept and fail later
 *          is answered with exception `FAILED` (the request's State) and its FailureReason as the reason.
 * Source   spec/organizations sections 2 and 9; API reference of AWS Organizations.
 */
#ifndef CONTROL_CONTROL_H
#define CONTROL_CONTROL_H

#include "base/digest.h"
#include "control/quota.h"
#include "org/org.h"
#include "policy/catalog.h"

#define CONTROL_OPERATIONS(X)                                                                               \
    X(CONTROL_CREATE_ORGANIZATIONAL_UNIT, "CreateOrganizationalUnit")                                       \
    X(CONTROL_UPDATE_ORGANIZATIONAL_UNIT, "UpdateOrganizationalUnit")                                       \
    X(CONTROL_DELETE_ORGANIZATIONAL_UNIT, "DeleteOrganizationalUnit")                                       \
    X(CONTROL_CREATE_ACCOUNT, "CreateAccount")                                                              \
    X(CONTROL_MOVE_ACCOUNT, "MoveAccount")                                                                  \
    X(CONTROL_REMOVE_ACCOUNT, "RemoveAccountFromOrganization")                                              \
    X(CONTROL_CREATE_POLICY, "CreatePolicy")                                                                \
    X(CONTROL_UPDATE_POLICY, "UpdatePolicy")                                                                \
    X(CONTROL_DELETE_POLICY, "DeletePolicy")                                                                \
    X(CONTROL_ATTACH_POLICY, "AttachPolicy")                                                                \
    X(CONTROL_DETACH_POLICY, "DetachPolicy")                                                                \
    X(CONTROL_ENABLE_POLICY_TYPE, "EnablePolicyType")                                                       \
    X(CONTROL_DISABLE_POLICY_TYPE, "DisablePolicyType")                                                     \
    X(CONTROL_CREATE_ORGANIZATION, "CreateOrganization")                                                    \
    X(CONTROL_DESCRIBE_ORGANIZATION, "DescribeOrganization")                                                \
    X(CONTROL_DELETE_ORGANIZATION, "DeleteOrganization")                                                    \
    X(CONTROL_ENABLE_ALL_FEATURES, "EnableAllFeatures")                                                     \
    X(CONTROL_LIST_ROOTS, "ListRoots")                                                                      \
    X(CONTROL_DESCRIBE_ORGANIZATIONAL_UNIT, "DescribeOrganizationalUnit")                                   \
    X(CONTROL_LIST_ORGANIZATIONAL_UNITS_FOR_PARENT, "ListOrganizationalUnitsForParent")                     \
    X(CONTROL_LIST_CHILDREN, "ListChildren")                                                                \
    X(CONTROL_LIST_PARENTS, "ListParents")                                                                  \
    X(CONTROL_CREATE_GOV_CLOUD_ACCOUNT, "CreateGovCloudAccount")                                            \
    X(CONTROL_DESCRIBE_CREATE_ACCOUNT_STATUS, "DescribeCreateAccountStatus")                                \
    X(CONTROL_LIST_CREATE_ACCOUNT_STATUS, "ListCreateAccountStatus")                                        \
    X(CONTROL_DESCRIBE_ACCOUNT, "DescribeAccount")                                                          \
    X(CONTROL_LIST_ACCOUNTS, "ListAccounts")                                                                \
    X(CONTROL_LIST_ACCOUNTS_FOR_PARENT, "ListAccountsForParent")                                            \
    X(CONTROL_LEAVE_ORGANIZATION, "LeaveOrganization")                                                      \
    X(CONTROL_CLOSE_ACCOUNT, "CloseAccount")                                                                \
    X(CONTROL_INVITE_ACCOUNT_TO_ORGANIZATION, "InviteAccountToOrganization")                                \
    X(CONTROL_ACCEPT_HANDSHAKE, "AcceptHandshake")                                                          \
    X(CONTROL_DECLINE_HANDSHAKE, "DeclineHandshake")                                                        \
    X(CONTROL_CANCEL_HANDSHAKE, "CancelHandshake")                                                          \
    X(CONTROL_DESCRIBE_HANDSHAKE, "DescribeHandshake")                                                      \
    X(CONTROL_LIST_HANDSHAKES_FOR_ACCOUNT, "ListHandshakesForAccount")                                      \
    X(CONTROL_LIST_HANDSHAKES_FOR_ORGANIZATION, "ListHandshakesForOrganization")                            \
    X(CONTROL_DESCRIBE_POLICY, "DescribePolicy")                                                            \
    X(CONTROL_LIST_POLICIES, "ListPolicies")                                                                \
    X(CONTROL_LIST_POLICIES_FOR_TARGET, "ListPoliciesForTarget")                                            \
    X(CONTROL_LIST_TARGETS_FOR_POLICY, "ListTargetsForPolicy")                                              \
    X(CONTROL_DESCRIBE_EFFECTIVE_POLICY, "DescribeEffectivePolicy")                                         \
    X(CONTROL_LIST_ACCOUNTS_WITH_INVALID_EFFECTIVE_POLICY, "ListAccountsWithInvalidEffectivePolicy")        \
    X(CONTROL_LIST_EFFECTIVE_POLICY_VALIDATION_ERRORS, "ListEffectivePolicyValidationErrors")               \
    X(CONTROL_ENABLE_AWS_SERVICE_ACCESS, "EnableAWSServiceAccess")                                          \
    X(CONTROL_DISABLE_AWS_SERVICE_ACCESS, "DisableAWSServiceAccess")                                        \
    X(CONTROL_LIST_AWS_SERVICE_ACCESS_FOR_ORGANIZATION, "ListAWSServiceAccessForOrganization")              \
    X(CONTROL_REGISTER_DELEGATED_ADMINISTRATOR, "RegisterDelegatedAdministrator")                           \
    X(CONTROL_DEREGISTER_DELEGATED_ADMINISTRATOR, "DeregisterDelegatedAdministrator")                       \
    X(CONTROL_LIST_DELEGATED_ADMINISTRATORS, "ListDelegatedAdministrators")                                 \
    X(CONTROL_LIST_DELEGATED_SERVICES_FOR_ACCOUNT, "ListDelegatedServicesForAccount")                       \
    X(CONTROL_PUT_RESOURCE_POLICY, "PutResourcePolicy")                                                     \
    X(CONTROL_DESCRIBE_RESOURCE_POLICY, "DescribeResourcePolicy")                                           \
    X(CONTROL_DELETE_RESOURCE_POLICY, "DeleteResourcePolicy")                                               \
    X(CONTROL_TAG_RESOURCE, "TagResource")                                                                  \
    X(CONTROL_UNTAG_RESOURCE, "UntagResource")                                                              \
    X(CONTROL_LIST_TAGS_FOR_RESOURCE, "ListTagsForResource")                                                \
    X(CONTROL_INVITE_ORGANIZATION_TO_TRANSFER_RESPONSIBILITY, "InviteOrganizationToTransferResponsibility") \
    X(CONTROL_LIST_INBOUND_RESPONSIBILITY_TRANSFERS, "ListInboundResponsibilityTransfers")                  \
    X(CONTROL_LIST_OUTBOUND_RESPONSIBILITY_TRANSFERS, "ListOutboundResponsibilityTransfers")                \
    X(CONTROL_DESCRIBE_RESPONSIBILITY_TRANSFER, "DescribeResponsibilityTransfer")                           \
    X(CONTROL_UPDATE_RESPONSIBILITY_TRANSFER, "UpdateResponsibilityTransfer")                               \
    X(CONTROL_TERMINATE_RESPONSIBILITY_TRANSFER, "TerminateResponsibilityTransfer")

typedef enum {
#define CONTROL_ENUM(id, name) id,
    CONTROL_OPERATIONS(CONTROL_ENUM)
#undef CONTROL_ENUM
        CONTROL_OPERATION_COUNT
} control_operation;

/* Input members, spelled as AWS does. A member that is not given has ptr null. */
#define CONTROL_MEMBERS(X)                                  \
    X(AccountId, "AccountId")                               \
    X(AccountName, "AccountName")                           \
    X(ChildId, "ChildId")                                   \
    X(ChildType, "ChildType")                               \
    X(Content, "Content")                                   \
    X(CreateAccountRequestId, "CreateAccountRequestId")     \
    X(Description, "Description")                           \
    X(DestinationParentId, "DestinationParentId")           \
    X(Email, "Email")                                       \
    X(EndTimestamp, "EndTimestamp")                         \
    X(FeatureSet, "FeatureSet")                             \
    X(Filter, "Filter")                                     \
    X(Filter_ActionType, "Filter.ActionType")               \
    X(Filter_ParentHandshakeId, "Filter.ParentHandshakeId") \
    X(HandshakeId, "HandshakeId")                           \
    X(IamUserAccessToBilling, "IamUserAccessToBilling")     \
    X(Id, "Id")                                             \
    X(MaxResults, "MaxResults")                             \
    X(Name, "Name")                                         \
    X(NextToken, "NextToken")                               \
    X(Notes, "Notes")                                       \
    X(OrganizationalUnitId, "OrganizationalUnitId")         \
    X(ParentId, "ParentId")                                 \
    X(PolicyId, "PolicyId")                                 \
    X(PolicyType, "PolicyType")                             \
    X(ResourceId, "ResourceId")                             \
    X(RoleName, "RoleName")                                 \
    X(RootId, "RootId")                                     \
    X(ServicePrincipal, "ServicePrincipal")                 \
    X(SourceName, "SourceName")                             \
    X(SourceParentId, "SourceParentId")                     \
    X(StartTimestamp, "StartTimestamp")                     \
    X(States, "States")                                     \
    X(TagKeys, "TagKeys")                                   \
    X(Tags, "Tags")                                         \
    X(TargetId, "TargetId")                                 \
    X(Target_Id, "Target.Id")                               \
    X(Target_Type, "Target.Type")                           \
    X(Type, "Type")

typedef enum {
#define CONTROL_MEMBER_ENUM(id, name) MEMBER_##id,
    CONTROL_MEMBERS(CONTROL_MEMBER_ENUM)
#undef CONTROL_MEMBER_ENUM
        CONTROL_MEMBER_COUNT
} control_member;

typedef struct {
    control_operation op;
    int64_t           at_ns;
    str               member[CONTROL_MEMBER_COUNT];
    /* For makers of worlds (generator, inline readers) only: the id the new entity gets; ptr null: drawn. Refused
     * as InvalidInputException when not in AWS's pattern or ever used. */
    str id;
    /* The calling account, its index in the org, and its principal's ARN; ptr null: its root user. Callers are taken
     * for administrators: what IAM policies would forbid them is not modelled. */
    uint32_t caller;
    str      principal;
    bool parent_given; /* CreateAccount: ParentId places the account at once (a reader's shorthand for MoveAccount) */
} control_command;

/* What describing and listing answers with: indexes in the org. */
#define CONTROL_PAGE_MAX   20u /* MaxResults at most, and unless the call says less: spec 2 */
#define CONTROL_TOKEN_SIZE 24
typedef enum {
    CONTROL_OUTPUT_NONE,
    CONTROL_OUTPUT_ORGANIZATION,
    CONTROL_OUTPUT_ROOTS, /* nodes */
    CONTROL_OUTPUT_OUS,   /* nodes */
    CONTROL_OUTPUT_ACCOUNTS,
    CONTROL_OUTPUT_POLICIES,
    CONTROL_OUTPUT_TARGETS /* org_target.v */
} control_output;

typedef struct {
    const char *exception;   /* null: accepted. `ConstraintViolationException` … */
    const char *reason;      /* `OU_DEPTH_LIMIT_EXCEEDED` …, else null            */
    char        detail[240]; /* one sentence in the user's terms                */
    uint32_t    revision;    /* newest after the call; in bulk the one being made; 0 before there is any */
    str         id;          /* of the entity created, else ptr null; lives as long as the org */
    uint32_t    index;       /* its index in the org, else ORG_NONE                 */

    control_output output;
    uint32_t       output_count, outputs[CONTROL_PAGE_MAX];
    char           next_token[CONTROL_TOKEN_SIZE]; /* empty: that was the last page */
} control_answer;

typedef struct control control;

/* Copies the quotas. facts may be null where only the management account calls. */
control *control_new(org *o, const quota_profile *quotas, const catalog *facts, uint64_t seed);
void     control_free(control *c);
/* Whether calls are throttled, outside bulk loading, as AWS throttles them: TooManyRequestsException. Off at first. */
void     control_throttle(control *c, bool on);
void     control_bulk_begin(control *c);
uint32_t control_bulk_end(control *c); /* commits; the revision */
void     control_apply(control *c, const control_command *command, control_answer *answer);

/* ---- the table ---- */

typedef enum { CONTROL_WRITE, CONTROL_READ, CONTROL_LIST } control_kind; /* lists come in pages */

/* Who may call, IAM and SCPs allowing: a set. */
#define CONTROL_BY_MANAGEMENT 1u  /* the management account                                              */
#define CONTROL_BY_READER     2u  /* any delegated administrator, and whom the resource policy lets read */
#define CONTROL_BY_WRITER     4u  /* whom the resource policy lets do this                               */
#define CONTROL_BY_MEMBER     8u  /* a member account, of itself                                         */
#define CONTROL_BY_ANY        16u /* any account of the organization                                     */
#define CONTROL_BY_STANDALONE 32u /* any account, also of no organization                                */
#define CONTROL_BY_PARTY      64u /* who is a party of the handshake                                     */

typedef struct {
    uint32_t rate_milli, burst; /* tokens a second in thousandths, and how many there are at most; burst 0: unlimited */
} control_rate;
typedef struct {
    control_kind kind;
    uint32_t     callers;
    control_rate account, organization; /* of the calling account, of all calls to its organization */
    const char  *errors; /* beside those of every operation: `Exception` or `Exception:REASON`, blanks between */
} control_facts;
const control_facts *control_operation_facts(control_operation op);
/* Whether control_apply takes it; else it is only in the table. */
bool control_modelled(control_operation op);

const char *control_operation_name(control_operation op);
bool        control_operation_of(str name, control_operation *out);
const char *control_member_name(control_member m);
bool        control_member_of(str name, control_member *out);
/* Whether the operation takes the member, and whether it must be there. Members it does not take are ignored, as AWS
 * does; readers may be stricter. */
bool control_takes(control_operation op, control_member m, bool *required);
/* Whether AWS knows nothing of it: ParentId of CreateAccount, a reader's shorthand. */
bool control_is_shorthand(control_operation op, control_member m);

/* AWS's id patterns. The numbers are entities of RNG_ID: never reused. */
typedef enum {
    CONTROL_ID_ORGANIZATION = 0, /* `o-` and 10 characters                          */
    CONTROL_ID_ROOT = 1,         /* `r-` and 4                                      */
    CONTROL_ID_OU = 2,           /* `ou-`, those of the root, `-` and 8             */
    CONTROL_ID_ACCOUNT = 3,      /* 12 digits                                       */
    CONTROL_ID_POLICY = 4,       /* `p-` and 10                                     */
} control_id_kind;
#define CONTROL_ID_SIZE 48
bool control_id_valid(control_id_kind kind, str id);
/* The serial-th id of its kind, written into `out`; root_id is used for OUs only. */
str control_id_draw(control_id_kind kind, uint64_t seed, uint64_t serial, str root_id, char out[CONTROL_ID_SIZE]);

/* The audit trail: one record a call, in commit order. */
typedef struct {
    int64_t           at_ns;
    control_operation op;
    const char       *exception, *reason; /* null: accepted */
    uint32_t          revision;           /* as in the answer      */
    uint32_t          caller;             /* account */
    uint32_t          first, second;      /* entities: e.g. policy and target.v; ORG_NONE when none or unknown */
} control_record;
uint32_t              control_record_count(const control *c);
const control_record *control_record_at(const control *c, uint32_t i);
digest                control_digest(const control *c); /* over all records, little-endian, field by field */

#endif
