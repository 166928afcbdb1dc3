#include "base/intern.h"

#include <assert.h>

#include "base/hash.h"

/* Open addressing, linear probing, at most 2/3 full; a slot holds id + 1, 0 is empty. */
struct intern_table {
    memory_subsystem subsystem;
    bool             nocase;
    uint32_t         count, text_capacity, slot_count;
    uint32_t        *slots;
    uint32_t        *hashes; /* [count] low words, to skip most comparisons */
    str             *texts;  /* [count] */
    arena            bytes;
};

intern_table *intern_new(memory_subsystem subsystem, bool nocase)
{
    intern_table *t = memory_alloc(subsystem, sizeof *t);
    t->subsystem = subsystem;
    t->nocase = nocase;
    t->slot_count = 64;
    t->slots = memory_alloc(subsystem, t->slot_count * sizeof *t->slots);
    arena_init(&t->bytes, subsystem);
    return t;
}

void intern_free(intern_table *t)
{
    if (t == NULL) return;
    arena_deinit(&t->bytes);
    memory_free(t->subsystem, t->slots);
    memory_free(t->subsystem, t->hashes);
    memory_free(t->subsystem, t->texts);
    memory_free(t->subsystem, t);
}

static uint32_t intern_hash(const intern_table *t, str s)
{
    uint64_t h = t->nocase ? hash_str_nocase(s, 1) : hash_bytes(s.ptr, s.len, 1);
    return (uint32_t)(h ^ h >> 32);
}

/* The slot that holds s, or the empty one where it belongs. */
static uint32_t intern_slot(const intern_table *t, str s, uint32_t hash)
{
    for (uint32_t i = hash & (t->slot_count - 1);; i = (i + 1) & (t->slot_count - 1)) {
        if (t->slots[i] == 0) return i;
        uint32_t id = t->slots[i] - 1;
        if (t->hashes[id] == hash && (t->nocase ? str_eq_nocase(t->texts[id], s) : str_eq(t->texts[id], s))) return i;
    }
}

static void intern_widen(intern_table *t)
{
    memory_free(t->subsystem, t->slots);
    t->slot_count *= 2;
    t->slots = memory_alloc(t->subsystem, t->slot_count * sizeof *t->slots);
    for (uint32_t id = 0; id < t->count; id++) {
        uint32_t i = t->hashes[id] & (t->slot_count - 1);
        while (t->slots[i] != 0) i = (i + 1) & (t->slot_count - 1);
        t->slots[i] = id + 1;
    }
}

uint32_t intern_add(intern_table *t, str s)
{
    uint32_t hash = intern_hash(t, s);
    uint32_t slot = intern_slot(t, s, hash);
    if (t->slots[slot] != 0) return t->slots[slot] - 1;
    if (t->count == t->text_capacity) {
        uint32_t wider = t->text_capacity == 0 ? 32 : t->text_capacity * 2;
        t->texts = memory_realloc(t->subsystem, t->texts, t->text_capacity * sizeof(str), wider * sizeof(str));
        t->hashes =
            memory_realloc(t->subsystem, t->hashes, t->text_capacity * sizeof(uint32_t), wider * sizeof(uint32_t));
        t->text_capacity = wider;
    }
    assert(t->count < INTERN_NONE - 1);
    t->texts[t->count] = arena_str(&t->bytes, s);
    t->hashes[t->count] = hash;
    t->slots[slot] = ++t->count;
    if (t->count > t->slot_count / 3 * 2) intern_widen(t);
    return t->count - 1;
}

uint32_t intern_find(const intern_table *t, str s)
{
    uint32_t slot = intern_slot(t, s, intern_hash(t, s));
    return t->slots[slot] == 0 ? INTERN_NONE : t->slots[slot] - 1;
}

str intern_text(const intern_table *t, uint32_t id)
{
    assert(id < t->count);
    return t->texts[id];
}

uint32_t intern_count(const intern_table *t)
{
    return t->count;
}

#define IDMAP_EMPTY UINT64_MAX

struct idmap {
    memory_subsystem subsystem;
    uint32_t         count, slot_count;
    uint64_t        *keys;
    uint32_t        *values;
};

static void idmap_make(idmap *m, uint32_t slot_count)
{
    m->slot_count = slot_count;
    m->keys = memory_alloc(m->subsystem, slot_count * sizeof *m->keys);
    m->values = memory_alloc(m->subsystem, slot_count * sizeof *m->values);
    for (uint32_t i = 0; i < slot_count; i++) m->keys[i] = IDMAP_EMPTY;
}

idmap *idmap_new(memory_subsystem subsystem)
{
    idmap *m = memory_alloc(subsystem, sizeof *m);
    m->subsystem = subsystem;
    idmap_make(m, 64);
    return m;
}

void idmap_free(idmap *m)
{
    if (m == NULL) return;
    memory_free(m->subsystem, m->keys);
    memory_free(m->subsystem, m->values);
    memory_free(m->subsystem, m);
}

static uint32_t idmap_home(const idmap *m, uint64_t key)
{
    return (uint32_t)(hash_mix(key, 0) >> 32) & (m->slot_count - 1);
}

static uint32_t idmap_slot(const idmap *m, uint64_t key)
{
    assert(key != IDMAP_EMPTY);
    uint32_t i = idmap_home(m, key);
    while (m->keys[i] != IDMAP_EMPTY && m->keys[i] != key) i = (i + 1) & (m->slot_count - 1);
    return i;
}

bool idmap_get(const idmap *m, uint64_t key, uint32_t *value)
{
    uint32_t i = idmap_slot(m, key);
    if (m->keys[i] == IDMAP_EMPTY) return false;
    *value = m->values[i];
    return true;
}

void idmap_put(idmap *m, uint64_t key, uint32_t value)
{
    uint32_t i = idmap_slot(m, key);
    if (m->keys[i] == IDMAP_EMPTY && ++m->count > m->slot_count / 3 * 2) {
        idmap old = *m;
        idmap_make(m, old.slot_count * 2);
        for (uint32_t j = 0; j < old.slot_count; j++) {
            if (old.keys[j] == IDMAP_EMPTY) continue;
            uint32_t to = idmap_slot(m, old.keys[j]);
            m->keys[to] = old.keys[j];
            m->values[to] = old.values[j];
        }
        memory_free(m->subsystem, old.keys);
        memory_free(m->subsystem, old.values);
        i = idmap_slot(m, key);
    }
    m->keys[i] = key;
    m->values[i] = value;
}

/* Closes the gap by moving back what probed past it, so that no tombstones gather. */
bool idmap_remove(idmap *m, uint64_t key)
{
    uint32_t gap = idmap_slot(m, key);
    if (m->keys[gap] == IDMAP_EMPTY) return false;
    uint32_t mask = m->slot_count - 1;
    for (uint32_t i = (gap + 1) & mask; m->keys[i] != IDMAP_EMPTY; i = (i + 1) & mask) {
        uint32_t home = idmap_home(m, m->keys[i]);
        if (((i - home) & mask) < ((i - gap) & mask)) continue;
        m->keys[gap] = m->keys[i];
        m->values[gap] = m->values[i];
        gap = i;
    }
    m->keys[gap] = IDMAP_EMPTY;
    m->count--;
    return true;
}

uint32_t idmap_count(const idmap *m)
{
    return m->count;
}
