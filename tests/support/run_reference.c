#include "support/run_reference.h"

#include <inttypes.h>
#include <stdlib.h>

#include "support/compare.h"
#include "support/support.h"
#include "world/arrivals.h"

#define ANSWERS 4u /* remembered of a request and revision, by the second they are for */

typedef struct {
    uint32_t time_s;
    bool     known;
    decision d;
    uint32_t doubts, by_kind[DIAGNOSTIC_COUNT];
} remembered;

typedef struct { /* a request of the pool, at its time */
    uint32_t pool, time_s;
} question;

typedef struct {
    random_run   *r;
    arena        *a;
    world_result *out;
    uint64_t      verify_num, verify_den;
    int64_t       commit_ns[RANDOM_STEPS + 1];
    uint32_t      step_of[RANDOM_STEPS + 1], last; /* revision */
    int64_t       visible_ns[RANDOM_STEPS + 1][RANDOM_CELLS];
    remembered    answers[RANDOM_STEPS + 1][RANDOM_REQUESTS][ANSWERS];
    authz_store  *store;
    authz_image  *image; /* of revision 0, to put requests into text */
    hist         *response, *waiting, *by_region[RANDOM_REGIONS];
} reference;

/* ---- the timeline ---- */

typedef struct {
    str name, id;
} binding;

static str id_of(const org_view *v, const binding *bound, uint32_t bound_count, str name)
{
    char     text[32] = "";
    unsigned number = 0;
    if (name.len == 0 || name.ptr[0] != '$' || name.len >= sizeof text) return name;
    memcpy(text, name.ptr, name.len);
    for (uint32_t i = bound_count; i-- > 0;)
        if (str_eq(bound[i].name, name)) return bound[i].id;
    if (strcmp(text, "$root") == 0) return org_root_id(v);
    if (sscanf(text, "$ou/%u", &number) == 1 && number < org_node_count(v)) return org_node_id(v, number);
    if (sscanf(text, "$account/%u", &number) == 1 && number < org_account_count(v)) return org_account_id(v, number);
    if (sscanf(text, "$policy/%u", &number) == 1 && number < org_policy_count(v)) return org_policy_id(v, number);
    return name;
}

static void steps_apply(reference *f)
{
    static binding bound[RANDOM_STEPS];
    uint32_t       bound_count = 0;
    f->out->change_count = f->r->plan.step_count;
    f->out->changes = ARENA_NEW(f->a, world_change, f->r->plan.step_count);
    for (uint32_t i = 0; i < f->r->plan.step_count; i++) {
        const world_step *step = &f->r->steps[i];
        control_command   command = step->command;
        control_answer    answer;
        for (uint32_t m = 0; m < CONTROL_MEMBER_COUNT; m++)
            command.member[m] = id_of(org_head(f->r->world.o), bound, bound_count, command.member[m]);
        control_apply(f->r->c, &command, &answer);
        f->out->changes[i] = (world_change){.step = i,
                                            .op = command.op,
                                            .label = arena_str(f->a, step->label),
                                            .at_ns = command.at_ns,
                                            .exception = answer.exception,
                                            .reason = answer.reason,
                                            .detail = arena_str(f->a, str_of(answer.detail)),
                                            .first_stale_ns = -1,
                                            .last_stale_ns = -1};
        if (answer.exception != NULL) continue;
        f->out->changes[i].revision = ++f->last;
        f->commit_ns[f->last] = command.at_ns;
        f->step_of[f->last] = i;
        if (step->bind.ptr != NULL) bound[bound_count++] = (binding){step->bind, answer.id};
    }
    f->out->revision_last = f->last;
}

