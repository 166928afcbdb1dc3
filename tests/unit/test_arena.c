/* test_arena.c - bump arenas and scratch by value, single blocks, the slab pool, memory by subsystem; label threads. */
#include "base/arena.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/hash.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN
#endif
#endif
#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
#endif

static bool all_bytes(const unsigned char *p, size_t len, unsigned char want)
{
    for (size_t i = 0; i < len; i++)
        if (p[i] != want) return false;
    return true;
}

/* Allocations of many sizes, each filled with a byte of its own, are zeroed, aligned and never overlap. */
static void allocations_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    arena           a;
    unsigned char **at = memory_alloc(MEMORY_GENERAL, COUNT * sizeof *at);
    size_t         *len = memory_alloc(MEMORY_GENERAL, COUNT * sizeof *len);
    arena_init(&a, MEMORY_GENERAL);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < COUNT; i++) {
            uint64_t u = hash_mix(i, 7);
            size_t   align = (size_t)1 << (u & 3) << (u >> 2 & 1);
            len[i] = i % 500 == 499 ? 300000 : (size_t)(u >> 8) % 700;
            at[i] = arena_alloc(&a, 1, align, len[i]);
            assert_int_equal((uintptr_t)at[i] % align, 0);
            assert_true(all_bytes(at[i], len[i], 0));
            memset(at[i], (int)(i % 255 + 1), len[i]);
        }
        for (size_t i = 0; i < COUNT; i++) assert_true(all_bytes(at[i], len[i], (unsigned char)(i % 255 + 1)));
        arena_reset(&a);
    }
    arena_deinit(&a);
    assert_int_equal(arena_bytes(&a), 0);
    memory_free(MEMORY_GENERAL, at);
    memory_free(MEMORY_GENERAL, len);
}

static void spend(arena scratch, size_t bytes)
{
    for (size_t part = 1000; bytes >= part; bytes -= part) memset(ARENA_NEW(&scratch, char, part), 0xee, part);
}

static void scratch_by_value_is_given_back(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    char *kept = ARENA_NEW(&a, char, 100);
    memset(kept, 'k', 100);
    spend(a, 1000000);
    size_t bytes = arena_bytes(&a);
    for (int i = 0; i < 50; i++) spend(a, 1000000);
    assert_int_equal(arena_bytes(&a), bytes);
    assert_true(all_bytes((unsigned char *)kept, 100, 'k'));
    for (int i = 0; i < 900; i++) assert_true(all_bytes((unsigned char *)ARENA_NEW(&a, char, 1000), 1000, 0));
    assert_int_equal(arena_bytes(&a), bytes);
    arena_deinit(&a);
}

static void scratch_too_small_gets_a_block_in_between(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    spend(a, 100000); /* leaves a block of 128 KiB behind the first */
    size_t bytes = arena_bytes(&a);
    arena  scratch = a;
    memset(ARENA_NEW(&scratch, char, 10000000), 1, 10000000);
    assert_int_equal(arena_bytes(&a), bytes + 10000000);
    scratch = a;
    memset(ARENA_NEW(&scratch, char, 10000000), 1, 10000000);
    assert_int_equal(arena_bytes(&a), bytes + 10000000);
    arena_deinit(&a);
}

static void reset_keeps_the_blocks(void **state)
{
    (void)state;
    arena a = {.subsystem = MEMORY_GENERAL}; /* never initialised: the first allocation does it */
    assert_int_equal(arena_bytes(&a), 0);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 1000; i++) (void)ARENA_NEW(&a, uint64_t, 100);
        static size_t bytes;
        if (round == 0) bytes = arena_bytes(&a);
        assert_int_equal(arena_bytes(&a), bytes);
        arena_reset(&a);
    }
    arena_deinit(&a);
}

static void arrays_grow(void **state)
{
    (void)state;
    arena     a;
    uint32_t *items = NULL;
    size_t    count = 0, capacity = 0;
    arena_init(&a, MEMORY_GENERAL);
    for (uint32_t i = 0; i < 10000; i++) {
        uint32_t *slot = ARENA_PUSH(&a, uint32_t, items, count, capacity);
        assert_int_equal(*slot, 0);
        *slot = i * 3;
    }
    assert_int_equal(count, 10000);
    for (uint32_t i = 0; i < count; i++) assert_int_equal(items[i], i * 3);
    arena_deinit(&a);
}

static void text_has_a_nul_behind_it(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    str copy = arena_str(&a, str_part(STR("abcdef"), 1, 3));
    assert_string_equal(copy.ptr, "bcd");
    assert_int_equal(arena_str(&a, (str){NULL, 0}).ptr[0], '\0');
    str text = arena_format(&a, "%05d|%s", 42, "x");
    assert_true(str_is(text, "00042|x"));
    assert_int_equal(text.ptr[text.len], '\0');
    assert_int_equal(arena_format(&a, "%*d", 100000, 1).len, 100000);
    arena_deinit(&a);
}

