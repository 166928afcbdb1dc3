#include "authz/codes.h"

#include <assert.h>

#define UNITS_FIRST 4096
#define UNITS_SPARE 64 /* behind all objects, for reads of what is no cell as if it were one */
#define UNITS_MAX   CODE_PLACE

static code_block *block_new(size_t capacity)
{
    code_block *b = memory_alloc(MEMORY_IMAGE, sizeof *b + (capacity + UNITS_SPARE) * sizeof *b->units);
    b->capacity = capacity;
    b->holders = 1;
    return b;
}

void code_pool_init(code_pool *pool)
{
    *pool = (code_pool){.block = block_new(UNITS_FIRST)};
}

void code_pool_deinit(code_pool *pool)
{
    code_block_release(pool->block);
}

code_block *code_block_hold(code_pool *pool)
{
    pool->block->holders++;
    return pool->block;
}

void code_block_release(code_block *block)
{
    if (--block->holders == 0) memory_free(MEMORY_IMAGE, block);
}

void *code_take(code_pool *pool, size_t size_bytes, uint32_t *code)
{
    size_t units = (size_bytes + sizeof(code_unit) - 1) / sizeof(code_unit);
    /* Aligned as far as it is long, up to a cache line, so that what is read together is. */
    size_t align = units >= 3 ? 4 : units, begin = (pool->used + align - 1) & ~(align - 1);
    assert(begin + units <= UNITS_MAX);
    if (begin + units > pool->block->capacity) {
        size_t wider = pool->block->capacity * 2;
        while (wider < begin + units) wider *= 2;
        code_block *b = block_new(wider);
        memcpy(b->units, pool->block->units, pool->used * sizeof *b->units);
        code_block_release(pool->block);
        pool->block = b;
    }
    *code = (uint32_t)begin;
    pool->used = begin + units;
    return pool->block->units + begin;
}
