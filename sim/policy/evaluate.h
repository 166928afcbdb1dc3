/* evaluate.h - a layer's verdict on a request given as text.
 *
 * OR inside a level, AND across levels, deny anywhere: AWS Organizations User Guide, "SCP evaluation".
 * Temporaries go to scratch.
 */
#ifndef POLICY_EVALUATE_H
#define POLICY_EVALUATE_H

#include "policy/catalog.h"
#include "policy/principal.h"

typedef enum { VERDICT_IMPLICIT, VERDICT_ALLOW, VERDICT_EXPLICIT } verdict;

/* Whether the statement's Action / NotAction takes `service:Name`, catalogue or not. */
bool statement_takes_action(const policy_statement *s, str action);
bool statement_resource_holds(arena *scratch, const policy_statement *s, const policy *p, const request *q,
                              const catalog *facts);
bool statement_conditions_hold(arena *scratch, const policy_statement *s, const policy *p, const request *q,
                               const catalog *facts);

/* Who asks, for statements with a Principal. */
typedef struct {
    const request *q;
    const catalog *facts; /* may be null */
    const caller  *who;
    bool           has_boundary; /* one is attached to the caller */
} policy_question;

/* granted (may be null): how far the strongest Allow reaches the caller; only then are all of them looked at. */
verdict level_evaluate(arena *scratch, policy_level level, const policy_question *x, principal_reach *granted);
/* *level_out: topmost level with an explicit deny, else the topmost without an Allow, else 0. */
verdict chain_evaluate(arena *scratch, const policy_level *levels, uint32_t count, const policy_question *x,
                       uint32_t *level_out);
/* The topmost level with a Deny that matches, else CHAIN_NO_DENY: where an Allow is attached to every level. */
#define CHAIN_NO_DENY UINT32_MAX
uint32_t chain_denies(arena *scratch, const policy_level *levels, uint32_t count, const policy_question *x);

#endif
