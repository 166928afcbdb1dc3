#include "policy/catalog.h"

#include <assert.h>

#include "base/hash.h"

typedef struct {
    uint32_t *slots; /* id + 1; 0 empty */
    uint32_t  slot_count;
} name_index;

struct catalog {
    str               dated, origin;
    catalog_service  *services;
    catalog_action   *actions;
    catalog_resource *resources;
    catalog_key      *keys;
    size_t            service_count, action_count, resource_count, key_count;
    uint32_t         *chunk_service; /* [chunk_count] */
    uint32_t         *chunk_action;  /* [chunk_count] action of bit 0 */
    uint32_t          chunk_count;
    name_index        by_service, by_action, by_key;
};

typedef struct {
    const uint32_t *items;
    uint32_t        count;
} key_list;

typedef struct {
    arena        *a;
    catalog      *c;
    const source *in;
    err          *e;
    size_t        service_capacity, action_capacity, resource_capacity, key_capacity;
    key_list     *lists;
    size_t        list_count, list_capacity;
} loader;

#define FIELDS_MAX 256

static status bad_line(loader *l, str line, const char *expected)
{
    return err_at(l->e, STATUS_SYNTAX, (place){ l->in, (size_t)(line.ptr - l->in->text.ptr) }, "catalogue: expected %s",
                  expected);
}

static size_t fields_of(str line, str out[FIELDS_MAX])
{
    size_t count = 0, begin = 0;
    for (;;) {
        size_t tab = str_find(line, '\t', begin);
        if (count < FIELDS_MAX) out[count++] = str_part(line, begin, tab - begin);
        if (tab == line.len) return count;
        begin = tab + 1;
    }
}

static status read_key(loader *l, str line, const str *f, size_t count)
{
    static const struct {
        const char      *name;
        catalog_key_type type;
    } types[] = { { "String", CATALOG_KEY_STRING },   { "ARN", CATALOG_KEY_ARN },   { "Arn", CATALOG_KEY_ARN },
                  { "Bool", CATALOG_KEY_BOOL },       { "Boolean", CATALOG_KEY_BOOL }, { "Numeric", CATALOG_KEY_NUMERIC },
                  { "Long", CATALOG_KEY_NUMERIC },    { "Integer", CATALOG_KEY_NUMERIC }, { "Date", CATALOG_KEY_DATE },
                  { "IPAddress", CATALOG_KEY_IP },    { "IpAddress", CATALOG_KEY_IP }, { "Binary", CATALOG_KEY_BINARY } };
    static const str    array = { "ArrayOf", 7 };
    if (count != 3) return bad_line(l, line, "a key's name and type");
    catalog_key *k = ARENA_PUSH(l->a, catalog_key, l->c->keys, l->c->key_count, l->key_capacity);
    k->name = f[1];
    k->multivalued = str_starts(f[2], array);
    str type = k->multivalued ? str_part(f[2], array.len, f[2].len - array.len) : f[2];
    for (size_t i = 0; i < COUNTOF(types); i++)
        if (str_is(type, types[i].name)) k->type = types[i].type;
    return STATUS_OK;
}

static status read_numbers(loader *l, str line, const str *f, size_t count, size_t bound, key_list *out)
{
    uint32_t *items = ARENA_NEW(l->a, uint32_t, count);
    for (size_t i = 0; i < count; i++) {
        uint64_t v = 0;
        str      digits = f[i].len > 0 && f[i].ptr[f[i].len - 1] == '!' ? str_part(f[i], 0, f[i].len - 1) : f[i];
        if (!str_to_u64(digits, &v) || v >= bound) return bad_line(l, line, "numbers of lines above");
        items[i] = (uint32_t)v;
    }
    *out = (key_list){ items, (uint32_t)count };
    return STATUS_OK;
}

static status list_at(loader *l, str line, str number, key_list *out)
{
    uint64_t v = 0;
    if (!str_to_u64(number, &v) || v >= l->list_count) return bad_line(l, line, "the number of a list of keys");
    *out = l->lists[v];
    return STATUS_OK;
}

static status read_service(loader *l, str line, const str *f, size_t count)
{
    if (count < 3) return bad_line(l, line, "a service's prefix and name");
    catalog_service *s = ARENA_PUSH(l->a, catalog_service, l->c->services, l->c->service_count, l->service_capacity);
    *s = (catalog_service){ .prefix = f[1],
                            .name = f[2],
                            .rcp = count > 3 && str_is(f[3], "rcp"),
                            .action_first = (uint32_t)l->c->action_count,
                            .resource_first = (uint32_t)l->c->resource_count };
    return STATUS_OK;
}

static status read_resource(loader *l, str line, const str *f, size_t count)
{
    if (count < 4 || l->c->service_count == 0) return bad_line(l, line, "a resource type of a service");
    catalog_resource *r = ARENA_PUSH(l->a, catalog_resource, l->c->resources, l->c->resource_count, l->resource_capacity);
    uint32_t          service = (uint32_t)l->c->service_count - 1;
    *r = (catalog_resource){ .name = f[1], .arn = f[2], .service = service };
    l->c->services[service].resource_count++;
    return STATUS_OK;
}

