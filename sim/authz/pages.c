#include "authz/pages.h"

account_page *account_page_own(slab_pool *pool, account_page **at)
{
    account_page *old = *at;
    if (old != NULL && slab_count(old) == 1) return old;
    *at = old == NULL ? slab_alloc(pool, sizeof **at) : slab_copy(pool, old, sizeof **at);
    if (old != NULL) slab_release(pool, old);
    return *at;
}

row_page *row_page_own(slab_pool *pool, row_page **at)
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

void row_page_release(row_table *t, row_page *page)
{
    if (slab_count(page) == 1)
        for (size_t i = 0; i < COUNTOF(page->rows); i++) row_release(t, page->rows[i]);
    slab_release(t->pool, page);
}

/* A directory of `count` pages: those of the image before, shared, then empty ones. */
row_page **row_pages_new(slab_pool *pool, row_page *const *before, uint32_t before_count, uint32_t count)
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

account_page **account_pages_new(slab_pool *pool, account_page *const *before, uint32_t before_count, uint32_t count)
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
