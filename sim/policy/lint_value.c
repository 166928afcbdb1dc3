/* Condition values: what is written there, for this key and operator. */
#include "policy/lint_rules.h"

#include "policy/value.h"

static bool is_identifier(const policy_clause *c)
{
    static const char *const keys[] = {
        "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:ResourceAccount", "aws:ResourceOrgID", "aws:SourceAccount",
        "aws:SourceOrgID",      "aws:SourceVpc",      "aws:SourceVpce",      "aws:VpceAccount",   "aws:VpceOrgID"};
    for (size_t i = 0; i < COUNTOF(keys); i++)
        if (lint_key_is(c, keys[i])) return true;
    return false;
}

static bool compares_text(condition_base base)
{
    return base <= CONDITION_STRING_NOT_EQUALS_IGNORE_CASE;
}

static bool compares_patterns(condition_base base)
{
    return base == CONDITION_STRING_LIKE || base == CONDITION_STRING_NOT_LIKE ||
           (base >= CONDITION_ARN_EQUALS && base <= CONDITION_ARN_NOT_LIKE);
}

/* RFC 1918, 6598 (shared), 3927 and 4291 (link-local), 4193 (unique local), loopback. */
static bool is_private(str text)
{
    static const str blocks[] = {{"10.0.0.0/8", 10},    {"172.16.0.0/12", 13},  {"192.168.0.0/16", 14},
                                 {"100.64.0.0/10", 13}, {"169.254.0.0/16", 14}, {"127.0.0.0/8", 11},
                                 {"fc00::/7", 8},       {"fe80::/10", 9},       {"::1/128", 7}};
    value_ip         ip, block;
    if (!value_ip_read(text, &ip)) return false;
    for (size_t i = 0; i < COUNTOF(blocks); i++)
        if (value_ip_read(blocks[i], &block) && ip.bits >= block.bits && value_ip_in(ip, block)) return true;
    return false;
}

static bool is_year(str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return false;
    return s.len == 4;
}

