/* test_core.c - `bench core` in its smallest form: it measures, its answers are right, its files and tables are well
 * made. How long anything took is not looked at. */
#include "bench/core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/quantile.h"
#include "bench/core_result.h"
#include "bench/core_slices.h"

static arena run;

static int setup(void **state)
{
    (void)state;
    arena_init(&run, MEMORY_GENERAL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&run);
    return 0;
}

static core_result *quick(void)
{
    static core_result *made;
    err                 e;
    core_options        o = {.world = STR("small"), .seed = 7, .oracle_sample = 60, .sizes = true, .quick = true};
    if (made == NULL && core_run(&run, &o, &made, &e) != STATUS_OK) fail_msg("%s", e.text);
    return made;
}

static const char *path_of(const char *name)
{
    return arena_format(&run, "core-%ld-%s", (long)getpid(), name).ptr;
}

/* ---- slices ---- */

typedef struct {
    uint32_t runs, dropped;
    uint32_t wrong_at; /* this run answers wrongly; 0: none */
} counted;

static status counted_run(void *context, bool dropped, core_slice *out, err *e)
{
    counted *c = context;
    (void)e;
    c->runs++;
    c->dropped += dropped;
    *out = (core_slice){.iterations = 2, .wall_ns = 10 * c->runs, .expected = 5};
    out->hash = c->runs == c->wrong_at ? 6 : 5;
    return STATUS_OK;
}

static void slices_are_kept_but_the_first(void **state)
{
    (void)state;
    err       e;
    counted   c[2] = {{0}, {0}};
    core_task tasks[] = {{.name = "five", .run = counted_run, .context = &c[0], .slices = 5},
                         {.name = "two", .run = counted_run, .context = &c[1], .slices = 2}};
    assert_int_equal(core_slices_run(&run, tasks, 2, 3, &e), STATUS_OK);
    assert_int_equal(c[0].runs, 6);
    assert_int_equal(c[0].dropped, 1);
    assert_int_equal(c[1].runs, 3);
    core_spread s = core_spread_wall(&tasks[0], run); /* 20, 30, 40, 50, 60 over 2 iterations */
    assert_true(s.median == 20 && s.min == 10 && s.max == 30 && s.mad == 5);
}

static void wrong_answer_is_an_internal_error(void **state)
{
    (void)state;
    err       e;
    counted   c = {.wrong_at = 3};
    core_task task = {.name = "liar", .run = counted_run, .context = &c, .slices = 5};
    assert_int_equal(core_slices_run(&run, &task, 1, 3, &e), STATUS_INTERNAL);
    assert_non_null(strstr(e.text, "slice 2 of `liar`"));
    assert_int_equal(c.runs, 3);
}

static void quantiles_are_the_smallest_that_hold(void **state)
{
    (void)state;
    uint32_t values[] = {9, 1, 5, 3, 7};
    core_sort(values, COUNTOF(values));
    assert_int_equal(core_quantile(values, 5, 1, 2), 5);
    assert_int_equal(core_quantile(values, 5, 1, 5), 1);
    assert_int_equal(core_quantile(values, 5, 21, 100), 3);
    assert_int_equal(core_quantile(values, 5, 1, 1), 9);
    assert_int_equal(core_quantile(values, 5, 0, 1), 1);
    assert_int_equal(core_quantile(values, 0, 1, 2), 0);
}

static void answers_hash_by_content_and_order(void **state)
{
    (void)state;
    decision d[2 * AUTHZ_BATCH] = {{0, 0, 0}};
    uint64_t before = core_answers_of(d, COUNTOF(d));
    d[3].level = 1;
    uint64_t early = core_answers_of(d, COUNTOF(d));
    d[3].level = 0;
    d[3 + AUTHZ_BATCH].level = 1;
    assert_int_not_equal(before, early);
    assert_int_not_equal(early, core_answers_of(d, COUNTOF(d)));
    d[3 + AUTHZ_BATCH].level = 0;
    assert_int_equal(before, core_answers_of(d, COUNTOF(d)));
}

/* ---- the run ---- */

