/* pages.h - inside this room: the pages that images share, copied by the first that writes on one.
 *
 * A page with one reference belongs to the image that has it; any other is copied first. Row pages hold references to
 * their rows, account pages do not: leaves hold those.
 */
#ifndef AUTHZ_PAGES_H
#define AUTHZ_PAGES_H

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

static inline uint32_t page_count(uint32_t item_count, uint32_t page_log2)
{
    return (item_count + (1u << page_log2) - 1) >> page_log2;
}

account_page *account_page_own(slab_pool *pool, account_page **at);
row_page     *row_page_own(slab_pool *pool, row_page **at);
void          row_page_release(row_table *t, row_page *page);

/* A directory of `count` pages: those of the image before, shared, then empty ones. */
row_page     **row_pages_new(slab_pool *pool, row_page *const *before, uint32_t before_count, uint32_t count);
account_page **account_pages_new(slab_pool *pool, account_page *const *before, uint32_t before_count, uint32_t count);

#endif
