#include <assert.h>

#include "authz/answer.h"
#include "base/mutant.h"

/* Whether an entry that has the request's value is the answer. */
__attribute__((noinline)) bool rest_decides(const authz_image *image, const formula *f, uint32_t i,
                                            const authz_request *q, uint32_t *tests)
{
    asked        a = {image->store->v, image->view, q};
    formula_rest rest = formula_rests(f)[i];
    return f->entries[i].deny ? guard_holds(rest.deny, &a, tests) : !guard_set_holds(rest.allow, &a, tests);
}

/* Explicit denies before implicit ones; in the order SCPs, RCPs, identity policies. */
static decision settle(const authz_image *image, uint32_t scp, uint32_t rcp, uint32_t identity, const authz_request *q)
{
    scp = code_answer(image, scp, q);
    if (scp == CODE_LAYERED) return layers_decide(image, q);
    if (code_kind(scp) >= (MUTANT(MUTANT_IMPLICIT_SCP_FIRST) ? DECISION_IMPLICITLY_DENIED : DECISION_EXPLICITLY_DENIED))
        return (decision){(uint8_t)code_kind(scp), LAYER_SCP, (uint8_t)code_level(scp)};
    identity = code_answer(image, identity, q);
    if (identity == CODE_LAYERED) return layers_decide(image, q);
    rcp = code_answer(image, rcp, q);
    if (rcp != CODE_ALLOWED) return (decision){(uint8_t)code_kind(rcp), LAYER_RCP, (uint8_t)code_level(rcp)};
    if (code_kind(identity) > code_kind(scp)) return (decision){(uint8_t)code_kind(identity), LAYER_IDENTITY, 0};
    if (code_kind(scp) == DECISION_ALLOWED) return (decision){DECISION_ALLOWED, LAYER_NONE, 0};
    return (decision){(uint8_t)code_kind(scp), LAYER_SCP, (uint8_t)code_level(scp)};
}

/* ---- one request ---- */

static inline void request_check(const authz_image *image, const authz_request *q)
{
    HOT_ASSERT(q->account < image->account_count);
    HOT_ASSERT(image_leaf(image, q->account) != LEAF_NONE);
    HOT_ASSERT(authz_request_role(q) < image->role_count);
    HOT_ASSERT(q->action.chunk < catalog_chunk_count(image->store->facts));
    HOT_ASSERT(catalog_chunk_mask(image->store->facts, q->action.chunk) >> q->action.bit & 1);
    (void)image;
    (void)q;
}

/* A request without flags has to be one of its own account's resources, which has no policy. */
static inline void plain_check(const authz_image *image, const authz_request *q)
{
    HOT_ASSERT(q->action.flags == 0);
    HOT_ASSERT(q->account == q->owner);
    HOT_ASSERT((image->layers->resources[q->value[AUTHZ_RESOURCE]].facts & (RESOURCE_POLICY | RESOURCE_OUTSIDE)) == 0);
    (void)image;
    (void)q;
}

/* Where RCPs bind: whether more than SCPs, RCPs and identity policies may decide the request. What RCPs pass by counts
 * as more; those of SCPs and identity policies say it themselves. */
static inline bool is_more(const authz_image *image, const authz_request *q)
{
    uint32_t resource = q->value[AUTHZ_RESOURCE] & (0u - (q->action.flags == 0)); /* else it may be a set of parts */
    bool     passed = (image->layers->resources[resource].facts & (RESOURCE_PASSED | RESOURCE_LINKED)) != 0;
    unsigned more = passed | image->roles[authz_request_role(q)].layered | request_is_free(image, q);
    return (q->action.flags | more) != 0;
}

static inline bool is_layered(const authz_image *image, const authz_request *q)
{
    return image->rcps_bind ? is_more(image, q) : q->action.flags != 0;
}

static inline uint32_t scp_code(const authz_image *image, const authz_request *q)
{
    const row *r = image->roles[authz_request_role(q)].unbound ? image->open : *image_row(image, q->account);
    return cell_code(image->units, *row_place(r, image->units, q->action.chunk), q->action.bit);
}

static inline uint32_t identity_code(const authz_image *image, const authz_request *q)
{
    return cell_code(image->units, image->roles[authz_request_role(q)].identity[q->action.chunk], q->action.bit);
}

/* As owner. */
static inline const row *rcp_row(const authz_image *image, uint32_t account)
{
    return image->rcps_bind ? *tree_row(&image->rcps, account) : image->open;
}

static inline uint32_t rcp_code(const authz_image *image, const authz_request *q)
{
    return cell_code(image->units, *row_place(rcp_row(image, q->account), image->units, q->action.chunk),
                     q->action.bit);
}

