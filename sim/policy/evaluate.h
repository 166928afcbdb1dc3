/* evaluate.h - compiled statements, and a layer's verdict on a request given as text.
 *
 * compile   action patterns become sets of handles; what a set cannot say (actions beyond the catalogue) keeps its
 *           patterns. Everything else of a statement stays in the ast, to be tested when the action agrees.
 * evaluate  spec 4.7: OR inside a level, AND across levels, deny anywhere.
 */
#ifndef POLICY_EVALUATE_H
#define POLICY_EVALUATE_H

#include "policy/catalog.h"
#include "policy/request.h"

typedef struct {
    uint16_t chunk;
    uint64_t mask;
} action_chunk;

/* The actions of the catalogue a statement names: every chunk not listed is `rest` (all its actions or none). */
typedef struct {
    bool          rest;
    uint32_t      count;
    action_chunk *chunks; /* ascending */
} action_set;

typedef struct {
    const policy_statement *ast;
    action_set              actions;
    bool                    every_resource; /* Resource "*" (or only stars): no test needed */
    bool                    never;          /* can match no request                         */
} compiled_statement;

typedef struct {
    const policy       *ast;
    compiled_statement *statements;
    uint32_t            count;
} compiled_policy;

status policy_compile(arena *a, const policy *p, const catalog *facts, compiled_policy **out, err *e);

typedef enum { VERDICT_IMPLICIT, VERDICT_ALLOW, VERDICT_EXPLICIT } verdict;

/* Whether the statement's Action / NotAction takes `service:Name`, catalogue or not. */
bool statement_takes_action(const policy_statement *s, str action);
/* Whether Resource / NotResource and all clauses hold (the action is taken for granted). */
bool statement_guard_holds(const policy_statement *s, const policy *p, const request *q, const catalog *facts);
bool statement_resource_holds(const policy_statement *s, const policy *p, const request *q);

verdict level_evaluate(policy_level level, const request *q, const catalog *facts);
/* *level_out: topmost level with an explicit deny, else the topmost without an Allow. */
verdict chain_evaluate(const policy_level *levels, uint32_t count, const request *q, const catalog *facts,
                       uint32_t *level_out);

#endif
