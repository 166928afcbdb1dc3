#include "authz/case.h"

#include "base/mutant.h"
#include "policy/evaluate.h"

/* What a decision is made of; each layer is asked once. */
typedef struct {
    policy_question x;
    caller          who;
    bool            in_account; /* the caller is a principal of some account */
    bool            has_own;    /* … with identity policies, a boundary, session policies: no root user */
    bool            same_account;
    str             owner;   /* account of the resource */
    principal_reach granted; /* strongest Allow of the resource's policy */
    verdict         scp, identity, boundary, session, endpoint;
    uint32_t        scp_level;
} sitting;

static str service_of(const request *q)
{
    return str_part(q->action, 0, str_find(q->action, ':', 0));
}

/* The part of the ARN behind the fifth colon. */
static str resource_part(str arn)
{
    size_t begin = 0;
    for (size_t colons = 0; colons < 5; colons++) {
        begin = str_find(arn, ':', begin);
        if (begin == arn.len) return (str){arn.ptr, 0};
        begin++;
    }
    return str_part(arn, begin, arn.len - begin);
}

bool authz_is_linked_role(str arn)
{
    size_t partition = str_find(arn, ':', 0) + 1, service = str_find(arn, ':', partition) + 1;
    return service < arn.len && str_starts(str_part(arn, service, arn.len - service), STR("iam:")) &&
           str_starts(resource_part(arn), STR("role/aws-service-role/"));
}

bool authz_rcps_pass(const policy_case *c, const caller *who)
{
    const str assume = STR("sts:AssumeRole");
    str       action = c->request.action;
    if (action.len >= assume.len && str_eq_nocase(str_part(action, 0, assume.len), assume))
        return who->kind == CALLER_SERVICE && authz_is_linked_role(c->request.resource);
    if (!str_eq_nocase(service_of(&c->request), STR("kms"))) return false;
    return str_eq_nocase(action, STR("kms:RetireGrant")) ||
           (c->aws_managed_key && str_starts(resource_part(c->request.resource), STR("key/")));
}

static bool is_management(const policy_case *c, str account)
{
    return c->management_account.ptr != NULL && str_eq(account, c->management_account);
}

/* "Tasks and entities not restricted by SCPs", Organizations User Guide. */
static bool scps_bind(const policy_case *c, const sitting *s)
{
    if (!c->scps_apply || !s->in_account || s->who.service_linked) return false;
    return MUTANT(MUTANT_MANAGEMENT_NOT_EXEMPT) || !is_management(c, s->who.account);
}

/* Whether the action's service honours resource control policies; one that the catalogue does not know does not. */
static bool honours_rcps(const catalog *facts, str service)
{
    if (facts == NULL || MUTANT(MUTANT_RCPS_BIND_EVERY_SERVICE)) return true;
    uint32_t i = catalog_service_find(facts, service);
    return i != CATALOG_NONE && catalog_service_at(facts, i)->rcp;
}

/* "Resources and entities not restricted by RCPs". */
static bool rcps_bind(const policy_case *c, const sitting *s)
{
    if (!c->rcps_apply || authz_rcps_pass(c, &s->who)) return false;
    if (s->who.service_linked && !MUTANT(MUTANT_SERVICE_LINKED_BOUND)) return false;
    if (is_management(c, s->owner) && !MUTANT(MUTANT_MANAGEMENT_BOUND_BY_RCPS)) return false;
    return honours_rcps(s->x.facts, service_of(s->x.q));
}

/* Resources that trust identity policies only as far as their own policy says so: a KMS key, a role to be assumed. */
static bool needs_resource(const policy_case *c, const request *q)
{
    str service = service_of(q);
    if (MUTANT(MUTANT_KEY_POLICY_NOT_NEEDED)) return false;
    if (str_eq_nocase(service, STR("sts"))) return c->resource != NULL;
    return str_eq_nocase(service, STR("kms")) && str_starts(resource_part(q->resource), STR("key/"));
}

