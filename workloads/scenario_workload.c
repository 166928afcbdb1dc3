/* Windows of arrivals, in the words of k6: a window runs one scenario, a scenario has an executor, a rate and a mix. */
#include "workloads/scenario_read.h"

#define WINDOWS_MAX    4096u
#define SCENARIOS_MAX  256u
#define REQUESTS_MAX   UINT64_C(1000000000000) /* of a run: days of computing */
#define RATE_MAX       UINT64_C(100000000000)  /* per second */
#define RESPONSE_MAX_S INT64_C(86400)

__extension__ typedef unsigned __int128 u128;

static u128 gcd(u128 a, u128 b)
{
    while (b != 0) {
        u128 rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static status read_rate(scenario_reader *r, const node *n, scenario_arrivals *out)
{
    const node *rate;
    uint64_t    num, den;
    int64_t     unit_ns = 1000000000;
    TRY(node_need(r->d, n, "rate", &rate, r->e));
    TRY(node_ratio(r->d, rate, &num, &den, r->e));
    const node *unit = node_get(n, "timeUnit");
    if (unit != NULL) TRY(node_time_ns(r->d, unit, &unit_ns, r->e));
    if (unit_ns == 0) return node_error(r->d, unit, r->e, STATUS_INVALID, "`timeUnit` is zero, expected a time");
    if (num == 0) return node_error(r->d, rate, r->e, STATUS_INVALID, "rate is zero, expected more");
    u128 top = (u128)num * 1000000000u, bottom = (u128)den * (uint64_t)unit_ns, common = gcd(top, bottom);
    top /= common;
    bottom /= common;
    if (top / bottom > RATE_MAX || (top / bottom == RATE_MAX && top % bottom > 0))
        return node_error(r->d, rate, r->e, STATUS_LIMIT, "rate is above the limit of %llu requests per second",
                          (unsigned long long)RATE_MAX);
    if (top > WORLD_RATE_TERM_MAX || bottom > WORLD_RATE_TERM_MAX)
        return node_error(r->d, rate, r->e, STATUS_LIMIT,
                          "rate per second is a ratio of numbers above 2^40, expected a simpler one");
    out->rate_num = (uint64_t)top;
    out->rate_den = (uint64_t)bottom;
    return STATUS_OK;
}

static status read_arrivals(scenario_reader *r, const node *n, scenario_arrivals *out)
{
    static const char *const members[] = {"executor", "arrival", "rate", "timeUnit", "mix"};
    const node              *executor;
    str                      text = {0};
    out->name = node_name(n);
    TRY(node_object(r->d, n, r->e));
    TRY(node_only(r->d, n, members, COUNTOF(members), r->e));
    TRY(node_need(r->d, n, "executor", &executor, r->e));
    TRY(node_string(r->d, executor, &text, r->e));
    if (!str_is(text, "constant-arrival-rate"))
        return node_error(r->d, executor, r->e, STATUS_INVALID,
                          "executor `%.*s` is not supported, expected `constant-arrival-rate`", STR_FMT(text));
    text = STR("poisson");
    TRY(read_optional_text(r, node_get(n, "arrival"), 64, &text));
    if (!str_is(text, "poisson") && !str_is(text, "constant"))
        return node_error(r->d, node_get(n, "arrival"), r->e, STATUS_INVALID,
                          "unknown arrival `%.*s`, expected `poisson` or `constant`", STR_FMT(text));
    out->arrival = str_is(text, "poisson") ? WORLD_POISSON : WORLD_CONSTANT;
    TRY(read_rate(r, n, out));
    out->mix_name = STR("default");
    out->mix_node = node_get(n, "mix") != NULL ? node_get(n, "mix") : n;
    return read_optional_text(r, node_get(n, "mix"), 64, &out->mix_name);
}

static status find_arrivals(scenario_reader *r, const node *n, const scenario_arrivals *known, size_t count,
                            world_window *out)
{
    str name, names[SCENARIOS_MAX];
    TRY(node_string(r->d, n, &name, r->e));
    for (size_t i = 0; i < count; i++) {
        names[i] = known[i].name;
        if (!str_eq(name, known[i].name)) continue;
        out->arrival = known[i].arrival;
        out->rate_num = known[i].rate_num;
        out->rate_den = known[i].rate_den;
        out->mix = (uint32_t)i;
        out->name = known[i].name;
        return STATUS_OK;
    }
    str near = str_nearest(name, names, count);
    if (near.ptr != NULL)
        return node_error(r->d, n, r->e, STATUS_INVALID, "unknown scenario `%.*s`, did you mean `%.*s`?", STR_FMT(name),
                          STR_FMT(near));
    return node_error(r->d, n, r->e, STATUS_INVALID, "unknown scenario `%.*s`, expected one of `workload/scenarios`",
                      STR_FMT(name));
}

static status read_window(scenario_reader *r, const node *n, int64_t free_ns, const scenario_arrivals *known,
                          size_t count, world_window *out)
{
    static const char *const members[] = {"start", "duration", "scenario"};
    const node              *start, *duration, *name;
    TRY(node_object(r->d, n, r->e));
    TRY(node_only(r->d, n, members, COUNTOF(members), r->e));
    TRY(node_need(r->d, n, "start", &start, r->e));
    TRY(node_need(r->d, n, "duration", &duration, r->e));
    TRY(node_need(r->d, n, "scenario", &name, r->e));
    TRY(node_time_ns(r->d, start, &out->start_ns, r->e));
    TRY(node_time_ns(r->d, duration, &out->length_ns, r->e));
    if (out->length_ns == 0)
        return node_error(r->d, duration, r->e, STATUS_INVALID, "`duration` is zero, expected a time");
    if (out->start_ns < free_ns)
        return node_error(r->d, start, r->e, STATUS_INVALID, "window starts at %.*s, before the one above ends at %.*s",
                          STR_FMT(time_text(r->a, out->start_ns)), STR_FMT(time_text(r->a, free_ns)));
    if (out->start_ns > WORLD_TIME_MAX || out->length_ns > WORLD_TIME_MAX - out->start_ns)
        return node_error(r->d, duration, r->e, STATUS_LIMIT, "window ends after more than 36 years");
    return find_arrivals(r, name, known, count, out);
}

status read_workload(scenario_reader *r, const node *n)
{
    static const char *const members[] = {"windows", "scenarios"};
    const node              *windows, *scenarios;
    TRY(node_object(r->d, n, r->e));
    TRY(node_only(r->d, n, members, COUNTOF(members), r->e));
    TRY(node_need(r->d, n, "scenarios", &scenarios, r->e));
    TRY(node_need(r->d, n, "windows", &windows, r->e));
    TRY(node_object(r->d, scenarios, r->e));
    TRY(node_array(r->d, windows, r->e));
    size_t known_count = node_count(scenarios), count = node_count(windows);
    if (known_count == 0 || known_count > SCENARIOS_MAX)
        return node_error(r->d, scenarios, r->e, STATUS_INVALID, "%zu scenarios, expected 1 to %u", known_count,
                          SCENARIOS_MAX);
    if (count == 0 || count > WINDOWS_MAX)
        return node_error(r->d, windows, r->e, STATUS_INVALID, "%zu windows, expected 1 to %u", count, WINDOWS_MAX);
    scenario_arrivals *known = ARENA_NEW(r->a, scenario_arrivals, known_count);
    world_window      *out = ARENA_NEW(r->a, world_window, count);
    int64_t            free_ns = 0;
    u128               expected = 0;
    for (size_t i = 0; i < known_count; i++) TRY(read_arrivals(r, node_at(scenarios, i), &known[i]));
    for (size_t i = 0; i < count; i++) {
        TRY(read_window(r, node_at(windows, i), free_ns, known, known_count, &out[i]));
        free_ns = out[i].start_ns + out[i].length_ns;
        expected += (u128)out[i].rate_num * (uint64_t)out[i].length_ns / 1000000000u / out[i].rate_den;
        if (expected > REQUESTS_MAX)
            return node_error(r->d, node_at(windows, i), r->e, STATUS_LIMIT,
                              "more than %llu requests up to the end of this window", (unsigned long long)REQUESTS_MAX);
    }
    r->arrivals = known;
    r->arrivals_count = known_count;
    r->windows = out;
    r->s->plan.windows = out;
    r->s->plan.window_count = (uint32_t)count;
    return STATUS_OK;
}

status read_mixes(scenario_reader *r)
{
    err why = {0};
    for (size_t i = 0; i < r->arrivals_count; i++) {
        scenario_arrivals *known = &r->arrivals[i];
        if (profile_mix_find(r->s->profile, known->mix_name, &known->mix, &why) != STATUS_OK)
            return error_at(r, known->mix_node, &why);
    }
    for (uint32_t i = 0; i < r->s->plan.window_count; i++) r->windows[i].mix = r->arrivals[r->windows[i].mix].mix;
    return STATUS_OK;
}

status read_measure(scenario_reader *r, const node *n)
{
    static const char *const members[] = {"response_max"};
    r->s->plan.response_max_ns = INT64_C(60000000000);
    if (n == NULL) return STATUS_OK;
    TRY(node_object(r->d, n, r->e));
    TRY(node_only(r->d, n, members, COUNTOF(members), r->e));
    const node *most = node_get(n, "response_max");
    if (most == NULL) return STATUS_OK;
    TRY(node_time_ns(r->d, most, &r->s->plan.response_max_ns, r->e));
    if (r->s->plan.response_max_ns >= 1000000 && r->s->plan.response_max_ns <= RESPONSE_MAX_S * 1000000000)
        return STATUS_OK;
    return node_error(r->d, most, r->e, STATUS_INVALID, "`response_max` is %.*s, expected 1 ms to 1 day",
                      STR_FMT(time_text(r->a, r->s->plan.response_max_ns)));
}
