#include "bench/analysis.h"

#include <math.h>

#include "bench/output_figures.h"
#include "bench/output_parts.h"

#define OCTAVES      53 /* quantile.h: beyond 2^-53 a table is constant */
#define OCTAVE_STEPS 256
#define NORMAL_975   1.959963984540054

double analysis_mean(const quantile *q)
{
    uint64_t whole = 0, fraction = 0;
    quantile_mean(q, &whole, &fraction);
    return (double)whole + (double)fraction * 0x1p-64;
}

double analysis_second_moment(const quantile *q)
{
    double sum = 0, low = (double)quantile_at(q, 0), high = (double)quantile_at(q, UINT64_MAX);
    for (int octave = 1; octave <= OCTAVES; octave++) {
        double width = ldexp(1, -octave - 1) / OCTAVE_STEPS, part = 0; /* tail from 2^-(octave+1) to 2^-octave */
        for (int i = 0; i < OCTAVE_STEPS; i++) {
            double   tail = ldexp(1, -octave - 1) + (i + 0.5) * width;
            uint64_t u = (uint64_t)ldexp(tail, 64);
            double   below = (double)quantile_at(q, u), above = (double)quantile_at(q, UINT64_MAX - u);
            part += below * below + above * above;
        }
        sum += part * width;
    }
    return sum + ldexp(1, -OCTAVES - 1) * (low * low + high * high);
}

const char *analysis_mean_waiting(const world_plan *plan, double *out_ns)
{
    double   service = analysis_mean(plan->service_time), square = analysis_second_moment(plan->service_time);
    double   weights = 0, requests = 0, waiting = 0;
    uint32_t cells = 0;
    for (uint32_t i = 0; i < plan->region_count; i++) cells += plan->regions[i].cell_count;
    for (uint32_t i = 0; i < cells; i++) weights += (double)plan->source.cell_weight[i];
    for (uint32_t k = 0; k < plan->window_count; k++) {
        const world_window *w = &plan->windows[k];
        if (w->arrival != WORLD_POISSON) return "arrivals are not Poisson in every window";
        double per_ns = (double)w->rate_num / (double)w->rate_den * 1e-9;
        for (uint32_t i = 0; i < cells; i++) {
            double rate = per_ns * (double)plan->source.cell_weight[i] / weights, rho = rate * service;
            if (rho >= 1) return "a cell gets more work than it can do, so its queue has no steady state";
            double expected = rate * (double)w->length_ns;
            requests += expected;
            waiting += expected * rate * square / (2 * (1 - rho));
        }
    }
    if (requests <= 0) return "no requests are expected";
    *out_ns = waiting / requests;
    return NULL;
}

analysis_interval analysis_poisson(uint64_t n)
{
    double            k = (double)n, m = k + 1;
    analysis_interval i = {0, m * pow(1 - 1 / (9 * m) + NORMAL_975 / (3 * sqrt(m)), 3)};
    if (n > 0) i.low = k * pow(1 - 1 / (9 * k) - NORMAL_975 / (3 * sqrt(k)), 3);
    return i;
}

/* ---- analysis.json ---- */

static double share(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0;
}

static double hist_mean(const hist *h)
{
    uint64_t high = 0, low = 0;
    hist_sum(h, &high, &low);
    return hist_count(h) > 0 ? ((double)high * 0x1p64 + (double)low) / (double)hist_count(h) : 0;
}

static void write_decisions(out_node *top, const world_counts *c)
{
    uint64_t  decided = output_decided(c);
    out_node *to = out_object(top, "decisions");
    out_real(to, "allowed_share", share(c->allowed, decided));
    out_real(to, "denied_share", share(output_denied(c), decided));
    out_real(to, "implicitly_denied_share", share(c->implicitly_denied, decided));
    out_real(to, "explicitly_denied_share", share(c->explicitly_denied, decided));
}

static void write_load(out_node *to, const world_counts *c, uint32_t cells, int64_t windows_ns, const hist *response)
{
    uint64_t served = output_decided(c);
    double   available = (double)windows_ns * cells;
    out_real(to, "requests_per_second", windows_ns > 0 ? (double)c->attempts * 1e9 / (double)windows_ns : 0);
    out_real(to, "rho", available > 0 ? (double)c->busy_ns / available : 0);
    out_real(to, "mean_service_ns", served > 0 ? (double)c->busy_ns / (double)served : 0);
    out_real(to, "mean_response_ns", hist_mean(response));
}

