/* report.html of a run made by hand: whole, of its own, well-formed, the same for the same folder. */
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "bench/plot.h"
#include "bench/report.h"
#include "support/run.h"
#include "support/support.h"

static arena        a;
static support_run *made;

static int setup(void **state)
{
    (void)state;
    arena_init(&a, MEMORY_GENERAL);
    made = support_run_new(&a);
    made->s.profile_source = STR("300 policies & judgement");
    made->s.profile_confidence = STR("low: no log is public");
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

static str reported(str folder, str *warning)
{
    err e = {0};
    if (report_write(folder.ptr, warning, &a, &e) != STATUS_OK) fail_msg("%s", e.text);
    return support_file(&a, folder, "report.html");
}

static void replace(str folder, const char *file, const char *from, const char *to)
{
    str         text = support_file(&a, folder, file);
    const char *at = memmem(text.ptr, text.len, from, strlen(from));
    assert_non_null(at);
    size_t before = (size_t)(at - text.ptr), after = text.len - before - strlen(from);
    str    changed = arena_format(&a, "%.*s%s%.*s", (int)before, text.ptr, to, (int)after, at + strlen(from));
    assert_int_equal(file_write(arena_format(&a, "%s/%s", folder.ptr, file).ptr, changed, NULL), STATUS_OK);
}

static bool gnuplot_is_there(void)
{
    return system("gnuplot --version >/dev/null 2>&1") == 0;
}

/* ---- well-formed ---- */

static str tag_name(str tag)
{
    size_t len = 0;
    while (len < tag.len && strchr(" \n/>", tag.ptr[len]) == NULL) len++;
    return str_part(tag, 0, len);
}

/* Every element is closed, in order; every id stands once. */
static void must_be_well_formed(str page)
{
    str    open[64], *ids = ARENA_NEW(&a, str, 4096);
    size_t depth = 0, id_count = 0;
    for (size_t at = str_find(page, '<', 0); at < page.len; at = str_find(page, '<', at + 1)) {
        size_t end = str_find(page, '>', at);
        str    tag = str_part(page, at + 1, end - at - 1), name = tag_name(tag);
        if (tag.ptr[0] == '!' || str_is(name, "meta") || str_is(name, "br")) continue;
        const char *id = memmem(tag.ptr, tag.len, " id=", 4);
        if (id != NULL) {
            size_t from = (size_t)(id - tag.ptr) + 5;
            str    text = str_part(tag, from, str_find(tag, id[4], from) - from);
            for (size_t i = 0; i < id_count; i++)
                if (str_eq(ids[i], text)) fail_msg("id `%.*s` stands twice", STR_FMT(text));
            assert_true(id_count < 4096);
            ids[id_count++] = text;
        }
        if (tag.ptr[0] == '/') {
            str closed = tag_name(str_part(tag, 1, tag.len - 1));
            if (depth == 0 || !str_eq(open[depth - 1], closed))
                fail_msg("`</%.*s>` closes `%.*s`", STR_FMT(closed),
                         STR_FMT(depth > 0 ? open[depth - 1] : STR("nothing")));
            depth--;
        } else if (tag.ptr[tag.len - 1] != '/') {
            assert_true(depth < COUNTOF(open));
            open[depth++] = name;
        }
    }
    assert_int_equal(depth, 0);
}

static void the_page_is_whole_and_alone(void **state)
{
    (void)state;
    str warning = {0}, folder = written("page"), page = reported(folder, &warning);
    must_be_well_formed(page);
    static const char *const there[] = {
        "<h1>fence &amp; leave</h1>",
        "&lt;shop&gt;",
        "policy &quot;deny &lt;leave&gt; &amp; stay&quot;, made",
        "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
        "a model of AWS Organizations, not AWS",
        "log-normal, median 3.5 s, sigma 0.35",
        "aws-2026-05-15, as of 2026-05-15",
        "orgsim run &#39;fence &amp; leave.json&#39; --seed 0x2a",
        "level 0 (root)",
        "the same digest on any machine",
        "<dt>Source of requests</dt><dd>300 policies &amp; judgement</dd>",
        "<dt>Confidence in requests</dt><dd>low: no log is public</dd>",
        "<dt>Source of lag</dt><dd>none named: the scenario&#39;s own assumption</dd>",
        "counted at the end",
        "0 SCPs, 1 RCP;",
        "Not in 1,234 requests (0.48\u00a0%)",
        "policy variable without a value</strong>",
        "DateNotEquals",
        "<td class=\"number\">1,111</td>",
        "<td class=\"number\">222</td>",
        "<td class=\"number\">33</td>",
        "waiting for its turn took ",
        "were decided on a revision older than the newest",
        "<title>fence &amp; leave - orgsim</title>",
    };
    for (size_t i = 0; i < COUNTOF(there); i++)
        if (!support_has_part(page, there[i])) fail_msg("`%s` is missing", there[i]);
    static const char *const not_there[] = {"<script", "http:", "https:", "url(", "@import", " src=", "(null)", "nan"};
    for (size_t i = 0; i < COUNTOF(not_there); i++)
        if (support_has_part(page, not_there[i])) fail_msg("`%s` is there", not_there[i]);
    (void)support_folder(&a, "page");
}

static void what_a_page_may_lack(void **state)
{
    (void)state;
    uint64_t some = made->r.totals.doubtful;
    made->r.totals.doubtful = 0;
    str warning = {0}, folder = written("whole"), page = reported(folder, &warning);
    made->r.totals.doubtful = some;
    assert_true(support_has_part(page, "nothing was found that could not be evaluated"));
    assert_false(support_has_part(page, "DateNotEquals"));
    assert_false(support_has_part(page, "--verify"));
    assert_true(support_has_part(page, "stands for the scenario's own file"));
    made->s.path = STR("own/x.json");
    made->r.totals.verified = 2;
    page = reported(written("whole"), &warning);
    made->s.path = (str){NULL, 0};
    made->r.totals.verified = 0;
    assert_true(support_has_part(page, "<pre>orgsim run own/x.json --seed 0x2a</pre>"));
    assert_false(support_has_part(page, "own file"));
    assert_true(support_has_part(page, "With <code>--verify</code>"));
    /* folders of runs from before these were counted */
    replace(folder, "results.json", "\"unknown-operator\"", "\"x-unknown-operator\"");
    assert_true(support_has_part(reported(folder, &warning), "evaluated in full"));
    static const char *const later[] = {"\"rcps\": 1,", "\"diagnostics\": {"};
    static const char *const other[] = {"\"x-rcps\": 1,", "\"x-diagnostics\": {"};
    for (size_t i = 0; i < COUNTOF(later); i++) replace(folder, "results.json", later[i], other[i]);
    page = reported(folder, &warning);
    assert_true(support_has_part(page, "0 SCPs; counted"));
    assert_false(support_has_part(page, "RCP;"));
    assert_false(support_has_part(page, "evaluated in full"));
    must_be_well_formed(page);
    (void)support_folder(&a, "whole");
}

static void equal_folders_give_equal_pages(void **state)
{
    (void)state;
    str warning = {0}, folder = written("equal"), first = reported(folder, &warning);
    assert_true(str_eq(first, reported(folder, &warning)));
    (void)support_folder(&a, "equal");
}

static void pictures_are_drawn_for_both_widths(void **state)
{
    (void)state;
    if (!gnuplot_is_there()) skip();
    str warning = {0}, folder = written("pictures"), path = arena_format(&a, "%s/sizes.csv", folder.ptr);
    str sizes = STR("accounts,ous,scps,mode,ns_per_decision,decisions_per_second,image_bytes\n"
                    "100,20,20,batch/zipf,8,125000000,1\n1000,200,200,batch/zipf,10,100000000,1\n");
    assert_int_equal(file_write(path.ptr, sizes, NULL), STATUS_OK);
    str page = reported(folder, &warning);
    if (warning.len > 0) fail_msg("%.*s", STR_FMT(warning));
    must_be_well_formed(page);
    size_t wide = 0, narrow = 0;
    for (const char *p = page.ptr; (p = strstr(p, "<svg class=\"wide\"")) != NULL; p++) wide++;
    for (const char *p = page.ptr; (p = strstr(p, "<svg class=\"narrow\"")) != NULL; p++) narrow++;
    assert_int_equal(wide, PLOT_COUNT);
    assert_int_equal(narrow, PLOT_COUNT);
    assert_false(support_has_part(page, "is left out"));
    (void)support_folder(&a, "pictures");
}

static void without_gnuplot_the_text_stays(void **state)
{
    (void)state;
    str kept = arena_str(&a, str_of(getenv("PATH"))), warning = {0}, folder = written("text");
    assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
    str page = reported(folder, &warning);
    assert_int_equal(setenv("PATH", kept.ptr, 1), 0);
    assert_true(support_has_part(warning, "gnuplot is not installed"));
    assert_true(support_has_part(page, "left out"));
    assert_false(support_has_part(page, "<svg"));
    must_be_well_formed(page);
    (void)support_folder(&a, "text");
}

static void results_alone_are_enough(void **state)
{
    (void)state;
    static const char *const files[] = {"timing.json", "analysis.json", "lag.csv", "decide.csv"};
    str                      warning = {0}, folder = written("alone");
    for (size_t i = 0; i < COUNTOF(files); i++)
        assert_int_equal(unlink(arena_format(&a, "%s/%s", folder.ptr, files[i]).ptr), 0);
    str page = reported(folder, &warning);
    assert_true(support_has_part(page, "no timing.json"));
    must_be_well_formed(page);
    (void)support_folder(&a, "alone");
}

static void an_empty_incomplete_run_has_a_page(void **state)
{
    (void)state;
    hist        *empty = hist_new(&a, 1, 1000, 3);
    const hist  *regions[] = {empty, empty, empty};
    world_result nothing = {.cells = made->r.cells, .bin_ns = 1, .response_ns = empty, .waiting_ns = empty};
    nothing.region_response_ns = regions;
    output_run run = made->run;
    run.result = &nothing;
    str warning = {0}, folder = support_folder(&a, "nothing");
    assert_int_equal(output_write(folder.ptr, &run, NULL), STATUS_OK);
    str page = reported(folder, &warning);
    assert_true(support_has_part(page, "<strong>Incomplete.</strong>"));
    assert_true(support_has_part(page, "did not change"));
    assert_true(support_has_part(page, "depends on when that was"));
    assert_false(support_has_part(page, "the same digest on any machine"));
    must_be_well_formed(page);
    (void)support_folder(&a, "nothing");
}

/* ---- what is handed over by mistake ---- */

static void refused(str folder, const char *want)
{
    err e = {0};
    if (report_write(folder.ptr, NULL, &a, &e) == STATUS_OK) fail_msg("accepted, expected `%s`", want);
    if (!support_has_part(str_of(e.text), want) || strchr(e.text, '\n')) fail_msg("`%s`, expected `%s`", e.text, want);
}

static void a_folder_that_is_no_runs_is_one_line(void **state)
{
    (void)state;
    refused(STR("no-such-folder"), "no `results.json` in `no-such-folder`");
    static const struct {
        const char *file, *from, *to, *want;
    } rows[] = {
        {"results.json", "orgsim.results/1", "orgsim.results/9",
         "results.json:2:13: schema `orgsim.results/9`, expected `orgsim.results/1`"},
        {"results.json", "\"attempts\": ", "\"attempts\": -", "expected an integer that is not negative, found `-"},
        {"results.json", "\"allowed\"", "\"aloud\"", "missing member `allowed`"},
        {"results.json", "\"no-set-operator\"", "\"x\"", "missing member `no-set-operator`"},
        {"results.json", "\"rcps\": ", "\"rcps\": -", "expected an integer that is not negative, found `-"},
        {"results.json", "\"response_ns\": {", "\"response_ns\": [{}], \"x\": {", "expected an object, found an array"},
        {"results.json", "\"complete\"", "7", "expected a string, found a number"},
        {"timing.json", "\"num_cpus\": ", "\"num_cpus\": 1e", "expected an integer"},
        {"analysis.json", "\"change\": 1,", "\"change\": 77,", "change 77 is not in results.json"},
        {"analysis.json", "\"rho\": ", "\"rho\": 1e999, \"r\": ", "out of range"},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        str folder = written("mistakes");
        replace(folder, rows[i].file, rows[i].from, rows[i].to);
        refused(folder, rows[i].want);
        assert_null(support_file(&a, folder, "report.html").ptr);
    }
    (void)support_folder(&a, "mistakes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_is_whole_and_alone),        cmocka_unit_test(what_a_page_may_lack),
        cmocka_unit_test(equal_folders_give_equal_pages),     cmocka_unit_test(pictures_are_drawn_for_both_widths),
        cmocka_unit_test(without_gnuplot_the_text_stays),     cmocka_unit_test(results_alone_are_enough),
        cmocka_unit_test(an_empty_incomplete_run_has_a_page), cmocka_unit_test(a_folder_that_is_no_runs_is_one_line),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