static void realloc_keeps_and_zeroes(void **state)
{
    (void)state;
    unsigned char *block = memory_realloc(MEMORY_GENERAL, NULL, 0, 10);
    assert_true(all_bytes(block, 10, 0));
    memset(block, 9, 10);
    block = memory_realloc(MEMORY_GENERAL, block, 10, 5000);
    assert_true(all_bytes(block, 10, 9));
    assert_true(all_bytes(block + 10, 4990, 0));
    block = memory_realloc(MEMORY_GENERAL, block, 5000, 4);
    assert_true(all_bytes(block, 4, 9));
    memory_free(MEMORY_GENERAL, block);
    memory_free(MEMORY_GENERAL, NULL);
}

static void impossible_request_ends_with_code_three(void **state)
{
    (void)state;
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        arena a;
        (void)dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        arena_init(&a, MEMORY_GENERAL);
        (void)arena_alloc(&a, SIZE_MAX / 4, 1, 5);
        _exit(0);
    }
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 3);
}

/* What was not handed out, or was given back, must trap under AddressSanitizer. */
static void unused_memory_is_poisoned(void **state)
{
    (void)state;
#ifdef HAS_ASAN
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    char *bytes = ARENA_NEW(&a, char, 8);
    assert_false(__asan_address_is_poisoned(bytes + 7));
    assert_true(__asan_address_is_poisoned(bytes + 8));
    char *next = ARENA_NEW(&a, char, 8);
    assert_true(__asan_address_is_poisoned(next - 1));
    arena_reset(&a);
    assert_true(__asan_address_is_poisoned(bytes));
    arena_deinit(&a);
    slab_pool *pool = slab_pool_new(MEMORY_IMAGE);
    char      *object = slab_alloc(pool, 24);
    assert_false(__asan_address_is_poisoned(object + 23));
    assert_true(__asan_address_is_poisoned(object + 24));
    slab_release(pool, object);
    assert_true(__asan_address_is_poisoned(object));
    slab_pool_free(pool);
#else
    skip();
#endif
}

static void memory_is_measured_by_subsystem(void **state)
{
    (void)state;
    memory_stats before, during, other_before, other_during;
    if (!memory_stats_get(MEMORY_WORLD, &before)) skip(); /* under sanitizers */
    assert_true(memory_stats_get(MEMORY_ORG, &other_before));
    void *block = memory_alloc(MEMORY_WORLD, (size_t)8 << 20);
    memset(block, 1, (size_t)8 << 20);
    assert_true(memory_stats_get(MEMORY_WORLD, &during));
    assert_true(memory_stats_get(MEMORY_ORG, &other_during));
    memory_free(MEMORY_WORLD, block);
    assert_true(during.allocated_bytes >= before.allocated_bytes + ((uint64_t)8 << 20));
    assert_true(during.resident_bytes >= during.allocated_bytes);
    assert_int_equal(other_during.allocated_bytes, other_before.allocated_bytes);
    assert_true(memory_stats_get(MEMORY_WORLD, &during));
    assert_int_equal(during.allocated_bytes, before.allocated_bytes);
    assert_string_equal(memory_name(MEMORY_WORLD), "world");
}

static uint64_t allocated(memory_subsystem subsystem)
{
    memory_stats stats = {0};
    if (!memory_stats_get(subsystem, &stats)) skip(); /* under sanitizers */
    return stats.allocated_bytes;
}

/* jemalloc rounds up to four sizes in a doubling; blocks are made so that this costs next to nothing. */
static void blocks_waste_little(void **state)
{
    (void)state;
    enum { COUNT = 2000 };
    uint64_t world = allocated(MEMORY_WORLD);
    arena    a;
    arena_init(&a, MEMORY_WORLD);
    for (int i = 0; i < COUNT; i++) (void)arena_alloc(&a, 10000, 16, 1);
    assert_true((allocated(MEMORY_WORLD) - world) * 100 <= (uint64_t)arena_bytes(&a) * 101);
    arena_deinit(&a);

    static const size_t sizes[] = {1000, 50000};
    for (size_t s = 0; s < COUNTOF(sizes); s++) {
        uint64_t   image = allocated(MEMORY_IMAGE);
        slab_pool *pool = slab_pool_new(MEMORY_IMAGE);
        void      *objects[COUNT];
        for (int i = 0; i < COUNT; i++) objects[i] = slab_alloc(pool, sizes[s]);
        assert_true((allocated(MEMORY_IMAGE) - image) * 100 <= (uint64_t)slab_live_bytes(pool) * 105);
        for (int i = 0; i < COUNT; i++) slab_release(pool, objects[i]);
        slab_pool_free(pool);
    }
}

