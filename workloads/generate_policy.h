/* generate_policy.h - inside this room: texts of service control policies in the shapes of a profile.
 *
 * Chance  entity = the policy's serial number, n = draw within its text; so a text depends on nothing but profile,
 *         seed, serial number, kind and limits.
 * Effect  unconditional Denies name guarded actions or unused services; what denies much (NotAction) carries conditions
 *         that hold for few requests. Allow lists name the used services.
 * Valid   every text passes the strict parser as an SCP.
 */
#ifndef WORKLOADS_GENERATE_POLICY_H
#define WORKLOADS_GENERATE_POLICY_H

#include "workloads/generate_actions.h"

typedef struct policy_maker policy_maker;

typedef struct {
    uint64_t seed;
    str      organization_id;
    uint32_t characters_max; /* no text is longer; QUOTA_UNLIMITED: what the profile says */
    bool     fill;           /* every text has characters_max characters, 10,240 where that is no limit */
} policy_maker_options;

policy_maker *policy_maker_new(arena *a, const profile *p, const generate_actions *actions,
                               policy_maker_options options);
/* The text lives in `a`. name: a word for people, of letters only. */
str policy_text(arena *a, const policy_maker *m, uint32_t serial, bool allow_list, str *name);

#endif
