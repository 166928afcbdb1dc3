/* Equal scenario, seed and commit: equal bytes, for any number of threads, timed or not; and real runs keep to the
 * schemas. label threads
 */
#include "base/file.h"
#include "bench/output.h"
#include "support/run.h"
#include "support/support.h"

static const char *const same_files[] = {"results.json", "analysis.json", "response.hlog", "summary.csv",
                                         "changes.csv",  "lag.csv",       "series.csv",    "levels.csv",
                                         "cells.csv",    "response.csv"};

static str run_into(arena *a, const char *name, uint32_t threads, bool timed)
{
    err         e = {0};
    scenario   *s = NULL;
    environment where;
    if (scenario_read(a, STR("small"), (scenario_options){0}, &s, &e) != STATUS_OK) fail_msg("%s", e.text);
    world_result *result = ARENA_NEW(a, world_result, 1);
    world_options options = {.threads = threads, .clock_ns = timed ? clock_wall_ns : NULL};
    if (world_run(a, &s->plan, &options, result, &e) != STATUS_OK) fail_msg("%s", e.text);
    environment_read(a, &where);
    output_run run = {.scenario = s, .result = result, .threads = threads, .environment = &where, .invocation = name};
    str        folder = support_folder(a, name);
    if (output_write(folder.ptr, &run, &e) != STATUS_OK) fail_msg("%s", e.text);
    scenario_free(s);
    return folder;
}

static void threads_and_clocks_change_no_byte(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    str one = run_into(&a, "same-one", 1, false), three = run_into(&a, "same-three", 3, true);
    for (size_t i = 0; i < COUNTOF(same_files); i++) {
        str left = support_file(&a, one, same_files[i]), right = support_file(&a, three, same_files[i]);
        assert_true(left.len > 0);
        if (!str_eq(left, right)) fail_msg("%s differs between one thread and three", same_files[i]);
    }
    str results = support_file(&a, one, "results.json");
    assert_true(support_has_part(results, "\"reproduce\": \"orgsim run small --seed 0x5ca1ab1e\""));
    assert_true(support_has_part(results, "\"run\": \"complete\""));
    assert_true(support_has_part(results, "\"lag_source\": \"OFFENSAI"));
    assert_true(support_has_part(results, "\"profile_confidence\": \"medium for the shapes"));
    assert_false(support_has_part(results, "\"holds\": false"));
    assert_true(support_has_part(support_file(&a, three, "timing.json"), "\"name\": \"decide\""));
    if (support_schemas_known()) assert_true(support_schemas_hold(&a, SOURCE_DIR "/results", three));
    (void)support_folder(&a, "same-one");
    (void)support_folder(&a, "same-three");
    arena_deinit(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(threads_and_clocks_change_no_byte)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
