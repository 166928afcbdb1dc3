/* Readers of a view. Indexes must be in range; what is said of deleted and removed entities is their last state, but
 * for the parent (ORG_NONE) and the attachments (none). */
#include "org/state.h"

uint32_t org_view_revision(const org_view *v)
{
    return v->revision;
}

str org_id(const org_view *v)
{
    return v->owner->id;
}

str org_root_id(const org_view *v)
{
    return org_node_id(v, ORG_ROOT);
}

bool org_type_enabled(const org_view *v, org_policy_type type)
{
    assert(type < ORG_TYPE_COUNT);
    return v->type_enabled[type];
}

uint32_t org_ou_live(const org_view *v)
{
    return v->live_nodes - 1;
}

uint32_t org_account_live(const org_view *v)
{
    return v->live_accounts;
}

uint32_t org_policy_live(const org_view *v, org_policy_type type)
{
    assert(type < ORG_TYPE_COUNT);
    return v->live_policies[type];
}

/* ---- nodes ---- */

uint32_t org_node_count(const org_view *v)
{
    return v->nodes.count;
}

bool org_node_exists(const org_view *v, uint32_t node)
{
    return state_node(v, node)->exists;
}

uint32_t org_node_parent(const org_view *v, uint32_t node)
{
    return state_node(v, node)->parent;
}

uint32_t org_node_depth(const org_view *v, uint32_t node)
{
    return state_node(v, node)->depth;
}

str org_node_id(const org_view *v, uint32_t node)
{
    assert(node < v->nodes.count);
    return intern_text(v->owner->node_ids, node);
}

str org_node_name(const org_view *v, uint32_t node)
{
    const org_node *n = state_node(v, node);
    return (str){n->name, n->name_bytes};
}

uint32_t org_node_child_count(const org_view *v, uint32_t node)
{
    return state_node(v, node)->child_count;
}

uint32_t org_node_account_count(const org_view *v, uint32_t node)
{
    return state_node(v, node)->account_count;
}

uint32_t org_node_find(const org_view *v, str id)
{
    uint32_t node = intern_find(v->owner->node_ids, id);
    return node < v->nodes.count && state_node(v, node)->exists ? node : ORG_NONE;
}

/* ---- accounts ---- */

uint32_t org_account_count(const org_view *v)
{
    return v->accounts.count;
}

bool org_account_exists(const org_view *v, uint32_t account)
{
    return state_account(v, account)->parent != ORG_NONE;
}

uint32_t org_account_parent(const org_view *v, uint32_t account)
{
    return state_account(v, account)->parent;
}

str org_account_id(const org_view *v, uint32_t account)
{
    assert(account < v->accounts.count);
    return intern_text(v->owner->account_ids, account);
}

str org_account_name(const org_view *v, uint32_t account)
{
    return state_account_name(state_account(v, account));
}

str org_account_email(const org_view *v, uint32_t account)
{
    return state_account_email(state_account(v, account));
}

uint32_t org_account_find(const org_view *v, str id)
{
    uint32_t account = intern_find(v->owner->account_ids, id);
    return account < v->accounts.count && org_account_exists(v, account) ? account : ORG_NONE;
}

bool org_target_find(const org_view *v, str id, org_target *out)
{
    uint32_t account = org_account_find(v, id);
    uint32_t node = account == ORG_NONE ? org_node_find(v, id) : ORG_NONE;
    if (account == ORG_NONE && node == ORG_NONE) return false;
    *out = account != ORG_NONE ? org_target_account(account) : org_target_node(node);
    return true;
}

/* ---- policies ---- */

uint32_t org_policy_count(const org_view *v)
{
    return v->policies.count;
}

bool org_policy_exists(const org_view *v, uint32_t index)
{
    return state_policy(v, index)->exists;
}

org_policy_type org_policy_type_at(const org_view *v, uint32_t index)
{
    return (org_policy_type)state_policy(v, index)->type;
}

str org_policy_id(const org_view *v, uint32_t index)
{
    assert(index < v->policies.count);
    return intern_text(v->owner->policy_ids, index);
}

str org_policy_name(const org_view *v, uint32_t index)
{
    return state_policy(v, index)->name;
}

str org_policy_description(const org_view *v, uint32_t index)
{
    return state_policy(v, index)->description;
}

str org_policy_content(const org_view *v, uint32_t index)
{
    return state_policy(v, index)->content->in.text;
}

const policy *org_policy_parsed(const org_view *v, uint32_t index)
{
    return state_policy(v, index)->content->parsed;
}

bool org_policy_aws_managed(const org_view *v, uint32_t index)
{
    return state_policy(v, index)->aws_managed;
}

uint32_t org_policy_target_count(const org_view *v, uint32_t index)
{
    return state_policy(v, index)->target_count;
}

uint32_t org_policy_find(const org_view *v, str id)
{
    uint32_t index = intern_find(v->owner->policy_ids, id);
    return index < v->policies.count && state_policy(v, index)->exists ? index : ORG_NONE;
}

org_attachments org_attached(const org_view *v, org_policy_type type, org_target target)
{
    assert(type < ORG_TYPE_COUNT);
    return attached_list(&v->owner->attached, state_attached(v, target), type);
}

/* ---- chains ---- */

uint32_t org_chain(const org_view *v, uint32_t account, org_target out[ORG_CHAIN_MAX])
{
    uint32_t node = org_account_parent(v, account);
    assert(node != ORG_NONE);
    uint32_t length = org_node_depth(v, node) + 2;
    assert(length <= ORG_CHAIN_MAX);
    out[length - 1] = org_target_account(account);
    for (uint32_t level = length - 1; level-- > 0; node = org_node_parent(v, node)) out[level] = org_target_node(node);
    assert(node == ORG_NONE);
    return length;
}

/* SCPs do not bind the management account: AWS Organizations User Guide, "Service control policies (SCPs)". */
uint32_t org_levels(arena *a, const org_view *v, org_policy_type type, uint32_t account,
                    policy_level out[ORG_CHAIN_MAX])
{
    assert(type == ORG_TYPE_SCP || type == ORG_TYPE_RCP);
    if (!v->type_enabled[type] || account == ORG_MANAGEMENT || !org_account_exists(v, account)) return 0;
    org_target chain[ORG_CHAIN_MAX];
    uint32_t   length = org_chain(v, account, chain);
    for (uint32_t level = 0; level < length; level++) {
        org_attachments here = org_attached(v, type, chain[level]);
        const policy  **parsed = ARENA_NEW(a, const policy *, here.count);
        for (uint32_t i = 0; i < here.count; i++) parsed[i] = org_policy_parsed(v, here.policies[i]);
        out[level] = (policy_level){.policies = parsed, .count = here.count};
    }
    return length;
}

str org_path(arena *a, const org_view *v, uint32_t node)
{
    str path = STR(""), organization = org_id(v);
    for (uint32_t at = node; at != ORG_NONE; at = org_node_parent(v, at)) {
        str id = org_node_id(v, at);
        path = arena_format(a, "%.*s/%.*s", STR_FMT(id), STR_FMT(path));
    }
    return arena_format(a, "%.*s/%.*s", STR_FMT(organization), STR_FMT(path));
}

uint32_t org_changes(const org_view *v, const org_change **out)
{
    *out = v->changes;
    return v->change_count;
}
