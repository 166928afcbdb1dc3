/* report.h - pictures (gnuplot, bench/plot) and one page (report.html) from the folder of a run.
 *
 * The page is one file: inline SVG, no script needed, no network request; reads on paper, on a phone and offline; equal
 * inputs give equal bytes. Each picture has a sentence that says what it shows, with the run's own figures in it.
 * A missing gnuplot costs the pictures only: the page says so, and *warning does.
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "base/arena.h"
#include "base/status.h"

status report_write(const char *folder, str *warning, arena *a, err *e);

#endif
