/* value_sets.h - inside this room: sets of one slot's value ids ("absent" is id 0), hash-consed.
 *
 * A set is a bit string over the slot's ids; equal sets have equal ids and share their words, which never move: the
 * programs that decisions run point at them.
 */
#ifndef AUTHZ_VALUE_SETS_H
#define AUTHZ_VALUE_SETS_H

#include "authz/vocabulary.h"
#include "base/bitset.h"

typedef struct {
    const uint64_t *words;
    uint32_t        slot, member_count;
} value_set;

typedef struct {
    arena                   a;
    const authz_vocabulary *v;
    idmap                  *ids; /* hash of slot and words, then on to the next number */
    value_set              *sets;
    size_t                  count, capacity;
} value_set_table;

void value_set_table_init(value_set_table *t, const authz_vocabulary *v);
void value_set_table_deinit(value_set_table *t);

static inline size_t value_domain(const authz_vocabulary *v, uint32_t slot)
{
    return v->slots[slot].count + 1;
}

static inline bool value_has(const uint64_t *words, size_t id)
{
    return words[id >> 6] >> (id & 63) & 1;
}
static inline void value_put(uint64_t *words, size_t id)
{
    words[id >> 6] |= UINT64_C(1) << (id & 63);
}

/* Words are copied; bits past the domain must be clear. */
uint32_t value_set_keep(value_set_table *t, uint32_t slot, const uint64_t *words);
uint32_t value_set_not(value_set_table *t, arena scratch, uint32_t set);
/* Both of one slot. */
uint32_t value_set_and(value_set_table *t, arena scratch, uint32_t first, uint32_t second);
uint32_t value_set_or(value_set_table *t, arena scratch, uint32_t first, uint32_t second);
bool     value_set_in(const value_set_table *t, uint32_t inner, uint32_t outer);
bool     value_set_is_all(const value_set_table *t, uint32_t set);

/* Sets that every id of every slot is in, or none: for what has no set of its own. */
#define VALUE_WORDS_MAX ((AUTHZ_VALUES_MAX + 64) / 64)
extern const uint64_t value_words_none[VALUE_WORDS_MAX];
extern const uint64_t value_words_all[VALUE_WORDS_MAX];

#endif
