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

/* ---- names to ids, ignoring case ---- */

typedef struct {
    const name_index *index;
    uint32_t          slot;
} probe;

static name_index index_new(arena *a, size_t count)
{
    uint32_t slot_count = 64;
    while (slot_count < count * 2) slot_count *= 2;
    return (name_index){ARENA_NEW(a, uint32_t, slot_count), slot_count};
}

static probe probe_start(const name_index *index, uint64_t hash)
{
    return (probe){index, (uint32_t)hash & (index->slot_count - 1)};
}

/* The next id that may be meant, CATALOG_NONE behind the last. */
static uint32_t probe_next(probe *p)
{
    uint32_t found = p->index->slots[p->slot];
    p->slot = (p->slot + 1) & (p->index->slot_count - 1);
    return found == 0 ? CATALOG_NONE : found - 1;
}

static void index_put(name_index *index, uint64_t hash, uint32_t id)
{
    uint32_t slot = (uint32_t)hash & (index->slot_count - 1);
    while (index->slots[slot] != 0) slot = (slot + 1) & (index->slot_count - 1);
    index->slots[slot] = id + 1;
}

static uint64_t action_hash(str prefix, str name)
{
    return hash_str_nocase(name, hash_str_nocase(prefix, 0));
}

/* Where `${` begins in a key's name; the whole length where it has no variable. A key is filed under what stands
 * before. */
static size_t key_stem(str name)
{
    for (size_t i = str_find(name, '$', 0); i < name.len; i = str_find(name, '$', i + 1))
        if (i + 1 < name.len && name.ptr[i + 1] == '{') return i;
    return name.len;
}

/* What stands behind the variable. */
static str key_tail(str name, size_t stem)
{
    size_t close = str_find(name, '}', stem);
    return close == name.len ? (str){name.ptr, 0} : str_part(name, close + 1, name.len - close - 1);
}

/* Whether the key is named so: letter by letter, but for some text where the variable is. */
static bool key_named(str name, size_t stem, str key)
{
    str tail = key_tail(name, stem);
    if (stem == name.len) return str_eq_nocase(name, key);
    return key.len > stem + tail.len && str_eq_nocase(str_part(key, 0, stem), str_part(name, 0, stem)) &&
           str_eq_nocase(str_part(key, key.len - tail.len, tail.len), tail);
}

/* Among the names filed under the key's first bytes, the one that says most about its end. */
static uint32_t key_filed(const catalog *c, str key, size_t stem)
{
    uint32_t best = CATALOG_NONE;
    probe    p = probe_start(&c->by_key, hash_str_nocase(str_part(key, 0, stem), 0));
    for (uint32_t id; (id = probe_next(&p)) != CATALOG_NONE;) {
        str name = c->keys[id].name;
        if (key_stem(name) != stem || !key_named(name, stem, key)) continue;
        if (best == CATALOG_NONE || key_tail(name, stem).len > key_tail(c->keys[best].name, stem).len) best = id;
    }
    return best;
}

uint32_t catalog_service_find(const catalog *c, str prefix)
{
    probe p = probe_start(&c->by_service, hash_str_nocase(prefix, 0));
    for (uint32_t id; (id = probe_next(&p)) != CATALOG_NONE;)
        if (str_eq_nocase(c->services[id].prefix, prefix)) return id;
    return CATALOG_NONE;
}

uint32_t catalog_action_find(const catalog *c, str action)
{
    size_t colon = str_find(action, ':', 0);
    if (colon == action.len) return CATALOG_NONE;
    str   prefix = str_part(action, 0, colon), name = str_part(action, colon + 1, action.len - colon - 1);
    probe p = probe_start(&c->by_action, action_hash(prefix, name));
    for (uint32_t id; (id = probe_next(&p)) != CATALOG_NONE;)
        if (str_eq_nocase(c->actions[id].name, name) &&
            str_eq_nocase(c->services[c->actions[id].service].prefix, prefix))
            return id;
    return CATALOG_NONE;
}

