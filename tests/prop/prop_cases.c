/* Every row of tests/cases/evaluation is decided as it expects, by the evaluator and by the oracle, which also agree on
 * the deciding layer and level; each row is named by the sentence it proves. */
#include "support/support.h"

#include <stdio.h>

#include "authz/case.h"
#include "base/file.h"
#include "oracle/oracle.h"
#include "policy/case.h"


/* The value of a row's `expected`, which the evaluator itself never reads. */
static str expected_of(arena *a, const source *in)
{
    json_reader r;
    json_token  t;
    size_t      begin = 0, end = 0;
    json_init(&r, a, in, 0, in->text.len);
    assert_int_equal(json_next(&r, &t, NULL), STATUS_OK);
    for (;;) {
        assert_int_equal(json_next(&r, &t, NULL), STATUS_OK);
        if (t.kind == JSON_OBJECT_END) return (str){ NULL, 0 };
        bool found = str_is(t.text, "expected");
        assert_int_equal(json_skip(&r, &begin, &end, NULL), STATUS_OK);
        if (found) return str_part(in->text, begin + 1, end - begin - 2);
    }
}

static void check_file(const char *name, size_t rows_min)
{
    char   path[512];
    arena  run, row;
    source in;
    err    e = { 0 };
    size_t rows = 0;
    arena_init(&run, MEMORY_GENERAL);
    arena_init(&row, MEMORY_POLICY);
    const catalog *facts = support_catalog(&run);
    (void)snprintf(path, sizeof path, "%s/cases/evaluation/%s.jsonl", TESTS_DIR, name);
    if (file_read(&run, path, FILE_BYTES_MAX, &in, &e) != STATUS_OK) fail_msg("%s", e.text);
    for (size_t begin = 0; begin < in.text.len; rows++) {
        size_t      end = str_find(in.text, '\n', begin);
        source      line = { in.name, str_part(in.text, begin, end - begin), rows + 1 };
        policy_case c;
        if (case_read(&row, &line, 0, line.text.len, &c, &e) != STATUS_OK) fail_msg("%s", e.text);
        str      want = expected_of(&row, &line);
        decision have = authz_decide_case(&row, &c, facts), slow = oracle_decide(&c, facts);
        if (!str_is(want, decision_name(have.kind)))
            fail_msg("`%.*s`: expected %.*s, got %s", STR_FMT(c.id), STR_FMT(want), decision_name(have.kind));
        if (!decision_equal(have, slow))
            fail_msg("`%.*s`: %s by %s %d, oracle %s by %s %d", STR_FMT(c.id), decision_name(have.kind),
                     layer_name(have.layer), have.level, decision_name(slow.kind), layer_name(slow.layer), slow.level);
        arena_reset(&row);
        begin = end + 1;
    }
    assert_true(rows >= rows_min);
    arena_deinit(&row);
    arena_deinit(&run);
}

static void scp(void **state)
{
    (void)state;
    check_file("scp", 35);
}

static void action(void **state)
{
    (void)state;
    check_file("action", 10);
}

static void resource(void **state)
{
    (void)state;
    check_file("resource", 20);
}

static void condition(void **state)
{
    (void)state;
    check_file("condition", 60);
}

static void by_rule(void **state)
{
    (void)state;
    check_file("levels-and-callers", 52);
    check_file("missing-keys-and-sets", 39);
    check_file("patterns", 31);
    check_file("values", 88);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_rule), cmocka_unit_test(scp), cmocka_unit_test(action),
                                       cmocka_unit_test(resource), cmocka_unit_test(condition)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
