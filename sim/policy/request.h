/* request.h - one authorization question as text, and the policies that apply to it.
 *
 * Both evaluators read this form: the oracle always, the core where a request came as text. A context value is text;
 * numbers, dates and booleans too. Key names compare without regard to case, tag keys too.
 * Memory: views; the maker says how long they live.
 */
#ifndef POLICY_REQUEST_H
#define POLICY_REQUEST_H

#include "base/json.h"
#include "policy/ast.h"

typedef struct {
    str      key;
    str     *values;
    uint32_t value_count;
    bool     is_array;
} request_key;

typedef struct {
    str          principal; /* ARN, `cloudtrail.amazonaws.com`, or `anonymous` */
    str          action;    /* `s3:GetObject`                                  */
    str          resource;  /* one ARN, or `*`                                 */
    str          resource_account;
    request_key *context;
    uint32_t     context_count;
} request;

typedef struct {
    const policy *const *policies;
    uint32_t             count;
} policy_level; /* what is attached at one node, or one layer's set */

typedef enum {
    LAYER_NONE, /* Allowed, or nothing applied */
    LAYER_SCP,
    LAYER_RCP,
    LAYER_RESOURCE,
    LAYER_IDENTITY,
    LAYER_BOUNDARY,
    LAYER_SESSION,
    LAYER_ENDPOINT,
} decision_layer;

typedef enum { DECISION_ALLOWED, DECISION_IMPLICITLY_DENIED, DECISION_EXPLICITLY_DENIED } decision_kind;

/* What was decided and by whom. Reported first: explicit denies (layers in the order SCP, RCP, resource, identity,
 * boundary, session, endpoint), then implicit ones (RCP, SCP, endpoint, no grant = identity, boundary, session).
 * level: for SCP and RCP the topmost deciding node, 0 = root; for other layers 0. */
typedef struct {
    uint8_t kind, layer, level;
} decision;

static inline bool decision_equal(decision a, decision b)
{
    return a.kind == b.kind && a.layer == b.layer && a.level == b.level;
}
const char *decision_name(decision_kind kind); /* `Allowed`, `ImplicitlyDenied`, `ExplicitlyDenied` */
const char *layer_name(decision_layer layer);  /* `none`, `SCP`, `identity`, … */

/* What could not be evaluated: policy/diagnose.h finds it. */
#define DIAGNOSTICS(X)                                                                                            \
    X(UNREADABLE_VALUE, "unreadable-value") /* under a negated operator, so that the clause is false (C12)  */    \
    X(UNRESOLVED_VARIABLE, "unresolved-variable")                                                                 \
    X(TAG_KEY_CASE, "tag-keys-differ-by-case") /* two keys of the request that fold to one that is asked for  */  \
    X(NO_SET_OPERATOR, "no-set-operator")      /* a multivalued key that is there, without a set operator (C9) */ \
    X(UNKNOWN_OPERATOR, "unknown-operator")    /* a condition operator that does not exist: no match, ever */     \
    X(OLD_VARIABLE, "variable-in-old-version") /* `${...}` without Version 2012-10-17: plain text          */     \
    X(MISSING_KEY, "missing-key")              /* known to the catalogue, asked for without IfExists or Null    */
typedef enum {
#define DIAGNOSTIC_ENUM(id, name) DIAGNOSTIC_##id,
    DIAGNOSTICS(DIAGNOSTIC_ENUM)
#undef DIAGNOSTIC_ENUM
        DIAGNOSTIC_COUNT
} diagnostic_kind;
const char *diagnostic_name(diagnostic_kind kind);

/* A case: a request with all policies that apply. */
typedef struct {
    str           id; /* ptr null when the row has none */
    request       request;
    bool          scps_apply, rcps_apply; /* false: none (absent, null or no level)                          */
    policy_level *scps;                   /* of the principal's account, root first                          */
    policy_level *rcps;                   /* of the resource's; RCPFullAWSAccess need not be in them         */
    uint32_t      scp_level_count, rcp_level_count;
    policy_level  identity;           /* managed, inline and group policies of the principal             */
    const policy *resource;           /* bucket, key, queue, trust … policy; null: the resource has none */
    const policy *boundary;           /* null: none is set                                               */
    policy_level  session;            /* count 0: none was passed                                        */
    const policy *endpoint;           /* of the VPC endpoint; null: it came through none                 */
    str           management_account; /* ptr null when unknown                                           */
    bool          aws_managed_key;    /* the resource is a KMS key that AWS manages: RCPs pass it by     */
} policy_case;

#endif
