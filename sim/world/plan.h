/* plan.h - inside this room: whether a plan can be run, and what follows from it. */
#ifndef WORLD_PLAN_H
#define WORLD_PLAN_H

#include "world/world.h"

status   plan_check(const world_plan *plan, const world_options *options, err *e);
uint32_t plan_cell_count(const world_plan *plan);
uint64_t plan_expected(const world_plan *plan); /* requests, from rates alone */

#endif
