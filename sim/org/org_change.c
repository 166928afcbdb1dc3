/* Mutators. They assert what must hold; whoever answers for AWS has checked it before. */
#include "org/state.h"

static void changed(org *o, org_changed what, uint32_t index)
{
    if (o->newest == NULL) return; /* everything is new in revision 0 */
    if (o->pending_count == o->pending_capacity) {
        uint32_t wider = o->pending_capacity == 0 ? 64 : o->pending_capacity * 2;
        o->pending = memory_realloc(MEMORY_ORG, o->pending, o->pending_capacity * sizeof *o->pending,
                                    wider * sizeof *o->pending);
        o->pending_capacity = wider;
    }
    o->pending[o->pending_count++] = (org_change){what, index};
}

static org_node *node_write(org *o, uint32_t node)
{
    org_node *n = pages_write(&o->pages, &o->head.nodes, node);
    assert(n->exists);
    return n;
}

static org_account *account_write(org *o, uint32_t account)
{
    org_account *a = pages_write(&o->pages, &o->head.accounts, account);
    assert(a->parent != ORG_NONE);
    return a;
}

static org_policy *policy_write(org *o, uint32_t index)
{
    org_policy *p = pages_write(&o->pages, &o->head.policies, index);
    assert(p->exists);
    return p;
}

static org_list_kind targets_kind(org_target t)
{
    return org_target_is_account(t) ? ORG_LIST_TARGET_ACCOUNTS : ORG_LIST_TARGET_NODES;
}

static void target_list(org *o, uint32_t index, org_target t, bool comes)
{
    if (comes)
        lists_add(&o->lists, targets_kind(t), index, org_target_index(t));
    else
        lists_remove(&o->lists, targets_kind(t), index, org_target_index(t));
}

/* A target with this combination comes or goes. */
static void target_count(org *o, org_target target, uint32_t attached_id, bool comes)
{
    for (uint32_t t = 0; t < ORG_TYPE_COUNT; t++) {
        org_attachments l = attached_list(&o->attached, attached_id, (org_policy_type)t);
        for (uint32_t i = 0; i < l.count; i++) {
            policy_write(o, l.policies[i])->target_count += comes ? 1u : UINT32_MAX;
            target_list(o, l.policies[i], target, comes);
        }
    }
}

/* ---- OUs ---- */

uint32_t org_ou_create(org *o, uint32_t parent, str id, str name)
{
    assert(!org_id_used(o, id));
    assert(org_ou_named(o, parent, name) == ORG_NONE);
    assert(name.len < UINT32_MAX);
    uint8_t depth = (uint8_t)(org_node_depth(&o->head, parent) + 1);
    assert(depth <= ORG_OU_DEPTH_MAX);
    uint32_t  node = intern_add(o->node_ids, id);
    org_node *n = pages_push(&o->pages, &o->head.nodes);
    assert(node + 1 == o->head.nodes.count);
    *n = (org_node){.parent = parent,
                    .attached = o->attached_fresh,
                    .name = arena_str(&o->texts, name).ptr,
                    .name_bytes = (uint32_t)name.len,
                    .depth = depth,
                    .exists = true};
    node_write(o, parent)->child_count++;
    target_count(o, org_target_node(node), o->attached_fresh, true);
    lists_add(&o->lists, ORG_LIST_CHILD_NODES, parent, node);
    names_add(o, NAMES_OU, node);
    o->head.live_nodes++;
    changed(o, ORG_CHANGED_NODE, node);
    return node;
}

void org_ou_rename(org *o, uint32_t node, str name)
{
    assert(node != ORG_ROOT);
    assert(name.len < UINT32_MAX);
    uint32_t holder = org_ou_named(o, org_node_parent(&o->head, node), name);
    assert(holder == ORG_NONE || holder == node);
    names_remove(o, NAMES_OU, node);
    org_node *n = node_write(o, node);
    n->name = arena_str(&o->texts, name).ptr;
    n->name_bytes = (uint32_t)name.len;
    names_add(o, NAMES_OU, node);
    changed(o, ORG_CHANGED_NODE, node);
}

void org_ou_delete(org *o, uint32_t node)
{
    assert(node != ORG_ROOT);
    names_remove(o, NAMES_OU, node);
    org_node *n = node_write(o, node);
    assert(n->child_count == 0);
    assert(n->account_count == 0);
    target_count(o, org_target_node(node), n->attached, false);
    lists_remove(&o->lists, ORG_LIST_CHILD_NODES, n->parent, node);
    node_write(o, n->parent)->child_count--;
    n->parent = ORG_NONE;
    n->attached = 0;
    n->exists = false;
    o->head.live_nodes--;
    changed(o, ORG_CHANGED_NODE, node);
}

