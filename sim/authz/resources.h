/* resources.h - inside this room: Resource patterns against all values of the resource slot, in the two readings. */
#ifndef AUTHZ_RESOURCES_H
#define AUTHZ_RESOURCES_H

#include "authz/readings.h"

/* "Some pattern matches" (no variables in them); the tables live in `a`, which is not the table's own. */
reading reading_of_resources(atom_table *t, arena *a, policy_type type, const lexeme *items, uint32_t count);
bool    resource_on_text(arena scratch, policy_type type, const lexeme *items, uint32_t count, str text);

void resources_init(atom_table *t);
void resources_deinit(atom_table *t);

#endif
