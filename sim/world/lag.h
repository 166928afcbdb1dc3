/* lag.h - inside this room: when a cell sees a revision. */
#ifndef WORLD_LAG_H
#define WORLD_LAG_H

#include "world/timeline.h"

#define LAGS_KEPT_MAX (UINT64_C(1) << 22) /* cells * accepted changes whose lags the result holds, 32 MiB */

/* visible(revision, cell) of world.h, from that of the revision before; the end of time after the last revision. */
int64_t lag_visible(const world_plan *plan, const change_log *log, uint32_t cell, uint32_t revision, int64_t before_ns);

/* Lags of every accepted change: by cell, and over cells. */
void lag_report(arena *a, const world_plan *plan, const change_log *log, uint32_t cell_count, world_change *changes);

#endif
