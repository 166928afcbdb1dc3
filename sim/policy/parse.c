#include "policy/parse.h"

#include <assert.h>
#include <stdlib.h>

#include "policy/value.h"

/* Allowed elements by policy type: AWS Organizations User Guide, "SCP syntax" and "RCP syntax"; IAM User Guide,
 * "Grammar of the IAM JSON policy language". */
typedef enum { FORBIDDEN, OPTIONAL, REQUIRED } presence;
typedef struct {
    presence version, id, principal, not_principal, not_action, resource;
    bool     deny_only, every_action; /* every_action: the bare "*" is allowed */
} element_rules;

static const element_rules rules[POLICY_TYPE_COUNT] = {
    [POLICY_SCP] = { REQUIRED, FORBIDDEN, FORBIDDEN, FORBIDDEN, OPTIONAL, REQUIRED, false, true },
    [POLICY_RCP] = { REQUIRED, FORBIDDEN, REQUIRED, FORBIDDEN, FORBIDDEN, REQUIRED, true, false },
    [POLICY_IDENTITY] = { OPTIONAL, FORBIDDEN, FORBIDDEN, FORBIDDEN, OPTIONAL, REQUIRED, false, true },
    [POLICY_BOUNDARY] = { OPTIONAL, FORBIDDEN, FORBIDDEN, FORBIDDEN, OPTIONAL, REQUIRED, false, true },
    [POLICY_SESSION] = { OPTIONAL, FORBIDDEN, FORBIDDEN, FORBIDDEN, OPTIONAL, REQUIRED, false, true },
    [POLICY_RESOURCE] = { OPTIONAL, OPTIONAL, REQUIRED, OPTIONAL, OPTIONAL, OPTIONAL, false, true },
    [POLICY_TRUST] = { OPTIONAL, OPTIONAL, REQUIRED, FORBIDDEN, OPTIONAL, FORBIDDEN, false, true },
    [POLICY_ENDPOINT] = { OPTIONAL, OPTIONAL, OPTIONAL, OPTIONAL, OPTIONAL, OPTIONAL, false, true },
};

typedef struct {
    arena               *a;
    json_reader          r;
    policy              *p;
    policy_parse_options options;
    err                 *e;
} parser;

#define PLACE(x, offset) ((place){ (x)->r.in, (offset) })
#define REFUSE(x, offset, ...) err_at((x)->e, STATUS_INVALID, PLACE(x, offset), __VA_ARGS__)

static lexeme lexeme_of(json_token t)
{
    return (lexeme){ t.text, (uint32_t)t.at };
}

static status unknown_key(parser *x, json_token key, const char *where, const str *names, size_t count)
{
    str near = str_nearest(key.text, names, count);
    if (near.ptr == NULL) return REFUSE(x, key.at, "unknown element `%.*s` in %s", STR_FMT(key.text), where);
    return REFUSE(x, key.at, "unknown element `%.*s` in %s, did you mean `%.*s`?", STR_FMT(key.text), where,
                  STR_FMT(near));
}

/* A string or an array of strings; scalars: numbers and booleans count as their lexeme (condition values). */
static status read_list(parser *x, const char *what, bool scalars, lexeme **out, uint32_t *out_count)
{
    json_token t;
    lexeme    *items = NULL;
    size_t     count = 0, capacity = 0;
    TRY(json_next(&x->r, &t, x->e));
    bool array = t.kind == JSON_ARRAY;
    if (array) TRY(json_next(&x->r, &t, x->e));
    while (!array || t.kind != JSON_ARRAY_END) {
        bool scalar = t.kind == JSON_NUMBER || t.kind == JSON_TRUE || t.kind == JSON_FALSE;
        if (t.kind != JSON_STRING && !(scalars && scalar))
            return REFUSE(x, t.at, "%s: found %s, expected a string%s", what, json_kind_name(t.kind),
                          array ? "" : " or an array of strings");
        *ARENA_PUSH(x->a, lexeme, items, count, capacity) = lexeme_of(t);
        if (!array) break;
        TRY(json_next(&x->r, &t, x->e));
    }
    if (count == 0 && !(scalars && x->options.lenient))
        return REFUSE(x, t.at, "%s: empty array, expected at least one value", what);
    *out = items;
    *out_count = (uint32_t)count;
    return STATUS_OK;
}

