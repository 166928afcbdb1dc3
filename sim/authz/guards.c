#include "authz/guards.h"

#include <assert.h>

static uint32_t guard_keep(guard_table *t, const guard_test *tests, uint32_t count)
{
    uint32_t id = intern_add(t->guard_ids, (str){(const char *)tests, count * sizeof *tests});
    if (id < t->guard_count) return id;
    guard      *g = ARENA_NEW(&t->a, guard, 1);
    guard_test *copy = ARENA_NEW(&t->a, guard_test, count);
    guard_run  *run = ARENA_NEW(&t->a, guard_run, count);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = tests[i];
        if (tests[i].kind == TEST_TABLE)
            run[i].words = t->atoms.sets.sets[tests[i].payload].words;
        else
            run[i].atom = t->atoms.atoms[tests[i].payload];
    }
    *g = (guard){copy, run, count, id};
    *ARENA_PUSH(&t->a, const guard *, t->guards, t->guard_count, t->guard_capacity) = g;
    return id;
}

static uint32_t set_keep(guard_table *t, const uint32_t *guards, uint32_t count)
{
    uint32_t id = intern_add(t->set_ids, (str){(const char *)guards, count * sizeof *guards});
    if (id < t->set_count) return id;
    guard_set    *s = ARENA_NEW(&t->a, guard_set, 1);
    const guard **copy = ARENA_NEW(&t->a, const guard *, count);
    for (uint32_t i = 0; i < count; i++) copy[i] = t->guards[guards[i]];
    *s = (guard_set){copy, count, id};
    *ARENA_PUSH(&t->a, const guard_set *, t->sets, t->set_count, t->set_capacity) = s;
    return id;
}

void guard_table_init(guard_table *t, const authz_vocabulary *v)
{
    *t = (guard_table){.guard_ids = intern_new(MEMORY_IMAGE, false),
                       .set_ids = intern_new(MEMORY_IMAGE, false),
                       .set_memo = idmap_new(MEMORY_IMAGE)};
    arena_init(&t->a, MEMORY_IMAGE);
    arena_init(&t->scratch, MEMORY_IMAGE);
    atom_table_init(&t->atoms, v);
    uint32_t top = guard_keep(t, NULL, 0), empty = set_keep(t, NULL, 0), all = set_keep(t, &top, 1);
    assert(top == GUARD_TRUE && empty == SET_EMPTY && all == SET_TRUE);
}

void guard_table_deinit(guard_table *t)
{
    atom_table_deinit(&t->atoms);
    intern_free(t->guard_ids);
    intern_free(t->set_ids);
    idmap_free(t->set_memo);
    arena_deinit(&t->a);
    arena_deinit(&t->scratch);
}

static int test_cmp(const guard_table *t, const guard_test *a, const guard_test *b)
{
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    if (a->kind == TEST_TABLE && a->payload != b->payload) {
        uint32_t x = t->atoms.sets.sets[a->payload].member_count, y = t->atoms.sets.sets[b->payload].member_count;
        if (x != y) return x < y ? -1 : 1;
    }
    if (a->slot != b->slot) return a->slot < b->slot ? -1 : 1;
    return (a->payload > b->payload) - (a->payload < b->payload);
}

/* Adds a test to a sorted conjunction; two tables of one slot become one. False when nothing can satisfy it. */
static bool conjunction_add(guard_table *t, arena scratch, guard_test *tests, uint32_t *count, guard_test x)
{
    value_set_table *sets = &t->atoms.sets;
    for (uint32_t i = 0; i < *count; i++) {
        if (tests[i].kind != x.kind || tests[i].slot != x.slot) continue;
        if (x.kind != TEST_TABLE && tests[i].payload == x.payload) return true;
        if (x.kind != TEST_TABLE) continue;
        x.payload = value_set_and(sets, scratch, (uint32_t)tests[i].payload, (uint32_t)x.payload);
        memmove(&tests[i], &tests[i + 1], (*count - i - 1) * sizeof *tests);
        --*count;
        break;
    }
    if (x.kind == TEST_TABLE && sets->sets[x.payload].member_count == 0) return false;
    uint32_t at = *count;
    for (; at > 0 && test_cmp(t, &x, &tests[at - 1]) < 0; at--) tests[at] = tests[at - 1];
    tests[at] = x;
    ++*count;
    return true;
}

static guard_test test_of(const guard_table *t, uint32_t atom_id)
{
    const atom *x = t->atoms.atoms[atom_id];
    if (x->yes == NULL) return (guard_test){TEST_TEXT, x->slot, atom_id};
    return atom_is_exact(x) ? (guard_test){TEST_TABLE, x->slot, x->may} : (guard_test){TEST_ATOM, x->slot, atom_id};
}

uint32_t guard_and(guard_table *t, uint32_t guard_id, uint32_t atom_id)
{
    if (atom_id == ATOM_TRUE || guard_id == GUARD_NEVER) return guard_id;
    if (atom_id == ATOM_FALSE) return GUARD_NEVER;
    arena        scratch = t->scratch;
    const guard *old = t->guards[guard_id];
    uint32_t     count = old->count;
    guard_test  *tests = ARENA_NEW(&scratch, guard_test, count + 1);
    if (count > 0) memcpy(tests, old->tests, count * sizeof *tests);
    return conjunction_add(t, scratch, tests, &count, test_of(t, atom_id)) ? guard_keep(t, tests, count) : GUARD_NEVER;
}

