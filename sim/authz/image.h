/* image.h - inside this room: one revision compiled for reading, and the store that its parts live in.
 *
 *   account --page--> row
 *                     leaf --page--> the same row, and how many accounts have it
 *
 * A leaf is a pair (tree node, own row of the account): the accounts of one OU with the same attachments have one leaf,
 * whose row is made once and held once. Accounts have it beside, so that a decision need not look up the leaf.
 * Leaf ids belong to the store and mean the same in every image.
 */
#ifndef AUTHZ_IMAGE_H
#define AUTHZ_IMAGE_H

#include "authz/row.h"

#define ACCOUNT_PAGE_LOG2 10
#define ROW_PAGE_LOG2     8

typedef struct {
    const row *rows[1 << ACCOUNT_PAGE_LOG2]; /* the leaves hold them */
    uint32_t   leaf[1 << ACCOUNT_PAGE_LOG2];
} account_page;

typedef struct {
    row     *rows[1 << ROW_PAGE_LOG2];  /* null: no such node; a leaf without accounts */
    uint32_t notes[1 << ROW_PAGE_LOG2]; /* own row of a node; number of accounts of a leaf */
} row_page;

#define LEAF_NONE 0u /* of an account that is not there yet                   */
#define LEAF_OPEN 1u /* of an account that SCPs do not apply to, or removed   */

typedef struct {
    uint32_t node, own;
} leaf_place;

typedef struct {              /* a role, ready for deciding */
    const uint32_t *identity; /* [chunk] cells or codes */
    bool            unbound;  /* SCPs do not bind it    */
} role_plan;

/* What images share. It only grows: what a policy said once stays compiled. So when much was added since its first
 * image, the store begins a new one; the old one lives as long as images of it do. */
typedef struct {
    formula_table *formulas;
    own_table      own;
    row_table      rows;
    role_plan     *roles;
    arena          a;
    leaf_place    *leaves;
    size_t         leaf_count, leaf_capacity;
    idmap         *leaf_ids; /* (node, own row) -> leaf */
    uint32_t      *parents;  /* [node] */
    size_t         parent_count, parent_capacity;
    size_t         holders;     /* the store, and images                                  */
    size_t         units_first; /* of codes, after its first image; 0: there is none yet */
} stock;

struct authz_store {
    const catalog          *facts;
    const authz_vocabulary *v;
    authz_setting           setting;
    stock                  *stock;
    arena                   scratch;
};

void stock_release(stock *k);
/* Begins a new stock if the present one has grown out of proportion. */
void stock_renew_worn(authz_store *s);

struct authz_image { /* what decisions read comes first */
    account_page     **accounts;
    row_page         **leaves;
    const role_plan   *roles;
    row               *open;  /* of roles that SCPs do not bind */
    const code_unit   *units; /* what codes point into           */
    uint32_t           account_count, leaf_count, node_count, policy_count;
    uint32_t           role_count;
    code_block        *block;
    stock             *stock;
    const authz_store *store;
    const org_view    *view;
    row_page         **nodes;
    uint32_t          *contents; /* [policy]: content id, or CONTENT_UNKNOWN until it is met attached */
    uint32_t           serial, revision;
    bool               derived; /* built from the image before */
};

#define CONTENT_UNKNOWN UINT32_MAX

/* One part of a call that names several resources, as a request of its own. */
authz_request request_part(const authz_image *image, const authz_request *q, uint32_t part);

static inline uint32_t image_leaf(const authz_image *image, uint32_t account)
{
    const account_page *page = image->accounts[account >> ACCOUNT_PAGE_LOG2];
    return page->leaf[account & ((1u << ACCOUNT_PAGE_LOG2) - 1)];
}
static inline const row *const *image_row(const authz_image *image, uint32_t account)
{
    const account_page *page = image->accounts[account >> ACCOUNT_PAGE_LOG2];
    return &page->rows[account & ((1u << ACCOUNT_PAGE_LOG2) - 1)];
}
static inline row *const *image_leaf_row(const authz_image *image, uint32_t leaf)
{
    return &image->leaves[leaf >> ROW_PAGE_LOG2]->rows[leaf & ((1u << ROW_PAGE_LOG2) - 1)];
}

#endif
