/* run_world.h - a small organization that a run can be made of, with a plan that tests change as they like.
 *
 *   root { management 100000000000, ou 1 { account 1 }, ou 2 { account 2 } }
 *
 * SCPs are enabled. Policy 2 denies s3:GetObject and is attached nowhere. Every request is s3:GetObject by an
 * administrator: cells 0, 2 … ask for account 1, cells 1, 3 … for account 2. The plan has one region of two cells of
 * equal weight, service and lag of constant 1 ns, no window and no step.
 */
#ifndef SUPPORT_RUN_WORLD_H
#define SUPPORT_RUN_WORLD_H

#include "world/world.h"

#define RUN_CELLS_MAX 8u
#define RUN_STEPS_MAX 128u

typedef struct {
    arena             a;
    const catalog    *facts;
    authz_vocabulary *v;
    authz_role        role;
    org              *o;
    control          *c;
    action_handle     action;
    world_region      region;
    uint64_t          weights[RUN_CELLS_MAX];
    world_step        steps[RUN_STEPS_MAX];
    world_window      windows[4];
    world_plan        plan; /* looks at the above */
} run_world;

void run_world_init(run_world *w);
void run_world_deinit(run_world *w);

/* A window of the plan, behind those there are. */
void run_window(run_world *w, int64_t start_ns, int64_t length_ns, world_arrival arrival, uint64_t rate_num,
                uint64_t rate_den);
/* A step of the plan, behind those there are; its members are set by the caller: step->command.member[MEMBER_X]. */
world_step *run_step(run_world *w, int64_t at_ns, control_operation op);
void        run_attach(run_world *w, int64_t at_ns, const char *which, const char *target);
void        run_detach(run_world *w, int64_t at_ns, const char *which, const char *target);
void        run_constant(run_world *w, const quantile **q, int64_t ns);

/* Runs the plan, or fails the test. */
void run_it(run_world *w, const world_options *options, world_result *out);

/* Quotas that small worlds never reach. */
extern const quota_profile run_quotas;

#endif
