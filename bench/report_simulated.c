/* The sections on what was simulated: the same on every machine. */
#include "bench/report_page.h"

#include "bench/output_figures.h"
#include "bench/text.h"
#include "org/org.h"

#define CHANGES_SHOWN 200 /* the rest is in changes.csv */

static str count(page *p, uint64_t n)
{
    return text_count(p->a, n);
}

/* Figure and unit stay on one line. */
static str duration(page *p, int64_t ns)
{
    return html_unbroken(p->a, text_duration(p->a, ns));
}

static str share(page *p, uint64_t part, uint64_t whole)
{
    return html_unbroken(p->a, text_share(p->a, part, whole));
}

static str plural(page *p, uint64_t n, const char *one, const char *many)
{
    return text_plural(p->a, n, one, many);
}

static uint64_t denied(const report_data *r)
{
    return r->implicitly_denied + r->explicitly_denied;
}

static uint64_t decided(const report_data *r)
{
    return r->allowed + denied(r);
}

static uint64_t accepted(const report_data *r)
{
    uint64_t n = 0;
    for (size_t i = 0; i < r->change_count; i++) n += r->changes[i].exception.len == 0;
    return n;
}

/* A share as long as the work can be done, then how many times it that is. */
static str load_text(page *p, double load)
{
    if (load < 1) return arena_format(p->a, "%.1f\u00a0%%", 100 * load);
    return html_unbroken(p->a, text_times(p->a, load));
}

/* busy_ns / (cells * windows_ns) */
static str utilisation(page *p, const report_region *g)
{
    double available = (double)g->windows_ns * (double)g->cells;
    return load_text(p, available > 0 ? (double)g->busy_ns / available : 0.0);
}

/* `> 60.0 s` where all that is known of the quantile is that it is above the histogram's limit. */
static str quantile_text(page *p, const report_quantiles *q, int64_t ns, uint64_t num, uint64_t den)
{
    str text = duration(p, ns);
    return output_beyond(q->count, q->clipped, num, den) ? arena_format(p->a, ">\u00a0%.*s", STR_FMT(text)) : text;
}

/* ---- headline ---- */

static void key_figure(page *p, const char *name, str figure, str note)
{
    HTML(&p->out, "<div><dt>{}</dt><dd class=\"figure\">{}</dd><dd class=\"note\">{}</dd></div>\n", str_of(name),
         figure, note);
}

static void key_figures(page *p)
{
    const report_data      *r = p->r;
    const report_quantiles *q = &r->total.response;
    const report_change    *slowest = page_slowest(p);
    str                     median = quantile_text(p, q, q->p50_ns, 1, 2);
    str                     tail = quantile_text(p, q, q->p999_ns, 999, 1000);
    html_raw(&p->out, STR("<dl class=\"key\">\n"));
    key_figure(p, "Requests", count(p, r->attempts), plural(p, r->total.cells, "cell answered", "cells answered"));
    key_figure(p, "Denied", share(p, denied(r), decided(r)), plural(p, denied(r), "request", "requests"));
    key_figure(p, "Response, 99th percentile", quantile_text(p, q, q->p99_ns, 99, 100),
               arena_format(p->a, "median %.*s, 99.9th percentile %.*s", STR_FMT(median), STR_FMT(tail)));
    key_figure(p, "Stale-allow", count(p, r->stale_allow), STR("allowed, which the newest revision denies"));
    key_figure(p, "Stale-deny", count(p, r->stale_deny), STR("denied, which the newest revision allows"));
    if (slowest != NULL)
        key_figure(p, "Slowest change", duration(p, slowest->lag_99_ns),
                   arena_format(p->a, "until 99\u00a0%% of the cells %s change\u00a0%llu",
                                page_complete(p) ? "saw" : "would see", (unsigned long long)slowest->number));
    html_raw(&p->out, STR("</dl>\n"));
}

