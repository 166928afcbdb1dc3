#include "authz/actions.h"

#include "policy/evaluate.h"
#include "support/fixture.h"

/* The set of a statement against its text, over every action of the catalogue. */
static void sets_say_what_the_text_says(void **state)
{
    static const char *const statements[] = {
        "\"Action\":\"*\"",
        "\"Action\":\"***\"",
        "\"Action\":\"*:*\"",
        "\"NotAction\":\"*\"",
        "\"Action\":\"s3:*\"",
        "\"Action\":\"s3:**\"",
        "\"Action\":\"S3:getobject\"",
        "\"Action\":\"s3:Get?bject\"",
        "\"Action\":\"s3:GetObject \"",
        "\"Action\":\"s3:\"",
        "\"Action\":[\"ec2:*Instances\",\"ec2:Describe*\",\"iam:*Role*\"]",
        "\"Action\":[\"sts:AssumeRole\",\"s3:PutObject\",\"ec2:RunInstances\",\"s3:GetObject\",\"s3:PutObject\"]",
        "\"Action\":[\"no:Such\",\"nosuch:*\",\"s3:NoSuchAction\"]",
        "\"NotAction\":[\"iam:*\",\"sts:*\",\"s3:Get*\",\"nosuch:*\"]",
        "\"NotAction\":\"s3:NoSuchAction\"",
        "\"NotAction\":[\"ec2:*\",\"*\"]",
    };
    arena run, scratch;
    (void)state;
    arena_init(&run, MEMORY_GENERAL);
    arena_init(&scratch, MEMORY_GENERAL);
    const catalog *facts = fixture_catalog(&run);
    for (size_t i = 0; i < COUNTOF(statements); i++) {
        str text = arena_format(&run, SCP("\"Effect\":\"Deny\",\"Resource\":\"*\",%s"), statements[i]);
        const policy_statement *s = &fixture_policy(&run, POLICY_SCP, text.ptr)->statements[0];
        action_set              set = actions_of(&run, scratch, facts, s);
        for (uint32_t k = 1; k < set.count; k++) assert_true(set.chunks[k - 1].chunk < set.chunks[k].chunk);
        for (uint32_t x = 0; x < catalog_action_count(facts); x++) {
            const catalog_action *a = catalog_action_at(facts, x);
            arena                 name = scratch;
            str  action = arena_format(&name, "%.*s:%.*s", STR_FMT(catalog_service_at(facts, a->service)->prefix),
                                       STR_FMT(a->name));
            bool in = set.rest;
            for (uint32_t k = 0; k < set.count; k++)
                if (set.chunks[k].chunk == a->handle.chunk) in = set.chunks[k].mask >> a->handle.bit & 1;
            if (in != statement_takes_action(s, action)) fail_msg("%s: %.*s", statements[i], STR_FMT(action));
        }
    }
    arena_deinit(&scratch);
    arena_deinit(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sets_say_what_the_text_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
