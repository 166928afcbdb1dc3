/* oracle.h - the specification in C: short, slow and obvious. The compiled core must give the same answer.
 *
 * It sees the parsed policy (policy/ast.h), the request as text, the catalogue's key types and the organization, and
 * shares no matcher, condition, number, date, address or key-derivation code with policy/ and authz/.
 *
 * Covers SCPs (members, management account, service-linked roles, root users, disabled type) and the identity
 * policies of the principal, with the rules of the case format for another account, KMS keys, trust policies and
 * sts:GetCallerIdentity.
 *
 * Facts    the catalogue may be null: then no key is known, and the shape of a value says whether it is multivalued.
 * Memory   temporaries only; they are gone when a call returns. Scratch is passed by value.
 * Cost     polynomial in the sizes of policy and request, whatever the patterns.
 */
#ifndef ORACLE_ORACLE_H
#define ORACLE_ORACLE_H

#include "org/org.h"
#include "policy/catalog.h"
#include "policy/request.h"

/* A whole case with its own policies. c->unsupported must be null. */
decision oracle_decide(const policy_case *c, const catalog *facts);

/* The same in an organization as it was at a revision: SCPs of the principal's account, RCPs of the resource's and the
 * management account are read from the view; what the case says of them is not looked at. */
decision oracle_decide_at(const org_view *view, const policy_case *c, const catalog *facts);

/* The account in a principal's ARN; empty for services and anonymous callers. */
str oracle_account_of(str principal);

/* The parts of "a statement matches"; also for the vectors of the tests. */
bool oracle_action_matches(arena scratch, const policy_statement *s, str action);
bool oracle_resource_matches(arena scratch, const policy_statement *s, const policy *p, const request *q,
                             const catalog *facts);
bool oracle_condition_holds(arena scratch, const policy_statement *s, const policy *p, const request *q,
                            const catalog *facts);

#endif
