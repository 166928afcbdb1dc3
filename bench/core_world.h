/* core_world.h - inside `bench core`: one generated organization, compiled, and the requests put to it.
 *
 * Roles    the store knows each generated role twice: as it is, and with an identity policy that allows everything, so
 *          that the SCP layer can be timed alone with the same principals.
 * Pools    requests made outside the timed regions, with the answer that authz_decide gives to each one by one; of the
 *          stream those that SCPs and identity policies alone decide, so that figures stay comparable. Counts
 *          are multiples of AUTHZ_BATCH. A pool may be empty: no request of its class came up.
 * Memory   the arena given owns pools and texts and must outlive the world; core_world_free frees the rest.
 */
#ifndef BENCH_CORE_WORLD_H
#define BENCH_CORE_WORLD_H

#include "bench/core_slices.h"
#include "workloads/generate.h"

typedef struct { /* what all worlds of one run share */
    catalog *facts;
    profile *shapes;
} core_data;

status core_data_read(arena *a, core_data *out, err *e);

typedef struct {
    const catalog     *facts;
    const profile     *shapes;
    generate_size      size;
    quota_profile      quotas;
    org               *o;
    control           *c;
    generate_requests *g;
    uint32_t           mix;
    authz_setting      setting;    /* roles [2 * role_count]: role i + role_count is role i, with everything allowed */
    uint32_t           role_count; /* as generated */
    const org_view    *view;       /* revision 0   */
    authz_store       *store;
    authz_image       *image; /* of that view */
    authz_image_stats  stats;
} core_world;

status core_world_make(arena *a, const core_data *data, const char *quotas, generate_size size, uint64_t seed,
                       core_world *out, err *e);
void   core_world_free(core_world *w);

typedef enum {
    CORE_POOL_ZIPF,          /* SCPs alone, accounts as the profile weighs them   */
    CORE_POOL_UNIFORM,       /* the same requests, each of any account            */
    CORE_POOL_UNCONDITIONAL, /* those of ZIPF that no test decides                */
    CORE_POOL_FEW,           /* 1 to 3 tests                                      */
    CORE_POOL_MANY,          /* more                                              */
    CORE_POOL_IDENTITY,      /* ZIPF with the roles' own identity policies        */
    CORE_POOL_DEFAULT,       /* of the world with RCPs: the default mix, as it is */
    CORE_POOL_EVERY,         /* of the world with RCPs: the mix every-layer       */
    CORE_POOL_COUNT
} core_pool_kind;

typedef struct {
    const authz_request *requests;
    const decision      *answers;
    uint64_t             count;
    uint64_t             denied, tests; /* sums over the requests */
} core_pool;

/* layered: the same world with RCPs beside, or null: then what needs it stays empty. */
status core_pools_make(arena *a, const core_world *w, const core_world *layered, uint64_t count, uint64_t seed,
                       core_pool out[CORE_POOL_COUNT], err *e);
/* Decides batches that hold `sample` addressed requests, and compares those with the oracle one by one. */
status core_pool_check(const core_world *w, const core_pool *pool, uint64_t sample, uint64_t seed, err *e);

/* A hash of answers, 64 at a time. For comparisons within a run: it depends on the byte order of the machine. */
typedef struct {
    uint64_t lane[4];
} core_answers;
void     core_answers_add(core_answers *h, const decision batch[AUTHZ_BATCH]);
uint64_t core_answers_hash(core_answers h);
uint64_t core_answers_of(const decision *answers, uint64_t count); /* of stored ones; count % AUTHZ_BATCH == 0 */

#endif
