#include "authz/case.h"

#include <assert.h>

#include "policy/evaluate.h"

typedef enum { ASKER_IAM, ASKER_ROOT, ASKER_SERVICE_LINKED, ASKER_SERVICE, ASKER_ANONYMOUS } asker_kind;

/* The part of an ARN behind `colons` colons, up to the next one. */
static str arn_part(str arn, size_t colons)
{
    size_t begin = 0;
    for (; colons > 0 && begin < arn.len; colons--) begin = str_find(arn, ':', begin) + 1;
    return begin > arn.len ? (str){arn.ptr, 0} : str_part(arn, begin, str_find(arn, ':', begin) - begin);
}

static asker_kind asker_of(str principal)
{
    if (str_is(principal, "anonymous")) return ASKER_ANONYMOUS;
    if (!str_starts(principal, STR("arn:"))) return ASKER_SERVICE;
    str resource = arn_part(principal, 5);
    if (str_is(resource, "root")) return ASKER_ROOT;
    if (str_starts(resource, STR("role/aws-service-role/"))) return ASKER_SERVICE_LINKED;
    /* A session's ARN drops the role's path; the name has a fixed beginning. */
    if (str_starts(resource, STR("assumed-role/AWSServiceRoleFor"))) return ASKER_SERVICE_LINKED;
    return ASKER_IAM;
}

static bool is_kms_key(const request *q)
{
    return str_eq_nocase(str_part(q->action, 0, str_find(q->action, ':', 0)), STR("kms")) &&
           str_starts(arn_part(q->resource, 5), STR("key/"));
}

static decision denied(bool is_explicit, decision_layer layer, uint32_t level)
{
    return (decision){is_explicit ? DECISION_EXPLICITLY_DENIED : DECISION_IMPLICITLY_DENIED, (uint8_t)layer,
                      (uint8_t)level};
}

decision authz_decide_case(arena *scratch, const policy_case *c, const catalog *facts)
{
    const request *q = &c->request;
    asker_kind     asker = asker_of(q->principal);
    bool           signed_in_account = asker != ASKER_SERVICE && asker != ASKER_ANONYMOUS;
    str            account = signed_in_account ? arn_part(q->principal, 4) : (str){NULL, 0};
    assert(c->unsupported == NULL);
    if (asker != ASKER_ANONYMOUS && str_eq_nocase(q->action, STR("sts:GetCallerIdentity")))
        return (decision){DECISION_ALLOWED, LAYER_NONE, 0};

    bool     management = c->management_account.ptr != NULL && str_eq(account, c->management_account);
    bool     bound = c->scps_apply && signed_in_account && asker != ASKER_SERVICE_LINKED && !management;
    uint32_t level = 0;
    verdict  scp = bound ? chain_evaluate(scratch, c->scps, c->scp_level_count, q, facts, &level) : VERDICT_ALLOW;
    bool     has_identity = asker == ASKER_IAM || asker == ASKER_SERVICE_LINKED; /* nobody else has policies */
    verdict  identity = has_identity ? level_evaluate(scratch, c->identity, q, facts) : VERDICT_IMPLICIT;
    if (scp == VERDICT_EXPLICIT) return denied(true, LAYER_SCP, level);
    if (identity == VERDICT_EXPLICIT) return denied(true, LAYER_IDENTITY, 0);
    if (scp != VERDICT_ALLOW) return denied(false, LAYER_SCP, level);
    /* No resource policy here: another account's resource and a KMS key need one, whatever identity policies say. */
    bool granted = signed_in_account && (identity == VERDICT_ALLOW || asker == ASKER_ROOT) &&
                   str_eq(account, q->resource_account) && !is_kms_key(q);
    return granted ? (decision){DECISION_ALLOWED, LAYER_NONE, 0} : denied(false, LAYER_IDENTITY, 0);
}
