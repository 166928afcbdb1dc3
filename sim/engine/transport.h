/* transport.h - who runs which job: threads of this process. Jobs must not depend on who runs them, nor when.
 *
 * Threads  jobs are handed out one by one in rising order; transport_run returns when all are done. The caller's
 *          thread works too (as worker 0), so one thread means no thread is made. Threads sleep between runs.
 * Order    what the caller wrote before transport_run is seen by every job, what jobs wrote is seen when it returns.
 * Errors   a thread that cannot be made costs speed alone: the others do its jobs.
 */
#ifndef ENGINE_TRANSPORT_H
#define ENGINE_TRANSPORT_H

#include <stdint.h>

typedef struct transport transport;
typedef void             transport_job(void *context, uint32_t job, uint32_t worker); /* worker: 0..threads-1 */

transport *transport_new(uint32_t threads); /* 1..TRANSPORT_THREADS_MAX */
void       transport_free(transport *t);
uint32_t   transport_threads(const transport *t); /* that there are, the caller's included */
void       transport_run(transport *t, uint32_t job_count, transport_job *job, void *context); /* not from a job */

#define TRANSPORT_THREADS_MAX 256

#endif
