#include "workloads/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "workloads/data.h"

static arena          all;
static const catalog *facts;
static const source  *original;

static status read_text(arena *a, str text, profile **out, err *e)
{
    source   *in = ARENA_NEW(a, source, 1);
    document *d = NULL;
    *in = (source){.name = STR("p.json"), .text = text};
    TRY(document_parse(a, in, &d, e));
    status s = profile_read(a, d, facts, out, e);
    document_free(d);
    return s;
}

static int setup(void **state)
{
    (void)state;
    catalog *c = NULL;
    err      e = {0};
    arena_init(&all, MEMORY_GENERAL);
    if (data_catalog(&all, &c, &e) != STATUS_OK) fail_msg("%s", e.text);
    if (data_text(&all, DATA_PROFILE, STR("corpus-2026-11"), STR(""), &original, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    facts = c;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&all);
    return 0;
}

static void every_profile_reads(void **state)
{
    (void)state;
    arena    scratch = all;
    profile *p = NULL;
    err      e = {0};
    if (read_text(&scratch, original->text, &p, &e) != STATUS_OK) fail_msg("%s", e.text);
    assert_true(str_is(profile_name(p), "corpus-2026-11"));
    assert_int_equal(p->date.len, 10);
    assert_true(p->source.len > 0 && p->confidence.len > 0);
    uint32_t mix = UINT32_MAX;
    assert_int_equal(profile_mix_find(p, STR("default"), &mix, &e), STATUS_OK);
    assert_int_equal(mix, 0);
    assert_int_equal(profile_mix_find(p, STR("deployment"), &mix, &e), STATUS_NOT_FOUND);
    assert_string_equal(e.text, "unknown mix `deployment` of profile `corpus-2026-11`, did you mean `deployments`?");
    assert_int_equal(p->requests.denied.num, 1);
    assert_int_equal(p->requests.denied.den, 100);
    assert_int_equal(quantile_at(p->scp.bytes, UINT64_C(1) << 63), 358);
    assert_int_equal(quantile_max(p->scp.bytes), 3522);
    assert_int_equal(quantile_max(p->scp.actions), 48);
}

/* The profile with one piece of its text replaced: the message behind file, line and column. */
static const struct {
    const char *piece, *instead, *message;
} refused[] = {
    {"\"orgsim.profile/1\"", "\"orgsim.profile/2\"", "schema is `orgsim.profile/2`, expected `orgsim.profile/1`"},
    {"\"confidence\"", "\"confidense\"", "unknown key `confidense`, did you mean `confidence`?"},
    {"\"ou_depth\": [15,", "\"ou_depth\": [16,", "the weights of `ou_depth` add up to 101, expected 100"},
    {"\"ou_depth\": [15,", "\"ou_depth\": [0,", "expected an integer from 1 to 1000000, found `0`"},
    {"\"node_zipf\": 0.6", "\"node_zipf\": 9", "`node_zipf` is above 8"},
    {"\"deny\": 0.87", "\"deny\": 1.87", "`deny` is above 1"},
    {"\"deny\": 0.87", "\"deny\": 0.8700000000001", "`deny` has a denominator above 1000000000"},
    {"\"exact\": 79", "\"exact\": 78", "the weights of `action_forms` add up to 99, expected 100"},
    {"[0.5, 358]", "[0.8, 358]", "`bytes`: "},
    {"[0.5, 358]", "[0.5]", "a knot of `bytes` is [probability, value]"},
    {"\"weight\": 280,", "\"weight\": 279,", "the weights of `clauses` add up to 999, expected 1000"},
    {"\"pool\": \"exempt principals\", \"values\": [1, 8]", "\"pool\": \"exempt principal\", \"values\": [1, 8]",
     "unknown pool `exempt principal`, did you mean `exempt principals`?"},
    {"\"pool\": \"exempt principals\", \"values\": [1, 8]", "\"pool\": \"exempt principals\", \"values\": [1, 80]",
     "expected an integer from 1 to 13, found `80`"},
    {"\"values\": \"all\"", "\"values\": \"most\"", "`values` is `most`, expected `all` or [least, most]"},
    {"\"operator\": \"ArnNotLike\"", "\"operator\": \"ArnNotlike2\"",
     "not a clause of an SCP: clause:1:96: unknown condition operator `ArnNotlike2`, did you mean `ArnNotLike`?"},
    {"\"key\": \"aws:SourceVpc\"", "\"key\": \"aws:SourceVpcs\"",
     "condition key `aws:SourceVpcs` is not in the catalogue"},
    {"\"pool\": \"networks\", \"values\": [1, 3]", "\"pool\": \"regions\", \"values\": [1, 3]",
     "not a clause of an SCP: clause:1:"},
    {"\"cloudtrail:StopLogging\"", "\"cloudtrail:StopLoging\"",
     "action `cloudtrail:StopLoging` is not in the catalogue"},
    {"\"services\": [\"s3\", \"ec2\"", "\"services\": [\"s3\", \"ec3\"", "service `ec3` is not in the catalogue"},
    {"\"services\": [\"s3\", \"ec2\"", "\"services\": [\"s3\", \"s3\"", "service `s3` stands twice in `services`"},
    {"\"popular\": [\"s3:GetObject\"", "\"popular\": [\"s3:GetObjects\"",
     "action `s3:GetObjects` is not in the catalogue"},
    {"\"resource_names\": [\"payments-prod\"", "\"resource_names\": [\"payments*prod\"",
     "name `payments*prod`, expected up to 40 letters, digits or hyphens"},
    {"\"kind\": \"user\"", "\"kind\": \"users\"", "unknown kind of role `users`, did you mean `user`?"},
    {"\"session\": \"service\"", "\"session\": \"services\"", "unknown session `services`, did you mean `service`?"},
    {"\"name\": \"Developer\"", "\"name\": \"ReadOnly\"", "role `ReadOnly` stands twice"},
    {"\"name\": \"Developer\"", "\"name\": \"a/b\"", "role `a/b`, expected up to 64 letters, digits or +=,.@_-"},
    {"\"dynamodb:Query\", \"dynamodb:Scan\"", "\"dynamodbQuery\"",
     "malformed action `dynamodbQuery`, expected `*` or `service:Name`"},
    {"\"incident\": { \"denied\": \"1/10\"", "\"incident\": { \"denied\": \"11/10\"", "`denied` is above 1"},
    {"\"default\": { \"with_policy\"", "\"defaults\": { \"with_policy\"",
     "the first mix is `defaults`, expected `default`"},
    {"\"Application\": 360", "\"Applications\": 360", "unknown role `Applications`, did you mean `Application`?"},
    {"\"tags\": { \"aws:RequestTag/team\": \"payments\"", "\"tags\": { \"aws:PrincipalTag/team\": \"payments\"",
     "key `aws:PrincipalTag/team` in `tags`, expected `aws:RequestTag/…`"},
    {"\"present\": 0.9,", "", "missing member `present`"},
    {"\"statements_per_policy\": [60", "\"statements_per_policy\": [0",
     "expected an integer from 1 to 1000000, found `0`"},
    {"\"kind\": \"anonymous\", ", "\"kind\": \"anonymous\", \"identity\": [], ",
     "`identity` is nothing that kind `anonymous` has"},
    {"\"kind\": \"outside-role\", \"account\": \"999911112222\"", "\"kind\": \"outside-role\"",
     "missing member `account`"},
    {"\"account\": \"999911112222\"", "\"account\": \"99991111222\"", "account `99991111222`, expected 12 digits"},
    {"\"service\": \"cloudtrail.amazonaws.com\"", "\"service\": \"cloudtrail\"",
     "service `cloudtrail`, expected a name such as `athena.amazonaws.com`"},
    {"\"source\": { \"account\": \"<account>\"", "\"source\": { \"account\": \"<acount>\"",
     "account `<acount>`, expected 12 digits"},
    {"\"asks\": [\"s3:PutObject\", \"s3:GetBucketAcl\"", "\"asks\": [\"s3:PutObjects\", \"s3:GetBucketAcl\"",
     "no action of the catalogue is `s3:PutObjects`"},
    {"\"reads\": 1, \"asks\": [\"s3:GetObject\", \"s3:ListBucket\"]", "\"reads\": 1", "missing member `asks`"},
    {"\"boundary\": { \"Version\"", "\"boundary\": { \"Versions\"", "unknown element `Versions`"},
    {"\"types\": [\"sqs:queue\"]", "\"types\": [\"sqs:queues\"]",
     "unknown resource type `queues`, did you mean `queue`?"},
    {"\"types\": [\"sqs:queue\"]", "\"types\": [\"queue\"]", "resource type `queue`, expected one such as `s3:bucket`"},
    {"\"types\": [\"sqs:queue\"]", "\"types\": [\"sqs:queue\", \"iam:role\"]",
     "roles beside other types, but a trust policy is for roles alone"},
    {"\"types\": [\"sqs:queue\"]", "\"types\": [\"iam:role\"]",
     "not a policy of this place: policy:2:91: `Resource` is not allowed"},
    {"\"names\": [\"events-in\"]", "\"names\": [\"events*\"]", "name `events*`, expected up to 40 letters"},
    {"\"owner\": \"999911112222\"", "\"owner\": \"partner\"", "account `partner`, expected 12 digits"},
    {"\"vpce-0b20c3d4e5f6a2001\": { \"Version\"", "\"vpce-0b20c3d4e5f6a2009\": { \"Version\"",
     "no session has an origin with aws:SourceVpce `vpce-0b20c3d4e5f6a2009`"},
    {"\"services\": [\"cloudformation.amazonaws.com\"]", "\"services\": [\"cloudformation\"]",
     "service `cloudformation`, expected a name such as `athena.amazonaws.com`"},
    {"\"with_policy\": 0.3", "\"with_policy\": 0.9",
     "`with_policy`, `cross_account`, `outside_owner` and `several` add up to more than 1"},
    {"\"cross_account\": 0.1", "\"cross_acount\": 0.1", "unknown key `cross_acount`, did you mean `cross_account`?"},
    {"\"Sid\": \"KeepTables\", \"Effect\": \"Deny\"", "\"Sid\": \"KeepTables\", \"Effect\": \"Allow\"",
     "not a statement of an RCP: statement:1:"},
};

static void refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNTOF(refused); i++) {
        arena       scratch = all;
        profile    *p = NULL;
        err         e = {0};
        const char *at = memmem(original->text.ptr, original->text.len, refused[i].piece, strlen(refused[i].piece));
        if (at == NULL) fail_msg("row %zu: no `%s` in the profile", i, refused[i].piece);
        size_t before = (size_t)(at - original->text.ptr), behind = before + strlen(refused[i].piece);
        str    text = arena_format(&scratch, "%.*s%s%.*s", (int)before, original->text.ptr, refused[i].instead,
                                   (int)(original->text.len - behind), original->text.ptr + behind);
        if (read_text(&scratch, text, &p, &e) == STATUS_OK) fail_msg("row %zu: read", i);
        if (strncmp(e.text, "p.json:", 7) != 0 || strstr(e.text, refused[i].message) == NULL)
            fail_msg("row %zu: `%s`, expected `%s`", i, e.text, refused[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_profile_reads),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
