/* generate_text.h - inside this room: text put together by pieces, chance taken draw by draw, choices by weight. */
#ifndef WORKLOADS_GENERATE_TEXT_H
#define WORKLOADS_GENERATE_TEXT_H

#include <assert.h>

#include "base/arena.h"
#include "base/rng.h"
#include "base/tables.h"

typedef struct {
    arena *a;
    char  *ptr;
    size_t len, capacity;
} text_builder;

static inline void text_put(text_builder *t, str s)
{
    if (t->capacity - t->len < s.len) {
        size_t wider = t->capacity < 256 ? 512 : t->capacity * 2;
        while (wider - t->len < s.len) wider *= 2;
        char *fresh = ARENA_NEW(t->a, char, wider);
        if (t->len > 0) memcpy(fresh, t->ptr, t->len);
        t->ptr = fresh;
        t->capacity = wider;
    }
    if (s.len > 0) memcpy(t->ptr + t->len, s.ptr, s.len);
    t->len += s.len;
}
#define TEXT_PUT(t, literal) text_put((t), STR(literal))

static inline str text_of(const text_builder *t)
{
    return (str){t->ptr, t->len};
}

/* The draws of one entity in order: block n gives draws 2n and 2n + 1. */
typedef struct {
    uint64_t   seed, n;
    rng_stream stream;
    uint32_t   entity;
    uint64_t   spare;
    bool       has_spare;
} draws;

static inline uint64_t draw(draws *d)
{
    if (d->has_spare) {
        d->has_spare = false;
        return d->spare;
    }
    rng_pair pair = rng_pair_at(d->seed, d->stream, d->entity, d->n++);
    d->spare = pair.b;
    d->has_spare = true;
    return pair.a;
}
static inline uint32_t draw_below(draws *d, uint32_t bound)
{
    assert(bound > 0);
    return (uint32_t)rng_scale(draw(d), bound);
}
static inline bool draw_chance(draws *d, uint64_t num, uint64_t den)
{
    return rng_chance(draw(d), num, den);
}

/* An alias table that lives in `a`; its temporaries are gone. */
static inline status choice_table(arena *a, const uint64_t *weights, uint32_t count, alias_table *out, err *e)
{
    arena scratch;
    arena_init(&scratch, MEMORY_GENERAL);
    status s = alias_init(a, weights, count, scratch, out, e);
    arena_deinit(&scratch);
    return s;
}

#endif
