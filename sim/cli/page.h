/* page.h - text for people, wrapped to a width, coloured on a terminal.
 *
 * Texts may hold what others wrote: control characters become `?`. Words are parted at spaces; one that is too long for
 * a line is broken, JSON between its tokens. Width counts code points.
 */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include "base/arena.h"

typedef enum { STYLE_PLAIN, STYLE_BOLD, STYLE_GOOD, STYLE_BAD, STYLE_DIM } page_style;

typedef struct {
    arena   *a;
    uint32_t columns;
    bool     colour;
    char    *text;
    size_t   count, capacity;
} page;

/* A paragraph: its first line begins with `first` (not wrapped, not styled), the others with `indent` spaces. */
void page_put(page *p, const char *first, uint32_t indent, page_style style, str text);
void page_blank(page *p);
str  page_text(const page *p);

#endif
