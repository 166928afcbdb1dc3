#include <assert.h>

#include "authz/image.h"
#include "base/mutant.h"

#ifdef ORGSIM_HOT_ASSERTS
#define HOT_ASSERT(condition) assert(condition)
#else
#define HOT_ASSERT(condition) ((void)0)
#endif

/* ---- one formula ---- */

__attribute__((noinline)) static bool ask_text(const authz_image *image, const atom *x, const authz_request *q)
{
    return atom_by_text(image->store->v, x, q->value, org_account_id(image->view, q->account));
}

static inline bool test_holds(const authz_image *image, const formula_test *t, const authz_request *q)
{
    uint32_t id = q->value[t->slot];
    switch (t->kind) {
    case TEST_MASK: return t->payload.mask >> id & 1;
    case TEST_WORDS: return t->payload.words[id >> 6] >> (id & 63) & 1;
    case TEST_DOUBT: {
        const atom *x = t->payload.atom;
        if (x->maybe[id >> 6] >> (id & 63) & 1) return ask_text(image, x, q);
        return x->yes[id >> 6] >> (id & 63) & 1;
    }
    default: return ask_text(image, t->payload.atom, q);
    }
}

/* A constant is its own answer. *tests counts what was asked. */
static inline uint32_t code_answer(const authz_image *image, uint32_t code, const authz_request *q, uint32_t *tests)
{
    if (code & CODE_CONSTANT) return code;
    const formula *f = formula_at(image->pool, code);
    for (uint32_t i = 0; i < f->count;) {
        const formula_test *t = &f->tests[i];
        ++*tests;
        if (test_holds(image, t, q) != t->jump_if)
            i++;
        else if (t->jump & CODE_CONSTANT)
            return t->jump;
        else
            i = t->jump;
    }
    return f->otherwise;
}

/* Explicit denies before implicit ones, SCPs before identity policies. */
static inline decision settle(const authz_image *image, uint32_t scp, uint32_t identity, const authz_request *q,
                              uint32_t *tests)
{
    scp = code_answer(image, scp, q, tests);
    if (code_kind(scp) >= (MUTANT(MUTANT_IMPLICIT_SCP_FIRST) ? DECISION_IMPLICITLY_DENIED : DECISION_EXPLICITLY_DENIED))
        return (decision){(uint8_t)code_kind(scp), LAYER_SCP, (uint8_t)code_level(scp)};
    identity = code_answer(image, identity, q, tests);
    if (code_kind(identity) > code_kind(scp)) return (decision){(uint8_t)code_kind(identity), LAYER_IDENTITY, 0};
    if (code_kind(scp) == DECISION_ALLOWED) return (decision){DECISION_ALLOWED, LAYER_NONE, 0};
    return (decision){(uint8_t)code_kind(scp), LAYER_SCP, (uint8_t)code_level(scp)};
}

/* ---- one request ---- */

static inline void request_check(const authz_image *image, const authz_request *q)
{
    HOT_ASSERT(q->account < image->account_count);
    HOT_ASSERT(image_leaf(image, q->account) != LEAF_NONE);
    HOT_ASSERT(q->role < image->role_count);
    HOT_ASSERT(q->flags == 0);
    HOT_ASSERT(q->action.chunk < catalog_chunk_count(image->store->facts));
    HOT_ASSERT(catalog_chunk_mask(image->store->facts, q->action.chunk) >> q->action.bit & 1);
    (void)image;
    (void)q;
}

static inline const row *scp_row(const authz_image *image, const authz_request *q)
{
    return image->roles[q->role].unbound ? image->open : *image_leaf_row(image, image_leaf(image, q->account));
}

static inline decision decide(const authz_image *image, const authz_request *q, uint32_t *tests)
{
    request_check(image, q);
    uint32_t scp = row_code(scp_row(image, q), image->word_count, q->action);
    uint32_t identity = row_code(image->roles[q->role].identity, image->word_count, q->action);
    if (scp == CODE_ALLOWED && identity == CODE_ALLOWED) return (decision){DECISION_ALLOWED, LAYER_NONE, 0};
    return settle(image, scp, identity, q, tests);
}

