/* check_output.h - findings of `orgsim check` as a person, a script or a code host reads them.
 *
 *   text    `file:12:17: warning ORG121: …` and an indented line on why and how to mend it; a summary
 *   json    `orgsim.check/1`: files, their findings, counts
 *   github  workflow commands, which GitHub shows beside the line
 *   sarif   SARIF 2.1.0 with the table of rules
 *
 * text and github print as they go; json and sarif at the end. Nothing else of `check` prints on standard output.
 * What could not be read is one line on standard error, and a finding in every format but text.
 */
#ifndef CLI_CHECK_OUTPUT_H
#define CLI_CHECK_OUTPUT_H

#include "base/document.h"
#include "policy/lint.h"

typedef enum { CHECK_TEXT, CHECK_JSON, CHECK_GITHUB, CHECK_SARIF } check_format;

typedef struct {
    check_format format;
    document    *d;
    out_node    *list;        /* json: files; sarif: results */
    out_node    *invocations; /* sarif: this one             */
    uint64_t     counts[3];   /* by severity                 */
    uint64_t     files;
    bool         failed; /* a file could not be read */
} check_output;

typedef struct {
    const source *in;      /* places are in it                                         */
    const char   *type;    /* as --type says it                                        */
    str           summary; /* what is there when nothing is wrong: `1 statement, …`    */
} check_file;

void check_output_begin(check_output *o, check_format format);
/* The findings of one file; `clean` ones print their summary. */
void check_output_file(check_output *o, arena scratch, check_file file, const lint_report *findings);
/* One finding for the error that ended the reading of a file, at the error's place, else at the beginning. */
void check_output_refusal(check_output *o, arena scratch, check_file file, lint_code code, const err *e);
/* Prints what is left; returns the exit code: 0, 1 with warnings, 2 with errors or unread files. */
int check_output_end(check_output *o, arena scratch);

void check_print_codes(void);               /* LINTS.md */
void check_print_explained(lint_code code); /* one of them */

#endif
