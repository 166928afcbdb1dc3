/* Who answers and how soon it learns: regions and cells, service time, lag. */
#include "workloads/scenario_read.h"

#define REGIONS_MAX   64u
#define CELLS_MAX     4096u
#define WEIGHT_MAX    1000000u
#define HOUR_NS       (INT64_C(3600) * 1000000000)
#define LAG_HOURS     (365 * 24)
#define SERVICE_HOURS 19 /* world runs none of 2^46 ns or longer */

/* ---- a distribution of times ---- */

static status read_exponential(scenario_reader *r, const node *n, quantile **out, str *text)
{
    static const char *const members[] = {"mean"};
    const node              *mean;
    int64_t                  ns;
    TRY(node_only(r->d, n, members, COUNTOF(members), r->e));
    TRY(node_need(r->d, n, "mean", &mean, r->e));
    TRY(node_time_ns(r->d, mean, &ns, r->e));
    str time = time_text(r->a, ns);
    *text = arena_format(r->a, "exponential, mean %.*s", STR_FMT(time));
    err why = {0};
    return quantile_exponential(r->a, ns, out, &why) == STATUS_OK ? STATUS_OK : error_at(r, n, &why);
}

static status read_lognormal(scenario_reader *r, const node *n, quantile **out, str *text)
{
    static const char *const members[] = {"median", "sigma"};
    const node              *median, *sigma;
    int64_t                  ns;
    uint64_t                 num, den;
    str                      sigma_text;
    place                    at;
    TRY(node_only(r->d, n, members, COUNTOF(members), r->e));
    TRY(node_need(r->d, n, "median", &median, r->e));
    TRY(node_need(r->d, n, "sigma", &sigma, r->e));
    TRY(node_time_ns(r->d, median, &ns, r->e));
    TRY(node_ratio(r->d, sigma, &num, &den, r->e));
    if (node_kind_of(sigma) == NODE_STRING)
        TRY(node_string(r->d, sigma, &sigma_text, r->e));
    else
        TRY(node_source_text(r->d, sigma, &sigma_text, &at, r->e));
    str time = time_text(r->a, ns);
    *text = arena_format(r->a, "log-normal, median %.*s, sigma %.*s", STR_FMT(time), STR_FMT(sigma_text));
    err why = {0};
    return quantile_lognormal(r->a, ns, num, den, out, &why) == STATUS_OK ? STATUS_OK : error_at(r, n, &why);
}

/* `orgsim.quantile/1`: {"schema", "source", "knots": [{"p": "1/2", "value": "18us"}, …]}. */
static status read_knots(scenario_reader *r, const document *d, quantile **out, err *e)
{
    static const char *const members[] = {"schema", "source", "knots"}, *const knot_members[] = {"p", "value"};
    const node *knots;
    TRY(need_schema(d, "orgsim.quantile/1", e));
    TRY(node_only(d, document_root(d), members, COUNTOF(members), e));
    TRY(node_need(d, document_root(d), "knots", &knots, e));
    TRY(node_array(d, knots, e));
    if (node_count(knots) > QUANTILE_KNOTS_MAX)
        return node_error(d, knots, e, STATUS_LIMIT, "%zu knots, the limit is %u", node_count(knots),
                          QUANTILE_KNOTS_MAX);
    quantile_knot *items = ARENA_NEW(r->a, quantile_knot, node_count(knots));
    for (size_t i = 0; i < node_count(knots); i++) {
        const node *knot = node_at(knots, i), *p, *value;
        TRY(node_object(d, knot, e));
        TRY(node_only(d, knot, knot_members, COUNTOF(knot_members), e));
        TRY(node_need(d, knot, "p", &p, e));
        TRY(node_need(d, knot, "value", &value, e));
        TRY(node_ratio(d, p, &items[i].p_num, &items[i].p_den, e));
        TRY(node_time_ns(d, value, &items[i].value, e));
    }
    err why = {0};
    if (quantile_empirical(r->a, items, (uint32_t)node_count(knots), out, &why) == STATUS_OK) return STATUS_OK;
    return node_error(d, knots, e, why.code, "%s", why.text);
}

