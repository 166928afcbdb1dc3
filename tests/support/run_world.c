#include "support/run_world.h"

#include "support/random_policy.h"
#include "support/support.h"

#define POLICY(effect, action)                                                                         \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"" effect "\",\"Action\":\"" action "\"," \
    "\"Resource\":\"*\"}]}"

const quota_profile run_quotas = {.accounts = 1000,
                                  .ous = 1000,
                                  .ou_depth = ORG_OU_DEPTH_MAX,
                                  .scps = 1000,
                                  .scp_characters = 100000,
                                  .scps_per_target = 1000,
                                  .rcps = 1000,
                                  .rcp_characters = 100000,
                                  .rcps_per_target = 1000,
                                  .management_policies = 1000,
                                  .management_policy_characters = 100000,
                                  .management_policies_per_target = 1000,
                                  .ai_opt_out_policy_characters = 100000,
                                  .ai_opt_out_policies_per_target = 1000,
                                  .policy_name_characters = 128,
                                  .policy_description_characters = 512,
                                  .ou_name_characters = 128,
                                  .account_removal_days = 0};

/* ---- the organization ---- */

static void made(run_world *w, control_command command)
{
    control_answer answer;
    control_apply(w->c, &command, &answer);
    if (answer.exception != NULL) fail_msg("%s: %s", answer.exception, answer.detail);
}

#define M(name, text) .member[MEMBER_##name] = {text, sizeof(text) - 1}

static void org_make(run_world *w)
{
    w->o = org_new((org_options){.org_id = STR("o-exampleorgid"),
                                 .root_id = STR("r-ab12"),
                                 .management_id = STR("100000000000"),
                                 .management_name = STR("management"),
                                 .management_email = STR("m@example.com")});
    w->c = control_new(w->o, &run_quotas, NULL, 7);
    control_bulk_begin(w->c);
    made(w, (control_command){
                .op = CONTROL_ENABLE_POLICY_TYPE, M(RootId, "r-ab12"), M(PolicyType, "SERVICE_CONTROL_POLICY")});
    made(w, (control_command){.op = CONTROL_CREATE_ORGANIZATIONAL_UNIT,
                              M(ParentId, "r-ab12"),
                              M(Name, "one"),
                              .id = STR("ou-ab12-00000001")});
    made(w, (control_command){.op = CONTROL_CREATE_ORGANIZATIONAL_UNIT,
                              M(ParentId, "r-ab12"),
                              M(Name, "two"),
                              .id = STR("ou-ab12-00000002")});
    made(w, (control_command){.op = CONTROL_CREATE_ACCOUNT,
                              M(AccountName, "one"),
                              M(Email, "one@example.com"),
                              M(ParentId, "ou-ab12-00000001"),
                              .parent_given = true,
                              .id = STR("100000000001")});
    made(w, (control_command){.op = CONTROL_CREATE_ACCOUNT,
                              M(AccountName, "two"),
                              M(Email, "two@example.com"),
                              M(ParentId, "ou-ab12-00000002"),
                              .parent_given = true,
                              .id = STR("100000000002")});
    made(w, (control_command){.op = CONTROL_CREATE_POLICY,
                              M(Name, "deny"),
                              M(Description, ""),
                              M(Content, POLICY("Deny", "s3:GetObject")),
                              M(Type, "SERVICE_CONTROL_POLICY"),
                              .id = STR("p-0000deny")});
    assert_int_equal(control_bulk_end(w->c), 0);
}

/* ---- the plan ---- */

static void ask(const void *context, uint32_t mix, uint32_t cell, uint64_t first, uint32_t count, authz_request *out)
{
    const run_world *w = context;
    (void)mix;
    (void)first;
    for (uint32_t i = 0; i < count; i++)
        out[i] = (authz_request){
            .account = 1 + cell % 2, .owner = 1 + cell % 2, .value[AUTHZ_PRINCIPAL] = 1, .action = w->action};
}

void run_world_init(run_world *w)
{
    *w = (run_world){.region = {STR("us-east-1"), 2}, .weights = {1, 1, 1, 1, 1, 1, 1, 1}};
    arena_init(&w->a, MEMORY_GENERAL);
    w->facts = support_catalog(&w->a);
    w->v = authz_vocabulary_new(w->facts);
    const policy **identity = ARENA_NEW(&w->a, const policy *, 1);
    identity[0] = policy_of_text(&w->a, POLICY_IDENTITY, POLICY("Allow", "*"));
    w->role = (authz_role){.name = STR("Admin"),
                           .principal = STR("arn:aws:iam:::role/Admin"),
                           .hole = sizeof("arn:aws:iam::") - 1,
                           .identity = {identity, 1}};
    (void)authz_roles_bind(w->v, &w->role, 1, NULL);
    w->action = catalog_action_at(w->facts, catalog_action_find(w->facts, STR("s3:GetObject")))->handle;
    org_make(w);
    w->plan = (world_plan){.seed = 3,
                           .o = w->o,
                           .c = w->c,
                           .facts = w->facts,
                           .v = w->v,
                           .setting = {.roles = &w->role, .role_count = 1},
                           .regions = &w->region,
                           .region_count = 1,
                           .steps = w->steps,
                           .windows = w->windows,
                           .source = {w, w->weights, ask},
                           .response_max_ns = INT64_C(60000000000)};
    run_constant(w, &w->plan.service_time, 1);
    run_constant(w, &w->plan.lag, 1);
}

void run_world_deinit(run_world *w)
{
    err e = {0};
    if (org_check(org_head(w->o), &e) != STATUS_OK) fail_msg("%s", e.text);
    control_free(w->c);
    org_free(w->o);
    authz_vocabulary_free(w->v);
    arena_deinit(&w->a);
}

void run_constant(run_world *w, const quantile **q, int64_t ns)
{
    quantile *constant;
    assert_int_equal(quantile_constant(&w->a, ns, &constant, NULL), STATUS_OK);
    *q = constant;
}

void run_window(run_world *w, int64_t start_ns, int64_t length_ns, world_arrival arrival, uint64_t rate_num,
                uint64_t rate_den)
{
    assert_true(w->plan.window_count < COUNTOF(w->windows));
    w->windows[w->plan.window_count++] = (world_window){start_ns, length_ns, arrival, rate_num, rate_den, 0, STR("w")};
}

world_step *run_step(run_world *w, int64_t at_ns, control_operation op)
{
    assert_true(w->plan.step_count < RUN_STEPS_MAX);
    world_step *step = &w->steps[w->plan.step_count++];
    *step = (world_step){.command = {.op = op, .at_ns = at_ns}};
    return step;
}

static void attachment(run_world *w, int64_t at_ns, control_operation op, const char *which, const char *target)
{
    world_step *step = run_step(w, at_ns, op);
    step->command.member[MEMBER_PolicyId] = str_of(which);
    step->command.member[MEMBER_TargetId] = str_of(target);
}

void run_attach(run_world *w, int64_t at_ns, const char *which, const char *target)
{
    attachment(w, at_ns, CONTROL_ATTACH_POLICY, which, target);
}

void run_detach(run_world *w, int64_t at_ns, const char *which, const char *target)
{
    attachment(w, at_ns, CONTROL_DETACH_POLICY, which, target);
}

void run_it(run_world *w, const world_options *options, world_result *out)
{
    err e = {0};
    if (world_run(&w->a, &w->plan, options, out, &e) != STATUS_OK) fail_msg("%s", e.text);
}
