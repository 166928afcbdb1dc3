#include "authz/scratch.h"

#include <assert.h>
#include <pthread.h>

static _Thread_local arena *mine;
static pthread_key_t        ending;
static pthread_once_t       once = PTHREAD_ONCE_INIT;

static void scratch_free(void *a)
{
    arena_deinit(a);
    memory_free(MEMORY_IMAGE, a);
}

static void key_create(void)
{
    int made = pthread_key_create(&ending, scratch_free);
    assert(made == 0);
}

arena scratch_get(void)
{
    if (mine == NULL) {
        (void)pthread_once(&once, key_create);
        mine = memory_alloc(MEMORY_IMAGE, sizeof *mine);
        arena_init(mine, MEMORY_IMAGE);
        int kept = pthread_setspecific(ending, mine);
        assert(kept == 0);
    }
    return *mine;
}
