#include "oracle/oracle_match.h"

#include "oracle/oracle.h"

/* ---- symbols ---- */

static uint32_t symbol_next(str s, size_t *i)
{
    uint32_t symbol = (unsigned char)s.ptr[(*i)++];
    while (symbol >= 0xc0 && *i < s.len && ((unsigned char)s.ptr[*i] & 0xc0) == 0x80)
        symbol = symbol << 8 | (unsigned char)s.ptr[(*i)++];
    return symbol;
}

static void text_push(arena *a, oracle_text *t, uint32_t symbol)
{
    *ARENA_PUSH(a, uint32_t, t->at, t->count, t->capacity) = symbol;
}

static void text_append(arena *a, oracle_text *t, str s)
{
    for (size_t i = 0; i < s.len;) text_push(a, t, symbol_next(s, &i));
}

oracle_text oracle_text_of(arena *a, str s)
{
    oracle_text t = {0};
    text_append(a, &t, s);
    return t;
}

static uint32_t symbol_lower(uint32_t symbol)
{
    return symbol >= 'A' && symbol <= 'Z' ? symbol + ('a' - 'A') : symbol;
}

/* ---- variables: IAM User Guide, "IAM policy elements: Variables and tags"; spec 1.8 ---- */

const request_key *oracle_key(const request *q, str name)
{
    for (uint32_t i = 0; i < q->context_count; i++)
        if (str_eq_nocase(q->context[i].key, name)) return &q->context[i];
    return NULL;
}

bool oracle_key_multivalued(const request_key *k, const catalog *facts)
{
    uint32_t listed = facts == NULL ? CATALOG_NONE : catalog_key_find(facts, k->key);
    return listed == CATALOG_NONE ? k->is_array : catalog_key_at(facts, listed)->multivalued;
}

/* What `${inside}` stands for; false when it cannot be resolved. */
static bool variable_resolve(str inside, oracle_reading reading, str *out)
{
    if (str_is(inside, "*") || str_is(inside, "?") || str_is(inside, "$")) {
        *out = inside;
        return true;
    }
    str  name = inside, fallback = {0};
    bool has_fallback = false;
    for (size_t i = 0; i + 4 <= inside.len && !has_fallback; i++) /* `name, 'fallback'` */
        if (str_is(str_part(inside, i, 3), ", '") && inside.ptr[inside.len - 1] == '\'') {
            name = str_part(inside, 0, i);
            fallback = str_part(inside, i + 3, inside.len - i - 4);
            has_fallback = true; /* an empty one is an empty text: contested, spec C14 */
        }
    const request_key *k = oracle_key(reading.request, name);
    bool               usable = k != NULL && !oracle_key_multivalued(k, reading.facts) && k->value_count == 1;
    *out = usable ? k->values[0] : fallback;
    return usable || has_fallback;
}

static bool pattern_append(arena *a, oracle_text *t, str value, oracle_reading reading)
{
    for (size_t i = 0; i < value.len;) {
        bool   opens = reading.variables && str_starts(str_part(value, i, value.len - i), STR("${"));
        size_t close = opens ? str_find(value, '}', i) : value.len;
        if (close < value.len) { /* an unterminated `${` is literal text */
            str put;
            if (!variable_resolve(str_part(value, i + 2, close - i - 2), reading, &put)) return false;
            text_append(a, t, put); /* plain text: its `*` is no wildcard */
            i = close + 1;
            continue;
        }
        uint32_t symbol = symbol_next(value, &i);
        if (reading.wildcards && symbol == '?') symbol = SYMBOL_ONE;
        if (reading.wildcards && symbol == '*') symbol = SYMBOL_RUN;
        text_push(a, t, symbol);
    }
    return true;
}

bool oracle_pattern_of(arena *a, str value, oracle_reading reading, oracle_text *out)
{
    *out = (oracle_text){0};
    return pattern_append(a, out, value, reading);
}

/* ---- wildcards ---- */

static bool symbol_takes(uint32_t pattern, uint32_t character, bool nocase)
{
    if (pattern == SYMBOL_ONE || pattern == SYMBOL_RUN) return true;
    if (pattern == SYMBOL_ONE_INSIDE || pattern == SYMBOL_RUN_INSIDE) return character != ':';
    return nocase ? symbol_lower(pattern) == symbol_lower(character) : pattern == character;
}

/* reached[j]: the symbols of the pattern seen so far match the first j characters of the text. A run keeps what was
 * reached and extends it to the right; every other symbol moves it by one character. */
bool oracle_glob(arena scratch, oracle_text pattern, oracle_text text, size_t nocase_count)
{
    bool *reached = ARENA_NEW(&scratch, bool, text.count + 1);
    reached[0] = true;
    for (size_t i = 0; i < pattern.count; i++) {
        uint32_t symbol = pattern.at[i];
        if (symbol == SYMBOL_RUN || symbol == SYMBOL_RUN_INSIDE) {
            for (size_t j = 1; j <= text.count; j++)
                reached[j] = reached[j] || (reached[j - 1] && symbol_takes(symbol, text.at[j - 1], false));
        } else {
            for (size_t j = text.count; j >= 1; j--)
                reached[j] = reached[j - 1] && symbol_takes(symbol, text.at[j - 1], j <= nocase_count);
            reached[0] = false;
        }
    }
    return reached[text.count];
}

