#include "authz/readings.h"

#include "authz/families.h"
#include "authz/resources.h"
#include "authz/scratch.h"
#include "policy/condition.h"
#include "policy/match.h"

void readings_init(atom_table *t)
{
    t->reading_names = intern_new(MEMORY_IMAGE, false);
    t->keys = ARENA_NEW(&t->a, atom_key, VOCABULARY_KEYS_MAX);
    for (uint32_t key = 0; key < VOCABULARY_KEYS_MAX; key++) {
        if (key == t->v->key_count) key = VOCABULARY_DERIVED;
        const vocabulary_key *k = &t->v->keys[key];
        request_key           named = {.key = k->key, .is_array = k->shape == AUTHZ_LIST};
        atom_key             *out = &t->keys[key];
        uint16_t             *ids = NULL;
        size_t                count = 0, capacity = 0, domain = value_domain(t->v, k->slot);
        out->multivalued = request_key_multivalued(&named, t->v->facts);
        if (k->values == NULL) continue;
        out->plain = bitset_new(&t->a, domain);
        for (size_t id = 1; id < domain; id++) {
            if (k->values[id].texts == NULL || k->values[id].hole == AUTHZ_NO_HOLE) continue;
            *ARENA_PUSH(&t->a, uint16_t, ids, count, capacity) = (uint16_t)id;
            if (family_is_plain(&k->values[id])) bitset_set(out->plain, id);
        }
        out->families = ids;
        out->family_count = (uint32_t)count;
    }
    resources_init(t);
}

void readings_deinit(atom_table *t)
{
    intern_free(t->reading_names);
    resources_deinit(t);
}

reading reading_new(const atom_table *t, arena *a, uint32_t key)
{
    size_t  words = bitset_words(value_domain(t->v, t->v->keys[key].slot));
    reading r = {.low = ARENA_NEW(a, uint64_t, words)};
    r.high = t->keys[key].family_count > 0 ? ARENA_NEW(a, uint64_t, words) : r.low;
    return r;
}

/* ---- clauses ---- */

bool clause_on_texts(const atom_table *t, const policy_clause *c, uint32_t key, const str *texts, uint32_t count)
{
    arena       scratch = scratch_get();
    request_key given = {.key = c->key.text,
                         .values = (str *)(uintptr_t)texts, /* only read */
                         .value_count = count,
                         .is_array = t->keys[key].multivalued};
    request     q = {.resource = STR("*"), .context = &given, .context_count = texts == NULL ? 0 : 1};
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

static void families_read(atom_table *t, arena scratch, uint32_t key, const policy_clause *c, reading r)
{
    uint32_t      account_count;
    uint64_t     *accounts = accounts_named(&scratch, c->values, c->value_count, &account_count);
    bool          clean = patterns_are_clean(c->values, c->value_count);
    policy_clause level = *c;
    level.values = levelled_all(&scratch, c->values, c->value_count);
    for (uint32_t i = 0; i < t->keys[key].family_count; i++) {
        uint16_t           id = t->keys[key].families[i];
        const authz_entry *value = &t->v->keys[key].values[id];
        arena              temporary = scratch;
        str                text = family_marked(&temporary, value);
        bounds             b = bounds_with((bounds){true, false}, clause_on_texts(t, c, key, &text, 1));
        if (!reads_families(c->base)) {
            b = (bounds){false, true};
        } else if (clean && bitset_get(t->keys[key].plain, id)) {
            for (uint32_t k = 0; k < account_count; k++) {
                text = family_of_account(&temporary, value, accounts[k]);
                b = bounds_with(b, clause_on_texts(t, c, key, &text, 1));
            }
        } else {
            text = family_levelled(&temporary, value);
            b = bounds_with(b, clause_on_texts(t, &level, key, &text, 1));
        }
        if (b.all) value_put(r.low, id);
        if (b.any) value_put(r.high, id);
    }
}

static void clause_read(atom_table *t, arena scratch, uint32_t key, const policy_clause *c, reading r)
{
    const vocabulary_key *k = &t->v->keys[key];
    size_t                domain = value_domain(t->v, k->slot);
    bool                  absent = clause_on_texts(t, c, key, NULL, 0);
    for (size_t id = 0; id < domain; id++) {
        const authz_entry *value = &k->values[id];
        if (value->texts != NULL && value->hole != AUTHZ_NO_HOLE) continue;
        if (value->texts == NULL ? !absent : !clause_on_texts(t, c, key, value->texts, value->count)) continue;
        value_put(r.low, id);
        value_put(r.high, id);
    }
    if (t->keys[key].family_count > 0) families_read(t, scratch, key, c, r);
}

static reading single_read(atom_table *t, arena scratch, uint32_t key, const policy_clause *c)
{
    char  head[] = {(char)key, (char)c->base, (char)c->set, (char)c->if_exists};
    str   text = c->values[0].text;
    char *name = ARENA_NEW(&scratch, char, sizeof head + text.len);
    memcpy(name, head, sizeof head);
    if (text.len > 0) memcpy(name + sizeof head, text.ptr, text.len);
    uint32_t id = intern_add(t->reading_names, (str){name, sizeof head + text.len});
    if (id == t->reading_count) {
        reading fresh = reading_new(t, &t->a, key);
        clause_read(t, scratch, key, c, fresh);
        *ARENA_PUSH(&t->a, reading, t->readings, t->reading_count, t->reading_capacity) = fresh;
    }
    return t->readings[id];
}

static void words_join(uint64_t *into, const uint64_t *from, size_t count, bool all)
{
    for (size_t i = 0; i < count; i++) into[i] = all ? into[i] & from[i] : into[i] | from[i];
}

reading reading_of_clause(atom_table *t, arena *a, uint32_t key, const policy_clause *c)
{
    reading r = reading_new(t, a, key);
    size_t  words = bitset_words(value_domain(t->v, t->v->keys[key].slot));
    bool    all = condition_negated(c->base);
    if (t->v->keys[key].shape == AUTHZ_LIST || c->value_count == 0) {
        clause_read(t, *a, key, c, r);
        return r;
    }
    for (uint32_t i = 0; i < c->value_count; i++) {
        policy_clause one = *c;
        one.values = &c->values[i];
        one.value_count = 1;
        reading part = single_read(t, *a, key, &one);
        words_join(r.low, part.low, words, all && i > 0);
        if (r.high != r.low) words_join(r.high, part.high, words, all && i > 0);
    }
    return r;
}
