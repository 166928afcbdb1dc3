#include "authz/guards.h"

#include <assert.h>

#include "base/bitset.h"

static uint32_t guard_keep(guard_table *t, const guard_test *tests, uint32_t count)
{
    uint32_t id = intern_add(t->guard_ids, (str){(const char *)tests, count * sizeof *tests});
    if (id < t->guard_count) return id;
    guard_test *copy = ARENA_NEW(&t->a, guard_test, count);
    if (count > 0) memcpy(copy, tests, count * sizeof *tests);
    *ARENA_PUSH(&t->a, guard, t->guards, t->guard_count, t->guard_capacity) = (guard){copy, count};
    return id;
}

static uint32_t set_keep(guard_table *t, const uint32_t *guards, uint32_t count)
{
    uint32_t id = intern_add(t->set_ids, (str){(const char *)guards, count * sizeof *guards});
    if (id < t->set_count) return id;
    uint32_t *copy = ARENA_NEW(&t->a, uint32_t, count);
    if (count > 0) memcpy(copy, guards, count * sizeof *guards);
    *ARENA_PUSH(&t->a, guard_set, t->sets, t->set_count, t->set_capacity) = (guard_set){copy, count};
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

/* The bits of a slot's value ids, "absent" included, where they fit a word; else 0. */
static uint64_t slot_mask(const guard_table *t, uint32_t slot)
{
    size_t domain = t->atoms.v->slots[slot].count + 1;
    return domain > 64 ? 0 : domain == 64 ? ~UINT64_C(0) : (UINT64_C(1) << domain) - 1;
}

static int test_cmp(const guard_test *a, const guard_test *b)
{
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    if (a->kind == TEST_MASK && bits_count(a->payload) != bits_count(b->payload))
        return bits_count(a->payload) < bits_count(b->payload) ? -1 : 1;
    if (a->slot != b->slot) return a->slot < b->slot ? -1 : 1;
    return (a->payload > b->payload) - (a->payload < b->payload);
}

/* Adds a test to a sorted conjunction; two masks on one slot become one. False when nothing can satisfy it. */
static bool conjunction_add(guard_test *tests, uint32_t *count, guard_test x)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (tests[i].kind != x.kind || tests[i].slot != x.slot) continue;
        if (x.kind != TEST_MASK && tests[i].payload == x.payload) return true;
        if (x.kind != TEST_MASK) continue;
        x.payload &= tests[i].payload;
        memmove(&tests[i], &tests[i + 1], (*count - i - 1) * sizeof *tests);
        --*count;
        break;
    }
    if (x.kind == TEST_MASK && x.payload == 0) return false;
    uint32_t at = *count;
    for (; at > 0 && test_cmp(&x, &tests[at - 1]) < 0; at--) tests[at] = tests[at - 1];
    tests[at] = x;
    ++*count;
    return true;
}

static guard_test test_of(const guard_table *t, uint32_t atom_id)
{
    const atom *x = t->atoms.atoms[atom_id];
    if (x->yes == NULL) return (guard_test){TEST_TEXT, x->slot, atom_id};
    if (x->maybe != NULL) return (guard_test){TEST_DOUBT, x->slot, atom_id};
    if (slot_mask(t, x->slot) != 0) return (guard_test){TEST_MASK, x->slot, x->yes[0]};
    return (guard_test){TEST_WORDS, x->slot, atom_id};
}

uint32_t guard_and(guard_table *t, uint32_t guard_id, uint32_t atom_id)
{
    if (atom_id == ATOM_TRUE || guard_id == GUARD_NEVER) return guard_id;
    if (atom_id == ATOM_FALSE) return GUARD_NEVER;
    arena       scratch = t->scratch;
    const guard old = t->guards[guard_id];
    uint32_t    count = old.count;
    guard_test *tests = ARENA_NEW(&scratch, guard_test, count + 1);
    if (count > 0) memcpy(tests, old.tests, count * sizeof *tests);
    return conjunction_add(tests, &count, test_of(t, atom_id)) ? guard_keep(t, tests, count) : GUARD_NEVER;
}

static bool test_implies(guard_test stronger, guard_test weaker)
{
    if (stronger.kind != weaker.kind || stronger.slot != weaker.slot) return false;
    return stronger.kind == TEST_MASK ? (stronger.payload & ~weaker.payload) == 0 : stronger.payload == weaker.payload;
}

bool guard_implies(const guard_table *t, uint32_t stronger, uint32_t weaker)
{
    guard s = t->guards[stronger], w = t->guards[weaker];
    for (uint32_t i = 0; i < w.count; i++) {
        uint32_t k = 0;
        while (k < s.count && !test_implies(s.tests[k], w.tests[i])) k++;
        if (k == s.count) return false;
    }
    return true;
}

/* Two guards that differ in the mask of one slot alone are one guard with both masks: "in region A" or "in region B".
 * Returns GUARD_NEVER when they are not such a pair. */
static uint32_t guard_merge(guard_table *t, arena scratch, uint32_t first, uint32_t second)
{
    guard    a = t->guards[first], b = t->guards[second];
    uint32_t odd_a = UINT32_MAX, odd_b = UINT32_MAX, same = 0;
    if (a.count != b.count) return GUARD_NEVER;
    for (uint32_t i = 0; i < a.count; i++) {
        uint32_t k = 0;
        while (k < b.count && memcmp(&a.tests[i], &b.tests[k], sizeof *a.tests) != 0) k++;
        if (k < b.count) {
            same++;
            continue;
        }
        odd_a = i;
        for (k = 0; k < b.count; k++)
            if (b.tests[k].kind == TEST_MASK && b.tests[k].slot == a.tests[i].slot) odd_b = k;
    }
    if (same + 1 != a.count || odd_b == UINT32_MAX || a.tests[odd_a].kind != TEST_MASK) return GUARD_NEVER;
    guard_test *tests = ARENA_NEW(&scratch, guard_test, a.count);
    uint32_t    count = 0;
    uint64_t    both = a.tests[odd_a].payload | b.tests[odd_b].payload;
    for (uint32_t i = 0; i < a.count; i++)
        if (i != odd_a) tests[count++] = a.tests[i];
    if (both != slot_mask(t, a.tests[odd_a].slot)) {
        bool kept = conjunction_add(tests, &count, (guard_test){TEST_MASK, a.tests[odd_a].slot, both});
        assert(kept);
    }
    return guard_keep(t, tests, count);
}

/* The recursion ends: each merge leaves a set smaller by one. */
static uint32_t set_add(guard_table *t, uint32_t set, uint32_t guard_id)
{
    guard_set old = t->sets[set];
    for (uint32_t i = 0; i < old.count; i++)
        if (guard_implies(t, guard_id, old.guards[i])) return set;
    arena     scratch = t->scratch;
    uint32_t *guards = ARENA_NEW(&scratch, uint32_t, old.count + 1), count = 0;
    uint32_t  merged = GUARD_NEVER;
    for (uint32_t i = 0; i < old.count; i++) {
        if (guard_implies(t, old.guards[i], guard_id)) continue;
        uint32_t both = merged == GUARD_NEVER ? guard_merge(t, scratch, old.guards[i], guard_id) : GUARD_NEVER;
        if (both != GUARD_NEVER)
            merged = both;
        else
            guards[count++] = old.guards[i];
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