static int lag_cmp(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void lags_draw(reference *f)
{
    const world_plan *plan = &f->r->plan;
    uint32_t          cells = f->out->cell_count;
    for (uint32_t cell = 0; cell < cells; cell++) f->visible_ns[0][cell] = INT64_MIN;
    for (uint32_t r = 1; r <= f->last; r++) {
        int64_t      *lags = ARENA_NEW(f->a, int64_t, cells), sorted[RANDOM_CELLS];
        world_change *change = &f->out->changes[f->step_of[r]];
        for (uint32_t cell = 0; cell < cells; cell++) {
            int64_t draw = quantile_at(plan->lag, rng_at(plan->seed, RNG_LAG, r, cell));
            f->visible_ns[r][cell] = f->commit_ns[r] + draw;
            if (f->visible_ns[r][cell] < f->visible_ns[r - 1][cell])
                f->visible_ns[r][cell] = f->visible_ns[r - 1][cell];
            sorted[cell] = lags[cell] = f->visible_ns[r][cell] - f->commit_ns[r];
        }
        qsort(sorted, cells, sizeof sorted[0], lag_cmp);
        change->lag_ns = lags;
        change->lag_50_ns = sorted[(cells - 1) / 2];
        change->lag_99_ns = change->lag_100_ns = sorted[cells - 1];
    }
}

/* ---- one decision ---- */

static const remembered *answer_of(reference *f, uint32_t revision, question asked)
{
    remembered *known = &f->answers[revision][asked.pool][asked.time_s % ANSWERS];
    if (!known->known || known->time_s != asked.time_s) {
        compare_with  with = {f->r->world.facts, f->r->world.roles, org_at(f->r->world.o, revision)};
        authz_request q = f->r->requests[asked.pool];
        q.time_s = asked.time_s;
        *known = (remembered){.time_s = asked.time_s, .known = true};
        known->d = compare_oracle(f->r->world.a, &with, f->image, &q);
        known->doubts = compare_doubts(f->r->world.a, &with, f->image, &q, known->by_kind);
    }
    return known;
}

static bool allows(reference *f, uint32_t revision, question asked)
{
    return answer_of(f, revision, asked)->d.kind == DECISION_ALLOWED;
}

/* The earliest unseen revision from which on all give the newest answer. */
static uint32_t to_charge(reference *f, uint32_t seen, uint32_t newest, question asked)
{
    uint32_t r = newest;
    while (r - 1 > seen && allows(f, r - 1, asked) == allows(f, newest, asked)) r--;
    return r;
}

static void judge(reference *f, world_counts *counts, world_bin *bin, uint32_t seen, uint32_t newest, question asked,
                  int64_t at_ns)
{
    bool          mine = allows(f, seen, asked), right = allows(f, newest, asked);
    world_change *change = &f->out->changes[f->step_of[to_charge(f, seen, newest, asked)]];
    counts->outdated++;
    bin->outdated++;
    if (mine == right) {
        counts->stale_neutral++;
        change->stale_neutral++;
        return;
    }
    ++*(mine ? &counts->stale_allow : &counts->stale_deny);
    ++*(mine ? &bin->stale_allow : &bin->stale_deny);
    ++*(mine ? &change->stale_allow : &change->stale_deny);
    if (change->first_stale_ns == -1 || at_ns < change->first_stale_ns) change->first_stale_ns = at_ns;
    if (at_ns > change->last_stale_ns) change->last_stale_ns = at_ns;
}

static void decide(reference *f, world_cell *cell, uint32_t index, uint64_t n, question asked, int64_t at_ns,
                   digest_state *s)
{
    world_counts *counts = &cell->counts;
    uint32_t      seen = 0, newest = 0;
    int64_t       bin_index = (at_ns - f->out->bins_start_ns) / f->out->bin_ns;
    world_bin    *bin = &f->out->bins[bin_index < WORLD_BINS ? bin_index : WORLD_BINS - 1];
    for (uint32_t r = 1; r <= f->last; r++) {
        if (f->visible_ns[r][index] <= at_ns) seen = r;
        if (f->commit_ns[r] <= at_ns) newest = r;
    }
    const remembered *answer = answer_of(f, seen, asked);
    decision          d = answer->d;
    counts->doubtful += answer->doubts > 0;
    for (uint32_t kind = 0; kind < DIAGNOSTIC_COUNT; kind++) counts->doubts[kind] += answer->by_kind[kind];
    counts->attempts++;
    bin->decisions++;
    ++*(d.kind == DECISION_ALLOWED ? &bin->allowed : &bin->denied);
    if (d.kind == DECISION_ALLOWED) counts->allowed++;
    if (d.kind == DECISION_IMPLICITLY_DENIED) counts->implicitly_denied++;
    if (d.kind == DECISION_EXPLICITLY_DENIED) counts->explicitly_denied++;
    if (d.kind != DECISION_ALLOWED) counts->denied_at[d.kind == DECISION_EXPLICITLY_DENIED][d.layer][d.level]++;
    if (seen < newest) judge(f, counts, bin, seen, newest, asked, at_ns);
    uint64_t sample = rng_at(f->r->plan.seed, RNG_SAMPLE, index, n);
    counts->verified += rng_chance(sample, f->verify_num, f->verify_den);
    const unsigned char record[4] = {d.kind, d.layer, d.level, 0};
    digest_u64(s, n);
    digest_update(s, record, sizeof record);
    digest_u32(s, seen);
}

/* ---- one cell ---- */

static void serve(reference *f, const arrival_table *table, uint32_t index)
{
    const world_plan *plan = &f->r->plan;
    world_cell       *cell = &f->out->cells[index];
    digest_state     *s = digest_new();
    arrival_reader    reader;
    int64_t           free_ns = INT64_MIN;
    arrival_open(&reader, table, index, (arrival_cursor){0});
    for (uint64_t n = 0; reader.next < reader.count || arrival_fill(&reader); n++) {
        int64_t  arrival_ns = reader.at[reader.next++], start_ns = arrival_ns > free_ns ? arrival_ns : free_ns;
        rng_pair u = rng_pair_at(plan->seed, RNG_SERVICE_TIME, index, n / 2);
        int64_t  service_ns = quantile_at(plan->service_time, n % 2 == 0 ? u.a : u.b);
        if (service_ns == 0) service_ns = 1;
        free_ns = cell->counts.finish_ns = start_ns + service_ns;
        cell->counts.busy_ns += service_ns;
        hist_record(f->response, free_ns - arrival_ns);
        hist_record(f->by_region[cell->region], free_ns - arrival_ns);
        hist_record(f->waiting, start_ns - arrival_ns + 1);
        question asked = {random_run_request(f->r, plan->windows[reader.cursor.window].mix, index, n),
                          (uint32_t)(plan->epoch_s + arrival_ns / 1000000000)};
        decide(f, cell, index, n, asked, start_ns, s);
    }
    cell->digest = digest_value(s);
    digest_free(s);
}

static void digest_all(reference *f)
{
    digest_state *s = digest_new();
    for (uint32_t i = 0; i <= f->out->cell_count; i++) {
        digest d = i < f->out->cell_count ? f->out->cells[i].digest : control_digest(f->r->c);
        digest_u64(s, d.low);
        digest_u64(s, d.high);
    }
    f->out->digest = digest_value(s);
    digest_free(s);
}

/* All counters of world_counts are 64 bits wide, so they are summed as words; finish_ns is the greatest. */
static void totals_sum(world_result *out)
{
    for (uint32_t i = 0; i < out->cell_count; i++) {
        const world_counts *c = &out->cells[i].counts;
        int64_t             last = out->totals.finish_ns;
        for (size_t k = 0; k < sizeof *c / sizeof(uint64_t); k++)
            ((uint64_t *)(void *)&out->totals)[k] += ((const uint64_t *)(const void *)c)[k];
        out->totals.finish_ns = last > c->finish_ns ? last : c->finish_ns;
    }
}

static void cells_init(reference *f)
{
    const world_plan   *plan = &f->r->plan;
    const world_window *last = &plan->windows[plan->window_count - 1];
    world_result       *out = f->out;
    const hist        **by_region = ARENA_NEW(f->a, const hist *, plan->region_count);
    for (uint32_t i = 0; i < plan->region_count; i++) out->cell_count += plan->regions[i].cell_count;
    out->cells = ARENA_NEW(f->a, world_cell, out->cell_count);
    for (uint32_t i = 0, cell = 0; i < plan->region_count; i++) {
        by_region[i] = f->by_region[i] = hist_new(f->a, 1, plan->response_max_ns, 3);
        for (uint32_t k = 0; k < plan->regions[i].cell_count; k++) out->cells[cell++].region = i;
    }
    out->response_ns = f->response = hist_new(f->a, 1, plan->response_max_ns, 3);
    out->waiting_ns = f->waiting = hist_new(f->a, 1, plan->response_max_ns, 3);
    out->region_response_ns = by_region;
    out->bins_start_ns = plan->windows[0].start_ns;
    out->bin_ns = (last->start_ns + last->length_ns - out->bins_start_ns + WORLD_BINS - 1) / WORLD_BINS;
}

void run_reference(random_run *r, uint64_t verify_num, uint64_t verify_den, arena *a, world_result *out)
{
    static reference f;
    arrival_table    table;
    f = (reference){.r = r, .a = a, .out = out, .verify_num = verify_num, .verify_den = verify_den};
    *out = (world_result){.complete = true};
    f.store = authz_store_new(r->world.facts, r->world.v, r->plan.setting);
    f.image = authz_image_build(f.store, org_at(r->world.o, 0), NULL);
    cells_init(&f);
    steps_apply(&f);
    lags_draw(&f);
    assert_int_equal(arrival_table_make(a, &r->plan, out->cell_count, &table, NULL), STATUS_OK);
    for (uint32_t i = 0; i < out->cell_count; i++) serve(&f, &table, i);
    totals_sum(out);
    digest_all(&f);
    authz_image_release(f.store, f.image);
    authz_store_free(f.store);
}

/* ---- comparing ---- */

static bool differ(arena *a, str *text, const char *what, uint64_t index, int64_t got, int64_t want)
{
    *text = arena_format(a, "%s %" PRIu64 ": %" PRId64 ", expected %" PRId64, what, index, got, want);
    return false;
}

/* Structs of 64-bit numbers, word by word. */
static bool words_same(arena *a, str *text, const char *what, uint64_t index, const void *got, const void *want,
                       size_t bytes)
{
    const int64_t *x = got, *y = want;
    for (size_t i = 0; i < bytes / sizeof *x; i++)
        if (x[i] != y[i]) return differ(a, text, arena_format(a, "%s, word %zu of", what, i).ptr, index, x[i], y[i]);
    return true;
}

static bool hist_same(arena *a, str *text, const char *what, uint64_t index, const hist *got, const hist *want)
{
    size_t      x = 0, y = 0;
    uint64_t    m = 0, n = 0;
    hist_bucket p = {0}, q = {0};
    if (hist_clipped(got) != hist_clipped(want))
        return differ(a, text, what, index, (int64_t)hist_clipped(got), (int64_t)hist_clipped(want));
    for (;;) {
        bool more = hist_next(got, &x, &m, &p), wanted = hist_next(want, &y, &n, &q);
        if (!more && !wanted) return true;
        if (more != wanted || p.low != q.low || p.count != q.count) return differ(a, text, what, index, p.low, q.low);
    }
}

static bool text_same(const char *x, const char *y)
{
    return x == NULL || y == NULL ? x == y : strcmp(x, y) == 0;
}

static bool change_same(arena *a, str *text, uint32_t cells, const world_change *x, const world_change *y)
{
    if (x->step != y->step || x->op != y->op || x->at_ns != y->at_ns || !str_eq(x->label, y->label))
        return differ(a, text, "change", y->step, x->at_ns, y->at_ns);
    if (!text_same(x->exception, y->exception) || !text_same(x->reason, y->reason) || !str_eq(x->detail, y->detail))
        return differ(a, text, "answer to change", y->step, x->exception == NULL, y->exception == NULL);
    if (x->revision != y->revision) return differ(a, text, "revision of change", y->step, x->revision, y->revision);
    const int64_t got[] = {
        (int64_t)x->stale_allow, (int64_t)x->stale_deny, (int64_t)x->stale_neutral, x->lag_50_ns, x->lag_99_ns,
        x->lag_100_ns,           x->first_stale_ns,      x->last_stale_ns};
    const int64_t want[] = {
        (int64_t)y->stale_allow, (int64_t)y->stale_deny, (int64_t)y->stale_neutral, y->lag_50_ns, y->lag_99_ns,
        y->lag_100_ns,           y->first_stale_ns,      y->last_stale_ns};
    if (!words_same(a, text, "change", y->step, got, want, sizeof got)) return false;
    if ((x->lag_ns == NULL) != (y->lag_ns == NULL)) return differ(a, text, "lags of change", y->step, 0, 1);
    return x->lag_ns == NULL ||
           words_same(a, text, "lags of change", y->step, x->lag_ns, y->lag_ns, cells * sizeof *x->lag_ns);
}

bool run_same(arena *a, const world_result *got, const world_result *want, str *text)
{
    if (got->complete != want->complete) return differ(a, text, "complete", 0, got->complete, want->complete);
    if (got->cell_count != want->cell_count || got->change_count != want->change_count)
        return differ(a, text, "cells", 0, got->cell_count, want->cell_count);
    if (got->revision_last != want->revision_last)
        return differ(a, text, "last revision", 0, got->revision_last, want->revision_last);
    for (uint32_t i = 0; i < want->change_count; i++)
        if (!change_same(a, text, want->cell_count, &got->changes[i], &want->changes[i])) return false;
    for (uint32_t i = 0; i < want->cell_count; i++) {
        const world_cell *x = &got->cells[i], *y = &want->cells[i];
        if (x->region != y->region) return differ(a, text, "region of cell", i, x->region, y->region);
        if (!words_same(a, text, "cell", i, &x->counts, &y->counts, sizeof x->counts)) return false;
        if (!words_same(a, text, "digest of cell", i, &x->digest, &y->digest, sizeof x->digest)) return false;
    }
    if (!words_same(a, text, "totals", 0, &got->totals, &want->totals, sizeof got->totals)) return false;
    if (got->bin_ns != want->bin_ns || got->bins_start_ns != want->bins_start_ns)
        return differ(a, text, "bins", 0, got->bin_ns, want->bin_ns);
    for (uint32_t i = 0; i < WORLD_BINS; i++)
        if (!words_same(a, text, "bin", i, &got->bins[i], &want->bins[i], sizeof got->bins[i])) return false;
    if (!hist_same(a, text, "response times", 0, got->response_ns, want->response_ns)) return false;
    if (!hist_same(a, text, "waiting times", 0, got->waiting_ns, want->waiting_ns)) return false;
    for (uint32_t i = 0; i <= want->cells[want->cell_count - 1].region; i++)
        if (!hist_same(a, text, "region", i, got->region_response_ns[i], want->region_response_ns[i])) return false;
    return words_same(a, text, "digest", 0, &got->digest, &want->digest, sizeof got->digest);
}
