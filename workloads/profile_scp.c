/* The part of a profile that says what service control policies look like. */
#include <assert.h>
#include <inttypes.h>

#include "workloads/profile.h"

#define KNOT_VALUE_MAX 100000
#define CLAUSE_SUM     1000u
#define FORM_SUM       100u

/* [[p, value], …] from p = 0 to 1. */
static status read_knots(arena *a, const document *d, const node *n, const char *name, quantile **out, err *e)
{
    const node *array = NULL;
    TRY(profile_array(d, n, name, &array, e));
    uint32_t       count = (uint32_t)node_count(array);
    quantile_knot *knots = ARENA_NEW(a, quantile_knot, count);
    for (uint32_t i = 0; i < count; i++) {
        const node *pair = node_at(array, i);
        TRY(node_array(d, pair, e));
        if (node_count(pair) != 2)
            return node_error(d, pair, e, STATUS_INVALID, "a knot of `%s` is [probability, value]", name);
        TRY(node_ratio(d, node_at(pair, 0), &knots[i].p_num, &knots[i].p_den, e));
        TRY(node_i64(d, node_at(pair, 1), 1, KNOT_VALUE_MAX, &knots[i].value, e));
    }
    err    reason = {0};
    status s = quantile_empirical(a, knots, count, out, &reason);
    return s == STATUS_OK ? s : node_error(d, array, e, s, "`%s`: %s", name, reason.text);
}

static status read_forms(const document *d, const node *n, profile_scp *out, err *e)
{
    static const char *const members[] = {"exact", "service", "prefix"};
    uint64_t *const          weights[] = {&out->exact, &out->service, &out->prefix};
    const node              *forms = NULL, *member = NULL;
    uint64_t                 sum = 0;
    TRY(profile_members(d, n, "action_forms", &forms, e));
    TRY(node_only(d, forms, members, COUNTOF(members), e));
    for (size_t i = 0; i < COUNTOF(members); i++) {
        TRY(node_need(d, forms, members[i], &member, e));
        TRY(profile_weight(d, member, weights[i], e));
        sum += *weights[i];
    }
    if (sum == FORM_SUM) return STATUS_OK;
    return node_error(d, forms, e, STATUS_INVALID, "the weights of `action_forms` add up to %" PRIu64 ", expected %u",
                      sum, FORM_SUM);
}

static status read_pools(arena *a, const document *d, const node *n, profile_scp *out, err *e)
{
    const node *pools = NULL;
    TRY(profile_members(d, n, "pools", &pools, e));
    out->pool_count = (uint32_t)node_count(pools);
    out->pools = ARENA_NEW(a, profile_pool, out->pool_count);
    for (uint32_t i = 0; i < out->pool_count; i++) {
        out->pools[i].name = arena_str(a, node_name(node_at(pools, i)));
        TRY(profile_strings(a, d, pools, out->pools[i].name.ptr, &out->pools[i].values, e));
    }
    return STATUS_OK;
}

/* Actions must be the catalogue's own: an SCP for something else would say nothing about any request. */
static status read_actions(arena *a, const document *d, const node *n, const char *name, const catalog *facts,
                           profile_list *out, err *e)
{
    TRY(profile_strings(a, d, n, name, out, e));
    for (uint32_t i = 0; i < out->count; i++) {
        str    action = out->items[i];
        size_t colon = str_find(action, ':', 0);
        bool   service =
            str_ends(action, STR(":*")) && catalog_service_find(facts, str_part(action, 0, colon)) != CATALOG_NONE;
        if (service || catalog_action_find(facts, action) != CATALOG_NONE) continue;
        return node_error(d, node_at(node_get(n, name), i), e, STATUS_INVALID, "action `%.*s` is not in the catalogue",
                          STR_FMT(action));
    }
    return STATUS_OK;
}

