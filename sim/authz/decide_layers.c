/* All layers of one decision: spec 4.1 to 4.6, IAM User Guide "Policy evaluation logic" and "Cross-account policy
 * evaluation logic". */
#include <assert.h>

#include "authz/answer.h"
#include "authz/case.h"
#include "authz/scratch.h"
#include "base/mutant.h"

typedef struct {
    const authz_request *q;
    const role_layers   *role;
    const row *const    *rows[PAIR]; /* where the account's row stands, where the owner's does */
    row_pair             pair;
    uint32_t             of_role;
    uint32_t             facts, relation; /* RESOURCE_… that concern the action, RELATION_… */
    uint8_t              at;              /* whose answer it is, or a part of               */
    bool                 by_text, passes;
} look;

/* ---- looking, in stages: each asks for what the next will read ----
 *
 * Who asks for what of whom differs from request to request and cannot be foreseen: bits, not branches. */

static inline void look_begin(const authz_image *image, const authz_request *q, uint8_t at, look *l)
{
    const layer_tables *t = image->layers;
    HOT_ASSERT(q->owner < image->account_count);
    HOT_ASSERT(image_leaf(image, q->owner) != LEAF_NONE);
    HOT_ASSERT((q->action.flags & AUTHZ_ENDPOINT) <= image->store->setting.endpoint_count);
    const role_layers *role = &t->roles[authz_request_role(q)];
    resource_layers    resource = t->resources[q->value[AUTHZ_RESOURCE]];
    uint32_t           index =
        relation_index(role->kind, resource.facts, q->account == q->owner, role->account == resource.account);
    l->q = q;
    l->at = at;
    l->role = role;
    l->relation = t->relations[index];
    l->facts = resource.facts & (t->concerns[q->action.chunk] | RESOURCE_POLICY);
    /* RCPs pass some of the actions on a service-linked role by, not all: rare enough to be read. */
    l->by_text = ((l->relation & RELATION_UNOWNED) != 0) | ((l->facts & RESOURCE_LINKED) != 0);
    l->rows[PAIR_SCP] = image_row(image, q->account);
    l->rows[PAIR_RCP] = image_row(image, q->owner);
    __builtin_prefetch(l->rows[PAIR_SCP]);
    __builtin_prefetch(l->rows[PAIR_RCP]);
    if (image->rcps_bind) __builtin_prefetch(tree_row(&image->rcps, q->owner));
    __builtin_prefetch(&role->codes[q->action.chunk]);
}

/* A principal or an owner that was removed has lost its organization, and the keys that follow from it. */
static inline bool has_left(const authz_image *image, const look *l)
{
    uint32_t asker = *l->rows[PAIR_SCP] == image->removed ? RELATION_ASKER : 0;
    uint32_t owner = *l->rows[PAIR_RCP] == image->removed ? RELATION_INSIDE : 0;
    return (l->relation & (asker | owner)) != 0 && !MUTANT(MUTANT_LEFT_AS_ALWAYS);
}

static inline void look_rows(const authz_image *image, look *l)
{
    uint32_t   account = MUTANT(MUTANT_RCPS_OF_CALLER) ? l->q->account : l->q->owner;
    const row *scps = *l->rows[PAIR_SCP], *rcps = image->open;
    if (image->has_removed) l->by_text |= has_left(image, l);
    if (image->has_removed && scps == image->removed) scps = image->open;
    scps = l->role->unbound ? image->open : scps;
    if (image->rcps_bind) {
        bool binds = ((l->relation & RELATION_RCPS) != 0) & ((l->facts & RESOURCE_PASSED) == 0);
        rcps = *tree_row(&image->rcps, account);
        rcps = binds ? rcps : image->open;
    }
    pair_begin(&l->pair, scps, rcps, l->q->action);
}

static inline void look_cells(const authz_image *image, look *l)
{
    pair_cells(&l->pair, image->units, l->q->action);
    l->of_role = l->role->codes[l->q->action.chunk].all;
}

static inline void look_codes(const authz_image *image, look *l)
{
    pair_codes(&l->pair, image->units);
    l->of_role = cell_code(image->units, l->of_role, l->q->action.bit); /* mostly at hand, as all that follow */
}

static inline uint32_t endpoint_code(const authz_image *image, const look *l)
{
    action_handle action = l->q->action;
    return cell_code(image->units, image->layers->endpoints[action.flags & AUTHZ_ENDPOINT][action.chunk], action.bit);
}

