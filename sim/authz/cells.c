#include "authz/cells.h"

#include <assert.h>

#include "base/bitset.h"
#include "base/hash.h"

void cell_table_init(cell_table *t, formula_table *formulas)
{
    *t = (cell_table){.formulas = formulas,
                      .ids = idmap_new(MEMORY_IMAGE),
                      .own_memo = idmap_new(MEMORY_IMAGE),
                      .all_memo = idmap_new(MEMORY_IMAGE)};
}

void cell_table_deinit(cell_table *t)
{
    idmap_free(t->ids);
    idmap_free(t->own_memo);
    idmap_free(t->all_memo);
}

static uint32_t cell_keep(cell_table *t, const uint32_t *codes, uint32_t count)
{
    code_pool *pool = &t->formulas->pool;
    uint32_t   same = 1, code;
    while (same < count && codes[same] == codes[0]) same++;
    if (same == count) return codes[0];
    uint64_t key = hash_bytes(codes, count * sizeof *codes, count) >> 1;
    for (; idmap_get(t->ids, key, &code); key++) {
        const cell *known = code_place(pool->block->units, code);
        if (known->action_count == count && memcmp(known->codes, codes, count * sizeof *codes) == 0) return code;
    }
    cell *fresh = code_take(pool, sizeof *fresh + count * sizeof *codes, &code);
    fresh->action_count = count;
    memcpy(fresh->codes, codes, count * sizeof *codes);
    code |= CODE_CELL;
    idmap_put(t->ids, key, code);
    return code;
}

static uint32_t above_code(const cell_table *t, uint32_t above, uint32_t bit)
{
    return cell_code(t->formulas->pool.block->units, above, bit);
}

uint32_t cell_combine(cell_table *t, uint32_t above, const own_chunk *own, uint32_t level)
{
    uint64_t key = (uint64_t)above << 32 | own->id << CODE_LEVEL_BITS | level;
    uint32_t codes[CELL_ACTIONS_MAX], count = 0, result;
    assert(own->id < 1u << (32 - CODE_LEVEL_BITS));
    if (idmap_get(t->own_memo, key, &result)) return result;
    for (uint32_t i = 0; i < own->count; i++) {
        uint32_t last = UINT32_MAX, last_result = 0; /* neighbours mostly agree */
        count += bits_count(own->groups[i].mask);
        for (uint64_t left = own->groups[i].mask; left != 0; left &= left - 1) {
            uint32_t bit = bits_first(left), code = above_code(t, above, bit);
            if (code != last) last_result = formula_combine(t->formulas, code, own->groups[i].own, level);
            last = code;
            codes[bit] = last_result;
        }
    }
    result = cell_keep(t, codes, count);
    idmap_put(t->own_memo, key, result);
    return result;
}

uint32_t cell_combine_all(cell_table *t, uint32_t above, uint32_t own, uint32_t level)
{
    uint64_t key = (uint64_t)above << 32 | own << CODE_LEVEL_BITS | level;
    uint32_t codes[CELL_ACTIONS_MAX], last = UINT32_MAX, last_result = 0, result;
    if (own == OWN_ALLOW) return above;
    if (!(above & CODE_CELL)) return formula_combine(t->formulas, above, own, level);
    if (idmap_get(t->all_memo, key, &result)) return result;
    uint32_t count = ((const cell *)code_place(t->formulas->pool.block->units, above))->action_count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t code = above_code(t, above, i); /* looked up each time: formulas made meanwhile may move it */
        if (code != last) last_result = formula_combine(t->formulas, code, own, level);
        last = code;
        codes[i] = last_result;
    }
    result = cell_keep(t, codes, count);
    idmap_put(t->all_memo, key, result);
    return result;
}
