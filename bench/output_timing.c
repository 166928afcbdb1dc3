/* timing.json: what was measured, where, and how much of it was the harness. */
#include "bench/output_parts.h"

#include "bench/output_figures.h"

/* A row of google/benchmark: tools/compare.py reads it. */
static out_node *write_row(out_node *list, const char *name, uint64_t iterations, double real_ns, int64_t cpu_ns)
{
    out_node *row = out_object(list, NULL);
    out_text(row, "name", name);
    out_text(row, "run_name", name);
    out_text(row, "run_type", "iteration");
    out_u64(row, "repetitions", 1);
    out_u64(row, "repetition_index", 0);
    out_u64(row, "iterations", iterations);
    out_real(row, "real_time", real_ns);
    if (cpu_ns > 0) out_real(row, "cpu_time", (double)cpu_ns);
    out_text(row, "time_unit", "ns");
    return row;
}

static double hist_total(const hist *h)
{
    uint64_t high = 0, low = 0;
    hist_sum(h, &high, &low);
    return (double)high * 0x1p64 + (double)low;
}

static void write_rows(out_node *top, const output_run *run)
{
    const output_phases *p = &run->phases;
    const world_result  *r = run->result;
    out_node            *list = out_array(top, "benchmarks");
    write_row(list, "read", 1, (double)p->read_ns, p->read_cpu_ns);
    if (p->compile_ns > 0) write_row(list, "compile", 1, (double)p->compile_ns, p->compile_cpu_ns);
    out_node *row = write_row(list, "run", 1, (double)p->run_ns, p->run_cpu_ns);
    out_u64(row, "threads", run->threads);
    out_u64(row, "requests", r->totals.attempts);
    if (p->run_ns > 0) out_real(row, "items_per_second", (double)r->totals.attempts * 1e9 / (double)p->run_ns);
    if (r->decide_ns == NULL || hist_count(r->decide_ns) == 0) return;
    uint64_t count = hist_count(r->decide_ns);
    row = write_row(list, "decide", count, hist_total(r->decide_ns) / (double)count, 0);
    out_i64(row, "p50", hist_quantile(r->decide_ns, 1, 2));
    out_i64(row, "p90", hist_quantile(r->decide_ns, 9, 10));
    out_i64(row, "p99", hist_quantile(r->decide_ns, 99, 100));
    out_i64(row, "p99.9", hist_quantile(r->decide_ns, 999, 1000));
    out_i64(row, "max", hist_max(r->decide_ns));
    out_u64(row, "clipped", hist_clipped(r->decide_ns));
}

/* The share of the threads' time that did not decide: making requests, queues, staleness, counting. */
static void write_harness(out_node *top, const output_run *run)
{
    const hist *h = run->result->decide_ns;
    double      available = (double)run->phases.run_ns * run->threads;
    if (h == NULL || hist_count(h) == 0 || available <= 0) {
        out_null(top, "harness");
        return;
    }
    double    decide_ns = hist_total(h) / (double)hist_count(h) * (double)output_decided(&run->result->totals);
    out_node *to = out_object(top, "harness");
    out_real(to, "decide_ns", decide_ns);
    out_real(to, "threads_ns", available);
    out_real(to, "tax", decide_ns < available ? 1 - decide_ns / available : 0);
}

static void write_memory(out_node *top)
{
    out_node *to = out_object(top, "memory");
    uint64_t  peak = memory_peak_bytes();
    if (peak > 0)
        out_u64(to, "peak_resident_bytes", peak);
    else
        out_null(to, "peak_resident_bytes");
    out_node    *list = out_array(to, "subsystems");
    memory_stats stats;
    for (int i = 0; i < MEMORY_SUBSYSTEM_COUNT; i++) {
        if (!memory_stats_get((memory_subsystem)i, &stats)) continue; /* under sanitizers: not measured */
        out_node *row = out_object(list, NULL);
        out_text(row, "name", memory_name((memory_subsystem)i));
        out_u64(row, "allocated_bytes", stats.allocated_bytes);
        out_u64(row, "resident_bytes", stats.resident_bytes);
    }
}

/* Here and not in results.json: how many were checked is the command line's wish, not the scenario's. */
static void write_verify(out_node *top, const world_counts *totals)
{
    out_node *to = out_object(top, "verify");
    out_u64(to, "verified", totals->verified);
    out_u64(to, "mismatched", totals->mismatched);
}

str output_timing(arena *a, const output_run *run)
{
    document *d = document_new_object();
    out_node *top = document_out(d);
    out_text(top, "schema", ORGSIM_TIMING_SCHEMA);
    out_node *context = out_object(top, "context");
    environment_write(context, run->environment);
    out_text(context, "executable", "orgsim");
    out_text(context, "command", run->invocation == NULL ? "" : run->invocation);
    out_str(context, "reproduce", output_reproduce(a, run, true)); /* with the path, as results.json may not */
    out_u64(context, "threads", run->threads);
    out_i64(context, "clock_overhead_ns", clock_overhead_ns());
    write_rows(top, run);
    write_harness(top, run);
    write_verify(top, &run->result->totals);
    write_memory(top);
    str text = document_print(a, d);
    document_free(d);
    return text;
}
