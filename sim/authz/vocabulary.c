#include "authz/vocabulary.h"

#include <assert.h>

static void slot_make(authz_vocabulary *v, str key, authz_shape shape)
{
    vocabulary_slot *s = &v->slots[v->slot_count++];
    *s = (vocabulary_slot){.key = arena_str(&v->a, key), .shape = shape, .ids = intern_new(MEMORY_IMAGE, false)};
    (void)ARENA_PUSH(&v->a, vocabulary_value, s->values, s->count, s->capacity); /* id 0: absent */
    s->count = 0;
}

authz_vocabulary *authz_vocabulary_new(const catalog *facts)
{
    authz_vocabulary *v = memory_alloc(MEMORY_IMAGE, sizeof *v);
    arena_init(&v->a, MEMORY_IMAGE);
    v->facts = facts;
    slot_make(v, STR(""), AUTHZ_SINGLE); /* resource  */
    slot_make(v, STR(""), AUTHZ_SINGLE); /* principal */
    assert(v->slot_count == VOCABULARY_KEYS);
    return v;
}

void authz_vocabulary_free(authz_vocabulary *v)
{
    if (v == NULL) return;
    for (uint32_t i = 0; i < v->slot_count; i++) intern_free(v->slots[i].ids);
    arena_deinit(&v->a);
    memory_free(MEMORY_IMAGE, v);
}

str vocabulary_arn_part(str arn, size_t colons)
{
    size_t begin = 0;
    for (size_t i = 0; i < colons && begin <= arn.len; i++) begin = str_find(arn, ':', begin) + 1;
    if (begin > arn.len) return (str){arn.ptr + arn.len, 0};
    return str_part(arn, begin, (colons < 5 ? str_find(arn, ':', begin) : arn.len) - begin);
}

uint32_t vocabulary_slot_find(const authz_vocabulary *v, str key)
{
    for (uint32_t i = VOCABULARY_KEYS; i < v->slot_count; i++)
        if (str_eq_nocase(v->slots[i].key, key)) return i;
    return AUTHZ_SLOTS;
}

status authz_slot(authz_vocabulary *v, str key, authz_shape shape, uint32_t *slot, err *e)
{
    uint32_t found = vocabulary_slot_find(v, key);
    if (found < AUTHZ_SLOTS) {
        if (v->slots[found].shape != shape)
            return err_set(e, STATUS_INVALID, "context key `%.*s` is both a single value and a list", STR_FMT(key));
        *slot = found;
        return STATUS_OK;
    }
    if (v->slot_count == AUTHZ_SLOTS)
        return err_set(e, STATUS_LIMIT, "context key `%.*s`: requests carry at most %d keys", STR_FMT(key),
                       AUTHZ_SLOTS - VOCABULARY_KEYS);
    *slot = v->slot_count;
    slot_make(v, key, shape);
    return STATUS_OK;
}

/* The id of a value by its unambiguous spelling; the value itself is copied in when it is new. */
static status value_add(authz_vocabulary *v, uint32_t slot, str spelling, const str *texts, uint32_t count, size_t hole,
                        uint16_t *id, err *e)
{
    vocabulary_slot *s = &v->slots[slot];
    uint32_t         known = intern_find(s->ids, spelling);
    if (known == INTERN_NONE) {
        if (s->count == AUTHZ_VALUES_MAX)
            return err_set(e, STATUS_LIMIT, "context key `%.*s`: more than %u different values", STR_FMT(s->key),
                           AUTHZ_VALUES_MAX);
        known = intern_add(s->ids, spelling);
        str *copies = ARENA_NEW(&v->a, str, count);
        for (uint32_t i = 0; i < count; i++) copies[i] = arena_str(&v->a, texts[i]);
        size_t filled = s->count + 1;
        *ARENA_PUSH(&v->a, vocabulary_value, s->values, filled, s->capacity) = (vocabulary_value){copies, count, hole};
        s->count++;
    }
    *id = (uint16_t)(known + 1);
    return STATUS_OK;
}

