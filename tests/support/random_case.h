/* random_case.h - whole cases: a request and policies of every layer, drawn from the menus of random_policy.h. */
#ifndef SUPPORT_RANDOM_CASE_H
#define SUPPORT_RANDOM_CASE_H

#include "policy/request.h"
#include "support/chance.h"

/* Everything lives in `a`. plain: one level in three has an Allow for everything, so that more is allowed. */
void random_case(arena *a, chance *c, bool plain, policy_case *out);
/* Which case it is and what is in it, for a failing test. */
str random_case_describe(arena *a, const policy_case *c);

#endif
