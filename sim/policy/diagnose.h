/* diagnose.h - what could not be evaluated, said: the decision stays as it is.
 *
 * A clause is looked at when Action, Principal and Resource of its statement take the request, whatever other clauses
 * say; a Resource value with a variable when Action and Principal do. A key is asked for by a
 * clause or by a variable. Each is said once for a request. A variable that its policy's version makes plain text is
 * said where the text is compared.
 */
#ifndef POLICY_DIAGNOSE_H
#define POLICY_DIAGNOSE_H

#include "policy/evaluate.h"

typedef struct {
    diagnostic_kind kind;
    decision_layer  layer;
    uint32_t        level, policy, statement, clause; /* clause: index, or UINT32_MAX where a Resource value did it */
    const policy   *in;
    str             what; /* the value, variable, key or operator that could not be evaluated */
} diagnostic;

/* For people, who count policies and statements from 1, and levels by their distance from the root:
 * ``SCP at level 1 below the root, policy 1, statement 3 (`Sid`): value `x` under `DateNotEquals` cannot be read`` */
str diagnostic_text(arena *a, const diagnostic *d);

typedef struct { /* starts as zeros, but for the arena; items and texts live there or are views */
    arena      *a;
    diagnostic *items;
    size_t      count, capacity;
} diagnostics;

/* Adds what one level of a layer gives rise to. */
void diagnose_level(diagnostics *to, decision_layer layer, uint32_t level, policy_level policies,
                    const policy_question *x);

#endif
