/* explain.h - the decision on a case and everything that went into it: every layer, level and statement.
 *
 * A second, traced evaluation beside authz_decide_case, whose decision it gives: the path that only decides pays
 * nothing for it. Nothing is cut short: what did not decide is traced too.
 * Memory  out and temporaries live in `a`; policies by reference.
 * Cost    one look at every element of every statement that takes the action: about what deciding costs that reads all.
 */
#ifndef AUTHZ_EXPLAIN_H
#define AUTHZ_EXPLAIN_H

#include "policy/catalog.h"
#include "policy/explanation.h"

/* facts may be null: no key is known, and every service honours RCPs. */
void authz_explain_case(arena *a, const policy_case *c, const catalog *facts, explanation *out);

/* One statement, as authz_explain_case traces it (policy and statement are the caller's to set). */
statement_trace authz_explain_statement(arena *a, const policy *p, const policy_statement *s, const policy_case *c,
                                        const caller *who, const catalog *facts);

/* The parts of which a decision is made: the verdict of a layer's levels; the decision that the verdicts of the layers
 * come to, where something needs to be allowed. Neither reads statements. */
bool          authz_explain_needs_nothing(const request *q, const caller *who); /* then it is Allowed */
level_verdict authz_explain_chain(decision_layer layer, const level_trace *levels, uint32_t count);
decision      authz_explain_conclude(const explanation *x);
/* The level of a denial by this explanation: a decision counts levels up to 255 only. */
uint32_t authz_explain_level(const explanation *x, decision d);

/* Of a denial everything that stands in the way, in the order in which it would deny once what is before it is gone: a
 * level that denies, and then, if none there allows, the same level without an Allow. Missing grants are one. Returns
 * how many; none of what is Allowed. The list lives in `a`. */
uint32_t authz_explain_obstacles(arena *a, const explanation *x, decision **out);

#endif
