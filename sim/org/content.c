#include "org/state.h"

#include <assert.h>

#include "base/hash.h"

/* Management policies are not evaluated: a JSON object is enough. */
static status object_check(arena *a, const source *in, err *e)
{
    json_reader r;
    json_token  t;
    size_t      begin = 0, end = 0;
    json_init(&r, a, in, 0, in->text.len);
    TRY(json_peek(&r, &t, e));
    if (t.kind != JSON_OBJECT)
        return err_at(e, STATUS_INVALID, json_place(&r, t.at), "found %s, expected an object", json_kind_name(t.kind));
    TRY(json_skip(&r, &begin, &end, e));
    return json_expect(&r, JSON_END, "the end of the document", &t, e);
}

static status content_parse(arena *a, org_content *c, bool lenient, err *e)
{
    if (c->type != ORG_TYPE_SCP && c->type != ORG_TYPE_RCP) return object_check(a, &c->in, e);
    policy_parse_options options = {
        .type = c->type == ORG_TYPE_SCP ? POLICY_SCP : POLICY_RCP, .dialect = DIALECT_SCP_FULL, .lenient = lenient};
    policy *parsed = NULL;
    TRY(policy_parse(a, &c->in, options, &parsed, e));
    c->parsed = parsed;
    return STATUS_OK;
}

status content_get(org *o, org_policy_type type, str content, bool aws_managed, const org_content **out, err *e)
{
    uint64_t key = hash_bytes(content.ptr, content.len, (uint64_t)type) >> 1;
    uint32_t id = 0;
    bool     lenient = aws_managed && type == ORG_TYPE_RCP; /* then not found by a customer's policy of the same text */
    for (; !lenient && idmap_get(o->content_index, key, &id); key++) {
        const org_content *known = o->content_list[id];
        if (known->type != type || !str_eq(known->in.text, content)) continue;
        *out = known;
        return STATUS_OK;
    }
    arena        after = o->contents; /* given up again when the content is refused */
    org_content *c = ARENA_NEW(&after, org_content, 1);
    *c = (org_content){.in = {.name = STR("Content"), .text = arena_str(&after, content)}, .type = type};
    TRY(content_parse(&after, c, lenient, e));
    o->contents = after;
    *out = c;
    if (lenient) return STATUS_OK;
    if (o->content_count == o->content_capacity) {
        uint32_t wider = o->content_capacity == 0 ? 64 : o->content_capacity * 2;
        o->content_list = memory_realloc(MEMORY_POLICY, o->content_list, o->content_capacity * sizeof(org_content *),
                                         wider * sizeof(org_content *));
        o->content_capacity = wider;
    }
    idmap_put(o->content_index, key, o->content_count);
    o->content_list[o->content_count++] = c;
    return STATUS_OK;
}
