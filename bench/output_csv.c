/* The tables: what identifies a row, the metric's name, its value. Integers, except percentiles, which are exact. */
#include "bench/output_parts.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/output_figures.h"

#define LAG_ROWS      8000 /* of lag.csv, about: a change's cells are thinned to what a curve needs */
#define LAG_ROWS_MIN  20   /* of a change */
#define LAG_ROWS_MAX  200
#define DECIMALS_UNIT UINT64_C(1000000000)

/* Text that grows; the stream cannot fail but for want of memory. */
typedef struct {
    char  *text;
    size_t len;
    FILE  *to;
} table;

static void table_open(table *t)
{
    *t = (table){0};
    t->to = open_memstream(&t->text, &t->len);
    assert(t->to != NULL);
}

static str table_close(arena *a, table *t)
{
    int closed = fclose(t->to);
    assert(closed == 0);
    str text = arena_str(a, (str){t->text, t->len});
    free(t->text);
    return text;
}

/* RFC 4180: quoted where a comma or a quote stands in it. Line ends become spaces: a row is one line. */
static void put_field(FILE *to, str text)
{
    bool quoted = str_find(text, ',', 0) < text.len || str_find(text, '"', 0) < text.len;
    if (quoted) (void)fputc('"', to);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"') (void)fputc('"', to);
        (void)fputc((unsigned char)c < ' ' ? ' ' : c, to);
    }
    if (quoted) (void)fputc('"', to);
}

/* ---- summary ---- */

static void put_counts(FILE *to, const world_counts *c)
{
    const struct {
        const char *metric;
        uint64_t    value;
    } rows[] = {
        {"attempts", c->attempts},
        {"allowed", c->allowed},
        {"implicitly_denied", c->implicitly_denied},
        {"explicitly_denied", c->explicitly_denied},
        {"shed", c->shed},
        {"timed_out", c->timed_out},
        {"unfinished", c->unfinished},
        {"outdated", c->outdated},
        {"stale_allow", c->stale_allow},
        {"stale_deny", c->stale_deny},
        {"stale_neutral", c->stale_neutral},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++)
        (void)fprintf(to, "%s,requests,%" PRIu64 "\n", rows[i].metric, rows[i].value);
    (void)fprintf(to, "busy,ns,%" PRId64 "\nfinish,ns,%" PRId64 "\n", c->busy_ns, c->finish_ns);
}

/* What could not be evaluated: in how many requests, and how often for each reason. */
static void put_diagnostics(FILE *to, const world_counts *c)
{
    (void)fprintf(to, "diagnostics,requests,%" PRIu64 "\n", c->doubtful);
    for (uint32_t kind = 0; kind < DIAGNOSTIC_COUNT; kind++)
        if (kind != DIAGNOSTIC_MISSING_KEY)
            (void)fprintf(to, "%s,times,%" PRIu64 "\n", diagnostic_name((diagnostic_kind)kind), c->doubts[kind]);
}

static void put_quantiles(FILE *to, const char *name, const hist *h, int64_t shift)
{
    output_quantiles q = output_quantiles_of(h, shift);
    (void)fprintf(to, "%s_min,ns,%" PRId64 "\n%s_p50,ns,%" PRId64 "\n%s_p90,ns,%" PRId64 "\n", name, q.min_ns, name,
                  q.p50_ns, name, q.p90_ns);
    (void)fprintf(to, "%s_p99,ns,%" PRId64 "\n%s_p99.9,ns,%" PRId64 "\n%s_max,ns,%" PRId64 "\n", name, q.p99_ns, name,
                  q.p999_ns, name, q.max_ns);
    (void)fprintf(to, "%s_clipped,requests,%" PRIu64 "\n", name, q.clipped);
}

static str summary_csv(arena *a, const output_run *run)
{
    const world_result *r = run->result;
    table               t;
    table_open(&t);
    (void)fputs("metric,unit,value\n", t.to);
    put_counts(t.to, &r->totals);
    put_diagnostics(t.to, &r->totals);
    (void)fprintf(t.to, "windows,ns,%" PRId64 "\n", output_windows_ns(&run->scenario->plan));
    put_quantiles(t.to, "response", r->response_ns, 0);
    put_quantiles(t.to, "waiting", r->waiting_ns, 1);
    (void)fprintf(t.to, "cells,cells,%" PRIu32 "\nchanges,changes,%" PRIu32 "\nrevision_last,revisions,%" PRIu32 "\n",
                  r->cell_count, r->change_count, r->revision_last);
    return table_close(a, &t);
}

