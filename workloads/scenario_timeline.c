/* The timeline: what is checked here is the file's own sense; what AWS would refuse is for control to answer. */
#include "workloads/scenario_read.h"

#define STEPS_MAX 100000u

static const str plain_members[] = {{"at", 2}, {"op", 2}, {"as", 2}, {"label", 5}, {"caller", 6}};

static status unknown_member(scenario_reader *r, const node *n, control_operation op, str name)
{
    str      known[COUNTOF(plain_members) + CONTROL_MEMBER_COUNT];
    uint32_t count = 0;
    bool     required;
    for (; count < COUNTOF(plain_members); count++) known[count] = plain_members[count];
    for (uint32_t m = 0; m < CONTROL_MEMBER_COUNT; m++)
        if (control_takes(op, (control_member)m, &required))
            known[count++] = str_of(control_member_name((control_member)m));
    str near = str_nearest(name, known, count);
    if (near.ptr != NULL)
        return node_error(r->d, n, r->e, STATUS_INVALID, "`%s` takes no `%.*s`, did you mean `%.*s`?",
                          control_operation_name(op), STR_FMT(name), STR_FMT(near));
    return node_error(r->d, n, r->e, STATUS_INVALID, "`%s` takes no `%.*s`", control_operation_name(op), STR_FMT(name));
}

static status read_operation(scenario_reader *r, const node *n, control_operation *out)
{
    str text, known[CONTROL_OPERATION_COUNT];
    TRY(read_text(r, n, 128, &text));
    bool found = control_operation_of(text, out), modelled = found && control_modelled(*out);
    if (modelled && control_operation_facts(*out)->kind == CONTROL_WRITE) return STATUS_OK;
    if (modelled)
        return node_error(r->d, n, r->e, STATUS_INVALID,
                          "`%.*s` only reads, expected an operation that changes something", STR_FMT(text));
    if (found)
        return node_error(r->d, n, r->e, STATUS_INVALID, "`%.*s` is not modelled yet, `orgsim operations` says what is",
                          STR_FMT(text));
    for (uint32_t i = 0; i < CONTROL_OPERATION_COUNT; i++)
        known[i] = str_of(control_operation_name((control_operation)i));
    str near = str_nearest(text, known, COUNTOF(known));
    if (near.ptr != NULL)
        return node_error(r->d, n, r->e, STATUS_INVALID, "unknown operation `%.*s`, did you mean `%.*s`?",
                          STR_FMT(text), STR_FMT(near));
    return node_error(r->d, n, r->e, STATUS_INVALID, "unknown operation `%.*s`", STR_FMT(text));
}

/* `$ou/12` names the OU with index 12, at the start; world resolves it, here its range is checked. */
static status check_indexed(scenario_reader *r, const node *n, str text, bool *indexed)
{
    const org_view *v = org_at(r->s->o, 0);
    const struct {
        str      prefix;
        uint32_t first, count;
    } kinds[] = {{STR("$ou/"), 1, org_node_count(v)},
                 {STR("$account/"), 0, org_account_count(v)},
                 {STR("$policy/"), 0, org_policy_count(v)}};
    *indexed = false;
    for (uint32_t i = 0; i < COUNTOF(kinds); i++) {
        uint64_t index = 0, skipped = kinds[i].prefix.len;
        if (!str_starts(text, kinds[i].prefix)) continue;
        *indexed = true;
        if (kinds[i].first == kinds[i].count)
            return node_error(r->d, n, r->e, STATUS_INVALID, "`%.*s`, but the organization has none", STR_FMT(text));
        if (!str_to_u64(str_part(text, skipped, text.len - skipped), &index) || index < kinds[i].first ||
            index >= kinds[i].count)
            return node_error(r->d, n, r->e, STATUS_INVALID, "`%.*s`, expected a number from %u to %u behind `%.*s`",
                              STR_FMT(text), kinds[i].first, kinds[i].count - 1, STR_FMT(kinds[i].prefix));
    }
    return STATUS_OK;
}

static status read_member(scenario_reader *r, const node *n, control_member m, str *out)
{
    bool indexed = false;
    if (m == MEMBER_Content) TRY(need_content(r, n));
    if (m == MEMBER_Content && node_kind_of(n) == NODE_OBJECT) {
        place at;
        return node_source_text(r->d, n, out, &at, r->e);
    }
    TRY(node_string(r->d, n, out, r->e));
    /* Names and descriptions may begin with `$` on their own account. */
    if (!str_ends(str_of(control_member_name(m)), STR("Id"))) return STATUS_OK;
    TRY(check_indexed(r, n, *out, &indexed));
    if (indexed) return STATUS_OK;
    str id;
    TRY(name_resolve(r, n, *out, &id));
    if (id.ptr != NULL) *out = id; /* else world knows it when its step comes */
    return STATUS_OK;
}