static void slab_objects_of_all_sizes(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 15, 16, 17, 48, 49, 100, 1000, 4096, 32000, 33000, 100000, SLAB_BYTES_MAX};
    slab_pool          *pool = slab_pool_new(MEMORY_IMAGE);
    for (int round = 0; round < 3; round++) {
        unsigned char *objects[COUNTOF(sizes)][20];
        for (size_t i = 0; i < COUNTOF(sizes); i++)
            for (size_t j = 0; j < COUNTOF(objects[i]); j++) {
                objects[i][j] = slab_alloc(pool, sizes[i]);
                assert_int_equal((uintptr_t)objects[i][j] % 16, 0);
                assert_true(all_bytes(objects[i][j], sizes[i], 0));
                memset(objects[i][j], (int)(i * 16 + j % 16), sizes[i]);
            }
        for (size_t i = 0; i < COUNTOF(sizes); i++)
            for (size_t j = 0; j < COUNTOF(objects[i]); j++) {
                assert_true(all_bytes(objects[i][j], sizes[i], (unsigned char)(i * 16 + j % 16)));
                slab_release(pool, objects[i][j]);
            }
        assert_int_equal(slab_live_bytes(pool), 0);
    }
    slab_pool_free(pool);
    slab_pool_free(NULL);
}

static void slab_object_lives_until_its_last_release(void **state)
{
    (void)state;
    slab_pool *pool = slab_pool_new(MEMORY_IMAGE);
    void      *object = slab_alloc(pool, 100);
    assert_int_equal(slab_count(object), 1);
    slab_retain(object);
    assert_int_equal(slab_count(object), 2);
    slab_release(pool, object);
    assert_int_equal(slab_count(object), 1);
    size_t live = slab_live_bytes(pool);
    assert_true(live >= 100 && live <= 160);
    slab_release(pool, object);
    assert_int_equal(slab_live_bytes(pool), 0);
    void *again = slab_alloc(pool, 97); /* same class: the same memory */
    assert_ptr_equal(again, object);
    memset(again, 7, 97);
    unsigned char *copy = slab_copy(pool, again, 97);
    assert_ptr_not_equal(copy, again);
    assert_int_equal(slab_count(copy), 1);
    assert_memory_equal(copy, again, 97);
    slab_release(pool, copy);
    slab_release(pool, again);
    slab_pool_free(pool);
}

typedef struct {
    slab_pool *pool;
    void      *shared, **own;
    size_t     own_count;
} slab_worker;

static void *slab_work(void *argument)
{
    slab_worker *w = argument;
    for (size_t i = 0; i < w->own_count; i++) {
        slab_retain(w->shared);
        slab_release(w->pool, w->own[i]);
        slab_release(w->pool, w->shared);
    }
    return NULL;
}

static void slab_release_from_many_threads(void **state)
{
    (void)state;
    enum { THREADS = 3, OWN = 2000 };
    static void *own[THREADS][OWN];
    slab_pool   *pool = slab_pool_new(MEMORY_IMAGE);
    void        *shared = slab_alloc(pool, 64);
    pthread_t    threads[THREADS];
    slab_worker  workers[THREADS];
    for (size_t t = 0; t < THREADS; t++) {
        for (size_t i = 0; i < OWN; i++) own[t][i] = slab_alloc(pool, i % 300);
        workers[t] = (slab_worker){pool, shared, own[t], OWN};
    }
    for (size_t t = 0; t < THREADS; t++) assert_int_equal(pthread_create(&threads[t], NULL, slab_work, &workers[t]), 0);
    for (size_t i = 0; i < OWN; i++) slab_release(pool, slab_alloc(pool, i % 300)); /* meanwhile */
    for (size_t t = 0; t < THREADS; t++) assert_int_equal(pthread_join(threads[t], NULL), 0);
    assert_int_equal(slab_count(shared), 1);
    slab_release(pool, shared);
    assert_int_equal(slab_live_bytes(pool), 0);
    slab_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_zeroed_aligned_and_apart),
        cmocka_unit_test(scratch_by_value_is_given_back),
        cmocka_unit_test(scratch_too_small_gets_a_block_in_between),
        cmocka_unit_test(reset_keeps_the_blocks),
        cmocka_unit_test(arrays_grow),
        cmocka_unit_test(text_has_a_nul_behind_it),
        cmocka_unit_test(realloc_keeps_and_zeroes),
        cmocka_unit_test(impossible_request_ends_with_code_three),
        cmocka_unit_test(unused_memory_is_poisoned),
        cmocka_unit_test(memory_is_measured_by_subsystem),
        cmocka_unit_test(blocks_waste_little),
        cmocka_unit_test(slab_objects_of_all_sizes),
        cmocka_unit_test(slab_object_lives_until_its_last_release),
        cmocka_unit_test(slab_release_from_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