status authz_value(authz_vocabulary *v, uint32_t slot, str text, size_t hole, uint16_t *id, err *e)
{
    assert(slot < v->slot_count);
    assert(hole == AUTHZ_NO_HOLE || hole <= text.len);
    if (v->slots[slot].shape != AUTHZ_SINGLE)
        return err_set(e, STATUS_INVALID, "context key `%.*s` holds lists", STR_FMT(v->slots[slot].key));
    if (hole != AUTHZ_NO_HOLE && text.len > VOCABULARY_FAMILY_BYTES)
        return err_set(e, STATUS_LIMIT, "a value with the account id in it is longer than %u bytes",
                       VOCABULARY_FAMILY_BYTES);
    str after_service = vocabulary_arn_part(text, 3);
    if (slot == VOCABULARY_RESOURCE && hole < (size_t)(after_service.ptr - text.ptr))
        return err_set(e, STATUS_INVALID, "resource `%.*s`: the account id stands behind the service", STR_FMT(text));
    if (slot == VOCABULARY_RESOURCE && str_is(text, "*")) { /* the token is "no resource" */
        *id = 0;
        return STATUS_OK;
    }
    arena scratch = v->a;
    str   spelling = hole == AUTHZ_NO_HOLE ? arena_format(&scratch, "=%.*s", STR_FMT(text))
                                           : arena_format(&scratch, "%zu=%.*s", hole, STR_FMT(text));
    return value_add(v, slot, spelling, &text, 1, hole, id, e);
}

status authz_value_list(authz_vocabulary *v, uint32_t slot, const str *texts, uint32_t count, uint16_t *id, err *e)
{
    assert(slot < v->slot_count);
    if (v->slots[slot].shape != AUTHZ_LIST)
        return err_set(e, STATUS_INVALID, "context key `%.*s` holds single values", STR_FMT(v->slots[slot].key));
    arena scratch = v->a;
    str   spelling = STR("");
    for (uint32_t i = 0; i < count; i++)
        spelling = arena_format(&scratch, "%.*s%zu=%.*s", STR_FMT(spelling), texts[i].len, STR_FMT(texts[i]));
    return value_add(v, slot, spelling, texts, count, AUTHZ_NO_HOLE, id, e);
}

uint32_t authz_slot_count(const authz_vocabulary *v)
{
    return v->slot_count;
}

uint32_t authz_value_count(const authz_vocabulary *v, uint32_t slot)
{
    assert(slot < v->slot_count);
    return (uint32_t)v->slots[slot].count;
}

/* The text of a single value, its hole filled in `room`. */
str vocabulary_fill(const vocabulary_value *value, str account_id, char *room)
{
    str text = value->texts[0];
    if (value->hole == AUTHZ_NO_HOLE) return text;
    assert(account_id.len == VOCABULARY_ACCOUNT_LEN);
    memcpy(room, text.ptr, value->hole);
    memcpy(room + value->hole, account_id.ptr, account_id.len);
    memcpy(room + value->hole + account_id.len, text.ptr + value->hole, text.len - value->hole);
    return (str){room, text.len + account_id.len};
}

void vocabulary_request(const authz_vocabulary *v, const uint16_t value[AUTHZ_SLOTS], uint32_t slots, str account_id,
                        vocabulary_text *room, request *out)
{
    *out = (request){.resource = STR("*"), .resource_account = account_id, .context = room->keys};
    for (uint32_t i = 0; i < v->slot_count; i++) {
        if (value[i] == 0 || !(slots >> i & 1) || i == AUTHZ_PRINCIPAL) continue;
        const vocabulary_value *known = &v->slots[i].values[value[i]];
        bool                    list = v->slots[i].shape == AUTHZ_LIST;
        assert(value[i] <= v->slots[i].count);
        if (!list) room->texts[i] = vocabulary_fill(known, account_id, room->filled[i]);
        if (i == VOCABULARY_RESOURCE) {
            out->resource = room->texts[i];
            continue;
        }
        /* The list's texts are only read: request_key is shared with builders, hence not const. */
        str *texts = list ? (str *)(uintptr_t)known->texts : &room->texts[i];
        room->keys[out->context_count++] = (request_key){v->slots[i].key, texts, known->count, list};
    }
}
