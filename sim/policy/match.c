#include "policy/match.h"

#include "base/mutant.h"
#include "policy/pattern.h"

const request_key *request_key_find(const request *q, str key)
{
    for (uint32_t i = 0; i < q->context_count; i++)
        if (str_eq_nocase(q->context[i].key, key)) return &q->context[i];
    return NULL;
}

bool request_key_multivalued(const request_key *k, const catalog *facts)
{
    uint32_t listed = facts == NULL ? CATALOG_NONE : catalog_key_find(facts, k->key);
    return listed == CATALOG_NONE ? k->is_array : catalog_key_at(facts, listed)->multivalued;
}

/* ---- wildcards ---- */

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

/* Whether the wildcard at p[i] takes no colon: in the first `head` bytes, unless it is a `*` that ends its part. */
static bool stays_in_part(pattern p, size_t i, size_t head)
{
    if (i >= head) return MUTANT(MUTANT_STAR_STOPS_AT_COLON);
    return p.text.ptr[i] == '?' || (i + 1 < p.text.len && p.text.ptr[i + 1] != ':');
}

/* Where to go on after a mismatch: behind a star, which then takes one character more. */
typedef struct {
    size_t pattern_at, text_at; /* pattern_at 0: no star so far */
} retry;

/* The first nocase_len bytes of the text are compared without regard to case.
 *
 * Greedy, with a way back to the last star only: what an earlier star could take, the last one can too. Where the last
 * star may not leave its part, the way back is the last one that may: between the two, all colons of the pattern are
 * plain, so each of them has but one place in the text, and a star between them nothing to choose. */
static bool glob(pattern p, size_t head, str text, size_t nocase_len)
{
    static const retry none = {0, 0};
    retry              within = none, across = none;
    size_t             i = 0, j = 0;
    while (j < text.len) {
        if (pattern_is(p, i, '*')) {
            bool stays = stays_in_part(p, i++, head);
            within = stays ? (retry){i, j} : none;
            across = stays ? across : (retry){i, j};
        } else if (MUTANT(MUTANT_QUESTION_MARK_TAKES_NONE) && pattern_is(p, i, '?')) {
            i++;
        } else if (pattern_is(p, i, '?') && !(text.ptr[j] == ':' && stays_in_part(p, i, head))) {
            i++;
            j += character(text, j);
        } else if (!pattern_is(p, i, '?') && i < p.text.len && same(p.text.ptr[i], text.ptr[j], j < nocase_len)) {
            i++;
            j++;
        } else if (within.pattern_at > 0 && text.ptr[within.text_at] != ':') {
            within.text_at += character(text, within.text_at);
            i = within.pattern_at;
            j = within.text_at;
        } else if (across.pattern_at > 0) {
            across.text_at += character(text, across.text_at);
            i = across.pattern_at;
            j = across.text_at;
            within = none;
        } else {
            return false;
        }
    }
    while (pattern_is(p, i, '*')) i++;
    return i == p.text.len;
}

bool pattern_glob(pattern p, str text, bool nocase)
{
    return glob(p, 0, text, nocase ? text.len : 0);
}

bool match_glob(str pattern_text, str text)
{
    return pattern_glob((pattern){pattern_text, NULL}, text, false);
}

bool match_glob_nocase(str pattern_text, str text)
{
    return pattern_glob((pattern){pattern_text, NULL}, text, true);
}

static bool only_stars(str s)
{
    size_t stars = 0;
    while (stars < s.len && s.ptr[stars] == '*') stars++;
    return stars > 0 && stars == s.len;
}

/* ---- actions ---- */

bool match_action_name(str name_pattern, str name)
{
    if (MUTANT(MUTANT_ACTION_REGARDS_CASE)) return match_glob(name_pattern, name);
    return match_glob_nocase(name_pattern, name);
}

/* An empty name and one with white space are accepted by AWS and match nothing; a second colon is malformed. */
static bool action_name_usable(str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ':') return false;
    }
    return name.len > 0;
}

bool match_action_every(str pattern_text)
{
    return only_stars(pattern_text) || str_is(pattern_text, "*:*"); /* the second form: contested, C21 */
}

