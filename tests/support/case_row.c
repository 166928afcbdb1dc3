#include "support/case_row.h"

#include "base/json.h"
#include "policy/print.h"

typedef struct {
    arena *a;
    char  *text;
    size_t len, capacity;
} writer;

static void put(writer *w, str s)
{
    for (size_t i = 0; i < s.len; i++) *ARENA_PUSH(w->a, char, w->text, w->len, w->capacity) = s.ptr[i];
}

#define PUT(w, literal) put((w), STR(literal))

static void put_quoted(writer *w, str s)
{
    put(w, json_quote(w->a, s));
}

static void put_level(writer *w, policy_level level)
{
    PUT(w, "[");
    for (uint32_t i = 0; i < level.count; i++) {
        if (i > 0) PUT(w, ",");
        put(w, policy_print(w->a, level.policies[i]));
    }
    PUT(w, "]");
}

static void put_levels(writer *w, str name, const policy_level *levels, uint32_t count)
{
    put(w, name);
    PUT(w, "[");
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) PUT(w, ",");
        put_level(w, levels[i]);
    }
    PUT(w, "],");
}

static void put_set(writer *w, str name, policy_level level)
{
    if (level.count == 0) return;
    put(w, name);
    put_level(w, level);
    PUT(w, ",");
}

static void put_lone(writer *w, str name, const policy *p)
{
    if (p == NULL) return;
    put(w, name);
    put(w, policy_print(w->a, p));
    PUT(w, ",");
}

static void put_policies(writer *w, const policy_case *c)
{
    PUT(w, ",\"policies\":{");
    if (c->scps_apply) put_levels(w, STR("\"scps\":"), c->scps, c->scp_level_count);
    if (c->rcps_apply) put_levels(w, STR("\"rcps\":"), c->rcps, c->rcp_level_count);
    put_lone(w, STR("\"resource\":"), c->resource);
    put_lone(w, STR("\"permissions_boundary\":"), c->boundary);
    put_set(w, STR("\"session\":"), c->session);
    put_lone(w, STR("\"vpc_endpoint\":"), c->endpoint);
    PUT(w, "\"identity\":"); /* the last, so that no comma is left over */
    put_level(w, c->identity);
    PUT(w, "}");
}

static void put_request(writer *w, const policy_case *c)
{
    const request *q = &c->request;
    PUT(w, ",\"request\":{\"principal\":");
    put_quoted(w, q->principal);
    PUT(w, ",\"action\":");
    put_quoted(w, q->action);
    PUT(w, ",\"resource\":");
    put_quoted(w, q->resource);
    PUT(w, ",\"resource_account\":");
    put_quoted(w, q->resource_account);
    if (c->aws_managed_key) PUT(w, ",\"aws_managed_key\":true");
    PUT(w, ",\"context\":{");
    for (uint32_t i = 0; i < q->context_count; i++) {
        const request_key *k = &q->context[i];
        if (i > 0) PUT(w, ",");
        put_quoted(w, k->key);
        put(w, k->is_array ? STR(":[") : STR(":"));
        for (uint32_t v = 0; v < k->value_count; v++) {
            if (v > 0) PUT(w, ",");
            put_quoted(w, k->values[v]);
        }
        if (k->is_array) PUT(w, "]");
    }
    PUT(w, "}}");
}

str case_row(arena *a, const policy_case *c, str id, str expected)
{
    writer w = {.a = a};
    PUT(&w, "{\"id\":");
    put_quoted(&w, id);
    put_request(&w, c);
    put_policies(&w, c);
    if (c->management_account.ptr != NULL) {
        PUT(&w, ",\"management_account\":");
        put_quoted(&w, c->management_account);
    }
    if (expected.ptr != NULL) {
        PUT(&w, ",\"expected\":");
        put_quoted(&w, expected);
    }
    PUT(&w, "}");
    return (str){w.text, w.len};
}
