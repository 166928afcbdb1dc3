/* parse.h - policy text to ast, with every rule of the grammar and of the policy's type.
 *
 * Strict    what AWS would refuse is an error (`file:line:column: …`, STATUS_SYNTAX or STATUS_INVALID).
 * Lenient   for evaluating documents as they are found. Passes: a missing Version, an empty Statement array, an Id,
 *           any Sid, an element or Effect that the type does not allow or one that it demands (but for Effect and
 *           Action), an unknown operator, an empty value array, values that their operator cannot read. Does not pass:
 *           broken JSON, unknown elements, wrong kinds, malformed actions, an element beside its Not- form.
 * Dialect   DIALECT_SCP_LEGACY is the SCP language before September 2025; it matters to strict parsing only.
 * Counting  `characters`, `characters_minified` and `bytes` count all that was given, white space around it included.
 * Limits    text below 2^31 bytes, POLICY_STATEMENTS_MAX statements; time is linear in the text.
 */
#ifndef POLICY_PARSE_H
#define POLICY_PARSE_H

#include "base/json.h"
#include "policy/ast.h"

#define POLICY_STATEMENTS_MAX 65536u /* AWS's longest documents hold some 500 */

typedef enum { DIALECT_SCP_FULL, DIALECT_SCP_LEGACY } policy_dialect;

/* The family of rules that a refusal belongs to. */
typedef enum {
    PARSE_GRAMMAR, /* unknown, missing or repeated elements, wrong kinds */
    PARSE_TYPE,    /* what this type of policy does not allow            */
    PARSE_OPERATOR,
    PARSE_VALUE, /* a condition value that its operator cannot read    */
    PARSE_ACTION,
    PARSE_RESOURCE,
    PARSE_PRINCIPAL,
    PARSE_VERSION,
    PARSE_SID,
    PARSE_CHARACTER, /* beyond what IAM stores                             */
    PARSE_LEGACY,    /* the SCP language before September 2025             */
} parse_rule;

typedef struct {
    parse_rule rule;
    size_t     at; /* byte offset in the source */
    str        text;
} parse_refusal;

#define PARSE_REFUSALS_MAX 1000
typedef struct {
    parse_refusal *items; /* in the arena of the parse */
    size_t         count, capacity;
    uint64_t       dropped; /* beyond PARSE_REFUSALS_MAX */
} parse_refusals;

typedef struct {
    policy_type    type;
    policy_dialect dialect;
    bool           lenient;
    /* Given: rules broken are gathered here, a statement that breaks one is left out, and parsing goes on behind it;
     * an error is then broken JSON or a document in which no policy can be seen (STATUS_INVALID: with a refusal). */
    parse_refusals *refusals;
} policy_parse_options;

/* The whole of in->text is one document. */
status policy_parse(arena *a, const source *in, policy_parse_options options, policy **out, err *e);
/* The document is in->text[begin, end), e.g. a value inside a case row. */
status policy_parse_part(arena *a, const source *in, size_t begin, size_t end, policy_parse_options options,
                         policy **out, err *e);

#endif