uint32_t catalog_key_find(const catalog *c, str key)
{
    uint32_t id = key_filed(c, key, key.len);
    for (size_t i = 1; i < key.len && id == CATALOG_NONE; i++) /* a variable follows one of these */
        if (memchr("/:.-", key.ptr[i - 1], 4) != NULL) id = key_filed(c, key, i);
    return id;
}

/* ---- reading the text ---- */

typedef struct {
    const uint32_t *items;
    uint32_t        count;
} id_list;

typedef struct {
    arena        *a;
    catalog      *c;
    const source *in;
    err          *e;
    size_t        service_capacity, action_capacity, resource_capacity, key_capacity;
    id_list      *lists;
    size_t        list_count, list_capacity;
    str           line;
} loader;

static status bad_line(const loader *l, str at, const char *expected)
{
    size_t offset = (size_t)(at.ptr - l->in->text.ptr);
    return err_at(l->e, STATUS_SYNTAX, (place){l->in, offset}, "catalogue: found `%.*s`, expected %s",
                  (int)(at.len < 80 ? at.len : 80), at.ptr, expected);
}

/* Cuts off what stands before the next separator; empty at the end. */
static str take(str *rest, char separator)
{
    size_t end = str_find(*rest, separator, 0), next = end < rest->len ? end + 1 : end;
    str    field = str_part(*rest, 0, end);
    *rest = str_part(*rest, next, rest->len - next);
    return field;
}

/* `3! 1! 7`: numbers below bound, to which base is added; the marked ones, where there may be any, come first. */
static status read_ids(loader *l, str text, uint32_t base, size_t bound, id_list *out, uint32_t *marked)
{
    size_t count = text.len > 0;
    for (size_t i = 0; i < text.len; i++) count += text.ptr[i] == ' ';
    uint32_t *items = ARENA_NEW(l->a, uint32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        str      field = take(&text, ' '), digits = field;
        uint64_t v = 0;
        if (marked != NULL && field.len > 0 && field.ptr[field.len - 1] == '!') {
            if (i != (*marked)++) return bad_line(l, field, "the marked numbers first");
            digits.len--;
        }
        if (!str_to_u64(digits, &v) || v >= bound) return bad_line(l, field, "the number of a line above");
        items[i] = base + (uint32_t)v;
    }
    *out = (id_list){items, (uint32_t)count};
    return STATUS_OK;
}

static status read_list_number(const loader *l, str number, id_list *out)
{
    uint64_t v = 0;
    if (!str_to_u64(number, &v) || v >= l->list_count) return bad_line(l, number, "the number of a list of keys");
    *out = l->lists[v];
    return STATUS_OK;
}

static status read_key(loader *l, str rest)
{
    static const struct {
        str              name;
        catalog_key_type type;
    } types[] = {{{"String", 6}, CATALOG_KEY_STRING}, {{"ARN", 3}, CATALOG_KEY_ARN},
                 {{"Bool", 4}, CATALOG_KEY_BOOL},     {{"Numeric", 7}, CATALOG_KEY_NUMERIC},
                 {{"Date", 4}, CATALOG_KEY_DATE},     {{"IPAddress", 9}, CATALOG_KEY_IP},
                 {{"Binary", 6}, CATALOG_KEY_BINARY}};
    catalog_key key = {.name = take(&rest, '\t')};
    str         named = take(&rest, '\t'), type = named;
    key.category = take(&rest, '\t');
    key.multivalued = str_starts(type, STR("ArrayOf"));
    if (key.multivalued) (void)take(&type, 'f');
    size_t i = 0;
    while (i < COUNTOF(types) && !str_eq(types[i].name, type)) i++;
    if (key.name.len == 0 || i == COUNTOF(types)) return bad_line(l, l->line, "a key's name and a known type");
    size_t stem = key_stem(key.name);
    if (stem < key.name.len && (stem == 0 || str_find(key.name, '}', stem) == key.name.len ||
                                memchr("/:.-", key.name.ptr[stem - 1], 4) == NULL))
        return bad_line(l, key.name, "`${…}` behind one of `/:.-`");
    key.type = types[i].type;
    *ARENA_PUSH(l->a, catalog_key, l->c->keys, l->c->key_count, l->key_capacity) = key;
    return STATUS_OK;
}

