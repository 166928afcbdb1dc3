#include "base/file.h"
#include "bench/core_result.h"

#define SIZE_REQUESTS (UINT64_C(1) << 18)
#define SIZE_SLICES   9u

/* As `large`: an OU and an SCP for every five accounts; as `giant` caps them: no more than 20,000. */
static const generate_size sweep[] = {
    {.accounts = 100, .ous = 20, .scps = 20},
    {.accounts = 1000, .ous = 200, .scps = 200},
    {.accounts = 10000, .ous = 2000, .scps = 2000},
    {.accounts = 100000, .ous = 20000, .scps = 20000},
};
static const generate_size sweep_quick[] = {
    {.accounts = 20, .ous = 4, .scps = 8},
    {.accounts = 60, .ous = 12, .scps = 12},
};

static const struct {
    const char    *name;
    core_pool_kind pool;
} batches[] = {
    {"batch/zipf", CORE_POOL_ZIPF}, {"batch/uniform", CORE_POOL_UNIFORM}, {"batch/identity", CORE_POOL_IDENTITY}};

#define SIZE_MODES (COUNTOF(batches) + 1) /* and chains */

typedef struct {
    core_world   w;
    core_pool    pools[CORE_POOL_COUNT];
    core_single *chain;
} sized;

static status sizes_measure(arena *a, arena *work, const core_data *data, const core_options *options,
                            const generate_size *sizes, uint32_t count, sized *worlds, core_result *r, err *e)
{
    uint32_t   slices = options->quick ? 2 : SIZE_SLICES;
    uint64_t   requests = options->quick ? 512 : SIZE_REQUESTS;
    core_task *tasks = ARENA_NEW(a, core_task, count * SIZE_MODES), *t = tasks;
    for (uint32_t i = 0; i < count; i++) {
        sized *s = &worlds[i];
        TRY(core_world_make(work, data, "unlimited", sizes[i], options->seed, &s->w, e));
        TRY(core_pools_make(work, &s->w, NULL, requests, options->seed, s->pools, e));
        TRY(core_pool_check(&s->w, &s->pools[CORE_POOL_IDENTITY], options->oracle_sample / 8, options->seed, e));
        for (size_t k = 0; k < COUNTOF(batches); k++)
            *t++ = core_batch_task(work, batches[k].name, &s->w, &s->pools[batches[k].pool], false, slices);
        *t++ = core_chain_task(work, "one/chain", &s->w, &s->pools[CORE_POOL_ZIPF], false, slices, requests / 4,
                               &s->chain);
    }
    TRY(core_slices_run(a, tasks, (uint32_t)(count * SIZE_MODES), options->seed, e));
    r->sizes = ARENA_NEW(a, core_size_row, count * SIZE_MODES);
    for (uint32_t i = 0; i < count * SIZE_MODES; i++) {
        const sized  *s = &worlds[i / SIZE_MODES];
        core_size_row row = {.size = sizes[i / SIZE_MODES], .mode = tasks[i].name, .image_bytes = s->w.stats.bytes};
        if (i % SIZE_MODES == SIZE_MODES - 1) {
            core_sort(s->chain->samples.ns, s->chain->samples.count);
            row.ns.median = (double)core_quantile(s->chain->samples.ns, s->chain->samples.count, 1, 2) / AUTHZ_BATCH;
        } else {
            row.ns = core_spread_wall(&tasks[i], *a);
        }
        r->sizes[r->size_count++] = row;
    }
    return STATUS_OK;
}

status core_sizes_run(arena *a, const core_data *data, const core_options *options, core_result *r, err *e)
{
    const generate_size *sizes = options->quick ? sweep_quick : sweep;
    uint32_t             count = options->quick ? COUNTOF(sweep_quick) : COUNTOF(sweep);
    sized               *worlds = ARENA_NEW(a, sized, count);
    arena                work;
    arena_init(&work, MEMORY_GENERAL);
    status s = sizes_measure(a, &work, data, options, sizes, count, worlds, r, e);
    for (uint32_t i = 0; i < count; i++) core_world_free(&worlds[i].w);
    arena_deinit(&work);
    return s;
}

status core_write_sizes(const core_result *r, const char *path, err *e)
{
    file_writer *w;
    if (r->size_count == 0) return err_set(e, STATUS_INVALID, "no sizes were measured");
    TRY(file_writer_open(path, &w, e));
    FILE *to = file_stream(w);
    (void)fprintf(to, "accounts,ous,scps,mode,ns_per_decision,decisions_per_second,image_bytes\n");
    for (uint32_t i = 0; i < r->size_count; i++) {
        const core_size_row *row = &r->sizes[i];
        (void)fprintf(to, "%u,%u,%u,%s,%.2f,%.0f,%llu\n", row->size.accounts, row->size.ous, row->size.scps, row->mode,
                      row->ns.median, 1e9 / row->ns.median, (unsigned long long)row->image_bytes);
    }
    return file_writer_commit(w, e);
}
