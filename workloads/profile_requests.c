/* The part of a profile that says who asks what. */
#include <assert.h>

#include "workloads/profile.h"

typedef struct {
    arena          *a;
    const document *d;
    const catalog  *facts;
    err            *e;
} reader;

/* Context keys are the catalogue's. */
static status check_key(const reader *r, const node *at, str key)
{
    if (catalog_key_find(r->facts, key) != CATALOG_NONE) return STATUS_OK;
    return node_error(r->d, at, r->e, STATUS_INVALID, "condition key `%.*s` is not in the catalogue", STR_FMT(key));
}

static status read_services(const reader *r, const node *n, const char *name, uint32_t **out, uint32_t *count)
{
    profile_list names;
    TRY(profile_strings(r->a, r->d, n, name, &names, r->e));
    *out = ARENA_NEW(r->a, uint32_t, names.count);
    *count = names.count;
    for (uint32_t i = 0; i < names.count; i++) {
        const node *at = node_at(node_get(n, name), i);
        (*out)[i] = catalog_service_find(r->facts, names.items[i]);
        if ((*out)[i] == CATALOG_NONE)
            return node_error(r->d, at, r->e, STATUS_INVALID, "service `%.*s` is not in the catalogue",
                              STR_FMT(names.items[i]));
        for (uint32_t k = 0; k < i; k++)
            if ((*out)[k] == (*out)[i])
                return node_error(r->d, at, r->e, STATUS_INVALID, "service `%.*s` stands twice in `%s`",
                                  STR_FMT(names.items[i]), name);
    }
    return STATUS_OK;
}

static status read_popular(const reader *r, const node *n, profile_requests *out)
{
    profile_list names;
    TRY(profile_strings(r->a, r->d, n, "popular", &names, r->e));
    out->popular = ARENA_NEW(r->a, uint32_t, names.count);
    out->popular_count = names.count;
    for (uint32_t i = 0; i < names.count; i++) {
        out->popular[i] = catalog_action_find(r->facts, names.items[i]);
        if (out->popular[i] == CATALOG_NONE)
            return node_error(r->d, node_at(node_get(n, "popular"), i), r->e, STATUS_INVALID,
                              "action `%.*s` is not in the catalogue", STR_FMT(names.items[i]));
    }
    return STATUS_OK;
}

/* {"key": {"present": share, "values": {"text": weight}}} */
static status read_keys(const reader *r, const node *n, const char *name, profile_keys *out)
{
    static const char *const members[] = {"present", "values"};
    const node              *object = NULL, *values = NULL;
    TRY(profile_members(r->d, n, name, &object, r->e));
    *out = (profile_keys){ARENA_NEW(r->a, profile_key, node_count(object)), (uint32_t)node_count(object)};
    for (uint32_t i = 0; i < out->count; i++) {
        const node  *row = node_at(object, i);
        profile_key *k = &out->items[i];
        k->key = arena_str(r->a, node_name(row));
        TRY(check_key(r, row, k->key));
        TRY(node_only(r->d, row, members, COUNTOF(members), r->e));
        TRY(profile_share(r->d, row, "present", &k->present, r->e));
        TRY(profile_members(r->d, row, "values", &values, r->e));
        TRY(profile_weights(r->a, r->d, values, &k->values, r->e));
        if (k->values.count > PROFILE_VALUES_MAX)
            return node_error(r->d, values, r->e, STATUS_INVALID, "%u values of `%.*s`, at most %u", k->values.count,
                              STR_FMT(k->key), PROFILE_VALUES_MAX);
    }
    return STATUS_OK;
}

/* [{"weight": w, "context" or "tags": {"key": "value"}}] */
static status read_bundles(const reader *r, const node *n, const char *name, const char *member, profile_bundles *out)
{
    const char *const members[] = {"weight", member};
    const node       *array = NULL, *weight = NULL, *context = NULL;
    TRY(profile_array(r->d, n, name, &array, r->e));
    *out = (profile_bundles){ARENA_NEW(r->a, profile_bundle, node_count(array)), (uint32_t)node_count(array)};
    for (uint32_t i = 0; i < out->count; i++) {
        const node     *row = node_at(array, i);
        profile_bundle *b = &out->items[i];
        TRY(node_only(r->d, row, members, COUNTOF(members), r->e));
        TRY(node_need(r->d, row, "weight", &weight, r->e));
        TRY(profile_weight(r->d, weight, &b->weight, r->e));
        TRY(node_need(r->d, row, member, &context, r->e));
        TRY(node_object(r->d, context, r->e));
        b->count = (uint32_t)node_count(context);
        b->keys = ARENA_NEW(r->a, str, b->count);
        b->values = ARENA_NEW(r->a, str, b->count);
        for (uint32_t k = 0; k < b->count; k++) {
            str value = {0};
            TRY(node_string(r->d, node_at(context, k), &value, r->e));
            b->keys[k] = arena_str(r->a, node_name(node_at(context, k)));
            b->values[k] = arena_str(r->a, value);
            TRY(check_key(r, node_at(context, k), b->keys[k]));
        }
    }
    return STATUS_OK;
}

