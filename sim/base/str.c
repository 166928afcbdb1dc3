#include "base/str.h"

int str_cmp(str a, str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int    order = shorter == 0 ? 0 : memcmp(a.ptr, b.ptr, shorter);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

bool str_eq_nocase(str a, str b)
{
    return a.len == b.len && str_cmp_nocase(a, b) == 0;
}

int str_cmp_nocase(str a, str b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        int order = (unsigned char)char_lower(a.ptr[i]) - (unsigned char)char_lower(b.ptr[i]);
        if (order != 0) return order;
    }
    return (a.len > b.len) - (a.len < b.len);
}

size_t str_find(str s, char c, size_t from)
{
    if (from >= s.len) return s.len;
    const char *hit = memchr(s.ptr + from, c, s.len - from);
    return hit == NULL ? s.len : (size_t)(hit - s.ptr);
}

bool str_to_u64(str s, uint64_t *out)
{
    if (s.len == 0) return false;
    uint64_t value = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return false;
        uint64_t digit = (uint64_t)(s.ptr[i] - '0');
        if (value > (UINT64_MAX - digit) / 10) return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

bool str_to_i64(str s, int64_t *out)
{
    bool     negative = s.len > 0 && s.ptr[0] == '-';
    uint64_t size = 0;
    if (!str_to_u64(negative ? str_part(s, 1, s.len - 1) : s, &size)) return false;
    if (size > (uint64_t)INT64_MAX + (negative ? 1 : 0)) return false;
    *out = negative ? (int64_t)(0 - size) : (int64_t)size;
    return true;
}

#define NEAREST_LENGTH_MAX 64

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edits without regard to case: insert, delete, change, and swap two neighbours, which is the commonest slip of
 * all (optimal string alignment). Rows i-2, i-1 and i of the table take turns in three. */
static size_t edit_distance(str a, str b)
{
    size_t rows[3][NEAREST_LENGTH_MAX + 1];
    for (size_t j = 0; j <= b.len; j++) rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        const size_t *two_up = rows[(i + 1) % 3], *up = rows[(i + 2) % 3];
        size_t       *row = rows[i % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            char x = char_lower(a.ptr[i - 1]), y = char_lower(b.ptr[j - 1]);
            row[j] = min_size(up[j - 1] + (x != y), min_size(up[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && x == char_lower(b.ptr[j - 2]) && y == char_lower(a.ptr[i - 2]))
                row[j] = min_size(row[j], two_up[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

str str_nearest(str word, const str *candidates, size_t count)
{
    str    nearest = {NULL, 0};
    size_t bound = word.len / 3 + 1; /* only distances below it count */
    if (word.len > NEAREST_LENGTH_MAX) return nearest;
    for (size_t i = 0; i < count; i++) {
        if (candidates[i].len > NEAREST_LENGTH_MAX) continue;
        size_t distance = edit_distance(word, candidates[i]);
        if (distance >= bound) continue;
        bound = distance;
        nearest = candidates[i];
    }
    return nearest;
}
