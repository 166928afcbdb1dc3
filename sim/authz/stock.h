/* stock.h - inside this room: the store, and what the images of one stock share.
 *
 * A stock only grows: what a policy said once stays compiled. So when much was added since its first image, the store
 * begins a new one; the old one lives as long as images of it do.
 */
#ifndef AUTHZ_STOCK_H
#define AUTHZ_STOCK_H

#include "authz/layers.h"

typedef struct {
    uint32_t node, own;
} leaf_place;

typedef struct {
    leaf_place *places;
    size_t      count, capacity;
    idmap      *ids; /* (node, own row) -> leaf */
} leaf_table;

#define TREE_TYPES 2 /* SCPs and RCPs */
_Static_assert(ORG_TYPE_SCP < TREE_TYPES && ORG_TYPE_RCP < TREE_TYPES, "leaves are by type");

typedef struct {
    formula_table *formulas;
    own_table      own;
    row_table      rows;
    role_plan     *roles;
    layer_tables   layers;
    arena          a;
    leaf_table     leaves[TREE_TYPES];
    uint32_t      *parents; /* [node] */
    size_t         parent_count, parent_capacity;
    size_t         holders;     /* the store, and images                                  */
    size_t         units_first; /* of codes, after its first image; 0: there is none yet */
} stock;

struct authz_store {
    const catalog          *facts;
    const authz_vocabulary *v;
    authz_setting           setting;
    stock                  *stock;
    arena                   scratch;
};

void stock_release(stock *k);
/* Begins a new stock if the present one has grown out of proportion. */
void stock_renew_worn(authz_store *s);

#endif