decision authz_decide(const authz_image *image, const authz_request *q)
{
    uint32_t tests = 0;
    return decide(image, q, &tests);
}

uint32_t authz_decide_cost(const authz_image *image, const authz_request *q)
{
    uint32_t tests = 0;
    (void)decide(image, q, &tests);
    return tests;
}

bool authz_same_row(const authz_image *a, const authz_image *b, uint32_t account)
{
    if (account >= a->account_count || account >= b->account_count) return false;
    return *image_leaf_row(a, image_leaf(a, account)) == *image_leaf_row(b, image_leaf(b, account));
}

/* ---- 64 requests in stages: each asks for what the next will read ---- */

void authz_decide_batch(const authz_image *image, const authz_request *q, uint32_t count, decision *out)
{
    size_t           word_count = image->word_count;
    row *const      *places[AUTHZ_BATCH];
    const row       *rows[AUTHZ_BATCH];
    const row_entry *entries[AUTHZ_BATCH]; /* null: the word's rest decides */
    uint32_t         scp[AUTHZ_BATCH], identity[AUTHZ_BATCH];
    uint8_t          open[AUTHZ_BATCH];
    uint32_t         open_count = 0, tests = 0;
    assert(count <= AUTHZ_BATCH);
    for (uint32_t i = 0; i < count; i++) {
        request_check(image, &q[i]);
        const account_page *page = image->accounts[q[i].account >> ACCOUNT_PAGE_LOG2];
        __builtin_prefetch(&page->leaf[q[i].account & ((1u << ACCOUNT_PAGE_LOG2) - 1)]);
    }
    for (uint32_t i = 0; i < count; i++) {
        places[i] = image_leaf_row(image, image_leaf(image, q[i].account));
        __builtin_prefetch(places[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        rows[i] = image->roles[q[i].role].unbound ? image->open : *places[i];
        __builtin_prefetch(&rows[i]->words[q[i].action.chunk >> 6]);
    }
    for (uint32_t i = 0; i < count; i++) {
        const row_word *w = &rows[i]->words[q[i].action.chunk >> 6];
        bool            apart = w->bits >> (q[i].action.chunk & 63) & 1;
        scp[i] = w->rest;
        entries[i] = apart ? row_entry_at(rows[i], word_count, w, q[i].action.chunk) : NULL;
        if (apart) __builtin_prefetch(entries[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (entries[i] != NULL) scp[i] = row_entry_code(rows[i], entries[i], q[i].action.bit);
        identity[i] = row_code(image->roles[q[i].role].identity, word_count, q[i].action);
        out[i] = (decision){DECISION_ALLOWED, LAYER_NONE, 0};
        if (!(scp[i] & CODE_CONSTANT)) __builtin_prefetch(formula_at(image->pool, scp[i]));
        open[open_count] = (uint8_t)i;
        open_count += scp[i] != CODE_ALLOWED || identity[i] != CODE_ALLOWED;
    }
    for (uint32_t k = 0; k < open_count; k++) {
        uint32_t i = open[k];
        out[i] = settle(image, scp[i], identity[i], &q[i], &tests);
    }
}

/* ---- the same as text ---- */

void authz_request_text(arena *a, const authz_image *image, const authz_request *q, request *out)
{
    const authz_store     *s = image->store;
    const authz_role      *role = &s->role_texts[q->role];
    const catalog_action  *action = catalog_action_at(s->facts, catalog_action_of(s->facts, q->action));
    const catalog_service *service = catalog_service_at(s->facts, action->service);
    vocabulary_text       *room = ARENA_NEW(a, vocabulary_text, 1);
    str                    account_id = org_account_id(image->view, q->account);
    vocabulary_request(s->v, q->value, UINT32_MAX, account_id, room, out);
    out->action = arena_format(a, "%.*s:%.*s", STR_FMT(service->prefix), STR_FMT(action->name));
    out->principal = role->principal;
    if (role->hole != AUTHZ_NO_HOLE)
        out->principal = arena_format(a, "%.*s%.*s%.*s", (int)role->hole, role->principal.ptr, STR_FMT(account_id),
                                      (int)(role->principal.len - role->hole), role->principal.ptr + role->hole);
}