/* ---- changes and their lag ---- */

static void put_change(FILE *to, uint32_t number, const world_change *c)
{
    const struct {
        const char *metric, *unit;
        int64_t     value;
    } rows[] = {
        {"stale_allow", "requests", (int64_t)c->stale_allow},
        {"stale_deny", "requests", (int64_t)c->stale_deny},
        {"stale_neutral", "requests", (int64_t)c->stale_neutral},
        {"lag_p50", "ns", c->lag_50_ns},
        {"lag_p99", "ns", c->lag_99_ns},
        {"lag_p100", "ns", c->lag_100_ns},
        {"first_stale", "ns", c->first_stale_ns},
        {"last_stale", "ns", c->last_stale_ns},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        bool time = str_is(str_of(rows[i].unit), "ns"); /* there for accepted changes only, where there was one */
        if (time && (c->exception != NULL || rows[i].value < 0)) continue;
        (void)fprintf(to, "%" PRIu32 ",%" PRId64 ",%s,%s,%s,%s,%" PRId64 ",", number, c->at_ns,
                      control_operation_name(c->op), c->exception == NULL ? "accepted" : c->exception, rows[i].metric,
                      rows[i].unit, rows[i].value);
        put_field(to, c->label);
        (void)fputc('\n', to);
    }
}

static str changes_csv(arena *a, const output_run *run)
{
    table t;
    table_open(&t);
    (void)fputs("change,at_ns,operation,answer,metric,unit,value,label\n", t.to);
    for (uint32_t i = 0; i < run->result->change_count; i++) put_change(t.to, i + 1, &run->result->changes[i]);
    return table_close(a, &t);
}

