/* hist.h - HDR histograms (Gil Tene, http://hdrhistogram.org): integer values at a fixed number of significant
 * digits, mergeable, with the V2 compressed encoding and the log format that HdrHistogram tools read.
 *
 * Units   the maker's, normally nanoseconds.
 * Limits  values above `max` are counted as clipped AND recorded at max, so that nothing is lost silently.
 * Merges  integer additions; order does not matter.
 */
#ifndef BASE_HIST_H
#define BASE_HIST_H

#include <stdio.h>

#include "base/arena.h"
#include "base/status.h"

typedef struct hist hist;

hist    *hist_new(arena *a, int64_t min, int64_t max, int digits); /* 1 <= min, digits 1..5 */
void     hist_record(hist *h, int64_t value);
void     hist_record_n(hist *h, int64_t value, uint64_t count);
void     hist_merge(hist *into, const hist *from); /* same shape             */
void     hist_reset(hist *h);
uint64_t hist_count(const hist *h);
uint64_t hist_clipped(const hist *h);
int64_t  hist_min(const hist *h); /* 0 when empty */
int64_t  hist_max(const hist *h);
/* Sum of the recorded values' bucket midpoints, exact in 128 bits as two words; for means in bench/. */
void hist_sum(const hist *h, uint64_t *high, uint64_t *low);
/* Smallest recorded value v such that at least num/den of all counts are <= v (highest equivalent value). */
int64_t hist_quantile(const hist *h, uint64_t num, uint64_t den);

/* Iterates over non-empty buckets in rising order: *cursor starts at 0; false at the end. */
typedef struct {
    int64_t  low, high; /* inclusive range of equivalent values */
    uint64_t count, cumulative;
} hist_bucket;
bool hist_next(const hist *h, size_t *cursor, uint64_t *cumulative, hist_bucket *out);

/* V2 compressed payload (zlib), base64: what a log line carries. */
status hist_encode(arena *a, const hist *h, str *base64, err *e);
status hist_decode(arena *a, str base64, hist **out, err *e);
/* A whole HdrHistogram log, version 1.3, StartTime and BaseTime 0 unless given; one line per interval. */
typedef struct {
    str         tag; /* may be empty */
    int64_t     start_ns, length_ns;
    const hist *h;
} hist_interval;
status hist_log_write(FILE *to, const hist_interval *intervals, size_t count, arena scratch, err *e);

#endif
