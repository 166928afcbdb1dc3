/* explanation.h - why a case was decided as it was: data that evaluator and oracle fill in alike, each on its own.
 *
 * Every layer, level, policy and statement is there, whether it decided or not, so that a teacher can show all of it.
 * Memory  the arena of the call that filled it; policies by reference.
 */
#ifndef POLICY_EXPLANATION_H
#define POLICY_EXPLANATION_H

#include "policy/principal.h"

#define EXPLAIN_NONE UINT32_MAX

typedef enum { /* the first element that does not take the request, in this order */
               STATEMENT_MATCHES,
               STATEMENT_OTHER_ACTION,
               STATEMENT_OTHER_PRINCIPAL,
               STATEMENT_OTHER_RESOURCE,
               STATEMENT_CONDITION_FAILS,
} statement_outcome;

/* Elements after the first that does not take the request were not looked at: their members say none. Where a pattern
 * of a Not- element takes the request, the outcome is OTHER_… and the index names it.
 * reach: of a statement without Principal and NotPrincipal REACH_DIRECT; in the policy of the resource, which has to
 * name somebody, REACH_NONE. */
typedef struct {
    const policy     *in;
    uint32_t          policy, statement; /* indexes: in its level, in its policy                               */
    statement_outcome outcome;
    principal_reach   reach;    /* none when the action was not taken                                           */
    uint32_t          action;   /* index of the first pattern that takes the action (of NotAction too), or none  */
    uint32_t          resource; /* likewise; none where no such element is, or the statement was not taken so far */
    uint32_t          clause;   /* the first that fails, or none                                                 */
} statement_trace;

typedef enum { LEVEL_IMPLICIT, LEVEL_ALLOW, LEVEL_EXPLICIT } level_verdict; /* no Allow, an Allow, a Deny */

typedef struct {
    level_verdict    verdict;    /* of the policies listed: RCPFullAWSAccess, which is everywhere, need not be one */
    statement_trace *statements; /* of all its policies, in order */
    uint32_t         count;
} level_trace;

/* Why a layer says nothing; the first that holds, in this order. */
typedef enum {
    LAYER_APPLIES,        /* none of the others holds                                                     */
    LAYER_ABSENT,         /* there are no such policies: none set, none passed, type not enabled          */
    LAYER_NOT_IN_ACCOUNT, /* SCPs, identity policies …: a service, anonymous, or who federates in */
    LAYER_SERVICE_LINKED, /* SCPs, RCPs: a service-linked role                                            */
    LAYER_MANAGEMENT,     /* SCPs: principal of the management account; RCPs: resource of it              */
    LAYER_OTHER_SERVICE,  /* RCPs: the service does not honour them                                       */
    LAYER_NOT_RESTRICTED, /* RCPs: kms:RetireGrant, keys that AWS manages                                 */
    LAYER_ROOT_USER,      /* identity, boundary, session: the root user has an implicit Allow instead     */
    LAYER_NOTHING_NEEDED  /* all that would apply: sts:GetCallerIdentity */
} layer_presence;

/* A layer that does not apply has no levels. The verdict of one that does: EXPLICIT when a level's is, ALLOW when all
 * levels' are, else IMPLICIT. RCPs are never IMPLICIT: RCPFullAWSAccess is at every level, listed or not. */
typedef struct {
    layer_presence presence;
    level_verdict  verdict; /* of the whole layer; LEVEL_IMPLICIT when it does not apply, never for RCPs that do */
    level_trace   *levels;  /* of SCPs and RCPs root first; one of the other layers */
    uint32_t       level_count;
} layer_trace;

/* same_account: of callers in an account only; what has no resource (`*`) is of the caller's account, whatever account
 * the request names. needs_resource: `kms:*` on a `:key/` ARN; `sts:*` where the resource has a policy. The layer of
 * LAYER_NONE is absent. */
typedef struct {
    decision        decision;
    caller_kind     caller;
    bool            same_account;   /* principal and resource                                          */
    bool            needs_resource; /* of a KMS key, of a role with a trust policy: identity policies count only if
                                       the resource's policy lets them */
    principal_reach granted;        /* strongest Allow of the resource's policy that matches           */
    layer_trace     layers[LAYER_ENDPOINT + 1];
} explanation;

#endif
