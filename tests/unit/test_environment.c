#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/environment.h"

static arena a;

static int setup(void **state)
{
    (void)state;
    arena_init(&a, MEMORY_GENERAL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&a);
    return 0;
}

static void every_text_says_something(void **state)
{
    (void)state;
    environment env;
    environment_read(&a, &env);
    const str texts[] = {env.host_os,    env.kernel, env.cpu,       env.governor, env.compiler, env.flags,
                         env.build_type, env.libc,   env.allocator, env.commit,   env.date};
    for (size_t i = 0; i < COUNTOF(texts); i++)
        if (texts[i].len == 0) fail_msg("text %zu is empty", i);
    assert_true(env.cpus > 0);
    assert_true(env.memory_bytes > 1 << 20);
    assert_true(str_starts(env.compiler, STR("gcc ")) || str_starts(env.compiler, STR("clang ")));
    assert_true(str_is(env.commit, "unknown") || env.commit.len == 40);
    assert_int_equal(env.date.len, sizeof "2026-01-01T00:00:00Z" - 1);
}

static void context_is_google_benchmarks(void **state)
{
    (void)state;
    environment env;
    environment_read(&a, &env);
    document *d = document_new_object();
    environment_write(document_out(d), &env);
    source    in = {.name = STR("context"), .text = document_print(&a, d)};
    document *read = NULL;
    err       e = {0};
    if (document_parse(&a, &in, &read, &e) != STATUS_OK) fail_msg("%s", e.text);
    static const char *const names[] = {"date",     "num_cpus", "cpu_scaling_enabled", "caches",
                                        "load_avg", "commit",   "library_build_type",  "compiler"};
    for (size_t i = 0; i < COUNTOF(names); i++)
        if (node_get(document_root(read), names[i]) == NULL) fail_msg("no member `%s`", names[i]);
    assert_int_equal(node_count(node_get(document_root(read), "load_avg")), 3);
    document_free(read);
    document_free(d);
}

static void clocks_do_not_run_backwards(void **state)
{
    (void)state;
    int64_t wall = clock_wall_ns(), cpu = clock_cpu_ns();
    for (int i = 0; i < 1000; i++) {
        int64_t now = clock_wall_ns();
        assert_true(now >= wall);
        wall = now;
    }
    assert_true(clock_cpu_ns() >= cpu);
    assert_in_range(clock_overhead_ns(), 0, 100000);
}

static void peak_covers_what_was_touched(void **state)
{
    (void)state;
    const size_t size = (size_t)32 << 20;
    char        *block = memory_alloc(MEMORY_GENERAL, size);
    memset(block, 1, size);
    assert_true(memory_peak_bytes() >= size);
    memory_free(MEMORY_GENERAL, block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_says_something),
        cmocka_unit_test(context_is_google_benchmarks),
        cmocka_unit_test(clocks_do_not_run_backwards),
        cmocka_unit_test(peak_covers_what_was_touched),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
