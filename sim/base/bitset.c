#include "base/bitset.h"

#include <assert.h>

bitset bitset_new(arena *a, size_t bit_count)
{
    return (bitset){ARENA_NEW(a, uint64_t, bitset_words(bit_count)), bit_count};
}

size_t bitset_count(bitset s)
{
    size_t total = 0;
    for (size_t i = 0; i < bitset_words(s.bit_count); i++) total += bits_count(s.words[i]);
    return total;
}

void bitset_union(bitset into, bitset from)
{
    assert(into.bit_count == from.bit_count);
    for (size_t i = 0; i < bitset_words(into.bit_count); i++) into.words[i] |= from.words[i];
}

void bitset_intersect(bitset into, bitset from)
{
    assert(into.bit_count == from.bit_count);
    for (size_t i = 0; i < bitset_words(into.bit_count); i++) into.words[i] &= from.words[i];
}

bool bitset_equal(bitset a, bitset b)
{
    if (a.bit_count != b.bit_count) return false;
    for (size_t i = 0; i < bitset_words(a.bit_count); i++)
        if (a.words[i] != b.words[i]) return false;
    return true;
}

size_t bitset_next(bitset s, size_t from)
{
    for (size_t i = from >> 6; i < bitset_words(s.bit_count); i++) {
        uint64_t word = s.words[i];
        if (i == from >> 6) word &= ~UINT64_C(0) << (from & 63);
        if (word != 0) return i * 64 + bits_first(word);
    }
    return s.bit_count;
}
