/* generate_requests.h - inside this room: the tables that a request is put together from.
 *
 *   cell ---> account, by weight                    actor block, word 0
 *   mix  ---> role                                  actor block, word 1
 *   mix  ---> route: plain, a resource with a policy, one of another account, one outside, several resources
 *   role ---> read or write, then a choice          action block; a stray request takes what SCPs deny, or anything
 *   choice -> action, resource in the cell's region
 *   vectors of context, or-ed together: principal's tags | session | what the action takes | region
 *
 * Callers from outside (services, anonymous, roles of other accounts) ask for resources that have a policy only; the
 * account of such a request is the one that a service acts for.
 *
 * A vector sets the slots of one owner only (slot_owner), so that or-ing them is setting each slot once. Keys that go
 * together share a slot: what follows from the role, the origin of a session, the tags of a call.
 * Layout  the choices that are drawn most stand first; a choice is 16 bytes, a vector 48.
 */
#ifndef WORKLOADS_GENERATE_REQUESTS_H
#define WORKLOADS_GENERATE_REQUESTS_H

#include "workloads/generate_actions.h"

#define REQUEST_EXTRAS_MAX 255u

typedef struct {
    uint16_t value[AUTHZ_SLOTS];
} context_vector;

typedef struct {
    alias_table           alias;
    const context_vector *vectors;
} vector_table;

typedef struct {
    action_handle action;
    uint32_t      resource;      /* first of its ids in resources[], by region, then by name; 0 when there is none */
    uint8_t       names;         /* at least 1                     */
    uint8_t       region_stride; /* names, or 0 without a region   */
    uint8_t       extras;        /* which table                    */
    uint8_t       flags;         /* CHOICE_… */
    uint32_t      type;          /* catalogue's resource type, CATALOG_NONE without; for building and tests */
} request_choice;
_Static_assert(sizeof(request_choice) == 16, "four a cache line");
#define CHOICE_GLOBAL  1u /* its region is that of all global services                      */
#define CHOICE_OUTSIDE 2u /* its resources belong to accounts outside the organization      */

/* With AUTHZ_SEVERAL in the action's flags, the ids are sets of parts. */
typedef enum { ROUTE_PLAIN, ROUTE_POLICY, ROUTE_CROSS, ROUTE_OUTSIDE, ROUTE_SEVERAL, ROUTE_COUNT } request_route;

typedef struct { /* count 0: nothing to choose */
    alias_table     alias;
    const uint32_t *choices;
} choice_table_of;

typedef struct {
    choice_table_of reads[ROUTE_COUNT], writes[ROUTE_COUNT]; /* granted by the role; of ROUTE_CROSS: none of its own */
    choice_table_of denied;                                  /* named by SCPs */
    const vector_table *tags;
    uint32_t            session;
    bool                foreign; /* no principal of the organization */
} request_role;

typedef struct {
    alias_table          roles;
    uint64_t            *read_below;               /* [role] of 2^32: a coin below it reads                     */
    uint64_t             route_below[ROUTE_COUNT]; /* of 2^32, rising: a coin below it, not below the one before */
    uint64_t             foreign_cross_below;      /* of 2^32: callers from outside who meet another account     */
    uint64_t             stray_below;              /* of 2^32 */
    generate_calibration calibration;
} request_mix;

typedef struct {
    uint32_t        region;
    alias_table     alias; /* count 0: no account here */
    const uint32_t *accounts;
} request_cell;

typedef enum {
    OWNER_ROLE,
    OWNER_REGION,
    OWNER_PRINCIPAL_TAGS,
    OWNER_ORIGIN,
    OWNER_SESSION,
    OWNER_TAG_SET,
    OWNER_ACTION_KEY,
    OWNER_VIA,
    OWNER_RESOURCE,
} slot_owner;

typedef struct { /* where a context key comes from */
    str        key;
    slot_owner owner;
} key_source;

typedef struct { /* keys that travel in one slot */
    const authz_column *columns;
    uint32_t            count, slot; /* count 0: there is none */
} key_bundle;

typedef struct {
    const authz_part *parts;
    uint32_t          count;
} request_parts;

struct generate_requests {
    arena             a;
    const profile    *p;
    const catalog    *facts;
    const org_view   *view;
    uint64_t          seed;
    generate_actions  actions;
    authz_vocabulary *v;
    key_source       *sources;
    size_t            source_count, source_capacity;

    const generate_region *regions;
    uint32_t               region_count, cell_count;
    request_cell          *cells;
    uint64_t              *cell_weight;

    authz_role   *roles;
    request_role *role_tables;
    uint32_t      role_count;
    request_mix  *mixes;
    uint32_t      mix_count;

    request_choice *choices;
    uint32_t        choice_count;
    const uint16_t *resources;       /* [resource_count] value ids, or ids of parts; [0] is "absent" */
    const uint16_t *resource_owners; /* [resource_count] of outside ones, values of aws:ResourceAccount */
    uint32_t        resource_count;
    uint32_t        actions_left_out; /* ordinary actions that no request calls: their resources are not usable */
    choice_table_of any;              /* what strays ask that is not denied by name */

    vector_table principal_tags, untagged, *sessions, *extras;
    uint32_t    *extras_sets, extras_count;   /* sets: which keys, by table */
    uint32_t     region_slot, owner_slot;     /* of aws:ResourceAccount */
    uint16_t     owner_inside;                /* its value: the owner's id */
    key_bundle   origin, via, tags;           /* of sessions; of calls, with aws:TagKeys behind them */
    uint16_t    *region_value, global_region; /* [regions] of aws:RequestedRegion */
    uint32_t    *owners, owner_count;         /* accounts whose resources others ask for */

    authz_resource_policy *policies;
    const policy         **endpoints;
    const authz_resource  *known; /* [known_count] by value of slot 0: what was said of it */
    size_t                 known_count;
    const request_parts   *parts; /* [part_count] by id; 0 is none */
    size_t                 part_count;
    err                   *e; /* while building */
};

/* Building, in this order; each fills its part. */
status requests_make_context(generate_requests *g); /* slots, roles, vectors; extras on demand */
status requests_make_policies(generate_requests *g);
status requests_make_choices(generate_requests *g);
status requests_make_cells(generate_requests *g);
status requests_calibrate(generate_requests *g);

status requests_make_roles(generate_requests *g); /* of make_context */

/* A context key has one source. Returns whether it is new. */
status      requests_claim(generate_requests *g, str key, slot_owner owner, bool *fresh);
authz_shape requests_shape(const generate_requests *g, str key);
/* The slot of a key that travels alone. */
status requests_slot(generate_requests *g, str key, slot_owner owner, uint32_t *slot);
/* The table of extras for an action and its resource type: which of the profile's keys they list. */
status requests_extras(generate_requests *g, const catalog_action *x, uint32_t type, uint8_t *out);

/* Request n of a cell; force: -1 by the stray coin, 0 ordinary, 1 stray. */
typedef enum { STRAY_BY_COIN, STRAY_NEVER, STRAY_ALWAYS } stray_choice;
void requests_one(const generate_requests *g, uint32_t mix, uint32_t cell, uint64_t n, stray_choice stray,
                  authz_request *out);
/* What the request is decided on, in text; part: below requests_parts. Levels and texts live in `a`. */
uint32_t requests_parts(const generate_requests *g, const authz_request *q);
void     requests_case(arena *a, const generate_requests *g, const authz_request *q, uint32_t part, policy_case *out);

/* The coin that a stray request needs below mix.stray_below. */
uint64_t requests_stray_coin(const generate_requests *g, uint32_t cell, uint64_t n);

#endif
