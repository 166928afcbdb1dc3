#include "support/fixture.h"

#include "authz/case.h"
#include "policy/case.h"

static const catalog *facts;
FIXTURE_ARENA(facts = fixture_catalog(&a))

#define BOB     "arn:aws:iam::111122223333:user/Bob"
#define ROLE    "arn:aws:iam::111122223333:role/App"
#define SESSION "arn:aws:sts::111122223333:assumed-role/App/s"
#define FED     "arn:aws:sts::111122223333:federated-user/Eve"
#define ROOT    "arn:aws:iam::111122223333:root"
#define SLR     "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
#define SAML    "arn:aws:iam::111122223333:saml-provider/Idp"

#define ALLOW SCP("\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"")
#define DENY  SCP("\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"")
#define NONE  SCP("\"Effect\":\"Allow\",\"Action\":\"x:y\",\"Resource\":\"*\"")
#define TO(effect, principal) \
    SCP("\"Effect\":\"" effect "\",\"Principal\":" principal ",\"Action\":\"*\",\"Resource\":\"*\"")
#define GRANT(aws) TO("Allow", "{\"AWS\":\"" aws "\"}")
#define ANYONE     TO("Allow", "\"*\"")

static policy_case read_case(const char *who, const char *action, const char *owner, const char *policies)
{
    bool              key = strncmp(action, "kms:", 4) == 0;
    const char       *resource = key ? "arn:aws:kms:us-east-1:111122223333:key/k" : "arn:aws:s3:::b/k";
    policy_case       c;
    err               e = {0};
    source           *in = ARENA_NEW(&a, source, 1);
    static const char form[] = "{\"id\":\"x\",\"request\":{\"principal\":\"%s\",\"action\":\"%s\","
                               "\"resource\":\"%s\",\"resource_account\":\"%s\"},\"policies\":{%s},"
                               "\"management_account\":\"999999999999\"}";
    str               text = arena_format(&a, form, who, action, resource, owner, policies);
    *in = (source){STR("row"), text, 1};
    if (case_read(&a, in, 0, text.len, &c, &e) != STATUS_OK) fail_msg("%s", e.text);
    return c;
}

#define MINE   "111122223333"
#define THEIRS "444455556666"
#define READ   "s3:GetObject"

enum { YES = DECISION_ALLOWED, NO = DECISION_IMPLICITLY_DENIED, NEVER = DECISION_EXPLICITLY_DENIED };

