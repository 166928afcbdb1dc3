/* document.h - small JSON documents through cJSON: scenarios and profiles in, every output document out.
 *
 * The only file that names cJSON is document.c. Reading: the text is first checked by base/json (strict), so duplicate
 * names, depth and encoding are refused with their place. cJSON keeps no positions, so the text is then walked once
 * more in step with cJSON's tree and each node is given its extent: places and number lexemes are exact. cJSON's
 * numbers are doubles: an integer beyond 2^53 is refused with the hint to write a string. A document has at most
 * DOCUMENT_VALUES_MAX values: a tree takes some 100 bytes for each, text may take two. Writing: integers go through
 * raw items and are exact; member order is the order of the calls; text ends in a newline; two spaces of indentation;
 * an array of plain values stands on one line where it fits.
 *
 * Memory: a document is freed with document_free; nodes and text given out live as long as it, its source and the
 *         arena it was parsed into.
 * Missing The typed calls take a null node for a missing member and say so, placed at the document; node_need says
 *         which member is missing, placed at the object.
 */
#ifndef BASE_DOCUMENT_H
#define BASE_DOCUMENT_H

#include "base/arena.h"
#include "base/status.h"

#define DOCUMENT_VALUES_MAX (1u << 23)

typedef struct document document;
typedef struct node     node; /* one value inside a document */

/* ---- reading ---- */
status      document_parse(arena *a, const source *in, document **out, err *e); /* arena: the nodes */
void        document_free(document *d);
const node *document_root(const document *d);
place       document_place(const document *d, const node *n); /* where the value stands in the text */

typedef enum { NODE_NULL, NODE_BOOL, NODE_NUMBER, NODE_STRING, NODE_ARRAY, NODE_OBJECT } node_kind;
node_kind   node_kind_of(const node *n);
const char *node_kind_name(node_kind kind);            /* "an object", … */
size_t      node_count(const node *n);                 /* members or elements                            */
const node *node_at(const node *n, size_t index);      /* element or member value, in order              */
str         node_name(const node *n);                  /* the member name of an object's member          */
const node *node_get(const node *n, const char *name); /* null when absent (or n null)                 */
status      node_need(const document *d, const node *n, const char *name, const node **out, err *e);

/* Typed access with one clear error: kind and range are checked, the place is the node's. */
status node_string(const document *d, const node *n, str *out, err *e);
status node_bool(const document *d, const node *n, bool *out, err *e);
status node_i64(const document *d, const node *n, int64_t min, int64_t max, int64_t *out, err *e);
/* u64: a JSON integer up to 2^53, or a string: decimal or 0x hex, up to 64 bits. */
status node_u64(const document *d, const node *n, uint64_t *out, err *e);
/* Time: "3500ms", "2s", "15m", "1h", "3d", "250us", "80ns" (decimals allowed: "1.5s") or integer nanoseconds. Never
 * negative, always a whole number of nanoseconds. */
status node_time_ns(const document *d, const node *n, int64_t *out, err *e);
/* Ratio: 0.25, "1/100", "0.001", 3: exact num/den in lowest terms, num may exceed den. Negative is refused. */
status node_ratio(const document *d, const node *n, uint64_t *num, uint64_t *den, err *e);
status node_object(const document *d, const node *n, err *e); /* demands the kind */
status node_array(const document *d, const node *n, err *e);
/* Every member must be in names[]; `x-…` and `_comment` pass; else "unknown key `…`, did you mean `…`?". */
status node_only(const document *d, const node *n, const char *const *names, size_t count, err *e);
status node_error(const document *d, const node *n, err *e, status code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The value as JSON text (compact), e.g. to hand an inline policy on to policy_parse. Its bytes are those of the
 * source: *at is the extent's place. */
status node_source_text(const document *d, const node *n, str *text, place *at, err *e);

/* ---- writing ---- */
typedef struct out_node out_node; /* an object or an array under construction */
document               *document_new_object(void);
document               *document_new_array(void);
out_node               *document_out(document *d);
out_node               *out_object(out_node *parent, const char *name); /* name null: append to an array */
out_node               *out_array(out_node *parent, const char *name);
void                    out_str(out_node *parent, const char *name, str value);
void                    out_text(out_node *parent, const char *name, const char *value);
void                    out_i64(out_node *parent, const char *name, int64_t value);
void                    out_u64(out_node *parent, const char *name, uint64_t value);
void                    out_bool(out_node *parent, const char *name, bool value);
void                    out_null(out_node *parent, const char *name);
void out_real(out_node *parent, const char *name, double value); /* bench/ only; shortest of %.6g..%.17g */
void out_raw(out_node *parent, const char *name, str json);      /* already JSON, checked by an assert   */
str  document_print(arena *a, const document *d);
str  document_print_compact(arena *a, const document *d); /* one line without a newline */

#endif