static void lint_principal_arn(linter *l, const policy_clause *c, const lexeme *value)
{
    str s = value->text;
    for (size_t i = 0; i + 14 <= s.len; i++)
        if (str_eq(str_part(s, i, 14), STR(":assumed-role/"))) {
            lint_add(l, LINT_PRINCIPAL_SESSION, value->at, "`%.*s` under `%.*s` never matches a role session",
                     LINT_FMT(s), LINT_FMT(c->key.text));
            return;
        }
    size_t account = s.len >= 17 ? s.len - 17 : 0; /* `123456789012:root` */
    if (!str_ends(s, STR(":root")) || s.len < 17) return;
    for (size_t i = account; i < account + 12; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return;
    lint_add(l, LINT_PRINCIPAL_ROOT, value->at, "`%.*s` is the root user alone", LINT_FMT(s));
}

static bool is_account(str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return false;
    return s.len == 12;
}

static bool is_principal_type(str s, bool nocase)
{
    static const char *const types[] = {"Account", "User", "FederatedUser", "AssumedRole", "Anonymous"};
    for (size_t i = 0; i < COUNTOF(types); i++)
        if (nocase ? str_eq_nocase(s, str_of(types[i])) : str_is(s, types[i])) return true;
    return false;
}

/* Only values that are compared whole: neither with wildcards, which other lints look at, nor with variables. */
static void lint_value_never(linter *l, const policy_clause *c, const lexeme *value)
{
    static const char *const accounts[] = {"aws:PrincipalAccount", "aws:ResourceAccount", "aws:SourceAccount",
                                           "aws:VpceAccount"};
    static const char *const organizations[] = {"aws:PrincipalOrgID", "aws:ResourceOrgID", "aws:SourceOrgID",
                                                "aws:VpceOrgID"};
    str                      s = value->text;
    bool                     fine = true,
         nocase = c->base == CONDITION_STRING_EQUALS_IGNORE_CASE || c->base == CONDITION_STRING_NOT_EQUALS_IGNORE_CASE;
    if (c->base > CONDITION_STRING_NOT_LIKE || lint_has_wildcard(s) || str_find(s, '$', 0) < s.len) return;
    for (size_t i = 0; i < COUNTOF(accounts); i++)
        if (lint_key_is(c, accounts[i])) fine = is_account(s) || (i == 0 && str_eq_nocase(s, STR("anonymous")));
    for (size_t i = 0; i < COUNTOF(organizations); i++)
        if (lint_key_is(c, organizations[i])) fine = s.len > 2 && str_eq_nocase(str_part(s, 0, 2), STR("o-"));
    if (lint_key_is(c, "aws:PrincipalType")) fine = is_principal_type(s, nocase);
    if (!fine) lint_add(l, LINT_VALUE_NEVER, value->at, "`%.*s` is never `%.*s`", LINT_FMT(c->key.text), LINT_FMT(s));
}

static void lint_value(linter *l, const policy_clause *c, const lexeme *value)
{
    str  s = value->text;
    bool wildcard = lint_has_wildcard(s), identifier = is_identifier(c);
    if (compares_text(c->base) && wildcard && !identifier)
        lint_add(l, LINT_WILDCARD_EQUALS, value->at, "wildcard in `%.*s` under `%.*s`", LINT_FMT(s),
                 LINT_FMT(c->name.text));
    if ((compares_text(c->base) || compares_patterns(c->base)) && wildcard && identifier)
        lint_add(l, LINT_KEY_WILDCARD, value->at, "wildcard in `%.*s` under `%.*s`", LINT_FMT(s),
                 LINT_FMT(c->key.text));
    if (lint_key_is(c, "aws:SourceIp") && is_private(s))
        lint_add(l, LINT_IP_PRIVATE, value->at, "`%.*s` is a private address", LINT_FMT(s));
    if (lint_key_is(c, "aws:PrincipalArn")) lint_principal_arn(l, c, value);
    lint_value_never(l, c, value);
    bool date = c->base >= CONDITION_DATE_EQUALS && c->base <= CONDITION_DATE_GREATER_THAN_EQUALS;
    bool seconds = c->base >= CONDITION_NUMERIC_EQUALS && c->base <= CONDITION_NUMERIC_GREATER_THAN_EQUALS &&
                   lint_key_is(c, "aws:EpochTime");
    if ((date || seconds) && is_year(s))
        lint_add(l, LINT_DATE_YEAR, value->at, "`%.*s` is %.*s seconds after 1970", LINT_FMT(s), LINT_FMT(s));
    if (compares_text(c->base) || compares_patterns(c->base) || c->base == CONDITION_BOOL) lint_variables(l, value);
}

/* Spares calls that come through an AWS service or a VPC endpoint. */
static bool guards_source_ip(const policy_clause *c)
{
    static const char *const keys[] = {"aws:ViaAWSService",  "aws:SourceVpc",     "aws:SourceVpce",
                                       "aws:SourceVpcArn",   "aws:VpceAccount",   "aws:VpceOrgID",
                                       "aws:VpceOrgPaths",   "aws:VpcSourceIp",   "aws:CalledVia",
                                       "aws:CalledViaFirst", "aws:CalledViaLast", "aws:PrincipalIsAWSService"};
    for (size_t i = 0; i < COUNTOF(keys); i++)
        if (lint_key_is(c, keys[i])) return true;
    return c->base == CONDITION_NULL && lint_key_is(c, "aws:SourceIp");
}

static void lint_source_ip(linter *l, const policy_statement *s, const policy_clause *c)
{
    if (!s->deny || c->base != CONDITION_NOT_IP_ADDRESS || !lint_key_is(c, "aws:SourceIp")) return;
    for (uint32_t i = 0; i < s->clause_count; i++)
        if (guards_source_ip(&s->clauses[i])) return;
    lint_add(l, LINT_IP_UNGUARDED, c->key.at, "%.*s also denies calls through AWS services and VPC endpoints",
             STR_FMT(lint_statement_name(l, s)));
}

static void lint_mfa(linter *l, const policy_statement *s, const policy_clause *c)
{
    if (!s->deny || c->base != CONDITION_BOOL || c->if_exists || !lint_key_is(c, "aws:MultiFactorAuthPresent")) return;
    for (uint32_t i = 0; i < c->value_count; i++)
        if (str_eq_nocase(c->values[i].text, STR("false")))
            lint_add(l, LINT_MFA_BOOL, c->key.at, "%.*s lets long-term access keys through",
                     STR_FMT(lint_statement_name(l, s)));
}

void lint_values(linter *l, const policy_statement *s)
{
    for (uint32_t i = 0; i < s->clause_count; i++) {
        const policy_clause *c = &s->clauses[i];
        for (uint32_t k = 0; k < c->value_count; k++) lint_value(l, c, &c->values[k]);
        lint_duplicates(l, c->values, c->value_count, false, "value");
        lint_source_ip(l, s, c);
        lint_mfa(l, s, c);
    }
}
