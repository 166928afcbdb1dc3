#include "authz/formula.h"

#include <assert.h>

#include "base/mutant.h"

static uint32_t own_keep(formula_table *t, own_formula x)
{
    if (x.deny == SET_TRUE) x.allow = SET_EMPTY;
    uint32_t id = intern_add(t->own_ids, (str){(const char *)&x, sizeof x});
    if (id == t->own_count) *ARENA_PUSH(&t->a, own_formula, t->owns, t->own_count, t->own_capacity) = x;
    return id;
}

/* Codes that are the answer name places as well, the first of the block: formulas overlapping each other, of which the
 * one of CODE_ALLOWED passes and no other does. */
static void constants_put(code_pool *pool)
{
    const formula       passes = {.quick = CODE_ALLOWED};
    const formula_entry never = {.words = value_words_none, .slot = VOCABULARY_RESOURCE};
    size_t              units = CONSTANT_PLACES + FORMULA_STEP;
    uint32_t            code;
    code_unit          *at = code_take(pool, units * sizeof *at, &code);
    assert(code == 0);
    memcpy(at, &passes, sizeof passes);
    for (size_t i = 1; i < units; i++) memcpy(at + i, &never, sizeof never);
}

formula_table *formula_table_new(const authz_vocabulary *v)
{
    formula_table *t = memory_alloc(MEMORY_IMAGE, sizeof *t);
    guard_table_init(&t->guards, v);
    arena_init(&t->a, MEMORY_IMAGE);
    arena_init(&t->scratch, MEMORY_IMAGE);
    t->own_ids = intern_new(MEMORY_IMAGE, false);
    t->chain_ids = intern_new(MEMORY_IMAGE, false);
    code_pool_init(&t->pool);
    constants_put(&t->pool);
    t->own_memo = idmap_new(MEMORY_IMAGE);
    t->chain_memo = idmap_new(MEMORY_IMAGE);
    uint32_t nothing = own_keep(t, (own_formula){SET_EMPTY, SET_EMPTY});
    uint32_t allow = own_keep(t, (own_formula){SET_TRUE, SET_EMPTY});
    assert(nothing == OWN_NOTHING && allow == OWN_ALLOW);
    return t;
}

void formula_table_free(formula_table *t)
{
    guard_table_deinit(&t->guards);
    intern_free(t->own_ids);
    intern_free(t->chain_ids);
    idmap_free(t->own_memo);
    idmap_free(t->chain_memo);
    code_pool_deinit(&t->pool);
    arena_deinit(&t->a);
    arena_deinit(&t->scratch);
    memory_free(MEMORY_IMAGE, t);
}

uint32_t own_formula_add(formula_table *t, uint32_t own, bool deny, uint32_t guard_id)
{
    uint64_t key = (uint64_t)own << 32 | (uint64_t)guard_id << 1 | deny;
    uint32_t result;
    if (guard_id == GUARD_NEVER) return own;
    assert(guard_id < UINT32_MAX >> 1);
    if (idmap_get(t->own_memo, key, &result)) return result;
    own_formula x = t->owns[own];
    if (deny)
        x.deny = guard_set_add(&t->guards, x.deny, guard_id);
    else
        x.allow = guard_set_add(&t->guards, x.allow, guard_id);
    result = own_keep(t, x);
    idmap_put(t->own_memo, key, result);
    return result;
}

/* ---- entries ---- */

typedef struct {
    formula_entry *entries;
    formula_rest  *rests;
    uint32_t       count;
} entry_list;

static void entry_add(entry_list *l, formula_entry e, formula_rest rest)
{
    l->entries[l->count] = e;
    l->rests[l->count++] = rest;
}

/* The set of values for which a test may hold; INTERN_NONE: any may. */
static uint32_t test_may(const formula_table *t, guard_test x)
{
    if (x.kind == TEST_TABLE) return (uint32_t)x.payload;
    return x.kind == TEST_TEXT ? INTERN_NONE : t->guards.atoms.atoms[x.payload]->may;
}

/* One entry, of the test that fewest of its slot's values pass. */
static void deny_emit(const formula_table *t, entry_list *l, const guard *g, uint32_t level)
{
    const value_set_table *sets = &t->guards.atoms.sets;
    formula_rest           rest = {.deny = g};
    uint32_t               best = INTERN_NONE;
    for (uint32_t i = 0; i < g->count; i++) {
        uint32_t may = test_may(t, g->tests[i]);
        if (may == INTERN_NONE) continue;
        if (best == INTERN_NONE) best = may;
        value_set x = sets->sets[may], y = sets->sets[best];
        /* Of two shares the smaller, multiplied out. */
        if ((uint64_t)x.member_count * value_domain(sets->v, y.slot) <
            (uint64_t)y.member_count * value_domain(sets->v, x.slot))
            best = may;
    }
    formula_entry e = {.words = value_words_all,
                       .slot = VOCABULARY_RESOURCE,
                       .exact = g->count == 1 && g->tests[0].kind == TEST_TABLE,
                       .deny = true,
                       .answer = CODE_DENIED(DECISION_EXPLICITLY_DENIED, level)};
    if (best != INTERN_NONE) {
        e.words = sets->sets[best].words;
        e.slot = (uint16_t)sets->sets[best].slot;
    }
    entry_add(l, e, rest);
}

