/* core_result.h - inside `bench core`: what a measurement leaves, for the table, the JSON and the other files. */
#ifndef BENCH_CORE_RESULT_H
#define BENCH_CORE_RESULT_H

#include "bench/core.h"
#include "bench/core_change.h"
#include "bench/core_modes.h"
#include "bench/floor.h"

typedef enum { CORE_UNIT_NS, CORE_UNIT_BYTES, CORE_UNIT_TIMES } core_unit;

typedef struct {
    const char *name;  /* of benchmarks[]: `batch/zipf`     */
    const char *label; /* for people: `batch of 64, Zipf` */
    core_unit   unit;
    double      value;
    core_spread spread; /* of slices; median 0: there is none */
    double      goal;   /* 0: none for this world */
    bool        at_least;
    const char *withheld; /* why the figure is not quoted, else null */
} core_figure;

#define CORE_FIGURES_MAX 40

typedef struct {
    uint64_t    bytes;
    core_spread ns[FLOOR_KIND_COUNT];
} core_floor;

typedef struct { /* one size and mode of the sweep */
    generate_size size;
    const char   *mode;
    core_spread   ns;
    uint64_t      image_bytes;
} core_size_row;

typedef struct { /* a mode's own task with what its requests were */
    const core_task *task;
    uint64_t         requests, denied, tests;
} core_mode;

#define CORE_MODES_MAX 20

struct core_result {
    core_options      options;
    generate_size     size;
    const char       *quotas;
    authz_image_stats image;
    uint64_t          account_count, org_bytes, oracle_compared;
    core_figure       figures[CORE_FIGURES_MAX];
    uint32_t          figure_count;
    core_mode         modes[CORE_MODES_MAX];
    uint32_t          mode_count;
    core_floor        floors[FLOOR_SIZES_MAX];
    uint32_t          floor_count;
    const core_pairs *pairs;
    core_samples      single; /* ns of one decision, ascending */
    uint64_t          apart, switches;
    int64_t           clock_ns;
    double            change_share; /* of accounts below the OUs that were changed */
    uint64_t          peak_world_bytes, peak_bytes;
    memory_stats      memory[MEMORY_SUBSYSTEM_COUNT]; /* after the world was made */
    bool              memory_measured;
    core_size_row    *sizes;
    uint32_t          size_count;
};

core_figure *core_figure_add(core_result *r, const char *name, double value, core_spread spread);
core_figure *core_figure_find(const core_result *r, const char *name); /* null: not measured */
/* Whether the goal is kept; by how much it is missed, in per cent. */
bool core_figure_kept(const core_figure *f, double *missed_percent);

/* The sweep: makes each organization, measures all interleaved, frees them. */
status core_sizes_run(arena *a, const core_data *data, const core_options *options, core_result *r, err *e);

#endif
