/* The specification against cases: every row of tests/cases/evaluation, by decision and, where the row names them
 * (`expected_layer`, `expected_level`), by deciding layer and level; and explanations. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/json.h"
#include "oracle/oracle.h"
#include "policy/case.h"

#define CASES_FOLDER TESTS_DIR "/cases/evaluation"

static arena    run; /* what all tests share */
static catalog *facts;

static void read_file(const char *path, source *out)
{
    err e = {0};
    if (file_read(&run, path, FILE_BYTES_MAX, out, &e) != STATUS_OK) fail_msg("%s", e.text);
}

static int setup(void **state)
{
    static source text;
    err           e = {0};
    (void)state;
    arena_init(&run, MEMORY_GENERAL);
    read_file(SOURCE_DIR "/workloads/catalog/aws.txt", &text);
    if (catalog_load(&run, &text, &facts, &e) != STATUS_OK) fail_msg("%s", e.text);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&run);
    return 0;
}

/* ---- rows ---- */

typedef struct {
    str decision, layer, level; /* ptr null where the row does not say */
} expectation;

static expectation expectation_of(arena *a, const source *line)
{
    expectation x = {0};
    json_reader r;
    json_token  t;
    json_init(&r, a, line, 0, line->text.len);
    assert_int_equal(json_expect(&r, JSON_OBJECT, "row", &t, NULL), STATUS_OK);
    for (;;) {
        assert_int_equal(json_next(&r, &t, NULL), STATUS_OK);
        if (t.kind == JSON_OBJECT_END) return x;
        str   *member = str_is(t.text, "expected")         ? &x.decision
                        : str_is(t.text, "expected_layer") ? &x.layer
                        : str_is(t.text, "expected_level") ? &x.level
                                                           : NULL;
        size_t begin, end;
        if (member == NULL) {
            assert_int_equal(json_skip(&r, &begin, &end, NULL), STATUS_OK);
        } else {
            assert_int_equal(json_next(&r, &t, NULL), STATUS_OK);
            *member = t.text;
        }
    }
}

static void check_row(arena row, const source *line)
{
    policy_case c;
    err         e = {0};
    uint64_t    level = 0;
    expectation x = expectation_of(&row, line);
    if (case_read(&row, line, 0, line->text.len, &c, &e) != STATUS_OK) fail_msg("%s", e.text);
    decision d = oracle_decide(&c, facts);
    bool     same = str_is(x.decision, decision_name(d.kind));
    if (x.layer.ptr != NULL) same = same && str_is(x.layer, layer_name(d.layer));
    if (x.level.ptr != NULL) same = same && str_to_u64(x.level, &level) && level == d.level;
    if (!same)
        fail_msg("%.*s:%zu: `%.*s`: expected %.*s %.*s %.*s, got %s %s %d", STR_FMT(line->name), line->line_first,
                 STR_FMT(c.id), STR_FMT(x.decision), STR_FMT(x.layer), STR_FMT(x.level), decision_name(d.kind),
                 layer_name(d.layer), d.level);
}

static size_t check_file(const char *name)
{
    source in;
    size_t rows = 0;
    read_file(arena_format(&run, "%s/%s", CASES_FOLDER, name).ptr, &in);
    for (size_t begin = 0, end; begin < in.text.len; begin = end + 1) {
        end = str_find(in.text, '\n', begin);
        source line = {in.name, str_part(in.text, begin, end - begin), ++rows};
        arena  row;
        arena_init(&row, MEMORY_POLICY);
        check_row(row, &line);
        arena_deinit(&row);
    }
    return rows;
}

static int is_case_file(const struct dirent *entry)
{
    return str_ends(str_of(entry->d_name), STR(".jsonl"));
}

