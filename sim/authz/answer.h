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

/* Whether the formula allows without more ado, as most do most of the time. Bits, not ||: a branch here costs more. */
static inline bool formula_passes(const formula *f, const authz_request *q)
{
    unsigned hit = (unsigned)entry_hit(&f->entries[0], q) | (unsigned)entry_hit(&f->entries[1], q);
    unsigned quick = f->quick == CODE_ALLOWED;
    return (~hit & quick) != 0;
}
_Static_assert(FORMULA_STEP == 2, "all that formula_passes asks");

static inline uint32_t code_answer(const authz_image *image, uint32_t code, const authz_request *q)
{
    return code & CODE_CONSTANT ? code : formula_answer(image, code, q);
}

/* Where more than SCPs and identity policies may decide; any request may be put to it. */
decision layers_decide(const authz_image *image, const authz_request *q);
/* The same of q[which[0 .. count)], count <= AUTHZ_BATCH; the answers go to out[which[…]]. */
void     layers_decide_batch(const authz_image *image, const authz_request *q, const uint8_t *which, uint32_t count,
                             decision *out);
uint32_t layers_cost(const authz_image *image, const authz_request *q);
uint32_t code_cost(const authz_image *image, uint32_t code, const authz_request *q);

#endif
