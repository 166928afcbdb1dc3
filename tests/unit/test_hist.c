/* test_hist.c - buckets by their definition, quantiles against sorted values, payloads that the reference programs
 * wrote (HdrHistogram_c, and HdrHistogram 2.1.11 for Java), and payloads nobody would write. */
#include "base/hist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/gzip.h"
#include "base/hash.h"

#define HOUR   INT64_C(3600000000000)
#define SECOND INT64_C(1000000000)

static arena memory, scratch;

static int memory_open(void **state)
{
    (void)state;
    arena_init(&memory, MEMORY_GENERAL);
    arena_init(&scratch, MEMORY_GENERAL);
    return 0;
}

static int memory_close(void **state)
{
    (void)state;
    arena_deinit(&memory);
    arena_deinit(&scratch);
    return 0;
}

static hist *decoded(const char *base64)
{
    hist  *h = NULL;
    err    e = {0};
    status s = hist_decode(&memory, str_of(base64), scratch, &h, &e);
    if (s != STATUS_OK) fail_msg("%s", e.text);
    return h;
}

static str encoded(const hist *h)
{
    str base64 = {NULL, 0};
    err e = {0};
    if (hist_encode(&memory, h, scratch, &base64, &e) != STATUS_OK) fail_msg("%s", e.text);
    return base64;
}

static void expect_refused(str base64, status code, const char *message)
{
    hist *untouched = NULL;
    err   e = {0};
    assert_int_equal(hist_decode(&memory, base64, scratch, &untouched, &e), code);
    assert_null(untouched);
    assert_string_equal(e.text, message);
}

/* ---- recording ---- */

static const struct {
    int64_t min, max;
    int     digits;
} shapes[] = {{1, 2, 1}, {1, 100000, 1}, {1, 20000, 2}, {1, 65536, 3}, {7, 100000, 1}, {8, 65535, 2}, {1000, 99999, 1}};

/* Each value's bucket holds it, meets its neighbours without a gap, and is as narrow as the digits promise. */
static void buckets_are_as_wide_as_the_digits_allow(void **state)
{
    (void)state;
    for (size_t s = 0; s < COUNTOF(shapes); s++) {
        hist   *h = hist_new(&memory, shapes[s].min, shapes[s].max, shapes[s].digits);
        int64_t unit = 1, precision = 1, before = -1;
        while (unit * 2 <= shapes[s].min) unit *= 2;
        for (int d = 0; d < shapes[s].digits; d++) precision *= 10;
        for (int64_t v = 0; v <= shapes[s].max; v++) hist_record(h, v);
        size_t      cursor = 0;
        uint64_t    cumulative = 0;
        hist_bucket b = {0};
        while (hist_next(h, &cursor, &cumulative, &b)) {
            int64_t width = b.high - b.low + 1, last = b.high < shapes[s].max ? b.high : shapes[s].max;
            assert_int_equal(b.low, before + 1);
            assert_int_equal(b.count, last - b.low + 1);
            assert_int_equal(b.cumulative, last + 1);
            assert_true(width == unit || width * precision <= b.low);
            before = b.high;
        }
        assert_true(before >= shapes[s].max);
        assert_int_equal(hist_count(h), shapes[s].max + 1);
        assert_int_equal(hist_clipped(h), 0);
        arena_reset(&memory);
    }
}

static void empty_answers_zero(void **state)
{
    (void)state;
    hist       *h = hist_new(&memory, 1, HOUR, 3);
    size_t      cursor = 0;
    uint64_t    cumulative = 0, high = 1, low = 1;
    hist_bucket b;
    hist_sum(h, &high, &low);
    assert_int_equal(high, 0);
    assert_int_equal(low, 0);
    assert_int_equal(hist_count(h), 0);
    assert_int_equal(hist_min(h), 0);
    assert_int_equal(hist_max(h), 0);
    assert_int_equal(hist_quantile(h, 1, 2), 0);
    assert_false(hist_next(h, &cursor, &cumulative, &b));
}

