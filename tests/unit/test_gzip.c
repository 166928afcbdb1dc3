/* test_gzip.c - there and back, and what is damaged, cut, too large or followed by something else. */
#include "base/gzip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "base/hash.h"

#define SIZE_LIMIT ((size_t)1 << 24)

typedef status inflate_call(arena *a, str bytes, size_t size_max, str *out, err *e);
typedef status deflate_call(arena *a, str bytes, str *out, err *e);

static const struct {
    inflate_call *inflate;
    deflate_call *deflate;
} wraps[] = {{gzip_inflate, gzip_deflate}, {zlib_inflate, zlib_deflate}};

static int arena_setup(void **state)
{
    static arena a;
    arena_init(&a, MEMORY_GENERAL);
    *state = &a;
    return 0;
}

static int arena_teardown(void **state)
{
    arena_deinit(*state);
    return 0;
}

/* Few different bytes, so that it packs well: inflating must grow its buffer. */
static str sample(arena *a, size_t len)
{
    char *text = ARENA_NEW(a, char, len);
    for (size_t i = 0; i < len; i++) text[i] = (char)(hash_mix(i / 1000, 1) & 3);
    return (str){text, len};
}

static void there_and_back(void **state)
{
    static const size_t sizes[] = {0, 1, 100, 4096, 65537, 3000000};
    arena              *a = *state;
    for (size_t w = 0; w < COUNTOF(wraps); w++)
        for (size_t i = 0; i < COUNTOF(sizes); i++) {
            str text = sample(a, sizes[i]), packed, again, unpacked;
            assert_int_equal(wraps[w].deflate(a, text, &packed, NULL), STATUS_OK);
            assert_int_equal(wraps[w].deflate(a, text, &again, NULL), STATUS_OK);
            assert_true(str_eq(packed, again));
            assert_int_equal(gzip_is(packed), w == 0);
            assert_int_equal(wraps[w].inflate(a, packed, sizes[i], &unpacked, NULL), STATUS_OK);
            assert_true(str_eq(text, unpacked));
            assert_int_equal(unpacked.ptr[unpacked.len], '\0');
        }
}

static void header_names_no_time(void **state)
{
    str packed;
    assert_int_equal(gzip_deflate(*state, STR("x"), &packed, NULL), STATUS_OK);
    assert_memory_equal(packed.ptr, "\x1f\x8b\x08\0\0\0\0\0", 8); /* magic, method, no flags, time 0 */
}

static void what_is_recognised(void **state)
{
    (void)state;
    assert_true(gzip_is(STR("\x1f\x8b")));
    assert_false(gzip_is(STR("\x1f")));
    assert_false(gzip_is(STR("{}")));
    assert_false(gzip_is((str){NULL, 0}));
}

static void members_are_joined(void **state)
{
    arena *a = *state;
    str    one, two, out;
    assert_int_equal(gzip_deflate(a, STR("first,"), &one, NULL), STATUS_OK);
    assert_int_equal(gzip_deflate(a, STR("second"), &two, NULL), STATUS_OK);
    char *both = ARENA_NEW(a, char, one.len + two.len);
    memcpy(both, one.ptr, one.len);
    memcpy(both + one.len, two.ptr, two.len);
    assert_int_equal(gzip_inflate(a, (str){both, one.len + two.len}, SIZE_LIMIT, &out, NULL), STATUS_OK);
    assert_true(str_is(out, "first,second"));
}

static void cut_short_at_any_byte_is_refused(void **state)
{
    arena *a = *state;
    for (size_t w = 0; w < COUNTOF(wraps); w++) {
        str packed, out = STR("untouched");
        err e;
        assert_int_equal(wraps[w].deflate(a, sample(a, 5000), &packed, NULL), STATUS_OK);
        for (size_t len = 0; len < packed.len; len++)
            assert_int_equal(wraps[w].inflate(a, str_part(packed, 0, len), SIZE_LIMIT, &out, &e), STATUS_SYNTAX);
        assert_true(str_is(out, "untouched"));
        assert_string_equal(e.text, "compressed data is damaged or cut short");
    }
}

static void damage_and_trailing_bytes_are_refused(void **state)
{
    arena *a = *state;
    for (size_t w = 0; w < COUNTOF(wraps); w++) {
        str packed, out;
        assert_int_equal(wraps[w].deflate(a, sample(a, 5000), &packed, NULL), STATUS_OK);
        char *bytes = ARENA_NEW(a, char, packed.len + 1);
        memcpy(bytes, packed.ptr, packed.len);
        assert_int_equal(wraps[w].inflate(a, (str){bytes, packed.len + 1}, SIZE_LIMIT, &out, NULL), STATUS_SYNTAX);
        bytes[packed.len - 1] ^= 1; /* the last byte of gzip's length, of zlib's checksum */
        assert_int_equal(wraps[w].inflate(a, (str){bytes, packed.len}, SIZE_LIMIT, &out, NULL), STATUS_SYNTAX);
    }
    str out;
    assert_int_equal(gzip_inflate(a, STR("plain text"), SIZE_LIMIT, &out, NULL), STATUS_SYNTAX);
}