static double rho_of_busiest(const world_result *r, int64_t windows_ns)
{
    int64_t busiest = 0;
    for (uint32_t i = 0; i < r->cell_count; i++)
        if (r->cells[i].counts.busy_ns > busiest) busiest = r->cells[i].counts.busy_ns;
    return windows_ns > 0 ? (double)busiest / (double)windows_ns : 0;
}

static uint64_t count_of_value(const hist *h, int64_t value)
{
    size_t      cursor = 0;
    uint64_t    cumulative = 0;
    hist_bucket bucket;
    return hist_next(h, &cursor, &cumulative, &bucket) && bucket.low == value ? bucket.count : 0;
}

static void write_theory(out_node *to, const world_plan *plan)
{
    double      expected = 0;
    const char *refused = analysis_mean_waiting(plan, &expected);
    out_node   *theory = out_object(to, "theory");
    out_text(theory, "model", "M/G/1 per cell in steady state (Pollaczek-Khinchine), averaged over requests");
    if (refused == NULL) {
        out_real(theory, "mean_waiting_ns", expected);
        out_null(theory, "refused");
    } else {
        out_null(theory, "mean_waiting_ns");
        out_text(theory, "refused", refused);
    }
}

static void write_queueing(out_node *top, const output_run *run)
{
    const world_plan   *plan = &run->scenario->plan;
    const world_result *r = run->result;
    int64_t             windows_ns = output_windows_ns(plan);
    uint64_t            waits = hist_count(r->waiting_ns);
    out_node           *to = out_object(top, "queueing");
    write_load(to, &r->totals, r->cell_count, windows_ns, r->response_ns);
    out_real(to, "rho_of_busiest_cell", rho_of_busiest(r, windows_ns));
    out_real(to, "mean_waiting_ns", waits > 0 ? hist_mean(r->waiting_ns) - 1 : 0);
    out_real(to, "waited_share", waits > 0 ? 1 - share(count_of_value(r->waiting_ns, 1), waits) : 0);
    write_theory(to, plan);
    out_node *list = out_array(to, "regions");
    for (uint32_t i = 0; i < plan->region_count; i++) {
        world_counts sum = output_sum(r, i);
        out_node    *region = out_object(list, NULL);
        out_str(region, "name", plan->regions[i].name);
        write_load(region, &sum, plan->regions[i].cell_count, windows_ns, r->region_response_ns[i]);
    }
}

static void write_interval(out_node *to, const char *name, uint64_t n)
{
    analysis_interval i = analysis_poisson(n);
    out_node         *interval = out_array(to, name);
    out_real(interval, NULL, i.low);
    out_real(interval, NULL, i.high);
}

static void write_change(out_node *list, uint32_t number, const world_change *c, uint32_t cells)
{
    if (c->exception != NULL) return;
    double sum = 0;
    for (uint32_t i = 0; c->lag_ns != NULL && i < cells; i++) sum += (double)c->lag_ns[i];
    out_node *to = out_object(list, NULL);
    out_u64(to, "change", number);
    if (c->lag_ns != NULL && cells > 0)
        out_real(to, "mean_lag_ns", sum / cells);
    else
        out_null(to, "mean_lag_ns"); /* too many cells and changes to keep every lag */
    out_real(to, "wrong_for_ns", c->last_stale_ns >= 0 ? (double)(c->last_stale_ns - c->at_ns) : 0);
    write_interval(to, "stale_allow_95", c->stale_allow);
    write_interval(to, "stale_deny_95", c->stale_deny);
}

static void write_staleness(out_node *top, const world_result *r)
{
    const world_counts *c = &r->totals;
    uint64_t            decided = output_decided(c);
    out_node           *to = out_object(top, "staleness");
    out_real(to, "outdated_share", share(c->outdated, decided));
    out_real(to, "stale_allow_per_million", share(c->stale_allow, decided) * 1e6);
    out_real(to, "stale_deny_per_million", share(c->stale_deny, decided) * 1e6);
    out_text(
        to, "interval",
        "95 %, of the chance of arrivals alone (Poisson, Byar's approximation): the lag that was drawn is taken as "
        "given");
    out_node *changes = out_array(to, "changes");
    for (uint32_t i = 0; i < r->change_count; i++) write_change(changes, i + 1, &r->changes[i], r->cell_count);
}

str output_analysis(arena *a, const output_run *run)
{
    document *d = document_new_object();
    out_node *top = document_out(d);
    out_text(top, "schema", ORGSIM_ANALYSIS_SCHEMA);
    write_decisions(top, &run->result->totals);
    write_queueing(top, run);
    write_staleness(top, run->result);
    str text = document_print(a, d);
    document_free(d);
    return text;
}
