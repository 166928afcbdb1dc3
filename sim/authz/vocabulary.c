#include "authz/vocabulary.h"

#include <assert.h>
#include <inttypes.h>

#include "policy/derive.h"
#include "policy/match.h"
#include "policy/principal.h"

static const authz_entry absent_entry = {.hole = AUTHZ_NO_HOLE};

/* Absent in all values that the slot has. */
static void key_set(authz_vocabulary *v, uint32_t number, uint32_t slot, authz_column c)
{
    size_t       count = v->slots[slot].count + 1;
    authz_entry *values = ARENA_NEW(&v->a, authz_entry, count);
    for (size_t id = 0; id < count; id++) values[id] = absent_entry;
    v->keys[number] = (vocabulary_key){.key = arena_str(&v->a, c.key),
                                       .slot = slot,
                                       .shape = c.shape,
                                       .of_owner = c.of_owner,
                                       .values = values,
                                       .capacity = count};
}

static void key_make(authz_vocabulary *v, uint32_t slot, authz_column c)
{
    assert(v->key_count < VOCABULARY_DERIVED);
    key_set(v, v->key_count++, slot, c);
}

static uint32_t slot_make(authz_vocabulary *v, const authz_column *columns, uint32_t count)
{
    uint32_t slot = v->slot_count++;
    v->slots[slot] = (vocabulary_slot){v->key_count, count, intern_new(MEMORY_IMAGE, false), 0};
    for (uint32_t i = 0; i < count; i++) key_make(v, slot, columns[i]);
    return slot;
}

static void derived_make(authz_vocabulary *v)
{
    static const struct {
        uint32_t     key, slot;
        authz_column column;
    } rows[] = {
        {VOCABULARY_CURRENT_TIME, AUTHZ_RESOURCE, {{"aws:CurrentTime", 15}, AUTHZ_SINGLE, false}},
        {VOCABULARY_EPOCH_TIME, AUTHZ_RESOURCE, {{"aws:EpochTime", 13}, AUTHZ_SINGLE, false}},
        {VOCABULARY_RESOURCE_ORG_PATHS, AUTHZ_RESOURCE, {{"aws:ResourceOrgPaths", 20}, AUTHZ_LIST, true}},
        {VOCABULARY_PRINCIPAL_ORG_PATHS, AUTHZ_PRINCIPAL, {{"aws:PrincipalOrgPaths", 21}, AUTHZ_LIST, false}},
        {VOCABULARY_RESOURCE_ORG_ID, AUTHZ_RESOURCE, {{"aws:ResourceOrgID", 17}, AUTHZ_SINGLE, true}},
        {VOCABULARY_PRINCIPAL_ORG_ID, AUTHZ_PRINCIPAL, {{"aws:PrincipalOrgID", 18}, AUTHZ_SINGLE, false}},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        key_set(v, rows[i].key, rows[i].slot, rows[i].column);
        if (rows[i].slot == AUTHZ_RESOURCE && !vocabulary_key_has_values(rows[i].key))
            v->keys[rows[i].key].values = NULL;
    }
}

authz_vocabulary *authz_vocabulary_new(const catalog *facts)
{
    authz_vocabulary  *v = memory_alloc(MEMORY_IMAGE, sizeof *v);
    const authz_column resource = {.of_owner = true};
    size_t             none = 0;
    arena_init(&v->a, MEMORY_IMAGE);
    v->facts = facts;
    uint32_t first = slot_make(v, &resource, 1), second = slot_make(v, NULL, 0);
    assert(first == AUTHZ_RESOURCE && second == AUTHZ_PRINCIPAL);
    derived_make(v);
    (void)ARENA_PUSH(&v->a, authz_entry, v->principals, none, v->principal_capacity);
    return v;
}

void authz_vocabulary_free(authz_vocabulary *v)
{
    if (v == NULL) return;
    for (uint32_t i = 0; i < v->slot_count; i++) intern_free(v->slots[i].ids);
    arena_deinit(&v->a);
    memory_free(MEMORY_IMAGE, v);
}

