/* throttle.h - inside this room: token buckets of one organization, by operation and calling account, and by operation.
 *
 * A bucket holds `burst` tokens when it is full, gets `rate` of them a second, and each call takes one; both buckets of
 * a call must have one, else neither gives. Exact: tokens are counted in parts of 10^12, of which rate_milli come every
 * nanosecond. Source: AWS Organizations quotas page, spec 8.1.
 * Errors   none. Time that goes backwards counts as standing still.
 */
#ifndef CONTROL_THROTTLE_H
#define CONTROL_THROTTLE_H

#include "base/intern.h"
#include "control/control.h"

typedef struct {
    int64_t parts, at_ns; /* what was there then */
} throttle_bucket;

typedef struct {
    throttle_bucket  organization[CONTROL_OPERATION_COUNT];
    bool             organization_used[CONTROL_OPERATION_COUNT];
    idmap           *accounts; /* (account, operation) to its bucket; none yet: full */
    throttle_bucket *buckets;
    uint32_t         count, capacity;
} throttle;

void throttle_init(throttle *t);
void throttle_deinit(throttle *t);
/* Takes a token of each bucket, or of none. */
bool throttle_take(throttle *t, control_operation op, uint32_t account, int64_t now_ns);

#endif
