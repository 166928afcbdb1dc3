/* eval_rows.h - a case file through all threads: records are read, decided and written batch by batch, in order.
 *
 * Output  the bytes do not depend on the number of threads. An answer is written as soon as all before it are, also
 *         while more input is awaited.
 * Memory  two batches of about a mebibyte for each thread, or of the largest record; the table of policies.
 */
#ifndef CLI_EVAL_ROWS_H
#define CLI_EVAL_ROWS_H

#include "cli/eval_answer.h"

#define EVAL_TABLE_BYTES ((size_t)256 << 20) /* of all threads */

typedef struct {
    answer_options      answers;
    uint32_t            threads;
    bool                stop_at_error; /* at the first bad record, which is not answered */
    const volatile int *stop;
} eval_options;

typedef struct {
    uint64_t answered, failed;
    int      write_error; /* errno: standard output takes no more */
} eval_totals;

/* A status: the input is bad as a whole, the first bad record, or interrupted. */
status eval_rows(record_reader *in, const eval_options *o, eval_totals *totals, err *e);

#endif
