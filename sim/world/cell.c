#include "world/cell.h"

#include <assert.h>

#include "base/mutant.h"
#include "base/rng.h"
#include "world/lag.h"

#define TIMED_ONE_IN    64u  /* batches around which the clock is read */
#define PROGRESS_ONE_IN 256u /* batches of the caller's thread         */
#define RECORD_BYTES    16u

/* ---- service times ---- */

static int64_t service_of(const stage *s, uint64_t u)
{
    int64_t ns = quantile_at(s->plan->service_time, u);
    return ns > 0 ? ns : 1;
}

static void service_draw(const stage *s, worker *w, uint32_t cell_index, uint64_t n)
{
    w->service_first = n & ~UINT64_C(1);
    w->service_count = AUTHZ_BATCH;
    for (uint32_t i = 0; i < AUTHZ_BATCH; i += 2) {
        rng_pair u = rng_pair_at(s->plan->seed, RNG_SERVICE_TIME, cell_index, (w->service_first + i) / 2);
        w->service_ns[i] = service_of(s, u.a);
        w->service_ns[i + 1] = service_of(s, u.b);
    }
}

static inline int64_t service_at(const stage *s, worker *w, uint32_t cell_index, uint64_t n)
{
    if (s->service_constant_ns > 0) return s->service_constant_ns;
    if (n - w->service_first >= w->service_count) service_draw(s, w, cell_index, n);
    return w->service_ns[n - w->service_first];
}

/* ---- gathering a batch ---- */

static inline int64_t start_of(int64_t arrival_ns, int64_t free_ns)
{
    return arrival_ns > free_ns || MUTANT(MUTANT_QUEUE_FORGOTTEN) ? arrival_ns : free_ns;
}

/* When the next request starts, and on which revisions. */
static void look_ahead(const stage *s, worker *w, cell *c)
{
    arrival_reader *r = &w->arrivals;
    c->next_ns = TIME_END;
    if (r->next == r->count && !arrival_fill(r)) return;
    c->next_ns = start_of(r->at[r->next], c->free_ns);
    int64_t seen_at_ns = MUTANT(MUTANT_VIEW_OF_ARRIVAL) ? r->at[r->next] : c->next_ns;
    while (s->log->commit_ns[c->newest + 1] <= c->next_ns) c->newest++;
    while (c->seen_next_ns <= seen_at_ns) {
        c->seen++;
        c->seen_next_ns = lag_visible(s->plan, s->log, c->index, c->seen + 1, c->seen_next_ns);
    }
    assert(c->seen <= c->newest);
}

/* Until when a batch that begins at next_ns has everything in common. */
static int64_t batch_end(const stage *s, const cell *c)
{
    int64_t newest_ns = s->log->commit_ns[c->newest + 1];
    if (MUTANT(MUTANT_VIEW_OF_ARRIVAL)) return c->next_ns + 1;
    int64_t end_ns = s->end_ns < newest_ns ? s->end_ns : newest_ns;
    return end_ns < c->seen_next_ns ? end_ns : c->seen_next_ns;
}

/* Takes requests that start before end_ns, of one window. There is at least one. */
static batch batch_gather(const stage *s, worker *w, cell *c, int64_t end_ns)
{
    arrival_reader *r = &w->arrivals;
    batch           b = {.first = c->requests, .window = r->cursor.window, .seen = c->seen, .newest = c->newest};
    int64_t         free_ns = c->free_ns;
    while (b.count < AUTHZ_BATCH) {
        if (r->next == r->count && (!arrival_fill(r) || r->cursor.window != b.window)) break;
        int64_t arrival_ns = r->at[r->next], start_ns = start_of(arrival_ns, free_ns);
        if (start_ns >= end_ns) break;
        int64_t service_ns = service_at(s, w, c->index, b.first + b.count);
        free_ns = start_ns + service_ns;
        c->counts.busy_ns += service_ns;
        w->arrival_ns[b.count] = arrival_ns;
        w->start_ns[b.count] = start_ns;
        w->finish_ns[b.count++] = free_ns;
        r->next++;
    }
    assert(b.count > 0);
    c->free_ns = c->counts.finish_ns = free_ns;
    c->requests += b.count;
    return b;
}

