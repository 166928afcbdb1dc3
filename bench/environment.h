/* environment.h - where something was measured: machine, compiler, load; and the clock to measure with. */
#ifndef BENCH_ENVIRONMENT_H
#define BENCH_ENVIRONMENT_H

#include "base/document.h"

typedef struct {
    str      host_os, kernel, cpu, governor, compiler, flags, build_type, libc, allocator, commit, date;
    bool     commit_dirty, virtual_machine;
    uint32_t cpus;
    uint64_t cache_bytes[4]; /* L1d, L1i, L2, L3 as the system states them; 0 unknown */
    uint64_t memory_bytes;
    double   load[3];
    bool     noisy; /* scaling governor, virtual machine or load above the idle share: figures carry a warning */
} environment;

void     environment_read(arena *a, environment *out);
void     environment_write(out_node          *context,
                           const environment *env); /* the members of google/benchmark's context and ours */
int64_t  clock_wall_ns(void);                       /* monotonic            */
int64_t  clock_cpu_ns(void);                        /* of this process      */
int64_t  clock_overhead_ns(void);                   /* of reading clock_wall_ns: median of many */
uint64_t memory_peak_bytes(void);                   /* resident, of this process */

#endif
