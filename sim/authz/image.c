#include "authz/image.h"

#include <assert.h>

#include "base/mutant.h"

/* ---- pages: written by the image that holds the only reference, else copied first ---- */

static uint32_t page_count(uint32_t item_count, uint32_t page_log2)
{
    return (item_count + (1u << page_log2) - 1) >> page_log2;
}

static account_page *account_page_own(slab_pool *pool, account_page **at)
{
    account_page *old = *at;
    if (old != NULL && slab_count(old) == 1) return old;
    *at = old == NULL ? slab_alloc(pool, sizeof **at) : slab_copy(pool, old, sizeof **at);
    if (old != NULL) slab_release(pool, old);
    return *at;
}

static row_page *row_page_own(slab_pool *pool, row_page **at)
{
    row_page *old = *at;
    if (old != NULL && slab_count(old) == 1) return old;
    *at = old == NULL ? slab_alloc(pool, sizeof **at) : slab_copy(pool, old, sizeof **at);
    if (old == NULL) return *at;
    for (size_t i = 0; i < COUNTOF(old->rows); i++)
        if (old->rows[i] != NULL) slab_retain(old->rows[i]);
    slab_release(pool, old);
    return *at;
}

static void row_page_release(row_table *t, row_page *page)
{
    if (slab_count(page) == 1)
        for (size_t i = 0; i < COUNTOF(page->rows); i++) row_release(t, page->rows[i]);
    slab_release(t->pool, page);
}

/* A directory of `count` pages: those of the image before, shared, then empty ones. */
static row_page **row_pages_new(slab_pool *pool, row_page *const *before, uint32_t before_count, uint32_t count)
{
    row_page **pages = memory_alloc(MEMORY_IMAGE, count * sizeof(row_page *));
    for (uint32_t i = 0; i < count; i++) {
        if (i >= before_count) {
            (void)row_page_own(pool, &pages[i]);
            continue;
        }
        pages[i] = before[i];
        slab_retain(pages[i]);
    }
    return pages;
}

static account_page **account_pages_new(slab_pool *pool, account_page *const *before, uint32_t before_count,
                                        uint32_t count)
{
    account_page **pages = memory_alloc(MEMORY_IMAGE, count * sizeof(account_page *));
    for (uint32_t i = 0; i < count; i++) {
        if (i >= before_count) {
            (void)account_page_own(pool, &pages[i]);
            continue;
        }
        pages[i] = before[i];
        slab_retain(pages[i]);
    }
    return pages;
}

/* ---- building ---- */

typedef struct {
    stock          *k;
    authz_image    *image;
    const org_view *view;
    bool            bound;   /* SCPs are enabled                               */
    bitset          stale;   /* nodes whose attachments have to be read again  */
    bitset          moved;   /* nodes whose row is another than before         */
    bitset          touched; /* accounts that have another leaf              */
    arena           scratch;
} builder;

static row_page *node_page(const builder *b, uint32_t node)
{
    return b->image->nodes[node >> ROW_PAGE_LOG2];
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
    org_attachments attached = org_attached(b->view, ORG_TYPE_SCP, target);
    arena           scratch = b->scratch;
    uint32_t       *contents = ARENA_NEW(&scratch, uint32_t, attached.count);
    for (uint32_t i = 0; i < attached.count; i++) {
        uint32_t  index = attached.policies[i];
        uint32_t *content = &b->image->contents[index];
        if (*content == CONTENT_UNKNOWN) *content = content_of(b, index);
        contents[i] = *content;
    }
    return own_row_of(&b->k->own, contents, attached.count);
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
    row_page **page = &b->image->nodes[node >> ROW_PAGE_LOG2];
    bool       exists = org_node_exists(b->view, node);
    uint32_t   own = b->bound && exists ? own_of(b, org_target_node(node)) : OWN_ROW_OPEN;
    if (exists) b->k->parents[node] = org_node_parent(b->view, node); /* it never changes */
    if ((*page)->notes[at(node)] != own) row_page_own(b->k->rows.pool, page)->notes[at(node)] = own;
}

