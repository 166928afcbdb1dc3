/* All layers of one decision: spec 4.1 to 4.6, IAM User Guide "Policy evaluation logic" and "Cross-account policy
 * evaluation logic". */
#include <assert.h>

#include "authz/answer.h"
#include "authz/case.h"
#include "authz/scratch.h"
#include "base/mutant.h"

/* Codes of a request, by what they speak for. */
enum {
    LOOK_SCP,
    LOOK_RCP,
    LOOK_IDENTITY,
    LOOK_BOUNDARY,
    LOOK_SESSION,
    LOOK_ENDPOINT,
    LOOK_GRANT,    /* the resource's policy: by itself, as far as this caller goes       */
    LOOK_CAPPED,   /* within boundary and session policies; of the same account          */
    LOOK_DELEGATE, /* together with identity policies, where those need it               */
    LOOK_COUNT
};
#define LOOK_ROWS 2 /* the first of them stand in rows, by account */

typedef struct {
    const row *const  *at[LOOK_ROWS];     /* where the account's row stands */
    const uint32_t    *places[LOOK_ROWS]; /* of the block, of the chunk's code in it */
    const role_layers *role;
    uint32_t           code[LOOK_COUNT], resource;
    bool               same, by_text;
} look;

/* ---- looking, in stages: each asks for what the next will read ---- */

/* vocabulary_owner_inside */
static inline bool is_owner_inside(const look *l, const authz_request *q)
{
    return (l->resource & RESOURCE_OUTSIDE) == 0 && !(l->role->outside && q->value[AUTHZ_RESOURCE] == 0);
}

static inline bool is_under_kms(const layer_tables *t, action_handle action)
{
    return action.chunk >= t->kms_first && action.chunk < t->kms_end;
}

static inline bool is_under_sts(const layer_tables *t, action_handle action)
{
    return action.chunk >= t->sts_first && action.chunk < t->sts_end;
}

static inline bool rcps_bind(const authz_image *image, const look *l, const authz_request *q)
{
    bool spared = l->role->service_linked && !MUTANT(MUTANT_RCPS_BIND_SERVICE_LINKED);
    bool passed = (l->resource & RESOURCE_PASSED) != 0 && is_under_kms(image->layers, q->action);
    return image->rcps_bind && !spared && !passed && is_owner_inside(l, q);
}

static inline void look_begin(const authz_image *image, const authz_request *q, look *l)
{
    const layer_tables *t = image->layers;
    HOT_ASSERT(q->owner < image->account_count);
    HOT_ASSERT(image_leaf(image, q->owner) != LEAF_NONE);
    HOT_ASSERT((q->action.flags & AUTHZ_ENDPOINT) <= image->store->setting.endpoint_count);
    l->role = &t->roles[authz_request_role(q)];
    l->resource = t->resources[q->value[AUTHZ_RESOURCE]];
    l->at[LOOK_SCP] = image_row(image, q->account);
    __builtin_prefetch(l->at[LOOK_SCP]);
    l->at[LOOK_RCP] = image_row(image, q->owner);
    __builtin_prefetch(l->at[LOOK_RCP]);
    if (image->rcps_bind) __builtin_prefetch(tree_row(&image->rcps, q->owner));
    __builtin_prefetch(&l->role->codes[q->action.chunk]);
}

/* Whether the account that the caller's name holds has the resource. */
static inline bool is_named_owner(const authz_image *image, const look *l, const authz_request *q)
{
    if (!l->role->has_account) return false;
    if (l->role->account.len == 0) return q->account == q->owner && is_owner_inside(l, q);
    if ((l->resource & RESOURCE_OUTSIDE) == 0) return !is_owner_inside(l, q);
    return str_eq(l->role->account, vocabulary_resource(image->store->v, q->value[AUTHZ_RESOURCE]).outside);
}

/* A principal or an owner that was removed has lost its organization, and the keys that follow from it. What has no
 * resource is the caller's own: of one outside it never had them. */
static inline bool has_left(const authz_image *image, const look *l, const authz_request *q)
{
    bool asker = l->role->in_account && !l->role->outside && *l->at[LOOK_SCP] == image->removed;
    bool owner = is_owner_inside(l, q) && *l->at[LOOK_RCP] == image->removed;
    return (asker || owner || (l->role->outside && q->value[AUTHZ_RESOURCE] == 0)) && !MUTANT(MUTANT_LEFT_AS_ALWAYS);
}

