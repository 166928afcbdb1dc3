#include "authz/codes.h"

#include <assert.h>

void *code_take(code_pool *pool, size_t size_bytes, uint32_t *code)
{
    size_t segment_units = (size_t)1 << CODE_SEGMENT_UNITS_LOG2;
    size_t units = (size_bytes + sizeof(code_unit) - 1) / sizeof(code_unit);
    /* Aligned as far as it is long, up to a cache line, so that what is read together is. */
    size_t align = units >= 3 ? 4 : units;
    pool->used = (pool->used + align - 1) & ~(align - 1);
    if (pool->segment_count == 0 || pool->used + units > segment_units) {
        assert(pool->segment_count < CODE_SEGMENTS);
        size_t bytes = (units > segment_units ? units : segment_units) * sizeof(code_unit);
        pool->segments[pool->segment_count++] = memory_alloc(MEMORY_IMAGE, bytes);
        pool->size_bytes += bytes;
        pool->used = 0;
    }
    uint32_t segment = pool->segment_count - 1, at = (uint32_t)pool->used;
    *code = segment << CODE_SEGMENT_UNITS_LOG2 | at;
    pool->used += units;
    return pool->segments[segment] + at;
}

void code_pool_deinit(code_pool *pool)
{
    for (uint32_t i = 0; i < pool->segment_count; i++) memory_free(MEMORY_IMAGE, pool->segments[i]);
}
