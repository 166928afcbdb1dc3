/* mutant.h - planted faults: each is switched on by a test, which must then fail (build option ORGSIM_MUTANTS).
 *
 * Without the option MUTANT(n) is the constant 0 and no trace is left in the program. To plant one: a row here, with a
 * number of its family that was never used, and `MUTANT(MUTANT_…)` where the fault bites; then see which test objects.
 *
 * Threads  set before any thread starts that reads it.
 */
#ifndef BASE_MUTANT_H
#define BASE_MUTANT_H

#include <stddef.h>

/* Families: 1-9 matching, 10-29 conditions, 30-39 inheritance and derived images, 40-49 staleness,
 * 50-59 the layers of a case, 60-79 those of an image, 80-89 what could not be evaluated. */
#define MUTANTS(X)                                                                                  \
    X(1, QUESTION_MARK_TAKES_NONE, "`?` is content with no character")                              \
    X(2, STAR_STOPS_AT_COLON, "`*` in a resource part never takes a colon")                         \
    X(3, ACTION_REGARDS_CASE, "`s3:getobject` is not `s3:GetObject`")                               \
    X(4, NOT_ACTION_INVERTED, "NotAction is read as Action")                                        \
    X(5, NOT_RESOURCE_IGNORED, "NotResource excludes nothing")                                      \
    X(6, VARIABLE_VALUE_IS_PATTERN, "a `*` in a variable's value is a wildcard")                    \
    X(7, ARN_HEAD_REGARDS_CASE, "the first five parts of a resource regard case")                   \
    X(10, NEGATED_MISSING_KEY_FAILS, "StringNotEquals on an absent key is false")                   \
    X(11, IF_EXISTS_IGNORED, "an absent key fails under IfExists")                                  \
    X(12, FOR_ALL_EMPTY_FAILS, "ForAllValues on no values is false")                                \
    X(13, NONE_OF_IS_SOME_NOT, "one unequal value suffices a negated operator")                     \
    X(14, DATE_NOT_AFTER_IS_BEFORE, "DateLessThanEquals is DateLessThan")                           \
    X(15, CIDR_MASK_IGNORED, "an address block holds its own address only")                         \
    X(16, STRING_LIKE_IGNORES_CASE, "StringLike ignores case")                                      \
    X(17, SET_OPERATOR_OPTIONAL, "a multivalued key is compared without a set operator")            \
    X(18, UNREADABLE_NEGATED_HOLDS, "NotIpAddress on what is no address is true")                   \
    X(30, CHAIN_OWN_LEVEL_SKIPPED, "what is attached at level 1 is passed over")                    \
    X(31, ALLOW_ANY_LEVEL_SUFFICES, "the root's Allow serves for all levels")                       \
    X(32, DENY_ONLY_OWN_LEVEL, "a deny above does not reach the levels below")                      \
    X(33, MANAGEMENT_NOT_EXEMPT, "SCPs bind the management account")                                \
    X(34, LOWEST_LEVEL_REPORTED, "of two levels that deny, the lower is named")                     \
    X(35, MOVE_KEEPS_CHAIN, "an account that moves stays in its old chain")                         \
    X(36, UPDATE_NOT_SEEN, "a policy's new text is passed over")                                    \
    X(37, OU_CHANGE_NOT_SEEN, "what is attached to an OU later is passed over")                     \
    X(38, IMPLICIT_SCP_FIRST, "an SCP that is missing hides an identity policy's deny")             \
    X(40, LAG_IGNORED, "a cell sees a revision when it is committed")                               \
    X(41, FIFO_DROPPED, "a revision may be seen before the one before it")                          \
    X(42, CHARGED_TO_NEWEST, "a stale decision is charged to the newest change")                    \
    X(43, STALE_SIDES_SWAPPED, "stale-allow is stale-deny and the reverse")                         \
    X(44, VIEW_OF_ARRIVAL, "a decision is made on the view of the request's arrival")               \
    X(45, QUEUE_FORGOTTEN, "service starts at arrival, whatever is in service")                     \
    X(46, CHARGED_TO_FIRST, "a stale decision is charged to the first unseen change")               \
    X(47, OWNER_NOT_LOOKED_AT, "what changes for the resource's account makes nothing stale")       \
    X(50, BOUNDARY_SPARED_BY_NOT_PRINCIPAL, "a boundary changes nothing for NotPrincipal")          \
    X(51, ACCOUNT_GRANTS, "a resource's policy that names the account grants by itself")            \
    X(52, ROLE_GRANT_NOT_CAPPED, "no boundary takes back what a role's ARN is granted")             \
    X(53, CROSS_ACCOUNT_ONE_SIDE, "across accounts one side's Allow suffices")                      \
    X(54, KEY_POLICY_NOT_NEEDED, "a KMS key trusts identity policies by itself")                    \
    X(55, ENDPOINT_IGNORED, "a VPC endpoint's policy is passed over")                               \
    X(56, RCPS_BIND_EVERY_SERVICE, "RCPs bind services that do not honour them")                    \
    X(57, MANAGEMENT_BOUND_BY_RCPS, "RCPs bind resources of the management account")                \
    X(58, FEDERATED_SESSION_TRUSTED, "a federated session without session policy has all")          \
    X(59, SERVICE_LINKED_BOUND, "RCPs bind service-linked roles")                                   \
    X(60, RCPS_REACH_ALL_SERVICES, "RCPs bind services that do not honour them")                    \
    X(61, RCPS_OF_CALLER, "the RCPs of the caller bind, not those of the owner")                    \
    X(62, RCPS_BIND_AWS_KEYS, "RCPs bind keys that AWS manages")                                    \
    X(63, RCPS_BIND_SERVICE_LINKED, "RCPs bind service-linked roles")                               \
    X(64, DIRECT_IS_CAPPED, "a boundary takes back what a resource gives a user directly")          \
    X(65, CAPPED_IS_DIRECT, "a boundary leaves what a resource gives a role")                       \
    X(66, ACCOUNT_IS_GRANT, "naming the account grants in the same account")                        \
    X(67, OTHERS_NEED_NO_POLICY, "identity policies suffice in another account")                    \
    X(68, BOUNDARY_NOT_ASKED, "permissions boundaries are passed over")                             \
    X(69, SESSION_NOT_ASKED, "session policies are passed over")                                    \
    X(70, ENDPOINT_NOT_ASKED, "endpoint policies are passed over")                                  \
    X(71, KEYS_TRUST_IDENTITY, "a key or role with a policy is reached by identity policies alone") \
    X(72, RESOURCE_DENY_LAST, "of two denies the resource policy is named last")                    \
    X(73, ANY_PART_SUFFICES, "one allowed resource of a call suffices")                             \
    X(74, LEFT_AS_ALWAYS, "a removed account keeps what follows from the organization")             \
    X(75, OWNER_ALWAYS_TOLD, "EBS direct APIs say whose the resource is")                           \
    X(80, ABSENT_KEY_NO_DOUBT, "a variable whose key some roles lack is said to have a value")      \
    X(81, NO_SET_OPERATOR_NO_DOUBT, "a list without set operator is said to be compared")

typedef enum {
    MUTANT_NONE,
#define MUTANT_ENUM(number, name, text) MUTANT_##name = (number),
    MUTANTS(MUTANT_ENUM)
#undef MUTANT_ENUM
} mutant;

#ifdef ORGSIM_MUTANTS

extern int mutant_active; /* written by mutant_set alone */
#define MUTANT(n) (mutant_active == (n))

typedef struct {
    int         number;
    const char *name, *text;
} mutant_row;
extern const mutant_row mutant_rows[];
extern const size_t     mutant_row_count;

void mutant_set(int number); /* MUTANT_NONE: the program as it should be */

#else
#define MUTANT(n) 0
#endif

#endif