/* How many values of its pool the clause takes: [least, most] or "all". */
static status read_value_counts(const document *d, const node *n, const profile_scp *scp, profile_clause *c, err *e)
{
    const node *values = NULL;
    uint32_t    all = scp->pools[c->pool].values.count;
    int64_t     least = 0, most = 0;
    TRY(node_need(d, n, "values", &values, e));
    c->values_min = c->values_max = all;
    if (node_kind_of(values) == NODE_STRING) {
        str text = {0};
        TRY(node_string(d, values, &text, e));
        if (str_is(text, "all")) return STATUS_OK;
        return node_error(d, values, e, STATUS_INVALID, "`values` is `%.*s`, expected `all` or [least, most]",
                          STR_FMT(text));
    }
    TRY(node_array(d, values, e));
    if (node_count(values) != 2)
        return node_error(d, values, e, STATUS_INVALID, "`values` has %zu numbers, expected [least, most]",
                          node_count(values));
    TRY(node_i64(d, node_at(values, 0), 1, all, &least, e));
    TRY(node_i64(d, node_at(values, 1), least, all, &most, e));
    c->values_min = (uint32_t)least;
    c->values_max = (uint32_t)most;
    return STATUS_OK;
}

static status read_clause(arena *a, const document *d, const node *n, const catalog *facts, bool broad,
                          const profile_scp *scp, profile_clause *out, err *e)
{
    static const char *const members[] = {"operator", "key", "pool", "values", "weight", "actions"};
    const node              *pool = NULL, *weight = NULL;
    TRY(node_only(d, n, members, broad ? 4 : COUNTOF(members), e));
    TRY(profile_text(a, d, n, "operator", &out->op, e));
    TRY(profile_text(a, d, n, "key", &out->key, e));
    if (catalog_key_find(facts, out->key) == CATALOG_NONE)
        return node_error(d, node_get(n, "key"), e, STATUS_INVALID, "condition key `%.*s` is not in the catalogue",
                          STR_FMT(out->key));
    str pool_name = {0};
    TRY(node_need(d, n, "pool", &pool, e));
    TRY(node_string(d, pool, &pool_name, e));
    arena scratch = *a;
    str  *names = ARENA_NEW(&scratch, str, scp->pool_count);
    for (uint32_t i = 0; i < scp->pool_count; i++) names[i] = scp->pools[i].name;
    TRY(profile_name_of(d, pool, pool_name, "pool", names, scp->pool_count, &out->pool, e));
    TRY(read_value_counts(d, n, scp, out, e));
    if (broad) return STATUS_OK;
    TRY(node_need(d, n, "weight", &weight, e));
    TRY(profile_weight(d, weight, &out->weight, e));
    if (node_get(n, "actions") == NULL) return STATUS_OK;
    return read_actions(a, d, n, "actions", facts, &out->actions, e);
}

static status read_clauses(arena *a, const document *d, const node *n, const catalog *facts, profile_scp *out, err *e)
{
    const node *clauses = NULL;
    uint64_t    sum = 0;
    TRY(profile_array(d, n, "clauses", &clauses, e));
    out->clause_count = (uint32_t)node_count(clauses);
    out->clauses = ARENA_NEW(a, profile_clause, out->clause_count);
    for (uint32_t i = 0; i < out->clause_count; i++) {
        TRY(read_clause(a, d, node_at(clauses, i), facts, false, out, &out->clauses[i], e));
        sum += out->clauses[i].weight;
    }
    if (sum == CLAUSE_SUM) return STATUS_OK;
    return node_error(d, clauses, e, STATUS_INVALID, "the weights of `clauses` add up to %" PRIu64 ", expected %u", sum,
                      CLAUSE_SUM);
}

static status read_broad(arena *a, const document *d, const node *n, const catalog *facts, profile_scp *out, err *e)
{
    static const char *const members[] = {"weight", "clauses"};
    const node              *broad = NULL, *clauses = NULL, *weight = NULL;
    TRY(profile_array(d, n, "broad", &broad, e));
    out->broad_count = (uint32_t)node_count(broad);
    out->broad = ARENA_NEW(a, profile_broad, out->broad_count);
    for (uint32_t i = 0; i < out->broad_count; i++) {
        profile_broad *b = &out->broad[i];
        const node    *row = node_at(broad, i);
        TRY(node_only(d, row, members, COUNTOF(members), e));
        TRY(node_need(d, row, "weight", &weight, e));
        TRY(profile_weight(d, weight, &b->weight, e));
        TRY(profile_array(d, row, "clauses", &clauses, e));
        b->count = (uint32_t)node_count(clauses);
        b->clauses = ARENA_NEW(a, profile_clause, b->count);
        for (uint32_t k = 0; k < b->count; k++)
            TRY(read_clause(a, d, node_at(clauses, k), facts, true, out, &b->clauses[k], e));
    }
    return STATUS_OK;
}

