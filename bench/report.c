#include "bench/report.h"

#include "base/file.h"
#include "bench/report_page.h"
#include "bench/text.h"

/* bench/embed.cmake */
extern const char plot_report_css_begin[], plot_report_css_end[];

/* The policy keeps what the page promises: no script, nothing from elsewhere. */
static void page_begin(page *p)
{
    HTML(&p->out,
         "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
         "<title>{} - orgsim</title>\n<style>\n",
         p->r->scenario);
    html_raw(&p->out, (str){plot_report_css_begin, (size_t)(plot_report_css_end - plot_report_css_begin)});
    html_raw(&p->out, STR("</style>\n</head>\n<body>\n"));
}

static str build(page *p)
{
    html_open(&p->out, p->a);
    page_begin(p);
    page_head(p);
    html_raw(&p->out, STR("<main>\n"));
    page_response(p);
    page_lag(p);
    page_stale(p);
    page_decisions(p);
    page_model(p);
    page_measured(p);
    page_provenance(p);
    html_raw(&p->out, STR("</main>\n</body>\n</html>\n"));
    return html_close(&p->out);
}

status report_write(const char *folder, str *warning, arena *a, err *e)
{
    report_data data;
    page        p = {.a = a, .folder = folder, .r = &data};
    status      code = report_read(a, folder, &data, e);
    if (code == STATUS_OK) {
        str text = build(&p);
        code = file_write(arena_format(a, "%s/report.html", folder).ptr, text, e);
    }
    report_data_free(&data);
    if (warning != NULL) *warning = p.why;
    return code;
}

/* ---- shared by sections ---- */

void page_picture(page *p, plot_kind kind, str label)
{
    str wide = plot_svg(p->a, p->folder, kind, false, label, &p->why);
    str narrow = plot_svg(p->a, p->folder, kind, true, label, &p->why);
    if (wide.len == 0 || narrow.len == 0) {
        html_raw(&p->out, STR("<p class=\"soft\">The picture is left out: gnuplot did not draw it.</p>\n"));
        return;
    }
    html_raw(&p->out, STR("<figure>\n"));
    html_raw(&p->out, wide);
    html_raw(&p->out, narrow);
    html_raw(&p->out, STR("</figure>\n"));
}

static const report_change *extreme(const page *p, int sign)
{
    const report_change *best = NULL;
    for (size_t i = 0; i < p->r->change_count; i++) {
        const report_change *c = &p->r->changes[i];
        if (c->exception.len == 0 && (best == NULL || sign * c->lag_99_ns > sign * best->lag_99_ns)) best = c;
    }
    return best;
}

const report_change *page_slowest(const page *p)
{
    return extreme(p, 1);
}

const report_change *page_fastest(const page *p)
{
    return extreme(p, -1);
}

str page_change_name(arena *a, const report_change *c)
{
    str number = text_count(a, c->number);
    if (c->label.len == 0) return arena_format(a, "change %.*s (%.*s)", STR_FMT(number), STR_FMT(c->operation));
    return arena_format(a, "change %.*s (%.*s: %.*s)", STR_FMT(number), STR_FMT(c->operation), STR_FMT(c->label));
}

bool page_complete(const page *p)
{
    return str_is(p->r->run, "complete");
}

void page_fact(page *p, const char *name, str value)
{
    if (value.len > 0) HTML(&p->out, "<dt>{}</dt><dd>{}</dd>\n", str_of(name), value);
}
