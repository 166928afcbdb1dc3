/* records.h - a long input cut into records, batch by batch: lines, or the elements of one JSON array.
 *
 * An input whose first byte (white space apart) is `[` is an array; any other is lines (JSON Lines). Records are found
 * by line ends, or by brackets, quotes and commas; nothing else of them is checked here. Blank lines are no records.
 *
 * Memory   a batch holds whole records of about the size asked for, or one longer record; nothing else is kept but the
 *          beginning of the next record. Batches are used in turn, two suffice: one is filled while the other is read.
 * Errors   a line above RECORD_BYTES_MAX is a record without its text, with a `flaw`; the reading goes on behind it.
 *          A status is for what ends the reading; the batch then holds the records that came whole before: the input
 *          cannot be read, is damaged, the stop was set, or what should be one array is none (a comma that is missing
 *          or one too many, no end, text behind it, an element above RECORD_BYTES_MAX).
 */
#ifndef BASE_RECORDS_H
#define BASE_RECORDS_H

#include "base/file.h"

#define RECORD_BYTES_MAX ((size_t)1 << 30)
#define RECORD_COUNT_MAX 65536u /* in one batch */

typedef struct {
    size_t      begin, end; /* in the batch's text      */
    const char *flaw;       /* what is wrong, else null */
} record;

typedef struct {
    char    *text;
    size_t   used, capacity;
    uint64_t line, column; /* where text[0] stands in the input; both from 1, the column in bytes */
    record  *items;
    uint32_t count, item_capacity;
    size_t   taken; /* bytes of `text` that the records and what is between them stand in; what follows is the next's */
} record_batch;

typedef struct record_reader record_reader;

status   record_reader_open(const char *path, record_reader **out, err *e);
void     record_reader_close(record_reader *r);
str      record_reader_name(const record_reader *r);
bool     record_reader_is_array(const record_reader *r); /* known with the first batch */
uint64_t record_reader_bytes(const record_reader *r);    /* read so far, unpacked      */

/* Fills `next` with the records behind those of `last` (null at first; not changed; not the same). No record: the end.
 * Does not wait for more input while there is a record to give. */
status record_reader_next(record_reader *r, const record_batch *last, record_batch *next, size_t bytes,
                          const volatile int *stop, err *e);
void   record_batch_free(record_batch *b);

#endif