static authz_entry organization_entry(const authz_vocabulary *v)
{
    return v->organization.ptr == NULL ? absent_entry : (authz_entry){&v->organization, 1, AUTHZ_NO_HOLE};
}

void authz_organization(authz_vocabulary *v, str id)
{
    assert(v->slots[AUTHZ_RESOURCE].count == 0 && v->slots[AUTHZ_PRINCIPAL].count == 0);
    v->organization = arena_str(&v->a, id);
    v->keys[VOCABULARY_RESOURCE_ORG_ID].values[0] = organization_entry(v); /* `*` is the caller's account's */
}

/* ---- slots ---- */

uint32_t vocabulary_key_find(const authz_vocabulary *v, str key)
{
    for (uint32_t i = VOCABULARY_RESOURCE + 1; i < VOCABULARY_KEYS_MAX; i++) {
        if (i == v->key_count) i = VOCABULARY_DERIVED;
        if (str_eq_nocase(v->keys[i].key, key)) return i;
    }
    return VOCABULARY_KEYS_MAX;
}

uint64_t vocabulary_owner_keys(const authz_vocabulary *v)
{
    uint64_t keys = UINT64_C(1) << VOCABULARY_RESOURCE_ORG_ID | UINT64_C(1) << VOCABULARY_RESOURCE_ORG_PATHS;
    uint32_t account = vocabulary_key_find(v, STR("aws:ResourceAccount"));
    return account == VOCABULARY_KEYS_MAX ? keys : keys | UINT64_C(1) << account;
}

static bool slot_has_columns(const authz_vocabulary *v, uint32_t slot, const authz_column *columns, uint32_t count)
{
    const vocabulary_slot *s = &v->slots[slot];
    if (slot == AUTHZ_PRINCIPAL || s->key_count != count) return false;
    for (uint32_t i = 0; i < count; i++) {
        const vocabulary_key *k = &v->keys[s->key_first + i];
        if (!str_eq_nocase(k->key, columns[i].key) || k->shape != columns[i].shape ||
            k->of_owner != columns[i].of_owner)
            return false;
    }
    return true;
}

static status shapes_differ(str key, err *e)
{
    return err_set(e, STATUS_INVALID, "context key `%.*s` is both a single value and a list", STR_FMT(key));
}

static status keys_full(str key, err *e)
{
    return err_set(e, STATUS_LIMIT, "context key `%.*s`: requests carry at most %d keys", STR_FMT(key),
                   VOCABULARY_DERIVED - 1);
}

status authz_bundle(authz_vocabulary *v, const authz_column *columns, uint32_t count, uint32_t *slot, err *e)
{
    uint32_t known;
    assert(count > 0);
    known = vocabulary_key_find(v, columns[0].key);
    if (known < VOCABULARY_KEYS_MAX && slot_has_columns(v, v->keys[known].slot, columns, count)) {
        *slot = v->keys[known].slot;
        return STATUS_OK;
    }
    for (uint32_t i = 0; i < count; i++) {
        known = vocabulary_key_find(v, columns[i].key);
        if (known < VOCABULARY_KEYS_MAX && v->keys[known].shape != columns[i].shape)
            return shapes_differ(columns[i].key, e);
        for (uint32_t k = 0; k < i && known == VOCABULARY_KEYS_MAX; k++)
            if (str_eq_nocase(columns[k].key, columns[i].key)) known = k;
        if (known < VOCABULARY_KEYS_MAX)
            return err_set(e, STATUS_INVALID, "context key `%.*s` has two places in requests", STR_FMT(columns[i].key));
        if (v->key_count + i >= VOCABULARY_DERIVED) return keys_full(columns[i].key, e);
    }
    if (v->slot_count == AUTHZ_SLOTS)
        return err_set(e, STATUS_LIMIT, "context key `%.*s`: all %d slots of requests are taken",
                       STR_FMT(columns[0].key), AUTHZ_SLOTS);
    *slot = slot_make(v, columns, count);
    return STATUS_OK;
}

