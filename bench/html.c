#include "bench/html.h"

#include <assert.h>
#include <stdlib.h>

void html_open(html *p, arena *a)
{
    *p = (html){.a = a};
    p->to = open_memstream(&p->text, &p->len);
    assert(p->to != NULL);
}

str html_close(html *p)
{
    int closed = fclose(p->to);
    assert(closed == 0);
    str text = arena_str(p->a, (str){p->text, p->len});
    free(p->text);
    return text;
}

void html_raw(html *p, str markup)
{
    (void)fwrite(markup.ptr, 1, markup.len, p->to);
}

void html_put(html *p, const char *markup, const str *texts, size_t count)
{
    size_t used = 0;
    for (const char *at = markup;;) {
        const char *next = strstr(at, "{}");
        if (next == NULL) {
            html_raw(p, str_of(at));
            break;
        }
        assert(used < count);
        html_raw(p, (str){at, (size_t)(next - at)});
        html_raw(p, html_escape(p->a, texts[used++]));
        at = next + 2;
    }
    assert(used == count);
}

static const char *entity(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    case '\t':
    case '\n': return NULL;
    default: return (unsigned char)c < ' ' || c == 0x7f ? "\xef\xbf\xbd" : NULL;
    }
}

str html_escape(arena *a, str text)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *e = entity(text.ptr[i]);
        len += e == NULL ? 1 : strlen(e);
    }
    char  *out = ARENA_NEW(a, char, len);
    size_t at = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *e = entity(text.ptr[i]);
        if (e == NULL) {
            out[at++] = text.ptr[i];
            continue;
        }
        memcpy(out + at, e, strlen(e));
        at += strlen(e);
    }
    return (str){out, len};
}

str html_unbroken(arena *a, str text)
{
    char  *out = ARENA_NEW(a, char, text.len * 2);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == ' ') out[len++] = '\xc2';
        out[len++] = text.ptr[i] == ' ' ? '\xa0' : text.ptr[i];
    }
    return (str){out, len};
}
