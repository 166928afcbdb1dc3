#include "authz/tree.h"

#include "base/mutant.h"

/* ---- building ---- */

typedef struct {
    stock          *k;
    row_tree       *tree;
    leaf_table     *leaves;
    const org_view *view;
    org_policy_type type;
    bool            bound;   /* policies of the type are enabled               */
    bitset          stale;   /* nodes whose attachments have to be read again  */
    bitset          moved;   /* nodes whose row is another than before         */
    bitset          touched; /* accounts that have another leaf              */
    arena           scratch;
} builder;

static row_page *node_page(const builder *b, uint32_t node)
{
    return b->tree->nodes[node >> ROW_PAGE_LOG2];
}

static uint32_t at(uint32_t index)
{
    return index & ((1u << ROW_PAGE_LOG2) - 1);
}

static uint32_t content_of(builder *b, uint32_t index)
{
    return own_content(&b->k->own, org_policy_content(b->view, index), org_policy_parsed(b->view, index));
}

static uint32_t own_of(builder *b, org_target target)
{
    org_attachments attached = org_attached(b->view, b->type, target);
    arena           scratch = b->scratch;
    uint32_t       *contents = ARENA_NEW(&scratch, uint32_t, attached.count);
    for (uint32_t i = 0; i < attached.count; i++) {
        uint32_t  index = attached.policies[i];
        uint32_t *content = &b->tree->contents[index];
        if (*content == CONTENT_UNKNOWN) *content = content_of(b, index);
        contents[i] = *content;
    }
    return own_row_of(&b->k->own, contents, attached.count, b->type == ORG_TYPE_RCP);
}

static row *row_below(builder *b, row *parent, uint32_t own, uint32_t level)
{
    if (MUTANT(MUTANT_CHAIN_OWN_LEVEL_SKIPPED) && level == 1) own = OWN_ROW_OPEN;
    return row_combine(&b->k->rows, parent, &b->k->own.rows[own], own, level);
}

/* Puts `fresh` (a reference that is handed over) in a row's place; false when it is there already. */
static bool row_put(builder *b, row_page **page, uint32_t index, row *fresh)
{
    if ((*page)->rows[at(index)] == fresh) {
        row_release(&b->k->rows, fresh);
        return false;
    }
    row_page *mine = row_page_own(b->k->rows.pool, page);
    row_release(&b->k->rows, mine->rows[at(index)]);
    mine->rows[at(index)] = fresh;
    return true;
}

/* What is attached to the node, noted; its row follows when all of them are known. */
static void node_read(builder *b, uint32_t node)
{
    row_page **page = &b->tree->nodes[node >> ROW_PAGE_LOG2];
    bool       exists = org_node_exists(b->view, node);
    uint32_t   own = b->bound && exists ? own_of(b, org_target_node(node)) : OWN_ROW_OPEN;
    if (exists) b->k->parents[node] = org_node_parent(b->view, node); /* it never changes */
    if ((*page)->notes[at(node)] != own) row_page_own(b->k->rows.pool, page)->notes[at(node)] = own;
}

static void node_refresh(builder *b, uint32_t node)
{
    row_page **page = &b->tree->nodes[node >> ROW_PAGE_LOG2];
    uint32_t   parent = b->k->parents[node];
    bool       above_moved = parent != ORG_NONE && bitset_get(b->moved, parent);
    if (!bitset_get(b->stale, node) && !above_moved) return;
    row *fresh = NULL;
    if (org_node_exists(b->view, node)) {
        row *above = parent == ORG_NONE ? b->k->rows.open : node_page(b, parent)->rows[at(parent)];
        fresh = row_below(b, above, (*page)->notes[at(node)], org_node_depth(b->view, node));
    }
    if (row_put(b, page, node, fresh)) bitset_set(b->moved, node);
}