void page_head(page *p)
{
    const report_data *r = p->r;
    HTML(&p->out, "<header>\n<h1>{}</h1>\n", r->scenario);
    html_raw(&p->out, STR("<p class=\"model\">A simulation by orgsim: a model of AWS Organizations, not AWS.</p>\n"));
    if (r->description.len > 0) HTML(&p->out, "<p>{}</p>\n", r->description);
    if (!page_complete(p))
        html_raw(&p->out,
                 STR("<p class=\"warning\"><strong>Incomplete.</strong> The run was ended before its time: requests "
                     "count as far as they were finished; changes and their lag are the whole plan's.</p>\n"));
    if (r->mismatched > 0)
        HTML(&p->out,
             "<p class=\"warning\"><strong>{} of {} checked decisions differ from the oracle's.</strong></p>\n",
             count(p, r->mismatched), count(p, r->verified));
    HTML(&p->out, "<p class=\"lead\">{} from {} ({}, {}{}{}{}) were answered by {} in {}.",
         plural(p, r->attempts, "request", "requests"), plural(p, r->accounts, "account", "accounts"),
         plural(p, r->ous, "OU", "OUs"), plural(p, r->scps, "SCP", "SCPs"), r->has_rcps ? STR(", ") : STR(""),
         r->has_rcps ? plural(p, r->rcps, "RCP", "RCPs") : STR(""),
         r->change_count > 0 ? STR("; counted at the end") : STR(""), plural(p, r->total.cells, "cell", "cells"),
         plural(p, r->region_count, "region", "regions"));
    str wrong = plural(p, r->stale_allow + r->stale_deny, "request", "requests");
    if (accepted(r) > 0 && page_complete(p))
        HTML(&p->out, " While {} reached the cells, {} were answered as the newest revision would not.",
             plural(p, accepted(r), "change", "changes"), wrong);
    else if (accepted(r) > 0)
        HTML(&p->out, " The whole plan has {}; before it was ended, {} were answered as the newest revision would not.",
             plural(p, accepted(r), "change", "changes"), wrong);
    html_raw(&p->out, STR("</p>\n"));
    key_figures(p);
    html_raw(&p->out, STR("</header>\n"));
}

/* ---- response ---- */

static void region_row(page *p, str name, const report_region *g)
{
    const report_quantiles *q = &g->response;
    HTML(&p->out,
         "<tr><th scope=\"row\">{}</th><td class=\"number\" data-name=\"Cells\">{}</td>"
         "<td class=\"number\" data-name=\"Requests\">{}</td><td class=\"number\" data-name=\"Load\">{}</td>"
         "<td class=\"number\" data-name=\"50&nbsp;%\">{}</td><td class=\"number\" data-name=\"99&nbsp;%\">{}</td>"
         "<td class=\"number\" data-name=\"99.9&nbsp;%\">{}</td>"
         "<td class=\"number\" data-name=\"Longest\">{}</td></tr>\n",
         name, count(p, g->cells), count(p, g->attempts), utilisation(p, g), quantile_text(p, q, q->p50_ns, 1, 2),
         quantile_text(p, q, q->p99_ns, 99, 100), quantile_text(p, q, q->p999_ns, 999, 1000),
         quantile_text(p, q, q->max_ns, 1, 1));
}

static void region_table(page *p)
{
    const report_data *r = p->r;
    html_raw(&p->out,
             STR("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Response by region\">\n"
                 "<table class=\"cards\">\n"
                 "<caption>Response by region</caption>\n<thead><tr><th scope=\"col\">Region</th>"
                 "<th scope=\"col\" class=\"number\">Cells</th><th scope=\"col\" class=\"number\">Requests</th>"
                 "<th scope=\"col\" class=\"number\">Load</th><th scope=\"col\" class=\"number\">50 %</th>"
                 "<th scope=\"col\" class=\"number\">99 %</th><th scope=\"col\" class=\"number\">99.9 %</th>"
                 "<th scope=\"col\" class=\"number\">Longest</th></tr></thead>\n<tbody>\n"));
    for (size_t i = 0; i < r->region_count; i++) region_row(p, r->regions[i].name, &r->regions[i]);
    if (r->region_count > 1) region_row(p, STR("all"), &r->total);
    html_raw(&p->out, STR("</tbody>\n</table>\n</div>\n"));
}