static status read_service(loader *l, str rest)
{
    catalog *c = l->c;
    id_list  keys = {0};
    str      prefix = take(&rest, '\t'), name = take(&rest, '\t'), number = take(&rest, '\t'), rcp = take(&rest, '\t');
    if (prefix.len == 0) return bad_line(l, l->line, "a service's prefix");
    if (rcp.len > 0 && !str_is(rcp, "rcp")) return bad_line(l, rcp, "`rcp` or nothing");
    TRY(read_list_number(l, number, &keys));
    *ARENA_PUSH(l->a, catalog_service, c->services, c->service_count, l->service_capacity) =
        (catalog_service){.prefix = prefix,
                          .name = name,
                          .rcp = rcp.len > 0,
                          .keys = keys.items,
                          .key_count = keys.count,
                          .action_first = (uint32_t)c->action_count,
                          .resource_first = (uint32_t)c->resource_count};
    return STATUS_OK;
}

/* `~rest` is short for the ARN shape that most resource types of a service share. */
static str whole_arn(loader *l, str arn, str prefix)
{
    if (arn.len == 0 || arn.ptr[0] != '~') return arn;
    return arena_format(l->a, "arn:${Partition}:%.*s:${Region}:${Account}:%.*s", STR_FMT(prefix), (int)arn.len - 1,
                        arn.ptr + 1);
}

static status read_resource(loader *l, str rest)
{
    catalog *c = l->c;
    id_list  keys = {0};
    str      name = take(&rest, '\t'), arn = take(&rest, '\t'), number = take(&rest, '\t');
    if (c->service_count == 0 || name.len == 0 || arn.len == 0)
        return bad_line(l, l->line, "a service, then a resource type with its ARN");
    TRY(read_list_number(l, number, &keys));
    catalog_service *s = &c->services[c->service_count - 1];
    *ARENA_PUSH(l->a, catalog_resource, c->resources, c->resource_count, l->resource_capacity) =
        (catalog_resource){.name = name,
                           .arn = whole_arn(l, arn, s->prefix),
                           .service = (uint32_t)c->service_count - 1,
                           .keys = keys.items,
                           .key_count = keys.count};
    s->resource_count++;
    return STATUS_OK;
}

static status read_action(loader *l, str access, str rest)
{
    static const char letters[] = "lrtwp"; /* in the order of catalog_access */
    catalog          *c = l->c;
    str               name = take(&rest, '\t'), number = take(&rest, '\t'), types = take(&rest, '\t');
    id_list           keys = {0}, resources = {0};
    if (c->service_count == 0 || name.len == 0)
        return bad_line(l, l->line, "a service, then access letters and an action");
    catalog_service *s = &c->services[c->service_count - 1];
    catalog_action   action = {.name = name, .service = (uint32_t)c->service_count - 1};
    for (size_t i = 0; i < access.len; i++) {
        const char *letter = memchr(letters, access.ptr[i], sizeof letters - 1);
        if (letter == NULL) return bad_line(l, l->line, "a line kind among `KLSR`, or access letters among `lrtwp`");
        action.access |= (uint8_t)(1u << (letter - letters));
    }
    if (number.len > 0) TRY(read_list_number(l, number, &keys));
    TRY(read_ids(l, types, s->resource_first, s->resource_count, &resources, &action.required_count));
    action.resources = resources.items;
    action.resource_count = resources.count;
    action.keys = keys.items;
    action.key_count = keys.count;
    *ARENA_PUSH(l->a, catalog_action, c->actions, c->action_count, l->action_capacity) = action;
    s->action_count++;
    return STATUS_OK;
}

static status read_line(loader *l)
{
    str     rest = l->line;
    id_list list = {0};
    if (rest.len < 2 || rest.ptr[1] != '\t') {
        str access = take(&rest, ' ');
        return read_action(l, access, rest);
    }
    (void)take(&rest, '\t');
    switch (l->line.ptr[0]) {
    case 'K': return read_key(l, rest);
    case 'S': return read_service(l, rest);
    case 'R': return read_resource(l, rest);
    case 'L':
        TRY(read_ids(l, rest, 0, l->c->key_count, &list, NULL));
        *ARENA_PUSH(l->a, id_list, l->lists, l->list_count, l->list_capacity) = list;
        return STATUS_OK;
    default: return bad_line(l, l->line, "a line kind among `KLSR`");
    }
}

