/* rng.h - addressed chance: a draw is a pure function of (seed, stream, entity, n).
 *
 * Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC11) with
 * key = (seed low, seed high) and counter = {n low, n high, entity, stream}. The u64 is words 0 and 1, word 0 low;
 * the second u64 of a block is words 2 and 3. A new draw moves no other. Stream numbers are never reused.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdbool.h>
#include <stdint.h>

#define RNG_STREAMS(X)                                                                                 \
    X(RNG_TEST, 0)             /* tests and properties only                                        */  \
    X(RNG_ID, 1)               /* generated identifiers: entity = kind, n = serial                 */  \
    X(RNG_ORG_TREE, 2)         /* shape of a generated organization: entity = what, n = serial     */  \
    X(RNG_ORG_ACCOUNT, 3)      /* entity = account, n = attribute                                  */  \
    X(RNG_POLICY, 4)           /* entity = policy, n = draw within its text                        */  \
    X(RNG_ATTACH, 5)           /* entity = policy, n = draw                                        */  \
    X(RNG_ARRIVAL_COUNT, 6)    /* entity = cell, n = slot, see world/arrivals.h                    */  \
    X(RNG_ARRIVAL_TIME, 7)     /* entity = cell, n = slot * 2^7 + half the index in it: word pair   */ \
    X(RNG_REQUEST_ACTOR, 8)    /* entity = cell, n = request: word pair (account, role)             */ \
    X(RNG_REQUEST_ACTION, 9)   /* entity = cell, n = request: (service and action, resource)        */ \
    X(RNG_REQUEST_CONTEXT, 10) /* entity = cell, n = request * 4 + block: condition keys            */ \
    X(RNG_SERVICE_TIME, 11)    /* entity = cell, n = half the request's number: word pair           */ \
    X(RNG_LAG, 12)             /* entity = change, n = cell                                         */ \
    X(RNG_TIMELINE, 13)        /* choices the timeline leaves open: entity = step, n = draw         */ \
    X(RNG_SAMPLE, 14)          /* which decisions --verify checks: entity = cell, n = request       */ \
    X(RNG_REGION, 15)          /* region weights of an account: entity = account, n = region        */ \
    X(RNG_RCP, 16)             /* text and targets of an RCP: entity = RCP, n = draw                */

typedef enum {
#define RNG_ENUM(name, number) name = number,
    RNG_STREAMS(RNG_ENUM)
#undef RNG_ENUM
} rng_stream;

typedef struct {
    uint64_t a, b;
} rng_pair;

/* One block of ten rounds. Inline, because a simulated request draws several. */
inline void philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++, k0 += 0x9e3779b9u, k1 += 0xbb67ae85u) {
        uint64_t left = (uint64_t)0xd2511f53u * c0, right = (uint64_t)0xcd9e8d57u * c2;
        c0 = (uint32_t)(right >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)right;
        c2 = (uint32_t)(left >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)left;
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

inline rng_pair rng_pair_at(uint64_t seed, rng_stream stream, uint32_t entity, uint64_t n)
{
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    const uint32_t counter[4] = {(uint32_t)n, (uint32_t)(n >> 32), entity, (uint32_t)stream};
    uint32_t       word[4];
    philox4x32_10(counter, key, word);
    return (rng_pair){(uint64_t)word[1] << 32 | word[0], (uint64_t)word[3] << 32 | word[2]};
}

inline uint64_t rng_at(uint64_t seed, rng_stream stream, uint32_t entity, uint64_t n)
{
    return rng_pair_at(seed, stream, entity, n).a;
}

/* Uniform in 0..bound-1 by multiply-shift over all 64 bits of u; bound >= 1. Bias <= bound / 2^64. */
inline uint64_t rng_scale(uint64_t u, uint64_t bound)
{
    __extension__ typedef unsigned __int128 u128;
    return (uint64_t)((u128)u * bound >> 64);
}

/* True with probability num/den, up to 2^-64; num <= den, den >= 1. Never true for 0, always for den/den. */
inline bool rng_chance(uint64_t u, uint64_t num, uint64_t den)
{
    return rng_scale(u, den) < num;
}

#endif
