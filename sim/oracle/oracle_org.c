/* oracle_org.c - the case that an organization makes of a request: its levels of SCPs, its management account. */
#include "oracle/oracle.h"

decision oracle_decide_at(const org_view *view, const policy_case *given, const catalog *facts)
{
    arena        scratch;
    org_target   chain[ORG_CHAIN_MAX];
    policy_level levels[ORG_CHAIN_MAX];
    policy_case  c = *given;
    uint32_t     account = org_account_find(view, oracle_account_of(c.request.principal));

    arena_init(&scratch, MEMORY_GENERAL);
    c.management_account = org_account_id(view, ORG_MANAGEMENT);
    /* A disabled type is an absent layer, not an empty one (spec 5.1, rule 11); an account that is not in the
     * organization, or was removed from it, has none of its SCPs. */
    c.scps = levels;
    c.scp_level_count = 0;
    c.scps_apply = org_type_enabled(view, ORG_TYPE_SCP) && account != ORG_NONE;
    if (c.scps_apply) c.scp_level_count = org_chain(view, account, chain);
    for (uint32_t i = 0; i < c.scp_level_count; i++) {
        org_attachments attached = org_attached(view, ORG_TYPE_SCP, chain[i]);
        const policy  **policies = ARENA_NEW(&scratch, const policy *, attached.count);
        for (uint32_t j = 0; j < attached.count; j++) policies[j] = org_policy_parsed(view, attached.policies[j]);
        levels[i] = (policy_level){policies, attached.count};
    }
    decision d = oracle_decide(&c, facts);
    arena_deinit(&scratch);
    return d;
}
