/* row.h - inside this room: the answer for every action at one place of the tree, in three cache lines a look.
 *
 *   row   blocks[chunk / 16] --> block   codes[chunk % 16] --> the code of the chunk, or its cell
 *                                                              codes[bit] --> the code of the action
 *
 * Blocks are hash-consed like cells: a place whose policies speak of a few chunks has its parent's block but for those.
 *
 * Memory  reference-counted slabs: tree nodes and accounts' leaves hold rows, and images share them. A row that says
 *         what its parent's says IS its parent's.
 */
#ifndef AUTHZ_ROW_H
#define AUTHZ_ROW_H

#include "authz/cells.h"

#define BLOCK_CHUNKS_LOG2 4
#define BLOCK_CHUNKS      (1u << BLOCK_CHUNKS_LOG2)

typedef struct {
    uint32_t codes[BLOCK_CHUNKS];
} row_block;
_Static_assert(sizeof(row_block) == 64, "one cache line");

typedef struct {
    uint32_t id, born; /* never reused; the serial number of the image it was made for */
    uint64_t made_of;  /* its key in the memo, ROW_UNNAMED when it is not there        */
    uint32_t blocks[];
} row;
_Static_assert(sizeof(row) == 16, "no padding before the blocks");

#define ROW_UNNAMED UINT64_MAX

/* Where the code of a chunk stands. */
static inline const uint32_t *row_place(const row *r, const code_unit *units, uint32_t chunk)
{
    const row_block *b = (const void *)(units + r->blocks[chunk >> BLOCK_CHUNKS_LOG2]);
    return &b->codes[chunk & (BLOCK_CHUNKS - 1)];
}

typedef struct {
    slab_pool     *pool;
    cell_table     cells;
    const catalog *facts;
    uint32_t       block_count;
    idmap         *block_ids;  /* hash of the codes, then on to the next number */
    idmap         *block_memo; /* (block, own formula of all chunks, level) -> block */
    row           *open;       /* allows everything: the parent of the root's */
    row           *removed;    /* says of everything: ask the text            */
    idmap         *memo;       /* (parent row, own row, level) -> place in made[] */
    row          **made;
    size_t         made_count, made_capacity;
    uint32_t      *vacant; /* places in made[] to use again */
    size_t         vacant_count, vacant_capacity;
    arena          a;
    uint32_t       next_id, serial; /* serial: of the image being built */
} row_table;

void row_table_init(row_table *t, const catalog *facts, formula_table *formulas);
void row_table_deinit(row_table *t);

/* The row one level further down; the caller holds a reference to what is returned. */
row *row_combine(row_table *t, row *parent, const own_row *own, uint32_t own_id, uint32_t level);
void row_release(row_table *t, row *r);

static inline size_t row_bytes(const row_table *t)
{
    return sizeof(row) + t->block_count * sizeof(uint32_t);
}

/* A layer that hangs on no place: one cell or code by chunk. above: layers that have to allow as well, with levels of
 * their own; null: none. */
uint32_t *row_of_level(row_table *t, arena *a, const uint32_t *above, const own_row *own, uint32_t level);

#endif
