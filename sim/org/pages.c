#include "org/pages.h"

#include <assert.h>

static size_t body_bytes(const pages_table *t, uint32_t level)
{
    return PAGES_FANOUT * (level == 0 ? t->record_bytes : sizeof(pages_page *));
}

static pages_page *page_new(pages_store *s, size_t bytes)
{
    pages_page *p = memory_alloc(MEMORY_ORG, sizeof *p + bytes);
    p->born = s->revision;
    p->bytes = (uint32_t)bytes;
    s->bytes += sizeof *p + bytes;
    return p;
}

static void page_free(pages_store *s, pages_page *p)
{
    s->bytes -= sizeof *p + p->bytes;
    memory_free(MEMORY_ORG, p);
}

/* The page itself if this revision made it, else a copy in its place. */
static pages_page *page_own(pages_store *s, pages_page *p)
{
    if (p->born == s->revision) return p;
    pages_page *copy = page_new(s, p->bytes);
    memcpy(copy->body, p->body, p->bytes);
    p->next = s->dead;
    s->dead = p;
    return copy;
}

static pages_page **page_child(pages_page *inner, uint32_t slot)
{
    return &((pages_page **)(void *)inner->body)[slot];
}

void *pages_write(pages_store *s, pages_table *t, uint32_t index)
{
    assert(index < t->count);
    pages_page **at = &t->root;
    for (uint32_t level = t->height;; level--) {
        if (*at == NULL) *at = page_new(s, body_bytes(t, level));
        *at = page_own(s, *at);
        if (level == 0) return (*at)->body + (size_t)(index & (PAGES_FANOUT - 1)) * t->record_bytes;
        at = page_child(*at, index >> (level * PAGES_FANOUT_LOG) & (PAGES_FANOUT - 1));
    }
}

void *pages_push(pages_store *s, pages_table *t)
{
    assert(t->record_bytes % 8 == 0);
    assert(t->count < UINT32_MAX >> 1);
    uint64_t room = (uint64_t)PAGES_FANOUT << (t->height * PAGES_FANOUT_LOG);
    if (t->count == room) { /* full: one level more, the old tree is its first child */
        pages_page *root = page_new(s, body_bytes(t, t->height + 1u));
        *page_child(root, 0) = t->root;
        t->root = root;
        t->height++;
    }
    return pages_write(s, t, t->count++);
}

void pages_bury(pages_store *s, pages_page *dead, uint32_t older, pages_page **older_dead)
{
    for (pages_page *p = dead, *next; p != NULL; p = next) {
        next = p->next;
        if (older_dead != NULL && p->born <= older) {
            p->next = *older_dead;
            *older_dead = p;
        } else {
            page_free(s, p);
        }
    }
}

static void page_free_below(pages_store *s, pages_page *p, uint32_t level)
{
    if (p == NULL) return;
    for (uint32_t i = 0; level > 0 && i < PAGES_FANOUT; i++) page_free_below(s, *page_child(p, i), level - 1);
    page_free(s, p);
}

void pages_free(pages_store *s, pages_table *t)
{
    page_free_below(s, t->root, t->height);
    *t = (pages_table){.record_bytes = t->record_bytes};
}