/* The guard of a set whose tests are all tabulated, with the fewest of them; null: there is none. */
static const guard *set_tabulated(const guard_set *s)
{
    const guard *best = NULL;
    for (uint32_t i = 0; i < s->count; i++) {
        const guard *g = s->guards[i];
        bool         textual = g->count > 0 && g->tests[g->count - 1].kind == TEST_TEXT; /* kinds ascend */
        if (!textual && (best == NULL || g->count < best->count)) best = g;
    }
    return best;
}

/* An entry for each test of one guard: as long as they all hold for certain, the others need not be asked. */
static void allow_emit(formula_table *t, arena scratch, entry_list *l, const guard_set *s, uint32_t level)
{
    value_set_table *sets = &t->guards.atoms.sets;
    const guard     *g = set_tabulated(s);
    formula_rest     rest = {.allow = s};
    formula_entry    e = {.words = value_words_all,
                          .slot = VOCABULARY_RESOURCE,
                          .answer = CODE_DENIED(DECISION_IMPLICITLY_DENIED, level)};
    if (g == NULL) entry_add(l, e, rest);
    for (uint32_t i = 0; g != NULL && i < g->count; i++) {
        bool     table = g->tests[i].kind == TEST_TABLE;
        uint32_t always = table ? (uint32_t)g->tests[i].payload : t->guards.atoms.atoms[g->tests[i].payload]->always;
        uint32_t may_fail = value_set_not(sets, scratch, always);
        e.words = sets->sets[may_fail].words;
        e.slot = (uint16_t)g->tests[i].slot;
        e.exact = table && s->count == 1;
        entry_add(l, e, rest);
    }
}

static uint32_t chain_emit(formula_table *t, arena scratch, const formula_chain *c, uint32_t id)
{
    uint32_t code, otherwise = CODE_ALLOWED, denies = c->deny_count, allows = c->allow_count, most = denies;
    if (denies > 0 && c->denies[denies - 1].id == GUARD_TRUE) {
        otherwise = CODE_DENIED(DECISION_EXPLICITLY_DENIED, c->denies[--denies].level);
    } else if (allows > 0 && c->allows[allows - 1].id == SET_EMPTY) {
        otherwise = CODE_DENIED(DECISION_IMPLICITLY_DENIED, c->allows[--allows].level);
    }
    for (uint32_t i = 0; i < allows; i++) {
        const guard *g = set_tabulated(t->guards.sets[c->allows[i].id]);
        most += g == NULL ? 1 : g->count;
    }
    entry_list l = {ARENA_NEW(&scratch, formula_entry, most), ARENA_NEW(&scratch, formula_rest, most), 0};
    for (uint32_t i = 0; i < denies; i++) {
        formula_term deny = c->denies[MUTANT(MUTANT_LOWEST_LEVEL_REPORTED) ? denies - 1 - i : i];
        deny_emit(t, &l, t->guards.guards[deny.id], deny.level);
    }
    for (uint32_t i = 0; i < allows; i++)
        allow_emit(t, scratch, &l, t->guards.sets[c->allows[i].id], c->allows[i].level);
    if (l.count == 0) return otherwise;
    uint32_t padded = (l.count + FORMULA_STEP - 1) / FORMULA_STEP * FORMULA_STEP;
    formula  head = {.entry_count = padded,
                     .otherwise = otherwise,
                     .id = id,
                     .quick = padded == FORMULA_STEP && otherwise == CODE_ALLOWED ? CODE_ALLOWED : 0};
    formula *f = code_take(&t->pool, formula_bytes(&head), &code);
    *f = head;
    memcpy(f->entries, l.entries, l.count * sizeof *l.entries);
    for (uint32_t i = l.count; i < padded; i++)
        f->entries[i] = (formula_entry){.words = value_words_none, .slot = VOCABULARY_RESOURCE};
    memcpy(f->entries + padded, l.rests, l.count * sizeof *l.rests);
    return code;
}

/* ---- chains ---- */

