#include "world/images.h"

#include <assert.h>

static void build(image_range *m, uint32_t revision)
{
    const authz_image *before = revision == m->newest + 1 ? m->at[m->newest] : NULL;
    m->at[revision] = authz_image_build(m->store, org_at(m->o, revision), before);
    m->newest = revision;
    m->built++;
}

/* Images first: they read the view of their revision. */
static void release_before(image_range *m, uint32_t oldest)
{
    for (; m->oldest < oldest && m->oldest <= m->newest; m->oldest++) {
        authz_image_release(m->store, m->at[m->oldest]);
        m->at[m->oldest] = NULL;
    }
    m->oldest = oldest;
    for (; m->org_oldest < oldest; m->org_oldest++)
        if (m->org_oldest > 0) org_release(m->o, m->org_oldest);
}

void images_init(image_range *m, arena *a, const world_plan *plan, uint32_t revision_last)
{
    *m = (image_range){.o = plan->o,
                       .store = authz_store_new(plan->facts, plan->v, plan->setting),
                       .at = ARENA_NEW(a, authz_image *, revision_last + 1),
                       .built = 1};
    m->at[0] = authz_image_build(m->store, org_at(m->o, 0), NULL);
    authz_image_stats_get(m->store, m->at[0], &m->first);
}

void images_deinit(image_range *m)
{
    release_before(m, org_revision(m->o));
    if (m->newest == m->oldest) authz_image_release(m->store, m->at[m->newest]);
    authz_store_free(m->store);
}

void images_move(image_range *m, uint32_t oldest, uint32_t newest)
{
    assert(oldest >= m->oldest);
    assert(newest >= oldest);
    if (oldest > m->newest + IMAGES_SKIPPED_MAX) {
        release_before(m, oldest);
        build(m, oldest);
    }
    while (m->newest < newest) {
        build(m, m->newest + 1);
        release_before(m, oldest < m->newest ? oldest : m->newest);
    }
    release_before(m, oldest);
}
