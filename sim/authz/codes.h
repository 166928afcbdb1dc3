/* codes.h - inside this room: how an answer is written down in 32 bits, and the memory that codes point into.
 *
 *   1……    CODE_CONSTANT  the answer itself: kind and level
 *   01…    CODE_CELL      (of a whole chunk) a cell: one code for each action
 *   00…    a formula
 *
 * A cell or formula stands in a pool of segments that never move and are written before an image leads to them, so any
 * number of threads may read. Both are named by their place in units of 16 bytes.
 */
#ifndef AUTHZ_CODES_H
#define AUTHZ_CODES_H

#include "org/org.h"

/* Verdicts are ordered: of two layers the higher kind decides. */
#define CODE_CONSTANT            0x80000000u
#define CODE_CELL                0x40000000u
#define CODE_ALLOWED             CODE_CONSTANT
#define CODE_LEVEL_BITS          4
#define CODE_DENIED(kind, level) (CODE_CONSTANT | (uint32_t)(kind) << CODE_LEVEL_BITS | (level))
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

#define CODE_SEGMENT_UNITS_LOG2 16   /* a segment holds 65,536 units, or one larger object */
#define CODE_SEGMENTS           4096 /* 4 GiB                                              */

typedef struct {
    code_unit *segments[CODE_SEGMENTS];
    uint32_t   segment_count;
    size_t     used, size_bytes; /* units used of the last segment; bytes of all */
} code_pool;

static inline const void *code_place(const code_pool *pool, uint32_t code)
{
    const code_unit *segment = pool->segments[code >> CODE_SEGMENT_UNITS_LOG2 & (CODE_SEGMENTS - 1)];
    return segment + (code & ((1u << CODE_SEGMENT_UNITS_LOG2) - 1));
}

/* Zeroed; *code names it. */
void *code_take(code_pool *pool, size_t size_bytes, uint32_t *code);
void  code_pool_deinit(code_pool *pool);

#endif
