#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bench/plot.h"

static arena a;

static int setup(void **state)
{
    (void)state;
    arena_init(&a, MEMORY_GENERAL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&a);
    return 0;
}

static bool has(str text, const char *part)
{
    return text.len > 0 && memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

static void a_picture_fits_into_a_page(void **state)
{
    (void)state;
    static const char svg[] =
        "<?xml version=\"1.0\"?>\n<svg \n viewBox=\"0 0 720 380\"\n xmlns=\"http://www.w3.org/2000/svg\">\n"
        "<title>orgsim</title>\n<desc>Produced by GNUPLOT</desc>\n<g id=\"gnuplot_canvas\">\n"
        "<defs><circle id='gpDot' r='0.5'/><filter id='textbox'><feFlood/></filter></defs>\n"
        "<g color=\"black\" stroke=\"currentColor\"><path stroke='black' d='M1,2'/><path stroke='rgb(  0,   0,   0)' "
        "fill='rgb(  0, 114, 178)'/></g>\n"
        "<g fill=\"rgb(0,0,0)\"/><g id=\"orgsim_plot_1\" ><title>orgsim_plot_1</title><use "
        "xlink:href='#gpDot'/></g>\n</g>\n</svg>\n";
    str got = plot_fit(&a, str_of(svg), "lag", true, STR("cells & \"lag\""));
    assert_true(str_starts(got, STR("<svg class=\"narrow\" viewBox=\"0 0 720 380\" role=\"img\" "
                                    "aria-label=\"cells &amp; &quot;lag&quot;\">")));
    assert_true(str_ends(got, STR("</svg>\n")));
    static const char *const gone[] = {"xml",    "http",    "GNUPLOT", "title",  "filter",     "rgb",
                                       "black'", "black\"", "'gpDot",  "#gpDot", "orgsim_plot"};
    for (size_t i = 0; i < COUNTOF(gone); i++)
        if (has(got, gone[i])) fail_msg("`%s` is still there:\n%.*s", gone[i], STR_FMT(got));
    assert_true(has(got, "id='lag_narrow_gpDot'") && has(got, "href='#lag_narrow_gpDot'"));
    assert_true(has(got, "<path stroke='currentColor' d='M1,2'/><path stroke='currentColor' fill='var(--blue)'/>"));
}

static void what_is_no_svg_gives_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"",      "gnuplot> help",        "<svg",
                                        "<svg>", "<svg viewBox=\"0 0 1", "<svg viewBox=\"0\""};
    for (size_t i = 0; i < COUNTOF(texts); i++)
        assert_int_equal(plot_fit(&a, str_of(texts[i]), "lag", false, STR("")).len, 0);
}

static void a_missing_gnuplot_is_told(void **state)
{
    (void)state;
    const char *path = getenv("PATH");
    str         kept = arena_str(&a, str_of(path)), why = {"", 0};
    assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
    str svg = plot_svg(&a, ".", PLOT_LAG, false, STR("lag"), &why);
    assert_int_equal(setenv("PATH", kept.ptr, 1), 0);
    assert_int_equal(svg.len, 0);
    if (!has(why, "gnuplot is not installed")) fail_msg("%.*s", STR_FMT(why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_fits_into_a_page),
        cmocka_unit_test(what_is_no_svg_gives_nothing),
        cmocka_unit_test(a_missing_gnuplot_is_told),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
