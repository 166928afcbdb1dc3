/* The summary for the terminal: a figure a row, the most important first, a note where there is room for one. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "bench/output_figures.h"
#include "bench/text.h"

#define COLUMNS_MIN  36
#define COLUMNS_MAX  96
#define LABEL_WIDE   18
#define LABEL_NARROW 16
#define VALUE_WIDE   11

typedef struct {
    arena   *a;
    FILE    *to;
    uint32_t columns;
    bool     narrow; /* values at the right edge, notes left out */
} page;

static void put_row(page *p, const char *label, str value, str note)
{
    uint32_t label_width = p->narrow ? LABEL_NARROW : LABEL_WIDE, label_columns = (uint32_t)strlen(label);
    if (p->narrow && label_columns > label_width) label_width = label_columns;
    uint32_t value_width = p->narrow ? p->columns - label_width : VALUE_WIDE;
    uint32_t used = label_width + value_width + 2;
    uint32_t pad = text_columns(value) < value_width ? value_width - text_columns(value) : 0; /* `µ` has two bytes */
    (void)fprintf(p->to, "%-*s%*s%.*s", (int)label_width, label, (int)pad, "", STR_FMT(value));
    if (!p->narrow && note.len > 0) {
        str line = text_line(p->a, note, p->columns - used);
        (void)fprintf(p->to, "  %.*s", STR_FMT(line));
    }
    (void)fputc('\n', p->to);
}

/* A text that may be longer than a line stands on lines of its own, cut never: people copy it. */
static void put_text(page *p, const char *label, str value)
{
    bool fits = strlen(label) + 2 + text_columns(value) <= p->columns;
    (void)fprintf(p->to, "%s%s%.*s\n", label, fits ? "  " : "\n  ", STR_FMT(value));
}

static void put_line(page *p, str line)
{
    str cut = text_line(p->a, line, p->columns);
    (void)fprintf(p->to, "%.*s\n", STR_FMT(cut));
}

static void put_head(page *p, const output_run *run)
{
    arena            *a = p->a;
    const scenario   *s = run->scenario;
    const org_view   *view = org_head(s->o);
    const world_plan *plan = &s->plan;
    str               accounts = text_plural(a, org_account_live(view), "account", "accounts"),
        ous = text_plural(a, org_ou_live(view), "OU", "OUs");
    uint32_t rcps = org_policy_live(view, ORG_TYPE_RCP);
    str      scps = text_plural(a, org_policy_live(view, ORG_TYPE_SCP), "SCP", "SCPs");
    str      more = text_plural(a, rcps, "RCP", "RCPs");
    if (rcps > 0) scps = arena_format(a, "%.*s, %.*s", STR_FMT(scps), STR_FMT(more));
    str      cells = text_plural(a, run->result->cell_count, "cell", "cells");
    str      regions = text_plural(a, plan->region_count, "region", "regions");
    str      windows = text_instant(a, output_windows_ns(plan));
    str      seed = arena_format(a, "seed 0x%" PRIx64, plan->seed);
    uint32_t room = p->columns - text_columns(seed) - 2;
    str      name = text_line(a, s->name, room);
    (void)fprintf(p->to, "%.*s%*s%.*s\n", STR_FMT(name), (int)(room + 2 - text_columns(name)), "", STR_FMT(seed));
    if (!run->result->complete) put_line(p, STR("INCOMPLETE: ended before its time"));
    str  size = arena_format(a, "%.*s, %.*s, %.*s", STR_FMT(accounts), STR_FMT(ous), STR_FMT(scps));
    str  at_end = run->result->change_count > 0 ? STR(" at the end") : STR("");
    bool fits = text_columns(size) + text_columns(at_end) <= p->columns;
    put_line(p, fits ? arena_format(a, "%.*s%.*s", STR_FMT(size), STR_FMT(at_end)) : size);
    if (!fits) put_line(p, at_end);
    put_line(p, arena_format(a, "%.*s in %.*s, %.*s of requests", STR_FMT(cells), STR_FMT(regions), STR_FMT(windows)));
    (void)fputc('\n', p->to);
}