/* A statement with every kind of clause must be one that AWS takes; the parser says so with its own words. */
static status check_clause(arena scratch, const document *d, const node *n, const profile_scp *scp,
                           const profile_clause *c, err *e)
{
    const profile_list *pool = &scp->pools[c->pool].values;
    policy             *parsed = NULL;
    err                 reason = {0};
    str                 values = STR("");
    for (uint32_t i = 0; i < pool->count; i++)
        values = arena_format(&scratch, "%.*s%s%.*s", STR_FMT(values), i == 0 ? "" : ",",
                              STR_FMT(json_quote(&scratch, pool->items[i])));
    source text = {.name = STR("clause"), .line_first = 1};
    text.text =
        arena_format(&scratch,
                     "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\","
                     "\"Resource\":\"*\",\"Condition\":{%.*s:{%.*s:[%.*s]}}}]}",
                     STR_FMT(json_quote(&scratch, c->op)), STR_FMT(json_quote(&scratch, c->key)), STR_FMT(values));
    policy_parse_options options = {.type = POLICY_SCP, .dialect = DIALECT_SCP_FULL};
    status               s = policy_parse(&scratch, &text, options, &parsed, &reason);
    return s == STATUS_OK ? s : node_error(d, n, e, s, "not a clause of an SCP: %s", reason.text);
}

static status check_clauses(arena scratch, const document *d, const node *n, const profile_scp *scp, err *e)
{
    const node *clauses = node_get(n, "clauses"), *broad = node_get(n, "broad");
    for (uint32_t i = 0; i < scp->clause_count; i++)
        TRY(check_clause(scratch, d, node_at(clauses, i), scp, &scp->clauses[i], e));
    for (uint32_t i = 0; i < scp->broad_count; i++)
        for (uint32_t k = 0; k < scp->broad[i].count; k++)
            TRY(check_clause(scratch, d, node_at(node_get(node_at(broad, i), "clauses"), k), scp,
                             &scp->broad[i].clauses[k], e));
    return STATUS_OK;
}

status profile_read_scp(arena *a, const document *d, const node *n, const catalog *facts, profile_scp *out, err *e)
{
    static const char *const members[] = {"bytes",          "statements",   "actions",
                                          "deny",           "condition",    "not_action",
                                          "any_resource",   "action_forms", "clauses_per_condition",
                                          "on_account",     "node_zipf",    "targets",
                                          "clauses",        "broad",        "pools",
                                          "exempt_actions", "guarded",      "guarded_verbs"};
    const struct {
        const char    *name;
        profile_ratio *out;
    } shares[] = {{"deny", &out->deny},
                  {"condition", &out->condition},
                  {"not_action", &out->not_action},
                  {"any_resource", &out->any_resource},
                  {"on_account", &out->on_account}};
    TRY(node_only(d, n, members, COUNTOF(members), e));
    TRY(read_knots(a, d, n, "bytes", &out->bytes, e));
    TRY(read_knots(a, d, n, "statements", &out->statements, e));
    TRY(read_knots(a, d, n, "actions", &out->actions, e));
    for (size_t i = 0; i < COUNTOF(shares); i++) TRY(profile_share(d, n, shares[i].name, shares[i].out, e));
    TRY(read_forms(d, n, out, e));
    TRY(profile_counts(a, d, n, "clauses_per_condition", &out->clause_counts, &out->clause_counts_max, e));
    TRY(profile_counts(a, d, n, "targets", &out->target_counts, &out->target_counts_max, e));
    TRY(profile_power(d, n, "node_zipf", &out->node_zipf, e));
    TRY(read_pools(a, d, n, out, e));
    TRY(read_clauses(a, d, n, facts, out, e));
    TRY(read_broad(a, d, n, facts, out, e));
    TRY(read_actions(a, d, n, "exempt_actions", facts, &out->exempt_actions, e));
    TRY(read_actions(a, d, n, "guarded", facts, &out->guarded, e));
    TRY(profile_strings(a, d, n, "guarded_verbs", &out->guarded_verbs, e));
    return check_clauses(*a, d, n, out, e);
}
