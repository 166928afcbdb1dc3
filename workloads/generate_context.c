/* Slots, values, roles, and the vectors of context that requests are put together from. */
#include "workloads/generate_requests.h"

#include "workloads/generate_text.h"

#define COMBINATIONS_MAX 4096u
#define GLOBAL_REGION    STR("us-east-1") /* where AWS's global services have their endpoint */

/* ---- slots and values ---- */

static const char *const owner_names[] = {
    [OWNER_ROLE] = "the role",
    [OWNER_REGION] = "the region",
    [OWNER_PRINCIPAL_TAGS] = "`principal_tags`",
    [OWNER_ORIGIN] = "`origins` of sessions",
    [OWNER_SESSION] = "`keys` of sessions",
    [OWNER_TAG_SET] = "`tag_sets`",
    [OWNER_ACTION_KEY] = "`action_keys`",
    [OWNER_VIA] = "`called_via` of sessions",
    [OWNER_RESOURCE] = "the resource's owner",
};

status requests_claim(generate_requests *g, str key, slot_owner owner, bool *fresh)
{
    for (size_t i = 0; i < g->source_count; i++) {
        if (!str_eq_nocase(g->sources[i].key, key)) continue;
        *fresh = false;
        if (g->sources[i].owner == owner) return STATUS_OK;
        return err_set(g->e, STATUS_INVALID, "profile `%.*s`: context key `%.*s` comes from %s and from %s",
                       STR_FMT(g->p->name), STR_FMT(key), owner_names[g->sources[i].owner], owner_names[owner]);
    }
    *fresh = true;
    *ARENA_PUSH(&g->a, key_source, g->sources, g->source_count, g->source_capacity) = (key_source){key, owner};
    return STATUS_OK;
}

authz_shape requests_shape(const generate_requests *g, str key)
{
    uint32_t known = catalog_key_find(g->facts, key);
    bool     list = known != CATALOG_NONE && catalog_key_at(g->facts, known)->multivalued;
    return list ? AUTHZ_LIST : AUTHZ_SINGLE;
}

status requests_slot(generate_requests *g, str key, slot_owner owner, uint32_t *slot)
{
    bool fresh;
    TRY(requests_claim(g, key, owner, &fresh));
    return authz_slot(g->v, key, requests_shape(g, key), slot, g->e);
}

static status vector_set(generate_requests *g, context_vector *v, str key, slot_owner owner, str text)
{
    uint32_t slot;
    TRY(requests_slot(g, key, owner, &slot));
    if (requests_shape(g, key) == AUTHZ_LIST) return authz_value_list(g->v, slot, &text, 1, &v->value[slot], g->e);
    return authz_value(g->v, slot, text, AUTHZ_NO_HOLE, &v->value[slot], g->e);
}

/* ---- keys that go together ---- */

/* Takes up the keys that are new. */
static status bundle_keys_add(generate_requests *g, const profile_bundle *b, slot_owner owner, authz_column **columns,
                              size_t *count, size_t *capacity)
{
    for (uint32_t i = 0; i < b->count; i++) {
        bool fresh;
        TRY(requests_claim(g, b->keys[i], owner, &fresh));
        if (!fresh) continue;
        *ARENA_PUSH(&g->a, authz_column, *columns, *count, *capacity) =
            (authz_column){b->keys[i], requests_shape(g, b->keys[i]), false};
    }
    return STATUS_OK;
}

static status bundle_make(generate_requests *g, const authz_column *columns, size_t count, key_bundle *out)
{
    *out = (key_bundle){.columns = columns, .count = (uint32_t)count};
    return count == 0 ? STATUS_OK : authz_bundle(g->v, columns, out->count, &out->slot, g->e);
}

/* What the profile says of the keys; the others are absent. */
static authz_entry *bundle_entries(const key_bundle *keys, arena *a, const profile_bundle *b)
{
    authz_entry *entries = ARENA_NEW(a, authz_entry, keys->count);
    for (uint32_t i = 0; i < b->count; i++)
        for (uint32_t k = 0; k < keys->count; k++)
            if (str_eq_nocase(keys->columns[k].key, b->keys[i]))
                entries[k] = (authz_entry){&b->values[i], 1, AUTHZ_NO_HOLE};
    return entries;
}