decision authz_decide(const authz_image *image, const authz_request *q)
{
    request_check(image, q);
    if (is_layered(image, q)) return layers_decide(image, q);
    plain_check(image, q);
    uint32_t scp = scp_code(image, q), identity = identity_code(image, q), rcp = CODE_ALLOWED;
    if (image->rcps_bind) rcp = rcp_code(image, q);
    bool passes = (identity == CODE_ALLOWED || code_passes(image, identity, q)) && code_passes(image, scp, q);
    if (passes && (rcp == CODE_ALLOWED || code_passes(image, rcp, q)))
        return (decision){DECISION_ALLOWED, LAYER_NONE, 0};
    return settle(image, scp, rcp, identity, q);
}

/* Entries one after the other, up to the one that decides, and what their rests ask. */
uint32_t code_cost(const authz_image *image, uint32_t code, const authz_request *q)
{
    uint32_t tests = 0;
    if (code & CODE_CONSTANT) return 0;
    const formula *f = code_place(image->units, code);
    for (uint32_t i = 0; i < f->entry_count; i++) {
        if (f->entries[i].words == value_words_none) break;
        tests++;
        if (!entry_hit(&f->entries[i], q)) continue;
        if (f->entries[i].exact || rest_decides(image, f, i, q, &tests)) break;
    }
    return tests;
}

uint32_t authz_decide_cost(const authz_image *image, const authz_request *q)
{
    request_check(image, q);
    if (is_layered(image, q)) return layers_cost(image, q);
    uint32_t scp = scp_code(image, q), identity = identity_code(image, q), tests = code_cost(image, scp, q);
    if (image->rcps_bind) tests += code_cost(image, rcp_code(image, q), q);
    if (scp == CODE_LAYERED || identity == CODE_LAYERED) return layers_cost(image, q);
    if (code_kind(code_answer(image, scp, q)) == DECISION_EXPLICITLY_DENIED) return tests;
    return tests + code_cost(image, identity, q);
}

bool authz_same_row(const authz_image *a, const authz_image *b, uint32_t account)
{
    if (account >= a->account_count || account >= b->account_count) return false;
    bool paths = (a->stock->formulas->guards.atoms.asked_keys & VOCABULARY_ORG_PATHS) != 0;
    if (org_account_exists(a->view, account) != org_account_exists(b->view, account)) return false;
    if (paths && org_account_parent(a->view, account) != org_account_parent(b->view, account)) return false;
    return *image_row(a, account) == *image_row(b, account) && rcp_row(a, account) == rcp_row(b, account);
}

/* ---- 64 requests in stages: each asks for what the next will read ---- */

/* Plain requests where RCPs bind. */
static void batch_rcps(const authz_image *image, const authz_request *q, const uint8_t *which, uint32_t count,
                       decision *out)
{
    const row *const *rows[AUTHZ_BATCH][PAIR];
    row_pair          pairs[AUTHZ_BATCH];
    uint32_t          identity[AUTHZ_BATCH], open_count = 0;
    uint8_t           open[AUTHZ_BATCH];
    for (uint32_t i = 0; i < count; i++) {
        const authz_request *one = &q[which[i]];
        rows[i][PAIR_SCP] = image_row(image, one->account);
        rows[i][PAIR_RCP] = tree_row(&image->rcps, one->owner);
        __builtin_prefetch(rows[i][PAIR_SCP]);
        __builtin_prefetch(rows[i][PAIR_RCP]);
    }
    for (uint32_t i = 0; i < count; i++) {
        const authz_request *one = &q[which[i]];
        plain_check(image, one);
        const role_plan *role = &image->roles[authz_request_role(one)];
        pair_begin(&pairs[i], role->unbound ? image->open : *rows[i][PAIR_SCP], *rows[i][PAIR_RCP], one->action);
        identity[i] = role->identity[one->action.chunk];
    }
    for (uint32_t i = 0; i < count; i++) pair_blocks(&pairs[i], image->units, q[which[i]].action);
    for (uint32_t i = 0; i < count; i++) pair_cells(&pairs[i], image->units, q[which[i]].action);
    for (uint32_t i = 0; i < count; i++) {
        pair_codes(&pairs[i], image->units);
        identity[i] = cell_code(image->units, identity[i], q[which[i]].action.bit);
    }
    for (uint32_t i = 0; i < count; i++) {
        const authz_request *one = &q[which[i]];
        out[which[i]] = (decision){DECISION_ALLOWED, LAYER_NONE, 0};
        open[open_count] = (uint8_t)i;
        open_count += 1 ^ (pair_passes(&pairs[i], image, one) & code_passes(image, identity[i], one));
    }
    for (uint32_t k = 0; k < open_count; k++) {
        uint32_t        i = open[k];
        const uint32_t *codes = pairs[i].codes;
        out[which[i]] = settle(image, codes[PAIR_SCP], codes[PAIR_RCP], identity[i], &q[which[i]]);
    }
}

