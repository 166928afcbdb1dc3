#include "support/fixture.h"

#include "authz/case.h"
#include "authz/remedy.h"
#include "policy/print.h"

static arena a;

static int open_arena(void **state)
{
    (void)state;
    arena_init(&a, MEMORY_GENERAL);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_deinit(&a);
    return 0;
}

#define ALLOW_ALL SCP("\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"")
#define LEVELS    3u

/* A world of three levels; the administrator of the account asks for s3:GetObject. */
typedef struct {
    const policy *policies[LEVELS][3];
    policy_level  levels[LEVELS];
    const policy *identity[1];
    request_key   context[1];
    str           arn;
    policy_case   c;
} world;

static void world_make(world *w)
{
    for (uint32_t i = 0; i < LEVELS; i++) w->levels[i].policies = w->policies[i];
    w->identity[0] = fixture_policy(&a, POLICY_IDENTITY, ALLOW_ALL);
    w->arn = STR("arn:aws:iam::111111111111:role/Admin");
    w->context[0] = (request_key){.key = STR("aws:PrincipalArn"), .values = &w->arn, .value_count = 1};
    w->c = (policy_case){.scps_apply = true, .scps = w->levels, .scp_level_count = LEVELS};
    w->c.request = (request){.principal = w->arn,
                             .action = STR("s3:GetObject"),
                             .resource = STR("arn:aws:s3:::b/k"),
                             .resource_account = STR("111111111111"),
                             .context = w->context,
                             .context_count = 1};
    w->c.identity = (policy_level){w->identity, 1};
}

static void put(world *w, uint32_t level, const char *text)
{
    w->policies[level][w->levels[level].count++] = fixture_policy(&a, POLICY_SCP, text);
}

static remedy_list remedies(const policy_case *c)
{
    const catalog *facts = fixture_catalog(&a);
    explanation    x;
    remedy_list    out;
    authz_explain_case(&a, c, facts, &x);
    authz_remedies(&a, c, &x, facts, NULL, &out);
    for (uint32_t i = 0; i < out.count; i++) {
        bool allowed = authz_decide_case(&a, &out.items[i].changed, facts).kind == DECISION_ALLOWED;
        assert_true(allowed != (x.decision.kind == DECISION_ALLOWED));
    }
    return out;
}

static void expect(const remedy_list *list, uint32_t i, remedy_kind kind, const char *after)
{
    assert_true(i < list->count);
    assert_int_equal(list->items[i].count, 1);
    if (list->items[i].edits[0].kind != kind)
        fail_msg("change %u is %s", i, remedy_kind_name(list->items[i].edits[0].kind));
    if (after != NULL) assert_string_equal(arena_str(&a, list->items[i].edits[0].text).ptr, after);
}

static void a_deny_is_narrowed_before_it_goes(void **state)
{
    (void)state;
    world w = {0};
    world_make(&w);
    for (uint32_t i = 0; i < LEVELS; i++) put(&w, i, ALLOW_ALL);
    put(&w, 1, SCP("\"Effect\":\"Deny\",\"Action\":[\"s3:GetObject\",\"ec2:*\"],\"Resource\":\"*\""));
    remedy_list list = remedies(&w.c);
    assert_true(list.complete);
    assert_int_equal(list.count, 3);
    expect(&list, 0, REMEDY_EXCEPT,
           SCP("\"Effect\":\"Deny\",\"Action\":[\"s3:GetObject\",\"ec2:*\"],\"Resource\":\"*\",\"Condition\":{"
               "\"ArnNotLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::111111111111:role/Admin\"}}"));
    expect(&list, 1, REMEDY_NARROW, SCP("\"Effect\":\"Deny\",\"Action\":\"ec2:*\",\"Resource\":\"*\""));
    expect(&list, 2, REMEDY_DETACH, NULL);
}

static void an_exception_that_is_there_takes_one_more(void **state)
{
    (void)state;
    world w = {0};
    world_make(&w);
    for (uint32_t i = 0; i < LEVELS; i++) put(&w, i, ALLOW_ALL);
    put(&w, 0,
        SCP("\"Effect\":\"Deny\",\"NotAction\":\"iam:*\",\"Resource\":\"*\",\"Condition\":{\"ArnNotLike\":{"
            "\"aws:PrincipalArn\":\"arn:aws:iam::*:role/Deploy\"}}"));
    remedy_list list = remedies(&w.c);
    expect(&list, 0, REMEDY_EXCEPT,
           SCP("\"Effect\":\"Deny\",\"NotAction\":\"iam:*\",\"Resource\":\"*\",\"Condition\":{\"ArnNotLike\":{"
               "\"aws:PrincipalArn\":[\"arn:aws:iam::*:role/Deploy\",\"arn:aws:iam::111111111111:role/Admin\"]}}"));
    expect(&list, 1, REMEDY_NARROW,
           SCP("\"Effect\":\"Deny\",\"NotAction\":[\"iam:*\",\"s3:GetObject\"],\"Resource\":\"*\",\"Condition\":{"
               "\"ArnNotLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::*:role/Deploy\"}}"));
}

