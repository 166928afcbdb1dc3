/* authz.h - the answer, fast: one revision of an organization compiled for reading.
 *
 *   request (64 bytes)          image of one revision
 *   account ------------------> page of row pointers --> row of (parent chain, own SCPs), shared
 *   owner --------------------> the same of RCPs, where there are any; services that do not honour them are open there
 *   role ---------------------> cells of the role's identity policies, boundary and session policies
 *   resource -----------------> cells of the policy that the resource has, by how far an Allow has to reach
 *   (chunk, bit) -------------> the row's block of 16 chunks --> the chunk's cell --> the action's code: a constant or
 *                               a formula; blocks and cells are shared by all rows that say the same
 *   value[slot] --------------> the formula's entries: one bit per value id of a slot
 *
 * Vocabulary  (authz_vocabulary) what requests carry, as slots. A slot's values are dense ids from 1, 0 is "absent". A
 *             slot holds one context key, or a bundle of keys that go together (the tags of one call, the origin of a
 *             session): then a value is one text or list for each of them. A text may be a family: it has a hole that
 *             the id of the request's account fills (of its owner, in columns that speak of the resource), so that
 *             `arn:aws:iam::<account>:role/Admin` is ONE value for a million accounts. Slot 0 is the resource (absent:
 *             the token `*`), slot 1 the role, with all keys that follow from who asks. Filled before images are
 *             built, then read only.
 * Derived     aws:PrincipalOrgID, aws:ResourceOrgID, aws:PrincipalOrgPaths, aws:ResourceOrgPaths, aws:CurrentTime and
 *             aws:EpochTime need no slot: they follow from the view and the request. Of a role that has them among its
 *             keys the principal's two are what the role says. Requests of EBS direct APIs do not say whose the
 *             resource is: they have none of the resource's, nor aws:ResourceAccount, whatever its slot holds.
 * Store       builds images and owns what they share: rows (reference-counted slabs), hash-consed blocks, cells,
 *             formulas and atoms. One thread builds and releases; a built image may be read by any number of threads.
 * Image       immutable; image n+1 shares every row and page with image n that did not change.
 * Decision    equal to oracle_decide_at in kind, layer and level for every request, also of a removed account:
 *             no SCP of the organization binds it any more, and it has no organization id.
 */
#ifndef AUTHZ_AUTHZ_H
#define AUTHZ_AUTHZ_H

#include "org/org.h"
#include "policy/catalog.h"
#include "policy/request.h"

#define AUTHZ_SLOTS      24
#define AUTHZ_RESOURCE   0u /* slots of fixed meaning */
#define AUTHZ_PRINCIPAL  1u
#define AUTHZ_VALUES_MAX 65535u
#define AUTHZ_BATCH      64

/* ---- vocabulary ---- */
typedef struct authz_vocabulary authz_vocabulary;
authz_vocabulary               *authz_vocabulary_new(const catalog *facts);
void                            authz_vocabulary_free(authz_vocabulary *v);

typedef enum { AUTHZ_SINGLE, AUTHZ_LIST } authz_shape;
typedef struct {
    str         key;
    authz_shape shape;
    bool        of_owner; /* holes take the id of the resource's account, not of the principal's */
} authz_column;
#define AUTHZ_NO_HOLE SIZE_MAX
typedef struct {      /* of one column: a text, or a list of them */
    const str *texts; /* null: absent */
    uint32_t   count;
    size_t     hole; /* of a single text: byte offset where the account id goes, or AUTHZ_NO_HOLE */
} authz_entry;

/* The id of the organization that requests are made in, before roles and resources; without it no key of organizations
 * is derived. */
void authz_organization(authz_vocabulary *v, str id);
/* The slot of a key (ignoring case), made if new. STATUS_LIMIT when all are taken. aws:ResourceAccount is of_owner. */
status authz_slot(authz_vocabulary *v, str key, authz_shape shape, uint32_t *slot, err *e);
/* Dense id (1..) of a value, made if new. */
status authz_value(authz_vocabulary *v, uint32_t slot, str text, size_t hole, uint16_t *id, err *e);
status authz_value_list(authz_vocabulary *v, uint32_t slot, const str *texts, uint32_t count, uint16_t *id, err *e);
/* The same for keys that go together; equal columns have one slot, and no key is in two. Where every entry is absent,
 * the id is 0. */
