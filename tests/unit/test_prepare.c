#include "support/fixture.h"

#include "base/rng.h"
#include "policy/evaluate.h"
#include "policy/policy_table.h"
#include "policy/prepare.h"

static const catalog *facts;
FIXTURE_ARENA(facts = fixture_catalog(&a))

static uint32_t draw(uint32_t number, uint64_t *n, uint32_t bound)
{
    return (uint32_t)rng_scale(rng_at(20261124, RNG_TEST, number, (*n)++), bound);
}

static const char *const actions[] = {"*",
                                      "*:*",
                                      "s3:*",
                                      "S3:Get*",
                                      "s3:GetObject",
                                      "s3:getobject",
                                      "s3:Get?bject",
                                      "s3:*Object",
                                      "s3:PutObject",
                                      "s3:",
                                      "ec2:*",
                                      "ec2:Describe*",
                                      "s3:GetObject ",
                                      "s3:GetObjec",
                                      "iam:PassRole",
                                      "s3:GetObjectVersionX",
                                      "s3:GetObjectVersion*",
                                      "s3:G*t"};
static const char *const asked_actions[] = {"s3:GetObject",           "S3:GETOBJECT", "s3:PutObject",
                                            "ec2:DescribeVpcs",       "new:Thing",    "s3:Get",
                                            "s3:GetObjectVersionXYZ", "iam:PassRole"};
static const char *const resources[] = {"*",
                                        "arn:aws:s3:::b/*",
                                        "ARN:aws:S3:::b/k",
                                        "arn:aws:s3:::B/k",
                                        "arn:aws:s3*",
                                        "arn:aws:s3",
                                        "arn:aws:iam::*:role/x",
                                        "arn:aws:s3:::${aws:username}/k",
                                        "arn:aws:s3:::b?k",
                                        "arn:*",
                                        "**"};
static const char *const asked_resources[] = {"*", "arn:aws:s3:::b/k", "arn:aws:iam::111122223333:role/x",
                                              "arn:aws:s3"};
static const char *const operators[] = {"StringEquals",
                                        "StringNotEquals",
                                        "StringLike",
                                        "NumericLessThan",
                                        "DateGreaterThan",
                                        "Bool",
                                        "IpAddress",
                                        "NotIpAddress",
                                        "ArnLike",
                                        "ArnNotLike",
                                        "Null",
                                        "ForAllValues:StringEquals",
                                        "BinaryEquals",
                                        "StringEqualsIfExists",
                                        "ForAnyValue:StringLike",
                                        "NumericNotEquals",
                                        "StringNotEqualsIgnoreCase"};
static const char *const keys[] = {"aws:username", "AWS:SourceIp", "aws:TagKeys", "app:n", "aws:PrincipalArn", "k"};
static const char *const values[] = {
    "true", "b", "10.0.0.0/8", "10.1.2.3", "7", "2026-01-01T00:00:00Z", "arn:aws:*:::*", "${aws:username}",
    "B",    "",  "Yg=="};

#define PICK(list) list[draw(number, n, (uint32_t)COUNTOF(list))]

/* `"Name":["…","…"]`, up to three of them. */
static str list_of(const char *name, const char *const *from, uint32_t count, uint32_t number, uint64_t *n)
{
    str      out = arena_format(&a, "\"%s\":[", name);
    uint32_t items = 1 + draw(number, n, 3);
    for (uint32_t i = 0; i < items; i++)
        out = arena_format(&a, "%.*s%s\"%s\"", STR_FMT(out), i > 0 ? "," : "", from[draw(number, n, count)]);
    return arena_format(&a, "%.*s]", STR_FMT(out));
}

static str statement_of(uint32_t number, uint64_t *n)
{
    str action = list_of(draw(number, n, 4) == 0 ? "NotAction" : "Action", actions, COUNTOF(actions), number, n);
    str resource =
        list_of(draw(number, n, 4) == 0 ? "NotResource" : "Resource", resources, COUNTOF(resources), number, n);
    str condition = STR("");
    if (draw(number, n, 2) == 0) {
        str clause = list_of(PICK(keys), values, COUNTOF(values), number, n);
        condition = arena_format(&a, ",\"Condition\":{\"%s\":{%.*s}}", PICK(operators), STR_FMT(clause));
    }
    return arena_format(&a, "{\"Effect\":\"%s\",%.*s,%.*s%.*s}", draw(number, n, 3) == 0 ? "Deny" : "Allow",
                        STR_FMT(action), STR_FMT(resource), STR_FMT(condition));
}

static policy *policy_of(uint32_t number, uint64_t *n)
{
    uint32_t count = draw(number, n, 40) == 0 ? 150 : 1 + draw(number, n, 4);
    str      text =
        arena_format(&a, "{\"Version\":\"%s\",\"Statement\":[", draw(number, n, 8) == 0 ? "2008-10-17" : "2012-10-17");
    for (uint32_t i = 0; i < count; i++) {
        str statement = statement_of(number, n);
        text = arena_format(&a, "%.*s%s%.*s", STR_FMT(text), i > 0 ? "," : "", STR_FMT(statement));
    }
    source *in = ARENA_NEW(&a, source, 1);
    policy *out = NULL;
    err     e = {0};
    *in = (source){STR("policy"), arena_format(&a, "%.*s]}", STR_FMT(text)), 1};
    policy_parse_options options = {.type = draw(number, n, 2) == 0 ? POLICY_IDENTITY : POLICY_SCP, .lenient = true};
    if (policy_parse(&a, in, options, &out, &e) != STATUS_OK) fail_msg("%s", e.text);
    return out;
}

