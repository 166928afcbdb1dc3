#include "policy/case.h"

#include "policy/parse.h"

#define NAME_SHOWN_MAX 100 /* of the user's text in one message */

typedef struct {
    arena       *a;
    json_reader  r;
    policy_case *c;
    case_options options;
    err         *e;
    size_t       resource_begin, resource_end; /* strict: its type is known when all is read */
} row_reader;

/* `what`: found a number, expected … */
static status found(row_reader *x, json_token t, const char *what, const char *expected)
{
    return err_at(x->e, STATUS_INVALID, json_place(&x->r, t.at), "`%s`: found %s, expected %s", what,
                  json_kind_name(t.kind), expected);
}

/* A member that this format does not have. */
static status read_unknown(row_reader *x, json_token name, const char *where, const str *names, size_t count)
{
    size_t begin = 0, end = 0;
    if (!x->options.strict) return json_skip(&x->r, &begin, &end, x->e);
    place at = json_place(&x->r, name.at);
    str   near = str_nearest(name.text, names, count), text = name.text;
    if (text.len > NAME_SHOWN_MAX) text.len = NAME_SHOWN_MAX;
    if (near.ptr == NULL) return err_at(x->e, STATUS_INVALID, at, "unknown member `%.*s` in %s", STR_FMT(text), where);
    return err_at(x->e, STATUS_INVALID, at, "unknown member `%.*s` in %s, did you mean `%.*s`?", STR_FMT(text), where,
                  STR_FMT(near));
}

static size_t name_index(str name, const str *names, size_t count)
{
    size_t i = 0;
    while (i < count && !str_eq(name, names[i])) i++;
    return i;
}

/* The document in->text[begin, end). */
static status parse_document(row_reader *x, size_t begin, size_t end, policy_table_options how, const policy **out)
{
    policy_parse_options options = {.type = how.type, .dialect = DIALECT_SCP_FULL, .lenient = !how.strict};
    json_reader          r;
    policy              *p = NULL;
    if (x->options.table != NULL) {
        json_init(&r, x->a, x->r.in, begin, end);
        return policy_table_read(x->options.table, x->a, &r, how, out, x->e);
    }
    TRY(policy_parse_part(x->a, x->r.in, begin, end, options, &p, x->e));
    *out = p;
    return STATUS_OK;
}

/* Every target has this one attached; no customer may write another RCP that allows, nor a variant of it. AWS
 * Organizations User Guide, "Resource control policies": the document of RCPFullAWSAccess. */
static bool is_rcp_full_access(const policy *p)
{
    const policy_statement *s = p->statements;
    if (!p->has_version || !p->version_2012 || p->id.text.ptr != NULL || p->statement_count != 1) return false;
    return s->sid.text.ptr == NULL && !s->deny && s->clause_count == 0 && s->principal_count == 1 &&
           !s->not_principal && s->principals->kind == PRINCIPAL_EVERYONE && str_is(s->principals->value.text, "*") &&
           s->action_count == 1 && str_is(s->actions->text, "*") && !s->not_action && s->resource_count == 1 &&
           str_is(s->resources->text, "*") && !s->not_resource;
}

/* As the strict grammar of its type has it, but for what AWS itself attaches. */
static status read_strict(row_reader *x, policy_type type, const policy **out)
{
    size_t        begin = 0, end = 0;
    const policy *p = NULL;
    TRY(json_skip(&x->r, &begin, &end, x->e));
    if (type == POLICY_RCP && parse_document(x, begin, end, (policy_table_options){type, false}, &p) == STATUS_OK &&
        is_rcp_full_access(p)) {
        *out = p;
        return STATUS_OK;
    }
    return parse_document(x, begin, end, (policy_table_options){type, true}, out);
}