static status read_action(loader *l, str line, const str *f, size_t count)
{
    static const char letters[] = "lrtwp";
    if (count < 4 || l->c->service_count == 0) return bad_line(l, line, "an action of a service");
    uint32_t         service = (uint32_t)l->c->service_count - 1;
    catalog_service *s = &l->c->services[service];
    catalog_action  *x = ARENA_PUSH(l->a, catalog_action, l->c->actions, l->c->action_count, l->action_capacity);
    *x = (catalog_action){ .name = f[1], .service = service };
    for (size_t i = 0; i < f[2].len; i++) {
        const char *at = strchr(letters, f[2].ptr[i]);
        if (at == NULL) return bad_line(l, line, "access letters among `lrtwp`");
        x->access |= (uint8_t)(1u << (at - letters));
    }
    key_list keys = { 0 }, resources = { 0 };
    TRY(list_at(l, line, f[3], &keys));
    TRY(read_numbers(l, line, f + 4, count - 4, s->resource_count, &resources));
    for (uint32_t i = 0; i < resources.count; i++) ((uint32_t *)(uintptr_t)resources.items)[i] += s->resource_first;
    x->keys = keys.items;
    x->key_count = keys.count;
    x->resources = resources.items;
    x->resource_count = resources.count;
    s->action_count++;
    return STATUS_OK;
}

static status read_line(loader *l, str line)
{
    str    f[FIELDS_MAX];
    size_t count = fields_of(line, f);
    if (f[0].len != 1 || count < 1) return bad_line(l, line, "a line kind and fields");
    switch (f[0].ptr[0]) {
    case 'D': l->c->dated = count > 1 ? f[1] : l->c->dated; return STATUS_OK;
    case 'N': l->c->origin = count > 1 ? f[1] : l->c->origin; return STATUS_OK;
    case 'K': return read_key(l, line, f, count);
    case 'S': return read_service(l, line, f, count);
    case 'R': return read_resource(l, line, f, count);
    case 'A': return read_action(l, line, f, count);
    case 'L': break;
    default: return bad_line(l, line, "a line kind among `DNKLSRA`");
    }
    bool     none = count == 2 && f[1].len == 0;
    key_list list = { 0 };
    TRY(read_numbers(l, line, f + 1, none ? 0 : count - 1, l->c->key_count, &list));
    *ARENA_PUSH(l->a, key_list, l->lists, l->list_count, l->list_capacity) = list;
    return STATUS_OK;
}

static void chunks_assign(arena *a, catalog *c)
{
    size_t chunks = 0;
    for (size_t i = 0; i < c->service_count; i++) chunks += (c->services[i].action_count + 63) / 64;
    assert(chunks < UINT16_MAX);
    c->chunk_service = ARENA_NEW(a, uint32_t, chunks);
    c->chunk_action = ARENA_NEW(a, uint32_t, chunks);
    for (size_t i = 0; i < c->service_count; i++) {
        catalog_service *s = &c->services[i];
        s->chunk_first = (uint16_t)c->chunk_count;
        s->chunk_count = (uint16_t)((s->action_count + 63) / 64);
        for (uint32_t k = 0; k < s->chunk_count; k++) {
            c->chunk_service[c->chunk_count] = (uint32_t)i;
            c->chunk_action[c->chunk_count++] = s->action_first + k * 64;
        }
        for (uint32_t k = 0; k < s->action_count; k++)
            c->actions[s->action_first + k].handle =
                (action_handle){ (uint16_t)(s->chunk_first + k / 64), (uint8_t)(k % 64) };
    }
}

static name_index index_new(arena *a, size_t count)
{
    uint32_t slots = 64;
    while (slots < count * 2) slots *= 2;
    return (name_index){ ARENA_NEW(a, uint32_t, slots), slots };
}

static void index_put(name_index *x, uint64_t hash, uint32_t id)
{
    uint32_t i = (uint32_t)hash & (x->slot_count - 1);
    while (x->slots[i] != 0) i = (i + 1) & (x->slot_count - 1);
    x->slots[i] = id + 1;
}

#define TAG_SUFFIX STR("${TagKey}")

/* A tag key is filed under what stands before `${TagKey}`, slash included. */
static str key_stem(str name)
{
    return str_ends(name, TAG_SUFFIX) ? str_part(name, 0, name.len - TAG_SUFFIX.len) : name;
}

static uint64_t action_hash(str prefix, str name)
{
    return hash_str_nocase(name, hash_str_nocase(prefix, 0));
}

