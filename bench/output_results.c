/* results.json: integers and exact ratios, members in the order of the calls, nothing of the machine. */
#include "bench/output_parts.h"

#include <inttypes.h>

#include "bench/output_figures.h"

static void write_digest(out_node *to, const char *name, digest d)
{
    char text[DIGEST_TEXT_SIZE];
    digest_text(d, text);
    out_text(to, name, text);
}

/* Texts that may be absent (ptr null) are null in the file, never left out: the members are always the same. */
static void write_str(out_node *to, const char *name, str value)
{
    if (value.ptr == NULL)
        out_null(to, name);
    else
        out_str(to, name, value);
}

static void write_text(out_node *to, const char *name, const char *value)
{
    if (value == NULL)
        out_null(to, name);
    else
        out_text(to, name, value);
}

static void write_provenance(arena *a, out_node *top, const output_run *run)
{
    const scenario *s = run->scenario;
    out_node       *to = out_object(top, "provenance");
    out_text(to, "orgsim", ORGSIM_VERSION);
    out_str(to, "commit", run->environment->commit);
    out_bool(to, "commit_dirty", run->environment->commit_dirty);
    write_str(to, "scenario", s->name);
    write_str(to, "description", s->description);
    out_str(to, "seed", arena_format(a, "0x%016" PRIx64, s->plan.seed));
    write_str(to, "epoch", s->epoch);
    out_node *models = out_object(to, "models");
    write_str(models, "profile", s->profile_name);
    write_str(models, "profile_source", s->profile_source);
    write_str(models, "profile_confidence", s->profile_confidence);
    write_str(models, "lag", s->lag_model);
    write_str(models, "lag_source", s->lag_source);
    write_str(models, "lag_confidence", s->lag_confidence);
    write_str(models, "service_time", s->service_model);
    out_node *quotas = out_object(models, "quotas");
    write_str(quotas, "name", s->quotas.name);
    write_str(quotas, "date", s->quotas.date);
    write_str(quotas, "source", s->quotas.source);
    write_str(quotas, "confidence", s->quotas.confidence);
    out_node *files = out_array(to, "files");
    for (uint32_t i = 0; i < s->file_count; i++) {
        out_node *file = out_object(files, NULL);
        write_str(file, "kind", s->files[i].kind);
        write_str(file, "name", s->files[i].name);
        write_digest(file, "digest", s->files[i].digest);
    }
    out_node *sets = out_array(to, "set");
    for (uint32_t i = 0; i < run->set_count; i++) {
        out_node *set = out_object(sets, NULL);
        out_str(set, "path", run->sets[i].path);
        out_str(set, "value", run->sets[i].value);
    }
}

/* The organization as the run left it, and the image it began with. */
static void write_org(out_node *top, const output_run *run)
{
    const world_result      *r = run->result;
    const org_view          *view = org_head(run->scenario->o);
    const authz_image_stats *image = &r->first_image;
    out_node                *to = out_object(top, "org");
    out_u64(to, "revision", r->revision_last);
    out_u64(to, "accounts", org_account_live(view));
    out_u64(to, "ous", org_ou_live(view));
    out_u64(to, "scps", org_policy_live(view, ORG_TYPE_SCP));
    out_u64(to, "rcps", org_policy_live(view, ORG_TYPE_RCP));
    out_u64(to, "images_built", r->images_built);
    out_node *first = out_object(to, "first_image");
    out_u64(first, "bytes", image->bytes);
    out_u64(first, "row_bytes", image->row_bytes);
    out_u64(first, "rows", image->rows);
    out_u64(first, "formulas", image->formulas);
    out_u64(first, "atoms", image->atoms);
    out_u64(first, "pages", image->pages);
}