static status read_tag_sets(const reader *r, const node *n, profile_requests *out)
{
    TRY(read_bundles(r, n, "tag_sets", "tags", &out->tag_sets));
    for (uint32_t i = 0; i < out->tag_sets.count; i++)
        for (uint32_t k = 0; k < out->tag_sets.items[i].count; k++)
            if (!str_starts(out->tag_sets.items[i].keys[k], PROFILE_REQUEST_TAG))
                return node_error(r->d, node_at(node_get(n, "tag_sets"), i), r->e, STATUS_INVALID,
                                  "key `%.*s` in `tags`, expected `aws:RequestTag/…`",
                                  STR_FMT(out->tag_sets.items[i].keys[k]));
    return STATUS_OK;
}

static status read_sessions(const reader *r, const node *n, profile_requests *out)
{
    static const char *const members[] = {"origins", "keys"};
    const node              *sessions = NULL;
    TRY(profile_members(r->d, n, "sessions", &sessions, r->e));
    out->session_count = (uint32_t)node_count(sessions);
    out->sessions = ARENA_NEW(r->a, profile_session, out->session_count);
    for (uint32_t i = 0; i < out->session_count; i++) {
        const node      *row = node_at(sessions, i);
        profile_session *s = &out->sessions[i];
        s->name = arena_str(r->a, node_name(row));
        TRY(node_only(r->d, row, members, COUNTOF(members), r->e));
        TRY(read_bundles(r, row, "origins", "context", &s->origins));
        TRY(read_keys(r, row, "keys", &s->keys));
    }
    return STATUS_OK;
}

/* ---- roles ---- */

static status read_identity(const reader *r, const node *n, policy_level *out)
{
    const node *array = NULL;
    TRY(node_need(r->d, n, "identity", &array, r->e));
    TRY(node_array(r->d, array, r->e));
    const policy **policies = ARENA_NEW(r->a, const policy *, node_count(array));
    for (uint32_t i = 0; i < node_count(array); i++) {
        str     text = {0};
        place   at = {0};
        policy *parsed = NULL;
        TRY(node_source_text(r->d, node_at(array, i), &text, &at, r->e));
        policy_parse_options options = {.type = POLICY_IDENTITY, .dialect = DIALECT_SCP_FULL};
        TRY(policy_parse_part(r->a, at.in, at.offset, at.offset + text.len, options, &parsed, r->e));
        policies[i] = parsed;
    }
    *out = (policy_level){.policies = policies, .count = (uint32_t)node_count(array)};
    return STATUS_OK;
}

/* A name that is part of an ARN: what IAM takes, without a path. */
static bool is_name(str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = char_lower(s.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && memchr("+=,.@_-", c, 7) == NULL) return false;
    }
    return s.len > 0 && s.len <= 64;
}

static status read_role(const reader *r, const node *n, const profile_requests *all, profile_role *out)
{
    static const char *const members[] = {"name", "kind", "service", "session", "reads", "identity"};
    static const str         kinds[] = {{"role", 4}, {"user", 4}, {"root", 4}, {"service-linked", 14}};
    str                      kind = {0}, session = {0}, names[PROFILE_SESSIONS_MAX];
    uint32_t                 found = 0;
    TRY(node_only(r->d, n, members, COUNTOF(members), r->e));
    TRY(profile_text(r->a, r->d, n, "name", &out->name, r->e));
    if (!is_name(out->name))
        return node_error(r->d, node_get(n, "name"), r->e, STATUS_INVALID,
                          "role `%.*s`, expected up to 64 letters, digits or +=,.@_-", STR_FMT(out->name));
    TRY(profile_text(r->a, r->d, n, "kind", &kind, r->e));
    TRY(profile_name_of(r->d, node_get(n, "kind"), kind, "kind of role", kinds, COUNTOF(kinds), &found, r->e));
    out->kind = (profile_role_kind)found;
    if (out->kind == PROFILE_SERVICE_LINKED) TRY(profile_text(r->a, r->d, n, "service", &out->service, r->e));
    TRY(profile_text(r->a, r->d, n, "session", &session, r->e));
    for (uint32_t i = 0; i < all->session_count; i++) names[i] = all->sessions[i].name;
    TRY(profile_name_of(r->d, node_get(n, "session"), session, "session", names, all->session_count, &out->session,
                        r->e));
    out->reads_given = node_get(n, "reads") != NULL;
    if (out->reads_given) TRY(profile_share(r->d, n, "reads", &out->reads, r->e));
    TRY(read_identity(r, n, &out->identity));
    if (out->kind == PROFILE_ROOT && out->identity.count > 0)
        return node_error(r->d, node_get(n, "identity"), r->e, STATUS_INVALID, "a root user has no identity policies");
    return STATUS_OK;
}