static decision denied(decision_kind kind, decision_layer layer, uint32_t level)
{
    return (decision){(uint8_t)kind, (uint8_t)layer, (uint8_t)(level < UINT8_MAX ? level : UINT8_MAX)};
}

static verdict one(arena *scratch, const policy *p, policy_question *x, principal_reach *granted)
{
    return level_evaluate(scratch, (policy_level){&p, 1}, x, granted);
}

/* Asks the layers in the order in which an explicit Deny is reported; true when there is one, which settles it. */
static bool a_layer_denies(arena *scratch, const policy_case *c, sitting *s, decision *out)
{
    policy_question *x = &s->x;
    uint32_t         rcp_level = CHAIN_NO_DENY;
    decision_layer   layer = LAYER_NONE;
    s->scp = s->boundary = s->session = s->endpoint = VERDICT_ALLOW; /* where there is none it takes nothing away */
    s->identity = VERDICT_IMPLICIT;                                  /* … and grants nothing                      */
    if (scps_bind(c, s)) s->scp = chain_evaluate(scratch, c->scps, c->scp_level_count, x, &s->scp_level);
    if (s->scp == VERDICT_EXPLICIT) {
        *out = denied(DECISION_EXPLICITLY_DENIED, LAYER_SCP, s->scp_level);
        return true;
    }
    if (rcps_bind(c, s)) rcp_level = chain_denies(scratch, c->rcps, c->rcp_level_count, x);
    if (rcp_level != CHAIN_NO_DENY) {
        *out = denied(DECISION_EXPLICITLY_DENIED, LAYER_RCP, rcp_level);
        return true;
    }
    if (c->resource != NULL && one(scratch, c->resource, x, &s->granted) == VERDICT_EXPLICIT) layer = LAYER_RESOURCE;
    if (layer == LAYER_NONE && s->has_own) {
        s->identity = level_evaluate(scratch, c->identity, x, NULL);
        if (s->identity == VERDICT_EXPLICIT) layer = LAYER_IDENTITY;
    }
    if (layer == LAYER_NONE && s->has_own && c->boundary != NULL) {
        s->boundary = one(scratch, c->boundary, x, NULL);
        if (s->boundary == VERDICT_EXPLICIT) layer = LAYER_BOUNDARY;
    }
    if (layer == LAYER_NONE && s->has_own && c->session.count > 0) {
        s->session = level_evaluate(scratch, c->session, x, NULL);
        if (s->session == VERDICT_EXPLICIT) layer = LAYER_SESSION;
    }
    if (layer == LAYER_NONE && c->endpoint != NULL && !MUTANT(MUTANT_ENDPOINT_IGNORED)) {
        s->endpoint = one(scratch, c->endpoint, x, NULL);
        if (s->endpoint == VERDICT_EXPLICIT) layer = LAYER_ENDPOINT;
    }
    *out = denied(DECISION_EXPLICITLY_DENIED, layer, 0);
    return layer != LAYER_NONE;
}

/* Spec 4.2, 4.5: whether something grants; *capped: within boundary and session policies only. */
static bool is_granted(const policy_case *c, const sitting *s, bool *capped)
{
    principal_reach granted = s->granted;
    *capped = true;
    if (!s->in_account) return granted == REACH_DIRECT;
    /* GetFederationToken without session policies gives a session that only resources' policies can let in. */
    bool own = s->identity == VERDICT_ALLOW && (s->who.kind != CALLER_FEDERATED_USER || c->session.count > 0 ||
                                                MUTANT(MUTANT_FEDERATED_SESSION_TRUSTED));
    if (s->who.kind == CALLER_ROOT) own = true;
    if (!s->same_account) {
        if (MUTANT(MUTANT_CROSS_ACCOUNT_ONE_SIDE)) return own || granted != REACH_NONE;
        return own && granted != REACH_NONE;
    }
    *capped = granted != REACH_DIRECT && !(granted == REACH_CAPPED && MUTANT(MUTANT_ROLE_GRANT_NOT_CAPPED));
    if (granted >= (MUTANT(MUTANT_ACCOUNT_GRANTS) ? REACH_ACCOUNT : REACH_CAPPED)) return true;
    return own && (granted == REACH_ACCOUNT || !needs_resource(c, s->x.q));
}