status authz_bundle(authz_vocabulary *v, const authz_column *columns, uint32_t count, uint32_t *slot, err *e);
status authz_bundle_value(authz_vocabulary *v, uint32_t slot, const authz_entry *entries, uint16_t *id, err *e);
/* The text of a resource, with the account id in its hole; in `a` where it has one. */
str      authz_resource_text(arena *a, const authz_vocabulary *v, uint16_t id, str account_id);
uint32_t authz_slot_count(const authz_vocabulary *v);
uint32_t authz_value_count(const authz_vocabulary *v, uint32_t slot);

typedef struct { /* a context key that follows from who asks */
    str         key;
    const str  *texts;
    uint32_t    count;
    size_t      hole; /* as in authz_entry */
    authz_shape shape;
} authz_role_key;

/* A role that requests are made with: its principal is a family value, its identity policies one level. Without a hole
 * it is no principal of the organization: a service, anonymous, or of an account outside; the request's `account` is
 * then any that there is, for routing only. */
typedef struct {
    str           name;           /* for reports: `Administrator`                                       */
    str           principal;      /* principal text with a hole: `arn:aws:sts::` + account + `:assumed-role/Admin/s` */
    size_t        hole;           /* AUTHZ_NO_HOLE: the same for every account                          */
    policy_level  identity;       /* parsed identity policies                                           */
    bool          root;           /* the account's root user: implicit Allow in place of identity policies */
    bool          service_linked; /* SCPs and RCPs do not bind it */
    const policy *boundary;       /* null: none is attached; a root user has none       */
    policy_level  session;        /* count 0: none was passed                           */
    const authz_role_key *keys;
    uint32_t              key_count;
} authz_role;

/* The values of slot AUTHZ_PRINCIPAL: the roles in their order, behind those bound before. Principals and keys are
 * copied. */
status authz_roles_bind(authz_vocabulary *v, const authz_role *roles, uint32_t count, err *e);

/* ---- what requests meet beside the organization's own policies ---- */

/* A policy that resources have: bucket, key, queue, trust … AUTHZ_OWN_ACCOUNT in its Principal values, and nowhere
 * else, is the owner's id. */
#define AUTHZ_OWN_ACCOUNT STR("<account>")
typedef struct {
    str           name;   /* for reports: `open to its account` */
    const policy *parsed; /* POLICY_RESOURCE or POLICY_TRUST    */
} authz_resource_policy;

/* What is known of a resource value beside its text. Without a call nothing is: it has no policy, and an account of the
 * organization owns it. */
typedef struct {
    uint16_t policy;          /* number of its policy + 1, 0: it has none                                         */
    bool     aws_managed_key; /* RCPs pass it by                                                                  */
    str      outside; /* owner outside the organization, 12 digits (such a value has no hole); ptr null: inside */
} authz_resource;
void           authz_resource_set(authz_vocabulary *v, uint16_t id, authz_resource r);
authz_resource authz_resource_get(const authz_vocabulary *v, uint16_t id);

#define AUTHZ_ENDPOINTS_MAX 31u
typedef struct {
    const authz_role            *roles;
    const authz_resource_policy *policies;
    const policy *const         *endpoints; /* policies of VPC endpoints */
    uint32_t                     role_count, policy_count, endpoint_count;
} authz_setting;

/* A call that names several resources: each is decided as a request of its own, and all have to be allowed. Of denials
 * an explicit one goes first, then the first in order. */
typedef struct {
    uint16_t resource;    /* value of slot 0, 0: `*`                             */
    uint16_t slot, value; /* this part has another value there; slot 0: it has not */
} authz_part;
#define AUTHZ_PARTS_MAX 16u
/* Dense id (1..) of a set of parts, which value[AUTHZ_RESOURCE] of an AUTHZ_SEVERAL request names. */
status authz_parts_add(authz_vocabulary *v, const authz_part *parts, uint32_t count, uint16_t *id, err *e);

