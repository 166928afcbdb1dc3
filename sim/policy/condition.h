/* condition.h - one condition clause against a request, as the core evaluates it.
 *
 * Tables of spec section 2: missing keys, IfExists, set operators, type failures (unparsable under a negated operator
 * is false plus a diagnostic, C12). Multi-valued is a matter of the key's type in the catalogue, else of the value's
 * shape.
 */
#ifndef POLICY_CONDITION_H
#define POLICY_CONDITION_H

#include "policy/catalog.h"
#include "policy/request.h"

/* Whether the clause holds. *indeterminate (may be null) is set when something could not be evaluated. */
bool condition_holds(arena *scratch, const policy_clause *c, bool version_2012, const request *q, const catalog *facts,
                     bool *indeterminate);
/* Whether any value of the clause holds a policy variable (only possible when version_2012). */
bool condition_has_variable(const policy_clause *c, bool version_2012);

#endif
