/* quota.h - AWS Organizations' limits as data: a dated profile decides limits everywhere, the generator included. */
#ifndef CONTROL_QUOTA_H
#define CONTROL_QUOTA_H

#include "base/document.h"

#define QUOTA_UNLIMITED UINT32_MAX

#define QUOTAS(X)                     \
    X(accounts)                       \
    X(ous)                            \
    X(ou_depth)                       \
    X(scps)                           \
    X(scp_characters)                 \
    X(scps_per_target)                \
    X(rcps)                           \
    X(rcp_characters)                 \
    X(rcps_per_target)                \
    X(management_policies)            \
    X(management_policy_characters)   \
    X(management_policies_per_target) \
    X(ai_opt_out_policy_characters)   \
    X(ai_opt_out_policies_per_target) \
    X(policy_name_characters)         \
    X(policy_description_characters)  \
    X(ou_name_characters)             \
    X(account_removal_days) /* a created account must be this old before it can be removed */

typedef struct {
    str name, date, source, confidence;
#define QUOTA_FIELD(name) uint32_t name;
    QUOTAS(QUOTA_FIELD)
#undef QUOTA_FIELD
} quota_profile;

/* Reads `orgsim.quota/1`: {"schema", "name", "date", "source", "confidence", "quotas": {…}}. Every quota must be there,
 * a number or "unlimited"; strings live in `a`. ou_depth stays within ORG_OU_DEPTH_MAX in every profile. Management
 * policies are counted by type; accounts include the management account. */
status quota_read(arena *a, const document *d, quota_profile *out, err *e);

#endif
