#include "bench/environment.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "commit.h"

#define SYSTEM_FILE_MAX ((size_t)4 << 20) /* /proc/cpuinfo of a large host */
#define NOISY_LOAD      0.25              /* of the processors, before we started */
#define OVERHEAD_READS  1001

/* A file of the system, or nothing: what cannot be read is unknown, never an error. */
static str system_text(arena *a, const char *path)
{
    source text;
    return file_read(a, path, SYSTEM_FILE_MAX, &text, NULL) == STATUS_OK ? text.text : (str){"", 0};
}

static str trimmed(str s)
{
    while (s.len > 0 && strchr(" \t\r\n\"", s.ptr[0]) != NULL) s = str_part(s, 1, s.len - 1);
    while (s.len > 0 && strchr(" \t\r\n\"", s.ptr[s.len - 1]) != NULL) s.len--;
    return s;
}

/* The value of the first line `name<separator>value`; empty when there is none. */
static str line_value(str text, const char *name, char separator)
{
    for (size_t at = 0; at < text.len;) {
        size_t end = str_find(text, '\n', at);
        str    line = str_part(text, at, end - at);
        size_t split = str_find(line, separator, 0);
        if (split < line.len && str_is(trimmed(str_part(line, 0, split)), name))
            return trimmed(str_part(line, split + 1, line.len - split - 1));
        at = end + 1;
    }
    return (str){"", 0};
}

static bool has_word(str text, str word)
{
    for (size_t at = 0; at < text.len;) {
        size_t end = str_find(text, ' ', at);
        if (str_eq(str_part(text, at, end - at), word)) return true;
        at = end + 1;
    }
    return false;
}

static str known(arena *a, str s)
{
    return s.len > 0 ? arena_str(a, s) : STR("unknown");
}

static uint64_t positive(long value)
{
    return value > 0 ? (uint64_t)value : 0;
}