static void above_max_is_clipped_and_recorded_at_max(void **state)
{
    (void)state;
    hist *h = hist_new(&memory, 1, 1000, 3);
    hist_record(h, 1000);
    assert_int_equal(hist_clipped(h), 0);
    hist_record(h, 1001);
    hist_record_n(h, INT64_MAX, 5);
    assert_int_equal(hist_clipped(h), 6);
    assert_int_equal(hist_count(h), 7);
    assert_int_equal(hist_min(h), 1000);
    assert_int_equal(hist_max(h), 1000);
    hist_reset(h);
    assert_int_equal(hist_clipped(h), 0);
    assert_int_equal(hist_count(h), 0);
}

static int cmp_i64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Of any magnitude: a uniform draw of bits is shifted by a uniform draw of places. */
static int64_t draw(uint64_t seed, uint64_t n)
{
    return (int64_t)(hash_mix(seed, n) >> (24 + hash_mix(n, seed) % 40));
}

static void quantiles_are_those_of_the_sorted_values(void **state)
{
    (void)state;
    static const uint64_t ratios[][2] = {
        {0, 1},    {1, 1000},       {1, 2}, {2, 3},          {9, 10},
        {99, 100}, {99999, 100000}, {1, 1}, {1, UINT64_MAX}, {UINT64_MAX - 1, UINT64_MAX}};
    for (uint64_t seed = 0; seed < 40; seed++) {
        hist   *h = hist_new(&memory, 1, INT64_C(1) << 40, 3);
        size_t  count = 1 + hash_mix(seed, 99) % 500;
        int64_t values[500];
        for (size_t i = 0; i < count; i++) hist_record(h, values[i] = draw(seed, i));
        qsort(values, count, sizeof values[0], cmp_i64);
        for (size_t q = 0; q < COUNTOF(ratios); q++) {
            size_t rank = 0; /* least r with r / count >= num / den, by search in 128 bits */
            __extension__ typedef unsigned __int128 u128;
            while ((u128)rank * ratios[q][1] < (u128)count * ratios[q][0]) rank++;
            int64_t exact = values[rank == 0 ? 0 : rank - 1], got = hist_quantile(h, ratios[q][0], ratios[q][1]);
            assert_true(got >= exact);
            assert_true(got - exact <= exact / 1000);
        }
        assert_true(hist_min(h) <= values[0]);
        assert_true(hist_max(h) >= values[count - 1]);
        arena_reset(&memory);
    }
}

static void merging_is_recording_into_one(void **state)
{
    (void)state;
    hist *parts[3], *all = hist_new(&memory, 1, 1 << 20, 2);
    for (size_t p = 0; p < 3; p++) {
        parts[p] = hist_new(&memory, 1, 1 << 20, 2);
        for (uint64_t i = 0; i < 1000; i++) {
            int64_t  v = draw(p, i);
            uint64_t n = hash_mix(i, p) % 4;
            hist_record_n(parts[p], v, n);
            for (uint64_t k = 0; k < n; k++) hist_record(all, v);
        }
    }
    hist_merge(parts[2], parts[0]);
    hist_merge(parts[2], parts[1]);
    assert_true(hist_clipped(all) > 0);
    assert_int_equal(hist_clipped(parts[2]), hist_clipped(all));
    assert_true(str_eq(encoded(parts[2]), encoded(all)));
}

static void sum_is_exact_beyond_64_bits(void **state)
{
    (void)state;
    hist    *h = hist_new(&memory, 1, INT64_MAX, 1);
    uint64_t high = 0, low = 0;
    hist_record_n(h, 3, 5);
    hist_record_n(h, 33, 1); /* 32..33: the middle is 33 */
    hist_sum(h, &high, &low);
    assert_int_equal(high, 0);
    assert_int_equal(low, 48);
    hist_record_n(h, INT64_C(1) << 62, UINT64_C(1) << 62); /* of width 2^58 */
    hist_sum(h, &high, &low);
    assert_int_equal(high, (UINT64_C(1) << 60) + (UINT64_C(1) << 55));
    assert_int_equal(low, 48);
}

/* ---- the encoding ---- */

typedef struct {
    int64_t  low, high;
    uint64_t count;
} row;

static void expect_rows(const hist *h, const row *rows, size_t count)
{
    size_t      cursor = 0;
    uint64_t    cumulative = 0;
    hist_bucket b = {0};
    for (size_t i = 0; i < count; i++) {
        assert_true(hist_next(h, &cursor, &cumulative, &b));
        assert_int_equal(b.low, rows[i].low);
        assert_int_equal(b.high, rows[i].high);
        assert_int_equal(b.count, rows[i].count);
    }
    assert_false(hist_next(h, &cursor, &cumulative, &b));
}

