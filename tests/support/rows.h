/* rows.h - behaviour as data: files of JSON Lines under tests/cases, row by row.
 *
 * What cannot be read fails the test with its place. Paths and texts live in the arena of the call.
 */
#ifndef SUPPORT_ROWS_H
#define SUPPORT_ROWS_H

#include "support/support.h"

#include "base/arena.h"
#include "base/status.h"

typedef struct {
    source in;
    source line; /* of the row that rows_next went to */
    size_t at;
} rows;

/* The *.jsonl of a folder below tests/cases, by name. */
uint32_t rows_files(arena *a, const char *folder, str **paths);
void     rows_open(arena *a, str path, rows *out);
bool     rows_next(rows *r);

/* A member's value: as JSON text, which is a part of the row, and a string's text. Ptr null when absent. */
str row_json(arena *a, const source *row, const char *member);
str row_text(arena *a, const source *row, const char *member);

#endif
