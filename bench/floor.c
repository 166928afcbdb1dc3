#include "bench/floor.h"

#include <assert.h>

#include "base/hash.h"
#include "base/rng.h"
#include "bench/core_slices.h"

typedef struct floor_line {
    const struct floor_line *next; /* of the cycle */
    uint64_t                 value;
    uint64_t                 rest[6];
} floor_line;
_Static_assert(sizeof(floor_line) == FLOOR_LINE_BYTES, "one line of the cache");

typedef struct {
    void       *block; /* as allocated; lines start at a line of the cache */
    floor_line *lines;
    uint64_t    count;
} working_set;

struct floor_set {
    working_set sets[FLOOR_SIZES_MAX];
    uint32_t    count;
};

const char *floor_kind_name(floor_kind kind)
{
    static const char *const names[FLOOR_KIND_COUNT] = {"chase", "prefetched", "stream"};
    assert(kind < FLOOR_KIND_COUNT);
    return names[kind];
}

/* Sattolo's shuffle: a permutation that is one cycle. */
static void cycle_link(working_set *s, uint64_t seed)
{
    uint32_t *to = memory_alloc(MEMORY_GENERAL, s->count * sizeof *to);
    for (uint32_t i = 0; i < s->count; i++) to[i] = i;
    for (uint64_t i = s->count - 1; i > 0; i--) {
        uint64_t k = rng_scale(core_draw_at(seed, CORE_DRAW_FLOOR, i), i);
        uint32_t swap = to[i];
        to[i] = to[k];
        to[k] = swap;
    }
    for (uint64_t i = 0; i < s->count; i++) s->lines[i] = (floor_line){.next = &s->lines[to[i]], .value = i};
    memory_free(MEMORY_GENERAL, to);
}

floor_set *floor_new(uint64_t bytes_max, uint64_t seed)
{
    floor_set *f = memory_alloc(MEMORY_GENERAL, sizeof *f);
    assert(bytes_max >= FLOOR_BYTES_MIN && bytes_max / FLOOR_LINE_BYTES < UINT32_MAX);
    for (uint64_t bytes = FLOOR_BYTES_MIN; bytes <= bytes_max; bytes *= 4) {
        assert(f->count < FLOOR_SIZES_MAX);
        working_set *s = &f->sets[f->count++];
        s->block = memory_alloc(MEMORY_GENERAL, bytes + FLOOR_LINE_BYTES);
        s->lines = (floor_line *)(((uintptr_t)s->block + FLOOR_LINE_BYTES - 1) & ~(uintptr_t)(FLOOR_LINE_BYTES - 1));
        s->count = bytes / FLOOR_LINE_BYTES;
        cycle_link(s, seed);
    }
    return f;
}

void floor_free(floor_set *f)
{
    if (f == NULL) return;
    for (uint32_t i = 0; i < f->count; i++) memory_free(MEMORY_GENERAL, f->sets[i].block);
    memory_free(MEMORY_GENERAL, f);
}

uint32_t floor_count(const floor_set *f)
{
    return f->count;
}

uint64_t floor_bytes(const floor_set *f, uint32_t size)
{
    assert(size < f->count);
    return f->sets[size].count * FLOOR_LINE_BYTES;
}

/* ---- loads ---- */

static uint64_t load_chase(const working_set *s, uint64_t start, uint64_t count)
{
    const floor_line *at = &s->lines[start % s->count];
    for (uint64_t i = 0; i < count; i++) at = at->next;
    return at->value;
}

static uint64_t load_prefetched(const working_set *s, uint64_t start, uint64_t count)
{
    uint64_t sum = 0;
    for (uint64_t done = 0; done < count; done += 64) {
        const floor_line *at[64];
        uint32_t          n = count - done < 64 ? (uint32_t)(count - done) : 64;
        for (uint32_t i = 0; i < n; i++) {
            at[i] = &s->lines[rng_scale(hash_mix(start + done + i, 0), s->count)];
            __builtin_prefetch(at[i]);
        }
        for (uint32_t i = 0; i < n; i++) sum += at[i]->value;
    }
    return sum;
}

static uint64_t load_stream(const working_set *s, uint64_t start, uint64_t count)
{
    uint64_t sum = 0, at = start % s->count;
    while (count > 0) {
        uint64_t n = count < s->count - at ? count : s->count - at;
        for (const floor_line *line = &s->lines[at], *end = line + n; line < end; line++) sum += line->value;
        count -= n;
        at = 0;
    }
    return sum;
}

uint64_t floor_load(const floor_set *f, uint32_t size, floor_kind kind, uint64_t start, uint64_t count)
{
    assert(size < f->count);
    switch (kind) {
    case FLOOR_CHASE: return load_chase(&f->sets[size], start, count);
    case FLOOR_PREFETCHED: return load_prefetched(&f->sets[size], start, count);
    default: return load_stream(&f->sets[size], start, count);
    }
}