/* What a mean hides: most did not wait, a few did long; and how long after the last request the work was done. */
static void waiting_quantiles(page *p)
{
    const report_quantiles *q = &p->r->waiting;
    HTML(&p->out, "<p>Of that, waiting for its turn took {} at the median, {} at the 99th percentile and {} at most.",
         q->p50_ns > 0 ? quantile_text(p, q, q->p50_ns, 1, 2) : STR("no time"), quantile_text(p, q, q->p99_ns, 99, 100),
         quantile_text(p, q, q->max_ns, 1, 1));
    HTML(&p->out, " The last answer was given {} after the run began; requests came for {}.</p>\n",
         duration(p, p->r->finish_ns), duration(p, p->r->total.windows_ns));
}

static void waiting_sentence(page *p)
{
    const report_data *r = p->r;
    if (!r->has_analysis) return;
    str mean = load_text(p, r->rho), busiest = load_text(p, r->rho_of_busiest);
    if (r->rho_of_busiest < 1)
        HTML(&p->out, "<p>The cells' servers were busy {} of the time, the busiest {}.", mean, busiest);
    else
        HTML(&p->out,
             "<p><strong>Overload.</strong> The cells' servers were offered {} the work they can do, the busiest {}: "
             "queues grew as long as requests came.",
             r->rho < 1 ? arena_format(p->a, "%.*s of", STR_FMT(mean)) : mean, busiest);
    HTML(&p->out, " A request waited {} for its turn on average", duration(p, (int64_t)r->mean_waiting_ns));
    if (r->theory_refused.len == 0)
        HTML(&p->out, "; theory ({}) expects {}.</p>\n", r->theory_model, duration(p, (int64_t)r->theory_waiting_ns));
    else
        HTML(&p->out, "; theory gives no figure to compare with, because {}.</p>\n", r->theory_refused);
}

void page_response(page *p)
{
    const report_data      *r = p->r;
    const report_quantiles *q = &r->total.response;
    uint64_t                lost = r->shed + r->timed_out + r->unfinished;
    html_raw(&p->out, STR("<section>\n<h2>How long did an answer take?</h2>\n"));
    HTML(&p->out,
         "<p>From arrival, waiting included, an answer took {} at the median, {} at the 99th percentile and {} at the "
         "99.9th; the longest took {}.",
         quantile_text(p, q, q->p50_ns, 1, 2), quantile_text(p, q, q->p99_ns, 99, 100),
         quantile_text(p, q, q->p999_ns, 999, 1000), quantile_text(p, q, q->max_ns, 1, 1));
    if (q->clipped > 0)
        HTML(&p->out, " {} took longer than {}, the histogram's limit: how much longer was not kept.",
             plural(p, q->clipped, "answer", "answers"), duration(p, q->max_ns));
    if (lost > 0)
        HTML(&p->out, " {} got none: {} shed, {} timed out, {} unfinished.", plural(p, lost, "request", "requests"),
             count(p, r->shed), count(p, r->timed_out), count(p, r->unfinished));
    html_raw(&p->out, STR("</p>\n"));
    if (q->count > 0)
        page_picture(
            p, PLOT_RESPONSE,
            arena_format(p->a, "Curve of response time by percentile, from the fastest to the slowest of %.*s requests",
                         STR_FMT(count(p, q->count))));
    if (r->waiting.count > 0) waiting_quantiles(p);
    waiting_sentence(p);
    region_table(p);
    html_raw(&p->out, STR("</section>\n"));
}

