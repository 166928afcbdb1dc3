/* output.h - what a run leaves in its folder.
 *
 *   results.json    orgsim.results/1: integers and exact ratios only, canonical member order, no date, no host: equal
 *                   scenario, seed and commit give equal bytes
 *   timing.json     orgsim.timing/1: what was measured, with the environment; a superset of google/benchmark's JSON
 *   analysis.json   orgsim.analysis/1: derived figures, in floating point
 *   response.hlog   virtual response time, HdrHistogram V2 log, base time 0; decide.hlog: measured, when there is one
 *   *.csv           tidy: one metric per row (summary, changes, lag, series, levels, cells, response; decide: measured)
 *
 * Writing  each file to a temporary name, then renamed; the folder is made. What an earlier run left under these names
 *          is removed first and results.json is written last, so that a folder that has it is whole and of one run.
 */
#ifndef BENCH_OUTPUT_H
#define BENCH_OUTPUT_H

#include "bench/environment.h"
#include "workloads/scenario.h"

#define ORGSIM_RESULTS_SCHEMA  "orgsim.results/1"
#define ORGSIM_TIMING_SCHEMA   "orgsim.timing/1"
#define ORGSIM_ANALYSIS_SCHEMA "orgsim.analysis/1"

typedef struct {        /* wall clock, ns; the cpu times are the process's, 0: not measured */
    int64_t read_ns;    /* scenario read, organization and requests made */
    int64_t run_ns;     /* timeline and cells                            */
    int64_t compile_ns; /* image of revision 0, measured apart; 0: not   */
    int64_t read_cpu_ns, run_cpu_ns, compile_cpu_ns;
} output_phases;

typedef struct {
    const scenario     *scenario;
    const scenario_set *sets; /* as given to scenario_read, for `reproduce` */
    uint32_t            set_count;
    const world_result *result;
    uint32_t            threads;
    output_phases       phases;
    const environment  *environment;
    const char         *invocation; /* the command line, for timing.json */
} output_run;

status output_write(const char *folder, const output_run *run, err *e);

/* The summary for the terminal, at most `columns` wide, and as one JSON object. Text lives in `a`. */
str output_summary(arena *a, const output_run *run, const char *folder, uint32_t columns);
str output_summary_json(arena *a, const output_run *run, const char *folder);

#endif
