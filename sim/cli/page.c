#include "cli/page.h"

#include "bench/text.h"

#define WORD_ROOM_MIN 8u /* a line takes so much of a word at least, however narrow */

static void put_raw(page *p, str s)
{
    for (size_t i = 0; i < s.len; i++) *ARENA_PUSH(p->a, char, p->text, p->count, p->capacity) = s.ptr[i];
}

static void put_style(page *p, page_style style)
{
    static const char *const codes[] = {[STYLE_PLAIN] = "",
                                        [STYLE_BOLD] = "\033[1m",
                                        [STYLE_GOOD] = "\033[32m",
                                        [STYLE_BAD] = "\033[31m",
                                        [STYLE_DIM] = "\033[2m"};
    if (p->colour && style != STYLE_PLAIN) put_raw(p, str_of(codes[style]));
}

static void put_end(page *p, page_style style)
{
    if (p->colour && style != STYLE_PLAIN) put_raw(p, STR("\033[0m"));
    put_raw(p, STR("\n"));
}

static void new_line(page *p, uint32_t indent, page_style style)
{
    put_end(p, style);
    for (uint32_t i = 0; i < indent; i++) put_raw(p, STR(" "));
    put_style(p, style);
}

/* The bytes of the first `columns` code points. */
static size_t bytes_of(str s, uint32_t columns)
{
    size_t at = 0;
    for (uint32_t n = 0; at < s.len && n < columns; n++) {
        at++;
        while (at < s.len && ((unsigned char)s.ptr[at] & 0xc0) == 0x80) at++;
    }
    return at;
}

/* Where a word that is too long is broken: between two tokens of JSON if it can be, so that it may be copied. */
static size_t break_of(str word, size_t most)
{
    for (size_t at = most; at > 1; at--) {
        bool joint = word.ptr[at - 1] == ',' || word.ptr[at - 1] == ':';
        if (joint && at < word.len && strchr("\"{[", word.ptr[at]) != NULL) return at;
    }
    return most;
}

void page_put(page *p, const char *first, uint32_t indent, page_style style, str text)
{
    uint32_t used = text_columns(str_of(first));
    uint32_t spaces = 0; /* before the next word: those at the end of a line are left out */
    text = text_line(p->a, text, UINT32_MAX);
    if (indent + WORD_ROOM_MIN > p->columns) indent = p->columns > WORD_ROOM_MIN ? p->columns - WORD_ROOM_MIN : 0;
    put_raw(p, str_of(first));
    put_style(p, style);
    for (size_t at = 0; at < text.len;) {
        size_t end = str_find(text, ' ', at);
        str    word = str_part(text, at, end - at);
        at = end < text.len ? end + 1 : end;
        uint32_t wide = text_columns(word);
        if (word.len > 0 && spaces > 0 && used + spaces + wide > p->columns) {
            new_line(p, indent, style);
            used = indent;
            spaces = 0;
        }
        for (; word.len > 0 && spaces > 0; spaces--, used++) put_raw(p, STR(" "));
        spaces++;
        while (used + wide > p->columns && p->columns > used) {
            uint32_t room = p->columns - used;
            size_t   bytes = break_of(word, bytes_of(word, room));
            put_raw(p, str_part(word, 0, bytes));
            word = str_part(word, bytes, word.len - bytes);
            wide = text_columns(word);
            new_line(p, indent, style);
            used = indent;
        }
        put_raw(p, word);
        used += wide;
    }
    put_end(p, style);
}

void page_blank(page *p)
{
    put_raw(p, STR("\n"));
}

str page_text(const page *p)
{
    return (str){p->text, p->count};
}
