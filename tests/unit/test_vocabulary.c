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
    assert_string_equal(e.text, "context key `app:more`: all 24 slots of requests are taken");
    authz_vocabulary_free(v);
}

static void keys_end(void **state)
{
    (void)state;
    authz_vocabulary *v = authz_vocabulary_new(facts);
    authz_column      columns[VOCABULARY_KEYS_MAX];
    uint32_t          slot;
    err               e = {0};
    for (uint32_t i = 0; i < VOCABULARY_KEYS_MAX; i++)
        columns[i] = (authz_column){arena_format(&run, "app:k%u", i), AUTHZ_SINGLE, false};
    assert_int_equal(authz_bundle(v, columns, VOCABULARY_KEYS_MAX, &slot, &e), STATUS_LIMIT);
    assert_string_equal(e.text, "context key `app:k57`: requests carry at most 57 keys");
    assert_int_equal(authz_bundle(v, columns, VOCABULARY_DERIVED - 1, &slot, &e), STATUS_OK);
    assert_int_equal(authz_slot(v, STR("app:more"), AUTHZ_SINGLE, &slot, &e), STATUS_LIMIT);
    authz_vocabulary_free(v);
}

static void a_key_has_one_place(void **state)
{
    (void)state;
    authz_vocabulary  *v = authz_vocabulary_new(facts);
    const authz_column ab[] = {{STR("app:a"), AUTHZ_SINGLE, false}, {STR("app:b"), AUTHZ_LIST, false}},
                       ba[] = {ab[1], ab[0]},
                       aa[] = {{STR("app:x"), AUTHZ_SINGLE, false}, {STR("APP:X"), AUTHZ_SINGLE, false}};
    const str        text = STR("x");
    authz_role_key   key = {STR("app:a"), &text, 1, AUTHZ_NO_HOLE, AUTHZ_SINGLE};
    const authz_role role = {
        .name = STR("R"), .principal = STR("r"), .hole = AUTHZ_NO_HOLE, .keys = &key, .key_count = 1};
    uint32_t first, again;
    err      e = {0};
    assert_int_equal(authz_bundle(v, ab, 2, &first, &e), STATUS_OK);
    assert_int_equal(authz_bundle(v, ab, 2, &again, &e), STATUS_OK);
    assert_int_equal(first, again);
    assert_int_equal(authz_bundle(v, ba, 2, &again, &e), STATUS_INVALID);
    assert_string_equal(e.text, "context key `app:b` has two places in requests");
    assert_int_equal(authz_bundle(v, aa, 2, &again, &e), STATUS_INVALID);
    assert_string_equal(e.text, "context key `APP:X` has two places in requests");
    assert_int_equal(authz_slot(v, STR("app:a"), AUTHZ_SINGLE, &again, &e), STATUS_INVALID);
    assert_string_equal(e.text, "context key `app:a` has two places in requests");
    assert_int_equal(authz_roles_bind(v, &role, 1, &e), STATUS_INVALID);
    assert_string_equal(e.text, "role `R`: context key `app:a` has another place in requests");
    assert_int_equal(authz_value_count(v, AUTHZ_PRINCIPAL), 0);
    key.key = STR("app:role");
    assert_int_equal(authz_roles_bind(v, &role, 1, &e), STATUS_OK);
    assert_int_equal(authz_slot(v, STR("app:role"), AUTHZ_SINGLE, &again, &e), STATUS_INVALID);
    assert_int_equal(authz_slot_count(v), 3);
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
    (void)authz_slot(v, STR("app:one"), AUTHZ_SINGLE, &one, NULL);
    (void)authz_slot(v, STR("app:list"), AUTHZ_LIST, &list, NULL);
    assert_int_equal(authz_value(v, list, x, AUTHZ_NO_HOLE, &id, &e), STATUS_INVALID);
    assert_string_equal(e.text, "context key `app:list` holds lists");
    assert_int_equal(authz_value_list(v, one, &x, 1, &id, &e), STATUS_INVALID);
    assert_string_equal(e.text, "context key `app:one` holds single values");
    assert_int_equal(authz_value(v, VOCABULARY_RESOURCE, STR("arn:aws:s3:::b"), 4, &id, &e), STATUS_INVALID);
    assert_string_equal(e.text, "resource `arn:aws:s3:::b`: the account id stands behind the service");
    assert_int_equal(authz_value(v, VOCABULARY_RESOURCE, STR("*"), AUTHZ_NO_HOLE, &id, &e), STATUS_OK);
    assert_int_equal(id, 0);
    authz_vocabulary_free(v);
}

static org *organization(void)
{
    org *o = org_new(
        (org_options){STR("o-exampleorgid"), STR("r-ab12"), STR("100000000000"), STR("m"), STR("m@example.com")});
    for (uint32_t i = 1; i < 3; i++) {
        str id = arena_format(&run, "10000000000%u", i);
        (void)org_account_create(o, ORG_ROOT, id, id, id);
    }
    (void)org_commit(o);
    return o;
}

