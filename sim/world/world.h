/* world.h - one run: cells, arrivals, queues, revisions and their lag, staleness, metrics.
 *
 * Time      virtual int64 ns since the start of the run.
 * Cells     each region's cells partition all accounts: an account's requests made in a region go to
 *           cell hash(account) mod cells of that region. A cell has its own arrival stream, one FCFS server and its
 *           own view of the organization's revisions. Cells are numbered region by region.
 * Requests  request n of a cell is a pure function of (cell, n), see world_source. n counts over all windows. Its time
 *           of day (aws:CurrentTime) is the second it arrives in.
 *           The decision is made when service starts, on the newest revision that the cell sees then. What arrives in a
 *           window is served, after its end too. A service time below 1 ns counts as 1 ns.
 * Changes   the timeline is applied by control before cells run; every accepted step is a revision committed at its
 *           time. Cell c sees revision r at  visible(r, c) = max(visible(r - 1, c), commit(r) + lag draw(r, c)),
 *           draw = rng_at(seed, RNG_LAG, r, c) through plan.lag; revision 0 is seen from the start. At the very ns of a
 *           commit the revision is the newest, at visible(r, c) it is seen.
 * Removed   requests come from accounts of revision 0. One that has left the organization goes on asking: no SCP of the
 *           organization binds it, its identity policies do; and no RCP its resources.
 * Stale     a decision made on a view older than the newest committed revision is outdated: stale-allow (the newest
 *           denies), stale-deny (the newest allows) or stale-neutral. Each is charged to the earliest unseen change
 *           from which on every revision gives the newest answer (allowed or denied); sums over changes equal the
 *           totals.
 * Result    integers only, the same for any number of threads. Merges are in cell order.
 * Memory    images and revisions that every cell has passed are dropped; result lives in the arena given. Afterwards
 *           the org holds revision 0 and the newest.
 * Errors    STATUS_INVALID and STATUS_LIMIT for a plan that cannot be run; STATUS_INTERNAL when the sums of the result
 *           do not add up, which is checked in every run.
 */
#ifndef WORLD_WORLD_H
#define WORLD_WORLD_H

#include "authz/doubts.h"
#include "base/hist.h"
#include "base/quantile.h"
#include "control/control.h"

#define WORLD_CELLS_MAX 65536u
#define WORLD_BINS      240 /* of the series over time */
#define WORLD_LAYERS    (LAYER_ENDPOINT + 1)

/* Limits of a plan, refused with STATUS_LIMIT; see also arrivals.h. */
#define WORLD_TIME_MAX      (INT64_C(1) << 60)  /* of steps and windows: 36 years */
#define WORLD_RATE_TERM_MAX (UINT64_C(1) << 40) /* rate_num, rate_den             */
#define WORLD_WEIGHT_MAX    (UINT64_C(1) << 52) /* sum of cell weights            */

/* ---- plan ---- */

typedef struct {
    str      name; /* `us-east-1` */
    uint32_t cell_count;
} world_region;

/* The cell that serves an account within a region of cell_count cells. */
uint32_t world_cell_in_region(uint32_t account, uint32_t cell_count);

/* Who asks what. cell_weight: relative rate of each cell. The function fills requests first … first+count-1 of a cell,
 * count <= AUTHZ_BATCH; mix is the window's, time_s the world's to set. Any thread may call it. */
typedef struct {
    const void     *context;
    const uint64_t *cell_weight; /* [cells], not all zero */
    void (*requests)(const void *context, uint32_t mix, uint32_t cell, uint64_t first, uint32_t count,
                     authz_request *out);
} world_source;

typedef enum { WORLD_POISSON, WORLD_CONSTANT } world_arrival;
typedef struct { /* ascending, not overlapping */
    int64_t       start_ns, length_ns;
    world_arrival arrival;
    uint64_t      rate_num, rate_den; /* requests per second over all cells */
    uint32_t      mix;                /* passed to the source               */
    str           name;               /* of the workload scenario           */
} world_window;

/* One step of the timeline. Ids in the command that start with `$` are names: `$root`, `$management`, `$ou/N`,
 * `$account/N`, `$policy/N` (indexes in the org; OUs from 1), or what an earlier step bound (the last one to bind it).
 * A name that nothing has goes to the call as it is, and AWS refuses it. at_ns must not go backwards. */
typedef struct {
    control_command command;
    str             bind;   /* `$name`, with its `$`, that the created entity gets; else ptr null */
    str             label;  /* for reports, else ptr null                                         */
    str             caller; /* account id or name of the account that calls; ptr null: the management account */
} world_step;

