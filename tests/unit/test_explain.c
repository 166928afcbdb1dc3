#include "support/fixture.h"

#include "authz/case.h"
#include "authz/explain.h"

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

static policy_level level_of(const policy *p)
{
    const policy **list = ARENA_NEW(&a, const policy *, 1);
    list[0] = p;
    return (policy_level){list, p != NULL};
}

/* The administrator of an account asks for s3:GetObject on one of its own objects: SCPs of two levels. */
static policy_case case_of(const char *root, const char *account)
{
    static const char allow_all[] = SCP("\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"");
    policy_case       c = {.id = STR("case"), .scps_apply = true, .scp_level_count = 2};
    c.request.principal = STR("arn:aws:iam::111111111111:role/Admin");
    c.request.action = STR("s3:GetObject");
    c.request.resource = STR("arn:aws:s3:::b/k");
    c.request.resource_account = STR("111111111111");
    c.scps = ARENA_NEW(&a, policy_level, 2);
    c.scps[0] = level_of(fixture_policy(&a, POLICY_SCP, root));
    c.scps[1] = level_of(fixture_policy(&a, POLICY_SCP, account));
    c.identity = level_of(fixture_policy(&a, POLICY_IDENTITY, allow_all));
    return c;
}

static explanation explained(const policy_case *c)
{
    explanation x;
    authz_explain_case(&a, c, fixture_catalog(&a), &x);
    assert_true(decision_equal(x.decision, authz_decide_case(&a, c, fixture_catalog(&a))));
    return x;
}

static const statement_trace *first_of(const explanation *x, decision_layer layer, uint32_t level)
{
    return &x->layers[layer].levels[level].statements[0];
}

#define ALLOW_ALL SCP("\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"")

static void the_first_element_that_fails_is_named(void **state)
{
    static const struct {
        const char       *statement;
        statement_outcome outcome;
        uint32_t          action, resource, clause;
    } rows[] = {
        {"\"Action\":[\"ec2:*\",\"s3:Get*\"],\"Resource\":[\"arn:aws:s3:::c/*\",\"arn:aws:s3:::b/*\"]",
         STATEMENT_MATCHES, 1, 1, EXPLAIN_NONE},
        {"\"Action\":[\"ec2:*\",\"iam:*\"],\"Resource\":\"*\"", STATEMENT_OTHER_ACTION, EXPLAIN_NONE, EXPLAIN_NONE,
         EXPLAIN_NONE},
        {"\"NotAction\":[\"ec2:*\",\"s3:*\"],\"Resource\":\"*\"", STATEMENT_OTHER_ACTION, 1, EXPLAIN_NONE,
         EXPLAIN_NONE},
        {"\"NotAction\":\"ec2:*\",\"Resource\":\"*\"", STATEMENT_MATCHES, EXPLAIN_NONE, 0, EXPLAIN_NONE},
        {"\"Action\":\"S3:getobject\",\"Resource\":\"arn:aws:s3:::c/*\"", STATEMENT_OTHER_RESOURCE, 0, EXPLAIN_NONE,
         EXPLAIN_NONE},
        {"\"Action\":\"*\",\"NotResource\":[\"arn:aws:s3:::c/*\",\"arn:aws:s3:::b/*\"]", STATEMENT_OTHER_RESOURCE, 0, 1,
         EXPLAIN_NONE},
        {"\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"Null\":{\"app:a\":\"true\"},\"StringEquals\":{\"app:b\":"
         "\"x\"}}",
         STATEMENT_CONDITION_FAILS, 0, 0, 1},
    };
    (void)state;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        str                    text = arena_format(&a, SCP("\"Effect\":\"Deny\",%s"), rows[i].statement);
        policy_case            c = case_of(ALLOW_ALL, text.ptr);
        explanation            x = explained(&c);
        const statement_trace *t = first_of(&x, LAYER_SCP, 1);
        if (t->outcome != rows[i].outcome || t->action != rows[i].action || t->resource != rows[i].resource ||
            t->clause != rows[i].clause)
            fail_msg("row %zu: outcome %d, action %u, resource %u, clause %u", i, (int)t->outcome, t->action,
                     t->resource, t->clause);
    }
}