static const request_key *key_of(const request *q, const char *key)
{
    for (uint32_t i = 0; i < q->context_count; i++)
        if (str_is(q->context[i].key, key)) return &q->context[i];
    return NULL;
}

static void assert_key(const request *q, const char *key, const char *want)
{
    const request_key *k = key_of(q, key);
    if (k == NULL || k->value_count != 1 || !str_is(k->values[0], want)) fail_msg("%s is not %s", key, want);
}

static void a_request_is_put_into_text(void **state)
{
    (void)state;
    authz_vocabulary  *v = authz_vocabulary_new(facts);
    org               *o = organization();
    const authz_column columns[] = {{STR("app:own"), AUTHZ_SINGLE, true}, {STR("app:tags"), AUTHZ_LIST, false}};
    const str          arn = STR("arn:aws:iam:::role/x"), own = STR("in-"), ab[] = {STR("a"), STR("b")};
    const authz_entry  both[] = {{&own, 1, 3}, {ab, 2, AUTHZ_NO_HOLE}}, one[] = {{&own, 1, 3}, {NULL, 0, 0}},
                      none[] = {{NULL, 0, 0}, {NULL, 0, 0}};
    const authz_role_key keys[] = {{STR("aws:PrincipalArn"), &arn, 1, 13, AUTHZ_SINGLE}};
    const authz_role     roles[] = {{.name = STR("X"),
                                     .principal = STR("arn:aws:sts:::assumed-role/x/s"),
                                     .hole = 13,
                                     .keys = keys,
                                     .key_count = 1},
                                    {.name = STR("S"), .principal = STR("a.amazonaws.com"), .hole = AUTHZ_NO_HOLE}};
    authz_request        q = {.account = 1, .owner = 2};
    request              text;
    uint32_t             slot, account;
    uint16_t             only, id;
    assert_int_equal(authz_bundle(v, columns, 2, &slot, NULL), STATUS_OK);
    assert_int_equal(authz_slot(v, STR("aws:ResourceAccount"), AUTHZ_SINGLE, &account, NULL), STATUS_OK);
    assert_int_equal(authz_roles_bind(v, roles, 1, NULL), STATUS_OK);
    assert_int_equal(authz_roles_bind(v, roles + 1, 1, NULL), STATUS_OK);
    (void)authz_value(v, AUTHZ_RESOURCE, STR("arn:aws:sqs:us-east-1::q"), 22, &q.value[AUTHZ_RESOURCE], NULL);
    (void)authz_value(v, account, STR(""), 0, &q.value[account], NULL);
    assert_int_equal(authz_bundle_value(v, slot, none, &id, NULL), STATUS_OK);
    assert_int_equal(id, 0);
    assert_int_equal(authz_bundle_value(v, slot, both, &q.value[slot], NULL), STATUS_OK);
    assert_int_equal(authz_bundle_value(v, slot, one, &only, NULL), STATUS_OK);
    assert_int_equal(authz_bundle_value(v, slot, both, &id, NULL), STATUS_OK);
    assert_int_equal(id, q.value[slot]);
    assert_int_not_equal(id, only);
    q.value[AUTHZ_PRINCIPAL] = 1;
    q.action = catalog_action_at(facts, catalog_action_find(facts, STR("sqs:SendMessage")))->handle;
    authz_request_text(&run, v, org_at(o, 0), &q, &text);
    assert_true(str_is(text.principal, "arn:aws:sts::100000000001:assumed-role/x/s"));
    assert_true(str_is(text.action, "sqs:SendMessage"));
    assert_true(str_is(text.resource, "arn:aws:sqs:us-east-1:100000000002:q"));
    assert_true(str_is(text.resource_account, "100000000002"));
    assert_int_equal(text.context_count, 6); /* and the time, twice */
    assert_key(&text, "aws:PrincipalArn", "arn:aws:iam::100000000001:role/x");
    assert_key(&text, "aws:ResourceAccount", "100000000002");
    assert_key(&text, "app:own", "in-100000000002");
    assert_int_equal(key_of(&text, "app:tags")->value_count, 2);
    assert_true(key_of(&text, "app:tags")->is_array);
    q.value[AUTHZ_RESOURCE] = 0;
    q.value[AUTHZ_PRINCIPAL] = 2; /* the second role has none of the keys */
    q.value[slot] = only;
    authz_request_text(&run, v, org_at(o, 0), &q, &text);
    assert_true(str_is(text.principal, "a.amazonaws.com"));
    assert_true(str_is(text.resource, "*"));
    assert_int_equal(text.context_count, 4);
    org_free(o);
    authz_vocabulary_free(v);
}

