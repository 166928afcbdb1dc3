/* Policies, attachments and policy types: API reference of AWS Organizations, operation by operation. */
#include <assert.h>

#include "control/call.h"

typedef struct {
    uint32_t policies, characters, per_target;
} type_quotas;

static type_quotas quotas_of(const quota_profile *q, org_policy_type type)
{
    switch (type) {
    case ORG_TYPE_SCP: return (type_quotas){q->scps, q->scp_characters, q->scps_per_target};
    case ORG_TYPE_RCP: return (type_quotas){q->rcps, q->rcp_characters, q->rcps_per_target};
    case ORG_TYPE_AI_OPT_OUT:
        return (type_quotas){q->management_policies, q->ai_opt_out_policy_characters,
                             q->ai_opt_out_policies_per_target};
    default:
        return (type_quotas){q->management_policies, q->management_policy_characters,
                             q->management_policies_per_target};
    }
}

static org_policy_type type_given(const call *k, control_member m)
{
    org_policy_type type = ORG_TYPE_COUNT;
    bool            known = org_policy_type_of(call_member(k, m), &type);
    assert(known); /* the shape was checked */
    return type;
}

/* Through the API every character counts, white space too: User Guide, "Quotas", size of a policy document. */
static bool content_holds(call *k, org_policy_type type, str content)
{
    uint32_t characters = call_characters(content), limit = quotas_of(k->quotas, type).characters;
    err      e = {0};
    if (characters > limit)
        return call_refuse(k, "ConstraintViolationException", "POLICY_CONTENT_LIMIT_EXCEEDED",
                           "the content has %u characters, the limit for %s is %u", characters,
                           org_policy_type_name(type), limit);
    if (org_content_check(k->o, type, content, &e) != STATUS_OK)
        return call_refuse(k, "MalformedPolicyDocumentException", NULL, "%s", e.text);
    return true;
}

static bool name_is_free(call *k, org_policy_type type, str name, uint32_t except)
{
    uint32_t holder = org_policy_named(k->o, type, name);
    if (holder == ORG_NONE || holder == except) return true;
    return call_refuse(k, "DuplicatePolicyException", NULL, "policy `%.*s` is already named `%.*s`",
                       STR_FMT(org_policy_id(k->now, holder)), STR_FMT(name));
}

/* Allowed while the type is disabled: only attaching needs it. */
bool call_create_policy(call *k)
{
    org_policy_type type = type_given(k, MEMBER_Type);
    str             name = call_member(k, MEMBER_Name), content = call_member(k, MEMBER_Content), id;
    char            room[CONTROL_ID_SIZE];
    if (!name_is_free(k, type, name, ORG_NONE)) return false;
    if (org_policy_live(k->now, type) >= quotas_of(k->quotas, type).policies)
        return call_refuse(k, "ConstraintViolationException", "POLICY_NUMBER_LIMIT_EXCEEDED",
                           "the organization has %u policies of type %s, which is the limit",
                           org_policy_live(k->now, type), org_policy_type_name(type));
    if (!content_holds(k, type, content) || !call_id(k, CONTROL_ID_POLICY, room, &id)) return false;
    uint32_t policy_index = org_policy_create(k->o, type, id, name, call_member(k, MEMBER_Description), content);
    return call_created(k, org_policy_id(k->now, policy_index), policy_index);
}

/* The policy that the call names; ORG_NONE after a refusal. */
static uint32_t find_policy(call *k)
{
    str id = call_member(k, MEMBER_PolicyId);
    k->first = org_policy_find(k->now, id);
    if (k->first == ORG_NONE)
        (void)call_refuse(k, "PolicyNotFoundException", NULL, "there is no policy `%.*s`", STR_FMT(id));
    return k->first;
}

static uint32_t find_customer_policy(call *k)
{
    uint32_t found = find_policy(k);
    if (found == ORG_NONE || !org_policy_aws_managed(k->now, found)) return found;
    (void)call_refuse(k, "InvalidInputException", "IMMUTABLE_POLICY", "`%.*s` is managed by AWS",
                      STR_FMT(org_policy_id(k->now, found)));
    return ORG_NONE;
}

/* What is absent stays as it was; observed: so does the description when an empty one is given. */
bool call_update_policy(call *k)
{
    str      name = call_member(k, MEMBER_Name), content = call_member(k, MEMBER_Content);
    str      description = call_member(k, MEMBER_Description);
    uint32_t found = find_customer_policy(k);
    if (found == ORG_NONE) return false;
    org_policy_type type = org_policy_type_at(k->now, found);
    if (name.ptr != NULL && !name_is_free(k, type, name, found)) return false;
    if (content.ptr != NULL && !content_holds(k, type, content)) return false;
    if (description.len == 0) description = (str){0};
    org_policy_update(k->o, found, name, description, content);
    return true;
}

