/* output_parts.h - the texts of a run's files, for output.c. All live in `a`.
 */
#ifndef BENCH_OUTPUT_PARTS_H
#define BENCH_OUTPUT_PARTS_H

#include "bench/output.h"

str output_results(arena *a, const output_run *run);
str output_timing(arena *a, const output_run *run);
str output_analysis(arena *a, const output_run *run); /* analysis.c */

/* The tables, by file name. Null where a run has none (decide.csv without a clock). */
typedef struct {
    const char *file;
    str (*text)(arena *a, const output_run *run);
} output_table;
extern const output_table output_tables[];
extern const uint32_t     output_table_count;

#endif