static inline void look_policy(const authz_image *image, const authz_request *q, look *l, caller_relation relation)
{
    static const policy_codes none = {
        {{0, CODE_DENIED(DECISION_IMPLICITLY_DENIED, 0), CODE_DENIED(DECISION_IMPLICITLY_DENIED, 0),
          CODE_DENIED(DECISION_IMPLICITLY_DENIED, 0)},
         {0, CODE_DENIED(DECISION_IMPLICITLY_DENIED, 0), CODE_DENIED(DECISION_IMPLICITLY_DENIED, 0),
          CODE_DENIED(DECISION_IMPLICITLY_DENIED, 0)}}};
    const policy_codes *p = &none;
    uint32_t            number = l->resource & RESOURCE_POLICY;
    if (number > 0) p = &image->layers->policies[number - 1][q->action.chunk];
    const uint32_t *by = p->by[relation];
    l->code[LOOK_GRANT] = by[l->same || !l->role->in_account ? REACH_DIRECT : REACH_ACCOUNT];
    if (MUTANT(MUTANT_CAPPED_IS_DIRECT) && l->same) l->code[LOOK_GRANT] = by[REACH_CAPPED];
    l->code[LOOK_CAPPED] = by[MUTANT(MUTANT_ACCOUNT_IS_GRANT) ? REACH_ACCOUNT : REACH_CAPPED];
    l->code[LOOK_DELEGATE] = by[REACH_ACCOUNT];
}

static inline void look_rows(const authz_image *image, const authz_request *q, look *l)
{
    uint32_t account = MUTANT(MUTANT_RCPS_OF_CALLER) ? q->account : q->owner,
             block = q->action.chunk >> BLOCK_CHUNKS_LOG2;
    bool unbound = image->roles[authz_request_role(q)].unbound;
    bool named = is_named_owner(image, l, q);
    l->same = named && l->role->in_account;
    /* RCPs pass some of the actions on a service-linked role by, not all: rare enough to be read. */
    bool linked = (l->resource & RESOURCE_LINKED) != 0 && is_under_sts(image->layers, q->action);
    l->by_text = has_left(image, l, q) || linked;
    const row *scps = unbound || *l->at[LOOK_SCP] == image->removed ? image->open : *l->at[LOOK_SCP];
    const row *rcps = rcps_bind(image, l, q) ? *tree_row(&image->rcps, account) : image->open;
    l->places[LOOK_SCP] = &scps->blocks[block];
    l->places[LOOK_RCP] = &rcps->blocks[block];
    __builtin_prefetch(l->places[LOOK_SCP]);
    __builtin_prefetch(l->places[LOOK_RCP]);
    role_codes codes = l->role->codes[q->action.chunk];
    l->code[LOOK_IDENTITY] = codes.identity;
    l->code[LOOK_BOUNDARY] = codes.boundary;
    l->code[LOOK_SESSION] = codes.session;
    l->code[LOOK_ENDPOINT] = image->layers->endpoints[q->action.flags & AUTHZ_ENDPOINT][q->action.chunk];
    look_policy(image, q, l, named ? CALLER_OF_SAME_ACCOUNT : CALLER_OF_OTHER_ACCOUNT);
}

static inline void look_blocks(const authz_image *image, const authz_request *q, look *l)
{
    for (int i = 0; i < LOOK_ROWS; i++) {
        const row_block *b = (const void *)(image->units + *l->places[i]);
        l->places[i] = &b->codes[q->action.chunk & (BLOCK_CHUNKS - 1)];
        __builtin_prefetch(l->places[i]);
    }
}

static inline void look_cells(const authz_image *image, const authz_request *q, look *l)
{
    for (int i = 0; i < LOOK_ROWS; i++) { /* the others' cells are few, and mostly at hand */
        l->code[i] = *l->places[i];
        __builtin_prefetch(cell_place(image->units, l->code[i], q->action.bit));
    }
}

static inline void look_codes(const authz_image *image, const authz_request *q, look *l)
{
    for (int i = 0; i < LOOK_COUNT; i++)
        if (l->code[i] & CODE_CELL) l->code[i] = *cell_place(image->units, l->code[i], q->action.bit);
    for (int i = 0; i < LOOK_ROWS; i++) __builtin_prefetch(code_place(image->units, l->code[i]));
}

/* ---- settling ---- */

static inline decision denied(uint32_t code, decision_layer layer)
{
    return (decision){(uint8_t)code_kind(code), (uint8_t)layer, (uint8_t)code_level(code)};
}

/* Identity policies count only if the resource's policy lets them: of keys, of roles to be assumed. */
static inline bool needs_delegation(const layer_tables *t, const look *l, action_handle action)
{
    bool key = (l->resource & RESOURCE_KMS_KEY) != 0 && is_under_kms(t, action);
    bool trust = (l->resource & RESOURCE_POLICY) != 0 && is_under_sts(t, action);
    return (key || trust) && !MUTANT(MUTANT_KEYS_TRUST_IDENTITY);
}

