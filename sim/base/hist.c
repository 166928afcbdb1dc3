#include "base/hist.h"

#include <assert.h>
#include <inttypes.h>

#include "base/gzip.h"

__extension__ typedef unsigned __int128 u128;

#ifdef ORGSIM_HOT_ASSERTS
#define HOT_ASSERT(condition) assert(condition)
#else
#define HOT_ASSERT(condition) ((void)0)
#endif

/* Bucket 0 holds the values below 2^(half_magnitude + 1) units in that many steps of one unit; each further bucket
 * holds the next power of two in half as many steps, each twice as wide. Hence, with u = unit_magnitude and
 * m = half_magnitude, for a value v <= max:
 *
 *     bucket = bit length of (v | (2^(m + 1) - 1) * 2^u)  -  (u + m + 1)
 *     index  = bucket * 2^m + (v >> (bucket + u))
 */
typedef struct {
    int64_t  min, max;
    int      digits;
    unsigned unit_magnitude, half_magnitude;
    size_t   count; /* of counters */
} shape;

struct hist { /* laid out for hist_record */
    uint64_t max, mask;
    unsigned leading_zeros; /* of a value in bucket 0 */
    unsigned unit_magnitude, half_magnitude;
    int      digits;
    uint64_t clipped;
    int64_t  min;
    size_t   count;
    uint64_t counts[];
};

static bool shape_of(int64_t min, int64_t max, int digits, shape *out)
{
    if (digits < 1 || digits > 5 || min < 1 || max / 2 < min) return false;
    uint64_t steps = 2;
    for (int i = 0; i < digits; i++) steps *= 10;
    unsigned unit = 63 - (unsigned)__builtin_clzll((uint64_t)min);
    unsigned magnitude = 64 - (unsigned)__builtin_clzll(steps - 1); /* of `steps`, rounded up to a power of two */
    if (unit + magnitude > 62) return false;
    size_t buckets = 1;
    for (uint64_t beyond = UINT64_C(1) << (magnitude + unit); beyond <= (uint64_t)max; beyond *= 2) buckets++;
    *out = (shape){min, max, digits, unit, magnitude - 1, (buckets + 1) << (magnitude - 1)};
    return true;
}

static hist *hist_of(arena *a, shape s)
{
    hist *h = arena_alloc(a, 1, alignof(hist), sizeof(hist) + s.count * sizeof(uint64_t));
    h->max = (uint64_t)s.max;
    h->mask = ((UINT64_C(2) << s.half_magnitude) - 1) << s.unit_magnitude;
    h->leading_zeros = (unsigned)__builtin_clzll(h->mask);
    h->unit_magnitude = s.unit_magnitude;
    h->half_magnitude = s.half_magnitude;
    h->digits = s.digits;
    h->min = s.min;
    h->count = s.count;
    return h;
}

hist *hist_new(arena *a, int64_t min, int64_t max, int digits)
{
    shape s = {0};
    bool  good = shape_of(min, max, digits, &s);
    assert(good);
    return hist_of(a, s);
}

static size_t index_of(const hist *h, uint64_t value)
{
    unsigned bucket = h->leading_zeros - (unsigned)__builtin_clzll(value | h->mask);
    return ((size_t)bucket << h->half_magnitude) + (size_t)(value >> (bucket + h->unit_magnitude));
}

void hist_record_n(hist *h, int64_t value, uint64_t count)
{
    HOT_ASSERT(value >= 0);
    uint64_t v = (uint64_t)value;
    if (__builtin_expect(v > h->max, 0)) {
        v = h->max;
        h->clipped += count;
    }
    h->counts[index_of(h, v)] += count;
}

void hist_record(hist *h, int64_t value)
{
    hist_record_n(h, value, 1);
}

void hist_merge(hist *into, const hist *from)
{
    assert(into->min == from->min);
    assert(into->max == from->max);
    assert(into->digits == from->digits);
    for (size_t i = 0; i < into->count; i++) into->counts[i] += from->counts[i];
    into->clipped += from->clipped;
}

void hist_reset(hist *h)
{
    memset(h->counts, 0, h->count * sizeof h->counts[0]);
    h->clipped = 0;
}

/* ---- what is asked ---- */

static int64_t low_of(const hist *h, size_t index)
{
    size_t half = (size_t)1 << h->half_magnitude;
    if (index < half) return (int64_t)((uint64_t)index << h->unit_magnitude);
    size_t bucket = (index >> h->half_magnitude) - 1, step = (index & (half - 1)) + half;
    return (int64_t)((uint64_t)step << (bucket + h->unit_magnitude));
}

