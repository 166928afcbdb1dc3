#include <stdarg.h>
#include <stdio.h>

#include "cli/cli.h"

static const char help[] = "orgsim - a deterministic simulator of AWS Organizations\n"
                           "\n"
                           "  orgsim eval --cases FILE   decide authorization cases, one JSON object a line\n"
                           "  orgsim check FILE...       check policies against the grammar of their type\n"
                           "  orgsim COMMAND --help      what a command takes\n"
                           "  orgsim --version\n"
                           "\n"
                           "exit codes: 0 ok, 1 a row was answered with an error, 2 bad input or usage, 3 internal error\n";

int cli_fail(const err *e)
{
    (void)fprintf(stderr, "orgsim: %s\n", e->text);
    return e->code == STATUS_INTERNAL ? EXIT_INTERNAL : EXIT_BAD_INPUT;
}

int cli_usage(const char *command, const char *format, ...)
{
    va_list arguments;
    (void)fputs("orgsim: ", stderr);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fprintf(stderr, "; try `orgsim %s--help`\n", command);
    return EXIT_BAD_INPUT;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int, char **);
    } commands[] = { { "eval", cli_eval }, { "check", cli_check } };
    static const str names[] = { { "eval", 4 }, { "check", 5 } };
    if (argc < 2) return cli_usage("", "no command given");
    str command = str_of(argv[1]);
    for (size_t i = 0; i < COUNTOF(commands); i++)
        if (str_is(command, commands[i].name)) return commands[i].run(argc - 2, argv + 2);
    if (str_is(command, "--help") || str_is(command, "-h") || str_is(command, "help"))
        return fputs(help, stdout) < 0 ? EXIT_INTERNAL : EXIT_OK;
    if (str_is(command, "--version")) return puts("orgsim " ORGSIM_VERSION) < 0 ? EXIT_INTERNAL : EXIT_OK;
    str near = str_nearest(command, names, COUNTOF(names));
    if (near.ptr != NULL) return cli_usage("", "unknown command `%s`, did you mean `%.*s`?", argv[1], STR_FMT(near));
    return cli_usage("", "unknown command `%s`", argv[1]);
}
