#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "bench/core.h"
#include "bench/endtoend.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/terminal.h"
#include "engine/transport.h"

static const char core_text[] = "Measures the decision path alone, beside this machine's memory floor and the\n"
                                "naive oracle, in a generated organization. WORLD is small, large, quota or\n"
                                "giant. Writes timing.json, and sizes.csv with --sizes, into DIR.\n"
                                "\n"
                                "Batches are decided by SCPs alone (Zipf and uniform accounts, by number of\n"
                                "tests), without even asking for other layers (which prices the question), by\n"
                                "SCPs and identity policies, and by all layers: in an organization of the same\n"
                                "size with RCPs (small and large only), requests of mix default and of mix\n"
                                "every-layer. Ratios are against SCPs alone. There too requests of mix default\n"
                                "are explained, from their text: every layer, level and statement is traced,\n"
                                "and the decision must be the core's.\n";

static const char run_text[] = "Measures a scenario end to end: reading it and simulating it, on one thread and\n"
                               "on several, interleaved. Writes timing.json into DIR. `orgsim bench core`\n"
                               "measures the decision path alone.\n";

static str file_in(arena *a, str folder, const char *name)
{
    return arena_format(a, "%.*s/%s", STR_FMT(folder), name);
}

static status core_measure(arena *a, const core_options *options, str folder, str service_time, str *table, err *e)
{
    core_result *r = NULL;
    environment  where = {0};
    TRY(file_make_folder(arena_str(a, folder).ptr, e));
    TRY(core_run(a, options, &r, e));
    environment_read(a, &where);
    TRY(core_write(r, &where, file_in(a, folder, "timing.json").ptr, e));
    if (options->sizes) TRY(core_write_sizes(r, file_in(a, folder, "sizes.csv").ptr, e));
    if (service_time.ptr != NULL) TRY(core_export_service_time(r, arena_str(a, service_time).ptr, e));
    *table = core_table(a, r, terminal_columns());
    return STATUS_OK;
}

static int bench_core(int argc, char **argv)
{
    core_options o = {.world = STR("large"), .seed = 1, .requests = 1 << 20, .oracle_sample = 2000};
    uint64_t     slices = 21;
    str          folder = STR("results/runs/bench-core"), service_time = {0};
    const flag   flags[] = {
          {"world", "WORLD", FLAG_TEXT, &o.world, "default large", NULL},
          {"seed", "S", FLAG_HEX, &o.seed, "of organization and requests (default 1)", NULL},
          {"requests", "N", FLAG_COUNT, &o.requests, "distinct requests (default 1048576)", NULL},
          {"slices", "N", FLAG_COUNT, &slices, "timed repetitions (default 21)", NULL},
          {"sizes", NULL, FLAG_BOOL, &o.sizes, "sweep organization sizes too", NULL},
          {"export-service-time", "FILE", FLAG_TEXT, &service_time, "single decisions as a quantile file", NULL},
          {"quick", NULL, FLAG_BOOL, &o.quick, "tiny, to see that it works", NULL},
          {"out", "DIR", FLAG_TEXT, &folder, "default results/runs/bench-core", NULL},
    };
    const command c = {"bench core",   "", core_text, "orgsim bench core --world large --sizes", flags,
                       COUNTOF(flags), 0,  0};
    int           code = arguments_read(&c, argc, argv, NULL, NULL);
    if (code >= 0) return code;
    if (slices < 1 || slices > 10000) return cli_usage("bench core", "`--slices`, expected 1 to 10000");
    o.slices = (uint32_t)slices;
    arena a;
    err   e = {0};
    str   table = {0};
    arena_init(&a, MEMORY_GENERAL);
    if (core_measure(&a, &o, folder, service_time, &table, &e) != STATUS_OK) {
        code = cli_fail(&e);
    } else {
        (void)printf("%.*s\n%.*s/timing.json\n", STR_FMT(table), STR_FMT(folder));
        code = cli_finish(EXIT_OK);
    }
    arena_deinit(&a);
    return code;
}

static status run_measure(arena *a, const endtoend_options *options, str folder, str *table, err *e)
{
    endtoend_result *r = NULL;
    environment      where = {0};
    TRY(file_make_folder(arena_str(a, folder).ptr, e));
    TRY(endtoend_run(a, options, &r, e));
    environment_read(a, &where);
    TRY(endtoend_write(r, &where, file_in(a, folder, "timing.json").ptr, e));
    *table = endtoend_table(a, r, terminal_columns());
    return STATUS_OK;
}

int cli_bench(int argc, char **argv)
{
    if (argc > 0 && str_is(str_of(argv[0]), "core")) return bench_core(argc - 1, argv + 1);
    long       online = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t   threads = online > 0 ? (uint64_t)online : 1, repetitions = 5;
    str        folder = STR("results/runs/bench"), scenario_name = STR("quickstart");
    const flag flags[] = {
        {"threads", "N", FLAG_COUNT, &threads, "beside one (default: one per processor)", NULL},
        {"repetitions", "N", FLAG_COUNT, &repetitions, "of each (default 5)", NULL},
        {"out", "DIR", FLAG_TEXT, &folder, "default results/runs/bench", NULL},
    };
    const command c = {"bench", "[SCENARIO]",   run_text, "orgsim bench quickstart --repetitions 5",
                       flags,   COUNTOF(flags), 0,        1};
    int           code = arguments_read(&c, argc, argv, &scenario_name, NULL);
    if (code >= 0) return code;
    if (threads < 1 || threads > TRANSPORT_THREADS_MAX || repetitions < 1 || repetitions > 1000)
        return cli_usage("bench", "expected 1 to %d threads and 1 to 1000 repetitions", TRANSPORT_THREADS_MAX);
    endtoend_options o = {
        .scenario = scenario_name, .threads = (uint32_t)threads, .repetitions = (uint32_t)repetitions};
    arena a;
    err   e = {0};
    str   table = {0};
    arena_init(&a, MEMORY_GENERAL);
    if (run_measure(&a, &o, folder, &table, &e) != STATUS_OK) {
        code = cli_fail(&e);
    } else {
        (void)printf("%.*s\n%.*s/timing.json\n", STR_FMT(table), STR_FMT(folder));
        code = cli_finish(EXIT_OK);
    }
    arena_deinit(&a);
    return code;
}
