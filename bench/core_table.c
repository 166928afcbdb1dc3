#include "bench/core_result.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define COLUMNS_MIN  40u
#define COLUMNS_WIDE 72u /* from here on a figure stands on one line */

/* Lines that end at the given column at the latest. */
typedef struct {
    char    *text;
    size_t   length, capacity;
    uint32_t columns;
    arena   *a;
} table;

__attribute__((format(printf, 2, 3))) static void line(table *t, const char *format, ...)
{
    char    one[256];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(one, sizeof one, format, arguments);
    va_end(arguments);
    assert(n >= 0);
    while (n > 0 && one[n - 1] == ' ') n--;
    if ((uint32_t)n > t->columns) n = (int)t->columns;
    for (int i = 0; i < n; i++) *ARENA_PUSH(t->a, char, t->text, t->length, t->capacity) = one[i];
    *ARENA_PUSH(t->a, char, t->text, t->length, t->capacity) = '\n';
}

/* ---- numbers ---- */

typedef struct {
    char text[24];
} number;

static number number_scaled(double value, const char *const *units, double step, int unit_count)
{
    number n;
    int    unit = 0;
    while (unit + 1 < unit_count && value >= (step == 1000 ? step : 10 * step)) { /* 1200 B stays in bytes */
        value /= step;
        unit++;
    }
    (void)snprintf(n.text, sizeof n.text, "%.*f %s", value < 100 ? 1 : 0, value, units[unit]);
    return n;
}

static number number_of(double value, core_unit unit)
{
    static const char *const times[] = {"ns", "us", "ms", "s"}, *const bytes[] = {"B", "KiB", "MiB", "GiB"};
    number n;
    switch (unit) {
    case CORE_UNIT_NS: return number_scaled(value, times, 1000, COUNTOF(times));
    case CORE_UNIT_BYTES: return number_scaled(value, bytes, 1024, COUNTOF(bytes));
    default: (void)snprintf(n.text, sizeof n.text, value < 100 ? "%.2f x" : "%.0f x", value); return n;
    }
}

static number goal_of(const core_figure *f)
{
    number n = {""};
    if (f->goal <= 0) return n;
    number value = number_of(f->goal, f->unit);
    char  *zero = strstr(value.text, ".0 "); /* goals are round */
    if (zero != NULL) memmove(zero, zero + 2, strlen(zero + 2) + 1);
    (void)snprintf(n.text, sizeof n.text, "%s %.18s", f->at_least ? ">=" : "<=", value.text);
    return n;
}

static number verdict_of(const core_figure *f)
{
    number n = {""};
    double missed;
    if (f->withheld != NULL)
        (void)snprintf(n.text, sizeof n.text, "not quoted");
    else if (f->goal <= 0)
        return n;
    else if (core_figure_kept(f, &missed))
        (void)snprintf(n.text, sizeof n.text, "ok");
    else
        (void)snprintf(n.text, sizeof n.text, "missed by %.0f %%", missed < 1 ? 1 : missed);
    return n;
}

/* ---- parts ---- */

static void figure_heading(table *t)
{
    if (t->columns >= COLUMNS_WIDE) line(t, "%-26s %8s %8s %9s %-9s", "", "median", "min", "deviation", "goal");
}

static void figure_line(table *t, const core_figure *f)
{
    number value = number_of(f->value, f->unit), goal = goal_of(f), verdict = verdict_of(f), min = {""}, mad = {""};
    if (f->spread.median > 0) {
        min = number_of(f->spread.min, f->unit);
        mad = number_of(f->spread.mad, f->unit);
    }
    if (t->columns >= COLUMNS_WIDE) {
        line(t, "%-26s %8s %8s %9s %-9s %s", f->label, value.text, min.text, mad.text, goal.text, verdict.text);
    } else {
        line(t, "%s", f->label);
        line(t, "  %s  %s%s%s", value.text, goal.text, goal.text[0] != 0 ? "  " : "", verdict.text);
    }
    if (f->withheld != NULL) line(t, "  %s", f->withheld);
}

