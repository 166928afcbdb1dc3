/* shrink_case.h - the small case behind a large one: what may go without the fault going too, goes.
 *
 * Layers, levels, policies, statements, clauses, values, context keys and their values are dropped one at a time, and
 * lists of actions and resources become `*`, until no further step leaves the fault standing.
 */
#ifndef SUPPORT_SHRINK_CASE_H
#define SUPPORT_SHRINK_CASE_H

#include "base/arena.h"
#include "policy/request.h"

typedef bool (*shrink_test)(void *context, const policy_case *c); /* true: the fault is still there */

/* What is new lives in `a`; `c` stays as it is. */
void     shrink_case(arena *a, const policy_case *c, shrink_test stands, void *context, policy_case *out);
uint32_t shrink_statements(const policy_case *c); /* of all its policies */

#endif
