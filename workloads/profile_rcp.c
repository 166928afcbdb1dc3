/* The part of a profile that says what resource control policies look like: statements with weights. */
#include "policy/parse.h"
#include "workloads/generate_rcp.h"
#include "workloads/profile.h"

#define STATEMENTS_MAX 64u

/* Each alone must be an RCP: what AWS would refuse is found here, not when an organization is made. */
static status check_statement(const arena *a, const document *d, const node *n, str statement, err *e)
{
    arena   scratch = *a;
    err     reason = {0};
    policy *parsed;
    source  text = {STR("statement"), rcp_of_statements(&scratch, &statement, 1, STR("o-exampleorg1"), STR("name")), 1};
    policy_parse_options options = {.type = POLICY_RCP, .dialect = DIALECT_SCP_FULL};
    status               s = policy_parse(&scratch, &text, options, &parsed, &reason);
    return s == STATUS_OK ? s : node_error(d, n, e, s, "not a statement of an RCP: %s", reason.text);
}

static status read_statement(arena *a, const document *d, const node *n, profile_weighted *out, err *e)
{
    static const char *const members[] = {"weight", "statement"};
    const node              *member = NULL;
    place                    at;
    TRY(node_only(d, n, members, COUNTOF(members), e));
    TRY(node_need(d, n, "weight", &member, e));
    TRY(profile_weight(d, member, &out->weight, e));
    TRY(node_need(d, n, "statement", &member, e));
    TRY(node_object(d, member, e));
    TRY(node_source_text(d, member, &out->text, &at, e));
    return check_statement(a, d, member, out->text, e);
}

status profile_read_rcp(arena *a, const document *d, const node *n, profile_rcp *out, err *e)
{
    static const char *const members[] = {"statements", "statements_per_policy", "on_account", "targets"};
    const node              *array = NULL;
    TRY(node_only(d, n, members, COUNTOF(members), e));
    TRY(profile_array(d, n, "statements", &array, e));
    if (node_count(array) > STATEMENTS_MAX)
        return node_error(d, array, e, STATUS_LIMIT, "more than %u statements", STATEMENTS_MAX);
    out->statement_count = (uint32_t)node_count(array);
    out->statements = ARENA_NEW(a, profile_weighted, out->statement_count);
    for (uint32_t i = 0; i < out->statement_count; i++)
        TRY(read_statement(a, d, node_at(array, i), &out->statements[i], e));
    TRY(profile_counts(a, d, n, "statements_per_policy", &out->statement_counts, &out->statement_counts_max, e));
    TRY(profile_counts(a, d, n, "targets", &out->target_counts, &out->target_counts_max, e));
    return profile_share(d, n, "on_account", &out->on_account, e);
}