#define BY_C_EMPTY  "HISTFAAAACF4nJNpmSzMwMDAyAABzFAayGd2M9ixgMH+A1QAAFKnBE0="
#define BY_C_NARROW "HISTFAAAABx4nJNpmSzMwMDAxAABjGg0k/0HCIOZCQA/OwKB"
#define BY_C        "HISTFAAAADR4nJNpmSzMwMAgxAABzFCaEch0M9ixgMH+A0SAiWWmPFt8A+Pmv4wNDYz33zAyAQDSxAqB"
#define BY_JAVA     "HISTFAAAADR42pNpmSzMwMAgxAABzFCaEch0M9ixgMH+A0SAiWWmPFt8A+Pmv4wNDYz33zAyAQDSxAqB"
#define BY_C_COARSE "HISTFAAAAC14nJNpmSzMwMAgxAABTBCK+QWIHcL9hMH+A0SEkYvvOzMT03KFBhgAAN28Cxg="
#define BY_C_FINE   "HISTFAAAACh4nJNpmSzMwMDAxQABrFCasf4/BNh/gAj8/S/PxPT7/3nWOgAa7w9p"
#define SQUARES_JAVA                                                                                           \
    "HISTFAAAARB42pNpmSzMwMDwlgECmCAU8wsQO4T7CYP9B5gMJ4sgmySHPJcmjz6fpYC9kLuIv5ithL6UoYypnLWCspK8iqKasoaqlrqO" \
    "up6wgaiRuImomaSFpJWkjbSdrIOgE78Lrxu/B78Xvw+/n2CAYJBgiGCYcIRwlGAMexxnAmcSZwpnGncGZxZnDncedwF3EXcJdxl3BW8V" \
    "dw1vHW8DI2cTI2sLI2sbI3sHI2sXI2sPI2sfI/sERtZJjOxTGFmnMbLPYGSdxcg+h5F9HiP7Akb2RYzsSxjZlzGyr2BkX8XIvoaRfR0j" \
    "5wZG9k2MnFsY2bcxsu9gZNjFyLyHkXkfI/MBRuZDjMxHGJmPMTKfYAQAuFg0Mg=="

static void payloads_of_the_references_are_read(void **state)
{
    (void)state;
    static const row rows[] = {{0, 0, 1},
                               {1, 1, 2},
                               {1999, 1999, 3},
                               {2048, 2049, 64},
                               {123404288, 123469823, 8192},
                               {INT64_C(3599182594048), INT64_C(3601330077695), 1}};
    static const row coarse[] = {{512, 1023, 5},
                                 {1024, 1535, 7},
                                 {130560, 131071, 1},
                                 {131072, 132095, 1},
                                 {INT64_C(9999220736), INT64_C(10066329599), UINT64_C(1) << 62}};
    static const row fine[] = {{262143, 262143, 1}, {262144, 262145, 1}, {INT64_C(9223336852482686976), INT64_MAX, 63}};
    static const row narrow[] = {{2, 2, 1}};
    expect_rows(decoded(BY_C_EMPTY), NULL, 0);
    expect_rows(decoded(BY_C_NARROW), narrow, COUNTOF(narrow));
    expect_rows(decoded(BY_C), rows, COUNTOF(rows));
    expect_rows(decoded(BY_JAVA), rows, COUNTOF(rows));
    expect_rows(decoded(BY_C_COARSE), coarse, COUNTOF(coarse));
    expect_rows(decoded(BY_C_FINE), fine, COUNTOF(fine));
}

/* Recorded: i^2 thousand, i times, for i = 1..100; mean and quantiles as Java gives them. */
static void figures_are_those_of_the_references(void **state)
{
    (void)state;
    hist *h = hist_new(&memory, 1000, INT64_C(10000000000), 2);
    for (int64_t i = 1; i <= 100; i++) hist_record_n(h, i * i * 1000, (uint64_t)i);
    uint64_t high = 0, low = 0;
    hist_sum(h, &high, &low);
    assert_int_equal(low, UINT64_C(25496338432)); /* 5050 times the mean 5048779.887524753 */
    assert_int_equal(hist_quantile(h, 1, 2), 5046271);
    assert_int_equal(hist_quantile(h, 9, 10), 9043967);
    assert_int_equal(hist_max(h), 10027007);
    assert_true(str_eq(encoded(h), encoded(decoded(SQUARES_JAVA))));
}

