/* output_figures.h - figures that several outputs need: quantiles, sums by region, laws, the slowest change; integers.
 */
#ifndef BENCH_OUTPUT_FIGURES_H
#define BENCH_OUTPUT_FIGURES_H

#include "bench/output.h"

typedef struct {
    uint64_t count, clipped;
    int64_t  min_ns, p50_ns, p90_ns, p99_ns, p999_ns, max_ns;
} output_quantiles;

/* shift: what the histogram's maker added to each value. All zero when empty. */
output_quantiles output_quantiles_of(const hist *h, int64_t shift);

/* Whether the num/den quantile of `count` values, of which `clipped` were above the histogram's limit, is such a one:
 * what is known of it is that it is greater. */
bool output_beyond(uint64_t count, uint64_t clipped, uint64_t num, uint64_t den);

/* The steps of a percentile spectrum, as HdrHistogram prints it: every halving of the rest above in 20 steps, up to the
 * greatest value. The percentile is below_num / below_den. */
typedef struct {
    uint64_t below_num, below_den;
    int64_t  value;
} output_step;
uint32_t output_spectrum(arena *a, const hist *h, const output_step **out);

int64_t output_windows_ns(const world_plan *plan); /* of all windows together */

/* The work of the cells, together and of the busiest, against what they can do in the windows; above 1: overload. */
typedef struct {
    double mean, busiest;
} output_load;
output_load output_load_of(const world_plan *plan, const world_result *r);

uint64_t     output_denied(const world_counts *c);
uint64_t     output_decided(const world_counts *c);
world_counts output_sum(const world_result *r, uint32_t region); /* UINT32_MAX: of all cells */

/* The laws of a run (world.h): each cell's attempts are accounted for, cells sum to the totals, stale decisions charged
 * to changes sum to the totals. */
typedef struct {
    bool attempts_accounted, cells_sum, stale_sum;
} output_laws;
output_laws output_laws_of(const world_result *r);

/* Accepted changes by the time until 99 % of cells saw them, earlier ones first on a tie; -1 when none was accepted. */
int64_t output_slowest_change(const world_result *r);
int64_t output_fastest_change(const world_result *r);

/* `level 0 (root)`, `level 1`, … `level 6 (account)` for layers whose policies attach to nodes; empty for others. */
str output_level_name(arena *a, decision_layer layer, uint32_t level);

/* `orgsim run NAME --seed 0x… --set path=value`. A scenario that is not the one inside the program is NAME.json or,
 * where paths may stand and it has one, the path as it was given. */
str output_reproduce(arena *a, const output_run *run, bool with_path);

#endif
