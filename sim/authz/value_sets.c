#include "authz/value_sets.h"

#include <assert.h>

#include "base/hash.h"

#define ALL_8   UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX
#define ALL_64  ALL_8, ALL_8, ALL_8, ALL_8, ALL_8, ALL_8, ALL_8, ALL_8
#define ALL_512 ALL_64, ALL_64, ALL_64, ALL_64, ALL_64, ALL_64, ALL_64, ALL_64
const uint64_t value_words_none[VALUE_WORDS_MAX];
const uint64_t value_words_all[VALUE_WORDS_MAX] = {ALL_512, ALL_512};
_Static_assert(VALUE_WORDS_MAX == 1024, "all of them are listed");

void value_set_table_init(value_set_table *t, const authz_vocabulary *v)
{
    *t = (value_set_table){.v = v, .ids = idmap_new(MEMORY_IMAGE)};
    arena_init(&t->a, MEMORY_IMAGE);
}

void value_set_table_deinit(value_set_table *t)
{
    idmap_free(t->ids);
    arena_deinit(&t->a);
}

static size_t word_count(const value_set_table *t, uint32_t slot)
{
    return bitset_words(value_domain(t->v, slot));
}

uint32_t value_set_keep(value_set_table *t, uint32_t slot, const uint64_t *words)
{
    size_t   count = word_count(t, slot);
    uint64_t key = hash_bytes(words, count * sizeof *words, slot) >> 1;
    uint32_t id;
    for (; idmap_get(t->ids, key, &id); key++)
        if (t->sets[id].slot == slot && memcmp(t->sets[id].words, words, count * sizeof *words) == 0) return id;
    uint64_t *copy = ARENA_NEW(&t->a, uint64_t, count);
    value_set s = {.words = copy, .slot = slot};
    for (size_t i = 0; i < count; i++) {
        copy[i] = words[i];
        s.member_count += bits_count(words[i]);
    }
    id = (uint32_t)t->count;
    *ARENA_PUSH(&t->a, value_set, t->sets, t->count, t->capacity) = s;
    idmap_put(t->ids, key, id);
    return id;
}

uint32_t value_set_not(value_set_table *t, arena scratch, uint32_t set)
{
    value_set s = t->sets[set];
    size_t    domain = value_domain(t->v, s.slot), count = bitset_words(domain);
    uint64_t *words = ARENA_NEW(&scratch, uint64_t, count);
    for (size_t i = 0; i < count; i++) words[i] = ~s.words[i];
    if (domain % 64 != 0) words[count - 1] &= (UINT64_C(1) << domain % 64) - 1;
    return value_set_keep(t, s.slot, words);
}

uint32_t value_set_and(value_set_table *t, arena scratch, uint32_t first, uint32_t second)
{
    value_set a = t->sets[first], b = t->sets[second];
    size_t    count = word_count(t, a.slot);
    uint64_t *words = ARENA_NEW(&scratch, uint64_t, count);
    assert(a.slot == b.slot);
    for (size_t i = 0; i < count; i++) words[i] = a.words[i] & b.words[i];
    return value_set_keep(t, a.slot, words);
}

uint32_t value_set_or(value_set_table *t, arena scratch, uint32_t first, uint32_t second)
{
    value_set a = t->sets[first], b = t->sets[second];
    size_t    count = word_count(t, a.slot);
    uint64_t *words = ARENA_NEW(&scratch, uint64_t, count);
    assert(a.slot == b.slot);
    for (size_t i = 0; i < count; i++) words[i] = a.words[i] | b.words[i];
    return value_set_keep(t, a.slot, words);
}

bool value_set_in(const value_set_table *t, uint32_t inner, uint32_t outer)
{
    value_set a = t->sets[inner], b = t->sets[outer];
    if (inner == outer) return true;
    if (a.slot != b.slot || a.member_count > b.member_count) return false;
    for (size_t i = 0; i < word_count(t, a.slot); i++)
        if ((a.words[i] & ~b.words[i]) != 0) return false;
    return true;
}

bool value_set_is_all(const value_set_table *t, uint32_t set)
{
    return t->sets[set].member_count == value_domain(t->v, t->sets[set].slot);
}
