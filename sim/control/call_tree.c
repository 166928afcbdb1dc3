/* OUs and accounts: API reference of AWS Organizations, operation by operation. */
#include "control/call.h"

static bool named_twice(call *k, uint32_t parent, str name)
{
    return call_refuse(k, "DuplicateOrganizationalUnitException", NULL, "`%.*s` already has an OU named `%.*s`",
                       STR_FMT(org_node_id(k->now, parent)), STR_FMT(name));
}

bool call_create_ou(call *k)
{
    str      parent_id = call_member(k, MEMBER_ParentId), name = call_member(k, MEMBER_Name), id;
    uint32_t parent = k->second = org_node_find(k->now, parent_id);
    char     room[CONTROL_ID_SIZE];
    if (parent == ORG_NONE)
        return call_refuse(k, "ParentNotFoundException", NULL, "there is no root or OU `%.*s`", STR_FMT(parent_id));
    if (org_ou_named(k->o, parent, name) != ORG_NONE) return named_twice(k, parent, name);
    if (org_node_depth(k->now, parent) >= k->quotas->ou_depth)
        return call_refuse(k, "ConstraintViolationException", "OU_DEPTH_LIMIT_EXCEEDED",
                           "`%.*s` is at depth %u, the limit for OUs is %u", STR_FMT(parent_id),
                           org_node_depth(k->now, parent), k->quotas->ou_depth);
    if (org_ou_live(k->now) >= k->quotas->ous)
        return call_refuse(k, "ConstraintViolationException", "OU_NUMBER_LIMIT_EXCEEDED",
                           "the organization has %u OUs, which is the limit", org_ou_live(k->now));
    if (!call_id(k, CONTROL_ID_OU, room, &id)) return false;
    uint32_t ou = org_ou_create(k->o, parent, id, name);
    return call_created(k, org_node_id(k->now, ou), ou);
}

/* The OU that the call names; ORG_NONE after a refusal. */
static uint32_t find_ou(call *k)
{
    str id = call_member(k, MEMBER_OrganizationalUnitId);
    k->first = org_node_find(k->now, id);
    if (k->first == ORG_NONE)
        (void)call_refuse(k, "OrganizationalUnitNotFoundException", NULL, "there is no OU `%.*s`", STR_FMT(id));
    return k->first;
}

/* Observed: a name that is absent or one blank is accepted and changes nothing. */
bool call_update_ou(call *k)
{
    str      name = call_member(k, MEMBER_Name);
    uint32_t ou = find_ou(k);
    if (ou == ORG_NONE) return false;
    if (name.ptr == NULL || str_is(name, " ")) return true;
    uint32_t parent = org_node_parent(k->now, ou), holder = org_ou_named(k->o, parent, name);
    if (holder != ORG_NONE && holder != ou) return named_twice(k, parent, name);
    org_ou_rename(k->o, ou, name);
    return true;
}

bool call_delete_ou(call *k)
{
    uint32_t ou = find_ou(k);
    if (ou == ORG_NONE) return false;
    uint32_t ous = org_node_child_count(k->now, ou), accounts = org_node_account_count(k->now, ou);
    if (ous + accounts > 0)
        return call_refuse(k, "OrganizationalUnitNotEmptyException", NULL, "`%.*s` holds %u OUs and %u accounts",
                           STR_FMT(org_node_id(k->now, ou)), ous, accounts);
    org_ou_delete(k->o, ou);
    return true;
}

