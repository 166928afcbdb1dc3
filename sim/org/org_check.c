/* Every invariant, computed from the records anew and slowly; nothing that mutators keep for themselves is trusted. */
#include "org/state.h"

#include <stdlib.h>

#define BROKEN(e, ...) err_set((e), STATUS_INVALID, __VA_ARGS__)

typedef struct {
    const org_view *v;
    arena          *a;
    uint32_t       *child_count, *account_count; /* [node]   */
    uint32_t       *target_count;                /* [policy] */
    err            *e;
} checker;

static status check_nodes(checker *c);
static status check_accounts(checker *c);
static status check_policies(checker *c);
static status check_counts(checker *c);
static status check_names(checker *c);
static status check_lists(checker *c);

status org_check(const org_view *v, err *e)
{
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    checker c = {.v = v,
                 .a = &a,
                 .child_count = ARENA_NEW(&a, uint32_t, v->nodes.count),
                 .account_count = ARENA_NEW(&a, uint32_t, v->nodes.count),
                 .target_count = ARENA_NEW(&a, uint32_t, v->policies.count),
                 .e = e};
    status  s = check_nodes(&c);
    if (s == STATUS_OK) s = check_accounts(&c);
    if (s == STATUS_OK) s = check_policies(&c);
    if (s == STATUS_OK) s = check_counts(&c);
    if (s == STATUS_OK) s = check_names(&c);
    if (s == STATUS_OK) s = check_lists(&c);
    arena_deinit(&a);
    return s;
}

/* Attachments of one living target: ascending, of living policies of their type, none of a disabled type, and never
 * without a policy where that would deny everything (SCPs) or without RCPFullAWSAccess, which nobody can detach. */
static status check_attachments(checker *c, org_target target, str id)
{
    const org_view *v = c->v;
    for (uint32_t t = 0; t < ORG_TYPE_COUNT; t++) {
        org_policy_type type = (org_policy_type)t;
        org_attachments l = org_attached(v, type, target);
        const char     *name = org_policy_type_name(type);
        if (!v->type_enabled[t] && l.count > 0)
            return BROKEN(c->e, "`%.*s` carries a %s while the type is disabled", STR_FMT(id), name);
        if (v->type_enabled[t] && type == ORG_TYPE_SCP && l.count == 0)
            return BROKEN(c->e, "`%.*s` carries no %s", STR_FMT(id), name);
        if (v->type_enabled[t] && type == ORG_TYPE_RCP && (l.count == 0 || l.policies[0] != ORG_RCP_FULL_ACCESS))
            return BROKEN(c->e, "`%.*s` lacks RCPFullAWSAccess", STR_FMT(id));
        for (uint32_t i = 0; i < l.count; i++) {
            uint32_t p = l.policies[i];
            if (p >= v->policies.count || !org_policy_exists(v, p))
                return BROKEN(c->e, "`%.*s` carries policy %u, which does not exist", STR_FMT(id), p);
            if (org_policy_type_at(v, p) != type)
                return BROKEN(c->e, "`%.*s` carries policy %u as %s, which it is not", STR_FMT(id), p, name);
            if (i > 0 && l.policies[i - 1] >= p)
                return BROKEN(c->e, "attachments of `%.*s` are not ascending", STR_FMT(id));
            c->target_count[p]++;
        }
    }
    return STATUS_OK;
}

static status check_gone(checker *c, uint32_t attached_id, uint32_t parent, str id)
{
    if (attached_id != 0 || parent != ORG_NONE)
        return BROKEN(c->e, "`%.*s` is gone but keeps a parent or attachments", STR_FMT(id));
    return STATUS_OK;
}

/* OUs are created below what exists and never move, so a parent's index is below its child's: no cycle. */
static status check_nodes(checker *c)
{
    uint32_t live = 0;
    for (uint32_t i = 0; i < c->v->nodes.count; i++) {
        const org_node *n = state_node(c->v, i);
        str             id = org_node_id(c->v, i);
        if (!n->exists) {
            if (i == ORG_ROOT) return BROKEN(c->e, "the root does not exist");
            TRY(check_gone(c, n->attached, n->parent, id));
            continue;
        }
        live++;
        if (org_node_find(c->v, id) != i) return BROKEN(c->e, "id `%.*s` does not lead to its node", STR_FMT(id));
        if (i == ORG_ROOT && (n->parent != ORG_NONE || n->depth != 0)) return BROKEN(c->e, "the root is not on top");
        if (i != ORG_ROOT) {
            if (n->parent >= i || !state_node(c->v, n->parent)->exists)
                return BROKEN(c->e, "OU `%.*s` has no parent", STR_FMT(id));
            if (n->depth != state_node(c->v, n->parent)->depth + 1 || n->depth > ORG_OU_DEPTH_MAX)
                return BROKEN(c->e, "OU `%.*s` has depth %u", STR_FMT(id), n->depth);
            c->child_count[n->parent]++;
        }
        TRY(check_attachments(c, org_target_node(i), id));
    }
    return live == c->v->live_nodes ? STATUS_OK : BROKEN(c->e, "%u nodes live, not %u", live, c->v->live_nodes);
}

