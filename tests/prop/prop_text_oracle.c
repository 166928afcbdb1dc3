/* The evaluator of cases and the oracle agree on decision, layer and level, over random policies and requests drawn
 * from a menu that holds every operator, every kind of pattern and the awkward values of each type. */
#include "support/support.h"

#include <stdio.h>

#include "authz/case.h"
#include "base/hash.h"
#include "oracle/oracle.h"
#include "policy/case.h"

#define DECISIONS 1000000
#define SEED      UINT64_C(20261124)

typedef struct {
    uint64_t at, n;
    char     text[16384];
    size_t   len;
} maker;

static uint32_t draw(maker *m, uint32_t bound)
{
    return (uint32_t)(hash_mix(hash_mix(SEED, m->at), m->n++) >> 33) % bound;
}

static void put(maker *m, const char *text)
{
    size_t len = strlen(text);
    assert_true(m->len + len < sizeof m->text);
    memcpy(m->text + m->len, text, len);
    m->len += len;
}

#define PICK(m, menu) put((m), (menu)[draw((m), COUNTOF(menu))])

static const char *const actions[] = { "\"*\"",           "\"s3:*\"",      "\"s3:Get*\"",          "\"S3:getobject\"",
                                       "\"s3:Get?bject\"", "\"ec2:*\"",     "[\"iam:*\",\"s3:*\"]", "\"s3:GetObject \"",
                                       "\"*:*\"",          "\"s3:*Object\"",       "\"kms:Decrypt\"" };
static const char *const resources[] = {
    "\"*\"", "\"arn:aws:s3:::b/*\"", "\"arn:aws:s3:::b*\"", "\"arn:aws:s3:*\"", "\"arn:aws:s3:*:*:b/k\"",
    "\"arn:*\"", "[\"arn:aws:s3:::x\",\"arn:aws:s3:::b/${aws:username}\"]",
    "\"arn:aws:s3:::b/${aws:PrincipalTag/t, 'k'}\"", "\"arn:aws:*:table/p-*\"", "\"arn:a?s:s3:::b/k\"",
    "\"arn:aws:s3:::b/${*}\"", "\"arn:aws:s3\"", "\"arn:aws:s3:::B/K\"", "\"ARN:aws:s3:::b/k\"",
    "\"arn:aws:s3:::b/${aws:TagKeys}\"", "\"arn:aws:s3:::b/${open\"" };
static const char *const operators[] = {
#define OPERATOR(id, name) name,
    CONDITION_BASES(OPERATOR)
#undef OPERATOR
};
static const char *const sets[] = { "", "", "", "ForAllValues:", "ForAnyValue:" };
static const char *const keys[] = { "aws:username", "aws:TagKeys", "aws:PrincipalTag/t", "AWS:PRINCIPALTAG/T",
                                    "app:n",        "app:d",       "aws:SourceIp",       "app:arn",
                                    "app:absent",   "app:list" };
static const char *const values[] = {
    "a", "A", "k", "a*", "?", "", "10", "10.0", "010", "-3", "+7.50", "1e3", "7a", "2026-01-01", "2026-01", "2026",
    "2026-01-01T00:00:00Z", "2026-01-01T02:00:00+02:00", "2026-01-01T00:00:00.500Z", "2027-02-29", "1767225600",
    "1767225600.5", "true", "False", "10.0.0.1", "10.0.0.0/8", "10.0.0.300", "2001:db8::1", "2001:DB8::/32", "::/0",
    "0.0.0.0/0", "::ffff:10.0.0.1", "10.0.0.0/33", "YQ==", "arn:aws:iam::1:role/x", "arn:aws:iam::*:role/*",
    "arn:aws:iam::1:role/x:y", "arn:aws:iam", "${aws:username}", "${aws:username}*", "${*}", "${none}",
    "${none, 'a'}", "${app:list, 'a'}", "${app:list}", "${$}{x}", "${open", "\\u00e4?", "\\u00e4\\u00e4" };

static void put_list(maker *m)
{
    uint32_t count = 1 + draw(m, 3);
    put(m, "[");
    for (uint32_t i = 0; i < count; i++) {
        put(m, i == 0 ? "\"" : ",\"");
        PICK(m, values);
        put(m, "\"");
    }
    put(m, "]");
}

static void put_statement(maker *m)
{
    put(m, draw(m, 3) == 0 ? "{\"Effect\":\"Deny\"," : "{\"Effect\":\"Allow\",");
    put(m, draw(m, 4) == 0 ? "\"NotAction\":" : "\"Action\":");
    PICK(m, actions);
    put(m, draw(m, 4) == 0 ? ",\"NotResource\":" : ",\"Resource\":");
    PICK(m, resources);
    if (draw(m, 3) > 0) {
        const char *op = operators[draw(m, COUNTOF(operators))];
        put(m, ",\"Condition\":{\"");
        PICK(m, sets);
        put(m, op);
        put(m, draw(m, 4) == 0 && strcmp(op, "Null") != 0 ? "IfExists\":{\"" : "\":{\"");
        PICK(m, keys);
        put(m, "\":");
        put_list(m);
        put(m, "}}");
    }
    put(m, "}");
}