/* ---- accounts ---- */

uint32_t org_account_create(org *o, uint32_t parent, str id, str name, str email)
{
    assert(!org_id_used(o, id));
    assert(org_email_holder(o, email) == ORG_NONE);
    assert(name.len <= UINT16_MAX);
    assert(email.len <= UINT16_MAX);
    node_write(o, parent)->account_count++;
    org_account_text *text = arena_alloc(&o->texts, sizeof *text + name.len + email.len, alignof(org_account_text), 1);
    text->name_bytes = (uint16_t)name.len;
    text->email_bytes = (uint16_t)email.len;
    if (name.len > 0) memcpy(text->bytes, name.ptr, name.len);
    if (email.len > 0) memcpy(text->bytes + name.len, email.ptr, email.len);
    uint32_t     account = intern_add(o->account_ids, id);
    org_account *a = pages_push(&o->pages, &o->head.accounts);
    assert(account + 1 == o->head.accounts.count);
    *a = (org_account){.parent = parent, .attached = o->attached_fresh, .text = text};
    target_count(o, org_target_account(account), o->attached_fresh, true);
    lists_add(&o->lists, ORG_LIST_CHILD_ACCOUNTS, parent, account);
    names_add(o, NAMES_EMAIL, account);
    o->head.live_accounts++;
    changed(o, ORG_CHANGED_ACCOUNT, account);
    return account;
}

void org_account_move(org *o, uint32_t account, uint32_t parent)
{
    org_account *a = account_write(o, account);
    assert(a->parent != parent);
    node_write(o, a->parent)->account_count--;
    node_write(o, parent)->account_count++;
    lists_remove(&o->lists, ORG_LIST_CHILD_ACCOUNTS, a->parent, account);
    lists_add(&o->lists, ORG_LIST_CHILD_ACCOUNTS, parent, account);
    a->parent = parent;
    changed(o, ORG_CHANGED_ACCOUNT, account);
}

void org_account_remove(org *o, uint32_t account)
{
    assert(account != ORG_MANAGEMENT);
    org_account *a = account_write(o, account);
    target_count(o, org_target_account(account), a->attached, false);
    lists_remove(&o->lists, ORG_LIST_CHILD_ACCOUNTS, a->parent, account);
    node_write(o, a->parent)->account_count--;
    a->parent = ORG_NONE;
    a->attached = 0;
    o->head.live_accounts--;
    changed(o, ORG_CHANGED_ACCOUNT, account);
}

/* ---- policies ---- */

status org_content_check(org *o, org_policy_type type, str content, err *e)
{
    const org_content *c = NULL;
    return content_get(o, type, content, false, &c, e);
}

static const org_content *content_valid(org *o, org_policy_type type, str content, bool aws_managed)
{
    const org_content *c = NULL;
    status             s = content_get(o, type, content, aws_managed, &c, NULL);
    assert(s == STATUS_OK);
    return s == STATUS_OK ? c : NULL;
}

uint32_t state_policy_create(org *o, org_policy p, str id, str content)
{
    assert(!org_id_used(o, id));
    assert(org_policy_named(o, (org_policy_type)p.type, p.name) == ORG_NONE);
    p.name = arena_str(&o->texts, p.name);
    p.description = arena_str(&o->texts, p.description);
    p.content = content_valid(o, (org_policy_type)p.type, content, p.aws_managed);
    p.exists = true;
    uint32_t    index = intern_add(o->policy_ids, id);
    org_policy *record = pages_push(&o->pages, &o->head.policies);
    assert(index + 1 == o->head.policies.count);
    *record = p;
    names_add(o, NAMES_POLICY, index);
    if (!p.aws_managed) o->head.live_policies[p.type]++;
    changed(o, ORG_CHANGED_POLICY, index);
    return index;
}

uint32_t org_policy_create(org *o, org_policy_type type, str id, str name, str description, str content)
{
    assert(type < ORG_TYPE_COUNT);
    return state_policy_create(o, (org_policy){.name = name, .description = description, .type = (uint8_t)type}, id,
                               content);
}

void org_policy_update(org *o, uint32_t index, str name, str description, str content)
{
    org_policy *p = policy_write(o, index);
    assert(!p->aws_managed);
    if (name.ptr != NULL) {
        uint32_t holder = org_policy_named(o, (org_policy_type)p->type, name);
        assert(holder == ORG_NONE || holder == index);
        names_remove(o, NAMES_POLICY, index);
        p->name = arena_str(&o->texts, name);
        names_add(o, NAMES_POLICY, index);
    }
    if (description.ptr != NULL) p->description = arena_str(&o->texts, description);
    if (content.ptr != NULL) p->content = content_valid(o, (org_policy_type)p->type, content, false);
    changed(o, ORG_CHANGED_POLICY, index);
}