static void measures_every_figure(void **state)
{
    (void)state;
    static const char *const names[] = {"batch/zipf",        "batch/uniform",
                                        "batch/identity",    "ratio/identity",
                                        "tax/batch",         "one/chain-p50",
                                        "one/fenced-p99",    "oracle",
                                        "image/compile",     "image/bytes-per-account",
                                        "change/attach-p50", "change/update-p99",
                                        "threads/decisions", "batch/plain",
                                        "ratio/plain",       "batch/default",
                                        "ratio/default",     "batch/every-layer",
                                        "ratio/every-layer", "explain"};
    core_result             *r = quick();
    for (size_t i = 0; i < COUNTOF(names); i++) {
        const core_figure *f = core_figure_find(r, names[i]);
        if (f == NULL) fail_msg("no figure `%s`", names[i]);
        assert_true(f->value >= 0);
    }
    assert_true(r->oracle_compared >= 60);
    assert_int_equal(r->floor_count, 2);
    assert_int_equal(r->size_count, 8);
    assert_true(r->change_share > 0);
    for (uint32_t i = 0; i < r->size_count; i++) assert_true(r->sizes[i].image_bytes > 0 && r->sizes[i].ns.median > 0);
}

static const core_mode *mode_of(const core_result *r, const char *name)
{
    for (uint32_t i = 0; i < r->mode_count; i++)
        if (str_is(str_of(r->modes[i].task->name), name)) return &r->modes[i];
    fail_msg("no mode `%s`", name);
    return NULL;
}

/* Rows that are compared with each other: of the same requests, or of the same organization by another mix. */
static void rows_of_layers_are_what_they_say(void **state)
{
    (void)state;
    core_result     *r = quick();
    const core_mode *zipf = mode_of(r, "batch/zipf"), *plain = mode_of(r, "batch/plain");
    const core_mode *usual = mode_of(r, "batch/default"), *every = mode_of(r, "batch/every-layer");
    assert_int_equal(plain->requests, zipf->requests);
    assert_int_equal(plain->denied, zipf->denied);
    assert_int_equal(plain->task->kept[0].expected, zipf->task->kept[0].expected); /* the hash of the answers */
    assert_int_not_equal(usual->task->kept[0].expected, every->task->kept[0].expected);
    assert_true(usual->denied > 0 && every->denied > usual->denied); /* who may not is part of that mix */
    assert_true(usual->requests > 0 && every->requests > 0);
    double ratio = core_figure_find(r, "batch/default")->value / core_figure_find(r, "batch/zipf")->value;
    assert_true(core_figure_find(r, "ratio/default")->value == ratio);
}

/* Explanations are compared with the core's answers in every slice; here, that they are of what the row says. */
static void explanations_are_of_the_layered_world(void **state)
{
    (void)state;
    core_result       *r = quick();
    const core_mode   *explain = mode_of(r, "explain");
    const core_figure *f = core_figure_find(r, "explain");
    assert_int_equal(explain->requests, mode_of(r, "batch/default")->requests);
    for (uint32_t i = 0; i < explain->task->slices; i++) {
        assert_int_equal(explain->task->kept[i].iterations, AUTHZ_BATCH);
        assert_true(explain->task->kept[i].hash == explain->task->kept[i].expected);
    }
    assert_true(f->unit == CORE_UNIT_NS && f->value > core_figure_find(r, "batch/default")->value && f->goal <= 0);
}

/* Worlds too large for a second one with RCPs have no such row. */
static void nothing_to_explain_is_no_task(void **state)
{
    (void)state;
    core_task  task;
    core_world w = {.stats = {0}};
    core_pool  none = {.count = 0};
    assert_false(core_explain_task(&run, "explain", &w, &none, 2, 64, &task));
}

static void goal_of_explanations(void **state)
{
    (void)state;
    core_result       *r = ARENA_NEW(&run, core_result, 1);
    const core_options large = {.world = STR("large")};
    double             missed;
    *r = (core_result){.options = large};
    core_figure *f = core_figure_add(r, "explain", 5000, (core_spread){0});
    assert_true(core_figure_kept(f, &missed)); /* 200,000 a second */
    f->value = 5001;
    assert_false(core_figure_kept(f, &missed));
}

static void unknown_world_is_named(void **state)
{
    (void)state;
    err          e;
    core_result *r;
    core_options o = {.world = STR("huge"), .quick = true};
    assert_int_equal(core_run(&run, &o, &r, &e), STATUS_INVALID);
    assert_string_equal(e.text, "unknown world `huge`, expected `small`, `large`, `quota` or `giant`");
}

static void verdicts(void **state)
{
    (void)state;
    double      missed;
    core_figure f = {.value = 15, .goal = 12};
    assert_false(core_figure_kept(&f, &missed));
    assert_true(missed > 24.9 && missed < 25.1);
    f.at_least = true;
    assert_true(core_figure_kept(&f, &missed));
}

/* ---- files and table ---- */

