/* report_data.h - what a report is made of: results.json, and timing.json and analysis.json where they are there, read
 * back from a run's folder and checked. Texts live as long as the data; a text that was null is empty.
 */
#ifndef BENCH_REPORT_DATA_H
#define BENCH_REPORT_DATA_H

#include "base/document.h"
#include "policy/request.h"

typedef struct {
    uint64_t count, clipped;
    int64_t  min_ns, p50_ns, p90_ns, p99_ns, p999_ns, max_ns;
} report_quantiles;

typedef struct {
    str              name;
    uint64_t         cells, attempts;
    int64_t          busy_ns, windows_ns;
    report_quantiles response;
} report_region;

typedef struct {
    str      kind, layer, level_name;
    uint64_t level, decisions;
} report_denial;

typedef struct {
    uint64_t number, revision;
    str      operation, label, exception, reason, detail; /* exception empty: accepted */
    int64_t  at_ns, lag_50_ns, lag_99_ns, lag_100_ns, last_stale_ns;
    uint64_t stale_allow, stale_deny, stale_neutral;
    double   allow_low, allow_high, deny_low, deny_high; /* of analysis.json */
} report_change;

typedef struct {
    str  says;
    bool holds;
} report_law;

typedef struct {
    str kind, name, digest;
} report_file;

typedef struct {
    str     name;
    int64_t real_ns, cpu_ns;
} report_phase;

typedef struct {
    str      name;
    uint64_t allocated_bytes, resident_bytes;
} report_memory;

#define REPORT_LAWS      3
#define REPORT_DOCUMENTS 3

typedef struct {
    /* provenance */
    str          version, commit, scenario, description, seed, epoch, profile, lag, service, digest;
    str          reproduce, reproduce_here; /* with the path as it was given; empty in folders of older runs */
    str          profile_source, profile_confidence, lag_source, lag_confidence;
    bool         has_sources;               /* of profile and lag; older runs did not keep them, */
    bool         has_rcps, has_diagnostics; /* nor these */
    str          quota_name, quota_date, quota_source, quota_confidence;
    bool         commit_dirty;
    report_file *files;
    size_t       file_count;
    /* org */
    uint64_t revision, accounts, ous, scps, rcps, images_built, image_bytes, image_rows, image_formulas;
    /* decisions */
    uint64_t       attempts, allowed, implicitly_denied, explicitly_denied, shed, timed_out, unfinished;
    report_denial *denials;
    size_t         denial_count;
    uint64_t       doubtful, diagnostics[DIAGNOSTIC_COUNT]; /* requests with some; how many of each kind */
    /* queueing */
    report_region    total; /* name empty */
    report_quantiles waiting;
    int64_t          finish_ns;
    report_region   *regions;
    size_t           region_count;
    /* staleness */
    uint64_t       outdated, stale_allow, stale_deny, stale_neutral;
    report_change *changes;
    size_t         change_count;
    bool           has_lag_table; /* lag.csv has rows */
    /* verdict */
    str        run; /* `complete` or `incomplete` */
    report_law laws[REPORT_LAWS];
    uint64_t   verified, mismatched;

    bool   has_analysis;
    double rho, rho_of_busiest, mean_response_ns, mean_waiting_ns, requests_per_second, theory_waiting_ns;
    str    theory_model, theory_refused; /* refused empty: theory_waiting_ns counts */

    bool           has_timing, noisy, virtual_machine;
    str            date, os, kernel, cpu, governor, compiler, flags, build_type, libc, allocator, command;
    uint64_t       cpus, memory_bytes, threads, peak_resident_bytes;
    report_phase  *phases;
    size_t         phase_count;
    double         decisions_per_second, decide_mean_ns, harness_tax; /* tax below 0: not measured */
    int64_t        decide_50_ns, decide_99_ns, decide_999_ns;         /* mean 0: not measured      */
    uint64_t       decide_count;
    report_memory *memory;
    size_t         memory_count;

    document *documents[REPORT_DOCUMENTS];
} report_data;

/* report_data_free after a failure too. */
status report_read(arena *a, const char *folder, report_data *out, err *e);
void   report_data_free(report_data *r);

#endif
