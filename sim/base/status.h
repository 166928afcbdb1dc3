/* status.h - how a call says that it failed, and where in the user's file.
 *
 * Three kinds of wrong: our own bug is an assert; bad input, a full table and I/O are a `status` with a filled
 * `err`; what AWS would have answered is data and never passes through here.
 *
 * Messages  lower case, one line, no final stop, user's text in backticks. `err_at` puts `file:line:column: `
 *           before the text; lines and columns count from 1, columns count bytes.
 * Memory    an err holds its own text; a place borrows its source, which must outlive it.
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define STATUS_LIST(X)                     \
    X(STATUS_OK, "ok")                     \
    X(STATUS_SYNTAX, "not well-formed")    \
    X(STATUS_INVALID, "value not allowed") \
    X(STATUS_LIMIT, "limit exceeded")      \
    X(STATUS_NOT_FOUND, "not found")       \
    X(STATUS_IO, "input or output failed") \
    X(STATUS_INTERRUPTED, "interrupted")   \
    X(STATUS_INTERNAL, "internal error")

typedef enum {
#define STATUS_ENUM(code, text) code,
    STATUS_LIST(STATUS_ENUM)
#undef STATUS_ENUM
} status;

typedef struct {
    str    name;       /* as the user wrote it: a path, `<stdin>`, `scenario.json#/organization/inline` */
    str    text;       /* the whole text, so that an offset can become line and column              */
    size_t line_first; /* 0 or 1: text starts at line 1; n: text starts at line n (JSON Lines) */
} source;

typedef struct {
    const source *in;
    size_t        offset; /* bytes from the start of in->text */
} place;

typedef struct {
    status   code;
    char     text[1000];
    size_t   offset;            /* the place that err_at was told, */
    uint32_t line, column;      /* line 0: there is none           */
    uint16_t name_len, message; /* then text is `name:line:column: `, and from [message] on what is wrong */
} err;

/* Each returns `code`, so that `return err_at(…)` reads well. A null `e` is allowed. */
status err_set(err *e, status code, const char *format, ...) __attribute__((format(printf, 3, 4)));
status err_set_list(err *e, status code, const char *format, va_list arguments) __attribute__((format(printf, 3, 0)));
status err_at(err *e, status code, place at, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Puts `context: ` before the text there is; returns the code there is. */
status err_wrap(err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Whether a flag that a signal sets is set; any thread may ask. */
static inline bool stop_is_set(const volatile int *stop)
{
    return __atomic_load_n(stop, __ATOMIC_RELAXED) != 0;
}

const char *status_text(status code);
void        place_line_column(place at, size_t *line, size_t *column);

#define TRY(call)                                         \
    do {                                                  \
        status try_status_ = (call);                      \
        if (try_status_ != STATUS_OK) return try_status_; \
    } while (0)

#endif