void org_policy_delete(org *o, uint32_t index)
{
    org_policy *p = policy_write(o, index);
    assert(!p->aws_managed);
    assert(p->target_count == 0);
    names_remove(o, NAMES_POLICY, index);
    p->exists = false;
    o->head.live_policies[p->type]--;
    changed(o, ORG_CHANGED_POLICY, index);
}

/* ---- attachments ---- */

static void attached_set(org *o, org_target t, uint32_t attached_id)
{
    if (org_target_is_account(t))
        account_write(o, org_target_index(t))->attached = attached_id;
    else
        node_write(o, org_target_index(t))->attached = attached_id;
}

void org_attach(org *o, uint32_t index, org_target target)
{
    org_policy *p = policy_write(o, index);
    assert(o->head.type_enabled[p->type]);
    uint32_t before = state_attached(&o->head, target);
    attached_set(o, target, attached_with(&o->attached, before, (org_policy_type)p->type, index));
    p->target_count++;
    target_list(o, index, target, true);
    changed(o, ORG_CHANGED_TARGET, target.v);
}

void org_detach(org *o, uint32_t index, org_target target)
{
    org_policy *p = policy_write(o, index);
    uint32_t    before = state_attached(&o->head, target);
    attached_set(o, target, attached_without(&o->attached, before, (org_policy_type)p->type, index));
    p->target_count--;
    target_list(o, index, target, false);
    changed(o, ORG_CHANGED_TARGET, target.v);
}

/* Every target gets just `policy` (ORG_NONE: nothing) of the type. Returns how many targets there are. */
static uint32_t attach_everywhere(org *o, org_policy_type type, uint32_t index)
{
    for (uint32_t i = 0; i < o->head.nodes.count; i++) {
        const org_node *n = state_node(&o->head, i);
        if (n->exists) attached_set(o, org_target_node(i), attached_only(&o->attached, n->attached, type, index));
    }
    for (uint32_t i = 0; i < o->head.accounts.count; i++) {
        const org_account *a = state_account(&o->head, i);
        if (a->parent == ORG_NONE) continue;
        attached_set(o, org_target_account(i), attached_only(&o->attached, a->attached, type, index));
    }
    o->attached_fresh = attached_only(&o->attached, o->attached_fresh, type, index);
    if (o->lists.made) lists_make(o); /* once for all, not target by target */
    return o->head.live_nodes + o->head.live_accounts;
}

/* User Guide, "Enabling and disabling policy types": the full-access policy keeps everything allowed at first. */
void org_type_enable(org *o, org_policy_type type)
{
    assert(!org_type_enabled(&o->head, type));
    o->head.type_enabled[type] = true;
    changed(o, ORG_CHANGED_TYPE, (uint32_t)type);
    uint32_t full = type == ORG_TYPE_SCP ? ORG_FULL_ACCESS : type == ORG_TYPE_RCP ? ORG_RCP_FULL_ACCESS : ORG_NONE;
    if (full != ORG_NONE) policy_write(o, full)->target_count = attach_everywhere(o, type, full);
}

void org_type_disable(org *o, org_policy_type type)
{
    assert(org_type_enabled(&o->head, type));
    o->head.type_enabled[type] = false;
    changed(o, ORG_CHANGED_TYPE, (uint32_t)type);
    (void)attach_everywhere(o, type, ORG_NONE);
    for (uint32_t i = 0; i < o->head.policies.count; i++) {
        const org_policy *p = state_policy(&o->head, i);
        if (p->exists && p->type == type && p->target_count > 0) policy_write(o, i)->target_count = 0;
    }
}

/* ---- what must be unique ---- */

uint32_t org_ou_named(const org *o, uint32_t parent, str name)
{
    return names_find(o, NAMES_OU, parent, name);
}

uint32_t org_policy_named(const org *o, org_policy_type type, str name)
{
    return names_find(o, NAMES_POLICY, (uint32_t)type, name);
}

uint32_t org_email_holder(const org *o, str email)
{
    return names_find(o, NAMES_EMAIL, 0, email);
}

bool org_id_used(const org *o, str id)
{
    return intern_find(o->account_ids, id) != INTERN_NONE || intern_find(o->node_ids, id) != INTERN_NONE ||
           intern_find(o->policy_ids, id) != INTERN_NONE;
}
