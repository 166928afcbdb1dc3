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

#define PARSE(x, begin, end, kind, out)                                                                                \
    policy_parse_part((x)->a, (x)->r.in, (begin), (end), (policy_parse_options){ .type = (kind), .lenient = true },    \
                      (out), (x)->e)

/* Policies of one level: an array of documents, or a lone one; null is none. */
static status read_level(row_reader *x, policy_type type, policy_level *out)
{
    const policy **items = NULL;
    size_t         count = 0, capacity = 0;
    json_token     t;
    TRY(json_peek(&x->r, &t, x->e));
    bool array = t.kind == JSON_ARRAY;
    if (array || t.kind == JSON_NULL) TRY(json_next(&x->r, &t, x->e));
    while (t.kind != JSON_NULL) {
        TRY(json_peek(&x->r, &t, x->e));
        if (array && t.kind == JSON_ARRAY_END) {
            TRY(json_next(&x->r, &t, x->e));
            break;
        }
        policy *p = NULL;
        size_t  begin = 0, end = 0;
        TRY(json_skip(&x->r, &begin, &end, x->e));
        TRY(PARSE(x, begin, end, type, &p));
        *ARENA_PUSH(x->a, const policy *, items, count, capacity) = p;
        if (!array) break;
    }
    *out = (policy_level){ items, (uint32_t)count };
    return STATUS_OK;
}

static status read_scps(row_reader *x)
{
    size_t     count = 0, capacity = 0;
    json_token t;
    TRY(json_next(&x->r, &t, x->e));
    if (t.kind == JSON_NULL) return STATUS_OK;
    if (t.kind != JSON_ARRAY) return found(x, t, "scps", "an array of levels");
    for (;;) {
        TRY(json_peek(&x->r, &t, x->e));
        if (t.kind == JSON_ARRAY_END) break;
        if (t.kind != JSON_ARRAY) return found(x, t, "scps", "a level, which is an array of policies");
        TRY(read_level(x, POLICY_SCP, ARENA_PUSH(x->a, policy_level, x->c->scps, count, capacity)));
    }
    TRY(json_next(&x->r, &t, x->e));
    x->c->scp_level_count = (uint32_t)count;
    x->c->scps_apply = count > 0;
    return STATUS_OK;
}

/* A layer that is not evaluated: present where anything but null, [] and empty levels is written. */
static status read_other_layer(row_reader *x, const char *name)
{
    json_token t;
    uint32_t   depth = x->r.depth;
    do {
        TRY(json_peek(&x->r, &t, x->e));
        size_t begin = 0, end = 0;
        if (t.kind == JSON_OBJECT) {
            if (x->c->unsupported == NULL) x->c->unsupported = name;
            TRY(json_skip(&x->r, &begin, &end, x->e));
        } else if (t.kind == JSON_ARRAY || t.kind == JSON_ARRAY_END || t.kind == JSON_NULL) {
            TRY(json_next(&x->r, &t, x->e));
        } else {
            return found(x, t, name, "policies");
        }
    } while (x->r.depth > depth);
    return STATUS_OK;
}

static status read_policies(row_reader *x)
{
    static const char *const others[] = { "rcps", "resource", "permissions_boundary", "session", "vpc_endpoint" };
    json_token               t;
    TRY(json_next(&x->r, &t, x->e));
    if (t.kind == JSON_NULL) return STATUS_OK;
    if (t.kind != JSON_OBJECT) return found(x, t, "policies", "an object");
    for (;;) {
        TRY(json_next(&x->r, &t, x->e));
        if (t.kind == JSON_OBJECT_END) return STATUS_OK;
        size_t other = 0;
        while (other < COUNTOF(others) && !str_is(t.text, others[other])) other++;
        size_t begin = 0, end = 0;
        if (str_is(t.text, "scps"))
            TRY(read_scps(x));
        else if (str_is(t.text, "identity"))
            TRY(read_level(x, POLICY_IDENTITY, &x->c->identity));
        else if (other < COUNTOF(others))
            TRY(read_other_layer(x, others[other]));
        else
            TRY(json_skip(&x->r, &begin, &end, x->e));
    }
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
    } members[] = { { "principal", &q->principal },
                    { "action", &q->action },
                    { "resource", &q->resource },
                    { "resource_account", &q->resource_account } };
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
    *out = (policy_case){ 0 };
    row_reader x = { .a = a, .c = out, .e = e };
    json_init(&x.r, a, in, begin, end);
    return read_row(&x);
}