static void node_refresh(builder *b, uint32_t node)
{
    row_page **page = &b->image->nodes[node >> ROW_PAGE_LOG2];
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

/* An account that was removed is one on its own: it may go on asking, and no SCP of the organization binds it. */
static uint32_t leaf_of(builder *b, uint32_t account)
{
    uint32_t leaf;
    if (!b->bound || !org_account_exists(b->view, account)) return LEAF_OPEN;
    if (account == ORG_MANAGEMENT && !MUTANT(MUTANT_MANAGEMENT_NOT_EXEMPT)) return LEAF_OPEN;
    leaf_place where = {org_account_parent(b->view, account), own_of(b, org_target_account(account))};
    uint64_t   key = (uint64_t)where.node << 32 | where.own;
    if (idmap_get(b->k->leaf_ids, key, &leaf)) return leaf;
    leaf = (uint32_t)b->k->leaf_count;
    *ARENA_PUSH(&b->k->a, leaf_place, b->k->leaves, b->k->leaf_count, b->k->leaf_capacity) = where;
    idmap_put(b->k->leaf_ids, key, leaf);
    return leaf;
}

/* Leaves are made while accounts are read, so their pages grow with them. */
static void leaf_count_change(builder *b, uint32_t leaf, uint32_t by)
{
    authz_image *image = b->image;
    if (leaf >= image->leaf_count) {
        uint32_t before = page_count(image->leaf_count, ROW_PAGE_LOG2), now = page_count(leaf + 1, ROW_PAGE_LOG2);
        if (now > before) {
            image->leaves = memory_realloc(MEMORY_IMAGE, image->leaves, before * sizeof *image->leaves,
                                           now * sizeof *image->leaves);
            for (uint32_t i = before; i < now; i++) (void)row_page_own(b->k->rows.pool, &image->leaves[i]);
        }
        image->leaf_count = leaf + 1;
    }
    row_page_own(b->k->rows.pool, &image->leaves[leaf >> ROW_PAGE_LOG2])->notes[at(leaf)] += by;
}

static void account_refresh(builder *b, uint32_t account)
{
    uint32_t leaf = leaf_of(b, account), before = image_leaf(b->image, account);
    if (leaf == before) return;
    leaf_count_change(b, leaf, 1);
    if (before != LEAF_NONE) leaf_count_change(b, before, UINT32_MAX); /* one less */
    account_page *page = account_page_own(b->k->rows.pool, &b->image->accounts[account >> ACCOUNT_PAGE_LOG2]);
    page->leaf[account & ((1u << ACCOUNT_PAGE_LOG2) - 1)] = leaf;
    bitset_set(b->touched, account);
}

/* True when accounts that had the leaf before have another row with it now. */
static bool leaf_refresh(builder *b, uint32_t leaf)
{
    row_page **page = &b->image->leaves[leaf >> ROW_PAGE_LOG2];
    leaf_place where = b->k->leaves[leaf];
    row       *fresh = NULL;
    bool       known = (*page)->rows[at(leaf)] != NULL;
    if (leaf == LEAF_NONE) return false;
    if ((*page)->notes[at(leaf)] > 0) {
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
    account_page **page = &b->image->accounts[number], *mine = NULL;
    uint32_t       first = number << ACCOUNT_PAGE_LOG2, count = b->image->account_count - first;
    bool           touched = any_touched(b, number);
    if (count > 1u << ACCOUNT_PAGE_LOG2) count = 1u << ACCOUNT_PAGE_LOG2;
    if (!any_moved && !touched) return;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t leaf = (*page)->leaf[i];
        if (!bitset_get(moved, leaf) && !(touched && bitset_get(b->touched, first + i))) continue;
        if (mine == NULL) mine = account_page_own(b->k->rows.pool, page);
        mine->rows[i] = *image_leaf_row(b->image, leaf);
    }
}

/* Rows of leaves, then of the accounts that have them. */
static void leaves_refresh(builder *b)
{
    bitset moved = bitset_new(&b->scratch, b->image->leaf_count);
    bool   any_moved = false;
    for (uint32_t leaf = 0; leaf < b->image->leaf_count; leaf++) {
        if (!leaf_refresh(b, leaf)) continue;
        bitset_set(moved, leaf);
        any_moved = true;
    }
    for (uint32_t i = 0; i < page_count(b->image->account_count, ACCOUNT_PAGE_LOG2); i++)
        account_rows(b, i, moved, any_moved);
}

/* ---- what changed ---- */

/* A policy's text is another: every place whose own row holds the old content is read again, be it by this policy or
 * by one of the same text. */
static void policy_refresh(builder *b, uint32_t index)
{
    uint32_t *content = &b->image->contents[index], old = *content;
    *content = CONTENT_UNKNOWN;
    if (old == CONTENT_UNKNOWN) return;
    if (org_policy_exists(b->view, index)) *content = content_of(b, index);
    if (*content == old) return;
    arena  scratch = b->scratch;
    bitset holds = bitset_new(&scratch, b->k->own.row_count);
    own_rows_with(&b->k->own, old, holds);
    for (uint32_t node = 0; node < b->image->node_count; node++)
        if (bitset_get(holds, node_page(b, node)->notes[at(node)])) bitset_set(b->stale, node);
    bitset   leaves = bitset_new(&scratch, b->image->leaf_count);
    uint32_t accounts = 0;
    b->scratch = scratch; /* the sets live as long as the build: what reads accounts takes its scratch behind them */
    for (uint32_t leaf = 0; leaf < b->image->leaf_count; leaf++) {
        uint32_t users = b->image->leaves[leaf >> ROW_PAGE_LOG2]->notes[at(leaf)];
        if (users == 0 || !bitset_get(holds, b->k->leaves[leaf].own)) continue;
        bitset_set(leaves, leaf);
        accounts += users;
    }
    for (uint32_t account = 0; account < b->image->account_count && accounts > 0; account++) {
        uint32_t leaf = image_leaf(b->image, account);
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
        if (MUTANT(MUTANT_MOVE_KEEPS_CHAIN) && image_leaf(b->image, change.index) != LEAF_NONE) break;
        account_refresh(b, change.index);
        break;
    case ORG_CHANGED_NODE: bitset_set(b->stale, change.index); break;
    case ORG_CHANGED_POLICY:
    case ORG_CHANGED_TYPE: break; /* policies went first; a change of type rebuilds everything */
    }
}

/* Whether the image of the revision before is a place to start from. */
static bool can_derive(const authz_store *s, const org_view *view, const authz_image *previous)
{
    const org_change *changes;
    uint32_t          count = org_changes(view, &changes);
    if (previous == NULL || previous->stock != s->stock) return false;
    if (previous->revision + 1 != org_view_revision(view)) return false;
    for (uint32_t i = 0; i < count; i++)
        if (changes[i].what == ORG_CHANGED_TYPE && changes[i].index == ORG_TYPE_SCP) return false;
    return true;
}

static authz_image *image_new(authz_store *s, const org_view *view, const authz_image *previous)
{
    stock       *k = s->stock;
    slab_pool   *pool = k->rows.pool;
    authz_image *image = memory_alloc(MEMORY_IMAGE, sizeof *image);
    authz_image  nothing = {.store = s};
    if (previous == NULL) previous = &nothing;
    *image = (authz_image){.roles = k->roles,
                           .role_count = s->setting.role_count,
                           .account_count = org_account_count(view),
                           .leaf_count = previous->leaf_count,
                           .node_count = org_node_count(view),
                           .policy_count = org_policy_count(view),
                           .store = s,
                           .stock = k,
                           .view = view,
                           .serial = ++k->rows.serial,
                           .revision = org_view_revision(view),
                           .derived = previous != &nothing};
    k->holders++;
    image->accounts =
        account_pages_new(pool, previous->accounts, page_count(previous->account_count, ACCOUNT_PAGE_LOG2),
                          page_count(image->account_count, ACCOUNT_PAGE_LOG2));
    image->leaves = row_pages_new(pool, previous->leaves, page_count(previous->leaf_count, ROW_PAGE_LOG2),
                                  page_count(previous->leaf_count, ROW_PAGE_LOG2));
    image->nodes = row_pages_new(pool, previous->nodes, page_count(previous->node_count, ROW_PAGE_LOG2),
                                 page_count(image->node_count, ROW_PAGE_LOG2));
    image->contents = memory_alloc(MEMORY_IMAGE, image->policy_count * sizeof *image->contents);
    for (uint32_t i = 0; i < image->policy_count; i++)
        image->contents[i] = i < previous->policy_count ? previous->contents[i] : CONTENT_UNKNOWN;
    return image;
}

/* The image holds what it reads, whatever the stock goes on to. */
static void image_bind(authz_image *image)
{
    stock *k = image->stock;
    image->open = k->rows.open;
    slab_retain(image->open);
    image->block = code_block_hold(&k->formulas->pool);
    image->units = image->block->units;
    if (k->units_first == 0) k->units_first = k->formulas->pool.used;
}

authz_image *authz_image_build(authz_store *s, const org_view *view, const authz_image *previous)
{
    stock_renew_worn(s);
    bool    derive = can_derive(s, view, previous);
    builder b = {.k = s->stock,
                 .image = image_new(s, view, derive ? previous : NULL),
                 .view = view,
                 .bound = org_type_enabled(view, ORG_TYPE_SCP),
                 .scratch = s->scratch};
    while (b.k->parent_count < b.image->node_count)
        *ARENA_PUSH(&b.k->a, uint32_t, b.k->parents, b.k->parent_count, b.k->parent_capacity) = ORG_NONE;
    b.stale = bitset_new(&b.scratch, b.image->node_count);
    b.moved = bitset_new(&b.scratch, b.image->node_count);
    b.touched = bitset_new(&b.scratch, b.image->account_count);
    if (derive) {
        const org_change *changes;
        uint32_t          count = org_changes(view, &changes);
        for (uint32_t i = 0; i < count; i++)
            if (changes[i].what == ORG_CHANGED_POLICY && !MUTANT(MUTANT_UPDATE_NOT_SEEN))
                policy_refresh(&b, changes[i].index);
        for (uint32_t i = 0; i < count; i++) change_apply(&b, changes[i]);
    } else {
        for (uint32_t node = 0; node < b.image->node_count; node++) bitset_set(b.stale, node);
        for (uint32_t account = 0; account < b.image->account_count; account++) account_refresh(&b, account);
    }
    for (size_t node = bitset_next(b.stale, 0); node < b.image->node_count; node = bitset_next(b.stale, node + 1))
        node_read(&b, (uint32_t)node);
    /* Parents were created before their children, so one pass in order of creation reaches every level. */
    for (uint32_t node = 0; node < b.image->node_count; node++) node_refresh(&b, node);
    leaves_refresh(&b);
    image_bind(b.image);
    return b.image;
}

void authz_image_release(authz_store *s, authz_image *image)
{
    if (image == NULL) return;
    assert(image->store == s);
    row_table *rows = &image->stock->rows;
    for (uint32_t i = 0; i < page_count(image->account_count, ACCOUNT_PAGE_LOG2); i++)
        slab_release(rows->pool, image->accounts[i]);
    for (uint32_t i = 0; i < page_count(image->leaf_count, ROW_PAGE_LOG2); i++)
        row_page_release(rows, image->leaves[i]);
    for (uint32_t i = 0; i < page_count(image->node_count, ROW_PAGE_LOG2); i++) row_page_release(rows, image->nodes[i]);
    row_release(rows, image->open);
    code_block_release(image->block);
    stock_release(image->stock);
    memory_free(MEMORY_IMAGE, image->accounts);
    memory_free(MEMORY_IMAGE, image->leaves);
    memory_free(MEMORY_IMAGE, image->nodes);
    memory_free(MEMORY_IMAGE, image->contents);
    memory_free(MEMORY_IMAGE, image);
}

uint32_t authz_image_revision(const authz_image *image)
{
    return image->revision;
}