status authz_slot(authz_vocabulary *v, str key, authz_shape shape, uint32_t *slot, err *e)
{
    authz_column one = {key, shape, str_eq_nocase(key, STR("aws:ResourceAccount"))};
    return authz_bundle(v, &one, 1, slot, e);
}

/* ---- values ---- */

static status entry_check(const vocabulary_key *k, const authz_entry *x, err *e)
{
    if (x->texts == NULL) return STATUS_OK;
    if (k->shape == AUTHZ_SINGLE && x->count != 1)
        return err_set(e, STATUS_INVALID, "context key `%.*s` holds single values", STR_FMT(k->key));
    if (k->shape == AUTHZ_LIST && x->hole != AUTHZ_NO_HOLE)
        return err_set(e, STATUS_INVALID, "context key `%.*s` holds lists", STR_FMT(k->key));
    assert(x->hole == AUTHZ_NO_HOLE || x->hole <= x->texts[0].len);
    return STATUS_OK;
}

static authz_entry entry_copy(authz_vocabulary *v, const authz_entry *x)
{
    authz_entry copy = *x;
    if (x->texts == NULL) return absent_entry;
    str *texts = ARENA_NEW(&v->a, str, x->count + 1); /* a list of no texts is there, unlike what is absent */
    for (uint32_t i = 0; i < x->count; i++) texts[i] = arena_str(&v->a, x->texts[i]);
    copy.texts = texts;
    return copy;
}

#define ABSENT UINT32_MAX

/* Unambiguous: lengths before what they measure. */
static str spelling_of(arena *a, const authz_entry *entries, uint32_t count)
{
    size_t len = 0, at = 0;
    for (uint32_t i = 0; i < count; i++) {
        len += sizeof(uint32_t) + sizeof(size_t);
        for (uint32_t k = 0; entries[i].texts != NULL && k < entries[i].count; k++)
            len += sizeof(size_t) + entries[i].texts[k].len;
    }
    char *text = ARENA_NEW(a, char, len);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t texts = entries[i].texts == NULL ? ABSENT : entries[i].count;
        size_t   hole = texts == ABSENT ? AUTHZ_NO_HOLE : entries[i].hole;
        memcpy(text + at, &texts, sizeof texts);
        memcpy(text + at + sizeof texts, &hole, sizeof hole);
        at += sizeof texts + sizeof hole;
        for (uint32_t k = 0; texts != ABSENT && k < texts; k++) {
            str one = entries[i].texts[k];
            memcpy(text + at, &one.len, sizeof one.len);
            if (one.len > 0) memcpy(text + at + sizeof one.len, one.ptr, one.len);
            at += sizeof one.len + one.len;
        }
    }
    return (str){text, len};
}

static status value_add(authz_vocabulary *v, uint32_t slot, const authz_entry *entries, uint16_t *id, err *e)
{
    vocabulary_slot *s = &v->slots[slot];
    vocabulary_key  *keys = &v->keys[s->key_first];
    arena            scratch = v->a;
    str              spelling = spelling_of(&scratch, entries, s->key_count);
    uint32_t         known = intern_find(s->ids, spelling);
    if (known == INTERN_NONE) {
        if (s->count == AUTHZ_VALUES_MAX)
            return err_set(e, STATUS_LIMIT, "context key `%.*s`: more than %u different values", STR_FMT(keys->key),
                           AUTHZ_VALUES_MAX);
        known = intern_add(s->ids, spelling);
        s->count++;
        for (uint32_t i = 0; i < s->key_count; i++) {
            size_t filled = s->count;
            *ARENA_PUSH(&v->a, authz_entry, keys[i].values, filled, keys[i].capacity) = entry_copy(v, &entries[i]);
        }
        if (slot == AUTHZ_RESOURCE) {
            vocabulary_key *k = &v->keys[VOCABULARY_RESOURCE_ORG_ID];
            size_t          filled = s->count;
            *ARENA_PUSH(&v->a, authz_entry, k->values, filled, k->capacity) = organization_entry(v);
        }
    }
    *id = (uint16_t)(known + 1);
    return STATUS_OK;
}

