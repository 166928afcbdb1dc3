#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"

static const struct {
    const char *name, *summary;
    int (*run)(int, char **);
} commands[] = {
    {"run", "simulate a scenario; write results and a report", cli_run},
    {"eval", "decide authorization cases, one JSON object a line", cli_eval},
    {"explain", "why a request is decided so, and what would turn it", cli_explain},
    {"check", "validate policies and scenarios", cli_check},
    {"generate", "write a synthetic organization and its requests", cli_generate},
    {"operations", "the API of AWS Organizations, and what of it is modelled", cli_operations},
    {"bench", "measure: end to end, or the decision path alone", cli_bench},
    {"report", "make pictures and the page of a run again", cli_report},
};

static int help(void)
{
    (void)puts("orgsim - a deterministic simulator and benchmark harness of AWS Organizations\n");
    for (size_t i = 0; i < COUNTOF(commands); i++)
        (void)printf("  orgsim %-10s %s\n", commands[i].name, commands[i].summary);
    (void)puts("\n"
               "  orgsim COMMAND --help    what a command takes, with an example\n"
               "  orgsim --version\n"
               "\n"
               "exit codes: 0 ok, 1 a row of `eval` was answered with an error or `check`\n"
               "found warnings only, 2 bad input or usage, 3 internal error, 130 interrupted,\n"
               "141 who read the output has gone (`| head`)\n"
               "\n"
               "example: orgsim run quickstart");
    return cli_finish(EXIT_OK);
}

int cli_fail(const err *e)
{
    (void)fprintf(stderr, "orgsim: %s\n", e->text);
    if (e->code == STATUS_INTERRUPTED) return EXIT_INTERRUPTED;
    return e->code == STATUS_INTERNAL ? EXIT_INTERNAL : EXIT_BAD_INPUT;
}

int cli_usage(const char *command, const char *format, ...)
{
    va_list arguments;
    err     e; /* makes one line of whatever the arguments hold */
    va_start(arguments, format);
    (void)err_set_list(&e, STATUS_INVALID, format, arguments);
    va_end(arguments);
    (void)fprintf(stderr, "orgsim: %s (try `orgsim %s%s--help`)\n", e.text, command, command[0] != '\0' ? " " : "");
    return EXIT_BAD_INPUT;
}

/* Which of many writes failed, and why, stdio does not keep: the pipe itself is asked. */
static bool reader_is_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

int cli_unwritten(int error)
{
    if (error == EPIPE || reader_is_gone()) return EXIT_READER_GONE;
    (void)fprintf(stderr, "orgsim: cannot write standard output: %s\n", strerror(error));
    return EXIT_BAD_INPUT;
}

int cli_finish(int code)
{
    errno = EIO; /* unless this flush says better */
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    return cli_unwritten(errno);
}

int main(int argc, char **argv)
{
    if (argc < 2) return cli_usage("", "no command given");
    (void)signal(SIGPIPE, SIG_IGN); /* results are written whether or not anybody reads the summary: see cli_finish */
    str name = str_of(argv[1]), names[COUNTOF(commands)];
    for (size_t i = 0; i < COUNTOF(commands); i++) {
        names[i] = str_of(commands[i].name);
        if (str_eq(name, names[i])) return commands[i].run(argc - 2, argv + 2);
    }
    if (str_is(name, "--help") || str_is(name, "-h") || str_is(name, "help")) return help();
    if (str_is(name, "--version")) {
        (void)puts("orgsim " ORGSIM_VERSION);
        return cli_finish(EXIT_OK);
    }
    str near = str_nearest(name, names, COUNTOF(names));
    if (near.ptr != NULL) return cli_usage("", "unknown command `%s`, did you mean `%.*s`?", argv[1], STR_FMT(near));
    return cli_usage("", "unknown command `%s`", argv[1]);
}
