/* case.h - the decision on a case that brings its own policies, as text (`orgsim eval`).
 *
 * Layers: SCPs, and the identity policies of the principal, with the case format's rules for another account, KMS
 * keys, service-linked roles, root users, service principals, anonymous callers and sts:GetCallerIdentity.
 */
#ifndef AUTHZ_CASE_H
#define AUTHZ_CASE_H

#include "policy/catalog.h"
#include "policy/request.h"

/* c->unsupported must be null. Temporaries go to scratch. */
decision authz_decide_case(arena *scratch, const policy_case *c, const catalog *facts);

#endif
