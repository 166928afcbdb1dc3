/* check_world.h - one random world, all its revisions: images against the oracle, and against each other.
 *
 * At each revision an image is derived from the one before; at times the store begins anew. Checked are
 *   answers   of the derived image, of one compiled from nothing in a store of its own, and of an older image that is
 *             still held, for random requests
 *   sharing   derived and fully built image of one store give every account the same row; two revisions that claim the
 *             same row for an account have the same oracle answers there
 *   figures   authz_image_stats_get agrees between the two and does not contradict itself; costs are 0 just where
 *             nothing is asked
 *   memory    freeing the store asserts that no row or page is left
 */
#ifndef SUPPORT_CHECK_WORLD_H
#define SUPPORT_CHECK_WORLD_H

#include "support/random_world.h"

typedef struct {
    random_sizes sizes;
    uint32_t     revisions; /* after revision 0            */
    uint32_t     requests;  /* by revision, <= AUTHZ_BATCH * 64 */
} check_options;

typedef struct {
    uint64_t compared; /* oracle answers, each against at least one image */
    uint64_t seen[3];  /* of which kind                                   */
    uint64_t by_layer[LAYER_ENDPOINT + 1];
    uint64_t by_scp, by_level[ORG_CHAIN_MAX], conditional, doubtful, same_rows, images;
} check_counts;

/* Adds to *counts. The first difference ends it: false, with a description in `a`. */
bool check_world(arena *a, const catalog *facts, const authz_vocabulary *v, chance c, check_options options,
                 check_counts *counts, str *difference);

#endif
