#include "authz/explain.h"

#include <assert.h>

#include "authz/case.h"
#include "policy/condition.h"
#include "policy/match.h"

/* ---- one statement ---- */

/* A pattern that takes the action begins with a star, or with the action's service and a colon: few do. */
static bool may_take(str value, str action, size_t colon)
{
    if (value.len == 0 || value.ptr[0] == '*' || colon == action.len) return true;
    return value.len > colon && value.ptr[colon] == ':' && char_lower(value.ptr[0]) == char_lower(action.ptr[0]);
}

static uint32_t action_index(const policy_statement *s, str action)
{
    size_t colon = str_find(action, ':', 0);
    for (uint32_t i = 0; i < s->action_count; i++)
        if (may_take(s->actions[i].text, action, colon) && match_action(s->actions[i].text, action)) return i;
    return EXPLAIN_NONE;
}

static uint32_t resource_index(arena *a, const policy *p, const policy_statement *s, const request *q,
                               const catalog *facts)
{
    for (uint32_t i = 0; i < s->resource_count; i++)
        if (match_resource_pattern(a, s->resources[i].text, q, facts, p->type, p->version_2012)) return i;
    return EXPLAIN_NONE;
}

static uint32_t clause_index(arena *a, const policy *p, const policy_statement *s, const request *q,
                             const catalog *facts)
{
    for (uint32_t i = 0; i < s->clause_count; i++)
        if (!condition_holds(a, &s->clauses[i], p->version_2012, q, facts, NULL)) return i;
    return EXPLAIN_NONE;
}

/* Identity policies, a boundary, session policies: users, roles and their sessions do, root users do not. */
static bool has_own(const caller *who)
{
    return caller_in_account(who) && who->kind != CALLER_ROOT;
}

statement_trace authz_explain_statement(arena *a, const policy *p, const policy_statement *s, const policy_case *c,
                                        const caller *who, const catalog *facts)
{
    const request  *q = &c->request;
    statement_trace t = {.in = p,
                         .outcome = STATEMENT_OTHER_ACTION,
                         .action = action_index(s, q->action),
                         .resource = EXPLAIN_NONE,
                         .clause = EXPLAIN_NONE};
    if ((t.action != EXPLAIN_NONE) == s->not_action) return t;
    t.outcome = STATEMENT_OTHER_PRINCIPAL;
    /* Some services take a statement for a resource that names nobody; it never matches. */
    bool names_nobody = !s->has_principal && (p->type == POLICY_RESOURCE || p->type == POLICY_TRUST);
    if (!names_nobody) t.reach = principal_reaches(s, who, has_own(who) && c->boundary != NULL);
    if (t.reach == REACH_NONE) return t;
    t.outcome = STATEMENT_OTHER_RESOURCE;
    if (s->has_resource) { /* else the attachment names the resource */
        t.resource = resource_index(a, p, s, q, facts);
        if ((t.resource != EXPLAIN_NONE) == s->not_resource) return t;
    }
    t.clause = clause_index(a, p, s, q, facts);
    t.outcome = t.clause == EXPLAIN_NONE ? STATEMENT_MATCHES : STATEMENT_CONDITION_FAILS;
    return t;
}

/* ---- layers ---- */

typedef struct {
    arena             *a;
    const policy_case *c;
    const catalog     *facts;
    caller             who;
    str                owner; /* account of the resource */
    bool               nothing_needed;
    explanation       *out;
} explaining;

static level_trace explain_level(const explaining *x, policy_level level)
{
    level_trace out = {LEVEL_IMPLICIT, NULL, 0};
    uint32_t    count = 0;
    for (uint32_t i = 0; i < level.count; i++) count += level.policies[i]->statement_count;
    out.statements = ARENA_NEW(x->a, statement_trace, count);
    for (uint32_t i = 0; i < level.count; i++) {
        const policy *p = level.policies[i];
        for (uint32_t k = 0; k < p->statement_count; k++) {
            statement_trace *t = &out.statements[out.count++];
            *t = authz_explain_statement(x->a, p, &p->statements[k], x->c, &x->who, x->facts);
            t->policy = i;
            t->statement = k;
            if (t->outcome != STATEMENT_MATCHES) continue;
            if (p->statements[k].deny)
                out.verdict = LEVEL_EXPLICIT;
            else if (out.verdict == LEVEL_IMPLICIT)
                out.verdict = LEVEL_ALLOW;
        }
    }
    return out;
}