static status resource_check(const authz_entry *x, err *e)
{
    str text = x->texts[0], after_service = arn_part(text, 3);
    if (x->hole >= (size_t)(after_service.ptr - text.ptr)) return STATUS_OK;
    return err_set(e, STATUS_INVALID, "resource `%.*s`: the account id stands behind the service", STR_FMT(text));
}

status authz_bundle_value(authz_vocabulary *v, uint32_t slot, const authz_entry *entries, uint16_t *id, err *e)
{
    assert(slot < v->slot_count && slot != AUTHZ_PRINCIPAL);
    const vocabulary_slot *s = &v->slots[slot];
    bool                   absent = true;
    for (uint32_t i = 0; i < s->key_count; i++) {
        TRY(entry_check(&v->keys[s->key_first + i], &entries[i], e));
        absent = absent && entries[i].texts == NULL;
    }
    if (slot == AUTHZ_RESOURCE && !absent) {
        TRY(resource_check(entries, e));
        absent = str_is(entries->texts[0], "*"); /* the token is "no resource" */
    }
    *id = 0;
    return absent ? STATUS_OK : value_add(v, slot, entries, id, e);
}

status authz_value(authz_vocabulary *v, uint32_t slot, str text, size_t hole, uint16_t *id, err *e)
{
    authz_entry           x = {&text, 1, hole};
    const vocabulary_key *k = &v->keys[v->slots[slot].key_first];
    assert(slot < v->slot_count && v->slots[slot].key_count == 1);
    if (k->shape != AUTHZ_SINGLE) return err_set(e, STATUS_INVALID, "context key `%.*s` holds lists", STR_FMT(k->key));
    return authz_bundle_value(v, slot, &x, id, e);
}

