/* lint.h - what is wrong, doubtful or without effect in one policy.
 *
 * A finding has a stable code (lint_codes.h), a place in the user's text and one sentence. What AWS refuses is an
 * error: a statement that breaks a rule is left out and the others are checked; broken JSON ends the check. What AWS
 * takes but hardly anybody means is a warning; what may well be meant is a note.
 *
 * Order    by place, then code: the same for the same text.
 * Cost     linear in the text, but for comparisons of statements, lists and names with each other: those stop at
 *          LINT_WORK_MAX and say so. At most LINT_FINDINGS_MAX findings are kept; the rest are counted and noted.
 * Memory   the arena owns findings and their text.
 * Source   spec: AWS's own guides; each lint names the rule that it rests on in its `help`.
 */
#ifndef POLICY_LINT_H
#define POLICY_LINT_H

#include "policy/catalog.h"
#include "policy/lint_codes.h"
#include "policy/parse.h"

typedef enum { LINT_SEVERITY_NOTE, LINT_SEVERITY_WARNING, LINT_SEVERITY_ERROR } lint_severity;

typedef enum {
#define LINT_ENUM(id, number, severity, name, what, help) LINT_##id,
    LINT_CODES(LINT_ENUM)
#undef LINT_ENUM
        LINT_CODE_COUNT
} lint_code;

typedef struct {
    uint16_t      number; /* 121 for ORG121 */
    lint_severity severity;
    const char   *name, *what, *help;
} lint_rule;

const lint_rule *lint_rule_of(lint_code code);
const char      *lint_severity_name(lint_severity s); /* `note`, `warning`, `error` */
/* `ORG121`, `org121` or `unknown-action`. */
bool lint_code_find(str text, lint_code *out);

#define LINT_FINDINGS_MAX 1000u
#define LINT_WORK_MAX     100000000u /* bytes compared, about */

typedef struct {
    lint_code code;
    size_t    at; /* byte offset in the source */
    size_t    line, column;
    str       text;
} lint_finding;

typedef struct {
    lint_finding *items;
    size_t        count, capacity;
    uint64_t      dropped; /* findings beyond LINT_FINDINGS_MAX */
} lint_report;

typedef struct {
    policy_type    type;
    policy_dialect dialect;
    uint32_t       characters_max; /* 0: none */
    str            quotas;         /* name of the quota profile, for the message */
    bool           minified;       /* sizes count without white space, as the console saves them */
    const bool    *off;            /* [LINT_CODE_COUNT]: codes not wanted; may be null */
} lint_options;

/* Checks in->text[begin, end). Returns the policy, without the statements that were refused; null when there is none.
 */
const policy *lint_policy(arena *a, const source *in, size_t begin, size_t end, lint_options options,
                          const catalog *facts, lint_report *out);

/* For whoever adds findings of their own: appends, and later sorts by place and fills in line and column. */
str  lint_clip(str s); /* the beginning of a text for a message: at most 200 bytes, no part of a character */
void lint_report_add(arena *a, lint_report *r, lint_code code, size_t at, str text);
void lint_report_finish(const source *in, lint_report *r);

/* Whether every request that matches `inner` matches `outer` too: true only where it is sure. *work grows by the bytes
 * compared. */
bool lint_statement_covers(const policy_statement *outer, const policy_statement *inner, uint64_t *work);
/* Whether one action may match both: false only where none can. */
bool lint_actions_overlap(const policy_statement *a, const policy_statement *b, uint64_t *work);

#endif
