/* The sections on what the figures stand for: the models, and how to get them again. */
#include "bench/report_page.h"

#include "bench/text.h"

/* Of a model that says nothing the reader shall know that, too. */
static void origin(page *p, const char *what, str from, str confidence)
{
    str unnamed = STR("none named: the scenario's own assumption");
    if (!p->r->has_sources) return;
    page_fact(p, arena_format(p->a, "Source of %s", what).ptr, from.len > 0 ? from : unnamed);
    page_fact(p, arena_format(p->a, "Confidence in %s", what).ptr, confidence);
}

void page_model(page *p)
{
    const report_data *r = p->r;
    str                quotas = r->quota_name;
    if (r->quota_date.len > 0)
        quotas = arena_format(p->a, "%.*s, as of %.*s", STR_FMT(r->quota_name), STR_FMT(r->quota_date));
    html_raw(&p->out,
             STR("<section>\n<h2>What is this a model of?</h2>\n<p>Decisions follow AWS's documented rules. Requests, "
                 "the time a decision takes and the lag until a cell sees a change are models: nothing was measured at "
                 "AWS, and a live account may behave otherwise.</p>\n<dl class=\"facts\">\n"));
    page_fact(p, "Lag", r->lag);
    origin(p, "lag", r->lag_source, r->lag_confidence);
    page_fact(p, "Service time", r->service);
    page_fact(p, "Requests", r->profile);
    origin(p, "requests", r->profile_source, r->profile_confidence);
    page_fact(p, "Quotas", quotas);
    page_fact(p, "Source of quotas", r->quota_source);
    page_fact(p, "Confidence in quotas", r->quota_confidence);
    page_fact(p, "The run begins", r->epoch);
    html_raw(&p->out, STR("</dl>\n</section>\n"));
}

static void files_table(page *p)
{
    const report_data *r = p->r;
    html_raw(&p->out, STR("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Data files\">\n"
                          "<table class=\"cards files\">\n"
                          "<caption>Data files</caption>\n<thead><tr><th scope=\"col\">Kind</th>"
                          "<th scope=\"col\">Name</th><th scope=\"col\">Digest</th></tr></thead>\n<tbody>\n"));
    for (size_t i = 0; i < r->file_count; i++)
        HTML(&p->out,
             "<tr><td class=\"level\">{}</td><th scope=\"row\">{}</th><td class=\"wide\"><code>{}</code></td></tr>\n",
             r->files[i].kind, r->files[i].name, r->files[i].digest);
    html_raw(&p->out, STR("</tbody>\n</table>\n</div>\n"));
}

/* A scenario that came from a file has its path in timing.json only, and none where it was standard input. */
static void reproduce(page *p)
{
    const report_data *r = p->r;
    bool               here = r->reproduce_here.len > 0;
    str                name = arena_format(p->a, "%.*s.json", STR_FMT(r->scenario));
    str                command = here ? r->reproduce_here : r->reproduce;
    HTML(&p->out, "<pre>{}</pre>\n", command);
    if (!str_starts(command, arena_format(p->a, "orgsim run %.*s ", STR_FMT(name))) &&
        !str_starts(command, arena_format(p->a, "orgsim run '%.*s' ", STR_FMT(name))))
        return;
    HTML(&p->out,
         "<p class=\"soft\">There <code>{}</code> stands for the scenario's own file, the first of the data files "
         "below.</p>\n",
         name);
}

void page_provenance(page *p)
{
    const report_data *r = p->r;
    html_raw(&p->out, STR("<section>\n<h2>Where do these figures come from?</h2>\n<p>"));
    if (page_complete(p))
        html_raw(&p->out, STR("The same scenario, seed and commit give the same digest on any machine:</p>\n"));
    else
        html_raw(&p->out, STR("The run was ended before its time: the digest is of what was finished and depends on "
                              "when that was. To run it to its end:</p>\n"));
    reproduce(p);
    html_raw(&p->out, STR("<dl class=\"facts\">\n"));
    HTML(&p->out, "<dt>{}</dt><dd><code>{}</code></dd>\n",
         page_complete(p) ? STR("Digest") : STR("Digest of what was finished"), r->digest);
    HTML(&p->out, "<dt>Seed</dt><dd><code>{}</code></dd>\n", r->seed);
    HTML(&p->out, "<dt>orgsim</dt><dd>{}, commit <code>{}</code>{}</dd>\n", r->version, r->commit,
         r->commit_dirty ? STR(", with changes not committed") : STR(""));
    HTML(&p->out, "<dt>Run</dt><dd>{}; revision {} at the end, {} built, the first with {} and {} in {}</dd>\n", r->run,
         text_count(p->a, r->revision), text_plural(p->a, r->images_built, "image", "images"),
         text_plural(p->a, r->image_rows, "row", "rows"), text_plural(p->a, r->image_formulas, "formula", "formulas"),
         text_bytes(p->a, r->image_bytes));
    for (size_t i = 0; i < REPORT_LAWS; i++)
        HTML(&p->out, "<dt>Law</dt><dd>{}: {}</dd>\n", r->laws[i].says,
             r->laws[i].holds ? STR("holds") : STR("BROKEN"));
    if (r->verified > 0)
        HTML(&p->out, "<dt>Oracle</dt><dd>{} compared, {} differ</dd>\n",
             text_plural(p->a, r->verified, "decision", "decisions"), text_count(p->a, r->mismatched));
    html_raw(&p->out, STR("</dl>\n"));
    files_table(p);
    html_raw(&p->out, STR("</section>\n"));
}