/* OR inside a level, AND across levels, deny anywhere: AWS Organizations User Guide, "SCP evaluation". RCPs need no
 * Allow in the case: RCPFullAWSAccess is attached to every level, listed or not. */
level_verdict authz_explain_chain(decision_layer layer, const level_trace *levels, uint32_t count)
{
    level_verdict so_far = LEVEL_ALLOW;
    for (uint32_t i = 0; i < count; i++) {
        if (levels[i].verdict == LEVEL_EXPLICIT) return LEVEL_EXPLICIT;
        if (levels[i].verdict == LEVEL_IMPLICIT && layer != LAYER_RCP) so_far = LEVEL_IMPLICIT;
    }
    return so_far;
}

static void explain_layer(const explaining *x, decision_layer which, layer_presence presence,
                          const policy_level *levels, uint32_t count)
{
    layer_trace *layer = &x->out->layers[which];
    if (presence == LAYER_APPLIES && x->nothing_needed) presence = LAYER_NOTHING_NEEDED;
    *layer = (layer_trace){.presence = presence, .verdict = LEVEL_IMPLICIT};
    if (presence != LAYER_APPLIES) return;
    layer->levels = ARENA_NEW(x->a, level_trace, count);
    layer->level_count = count;
    for (uint32_t i = 0; i < count; i++) layer->levels[i] = explain_level(x, levels[i]);
    layer->verdict = authz_explain_chain(which, layer->levels, count);
}

static bool in_management(const policy_case *c, str account)
{
    return c->management_account.ptr != NULL && str_eq(account, c->management_account);
}

/* "Tasks and entities not restricted by SCPs", AWS Organizations User Guide. */
static layer_presence scp_presence(const explaining *x)
{
    if (!x->c->scps_apply) return LAYER_ABSENT;
    if (!caller_in_account(&x->who)) return LAYER_NOT_IN_ACCOUNT;
    if (x->who.service_linked) return LAYER_SERVICE_LINKED;
    return in_management(x->c, x->who.account) ? LAYER_MANAGEMENT : LAYER_APPLIES;
}

static bool honours_rcps(const catalog *facts, str action)
{
    if (facts == NULL) return true;
    uint32_t service = catalog_service_find(facts, str_part(action, 0, str_find(action, ':', 0)));
    return service != CATALOG_NONE && catalog_service_at(facts, service)->rcp;
}

/* "Resources and entities not restricted by RCPs", AWS Organizations User Guide. */
static layer_presence rcp_presence(const explaining *x)
{
    const policy_case *c = x->c;
    if (!c->rcps_apply) return LAYER_ABSENT;
    if (x->who.service_linked) return LAYER_SERVICE_LINKED;
    if (in_management(c, x->owner)) return LAYER_MANAGEMENT;
    if (!honours_rcps(x->facts, c->request.action)) return LAYER_OTHER_SERVICE;
    return authz_rcps_pass(c, &x->who) ? LAYER_NOT_RESTRICTED : LAYER_APPLIES;
}

static layer_presence own_presence(const explaining *x, bool there)
{
    if (!there) return LAYER_ABSENT;
    if (!caller_in_account(&x->who)) return LAYER_NOT_IN_ACCOUNT;
    return x->who.kind == CALLER_ROOT ? LAYER_ROOT_USER : LAYER_APPLIES;
}

static void explain_layers(const explaining *x)
{
    const policy_case *c = x->c;
    policy_level       resource = {&c->resource, c->resource != NULL}, boundary = {&c->boundary, c->boundary != NULL};
    policy_level       endpoint = {&c->endpoint, c->endpoint != NULL};
    explain_layer(x, LAYER_SCP, scp_presence(x), c->scps, c->scp_level_count);
    explain_layer(x, LAYER_RCP, rcp_presence(x), c->rcps, c->rcp_level_count);
    explain_layer(x, LAYER_RESOURCE, resource.count > 0 ? LAYER_APPLIES : LAYER_ABSENT, &resource, 1);
    explain_layer(x, LAYER_IDENTITY, own_presence(x, c->identity.count > 0), &c->identity, 1);
    explain_layer(x, LAYER_BOUNDARY, own_presence(x, boundary.count > 0), &boundary, 1);
    explain_layer(x, LAYER_SESSION, own_presence(x, c->session.count > 0), &c->session, 1);
    explain_layer(x, LAYER_ENDPOINT, endpoint.count > 0 ? LAYER_APPLIES : LAYER_ABSENT, &endpoint, 1);
}

