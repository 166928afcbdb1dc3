/* json.h - our strict pull reader for JSON (RFC 8259): policies, case rows, request lines.
 *
 * What it refuses, each with place and reason: comments, trailing commas, text after the document, duplicate member
 * names in one object (compared after unescaping), lone surrogates, \u0000, invalid UTF-8, control characters in
 * strings, numbers outside the grammar, depth above depth_max, size above size_max, a byte order mark, empty input.
 * Text after the document is refused together with the document's last token, so that no caller can forget to look.
 * Numbers keep their lexeme and are never converted. Strings without escapes are views into the text; strings with
 * escapes are decoded into the arena.
 *
 * Cost: one pass, eight bytes at a time inside strings; no recursion; no allocation for a value without escapes once
 * the reader's stacks have grown.
 *
 * Differential reference: base/document (cJSON), in tests.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/arena.h"
#include "base/status.h"

#define JSON_DEPTH_MAX 128
#define JSON_SIZE_MAX  ((size_t)1 << 30)

typedef enum {
    JSON_END, /* after the document */
    JSON_OBJECT,
    JSON_OBJECT_END,
    JSON_ARRAY,
    JSON_ARRAY_END,
    JSON_KEY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
} json_kind;

typedef struct {
    json_kind kind;
    str       text; /* KEY, STRING: decoded; NUMBER, TRUE, FALSE, NULL: the lexeme */
    size_t    at;   /* byte offset of the token in the source                       */
    size_t    end;  /* byte offset just behind it                                   */
} json_token;

typedef struct json_reader {
    const source *in;
    size_t        pos, end; /* read window in in->text */
    arena        *a;        /* decoded strings         */
    uint32_t      depth;    /* open containers, as of the last token taken or looked at */
    uint32_t      depth_max;
    size_t        size_max; /* both may be set after json_init */
    /* private to json.c: what may come next, the token looked at, the open containers, the names seen in each object */
    int                state;
    bool               peeked;
    json_token         ahead;
    struct json_frame *frames;
    size_t             frame_capacity;
    struct json_name  *names;
    size_t             name_count, name_capacity;
} json_reader;

/* Reads in->text[begin, end). The arena owns decoded text and the reader's stacks. */
void json_init(json_reader *r, arena *a, const source *in, size_t begin, size_t end);
/* The next token; after an error the reader stays failed. */
status json_next(json_reader *r, json_token *out, err *e);
/* Looks at the next token without taking it. */
status json_peek(json_reader *r, json_token *out, err *e);
/* Takes one whole value, checked like any other, and gives its extent in the source. */
status json_skip(json_reader *r, size_t *begin, size_t *end, err *e);
/* Takes the object or array that json_peek has just shown, up to `end`, unread: the caller knows that what stands there
 * is one well-formed value, as bytes that were read before. */
status json_take_known(json_reader *r, size_t end, err *e);
/* Takes the next token and demands its kind; the message says `what` was expected and what was found. */
status      json_expect(json_reader *r, json_kind kind, const char *what, json_token *out, err *e);
const char *json_kind_name(json_kind kind); /* "an object", "a string", … */

static inline place json_place(const json_reader *r, size_t at)
{
    return (place){r->in, at};
}

/* s as a JSON string literal with quotes; plain ASCII escapes, other UTF-8 kept, bytes that are none become U+FFFD. */
str json_quote(arena *a, str s);

#endif
