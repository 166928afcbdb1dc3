#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "bench/output.h"
#include "bench/report.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/terminal.h"
#include "cli/verify.h"
#include "engine/transport.h"
#include "workloads/scenario.h"

static const char text[] = "Simulates a scenario, writes results, measurements, pictures and report.html\n"
                           "into a folder and prints a summary with the digest. SCENARIO is the name of one\n"
                           "that comes with the program (quickstart, every-layer, small, two-levels,\n"
                           "five-accounts, giant), or a file.\n"
                           "Equal scenario and seed give the same results.json, byte for byte, for any\n"
                           "number of threads.\n";

typedef struct {
    uint64_t  seed, threads;
    text_list sets;
    str       out;
    ratio     verify;
    bool      seed_given, json, no_report;
} run_flags;

typedef struct { /* what a run needs and leaves, freed in one place */
    arena        a;
    scenario    *s;
    world_result result;
} run_state;

static status sets_read(const text_list *list, scenario_set *sets, err *e)
{
    for (uint32_t i = 0; i < list->count; i++) {
        size_t equals = str_find(list->items[i], '=', 0);
        if (equals == 0 || equals == list->items[i].len)
            return err_set(e, STATUS_INVALID, "`--set %.*s`, expected `path=value`", STR_FMT(list->items[i]));
        sets[i] = (scenario_set){str_part(list->items[i], 0, equals),
                                 str_part(list->items[i], equals + 1, list->items[i].len - equals - 1)};
    }
    return STATUS_OK;
}

static status simulate(run_state *r, const run_flags *flags, output_phases *phases, err *e)
{
    progress bar;
    progress_start(&bar, "requests");
    world_options options = {.threads = (uint32_t)flags->threads,
                             .stop = interrupt_catch(),
                             .progress = progress_update,
                             .progress_context = &bar,
                             .verify = flags->verify.num > 0 ? verify_decision : NULL,
                             .verify_context = r->s->facts,
                             .verify_num = flags->verify.num,
                             .verify_den = flags->verify.den,
                             .clock_ns = clock_wall_ns};
    int64_t       begin = clock_wall_ns(), begin_cpu = clock_cpu_ns();
    status        s = world_run(&r->a, &r->s->plan, &options, &r->result, e);
    phases->run_ns = clock_wall_ns() - begin;
    phases->run_cpu_ns = clock_cpu_ns() - begin_cpu;
    progress_end(&bar);
    return s;
}

static int finish(run_state *r, const run_flags *flags, const char *folder, const output_run *run)
{
    err e = {0};
    str warning = {0};
    if (output_write(folder, run, &e) != STATUS_OK) return cli_fail(&e);
    if (!flags->no_report && report_write(folder, &warning, &r->a, &e) != STATUS_OK) return cli_fail(&e);
    if (warning.len > 0) (void)fprintf(stderr, "orgsim: %.*s\n", STR_FMT(warning));
    str summary =
        flags->json ? output_summary_json(&r->a, run, folder) : output_summary(&r->a, run, folder, terminal_columns());
    (void)printf("%.*s", STR_FMT(summary));
    if (r->result.totals.mismatched > 0) {
        (void)err_set(&e, STATUS_INTERNAL, "%llu of %llu decisions checked differ from the oracle's",
                      (unsigned long long)r->result.totals.mismatched, (unsigned long long)r->result.totals.verified);
        return cli_fail(&e);
    }
    if (r->result.complete) return cli_finish(EXIT_OK);
    (void)err_set(&e, STATUS_INTERRUPTED, "interrupted; what was finished is in %s, marked incomplete", folder);
    return cli_fail(&e);
}

