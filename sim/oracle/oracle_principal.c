#include "oracle/oracle_principal.h"

#include "oracle/oracle.h"

/* ---- who asks ---- */

str oracle_arn_part(str arn, uint32_t part)
{
    size_t begin = 0;
    for (uint32_t i = 0; i < part; i++) {
        size_t colon = str_find(arn, ':', begin);
        if (colon == arn.len) return STR("");
        begin = colon + 1;
    }
    size_t end = part == 5 ? arn.len : str_find(arn, ':', begin);
    return str_part(arn, begin, end - begin);
}

static str after(str s, size_t from)
{
    return from < s.len ? str_part(s, from, s.len - from) : STR("");
}

/* What follows the last `/`: a name without its path. */
static str last_name(str path)
{
    size_t begin = 0;
    for (size_t i = 0; i < path.len; i++)
        if (path.ptr[i] == '/') begin = i + 1;
    return after(path, begin);
}

/* By an ARN's resource part, `root` or `word/rest`. What is no principal (`group/…`) is taken for a user whom no policy
 * can name, so that it is bound by what binds its account. */
static caller_kind kind_of(str resource)
{
    if (str_is(resource, "root")) return CALLER_ROOT;
    if (str_starts(resource, STR("role/"))) return CALLER_ROLE;
    if (str_starts(resource, STR("assumed-role/"))) return CALLER_SESSION;
    if (str_starts(resource, STR("federated-user/"))) return CALLER_FEDERATED_USER;
    if (str_starts(resource, STR("saml-provider/")) || str_starts(resource, STR("oidc-provider/")))
        return CALLER_PROVIDER;
    return CALLER_USER;
}

caller oracle_caller(str principal)
{
    bool   service = str_ends(principal, STR(".amazonaws.com")) || str_ends(principal, STR(".amazonaws.com.cn"));
    caller who = {.kind = service ? CALLER_SERVICE : CALLER_PROVIDER, .arn = principal};
    if (str_is(principal, "anonymous")) who.kind = CALLER_ANONYMOUS;
    if (!str_starts(principal, STR("arn:"))) return who;

    str resource = oracle_arn_part(principal, 5);
    str rest = after(resource, str_find(resource, '/', 0) + 1);
    who.kind = kind_of(resource);
    who.account = oracle_arn_part(principal, 4);
    if (who.kind == CALLER_ROLE || str_starts(resource, STR("user/"))) who.name = last_name(rest);
    if (who.kind == CALLER_FEDERATED_USER) who.name = rest;
    if (who.kind == CALLER_SESSION) {
        size_t end = str_find(rest, '/', 0);
        who.name = str_part(rest, 0, end);
        who.session = after(rest, end + 1);
    }
    /* IAM User Guide, "Service-linked roles": their path is reserved, and so is how their names begin, which is all
     * that is left of them in a session's ARN. */
    who.service_linked = (who.kind == CALLER_ROLE && str_starts(rest, STR("aws-service-role/"))) ||
                         (who.kind == CALLER_SESSION && str_starts(who.name, STR("AWSServiceRoleFor")));
    return who;
}

bool oracle_in_account(const caller *who)
{
    return who->kind == CALLER_ROOT || who->kind == CALLER_USER || who->kind == CALLER_ROLE ||
           who->kind == CALLER_SESSION || who->kind == CALLER_FEDERATED_USER;
}

str oracle_account_of(str principal)
{
    return oracle_caller(principal).account;
}

/* ---- whom a policy names: the table of spec 1.7 ---- */

/* Of one name, which is unique in an account whatever its case: whether the rest is the same; a path regards case. */
static bool same_user_or_role(const caller *named, const caller *who)
{
    size_t path = named->arn.len - named->name.len;
    return named->kind == who->kind && named->arn.len == who->arn.len &&
           str_eq(str_part(named->arn, 0, path), str_part(who->arn, 0, path));
}

static bool is_account_id(str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return false;
    return s.len == 12;
}

