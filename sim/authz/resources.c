#include "authz/resources.h"

#include <stdlib.h>

#include "authz/families.h"
#include "authz/scratch.h"
#include "policy/match.h"

/* ---- the index ---- */

typedef struct {
    str      text; /* of a family: up to the account id */
    uint16_t id;
} text_of_id;

static int text_cmp(const void *a, const void *b)
{
    const text_of_id *x = a, *y = b;
    int               order = str_cmp_nocase(x->text, y->text);
    return order != 0 ? order : (x->id > y->id) - (x->id < y->id);
}

static void plain_index(atom_table *t, text_of_id *items, uint32_t count)
{
    uint16_t *ids = ARENA_NEW(&t->a, uint16_t, count);
    qsort(items, count, sizeof *items, text_cmp);
    for (uint32_t i = 0; i < count; i++) ids[i] = items[i].id;
    t->resources.plain = ids;
    t->resources.plain_count = count;
}

static void family_index(atom_table *t, text_of_id *items, uint32_t count)
{
    uint16_t      *ids = ARENA_NEW(&t->a, uint16_t, count);
    resource_head *heads = ARENA_NEW(&t->a, resource_head, count);
    uint32_t       head_count = 0;
    qsort(items, count, sizeof *items, text_cmp);
    for (uint32_t i = 0; i < count; i++) {
        ids[i] = items[i].id;
        if (i == 0 || !str_eq_nocase(items[i].text, items[i - 1].text))
            heads[head_count++] = (resource_head){items[i].text, &ids[i], 0};
        heads[head_count - 1].count++;
    }
    t->resources.heads = heads;
    t->resources.head_count = head_count;
}

void resources_init(atom_table *t)
{
    const authz_entry *values = t->v->keys[VOCABULARY_RESOURCE].values;
    size_t             domain = value_domain(t->v, AUTHZ_RESOURCE);
    arena              scratch = scratch_get();
    text_of_id        *plain = ARENA_NEW(&scratch, text_of_id, domain);
    text_of_id        *families = ARENA_NEW(&scratch, text_of_id, domain);
    uint32_t           plain_count = 0, family_count = 0;
    for (size_t id = 1; id < domain; id++) {
        const authz_entry *value = &values[id];
        if (value->hole == AUTHZ_NO_HOLE)
            plain[plain_count++] = (text_of_id){value->texts[0], (uint16_t)id};
        else
            families[family_count++] = (text_of_id){str_part(value->texts[0], 0, value->hole), (uint16_t)id};
    }
    plain_index(t, plain, plain_count);
    family_index(t, families, family_count);
    t->pattern_names = intern_new(MEMORY_IMAGE, false);
}

void resources_deinit(atom_table *t)
{
    intern_free(t->pattern_names);
}

/* ---- one pattern ---- */

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

/* Whether one is the beginning of the other, ignoring case. From the end, as most ARNs begin with `arn:aws:`. */
static bool begin_alike(str a, str b)
{
    size_t i = a.len < b.len ? a.len : b.len;
    while (i > 0 && char_lower(a.ptr[i - 1]) == char_lower(b.ptr[i - 1])) i--;
    return i == 0;
}

/* The first resource that does not come before all that begin with `start`; case is ignored, as it is in the first
 * parts of an ARN: what is found is looked at more closely. */
static uint32_t place_of(const atom_table *t, str start)
{
    const authz_entry *values = t->v->keys[VOCABULARY_RESOURCE].values;
    uint32_t           low = 0, high = t->resources.plain_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (str_cmp_nocase(beginning(values[t->resources.plain[middle]].texts[0], start.len), start) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool matches(arena scratch, policy_type type, str pattern_text, str text)
{
    request q = {.resource = text};
    return match_resource_pattern(&scratch, pattern_text, &q, NULL, type, false);
}

typedef struct {
    policy_type type;
    str         text, level;
    str         part;          /* the longest run of bytes that stand for themselves: in every text that matches   */
    bool        part_anywhere; /* it holds no digit, so that no account id can be a part of it in a family */
    bool        clean;
    uint64_t   *accounts; /* spelled out in it */
    uint32_t    account_count;
} pattern_facts;

static str longest_part(str pattern_text)
{
    str best = {pattern_text.ptr, 0};
    for (size_t i = 0; i < pattern_text.len; i++) {
        str part = plain_beginning(str_part(pattern_text, i, pattern_text.len - i));
        if (part.len > best.len) best = part;
        i += part.len;
    }
    return best;
}

static bool has_digit(str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] >= '0' && s.ptr[i] <= '9') return true;
    return false;
}

