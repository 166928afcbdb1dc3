#include "policy/principal.h"

#include "base/mutant.h"
#include "policy/match.h"

#define ACCOUNT_DIGITS 12

#define ARN_COLONS 5

/* Where the parts of an ARN begin and, the last apart, which colon ends them; false when there are fewer than six. */
static bool arn_split(str arn, size_t begins[ARN_COLONS + 1])
{
    size_t count = 0;
    begins[0] = 0;
    for (size_t i = 0; i < arn.len && count < ARN_COLONS; i++)
        if (arn.ptr[i] == ':') begins[++count] = i + 1;
    return count == ARN_COLONS;
}

/* What stands behind the last slash. */
static str last_name(str path)
{
    size_t begin = path.len;
    while (begin > 0 && path.ptr[begin - 1] != '/') begin--;
    return str_part(path, begin, path.len - begin);
}

/* `assumed-role/Name/Session`; a session's ARN drops the path of its role. */
static void read_session(str text, caller *out)
{
    size_t slash = str_find(text, '/', 0);
    out->kind = CALLER_SESSION;
    out->name = str_part(text, 0, slash);
    out->session = slash < text.len ? str_part(text, slash + 1, text.len - slash - 1) : str_part(text, slash, 0);
    /* Only a service makes roles of this name, and the path that would tell is not there. */
    out->service_linked = str_starts(out->name, STR("AWSServiceRoleFor"));
}

caller caller_read(str principal)
{
    static const struct {
        str         begin;
        caller_kind kind;
    } rows[] = {
        {{"user/", 5}, CALLER_USER},
        {{"role/", 5}, CALLER_ROLE},
        {{"assumed-role/", 13}, CALLER_SESSION},
        {{"federated-user/", 15}, CALLER_FEDERATED_USER},
        {{"saml-provider/", 14}, CALLER_PROVIDER},
        {{"oidc-provider/", 14}, CALLER_PROVIDER},
    };
    caller c = {.kind = CALLER_PROVIDER, .arn = principal};
    if (str_ends(principal, STR(".amazonaws.com")) || str_ends(principal, STR(".amazonaws.com.cn")))
        c.kind = CALLER_SERVICE;
    if (str_is(principal, "anonymous")) c.kind = CALLER_ANONYMOUS;
    if (!str_starts(principal, STR("arn:"))) return c;
    c.kind = CALLER_USER;
    size_t begins[ARN_COLONS + 1], row = 0;
    if (!arn_split(principal, begins)) return c;
    str resource = str_part(principal, begins[5], principal.len - begins[5]);
    c.account = str_part(principal, begins[4], begins[5] - begins[4] - 1);
    while (row < COUNTOF(rows) && !str_starts(resource, rows[row].begin)) row++;
    /* What else has an ARN (`group/…`) is no principal; it is bound like a user of its account and named by nobody. */
    if (str_is(resource, "root")) c.kind = CALLER_ROOT;
    if (row == COUNTOF(rows)) return c;
    c.kind = rows[row].kind;
    str rest = str_part(resource, rows[row].begin.len, resource.len - rows[row].begin.len);
    if (c.kind == CALLER_SESSION)
        read_session(rest, &c);
    else
        c.name = c.kind == CALLER_USER || c.kind == CALLER_ROLE ? last_name(rest) : rest;
    if (c.kind == CALLER_ROLE) c.service_linked = str_starts(rest, STR("aws-service-role/"));
    return c;
}

/* Names are unique in an account whatever their case; a path regards it. */
static bool same_arn(const caller *named, const caller *who)
{
    size_t path = named->arn.len - named->name.len;
    return named->arn.len == who->arn.len && named->kind == who->kind &&
           memcmp(named->arn.ptr, who->arn.ptr, path) == 0;
}

static bool is_account_id(str s)
{
    size_t digits = 0;
    while (digits < s.len && s.ptr[digits] >= '0' && s.ptr[digits] <= '9') digits++;
    return s.len == ACCOUNT_DIGITS && digits == s.len;
}

/* A value under `AWS`. A wildcard in an ARN needs no look of its own: no caller's ARN has one. */
static principal_reach aws_reaches(str value, const caller *who)
{
    if (str_is(value, "*")) return REACH_DIRECT;
    if (!caller_in_account(who)) return REACH_NONE;
    if (is_account_id(value)) return str_eq(value, who->account) ? REACH_ACCOUNT : REACH_NONE;
    if (!str_starts(value, STR("arn:"))) return REACH_NONE; /* the id that a deleted principal leaves behind */
    caller named = caller_read(value);
    if (!str_eq(named.account, who->account) || !str_eq(arn_part(value, 1), arn_part(who->arn, 1))) return REACH_NONE;
    bool same_name = named.name.len > 0 && str_eq_nocase(named.name, who->name);
    switch (named.kind) {
    case CALLER_ROOT: return REACH_ACCOUNT;
    case CALLER_USER:
        /* GetFederationToken names the user whose credentials it was called with only by the session's own name. */
        if (who->kind == CALLER_FEDERATED_USER) return same_name ? REACH_CAPPED : REACH_NONE;
        return same_name && same_arn(&named, who) ? REACH_DIRECT : REACH_NONE;
    case CALLER_ROLE:
        if (who->kind == CALLER_SESSION) return same_name ? REACH_CAPPED : REACH_NONE;
        return same_name && same_arn(&named, who) ? REACH_CAPPED : REACH_NONE;
    case CALLER_SESSION:
        return who->kind == CALLER_SESSION && same_name && str_eq(named.session, who->session) ? REACH_DIRECT
                                                                                               : REACH_NONE;
    case CALLER_FEDERATED_USER:
        return who->kind == CALLER_FEDERATED_USER && str_eq(named.name, who->name) ? REACH_DIRECT : REACH_NONE;
    default: return REACH_NONE;
    }
}

static principal_reach value_reaches(const policy_principal *p, const caller *who)
{
    str  value = p->value.text;
    bool same = str_eq(value, who->arn), dotted = str_find(who->arn, '.', 0) < who->arn.len;
    bool provider = who->kind == CALLER_PROVIDER && (dotted || str_starts(who->arn, STR("arn:")));
    switch (p->kind) {
    case PRINCIPAL_EVERYONE: return REACH_DIRECT;
    case PRINCIPAL_AWS: return aws_reaches(value, who);
    case PRINCIPAL_SERVICE: return same && who->kind == CALLER_SERVICE ? REACH_DIRECT : REACH_NONE;
    case PRINCIPAL_CANONICAL: return same && who->kind == CALLER_PROVIDER && !provider ? REACH_DIRECT : REACH_NONE;
    case PRINCIPAL_FEDERATED: /* Cognito's name is a service's and a provider's */
        provider = provider || str_is(who->arn, "cognito-identity.amazonaws.com");
        return same && provider ? REACH_DIRECT : REACH_NONE;
    }
    return REACH_NONE;
}

principal_reach principal_reaches(const policy_statement *s, const caller *who, bool has_boundary)
{
    principal_reach strongest = REACH_NONE;
    if (!s->has_principal) return REACH_DIRECT;
    for (uint32_t i = 0; i < s->principal_count && strongest != REACH_DIRECT; i++) {
        principal_reach r = value_reaches(&s->principals[i], who);
        strongest = r > strongest ? r : strongest;
    }
    if (!s->not_principal) return strongest;
    if (s->deny && has_boundary && !MUTANT(MUTANT_BOUNDARY_SPARED_BY_NOT_PRINCIPAL)) return REACH_DIRECT;
    return strongest == REACH_NONE ? REACH_DIRECT : REACH_NONE;
}
