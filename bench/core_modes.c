#include "bench/core_modes.h"

#include <assert.h>
#include <sys/resource.h>

#include "authz/explain.h"
#include "bench/environment.h"
#include "oracle/oracle.h"

core_samples core_samples_new(arena *a, size_t capacity)
{
    return (core_samples){.ns = ARENA_NEW(a, uint32_t, capacity), .capacity = capacity};
}

void core_samples_add(core_samples *s, int64_t ns)
{
    if (s->count < s->capacity) s->ns[s->count++] = ns < 0 ? 0 : ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;
}

/* ---- what decides: the core, or nothing, for the harness's own cost ---- */

typedef void     batch_decider(const authz_image *image, const authz_request *q, uint32_t count, decision *out);
typedef decision single_decider(const authz_image *image, const authz_request *q);

__attribute__((noinline)) static void nothing_batch(const authz_image *image, const authz_request *q, uint32_t count,
                                                    decision *out)
{
    (void)image;
    for (uint32_t i = 0; i < count; i++) out[i] = (decision){.level = (uint8_t)(q[i].account & 1)};
}

__attribute__((noinline)) static decision nothing_single(const authz_image *image, const authz_request *q)
{
    (void)image;
    return (decision){.level = (uint8_t)(q->account & 1)};
}

static uint32_t requests_touch(const authz_request *q, uint64_t count)
{
    uint32_t sum = 0;
    for (uint64_t i = 0; i < count; i++) sum += q[i].account;
    return sum;
}

/* The compiler must believe that a value is used. */
static inline void keep(uint32_t value)
{
    __asm__ volatile("" ::"r"(value) : "memory");
}

/* The next stretch of a pool: successive slices ask successive requests. */
static uint64_t stretch_take(uint64_t *at, uint64_t per_slice, uint64_t count)
{
    uint64_t first = *at + per_slice <= count ? *at : 0;
    *at = first + per_slice;
    return first;
}

/* Untimed: the requests before the stretch, round the end of the pool. Gives the caches to the task again. */
#define LEAD_COUNT (UINT64_C(1) << 14)
static void lead_decide(const authz_image *image, const core_pool *pool, uint64_t first)
{
    uint64_t     count = pool->count < LEAD_COUNT ? pool->count : LEAD_COUNT;
    core_answers h = {{0}};
    for (uint64_t i = 0; i < count; i += AUTHZ_BATCH) {
        decision out[AUTHZ_BATCH];
        authz_decide_batch(image, &pool->requests[(first + pool->count - count + i) % pool->count], AUTHZ_BATCH, out);
        core_answers_add(&h, out);
    }
    keep((uint32_t)core_answers_hash(h));
}

/* ---- batches ---- */

#define BATCH_PER_SLICE (UINT64_C(1) << 16) /* a millisecond or two: seldom interrupted */
#define BATCH_BLOCK     1024u               /* 64 KiB of requests, read before the clock starts */
#define BATCH_BLOCKS    (BATCH_PER_SLICE / BATCH_BLOCK)
#define BATCH_APART     4u /* times the median block: interrupted */

typedef struct {
    const core_world *w;
    const core_pool  *pool;
    batch_decider    *decide;
    uint64_t          at, per_slice;
    int64_t           clock_ns;
    bool              tax;
} batch_context;

static void batches_decide(const authz_image *image, batch_decider *decide, const authz_request *q, uint64_t count,
                           core_answers *h)
{
    decision out[AUTHZ_BATCH];
    for (uint64_t i = 0; i < count; i += AUTHZ_BATCH) {
        decide(image, &q[i], AUTHZ_BATCH, out);
        core_answers_add(h, out);
    }
}

/* What the blocks took, without those that were interrupted. The last may be shorter than the others. */
static void blocks_sum(const uint32_t *ns, uint64_t requests, core_slice *out)
{
    uint32_t sorted[BATCH_BLOCKS];
    size_t   count = (size_t)((requests + BATCH_BLOCK - 1) / BATCH_BLOCK);
    memcpy(sorted, ns, count * sizeof *ns);
    core_sort(sorted, count);
    uint64_t limit = (uint64_t)sorted[count / 2] * BATCH_APART;
    for (size_t i = 0; i < count; i++) {
        if (ns[i] > limit) {
            out->apart++;
            continue;
        }
        out->wall_ns += ns[i];
        out->iterations += i + 1 < count ? BATCH_BLOCK : requests - i * BATCH_BLOCK;
    }
    out->cpu_ns = out->wall_ns;
}

