/* readings.h - inside this room: condition clauses against all values of a key, in the two readings of families.h.
 *
 *   low[id]    holds however the account id is chosen, as far as the readings tell
 *   high[id]   may hold; without families low and high are one table
 *
 * Clauses with one value each are tabulated once for all the lists they stand in: the truth of a list over single
 * values is the OR of its members' or, for negated operators, the AND.
 */
#ifndef AUTHZ_READINGS_H
#define AUTHZ_READINGS_H

#include "authz/atoms.h"

reading reading_new(const atom_table *t, arena *a, uint32_t key);
/* Tables of the whole clause (no variables in it); they live in `a`, which is not the table's own. */
reading reading_of_clause(atom_table *t, arena *a, uint32_t key, const policy_clause *c);

/* One value's texts against the clause; null: the key is absent. */
bool clause_on_texts(const atom_table *t, const policy_clause *c, uint32_t key, const str *texts, uint32_t count);
/* Whether the operator compares text, so that the two readings are bounds; of others every family value is open. */
bool reads_families(condition_base base);

void readings_init(atom_table *t); /* those of resources too */
void readings_deinit(atom_table *t);

#endif
