#include "authz/readings.h"

#include "authz/families.h"
#include "authz/resources.h"
#include "authz/scratch.h"
#include "policy/condition.h"
#include "policy/match.h"

void readings_init(atom_table *t)
{
    t->reading_names = intern_new(MEMORY_IMAGE, false);
    t->slots = ARENA_NEW(&t->a, atom_slot, t->v->slot_count);
    for (uint32_t slot = 0; slot < t->v->slot_count; slot++) {
        const vocabulary_slot *s = &t->v->slots[slot];
        request_key            key = {.key = s->key, .is_array = s->shape == AUTHZ_LIST};
        atom_slot             *out = &t->slots[slot];
        uint16_t              *ids = NULL;
        size_t                 count = 0, capacity = 0;
        out->plain = bitset_new(&t->a, s->count + 1);
        for (size_t id = 1; id <= s->count; id++) {
            if (s->values[id].hole == AUTHZ_NO_HOLE) continue;
            *ARENA_PUSH(&t->a, uint16_t, ids, count, capacity) = (uint16_t)id;
            if (family_is_plain(&s->values[id])) bitset_set(out->plain, id);
        }
        out->families = ids;
        out->family_count = (uint32_t)count;
        out->multivalued = request_key_multivalued(&key, t->v->facts);
    }
    resources_init(t);
}

void readings_deinit(atom_table *t)
{
    intern_free(t->reading_names);
    resources_deinit(t);
}

reading reading_new(const atom_table *t, arena *a, uint32_t slot)
{
    size_t  words = bitset_words(value_domain(t->v, slot));
    reading r = {.low = ARENA_NEW(a, uint64_t, words)};
    r.high = t->slots[slot].family_count > 0 ? ARENA_NEW(a, uint64_t, words) : r.low;
    return r;
}

/* ---- clauses ---- */

bool clause_on_texts(const atom_table *t, const policy_clause *c, uint32_t slot, const str *texts, uint32_t count)
{
    arena       scratch = scratch_get();
    request_key key = {.key = c->key.text,
                       .values = (str *)(uintptr_t)texts, /* only read */
                       .value_count = count,
                       .is_array = t->slots[slot].multivalued};
    request     q = {.resource = STR("*"), .context = &key, .context_count = texts == NULL ? 0 : 1};
    /* Without variables the version is all one, and of the catalogue only the key's type is asked, which is known. */
    return condition_holds(&scratch, c, false, &q, NULL, NULL);
}

bool reads_families(condition_base base)
{
    return base <= CONDITION_STRING_NOT_LIKE || (base >= CONDITION_ARN_EQUALS && base <= CONDITION_NULL);
}

/* What some ids make of a family value: whether the clause holds for all of them, for any. */
typedef struct {
    bool all, any;
} bounds;

static bounds bounds_with(bounds b, bool holds)
{
    return (bounds){b.all && holds, b.any || holds};
}

static void families_read(atom_table *t, arena scratch, uint32_t slot, const policy_clause *c, reading r)
{
    uint32_t      account_count;
    uint64_t     *accounts = accounts_named(&scratch, c->values, c->value_count, &account_count);
    bool          clean = patterns_are_clean(c->values, c->value_count);
    policy_clause level = *c;
    level.values = levelled_all(&scratch, c->values, c->value_count);
    for (uint32_t i = 0; i < t->slots[slot].family_count; i++) {
        uint16_t                id = t->slots[slot].families[i];
        const vocabulary_value *value = &t->v->slots[slot].values[id];
        arena                   temporary = scratch;
        str                     text = family_marked(&temporary, value);
        bounds                  b = bounds_with((bounds){true, false}, clause_on_texts(t, c, slot, &text, 1));
        if (!reads_families(c->base)) {
            b = (bounds){false, true};
        } else if (clean && bitset_get(t->slots[slot].plain, id)) {
            for (uint32_t k = 0; k < account_count; k++) {
                text = family_of_account(&temporary, value, accounts[k]);
                b = bounds_with(b, clause_on_texts(t, c, slot, &text, 1));
            }
        } else {
            text = family_levelled(&temporary, value);
            b = bounds_with(b, clause_on_texts(t, &level, slot, &text, 1));
        }
        if (b.all) value_put(r.low, id);
        if (b.any) value_put(r.high, id);
    }
}

static void clause_read(atom_table *t, arena scratch, uint32_t slot, const policy_clause *c, reading r)
{
    static const str       nothing = {"", 0}; /* a list of no texts is there, unlike what is absent */
    const vocabulary_slot *s = &t->v->slots[slot];
    for (size_t id = 0; id <= s->count; id++) {
        const vocabulary_value *value = &s->values[id];
        const str              *texts = id == 0 ? NULL : value->count > 0 ? value->texts : &nothing;
        if (id > 0 && value->hole != AUTHZ_NO_HOLE) continue;
        if (!clause_on_texts(t, c, slot, texts, id == 0 ? 0 : value->count)) continue;
        value_put(r.low, id);
        value_put(r.high, id);
    }
    if (t->slots[slot].family_count > 0) families_read(t, scratch, slot, c, r);
}

static reading single_read(atom_table *t, arena scratch, uint32_t slot, const policy_clause *c)
{
    char  head[] = {(char)slot, (char)c->base, (char)c->set, (char)c->if_exists};
    str   text = c->values[0].text;
    char *name = ARENA_NEW(&scratch, char, sizeof head + text.len);
    memcpy(name, head, sizeof head);
    if (text.len > 0) memcpy(name + sizeof head, text.ptr, text.len);
    uint32_t id = intern_add(t->reading_names, (str){name, sizeof head + text.len});
    if (id == t->reading_count) {
        reading fresh = reading_new(t, &t->a, slot);
        clause_read(t, scratch, slot, c, fresh);
        *ARENA_PUSH(&t->a, reading, t->readings, t->reading_count, t->reading_capacity) = fresh;
    }
    return t->readings[id];
}

static void words_join(uint64_t *into, const uint64_t *from, size_t count, bool all)
{
    for (size_t i = 0; i < count; i++) into[i] = all ? into[i] & from[i] : into[i] | from[i];
}

reading reading_of_clause(atom_table *t, arena *a, uint32_t slot, const policy_clause *c)
{
    reading r = reading_new(t, a, slot);
    size_t  words = bitset_words(value_domain(t->v, slot));
    bool    all = condition_negated(c->base);
    if (t->v->slots[slot].shape == AUTHZ_LIST || c->value_count == 0) {
        clause_read(t, *a, slot, c, r);
        return r;
    }
    for (uint32_t i = 0; i < c->value_count; i++) {
        policy_clause one = *c;
        one.values = &c->values[i];
        one.value_count = 1;
        reading part = single_read(t, *a, slot, &one);
        words_join(r.low, part.low, words, all && i > 0);
        if (r.high != r.low) words_join(r.high, part.high, words, all && i > 0);
    }
    return r;
}
