/* evaluate.h - a layer's verdict on a request given as text.
 *
 * OR inside a level, AND across levels, deny anywhere: AWS Organizations User Guide, "SCP evaluation".
 * Temporaries go to scratch.
 */
#ifndef POLICY_EVALUATE_H
#define POLICY_EVALUATE_H

#include "policy/catalog.h"
#include "policy/request.h"

typedef enum { VERDICT_IMPLICIT, VERDICT_ALLOW, VERDICT_EXPLICIT } verdict;

/* Whether the statement's Action / NotAction takes `service:Name`, catalogue or not. */
bool statement_takes_action(const policy_statement *s, str action);
bool statement_resource_holds(arena *scratch, const policy_statement *s, const policy *p, const request *q,
                              const catalog *facts);
bool statement_conditions_hold(arena *scratch, const policy_statement *s, const policy *p, const request *q,
                               const catalog *facts);

verdict level_evaluate(arena *scratch, policy_level level, const request *q, const catalog *facts);
/* *level_out: topmost level with an explicit deny, else the topmost without an Allow, else 0. */
verdict chain_evaluate(arena *scratch, const policy_level *levels, uint32_t count, const request *q,
                       const catalog *facts, uint32_t *level_out);

#endif