static uint64_t width_of(const hist *h, size_t index)
{
    size_t bucket = index >> h->half_magnitude;
    return UINT64_C(1) << (h->unit_magnitude + (bucket == 0 ? 0 : bucket - 1));
}

static int64_t high_of(const hist *h, size_t index)
{
    return (int64_t)((uint64_t)low_of(h, index) + (width_of(h, index) - 1));
}

uint64_t hist_count(const hist *h)
{
    uint64_t total = 0;
    for (size_t i = 0; i < h->count; i++) total += h->counts[i];
    return total;
}

uint64_t hist_clipped(const hist *h)
{
    return h->clipped;
}

int64_t hist_min(const hist *h)
{
    for (size_t i = 0; i < h->count; i++)
        if (h->counts[i] != 0) return low_of(h, i);
    return 0;
}

int64_t hist_max(const hist *h)
{
    for (size_t i = h->count; i > 0; i--)
        if (h->counts[i - 1] != 0) return high_of(h, i - 1);
    return 0;
}

void hist_sum(const hist *h, uint64_t *high, uint64_t *low)
{
    u128 sum = 0;
    for (size_t i = 0; i < h->count; i++)
        if (h->counts[i] != 0) sum += (u128)h->counts[i] * ((uint64_t)low_of(h, i) + width_of(h, i) / 2);
    *high = (uint64_t)(sum >> 64);
    *low = (uint64_t)sum;
}

int64_t hist_quantile(const hist *h, uint64_t num, uint64_t den)
{
    assert(den > 0);
    assert(num <= den);
    uint64_t total = hist_count(h), below = 0;
    if (total == 0) return 0;
    uint64_t rank = (uint64_t)(((u128)total * num + (den - 1)) / den); /* how many must be <= v */
    size_t   i = 0;
    while (below < rank || below == 0) below += h->counts[i++]; /* ends: rank <= total */
    return high_of(h, i - 1);
}

bool hist_next(const hist *h, size_t *cursor, uint64_t *cumulative, hist_bucket *out)
{
    for (; *cursor < h->count; ++*cursor) {
        size_t i = *cursor;
        if (h->counts[i] == 0) continue;
        *cumulative += h->counts[i];
        *out = (hist_bucket){low_of(h, i), high_of(h, i), h->counts[i], *cumulative};
        ++*cursor;
        return true;
    }
    return false;
}

/* ---- the encoding: HdrHistogram_c, src/hdr_histogram_log.c and src/hdr_encoding.c ----
 *
 * Big-endian. Outside: cookie, length, zlib stream of that many bytes. Inside: cookie, bytes of counts, index
 * offset, digits (32 bits each), min, max, a ratio for histograms of floating-point values (64 bits each), then the
 * counts as ZigZag LEB128 up to the last that is not zero, a run of n zeros as -n. The reference sets a word size
 * of 1 in both cookies (the bits 0x10) and ignores it when reading V2. */

#define COOKIE_INSIDE  0x1c849303u
#define COOKIE_OUTSIDE 0x1c849304u
#define COOKIE_WORD    0x10u
#define COOKIE_MASK    0xf0u
#define OUTSIDE_BYTES  8
#define INSIDE_BYTES   40
#define RATIO_ONE      UINT64_C(0x3ff0000000000000) /* 1.0 */
#define COUNT_BYTES    9                            /* at most, of one count: seven bits in each of eight, then eight */
#define COUNTERS_MAX   (47u << 17)                  /* of 5 digits from 1 to 2^63 - 1 */

static unsigned char *put_be(unsigned char *to, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) to[i] = (unsigned char)(value >> (8 * (bytes - 1 - i)));
    return to + bytes;
}

static uint64_t get_be(const char *from, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++) value = value << 8 | (unsigned char)from[i];
    return value;
}

