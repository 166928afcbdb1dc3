/* prop_json_differential.c - what our reader accepts, cJSON accepts and reads as the same values; what cJSON accepts
 * and ours refuses is one of the classes listed here, and of no other kind.
 *
 * Replay: prop_json_differential RUNS SEED.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <inttypes.h>

#include "base/rng.h"
#include "fuzz/fuzz_json.c"

static uint64_t runs = 20000, seed = 1;

/* Where cJSON is laxer than RFC 8259 or than us: an example, and what our message says of it. */
static const struct {
    const char *text, *message;
} laxer[] = {
    {"\xef\xbb\xbf[]", "byte order mark"},
    {"[\v1]", "found byte 0x0"}, /* control characters as white space */
    {"[\x1f"
     "1]",
     "found byte 0x1"},
    {"[\"a\nb\"]", "control character in a string"},
    {"[\"\x80\"]", "invalid UTF-8"},
    {"[\"\\u0000\"]", "`\\u0000` is not allowed"},
    {"[\"\\u12zz\"]", "without four hex digits"},
    {"[01]", "leading zero"},
    {"[1.]", "expected a digit behind the decimal point"},
    {"[-.5]", "expected a digit, found `.`"},
    {"{\"a\":1,\"a\":2}", "duplicate member"},
};

static source source_of(const char *text)
{
    return (source){.name = STR("t"), .text = str_of(text)};
}

/* With its NUL and to its end, as cJSON wants to see a whole text. */
static bool cjson_accepts(arena scratch, str text)
{
    str    whole = arena_str(&scratch, text);
    cJSON *root = cJSON_ParseWithLengthOpts(whole.ptr, whole.len + 1, NULL, true);
    cJSON_Delete(root);
    return root != NULL;
}

static void every_class_where_cjson_is_laxer_is_refused(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    for (size_t i = 0; i < COUNTOF(laxer); i++) {
        source in = source_of(laxer[i].text);
        err    e = {.code = STATUS_OK};
        bool   accepted = false;
        if (json_disagreement(&a, &in, &accepted, &e) != NULL || accepted) fail_msg("row %zu is accepted", i);
        if (strstr(e.text, laxer[i].message) == NULL) fail_msg("row %zu: %s", i, e.text);
        if (!cjson_accepts(a, in.text)) fail_msg("row %zu: cJSON refuses it too", i);
    }
    /* Two more classes need no list: cJSON's default stops at the end of the value, and it nests deeper. */
    source in = source_of("[1] 2");
    cJSON *root = cJSON_ParseWithLength(in.text.ptr, in.text.len);
    assert_non_null(root);
    cJSON_Delete(root);
    char deep[2 * (JSON_DEPTH_MAX + 1)];
    memset(deep, '[', sizeof deep / 2);
    memset(deep + sizeof deep / 2, ']', sizeof deep / 2);
    assert_true(cjson_accepts(a, (str){deep, sizeof deep}));
    arena_deinit(&a);
}

/* ---- texts ---- */

#define TEXT_BYTES_MAX 4096

typedef struct {
    uint32_t entity;
    uint64_t draws;
    char     text[TEXT_BYTES_MAX];
    size_t   len;
} maker;

static uint64_t draw(maker *m, uint64_t bound)
{
    return rng_scale(rng_at(seed, RNG_TEST, m->entity, m->draws++), bound);
}

static void put(maker *m, const char *z)
{
    size_t len = strlen(z);
    assert_true(m->len + len <= TEXT_BYTES_MAX);
    memcpy(m->text + m->len, z, len);
    m->len += len;
}

#define PICK(m, choices) ((choices)[draw((m), COUNTOF(choices))])

static void put_space(maker *m)
{
    static const char *const spaces[] = {"", "", "", "", " ", "\n", "\t", "\r\n", "  "};
    put(m, PICK(m, spaces));
}

/* unique: makes a name that its object has not had. */
static void put_string(maker *m, uint64_t unique)
{
    static const char *const parts[] = {"a",
                                        "Bc",
                                        "0123456789",
                                        " ",
                                        "/",
                                        "\xc3\xa4",
                                        "\\n",
                                        "\\\"",
                                        "\\\\",
                                        "\\/",
                                        "\\u0041",
                                        "\\u00e4",
                                        "\\u20AC",
                                        "\\ud83d\\ude00",
                                        "\x7f",
                                        "\xe2\x82\xac",
                                        "\xf0\x9f\x98\x80",
                                        "{}[],:"};
    char                     tail[24];
    put(m, "\"");
    for (uint64_t n = draw(m, 6); n > 0; n--) put(m, PICK(m, parts));
    (void)snprintf(tail, sizeof tail, "~%" PRIu64, unique);
    if (unique > 0) put(m, tail);
    put(m, "\"");
}

