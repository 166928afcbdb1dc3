/* scenario_read.h - inside this room: the parts of a scenario file, each read by one file. */
#ifndef WORKLOADS_SCENARIO_READ_H
#define WORKLOADS_SCENARIO_READ_H

#include "base/intern.h"
#include "workloads/data.h"
#include "workloads/scenario.h"

#define SCENARIO_NAME_MAX  64u
#define SCENARIO_FILES_MAX 256u

typedef struct {
    arena          *a;
    scenario       *s;
    const document *d;
    err            *e;
    uint64_t        seed;
    uint32_t        accounts_max;
    /* `$name`s of the file and the ids they stand for; ptr null: bound by a step of the timeline, known at run time */
    intern_table    *names;
    str             *name_ids;
    size_t           name_count, name_capacity;
    generate_region *regions;
    document        *profile_text; /* the profile may view it: lives as long as the scenario */
    scenario_file    files[SCENARIO_FILES_MAX];
    uint32_t         file_count;
} scenario_reader;

/* A member that must be a string of 1..max bytes. */
status read_text(scenario_reader *r, const node *n, size_t max, str *out);
/* The same for a member that may be absent: *out is then as it was. */
status read_optional_text(scenario_reader *r, const node *n, size_t max, str *out);
status read_count(scenario_reader *r, const node *n, uint32_t min, uint32_t max, uint32_t *out);

/* Binds `$name` (its form is checked); a second binding is an error. id ptr null: known at run time. */
status name_bind(scenario_reader *r, const node *n, str name, str id);
bool   name_is(str text); /* starts with `$` */
/* The id that a `$name` stands for: `$root`, `$management`, or what was bound. Any other text is itself. */
status name_resolve(scenario_reader *r, const node *n, str text, str *id);

/* A file that provenance names. */
status file_note(scenario_reader *r, const char *kind, str name, const source *text);

/* What a call that knows no place complained of, at the value that caused it. */
status error_at(scenario_reader *r, const node *n, const err *why);

status read_organization(scenario_reader *r, const node *n); /* scenario_organization.c, scenario_inline.c */
status read_inline(scenario_reader *r, const node *n);
status read_evaluators(scenario_reader *r, const node *n); /* scenario_model.c */
status read_propagation(scenario_reader *r, const node *n);
status read_workload(scenario_reader *r, const node *n); /* scenario_workload.c */
status read_measure(scenario_reader *r, const node *n);
status read_timeline(scenario_reader *r, const node *n); /* scenario_timeline.c */

#endif