static void write_denials(arena *a, out_node *to, const world_counts *c)
{
    out_node *list = out_array(to, "denied");
    for (uint32_t kind = 0; kind < 2; kind++)
        for (uint32_t layer = 0; layer < WORLD_LAYERS; layer++)
            for (uint32_t level = 0; level < ORG_CHAIN_MAX; level++) {
                if (c->denied_at[kind][layer][level] == 0) continue;
                str       name = output_level_name(a, (decision_layer)layer, level);
                out_node *row = out_object(list, NULL);
                out_text(row, "kind",
                         decision_name(kind == 0 ? DECISION_IMPLICITLY_DENIED : DECISION_EXPLICITLY_DENIED));
                out_text(row, "layer", layer_name((decision_layer)layer));
                out_u64(row, "level", level);
                write_str(row, "level_name", name.len > 0 ? name : (str){NULL, 0});
                out_u64(row, "decisions", c->denied_at[kind][layer][level]);
            }
}

static void write_diagnostics(out_node *to, const world_counts *c)
{
    out_node *kinds = out_object(to, "diagnostics");
    out_u64(kinds, "decisions", c->doubtful);
    for (uint32_t kind = 0; kind < DIAGNOSTIC_COUNT; kind++)
        if (kind != DIAGNOSTIC_MISSING_KEY) out_u64(kinds, diagnostic_name((diagnostic_kind)kind), c->doubts[kind]);
}

static void write_decisions(arena *a, out_node *top, const world_counts *c)
{
    out_node *to = out_object(top, "decisions");
    out_u64(to, "attempts", c->attempts);
    out_u64(to, "allowed", c->allowed);
    out_u64(to, "implicitly_denied", c->implicitly_denied);
    out_u64(to, "explicitly_denied", c->explicitly_denied);
    out_u64(to, "shed", c->shed);
    out_u64(to, "timed_out", c->timed_out);
    out_u64(to, "unfinished", c->unfinished);
    write_denials(a, to, c);
    write_diagnostics(to, c);
}

static void write_quantiles(out_node *parent, const char *name, const hist *h, int64_t shift)
{
    output_quantiles q = output_quantiles_of(h, shift);
    out_node        *to = out_object(parent, name);
    out_u64(to, "count", q.count);
    out_i64(to, "min", q.min_ns);
    out_i64(to, "p50", q.p50_ns);
    out_i64(to, "p90", q.p90_ns);
    out_i64(to, "p99", q.p99_ns);
    out_i64(to, "p99.9", q.p999_ns);
    out_i64(to, "max", q.max_ns);
    out_u64(to, "clipped", q.clipped);
}

/* utilisation = busy_ns / (cells * windows_ns): an exact ratio, above 1 where more arrived than fits the windows. */
static void write_load(out_node *to, const world_counts *c, uint32_t cells, int64_t windows_ns)
{
    out_u64(to, "cells", cells);
    out_u64(to, "attempts", c->attempts);
    out_node *utilisation = out_object(to, "utilisation");
    out_i64(utilisation, "busy_ns", c->busy_ns);
    out_i64(utilisation, "windows_ns", windows_ns);
    out_u64(utilisation, "cells", cells);
    out_i64(to, "finish_ns", c->finish_ns);
}

static void write_queueing(out_node *top, const output_run *run)
{
    const world_plan   *plan = &run->scenario->plan;
    const world_result *r = run->result;
    int64_t             windows_ns = output_windows_ns(plan);
    out_node           *to = out_object(top, "queueing");
    write_load(to, &r->totals, r->cell_count, windows_ns);
    write_quantiles(to, "response_ns", r->response_ns, 0);
    write_quantiles(to, "waiting_ns", r->waiting_ns, 1);
    out_node *list = out_array(to, "regions");
    for (uint32_t i = 0; i < plan->region_count; i++) {
        world_counts sum = output_sum(r, i);
        out_node    *region = out_object(list, NULL);
        write_str(region, "name", plan->regions[i].name);
        write_load(region, &sum, plan->regions[i].cell_count, windows_ns);
        write_quantiles(region, "response_ns", r->region_response_ns[i], 0);
    }
}

