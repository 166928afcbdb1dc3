/* row.h - inside this room: the answer for every action at one place of the tree, in two cache lines a look.
 *
 *   cells[column of the action's chunk] --> its code, or the cell of its chunk --> by the action's bit --> its code
 *
 * Chunks get a column when a policy first speaks of one of their actions; until then column 0, "all other chunks",
 * answers for them. A row has room for columns to come, which say what column 0 says: so a row stays right while
 * columns are added, up to its width. When that is used up, all rows are made anew, wider.
 *
 * Memory  reference-counted slabs: tree nodes and accounts' leaves hold rows, and images share them. A row of a node
 *         whose policies allow all and deny nothing IS its parent's row.
 */
#ifndef AUTHZ_ROW_H
#define AUTHZ_ROW_H

#include "authz/cells.h"

typedef struct {
    uint32_t id, born; /* never reused; the serial number of the image it was made for */
    uint64_t made_of;  /* its key in the memo, ROW_UNNAMED when it is not there         */
    uint32_t width, reserved;
    uint32_t cells[];
} row;
_Static_assert(sizeof(row) == 24, "no padding before the cells");

#define ROW_UNNAMED UINT64_MAX
#define ROW_OTHERS  0u /* column of all chunks that have none of their own */

static inline size_t row_bytes(const row *r)
{
    return sizeof *r + r->width * sizeof *r->cells;
}

typedef struct {
    slab_pool     *pool;
    cell_table     cells;
    const catalog *facts;
    uint16_t      *columns; /* [chunk], a slab that images share: copied before one is added */
    uint32_t       column_count, width;
    size_t         own_seen; /* own rows whose chunks have columns */
    row           *open;     /* allows everything: the parent of the root's */
    idmap         *memo;     /* (parent row, own row, level) -> place in made[] */
    row          **made;
    size_t         made_count, made_capacity;
    uint32_t      *vacant; /* places in made[] to use again */
    size_t         vacant_count, vacant_capacity;
    arena          a;
    uint32_t       next_id, serial; /* serial: of the image being built */
} row_table;

void row_table_init(row_table *t, const catalog *facts, formula_table *formulas);
void row_table_deinit(row_table *t);

/* Gives columns to all chunks that own rows speak of. True when rows had to become wider: then none made before may
 * be mixed with those made from now on, and t->open is another. */
bool row_columns_extend(row_table *t, const own_table *own);
/* The row one level further down; the caller holds a reference to what is returned. */
row *row_combine(row_table *t, row *parent, const own_row *own, uint32_t own_id, uint32_t level);
void row_release(row_table *t, row *r);

/* A role's row: one cell by chunk. */
uint32_t *row_of_role(row_table *t, arena *a, const own_row *own);

#endif
