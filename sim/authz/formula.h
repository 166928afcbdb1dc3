/* formula.h - inside this room: what decides an action where it is not simply allowed or denied.
 *
 * Own formula   what the policies of ONE node say of an action: a set of guards that allow, a set that deny.
 * Formula       what a whole chain says: "no deny guard holds, AND at every level some allow guard holds", as the list
 *
 *                 deny (level, guard)     topmost level first; none behind one that always holds
 *                 allow (level, set)      topmost level first; none for a level that always allows, none behind a level
 *                                         that never does, none behind a deny that always holds
 *
 *               so that the first deny that holds, else the first allow that does not, is the answer and its level.
 * Code          how a row names the answer: CODE_CONSTANT with kind and level, or where the formula's program stands.
 * Program       tests with one jump each; the other way is the next test. Memory is written once, before the image that
 *               leads to it is published, and never moves: any number of threads may run it.
 */
#ifndef AUTHZ_FORMULA_H
#define AUTHZ_FORMULA_H

#include "authz/guards.h"

/* Verdicts are ordered: of two layers the higher kind decides. */
#define CODE_CONSTANT            0x80000000u
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

/* If the test's truth equals jump_if, go to `jump` (a test of this formula, its end, or a CODE_CONSTANT: answer). */
typedef struct {
    union {
        uint64_t        mask;  /* TEST_MASK               */
        const uint64_t *words; /* TEST_WORDS              */
        const atom     *atom;  /* TEST_DOUBT and TEST_TEXT */
    } payload;
    uint32_t jump;
    uint8_t  slot, kind, jump_if, reserved;
} formula_test;
_Static_assert(sizeof(formula_test) == 16, "four tests a cache line");

typedef struct {
    uint32_t     count;
    uint32_t     otherwise; /* the answer behind the last test */
    uint32_t     id;
    uint32_t     reserved;
    formula_test tests[];
} formula;
_Static_assert(sizeof(formula) == 16, "addressed in units of 16 bytes");

#define FORMULA_SEGMENT_UNITS_LOG2 16 /* a segment holds 65,536 units of 16 bytes, or one larger formula */
#define FORMULA_SEGMENTS           4096

typedef struct {
    formula_test *segments[FORMULA_SEGMENTS];
    uint32_t      segment_count;
    size_t        used, size_bytes; /* units used of the last segment; bytes of all */
} formula_pool;

static inline const formula *formula_at(const formula_pool *pool, uint32_t code)
{
    const formula_test *segment = pool->segments[code >> FORMULA_SEGMENT_UNITS_LOG2];
    return (const void *)(segment + (code & ((1u << FORMULA_SEGMENT_UNITS_LOG2) - 1)));
}

typedef struct {
    uint32_t allow, deny; /* guard sets; allow is SET_EMPTY where deny is SET_TRUE */
} own_formula;

#define OWN_NOTHING 0u
#define OWN_ALLOW   1u

typedef struct {
    uint32_t level, id; /* guard of a deny, guard set of an allow */
} formula_term;

typedef struct {
    const formula_term *denies, *allows;
    uint32_t            deny_count, allow_count;
    uint32_t            code;
} formula_chain;

typedef struct {
    guard_table    guards;
    arena          a, scratch;
    intern_table  *own_ids, *chain_ids;
    own_formula   *owns;
    size_t         own_count, own_capacity;
    idmap         *own_memo; /* (own, guard, effect) -> own */
    formula_chain *chains;
    size_t         chain_count, chain_capacity;
    idmap         *chain_memo; /* (code, own, level) -> code */
    formula_pool   pool;
} formula_table;

formula_table *formula_table_new(const authz_vocabulary *v);
void           formula_table_free(formula_table *t);
uint32_t       own_formula_add(formula_table *t, uint32_t own, bool deny, uint32_t guard_id);
/* The chain that ends above, and one more level below it. */
uint32_t formula_combine(formula_table *t, uint32_t code, uint32_t own, uint32_t level);

#endif