static status check_accounts(checker *c)
{
    uint32_t live = 0;
    for (uint32_t i = 0; i < c->v->accounts.count; i++) {
        const org_account *a = state_account(c->v, i);
        str                id = org_account_id(c->v, i);
        if (a->parent == ORG_NONE) {
            if (i == ORG_MANAGEMENT) return BROKEN(c->e, "the management account is not a member");
            TRY(check_gone(c, a->attached, a->parent, id));
            continue;
        }
        live++;
        if (org_account_find(c->v, id) != i) return BROKEN(c->e, "id `%.*s` does not lead to its account", STR_FMT(id));
        if (a->parent >= c->v->nodes.count || !state_node(c->v, a->parent)->exists)
            return BROKEN(c->e, "account `%.*s` has no parent", STR_FMT(id));
        c->account_count[a->parent]++;
        TRY(check_attachments(c, org_target_account(i), id));
    }
    if (c->v->accounts.count == 0) return BROKEN(c->e, "there is no management account");
    return live == c->v->live_accounts ? STATUS_OK
                                       : BROKEN(c->e, "%u accounts live, not %u", live, c->v->live_accounts);
}

static status check_policies(checker *c)
{
    uint32_t live[ORG_TYPE_COUNT] = {0};
    for (uint32_t i = 0; i < c->v->policies.count; i++) {
        const org_policy *p = state_policy(c->v, i);
        str               id = org_policy_id(c->v, i);
        if (p->target_count != c->target_count[i])
            return BROKEN(c->e, "policy `%.*s` counts %u targets, has %u", STR_FMT(id), p->target_count,
                          c->target_count[i]);
        if (!p->exists) continue;
        live[p->type] += !p->aws_managed;
        bool evaluated = p->type == ORG_TYPE_SCP || p->type == ORG_TYPE_RCP;
        if (org_policy_find(c->v, id) != i) return BROKEN(c->e, "id `%.*s` does not lead to its policy", STR_FMT(id));
        if (p->content->type != (org_policy_type)p->type || (p->content->parsed != NULL) != evaluated)
            return BROKEN(c->e, "policy `%.*s` has a content of another type", STR_FMT(id));
    }
    for (uint32_t t = 0; t < ORG_TYPE_COUNT; t++)
        if (live[t] != c->v->live_policies[t])
            return BROKEN(c->e, "%u policies of type %s live, not %u", live[t],
                          org_policy_type_name((org_policy_type)t), c->v->live_policies[t]);
    bool managed = c->v->policies.count > ORG_RCP_FULL_ACCESS && org_policy_exists(c->v, ORG_FULL_ACCESS) &&
                   org_policy_exists(c->v, ORG_RCP_FULL_ACCESS);
    return managed ? STATUS_OK : BROKEN(c->e, "an AWS-managed policy is missing");
}

static status check_counts(checker *c)
{
    for (uint32_t i = 0; i < c->v->nodes.count; i++) {
        const org_node *n = state_node(c->v, i);
        str             id = org_node_id(c->v, i);
        if (n->child_count != c->child_count[i])
            return BROKEN(c->e, "`%.*s` counts %u OUs, has %u", STR_FMT(id), n->child_count, c->child_count[i]);
        if (n->account_count != c->account_count[i])
            return BROKEN(c->e, "`%.*s` counts %u accounts, has %u", STR_FMT(id), n->account_count,
                          c->account_count[i]);
    }
    return STATUS_OK;
}

/* ---- unique names, by sorting ---- */

typedef struct {
    uint32_t scope;
    str      name;
} check_name;

static int check_name_cmp(const void *a, const void *b)
{
    const check_name *x = a, *y = b;
    if (x->scope != y->scope) return x->scope < y->scope ? -1 : 1;
    return str_cmp(x->name, y->name);
}

static status check_unique(checker *c, check_name *names, uint32_t count, const char *what)
{
    if (count > 0) qsort(names, count, sizeof *names, check_name_cmp);
    for (uint32_t i = 1; i < count; i++)
        if (check_name_cmp(&names[i - 1], &names[i]) == 0)
            return BROKEN(c->e, "two %s are `%.*s`", what, STR_FMT(names[i].name));
    return STATUS_OK;
}

static str lower_case(arena *a, str s)
{
    char *copy = ARENA_NEW(a, char, s.len);
    for (size_t i = 0; i < s.len; i++) copy[i] = char_lower(s.ptr[i]);
    return (str){copy, s.len};
}

