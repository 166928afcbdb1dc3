/* What a run leaves in its folder: contents, agreement of the files with each other, failures half-way. */
#include "bench/output.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "bench/output_figures.h"
#include "bench/output_parts.h"
#include "bench/text.h"
#include "support/run.h"
#include "support/support.h"

static const char *const files[] = {"results.json", "timing.json",  "analysis.json", "response.hlog", "decide.hlog",
                                    "summary.csv",  "changes.csv",  "lag.csv",       "series.csv",    "levels.csv",
                                    "cells.csv",    "response.csv", "decide.csv"};

static arena        a;
static support_run *made;

static int setup(void **state)
{
    (void)state;
    arena_init(&a, MEMORY_GENERAL);
    made = support_run_new(&a);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    support_run_free(made);
    arena_deinit(&a);
    return 0;
}

static str written(const char *name)
{
    err e = {0};
    str folder = support_folder(&a, name);
    if (output_write(folder.ptr, &made->run, &e) != STATUS_OK) fail_msg("%s", e.text);
    return folder;
}

static void remove_folder(const char *name)
{
    (void)support_folder(&a, name);
}

static document *parsed(str text, const char *name)
{
    source   *in = ARENA_NEW(&a, source, 1);
    document *d = NULL;
    err       e = {0};
    *in = (source){.name = str_of(name), .text = text};
    if (document_parse(&a, in, &d, &e) != STATUS_OK) fail_msg("%s", e.text);
    return d;
}

static void every_file_is_there_and_whole(void **state)
{
    (void)state;
    str folder = written("whole");
    for (size_t i = 0; i < COUNTOF(files); i++) {
        str text = support_file(&a, folder, files[i]);
        if (text.len == 0 || text.ptr[text.len - 1] != '\n') fail_msg("%s is missing or cut", files[i]);
        if (str_ends(str_of(files[i]), STR(".json"))) document_free(parsed(text, files[i]));
    }
    remove_folder("whole");
}

static void results_know_nothing_of_the_machine(void **state)
{
    (void)state;
    str         first = support_file(&a, written("machine"), "results.json");
    environment elsewhere = made->env;
    elsewhere.host_os = STR("Plan 9");
    elsewhere.date = STR("1999-01-01T00:00:00Z");
    elsewhere.cpus = 1000;
    output_run run = made->run;
    run.environment = &elsewhere;
    run.threads = 77;
    run.phases = (output_phases){.read_ns = 1, .run_ns = 2, .compile_ns = 3};
    run.invocation = "elsewhere";
    str folder = support_folder(&a, "machine");
    assert_int_equal(output_write(folder.ptr, &run, NULL), STATUS_OK);
    assert_true(str_eq(first, support_file(&a, folder, "results.json")));
    assert_false(support_has_part(first, "/tmp"));
    assert_true(support_has_part(support_file(&a, folder, "timing.json"), "Plan 9"));
    remove_folder("machine");
}

static void only_integers(const node *n, const document *d)
{
    str   text;
    place at;
    if (node_kind_of(n) == NODE_NUMBER) {
        assert_int_equal(node_source_text(d, n, &text, &at, NULL), STATUS_OK);
        for (size_t i = 0; i < text.len; i++)
            if (strchr("-0123456789", text.ptr[i]) == NULL) fail_msg("`%.*s` is no integer", STR_FMT(text));
    }
    if (node_kind_of(n) == NODE_OBJECT || node_kind_of(n) == NODE_ARRAY)
        for (size_t i = 0; i < node_count(n); i++) only_integers(node_at(n, i), d);
}

static int64_t number(const document *d, const char *first, const char *second)
{
    int64_t     value = 0;
    const node *n = node_get(document_root(d), first);
    if (second != NULL) n = node_get(n, second);
    err e = {0};
    if (node_i64(d, n, INT64_MIN + 1, INT64_MAX, &value, &e) != STATUS_OK) fail_msg("%s.%s: %s", first, second, e.text);
    return value;
}

