#include "policy/case.h"

#include "policy/parse.h"

typedef struct {
    arena       *a;
    json_reader  r;
    policy_case *c;
    err         *e;
} row_reader;

/* `what`: found a number, expected … */
static status found(row_reader *x, json_token t, const char *what, const char *expected)
{
    return err_at(x->e, STATUS_INVALID, json_place(&x->r, t.at), "`%s`: found %s, expected %s", what,
                  json_kind_name(t.kind), expected);
}

/* The document that comes next. */
static status read_policy(row_reader *x, policy_type type, const policy **out)
{
    policy *p = NULL;
    size_t  begin = 0, end = 0;
    TRY(json_skip(&x->r, &begin, &end, x->e));
    TRY(policy_parse_part(x->a, x->r.in, begin, end, (policy_parse_options){.type = type, .lenient = true}, &p, x->e));
    *out = p;
    return STATUS_OK;
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
    policy_case *c = x->c;
    json_token   t;
    TRY(json_next(&x->r, &t, x->e));
    if (t.kind == JSON_NULL) return STATUS_OK;
    if (t.kind != JSON_OBJECT) return found(x, t, "policies", "an object");
    for (;;) {
        TRY(json_next(&x->r, &t, x->e));
        if (t.kind == JSON_OBJECT_END) break;
        size_t begin = 0, end = 0;
        if (str_is(t.text, "scps"))
            TRY(read_levels(x, "scps", POLICY_SCP, &c->scps, &c->scp_level_count));
        else if (str_is(t.text, "rcps"))
            TRY(read_levels(x, "rcps", POLICY_RCP, &c->rcps, &c->rcp_level_count));
        else if (str_is(t.text, "identity"))
            TRY(read_set(x, "identity", POLICY_IDENTITY, &c->identity));
        else if (str_is(t.text, "resource"))
            TRY(read_lone(x, "resource", POLICY_RESOURCE, &c->resource));
        else if (str_is(t.text, "permissions_boundary"))
            TRY(read_lone(x, "permissions_boundary", POLICY_BOUNDARY, &c->boundary));
        else if (str_is(t.text, "session"))
            TRY(read_set(x, "session", POLICY_SESSION, &c->session));
        else if (str_is(t.text, "vpc_endpoint"))
            TRY(read_lone(x, "vpc_endpoint", POLICY_ENDPOINT, &c->endpoint));
        else
            TRY(json_skip(&x->r, &begin, &end, x->e));
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

static status read_request(row_reader *x)
{
    request   *q = &x->c->request;
    json_token t;
    size_t     begin = 0, end = 0;
    struct {
        const char *name;
        str        *to;
    } members[] = {{"principal", &q->principal},
                   {"action", &q->action},
                   {"resource", &q->resource},
                   {"resource_account", &q->resource_account}};
    TRY(json_expect(&x->r, JSON_OBJECT, "`request`", &t, x->e));
    size_t at = t.at;
    for (;;) {
        TRY(json_next(&x->r, &t, x->e));
        if (t.kind == JSON_OBJECT_END) break;
        size_t m = 0;
        while (m < COUNTOF(members) && !str_is(t.text, members[m].name)) m++;
        if (m < COUNTOF(members)) {
            TRY(json_expect(&x->r, JSON_STRING, members[m].name, &t, x->e));
            *members[m].to = t.text;
        } else if (str_is(t.text, "context")) {
            TRY(read_context(x));
        } else if (str_is(t.text, "aws_managed_key")) {
            TRY(json_next(&x->r, &t, x->e));
            if (t.kind != JSON_TRUE && t.kind != JSON_FALSE) return found(x, t, "aws_managed_key", "`true` or `false`");
            x->c->aws_managed_key = t.kind == JSON_TRUE;
        } else {
            TRY(json_skip(&x->r, &begin, &end, x->e));
        }
    }
    for (size_t m = 0; m < COUNTOF(members); m++)
        if (members[m].to->ptr == NULL)
            return err_at(x->e, STATUS_INVALID, json_place(&x->r, at), "request without `%s`", members[m].name);
    size_t colon = str_find(q->action, ':', 0);
    if (colon == 0 || colon + 1 >= q->action.len)
        return err_at(x->e, STATUS_INVALID, json_place(&x->r, at), "action `%.*s`, expected `service:Action`",
                      STR_FMT(q->action));
    return STATUS_OK;
}

static status read_row(row_reader *x)
{
    json_token t;
    size_t     begin = 0, end = 0;
    bool       asked = false;
    TRY(json_expect(&x->r, JSON_OBJECT, "case", &t, x->e));
    size_t at = t.at;
    for (;;) {
        TRY(json_next(&x->r, &t, x->e));
        if (t.kind == JSON_OBJECT_END) break;
        if (str_is(t.text, "id")) {
            TRY(json_expect(&x->r, JSON_STRING, "`id`", &t, x->e));
            x->c->id = t.text;
        } else if (str_is(t.text, "request")) {
            asked = true;
            TRY(read_request(x));
        } else if (str_is(t.text, "policies")) {
            TRY(read_policies(x));
        } else if (str_is(t.text, "management_account")) {
            TRY(json_next(&x->r, &t, x->e));
            if (t.kind != JSON_STRING && t.kind != JSON_NULL) return found(x, t, "management_account", "a string");
            if (t.kind == JSON_STRING) x->c->management_account = t.text;
        } else {
            TRY(json_skip(&x->r, &begin, &end, x->e));
        }
    }
    if (x->c->id.ptr == NULL) return err_at(x->e, STATUS_INVALID, json_place(&x->r, at), "case without `id`");
    if (!asked) return err_at(x->e, STATUS_INVALID, json_place(&x->r, at), "case without `request`");
    return STATUS_OK;
}

status case_read(arena *a, const source *in, size_t begin, size_t end, policy_case *out, err *e)
{
    *out = (policy_case){0};
    row_reader x = {.a = a, .c = out, .e = e};
    json_init(&x.r, a, in, begin, end);
    return read_row(&x);
}
