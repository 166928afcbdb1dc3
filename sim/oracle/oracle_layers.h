/* oracle_layers.h - one layer of a case, looked at on its own; private to the room.
 *
 * Source  spec 4.1 (layers), 4.3 (who is exempt from SCPs), 4.4 (when RCPs apply), 4.7 (inside a layer).
 * Memory  traces live in the arena of the call.
 */
#ifndef ORACLE_ORACLE_LAYERS_H
#define ORACLE_ORACLE_LAYERS_H

#include "policy/catalog.h"
#include "policy/explanation.h"

typedef struct {
    arena             *a;
    const policy_case *c;
    const catalog     *facts; /* may be null */
    caller             who;
    str                owner;          /* account of the resource */
    bool               has_boundary;   /* one that is attached to the caller */
    bool               nothing_needed; /* sts:GetCallerIdentity by somebody */
} oracle_question;

oracle_question oracle_question_of(arena *a, const policy_case *c, const catalog *facts);
layer_trace     oracle_layer(const oracle_question *x, decision_layer layer);

/* The strongest reach of the Allows that match in a layer's first level. */
principal_reach oracle_strongest_allow(const layer_trace *t);

#endif
