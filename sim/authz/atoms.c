#include "authz/atoms.h"

#include <assert.h>

#include "authz/scratch.h"
#include "base/bitset.h"
#include "base/mutant.h"
#include "policy/condition.h"
#include "policy/evaluate.h"
#include "policy/match.h"

/* A family value stands for all account ids at once. Two readings bound what a pattern can say about it:
 *
 *   marked      the id is twelve bytes that no policy text can hold: only wildcards match them, so a match here is a
 *               match for every id
 *   levelled    every digit, in the id and in the pattern alike, is a 0: equal texts stay equal, so no match here is
 *               no match for any id
 *
 * "Some pattern matches" grows from the first to the second reading, a negated operator shrinks, and where both agree
 * the truth is between them, hence the same for all ids. */
#define ACCOUNT_MARKED   STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
#define ACCOUNT_LEVELLED STR("000000000000")

static str levelled(arena *a, str s)
{
    char *copy = ARENA_NEW(a, char, s.len + 1);
    for (size_t i = 0; i < s.len; i++) copy[i] = s.ptr[i] >= '0' && s.ptr[i] <= '9' ? '0' : s.ptr[i];
    return (str){copy, s.len};
}

static lexeme *levelled_all(arena *a, const lexeme *items, uint32_t count)
{
    lexeme *copy = ARENA_NEW(a, lexeme, count);
    for (uint32_t i = 0; i < count; i++) copy[i].text = levelled(a, items[i].text);
    return copy;
}

void atom_table_init(atom_table *t, const authz_vocabulary *v)
{
    *t = (atom_table){.v = v, .spellings = intern_new(MEMORY_IMAGE, false), .services = intern_new(MEMORY_IMAGE, true)};
    arena_init(&t->a, MEMORY_IMAGE);
    const vocabulary_slot *s = &v->slots[VOCABULARY_RESOURCE];
    t->resource_service = ARENA_NEW(&t->a, uint32_t, s->count + 1);
    t->resource_service[0] = INTERN_NONE;
    for (size_t id = 1; id <= s->count; id++)
        t->resource_service[id] = intern_add(t->services, vocabulary_arn_part(s->values[id].texts[0], 2));
}

void atom_table_deinit(atom_table *t)
{
    intern_free(t->spellings);
    intern_free(t->services);
    arena_deinit(&t->a);
}

bool atom_by_text(const authz_vocabulary *v, const atom *x, const uint16_t value[AUTHZ_SLOTS], str account_id)
{
    vocabulary_text room;
    request         q;
    arena           scratch = scratch_get();
    vocabulary_request(v, value, x->slots, account_id, &room, &q);
    if (x->clause != NULL) return condition_holds(&scratch, x->clause, x->policy->version_2012, &q, v->facts, NULL);
    return statement_resource_holds(&scratch, x->statement, x->policy, &q, v->facts);
}

static bool has_variable(str s)
{
    for (size_t i = 0; i + 1 < s.len; i++)
        if (s.ptr[i] == '$' && s.ptr[i + 1] == '{') return true;
    return false;
}

/* Slots whose keys are named by variables in these texts. */
static uint32_t variable_slots(const authz_vocabulary *v, const lexeme *items, uint32_t count)
{
    uint32_t slots = 0;
    for (uint32_t i = 0; i < count; i++) {
        str s = items[i].text;
        for (size_t at = 0; at + 1 < s.len; at++) {
            if (s.ptr[at] != '$' || s.ptr[at + 1] != '{') continue;
            size_t close = str_find(s, '}', at);
            if (close == s.len) break; /* unterminated: literal text */
            str      name = str_part(s, at + 2, close - at - 2);
            uint32_t slot = vocabulary_slot_find(v, str_part(name, 0, str_find(name, ',', 0)));
            if (slot < AUTHZ_SLOTS) slots |= 1u << slot;
        }
    }
    return slots;
}

/* What an atom asks, so that two of the same kind meet. Returns whether the name was new; its number is *id. */
static bool atom_named(atom_table *t, str head, const lexeme *items, uint32_t count, uint32_t *id)
{
    arena  scratch = t->a;
    size_t len = head.len, at = 0;
    for (uint32_t i = 0; i < count; i++) len += items[i].text.len + sizeof(uint32_t);
    char *name = ARENA_NEW(&scratch, char, len + 1);
    memcpy(name, head.ptr, head.len);
    at = head.len;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t item_len = (uint32_t)items[i].text.len;
        memcpy(name + at, &item_len, sizeof item_len);
        at += sizeof item_len;
        if (item_len > 0) memcpy(name + at, items[i].text.ptr, item_len);
        at += item_len;
    }
    uint32_t before = intern_count(t->spellings);
    *id = intern_add(t->spellings, (str){name, len});
    return *id == before;
}

static uint32_t atom_id(const atom_table *t, uint32_t id)
{
    const atom *x = t->atoms[id];
    return x->constant == ATOM_IS_OPEN ? id : x->constant == ATOM_IS_TRUE ? ATOM_TRUE : ATOM_FALSE;
}

