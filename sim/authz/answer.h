/* answer.h - inside this room: the answer of a code, for those who decide. */
#ifndef AUTHZ_ANSWER_H
#define AUTHZ_ANSWER_H

#include "authz/image.h"

#ifdef ORGSIM_HOT_ASSERTS
#define HOT_ASSERT(condition) assert(condition)
#else
#define HOT_ASSERT(condition) ((void)0)
#endif

static inline bool entry_hit(const formula_entry *e, const authz_request *q)
{
    uint32_t id = q->value[e->slot];
    return e->words[id >> 6] >> (id & 63) & 1;
}

/* Whether an entry that has the request's value is the answer. */
bool rest_decides(const authz_image *image, const formula *f, uint32_t i, const authz_request *q, uint32_t *tests);

static inline uint32_t formula_answer(const authz_image *image, uint32_t code, const authz_request *q)
{
    const formula *f = code_place(image->units, code);
    uint32_t       tests = 0;
    for (uint32_t i = 0; i < f->entry_count; i++) {
        const formula_entry *e = &f->entries[i];
        if (entry_hit(e, q) && (e->exact || rest_decides(image, f, i, q, &tests))) return e->answer;
    }
    return f->otherwise;
}

/* Whether the code allows without more ado, as most do most of the time: 1, else 0. Bits, not ||: a branch here costs
 * more. */
static inline unsigned code_passes(const authz_image *image, uint32_t code, const authz_request *q)
{
    const formula *f = code_place(image->units, code);
    unsigned       hit = (unsigned)entry_hit(&f->entries[0], q) | (unsigned)entry_hit(&f->entries[1], q);
    return ~hit & (unsigned)(f->quick == CODE_ALLOWED);
}
_Static_assert(FORMULA_STEP == 2, "all that code_passes asks");

static inline uint32_t code_answer(const authz_image *image, uint32_t code, const authz_request *q)
{
    return code & CODE_CONSTANT ? code : formula_answer(image, code, q);
}

/* "No permissions are required to perform this operation" (AWS STS API Reference, GetCallerIdentity). */
static inline unsigned request_is_free(const authz_image *image, const authz_request *q)
{
    const layer_tables *t = image->layers;
    bool identity = (q->action.chunk == t->caller_identity.chunk) & (q->action.bit == t->caller_identity.bit);
    return identity & t->has_caller_identity & t->roles[authz_request_role(q)].signed_in;
}

/* ---- what SCPs and RCPs say, in stages: each asks for what the next will read ---- */

enum { PAIR_SCP, PAIR_RCP, PAIR };
typedef struct {
    const uint32_t *places[PAIR]; /* of the block, of the chunk's code in it, of the action's in its cell */
    uint32_t        codes[PAIR];
} row_pair;

static inline void pair_begin(row_pair *p, const row *scps, const row *rcps, action_handle action)
{
    p->places[PAIR_SCP] = &scps->blocks[action.chunk >> BLOCK_CHUNKS_LOG2];
    p->places[PAIR_RCP] = &rcps->blocks[action.chunk >> BLOCK_CHUNKS_LOG2];
    for (int i = 0; i < PAIR; i++) __builtin_prefetch(p->places[i]);
}

static inline void pair_blocks(row_pair *p, const code_unit *units, action_handle action)
{
    for (int i = 0; i < PAIR; i++) {
        const row_block *b = (const void *)(units + *p->places[i]);
        p->places[i] = &b->codes[action.chunk & (BLOCK_CHUNKS - 1)];
        __builtin_prefetch(p->places[i]);
    }
}

static inline void pair_cells(row_pair *p, const code_unit *units, action_handle action)
{
    for (int i = 0; i < PAIR; i++) {
        p->codes[i] = *p->places[i];
        p->places[i] = cell_place(units, p->codes[i], action.bit);
        __builtin_prefetch(p->places[i]);
    }
}

static inline void pair_codes(row_pair *p, const code_unit *units)
{
    for (int i = 0; i < PAIR; i++) {
        p->codes[i] = cell_or_code(p->codes[i], *p->places[i]);
        __builtin_prefetch(code_place(units, p->codes[i]));
    }
}

static inline unsigned pair_passes(const row_pair *p, const authz_image *image, const authz_request *q)
{
    return code_passes(image, p->codes[PAIR_SCP], q) & code_passes(image, p->codes[PAIR_RCP], q);
}

/* ---- all layers ---- */

/* Where more than SCPs, RCPs and identity policies may decide; any request may be put to it. */
decision layers_decide(const authz_image *image, const authz_request *q);
/* The same of q[which[0 .. count)], count <= AUTHZ_BATCH; the answers go to out[which[…]]. */
void     layers_decide_batch(const authz_image *image, const authz_request *q, const uint8_t *which, uint32_t count,
                             decision *out);
uint32_t layers_cost(const authz_image *image, const authz_request *q);
uint32_t code_cost(const authz_image *image, uint32_t code, const authz_request *q);

#endif
