#include "workloads/data.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/file.h"
#include "control/quota.h"

static void every_file_travels_inside(void **state)
{
    (void)state;
    static const char *const folders[DATA_KIND_COUNT] = {"profiles", "presets/quota", "presets/propagation",
                                                         "scenarios"};
    arena                    a;
    err                      e = {0};
    arena_init(&a, MEMORY_GENERAL);
    for (uint32_t k = 0; k < DATA_KIND_COUNT; k++)
        for (uint32_t i = 0; i < data_count((data_kind)k); i++) {
            str           name = data_name((data_kind)k, i);
            source        file = {0};
            const source *inside = NULL;
            document     *d = NULL;
            str           path = arena_format(&a, "%s/workloads/%s/%.*s.json", SOURCE_DIR, folders[k], STR_FMT(name));
            if (i > 0) assert_true(str_cmp(data_name((data_kind)k, i - 1), name) < 0);
            if (file_read(&a, path.ptr, 1 << 24, &file, &e) != STATUS_OK) fail_msg("%s", e.text);
            if (data_text(&a, (data_kind)k, name, STR(""), &inside, &e) != STATUS_OK) fail_msg("%s", e.text);
            assert_true(str_eq(file.text, inside->text));
            assert_true(str_ends(path, inside->name));
            if (document_parse(&a, inside, &d, &e) != STATUS_OK) fail_msg("%s", e.text);
            document_free(d);
        }
    assert_true(data_count(DATA_QUOTA) >= 3 && data_count(DATA_PROPAGATION) >= 4);
    arena_deinit(&a);
}

static void unknown_names(void **state)
{
    (void)state;
    static const struct {
        data_kind   kind;
        const char *name, *message;
    } rows[] = {
        {DATA_QUOTA, "aws-2025",
         "unknown quota profile `aws-2025`, did you mean `aws-2024`? known are `aws-2024`, `aws-2026-05-15`, "
         "`unlimited`"},
        {DATA_QUOTA, "none at all",
         "unknown quota profile `none at all`, known are `aws-2024`, `aws-2026-05-15`, `unlimited`; a path ends in "
         "`.json`"},
        {DATA_PROPAGATION, "Zero",
         "unknown propagation preset `Zero`, did you mean `zero`? known are `aws-docs-immediate`, "
         "`aws-iam-observed`, `aws-scp-anecdotal`, `zero`"},
    };
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        err           e = {0};
        const source *text = NULL;
        assert_int_equal(data_text(&a, rows[i].kind, str_of(rows[i].name), STR(""), &text, &e), STATUS_NOT_FOUND);
        assert_string_equal(e.text, rows[i].message);
        assert_null(text);
    }
    arena_deinit(&a);
}

static void paths_count_from_the_naming_file(void **state)
{
    (void)state;
    arena         a;
    err           e = {0};
    const source *beside = NULL, *absolute = NULL;
    arena_init(&a, MEMORY_GENERAL);
    str base = arena_format(&a, "%s/workloads/presets/propagation/x.json", SOURCE_DIR);
    if (data_text(&a, DATA_QUOTA, STR("../quota/unlimited.json"), base, &beside, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    str path = arena_format(&a, "%s/workloads/presets/quota/unlimited.json", SOURCE_DIR);
    if (data_text(&a, DATA_QUOTA, path, base, &absolute, &e) != STATUS_OK) fail_msg("%s", e.text);
    assert_true(str_eq(beside->text, absolute->text));
    assert_int_equal(data_text(&a, DATA_QUOTA, STR("missing.json"), STR("/nowhere/x.json"), &beside, &e), STATUS_IO);
    assert_string_equal(e.text, "cannot read `/nowhere/missing.json`: no such file or directory");
    arena_deinit(&a);
}

static void catalogue(void **state)
{
    (void)state;
    arena    a;
    err      e = {0};
    catalog *facts = NULL;
    arena_init(&a, MEMORY_GENERAL);
    if (data_catalog(&a, &facts, &e) != STATUS_OK) fail_msg("%s", e.text);
    assert_true(catalog_action_find(facts, STR("s3:GetObject")) != CATALOG_NONE);
    arena_deinit(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_travels_inside),
        cmocka_unit_test(unknown_names),
        cmocka_unit_test(paths_count_from_the_naming_file),
        cmocka_unit_test(catalogue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
