#include "support/fixture.h"

#include <stdlib.h>

#include "cli/explain.h"
#include "policy/print.h"

FIXTURE_ARENA()

#define ALLOW_ALL "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}"

static policy_level level_of(const policy *p)
{
    const policy **list = ARENA_NEW(&a, const policy *, 1);
    list[0] = p;
    return (policy_level){list, 1};
}

/* An administrator asks for s3:GetObject; one SCP of these statements. */
static question asked(const char *statements)
{
    question      q = {.facts = fixture_catalog(&a), .account = ORG_NONE, .owner = ORG_NONE};
    policy_level *scps = ARENA_NEW(&a, policy_level, 1);
    request_key  *keys = ARENA_NEW(&a, request_key, 1);
    str          *arn = ARENA_NEW(&a, str, 1);
    *arn = STR("arn:aws:iam::111111111111:role/Admin");
    keys[0] = (request_key){STR("aws:PrincipalArn"), arn, 1, false};
    q.c.request = (request){*arn, STR("s3:GetObject"), STR("arn:aws:s3:::b/k"), STR("111111111111"), keys, 1};
    scps[0] = level_of(fixture_policy(
        &a, POLICY_SCP, arena_format(&a, "{\"Version\":\"2012-10-17\",\"Statement\":[%s]}", statements).ptr));
    q.c.scps = scps;
    q.c.scps_apply = true;
    q.c.scp_level_count = 1;
    q.c.identity =
        level_of(fixture_policy(&a, POLICY_IDENTITY, "{\"Version\":\"2012-10-17\",\"Statement\":[" ALLOW_ALL "]}"));
    return q;
}

static remedy_list remedies(const question *q)
{
    explanation x;
    remedy_list out;
    authz_explain_case(&a, &q->c, q->facts, &x);
    authz_remedies(&a, &q->c, &x, q->facts, NULL, &out);
    return out;
}

/* Numbers behind `statement` or `statements`, up to ` of `. */
static uint32_t named_by(str words, uint32_t *out)
{
    uint32_t count = 0;
    char    *at = strstr(arena_str(&a, words).ptr, "statement"), *end;
    assert_non_null(at);
    at += strcspn(at, " ");
    end = strstr(at, " of ");
    assert_non_null(end);
    while (at < end) {
        if (*at == '(') at += strcspn(at, ")");
        if (*at >= '0' && *at <= '9')
            out[count++] = (uint32_t)strtoul(at, &at, 10) - 1;
        else
            at++;
    }
    return count;
}

/* The words carried out by hand: the statements that they name go, or read as is to be pasted; no other is touched. */
static str by_hand(const question *q, const remedy *r)
{
    const remedy_edit *e = &r->edits[0];
    uint32_t           named[16], count = named_by(explain_edit(&a, q, r, 0), named), next = 0;
    policy             out = *e->before;
    str               *paste;
    uint32_t           pastes = explain_paste(&a, q, e, &paste);
    out.statements = ARENA_NEW(&a, policy_statement, e->before->statement_count);
    out.statement_count = 0;
    assert_true(e->kind == REMEDY_DROP || pastes == count);
    for (uint32_t i = 0; i < e->before->statement_count; i++) {
        bool is_named = next < count && named[next] == i;
        if (!is_named) out.statements[out.statement_count++] = e->before->statements[i];
        if (is_named && e->kind != REMEDY_DROP)
            out.statements[out.statement_count++] =
                fixture_policy(
                    &a, POLICY_SCP,
                    arena_format(&a, "{\"Version\":\"2012-10-17\",\"Statement\":[%.*s]}", STR_FMT(paste[next])).ptr)
                    ->statements[0];
        next += is_named;
    }
    assert_int_equal(next, count);
    return policy_print(&a, &out);
}

