#include "world/timeline.h"

#include <assert.h>

#include "base/intern.h"

/* ---- names ---- */

typedef struct {
    const org_view *now;
    intern_table   *names; /* bound so far   */
    str            *ids;   /* [names] of what */
} scope;

/* `$ou/12` with prefix `$ou/`: 12, when it is a number below count. */
static bool numbered(str name, str prefix, uint32_t count, uint32_t *index)
{
    uint64_t number = 0;
    if (!str_starts(name, prefix)) return false;
    if (!str_to_u64(str_part(name, prefix.len, name.len - prefix.len), &number) || number >= count) return false;
    *index = (uint32_t)number;
    return true;
}

/* The id that a name stands for. A name that nothing has is left as it is, for AWS to refuse. */
static str resolve(const scope *s, str name)
{
    uint32_t index = 0;
    if (str_is(name, "$root")) return org_root_id(s->now);
    if (str_is(name, "$management")) return org_account_id(s->now, ORG_MANAGEMENT);
    if (numbered(name, STR("$ou/"), org_node_count(s->now), &index) && index != ORG_ROOT)
        return org_node_id(s->now, index);
    if (numbered(name, STR("$account/"), org_account_count(s->now), &index)) return org_account_id(s->now, index);
    if (numbered(name, STR("$policy/"), org_policy_count(s->now), &index)) return org_policy_id(s->now, index);
    uint32_t bound = intern_find(s->names, name);
    return bound == INTERN_NONE ? name : s->ids[bound];
}

/* Names and descriptions may begin with `$` on their own account. */
static bool is_id(control_member m)
{
    return str_ends(str_of(control_member_name(m)), STR("Id"));
}

/* ORG_NONE is nobody of the organization: AWS refuses it. */
static control_command resolved(const scope *s, const world_step *step)
{
    control_command out = step->command;
    if (step->caller.ptr != NULL) out.caller = org_account_find(s->now, resolve(s, step->caller));
    for (uint32_t m = 0; m < CONTROL_MEMBER_COUNT; m++)
        if (is_id((control_member)m) && str_starts(out.member[m], STR("$"))) out.member[m] = resolve(s, out.member[m]);
    return out;
}

/* ---- steps ---- */

static world_change change_of(arena *a, uint32_t index, const world_step *step, const control_answer *answer)
{
    return (world_change){.step = index,
                          .op = step->command.op,
                          .label = step->label.ptr == NULL ? step->label : arena_str(a, step->label),
                          .at_ns = step->command.at_ns,
                          .exception = answer->exception,
                          .reason = answer->reason,
                          .detail = answer->exception == NULL ? STR("") : arena_str(a, str_of(answer->detail)),
                          .revision = answer->exception == NULL ? answer->revision : 0,
                          .first_stale_ns = -1,
                          .last_stale_ns = -1};
}

void timeline_apply(arena *a, const world_plan *plan, world_change *changes, change_log *log)
{
    scope s = {.now = org_head(plan->o), .names = intern_new(MEMORY_WORLD, false)};
    s.ids = memory_alloc(MEMORY_WORLD, plan->step_count * sizeof *s.ids);
    *log = (change_log){.commit_ns = ARENA_NEW(a, int64_t, plan->step_count + 2),
                        .step = ARENA_NEW(a, uint32_t, plan->step_count + 1)};
    log->commit_ns[0] = TIME_BEGIN;
    log->step[0] = UINT32_MAX;
    for (uint32_t i = 0; i < plan->step_count; i++) {
        const world_step *step = &plan->steps[i];
        control_command   command = resolved(&s, step);
        control_answer    answer;
        control_apply(plan->c, &command, &answer);
        changes[i] = change_of(a, i, step, &answer);
        if (answer.exception != NULL) continue;
        assert(answer.revision == log->revision_last + 1);
        log->revision_last = answer.revision;
        log->commit_ns[answer.revision] = step->command.at_ns;
        log->step[answer.revision] = i;
        if (step->bind.ptr == NULL || answer.index == ORG_NONE) continue;
        s.ids[intern_add(s.names, step->bind)] = answer.id; /* a name bound again stands for the newer entity */
    }
    log->commit_ns[log->revision_last + 1] = TIME_END;
    intern_free(s.names);
    memory_free(MEMORY_WORLD, s.ids);
}

uint32_t world_timeline(arena *a, const world_plan *plan, int64_t until_ns)
{
    world_plan first = *plan;
    change_log log;
    first.step_count = 0;
    while (first.step_count < plan->step_count && plan->steps[first.step_count].command.at_ns <= until_ns)
        first.step_count++;
    timeline_apply(a, &first, ARENA_NEW(a, world_change, first.step_count), &log);
    return log.revision_last;
}
