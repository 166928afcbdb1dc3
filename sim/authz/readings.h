/* readings.h - inside this room: patterns against all values of a slot, in the two readings of families.h.
 *
 *   low[id]    holds however the account id is chosen, as far as the readings tell ("marked")
 *   high[id]   may hold ("levelled"); without families low and high are one table
 *
 * Clauses with one value each are tabulated once for all the lists they stand in: the truth of a list over single
 * values is the OR of its members' or, for negated operators, the AND.
 */
#ifndef AUTHZ_READINGS_H
#define AUTHZ_READINGS_H

#include "authz/atoms.h"

/* Tables of the whole clause (no variables in it); they live in `a`, which is not the table's own. */
reading reading_of_clause(atom_table *t, arena *a, uint32_t slot, const policy_clause *c);
/* "Some pattern matches", over the values of the resource slot. */
reading reading_of_resources(atom_table *t, arena *a, const policy *p, const lexeme *items, uint32_t count);

/* One value's texts against the clause; null: the key is absent. */
bool clause_on_texts(const atom_table *t, const policy_clause *c, uint32_t slot, const str *texts, uint32_t count);

/* Whether the operator compares text, so that the two readings are bounds; of others every family value is open. */
bool reads_families(condition_base base);

void readings_init(atom_table *t);
void readings_deinit(atom_table *t);

#endif
