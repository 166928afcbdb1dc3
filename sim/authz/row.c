#include "authz/row.h"

#include <assert.h>

#include "base/hash.h"

/* ---- blocks ---- */

static const row_block *block_at(const row_table *t, uint32_t block)
{
    return code_place(t->cells.formulas->pool.block->units, block);
}

static uint32_t block_keep(row_table *t, row_block b)
{
    uint64_t key = hash_bytes(&b, sizeof b, 0) >> 1;
    uint32_t code;
    for (; idmap_get(t->block_ids, key, &code); key++)
        if (memcmp(block_at(t, code), &b, sizeof b) == 0) return code;
    *(row_block *)code_take(&t->cells.formulas->pool, sizeof b, &code) = b;
    idmap_put(t->block_ids, key, code);
    return code;
}

/* One level further down, where one own formula speaks of all the block's chunks. */
static row_block block_combine(row_table *t, row_block above, uint32_t own, uint32_t level)
{
    row_block below;
    for (uint32_t i = 0; i < BLOCK_CHUNKS; i++)
        below.codes[i] = cell_combine_all(&t->cells, above.codes[i], own, level);
    return below;
}

static uint32_t block_combine_all(row_table *t, uint32_t above, uint32_t own, uint32_t level)
{
    uint64_t key = (uint64_t)above << 32 | own << CODE_LEVEL_BITS | level;
    uint32_t result;
    if (own == OWN_ALLOW) return above;
    if (idmap_get(t->block_memo, key, &result)) return result;
    result = block_keep(t, block_combine(t, *block_at(t, above), own, level));
    idmap_put(t->block_memo, key, result);
    return result;
}

/* ---- rows ---- */

static row *row_new(row_table *t)
{
    row *r = slab_alloc(t->pool, row_bytes(t));
    r->id = t->next_id++;
    r->born = t->serial;
    r->made_of = ROW_UNNAMED;
    return r;
}

static row *row_of_one_code(row_table *t, uint32_t code)
{
    row_block all;
    row      *r = row_new(t);
    for (uint32_t i = 0; i < BLOCK_CHUNKS; i++) all.codes[i] = code;
    for (uint32_t i = 0; i < t->block_count; i++) r->blocks[i] = block_keep(t, all);
    return r;
}

void row_table_init(row_table *t, const catalog *facts, formula_table *formulas)
{
    *t = (row_table){.pool = slab_pool_new(MEMORY_IMAGE),
                     .facts = facts,
                     .block_count = (catalog_chunk_count(facts) + BLOCK_CHUNKS - 1) >> BLOCK_CHUNKS_LOG2,
                     .block_ids = idmap_new(MEMORY_IMAGE),
                     .block_memo = idmap_new(MEMORY_IMAGE),
                     .memo = idmap_new(MEMORY_IMAGE)};
    cell_table_init(&t->cells, formulas);
    arena_init(&t->a, MEMORY_IMAGE);
    t->open = row_of_one_code(t, CODE_ALLOWED);
    t->removed = row_of_one_code(t, CODE_LAYERED);
}

void row_table_deinit(row_table *t)
{
    row_release(t, t->open);
    row_release(t, t->removed);
    slab_pool_free(t->pool);
    cell_table_deinit(&t->cells);
    idmap_free(t->block_ids);
    idmap_free(t->block_memo);
    idmap_free(t->memo);
    arena_deinit(&t->a);
}

static void row_name(row_table *t, row *r, uint64_t key)
{
    uint32_t made_at = (uint32_t)t->made_count;
    if (t->vacant_count > 0)
        made_at = t->vacant[--t->vacant_count];
    else
        (void)ARENA_PUSH(&t->a, row *, t->made, t->made_count, t->made_capacity);
    t->made[made_at] = r;
    r->made_of = key;
    idmap_put(t->memo, key, made_at);
}

/* The block's chunks that `own` lists, from *next on, each with its own cell. */
static uint32_t block_make(row_table *t, uint32_t block, uint32_t above, const own_row *own, uint32_t *next,
                           uint32_t level)
{
    row_block over = *block_at(t, above), b = over;
    if (own->rest != OWN_ALLOW) b = *block_at(t, block_combine_all(t, above, own->rest, level));
    for (; *next < own->count && own->chunks[*next].chunk >> BLOCK_CHUNKS_LOG2 == block; ++*next) {
        const own_chunk *c = &own->chunks[*next];
        uint32_t         at = c->chunk & (BLOCK_CHUNKS - 1);
        b.codes[at] = cell_combine(&t->cells, over.codes[at], c, level);
    }
    return block_keep(t, b);
}

static void row_fill(row_table *t, row *r, const row *parent, const own_row *own, uint32_t level)
{
    uint32_t next = 0;
    for (uint32_t i = 0; i < t->block_count; i++) {
        bool listed = next < own->count && own->chunks[next].chunk >> BLOCK_CHUNKS_LOG2 == i;
        r->blocks[i] = listed ? block_make(t, i, parent->blocks[i], own, &next, level)
                              : block_combine_all(t, parent->blocks[i], own->rest, level);
    }
    assert(next == own->count);
}

row *row_combine(row_table *t, row *parent, const own_row *own, uint32_t own_id, uint32_t level)
{
    if (own->open) {
        slab_retain(parent);
        return parent;
    }
    uint64_t key = (uint64_t)parent->id << 32 | own_id << CODE_LEVEL_BITS | level;
    uint32_t made_at;
    assert(own_id < 1u << (32 - CODE_LEVEL_BITS));
    if (idmap_get(t->memo, key, &made_at)) {
        slab_retain(t->made[made_at]);
        return t->made[made_at];
    }
    row *r = row_new(t);
    row_fill(t, r, parent, own, level);
    if (memcmp(r->blocks, parent->blocks, t->block_count * sizeof *r->blocks) == 0) {
        slab_release(t->pool, r);
        slab_retain(parent);
        return parent;
    }
    row_name(t, r, key);
    return r;
}

void row_release(row_table *t, row *r)
{
    if (r == NULL) return;
    if (slab_count(r) == 1 && r->made_of != ROW_UNNAMED) {
        uint32_t made_at;
        bool     found = idmap_get(t->memo, r->made_of, &made_at);
        assert(found && t->made[made_at] == r);
        (void)idmap_remove(t->memo, r->made_of);
        t->made[made_at] = NULL;
        *ARENA_PUSH(&t->a, uint32_t, t->vacant, t->vacant_count, t->vacant_capacity) = made_at;
    }
    slab_release(t->pool, r);
}

uint32_t *row_of_level(row_table *t, arena *a, const uint32_t *above, const own_row *own, uint32_t level)
{
    uint32_t  chunk_count = catalog_chunk_count(t->facts);
    uint32_t *cells = ARENA_NEW(a, uint32_t, chunk_count);
    for (uint32_t i = 0; i < chunk_count; i++)
        cells[i] = cell_combine_all(&t->cells, above == NULL ? CODE_ALLOWED : above[i], own->rest, level);
    for (uint32_t i = 0; i < own->count; i++) {
        uint32_t c = own->chunks[i].chunk;
        cells[c] = cell_combine(&t->cells, above == NULL ? CODE_ALLOWED : above[c], &own->chunks[i], level);
    }
    return cells;
}
