#include <assert.h>

#include "authz/image.h"

/* ---- life ---- */

static stock *stock_new(const authz_store *s)
{
    stock *k = memory_alloc(MEMORY_IMAGE, sizeof *k);
    k->holders = 1;
    arena_init(&k->a, MEMORY_IMAGE);
    k->formulas = formula_table_new(s->v);
    own_table_init(&k->own, s->facts, k->formulas);
    row_table_init(&k->rows, s->facts, k->formulas);
    for (size_t i = 0; i < COUNTOF(k->leaves); i++) {
        leaf_table *t = &k->leaves[i];
        t->ids = idmap_new(MEMORY_IMAGE);
        for (uint32_t leaf = LEAF_NONE; leaf <= LEAF_REMOVED; leaf++)
            *ARENA_PUSH(&k->a, leaf_place, t->places, t->count, t->capacity) = (leaf_place){ORG_NONE, OWN_ROW_OPEN};
    }
    k->formulas->guards.atoms.roles = s->setting.roles;
    k->formulas->guards.atoms.role_count = s->setting.role_count;
    k->roles = roles_make(&k->rows, &k->own, &k->a, s->scratch, &s->setting);
    k->layers = layers_make(&k->rows, &k->own, &k->a, s->scratch, s->v, &s->setting);
    return k;
}

void stock_release(stock *k)
{
    if (--k->holders > 0) return;
    row_table_deinit(&k->rows);
    own_table_deinit(&k->own);
    formula_table_free(k->formulas);
    for (size_t i = 0; i < COUNTOF(k->leaves); i++) idmap_free(k->leaves[i].ids);
    arena_deinit(&k->a);
    memory_free(MEMORY_IMAGE, k);
}

#define UNITS_WORN (((size_t)64 << 20) / sizeof(code_unit)) /* beside as much again as there was at first */

void stock_renew_worn(authz_store *s)
{
    const stock *k = s->stock;
    if (k->units_first > 0 && k->formulas->pool.used > 2 * k->units_first + UNITS_WORN) authz_store_renew(s);
}

void authz_store_renew(authz_store *s)
{
    stock_release(s->stock);
    s->stock = stock_new(s);
}

authz_store *authz_store_new(const catalog *facts, const authz_vocabulary *v, authz_setting setting)
{
    authz_store *s = memory_alloc(MEMORY_IMAGE, sizeof *s);
    assert(setting.role_count == v->slots[AUTHZ_PRINCIPAL].count);
    for (uint32_t i = 0; i < setting.role_count; i++)
        assert(str_eq(setting.roles[i].principal, v->principals[i + 1].texts[0]));
    assert(setting.policy_count <= UINT16_MAX);
    assert(setting.endpoint_count <= AUTHZ_ENDPOINTS_MAX);
    *s = (authz_store){.facts = facts, .v = v, .setting = setting};
    arena_init(&s->scratch, MEMORY_IMAGE);
    s->stock = stock_new(s);
    return s;
}

void authz_store_free(authz_store *s)
{
    if (s == NULL) return;
    assert(s->stock->holders == 1);
    stock_release(s->stock);
    arena_deinit(&s->scratch);
    memory_free(MEMORY_IMAGE, s);
}

/* ---- statistics ---- */

typedef struct {
    const authz_image *image;
    bitset             rows, objects; /* seen: by id; by place in the pool */
    authz_image_stats *out;
} census;

static void count_code(census *c, uint32_t code)
{
    if (code & CODE_CONSTANT) return;
    uint32_t at = code & CODE_PLACE;
    if (bitset_get(c->objects, at)) return;
    bitset_set(c->objects, at);
    if (code & CODE_CELL) {
        const cell *of_chunk = code_place(c->image->units, at);
        c->out->bytes += sizeof *of_chunk + of_chunk->action_count * sizeof *of_chunk->codes;
        for (uint32_t i = 0; i < of_chunk->action_count; i++) count_code(c, of_chunk->codes[i]); /* none is a cell */
        return;
    }
    c->out->formulas++;
    c->out->bytes += formula_bytes(code_place(c->image->units, at));
}

static void count_row(census *c, const row *r)
{
    if (r == NULL || bitset_get(c->rows, r->id)) return;
    bitset_set(c->rows, r->id);
    c->out->rows++;
    c->out->row_bytes += row_bytes(&c->image->stock->rows);
    c->out->rows_shared += c->image->derived && r->born != c->image->serial;
    for (uint32_t i = 0; i < c->image->stock->rows.block_count; i++) {
        if (bitset_get(c->objects, r->blocks[i])) continue;
        bitset_set(c->objects, r->blocks[i]);
        const row_block *b = code_place(c->image->units, r->blocks[i]);
        c->out->bytes += sizeof *b;
        for (uint32_t k = 0; k < BLOCK_CHUNKS; k++) count_code(c, b->codes[k]);
    }
}

static void count_row_pages(census *c, row_page *const *pages, uint32_t item_count)
{
    for (uint32_t i = 0; i < item_count; i++) {
        const row_page *page = pages[i >> ROW_PAGE_LOG2];
        if (i % (1u << ROW_PAGE_LOG2) == 0) {
            c->out->pages++;
            c->out->bytes += sizeof *page + sizeof page;
        }
        count_row(c, page->rows[i & ((1u << ROW_PAGE_LOG2) - 1)]);
    }
}

static void count_tree(census *c, const row_tree *t)
{
    uint32_t account_pages = page_count(t->account_count, ACCOUNT_PAGE_LOG2);
    if (t->accounts == NULL) return;
    count_row_pages(c, t->nodes, t->node_count);
    count_row_pages(c, t->leaves, t->leaf_count);
    c->out->pages += account_pages;
    c->out->bytes +=
        account_pages * (sizeof(account_page) + sizeof(account_page *)) + t->policy_count * sizeof *t->contents;
}

void authz_image_stats_get(const authz_store *s, const authz_image *image, authz_image_stats *out)
{
    arena        scratch = s->scratch;
    const stock *k = image->stock;
    uint32_t     chunk_count = catalog_chunk_count(s->facts), identities = 0;
    *out = (authz_image_stats){.atoms = k->formulas->guards.atoms.count};
    census c = {image, bitset_new(&scratch, k->rows.next_id), bitset_new(&scratch, k->formulas->pool.used), out};
    count_row(&c, image->open);
    for (uint32_t i = 0; i < s->setting.role_count; i++) {
        uint32_t first = 0;
        while (k->roles[first].identity != k->roles[i].identity) first++;
        if (first < i) continue;
        identities++;
        for (uint32_t chunk = 0; chunk < chunk_count; chunk++) count_code(&c, k->roles[i].identity[chunk]);
    }
    count_tree(&c, &image->scps);
    count_tree(&c, &image->rcps);
    out->bytes += out->row_bytes + sizeof *image + s->setting.role_count * sizeof *k->roles +
                  identities * chunk_count * sizeof(uint32_t);
}
