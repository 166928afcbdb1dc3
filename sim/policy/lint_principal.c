/* Principals, and what trust policies may speak of. */
#include "policy/lint_rules.h"

#include "policy/match.h"

static bool is_digits(str s, size_t len)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return false;
    return s.len == len;
}

/* AWS IAM User Guide, "IAM identifiers", unique identifiers: the prefixes of users and roles. */
static bool is_unique_id(str s)
{
    if (s.len < 16 || s.len > 128 || !(str_starts(s, STR("AIDA")) || str_starts(s, STR("AROA")))) return false;
    for (size_t i = 0; i < s.len; i++)
        if (!((s.ptr[i] >= 'A' && s.ptr[i] <= 'Z') || (s.ptr[i] >= '0' && s.ptr[i] <= '9'))) return false;
    return true;
}

static bool is_account(str s)
{
    return is_digits(s, 12) || (str_starts(s, STR("arn:")) && str_ends(s, STR(":root")));
}

/* Whether it would let in everybody among its principals. Of keys with conditions more is said elsewhere. */
static bool is_open(linter *l, const policy_statement *s)
{
    if (s->deny || s->not_principal || (l->p->type != POLICY_RESOURCE && l->p->type != POLICY_TRUST)) return false;
    return s->clause_count == 0 || (!l->key_policy && !lint_limits_callers(l, s));
}

static void lint_principal(linter *l, const policy_statement *s, const policy_principal *p, bool open)
{
    str text = p->value.text;
    if (p->kind == PRINCIPAL_AWS && is_unique_id(text))
        lint_add(l, LINT_PRINCIPAL_DECAYED, p->value.at, "principal `%.*s` is the id of a deleted user or role",
                 LINT_FMT(text));
    bool everyone = str_is(text, "*") && (p->kind == PRINCIPAL_EVERYONE || p->kind == PRINCIPAL_AWS);
    if (everyone && open)
        lint_add(l, LINT_PRINCIPAL_PUBLIC, p->value.at, "%.*s is open to everyone%s",
                 STR_FMT(lint_statement_name(l, s)), s->clause_count > 0 ? ": no condition says who asks" : "");
    if (s->deny && !s->not_principal && p->kind == PRINCIPAL_AWS && is_account(text))
        lint_add(l, LINT_PRINCIPAL_ACCOUNT, p->value.at, "`%.*s` denies everybody in the account", LINT_FMT(text));
}

static void lint_trust(linter *l, const policy_statement *s)
{
    static const char *const ways[] = {"sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity",
                                       "sts:TagSession", "sts:SetSourceIdentity",  "sts:SetContext"};
    bool                     federated_way = false, plain = false;
    for (uint32_t i = 0; i < s->action_count && !s->not_action; i++) {
        str    action = s->actions[i].text;
        size_t k = 0;
        while (k < COUNTOF(ways) && !match_action(action, str_of(ways[k]))) k++;
        if (k == COUNTOF(ways))
            lint_add(l, LINT_TRUST_ACTION, s->actions[i].at, "`%.*s` is no way to assume a role", LINT_FMT(action));
        plain = plain || str_eq_nocase(action, STR("sts:AssumeRole"));
        federated_way = federated_way || match_action(action, STR("sts:AssumeRoleWithSAML")) ||
                        match_action(action, STR("sts:AssumeRoleWithWebIdentity"));
    }
    for (uint32_t i = 0; i < s->principal_count; i++)
        if (s->principals[i].kind == PRINCIPAL_FEDERATED && plain && !federated_way && !s->deny)
            lint_add(l, LINT_TRUST_FEDERATED, s->principals[i].value.at,
                     "federated principal `%.*s` cannot call sts:AssumeRole", LINT_FMT(s->principals[i].value.text));
}

void lint_principals(linter *l, const policy_statement *s)
{
    bool open = is_open(l, s);
    for (uint32_t i = 0; i < s->principal_count; i++) lint_principal(l, s, &s->principals[i], open);
    if (s->not_principal && s->deny)
        lint_add(l, LINT_NOT_PRINCIPAL, s->at, "%.*s denies all but the principals it lists",
                 STR_FMT(lint_statement_name(l, s)));
    if (l->p->type == POLICY_TRUST) lint_trust(l, s);
    for (uint32_t i = 1; i < s->principal_count; i++)
        for (uint32_t k = 0; k < i; k++) {
            const policy_principal *a = &s->principals[i], *b = &s->principals[k];
            if (!lint_work(l, 1 + (a->value.text.len == b->value.text.len ? a->value.text.len : 0))) return;
            if (a->kind != b->kind || !str_eq(a->value.text, b->value.text)) continue;
            lint_add(l, LINT_DUPLICATE, a->value.at, "principal `%.*s` stands twice in this list",
                     LINT_FMT(a->value.text));
            break;
        }
}
