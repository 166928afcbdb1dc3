/* remedy_state.h - inside this room: a case under change, as one slot for each policy with what it says of the request,
 * so that an edit costs the evaluation of the policy that it changes.
 */
#ifndef AUTHZ_REMEDY_STATE_H
#define AUTHZ_REMEDY_STATE_H

#include "authz/remedy.h"

typedef struct {
    decision_layer  layer;
    uint32_t        level, index; /* where it is in the case; index EXPLAIN_NONE: it came by an edit */
    uint32_t        org_policy;   /* or ORG_NONE */
    const policy   *p;
    bool            gone, denies;
    principal_reach allows; /* the strongest */
} remedy_slot;

typedef struct { /* what a search has in common */
    const policy_case *c;
    const explanation *x;
    const catalog     *facts;
    const org_view    *view;
    caller             who;
    bool               has_account, rcps_follow; /* of the principal in the view; the resource's account is the same */
    uint32_t           account;
    org_target         chain[2][ORG_CHAIN_MAX]; /* of SCPs, of RCPs; where there is a view            */
    uint8_t           *known;                   /* [policies] what was found out of those of other OUs */
} remedy_world;

typedef struct {
    const remedy_world *w;
    remedy_slot        *slots;
    uint32_t            count;
    uint32_t            node; /* that the account was moved to, or ORG_NONE */
    explanation         x;    /* verdicts without statements */
    decision            d;
} remedy_state;

void remedy_world_init(arena *a, remedy_world *w, const policy_case *c, const explanation *x, const catalog *facts,
                       const org_view *view);
bool remedy_in_chain(decision_layer layer); /* SCPs, RCPs */

remedy_state remedy_state_new(arena *a, const remedy_world *w);
/* slot->org_policy as it is in the organization, or by now in the state, and what it says: sets p, denies and allows.
 */
void remedy_state_judge(arena *a, const remedy_world *w, remedy_slot *slot);
void remedy_state_recall(arena *a, const remedy_state *s, remedy_slot *slot);
/* The state after an edit; temporaries and the new slots live in `a`. */
remedy_state remedy_state_edit(arena *a, const remedy_state *s, const remedy_edit *e);
void         remedy_state_case(arena *a, const remedy_state *s, policy_case *out);

#endif
