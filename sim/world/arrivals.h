/* arrivals.h - inside this room: when the requests of a cell arrive.
 *
 * Poisson   time is cut into slots in which ARRIVAL_MEAN requests of the cell are expected: slot k of a cell of rate
 *           r goes from floor(k * ARRIVAL_MEAN / r) to the next one's begin, counted from the start of the run. Its
 *           number of arrivals and their times in it depend on (cell, slot) alone; a window keeps those that lie in
 *           it. So a window may be split and nothing moves. All cells share one table of Poisson counts, whatever
 *           their rates. Windows of equal rate have the same slots; those of another rate draw elsewhere (their
 *           `grid`), lest one be a stretched copy of the other.
 * Constant  arrival j of a cell of rate r is at floor(j / r) + phase, j counted from the start of the run, phase =
 *           floor(weights of the cells before it / all weights * 1 / r): equal cells take turns, so that all together
 *           are evenly spaced to within 2 ns.
 * Rates     r = rate_num / rate_den * cell_weight / all weights, exactly. At most ARRIVAL_RATE_MAX requests a second.
 *           A cell so slow that its slot or step would last 36 years has no arrivals; refused when that is true of all.
 * Draws     RNG_ARRIVAL_COUNT: n = grid * 2^60 + slot. RNG_ARRIVAL_TIME: n = grid * 2^60 + slot * 2^7 + i / 2, the
 *           first word pair for even i, the second for odd. Sorted afterwards.
 */
#ifndef WORLD_ARRIVALS_H
#define WORLD_ARRIVALS_H

#include "world/spacing.h"
#include "world/world.h"

#define ARRIVAL_MEAN     32u
#define ARRIVAL_SLOT_MAX 256u
#define ARRIVAL_RATE_MAX 100000000u
#define ARRIVAL_GRIDS    16u

typedef struct { /* of all cells; read only */
    const world_plan *plan;
    uint32_t          cell_count;
    uint64_t         *weight_before; /* [cells + 1]                        */
    uint64_t         *grid;          /* [windows], shifted to where it goes */
    quantile         *counts;
} arrival_table;

status arrival_table_make(arena *a, const world_plan *plan, uint32_t cell_count, arrival_table *out, err *e);

typedef struct { /* where a cell stands; all zero: at the beginning */
    uint32_t window;
    bool     inside; /* the window was entered: slot and step hold */
    uint32_t taken;  /* arrivals of the slot that are done with    */
    uint64_t slot;
    spacing  step; /* of slots, or of constant arrivals */
} arrival_cursor;

typedef struct { /* what is left of one slot: at[next] to at[count - 1], all of one window */
    const arrival_table *table;
    uint32_t             cell, next, count;
    arrival_cursor       cursor;
    int64_t              at[ARRIVAL_SLOT_MAX];
} arrival_reader;

void           arrival_open(arrival_reader *r, const arrival_table *table, uint32_t cell, arrival_cursor cursor);
arrival_cursor arrival_close(const arrival_reader *r);
/* Reads the next slot that has an arrival; called when next == count. False: there are no more arrivals. */
bool arrival_fill(arrival_reader *r);

#endif
