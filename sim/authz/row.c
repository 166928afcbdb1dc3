#include "authz/row.h"

#include <assert.h>

#define WIDTH_STEP 16 /* cells a cache line */

static row *row_new(row_table *t)
{
    row *r = slab_alloc(t->pool, sizeof *r + t->width * sizeof *r->cells);
    r->id = t->next_id++;
    r->born = t->serial;
    r->made_of = ROW_UNNAMED;
    r->width = t->width;
    return r;
}

static void open_make(row_table *t)
{
    row_release(t, t->open);
    t->open = row_new(t);
    for (uint32_t i = 0; i < t->width; i++) t->open->cells[i] = CODE_ALLOWED;
}

void row_table_init(row_table *t, const catalog *facts, formula_table *formulas)
{
    *t = (row_table){.pool = slab_pool_new(MEMORY_IMAGE),
                     .facts = facts,
                     .column_count = 1,
                     .width = WIDTH_STEP,
                     .memo = idmap_new(MEMORY_IMAGE)};
    cell_table_init(&t->cells, formulas);
    arena_init(&t->a, MEMORY_IMAGE);
    t->columns = slab_alloc(t->pool, catalog_chunk_count(facts) * sizeof *t->columns);
    open_make(t);
}

void row_table_deinit(row_table *t)
{
    slab_release(t->pool, t->columns);
    row_release(t, t->open);
    slab_pool_free(t->pool);
    cell_table_deinit(&t->cells);
    idmap_free(t->memo);
    arena_deinit(&t->a);
}

/* ---- columns ---- */

static void column_add(row_table *t, uint32_t chunk)
{
    if (t->columns[chunk] != ROW_OTHERS) return;
    if (slab_count(t->columns) > 1) {
        size_t    size_bytes = catalog_chunk_count(t->facts) * sizeof *t->columns;
        uint16_t *mine = slab_alloc(t->pool, size_bytes);
        memcpy(mine, t->columns, size_bytes);
        slab_release(t->pool, t->columns);
        t->columns = mine;
    }
    t->columns[chunk] = (uint16_t)t->column_count++;
}

bool row_columns_extend(row_table *t, const own_table *own)
{
    for (; t->own_seen < own->row_count; t->own_seen++)
        for (uint32_t i = 0; i < own->rows[t->own_seen].count; i++)
            column_add(t, own->rows[t->own_seen].chunks[i].chunk);
    if (t->column_count <= t->width) return false;
    uint32_t wanted = t->column_count + t->column_count / 4;
    t->width = (wanted + WIDTH_STEP - 1) / WIDTH_STEP * WIDTH_STEP;
    open_make(t);
    return true;
}

/* ---- sharing ---- */

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

static row *row_make(row_table *t, const row *parent, const own_row *own, uint32_t level)
{
    row *r = row_new(t);
    assert(parent->width == t->width);
    if (own->rest == OWN_ALLOW) {
        memcpy(r->cells, parent->cells, t->width * sizeof *r->cells);
    } else {
        r->cells[ROW_OTHERS] = cell_combine_all(&t->cells, parent->cells[ROW_OTHERS], own->rest, level);
        for (uint32_t i = 1; i < t->width; i++)
            r->cells[i] = parent->cells[i] == parent->cells[ROW_OTHERS]
                              ? r->cells[ROW_OTHERS]
                              : cell_combine_all(&t->cells, parent->cells[i], own->rest, level);
    }
    for (uint32_t i = 0; i < own->count; i++) {
        uint32_t column = t->columns[own->chunks[i].chunk];
        assert(column != ROW_OTHERS);
        r->cells[column] = cell_combine(&t->cells, parent->cells[column], &own->chunks[i], level);
    }
    return r;
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
    row *r = row_make(t, parent, own, level);
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

uint32_t *row_of_role(row_table *t, arena *a, const own_row *own)
{
    uint32_t  chunk_count = catalog_chunk_count(t->facts);
    uint32_t *cells = ARENA_NEW(a, uint32_t, chunk_count);
    uint32_t  rest = cell_combine_all(&t->cells, CODE_ALLOWED, own->rest, 0);
    for (uint32_t i = 0; i < chunk_count; i++) cells[i] = rest;
    for (uint32_t i = 0; i < own->count; i++)
        cells[own->chunks[i].chunk] = cell_combine(&t->cells, CODE_ALLOWED, &own->chunks[i], 0);
    return cells;
}
