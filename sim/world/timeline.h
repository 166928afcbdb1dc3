/* timeline.h - inside this room: the steps, applied before any cell runs, and the log of revisions they leave. */
#ifndef WORLD_TIMELINE_H
#define WORLD_TIMELINE_H

#include "world/world.h"

typedef struct {
    uint32_t  revision_last;
    int64_t  *commit_ns; /* [revision_last + 2], ascending; of revision 0 and after the last: the ends of time */
    uint32_t *step;      /* [revision_last + 1]: the step that made a revision; none for revision 0             */
} change_log;

#define TIME_BEGIN INT64_MIN
#define TIME_END   INT64_MAX

/* Applies plan->steps through plan->c; fills changes[step_count] but for what cells add, and the log. */
void timeline_apply(arena *a, const world_plan *plan, world_change *changes, change_log *log);

#endif
