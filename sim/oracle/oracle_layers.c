#include "oracle/oracle_layers.h"

#include "oracle/oracle_match.h"
#include "oracle/oracle_principal.h"

/* ---- one statement, one level: spec 4.7 ---- */

static void trace_statement(const oracle_question *x, decision_layer layer, statement_trace *t)
{
    const policy_statement *s = &t->in->statements[t->statement];
    const request          *q = &x->c->request;
    arena                   scratch = *x->a;

    t->action = oracle_action_taken_by(scratch, s, q->action);
    t->resource = t->clause = EXPLAIN_NONE;
    t->outcome = STATEMENT_OTHER_ACTION;
    if ((t->action != EXPLAIN_NONE) == s->not_action) return;

    t->reach = oracle_reach(s, &x->who, x->has_boundary, layer == LAYER_RESOURCE);
    t->outcome = STATEMENT_OTHER_PRINCIPAL;
    if (t->reach == REACH_NONE) return;

    t->resource = oracle_resource_taken_by(scratch, s, t->in, q, x->facts);
    t->outcome = STATEMENT_OTHER_RESOURCE;
    if (s->has_resource && (t->resource != EXPLAIN_NONE) == s->not_resource) return;

    t->clause = oracle_condition_failing(scratch, s, t->in, q, x->facts);
    t->outcome = t->clause == EXPLAIN_NONE ? STATEMENT_MATCHES : STATEMENT_CONDITION_FAILS;
}

static bool is_deny(const statement_trace *t)
{
    return t->in->statements[t->statement].deny;
}

static level_trace trace_level(const oracle_question *x, decision_layer layer, policy_level level)
{
    level_trace out = {.verdict = LEVEL_IMPLICIT};
    for (uint32_t i = 0; i < level.count; i++) out.count += level.policies[i]->statement_count;
    out.statements = ARENA_NEW(x->a, statement_trace, out.count);
    statement_trace *t = out.statements;
    for (uint32_t i = 0; i < level.count; i++)
        for (uint32_t j = 0; j < level.policies[i]->statement_count; j++, t++) {
            *t = (statement_trace){.in = level.policies[i], .policy = i, .statement = j};
            trace_statement(x, layer, t);
            if (t->outcome != STATEMENT_MATCHES) continue;
            if (is_deny(t))
                out.verdict = LEVEL_EXPLICIT;
            else if (out.verdict == LEVEL_IMPLICIT)
                out.verdict = LEVEL_ALLOW;
        }
    return out;
}

principal_reach oracle_strongest_allow(const layer_trace *layer)
{
    principal_reach strongest = REACH_NONE;
    if (layer->level_count == 0) return strongest;
    for (uint32_t i = 0; i < layer->levels[0].count; i++) {
        const statement_trace *t = &layer->levels[0].statements[i];
        if (t->outcome == STATEMENT_MATCHES && !is_deny(t) && t->reach > strongest) strongest = t->reach;
    }
    return strongest;
}

/* ---- whether a layer applies ---- */

static bool is_management(const oracle_question *x, str account)
{
    return x->c->management_account.ptr != NULL && str_eq(account, x->c->management_account);
}

/* Organizations User Guide, "SCPs", "Tasks and entities not restricted by SCPs". Services and anonymous callers are no
 * principals of the organization (contested for services, spec C25). Root users of members are bound in all they do,
 * their credentials included (contested, spec C33). */
static layer_presence scp_presence(const oracle_question *x)
{
    if (!x->c->scps_apply) return LAYER_ABSENT;
    if (!oracle_in_account(&x->who)) return LAYER_NOT_IN_ACCOUNT;
    if (x->who.service_linked) return LAYER_SERVICE_LINKED;
    return is_management(x, x->who.account) ? LAYER_MANAGEMENT : LAYER_APPLIES;
}

/* The list of services is data of the catalogue (spec C27); without a catalogue all honour them. */
static bool service_honours_rcps(const oracle_question *x)
{
    if (x->facts == NULL) return true;
    str      action = x->c->request.action;
    uint32_t service = catalog_service_find(x->facts, str_part(action, 0, str_find(action, ':', 0)));
    return service != CATALOG_NONE && catalog_service_at(x->facts, service)->rcp;
}

/* Resources that the same page exempts, and only for what it exempts them from: "RCPs do not affect a service's ability
 * to assume a service-linked role", and keys that AWS manages are keys under kms alone. */
static bool is_exempt_from_rcps(const oracle_question *x)
{
    str    action = x->c->request.action, part = oracle_arn_part(x->c->request.resource, 5);
    size_t colon = str_find(action, ':', 0);
    str    service = str_part(action, 0, colon);
    str    name = colon < action.len ? str_part(action, colon + 1, action.len - colon - 1) : STR("");
    if (str_eq_nocase(service, STR("kms")))
        return str_eq_nocase(name, STR("RetireGrant")) || (x->c->aws_managed_key && str_starts(part, STR("key/")));
    str assume = STR("AssumeRole");
    return x->who.kind == CALLER_SERVICE && str_eq_nocase(service, STR("sts")) && name.len >= assume.len &&
           str_eq_nocase(str_part(name, 0, assume.len), assume) &&
           str_eq(oracle_arn_part(x->c->request.resource, 2), STR("iam")) &&
           str_starts(part, STR("role/aws-service-role/"));
}

