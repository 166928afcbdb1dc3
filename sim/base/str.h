/* str.h - a view of bytes: pointer and length, never NUL-terminated inside.
 *
 * Memory  a view owns nothing; whoever made the bytes says how long they live.
 * Case    the *_nocase functions fold ASCII letters only, as AWS does for actions and keys.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const char *ptr;
    size_t      len;
} str;

#define STR(literal) ((str){(literal), sizeof(literal) - 1})
#define STR_FMT(s)   (int)(s).len, (s).ptr /* for "%.*s" */
#define COUNTOF(a)   (sizeof(a) / sizeof((a)[0]))

static inline str str_of(const char *z)
{
    return (str){z, z ? strlen(z) : 0};
}
static inline str str_part(str s, size_t from, size_t len)
{
    return (str){s.ptr + from, len};
}
static inline bool str_eq(str a, str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
static inline bool str_is(str s, const char *z)
{
    return str_eq(s, str_of(z));
}
static inline char char_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}
static inline bool str_starts(str s, str prefix)
{
    return s.len >= prefix.len && str_eq(str_part(s, 0, prefix.len), prefix);
}
static inline bool str_ends(str s, str suffix)
{
    return s.len >= suffix.len && str_eq(str_part(s, s.len - suffix.len, suffix.len), suffix);
}

int    str_cmp(str a, str b); /* bytes as unsigned, shorter first on a tie: <0, 0, >0 */
bool   str_eq_nocase(str a, str b);
int    str_cmp_nocase(str a, str b);
size_t str_find(str s, char c, size_t from); /* index of c at or after from, else s.len */

/* Strict decimal: digits only, no sign for u64; false on anything else or overflow. */
bool str_to_u64(str s, uint64_t *out);
bool str_to_i64(str s, int64_t *out);

/* The candidate nearest to `word` by edit distance, at most a third of its length away;
 * empty when none is near. For "did you mean". */
str str_nearest(str word, const str *candidates, size_t count);

#endif
