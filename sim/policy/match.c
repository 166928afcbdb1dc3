#include "policy/match.h"

#include "policy/pattern.h"

const request_key *request_key_find(const request *q, str key)
{
    for (uint32_t i = 0; i < q->context_count; i++)
        if (str_eq_nocase(q->context[i].key, key)) return &q->context[i];
    return NULL;
}

/* Bytes of the code point at text[i]: `?` takes a character, not a byte. */
static size_t character(str text, size_t i)
{
    size_t n = 1;
    while (i + n < text.len && ((unsigned char)text.ptr[i + n] & 0xc0) == 0x80) n++;
    return n;
}

static bool same(char a, char b, bool nocase)
{
    return a == b || (nocase && char_lower(a) == char_lower(b));
}

/* Greedy with a way back to the last star only: what an earlier star could take, the last one can too. */
bool pattern_glob(pattern p, str text, bool nocase)
{
    size_t i = 0, j = 0, star = SIZE_MAX, resume = 0;
    while (j < text.len) {
        if (pattern_is(p, i, '*')) {
            star = i++;
            resume = j;
        } else if (pattern_is(p, i, '?')) {
            i++;
            j += character(text, j);
        } else if (i < p.text.len && same(p.text.ptr[i], text.ptr[j], nocase)) {
            i++;
            j++;
        } else if (star != SIZE_MAX) {
            i = star + 1;
            resume += character(text, resume);
            j = resume;
        } else {
            return false;
        }
    }
    while (pattern_is(p, i, '*')) i++;
    return i == p.text.len;
}

bool match_glob(str pattern_text, str text)
{
    return pattern_glob((pattern){ pattern_text, NULL }, text, false);
}

bool match_glob_nocase(str pattern_text, str text)
{
    return pattern_glob((pattern){ pattern_text, NULL }, text, true);
}

bool match_action_name(str name_pattern, str name)
{
    return match_glob_nocase(name_pattern, name);
}

bool match_action(str pattern_text, str action)
{
    size_t stars = 0;
    while (stars < pattern_text.len && pattern_text.ptr[stars] == '*') stars++;
    if ((stars > 0 && stars == pattern_text.len) || str_is(pattern_text, "*:*")) return true;
    size_t colon = str_find(pattern_text, ':', 0), at = str_find(action, ':', 0);
    if (colon == pattern_text.len || at == action.len) return false;
    if (!str_eq_nocase(str_part(pattern_text, 0, colon), str_part(action, 0, at))) return false;
    str name = str_part(pattern_text, colon + 1, pattern_text.len - colon - 1);
    if (name.len == 0 || str_find(name, ' ', 0) != name.len) return false; /* accepted by AWS, matches nothing */
    return match_action_name(name, str_part(action, at + 1, action.len - at - 1));
}

/* ---- policy variables ---- */

#define PATTERN_GROW 512

static void put(arena *a, pattern *p, size_t *capacity, str text, bool literal)
{
    if (p->text.len + text.len > *capacity) {
        size_t wider = (p->text.len + text.len) * 2 + PATTERN_GROW;
        char  *bytes = ARENA_NEW(a, char, wider);
        bool  *marks = ARENA_NEW(a, bool, wider);
        if (p->text.len > 0) {
            memcpy(bytes, p->text.ptr, p->text.len);
            memcpy(marks, p->literal, p->text.len * sizeof *marks);
        }
        *p = (pattern){ { bytes, p->text.len }, marks };
        *capacity = wider;
    }
    for (size_t i = 0; i < text.len; i++) {
        ((char *)(uintptr_t)p->text.ptr)[p->text.len] = text.ptr[i];
        ((bool *)(uintptr_t)p->literal)[p->text.len++] = literal;
    }
}

/* The text that `${name}` stands for: an escape, the key's single value, or the default. */
static bool variable(str name, const request *q, const pattern_facts *facts, str *out)
{
    size_t comma = str_find(name, ',', 0);
    str    key = str_part(name, 0, comma);
    if (name.len == 1 && (name.ptr[0] == '*' || name.ptr[0] == '?' || name.ptr[0] == '$')) {
        *out = name;
        return true;
    }
    const request_key *k = request_key_find(q, key);
    if (k != NULL && !k->is_array && k->value_count == 1 && !pattern_key_multivalued(facts, key)) {
        *out = k->values[0];
        return true;
    }
    /* Missing, or multivalued and hence no variable: the default, if there is one. */
    str text = comma == name.len ? (str){ NULL, 0 } : str_part(name, comma + 1, name.len - comma - 1);
    while (text.len > 0 && text.ptr[0] == ' ') text = str_part(text, 1, text.len - 1);
    if (text.len < 2 || text.ptr[0] != '\'' || text.ptr[text.len - 1] != '\'') return false;
    *out = str_part(text, 1, text.len - 2);
    return true;
}

