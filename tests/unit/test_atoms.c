#include "authz/atoms.h"

#include "policy/condition.h"
#include "policy/evaluate.h"
#include "support/fixture.h"

#define ACCOUNTS 12u /* 100000000000 … */

static arena             run;
static const catalog    *facts;
static authz_vocabulary *v;
static org              *o;
static const org_view   *view;
static uint32_t          arn, bundle;

/* `app:of` belongs to the resource's account, `app:by` to the principal's; any of the three may be absent. */
static void bundle_make(void)
{
    const authz_column columns[] = {{STR("app:of"), AUTHZ_SINGLE, true},
                                    {STR("app:by"), AUTHZ_SINGLE, false},
                                    {STR("app:list"), AUTHZ_LIST, false}};
    const str          x = STR("x-"), k = STR("k"), list[] = {STR("a"), STR("k")};
    const authz_entry  gone = {NULL, 0, AUTHZ_NO_HOLE}, family = {&x, 1, 2}, plain = {&k, 1, AUTHZ_NO_HOLE},
                      both = {list, 2, AUTHZ_NO_HOLE}, empty = {list, 0, AUTHZ_NO_HOLE};
    const authz_entry rows[][3] = {{family, gone, gone},  {gone, family, both},  {family, family, empty},
                                   {plain, family, both}, {family, plain, gone}, {gone, gone, empty}};
    assert_int_equal(authz_bundle(v, columns, COUNTOF(columns), &bundle, NULL), STATUS_OK);
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        uint16_t id;
        assert_int_equal(authz_bundle_value(v, bundle, rows[i], &id, NULL), STATUS_OK);
        assert_int_equal(id, i + 1);
    }
}

static int setup(void **state)
{
    static const struct {
        const char *before, *after;
    } families[] = {{"arn:aws:iam::", ":role/x"}, {"arn:aws:iam::", ":role/r7"}, {"1", ""}, {"", ""}, {"x/", ""}};
    (void)state;
    uint16_t id;
    arena_init(&run, MEMORY_GENERAL);
    facts = fixture_catalog(&run);
    v = authz_vocabulary_new(facts);
    authz_organization(v, STR("o-exampleorgid"));
    (void)authz_slot(v, STR("aws:PrincipalArn"), AUTHZ_SINGLE, &arn, NULL);
    for (size_t i = 0; i < COUNTOF(families); i++)
        (void)authz_value(v, arn, arena_format(&run, "%s%s", families[i].before, families[i].after),
                          strlen(families[i].before), &id, NULL);
    (void)authz_value(v, arn, STR("arn:aws:iam::100000000003:role/x"), AUTHZ_NO_HOLE, &id, NULL);
    (void)authz_value(v, VOCABULARY_RESOURCE, STR("arn:aws:iam:::role/x"), 13, &id, NULL);
    (void)authz_value(v, VOCABULARY_RESOURCE, STR("arn:aws:s3:::b-/k"), 15, &id, NULL);
    (void)authz_value(v, VOCABULARY_RESOURCE, STR("arn:aws:s3:::b/k"), AUTHZ_NO_HOLE, &id, NULL);
    (void)authz_value(v, VOCABULARY_RESOURCE, STR("arn:aws:s3:::B/K"), AUTHZ_NO_HOLE, &id, NULL);
    bundle_make();
    o = org_new(
        (org_options){STR("o-exampleorgid"), STR("r-ab12"), STR("100000000000"), STR("m"), STR("m@example.com")});
    for (uint32_t i = 1; i < ACCOUNTS; i++) {
        str name = arena_format(&run, "%u", 1000 + i);
        (void)org_account_create(o, ORG_ROOT, arena_format(&run, "1000000000%02u", i), name, name);
    }
    view = org_at(o, org_commit(o));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    org_free(o);
    authz_vocabulary_free(v);
    arena_deinit(&run);
    return 0;
}

