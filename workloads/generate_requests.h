/* generate_requests.h - inside this room: the tables that a request is put together from.
 *
 *   cell ---> account, by weight                    actor block, word 0
 *   mix  ---> role                                  actor block, word 1
 *   role ---> read or write, then a choice          action block; a stray request takes what SCPs deny, or anything
 *   choice -> action, resource in the cell's region
 *   vectors of context, or-ed together: principal's tags | session | what the action takes | region
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
    uint8_t       global;        /* its region is that of all global services */
    uint32_t      type;          /* catalogue's resource type, CATALOG_NONE without; for building and tests */
} request_choice;
_Static_assert(sizeof(request_choice) == 16, "four a cache line");

typedef struct { /* count 0: nothing to choose */
    alias_table     alias;
    const uint32_t *choices;
} choice_table_of;

typedef struct {
    choice_table_of reads, writes, denied; /* granted by the role; denied: named by SCPs */
    uint32_t        session;
} request_role;

typedef struct {
    alias_table          roles;
    uint64_t            *read_below;  /* [role] of 2^32: a coin below it reads */
    uint64_t             stray_below; /* of 2^32 */
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
} slot_owner;

typedef struct { /* where a context key comes from */
    str        key;
    slot_owner owner;
} key_source;

typedef struct { /* keys that travel in one slot */
    const authz_column *columns;
    uint32_t            count, slot; /* count 0: there is none */
} key_bundle;

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
    const uint16_t *resources; /* [resource_count] value ids; [0] is "absent" */
    uint32_t        resource_count;
    uint32_t        actions_left_out; /* ordinary actions that no request calls: their resources are not usable */
    choice_table_of any;              /* what strays ask that is not denied by name */

    vector_table principal_tags, *sessions, *extras;
    uint32_t    *extras_sets, extras_count; /* sets: which keys, by table */
    uint32_t     region_slot;
    key_bundle   origin, tags;                /* of sessions; of calls, with aws:TagKeys behind them */
    uint16_t    *region_value, global_region; /* [regions] of aws:RequestedRegion */
    err         *e;                           /* while building */
};

/* Building, in this order; each fills its part. */
status requests_make_context(generate_requests *g); /* slots, roles, vectors; extras on demand */
status requests_make_choices(generate_requests *g);
status requests_make_cells(generate_requests *g);
status requests_calibrate(generate_requests *g);

/* The slot of a key that travels alone. */
status requests_slot(generate_requests *g, str key, slot_owner owner, uint32_t *slot);
/* The table of extras for an action and its resource type: which of the profile's keys they list. */
status requests_extras(generate_requests *g, const catalog_action *x, uint32_t type, uint8_t *out);

/* Request n of a cell; force: -1 by the stray coin, 0 ordinary, 1 stray. */
typedef enum { STRAY_BY_COIN, STRAY_NEVER, STRAY_ALWAYS } stray_choice;
void requests_one(const generate_requests *g, uint32_t mix, uint32_t cell, uint64_t n, stray_choice stray,
                  authz_request *out);
/* The coin that a stray request needs below mix.stray_below. */
uint64_t requests_stray_coin(const generate_requests *g, uint32_t cell, uint64_t n);

#endif