bool call_delete_policy(call *k)
{
    uint32_t found = find_customer_policy(k);
    if (found == ORG_NONE) return false;
    uint32_t targets = org_policy_target_count(k->now, found);
    if (targets > 0)
        return call_refuse(k, "PolicyInUseException", NULL, "policy `%.*s` is attached to %u target%s",
                           STR_FMT(org_policy_id(k->now, found)), targets, targets == 1 ? "" : "s");
    org_policy_delete(k->o, found);
    return true;
}

static bool find_target(call *k, org_target *out)
{
    str id = call_member(k, MEMBER_TargetId);
    if (!org_target_find(k->now, id, out))
        return call_refuse(k, "TargetNotFoundException", NULL, "there is no root, OU or account `%.*s`", STR_FMT(id));
    k->second = out->v;
    return true;
}

static bool is_attached(org_attachments l, uint32_t which)
{
    uint32_t i = 0;
    while (i < l.count && l.policies[i] != which) i++;
    return i < l.count;
}

bool call_attach_policy(call *k)
{
    uint32_t   which = find_policy(k);
    org_target target;
    if (which == ORG_NONE || !find_target(k, &target)) return false;
    org_policy_type type = org_policy_type_at(k->now, which);
    org_attachments there = org_attached(k->now, type, target);
    uint32_t        limit = quotas_of(k->quotas, type).per_target;
    str             policy_id = call_member(k, MEMBER_PolicyId), target_id = call_member(k, MEMBER_TargetId);
    if (!org_type_enabled(k->now, type))
        return call_refuse(k, "PolicyTypeNotEnabledException", NULL, "%s is not enabled", org_policy_type_name(type));
    if (is_attached(there, which))
        return call_refuse(k, "DuplicatePolicyAttachmentException", NULL, "`%.*s` is already attached to `%.*s`",
                           STR_FMT(policy_id), STR_FMT(target_id));
    if (there.count >= limit)
        return call_refuse(k, "ConstraintViolationException", "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
                           "`%.*s` has %u policies of type %s attached, the limit is %u", STR_FMT(target_id),
                           there.count, org_policy_type_name(type), limit);
    org_attach(k->o, which, target);
    return true;
}

bool call_detach_policy(call *k)
{
    uint32_t   which = find_policy(k);
    org_target target;
    if (which == ORG_NONE || !find_target(k, &target)) return false;
    org_policy_type type = org_policy_type_at(k->now, which);
    org_attachments there = org_attached(k->now, type, target);
    str             policy_id = call_member(k, MEMBER_PolicyId), target_id = call_member(k, MEMBER_TargetId);
    if (which == ORG_RCP_FULL_ACCESS)
        return call_refuse(k, "InvalidInputException", "NON_DETACHABLE_POLICY", "`%.*s` cannot be detached",
                           STR_FMT(policy_id));
    if (!is_attached(there, which))
        return call_refuse(k, "PolicyNotAttachedException", NULL, "`%.*s` is not attached to `%.*s`",
                           STR_FMT(policy_id), STR_FMT(target_id));
    if (type == ORG_TYPE_SCP && there.count == 1)
        return call_refuse(k, "ConstraintViolationException", "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
                           "`%.*s` is the last service control policy of `%.*s`", STR_FMT(policy_id),
                           STR_FMT(target_id));
    org_detach(k->o, which, target);
    return true;
}

static bool find_root(call *k)
{
    str id = call_member(k, MEMBER_RootId);
    if (str_eq(id, org_root_id(k->now))) return true;
    return call_refuse(k, "RootNotFoundException", NULL, "there is no root `%.*s`", STR_FMT(id));
}

bool call_enable_policy_type(call *k)
{
    org_policy_type type = type_given(k, MEMBER_PolicyType);
    k->first = (uint32_t)type;
    if (!find_root(k)) return false;
    if (org_type_enabled(k->now, type))
        return call_refuse(k, "PolicyTypeAlreadyEnabledException", NULL, "%s is already enabled",
                           org_policy_type_name(type));
    org_type_enable(k->o, type);
    return true;
}

bool call_disable_policy_type(call *k)
{
    org_policy_type type = type_given(k, MEMBER_PolicyType);
    k->first = (uint32_t)type;
    if (!find_root(k)) return false;
    if (!org_type_enabled(k->now, type))
        return call_refuse(k, "PolicyTypeNotEnabledException", NULL, "%s is not enabled", org_policy_type_name(type));
    org_type_disable(k->o, type);
    return true;
}
