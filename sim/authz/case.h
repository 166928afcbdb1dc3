/* case.h - the decision on a case that brings its own policies, as text (`orgsim eval`), and why.
 *
 * Source  IAM User Guide, "Policy evaluation logic" and "Cross-account policy evaluation logic"; spec section 4.
 */
#ifndef AUTHZ_CASE_H
#define AUTHZ_CASE_H

#include "policy/catalog.h"
#include "policy/diagnose.h"
#include "policy/explanation.h"

/* Temporaries go to scratch. */
decision authz_decide_case(arena *scratch, const policy_case *c, const catalog *facts);

/* "Resources and entities not restricted by RCPs", Organizations User Guide: kms:RetireGrant, keys that AWS manages
 * under kms, and the assuming (sts:AssumeRole…) of a service-linked role by a service. */
bool authz_rcps_pass(const policy_case *c, const caller *who);
bool authz_is_linked_role(str arn); /* of IAM, its path reserved for services */

/* What could not be evaluated in the layers that apply, in the order of layers, levels, policies, statements and
 * clauses; the number of them. All is in `a`, or a view of the case. */
uint32_t authz_diagnose_case(arena *a, const policy_case *c, const catalog *facts, diagnostic **out);

#endif
