/* plot.h - pictures: gnuplot run over the tables of a run's folder, its SVG made fit to stand inside a page.
 *
 * Fit     no prologue, no fixed size, ids of its own, black turned into the colour of the text around it, a label for
 *         those who do not see it.
 * Errors  a gnuplot that is missing or fails costs the picture alone: the text is empty, *why says so in one line.
 */
#ifndef BENCH_PLOT_H
#define BENCH_PLOT_H

#include "base/arena.h"

typedef enum { PLOT_RESPONSE, PLOT_DECIDE, PLOT_LAG, PLOT_STALE, PLOT_LEVELS, PLOT_SIZES, PLOT_COUNT } plot_kind;

/* narrow: for a phone. label: what the picture shows, in words; plain text. */
str plot_svg(arena *a, const char *folder, plot_kind kind, bool narrow, str label, str *why);

/* The same from gnuplot's output; empty when that is no SVG. name: prefix of its ids. For tests. */
str plot_fit(arena *a, str svg, const char *name, bool narrow, str label);

#endif