/* Of the resource's policy, with an Allow that reaches the caller at least so far. */
static inline uint32_t policy_code(const authz_image *image, const look *l, principal_reach reach)
{
    uint32_t number = l->facts & RESOURCE_POLICY, relation = CALLER_OF_OTHER_ACCOUNT;
    if (number == 0) return CODE_DENIED(DECISION_IMPLICITLY_DENIED, 0);
    if (l->relation & RELATION_NAMED) relation = CALLER_OF_SAME_ACCOUNT;
    uint32_t code = image->layers->policies[number - 1][l->q->action.chunk].by[relation][reach];
    return cell_code(image->units, code, l->q->action.bit);
}

/* By itself, as far as this caller goes. */
static inline uint32_t grant_code(const authz_image *image, const look *l)
{
    principal_reach reach = l->relation & RELATION_DIRECT ? REACH_DIRECT : REACH_ACCOUNT;
    if (MUTANT(MUTANT_CAPPED_IS_DIRECT) && l->relation & RELATION_SAME) reach = REACH_CAPPED;
    return policy_code(image, l, reach);
}

/* Each layer by itself, in the order in which of several denies the first is named: request.h. */
enum { SCP, RCP, RESOURCE, IDENTITY, BOUNDARY, SESSION, ENDPOINT, LAYERS };
static inline void look_all(const authz_image *image, const look *l, uint32_t code[LAYERS])
{
    role_codes of_role = l->role->codes[l->q->action.chunk];
    uint32_t   bit = l->q->action.bit;
    code[SCP] = l->pair.codes[PAIR_SCP];
    code[RCP] = l->pair.codes[PAIR_RCP];
    code[RESOURCE] = grant_code(image, l);
    code[IDENTITY] = cell_code(image->units, of_role.identity, bit);
    code[BOUNDARY] = cell_code(image->units, of_role.boundary, bit);
    code[SESSION] = cell_code(image->units, of_role.session, bit);
    code[ENDPOINT] = endpoint_code(image, l);
}

/* ---- what is read ---- */

