/* The edge cases of the specification, all of them: each number from 1 to 105 has rows named after it.
 *
 *   tests/cases/edge        decisions, made by prop_cases
 *   tests/cases/validation  what a strict parser says of a policy: `type`, `dialect`, `policy`, `refused`, `says`
 *   tests/cases/calls       what AWS answers to calls, in order, on a fresh organization: each of `calls` has an `op`,
 *                           its members, `id` of what it makes, `pad_to` characters of Content; it is accepted, or
 *                           refused with the exception in `answer` and with `reason`
 */
#include "support/rows.h"

#include <stdlib.h>

#include "control/control.h"
#include "policy/parse.h"
#include "workloads/data.h"

#define EDGES 105

static void note_numbers(const char *folder, uint32_t *rows_by_number)
{
    arena a;
    str  *paths = NULL;
    arena_init(&a, MEMORY_GENERAL);
    uint32_t count = rows_files(&a, folder, &paths);
    for (uint32_t i = 0; i < count; i++) {
        rows r;
        rows_open(&a, paths[i], &r);
        while (rows_next(&r)) {
            uint64_t n = 0;
            str      id = row_text(&a, &r.line, "id");
            if (!str_starts(id, STR("edge-"))) continue;
            if (id.len < 10 || !str_to_u64(str_part(id, 5, 3), &n) || n == 0 || n > EDGES || id.ptr[8] != '-')
                fail_msg("`%.*s`, expected edge-NNN-sentence", STR_FMT(id));
            rows_by_number[n]++;
        }
    }
    arena_deinit(&a);
}

static void every_edge_case_has_rows(void **state)
{
    (void)state;
    uint32_t rows_by_number[EDGES + 1] = {0}, missing = 0;
    note_numbers("edge", rows_by_number);
    note_numbers("validation", rows_by_number);
    note_numbers("calls", rows_by_number);
    for (uint32_t n = 1; n <= EDGES; n++) {
        if (rows_by_number[n] == 0) print_message("no row for edge case %u\n", n);
        missing += rows_by_number[n] == 0;
    }
    assert_int_equal(missing, 0);
}

/* ---- what a strict parser refuses ---- */

static policy_type type_of(str name)
{
    static const char *const names[POLICY_TYPE_COUNT] = {
        [POLICY_SCP] = "scp",           [POLICY_RCP] = "rcp",          [POLICY_IDENTITY] = "identity",
        [POLICY_BOUNDARY] = "boundary", [POLICY_SESSION] = "session",  [POLICY_RESOURCE] = "resource",
        [POLICY_TRUST] = "trust",       [POLICY_ENDPOINT] = "endpoint"};
    for (uint32_t i = 0; i < POLICY_TYPE_COUNT; i++)
        if (str_is(name, names[i])) return (policy_type)i;
    fail_msg("no policy type `%.*s`", STR_FMT(name));
    return POLICY_TYPE_COUNT;
}

static bool contains(const char *text, str part)
{
    str all = str_of(text);
    for (size_t i = 0; i + part.len <= all.len; i++)
        if (str_eq(str_part(all, i, part.len), part)) return true;
    return false;
}

static bool parses_as_said(arena *a, const source *row)
{
    str    id = row_text(a, row, "id"), policy_json = row_json(a, row, "policy"), says = row_text(a, row, "says");
    bool   refused = str_is(row_json(a, row, "refused"), "true");
    size_t begin = (size_t)(policy_json.ptr - row->text.ptr);
    err    e = {0};

    policy_parse_options options = {.type = type_of(row_text(a, row, "type"))};
    if (str_is(row_text(a, row, "dialect"), "legacy")) options.dialect = DIALECT_SCP_LEGACY;
    policy *p = NULL;
    status  s = policy_parse_part(a, row, begin, begin + policy_json.len, options, &p, &e);
    if ((s != STATUS_OK) == refused && (!refused || contains(e.text, says))) return true;
    print_message("`%.*s`: %s\n", STR_FMT(id), s == STATUS_OK ? "accepted" : e.text);
    return false;
}

static void policies_are_refused_as_said(void **state)
{
    (void)state;
    arena    a;
    str     *paths = NULL;
    uint32_t wrong = 0, count = 0;
    arena_init(&a, MEMORY_GENERAL);
    uint32_t files = rows_files(&a, "validation", &paths);
    for (uint32_t i = 0; i < files; i++) {
        rows r;
        rows_open(&a, paths[i], &r);
        for (; rows_next(&r); count++) wrong += !parses_as_said(&a, &r.line);
    }
    arena_deinit(&a);
    assert_int_equal(wrong, 0);
    assert_true(count >= 30);
}