/* ---- deciding ---- */

static void batch_decide(const stage *s, worker *w, const cell *c, const batch *b)
{
    const world_source *asks = &s->plan->source;
    const authz_image  *image = s->images[b->seen];
    asks->requests(asks->context, s->plan->windows[b->window].mix, c->index, b->first, b->count, w->requests);
    for (uint32_t i = 0; i < b->count; i++)
        w->requests[i].time_s = (uint32_t)(s->plan->epoch_s + w->arrival_ns[i] / SECOND_NS);
    if (s->options->clock_ns == NULL || w->batches % TIMED_ONE_IN != 0) {
        authz_decide_batch(image, w->requests, b->count, w->decisions);
        return;
    }
    int64_t begin_ns = s->options->clock_ns();
    authz_decide_batch(image, w->requests, b->count, w->decisions);
    int64_t each_ns = (s->options->clock_ns() - begin_ns + b->count / 2) / b->count;
    hist_record_n(w->decide, each_ns > 0 ? each_ns : 1, b->count);
}

static void batch_verify(const stage *s, worker *w, cell *c, const batch *b)
{
    const world_options *o = s->options;
    const org_view      *view = NULL;
    if (o->verify == NULL) return;
    for (uint32_t i = 0; i < b->count; i++) {
        uint64_t u = rng_at(s->plan->seed, RNG_SAMPLE, c->index, b->first + i);
        if (!rng_chance(u, o->verify_num, o->verify_den)) continue;
        if (view == NULL) view = org_at(s->plan->o, b->seen);
        c->counts.verified++;
        if (!o->verify(o->verify_context, s->images[b->seen], view, &w->requests[i], w->decisions[i]))
            c->counts.mismatched++;
    }
}

/* ---- counting ---- */

/* Some requests again, as text; mostly no policy of the world asks for it. */
static void batch_doubts(const stage *s, const worker *w, cell *c, const batch *b)
{
    const authz_image *image = s->images[b->seen];
    if (!authz_has_doubts(image)) return;
    for (uint32_t i = 0; i < b->count; i++) {
        uint32_t by_kind[DIAGNOSTIC_COUNT];
        if (authz_request_doubts(image, &w->requests[i], by_kind) == 0) continue;
        c->counts.doubtful++;
        for (uint32_t kind = 0; kind < DIAGNOSTIC_COUNT; kind++) c->counts.doubts[kind] += by_kind[kind];
    }
}

static void batch_count(worker *w, cell *c, const batch *b)
{
    world_counts *counts = &c->counts;
    counts->attempts += b->count;
    for (uint32_t i = 0; i < b->count; i++) {
        decision d = w->decisions[i];
        if (d.kind == DECISION_ALLOWED) {
            counts->allowed++;
            continue;
        }
        bool is_explicit = d.kind == DECISION_EXPLICITLY_DENIED;
        counts->denied_at[is_explicit][d.layer][d.level]++;
        if (is_explicit)
            counts->explicitly_denied++;
        else
            counts->implicitly_denied++;
    }
    if (b->seen == b->newest) return;
    uint32_t kinds[3] = {0};
    for (uint32_t i = 0; i < b->count; i++) kinds[w->stale[i]]++;
    counts->outdated += b->count;
    counts->stale_neutral += kinds[STALE_NEUTRAL];
    counts->stale_allow += kinds[STALE_ALLOW];
    counts->stale_deny += kinds[STALE_DENY];
}

static void put_little_endian(unsigned char *to, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) to[i] = (unsigned char)(v >> (8 * i));
}