/* IAM User Guide, "Action": `*`, or service prefix, one colon, name pattern; no wildcard in the prefix (`*:*` is
 * read as `*`, contested point C21). */
static status check_action(parser *x, lexeme l)
{
    str    s = l.text;
    size_t stars = 0;
    while (stars < s.len && s.ptr[stars] == '*') stars++;
    bool everything = (s.len > 0 && stars == s.len) || str_is(s, "*:*");
    if (everything && !rules[x->options.type].every_action && !x->options.lenient)
        return REFUSE(x, l.at, "action `*` is not allowed in a %s, expected `service:*`", policy_type_name(x->options.type));
    if (everything) return STATUS_OK;
    size_t colon = str_find(s, ':', 0);
    if (colon == s.len || str_find(s, ':', colon + 1) != s.len)
        return REFUSE(x, l.at, "malformed action `%.*s`, expected `*` or `service:Name`", STR_FMT(s));
    for (size_t i = 0; i < colon; i++) {
        char c = char_lower(s.ptr[i]);
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-')
            return REFUSE(x, l.at + 1 + i, "character `%c` in the service prefix of `%.*s`, expected letters, digits or `-`",
                          s.ptr[i], STR_FMT(s));
    }
    if (colon == 0) return REFUSE(x, l.at, "action `%.*s` has no service prefix", STR_FMT(s));
    size_t wild = colon + 1;
    while (wild < s.len && s.ptr[wild] != '*' && s.ptr[wild] != '?') wild++;
    if (x->options.type == POLICY_SCP && x->options.dialect == DIALECT_SCP_LEGACY && wild + 1 < s.len)
        return REFUSE(x, l.at, "wildcard inside action `%.*s`: before September 2025 only at the end", STR_FMT(s));
    return STATUS_OK;
}

/* Short ARNs: what the evaluation specification's table says for SCPs and RCPs. */
static status check_resource(parser *x, lexeme l)
{
    str    s = l.text;
    size_t stars = 0, colons = 0;
    for (size_t i = 0; i < s.len; i++) {
        stars += s.ptr[i] == '*';
        colons += s.ptr[i] == ':';
    }
    if (x->options.lenient || (s.len > 0 && stars == s.len)) return STATUS_OK;
    if (!str_starts(s, STR("arn:")) && !str_starts(s, STR("arn*")))
        return REFUSE(x, l.at, "resource `%.*s` is no ARN, expected `*` or `arn:…`", STR_FMT(s));
    bool open_end = s.len > 0 && s.ptr[s.len - 1] == '*';
    if (colons < 5 && ((x->options.type == POLICY_SCP && !open_end) || x->options.type == POLICY_RCP))
        return REFUSE(x, l.at, "resource `%.*s` has fewer than six parts", STR_FMT(s));
    return STATUS_OK;
}