static status bundle_set(generate_requests *g, context_vector *v, const key_bundle *keys, const authz_entry *entries)
{
    return keys->count == 0 ? STATUS_OK : authz_bundle_value(g->v, keys->slot, entries, &v->value[keys->slot], g->e);
}

/* ---- every combination of independent keys ---- */

#define VIA_COLUMNS 4u

typedef struct {
    generate_requests *g;
    slot_owner         owner;
    const profile_key *keys[AUTHZ_SLOTS];
    uint32_t           key_count;
    const profile_via *via; /* the last of what is combined */
    uint32_t           via_count;
    context_vector    *vectors;
    uint64_t          *weights;
    uint32_t           count;
} combinations;

static status weight_multiply(generate_requests *g, uint64_t *weight, uint64_t factor)
{
    if (!__builtin_mul_overflow(*weight, factor, weight)) return STATUS_OK;
    return err_set(g->e, STATUS_LIMIT, "profile `%.*s`: weights of context keys multiply beyond 64 bits",
                   STR_FMT(g->p->name));
}

/* Every combination so far with every value of one key more, "absent" (weight 0: never) included. */
static status combine_key(combinations *c, const profile_key *k)
{
    uint32_t before = c->count;
    uint64_t all = 0;
    for (uint32_t i = 0; i < k->values.count; i++) all += k->values.items[i].weight;
    uint64_t absent = k->present.den - k->present.num;
    uint32_t options = (k->present.num > 0 ? k->values.count : 0) + (absent > 0);
    if ((uint64_t)before * options > COMBINATIONS_MAX)
        return err_set(c->g->e, STATUS_LIMIT, "profile `%.*s`: more than %u combinations of context keys",
                       STR_FMT(c->g->p->name), COMBINATIONS_MAX);
    for (uint32_t i = 0; i < before; i++) {
        context_vector one = c->vectors[i];
        uint64_t       weight = c->weights[i];
        uint32_t       at = i;
        for (uint32_t value = 0; value < options; value++) {
            bool     gone = value == (k->present.num > 0 ? k->values.count : 0);
            uint64_t factor = gone ? absent : k->present.num;
            c->vectors[at] = one;
            c->weights[at] = weight;
            TRY(weight_multiply(c->g, &c->weights[at], factor));
            TRY(weight_multiply(c->g, &c->weights[at], gone ? all : k->values.items[value].weight));
            if (!gone) TRY(vector_set(c->g, &c->vectors[at], k->key, c->owner, k->values.items[value].text));
            at = before + i * (options - 1) + value;
        }
    }
    c->count = before * options;
    return STATUS_OK;
}

/* What a call shows of the services that made it. */
static status via_set(generate_requests *g, context_vector *v, const profile_via *via)
{
    static const str direct = {"false", 5}, forwarded = {"true", 4};
    const str       *all = via->services.items;
    uint32_t         count = via->services.count;
    authz_entry      entries[VIA_COLUMNS] = {{count > 0 ? all : NULL, count, AUTHZ_NO_HOLE},
                                             {count > 0 ? &all[0] : NULL, count > 0, AUTHZ_NO_HOLE},
                                             {count > 0 ? &all[count - 1] : NULL, count > 0, AUTHZ_NO_HOLE},
                                             {count > 0 ? &forwarded : &direct, 1, AUTHZ_NO_HOLE}};
    return bundle_set(g, v, &g->via, entries);
}

static status combine_via(combinations *c)
{
    uint32_t before = c->count;
    if ((uint64_t)before * c->via_count > COMBINATIONS_MAX)
        return err_set(c->g->e, STATUS_LIMIT, "profile `%.*s`: more than %u combinations of context keys",
                       STR_FMT(c->g->p->name), COMBINATIONS_MAX);
    for (uint32_t i = 0; i < before; i++) {
        context_vector one = c->vectors[i];
        uint64_t       weight = c->weights[i];
        uint32_t       at = i;
        for (uint32_t k = 0; k < c->via_count; k++) {
            c->vectors[at] = one;
            c->weights[at] = weight;
            TRY(weight_multiply(c->g, &c->weights[at], c->via[k].weight));
            TRY(via_set(c->g, &c->vectors[at], &c->via[k]));
            at = before + i * (c->via_count - 1) + k;
        }
    }
    c->count = before * c->via_count;
    return STATUS_OK;
}