/* The document that comes next. */
static status read_policy(row_reader *x, policy_type type, const policy **out)
{
    size_t begin = 0, end = 0;
    if (x->options.strict) return read_strict(x, type, out);
    if (x->options.table != NULL)
        return policy_table_read(x->options.table, x->a, &x->r, (policy_table_options){type, false}, out, x->e);
    TRY(json_skip(&x->r, &begin, &end, x->e));
    return parse_document(x, begin, end, (policy_table_options){type, false}, out);
}

/* One document; null is none. */
static status read_lone(row_reader *x, const char *name, policy_type type, const policy **out)
{
    json_token t;
    TRY(json_peek(&x->r, &t, x->e));
    if (t.kind == JSON_OBJECT) return read_policy(x, type, out);
    if (t.kind != JSON_NULL) return found(x, t, name, "one policy, which is an object, or null");
    return json_next(&x->r, &t, x->e);
}

/* Six parts, the last of which may hold colons; the fifth is the account. */
static bool is_arn(str s, str *service, str *account)
{
    size_t colons[5], at = 0;
    if (!str_starts(s, STR("arn:"))) return false;
    for (size_t i = 0; i < COUNTOF(colons); i++) {
        colons[i] = str_find(s, ':', at);
        at = colons[i] + 1;
        if (at >= s.len) return false;
    }
    *service = str_part(s, colons[1] + 1, colons[2] - colons[1] - 1);
    *account = str_part(s, colons[3] + 1, colons[4] - colons[3] - 1);
    return true;
}

/* What the policy of a resource may say depends on the resource, which a row may name later. */
static status read_resource(row_reader *x)
{
    json_token t;
    TRY(json_peek(&x->r, &t, x->e));
    if (!x->options.strict || t.kind != JSON_OBJECT) return read_lone(x, "resource", POLICY_RESOURCE, &x->c->resource);
    return json_skip(&x->r, &x->resource_begin, &x->resource_end, x->e);
}

/* A role has a trust policy. It is decided by as any other: the strict grammar is only asked whether it takes it. */
static status settle_resource(row_reader *x)
{
    const request *q = &x->c->request;
    const policy  *p = NULL;
    str            service, account, arn = q->resource;
    if (x->resource_end == 0) return STATUS_OK;
    bool role = is_arn(arn, &service, &account) && str_is(service, "iam") &&
                str_starts(str_part(arn, (size_t)(account.ptr - arn.ptr) + account.len + 1, arn.len), STR("role/"));
    policy_table_options how = {role ? POLICY_TRUST : POLICY_RESOURCE, true};
    TRY(parse_document(x, x->resource_begin, x->resource_end, how, &p));
    if (role)
        TRY(parse_document(x, x->resource_begin, x->resource_end, (policy_table_options){POLICY_RESOURCE, false}, &p));
    x->c->resource = p;
    return STATUS_OK;
}

/* A set: an array of documents, or a lone one; null is none. */
static status read_set(row_reader *x, const char *name, policy_type type, policy_level *out)
{
    const policy **items = NULL;
    size_t         count = 0, capacity = 0;
    json_token     t;
    TRY(json_peek(&x->r, &t, x->e));
    if (t.kind == JSON_OBJECT) {
        items = ARENA_NEW(x->a, const policy *, 1);
        *out = (policy_level){items, 1};
        return read_policy(x, type, items);
    }
    TRY(json_next(&x->r, &t, x->e));
    if (t.kind == JSON_NULL) return STATUS_OK;
    if (t.kind != JSON_ARRAY) return found(x, t, name, "an array of policies");
    for (;;) {
        TRY(json_peek(&x->r, &t, x->e));
        if (t.kind == JSON_ARRAY_END) break;
        if (t.kind != JSON_OBJECT) return found(x, t, name, "a policy, which is an object");
        TRY(read_policy(x, type, ARENA_PUSH(x->a, const policy *, items, count, capacity)));
    }
    *out = (policy_level){items, (uint32_t)count};
    return json_next(&x->r, &t, x->e);
}