/* Who is let in by what, and who says no: the tables of spec 4.2 to 4.6. */
static void layers_are_combined(void **state)
{
    (void)state;
    static const struct {
        const char *who, *action, *owner, *policies;
        int         kind;
        uint8_t     layer, level;
    } rows[] = {
        /* identity, and no grant */
        {BOB, READ, MINE, "\"identity\":[" ALLOW "]", YES, LAYER_NONE, 0},
        {BOB, READ, MINE, "", NO, LAYER_IDENTITY, 0},
        {ROOT, READ, MINE, "", YES, LAYER_NONE, 0},
        {ROOT, READ, MINE, "\"permissions_boundary\":" NONE ",\"identity\":[" DENY "]", YES, LAYER_NONE, 0},
        {"anonymous", READ, MINE, "\"identity\":[" ALLOW "]", NO, LAYER_IDENTITY, 0},
        {SAML, READ, MINE, "\"identity\":[" ALLOW "]", NO, LAYER_IDENTITY, 0},
        {"anonymous", READ, MINE, "\"resource\":" ANYONE, YES, LAYER_NONE, 0},
        {"sns.amazonaws.com", READ, MINE, "\"resource\":" TO("Allow", "{\"Service\":\"sns.amazonaws.com\"}"), YES,
         LAYER_NONE, 0},
        {SAML, "sts:AssumeRoleWithSAML", MINE, "\"resource\":" TO("Allow", "{\"Federated\":\"" SAML "\"}"), YES,
         LAYER_NONE, 0},
        /* grants in the same account, and what takes them back */
        {BOB, READ, MINE, "\"resource\":" GRANT(BOB) ",\"permissions_boundary\":" NONE, YES, LAYER_NONE, 0},
        {BOB, READ, MINE, "\"resource\":" ANYONE ",\"permissions_boundary\":" NONE, YES, LAYER_NONE, 0},
        {SESSION, READ, MINE, "\"resource\":" GRANT(SESSION) ",\"session\":[" NONE "]", YES, LAYER_NONE, 0},
        {SESSION, READ, MINE, "\"resource\":" GRANT(ROLE), YES, LAYER_NONE, 0},
        {SESSION, READ, MINE, "\"resource\":" GRANT(ROLE) ",\"session\":[" NONE "]", NO, LAYER_SESSION, 0},
        {SESSION, READ, MINE, "\"resource\":" GRANT(ROLE) ",\"permissions_boundary\":" NONE, NO, LAYER_BOUNDARY, 0},
        {BOB, READ, MINE, "\"resource\":" GRANT(MINE), NO, LAYER_IDENTITY, 0},
        {BOB, READ, MINE, "\"resource\":" GRANT(MINE) ",\"identity\":[" ALLOW "]", YES, LAYER_NONE, 0},
        {BOB, READ, MINE, "\"identity\":[" ALLOW "],\"permissions_boundary\":" NONE ",\"session\":[" NONE "]", NO,
         LAYER_BOUNDARY, 0},
        {BOB, READ, MINE, "\"resource\":" TO("Deny", "{\"AWS\":\"" MINE "\"}") ",\"identity\":[" ALLOW "]", NEVER,
         LAYER_RESOURCE, 0},
        {BOB, READ, MINE, "\"resource\":" ALLOW, NO, LAYER_IDENTITY, 0}, /* it names nobody */
        /* a federated user without session policies has no identity grant */
        {FED, READ, MINE, "\"identity\":[" ALLOW "]", NO, LAYER_IDENTITY, 0},
        {FED, READ, MINE, "\"identity\":[" ALLOW "],\"session\":[" ALLOW "]", YES, LAYER_NONE, 0},
        {FED, READ, MINE, "\"resource\":" GRANT(FED), YES, LAYER_NONE, 0},
        /* another account */
        {BOB, READ, THEIRS, "\"identity\":[" ALLOW "]", NO, LAYER_IDENTITY, 0},
        {BOB, READ, THEIRS, "\"resource\":" GRANT(BOB), NO, LAYER_IDENTITY, 0},
        {BOB, READ, THEIRS, "\"resource\":" GRANT(MINE) ",\"identity\":[" ALLOW "]", YES, LAYER_NONE, 0},
        {BOB, READ, THEIRS, "\"resource\":" GRANT(BOB) ",\"identity\":[" ALLOW "],\"permissions_boundary\":" NONE, NO,
         LAYER_BOUNDARY, 0},
        {ROOT, READ, THEIRS, "\"resource\":" GRANT(MINE), YES, LAYER_NONE, 0},
        {ROOT, READ, THEIRS, "", NO, LAYER_IDENTITY, 0},
        /* keys and roles trust identity policies only as far as their own says */
        {BOB, "kms:Decrypt", MINE, "\"identity\":[" ALLOW "]", NO, LAYER_IDENTITY, 0},
        {BOB, "kms:Decrypt", MINE, "\"identity\":[" ALLOW "],\"resource\":" GRANT(ROLE), NO, LAYER_IDENTITY, 0},
        {BOB, "kms:Decrypt", MINE, "\"identity\":[" ALLOW "],\"resource\":" GRANT(MINE), YES, LAYER_NONE, 0},
        {BOB, "kms:Decrypt", MINE, "\"resource\":" GRANT(BOB), YES, LAYER_NONE, 0},
        {ROOT, "kms:Decrypt", MINE, "\"resource\":" GRANT(ROLE), NO, LAYER_IDENTITY, 0},
        {BOB, "sts:AssumeRole", MINE, "\"identity\":[" ALLOW "],\"resource\":" GRANT(ROLE), NO, LAYER_IDENTITY, 0},
        {BOB, "sts:AssumeRole", MINE, "\"identity\":[" ALLOW "]", YES, LAYER_NONE, 0},
        /* SCPs */
        {BOB, READ, MINE, "\"scps\":[[" ALLOW "],[" NONE "],[]],\"identity\":[" ALLOW "]", NO, LAYER_SCP, 1},
        {BOB, READ, MINE, "\"scps\":[[],[" DENY "]],\"resource\":" ANYONE, NEVER, LAYER_SCP, 1},
        {BOB, READ, MINE, "\"scps\":[[]],\"identity\":[" DENY "]", NEVER, LAYER_IDENTITY, 0},
        {ROOT, READ, MINE, "\"scps\":[[" DENY "]]", NEVER, LAYER_SCP, 0},
        {SLR, READ, MINE, "\"scps\":[[" DENY "]],\"identity\":[" ALLOW "]", YES, LAYER_NONE, 0},
        {"anonymous", READ, MINE, "\"scps\":[[" DENY "]],\"resource\":" ANYONE, YES, LAYER_NONE, 0},
        {"arn:aws:iam::999999999999:user/m", READ, "999999999999", "\"scps\":[[" DENY "]],\"identity\":[" ALLOW "]",
         YES, LAYER_NONE, 0},
        /* RCPs: only a Deny counts, whoever asks */
        {BOB, READ, MINE, "\"rcps\":[[],[" DENY "]],\"identity\":[" ALLOW "]", NEVER, LAYER_RCP, 1},
        {BOB, READ, MINE, "\"rcps\":[[" NONE "]],\"identity\":[" ALLOW "]", YES, LAYER_NONE, 0},
        {"anonymous", READ, MINE, "\"rcps\":[[" DENY "]],\"resource\":" ANYONE, NEVER, LAYER_RCP, 0},
        {BOB, READ, MINE, "\"scps\":[[]],\"rcps\":[[" DENY "]],\"identity\":[" DENY "]", NEVER, LAYER_RCP, 0},
        {BOB, READ, "999999999999", "\"rcps\":[[" DENY "]],\"resource\":" ANYONE ",\"identity\":[" ALLOW "]", YES,
         LAYER_NONE, 0},
        {SLR, READ, MINE, "\"rcps\":[[" DENY "]],\"identity\":[" ALLOW "]", YES, LAYER_NONE, 0},
        {BOB, "ec2:RunInstances", MINE, "\"rcps\":[[" DENY "]],\"identity\":[" ALLOW "]", YES, LAYER_NONE, 0},
        {BOB, "kms:RetireGrant", MINE, "\"rcps\":[[" DENY "]],\"resource\":" ANYONE, YES, LAYER_NONE, 0},
        {BOB, "kms:Decrypt", MINE, "\"rcps\":[[" DENY "]],\"resource\":" ANYONE, NEVER, LAYER_RCP, 0},
        /* the endpoint's policy; what is reported first */
        {BOB, READ, MINE, "\"vpc_endpoint\":" NONE ",\"resource\":" ANYONE, NO, LAYER_ENDPOINT, 0},
        {"anonymous", READ, MINE, "\"vpc_endpoint\":" DENY ",\"resource\":" ANYONE, NEVER, LAYER_ENDPOINT, 0},
        {BOB, READ, MINE, "\"vpc_endpoint\":" DENY ",\"session\":[" DENY "]", NEVER, LAYER_SESSION, 0},
        {BOB, READ, MINE, "\"session\":[" DENY "],\"permissions_boundary\":" DENY, NEVER, LAYER_BOUNDARY, 0},
        {BOB, READ, MINE, "\"vpc_endpoint\":" NONE ",\"scps\":[[" ALLOW "],[]]", NO, LAYER_SCP, 1},
        /* nothing is needed */
        {BOB, "sts:GetCallerIdentity", MINE, "\"scps\":[[" DENY "]],\"identity\":[" DENY "]", YES, LAYER_NONE, 0},
        {"anonymous", "sts:GetCallerIdentity", MINE, "", NO, LAYER_IDENTITY, 0},
        /* a boundary makes NotPrincipal reach who is listed */
        {BOB, READ, MINE,
         "\"permissions_boundary\":" ALLOW ",\"resource\":" SCP("\"Effect\":\"Deny\",\"NotPrincipal\":{\"AWS\":\"" BOB
                                                                "\"},\"Action\":\"*\",\"Resource\":\"*\""),
         NEVER, LAYER_RESOURCE, 0},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        policy_case c = read_case(rows[i].who, rows[i].action, rows[i].owner, rows[i].policies);
        decision    d = authz_decide_case(&a, &c, facts);
        decision    want = {(uint8_t)rows[i].kind, rows[i].layer, rows[i].level};
        if (!decision_equal(d, want))
            fail_msg("row %zu: %s by %s %u", i, decision_name((decision_kind)d.kind),
                     layer_name((decision_layer)d.layer), d.level);
    }
}

