/* eval_answer.h - one record of a case file in, one line of JSON out.
 *
 * Threads  each has a worker of its own; the answer depends on the record and the options alone.
 */
#ifndef CLI_EVAL_ANSWER_H
#define CLI_EVAL_ANSWER_H

#include "base/records.h"
#include "policy/catalog.h"
#include "policy/policy_table.h"

typedef struct {
    const catalog *facts;
    bool           strict;      /* unknown members are errors          */
    bool           derive;      /* keys that follow from the request   */
    bool           oracle;      /* the oracle decides                  */
    bool           diagnostics; /* what could not be evaluated is said with the decision */
} answer_options;

typedef struct { /* of one thread */
    arena         row;
    policy_table *table;
} answer_worker;
void answer_worker_init(answer_worker *w, const answer_options *o, size_t table_bytes);
void answer_worker_deinit(answer_worker *w);

typedef struct { /* grows as needed */
    char  *ptr;
    size_t len, capacity;
} answer_text;
void answer_text_free(answer_text *t);

typedef struct {
    str         name; /* of the input */
    str         text;
    const char *flaw;
    uint64_t    line, column; /* where it stands in the input                     */
    uint64_t    number;       /* of its answer, from 0                            */
    bool        element;      /* of an array: known by its number, not its line */
} answer_record;

/* Appends the answer with its line end; a status is what the answer says is wrong with the record. */
status answer_record_decide(answer_worker *w, const answer_options *o, const answer_record *r, answer_text *out,
                            err *e);

#endif