bool match_action(str pattern_text, str action)
{
    if (match_action_every(pattern_text)) return true;
    size_t colon = str_find(pattern_text, ':', 0), at = str_find(action, ':', 0);
    if (colon == pattern_text.len || at == action.len) return false;
    if (!str_eq_nocase(str_part(pattern_text, 0, colon), str_part(action, 0, at))) return false;
    str name = str_part(pattern_text, colon + 1, pattern_text.len - colon - 1);
    return action_name_usable(name) && match_action_name(name, str_part(action, at + 1, action.len - at - 1));
}

/* ---- policy variables ---- */

#define PATTERN_GROW 512

typedef struct {
    char  *bytes;
    bool  *literal;
    size_t len, capacity;
} builder;

static void put(arena *a, builder *b, str text, bool literal)
{
    if (text.len > b->capacity - b->len) {
        size_t wider = (b->len + text.len) * 2 + PATTERN_GROW;
        char  *bytes = ARENA_NEW(a, char, wider);
        bool  *marks = ARENA_NEW(a, bool, wider);
        if (b->len > 0) {
            memcpy(bytes, b->bytes, b->len);
            memcpy(marks, b->literal, b->len * sizeof *marks);
        }
        *b = (builder){bytes, marks, b->len, wider};
    }
    for (size_t i = 0; i < text.len; i++) {
        b->bytes[b->len] = text.ptr[i];
        b->literal[b->len++] = literal && !MUTANT(MUTANT_VARIABLE_VALUE_IS_PATTERN);
    }
}

/* Cuts `key, 'default'` at the comma; false, with everything for the key, when there is no default. */
static bool variable_default(str inside, str *key, str *text)
{
    static const str opening = {", '", 3};
    *key = inside;
    if (!str_ends(inside, STR("'"))) return false;
    for (size_t i = 0; i + opening.len < inside.len; i++)
        if (str_starts(str_part(inside, i, inside.len - i), opening)) {
            *key = str_part(inside, 0, i);
            *text = str_part(inside, i + opening.len, inside.len - i - opening.len - 1);
            return true;
        }
    return false;
}

static bool variable_escape(str inside)
{
    return str_is(inside, "*") || str_is(inside, "?") || str_is(inside, "$");
}

/* The text that `${inside}` stands for: an escape, the key's single value, or the default. A multivalued key is no
 * variable, so the default stands in for it too. */
static bool variable(str inside, const request *q, const catalog *facts, str *key, str *out)
{
    *key = *out = inside;
    if (variable_escape(inside)) return true;
    bool               has_default = variable_default(inside, key, out);
    const request_key *k = request_key_find(q, *key);
    if (k == NULL || k->value_count != 1 || request_key_multivalued(k, facts)) return has_default;
    *out = k->values[0];
    return true;
}

/* Where the next `${` stands, else the length. */
static size_t variable_find(str text, size_t from)
{
    for (size_t i = str_find(text, '$', from); i + 1 < text.len; i = str_find(text, '$', i + 1))
        if (text.ptr[i + 1] == '{') return i;
    return text.len;
}

bool pattern_has_variable(str text)
{
    return variable_find(text, 0) < text.len;
}

bool match_variable_next(str text, size_t *from, str *key)
{
    for (size_t i = variable_find(text, *from); i < text.len; i = variable_find(text, i + 2)) {
        size_t close = str_find(text, '}', i + 2);
        str    inside = str_part(text, i + 2, close - i - 2), standing_in;
        if (close == text.len) return false; /* unterminated, as are all behind it */
        *from = i + 2;
        if (!variable_escape(inside) && !variable_default(inside, key, &standing_in)) return true;
    }
    return false;
}

bool pattern_resolve(arena *a, str text, size_t from, const request *q, const catalog *facts, pattern *out,
                     str *missing)
{
    size_t  i = variable_find(text, from), close = 0;
    builder b = {0};
    *out = (pattern){text, NULL};
    if (i == text.len) return true; /* no variable: the common case costs nothing */
    put(a, &b, str_part(text, 0, i), false);
    while (i < text.len) {
        bool opens = i + 1 < text.len && text.ptr[i] == '$' && text.ptr[i + 1] == '{';
        if (opens && close < i + 2) close = str_find(text, '}', i + 2);
        if (opens && close < text.len) {
            str key, value;
            if (!variable(str_part(text, i + 2, close - i - 2), q, facts, &key, &value)) {
                if (missing != NULL) *missing = key;
                return false;
            }
            put(a, &b, value, true);
            i = close + 1;
        } else { /* an unterminated `${` is plain text */
            put(a, &b, str_part(text, i++, 1), false);
        }
    }
    *out = (pattern){{b.bytes, b.len}, b.literal};
    return true;
}

