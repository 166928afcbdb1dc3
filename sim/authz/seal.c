/* What a request's resource brings with it, and whether that concerns the decision. */
#include <assert.h>

#include "authz/vocabulary.h"

void authz_resource_set(authz_vocabulary *v, uint16_t id, authz_resource r)
{
    authz_resource nothing = {.policy = 0};
    assert(id <= v->slots[AUTHZ_RESOURCE].count);
    assert(r.outside.ptr == NULL || r.outside.len == VOCABULARY_ACCOUNT_LEN);
    assert(r.outside.ptr == NULL || (id > 0 && v->keys[VOCABULARY_RESOURCE].values[id].hole == AUTHZ_NO_HOLE));
    while (v->resource_count <= id)
        *ARENA_PUSH(&v->a, authz_resource, v->resources, v->resource_count, v->resource_capacity) = nothing;
    if (r.outside.ptr != NULL) r.outside = arena_str(&v->a, r.outside);
    if (r.outside.ptr != NULL) vocabulary_resource_leaves(v, id);
    v->resources[id] = r;
}

authz_resource authz_resource_get(const authz_vocabulary *v, uint16_t id)
{
    return vocabulary_resource(v, id);
}

status authz_parts_add(authz_vocabulary *v, const authz_part *parts, uint32_t count, uint16_t *id, err *e)
{
    vocabulary_parts nothing = {.count = 0};
    if (count == 0 || count > AUTHZ_PARTS_MAX)
        return err_set(e, STATUS_LIMIT, "a call names %u resources, expected 1 to %u", count, AUTHZ_PARTS_MAX);
    if (v->parts_count > AUTHZ_VALUES_MAX)
        return err_set(e, STATUS_LIMIT, "more than %u sets of resources", AUTHZ_VALUES_MAX);
    if (v->parts_count == 0)
        *ARENA_PUSH(&v->a, vocabulary_parts, v->parts, v->parts_count, v->parts_capacity) = nothing;
    authz_part *copy = ARENA_NEW(&v->a, authz_part, count);
    for (uint32_t i = 0; i < count; i++) {
        assert(parts[i].slot < v->slot_count && parts[i].slot != AUTHZ_PRINCIPAL);
        assert(parts[i].resource <= v->slots[AUTHZ_RESOURCE].count);
        assert(parts[i].slot == 0 || parts[i].value <= v->slots[parts[i].slot].count);
        copy[i] = parts[i];
    }
    *id = (uint16_t)v->parts_count;
    *ARENA_PUSH(&v->a, vocabulary_parts, v->parts, v->parts_count, v->parts_capacity) = (vocabulary_parts){copy, count};
    return STATUS_OK;
}

void authz_request_seal(const authz_vocabulary *v, authz_request *q)
{
    bool several = (q->action.flags & AUTHZ_SEVERAL) != 0, layered = several || q->account != q->owner;
    layered = layered || (q->action.flags & AUTHZ_ENDPOINT) != 0;
    if (!layered) {
        authz_resource r = vocabulary_resource(v, q->value[AUTHZ_RESOURCE]);
        layered = r.policy != 0 || r.outside.ptr != NULL;
    }
    q->action.flags = (uint8_t)((q->action.flags & ~AUTHZ_LAYERED) | (layered ? AUTHZ_LAYERED : 0));
}