/* A small writer and reader of the outer wrapping, so that tests reach what zlib's checksum guards. */
static str unwrapped(str base64)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned char    *bytes = ARENA_NEW(&memory, unsigned char, base64.len);
    uint32_t          bits = 0;
    size_t            have = 0, len = 0;
    for (size_t i = 0; i < base64.len && base64.ptr[i] != '='; i++) {
        bits = bits << 6 | (uint32_t)(strchr(digits, base64.ptr[i]) - digits);
        have += 6;
        if (have >= 8) bytes[len++] = (unsigned char)(bits >> (have -= 8));
    }
    str inside = {NULL, 0};
    assert_int_equal(zlib_inflate(&memory, (str){(char *)bytes + 8, len - 8}, 1 << 20, &inside, NULL), STATUS_OK);
    return inside;
}

static str wrapped(str inside)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    str               packed = {NULL, 0};
    assert_int_equal(zlib_deflate(&memory, inside, &packed, NULL), STATUS_OK);
    size_t         len = packed.len + 8, out = 0;
    unsigned char *bytes = ARENA_NEW(&memory, unsigned char, len + 2);
    char          *text = ARENA_NEW(&memory, char, len * 2 + 8);
    memcpy(bytes, "\x1c\x84\x93\x14", 4);
    for (size_t i = 0; i < 4; i++) bytes[4 + i] = (unsigned char)(packed.len >> (24 - 8 * i));
    memcpy(bytes + 8, packed.ptr, packed.len);
    for (size_t i = 0; i < len; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];
        for (size_t k = 0; k < 4; k++) text[out++] = i + k <= len ? digits[group >> (18 - 6 * k) & 63] : '=';
    }
    return (str){text, out};
}

/* Byte for byte what HdrHistogram_c packs; how zlib packs it may change with its version. Java's differs in single
 * zeros alone, which it writes as a count. */
static void what_is_packed_is_what_the_reference_packs(void **state)
{
    (void)state;
    static const char *const payloads[] = {BY_C_EMPTY, BY_C_NARROW, BY_C, BY_C_COARSE, BY_C_FINE};
    for (size_t i = 0; i < COUNTOF(payloads); i++) {
        str theirs = unwrapped(str_of(payloads[i])), ours = unwrapped(encoded(decoded(payloads[i])));
        assert_int_equal(theirs.len, ours.len);
        assert_memory_equal(theirs.ptr, ours.ptr, ours.len);
    }
    static const unsigned char narrow[] = {
        0x1c, 0x84, 0x93, 0x13, 0, 0, 0, 2, 0, 0, 0,    0,    0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
        0,    1,    0,    0,    0, 0, 0, 0, 0, 2, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 3, 2}; /* 2 zeros, then a count of 1 */
    str ours = unwrapped(encoded(decoded(BY_C_NARROW)));
    assert_int_equal(ours.len, sizeof narrow);
    assert_memory_equal(ours.ptr, narrow, sizeof narrow);
}

static void there_and_back(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++) {
        int64_t min = 1 + draw(seed, 1) % 5000, max = 2 * min + draw(seed, 2);
        hist   *h = hist_new(&memory, min, max, 1 + (int)(seed % 4)), *again;
        for (uint64_t i = 0; i < seed * 7; i++) {
            uint64_t n = hash_mix(seed, i) >> (14 + hash_mix(i, i) % 50);
            hist_record_n(h, draw(seed, i + 100), n);
        }
        str base64 = encoded(h);
        again = decoded(base64.ptr); /* the arena puts a NUL after it */
        assert_true(str_eq(base64, encoded(again)));
        assert_int_equal(hist_count(again), hist_count(h));
        assert_int_equal(hist_quantile(again, 1, 3), hist_quantile(h, 1, 3));
        assert_int_equal(hist_clipped(again), 0);
        hist_merge(again, h); /* the shape is the same */
        arena_reset(&memory);
    }
}

