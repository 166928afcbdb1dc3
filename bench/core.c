#include "bench/core_result.h"

#include <assert.h>
#include <inttypes.h>

#define FLOOR_LOADS          (UINT64_C(1) << 16) /* of a slice */
#define THREADS_GOAL         1.9
#define LAYERED_RCPS         40u
#define LAYERED_ACCOUNTS_MAX 10000u
#define TASKS_MAX            96u
#define FLOOR_MAX            (UINT64_C(64) << 20)
#define FLOOR_MAX_HUGE       (UINT64_C(1) << 30)

/* How much is done: fixed shares of what the options ask for. */
typedef struct {
    uint64_t requests, chains, fenced, oracle, explained, floor_bytes, floor_loads;
    uint32_t slices, heavy_slices, change_rounds;
} amounts;

static amounts amounts_of(const core_options *o)
{
    if (o->quick)
        return (amounts){.requests = 1024,
                         .chains = 256,
                         .fenced = 256,
                         .oracle = 64,
                         .explained = 64,
                         .floor_bytes = FLOOR_BYTES_MIN * 4,
                         .floor_loads = 1024,
                         .slices = 2,
                         .heavy_slices = 2,
                         .change_rounds = 2};
    return (amounts){.requests = o->requests - o->requests % AUTHZ_BATCH,
                     .chains = UINT64_C(1) << 16,
                     .fenced = UINT64_C(1) << 15,
                     .oracle = 256,
                     .explained = 1024,
                     .floor_bytes = str_is(o->world, "giant") ? FLOOR_MAX_HUGE : FLOOR_MAX,
                     .floor_loads = FLOOR_LOADS,
                     .slices = o->slices,
                     .heavy_slices = o->slices < 7 ? o->slices : 7,
                     .change_rounds = 8};
}

/* ---- the floor as tasks ---- */

typedef struct {
    const floor_set *set;
    uint32_t         size;
    floor_kind       kind;
    uint64_t         start, loads;
} floor_context;

/* Each slice goes on where the last one ended, so a working set larger than a slice is covered in time. */
static status floor_run(void *context, bool dropped, core_slice *out, err *e)
{
    floor_context *c = context;
    uint64_t       lines = floor_bytes(c->set, c->size) / FLOOR_LINE_BYTES;
    uint64_t       lead = lines < c->loads ? lines : c->loads / 16;
    (void)dropped;
    (void)e;
    uint64_t   sum = floor_load(c->set, c->size, c->kind, c->start, lead);
    core_watch watch = core_watch_start();
    uint64_t   answer = floor_load(c->set, c->size, c->kind, c->start + lead, c->loads);
    core_watch_stop(watch, c->loads, out);
    c->start = c->kind == FLOOR_CHASE ? answer : c->start + lead + c->loads;
    out->hash = out->expected = answer + sum;
    return STATUS_OK;
}

/* ---- one measurement ---- */

typedef struct {
    arena       *a;
    arena        work; /* requests and texts: freed when all is measured */
    core_result *r;
    amounts      n;
    core_data    data;
    core_world   w, layered; /* layered: the same with RCPs beside; not made of the largest worlds */
    core_pool    pools[CORE_POOL_COUNT];
    floor_set   *floor;
    core_task    tasks[TASKS_MAX];
    uint32_t     task_count;
    core_single *chain, *chain_tax, *fenced;
    core_pairs  *pairs;
    core_change *change;
} measurement;

static core_task *task_add(measurement *m, core_task task)
{
    assert(m->task_count < TASKS_MAX);
    m->tasks[m->task_count] = task;
    return &m->tasks[m->task_count++];
}

static void mode_add(measurement *m, core_task task, const core_pool *pool)
{
    assert(m->r->mode_count < CORE_MODES_MAX);
    m->r->modes[m->r->mode_count++] = (core_mode){task_add(m, task), pool->count, pool->denied, pool->tests};
}

static void tasks_floor(measurement *m)
{
    m->floor = floor_new(m->n.floor_bytes, m->r->options.seed);
    for (uint32_t size = 0; size < floor_count(m->floor); size++)
        for (int kind = 0; kind < FLOOR_KIND_COUNT; kind++) {
            floor_context *c = ARENA_NEW(&m->work, floor_context, 1);
            *c = (floor_context){.set = m->floor, .size = size, .kind = (floor_kind)kind, .loads = m->n.floor_loads};
            (void)task_add(m, (core_task){.name = floor_kind_name((floor_kind)kind),
                                          .run = floor_run,
                                          .context = c,
                                          .slices = m->n.slices});
        }
}