/* ---- lag ---- */

/* The subject of `saw it`. */
static str every_cell(page *p)
{
    uint64_t cells = p->r->total.cells;
    if (cells <= 2) return cells == 2 ? STR("both cells") : STR("the only cell");
    str n = count(p, cells);
    return arena_format(p->a, "all %.*s cells", STR_FMT(n));
}

void page_lag(page *p)
{
    const report_change *slowest = page_slowest(p), *fastest = page_fastest(p);
    str                  cells = plural(p, p->r->total.cells, "cell", "cells");
    html_raw(&p->out, STR("<section>\n<h2>How late did the cells see a change?</h2>\n"));
    if (slowest == NULL) {
        html_raw(&p->out,
                 STR("<p>The organization did not change, so every cell saw its newest revision throughout.</p>\n"
                     "</section>\n"));
        return;
    }
    if (!page_complete(p))
        html_raw(
            &p->out,
            STR("<p>This is about the whole plan, as it would be had the run not been ended before its time.</p>\n"));
    if (slowest->lag_99_ns == slowest->lag_100_ns)
        HTML(&p->out, "<p>After {}, {} saw it after {}: no change took longer.", page_change_name(p->a, slowest),
             every_cell(p), duration(p, slowest->lag_100_ns));
    else
        HTML(&p->out, "<p>After {}, 99&nbsp;% of the {} saw it after {} and all after {}: no change took longer.",
             page_change_name(p->a, slowest), cells, duration(p, slowest->lag_99_ns), duration(p, slowest->lag_100_ns));
    if (fastest != slowest)
        HTML(&p->out, " The fastest was {}, with 99&nbsp;% after {}.", page_change_name(p->a, fastest),
             duration(p, fastest->lag_99_ns));
    HTML(&p->out, " Lag is drawn from a model: {}.</p>\n", p->r->lag.len > 0 ? p->r->lag : STR("not named"));
    if (p->r->has_lag_table)
        page_picture(p, PLOT_LAG,
                     STR("For every change, the share of cells that see it by the time since it was made"));
    else
        html_raw(&p->out, STR("<p class=\"soft\">No picture: with so many cells and changes the lag of each was not "
                              "kept.</p>\n"));
    html_raw(&p->out, STR("</section>\n"));
}

/* ---- wrong answers ---- */

static const report_change *worst(const page *p, bool allow)
{
    const report_change *best = NULL;
    for (size_t i = 0; i < p->r->change_count; i++) {
        const report_change *c = &p->r->changes[i];
        uint64_t             n = allow ? c->stale_allow : c->stale_deny;
        if (n > 0 && (best == NULL || n > (allow ? best->stale_allow : best->stale_deny))) best = c;
    }
    return best;
}

static void worst_sentence(page *p, bool allow)
{
    const report_change *c = worst(p, allow);
    if (c == NULL) return;
    HTML(&p->out,
         " Most {} follow {}: {} were {} that the newest revision {}, the last of the wrong answers {} after it.",
         allow ? STR("stale-allow decisions") : STR("stale-deny decisions"), page_change_name(p->a, c),
         plural(p, allow ? c->stale_allow : c->stale_deny, "request", "requests"),
         allow ? STR("allowed") : STR("denied"), allow ? STR("denies") : STR("allows"),
         duration(p, c->last_stale_ns - c->at_ns));
}

/* data-name heads the figure where the page is too narrow for a table (report.css). */
static void stale_cell(page *p, const char *name, uint64_t n, double low, double high)
{
    if (n == 0 || !p->r->has_analysis) {
        HTML(&p->out, "<td class=\"number\" data-name=\"{}\">{}</td>", str_of(name), count(p, n));
        return;
    }
    HTML(&p->out, "<td class=\"number\" data-name=\"{}\">{}<br><span class=\"soft\">{}&ndash;{}</span></td>",
         str_of(name), count(p, n), count(p, (uint64_t)low), count(p, (uint64_t)high));
}

