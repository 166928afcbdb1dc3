#include "policy/parse.h"

#include <assert.h>
#include <stdarg.h>

#include "base/hash.h"
#include "policy/value.h"

/* Allowed elements by policy type: AWS Organizations User Guide, "SCP syntax" and "RCP syntax"; IAM User Guide,
 * "Grammar of the IAM JSON policy language". `Sid`, `Effect`, `Action` and `Condition` are the same for all. MUST on a
 * plain element is satisfied by its Not- form. `Id`: the guide keeps it out of identity policies and says nothing of
 * SCPs and RCPs, which may carry it (contested point C30). */
typedef enum { NEVER, MAY, MUST } presence;
typedef struct {
    presence version, id, principal, not_principal, not_action, resource, not_resource;
    bool     deny_only;     /* and no bare `*` as action                                    */
    bool     latin_only;    /* IAM stores U+0009, U+000A, U+000D and U+0020..U+00FF only    */
    bool     service_rules; /* each service has its own for Sids and the form of resources  */
} type_rules;

/* clang-format off */
static const type_rules rules[POLICY_TYPE_COUNT] = {
    /*                    Version Id     Principal NotPrincipal NotAction Resource NotResource */
    [POLICY_SCP]      = { MUST,   MAY,   NEVER,    NEVER,       MAY,      MUST,    MAY,   .deny_only = false },
    [POLICY_RCP]      = { MUST,   MAY,   MUST,     NEVER,       NEVER,    MUST,    MAY,   .deny_only = true },
    [POLICY_IDENTITY] = { MAY,    NEVER, NEVER,    NEVER,       MAY,      MUST,    MAY,   .latin_only = true },
    [POLICY_BOUNDARY] = { MAY,    NEVER, NEVER,    NEVER,       MAY,      MUST,    MAY,   .latin_only = true },
    [POLICY_SESSION]  = { MAY,    NEVER, NEVER,    NEVER,       MAY,      MUST,    MAY,   .latin_only = true },
    [POLICY_RESOURCE] = { MAY,    MAY,   MUST,     MAY,         MAY,      MAY,     MAY,   .service_rules = true },
    [POLICY_TRUST]    = { MAY,    MAY,   MUST,     NEVER,       MAY,      NEVER,   NEVER, .latin_only = true },
    [POLICY_ENDPOINT] = { MAY,    MAY,   MAY,      MAY,         MAY,      MAY,     MAY,   .service_rules = true },
};
/* clang-format on */

typedef struct {
    arena               *a;
    json_reader          r;
    policy              *p;
    policy_parse_options options;
    const type_rules    *rule;
    const char          *type; /* its name */
    err                 *e;
} parser;

/* Where refusals are gathered each is kept, and what was refused is passed over by `forgive`. */
__attribute__((format(printf, 4, 5))) static status refuse(parser *x, parse_rule rule, size_t offset,
                                                           const char *format, ...)
{
    err             why;
    parse_refusals *all = x->options.refusals;
    if (x->e == NULL && all == NULL) return STATUS_INVALID;
    va_list arguments;
    va_start(arguments, format);
    (void)err_set_list(&why, STATUS_INVALID, format, arguments);
    va_end(arguments);
    if (all == NULL) return err_at(x->e, STATUS_INVALID, json_place(&x->r, offset), "%s", why.text);
    if (all->count < PARSE_REFUSALS_MAX) {
        str text = arena_str(x->a, str_of(why.text));
        *ARENA_PUSH(x->a, parse_refusal, all->items, all->count, all->capacity) = (parse_refusal){rule, offset, text};
    } else {
        all->dropped++;
    }
    return STATUS_INVALID;
}

#define REFUSE(x, rule, offset, ...) refuse((x), PARSE_##rule, (offset), __VA_ARGS__)

/* Where refusals are gathered: goes on behind what was refused, where no more than `depth` containers are open. */
static status forgive(parser *x, status s, uint32_t depth)
{
    json_token t;
    if (s != STATUS_INVALID || x->options.refusals == NULL) return s;
    while (x->r.depth > depth) TRY(json_next(&x->r, &t, x->e));
    return STATUS_OK;
}