/* ---- requests ---- */
typedef struct {
    uint32_t      account;            /* of the principal, index in the org                                     */
    uint32_t      owner;              /* of the resource: its account; that of the principal where it is `*`    */
    uint32_t      time_s;             /* Unix seconds                                                           */
    action_handle action;             /* with the flags of the request                                          */
    uint16_t      value[AUTHZ_SLOTS]; /* ids by slot, 0 absent; value[AUTHZ_PRINCIPAL]: role + 1, never 0 */
} authz_request;
_Static_assert(sizeof(authz_request) == 64, "one request a cache line");

/* Principal, action, resource and context. Views of the vocabulary and the view, and what is filled in `a`. */
void authz_request_text(arena *a, const authz_vocabulary *v, const org_view *view, const authz_request *q,
                        request *out);

/* Flags of a request, in action.flags. */
#define AUTHZ_ENDPOINT 0x1fu /* bits: number of the endpoint's policy + 1, 0: it came through none           */
#define AUTHZ_SEVERAL  0x20u /* several resources: value[AUTHZ_RESOURCE] is a set of parts                   */
#define AUTHZ_LAYERED  0x40u /* more than SCPs and identity policies may decide; authz_request_seal sets it  */

/* Every request passes here once, when all else in it is set. */
void authz_request_seal(const authz_vocabulary *v, authz_request *q);

static inline uint32_t authz_request_role(const authz_request *q)
{
    return q->value[AUTHZ_PRINCIPAL] - 1u;
}

/* ---- store and images ---- */
typedef struct authz_store authz_store;
typedef struct authz_image authz_image;

/* Setting and vocabulary are fixed for the life of the store and must outlive it; so must the organization whose views
 * it compiles, as parsed policies are kept by reference. The roles are those that were bound to the vocabulary; their
 * policies may be others. */
authz_store *authz_store_new(const catalog *facts, const authz_vocabulary *v, authz_setting setting);
void         authz_store_free(authz_store *s); /* after its images */
/* Lets go of all that was compiled, but for what living images need: the next image is compiled from nothing. The store
 * does so by itself when changes have added much. */
void authz_store_renew(authz_store *s);

/* Compiles a view. previous (may be null): the image of the revision before; what did not change is shared. The view
 * must live as long as the image. */
authz_image *authz_image_build(authz_store *s, const org_view *view, const authz_image *previous);
void         authz_image_release(authz_store *s, authz_image *image);
uint32_t     authz_image_revision(const authz_image *image);

typedef struct {
    uint64_t bytes; /* rows, pages, formulas, tables reachable from the image */
    uint64_t rows, formulas, atoms, pages;
    uint64_t row_bytes, rows_shared; /* rows_shared: rows also in `previous` */
} authz_image_stats;
void authz_image_stats_get(const authz_store *s, const authz_image *image, authz_image_stats *out);

/* ---- deciding ---- */
decision authz_decide(const authz_image *image, const authz_request *q);
/* count <= AUTHZ_BATCH decisions, staged with prefetch. */
void authz_decide_batch(const authz_image *image, const authz_request *q, uint32_t count, decision *out);
/* The same without asking whether more than SCPs and identity policies may decide, which the caller knows not to be so:
 * for measuring what the question costs. */
void authz_decide_batch_plain(const authz_image *image, const authz_request *q, uint32_t count, decision *out);
/* Whether both images give the same answers for certain wherever this account takes part, as principal or as owner. */
bool authz_same_row(const authz_image *a, const authz_image *b, uint32_t account);
/* How a decision was reached, for counting: 0 unconditional, else the number of tests evaluated. */
uint32_t authz_decide_cost(const authz_image *image, const authz_request *q);

/* The request as text with all that belongs to it but SCPs, RCPs and the management account, which are the view's: for
 * the oracle, explanations and slow tests. Arrays and text live in `a`. part: below authz_request_parts. */
void authz_request_case(arena *a, const authz_image *image, const authz_request *q, uint32_t part, policy_case *out);
uint32_t authz_request_parts(const authz_image *image, const authz_request *q); /* 1 unless AUTHZ_SEVERAL */
/* The value of slot 0 that a part names. */
uint16_t authz_request_resource(const authz_image *image, const authz_request *q, uint32_t part);

#endif