static void change_row(page *p, const report_change *c)
{
    HTML(&p->out,
         "<tr><th scope=\"row\" class=\"number\">{}</th><td class=\"number\">{}</td><td class=\"wide\">{}<br>"
         "<span class=\"soft\">{}</span></td>",
         count(p, c->number), html_unbroken(p->a, text_instant(p->a, c->at_ns)), c->operation, c->label);
    if (c->exception.len > 0) {
        HTML(&p->out, "<td colspan=\"6\">refused: {} {}<br><span class=\"soft\">{}</span></td></tr>\n", c->exception,
             c->reason, c->detail);
        return;
    }
    HTML(&p->out,
         "<td class=\"number\" data-name=\"50&nbsp;% of cells\">{}</td><td class=\"number\" "
         "data-name=\"99&nbsp;%\">{}</td>"
         "<td class=\"number\" data-name=\"all\">{}</td>",
         duration(p, c->lag_50_ns), duration(p, c->lag_99_ns), duration(p, c->lag_100_ns));
    stale_cell(p, "Stale-allow", c->stale_allow, c->allow_low, c->allow_high);
    stale_cell(p, "Stale-deny", c->stale_deny, c->deny_low, c->deny_high);
    HTML(&p->out, "<td class=\"number\" data-name=\"Wrong for\">{}</td></tr>\n",
         c->last_stale_ns >= 0 ? duration(p, c->last_stale_ns - c->at_ns) : STR("never"));
}

static void change_table(page *p)
{
    const report_data *r = p->r;
    size_t             shown = r->change_count < CHANGES_SHOWN ? r->change_count : CHANGES_SHOWN;
    html_raw(&p->out, STR("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Changes\">\n<table "
                          "class=\"cards changes\">\n"
                          "<caption>Changes</caption>\n<thead>"
                          "<tr><th scope=\"col\" class=\"number\">#</th><th scope=\"col\" class=\"number\">At</th>"
                          "<th scope=\"col\">Operation</th><th scope=\"col\" class=\"number\">50 % of cells</th>"
                          "<th scope=\"col\" class=\"number\">99 %</th><th scope=\"col\" class=\"number\">all</th>"
                          "<th scope=\"col\" class=\"number\">Stale-<br>allow</th><th scope=\"col\" "
                          "class=\"number\">Stale-<br>deny</th>"
                          "<th scope=\"col\" class=\"number\">Wrong for</th></tr></thead>\n<tbody>\n"));
    for (size_t i = 0; i < shown; i++) change_row(p, &r->changes[i]);
    html_raw(&p->out, STR("</tbody>\n</table>\n</div>\n"));
    if (shown < r->change_count)
        HTML(&p->out, "<p class=\"soft\">The other {} are in changes.csv.</p>\n",
             plural(p, r->change_count - shown, "change", "changes"));
    if (r->has_analysis)
        html_raw(&p->out,
                 STR("<p class=\"soft\">Small figures: 95 % interval for the chance of arrivals alone (Poisson); "
                     "the lag that was drawn is taken as given.</p>\n"));
}

void page_stale(page *p)
{
    const report_data *r = p->r;
    if (r->change_count == 0) return;
    html_raw(&p->out, STR("<section>\n<h2>What was answered wrongly meanwhile?</h2>\n"));
    HTML(&p->out,
         "<p>{} ({}) were decided on a revision older than the newest: {} were allowed that the newest denies, {} were "
         "denied that it allows, and {} came out the same.",
         plural(p, r->outdated, "request", "requests"), share(p, r->outdated, decided(r)), count(p, r->stale_allow),
         count(p, r->stale_deny), count(p, r->stale_neutral));
    worst_sentence(p, true);
    worst_sentence(p, false);
    html_raw(&p->out, STR("</p>\n"));
    if (r->stale_allow + r->stale_deny > 0)
        page_picture(p, PLOT_STALE, STR("Bars of wrong answers over time, after the changes that caused them"));
    else
        html_raw(&p->out, STR("<p class=\"soft\">With no wrong answers there is no picture of them.</p>\n"));
    change_table(p);
    html_raw(&p->out, STR("</section>\n"));
}

