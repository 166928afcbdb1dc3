#include "cli/terminal.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static uint32_t columns_of(int file)
{
    struct winsize size = {0};
    if (!isatty(file) || ioctl(file, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

uint32_t terminal_columns(void)
{
    return columns_of(STDOUT_FILENO);
}

void progress_start(progress *p, const char *what)
{
    *p = (progress){.what = what, .started_ns = now_ns(), .terminal = isatty(STDERR_FILENO) != 0};
}

void progress_update(void *context, uint64_t done, uint64_t expected)
{
    progress *p = context;
    int64_t   now = now_ns();
    if (!p->terminal || expected == 0 || now - p->started_ns < 1000000000 || now - p->drawn_ns < 100000000) return;
    if (done > expected) done = expected;
    double   seconds = (double)(now - p->started_ns) * 1e-9, rate = (double)done / seconds;
    double   left = rate > 0 ? (double)(expected - done) / rate : 0;
    char     text[96], bar[64] = {0};
    int      length = snprintf(text, sizeof text, "%3.0f %%  %.1f M %s/s  %.0f s left",
                               100.0 * (double)done / (double)expected, rate * 1e-6, p->what, left);
    uint32_t columns = columns_of(STDERR_FILENO), room = 0;
    if (length > 0 && columns > (uint32_t)length + 6) room = columns - (uint32_t)length - 5;
    if (room > 40) room = 40;
    memset(bar, '.', room);
    memset(bar, '#', (size_t)((double)room * (double)done / (double)expected));
    (void)fprintf(stderr, "\r\033[K%s%s%s%.*s", room > 0 ? "[" : "", bar, room > 0 ? "] " : "", (int)columns - 1, text);
    p->drawn_ns = now;
    p->shown = true;
}

void progress_rows(progress *p, uint64_t rows, uint64_t bytes)
{
    int64_t now = now_ns();
    if (!p->terminal || now - p->started_ns < 1000000000 || now - p->drawn_ns < 100000000) return;
    double seconds = (double)(now - p->started_ns) * 1e-9;
    char   text[96];
    (void)snprintf(text, sizeof text, "%llu %s  %.0f/s  %.0f MB/s", (unsigned long long)rows, p->what,
                   (double)rows / seconds, (double)bytes * 1e-6 / seconds);
    (void)fprintf(stderr, "\r\033[K%.*s", (int)columns_of(STDERR_FILENO) - 1, text);
    p->drawn_ns = now;
    p->shown = true;
}

void progress_end(progress *p)
{
    if (p->shown) (void)fputs("\r\033[K", stderr);
    p->shown = false;
}

/* ---- interrupts ---- */

static volatile int interrupted;

static void on_signal(int number)
{
    (void)number;
    __atomic_store_n(&interrupted, 1, __ATOMIC_RELAXED);
}

const volatile int *interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    return &interrupted;
}