static bool creates(control_operation op)
{
    return op == CONTROL_CREATE_ORGANIZATIONAL_UNIT || op == CONTROL_CREATE_ACCOUNT || op == CONTROL_CREATE_POLICY;
}

/* `management`, or an account's id or name. */
static status read_caller(scenario_reader *r, const node *n, str *out)
{
    str  text, id = {0};
    bool indexed = false;
    if (n == NULL) return STATUS_OK;
    TRY(read_text(r, n, SCENARIO_NAME_MAX, &text));
    if (str_is(text, "management")) return STATUS_OK;
    if (!str_starts(text, STR("$")) && !control_id_valid(CONTROL_ID_ACCOUNT, text))
        return node_error(r->d, n, r->e, STATUS_INVALID,
                          "caller `%.*s`, expected `management`, an account's 12 digits or its `$name`", STR_FMT(text));
    *out = text;
    TRY(check_indexed(r, n, text, &indexed));
    if (indexed) return STATUS_OK;
    TRY(name_resolve(r, n, text, &id));
    if (id.ptr != NULL) *out = id;
    return STATUS_OK;
}

static status read_step(scenario_reader *r, const node *n, int64_t before_ns, world_step *out)
{
    const node *at, *op;
    *out = (world_step){0};
    TRY(node_object(r->d, n, r->e));
    if (node_get(n, "fault") != NULL)
        return node_error(r->d, node_get(n, "fault"), r->e, STATUS_INVALID,
                          "faults are not supported yet, expected `op` with an operation of AWS Organizations");
    TRY(node_need(r->d, n, "at", &at, r->e));
    TRY(node_need(r->d, n, "op", &op, r->e));
    TRY(node_time_ns(r->d, at, &out->command.at_ns, r->e));
    if (out->command.at_ns < before_ns)
        return node_error(r->d, at, r->e, STATUS_INVALID, "time goes backwards: %.*s, the step before is at %.*s",
                          STR_FMT(time_text(r->a, out->command.at_ns)), STR_FMT(time_text(r->a, before_ns)));
    if (out->command.at_ns > WORLD_TIME_MAX)
        return node_error(r->d, at, r->e, STATUS_LIMIT, "step comes after more than 36 years");
    TRY(read_operation(r, op, &out->command.op));
    TRY(read_optional_text(r, node_get(n, "label"), 200, &out->label));
    TRY(read_caller(r, node_get(n, "caller"), &out->caller));
    for (size_t i = 0; i < node_count(n); i++) {
        const node    *value = node_at(n, i);
        str            name = node_name(value);
        control_member m;
        bool           required, plain = str_starts(name, STR("x-")) || str_is(name, "_comment");
        for (size_t k = 0; k < COUNTOF(plain_members); k++) plain = plain || str_eq(name, plain_members[k]);
        if (plain) continue;
        if (!control_member_of(name, &m) || !control_takes(out->command.op, m, &required))
            return unknown_member(r, value, out->command.op, name);
        if (m == MEMBER_Tags) return node_error(r->d, value, r->e, STATUS_INVALID, "`Tags` are not modelled yet");
        TRY(read_member(r, value, m, &out->command.member[m]));
    }
    out->command.parent_given = out->command.member[MEMBER_ParentId].ptr != NULL;
    if (node_get(n, "as") != NULL) {
        if (!creates(out->command.op))
            return node_error(r->d, node_get(n, "as"), r->e, STATUS_INVALID, "`%s` creates nothing to be named by `as`",
                              control_operation_name(out->command.op));
        TRY(read_text(r, node_get(n, "as"), SCENARIO_NAME_MAX, &out->bind));
        TRY(name_bind(r, node_get(n, "as"), out->bind, (str){0}));
    }
    return STATUS_OK;
}

status read_timeline(scenario_reader *r, const node *n)
{
    if (n == NULL) return STATUS_OK;
    TRY(node_array(r->d, n, r->e));
    if (node_count(n) > STEPS_MAX)
        return node_error(r->d, n, r->e, STATUS_LIMIT, "timeline of %zu steps, the limit is %u", node_count(n),
                          STEPS_MAX);
    world_step *steps = ARENA_NEW(r->a, world_step, node_count(n));
    int64_t     before_ns = 0;
    for (size_t i = 0; i < node_count(n); i++) {
        TRY(read_step(r, node_at(n, i), before_ns, &steps[i]));
        before_ns = steps[i].command.at_ns;
    }
    r->s->plan.steps = steps;
    r->s->plan.step_count = (uint32_t)node_count(n);
    return STATUS_OK;
}
