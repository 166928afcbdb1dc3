/* The levels that the oracle reads from an organization: chains of SCPs and RCPs, the management account, who is not
 * in it (spec 5.3, T10 to T13). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "oracle/oracle.h"

static arena run; /* what all tests share */

static int setup(void **state)
{
    (void)state;
    arena_init(&run, MEMORY_GENERAL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&run);
    return 0;
}

static const policy *policy_of(policy_type type, const char *text)
{
    source *in = ARENA_NEW(&run, source, 1);
    policy *parsed;
    err     e = {0};
    *in = (source){STR("policy"), str_of(text), 1};
    if (policy_parse(&run, in, (policy_parse_options){.type = type}, &parsed, &e) != STATUS_OK) fail_msg("%s", e.text);
    return parsed;
}

#define DENY_S3 \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"
#define DENY_S3_TO_ALL                                                                                         \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\"," \
    "\"Resource\":\"*\"}]}"
#define OPEN_BUCKET                                                                                             \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:*\"," \
    "\"Resource\":\"arn:aws:s3:::b/*\"}]}"
#define ALLOW_EC2 \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"ec2:*\",\"Resource\":\"*\"}]}"
#define ALLOW_ALL \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}"

static org *organization_new(void)
{
    org *o = org_new((org_options){.org_id = STR("o-exampleorgid"),
                                   .root_id = STR("r-ab12"),
                                   .management_id = STR("999999999999"),
                                   .management_name = STR("management"),
                                   .management_email = STR("management@example.com")});
    org_type_enable(o, ORG_TYPE_SCP);
    return o;
}

/* What an administrator of the account is told who lists its buckets. */
static decision ask(const org *o, uint32_t revision, uint32_t account)
{
    const org_view *view = org_at(o, revision);
    const policy   *p = policy_of(POLICY_IDENTITY, ALLOW_ALL);
    str             id = org_account_id(view, account);
    policy_case     c = {.identity = {&p, 1}};
    c.request = (request){.principal = arena_format(&run, "arn:aws:iam::%.*s:user/admin", STR_FMT(id)),
                          .action = STR("s3:ListAllMyBuckets"),
                          .resource = STR("*"),
                          .resource_account = id};
    return oracle_decide_at(view, &c, NULL);
}

static void assert_decision(decision d, decision_kind kind, decision_layer layer, uint8_t level)
{
    assert_string_equal(decision_name(d.kind), decision_name(kind));
    assert_string_equal(layer_name(d.layer), layer_name(layer));
    assert_int_equal(d.level, level);
}

static void levels_come_from_the_chain_of_the_account(void **state)
{
    (void)state;
    org     *o = organization_new();
    uint32_t ou = org_ou_create(o, ORG_ROOT, STR("ou-ab12-11111111"), STR("Workloads"));
    uint32_t below = org_ou_create(o, ou, STR("ou-ab12-22222222"), STR("Prod"));
    uint32_t member = org_account_create(o, below, STR("111111111111"), STR("member"), STR("member@example.com"));
    uint32_t deny = org_policy_create(o, ORG_TYPE_SCP, STR("p-11111111"), STR("no-s3"), STR(""), STR(DENY_S3));
    uint32_t first = org_commit(o);
    assert_decision(ask(o, first, member), DECISION_ALLOWED, LAYER_NONE, 0);

    org_attach(o, deny, org_target_node(ou));
    uint32_t denied = org_commit(o);
    assert_decision(ask(o, denied, member), DECISION_EXPLICITLY_DENIED, LAYER_SCP, 1);
    assert_decision(ask(o, first, member), DECISION_ALLOWED, LAYER_NONE, 0); /* an old view keeps its answer */

    org_account_move(o, member, ORG_ROOT);
    assert_decision(ask(o, org_commit(o), member), DECISION_ALLOWED, LAYER_NONE, 0);

    org_attach(o, deny, org_target_account(member)); /* travels with the account */
    assert_decision(ask(o, org_commit(o), member), DECISION_EXPLICITLY_DENIED, LAYER_SCP, 1);
    org_account_move(o, member, below);
    org_detach(o, deny, org_target_node(ou));
    assert_decision(ask(o, org_commit(o), member), DECISION_EXPLICITLY_DENIED, LAYER_SCP, 3);

    org_policy_update(o, deny, (str){NULL, 0}, (str){NULL, 0}, STR(ALLOW_EC2));
    assert_decision(ask(o, org_commit(o), member), DECISION_ALLOWED, LAYER_NONE, 0); /* FullAWSAccess beside it */
    org_detach(o, ORG_FULL_ACCESS, org_target_account(member));
    assert_decision(ask(o, org_commit(o), member), DECISION_IMPLICITLY_DENIED, LAYER_SCP, 3);
    org_free(o);
}

