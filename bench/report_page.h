/* report_page.h - the sections of report.html, for report.c; each writes itself from the data.
 */
#ifndef BENCH_REPORT_PAGE_H
#define BENCH_REPORT_PAGE_H

#include "bench/html.h"
#include "bench/plot.h"
#include "bench/report_data.h"

typedef struct {
    html               out;
    arena             *a;
    const char        *folder;
    const report_data *r;
    str                why; /* a picture is missing; empty: none is */
} page;

void page_head(page *p);      /* headline and key figures                      */
void page_response(page *p);  /* response times, queues                        */
void page_lag(page *p);       /* how late cells saw changes                    */
void page_stale(page *p);     /* wrong answers meanwhile; the table of changes */
void page_decisions(page *p); /* who denied                                    */
void page_sizes(page *p);     /* the core against the organization's size      */
void page_measured(page *p);  /* this machine                                  */
void page_model(page *p);     /* what it is a model of                         */
void page_provenance(page *p);

/* For more than one section. */
void                 page_picture(page *p, plot_kind kind, str label);
void                 page_fact(page *p, const char *name, str value); /* of a list; nothing when empty */
bool                 page_complete(const page *p);                    /* the run came to its end */
const report_change *page_slowest(const page *p);                     /* null: no change was accepted */
const report_change *page_fastest(const page *p);
str                  page_change_name(arena *a, const report_change *c);

#endif