static status read_quantile_file(scenario_reader *r, const node *n, quantile **out, str *text)
{
    str           path;
    const source *in;
    document     *d;
    TRY(read_text(r, n, 4096, &path));
    if (!str_ends(path, STR(".json")))
        return node_error(r->d, n, r->e, STATUS_INVALID, "`%.*s`, expected the path of a `.json` file", STR_FMT(path));
    err why = {0};
    /* Beside the file that names it: the scenario or a preset. */
    if (data_text(r->a, DATA_SCENARIO, path, document_place(r->d, n).in->name, &in, &why) != STATUS_OK)
        return error_at(r, n, &why);
    TRY(document_parse(r->a, in, &d, r->e));
    status s = read_knots(r, d, out, r->e);
    document_free(d);
    TRY(s);
    *text = arena_format(r->a, "quantiles of `%.*s`", STR_FMT(path));
    file_note(r, "quantiles", path, in);
    return STATUS_OK;
}

/* "20us", {"constant"}, {"exponential"}, {"lognormal"} or {"file"}. */
static status read_times(scenario_reader *r, const node *n, int64_t hours_max, quantile **out, str *text)
{
    static const char *const models[] = {"constant", "exponential", "lognormal", "file"};
    const node              *model = n;
    int64_t                  ns;
    str                      name = STR("constant");
    if (node_kind_of(n) == NODE_OBJECT) {
        TRY(node_only(r->d, n, models, COUNTOF(models), r->e));
        if (node_count(n) != 1)
            return node_error(r->d, n, r->e, STATUS_INVALID,
                              "%zu models of times, expected one of `constant`, `exponential`, `lognormal` and `file`",
                              node_count(n));
        model = node_at(n, 0);
        name = node_name(model);
    }
    if (str_is(name, "file")) {
        TRY(read_quantile_file(r, model, out, text));
    } else if (str_is(name, "constant")) {
        err why = {0};
        TRY(node_time_ns(r->d, model, &ns, r->e));
        str time = time_text(r->a, ns);
        *text = arena_format(r->a, "constant, %.*s", STR_FMT(time));
        if (quantile_constant(r->a, ns, out, &why) != STATUS_OK) return error_at(r, model, &why);
    } else {
        TRY(node_object(r->d, model, r->e));
        TRY(str_is(name, "exponential") ? read_exponential(r, model, out, text) : read_lognormal(r, model, out, text));
    }
    if (quantile_max(*out) <= hours_max * HOUR_NS) return STATUS_OK;
    return node_error(r->d, model, r->e, STATUS_LIMIT, "these times reach %.*s, the limit is %lld hours",
                      STR_FMT(time_text(r->a, quantile_max(*out))), (long long)hours_max);
}

/* ---- evaluators ---- */

static status read_region(scenario_reader *r, const node *n, const generate_region *before, size_t count,
                          generate_region *out)
{
    static const char *const members[] = {"name", "cells", "weight"};
    const node              *name, *cells;
    uint32_t                 weight = 1;
    TRY(node_object(r->d, n, r->e));
    TRY(node_only(r->d, n, members, COUNTOF(members), r->e));
    TRY(node_need(r->d, n, "name", &name, r->e));
    TRY(node_need(r->d, n, "cells", &cells, r->e));
    TRY(read_text(r, name, SCENARIO_NAME_MAX, &out->base.name));
    TRY(read_count(r, cells, 1, CELLS_MAX, &out->base.cell_count));
    if (node_get(n, "weight") != NULL) TRY(read_count(r, node_get(n, "weight"), 0, WEIGHT_MAX, &weight));
    out->weight = weight;
    if (!plain_name(out->base.name))
        return node_error(r->d, name, r->e, STATUS_INVALID, "region `%.*s`, expected letters, digits, `-`, `_` and `.`",
                          STR_FMT(out->base.name));
    for (size_t i = 0; i < count; i++)
        if (str_eq(before[i].base.name, out->base.name))
            return node_error(r->d, name, r->e, STATUS_INVALID, "region `%.*s` is there twice",
                              STR_FMT(out->base.name));
    return STATUS_OK;
}

