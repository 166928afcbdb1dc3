/* atoms.h - inside this room: the smallest questions a statement asks of a request, answered ahead of time.
 *
 * An atom is one condition clause or one Resource list. Where its truth depends on one key alone it is tabulated over
 * the value ids of the key's slot, "absent" included:
 *
 *   yes[id]     it holds; of a family value: for every account id that is not listed
 *   listed[id]  a family value whose truth is the other way round for some of `accounts`: those c whose flips[c] has id
 *   maybe[id]   a family value of which even this is not known: ask the text
 *
 * A clause on a key that requests never carry, and an atom whose table is constant, folds to ATOM_TRUE or ATOM_FALSE.
 */
#ifndef AUTHZ_ATOMS_H
#define AUTHZ_ATOMS_H

#include "authz/value_sets.h"

#define ATOM_TRUE  UINT32_MAX
#define ATOM_FALSE (UINT32_MAX - 1)

typedef enum { ATOM_IS_OPEN, ATOM_IS_TRUE, ATOM_IS_FALSE } atom_constant;

typedef struct {
    const uint64_t         *yes;            /* null: always ask the text                          */
    const uint64_t         *maybe, *listed; /* null: no value                                     */
    const uint64_t         *accounts;       /* account ids as numbers                             */
    const uint64_t         *flips;          /* [account_count][word_count]                        */
    const policy           *policy;         /* which must outlive the table                       */
    const policy_statement *statement;      /* its Resource list, or …                            */
    const policy_clause    *clause;         /* … this clause                                      */
    uint64_t                keys;           /* what the text has to hold                          */
    uint32_t                account_count, word_count;
    uint32_t                always, may; /* sets of values: it holds for every account id, for some */
    uint16_t                slot;
    uint8_t                 constant; /* atom_constant */
    bool                    of_owner; /* `accounts` are the resource's, not the principal's */
} atom;

/* Whether the set of values says all. */
static inline bool atom_is_exact(const atom *x)
{
    return x->yes != NULL && x->always == x->may;
}

/* What patterns say of a key's values in the two readings of families.h. */
typedef struct {
    uint64_t *low, *high;
} reading;

typedef struct {
    const uint16_t *families; /* values that are families   */
    bitset          plain;    /* of them, those that are plain */
    uint32_t        family_count;
    bool            multivalued; /* by type, or as its values are given */
} atom_key;

typedef struct { /* families of one beginning, up to the account id */
    str             head;
    const uint16_t *ids;
    uint32_t        count;
} resource_head;

typedef struct {
    const uint16_t      *plain; /* no families; by text ignoring case, so that those of one beginning are neighbours */
    const resource_head *heads;
    uint32_t             plain_count, head_count;
} resource_index;

typedef struct { /* value sets */
    uint32_t low, high;
} resource_reading;

typedef struct {
    arena                   a, scratch;
    const authz_vocabulary *v;
    value_set_table         sets;
    intern_table           *spellings; /* atoms are named by what they ask */
    atom                  **atoms;
    size_t                  count, capacity;
    intern_table     *reading_names; /* of clauses with one value each, tabulated once for all lists they are in */
    reading          *readings;
    size_t            reading_count, reading_capacity;
    atom_key         *keys;
    uint64_t          asked_keys;    /* that some atom asks the text for */
    intern_table     *pattern_names; /* of Resource patterns, read once as well        */
    resource_reading *patterns;
    size_t            pattern_count, pattern_capacity;
    resource_index    resources;
    const authz_role *roles; /* [role_count]: who is asked about in Principal */
    uint32_t          role_count;
} atom_table;

void atom_table_init(atom_table *t, const authz_vocabulary *v);
void atom_table_deinit(atom_table *t);
/* For those who make atoms: `id` is the next number of `spellings`, by which the same is found again. */
uint32_t atom_keep(atom_table *t, uint32_t id, atom x);
uint32_t atom_id(const atom_table *t, uint32_t id); /* of one that is known: itself, or the constant it folds to */

/* lacking: keys that the requests in question never carry, though others do. */
uint32_t atom_of_clause(atom_table *t, const policy *p, const policy_clause *c, uint64_t lacking);
uint32_t atom_of_resources(atom_table *t, const policy *p, const policy_statement *s, uint64_t lacking);
/* Those of `keys` that a statement asks, in its clauses or by variables in its texts. */
uint64_t atom_keys_asked(const authz_vocabulary *v, const policy *p, const policy_statement *s, uint64_t keys);
/* The resource is no KMS key: those need a key policy, whatever identity policies say (case format, rule 4). */
uint32_t atom_of_no_kms_key(atom_table *t);

typedef struct { /* a request, with what its values and its account stand for */
    const authz_vocabulary *v;
    const org_view         *view;
    const authz_request    *q;
} asked;

/* Exact for every account; allocates nothing but from the thread's scratch. */
bool atom_holds(const atom *x, const asked *a);

#endif
