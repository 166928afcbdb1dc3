/* image.h - inside this room: one revision compiled for reading. */
#ifndef AUTHZ_IMAGE_H
#define AUTHZ_IMAGE_H

#include "authz/tree.h"

struct authz_image { /* what decisions read comes first */
    row_tree            scps;
    const role_plan    *roles;
    row                *open;        /* of roles that SCPs do not bind                     */
    const row          *removed;     /* of accounts that are in the organization no more   */
    const code_unit    *units;       /* what codes point into                              */
    bool                rcps_bind;   /* some account has RCPs that say something           */
    bool                has_removed; /* some account is in the organization no more      */
    bool                derived;     /* built from the image before                        */
    uint32_t            account_count, role_count;
    const layer_tables *layers;
    row_tree            rcps;
    code_block         *block;
    stock              *stock;
    const authz_store  *store;
    const org_view     *view;
    uint64_t           *doubtful; /* [chunk] actions of statements that may leave something unevaluated; null: none */
    uint32_t            serial, revision;
};

static inline uint32_t image_leaf(const authz_image *image, uint32_t account)
{
    return tree_leaf(&image->scps, account);
}
static inline const row *const *image_row(const authz_image *image, uint32_t account)
{
    return tree_row(&image->scps, account);
}

/* One part of a call that names several resources, as a request of its own. */
authz_request request_part(const authz_image *image, const authz_request *q, uint32_t part);
/* authz_request_case of a request with one resource, and what the view has for it: levels and management account. */
void request_case_in_view(arena *a, const authz_image *image, const authz_request *q, policy_case *c);

#endif