status authz_value_list(authz_vocabulary *v, uint32_t slot, const str *texts, uint32_t count, uint16_t *id, err *e)
{
    static const str      nothing = {"", 0};
    authz_entry           x = {count > 0 ? texts : &nothing, count, AUTHZ_NO_HOLE};
    const vocabulary_key *k = &v->keys[v->slots[slot].key_first];
    assert(slot < v->slot_count && v->slots[slot].key_count == 1);
    if (k->shape != AUTHZ_LIST)
        return err_set(e, STATUS_INVALID, "context key `%.*s` holds single values", STR_FMT(k->key));
    return authz_bundle_value(v, slot, &x, id, e);
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

/* ---- roles ---- */

static status role_keys_check(authz_vocabulary *v, const authz_role *role, err *e)
{
    for (uint32_t i = 0; i < role->key_count; i++) {
        authz_column c = {role->keys[i].key, role->keys[i].shape, false};
        authz_entry  x = {role->keys[i].texts, role->keys[i].count, role->keys[i].hole};
        uint32_t     known = vocabulary_key_find(v, c.key);
        if (known < VOCABULARY_KEYS_MAX && v->keys[known].slot != AUTHZ_PRINCIPAL)
            return err_set(e, STATUS_INVALID, "role `%.*s`: context key `%.*s` has another place in requests",
                           STR_FMT(role->name), STR_FMT(c.key));
        if (known < VOCABULARY_KEYS_MAX && v->keys[known].shape != c.shape) return shapes_differ(c.key, e);
        if (known == VOCABULARY_KEYS_MAX) {
            if (v->key_count == VOCABULARY_DERIVED) return keys_full(c.key, e);
            known = v->key_count;
            key_make(v, AUTHZ_PRINCIPAL, c);
        }
        TRY(entry_check(&v->keys[known], &x, e));
    }
    return STATUS_OK;
}

/* Who federates in is no principal of the account yet, and services and anonymous callers never are. */
static bool is_in_organization(const authz_entry *principal)
{
    if (principal->texts == NULL || principal->hole == AUTHZ_NO_HOLE) return false;
    caller who = caller_read(principal->texts[0]);
    return caller_in_account(&who);
}

static void role_add(authz_vocabulary *v, const authz_role *role)
{
    size_t      id = ++v->slots[AUTHZ_PRINCIPAL].count, filled = id;
    authz_entry principal = {&role->principal, 1, role->hole};
    *ARENA_PUSH(&v->a, authz_entry, v->principals, filled, v->principal_capacity) = entry_copy(v, &principal);
    if (is_in_organization(&principal)) v->keys[VOCABULARY_PRINCIPAL_ORG_ID].values[id] = organization_entry(v);
    for (uint32_t i = 0; i < role->key_count; i++) {
        const authz_role_key *from = &role->keys[i];
        authz_entry           x = {from->texts, from->count, from->hole};
        v->keys[vocabulary_key_find(v, from->key)].values[id] = entry_copy(v, &x);
    }
}

status authz_roles_bind(authz_vocabulary *v, const authz_role *roles, uint32_t count, err *e)
{
    size_t before = v->slots[AUTHZ_PRINCIPAL].count;
    if (count > AUTHZ_VALUES_MAX - before)
        return err_set(e, STATUS_LIMIT, "requests are made with at most %u roles", AUTHZ_VALUES_MAX);
    for (uint32_t i = 0; i < count; i++) TRY(role_keys_check(v, &roles[i], e));
    for (uint32_t i = 0; i < VOCABULARY_KEYS_MAX; i++) {
        vocabulary_key *k = &v->keys[i];
        if (k->slot != AUTHZ_PRINCIPAL || k->values == NULL) continue;
        authz_entry *wider = ARENA_NEW(&v->a, authz_entry, before + count + 1);
        for (size_t id = 0; id < before + count + 1; id++) wider[id] = id <= before ? k->values[id] : absent_entry;
        k->values = wider;
        k->capacity = before + count + 1;
    }
    for (uint32_t i = 0; i < count; i++) role_add(v, &roles[i]);
    return STATUS_OK;
}

void vocabulary_resource_leaves(authz_vocabulary *v, uint16_t id)
{
    v->keys[VOCABULARY_RESOURCE_ORG_ID].values[id] = absent_entry;
}

/* ---- requests as text ---- */

str vocabulary_fill(arena *a, const authz_entry *value, str account_id)
{
    str text = value->texts[0];
    if (value->hole == AUTHZ_NO_HOLE) return text;
    assert(account_id.len == VOCABULARY_ACCOUNT_LEN);
    char *room = ARENA_NEW(a, char, text.len + account_id.len);
    memcpy(room, text.ptr, value->hole);
    memcpy(room + value->hole, account_id.ptr, account_id.len);
    memcpy(room + value->hole + account_id.len, text.ptr + value->hole, text.len - value->hole);
    return (str){room, text.len + account_id.len};
}

str authz_resource_text(arena *a, const authz_vocabulary *v, uint16_t id, str account_id)
{
    assert(id <= v->slots[AUTHZ_RESOURCE].count);
    return id == 0 ? STR("*") : vocabulary_fill(a, &v->keys[VOCABULARY_RESOURCE].values[id], account_id);
}

static str *one_text(arena *a, str text)
{
    str *texts = ARENA_NEW(a, str, 1);
    *texts = text;
    return texts;
}

bool vocabulary_owner_inside(const authz_vocabulary *v, const authz_request *q)
{
    const authz_entry *principal = &v->principals[q->value[AUTHZ_PRINCIPAL]];
    if (vocabulary_resource(v, q->value[AUTHZ_RESOURCE]).outside.ptr != NULL) return false;
    if (q->value[AUTHZ_RESOURCE] != 0 || principal->hole != AUTHZ_NO_HOLE) return true;
    caller who = caller_read(principal->texts[0]);
    return !caller_in_account(&who);
}

str vocabulary_owner_id(const authz_vocabulary *v, const org_view *view, const authz_request *q)
{
    str outside = vocabulary_resource(v, q->value[AUTHZ_RESOURCE]).outside;
    if (outside.ptr != NULL) return outside;
    if (vocabulary_owner_inside(v, q)) return org_account_id(view, q->owner);
    return caller_read(v->principals[q->value[AUTHZ_PRINCIPAL]].texts[0]).account;
}

/* Of an account that is in the organization. */
static str *path_of(arena *a, const authz_vocabulary *v, const org_view *view, uint32_t account)
{
    if (v->organization.ptr == NULL || !org_account_exists(view, account)) return NULL;
    return one_text(a, org_path(a, view, org_account_parent(view, account)));
}

/* The texts of a derived key where they are one text made for this request or view; null: it is absent. */
static str *derived_texts(arena *a, const authz_vocabulary *v, const org_view *view, const authz_request *q,
                          uint32_t key)
{
    switch (key) {
    case VOCABULARY_CURRENT_TIME: return one_text(a, derive_date(a, q->time_s));
    case VOCABULARY_EPOCH_TIME: return one_text(a, arena_format(a, "%" PRIu32, q->time_s));
    case VOCABULARY_RESOURCE_ORG_PATHS: return vocabulary_owner_inside(v, q) ? path_of(a, v, view, q->owner) : NULL;
    case VOCABULARY_PRINCIPAL_ORG_PATHS:
        return is_in_organization(&v->principals[q->value[AUTHZ_PRINCIPAL]]) ? path_of(a, v, view, q->account) : NULL;
    default: return NULL;
    }
}

/* The organization's id, though of an account that is there no more, or never was. */
static bool is_left(const authz_vocabulary *v, const org_view *view, const authz_request *q, const authz_entry *x,
                    bool of_owner)
{
    if (x->texts != &v->organization) return false;
    if (!of_owner) return !org_account_exists(view, q->account);
    return !org_account_exists(view, q->owner) || !vocabulary_owner_inside(v, q);
}

void vocabulary_request(arena *a, const authz_vocabulary *v, const org_view *view, const authz_request *q,
                        uint64_t keys, request *out)
{
    const uint64_t carried = (UINT64_C(1) << v->key_count) - 1, derived = ~((UINT64_C(1) << VOCABULARY_DERIVED) - 1);
    str            principal = org_account_id(view, q->account), owner = vocabulary_owner_id(v, view, q);
    keys &= carried | derived;
    *out = (request){
        .resource = STR("*"), .resource_account = owner, .context = ARENA_NEW(a, request_key, bits_count(keys))};
    for (; keys != 0; keys &= keys - 1) {
        uint32_t              i = bits_first(keys), id;
        const vocabulary_key *k = &v->keys[i];
        id = q->value[k->slot];
        assert(id <= v->slots[k->slot].count);
        const authz_entry *value = k->values == NULL ? &absent_entry : &k->values[id];
        uint32_t           count = value->count;
        /* Only read: request_key is shared with builders, hence not const. */
        str *texts = is_left(v, view, q, value, k->of_owner) ? NULL : (str *)(uintptr_t)value->texts;
        if (texts == NULL && i >= VOCABULARY_DERIVED) {
            texts = derived_texts(a, v, view, q, i);
            count = 1;
        }
        if (texts == NULL) continue;
        if (value->hole != AUTHZ_NO_HOLE)
            texts = one_text(a, vocabulary_fill(a, value, k->of_owner ? owner : principal));
        if (i == VOCABULARY_RESOURCE)
            out->resource = *texts;
        else
            out->context[out->context_count++] = (request_key){k->key, texts, count, k->shape == AUTHZ_LIST};
    }
}

void authz_request_text(arena *a, const authz_vocabulary *v, const org_view *view, const authz_request *q, request *out)
{
    const catalog_action  *action = catalog_action_at(v->facts, catalog_action_of(v->facts, q->action));
    const catalog_service *service = catalog_service_at(v->facts, action->service);
    bool                   ownerless = str_eq_nocase(service->prefix, DERIVE_OWNERLESS);
    vocabulary_request(a, v, view, q, ownerless ? ~vocabulary_owner_keys(v) : UINT64_MAX, out);
    out->action = arena_format(a, "%.*s:%.*s", STR_FMT(service->prefix), STR_FMT(action->name));
    out->principal = vocabulary_fill(a, &v->principals[q->value[AUTHZ_PRINCIPAL]], org_account_id(view, q->account));
}