static void counts_beyond_63_bits_are_not_written(void **state)
{
    (void)state;
    hist *h = hist_new(&memory, 1, 100, 1);
    str   base64 = STR("untouched");
    err   e;
    hist_record_n(h, 1, INT64_MAX);
    expect_rows(decoded(encoded(h).ptr), &(row){1, 1, INT64_MAX}, 1);
    hist_record(h, 2);
    assert_int_equal(hist_encode(&memory, h, scratch, &base64, &e), STATUS_LIMIT);
    assert_string_equal(e.text, "histogram: more counts than its encoding holds");
    assert_true(str_is(base64, "untouched"));
}

/* ---- what is refused ---- */

static void bad_wrapping_is_refused(void **state)
{
    (void)state;
    expect_refused(STR(""), STATUS_SYNTAX, "histogram: 0 bytes, expected a header of 8");
    expect_refused(STR("HISTFAA"), STATUS_SYNTAX, "histogram: base64 of 7 characters, expected a multiple of 4");
    expect_refused(STR("HISTFA,="), STATUS_SYNTAX, "histogram: byte 0x2c at 6 is not base64");
    expect_refused(STR("HIST\n==="), STATUS_SYNTAX, "histogram: byte 0x0a at 4 is not base64");
    expect_refused(STR("===="), STATUS_SYNTAX, "histogram: byte 0x3d at 0 is not base64");
    expect_refused(STR("HI=TFAAA"), STATUS_SYNTAX, "histogram: byte 0x3d at 2 is not base64");
    expect_refused(STR("\xff\xfe\xfd\xfc"), STATUS_SYNTAX, "histogram: byte 0xff at 0 is not base64");
    expect_refused(STR("HISTFAAA"), STATUS_SYNTAX, "histogram: 6 bytes, expected a header of 8");
    expect_refused(STR("HISTEgAAAAAA"), STATUS_INVALID,
                   "histogram: compression cookie 0x1c849312, expected 0x1c849314"); /* V1 */
    expect_refused(STR("HISTFAAAACJ4nJNpmSzMwMDAyAABzFAayGd2M9ixgMH+A1QAAFKnBE0="), STATUS_SYNTAX,
                   "histogram: 33 bytes packed, expected 34 as its header says");
    expect_refused(STR("HISTFAAAACB4nJNpmSzMwMDAyAABzFAayGd2M9ixgMH+A1QAAFKnBE0="), STATUS_SYNTAX,
                   "histogram: 33 bytes packed, expected 32 as its header says");
    expect_refused(STR("HISTFP////94nJNpmSzMwMDAyAABzFAayGd2M9ixgMH+A1QAAFKnBE0="), STATUS_SYNTAX,
                   "histogram: 33 bytes packed, expected 4294967295 as its header says");
    expect_refused(STR("HISTFAAAACF4nJNpmSzMwMDAyAABzFAayGd2M9ixgMH+A1QAAFKnBE4="), STATUS_SYNTAX,
                   "histogram: compressed data is damaged or cut short");
}

static void every_cut_is_refused(void **state)
{
    (void)state;
    str whole = STR(SQUARES_JAVA);
    for (size_t len = 0; len < whole.len; len++) {
        hist *h = NULL;
        assert_int_not_equal(hist_decode(&memory, str_part(whole, 0, len), scratch, &h, NULL), STATUS_OK);
    }
}

static str patched(const char *base64, size_t at, const char *bytes, size_t len)
{
    str   inside = unwrapped(str_of(base64));
    char *copy = ARENA_NEW(&memory, char, inside.len);
    memcpy(copy, inside.ptr, inside.len);
    assert_true(at + len <= inside.len);
    memcpy(copy + at, bytes, len);
    return wrapped((str){copy, inside.len});
}

