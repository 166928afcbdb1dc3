/* test_intern.c - dense ids by first sight, and the integer map against a plain array. */
#include "base/intern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/hash.h"

static void ids_are_dense_in_order_of_first_sight(void **state)
{
    (void)state;
    intern_table *t = intern_new(MEMORY_GENERAL, false);
    assert_int_equal(intern_find(t, STR("a")), INTERN_NONE);
    assert_int_equal(intern_add(t, STR("a")), 0);
    assert_int_equal(intern_add(t, STR("")), 1);
    assert_int_equal(intern_add(t, STR("A")), 2);
    assert_int_equal(intern_add(t, STR("a\0b")), 3);
    assert_int_equal(intern_add(t, (str){NULL, 0}), 1);
    assert_int_equal(intern_add(t, STR("a")), 0);
    assert_int_equal(intern_find(t, STR("a\0c")), INTERN_NONE);
    assert_int_equal(intern_count(t), 4);
    assert_true(str_eq(intern_text(t, 3), STR("a\0b")));
    intern_free(t);
    intern_free(NULL);
}

static void nocase_keeps_the_first_spelling(void **state)
{
    (void)state;
    intern_table *t = intern_new(MEMORY_GENERAL, true);
    assert_int_equal(intern_add(t, STR("s3:GetObject")), 0);
    assert_int_equal(intern_add(t, STR("S3:getobject")), 0);
    assert_int_equal(intern_find(t, STR("s3:GETOBJECT")), 0);
    assert_int_equal(intern_find(t, STR("s3:GetObjects")), INTERN_NONE);
    assert_true(str_is(intern_text(t, 0), "s3:GetObject"));
    intern_free(t);
}

static void texts_stay_where_they_are(void **state)
{
    (void)state;
    enum { COUNT = 50000 };
    intern_table *t = intern_new(MEMORY_GENERAL, false);
    (void)intern_add(t, STR("first"));
    const char *first = intern_text(t, 0).ptr;
    for (uint32_t i = 1; i < COUNT; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "name-%u", i);
        assert_int_equal(intern_add(t, str_of(name)), i);
    }
    assert_ptr_equal(intern_text(t, 0).ptr, first);
    assert_int_equal(intern_count(t), COUNT);
    for (uint32_t i = 1; i < COUNT; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "name-%u", i);
        assert_int_equal(intern_find(t, str_of(name)), i);
        assert_true(str_is(intern_text(t, i), name));
    }
    intern_free(t);
}

/* Random puts, removals and look-ups over few keys, so that probe chains form, break and close again. */
static void map_equals_an_array(void **state)
{
    (void)state;
    enum { KEYS = 300, STEPS = 100000 };
    static struct {
        bool     there;
        uint32_t value;
    } model[KEYS];
    idmap   *m = idmap_new(MEMORY_GENERAL);
    uint32_t live = 0;
    for (uint32_t step = 0; step < STEPS; step++) {
        uint64_t u = hash_mix(step, 3), key = (u >> 8) % KEYS;
        uint32_t value = 0;
        bool     removing = u % 100 < (step / 10000 % 2 == 0 ? 30u : 70u); /* it fills and empties in turn */
        if (removing) {
            assert_int_equal(idmap_remove(m, key << 40), model[key].there);
            live -= model[key].there;
            model[key].there = false;
        } else {
            idmap_put(m, key << 40, step);
            live += !model[key].there;
            model[key].there = true;
            model[key].value = step;
        }
        assert_int_equal(idmap_count(m), live);
        uint64_t other = (u >> 32) % KEYS;
        bool     there = idmap_get(m, other << 40, &value);
        assert_int_equal(there, model[other].there);
        if (there) assert_int_equal(value, model[other].value);
    }
    idmap_free(m);
    idmap_free(NULL);
}

static void map_takes_extreme_keys(void **state)
{
    (void)state;
    idmap   *m = idmap_new(MEMORY_GENERAL);
    uint32_t value = 7;
    assert_false(idmap_get(m, 0, &value));
    assert_int_equal(value, 7);
    idmap_put(m, 0, UINT32_MAX);
    idmap_put(m, UINT64_MAX - 1, 0);
    assert_true(idmap_get(m, 0, &value));
    assert_int_equal(value, UINT32_MAX);
    assert_true(idmap_get(m, UINT64_MAX - 1, &value));
    assert_int_equal(value, 0);
    assert_false(idmap_remove(m, 5));
    assert_int_equal(idmap_count(m), 2);
    idmap_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_dense_in_order_of_first_sight),
        cmocka_unit_test(nocase_keeps_the_first_spelling),
        cmocka_unit_test(texts_stay_where_they_are),
        cmocka_unit_test(map_equals_an_array),
        cmocka_unit_test(map_takes_extreme_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
