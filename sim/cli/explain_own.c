/* explain_own.c - changes to what a scenario has beside its organization: policies of roles, resources, endpoints.
 *
 * A role stands for one in every account, a resource for one of every owner. A change is made in one account: so a
 * store is made with the changed policies, and the requests of that account, or to that owner's resources, are decided
 * by it.
 */
#include "cli/explain.h"

bool explain_is_own(const remedy_edit *e)
{
    return e->kind != REMEDY_MOVE && e->layer != LAYER_SCP && e->layer != LAYER_RCP;
}

/* ---- who has it ---- */

static bool role_find(const question *q, uint32_t *out)
{
    const authz_setting *setting = &q->s->plan.setting;
    if (q->is_stream) *out = authz_request_role(&q->stream);
    if (q->is_stream) return true;
    for (*out = 0; q->role.len > 0 && *out < setting->role_count; ++*out)
        if (str_eq(setting->roles[*out].name, q->role)) return true;
    return false;
}

static bool role_change(arena *a, const question *q, const remedy *r, own_change *out)
{
    const authz_setting *before = &q->s->plan.setting;
    uint32_t             role;
    if (!role_find(q, &role)) return false;
    authz_role *roles = ARENA_NEW(a, authz_role, before->role_count);
    for (uint32_t i = 0; i < before->role_count; i++) roles[i] = before->roles[i];
    roles[role].identity = r->changed.identity;
    roles[role].boundary = r->changed.boundary;
    roles[role].session = r->changed.session;
    out->setting.roles = roles;
    out->account = q->account;
    return true;
}

static bool endpoint_change(arena *a, const question *q, const remedy *r, own_change *out)
{
    const authz_setting *before = &q->s->plan.setting;
    uint32_t             number = q->stream.action.flags & AUTHZ_ENDPOINT;
    if (!q->is_stream || number == 0) return false;
    const policy **endpoints = ARENA_NEW(a, const policy *, before->endpoint_count);
    for (uint32_t i = 0; i < before->endpoint_count; i++) endpoints[i] = before->endpoints[i];
    endpoints[number - 1] = r->changed.endpoint; /* taken away: what allows everything says as much */
    if (r->changed.endpoint == NULL) endpoints[number - 1] = org_policy_parsed(q->view, ORG_FULL_ACCESS);
    out->setting.endpoints = endpoints;
    out->account = q->account;
    return true;
}

/* Its value gets a policy of its own, as others may share the one it has. */
static bool resource_change(arena *a, const question *q, const remedy *r, own_change *out)
{
    const authz_setting *before = &q->s->plan.setting;
    authz_vocabulary    *v = generate_vocabulary(q->s->requests);
    uint32_t             count = before->policy_count;
    if (!q->is_stream || q->resource == 0) return false;
    authz_resource_policy *policies = ARENA_NEW(a, authz_resource_policy, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) policies[i] = before->policies[i];
    policies[count] = (authz_resource_policy){STR("explain-what-if"), r->changed.resource};
    out->setting.policies = policies;
    out->setting.policy_count = count + (r->changed.resource != NULL);
    out->owner = q->owner;
    out->resource = q->resource;
    out->before = authz_resource_get(v, q->resource);
    authz_resource after = out->before;
    after.policy = r->changed.resource == NULL ? 0 : (uint16_t)(count + 1);
    authz_resource_set(v, q->resource, after);
    return true;
}

bool explain_own_make(arena *a, const question *q, const remedy *r, own_change *out, const char **why)
{
    bool role = false, resource = false, endpoint = false;
    for (uint32_t i = 0; i < r->count; i++) {
        if (!explain_is_own(&r->edits[i])) continue;
        if (r->edits[i].layer == LAYER_RESOURCE)
            resource = true;
        else if (r->edits[i].layer == LAYER_ENDPOINT)
            endpoint = true;
        else
            role = true;
    }
    *why = NULL;
    *out = (own_change){.setting = q->s->plan.setting, .account = ORG_NONE, .owner = ORG_NONE};
    if (!role && !resource && !endpoint) return false;
    *why = "it changes policies of the caller and of the resource at once";
    if (resource && (role || endpoint)) return false;
    *why = "no request of the scenario is this caller's";
    if ((role && !role_change(a, q, r, out)) || (endpoint && !endpoint_change(a, q, r, out))) return false;
    *why = "no request of the scenario names this resource";
    if (resource && !resource_change(a, q, r, out)) return false;
    *why = NULL;
    return true;
}

void explain_own_unmake(const question *q, const own_change *change)
{
    if (change->owner != ORG_NONE)
        authz_resource_set(generate_vocabulary(q->s->requests), change->resource, change->before);
}