static unsigned char *put_zigzag(unsigned char *to, int64_t value)
{
    uint64_t bits = (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
    unsigned i = 0;
    for (; i < COUNT_BYTES - 1 && bits >= 0x80; i++, bits >>= 7) to[i] = (unsigned char)(bits | 0x80);
    to[i] = (unsigned char)bits;
    return to + i + 1;
}

/* Bytes taken; 0 when the text ends within the number. */
static size_t get_zigzag(str from, int64_t *out)
{
    uint64_t bits = 0;
    for (unsigned i = 0; i < COUNT_BYTES && i < from.len; i++) {
        unsigned char c = (unsigned char)from.ptr[i];
        bool          last = i == COUNT_BYTES - 1 || c < 0x80;
        bits |= (uint64_t)(last ? c : c & 0x7f) << (7 * i);
        if (!last) continue;
        *out = (int64_t)(bits >> 1 ^ (0 - (bits & 1)));
        return i + 1;
    }
    return 0;
}

static unsigned char *put_counts(unsigned char *to, const hist *h)
{
    size_t end = h->count;
    while (end > 1 && h->counts[end - 1] == 0) end--;
    for (size_t i = 0; i < end;) {
        size_t zeros = i;
        while (zeros < end && h->counts[zeros] == 0) zeros++;
        if (zeros > i)
            to = put_zigzag(to, -(int64_t)(zeros - i));
        else
            to = put_zigzag(to, (int64_t)h->counts[zeros++]);
        i = zeros;
    }
    return to;
}

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static str base64_write(arena *a, str bytes)
{
    char  *text = ARENA_NEW(a, char, (bytes.len + 2) / 3 * 4 + 1);
    size_t len = 0;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t   have = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t group = (uint32_t)get_be(bytes.ptr + i, (unsigned)have) << (8 * (3 - have));
        for (size_t k = 0; k < 4; k++) text[len++] = k <= have ? base64_digits[group >> (18 - 6 * k) & 63] : '=';
    }
    return (str){text, len};
}

/* Everything of an encoding, temporaries too, comes from one arena. */
static status encode_in(arena *a, const hist *h, str *base64, err *e)
{
    u128   total = 0;
    size_t used = 0;
    for (size_t i = 0; i < h->count; i++) {
        total += h->counts[i];
        used += h->counts[i] != 0;
    }
    if (total > INT64_MAX) return err_set(e, STATUS_LIMIT, "histogram: more counts than its encoding holds");

    size_t         size = INSIDE_BYTES + (2 * used + 1) * COUNT_BYTES;
    unsigned char *inside = ARENA_NEW(a, unsigned char, size), *end = put_counts(inside + INSIDE_BYTES, h),
                  *to = inside;
    to = put_be(to, COOKIE_INSIDE | COOKIE_WORD, 4);
    to = put_be(to, (uint64_t)(end - inside) - INSIDE_BYTES, 4);
    to = put_be(to, 0, 4);
    to = put_be(to, (uint64_t)h->digits, 4);
    to = put_be(to, (uint64_t)h->min, 8);
    to = put_be(to, h->max, 8);
    (void)put_be(to, RATIO_ONE, 8);

    str packed = {NULL, 0};
    TRY(zlib_deflate(a, (str){(const char *)inside, (size_t)(end - inside)}, &packed, e));
    unsigned char *outside = ARENA_NEW(a, unsigned char, OUTSIDE_BYTES + packed.len);
    to = put_be(outside, COOKIE_OUTSIDE | COOKIE_WORD, 4);
    to = put_be(to, packed.len, 4);
    memcpy(to, packed.ptr, packed.len);
    *base64 = base64_write(a, (str){(const char *)outside, OUTSIDE_BYTES + packed.len});
    return STATUS_OK;
}

status hist_encode(arena *a, const hist *h, arena scratch, str *base64, err *e)
{
    str text = {NULL, 0};
    TRY(encode_in(&scratch, h, &text, e));
    *base64 = arena_str(a, text);
    return STATUS_OK;
}

/* ---- decoding ---- */

static status base64_read(arena *a, str text, str *out, err *e)
{
    if (text.len % 4 != 0)
        return err_set(e, STATUS_SYNTAX, "base64 of %zu characters, expected a multiple of 4", text.len);
    signed char values[256];
    memset(values, -1, sizeof values);
    for (signed char i = 0; i < 64; i++) values[(unsigned char)base64_digits[i]] = i;
    size_t padding = str_ends(text, STR("==")) ? 2 : str_ends(text, STR("=")) ? 1 : 0, len = 0;
    char  *bytes = ARENA_NEW(a, char, text.len / 4 * 3 + 1);
    for (size_t i = 0; i < text.len; i += 4) {
        uint32_t group = 0;
        for (size_t k = i; k < i + 4; k++) {
            int value = k < text.len - padding ? values[(unsigned char)text.ptr[k]] : 0;
            if (value < 0)
                return err_set(e, STATUS_SYNTAX, "byte 0x%02x at %zu is not base64", (unsigned char)text.ptr[k], k);
            group = group << 6 | (uint32_t)value;
        }
        for (unsigned k = 0; k < 3; k++) bytes[len++] = (char)(unsigned char)(group >> (16 - 8 * k));
    }
    *out = (str){bytes, len - padding};
    return STATUS_OK;
}