static void tasks_make(measurement *m)
{
    static const struct {
        const char    *name;
        core_pool_kind pool;
        bool           tax;
    } batches[] = {
        {"batch/zipf", CORE_POOL_ZIPF, false},
        {"batch/uniform", CORE_POOL_UNIFORM, false},
        {"batch/unconditional", CORE_POOL_UNCONDITIONAL, false},
        {"batch/tests-1-3", CORE_POOL_FEW, false},
        {"batch/tests-4", CORE_POOL_MANY, false},
        {"batch/identity", CORE_POOL_IDENTITY, false},
        {"batch/default", CORE_POOL_DEFAULT, false},
        {"batch/every-layer", CORE_POOL_EVERY, false},
        {"tax/batch", CORE_POOL_ZIPF, true},
    };
    const core_pool *zipf = &m->pools[CORE_POOL_ZIPF];
    core_task        explain, change;
    tasks_floor(m); /* first: floors are read from the first tasks */
    for (size_t i = 0; i < COUNTOF(batches); i++) {
        const core_pool  *pool = &m->pools[batches[i].pool];
        bool              layered = batches[i].pool == CORE_POOL_DEFAULT || batches[i].pool == CORE_POOL_EVERY;
        const core_world *w = layered ? &m->layered : &m->w;
        if (pool->count == 0) continue;
        mode_add(m, core_batch_task(&m->work, batches[i].name, w, pool, batches[i].tax, m->n.slices), pool);
    }
    mode_add(m, core_batch_plain_task(&m->work, "batch/plain", &m->w, zipf, m->n.slices), zipf);
    mode_add(m, core_chain_task(m->a, "one/chain", &m->w, zipf, false, m->n.slices, m->n.chains, &m->chain), zipf);
    mode_add(m, core_chain_task(m->a, "tax/chain", &m->w, zipf, true, m->n.slices, m->n.chains, &m->chain_tax), zipf);
    mode_add(m, core_fenced_task(m->a, "one/fenced", &m->w, zipf, m->n.slices, m->n.fenced, &m->fenced), zipf);
    mode_add(m,
             core_oracle_task(&m->work, "oracle", &m->w, &m->pools[CORE_POOL_IDENTITY], m->n.heavy_slices, m->n.oracle),
             &m->pools[CORE_POOL_IDENTITY]);
    if (core_explain_task(&m->work, "explain", &m->layered, &m->pools[CORE_POOL_DEFAULT], m->n.heavy_slices,
                          m->n.explained, &explain))
        mode_add(m, explain, &m->pools[CORE_POOL_DEFAULT]);
    mode_add(m, core_compile_task(&m->work, "image/compile", &m->w, m->n.heavy_slices), zipf);
    mode_add(m, core_pairs_task(m->a, "threads", &m->w, zipf, m->floor, m->n.slices, &m->pairs), zipf);
    if (core_change_task(m->a, "change", &m->w, m->r->options.seed, m->n.slices, m->n.change_rounds, &change,
                         &m->change))
        mode_add(m, change, zipf);
}

/* ---- from slices to figures ---- */

static const core_task *mode_task(const core_result *r, const char *name)
{
    for (uint32_t i = 0; i < r->mode_count; i++)
        if (str_is(str_of(r->modes[i].task->name), name)) return r->modes[i].task;
    return NULL;
}

static double figure_wall(measurement *m, const char *name)
{
    const core_task *t = mode_task(m->r, name);
    if (t == NULL) return 0;
    core_spread s = core_spread_wall(t, *m->a);
    (void)core_figure_add(m->r, name, s.median, s);
    return s.median;
}

static void figure_plain(measurement *m, const char *name, double value)
{
    (void)core_figure_add(m->r, name, value, (core_spread){0});
}

static double samples_quantile(core_samples *s, uint64_t num, uint64_t den)
{
    core_sort(s->ns, s->count);
    return core_quantile(s->ns, s->count, num, den);
}