static void batch_digest(worker *w, cell *c, const batch *b)
{
    for (uint32_t i = 0; i < b->count; i++) {
        unsigned char *record = &w->records[i * RECORD_BYTES];
        decision       d = w->decisions[i];
        put_little_endian(record, b->first + i, 8);
        put_little_endian(record + 8, d.kind | (uint64_t)d.layer << 8 | (uint64_t)d.level << 16, 4);
        put_little_endian(record + 12, b->seen, 4);
    }
    digest_update(c->digest, w->records, b->count * RECORD_BYTES);
}

/* Starts rise, so a batch mostly lies in one bin. */
static void batch_bins(const stage *s, worker *w, const batch *b)
{
    bool outdated = b->seen < b->newest;
    for (uint32_t i = 0; i < b->count;) {
        int64_t    index = (w->start_ns[i] - s->bins_start_ns) / s->bin_ns;
        bool       last = index >= WORLD_BINS - 1;
        world_bin *bin = &w->bins[last ? WORLD_BINS - 1 : index];
        int64_t    end_ns = last ? TIME_END : s->bins_start_ns + (index + 1) * s->bin_ns;
        uint32_t   first = i, allowed = 0;
        for (; i < b->count && w->start_ns[i] < end_ns; i++) {
            allowed += w->decisions[i].kind == DECISION_ALLOWED;
            if (!outdated) continue;
            bin->stale_allow += w->stale[i] == STALE_ALLOW;
            bin->stale_deny += w->stale[i] == STALE_DENY;
        }
        bin->decisions += i - first;
        bin->allowed += allowed;
        bin->denied += i - first - allowed;
        bin->outdated += outdated ? i - first : 0;
    }
}

static void batch_times(worker *w, const cell *c, const batch *b)
{
    uint32_t at_once = 0;
    for (uint32_t i = 0; i < b->count; i++) {
        int64_t waiting_ns = w->start_ns[i] - w->arrival_ns[i];
        hist_record(w->response[c->region], w->finish_ns[i] - w->arrival_ns[i]);
        if (waiting_ns == 0)
            at_once++;
        else
            hist_record(w->waiting, waiting_ns + 1);
    }
    if (at_once > 0) hist_record_n(w->waiting, 1, at_once);
}

/* ---- one cell, one round ---- */

void progress_report(const stage *s)
{
    uint64_t done = 0;
    if (s->options->progress == NULL) return;
    for (uint32_t i = 0; i < s->worker_count; i++)
        done += atomic_load_explicit(&s->workers[i].done, memory_order_relaxed);
    s->options->progress(s->options->progress_context, done, s->expected);
}

static void batch_done(const stage *s, worker *w, const batch *b)
{
    unsigned long long done = atomic_load_explicit(&w->done, memory_order_relaxed);
    atomic_store_explicit(&w->done, done + b->count, memory_order_relaxed);
    w->batches++;
    if (w == &s->workers[0] && w->batches % PROGRESS_ONE_IN == 0) progress_report(s);
}

void cell_run(void *context, uint32_t job, uint32_t worker_index)
{
    const stage *s = context;
    cell        *c = &s->cells[job];
    worker      *w = &s->workers[worker_index];
    if (c->next_ns >= s->end_ns) return;
    arrival_open(&w->arrivals, s->arrivals, c->index, c->arrivals);
    w->service_count = 0;
    for (look_ahead(s, w, c); c->next_ns < s->end_ns && !stage_stopped(s); look_ahead(s, w, c)) {
        if (c->next_ns > FREE_NS_MAX) {
            c->overrun = true;
            c->next_ns = TIME_END;
            break;
        }
        batch b = batch_gather(s, w, c, batch_end(s, c));
        batch_decide(s, w, c, &b);
        if (b.seen < b.newest) stale_judge(s, w, &b);
        batch_verify(s, w, c, &b);
        batch_doubts(s, w, c, &b);
        batch_count(w, c, &b);
        batch_digest(w, c, &b);
        batch_bins(s, w, &b);
        batch_times(w, c, &b);
        batch_done(s, w, &b);
    }
    c->arrivals = arrival_close(&w->arrivals);
}