static void exceptions_of_rcps_need_facts(void **state)
{
    (void)state;
    policy_case c = read_case(BOB, "ec2:RunInstances", MINE, "\"rcps\":[[" DENY "]],\"identity\":[" ALLOW "]");
    assert_int_equal(authz_decide_case(&a, &c, NULL).layer, LAYER_RCP);
    c = read_case(BOB, "kms:Decrypt", MINE, "\"rcps\":[[" DENY "]],\"resource\":" ANYONE);
    c.aws_managed_key = true;
    assert_int_equal(authz_decide_case(&a, &c, facts).kind, DECISION_ALLOWED);
    /* Without a resource it happens in the caller's account, whatever the case says of it. */
    c = read_case("arn:aws:iam::999999999999:user/m", READ, MINE, "\"rcps\":[[" DENY "]],\"identity\":[" ALLOW "]");
    c.request.resource = STR("*");
    assert_int_equal(authz_decide_case(&a, &c, facts).kind, DECISION_ALLOWED);
}

#define ASKS                                                                                                     \
    "\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":" \
    "\"true\"}}"

/* In layers that apply, in their order. */
static void what_does_not_apply_is_not_diagnosed(void **state)
{
    (void)state;
    const char *all = "\"scps\":[[],[" SCP(ASKS) "]],\"identity\":[" SCP(ASKS) "],\"vpc_endpoint\":" SCP(
        ASKS) ",\"rcps\":[[" SCP(ASKS) "]]";
    static const struct {
        const char    *who, *action;
        uint32_t       count;
        decision_layer layers[4];
    } rows[] = {
        {BOB, READ, 4, {LAYER_SCP, LAYER_RCP, LAYER_IDENTITY, LAYER_ENDPOINT}},
        {BOB, "ec2:RunInstances", 3, {LAYER_SCP, LAYER_IDENTITY, LAYER_ENDPOINT}},
        {ROOT, READ, 3, {LAYER_SCP, LAYER_RCP, LAYER_ENDPOINT}},
        {"anonymous", READ, 2, {LAYER_RCP, LAYER_ENDPOINT}},
        {SLR, READ, 2, {LAYER_IDENTITY, LAYER_ENDPOINT}},
        {BOB, "sts:GetCallerIdentity", 0, {LAYER_NONE}},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        policy_case c = read_case(rows[i].who, rows[i].action, MINE, all);
        diagnostic *d = NULL;
        assert_int_equal(authz_diagnose_case(&a, &c, facts, &d), rows[i].count);
        for (uint32_t k = 0; k < rows[i].count; k++) {
            assert_int_equal(d[k].layer, rows[i].layers[k]);
            assert_int_equal(d[k].kind, DIAGNOSTIC_MISSING_KEY);
            assert_int_equal(d[k].level, d[k].layer == LAYER_SCP ? 1 : 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(layers_are_combined),
                                       cmocka_unit_test(exceptions_of_rcps_need_facts),
                                       cmocka_unit_test(what_does_not_apply_is_not_diagnosed)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
