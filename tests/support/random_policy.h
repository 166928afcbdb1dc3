/* random_policy.h - policy documents drawn from menus that hold every operator, every kind of pattern and the awkward
 * values of each type.
 *
 * The menus speak of the services, keys, accounts and resources that random_world.h makes requests of, so that
 * patterns and conditions hold about as often as not.
 */
#ifndef SUPPORT_RANDOM_POLICY_H
#define SUPPORT_RANDOM_POLICY_H

#include "policy/ast.h"
#include "support/chance.h"

/* Accounts are 100000000000, 100000000001 … in order of creation. */
#define RANDOM_ACCOUNT_FIRST UINT64_C(100000000000)

/* A document of 1..statements_max statements that a strict parser takes as an SCP. Lives in `a`. */
str random_scp(arena *a, chance *c, uint32_t statements_max);
/* One for an identity, parsed leniently: values of any type under any operator, missing or old versions, short ARNs. */
const policy *random_identity(arena *a, chance *c, uint32_t statements_max);
/* One for any layer of a case, parsed leniently: its first statement mostly allows much, principals are those of
 * case_stream.h. */
const policy *random_layer_policy(arena *a, chance *c, policy_type type, uint32_t statements_max);
/* The same for a resource whose owner is AUTHZ_OWN_ACCOUNT, with the principals of random_layers.h. */
const policy *random_resource_policy(arena *a, chance *c, policy_type type, uint32_t statements_max);
/* One that a strict parser takes as an RCP. */
str random_rcp(arena *a, chance *c, uint32_t statements_max);
/* Parses a document of a test's own. */
const policy *policy_of_text(arena *a, policy_type type, const char *text);

#endif
