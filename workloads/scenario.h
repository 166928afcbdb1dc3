/* scenario.h - a scenario file (`orgsim.scenario/1`, described in results/scenario.schema.json) made ready to run.
 *
 * Reading is strict: unknown keys with "did you mean", kinds, ranges, duplicate ids, references; in `organization` what
 * AWS would refuse is an error with its place; in `timeline` it is data, for control to answer.
 * Memory   scenario_free frees org, control and requests; the arena given owns the rest.
 */
#ifndef WORKLOADS_SCENARIO_H
#define WORKLOADS_SCENARIO_H

#include "workloads/generate.h"

typedef struct {       /* what provenance names */
    str    kind, name; /* `scenario`, `profile`, `quota profile`, `propagation preset`, `quantiles`, `policy` */
    digest digest;
} scenario_file;

typedef struct { /* `--set path=value`, e.g. `workload/scenarios/steady/rate=1000`; value is JSON or a bare word */
    str path, value;
} scenario_set;

typedef struct {
    str                name, description, epoch;               /* epoch as written, `2026-11-01T00:00:00Z` */
    int64_t            epoch_seconds;                          /* Unix */
    str                profile_name, lag_model, service_model; /* for people: `log-normal, median 3.5 s, sigma 0.35` */
    str                lag_source, lag_confidence, profile_source, profile_confidence; /* null where none is named */
    quota_profile      quotas;
    catalog           *facts;
    profile           *profile;
    org               *o;
    control           *c;
    generate_requests *requests;
    str                path; /* where it was read, for places and for paths beside it */
    document          *text, *profile_text;
    digest             as_written; /* of the scenario's text before `--set` */
    const scenario_file *files;
    uint32_t             file_count;
    world_plan           plan; /* views into the above */
} scenario;

typedef struct {
    const uint64_t     *seed; /* wins over the file's; may be null */
    const scenario_set *sets;
    uint32_t            set_count;
    bool                check_only; /* for checking: no requests are made, hence no plan to run */
} scenario_options;

/* path: the name of a scenario inside the program, else a file (`./NAME` where both are there), `-`: standard input.
 * What is wrong with a set is said of it, ``--set foo`: unknown key `foo``; other places are those of the text with the
 * values put in. */
status scenario_read(arena *a, str path, scenario_options options, scenario **out, err *e);
/* The same from text, for tests and fuzzing: sizes above `accounts_max` are refused, and errors of sets have places. */
status scenario_read_text(arena *a, const source *text, scenario_options options, uint32_t accounts_max, scenario **out,
                          err *e);
void   scenario_free(scenario *s);

#endif
