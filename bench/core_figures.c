#include <assert.h>

#include "bench/core_result.h"

/* Goals of the design for the SCP layer on one thread; 0: the world has none. Times are nanoseconds. */
static const struct {
    const char *name, *label;
    core_unit   unit;
    double      large, quota, giant;
    bool        at_least;
} goals[] = {
    {"batch/zipf", "batch of 64, Zipf", CORE_UNIT_NS, 12, 0, 25, false},
    {"batch/uniform", "batch of 64, uniform", CORE_UNIT_NS, 15, 0, 35, false},
    {"batch/unconditional", "batch, no test", CORE_UNIT_NS, 6, 0, 22, false},
    {"batch/tests-1-3", "batch, 1 to 3 tests", CORE_UNIT_NS, 20, 0, 0, false},
    {"batch/tests-4", "batch, 4 tests and more", CORE_UNIT_NS, 50, 0, 0, false},
    {"batch/plain", "Zipf, layers not asked for", CORE_UNIT_NS, 0, 0, 0, false},
    {"ratio/plain", "Zipf asked / not asked", CORE_UNIT_TIMES, 0, 0, 0, false},
    {"batch/identity", "batch, SCP + identity", CORE_UNIT_NS, 0, 0, 0, false},
    {"ratio/identity", "SCP + identity / SCP", CORE_UNIT_TIMES, 1.5, 1.5, 1.5, false},
    {"batch/default", "batch, RCPs, default mix", CORE_UNIT_NS, 0, 0, 0, false},
    {"ratio/default", "default mix / SCP", CORE_UNIT_TIMES, 3, 3, 3, false},
    {"batch/every-layer", "batch, mix every-layer", CORE_UNIT_NS, 0, 0, 0, false},
    {"ratio/every-layer", "every-layer / SCP", CORE_UNIT_TIMES, 3, 3, 3, false},
    {"tax/batch", "harness tax in a batch", CORE_UNIT_NS, 0, 0, 0, false},
    {"one/chain-p50", "one at a time, chains, p50", CORE_UNIT_NS, 30, 0, 300, false},
    {"tax/chain", "harness tax in a chain", CORE_UNIT_NS, 0, 0, 0, false},
    {"one/fenced-p50", "one at a time, fenced, p50", CORE_UNIT_NS, 0, 0, 0, false},
    {"one/fenced-p99", "one at a time, fenced, p99", CORE_UNIT_NS, 350, 0, 900, false},
    {"oracle", "naive oracle", CORE_UNIT_NS, 0, 0, 0, false},
    {"ratio/oracle", "naive oracle / batch", CORE_UNIT_TIMES, 0, 0, 0, false},
    {"explain", "explain, default mix", CORE_UNIT_NS, 5e3, 5e3, 5e3, false},
    {"image/compile", "compile, CPU time", CORE_UNIT_NS, 60e6, 0, 1.5e9, false},
    {"image/bytes-per-account", "image, bytes per account", CORE_UNIT_BYTES, 300, 1200, 200, false},
    {"change/attach-p50", "attach one SCP, CPU, p50", CORE_UNIT_NS, 200e3, 0, 8e6, false},
    {"change/attach-p99", "attach one SCP, CPU, p99", CORE_UNIT_NS, 2e6, 0, 0, false},
    {"change/detach-p50", "detach one SCP, CPU, p50", CORE_UNIT_NS, 200e3, 0, 8e6, false},
    {"change/detach-p99", "detach one SCP, CPU, p99", CORE_UNIT_NS, 2e6, 0, 0, false},
    {"change/update-p50", "update one SCP, CPU, p50", CORE_UNIT_NS, 200e3, 0, 8e6, false},
    {"change/update-p99", "update one SCP, CPU, p99", CORE_UNIT_NS, 2e6, 0, 0, false},
    {"threads/floor", "two threads, memory floor", CORE_UNIT_TIMES, 0, 0, 0, true},
    {"threads/decisions", "two threads, decisions", CORE_UNIT_TIMES, 1.9, 1.9, 1.9, true},
};

core_figure *core_figure_add(core_result *r, const char *name, double value, core_spread spread)
{
    size_t i = 0;
    while (i < COUNTOF(goals) && !str_is(str_of(goals[i].name), name)) i++;
    assert(i < COUNTOF(goals));
    assert(r->figure_count < CORE_FIGURES_MAX);
    double goal = str_is(r->options.world, "large")   ? goals[i].large
                  : str_is(r->options.world, "quota") ? goals[i].quota
                  : str_is(r->options.world, "giant") ? goals[i].giant
                                                      : 0;
    r->figures[r->figure_count] = (core_figure){.name = goals[i].name,
                                                .label = goals[i].label,
                                                .unit = goals[i].unit,
                                                .value = value,
                                                .spread = spread,
                                                .goal = goal,
                                                .at_least = goals[i].at_least};
    return &r->figures[r->figure_count++];
}

core_figure *core_figure_find(const core_result *r, const char *name)
{
    for (uint32_t i = 0; i < r->figure_count; i++)
        if (str_is(str_of(r->figures[i].name), name)) return (core_figure *)&r->figures[i];
    return NULL;
}

bool core_figure_kept(const core_figure *f, double *missed_percent)
{
    assert(f->goal > 0);
    *missed_percent = f->at_least ? (f->goal / f->value - 1) * 100 : (f->value / f->goal - 1) * 100;
    return *missed_percent <= 0;
}
