/* run_reference.h - a run worked out the slow way: one request after the other, every revision kept, every answer from
 * the oracle, every unseen revision asked. Shares with the engine the moments of arrival alone (test_arrivals).
 */
#ifndef SUPPORT_RUN_REFERENCE_H
#define SUPPORT_RUN_REFERENCE_H

#include "support/random_run.h"

/* Applies the steps to r's organization. Fills what is the same for every run: not images, not what is measured, and
 * verified for the ratio given. */
void run_reference(random_run *r, uint64_t verify_num, uint64_t verify_den, arena *a, world_result *out);

/* Whether two results are the same; else *text (in `a`) says where they first differ. */
bool run_same(arena *a, const world_result *got, const world_result *want, str *text);

#endif