static uint32_t atom_keep(atom_table *t, uint32_t id, atom x)
{
    size_t yes = 0, maybe = 0, domain = t->v->slots[x.slot].count + 1;
    for (size_t i = 0; x.yes != NULL && i < bitset_words(domain); i++) {
        yes += bits_count(x.yes[i]);
        maybe += bits_count(x.maybe[i]);
    }
    if (x.yes != NULL && yes == domain) x.constant = ATOM_IS_TRUE;
    if (x.yes != NULL && yes == 0 && maybe == 0) x.constant = ATOM_IS_FALSE;
    if (maybe == 0) x.maybe = NULL;
    assert(id == t->count);
    atom *kept = ARENA_NEW(&t->a, atom, 1);
    *kept = x;
    *ARENA_PUSH(&t->a, atom *, t->atoms, t->count, t->capacity) = kept;
    return atom_id(t, id);
}

/* ---- clauses ---- */

static bool clause_takes_families(condition_base base)
{
    return base <= CONDITION_STRING_NOT_LIKE || (base >= CONDITION_ARN_EQUALS && base <= CONDITION_NULL);
}

static bool clause_on_texts(const atom_table *t, const policy_clause *c, uint32_t slot, const str *texts,
                            uint32_t count)
{
    arena       scratch = scratch_get();
    bool        list = t->v->slots[slot].shape == AUTHZ_LIST;
    request_key key = {t->v->slots[slot].key, (str *)(uintptr_t)texts, count, list}; /* only read */
    request     q = {.resource = STR("*"), .context = &key, .context_count = 1};
    return condition_holds(&scratch, c, false, &q, t->v->facts, NULL); /* no variables: the version is all one */
}

static void clause_tabulate(atom_table *t, const policy_clause *c, uint32_t slot, uint64_t *yes, uint64_t *maybe)
{
    const vocabulary_slot *s = &t->v->slots[slot];
    arena                  scratch = t->a;
    policy_clause          level = *c;
    request                nothing = {.resource = STR("*")};
    level.values = levelled_all(&scratch, c->values, c->value_count);
    arena temporary = scratch_get();
    if (condition_holds(&temporary, c, false, &nothing, t->v->facts, NULL)) yes[0] |= 1;
    for (size_t id = 1; id <= s->count; id++) {
        const vocabulary_value *value = &s->values[id];
        uint64_t                bit = UINT64_C(1) << (id & 63);
        bool                    family = value->hole != AUTHZ_NO_HOLE, doubt = false, holds;
        if (family) {
            char  room[VOCABULARY_FAMILY_BYTES + VOCABULARY_ACCOUNT_LEN];
            str   marked = vocabulary_fill(value, ACCOUNT_MARKED, room);
            arena per_value = scratch;
            holds = clause_on_texts(t, c, slot, &marked, 1);
            str plain = levelled(&per_value, vocabulary_fill(value, ACCOUNT_LEVELLED, room));
            doubt = holds != clause_on_texts(t, &level, slot, &plain, 1) || !clause_takes_families(c->base);
        } else {
            holds = clause_on_texts(t, c, slot, value->texts, value->count);
        }
        if (doubt)
            maybe[id >> 6] |= bit;
        else if (holds)
            yes[id >> 6] |= bit;
    }
}

uint32_t atom_of_clause(atom_table *t, const policy *p, const policy_clause *c)
{
    uint32_t slot = vocabulary_slot_find(t->v, c->key.text), id;
    bool     variable = condition_has_variable(c, p->version_2012);
    if (slot == AUTHZ_SLOTS) { /* requests never carry the key; variables are looked at only when it is there */
        request nothing = {.resource = STR("*")};
        arena   scratch = scratch_get();
        return condition_holds(&scratch, c, p->version_2012, &nothing, t->v->facts, NULL) ? ATOM_TRUE : ATOM_FALSE;
    }
    char head[] = {'C', (char)slot, (char)c->base, (char)c->set, (char)c->if_exists, (char)variable};
    if (!atom_named(t, (str){head, sizeof head}, c->values, c->value_count, &id)) return atom_id(t, id);
    atom x = {.policy = p, .clause = c, .slot = (uint16_t)slot, .slots = 1u << slot};
    if (variable) {
        x.slots |= variable_slots(t->v, c->values, c->value_count);
    } else {
        size_t    words = bitset_words(t->v->slots[slot].count + 1);
        uint64_t *yes = ARENA_NEW(&t->a, uint64_t, words), *maybe = ARENA_NEW(&t->a, uint64_t, words);
        clause_tabulate(t, c, slot, yes, maybe);
        x.yes = yes;
        x.maybe = maybe;
    }
    return atom_keep(t, id, x);
}

/* ---- resources ---- */

/* Whether every resource the pattern can match has the service in its third segment, and which: most patterns, and it
 * spares matching them against the resources of all other services. */