/* Table over all combinations of c->keys with the `count` vectors that stand there already. */
static status combine(combinations *c, vector_table *out)
{
    for (uint32_t i = 0; i < c->key_count; i++) TRY(combine_key(c, c->keys[i]));
    if (c->via_count > 0) TRY(combine_via(c));
    context_vector *vectors = ARENA_NEW(&c->g->a, context_vector, c->count);
    memcpy(vectors, c->vectors, c->count * sizeof *vectors);
    out->vectors = vectors;
    return choice_table(&c->g->a, c->weights, c->count, &out->alias, c->g->e);
}

static combinations combinations_new(generate_requests *g, arena *scratch, slot_owner owner)
{
    return (combinations){.g = g,
                          .owner = owner,
                          .vectors = ARENA_NEW(scratch, context_vector, COMBINATIONS_MAX),
                          .weights = ARENA_NEW(scratch, uint64_t, COMBINATIONS_MAX)};
}

static void combinations_nothing(combinations *c)
{
    c->weights[0] = 1;
    c->count = 1;
}

/* ---- principals' tags and sessions ---- */

/* No endpoint's policy: 0, else its number + 1. */
static uint16_t endpoint_of(const generate_requests *g, const profile_bundle *b)
{
    const profile_requests *r = &g->p->requests;
    for (uint32_t i = 0; i < b->count; i++)
        for (uint32_t k = 0; str_eq_nocase(b->keys[i], STR("aws:SourceVpce")) && k < r->endpoint_count; k++)
            if (str_eq(r->endpoints[k].id, b->values[i])) return (uint16_t)(k + 1);
    return 0;
}

static status make_principal_tags(generate_requests *g, arena *scratch)
{
    const profile_keys *tags = &g->p->requests.principal_tags;
    combinations        c = combinations_new(g, scratch, OWNER_PRINCIPAL_TAGS);
    combinations_nothing(&c);
    for (uint32_t i = 0; i < tags->count && i < AUTHZ_SLOTS; i++) c.keys[c.key_count++] = &tags->items[i];
    return combine(&c, &g->principal_tags);
}

static status make_session(generate_requests *g, const profile_session *s, arena *scratch, vector_table *out)
{
    combinations c = combinations_new(g, scratch, OWNER_SESSION);
    if (s->origins.count > COMBINATIONS_MAX)
        return err_set(g->e, STATUS_LIMIT, "profile `%.*s`: more than %u origins", STR_FMT(g->p->name),
                       COMBINATIONS_MAX);
    for (uint32_t i = 0; i < s->origins.count; i++) {
        const profile_bundle *b = &s->origins.items[i];
        arena                 here = *scratch;
        c.weights[i] = b->weight;
        c.vectors[i].value[AUTHZ_PRINCIPAL] = endpoint_of(g, b);
        TRY(bundle_set(g, &c.vectors[i], &g->origin, bundle_entries(&g->origin, &here, b)));
    }
    c.count = s->origins.count;
    for (uint32_t i = 0; i < s->keys.count && i < AUTHZ_SLOTS; i++) c.keys[c.key_count++] = &s->keys.items[i];
    c.via = s->via;
    c.via_count = s->via_count;
    return combine(&c, out);
}

/* ---- what actions take ---- */

static bool lists_key(const generate_requests *g, const uint32_t *keys, uint32_t count, str key)
{
    uint32_t wanted = catalog_key_find(g->facts, key);
    for (uint32_t i = 0; i < count; i++)
        if (keys[i] == wanted) return true;
    return false;
}

#define EXTRA_REQUEST_TAGS (1u << 30)
#define EXTRA_TAG_KEYS     (1u << 31)

