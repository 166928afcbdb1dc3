/* oracle.h - the specification in C: short, slow and obvious. The compiled core must give the same answer.
 *
 * It sees the parsed policy (policy/ast.h), the request as text, the catalogue's key types and its services that honour
 * RCPs, and the organization. Of policy/ it uses types only: code for principals, matching, conditions, numbers, dates,
 * addresses and derived keys is its own (tests/tidy.cmake looks for what would be shared).
 *
 * Covers all layers: SCPs, RCPs, identity, boundary, session, resource and endpoint policies, of which sections 4 and 8
 * of the specification are the rules; contested points (9.2) are named where they are decided, as C1 to C33.
 *
 * Facts    the catalogue may be null: then no key is known, and the shape of a value says whether it is multivalued;
 *          every service honours RCPs.
 * Memory   temporaries are gone when a call returns; scratch is passed by value. Explanations and derived keys live in
 *          the arena given.
 * Cost     polynomial in the sizes of policies and request, whatever the patterns.
 */
#ifndef ORACLE_ORACLE_H
#define ORACLE_ORACLE_H

#include "org/org.h"
#include "policy/catalog.h"
#include "policy/derive.h"
#include "policy/explanation.h"

/* A whole case with its own policies: all that it holds is looked at, even where the first Deny has decided. */
decision oracle_decide(const policy_case *c, const catalog *facts);
void     oracle_explain(arena *a, const policy_case *c, const catalog *facts, explanation *out);

/* The same in an organization as it was at a revision: SCPs of the principal's account, RCPs of the resource's and the
 * management account are read from the view; what the case says of them is not looked at. An account that is not in the
 * organization has none. */
decision oracle_decide_at(const org_view *view, const policy_case *c, const catalog *facts);

/* Fills in the keys that follow from the request, by the rules of policy/derive.h. */
void oracle_derive(arena *a, request *q, const derive_facts *facts);

/* The account in a principal's ARN; empty for services and anonymous callers. */
str oracle_account_of(str principal);

/* The parts of "a statement matches"; also for the vectors of the tests. */
bool oracle_action_matches(arena scratch, const policy_statement *s, str action);
bool oracle_resource_matches(arena scratch, const policy_statement *s, const policy *p, const request *q,
                             const catalog *facts);
bool oracle_condition_holds(arena scratch, const policy_statement *s, const policy *p, const request *q,
                            const catalog *facts);

#endif