static status read_header(loader *l, str *rest)
{
    static const char *const names[] = {"orgsim.catalog/2", "date", "source"};
    str *const               values[] = {NULL, &l->c->dated, &l->c->origin};
    for (size_t i = 0; i < COUNTOF(names); i++) {
        str line = take(rest, '\n'), value = line;
        if (!str_is(take(&value, '\t'), names[i]) || (values[i] != NULL && value.len == 0))
            return bad_line(l, line, names[i]);
        if (values[i] != NULL) *values[i] = value;
    }
    return STATUS_OK;
}

/* Each service's actions in order, 64 a chunk; services in order. */
static status assign_chunks(loader *l)
{
    catalog *c = l->c;
    size_t   chunk_count = 0;
    for (size_t i = 0; i < c->service_count; i++) chunk_count += (c->services[i].action_count + 63) / 64;
    if (chunk_count > UINT16_MAX)
        return err_at(l->e, STATUS_LIMIT, (place){l->in, 0}, "catalogue: %zu chunks of actions, expected at most %u",
                      chunk_count, UINT16_MAX);
    c->chunk_service = ARENA_NEW(l->a, uint32_t, chunk_count);
    c->chunk_action = ARENA_NEW(l->a, uint32_t, chunk_count);
    for (size_t i = 0; i < c->service_count; i++) {
        catalog_service *s = &c->services[i];
        s->chunk_first = (uint16_t)c->chunk_count;
        s->chunk_count = (uint16_t)((s->action_count + 63) / 64);
        for (uint32_t k = 0; k < s->action_count; k++) {
            uint32_t chunk = s->chunk_first + k / 64;
            c->actions[s->action_first + k].handle = (action_handle){(uint16_t)chunk, (uint8_t)(k % 64), 0};
            if (k % 64 != 0) continue;
            c->chunk_service[chunk] = (uint32_t)i;
            c->chunk_action[chunk] = s->action_first + k;
            c->chunk_count++;
        }
    }
    return STATUS_OK;
}

static status index_names(loader *l)
{
    catalog *c = l->c;
    c->by_service = index_new(l->a, c->service_count);
    c->by_action = index_new(l->a, c->action_count);
    c->by_key = index_new(l->a, c->key_count);
    for (uint32_t i = 0; i < c->service_count; i++) {
        str prefix = c->services[i].prefix;
        if (catalog_service_find(c, prefix) != CATALOG_NONE) return bad_line(l, prefix, "each service once");
        index_put(&c->by_service, hash_str_nocase(prefix, 0), i);
    }
    for (uint32_t i = 0; i < c->action_count; i++)
        index_put(&c->by_action, action_hash(c->services[c->actions[i].service].prefix, c->actions[i].name), i);
    for (uint32_t i = 0; i < c->key_count; i++) {
        str stem = str_part(c->keys[i].name, 0, key_stem(c->keys[i].name));
        index_put(&c->by_key, hash_str_nocase(stem, 0), i);
    }
    return STATUS_OK;
}

status catalog_load(arena *a, const source *text, catalog **out, err *e)
{
    loader l = {.a = a, .c = ARENA_NEW(a, catalog, 1), .in = text, .e = e};
    str    rest = text->text;
    TRY(read_header(&l, &rest));
    (void)ARENA_PUSH(a, id_list, l.lists, l.list_count, l.list_capacity); /* list 0 is empty */
    while (rest.len > 0) {
        l.line = take(&rest, '\n');
        TRY(read_line(&l));
    }
    TRY(assign_chunks(&l));
    TRY(index_names(&l));
    *out = l.c;
    return STATUS_OK;
}

/* ---- reading the tables ---- */

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

uint32_t catalog_resource_count(const catalog *c)
{
    return (uint32_t)c->resource_count;
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
