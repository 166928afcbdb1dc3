#include "base/arena.h"

#include <assert.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef ORGSIM_JEMALLOC
#include <jemalloc/jemalloc.h>
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif
#endif
#ifdef ASAN_POISON_MEMORY_REGION
#define ARENA_GAP_BYTES 16 /* poisoned, so that running over the end of one allocation is caught */
#else
#define ARENA_GAP_BYTES                   0
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
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

static _Noreturn void exhausted(size_t size_bytes)
{
    (void)fprintf(stderr, "orgsim: out of memory: %zu bytes more were asked for\n", size_bytes);
    exit(3);
}

#ifdef ORGSIM_JEMALLOC
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

static void *take(memory_subsystem subsystem, size_t size_bytes, bool zeroed)
{
    void *block = mallocx(size_bytes == 0 ? 1 : size_bytes, arena_flags(subsystem) | (zeroed ? MALLOCX_ZERO : 0));
    if (block == NULL) exhausted(size_bytes);
    return block;
}

void memory_free(memory_subsystem subsystem, void *block)
{
    if (block != NULL) dallocx(block, arena_flags(subsystem));
}

static bool stat_read(const char *format, unsigned index, uint64_t *out)
{
    char   name[96];
    size_t value = 0, size = sizeof value;
    (void)snprintf(name, sizeof name, format, index);
    if (mallctl(name, &value, &size, NULL, 0) != 0) return false;
    *out = value;
    return true;
}

bool memory_stats_get(memory_subsystem subsystem, memory_stats *out)
{
    (void)pthread_once(&arena_once, arenas_create);
    unsigned index = arena_index[subsystem];
    uint64_t epoch = 1, small = 0, large = 0, resident = 0; /* setting the epoch refreshes the statistics */
    if (mallctl("epoch", NULL, NULL, &epoch, sizeof epoch) != 0) return false;
    if (!stat_read("stats.arenas.%u.small.allocated", index, &small)) return false;
    if (!stat_read("stats.arenas.%u.large.allocated", index, &large)) return false;
    if (!stat_read("stats.arenas.%u.resident", index, &resident)) return false;
    *out = (memory_stats){.allocated_bytes = small + large, .resident_bytes = resident};
    return true;
}
#else
static void *take(memory_subsystem subsystem, size_t size_bytes, bool zeroed)
{
    (void)subsystem;
    size_t size = size_bytes == 0 ? 1 : size_bytes;
    void  *block = zeroed ? calloc(1, size) : malloc(size);
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
    (void)out;
    return false;
}
#endif

void *memory_alloc(memory_subsystem subsystem, size_t size_bytes)
{
    return take(subsystem, size_bytes, true);
}

void *memory_realloc(memory_subsystem subsystem, void *block, size_t old_bytes, size_t new_bytes)
{
    void *fresh = memory_alloc(subsystem, new_bytes);
    if (block != NULL) memcpy(fresh, block, old_bytes < new_bytes ? old_bytes : new_bytes);
    memory_free(subsystem, block);
    return fresh;
}

/* ---- bump arenas ---- */

/* Blocks with their header: jemalloc has four sizes to a doubling, so a header on top would cost a quarter more. */
#define BLOCK_BYTES_MIN ((size_t)64 << 10)
#define BLOCK_BYTES_MAX ((size_t)4 << 20)

#define ALIGN_MAX 16 /* malloc's wherever pointers have 64 bits; max_align_t is content with 8 on s390x */

struct arena_block {
    arena_block *next;
    size_t       capacity;
    alignas(ALIGN_MAX) unsigned char bytes[];
};

static arena_block *block_new(memory_subsystem subsystem, size_t capacity, arena_block *next)
{
    arena_block *b = take(subsystem, sizeof *b + capacity, false);
    b->next = next;
    b->capacity = capacity;
    ASAN_POISON_MEMORY_REGION(b->bytes, capacity);
    return b;
}

void arena_init_small(arena *a, memory_subsystem subsystem, size_t first_bytes)
{
    arena_block *b = block_new(subsystem, first_bytes, NULL);
    *a = (arena){.block = b, .first = b, .used = 0, .subsystem = subsystem};
}

