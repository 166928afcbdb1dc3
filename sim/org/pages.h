/* pages.h - inside this room: versioned columns. A table is a radix tree of pages that revisions share.
 *
 * A page is born in the revision that is being made and may be written until that revision is closed. Later writes
 * copy it first; the old page then lies on the dead list of the newest closed revision, the last one that sees it.
 * Closing a revision copies nothing; releasing one costs O(its dead pages): what an older revision still sees moves
 * to that one's list, the rest is freed. (Dead lists after ZFS.) So a view is a copy of `pages_table` structs.
 *
 *   born(page) <= r <= last revision before its death  <=>  revision r sees the page
 */
#ifndef ORG_PAGES_H
#define ORG_PAGES_H

#include "base/arena.h"

#define PAGES_FANOUT     64u /* records of a leaf, children of an inner page */
#define PAGES_FANOUT_LOG 6u

typedef struct pages_page {
    struct pages_page *next; /* on a dead list */
    uint32_t           born;
    uint32_t           bytes;
    alignas(8) unsigned char body[]; /* records, or 64 pointers to pages */
} pages_page;

typedef struct {
    pages_page *root;
    uint32_t    count;
    uint16_t    record_bytes; /* a multiple of 8 */
    uint16_t    height;       /* inner levels above the leaves */
} pages_table;

typedef struct {
    uint32_t    revision; /* the one being made */
    pages_page *dead;     /* replaced while making it */
    size_t      bytes;    /* of all living pages, every revision */
} pages_store;

static inline const void *pages_at(const pages_table *t, uint32_t index)
{
    const pages_page *p = t->root;
    for (uint32_t shift = t->height * PAGES_FANOUT_LOG; shift > 0; shift -= PAGES_FANOUT_LOG)
        p = ((pages_page *const *)(const void *)p->body)[index >> shift & (PAGES_FANOUT - 1)];
    return p->body + (size_t)(index & (PAGES_FANOUT - 1)) * t->record_bytes;
}

void *pages_write(pages_store *s, pages_table *t, uint32_t index); /* the record, writable until the next close */
void *pages_push(pages_store *s, pages_table *t);                  /* a new, zeroed record at the end           */

/* Frees the pages of `dead` that were born after the revision `older`; the rest goes to *older_dead. Pass
 * older_dead null when there is no older revision. */
void pages_bury(pages_store *s, pages_page *dead, uint32_t older, pages_page **older_dead);
void pages_free(pages_store *s, pages_table *t); /* every page the table reaches */

#endif