/* Nothing denies explicitly. */
static decision conclude(const policy_case *c, const sitting *s)
{
    bool capped = false;
    if (s->scp != VERDICT_ALLOW) return denied(DECISION_IMPLICITLY_DENIED, LAYER_SCP, s->scp_level);
    if (s->endpoint != VERDICT_ALLOW) return denied(DECISION_IMPLICITLY_DENIED, LAYER_ENDPOINT, 0);
    if (!is_granted(c, s, &capped)) return denied(DECISION_IMPLICITLY_DENIED, LAYER_IDENTITY, 0);
    if (capped && s->boundary != VERDICT_ALLOW) return denied(DECISION_IMPLICITLY_DENIED, LAYER_BOUNDARY, 0);
    if (capped && s->session != VERDICT_ALLOW) return denied(DECISION_IMPLICITLY_DENIED, LAYER_SESSION, 0);
    return (decision){DECISION_ALLOWED, LAYER_NONE, 0};
}

static bool needs_nothing(const policy_case *c, const caller *who)
{
    return who->kind != CALLER_ANONYMOUS && str_eq_nocase(c->request.action, STR("sts:GetCallerIdentity"));
}

static void sit_down(const policy_case *c, const catalog *facts, sitting *s)
{
    const request *q = &c->request;
    s->in_account = caller_in_account(&s->who);
    s->has_own = s->in_account && s->who.kind != CALLER_ROOT;
    /* What has no resource happens in the caller's account (C16). */
    s->owner = s->in_account && str_is(q->resource, "*") ? s->who.account : q->resource_account;
    s->same_account = s->in_account && str_eq(s->who.account, s->owner);
    s->x = policy_question_make(q, facts, &s->who, s->has_own && c->boundary != NULL);
}

decision authz_decide_case(arena *scratch, const policy_case *c, const catalog *facts)
{
    sitting  s = {.who = caller_read(c->request.principal)};
    decision d;
    if (needs_nothing(c, &s.who)) return (decision){DECISION_ALLOWED, LAYER_NONE, 0};
    sit_down(c, facts, &s);
    return a_layer_denies(scratch, c, &s, &d) ? d : conclude(c, &s);
}

/* ---- what could not be evaluated ---- */

uint32_t authz_diagnose_case(arena *a, const policy_case *c, const catalog *facts, diagnostic **out)
{
    sitting     s = {.who = caller_read(c->request.principal)};
    diagnostics to = {.a = a};
    *out = NULL;
    if (needs_nothing(c, &s.who)) return 0;
    sit_down(c, facts, &s);
    for (uint32_t i = 0; i < c->scp_level_count && scps_bind(c, &s); i++)
        diagnose_level(&to, LAYER_SCP, i, c->scps[i], &s.x);
    for (uint32_t i = 0; i < c->rcp_level_count && rcps_bind(c, &s); i++)
        diagnose_level(&to, LAYER_RCP, i, c->rcps[i], &s.x);
    if (c->resource != NULL) diagnose_level(&to, LAYER_RESOURCE, 0, (policy_level){&c->resource, 1}, &s.x);
    if (s.has_own) {
        diagnose_level(&to, LAYER_IDENTITY, 0, c->identity, &s.x);
        if (c->boundary != NULL) diagnose_level(&to, LAYER_BOUNDARY, 0, (policy_level){&c->boundary, 1}, &s.x);
        diagnose_level(&to, LAYER_SESSION, 0, c->session, &s.x);
    }
    if (c->endpoint != NULL) diagnose_level(&to, LAYER_ENDPOINT, 0, (policy_level){&c->endpoint, 1}, &s.x);
    *out = to.items;
    return (uint32_t)to.count;
}