static void table_fits(void **state)
{
    (void)state;
    static const uint32_t widths[] = {40, 80};
    for (size_t w = 0; w < COUNTOF(widths); w++) {
        str text = core_table(&run, quick(), widths[w]);
        for (size_t at = 0; at < text.len;) {
            size_t end = str_find(text, '\n', at);
            assert_true(end - at <= widths[w]);
            at = end + 1;
        }
        assert_true(str_ends(text, STR("\n")));
    }
}

static document *file_parsed(const char *path)
{
    err       e;
    source   *text = ARENA_NEW(&run, source, 1);
    document *d = NULL;
    if (file_read(&run, path, 1 << 24, text, &e) != STATUS_OK || document_parse(&run, text, &d, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    return d;
}

static void timing_is_a_superset_of_google_benchmark(void **state)
{
    (void)state;
    static const char *const members[] = {"name",      "run_name", "run_type", "iterations",
                                          "real_time", "cpu_time", "time_unit"};
    err                      e;
    environment              env;
    environment_read(&run, &env);
    const char *path = path_of("timing.json");
    assert_int_equal(core_write(quick(), &env, path, &e), STATUS_OK);
    document   *d = file_parsed(path);
    const node *list = node_get(document_root(d), "benchmarks");
    assert_true(node_count(list) > 10);
    for (size_t i = 0; i < node_count(list); i++)
        for (size_t k = 0; k < COUNTOF(members); k++) assert_non_null(node_get(node_at(list, i), members[k]));
    assert_non_null(node_get(node_get(document_root(d), "context"), "num_cpus"));
    assert_int_equal(node_count(node_get(document_root(d), "floor")), 2);
    assert_int_equal(node_count(node_get(document_root(d), "pairs")), 2);
    document_free(d);
    (void)unlink(path);
}

static void sizes_are_one_row_each(void **state)
{
    (void)state;
    err         e;
    source      text;
    size_t      lines = 0;
    const char *path = path_of("sizes.csv");
    assert_int_equal(core_write_sizes(quick(), path, &e), STATUS_OK);
    assert_int_equal(file_read(&run, path, 1 << 20, &text, &e), STATUS_OK);
    for (size_t i = 0; i < text.text.len; i++) lines += text.text.ptr[i] == '\n';
    assert_int_equal(lines, 1 + 8);
    assert_true(
        str_starts(text.text, STR("accounts,ous,scps,mode,ns_per_decision,decisions_per_second,image_bytes\n20,")));
    (void)unlink(path);
}

/* What is exported must be a table that the simulator's distributions accept. */
static void service_time_is_a_quantile_table(void **state)
{
    (void)state;
    err         e;
    const char *path = path_of("service.json");
    assert_int_equal(core_export_service_time(quick(), path, &e), STATUS_OK);
    document     *d = file_parsed(path);
    const node   *list = node_get(document_root(d), "knots");
    quantile_knot knots[200];
    quantile     *q;
    assert_true(node_count(list) > 100 && node_count(list) <= COUNTOF(knots));
    for (size_t i = 0; i < node_count(list); i++) {
        assert_int_equal(node_ratio(d, node_get(node_at(list, i), "p"), &knots[i].p_num, &knots[i].p_den, &e),
                         STATUS_OK);
        assert_int_equal(node_time_ns(d, node_get(node_at(list, i), "value"), &knots[i].value, &e), STATUS_OK);
    }
    if (quantile_empirical(&run, knots, (uint32_t)node_count(list), &q, &e) != STATUS_OK) fail_msg("%s", e.text);
    assert_int_equal(quantile_max(q), knots[node_count(list) - 1].value);
    document_free(d);
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_are_kept_but_the_first),
        cmocka_unit_test(wrong_answer_is_an_internal_error),
        cmocka_unit_test(quantiles_are_the_smallest_that_hold),
        cmocka_unit_test(answers_hash_by_content_and_order),
        cmocka_unit_test(measures_every_figure),
        cmocka_unit_test(rows_of_layers_are_what_they_say),
        cmocka_unit_test(explanations_are_of_the_layered_world),
        cmocka_unit_test(nothing_to_explain_is_no_task),
        cmocka_unit_test(goal_of_explanations),
        cmocka_unit_test(unknown_world_is_named),
        cmocka_unit_test(verdicts),
        cmocka_unit_test(table_fits),
        cmocka_unit_test(timing_is_a_superset_of_google_benchmark),
        cmocka_unit_test(sizes_are_one_row_each),
        cmocka_unit_test(service_time_is_a_quantile_table),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
