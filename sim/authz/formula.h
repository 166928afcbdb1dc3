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
 *
 * How it runs   Each member of the list has entries: a set of values of one slot. Where none of them has the request's
 *               value, no deny holds and no allow fails: the answer is `otherwise`. That is the common case, asked
 *               without a branch for each. An entry that does have the value either says all (exact), or its guard or
 *               guard set is asked.
 */
#ifndef AUTHZ_FORMULA_H
#define AUTHZ_FORMULA_H

#include "authz/codes.h"
#include "authz/guards.h"

typedef struct {
    const uint64_t *words; /* of a deny: may hold; of an allow: may fail */
    uint16_t        slot;
    bool            exact;  /* the words say all: the rest need not be asked */
    bool            deny;   /* else of an allow                              */
    uint32_t        answer; /* then                                          */
} formula_entry;
_Static_assert(sizeof(formula_entry) == 16, "four entries a cache line");

#define FORMULA_STEP 2 /* entries asked together; their number is filled up with one that never has a value */

typedef struct {
    uint32_t      entry_count; /* of denies first */
    uint32_t      otherwise, id;
    uint32_t      quick;     /* CODE_ALLOWED if one step asks all entries and allows what none of them has, else 0 */
    formula_entry entries[]; /* then formula_rest rests[entry_count] */
} formula;
_Static_assert(sizeof(formula) == 16, "entries stay aligned");
_Static_assert(sizeof(formula) == sizeof(code_unit) && sizeof(formula_entry) == sizeof(code_unit) &&
                   offsetof(formula, quick) == offsetof(formula_entry, answer),
               "an entry without answer, read as a formula, does not pass: what constants name");
_Static_assert(sizeof(formula) + FORMULA_STEP * (sizeof(formula_entry) + sizeof(void *)) == 64,
               "mostly one cache line");

typedef union {
    const guard     *deny;
    const guard_set *allow;
} formula_rest;

static inline const formula_rest *formula_rests(const formula *f)
{
    return (const formula_rest *)(const void *)(f->entries + f->entry_count);
}
static inline size_t formula_bytes(const formula *f)
{
    return sizeof *f + f->entry_count * (sizeof(formula_entry) + sizeof(formula_rest));
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
    code_pool      pool;
} formula_table;

formula_table *formula_table_new(const authz_vocabulary *v);
void           formula_table_free(formula_table *t);
uint32_t       own_formula_add(formula_table *t, uint32_t own, bool deny, uint32_t guard_id);
/* The chain that ends above, and one more level below it; never a cell. */
uint32_t formula_combine(formula_table *t, uint32_t code, uint32_t own, uint32_t level);

#endif