static bool only_stars(str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != '*') return false;
    return s.len > 0;
}

/* ---- actions: IAM User Guide, "IAM JSON policy elements: Action"; spec 1.5 ---- */

static bool has_white_space(str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == ' ' || s.ptr[i] == '\t' || s.ptr[i] == '\n' || s.ptr[i] == '\r') return true;
    return false;
}

static bool action_value_matches(arena scratch, str value, str action)
{
    if (only_stars(value) || str_is(value, "*:*")) return true; /* the second form: contested, spec C21 */
    size_t colon = str_find(value, ':', 0), action_colon = str_find(action, ':', 0);
    if (colon == value.len || action_colon == action.len) return false;
    if (!str_eq_nocase(str_part(value, 0, colon), str_part(action, 0, action_colon))) return false;
    str name = str_part(value, colon + 1, value.len - colon - 1);
    str asked = str_part(action, action_colon + 1, action.len - action_colon - 1);
    /* A second colon is malformed; an empty name and one with white space are accepted by AWS and never match. */
    if (name.len == 0 || str_find(name, ':', 0) < name.len || has_white_space(name)) return false;
    oracle_text pattern, text = oracle_text_of(&scratch, asked);
    return oracle_pattern_of(&scratch, name, (oracle_reading){.wildcards = true}, &pattern) &&
           oracle_glob(scratch, pattern, text, text.count);
}

uint32_t oracle_action_taken_by(arena scratch, const policy_statement *s, str action)
{
    for (uint32_t i = 0; i < s->action_count; i++)
        if (action_value_matches(scratch, s->actions[i].text, action)) return i;
    return EXPLAIN_NONE;
}

bool oracle_action_matches(arena scratch, const policy_statement *s, str action)
{
    return (oracle_action_taken_by(scratch, s, action) != EXPLAIN_NONE) != s->not_action;
}

/* ---- resources: IAM User Guide, "IAM JSON policy elements: Resource"; spec 1.6 ---- */

/* An ARN has five colons in front of its resource part, which may hold more. The number of characters up to and with
 * the fifth, 0 when there are fewer. */
static size_t arn_head_count(oracle_text t)
{
    size_t colons = 0;
    for (size_t i = 0; i < t.count; i++)
        if (t.at[i] == ':' && ++colons == 5) return i + 1;
    return 0;
}

/* Short ARNs: filled up in the policies of principals, elsewhere they match nothing unless they end in `*`, which
 * then covers the rest by itself. */
static bool short_arn_fills_up(policy_type type)
{
    return type == POLICY_IDENTITY || type == POLICY_BOUNDARY || type == POLICY_SESSION;
}

/* The first five parts: no variables; wildcards stay inside the part, except for a `*` that ends it (contested, spec
 * C4: "can expand beyond the colon boundaries"). The resource part: variables, and wildcards that cross everything. */
static bool resource_pattern_of(arena *a, str value, policy_type type, oracle_reading reading, oracle_text *out)
{
    *out = (oracle_text){0};
    size_t begin = 0;
    for (uint32_t part = 1; part <= 5; part++) {
        size_t end = str_find(value, ':', begin);
        for (size_t i = begin; i < end;) {
            uint32_t symbol = symbol_next(value, &i);
            if (symbol == '?') symbol = SYMBOL_ONE_INSIDE;
            if (symbol == '*') symbol = i == end ? SYMBOL_RUN : SYMBOL_RUN_INSIDE;
            text_push(a, out, symbol);
        }
        if (end == value.len) {
            if (str_ends(value, STR("*"))) return true;
            for (; part <= 5; part++) {
                text_push(a, out, ':');
                text_push(a, out, SYMBOL_RUN);
            }
            return short_arn_fills_up(type);
        }
        text_push(a, out, ':');
        begin = end + 1;
    }
    return pattern_append(a, out, str_part(value, begin, value.len - begin), reading);
}

static bool resource_value_matches(arena scratch, str value, const policy *p, const request *q, const catalog *facts)
{
    if (only_stars(value)) return true;
    oracle_text    text = oracle_text_of(&scratch, q->resource), pattern;
    size_t         head = arn_head_count(text);
    oracle_reading reading = {.wildcards = true, .variables = p->version_2012, .request = q, .facts = facts};
    /* The token `*` of an action without resources is no ARN, so no ARN pattern matches it (contested, spec C28). Only
     * the resource part regards case (contested, spec C5). */
    return head > 0 && resource_pattern_of(&scratch, value, p->type, reading, &pattern) &&
           oracle_glob(scratch, pattern, text, head);
}

uint32_t oracle_resource_taken_by(arena scratch, const policy_statement *s, const policy *p, const request *q,
                                  const catalog *facts)
{
    for (uint32_t i = 0; i < s->resource_count; i++)
        if (resource_value_matches(scratch, s->resources[i].text, p, q, facts)) return i;
    return EXPLAIN_NONE;
}

bool oracle_resource_matches(arena scratch, const policy_statement *s, const policy *p, const request *q,
                             const catalog *facts)
{
    if (!s->has_resource) return true; /* implied by what the policy is attached to */
    /* An unresolved variable takes nothing, so NotResource matches by it (contested, spec C8). */
    return (oracle_resource_taken_by(scratch, s, p, q, facts) != EXPLAIN_NONE) != s->not_resource;
}