/* The atom against its text, for every value and account. Returns how many values it leaves to the text. */
static uint32_t check(atom_table *t, uint32_t id, const policy *p, uint32_t slot, const char *what)
{
    const policy_statement *s = &p->statements[0];
    const atom             *x = id >= ATOM_FALSE ? NULL : t->atoms[id];
    uint32_t                textual = 0;
    for (uint16_t value = 0; value <= authz_value_count(v, slot); value++) {
        for (uint32_t pair = 0; pair < 2 * ACCOUNTS; pair++) { /* once of one's own, once of another */
            uint32_t      account = pair % ACCOUNTS, owner = pair < ACCOUNTS ? account : (account + 1) % ACCOUNTS;
            request       text;
            arena         scratch = run;
            authz_request q = {.account = account, .owner = owner};
            asked         a = {v, view, &q};
            q.value[slot] = value;
            vocabulary_request(&scratch, v, view, &q, UINT64_MAX, &text);
            bool want = s->clause_count > 0
                            ? condition_holds(&scratch, &s->clauses[0], p->version_2012, &text, facts, NULL)
                            : statement_resource_holds(&scratch, s, p, &text, facts);
            bool have = x == NULL ? id == ATOM_TRUE : atom_holds(x, &a);
            if (have != want) fail_msg("%s: value %u, account %u", what, value, account);
            if (x == NULL || x->yes == NULL) continue;
            /* What the sets promise. */
            if (value_has(t->sets.sets[x->always].words, value)) assert_true(want);
            if (!value_has(t->sets.sets[x->may].words, value)) assert_false(want);
        }
        textual += x != NULL && x->maybe != NULL && value_has(x->maybe, value);
    }
    return textual;
}

typedef struct {
    const char *said;    /* members of a statement, or operators of its condition */
    uint32_t    textual; /* family values that the tables cannot settle           */
} row;

/* A Deny of everything under each of the conditions. */
static void check_conditions(const row *rows, size_t count, uint32_t slot)
{
    atom_table t;
    atom_table_init(&t, v);
    for (size_t i = 0; i < count; i++) {
        str text = arena_format(&run, SCP("\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{%s}"),
                                rows[i].said);
        const policy *p = fixture_policy(&run, POLICY_SCP, text.ptr);
        uint32_t      id = atom_of_clause(&t, p, &p->statements[0].clauses[0], 0);
        assert_int_equal(id, atom_of_clause(&t, p, &p->statements[0].clauses[0], 0));
        uint32_t textual = check(&t, id, p, slot, rows[i].said);
        if (textual != rows[i].textual) fail_msg("%s: %u values left to the text", rows[i].said, textual);
    }
    atom_table_deinit(&t);
}

static void clauses_by_value_and_account(void **state)
{
    static const row rows[] = {
        {"\"ArnLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::*:role/x\"}", 0},
        {"\"ArnNotLike\":{\"aws:PrincipalArn\":[\"arn:aws:iam::*:role/x\",\"arn:aws:iam::100000000003:role/r7\"]}", 0},
        {"\"ArnEquals\":{\"aws:PrincipalArn\":\"arn:aws:iam::100000000003:role/x\"}", 0},
        {"\"ArnNotEquals\":{\"aws:PrincipalArn\":[\"arn:aws:iam::100000000003:role/"
         "*\",\"arn:aws:iam::100000000004:*\"]}",
         0},
        {"\"ArnLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::10000000000?:role/x\"}", 1},
        {"\"ArnLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::*:role/r?\"}", 0},
        {"\"StringLike\":{\"aws:PrincipalArn\":[\"1*\",\"*7\"]}", 2},
        {"\"StringEquals\":{\"aws:PrincipalArn\":[\"100000000005\",\"1100000000006\",\"x/100000000007\"]}", 1},
        {"\"StringNotEqualsIgnoreCase\":{\"aws:PrincipalArn\":\"X/100000000007\"}", 0},
        {"\"StringEqualsIfExists\":{\"aws:PrincipalArn\":\"none\"}", 0},
        {"\"NumericLessThan\":{\"aws:PrincipalArn\":\"100000000005\"}", 5},
        {"\"Null\":{\"aws:PrincipalArn\":\"false\"}", 0},
        {"\"ForAllValues:ArnLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::100000000009:*\"}", 0},
        {"\"StringLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::*:role/${aws:username, 'x'}\"}", 0},
        {"\"StringEquals\":{\"app:absent\":\"x\"}", 0},
    };
    (void)state;
    check_conditions(rows, COUNTOF(rows), arn);
}

/* Each key of a bundle by its own texts and account; variables see the others. */
static void bundles_by_value_and_account(void **state)
{
    static const row rows[] = {
        {"\"StringEquals\":{\"app:of\":\"x-100000000003\"}", 0},
        {"\"StringNotEquals\":{\"app:of\":[\"x-100000000003\",\"k\"]}", 0},
        {"\"StringLike\":{\"app:by\":\"x-*\"}", 0},
        {"\"StringEquals\":{\"app:by\":\"x-100000000004\"}", 0},
        {"\"StringLike\":{\"app:by\":\"x-10000000000?\"}", 3},
        {"\"Null\":{\"app:by\":\"true\"}", 0},
        {"\"Null\":{\"app:list\":\"true\"}", 0},
        {"\"StringEqualsIfExists\":{\"app:of\":\"k\"}", 0},
        {"\"ForAllValues:StringEquals\":{\"app:list\":\"a\"}", 0},
        {"\"ForAnyValue:StringEquals\":{\"app:list\":\"k\"}", 0},
        {"\"StringEquals\":{\"app:of\":\"${app:by}\"}", 0},
        {"\"StringEquals\":{\"aws:ResourceOrgID\":\"o-exampleorgid\"}", 0},
        {"\"StringLike\":{\"aws:ResourceOrgPaths\":\"o-exampleorgid/*\"}", 0},
        {"\"DateLessThan\":{\"aws:CurrentTime\":\"2026-01-01T00:00:00Z\"}", 0},
    };
    (void)state;
    check_conditions(rows, COUNTOF(rows), bundle);
}