static void put_policies(maker *m)
{
    uint32_t count = draw(m, 3);
    put(m, "[");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t statements = 1 + draw(m, 2);
        put(m, i == 0 ? "" : ",");
        put(m, draw(m, 8) == 0 ? "{\"Statement\":[" : "{\"Version\":\"2012-10-17\",\"Statement\":[");
        for (uint32_t k = 0; k < statements; k++) {
            put(m, k == 0 ? "" : ",");
            put_statement(m);
        }
        put(m, "]}");
    }
    put(m, "]");
}

static void put_case(maker *m)
{
    static const char *const principals[] = { "arn:aws:iam::1:role/x",
                                              "arn:aws:iam::1:role/x",
                                              "arn:aws:sts::1:assumed-role/x/s",
                                              "arn:aws:iam::1:root",
                                              "arn:aws:iam::1:role/aws-service-role/a.amazonaws.com/AWSServiceRoleForA",
                                              "a.amazonaws.com",
                                              "anonymous",
                                              "arn:aws:iam::2:user/u" };
    static const char *const asked[] = {
        "s3:GetObject", "S3:GETOBJECT", "ec2:RunInstances", "iam:GetUser", "kms:Decrypt", "sts:GetCallerIdentity",
        "new:Thing" };
    static const char *const targets[] = {
        "*", "arn:aws:s3:::b/k", "arn:aws:s3:::b", "arn:aws:s3:::b/a", "arn:aws:s3:::b/*", "arn:aws:kms:r:1:key/k",
        "arn:aws:dynamodb:us-east-1:1:table/p-1" };
    put(m, "{\"id\":\"x\",\"request\":{\"principal\":\"");
    PICK(m, principals);
    put(m, "\",\"action\":\"");
    PICK(m, asked);
    put(m, "\",\"resource\":\"");
    PICK(m, targets);
    put(m, draw(m, 8) == 0 ? "\",\"resource_account\":\"2\",\"context\":{"
                           : "\",\"resource_account\":\"1\",\"context\":{");
    bool first = true;
    for (size_t i = 0; i + 2 < COUNTOF(keys); i++) {
        if (i == 3 || draw(m, 2) == 0) continue;
        put(m, first ? "\"" : ",\"");
        put(m, keys[i]);
        put(m, "\":");
        first = false;
        if (i == 1) {
            put_list(m);
        } else {
            put(m, "\"");
            PICK(m, values);
            put(m, "\"");
        }
    }
    put(m, first ? "\"app:list\":" : ",\"app:list\":");
    put_list(m);
    put(m, "}},\"policies\":{\"identity\":");
    put_policies(m);
    if (draw(m, 4) > 0) {
        uint32_t levels = 1 + draw(m, 3);
        put(m, ",\"scps\":[");
        for (uint32_t i = 0; i < levels; i++) {
            put(m, i == 0 ? "" : ",");
            put_policies(m);
        }
        put(m, "]");
    }
    put(m, draw(m, 6) == 0 ? "},\"management_account\":\"1\"}" : "}}");
}

static void evaluator_equals_oracle(void **state)
{
    (void)state;
    static maker m;
    arena        run, row;
    uint32_t     seen[3] = { 0, 0, 0 };
    arena_init(&run, MEMORY_GENERAL);
    arena_init(&row, MEMORY_POLICY);
    const catalog *facts = support_catalog(&run);
    for (uint64_t n = 0; n < DECISIONS; n++) {
        policy_case c;
        err         e = { 0 };
        m.at = n;
        m.n = 0;
        m.len = 0;
        put_case(&m);
        source in = { STR("case"), { m.text, m.len }, 1 };
        if (case_read(&row, &in, 0, in.text.len, &c, &e) != STATUS_OK)
            fail_msg("case %d: %s\n%.*s", (int)n, e.text, (int)m.len, m.text);
        decision have = authz_decide_case(&row, &c, facts), want = oracle_decide(&c, facts);
        if (!decision_equal(have, want))
            fail_msg("case %d: %s by %s %d, oracle %s by %s %d\n%.*s", (int)n, decision_name(have.kind),
                     layer_name(have.layer), have.level, decision_name(want.kind), layer_name(want.layer), want.level,
                     (int)m.len, m.text);
        seen[have.kind]++;
        arena_reset(&row);
    }
    /* A menu that only ever says one thing would prove nothing. */
    for (size_t i = 0; i < COUNTOF(seen); i++) assert_true(seen[i] > DECISIONS / 50);
    arena_deinit(&row);
    arena_deinit(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(evaluator_equals_oracle) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
