/* Every row of tests/cases/lint shows the codes it says, in order of place, and no other; and every code of the table
 * is shown by one row and cleared by another. A row:
 *
 *   {"id": sentence, "type": as --type, "shows": [codes], "clears": [codes that a wrong lint might find here],
 *    "at": what stands at the first finding's place (organizations: in its text), "policy": … or "text": …}
 *
 * with `legacy`, `minified`, `characters_max`; `only`: codes looked at; `repeat`: the statement so often, `%` being its
 * number, and each code counted once; or `organization`, as `inline` of a scenario, with `per_target`. */
#include "support/support.h"

#include <stdio.h>

#include "authz/org_lint.h"
#include "base/document.h"
#include "base/file.h"
#include "policy/lint.h"
#include "workloads/scenario.h"

static const char *const files[] = {"grammar",   "action",       "resource",   "condition", "logic",
                                    "principal", "organization", "key-policy", "callers"};
static bool              shown[LINT_CODE_COUNT], cleared[LINT_CODE_COUNT];
static uint32_t          wrong; /* rows; each is printed */

typedef struct {
    document   *d;
    const node *n;
    str         id;
} row;

static str text_of(const row *r, const char *member)
{
    str text = {0};
    (void)node_string(r->d, node_get(r->n, member), &text, NULL);
    return text;
}

static uint32_t number_of(const row *r, const char *member)
{
    int64_t value = 0;
    (void)node_i64(r->d, node_get(r->n, member), 0, UINT32_MAX, &value, NULL);
    return (uint32_t)value;
}

static lint_code code_at(const row *r, const node *n)
{
    str       text;
    lint_code code = 0;
    if (node_string(r->d, n, &text, NULL) != STATUS_OK || !lint_code_find(text, &code))
        fail_msg("%.*s: no code", STR_FMT(r->id));
    return code;
}

static void mark(const row *r, const char *member, bool marks[LINT_CODE_COUNT], bool value)
{
    const node *list = node_get(r->n, member);
    for (size_t i = 0; list != NULL && i < node_count(list); i++) marks[code_at(r, node_at(list, i))] = value;
}

static void compare_codes(const row *r, const lint_code *found, size_t count)
{
    const node *list = node_get(r->n, "shows");
    size_t      wanted = list == NULL ? 0 : node_count(list);
    mark(r, "shows", shown, true);
    mark(r, "clears", cleared, true);
    for (size_t i = 0; i < count || i < wanted; i++) {
        if (i < count && i < wanted && code_at(r, node_at(list, i)) == found[i]) continue;
        print_error("%.*s: finding %zu is ORG%u, expected ORG%u\n", STR_FMT(r->id), i + 1,
                    i < count ? lint_rule_of(found[i])->number : 0,
                    i < wanted ? lint_rule_of(code_at(r, node_at(list, i)))->number : 0);
        wrong++;
        return;
    }
}

/* ---- one policy ---- */

static policy_type type_of(const row *r)
{
    static const char *const names[] = {"scp",     "rcp",      "identity", "boundary",
                                        "session", "resource", "trust",    "endpoint"};
    str                      name = text_of(r, "type");
    for (int i = 0; i < POLICY_TYPE_COUNT; i++)
        if (name.ptr == NULL || str_is(name, names[i])) return (policy_type)i;
    fail_msg("%.*s: unknown type", STR_FMT(r->id));
    return POLICY_SCP;
}

/* The policy's text: its only statement `count` times, `%` in it being the number of the copy. */
static str repeated(arena *a, str text, uint32_t count)
{
    size_t open = str_find(text, '[', 0) + 1, close = text.len - 2, capacity = count * (close - open + 12) + text.len;
    char  *out = ARENA_NEW(a, char, capacity);
    size_t len = (size_t)snprintf(out, capacity, "%.*s", (int)open, text.ptr);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) out[len++] = ',';
        for (size_t k = open; k < close; k++) {
            if (text.ptr[k] == '%')
                len += (size_t)snprintf(out + len, capacity - len, "%u", i);
            else
                out[len++] = text.ptr[k];
        }
    }
    len += (size_t)snprintf(out + len, capacity - len, "%.*s", (int)(text.len - close), text.ptr + close);
    return (str){out, len};
}

static void check_policy(arena *a, const catalog *facts, const row *r)
{
    bool         off[LINT_CODE_COUNT];
    place        at;
    str          text = text_of(r, "text"), first = text_of(r, "at");
    uint32_t     repeat = number_of(r, "repeat");
    lint_report  found = {0};
    lint_options options = {.type = type_of(r),
                            .dialect = node_get(r->n, "legacy") ? DIALECT_SCP_LEGACY : DIALECT_SCP_FULL,
                            .characters_max = number_of(r, "characters_max"),
                            .quotas = STR("test"),
                            .minified = node_get(r->n, "minified") != NULL,
                            .off = off};
    memset(off, node_get(r->n, "only") != NULL, sizeof off);
    mark(r, "only", off, false);
    if (text.ptr == NULL && node_source_text(r->d, node_get(r->n, "policy"), &text, &at, NULL) != STATUS_OK)
        fail_msg("%.*s: neither `policy` nor `text`", STR_FMT(r->id));
    if (repeat > 0) text = repeated(a, text, repeat);
    source in = {.name = STR("row"), .text = text, .line_first = 1};
    (void)lint_policy(a, &in, 0, text.len, options, facts, &found);

    lint_code *codes = ARENA_NEW(a, lint_code, found.count);
    size_t     count = 0;
    bool       seen[LINT_CODE_COUNT] = {0};
    for (size_t i = 0; i < found.count; i++) {
        const lint_finding *f = &found.items[i];
        assert_true(f->at <= text.len && f->line >= 1 && f->column >= 1 && f->text.len > 0);
        if (repeat == 0 || !seen[f->code]) codes[count++] = f->code;
        seen[f->code] = true;
    }
    if (repeat > 0 && seen[LINT_MORE]) { /* it stands at the beginning of the text */
        codes[0] = LINT_ACTION_UNKNOWN;
        codes[1] = LINT_MORE;
    }
    compare_codes(r, codes, count);
    if (first.ptr == NULL || found.count == 0) return;
    size_t begin = found.items[0].at;
    if (begin + first.len <= text.len && str_eq(str_part(text, begin, first.len), first)) return;
    print_error("%.*s: the first finding is at `%.*s`\n", STR_FMT(r->id), (int)(text.len - begin), text.ptr + begin);
    wrong++;
}

