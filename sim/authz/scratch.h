/* scratch.h - inside this room: one bump arena a thread, for the few tests that have to build text. */
#ifndef AUTHZ_SCRATCH_H
#define AUTHZ_SCRATCH_H

#include "base/arena.h"

/* A copy, so that returning releases what was taken; made on a thread's first call, freed at the thread's end. */
arena scratch_get(void);

#endif
