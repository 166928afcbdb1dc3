/* worlds.h - generated organizations for tests. */
#ifndef SUPPORT_WORLDS_H
#define SUPPORT_WORLDS_H

#include "support/support.h"
#include "workloads/data.h"
#include "workloads/generate.h"

/* The profile and quotas inside the program; fail the test when they cannot be read. */
profile      *support_profile(arena *a, const catalog *facts, const char *name);
quota_profile support_quotas(arena *a, const char *name);

typedef struct {
    org     *o;
    control *c;
} support_world;
/* A named world, or one of any size; fails the test when it cannot be made. */
support_world support_world_named(arena *a, const profile *p, const catalog *facts, const char *name, uint64_t seed);
support_world support_world_sized(arena *a, const profile *p, const catalog *facts, generate_size size, uint64_t seed);
void          support_world_free(support_world *w);

#endif
