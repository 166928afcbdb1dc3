/* floor.h - the hardware floor: what this machine takes for loads and nothing else. A decision touches k lines of a
 * working set; k loads of the same kind are the time that no code can beat.
 *
 * Chase       each load's address is what the load before it gave: latency. The lines of the working set form one
 *             random cycle, so that no prefetcher guesses the next.
 * Prefetched  64 addresses are asked for, then read: what staged batches get. Making the addresses (two multiplications
 *             each) is part of the figure.
 * Stream      one word of every line, in order: what reading prepared requests costs.
 * Pages       of the size the program's own tables get, so misses of address translation are in the figures too.
 * Threads     a set is read only once made; any number of threads may load from it.
 */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include "base/arena.h"

#define FLOOR_LINE_BYTES 64u
#define FLOOR_BYTES_MIN  (16u << 10)
#define FLOOR_SIZES_MAX  16u

typedef enum { FLOOR_CHASE, FLOOR_PREFETCHED, FLOOR_STREAM, FLOOR_KIND_COUNT } floor_kind;
const char *floor_kind_name(floor_kind kind); /* `chase`, `prefetched`, `stream` */

typedef struct floor_set floor_set;

/* Working sets of FLOOR_BYTES_MIN and four times as many each, up to bytes_max. */
floor_set *floor_new(uint64_t bytes_max, uint64_t seed);
void       floor_free(floor_set *f);
uint32_t   floor_count(const floor_set *f);
uint64_t   floor_bytes(const floor_set *f, uint32_t size);

/* `count` loads from a working set; equal starts load the same lines. Gives a sum that needs every load. */
uint64_t floor_load(const floor_set *f, uint32_t size, floor_kind kind, uint64_t start, uint64_t count);

#endif