static void bad_headers_are_refused(void **state)
{
    (void)state;
    const struct {
        size_t      at;
        str         bytes;
        const char *message;
    } rows[] = {
        {0, STR("\x1c\x84\x93\x11"), "histogram: encoding cookie 0x1c849311, expected 0x1c849313"},
        {4, STR("\0\0\0\1"), "histogram: 2 bytes of counts, expected 1 as its header says"},
        {4, STR("\xff\xff\xff\xff"), "histogram: 2 bytes of counts, expected 4294967295 as its header says"},
        {8, STR("\0\0\0\1"), "histogram: scaled or shifted values, expected a histogram of integers"},
        {32, STR("\x40\0"), "histogram: scaled or shifted values, expected a histogram of integers"},
        {12, STR("\0\0\0\0"), "histogram: range 1 to 2 at 0 digits, expected 1 <= min, 2 min <= max and 1 to 5 digits"},
        {12, STR("\0\0\0\6"), "histogram: range 1 to 2 at 6 digits, expected 1 <= min, 2 min <= max and 1 to 5 digits"},
        {12, STR("\xff\xff\xff\xff"),
         "histogram: range 1 to 2 at 4294967295 digits, expected 1 <= min, 2 min <= max and 1 to 5 digits"},
        {16, STR("\0\0\0\0\0\0\0\0"),
         "histogram: range 0 to 2 at 1 digits, expected 1 <= min, 2 min <= max and 1 to 5 digits"},
        {16, STR("\xff\xff\xff\xff\xff\xff\xff\xff"),
         "histogram: range -1 to 2 at 1 digits, expected 1 <= min, 2 min <= max and 1 to 5 digits"},
        {24, STR("\0\0\0\0\0\0\0\1"),
         "histogram: range 1 to 1 at 1 digits, expected 1 <= min, 2 min <= max and 1 to 5 digits"},
        {16, STR("\x04\0\0\0\0\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff"),
         "histogram: range 288230376151711744 to 9223372036854775807 at 1 digits, "
         "expected 1 <= min, 2 min <= max and 1 to 5 digits"},
        {40, STR("\x7f\2"), "histogram: counts beyond the 32 that its range and digits have"}, /* 64 zeros */
        {40, STR("\3\x80"), "histogram: the last count is cut short"},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        hist *h = NULL;
        err   e = {0};
        str   base64 = patched(BY_C_NARROW, rows[i].at, rows[i].bytes.ptr, rows[i].bytes.len);
        assert_int_not_equal(hist_decode(&memory, base64, scratch, &h, &e), STATUS_OK);
        assert_string_equal(e.text, rows[i].message);
        assert_null(h);
    }
    expect_refused(wrapped(str_part(unwrapped(STR(BY_C)), 0, 39)), STATUS_SYNTAX,
                   "histogram: 39 bytes unpacked, expected a header of 40");
}

/* A payload of BY_C_NARROW's shape around other counts. */
static str of_counts(str counts)
{
    char *inside = ARENA_NEW(&memory, char, 40 + counts.len);
    memcpy(inside, unwrapped(STR(BY_C_NARROW)).ptr, 40);
    for (size_t i = 0; i < 4; i++) inside[4 + i] = (char)(unsigned char)(counts.len >> (24 - 8 * i));
    memcpy(inside + 40, counts.ptr, counts.len);
    return wrapped((str){inside, 40 + counts.len});
}