static void the_topmost_level_without_an_allow_decides_and_all_are_shown(void **state)
{
    (void)state;
    policy_case c = case_of(SCP("\"Effect\":\"Allow\",\"Action\":\"ec2:*\",\"Resource\":\"*\""),
                            SCP("\"Effect\":\"Allow\",\"Action\":\"iam:*\",\"Resource\":\"*\""));
    explanation x = explained(&c);
    assert_true(decision_equal(x.decision, (decision){DECISION_IMPLICITLY_DENIED, LAYER_SCP, 0}));
    assert_int_equal(x.layers[LAYER_SCP].level_count, 2);
    assert_int_equal(x.layers[LAYER_SCP].levels[0].verdict, LEVEL_IMPLICIT);
    assert_int_equal(x.layers[LAYER_SCP].levels[1].verdict, LEVEL_IMPLICIT);
    assert_int_equal(x.layers[LAYER_IDENTITY].verdict, LEVEL_ALLOW);
    c.scps[1] =
        level_of(fixture_policy(&a, POLICY_SCP, SCP("\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"")));
    x = explained(&c); /* an explicit deny is reported first, wherever it is */
    assert_true(decision_equal(x.decision, (decision){DECISION_EXPLICITLY_DENIED, LAYER_SCP, 1}));
}

static void a_layer_that_does_not_apply_says_why(void **state)
{
    (void)state;
    policy_case c = case_of(ALLOW_ALL, ALLOW_ALL);
    explanation x = explained(&c);
    assert_int_equal(x.layers[LAYER_SCP].presence, LAYER_APPLIES);
    assert_int_equal(x.layers[LAYER_RCP].presence, LAYER_ABSENT);
    assert_int_equal(x.layers[LAYER_RESOURCE].presence, LAYER_ABSENT);
    c.management_account = STR("111111111111");
    x = explained(&c);
    assert_int_equal(x.layers[LAYER_SCP].presence, LAYER_MANAGEMENT);
    assert_int_equal(x.layers[LAYER_SCP].level_count, 0);
    c.request.principal = STR("arn:aws:iam::111111111111:root");
    assert_int_equal(explained(&c).layers[LAYER_IDENTITY].presence, LAYER_ROOT_USER);
    c.request.principal = STR("cloudtrail.amazonaws.com");
    assert_int_equal(explained(&c).layers[LAYER_SCP].presence, LAYER_NOT_IN_ACCOUNT);
    c.request.principal = STR("arn:aws:iam::111111111111:role/aws-service-role/a.amazonaws.com/AWSServiceRoleForA");
    assert_int_equal(explained(&c).layers[LAYER_SCP].presence, LAYER_SERVICE_LINKED);
    c.request.principal = STR("arn:aws:iam::222222222222:user/u");
    c.request.action = STR("sts:GetCallerIdentity");
    assert_int_equal(explained(&c).layers[LAYER_SCP].presence, LAYER_NOTHING_NEEDED);
}

static void a_service_that_does_not_honour_rcps_is_not_bound_by_them(void **state)
{
    static const char deny[] =
        SCP("\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":[\"s3:*\",\"ec2:*\"],\"Resource\":\"*\"");
    (void)state;
    policy_case c = case_of(ALLOW_ALL, ALLOW_ALL);
    c.rcps_apply = true;
    c.rcp_level_count = 1;
    c.rcps = ARENA_NEW(&a, policy_level, 1);
    c.rcps[0] = level_of(fixture_policy(&a, POLICY_RCP, deny));
    assert_true(decision_equal(explained(&c).decision, (decision){DECISION_EXPLICITLY_DENIED, LAYER_RCP, 0}));
    c.request.action = STR("ec2:RunInstances");
    explanation x = explained(&c);
    assert_int_equal(x.decision.kind, DECISION_ALLOWED);
    assert_int_equal(x.layers[LAYER_RCP].presence, LAYER_OTHER_SERVICE);
}

static void obstacles_are(const policy_case *c, const decision *want, uint32_t count)
{
    explanation x = explained(c);
    decision   *have = NULL;
    assert_int_equal(authz_explain_obstacles(&a, &x, &have), count);
    for (uint32_t i = 0; i < count; i++)
        if (!decision_equal(have[i], want[i]))
            fail_msg("obstacle %u: layer %u, level %u", i, have[i].layer, have[i].level);
}

static void everything_in_the_way_is_named_one_after_the_other(void **state)
{
    static const char deny[] = SCP("\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"");
    static const char other[] = SCP("\"Effect\":\"Allow\",\"Action\":\"ec2:*\",\"Resource\":\"*\"");
    (void)state;
    policy_case c = case_of(other, deny);
    c.identity = (policy_level){NULL, 0};
    c.boundary = fixture_policy(&a, POLICY_BOUNDARY, other);
    c.session = level_of(fixture_policy(&a, POLICY_SESSION, deny));
    const decision want[] = {
        {DECISION_EXPLICITLY_DENIED, LAYER_SCP, 1},      {DECISION_EXPLICITLY_DENIED, LAYER_SESSION, 0},
        {DECISION_IMPLICITLY_DENIED, LAYER_SCP, 0},      {DECISION_IMPLICITLY_DENIED, LAYER_SCP, 1},
        {DECISION_IMPLICITLY_DENIED, LAYER_IDENTITY, 0}, {DECISION_IMPLICITLY_DENIED, LAYER_BOUNDARY, 0},
        {DECISION_IMPLICITLY_DENIED, LAYER_SESSION, 0}};
    obstacles_are(&c, want, COUNTOF(want));
    /* A grant that is missing is one, whoever asks. */
    c = (policy_case){.request = c.request};
    const decision           grant = {DECISION_IMPLICITLY_DENIED, LAYER_IDENTITY, 0};
    static const char *const callers[] = {"anonymous", "cloudtrail.amazonaws.com", "arn:aws:iam::222222222222:user/u",
                                          "arn:aws:sts::111111111111:federated-user/f",
                                          "arn:aws:sts::222222222222:federated-user/f"};
    for (size_t i = 0; i < COUNTOF(callers); i++) {
        c.request.principal = str_of(callers[i]);
        obstacles_are(&c, &grant, 1);
    }
    c = case_of(ALLOW_ALL, ALLOW_ALL);
    obstacles_are(&c, NULL, 0);
}

/* A decision counts levels up to 255. */
static void levels_that_a_decision_cannot_number_are_found(void **state)
{
    enum { LEVELS = 300 };
    (void)state;
    policy_case c = case_of(ALLOW_ALL, ALLOW_ALL);
    decision   *have = NULL;
    c.scp_level_count = LEVELS;
    c.scps = ARENA_NEW(&a, policy_level, LEVELS);
    explanation x = explained(&c);
    assert_int_equal(x.decision.level, 0);
    assert_int_equal(authz_explain_obstacles(&a, &x, &have), LEVELS);
    assert_int_equal(have[LEVELS - 1].level, UINT8_MAX);
    for (uint32_t i = 0; i < LEVELS; i++) c.scps[i] = level_of(fixture_policy(&a, POLICY_SCP, ALLOW_ALL));
    c.scps[280] =
        level_of(fixture_policy(&a, POLICY_SCP, SCP("\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"")));
    x = explained(&c);
    assert_int_equal(x.decision.level, UINT8_MAX);
    assert_int_equal(authz_explain_level(&x, x.decision), 280);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_element_that_fails_is_named, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(the_topmost_level_without_an_allow_decides_and_all_are_shown, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(a_layer_that_does_not_apply_says_why, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_service_that_does_not_honour_rcps_is_not_bound_by_them, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(everything_in_the_way_is_named_one_after_the_other, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(levels_that_a_decision_cannot_number_are_found, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
