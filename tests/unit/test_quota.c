#include "control/quota.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/file.h"

static status read_text(arena *a, str text, quota_profile *out, err *e)
{
    source    in = {.name = STR("quota.json"), .text = text};
    document *d = NULL;
    TRY(document_parse(a, &in, &d, e));
    status s = quota_read(a, d, out, e);
    document_free(d);
    return s;
}

static str preset(arena *a, const char *name)
{
    source in = {0};
    err    e = {0};
    str    path = arena_format(a, "%s/workloads/presets/quota/%s.json", SOURCE_DIR, name);
    if (file_read(a, path.ptr, 1 << 20, &in, &e) != STATUS_OK) fail_msg("%s", e.text);
    return in.text;
}

static quota_profile read_preset(arena *a, const char *name)
{
    quota_profile q = {0};
    err           e = {0};
    if (read_text(a, preset(a, name), &q, &e) != STATUS_OK) fail_msg("%s", e.text);
    assert_true(str_is(q.name, name));
    assert_true(q.date.len == 10 && q.source.len > 0 && q.confidence.len > 0);
    return q;
}

static void presets(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    quota_profile now = read_preset(&a, "aws-2026-05-15"), old = read_preset(&a, "aws-2024");
    quota_profile none = read_preset(&a, "unlimited");
    assert_int_equal(now.scps_per_target, 10);
    assert_int_equal(now.scp_characters, 10240);
    assert_int_equal(now.accounts, 50000);
    assert_int_equal(old.scps_per_target, 5);
    assert_int_equal(old.scp_characters, 5120);
    assert_int_equal(none.accounts, QUOTA_UNLIMITED);
    assert_int_equal(none.ou_depth, 5);
    arena_deinit(&a);
}

/* The preset with one piece of its text replaced. */
static const struct {
    const char *piece, *instead, *message;
} refused[] = {
    {"\"ous\": 2000,", "", "quota.json:8:13: quota `ous` is missing"},
    {"\"ous\": 2000", "\"ous\": \"many\"", "quota.json:10:12: quota `ous` is `many`, expected a number or `unlimited`"},
    {"\"ou_depth\": 5", "\"ou_depth\": 6", "OUs nest to depth 5 at most"},
    {"\"ou_depth\": 5", "\"ou_depth\": \"unlimited\"", "OUs nest to depth 5 at most"},
    {"\"ous\": 2000", "\"ous\": -1", "quota.json:10:12: "},
    {"\"ous\": 2000", "\"ous\": 4294967295", "quota.json:10:12: "},
    {"\"ous\": 2000", "\"ous\": 2000, \"oux\": 1", "unknown key `oux`, did you mean `ous`?"},
    {"orgsim.quota/1", "orgsim.quota/2", "schema is `orgsim.quota/2`, expected `orgsim.quota/1`"},
    {"\"date\": \"2026-05-15\",", "", "`date` is missing"},
};

static void refusals_have_a_place(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    str text = preset(&a, "aws-2026-05-15");
    for (size_t i = 0; i < COUNTOF(refused); i++) {
        const char *at = strstr(text.ptr, refused[i].piece);
        assert_non_null(at);
        const char   *rest = at + strlen(refused[i].piece);
        quota_profile q = {.ous = 77};
        err           e = {0};
        str           changed = arena_format(&a, "%.*s%s%s", (int)(at - text.ptr), text.ptr, refused[i].instead, rest);
        if (read_text(&a, changed, &q, &e) == STATUS_OK) fail_msg("row %zu is accepted", i);
        if (strstr(e.text, refused[i].message) == NULL || strstr(e.text, "quota.json:") == NULL)
            fail_msg("row %zu: `%s`", i, e.text);
        assert_int_equal(q.ous, 77); /* outputs are written on success only */
    }
    arena_deinit(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(presets), cmocka_unit_test(refusals_have_a_place)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
