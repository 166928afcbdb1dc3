/* verdicts.h - inside this room: what SCPs say of the operations of Organizations, whoever asks and of what.
 *
 * Of most policies that is fixed by their text: the statements that take the action have no condition and every
 * resource. Such a verdict is found once for (policy, operation) and kept until the policy's text changes; where a
 * condition or a resource pattern takes part the request has to be evaluated.
 */
#ifndef CONTROL_VERDICTS_H
#define CONTROL_VERDICTS_H

#include "control/control.h"

typedef struct {
    const char *content; /* of the policy when `says` was found */
    uint8_t     says[CONTROL_OPERATION_COUNT];
} policy_verdicts;

typedef struct verdicts {
    policy_verdicts *policies; /* [policy] */
    uint32_t         count;
} verdicts;

typedef enum { CHAIN_ALLOWS, CHAIN_DENIES, CHAIN_DEPENDS } chain_verdict;

void verdicts_deinit(verdicts *v);
/* Of the chain of an account that SCPs bind. */
chain_verdict verdicts_of_chain(verdicts *v, const org_view *view, uint32_t account, control_operation op);

#endif