/* ---- ARNs ---- */

bool pattern_arn_read(pattern p, arn_pattern *out)
{
    size_t count = 0, begin = 0;
    for (; count < ARN_PARTS; count++) {
        size_t end = count + 1 == ARN_PARTS ? p.text.len : str_find(p.text, ':', begin);
        if (count + 1 < ARN_PARTS && end == p.text.len) return false;
        out->parts[count] =
            (pattern){str_part(p.text, begin, end - begin), p.literal == NULL ? NULL : p.literal + begin};
        begin = end + 1;
    }
    return true;
}

bool pattern_arn(const arn_pattern *p, const arn_pattern *text)
{
    for (size_t i = 0; i < ARN_PARTS; i++)
        if (!pattern_glob(p->parts[i], text->parts[i].text, false)) return false;
    return true;
}

str arn_part(str arn, size_t colons)
{
    size_t begin = 0;
    for (size_t i = 0; i < colons && begin <= arn.len; i++) begin = str_find(arn, ':', begin) + 1;
    if (begin > arn.len) return (str){arn.ptr + arn.len, 0};
    return str_part(arn, begin, (colons < 5 ? str_find(arn, ':', begin) : arn.len) - begin);
}

bool match_arn(str pattern_text, str text)
{
    arn_pattern p, t;
    return pattern_arn_read((pattern){pattern_text, NULL}, &p) && pattern_arn_read((pattern){text, NULL}, &t) &&
           pattern_arn(&p, &t);
}

/* ---- resources ---- */

/* The number of colons, five at most; *head: the bytes up to and with the fifth, or all of them. */
static size_t arn_head(str s, size_t *head)
{
    size_t colons = 0;
    *head = 0;
    while (*head < s.len && colons < ARN_PARTS - 1) colons += s.ptr[(*head)++] == ':';
    return colons;
}

resource_pattern resource_pattern_read(arena *a, str text, policy_type type, bool version_2012)
{
    resource_pattern p = {.text = text, .everything = only_stars(text), .usable = true};
    size_t           colons = arn_head(text, &p.head);
    if (colons == ARN_PARTS - 1) {
        p.variable = version_2012 && variable_find(text, p.head) < text.len;
    } else if (!str_ends(text, STR("*"))) { /* else the star takes the missing parts as well */
        p.usable = type == POLICY_IDENTITY || type == POLICY_BOUNDARY || type == POLICY_SESSION;
        p.text = arena_format(a, "%.*s%.*s", STR_FMT(text), (int)(ARN_PARTS - 1 - colons) * 2, ":*:*:*:*:*");
        (void)arn_head(p.text, &p.head);
    }
    return p;
}

resource_asked resource_asked_read(str resource)
{
    resource_asked asked;
    asked.is_arn = arn_head(resource, &asked.head) == ARN_PARTS - 1;
    return asked;
}

bool resource_pattern_holds(arena *scratch, const resource_pattern *p, const request *q, resource_asked asked,
                            const catalog *facts)
{
    if (p->everything) return true;
    if (!asked.is_arn || !p->usable) return false; /* the token `*`: only "*" takes it */
    arena   temporary = *scratch;
    pattern resolved = {p->text, NULL};
    if (p->variable && !pattern_resolve(&temporary, p->text, p->head, q, facts, &resolved, NULL)) return false;
    return glob(resolved, p->head, q->resource, MUTANT(MUTANT_ARN_HEAD_REGARDS_CASE) ? 0 : asked.head);
}

bool match_resource_pattern(arena *scratch, str pattern_text, const request *q, const catalog *facts, policy_type type,
                            bool version_2012)
{
    arena            temporary = *scratch;
    resource_pattern p = resource_pattern_read(&temporary, pattern_text, type, version_2012);
    return resource_pattern_holds(&temporary, &p, q, resource_asked_read(q->resource), facts);
}