/* ---- what AWS answers to calls ---- */

static str padded(arena *a, str text, uint64_t length)
{
    char *out = ARENA_NEW(a, char, (size_t)length + 1);
    assert_true(length >= text.len);
    memset(out, ' ', (size_t)length);
    memcpy(out, text.ptr, text.len - 1); /* blanks before the last brace, as indentation would be */
    out[length - 1] = text.ptr[text.len - 1];
    return (str){out, (size_t)length};
}

static control_command command_of(arena *a, const document *d, const node *n)
{
    control_command c = {0};
    str             name = {0};
    uint64_t        length = 0;
    assert_int_equal(node_string(d, node_get(n, "op"), &name, NULL), STATUS_OK);
    assert_true(control_operation_of(name, &c.op));
    for (size_t i = 0; i < CONTROL_MEMBER_COUNT; i++) {
        const node *given = node_get(n, control_member_name((control_member)i));
        if (given != NULL) assert_int_equal(node_string(d, given, &c.member[i], NULL), STATUS_OK);
    }
    if (node_get(n, "id") != NULL) assert_int_equal(node_string(d, node_get(n, "id"), &c.id, NULL), STATUS_OK);
    c.parent_given = c.op == CONTROL_CREATE_ACCOUNT;
    if (node_get(n, "pad_to") != NULL) {
        assert_int_equal(node_u64(d, node_get(n, "pad_to"), &length, NULL), STATUS_OK);
        c.member[MEMBER_Content] = padded(a, c.member[MEMBER_Content], length);
    }
    return c;
}

static str member_text(const document *d, const node *n, const char *name)
{
    str text = {0};
    if (node_get(n, name) != NULL) assert_int_equal(node_string(d, node_get(n, name), &text, NULL), STATUS_OK);
    return text;
}

static bool answered_as_said(arena *a, const quota_profile *quotas, const source *row)
{
    bool      all = true;
    document *d = NULL;
    err       e = {0};
    if (document_parse(a, row, &d, &e) != STATUS_OK) fail_msg("%s", e.text);
    const node *calls = node_get(document_root(d), "calls");
    org        *o = org_new((org_options){.org_id = STR("o-exampleorgid"),
                                          .root_id = STR("r-ab12"),
                                          .management_id = STR("999988887777"),
                                          .management_name = STR("management"),
                                          .management_email = STR("m@example.com")});
    control    *c = control_new(o, quotas, NULL, 7);
    for (size_t i = 0; i < node_count(calls); i++) {
        const node     *n = node_at(calls, i);
        control_command command = command_of(a, d, n);
        control_answer  answer = {0};
        str             exception = member_text(d, n, "answer"), reason = member_text(d, n, "reason");
        control_apply(c, &command, &answer);
        if (str_eq(str_of(answer.exception), exception) && str_eq(str_of(answer.reason), reason)) continue;
        str id = member_text(d, document_root(d), "id");
        print_message("`%.*s`: call %zu answered %s %s %s\n", STR_FMT(id), i,
                      answer.exception != NULL ? answer.exception : "nothing",
                      answer.reason != NULL ? answer.reason : "", answer.detail);
        all = false;
    }
    control_free(c);
    org_free(o);
    document_free(d);
    return all;
}

static void calls_are_answered_as_said(void **state)
{
    (void)state;
    arena         a;
    str          *paths = NULL;
    quota_profile quotas = {0};
    const source *preset = NULL;
    document     *d = NULL;
    err           e = {0};
    uint32_t      wrong = 0;
    arena_init(&a, MEMORY_GENERAL);
    if (data_text(&a, DATA_QUOTA, STR("aws-2026-05-15"), (str){0}, &preset, &e) != STATUS_OK ||
        document_parse(&a, preset, &d, &e) != STATUS_OK || quota_read(&a, d, &quotas, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    uint32_t files = rows_files(&a, "calls", &paths);
    for (uint32_t i = 0; i < files; i++) {
        rows r;
        rows_open(&a, paths[i], &r);
        while (rows_next(&r)) wrong += !answered_as_said(&a, &quotas, &r.line);
    }
    document_free(d);
    arena_deinit(&a);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_edge_case_has_rows),
                                       cmocka_unit_test(policies_are_refused_as_said),
                                       cmocka_unit_test(calls_are_answered_as_said)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