static inline bool look_allows(const authz_image *image, const look *l, int which, const authz_request *q)
{
    return code_answer(image, l->code[which], q) == CODE_ALLOWED;
}

/* Together with identity policies, or for a principal that the policy names. */
static bool is_granted(const authz_image *image, const look *l, bool grant, bool identity, const authz_request *q)
{
    if (!l->role->in_account) return grant;
    if (!l->same) return (grant || MUTANT(MUTANT_OTHERS_NEED_NO_POLICY)) && identity;
    if (grant || (identity && !needs_delegation(image->layers, l, q->action))) return true;
    return look_allows(image, l, LOOK_CAPPED, q) || (identity && look_allows(image, l, LOOK_DELEGATE, q));
}

/* Whether each layer but the resource's own allows without more ado, as they mostly do. */
static inline bool look_passes(const authz_image *image, const look *l, const authz_request *q)
{
    for (int i = LOOK_SCP; i <= LOOK_ENDPOINT; i++) {
        uint32_t code = l->code[i];
        if (code == CODE_ALLOWED) continue;
        if (code & CODE_CONSTANT || !formula_passes(code_place(image->units, code), q)) return false;
    }
    return true;
}

/* In the order in which layers are named: request.h. */
static decision look_settle(const authz_image *image, const look *l, const authz_request *q)
{
    static const struct {
        uint8_t look, layer;
    } order[] = {{LOOK_SCP, LAYER_SCP},           {LOOK_RCP, LAYER_RCP},           {LOOK_GRANT, LAYER_RESOURCE},
                 {LOOK_IDENTITY, LAYER_IDENTITY}, {LOOK_BOUNDARY, LAYER_BOUNDARY}, {LOOK_SESSION, LAYER_SESSION},
                 {LOOK_ENDPOINT, LAYER_ENDPOINT}};
    uint32_t answers[LOOK_COUNT];
    if (look_passes(image, l, q)) {
        uint32_t grant = code_answer(image, l->code[LOOK_GRANT], q);
        if (code_kind(grant) == DECISION_EXPLICITLY_DENIED) return denied(grant, LAYER_RESOURCE);
        if (is_granted(image, l, grant == CODE_ALLOWED, true, q)) return (decision){DECISION_ALLOWED, LAYER_NONE, 0};
        return denied(CODE_DENIED(DECISION_IMPLICITLY_DENIED, 0), LAYER_IDENTITY);
    }
    for (size_t i = 0; i < COUNTOF(order); i++) {
        size_t at = MUTANT(MUTANT_RESOURCE_DENY_LAST) ? (i + 3) % COUNTOF(order) : i;
        answers[order[at].look] = code_answer(image, l->code[order[at].look], q);
        if (code_kind(answers[order[at].look]) == DECISION_EXPLICITLY_DENIED)
            return denied(answers[order[at].look], (decision_layer)order[at].layer);
    }
    bool grant = answers[LOOK_GRANT] == CODE_ALLOWED, direct = grant && (l->same || !l->role->in_account);
    assert(answers[LOOK_RCP] == CODE_ALLOWED);
    if (answers[LOOK_SCP] != CODE_ALLOWED) return denied(answers[LOOK_SCP], LAYER_SCP);
    if (answers[LOOK_ENDPOINT] != CODE_ALLOWED) return denied(answers[LOOK_ENDPOINT], LAYER_ENDPOINT);
    if (!is_granted(image, l, grant, answers[LOOK_IDENTITY] == CODE_ALLOWED, q))
        return denied(CODE_DENIED(DECISION_IMPLICITLY_DENIED, 0), LAYER_IDENTITY);
    if (direct && !MUTANT(MUTANT_DIRECT_IS_CAPPED)) return (decision){DECISION_ALLOWED, LAYER_NONE, 0};
    if (answers[LOOK_BOUNDARY] != CODE_ALLOWED) return denied(answers[LOOK_BOUNDARY], LAYER_BOUNDARY);
    if (answers[LOOK_SESSION] != CODE_ALLOWED) return denied(answers[LOOK_SESSION], LAYER_SESSION);
    return (decision){DECISION_ALLOWED, LAYER_NONE, 0};
}

/* ---- what is decided otherwise ---- */