static status read_principal(parser *x, policy_statement *s, json_token key)
{
    static const str names[] = { { "AWS", 3 }, { "Service", 7 }, { "Federated", 9 }, { "CanonicalUser", 13 } };
    json_token       t;
    size_t           count = 0, capacity = 0;
    TRY(json_next(&x->r, &t, x->e));
    if (t.kind == JSON_STRING) {
        if (!str_is(t.text, "*"))
            return REFUSE(x, t.at, "principal `%.*s`, expected `*` or an object such as {\"AWS\": …}", STR_FMT(t.text));
        *ARENA_PUSH(x->a, policy_principal, s->principals, count, capacity) =
            (policy_principal){ PRINCIPAL_EVERYONE, lexeme_of(t) };
        s->principal_count = 1;
        return STATUS_OK;
    }
    if (t.kind != JSON_OBJECT)
        return REFUSE(x, t.at, "`%.*s`: found %s, expected `*` or an object", STR_FMT(key.text), json_kind_name(t.kind));
    for (;;) {
        TRY(json_next(&x->r, &t, x->e));
        if (t.kind == JSON_OBJECT_END) break;
        size_t k = 0;
        while (k < COUNTOF(names) && !str_eq(names[k], t.text)) k++;
        if (k == COUNTOF(names)) return unknown_key(x, t, "a principal", names, COUNTOF(names));
        lexeme  *values = NULL;
        uint32_t value_count = 0;
        TRY(read_list(x, "principal", false, &values, &value_count));
        for (uint32_t i = 0; i < value_count; i++)
            *ARENA_PUSH(x->a, policy_principal, s->principals, count, capacity) =
                (policy_principal){ (principal_kind)(PRINCIPAL_AWS + k), values[i] };
    }
    if (count == 0) return REFUSE(x, key.at, "`%.*s` names nobody", STR_FMT(key.text));
    s->principal_count = (uint32_t)count;
    return STATUS_OK;
}

static const str condition_names[] = {
#define CONDITION_NAME(id, name) { name, sizeof(name) - 1 },
    CONDITION_BASES(CONDITION_NAME)
#undef CONDITION_NAME
};

/* `[ForAllValues:|ForAnyValue:] Base [IfExists]`, compared ignoring case. */
static status parse_operator(parser *x, json_token name, policy_clause *c)
{
    static const str all = { "ForAllValues:", 13 }, any = { "ForAnyValue:", 12 }, exists = { "IfExists", 8 };
    str              s = name.text;
    c->name = lexeme_of(name);
    if (s.len > all.len && str_eq_nocase(str_part(s, 0, all.len), all)) {
        c->set = CONDITION_FOR_ALL;
        s = str_part(s, all.len, s.len - all.len);
    } else if (s.len > any.len && str_eq_nocase(str_part(s, 0, any.len), any)) {
        c->set = CONDITION_FOR_ANY;
        s = str_part(s, any.len, s.len - any.len);
    }
    if (s.len > exists.len && str_eq_nocase(str_part(s, s.len - exists.len, exists.len), exists)) {
        c->if_exists = true;
        s.len -= exists.len;
    }
    size_t base = 0;
    while (base < COUNTOF(condition_names) && !str_eq_nocase(condition_names[base], s)) base++;
    c->base = base < COUNTOF(condition_names) ? (condition_base)base : CONDITION_UNKNOWN;
    bool known = c->base != CONDITION_UNKNOWN && !(c->base == CONDITION_NULL && c->if_exists);
    if (known) return STATUS_OK;
    c->base = CONDITION_UNKNOWN;
    if (x->options.lenient) return STATUS_OK;
    str near = str_nearest(s, condition_names, COUNTOF(condition_names));
    if (near.ptr == NULL || str_eq_nocase(near, s))
        return REFUSE(x, name.at, "unknown condition operator `%.*s`", STR_FMT(name.text));
    return REFUSE(x, name.at, "unknown condition operator `%.*s`, did you mean `%.*s`?", STR_FMT(name.text), STR_FMT(near));
}

static status check_value(parser *x, const policy_clause *c, lexeme l)
{
    const char *expected = NULL;
    if (x->options.lenient) return STATUS_OK;
    if (c->base >= CONDITION_NUMERIC_EQUALS && c->base <= CONDITION_NUMERIC_GREATER_THAN_EQUALS)
        expected = value_number_ok(l.text) ? NULL : "a decimal number";
    else if (c->base >= CONDITION_DATE_EQUALS && c->base <= CONDITION_DATE_GREATER_THAN_EQUALS)
        expected = value_date_ok(l.text) ? NULL : "a date such as `2026-01-31T12:00:00Z`";
    else if (c->base == CONDITION_IP_ADDRESS || c->base == CONDITION_NOT_IP_ADDRESS)
        expected = value_ip_ok(l.text) ? NULL : "an address or CIDR block";
    else if (c->base == CONDITION_BINARY_EQUALS)
        expected = value_base64_ok(l.text) ? NULL : "base64";
    else if (c->base == CONDITION_NULL)
        expected = value_bool_ok(l.text) ? NULL : "`true` or `false`";
    if (expected == NULL) return STATUS_OK;
    return REFUSE(x, l.at, "`%.*s` under `%.*s`, expected %s", STR_FMT(l.text), STR_FMT(c->name.text), expected);
}