/* Levels from the root down; none is as good as null. */
static status read_levels(row_reader *x, const char *name, policy_type type, policy_level **out, uint32_t *out_count)
{
    policy_level *levels = NULL;
    size_t        count = 0, capacity = 0;
    json_token    t;
    TRY(json_next(&x->r, &t, x->e));
    if (t.kind == JSON_NULL) return STATUS_OK;
    if (t.kind != JSON_ARRAY) return found(x, t, name, "an array of levels");
    for (;;) {
        TRY(json_peek(&x->r, &t, x->e));
        if (t.kind == JSON_ARRAY_END) break;
        if (t.kind != JSON_ARRAY) return found(x, t, name, "a level, which is an array of policies");
        TRY(read_set(x, name, type, ARENA_PUSH(x->a, policy_level, levels, count, capacity)));
    }
    *out = levels;
    *out_count = (uint32_t)count;
    return json_next(&x->r, &t, x->e);
}

static status read_policies(row_reader *x)
{
    enum { SCPS, RCPS, IDENTITY, RESOURCE, BOUNDARY, SESSION, ENDPOINT, COUNT };
    static const str names[COUNT] = {
        [SCPS] = {"scps", 4},
        [RCPS] = {"rcps", 4},
        [IDENTITY] = {"identity", 8},
        [RESOURCE] = {"resource", 8},
        [SESSION] = {"session", 7},
        [BOUNDARY] = {"permissions_boundary", 20},
        [ENDPOINT] = {"vpc_endpoint", 12},
    };
    policy_case *c = x->c;
    json_token   t;
    TRY(json_next(&x->r, &t, x->e));
    if (t.kind == JSON_NULL) return STATUS_OK;
    if (t.kind != JSON_OBJECT) return found(x, t, "policies", "an object");
    for (;;) {
        TRY(json_next(&x->r, &t, x->e));
        if (t.kind == JSON_OBJECT_END) break;
        switch (name_index(t.text, names, COUNT)) {
        case SCPS: TRY(read_levels(x, "scps", POLICY_SCP, &c->scps, &c->scp_level_count)); break;
        case RCPS: TRY(read_levels(x, "rcps", POLICY_RCP, &c->rcps, &c->rcp_level_count)); break;
        case IDENTITY: TRY(read_set(x, "identity", POLICY_IDENTITY, &c->identity)); break;
        case RESOURCE: TRY(read_resource(x)); break;
        case BOUNDARY: TRY(read_lone(x, "permissions_boundary", POLICY_BOUNDARY, &c->boundary)); break;
        case SESSION: TRY(read_set(x, "session", POLICY_SESSION, &c->session)); break;
        case ENDPOINT: TRY(read_lone(x, "vpc_endpoint", POLICY_ENDPOINT, &c->endpoint)); break;
        default: TRY(read_unknown(x, t, "`policies`", names, COUNT));
        }
    }
    c->scps_apply = c->scp_level_count > 0;
    c->rcps_apply = c->rcp_level_count > 0;
    return STATUS_OK;
}

static status read_context(row_reader *x)
{
    request   *q = &x->c->request;
    size_t     count = 0, capacity = 0;
    json_token t;
    TRY(json_next(&x->r, &t, x->e));
    if (t.kind == JSON_NULL) return STATUS_OK;
    if (t.kind != JSON_OBJECT) return found(x, t, "context", "an object");
    for (;;) {
        TRY(json_next(&x->r, &t, x->e));
        if (t.kind == JSON_OBJECT_END) break;
        request_key *k = ARENA_PUSH(x->a, request_key, q->context, count, capacity);
        size_t       values = 0, value_capacity = 0;
        k->key = t.text;
        TRY(json_next(&x->r, &t, x->e));
        k->is_array = t.kind == JSON_ARRAY;
        if (k->is_array) TRY(json_next(&x->r, &t, x->e));
        while (!k->is_array || t.kind != JSON_ARRAY_END) {
            if (t.kind != JSON_STRING)
                return err_at(x->e, STATUS_INVALID, json_place(&x->r, t.at),
                              "context key `%.*s`: found %s, expected a string%s", STR_FMT(k->key),
                              json_kind_name(t.kind), k->is_array ? "" : " or an array of strings");
            *ARENA_PUSH(x->a, str, k->values, values, value_capacity) = t.text;
            if (!k->is_array) break;
            TRY(json_next(&x->r, &t, x->e));
        }
        k->value_count = (uint32_t)values;
    }
    q->context_count = (uint32_t)count;
    return STATUS_OK;
}

