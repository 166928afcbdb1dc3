#include "authz/remedy_policy.h"

#include <assert.h>

#include "policy/condition.h"
#include "policy/match.h"
#include "policy/parse.h"
#include "policy/print.h"

#define OTHERS_MAX 12u /* actions that a wildcard gives way to at most */

static statement_trace trace(const arena *a, const remedy_world *w, const policy *p, const policy_statement *s)
{
    arena scratch = *a;
    return authz_explain_statement(&scratch, p, s, w->c, &w->who, w->facts);
}

static bool matches(const arena *a, const remedy_world *w, const policy *p, uint32_t k, bool deny)
{
    return p->statements[k].deny == deny && trace(a, w, p, &p->statements[k]).outcome == STATEMENT_MATCHES;
}

static policy *copy_of(arena *a, const policy *p, uint32_t more)
{
    policy *out = ARENA_NEW(a, policy, 1);
    *out = *p;
    out->statements = ARENA_NEW(a, policy_statement, p->statement_count + more);
    if (p->statement_count > 0) memcpy(out->statements, p->statements, p->statement_count * sizeof *p->statements);
    return out;
}

static lexeme *lexemes_with(arena *a, const lexeme *items, uint32_t count, str more)
{
    lexeme *out = ARENA_NEW(a, lexeme, count + 1);
    if (count > 0) memcpy(out, items, count * sizeof *items);
    out[count].text = more;
    return out;
}

/* As AWS spells it, where the catalogue knows it. */
static str action_text(arena *a, const remedy_world *w)
{
    str      action = w->c->request.action;
    uint32_t index = w->facts == NULL ? CATALOG_NONE : catalog_action_find(w->facts, action);
    if (index == CATALOG_NONE) return action;
    const catalog_action *x = catalog_action_at(w->facts, index);
    str                   prefix = catalog_service_at(w->facts, x->service)->prefix;
    return arena_format(a, "%.*s:%.*s", STR_FMT(prefix), STR_FMT(x->name));
}

/* ---- exceptions ---- */

str remedy_principal_arn(const request *q)
{
    const request_key *k = request_key_find(q, STR("aws:PrincipalArn"));
    return k != NULL && k->value_count == 1 ? k->values[0] : STR("");
}

/* A key under an operator may stand once: a clause that is there takes one value more. */
static bool clause_add(arena *a, policy_statement *s, const char *operator_name, condition_base base, bool if_exists,
                       const char *key, str value)
{
    for (uint32_t i = 0; i < s->clause_count; i++) {
        const policy_clause *c = &s->clauses[i];
        if (!str_eq_nocase(c->name.text, str_of(operator_name)) || !str_eq_nocase(c->key.text, str_of(key))) continue;
        if (!condition_negated(base)) return false; /* a value more would make it hold more often */
        policy_clause *clauses = ARENA_NEW(a, policy_clause, s->clause_count);
        memcpy(clauses, s->clauses, s->clause_count * sizeof *clauses);
        clauses[i].values = lexemes_with(a, c->values, c->value_count, value);
        clauses[i].value_count++;
        s->clauses = clauses;
        return true;
    }
    policy_clause *clauses = ARENA_NEW(a, policy_clause, s->clause_count + 1);
    if (s->clause_count > 0) memcpy(clauses, s->clauses, s->clause_count * sizeof *clauses);
    clauses[s->clause_count] = (policy_clause){.base = base,
                                               .if_exists = if_exists,
                                               .name.text = str_of(operator_name),
                                               .key.text = str_of(key),
                                               .values = lexemes_with(a, NULL, 0, value),
                                               .value_count = 1};
    s->clauses = clauses;
    s->clause_count++;
    return true;
}

static bool except(arena *a, const request *q, policy_statement *s)
{
    str                arn = remedy_principal_arn(q);
    const request_key *service = request_key_find(q, STR("aws:PrincipalServiceName"));
    if (arn.len > 0) return clause_add(a, s, "ArnNotLike", CONDITION_ARN_NOT_LIKE, false, "aws:PrincipalArn", arn);
    if (service == NULL || service->value_count != 1) return false;
    return clause_add(a, s, "StringNotEquals", CONDITION_STRING_NOT_EQUALS, false, "aws:PrincipalServiceName",
                      service->values[0]);
}

const policy *remedy_policy_except(arena *a, const remedy_world *w, const policy *p, uint32_t *statement)
{
    policy *out = copy_of(a, p, 0);
    *statement = EXPLAIN_NONE;
    for (uint32_t k = p->statement_count; k-- > 0;) {
        if (!matches(a, w, p, k, true)) continue;
        if (!except(a, &w->c->request, &out->statements[k])) return NULL;
        *statement = k;
    }
    return *statement == EXPLAIN_NONE ? NULL : out;
}

