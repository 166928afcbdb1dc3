#include "world/merge.h"

#include <assert.h>
#include <inttypes.h>

#define HIST_DIGITS   3
#define DECIDE_MAX_NS INT64_C(1000000000) /* of one decision, measured */

hist *merge_hist_times(arena *a, const world_plan *plan)
{
    return hist_new(a, 1, plan->response_max_ns, HIST_DIGITS);
}

hist *merge_hist_decide(arena *a)
{
    return hist_new(a, 1, DECIDE_MAX_NS, HIST_DIGITS);
}

/* ---- sums ---- */

static void counts_add(world_counts *to, const world_counts *from)
{
    to->attempts += from->attempts;
    to->allowed += from->allowed;
    to->implicitly_denied += from->implicitly_denied;
    to->explicitly_denied += from->explicitly_denied;
    to->shed += from->shed;
    to->timed_out += from->timed_out;
    to->unfinished += from->unfinished;
    for (uint32_t kind = 0; kind < 2; kind++)
        for (uint32_t layer = 0; layer < WORLD_LAYERS; layer++)
            for (uint32_t level = 0; level < ORG_CHAIN_MAX; level++)
                to->denied_at[kind][layer][level] += from->denied_at[kind][layer][level];
    to->outdated += from->outdated;
    to->stale_allow += from->stale_allow;
    to->stale_deny += from->stale_deny;
    to->stale_neutral += from->stale_neutral;
    to->verified += from->verified;
    to->doubtful += from->doubtful;
    for (uint32_t kind = 0; kind < DIAGNOSTIC_COUNT; kind++) to->doubts[kind] += from->doubts[kind];
    to->mismatched += from->mismatched;
    to->busy_ns += from->busy_ns;
    if (from->finish_ns > to->finish_ns) to->finish_ns = from->finish_ns;
}

static void charges_merge(const stage *s, world_result *out)
{
    for (uint32_t r = 1; r <= s->log->revision_last; r++) {
        world_change *change = &out->changes[s->log->step[r]];
        charge        sum = {.first_ns = TIME_END, .last_ns = TIME_BEGIN};
        for (uint32_t i = 0; i < s->worker_count; i++) {
            const charge *c = &s->workers[i].charges[r];
            sum.stale_allow += c->stale_allow;
            sum.stale_deny += c->stale_deny;
            sum.stale_neutral += c->stale_neutral;
            if (c->first_ns < sum.first_ns) sum.first_ns = c->first_ns;
            if (c->last_ns > sum.last_ns) sum.last_ns = c->last_ns;
        }
        change->stale_allow = sum.stale_allow;
        change->stale_deny = sum.stale_deny;
        change->stale_neutral = sum.stale_neutral;
        if (sum.stale_allow + sum.stale_deny == 0) continue;
        change->first_stale_ns = sum.first_ns;
        change->last_stale_ns = sum.last_ns;
    }
}

static void bins_merge(const stage *s, world_result *out)
{
    for (uint32_t i = 0; i < s->worker_count; i++) {
        for (uint32_t k = 0; k < WORLD_BINS; k++) {
            const world_bin *from = &s->workers[i].bins[k];
            world_bin       *to = &out->bins[k];
            to->decisions += from->decisions;
            to->allowed += from->allowed;
            to->denied += from->denied;
            to->outdated += from->outdated;
            to->stale_allow += from->stale_allow;
            to->stale_deny += from->stale_deny;
        }
    }
    out->bin_ns = s->bin_ns;
    out->bins_start_ns = s->bins_start_ns;
}

static void hists_merge(arena *a, const stage *s, world_result *out)
{
    uint32_t     regions = s->plan->region_count;
    hist        *response = merge_hist_times(a, s->plan), *waiting = merge_hist_times(a, s->plan);
    hist        *decide = s->options->clock_ns == NULL ? NULL : merge_hist_decide(a);
    const hist **by_region = ARENA_NEW(a, const hist *, regions);
    for (uint32_t k = 0; k < regions; k++) {
        hist *one = merge_hist_times(a, s->plan);
        for (uint32_t i = 0; i < s->worker_count; i++) hist_merge(one, s->workers[i].response[k]);
        hist_merge(response, one);
        by_region[k] = one;
    }
    for (uint32_t i = 0; i < s->worker_count; i++) {
        hist_merge(waiting, s->workers[i].waiting);
        if (decide != NULL) hist_merge(decide, s->workers[i].decide);
    }
    out->response_ns = response;
    out->waiting_ns = waiting;
    out->region_response_ns = by_region;
    out->decide_ns = decide;
}