static void floor_lines(table *t, const core_result *r)
{
    line(t, "%s", "");
    line(t, "%-10s%10s%10s%10s", "floor", "chase", "prefetch", "stream");
    for (uint32_t i = 0; i < r->floor_count; i++) {
        const core_floor *f = &r->floors[i];
        double            kib = (double)f->bytes / 1024;
        char              size[16];
        (void)snprintf(size, sizeof size, kib < 1024 ? "%.0f KiB" : "%.0f MiB", kib < 1024 ? kib : kib / 1024);
        line(t, "%-10s%10s%10s%10s", size, number_of(f->ns[FLOOR_CHASE].median, CORE_UNIT_NS).text,
             number_of(f->ns[FLOOR_PREFETCHED].median, CORE_UNIT_NS).text,
             number_of(f->ns[FLOOR_STREAM].median, CORE_UNIT_NS).text);
    }
}

static void memory_lines(table *t, const core_result *r)
{
    line(t, "%s", "");
    line(t, "%-26s %12s", "image", number_of((double)r->image.bytes, CORE_UNIT_BYTES).text);
    line(t, "%-26s %12s", "  its rows", number_of((double)r->image.row_bytes, CORE_UNIT_BYTES).text);
    for (int i = 0; i < MEMORY_SUBSYSTEM_COUNT && r->memory_measured; i++)
        line(t, "memory: %-18s %12s", memory_name((memory_subsystem)i),
             number_of((double)r->memory[i].allocated_bytes, CORE_UNIT_BYTES).text);
    if (!r->memory_measured) line(t, "memory by subsystem: not measured");
    line(t, "%-26s %12s", "peak, organization made", number_of((double)r->peak_world_bytes, CORE_UNIT_BYTES).text);
    line(t, "%-26s %12s", "peak, all measured", number_of((double)r->peak_bytes, CORE_UNIT_BYTES).text);
}

static void size_lines(table *t, const core_result *r)
{
    if (r->size_count == 0) return;
    line(t, "%s", "");
    line(t, "%-9s %-15s %11s", "accounts", "mode", "a decision");
    for (uint32_t i = 0; i < r->size_count; i++)
        line(t, "%-9" PRIu32 " %-15s %11s", r->sizes[i].size.accounts, r->sizes[i].mode,
             number_of(r->sizes[i].ns.median, CORE_UNIT_NS).text);
}

static void mode_lines(table *t, const core_result *r)
{
    line(t, "%s", "");
    line(t, "%-20s%10s%9s", "requests", "denied", "tests");
    for (uint32_t i = 0; i < r->mode_count; i++) {
        const core_mode *m = &r->modes[i];
        if (!str_starts(str_of(m->task->name), STR("batch/")) || m->requests == 0) continue;
        line(t, "%-20s%8.1f %%%9.2f", m->task->name, 100 * (double)m->denied / (double)m->requests,
             (double)m->tests / (double)m->requests);
    }
}

static uint64_t blocks_apart(const core_result *r)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < r->mode_count; i++)
        for (uint32_t k = 0; k < r->modes[i].task->slices; k++) sum += r->modes[i].task->kept[k].apart;
    return sum;
}

str core_table(arena *a, const core_result *r, uint32_t columns)
{
    table t = {.a = a, .columns = columns < COLUMNS_MIN ? COLUMNS_MIN : columns};
    line(&t, "%.*s: %" PRIu32 " accounts,", STR_FMT(r->options.world), r->size.accounts);
    line(&t, "%" PRIu32 " OUs, %" PRIu32 " SCPs, seed 0x%" PRIx64, r->size.ous, r->size.scps, r->options.seed);
    line(&t, "%" PRIu64 " requests, %" PRIu32 " slices and 1", r->options.requests, r->options.slices);
    line(&t, "dropped");
    line(&t, "%s", "");
    figure_heading(&t);
    for (uint32_t i = 0; i < r->figure_count; i++) figure_line(&t, &r->figures[i]);
    line(&t, "%s", "");
    line(&t, "batches: %" PRIu64 " interrupted blocks apart", blocks_apart(r));
    line(&t, "changed: an SCP over %.1f %% of accounts", 100 * r->change_share);
    line(&t, "fenced: %zu samples, %" PRIu64 " beyond", r->single.count, r->apart);
    line(&t, "  %u us apart, %" PRIu64 " switches", CORE_APART_NS / 1000, r->switches);
    line(&t, "  the clock's %" PRId64 " ns are off", r->clock_ns);
    line(&t, "oracle: %" PRIu64 " answers compared, equal", r->oracle_compared);
    line(&t, "not measured: JSON line to decision;");
    line(&t, "  `orgsim bench`: end to end");
    mode_lines(&t, r);
    floor_lines(&t, r);
    size_lines(&t, r);
    memory_lines(&t, r);
    return (str){t.text, t.length};
}
