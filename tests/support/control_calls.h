/* control_calls.h - calls of the control plane in unit tests: members by AWS's names, one call a line. */
#ifndef SUPPORT_CONTROL_CALLS_H
#define SUPPORT_CONTROL_CALLS_H

#include "support/fixture.h"

#include "control/control.h"

typedef struct {
    org     *o;
    control *c;
} control_world;

#define M(name, text)    .member[MEMBER_##name] = {text, sizeof(text) - 1}
#define ID(text)         .id = {text, sizeof(text) - 1}
#define CALL(w, op, ...) control_call((w), (op), (control_command){__VA_ARGS__})
#define SCP_TYPE         "SERVICE_CONTROL_POLICY"
#define CONTROL_DAY_NS   (INT64_C(86400) * 1000000000)

static inline control_answer control_call(control_world *w, control_operation op, control_command in)
{
    control_answer answer;
    in.op = op;
    control_apply(w->c, &in, &answer);
    return answer;
}

static inline void control_accepted(control_answer a)
{
    if (a.exception != NULL) fail_msg("%s %s: %s", a.exception, a.reason ? a.reason : "", a.detail);
}

static inline bool control_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* An organization of its management account alone, SCPs enabled, in bulk loading. quotas null: limits that no test
 * reaches. */
static inline control_world control_world_new(const quota_profile *quotas, const catalog *facts)
{
    control_world w;
    quota_profile wide = {.ou_depth = ORG_OU_DEPTH_MAX, .account_removal_days = 4};
    wide.accounts = wide.ous = wide.scps = wide.scp_characters = wide.scps_per_target = 1000;
    wide.policy_name_characters = wide.ou_name_characters = 128;
    w.o = org_new((org_options){.org_id = STR("o-exampleorgid"),
                                .root_id = STR("r-ab12"),
                                .management_id = STR("111111111111"),
                                .management_name = STR("management"),
                                .management_email = STR("m@example.com")});
    w.c = control_new(w.o, quotas != NULL ? quotas : &wide, facts, 7);
    control_bulk_begin(w.c);
    control_accepted(CALL(&w, CONTROL_ENABLE_POLICY_TYPE, M(RootId, "r-ab12"), M(PolicyType, SCP_TYPE)));
    return w;
}

/* Whatever was asked of it, the organization is whole. */
static inline void control_world_free(control_world *w)
{
    err e = {0};
    if (org_check(org_head(w->o), &e) != STATUS_OK) fail_msg("%s", e.text);
    control_free(w->c);
    org_free(w->o);
}

#endif