static void figures_floor(measurement *m)
{
    m->r->floor_count = floor_count(m->floor);
    for (uint32_t size = 0; size < m->r->floor_count; size++) {
        m->r->floors[size].bytes = floor_bytes(m->floor, size);
        for (uint32_t kind = 0; kind < FLOOR_KIND_COUNT; kind++)
            m->r->floors[size].ns[kind] = core_spread_wall(&m->tasks[size * FLOOR_KIND_COUNT + kind], *m->a);
    }
}

static void figures_change(measurement *m)
{
    static const char *const names[CORE_CHANGE_COUNT][2] = {{"change/attach-p50", "change/attach-p99"},
                                                            {"change/detach-p50", "change/detach-p99"},
                                                            {"change/update-p50", "change/update-p99"}};
    if (m->change == NULL || m->change->round_count == 0) return;
    for (int kind = 0; kind < CORE_CHANGE_COUNT; kind++) {
        figure_plain(m, names[kind][0], samples_quantile(&m->change->samples[kind], 1, 2));
        figure_plain(m, names[kind][1], samples_quantile(&m->change->samples[kind], 99, 100));
    }
    m->r->change_share = (double)m->change->accounts / ((double)m->change->round_count * (double)m->r->account_count);
}

static void figures_threads(measurement *m)
{
    core_spread  loads = core_spread_of(m->pairs->loads, (uint32_t)m->pairs->count, *m->a);
    core_spread  decisions = core_spread_of(m->pairs->decisions, (uint32_t)m->pairs->count, *m->a);
    core_figure *f;
    m->r->pairs = m->pairs;
    (void)core_figure_add(m->r, "threads/floor", loads.median, loads);
    f = core_figure_add(m->r, "threads/decisions", decisions.median, decisions);
    if (loads.median < THREADS_GOAL) f->withheld = "the memory floor does not scale here";
}

static void figures_layers(measurement *m, double zipf)
{
    if (m->pools[CORE_POOL_EVERY].count == 0) return;
    figure_plain(m, "ratio/default", figure_wall(m, "batch/default") / zipf);
    figure_plain(m, "ratio/every-layer", figure_wall(m, "batch/every-layer") / zipf);
}

static void figures_make(measurement *m)
{
    core_result *r = m->r;
    double       zipf = figure_wall(m, "batch/zipf"), plain, identity, oracle;
    figures_floor(m);
    (void)figure_wall(m, "batch/uniform");
    (void)figure_wall(m, "batch/unconditional");
    (void)figure_wall(m, "batch/tests-1-3");
    (void)figure_wall(m, "batch/tests-4");
    plain = figure_wall(m, "batch/plain");
    figure_plain(m, "ratio/plain", zipf / plain);
    identity = figure_wall(m, "batch/identity");
    figure_plain(m, "ratio/identity", identity / zipf);
    figures_layers(m, zipf);
    (void)figure_wall(m, "tax/batch");
    figure_plain(m, "one/chain-p50", samples_quantile(&m->chain->samples, 1, 2) / AUTHZ_BATCH);
    figure_plain(m, "tax/chain", samples_quantile(&m->chain_tax->samples, 1, 2) / AUTHZ_BATCH);
    figure_plain(m, "one/fenced-p50", samples_quantile(&m->fenced->samples, 1, 2));
    figure_plain(m, "one/fenced-p99", samples_quantile(&m->fenced->samples, 99, 100));
    core_spread slow = core_spread_cpu(mode_task(r, "oracle"), *m->a);
    oracle = core_figure_add(r, "oracle", slow.median, slow)->value;
    figure_plain(m, "ratio/oracle", oracle / identity);
    if (mode_task(r, "explain") != NULL) {
        core_spread explain = core_spread_cpu(mode_task(r, "explain"), *m->a);
        (void)core_figure_add(r, "explain", explain.median, explain);
    }
    core_spread compile = core_spread_cpu(mode_task(r, "image/compile"), *m->a);
    (void)core_figure_add(r, "image/compile", compile.median, compile);
    figure_plain(m, "image/bytes-per-account", (double)r->image.bytes / (double)r->account_count);
    figures_change(m);
    figures_threads(m);
    r->single = m->fenced->samples;
    r->apart = m->fenced->apart;
    r->switches = m->fenced->switches;
    r->clock_ns = m->fenced->clock_ns;
}

