/* A generated request in text, with all that it is decided on: as authz_request_case, but without an image, which
 * would take longer to build than a sample of requests to decide. */
#include <assert.h>

#include "workloads/generate_requests.h"

uint32_t requests_parts(const generate_requests *g, const authz_request *q)
{
    return q->action.flags & AUTHZ_SEVERAL ? g->parts[q->value[AUTHZ_RESOURCE]].count : 1;
}

static authz_request part_of(const generate_requests *g, const authz_request *q, uint32_t part)
{
    authz_request one = *q;
    if (!(q->action.flags & AUTHZ_SEVERAL)) return one;
    assert(part < requests_parts(g, q));
    authz_part p = g->parts[q->value[AUTHZ_RESOURCE]].parts[part];
    one.action.flags &= (uint8_t)~AUTHZ_SEVERAL;
    one.value[AUTHZ_RESOURCE] = p.resource;
    if (p.slot != 0) one.value[p.slot] = p.value;
    return one;
}

/* The policy as the owner has it attached. */
static const policy *policy_of_owner(arena *a, const generate_requests *g, uint32_t index, str owner)
{
    const profile_resource_policy *from = &g->p->requests.policies[index];
    const policy                  *parsed = NULL;
    status s = profile_policy_parse(a, from->name, from->text, from->trust ? POLICY_TRUST : POLICY_RESOURCE,
                                    org_id(g->view), owner, &parsed, NULL);
    assert(s == STATUS_OK); /* the profile was read with it */
    (void)s;
    return parsed;
}

static policy_level *levels_of(arena *a, const org_view *view, org_policy_type type, uint32_t account, uint32_t *count)
{
    policy_level *levels = ARENA_NEW(a, policy_level, ORG_CHAIN_MAX);
    *count = org_levels(a, view, type, account, levels);
    return levels;
}

void requests_case(arena *a, const generate_requests *g, const authz_request *q, uint32_t part, policy_case *out)
{
    const authz_role *role = &g->roles[authz_request_role(q)];
    authz_request     one = part_of(g, q, part);
    authz_resource    r = {.policy = 0};
    uint32_t          endpoint = one.action.flags & AUTHZ_ENDPOINT;
    if (one.value[AUTHZ_RESOURCE] < g->known_count) r = g->known[one.value[AUTHZ_RESOURCE]];
    *out = (policy_case){.identity = role->identity,
                         .boundary = role->boundary,
                         .session = role->session,
                         .aws_managed_key = r.aws_managed_key,
                         .management_account = org_account_id(g->view, ORG_MANAGEMENT)};
    authz_request_text(a, g->v, g->view, &one, &out->request);
    if (r.outside.ptr != NULL) out->request.resource_account = r.outside;
    if (role->hole != AUTHZ_NO_HOLE)
        out->scps = levels_of(a, g->view, ORG_TYPE_SCP, one.account, &out->scp_level_count);
    if (r.outside.ptr == NULL) out->rcps = levels_of(a, g->view, ORG_TYPE_RCP, one.owner, &out->rcp_level_count);
    out->scps_apply = out->scp_level_count > 0;
    out->rcps_apply = out->rcp_level_count > 0;
    if (r.policy > 0) out->resource = policy_of_owner(a, g, r.policy - 1u, out->request.resource_account);
    if (endpoint > 0) out->endpoint = g->endpoints[endpoint - 1];
}
