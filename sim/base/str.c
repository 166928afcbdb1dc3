#include "base/str.h"

#include <assert.h>

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

/* Levenshtein distance without regard to case, one row at a time. */
static size_t distance(str a, str b)
{
    size_t row[NEAREST_LENGTH_MAX + 1];
    assert(b.len <= NEAREST_LENGTH_MAX);
    for (size_t j = 0; j <= b.len; j++) row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t change = diagonal + (char_lower(a.ptr[i - 1]) != char_lower(b.ptr[j - 1]));
            size_t edit = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = change < edit ? change : edit;
        }
    }
    return row[b.len];
}

str str_nearest(str word, const str *candidates, size_t count)
{
    str best = { NULL, 0 };
    if (word.len > NEAREST_LENGTH_MAX) return best;
    size_t near = word.len / 3 + 1;
    for (size_t i = 0; i < count; i++) {
        if (candidates[i].len > NEAREST_LENGTH_MAX) continue;
        size_t d = distance(word, candidates[i]);
        if (d < near || (d == near && best.ptr == NULL && near <= (word.len + 2) / 3)) {
            near = d;
            best = candidates[i];
        }
    }
    return best;
}
