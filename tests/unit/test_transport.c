/* test_transport.c - every job is done once, whoever is there to do it; label threads. */
#include "engine/transport.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "engine/threads.h"

#define JOBS_MAX 3000u

typedef struct {
    uint32_t    written[JOBS_MAX]; /* by whoever does the job: nobody else touches it */
    uint32_t    last[TRANSPORT_THREADS_MAX];
    atomic_uint done, out_of_order, strangers;
    uint32_t    threads, serial;
} ledger;

static void job_note(void *context, uint32_t job, uint32_t worker)
{
    ledger *l = context;
    l->written[job] += l->serial;
    if (worker >= l->threads) {
        atomic_fetch_add(&l->strangers, 1);
        return;
    }
    if (l->last[worker] > job) atomic_fetch_add(&l->out_of_order, 1);
    l->last[worker] = job + 1;
    atomic_fetch_add(&l->done, 1);
}

static void run_and_check(transport *t, ledger *l, uint32_t job_count, uint32_t serial)
{
    memset(l, 0, sizeof *l);
    l->threads = transport_threads(t);
    l->serial = serial;
    transport_run(t, job_count, job_note, l);
    assert_int_equal(atomic_load(&l->done), job_count);
    assert_int_equal(atomic_load(&l->out_of_order), 0);
    assert_int_equal(atomic_load(&l->strangers), 0);
    for (uint32_t i = 0; i < JOBS_MAX; i++)
        if (l->written[i] != (i < job_count ? serial : 0)) fail_msg("job %u of %u: %u", i, job_count, l->written[i]);
}

static void every_job_once(void **state)
{
    (void)state;
    static ledger         l;
    static const uint32_t threads[] = {1, 2, 3, 7, TRANSPORT_THREADS_MAX}, jobs[] = {0, 1, 2, 5, 64, JOBS_MAX};
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        transport *t = transport_new(threads[i]);
        assert_int_equal(transport_threads(t), threads[i]);
        for (uint32_t round = 1; round <= 20; round++)
            run_and_check(t, &l, jobs[round % (sizeof jobs / sizeof jobs[0])], round);
        transport_free(t);
    }
}

static void unused_and_absent_are_freed(void **state)
{
    (void)state;
    transport_free(transport_new(4));
    transport_free(NULL);
}

/* The first `left` threads are made, the others refused as a full machine does. */
static uint32_t left;

static int make_few(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *context)
{
    if (left == 0) return EAGAIN;
    left--;
    return pthread_create(thread, attributes, body, context);
}

static void missing_threads_cost_speed_alone(void **state)
{
    (void)state;
    static ledger l;
    for (uint32_t made = 0; made < 4; made++) {
        left = made;
        transport *t = transport_make(4, make_few);
        assert_int_equal(transport_threads(t), 1 + made);
        for (uint32_t round = 1; round < 5; round++) run_and_check(t, &l, 100 * round, round);
        transport_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_once),
        cmocka_unit_test(unused_and_absent_are_freed),
        cmocka_unit_test(missing_threads_cost_speed_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
