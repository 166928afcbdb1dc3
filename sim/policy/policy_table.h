/* policy_table.h - policies that were parsed before, found by their bytes: case rows repeat the same few.
 *
 * A policy is known by its type and raw text: by XXH3-128, then byte by byte. What was parsed leniently, as for case
 * rows, and what the strict grammar took are apart: neither is found for the other.
 * Memory   the table's own. A policy is its own source, named `policy`, its text from line 1. What a row uses lives
 *          until policy_table_trim, which lets the least recently used go until the rest fits: call it between rows.
 *          A text above a sixteenth of the limit is not kept: it is parsed into the row's arena.
 * Threads  one at a time.
 */
#ifndef POLICY_POLICY_TABLE_H
#define POLICY_POLICY_TABLE_H

#include "base/json.h"
#include "policy/catalog.h"
#include "policy/ast.h"

typedef struct policy_table policy_table;

policy_table *policy_table_new(size_t bytes_max);
void          policy_table_free(policy_table *t);
void          policy_table_trim(policy_table *t);
/* From now on a policy that is found again is prepared for questions with these facts (policy/prepare.h). */
void policy_table_prepare(policy_table *t, const catalog *facts);

typedef struct {
    policy_type type;
    bool        strict;
} policy_table_options;

/* The policy that r's next value is, and takes it; an object, or an error. Into `a` goes what is not kept. */
status policy_table_read(policy_table *t, arena *a, json_reader *r, policy_table_options options, const policy **out,
                         err *e);

typedef struct {
    uint64_t found, parsed, dropped; /* since the table was made */
    size_t   count, bytes;           /* of what is kept; bytes: their arenas' */
} policy_table_stats;
policy_table_stats policy_table_stats_get(const policy_table *t);

#endif
