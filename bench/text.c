#include "bench/text.h"

#include <inttypes.h>
#include <stdio.h>

str text_count(arena *a, uint64_t n)
{
    char   digits[24];
    size_t len = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, n), used = 0;
    char  *text = ARENA_NEW(a, char, len + len / 3 + 1);
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) text[used++] = ',';
        text[used++] = digits[i];
    }
    return (str){text, used};
}

/* Three significant digits below 1000, whole numbers above. */
static str significant(arena *a, double value, const char *unit)
{
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return arena_format(a, "%.*f %s", decimals, value, unit);
}

typedef struct {
    double      size;
    const char *name;
} unit;

/* In the largest unit that leaves at least 1, as three digits show it. */
static str in_units(arena *a, double value, const unit *units, size_t count)
{
    size_t i = 0;
    while (i + 1 < count && value >= 0.9995 * units[i + 1].size) i++;
    return significant(a, value / units[i].size, units[i].name);
}

str text_duration(arena *a, int64_t ns)
{
    static const unit units[] = {{1, "ns"}, {1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}};
    if (ns < 0) return arena_format(a, "-%.*s", STR_FMT(text_duration(a, -ns)));
    if (ns < 1000) return arena_format(a, "%" PRId64 " ns", ns);
    if (ns < INT64_C(119950000000)) return in_units(a, (double)ns, units, COUNTOF(units));
    if (ns < INT64_C(7197000000000)) return significant(a, (double)ns / 60e9, "min");
    if (ns < INT64_C(172728000000000)) return significant(a, (double)ns / 3600e9, "h");
    return significant(a, (double)ns / 86400e9, "d");
}

str text_instant(arena *a, int64_t ns)
{
    static const struct {
        int64_t     size_ns;
        const char *name;
    } parts[] = {{INT64_C(86400000000000), "d"}, {INT64_C(3600000000000), "h"}, {INT64_C(60000000000), "min"}};
    str     text = {"", 0};
    int64_t rest = ns < 0 ? 0 : ns;
    for (size_t i = 0; i < COUNTOF(parts); i++) {
        int64_t n = rest / parts[i].size_ns;
        rest %= parts[i].size_ns;
        if (n > 0)
            text = arena_format(a, "%.*s%s%" PRId64 " %s", STR_FMT(text), text.len > 0 ? " " : "", n, parts[i].name);
    }
    if (rest == 0 && text.len > 0) return text;
    char fraction[16];
    (void)snprintf(fraction, sizeof fraction, ".%09" PRId64, rest % 1000000000);
    size_t len = strlen(fraction);
    while (fraction[len - 1] == '0') len--;
    if (fraction[len - 1] == '.') len = 0;
    return arena_format(a, "%.*s%s%" PRId64 "%.*s s", STR_FMT(text), text.len > 0 ? " " : "", rest / 1000000000,
                        (int)len, fraction);
}

str text_share(arena *a, uint64_t part, uint64_t whole)
{
    double percent = whole > 0 ? 100.0 * (double)part / (double)whole : 0;
    if (part == 0 || whole == 0) return STR("0 %");
    if (part == whole) return STR("100 %");
    if (percent >= 99.95 && part < whole) return arena_format(a, "%.4f %%", percent > 99.9999 ? 99.9999 : percent);
    if (percent < 0.0001) return STR("< 0.0001 %");
    return arena_format(a, "%.*f %%", percent < 0.1 ? 4 : percent < 9.995 ? 2 : 1, percent);
}

str text_rate(arena *a, double per_second)
{
    static const unit units[] = {{1, "/s"}, {1e3, "k/s"}, {1e6, "M/s"}, {1e9, "G/s"}};
    return in_units(a, per_second, units, COUNTOF(units));
}

str text_words(arena *a, double n)
{
    static const unit units[] = {{1e6, "million"}, {1e9, "billion"}};
    if (n < 999500) return text_count(a, n > 0 ? (uint64_t)(n + 0.5) : 0);
    return in_units(a, n, units, COUNTOF(units));
}

str text_plural(arena *a, uint64_t n, const char *one, const char *many)
{
    str number = text_count(a, n);
    return arena_format(a, "%.*s %s", STR_FMT(number), n == 1 ? one : many);
}

str text_bytes(arena *a, uint64_t bytes)
{
    static const unit units[] = {{1, "B"}, {0x1p10, "KiB"}, {0x1p20, "MiB"}, {0x1p30, "GiB"}, {0x1p40, "TiB"}};
    if (bytes < 1024) return arena_format(a, "%" PRIu64 " B", bytes);
    return in_units(a, (double)bytes, units, COUNTOF(units));
}

static bool continues(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

uint32_t text_columns(str s)
{
    uint32_t n = 0;
    for (size_t i = 0; i < s.len; i++) n += !continues(s.ptr[i]);
    return n;
}

str text_line(arena *a, str s, uint32_t columns)
{
    static const char ending[] = "...";
    uint32_t          room = columns, used = 0;
    bool              cut = text_columns(s) > columns;
    bool              dots = cut && columns > strlen(ending);
    if (dots) room -= (uint32_t)strlen(ending);
    char  *text = ARENA_NEW(a, char, s.len + sizeof ending);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (!continues(s.ptr[i]) && used++ == room) break;
        bool control = (unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f;
        text[len++] = control ? '?' : s.ptr[i];
    }
    if (dots) {
        while (len > 0 && text[len - 1] == ' ') len--;
        memcpy(text + len, ending, strlen(ending));
        len += strlen(ending);
    }
    return (str){text, len};
}

str text_times(arena *a, double ratio)
{
    return arena_format(a, "%.*f times", ratio < 9.995 ? 2 : ratio < 99.95 ? 1 : 0, ratio);
}
