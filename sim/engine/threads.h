/* threads.h - inside this room and for its test: who makes threads, so that a test can let it fail. */
#ifndef ENGINE_THREADS_H
#define ENGINE_THREADS_H

#include <pthread.h>

#include "engine/transport.h"

/* As pthread_create: 0 when the thread was made. */
typedef int thread_maker(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *context);

transport *transport_make(uint32_t threads, thread_maker *make);

#endif
