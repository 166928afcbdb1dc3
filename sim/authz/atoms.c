#include "authz/atoms.h"

#include <assert.h>

#include "authz/families.h"
#include "authz/resources.h"
#include "authz/scratch.h"
#include "base/mutant.h"
#include "policy/condition.h"
#include "policy/evaluate.h"
#include "policy/match.h"

void atom_table_init(atom_table *t, const authz_vocabulary *v)
{
    *t = (atom_table){.v = v, .spellings = intern_new(MEMORY_IMAGE, false)};
    arena_init(&t->a, MEMORY_IMAGE);
    arena_init(&t->scratch, MEMORY_IMAGE);
    value_set_table_init(&t->sets, v);
    readings_init(t);
}

void atom_table_deinit(atom_table *t)
{
    intern_free(t->spellings);
    readings_deinit(t);
    value_set_table_deinit(&t->sets);
    arena_deinit(&t->a);
    arena_deinit(&t->scratch);
}

/* ---- asking ---- */

static bool ask_text(const atom *x, const asked *a)
{
    request        q;
    arena          scratch = scratch_get();
    const catalog *facts = a->v->facts;
    vocabulary_request(&scratch, a->v, a->view, a->q, x->keys, &q);
    if (x->clause != NULL) return condition_holds(&scratch, x->clause, x->policy->version_2012, &q, facts, NULL);
    return statement_resource_holds(&scratch, x->statement, x->policy, &q, facts);
}

