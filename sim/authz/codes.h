/* codes.h - inside this room: how an answer is written down in 32 bits, and the memory that codes point into.
 *
 *   1……    CODE_CELL      (of a whole chunk) a cell: one code for each action
 *   01…    CODE_CONSTANT  the answer itself: kind and level; or, as a kind beyond all, that all layers have to be asked
 *   00…    a formula
 *
 * Cells and formulas stand one behind the other in one block and are named by their place in units of 16 bytes. What
 * stands there is never written again; when the block is full, all moves to one twice as large, and an image keeps the
 * block it was built with: any number of threads may read it.
 */
#ifndef AUTHZ_CODES_H
#define AUTHZ_CODES_H

#include "org/org.h"

/* Verdicts are ordered: of two layers the higher kind decides. */
#define CODE_CELL                0x80000000u
#define CODE_CONSTANT            0x40000000u
#define CODE_PLACE               0x3fffffffu
#define CODE_ALLOWED             CODE_CONSTANT
#define CODE_LEVEL_BITS          4
#define CODE_DENIED(kind, level) (CODE_CONSTANT | (uint32_t)(kind) << CODE_LEVEL_BITS | (level))
#define CODE_LAYERED             CODE_DENIED(3, 0)
#define CONSTANT_PLACES          (4u << CODE_LEVEL_BITS) /* that codes of constants name: formula.c fills them */
_Static_assert(DECISION_EXPLICITLY_DENIED < 3, "no kind of decision");
_Static_assert(ORG_CHAIN_MAX < 1 << CODE_LEVEL_BITS, "a level fits its bits");
_Static_assert(DECISION_ALLOWED < DECISION_IMPLICITLY_DENIED, "kinds are ordered");
_Static_assert(DECISION_IMPLICITLY_DENIED < DECISION_EXPLICITLY_DENIED, "kinds are ordered");

static inline uint32_t code_kind(uint32_t code)
{
    return code >> CODE_LEVEL_BITS & 3;
}
static inline uint32_t code_level(uint32_t code)
{
    return code & ((1u << CODE_LEVEL_BITS) - 1);
}

typedef struct {
    uint64_t half[2];
} code_unit;
_Static_assert(sizeof(code_unit) == 16, "four units a cache line");

typedef struct {
    size_t    capacity, holders; /* units; the pool and the images that read it */
    uint64_t  unused[6];
    code_unit units[];
} code_block;
_Static_assert(sizeof(code_block) == 64, "units are as aligned as the block");

typedef struct {
    code_block *block;
    size_t      used; /* units */
} code_pool;

/* Of a constant: a formula that passes if it is CODE_ALLOWED, so that none need ask first what the code is. */
static inline const void *code_place(const code_unit *units, uint32_t code)
{
    return units + (code & CODE_PLACE);
}

void code_pool_init(code_pool *pool);
void code_pool_deinit(code_pool *pool);
/* Zeroed; *code names it. Places taken before may move: they are looked up again by their codes. */
void *code_take(code_pool *pool, size_t size_bytes, uint32_t *code);

code_block *code_block_hold(code_pool *pool);
void        code_block_release(code_block *block);

#endif
