#include "world/plan.h"

#include <assert.h>
#include <inttypes.h>

#include "engine/transport.h"
#include "world/cell.h"

uint32_t plan_cell_count(const world_plan *plan)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < plan->region_count; i++) count += plan->regions[i].cell_count;
    return count;
}

uint64_t plan_expected(const world_plan *plan)
{
    __extension__ typedef unsigned __int128 u128;
    uint64_t                                expected = 0;
    for (uint32_t i = 0; i < plan->window_count; i++) {
        const world_window *w = &plan->windows[i];
        expected += (uint64_t)((u128)w->rate_num * (uint64_t)w->length_ns / w->rate_den / 1000000000u);
    }
    return expected;
}

static status cells_check(const world_plan *plan, err *e)
{
    uint64_t cells = 0, weights = 0;
    if (plan->region_count == 0) return err_set(e, STATUS_INVALID, "there is no region, expected one or more");
    for (uint32_t i = 0; i < plan->region_count; i++) {
        str name = plan->regions[i].name;
        if (plan->regions[i].cell_count == 0)
            return err_set(e, STATUS_INVALID, "region `%.*s` has no cell, expected one or more", STR_FMT(name));
        cells += plan->regions[i].cell_count;
    }
    if (cells > WORLD_CELLS_MAX)
        return err_set(e, STATUS_LIMIT, "%" PRIu64 " cells, the limit is %u", cells, WORLD_CELLS_MAX);
    for (uint64_t i = 0; i < cells; i++) {
        uint64_t weight = plan->source.cell_weight[i];
        if (weight > WORLD_WEIGHT_MAX - weights)
            return err_set(e, STATUS_LIMIT, "cell weights add up to more than %" PRIu64, WORLD_WEIGHT_MAX);
        weights += weight;
    }
    if (weights == 0) return err_set(e, STATUS_INVALID, "no cell has a weight, so nobody asks anything");
    return STATUS_OK;
}

static status window_check(const world_window *w, int64_t after_ns, uint32_t index, err *e)
{
    if (w->start_ns < after_ns)
        return err_set(e, STATUS_INVALID, "window %u starts at %" PRId64 " ns, expected %" PRId64 " ns or later", index,
                       w->start_ns, after_ns);
    if (w->length_ns <= 0) return err_set(e, STATUS_INVALID, "window %u is empty", index);
    if (w->start_ns > WORLD_TIME_MAX || w->length_ns > WORLD_TIME_MAX - w->start_ns)
        return err_set(e, STATUS_LIMIT, "window %u ends after %" PRId64 " ns", index, WORLD_TIME_MAX);
    if (w->rate_den == 0) return err_set(e, STATUS_INVALID, "window %u: the rate is divided by zero", index);
    if (w->rate_num > WORLD_RATE_TERM_MAX || w->rate_den > WORLD_RATE_TERM_MAX)
        return err_set(e, STATUS_LIMIT, "window %u: a term of the rate is above %" PRIu64, index, WORLD_RATE_TERM_MAX);
    return STATUS_OK;
}

static status steps_check(const world_plan *plan, err *e)
{
    int64_t after_ns = 0;
    for (uint32_t i = 0; i < plan->step_count; i++) {
        int64_t at_ns = plan->steps[i].command.at_ns;
        if (at_ns < after_ns)
            return err_set(e, STATUS_INVALID, "step %u is at %" PRId64 " ns, expected %" PRId64 " ns or later", i,
                           at_ns, after_ns);
        if (at_ns > WORLD_TIME_MAX)
            return err_set(e, STATUS_LIMIT, "step %u is after %" PRId64 " ns", i, WORLD_TIME_MAX);
        after_ns = at_ns;
    }
    return STATUS_OK;
}

status plan_check(const world_plan *plan, const world_options *options, err *e)
{
    int64_t after_ns = 0;
    assert(org_revision(plan->o) == 0);
    assert(options->threads >= 1 && options->threads <= TRANSPORT_THREADS_MAX);
    assert(options->verify == NULL || (options->verify_den > 0 && options->verify_num <= options->verify_den));
    TRY(cells_check(plan, e));
    for (uint32_t i = 0; i < plan->window_count; i++) {
        TRY(window_check(&plan->windows[i], after_ns, i, e));
        after_ns = plan->windows[i].start_ns + plan->windows[i].length_ns;
    }
    TRY(steps_check(plan, e));
    if (plan->epoch_s < 0 || plan->epoch_s > UINT32_MAX - (after_ns / SECOND_NS + 1))
        return err_set(e, STATUS_LIMIT,
                       "requests arrive up to %" PRId64 " s after Unix second %" PRId64
                       ", expected times of 1970 to 2105",
                       after_ns / SECOND_NS, plan->epoch_s);
    if (quantile_max(plan->service_time) > SERVICE_NS_MAX)
        return err_set(e, STATUS_LIMIT, "a service time may be %" PRId64 " ns, the limit is %" PRId64,
                       quantile_max(plan->service_time), SERVICE_NS_MAX);
    if (plan->response_max_ns < 2 || plan->response_max_ns > WORLD_TIME_MAX)
        return err_set(e, STATUS_INVALID,
                       "longest response time to be told apart: %" PRId64 " ns, expected 2 ns or more",
                       plan->response_max_ns);
    return STATUS_OK;
}