/* Ignoring case: a quick no, never a yes that counts. */
static bool may_contain(str text, str part)
{
    /* A `:` or `/` is found quickly, and has no case. */
    size_t anchor = 0;
    while (anchor < part.len && part.ptr[anchor] != ':' && part.ptr[anchor] != '/') anchor++;
    if (anchor == part.len) return true;
    for (size_t i = str_find(text, part.ptr[anchor], anchor); i + part.len - anchor <= text.len && i < text.len;
         i = str_find(text, part.ptr[anchor], i + 1))
        if (str_eq_nocase(str_part(text, i - anchor, part.len), part)) return true;
    return false;
}

static pattern_facts facts_of(arena *a, policy_type type, const lexeme *item)
{
    pattern_facts p = {.type = type, .text = item->text, .level = levelled(a, item->text)};
    p.part = longest_part(item->text);
    p.part_anywhere = !has_digit(p.part);
    p.clean = patterns_are_clean(item, 1);
    p.accounts = accounts_named(a, item, 1, &p.account_count);
    return p;
}

static void pattern_on_family(const atom_table *t, arena scratch, const pattern_facts *p, uint16_t id, reading r)
{
    const authz_entry *value = &t->v->keys[VOCABULARY_RESOURCE].values[id];
    if (p->part_anywhere && !may_contain(value->texts[0], p->part)) return;
    str  text = family_marked(&scratch, value);
    bool all = matches(scratch, p->type, p->text, text), any = all;
    if (p->clean && bitset_get(t->keys[VOCABULARY_RESOURCE].plain, id)) {
        for (uint32_t k = 0; k < p->account_count && !any; k++) {
            text = family_of_account(&scratch, value, p->accounts[k]);
            any = matches(scratch, p->type, p->text, text);
        }
    } else if (!any) {
        text = family_levelled(&scratch, value);
        any = matches(scratch, p->type, p->level, text);
    }
    if (all) value_put(r.low, id);
    if (any) value_put(r.high, id);
}

static void pattern_read(const atom_table *t, arena scratch, policy_type type, lexeme item, reading r)
{
    const authz_entry *values = t->v->keys[VOCABULARY_RESOURCE].values;
    str                start = plain_beginning(item.text);
    pattern_facts      p = facts_of(&scratch, type, &item);
    if (matches(scratch, type, item.text, STR("*"))) {
        value_put(r.low, 0);
        value_put(r.high, 0);
    }
    for (uint32_t i = place_of(t, start); i < t->resources.plain_count; i++) {
        uint16_t id = t->resources.plain[i];
        str      text = values[id].texts[0];
        if (!str_eq_nocase(beginning(text, start.len), start)) break;
        if (!may_contain(text, p.part) || !matches(scratch, type, item.text, text)) continue;
        value_put(r.low, id);
        value_put(r.high, id);
    }
    for (uint32_t i = 0; i < t->resources.head_count; i++) {
        resource_head h = t->resources.heads[i];
        if (!begin_alike(h.head, start)) continue;
        for (uint32_t k = 0; k < h.count; k++) pattern_on_family(t, scratch, &p, h.ids[k], r);
    }
}

static resource_reading pattern_reading(atom_table *t, arena scratch, policy_type type, lexeme item)
{
    char *name = ARENA_NEW(&scratch, char, item.text.len + 1);
    name[0] = (char)type;
    if (item.text.len > 0) memcpy(name + 1, item.text.ptr, item.text.len);
    uint32_t id = intern_add(t->pattern_names, (str){name, item.text.len + 1});
    if (id == t->pattern_count) {
        reading r = reading_new(t, &scratch, VOCABULARY_RESOURCE);
        pattern_read(t, scratch, type, item, r);
        uint32_t low = value_set_keep(&t->sets, VOCABULARY_RESOURCE, r.low);
        uint32_t high = r.high == r.low ? low : value_set_keep(&t->sets, VOCABULARY_RESOURCE, r.high);
        *ARENA_PUSH(&t->a, resource_reading, t->patterns, t->pattern_count, t->pattern_capacity) =
            (resource_reading){low, high};
    }
    return t->patterns[id];
}

/* ---- lists ---- */

reading reading_of_resources(atom_table *t, arena *a, policy_type type, const lexeme *items, uint32_t count)
{
    reading r = reading_new(t, a, VOCABULARY_RESOURCE);
    size_t  words = bitset_words(value_domain(t->v, VOCABULARY_RESOURCE));
    for (uint32_t i = 0; i < count; i++) {
        resource_reading part = pattern_reading(t, *a, type, items[i]);
        const uint64_t  *low = t->sets.sets[part.low].words, *high = t->sets.sets[part.high].words;
        for (size_t w = 0; w < words; w++) {
            r.low[w] |= low[w];
            r.high[w] |= high[w];
        }
    }
    return r;
}

bool resource_on_text(arena scratch, policy_type type, const lexeme *items, uint32_t count, str text)
{
    for (uint32_t i = 0; i < count; i++)
        if (matches(scratch, type, items[i].text, text)) return true;
    return false;
}
