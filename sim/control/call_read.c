/* What describes and lists: API reference of AWS Organizations, operation by operation. Lists come in pages of at most
 * MaxResults in ascending order of index; a token names the list it belongs to and where it goes on. */
#include <assert.h>
#include <stdio.h>

#include "base/hash.h"
#include "control/call.h"

/* ---- pages ---- */

typedef struct {
    uint64_t list; /* which one: operation and what it was asked of */
    uint32_t from, max;
} page_place;

/* Of the whole call but for the page: a token serves the list that gave it. */
static uint64_t list_of(const call *k)
{
    static const control_member asked[] = {MEMBER_ParentId, MEMBER_ChildType, MEMBER_ChildId,
                                           MEMBER_Filter,   MEMBER_TargetId,  MEMBER_PolicyId};
    uint64_t                    hash = (uint64_t)k->in->op;
    for (size_t i = 0; i < COUNTOF(asked); i++) {
        str s = call_member(k, asked[i]);
        hash = hash_bytes(s.ptr, s.len, hash);
    }
    return hash >> 32;
}

static bool foreign_token(call *k)
{
    return call_refuse(k, "InvalidInputException", "INVALID_NEXT_TOKEN",
                       "NextToken is none that this list gave, expected the one of its last page");
}

static bool page_begin(call *k, page_place *p)
{
    str      size = call_member(k, MEMBER_MaxResults), token = call_member(k, MEMBER_NextToken);
    uint64_t number = CONTROL_PAGE_MAX, list = 0, from = 0;
    size_t   dash = str_find(token, '-', 0);
    if (size.ptr != NULL) (void)str_to_u64(size, &number); /* the shape was checked */
    *p = (page_place){.list = list_of(k), .max = (uint32_t)number};
    if (token.ptr == NULL) return true;
    if (dash == token.len || !str_to_u64(str_part(token, 0, dash), &list) || list != p->list) return foreign_token(k);
    if (!str_to_u64(str_part(token, dash + 1, token.len - dash - 1), &from) || from >= ORG_NONE)
        return foreign_token(k);
    p->from = (uint32_t)from;
    return true;
}

/* ids: those of the page and, if there are more, one of the next. */
static bool page_end(call *k, const page_place *p, control_output what, const uint32_t *ids, uint32_t count)
{
    uint32_t shown = count < p->max ? count : p->max;
    k->out->output = what;
    k->out->output_count = shown;
    if (shown > 0) memcpy(k->out->outputs, ids, shown * sizeof *ids);
    if (count > shown)
        (void)snprintf(k->out->next_token, sizeof k->out->next_token, "%llu-%u", (unsigned long long)p->list,
                       ids[shown]);
    return true;
}

static bool one(call *k, control_output what, uint32_t index)
{
    k->first = index;
    k->out->output = what;
    k->out->output_count = 1;
    k->out->outputs[0] = index;
    return true;
}

/* ---- the organization and its tree ---- */

bool call_describe_organization(call *k)
{
    return one(k, CONTROL_OUTPUT_ORGANIZATION, 0);
}

bool call_list_roots(call *k)
{
    page_place     p;
    const uint32_t root = ORG_ROOT;
    if (!page_begin(k, &p)) return false;
    return page_end(k, &p, CONTROL_OUTPUT_ROOTS, &root, p.from == 0);
}

bool call_describe_ou(call *k)
{
    str      id = call_member(k, MEMBER_OrganizationalUnitId);
    uint32_t found = org_node_find(k->now, id);
    if (found != ORG_NONE) return one(k, CONTROL_OUTPUT_OUS, found);
    return call_refuse(k, "OrganizationalUnitNotFoundException", NULL, "there is no OU `%.*s`", STR_FMT(id));
}

static bool list_below(call *k, org_list_kind kind, control_output what)
{
    str        id = call_member(k, MEMBER_ParentId);
    uint32_t   ids[CONTROL_PAGE_MAX + 1], parent = k->first = org_node_find(k->now, id);
    page_place p;
    if (parent == ORG_NONE)
        return call_refuse(k, "ParentNotFoundException", NULL, "there is no root or OU `%.*s`", STR_FMT(id));
    if (!page_begin(k, &p)) return false;
    return page_end(k, &p, what, ids, org_list(k->o, kind, parent, p.from, ids, p.max + 1));
}

bool call_list_ous(call *k)
{
    return list_below(k, ORG_LIST_CHILD_NODES, CONTROL_OUTPUT_OUS);
}

bool call_list_accounts_below(call *k)
{
    return list_below(k, ORG_LIST_CHILD_ACCOUNTS, CONTROL_OUTPUT_ACCOUNTS);
}

bool call_list_children(call *k)
{
    return str_is(call_member(k, MEMBER_ChildType), "ACCOUNT") ? call_list_accounts_below(k) : call_list_ous(k);
}