/* With the organization known: what follows from the accounts' places, until they leave. */
static void derived_keys_follow_the_organization(void **state)
{
    (void)state;
    authz_vocabulary    *v = authz_vocabulary_new(facts);
    org                 *o = organization();
    const str            elsewhere = STR("o-other"), path = STR("o-other/r-1/");
    const authz_role_key keys[] = {{STR("aws:PrincipalOrgID"), &elsewhere, 1, AUTHZ_NO_HOLE, AUTHZ_SINGLE},
                                   {STR("aws:PrincipalOrgPaths"), &path, 1, AUTHZ_NO_HOLE, AUTHZ_LIST}};
    const authz_role     roles[] = {{.name = STR("X"), .principal = STR("arn:aws:iam:::role/x"), .hole = 13},
                                    {.name = STR("S"), .principal = STR("a.amazonaws.com"), .hole = AUTHZ_NO_HOLE},
                                    {.name = STR("O"),
                                     .principal = STR("arn:aws:iam::999999999999:role/o"),
                                     .hole = AUTHZ_NO_HOLE,
                                     .keys = keys,
                                     .key_count = 2}};
    authz_request        q = {.account = 1, .owner = 2, .time_s = 1767225600};
    request              text;
    uint32_t             slot;
    err                  e = {0};
    authz_organization(v, STR("o-exampleorgid"));
    assert_int_equal(authz_roles_bind(v, roles, COUNTOF(roles), NULL), STATUS_OK);
    assert_int_equal(authz_slot(v, STR("aws:ResourceOrgID"), AUTHZ_SINGLE, &slot, &e), STATUS_INVALID);
    assert_int_equal(authz_slot(v, STR("aws:CurrentTime"), AUTHZ_SINGLE, &slot, &e), STATUS_INVALID);
    (void)authz_value(v, AUTHZ_RESOURCE, STR("arn:aws:s3:::b"), AUTHZ_NO_HOLE, &q.value[AUTHZ_RESOURCE], NULL);
    uint32_t ou = org_ou_create(o, ORG_ROOT, STR("ou-ab12-x"), STR("x"));
    org_account_move(o, 2, ou);
    const org_view *moved = org_at(o, org_commit(o));
    org_account_remove(o, 2);
    const org_view *removed = org_at(o, org_commit(o));
    q.value[AUTHZ_PRINCIPAL] = 1;
    q.action = catalog_action_at(facts, catalog_action_find(facts, STR("s3:ListBucket")))->handle;
    authz_request_text(&run, v, moved, &q, &text);
    assert_int_equal(text.context_count, 6);
    assert_key(&text, "aws:PrincipalOrgID", "o-exampleorgid");
    assert_key(&text, "aws:PrincipalOrgPaths", "o-exampleorgid/r-ab12/");
    assert_key(&text, "aws:ResourceOrgID", "o-exampleorgid");
    assert_key(&text, "aws:ResourceOrgPaths", "o-exampleorgid/r-ab12/ou-ab12-x/");
    assert_key(&text, "aws:CurrentTime", "2026-01-01T00:00:00Z");
    assert_key(&text, "aws:EpochTime", "1767225600");
    assert_true(key_of(&text, "aws:ResourceOrgPaths")->is_array);
    q.action = catalog_action_at(facts, catalog_action_find(facts, STR("ebs:GetSnapshotBlock")))->handle;
    authz_request_text(&run, v, moved, &q, &text); /* EBS direct APIs do not say whose the resource is */
    assert_int_equal(text.context_count, 4);
    assert_null(key_of(&text, "aws:ResourceOrgID"));
    assert_null(key_of(&text, "aws:ResourceOrgPaths"));
    q.action = catalog_action_at(facts, catalog_action_find(facts, STR("s3:ListBucket")))->handle;
    authz_request_text(&run, v, removed, &q, &text);
    assert_int_equal(text.context_count, 4);
    assert_null(key_of(&text, "aws:ResourceOrgID"));
    assert_null(key_of(&text, "aws:ResourceOrgPaths"));
    q.account = 2; /* the owner stays what it is */
    q.owner = 1;
    authz_request_text(&run, v, removed, &q, &text);
    assert_null(key_of(&text, "aws:PrincipalOrgID"));
    assert_key(&text, "aws:ResourceOrgPaths", "o-exampleorgid/r-ab12/");
    q.value[AUTHZ_PRINCIPAL] = 2; /* a service is in no organization … */
    authz_request_text(&run, v, moved, &q, &text);
    assert_null(key_of(&text, "aws:PrincipalOrgID"));
    assert_null(key_of(&text, "aws:PrincipalOrgPaths"));
    q.value[AUTHZ_PRINCIPAL] = 3; /* … and a role outside in its own */
    authz_request_text(&run, v, removed, &q, &text);
    assert_key(&text, "aws:PrincipalOrgID", "o-other");
    assert_key(&text, "aws:PrincipalOrgPaths", "o-other/r-1/");
    org_free(o);
    authz_vocabulary_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_has_one_slot_and_one_shape),
        cmocka_unit_test(slots_end),
        cmocka_unit_test(keys_end),
        cmocka_unit_test(a_key_has_one_place),
        cmocka_unit_test(equal_values_are_one),
        cmocka_unit_test(values_are_refused_with_a_reason),
        cmocka_unit_test(a_request_is_put_into_text),
        cmocka_unit_test(derived_keys_follow_the_organization),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