/* Organizations User Guide, "RCPs", "Resources and entities not restricted by RCPs". Whoever asks, is bound. */
static layer_presence rcp_presence(const oracle_question *x)
{
    if (!x->c->rcps_apply) return LAYER_ABSENT;
    if (x->who.service_linked) return LAYER_SERVICE_LINKED;
    if (is_management(x, x->owner)) return LAYER_MANAGEMENT;
    if (!service_honours_rcps(x)) return LAYER_OTHER_SERVICE;
    return is_exempt_from_rcps(x) ? LAYER_NOT_RESTRICTED : LAYER_APPLIES;
}

/* Identity, boundary and session policies are a user's or a role's; the root user has none of them. */
static layer_presence principal_presence(const oracle_question *x, uint32_t policy_count)
{
    if (policy_count == 0) return LAYER_ABSENT;
    if (!oracle_in_account(&x->who)) return LAYER_NOT_IN_ACCOUNT;
    return x->who.kind == CALLER_ROOT ? LAYER_ROOT_USER : LAYER_APPLIES;
}

static layer_presence presence_of(const oracle_question *x, decision_layer layer, uint32_t policy_count)
{
    switch (layer) {
    case LAYER_SCP: return scp_presence(x);
    case LAYER_RCP: return rcp_presence(x);
    case LAYER_IDENTITY:
    case LAYER_BOUNDARY:
    case LAYER_SESSION: return principal_presence(x, policy_count);
    case LAYER_RESOURCE:
    case LAYER_ENDPOINT:
    case LAYER_NONE: break;
    }
    return policy_count == 0 ? LAYER_ABSENT : LAYER_APPLIES;
}

/* ---- a layer ---- */

/* Of levels: a Deny anywhere; else SCPs need an Allow at every level (Organizations User Guide, "SCP evaluation"). RCPs
 * need none, as RCPFullAWSAccess stands at every level and cannot be detached ("RCP evaluation"; spec 5.1, rule 9). */
static level_verdict verdict_of(decision_layer layer, const layer_trace *t)
{
    level_verdict out = LEVEL_ALLOW;
    for (uint32_t i = 0; i < t->level_count; i++) {
        if (t->levels[i].verdict == LEVEL_EXPLICIT) return LEVEL_EXPLICIT;
        if (t->levels[i].verdict == LEVEL_IMPLICIT && layer != LAYER_RCP) out = LEVEL_IMPLICIT;
    }
    return out;
}

layer_trace oracle_layer(const oracle_question *x, decision_layer layer)
{
    const policy_case  *c = x->c;
    policy_level        one = {NULL, 0};
    const policy_level *levels = &one;
    uint32_t            level_count = 1;
    if (layer == LAYER_SCP) levels = c->scps, level_count = c->scp_level_count;
    if (layer == LAYER_RCP) levels = c->rcps, level_count = c->rcp_level_count;
    if (layer == LAYER_IDENTITY) one = c->identity;
    if (layer == LAYER_SESSION) one = c->session;
    if (layer == LAYER_RESOURCE && c->resource != NULL) one = (policy_level){&c->resource, 1};
    if (layer == LAYER_BOUNDARY && c->boundary != NULL) one = (policy_level){&c->boundary, 1};
    if (layer == LAYER_ENDPOINT && c->endpoint != NULL) one = (policy_level){&c->endpoint, 1};

    layer_trace t = {.presence = presence_of(x, layer, one.count)};
    if (t.presence == LAYER_APPLIES && x->nothing_needed) t.presence = LAYER_NOTHING_NEEDED;
    if (t.presence != LAYER_APPLIES) return t;
    t.level_count = level_count;
    t.levels = ARENA_NEW(x->a, level_trace, level_count);
    for (uint32_t i = 0; i < level_count; i++) t.levels[i] = trace_level(x, layer, levels[i]);
    t.verdict = verdict_of(layer, &t);
    return t;
}

oracle_question oracle_question_of(arena *a, const policy_case *c, const catalog *facts)
{
    const request  *q = &c->request;
    oracle_question x = {.a = a, .c = c, .facts = facts, .who = oracle_caller(q->principal)};
    /* What has no resource happens in the caller's account, so that account's RCPs bind it (contested, spec C16). */
    bool callers_own = str_is(q->resource, "*") && oracle_in_account(&x.who);
    x.owner = callers_own ? x.who.account : q->resource_account;
    x.has_boundary = c->boundary != NULL && oracle_in_account(&x.who) && x.who.kind != CALLER_ROOT;
    /* "No permissions are required to perform this operation" (AWS STS API Reference, GetCallerIdentity). */
    x.nothing_needed = str_eq_nocase(q->action, STR("sts:GetCallerIdentity")) && x.who.kind != CALLER_ANONYMOUS;
    return x;
}