static status read_condition(parser *x, policy_statement *s)
{
    json_token t;
    size_t     count = 0, capacity = 0;
    TRY(json_expect(&x->r, JSON_OBJECT, "`Condition`", &t, x->e));
    for (;;) {
        TRY(json_next(&x->r, &t, x->e));
        if (t.kind == JSON_OBJECT_END) break;
        policy_clause under = { 0 };
        TRY(parse_operator(x, t, &under));
        TRY(json_expect(&x->r, JSON_OBJECT, "condition operator", &t, x->e));
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

static status read_effect(parser *x, policy_statement *s)
{
    json_token t;
    TRY(json_expect(&x->r, JSON_STRING, "`Effect`", &t, x->e));
    s->deny = str_is(t.text, "Deny");
    if (!s->deny && !str_is(t.text, "Allow"))
        return REFUSE(x, t.at, "unknown effect `%.*s`, expected `Allow` or `Deny`", STR_FMT(t.text));
    if (!s->deny && rules[x->options.type].deny_only && !x->options.lenient)
        return REFUSE(x, t.at, "effect `Allow` is not allowed in a %s", policy_type_name(x->options.type));
    return STATUS_OK;
}

static status read_sid(parser *x, policy_statement *s)
{
    json_token t;
    TRY(json_expect(&x->r, JSON_STRING, "`Sid`", &t, x->e));
    s->sid = lexeme_of(t);
    bool free_form = x->options.lenient || x->options.type == POLICY_RESOURCE || x->options.type == POLICY_ENDPOINT;
    for (size_t i = 0; i < t.text.len && !free_form; i++) {
        char c = char_lower(t.text.ptr[i]);
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9'))
            return REFUSE(x, t.at + 1 + i, "character `%c` in Sid `%.*s`, expected letters and digits", t.text.ptr[i],
                          STR_FMT(t.text));
    }
    return STATUS_OK;
}

typedef enum { SID, EFFECT, PRINCIPAL, NOT_PRINCIPAL, ACTION, NOT_ACTION, RESOURCE, NOT_RESOURCE, CONDITION, ELEMENTS } element;
static const str element_names[ELEMENTS] = {
    { "Sid", 3 },       { "Effect", 6 },   { "Principal", 9 },    { "NotPrincipal", 12 }, { "Action", 6 },
    { "NotAction", 9 }, { "Resource", 8 }, { "NotResource", 11 }, { "Condition", 9 },
};

static status read_element(parser *x, policy_statement *s, json_token key, element el)
{
    switch (el) {
    case SID: return read_sid(x, s);
    case EFFECT: return read_effect(x, s);
    case PRINCIPAL:
    case NOT_PRINCIPAL:
        s->has_principal = true;
        s->not_principal = el == NOT_PRINCIPAL;
        return read_principal(x, s, key);
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

/* What the statement must have and must not have, given its type. */
static status check_elements(parser *x, const policy_statement *s, unsigned seen)
{
    const element_rules *rule = &rules[x->options.type];
    const char          *type = policy_type_name(x->options.type);
    static const element pairs[][2] = { { ACTION, NOT_ACTION }, { RESOURCE, NOT_RESOURCE }, { PRINCIPAL, NOT_PRINCIPAL } };
    for (size_t i = 0; i < COUNTOF(pairs); i++)
        if ((seen >> pairs[i][0] & 1) && (seen >> pairs[i][1] & 1))
            return REFUSE(x, s->at, "statement has both `%s` and `%s`", element_names[pairs[i][0]].ptr,
                          element_names[pairs[i][1]].ptr);
    if (!(seen >> EFFECT & 1)) return REFUSE(x, s->at, "statement without `Effect`");
    if (s->action_count == 0) return REFUSE(x, s->at, "statement without `Action` or `NotAction`");
    if (x->options.lenient) return STATUS_OK;
    if (s->not_action && rule->not_action == FORBIDDEN)
        return REFUSE(x, s->at, "`NotAction` is not allowed in a %s policy", type);
    if (!s->has_resource && rule->resource == REQUIRED)
        return REFUSE(x, s->at, "statement without `Resource` or `NotResource`");
    if (s->has_resource && rule->resource == FORBIDDEN)
        return REFUSE(x, s->at, "`Resource` is not allowed in a %s policy", type);
    if (s->has_principal && !s->not_principal && rule->principal == FORBIDDEN)
        return REFUSE(x, s->at, "`Principal` is not allowed in a %s policy", type);
    if (s->not_principal && rule->not_principal == FORBIDDEN)
        return REFUSE(x, s->at, "`NotPrincipal` is not allowed in a %s policy", type);
    if (!s->has_principal && rule->principal == REQUIRED) return REFUSE(x, s->at, "statement without `Principal`");
    if (x->options.type == POLICY_RCP && s->principals[0].kind != PRINCIPAL_EVERYONE)
        return REFUSE(x, s->principals[0].value.at, "principal in an RCP, expected `*`");
    if (x->options.type != POLICY_SCP || x->options.dialect == DIALECT_SCP_FULL) return STATUS_OK;
    bool plain = !s->not_resource && s->resource_count == 1 && str_is(s->resources[0].text, "*");
    if (s->not_resource || (!s->deny && (s->clause_count > 0 || s->not_action || !plain)))
        return REFUSE(x, s->at, "not in the SCP language before September 2025: NotResource, or an Allow with "
                                "Condition, NotAction or a resource other than `*`");
    return STATUS_OK;
}

static status read_statement(parser *x, json_token open, policy_statement *s)
{
    unsigned   seen = 0;
    json_token t;
    s->at = (uint32_t)open.at;
    for (;;) {
        TRY(json_next(&x->r, &t, x->e));
        if (t.kind == JSON_OBJECT_END) break;
        size_t el = 0;
        while (el < ELEMENTS && !str_eq(element_names[el], t.text)) el++;
        if (el == ELEMENTS) return unknown_key(x, t, "a statement", element_names, ELEMENTS);
        seen |= 1u << el;
        TRY(read_element(x, s, t, (element)el));
    }
    s->end = (uint32_t)t.end;
    return check_elements(x, s, seen);
}

static status read_statements(parser *x)
{
    json_token t;
    size_t     count = 0, capacity = 0;
    TRY(json_next(&x->r, &t, x->e));
    bool array = t.kind == JSON_ARRAY;
    if (array) TRY(json_next(&x->r, &t, x->e));
    while (!array || t.kind != JSON_ARRAY_END) {
        if (t.kind != JSON_OBJECT)
            return REFUSE(x, t.at, "`Statement`: found %s, expected an object", json_kind_name(t.kind));
        policy_statement *s = ARENA_PUSH(x->a, policy_statement, x->p->statements, count, capacity);
        TRY(read_statement(x, t, s));
        if (!array) break;
        TRY(json_next(&x->r, &t, x->e));
    }
    if (count == 0 && !x->options.lenient) return REFUSE(x, t.at, "`Statement` is empty, expected at least one");
    x->p->statement_count = (uint32_t)count;
    return STATUS_OK;
}

static int sid_order(const void *a, const void *b)
{
    return str_cmp((*(const policy_statement *const *)a)->sid.text, (*(const policy_statement *const *)b)->sid.text);
}

static status check_sids(parser *x)
{
    size_t                   count = 0;
    const policy_statement **with = ARENA_NEW(x->a, const policy_statement *, x->p->statement_count);
    for (uint32_t i = 0; i < x->p->statement_count; i++)
        if (x->p->statements[i].sid.text.ptr != NULL) with[count++] = &x->p->statements[i];
    if (count > 1) qsort(with, count, sizeof *with, sid_order);
    for (size_t i = 1; i < count; i++)
        if (str_eq(with[i - 1]->sid.text, with[i]->sid.text))
            return REFUSE(x, with[i]->sid.at, "Sid `%.*s` stands twice", STR_FMT(with[i]->sid.text));
    return STATUS_OK;
}

static void count_characters(policy *p)
{
    bool string = false;
    for (size_t i = p->at; i < p->end; i++) {
        unsigned char c = (unsigned char)p->in->text.ptr[i];
        bool          space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        bool          continuation = (c & 0xc0) == 0x80;
        p->characters += !continuation;
        p->characters_minified += !continuation && (string || !space);
        if (c == '\\' && string)
            i++, p->characters++, p->characters_minified++;
        else if (c == '"')
            string = !string;
    }
    p->bytes = p->end - p->at;
}

static status read_version(parser *x)
{
    json_token t;
    TRY(json_expect(&x->r, JSON_STRING, "`Version`", &t, x->e));
    x->p->has_version = true;
    x->p->version_2012 = str_is(t.text, "2012-10-17");
    bool known = x->p->version_2012 || str_is(t.text, "2008-10-17");
    bool scp = rules[x->options.type].version == REQUIRED && !x->options.lenient;
    if (known && !(scp && !x->p->version_2012)) return STATUS_OK;
    return REFUSE(x, t.at, "unknown version `%.*s`, expected `2012-10-17`%s", STR_FMT(t.text),
                  scp ? "" : " or `2008-10-17`");
}

static status read_document(parser *x)
{
    static const str names[] = { { "Version", 7 }, { "Id", 2 }, { "Statement", 9 } };
    json_token       t;
    bool             statements = false;
    TRY(json_expect(&x->r, JSON_OBJECT, "policy", &t, x->e));
    x->p->at = (uint32_t)t.at;
    for (;;) {
        TRY(json_next(&x->r, &t, x->e));
        if (t.kind == JSON_OBJECT_END) break;
        if (str_eq(t.text, names[0])) {
            TRY(read_version(x));
        } else if (str_eq(t.text, names[1])) {
            size_t at = t.at;
            TRY(json_expect(&x->r, JSON_STRING, "`Id`", &t, x->e));
            x->p->id = lexeme_of(t);
            if (rules[x->options.type].id == FORBIDDEN && !x->options.lenient)
                return REFUSE(x, at, "`Id` is not allowed in a %s policy", policy_type_name(x->options.type));
        } else if (str_eq(t.text, names[2])) {
            statements = true;
            TRY(read_statements(x));
        } else {
            return unknown_key(x, t, "a policy", names, COUNTOF(names));
        }
    }
    x->p->end = (uint32_t)t.end;
    if (!statements) return REFUSE(x, x->p->at, "policy without `Statement`");
    if (!x->p->has_version && rules[x->options.type].version == REQUIRED && !x->options.lenient)
        return REFUSE(x, x->p->at, "policy without `Version`, expected `2012-10-17`");
    if (!x->options.lenient) TRY(check_sids(x));
    return STATUS_OK;
}

status policy_parse_part(arena *a, const source *in, size_t begin, size_t end, policy_parse_options options,
                         policy **out, err *e)
{
    if (end > INT32_MAX)
        return err_at(e, STATUS_LIMIT, (place){ in, 0 }, "text of %zu bytes, policies are read up to 2^31", end);
    parser x = { .a = a, .p = ARENA_NEW(a, policy, 1), .options = options, .e = e };
    x.p->type = options.type;
    x.p->in = in;
    json_init(&x.r, a, in, begin, end);
    TRY(read_document(&x));
    count_characters(x.p);
    *out = x.p;
    return STATUS_OK;
}

status policy_parse(arena *a, const source *in, policy_parse_options options, policy **out, err *e)
{
    return policy_parse_part(a, in, 0, in->text.len, options, out, e);
}
