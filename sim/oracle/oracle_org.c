/* oracle_org.c - the case that an organization makes of a request: levels of SCPs and RCPs, the management account. */
#include "oracle/oracle.h"

#include "oracle/oracle_layers.h"

/* A disabled type is an absent layer, not an empty one (spec 5.1, rule 11); an account that is not in the organization,
 * or was removed from it, has none of its policies. */
static uint32_t levels_of(arena *a, const org_view *view, org_policy_type type, str account,
                          policy_level levels[ORG_CHAIN_MAX])
{
    org_target chain[ORG_CHAIN_MAX];
    uint32_t   member = org_account_find(view, account);
    if (!org_type_enabled(view, type) || member == ORG_NONE) return 0;
    uint32_t count = org_chain(view, member, chain);
    for (uint32_t i = 0; i < count; i++) {
        org_attachments attached = org_attached(view, type, chain[i]);
        const policy  **policies = ARENA_NEW(a, const policy *, attached.count);
        for (uint32_t j = 0; j < attached.count; j++) policies[j] = org_policy_parsed(view, attached.policies[j]);
        levels[i] = (policy_level){policies, attached.count};
    }
    return count;
}

decision oracle_decide_at(const org_view *view, const policy_case *given, const catalog *facts)
{
    arena        scratch;
    policy_level scps[ORG_CHAIN_MAX], rcps[ORG_CHAIN_MAX];
    policy_case  c = *given;

    arena_init(&scratch, MEMORY_GENERAL);
    oracle_question asked = oracle_question_of(&scratch, given, facts);
    c.management_account = org_account_id(view, ORG_MANAGEMENT);
    c.scps = scps;
    c.scp_level_count = levels_of(&scratch, view, ORG_TYPE_SCP, asked.who.account, scps);
    c.scps_apply = c.scp_level_count > 0;
    c.rcps = rcps;
    c.rcp_level_count = levels_of(&scratch, view, ORG_TYPE_RCP, asked.owner, rcps);
    c.rcps_apply = c.rcp_level_count > 0;
    decision d = oracle_decide(&c, facts);
    arena_deinit(&scratch);
    return d;
}
