/* Key policies. KMS asks nobody else: not the account that owns the key, nor its identity policies, unless the key
 * policy names the account (AWS KMS Developer Guide, "Key policies" and "Default key policy"). What a policy does not
 * say is looked at only where all of it could be read. */
#include "policy/lint_rules.h"

#include "policy/match.h"

#define CHANGE STR("kms:PutKeyPolicy")
#define GRANT  STR("kms:CreateGrant")

/* A policy of a resource whose statements list nothing but actions of KMS. */
bool lint_is_key_policy(const policy *p)
{
    const str prefix = STR("kms:");
    if (p->type != POLICY_RESOURCE || p->statement_count == 0) return false;
    for (uint32_t i = 0; i < p->statement_count; i++) {
        const policy_statement *s = &p->statements[i];
        if (s->not_action) return false;
        for (uint32_t k = 0; k < s->action_count; k++) {
            str action = s->actions[k].text;
            if (action.len < prefix.len || !str_eq_nocase(str_part(action, 0, prefix.len), prefix)) return false;
        }
    }
    return true;
}

static bool has_action(const policy_statement *s, str action)
{
    for (uint32_t i = 0; i < s->action_count; i++)
        if (match_action(s->actions[i].text, action)) return true;
    return false;
}

static bool is_everyone(const policy_principal *p)
{
    return (p->kind == PRINCIPAL_EVERYONE || p->kind == PRINCIPAL_AWS) && str_is(p->value.text, "*");
}

static const policy_principal *everyone_of(const policy_statement *s)
{
    for (uint32_t i = 0; i < s->principal_count && !s->not_principal; i++)
        if (is_everyone(&s->principals[i])) return &s->principals[i];
    return NULL;
}

/* Twelve digits, or what ends in `:root`: the account, whose identity policies then count. */
static bool is_account(str s)
{
    size_t digits = 0;
    if (str_starts(s, STR("arn:"))) return str_ends(s, STR(":root"));
    while (digits < s.len && s.ptr[digits] >= '0' && s.ptr[digits] <= '9') digits++;
    return digits == 12 && s.len == 12;
}

static bool names_account(const policy_statement *s)
{
    for (uint32_t i = 0; i < s->principal_count && !s->not_principal; i++)
        if (s->principals[i].kind == PRINCIPAL_AWS && is_account(s->principals[i].value.text)) return true;
    return false;
}

/* Services change no policies. */
static bool names_people(const policy_statement *s)
{
    if (s->not_principal) return true;
    for (uint32_t i = 0; i < s->principal_count; i++)
        if (s->principals[i].kind != PRINCIPAL_SERVICE) return true;
    return false;
}

/* ---- what is missing ---- */

static bool is_manageable(const policy *p)
{
    bool allowed = false;
    for (uint32_t i = 0; i < p->statement_count; i++) {
        const policy_statement *s = &p->statements[i];
        if (!has_action(s, CHANGE)) continue;
        if (s->deny && s->clause_count == 0 && everyone_of(s) != NULL) return false;
        allowed = allowed || (!s->deny && names_people(s));
    }
    return allowed;
}

static void lint_missing(linter *l)
{
    const policy *p = l->p;
    bool          account = false;
    if (!is_manageable(p)) {
        lint_add(l, LINT_KEY_UNMANAGEABLE, p->at, "nobody may change this key policy: kms:PutKeyPolicy is not allowed");
        return;
    }
    for (uint32_t i = 0; i < p->statement_count; i++) {
        const policy_statement *s = &p->statements[i];
        account = account || (!s->deny && (names_account(s) || everyone_of(s) != NULL));
    }
    if (!account)
        lint_add(l, LINT_KEY_WITHOUT_ACCOUNT, p->at,
                 "identity policies have no effect on this key: no account is named");
}

/* ---- who is let in ---- */

static void lint_everyone(linter *l, const policy_statement *s)
{
    const policy_principal *all = everyone_of(s);
    if (s->deny || all == NULL || lint_limits_callers(l, s)) return;
    str name = lint_statement_name(l, s);
    if (has_action(s, CHANGE))
        lint_add(l, LINT_KEY_GIVEN_AWAY, all->value.at, "%.*s lets every account change this key policy",
                 STR_FMT(name));
    else if (s->clause_count > 0)
        lint_add(l, LINT_KEY_OPEN, all->value.at, "no condition of %.*s says who asks: every account may",
                 STR_FMT(name));
}

/* ---- actions ---- */

/* What a grant may be limited by. */
static bool is_limited_grant(const policy_statement *s)
{
    static const char *const names[] = {"kms:GrantIsForAWSResource", "kms:GranteePrincipal",  "kms:GrantOperations",
                                        "kms:GrantConstraintType",   "kms:RetiringPrincipal", "kms:ViaService"};
    for (uint32_t i = 0; i < s->clause_count; i++)
        for (size_t k = 0; k < COUNTOF(names); k++)
            if (s->clauses[i].base != CONDITION_NULL && lint_key_is(&s->clauses[i], names[k])) return true;
    return false;
}

/* Who may change the policy needs no grant, and `kms:Create*` is what administrators have by default. */
static void lint_grants(linter *l, const policy_statement *s)
{
    if (s->deny || !names_people(s) || names_account(s) || has_action(s, CHANGE) || is_limited_grant(s)) return;
    for (uint32_t i = 0; i < s->action_count; i++) {
        str action = s->actions[i].text;
        if (!match_action(action, GRANT) || match_action(action, STR("kms:CreateAlias"))) continue;
        lint_add(l, LINT_KEY_GRANT, s->actions[i].at, "%.*s may pass on this key by grants, to anybody",
                 STR_FMT(lint_statement_name(l, s)));
    }
}

static bool takes_keys(const catalog *facts, const catalog_action *action)
{
    for (uint32_t i = 0; i < action->resource_count; i++)
        if (str_is(catalog_resource_at(facts, action->resources[i])->name, "key")) return true;
    return false;
}

static void lint_elsewhere(linter *l, const policy_statement *s)
{
    for (uint32_t i = 0; i < s->action_count && !s->deny; i++) {
        uint32_t known = catalog_action_find(l->facts, s->actions[i].text);
        if (known == CATALOG_NONE || takes_keys(l->facts, catalog_action_at(l->facts, known))) continue;
        lint_add(l, LINT_KEY_ACTION, s->actions[i].at, "`%.*s` is not asked of a key: it has no effect in a key policy",
                 LINT_FMT(s->actions[i].text));
    }
}

void lint_key_policy(linter *l)
{
    if (!l->key_policy) return;
    if (l->whole) lint_missing(l);
    for (uint32_t i = 0; i < l->p->statement_count; i++) {
        const policy_statement *s = &l->p->statements[i];
        lint_everyone(l, s);
        lint_grants(l, s);
        lint_elsewhere(l, s);
    }
}