/* ---- narrower ---- */

static bool has_wildcard(str value)
{
    return str_find(value, '*', 0) < value.len || str_find(value, '?', 0) < value.len;
}

/* The other actions that a pattern takes, when they are few; else none and false. */
static bool others_of(arena *a, const remedy_world *w, str value, lexeme *out, uint32_t *count)
{
    str      action = w->c->request.action;
    uint32_t at =
        w->facts == NULL ? CATALOG_NONE : catalog_service_find(w->facts, str_part(action, 0, str_find(action, ':', 0)));
    *count = 0;
    if (at == CATALOG_NONE) return false;
    const catalog_service *service = catalog_service_at(w->facts, at);
    size_t                 colon = str_find(value, ':', 0);
    str                    name = colon < value.len ? str_part(value, colon + 1, value.len - colon - 1) : STR("*");
    for (uint32_t i = 0; i < service->action_count; i++) {
        const catalog_action *x = catalog_action_at(w->facts, service->action_first + i);
        if (!match_action_name(name, x->name)) continue;
        if (str_eq_nocase(x->name, str_part(action, service->prefix.len + 1, action.len - service->prefix.len - 1)))
            continue;
        if (*count == OTHERS_MAX) {
            *count = 0;
            return false;
        }
        out[(*count)++].text = arena_format(a, "%.*s:%.*s", STR_FMT(service->prefix), STR_FMT(x->name));
    }
    return true;
}

/* An element `Action` without what takes the action; false when nothing would be left. */
static bool narrow_list(arena *a, const remedy_world *w, policy_statement *s, remedy_what *what)
{
    lexeme  *kept = ARENA_NEW(a, lexeme, s->action_count * (OTHERS_MAX + 1));
    uint32_t count = 0;
    *what = WHAT_ACTION;
    for (uint32_t i = 0; i < s->action_count; i++) {
        str      value = s->actions[i].text;
        uint32_t others = 0;
        if (!match_action(value, w->c->request.action)) {
            kept[count++] = s->actions[i];
            continue;
        }
        if (!has_wildcard(value)) continue;
        if (!others_of(a, w, value, kept + count, &others)) *what = WHAT_PATTERN;
        count += others;
    }
    s->actions = kept;
    s->action_count = count;
    return count > 0;
}

static bool takes_everything(const policy_statement *s)
{
    for (uint32_t i = 0; i < s->action_count; i++)
        if (str_is(s->actions[i].text, "*") || str_is(s->actions[i].text, "*:*")) return true;
    return false;
}

static bool narrow(arena *a, const remedy_world *w, policy_statement *s, remedy_what *what)
{
    *what = WHAT_ACTION;
    if (!s->not_action && !takes_everything(s)) return narrow_list(a, w, s, what);
    s->actions = lexemes_with(a, s->actions, s->not_action ? s->action_count : 0, action_text(a, w));
    s->action_count = s->not_action ? s->action_count + 1 : 1;
    s->not_action = true;
    return true;
}

const policy *remedy_policy_narrow(arena *a, const remedy_world *w, const policy *p, bool deny, uint32_t *statement,
                                   remedy_what *what)
{
    policy *out = copy_of(a, p, 0);
    *statement = EXPLAIN_NONE;
    *what = WHAT_ACTION;
    for (uint32_t k = p->statement_count; k-- > 0;) {
        remedy_what here;
        if (!matches(a, w, p, k, deny)) continue;
        if (!narrow(a, w, &out->statements[k], &here)) return NULL;
        /* RCPs know no NotAction. */
        if (p->type == POLICY_RCP && out->statements[k].not_action) return NULL;
        if (here > *what) *what = here;
        *statement = k;
    }
    return *statement == EXPLAIN_NONE ? NULL : out;
}

const policy *remedy_policy_drop(arena *a, const remedy_world *w, const policy *p, bool deny, uint32_t *statement)
{
    policy  *out = copy_of(a, p, 0);
    uint32_t kept = 0;
    *statement = EXPLAIN_NONE;
    for (uint32_t k = 0; k < p->statement_count; k++) {
        if (!matches(a, w, p, k, deny)) {
            out->statements[kept++] = p->statements[k];
        } else if (*statement == EXPLAIN_NONE) {
            *statement = k;
        }
    }
    out->statement_count = kept;
    return kept == 0 || *statement == EXPLAIN_NONE ? NULL : out;
}

