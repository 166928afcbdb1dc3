#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/extent.h"
#include "base/json.h"
#include "base/rng.h"

/* The end that the strict reader finds for the value at the beginning of text; 0 when it refuses it. */
static size_t end_by_reader(arena scratch, str text)
{
    json_reader r;
    source      in = {STR("t"), text, 1};
    size_t      begin = 0, end = 0;
    json_init(&r, &scratch, &in, 0, text.len);
    r.depth_max = 1000;
    return json_skip(&r, &begin, &end, NULL) == STATUS_OK ? end : 0;
}

static void known_values(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t      end; /* 0: not closed */
    } rows[] = {
        {"{}", 2},
        {"[] ]", 2},
        {"[[[{}]]]x", 8},
        {"{\"a\":\"}\"}", 9},
        {"{\"a\":\"\\\"}\"}", 11},
        {"{\"a\":\"\\\\\"}", 10},
        {"[\"\\\\\\\"]\"]", 9},
        {"[\"[[[\"", 0},
        {"[", 0},
        {"{\"a\":\"\\", 0},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        extent_scan s = {0, 0, 0};
        size_t      used = 0;
        bool        closed = extent_next(&s, rows[i].text, strlen(rows[i].text), &used);
        if (closed != (rows[i].end != 0) || (closed && used != rows[i].end))
            fail_msg("row %zu: `%s` ends at %zu", i, rows[i].text, used);
        if (!closed) assert_int_equal(used, strlen(rows[i].text));
    }
}

#define TEXT_MAX 700

/* A container with whatever makes its end hard to see, and rubbish behind it. */
static size_t value_make(uint64_t n, char *to)
{
    static const char *const inside[] = {"\"\"",
                                         "\"a\"",
                                         "\"}]\"",
                                         "\"{[\"",
                                         "\"\\\"\"",
                                         "\"\\\\\"",
                                         "\"\\\\\\\"]\"",
                                         "12",
                                         "[]",
                                         "[[]]",
                                         "\"\\u005d\\\\\\\\\"",
                                         "\"          long text          \""};
    char                     close[64];
    size_t                   len = 0, depth = 0;
    for (uint32_t i = 0; len + 100 < TEXT_MAX; i++) {
        uint64_t pick = rng_at(n, RNG_TEST, 1, i) >> 32;
        if (depth > 0 && (pick & 7) == 0) {
            to[len++] = close[--depth];
            if (depth == 0) return len;
        } else if (depth < 60 && (depth == 0 || (pick & 7) < 3)) {
            if (len > 0 && to[len - 1] != '[') to[len++] = ',';
            to[len++] = '[';
            close[depth++] = ']';
        } else {
            const char *s = inside[(pick >> 8) % COUNTOF(inside)];
            if (to[len - 1] != '[') to[len++] = ',';
            memcpy(to + len, s, strlen(s));
            len += strlen(s);
        }
    }
    while (depth > 0) to[len++] = close[--depth];
    return len;
}

static void as_the_reader_finds_it_however_cut(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    for (uint64_t n = 0; n < 3000; n++) {
        char   text[TEXT_MAX + 100];
        size_t len = value_make(n, text), want = end_by_reader(a, (str){text, len});
        assert_int_equal(want, len);
        memcpy(text + len, "]\"]}", 4);
        extent_scan s = {0, 0, 0};
        size_t      at = 0, used = 0;
        bool        closed = false;
        for (uint32_t i = 0; !closed && at < len + 4; i++, at += used) {
            size_t part = 1 + (rng_at(n, RNG_TEST, 2, i) >> 32) % (n % 2 == 0 ? 5 : 300);
            if (part > len + 4 - at) part = len + 4 - at;
            closed = extent_next(&s, text + at, part, &used);
        }
        if (!closed || at != want)
            fail_msg("value %u: %.*s ends at %zu, found %zu", (unsigned)n, (int)len, text, want, at);
    }
    arena_deinit(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_values),
                                       cmocka_unit_test(as_the_reader_finds_it_however_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