static void the_management_account_and_a_disabled_type_are_not_restricted(void **state)
{
    (void)state;
    org     *o = organization_new();
    uint32_t member = org_account_create(o, ORG_ROOT, STR("111111111111"), STR("member"), STR("member@example.com"));
    uint32_t deny = org_policy_create(o, ORG_TYPE_SCP, STR("p-11111111"), STR("no-s3"), STR(""), STR(DENY_S3));
    org_attach(o, deny, org_target_node(ORG_ROOT));
    org_attach(o, deny, org_target_account(ORG_MANAGEMENT));
    uint32_t attached = org_commit(o);
    assert_decision(ask(o, attached, member), DECISION_EXPLICITLY_DENIED, LAYER_SCP, 0);
    assert_decision(ask(o, attached, ORG_MANAGEMENT), DECISION_ALLOWED, LAYER_NONE, 0);

    org_type_disable(o, ORG_TYPE_SCP);
    assert_decision(ask(o, org_commit(o), member), DECISION_ALLOWED, LAYER_NONE, 0);
    org_type_enable(o, ORG_TYPE_SCP); /* old attachments are not restored */
    assert_decision(ask(o, org_commit(o), member), DECISION_ALLOWED, LAYER_NONE, 0);
    org_free(o);
}

/* T12: a bucket of a member that is open to everyone; by SCPs s3 is denied to all accounts, or by RCPs. */
static void who_is_looked_at(void **state)
{
#define REACHED(kind_, layer_)              \
    {                                       \
        DECISION_##kind_, LAYER_##layer_, 0 \
    }
    static const struct {
        const char *what, *principal, *owner;
        decision    by_scp, by_rcp;
    } rows[] = {
        {"role of the member", "arn:aws:iam::111111111111:role/a", "111111111111", REACHED(EXPLICITLY_DENIED, SCP),
         REACHED(EXPLICITLY_DENIED, RCP)},
        {"its root user", "arn:aws:iam::111111111111:root", "111111111111", REACHED(EXPLICITLY_DENIED, SCP),
         REACHED(EXPLICITLY_DENIED, RCP)},
        {"role of another member", "arn:aws:iam::222222222222:role/a", "111111111111", REACHED(EXPLICITLY_DENIED, SCP),
         REACHED(EXPLICITLY_DENIED, RCP)},
        {"role of the management account", "arn:aws:iam::999999999999:role/a", "111111111111", REACHED(ALLOWED, NONE),
         REACHED(EXPLICITLY_DENIED, RCP)},
        {"role of an outside account", "arn:aws:iam::333333333333:role/a", "111111111111", REACHED(ALLOWED, NONE),
         REACHED(EXPLICITLY_DENIED, RCP)},
        {"service-linked role", "arn:aws:iam::111111111111:role/aws-service-role/x/AWSServiceRoleForX", "111111111111",
         REACHED(ALLOWED, NONE), REACHED(ALLOWED, NONE)},
        {"anonymous", "anonymous", "111111111111", REACHED(ALLOWED, NONE), REACHED(EXPLICITLY_DENIED, RCP)},
        {"a member and an outside bucket", "arn:aws:iam::111111111111:role/a", "333333333333",
         REACHED(EXPLICITLY_DENIED, SCP), REACHED(ALLOWED, NONE)},
        {"a member and the management account's", "arn:aws:iam::111111111111:role/a", "999999999999",
         REACHED(EXPLICITLY_DENIED, SCP), REACHED(ALLOWED, NONE)},
    };
    (void)state;
    org *o = organization_new();
    org_account_create(o, ORG_ROOT, STR("111111111111"), STR("member"), STR("member@example.com"));
    org_account_create(o, ORG_ROOT, STR("222222222222"), STR("delegated"), STR("delegated@example.com"));
    uint32_t scp = org_policy_create(o, ORG_TYPE_SCP, STR("p-11111111"), STR("no-s3"), STR(""), STR(DENY_S3));
    uint32_t rcp = org_policy_create(o, ORG_TYPE_RCP, STR("p-22222222"), STR("no-s3"), STR(""), STR(DENY_S3_TO_ALL));
    org_attach(o, scp, org_target_node(ORG_ROOT));
    uint32_t by_scp = org_commit(o);
    org_detach(o, scp, org_target_node(ORG_ROOT));
    org_type_enable(o, ORG_TYPE_RCP);
    org_attach(o, rcp, org_target_node(ORG_ROOT));
    uint32_t by_rcp = org_commit(o);

    const policy *all = policy_of(POLICY_IDENTITY, ALLOW_ALL);
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        policy_level nothing = {NULL, 0};
        policy_case  c = {.identity = {&all, 1}, .resource = policy_of(POLICY_RESOURCE, OPEN_BUCKET)};
        c.request = (request){.principal = str_of(rows[i].principal),
                              .action = STR("s3:GetObject"),
                              .resource = STR("arn:aws:s3:::b/k"),
                              .resource_account = str_of(rows[i].owner)};
        c.scps = c.rcps = &nothing; /* what the case says of the organization is not looked at */
        c.scps_apply = c.rcps_apply = true;
        c.scp_level_count = c.rcp_level_count = 1;
        c.management_account = STR("111111111111");
        decision d = oracle_decide_at(org_at(o, by_scp), &c, NULL);
        if (!decision_equal(d, rows[i].by_scp))
            fail_msg("%s, SCP: %s %s", rows[i].what, decision_name(d.kind), layer_name(d.layer));
        d = oracle_decide_at(org_at(o, by_rcp), &c, NULL);
        if (!decision_equal(d, rows[i].by_rcp))
            fail_msg("%s, RCP: %s %s", rows[i].what, decision_name(d.kind), layer_name(d.layer));
    }
    org_free(o);
}

