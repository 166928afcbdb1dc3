/* remedy.h - the smallest changes that turn a decision into the other: a denial into Allowed, Allowed into a denial.
 *
 * A change is one edit, or two or three where one does not do. Edits are what an administrator would make: a statement
 * more, a statement narrower, a policy attached or detached, an account moved. A policy that the organization attaches
 * to several targets is changed for all of them. Where a level lacks an Allow, policies that the organization has come
 * before new ones: a new SCP is made only where none of them, attached there, would allow.
 *
 * Search    depth first, ever deeper: the first obstacle to the wanted decision is taken, each edit that may remove it
 *           is tried, and so on. As every change has to remove every obstacle, no smaller one of such edits is missed.
 *           It ends at the smallest number of edits that does, or goes on where that only moves the account.
 * Verified  what is given was decided again, changed, and comes out as wanted.
 * Order     number of edits; then the breadth of what they touch (who, plus what, see below); then kind and place.
 * Limits    REMEDY_STEPS edits are tried; then `complete` is false. Moves are tried to the REMEDY_PLACES_MAX nodes that
 *           are nearest in the tree.
 * Memory    all lives in `a`.
 */
#ifndef AUTHZ_REMEDY_H
#define AUTHZ_REMEDY_H

#include "authz/explain.h"
#include "org/org.h"

#define REMEDY_EDITS      3u
#define REMEDY_MAX        8u /* changes given; of them at most REMEDY_MOVES_MAX that move the account */
#define REMEDY_MOVES_MAX  2u
#define REMEDY_PLACES_MAX 16u
#define REMEDY_ATTACH_MAX 3u /* policies that a level is offered, see REMEDY_ATTACH */
#define REMEDY_STEPS      6000u

typedef enum {
    REMEDY_EXCEPT, /* a condition more in each Deny that matches, which spares the principal                   */
    REMEDY_EXTEND, /* the action, put into an Allow that takes the rest of the request                          */
    REMEDY_NARROW, /* the action, taken out of each statement that matches                                     */
    REMEDY_ATTACH, /* an SCP that the organization has, attached to a level that lacks an Allow: FullAWSAccess;
                      where the level keeps a list of what is allowed, those attached least too                */
    REMEDY_ADD,    /* a small policy more, or a statement where there is one policy only: an Allow, or a Deny; with
                      WHAT_ALL a key's delegation to its account                                            */
    REMEDY_DROP,   /* each statement that matches, taken out of a policy that has others                       */
    REMEDY_DETACH, /* the policy, taken away                                                                   */
    REMEDY_MOVE    /* the account, moved to another OU                                                         */
} remedy_kind;

/* Who is touched, and in what: the smaller the narrower. */
typedef enum { WHO_PRINCIPAL, WHO_ACCOUNT, WHO_OU, WHO_ORGANIZATION } remedy_who;
typedef enum {
    WHAT_ACTION_ON_RESOURCE,
    WHAT_ACTION,
    WHAT_PATTERN,   /* all actions of a pattern */
    WHAT_STATEMENT, /* all that it says         */
    WHAT_POLICY,
    WHAT_ALL
} remedy_what;

typedef struct {
    remedy_kind    kind;
    remedy_who     who;
    remedy_what    what;
    decision_layer layer;
    uint32_t       level;      /* in the case; of REMEDY_MOVE 0                                            */
    uint32_t       policy;     /* in the level; EXPLAIN_NONE for a new one                                 */
    uint32_t       statement;  /* the first that is changed, dropped or added, or EXPLAIN_NONE             */
    const policy  *before;     /* null for a new one                                                       */
    const policy  *after;      /* null when it goes; of REMEDY_ATTACH the policy as it is                  */
    str            text;       /* of `after`                                                               */
    uint32_t       org_policy; /* ORG_NONE for a new one, in other layers, and without an organization     */
    org_target     target;     /* where in the organization, or ORG_NONE: of SCPs and RCPs                 */
    uint32_t       node;       /* of REMEDY_MOVE: where to                                                 */
} remedy_edit;

typedef struct {
    remedy_edit edits[REMEDY_EDITS];
    uint32_t    count;
    policy_case changed;
    decision    after;
} remedy;

typedef struct {
    remedy  *items;
    uint32_t count;
    bool     complete;
    uint32_t tried; /* edits */
} remedy_list;

/* x: of c. view: the organization whose SCPs and RCPs the case has (org_levels of principal and resource), or null. */
void authz_remedies(arena *a, const policy_case *c, const explanation *x, const catalog *facts, const org_view *view,
                    remedy_list *out);

const char *remedy_kind_name(remedy_kind kind); /* `except-principal`, `extend-allow`, … */

#endif
