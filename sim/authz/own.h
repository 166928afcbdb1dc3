/* own.h - inside this room: what the policies attached at one place say of every action, before any inheritance.
 *
 * Attached sets are named by the content of their policies (ascending content ids), so that two nodes with the same
 * policies, or with two policies of the same text, share one own row.
 */
#ifndef AUTHZ_OWN_H
#define AUTHZ_OWN_H

#include "authz/actions.h"
#include "authz/formula.h"
#include "authz/principals.h"
#include "base/bitset.h"

typedef struct { /* the actions of a chunk that one own formula decides */
    uint64_t mask;
    uint32_t own;
    uint32_t reserved;
} own_group;

typedef struct {
    const own_group *groups; /* disjoint, together every action of the chunk */
    uint32_t         chunk, count;
    uint32_t         id; /* of the groups: equal ones have equal ids */
} own_chunk;

typedef struct {
    const own_chunk *chunks; /* ascending; every other chunk is decided by `rest` */
    uint32_t         count;
    uint32_t         rest;
    bool             open; /* allows all and denies nothing: adds nothing to a chain */
} own_row;

typedef struct own_holder { /* own rows that hold a content, the newest first */
    const struct own_holder *next;
    uint32_t                 row;
} own_holder;

#define OWN_ROW_OPEN 0u /* what holds where no SCP applies */

typedef struct own_statement own_statement;
typedef struct {
    const own_statement *statements;
    uint32_t             count;
} own_policy;

typedef struct {
    arena              a, scratch;
    const catalog     *facts;
    uint32_t           ownerless;  /* service DERIVE_OWNERLESS, CATALOG_NONE when the catalogue has none */
    uint64_t           owner_keys; /* which it lacks; none without it */
    formula_table     *formulas;
    intern_table      *contents, *sets, *groups;
    own_policy        *policies; /* [content id] */
    const own_holder **holders;  /* [content id] */
    size_t             policy_count, policy_capacity, holder_count, holder_capacity;
    own_row           *rows; /* [set id + 1]; 0 is OWN_ROW_OPEN */
    size_t             row_count, row_capacity;
    uint64_t          *doubtful; /* [chunk] see doubts.h; null: none so far */
} own_table;

void own_table_init(own_table *t, const catalog *facts, formula_table *formulas);
void own_table_deinit(own_table *t);

/* What a layer adds to the statements as they are written. */
typedef struct {
    bool            caller_identity; /* sts:GetCallerIdentity needs no permission                                     */
    bool            kms_keys_apart; /* identity policies alone do not reach KMS keys: no key policy delegates to them */
    bool            allow_all;      /* an implicit Allow: of a root user; RCPFullAWSAccess, at every level            */
    bool            denies_only;    /* an Allow says nothing                                                          */
    bool            rcps;           /* services that do not honour RCPs are left out                                  */
    caller_relation relation; /* of resource policies, where …                                                  */
    principal_reach reach;    /* … an Allow has to reach this far; else REACH_NONE: any will do                 */
} own_rules;

/* The content id of a policy's text, SCP or RCP; compiled when it is new. */
uint32_t own_content(own_table *t, str content, const policy *parsed);
/* The row of a set of contents (sorted and freed of duplicates here) of one type. */
uint32_t own_row_of(own_table *t, uint32_t *contents, uint32_t count, bool rcps);
/* Puts the ids of all rows that hold the content into the set. */
void own_rows_with(const own_table *t, uint32_t content, bitset rows);
/* The row of a layer of its own: the policies of one level. */
own_row own_row_of_level(own_table *t, policy_level level, own_rules rules);

#endif