bool pattern_resolve(arena *a, str text, size_t from, const request *q, const pattern_facts *facts, pattern *out)
{
    size_t capacity = 0, i = from;
    *out = (pattern){ text, NULL };
    while (i + 1 < text.len && !(text.ptr[i] == '$' && text.ptr[i + 1] == '{')) i++;
    if (i + 1 >= text.len) return true; /* no variable: the common case costs nothing */
    *out = (pattern){ { NULL, 0 }, NULL };
    put(a, out, &capacity, str_part(text, 0, i), false);
    while (i < text.len) {
        bool   opens = i + 1 < text.len && text.ptr[i] == '$' && text.ptr[i + 1] == '{';
        size_t close = opens ? str_find(text, '}', i + 2) : text.len;
        if (opens && close < text.len) {
            str value = { NULL, 0 };
            if (!variable(str_part(text, i + 2, close - i - 2), q, facts, &value)) return false;
            put(a, out, &capacity, value, true);
            i = close + 1;
        } else { /* unterminated: literal text */
            put(a, out, &capacity, str_part(text, i, 1), opens);
            i++;
        }
    }
    return true;
}

/* ---- ARNs ---- */

#define ARN_PARTS 6

/* Splits at the first five unmarked colons; returns the number of parts. */
static size_t arn_split(pattern p, pattern out[ARN_PARTS])
{
    size_t count = 0, begin = 0;
    for (size_t i = 0; i <= p.text.len; i++) {
        bool colon = i < p.text.len && p.text.ptr[i] == ':' && count < ARN_PARTS - 1;
        if (!colon && i < p.text.len) continue;
        out[count++] = (pattern){ str_part(p.text, begin, i - begin), p.literal == NULL ? NULL : p.literal + begin };
        begin = i + 1;
    }
    return count;
}

bool pattern_arn_ok(pattern p)
{
    pattern parts[ARN_PARTS];
    return arn_split(p, parts) == ARN_PARTS;
}

bool pattern_arn(pattern p, str text)
{
    pattern want[ARN_PARTS], have[ARN_PARTS];
    if (arn_split(p, want) != ARN_PARTS || arn_split((pattern){ text, NULL }, have) != ARN_PARTS) return false;
    for (size_t i = 0; i < ARN_PARTS; i++)
        if (!pattern_glob(want[i], have[i].text, false)) return false;
    return true;
}

bool match_arn(str pattern_text, str text)
{
    return pattern_arn((pattern){ pattern_text, NULL }, text);
}

/* Resource matching, part by part: an inner wildcard stays in its part; a `*` that ends one of the first five parts
 * may run on over colons (contested point C4), so part i of the pattern may end at any later colon. `reach` holds the
 * parts of the text that may come next: a set, hence no recursion. The first five ignore case (C5). */
static bool resource_parts(arena *scratch, const pattern *want, size_t count, str text)
{
    size_t parts = 1;
    for (size_t i = 0; i < text.len; i++) parts += text.ptr[i] == ':';
    size_t *begin = ARENA_NEW(scratch, size_t, parts);
    bool   *reach = ARENA_NEW(scratch, bool, parts);
    for (size_t i = 0, part = 1; i < text.len; i++)
        if (text.ptr[i] == ':') begin[part++] = i + 1;
    reach[0] = true;
    for (size_t i = 0; i + 1 < count; i++) {
        bool *next = ARENA_NEW(scratch, bool, parts);
        bool runs = want[i].text.len > 0 && pattern_is(want[i], want[i].text.len - 1, '*');
        for (size_t from = 0; from < parts; from++) {
            if (!reach[from]) continue;
            for (size_t to = from + 1; to < parts; to++) {
                str part = str_part(text, begin[from], begin[to] - 1 - begin[from]);
                if (pattern_glob(want[i], part, true)) next[to] = true;
                if (!runs) break;
            }
        }
        reach = next;
    }
    for (size_t from = 0; from < parts; from++)
        if (reach[from] &&
            pattern_glob(want[count - 1], str_part(text, begin[from], text.len - begin[from]), from < ARN_PARTS - 1))
            return true;
    return false;
}

bool match_resource_pattern(arena *scratch, str text, const request *q, const pattern_facts *facts, policy_type type,
                            bool version_2012)
{
    size_t stars = 0, colons = 0, resource_begin = text.len;
    while (stars < text.len && text.ptr[stars] == '*') stars++;
    if (stars > 0 && stars == text.len) return true;
    if (str_is(q->resource, "*")) return false; /* no resource type: only "*" takes it */
    for (size_t i = 0; i < text.len && colons < 5; i++)
        if (text.ptr[i] == ':' && ++colons == 5) resource_begin = i + 1;
    pattern p = { text, NULL };
    if (version_2012 && !pattern_resolve(scratch, text, resource_begin, q, facts, &p)) return false;

    pattern parts[ARN_PARTS], have[ARN_PARTS];
    size_t  count = arn_split(p, parts);
    if (arn_split((pattern){ q->resource, NULL }, have) != ARN_PARTS) return false;
    if (count < ARN_PARTS) {
        bool padded = type == POLICY_IDENTITY || type == POLICY_BOUNDARY || type == POLICY_SESSION;
        bool open_end = text.len > 0 && text.ptr[text.len - 1] == '*';
        if (type == POLICY_RCP || (!padded && !open_end)) return false;
        if (resource_parts(scratch, parts, count, q->resource)) return true; /* a star ran over the missing colons */
        while (count < ARN_PARTS) parts[count++] = (pattern){ STR("*"), NULL };
    }
    return resource_parts(scratch, parts, count, q->resource);
}