/* number: as people and tables count, from 1; step: its index in the scenario's timeline. */
static void write_change(out_node *to, uint32_t number, const world_change *c)
{
    bool accepted = c->exception == NULL;
    out_u64(to, "change", number);
    out_u64(to, "step", c->step);
    out_text(to, "operation", control_operation_name(c->op));
    write_str(to, "label", c->label);
    out_i64(to, "at_ns", c->at_ns);
    write_text(to, "exception", c->exception);
    write_text(to, "reason", c->reason);
    write_str(to, "detail", c->detail.len > 0 ? c->detail : (str){NULL, 0});
    if (accepted)
        out_u64(to, "revision", c->revision);
    else
        out_null(to, "revision");
    out_u64(to, "stale_allow", c->stale_allow);
    out_u64(to, "stale_deny", c->stale_deny);
    out_u64(to, "stale_neutral", c->stale_neutral);
    out_node *lag = accepted ? out_object(to, "lag_ns") : NULL;
    if (lag == NULL) {
        out_null(to, "lag_ns");
    } else {
        out_i64(lag, "p50", c->lag_50_ns);
        out_i64(lag, "p99", c->lag_99_ns);
        out_i64(lag, "p100", c->lag_100_ns);
    }
    out_i64(to, "first_stale_ns", c->first_stale_ns);
    out_i64(to, "last_stale_ns", c->last_stale_ns);
}

static void write_staleness(out_node *top, const world_result *r)
{
    out_node *to = out_object(top, "staleness");
    out_u64(to, "outdated", r->totals.outdated);
    out_u64(to, "stale_allow", r->totals.stale_allow);
    out_u64(to, "stale_deny", r->totals.stale_deny);
    out_u64(to, "stale_neutral", r->totals.stale_neutral);
    out_node *changes = out_array(to, "changes");
    for (uint32_t i = 0; i < r->change_count; i++) write_change(out_object(changes, NULL), i + 1, &r->changes[i]);
}

static void write_series(out_node *top, const world_result *r)
{
    static const char *const columns[] = {"decisions", "allowed", "denied", "outdated", "stale_allow", "stale_deny"};
    out_node                *to = out_object(top, "series");
    out_i64(to, "start_ns", r->bins_start_ns);
    out_i64(to, "bin_ns", r->bin_ns);
    out_node *names = out_array(to, "columns");
    for (size_t i = 0; i < COUNTOF(columns); i++) out_text(names, NULL, columns[i]);
    out_node *bins = out_array(to, "bins");
    for (uint32_t i = 0; i < WORLD_BINS; i++) {
        const world_bin *b = &r->bins[i];
        out_node        *row = out_array(bins, NULL);
        out_u64(row, NULL, b->decisions);
        out_u64(row, NULL, b->allowed);
        out_u64(row, NULL, b->denied);
        out_u64(row, NULL, b->outdated);
        out_u64(row, NULL, b->stale_allow);
        out_u64(row, NULL, b->stale_deny);
    }
}

static void write_law(out_node *to, const char *name, const char *says, bool holds)
{
    out_node *law = out_object(to, name);
    out_text(law, "says", says);
    out_bool(law, "holds", holds);
}

static void write_verdict(out_node *top, const world_result *r)
{
    output_laws laws = output_laws_of(r);
    out_node   *to = out_object(top, "verdict");
    out_text(to, "run", r->complete ? "complete" : "incomplete");
    write_law(to, "attempts_accounted",
              "attempts = allowed + denied + shed + timed out + unfinished, in every cell and in total",
              laws.attempts_accounted);
    write_law(to, "cells_sum", "the cells' counts sum to the totals", laws.cells_sum);
    write_law(to, "stale_sum", "stale decisions charged to changes sum to the totals", laws.stale_sum);
}

str output_results(arena *a, const output_run *run)
{
    document *d = document_new_object();
    out_node *top = document_out(d);
    out_text(top, "schema", ORGSIM_RESULTS_SCHEMA);
    write_provenance(a, top, run);
    write_digest(top, "digest", run->result->digest);
    write_org(top, run);
    write_decisions(a, top, &run->result->totals);
    write_queueing(top, run);
    write_staleness(top, run->result);
    write_series(top, run->result);
    write_verdict(top, run->result);
    out_str(top, "reproduce", output_reproduce(a, run, false));
    str text = document_print(a, d);
    document_free(d);
    return text;
}