static uint32_t chain_keep(formula_table *t, arena scratch, const formula_term *terms, uint32_t deny_count,
                           uint32_t allow_count)
{
    size_t        count = (size_t)deny_count + allow_count;
    formula_term *key = ARENA_NEW(&scratch, formula_term, count + 1);
    key[0] = (formula_term){deny_count, allow_count};
    if (count > 0) memcpy(key + 1, terms, count * sizeof *terms);
    uint32_t id = intern_add(t->chain_ids, (str){(const char *)key, (count + 1) * sizeof *key});
    if (id < t->chain_count) return t->chains[id].code;
    formula_term *copy = ARENA_NEW(&t->a, formula_term, count);
    if (count > 0) memcpy(copy, terms, count * sizeof *terms);
    formula_chain c = {copy, copy + deny_count, deny_count, allow_count, 0};
    c.code = chain_emit(t, scratch, &c, id);
    *ARENA_PUSH(&t->a, formula_chain, t->chains, t->chain_count, t->chain_capacity) = c;
    return c.code;
}

/* The terms behind a code; those of a constant are written to `room`. */
static formula_chain chain_of(const formula_table *t, uint32_t code, formula_term *room)
{
    if (!(code & CODE_CONSTANT)) return t->chains[((const formula *)code_place(t->pool.block->units, code))->id];
    switch (code_kind(code)) {
    case DECISION_ALLOWED: return (formula_chain){.denies = room, .allows = room};
    case DECISION_IMPLICITLY_DENIED:
        *room = (formula_term){code_level(code), SET_EMPTY};
        return (formula_chain){.denies = room, .allows = room, .allow_count = 1};
    default:
        *room = (formula_term){code_level(code), GUARD_TRUE};
        return (formula_chain){.denies = room, .allows = room, .deny_count = 1};
    }
}

/* Cheap guards first: which of one level's denies is met first makes no difference to the answer. */
static bool guard_dearer(const formula_table *t, uint32_t a, uint32_t b)
{
    const guard *x = t->guards.guards[a], *y = t->guards.guards[b];
    uint32_t     x_kind = x->count == 0 ? 0 : x->tests[x->count - 1].kind;
    uint32_t     y_kind = y->count == 0 ? 0 : y->tests[y->count - 1].kind;
    return x_kind != y_kind ? x_kind > y_kind : x->count > y->count;
}

static uint32_t denies_add(const formula_table *t, formula_term *denies, uint32_t count, uint32_t set, uint32_t level)
{
    const guard_set *s = t->guards.sets[set];
    uint32_t         above = count;
    for (uint32_t i = 0; i < s->count; i++) {
        uint32_t k = 0, at = count, id = s->guards[i]->id;
        while (k < above && !guard_implies(&t->guards, id, denies[k].id)) k++;
        if (k < above) continue; /* a level above denies it already */
        for (; at > above && guard_dearer(t, denies[at - 1].id, id); at--) denies[at] = denies[at - 1];
        denies[at] = (formula_term){level, id};
        count++;
    }
    return count;
}

static uint32_t combine(formula_table *t, uint32_t code, own_formula own, uint32_t level)
{
    formula_term  room;
    formula_chain c = chain_of(t, code, &room);
    if (MUTANT(MUTANT_DENY_ONLY_OWN_LEVEL)) c.deny_count = 0;
    arena         scratch = t->scratch;
    size_t        most = (size_t)c.deny_count + t->guards.sets[own.deny]->count + c.allow_count + 1;
    formula_term *terms = ARENA_NEW(&scratch, formula_term, most);
    if (c.deny_count > 0) {
        memcpy(terms, c.denies, c.deny_count * sizeof *terms);
        if (terms[c.deny_count - 1].id == GUARD_TRUE) return code;
    }
    uint32_t      denies = denies_add(t, terms, c.deny_count, own.deny, level);
    uint32_t      allows = 0;
    formula_term *allow = terms + denies;
    bool          ends = denies > 0 && terms[denies - 1].id == GUARD_TRUE;
    bool          needed = own.allow != SET_TRUE && !(MUTANT(MUTANT_ALLOW_ANY_LEVEL_SUFFICES) && level > 0);
    for (uint32_t i = 0; i < c.allow_count && !ends; i++) {
        allow[allows++] = c.allows[i];
        needed = needed && c.allows[i].id != own.allow && c.allows[i].id != SET_EMPTY;
    }
    if (needed && !ends) allow[allows++] = (formula_term){level, own.allow};
    return chain_keep(t, scratch, terms, denies, allows);
}

uint32_t formula_combine(formula_table *t, uint32_t code, uint32_t own, uint32_t level)
{
    /* An own formula stays below 2^28, so that (code, own, level) is one key. */
    uint64_t key = (uint64_t)code << 32 | own << CODE_LEVEL_BITS | level;
    uint32_t result;
    assert(level < ORG_CHAIN_MAX && own < 1u << (32 - CODE_LEVEL_BITS));
    if (own == OWN_ALLOW) return code;
    if (idmap_get(t->chain_memo, key, &result)) return result;
    result = combine(t, code, t->owns[own], level);
    idmap_put(t->chain_memo, key, result);
    return result;
}