/* ---- the whole ---- */

static bool service_is(str action, str prefix)
{
    return str_eq_nocase(str_part(action, 0, str_find(action, ':', 0)), prefix);
}

/* The sixth part of an ARN begins with `key/`. */
static bool is_key(str arn)
{
    size_t at = 0;
    for (uint32_t colons = 0; colons < 5; colons++) {
        at = str_find(arn, ':', at) + 1;
        if (at > arn.len) return false;
    }
    return str_starts(str_part(arn, at, arn.len - at), STR("key/"));
}

/* AWS KMS Developer Guide, "Key policies in AWS KMS"; IAM User Guide, "Roles terms and concepts", trust policy. */
static bool needs_resource(const policy_case *c)
{
    if (service_is(c->request.action, STR("kms"))) return is_key(c->request.resource);
    return c->resource != NULL && service_is(c->request.action, STR("sts"));
}

static principal_reach strongest_grant(const layer_trace *resource)
{
    principal_reach strongest = REACH_NONE;
    for (uint32_t i = 0; i < resource->level_count; i++)
        for (uint32_t k = 0; k < resource->levels[i].count; k++) {
            const statement_trace *t = &resource->levels[i].statements[k];
            if (t->outcome != STATEMENT_MATCHES || t->in->statements[t->statement].deny) continue;
            if (t->reach > strongest) strongest = t->reach;
        }
    return strongest;
}

static uint32_t first_level(const layer_trace *layer, level_verdict wanted)
{
    for (uint32_t i = 0; i < layer->level_count; i++)
        if (layer->levels[i].verdict == wanted) return i;
    return 0;
}

static decision denied(const explanation *x, decision_layer layer, level_verdict why)
{
    bool     in_chain = layer == LAYER_SCP || layer == LAYER_RCP;
    uint32_t level = in_chain ? first_level(&x->layers[layer], why) : 0;
    return (decision){why == LEVEL_EXPLICIT ? DECISION_EXPLICITLY_DENIED : DECISION_IMPLICITLY_DENIED, (uint8_t)layer,
                      (uint8_t)(level < UINT8_MAX ? level : UINT8_MAX)};
}

static bool lacks_allow(const explanation *x, decision_layer layer)
{
    return x->layers[layer].presence == LAYER_APPLIES && x->layers[layer].verdict == LEVEL_IMPLICIT;
}

/* Who has no identity policies: services and anonymous callers live by the resource's policy, root users need none. */
static bool granted(const explanation *x)
{
    bool in_account = x->caller >= CALLER_ROOT && x->caller <= CALLER_FEDERATED_USER;
    bool by_identity = x->caller == CALLER_ROOT || (x->layers[LAYER_IDENTITY].presence == LAYER_APPLIES &&
                                                    x->layers[LAYER_IDENTITY].verdict != LEVEL_IMPLICIT);
    /* GetFederationToken without session policies gives a session that only resources' policies can let in. */
    if (x->caller == CALLER_FEDERATED_USER && x->layers[LAYER_SESSION].presence == LAYER_ABSENT) by_identity = false;
    if (!in_account) return x->granted == REACH_DIRECT;
    if (!x->same_account) return by_identity && x->granted != REACH_NONE;
    if (x->granted >= REACH_CAPPED) return true;
    return by_identity && (!x->needs_resource || x->granted != REACH_NONE);
}

decision authz_explain_conclude(const explanation *x)
{
    static const decision_layer order[] = {LAYER_SCP,      LAYER_RCP,     LAYER_RESOURCE, LAYER_IDENTITY,
                                           LAYER_BOUNDARY, LAYER_SESSION, LAYER_ENDPOINT};
    const decision              allowed = {DECISION_ALLOWED, LAYER_NONE, 0};
    for (size_t i = 0; i < COUNTOF(order); i++)
        if (x->layers[order[i]].presence == LAYER_APPLIES && x->layers[order[i]].verdict == LEVEL_EXPLICIT)
            return denied(x, order[i], LEVEL_EXPLICIT);
    if (lacks_allow(x, LAYER_SCP)) return denied(x, LAYER_SCP, LEVEL_IMPLICIT);
    if (lacks_allow(x, LAYER_ENDPOINT)) return denied(x, LAYER_ENDPOINT, LEVEL_IMPLICIT);
    if (!granted(x)) return denied(x, LAYER_IDENTITY, LEVEL_IMPLICIT);
    /* IAM User Guide, "Policy evaluation logic": a grant to the principal itself is not taken back by what boundary and
     * session policies leave out, within the account. */
    if (x->same_account && x->granted == REACH_DIRECT) return allowed;
    if (lacks_allow(x, LAYER_BOUNDARY)) return denied(x, LAYER_BOUNDARY, LEVEL_IMPLICIT);
    if (lacks_allow(x, LAYER_SESSION)) return denied(x, LAYER_SESSION, LEVEL_IMPLICIT);
    return allowed;
}