static void two_levels_that_lack_an_allow_take_two_edits(void **state)
{
    (void)state;
    world w = {0};
    world_make(&w);
    put(&w, 0, ALLOW_ALL);
    put(&w, 1, SCP("\"Effect\":\"Allow\",\"Action\":\"ec2:*\",\"Resource\":\"*\""));
    put(&w, 2, SCP("\"Effect\":\"Allow\",\"Action\":[\"logs:*\",\"iam:*\"],\"Resource\":\"*\""));
    remedy_list list = remedies(&w.c);
    assert_true(list.count > 0);
    for (uint32_t i = 0; i < list.count; i++) assert_int_equal(list.items[i].count, 2);
    const remedy *first = &list.items[0];
    assert_int_equal(first->edits[0].kind, REMEDY_EXTEND);
    assert_int_equal(first->edits[1].kind, REMEDY_EXTEND);
    assert_int_equal(first->edits[0].level, 1);
    assert_int_equal(first->edits[1].level, 2);
    assert_string_equal(
        arena_str(&a, first->edits[1].text).ptr,
        SCP("\"Effect\":\"Allow\",\"Action\":[\"logs:*\",\"iam:*\",\"s3:GetObject\"],\"Resource\":\"*\""));
}

static void what_no_policy_can_change_gets_no_remedy(void **state)
{
    (void)state;
    world w = {0};
    world_make(&w);
    w.c.request.action = STR("sts:GetCallerIdentity");
    assert_int_equal(remedies(&w.c).count, 0);
}

static void an_allowed_request_is_denied_for_its_principal_first(void **state)
{
    (void)state;
    world w = {0};
    world_make(&w);
    for (uint32_t i = 0; i < LEVELS; i++) put(&w, i, ALLOW_ALL);
    remedy_list list = remedies(&w.c);
    expect(&list, 0, REMEDY_ADD,
           SCP("\"Sid\":\"DenyGetObject\",\"Effect\":\"Deny\",\"Action\":\"s3:GetObject\",\"Resource\":"
               "\"arn:aws:s3:::b/k\""));
    assert_int_equal(list.items[0].edits[0].layer, LAYER_IDENTITY);
    expect(&list, 1, REMEDY_NARROW, SCP("\"Effect\":\"Allow\",\"NotAction\":\"s3:GetObject\",\"Resource\":\"*\""));
    expect(&list, 2, REMEDY_ADD,
           SCP("\"Sid\":\"DenyGetObject\",\"Effect\":\"Deny\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\","
               "\"Condition\":{\"ArnLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::111111111111:role/Admin\"}}"));
    assert_int_equal(list.items[2].edits[0].level, LEVELS - 1);
}

/* ---- policies of resources ---- */

static remedy_list of_resource(const char *action, const char *resource, const char *text)
{
    world *w = ARENA_NEW(&a, world, 1);
    world_make(w);
    for (uint32_t i = 0; i < LEVELS; i++) put(w, i, ALLOW_ALL);
    w->c.request.action = str_of(action);
    w->c.request.resource = str_of(resource);
    w->c.resource = text == NULL ? NULL : fixture_policy(&a, POLICY_RESOURCE, text);
    return remedies(&w->c);
}

static void a_key_is_delegated_to_its_account_too(void **state)
{
    static const char key[] = "arn:aws:kms:eu-central-1:111111111111:key/k";
    static const char admin[] = SCP(
        "\"Sid\":\"Admin\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111111111111:role/KeyAdmin\"},"
        "\"Action\":\"kms:*\",\"Resource\":\"*\"");
    (void)state;
    remedy_list list = of_resource("kms:Decrypt", key, NULL);
    assert_int_equal(list.count, 2);
    expect(&list, 1, REMEDY_ADD,
           SCP("\"Sid\":\"EnableIAMPolicies\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":"
               "\"arn:aws:iam::111111111111:root\"},\"Action\":\"kms:*\",\"Resource\":\"*\""));
    assert_int_equal(list.items[1].edits[0].what, WHAT_ALL);
    list = of_resource("kms:Decrypt", key, admin);
    assert_int_equal(list.count, 2); /* no narrower one of a role's own statement */
    assert_int_equal(list.items[1].edits[0].statement, 1);
    list = of_resource("s3:GetObject", "arn:aws:s3:::b/k", admin);
    for (uint32_t i = 0; i < list.count; i++) assert_int_not_equal(list.items[i].edits[0].what, WHAT_ALL);
}

