/* Whether the caller may make the call: the table says which accounts may at all, then SCPs and IAM policies are asked
 * as for any other request, on the organization as it is. Before the input is looked at (unobserved for most). */
#include "authz/case.h"
#include "control/operation.h"
#include "control/verdicts.h"
#include "policy/derive.h"

/* Who calls without a principal of its own is its account's root user. */
static str principal_of(arena *a, const call *k)
{
    if (k->in->principal.ptr != NULL) return k->in->principal;
    return arena_format(a, "arn:aws:iam::%.*s:root", STR_FMT(org_account_id(k->now, k->in->caller)));
}

/* Callers are administrators: their IAM policies allow everything, SCPs decide. */
static decision decide(const call *k, arena *scratch)
{
    str           home = STR("us-east-1");
    const policy *everything = org_policy_parsed(k->now, ORG_FULL_ACCESS);
    str           id = org_account_id(k->now, k->in->caller);
    policy_level  levels[ORG_CHAIN_MAX];
    policy_case   c = {.identity = {&everything, 1}, .management_account = org_account_id(k->now, ORG_MANAGEMENT)};
    derive_place  where = {org_id(k->now), org_path(scratch, k->now, org_account_parent(k->now, k->in->caller))};
    derive_facts  facts = {where, where, DERIVE_NO_TIME};
    request_key   context = {STR("aws:RequestedRegion"), &home, 1, false};
    c.request = (request){.principal = principal_of(scratch, k),
                          .action = arena_format(scratch, "organizations:%s", control_operation_name(k->in->op)),
                          .resource = STR("*"),
                          .resource_account = id,
                          .context = &context,
                          .context_count = 1};
    if (str_ends(c.request.principal, STR(":root"))) c.identity.count = 0;
    request_derive(scratch, &c.request, &facts);
    c.scps = levels;
    c.scp_level_count = org_levels(scratch, k->now, ORG_TYPE_SCP, k->in->caller, levels);
    c.scps_apply = c.scp_level_count > 0;
    return authz_decide_case(scratch, &c, call_catalog(k));
}

bool call_authorized(call *k)
{
    uint32_t callers = operation_at(k->in->op)->facts.callers, asker = k->in->caller;
    if (asker == ORG_MANAGEMENT) return true; /* SCPs do not bind it; a member's own calls it is refused by name */
    if (asker >= org_account_count(k->now) || !org_account_exists(k->now, asker))
        return call_refuse(k, "AWSOrganizationsNotInUseException", NULL, "the calling account is in no organization");
    str id = org_account_id(k->now, asker);
    if ((callers & (CONTROL_BY_MEMBER | CONTROL_BY_ANY | CONTROL_BY_STANDALONE | CONTROL_BY_PARTY)) == 0)
        return call_refuse(k, "AccessDeniedException", NULL,
                           "account `%.*s` is not the management account, which alone may call %s", STR_FMT(id),
                           control_operation_name(k->in->op));
    if (!org_type_enabled(k->now, ORG_TYPE_SCP)) return true;
    chain_verdict says = verdicts_of_chain(call_verdicts(k), k->now, asker, k->in->op);
    arena         scratch = *call_scratch(k);
    if (says == CHAIN_DEPENDS && decide(k, &scratch).kind == DECISION_ALLOWED) says = CHAIN_ALLOWS;
    if (says == CHAIN_ALLOWS) return true;
    return call_refuse(k, "AccessDeniedException", NULL,
                       "account `%.*s` is not allowed organizations:%s by its service control policies", STR_FMT(id),
                       control_operation_name(k->in->op));
}
