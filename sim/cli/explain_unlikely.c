/* explain_unlikely.c - what is odd about a question: it is decided as it stands, and said. */
#include "cli/explain.h"
#include "policy/match.h"

typedef struct {
    arena          *a;
    const question *q;
    str            *items;
    size_t          count, capacity;
} notes;

static void add(notes *n, str text)
{
    *ARENA_PUSH(n->a, str, n->items, n->count, n->capacity) = text;
}

static void action(notes *n)
{
    arena          *a = n->a;
    const question *q = n->q;
    str             name = q->c.request.action;
    size_t          colon = str_find(name, ':', 0);
    str             prefix = str_part(name, 0, colon);
    if (catalog_action_find(q->facts, name) != CATALOG_NONE) return;
    uint32_t index = catalog_service_find(q->facts, prefix);
    if (index == CATALOG_NONE || colon == name.len) {
        add(n, arena_format(a, "the catalogue of actions has no service %.*s: the action is taken as it stands",
                            STR_FMT(prefix)));
        return;
    }
    const catalog_service *service = catalog_service_at(q->facts, index);
    str                   *names = ARENA_NEW(a, str, service->action_count);
    for (uint32_t i = 0; i < service->action_count; i++)
        names[i] = catalog_action_at(q->facts, service->action_first + i)->name;
    str near = str_nearest(str_part(name, colon + 1, name.len - colon - 1), names, service->action_count);
    str hint =
        near.ptr == NULL ? STR("") : arena_format(a, "; is %.*s:%.*s meant?", STR_FMT(service->prefix), STR_FMT(near));
    add(n, arena_format(a, "the catalogue of actions does not have %.*s: it is taken as it stands%.*s", STR_FMT(name),
                        STR_FMT(hint)));
}

/* A shape of the catalogue as a pattern: `arn:*:s3:::*`. */
static str pattern_of(arena *a, str shape)
{
    str out = STR("");
    for (size_t at = 0; at < shape.len;) {
        size_t open = str_find(shape, '$', at), close = str_find(shape, '}', open);
        bool   more = open < shape.len;
        out = arena_format(a, "%.*s%.*s%s", STR_FMT(out), (int)(open - at), shape.ptr + at, more ? "*" : "");
        at = close < shape.len ? close + 1 : shape.len;
    }
    return out;
}

static void resource(notes *n)
{
    const request *r = &n->q->c.request;
    uint32_t       index = catalog_action_find(n->q->facts, r->action);
    str            expected = STR("");
    bool           plain = str_find(r->resource, '*', 0) == r->resource.len;
    if (index == CATALOG_NONE || !plain) return;
    const catalog_action *x = catalog_action_at(n->q->facts, index);
    for (uint32_t i = 0; i < x->resource_count; i++) {
        str  shape = catalog_resource_at(n->q->facts, x->resources[i])->arn;
        bool within =
            str_is(shape, "arn:${Partition}:s3:::${BucketName}") && str_find(r->resource, '/', 0) < r->resource.len;
        if (!within && match_glob_nocase(pattern_of(n->a, shape), r->resource)) return;
        if (i < 3) expected = arena_format(n->a, "%.*s%s%.*s", STR_FMT(expected), i > 0 ? ", " : "", STR_FMT(shape));
    }
    if (x->resource_count == 0)
        add(n, arena_format(n->a, "%.*s is asked on no resource, only on *", STR_FMT(r->action)));
    else
        add(n, arena_format(n->a, "%.*s is no resource of %.*s, expected %.*s", STR_FMT(r->resource),
                            STR_FMT(r->action), STR_FMT(expected)));
}

/* Keys of others than AWS have names of their own. */
static bool is_of_aws(const catalog *facts, str key)
{
    str prefix = str_part(key, 0, str_find(key, ':', 0));
    return str_eq_nocase(prefix, STR("aws")) || catalog_service_find(facts, prefix) != CATALOG_NONE;
}

static void keys(notes *n)
{
    const catalog *facts = n->q->facts;
    const request *r = &n->q->c.request;
    uint32_t       known = catalog_key_count(facts);
    str           *names = NULL;
    for (uint32_t i = 0; i < r->context_count; i++) {
        str key = r->context[i].key;
        if (catalog_key_find(facts, key) != CATALOG_NONE || !is_of_aws(facts, key)) continue;
        if (names == NULL) names = ARENA_NEW(n->a, str, known);
        for (uint32_t k = 0; k < known; k++) names[k] = catalog_key_at(facts, k)->name;
        str near = str_nearest(key, names, known);
        str hint = near.ptr == NULL ? STR("") : arena_format(n->a, "; is %.*s meant?", STR_FMT(near));
        add(n, arena_format(n->a, "the catalogue has no condition key %.*s%.*s", STR_FMT(key), STR_FMT(hint)));
    }
}

static void resource_policy(notes *n)
{
    const policy *p = n->q->c.resource;
    if (p == NULL || p->statement_count == 0) return;
    for (uint32_t i = 0; i < p->statement_count; i++)
        if (p->statements[i].has_principal) return;
    add(n, STR("no statement of the resource's policy has a Principal, so that none counts: is it a policy of another "
               "type?"));
}

uint32_t explain_unlikely(arena *a, const question *q, str **out)
{
    notes n = {.a = a, .q = q};
    if (q->facts != NULL) {
        action(&n);
        if (!q->is_stream) resource(&n);
        keys(&n);
    }
    resource_policy(&n);
    *out = n.items;
    return (uint32_t)n.count;
}
