/* test_records.c - lines and arrays cut alike wherever a read ends, with their places in the input; what is wrong with
 * an input goes with a record. */
#include "base/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/gzip.h"
#include "base/rng.h"

static char               folder[] = "test_records.XXXXXX";
static const volatile int go_on = 0;

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    (void)unlink("in");
    return chdir("..") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

/* A record as the tests see it. */
typedef struct {
    str         text;
    const char *flaw;
    size_t      line, column;
} seen;

typedef struct {
    arena  a;
    seen  *items;
    size_t count, capacity;
    bool   array;
    status end;
    err    e;
} reading;

/* All records of `text` with reads and batches of so many bytes. */
static void read_records(reading *r, str text, size_t bytes)
{
    record_reader *in = NULL;
    record_batch   batches[2] = {{0}, {0}}, *last = NULL, *next = &batches[0];
    arena_reset(&r->a);
    r->items = NULL;
    r->count = r->capacity = 0;
    assert_int_equal(file_write("in", text, &r->e), STATUS_OK);
    assert_int_equal(record_reader_open("in", &in, &r->e), STATUS_OK);
    assert_true(str_is(record_reader_name(in), "in"));
    do {
        r->end = record_reader_next(in, last, next, bytes, &go_on, &r->e);
        for (uint32_t i = 0; i < next->count; i++) {
            record x = next->items[i];
            source before = {STR("in"), {next->text, x.begin}, next->line};
            seen  *s = ARENA_PUSH(&r->a, seen, r->items, r->count, r->capacity);
            place_line_column((place){&before, x.begin}, &s->line, &s->column);
            if (s->line == next->line) s->column += next->column - 1;
            s->text = arena_str(&r->a, str_part((str){next->text, next->used}, x.begin, x.end - x.begin));
            s->flaw = x.flaw;
        }
        last = next;
        next = next == &batches[0] ? &batches[1] : &batches[0];
    } while (last->count > 0 && r->end == STATUS_OK);
    r->array = record_reader_is_array(in);
    record_reader_close(in);
    record_batch_free(&batches[0]);
    record_batch_free(&batches[1]);
}

static const size_t sizes[] = {1, 2, 3, 5, 8, 64, 1000, 1 << 20};

typedef struct {
    const char *text, *flaw;
    size_t      line, column;
} expected;

/* broken: what the status says, which ends the reading; null: none does. */
static void check_until(const char *text, bool array, const expected *want, size_t count, const char *broken)
{
    reading r = {0};
    arena_init(&r.a, MEMORY_GENERAL);
    for (size_t k = 0; k < COUNTOF(sizes); k++) {
        read_records(&r, str_of(text), sizes[k]);
        bool fine = r.end == (broken == NULL ? STATUS_OK : STATUS_SYNTAX);
        if (fine && broken != NULL) fine = strncmp(r.e.text, broken, strlen(broken)) == 0;
        if (!fine) fail_msg("`%s` by %zu: `%s`", text, sizes[k], r.end == STATUS_OK ? "ok" : r.e.text);
        assert_int_equal(r.array, array);
        if (r.count != count) fail_msg("`%s` by %zu: %zu records, not %zu", text, sizes[k], r.count, count);
        for (size_t i = 0; i < count; i++) {
            seen s = r.items[i];
            bool flaw =
                (s.flaw == NULL) == (want[i].flaw == NULL) && (s.flaw == NULL || strstr(s.flaw, want[i].flaw) != NULL);
            if (!str_is(s.text, want[i].text) || !flaw || s.line != want[i].line || s.column != want[i].column)
                fail_msg("`%s` by %zu: record %zu is `%.*s` at %zu:%zu, %s", text, sizes[k], i, STR_FMT(s.text), s.line,
                         s.column, s.flaw == NULL ? "no flaw" : s.flaw);
        }
    }
    arena_deinit(&r.a);
}

static void check(const char *text, bool array, const expected *want, size_t count)
{
    check_until(text, array, want, count, NULL);
}

static void lines(void **state)
{
    (void)state;
    check("", false, NULL, 0);
    check(" \n\t\r\n ", false, NULL, 0);
    check("{}", false, (const expected[]){{"{}", NULL, 1, 1}}, 1);
    check("{}\n", false, (const expected[]){{"{}", NULL, 1, 1}}, 1);
    check("\n\n  a \r\nbb\n\n\n{\"c\n", false,
          (const expected[]){{"a \r", NULL, 3, 3}, {"bb", NULL, 4, 1}, {"{\"c", NULL, 7, 1}}, 3);
    check("x\n[\n", false, (const expected[]){{"x", NULL, 1, 1}, {"[", NULL, 2, 1}}, 2);
}

static void arrays(void **state)
{
    (void)state;
    check("[]", true, NULL, 0);
    check(" \n [ \n ] \n", true, NULL, 0);
    check("[{}]", true, (const expected[]){{"{}", NULL, 1, 2}}, 1);
    check("\n[{\"a\":\"]},{[\"}, [[1],2],\n 12 ,\"a,\\\"]\"]\n", true,
          (const expected[]){{"{\"a\":\"]},{[\"}", NULL, 2, 2},
                             {"[[1],2]", NULL, 2, 17},
                             {"12", NULL, 3, 2},
                             {"\"a,\\\"]\"", NULL, 3, 6}},
          4);
    check("[{\n\n},\n{}]", true, (const expected[]){{"{\n\n}", NULL, 1, 2}, {"{}", NULL, 4, 1}}, 2);
}

