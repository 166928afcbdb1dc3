/* merge.h - inside this room: what cells and workers counted becomes one result; and whether it adds up. */
#ifndef WORLD_MERGE_H
#define WORLD_MERGE_H

#include "world/cell.h"

/* Histograms of the shapes that workers and the result share. */
hist *merge_hist_times(arena *a, const world_plan *plan);
hist *merge_hist_decide(arena *a);

/* Fills totals, cells, charges of changes, bins, histograms and the digest. */
void merge_result(arena *a, const stage *s, world_result *out);

/* The law of conservation: STATUS_INTERNAL with the first equation that does not hold. */
status merge_check(const stage *s, const world_result *r, err *e);

#endif