/* ---- an organization ---- */

static void check_organization(arena *a, const row *r)
{
    static const char around[] =
        "{\"schema\":\"orgsim.scenario/1\",\"name\":\"lint\",\"description\":\"lint\",\"seed\":1,\"epoch\":"
        "\"2026-11-01T00:00:00Z\",\"quota_profile\":\"aws-2026-05-15\",\"organization\":{\"inline\":%.*s,\"profile\":"
        "\"corpus-2026-11\"},\"evaluators\":{\"regions\":[{\"name\":\"us-east-1\",\"cells\":1,\"weight\":1}],"
        "\"service_time\":{\"constant\":\"2ms\"}},\"propagation\":{\"model\":{\"constant\":\"2s\"},\"order\":\"fifo\"},"
        "\"timeline\":[],\"workload\":{\"windows\":[{\"start\":\"0s\",\"duration\":\"1s\",\"scenario\":\"s\"}],"
        "\"scenarios\":{\"s\":{\"executor\":\"constant-arrival-rate\",\"arrival\":\"constant\",\"rate\":1}}}}";
    place            at;
    str              text, first = text_of(r, "at");
    err              e = {0};
    scenario        *read = NULL;
    org_lint_report  found = {0};
    org_lint_options options = {.scps_per_target = number_of(r, "per_target"), .quotas = STR("test")};
    assert_int_equal(node_source_text(r->d, node_get(r->n, "organization"), &text, &at, NULL), STATUS_OK);
    source in = {.name = STR("row"), .text = arena_format(a, around, STR_FMT(text)), .line_first = 1};
    if (scenario_read_text(a, &in, (scenario_options){.check_only = true}, 100, &read, &e) != STATUS_OK)
        fail_msg("%.*s: %s", STR_FMT(r->id), e.text);
    org_lint(a, org_at(read->o, 0), options, &found);
    lint_code *codes = ARENA_NEW(a, lint_code, found.count);
    for (size_t i = 0; i < found.count; i++) codes[i] = found.items[i].code;
    compare_codes(r, codes, found.count);
    if (first.ptr != NULL && found.count > 0 && !str_starts(found.items[0].text, first)) {
        print_error("%.*s: the first finding says `%.*s`\n", STR_FMT(r->id), STR_FMT(found.items[0].text));
        wrong++;
    }
    scenario_free(read);
}

/* ---- all rows ---- */

static void check_row(arena scratch, const catalog *facts, const source *line)
{
    row r = {0};
    err e = {0};
    if (document_parse(&scratch, line, &r.d, &e) != STATUS_OK) fail_msg("%s", e.text);
    r.n = document_root(r.d);
    r.id = text_of(&r, "id");
    if (node_get(r.n, "organization") != NULL)
        check_organization(&scratch, &r);
    else
        check_policy(&scratch, facts, &r);
    document_free(r.d);
}

static void rows_show_their_codes(void **state)
{
    (void)state;
    arena run, scratch;
    arena_init(&run, MEMORY_GENERAL);
    arena_init(&scratch, MEMORY_POLICY);
    const catalog *facts = support_catalog(&run);
    for (size_t i = 0; i < COUNTOF(files); i++) {
        source in;
        err    e = {0};
        size_t line = 1;
        str    path = arena_format(&run, "%s/cases/lint/%s.jsonl", TESTS_DIR, files[i]);
        if (file_read(&run, path.ptr, FILE_BYTES_MAX, &in, &e) != STATUS_OK) fail_msg("%s", e.text);
        for (size_t at = 0; at < in.text.len; line++) {
            size_t end = str_find(in.text, '\n', at);
            source one = {.name = in.name, .text = str_part(in.text, at, end - at), .line_first = line};
            check_row(scratch, facts, &one);
            at = end + 1;
        }
    }
    arena_deinit(&scratch);
    arena_deinit(&run);
    assert_int_equal(wrong, 0);
}

/* Runs after the rows. */
static void every_code_has_its_rows(void **state)
{
    (void)state;
    for (int i = 0; i < LINT_CODE_COUNT; i++) {
        const lint_rule *rule = lint_rule_of((lint_code)i);
        /* What no policy and no organization has: tests/runs/check.py shows it. */
        bool elsewhere = i == LINT_SCENARIO || i == LINT_UNREAD;
        if (!shown[i] && !elsewhere) fail_msg("no row shows ORG%u %s", rule->number, rule->name);
        if (!cleared[i] && !elsewhere) fail_msg("no row clears ORG%u %s", rule->number, rule->name);
        lint_code by_number, by_name;
        char      number[16];
        (void)snprintf(number, sizeof number, "ORG%u", rule->number);
        assert_true(lint_code_find(str_of(number), &by_number) && by_number == (lint_code)i);
        assert_true(lint_code_find(str_of(rule->name), &by_name) && by_name == (lint_code)i);
        assert_true(i == 0 || lint_rule_of((lint_code)(i - 1))->number < rule->number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_show_their_codes),
        cmocka_unit_test(every_code_has_its_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
