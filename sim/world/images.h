/* images.h - inside this room: the images of the revisions that a round may read.
 *
 * Alive are the revisions from the oldest one that a cell is at to the newest one that the round can meet: staleness
 * asks all of them. What lies before is released, in the org too, but for revision 0 (reports describe it) and the
 * newest. Where more than IMAGES_SKIPPED_MAX revisions are needed by nobody, the next one is compiled from nothing.
 */
#ifndef WORLD_IMAGES_H
#define WORLD_IMAGES_H

#include "world/world.h"

#define IMAGES_SKIPPED_MAX 64u

typedef struct {
    org              *o;
    authz_store      *store;
    authz_image     **at; /* [revision_last + 1], null: not alive                   */
    uint32_t          oldest, newest;
    uint32_t          org_oldest; /* beside revision 0, all from here on are held by the org */
    uint64_t          built;
    authz_image_stats first; /* of revision 0 */
} image_range;

void images_init(image_range *m, arena *a, const world_plan *plan, uint32_t revision_last); /* builds revision 0 */
void images_deinit(image_range *m);
void images_move(image_range *m, uint32_t oldest, uint32_t newest); /* neither goes backwards */

#endif
