/* test_digest.c - the reference's values for XXH3-128, and the same digest however the bytes are cut. */
#include "base/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define BYTES 4161

/* The sanity buffer of xxHash's own tests (tests/sanity_test.c). */
static const unsigned char *sanity_bytes(void)
{
    static unsigned char bytes[BYTES];
    uint64_t             v = UINT64_C(2654435761);
    for (size_t i = 0; i < BYTES; i++, v *= UINT64_C(11400714785074694797)) bytes[i] = (unsigned char)(v >> 56);
    return bytes;
}

static void expect(digest d, const char *want)
{
    char text[DIGEST_TEXT_SIZE];
    digest_text(d, text);
    assert_string_equal(text, want);
}

/* One length or more for every branch of the algorithm, so that a big-endian machine proves each of them. */
static void known_answers(void **state)
{
    (void)state;
    static const struct {
        size_t      len;
        const char *want;
    } rows[] = {
        {0, "99aa06d3014798d86001c324468d497f"},     {1, "a6cd5e9392000f6ac44bdff4074eecdb"},
        {4, "970d585ac632bf8e2e7d8d6876a39fe9"},     {16, "c68c368ecf8a9c05562980258a998629"},
        {17, "955fa78643ed3669abbc12d11973d7db"},    {32, "98fc6458710dc2e8278410a17595e3f9"},
        {100, "9b50b05817ab158e5fcbc2e3295f2476"},   {240, "aa4202daa2769dc85c9aae94c8ebe5a0"},
        {241, "99a80ecf0ecfc647c5a639ecd2030e5e"},   {1000, "9b857abf662e5a25aca2dde0f1951b9a"},
        {BYTES, "06e30da044fbc01eefb6ccb06c0b206a"},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) expect(digest_bytes(sanity_bytes(), rows[i].len), rows[i].want);
    expect(digest_bytes("abc", 3), "06b05ab6733a618578af5f94892f3950");
    expect((digest){.low = 0x0123456789abcdefu, .high = 0xfu}, "000000000000000f0123456789abcdef");
}

static void pieces_equal_the_whole(void **state)
{
    (void)state;
    static const size_t  steps[] = {1, 7, 64, 255, 256, 257, 1024};
    const unsigned char *bytes = sanity_bytes();
    digest_state        *s = digest_new();
    for (size_t len = 0; len <= BYTES; len += 13)
        for (size_t i = 0; i < COUNTOF(steps); i++) {
            digest_reset(s);
            for (size_t at = 0; at < len; at += steps[i])
                digest_update(s, bytes + at, steps[i] < len - at ? steps[i] : len - at);
            digest got = digest_value(s), want = digest_bytes(bytes, len);
            if (got.low != want.low || got.high != want.high) fail_msg("%zu bytes by %zu", len, steps[i]);
        }
    digest_free(s);
    digest_free(NULL);
}

static void integers_are_little_endian(void **state)
{
    (void)state;
    digest_state *s = digest_new();
    digest_u32(s, 0x04030201u);
    digest first = digest_value(s), want = digest_bytes("\1\2\3\4", 4);
    assert_true(first.low == want.low && first.high == want.high);
    digest_u64(s, UINT64_C(0x0c0b0a0908070605)); /* after a value was taken */
    digest second = digest_value(s);
    want = digest_bytes("\1\2\3\4\5\6\7\10\11\12\13\14", 12);
    assert_true(second.low == want.low && second.high == want.high);
    digest_update(s, NULL, 0);
    digest third = digest_value(s);
    assert_true(third.low == want.low && third.high == want.high);
    digest_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(pieces_equal_the_whole),
        cmocka_unit_test(integers_are_little_endian),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
