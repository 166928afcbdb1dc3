/* guards.h - inside this room: what a statement asks beside its actions, in a form that is cheap to ask and to compare.
 *
 * Guard      a conjunction of tests. GUARD_TRUE has none; a guard that can never hold is GUARD_NEVER and not kept.
 * Guard set  a disjunction of guards: "some Allow statement of this level matches". Kept free of what another member
 *            implies, so that equal meaning is mostly equal id.
 *
 * Both are hash-consed: ids are dense, never freed, and depend on the order of insertion alone. Guards and sets never
 * move: formulas point at them.
 */
#ifndef AUTHZ_GUARDS_H
#define AUTHZ_GUARDS_H

#include "authz/atoms.h"

typedef enum {
    TEST_TABLE, /* payload: value set, which says all          */
    TEST_ATOM,  /* payload: atom whose tables say most or all  */
    TEST_TEXT,  /* payload: atom; the text decides             */
} test_kind;

typedef struct { /* no padding: compared and hashed as bytes */
    uint32_t kind, slot;
    uint64_t payload;
} guard_test;
_Static_assert(sizeof(guard_test) == 16, "hashed as bytes");

typedef union {            /* what a test reads */
    const uint64_t *words; /* TEST_TABLE */
    const atom     *atom;  /* the others */
} guard_run;

typedef struct { /* tests ascend by kind, the most selective first */
    const guard_test *tests;
    const guard_run  *run;
    uint32_t          count, id;
} guard;

#define GUARD_TRUE  0u
#define GUARD_NEVER UINT32_MAX

typedef struct { /* ascending guard ids; SET_TRUE = { GUARD_TRUE } */
    const guard *const *guards;
    uint32_t            count, id;
} guard_set;

#define SET_EMPTY 0u
#define SET_TRUE  1u

typedef struct {
    arena             a, scratch;
    atom_table        atoms;
    intern_table     *guard_ids, *set_ids;
    const guard     **guards;
    size_t            guard_count, guard_capacity;
    const guard_set **sets;
    size_t            set_count, set_capacity;
    idmap            *set_memo; /* (set, guard) -> set */
} guard_table;

void     guard_table_init(guard_table *t, const authz_vocabulary *v);
void     guard_table_deinit(guard_table *t);
uint32_t guard_and(guard_table *t, uint32_t guard_id, uint32_t atom_id); /* a constant atom too */
bool     guard_implies(const guard_table *t, uint32_t stronger, uint32_t weaker);
uint32_t guard_set_add(guard_table *t, uint32_t set, uint32_t guard_id);

/* *tests counts what was asked. */
bool guard_holds(const guard *g, const asked *a, uint32_t *tests);
bool guard_set_holds(const guard_set *s, const asked *a, uint32_t *tests);

#endif
