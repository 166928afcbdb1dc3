#include "authz/row.h"

#include <assert.h>

void row_table_init(row_table *t, const catalog *facts, formula_table *formulas)
{
    *t = (row_table){.pool = slab_pool_new(MEMORY_IMAGE),
                     .formulas = formulas,
                     .facts = facts,
                     .memo = idmap_new(MEMORY_IMAGE),
                     .word_count = (uint32_t)bitset_words(catalog_chunk_count(facts))};
    arena_init(&t->a, MEMORY_IMAGE);
    arena_init(&t->scratch, MEMORY_IMAGE);
}

void row_table_deinit(row_table *t)
{
    slab_pool_free(t->pool);
    idmap_free(t->memo);
    arena_deinit(&t->a);
    arena_deinit(&t->scratch);
}

/* ---- what a row says of one chunk, as groups of actions with one code ---- */

typedef struct {
    uint64_t mask;
    uint32_t code;
} code_group;

typedef struct {
    code_group items[64];
    uint32_t   count;
} code_groups;

static void groups_put(code_groups *g, uint64_t mask, uint32_t code)
{
    uint32_t i = 0;
    if (mask == 0) return;
    while (i < g->count && g->items[i].code != code) i++;
    if (i == g->count) g->items[g->count++] = (code_group){0, code};
    g->items[i].mask |= mask;
}

static void groups_of(const row *r, const row_entry *e, uint64_t valid, code_groups *g)
{
    g->count = 0;
    groups_put(g, e->allow, CODE_ALLOWED);
    if (e->table == ROW_NO_TABLE) {
        groups_put(g, valid & ~e->allow, e->code);
        return;
    }
    for (uint64_t left = valid & ~e->allow; left != 0; left &= left - 1) {
        uint32_t bit = bits_first(left);
        groups_put(g, UINT64_C(1) << bit, row_entry_code(r, e, bit));
    }
}

/* ---- making a row ---- */

typedef struct {
    row_table *t;
    row_word  *words;
    row_entry *entries;
    uint32_t  *codes;
    uint32_t   entry_count, code_count;
    uint32_t   rest;
} row_maker;

static void chunk_begin(row_maker *m, uint32_t chunk)
{
    m->words[chunk >> 6].bits |= UINT64_C(1) << (chunk & 63);
}

static void chunk_put(row_maker *m, uint32_t chunk, const code_groups *g)
{
    row_entry e = {0, CODE_ALLOWED, ROW_NO_TABLE};
    uint32_t  denied = 0;
    if (g->count == 1 && g->items[0].code == m->rest) return;
    for (uint32_t i = 0; i < g->count; i++) {
        if (g->items[i].code == CODE_ALLOWED) {
            e.allow = g->items[i].mask;
        } else {
            e.code = g->items[i].code;
            denied++;
        }
    }
    if (denied > 1) {
        uint64_t left = catalog_chunk_mask(m->t->facts, chunk) & ~e.allow;
        e.code = 0;
        e.table = m->code_count;
        for (; left != 0; left &= left - 1) {
            uint32_t i = 0;
            while (!(g->items[i].mask >> bits_first(left) & 1)) i++;
            m->codes[m->code_count++] = g->items[i].code;
        }
    }
    chunk_begin(m, chunk);
    m->entries[m->entry_count++] = e;
}

/* An entry that the new level leaves as it was. */
static void chunk_copy(row_maker *m, uint32_t chunk, const row *from, row_entry e)
{
    if (e.table != ROW_NO_TABLE) {
        const uint32_t *codes =
            (const uint32_t *)(const void *)(row_entries(from, from->word_count) + from->entry_count);
        uint32_t count = bits_count(catalog_chunk_mask(m->t->facts, chunk) & ~e.allow);
        memcpy(m->codes + m->code_count, codes + e.table, count * sizeof *codes);
        e.table = m->code_count;
        m->code_count += count;
    }
    chunk_begin(m, chunk);
    m->entries[m->entry_count++] = e;
}

static void chunk_combine(row_maker *m, uint32_t chunk, const code_groups *above, const own_group *own, uint32_t count,
                          uint32_t level)
{
    code_groups g = {.count = 0};
    for (uint32_t i = 0; i < above->count; i++)
        for (uint32_t k = 0; k < count; k++) {
            uint64_t mask = above->items[i].mask & own[k].mask;
            if (mask == 0) continue;
            groups_put(&g, mask, formula_combine(m->t->formulas, above->items[i].code, own[k].own, level));
        }
    chunk_put(m, chunk, &g);
}