static void resources_by_value_and_account(void **state)
{
    static const row rows[] = {
        {"\"Resource\":\"*\"", 0},
        {"\"Resource\":\"arn:aws:s3:::b/*\"", 0},
        {"\"NotResource\":[\"arn:aws:s3:::b/*\",\"arn:aws:iam::*:role/*\"]", 0},
        {"\"Resource\":\"arn:aws:iam::100000000003:role/*\"", 0},
        {"\"NotResource\":\"arn:aws:iam::100000000003:role/*\"", 0},
        {"\"Resource\":[\"arn:aws:s3:::b-100000000004/*\",\"arn:aws:s3:*\"]", 0},
        {"\"Resource\":\"arn:aws:s3:::b-1000000000?1/k\"", 1},
        {"\"Resource\":\"arn:AWS:S3:::b/k\"", 0},
        {"\"Resource\":\"arn:*:*:*:*:*/k\"", 0},
        {"\"Resource\":\"arn:aws:s3:::b-${aws:PrincipalArn}/k\"", 0},
    };
    (void)state;
    atom_table t;
    atom_table_init(&t, v);
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        str           text = arena_format(&run, SCP("\"Effect\":\"Deny\",\"Action\":\"*\",%s"), rows[i].said);
        const policy *p = fixture_policy(&run, POLICY_SCP, text.ptr);
        uint32_t      textual =
            check(&t, atom_of_resources(&t, p, &p->statements[0], 0), p, VOCABULARY_RESOURCE, rows[i].said);
        if (textual != rows[i].textual) fail_msg("%s: %u values left to the text", rows[i].said, textual);
    }
    atom_table_deinit(&t);
}

/* Where requests lack a key it is as if none carried it; what they have is asked as ever. */
static void lacking_keys_are_absent(void **state)
{
    static const struct {
        const char *condition;
        uint32_t    lacking; /* ATOM_TRUE, ATOM_FALSE, or ATOM_IS_OPEN: it depends */
    } rows[] = {
        {"\"StringEquals\":{\"aws:ResourceOrgID\":\"o-exampleorgid\"}", ATOM_FALSE},
        {"\"StringNotEquals\":{\"aws:ResourceOrgID\":\"o-exampleorgid\"}", ATOM_TRUE},
        {"\"StringEqualsIfExists\":{\"aws:ResourceOrgID\":\"o-other\"}", ATOM_TRUE},
        {"\"ForAllValues:StringLike\":{\"aws:ResourceOrgPaths\":\"o-*\"}", ATOM_TRUE},
        {"\"StringEquals\":{\"app:of\":\"k\"}", ATOM_IS_OPEN},
    };
    (void)state;
    atom_table t;
    atom_table_init(&t, v);
    uint64_t owner = vocabulary_owner_keys(v);
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        str text = arena_format(&run, SCP("\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{%s}"),
                                rows[i].condition);
        const policy *p = fixture_policy(&run, POLICY_SCP, text.ptr);
        uint32_t      lacking = atom_of_clause(&t, p, &p->statements[0].clauses[0], owner);
        assert_int_equal(lacking < ATOM_FALSE ? ATOM_IS_OPEN : lacking, rows[i].lacking);
        assert_int_equal(atom_keys_asked(v, p, &p->statements[0], owner) != 0, i < 4);
    }
    const policy *p = fixture_policy(&run, POLICY_SCP,
                                     SCP("\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{"
                                         "\"StringEquals\":{\"app:of\":\"${aws:ResourceOrgID}\"}}"));
    uint32_t      lacking = atom_of_clause(&t, p, &p->statements[0].clauses[0], owner);
    uint32_t      whole = atom_of_clause(&t, p, &p->statements[0].clauses[0], 0);
    assert_int_equal(t.atoms[lacking]->keys & owner, 0);
    assert_int_not_equal(t.atoms[whole]->keys & owner, 0);
    atom_table_deinit(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clauses_by_value_and_account),
        cmocka_unit_test(bundles_by_value_and_account),
        cmocka_unit_test(resources_by_value_and_account),
        cmocka_unit_test(lacking_keys_are_absent),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
