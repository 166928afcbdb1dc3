/* The part of a profile that says who asks: roles, users, services, callers from outside. */
#include "workloads/generate_actions.h"
#include "workloads/profile.h"

static const str kind_names[PROFILE_ROLE_KINDS] = {
    {"role", 4},    {"user", 4},      {"root", 4},         {"service-linked", 14}, {"federated-user", 14},
    {"service", 7}, {"anonymous", 9}, {"outside-role", 12}};

#define OF(kind) (1u << PROFILE_##kind)
#define OWN      (OF(ROLE) | OF(USER) | OF(SERVICE_LINKED) | OF(FEDERATED_USER) | OF(OUTSIDE_ROLE))
static const struct {
    const char *name;
    unsigned    may, must; /* sets of kinds */
} kind_members[] = {
    {"identity", OWN | OF(ROOT), OWN | OF(ROOT)},
    {"service", OF(SERVICE_LINKED) | OF(SERVICE), OF(SERVICE_LINKED) | OF(SERVICE)},
    {"source", OF(SERVICE), 0},
    {"account", OF(OUTSIDE_ROLE), OF(OUTSIDE_ROLE)},
    {"organization", OF(OUTSIDE_ROLE), 0},
    {"provider", OF(ROLE) | OF(OUTSIDE_ROLE), 0},
    {"boundary", OF(ROLE) | OF(USER) | OF(FEDERATED_USER) | OF(OUTSIDE_ROLE), 0},
    {"session_policies", OF(ROLE) | OF(FEDERATED_USER) | OF(OUTSIDE_ROLE), 0},
    {"asks", UINT32_MAX, OF(SERVICE) | OF(ANONYMOUS)},
};
#undef OWN
#undef OF

static status check_members(const profile_reader *r, const node *n, profile_role_kind kind)
{
    const node *member = NULL;
    for (size_t i = 0; i < COUNTOF(kind_members); i++) {
        member = node_get(n, kind_members[i].name);
        if (member != NULL && !(kind_members[i].may >> kind & 1))
            return node_error(r->d, member, r->e, STATUS_INVALID, "`%s` is nothing that kind `%.*s` has",
                              kind_members[i].name, STR_FMT(kind_names[kind]));
        if (kind_members[i].must >> kind & 1) TRY(node_need(r->d, n, kind_members[i].name, &member, r->e));
    }
    return STATUS_OK;
}

static status read_policy(const profile_reader *r, const node *n, policy_type type, const policy **out)
{
    str                  text = {0};
    place                at = {0};
    policy              *parsed = NULL;
    policy_parse_options options = {.type = type, .dialect = DIALECT_SCP_FULL};
    TRY(node_source_text(r->d, n, &text, &at, r->e));
    TRY(policy_parse_part(r->a, at.in, at.offset, at.offset + text.len, options, &parsed, r->e));
    *out = parsed;
    return STATUS_OK;
}