static void put_number(maker *m)
{
    static const char *const wholes[] = {"0", "7", "12", "9007199254740993", "18446744073709551616"};
    static const char *const fractions[] = {"", "", ".0", ".25", ".000000001", ".1234567890123456789"};
    static const char *const exponents[] = {"", "", "e0", "E5", "e+19", "e-7", "e400", "e-400"};
    if (draw(m, 3) == 0) put(m, "-");
    put(m, PICK(m, wholes));
    put(m, PICK(m, fractions));
    put(m, PICK(m, exponents));
}

static void put_value(maker *m, unsigned depth)
{
    static const char *const words[] = {"true", "false", "null"};
    uint64_t                 kind = draw(m, depth < 4 ? 6 : 3);
    put_space(m);
    if (kind == 0) put(m, PICK(m, words));
    if (kind == 1) put_number(m);
    if (kind == 2) put_string(m, 0);
    if (kind >= 3) {
        bool object = kind != 3;
        put(m, object ? "{" : "[");
        uint64_t count = draw(m, depth == 1 ? 20 : 4); /* past the size at which names get a set */
        if (m->len > TEXT_BYTES_MAX / 2) count = 0;
        for (uint64_t i = 0; i < count && m->len < TEXT_BYTES_MAX / 2; i++) {
            if (i > 0) put(m, ",");
            put_space(m);
            if (object) put_string(m, i + 1);
            put_space(m);
            if (object) put(m, ":");
            put_value(m, depth + 1);
        }
        put(m, object ? "}" : "]");
    }
    put_space(m);
}

static void mutate(maker *m)
{
    static const char bytes[] = "\"\"\\\\{}[],,::0019.-+eEutfna~ \n\t\v\x01\x1f\x7f\x80\xc3\xe2\xef\xbb\xbf\xf0\xff";
    size_t            at = (size_t)draw(m, m->len + 1), len = (size_t)draw(m, 8) + 1;
    if (len > m->len - at) len = m->len - at;
    char byte = bytes[draw(m, sizeof bytes)]; /* its NUL as well */
    switch (draw(m, 5)) {
    case 0: /* another byte */
        if (at < m->len) m->text[at] = byte;
        break;
    case 1: /* one more byte */
        if (m->len == TEXT_BYTES_MAX) break;
        memmove(m->text + at + 1, m->text + at, m->len - at);
        m->text[at] = byte;
        m->len++;
        break;
    case 2: /* a piece gone */
        memmove(m->text + at, m->text + at + len, m->len - at - len);
        m->len -= len;
        break;
    case 3: /* a piece twice */
        if (m->len + len > TEXT_BYTES_MAX) break;
        memmove(m->text + at + len, m->text + at, m->len - at);
        m->len += len;
        break;
    default: /* two bytes change places */
        if (at + 1 >= m->len) break;
        byte = m->text[at];
        m->text[at] = m->text[at + 1];
        m->text[at + 1] = byte;
    }
}

/* ---- the law ---- */

static bool listed(const char *message)
{
    for (size_t i = 0; i < COUNTOF(laxer); i++)
        if (strstr(message, laxer[i].message) != NULL) return true;
    return false;
}

static bool check_text(arena *a, const maker *m, uint64_t n)
{
    source      in = {.name = STR("t"), .text = {m->text, m->len}};
    err         e = {.code = STATUS_OK};
    bool        accepted = false;
    str         shown = json_quote(a, in.text);
    const char *wrong = json_disagreement(a, &in, &accepted, &e);
    if (wrong == NULL && !accepted && !listed(e.text) && cjson_accepts(*a, in.text))
        wrong = "refused in an unlisted class";
    if (wrong != NULL)
        fail_msg("case %" PRIu64 " of seed %" PRIu64 ": %s: %s: %.*s", n, seed, wrong, e.text, STR_FMT(shown));
    return accepted;
}

static void what_is_accepted_is_read_alike(void **state)
{
    (void)state;
    arena    a;
    uint64_t kept = 0;
    arena_init(&a, MEMORY_GENERAL);
    for (uint64_t n = 0; n < runs; n++) {
        maker m = {.entity = (uint32_t)n};
        put_value(&m, 0);
        if (!check_text(&a, &m, n))
            fail_msg("case %" PRIu64 " of seed %" PRIu64 ": a whole document is refused", n, seed);
        for (uint64_t i = draw(&m, 3) + 1; i > 0; i--) {
            mutate(&m);
            kept += check_text(&a, &m, n);
        }
        arena_reset(&a);
    }
    arena_deinit(&a);
    /* Were all mutants refused, or none, the law would say little. */
    if (kept < runs / 4 || kept > runs * 7 / 4)
        fail_msg("%" PRIu64 " mutants of %" PRIu64 " documents are accepted", kept, runs);
}

int main(int count, char **arguments)
{
    if (count > 1) runs = strtoull(arguments[1], NULL, 10);
    if (count > 2) seed = strtoull(arguments[2], NULL, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_class_where_cjson_is_laxer_is_refused),
        cmocka_unit_test(what_is_accepted_is_read_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