/* ---- decisions ---- */

static uint64_t denied_at(const report_data *r, const report_denial *at, const char *kind)
{
    uint64_t n = 0;
    for (size_t i = 0; i < r->denial_count; i++) {
        const report_denial *d = &r->denials[i];
        if (str_eq(d->layer, at->layer) && d->level == at->level && str_is(d->kind, kind)) n += d->decisions;
    }
    return n;
}

static void denial_row(page *p, const report_denial *at)
{
    uint64_t says_so = denied_at(p->r, at, "ExplicitlyDenied"), silent = denied_at(p->r, at, "ImplicitlyDenied");
    HTML(&p->out,
         "<tr><th scope=\"row\">{}</th><td class=\"level\">{}</td><td class=\"number\" data-name=\"Explicit\">{}</td>"
         "<td class=\"number\" data-name=\"Implicit\">{}</td>"
         "<td class=\"number\" data-name=\"Of all\">{}</td></tr>\n",
         at->layer, at->level_name, count(p, says_so), count(p, silent), share(p, says_so + silent, decided(p->r)));
}

/* At one layer and level both kinds are one row; nothing where nobody was denied. */
static void denial_rows(page *p, const char *layer, uint64_t level)
{
    for (size_t i = 0; i < p->r->denial_count; i++) {
        const report_denial *d = &p->r->denials[i];
        if (!str_is(d->layer, layer) || d->level != level) continue;
        denial_row(p, d);
        return;
    }
}

/* Layers in the order in which they are reported, as in the picture; levels from the root down. */
static void denial_table(page *p)
{
    html_raw(&p->out, STR("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Denials\">\n"
                          "<table class=\"cards denials\">\n"
                          "<caption>Denials by layer and level</caption>\n<thead><tr><th scope=\"col\">Layer</th>"
                          "<th scope=\"col\">Level</th><th scope=\"col\" class=\"number\">Explicit</th>"
                          "<th scope=\"col\" class=\"number\">Implicit</th>"
                          "<th scope=\"col\" class=\"number\">Of all</th></tr></thead>\n<tbody>\n"));
    for (uint32_t layer = LAYER_NONE; layer <= LAYER_ENDPOINT; layer++)
        for (uint64_t level = 0; level < ORG_CHAIN_MAX; level++)
            denial_rows(p, layer_name((decision_layer)layer), level);
    html_raw(&p->out, STR("</tbody>\n</table>\n</div>\n"));
}

static const struct {
    diagnostic_kind kind;
    const char     *what, *means;
} diagnostic_rows[] = {
    {DIAGNOSTIC_UNREADABLE_VALUE, "A value of the wrong type",
     "A negated operator such as <code>DateNotEquals</code> met a value that is no date, number, address or ARN."},
    {DIAGNOSTIC_UNRESOLVED_VARIABLE, "A policy variable without a value",
     "A variable such as <code>${aws:username}</code> names a key that the request does not have, or has several "
     "values of."},
    {DIAGNOSTIC_TAG_KEY_CASE, "Keys that differ by case only",
     "The request has two keys that are one to AWS, such as the tags <code>Team</code> and <code>team</code>; the "
     "first counted."},
    {DIAGNOSTIC_NO_SET_OPERATOR, "A list compared as if it were one value",
     "The key has several values, and the condition lacks <code>ForAllValues</code> or <code>ForAnyValue</code>."},
    {DIAGNOSTIC_UNKNOWN_OPERATOR, "An operator that does not exist",
     "A condition operator such as <code>StringNotEqual</code> is misspelt; its statement never matches, so a Deny "
     "denies nothing."},
    {DIAGNOSTIC_OLD_VARIABLE, "A policy variable in an old version",
     "Without <code>\"Version\": \"2012-10-17\"</code> a variable such as <code>${aws:username}</code> is plain text."},
};