static void words_name_every_statement_that_is_changed(void **state)
{
    static const char *const worlds[] = {
        ALLOW_ALL
        ",{\"Sid\":\"A\",\"Effect\":\"Deny\",\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"Resource\":\"*\"},"
        "{\"Sid\":\"B2\",\"Effect\":\"Deny\",\"Action\":[\"s3:GetObject\",\"ec2:RunInstances\"],\"Resource\":\"*\"}",
        "{\"Effect\":\"Deny\",\"NotAction\":\"iam:*\",\"Resource\":\"*\"}," ALLOW_ALL
        ",{\"Effect\":\"Deny\",\"Action\":\"s3:GetObjectT*\",\"Resource\":\"*\"},{\"Sid\":\"C\",\"Effect\":\"Deny\","
        "\"Action\":[\"s3:GetObject\",\"ec2:*\"],\"Resource\":\"*\",\"Condition\":{\"ArnNotLike\":{"
        "\"aws:PrincipalARN\":\"arn:aws:iam::*:role/"
        "Deploy\"}}},{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}",
        "{\"Effect\":\"Allow\",\"Action\":[\"ec2:*\",\"s3:Put*\"],\"Resource\":\"*\"},{\"Effect\":\"Allow\",\"Action\":"
        "\"iam:*\","
        "\"Resource\":\"*\"}",
        ALLOW_ALL
        ",{\"Effect\":\"Deny\",\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"Resource\":\"*\"},{\"Effect\":\"Deny\","
        "\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"Resource\":\"*\"}", /* one twice */
    };
    uint32_t seen[REMEDY_MOVE + 1] = {0};
    (void)state;
    for (size_t i = 0; i < COUNTOF(worlds); i++) {
        question    q = asked(worlds[i]);
        remedy_list list = remedies(&q);
        for (uint32_t k = 0; k < list.count; k++) {
            const remedy_edit *e = &list.items[k].edits[0];
            bool changes = e->kind == REMEDY_EXCEPT || e->kind == REMEDY_NARROW || e->kind == REMEDY_DROP ||
                           e->kind == REMEDY_EXTEND;
            if (list.items[k].count > 1 || !changes) continue;
            assert_string_equal(arena_str(&a, by_hand(&q, &list.items[k])).ptr, arena_str(&a, e->text).ptr);
            seen[e->kind]++;
        }
    }
    assert_true(seen[REMEDY_EXCEPT] >= 3 && seen[REMEDY_NARROW] >= 3 && seen[REMEDY_DROP] >= 3);
    assert_true(seen[REMEDY_EXTEND] >= 1);
}

static const remedy *of_kind(const remedy_list *list, remedy_kind kind)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i].edits[0].kind == kind) return &list->items[i];
    fail_msg("no change is %s", remedy_kind_name(kind));
    return NULL;
}

static void words_are(const question *q, const remedy_list *list, remedy_kind kind, const char *want)
{
    assert_string_equal(arena_str(&a, explain_edit(&a, q, of_kind(list, kind), 0)).ptr, want);
}

static void several_statements_read_as_one_list(void **state)
{
    (void)state;
    question q = asked(
        ALLOW_ALL ",{\"Sid\":\"A\",\"Effect\":\"Deny\",\"Action\":[\"s3:GetObject\",\"iam:*\"],\"Resource\":\"*\"},"
                  "{\"Effect\":\"Deny\",\"Action\":[\"s3:GetObject\",\"ec2:*\"],\"Resource\":\"*\"},{\"Sid\":\"D\","
                  "\"Effect\":\"Deny\",\"Action\":[\"s3:GetObjec?\",\"ec2:*\"],\"Resource\":\"*\"}");
    remedy_list list = remedies(&q);
    words_are(
        &q, &list, REMEDY_EXCEPT,
        "spare the caller in statements 2 (A), 3 and 4 (D) of the SCP 1 on the root with the condition ArnNotLike "
        "aws:PrincipalArn arn:aws:iam::111111111111:role/Admin");
    words_are(&q, &list, REMEDY_NARROW,
              "leave the action out of statements 2 (A), 3 and 4 (D) of the SCP 1 on the root: in 2 s3:GetObject is "
              "removed; in 3 s3:GetObject is removed; in 4 s3:GetObjec? is removed");
    words_are(&q, &list, REMEDY_DROP, "remove statements 2 (A), 3 and 4 (D) of the SCP 1 on the root");
}

/* What a second edit changes keeps the number that it has in the policy as it is. */
static void numbers_are_those_before_the_whole_change(void **state)
{
    (void)state;
    question    q = asked("{\"Sid\":\"No\",\"Effect\":\"Deny\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"},"
                             "{\"Sid\":\"Yes\",\"Effect\":\"Allow\",\"Action\":\"ec2:*\",\"Resource\":\"*\"}");
    remedy_list list = remedies(&q);
    bool        found = false;
    for (uint32_t i = 0; i < list.count; i++) {
        const remedy *r = &list.items[i];
        if (r->count != 2 || r->edits[0].kind != REMEDY_DROP || r->edits[1].kind != REMEDY_EXTEND) continue;
        assert_string_equal(arena_str(&a, explain_edit(&a, &q, r, 1)).ptr,
                            "add s3:GetObject to statement 2 (Yes) of the SCP 1 on the root");
        found = true;
    }
    assert_true(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(words_name_every_statement_that_is_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(several_statements_read_as_one_list, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_are_those_before_the_whole_change, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