/* What the request fulfils of the conditions that others have to. */
static void a_statement_more_keeps_the_conditions_of_its_like(void **state)
{
    static const char guarded[] = SCP(
        "\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"222222222222\"},\"Action\":\"sts:AssumeRole\",\"Condition\":{"
        "\"ArnLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::*:role/*\"},\"StringEquals\":{\"sts:ExternalId\":\"x\"}}");
    (void)state;
    remedy_list list = of_resource("sts:AssumeRole", "arn:aws:iam::111111111111:role/R", guarded);
    assert_true(list.count > 0);
    assert_int_equal(list.items[0].edits[0].kind, REMEDY_ADD);
    assert_string_equal(
        arena_str(&a, policy_print_statement(&a, &list.items[0].edits[0].after->statements[1])).ptr,
        "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111111111111:role/Admin\"},\"Action\":"
        "\"sts:AssumeRole\",\"Condition\":{\"ArnLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::*:role/*\"}}}");
}

/* ---- of an organization ---- */

/* The root, OU `ou`, its account; FullAWSAccess is taken away from the OU. list: attached there instead, or null. */
static remedy_list of_organization(org *o, const char *list, world *w, policy_level *levels)
{
    static const char allow_storage[] = SCP("\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"");
    explanation       x;
    remedy_list       out;
    const catalog    *facts = fixture_catalog(&a);
    org_type_enable(o, ORG_TYPE_SCP);
    uint32_t ou = org_ou_create(o, ORG_ROOT, STR("ou-ab12-aaaaaaaa"), STR("Prod"));
    uint32_t account = org_account_create(o, ou, STR("111111111111"), STR("Shop"), STR("shop@example.com"));
    /* One that would do, one that would deny as well, one that allows another thing. */
    (void)org_policy_create(o, ORG_TYPE_SCP, STR("p-storage1"), STR("storage"), STR(""), str_of(allow_storage));
    (void)org_policy_create(
        o, ORG_TYPE_SCP, STR("p-denies01"), STR("denies"), STR(""),
        STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"},"
            "{\"Effect\":\"Deny\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"));
    (void)org_policy_create(o, ORG_TYPE_SCP, STR("p-compute1"), STR("compute"), STR(""),
                            STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"ec2:*\","
                                "\"Resource\":\"*\"}]}"));
    uint32_t here = org_policy_create(o, ORG_TYPE_SCP, STR("p-here0001"), STR("here"), STR(""), str_of(list));
    org_attach(o, here, org_target_node(ou));
    org_detach(o, ORG_FULL_ACCESS, org_target_node(ou));
    const org_view *v = org_at(o, org_commit(o));
    world_make(w);
    w->c.scps = levels;
    w->c.scp_level_count = org_levels(&a, v, ORG_TYPE_SCP, account, levels);
    authz_explain_case(&a, &w->c, facts, &x);
    assert_int_equal(x.decision.kind, DECISION_IMPLICITLY_DENIED);
    authz_remedies(&a, &w->c, &x, facts, v, &out);
    for (uint32_t i = 0; i < out.count; i++) {
        assert_int_equal(authz_decide_case(&a, &out.items[i].changed, facts).kind, DECISION_ALLOWED);
        for (uint32_t k = 0; k < out.items[i].count; k++)
            assert_int_not_equal(out.items[i].edits[k].kind, REMEDY_ADD); /* there is one that does */
    }
    return out;
}

static org *organization(void)
{
    return org_new((org_options){.org_id = STR("o-exampleorg1"),
                                 .root_id = STR("r-ab12"),
                                 .management_id = STR("999999999999"),
                                 .management_name = STR("Management"),
                                 .management_email = STR("management@example.com")});
}

static uint32_t attached(const remedy_list *list, uint32_t org_policy)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        const remedy_edit *e = &list->items[i].edits[0];
        count += list->items[i].count == 1 && e->kind == REMEDY_ATTACH && e->org_policy == org_policy;
    }
    return count;
}

static void a_level_that_lost_full_access_gets_it_back(void **state)
{
    world        w = {0};
    policy_level levels[ORG_CHAIN_MAX];
    org         *o = organization();
    (void)state;
    remedy_list list =
        of_organization(o, SCP("\"Effect\":\"Deny\",\"Action\":\"ec2:*\",\"Resource\":\"*\""), &w, levels);
    assert_int_equal(attached(&list, ORG_FULL_ACCESS), 1);
    for (uint32_t i = ORG_FULL_ACCESS + 1; i < org_policy_count(org_head(o)); i++)
        assert_int_equal(attached(&list, i), 0);
    org_free(o);
}