static status batch_run(void *context, bool dropped, core_slice *out, err *e)
{
    batch_context *c = context;
    core_answers   h = {{0}};
    uint64_t       first = stretch_take(&c->at, c->per_slice, c->pool->count);
    uint32_t       ns[BATCH_BLOCKS], blocks = 0;
    (void)dropped;
    (void)e;
    lead_decide(c->w->image, c->pool, first);
    for (uint64_t i = 0; i < c->per_slice; i += BATCH_BLOCK) {
        const authz_request *q = &c->pool->requests[first + i];
        uint64_t             n = c->per_slice - i < BATCH_BLOCK ? c->per_slice - i : BATCH_BLOCK;
        keep(requests_touch(q, n));
        int64_t start_ns = clock_wall_ns();
        batches_decide(c->w->image, c->decide, q, n, &h);
        int64_t took_ns = clock_wall_ns() - start_ns - c->clock_ns;
        ns[blocks++] = took_ns < 0 ? 0 : took_ns > UINT32_MAX ? UINT32_MAX : (uint32_t)took_ns;
    }
    blocks_sum(ns, c->per_slice, out);
    out->hash = core_answers_hash(h);
    out->expected = c->tax ? out->hash : core_answers_of(&c->pool->answers[first], c->per_slice);
    return STATUS_OK;
}

core_task core_batch_task(arena *a, const char *name, const core_world *w, const core_pool *pool, bool tax,
                          uint32_t slices)
{
    batch_context *c = ARENA_NEW(a, batch_context, 1);
    *c = (batch_context){.w = w,
                         .pool = pool,
                         .decide = tax ? nothing_batch : authz_decide_batch,
                         .per_slice = pool->count < BATCH_PER_SLICE ? pool->count : BATCH_PER_SLICE,
                         .clock_ns = clock_overhead_ns(),
                         .tax = tax};
    return (core_task){.name = name, .run = batch_run, .context = c, .slices = slices};
}

core_task core_batch_plain_task(arena *a, const char *name, const core_world *w, const core_pool *pool, uint32_t slices)
{
    core_task task = core_batch_task(a, name, w, pool, false, slices);
    ((batch_context *)task.context)->decide = authz_decide_batch_plain;
    return task;
}

/* ---- one at a time ---- */

static inline void fence(void)
{
#if defined __x86_64__
    __asm__ volatile("lfence" ::: "memory");
#elif defined __aarch64__
    __asm__ volatile("dsb sy\n\tisb" ::: "memory");
#else
    __asm__ volatile("" ::: "memory"); /* the compiler only */
#endif
}

static core_single *single_new(arena *a, const core_world *w, const core_pool *pool, uint64_t per_slice, size_t samples)
{
    core_single *c = ARENA_NEW(a, core_single, 1);
    if (per_slice > pool->count) per_slice = pool->count;
    *c = (core_single){.samples = core_samples_new(a, samples),
                       .w = w,
                       .pool = pool,
                       .per_slice = per_slice - per_slice % AUTHZ_BATCH,
                       .clock_ns = clock_overhead_ns()};
    return c;
}

/* Each answer leads to the next request: it adds nothing, but only the answer says so. */
__attribute__((noinline)) static void chain_decide(const authz_image *image, single_decider *decide,
                                                   const authz_request *q, decision out[AUTHZ_BATCH])
{
    for (uint32_t i = 0, at = 0; i < AUTHZ_BATCH; i++) {
        out[i] = decide(image, &q[at]);
        at += 1 + (out[i].kind >> 7);
    }
}

static status chain_run(void *context, bool dropped, core_slice *out, err *e)
{
    core_single    *c = context;
    single_decider *decide = c->tax ? nothing_single : authz_decide;
    core_answers    h = {{0}};
    decision        answers[AUTHZ_BATCH];
    uint64_t        first = stretch_take(&c->at, c->per_slice, c->pool->count);
    (void)e;
    lead_decide(c->w->image, c->pool, first);
    for (uint64_t i = 0; i < c->per_slice; i += AUTHZ_BATCH) {
        const authz_request *q = &c->pool->requests[first + i];
        keep(requests_touch(q, AUTHZ_BATCH));
        int64_t start_ns = clock_wall_ns();
        chain_decide(c->w->image, decide, q, answers);
        int64_t ns = clock_wall_ns() - start_ns - c->clock_ns;
        core_answers_add(&h, answers);
        out->wall_ns += ns;
        if (!dropped) core_samples_add(&c->samples, ns);
    }
    out->iterations = c->per_slice;
    out->cpu_ns = out->wall_ns;
    out->hash = core_answers_hash(h);
    out->expected = c->tax ? out->hash : core_answers_of(&c->pool->answers[first], c->per_slice);
    return STATUS_OK;
}