/* The one parent: of the root there is none to ask for. */
bool call_list_parents(call *k)
{
    str        id = call_member(k, MEMBER_ChildId);
    uint32_t   account = org_account_find(k->now, id), ou = org_node_find(k->now, id), parent = ORG_NONE;
    page_place p;
    if (account != ORG_NONE) parent = org_account_parent(k->now, account);
    if (ou != ORG_NONE) parent = org_node_parent(k->now, ou);
    if (parent == ORG_NONE)
        return call_refuse(k, "ChildNotFoundException", NULL, "there is no account or OU `%.*s`", STR_FMT(id));
    k->first = parent;
    if (!page_begin(k, &p)) return false;
    return page_end(k, &p, parent == ORG_ROOT ? CONTROL_OUTPUT_ROOTS : CONTROL_OUTPUT_OUS, &parent, p.from == 0);
}

/* ---- accounts ---- */

bool call_describe_account(call *k)
{
    str      id = call_member(k, MEMBER_AccountId);
    uint32_t account = org_account_find(k->now, id);
    if (account != ORG_NONE) return one(k, CONTROL_OUTPUT_ACCOUNTS, account);
    return call_refuse(k, "AccountNotFoundException", NULL, "there is no account `%.*s`", STR_FMT(id));
}

bool call_list_accounts(call *k)
{
    uint32_t   ids[CONTROL_PAGE_MAX + 1], count = 0;
    page_place p;
    if (!page_begin(k, &p)) return false;
    for (uint32_t i = p.from; i < org_account_count(k->now) && count <= p.max; i++)
        if (org_account_exists(k->now, i)) ids[count++] = i;
    return page_end(k, &p, CONTROL_OUTPUT_ACCOUNTS, ids, count);
}

/* ---- policies ---- */

static org_policy_type type_asked(const call *k)
{
    org_policy_type type = ORG_TYPE_COUNT;
    bool            known = org_policy_type_of(call_member(k, MEMBER_Filter), &type);
    assert(known); /* the shape was checked */
    return type;
}

static bool no_policy(call *k)
{
    return call_refuse(k, "PolicyNotFoundException", NULL, "there is no policy `%.*s`",
                       STR_FMT(call_member(k, MEMBER_PolicyId)));
}

bool call_describe_policy(call *k)
{
    uint32_t found = org_policy_find(k->now, call_member(k, MEMBER_PolicyId));
    return found == ORG_NONE ? no_policy(k) : one(k, CONTROL_OUTPUT_POLICIES, found);
}

bool call_list_policies(call *k)
{
    org_policy_type type = type_asked(k);
    uint32_t        ids[CONTROL_PAGE_MAX + 1], count = 0;
    page_place      p;
    k->first = (uint32_t)type;
    if (!page_begin(k, &p)) return false;
    for (uint32_t i = p.from; i < org_policy_count(k->now) && count <= p.max; i++)
        if (org_policy_exists(k->now, i) && org_policy_type_at(k->now, i) == type) ids[count++] = i;
    return page_end(k, &p, CONTROL_OUTPUT_POLICIES, ids, count);
}

bool call_list_policies_for_target(call *k)
{
    str        id = call_member(k, MEMBER_TargetId);
    uint32_t   ids[CONTROL_PAGE_MAX + 1], count = 0;
    org_target target;
    page_place p;
    if (!org_target_find(k->now, id, &target))
        return call_refuse(k, "TargetNotFoundException", NULL, "there is no root, OU or account `%.*s`", STR_FMT(id));
    k->first = target.v;
    if (!page_begin(k, &p)) return false;
    org_attachments there = org_attached(k->now, type_asked(k), target);
    for (uint32_t i = 0; i < there.count && count <= p.max; i++)
        if (there.policies[i] >= p.from) ids[count++] = there.policies[i];
    return page_end(k, &p, CONTROL_OUTPUT_POLICIES, ids, count);
}

/* Roots and OUs, then accounts: in the order of org_target.v. */
bool call_list_targets_for_policy(call *k)
{
    uint32_t   ids[CONTROL_PAGE_MAX + 1], found = k->first = org_policy_find(k->now, call_member(k, MEMBER_PolicyId));
    uint32_t   count = 0, account_from, wanted;
    page_place p;
    if (found == ORG_NONE) return no_policy(k);
    if (!page_begin(k, &p)) return false;
    wanted = p.max + 1;
    if (p.from < ORG_TARGET_ACCOUNT) count = org_list(k->o, ORG_LIST_TARGET_NODES, found, p.from, ids, wanted);
    account_from = p.from < ORG_TARGET_ACCOUNT ? 0 : p.from & ~ORG_TARGET_ACCOUNT;
    uint32_t nodes = count;
    count += org_list(k->o, ORG_LIST_TARGET_ACCOUNTS, found, account_from, ids + count, wanted - count);
    for (uint32_t i = nodes; i < count; i++) ids[i] |= ORG_TARGET_ACCOUNT;
    return page_end(k, &p, CONTROL_OUTPUT_TARGETS, ids, count);
}
