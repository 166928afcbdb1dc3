/* check_doubts.h - what a run counts as not evaluated against every request looked at as text, in worlds of a few
 * statements: where many may leave something unevaluated an image asks the text of nearly everything, and cannot err.
 */
#ifndef SUPPORT_CHECK_DOUBTS_H
#define SUPPORT_CHECK_DOUBTS_H

#include "support/random_world.h"

typedef struct {
    uint64_t compared, doubtful; /* requests; of those with something not evaluated */
    uint64_t by_kind[DIAGNOSTIC_COUNT];
    uint64_t worlds, clear, in_vain; /* clear: no request need be looked at; in_vain: some were, and had nothing */
} doubt_counts;

/* Adds to *counts. The first difference ends it: false, with a description in `a`. */
bool check_doubts(arena *a, const catalog *facts, const authz_vocabulary *v, chance c, uint32_t requests,
                  doubt_counts *counts, str *difference);

#endif