static bool test_implies(const guard_table *t, guard_test stronger, guard_test weaker)
{
    if (stronger.kind != weaker.kind || stronger.slot != weaker.slot) return false;
    return stronger.kind == TEST_TABLE
               ? value_set_in(&t->atoms.sets, (uint32_t)stronger.payload, (uint32_t)weaker.payload)
               : stronger.payload == weaker.payload;
}

bool guard_implies(const guard_table *t, uint32_t stronger, uint32_t weaker)
{
    const guard *s = t->guards[stronger], *w = t->guards[weaker];
    for (uint32_t i = 0; i < w->count; i++) {
        uint32_t k = 0;
        while (k < s->count && !test_implies(t, s->tests[k], w->tests[i])) k++;
        if (k == s->count) return false;
    }
    return true;
}

/* Two guards that differ in the table of one slot alone are one guard with both tables: "in region A" or "in region
 * B". Returns GUARD_NEVER when they are not such a pair. */
static uint32_t guard_merge(guard_table *t, arena scratch, uint32_t first, uint32_t second)
{
    const guard *a = t->guards[first], *b = t->guards[second];
    uint32_t     odd_a = UINT32_MAX, odd_b = UINT32_MAX, same = 0;
    if (a->count != b->count) return GUARD_NEVER;
    for (uint32_t i = 0; i < a->count; i++) {
        uint32_t k = 0;
        while (k < b->count && memcmp(&a->tests[i], &b->tests[k], sizeof *a->tests) != 0) k++;
        if (k < b->count) {
            same++;
            continue;
        }
        odd_a = i;
        for (k = 0; k < b->count; k++)
            if (b->tests[k].kind == TEST_TABLE && b->tests[k].slot == a->tests[i].slot) odd_b = k;
    }
    if (same + 1 != a->count || odd_b == UINT32_MAX || a->tests[odd_a].kind != TEST_TABLE) return GUARD_NEVER;
    guard_test *tests = ARENA_NEW(&scratch, guard_test, a->count);
    uint32_t    count = 0;
    uint32_t    both =
        value_set_or(&t->atoms.sets, scratch, (uint32_t)a->tests[odd_a].payload, (uint32_t)b->tests[odd_b].payload);
    for (uint32_t i = 0; i < a->count; i++)
        if (i != odd_a) tests[count++] = a->tests[i];
    if (!value_set_is_all(&t->atoms.sets, both)) {
        bool kept = conjunction_add(t, scratch, tests, &count, (guard_test){TEST_TABLE, a->tests[odd_a].slot, both});
        assert(kept);
    }
    return guard_keep(t, tests, count);
}

/* The recursion ends: each merge leaves a set smaller by one. */
static uint32_t set_add(guard_table *t, uint32_t set, uint32_t guard_id)
{
    const guard_set *old = t->sets[set];
    for (uint32_t i = 0; i < old->count; i++)
        if (guard_implies(t, guard_id, old->guards[i]->id)) return set;
    arena     scratch = t->scratch;
    uint32_t *guards = ARENA_NEW(&scratch, uint32_t, old->count + 1), count = 0;
    uint32_t  merged = GUARD_NEVER;
    for (uint32_t i = 0; i < old->count; i++) {
        uint32_t id = old->guards[i]->id;
        if (guard_implies(t, id, guard_id)) continue;
        uint32_t both = merged == GUARD_NEVER ? guard_merge(t, scratch, id, guard_id) : GUARD_NEVER;
        if (both != GUARD_NEVER)
            merged = both;
        else
            guards[count++] = id;
    }
    if (merged != GUARD_NEVER) { /* the wider guard may swallow others in turn */
        uint32_t smaller = set_keep(t, guards, count);
        return guard_set_add(t, smaller, merged);
    }
    uint32_t at = count;
    for (; at > 0 && guards[at - 1] > guard_id; at--) guards[at] = guards[at - 1];
    guards[at] = guard_id;
    return set_keep(t, guards, count + 1);
}

uint32_t guard_set_add(guard_table *t, uint32_t set, uint32_t guard_id)
{
    uint64_t key = (uint64_t)set << 32 | guard_id;
    uint32_t result;
    if (guard_id == GUARD_NEVER) return set;
    if (idmap_get(t->set_memo, key, &result)) return result;
    result = set_add(t, set, guard_id);
    idmap_put(t->set_memo, key, result);
    return result;
}

/* ---- asking ---- */

bool guard_holds(const guard *g, const asked *a, uint32_t *tests)
{
    for (uint32_t i = 0; i < g->count; i++) {
        ++*tests;
        if (g->tests[i].kind == TEST_TABLE ? !value_has(g->run[i].words, a->q->value[g->tests[i].slot])
                                           : !atom_holds(g->run[i].atom, a))
            return false;
    }
    return true;
}

bool guard_set_holds(const guard_set *s, const asked *a, uint32_t *tests)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (guard_holds(s->guards[i], a, tests)) return true;
    return false;
}