_Static_assert(COUNTOF(diagnostic_rows) + 1 == DIAGNOSTIC_COUNT,
               "all but keys that are missing, which runs do not count");

static void diagnostic_table(page *p)
{
    html_raw(&p->out,
             STR("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Not evaluated\">\n<table>\n"
                 "<caption>What could not be evaluated; a request may count several times</caption>\n<thead><tr>"
                 "<th scope=\"col\">What</th><th scope=\"col\" class=\"number\">Times</th></tr></thead>\n<tbody>\n"));
    for (size_t i = 0; i < COUNTOF(diagnostic_rows); i++) {
        HTML(&p->out, "<tr><td class=\"wide\"><strong>{}</strong><br><span class=\"soft\">",
             str_of(diagnostic_rows[i].what));
        html_raw(&p->out, str_of(diagnostic_rows[i].means));
        HTML(&p->out, "</span></td><td class=\"number\">{}</td></tr>\n",
             count(p, p->r->diagnostics[diagnostic_rows[i].kind]));
    }
    html_raw(&p->out, STR("</tbody>\n</table>\n</div>\n"));
}

/* The counts and the words of results.json are for programs; here stands what they mean to somebody who wrote the
 * policies. */
static void page_diagnostics(page *p)
{
    const report_data *r = p->r;
    if (!r->has_diagnostics) return;
    html_raw(&p->out, STR("<h3>Could every policy be evaluated in full?</h3>\n"));
    if (r->doubtful == 0) {
        HTML(&p->out, "<p>Yes: in {} nothing was found that could not be evaluated.</p>\n",
             plural(p, decided(r), "decision", "decisions"));
        return;
    }
    HTML(&p->out,
         "<p>Not in {} ({}): there a condition or a resource in some policy could not be evaluated. These requests "
         "were decided all the same, as AWS's rules have it; but such a policy may not do what its author meant.</p>\n",
         plural(p, r->doubtful, "request", "requests"), share(p, r->doubtful, decided(r)));
    diagnostic_table(p);
}

void page_decisions(page *p)
{
    const report_data   *r = p->r;
    const report_denial *most = NULL;
    for (size_t i = 0; i < r->denial_count; i++)
        if (most == NULL || r->denials[i].decisions > most->decisions) most = &r->denials[i];
    html_raw(&p->out, STR("<section>\n<h2>Who denied?</h2>\n"));
    HTML(&p->out,
         "<p>{} of {} were denied ({}): {} by a statement that says so, {} because somewhere nothing allowed them.",
         count(p, denied(r)), plural(p, decided(r), "decision", "decisions"), share(p, denied(r), decided(r)),
         count(p, r->explicitly_denied), count(p, r->implicitly_denied));
    if (most != NULL)
        HTML(&p->out, " Most denials of one kind came from {}{}{}: {}.", most->layer,
             most->level_name.len > 0 ? STR(", ") : STR(""), most->level_name, count(p, most->decisions));
    html_raw(&p->out, STR("</p>\n"));
    if (most != NULL) {
        html_raw(
            &p->out,
            STR("<p class=\"soft\">SCPs (service control policies) bind who asks, RCPs (resource control policies) "
                "what is asked for; both are attached to the root, to OUs and to accounts. Their levels count "
                "from the root; the last level of an account's chain is the account. The other layers are "
                "policies of the caller, of the resource and of the network endpoint.</p>\n"));
        page_picture(p, PLOT_LEVELS, STR("Bars of denied requests by layer and level, implicit and explicit"));
        denial_table(p);
    }
    page_diagnostics(p);
    html_raw(&p->out, STR("</section>\n"));
}
