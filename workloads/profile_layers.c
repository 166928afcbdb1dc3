/* The part of a profile that says which policies requests meet: those of resources and of VPC endpoints. */
#include "authz/authz.h"
#include "workloads/generate_actions.h"
#include "workloads/profile.h"

str profile_fill(arena *a, str text, str what, str with)
{
    str out = STR("");
    for (size_t at = 0; at < text.len;) {
        size_t begin = at;
        while (at < text.len && !str_starts(str_part(text, at, text.len - at), what)) at++;
        str before = str_part(text, begin, at - begin);
        if (at == text.len && begin == 0) return text;
        out =
            arena_format(a, "%.*s%.*s%.*s", STR_FMT(out), STR_FMT(before), at < text.len ? (int)with.len : 0, with.ptr);
        if (at < text.len) at += what.len;
    }
    return out;
}

status profile_policy_parse(arena *a, str name, str text, policy_type type, str organization, str account,
                            const policy **out, err *e)
{
    source              *in = ARENA_NEW(a, source, 1);
    policy              *parsed = NULL;
    policy_parse_options options = {.type = type, .dialect = DIALECT_SCP_FULL};
    text = profile_fill(a, text, PROFILE_ORGANIZATION, organization);
    if (account.ptr != NULL) text = profile_fill(a, text, PROFILE_ACCOUNT, account);
    *in = (source){name, text, 1};
    TRY(policy_parse(a, in, options, &parsed, e));
    *out = parsed;
    return STATUS_OK;
}

status profile_account(const document *d, const node *n, str text, err *e)
{
    bool fits = text.len == 12;
    for (size_t i = 0; i < text.len; i++) fits = fits && text.ptr[i] >= '0' && text.ptr[i] <= '9';
    if (fits) return STATUS_OK;
    return node_error(d, n, e, STATUS_INVALID, "account `%.*s`, expected 12 digits", STR_FMT(text));
}

/* What AWS would refuse is found here, not when requests are made. */
static status check_policy(const profile_reader *r, const node *n, str text, policy_type type)
{
    arena         scratch = *r->a;
    err           reason = {0};
    const policy *parsed;
    status s = profile_policy_parse(&scratch, STR("policy"), text, type, STR("o-exampleorg1"), STR("123456789012"),
                                    &parsed, &reason);
    return s == STATUS_OK ? s : node_error(r->d, n, r->e, s, "not a policy of this place: %s", reason.text);
}

/* `s3:bucket` */
static status find_type(const profile_reader *r, const node *n, str text, uint32_t *out)
{
    size_t   colon = str_find(text, ':', 0);
    uint32_t service = catalog_service_find(r->facts, str_part(text, 0, colon));
    if (colon == text.len || service == CATALOG_NONE)
        return node_error(r->d, n, r->e, STATUS_INVALID, "resource type `%.*s`, expected one such as `s3:bucket`",
                          STR_FMT(text));
    const catalog_service *s = catalog_service_at(r->facts, service);
    str *known = ARENA_NEW(r->a, str, s->resource_count), name = str_part(text, colon + 1, text.len - colon - 1);
    for (uint32_t i = 0; i < s->resource_count; i++)
        known[i] = catalog_resource_at(r->facts, s->resource_first + i)->name;
    uint32_t found = 0;
    TRY(profile_name_of(r->d, n, name, "resource type", known, s->resource_count, &found, r->e));
    *out = s->resource_first + found;
    if (resource_nameable(r->facts, *out)) return STATUS_OK;
    return node_error(r->d, n, r->e, STATUS_INVALID, "resource type `%.*s` has an ARN that requests cannot name",
                      STR_FMT(text));
}

/* Roles have trust policies, everything else another kind; so has one policy. */
static status read_types(const profile_reader *r, const node *n, profile_resource_policy *out)
{
    profile_list texts;
    uint32_t     trusts = 0;
    TRY(profile_strings(r->a, r->d, n, "types", &texts, r->e));
    out->types = ARENA_NEW(r->a, uint32_t, texts.count);
    out->type_count = texts.count;
    for (uint32_t i = 0; i < texts.count; i++) {
        TRY(find_type(r, node_at(node_get(n, "types"), i), texts.items[i], &out->types[i]));
        trusts += str_is(texts.items[i], "iam:role") || str_is(texts.items[i], "sts:role");
    }
    if (trusts != 0 && trusts != texts.count)
        return node_error(r->d, node_get(n, "types"), r->e, STATUS_INVALID,
                          "roles beside other types, but a trust policy is for roles alone");
    out->trust = trusts > 0;
    return STATUS_OK;
}

