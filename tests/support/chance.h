/* chance.h - draws for tests: a cursor over addressed chance, so that a case is named by (seed, number) alone. */
#ifndef SUPPORT_CHANCE_H
#define SUPPORT_CHANCE_H

#include "base/rng.h"

typedef struct {
    uint64_t seed, n;
    uint32_t number; /* of the case */
} chance;

static inline chance chance_at(uint64_t seed, uint32_t number)
{
    return (chance){.seed = seed, .number = number};
}
static inline uint32_t chance_below(chance *c, uint32_t bound)
{
    return (uint32_t)rng_scale(rng_at(c->seed, RNG_TEST, c->number, c->n++), bound);
}
static inline bool chance_one_in(chance *c, uint32_t n)
{
    return chance_below(c, n) == 0;
}

#endif