static status read_text(row_reader *x, str name, str *out, size_t *at)
{
    json_token t;
    TRY(json_next(&x->r, &t, x->e));
    if (t.kind != JSON_STRING) return found(x, t, name.ptr, "a string");
    *out = t.text;
    *at = t.at;
    return STATUS_OK;
}

static status read_flag(row_reader *x, const char *name, bool *out)
{
    json_token t;
    TRY(json_next(&x->r, &t, x->e));
    if (t.kind != JSON_TRUE && t.kind != JSON_FALSE) return found(x, t, name, "`true` or `false`");
    *out = t.kind == JSON_TRUE;
    return STATUS_OK;
}

/* ---- what a request may say ---- */

static status unlike(row_reader *x, size_t at, str name, str text, const char *expected)
{
    str shown = text.len > NAME_SHOWN_MAX ? str_part(text, 0, NAME_SHOWN_MAX) : text;
    return err_at(x->e, STATUS_INVALID, json_place(&x->r, at), "`%.*s`: found `%.*s`, expected %s", STR_FMT(name),
                  STR_FMT(shown), expected);
}

static bool is_account(str s)
{
    size_t digits = 0;
    while (digits < s.len && s.ptr[digits] >= '0' && s.ptr[digits] <= '9') digits++;
    return digits == 12 && s.len == 12;
}

static bool is_principal(str s)
{
    str service, account;
    if (str_is(s, "anonymous")) return true;
    if (!str_starts(s, STR("arn:")))
        return str_find(s, '.', 0) < s.len && str_find(s, ':', 0) == s.len && str_find(s, ' ', 0) == s.len;
    if (!is_arn(s, &service, &account)) return false;
    bool in_account = str_is(service, "iam") || str_is(service, "sts");
    return !in_account || is_account(account);
}

/* One name of one service: a pattern asks for nothing that could be decided. */
static bool is_action(str s)
{
    size_t colon = str_find(s, ':', 0);
    if (colon == 0 || colon + 1 >= s.len) return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                    c == '_' || c == '.' || i == colon;
        if (!fine) return false;
    }
    return true;
}

static bool is_resource(str s)
{
    str service, account;
    return str_is(s, "*") || is_arn(s, &service, &account);
}

