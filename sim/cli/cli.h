/* cli.h - the program's commands. Each returns the exit code.
 *
 *   0 ok; 1 a row was answered with an error, or `check` found warnings only; 2 bad input or usage; 3 internal error or
 *   broken invariant; 130 interrupted; 141 who read standard output has gone, as a shell says of SIGPIPE
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/status.h"

enum {
    EXIT_OK = 0,
    EXIT_FAILED = 1,
    EXIT_BAD_INPUT = 2,
    EXIT_INTERNAL = 3,
    EXIT_INTERRUPTED = 130,
    EXIT_READER_GONE = 141
};

int cli_bench(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_eval(int argc, char **argv);
int cli_explain(int argc, char **argv);
int cli_generate(int argc, char **argv);
int cli_operations(int argc, char **argv);
int cli_report(int argc, char **argv);
int cli_run(int argc, char **argv);

/* Prints `orgsim: text` on stderr; returns the exit code that fits the status. */
int cli_fail(const err *e);
/* The same with a hint to the command's help; EXIT_BAD_INPUT. command: its name, empty for the program's. */
int cli_usage(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Flushes standard output: a full disk must not pass for success. A reader that has gone away (`| head`) has seen
 * enough: no message, EXIT_READER_GONE, and what the command does beside printing is done. */
int cli_finish(int code);
/* The same when a write has failed; error: its errno. Returns the exit code. */
int cli_unwritten(int error);

#endif