static void every_row_is_decided_as_it_expects(void **state)
{
    struct dirent **entries;
    size_t          rows = 0;
    (void)state;
    int count = scandir(CASES_FOLDER, &entries, is_case_file, alphasort);
    assert_true(count >= 8);
    for (int i = 0; i < count; i++) {
        rows += check_file(entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    assert_true(rows >= 330);
}

/* ---- parts ---- */

static bool statement_of(const char *text, const policy **p, const policy_statement **s)
{
    source *in = ARENA_NEW(&run, source, 1);
    policy *parsed;
    *in = (source){STR("policy"), str_of(text), 1};
    if (policy_parse(&run, in, (policy_parse_options){.type = POLICY_IDENTITY}, &parsed, NULL) != STATUS_OK)
        return false;
    *p = parsed;
    *s = &parsed->statements[0];
    return true;
}

static void without_a_catalogue_the_shape_of_a_value_says_whether_it_is_multivalued(void **state)
{
    const policy           *p = NULL;
    const policy_statement *s = NULL;
    str                     value = STR("team");
    request_key             key = {STR("aws:TagKeys"), &value, 1, false};
    request                 q = {.context = &key, .context_count = 1};
    (void)state;
    assert_true(statement_of("{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\","
                             "\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{\"aws:TagKeys\":\"team\"}}}}",
                             &p, &s));
    assert_true(oracle_condition_holds(run, s, p, &q, NULL));
    assert_false(oracle_condition_holds(run, s, p, &q, facts));
    key.is_array = true;
    assert_false(oracle_condition_holds(run, s, p, &q, NULL));
}

/* Backtracking would take longer than the universe lasts. */
static void many_stars_cost_pattern_times_text(void **state)
{
    enum { STARS = 1000 };
    char                    pattern[2 * STARS + 2] = {0}, text[STARS + 40] = "arn:aws:s3:::";
    const policy           *p = NULL;
    const policy_statement *s = NULL;
    (void)state;
    for (size_t i = 0; i < STARS; i++) memcpy(pattern + 2 * i, "*a", 2);
    pattern[2 * STARS] = 'b';
    memset(text + strlen(text), 'a', STARS);
    str policy_text = arena_format(&run,
                                   "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\","
                                   "\"Action\":\"*\",\"Resource\":\"arn:aws:s3:::%s\"}}",
                                   pattern);
    assert_true(statement_of(policy_text.ptr, &p, &s));
    request q = {.resource = str_of(text)};
    assert_false(oracle_resource_matches(run, s, p, &q, facts));
    strcat(text, "b");
    q.resource = str_of(text);
    assert_true(oracle_resource_matches(run, s, p, &q, facts));
}

/* ---- explanations ---- */

#define STATEMENTS(text) "{\"Version\":\"2012-10-17\",\"Statement\":[" text "]}"
#define ANYTHING         "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}"
#define DENIED_THING     "{\"Effect\":\"Deny\",\"Action\":[\"ec2:*\",\"s3:Get*\",\"s3:*\"],\"Resource\":\"*\"}"

static const policy *policy_of(policy_type type, const char *text)
{
    source *in = ARENA_NEW(&run, source, 1);
    policy *parsed;
    err     e = {0};
    *in = (source){STR("policy"), str_of(text), 1};
    if (policy_parse(&run, in, (policy_parse_options){.type = type, .lenient = true}, &parsed, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    return parsed;
}

static policy_case reads_a_bucket(const char *principal)
{
    return (policy_case){.request = {.principal = str_of(principal),
                                     .action = STR("s3:GetObject"),
                                     .resource = STR("arn:aws:s3:::b/k"),
                                     .resource_account = STR("111111111111")}};
}

static void every_statement_is_explained(void **state)
{
    static const char text[] = STATEMENTS(
        "{\"Effect\":\"Allow\",\"Action\":[\"ec2:*\",\"iam:*\"],\"Resource\":\"*\"},"
        "{\"Effect\":\"Allow\",\"NotAction\":[\"iam:*\",\"s3:Get*\",\"s3:*\"],\"Resource\":\"*\"},"
        "{\"Effect\":\"Allow\",\"NotAction\":\"iam:*\",\"Resource\":[\"arn:aws:s3:::a\",\"arn:aws:s3:::b/*\"],"
        "\"Condition\":{\"StringNotEquals\":{\"aws:x\":\"a\"},\"StringEquals\":{\"aws:y\":\"b\"},"
        "\"Null\":{\"aws:x\":\"false\"}}},"
        "{\"Effect\":\"Allow\",\"Action\":[\"iam:*\",\"s3:*\"],\"Resource\":\"arn:aws:s3:::a\"},"
        "{\"Effect\":\"Allow\",\"Action\":\"*\",\"NotResource\":[\"arn:aws:s3:::a\",\"arn:aws:s3:::b/k\"]},"
        "{\"Effect\":\"Allow\",\"Action\":\"*\",\"NotResource\":\"arn:aws:s3:::a\"}");
    static const struct {
        statement_outcome outcome;
        principal_reach   reach;
        uint32_t          action, resource, clause;
    } want[] = {
        {STATEMENT_OTHER_ACTION, REACH_NONE, EXPLAIN_NONE, EXPLAIN_NONE, EXPLAIN_NONE},
        {STATEMENT_OTHER_ACTION, REACH_NONE, 1, EXPLAIN_NONE, EXPLAIN_NONE},
        {STATEMENT_CONDITION_FAILS, REACH_DIRECT, EXPLAIN_NONE, 1, 1},
        {STATEMENT_OTHER_RESOURCE, REACH_DIRECT, 1, EXPLAIN_NONE, EXPLAIN_NONE},
        {STATEMENT_OTHER_RESOURCE, REACH_DIRECT, 0, 1, EXPLAIN_NONE},
        {STATEMENT_MATCHES, REACH_DIRECT, 0, EXPLAIN_NONE, EXPLAIN_NONE},
    };
    const policy *policies[] = {policy_of(POLICY_IDENTITY, STATEMENTS("")), policy_of(POLICY_IDENTITY, text)};
    policy_case   c = reads_a_bucket("arn:aws:iam::111111111111:user/Ann");
    explanation   x;
    (void)state;
    c.identity = (policy_level){policies, 2};
    oracle_explain(&run, &c, facts, &x);
    assert_int_equal(x.layers[LAYER_IDENTITY].presence, LAYER_APPLIES);
    assert_int_equal(x.layers[LAYER_IDENTITY].verdict, LEVEL_ALLOW);
    assert_int_equal(x.layers[LAYER_IDENTITY].level_count, 1);
    assert_int_equal(x.layers[LAYER_IDENTITY].levels[0].count, COUNTOF(want));
    for (uint32_t i = 0; i < COUNTOF(want); i++) {
        const statement_trace *t = &x.layers[LAYER_IDENTITY].levels[0].statements[i];
        assert_ptr_equal(t->in, policies[1]);
        assert_int_equal(t->policy, 1);
        assert_int_equal(t->statement, i);
        if (t->outcome != want[i].outcome || t->reach != want[i].reach || t->action != want[i].action ||
            t->resource != want[i].resource || t->clause != want[i].clause)
            fail_msg("statement %u: outcome %d, reach %d, action %u, resource %u, clause %u", i, t->outcome, t->reach,
                     t->action, t->resource, t->clause);
    }
}

static void every_level_is_explained(void **state)
{
    const policy *full = policy_of(POLICY_SCP, STATEMENTS(ANYTHING)),
                 *deny = policy_of(POLICY_SCP, STATEMENTS(DENIED_THING));
    const policy *both[] = {full, deny};
    policy_level  scps[] = {{&full, 1}, {NULL, 0}, {both, 2}}, rcps[] = {{NULL, 0}, {&full, 1}};
    policy_case   c = reads_a_bucket("arn:aws:iam::111111111111:user/Ann");
    explanation   x;
    (void)state;
    c.scps = scps;
    c.scp_level_count = COUNTOF(scps);
    c.rcps = rcps;
    c.rcp_level_count = COUNTOF(rcps);
    c.scps_apply = c.rcps_apply = true;
    oracle_explain(&run, &c, facts, &x);
    assert_true(decision_equal(x.decision, (decision){DECISION_EXPLICITLY_DENIED, LAYER_SCP, 2}));
    assert_int_equal(x.layers[LAYER_SCP].verdict, LEVEL_EXPLICIT);
    assert_int_equal(x.layers[LAYER_SCP].levels[0].verdict, LEVEL_ALLOW);
    assert_int_equal(x.layers[LAYER_SCP].levels[1].verdict, LEVEL_IMPLICIT);
    assert_int_equal(x.layers[LAYER_SCP].levels[2].verdict, LEVEL_EXPLICIT);
    assert_int_equal(x.layers[LAYER_SCP].levels[2].count, 2);
    assert_int_equal(x.layers[LAYER_SCP].levels[2].statements[1].policy, 1);
    assert_int_equal(x.layers[LAYER_SCP].levels[2].statements[1].action, 1);
    assert_int_equal(x.layers[LAYER_RCP].levels[0].verdict, LEVEL_IMPLICIT);
    assert_int_equal(x.layers[LAYER_RCP].verdict, LEVEL_ALLOW);
}

static void grants_are_explained(void **state)
{
    policy_case c = reads_a_bucket("arn:aws:sts::111111111111:assumed-role/Dev/ann");
    explanation x;
    (void)state;
    c.resource = policy_of(
        POLICY_RESOURCE,
        STATEMENTS(
            "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"111111111111\"},\"Action\":\"*\",\"Resource\":\"*\"},"
            "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"222222222222\"},\"Action\":\"*\",\"Resource\":\"*\"},"
            "{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"arn:aws:s3:::a\"},"
            "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111111111111:role/Dev\"},"
            "\"Action\":\"*\"}," ANYTHING ","
            "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"111111111111\"},\"Action\":\"*\",\"Resource\":\"*\"},"
            "{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}"));
    oracle_explain(&run, &c, facts, &x);
    const statement_trace *t = x.layers[LAYER_RESOURCE].levels[0].statements;
    assert_int_equal(x.caller, CALLER_SESSION);
    assert_true(x.same_account);
    assert_false(x.needs_resource);
    assert_int_equal(x.granted, REACH_CAPPED); /* of the Allows, in whatever order they stand */
    assert_int_equal(x.decision.kind, DECISION_EXPLICITLY_DENIED);
    assert_int_equal(t[0].reach, REACH_ACCOUNT);
    assert_int_equal(t[1].outcome, STATEMENT_OTHER_PRINCIPAL);
    assert_int_equal(t[2].outcome, STATEMENT_OTHER_RESOURCE);
    assert_int_equal(t[3].outcome, STATEMENT_MATCHES);
    assert_int_equal(t[3].resource, EXPLAIN_NONE);
    assert_int_equal(t[4].outcome, STATEMENT_OTHER_PRINCIPAL); /* names nobody */
    assert_int_equal(t[4].reach, REACH_NONE);

    c.request.action = STR("STS:AssumeRole");
    c.request.resource_account = STR("222222222222");
    oracle_explain(&run, &c, facts, &x);
    assert_true(x.needs_resource);
    assert_false(x.same_account);
    c.request.resource = STR("*"); /* of the caller's account, whatever is said */
    oracle_explain(&run, &c, facts, &x);
    assert_true(x.same_account);
}

/* Of two reasons the first in the order of the enumeration. */
static void why_a_layer_says_nothing(void **state)
{
#define IN(account) "arn:aws:iam::" account ":"
    static const struct {
        const char    *principal, *action, *owner;
        bool           absent;
        layer_presence scp, rcp, identity, resource;
    } rows[] = {
        {IN("1") "user/a", "s3:X", "2", true, LAYER_ABSENT, LAYER_ABSENT, LAYER_ABSENT, LAYER_ABSENT},
        {IN("1") "user/a", "s3:X", "2", false, LAYER_APPLIES, LAYER_APPLIES, LAYER_APPLIES, LAYER_APPLIES},
        {"anonymous", "s3:X", "2", true, LAYER_ABSENT, LAYER_ABSENT, LAYER_ABSENT, LAYER_ABSENT},
        {"anonymous", "s3:X", "2", false, LAYER_NOT_IN_ACCOUNT, LAYER_APPLIES, LAYER_NOT_IN_ACCOUNT, LAYER_APPLIES},
        {IN("9") "saml-provider/a", "s3:X", "9", false, LAYER_NOT_IN_ACCOUNT, LAYER_MANAGEMENT, LAYER_NOT_IN_ACCOUNT,
         LAYER_APPLIES},
        {IN("9") "role/aws-service-role/a/b", "ec2:X", "9", false, LAYER_SERVICE_LINKED, LAYER_SERVICE_LINKED,
         LAYER_APPLIES, LAYER_APPLIES},
        {IN("9") "root", "ec2:X", "9", false, LAYER_MANAGEMENT, LAYER_MANAGEMENT, LAYER_ROOT_USER, LAYER_APPLIES},
        {IN("9") "user/a", "ec2:X", "2", false, LAYER_MANAGEMENT, LAYER_OTHER_SERVICE, LAYER_APPLIES, LAYER_APPLIES},
        {IN("1") "root", "kms:RetireGrant", "2", false, LAYER_APPLIES, LAYER_NOT_RESTRICTED, LAYER_ROOT_USER,
         LAYER_APPLIES},
        {IN("1") "user/a", "sts:GetCallerIdentity", "2", true, LAYER_ABSENT, LAYER_ABSENT, LAYER_ABSENT, LAYER_ABSENT},
        {IN("1") "root", "sts:GetCallerIdentity", "9", false, LAYER_NOTHING_NEEDED, LAYER_MANAGEMENT, LAYER_ROOT_USER,
         LAYER_NOTHING_NEEDED},
        {"anonymous", "sts:GetCallerIdentity", "2", false, LAYER_NOT_IN_ACCOUNT, LAYER_APPLIES, LAYER_NOT_IN_ACCOUNT,
         LAYER_APPLIES},
    };
    const policy *p = policy_of(POLICY_IDENTITY, STATEMENTS(ANYTHING));
    policy_level  level = {&p, 1};
    (void)state;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        policy_case c = reads_a_bucket(rows[i].principal);
        explanation x;
        c.request.action = str_of(rows[i].action);
        c.request.resource_account = str_of(rows[i].owner);
        c.management_account = STR("9");
        c.scps = c.rcps = &level;
        c.scp_level_count = c.rcp_level_count = 1;
        c.scps_apply = c.rcps_apply = !rows[i].absent;
        if (!rows[i].absent) {
            c.identity = c.session = level;
            c.boundary = c.resource = c.endpoint = p;
        }
        oracle_explain(&run, &c, facts, &x);
        const layer_presence want[] = {LAYER_ABSENT,     rows[i].scp,      rows[i].rcp,      rows[i].resource,
                                       rows[i].identity, rows[i].identity, rows[i].identity, rows[i].resource};
        for (size_t l = 0; l < COUNTOF(want); l++) {
            if (x.layers[l].presence != want[l])
                fail_msg("%s, %s: layer %zu: %d", rows[i].principal, rows[i].action, l, x.layers[l].presence);
            assert_int_equal(x.layers[l].level_count, want[l] == LAYER_APPLIES);
        }
        assert_true(decision_equal(x.decision, oracle_decide(&c, facts)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_decided_as_it_expects),
        cmocka_unit_test(without_a_catalogue_the_shape_of_a_value_says_whether_it_is_multivalued),
        cmocka_unit_test(many_stars_cost_pattern_times_text),
        cmocka_unit_test(every_statement_is_explained),
        cmocka_unit_test(every_level_is_explained),
        cmocka_unit_test(grants_are_explained),
        cmocka_unit_test(why_a_layer_says_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
