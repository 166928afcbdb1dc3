/* html.h - a page under construction: markup is the program's, texts are the user's and always escaped.
 *
 *   HTML(p, "<td>{}</td><td>{}</td>", name, count);      each {} takes the next text
 */
#ifndef BENCH_HTML_H
#define BENCH_HTML_H

#include <stdio.h>

#include "base/arena.h"

typedef struct {
    arena *a;
    FILE  *to;
    char  *text;
    size_t len;
} html;

void html_open(html *p, arena *a);
str  html_close(html *p); /* the whole text, in the arena */

/* Asserts that markup has `count` pairs of braces. */
void html_put(html *p, const char *markup, const str *texts, size_t count);
#define HTML(p, markup, ...) html_put((p), (markup), (const str[]){__VA_ARGS__}, COUNTOF(((const str[]){__VA_ARGS__})))
void html_raw(html *p, str markup);     /* as it is */
str  html_escape(arena *a, str text);   /* & < > " '; control characters become U+FFFD */
str  html_unbroken(arena *a, str text); /* spaces become no-break spaces */

#endif