static int run(run_state *r, str path, const run_flags *flags, const char *invocation)
{
    err              e = {0};
    scenario_set     sets[FLAG_TEXTS_MAX];
    output_phases    phases = {0};
    environment      where = {0};
    scenario_options options = {
        .seed = flags->seed_given ? &flags->seed : NULL, .sets = sets, .set_count = flags->sets.count};
    const volatile int *stop = interrupt_catch();
    int64_t             begin = clock_wall_ns(), begin_cpu = clock_cpu_ns();
    environment_read(&r->a, &where); /* before the run puts its own load on the machine */
    if (sets_read(&flags->sets, sets, &e) != STATUS_OK) return cli_fail(&e);
    if (scenario_read(&r->a, path, options, &r->s, &e) != STATUS_OK) return cli_fail(&e);
    phases.read_ns = clock_wall_ns() - begin;
    phases.read_cpu_ns = clock_cpu_ns() - begin_cpu;
    str folder = flags->out;
    if (folder.ptr == NULL) folder = arena_format(&r->a, "results/runs/%.*s", STR_FMT(r->s->name));
    folder = arena_str(&r->a, folder); /* with its NUL */
    /* An unwritable folder is better known before the run than after it. */
    if (file_make_folder(folder.ptr, &e) != STATUS_OK) return cli_fail(&e);
    if (access(folder.ptr, W_OK) != 0) {
        (void)err_set(&e, STATUS_IO, "cannot write into `%s`", folder.ptr);
        return cli_fail(&e);
    }
    if (*stop) {
        (void)err_set(&e, STATUS_INTERRUPTED, "interrupted before the run began; nothing was written");
        return cli_fail(&e);
    }
    if (simulate(r, flags, &phases, &e) != STATUS_OK) return cli_fail(&e);
    output_run done = {.scenario = r->s,
                       .sets = sets,
                       .set_count = flags->sets.count,
                       .result = &r->result,
                       .threads = (uint32_t)flags->threads,
                       .phases = phases,
                       .environment = &where,
                       .invocation = invocation};
    return finish(r, flags, folder.ptr, &done);
}

/* As typed, for timing.json. */
static const char *command_line(arena *a, int argc, char **argv)
{
    str line = STR("orgsim run");
    for (int i = 0; i < argc; i++) line = arena_format(a, "%.*s %s", STR_FMT(line), argv[i]);
    return line.ptr;
}

int cli_run(int argc, char **argv)
{
    long       online = sysconf(_SC_NPROCESSORS_ONLN);
    run_flags  f = {.threads = online > 0 ? (uint64_t)online : 1, .verify = {0, 1}};
    str        path = {0};
    const flag flags[] = {
        {"out", "DIR", FLAG_TEXT, &f.out, "the folder (default results/runs/NAME)", NULL},
        {"seed", "S", FLAG_HEX, &f.seed, "instead of the scenario's seed", &f.seed_given},
        {"threads", "N", FLAG_COUNT, &f.threads, "default: one per processor", NULL},
        {"set", "PATH=VALUE", FLAG_TEXTS, &f.sets, "change the scenario; may be repeated", NULL},
        {"verify", "SHARE", FLAG_RATIO, &f.verify, "ask the oracle too, e.g. 1/1000", NULL},
        {"no-report", NULL, FLAG_BOOL, &f.no_report, "no pictures and no page", NULL},
        {"json", NULL, FLAG_BOOL, &f.json, "the summary as one JSON object", NULL},
    };
    const command c = {"run", "SCENARIO",     text, "orgsim run quickstart --threads 2 --out /tmp/quickstart",
                       flags, COUNTOF(flags), 1,    1};
    int           code = arguments_read(&c, argc, argv, &path, NULL);
    if (code >= 0) return code;
    if (f.threads == 0 || f.threads > TRANSPORT_THREADS_MAX)
        return cli_usage("run", "`--threads` is %llu, expected 1 to %d", (unsigned long long)f.threads,
                         TRANSPORT_THREADS_MAX);
    run_state r = {0};
    arena_init(&r.a, MEMORY_GENERAL);
    code = run(&r, path, &f, command_line(&r.a, argc, argv));
    scenario_free(r.s);
    arena_deinit(&r.a);
    return code;
}