static void chunks_combine(row_maker *m, const row *parent, const own_row *own, uint32_t level)
{
    const row_entry *entry = row_entries(parent, parent->word_count);
    uint32_t         next = 0, chunk_count = catalog_chunk_count(m->t->facts);
    m->rest = formula_combine(m->t->formulas, parent->words[0].rest, own->rest, level);
    for (uint32_t chunk = 0; chunk < chunk_count; chunk++) {
        bool listed = next < own->count && own->chunks[next].chunk == chunk;
        bool apart = parent->words[chunk >> 6].bits >> (chunk & 63) & 1;
        if (!listed && !apart) {
            uint64_t left = parent->words[chunk >> 6].bits >> (chunk & 63); /* on to the next chunk that is either */
            uint32_t skip = left != 0 ? bits_first(left) : 64 - (chunk & 63);
            uint32_t until = next < own->count ? own->chunks[next].chunk : chunk_count;
            chunk += (chunk + skip < until ? skip : until - chunk) - 1;
            continue;
        }
        code_groups above;
        uint64_t    valid = catalog_chunk_mask(m->t->facts, chunk);
        own_group   all = {.mask = valid, .own = own->rest};
        if (apart && !listed && own->rest == OWN_ALLOW) {
            chunk_copy(m, chunk, parent, *entry++);
            continue;
        }
        above = (code_groups){.count = 0};
        if (apart)
            groups_of(parent, entry++, valid, &above);
        else
            groups_put(&above, valid, parent->words[0].rest);
        if (listed) {
            chunk_combine(m, chunk, &above, own->chunks[next].groups, own->chunks[next].count, level);
            next++;
        } else {
            chunk_combine(m, chunk, &above, &all, 1, level);
        }
    }
}

static row *row_finish(row_maker *m)
{
    row_table *t = m->t;
    row        head = {.id = t->next_id++,
                       .born = t->serial,
                       .made_of = ROW_UNNAMED,
                       .word_count = t->word_count,
                       .entry_count = m->entry_count,
                       .code_count = m->code_count};
    row       *r = slab_alloc(t->pool, row_bytes(&head));
    uint32_t   first = 0;
    *r = head;
    for (uint32_t i = 0; i < t->word_count; i++) {
        r->words[i] = (row_word){m->words[i].bits, first, m->rest};
        first += bits_count(m->words[i].bits);
    }
    row_entry *entries = (row_entry *)(void *)(r->words + t->word_count);
    if (m->entry_count > 0) memcpy(entries, m->entries, m->entry_count * sizeof *entries);
    if (m->code_count > 0) memcpy(entries + m->entry_count, m->codes, m->code_count * sizeof *m->codes);
    return r;
}

row *row_open(row_table *t)
{
    arena     scratch = t->scratch;
    row_maker m = {.t = t, .rest = CODE_ALLOWED, .words = ARENA_NEW(&scratch, row_word, t->word_count)};
    return row_finish(&m);
}

static row *row_make(row_table *t, const row *parent, const own_row *own, uint32_t level)
{
    arena     scratch = t->scratch;
    size_t    entries = (size_t)parent->entry_count + own->count;
    size_t    mixed = own->rest == OWN_ALLOW ? own->count : entries; /* the others keep the codes they have */
    row_maker m = {.t = t,
                   .words = ARENA_NEW(&scratch, row_word, t->word_count),
                   .entries = ARENA_NEW(&scratch, row_entry, entries),
                   .codes = ARENA_NEW(&scratch, uint32_t, parent->code_count + mixed * 64)};
    chunks_combine(&m, parent, own, level);
    return row_finish(&m);
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

row *row_combine(row_table *t, row *parent, const own_row *own, uint32_t own_id, uint32_t level)
{
    if (own->open) {
        slab_retain(parent);
        return parent;
    }
    uint64_t key = (uint64_t)parent->id << 32 | own_id << CODE_LEVEL_BITS | level;
    uint32_t made_at;
    bool     shared = own_id != UINT32_MAX;
    assert(!shared || own_id < 1u << (32 - CODE_LEVEL_BITS));
    if (shared && idmap_get(t->memo, key, &made_at)) {
        slab_retain(t->made[made_at]);
        return t->made[made_at];
    }
    row *r = row_make(t, parent, own, level);
    if (shared) row_name(t, r, key);
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
