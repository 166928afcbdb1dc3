#include "authz/formula.h"

#include "support/fixture.h"

static arena             run;
static const catalog    *facts;
static authz_vocabulary *v;
static uint32_t          slot;

static int setup(void **state)
{
    (void)state;
    uint16_t id;
    arena_init(&run, MEMORY_GENERAL);
    facts = fixture_catalog(&run);
    v = authz_vocabulary_new(facts);
    (void)authz_slot(v, STR("aws:RequestedRegion"), AUTHZ_SINGLE, &slot, NULL);
    (void)authz_value(v, slot, STR("eu-west-1"), AUTHZ_NO_HOLE, &id, NULL);
    (void)authz_value(v, slot, STR("us-east-1"), AUTHZ_NO_HOLE, &id, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    authz_vocabulary_free(v);
    arena_deinit(&run);
    return 0;
}

static uint32_t in_region(formula_table *t, const char *comparison, const char *region)
{
    str           text = arena_format(&run,
                                      SCP("\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\","
                                                    "\"Condition\":{\"%s\":{"
                                                    "\"aws:RequestedRegion\":\"%s\"}}"),
                                      comparison, region);
    const policy *p = fixture_policy(&run, POLICY_SCP, text.ptr);
    return guard_and(&t->guards, GUARD_TRUE, atom_of_clause(&t->guards.atoms, p, &p->statements[0].clauses[0], 0));
}

static const formula *at(const formula_table *t, uint32_t code)
{
    assert_false(code & (CODE_CONSTANT | CODE_CELL));
    return code_place(t->pool.block->units, code);
}

static void constants(void **state)
{
    (void)state;
    formula_table *t = formula_table_new(v);
    uint32_t       deny = own_formula_add(t, OWN_ALLOW, true, GUARD_TRUE);
    uint32_t       implicit = formula_combine(t, CODE_ALLOWED, OWN_NOTHING, 2);
    assert_int_equal(formula_combine(t, CODE_ALLOWED, OWN_ALLOW, 0), CODE_ALLOWED);
    assert_int_equal(implicit, CODE_DENIED(DECISION_IMPLICITLY_DENIED, 2));
    assert_int_equal(formula_combine(t, implicit, OWN_NOTHING, 3), implicit);
    assert_int_equal(formula_combine(t, implicit, OWN_ALLOW, 3), implicit);
    assert_int_equal(formula_combine(t, implicit, deny, 4), CODE_DENIED(DECISION_EXPLICITLY_DENIED, 4));
    uint32_t explicit_one = formula_combine(t, CODE_ALLOWED, deny, 1);
    assert_int_equal(explicit_one, CODE_DENIED(DECISION_EXPLICITLY_DENIED, 1));
    assert_int_equal(formula_combine(t, explicit_one, deny, 2), explicit_one);
    assert_int_equal(formula_combine(t, explicit_one, OWN_NOTHING, 2), explicit_one);
    formula_table_free(t);
}

static void own_formulas_have_no_order(void **state)
{
    (void)state;
    formula_table *t = formula_table_new(v);
    uint32_t       eu = in_region(t, "StringEquals", "eu-west-1"), us = in_region(t, "StringEquals", "us-east-1");
    uint32_t       first = own_formula_add(t, own_formula_add(t, OWN_NOTHING, false, eu), true, us);
    uint32_t       second = own_formula_add(t, own_formula_add(t, OWN_NOTHING, true, us), false, eu);
    assert_int_equal(first, second);
    assert_int_equal(own_formula_add(t, first, false, eu), first);
    assert_int_equal(own_formula_add(t, first, false, GUARD_NEVER), first);
    formula_table_free(t);
}

static void a_region_is_one_entry(void **state)
{
    (void)state;
    formula_table *t = formula_table_new(v);
    uint32_t       outside = own_formula_add(t, OWN_ALLOW, true, in_region(t, "StringNotEquals", "eu-west-1"));
    uint32_t       code = formula_combine(t, CODE_ALLOWED, outside, 1);
    const formula *f = at(t, code);
    assert_int_equal(f->entry_count, FORMULA_STEP);
    assert_true(f->entries[0].deny);
    assert_int_equal(f->quick, CODE_ALLOWED);
    assert_int_equal(f->otherwise, CODE_ALLOWED);
    assert_int_equal(f->entries[0].slot, slot);
    assert_true(f->entries[0].exact);
    assert_int_equal(f->entries[0].answer, CODE_DENIED(DECISION_EXPLICITLY_DENIED, 1));
    assert_int_equal(f->entries[0].words[0], 5); /* absent, or us-east-1 */
    assert_ptr_equal(f->entries[1].words, value_words_none);
    /* Below, the same deny is nothing new; a wider one is. */
    assert_int_equal(formula_combine(t, code, outside, 2), code);
    uint32_t wider = own_formula_add(t, OWN_ALLOW, true, in_region(t, "StringNotEquals", "none"));
    assert_int_equal(formula_combine(t, formula_combine(t, CODE_ALLOWED, wider, 1), outside, 2),
                     formula_combine(t, CODE_ALLOWED, wider, 1));
    assert_int_not_equal(formula_combine(t, code, wider, 2), code);
    formula_table_free(t);
}

static void an_allow_that_fails_is_implicit(void **state)
{
    (void)state;
    formula_table *t = formula_table_new(v);
    uint32_t       inside = own_formula_add(t, OWN_NOTHING, false, in_region(t, "StringEquals", "eu-west-1"));
    uint32_t       code = formula_combine(t, CODE_ALLOWED, inside, 3);
    const formula *f = at(t, code);
    assert_false(f->entries[0].deny);
    assert_int_equal(f->entries[0].answer, CODE_DENIED(DECISION_IMPLICITLY_DENIED, 3));
    assert_int_equal(f->entries[0].words[0], 5);
    assert_int_equal(formula_combine(t, code, inside, 4), code);
    /* Nothing allowed further down: then that is what is left when the level above allows. */
    f = at(t, formula_combine(t, code, OWN_NOTHING, 4));
    assert_int_equal(f->otherwise, CODE_DENIED(DECISION_IMPLICITLY_DENIED, 4));
    assert_int_equal(f->quick, 0);
    formula_table_free(t);
}

static void codes_keep_their_places(void **state)
{
    (void)state;
    code_pool   pool;
    uint32_t    first, code;
    code_block *held;
    code_pool_init(&pool);
    *(uint32_t *)code_take(&pool, 100, &first) = 42;
    held = code_block_hold(&pool);
    for (uint32_t i = 0; i < 10000; i++) {
        *(uint32_t *)code_take(&pool, 16 + i % 100, &code) = i;
        assert_int_equal(code & CODE_PLACE, code);
    }
    assert_ptr_not_equal(held, pool.block);
    assert_int_equal(*(const uint32_t *)code_place(pool.block->units, first), 42);
    assert_int_equal(*(const uint32_t *)code_place(pool.block->units, code), 9999);
    assert_int_equal(*(const uint32_t *)code_place(held->units, first), 42);
    code_block_release(held);
    code_pool_deinit(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants),
        cmocka_unit_test(own_formulas_have_no_order),
        cmocka_unit_test(a_region_is_one_entry),
        cmocka_unit_test(an_allow_that_fails_is_implicit),
        cmocka_unit_test(codes_keep_their_places),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
