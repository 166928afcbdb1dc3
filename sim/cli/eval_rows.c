#include "cli/eval_rows.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "engine/transport.h"

#define BATCH_BYTES_EACH ((size_t)1 << 20) /* for each thread */
#define BATCH_BYTES_MIN  ((size_t)4 << 20)
#define BATCH_BYTES_MAX  ((size_t)64 << 20)
#define JOB_BYTES_MIN    ((size_t)4 << 10)
#define JOBS_EACH        16 /* for each thread: the last ones are short */

/* Some records of a batch, decided by one thread. */
typedef struct {
    uint32_t    first, count; /* of the batch's records */
    uint32_t    answered, failed;
    answer_text text;
    bool        done, last; /* last: nothing behind it may be written */
    err         why;        /* when last because of a bad record */
} eval_job;

typedef struct {
    record_reader      *in;
    const eval_options *o;
    eval_totals        *totals;
    answer_worker      *workers;
    record_batch        batches[2], *now, *next;
    size_t              batch_bytes;
    uint64_t            number; /* of the batch's first answer */
    bool                array;  /* the input is one */
    eval_job           *jobs;
    uint32_t            job_count, job_capacity, reads_at; /* which job reads the next batch */
    status              read_status;
    err                 read_error;
    pthread_mutex_t     lock;    /* of what follows */
    uint32_t            written; /* jobs */
    bool                ended;
    status              status;
    err                 why;
    progress            bar;
} eval_run;

/* ---- writing, in order ---- */

static bool write_all(eval_run *x, str text)
{
    while (text.len > 0) {
        ssize_t n = write(STDOUT_FILENO, text.ptr, text.len);
        if (n < 0 && errno == EINTR && !stop_is_set(x->o->stop)) continue;
        if (n < 0 && errno == EINTR) return false;
        if (n < 0) x->totals->write_error = errno;
        if (n < 0) return false;
        text = str_part(text, (size_t)n, text.len - (size_t)n);
    }
    return true;
}

/* Whoever has finished a job writes all that is ready behind what was written. */
static void job_done(eval_run *x, eval_job *job)
{
    (void)pthread_mutex_lock(&x->lock);
    job->done = true;
    for (; x->written < x->job_count && x->jobs[x->written].done; x->written++) {
        const eval_job *next = &x->jobs[x->written];
        if (x->ended) continue;
        x->ended = !write_all(x, (str){next->text.ptr, next->text.len}) || next->last;
        x->totals->answered += next->answered;
        x->totals->failed += next->failed;
        if (next->why.code != STATUS_OK) x->status = next->why.code;
        if (next->why.code != STATUS_OK) x->why = next->why;
    }
    (void)pthread_mutex_unlock(&x->lock);
}

static bool is_ended(eval_run *x)
{
    (void)pthread_mutex_lock(&x->lock);
    bool ended = x->ended;
    (void)pthread_mutex_unlock(&x->lock);
    return ended;
}

/* ---- deciding ---- */

/* Where records stand in the input, found by going through the text once in rising order. */
typedef struct {
    const record_batch *b;
    size_t              at;
    uint64_t            line, column;
} place_finder;

static void place_find(place_finder *f, size_t at)
{
    const char *text = f->b->text, *newline;
    while (at > f->at && (newline = memchr(text + f->at, '\n', at - f->at)) != NULL) {
        f->at = (size_t)(newline - text) + 1;
        f->line++;
        f->column = 1;
    }
    f->column += at - f->at;
    f->at = at;
}

static void job_decide(eval_run *x, eval_job *job, answer_worker *w)
{
    const record_batch *b = x->now;
    place_finder        f = {b, 0, b->line, b->column};
    answer_record       a = {.name = record_reader_name(x->in), .element = x->array};
    for (uint32_t i = 0; i < job->count && !job->last; i++) {
        const record *r = &b->items[job->first + i];
        size_t        before = job->text.len;
        err           e = {.code = STATUS_OK};
        a.text = (str){b->text + r->begin, r->end - r->begin};
        a.flaw = r->flaw;
        a.number = x->number + job->first + i;
        a.line = a.column = 0;
        status s =
            stop_is_set(x->o->stop) ? STATUS_INTERRUPTED : answer_record_decide(w, &x->o->answers, &a, &job->text, &e);
        bool bad = s != STATUS_OK && s != STATUS_INTERRUPTED;
        if (bad) { /* again, as the answer says where: few records are bad, and places take time to find */
            job->text.len = before;
            place_find(&f, r->begin);
            a.line = f.line;
            a.column = f.column;
            s = answer_record_decide(w, &x->o->answers, &a, &job->text, &e);
        }
        job->last = s == STATUS_INTERRUPTED || (bad && x->o->stop_at_error);
        if (job->last) {
            job->text.len = before;
            job->why = e;
            break;
        }
        job->answered++;
        job->failed += bad;
    }
}