static status read_request(row_reader *x)
{
    enum { PRINCIPAL, ACTION, RESOURCE, RESOURCE_ACCOUNT, TEXTS, CONTEXT = TEXTS, AWS_MANAGED_KEY, COUNT };
    static const str names[COUNT] = {
        [PRINCIPAL] = {"principal", 9}, [ACTION] = {"action", 6},
        [RESOURCE] = {"resource", 8},   [RESOURCE_ACCOUNT] = {"resource_account", 16},
        [CONTEXT] = {"context", 7},     [AWS_MANAGED_KEY] = {"aws_managed_key", 15},
    };
    request *q = &x->c->request;
    static bool (*const fits[TEXTS])(str) = {is_principal, is_action, is_resource, is_account};
    static const char *const expected[TEXTS] = {
        "the ARN of a principal, with 12 digits of its account, a service such as `ec2.amazonaws.com` or `anonymous`",
        "`service:Action`", "an ARN, which has six parts, or `*`", "an account of 12 digits"};
    str *const texts[TEXTS] = {&q->principal, &q->action, &q->resource, &q->resource_account};
    size_t     places[TEXTS] = {0};
    json_token t;
    TRY(json_next(&x->r, &t, x->e));
    if (t.kind != JSON_OBJECT) return found(x, t, "request", "an object");
    size_t at = t.at;
    for (;;) {
        TRY(json_next(&x->r, &t, x->e));
        if (t.kind == JSON_OBJECT_END) break;
        size_t name = name_index(t.text, names, COUNT);
        if (name < TEXTS)
            TRY(read_text(x, names[name], texts[name], &places[name]));
        else if (name == CONTEXT)
            TRY(read_context(x));
        else if (name == AWS_MANAGED_KEY)
            TRY(read_flag(x, names[name].ptr, &x->c->aws_managed_key));
        else
            TRY(read_unknown(x, t, "`request`", names, COUNT));
    }
    for (size_t m = 0; m < TEXTS; m++)
        if (texts[m]->len == 0)
            return err_at(x->e, STATUS_INVALID, json_place(&x->r, at), "request %s `%s`",
                          texts[m]->ptr == NULL ? "without" : "with an empty", names[m].ptr);
    for (size_t m = 0; m < TEXTS; m++)
        if (!fits[m](*texts[m])) return unlike(x, places[m], names[m], *texts[m], expected[m]);
    return STATUS_OK;
}

static status read_management(row_reader *x)
{
    json_token t;
    TRY(json_next(&x->r, &t, x->e));
    if (t.kind != JSON_STRING && t.kind != JSON_NULL) return found(x, t, "management_account", "a string");
    if (t.kind == JSON_NULL) return STATUS_OK;
    if (!is_account(t.text)) return unlike(x, t.at, STR("management_account"), t.text, "an account of 12 digits");
    x->c->management_account = t.text;
    return STATUS_OK;
}

static status read_row(row_reader *x)
{
    enum { ID, REQUEST, POLICIES, MANAGEMENT, EVALUATED, COUNT = EVALUATED + 3 };
    static const str names[COUNT] = {
        [ID] = {"id", 2},
        [REQUEST] = {"request", 7},
        [POLICIES] = {"policies", 8},
        [MANAGEMENT] = {"management_account", 18},
        {"source", 6}, /* these are for others */
        {"expected", 8},
        {"notes", 5},
    };
    json_token t;
    size_t     begin = 0, end = 0;
    bool       asked = false;
    TRY(json_expect(&x->r, JSON_OBJECT, "case", &t, x->e));
    size_t at = t.at;
    for (;;) {
        TRY(json_next(&x->r, &t, x->e));
        if (t.kind == JSON_OBJECT_END) break;
        size_t name = name_index(t.text, names, COUNT);
        switch (name) {
        case ID: TRY(read_text(x, names[ID], &x->c->id, &begin)); break;
        case REQUEST: TRY(read_request(x)); break;
        case POLICIES: TRY(read_policies(x)); break;
        case MANAGEMENT: TRY(read_management(x)); break;
        case COUNT: TRY(read_unknown(x, t, "a case", names, COUNT)); break;
        default: TRY(json_skip(&x->r, &begin, &end, x->e));
        }
        asked = asked || name == REQUEST;
    }
    if (x->c->id.ptr == NULL) return err_at(x->e, STATUS_INVALID, json_place(&x->r, at), "case without `id`");
    if (!asked) return err_at(x->e, STATUS_INVALID, json_place(&x->r, at), "case without `request`");
    return settle_resource(x);
}

status case_read_as(arena *a, const source *in, size_t begin, size_t end, case_options options, policy_case *out,
                    err *e)
{
    *out = (policy_case){0};
    row_reader x = {.a = a, .c = out, .options = options, .e = e};
    json_init(&x.r, a, in, begin, end);
    return read_row(&x);
}

status case_read(arena *a, const source *in, size_t begin, size_t end, policy_case *out, err *e)
{
    return case_read_as(a, in, begin, end, (case_options){NULL, false}, out, e);
}
