/* tree.h - inside this room: the rows of one type of policy, SCPs or RCPs, for one revision.
 *
 *   account --page--> row
 *                     leaf --page--> the same row, and how many accounts have it
 *
 * A leaf is a pair (tree node, own row of the account): the accounts of one OU with the same attachments have one leaf,
 * whose row is made once and held once. Accounts have it beside, so that a decision need not look up the leaf.
 * Leaf ids belong to the store and mean the same in every image.
 */
#ifndef AUTHZ_TREE_H
#define AUTHZ_TREE_H

#include "authz/pages.h"
#include "authz/stock.h"

typedef struct { /* accounts null: there are no such rows */
    account_page **accounts;
    row_page     **leaves, **nodes;
    uint32_t      *contents; /* [policy]: content id, or CONTENT_UNKNOWN until it is met attached */
    uint32_t       account_count, leaf_count, node_count, policy_count;
} row_tree;

#define CONTENT_UNKNOWN UINT32_MAX

#define LEAF_NONE    0u /* of an account that is not there yet                   */
#define LEAF_OPEN    1u /* of an account that policies of the type do not apply to */
#define LEAF_REMOVED 2u /* of SCPs: of one that is in the organization no more      */

static inline uint32_t tree_leaf(const row_tree *t, uint32_t account)
{
    const account_page *page = t->accounts[account >> ACCOUNT_PAGE_LOG2];
    return page->leaf[account & ((1u << ACCOUNT_PAGE_LOG2) - 1)];
}
static inline const row *const *tree_row(const row_tree *t, uint32_t account)
{
    const account_page *page = t->accounts[account >> ACCOUNT_PAGE_LOG2];
    return &page->rows[account & ((1u << ACCOUNT_PAGE_LOG2) - 1)];
}
static inline bool tree_leaf_has(const row_tree *t, uint32_t leaf) /* some account has it */
{
    return leaf < t->leaf_count && t->leaves[leaf >> ROW_PAGE_LOG2]->notes[leaf & ((1u << ROW_PAGE_LOG2) - 1)] > 0;
}
static inline row *const *tree_leaf_row(const row_tree *t, uint32_t leaf)
{
    return &t->leaves[leaf >> ROW_PAGE_LOG2]->rows[leaf & ((1u << ROW_PAGE_LOG2) - 1)];
}

/* before: of the revision before this view's, from the same stock; null: compiled from nothing. */
void tree_build(stock *k, arena scratch, const org_view *view, org_policy_type type, const row_tree *before,
                row_tree *out);
void tree_release(stock *k, row_tree *t);
/* No account that is there has another row than the one that allows everything. */
bool tree_is_open(const stock *k, const row_tree *t);

#endif
