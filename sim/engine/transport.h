/* transport.h - who runs which job: threads of this process. Jobs must not depend on who runs them, nor when.
 *
 * Threads  jobs are handed out one by one in rising order; transport_run returns when all are done. The caller's
 *          thread works too, so one thread means no thread is made.
 * Errors   a thread that cannot be made costs speed alone: the others do its jobs.
 */
#ifndef ENGINE_TRANSPORT_H
#define ENGINE_TRANSPORT_H

#include <stdint.h>

typedef struct transport transport;
typedef void             transport_job(void *context, uint32_t job, uint32_t worker); /* worker: 0..threads-1 */

transport *transport_new(uint32_t threads); /* 1..TRANSPORT_THREADS_MAX; threads wait between runs */
void       transport_free(transport *t);
uint32_t   transport_threads(const transport *t);
void       transport_run(transport *t, uint32_t job_count, transport_job *job, void *context);

#define TRANSPORT_THREADS_MAX 256

#endif
