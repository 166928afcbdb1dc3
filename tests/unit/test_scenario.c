#include "workloads/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "workloads/data.h"

#define ACCOUNTS_MAX 2000000u
#define SETS_MAX     16

static arena     all;
static source    base; /* what the cases change */
static source    bad_text, good_text;
static document *bad, *good;

/* Paths in the cases, and in their messages, are relative to the cases' folder. */
static int setup(void **state)
{
    err e = {0};
    (void)state;
    arena_init(&all, MEMORY_GENERAL);
    assert_int_equal(chdir(TESTS_DIR "/cases/scenario"), 0);
    if (file_read(&all, "base.json", FILE_BYTES_MAX, &base, &e) != STATUS_OK ||
        file_read(&all, "bad.json", FILE_BYTES_MAX, &bad_text, &e) != STATUS_OK ||
        file_read(&all, "good.json", FILE_BYTES_MAX, &good_text, &e) != STATUS_OK ||
        document_parse(&all, &bad_text, &bad, &e) != STATUS_OK ||
        document_parse(&all, &good_text, &good, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    document_free(good);
    document_free(bad);
    arena_deinit(&all);
    return 0;
}

/* ---- a case ---- */

typedef struct {
    const document *d;
    const node     *n;
    str             proves;
    source          text;
    scenario_set    sets[SETS_MAX];
    uint32_t        set_count, accounts_max;
} test_case;

/* A string's text, any other value as it is written: both are what `--set` takes. */
static str value_text(const document *d, const node *n)
{
    str   text;
    place at;
    err   e = {0};
    bool  string = n != NULL && node_kind_of(n) == NODE_STRING;
    if ((string ? node_string(d, n, &text, &e) : node_source_text(d, n, &text, &at, &e)) != STATUS_OK)
        fail_msg("%s", e.text);
    return text;
}

static str replaced(arena *a, str text, str piece, str instead)
{
    const char *at = memmem(text.ptr, text.len, piece.ptr, piece.len);
    if (at == NULL) fail_msg("the base has no `%.*s`", STR_FMT(piece));
    size_t before = (size_t)(at - text.ptr), behind = before + piece.len;
    return arena_format(a, "%.*s%.*s%.*s", (int)before, text.ptr, STR_FMT(instead), (int)(text.len - behind),
                        text.ptr + behind);
}

static void case_read(arena *a, const document *d, const node *n, test_case *out)
{
    const node *sets = node_get(n, "sets"), *text = node_get(n, "text"), *piece = node_get(n, "piece");
    *out = (test_case){.d = d, .n = n, .text = base, .accounts_max = ACCOUNTS_MAX};
    out->proves = value_text(d, node_get(n, "proves"));
    if (text != NULL) out->text.text = value_text(d, text);
    if (piece != NULL)
        out->text.text = replaced(a, base.text, value_text(d, piece), value_text(d, node_get(n, "instead")));
    if (node_get(n, "accounts_max") != NULL) {
        uint64_t count;
        assert_true(str_to_u64(value_text(d, node_get(n, "accounts_max")), &count));
        out->accounts_max = (uint32_t)count;
    }
    assert_true(sets == NULL || node_count(sets) <= SETS_MAX);
    for (size_t i = 0; sets != NULL && i < node_count(sets); i++)
        out->sets[out->set_count++] = (scenario_set){value_text(d, node_get(node_at(sets, i), "path")),
                                                     value_text(d, node_get(node_at(sets, i), "value"))};
}

static status case_run(arena *a, const test_case *c, scenario **out, err *e)
{
    scenario_options options = {
        .sets = c->sets, .set_count = c->set_count, .check_only = node_get(c->n, "full") == NULL};
    const node *path = node_get(c->n, "path");
    if (path != NULL) return scenario_read(a, value_text(c->d, path), options, out, e);
    return scenario_read_text(a, &c->text, options, c->accounts_max, out, e);
}

/* ---- refusals ---- */

static void a_refusal(arena a, const document *d, const node *n)
{
    test_case c;
    scenario *s = NULL;
    err       e = {0};
    case_read(&a, d, n, &c);
    str    message = value_text(d, node_get(n, "message"));
    status code = case_run(&a, &c, &s, &e);
    if (code == STATUS_OK) {
        scenario_free(s);
        fail_msg("%.*s: read", STR_FMT(c.proves));
    }
    assert_int_equal(code, e.code);
    assert_null(s);
    if (!str_is(message, e.text)) fail_msg("%.*s: `%s`, expected `%.*s`", STR_FMT(c.proves), e.text, STR_FMT(message));
    if (strchr(e.text, '\n') != NULL) fail_msg("%.*s: more than a line", STR_FMT(c.proves));
}

static void each_fault_has_its_message(void **state)
{
    (void)state;
    const node *cases = node_get(document_root(bad), "cases");
    assert_true(node_count(cases) > 200);
    for (size_t i = 0; i < node_count(cases); i++) a_refusal(all, bad, node_at(cases, i));
}

static void cases_prove_different_things(void **state)
{
    (void)state;
    const document *const documents[] = {bad, good};
    for (size_t k = 0; k < COUNTOF(documents); k++) {
        const node *cases = node_get(document_root(documents[k]), "cases");
        for (size_t i = 0; i < node_count(cases); i++)
            for (size_t j = 0; j < i; j++) {
                str a = value_text(documents[k], node_get(node_at(cases, i), "proves"));
                str b = value_text(documents[k], node_get(node_at(cases, j), "proves"));
                if (str_eq(a, b)) fail_msg("`%.*s` stands twice", STR_FMT(a));
            }
    }
}

/* ---- what is read ---- */

static void expect_count(const test_case *c, const char *name, uint64_t found)
{
    const node *n = node_get(c->n, name);
    uint64_t    wanted;
    err         e = {0};
    if (n == NULL) return;
    if (node_u64(c->d, n, &wanted, &e) != STATUS_OK) fail_msg("%s", e.text);
    if (found != wanted)
        fail_msg("%.*s: %s is %llu, expected %llu", STR_FMT(c->proves), name, (unsigned long long)found,
                 (unsigned long long)wanted);
}

static void expect_text(const test_case *c, const char *name, str found)
{
    const node *n = node_get(c->n, name);
    if (n != NULL && !str_eq(found, value_text(c->d, n)))
        fail_msg("%.*s: %s is `%.*s`, expected `%.*s`", STR_FMT(c->proves), name, STR_FMT(found),
                 STR_FMT(value_text(c->d, n)));
}

static void expect_files(arena a, const test_case *c, const scenario *s)
{
    const node *files = node_get(c->n, "files");
    for (uint32_t i = 0; files != NULL && i < s->file_count; i++) {
        const scenario_file *f = &s->files[i];
        str                  found = arena_format(&a, "%.*s %.*s", STR_FMT(f->kind), STR_FMT(f->name));
        if (i >= node_count(files) || !str_eq(found, value_text(c->d, node_at(files, i))))
            fail_msg("%.*s: file %u is `%.*s`", STR_FMT(c->proves), i, STR_FMT(found));
    }
    if (files != NULL) assert_int_equal(s->file_count, node_count(files));
}

static void a_scenario(arena a, const node *n)
{
    test_case c;
    scenario *s = NULL;
    err       e = {0};
    uint64_t  cells = 0;
    case_read(&a, good, n, &c);
    if (case_run(&a, &c, &s, &e) != STATUS_OK) fail_msg("%.*s: %s", STR_FMT(c.proves), e.text);
    const org_view *v = org_head(s->o);
    assert_int_equal(org_revision(s->o), 0);
    assert_int_equal(s->requests == NULL, node_get(n, "full") == NULL);
    for (uint32_t i = 0; i < s->plan.region_count; i++) cells += s->plan.regions[i].cell_count;
    expect_count(&c, "accounts", org_account_live(v));
    expect_count(&c, "ous", org_ou_live(v));
    expect_count(&c, "policies", org_policy_live(v, ORG_TYPE_SCP));
    expect_count(&c, "cells", cells);
    expect_count(&c, "steps", s->plan.step_count);
    expect_count(&c, "windows", s->plan.window_count);
    expect_count(&c, "seed", s->plan.seed);
    expect_count(&c, "epoch", (uint64_t)s->epoch_seconds);
    expect_text(&c, "lag", s->lag_model);
    expect_text(&c, "service", s->service_model);
    expect_files(a, &c, s);
    scenario_free(s);
}

static void what_is_right_is_read(void **state)
{
    (void)state;
    const node *cases = node_get(document_root(good), "cases");
    for (size_t i = 0; i < node_count(cases); i++) a_scenario(all, node_at(cases, i));
}

static scenario *read_base(arena *a, const scenario_set *sets, uint32_t count, const uint64_t *seed)
{
    scenario *s = NULL;
    err       e = {0};
    if (scenario_read_text(a, &base, (scenario_options){.sets = sets, .set_count = count, .seed = seed}, ACCOUNTS_MAX,
                           &s, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    return s;
}

static void assert_str(str found, const char *wanted)
{
    if (!str_is(found, wanted)) fail_msg("`%.*s`, expected `%s`", STR_FMT(found), wanted);
}

static void entities_are_where_the_file_says(void **state)
{
    (void)state;
    arena           a = all;
    scenario       *s = read_base(&a, NULL, 0, NULL);
    const org_view *v = org_head(s->o);
    assert_str(org_id(v), "o-exampleorg");
    assert_str(org_root_id(v), "r-ab12");
    assert_str(org_account_id(v, ORG_MANAGEMENT), "111111111111");
    uint32_t payments = org_account_find(v, STR("222222222222")), prod = org_account_parent(v, payments);
    assert_str(org_node_name(v, prod), "Prod");
    assert_str(org_node_name(v, org_node_parent(v, prod)), "Workloads");
    uint32_t sandbox = org_node_find(v, STR("ou-ab12-sandbox1")),
             search = org_account_find(v, s->plan.steps[1].command.member[MEMBER_AccountId]);
    org_attachments on_sandbox = org_attached(v, ORG_TYPE_SCP, org_target_node(sandbox));
    org_attachments on_root = org_attached(v, ORG_TYPE_SCP, org_target_node(ORG_ROOT));
    assert_int_equal(on_sandbox.count, 1);
    assert_str(org_policy_id(v, on_sandbox.policies[0]), "p-example01");
    assert_int_equal(on_root.count, 2);
    assert_str(org_account_name(v, search), "Search");
    assert_int_equal(org_account_parent(v, search), prod);
    scenario_free(s);
}

static void steps_and_windows_are_as_written(void **state)
{
    (void)state;
    arena             a = all;
    scenario         *s = read_base(&a, NULL, 0, NULL);
    const world_step *steps = s->plan.steps;
    assert_int_equal(steps[0].command.at_ns, 1000000000);
    assert_int_equal(steps[0].command.op, CONTROL_CREATE_ORGANIZATIONAL_UNIT);
    assert_str(steps[0].command.member[MEMBER_ParentId], "r-ab12");
    assert_str(steps[0].bind, "$quarantine");
    assert_str(steps[0].label, "a place to move to");
    assert_null(steps[1].label.ptr);
    assert_null(steps[1].bind.ptr);
    /* Known when its step comes, not before. */
    assert_str(steps[1].command.member[MEMBER_DestinationParentId], "$quarantine");
    const world_window *windows = s->plan.windows;
    assert_int_equal(windows[0].start_ns, 0);
    assert_int_equal(windows[0].length_ns, 2000000000);
    assert_int_equal(windows[0].arrival, WORLD_POISSON);
    assert_int_equal(windows[0].rate_num, 100);
    assert_int_equal(windows[0].rate_den, 1);
    assert_str(windows[0].name, "steady");
    assert_int_equal(windows[1].arrival, WORLD_CONSTANT);
    assert_int_equal(windows[1].rate_num, 2500);
    assert_int_equal(windows[1].rate_den, 3);
    assert_int_equal(s->plan.response_max_ns, 10000000000);
    assert_int_equal(s->epoch_seconds, 1793491200);
    scenario_free(s);
}

/* The seed from outside wins, and what it draws differs; provenance keeps the file's digest. */
static void a_seed_from_outside_wins(void **state)
{
    (void)state;
    arena     a = all;
    uint64_t  seed = 99;
    scenario *s = read_base(&a, NULL, 0, NULL), *other = read_base(&a, NULL, 0, &seed);
    assert_int_equal(s->plan.seed, 7);
    assert_int_equal(other->plan.seed, 99);
    assert_false(str_eq(org_account_id(org_head(s->o), 3), org_account_id(org_head(other->o), 3)));
    assert_memory_equal(&s->files[0].digest, &other->files[0].digest, sizeof(digest));
    scenario_set set = {STR("seed"), STR("99")};
    scenario    *changed = read_base(&a, &set, 1, NULL);
    assert_memory_not_equal(&s->files[0].digest, &changed->files[0].digest, sizeof(digest));
    scenario_free(s);
    scenario_free(other);
    scenario_free(changed);
}

/* What the reader takes, world runs. */
static void what_is_read_can_be_run(void **state)
{
    (void)state;
    arena         a = all;
    scenario     *s = read_base(&a, NULL, 0, NULL);
    world_result *result = ARENA_NEW(&a, world_result, 1);
    world_options options = {.threads = 1};
    err           e = {0};
    if (world_run(&a, &s->plan, &options, result, &e) != STATUS_OK) fail_msg("%s", e.text);
    assert_true(result->complete);
    assert_in_range(result->totals.attempts, 1200, 1700); /* 200 and 1,250 expected */
    assert_int_equal(result->change_count, 3);
    for (uint32_t i = 0; i < result->change_count; i++)
        if (result->changes[i].exception != NULL)
            fail_msg("step %u: %s: %.*s", i, result->changes[i].exception, STR_FMT(result->changes[i].detail));
    assert_int_equal(result->revision_last, 3);
    scenario_free(s);
}

/* ---- by name, by path ---- */

static void a_name_finds_what_is_inside_the_program(void **state)
{
    (void)state;
    static const struct {
        const char *name, *message;
    } rows[] = {
        {"smal", "unknown scenario `smal`, did you mean `small`? known are "},
        {"nothing-like-it", "unknown scenario `nothing-like-it`, known are "},
        {"", "unknown scenario ``, known are "},
    };
    arena     a = all;
    scenario *s = NULL;
    err       e = {0};
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        assert_int_equal(scenario_read(&a, str_of(rows[i].name), (scenario_options){0}, &s, &e), STATUS_NOT_FOUND);
        if (strncmp(e.text, rows[i].message, strlen(rows[i].message)) != 0) fail_msg("row %zu: %s", i, e.text);
    }
    if (scenario_read(&a, STR("small"), (scenario_options){0}, &s, &e) != STATUS_OK) fail_msg("%s", e.text);
    assert_str(s->name, "small");
    scenario_free(s);
}

/* A run that left its results in `./small` must not hide it. */
static void a_name_means_the_same_in_every_folder(void **state)
{
    (void)state;
    arena     a = all;
    scenario *s = NULL;
    err       e = {0};
    char      folder[] = "/tmp/orgsim-XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(file_make_folder("small", &e), STATUS_OK);
    if (scenario_read(&a, STR("small"), (scenario_options){.check_only = true}, &s, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    assert_str(s->name, "small");
    scenario_free(s);
    assert_int_equal(scenario_read(&a, STR("./small"), (scenario_options){0}, &s, &e), STATUS_IO);
    assert_string_equal(e.text, "`./small` is a directory, expected a file");
    assert_int_equal(rmdir("small"), 0);
    assert_int_equal(chdir(TESTS_DIR "/cases/scenario"), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void a_path_finds_a_file(void **state)
{
    (void)state;
    arena     a = all;
    scenario *s = NULL;
    err       e = {0};
    if (scenario_read(&a, STR("./base.json"), (scenario_options){0}, &s, &e) != STATUS_OK) fail_msg("%s", e.text);
    assert_str(s->name, "base");
    assert_str(s->path, "./base.json");
    scenario_free(s);
}

/* ---- at the limits ---- */

static void expect_refused(arena *a, str text, const char *message)
{
    source    in = {.name = STR("big.json"), .text = text};
    scenario *s = NULL;
    err       e = {0};
    if (scenario_read_text(a, &in, (scenario_options){0}, 64, &s, &e) == STATUS_OK) {
        scenario_free(s);
        fail_msg("read, expected `%s`", message);
    }
    if (strstr(e.text, message) == NULL) fail_msg("`%s`, expected `%s`", e.text, message);
}

/* `element` so many times, with commas. */
static str repeated(arena *a, const char *element, size_t count)
{
    size_t len = strlen(element);
    char  *text = ARENA_NEW(a, char, count *(len + 1));
    for (size_t i = 0; i < count; i++) {
        memcpy(text + i * (len + 1), element, len);
        text[i * (len + 1) + len] = ',';
    }
    return (str){text, count * (len + 1) - 1};
}

static str base_with(arena *a, const char *piece, const char *format, str list)
{
    str instead = arena_format(a, format, STR_FMT(list));
    return replaced(a, base.text, str_of(piece), instead);
}

static void lists_have_limits(void **state)
{
    (void)state;
    static const char windows[] = "\"windows\": [", timeline[] = "\"timeline\": [", regions[] = "\"regions\": [";
    arena             a = all;
    expect_refused(&a, base_with(&a, windows, "\"windows\": [%.*s,", repeated(&a, "{}", 4095)),
                   "4097 windows, expected 1 to 4096");
    expect_refused(&a, base_with(&a, timeline, "\"timeline\": [%.*s,", repeated(&a, "0", 99998)),
                   "timeline of 100001 steps, the limit is 100000");
    expect_refused(&a, base_with(&a, regions, "\"regions\": [%.*s,", repeated(&a, "0", 100000)),
                   "100002 regions, expected 1 to 64");
    expect_refused(&a, base_with(&a, "\"accounts\": [", "\"accounts\": [%.*s,", repeated(&a, "0", 100)),
                   "103 accounts, the limit here is 64");
}

static void a_long_cycle_is_cut(void **state)
{
    (void)state;
    static const char begin[] = "big.json:15:58: cycle of parents: `$ring0` under `…` under `$ring";
    static const char end[] = "under `$ring998` under `$ring999` under `$ring0`";
    arena             a = all;
    char             *text = ARENA_NEW(&a, char, 1 << 17);
    size_t            len = 0;
    scenario         *s = NULL;
    err               e = {0};
    for (int i = 0; i < 1000; i++)
        len += (size_t)snprintf(text + len, 100, "{\"Id\":\"$ring%d\",\"ParentId\":\"$ring%d\",\"Name\":\"n\"},", i,
                                (i + 1) % 1000);
    static const char list[] = "\"organizational_units\": [";
    source            in = {.name = STR("big.json")};
    in.text = base_with(&a, list, "\"organizational_units\": [%.*s", (str){text, len});
    assert_int_not_equal(scenario_read_text(&a, &in, (scenario_options){0}, 64, &s, &e), STATUS_OK);
    str message = str_of(e.text);
    if (!str_starts(message, str_of(begin)) || !str_ends(message, str_of(end))) fail_msg("%s", e.text);
    assert_in_range(message.len, 400, 600);
}

static void windows_may_be_4096(void **state)
{
    (void)state;
    arena     a = all;
    char     *text = ARENA_NEW(&a, char, 1 << 20);
    size_t    len = 0;
    scenario *s = NULL;
    err       e = {0};
    for (int i = 0; i < 4094; i++)
        len += (size_t)snprintf(text + len, 100, ",{\"start\":\"%ds\",\"duration\":\"1s\",\"scenario\":\"steady\"}",
                                i + 4);
    source in = base;
    in.text = base_with(&a, "\"scenario\": \"rush\" }", "\"scenario\": \"rush\" }%.*s", (str){text, len});
    if (scenario_read_text(&a, &in, (scenario_options){0}, 64, &s, &e) != STATUS_OK) fail_msg("%s", e.text);
    assert_int_equal(s->plan.window_count, 4096);
    scenario_free(s);
}

static void policies_have_10240_characters(void **state)
{
    (void)state;
    static const char full[] =
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"%.*s\",\"Effect\":\"Deny\",\"Action\":"
        "\"s3:*\",\"Resource\":\"*\"}]}";
    for (size_t characters = 10240; characters <= 10241; characters++) {
        arena     a = all;
        scenario *s = NULL;
        err       e = {0};
        size_t    others = sizeof full - 1 - 4; /* without `%.*s` */
        char     *letters = ARENA_NEW(&a, char, characters);
        memset(letters, 's', characters);
        str          sid = {letters, characters - others};
        scenario_set set = {STR("organization/inline/policies/0/Content"), arena_format(&a, full, STR_FMT(sid))};
        status       code = scenario_read_text(&a, &base, (scenario_options){.sets = &set, .set_count = 1}, 64, &s, &e);
        assert_int_equal(set.value.len, characters);
        if (characters == 10240) {
            if (code != STATUS_OK) fail_msg("%s", e.text);
            scenario_free(s);
        } else if (!str_is(str_of(e.text),
                           "base.json:26:9: CreatePolicy is refused: ConstraintViolationException "
                           "(POLICY_CONTENT_LIMIT_EXCEEDED): the content has 10241 characters, the limit for "
                           "SERVICE_CONTROL_POLICY is 10240")) {
            fail_msg("%s", e.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_has_its_message),
        cmocka_unit_test(cases_prove_different_things),
        cmocka_unit_test(what_is_right_is_read),
        cmocka_unit_test(entities_are_where_the_file_says),
        cmocka_unit_test(steps_and_windows_are_as_written),
        cmocka_unit_test(a_seed_from_outside_wins),
        cmocka_unit_test(what_is_read_can_be_run),
        cmocka_unit_test(a_name_finds_what_is_inside_the_program),
        cmocka_unit_test(a_name_means_the_same_in_every_folder),
        cmocka_unit_test(a_path_finds_a_file),
        cmocka_unit_test(lists_have_limits),
        cmocka_unit_test(a_long_cycle_is_cut),
        cmocka_unit_test(windows_may_be_4096),
        cmocka_unit_test(policies_have_10240_characters),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
