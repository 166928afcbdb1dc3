#include "base/arena.h"

#include <assert.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef ORGSIM_SANITIZED
#include <jemalloc/jemalloc.h>
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif
#endif
#ifndef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

const char *memory_name(memory_subsystem subsystem)
{
    static const char *const names[] = {
#define MEMORY_ROW(id, name) [id] = name,
        MEMORY_SUBSYSTEMS(MEMORY_ROW)
#undef MEMORY_ROW
    };
    assert(subsystem < MEMORY_SUBSYSTEM_COUNT);
    return names[subsystem];
}

static void exhausted(size_t size_bytes)
{
    (void)fprintf(stderr, "orgsim: out of memory: %zu bytes more were asked for\n", size_bytes);
    exit(3);
}

#ifndef ORGSIM_SANITIZED
static unsigned       arena_index[MEMORY_SUBSYSTEM_COUNT];
static pthread_once_t arena_once = PTHREAD_ONCE_INIT;

static void arenas_create(void)
{
    for (size_t i = 0; i < MEMORY_SUBSYSTEM_COUNT; i++) {
        size_t size = sizeof arena_index[i];
        if (mallctl("arenas.create", &arena_index[i], &size, NULL, 0) != 0) exhausted(0);
    }
}

static int arena_flags(memory_subsystem subsystem)
{
    (void)pthread_once(&arena_once, arenas_create);
    return MALLOCX_ARENA(arena_index[subsystem]) | MALLOCX_TCACHE_NONE;
}

void *memory_alloc(memory_subsystem subsystem, size_t size_bytes)
{
    void *block = mallocx(size_bytes == 0 ? 1 : size_bytes, arena_flags(subsystem) | MALLOCX_ZERO);
    if (block == NULL) exhausted(size_bytes);
    return block;
}

void memory_free(memory_subsystem subsystem, void *block)
{
    if (block != NULL) dallocx(block, arena_flags(subsystem));
}

static uint64_t stat_read(const char *format, unsigned index)
{
    char     name[96];
    size_t   value = 0, size = sizeof value;
    (void)snprintf(name, sizeof name, format, index);
    return mallctl(name, &value, &size, NULL, 0) == 0 ? value : 0;
}

bool memory_stats_get(memory_subsystem subsystem, memory_stats *out)
{
    uint64_t epoch = 1;
    (void)arena_flags(subsystem);
    if (mallctl("epoch", NULL, NULL, &epoch, sizeof epoch) != 0) return false;
    unsigned index = arena_index[subsystem];
    out->allocated_bytes = stat_read("stats.arenas.%u.small.allocated", index) +
                           stat_read("stats.arenas.%u.large.allocated", index);
    out->resident_bytes = stat_read("stats.arenas.%u.resident", index);
    return true;
}
#else
void *memory_alloc(memory_subsystem subsystem, size_t size_bytes)
{
    (void)subsystem;
    void *block = calloc(1, size_bytes == 0 ? 1 : size_bytes);
    if (block == NULL) exhausted(size_bytes);
    return block;
}

void memory_free(memory_subsystem subsystem, void *block)
{
    (void)subsystem;
    free(block);
}

bool memory_stats_get(memory_subsystem subsystem, memory_stats *out)
{
    (void)subsystem;
    *out = (memory_stats){ 0, 0 };
    return false;
}
#endif

void *memory_realloc(memory_subsystem subsystem, void *block, size_t old_bytes, size_t new_bytes)
{
    void *fresh = memory_alloc(subsystem, new_bytes);
    if (block != NULL) memcpy(fresh, block, old_bytes < new_bytes ? old_bytes : new_bytes);
    memory_free(subsystem, block);
    return fresh;
}

/* ---- bump arenas ---- */

#define BLOCK_BYTES_MIN ((size_t)64 << 10)
#define BLOCK_BYTES_MAX ((size_t)4 << 20)

struct arena_block {
    arena_block *next;
    size_t       capacity;
    _Alignas(max_align_t) unsigned char bytes[];
};

