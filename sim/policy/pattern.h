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

#define ARN_PARTS 6
typedef struct {
    pattern parts[ARN_PARTS];
} arn_pattern;
/* False when there are fewer parts than six. Colons that a variable put in count. */
bool pattern_arn_read(pattern p, arn_pattern *out);
bool pattern_arn(const arn_pattern *p, const arn_pattern *text);

bool pattern_has_variable(str text);
/* Puts values for the variables of text[from..]; false when one has none. Uses the arena only if there is one. facts
 * may be null. missing (may be null): the key of the first variable without a value. */
bool pattern_resolve(arena *a, str text, size_t from, const request *q, const catalog *facts, pattern *out,
                     str *missing);

/* A Resource value, as far as it can be read without a request. */
typedef struct {
    str    text;
    size_t head;                         /* bytes up to and with the fifth colon */
    bool   everything, variable, usable; /* usable: not too short to match */
} resource_pattern;
/* Up to text's padding, which goes to `a`. */
resource_pattern resource_pattern_read(arena *a, str text, policy_type type, bool version_2012);

/* A request's resource, likewise. */
typedef struct {
    size_t head;
    bool   is_arn;
} resource_asked;
resource_asked resource_asked_read(str resource);
bool           resource_pattern_holds(arena *scratch, const resource_pattern *p, const request *q, resource_asked asked,
                                      const catalog *facts);

#endif
