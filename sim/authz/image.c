#include "authz/image.h"

#include <assert.h>

/* Whether the rows of the image before are a place to start from. */
static const row_tree *tree_before(const authz_store *s, const org_view *view, const authz_image *previous,
                                   org_policy_type type)
{
    const org_change *changes;
    uint32_t          count = org_changes(view, &changes);
    if (previous == NULL || previous->stock != s->stock) return NULL;
    if (previous->revision + 1 != org_view_revision(view)) return NULL;
    for (uint32_t i = 0; i < count; i++)
        if (changes[i].what == ORG_CHANGED_TYPE && changes[i].index == type) return NULL;
    const row_tree *before = type == ORG_TYPE_SCP ? &previous->scps : &previous->rcps;
    return before->accounts == NULL ? NULL : before;
}

/* RCPFullAWSAccess denies nothing: without policies of customers there is nothing to look up. */
static bool has_rcps(const org_view *view)
{
    return org_type_enabled(view, ORG_TYPE_RCP) && org_policy_live(view, ORG_TYPE_RCP) > 0;
}

/* The image holds what it reads, whatever the stock goes on to. */
static void image_bind(authz_image *image)
{
    stock *k = image->stock;
    image->open = k->rows.open;
    image->removed = k->rows.removed;
    slab_retain(image->open);
    image->block = code_block_hold(&k->formulas->pool);
    image->units = image->block->units;
    if (k->units_first == 0) k->units_first = k->formulas->pool.used;
    if (k->own.doubtful == NULL) return;
    size_t bytes = catalog_chunk_count(image->store->facts) * sizeof *image->doubtful;
    image->doubtful = memory_alloc(MEMORY_IMAGE, bytes); /* its own: the stock's grows while this one is read */
    memcpy(image->doubtful, k->own.doubtful, bytes);
}

authz_image *authz_image_build(authz_store *s, const org_view *view, const authz_image *previous)
{
    stock_renew_worn(s);
    stock          *k = s->stock;
    const row_tree *scps = tree_before(s, view, previous, ORG_TYPE_SCP);
    const row_tree *rcps = tree_before(s, view, previous, ORG_TYPE_RCP);
    authz_image    *image = memory_alloc(MEMORY_IMAGE, sizeof *image);
    *image = (authz_image){.roles = k->roles,
                           .layers = &k->layers,
                           .role_count = s->setting.role_count,
                           .account_count = org_account_count(view),
                           .store = s,
                           .stock = k,
                           .view = view,
                           .serial = ++k->rows.serial,
                           .revision = org_view_revision(view),
                           .derived = scps != NULL};
    k->holders++;
    tree_build(k, s->scratch, view, ORG_TYPE_SCP, scps, &image->scps);
    if (has_rcps(view)) tree_build(k, s->scratch, view, ORG_TYPE_RCP, rcps, &image->rcps);
    image->rcps_bind = image->rcps.accounts != NULL && !tree_is_open(k, &image->rcps);
    image->has_removed = tree_leaf_has(&image->scps, LEAF_REMOVED);
    image_bind(image);
    return image;
}

void authz_image_release(authz_store *s, authz_image *image)
{
    if (image == NULL) return;
    assert(image->store == s);
    tree_release(image->stock, &image->scps);
    tree_release(image->stock, &image->rcps);
    row_release(&image->stock->rows, image->open);
    code_block_release(image->block);
    stock_release(image->stock);
    memory_free(MEMORY_IMAGE, image->doubtful);
    memory_free(MEMORY_IMAGE, image);
}

uint32_t authz_image_revision(const authz_image *image)
{
    return image->revision;
}