/* CreateAccount has no parent at AWS: accounts appear under the root. A reader may ask for another place. */
bool call_create_account(call *k)
{
    str      parent_id = k->in->parent_given ? call_member(k, MEMBER_ParentId) : org_root_id(k->now);
    str      name = call_member(k, MEMBER_AccountName), email = call_member(k, MEMBER_Email), id;
    char     room[CONTROL_ID_SIZE];
    uint32_t parent = k->second = org_node_find(k->now, parent_id);
    if (parent == ORG_NONE)
        return call_refuse(k, "ParentNotFoundException", NULL, "there is no root or OU `%.*s`", STR_FMT(parent_id));
    if (str_starts(call_member(k, MEMBER_RoleName), STR("AWSServiceRoleFor")))
        return call_refuse(k, "InvalidInputException", "INVALID_ROLE_NAME",
                           "role names that start with `AWSServiceRoleFor` are AWS's own");
    if (org_account_live(k->now) >= k->quotas->accounts)
        return call_refuse(k, "ConstraintViolationException", "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
                           "the organization has %u accounts, which is the limit", org_account_live(k->now));
    if (org_email_holder(k->o, email) != ORG_NONE)
        return call_refuse(k, "FAILED", "EMAIL_ALREADY_EXISTS", "e-mail address `%.*s` belongs to another account",
                           STR_FMT(email));
    if (!call_id(k, CONTROL_ID_ACCOUNT, room, &id)) return false;
    uint32_t account = org_account_create(k->o, parent, id, name, email);
    return call_created(k, org_account_id(k->now, account), account);
}

static bool no_account(call *k, str id)
{
    return call_refuse(k, "AccountNotFoundException", NULL, "there is no account `%.*s`", STR_FMT(id));
}

/* A source that exists but is not the parent: AccountNotFoundException is what the reference suggests (unobserved). */
bool call_move_account(call *k)
{
    str id = call_member(k, MEMBER_AccountId), source_id = call_member(k, MEMBER_SourceParentId),
        destination_id = call_member(k, MEMBER_DestinationParentId);
    uint32_t account = k->first = org_account_find(k->now, id);
    uint32_t from = org_node_find(k->now, source_id), to = k->second = org_node_find(k->now, destination_id);
    if (account == ORG_NONE) return no_account(k, id);
    if (from == ORG_NONE)
        return call_refuse(k, "SourceParentNotFoundException", NULL, "there is no root or OU `%.*s`",
                           STR_FMT(source_id));
    if (to == ORG_NONE)
        return call_refuse(k, "DestinationParentNotFoundException", NULL, "there is no root or OU `%.*s`",
                           STR_FMT(destination_id));
    if (org_account_parent(k->now, account) != from)
        return call_refuse(k, "AccountNotFoundException", NULL, "account `%.*s` is not directly under `%.*s`",
                           STR_FMT(id), STR_FMT(source_id));
    if (from == to)
        return call_refuse(k, "DuplicateAccountException", NULL, "account `%.*s` is already under `%.*s`", STR_FMT(id),
                           STR_FMT(destination_id));
    org_account_move(k->o, account, to);
    return true;
}

#define DAY_NS (INT64_C(86400) * 1000000000)

/* User Guide, "Removing a member account": a created account must have a minimum age. Its other conditions (contact,
 * payment, agreement) are taken as fulfilled. */
static bool depart(call *k, uint32_t account, str id)
{
    int64_t created_ns = 0;
    k->first = account;
    if (account == ORG_MANAGEMENT)
        return call_refuse(k, "MasterCannotLeaveOrganizationException", NULL, "`%.*s` is the management account",
                           STR_FMT(id));
    if (call_account_created_ns(k, account, &created_ns) &&
        (k->in->at_ns - created_ns) / DAY_NS < (int64_t)k->quotas->account_removal_days)
        return call_refuse(k, "ConstraintViolationException", "WAIT_PERIOD_ACTIVE",
                           "account `%.*s` was created less than %u days ago", STR_FMT(id),
                           k->quotas->account_removal_days);
    org_account_remove(k->o, account);
    return true;
}

bool call_remove_account(call *k)
{
    str      id = call_member(k, MEMBER_AccountId);
    uint32_t account = k->first = org_account_find(k->now, id);
    return account == ORG_NONE ? no_account(k, id) : depart(k, account, id);
}

bool call_leave_organization(call *k)
{
    return depart(k, k->in->caller, org_account_id(k->now, k->in->caller));
}