static void results_hold_integers_in_a_fixed_order(void **state)
{
    (void)state;
    static const char *const order[] = {"schema",   "provenance", "digest", "org",     "decisions",
                                        "queueing", "staleness",  "series", "verdict", "reproduce"};
    str                      folder = written("integers");
    document                *d = parsed(support_file(&a, folder, "results.json"), "results.json");
    assert_int_equal(node_count(document_root(d)), COUNTOF(order));
    for (size_t i = 0; i < COUNTOF(order); i++) assert_true(str_is(node_name(node_at(document_root(d), i)), order[i]));
    only_integers(document_root(d), d);
    const world_counts *t = &made->r.totals;
    assert_int_equal(number(d, "decisions", "attempts"), t->attempts);
    assert_int_equal(number(d, "decisions", "allowed"), t->allowed);
    assert_int_equal(number(d, "staleness", "stale_allow"), t->stale_allow);
    assert_int_equal(number(d, "org", "accounts"), 3);
    uint64_t    denied = 0;
    const node *list = node_get(node_get(document_root(d), "decisions"), "denied");
    for (size_t i = 0; i < node_count(list); i++) {
        uint64_t n = 0;
        assert_int_equal(node_u64(d, node_get(node_at(list, i), "decisions"), &n, NULL), STATUS_OK);
        denied += n;
    }
    assert_int_equal(denied, output_denied(t));
    document_free(d);
    remove_folder("integers");
}

/* ---- tables ---- */

/* Sums field `column` (from 1; 0: the last) of the rows that have `part` in them. */
static uint64_t table_sum(str text, const char *part, int column)
{
    uint64_t sum = 0;
    for (size_t at = 0; at < text.len;) {
        size_t end = str_find(text, '\n', at), from = 0, to;
        str    line = str_part(text, at, end - at);
        at = end + 1;
        if (!support_has_part(line, part)) continue;
        if (column == 0)
            for (from = line.len; line.ptr[from - 1] != ',';) from--;
        for (int i = 1; i < column; i++) from = str_find(line, ',', from) + 1;
        to = str_find(line, ',', from);
        uint64_t value = 0;
        if (!str_to_u64(str_part(line, from, to - from), &value)) fail_msg("`%.*s`", STR_FMT(line));
        sum += value;
    }
    return sum;
}

static void tables_agree_with_the_totals(void **state)
{
    (void)state;
    str                 folder = written("tables");
    const world_counts *t = &made->r.totals;
    str series = support_file(&a, folder, "series.csv"), changes = support_file(&a, folder, "changes.csv");
    assert_int_equal(table_sum(series, ",decisions,", 0), output_decided(t));
    assert_int_equal(table_sum(series, ",stale_allow,", 0), t->stale_allow);
    assert_int_equal(table_sum(changes, ",stale_allow,", 7), t->stale_allow);
    assert_int_equal(table_sum(changes, ",stale_neutral,", 7), t->stale_neutral);
    assert_int_equal(table_sum(support_file(&a, folder, "levels.csv"), "Denied,", 0), output_denied(t));
    assert_int_equal(table_sum(support_file(&a, folder, "cells.csv"), ",attempts,", 0), t->attempts);
    assert_int_equal(table_sum(support_file(&a, folder, "summary.csv"), "attempts,", 0), t->attempts);
    assert_true(support_has_part(changes, "requests,0,\"policy \"\"deny <leave> & stay\"\", made\"\n"));
    assert_true(support_has_part(changes, "ConstraintViolationException"));
    remove_folder("tables");
}

static void lag_curves_rise_to_all_cells(void **state)
{
    (void)state;
    str      folder = written("lag"), text = support_file(&a, folder, "lag.csv");
    uint64_t change = 0, seen = 0, lag = 0, curves = 0;
    for (size_t at = str_find(text, '\n', 0) + 1; at < text.len;) {
        uint64_t field[4];
        for (size_t i = 0; i < COUNTOF(field); i++) {
            size_t end = str_find(text, i + 1 < COUNTOF(field) ? ',' : '\n', at);
            assert_true(str_to_u64(str_part(text, at, end - at), &field[i]));
            at = end + 1;
        }
        if (field[0] != change) {
            assert_true(change == 0 || seen == made->r.cell_count);
            assert_int_equal(field[1], 0);
            curves++;
        } else {
            assert_true(field[1] > seen && field[3] >= lag);
        }
        change = field[0], seen = field[1], lag = field[3];
    }
    assert_int_equal(seen, made->r.cell_count);
    assert_int_equal(curves, made->r.change_count - 1); /* one was refused */
    remove_folder("lag");
}

