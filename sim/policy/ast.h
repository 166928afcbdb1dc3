/* ast.h - one policy document as parsed: every element with its lexeme and place, nothing interpreted.
 *
 * The compiled core and the oracle both start here and share nothing beyond it: numbers, dates, addresses, ARNs and
 * patterns are kept as text, so each interprets them on its own.
 *
 * Grammar  spec: AWS IAM User Guide "Grammar of the IAM JSON policy language"; allowed elements by policy type are a
 *          table in parse.c.
 * Memory   the arena given to policy_parse owns everything; lexemes without escapes are views into the source text,
 *          which must live as long.
 */
#ifndef POLICY_AST_H
#define POLICY_AST_H

#include "base/arena.h"
#include "base/status.h"

typedef enum {
    POLICY_SCP,
    POLICY_RCP,
    POLICY_IDENTITY,
    POLICY_BOUNDARY,
    POLICY_SESSION,
    POLICY_RESOURCE,
    POLICY_TRUST,
    POLICY_ENDPOINT,
    POLICY_TYPE_COUNT
} policy_type;

typedef struct {
    str      text; /* decoded for strings; the source lexeme for numbers and booleans */
    uint32_t at;   /* byte offset in policy->in                                       */
} lexeme;

#define CONDITION_BASES(X)                                        \
    X(STRING_EQUALS, "StringEquals")                              \
    X(STRING_NOT_EQUALS, "StringNotEquals")                       \
    X(STRING_EQUALS_IGNORE_CASE, "StringEqualsIgnoreCase")        \
    X(STRING_NOT_EQUALS_IGNORE_CASE, "StringNotEqualsIgnoreCase") \
    X(STRING_LIKE, "StringLike")                                  \
    X(STRING_NOT_LIKE, "StringNotLike")                           \
    X(NUMERIC_EQUALS, "NumericEquals")                            \
    X(NUMERIC_NOT_EQUALS, "NumericNotEquals")                     \
    X(NUMERIC_LESS_THAN, "NumericLessThan")                       \
    X(NUMERIC_LESS_THAN_EQUALS, "NumericLessThanEquals")          \
    X(NUMERIC_GREATER_THAN, "NumericGreaterThan")                 \
    X(NUMERIC_GREATER_THAN_EQUALS, "NumericGreaterThanEquals")    \
    X(DATE_EQUALS, "DateEquals")                                  \
    X(DATE_NOT_EQUALS, "DateNotEquals")                           \
    X(DATE_LESS_THAN, "DateLessThan")                             \
    X(DATE_LESS_THAN_EQUALS, "DateLessThanEquals")                \
    X(DATE_GREATER_THAN, "DateGreaterThan")                       \
    X(DATE_GREATER_THAN_EQUALS, "DateGreaterThanEquals")          \
    X(BOOL, "Bool")                                               \
    X(BINARY_EQUALS, "BinaryEquals")                              \
    X(IP_ADDRESS, "IpAddress")                                    \
    X(NOT_IP_ADDRESS, "NotIpAddress")                             \
    X(ARN_EQUALS, "ArnEquals")                                    \
    X(ARN_NOT_EQUALS, "ArnNotEquals")                             \
    X(ARN_LIKE, "ArnLike")                                        \
    X(ARN_NOT_LIKE, "ArnNotLike")                                 \
    X(NULL, "Null")

typedef enum {
#define CONDITION_ENUM(id, name) CONDITION_##id,
    CONDITION_BASES(CONDITION_ENUM)
#undef CONDITION_ENUM
        CONDITION_UNKNOWN, /* lenient parsing only: its statement never matches */
    CONDITION_BASE_COUNT
} condition_base;

typedef enum { CONDITION_PLAIN, CONDITION_FOR_ALL, CONDITION_FOR_ANY } condition_set;

typedef struct { /* one key under one operator */
    condition_base base;
    condition_set  set;
    bool           if_exists;
    lexeme         name; /* the operator as spelled */
    lexeme         key;
    lexeme        *values;
    uint32_t       value_count; /* 0 only in lenient parsing */
} policy_clause;

typedef enum {
    PRINCIPAL_EVERYONE, /* "*" */
    PRINCIPAL_AWS,
    PRINCIPAL_SERVICE,
    PRINCIPAL_FEDERATED,
    PRINCIPAL_CANONICAL,
} principal_kind;

typedef struct {
    principal_kind kind;
    lexeme         value; /* {"AWS":"*"} is kind AWS with value `*` */
} policy_principal;

typedef struct {
    lexeme            sid; /* text.ptr null when absent */
    bool              deny;
    bool              not_action, not_resource, not_principal;
    bool              has_resource, has_principal;
    lexeme           *actions;
    uint32_t          action_count;
    lexeme           *resources;
    uint32_t          resource_count;
    policy_principal *principals;
    uint32_t          principal_count;
    policy_clause    *clauses;
    uint32_t          clause_count;
    uint32_t          at, end; /* extent in policy->in */
} policy_statement;

typedef struct {
    policy_type       type;
    bool              version_2012; /* policy variables exist only then */
    bool              has_version;
    lexeme            id;
    policy_statement *statements;
    uint32_t          statement_count;
    const source     *in;
    uint32_t          at, end;             /* extent of the document in in->text            */
    uint32_t          characters;          /* Unicode code points as submitted              */
    uint32_t          bytes;               /* as submitted                                  */
    uint32_t          characters_minified; /* without insignificant white space    */
    /* What evaluation wants to know of it beforehand (policy/prepare.h); null: found out with each question. */
    const struct policy_prepared *prepared;
} policy;

const char *policy_type_name(policy_type t);        /* `SERVICE_CONTROL_POLICY`, `identity`, … */
bool        condition_negated(condition_base base); /* the *Not* operators */

#endif