static status cookie_check(const char *from, uint32_t base, const char *what, err *e)
{
    uint32_t cookie = (uint32_t)get_be(from, 4);
    if ((cookie & ~COOKIE_MASK) == base) return STATUS_OK;
    return err_set(e, STATUS_INVALID, "%s cookie 0x%08" PRIx32 ", expected 0x%08" PRIx32, what, cookie,
                   base | COOKIE_WORD);
}

/* Two walks over the counts, the first without a histogram, so that only a good payload takes memory. */
static status counts_read(str text, size_t counters, hist *into, err *e)
{
    size_t   index = 0;
    uint64_t total = 0;
    while (text.len > 0) {
        int64_t value = 0;
        size_t  taken = get_zigzag(text, &value);
        if (taken == 0) return err_set(e, STATUS_SYNTAX, "the last count is cut short");
        text = str_part(text, taken, text.len - taken);
        uint64_t step = value < 0 ? 0 - (uint64_t)value : 1;
        if (step > counters - index)
            return err_set(e, STATUS_INVALID, "counts beyond the %zu that its range and digits have", counters);
        if (value > 0) {
            total += (uint64_t)value;
            if (total > INT64_MAX) return err_set(e, STATUS_INVALID, "counts overflow 63 bits");
            if (into != NULL) into->counts[index] = (uint64_t)value;
        }
        index += (size_t)step;
    }
    return STATUS_OK;
}

static status inside_read(arena *a, str inside, hist **out, err *e)
{
    if (inside.len < INSIDE_BYTES)
        return err_set(e, STATUS_SYNTAX, "%zu bytes unpacked, expected a header of %d", inside.len, INSIDE_BYTES);
    TRY(cookie_check(inside.ptr, COOKIE_INSIDE, "encoding", e));
    str      counts = str_part(inside, INSIDE_BYTES, inside.len - INSIDE_BYTES);
    uint64_t len = get_be(inside.ptr + 4, 4), offset = get_be(inside.ptr + 8, 4), digits = get_be(inside.ptr + 12, 4);
    int64_t  min = (int64_t)get_be(inside.ptr + 16, 8), max = (int64_t)get_be(inside.ptr + 24, 8);
    if (len != counts.len)
        return err_set(e, STATUS_SYNTAX, "%zu bytes of counts, expected %" PRIu64 " as its header says", counts.len,
                       len);
    if (offset != 0 || get_be(inside.ptr + 32, 8) != RATIO_ONE)
        return err_set(e, STATUS_INVALID, "scaled or shifted values, expected a histogram of integers");
    shape s = {0};
    if (digits > 5 || !shape_of(min, max, (int)digits, &s))
        return err_set(e, STATUS_INVALID,
                       "range %" PRId64 " to %" PRId64 " at %" PRIu64
                       " digits, expected 1 <= min, 2 min <= max and 1 to 5 digits",
                       min, max, digits);
    TRY(counts_read(counts, s.count, NULL, e));
    hist *h = hist_of(a, s);
    TRY(counts_read(counts, s.count, h, e));
    *out = h;
    return STATUS_OK;
}

static status decode(arena *a, str base64, arena scratch, hist **out, err *e)
{
    str bytes = {NULL, 0}, inside = {NULL, 0};
    TRY(base64_read(&scratch, base64, &bytes, e));
    if (bytes.len < OUTSIDE_BYTES)
        return err_set(e, STATUS_SYNTAX, "%zu bytes, expected a header of %d", bytes.len, OUTSIDE_BYTES);
    TRY(cookie_check(bytes.ptr, COOKIE_OUTSIDE, "compression", e));
    str      packed = str_part(bytes, OUTSIDE_BYTES, bytes.len - OUTSIDE_BYTES);
    uint64_t len = get_be(bytes.ptr + 4, 4);
    if (len != packed.len)
        return err_set(e, STATUS_SYNTAX, "%zu bytes packed, expected %" PRIu64 " as its header says", packed.len, len);
    TRY(zlib_inflate(&scratch, packed, INSIDE_BYTES + (size_t)COUNTERS_MAX * COUNT_BYTES, &inside, e));
    return inside_read(a, inside, out, e);
}