void request_case_in_view(arena *a, const authz_image *image, const authz_request *q, policy_case *c)
{
    look l;
    authz_request_case(a, image, q, 0, c);
    look_begin(image, q, 0, &l);
    c->scps = ARENA_NEW(a, policy_level, ORG_CHAIN_MAX);
    c->rcps = ARENA_NEW(a, policy_level, ORG_CHAIN_MAX);
    c->management_account = org_account_id(image->view, ORG_MANAGEMENT);
    if (l.relation & RELATION_ASKER) c->scp_level_count = org_levels(a, image->view, ORG_TYPE_SCP, q->account, c->scps);
    if (l.relation & RELATION_INSIDE) c->rcp_level_count = org_levels(a, image->view, ORG_TYPE_RCP, q->owner, c->rcps);
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

/* ---- settling ---- */

static inline decision denied(uint32_t code, decision_layer layer)
{
    return (decision){(uint8_t)code_kind(code), (uint8_t)layer, (uint8_t)code_level(code)};
}

/* Identity policies count only if the resource's policy lets them: of keys, of roles to be assumed. */
static inline bool needs_delegation(const look *l)
{
    return (l->facts & (RESOURCE_KEY | RESOURCE_TRUST)) != 0 && !MUTANT(MUTANT_KEYS_TRUST_IDENTITY);
}

static inline bool policy_allows(const authz_image *image, const look *l, principal_reach reach)
{
    return code_answer(image, policy_code(image, l, reach), l->q) == CODE_ALLOWED;
}

/* Together with identity policies, or for a principal that the policy names. */
static bool is_granted(const authz_image *image, const look *l, bool grant, bool identity)
{
    if ((l->role->kind & ROLE_IN_ACCOUNT) == 0) return grant;
    if ((l->relation & RELATION_SAME) == 0) return (grant || MUTANT(MUTANT_OTHERS_NEED_NO_POLICY)) && identity;
    if (grant || (identity && !needs_delegation(l))) return true;
    if (policy_allows(image, l, MUTANT(MUTANT_ACCOUNT_IS_GRANT) ? REACH_ACCOUNT : REACH_CAPPED)) return true;
    return identity && policy_allows(image, l, REACH_ACCOUNT);
}

/* Where each layer but the resource's own allows. */
static inline decision settle_resource(const authz_image *image, const look *l)
{
    uint32_t code = grant_code(image, l);
    bool     grant = code_passes(image, code, l->q);
    if (grant) return (decision){DECISION_ALLOWED, LAYER_NONE, 0};
    code = code_answer(image, code, l->q);
    if (code_kind(code) == DECISION_EXPLICITLY_DENIED) return denied(code, LAYER_RESOURCE);
    if (is_granted(image, l, code == CODE_ALLOWED, true)) return (decision){DECISION_ALLOWED, LAYER_NONE, 0};
    return denied(CODE_DENIED(DECISION_IMPLICITLY_DENIED, 0), LAYER_IDENTITY);
}

/* In the order in which layers are named: request.h. */
static decision settle_all(const authz_image *image, const look *l)
{
    static const uint8_t layers[LAYERS] = {LAYER_SCP,      LAYER_RCP,     LAYER_RESOURCE, LAYER_IDENTITY,
                                           LAYER_BOUNDARY, LAYER_SESSION, LAYER_ENDPOINT};
    uint32_t             code[LAYERS];
    look_all(image, l, code);
    for (size_t i = 0; i < LAYERS; i++) {
        size_t at = MUTANT(MUTANT_RESOURCE_DENY_LAST) ? (i + 3) % LAYERS : i;
        code[at] = code_answer(image, code[at], l->q);
        if (code_kind(code[at]) == DECISION_EXPLICITLY_DENIED) return denied(code[at], (decision_layer)layers[at]);
    }
    bool grant = code[RESOURCE] == CODE_ALLOWED, direct = grant && (l->relation & RELATION_DIRECT) != 0;
    assert(code[RCP] == CODE_ALLOWED);
    if (code[SCP] != CODE_ALLOWED) return denied(code[SCP], LAYER_SCP);
    if (code[ENDPOINT] != CODE_ALLOWED) return denied(code[ENDPOINT], LAYER_ENDPOINT);
    if (!is_granted(image, l, grant, code[IDENTITY] == CODE_ALLOWED))
        return denied(CODE_DENIED(DECISION_IMPLICITLY_DENIED, 0), LAYER_IDENTITY);
    if (direct && !MUTANT(MUTANT_DIRECT_IS_CAPPED)) return (decision){DECISION_ALLOWED, LAYER_NONE, 0};
    if (code[BOUNDARY] != CODE_ALLOWED) return denied(code[BOUNDARY], LAYER_BOUNDARY);
    if (code[SESSION] != CODE_ALLOWED) return denied(code[SESSION], LAYER_SESSION);
    return (decision){DECISION_ALLOWED, LAYER_NONE, 0};
}

/* The same where the resource has no policy: nothing is granted but by the role's own policies, to its own account. */
static decision settle_unshared(const authz_image *image, const look *l)
{
    static const uint8_t of_level[] = {LAYER_IDENTITY, LAYER_BOUNDARY, LAYER_SESSION};
    uint32_t             scp = code_answer(image, l->pair.codes[PAIR_SCP], l->q), rcp, of_role, endpoint;
    if (code_kind(scp) == DECISION_EXPLICITLY_DENIED) return denied(scp, LAYER_SCP);
    rcp = code_answer(image, l->pair.codes[PAIR_RCP], l->q);
    if (rcp != CODE_ALLOWED) return denied(rcp, LAYER_RCP);
    of_role = code_answer(image, l->of_role, l->q);
    decision by_role = {(uint8_t)code_kind(of_role), of_level[code_level(of_role)], 0};
    if (by_role.kind == DECISION_EXPLICITLY_DENIED) return by_role;
    endpoint = code_answer(image, endpoint_code(image, l), l->q);
    if (code_kind(endpoint) == DECISION_EXPLICITLY_DENIED) return denied(endpoint, LAYER_ENDPOINT);
    if (scp != CODE_ALLOWED) return denied(scp, LAYER_SCP);
    if (endpoint != CODE_ALLOWED) return denied(endpoint, LAYER_ENDPOINT);
    if ((l->relation & RELATION_SAME) == 0) return denied(CODE_DENIED(DECISION_IMPLICITLY_DENIED, 0), LAYER_IDENTITY);
    return by_role.kind == DECISION_ALLOWED ? (decision){DECISION_ALLOWED, LAYER_NONE, 0} : by_role;
}

/* How a look goes on. */
typedef enum { END_ALLOWED, END_RESOURCE, END_UNSHARED, END_SHARED, END_TEXT, END_COUNT } look_end;

static inline uint32_t look_goes_on(const look *l)
{
    static const uint8_t ends[] = {END_UNSHARED, END_SHARED,   END_UNSHARED, END_SHARED,
                                   END_RESOURCE, END_RESOURCE, END_ALLOWED,  END_RESOURCE};
    uint32_t             passes = l->passes, same = (l->relation & RELATION_SAME) != 0, facts = l->facts != 0;
    return l->by_text ? END_TEXT : ends[passes << 2 | same << 1 | facts];
}

/* ---- many, one ---- */

/* All resources of a call have to be allowed: of denials an explicit one goes first, then the first in order. */
static inline void add_part(decision *whole, decision d)
{
    if (MUTANT(MUTANT_ANY_PART_SUFFICES) ? d.kind < whole->kind : d.kind > whole->kind) *whole = d;
}

/* Whether each layer but the resource's own allows without more ado. Few come through an endpoint. */
static inline void looks_pass(const authz_image *image, look *looks, uint32_t count)
{
    uint8_t  through[AUTHZ_BATCH];
    uint32_t through_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        look                *l = &looks[i];
        const authz_request *q = l->q;
        l->passes = (pair_passes(&l->pair, image, q) & code_passes(image, l->of_role, q)) != 0;
        through[through_count] = (uint8_t)i;
        through_count += (q->action.flags & AUTHZ_ENDPOINT) != 0;
    }
    for (uint32_t k = 0; k < through_count; k++) {
        look *l = &looks[through[k]];
        l->passes &= code_passes(image, endpoint_code(image, l), l->q) != 0;
    }
}

