/* row.h - inside this room: the answer for every action at one place of the tree, in three cache lines a look.
 *
 * For each chunk c of the catalogue, with w = words[c / 64] and b = c % 64:
 *
 *   bit b of w.bits clear    every action of the chunk is decided by the code w.rest
 *   bit b of w.bits set      entry e = entries[w.first + number of set bits of w.bits below b]; then an action's bit
 *                            set in e.allow         Allowed
 *                            else, e.table NONE     decided by the code e.code
 *                            else                   codes[e.table + number of clear bits of e.allow below the action's]
 *
 * Invariants  an entry differs from what w.rest would say; w.rest is the same in every word; codes are constants or
 *             programs (formula.h). Laid out for row_code: word (bits, rank and rest together), entry, seldom a code.
 * Memory      reference-counted slabs: tree nodes, accounts' leaves and roles hold rows, and images share them. A row
 *             of a node whose policies allow all and deny nothing IS its parent's row.
 */
#ifndef AUTHZ_ROW_H
#define AUTHZ_ROW_H

#include "authz/own.h"
#include "base/bitset.h"

typedef struct {
    uint64_t bits;
    uint32_t first, rest;
} row_word;
_Static_assert(sizeof(row_word) == 16, "never astride two cache lines of an aligned array");

#define ROW_NO_TABLE UINT32_MAX
typedef struct {
    uint64_t allow;
    uint32_t code, table;
} row_entry;
_Static_assert(sizeof(row_entry) == 16, "four entries a cache line");

typedef struct {
    uint32_t id, born; /* never reused; the serial number of the image it was made for */
    uint64_t made_of;  /* its key in the memo, ROW_UNNAMED when it is not there       */
    uint32_t word_count, entry_count, code_count;
    uint32_t reserved;
    row_word words[]; /* then entries[entry_count], then uint32_t codes[code_count] */
} row;
_Static_assert(sizeof(row) == 32, "words stay aligned to 16 bytes");

#define ROW_UNNAMED UINT64_MAX

static inline const row_entry *row_entries(const row *r, size_t word_count)
{
    return (const row_entry *)(const void *)(r->words + word_count);
}
static inline size_t row_bytes(const row *r)
{
    return sizeof *r + r->word_count * sizeof(row_word) + r->entry_count * sizeof(row_entry) +
           r->code_count * sizeof(uint32_t);
}

/* The code of an action that is not simply allowed in an exceptional chunk. */
static inline uint32_t row_entry_code(const row *r, const row_entry *e, uint32_t bit)
{
    if (e->allow >> bit & 1) return CODE_ALLOWED;
    if (e->table == ROW_NO_TABLE) return e->code;
    const uint32_t *codes = (const uint32_t *)(const void *)(row_entries(r, r->word_count) + r->entry_count);
    return codes[e->table + bits_count(~e->allow & ((UINT64_C(1) << bit) - 1))];
}
static inline const row_entry *row_entry_at(const row *r, size_t word_count, const row_word *w, uint32_t chunk)
{
    return row_entries(r, word_count) + w->first + bits_count(w->bits & ((UINT64_C(1) << (chunk & 63)) - 1));
}
static inline uint32_t row_code(const row *r, size_t word_count, action_handle h)
{
    const row_word *w = &r->words[h.chunk >> 6];
    if (!(w->bits >> (h.chunk & 63) & 1)) return w->rest;
    return row_entry_code(r, row_entry_at(r, word_count, w, h.chunk), h.bit);
}

typedef struct {
    slab_pool     *pool;
    formula_table *formulas;
    const catalog *facts;
    idmap         *memo; /* (parent row, own row, level) -> place in made[] */
    row          **made;
    size_t         made_count, made_capacity;
    uint32_t      *vacant; /* places in made[] to use again */
    size_t         vacant_count, vacant_capacity;
    arena          a, scratch;
    uint32_t       word_count, next_id, serial; /* serial: of the image being built */
} row_table;

void row_table_init(row_table *t, const catalog *facts, formula_table *formulas);
void row_table_deinit(row_table *t);

/* A row that allows everything: the parent of the root's. */
row *row_open(row_table *t);
/* The row one level further down; the caller holds a reference to what is returned. own_id names `own` for sharing,
 * or is UINT32_MAX: then the row is not looked for nor found again. */
row *row_combine(row_table *t, row *parent, const own_row *own, uint32_t own_id, uint32_t level);
void row_release(row_table *t, row *r);

#endif
