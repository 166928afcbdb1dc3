/* random_run.h - runs, all drawn: run n of a seed is always the same. A random organization, steps of every kind that
 * control knows (some of which AWS refuses), windows, regions, cells, service times and lags.
 *
 * Requests come from a pool, so that a reference can remember what it worked out for each.
 */
#ifndef SUPPORT_RANDOM_RUN_H
#define SUPPORT_RANDOM_RUN_H

#include "support/random_world.h"
#include "world/world.h"

#define RANDOM_REGIONS  3u
#define RANDOM_CELLS    12u
#define RANDOM_WINDOWS  3u
#define RANDOM_STEPS    1100u
#define RANDOM_REQUESTS 128u /* half of them for mix 0, half for mix 1 */

typedef struct {
    random_world  world;
    control      *c;
    world_region  regions[RANDOM_REGIONS];
    uint64_t      weights[RANDOM_CELLS];
    world_window  windows[RANDOM_WINDOWS];
    world_step    steps[RANDOM_STEPS];
    authz_request requests[RANDOM_REQUESTS];
    world_plan    plan; /* looks at the above */
} random_run;

void random_run_init(random_run *r, const catalog *facts, const authz_vocabulary *v, chance c);
void random_run_deinit(random_run *r);

/* Which of the pool request n of a cell is. */
uint32_t random_run_request(const random_run *r, uint32_t mix, uint32_t cell, uint64_t n);

#endif
