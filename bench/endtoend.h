/* endtoend.h - `orgsim bench`: a scenario's whole run, measured: read, simulate; on one thread and on several.
 *
 * Method   as in core_slices.h: repetitions on one and on several threads are interleaved in a random order, the first
 *          of each is dropped, medians are printed. Every repetition must give the same digest: STATUS_INTERNAL
 *          otherwise.
 * Memory   peak resident bytes are of the whole process.
 */
#ifndef BENCH_ENDTOEND_H
#define BENCH_ENDTOEND_H

#include "bench/environment.h"
#include "workloads/scenario.h"

typedef struct {
    str              scenario; /* path or name                       */
    scenario_options options;
    uint32_t         threads;     /* beside one                      */
    uint32_t         repetitions; /* kept, for each number of threads */
} endtoend_options;

typedef struct endtoend_result endtoend_result;

status endtoend_run(arena *a, const endtoend_options *options, endtoend_result **out, err *e);
status endtoend_write(const endtoend_result *r, const environment *env, const char *path, err *e);
str    endtoend_table(arena *a, const endtoend_result *r, uint32_t columns);

#endif