core_task core_chain_task(arena *a, const char *name, const core_world *w, const core_pool *pool, bool tax,
                          uint32_t slices, uint64_t per_slice, core_single **out)
{
    *out = single_new(a, w, pool, per_slice, (size_t)(slices * (per_slice / AUTHZ_BATCH)));
    (*out)->tax = tax;
    return (core_task){.name = name, .run = chain_run, .context = *out, .slices = slices};
}

static uint64_t involuntary_switches(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) == 0 ? (uint64_t)usage.ru_nivcsw : 0;
}

/* The median cost of a sample without a decision. */
static int64_t fenced_empty_ns(void)
{
    uint32_t ns[255];
    for (size_t i = 0; i < COUNTOF(ns); i++) {
        int64_t start_ns = clock_wall_ns();
        fence();
        fence();
        ns[i] = (uint32_t)(clock_wall_ns() - start_ns);
    }
    core_sort(ns, COUNTOF(ns));
    return ns[COUNTOF(ns) / 2];
}

static status fenced_run(void *context, bool dropped, core_slice *out, err *e)
{
    core_single *c = context;
    core_answers h = {{0}};
    decision     answers[AUTHZ_BATCH];
    uint64_t     first = stretch_take(&c->at, c->per_slice, c->pool->count), switches = involuntary_switches();
    (void)e;
    lead_decide(c->w->image, c->pool, first);
    c->clock_ns = fenced_empty_ns();
    for (uint64_t i = 0; i < c->per_slice; i += AUTHZ_BATCH) {
        const authz_request *q = &c->pool->requests[first + i];
        keep(requests_touch(q, AUTHZ_BATCH));
        for (uint32_t k = 0; k < AUTHZ_BATCH; k++) {
            int64_t start_ns = clock_wall_ns();
            fence();
            answers[k] = authz_decide(c->w->image, &q[k]);
            fence();
            int64_t ns = clock_wall_ns() - start_ns - c->clock_ns;
            out->wall_ns += ns;
            if (dropped) continue;
            if (ns > CORE_APART_NS)
                c->apart++;
            else
                core_samples_add(&c->samples, ns);
        }
        core_answers_add(&h, answers);
    }
    if (!dropped) c->switches += involuntary_switches() - switches;
    out->iterations = c->per_slice;
    out->cpu_ns = out->wall_ns;
    out->hash = core_answers_hash(h);
    out->expected = core_answers_of(&c->pool->answers[first], c->per_slice);
    return STATUS_OK;
}

core_task core_fenced_task(arena *a, const char *name, const core_world *w, const core_pool *pool, uint32_t slices,
                           uint64_t per_slice, core_single **out)
{
    *out = single_new(a, w, pool, per_slice, (size_t)(slices * per_slice));
    return (core_task){.name = name, .run = fenced_run, .context = *out, .slices = slices};
}

/* ---- requests as text ---- */

typedef decision text_decider(arena *scratch, const core_world *w, const policy_case *c);

typedef struct {
    const core_world  *w;
    text_decider      *decide;
    const policy_case *cases;   /* [count] */
    const decision    *answers; /* likewise */
    uint64_t           at, per_slice, count;
} text_context;

static decision decide_by_oracle(arena *scratch, const core_world *w, const policy_case *c)
{
    (void)scratch;
    return oracle_decide_at(w->view, c, w->facts);
}

static decision decide_by_explaining(arena *scratch, const core_world *w, const policy_case *c)
{
    explanation x;
    arena_reset(scratch);
    authz_explain_case(scratch, c, w->facts, &x);
    return x.decision;
}

static status text_run(void *context, bool dropped, core_slice *out, err *e)
{
    text_context *c = context;
    core_answers  h = {{0}};
    uint64_t      first = c->at;
    arena         scratch;
    (void)dropped;
    (void)e;
    c->at = (first + c->per_slice) % c->count;
    arena_init(&scratch, MEMORY_GENERAL);
    (void)c->decide(&scratch, c->w, &c->cases[first]); /* what the memory for one takes is not timed */
    core_watch watch = core_watch_start();
    for (uint64_t i = first; i < first + c->per_slice; i += AUTHZ_BATCH) {
        decision answers[AUTHZ_BATCH];
        for (uint32_t k = 0; k < AUTHZ_BATCH; k++) answers[k] = c->decide(&scratch, c->w, &c->cases[i + k]);
        core_answers_add(&h, answers);
    }
    core_watch_stop(watch, c->per_slice, out);
    arena_deinit(&scratch);
    out->hash = core_answers_hash(h);
    out->expected = core_answers_of(&c->answers[first], c->per_slice);
    return STATUS_OK;
}

