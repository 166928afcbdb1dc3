/* Verdicts of chains are what the oracle decides, whatever is attached where. */
#include "support/fixture.h"

#include "base/rng.h"
#include "control/verdicts.h"
#include "oracle/oracle.h"

#define S(text)      "{\"Version\":\"2012-10-17\",\"Statement\":[" text "]}"
#define ALLOW(what)  "{\"Effect\":\"Allow\",\"Resource\":\"*\"," what "}"
#define DENY(what)   "{\"Effect\":\"Deny\",\"Resource\":\"*\"," what "}"
#define REGION(name) "\"Condition\":{\"StringEquals\":{\"aws:RequestedRegion\":\"" name "\"}}"

static const char *const contents[] = {
    S(ALLOW("\"Action\":\"organizations:*\"")),
    S(ALLOW("\"Action\":[\"s3:*\",\"organizations:Describe*\"]")),
    S(ALLOW("\"NotAction\":\"organizations:Leave*\"")),
    S(ALLOW("\"Action\":\"ec2:*\"")),
    S(ALLOW("\"Action\":\"*\"," REGION("us-east-1"))),
    S(ALLOW("\"Action\":\"*\"," REGION("eu-west-1"))),
    S(DENY("\"Action\":\"organizations:LeaveOrganization\"")),
    S(DENY("\"NotAction\":[\"s3:*\",\"organizations:D*\",\"organizations:List*\"]")),
    S(DENY("\"Action\":\"organizations:List*\"," REGION("eu-west-1"))),
    S(DENY("\"Action\":\"organizations:*Account\"," REGION("us-east-1"))),
    S("{\"Effect\":\"Deny\",\"Action\":\"organizations:DescribeAccount\",\"Resource\":\"arn:aws:organizations::*:"
      "account/*\"}"),
    S("{\"Effect\":\"Allow\",\"Action\":\"organizations:*\",\"Resource\":[\"arn:aws:organizations::*:ou/*\",\"*\"]}"),
};
#define WORLDS 400

static uint32_t draw(uint32_t world, uint32_t n, uint32_t below)
{
    return (uint32_t)rng_scale(rng_at(20261125, RNG_ID, world, n), below);
}

/* A chain of three below the root, each with some of the policies. */
static org *world_new(uint32_t number, uint32_t *account)
{
    org     *o = org_new((org_options){.org_id = STR("o-exampleorgid"),
                                       .root_id = STR("r-ab12"),
                                       .management_id = STR("111111111111"),
                                       .management_name = STR("management"),
                                       .management_email = STR("m@example.com")});
    uint32_t policies[COUNTOF(contents)], n = 0;
    org_type_enable(o, ORG_TYPE_SCP);
    uint32_t ou = org_ou_create(o, ORG_ROOT, STR("ou-ab12-0000000a"), STR("a"));
    *account = org_account_create(o, ou, STR("222222222222"), STR("two"), STR("two@example.com"));
    for (uint32_t i = 0; i < COUNTOF(contents); i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "p-%08u", i);
        policies[i] = org_policy_create(o, ORG_TYPE_SCP, str_of(id), str_of(id), STR(""), str_of(contents[i]));
    }
    const org_target chain[] = {org_target_node(ORG_ROOT), org_target_node(ou), org_target_account(*account)};
    for (uint32_t level = 0; level < COUNTOF(chain); level++) {
        uint32_t attached = 0;
        for (uint32_t i = 0; i < COUNTOF(contents); i++)
            if (draw(number, n++, 5) == 0) {
                org_attach(o, policies[i], chain[level]);
                attached++;
            }
        if (attached > 0 && draw(number, n++, 3) == 0) org_detach(o, ORG_FULL_ACCESS, chain[level]);
    }
    return o;
}

static decision decide(arena scratch, const org *o, control_operation op, const catalog *facts)
{
    const policy *everything = org_policy_parsed(org_head(o), ORG_FULL_ACCESS);
    str           home = STR("us-east-1");
    request_key   region = {STR("aws:RequestedRegion"), &home, 1, false};
    policy_case   c = {.identity = {&everything, 1}};
    c.request = (request){.principal = STR("arn:aws:iam::222222222222:role/Admin"),
                          .action = arena_format(&scratch, "organizations:%s", control_operation_name(op)),
                          .resource = STR("*"),
                          .resource_account = STR("222222222222"),
                          .context = &region,
                          .context_count = 1};
    return oracle_decide_at(org_head(o), &c, facts);
}

static void verdicts_are_the_oracles(void **state)
{
    arena    a;
    uint32_t seen[CHAIN_DEPENDS + 1] = {0};
    (void)state;
    arena_init(&a, MEMORY_GENERAL);
    const catalog *facts = fixture_catalog(&a);
    for (uint32_t number = 0; number < WORLDS; number++) {
        verdicts v = {0};
        uint32_t account;
        org     *o = world_new(number, &account);
        for (uint32_t op = 0; op < CONTROL_OPERATION_COUNT; op++) {
            chain_verdict got = verdicts_of_chain(&v, org_head(o), account, (control_operation)op);
            seen[got]++;
            assert_int_equal(got, verdicts_of_chain(&v, org_head(o), account, (control_operation)op));
            if (got == CHAIN_DEPENDS) continue;
            bool allowed = decide(a, o, (control_operation)op, facts).kind == DECISION_ALLOWED;
            if (allowed != (got == CHAIN_ALLOWS))
                fail_msg("world %u, %s: %s", number, control_operation_name((control_operation)op),
                         allowed ? "allowed" : "denied");
        }
        verdicts_deinit(&v);
        org_free(o);
    }
    for (int kind = CHAIN_ALLOWS; kind <= CHAIN_DEPENDS; kind++) assert_true(seen[kind] > 1000);
    arena_deinit(&a);
}

/* A policy's new text is another policy. */
static void texts_change(void **state)
{
    uint32_t account;
    verdicts v = {0};
    (void)state;
    org *o = org_new((org_options){.org_id = STR("o-exampleorgid"),
                                   .root_id = STR("r-ab12"),
                                   .management_id = STR("111111111111"),
                                   .management_name = STR("management"),
                                   .management_email = STR("m@example.com")});
    org_type_enable(o, ORG_TYPE_SCP);
    account = org_account_create(o, ORG_ROOT, STR("222222222222"), STR("two"), STR("two@example.com"));
    uint32_t p = org_policy_create(o, ORG_TYPE_SCP, STR("p-00000001"), STR("p"), STR(""), str_of(contents[6]));
    assert_int_equal(verdicts_of_chain(&v, org_head(o), account, CONTROL_LEAVE_ORGANIZATION), CHAIN_ALLOWS);
    org_attach(o, p, org_target_account(account));
    assert_int_equal(verdicts_of_chain(&v, org_head(o), account, CONTROL_LEAVE_ORGANIZATION), CHAIN_DENIES);
    org_policy_update(o, p, (str){0}, (str){0}, str_of(contents[9]));
    assert_int_equal(verdicts_of_chain(&v, org_head(o), account, CONTROL_LEAVE_ORGANIZATION), CHAIN_ALLOWS);
    assert_int_equal(verdicts_of_chain(&v, org_head(o), account, CONTROL_MOVE_ACCOUNT), CHAIN_DEPENDS);
    verdicts_deinit(&v);
    org_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_are_the_oracles),
        cmocka_unit_test(texts_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