static int compare_i64(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* Rows of a change rise; the first says that no cell has seen it, the last that all have. */
static void put_lag(arena scratch, FILE *to, uint32_t number, const world_change *c, uint32_t cells, uint32_t rows)
{
    int64_t *lag = ARENA_NEW(&scratch, int64_t, cells);
    memcpy(lag, c->lag_ns, cells * sizeof *lag);
    qsort(lag, cells, sizeof *lag, compare_i64);
    (void)fprintf(to, "%" PRIu32 ",0,%" PRIu32 ",%" PRId64 "\n", number, cells, lag[0]);
    for (uint32_t i = 1; i <= rows; i++) {
        uint32_t seen = (uint32_t)((uint64_t)cells * i / rows);
        (void)fprintf(to, "%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRId64 "\n", number, seen, cells, lag[seen - 1]);
    }
}

static str lag_csv(arena *a, const output_run *run)
{
    const world_result *r = run->result;
    uint32_t            rows = r->change_count > 0 ? LAG_ROWS / r->change_count : 0;
    rows = rows < LAG_ROWS_MIN ? LAG_ROWS_MIN : rows > LAG_ROWS_MAX ? LAG_ROWS_MAX : rows;
    table t;
    table_open(&t);
    (void)fputs("change,cells_seen,cells,lag_ns\n", t.to);
    for (uint32_t i = 0; i < r->change_count; i++)
        if (r->changes[i].lag_ns != NULL && r->cell_count > 0)
            put_lag(*a, t.to, i + 1, &r->changes[i], r->cell_count, rows < r->cell_count ? rows : r->cell_count);
    return table_close(a, &t);
}

/* ---- time, levels, cells ---- */

static str series_csv(arena *a, const output_run *run)
{
    const world_result *r = run->result;
    table               t;
    table_open(&t);
    (void)fputs("start_ns,metric,value\n", t.to);
    for (uint32_t i = 0; i < WORLD_BINS; i++) {
        const world_bin *b = &r->bins[i];
        const struct {
            const char *metric;
            uint64_t    value;
        } rows[] = {{"decisions", b->decisions}, {"allowed", b->allowed},         {"denied", b->denied},
                    {"outdated", b->outdated},   {"stale_allow", b->stale_allow}, {"stale_deny", b->stale_deny}};
        int64_t start_ns = r->bins_start_ns + (int64_t)i * r->bin_ns;
        for (size_t k = 0; k < COUNTOF(rows); k++)
            (void)fprintf(t.to, "%" PRId64 ",%s,%" PRIu64 "\n", start_ns, rows[k].metric, rows[k].value);
    }
    return table_close(a, &t);
}

/* Both kinds of every layer and level that denied anything, side by side; then what was allowed. */
static str levels_csv(arena *a, const output_run *run)
{
    const world_counts *c = &run->result->totals;
    table               t;
    table_open(&t);
    (void)fputs("layer,level,kind,decisions\n", t.to);
    for (uint32_t layer = 0; layer < WORLD_LAYERS; layer++)
        for (uint32_t level = 0; level < ORG_CHAIN_MAX; level++) {
            uint64_t implicit = c->denied_at[0][layer][level], explicit = c->denied_at[1][layer][level];
            if (implicit + explicit == 0) continue;
            const char *name = layer_name((decision_layer)layer);
            (void)fprintf(t.to, "%s,%" PRIu32 ",ImplicitlyDenied,%" PRIu64 "\n", name, level, implicit);
            (void)fprintf(t.to, "%s,%" PRIu32 ",ExplicitlyDenied,%" PRIu64 "\n", name, level, explicit);
        }
    (void)fprintf(t.to, "%s,0,Allowed,%" PRIu64 "\n", layer_name(LAYER_NONE), c->allowed);
    return table_close(a, &t);
}

static str cells_csv(arena *a, const output_run *run)
{
    const world_result *r = run->result;
    table               t;
    table_open(&t);
    (void)fputs("region,cell,metric,unit,value\n", t.to);
    for (uint32_t i = 0; i < r->cell_count; i++) {
        const world_counts *c = &r->cells[i].counts;
        str                 region = run->scenario->plan.regions[r->cells[i].region].name;
        const struct {
            const char *metric, *unit;
            uint64_t    value;
        } rows[] = {{"attempts", "requests", c->attempts},     {"denied", "requests", output_denied(c)},
                    {"unfinished", "requests", c->unfinished}, {"stale_allow", "requests", c->stale_allow},
                    {"stale_deny", "requests", c->stale_deny}, {"busy", "ns", (uint64_t)c->busy_ns},
                    {"finish", "ns", (uint64_t)c->finish_ns}};
        for (size_t k = 0; k < COUNTOF(rows); k++) {
            put_field(t.to, region);
            (void)fprintf(t.to, ",%" PRIu32 ",%s,%s,%" PRIu64 "\n", i, rows[k].metric, rows[k].unit, rows[k].value);
        }
    }
    return table_close(a, &t);
}

/* ---- percentile spectra ---- */

/* num / den to nine decimals, cut. */
static void put_decimal(FILE *to, uint64_t num, uint64_t den)
{
    __extension__ typedef unsigned __int128 u128;
    uint64_t                                fraction = (uint64_t)((u128)(num % den) * DECIMALS_UNIT / den);
    (void)fprintf(to, "%" PRIu64 ".%09" PRIu64, num / den, fraction);
}

static void put_spectrum(arena scratch, FILE *to, const char *name, const hist *h, int64_t shift)
{
    const output_step *steps = NULL;
    uint32_t           count = output_spectrum(&scratch, h, &steps);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t above = steps[i].below_den - steps[i].below_num;
        (void)fprintf(to, "%s,", name);
        put_decimal(to, steps[i].below_num, steps[i].below_den);
        (void)fputc(',', to);
        put_decimal(to, above > 0 ? steps[i].below_den : hist_count(h), above > 0 ? above : 1);
        (void)fprintf(to, ",%" PRId64 "\n", steps[i].value - shift);
    }
}

#define SPECTRUM_HEADER "metric,quantile,one_in,value_ns\n"

static str response_csv(arena *a, const output_run *run)
{
    table t;
    table_open(&t);
    (void)fputs(SPECTRUM_HEADER, t.to);
    put_spectrum(*a, t.to, "response", run->result->response_ns, 0);
    put_spectrum(*a, t.to, "waiting", run->result->waiting_ns, 1);
    return table_close(a, &t);
}

static str decide_csv(arena *a, const output_run *run)
{
    const hist *h = run->result->decide_ns;
    if (h == NULL || hist_count(h) == 0) return (str){NULL, 0};
    table t;
    table_open(&t);
    (void)fputs(SPECTRUM_HEADER, t.to);
    put_spectrum(*a, t.to, "decide", h, 0);
    return table_close(a, &t);
}

const output_table output_tables[] = {
    {"summary.csv", summary_csv},   {"changes.csv", changes_csv}, {"lag.csv", lag_csv},
    {"series.csv", series_csv},     {"levels.csv", levels_csv},   {"cells.csv", cells_csv},
    {"response.csv", response_csv}, {"decide.csv", decide_csv},
};
const uint32_t output_table_count = COUNTOF(output_tables);
