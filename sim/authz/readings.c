#include "authz/readings.h"

#include <assert.h>
#include <stdlib.h>

#include "authz/families.h"
#include "authz/scratch.h"
#include "policy/condition.h"
#include "policy/match.h"

/* ---- the slots' values, made ready ---- */

typedef struct {
    str      text;
    uint16_t id;
} text_of_id;

static int text_cmp(const void *a, const void *b)
{
    const text_of_id *x = a, *y = b;
    int               order = str_cmp_nocase(x->text, y->text);
    return order != 0 ? order : (x->id > y->id) - (x->id < y->id);
}

static void order_resources(atom_table *t)
{
    const vocabulary_slot *s = &t->v->slots[VOCABULARY_RESOURCE];
    arena                  scratch = scratch_get();
    text_of_id            *items = ARENA_NEW(&scratch, text_of_id, s->count);
    t->by_text = ARENA_NEW(&t->a, uint16_t, s->count);
    for (size_t id = 1; id <= s->count; id++)
        if (s->values[id].hole == AUTHZ_NO_HOLE)
            items[t->by_text_count++] = (text_of_id){s->values[id].texts[0], (uint16_t)id};
    qsort(items, t->by_text_count, sizeof *items, text_cmp);
    for (uint32_t i = 0; i < t->by_text_count; i++) t->by_text[i] = items[i].id;
}

void readings_init(atom_table *t)
{
    t->reading_names = intern_new(MEMORY_IMAGE, false);
    t->families = ARENA_NEW(&t->a, atom_families, t->v->slot_count);
    for (uint32_t slot = 0; slot < t->v->slot_count; slot++) {
        const vocabulary_slot *s = &t->v->slots[slot];
        uint16_t              *ids = NULL;
        size_t                 count = 0, capacity = 0;
        for (size_t id = 1; id <= s->count; id++)
            if (s->values[id].hole != AUTHZ_NO_HOLE) *ARENA_PUSH(&t->a, uint16_t, ids, count, capacity) = (uint16_t)id;
        t->families[slot] = (atom_families){ids, (uint32_t)count};
    }
    order_resources(t);
}

void readings_deinit(atom_table *t)
{
    intern_free(t->reading_names);
}

static void set_bit(uint64_t *words, size_t id)
{
    words[id >> 6] |= UINT64_C(1) << (id & 63);
}

static reading reading_new(const atom_table *t, arena *a, uint32_t slot)
{
    size_t  words = bitset_words(value_domain(t->v, slot));
    reading r = {.low = ARENA_NEW(a, uint64_t, words)};
    r.high = t->families[slot].count > 0 ? ARENA_NEW(a, uint64_t, words) : r.low;
    return r;
}

/* ---- clauses ---- */

