/* actions.h - inside this room: the actions of the catalogue that a statement names, as sets of handles. */
#ifndef AUTHZ_ACTIONS_H
#define AUTHZ_ACTIONS_H

#include "policy/ast.h"
#include "policy/catalog.h"

typedef struct {
    uint32_t chunk;
    uint64_t mask; /* of actions by their bits */
} action_chunk;

typedef struct {
    const action_chunk *chunks; /* ascending                                                    */
    uint32_t            count;
    bool                rest; /* of every chunk not listed: all actions or none (`*`, NotAction) */
} action_set;

/* The set lives in `a`. */
action_set actions_of(arena *a, arena scratch, const catalog *facts, const policy_statement *s);

#endif