/* ---- what stands in the way ---- */

static bool level_allows(const level_trace *level)
{
    for (uint32_t i = 0; i < level->count; i++) {
        const statement_trace *t = &level->statements[i];
        if (t->outcome == STATEMENT_MATCHES && !t->in->statements[t->statement].deny) return true;
    }
    return false;
}

uint32_t authz_explain_level(const explanation *x, decision d)
{
    const layer_trace *layer = &x->layers[d.layer];
    level_verdict      wanted = d.kind == DECISION_EXPLICITLY_DENIED ? LEVEL_EXPLICIT : LEVEL_IMPLICIT;
    uint32_t           level = d.level;
    if (level < UINT8_MAX) return level;
    while (level + 1 < layer->level_count && layer->levels[level].verdict != wanted) level++;
    return level;
}

static void obstacle_remove(explanation *x, decision d)
{
    layer_trace *layer = &x->layers[d.layer];
    if (d.kind == DECISION_IMPLICITLY_DENIED && d.layer == LAYER_IDENTITY) {
        x->caller = CALLER_ROOT; /* whose own policies allow, and whom the resource lets in, as far as caps let it */
        x->granted = REACH_CAPPED;
        return;
    }
    uint32_t at = authz_explain_level(x, d);
    assert(at < layer->level_count);
    level_trace *level = &layer->levels[at];
    bool         allows = d.kind == DECISION_IMPLICITLY_DENIED || level_allows(level);
    level->verdict = allows ? LEVEL_ALLOW : LEVEL_IMPLICIT;
    layer->verdict = authz_explain_chain((decision_layer)d.layer, layer->levels, layer->level_count);
}

uint32_t authz_explain_obstacles(arena *a, const explanation *x, decision **out)
{
    explanation left = *x;
    size_t      count = 0, capacity = 0;
    *out = NULL;
    if (x->decision.kind == DECISION_ALLOWED) return 0;
    for (uint32_t i = LAYER_SCP; i <= LAYER_ENDPOINT; i++) {
        layer_trace *layer = &left.layers[i];
        layer->levels = ARENA_NEW(a, level_trace, layer->level_count);
        if (layer->level_count > 0)
            memcpy(layer->levels, x->layers[i].levels, layer->level_count * sizeof *layer->levels);
    }
    for (decision d = x->decision; d.kind != DECISION_ALLOWED; d = authz_explain_conclude(&left)) {
        *ARENA_PUSH(a, decision, *out, count, capacity) = d;
        obstacle_remove(&left, d);
    }
    return (uint32_t)count;
}

/* ---- a case ---- */

/* "No permissions are required to perform this operation": AWS STS API Reference, GetCallerIdentity. */
bool authz_explain_needs_nothing(const request *q, const caller *who)
{
    return who->kind != CALLER_ANONYMOUS && str_eq_nocase(q->action, STR("sts:GetCallerIdentity"));
}

void authz_explain_case(arena *a, const policy_case *c, const catalog *facts, explanation *out)
{
    const request *q = &c->request;
    explaining     x = {.a = a, .c = c, .facts = facts, .who = caller_read(q->principal), .out = out};
    bool           in_account = caller_in_account(&x.who);
    /* What has no resource happens in the caller's account (C16). */
    x.owner = in_account && str_is(q->resource, "*") ? x.who.account : q->resource_account;
    x.nothing_needed = authz_explain_needs_nothing(q, &x.who);
    *out = (explanation){.caller = x.who.kind,
                         .same_account = in_account && str_eq(x.who.account, x.owner),
                         .needs_resource = needs_resource(c)};
    out->layers[LAYER_NONE].presence = LAYER_ABSENT;
    explain_layers(&x);
    out->granted = strongest_grant(&out->layers[LAYER_RESOURCE]);
    out->decision = x.nothing_needed ? (decision){DECISION_ALLOWED, LAYER_NONE, 0} : authz_explain_conclude(out);
}
