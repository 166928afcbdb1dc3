/* pattern.h - inside this room: a pattern in which some bytes are plain text because a policy variable put them there.
 */
#ifndef POLICY_PATTERN_H
#define POLICY_PATTERN_H

#include "base/arena.h"
#include "policy/catalog.h"
#include "policy/request.h"

typedef struct {
    str         text;
    const bool *literal; /* [text.len]: this byte is no wildcard; null: none is */
} pattern;

static inline bool pattern_is(pattern p, size_t i, char wildcard)
{
    return i < p.text.len && p.text.ptr[i] == wildcard && (p.literal == NULL || !p.literal[i]);
}

bool pattern_glob(pattern p, str text, bool nocase);
bool pattern_arn(pattern p, str text);
bool pattern_arn_ok(pattern p); /* six parts */
/* Puts values for the variables of text[from..]; false when one has none. Uses the arena only if there is one. facts
 * may be null. */
bool pattern_resolve(arena *a, str text, size_t from, const request *q, const catalog *facts, pattern *out);

#endif