/* ---- more ---- */

const policy *remedy_policy_extend(arena *a, const remedy_world *w, const policy *p, uint32_t *statement)
{
    for (uint32_t k = 0; k < p->statement_count; k++) {
        policy_statement wider = p->statements[k];
        if (wider.deny || wider.not_action) continue;
        wider.actions = lexemes_with(a, wider.actions, wider.action_count, action_text(a, w));
        wider.action_count++;
        if (trace(a, w, p, &wider).outcome != STATEMENT_MATCHES) continue;
        policy *out = copy_of(a, p, 0);
        out->statements[k] = wider;
        *statement = k;
        return out;
    }
    return NULL;
}

/* Of a session the role, with its path where the request tells; of others their own. */
static str principal_name(arena *a, const remedy_world *w)
{
    str    arn = remedy_principal_arn(&w->c->request);
    caller named = caller_read(arn);
    if (w->who.kind != CALLER_SESSION) return w->who.arn;
    if (named.kind == CALLER_ROLE && str_eq(named.account, w->who.account) && str_eq_nocase(named.name, w->who.name))
        return arn;
    str partition = arn_part(w->who.arn, 1);
    return arena_format(a, "arn:%.*s:iam::%.*s:role/%.*s", STR_FMT(partition), STR_FMT(w->who.account),
                        STR_FMT(w->who.name));
}

static str principal_json(arena *a, const remedy_world *w)
{
    const char *kind = "AWS";
    if (w->who.kind == CALLER_ANONYMOUS) return STR("\"*\"");
    if (w->who.kind == CALLER_SERVICE) kind = "Service";
    if (w->who.kind == CALLER_PROVIDER) kind = "Federated";
    str name = json_quote(a, principal_name(a, w));
    return arena_format(a, "{\"%s\":%.*s}", kind, STR_FMT(name));
}

static bool of_service(const remedy_world *w, const char *prefix)
{
    str action = w->c->request.action;
    return str_eq_nocase(str_part(action, 0, str_find(action, ':', 0)), str_of(prefix));
}

static policy_type type_of(const remedy_world *w, decision_layer layer)
{
    switch (layer) {
    case LAYER_SCP: return POLICY_SCP;
    case LAYER_RCP: return POLICY_RCP;
    case LAYER_BOUNDARY: return POLICY_BOUNDARY;
    case LAYER_SESSION: return POLICY_SESSION;
    case LAYER_ENDPOINT: return POLICY_ENDPOINT;
    case LAYER_RESOURCE: return of_service(w, "sts") ? POLICY_TRUST : POLICY_RESOURCE;
    default: return POLICY_IDENTITY;
    }
}

/* `AllowDeleteObject` */
static str sid_of(arena *a, bool deny, str action)
{
    char   name[64];
    size_t count = 0;
    for (size_t i = str_find(action, ':', 0) + 1; i < action.len && count < sizeof name; i++) {
        char c = char_lower(action.ptr[i]);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) name[count++] = action.ptr[i];
    }
    return arena_format(a, "%s%.*s", deny ? "Deny" : "Allow", (int)count, name);
}

static const policy *parsed(arena *a, policy_type type, str text)
{
    source *in = ARENA_NEW(a, source, 1);
    policy *out = NULL;
    *in = (source){STR("change"), text, 1};
    status s = policy_parse(a, in, (policy_parse_options){.type = type, .lenient = true}, &out, NULL);
    return s == STATUS_OK ? out : NULL; /* an action that no policy can name, say */
}

