#include "oracle/oracle.h"

#include "oracle/oracle_layers.h"
#include "oracle/oracle_principal.h"

/* Layers in the order in which explicit denies are reported. */
static const decision_layer layers_in_order[] = {LAYER_SCP,      LAYER_RCP,     LAYER_RESOURCE, LAYER_IDENTITY,
                                                 LAYER_BOUNDARY, LAYER_SESSION, LAYER_ENDPOINT};

/* ---- what a layer says ---- */

static bool denies(const explanation *x, decision_layer layer)
{
    return x->layers[layer].presence == LAYER_APPLIES && x->layers[layer].verdict == LEVEL_EXPLICIT;
}

/* A layer that only restricts: lets through what it allows, and everything when it is not there. */
static bool passes(const explanation *x, decision_layer layer)
{
    return x->layers[layer].presence != LAYER_APPLIES || x->layers[layer].verdict == LEVEL_ALLOW;
}

/* The topmost level of SCPs or RCPs with that verdict; the other layers have one level. */
static uint8_t topmost(const layer_trace *t, level_verdict verdict)
{
    uint32_t i = 0;
    while (i < t->level_count && t->levels[i].verdict != verdict) i++;
    return (uint8_t)(i < UINT8_MAX ? i : UINT8_MAX);
}

static decision denied(const explanation *x, decision_kind kind, decision_layer layer)
{
    level_verdict verdict = kind == DECISION_EXPLICITLY_DENIED ? LEVEL_EXPLICIT : LEVEL_IMPLICIT;
    uint8_t       level = 0;
    if (layer == LAYER_SCP || layer == LAYER_RCP) level = topmost(&x->layers[layer], verdict);
    return (decision){(uint8_t)kind, (uint8_t)layer, level};
}

/* ---- grants: spec 4.2, 4.5, 4.6 ---- */

/* IAM policies count only if the policy of the resource lets them. AWS KMS Developer Guide, "Key policies in AWS KMS":
 * every key has one. IAM User Guide, "Roles terms and concepts": a role's trust policy; a role that the case gives none
 * is like any resource. */
static bool needs_resource_policy(const policy_case *c)
{
    const request *q = &c->request;
    str            service = str_part(q->action, 0, str_find(q->action, ':', 0));
    if (str_eq_nocase(service, STR("kms"))) return str_starts(oracle_arn_part(q->resource, 5), STR("key/"));
    return str_eq_nocase(service, STR("sts")) && c->resource != NULL;
}

/* What the principal's own account says. The root user may do everything in it. A federated user has what the session
 * policies leave of the identity policies: without any, nothing (edge case 100; contested, spec C23). */
static bool identity_grants(const policy_case *c, const explanation *x)
{
    if (x->caller == CALLER_ROOT) return true;
    if (x->caller == CALLER_FEDERATED_USER && c->session.count == 0) return false;
    return x->layers[LAYER_IDENTITY].presence == LAYER_APPLIES && x->layers[LAYER_IDENTITY].verdict == LEVEL_ALLOW;
}

typedef enum {
    GRANT_NONE,
    GRANT_CAPPED, /* within boundary and session policies */
    GRANT_DIRECT, /* whatever these do not allow: the table of spec 4.2; for a session's ARN contested, C17 */
} grant;

static grant grant_of(const policy_case *c, const explanation *x, bool in_account)
{
    bool identity = identity_grants(c, x);
    if (!in_account) return x->granted == REACH_NONE ? GRANT_NONE : GRANT_DIRECT;
    if (!x->same_account) return identity && x->granted != REACH_NONE ? GRANT_CAPPED : GRANT_NONE;
    if (x->granted == REACH_DIRECT) return GRANT_DIRECT;
    if (x->granted == REACH_CAPPED) return GRANT_CAPPED;
    /* What is left is nothing, or a delegation to the account. */
    bool counts = !x->needs_resource || x->granted == REACH_ACCOUNT;
    return identity && counts ? GRANT_CAPPED : GRANT_NONE;
}

/* ---- all layers: the order of spec 4.2, "Recommended reason precedence" ---- */

static decision combine(const policy_case *c, const explanation *x, bool in_account)
{
    for (size_t i = 0; i < COUNTOF(layers_in_order); i++)
        if (denies(x, layers_in_order[i])) return denied(x, DECISION_EXPLICITLY_DENIED, layers_in_order[i]);
    /* RCPs come next in that order, but they only ever deny explicitly. */
    if (!passes(x, LAYER_SCP)) return denied(x, DECISION_IMPLICITLY_DENIED, LAYER_SCP);
    if (!passes(x, LAYER_ENDPOINT)) return denied(x, DECISION_IMPLICITLY_DENIED, LAYER_ENDPOINT);

    grant is = grant_of(c, x, in_account);
    if (is == GRANT_NONE) return denied(x, DECISION_IMPLICITLY_DENIED, LAYER_IDENTITY);
    if (is == GRANT_CAPPED && !passes(x, LAYER_BOUNDARY)) return denied(x, DECISION_IMPLICITLY_DENIED, LAYER_BOUNDARY);
    if (is == GRANT_CAPPED && !passes(x, LAYER_SESSION)) return denied(x, DECISION_IMPLICITLY_DENIED, LAYER_SESSION);
    return (decision){DECISION_ALLOWED, LAYER_NONE, 0};
}

void oracle_explain(arena *a, const policy_case *c, const catalog *facts, explanation *out)
{
    oracle_question question = oracle_question_of(a, c, facts);
    bool            in_account = oracle_in_account(&question.who);
    *out = (explanation){.caller = question.who.kind};
    out->same_account = in_account && str_eq(question.who.account, question.owner);
    out->needs_resource = needs_resource_policy(c);
    for (size_t i = 0; i < COUNTOF(layers_in_order); i++)
        out->layers[layers_in_order[i]] = oracle_layer(&question, layers_in_order[i]);
    out->layers[LAYER_NONE].presence = LAYER_ABSENT;
    out->granted = oracle_strongest_allow(&out->layers[LAYER_RESOURCE]);
    out->decision = combine(c, out, in_account);
    if (question.nothing_needed) out->decision = (decision){DECISION_ALLOWED, LAYER_NONE, 0};
}

decision oracle_decide(const policy_case *c, const catalog *facts)
{
    arena       scratch;
    explanation x;
    arena_init(&scratch, MEMORY_GENERAL);
    oracle_explain(&scratch, c, facts, &x);
    arena_deinit(&scratch);
    return x.decision;
}
