/* generate_choosing.h - inside this room: choices while they are made.
 *
 * Plain choices stand first, as most requests take one of them; then those of resources that have a policy, inside the
 * organization and outside, and calls that name several resources.
 */
#ifndef WORKLOADS_GENERATE_CHOOSING_H
#define WORKLOADS_GENERATE_CHOOSING_H

#include "workloads/generate_requests.h"

typedef enum { TYPE_UNUSABLE, TYPE_GLOBAL, TYPE_REGIONAL } type_kind;

typedef struct { /* an action that requests may call */
    uint64_t weight;
    uint32_t action;
} callable;

typedef struct {           /* resources of a type, by region, then by name */
    uint32_t first, names; /* names 0: there are none */
    uint64_t weight;       /* of the type among those of its route */
} resource_run;

typedef struct {
    generate_requests *g;
    arena             *scratch;
    const callable    *callables; /* what is asked most first */
    uint32_t           callable_count;
    const uint64_t    *denied;          /* [actions] */
    uint64_t          *weights, *stray; /* [choices] as ordinary requests; as what SCPs deny */
    uint8_t           *route;           /* [choices] */
    uint32_t          *action;          /* [choices] */
    size_t             count, capacity;
    uint8_t           *kinds;                      /* [resource types] type_kind of plain ones */
    resource_run      *plain, *policied, *outside; /* [resource types] */
    uint32_t           names_step;                 /* fewer names where resources would be too many */
    uint16_t          *ids, *owners;               /* of g->resources, g->resource_owners */
    size_t             id_count, id_capacity, owner_count, owner_capacity;
} choosing;

#define CHOOSING_RESOURCES_MAX 60000u

type_kind choosing_kind(const catalog *facts, uint32_t type); /* of one that can be named */
status    choosing_id(choosing *c, uint16_t id, uint16_t owner);
/* An ARN of the type: everything that is named gets `name`; *hole: where the account id goes. */
str    choosing_text(arena *a, str shape, str region, str name, size_t *hole);
status choosing_add(choosing *c, uint32_t action, request_choice choice, request_route route, uint64_t weight,
                    uint64_t stray);
/* The resource types that a call may name: required ones if there are any. */
uint32_t choosing_types(const catalog_action *x, const uint32_t **out);

/* ---- generate_layers.c ---- */
status choosing_policied(choosing *c); /* resources that have policies, and what may be asked of them */
status choosing_several(choosing *c);

#endif