static void job_run(void *context, uint32_t index, uint32_t worker)
{
    eval_run *x = context;
    if (index == x->reads_at) {
        if (!is_ended(x))
            x->read_status = record_reader_next(x->in, x->now, x->next, x->batch_bytes, x->o->stop, &x->read_error);
        return;
    }
    eval_job *job = &x->jobs[index < x->reads_at ? index : index - 1];
    if (!is_ended(x)) job_decide(x, job, &x->workers[worker]);
    job_done(x, job);
}

/* ---- batches ---- */

static eval_job *job_add(eval_run *x, uint32_t first)
{
    if (x->job_count == x->job_capacity) {
        uint32_t wider = x->job_capacity * 2 + 64;
        x->jobs = memory_realloc(MEMORY_GENERAL, x->jobs, x->job_capacity * sizeof *x->jobs, wider * sizeof *x->jobs);
        x->job_capacity = wider;
    }
    eval_job *job = &x->jobs[x->job_count++];
    *job = (eval_job){.first = first, .text = {.ptr = job->text.ptr, .capacity = job->text.capacity}};
    return job;
}

/* Cuts the batch into jobs of about the same number of bytes. */
static void jobs_make(eval_run *x)
{
    const record_batch *b = x->now;
    size_t              bytes = b->used / ((size_t)x->o->threads * JOBS_EACH), begin = 0;
    if (bytes < JOB_BYTES_MIN) bytes = JOB_BYTES_MIN;
    x->job_count = 0;
    x->written = 0;
    for (uint32_t i = 0; i < b->count; i++) {
        if (x->job_count > 0 && b->items[i].begin - begin < bytes) {
            x->jobs[x->job_count - 1].count++;
            continue;
        }
        begin = b->items[i].begin;
        job_add(x, i)->count = 1;
    }
}

static void batches_run(eval_run *x, transport *t)
{
    bool alone = transport_threads(t) == 1;
    x->read_status = record_reader_next(x->in, NULL, x->now, x->batch_bytes, x->o->stop, &x->read_error);
    x->array = record_reader_is_array(x->in);
    while (x->now->count > 0 && !x->ended) {
        bool more = x->read_status == STATUS_OK;
        jobs_make(x);
        /* Who is alone must not wait for input before it has answered what there is. */
        x->reads_at = !more ? UINT32_MAX : alone ? x->job_count : 0;
        transport_run(t, x->job_count + (more ? 1 : 0), job_run, x);
        progress_rows(&x->bar, x->totals->answered, record_reader_bytes(x->in));
        if (!more) break;
        x->number += x->now->count;
        record_batch *last = x->now;
        x->now = x->next;
        x->next = last;
    }
}

status eval_rows(record_reader *in, const eval_options *o, eval_totals *totals, err *e)
{
    transport *t = transport_new(o->threads);
    eval_run   x = {.in = in, .o = o, .totals = totals, .batch_bytes = o->threads * BATCH_BYTES_EACH};
    if (x.batch_bytes < BATCH_BYTES_MIN) x.batch_bytes = BATCH_BYTES_MIN;
    if (x.batch_bytes > BATCH_BYTES_MAX) x.batch_bytes = BATCH_BYTES_MAX;
    x.now = &x.batches[0];
    x.next = &x.batches[1];
    x.workers = memory_alloc(MEMORY_GENERAL, o->threads * sizeof *x.workers);
    for (uint32_t i = 0; i < o->threads; i++)
        answer_worker_init(&x.workers[i], &o->answers, EVAL_TABLE_BYTES / o->threads);
    (void)pthread_mutex_init(&x.lock, NULL);
    progress_start(&x.bar, "rows");

    batches_run(&x, t);

    progress_end(&x.bar);
    (void)pthread_mutex_destroy(&x.lock);
    transport_free(t);
    for (uint32_t i = 0; i < o->threads; i++) answer_worker_deinit(&x.workers[i]);
    for (uint32_t i = 0; i < x.job_capacity; i++) answer_text_free(&x.jobs[i].text);
    memory_free(MEMORY_GENERAL, x.workers);
    memory_free(MEMORY_GENERAL, x.jobs);
    record_batch_free(&x.batches[0]);
    record_batch_free(&x.batches[1]);
    if (x.status != STATUS_OK) {
        *e = x.why;
        return x.status;
    }
    if (stop_is_set(o->stop))
        return err_set(e, STATUS_INTERRUPTED, "interrupted after %llu answers", (unsigned long long)totals->answered);
    if (x.read_status != STATUS_OK && !x.ended) *e = x.read_error;
    return x.ended ? STATUS_OK : x.read_status;
}
