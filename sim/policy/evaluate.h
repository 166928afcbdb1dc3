/* evaluate.h - a layer's verdict on a request given as text.
 *
 * OR inside a level, AND across levels, deny anywhere: AWS Organizations User Guide, "SCP evaluation".
 * Temporaries go to scratch.
 */
#ifndef POLICY_EVALUATE_H
#define POLICY_EVALUATE_H

#include "policy/catalog.h"
#include "policy/prepare.h"

typedef enum { VERDICT_IMPLICIT, VERDICT_ALLOW, VERDICT_EXPLICIT } verdict;

/* Whether the statement's Action / NotAction takes `service:Name`, catalogue or not. */
bool statement_takes_action(const policy_statement *s, str action);
bool statement_resource_holds(arena *scratch, const policy_statement *s, const policy *p, const request *q,
                              const catalog *facts);
bool statement_conditions_hold(arena *scratch, const policy_statement *s, const policy *p, const request *q,
                               const catalog *facts);

/* A question to many policies; made once for a request. What it keeps lives in the scratch of the calls. */
typedef struct {
    const request   *q;
    const catalog   *facts; /* may be null */
    const caller    *who;
    bool             has_boundary; /* one is attached to the caller                    */
    bool             denies_only;  /* Allows are no longer of use; free to be changed   */
    bool             ready;        /* what follows is made when the first prepared policy comes */
    prepared_request prepared;
    resource_asked   resource;
    request_keys     keys;
} policy_question;
policy_question policy_question_make(const request *q, const catalog *facts, const caller *who, bool has_boundary);

/* How far a statement of p reaches the caller. */
principal_reach statement_reach(const policy *p, const policy_statement *s, const policy_question *x);

/* granted (may be null): how far the strongest Allow reaches the caller; only then are all of them looked at. */
verdict level_evaluate(arena *scratch, policy_level level, policy_question *x, principal_reach *granted);
/* *level_out: topmost level with an explicit deny, else the topmost without an Allow, else 0. */
verdict chain_evaluate(arena *scratch, const policy_level *levels, uint32_t count, policy_question *x,
                       uint32_t *level_out);
/* The topmost level with a Deny that matches, else CHAIN_NO_DENY: where an Allow is attached to every level. */
#define CHAIN_NO_DENY UINT32_MAX
uint32_t chain_denies(arena *scratch, const policy_level *levels, uint32_t count, policy_question *x);

#endif