static status read_roles(const reader *r, const node *n, profile_requests *out)
{
    const node *roles = NULL;
    TRY(profile_array(r->d, n, "roles", &roles, r->e));
    if (node_count(roles) > PROFILE_ROLES_MAX || out->session_count > PROFILE_SESSIONS_MAX)
        return node_error(r->d, roles, r->e, STATUS_LIMIT, "more than %u roles or %u sessions", PROFILE_ROLES_MAX,
                          PROFILE_SESSIONS_MAX);
    out->role_count = (uint32_t)node_count(roles);
    out->roles = ARENA_NEW(r->a, profile_role, out->role_count);
    for (uint32_t i = 0; i < out->role_count; i++) {
        TRY(read_role(r, node_at(roles, i), out, &out->roles[i]));
        for (uint32_t k = 0; k < i; k++)
            if (str_eq(out->roles[k].name, out->roles[i].name))
                return node_error(r->d, node_at(roles, i), r->e, STATUS_INVALID, "role `%.*s` stands twice",
                                  STR_FMT(out->roles[i].name));
    }
    return STATUS_OK;
}

/* ---- mixes ---- */

static status read_mix(const reader *r, const node *n, const profile_requests *all, profile_mix *out)
{
    static const char *const members[] = {"roles", "reads", "denied"};
    const node              *roles = NULL;
    str                      names[PROFILE_ROLES_MAX];
    for (uint32_t i = 0; i < all->role_count; i++) names[i] = all->roles[i].name;
    out->name = arena_str(r->a, node_name(n));
    out->reads = all->reads;
    out->denied = all->denied;
    out->role_weight = ARENA_NEW(r->a, uint64_t, all->role_count);
    TRY(node_only(r->d, n, members, COUNTOF(members), r->e));
    if (node_get(n, "reads") != NULL) TRY(profile_share(r->d, n, "reads", &out->reads, r->e));
    if (node_get(n, "denied") != NULL) TRY(profile_share(r->d, n, "denied", &out->denied, r->e));
    TRY(profile_members(r->d, n, "roles", &roles, r->e));
    for (uint32_t i = 0; i < node_count(roles); i++) {
        const node *row = node_at(roles, i);
        uint32_t    role = 0;
        TRY(profile_name_of(r->d, row, node_name(row), "role", names, all->role_count, &role, r->e));
        TRY(profile_weight(r->d, row, &out->role_weight[role], r->e));
    }
    return STATUS_OK;
}

static status read_mixes(const reader *r, const node *n, profile_requests *out)
{
    const node *mixes = NULL;
    TRY(profile_members(r->d, n, "mixes", &mixes, r->e));
    if (node_count(mixes) > PROFILE_MIXES_MAX)
        return node_error(r->d, mixes, r->e, STATUS_LIMIT, "more than %u mixes", PROFILE_MIXES_MAX);
    if (!str_is(node_name(node_at(mixes, 0)), "default"))
        return node_error(r->d, mixes, r->e, STATUS_INVALID, "the first mix is `%.*s`, expected `default`",
                          STR_FMT(node_name(node_at(mixes, 0))));
    out->mix_count = (uint32_t)node_count(mixes);
    out->mixes = ARENA_NEW(r->a, profile_mix, out->mix_count);
    for (uint32_t i = 0; i < out->mix_count; i++) TRY(read_mix(r, node_at(mixes, i), out, &out->mixes[i]));
    return STATUS_OK;
}

status profile_read_requests(arena *a, const document *d, const node *n, const catalog *facts, profile_requests *out,
                             err *e)
{
    static const char *const members[] = {
        "account_zipf", "service_zipf", "action_zipf", "reads",           "denied",         "guarded_share",
        "home_region",  "services",     "popular",     "global_services", "resource_names", "principal_tags",
        "action_keys",  "tag_sets",     "sessions",    "roles",           "mixes"};
    const reader r = {a, d, facts, e};
    TRY(node_only(d, n, members, COUNTOF(members), e));
    TRY(profile_power(d, n, "account_zipf", &out->account_zipf, e));
    TRY(profile_power(d, n, "service_zipf", &out->service_zipf, e));
    TRY(profile_power(d, n, "action_zipf", &out->action_zipf, e));
    TRY(profile_share(d, n, "reads", &out->reads, e));
    TRY(profile_share(d, n, "denied", &out->denied, e));
    TRY(profile_share(d, n, "guarded_share", &out->guarded_share, e));
    TRY(profile_share(d, n, "home_region", &out->home_region, e));
    TRY(read_services(&r, n, "services", &out->services, &out->service_count));
    TRY(read_popular(&r, n, out));
    TRY(read_services(&r, n, "global_services", &out->global_services, &out->global_count));
    TRY(profile_names(a, d, n, "resource_names", &out->resource_names, e));
    TRY(read_keys(&r, n, "principal_tags", &out->principal_tags));
    TRY(read_keys(&r, n, "action_keys", &out->action_keys));
    TRY(read_tag_sets(&r, n, out));
    TRY(read_sessions(&r, n, out));
    TRY(read_roles(&r, n, out));
    return read_mixes(&r, n, out);
}