bool atom_holds(const atom *x, const asked *a)
{
    uint32_t id = a->q->value[x->slot], low = 0, high = x->account_count;
    if (x->yes == NULL || (x->maybe != NULL && value_has(x->maybe, id))) return ask_text(x, a);
    if (x->listed == NULL || !value_has(x->listed, id)) return value_has(x->yes, id);
    uint64_t number =
        account_number(x->of_owner ? vocabulary_owner_id(a->v, a->view, a->q) : org_account_id(a->view, a->q->account));
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (x->accounts[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    bool named = low < x->account_count && x->accounts[low] == number;
    return value_has(x->yes, id) != (named && value_has(x->flips + (size_t)low * x->word_count, id));
}

/* ---- naming and keeping ---- */

static bool has_variable(str s)
{
    for (size_t i = 0; i + 1 < s.len; i++)
        if (s.ptr[i] == '$' && s.ptr[i + 1] == '{') return true;
    return false;
}

/* The keys that variables in these texts name. */
static uint64_t variable_keys(const authz_vocabulary *v, const lexeme *items, uint32_t count)
{
    uint64_t keys = 0;
    for (uint32_t i = 0; i < count; i++) {
        str s = items[i].text;
        for (size_t at = str_find(s, '$', 0); at + 1 < s.len; at = str_find(s, '$', at + 1)) {
            if (s.ptr[at + 1] != '{') continue;
            size_t close = str_find(s, '}', at);
            if (close == s.len) break; /* unterminated: literal text */
            str      name = str_part(s, at + 2, close - at - 2);
            uint32_t key = vocabulary_key_find(v, str_part(name, 0, str_find(name, ',', 0)));
            if (key < VOCABULARY_KEYS_MAX) keys |= UINT64_C(1) << key;
        }
    }
    return keys;
}

uint64_t atom_keys_asked(const authz_vocabulary *v, const policy *p, const policy_statement *s, uint64_t keys)
{
    uint64_t found = p->version_2012 ? variable_keys(v, s->resources, s->resource_count) : 0;
    for (uint32_t i = 0; i < s->clause_count; i++) {
        const policy_clause *c = &s->clauses[i];
        for (uint64_t left = keys; left != 0; left &= left - 1)
            if (str_eq_nocase(v->keys[bits_first(left)].key, c->key.text)) found |= left & -left;
        if (p->version_2012) found |= variable_keys(v, c->values, c->value_count);
    }
    return found & keys;
}

/* What an atom asks, so that two of the same kind meet. Returns whether the name was new; its number is *id. */
static bool atom_named(atom_table *t, str head, const lexeme *items, uint32_t count, uint32_t *id)
{
    arena  scratch = t->scratch;
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

uint32_t atom_id(const atom_table *t, uint32_t id)
{
    const atom *x = t->atoms[id];
    return x->constant == ATOM_IS_OPEN ? id : x->constant == ATOM_IS_TRUE ? ATOM_TRUE : ATOM_FALSE;
}

uint32_t atom_keep(atom_table *t, uint32_t id, atom x)
{
    if (x.yes != NULL && value_set_is_all(&t->sets, x.always)) x.constant = ATOM_IS_TRUE;
    if (x.yes != NULL && t->sets.sets[x.may].member_count == 0) x.constant = ATOM_IS_FALSE;
    if (x.yes == NULL || x.maybe != NULL) t->asked_keys |= x.keys;
    assert(id == t->count);
    atom *kept = ARENA_NEW(&t->a, atom, 1);
    *kept = x;
    *ARENA_PUSH(&t->a, atom *, t->atoms, t->count, t->capacity) = kept;
    return atom_id(t, id);
}

/* ---- family values on which the readings differ ---- */

typedef struct {
    const atom_table    *t;
    const policy        *p;
    const policy_clause *clause; /* null: the resources of a statement */
    bool                 not_resource;
    uint32_t             key, slot;
    const lexeme        *items;
    uint32_t             count;
} question;

static bool ask_of_text(const question *q, arena scratch, str text)
{
    if (q->clause != NULL) return clause_on_texts(q->t, q->clause, q->key, &text, 1);
    return resource_on_text(scratch, q->p->type, q->items, q->count, text) != q->not_resource;
}

#define FLIP_WORDS_MAX 4096u /* 32 KiB an atom; past that the text is asked */

/* Puts into r.low what holds for accounts that no pattern names. */
static void doubts_settle(const question *q, arena *a, arena scratch, reading r, atom *x)
{
    size_t    words = bitset_words(value_domain(q->t->v, q->slot));
    uint64_t *maybe = ARENA_NEW(a, uint64_t, words), *listed = ARENA_NEW(a, uint64_t, words);
    uint64_t *accounts = accounts_named(a, q->items, q->count, &x->account_count);
    bool      textual = q->clause == NULL || reads_families(q->clause->base);
    bool      apart = textual && patterns_are_clean(q->items, q->count) && x->account_count * words <= FLIP_WORDS_MAX;
    uint64_t *flips = ARENA_NEW(a, uint64_t, apart ? x->account_count * words : 0);
    x->accounts = accounts;
    x->flips = flips;
    x->word_count = (uint32_t)words;
    for (uint32_t i = 0; i < q->t->keys[q->key].family_count; i++) {
        uint16_t           id = q->t->keys[q->key].families[i];
        const authz_entry *value = &q->t->v->keys[q->key].values[id];
        uint64_t           bit = UINT64_C(1) << (id & 63);
        arena              temporary = scratch;
        if (!value_has(r.high, id) || value_has(r.low, id)) continue;
        if (!apart || !bitset_get(q->t->keys[q->key].plain, id)) {
            maybe[id >> 6] |= bit;
            x->maybe = maybe;
            continue;
        }
        str  text = family_marked(&temporary, value);
        bool base = ask_of_text(q, temporary, text);
        if (base) r.low[id >> 6] |= bit;
        for (uint32_t k = 0; k < x->account_count; k++) {
            arena per_account = temporary;
            text = family_of_account(&per_account, value, accounts[k]);
            if (ask_of_text(q, per_account, text) == base) continue;
            flips[k * words + (id >> 6)] |= bit;
            listed[id >> 6] |= bit;
            x->listed = listed;
        }
    }
}

/* From what the readings say to the atom's tables. */
static void atom_tabulate(atom_table *t, arena scratch, const question *q, reading r, atom *x)
{
    size_t words = bitset_words(value_domain(t->v, q->slot));
    bool   differ = r.low != r.high && memcmp(r.low, r.high, words * sizeof *r.low) != 0;
    if (differ) doubts_settle(q, &t->a, scratch, r, x);
    uint32_t base = value_set_keep(&t->sets, q->slot, r.low);
    x->yes = t->sets.sets[base].words;
    for (size_t i = 0; i < words && differ; i++) {
        uint64_t open = (x->maybe == NULL ? 0 : x->maybe[i]) | (x->listed == NULL ? 0 : x->listed[i]);
        r.high[i] = r.low[i] | open;
        r.low[i] &= ~open;
    }
    x->always = differ ? value_set_keep(&t->sets, q->slot, r.low) : base;
    x->may = differ ? value_set_keep(&t->sets, q->slot, r.high) : base;
}

/* ---- the kinds of atoms ---- */

uint32_t atom_of_clause(atom_table *t, const policy *p, const policy_clause *c, uint64_t lacking)
{
    uint32_t key = vocabulary_key_find(t->v, c->key.text), id;
    bool     variable = condition_has_variable(c, p->version_2012);
    arena    scratch = t->scratch;
    if (key == VOCABULARY_KEYS_MAX ||
        (lacking >> key & 1)) { /* requests never carry it; variables are looked at only when the key is there */
        request nothing = {.resource = STR("*")};
        return condition_holds(&scratch, c, p->version_2012, &nothing, t->v->facts, NULL) ? ATOM_TRUE : ATOM_FALSE;
    }
    uint64_t named = variable ? variable_keys(t->v, c->values, c->value_count) : 0;
    char     head[] = {
            'C', (char)key, (char)c->base, (char)c->set, (char)c->if_exists, (char)variable, (named & lacking) != 0};
    if (!atom_named(t, (str){head, sizeof head}, c->values, c->value_count, &id)) return atom_id(t, id);
    const vocabulary_key *k = &t->v->keys[key];
    atom                  x = {.policy = p,
                               .clause = c,
                               .slot = (uint16_t)k->slot,
                               .keys = UINT64_C(1) << key | (named & ~lacking),
                               .of_owner = k->of_owner};
    if (!variable && vocabulary_key_has_values(key)) {
        question q = {t, p, c, false, key, k->slot, c->values, c->value_count};
        reading  r = reading_of_clause(t, &scratch, key, c);
        atom_tabulate(t, scratch, &q, r, &x);
    }
    return atom_keep(t, id, x);
}

/* NotResource turns the certain answers round. */
static void reading_negate(const atom_table *t, reading r)
{
    size_t domain = value_domain(t->v, VOCABULARY_RESOURCE);
    for (size_t i = 0; i < bitset_words(domain); i++) {
        size_t   left = domain - i * 64;
        uint64_t valid = left >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << left) - 1, low = r.low[i];
        r.low[i] = valid & ~r.high[i];
        r.high[i] = valid & ~low;
    }
}

uint32_t atom_of_resources(atom_table *t, const policy *p, const policy_statement *s, uint64_t lacking)
{
    uint32_t id;
    uint64_t named = 0;
    bool     variable = false;
    arena    scratch = t->scratch;
    if (!s->has_resource || (MUTANT(MUTANT_NOT_RESOURCE_IGNORED) && s->not_resource)) return ATOM_TRUE;
    for (uint32_t i = 0; i < s->resource_count; i++)
        variable = variable || (p->version_2012 && has_variable(s->resources[i].text));
    if (variable) named = variable_keys(t->v, s->resources, s->resource_count);
    char head[] = {'R', (char)p->type, (char)s->not_resource, (char)variable, (named & lacking) != 0};
    if (!atom_named(t, (str){head, sizeof head}, s->resources, s->resource_count, &id)) return atom_id(t, id);
    atom x = {.policy = p,
              .statement = s,
              .slot = AUTHZ_RESOURCE,
              .keys = UINT64_C(1) << VOCABULARY_RESOURCE | (named & ~lacking),
              .of_owner = true};
    if (!variable) {
        question q = {
            t, p, NULL, s->not_resource, VOCABULARY_RESOURCE, AUTHZ_RESOURCE, s->resources, s->resource_count};
        reading r = reading_of_resources(t, &scratch, p->type, s->resources, s->resource_count);
        if (s->not_resource) reading_negate(t, r);
        atom_tabulate(t, scratch, &q, r, &x);
    }
    return atom_keep(t, id, x);
}

uint32_t atom_of_no_kms_key(atom_table *t)
{
    const authz_entry *values = t->v->keys[VOCABULARY_RESOURCE].values;
    size_t             domain = value_domain(t->v, AUTHZ_RESOURCE);
    uint32_t           id;
    arena              scratch = t->scratch;
    if (!atom_named(t, STR("K"), NULL, 0, &id)) return atom_id(t, id);
    uint64_t *yes = ARENA_NEW(&scratch, uint64_t, bitset_words(domain));
    for (size_t value = 0; value < domain; value++) {
        arena temporary = scratch;
        str   arn = value == 0                            ? STR("*")
                    : values[value].hole != AUTHZ_NO_HOLE ? family_marked(&temporary, &values[value])
                                                          : values[value].texts[0];
        if (!str_starts(arn_part(arn, 5), STR("key/"))) value_put(yes, value);
    }
    uint32_t set = value_set_keep(&t->sets, AUTHZ_RESOURCE, yes);
    return atom_keep(t, id,
                     (atom){.yes = t->sets.sets[set].words,
                            .always = set,
                            .may = set,
                            .slot = AUTHZ_RESOURCE,
                            .keys = UINT64_C(1) << VOCABULARY_RESOURCE,
                            .of_owner = true});
}