static void a_list_is_extended_or_stands_beside_another(void **state)
{
    world        w = {0};
    policy_level levels[ORG_CHAIN_MAX];
    org         *o = organization();
    (void)state;
    remedy_list list =
        of_organization(o, SCP("\"Effect\":\"Allow\",\"Action\":\"ec2:*\",\"Resource\":\"*\""), &w, levels);
    uint32_t storage = org_policy_find(org_head(o), STR("p-storage1"));
    expect(&list, 0, REMEDY_EXTEND, NULL);
    assert_int_equal(attached(&list, ORG_FULL_ACCESS), 1);
    assert_int_equal(attached(&list, storage), 1);
    assert_int_equal(attached(&list, org_policy_find(org_head(o), STR("p-denies01"))), 0);
    assert_int_equal(attached(&list, org_policy_find(org_head(o), STR("p-compute1"))), 0);
    org_free(o);
}

/* ---- brute force: every set of crude edits, in every small world ---- */

/* A policy is detached, or full access attached to a level: each reaches all that a finer edit of its place does. */
static uint32_t smallest(const world *w, const catalog *facts)
{
    const policy *full = fixture_policy(&a, POLICY_SCP, ALLOW_ALL);
    uint32_t      places = 0, best = UINT32_MAX;
    for (uint32_t i = 0; i < LEVELS; i++) places += w->levels[i].count;
    for (uint32_t set = 0; set < 1u << (places + LEVELS); set++) {
        const policy *kept[LEVELS][4];
        policy_level  levels[LEVELS];
        policy_case   c = w->c;
        uint32_t      at = 0, edits = (uint32_t)__builtin_popcount(set);
        if (edits >= best) continue;
        for (uint32_t i = 0; i < LEVELS; i++) {
            levels[i] = (policy_level){kept[i], 0};
            for (uint32_t k = 0; k < w->levels[i].count; k++, at++)
                if ((set >> at & 1) == 0) kept[i][levels[i].count++] = w->policies[i][k];
            if (set >> (places + i) & 1) kept[i][levels[i].count++] = full;
        }
        c.scps = levels;
        arena scratch = a;
        if (authz_decide_case(&scratch, &c, facts).kind == DECISION_ALLOWED) best = edits;
    }
    return best;
}

static void no_smaller_set_of_edits_does(void **state)
{
    static const char allow_but_one[] =
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"},{"
        "\"Effect\":\"Deny\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}";
    static const char allow_other[] = SCP("\"Effect\":\"Allow\",\"Action\":\"ec2:*\",\"Resource\":\"*\"");
    static const char deny[] = SCP("\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"");
    static const char deny_never[] = SCP("\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{"
                                         "\"StringEquals\":{\"app:a\":\"x\"}}");
    static const char *const menu[] = {ALLOW_ALL, allow_other, deny, deny_never, allow_but_one};
    enum { MENU = COUNTOF(menu), PAIRS = MENU * MENU };
    (void)state;
    const catalog *facts = fixture_catalog(&a);
    const policy  *parsed[MENU];
    uint32_t       seen[REMEDY_EDITS + 1] = {0}, beyond = 0;
    for (uint32_t i = 0; i < MENU; i++) parsed[i] = fixture_policy(&a, POLICY_SCP, menu[i]);
    for (uint32_t n = 0; n < PAIRS * PAIRS * PAIRS; n += 7) { /* two policies a level; 7 has no factor of PAIRS */
        arena       undo = a;
        world       w = {0};
        explanation x;
        remedy_list list;
        world_make(&w);
        for (uint32_t i = 0, left = n; i < LEVELS; i++, left /= PAIRS) {
            w.policies[i][0] = parsed[left % MENU];
            w.policies[i][1] = parsed[left / MENU % MENU];
            w.levels[i].count = 2;
        }
        authz_explain_case(&a, &w.c, facts, &x);
        if (x.decision.kind != DECISION_ALLOWED) {
            uint32_t want = smallest(&w, facts);
            authz_remedies(&a, &w.c, &x, facts, NULL, &list);
            assert_true(list.complete);
            uint32_t have = list.count > 0 ? list.items[0].count : UINT32_MAX;
            if (have > want && (want <= REMEDY_EDITS || list.count > 0))
                fail_msg("world %u: %u edits, brute force needs %u", n, have, want);
            seen[have <= REMEDY_EDITS ? have : 0]++;
            beyond += want > REMEDY_EDITS;
        }
        a = undo;
    }
    for (uint32_t i = 1; i <= REMEDY_EDITS; i++) assert_true(seen[i] > 20);
    assert_true(beyond > 20 && seen[0] <= beyond);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_deny_is_narrowed_before_it_goes, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(an_exception_that_is_there_takes_one_more, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(two_levels_that_lack_an_allow_take_two_edits, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(what_no_policy_can_change_gets_no_remedy, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(an_allowed_request_is_denied_for_its_principal_first, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_key_is_delegated_to_its_account_too, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_statement_more_keeps_the_conditions_of_its_like, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_level_that_lost_full_access_gets_it_back, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_list_is_extended_or_stands_beside_another, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(no_smaller_set_of_edits_does, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