static void bad_counts_are_refused(void **state)
{
    (void)state;
    const char *const beyond = "histogram: counts beyond the 32 that its range and digits have";
    hist             *h = decoded(of_counts(STR("\xfe\xff\xff\xff\xff\xff\xff\xff\xff")).ptr); /* 2^63 - 1 */
    assert_int_equal(hist_count(h), INT64_MAX);
    assert_int_equal(hist_count(decoded(of_counts(STR("")).ptr)), 0);
    expect_refused(of_counts(STR("\xfe\xff\xff\xff\xff\xff\xff\xff\xff\2")), STATUS_INVALID,
                   "histogram: counts overflow 63 bits");
    expect_refused(of_counts(STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff")), STATUS_INVALID, beyond); /* -2^63 */
    expect_refused(of_counts(STR("\xfe\xff\xff\xff\xff\xff\xff\xff")), STATUS_SYNTAX,
                   "histogram: the last count is cut short");
    hist_record(h = decoded(of_counts(STR("\x3f")).ptr), 2); /* 32 zeros, as many as there are counters */
    assert_int_equal(hist_count(h), 1);
    expect_refused(of_counts(STR("\x3f\2")), STATUS_INVALID, beyond);
    char ones[33];
    memset(ones, 2, sizeof ones);
    assert_int_equal(hist_count(decoded(of_counts((str){ones, 32}).ptr)), 32);
    expect_refused(of_counts((str){ones, 33}), STATUS_INVALID, beyond);
}

/* 64 MB in 64 KB: refused once it has unpacked to more than any histogram has. */
static void bombs_are_refused(void **state)
{
    (void)state;
    size_t size = (size_t)64 << 20;
    char  *zeros = ARENA_NEW(&memory, char, size);
    expect_refused(wrapped((str){zeros, size}), STATUS_LIMIT, "histogram: more than 55443496 bytes when unpacked");
}

/* Damage in the text, and damage that a right checksum covers: an answer or one line, and never a large block for a
 * payload that is refused. */
static void damage_is_survived(void **state)
{
    (void)state;
    str    texts[] = {STR(BY_C), STR(BY_C_NARROW), STR(SQUARES_JAVA)}, insides[COUNTOF(texts)];
    size_t good = 0, refused = 0;
    arena  kept;
    arena_init(&kept, MEMORY_GENERAL);
    for (size_t i = 0; i < COUNTOF(texts); i++) insides[i] = arena_str(&kept, unwrapped(texts[i]));
    for (uint64_t n = 0; n < 20000; n++) {
        str   whole = n % 4 == 0 ? texts[n / 4 % COUNTOF(texts)] : insides[n / 4 % COUNTOF(texts)];
        char *copy = ARENA_NEW(&memory, char, whole.len);
        memcpy(copy, whole.ptr, whole.len);
        for (uint64_t k = 0; k <= hash_mix(n, 3) % 3; k++) {
            size_t at = hash_mix(n, 10 + k) % whole.len;
            if (n % 4 != 0 && hash_mix(n, 40 + k) % 4 > 0) at = at % 2 + 12 * (at % 4) + 3; /* the header's low bytes */
            copy[at % whole.len] = (char)(unsigned char)hash_mix(n, 20 + k);
        }
        str    bad = {copy, whole.len};
        hist  *h = NULL;
        err    e = {0};
        size_t before = arena_bytes(&kept);
        status s = hist_decode(&kept, n % 4 == 0 ? bad : wrapped(bad), scratch, &h, &e);
        assert_int_equal(s == STATUS_OK, h != NULL);
        if (s == STATUS_OK) {
            good++;
            assert_true(hist_count(h) <= INT64_MAX);
            (void)hist_quantile(h, 1, 2);
        } else {
            refused++;
            assert_int_equal(arena_bytes(&kept), before);
            assert_true(strncmp(e.text, "histogram: ", 11) == 0);
            assert_null(strchr(e.text, '\n'));
        }
        arena_reset(&memory);
    }
    assert_true(good > 500);
    assert_true(refused > 5000);
    arena_deinit(&kept);
}

/* ---- the log ---- */

static str log_text(hist_log_head head, const hist_interval *intervals, size_t count)
{
    char  *text = NULL;
    size_t len = 0;
    FILE  *to = open_memstream(&text, &len);
    err    e = {0};
    if (hist_log_write(to, head, intervals, count, scratch, &e) != STATUS_OK) fail_msg("%s", e.text);
    (void)fclose(to);
    str copy = arena_str(&memory, (str){text, len});
    free(text);
    return copy;
}

static void log_is_in_the_format(void **state)
{
    (void)state;
    hist *h = hist_new(&memory, 1, HOUR, 3), *empty = hist_new(&memory, 1, HOUR, 3);
    hist_record(h, 1234567); /* up to 1234943 */
    const hist_interval intervals[] = {
        {STR(""), 0, SECOND, h}, {STR("read"), SECOND, SECOND / 2, empty}, {STR("cell-7"), 2 * SECOND + 1, 1, h}};
    str base64 = encoded(h),
        want =
            arena_format(&memory,
                         "#[orgsim, virtual time]\n"
                         "#[Histogram log format version 1.3]\n"
                         "#[StartTime: 0.000 (seconds since epoch), Thu Jan 01 00:00:00 UTC 1970]\n"
                         "#[BaseTime: 0.000 (seconds since epoch)]\n"
                         "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n"
                         "0.000,1.000,1.235,%.*s\n"
                         "Tag=read,1.000,0.500,0.000,%.*s\n"
                         "Tag=cell-7,2.000000001,0.000000001,1.235,%.*s\n",
                         STR_FMT(base64), STR_FMT(encoded(empty)), STR_FMT(base64));
    str got = log_text((hist_log_head){STR("orgsim, virtual time"), 0}, intervals, COUNTOF(intervals));
    assert_string_equal(got.ptr, want.ptr);
}

static void log_names_its_start(void **state)
{
    (void)state;
    static const struct {
        int64_t     seconds;
        const char *date;
    } rows[] = {{951782399, "Mon Feb 28 23:59:59 UTC 2000"},  {951782400, "Tue Feb 29 00:00:00 UTC 2000"},
                {1790000000, "Mon Sep 21 14:13:20 UTC 2026"}, {4107542400, "Mon Mar 01 00:00:00 UTC 2100"},
                {1735689599, "Tue Dec 31 23:59:59 UTC 2024"}, {253402300799, "Fri Dec 31 23:59:59 UTC 9999"}};
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        str want = arena_format(&memory,
                                "#[Histogram log format version 1.3]\n"
                                "#[StartTime: %" PRId64 ".000 (seconds since epoch), %s]\n"
                                "#[BaseTime: %" PRId64 ".000 (seconds since epoch)]\n",
                                rows[i].seconds, rows[i].date, rows[i].seconds);
        assert_true(str_starts(log_text((hist_log_head){STR(""), rows[i].seconds}, NULL, 0), want));
    }
}

static void log_refuses_what_its_lines_cannot_hold(void **state)
{
    (void)state;
    static const char *const tags[] = {"a,b", "a b", "a\nb", "\x7f"};
    hist                    *h = hist_new(&memory, 1, HOUR, 1);
    char                    *text = NULL;
    size_t                   len = 0;
    err                      e = {0};
    FILE                    *to = open_memstream(&text, &len);
    for (size_t i = 0; i < COUNTOF(tags); i++) {
        hist_interval bad = {str_of(tags[i]), 0, SECOND, h};
        assert_int_equal(hist_log_write(to, (hist_log_head){STR(""), 0}, &bad, 1, scratch, &e), STATUS_INVALID);
    }
    char long_line[HIST_COMMENT_MAX + 1];
    memset(long_line, 'x', sizeof long_line);
    hist_log_head head = {{long_line, sizeof long_line}, 0};
    assert_int_equal(hist_log_write(to, head, NULL, 0, scratch, &e), STATUS_INVALID);
    head.comment.len--;
    assert_int_equal(hist_log_write(to, head, NULL, 0, scratch, &e), STATUS_OK);
    assert_int_equal(hist_log_write(to, (hist_log_head){STR("two\nlines"), 0}, NULL, 0, scratch, &e), STATUS_INVALID);
    assert_string_equal(e.text, "comment of a histogram log, expected one line of at most 120 bytes");
    (void)fclose(to);
    free(text);
    to = fopen("/dev/full", "w");
    if (to == NULL) return;
    assert_int_equal(hist_log_write(to, (hist_log_head){STR(""), 0}, NULL, 0, scratch, &e), STATUS_IO);
    (void)fclose(to);
}

#define WITH_MEMORY(test) cmocka_unit_test_setup_teardown(test, memory_open, memory_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_MEMORY(buckets_are_as_wide_as_the_digits_allow),
        WITH_MEMORY(empty_answers_zero),
        WITH_MEMORY(above_max_is_clipped_and_recorded_at_max),
        WITH_MEMORY(quantiles_are_those_of_the_sorted_values),
        WITH_MEMORY(merging_is_recording_into_one),
        WITH_MEMORY(sum_is_exact_beyond_64_bits),
        WITH_MEMORY(payloads_of_the_references_are_read),
        WITH_MEMORY(figures_are_those_of_the_references),
        WITH_MEMORY(what_is_packed_is_what_the_reference_packs),
        WITH_MEMORY(there_and_back),
        WITH_MEMORY(counts_beyond_63_bits_are_not_written),
        WITH_MEMORY(bad_wrapping_is_refused),
        WITH_MEMORY(every_cut_is_refused),
        WITH_MEMORY(bad_headers_are_refused),
        WITH_MEMORY(bad_counts_are_refused),
        WITH_MEMORY(bombs_are_refused),
        WITH_MEMORY(damage_is_survived),
        WITH_MEMORY(log_is_in_the_format),
        WITH_MEMORY(log_names_its_start),
        WITH_MEMORY(log_refuses_what_its_lines_cannot_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