/* Of `available` requests, as many as the slices ask for, in whole slices. */
static text_context *text_new(arena *a, const core_world *w, uint64_t available, uint32_t slices, uint64_t per_slice)
{
    text_context *c = ARENA_NEW(a, text_context, 1);
    if (per_slice > available) per_slice = available;
    per_slice -= per_slice % AUTHZ_BATCH;
    uint64_t count = per_slice * slices < available ? per_slice * slices : available - available % per_slice;
    *c = (text_context){.w = w, .per_slice = per_slice, .count = count};
    return c;
}

core_task core_oracle_task(arena *a, const char *name, const core_world *w, const core_pool *pool, uint32_t slices,
                           uint64_t per_slice)
{
    text_context *c = text_new(a, w, pool->count, slices, per_slice);
    policy_case  *cases = ARENA_NEW(a, policy_case, c->count);
    for (uint64_t i = 0; i < c->count; i++) authz_request_case(a, w->image, &pool->requests[i], 0, &cases[i]);
    c->decide = decide_by_oracle;
    c->cases = cases;
    c->answers = pool->answers;
    return (core_task){.name = name, .run = text_run, .context = c, .slices = slices};
}

/* With all that the organization says of it. */
static void case_whole(arena *a, const core_world *w, const authz_request *q, policy_case *c)
{
    authz_request_case(a, w->image, q, 0, c);
    uint32_t account = org_account_find(w->view, caller_read(c->request.principal).account);
    uint32_t owner = org_account_find(w->view, c->request.resource_account);
    c->scps = ARENA_NEW(a, policy_level, ORG_CHAIN_MAX);
    c->rcps = ARENA_NEW(a, policy_level, ORG_CHAIN_MAX);
    c->management_account = org_account_id(w->view, ORG_MANAGEMENT);
    if (account != ORG_NONE) c->scp_level_count = org_levels(a, w->view, ORG_TYPE_SCP, account, c->scps);
    if (owner != ORG_NONE) c->rcp_level_count = org_levels(a, w->view, ORG_TYPE_RCP, owner, c->rcps);
    c->scps_apply = c->scp_level_count > 0;
    c->rcps_apply = c->rcp_level_count > 0;
}

bool core_explain_task(arena *a, const char *name, const core_world *w, const core_pool *pool, uint32_t slices,
                       uint64_t per_slice, core_task *out)
{
    uint64_t single = 0;
    for (uint64_t i = 0; i < pool->count; i++) single += authz_request_parts(w->image, &pool->requests[i]) == 1;
    if (single < AUTHZ_BATCH) return false;
    text_context *c = text_new(a, w, single, slices, per_slice);
    policy_case  *cases = ARENA_NEW(a, policy_case, c->count);
    decision     *answers = ARENA_NEW(a, decision, c->count);
    for (uint64_t i = 0, n = 0; n < c->count; i++) {
        if (authz_request_parts(w->image, &pool->requests[i]) != 1) continue;
        case_whole(a, w, &pool->requests[i], &cases[n]);
        answers[n++] = pool->answers[i];
    }
    c->decide = decide_by_explaining;
    c->cases = cases;
    c->answers = answers;
    *out = (core_task){.name = name, .run = text_run, .context = c, .slices = slices};
    return true;
}

/* ---- compiling ---- */

static uint64_t stats_hash(const authz_image_stats *s)
{
    const uint64_t members[] = {s->rows, s->formulas, s->atoms, s->pages, s->row_bytes};
    core_answers   h = {{0}};
    for (size_t i = 0; i < COUNTOF(members); i++) h.lane[i % 4] = h.lane[i % 4] * 31 + members[i];
    return core_answers_hash(h);
}

static status compile_run(void *context, bool dropped, core_slice *out, err *e)
{
    const core_world *w = context;
    authz_image_stats stats;
    (void)dropped;
    (void)e;
    core_watch   watch = core_watch_start();
    authz_store *store = authz_store_new(w->facts, generate_vocabulary(w->g), w->setting);
    authz_image *image = authz_image_build(store, w->view, NULL);
    core_watch_stop(watch, 1, out);
    authz_image_stats_get(store, image, &stats);
    out->hash = stats_hash(&stats);
    out->expected = stats_hash(&w->stats);
    authz_image_release(store, image);
    authz_store_free(store);
    return STATUS_OK;
}

core_task core_compile_task(arena *a, const char *name, const core_world *w, uint32_t slices)
{
    core_world *c = ARENA_NEW(a, core_world, 1);
    *c = *w;
    return (core_task){.name = name, .run = compile_run, .context = c, .slices = slices};
}
