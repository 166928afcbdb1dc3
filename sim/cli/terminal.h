/* terminal.h - what a person at a terminal sees while something runs, and how they stop it. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

/* Columns of standard output's terminal; 80 when it is none. */
uint32_t terminal_columns(void);

/* A bar on standard error for what takes longer than a second, with rate and time left; nothing when that is no
 * terminal. */
typedef struct {
    const char *what; /* `requests` */
    int64_t     started_ns, drawn_ns;
    bool        terminal, shown;
} progress;
void progress_start(progress *p, const char *what);
void progress_update(void *p, uint64_t done, uint64_t expected); /* as world_options wants it */
void progress_rows(progress *p, uint64_t rows, uint64_t bytes);  /* where nobody knows how many there will be */
void progress_end(progress *p);                                  /* wipes the bar */

/* After this SIGINT and SIGTERM set the flag; a second one ends the program at once. */
const volatile int *interrupt_catch(void);

#endif
