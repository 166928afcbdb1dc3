/* cell.h - inside this room: one cell at work, and what the cells of a round share.
 *
 *   arrivals --> start = max(arrival, free) --> decide on the view seen at `start` --> free = start + service time
 *
 * A cell takes requests in order of arrival, in batches that end where anything changes that a batch has in common: the
 * view, the newest revision, the window, the round. Between rounds it knows when its next request starts, and on which
 * view: so which images the next round needs.
 *
 * Threads  a cell is worked on by one thread at a time, with that thread's worker. What is summed over cells without
 *          regard to order (bins, histograms, charges) is the worker's; the rest is the cell's.
 */
#ifndef WORLD_CELL_H
#define WORLD_CELL_H

#include <stdalign.h>
#include <stdatomic.h>

#include "world/arrivals.h"
#include "world/rows.h"
#include "world/timeline.h"

#define SERVICE_NS_MAX (INT64_C(1) << 46) /* of one request: 19 hours                                     */
#define SECOND_NS      INT64_C(1000000000)
#define FREE_NS_MAX    (INT64_C(1) << 62) /* of a cell: a queue that reaches beyond this ends the run      */

typedef struct { /* what is charged to one change */
    uint64_t stale_allow, stale_deny, stale_neutral;
    int64_t  first_ns, last_ns; /* of stale-allow and stale-deny; the ends of time when there is none */
} charge;

typedef struct {
    alignas(64) uint32_t index;
    uint32_t       region;
    uint32_t       seen, newest; /* revisions at next_ns */
    int64_t        seen_next_ns; /* when the cell sees revision seen + 1 */
    int64_t        free_ns;      /* of its server */
    int64_t        next_ns;      /* start of the next request; the end of time: there is none */
    uint64_t       requests;     /* n of the next request */
    arrival_cursor arrivals;
    digest_state  *digest;
    bool           overrun; /* FREE_NS_MAX is passed: the cell stopped */
    world_counts   counts;
} cell;

typedef struct {
    alignas(64) authz_request requests[AUTHZ_BATCH];
    decision       decisions[AUTHZ_BATCH];
    int64_t        arrival_ns[AUTHZ_BATCH], start_ns[AUTHZ_BATCH], finish_ns[AUTHZ_BATCH];
    uint8_t        stale[AUTHZ_BATCH]; /* of an outdated batch: stale_kind */
    unsigned char  records[AUTHZ_BATCH * 16];
    int64_t        service_ns[AUTHZ_BATCH]; /* of service_count requests from service_first on */
    uint64_t       service_first, service_count;
    arrival_reader arrivals;
    uint64_t       batches;
    row_memo      *rows;     /* [ROW_MEMOS] */
    charge        *charges;  /* [revision_last + 1] */
    hist         **response; /* [regions] */
    hist          *waiting, *decide;
    world_bin      bins[WORLD_BINS];
    atomic_ullong  done; /* decisions, for progress */
} worker;

typedef struct { /* read only while cells run, but for cells and workers */
    const world_plan    *plan;
    const world_options *options;
    const change_log    *log;
    const arrival_table *arrivals;
    authz_image *const  *images; /* [revision_last + 1]: those that the round may read */
    int64_t              end_ns; /* the round takes requests that start before          */
    int64_t              bins_start_ns, bin_ns;
    int64_t              service_constant_ns; /* 0: drawn */
    uint64_t             expected;
    cell                *cells;
    worker              *workers;
    uint32_t             cell_count, worker_count;
} stage;

/* A transport_job: context is the stage, job the cell. */
void cell_run(void *context, uint32_t job, uint32_t worker_index);

static inline bool stage_stopped(const stage *s)
{
    return s->options->stop != NULL && __atomic_load_n(s->options->stop, __ATOMIC_RELAXED) != 0;
}
void progress_report(const stage *s);

/* ---- stale.c ---- */

typedef struct { /* requests first … first + count - 1 of a cell: one view, one newest revision, one window */
    uint64_t first;
    uint32_t count, window, seen, newest;
} batch;

typedef enum { STALE_NEUTRAL, STALE_ALLOW, STALE_DENY } stale_kind;

/* For a batch with seen < newest: judges each decision against every unseen revision and charges it to a change. */
void stale_judge(const stage *s, worker *w, const batch *b);

#endif