/* Plain requests where no RCP binds, one after the other in memory. */
static void batch_taken(const authz_image *image, const authz_request *q, const uint8_t *which, uint32_t count,
                        decision *out)
{
    authz_request taken[AUTHZ_BATCH];
    decision      decided[AUTHZ_BATCH];
    if (count == 0) return;
    for (uint32_t i = 0; i < count; i++) taken[i] = q[which[i]];
    authz_decide_batch_plain(image, taken, count, decided);
    for (uint32_t i = 0; i < count; i++) out[which[i]] = decided[i];
}

/* Plain requests apart from the others. */
__attribute__((noinline)) static void batch_split(const authz_image *image, const authz_request *q, uint32_t count,
                                                  decision *out)
{
    uint8_t  plain[AUTHZ_BATCH], layered[AUTHZ_BATCH];
    uint32_t plain_count = 0, layered_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool is = is_layered(image, &q[i]);
        layered[layered_count] = plain[plain_count] = (uint8_t)i;
        layered_count += is;
        plain_count += !is;
    }
    layers_decide_batch(image, q, layered, layered_count, out);
    if (image->rcps_bind)
        batch_rcps(image, q, plain, plain_count, out);
    else
        batch_taken(image, q, plain, plain_count, out);
}

/* look: whether some may be no plain ones; known when this is compiled. */
__attribute__((always_inline)) static inline void batch_decide(const authz_image *image, const authz_request *q,
                                                               uint32_t count, decision *out, bool look)
{
    const row *const *rows[AUTHZ_BATCH];
    const uint32_t   *places[AUTHZ_BATCH]; /* of the block, of the chunk's code in it, of the action's in its cell */
    uint32_t          scp[AUTHZ_BATCH], identity[AUTHZ_BATCH];
    uint8_t           open[AUTHZ_BATCH];
    uint32_t          open_count = 0;
    unsigned          flags = 0;
    assert(count <= AUTHZ_BATCH);
    for (uint32_t i = 0; i < count; i++) {
        request_check(image, &q[i]);
        rows[i] = image_row(image, q[i].account);
        __builtin_prefetch(rows[i]);
        if (look) flags |= q[i].action.flags;
    }
    if (look && __builtin_expect(flags | image->rcps_bind, 0)) {
        batch_split(image, q, count, out);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        plain_check(image, &q[i]);
        const role_plan *role = &image->roles[authz_request_role(&q[i])];
        const row       *r = role->unbound ? image->open : *rows[i];
        places[i] = &r->blocks[q[i].action.chunk >> BLOCK_CHUNKS_LOG2];
        __builtin_prefetch(places[i]);
        identity[i] = role->identity[q[i].action.chunk];
    }
    for (uint32_t i = 0; i < count; i++) {
        const row_block *b = (const void *)(image->units + *places[i]);
        places[i] = &b->codes[q[i].action.chunk & (BLOCK_CHUNKS - 1)];
        __builtin_prefetch(places[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        scp[i] = *places[i];
        places[i] = cell_place(image->units, scp[i], q[i].action.bit);
        __builtin_prefetch(places[i]);
    }
    _Static_assert(DECISION_ALLOWED == 0 && LAYER_NONE == 0, "an allowed request is all zeros");
    memset(out, 0, count * sizeof *out);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t inside = *places[i];
        scp[i] = scp[i] & CODE_CELL ? inside : scp[i];
        identity[i] = cell_code(image->units, identity[i], q[i].action.bit);
        __builtin_prefetch(code_place(image->units, scp[i]));
        open[open_count] = (uint8_t)i;
        open_count += ((scp[i] ^ CODE_ALLOWED) | (identity[i] ^ CODE_ALLOWED)) != 0;
    }
    for (uint32_t k = 0; k < open_count; k++) {
        uint32_t i = open[k];
        if (identity[i] == CODE_ALLOWED && code_passes(image, scp[i], &q[i])) continue;
        out[i] = settle(image, scp[i], CODE_ALLOWED, identity[i], &q[i]);
    }
}

void authz_decide_batch(const authz_image *image, const authz_request *q, uint32_t count, decision *out)
{
    batch_decide(image, q, count, out, true);
}

void authz_decide_batch_plain(const authz_image *image, const authz_request *q, uint32_t count, decision *out)
{
    batch_decide(image, q, count, out, false);
}
