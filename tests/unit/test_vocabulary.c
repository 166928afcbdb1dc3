#include "authz/vocabulary.h"

#include "support/fixture.h"

static arena          run;
static const catalog *facts;

static int setup(void **state)
{
    (void)state;
    arena_init(&run, MEMORY_GENERAL);
    facts = fixture_catalog(&run);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&run);
    return 0;
}

static void a_key_has_one_slot_and_one_shape(void **state)
{
    (void)state;
    authz_vocabulary *v = authz_vocabulary_new(facts);
    uint32_t          first, again;
    err               e = {0};
    assert_int_equal(authz_slot(v, STR("aws:username"), AUTHZ_SINGLE, &first, &e), STATUS_OK);
    assert_int_equal(authz_slot(v, STR("AWS:UserName"), AUTHZ_SINGLE, &again, &e), STATUS_OK);
    assert_int_equal(first, again);
    assert_int_equal(authz_slot(v, STR("aws:username"), AUTHZ_LIST, &again, &e), STATUS_INVALID);
    assert_string_equal(e.text, "context key `aws:username` is both a single value and a list");
    assert_int_equal(authz_slot_count(v), 3);
    authz_vocabulary_free(v);
}

static void slots_end(void **state)
{
    (void)state;
    authz_vocabulary *v = authz_vocabulary_new(facts);
    uint32_t          slot;
    err               e = {0};
    for (uint32_t i = 2; i < AUTHZ_SLOTS; i++)
        assert_int_equal(authz_slot(v, arena_format(&run, "app:k%u", i), AUTHZ_SINGLE, &slot, &e), STATUS_OK);
    assert_int_equal(authz_slot(v, STR("app:more"), AUTHZ_SINGLE, &slot, &e), STATUS_LIMIT);
    assert_string_equal(e.text, "context key `app:more`: requests carry at most 24 keys");
    authz_vocabulary_free(v);
}

static void equal_values_are_one(void **state)
{
    (void)state;
    authz_vocabulary *v = authz_vocabulary_new(facts);
    uint32_t          one, list;
    uint16_t          a, b, c, d;
    str               ab[] = {STR("a"), STR("b")}, joined[] = {STR("ab")}, none[1];
    (void)authz_slot(v, STR("app:one"), AUTHZ_SINGLE, &one, NULL);
    (void)authz_slot(v, STR("app:list"), AUTHZ_LIST, &list, NULL);
    assert_int_equal(authz_value(v, one, STR("x"), AUTHZ_NO_HOLE, &a, NULL), STATUS_OK);
    assert_int_equal(authz_value(v, one, STR("x"), AUTHZ_NO_HOLE, &b, NULL), STATUS_OK);
    assert_int_equal(authz_value(v, one, STR("x"), 0, &c, NULL), STATUS_OK);
    assert_int_equal(authz_value(v, one, STR("x"), 1, &d, NULL), STATUS_OK);
    assert_int_equal(a, 1);
    assert_int_equal(b, 1);
    assert_int_equal(c, 2);
    assert_int_equal(d, 3);
    assert_int_equal(authz_value_list(v, list, ab, 2, &a, NULL), STATUS_OK);
    assert_int_equal(authz_value_list(v, list, joined, 1, &b, NULL), STATUS_OK);
    assert_int_equal(authz_value_list(v, list, none, 0, &c, NULL), STATUS_OK);
    assert_int_equal(authz_value_list(v, list, ab, 2, &d, NULL), STATUS_OK);
    assert_int_equal(a, d);
    assert_int_not_equal(a, b);
    assert_int_equal(authz_value_count(v, list), 3);
    authz_vocabulary_free(v);
}

static void values_are_refused_with_a_reason(void **state)
{
    (void)state;
    authz_vocabulary *v = authz_vocabulary_new(facts);
    uint32_t          one, list;
    uint16_t          id;
    str               x = STR("x");
    err               e = {0};
    char              wide[VOCABULARY_FAMILY_BYTES + 1] = {0};
    (void)authz_slot(v, STR("app:one"), AUTHZ_SINGLE, &one, NULL);
    (void)authz_slot(v, STR("app:list"), AUTHZ_LIST, &list, NULL);
    assert_int_equal(authz_value(v, list, x, AUTHZ_NO_HOLE, &id, &e), STATUS_INVALID);
    assert_string_equal(e.text, "context key `app:list` holds lists");
    assert_int_equal(authz_value_list(v, one, &x, 1, &id, &e), STATUS_INVALID);
    assert_string_equal(e.text, "context key `app:one` holds single values");
    assert_int_equal(authz_value(v, VOCABULARY_RESOURCE, STR("arn:aws:s3:::b"), 4, &id, &e), STATUS_INVALID);
    assert_string_equal(e.text, "resource `arn:aws:s3:::b`: the account id stands behind the service");
    assert_int_equal(authz_value(v, one, (str){wide, sizeof wide}, 0, &id, &e), STATUS_LIMIT);
    assert_int_equal(authz_value(v, VOCABULARY_RESOURCE, STR("*"), AUTHZ_NO_HOLE, &id, &e), STATUS_OK);
    assert_int_equal(id, 0);
    authz_vocabulary_free(v);
}

static void a_request_is_put_into_text(void **state)
{
    (void)state;
    authz_vocabulary *v = authz_vocabulary_new(facts);
    vocabulary_text   room;
    request           q;
    uint32_t          arn, tags;
    uint16_t          value[AUTHZ_SLOTS] = {0};
    str               ab[] = {STR("a"), STR("b")};
    (void)authz_slot(v, STR("aws:PrincipalArn"), AUTHZ_SINGLE, &arn, NULL);
    (void)authz_slot(v, STR("aws:TagKeys"), AUTHZ_LIST, &tags, NULL);
    (void)authz_value(v, VOCABULARY_RESOURCE, STR("arn:aws:sqs:us-east-1::q"), 22, &value[0], NULL);
    (void)authz_value(v, arn, STR("arn:aws:iam:::role/x"), 13, &value[arn], NULL);
    (void)authz_value_list(v, tags, ab, 2, &value[tags], NULL);
    vocabulary_request(v, value, UINT32_MAX, STR("123456789012"), &room, &q);
    assert_true(str_is(q.resource, "arn:aws:sqs:us-east-1:123456789012:q"));
    assert_true(str_is(q.resource_account, "123456789012"));
    assert_int_equal(q.context_count, 2);
    assert_true(str_is(q.context[0].values[0], "arn:aws:iam::123456789012:role/x"));
    assert_false(q.context[0].is_array);
    assert_true(q.context[1].is_array);
    assert_int_equal(q.context[1].value_count, 2);
    value[0] = value[arn] = 0;
    vocabulary_request(v, value, UINT32_MAX, STR("123456789012"), &room, &q);
    assert_true(str_is(q.resource, "*"));
    assert_int_equal(q.context_count, 1);
    authz_vocabulary_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_has_one_slot_and_one_shape),
        cmocka_unit_test(slots_end),
        cmocka_unit_test(equal_values_are_one),
        cmocka_unit_test(values_are_refused_with_a_reason),
        cmocka_unit_test(a_request_is_put_into_text),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