/* An account that was removed is one on its own: it may go on asking, and no policy of the organization binds it. */
static uint32_t leaf_of(builder *b, uint32_t account)
{
    uint32_t leaf;
    bool     removed = !org_account_exists(b->view, account);
    if (removed && b->type == ORG_TYPE_SCP) return LEAF_REMOVED;
    if (removed || !b->bound) return LEAF_OPEN;
    if (account == ORG_MANAGEMENT && !MUTANT(MUTANT_MANAGEMENT_NOT_EXEMPT)) return LEAF_OPEN;
    leaf_place where = {org_account_parent(b->view, account), own_of(b, org_target_account(account))};
    uint64_t   key = (uint64_t)where.node << 32 | where.own;
    if (idmap_get(b->leaves->ids, key, &leaf)) return leaf;
    leaf = (uint32_t)b->leaves->count;
    *ARENA_PUSH(&b->k->a, leaf_place, b->leaves->places, b->leaves->count, b->leaves->capacity) = where;
    idmap_put(b->leaves->ids, key, leaf);
    return leaf;
}

/* Leaves are made while accounts are read, so their pages grow with them. */
static void leaf_count_change(builder *b, uint32_t leaf, uint32_t by)
{
    row_tree *t = b->tree;
    if (leaf >= t->leaf_count) {
        uint32_t before = page_count(t->leaf_count, ROW_PAGE_LOG2), now = page_count(leaf + 1, ROW_PAGE_LOG2);
        if (now > before) {
            t->leaves = memory_realloc(MEMORY_IMAGE, t->leaves, before * sizeof *t->leaves, now * sizeof *t->leaves);
            for (uint32_t i = before; i < now; i++) (void)row_page_own(b->k->rows.pool, &t->leaves[i]);
        }
        t->leaf_count = leaf + 1;
    }
    row_page_own(b->k->rows.pool, &t->leaves[leaf >> ROW_PAGE_LOG2])->notes[at(leaf)] += by;
}

static void account_refresh(builder *b, uint32_t account)
{
    uint32_t leaf = leaf_of(b, account), before = tree_leaf(b->tree, account);
    if (leaf == before) return;
    leaf_count_change(b, leaf, 1);
    if (before != LEAF_NONE) leaf_count_change(b, before, UINT32_MAX); /* one less */
    account_page *page = account_page_own(b->k->rows.pool, &b->tree->accounts[account >> ACCOUNT_PAGE_LOG2]);
    page->leaf[account & ((1u << ACCOUNT_PAGE_LOG2) - 1)] = leaf;
    bitset_set(b->touched, account);
}

/* True when accounts that had the leaf before have another row with it now. */
static bool leaf_refresh(builder *b, uint32_t leaf)
{
    row_page **page = &b->tree->leaves[leaf >> ROW_PAGE_LOG2];
    leaf_place where = b->leaves->places[leaf];
    row       *fresh = NULL;
    bool       known = (*page)->rows[at(leaf)] != NULL;
    if (leaf == LEAF_NONE) return false;
    if (leaf == LEAF_REMOVED && (*page)->notes[at(leaf)] > 0) {
        fresh = b->k->rows.removed;
        slab_retain(fresh);
    } else if ((*page)->notes[at(leaf)] > 0) {
        if (known && (where.node == ORG_NONE || !bitset_get(b->moved, where.node))) return false;
        row     *above = where.node == ORG_NONE ? b->k->rows.open : node_page(b, where.node)->rows[at(where.node)];
        uint32_t level = where.node == ORG_NONE ? 0 : org_node_depth(b->view, where.node) + 1;
        fresh = row_below(b, above, where.own, level);
    }
    return row_put(b, page, leaf, fresh) && known;
}

static bool any_touched(const builder *b, uint32_t page)
{
    uint64_t words = 0;
    for (size_t i = (size_t)page << ACCOUNT_PAGE_LOG2; i < (size_t)(page + 1) << ACCOUNT_PAGE_LOG2; i += 64)
        if (i < b->touched.bit_count) words |= b->touched.words[i >> 6];
    return words != 0;
}

