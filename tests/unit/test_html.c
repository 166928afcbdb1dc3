#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/html.h"

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

static void same(str got, const char *want)
{
    if (!str_is(got, want)) fail_msg("`%.*s`, expected `%s`", STR_FMT(got), want);
}

static void texts_are_escaped_and_markup_is_not(void **state)
{
    (void)state;
    html p;
    html_open(&p, &a);
    HTML(&p, "<td title=\"{}\">{}</td>", STR("\"' {}"), STR("<b>&"));
    html_raw(&p, STR("<br>"));
    same(html_close(&p), "<td title=\"&quot;&#39; {}\">&lt;b&gt;&amp;</td><br>");
}

static void control_characters_are_replaced(void **state)
{
    (void)state;
    same(html_escape(&a, STR("a\x01z\x7f\tb\nc")), "a\xef\xbf\xbdz\xef\xbf\xbd\tb\nc");
    same(html_escape(&a, STR("Größe µ")), "Größe µ");
    same(html_escape(&a, (str){NULL, 0}), "");
    same(html_unbroken(&a, STR("1 d 4 h")), "1\u00a0d\u00a04\u00a0h");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_escaped_and_markup_is_not),
        cmocka_unit_test(control_characters_are_replaced),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