static request request_of(uint32_t number, uint64_t *n)
{
    request q = {.principal = STR("arn:aws:iam::111122223333:user/b"),
                 .action = str_of(PICK(asked_actions)),
                 .resource = str_of(PICK(asked_resources)),
                 .resource_account = STR("111122223333"),
                 .context = ARENA_NEW(&a, request_key, COUNTOF(keys))};
    for (size_t i = 0; i < COUNTOF(keys); i++) {
        if (draw(number, n, 3) == 0) continue;
        request_key *k = &q.context[q.context_count++];
        *k = (request_key){str_of(keys[i]), ARENA_NEW(&a, str, 2), 1, draw(number, n, 4) == 0};
        if (k->is_array) k->value_count = draw(number, n, 3);
        for (uint32_t v = 0; v < k->value_count; v++) k->values[v] = str_of(PICK(values));
    }
    return q;
}

/* With the catalogue it was prepared with, with another, and not prepared. */
static void preparing_changes_no_answer(void **state)
{
    (void)state;
    caller   who = caller_read(STR("arn:aws:iam::111122223333:user/b"));
    uint32_t seen[3] = {0};
    for (uint32_t number = 0; number < 6000; number++) {
        uint64_t n = 0;
        arena    mark = a;
        policy  *p = policy_of(number, &n);
        for (uint32_t k = 0; k < 4; k++) {
            request         q = request_of(number, &n);
            const catalog  *now = k == 3 ? NULL : facts;
            const policy   *set[] = {p};
            policy_question plain = policy_question_make(&q, now, &who, false), prepared = plain;
            p->prepared = NULL;
            verdict want = level_evaluate(&a, (policy_level){set, 1}, &plain, NULL);
            p->prepared = policy_prepare(&a, p, facts);
            verdict got = level_evaluate(&a, (policy_level){set, 1}, &prepared, NULL);
            if (got != want)
                fail_msg("number %u, request %u: %u prepared, %u plain\n%.*s", number, k, got, want,
                         STR_FMT(p->in->text));
            seen[got]++;
        }
        a = mark;
    }
    for (size_t i = 0; i < COUNTOF(seen); i++) assert_true(seen[i] > 1000);
}

/* What a policy that is passed over costs nothing: neither of the actions has a bit in common with it. */
static void foreign_services_are_passed_over(void **state)
{
    (void)state;
    const policy *p =
        fixture_policy(&a, POLICY_SCP, SCP("\"Effect\":\"Allow\",\"Resource\":\"*\",\"Action\":\"s3:Get*\""));
    const policy_prepared *r = policy_prepare(&a, p, NULL);
    request                q = {.action = STR("S3:GetObject"), .resource = STR("*")};
    prepared_request       x = prepare_request(&q);
    assert_true(prepared_may_take(r, &x));
    assert_int_equal(prepared_taken(r, p, 0, &q, &x), 1);
    q.action = STR("s3:PutObject");
    x = prepare_request(&q);
    assert_int_equal(prepared_taken(r, p, 0, &q, &x), 0);
    uint32_t       passed = 0;
    const catalog *all = facts;
    for (uint32_t i = 0; i < catalog_service_count(all); i++) {
        q.action = arena_format(&a, "%.*s:Get", STR_FMT(catalog_service_at(all, i)->prefix));
        x = prepare_request(&q);
        passed += !prepared_may_take(r, &x);
    }
    assert_true(passed > catalog_service_count(all) * 9 / 10);
}

static const policy *read_from(policy_table *t, const source *in)
{
    const policy *p = NULL;
    json_reader   r;
    err           e = {0};
    json_init(&r, &a, in, 0, in->text.len);
    if (policy_table_read(t, &a, &r, (policy_table_options){POLICY_SCP, false}, &p, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    return p;
}

static void a_table_prepares_what_comes_again(void **state)
{
    (void)state;
    source        in = {STR("row"), STR(SCP("\"Effect\":\"Allow\",\"Resource\":\"*\",\"Action\":\"s3:Get*\"")), 1};
    policy_table *t = policy_table_new(1 << 20);
    assert_null(read_from(t, &in)->prepared);
    assert_null(read_from(t, &in)->prepared);
    size_t before = policy_table_stats_get(t).bytes;
    policy_table_prepare(t, facts);
    const policy *p = read_from(t, &in);
    assert_non_null(p->prepared);
    assert_ptr_equal(p->prepared->facts, facts);
    assert_ptr_equal(read_from(t, &in)->prepared, p->prepared);
    assert_true(policy_table_stats_get(t).bytes >= before);
    policy_table_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(preparing_changes_no_answer),
                                       cmocka_unit_test(foreign_services_are_passed_over),
                                       cmocka_unit_test(a_table_prepares_what_comes_again)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
