#include <stdio.h>

#include "bench/report.h"
#include "cli/arguments.h"
#include "cli/cli.h"

static const char text[] = "Draws the pictures of a run's folder again and writes its report.html: one page\n"
                           "that needs no network. Without gnuplot the page has no pictures and says so.\n";

int cli_report(int argc, char **argv)
{
    str           folder = {0}, warning = {0};
    const command c = {"report", "DIR", text, "orgsim report results/runs/quickstart", NULL, 0, 1, 1};
    int           code = arguments_read(&c, argc, argv, &folder, NULL);
    if (code >= 0) return code;
    arena a;
    err   e = {0};
    arena_init(&a, MEMORY_GENERAL);
    if (report_write(folder.ptr, &warning, &a, &e) != STATUS_OK) {
        code = cli_fail(&e);
    } else {
        if (warning.len > 0) (void)fprintf(stderr, "orgsim: %.*s\n", STR_FMT(warning));
        (void)printf("%s/report.html\n", folder.ptr);
        code = cli_finish(EXIT_OK);
    }
    arena_deinit(&a);
    return code;
}
