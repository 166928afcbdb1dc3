/* call.h - inside this room: one call on its way through shape, facts and quotas. */
#ifndef CONTROL_CALL_H
#define CONTROL_CALL_H

#include "control/control.h"

typedef struct {
    control               *c;
    org                   *o;
    const org_view        *now; /* the org's head */
    const quota_profile   *quotas;
    const control_command *in;
    control_answer        *out;
    uint32_t               first, second; /* for the record */
} call;

/* Each returns whether the call was accepted. */
typedef bool call_handler(call *k);
call_handler call_create_ou, call_update_ou, call_delete_ou;
call_handler call_create_account, call_move_account, call_remove_account, call_leave_organization;
call_handler call_create_policy, call_update_policy, call_delete_policy;
call_handler call_describe_organization, call_list_roots, call_describe_ou, call_list_ous, call_list_children,
    call_list_parents, call_describe_account, call_list_accounts, call_list_accounts_below, call_describe_policy,
    call_list_policies, call_list_policies_for_target, call_list_targets_for_policy;
call_handler call_attach_policy, call_detach_policy, call_enable_policy_type, call_disable_policy_type;

static inline str call_member(const call *k, control_member m)
{
    return k->in->member[m];
}

/* Answers with an exception of AWS and its Reason (or null); false, so that `return call_refuse(…)` reads well. */
bool call_refuse(call *k, const char *exception, const char *reason, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* For a policy or entity that was created: what the answer says of it; true. */
bool call_created(call *k, str id, uint32_t index);

/* authorize.c: by the table, SCPs and IAM policies. */
bool             call_authorized(call *k);
const catalog   *call_catalog(const call *k);
struct verdicts *call_verdicts(call *k);
arena           *call_scratch(call *k); /* to be copied */

/* call_shape.c: presence, patterns and lengths of the given members. */
bool     call_shape_holds(call *k, uint64_t required, uint64_t optional);
uint32_t call_characters(str s); /* Unicode code points, as AWS counts */

/* The id of a new entity: the maker's, else the next one drawn that was never used. False: the maker's is refused. */
bool call_id(call *k, control_id_kind kind, char room[CONTROL_ID_SIZE], str *out);

/* When an account was created; false when it has been there since bulk loading. */
bool call_account_created_ns(const call *k, uint32_t account, int64_t *out);

#endif