status catalog_load(arena *a, const source *text, catalog **out, err *e)
{
    loader l = { .a = a, .c = ARENA_NEW(a, catalog, 1), .in = text, .e = e };
    size_t begin = 0, line = 0;
    for (; begin < text->text.len; line++) {
        size_t end = str_find(text->text, '\n', begin);
        str    s = str_part(text->text, begin, end - begin);
        if (line == 0 && !str_is(s, "orgsim.catalog/1")) return bad_line(&l, s, "`orgsim.catalog/1`");
        if (line > 0 && s.len > 0) TRY(read_line(&l, s));
        begin = end + 1;
    }
    catalog *c = l.c;
    chunks_assign(a, c);
    c->by_service = index_new(a, c->service_count);
    c->by_action = index_new(a, c->action_count);
    c->by_key = index_new(a, c->key_count);
    for (uint32_t i = 0; i < c->service_count; i++) index_put(&c->by_service, hash_str_nocase(c->services[i].prefix, 0), i);
    for (uint32_t i = 0; i < c->action_count; i++)
        index_put(&c->by_action, action_hash(c->services[c->actions[i].service].prefix, c->actions[i].name), i);
    for (uint32_t i = 0; i < c->key_count; i++) index_put(&c->by_key, hash_str_nocase(key_stem(c->keys[i].name), 0), i);
    *out = c;
    return STATUS_OK;
}

uint32_t catalog_service_find(const catalog *c, str prefix)
{
    const name_index *x = &c->by_service;
    for (uint32_t i = (uint32_t)hash_str_nocase(prefix, 0) & (x->slot_count - 1); x->slots[i] != 0;
         i = (i + 1) & (x->slot_count - 1))
        if (str_eq_nocase(c->services[x->slots[i] - 1].prefix, prefix)) return x->slots[i] - 1;
    return CATALOG_NONE;
}

uint32_t catalog_action_find(const catalog *c, str action)
{
    size_t colon = str_find(action, ':', 0);
    if (colon == action.len) return CATALOG_NONE;
    str               prefix = str_part(action, 0, colon), name = str_part(action, colon + 1, action.len - colon - 1);
    const name_index *x = &c->by_action;
    for (uint32_t i = (uint32_t)action_hash(prefix, name) & (x->slot_count - 1); x->slots[i] != 0;
         i = (i + 1) & (x->slot_count - 1)) {
        const catalog_action *found = &c->actions[x->slots[i] - 1];
        if (str_eq_nocase(found->name, name) && str_eq_nocase(c->services[found->service].prefix, prefix))
            return x->slots[i] - 1;
    }
    return CATALOG_NONE;
}

static uint32_t stem_find(const catalog *c, str stem, bool tag)
{
    const name_index *x = &c->by_key;
    for (uint32_t i = (uint32_t)hash_str_nocase(stem, 0) & (x->slot_count - 1); x->slots[i] != 0;
         i = (i + 1) & (x->slot_count - 1)) {
        str name = c->keys[x->slots[i] - 1].name;
        if (str_ends(name, TAG_SUFFIX) == tag && str_eq_nocase(key_stem(name), stem)) return x->slots[i] - 1;
    }
    return CATALOG_NONE;
}

uint32_t catalog_key_find(const catalog *c, str key)
{
    uint32_t whole = stem_find(c, key, false);
    size_t   slash = str_find(key, '/', 0);
    if (whole != CATALOG_NONE || slash == key.len) return whole;
    return stem_find(c, str_part(key, 0, slash + 1), true);
}

uint32_t catalog_service_count(const catalog *c)
{
    return (uint32_t)c->service_count;
}

uint32_t catalog_action_count(const catalog *c)
{
    return (uint32_t)c->action_count;
}

uint32_t catalog_chunk_count(const catalog *c)
{
    return c->chunk_count;
}

uint32_t catalog_key_count(const catalog *c)
{
    return (uint32_t)c->key_count;
}

const catalog_service *catalog_service_at(const catalog *c, uint32_t i)
{
    assert(i < c->service_count);
    return &c->services[i];
}

const catalog_action *catalog_action_at(const catalog *c, uint32_t i)
{
    assert(i < c->action_count);
    return &c->actions[i];
}

const catalog_resource *catalog_resource_at(const catalog *c, uint32_t i)
{
    assert(i < c->resource_count);
    return &c->resources[i];
}

const catalog_key *catalog_key_at(const catalog *c, uint32_t i)
{
    assert(i < c->key_count);
    return &c->keys[i];
}

str catalog_dated(const catalog *c)
{
    return c->dated;
}

str catalog_source(const catalog *c)
{
    return c->origin;
}

uint32_t catalog_chunk_service(const catalog *c, uint32_t chunk)
{
    assert(chunk < c->chunk_count);
    return c->chunk_service[chunk];
}

uint32_t catalog_action_of(const catalog *c, action_handle h)
{
    assert(h.chunk < c->chunk_count);
    return c->chunk_action[h.chunk] + h.bit;
}

uint64_t catalog_chunk_mask(const catalog *c, uint32_t chunk)
{
    const catalog_service *s = &c->services[catalog_chunk_service(c, chunk)];
    uint32_t               left = s->action_first + s->action_count - c->chunk_action[chunk];
    return left >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << left) - 1;
}
