/* The part of a profile that says who asks what. */
#include <assert.h>

#include "workloads/profile.h"

/* Context keys are the catalogue's. */
static status check_key(const profile_reader *r, const node *at, str key)
{
    if (catalog_key_find(r->facts, key) != CATALOG_NONE) return STATUS_OK;
    return node_error(r->d, at, r->e, STATUS_INVALID, "condition key `%.*s` is not in the catalogue", STR_FMT(key));
}

static status read_services(const profile_reader *r, const node *n, const char *name, uint32_t **out, uint32_t *count)
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

static status read_popular(const profile_reader *r, const node *n, profile_requests *out)
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
static status read_keys(const profile_reader *r, const node *n, const char *name, profile_keys *out)
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
static status read_bundles(const profile_reader *r, const node *n, const char *name, const char *member,
                           profile_bundles *out)
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

static status read_tag_sets(const profile_reader *r, const node *n, profile_requests *out)
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

/* [{"weight": w, "services": ["cloudformation.amazonaws.com"]}] */
static status read_via(const profile_reader *r, const node *n, profile_session *out)
{
    static const char *const members[] = {"weight", "services"};
    const node              *array = NULL, *member = NULL;
    TRY(profile_array(r->d, n, "called_via", &array, r->e));
    out->via_count = (uint32_t)node_count(array);
    out->via = ARENA_NEW(r->a, profile_via, out->via_count);
    for (uint32_t i = 0; i < out->via_count; i++) {
        const node  *row = node_at(array, i);
        profile_via *v = &out->via[i];
        TRY(node_only(r->d, row, members, COUNTOF(members), r->e));
        TRY(node_need(r->d, row, "weight", &member, r->e));
        TRY(profile_weight(r->d, member, &v->weight, r->e));
        TRY(node_need(r->d, row, "services", &member, r->e));
        TRY(node_array(r->d, member, r->e));
        if (node_count(member) > 0) TRY(profile_strings(r->a, r->d, row, "services", &v->services, r->e));
        for (uint32_t k = 0; k < v->services.count; k++)
            if (!str_ends(v->services.items[k], STR(".amazonaws.com")))
                return node_error(r->d, node_at(member, k), r->e, STATUS_INVALID,
                                  "service `%.*s`, expected a name such as `athena.amazonaws.com`",
                                  STR_FMT(v->services.items[k]));
    }
    return STATUS_OK;
}

static status read_sessions(const profile_reader *r, const node *n, profile_requests *out)
{
    static const char *const members[] = {"origins", "keys", "called_via"};
    const node              *sessions = NULL;
    TRY(profile_members(r->d, n, "sessions", &sessions, r->e));
    if (node_count(sessions) > PROFILE_SESSIONS_MAX)
        return node_error(r->d, sessions, r->e, STATUS_LIMIT, "more than %u sessions", PROFILE_SESSIONS_MAX);
    out->session_count = (uint32_t)node_count(sessions);
    out->sessions = ARENA_NEW(r->a, profile_session, out->session_count);
    for (uint32_t i = 0; i < out->session_count; i++) {
        const node      *row = node_at(sessions, i);
        profile_session *s = &out->sessions[i];
        s->name = arena_str(r->a, node_name(row));
        TRY(node_only(r->d, row, members, COUNTOF(members), r->e));
        TRY(read_bundles(r, row, "origins", "context", &s->origins));
        TRY(read_keys(r, row, "keys", &s->keys));
        if (node_get(row, "called_via") != NULL) TRY(read_via(r, row, s));
    }
    return STATUS_OK;
}

/* ---- mixes ---- */

/* Requests that are not plain, by where they go. */
static status read_routes(const profile_reader *r, const node *n, profile_mix *out)
{
    const struct {
        const char    *name;
        profile_ratio *share;
    } rows[] = {{"with_policy", &out->with_policy},
                {"cross_account", &out->cross_account},
                {"outside_owner", &out->outside_owner},
                {"several", &out->several}};
    uint64_t sum = 0, whole = UINT64_C(1) << 32;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        *rows[i].share = (profile_ratio){0, 1};
        if (node_get(n, rows[i].name) == NULL) continue;
        TRY(profile_share(r->d, n, rows[i].name, rows[i].share, r->e));
        sum += (rows[i].share->num << 32) / rows[i].share->den;
    }
    if (sum <= whole) return STATUS_OK;
    return node_error(r->d, n, r->e, STATUS_INVALID,
                      "`with_policy`, `cross_account`, `outside_owner` and `several` add up to more than 1");
}

static status read_mix(const profile_reader *r, const node *n, const profile_requests *all, profile_mix *out)
{
    static const char *const members[] = {"roles",         "reads",         "denied", "with_policy",
                                          "cross_account", "outside_owner", "several"};
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
    TRY(read_routes(r, n, out));
    TRY(profile_members(r->d, n, "roles", &roles, r->e));
    for (uint32_t i = 0; i < node_count(roles); i++) {
        const node *row = node_at(roles, i);
        uint32_t    role = 0;
        TRY(profile_name_of(r->d, row, node_name(row), "role", names, all->role_count, &role, r->e));
        TRY(profile_weight(r->d, row, &out->role_weight[role], r->e));
    }
    return STATUS_OK;
}

static status read_mixes(const profile_reader *r, const node *n, profile_requests *out)
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
    static const char *const members[] = {"account_zipf", "service_zipf",      "action_zipf",    "reads",
                                          "denied",       "guarded_share",     "home_region",    "services",
                                          "popular",      "global_services",   "resource_names", "principal_tags",
                                          "action_keys",  "tag_sets",          "sessions",       "roles",
                                          "mixes",        "resource_policies", "endpoints"};
    const profile_reader     r = {a, d, facts, e};
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
    TRY(profile_read_roles(a, d, n, facts, out, e));
    TRY(profile_read_layers(a, d, n, facts, out, e));
    return read_mixes(&r, n, out);
}