static void a_spectrum_rises_and_ends_at_the_greatest(void **state)
{
    (void)state;
    const output_step *steps;
    uint32_t           count = output_spectrum(&a, made->r.response_ns, &steps);
    assert_true(count > 100);
    for (uint32_t i = 1; i < count; i++) {
        assert_true(steps[i].value >= steps[i - 1].value);
        assert_true((double)steps[i].below_num * (double)steps[i - 1].below_den >
                    (double)steps[i - 1].below_num * (double)steps[i].below_den);
        assert_int_equal(steps[i].value,
                         i + 1 == count ? hist_max(made->r.response_ns)
                                        : hist_quantile(made->r.response_ns, steps[i].below_num, steps[i].below_den));
    }
    assert_int_equal(output_spectrum(&a, hist_new(&a, 1, 1000, 3), &steps), 0);
}

static void a_broken_law_is_told(void **state)
{
    (void)state;
    output_laws laws = output_laws_of(&made->r);
    assert_true(laws.attempts_accounted && laws.cells_sum && laws.stale_sum);
    made->r.cells[3].counts.attempts++;
    laws = output_laws_of(&made->r);
    assert_false(laws.attempts_accounted || laws.cells_sum);
    made->r.cells[3].counts.attempts--;
    made->r.changes[2].stale_allow++;
    assert_false(output_laws_of(&made->r).stale_sum);
    made->r.changes[2].stale_allow--;
}

/* ---- reading it again, and to the end ---- */

static void logs_have_no_date(void **state)
{
    (void)state;
    str folder = written("logs"), text = support_file(&a, folder, "response.hlog");
    assert_true(str_starts(text, STR("#[")));
    assert_true(support_has_part(text, "#[Histogram log format version 1.3]"));
    assert_true(support_has_part(text, "#[BaseTime: 0"));
    assert_true(support_has_part(text, "HISTFAAA"));
    remove_folder("logs");
}

static void an_earlier_measurement_does_not_stay(void **state)
{
    (void)state;
    str        folder = written("earlier");
    output_run run = made->run;
    assert_int_equal(file_write(arena_format(&a, "%s/report.html", folder.ptr).ptr, STR("old\n"), NULL), STATUS_OK);
    const hist *kept = made->r.decide_ns;
    made->r.decide_ns = NULL;
    assert_int_equal(output_write(folder.ptr, &run, NULL), STATUS_OK);
    made->r.decide_ns = kept;
    assert_null(support_file(&a, folder, "decide.hlog").ptr);
    assert_null(support_file(&a, folder, "decide.csv").ptr);
    assert_null(support_file(&a, folder, "report.html").ptr);
    assert_true(support_has_part(support_file(&a, folder, "timing.json"), "\"harness\": null"));
    remove_folder("earlier");
}

/* A full disk, as a limit on the size of files: at whatever file it strikes, no results.json is left. */
static void a_full_disk_leaves_nothing_that_looks_whole(void **state)
{
    (void)state;
    struct rlimit old;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    str    folder = written("full");
    size_t largest = 0, failures = 0;
    for (size_t i = 0; i < COUNTOF(files); i++) {
        size_t len = support_file(&a, folder, files[i]).len;
        if (len > largest) largest = len;
    }
    for (size_t limit = 0; limit <= largest + 512; limit = limit < 8 ? 512 : limit + limit / 3) {
        struct rlimit small = {.rlim_cur = limit, .rlim_max = old.rlim_max};
        err           e = {0};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        status code = output_write(folder.ptr, &made->run, &e);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        str results = support_file(&a, folder, "results.json");
        if (code == STATUS_OK) {
            assert_true(limit >= largest);
            continue;
        }
        failures++;
        assert_int_equal(code, STATUS_IO);
        assert_null(results.ptr);
        if (!str_starts(str_of(e.text), STR("cannot write `")) || strchr(e.text, '\n')) fail_msg("%s", e.text);
        for (size_t i = 0; i < COUNTOF(files); i++)
            assert_false(file_exists(arena_format(&a, "%s/%s.0.tmp", folder.ptr, files[i]).ptr));
    }
    assert_true(failures > 5);
    assert_int_equal(output_write(folder.ptr, &made->run, NULL), STATUS_OK);
    remove_folder("full");
}

