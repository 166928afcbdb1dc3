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

formula_table *formula_table_new(const authz_vocabulary *v)
{
    formula_table *t = memory_alloc(MEMORY_IMAGE, sizeof *t);
    guard_table_init(&t->guards, v);
    arena_init(&t->a, MEMORY_IMAGE);
    arena_init(&t->scratch, MEMORY_IMAGE);
    t->own_ids = intern_new(MEMORY_IMAGE, false);
    t->chain_ids = intern_new(MEMORY_IMAGE, false);
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
    for (uint32_t i = 0; i < t->pool.segment_count; i++) memory_free(MEMORY_IMAGE, t->pool.segments[i]);
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

/* ---- programs ---- */

static formula *pool_take(formula_pool *pool, size_t units, uint32_t *code)
{
    size_t segment_units = (size_t)1 << FORMULA_SEGMENT_UNITS_LOG2;
    if (pool->segment_count == 0 || pool->used + units > segment_units) {
        assert(pool->segment_count < FORMULA_SEGMENTS);
        size_t size_bytes = (units > segment_units ? units : segment_units) * sizeof(formula_test);
        pool->segments[pool->segment_count++] = memory_alloc(MEMORY_IMAGE, size_bytes);
        pool->size_bytes += size_bytes;
        pool->used = 0;
    }
    *code = (pool->segment_count - 1) << FORMULA_SEGMENT_UNITS_LOG2 | (uint32_t)pool->used;
    pool->used += units;
    return (formula *)(void *)(pool->segments[pool->segment_count - 1] + (*code & (segment_units - 1)));
}

static formula_test test_emit(const formula_table *t, guard_test x)
{
    formula_test out = {.slot = (uint8_t)x.slot, .kind = (uint8_t)x.kind};
    const atom  *a = x.kind == TEST_MASK ? NULL : t->guards.atoms.atoms[x.payload];
    if (x.kind == TEST_MASK)
        out.payload.mask = x.payload;
    else if (x.kind == TEST_WORDS)
        out.payload.words = a->yes;
    else
        out.payload.atom = a;
    return out;
}

/* One guard: leaves for `held` when all its tests hold and for `failed` when one does not; the one of the two that is
 * the place right behind the guard is CODE_ALLOWED, which no guard leaves for. */
#define BEHIND CODE_ALLOWED
static void guard_emit(const formula_table *t, formula *f, uint32_t guard_id, uint32_t held, uint32_t failed)
{
    guard    g = t->guards.guards[guard_id];
    uint32_t behind = f->count + g.count;
    for (uint32_t i = 0; i < g.count; i++) {
        formula_test *out = &f->tests[f->count++];
        bool          last = i + 1 == g.count;
        *out = test_emit(t, g.tests[i]);
        out->jump_if = last && held != BEHIND;
        out->jump = out->jump_if ? held : failed == BEHIND ? behind : failed;
    }
}

static uint32_t set_tests(const formula_table *t, uint32_t set)
{
    guard_set s = t->guards.sets[set];
    uint32_t  count = 0;
    for (uint32_t i = 0; i < s.count; i++) count += t->guards.guards[s.guards[i]].count;
    return count;
}

static void allow_emit(const formula_table *t, formula *f, formula_term allow)
{
    guard_set s = t->guards.sets[allow.id];
    uint32_t  level_end = f->count + set_tests(t, allow.id);
    for (uint32_t i = 0; i < s.count; i++) {
        bool last = i + 1 == s.count;
        guard_emit(t, f, s.guards[i], last ? BEHIND : level_end,
                   last ? CODE_DENIED(DECISION_IMPLICITLY_DENIED, allow.level) : BEHIND);
    }
}

static uint32_t chain_emit(formula_table *t, const formula_chain *c, uint32_t id)
{
    uint32_t count = 0, code, otherwise = CODE_ALLOWED;
    uint32_t denies = c->deny_count, allows = c->allow_count;
    if (denies > 0 && c->denies[denies - 1].id == GUARD_TRUE) {
        otherwise = CODE_DENIED(DECISION_EXPLICITLY_DENIED, c->denies[--denies].level);
    } else if (allows > 0 && c->allows[allows - 1].id == SET_EMPTY) {
        otherwise = CODE_DENIED(DECISION_IMPLICITLY_DENIED, c->allows[--allows].level);
    }
    for (uint32_t i = 0; i < denies; i++) count += t->guards.guards[c->denies[i].id].count;
    for (uint32_t i = 0; i < allows; i++) count += set_tests(t, c->allows[i].id);
    if (count == 0) return otherwise;
    formula *f = pool_take(&t->pool, 1 + (size_t)count, &code);
    f->otherwise = otherwise;
    f->id = id;
    for (uint32_t i = 0; i < denies; i++) {
        formula_term deny = c->denies[MUTANT(MUTANT_LOWEST_LEVEL_REPORTED) ? denies - 1 - i : i];
        guard_emit(t, f, deny.id, CODE_DENIED(DECISION_EXPLICITLY_DENIED, deny.level), BEHIND);
    }
    for (uint32_t i = 0; i < allows; i++) allow_emit(t, f, c->allows[i]);
    assert(f->count == count);
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
    c.code = chain_emit(t, &c, id);
    *ARENA_PUSH(&t->a, formula_chain, t->chains, t->chain_count, t->chain_capacity) = c;
    return c.code;
}

/* The terms behind a code; those of a constant are written to `room`. */
static formula_chain chain_of(const formula_table *t, uint32_t code, formula_term *room)
{
    if (!(code & CODE_CONSTANT)) return t->chains[formula_at(&t->pool, code)->id];
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
    guard    x = t->guards.guards[a], y = t->guards.guards[b];
    uint32_t x_kind = x.count == 0 ? 0 : x.tests[x.count - 1].kind;
    uint32_t y_kind = y.count == 0 ? 0 : y.tests[y.count - 1].kind;
    return x_kind != y_kind ? x_kind > y_kind : x.count > y.count;
}

static uint32_t denies_add(const formula_table *t, formula_term *denies, uint32_t count, uint32_t set, uint32_t level)
{
    guard_set s = t->guards.sets[set];
    uint32_t  above = count;
    for (uint32_t i = 0; i < s.count; i++) {
        uint32_t k = 0, at = count;
        while (k < above && !guard_implies(&t->guards, s.guards[i], denies[k].id)) k++;
        if (k < above) continue; /* a level above denies it already */
        for (; at > above && guard_dearer(t, denies[at - 1].id, s.guards[i]); at--) denies[at] = denies[at - 1];
        denies[at] = (formula_term){level, s.guards[i]};
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
    size_t        most = (size_t)c.deny_count + t->guards.sets[own.deny].count + c.allow_count + 1;
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
