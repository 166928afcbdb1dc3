/* generate.h - a synthetic organization and its request stream, from a profile, a size and a seed.
 *
 * Model     a profile (`orgsim.profile/1`, dated data) holds the shapes: SCP sizes, statements, effects, conditions,
 *           operators, keys, OU depth weights, Zipf exponents, roles with their identity policies, reads, deny rate.
 *           It is a model of what was seen in public policies, and says so.
 * Reachable everything is made by control operations with validation on, in bulk: what is generated could be made by
 *           calls. Quotas are those of the control's profile.
 * Real      each generated request could be: its action is in the catalogue, its resource has one of the action's ARN
 *           shapes (or is the token `*`), its context keys are global ones or the action's own, present when AWS has
 *           them present. Where a mix says so, requests meet policies of resources, go to other accounts and outside,
 *           name several resources, come through VPC endpoints, and from services, strangers and nobody.
 * Chance    addressed draws only; the same bytes everywhere.
 * Memory    the arena given owns all that is returned.
 */
#ifndef WORKLOADS_GENERATE_H
#define WORKLOADS_GENERATE_H

#include "authz/authz.h"
#include "base/tables.h"
#include "control/control.h"
#include "world/world.h"

typedef struct profile profile;

/* Strict: unknown keys, ranges, sums, and names that must be in the catalogue. The document's source must live as long
 * as the profile: identity policies are views into it. */
status   profile_read(arena *a, const document *d, const catalog *facts, profile **out, err *e);
str      profile_name(const profile *p);
uint32_t profile_mix_count(const profile *p); /* request mixes, at least `default` */
status   profile_mix_find(const profile *p, str name, uint32_t *out, err *e);
/* Whether requests reach that service at one endpoint for all regions: their aws:RequestedRegion is its home. */
bool profile_service_is_global(const profile *p, uint32_t service);

/* ---- organization ---- */

typedef struct {
    uint32_t accounts; /* with the management account */
    uint32_t ous, scps;
    uint32_t rcps;                /* beside RCPFullAWSAccess; 0: the policy type stays disabled */
    uint32_t scps_per_target_max; /* attachments beside FullAWSAccess; 0: as the quota profile allows */
    bool     fill;                /* every SCP of the greatest size, every target full: the `quota` world          */
    uint32_t allow_list_percent;  /* of OUs that replace FullAWSAccess by allow lists               */
} generate_size;

typedef struct { /* `small`, `large`, `quota`, `giant` of the design */
    const char   *name, *quota_profile;
    generate_size size;
} generate_world;
extern const generate_world generate_worlds[];
extern const uint32_t       generate_world_count;
const generate_world       *generate_world_find(str name); /* null when unknown */

/* Makes org and control and fills them; commits revision 0. What quotas refuse is an error that names the operation.
 * Node i + 1 is the i-th OU, from the top down; policies follow the AWS-managed ones, allow lists first. The caller
 * frees org and control; the arena is used for temporaries only. */
status generate_organization(arena *a, const profile *p, const catalog *facts, const quota_profile *quotas,
                             generate_size size, uint64_t seed, org **o, control **c, err *e);

/* ---- requests ---- */

typedef struct {
    world_region base;
    uint64_t     weight; /* of requests */
} generate_region;

typedef struct generate_requests generate_requests;

/* The time of a request where nothing sets another: 2026-11-01T00:00:00Z. */
#define GENERATE_TIME_S 1793491200u

/* Roles, vocabulary and tables for requests from the accounts of a view (revision 0; accounts made later send none).
 * Works on any organization, generated or not. Calibrates how often a request strays from what its role and account may
 * do, so that about the mix's deny rate is denied in `view` (by deciding a sample; integers only). View, profile and
 * catalogue must live as long; generate_requests_free gives the tables' memory back. The roles are bound to the
 * vocabulary; more may be bound behind them before there is a store. */
status            generate_requests_new(arena *a, const profile *p, const catalog *facts, const org_view *view,
                                        const generate_region *regions, uint32_t region_count, uint64_t seed,
                                        generate_requests **out, err *e);
authz_vocabulary *generate_vocabulary(const generate_requests *g);
authz_setting     generate_setting(const generate_requests *g);
world_source      generate_source(const generate_requests *g);
void              generate_requests_free(generate_requests *g);

/* How a mix was calibrated. `ordinary` requests alone are denied so often; where that is above the target already, no
 * request strays, and where even straying requests are allowed, stray_below is 2^32 and `denied` below the target. */
typedef struct {
    uint64_t sampled, denied;        /* with the strays that the calibration chose */
    uint64_t ordinary;               /* denied among the same without any          */
    uint64_t stray_below;            /* of 2^32: how often a request strays        */
    uint64_t target_num, target_den; /* of the mix                                 */
} generate_calibration;
generate_calibration generate_calibrated(const generate_requests *g, uint32_t mix);

#endif
