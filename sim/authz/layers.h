/* layers.h - inside this room: the policies that are not the organization's, compiled: one code for each by chunk.
 *
 * What the codes of one request stand beside each other for, so that a chunk is one line of the cache:
 *
 *   role      identity, boundary and session policies (codes of a layer that the caller has not: allowed; of the
 *             identity policies of who has none: denied)
 *   resource  its policy, asked for an Allow that reaches the caller at least so far, each with all its denies; for
 *             callers of the owner's account and for others
 */
#ifndef AUTHZ_LAYERS_H
#define AUTHZ_LAYERS_H

#include "authz/row.h"

typedef struct {              /* for what SCPs and identity policies alone decide */
    const uint32_t *identity; /* [chunk] cells or codes; CODE_LAYERED: not for this role */
    bool            unbound;  /* SCPs do not bind it    */
} role_plan;

typedef struct {
    uint32_t identity, boundary, session, reserved;
} role_codes;
_Static_assert(sizeof(role_codes) == 16, "four chunks a cache line");

typedef struct {
    const role_codes *codes;       /* [chunk] */
    str               account;     /* that its own text names, outside the organization; else empty */
    bool              has_account; /* that one, or the request's */
    bool              in_account;  /* not a service, anonymous or who federates in        */
    bool              outside;     /* in an account, but of no account of the organization */
    bool              signed_in, service_linked;
} role_layers;

typedef struct {
    uint32_t by[CALLER_RELATION_COUNT][REACH_DIRECT + 1]; /* [relation][reach], of REACH_NONE nothing */
} policy_codes;
_Static_assert(sizeof(policy_codes) == 32, "two chunks a cache line");

/* Of a resource value: number of its policy + 1, and flags. */
#define RESOURCE_POLICY  0xffffu
#define RESOURCE_OUTSIDE 0x10000u /* its owner is outside the organization                       */
#define RESOURCE_PASSED  0x20000u /* under kms: RCPs pass it by                                  */
#define RESOURCE_KMS_KEY 0x40000u /* under kms: identity policies need its policy's delegation  */
#define RESOURCE_LINKED  0x80000u /* a service-linked role: RCPs pass its assuming by           */

typedef struct {
    const role_layers         *roles;
    const policy_codes *const *policies;  /* [policy][chunk]       */
    const uint32_t *const     *endpoints; /* [endpoint + 1][chunk]; 0: none, everything is allowed */
    const uint32_t            *resources; /* [value]               */
    uint16_t                   kms_first, kms_end, sts_first, sts_end; /* chunks */
    action_handle              caller_identity;                        /* sts:GetCallerIdentity */
    bool                       has_caller_identity;
} layer_tables;

/* Roles and layers of a store, in `a`. */
role_plan   *roles_make(row_table *rows, own_table *own, arena *a, arena scratch, const authz_setting *setting);
layer_tables layers_make(row_table *rows, own_table *own, arena *a, arena scratch, const authz_vocabulary *v,
                         const authz_setting *setting);

#endif
