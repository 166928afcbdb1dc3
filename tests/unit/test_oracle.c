/* The specification against cases: every row of tests/cases/evaluation, by decision and, where the row names them
 * (`expected_layer`, `expected_level`), by deciding layer and level; and the levels it reads from an organization. */
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

/* ---- an organization ---- */

#define DENY_S3 \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"
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
    const org_view         *view = org_at(o, revision);
    const policy           *p = NULL;
    const policy_statement *s = NULL;
    str                     id = org_account_id(view, account);
    assert_true(statement_of(ALLOW_ALL, &p, &s));
    policy_case c = {.identity = {&p, 1}};
    c.request = (request){.principal = arena_format(&run, "arn:aws:iam::%.*s:user/admin", STR_FMT(id)),
                          .action = STR("s3:ListAllMyBuckets"),
                          .resource = STR("*"),
                          .resource_account = id};
    return oracle_decide_at(view, &c, facts);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_decided_as_it_expects),
        cmocka_unit_test(without_a_catalogue_the_shape_of_a_value_says_whether_it_is_multivalued),
        cmocka_unit_test(many_stars_cost_pattern_times_text),
        cmocka_unit_test(levels_come_from_the_chain_of_the_account),
        cmocka_unit_test(the_management_account_and_a_disabled_type_are_not_restricted),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