static status read_policies(const profile_reader *r, const node *n, const char *name, policy_type type,
                            policy_level *out)
{
    const node *array = node_get(n, name);
    if (array == NULL) return STATUS_OK;
    TRY(node_array(r->d, array, r->e));
    const policy **policies = ARENA_NEW(r->a, const policy *, node_count(array));
    for (uint32_t i = 0; i < node_count(array); i++) TRY(read_policy(r, node_at(array, i), type, &policies[i]));
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

static status read_optional(const profile_reader *r, const node *n, const char *name, str *out)
{
    return node_get(n, name) == NULL ? STATUS_OK : profile_text(r->a, r->d, n, name, out, r->e);
}

static status read_source(const profile_reader *r, const node *n, profile_role *out)
{
    static const char *const members[] = {"account", "organization", "arn"};
    TRY(node_object(r->d, n, r->e));
    TRY(node_only(r->d, n, members, COUNTOF(members), r->e));
    TRY(profile_text(r->a, r->d, n, "account", &out->source_account, r->e));
    if (!str_eq(out->source_account, PROFILE_ACCOUNT))
        TRY(profile_account(r->d, node_get(n, "account"), out->source_account, r->e));
    TRY(read_optional(r, n, "organization", &out->source_organization));
    return read_optional(r, n, "arn", &out->source_arn);
}

static status read_asks(const profile_reader *r, const node *n, profile_role *out)
{
    if (node_get(n, "asks") == NULL) return STATUS_OK;
    TRY(profile_strings(r->a, r->d, n, "asks", &out->asks, r->e));
    for (uint32_t i = 0; i < out->asks.count; i++) {
        arena scratch = *r->a;
        if (actions_matching(&scratch, r->facts, out->asks.items[i]).count == 0)
            return node_error(r->d, node_at(node_get(n, "asks"), i), r->e, STATUS_INVALID,
                              "no action of the catalogue is `%.*s`", STR_FMT(out->asks.items[i]));
    }
    return STATUS_OK;
}

/* What some kinds have. */
static status read_particulars(const profile_reader *r, const node *n, profile_role *out)
{
    const node *boundary = node_get(n, "boundary");
    TRY(read_optional(r, n, "service", &out->service));
    if (out->kind == PROFILE_SERVICE && !str_ends(out->service, STR(".amazonaws.com")))
        return node_error(r->d, node_get(n, "service"), r->e, STATUS_INVALID,
                          "service `%.*s`, expected a name such as `athena.amazonaws.com`", STR_FMT(out->service));
    TRY(read_optional(r, n, "provider", &out->provider));
    TRY(read_optional(r, n, "account", &out->account));
    if (out->account.len > 0) TRY(profile_account(r->d, node_get(n, "account"), out->account, r->e));
    TRY(read_optional(r, n, "organization", &out->organization));
    if (node_get(n, "source") != NULL) TRY(read_source(r, node_get(n, "source"), out));
    if (boundary != NULL) TRY(read_policy(r, boundary, POLICY_BOUNDARY, &out->boundary));
    TRY(read_policies(r, n, "session_policies", POLICY_SESSION, &out->session_policies));
    TRY(read_policies(r, n, "identity", POLICY_IDENTITY, &out->identity));
    if (out->kind == PROFILE_ROOT && out->identity.count > 0)
        return node_error(r->d, node_get(n, "identity"), r->e, STATUS_INVALID, "a root user has no identity policies");
    return read_asks(r, n, out);
}

static status read_role(const profile_reader *r, const node *n, const profile_requests *all, profile_role *out)
{
    static const char *const members[] = {
        "name",         "kind",     "service",  "session",          "reads", "identity", "source", "account",
        "organization", "provider", "boundary", "session_policies", "asks"};
    str      kind = {0}, session = {0}, names[PROFILE_SESSIONS_MAX];
    uint32_t found = 0;
    TRY(node_only(r->d, n, members, COUNTOF(members), r->e));
    TRY(profile_text(r->a, r->d, n, "name", &out->name, r->e));
    if (!is_name(out->name))
        return node_error(r->d, node_get(n, "name"), r->e, STATUS_INVALID,
                          "role `%.*s`, expected up to 64 letters, digits or +=,.@_-", STR_FMT(out->name));
    TRY(profile_text(r->a, r->d, n, "kind", &kind, r->e));
    TRY(profile_name_of(r->d, node_get(n, "kind"), kind, "kind of role", kind_names, COUNTOF(kind_names), &found,
                        r->e));
    out->kind = (profile_role_kind)found;
    TRY(check_members(r, n, out->kind));
    TRY(profile_text(r->a, r->d, n, "session", &session, r->e));
    for (uint32_t i = 0; i < all->session_count; i++) names[i] = all->sessions[i].name;
    TRY(profile_name_of(r->d, node_get(n, "session"), session, "session", names, all->session_count, &out->session,
                        r->e));
    out->reads_given = node_get(n, "reads") != NULL;
    if (out->reads_given) TRY(profile_share(r->d, n, "reads", &out->reads, r->e));
    return read_particulars(r, n, out);
}

status profile_read_roles(arena *a, const document *d, const node *n, const catalog *facts, profile_requests *out,
                          err *e)
{
    const profile_reader r = {a, d, facts, e};
    const node          *roles = NULL;
    TRY(profile_array(d, n, "roles", &roles, e));
    if (node_count(roles) > PROFILE_ROLES_MAX)
        return node_error(d, roles, e, STATUS_LIMIT, "more than %u roles", PROFILE_ROLES_MAX);
    out->role_count = (uint32_t)node_count(roles);
    out->roles = ARENA_NEW(a, profile_role, out->role_count);
    for (uint32_t i = 0; i < out->role_count; i++) {
        TRY(read_role(&r, node_at(roles, i), out, &out->roles[i]));
        for (uint32_t k = 0; k < i; k++)
            if (str_eq(out->roles[k].name, out->roles[i].name))
                return node_error(d, node_at(roles, i), e, STATUS_INVALID, "role `%.*s` stands twice",
                                  STR_FMT(out->roles[i].name));
    }
    return STATUS_OK;
}