static void a_folder_that_cannot_be_is_one_line(void **state)
{
    (void)state;
    str path = arena_format(&a, "%s/results.json/below", written("file").ptr);
    err e = {0};
    assert_int_equal(output_write(path.ptr, &made->run, &e), STATUS_IO);
    if (!support_has_part(str_of(e.text), "expected a folder") && !support_has_part(str_of(e.text), "not a directory"))
        fail_msg("%s", e.text);
    remove_folder("file");
}

static void an_empty_incomplete_run_is_written(void **state)
{
    (void)state;
    world_result nothing = {.cells = made->r.cells, .bin_ns = 1};
    hist        *empty = hist_new(&a, 1, 1000, 3);
    const hist  *regions[] = {empty, empty, empty};
    nothing.response_ns = nothing.waiting_ns = empty;
    nothing.region_response_ns = regions;
    output_run run = made->run;
    run.result = &nothing;
    run.phases = (output_phases){0};
    str folder = support_folder(&a, "empty");
    assert_int_equal(output_write(folder.ptr, &run, NULL), STATUS_OK);
    str text = support_file(&a, folder, "results.json");
    assert_true(support_has_part(text, "\"run\": \"incomplete\""));
    document_free(parsed(text, "results.json"));
    document_free(parsed(support_file(&a, folder, "analysis.json"), "analysis.json"));
    remove_folder("empty");
}

/* ---- the terminal ---- */

static void summaries_keep_to_their_width(void **state)
{
    (void)state;
    static const char *const there[] = {"258,415", "8.34 M/s", "7.73 %", "20.0 ms", "618", "1,279", "0x2a"};
    for (uint32_t columns = 36; columns <= 100; columns++) {
        str text = output_summary(&a, &made->run, "results/runs/x", columns);
        for (size_t i = 0; i < COUNTOF(there); i++)
            if (!support_has_part(text, there[i])) fail_msg("%u columns: no `%s`", columns, there[i]);
        for (size_t at = 0, end; at < text.len; at = end + 1) {
            end = str_find(text, '\n', at);
            if (text_columns(str_part(text, at, end - at)) > columns)
                fail_msg("%u columns: `%.*s`", columns, (int)(end - at), text.ptr + at);
        }
    }
}

static void what_was_not_evaluated_in_full_is_said(void **state)
{
    (void)state;
    uint64_t some = made->r.totals.doubtful;
    str      wide = output_summary(&a, &made->run, "x", 80), narrow = output_summary(&a, &made->run, "x", 40);
    assert_true(
        support_has_part(wide, "  partly evaluated      1,234  something in a policy could not be evaluated\n"));
    assert_true(support_has_part(narrow, "  partly evaluated                 1,234\n"));
    made->r.totals.doubtful = 0;
    assert_false(support_has_part(output_summary(&a, &made->run, "x", 80), "evaluated"));
    made->r.totals.doubtful = some;
    str text = support_file(&a, written("diagnostics"), "summary.csv");
    assert_true(support_has_part(text, "\ndiagnostics,requests,1234\nunreadable-value,times,1111\n"));
    assert_true(support_has_part(text, "\nno-set-operator,times,33\nunknown-operator,times,5\n"));
    assert_false(support_has_part(text, "missing-key"));
    remove_folder("diagnostics");
}

