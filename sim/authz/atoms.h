/* atoms.h - inside this room: the smallest questions a statement asks of a request, answered ahead of time.
 *
 * An atom is one condition clause or one Resource list. Where its truth depends on one slot alone it is tabulated over
 * the slot's value ids, "absent" included; a family value counts where its answer is the same for every account id:
 *
 *   yes[id]     it holds
 *   maybe[id]   a family value whose truth depends on the account id: ask the text    (yes and maybe are disjoint)
 *
 * A clause on a key that requests never carry, and an atom whose table is constant, folds to ATOM_TRUE or ATOM_FALSE.
 */
#ifndef AUTHZ_ATOMS_H
#define AUTHZ_ATOMS_H

#include "authz/vocabulary.h"

#define ATOM_TRUE  UINT32_MAX
#define ATOM_FALSE (UINT32_MAX - 1)

typedef enum { ATOM_IS_OPEN, ATOM_IS_TRUE, ATOM_IS_FALSE } atom_constant;

typedef struct {
    const uint64_t         *yes, *maybe; /* maybe null: never; both null: always ask the text */
    const policy           *policy;
    const policy_statement *statement; /* its Resource list, or … */
    const policy_clause    *clause;    /* … this clause           */
    uint32_t                slots;     /* what the text has to hold */
    uint16_t                slot;
    uint16_t                constant; /* atom_constant */
} atom;

typedef struct {
    arena                   a;
    const authz_vocabulary *v;
    intern_table           *spellings; /* atoms are named by what they ask */
    atom                  **atoms;
    size_t                  count, capacity;
    intern_table           *services;         /* third segment of resources          */
    uint32_t               *resource_service; /* [value id], INTERN_NONE without one */
} atom_table;

void     atom_table_init(atom_table *t, const authz_vocabulary *v);
void     atom_table_deinit(atom_table *t);
uint32_t atom_of_clause(atom_table *t, const policy *p, const policy_clause *c);
uint32_t atom_of_resources(atom_table *t, const policy *p, const policy_statement *s);
/* The resource is no KMS key: those need a key policy, whatever identity policies say (case format, rule 4). */
uint32_t atom_of_no_kms_key(atom_table *t);

/* The slow answer, exact for every account; allocates nothing but from the thread's scratch. */
bool atom_by_text(const authz_vocabulary *v, const atom *x, const uint16_t value[AUTHZ_SLOTS], str account_id);

#endif
