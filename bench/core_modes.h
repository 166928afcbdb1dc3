/* core_modes.h - inside `bench core`: the ways a pool of requests is decided and timed, one task each.
 *
 * Stretch  a slice asks the next stretch of its pool, a millisecond or two of work: longer ones are seldom left alone
 *          on a shared machine.
 * Lead     it first decides other requests untimed, because the slice before it was another task's and left other lines
 *          in the caches.
 * At hand  the requests themselves are read before the clock starts, a block at a time: in a simulation they were made
 *          a moment ago.
 * Apart    a block that took four times the slice's median block was interrupted: the processor was given to another.
 *          Such blocks are left out and counted.
 * Tax      the same loop with a decider that reads each request and decides nothing: what the harness itself takes
 *          (calls, hashing answers). It is printed, not subtracted.
 * Chain    64 decisions, each one's request found through the answer before; the requests are in the cache. A
 *          processor that predicts `Allowed` rightly may still begin the next decision early: fenced samples do not
 *          let it.
 * Fenced   one decision between two fences and two readings of the clock; the median of empty samples of the same
 *          slice is subtracted. Samples beyond CORE_APART_NS were interrupted: they are counted apart. The clock's own
 *          step (ten nanoseconds on some machines) shows in the histogram.
 */
#ifndef BENCH_CORE_MODES_H
#define BENCH_CORE_MODES_H

#include "bench/core_world.h"

#define CORE_APART_NS 20000u

typedef struct {
    uint32_t *ns; /* [capacity] */
    size_t    count, capacity;
} core_samples;
core_samples core_samples_new(arena *a, size_t capacity);
void         core_samples_add(core_samples *s, int64_t ns); /* below 0 becomes 0; beyond the capacity: dropped */

/* Batches of 64; tax: with a decider that decides nothing. */
core_task core_batch_task(arena *a, const char *name, const core_world *w, const core_pool *pool, bool tax,
                          uint32_t slices);
/* The same loop, which does not ask whether other layers take part. */
core_task core_batch_plain_task(arena *a, const char *name, const core_world *w, const core_pool *pool,
                                uint32_t slices);

typedef struct {
    core_samples      samples; /* chain: ns of 64 decisions; fenced: of one, the clock's cost subtracted */
    const core_world *w;
    const core_pool  *pool;
    uint64_t          at, per_slice; /* in requests */
    int64_t           clock_ns;      /* subtracted: from a chain; from fenced samples, the last slice's */
    uint64_t          apart;         /* fenced samples beyond CORE_APART_NS */
    uint64_t          switches;      /* involuntary, during fenced slices   */
    bool              tax;
} core_single;

core_task core_chain_task(arena *a, const char *name, const core_world *w, const core_pool *pool, bool tax,
                          uint32_t slices, uint64_t per_slice, core_single **out);
core_task core_fenced_task(arena *a, const char *name, const core_world *w, const core_pool *pool, uint32_t slices,
                           uint64_t per_slice, core_single **out);

/* The oracle over the texts of the pool's first requests, made beforehand. */
core_task core_oracle_task(arena *a, const char *name, const core_world *w, const core_pool *pool, uint32_t slices,
                           uint64_t per_slice);
/* What decides each of the pool's first requests, traced through every layer: authz_explain_case over their texts and
 * the organization's policies, made beforehand. Calls that name several resources are passed over. False: there are too
 * few requests. */
bool core_explain_task(arena *a, const char *name, const core_world *w, const core_pool *pool, uint32_t slices,
                       uint64_t per_slice, core_task *out);
/* A new store and the image of revision 0. */
core_task core_compile_task(arena *a, const char *name, const core_world *w, uint32_t slices);

/* One thread on half of the work, then two on a half each, beside the same with loads of the hardware floor. */
typedef struct {
    double           *decisions, *loads; /* [count] twice the time of one half alone / time of both halves at once */
    size_t            count, capacity;
    bool              flip;
    const core_world *w;
    const core_pool  *pool;
    const struct floor_set *floor;
    uint32_t                floor_size;
} core_pairs;
core_task core_pairs_task(arena *a, const char *name, const core_world *w, const core_pool *pool,
                          const struct floor_set *floor, uint32_t slices, core_pairs **out);

#endif
