/* scenario_read.h - inside this room: the parts of a scenario file, each read by one file. */
#ifndef WORKLOADS_SCENARIO_READ_H
#define WORKLOADS_SCENARIO_READ_H

#include "base/intern.h"
#include "workloads/data.h"
#include "workloads/scenario.h"

#define SCENARIO_NAME_MAX 64u

/* One entry of `workload/scenarios`. */
typedef struct {
    str           name, mix_name;
    const node   *mix_node; /* where it is named, or the entry */
    world_arrival arrival;
    uint64_t      rate_num, rate_den; /* per second */
    uint32_t      mix;
} scenario_arrivals;

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
    /* Until the profile is read, a window's `mix` is the index of its arrivals. */
    scenario_arrivals *arrivals;
    world_window      *windows;
    size_t             arrivals_count;
    document          *profile_text; /* the profile may view it: lives as long as the scenario */
    scenario_file     *files;
    size_t             file_count, file_capacity;
} scenario_reader;

/* A member that must be a string of 1..max bytes. */
status read_text(scenario_reader *r, const node *n, size_t max, str *out);
/* The same for a member that may be absent: *out is then as it was. */
status read_optional_text(scenario_reader *r, const node *n, size_t max, str *out);
status read_count(scenario_reader *r, const node *n, uint32_t min, uint32_t max, uint32_t *out);
/* The `schema` of a file must be the wanted one. */
status need_schema(const document *d, const char *wanted, err *e);
/* `source` and `confidence` of a model's own file, left as they are where it names none. */
status read_origin(scenario_reader *r, const document *d, str *source_text, str *confidence);
/* Exactly one of two members must be there. */
status need_either(scenario_reader *r, const node *n, const char *one, const char *other);
/* A policy as `Content` is written: an object, or a string. */
status need_content(scenario_reader *r, const node *n);
/* A time for people, exact: `1.5 s`, `250 us`. */
str time_text(arena *a, int64_t ns);

/* Letters, digits, `-`, `_` and `.`, the first a letter or a digit: for names that become those of files. */
bool plain_name(str text);
/* That `$name` has the form of a name and may be bound: not `$root`, not bound before. */
status name_check(scenario_reader *r, const node *n, str name);
/* Binds `$name`, checked. id ptr null: known at run time. */
status name_bind(scenario_reader *r, const node *n, str name, str id);
bool   name_is(str text); /* starts with `$` */
/* The id that a `$name` stands for: `$root`, `$management`, or what was bound. Any other text is itself, unless it is
 * a bound name without its `$`: no id of AWS looks like one. */
status name_resolve(scenario_reader *r, const node *n, str text, str *id);

/* A file that provenance names. */
void file_note(scenario_reader *r, const char *kind, str name, const source *text);

/* What a call that knows no place complained of, at the value that caused it. */
status error_at(scenario_reader *r, const node *n, const err *why);

status read_organization(scenario_reader *r, const node *n); /* scenario_organization.c, scenario_inline.c */
status read_inline(scenario_reader *r, const node *n);
/* Catalogue and profile, and what waits for it: mixes. It takes time, so where it can it comes last. */
status read_profile(scenario_reader *r, const node *n);
status read_evaluators(scenario_reader *r, const node *n); /* scenario_model.c */
status read_propagation(scenario_reader *r, const node *n);
status read_workload(scenario_reader *r, const node *n); /* scenario_workload.c */
status read_mixes(scenario_reader *r);
status read_measure(scenario_reader *r, const node *n);
status read_timeline(scenario_reader *r, const node *n); /* scenario_timeline.c */

#endif