status read_evaluators(scenario_reader *r, const node *n)
{
    static const char *const members[] = {"regions", "service_time"};
    const node              *regions, *service;
    quantile                *times = NULL;
    TRY(node_object(r->d, n, r->e));
    TRY(node_only(r->d, n, members, COUNTOF(members), r->e));
    TRY(node_need(r->d, n, "regions", &regions, r->e));
    TRY(node_need(r->d, n, "service_time", &service, r->e));
    TRY(node_array(r->d, regions, r->e));
    size_t count = node_count(regions);
    if (count == 0 || count > REGIONS_MAX)
        return node_error(r->d, regions, r->e, STATUS_INVALID, "%zu regions, expected 1 to %u", count, REGIONS_MAX);
    generate_region *made = ARENA_NEW(r->a, generate_region, count);
    world_region    *plain = ARENA_NEW(r->a, world_region, count);
    uint64_t         weight = 0, cells = 0;
    for (size_t i = 0; i < count; i++) {
        TRY(read_region(r, node_at(regions, i), made, i, &made[i]));
        plain[i] = made[i].base;
        weight += made[i].weight;
        cells += made[i].base.cell_count;
    }
    if (weight == 0) return node_error(r->d, regions, r->e, STATUS_INVALID, "the weights of the regions are all zero");
    if (cells > WORLD_CELLS_MAX)
        return node_error(r->d, regions, r->e, STATUS_LIMIT, "%llu cells, the limit is %u", (unsigned long long)cells,
                          WORLD_CELLS_MAX);
    TRY(read_times(r, service, SERVICE_HOURS, &times, &r->s->service_model));
    r->regions = made;
    r->s->plan.regions = plain;
    r->s->plan.region_count = (uint32_t)count;
    r->s->plan.service_time = times;
    return STATUS_OK;
}

/* ---- propagation ---- */

static status read_model_of(scenario_reader *r, const document *d, const node *n, quantile **out, str *text)
{
    const document *file = r->d;
    r->d = d; /* places are in that file */
    status s = read_times(r, n, LAG_HOURS, out, text);
    r->d = file;
    return s;
}

/* Texts outlive the file's document. */
static status read_origin_text(scenario_reader *r, const document *d, const char *name, str *out)
{
    const node *n = node_get(document_root(d), name);
    str         text;
    if (n == NULL) return STATUS_OK;
    TRY(node_string(d, n, &text, r->e));
    *out = arena_str(r->a, text);
    return STATUS_OK;
}

status read_origin(scenario_reader *r, const document *d, str *source_text, str *confidence)
{
    TRY(read_origin_text(r, d, "source", source_text));
    return read_origin_text(r, d, "confidence", confidence);
}

static status read_preset(scenario_reader *r, const node *n, quantile **out)
{
    static const char *const members[] = {"schema", "name", "date", "source", "confidence", "model"};
    const node              *model;
    const source            *in;
    document                *d;
    str                      name, text;
    err                      why = {0};
    TRY(read_text(r, n, 4096, &name));
    if (data_text(r->a, DATA_PROPAGATION, name, r->s->path, &in, &why) != STATUS_OK) return error_at(r, n, &why);
    TRY(document_parse(r->a, in, &d, r->e));
    status s = need_schema(d, "orgsim.propagation/1", r->e);
    if (s == STATUS_OK) s = node_only(d, document_root(d), members, COUNTOF(members), r->e);
    if (s == STATUS_OK) s = node_need(d, document_root(d), "model", &model, r->e);
    if (s == STATUS_OK) s = read_model_of(r, d, model, out, &text);
    if (s == STATUS_OK) s = read_origin(r, d, &r->s->lag_source, &r->s->lag_confidence);
    document_free(d);
    TRY(s);
    r->s->lag_model = arena_format(r->a, "%.*s (%.*s)", STR_FMT(name), STR_FMT(text));
    file_note(r, data_kind_name(DATA_PROPAGATION), name, in);
    return STATUS_OK;
}

status read_propagation(scenario_reader *r, const node *n)
{
    static const char *const members[] = {"preset", "model", "order", "control"};
    str                      order = STR("fifo");
    quantile                *lag = NULL;
    int64_t                  control_ns = 0;
    TRY(node_object(r->d, n, r->e));
    TRY(node_only(r->d, n, members, COUNTOF(members), r->e));
    const node *preset = node_get(n, "preset"), *model = node_get(n, "model"), *control_lag = node_get(n, "control");
    TRY(need_either(r, n, "preset", "model"));
    TRY(read_optional_text(r, node_get(n, "order"), 16, &order));
    if (!str_is(order, "fifo"))
        return node_error(r->d, node_get(n, "order"), r->e, STATUS_INVALID,
                          str_is(order, "none") ? "order `%.*s` is not supported yet, expected `fifo`"
                                                : "unknown order `%.*s`, expected `fifo`",
                          STR_FMT(order));
    if (control_lag != NULL) TRY(node_time_ns(r->d, control_lag, &control_ns, r->e));
    if (control_ns != 0)
        return node_error(r->d, control_lag, r->e, STATUS_INVALID,
                          "a lag of the control plane is not supported yet, expected `0s`");
    if (preset != NULL)
        TRY(read_preset(r, preset, &lag));
    else
        TRY(read_times(r, model, LAG_HOURS, &lag, &r->s->lag_model));
    r->s->plan.lag = lag;
    return STATUS_OK;
}
