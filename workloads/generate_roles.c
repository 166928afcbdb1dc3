/* Who asks: principals, and the keys that follow from them. */
#include <assert.h>

#include "workloads/generate_requests.h"
#include "workloads/generate_text.h"

#define ROLE_KEYS_MAX 8u

typedef struct {
    generate_requests *g;
    authz_role_key    *keys;
    uint32_t           count;
} keys_of_role;

/* The text without the hole in it, and where that was. */
static str text_with_hole(arena *a, str text, size_t *hole)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!str_starts(str_part(text, i, text.len - i), PROFILE_ACCOUNT)) continue;
        size_t behind = i + PROFILE_ACCOUNT.len;
        *hole = i;
        return arena_format(a, "%.*s%.*s", (int)i, text.ptr, (int)(text.len - behind), text.ptr + behind);
    }
    *hole = AUTHZ_NO_HOLE;
    return text;
}

/* text: with `<account>` where the account's id goes; none where it is empty. */
static status key_add(keys_of_role *k, const char *key, str text)
{
    bool           fresh;
    str           *kept = ARENA_NEW(&k->g->a, str, 1);
    authz_role_key made = {str_of(key), kept, 1, AUTHZ_NO_HOLE, requests_shape(k->g, str_of(key))};
    if (text.len == 0) return STATUS_OK;
    assert(k->count < ROLE_KEYS_MAX);
    *kept = text_with_hole(&k->g->a, text, &made.hole);
    k->keys[k->count++] = made;
    return requests_claim(k->g, made.key, OWNER_ROLE, &fresh);
}

/* ---- principals of accounts ---- */

typedef struct { /* with `<account>` */
    str         principal, arn, id;
    const char *type;
} identity;

static identity identity_of(arena *a, const profile_role *r, str account)
{
    const char *name = r->name.ptr;
    int         len = (int)r->name.len;
    identity    i = {.type = "AssumedRole"};
    switch (r->kind) {
    case PROFILE_ROOT:
        i.arn = i.principal = arena_format(a, "arn:aws:iam::%.*s:root", STR_FMT(account));
        i.id = account;
        i.type = "Account";
        break;
    case PROFILE_USER:
        i.arn = i.principal = arena_format(a, "arn:aws:iam::%.*s:user/%.*s", STR_FMT(account), len, name);
        i.id = arena_format(a, "AIDASYNTHETIC%.*s", len, name);
        i.type = "User";
        break;
    case PROFILE_FEDERATED_USER:
        i.arn = i.principal = arena_format(a, "arn:aws:sts::%.*s:federated-user/%.*s", STR_FMT(account), len, name);
        i.id = arena_format(a, "%.*s:%.*s", STR_FMT(account), len, name);
        i.type = "FederatedUser";
        break;
    case PROFILE_SERVICE_LINKED:
        i.arn = i.principal = arena_format(a, "arn:aws:iam::%.*s:role/aws-service-role/%.*s/%.*s", STR_FMT(account),
                                           STR_FMT(r->service), len, name);
        i.id = arena_format(a, "AROASYNTHETIC%.*s:session", len, name);
        break;
    default:
        i.arn = arena_format(a, "arn:aws:iam::%.*s:role/%.*s", STR_FMT(account), len, name);
        i.principal = arena_format(a, "arn:aws:sts::%.*s:assumed-role/%.*s/session", STR_FMT(account), len, name);
        i.id = arena_format(a, "AROASYNTHETIC%.*s:session", len, name);
        break;
    }
    return i;
}

static status make_of_account(keys_of_role *k, const profile_role *from, authz_role *role)
{
    arena   *a = &k->g->a;
    str      account = from->kind == PROFILE_OUTSIDE_ROLE ? from->account : PROFILE_ACCOUNT;
    identity i = identity_of(a, from, account);
    role->principal = text_with_hole(a, i.principal, &role->hole);
    TRY(key_add(k, "aws:PrincipalArn", i.arn));
    TRY(key_add(k, "aws:PrincipalAccount", account));
    TRY(key_add(k, "aws:PrincipalType", str_of(i.type)));
    TRY(key_add(k, "aws:PrincipalIsAWSService", STR("false")));
    TRY(key_add(k, "aws:userid", i.id));
    if (from->kind == PROFILE_USER) TRY(key_add(k, "aws:username", from->name));
    TRY(key_add(k, "aws:FederatedProvider", from->provider));
    if (from->organization.len == 0) return STATUS_OK;
    TRY(key_add(k, "aws:PrincipalOrgID", from->organization));
    return key_add(k, "aws:PrincipalOrgPaths", arena_format(a, "%.*s/r-0000/", STR_FMT(from->organization)));
}

/* ---- services, and nobody ---- */

static status make_service(keys_of_role *k, const profile_role *from, authz_role *role)
{
    str organization = profile_fill(&k->g->a, from->source_organization, PROFILE_ORGANIZATION, org_id(k->g->view));
    role->principal = from->service;
    role->hole = AUTHZ_NO_HOLE;
    TRY(key_add(k, "aws:PrincipalIsAWSService", STR("true")));
    TRY(key_add(k, "aws:PrincipalServiceName", from->service));
    TRY(key_add(k, "aws:PrincipalServiceNamesList", from->service));
    TRY(key_add(k, "aws:SourceAccount", from->source_account));
    TRY(key_add(k, "aws:SourceOrgID", organization));
    return key_add(k, "aws:SourceArn", from->source_arn);
}

static status make_anonymous(keys_of_role *k, authz_role *role)
{
    role->principal = STR("anonymous");
    role->hole = AUTHZ_NO_HOLE;
    TRY(key_add(k, "aws:PrincipalAccount", STR("anonymous")));
    TRY(key_add(k, "aws:PrincipalType", STR("Anonymous")));
    return key_add(k, "aws:PrincipalIsAWSService", STR("false"));
}

/* ---- all ---- */

static status make_role(generate_requests *g, const profile_role *from, authz_role *role, request_role *table)
{
    keys_of_role k = {.g = g, .keys = ARENA_NEW(&g->a, authz_role_key, ROLE_KEYS_MAX)};
    *role = (authz_role){.name = from->name,
                         .identity = from->identity,
                         .root = from->kind == PROFILE_ROOT,
                         .service_linked = from->kind == PROFILE_SERVICE_LINKED,
                         .boundary = from->boundary,
                         .session = from->session_policies};
    if (from->kind == PROFILE_SERVICE)
        TRY(make_service(&k, from, role));
    else if (from->kind == PROFILE_ANONYMOUS)
        TRY(make_anonymous(&k, role));
    else
        TRY(make_of_account(&k, from, role));
    role->keys = k.keys;
    role->key_count = k.count;
    table->session = from->session;
    table->foreign = profile_is_foreign(from->kind);
    table->tags = from->kind == PROFILE_SERVICE || from->kind == PROFILE_ANONYMOUS ? &g->untagged : &g->principal_tags;
    return STATUS_OK;
}

status requests_make_roles(generate_requests *g)
{
    const profile_requests *r = &g->p->requests;
    g->role_count = r->role_count;
    g->roles = ARENA_NEW(&g->a, authz_role, r->role_count);
    g->role_tables = ARENA_NEW(&g->a, request_role, r->role_count);
    for (uint32_t i = 0; i < r->role_count; i++) TRY(make_role(g, &r->roles[i], &g->roles[i], &g->role_tables[i]));
    return authz_roles_bind(g->v, g->roles, g->role_count, g->e);
}