/* The accounts of one page whose leaf has another row, or that have another leaf. */
static void account_rows(builder *b, uint32_t number, bitset moved, bool any_moved)
{
    account_page **page = &b->tree->accounts[number], *mine = NULL;
    uint32_t       first = number << ACCOUNT_PAGE_LOG2, count = b->tree->account_count - first;
    bool           touched = any_touched(b, number);
    if (count > 1u << ACCOUNT_PAGE_LOG2) count = 1u << ACCOUNT_PAGE_LOG2;
    if (!any_moved && !touched) return;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t leaf = (*page)->leaf[i];
        if (!bitset_get(moved, leaf) && !(touched && bitset_get(b->touched, first + i))) continue;
        if (mine == NULL) mine = account_page_own(b->k->rows.pool, page);
        mine->rows[i] = *tree_leaf_row(b->tree, leaf);
    }
}

/* Rows of leaves, then of the accounts that have them. */
static void leaves_refresh(builder *b)
{
    bitset moved = bitset_new(&b->scratch, b->tree->leaf_count);
    bool   any_moved = false;
    for (uint32_t leaf = 0; leaf < b->tree->leaf_count; leaf++) {
        if (!leaf_refresh(b, leaf)) continue;
        bitset_set(moved, leaf);
        any_moved = true;
    }
    for (uint32_t i = 0; i < page_count(b->tree->account_count, ACCOUNT_PAGE_LOG2); i++)
        account_rows(b, i, moved, any_moved);
}

/* ---- what changed ---- */

/* A policy's text is another: every place whose own row holds the old content is read again, be it by this policy or
 * by one of the same text. */
static void policy_refresh(builder *b, uint32_t index)
{
    uint32_t *content = &b->tree->contents[index], old = *content;
    *content = CONTENT_UNKNOWN;
    if (old == CONTENT_UNKNOWN) return;
    if (org_policy_exists(b->view, index)) *content = content_of(b, index);
    if (*content == old) return;
    arena  scratch = b->scratch;
    bitset holds = bitset_new(&scratch, b->k->own.row_count);
    own_rows_with(&b->k->own, old, holds);
    for (uint32_t node = 0; node < b->tree->node_count; node++)
        if (bitset_get(holds, node_page(b, node)->notes[at(node)])) bitset_set(b->stale, node);
    bitset   leaves = bitset_new(&scratch, b->tree->leaf_count);
    uint32_t accounts = 0;
    b->scratch = scratch; /* the sets live as long as the build: what reads accounts takes its scratch behind them */
    for (uint32_t leaf = 0; leaf < b->tree->leaf_count; leaf++) {
        uint32_t users = b->tree->leaves[leaf >> ROW_PAGE_LOG2]->notes[at(leaf)];
        if (users == 0 || !bitset_get(holds, b->leaves->places[leaf].own)) continue;
        bitset_set(leaves, leaf);
        accounts += users;
    }
    for (uint32_t account = 0; account < b->tree->account_count && accounts > 0; account++) {
        uint32_t leaf = tree_leaf(b->tree, account);
        if (leaf >= leaves.bit_count || !bitset_get(leaves, leaf)) continue;
        accounts--;
        account_refresh(b, account);
    }
}

static void change_apply(builder *b, org_change change)
{
    switch (change.what) {
    case ORG_CHANGED_TARGET: {
        org_target target = {change.index};
        if (org_target_is_account(target))
            account_refresh(b, org_target_index(target));
        else if (!MUTANT(MUTANT_OU_CHANGE_NOT_SEEN))
            bitset_set(b->stale, org_target_index(target));
        break;
    }
    case ORG_CHANGED_ACCOUNT:
        if (MUTANT(MUTANT_MOVE_KEEPS_CHAIN) && tree_leaf(b->tree, change.index) != LEAF_NONE) break;
        account_refresh(b, change.index);
        break;
    case ORG_CHANGED_NODE: bitset_set(b->stale, change.index); break;
    case ORG_CHANGED_POLICY:
    case ORG_CHANGED_TYPE: break; /* policies went first; a change of type rebuilds everything */
    }
}

/* ---- one tree ---- */

