#include "authz/guards.h"

#include "support/chance.h"
#include "support/fixture.h"

#define SMALL 3u
#define WIDE  70u /* more values than a word has bits */

static arena             run;
static const catalog    *facts;
static authz_vocabulary *v;
static uint32_t          small, wide;

static int setup(void **state)
{
    (void)state;
    uint16_t id;
    arena_init(&run, MEMORY_GENERAL);
    facts = fixture_catalog(&run);
    v = authz_vocabulary_new(facts);
    (void)authz_slot(v, STR("app:small"), AUTHZ_SINGLE, &small, NULL);
    (void)authz_slot(v, STR("app:wide"), AUTHZ_SINGLE, &wide, NULL);
    for (uint32_t i = 0; i < SMALL; i++)
        (void)authz_value(v, small, arena_format(&run, "s%u", i), AUTHZ_NO_HOLE, &id, NULL);
    for (uint32_t i = 0; i < WIDE; i++)
        (void)authz_value(v, wide, arena_format(&run, "w%02u", i), AUTHZ_NO_HOLE, &id, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    authz_vocabulary_free(v);
    arena_deinit(&run);
    return 0;
}

static uint32_t atom_on(guard_table *t, const char *condition)
{
    str text = arena_format(&run, SCP("\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{%s}"),
                            condition);
    const policy *p = fixture_policy(&run, POLICY_SCP, text.ptr);
    return atom_of_clause(&t->atoms, p, &p->statements[0].clauses[0], 0);
}

static bool holds(const guard_table *t, uint32_t guard_id, uint16_t small_id, uint16_t wide_id)
{
    authz_request q = {0};
    asked         a = {v, NULL, &q};
    uint32_t      tests = 0;
    q.value[small] = small_id;
    q.value[wide] = wide_id;
    return guard_holds(t->guards[guard_id], &a, &tests);
}

static void conjunctions(void **state)
{
    (void)state;
    guard_table t;
    guard_table_init(&t, v);
    uint32_t a = atom_on(&t, "\"StringEquals\":{\"app:small\":[\"s0\",\"s1\"]}");
    uint32_t b = atom_on(&t, "\"StringLike\":{\"app:small\":[\"s1\",\"s2\"]}");
    uint32_t c = atom_on(&t, "\"StringEquals\":{\"app:small\":\"s2\"}");
    uint32_t never = atom_on(&t, "\"StringEquals\":{\"app:small\":\"s9\"}"),
             absent = atom_on(&t, "\"Null\":{\"app:no\":\"true\"}");
    assert_int_equal(never, ATOM_FALSE);
    assert_int_equal(absent, ATOM_TRUE);
    uint32_t ab = guard_and(&t, guard_and(&t, GUARD_TRUE, a), b), only = guard_and(&t, ab, absent);
    assert_int_equal(ab, only);
    assert_int_equal(ab, guard_and(&t, guard_and(&t, GUARD_TRUE, b), a));
    assert_int_equal(t.guards[ab]->count, 1); /* two sets of one slot are one */
    assert_true(holds(&t, ab, 2, 0));
    assert_false(holds(&t, ab, 1, 0));
    assert_false(holds(&t, ab, 0, 0));
    assert_int_equal(guard_and(&t, guard_and(&t, GUARD_TRUE, a), c), GUARD_NEVER);
    assert_int_equal(guard_and(&t, ab, never), GUARD_NEVER);
    assert_true(guard_implies(&t, ab, guard_and(&t, GUARD_TRUE, a)));
    assert_false(guard_implies(&t, guard_and(&t, GUARD_TRUE, a), ab));
    assert_true(guard_implies(&t, ab, GUARD_TRUE));
    guard_table_deinit(&t);
}

static void regions_merge(void **state)
{
    (void)state;
    guard_table t;
    guard_table_init(&t, v);
    uint32_t w = guard_and(&t, GUARD_TRUE, atom_on(&t, "\"StringLike\":{\"app:wide\":\"w6?\"}"));
    uint32_t first = guard_and(&t, w, atom_on(&t, "\"StringEquals\":{\"app:small\":\"s0\"}"));
    uint32_t second = guard_and(&t, w, atom_on(&t, "\"StringEquals\":{\"app:small\":\"s1\"}"));
    uint32_t both = guard_and(&t, w, atom_on(&t, "\"StringEquals\":{\"app:small\":[\"s0\",\"s1\"]}"));
    uint32_t set = guard_set_add(&t, guard_set_add(&t, SET_EMPTY, first), second);
    assert_int_equal(set, guard_set_add(&t, SET_EMPTY, both));
    assert_int_equal(set, guard_set_add(&t, set, first));           /* implied: nothing new     */
    assert_int_equal(guard_set_add(&t, set, GUARD_TRUE), SET_TRUE); /* implies all: they go     */
    uint32_t others = guard_and(&t, w, atom_on(&t, "\"StringNotEquals\":{\"app:small\":[\"s0\",\"s1\"]}"));
    assert_int_equal(guard_set_add(&t, set, others), guard_set_add(&t, SET_EMPTY, w)); /* whatever app:small is */
    guard_table_deinit(&t);
}

/* A set holds where some guard that was ever added does. */
static void sets_mean_what_was_added(void **state)
{
    static const char *const conditions[] = {
        "\"StringEquals\":{\"app:small\":\"s0\"}",    "\"StringEquals\":{\"app:small\":[\"s1\",\"s2\"]}",
        "\"StringNotEquals\":{\"app:small\":\"s1\"}", "\"Null\":{\"app:small\":\"true\"}",
        "\"StringLike\":{\"app:wide\":\"w0*\"}",      "\"StringNotLike\":{\"app:wide\":[\"w0*\",\"w1*\"]}",
        "\"StringEquals\":{\"app:wide\":\"w69\"}",    "\"StringEqualsIfExists\":{\"app:wide\":\"w63\"}",
    };
    (void)state;
    guard_table t;
    uint32_t    atoms[COUNTOF(conditions)];
    guard_table_init(&t, v);
    for (size_t i = 0; i < COUNTOF(conditions); i++) atoms[i] = atom_on(&t, conditions[i]);
    for (uint32_t n = 0; n < 200; n++) {
        chance   c = chance_at(1, n);
        uint32_t guards[6], count = 1 + chance_below(&c, COUNTOF(guards)), set = SET_EMPTY;
        for (uint32_t i = 0; i < count; i++) {
            guards[i] = GUARD_TRUE;
            for (uint32_t k = chance_below(&c, 3) + 1; k > 0; k--)
                guards[i] = guard_and(&t, guards[i], atoms[chance_below(&c, COUNTOF(atoms))]);
            set = guard_set_add(&t, set, guards[i]);
        }
        for (uint16_t s = 0; s <= SMALL; s++)
            for (uint16_t w = 0; w <= WIDE; w++) {
                authz_request q = {0};
                asked         a = {v, NULL, &q};
                uint32_t      tests = 0;
                bool          want = false;
                q.value[small] = s;
                q.value[wide] = w;
                for (uint32_t i = 0; i < count; i++)
                    want = want || (guards[i] != GUARD_NEVER && guard_holds(t.guards[guards[i]], &a, &tests));
                if (guard_set_holds(t.sets[set], &a, &tests) != want) fail_msg("set %u, values %u and %u", n, s, w);
            }
    }
    guard_table_deinit(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conjunctions),
        cmocka_unit_test(regions_merge),
        cmocka_unit_test(sets_mean_what_was_added),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