typedef struct {
    uint64_t                seed;
    org                    *o; /* revision 0 committed */
    control                *c;
    const catalog          *facts;
    const authz_vocabulary *v;
    authz_setting           setting;
    const world_region     *regions;
    uint32_t                region_count;
    const world_step       *steps;
    uint32_t                step_count;
    const world_window     *windows;
    uint32_t                window_count;
    world_source            source;
    const quantile         *service_time;    /* ns per request                     */
    const quantile         *lag;             /* ns from commit until a cell sees it */
    int64_t                 response_max_ns; /* histogram limit; beyond it is counted as clipped */
    int64_t                 epoch_s;         /* Unix seconds at time 0; a request's time is its arrival, below 2^32 */
} world_plan;

typedef struct {
    uint32_t threads;
    /* Set from outside (a signal, or another thread atomically) to end early: what was decided by then adds up, and the
     * result is marked incomplete. Looked at before every batch. May be null. */
    const volatile int *stop;
    void (*progress)(void *context, uint64_t done, uint64_t expected); /* may be null; from the caller's thread */
    void *progress_context;
    /* Checks a decision; false: it is counted as a mismatch. Called for about num/den of them (RNG_SAMPLE), from any
     * thread. May be null. */
    bool (*verify)(void *context, const authz_image *image, const org_view *view, const authz_request *q, decision got);
    void    *verify_context;
    uint64_t verify_num, verify_den;
    /* A monotonic clock in ns, to measure batches of decisions; null: nothing is measured. */
    int64_t (*clock_ns)(void);
} world_options;

/* ---- result ---- */

typedef struct {
    uint64_t attempts; /* = allowed + denied (both kinds) + shed + timed_out + unfinished; checked in every run */
    uint64_t allowed, implicitly_denied, explicitly_denied, shed, timed_out, unfinished;
    uint64_t denied_at[2][WORLD_LAYERS][ORG_CHAIN_MAX]; /* [0 implicit, 1 explicit][layer][level] */
    uint64_t outdated, stale_allow, stale_deny, stale_neutral;
    uint64_t verified, mismatched;
    /* Decisions of which something could not be evaluated, and how much, by kind: authz/doubts.h. */
    uint64_t doubtful, doubts[DIAGNOSTIC_COUNT];
    int64_t  busy_ns;   /* sum of service times             */
    int64_t  finish_ns; /* when the last request was finished */
} world_counts;

typedef struct {
    uint32_t     region;
    world_counts counts;
    digest digest; /* per decision, little-endian: request n u64, decision, layer, level, 0 (u8 each), revision u32 */
} world_cell;

typedef struct { /* one step of the timeline */
    uint32_t          step;
    control_operation op;
    str               label;
    int64_t           at_ns;
    const char       *exception, *reason; /* null: accepted */
    str               detail;
    uint32_t          revision; /* accepted: the one it made */
    uint64_t          stale_allow, stale_deny, stale_neutral;
    /* [cells], commit until seen, in cell order; null when refused; null for all when cells times accepted changes are
     * more than 2^22. */
    const int64_t *lag_ns;
    int64_t        lag_50_ns, lag_99_ns, lag_100_ns; /* over cells: the smallest with at least that part of them   */
    int64_t        first_stale_ns, last_stale_ns;    /* of stale-allow and stale-deny; -1: none                    */
} world_change;

typedef struct {
    uint64_t decisions, allowed, denied, outdated, stale_allow, stale_deny;
} world_bin; /* by time of decision */

typedef struct {
    bool              complete;
    world_counts      totals;
    world_cell       *cells;
    uint32_t          cell_count;
    world_change     *changes;
    uint32_t          change_count; /* = step_count */
    world_bin         bins[WORLD_BINS];
    int64_t           bin_ns, bins_start_ns; /* cover all windows; decisions behind the last fall into it */
    const hist       *response_ns;           /* finish - arrival                                          */
    const hist       *waiting_ns;            /* start - arrival, shifted by 1 (a histogram starts at 1)   */
    const hist      **region_response_ns;    /* [regions]                                                 */
    const hist       *decide_ns;             /* measured, per decision of a timed batch; null without a clock */
    digest            digest;                /* of the cells' digests in order, then the audit trail's    */
    uint32_t          revision_last;
    uint64_t          images_built;
    authz_image_stats first_image; /* of revision 0 */
} world_result;

status world_run(arena *a, const world_plan *plan, const world_options *options, world_result *out, err *e);
/* Only the steps of the timeline up to a time, that one included: the newest revision then. Once for a plan, as
 * world_run. */
uint32_t world_timeline(arena *a, const world_plan *plan, int64_t until_ns);
/* How many requests a run asks of a cell, over all windows; counted up to `most`. */
status world_arrivals(const world_plan *plan, uint32_t cell, uint64_t most, uint64_t *out, err *e);

#endif