static status expect(parser *x, json_kind kind, const char *what, json_token *out)
{
    TRY(json_next(&x->r, out, x->e));
    if (out->kind == kind) return STATUS_OK;
    return REFUSE(x, GRAMMAR, out->at, "%s: found %s, expected %s", what, json_kind_name(out->kind),
                  json_kind_name(kind));
}

static lexeme lexeme_of(json_token t)
{
    return (lexeme){t.text, (uint32_t)t.at};
}

/* Where byte i of a string's text stands in the source: exact unless the string has escapes. */
static size_t lexeme_place(const parser *x, lexeme l, size_t i)
{
    bool view = l.text.ptr == x->r.in->text.ptr + l.at + 1;
    return view ? l.at + 1 + i : l.at;
}

/* The whole character that begins at byte i. */
static str character_at(str s, size_t i)
{
    size_t len = 1;
    while (i + len < s.len && ((unsigned char)s.ptr[i + len] & 0xc0) == 0x80) len++;
    return str_part(s, i, len);
}

static bool is_alphanumeric(char c)
{
    c = char_lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool only_stars(str s)
{
    size_t stars = 0;
    while (stars < s.len && s.ptr[stars] == '*') stars++;
    return s.len > 0 && stars == s.len;
}

static status unknown_name(parser *x, json_token name, const char *where, const str *names, size_t count)
{
    str near = str_nearest(name.text, names, count);
    if (near.ptr == NULL)
        return REFUSE(x, GRAMMAR, name.at, "unknown element `%.*s` in %s, expected one such as `%.*s`",
                      STR_FMT(name.text), where, STR_FMT(names[0]));
    return REFUSE(x, GRAMMAR, name.at, "unknown element `%.*s` in %s, did you mean `%.*s`?", STR_FMT(name.text), where,
                  STR_FMT(near));
}

/* One string or an array of them. Condition values may be numbers and booleans too, which count as their lexeme, and
 * may be none in lenient parsing. */
static status read_list(parser *x, const char *what, bool condition, lexeme **out, uint32_t *out_count)
{
    json_token t;
    lexeme    *items = NULL;
    size_t     count = 0, capacity = 0;
    TRY(json_next(&x->r, &t, x->e));
    bool array = t.kind == JSON_ARRAY;
    if (array) TRY(json_next(&x->r, &t, x->e));
    while (!array || t.kind != JSON_ARRAY_END) {
        bool scalar = t.kind == JSON_NUMBER || t.kind == JSON_TRUE || t.kind == JSON_FALSE;
        if (t.kind != JSON_STRING && !(condition && scalar))
            return REFUSE(x, GRAMMAR, t.at, "%s: found %s, expected a string%s", what, json_kind_name(t.kind),
                          array ? "" : " or an array of strings");
        *ARENA_PUSH(x->a, lexeme, items, count, capacity) = lexeme_of(t);
        if (!array) break;
        TRY(json_next(&x->r, &t, x->e));
    }
    if (count == 0 && !(condition && x->options.lenient))
        return REFUSE(x, GRAMMAR, t.at, "%s: found an empty array, expected at least one value", what);
    *out = items;
    *out_count = (uint32_t)count;
    return STATUS_OK;
}

/* ---- actions and resources ---- */

/* Behind the colon AWS takes letters, digits, `*`, `?`, comma, hyphen and space, or nothing at all. */
static status check_action_name(parser *x, lexeme l, size_t begin)
{
    str    s = l.text;
    size_t wild = s.len;
    for (size_t i = begin; i < s.len; i++) {
        bool wildcard = s.ptr[i] == '*' || s.ptr[i] == '?';
        if (wildcard && wild == s.len) wild = i;
        if (wildcard || is_alphanumeric(s.ptr[i]) || s.ptr[i] == ',' || s.ptr[i] == '-' || s.ptr[i] == ' ') continue;
        str found = character_at(s, i);
        return REFUSE(x, ACTION, lexeme_place(x, l, i), "`%.*s` in action `%.*s`, expected letters, digits, `*` or `?`",
                      STR_FMT(found), STR_FMT(s));
    }
    if (x->options.type == POLICY_SCP && x->options.dialect == DIALECT_SCP_LEGACY && wild + 1 < s.len)
        return REFUSE(x, LEGACY, lexeme_place(x, l, wild),
                      "wildcard inside action `%.*s`, expected it at the end: SCP language before September 2025",
                      STR_FMT(s));
    return STATUS_OK;
}

/* IAM User Guide, "Action": `*`, or service prefix, one colon, name pattern; no wildcard in the prefix. `*:*` is read
 * as `*` (contested point C21). */
static status check_action(parser *x, lexeme l)
{
    str  s = l.text;
    bool everything = only_stars(s) || str_is(s, "*:*");
    if (everything && x->rule->deny_only && !x->options.lenient)
        return REFUSE(x, TYPE, l.at, "action `%.*s` is not allowed in policies of type `%s`, expected `service:*`",
                      STR_FMT(s), x->type);
    if (everything) return STATUS_OK;
    size_t colon = str_find(s, ':', 0);
    if (colon == 0 || colon == s.len || str_find(s, ':', colon + 1) != s.len)
        return REFUSE(x, ACTION, l.at, "malformed action `%.*s`, expected `*` or `service:Name`", STR_FMT(s));
    for (size_t i = 0; i < colon; i++) {
        if (is_alphanumeric(s.ptr[i]) || s.ptr[i] == '-') continue;
        str found = character_at(s, i);
        return REFUSE(x, ACTION, lexeme_place(x, l, i),
                      "`%.*s` in the service prefix of action `%.*s`, expected letters, digits or `-`", STR_FMT(found),
                      STR_FMT(s));
    }
    return x->options.lenient ? STATUS_OK : check_action_name(x, l, colon + 1);
}

/* SCPs take an ARN of fewer than six parts only if it ends in `*`, RCPs never; elsewhere it is filled up. */
static status check_resource(parser *x, lexeme l)
{
    str s = l.text;
    if (x->options.lenient || x->rule->service_rules || only_stars(s)) return STATUS_OK;
    if (!str_starts(s, STR("arn:")))
        return REFUSE(x, RESOURCE, l.at, "resource `%.*s` is not an ARN, expected `*` or `arn:…`", STR_FMT(s));
    size_t colons = 0;
    for (size_t i = 0; i < s.len; i++) colons += s.ptr[i] == ':';
    bool scp_short = x->options.type == POLICY_SCP && s.ptr[s.len - 1] != '*';
    if (colons < 5 && (scp_short || x->options.type == POLICY_RCP))
        return REFUSE(x, RESOURCE, l.at, "resource `%.*s` has %zu parts, expected the six of an ARN", STR_FMT(s),
                      colons + 1);
    return STATUS_OK;
}

/* ---- principals ---- */

/* IAM User Guide, "Principal": `*` alone is everyone; inside a name it is never expanded, and refused. */
static status check_principal(parser *x, lexeme l)
{
    size_t star = str_find(l.text, '*', 0);
    if (x->options.lenient || star == l.text.len || str_is(l.text, "*")) return STATUS_OK;
    return REFUSE(x, PRINCIPAL, lexeme_place(x, l, star),
                  "wildcard inside principal `%.*s`, expected a whole name or `*` alone", STR_FMT(l.text));
}

static status read_principal(parser *x, policy_statement *s, json_token name)
{
    static const str kinds[] = {{"AWS", 3}, {"Service", 7}, {"Federated", 9}, {"CanonicalUser", 13}};
    json_token       t;
    size_t           count = 0, capacity = 0;
    TRY(json_next(&x->r, &t, x->e));
    if (t.kind == JSON_STRING) {
        if (!str_is(t.text, "*"))
            return REFUSE(x, PRINCIPAL, t.at, "principal `%.*s`, expected `*` or an object such as {\"AWS\": …}",
                          STR_FMT(t.text));
        *ARENA_PUSH(x->a, policy_principal, s->principals, count, capacity) =
            (policy_principal){PRINCIPAL_EVERYONE, lexeme_of(t)};
        s->principal_count = 1;
        return STATUS_OK;
    }
    if (t.kind != JSON_OBJECT)
        return REFUSE(x, PRINCIPAL, t.at, "`%.*s`: found %s, expected `*` or an object", STR_FMT(name.text),
                      json_kind_name(t.kind));
    for (;;) {
        TRY(json_next(&x->r, &t, x->e));
        if (t.kind == JSON_OBJECT_END) break;
        size_t k = 0;
        while (k < COUNTOF(kinds) && !str_eq(kinds[k], t.text)) k++;
        if (k == COUNTOF(kinds)) return unknown_name(x, t, "a principal", kinds, COUNTOF(kinds));
        lexeme  *values = NULL;
        uint32_t value_count = 0;
        TRY(read_list(x, "principal", false, &values, &value_count));
        for (uint32_t i = 0; i < value_count; i++) {
            TRY(check_principal(x, values[i]));
            *ARENA_PUSH(x->a, policy_principal, s->principals, count, capacity) =
                (policy_principal){(principal_kind)(PRINCIPAL_AWS + k), values[i]};
        }
    }
    if (count == 0)
        return REFUSE(x, PRINCIPAL, name.at, "`%.*s` is empty, expected `*` or an object such as {\"AWS\": …}",
                      STR_FMT(name.text));
    s->principal_count = (uint32_t)count;
    return STATUS_OK;
}

/* ---- conditions ---- */

static const str operator_names[] = {
#define CONDITION_NAME(id, name) {name, sizeof(name) - 1},
    CONDITION_BASES(CONDITION_NAME)
#undef CONDITION_NAME
};

/* What the values of an operator must look like; String and Arn operators take any text. */
static const struct {
    condition_base first, last;
    bool (*ok)(str);
    const char *expected;
} literals[] = {
    {CONDITION_NUMERIC_EQUALS, CONDITION_NUMERIC_GREATER_THAN_EQUALS, value_number_ok, "a decimal number"},
    {CONDITION_DATE_EQUALS, CONDITION_DATE_GREATER_THAN_EQUALS, value_date_ok, "a date such as `2026-01-31T12:00:00Z`"},
    {CONDITION_BOOL, CONDITION_BOOL, value_bool_ok, "`true` or `false`"},
    {CONDITION_BINARY_EQUALS, CONDITION_BINARY_EQUALS, value_base64_ok, "base64"},
    {CONDITION_IP_ADDRESS, CONDITION_NOT_IP_ADDRESS, value_ip_ok, "an address or a CIDR block"},
    {CONDITION_NULL, CONDITION_NULL, value_bool_ok, "`true` or `false`"},
};

static bool take_prefix(str *s, str prefix)
{
    if (s->len <= prefix.len || !str_eq_nocase(str_part(*s, 0, prefix.len), prefix)) return false;
    *s = str_part(*s, prefix.len, s->len - prefix.len);
    return true;
}

static bool take_suffix(str *s, str suffix)
{
    if (s->len <= suffix.len || !str_eq_nocase(str_part(*s, s->len - suffix.len, suffix.len), suffix)) return false;
    s->len -= suffix.len;
    return true;
}

/* `[ForAllValues:|ForAnyValue:] Base [IfExists]`, compared ignoring case; there is no NullIfExists. */
static status parse_operator(parser *x, json_token name, policy_clause *c)
{
    str base = name.text;
    c->name = lexeme_of(name);
    if (take_prefix(&base, STR("ForAllValues:")))
        c->set = CONDITION_FOR_ALL;
    else if (take_prefix(&base, STR("ForAnyValue:")))
        c->set = CONDITION_FOR_ANY;
    c->if_exists = take_suffix(&base, STR("IfExists"));
    size_t id = 0;
    while (id < COUNTOF(operator_names) && !str_eq_nocase(operator_names[id], base)) id++;
    bool null_if_exists = id == CONDITION_NULL && c->if_exists;
    c->base = id < COUNTOF(operator_names) && !null_if_exists ? (condition_base)id : CONDITION_UNKNOWN;
    if (c->base != CONDITION_UNKNOWN || x->options.lenient) return STATUS_OK;

    str near = str_nearest(base, operator_names, COUNTOF(operator_names));
    if (near.ptr == NULL)
        return REFUSE(x, OPERATOR, name.at, "unknown condition operator `%.*s`, expected one such as `StringEquals`",
                      STR_FMT(name.text));
    return REFUSE(x, OPERATOR, name.at, "unknown condition operator `%.*s`, did you mean `%.*s%.*s%s`?",
                  STR_FMT(name.text), (int)(base.ptr - name.text.ptr), name.text.ptr, STR_FMT(near),
                  c->if_exists && !null_if_exists ? "IfExists" : "");
}

static status check_value(parser *x, const policy_clause *c, lexeme l)
{
    /* A variable says its value later; Bool is the one operator here that takes them (contested point C6). */
    if (x->options.lenient || (c->base == CONDITION_BOOL && str_starts(l.text, STR("${")))) return STATUS_OK;
    for (size_t i = 0; i < COUNTOF(literals); i++)
        if (c->base >= literals[i].first && c->base <= literals[i].last && !literals[i].ok(l.text))
            return REFUSE(x, VALUE, l.at, "value `%.*s` under `%.*s`, expected %s", STR_FMT(l.text),
                          STR_FMT(c->name.text), literals[i].expected);
    return STATUS_OK;
}

static status read_condition(parser *x, policy_statement *s)
{
    json_token t;
    size_t     count = 0, capacity = 0;
    TRY(expect(x, JSON_OBJECT, "`Condition`", &t));
    for (;;) {
        TRY(json_next(&x->r, &t, x->e));
        if (t.kind == JSON_OBJECT_END) break;
        policy_clause under = {0};
        TRY(parse_operator(x, t, &under));
        TRY(expect(x, JSON_OBJECT, "condition operator", &t));
        for (;;) {
            TRY(json_next(&x->r, &t, x->e));
            if (t.kind == JSON_OBJECT_END) break;
            policy_clause c = under;
            c.key = lexeme_of(t);
            TRY(read_list(x, "condition value", true, &c.values, &c.value_count));
            for (uint32_t i = 0; i < c.value_count; i++) TRY(check_value(x, &c, c.values[i]));
            *ARENA_PUSH(x->a, policy_clause, s->clauses, count, capacity) = c;
        }
    }
    s->clause_count = (uint32_t)count;
    return STATUS_OK;
}

/* ---- statements ---- */

typedef enum {
    EFFECT,
    SID,
    PRINCIPAL,
    NOT_PRINCIPAL,
    ACTION,
    NOT_ACTION,
    RESOURCE,
    NOT_RESOURCE,
    CONDITION,
    ELEMENT_COUNT
} element;

static const str element_names[ELEMENT_COUNT] = {
    [EFFECT] = {"Effect", 6},       [SID] = {"Sid", 3},
    [PRINCIPAL] = {"Principal", 9}, [NOT_PRINCIPAL] = {"NotPrincipal", 12},
    [ACTION] = {"Action", 6},       [NOT_ACTION] = {"NotAction", 9},
    [RESOURCE] = {"Resource", 8},   [NOT_RESOURCE] = {"NotResource", 11},
    [CONDITION] = {"Condition", 9},
};

static status read_effect(parser *x, policy_statement *s)
{
    json_token t;
    TRY(expect(x, JSON_STRING, "`Effect`", &t));
    s->deny = str_is(t.text, "Deny");
    if (!s->deny && !str_is(t.text, "Allow"))
        return REFUSE(x, GRAMMAR, t.at, "unknown effect `%.*s`, expected `Allow` or `Deny`", STR_FMT(t.text));
    if (!s->deny && x->rule->deny_only && !x->options.lenient)
        return REFUSE(x, TYPE, t.at, "effect `Allow` is not allowed in policies of type `%s`, expected `Deny`",
                      x->type);
    return STATUS_OK;
}

static status read_sid(parser *x, policy_statement *s)
{
    json_token t;
    TRY(expect(x, JSON_STRING, "`Sid`", &t));
    s->sid = lexeme_of(t);
    if (x->options.lenient || x->rule->service_rules) return STATUS_OK;
    for (size_t i = 0; i < t.text.len; i++) {
        if (is_alphanumeric(t.text.ptr[i])) continue;
        str found = character_at(t.text, i);
        return REFUSE(x, SID, lexeme_place(x, s->sid, i), "`%.*s` in Sid `%.*s`, expected letters and digits",
                      STR_FMT(found), STR_FMT(t.text));
    }
    return STATUS_OK;
}

static status read_element(parser *x, policy_statement *s, json_token name, element el)
{
    switch (el) {
    case EFFECT: return read_effect(x, s);
    case SID: return read_sid(x, s);
    case PRINCIPAL:
    case NOT_PRINCIPAL:
        s->has_principal = true;
        s->not_principal = el == NOT_PRINCIPAL;
        return read_principal(x, s, name);
    case ACTION:
    case NOT_ACTION:
        s->not_action = el == NOT_ACTION;
        TRY(read_list(x, "action", false, &s->actions, &s->action_count));
        for (uint32_t i = 0; i < s->action_count; i++) TRY(check_action(x, s->actions[i]));
        return STATUS_OK;
    case RESOURCE:
    case NOT_RESOURCE:
        s->has_resource = true;
        s->not_resource = el == NOT_RESOURCE;
        TRY(read_list(x, "resource", false, &s->resources, &s->resource_count));
        for (uint32_t i = 0; i < s->resource_count; i++) TRY(check_resource(x, s->resources[i]));
        return STATUS_OK;
    default: assert(el == CONDITION); return read_condition(x, s);
    }
}

/* The SCP language before September 2025: AWS Organizations User Guide, "SCP syntax", earlier captures. */
static status check_legacy(parser *x, const policy_statement *s, const size_t at[ELEMENT_COUNT])
{
    static const char language[] = "in the SCP language before September 2025";
    if (s->not_resource) return REFUSE(x, LEGACY, at[NOT_RESOURCE], "`NotResource` is not allowed %s", language);
    if (s->deny) return STATUS_OK;
    if (s->not_action) return REFUSE(x, LEGACY, at[NOT_ACTION], "`NotAction` with `Allow` is not allowed %s", language);
    if (at[CONDITION] != 0)
        return REFUSE(x, LEGACY, at[CONDITION], "`Condition` with `Allow` is not allowed %s", language);
    for (uint32_t i = 0; i < s->resource_count; i++)
        if (!str_is(s->resources[i].text, "*"))
            return REFUSE(x, LEGACY, s->resources[i].at, "resource `%.*s` with `Allow`, expected `*` %s",
                          STR_FMT(s->resources[i].text), language);
    return STATUS_OK;
}

/* What the statement must have and must not have; at: where each element stands, 0 where it does not. */
static status check_elements(parser *x, const policy_statement *s, const size_t at[ELEMENT_COUNT])
{
    const type_rules *rule = x->rule;
    const struct {
        element  plain, negated;
        presence plain_rule, negated_rule;
    } pairs[] = {{ACTION, NOT_ACTION, MUST, rule->not_action},
                 {RESOURCE, NOT_RESOURCE, rule->resource, rule->not_resource},
                 {PRINCIPAL, NOT_PRINCIPAL, rule->principal, rule->not_principal}};
    if (at[EFFECT] == 0) return REFUSE(x, GRAMMAR, s->at, "statement without `Effect`");
    for (size_t i = 0; i < COUNTOF(pairs); i++) {
        const char *plain = element_names[pairs[i].plain].ptr, *negated = element_names[pairs[i].negated].ptr;
        size_t      plain_at = at[pairs[i].plain], negated_at = at[pairs[i].negated];
        if (plain_at != 0 && negated_at != 0)
            return REFUSE(x, GRAMMAR, plain_at > negated_at ? plain_at : negated_at,
                          "statement with both `%s` and `%s`, expected one of them", plain, negated);
        if (x->options.lenient && pairs[i].plain != ACTION) continue;
        if (plain_at == 0 && negated_at == 0 && pairs[i].plain_rule == MUST)
            return pairs[i].negated_rule == NEVER
                       ? REFUSE(x, GRAMMAR, s->at, "statement without `%s`", plain)
                       : REFUSE(x, GRAMMAR, s->at, "statement without `%s` or `%s`", plain, negated);
        if (plain_at != 0 && pairs[i].plain_rule == NEVER)
            return REFUSE(x, TYPE, plain_at, "`%s` is not allowed in policies of type `%s`", plain, x->type);
        if (negated_at != 0 && pairs[i].negated_rule == NEVER && !x->options.lenient)
            return REFUSE(x, TYPE, negated_at, "`%s` is not allowed in policies of type `%s`", negated, x->type);
    }
    if (x->options.lenient) return STATUS_OK;
    if (x->options.type == POLICY_RCP && s->principals[0].kind != PRINCIPAL_EVERYONE)
        return REFUSE(x, PRINCIPAL, s->principals[0].value.at,
                      "principal `%.*s`, expected `\"Principal\": \"*\"` in policies of type `%s`",
                      STR_FMT(s->principals[0].value.text), x->type);
    if (s->not_principal && !s->deny)
        return REFUSE(x, TYPE, at[NOT_PRINCIPAL], "`NotPrincipal` with `Allow`, expected it with `Deny` only");
    bool legacy = x->options.type == POLICY_SCP && x->options.dialect == DIALECT_SCP_LEGACY;
    return legacy ? check_legacy(x, s, at) : STATUS_OK;
}

static status read_statement(parser *x, json_token open, policy_statement *s)
{
    size_t     at[ELEMENT_COUNT] = {0};
    json_token t;
    s->at = (uint32_t)open.at;
    for (;;) {
        TRY(json_next(&x->r, &t, x->e));
        if (t.kind == JSON_OBJECT_END) break;
        size_t el = 0;
        while (el < ELEMENT_COUNT && !str_eq(element_names[el], t.text)) el++;
        if (el == ELEMENT_COUNT) return unknown_name(x, t, "a statement", element_names, ELEMENT_COUNT);
        at[el] = t.at;
        TRY(read_element(x, s, t, (element)el));
    }
    s->end = (uint32_t)t.end;
    return check_elements(x, s, at);
}

static status read_statements(parser *x)
{
    json_token t;
    size_t     count = 0, capacity = 0;
    bool       refused = false;
    TRY(json_next(&x->r, &t, x->e));
    bool array = t.kind == JSON_ARRAY;
    if (array) TRY(json_next(&x->r, &t, x->e));
    while (!array || t.kind != JSON_ARRAY_END) {
        if (t.kind != JSON_OBJECT)
            return REFUSE(x, GRAMMAR, t.at, "`Statement`: found %s, expected an object%s", json_kind_name(t.kind),
                          array ? "" : " or an array of objects");
        if (count == POLICY_STATEMENTS_MAX)
            return err_at(x->e, STATUS_LIMIT, (place){x->p->in, t.at}, "a policy of more than %u statements",
                          POLICY_STATEMENTS_MAX);
        policy_statement *s = ARENA_PUSH(x->a, policy_statement, x->p->statements, count, capacity);
        uint32_t          outside = x->r.depth - 1;
        status            read = read_statement(x, t, s);
        TRY(forgive(x, read, outside));
        if (read != STATUS_OK) {
            *s = (policy_statement){0};
            count--;
            refused = true;
        }
        if (!array) break;
        TRY(json_next(&x->r, &t, x->e));
    }
    if (count == 0 && !refused && !x->options.lenient)
        return REFUSE(x, GRAMMAR, t.at, "`Statement`: found an empty array, expected at least one statement");
    x->p->statement_count = (uint32_t)count;
    return STATUS_OK;
}

/* ---- the document ---- */

/* IAM User Guide, "Sid": unique inside one policy. An empty one is none, as tools write it. */
static status check_sids(parser *x, arena scratch)
{
    size_t slot_count = 1;
    while (slot_count < 2 * (size_t)x->p->statement_count) slot_count *= 2;
    const policy_statement **slots = ARENA_NEW(&scratch, const policy_statement *, slot_count);
    for (uint32_t i = 0; i < x->p->statement_count; i++) {
        const policy_statement *s = &x->p->statements[i];
        str                     sid = s->sid.text;
        if (sid.len == 0) continue;
        size_t slot = hash_bytes(sid.ptr, sid.len, 0) & (slot_count - 1);
        for (; slots[slot] != NULL; slot = (slot + 1) & (slot_count - 1))
            if (str_eq(slots[slot]->sid.text, sid))
                return REFUSE(x, SID, s->sid.at, "Sid `%.*s` stands twice, expected it once in a policy", STR_FMT(sid));
        slots[slot] = s;
    }
    return STATUS_OK;
}

/* Counts characters as submitted and without the white space between tokens. */
static status measure(parser *x, size_t begin, size_t end)
{
    str    text = x->r.in->text;
    bool   inside_string = false, escaped = false;
    size_t wide = end;
    for (size_t i = begin; i < end; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if ((c & 0xc0) == 0x80) continue; /* not the first byte of its character */
        bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        x->p->characters++;
        x->p->characters_minified += inside_string || !space;
        if (c == '"' && !escaped) inside_string = !inside_string;
        escaped = c == '\\' && !escaped;
        if (c > 0xc3 && wide == end) wide = i; /* c2 and c3 begin U+0080..U+00FF */
    }
    x->p->bytes = (uint32_t)(end - begin);
    if (wide == end || !x->rule->latin_only || x->options.lenient) return STATUS_OK;
    str found = character_at(text, wide);
    return REFUSE(x, CHARACTER, wide, "character `%.*s` in a policy of type `%s`, expected none above U+00FF",
                  STR_FMT(found), x->type);
}

static status read_version(parser *x)
{
    json_token t;
    x->p->has_version = true;
    TRY(expect(x, JSON_STRING, "`Version`", &t));
    x->p->version_2012 = str_is(t.text, "2012-10-17");
    bool newest_only = x->rule->version == MUST && !x->options.lenient;
    if (x->p->version_2012 || (!newest_only && str_is(t.text, "2008-10-17"))) return STATUS_OK;
    return REFUSE(x, VERSION, t.at, "version `%.*s`, expected `2012-10-17`%s", STR_FMT(t.text),
                  newest_only ? "" : " or `2008-10-17`");
}

static status read_id(parser *x, json_token name)
{
    json_token t;
    TRY(expect(x, JSON_STRING, "`Id`", &t));
    x->p->id = lexeme_of(t);
    if (x->rule->id != NEVER || x->options.lenient) return STATUS_OK;
    return REFUSE(x, TYPE, name.at, "`Id` is not allowed in policies of type `%s`", x->type);
}

static status read_document(parser *x)
{
    static const str names[] = {{"Version", 7}, {"Statement", 9}, {"Id", 2}};
    json_token       t;
    bool             statements = false;
    size_t           begin, end;
    TRY(expect(x, JSON_OBJECT, "policy", &t));
    x->p->at = (uint32_t)t.at;
    uint32_t depth = x->r.depth;
    for (;;) {
        TRY(json_next(&x->r, &t, x->e));
        if (t.kind == JSON_OBJECT_END) break;
        if (str_is(t.text, "Version")) {
            TRY(forgive(x, read_version(x), depth));
        } else if (str_is(t.text, "Statement")) {
            statements = true;
            TRY(read_statements(x));
        } else if (str_is(t.text, "Id")) {
            TRY(forgive(x, read_id(x, t), depth));
        } else {
            TRY(forgive(x, unknown_name(x, t, "a policy", names, COUNTOF(names)), depth));
            TRY(json_skip(&x->r, &begin, &end, x->e));
        }
    }
    x->p->end = (uint32_t)t.end;
    if (!statements && x->options.refusals != NULL && x->options.refusals->count > 0) return STATUS_INVALID;
    if (!statements) return REFUSE(x, GRAMMAR, x->p->at, "policy without `Statement`");
    if (!x->p->has_version && x->rule->version == MUST && !x->options.lenient)
        TRY(forgive(x, REFUSE(x, VERSION, x->p->at, "policy without `Version`, expected `\"Version\": \"2012-10-17\"`"),
                    depth));
    bool sids_free = x->options.lenient || x->rule->service_rules;
    return sids_free ? STATUS_OK : forgive(x, check_sids(x, *x->a), depth);
}

status policy_parse_part(arena *a, const source *in, size_t begin, size_t end, policy_parse_options options,
                         policy **out, err *e)
{
    assert(begin <= end && end <= in->text.len && options.type < POLICY_TYPE_COUNT);
    if (end > INT32_MAX)
        return err_at(e, STATUS_LIMIT, (place){in, 0}, "text of %zu bytes, expected fewer than 2^31", end);
    parser x = {.a = a,
                .p = ARENA_NEW(a, policy, 1),
                .options = options,
                .rule = &rules[options.type],
                .type = policy_type_name(options.type),
                .e = e};
    x.p->type = options.type;
    x.p->in = in;
    json_init(&x.r, a, in, begin, end);
    TRY(read_document(&x));
    TRY(forgive(&x, measure(&x, begin, end), 0));
    *out = x.p;
    return STATUS_OK;
}

status policy_parse(arena *a, const source *in, policy_parse_options options, policy **out, err *e)
{
    return policy_parse_part(a, in, 0, in->text.len, options, out, e);
}