bool clause_on_texts(const atom_table *t, const policy_clause *c, uint32_t slot, const str *texts, uint32_t count)
{
    arena       scratch = scratch_get();
    bool        list = t->v->slots[slot].shape == AUTHZ_LIST;
    request_key key = {t->v->slots[slot].key, (str *)(uintptr_t)texts, count, list}; /* only read */
    request     q = {.resource = STR("*"), .context = &key, .context_count = texts == NULL ? 0 : 1};
    return condition_holds(&scratch, c, false, &q, t->v->facts, NULL); /* no variables: the version is all one */
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
    for (uint32_t i = 0; i < t->families[slot].count; i++) {
        uint16_t                id = t->families[slot].ids[i];
        const vocabulary_value *value = &t->v->slots[slot].values[id];
        arena                   temporary = scratch;
        str                     text = family_marked(&temporary, value);
        bounds                  b = bounds_with((bounds){true, false}, clause_on_texts(t, c, slot, &text, 1));
        if (!reads_families(c->base)) {
            b = (bounds){false, true};
        } else if (clean && family_is_plain(value)) {
            for (uint32_t k = 0; k < account_count; k++) {
                text = family_of_account(&temporary, value, accounts[k]);
                b = bounds_with(b, clause_on_texts(t, c, slot, &text, 1));
            }
        } else {
            text = family_levelled(&temporary, value);
            b = bounds_with(b, clause_on_texts(t, &level, slot, &text, 1));
        }
        if (b.all) set_bit(r.low, id);
        if (b.any) set_bit(r.high, id);
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
        set_bit(r.low, id);
        set_bit(r.high, id);
    }
    if (t->families[slot].count > 0) families_read(t, scratch, slot, c, r);
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

/* ---- resources ---- */

/* The bytes before the first that may not stand for itself. */
static str plain_beginning(str pattern_text)
{
    size_t i = 0;
    while (i < pattern_text.len && pattern_text.ptr[i] != '*' && pattern_text.ptr[i] != '?' &&
           pattern_text.ptr[i] != '$')
        i++;
    return str_part(pattern_text, 0, i);
}

static str beginning(str text, size_t len)
{
    return str_part(text, 0, text.len < len ? text.len : len);
}

/* The first place in the order whose text is not before all that begin with `start`; case is ignored, as the first
 * parts of an ARN do: what is found is looked at more closely. */
static uint32_t place_of(const atom_table *t, str start)
{
    const vocabulary_value *values = t->v->slots[VOCABULARY_RESOURCE].values;
    uint32_t                low = 0, high = t->by_text_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (str_cmp_nocase(beginning(values[t->by_text[middle]].texts[0], start.len), start) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void pattern_on_families(const atom_table *t, arena scratch, const policy *p, str pattern_text, str start,
                                reading r)
{
    const atom_families *families = &t->families[VOCABULARY_RESOURCE];
    lexeme               item = {.text = pattern_text};
    bool                 clean = patterns_are_clean(&item, 1);
    uint32_t             account_count;
    uint64_t            *accounts = accounts_named(&scratch, &item, 1, &account_count);
    str                  level = levelled(&scratch, pattern_text);
    request              q = {.resource = STR("*")};
    for (uint32_t i = 0; i < families->count; i++) {
        uint16_t                id = families->ids[i];
        const vocabulary_value *value = &t->v->slots[VOCABULARY_RESOURCE].values[id];
        arena                   temporary = scratch;
        size_t                  known = start.len < value->hole ? start.len : value->hole;
        if (!str_eq_nocase(beginning(value->texts[0], known), beginning(start, known))) continue;
        q.resource = family_marked(&temporary, value);
        bool all = match_resource_pattern(&temporary, pattern_text, &q, NULL, p->type, false), any = all;
        if (clean && family_is_plain(value)) {
            for (uint32_t k = 0; k < account_count && !any; k++) {
                q.resource = family_of_account(&temporary, value, accounts[k]);
                any = match_resource_pattern(&temporary, pattern_text, &q, NULL, p->type, false);
            }
        } else if (!any) {
            q.resource = family_levelled(&temporary, value);
            any = match_resource_pattern(&temporary, level, &q, NULL, p->type, false);
        }
        if (all) set_bit(r.low, id);
        if (any) set_bit(r.high, id);
    }
}

static void pattern_read(const atom_table *t, arena scratch, const policy *p, str pattern_text, reading r)
{
    const vocabulary_value *values = t->v->slots[VOCABULARY_RESOURCE].values;
    str                     start = plain_beginning(pattern_text);
    request                 q = {.resource = STR("*")};
    if (match_resource_pattern(&scratch, pattern_text, &q, NULL, p->type, false)) {
        set_bit(r.low, 0);
        set_bit(r.high, 0);
    }
    for (uint32_t i = place_of(t, start); i < t->by_text_count; i++) {
        q.resource = values[t->by_text[i]].texts[0];
        if (!str_eq_nocase(beginning(q.resource, start.len), start)) break;
        if (!match_resource_pattern(&scratch, pattern_text, &q, NULL, p->type, false)) continue;
        set_bit(r.low, t->by_text[i]);
        set_bit(r.high, t->by_text[i]);
    }
    pattern_on_families(t, scratch, p, pattern_text, start, r);
}

reading reading_of_resources(atom_table *t, arena *a, const policy *p, const lexeme *items, uint32_t count)
{
    reading r = reading_new(t, a, VOCABULARY_RESOURCE);
    for (uint32_t i = 0; i < count; i++) pattern_read(t, *a, p, items[i].text, r);
    return r;
}
