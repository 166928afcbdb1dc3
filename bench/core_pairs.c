#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "bench/core_modes.h"
#include "bench/environment.h"
#include "bench/floor.h"

#define FLOOR_PAIR_LOADS (UINT64_C(1) << 18) /* of each half */

typedef uint64_t half_work(const core_pairs *c, uint32_t half);

static uint64_t decide_half(const core_pairs *c, uint32_t half)
{
    core_answers h = {{0}};
    uint64_t     count = c->pool->count / 2, first = half * count;
    decision     out[AUTHZ_BATCH];
    for (uint64_t i = first; i + AUTHZ_BATCH <= first + count; i += AUTHZ_BATCH) {
        authz_decide_batch(c->w->image, &c->pool->requests[i], AUTHZ_BATCH, out);
        core_answers_add(&h, out);
    }
    return core_answers_hash(h);
}

static uint64_t load_half(const core_pairs *c, uint32_t half)
{
    uint64_t count = floor_count(c->floor) > 2 ? FLOOR_PAIR_LOADS : FLOOR_PAIR_LOADS >> 6; /* small sets: a small run */
    return floor_load(c->floor, c->floor_size, FLOOR_PREFETCHED, half * count, count);
}

/* The second thread waits at `go`, so that what is timed begins at once on both. */
typedef struct {
    const core_pairs *pairs;
    half_work        *work;
    atomic_bool       ready, go;
    int64_t           end_ns;
    uint64_t          hash;
} second_thread;

static void *second_main(void *context)
{
    second_thread *t = context;
    atomic_store(&t->ready, true);
    while (!atomic_load(&t->go)) sched_yield();
    t->hash = t->work(t->pairs, 1);
    t->end_ns = clock_wall_ns();
    return NULL;
}

static status both_halves(const core_pairs *c, half_work *work, int64_t *ns, uint64_t *hash, err *e)
{
    second_thread t = {.pairs = c, .work = work};
    pthread_t     id;
    if (pthread_create(&id, NULL, second_main, &t) != 0)
        return err_set(e, STATUS_LIMIT, "bench core: no second thread");
    while (!atomic_load(&t.ready)) sched_yield();
    int64_t start_ns = clock_wall_ns();
    atomic_store(&t.go, true);
    *hash = work(c, 0);
    int64_t end_ns = clock_wall_ns();
    (void)pthread_join(id, NULL);
    *hash += t.hash;
    *ns = (end_ns > t.end_ns ? end_ns : t.end_ns) - start_ns;
    return STATUS_OK;
}

/* Two halves at once against one half alone, in alternating order. */
static status pair_run(const core_pairs *c, half_work *work, double *scale, int64_t *both_ns, core_slice *out, err *e)
{
    uint64_t hash = work(c, 1); /* untimed: the caches are warm for either */
    int64_t  alone_ns = 0;
    for (int turn = 0; turn < 2; turn++) {
        if ((turn == 1) == c->flip) {
            int64_t start_ns = clock_wall_ns();
            out->expected += work(c, 0);
            alone_ns = clock_wall_ns() - start_ns;
        } else {
            uint64_t sum = 0;
            TRY(both_halves(c, work, both_ns, &sum, e));
            out->hash += sum;
        }
    }
    out->expected += hash;
    *scale = 2 * (double)alone_ns / (double)*both_ns;
    return STATUS_OK;
}

static status pairs_run(void *context, bool dropped, core_slice *out, err *e)
{
    core_pairs *c = context;
    double      loads, decisions;
    int64_t     both_ns = 0;
    TRY(pair_run(c, load_half, &loads, &both_ns, out, e));
    TRY(pair_run(c, decide_half, &decisions, &both_ns, out, e));
    c->flip = !c->flip;
    out->iterations = c->pool->count;
    out->wall_ns = both_ns;
    out->cpu_ns = 2 * both_ns;
    if (dropped || c->count == c->capacity) return STATUS_OK;
    c->loads[c->count] = loads;
    c->decisions[c->count++] = decisions;
    return STATUS_OK;
}

core_task core_pairs_task(arena *a, const char *name, const core_world *w, const core_pool *pool,
                          const struct floor_set *floor, uint32_t slices, core_pairs **out)
{
    core_pairs *c = ARENA_NEW(a, core_pairs, 1);
    *c = (core_pairs){.decisions = ARENA_NEW(a, double, slices),
                      .loads = ARENA_NEW(a, double, slices),
                      .capacity = slices,
                      .w = w,
                      .pool = pool,
                      .floor = floor,
                      .floor_size = floor_count(floor) - 1};
    *out = c;
    return (core_task){.name = name, .run = pairs_run, .context = c, .slices = slices};
}