static void read_machine(arena *a, environment *out)
{
    struct utsname name;
    bool           named = uname(&name) == 0;
    str            cpuinfo = system_text(a, "/proc/cpuinfo");
    str            model = line_value(cpuinfo, "model name", ':');
    cpu_set_t      usable;
    out->host_os = known(a, line_value(system_text(a, "/etc/os-release"), "PRETTY_NAME", '='));
    out->kernel =
        named ? arena_format(a, "%s %s %s", name.sysname, name.release, name.machine) : known(a, (str){"", 0});
    out->cpu = known(a, model.len == 0 && named ? str_of(name.machine) : model);
    out->governor = known(a, trimmed(system_text(a, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")));
    out->virtual_machine = has_word(line_value(cpuinfo, "flags", ':'), STR("hypervisor")) ||
                           trimmed(system_text(a, "/sys/hypervisor/type")).len > 0;
    out->cpus = sched_getaffinity(0, sizeof usable, &usable) == 0 ? (uint32_t)CPU_COUNT(&usable)
                                                                  : (uint32_t)positive(sysconf(_SC_NPROCESSORS_ONLN));
    out->cache_bytes[0] = positive(sysconf(_SC_LEVEL1_DCACHE_SIZE));
    out->cache_bytes[1] = positive(sysconf(_SC_LEVEL1_ICACHE_SIZE));
    out->cache_bytes[2] = positive(sysconf(_SC_LEVEL2_CACHE_SIZE));
    out->cache_bytes[3] = positive(sysconf(_SC_LEVEL3_CACHE_SIZE));
    out->memory_bytes = positive(sysconf(_SC_PHYS_PAGES)) * positive(sysconf(_SC_PAGESIZE));
}

static void read_build(arena *a, environment *out)
{
#if defined __clang__
    out->compiler = arena_format(a, "clang %d.%d.%d", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
    out->compiler = arena_format(a, "gcc %d.%d.%d", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
#if defined ORGSIM_SANITIZED
    out->allocator = STR("malloc of the sanitizers");
#elif defined ORGSIM_JEMALLOC
    out->allocator = STR("jemalloc");
#else
    out->allocator = STR("malloc");
#endif
    char libc[64] = "unknown";
#if defined _CS_GNU_LIBC_VERSION
    (void)confstr(_CS_GNU_LIBC_VERSION, libc, sizeof libc);
#endif
    out->libc = arena_str(a, str_of(libc));
    out->flags = STR(ORGSIM_FLAGS);
    out->build_type = STR(ORGSIM_BUILD_TYPE);
    out->commit = STR(ORGSIM_COMMIT);
    out->commit_dirty = ORGSIM_COMMIT_DIRTY != 0;
}

void environment_read(arena *a, environment *out)
{
    *out = (environment){0};
    read_machine(a, out);
    read_build(a, out);
    char      date[sizeof "2026-01-01T00:00:00Z"] = "";
    time_t    now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc) != NULL) (void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &utc);
    out->date = known(a, str_of(date));
    if (getloadavg(out->load, 3) != 3) out->load[0] = out->load[1] = out->load[2] = 0;
    bool scaling = !str_is(out->governor, "performance") && !str_is(out->governor, "unknown");
    out->noisy = scaling || out->virtual_machine || out->load[0] > NOISY_LOAD * out->cpus;
}

static void write_caches(out_node *context, const environment *env)
{
    static const struct {
        const char *type;
        int         level;
    } caches[] = {{"Data", 1}, {"Instruction", 1}, {"Unified", 2}, {"Unified", 3}};
    out_node *list = out_array(context, "caches");
    for (size_t i = 0; i < COUNTOF(caches); i++) {
        if (env->cache_bytes[i] == 0) continue;
        out_node *cache = out_object(list, NULL);
        out_text(cache, "type", caches[i].type);
        out_i64(cache, "level", caches[i].level);
        out_u64(cache, "size", env->cache_bytes[i]);
    }
}

void environment_write(out_node *context, const environment *env)
{
    out_str(context, "date", env->date);
    out_u64(context, "num_cpus", env->cpus);
    out_bool(context, "cpu_scaling_enabled",
             !str_is(env->governor, "performance") && !str_is(env->governor, "unknown"));
    write_caches(context, env);
    out_node *load = out_array(context, "load_avg");
    for (int i = 0; i < 3; i++) out_real(load, NULL, env->load[i]);
    out_text(context, "library_build_type", str_is(env->build_type, "Debug") ? "debug" : "release");
    out_str(context, "os", env->host_os);
    out_str(context, "kernel", env->kernel);
    out_str(context, "cpu", env->cpu);
    out_str(context, "governor", env->governor);
    out_bool(context, "virtual_machine", env->virtual_machine);
    out_u64(context, "memory_bytes", env->memory_bytes);
    out_str(context, "compiler", env->compiler);
    out_str(context, "flags", env->flags);
    out_str(context, "build_type", env->build_type);
    out_str(context, "libc", env->libc);
    out_str(context, "allocator", env->allocator);
    out_text(context, "version", ORGSIM_VERSION);
    out_str(context, "commit", env->commit);
    out_bool(context, "commit_dirty", env->commit_dirty);
    out_bool(context, "noisy", env->noisy);
}

static int64_t clock_ns(clockid_t id)
{
    struct timespec t;
    (void)clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_wall_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t clock_cpu_ns(void)
{
    return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

static int compare_i64(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

int64_t clock_overhead_ns(void)
{
    int64_t cost[OVERHEAD_READS], before = clock_wall_ns();
    for (size_t i = 0; i < OVERHEAD_READS; i++) {
        int64_t now = clock_wall_ns();
        cost[i] = now - before;
        before = now;
    }
    qsort(cost, OVERHEAD_READS, sizeof cost[0], compare_i64);
    return cost[OVERHEAD_READS / 2];
}

uint64_t memory_peak_bytes(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? positive(usage.ru_maxrss) * 1024 : 0;
}