static void rcps_come_from_the_chain_of_the_resource(void **state)
{
    (void)state;
    org     *o = organization_new();
    uint32_t ou = org_ou_create(o, ORG_ROOT, STR("ou-ab12-11111111"), STR("Workloads"));
    uint32_t member = org_account_create(o, ou, STR("111111111111"), STR("member"), STR("member@example.com"));
    org_type_enable(o, ORG_TYPE_RCP);
    uint32_t rcp = org_policy_create(o, ORG_TYPE_RCP, STR("p-22222222"), STR("no-s3"), STR(""), STR(DENY_S3_TO_ALL));
    assert_decision(ask(o, org_commit(o), member), DECISION_ALLOWED, LAYER_NONE, 0);
    org_attach(o, rcp, org_target_account(member));
    assert_decision(ask(o, org_commit(o), member), DECISION_EXPLICITLY_DENIED, LAYER_RCP, 2);
    org_attach(o, rcp, org_target_node(ou)); /* the topmost is named */
    assert_decision(ask(o, org_commit(o), member), DECISION_EXPLICITLY_DENIED, LAYER_RCP, 1);
    org_account_move(o, member, ORG_ROOT); /* its own go with it */
    assert_decision(ask(o, org_commit(o), member), DECISION_EXPLICITLY_DENIED, LAYER_RCP, 1);
    org_detach(o, rcp, org_target_account(member));
    assert_decision(ask(o, org_commit(o), member), DECISION_ALLOWED, LAYER_NONE, 0);
    org_attach(o, rcp, org_target_node(ORG_ROOT));
    assert_decision(ask(o, org_commit(o), member), DECISION_EXPLICITLY_DENIED, LAYER_RCP, 0);
    assert_decision(ask(o, org_revision(o), ORG_MANAGEMENT), DECISION_ALLOWED, LAYER_NONE, 0);
    org_account_remove(o, member); /* in no organization: bound by neither */
    assert_decision(ask(o, org_commit(o), member), DECISION_ALLOWED, LAYER_NONE, 0);
    org_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_come_from_the_chain_of_the_account),
        cmocka_unit_test(the_management_account_and_a_disabled_type_are_not_restricted),
        cmocka_unit_test(who_is_looked_at),
        cmocka_unit_test(rcps_come_from_the_chain_of_the_resource),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