static uint32_t extras_set(const generate_requests *g, const catalog_action *x, uint32_t type)
{
    const profile_keys     *keys = &g->p->requests.action_keys;
    const catalog_resource *r = type == CATALOG_NONE ? NULL : catalog_resource_at(g->facts, type);
    uint32_t                set = 0;
    for (uint32_t i = 0; i < keys->count && i < AUTHZ_SLOTS; i++) {
        str key = keys->items[i].key;
        if (lists_key(g, x->keys, x->key_count, key) || (r != NULL && lists_key(g, r->keys, r->key_count, key)))
            set |= 1u << i;
    }
    if (lists_key(g, x->keys, x->key_count, STR("aws:RequestTag/any"))) set |= EXTRA_REQUEST_TAGS;
    if (lists_key(g, x->keys, x->key_count, STR("aws:TagKeys"))) set |= EXTRA_TAG_KEYS;
    return set;
}

/* aws:TagKeys holds the keys of the tags; without any it is absent. */
static authz_entry tag_keys_of(arena *a, const profile_bundle *b)
{
    str   *names = ARENA_NEW(a, str, b->count);
    size_t prefix = PROFILE_REQUEST_TAG.len;
    for (uint32_t i = 0; i < b->count; i++) names[i] = str_part(b->keys[i], prefix, b->keys[i].len - prefix);
    return (authz_entry){b->count > 0 ? names : NULL, b->count, AUTHZ_NO_HOLE};
}

/* The call's tags, as far as the action takes request tags, tag keys, or both. */
static status tags_set(generate_requests *g, context_vector *v, const profile_bundle *b, uint32_t set, arena scratch)
{
    static const profile_bundle untagged = {0};
    const profile_bundle       *shown = (set & EXTRA_REQUEST_TAGS) != 0 ? b : &untagged;
    authz_entry                *entries = bundle_entries(&g->tags, &scratch, shown);
    if ((set & EXTRA_TAG_KEYS) != 0) entries[g->tags.count - 1] = tag_keys_of(&scratch, b);
    return bundle_set(g, v, &g->tags, entries);
}

static status make_extras(generate_requests *g, uint32_t set, arena *scratch, vector_table *out)
{
    const profile_requests *r = &g->p->requests;
    combinations            c = combinations_new(g, scratch, OWNER_ACTION_KEY);
    bool                    tags = (set & (EXTRA_REQUEST_TAGS | EXTRA_TAG_KEYS)) != 0;
    combinations_nothing(&c);
    if (tags) c.count = r->tag_sets.count < COMBINATIONS_MAX ? r->tag_sets.count : COMBINATIONS_MAX;
    for (uint32_t i = 0; tags && i < c.count; i++) {
        const profile_bundle *b = &r->tag_sets.items[i];
        c.weights[i] = b->weight;
        TRY(tags_set(g, &c.vectors[i], b, set, *scratch));
    }
    for (uint32_t i = 0; i < r->action_keys.count && i < AUTHZ_SLOTS; i++)
        if (set >> i & 1) c.keys[c.key_count++] = &r->action_keys.items[i];
    return combine(&c, out);
}

status requests_extras(generate_requests *g, const catalog_action *x, uint32_t type, uint8_t *out)
{
    uint32_t set = extras_set(g, x, type), i = 0;
    while (i < g->extras_count && g->extras_sets[i] != set) i++;
    *out = (uint8_t)i;
    if (i < g->extras_count) return STATUS_OK;
    if (i == REQUEST_EXTRAS_MAX)
        return err_set(g->e, STATUS_LIMIT, "profile `%.*s`: more than %u sets of keys that actions take",
                       STR_FMT(g->p->name), REQUEST_EXTRAS_MAX);
    arena scratch;
    arena_init(&scratch, MEMORY_GENERAL);
    status s = make_extras(g, set, &scratch, &g->extras[i]);
    arena_deinit(&scratch);
    g->extras_sets[g->extras_count++] = set;
    return s;
}

/* ---- all of it ---- */