static void put_decisions(page *p, const output_run *run)
{
    arena              *a = p->a;
    const world_counts *t = &run->result->totals;
    uint64_t            lost = t->shed + t->timed_out + t->unfinished;
    str                 share = text_share(a, output_denied(t), output_decided(t));
    str                 denied = text_count(a, output_denied(t));
    str explicit = text_count(a, t->explicitly_denied), implicit = text_count(a, t->implicitly_denied);
    put_row(p, "requests", text_count(a, t->attempts), (str){"", 0});
    if (run->phases.run_ns > 0) {
        str took = text_duration(a, run->phases.run_ns);
        put_row(p, "  decided", text_rate(a, (double)output_decided(t) * 1e9 / (double)run->phases.run_ns),
                arena_format(a, "%s: %.*s, %" PRIu32 " thread%s", t->verified > 0 ? "slowed by --verify" : "measured",
                             STR_FMT(took), run->threads, run->threads == 1 ? "" : "s"));
    }
    put_row(p, "  denied", share,
            arena_format(a, "%.*s: %.*s explicitly, %.*s implicitly", STR_FMT(denied), STR_FMT(explicit),
                         STR_FMT(implicit)));
    if (lost > 0) put_row(p, "  not decided", text_count(a, lost), STR("shed, timed out or unfinished"));
    if (t->doubtful > 0)
        put_row(p, "  partly evaluated", text_count(a, t->doubtful),
                STR("something in a policy could not be evaluated"));
    if (t->verified > 0)
        put_row(p, "  verified", text_count(a, t->verified),
                arena_format(a, "%" PRIu64 " differ from the oracle", t->mismatched));
}

/* `> 60.0 s` where all that is known of the quantile is that it is above the histogram's limit. */
static str quantile_text(arena *a, const output_quantiles *q, int64_t ns, uint64_t num, uint64_t den)
{
    str text = text_duration(a, ns);
    return output_beyond(q->count, q->clipped, num, den) ? arena_format(a, "> %.*s", STR_FMT(text)) : text;
}

/* More work than the busiest cell can do: its queue only grows, and response times say more of the run's length. */
static void put_overload(page *p, const output_run *run)
{
    output_load load = output_load_of(&run->scenario->plan, run->result);
    if (load.busiest < 1) return;
    str mean = text_times(p->a, load.mean);
    put_row(p, "overload", text_times(p->a, load.busiest),
            arena_format(p->a, "the work the busiest cell can do; mean %.*s", STR_FMT(mean)));
}

static void put_response(page *p, const world_result *r)
{
    arena           *a = p->a;
    output_quantiles q = output_quantiles_of(r->response_ns, 0);
    str              longest = quantile_text(a, &q, q.max_ns, 1, 1), limit = text_duration(a, q.max_ns);
    put_row(p, "response p50", quantile_text(a, &q, q.p50_ns, 1, 2), STR("simulated, from arrival to answer"));
    put_row(p, "         p99", quantile_text(a, &q, q.p99_ns, 99, 100), (str){"", 0});
    put_row(p, "         p99.9", quantile_text(a, &q, q.p999_ns, 999, 1000),
            arena_format(a, "longest %.*s", STR_FMT(longest)));
    if (q.clipped > 0)
        put_row(p, "         clipped", text_count(a, q.clipped),
                arena_format(a, "took longer than %.*s, the histogram's limit", STR_FMT(limit)));
}