static void tree_begin(builder *b, const row_tree *before)
{
    slab_pool     *pool = b->k->rows.pool;
    row_tree      *t = b->tree;
    const row_tree nothing = {.accounts = NULL};
    if (before == NULL) before = &nothing;
    *t = (row_tree){.account_count = org_account_count(b->view),
                    .leaf_count = before->leaf_count,
                    .node_count = org_node_count(b->view),
                    .policy_count = org_policy_count(b->view)};
    t->accounts = account_pages_new(pool, before->accounts, page_count(before->account_count, ACCOUNT_PAGE_LOG2),
                                    page_count(t->account_count, ACCOUNT_PAGE_LOG2));
    t->leaves = row_pages_new(pool, before->leaves, page_count(before->leaf_count, ROW_PAGE_LOG2),
                              page_count(before->leaf_count, ROW_PAGE_LOG2));
    t->nodes = row_pages_new(pool, before->nodes, page_count(before->node_count, ROW_PAGE_LOG2),
                             page_count(t->node_count, ROW_PAGE_LOG2));
    t->contents = memory_alloc(MEMORY_IMAGE, t->policy_count * sizeof *t->contents);
    for (uint32_t i = 0; i < t->policy_count; i++)
        t->contents[i] = i < before->policy_count ? before->contents[i] : CONTENT_UNKNOWN;
}

void tree_build(stock *k, arena scratch, const org_view *view, org_policy_type type, const row_tree *before,
                row_tree *out)
{
    builder b = {.k = k,
                 .tree = out,
                 .leaves = &k->leaves[type],
                 .view = view,
                 .type = type,
                 .bound = org_type_enabled(view, type),
                 .scratch = scratch};
    tree_begin(&b, before);
    while (k->parent_count < out->node_count)
        *ARENA_PUSH(&k->a, uint32_t, k->parents, k->parent_count, k->parent_capacity) = ORG_NONE;
    b.stale = bitset_new(&b.scratch, out->node_count);
    b.moved = bitset_new(&b.scratch, out->node_count);
    b.touched = bitset_new(&b.scratch, out->account_count);
    if (before != NULL) {
        const org_change *changes;
        uint32_t          count = org_changes(view, &changes);
        for (uint32_t i = 0; i < count; i++)
            if (changes[i].what == ORG_CHANGED_POLICY && !MUTANT(MUTANT_UPDATE_NOT_SEEN))
                policy_refresh(&b, changes[i].index);
        for (uint32_t i = 0; i < count; i++) change_apply(&b, changes[i]);
    } else {
        for (uint32_t node = 0; node < out->node_count; node++) bitset_set(b.stale, node);
        for (uint32_t account = 0; account < out->account_count; account++) account_refresh(&b, account);
    }
    for (size_t node = bitset_next(b.stale, 0); node < out->node_count; node = bitset_next(b.stale, node + 1))
        node_read(&b, (uint32_t)node);
    /* Parents were created before their children, so one pass in order of creation reaches every level. */
    for (uint32_t node = 0; node < out->node_count; node++) node_refresh(&b, node);
    leaves_refresh(&b);
}

bool tree_is_open(const stock *k, const row_tree *t)
{
    for (uint32_t leaf = LEAF_OPEN + 1; leaf < t->leaf_count; leaf++)
        if (*tree_leaf_row(t, leaf) != NULL && *tree_leaf_row(t, leaf) != k->rows.open) return false;
    return true;
}

void tree_release(stock *k, row_tree *t)
{
    row_table *rows = &k->rows;
    for (uint32_t i = 0; i < page_count(t->account_count, ACCOUNT_PAGE_LOG2); i++)
        slab_release(rows->pool, t->accounts[i]);
    for (uint32_t i = 0; i < page_count(t->leaf_count, ROW_PAGE_LOG2); i++) row_page_release(rows, t->leaves[i]);
    for (uint32_t i = 0; i < page_count(t->node_count, ROW_PAGE_LOG2); i++) row_page_release(rows, t->nodes[i]);
    memory_free(MEMORY_IMAGE, t->accounts);
    memory_free(MEMORY_IMAGE, t->leaves);
    memory_free(MEMORY_IMAGE, t->nodes);
    memory_free(MEMORY_IMAGE, t->contents);
}