status hist_decode(arena *a, str base64, arena scratch, hist **out, err *e)
{
    status s = decode(a, base64, scratch, out, e);
    return s == STATUS_OK ? STATUS_OK : err_wrap(e, "histogram");
}

/* ---- the log ---- */

/* Java's Date.toString() at UTC, as the reference writes it; the date by Howard Hinnant's civil_from_days. */
static str date_text(arena *a, int64_t seconds)
{
    static const char *const weekdays[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Mar", "Apr", "May", "Jun", "Jul", "Aug",
                                         "Sep", "Oct", "Nov", "Dec", "Jan", "Feb"};

    int64_t days = seconds / 86400, second = seconds % 86400;
    int64_t since = days + 719468, era = since / 146097, day_of_era = since % 146097; /* from 0000-03-01 */
    int64_t year = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day = day_of_era - (365 * year + year / 4 - year / 100), month = (5 * day + 2) / 153;
    return arena_format(a, "%s %s %02" PRId64 " %02" PRId64 ":%02" PRId64 ":%02" PRId64 " UTC %" PRId64,
                        weekdays[days % 7], months[month], day - (153 * month + 2) / 5 + 1, second / 3600,
                        second / 60 % 60, second % 60, era * 400 + year + (month >= 10));
}

/* Seconds with milliseconds, as all logs have them; with nanoseconds where milliseconds would lose something. */
static str seconds_text(arena *a, int64_t ns)
{
    int64_t whole = ns / 1000000000, rest = ns % 1000000000;
    if (rest % 1000000 == 0) return arena_format(a, "%" PRId64 ".%03" PRId64, whole, rest / 1000000);
    return arena_format(a, "%" PRId64 ".%09" PRId64, whole, rest);
}

static bool text_ok(str text, char least)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < (unsigned char)least || text.ptr[i] == 0x7f) return false;
    return true;
}

/* What cannot be written shows in the stream's own state, which hist_log_write looks at once. */
static status interval_write(FILE *to, const hist_interval *interval, arena scratch, err *e)
{
    assert(interval->start_ns >= 0);
    assert(interval->length_ns >= 0);
    str tag = interval->tag, base64 = {NULL, 0};
    if (!text_ok(tag, '!') || str_find(tag, ',', 0) < tag.len)
        return err_set(e, STATUS_INVALID, "tag `%.*s` of a histogram has a comma, space or control character",
                       STR_FMT(tag));
    TRY(encode_in(&scratch, interval->h, &base64, e));
    uint64_t us = ((uint64_t)hist_max(interval->h) + 500) / 1000;
    str      start = seconds_text(&scratch, interval->start_ns), length = seconds_text(&scratch, interval->length_ns);
    if (tag.len > 0) (void)fprintf(to, "Tag=%.*s,", STR_FMT(tag));
    (void)fprintf(to, "%.*s,%.*s,%" PRIu64 ".%03" PRIu64 ",", STR_FMT(start), STR_FMT(length), us / 1000, us % 1000);
    (void)fwrite(base64.ptr, 1, base64.len, to);
    (void)fputc('\n', to);
    return STATUS_OK;
}

status hist_log_write(FILE *to, hist_log_head head, const hist_interval *intervals, size_t count, arena scratch, err *e)
{
    assert(head.epoch_seconds >= 0);
    assert(head.epoch_seconds <= INT64_C(253402300799)); /* the year 9999 */
    if (!text_ok(head.comment, ' ') || head.comment.len > HIST_COMMENT_MAX)
        return err_set(e, STATUS_INVALID, "comment of a histogram log, expected one line of at most %d bytes",
                       HIST_COMMENT_MAX);
    str date = date_text(&scratch, head.epoch_seconds);
    if (head.comment.len > 0) (void)fprintf(to, "#[%.*s]\n", STR_FMT(head.comment));
    (void)fprintf(to,
                  "#[Histogram log format version 1.3]\n"
                  "#[StartTime: %" PRId64 ".000 (seconds since epoch), %.*s]\n"
                  "#[BaseTime: %" PRId64 ".000 (seconds since epoch)]\n"
                  "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
                  head.epoch_seconds, STR_FMT(date), head.epoch_seconds);
    for (size_t i = 0; i < count; i++) TRY(interval_write(to, &intervals[i], scratch, e));
    if (fflush(to) != 0 || ferror(to) != 0) return err_set(e, STATUS_IO, "the histogram log cannot be written");
    return STATUS_OK;
}