/* ---- the run ---- */

/* The sample is shared out among the pools that have requests. */
static status pools_check(measurement *m, err *e)
{
    uint64_t filled = 0;
    for (int i = 0; i < CORE_POOL_COUNT; i++) filled += m->pools[i].count > 0;
    for (int i = 0; i < CORE_POOL_COUNT; i++) {
        uint64_t sample = m->pools[i].count > 0 ? (m->r->options.oracle_sample + filled - 1) / filled : 0;
        bool     layered = i == CORE_POOL_DEFAULT || i == CORE_POOL_EVERY;
        TRY(core_pool_check(layered ? &m->layered : &m->w, &m->pools[i], sample, m->r->options.seed + (uint64_t)i, e));
        m->r->oracle_compared += sample;
    }
    return STATUS_OK;
}

/* Another organization of the same size, with RCPs: its requests are its own. Twice the largest worlds would be too
 * much: there these figures are not measured. */
static status layered_make(measurement *m, const generate_world *world, err *e)
{
    generate_size size = world->size;
    if (size.accounts > LAYERED_ACCOUNTS_MAX) return STATUS_OK;
    size.rcps = LAYERED_RCPS;
    return core_world_make(&m->work, &m->data, world->quota_profile, size, m->r->options.seed, &m->layered, e);
}

static status world_measure(measurement *m, const generate_world *world, err *e)
{
    core_result *r = m->r;
    r->image = m->w.stats;
    r->account_count = org_account_live(m->w.view);
    r->org_bytes = org_bytes(m->w.o);
    r->peak_world_bytes = memory_peak_bytes();
    r->memory_measured = true;
    for (int i = 0; i < MEMORY_SUBSYSTEM_COUNT; i++)
        r->memory_measured = memory_stats_get((memory_subsystem)i, &r->memory[i]) && r->memory_measured;
    TRY(layered_make(m, world, e)); /* after memory was read: the figures are of one world */
    TRY(core_pools_make(&m->work, &m->w, m->layered.g != NULL ? &m->layered : NULL, m->n.requests, r->options.seed,
                        m->pools, e));
    TRY(pools_check(m, e));
    tasks_make(m);
    TRY(core_slices_run(m->a, m->tasks, m->task_count, r->options.seed, e));
    figures_make(m);
    r->peak_bytes = memory_peak_bytes();
    return STATUS_OK;
}

static status worlds_measure(measurement *m, const generate_world *world, err *e)
{
    TRY(core_data_read(&m->work, &m->data, e));
    TRY(core_world_make(&m->work, &m->data, world->quota_profile, world->size, m->r->options.seed, &m->w, e));
    status s = world_measure(m, world, e);
    core_change_free(m->change);
    core_world_free(&m->layered);
    core_world_free(&m->w);
    floor_free(m->floor);
    m->floor = NULL;
    if (s == STATUS_OK && m->r->options.sizes) s = core_sizes_run(m->a, &m->data, &m->r->options, m->r, e);
    return s;
}

status core_run(arena *a, const core_options *options, core_result **out, err *e)
{
    const generate_world *world = generate_world_find(options->world);
    measurement          *m = ARENA_NEW(a, measurement, 1);
    if (world == NULL)
        return err_set(e, STATUS_INVALID, "unknown world `%.*s`, expected `small`, `large`, `quota` or `giant`",
                       STR_FMT(options->world));
    if (!options->quick && (options->requests < 1024 || options->slices < 2))
        return err_set(e, STATUS_INVALID,
                       "%" PRIu64 " requests in %" PRIu32
                       " slices are too few to measure, expected 1024 and 2 at least",
                       options->requests, options->slices);
    *m = (measurement){.a = a, .n = amounts_of(options), .r = ARENA_NEW(a, core_result, 1)};
    m->r->options = *options;
    m->r->options.world = arena_str(a, options->world);
    m->r->options.requests = m->n.requests;
    m->r->options.slices = m->n.slices;
    m->r->size = world->size;
    m->r->quotas = world->quota_profile;
    arena_init(&m->work, MEMORY_GENERAL);
    status s = worlds_measure(m, world, e);
    arena_deinit(&m->work);
    if (s == STATUS_OK) *out = m->r;
    return s;
}