static void put_changes(page *p, const world_result *r)
{
    arena              *a = p->a;
    const world_counts *t = &r->totals;
    int64_t             slowest = output_slowest_change(r);
    uint32_t            refused = 0;
    for (uint32_t i = 0; i < r->change_count; i++) refused += r->changes[i].exception != NULL;
    put_row(p, "stale-allow", text_count(a, t->stale_allow), STR("allowed, which the newest revision denies"));
    put_row(p, "stale-deny", text_count(a, t->stale_deny), STR("denied, which the newest revision allows"));
    if (slowest >= 0) {
        const world_change *c = &r->changes[slowest];
        put_row(p, "slowest change", text_duration(a, c->lag_99_ns),
                arena_format(a, "until 99 %% of the cells %s change %" PRId64, r->complete ? "saw" : "would see",
                             slowest + 1));
    }
    if (refused > 0)
        put_row(p, "changes refused", text_count(a, refused),
                arena_format(a, "of %" PRIu32 ", as AWS would", r->change_count));
}

str output_summary(arena *a, const output_run *run, const char *folder, uint32_t columns)
{
    char  *text = NULL;
    size_t len = 0;
    page   p = {.a = a, .to = open_memstream(&text, &len), .columns = columns};
    assert(p.to != NULL);
    if (p.columns < COLUMNS_MIN) p.columns = COLUMNS_MIN;
    if (p.columns > COLUMNS_MAX) p.columns = COLUMNS_MAX;
    p.narrow = p.columns < 64;
    char hex[DIGEST_TEXT_SIZE];
    digest_text(run->result->digest, hex);
    str report = arena_format(a, "%s/report.html", folder);
    put_head(&p, run);
    put_decisions(&p, run);
    put_overload(&p, run);
    put_response(&p, run->result);
    put_changes(&p, run->result);
    (void)fputc('\n', p.to);
    put_text(&p, run->result->complete ? "digest" : "digest of what was finished", str_of(hex));
    put_text(&p, file_exists(report.ptr) ? "report" : "results", file_exists(report.ptr) ? report : str_of(folder));
    int closed = fclose(p.to);
    assert(closed == 0);
    str summary = arena_str(a, (str){text, len});
    free(text);
    return summary;
}

str output_summary_json(arena *a, const output_run *run, const char *folder)
{
    const world_result *r = run->result;
    const world_counts *t = &r->totals;
    output_quantiles    q = output_quantiles_of(r->response_ns, 0);
    char                hex[DIGEST_TEXT_SIZE];
    document           *d = document_new_object();
    out_node           *top = document_out(d);
    int64_t             slowest = output_slowest_change(r);
    output_load         load = output_load_of(&run->scenario->plan, r);
    digest_text(r->digest, hex);
    out_str(top, "scenario", run->scenario->name);
    out_str(top, "seed", arena_format(a, "0x%016" PRIx64, run->scenario->plan.seed));
    out_bool(top, "complete", r->complete);
    out_u64(top, "requests", t->attempts);
    out_u64(top, "allowed", t->allowed);
    out_u64(top, "denied", output_denied(t));
    out_u64(top, "stale_allow", t->stale_allow);
    out_u64(top, "stale_deny", t->stale_deny);
    out_node *utilisation = out_object(top, "utilisation");
    out_real(utilisation, "mean", load.mean);
    out_real(utilisation, "busiest", load.busiest);
    out_node *response = out_object(top, "response_ns");
    out_i64(response, "p50", q.p50_ns);
    out_i64(response, "p99", q.p99_ns);
    out_i64(response, "p99.9", q.p999_ns);
    out_i64(response, "max", q.max_ns);
    out_u64(response, "clipped", q.clipped);
    if (slowest >= 0) {
        out_node *change = out_object(top, "slowest_change");
        out_i64(change, "change", slowest + 1);
        out_i64(change, "lag_p99_ns", r->changes[slowest].lag_99_ns);
    } else {
        out_null(top, "slowest_change");
    }
    out_u64(top, "doubtful", t->doubtful);
    out_u64(top, "verified", t->verified);
    out_u64(top, "mismatched", t->mismatched);
    out_i64(top, "run_ns", run->phases.run_ns);
    out_u64(top, "threads", run->threads);
    out_text(top, "digest", hex);
    out_text(top, "folder", folder);
    str text = document_print(a, d);
    document_free(d);
    return text;
}