static void size_is_bounded_before_memory_is(void **state)
{
    arena *a = *state;
    str    packed, out;
    err    e;
    assert_int_equal(gzip_deflate(a, sample(a, 8000000), &packed, NULL), STATUS_OK);
    size_t before = arena_bytes(a);
    assert_int_equal(gzip_inflate(a, packed, 7999999, &out, &e), STATUS_LIMIT);
    assert_string_equal(e.text, "more than 7999999 bytes when unpacked");
    assert_int_equal(gzip_inflate(a, packed, 10, &out, &e), STATUS_LIMIT);
    assert_int_equal(gzip_inflate(a, packed, 0, &out, &e), STATUS_LIMIT);
    assert_int_equal(gzip_inflate(a, packed, 8000000, &out, &e), STATUS_OK);
    assert_int_equal(gzip_inflate(a, packed, SIZE_MAX, &out, &e), STATUS_OK);
    assert_true(arena_bytes(a) - before < (size_t)100000000);
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, arena_setup, arena_teardown)

/* All that comes out of the stream in pieces, and how it ends. */
static status read_pieces(arena *a, str in, size_t in_bytes, size_t room, str *out, err *e)
{
    gzip_reader *g = gzip_reader_new();
    char        *to = ARENA_NEW(a, char, SIZE_LIMIT);
    size_t       used = 0;
    status       s = STATUS_OK;
    assert_non_null(g);
    for (size_t at = 0; at < in.len && s == STATUS_OK; at += in_bytes) {
        str    piece = str_part(in, at, in.len - at < in_bytes ? in.len - at : in_bytes);
        size_t got = 1;
        while (s == STATUS_OK && (piece.len > 0 || got > 0)) {
            s = gzip_reader_next(g, &piece, to + used, room, &got, e);
            used += got;
        }
    }
    if (s == STATUS_OK) s = gzip_reader_end(g, e);
    gzip_reader_free(g);
    *out = (str){to, used};
    return s;
}

static void in_pieces_as_in_one(void **state)
{
    arena *a = *state;
    str    text = sample(a, 300000), packed = {NULL, 0}, out = {NULL, 0};
    err    e = {0};
    assert_int_equal(gzip_deflate(a, text, &packed, &e), STATUS_OK);
    char *twice = ARENA_NEW(a, char, 2 * packed.len + 1);
    memcpy(twice, packed.ptr, packed.len);
    memcpy(twice + packed.len, packed.ptr, packed.len);
    twice[2 * packed.len] = 'x';
    static const size_t bytes[] = {1, 7, 100, 1 << 20};
    for (size_t i = 0; i < COUNTOF(bytes); i++)
        for (size_t j = 1; j < COUNTOF(bytes); j++) {
            arena scratch = *a;
            assert_int_equal(read_pieces(&scratch, (str){twice, 2 * packed.len}, bytes[i], bytes[j], &out, &e),
                             STATUS_OK);
            assert_int_equal(out.len, 2 * text.len);
            assert_memory_equal(out.ptr, text.ptr, text.len);
            assert_memory_equal(out.ptr + text.len, text.ptr, text.len);
            str one_more = {twice, 2 * packed.len + 1}, one_less = {twice, 2 * packed.len - 1};
            assert_int_equal(read_pieces(&scratch, one_more, bytes[i], bytes[j], &out, &e), STATUS_SYNTAX);
            assert_int_equal(out.len, 2 * text.len); /* what came before is given */
            assert_int_equal(read_pieces(&scratch, one_less, bytes[i], bytes[j], &out, &e), STATUS_SYNTAX);
            assert_int_equal(out.len, 2 * text.len);
        }
    assert_string_equal(e.text, "compressed data is damaged or cut short");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(there_and_back),
        WITH_ARENA(header_names_no_time),
        WITH_ARENA(what_is_recognised),
        WITH_ARENA(members_are_joined),
        WITH_ARENA(cut_short_at_any_byte_is_refused),
        WITH_ARENA(damage_and_trailing_bytes_are_refused),
        WITH_ARENA(size_is_bounded_before_memory_is),
        WITH_ARENA(in_pieces_as_in_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