static principal_reach aws_reach(str value, const caller *who)
{
    if (str_is(value, "*")) return REACH_DIRECT;
    if (!oracle_in_account(who)) return REACH_NONE;
    if (is_account_id(value)) return str_eq(value, who->account) ? REACH_ACCOUNT : REACH_NONE;

    /* From here on an ARN: of the caller's partition and account, or it is somebody else's. What a deleted principal
     * leaves (`AROA…`) is none, and an ARN with a wildcard is nobody's. */
    caller named = oracle_caller(value);
    if (!oracle_in_account(&named) || !str_eq(named.account, who->account) ||
        !str_eq(oracle_arn_part(value, 1), oracle_arn_part(who->arn, 1)))
        return REACH_NONE;
    if (named.kind == CALLER_ROOT) return REACH_ACCOUNT; /* the whole account, not its root user alone */

    bool same_name = named.name.len > 0 && str_eq_nocase(named.name, who->name);
    if (!same_name) return REACH_NONE;
    switch (named.kind) {
    case CALLER_USER: /* a federated user bears the name of the user who made it */
        if (who->kind == CALLER_FEDERATED_USER) return REACH_CAPPED;
        return same_user_or_role(&named, who) ? REACH_DIRECT : REACH_NONE;
    case CALLER_ROLE: /* a session's ARN drops the path of its role */
        if (who->kind == CALLER_SESSION) return REACH_CAPPED;
        return same_user_or_role(&named, who) ? REACH_CAPPED : REACH_NONE;
    case CALLER_SESSION:
        return who->kind == CALLER_SESSION && str_eq(named.session, who->session) ? REACH_DIRECT : REACH_NONE;
    case CALLER_FEDERATED_USER: /* a session's name, too */
        return who->kind == CALLER_FEDERATED_USER && str_eq(named.name, who->name) ? REACH_DIRECT : REACH_NONE;
    case CALLER_ROOT:
    case CALLER_ANONYMOUS:
    case CALLER_SERVICE:
    case CALLER_PROVIDER: break;
    }
    return REACH_NONE;
}

/* The id of a canonical user is hexadecimal; every other name that is no ARN is a domain's. */
static bool is_canonical_user(const caller *who)
{
    for (size_t i = 0; i < who->arn.len; i++)
        if (who->arn.ptr[i] == '.' || who->arn.ptr[i] == ':') return false;
    return who->kind == CALLER_PROVIDER;
}

/* The map's keys are types: a name under the wrong one is nobody's. */
static principal_reach entry_reach(const policy_principal *p, const caller *who)
{
    bool is_type = false;
    switch (p->kind) {
    case PRINCIPAL_EVERYONE: return REACH_DIRECT;
    case PRINCIPAL_AWS: return aws_reach(p->value.text, who);
    case PRINCIPAL_FEDERATED: /* Amazon Cognito is named as a provider, too */
        is_type = (who->kind == CALLER_PROVIDER && !is_canonical_user(who)) ||
                  str_is(who->arn, "cognito-identity.amazonaws.com");
        break;
    case PRINCIPAL_SERVICE: is_type = who->kind == CALLER_SERVICE; break;
    case PRINCIPAL_CANONICAL: is_type = is_canonical_user(who); break;
    }
    return is_type && str_eq(p->value.text, who->arn) ? REACH_DIRECT : REACH_NONE;
}

principal_reach oracle_reach(const policy_statement *s, const caller *who, bool has_boundary, bool on_resource)
{
    if (!s->has_principal) return on_resource ? REACH_NONE : REACH_DIRECT;
    principal_reach listed = REACH_NONE;
    for (uint32_t i = 0; i < s->principal_count; i++) {
        principal_reach r = entry_reach(&s->principals[i], who);
        if (r > listed) listed = r;
    }
    if (!s->not_principal) return listed;
    /* "AWS JSON policy elements: NotPrincipal": a Deny of this kind denies whoever has a boundary, listed or not. */
    if (s->deny && has_boundary) return REACH_DIRECT;
    return listed == REACH_NONE ? REACH_DIRECT : REACH_NONE;
}
