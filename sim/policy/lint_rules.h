/* lint_rules.h - inside this room: what the lints of one policy share. */
#ifndef POLICY_LINT_RULES_H
#define POLICY_LINT_RULES_H

#include "policy/lint.h"

typedef struct {
    arena         *a;
    const source  *in;
    const policy  *p;
    const catalog *facts;
    lint_options   options;
    lint_report   *report;
    uint64_t       work;  /* bytes compared by what is not linear    */
    bool           whole; /* nothing was refused, hence left out of p */
    bool           key_policy;
} linter;

/* The finding is about byte i of the lexeme. */
void lint_add(linter *l, lint_code code, size_t at, const char *format, ...) __attribute__((format(printf, 4, 5)));
#define LINT_FMT(s) (int)lint_clip(s).len, (s).ptr
/* Whether there is work left for `bytes` more; counts them. */
bool lint_work(linter *l, uint64_t bytes);
/* `Sid` in backticks, else `statement 3`: for messages. */
str lint_statement_name(linter *l, const policy_statement *s);

/* One file each. */
void lint_actions(linter *l, const policy_statement *s);
void lint_resources(linter *l, const policy_statement *s);
void lint_principals(linter *l, const policy_statement *s);
void lint_keys(linter *l, const policy_statement *s);
void lint_values(linter *l, const policy_statement *s);
void lint_logic(linter *l, const policy_statement *s);
void lint_tag_keys(linter *l);
void lint_statements(linter *l);
void lint_key_policy(linter *l);

bool lint_is_key_policy(const policy *p);
/* Some condition holds for nobody but those whom its values name, or who come from where they say. Without one, a
 * statement for every principal is for strangers too. */
bool lint_limits_callers(linter *l, const policy_statement *s);

/* A list of texts, for duplicates; fields as they lie in the ast. */
void lint_duplicates(linter *l, const lexeme *items, uint32_t count, bool nocase, const char *what);

/* Policy variables of a resource or condition value. */
void lint_variables(linter *l, const lexeme *value);
/* A condition key: known, or of an identity provider that no catalogue lists. */
str  lint_key_near(linter *l, str key); /* ptr null: none */
bool lint_key_foreign(str key);         /* of an identity provider: `accounts.google.com:sub` */
bool lint_key_is(const policy_clause *c, const char *key);

/* ---- patterns of `*` and `?` ---- */

/* Every text that `inner` matches, `outer` matches: true only where it is sure. */
bool lint_glob_covers(str outer, str inner, bool nocase, uint64_t *work);
/* Some text may match both. */
bool lint_globs_meet(str a, str b, bool nocase, uint64_t *work);
bool lint_only_stars(str s);
bool lint_has_wildcard(str s); /* outside `${…}` */
bool lint_action_everything(str action);

#endif
