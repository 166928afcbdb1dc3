#include "base/status.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

const char *status_text(status code)
{
    static const char *const texts[] = {
#define STATUS_ROW(id, text) [id] = text,
        STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
    };
    assert((size_t)code < COUNTOF(texts));
    return texts[code];
}

/* One line whatever the user's text held: control characters become `?`. */
static void one_line(char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f) *text = '?';
}

/* Text that filled the buffer may end in the middle of a character; UTF-8 stays whole. */
static void trim_cut_character(char *text, size_t len)
{
    size_t begin = len;
    while (begin > 0 && ((unsigned char)text[begin - 1] & 0xc0) == 0x80) begin--;
    if (begin > 0 && (unsigned char)text[begin - 1] >= 0xc0) text[begin - 1] = '\0';
}

static status fill(err *e, status code, const char *prefix, const char *format, va_list arguments)
{
    assert(code != STATUS_OK);
    if (e == NULL) return code;
    e->code = code;
    e->offset = e->line = e->column = e->name_len = e->message = 0;
    size_t begin = (size_t)snprintf(e->text, sizeof e->text, "%s", prefix);
    if (begin >= sizeof e->text) begin = sizeof e->text - 1;
    int len = vsnprintf(e->text + begin, sizeof e->text - begin, format, arguments);
    if (len >= 0 && (size_t)len >= sizeof e->text - begin) trim_cut_character(e->text, sizeof e->text - 1);
    one_line(e->text);
    return code;
}

status err_set_list(err *e, status code, const char *format, va_list arguments)
{
    return fill(e, code, "", format, arguments);
}

status err_set(err *e, status code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)err_set_list(e, code, format, arguments);
    va_end(arguments);
    return code;
}

void place_line_column(place at, size_t *line, size_t *column)
{
    size_t first = at.in->line_first == 0 ? 1 : at.in->line_first;
    size_t end = at.offset < at.in->text.len ? at.offset : at.in->text.len;
    size_t begin = 0;
    *line = first;
    for (size_t i = 0; i < end; i++) {
        if (at.in->text.ptr[i] != '\n') continue;
        (*line)++;
        begin = i + 1;
    }
    *column = end - begin + 1;
}

status err_at(err *e, status code, place at, const char *format, ...)
{
    if (e == NULL) return code; /* finding the line takes time */
    char   prefix[512];
    size_t line = 0, column = 0;
    place_line_column(at, &line, &column);
    uint16_t name_len = (uint16_t)(at.in->name.len < 400 ? at.in->name.len : 400);
    int      message = snprintf(prefix, sizeof prefix, "%.*s:%zu:%zu: ", name_len, at.in->name.ptr, line, column);
    va_list  arguments;
    va_start(arguments, format);
    (void)fill(e, code, prefix, format, arguments);
    va_end(arguments);
    e->offset = at.offset;
    e->line = line < UINT32_MAX ? (uint32_t)line : UINT32_MAX;
    e->column = column < UINT32_MAX ? (uint32_t)column : UINT32_MAX;
    e->name_len = name_len;
    e->message = (uint16_t)message;
    return code;
}

status err_wrap(err *e, const char *format, ...)
{
    if (e == NULL) return STATUS_INTERNAL;
    assert(e->code != STATUS_OK);
    err     inner = *e;
    char    prefix[sizeof inner.text];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(prefix, sizeof prefix, format, arguments);
    va_end(arguments);
    return err_set(e, inner.code, "%s: %s", prefix, inner.text);
}
