/* test_hash.c - hashes are the same on every machine, and differ where texts do. */
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static const char text[] = "arn:aws:s3:::Example-Bucket/Key";

static void values_are_pinned(void **state)
{
    (void)state;
    assert_true(hash_bytes("", 0, 0) == UINT64_C(0xb989947d384c0131));
    assert_true(hash_bytes(text, sizeof text - 1, 1) == UINT64_C(0x1f412c945a611013));
    assert_true(hash_str_nocase(str_of(text), 1) == UINT64_C(0xf09ea97c1e3d35ff));
    assert_true(hash_bytes(NULL, 0, 0) == hash_bytes("", 0, 0));
}

/* Every byte, at every position of a word and of a tail, folds exactly like char_lower. */
static void nocase_folds_ascii_letters_alone(void **state)
{
    (void)state;
    for (size_t len = 1; len <= 19; len++)
        for (size_t at = 0; at < len; at++)
            for (int c = 0; c < 256; c++) {
                char a[19], b[19];
                memset(a, 'q', len);
                memset(b, 'q', len);
                a[at] = (char)c;
                b[at] = (char)(c ^ 0x20);
                bool same = hash_str_nocase((str){a, len}, 5) == hash_str_nocase((str){b, len}, 5);
                if (same != (char_lower(a[at]) == char_lower(b[at]))) fail_msg("byte %d at %zu of %zu", c, at, len);
            }
}

static int u64_cmp(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* All prefixes, all single-bit changes and ten seeds of one text: no two collide, not even in the upper half. */
static void near_texts_differ(void **state)
{
    (void)state;
    static uint64_t seen[sizeof text * 10];
    size_t          count = 0;
    for (size_t len = 0; len < sizeof text; len++) seen[count++] = hash_bytes(text, len, 1) >> 16;
    for (size_t bit = 0; bit < (sizeof text - 1) * 8; bit++) {
        char other[sizeof text];
        memcpy(other, text, sizeof text);
        other[bit / 8] = (char)(other[bit / 8] ^ 1 << bit % 8);
        seen[count++] = hash_bytes(other, sizeof text - 1, 1) >> 16;
    }
    for (uint64_t seed = 2; seed < 12; seed++) seen[count++] = hash_bytes(text, sizeof text - 1, seed) >> 16;
    assert_true(count <= COUNTOF(seen));
    qsort(seen, count, sizeof *seen, u64_cmp);
    for (size_t i = 1; i < count; i++) assert_true(seen[i - 1] != seen[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_pinned),
        cmocka_unit_test(nocase_folds_ascii_letters_alone),
        cmocka_unit_test(near_texts_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
