/* cli.h - the program's commands. Each returns the exit code: 0 ok, 1 a row was answered with an error, 2 bad input or
 * usage, 3 internal error. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/status.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_BAD_INPUT = 2, EXIT_INTERNAL = 3 };

int cli_eval(int argc, char **argv);
int cli_check(int argc, char **argv);

/* Prints `orgsim: text` on stderr; returns EXIT_BAD_INPUT. */
int cli_fail(const err *e);
int cli_usage(const char *help, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
