#include "oracle/oracle.h"

#include <assert.h>

/* ---- who asks: spec 4.3 and the case format ---- */

typedef enum {
    CALLER_ANONYMOUS,
    CALLER_SERVICE, /* `cloudtrail.amazonaws.com` */
    CALLER_ROOT,    /* the root user of an account */
    CALLER_SERVICE_LINKED,
    CALLER_ORDINARY, /* users, roles and sessions */
} caller_kind;

typedef struct {
    caller_kind kind;
    str         account; /* of all but the first two */
} caller;

/* The part of an ARN by number, from 0; the sixth holds the rest. Empty when there is none. */
static str arn_part(str arn, uint32_t part)
{
    size_t begin = 0;
    for (uint32_t i = 0; i < part; i++) {
        size_t colon = str_find(arn, ':', begin);
        if (colon == arn.len) return (str){NULL, 0};
        begin = colon + 1;
    }
    size_t end = part == 5 ? arn.len : str_find(arn, ':', begin);
    return str_part(arn, begin, end - begin);
}

static caller caller_of(str principal)
{
    if (str_is(principal, "anonymous")) return (caller){.kind = CALLER_ANONYMOUS};
    if (!str_starts(principal, STR("arn:"))) return (caller){.kind = CALLER_SERVICE};
    caller c = {CALLER_ORDINARY, arn_part(principal, 4)};
    str    name = arn_part(principal, 5);
    if (str_is(name, "root")) c.kind = CALLER_ROOT;
    if (str_starts(name, STR("role/aws-service-role/"))) c.kind = CALLER_SERVICE_LINKED;
    return c;
}

str oracle_account_of(str principal)
{
    return caller_of(principal).account;
}

/* ---- one level: spec 4.7 ---- */

typedef struct {
    bool allow, deny; /* some statement of that effect matches */
} verdict;

static verdict level_verdict(arena scratch, policy_level level, const request *q, const catalog *facts)
{
    verdict v = {false, false};
    for (uint32_t i = 0; i < level.count; i++) {
        const policy *p = level.policies[i];
        for (uint32_t j = 0; j < p->statement_count; j++) {
            const policy_statement *s = &p->statements[j];
            bool                    matches = oracle_action_matches(scratch, s, q->action) &&
                           oracle_resource_matches(scratch, s, p, q, facts) &&
                           oracle_condition_holds(scratch, s, p, q, facts);
            if (matches && s->deny) v.deny = true;
            if (matches && !s->deny) v.allow = true;
        }
    }
    return v;
}

/* ---- the layers ---- */

static decision decided(decision_kind kind, decision_layer layer, uint32_t level)
{
    return (decision){(uint8_t)kind, (uint8_t)layer, (uint8_t)(level < UINT8_MAX ? level : UINT8_MAX)};
}

/* Organizations User Guide, "SCP evaluation": an Allow at every level, a Deny at none; any order of attachment. */
static decision scps_decide(arena scratch, const policy_case *c, const catalog *facts)
{
    decision first_missing = decided(DECISION_ALLOWED, LAYER_NONE, 0);
    for (uint32_t i = 0; i < c->scp_level_count; i++) {
        verdict v = level_verdict(scratch, c->scps[i], &c->request, facts);
        if (v.deny) return decided(DECISION_EXPLICITLY_DENIED, LAYER_SCP, i);
        if (!v.allow && first_missing.kind == DECISION_ALLOWED)
            first_missing = decided(DECISION_IMPLICITLY_DENIED, LAYER_SCP, i);
    }
    return first_missing;
}

/* "Tasks and entities not restricted by SCPs": the management account, service-linked roles; and who is no principal
 * of the organization. Root users of member accounts are bound like everyone else. */
static bool scps_bind(const policy_case *c, caller who)
{
    if (!c->scps_apply || (who.kind != CALLER_ORDINARY && who.kind != CALLER_ROOT)) return false;
    return c->management_account.ptr == NULL || !str_eq(who.account, c->management_account);
}

/* AWS KMS Developer Guide, "Key policies in AWS KMS": IAM policies count only if the key policy lets them. */
static bool is_kms_key(const request *q)
{
    return str_eq_nocase(str_part(q->action, 0, str_find(q->action, ':', 0)), STR("kms")) &&
           str_starts(arn_part(q->resource, 5), STR("key/"));
}

/* Whether something grants, where no resource has a policy of its own (spec 4.2, 4.5, 4.6): another account's
 * resource and a KMS key would need one, services and anonymous callers have nothing else. A role without a trust
 * policy in the case is like any resource. */
static bool is_granted(const policy_case *c, caller who, bool identity_allows)
{
    if (who.kind == CALLER_ANONYMOUS || who.kind == CALLER_SERVICE) return false;
    if (!str_eq(who.account, c->request.resource_account) || is_kms_key(&c->request)) return false;
    return who.kind == CALLER_ROOT || identity_allows;
}

static decision layers_decide(arena scratch, const policy_case *c, const catalog *facts)
{
    const request *q = &c->request;
    caller         who = caller_of(q->principal);
    decision       pass = decided(DECISION_ALLOWED, LAYER_NONE, 0);

    /* "No permissions are required to perform this operation" (AWS STS API Reference, GetCallerIdentity). */
    if (str_eq_nocase(q->action, STR("sts:GetCallerIdentity")) && who.kind != CALLER_ANONYMOUS) return pass;

    decision scps = scps_bind(c, who) ? scps_decide(scratch, c, facts) : pass;
    verdict  identity = {false, false}; /* only IAM users and roles have identity policies */
    if (who.kind == CALLER_ORDINARY || who.kind == CALLER_SERVICE_LINKED)
        identity = level_verdict(scratch, c->identity, q, facts);

    if (scps.kind == DECISION_EXPLICITLY_DENIED) return scps;
    if (identity.deny) return decided(DECISION_EXPLICITLY_DENIED, LAYER_IDENTITY, 0);
    if (scps.kind == DECISION_IMPLICITLY_DENIED) return scps;
    return is_granted(c, who, identity.allow) ? pass : decided(DECISION_IMPLICITLY_DENIED, LAYER_IDENTITY, 0);
}

decision oracle_decide(const policy_case *c, const catalog *facts)
{
    assert(c->unsupported == NULL);
    arena scratch;
    arena_init(&scratch, MEMORY_GENERAL);
    decision d = layers_decide(scratch, c, facts);
    arena_deinit(&scratch);
    return d;
}
