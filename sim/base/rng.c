#include "base/rng.h"

/* The definitions stand in the header; these make the one copy for callers that were not inlined. */
extern inline void     philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);
extern inline rng_pair rng_pair_at(uint64_t seed, rng_stream stream, uint32_t entity, uint64_t n);
extern inline uint64_t rng_at(uint64_t seed, rng_stream stream, uint32_t entity, uint64_t n);
extern inline uint64_t rng_scale(uint64_t u, uint64_t bound);
extern inline bool     rng_chance(uint64_t u, uint64_t num, uint64_t den);