static const policy *one_statement(arena *a, const remedy_world *w, policy_type type, bool deny, remedy_who *who)
{
    bool for_all = type == POLICY_SCP || type == POLICY_RCP; /* they speak of no resource of their own */
    bool named = type == POLICY_RESOURCE || type == POLICY_TRUST;
    str  arn = remedy_principal_arn(&w->c->request), action = action_text(a, w);
    /* In a key policy `*` is the key itself: AWS KMS Developer Guide, "Elements in a key policy". */
    bool its_own = type == POLICY_RESOURCE && of_service(w, "kms");
    str  resource = json_quote(a, for_all || its_own ? STR("*") : w->c->request.resource);
    str  sid = sid_of(a, deny, action), principal = STR(""), condition = STR("");
    action = json_quote(a, action);
    *who = named || type == POLICY_IDENTITY || type == POLICY_BOUNDARY || type == POLICY_SESSION ? WHO_PRINCIPAL
                                                                                                 : WHO_ACCOUNT;
    if (named) {
        str name = principal_json(a, w);
        principal = arena_format(a, "\"Principal\":%.*s,", STR_FMT(name));
    }
    if (type == POLICY_ENDPOINT || type == POLICY_RCP) principal = STR("\"Principal\":\"*\",");
    if (deny && !named && *who != WHO_PRINCIPAL && arn.len > 0) {
        arn = json_quote(a, arn);
        condition = arena_format(a, ",\"Condition\":{\"ArnLike\":{\"aws:PrincipalArn\":%.*s}}", STR_FMT(arn));
        *who = WHO_PRINCIPAL;
    }
    bool trust = named && of_service(w, "sts"); /* it may not have a Resource, whatever it was read as */
    resource = trust ? STR("") : arena_format(a, ",\"Resource\":%.*s", STR_FMT(resource));
    return parsed(a, type,
                  arena_format(a,
                               "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"%.*s\",\"Effect\":\"%s\",%.*s"
                               "\"Action\":%.*s%.*s%.*s}]}",
                               STR_FMT(sid), deny ? "Deny" : "Allow", STR_FMT(principal), STR_FMT(action),
                               STR_FMT(resource), STR_FMT(condition)));
}

static const policy *behind(arena *a, const policy *p, const policy *alone, uint32_t *statement)
{
    *statement = 0;
    if (p == NULL || alone == NULL) return alone;
    policy *out = copy_of(a, p, 1);
    *statement = out->statement_count;
    out->statements[out->statement_count] = alone->statements[0];
    out->statements[out->statement_count++].sid = (lexeme){0}; /* another may bear it */
    return out;
}

/* Conditions of a statement that takes action and resource, of whoever: what protects the others protects from the
 * new one as well, as far as this request fulfils it. */
static const policy *guarded(arena *a, const remedy_world *w, const policy *p, const policy *alone)
{
    const request *q = &w->c->request;
    for (uint32_t k = 0; k < p->statement_count; k++) {
        policy_statement s = p->statements[k];
        if (s.deny || s.clause_count == 0) continue;
        policy_statement everyone = s;
        policy_principal star = {.kind = PRINCIPAL_EVERYONE, .value.text = STR("*")};
        everyone.principals = &star;
        everyone.principal_count = 1;
        everyone.not_principal = false;
        statement_outcome outcome = trace(a, w, p, &everyone).outcome;
        if (outcome != STATEMENT_MATCHES && outcome != STATEMENT_CONDITION_FAILS) continue;
        policy *out = copy_of(a, alone, 0);
        s.clauses = ARENA_NEW(a, policy_clause, s.clause_count);
        s.clause_count = 0;
        for (uint32_t i = 0; i < p->statements[k].clause_count; i++)
            if (condition_holds(a, &p->statements[k].clauses[i], p->version_2012, q, w->facts, NULL))
                s.clauses[s.clause_count++] = p->statements[k].clauses[i];
        out->statements[0].clauses = s.clauses;
        out->statements[0].clause_count = s.clause_count;
        return out;
    }
    return alone;
}

const policy *remedy_policy_add(arena *a, const remedy_world *w, const policy *p, decision_layer layer, bool deny,
                                uint32_t *statement, remedy_who *who)
{
    const policy *alone = one_statement(a, w, p != NULL ? p->type : type_of(w, layer), deny, who);
    if (alone != NULL && p != NULL && !deny && layer == LAYER_RESOURCE) alone = guarded(a, w, p, alone);
    return behind(a, p, alone, statement);
}

/* AWS KMS Developer Guide, "Default key policy": "Allows access to the AWS account and enables IAM policies". */
const policy *remedy_policy_delegate(arena *a, const remedy_world *w, const policy *p, uint32_t *statement)
{
    str account = w->who.account;
    if (!of_service(w, "kms") || !w->x->same_account || w->who.kind == CALLER_ROOT) return NULL;
    str partition = arn_part(w->who.arn, 1);
    str text = arena_format(a,
                            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"EnableIAMPolicies\",\"Effect\":"
                            "\"Allow\",\"Principal\":{\"AWS\":\"arn:%.*s:iam::%.*s:root\"},\"Action\":\"kms:*\","
                            "\"Resource\":\"*\"}]}",
                            STR_FMT(partition), STR_FMT(account));
    return behind(a, p, parsed(a, p != NULL ? p->type : POLICY_RESOURCE, text), statement);
}

const policy *remedy_policy_printed(arena *a, const policy *p, str *text)
{
    *text = policy_print(a, p);
    const policy *out = parsed(a, p->type, *text);
    assert(out != NULL);
    return out;
}
