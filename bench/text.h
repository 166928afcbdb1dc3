/* text.h - figures as people read them: thousands apart, three significant digits, units. Text lives in `a`.
 */
#ifndef BENCH_TEXT_H
#define BENCH_TEXT_H

#include "base/arena.h"

str text_count(arena *a, uint64_t n);                    /* 1,234,567                                     */
str text_duration(arena *a, int64_t ns);                 /* 834 ns, 73.3 ms, 4.90 s, 12.0 min, 1.50 d     */
str text_instant(arena *a, int64_t ns);                  /* 0 s, 2 min 30 s, 1 d 4 h, 1 min 0.25 s: exact */
str text_share(arena *a, uint64_t part, uint64_t whole); /* 7.73 %, 0.0031 %; 0 % of nothing              */
str text_times(arena *a, double ratio);                  /* 1.07 times, 12.3 times, 101 times              */
str text_words(arena *a, double n);                      /* 8.34 million, 834,000 */
str text_plural(arena *a, uint64_t n, const char *one, const char *many); /* 1 cell, 2,400 cells */
str text_rate(arena *a, double per_second); /* 8.34 M/s                                      */
str text_bytes(arena *a, uint64_t bytes);   /* 18.6 MiB                                      */

/* One line of at most `columns` characters: control characters become `?`, what is cut ends in `...`. Characters are
 * counted as code points. */
str      text_line(arena *a, str s, uint32_t columns);
uint32_t text_columns(str s);

#endif
