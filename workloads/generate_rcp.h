/* generate_rcp.h - inside this room: texts of resource control policies, from the statements of a profile.
 *
 * Chance  entity = the policy's serial number, n = draw; so a text depends on profile, seed and serial alone.
 * Valid   every text passes the strict parser as an RCP, and is shorter than 5,120 characters: what would make it
 *         longer is left out.
 */
#ifndef WORKLOADS_GENERATE_RCP_H
#define WORKLOADS_GENERATE_RCP_H

#include "workloads/profile.h"

/* `<organization>` and `<name>` in the statements are filled in. */
str rcp_of_statements(arena *a, const str *statements, uint32_t count, str organization_id, str name);
/* The text lives in `a`; the profile has RCPs. */
str rcp_text(arena *a, const profile *p, uint64_t seed, uint32_t serial, str organization_id);

#endif