static status read_resource_policy(const profile_reader *r, const node *n, const profile_requests *all,
                                   profile_resource_policy *out)
{
    static const char *const members[] = {"name", "policy", "types", "names", "owner", "weight", "aws_managed_key"};
    const node              *member = NULL;
    place                    at;
    TRY(node_only(r->d, n, members, COUNTOF(members), r->e));
    TRY(profile_text(r->a, r->d, n, "name", &out->name, r->e));
    TRY(read_types(r, n, out));
    out->names = all->resource_names;
    if (node_get(n, "names") != NULL) TRY(profile_names(r->a, r->d, n, "names", &out->names, r->e));
    if ((member = node_get(n, "owner")) != NULL) {
        TRY(profile_text(r->a, r->d, n, "owner", &out->owner, r->e));
        TRY(profile_account(r->d, member, out->owner, r->e));
    }
    out->weight = 1;
    if ((member = node_get(n, "weight")) != NULL) TRY(profile_weight(r->d, member, &out->weight, r->e));
    if ((member = node_get(n, "aws_managed_key")) != NULL) TRY(node_bool(r->d, member, &out->aws_managed_key, r->e));
    TRY(node_need(r->d, n, "policy", &member, r->e));
    TRY(node_object(r->d, member, r->e));
    TRY(node_source_text(r->d, member, &out->text, &at, r->e));
    return check_policy(r, member, out->text, out->trust ? POLICY_TRUST : POLICY_RESOURCE);
}

static bool is_endpoint(const profile_requests *all, str id)
{
    for (uint32_t i = 0; i < all->session_count; i++)
        for (uint32_t k = 0; k < all->sessions[i].origins.count; k++) {
            const profile_bundle *b = &all->sessions[i].origins.items[k];
            for (uint32_t n = 0; n < b->count; n++)
                if (str_eq_nocase(b->keys[n], STR("aws:SourceVpce")) && str_eq(b->values[n], id)) return true;
        }
    return false;
}

static status read_endpoints(const profile_reader *r, const node *n, profile_requests *out)
{
    const node *object = NULL;
    place       at;
    TRY(profile_members(r->d, n, "endpoints", &object, r->e));
    out->endpoint_count = (uint32_t)node_count(object);
    if (out->endpoint_count > AUTHZ_ENDPOINTS_MAX)
        return node_error(r->d, object, r->e, STATUS_LIMIT, "more than %u endpoints", AUTHZ_ENDPOINTS_MAX);
    out->endpoints = ARENA_NEW(r->a, profile_endpoint, out->endpoint_count);
    for (uint32_t i = 0; i < out->endpoint_count; i++) {
        const node *row = node_at(object, i);
        out->endpoints[i].id = arena_str(r->a, node_name(row));
        if (!is_endpoint(out, out->endpoints[i].id))
            return node_error(r->d, row, r->e, STATUS_INVALID, "no session has an origin with aws:SourceVpce `%.*s`",
                              STR_FMT(out->endpoints[i].id));
        TRY(node_object(r->d, row, r->e));
        TRY(node_source_text(r->d, row, &out->endpoints[i].text, &at, r->e));
        TRY(check_policy(r, row, out->endpoints[i].text, POLICY_ENDPOINT));
    }
    return STATUS_OK;
}

status profile_read_layers(arena *a, const document *d, const node *n, const catalog *facts, profile_requests *out,
                           err *e)
{
    const profile_reader r = {a, d, facts, e};
    const node          *array = NULL;
    if (node_get(n, "endpoints") != NULL) TRY(read_endpoints(&r, n, out));
    if (node_get(n, "resource_policies") == NULL) return STATUS_OK;
    TRY(profile_array(d, n, "resource_policies", &array, e));
    if (node_count(array) > PROFILE_POLICIES_MAX)
        return node_error(d, array, e, STATUS_LIMIT, "more than %u policies of resources", PROFILE_POLICIES_MAX);
    out->policy_count = (uint32_t)node_count(array);
    out->policies = ARENA_NEW(a, profile_resource_policy, out->policy_count);
    for (uint32_t i = 0; i < out->policy_count; i++)
        TRY(read_resource_policy(&r, node_at(array, i), out, &out->policies[i]));
    return STATUS_OK;
}