/* Where more is offered than can be done, and longer ones than the histogram keeps. */
static void overload_and_clipping_are_said(void **state)
{
    (void)state;
    assert_false(support_has_part(output_summary(&a, &made->run, "x", 80), "overload"));
    assert_false(output_beyond(100, 0, 1, 1) || output_beyond(100, 1, 99, 100));
    assert_true(output_beyond(100, 1, 1, 1) && output_beyond(100, 2, 99, 100));
    const hist *kept = made->r.response_ns;
    int64_t     busy = made->r.cells[1].counts.busy_ns;
    hist       *h = hist_new(&a, 1, INT64_C(1000000000), 3);
    hist_record_n(h, 1000, 98);
    hist_record_n(h, INT64_C(5000000000), 2);
    made->r.response_ns = h;
    made->r.cells[1].counts.busy_ns = made->s.plan.windows[0].length_ns * 3;
    str wide = output_summary(&a, &made->run, "x", 80), narrow = output_summary(&a, &made->run, "x", 36);
    made->r.response_ns = kept;
    made->r.cells[1].counts.busy_ns = busy;
    static const char *const there[] = {"overload", "3.00 times", "> 1.00 s"};
    for (size_t i = 0; i < COUNTOF(there); i++) {
        if (!support_has_part(wide, there[i])) fail_msg("`%s` is missing: %.*s", there[i], STR_FMT(wide));
        if (!support_has_part(narrow, there[i])) fail_msg("`%s` is missing: %.*s", there[i], STR_FMT(narrow));
    }
    assert_true(support_has_part(wide, "took longer than 1.00 s"));
}

static void the_summary_as_json_is_json(void **state)
{
    (void)state;
    document *d = parsed(output_summary_json(&a, &made->run, "results/runs/x"), "summary");
    assert_int_equal(number(d, "requests", NULL), made->r.totals.attempts);
    assert_int_equal(number(d, "slowest_change", "change"), 2);
    document_free(d);
}

static void files_keep_to_their_schemas(void **state)
{
    (void)state;
    str folder = written("schemas");
    if (!support_schemas_known()) skip();
    assert_true(support_schemas_hold(&a, SOURCE_DIR "/results", folder));
    str broken = arena_format(&a, "sed -i 's/\"attempts\": /\"tries\": /' %s/results.json", folder.ptr);
    assert_int_equal(system(broken.ptr), 0);
    assert_false(support_schemas_hold(&a, SOURCE_DIR "/results", folder));
    remove_folder("schemas");
}

static void reproduce_is_a_command_for_a_shell(void **state)
{
    (void)state;
    const scenario_set sets[] = {{STR("workload/rate"), STR("1000")}, {STR("name"), STR("it's")}};
    output_run         run = made->run;
    run.sets = sets;
    run.set_count = 2;
    str text = output_reproduce(&a, &run, false);
    assert_string_equal(arena_str(&a, text).ptr,
                        "orgsim run 'fence & leave.json' --seed 0x2a --set workload/rate=1000 --set 'name=it'\\''s'");
    /* with the path as it was given, where it was one */
    scenario elsewhere = *run.scenario;
    run.scenario = &elsewhere;
    run.set_count = 0;
    elsewhere.path = STR("own folder/x.json");
    text = output_reproduce(&a, &run, true);
    assert_string_equal(arena_str(&a, text).ptr, "orgsim run 'own folder/x.json' --seed 0x2a");
    elsewhere.path = STR("<stdin>");
    text = output_reproduce(&a, &run, true);
    assert_string_equal(arena_str(&a, text).ptr, "orgsim run 'fence & leave.json' --seed 0x2a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_is_there_and_whole),
        cmocka_unit_test(results_know_nothing_of_the_machine),
        cmocka_unit_test(results_hold_integers_in_a_fixed_order),
        cmocka_unit_test(tables_agree_with_the_totals),
        cmocka_unit_test(lag_curves_rise_to_all_cells),
        cmocka_unit_test(a_spectrum_rises_and_ends_at_the_greatest),
        cmocka_unit_test(a_broken_law_is_told),
        cmocka_unit_test(logs_have_no_date),
        cmocka_unit_test(an_earlier_measurement_does_not_stay),
        cmocka_unit_test(a_full_disk_leaves_nothing_that_looks_whole),
        cmocka_unit_test(a_folder_that_cannot_be_is_one_line),
        cmocka_unit_test(an_empty_incomplete_run_is_written),
        cmocka_unit_test(summaries_keep_to_their_width),
        cmocka_unit_test(what_was_not_evaluated_in_full_is_said),
        cmocka_unit_test(overload_and_clipping_are_said),
        cmocka_unit_test(the_summary_as_json_is_json),
        cmocka_unit_test(files_keep_to_their_schemas),
        cmocka_unit_test(reproduce_is_a_command_for_a_shell),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