static bool pattern_service(str pattern_text, str *service)
{
    size_t colons = 0, i = 0;
    for (; i < pattern_text.len && colons < 3; i++) {
        char c = pattern_text.ptr[i];
        if (c == '*' || c == '?' || c == '$') return false;
        colons += c == ':';
    }
    *service = vocabulary_arn_part(pattern_text, 2);
    return colons == 3;
}

static void resource_tabulate(atom_table *t, const policy *p, str pattern_text, uint64_t *yes, uint64_t *maybe)
{
    const vocabulary_slot *s = &t->v->slots[VOCABULARY_RESOURCE];
    arena                  scratch = t->a;
    str                    service, level = levelled(&scratch, pattern_text);
    bool                   one_service = pattern_service(pattern_text, &service);
    uint32_t               wanted = one_service ? intern_find(t->services, service) : INTERN_NONE;
    request                q = {.resource = STR("*")};
    if (one_service && wanted == INTERN_NONE) return;
    if (match_resource_pattern(&scratch, pattern_text, &q, NULL, p->type, false)) yes[0] |= 1;
    for (size_t id = 1; id <= s->count; id++) {
        if (one_service && t->resource_service[id] != wanted) continue;
        const vocabulary_value *value = &s->values[id];
        uint64_t                bit = UINT64_C(1) << (id & 63);
        char                    room[VOCABULARY_FAMILY_BYTES + VOCABULARY_ACCOUNT_LEN];
        q.resource = vocabulary_fill(value, ACCOUNT_MARKED, room);
        if (match_resource_pattern(&scratch, pattern_text, &q, NULL, p->type, false)) {
            yes[id >> 6] |= bit;
        } else if (value->hole != AUTHZ_NO_HOLE) {
            arena per_value = scratch;
            q.resource = levelled(&per_value, vocabulary_fill(value, ACCOUNT_LEVELLED, room));
            if (match_resource_pattern(&scratch, level, &q, NULL, p->type, false)) maybe[id >> 6] |= bit;
        }
    }
}

/* "Some pattern matches" becomes the statement's truth: what is certain is no longer in doubt, and NotResource turns
 * the certain answers round. */
static void resource_finish(size_t domain, bool negated, uint64_t *yes, uint64_t *maybe)
{
    for (size_t i = 0; i < bitset_words(domain); i++) {
        size_t   left = domain - i * 64;
        uint64_t valid = left >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << left) - 1;
        maybe[i] &= ~yes[i];
        if (negated) yes[i] = valid & ~(yes[i] | maybe[i]);
    }
}

uint32_t atom_of_resources(atom_table *t, const policy *p, const policy_statement *s)
{
    uint32_t id;
    bool     variable = false;
    if (!s->has_resource || (MUTANT(MUTANT_NOT_RESOURCE_IGNORED) && s->not_resource)) return ATOM_TRUE;
    for (uint32_t i = 0; i < s->resource_count; i++)
        variable = variable || (p->version_2012 && has_variable(s->resources[i].text));
    char head[] = {'R', (char)p->type, (char)s->not_resource, (char)variable};
    if (!atom_named(t, (str){head, sizeof head}, s->resources, s->resource_count, &id)) return atom_id(t, id);
    atom x = {.policy = p, .statement = s, .slot = VOCABULARY_RESOURCE, .slots = 1u << VOCABULARY_RESOURCE};
    if (variable) {
        x.slots |= variable_slots(t->v, s->resources, s->resource_count);
    } else {
        size_t    domain = t->v->slots[VOCABULARY_RESOURCE].count + 1, words = bitset_words(domain);
        uint64_t *yes = ARENA_NEW(&t->a, uint64_t, words), *maybe = ARENA_NEW(&t->a, uint64_t, words);
        for (uint32_t i = 0; i < s->resource_count; i++) resource_tabulate(t, p, s->resources[i].text, yes, maybe);
        resource_finish(domain, s->not_resource, yes, maybe);
        x.yes = yes;
        x.maybe = maybe;
    }
    return atom_keep(t, id, x);
}

uint32_t atom_of_no_kms_key(atom_table *t)
{
    const vocabulary_slot *s = &t->v->slots[VOCABULARY_RESOURCE];
    uint32_t               id;
    if (!atom_named(t, STR("K"), NULL, 0, &id)) return atom_id(t, id);
    size_t    words = bitset_words(s->count + 1);
    uint64_t *yes = ARENA_NEW(&t->a, uint64_t, words), *maybe = ARENA_NEW(&t->a, uint64_t, words);
    for (size_t value = 0; value <= s->count; value++) {
        str arn = value == 0 ? STR("*") : s->values[value].texts[0];
        if (!str_starts(vocabulary_arn_part(arn, 5), STR("key/"))) yes[value >> 6] |= UINT64_C(1) << (value & 63);
    }
    return atom_keep(t, id, (atom){.yes = yes, .maybe = maybe, .slot = VOCABULARY_RESOURCE, .slots = 1});
}
