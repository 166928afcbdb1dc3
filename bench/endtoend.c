#include "bench/endtoend.h"

#include <inttypes.h>

#include "base/file.h"
#include "bench/core_slices.h"

typedef struct {
    const endtoend_options *options;
    uint32_t                threads;
    uint64_t                expected, requests; /* of the first repetition of all; 0: none yet */
    uint64_t               *expected_of_all;
    double                 *read_ns; /* [repetitions], in order */
    uint32_t                read_count;
    uint64_t                accounts, changes;
} lane;

struct endtoend_result {
    str         scenario;
    uint32_t    threads, repetitions;
    uint64_t    requests, accounts, changes, digest_low, peak_bytes;
    core_task   tasks[2];
    core_spread run[2], read, pair; /* ns per request; ns; ratio of one thread's time to several threads' */
};

static status lane_repeat(lane *l, bool dropped, core_slice *out, arena *a, err *e)
{
    scenario     *s = NULL;
    world_result  result = {0};
    world_options options = {.threads = l->threads};
    int64_t       begin = clock_wall_ns();
    TRY(scenario_read(a, l->options->scenario, l->options->options, &s, e));
    if (!dropped) l->read_ns[l->read_count++] = (double)(clock_wall_ns() - begin);
    l->accounts = org_account_live(org_at(s->o, 0));
    core_watch watch = core_watch_start();
    status     code = world_run(a, &s->plan, &options, &result, e);
    l->requests = result.totals.attempts;
    l->changes = result.change_count;
    core_watch_stop(watch, l->requests > 0 ? l->requests : 1, out);
    if (*l->expected_of_all == 0) *l->expected_of_all = result.digest.low;
    out->hash = result.digest.low;
    out->expected = *l->expected_of_all;
    scenario_free(s);
    return code;
}

static status lane_run(void *context, bool dropped, core_slice *out, err *e)
{
    arena a; /* of one repetition */
    arena_init(&a, MEMORY_GENERAL);
    status s = lane_repeat(context, dropped, out, &a, e);
    arena_deinit(&a);
    return s;
}

status endtoend_run(arena *a, const endtoend_options *options, endtoend_result **out, err *e)
{
    endtoend_result *r = ARENA_NEW(a, endtoend_result, 1);
    uint32_t         count = options->repetitions, lanes = options->threads > 1 ? 2 : 1;
    uint64_t         expected = 0;
    lane             lane_of[2];
    double          *pairs = ARENA_NEW(a, double, count);
    for (uint32_t i = 0; i < lanes; i++) {
        lane_of[i] = (lane){.options = options,
                            .threads = i == 0 ? 1 : options->threads,
                            .expected_of_all = &expected,
                            .read_ns = ARENA_NEW(a, double, count)};
        r->tasks[i] = (core_task){i == 0 ? "run/one-thread" : "run/threads", lane_run, &lane_of[i], count, NULL};
    }
    TRY(core_slices_run(a, r->tasks, lanes, 1, e));
    r->scenario = arena_str(a, options->scenario);
    r->threads = lanes == 2 ? options->threads : 1;
    r->repetitions = count;
    r->requests = lane_of[0].requests;
    r->accounts = lane_of[0].accounts;
    r->changes = lane_of[0].changes;
    r->digest_low = expected;
    r->peak_bytes = memory_peak_bytes();
    r->read = core_spread_of(lane_of[0].read_ns, lane_of[0].read_count, *a);
    for (uint32_t i = 0; i < lanes; i++) r->run[i] = core_spread_wall(&r->tasks[i], *a);
    for (uint32_t i = 0; i < count && lanes == 2; i++)
        pairs[i] = (double)r->tasks[0].kept[i].wall_ns / (double)r->tasks[1].kept[i].wall_ns;
    if (lanes == 2) r->pair = core_spread_of(pairs, count, *a);
    *out = r;
    return STATUS_OK;
}

/* ---- files and table ---- */

static void benchmark_write(out_node *list, str name, uint64_t threads, uint64_t iterations, double ns, core_spread s)
{
    out_node *b = out_object(list, NULL);
    out_str(b, "name", name);
    out_str(b, "run_name", name);
    out_text(b, "run_type", "aggregate");
    out_text(b, "aggregate_name", "median");
    out_u64(b, "threads", threads);
    out_u64(b, "iterations", iterations);
    out_real(b, "real_time", ns);
    out_text(b, "time_unit", "ns");
    out_real(b, "min", s.min);
    out_real(b, "max", s.max);
    out_real(b, "mad", s.mad);
    if (iterations > 1) out_real(b, "items_per_second", 1e9 / ns);
}

status endtoend_write(const endtoend_result *r, const environment *env, const char *path, err *e)
{
    document *d = document_new_object();
    out_node *top = document_out(d);
    arena     a;
    arena_init(&a, MEMORY_GENERAL);
    out_text(top, "schema", "orgsim.timing/1");
    environment_write(out_object(top, "context"), env);
    out_node *list = out_array(top, "benchmarks");
    benchmark_write(list, arena_format(&a, "read/%.*s", STR_FMT(r->scenario)), 1, 1, r->read.median, r->read);
    for (uint32_t i = 0; i < (r->threads > 1 ? 2u : 1u); i++)
        benchmark_write(list, arena_format(&a, "run/%.*s", STR_FMT(r->scenario)), i == 0 ? 1 : r->threads, r->requests,
                        r->run[i].median, r->run[i]);
    if (r->threads > 1) {
        out_node *pair = out_object(out_array(top, "pairs"), NULL);
        out_text(pair, "name", "one thread's time / several threads'");
        out_u64(pair, "threads", r->threads);
        out_real(pair, "median", r->pair.median);
        out_real(pair, "min", r->pair.min);
        out_real(pair, "max", r->pair.max);
        out_real(pair, "mad", r->pair.mad);
    }
    out_node *memory = out_object(top, "memory");
    out_u64(memory, "peak_resident_bytes", r->peak_bytes);
    status s = file_write(path, document_print(&a, d), e);
    arena_deinit(&a);
    document_free(d);
    return s;
}

str endtoend_table(arena *a, const endtoend_result *r, uint32_t columns)
{
    bool wide = columns >= 60;
    str  t = arena_format(a, "%.*s: %" PRIu64 " accounts, %" PRIu64 " changes,%s%" PRIu64 " requests\n\n",
                          STR_FMT(r->scenario), r->accounts, r->changes, wide ? " " : "\n", r->requests);
    t = arena_format(a, "%.*sread and compile   %8.2f s\n", STR_FMT(t), r->read.median * 1e-9);
    for (uint32_t i = 0; i < (r->threads > 1 ? 2u : 1u); i++) {
        uint32_t threads = i == 0 ? 1 : r->threads;
        double   seconds = r->run[i].median * 1e-9 * (double)r->requests, rate = 1e3 / r->run[i].median;
        t = arena_format(a, "%.*srun, %3u thread%s   %8.2f s%s%.2f M requests/s, %.2f M per core\n", STR_FMT(t),
                         threads, threads > 1 ? "s" : " ", seconds, wide ? "   " : "\n  ", rate,
                         rate / (double)threads);
    }
    if (r->threads > 1) t = arena_format(a, "%.*sspeed-up, pairs    %8.2f x\n", STR_FMT(t), r->pair.median);
    return arena_format(a, "%.*speak memory        %8.0f MiB\n\n%u repetitions of each, medians; equal digests\n",
                        STR_FMT(t), (double)r->peak_bytes / 1048576, r->repetitions);
}
