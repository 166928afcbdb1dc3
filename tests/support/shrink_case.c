#include "support/shrink_case.h"

#include <assert.h>

/* Every possible step has a number: the case is walked, each place where something could go counts down, and the one
 * that reaches zero does it. */
typedef struct {
    arena   *a;
    uint32_t steps_left;
    bool     done;
} cutter;

static bool here(cutter *x)
{
    if (x->done) return false;
    x->done = x->steps_left == 0;
    x->steps_left -= !x->done;
    return x->done;
}

/* A copy of an array without one element. */
static void *without(cutter *x, const void *items, size_t size, uint32_t count, uint32_t index)
{
    char *out = arena_alloc(x->a, size, alignof(max_align_t), count);
    memcpy(out, items, size * index);
    memcpy(out + size * index, (const char *)items + size * (index + 1), size * (count - index - 1));
    return out;
}
#define WITHOUT(x, items, count, index) \
    ((items) = without((x), (items), sizeof *(items), (count), (index)), (void)--(count))

/* Drops one element where more than `least` are there. */
#define CUT(x, items, count, least)                                                    \
    for (uint32_t cut_ = 0; (count) > (least) && cut_ < (count) && !(x)->done; cut_++) \
        if (here(x)) WITHOUT(x, items, count, cut_)

static lexeme *star(cutter *x)
{
    lexeme *l = ARENA_NEW(x->a, lexeme, 1);
    l->text = STR("*");
    return l;
}

static bool is_star(const lexeme *l, uint32_t count)
{
    return count == 1 && str_is(l->text, "*");
}

static void cut_clauses(cutter *x, policy_statement *s)
{
    CUT(x, s->clauses, s->clause_count, 0);
    for (uint32_t i = 0; i < s->clause_count && !x->done; i++) {
        policy_clause c = s->clauses[i];
        CUT(x, c.values, c.value_count, 1);
        if (!x->done) continue;
        policy_clause *copy = ARENA_NEW(x->a, policy_clause, s->clause_count);
        memcpy(copy, s->clauses, sizeof *copy * s->clause_count);
        copy[i] = c;
        s->clauses = copy;
    }
}

static void cut_statement(cutter *x, policy_statement *s)
{
    cut_clauses(x, s);
    CUT(x, s->principals, s->principal_count, 1);
    if (!is_star(s->actions, s->action_count) && here(x)) s->actions = star(x), s->action_count = 1;
    if (s->has_resource && !is_star(s->resources, s->resource_count) && here(x))
        s->resources = star(x), s->resource_count = 1;
    CUT(x, s->actions, s->action_count, 1);
    CUT(x, s->resources, s->resource_count, 1);
}

static const policy *cut_policy(cutter *x, const policy *p)
{
    policy new = *p;
    CUT(x, new.statements, new.statement_count, 1);
    for (uint32_t i = 0; i < new.statement_count && !x->done; i++) {
        policy_statement s = new.statements[i];
        cut_statement(x, &s);
        if (!x->done) continue;
        policy_statement *copy = ARENA_NEW(x->a, policy_statement, new.statement_count);
        memcpy(copy, new.statements, sizeof *copy * new.statement_count);
        copy[i] = s;
        new.statements = copy;
    }
    if (!x->done) return p;
    policy *out = ARENA_NEW(x->a, policy, 1);
    *out = new;
    return out;
}

static void cut_level(cutter *x, policy_level *level)
{
    CUT(x, level->policies, level->count, 0);
    for (uint32_t i = 0; i < level->count && !x->done; i++) {
        const policy *p = cut_policy(x, level->policies[i]);
        if (!x->done) continue;
        const policy **copy = ARENA_NEW(x->a, const policy *, level->count);
        memcpy(copy, level->policies, sizeof *copy * level->count);
        copy[i] = p;
        level->policies = copy;
    }
}

static void cut_levels(cutter *x, policy_level **levels, uint32_t *count)
{
    CUT(x, *levels, *count, 1);
    for (uint32_t i = 0; i < *count && !x->done; i++) {
        policy_level level = (*levels)[i];
        cut_level(x, &level);
        if (!x->done) continue;
        policy_level *copy = ARENA_NEW(x->a, policy_level, *count);
        memcpy(copy, *levels, sizeof *copy * *count);
        copy[i] = level;
        *levels = copy;
    }
}

static void cut_context(cutter *x, request *q)
{
    CUT(x, q->context, q->context_count, 0);
    for (uint32_t i = 0; i < q->context_count && !x->done; i++) {
        request_key k = q->context[i];
        CUT(x, k.values, k.value_count, k.is_array ? 0 : 1);
        if (!x->done) continue;
        request_key *copy = ARENA_NEW(x->a, request_key, q->context_count);
        memcpy(copy, q->context, sizeof *copy * q->context_count);
        copy[i] = k;
        q->context = copy;
    }
}

static void cut_whole_layers(cutter *x, policy_case *c)
{
    if (c->scps_apply && here(x)) c->scps_apply = false, c->scps = NULL, c->scp_level_count = 0;
    if (c->rcps_apply && here(x)) c->rcps_apply = false, c->rcps = NULL, c->rcp_level_count = 0;
    if (c->identity.count > 0 && here(x)) c->identity = (policy_level){0};
    if (c->session.count > 0 && here(x)) c->session = (policy_level){0};
    if (c->resource != NULL && here(x)) c->resource = NULL;
    if (c->boundary != NULL && here(x)) c->boundary = NULL;
    if (c->endpoint != NULL && here(x)) c->endpoint = NULL;
    if (c->management_account.ptr != NULL && here(x)) c->management_account = (str){0};
    if (c->aws_managed_key && here(x)) c->aws_managed_key = false;
}

/* The n-th step; false when there are fewer. */
static bool cut(arena *a, const policy_case *c, uint32_t n, policy_case *out)
{
    cutter x = {.a = a, .steps_left = n};
    *out = *c;
    cut_whole_layers(&x, out);
    cut_levels(&x, &out->scps, &out->scp_level_count);
    cut_levels(&x, &out->rcps, &out->rcp_level_count);
    cut_level(&x, &out->identity);
    cut_level(&x, &out->session);
    if (out->resource != NULL) out->resource = cut_policy(&x, out->resource);
    if (out->boundary != NULL) out->boundary = cut_policy(&x, out->boundary);
    if (out->endpoint != NULL) out->endpoint = cut_policy(&x, out->endpoint);
    cut_context(&x, &out->request);
    return x.done;
}

void shrink_case(arena *a, const policy_case *c, shrink_test stands, void *context, policy_case *out)
{
    policy_case smaller;
    *out = *c;
    assert(stands(context, out));
    for (bool any = true; any;) {
        any = false;
        for (uint32_t n = 0; cut(a, out, n, &smaller);) {
            bool still = stands(context, &smaller);
            if (still) *out = smaller;
            any |= still;
            n += !still; /* where one thing went, the next has taken its number */
        }
    }
}

static uint32_t count_level(policy_level level)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < level.count; i++) count += level.policies[i]->statement_count;
    return count;
}

uint32_t shrink_statements(const policy_case *c)
{
    const policy *const lone[] = {c->resource, c->boundary, c->endpoint};
    uint32_t            count = count_level(c->identity) + count_level(c->session);
    for (uint32_t i = 0; i < COUNTOF(lone); i++) count += lone[i] != NULL ? lone[i]->statement_count : 0;
    for (uint32_t i = 0; i < c->scp_level_count; i++) count += count_level(c->scps[i]);
    for (uint32_t i = 0; i < c->rcp_level_count; i++) count += count_level(c->rcps[i]);
    return count;
}
