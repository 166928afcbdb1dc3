/* random_layers.h - of random worlds: who and what brings layers beside SCPs and identity policies.
 *
 * Roles with boundary and session policies, federated users, principals of accounts outside, providers; resource values
 * that have policies, or owners outside; calls that name several resources. Their policies are drawn for each world.
 */
#ifndef SUPPORT_RANDOM_LAYERS_H
#define SUPPORT_RANDOM_LAYERS_H

#include "authz/authz.h"
#include "support/chance.h"

#define RANDOM_LAYERED_ROLES     12u
#define RANDOM_LAYERED_RESOURCES 12u /* the first values of the resource slot */
#define RANDOM_RESOURCE_POLICIES 6u
#define RANDOM_ENDPOINTS         3u
#define RANDOM_PARTS             24u

/* Name, principal and hole; no keys and no policies. Texts live in `a`. */
authz_role random_layered_role(arena *a, uint32_t at);
void       random_layered_resources(authz_vocabulary *v); /* before other values of the slot */
void       random_parts(authz_vocabulary *v);             /* when the vocabulary has all values */
bool       random_has_boundary(uint32_t at);
bool       random_has_session(uint32_t at);

#endif
