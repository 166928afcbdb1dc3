/* bitset.h - fixed-size sets of small integers over an arena, and the word operations on them. */
#ifndef BASE_BITSET_H
#define BASE_BITSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct {
    uint64_t *words;
    size_t    bit_count;
} bitset;

static inline size_t bitset_words(size_t bit_count)
{
    return (bit_count + 63) / 64;
}
static inline bool bitset_get(bitset s, size_t bit)
{
    return s.words[bit >> 6] >> (bit & 63) & 1;
}
static inline void bitset_set(bitset s, size_t bit)
{
    s.words[bit >> 6] |= UINT64_C(1) << (bit & 63);
}
static inline void bitset_clear(bitset s, size_t bit)
{
    s.words[bit >> 6] &= ~(UINT64_C(1) << (bit & 63));
}
static inline unsigned bits_count(uint64_t word)
{
    return (unsigned)__builtin_popcountll(word);
}
static inline unsigned bits_first(uint64_t word) /* word != 0 */
{
    return (unsigned)__builtin_ctzll(word);
}

bitset bitset_new(arena *a, size_t bit_count);
size_t bitset_count(bitset s);
void   bitset_union(bitset into, bitset from); /* equal bit_count */
void   bitset_intersect(bitset into, bitset from);
bool   bitset_equal(bitset a, bitset b);
size_t bitset_next(bitset s, size_t from); /* first member >= from, else bit_count */

#endif