static void arrays_that_are_none(void **state)
{
    (void)state;
    const expected one[] = {{"1", NULL, 1, 2}}, object[] = {{"{}", NULL, 1, 2}}, bracket[] = {{"{]", NULL, 1, 2}};
    check_until("[", true, NULL, 0, "in:1:2: unexpected end");
    check_until("[1", true, NULL, 0, "in:1:3: unexpected end");
    check_until("[1 ", true, one, 1, "in:1:4: unexpected end");
    check_until("[1,\n", true, one, 1, "in:2:1: unexpected end");
    check_until("[1,\n{\"a\":", true, one, 1, "in:2:6: unexpected end");
    check_until("[,1]", true, NULL, 0, "in:1:2: found `,`");
    check_until("[1,]", true, one, 1, "in:1:4: found `]`");
    check_until("[{}{}{}]", true, object, 1, "in:1:4: found another element");
    check_until("[1]]\n1\n\n", true, one, 1, "in:1:4: found more behind");
    check_until("[]x", true, NULL, 0, "in:1:3: found more behind");
    check_until("[]\n\n [", true, NULL, 0, "in:3:2: found more behind");
    check_until("[{]},3]", true, bracket, 1, "in:1:4: found another element");
}

#define TEXT_MAX 60000

/* Many records of many lengths, as lines and as an array: the same ones. */
static void alike(void **state)
{
    (void)state;
    static char lines_text[TEXT_MAX], array_text[TEXT_MAX], element[700];
    reading     one = {0}, other = {0};
    arena_init(&one.a, MEMORY_GENERAL);
    arena_init(&other.a, MEMORY_GENERAL);
    for (uint64_t n = 0; n < 40; n++) {
        size_t lines_len = 0, array_len = 0;
        array_text[array_len++] = '[';
        for (uint32_t i = 0; i < 60; i++) {
            uint64_t    pick = rng_at(7, RNG_TEST, i, n);
            int         pad = (int)(pick % 600 * (pick >> 40 & 1));
            int         len = snprintf(element, sizeof element, "{\"n\":%u,\"s\":\"%*s\\\\\\\"]\"}", i, pad, "}");
            const char *blank = pick >> 50 & 1 ? "\n " : "";
            memcpy(lines_text + lines_len, element, (size_t)len);
            lines_len += (size_t)len;
            lines_text[lines_len++] = '\n';
            array_len += (size_t)snprintf(array_text + array_len, TEXT_MAX - array_len, "%s%s%s%s", i > 0 ? "," : "",
                                          blank, element, blank);
        }
        array_text[array_len++] = ']';
        read_records(&one, (str){lines_text, lines_len}, 1 + (size_t)n * n * n);
        read_records(&other, (str){array_text, array_len}, 1 + (size_t)n * n * n);
        assert_int_equal(one.count, 60);
        assert_int_equal(other.count, 60);
        for (size_t i = 0; i < 60; i++) {
            assert_true(str_eq(one.items[i].text, other.items[i].text));
            assert_null(other.items[i].flaw);
            assert_int_equal(one.items[i].line, i + 1);
        }
    }
    arena_deinit(&one.a);
    arena_deinit(&other.a);
}

static void damaged(void **state)
{
    (void)state;
    reading r = {0};
    str     packed = {NULL, 0};
    char   *text = malloc(200000);
    arena   a;
    arena_init(&a, MEMORY_GENERAL);
    arena_init(&r.a, MEMORY_GENERAL);
    for (size_t i = 0; i < 200000; i++) text[i] = i % 10 == 9 ? '\n' : (char)('a' + rng_at(1, RNG_TEST, 0, i) % 26);
    assert_int_equal(gzip_deflate(&a, (str){text, 200000}, &packed, &r.e), STATUS_OK);
    read_records(&r, packed, 5000);
    assert_int_equal(r.end, STATUS_OK);
    assert_int_equal(r.count, 20000);
    read_records(&r, str_part(packed, 0, packed.len / 2), 5000);
    assert_int_equal(r.end, STATUS_SYNTAX);
    assert_non_null(strstr(r.e.text, "`in`: compressed data is damaged or cut short"));
    assert_true(r.count > 5000);
    for (size_t i = 0; i < r.count; i++) { /* the one that was cut is not among them */
        assert_int_equal(r.items[i].text.len, 9);
        assert_memory_equal(r.items[i].text.ptr, text + 10 * i, 9);
    }
    free(text);
    arena_deinit(&r.a);
    arena_deinit(&a);
}

static void refused(void **state)
{
    (void)state;
    record_reader *in = NULL;
    err            e = {0};
    assert_int_equal(record_reader_open("none", &in, &e), STATUS_IO);
    assert_string_equal(e.text, "cannot read `none`: no such file or directory");
    assert_int_equal(record_reader_open(".", &in, &e), STATUS_IO);
    assert_string_equal(e.text, "`.` is a directory, expected a file");
}

static void stopped(void **state)
{
    (void)state;
    static const volatile int stop = 1;
    record_reader            *in = NULL;
    record_batch              b = {0};
    err                       e = {0};
    assert_int_equal(file_write("in", STR("a\nb\n"), &e), STATUS_OK);
    assert_int_equal(record_reader_open("in", &in, &e), STATUS_OK);
    assert_int_equal(record_reader_next(in, NULL, &b, 100, &stop, &e), STATUS_INTERRUPTED);
    assert_int_equal(b.count, 0);
    record_reader_close(in);
    record_batch_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),  cmocka_unit_test(arrays),  cmocka_unit_test(arrays_that_are_none),
        cmocka_unit_test(alike),  cmocka_unit_test(damaged), cmocka_unit_test(refused),
        cmocka_unit_test(stopped)};
    return cmocka_run_group_tests(tests, enter, leave);
}
