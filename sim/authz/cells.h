/* cells.h - inside this room: what one place of the tree says of one chunk of actions.
 *
 * Where all actions of a chunk have one code, that code is what it says; else a cell, the code of each action by its
 * bit. Cells are hash-consed over the whole store: most places say of most chunks what their parent does.
 */
#ifndef AUTHZ_CELLS_H
#define AUTHZ_CELLS_H

#include "authz/own.h"

typedef struct {
    uint32_t action_count;
    uint32_t codes[]; /* none of them a cell */
} cell;

/* Where the code of an action stands, if `code` is a cell. */
static inline const uint32_t *cell_place(const code_unit *units, uint32_t code, uint32_t bit)
{
    return &((const cell *)code_place(units, code))->codes[bit];
}
/* What stands there, if it is one; which cannot be foreseen, and compilers make a branch of what is not plain bits. */
static inline uint32_t cell_or_code(uint32_t code, uint32_t inside)
{
    uint32_t is_cell = 0u - code / CODE_CELL;
    return (inside & is_cell) | (code & ~is_cell);
}
static inline uint32_t cell_code(const code_unit *units, uint32_t code, uint32_t bit)
{
    return cell_or_code(code, *cell_place(units, code, bit));
}

#define CELL_ACTIONS_MAX 64 /* of a chunk */

typedef struct {
    formula_table *formulas;
    idmap         *ids;                 /* hash of the codes, then on to the next number */
    idmap         *own_memo, *all_memo; /* (cell or code, what is added, level) -> cell or code */
} cell_table;

void cell_table_init(cell_table *t, formula_table *formulas);
void cell_table_deinit(cell_table *t);
/* One level further down, where `own` speaks of the chunk's actions each or one own formula of all. */
uint32_t cell_combine(cell_table *t, uint32_t above, const own_chunk *own, uint32_t level);
uint32_t cell_combine_all(cell_table *t, uint32_t above, uint32_t own, uint32_t level);

#endif
