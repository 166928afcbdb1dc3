#include "engine/transport.h"

#include <assert.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "engine/threads.h"

typedef struct {
    transport *t;
    uint32_t   worker;
    pthread_t  thread;
} member;

/* Under the lock: run, away, ending and the run's job, context and count. Jobs are claimed from `next` without it, on a
 * cache line of its own. */
struct transport {
    pthread_mutex_t lock;
    pthread_cond_t  begun, ended;
    member         *members; /* [thread_count - 1] */
    uint32_t        thread_count;
    uint64_t        run;  /* how many were begun: a member joins each once */
    uint32_t        away; /* members that have not finished the run        */
    bool            ending;
    transport_job  *job;
    void           *context;
    uint32_t        job_count;
    unsigned char   apart[64];
    atomic_uint     next;
    unsigned char   apart_too[64];
};

static void jobs_take(transport *t, uint32_t worker)
{
    for (;;) {
        uint32_t job = atomic_fetch_add_explicit(&t->next, 1, memory_order_relaxed);
        if (job >= t->job_count) return;
        t->job(t->context, job, worker);
    }
}

static void *member_main(void *context)
{
    const member *m = context;
    transport    *t = m->t;
    uint64_t      joined = 0;
    (void)pthread_mutex_lock(&t->lock);
    for (;;) {
        while (t->run == joined && !t->ending) (void)pthread_cond_wait(&t->begun, &t->lock);
        if (t->ending) break;
        joined = t->run;
        (void)pthread_mutex_unlock(&t->lock);
        jobs_take(t, m->worker);
        (void)pthread_mutex_lock(&t->lock);
        if (--t->away == 0) (void)pthread_cond_signal(&t->ended);
    }
    (void)pthread_mutex_unlock(&t->lock);
    return NULL;
}

transport *transport_make(uint32_t threads, thread_maker *make)
{
    assert(threads >= 1);
    assert(threads <= TRANSPORT_THREADS_MAX);
    transport *t = memory_alloc(MEMORY_WORLD, sizeof *t);
    (void)pthread_mutex_init(&t->lock, NULL);
    (void)pthread_cond_init(&t->begun, NULL);
    (void)pthread_cond_init(&t->ended, NULL);
    t->members = memory_alloc(MEMORY_WORLD, threads * sizeof *t->members);
    t->thread_count = 1;
    while (t->thread_count < threads) {
        member *m = &t->members[t->thread_count - 1];
        *m = (member){.t = t, .worker = t->thread_count};
        if (make(&m->thread, NULL, member_main, m) != 0) break;
        t->thread_count++;
    }
    return t;
}

transport *transport_new(uint32_t threads)
{
    return transport_make(threads, pthread_create);
}

void transport_free(transport *t)
{
    if (t == NULL) return;
    (void)pthread_mutex_lock(&t->lock);
    t->ending = true;
    (void)pthread_cond_broadcast(&t->begun);
    (void)pthread_mutex_unlock(&t->lock);
    for (uint32_t i = 0; i + 1 < t->thread_count; i++) (void)pthread_join(t->members[i].thread, NULL);
    (void)pthread_cond_destroy(&t->ended);
    (void)pthread_cond_destroy(&t->begun);
    (void)pthread_mutex_destroy(&t->lock);
    memory_free(MEMORY_WORLD, t->members);
    memory_free(MEMORY_WORLD, t);
}

uint32_t transport_threads(const transport *t)
{
    return t->thread_count;
}

void transport_run(transport *t, uint32_t job_count, transport_job *job, void *context)
{
    assert(job_count <= UINT32_MAX - TRANSPORT_THREADS_MAX); /* `next` goes one beyond for every thread */
    assert(t->away == 0);
    (void)pthread_mutex_lock(&t->lock);
    t->job = job;
    t->context = context;
    t->job_count = job_count;
    atomic_store_explicit(&t->next, 0, memory_order_relaxed);
    if (t->thread_count > 1 && job_count > 1) {
        t->away = t->thread_count - 1;
        t->run++;
        (void)pthread_cond_broadcast(&t->begun);
    }
    (void)pthread_mutex_unlock(&t->lock);
    jobs_take(t, 0);
    (void)pthread_mutex_lock(&t->lock);
    while (t->away > 0) (void)pthread_cond_wait(&t->ended, &t->lock);
    (void)pthread_mutex_unlock(&t->lock);
}
