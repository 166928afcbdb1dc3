/* remedy_policy.h - inside this room: a policy, changed so that it says something else of one request.
 *
 * Each gives a new policy that shares what did not change, or null where the change cannot be made. *statement: the
 * first that was changed. Places (`at`) of what is new are 0.
 */
#ifndef AUTHZ_REMEDY_POLICY_H
#define AUTHZ_REMEDY_POLICY_H

#include "authz/remedy_state.h"

/* A condition more in each Deny that matches: not this principal. */
const policy *remedy_policy_except(arena *a, const remedy_world *w, const policy *p, uint32_t *statement);
/* The action, taken out of each statement of that effect that matches. A wildcard gives way to the other actions of the
 * catalogue that it takes, where they are few. */
const policy *remedy_policy_narrow(arena *a, const remedy_world *w, const policy *p, bool deny, uint32_t *statement,
                                   remedy_what *what);
/* Without the statements of that effect that match; null when there are no others. */
const policy *remedy_policy_drop(arena *a, const remedy_world *w, const policy *p, bool deny, uint32_t *statement);
/* The action, put into the first Allow that takes the rest of the request. */
const policy *remedy_policy_extend(arena *a, const remedy_world *w, const policy *p, uint32_t *statement);
/* One statement that takes the request, for a layer: alone, or behind those of p. *who: whom it is about. */
const policy *remedy_policy_add(arena *a, const remedy_world *w, const policy *p, decision_layer layer, bool deny,
                                uint32_t *statement, remedy_who *who);
/* Of a key: the usual delegation to its account, whose identity policies count then; null where there is no such thing
 * for the caller. Alone, or behind the statements of p. */
const policy *remedy_policy_delegate(arena *a, const remedy_world *w, const policy *p, uint32_t *statement);
/* The policy of a text that it is printed to, so that it is what an administrator would give. */
const policy *remedy_policy_printed(arena *a, const policy *p, str *text);

/* What aws:PrincipalArn says of the request, or empty. */
str remedy_principal_arn(const request *q);

#endif
