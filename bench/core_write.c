#include "base/file.h"
#include "bench/core_result.h"

#include <assert.h>
#include <inttypes.h>

static void spread_write(out_node *to, core_spread s)
{
    out_real(to, "median", s.median);
    out_real(to, "min", s.min);
    out_real(to, "max", s.max);
    out_real(to, "mad", s.mad);
}

/* ---- benchmarks[]: every slice as a repetition, then their median, as google/benchmark writes them ---- */

static out_node *benchmark_begin(arena *a, out_node *list, const core_result *r, const core_task *t, const char *suffix,
                                 const char *type)
{
    str       name = arena_format(a, "core/%.*s/%s", STR_FMT(r->options.world), t->name);
    out_node *b = out_object(list, NULL);
    out_str(b, "name", arena_format(a, "%.*s%s", STR_FMT(name), suffix));
    out_str(b, "run_name", name);
    out_text(b, "run_type", type);
    out_u64(b, "repetitions", t->slices);
    out_u64(b, "threads", str_is(str_of(t->name), "threads") ? 2 : 1);
    return b;
}

static void mode_write(arena *a, out_node *list, const core_result *r, const core_mode *mode)
{
    const core_task *t = mode->task;
    for (uint32_t i = 0; i < t->slices; i++) {
        out_node *b = benchmark_begin(a, list, r, t, "", "iteration");
        double    n = (double)t->kept[i].iterations;
        out_u64(b, "repetition_index", i);
        out_u64(b, "iterations", t->kept[i].iterations);
        out_real(b, "real_time", (double)t->kept[i].wall_ns / n);
        out_real(b, "cpu_time", (double)t->kept[i].cpu_ns / n);
        out_text(b, "time_unit", "ns");
        if (t->kept[i].apart > 0) out_u64(b, "blocks_apart", t->kept[i].apart);
    }
    out_node   *b = benchmark_begin(a, list, r, t, "_median", "aggregate");
    core_spread wall = core_spread_wall(t, *a), cpu = core_spread_cpu(t, *a);
    out_text(b, "aggregate_name", "median");
    out_u64(b, "iterations", t->slices);
    out_real(b, "real_time", wall.median);
    out_real(b, "cpu_time", cpu.median);
    out_text(b, "time_unit", "ns");
    spread_write(b, wall);
    out_u64(b, "requests", mode->requests);
    out_u64(b, "denied", mode->denied);
    out_u64(b, "tests", mode->tests);
    out_str(b, "answers", arena_format(a, "%016" PRIx64, t->kept[0].hash));
}

/* ---- figures, pairs, floor, memory ---- */

static void figures_write(out_node *list, const core_result *r)
{
    static const char *const units[] = {"ns", "bytes", "times"};
    for (uint32_t i = 0; i < r->figure_count; i++) {
        const core_figure *f = &r->figures[i];
        out_node          *o = out_object(list, NULL);
        double             missed;
        out_text(o, "name", f->name);
        out_text(o, "label", f->label);
        out_text(o, "unit", units[f->unit]);
        out_real(o, "value", f->value);
        if (f->spread.median > 0) spread_write(o, f->spread);
        if (f->withheld != NULL) out_text(o, "withheld", f->withheld);
        if (f->goal <= 0) continue;
        out_real(o, "goal", f->goal);
        out_text(o, "goal_is", f->at_least ? "at least" : "at most");
        if (f->withheld == NULL) out_bool(o, "kept", core_figure_kept(f, &missed));
    }
}

static void pairs_write(out_node *list, const core_result *r)
{
    for (size_t i = 0; i < r->pairs->count; i++) {
        out_node *pair = out_object(list, NULL);
        out_text(pair, "name", "two threads over one");
        out_real(pair, "decisions", r->pairs->decisions[i]);
        out_real(pair, "floor", r->pairs->loads[i]);
    }
}

static void floor_write(out_node *list, const core_result *r)
{
    for (uint32_t i = 0; i < r->floor_count; i++) {
        out_node *size = out_object(list, NULL);
        out_u64(size, "bytes", r->floors[i].bytes);
        for (int kind = 0; kind < FLOOR_KIND_COUNT; kind++)
            spread_write(out_object(size, floor_kind_name((floor_kind)kind)), r->floors[i].ns[kind]);
    }
}

static void memory_write(out_node *to, const core_result *r)
{
    out_u64(to, "peak_bytes", r->peak_bytes);
    out_u64(to, "peak_world_bytes", r->peak_world_bytes);
    out_u64(to, "image_bytes", r->image.bytes);
    out_u64(to, "row_bytes", r->image.row_bytes);
    out_u64(to, "org_bytes", r->org_bytes);
    if (!r->memory_measured) {
        out_text(to, "subsystems", "not measured");
        return;
    }
    out_node *subsystems = out_object(to, "subsystems");
    for (int i = 0; i < MEMORY_SUBSYSTEM_COUNT; i++) {
        out_node *s = out_object(subsystems, memory_name((memory_subsystem)i));
        out_u64(s, "allocated_bytes", r->memory[i].allocated_bytes);
        out_u64(s, "resident_bytes", r->memory[i].resident_bytes);
    }
}

/* What the design has a goal for and this measurement no figure. */
static void missing_write(out_node *list)
{
    out_text(list, NULL, "request line of strict JSON to decision: the core takes no request as text");
    out_text(list, NULL, "end to end: `orgsim bench SCENARIO` measures it");
}