static status make_regions(generate_requests *g)
{
    g->region_value = ARENA_NEW(&g->a, uint16_t, g->region_count);
    TRY(requests_slot(g, STR("aws:RequestedRegion"), OWNER_REGION, &g->region_slot));
    for (uint32_t i = 0; i < g->region_count; i++)
        TRY(authz_value(g->v, g->region_slot, g->regions[i].base.name, AUTHZ_NO_HOLE, &g->region_value[i], g->e));
    return authz_value(g->v, g->region_slot, GLOBAL_REGION, AUTHZ_NO_HOLE, &g->global_region, g->e);
}

static status make_via(generate_requests *g)
{
    static const char *const keys[VIA_COLUMNS] = {"aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast",
                                                  "aws:ViaAWSService"};
    authz_column            *columns = ARENA_NEW(&g->a, authz_column, VIA_COLUMNS);
    bool                     any = false, fresh;
    for (uint32_t i = 0; i < g->p->requests.session_count; i++) any = any || g->p->requests.sessions[i].via_count > 0;
    for (uint32_t i = 0; any && i < VIA_COLUMNS; i++) {
        TRY(requests_claim(g, str_of(keys[i]), OWNER_VIA, &fresh));
        columns[i] = (authz_column){str_of(keys[i]), requests_shape(g, str_of(keys[i])), false};
    }
    return bundle_make(g, columns, any ? VIA_COLUMNS : 0, &g->via);
}

static status make_owner(generate_requests *g)
{
    TRY(requests_slot(g, STR("aws:ResourceAccount"), OWNER_RESOURCE, &g->owner_slot));
    return authz_value(g->v, g->owner_slot, STR(""), 0, &g->owner_inside, g->e);
}

static status make_bundles(generate_requests *g)
{
    const profile_requests *r = &g->p->requests;
    authz_column           *columns = NULL, tag_keys = {STR("aws:TagKeys"), AUTHZ_LIST, false};
    size_t                  count = 0, capacity = 0;
    bool                    fresh;
    for (uint32_t i = 0; i < r->session_count; i++)
        for (uint32_t k = 0; k < r->sessions[i].origins.count; k++)
            TRY(bundle_keys_add(g, &r->sessions[i].origins.items[k], OWNER_ORIGIN, &columns, &count, &capacity));
    TRY(bundle_make(g, columns, count, &g->origin));
    TRY(make_via(g));
    columns = NULL;
    count = capacity = 0;
    for (uint32_t i = 0; i < r->tag_sets.count; i++)
        TRY(bundle_keys_add(g, &r->tag_sets.items[i], OWNER_TAG_SET, &columns, &count, &capacity));
    TRY(requests_claim(g, tag_keys.key, OWNER_TAG_SET, &fresh));
    *ARENA_PUSH(&g->a, authz_column, columns, count, capacity) = tag_keys;
    return bundle_make(g, columns, count, &g->tags);
}

static status make_vectors(generate_requests *g, arena *scratch)
{
    const profile_requests *r = &g->p->requests;
    combinations            nothing = combinations_new(g, scratch, OWNER_PRINCIPAL_TAGS);
    combinations_nothing(&nothing);
    TRY(combine(&nothing, &g->untagged));
    TRY(make_principal_tags(g, scratch));
    g->sessions = ARENA_NEW(&g->a, vector_table, r->session_count);
    for (uint32_t i = 0; i < r->session_count; i++) {
        arena here = *scratch;
        TRY(make_session(g, &r->sessions[i], &here, &g->sessions[i]));
    }
    g->extras = ARENA_NEW(&g->a, vector_table, REQUEST_EXTRAS_MAX);
    g->extras_sets = ARENA_NEW(&g->a, uint32_t, REQUEST_EXTRAS_MAX);
    return STATUS_OK;
}

status requests_make_context(generate_requests *g)
{
    arena scratch;
    TRY(make_regions(g));
    TRY(requests_make_roles(g));
    TRY(make_owner(g));
    TRY(make_bundles(g));
    arena_init(&scratch, MEMORY_GENERAL);
    status s = make_vectors(g, &scratch);
    arena_deinit(&scratch);
    return s;
}