static status check_names(checker *c)
{
    const org_view *v = c->v;
    check_name     *ous = ARENA_NEW(c->a, check_name, v->nodes.count);
    check_name     *policies = ARENA_NEW(c->a, check_name, v->policies.count);
    check_name     *emails = ARENA_NEW(c->a, check_name, v->accounts.count);
    uint32_t        ou_count = 0, policy_count = 0;
    for (uint32_t i = 0; i < v->nodes.count; i++)
        if (i != ORG_ROOT && org_node_exists(v, i))
            ous[ou_count++] = (check_name){org_node_parent(v, i), org_node_name(v, i)};
    for (uint32_t i = 0; i < v->policies.count; i++)
        if (org_policy_exists(v, i))
            policies[policy_count++] = (check_name){(uint32_t)org_policy_type_at(v, i), org_policy_name(v, i)};
    for (uint32_t i = 0; i < v->accounts.count; i++)
        emails[i] = (check_name){0, lower_case(c->a, org_account_email(v, i))};
    TRY(check_unique(c, ous, ou_count, "OUs of one parent"));
    TRY(check_unique(c, policies, policy_count, "policies of one type"));
    return check_unique(c, emails, v->accounts.count, "e-mail addresses");
}

/* ---- lists ---- */

static bool is_listed(const checker *c, org_list_kind kind, uint32_t owner, uint32_t id)
{
    const id_lists *l = &c->v->owner->lists.of[kind];
    if (owner >= l->count) return false;
    uint32_t at = lists_place(&l->owners[owner], id);
    return at < l->owners[owner].count && l->owners[owner].ids[at] == id;
}

static status check_target_listed(checker *c, org_target target, uint32_t attached_id, str id)
{
    org_list_kind kind = org_target_is_account(target) ? ORG_LIST_TARGET_ACCOUNTS : ORG_LIST_TARGET_NODES;
    for (uint32_t t = 0; t < ORG_TYPE_COUNT; t++) {
        org_attachments l = attached_list(&c->v->owner->attached, attached_id, (org_policy_type)t);
        for (uint32_t i = 0; i < l.count; i++)
            if (!is_listed(c, kind, l.policies[i], org_target_index(target)))
                return BROKEN(c->e, "`%.*s` is not among the targets of policy %u", STR_FMT(id), l.policies[i]);
    }
    return STATUS_OK;
}

/* Ascending, and no longer than what is there. */
static status check_list_counts(checker *c)
{
    const lists *l = &c->v->owner->lists;
    for (uint32_t kind = 0; kind < ORG_LIST_COUNT; kind++)
        for (uint32_t owner = 0; owner < l->of[kind].count; owner++) {
            const id_list *list = &l->of[kind].owners[owner];
            uint32_t       want = 0;
            bool           of_node = kind == ORG_LIST_CHILD_NODES || kind == ORG_LIST_CHILD_ACCOUNTS;
            if (of_node && owner < c->v->nodes.count)
                want = kind == ORG_LIST_CHILD_NODES ? c->child_count[owner] : c->account_count[owner];
            if (!of_node && owner < c->v->policies.count) want = c->target_count[owner];
            if (of_node ? list->count != want : list->count > want)
                return BROKEN(c->e, "list %u of %u has %u entries, there are %u", kind, owner, list->count, want);
            for (uint32_t i = 1; i < list->count; i++)
                if (list->ids[i - 1] >= list->ids[i]) return BROKEN(c->e, "list %u of %u is not sorted", kind, owner);
            if (kind != ORG_LIST_TARGET_ACCOUNTS) continue;
            uint32_t nodes =
                l->of[ORG_LIST_TARGET_NODES].count > owner ? l->of[ORG_LIST_TARGET_NODES].owners[owner].count : 0;
            if (list->count + nodes != want)
                return BROKEN(c->e, "policy %u is listed at %u targets, there are %u", owner, list->count + nodes,
                              want);
        }
    return STATUS_OK;
}

/* Of the head, where they are made. */
static status check_lists(checker *c)
{
    const org *o = c->v->owner;
    if (c->v != &o->head || !o->lists.made) return STATUS_OK;
    status whole = check_list_counts(c);
    if (whole != STATUS_OK) return whole;
    for (uint32_t i = 0; i < c->v->nodes.count; i++) {
        const org_node *n = state_node(c->v, i);
        if (!n->exists) continue;
        if (n->parent != ORG_NONE && !is_listed(c, ORG_LIST_CHILD_NODES, n->parent, i))
            return BROKEN(c->e, "OU %u is not listed below its parent", i);
        status s = check_target_listed(c, org_target_node(i), n->attached, org_node_id(c->v, i));
        if (s != STATUS_OK) return s;
    }
    for (uint32_t i = 0; i < c->v->accounts.count; i++) {
        const org_account *a = state_account(c->v, i);
        if (a->parent == ORG_NONE) continue;
        if (!is_listed(c, ORG_LIST_CHILD_ACCOUNTS, a->parent, i))
            return BROKEN(c->e, "account %u is not listed below its parent", i);
        status s = check_target_listed(c, org_target_account(i), a->attached, org_account_id(c->v, i));
        if (s != STATUS_OK) return s;
    }
    return STATUS_OK;
}