void merge_result(arena *a, const stage *s, world_result *out)
{
    digest_state *all = digest_new();
    out->cells = ARENA_NEW(a, world_cell, s->cell_count);
    out->cell_count = s->cell_count;
    for (uint32_t i = 0; i < s->cell_count; i++) {
        const cell *c = &s->cells[i];
        out->cells[i] = (world_cell){c->region, c->counts, digest_value(c->digest)};
        counts_add(&out->totals, &c->counts);
        digest_u64(all, out->cells[i].digest.low);
        digest_u64(all, out->cells[i].digest.high);
    }
    digest audit = control_digest(s->plan->c);
    digest_u64(all, audit.low);
    digest_u64(all, audit.high);
    out->digest = digest_value(all);
    digest_free(all);
    charges_merge(s, out);
    bins_merge(s, out);
    hists_merge(a, s, out);
}

/* ---- conservation ---- */

static status equal(uint64_t a, uint64_t b, const char *law, err *e)
{
    if (a == b) return STATUS_OK;
    return err_set(e, STATUS_INTERNAL, "%s: %" PRIu64 " and %" PRIu64, law, a, b);
}

static status counts_check(const world_counts *c, err *e)
{
    uint64_t denied[2] = {0};
    for (uint32_t kind = 0; kind < 2; kind++)
        for (uint32_t layer = 0; layer < WORLD_LAYERS; layer++)
            for (uint32_t level = 0; level < ORG_CHAIN_MAX; level++) denied[kind] += c->denied_at[kind][layer][level];
    TRY(equal(c->attempts,
              c->allowed + c->implicitly_denied + c->explicitly_denied + c->shed + c->timed_out + c->unfinished,
              "attempts are not the sum of outcomes", e));
    TRY(equal(c->implicitly_denied, denied[0], "implicit denials are not the sum over levels", e));
    TRY(equal(c->explicitly_denied, denied[1], "explicit denials are not the sum over levels", e));
    return equal(c->outdated, c->stale_allow + c->stale_deny + c->stale_neutral,
                 "outdated decisions are not the sum of their kinds", e);
}

static status charges_check(const world_result *r, err *e)
{
    uint64_t allow = 0, deny = 0, neutral = 0;
    for (uint32_t i = 0; i < r->change_count; i++) {
        allow += r->changes[i].stale_allow;
        deny += r->changes[i].stale_deny;
        neutral += r->changes[i].stale_neutral;
    }
    TRY(equal(allow, r->totals.stale_allow, "stale-allow is not the sum over changes", e));
    TRY(equal(deny, r->totals.stale_deny, "stale-deny is not the sum over changes", e));
    return equal(neutral, r->totals.stale_neutral, "stale-neutral is not the sum over changes", e);
}

static status bins_check(const world_result *r, err *e)
{
    world_bin sum = {0};
    for (uint32_t i = 0; i < WORLD_BINS; i++) {
        sum.decisions += r->bins[i].decisions;
        sum.allowed += r->bins[i].allowed;
        sum.denied += r->bins[i].denied;
        sum.outdated += r->bins[i].outdated;
        sum.stale_allow += r->bins[i].stale_allow;
        sum.stale_deny += r->bins[i].stale_deny;
    }
    TRY(equal(sum.decisions, r->totals.attempts, "decisions by time are not the attempts", e));
    TRY(equal(sum.allowed, r->totals.allowed, "allowed by time are not those allowed", e));
    TRY(equal(sum.denied, r->totals.implicitly_denied + r->totals.explicitly_denied,
              "denied by time are not those denied", e));
    TRY(equal(sum.outdated, r->totals.outdated, "outdated by time are not those outdated", e));
    TRY(equal(sum.stale_allow, r->totals.stale_allow, "stale-allow by time is not the total", e));
    return equal(sum.stale_deny, r->totals.stale_deny, "stale-deny by time is not the total", e);
}

status merge_check(const stage *s, const world_result *r, err *e)
{
    for (uint32_t i = 0; i < s->cell_count; i++) {
        if (counts_check(&s->cells[i].counts, e) != STATUS_OK) return err_wrap(e, "cell %u", i);
        TRY(equal(s->cells[i].requests, s->cells[i].counts.attempts, "a cell's requests are not its attempts", e));
    }
    TRY(counts_check(&r->totals, e));
    TRY(charges_check(r, e));
    TRY(bins_check(r, e));
    TRY(equal(hist_count(r->response_ns), r->totals.attempts, "response times are not as many as attempts", e));
    return equal(hist_count(r->waiting_ns), r->totals.attempts, "waiting times are not as many as attempts", e);
}