static arena_block *block_new(memory_subsystem subsystem, size_t capacity)
{
    arena_block *b = memory_alloc(subsystem, sizeof *b + capacity);
    b->capacity = capacity;
    ASAN_POISON_MEMORY_REGION(b->bytes, capacity);
    return b;
}

void arena_init(arena *a, memory_subsystem subsystem)
{
    arena_block *b = block_new(subsystem, BLOCK_BYTES_MIN);
    *a = (arena){ .block = b, .first = b, .used = 0, .subsystem = subsystem };
}

void arena_deinit(arena *a)
{
    for (arena_block *b = a->first; b != NULL;) {
        arena_block *next = b->next;
        ASAN_UNPOISON_MEMORY_REGION(b->bytes, b->capacity);
        memory_free(a->subsystem, b);
        b = next;
    }
    *a = (arena){ .subsystem = a->subsystem };
}

void arena_reset(arena *a)
{
    for (arena_block *b = a->first; b != NULL; b = b->next) ASAN_POISON_MEMORY_REGION(b->bytes, b->capacity);
    a->block = a->first;
    a->used = 0;
}

/* The block behind the present one serves if it is large enough (a scratch copy left it there), else a new one goes
 * between, twice as large as the present one up to a limit. */
static void arena_advance(arena *a, size_t bytes)
{
    if (a->block == NULL) arena_init(a, a->subsystem);
    if (a->block->next == NULL || a->block->next->capacity < bytes) {
        size_t capacity = a->block->capacity * 2;
        if (capacity > BLOCK_BYTES_MAX) capacity = BLOCK_BYTES_MAX;
        if (capacity < bytes) capacity = bytes;
        arena_block *b = block_new(a->subsystem, capacity);
        b->next = a->block->next;
        a->block->next = b;
    }
    a->block = a->block->next;
    a->used = 0;
}

void *arena_alloc(arena *a, size_t size, size_t align, size_t count)
{
    assert(align > 0 && align <= alignof(max_align_t) && (align & (align - 1)) == 0);
    if (count != 0 && size > (SIZE_MAX >> 2) / count) exhausted(SIZE_MAX);
    size_t bytes = size * count;
    size_t begin = (a->used + align - 1) & ~(align - 1);
    if (a->block == NULL || begin > a->block->capacity || bytes > a->block->capacity - begin) {
        arena_advance(a, bytes);
        begin = 0;
    }
    a->used = begin + bytes;
    ASAN_UNPOISON_MEMORY_REGION(a->block->bytes + begin, bytes);
    return memset(a->block->bytes + begin, 0, bytes);
}

str arena_str(arena *a, str s)
{
    char *copy = ARENA_NEW(a, char, s.len + 1);
    if (s.len > 0) memcpy(copy, s.ptr, s.len);
    return (str){ copy, s.len };
}

str arena_format(arena *a, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    assert(len >= 0);
    char *text = ARENA_NEW(a, char, (size_t)len + 1);
    (void)vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    va_end(arguments);
    return (str){ text, (size_t)len };
}

size_t arena_bytes(const arena *a)
{
    size_t total = 0;
    for (const arena_block *b = a->first; b != NULL; b = b->next) total += b->capacity;
    return total;
}

void *arena_grow(arena *a, void *items, size_t size, size_t align, size_t count, size_t *capacity)
{
    size_t wider = *capacity == 0 ? 8 : *capacity * 2;
    void  *fresh = arena_alloc(a, size, align, wider);
    if (count > 0) memcpy(fresh, items, size * count);
    *capacity = wider;
    return fresh;
}

/* ---- slab pool ---- */

#define SLAB_BLOCK_BYTES ((size_t)256 << 10)
#define SLAB_CLASSES     64

/* Sixteen bytes before every object. Free objects chain through their first word. */
typedef struct {
    atomic_uint count;
    uint32_t    class_index;
    uint64_t    size_bytes;
} slab_header;
_Static_assert(sizeof(slab_header) == 16, "objects stay 16-byte aligned");

typedef struct slab_block {
    struct slab_block *next;
    uint64_t           reserved;
} slab_block;

