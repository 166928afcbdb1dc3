/* arena.h - memory by lifetime and by subsystem: bump arenas, a reference-counted slab pool, growable arrays.
 *
 * Every byte belongs to a subsystem; in ordinary builds each subsystem is one jemalloc arena, so that memory is
 * measured by subsystem. Under sanitizers (with poisoning of what an arena has not handed out) and with the build
 * option ORGSIM_JEMALLOC off all of it is plain malloc, and the statistics read "not measured" (memory_stats_get
 * returns false).
 *
 * Arena   a chain of blocks. An `arena` may be passed BY VALUE as scratch: blocks that the copy adds stay linked
 *         behind the caller's block and are used again, so returning releases the memory and leaks nothing.
 *         Memory is zeroed. One thread at a time.
 * Slab    objects of any size up to SLAB_BYTES_MAX in size classes, each with a reference count. retain and
 *         release are thread-safe (atomic count); alloc is one thread at a time per pool.
 * Errors  exhaustion of the machine's memory is an assert with a clear line on stderr (exit code 3); parsers that
 *         take a limit return STATUS_LIMIT before it comes to that.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define MEMORY_SUBSYSTEMS(X)     \
    X(MEMORY_GENERAL, "general") \
    X(MEMORY_POLICY, "policy")   \
    X(MEMORY_ORG, "org")         \
    X(MEMORY_IMAGE, "image")     \
    X(MEMORY_WORLD, "world")     \
    X(MEMORY_METRICS, "metrics")

typedef enum {
#define MEMORY_ENUM(id, name) id,
    MEMORY_SUBSYSTEMS(MEMORY_ENUM)
#undef MEMORY_ENUM
        MEMORY_SUBSYSTEM_COUNT
} memory_subsystem;

typedef struct {
    uint64_t allocated_bytes; /* handed out by jemalloc, live */
    uint64_t resident_bytes;  /* pages held                   */
} memory_stats;

const char *memory_name(memory_subsystem subsystem);
bool        memory_stats_get(memory_subsystem subsystem, memory_stats *out); /* false: not measured */

/* Single blocks, for tables that grow and are dropped. Zeroed; realloc zeroes what it adds. */
void *memory_alloc(memory_subsystem subsystem, size_t size_bytes);
void *memory_realloc(memory_subsystem subsystem, void *block, size_t old_bytes, size_t new_bytes);
void  memory_free(memory_subsystem subsystem, void *block);

typedef struct arena_block arena_block;
typedef struct {
    arena_block     *block; /* null until the first allocation of a fresh arena */
    arena_block     *first;
    size_t           used;
    memory_subsystem subsystem;
} arena;

void  arena_init(arena *a, memory_subsystem subsystem); /* allocates its first block, so copies share it */
void  arena_init_small(arena *a, memory_subsystem subsystem, size_t first_bytes); /* a first block for so much */
void  arena_deinit(arena *a);                           /* frees every block of the chain                */
void  arena_reset(arena *a);                            /* empties it, keeps the blocks                  */
void *arena_alloc(arena *a, size_t size, size_t align, size_t count); /* zeroed; count may be 0; align <= 16 */
#define ARENA_NEW(a, T, n) ((T *)arena_alloc((a), sizeof(T), alignof(T), (n)))
str    arena_str(arena *a, str s); /* a copy, with a NUL after it for C interfaces  */
str    arena_format(arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
size_t arena_bytes(const arena *a); /* bytes in the chain's blocks                   */

/* A growable array over an arena: `ARENA_PUSH(a, T, items, count, capacity)` yields the new, zeroed slot. Old
 * copies stay in the arena until it is reset. */
void *arena_grow(arena *a, void *items, size_t size, size_t align, size_t count, size_t *capacity);
#define ARENA_PUSH(a, T, items, count, capacity)                                                        \
    ((count) == (capacity)                                                                              \
         ? (void)((items) = (T *)arena_grow((a), (items), sizeof(T), alignof(T), (count), &(capacity))) \
         : (void)0,                                                                                     \
     &(items)[(count)++])

#define SLAB_BYTES_MAX (1u << 20)
typedef struct slab_pool slab_pool;
slab_pool               *slab_pool_new(memory_subsystem subsystem);
void                     slab_pool_free(slab_pool *pool); /* asserts that nothing is live                      */
void                    *slab_alloc(slab_pool *pool, size_t size_bytes); /* count 1; 16-byte aligned; zeroed   */
void                    *slab_copy(slab_pool *pool, const void *object, size_t size_bytes); /* count 1 */
void                     slab_retain(void *object);
void                     slab_release(slab_pool *pool, void *object); /* back to its size class at count 0  */
uint32_t                 slab_count(const void *object);
size_t                   slab_live_bytes(const slab_pool *pool);

#endif
