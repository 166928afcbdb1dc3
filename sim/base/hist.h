/* hist.h - HDR histograms (Gil Tene, http://hdrhistogram.org): integer values at a fixed number of significant
 * digits, mergeable, with the V2 compressed encoding and the log format that HdrHistogram tools read.
 *
 * Units   the maker's, normally nanoseconds; the log prints them as such.
 * Shape   values up to `max` differ from their bucket's ends by less than one part in 10^digits, or by less than
 *         `min` rounded down to a power of two. 3 digits from 1 ns to an hour are 33 thousand counters, 264 KiB.
 * Limits  values above `max` are counted as clipped AND recorded at max, so that nothing is lost silently. A
 *         negative value is our bug: a hot-path assert; where those are off it is clipped too, never out of bounds.
 *         The encoding holds 2^63 - 1 counts in all; more is STATUS_LIMIT when encoding.
 * Merges  integer additions; order does not matter.
 * Memory  the arena owns the histogram; nothing allocates after hist_new.
 * Cost    hist_record some ten instructions and one counter; what is asked of a histogram walks its counters.
 * Errors  of decoding: one line without a place, `histogram: …`; the caller, who knows file and line, wraps it.
 */
#ifndef BASE_HIST_H
#define BASE_HIST_H

#include <stdio.h>

#include "base/arena.h"
#include "base/status.h"

typedef struct hist hist;

hist    *hist_new(arena *a, int64_t min, int64_t max, int digits); /* 1 <= min, 2 min <= max, digits 1..5 */
void     hist_record(hist *h, int64_t value);                      /* 0 <= value              */
void     hist_record_n(hist *h, int64_t value, uint64_t count);
void     hist_merge(hist *into, const hist *from); /* same min, max and digits */
void     hist_reset(hist *h);
uint64_t hist_count(const hist *h);
uint64_t hist_clipped(const hist *h); /* not part of the encoding: 0 after decoding */
/* Least and greatest value equivalent to a recorded one; 0 when empty. */
int64_t hist_min(const hist *h);
int64_t hist_max(const hist *h);
/* Sum of the recorded values' bucket midpoints, exact in 128 bits as two words; for means in bench/. */
void hist_sum(const hist *h, uint64_t *high, uint64_t *low);
/* Smallest recorded value v such that at least num/den of all counts are <= v (highest equivalent value); the least
 * recorded value for num 0; 0 when empty. num <= den, den > 0. */
int64_t hist_quantile(const hist *h, uint64_t num, uint64_t den);

/* Iterates over non-empty buckets in rising order: *cursor and *cumulative start at 0; false at the end. */
typedef struct {
    int64_t  low, high; /* inclusive range of equivalent values */
    uint64_t count, cumulative;
} hist_bucket;
bool hist_next(const hist *h, size_t *cursor, uint64_t *cumulative, hist_bucket *out);

/* V2 compressed payload (zlib), base64: what a log line carries. `a` and `scratch` are different arenas. Decoding
 * takes at most 50 MB (5 digits over all of int64) from `a`, and only when the whole payload is good. */
status hist_encode(arena *a, const hist *h, arena scratch, str *base64, err *e);
status hist_decode(arena *a, str base64, arena scratch, hist **out, err *e);

/* A whole HdrHistogram log, version 1.3: one line per interval, in the order given. Times in the lines count from
 * `epoch_seconds`, which is StartTime and BaseTime; 0 for a run without a calendar. Maxima are in milliseconds. */
typedef struct {
    str         tag;                 /* may be empty; no comma, no space, no control character */
    int64_t     start_ns, length_ns; /* >= 0; start after the epoch     */
    const hist *h;
} hist_interval;
typedef struct {
    str     comment; /* one line, at most HIST_COMMENT_MAX bytes, or empty */
    int64_t epoch_seconds;
} hist_log_head;
#define HIST_COMMENT_MAX 120 /* the reference reader in C takes header lines of 127 bytes */
status hist_log_write(FILE *to, hist_log_head head, const hist_interval *intervals, size_t count, arena scratch,
                      err *e);

#endif
