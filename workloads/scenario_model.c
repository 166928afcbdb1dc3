/* Who answers and how soon it learns: regions and cells, service time, lag. */
#include "workloads/scenario_read.h"

#define REGIONS_MAX 64u
#define CELLS_MAX   4096u
#define WEIGHT_MAX  1000000u
#define TIME_MAX_NS (INT64_C(365) * 86400 * 1000000000)

/* ---- a distribution of times ---- */

/* `3.5 s`, `112 us`: exact, in the largest unit that is no larger. */
static str time_text(arena *a, int64_t ns)
{
    static const struct {
        const char *unit;
        int64_t     ns;
    } units[] = {{"s", 1000000000}, {"ms", 1000000}, {"us", 1000}, {"ns", 1}};
    size_t u = 0;
    while (u + 1 < COUNTOF(units) && ns < units[u].ns) u++;
    str text = arena_format(a, "%lld.%09lld", (long long)(ns / units[u].ns),
                            (long long)(ns % units[u].ns * (1000000000 / units[u].ns)));
    while (str_ends(text, STR("0"))) text.len--;
    if (str_ends(text, STR("."))) text.len--;
    return arena_format(a, "%.*s %s", STR_FMT(text), units[u].unit);
}

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
    TRY(node_only(r->d, n, members, COUNTOF(members), r->e));
    TRY(node_need(r->d, n, "median", &median, r->e));
    TRY(node_need(r->d, n, "sigma", &sigma, r->e));
    TRY(node_time_ns(r->d, median, &ns, r->e));
    TRY(node_ratio(r->d, sigma, &num, &den, r->e));
    str time = time_text(r->a, ns);
    *text = arena_format(r->a, "log-normal, median %.*s, sigma %llu/%llu", STR_FMT(time), (unsigned long long)num,
                         (unsigned long long)den);
    err why = {0};
    return quantile_lognormal(r->a, ns, num, den, out, &why) == STATUS_OK ? STATUS_OK : error_at(r, n, &why);
}

/* `orgsim.quantile/1`: {"schema", "source", "knots": [{"p": "1/2", "value": "18us"}, …]}. */
static status read_knots(scenario_reader *r, const document *d, quantile **out, err *e)
{
    static const char *const members[] = {"schema", "source", "knots"}, *const knot_members[] = {"p", "value"};
    const node *schema, *knots;
    str         text;
    TRY(node_object(d, document_root(d), e));
    TRY(node_only(d, document_root(d), members, COUNTOF(members), e));
    TRY(node_need(d, document_root(d), "schema", &schema, e));
    TRY(node_need(d, document_root(d), "knots", &knots, e));
    TRY(node_string(d, schema, &text, e));
    if (!str_is(text, "orgsim.quantile/1"))
        return node_error(d, schema, e, STATUS_INVALID, "schema is `%.*s`, expected `orgsim.quantile/1`",
                          STR_FMT(text));
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
    if (data_text(r->a, DATA_SCENARIO, path, r->s->path, &in, &why) != STATUS_OK) return error_at(r, n, &why);
    TRY(document_parse(r->a, in, &d, r->e));
    status s = read_knots(r, d, out, r->e);
    document_free(d);
    TRY(s);
    *text = arena_format(r->a, "quantiles of `%.*s`", STR_FMT(path));
    return file_note(r, "quantiles", path, in);
}

/* "20us", {"constant"}, {"exponential"}, {"lognormal"} or {"file"}. */
static status read_times(scenario_reader *r, const node *n, quantile **out, str *text)
{
    static const char *const models[] = {"constant", "exponential", "lognormal", "file"};
    const node              *model = n;
    int64_t                  ns;
    str                      name = STR("constant");
    if (node_kind_of(n) == NODE_OBJECT) {
        TRY(node_only(r->d, n, models, COUNTOF(models), r->e));
        if (node_count(n) != 1)
            return node_error(r->d, n, r->e, STATUS_INVALID,
                              "expected one of `constant`, `exponential`, `lognormal` and `file`");
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
    if (quantile_max(*out) > TIME_MAX_NS)
        return node_error(r->d, model, r->e, STATUS_LIMIT, "times of more than a year");
    return STATUS_OK;
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
    TRY(read_times(r, service, &times, &r->s->service_model));
    r->regions = made;
    r->s->plan.regions = plain;
    r->s->plan.region_count = (uint32_t)count;
    r->s->plan.service_time = times;
    return STATUS_OK;
}

/* ---- propagation ---- */

static status read_model_of(scenario_reader *r, const document *d, const node *n, quantile **out, str *text)
{
    scenario_reader inside = *r; /* its places are in another file */
    inside.d = d;
    status s = read_times(&inside, n, out, text);
    r->file_count = inside.file_count;
    memcpy(r->files, inside.files, sizeof r->files);
    return s;
}

static status read_preset(scenario_reader *r, const node *n, quantile **out)
{
    static const char *const members[] = {"schema", "name", "date", "source", "confidence", "model"};
    const node              *schema, *model;
    const source            *in;
    document                *d;
    str                      name, text;
    err                      why = {0};
    TRY(read_text(r, n, 4096, &name));
    if (data_text(r->a, DATA_PROPAGATION, name, r->s->path, &in, &why) != STATUS_OK) return error_at(r, n, &why);
    TRY(document_parse(r->a, in, &d, r->e));
    status s = node_only(d, document_root(d), members, COUNTOF(members), r->e);
    if (s == STATUS_OK) s = node_need(d, document_root(d), "schema", &schema, r->e);
    if (s == STATUS_OK) s = node_string(d, schema, &text, r->e);
    if (s == STATUS_OK && !str_is(text, "orgsim.propagation/1"))
        s = node_error(d, schema, r->e, STATUS_INVALID, "schema is `%.*s`, expected `orgsim.propagation/1`",
                       STR_FMT(text));
    if (s == STATUS_OK) s = node_need(d, document_root(d), "model", &model, r->e);
    if (s == STATUS_OK) s = read_model_of(r, d, model, out, &text);
    document_free(d);
    TRY(s);
    r->s->lag_model = arena_format(r->a, "%.*s (%.*s)", STR_FMT(name), STR_FMT(text));
    return file_note(r, data_kind_name(DATA_PROPAGATION), name, in);
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
    if ((preset == NULL) == (model == NULL))
        return node_error(r->d, n, r->e, STATUS_INVALID, "expected either `preset` or `model`");
    TRY(read_optional_text(r, node_get(n, "order"), 16, &order));
    if (!str_is(order, "fifo"))
        return node_error(r->d, node_get(n, "order"), r->e, STATUS_INVALID,
                          "order `%.*s` is not supported yet, expected `fifo`", STR_FMT(order));
    if (control_lag != NULL) TRY(node_time_ns(r->d, control_lag, &control_ns, r->e));
    if (control_ns != 0)
        return node_error(r->d, control_lag, r->e, STATUS_INVALID,
                          "a lag of the control plane is not supported yet, expected `0s`");
    if (preset != NULL)
        TRY(read_preset(r, preset, &lag));
    else
        TRY(read_times(r, model, &lag, &r->s->lag_model));
    r->s->plan.lag = lag;
    return STATUS_OK;
}