void arena_init(arena *a, memory_subsystem subsystem)
{
    arena_init_small(a, subsystem, BLOCK_BYTES_MIN - sizeof(arena_block));
}

void arena_deinit(arena *a)
{
    for (arena_block *b = a->first, *next; b != NULL; b = next) {
        next = b->next;
        memory_free(a->subsystem, b);
    }
    *a = (arena){.subsystem = a->subsystem};
}

void arena_reset(arena *a)
{
    for (arena_block *b = a->first; b != NULL; b = b->next) ASAN_POISON_MEMORY_REGION(b->bytes, b->capacity);
    a->block = a->first;
    a->used = 0;
}

/* The block behind the present one serves if it is large enough (a scratch copy, by now dead, left it there), else a
 * new one goes between, twice as large as the present one up to a limit. */
static void arena_advance(arena *a, size_t bytes)
{
    arena_block *next = a->block->next;
    if (next == NULL || next->capacity < bytes) {
        size_t block_bytes = (sizeof *next + a->block->capacity) * 2;
        if (block_bytes > BLOCK_BYTES_MAX) block_bytes = BLOCK_BYTES_MAX;
        size_t capacity = block_bytes - sizeof *next;
        if (capacity < bytes) capacity = bytes;
        next = block_new(a->subsystem, capacity, next);
        a->block->next = next;
    }
    ASAN_POISON_MEMORY_REGION(next->bytes, next->capacity);
    a->block = next;
    a->used = 0;
}

void *arena_alloc(arena *a, size_t size, size_t align, size_t count)
{
    assert(align > 0);
    assert(align <= ALIGN_MAX);
    assert((align & (align - 1)) == 0);
    if (count != 0 && size > PTRDIFF_MAX / count) exhausted(SIZE_MAX);
    if (a->block == NULL) arena_init(a, a->subsystem);
    size_t bytes = size * count;
    size_t begin = (a->used + align - 1) & ~(align - 1);
    if (begin > a->block->capacity || bytes > a->block->capacity - begin) {
        arena_advance(a, bytes);
        begin = 0;
    }
    a->used = begin + bytes + ARENA_GAP_BYTES;
    ASAN_UNPOISON_MEMORY_REGION(a->block->bytes + begin, bytes);
    return memset(a->block->bytes + begin, 0, bytes);
}

str arena_str(arena *a, str s)
{
    char *copy = ARENA_NEW(a, char, s.len + 1);
    if (s.len > 0) memcpy(copy, s.ptr, s.len);
    return (str){copy, s.len};
}

str arena_format(arena *a, const char *format, ...)
{
    assert(format != NULL);
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    assert(len >= 0);
    char *text = ARENA_NEW(a, char, (size_t)len + 1);
    (void)vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    va_end(arguments);
    return (str){text, (size_t)len};
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

#define SLAB_BLOCK_BYTES ((size_t)256 << 10) /* with its header, as above */
#define SLAB_SHARED_MAX  (SLAB_BLOCK_BYTES / 8)
#define SLAB_CLASSES     64

/* Sixteen bytes before every object; bytes counts them too. */
typedef struct slab_header {
    atomic_uint count; /* 0: free */
    uint32_t    class_index;
    union {
        size_t              bytes; /* while live */
        struct slab_header *next;  /* while free */
    };
} slab_header;
static_assert(sizeof(slab_header) == 16, "objects stay 16-byte aligned");

typedef struct slab_block {
    alignas(16) struct slab_block *next;
} slab_block;

struct slab_pool {
    memory_subsystem subsystem;
    pthread_mutex_t  lock; /* release may come from any thread */
    slab_block      *blocks;
    unsigned char   *bump, *bump_end;
    slab_header     *free_list[SLAB_CLASSES];
    atomic_size_t    live_bytes;
};

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
    assert(slab_live_bytes(pool) == 0);
    for (slab_block *b = pool->blocks, *next; b != NULL; b = next) {
        next = b->next;
        memory_free(pool->subsystem, b);
    }
    (void)pthread_mutex_destroy(&pool->lock);
    memory_free(pool->subsystem, pool);
}

/* Classes: powers of two from 64 bytes, the way from each to the next cut in four, so at most a fifth is wasted. An
 * object too large to share a block has its block's header within its class. */
