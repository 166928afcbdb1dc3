/* Patterns against patterns. Exact answers cost more; what is asked here errs to the quiet side: `covers` says yes and
 * `meet` says no only where it is sure. */
#include "policy/lint_rules.h"

bool lint_only_stars(str s)
{
    size_t stars = 0;
    while (stars < s.len && s.ptr[stars] == '*') stars++;
    return stars > 0 && stars == s.len;
}

bool lint_action_everything(str action)
{
    return lint_only_stars(action) || str_is(action, "*:*");
}

bool lint_has_wildcard(str s)
{
    size_t close = 0; /* of the variable looked at; none behind it: searched for once */
    for (size_t i = 0; i < s.len; i++) {
        bool variable = s.ptr[i] == '$' && i + 1 < s.len && s.ptr[i + 1] == '{' && close < s.len;
        if (variable) close = str_find(s, '}', i);
        if (variable && close < s.len)
            i = close;
        else if (s.ptr[i] == '*' || s.ptr[i] == '?')
            return true;
    }
    return false;
}

/* The usual greedy match of `outer` with the characters of `inner` as text; but a `?` takes no star, which may stand
 * for many characters. */
bool lint_glob_covers(str outer, str inner, bool nocase, uint64_t *work)
{
    size_t i = 0, j = 0, star = SIZE_MAX, resume = 0;
    while (j < inner.len) {
        if (++*work > LINT_WORK_MAX) return false;
        char c = inner.ptr[j];
        if (i < outer.len && outer.ptr[i] == '*') {
            star = i++;
            resume = j;
        } else if (i < outer.len && ((outer.ptr[i] == '?' && c != '*') || outer.ptr[i] == c ||
                                     (nocase && char_lower(outer.ptr[i]) == char_lower(c)))) {
            i++;
            j++;
        } else if (star != SIZE_MAX) {
            i = star + 1;
            j = ++resume;
        } else {
            return false;
        }
    }
    while (i < outer.len && outer.ptr[i] == '*') i++;
    return i == outer.len;
}

#define MEET_MAX 2048 /* longer patterns are taken to meet anything */

/* meets[j]: some text matches both a[i..] and b[j..]; rows from the end. */
bool lint_globs_meet(str a, str b, bool nocase, uint64_t *work)
{
    bool rows[2][MEET_MAX + 1];
    if (a.len > MEET_MAX || b.len > MEET_MAX) return true;
    *work += (uint64_t)(a.len + 1) * (b.len + 1);
    for (size_t i = a.len + 1; i-- > 0;) {
        bool *row = rows[i & 1], *below = rows[(i + 1) & 1];
        bool  a_star = i < a.len && a.ptr[i] == '*';
        for (size_t j = b.len + 1; j-- > 0;) {
            bool b_star = j < b.len && b.ptr[j] == '*', meets = i == a.len && j == b.len;
            if (a_star) meets = meets || below[j] || (j < b.len && row[j + 1]);
            if (b_star) meets = meets || row[j + 1] || (i < a.len && below[j]);
            if (!a_star && !b_star && i < a.len && j < b.len) {
                char x = a.ptr[i], y = b.ptr[j];
                bool same = x == '?' || y == '?' || x == y || (nocase && char_lower(x) == char_lower(y));
                meets = same && below[j + 1];
            }
            row[j] = meets;
        }
    }
    return rows[0][0];
}