static void looks_decide(const authz_image *image, look *looks, uint32_t count, decision *out)
{
    uint8_t  ends[END_COUNT][AUTHZ_BATCH];
    uint32_t end_counts[END_COUNT] = {0};
    decision answers[AUTHZ_BATCH];
    for (uint32_t i = 0; i < count; i++) look_rows(image, &looks[i]);
    for (uint32_t i = 0; i < count; i++) pair_blocks(&looks[i].pair, image->units, looks[i].q->action);
    for (uint32_t i = 0; i < count; i++) look_cells(image, &looks[i]);
    for (uint32_t i = 0; i < count; i++) look_codes(image, &looks[i]);
    looks_pass(image, looks, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t end = look_goes_on(&looks[i]);
        answers[i] = (decision){DECISION_ALLOWED, LAYER_NONE, 0};
        ends[end][end_counts[end]++] = (uint8_t)i;
    }
    for (int end = END_RESOURCE; end < END_COUNT; end++)
        for (uint32_t k = 0; k < end_counts[end]; k++) {
            const look *l = &looks[ends[end][k]];
            answers[ends[end][k]] = end == END_RESOURCE   ? settle_resource(image, l)
                                    : end == END_UNSHARED ? settle_unshared(image, l)
                                    : end == END_SHARED   ? settle_all(image, l)
                                                          : decide_text(image, l->q);
        }
    for (uint32_t i = 0; i < count; i++) add_part(&out[looks[i].at], answers[i]);
}

void layers_decide_batch(const authz_image *image, const authz_request *q, const uint8_t *which, uint32_t count,
                         decision *out)
{
    look          looks[AUTHZ_BATCH];
    authz_request parts[AUTHZ_BATCH];
    uint32_t      n = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t              at = which[i];
        const authz_request *one = &q[at];
        bool                 several = (one->action.flags & AUTHZ_SEVERAL) != 0;
        uint32_t             part_count = several ? authz_request_parts(image, one) : 1;
        out[at] = (decision){DECISION_ALLOWED, LAYER_NONE, 0};
        if (request_is_free(image, one)) continue;
        if (MUTANT(MUTANT_ANY_PART_SUFFICES)) out[at].kind = UINT8_MAX; /* whatever comes is less */
        for (uint32_t part = 0; part < part_count; part++) {
            if (several) parts[n] = request_part(image, one, part);
            look_begin(image, several ? &parts[n] : one, at, &looks[n]);
            if (++n < AUTHZ_BATCH) continue;
            looks_decide(image, looks, n, out);
            n = 0;
        }
    }
    looks_decide(image, looks, n, out);
}

decision layers_decide(const authz_image *image, const authz_request *q)
{
    const uint8_t which = 0;
    decision      out;
    layers_decide_batch(image, q, &which, 1, &out);
    return out;
}

static uint32_t look_cost(const authz_image *image, const authz_request *q)
{
    look     l;
    uint32_t code[LAYERS], tests = 0;
    look_begin(image, q, 0, &l);
    look_rows(image, &l);
    pair_blocks(&l.pair, image->units, q->action);
    look_cells(image, &l);
    look_codes(image, &l);
    look_all(image, &l, code);
    for (int i = 0; i < LAYERS; i++) tests += code_cost(image, code[i], q);
    return tests + l.by_text + (l.facts != 0); /* which is what its policy hangs on */
}

uint32_t layers_cost(const authz_image *image, const authz_request *q)
{
    uint32_t tests = 0, parts = authz_request_parts(image, q);
    if (request_is_free(image, q)) return 0;
    if ((q->action.flags & AUTHZ_SEVERAL) == 0) return look_cost(image, q);
    for (uint32_t i = 0; i < parts; i++) {
        authz_request one = request_part(image, q, i);
        tests += look_cost(image, &one);
    }
    return tests;
}