void request_case_in_view(arena *a, const authz_image *image, const authz_request *q, policy_case *c)
{
    authz_request_case(a, image, q, 0, c);
    look l = {.role = &image->layers->roles[authz_request_role(q)],
              .resource = image->layers->resources[q->value[AUTHZ_RESOURCE]]};
    c->scps = ARENA_NEW(a, policy_level, ORG_CHAIN_MAX);
    c->rcps = ARENA_NEW(a, policy_level, ORG_CHAIN_MAX);
    c->management_account = org_account_id(image->view, ORG_MANAGEMENT);
    if (l.role->in_account && !l.role->outside)
        c->scp_level_count = org_levels(a, image->view, ORG_TYPE_SCP, q->account, c->scps);
    if (is_owner_inside(&l, q)) c->rcp_level_count = org_levels(a, image->view, ORG_TYPE_RCP, q->owner, c->rcps);
    c->scps_apply = c->scp_level_count > 0;
    c->rcps_apply = c->rcp_level_count > 0;
}

static decision decide_text(const authz_image *image, const authz_request *q)
{
    policy_case c;
    arena       scratch = scratch_get();
    request_case_in_view(&scratch, image, q, &c);
    return authz_decide_case(&scratch, &c, image->store->facts);
}

/* "No permissions are required to perform this operation" (AWS STS API Reference, GetCallerIdentity). */
static inline bool is_free(const layer_tables *t, const authz_request *q)
{
    return t->has_caller_identity && q->action.chunk == t->caller_identity.chunk &&
           q->action.bit == t->caller_identity.bit && t->roles[authz_request_role(q)].signed_in;
}

static decision decide_parts(const authz_image *image, const authz_request *q)
{
    decision first = {DECISION_ALLOWED, LAYER_NONE, 0};
    uint32_t count = authz_request_parts(image, q), allowed = 0;
    for (uint32_t i = 0; i < count; i++) {
        authz_request one = request_part(image, q, i);
        decision      d = layers_decide(image, &one);
        if (d.kind == DECISION_EXPLICITLY_DENIED) return d;
        allowed += d.kind == DECISION_ALLOWED;
        if (first.kind == DECISION_ALLOWED) first = d;
    }
    if (MUTANT(MUTANT_ANY_PART_SUFFICES) && allowed > 0) return (decision){DECISION_ALLOWED, LAYER_NONE, 0};
    return first;
}

/* ---- one, many ---- */

static look look_at(const authz_image *image, const authz_request *q)
{
    look l;
    look_begin(image, q, &l);
    look_rows(image, q, &l);
    look_blocks(image, q, &l);
    look_cells(image, q, &l);
    look_codes(image, q, &l);
    return l;
}

decision layers_decide(const authz_image *image, const authz_request *q)
{
    if (is_free(image->layers, q)) return (decision){DECISION_ALLOWED, LAYER_NONE, 0};
    if (q->action.flags & AUTHZ_SEVERAL) return decide_parts(image, q);
    look l = look_at(image, q);
    return l.by_text ? decide_text(image, q) : look_settle(image, &l, q);
}

void layers_decide_batch(const authz_image *image, const authz_request *q, const uint8_t *which, uint32_t count,
                         decision *out)
{
    look     looks[AUTHZ_BATCH];
    uint8_t  at[AUTHZ_BATCH];
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        const authz_request *one = &q[which[i]];
        if (is_free(image->layers, one) || (one->action.flags & AUTHZ_SEVERAL)) {
            out[which[i]] = layers_decide(image, one);
            continue;
        }
        look_begin(image, one, &looks[n]);
        at[n++] = which[i];
    }
    for (uint32_t i = 0; i < n; i++) look_rows(image, &q[at[i]], &looks[i]);
    for (uint32_t i = 0; i < n; i++) look_blocks(image, &q[at[i]], &looks[i]);
    for (uint32_t i = 0; i < n; i++) look_cells(image, &q[at[i]], &looks[i]);
    for (uint32_t i = 0; i < n; i++) look_codes(image, &q[at[i]], &looks[i]);
    for (uint32_t i = 0; i < n; i++)
        out[at[i]] = looks[i].by_text ? decide_text(image, &q[at[i]]) : look_settle(image, &looks[i], &q[at[i]]);
}

uint32_t layers_cost(const authz_image *image, const authz_request *q)
{
    uint32_t tests = 0;
    if (is_free(image->layers, q)) return 0;
    if (q->action.flags & AUTHZ_SEVERAL) {
        for (uint32_t i = 0; i < authz_request_parts(image, q); i++) {
            authz_request one = request_part(image, q, i);
            tests += layers_cost(image, &one);
        }
        return tests;
    }
    look l = look_at(image, q);
    for (int i = 0; i < LOOK_COUNT; i++) tests += code_cost(image, l.code[i], q);
    return tests + l.by_text + (l.resource != 0); /* which is what its policy hangs on */
}