static uint32_t slab_class(size_t bytes, size_t *rounded)
{
    size_t   base = 64, header = bytes > SLAB_SHARED_MAX ? sizeof(slab_block) : 0;
    uint32_t index = 0;
    bytes += header;
    for (; base * 2 < bytes; base *= 2) index += 4;
    size_t steps = bytes <= base ? 0 : (bytes - base + base / 4 - 1) / (base / 4);
    *rounded = base + base / 4 * steps - header;
    return index + (uint32_t)steps;
}

static unsigned char *slab_block_new(slab_pool *pool, size_t bytes)
{
    slab_block *b = take(pool->subsystem, sizeof *b + bytes, false);
    b->next = pool->blocks;
    pool->blocks = b;
    ASAN_POISON_MEMORY_REGION(b + 1, bytes);
    return (unsigned char *)(b + 1);
}

/* Large objects get a block of their own, so that they do not throw away the rest of a shared one. */
static slab_header *slab_carve(slab_pool *pool, size_t bytes)
{
    if (bytes > SLAB_SHARED_MAX) return (slab_header *)(void *)slab_block_new(pool, bytes);
    if ((size_t)(pool->bump_end - pool->bump) < bytes) {
        size_t capacity = SLAB_BLOCK_BYTES - sizeof(slab_block);
        pool->bump = slab_block_new(pool, capacity);
        pool->bump_end = pool->bump + capacity;
    }
    slab_header *h = (slab_header *)(void *)pool->bump;
    pool->bump += bytes;
    return h;
}

static void *slab_take(slab_pool *pool, size_t size_bytes)
{
    assert(size_bytes <= SLAB_BYTES_MAX);
    size_t   bytes = 0;
    uint32_t class_index = slab_class(size_bytes + sizeof(slab_header), &bytes);
    assert(class_index < SLAB_CLASSES);
    (void)pthread_mutex_lock(&pool->lock);
    slab_header *h = pool->free_list[class_index];
    if (h != NULL)
        pool->free_list[class_index] = h->next;
    else
        h = slab_carve(pool, bytes);
    (void)pthread_mutex_unlock(&pool->lock);
    ASAN_UNPOISON_MEMORY_REGION(h, sizeof *h + size_bytes);
    atomic_init(&h->count, 1);
    h->class_index = class_index;
    h->bytes = bytes;
    (void)atomic_fetch_add_explicit(&pool->live_bytes, bytes, memory_order_relaxed);
    return h + 1;
}

void *slab_alloc(slab_pool *pool, size_t size_bytes)
{
    return memset(slab_take(pool, size_bytes), 0, size_bytes);
}

void *slab_copy(slab_pool *pool, const void *object, size_t size_bytes)
{
    return memcpy(slab_take(pool, size_bytes), object, size_bytes);
}

void slab_retain(void *object)
{
    slab_header *h = (slab_header *)object - 1;
    unsigned     before = atomic_fetch_add_explicit(&h->count, 1, memory_order_relaxed);
    assert(before > 0);
}

/* Acquire and release: what other holders wrote to the object happens before it is handed out again. */
void slab_release(slab_pool *pool, void *object)
{
    slab_header *h = (slab_header *)object - 1;
    unsigned     before = atomic_fetch_sub_explicit(&h->count, 1, memory_order_acq_rel);
    assert(before > 0);
    if (before > 1) return;
    (void)atomic_fetch_sub_explicit(&pool->live_bytes, h->bytes, memory_order_relaxed);
    ASAN_POISON_MEMORY_REGION(h + 1, h->bytes - sizeof *h);
    (void)pthread_mutex_lock(&pool->lock);
    h->next = pool->free_list[h->class_index];
    pool->free_list[h->class_index] = h;
    (void)pthread_mutex_unlock(&pool->lock);
}

uint32_t slab_count(const void *object)
{
    const slab_header *h = (const slab_header *)object - 1;
    return atomic_load_explicit(&h->count, memory_order_relaxed);
}

size_t slab_live_bytes(const slab_pool *pool)
{
    return atomic_load_explicit(&pool->live_bytes, memory_order_relaxed);
}