/* ---- single decisions: every value with its count ---- */

static void single_write(out_node *to, const core_result *r)
{
    out_u64(to, "count", r->single.count);
    out_u64(to, "apart", r->apart);
    out_u64(to, "apart_beyond_ns", CORE_APART_NS);
    out_u64(to, "involuntary_switches", r->switches);
    out_i64(to, "clock_ns", r->clock_ns);
    out_node *histogram = out_array(to, "histogram"); /* [ns, count], ascending */
    for (size_t i = 0, end; i < r->single.count; i = end) {
        out_node *pair = out_array(histogram, NULL);
        for (end = i; end < r->single.count && r->single.ns[end] == r->single.ns[i]; end++) continue;
        out_u64(pair, NULL, r->single.ns[i]);
        out_u64(pair, NULL, end - i);
    }
}

static void world_write(arena *a, out_node *to, const core_result *r)
{
    out_str(to, "world", r->options.world);
    out_text(to, "quota_profile", r->quotas);
    out_str(to, "seed", arena_format(a, "0x%" PRIx64, r->options.seed));
    out_u64(to, "accounts", r->size.accounts);
    out_u64(to, "ous", r->size.ous);
    out_u64(to, "scps", r->size.scps);
    out_u64(to, "requests", r->options.requests);
    out_u64(to, "slices", r->options.slices);
    out_u64(to, "slices_dropped", 1);
    out_u64(to, "oracle_compared", r->oracle_compared);
    out_u64(to, "rows", r->image.rows);
    out_u64(to, "formulas", r->image.formulas);
    out_u64(to, "atoms", r->image.atoms);
    out_real(to, "changed_share", r->change_share);
}

static void sizes_write(out_node *list, const core_result *r)
{
    for (uint32_t i = 0; i < r->size_count; i++) {
        const core_size_row *row = &r->sizes[i];
        out_node            *o = out_object(list, NULL);
        out_u64(o, "accounts", row->size.accounts);
        out_u64(o, "ous", row->size.ous);
        out_u64(o, "scps", row->size.scps);
        out_text(o, "mode", row->mode);
        spread_write(out_object(o, "ns"), row->ns);
        out_u64(o, "image_bytes", row->image_bytes);
    }
}

status core_write(const core_result *r, const environment *env, const char *path, err *e)
{
    document *d = document_new_object();
    out_node *root = document_out(d);
    arena     scratch;
    arena_init(&scratch, MEMORY_GENERAL);
    out_node *context = out_object(root, "context");
    environment_write(context, env);
    world_write(&scratch, out_object(context, "core"), r);
    out_node *benchmarks = out_array(root, "benchmarks");
    for (uint32_t i = 0; i < r->mode_count; i++) mode_write(&scratch, benchmarks, r, &r->modes[i]);
    figures_write(out_array(root, "figures"), r);
    pairs_write(out_array(root, "pairs"), r);
    floor_write(out_array(root, "floor"), r);
    memory_write(out_object(root, "memory"), r);
    single_write(out_object(root, "single_decision"), r);
    missing_write(out_array(root, "not_measured"));
    if (r->size_count > 0) sizes_write(out_array(root, "sizes"), r);
    status s = file_write(path, document_print(&scratch, d), e);
    arena_deinit(&scratch);
    document_free(d);
    return s;
}

/* ---- service time ---- */

/* Knots at every per cent, then towards the tail as far as there are ten samples beyond. */
static uint32_t knots_make(const core_samples *s, uint64_t (*knots)[2])
{
    uint32_t count = 0;
    for (uint64_t i = 0; i < 100; i++) {
        knots[count][0] = i;
        knots[count++][1] = 100;
    }
    for (uint64_t den = 1000; den <= 10000000 && s->count / den >= 10; den *= 10) {
        knots[count][0] = den - 1;
        knots[count++][1] = den;
    }
    knots[count][0] = 1;
    knots[count++][1] = 1;
    return count;
}

status core_export_service_time(const core_result *r, const char *path, err *e)
{
    uint64_t  knots[112][2];
    uint32_t  count = knots_make(&r->single, knots);
    document *d = document_new_object();
    out_node *root = document_out(d);
    arena     scratch;
    arena_init(&scratch, MEMORY_GENERAL);
    out_text(root, "schema", "orgsim.quantile/1");
    out_str(root, "source",
            arena_format(&scratch,
                         "orgsim bench core, world %.*s, seed 0x%" PRIx64 ": %zu single decisions, the clock's %" PRId64
                         " ns subtracted; %" PRIu64 " beyond %u ns left out",
                         STR_FMT(r->options.world), r->options.seed, r->single.count, r->clock_ns, r->apart,
                         CORE_APART_NS));
    out_node *list = out_array(root, "knots");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t  ns = core_quantile(r->single.ns, r->single.count, knots[i][0], knots[i][1]);
        out_node *knot = out_object(list, NULL);
        out_str(knot, "p", arena_format(&scratch, "%" PRIu64 "/%" PRIu64, knots[i][0], knots[i][1]));
        out_str(knot, "value", arena_format(&scratch, "%" PRIu32 "ns", ns));
    }
    status s = file_write(path, document_print(&scratch, d), e);
    arena_deinit(&scratch);
    document_free(d);
    return s;
}
