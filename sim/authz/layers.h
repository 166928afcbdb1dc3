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

typedef struct {              /* for what SCPs, RCPs and identity policies alone decide */
    const uint32_t *identity; /* [chunk] cells or codes; CODE_LAYERED: not for this role  */
    bool            unbound;  /* SCPs do not bind it                                      */
    bool            layered;  /* where there are RCPs: not for this role                  */
} role_plan;

typedef struct {
    uint32_t identity, boundary, session;
    uint32_t all; /* of a chain of the three: level 0, 1 and 2 */
} role_codes;
_Static_assert(sizeof(role_codes) == 16, "four chunks a cache line");

/* Who a role is, to look relations up by. */
#define ROLE_HOLE       1u  /* of the request's account                            */
#define ROLE_NUMBERED   2u  /* of one that its own text names                      */
#define ROLE_IN_ACCOUNT 4u  /* not a service, anonymous or who federates in        */
#define ROLE_OUTSIDE    8u  /* in an account, but of no account of the organization */
#define ROLE_LINKED     16u /* a service-linked role                               */
#define ROLE_KINDS      32u

typedef struct {
    const role_codes *codes;   /* [chunk] */
    uint32_t          account; /* number of the one that its own text names, outside the organization; else 0 */
    uint8_t           kind;    /* ROLE_… */
    bool              signed_in, unbound;
} role_layers;

typedef struct {
    uint32_t by[CALLER_RELATION_COUNT][REACH_DIRECT + 1]; /* [relation][reach], of REACH_NONE nothing */
} policy_codes;
_Static_assert(sizeof(policy_codes) == 32, "two chunks a cache line");

typedef struct {
    uint32_t facts;   /* number of its policy + 1, and flags                        */
    uint32_t account; /* number of its owner where that is outside the organization */
} resource_layers;

#define RESOURCE_POLICY  0xffffu
#define RESOURCE_STAR    0x10000u  /* the token `*`                                                  */
#define RESOURCE_OUTSIDE 0x20000u  /* its owner is outside the organization                          */
#define RESOURCE_PASSED  0x100000u /* under kms: RCPs pass it by                                     */
#define RESOURCE_LINKED  0x200000u /* under sts: a service-linked role, RCPs pass its assuming by    */
#define RESOURCE_KEY     0x400000u /* under kms: identity policies need its policy's delegation      */
#define RESOURCE_TRUST   0x800000u /* under sts: it has a policy, whose delegation they need as well */
#define RESOURCE_BY_KMS  (RESOURCE_PASSED | RESOURCE_KEY)
#define RESOURCE_BY_STS  (RESOURCE_LINKED | RESOURCE_TRUST)

/* Of a request, what follows from role, resource and whether their accounts are one. */
#define RELATION_NAMED   1u  /* the account that the caller's name holds has the resource             */
#define RELATION_SAME    2u  /* and the caller is in it                                               */
#define RELATION_INSIDE  4u  /* an account of the organization has it: vocabulary_owner_inside        */
#define RELATION_RCPS    8u  /* RCPs bind, if there are any                                           */
#define RELATION_ASKER   16u /* the caller is in an account of the organization                       */
#define RELATION_DIRECT  32u /* what the resource's policy grants, no implicit deny takes back        */
#define RELATION_UNOWNED 64u /* of one outside, who has named no resource: the organization has none  */
#define RELATIONS        (ROLE_KINDS << 4)

static inline uint32_t relation_index(uint8_t kind, uint32_t facts, bool same_account, bool same_number)
{
    uint32_t resource = facts / RESOURCE_STAR & 3;
    return kind | ROLE_KINDS * (resource | (uint32_t)same_account << 2 | (uint32_t)same_number << 3);
}

typedef struct {
    const role_layers         *roles;
    const policy_codes *const *policies;        /* [policy][chunk]       */
    const uint32_t *const     *endpoints;       /* [endpoint + 1][chunk]; 0: none, everything is allowed */
    const resource_layers     *resources;       /* [value]               */
    const uint8_t             *relations;       /* [relation_index]      */
    const uint32_t            *concerns;        /* [chunk] which of RESOURCE_BY_… concern its actions */
    action_handle              caller_identity; /* sts:GetCallerIdentity */
    bool                       has_caller_identity;
} layer_tables;

/* Roles and layers of a store, in `a`. */
role_plan   *roles_make(row_table *rows, own_table *own, arena *a, arena scratch, const authz_setting *setting);
layer_tables layers_make(row_table *rows, own_table *own, arena *a, arena scratch, const authz_vocabulary *v,
                         const authz_setting *setting);

#endif