struct slab_pool {
    memory_subsystem subsystem;
    pthread_mutex_t  lock; /* release may come from any thread */
    slab_block      *blocks;
    unsigned char   *bump, *bump_end;
    slab_header     *free_list[SLAB_CLASSES];
    size_t           live_bytes;
};

/* Classes: powers of two from 32 bytes, each cut in four. */
static uint32_t slab_class(size_t bytes, size_t *rounded)
{
    size_t   base = 32;
    uint32_t index = 0;
    while (base * 2 < bytes) {
        base *= 2;
        index += 4;
    }
    for (size_t step = 0; step <= 4; step++) {
        *rounded = base + base / 4 * step;
        if (*rounded >= bytes) return index + (uint32_t)step;
    }
    assert(false);
    return 0;
}

slab_pool *slab_pool_new(memory_subsystem subsystem)
{
    slab_pool *pool = memory_alloc(subsystem, sizeof *pool);
    pool->subsystem = subsystem;
    (void)pthread_mutex_init(&pool->lock, NULL);
    return pool;
}

void slab_pool_free(slab_pool *pool)
{
    if (pool == NULL) return;
    assert(pool->live_bytes == 0);
    for (slab_block *b = pool->blocks; b != NULL;) {
        slab_block *next = b->next;
        memory_free(pool->subsystem, b);
        b = next;
    }
    (void)pthread_mutex_destroy(&pool->lock);
    memory_free(pool->subsystem, pool);
}

static slab_header *slab_carve(slab_pool *pool, size_t bytes)
{
    if ((size_t)(pool->bump_end - pool->bump) < bytes) {
        size_t      size = bytes + sizeof(slab_block) > SLAB_BLOCK_BYTES ? bytes + sizeof(slab_block) : SLAB_BLOCK_BYTES;
        slab_block *b = memory_alloc(pool->subsystem, size);
        b->next = pool->blocks;
        pool->blocks = b;
        pool->bump = (unsigned char *)(b + 1);
        pool->bump_end = (unsigned char *)b + size;
    }
    slab_header *h = (slab_header *)(void *)pool->bump;
    pool->bump += bytes;
    return h;
}

void *slab_alloc(slab_pool *pool, size_t size_bytes)
{
    assert(size_bytes <= SLAB_BYTES_MAX);
    size_t   rounded = 0;
    uint32_t class_index = slab_class((size_bytes + sizeof(slab_header) + 15) & ~(size_t)15, &rounded);
    rounded = (rounded + 15) & ~(size_t)15;
    assert(class_index < SLAB_CLASSES);
    (void)pthread_mutex_lock(&pool->lock);
    slab_header *h = pool->free_list[class_index];
    if (h != NULL)
        memcpy(&pool->free_list[class_index], h + 1, sizeof(slab_header *));
    else
        h = slab_carve(pool, rounded);
    pool->live_bytes += rounded;
    (void)pthread_mutex_unlock(&pool->lock);
    memset(h + 1, 0, rounded - sizeof *h);
    atomic_store_explicit(&h->count, 1, memory_order_relaxed);
    h->class_index = class_index;
    h->size_bytes = rounded;
    return h + 1;
}

void slab_retain(void *object)
{
    slab_header *h = (slab_header *)object - 1;
    unsigned     before = atomic_fetch_add_explicit(&h->count, 1, memory_order_relaxed);
    assert(before > 0);
}

void slab_release(slab_pool *pool, void *object)
{
    slab_header *h = (slab_header *)object - 1;
    unsigned     before = atomic_fetch_sub_explicit(&h->count, 1, memory_order_acq_rel);
    assert(before > 0);
    if (before > 1) return;
    (void)pthread_mutex_lock(&pool->lock);
    memcpy(h + 1, &pool->free_list[h->class_index], sizeof(slab_header *));
    pool->free_list[h->class_index] = h;
    pool->live_bytes -= h->size_bytes;
    (void)pthread_mutex_unlock(&pool->lock);
}

uint32_t slab_count(const void *object)
{
    const slab_header *h = (const slab_header *)object - 1;
    return atomic_load_explicit(&h->count, memory_order_relaxed);
}

size_t slab_live_bytes(const slab_pool *pool)
{
    return pool->live_bytes;
}
