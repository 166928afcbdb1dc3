#include "support/case_compare.h"

#include <stdio.h>

#include "authz/case.h"
#include "authz/explain.h"
#include "base/file.h"
#include "oracle/oracle.h"
#include "policy/case.h"
#include "support/case_row.h"
#include "support/shrink_case.h"
#include "support/support.h"

static const char *statement_difference(const statement_trace *x, const statement_trace *y)
{
    if (x->in != y->in || x->policy != y->policy || x->statement != y->statement) return "place of a statement";
    if (x->outcome != y->outcome) return "outcome of a statement";
    if (x->reach != y->reach) return "reach of a statement";
    if (x->action != y->action) return "action of a statement";
    if (x->resource != y->resource) return "resource of a statement";
    return x->clause != y->clause ? "clause of a statement" : NULL;
}

static const char *level_difference(const level_trace *x, const level_trace *y)
{
    if (x->verdict != y->verdict) return "verdict of a level";
    if (x->count != y->count) return "number of statements";
    for (uint32_t i = 0; i < x->count; i++) {
        const char *d = statement_difference(&x->statements[i], &y->statements[i]);
        if (d != NULL) return d;
    }
    return NULL;
}

static const char *layer_difference(const layer_trace *x, const layer_trace *y)
{
    if (x->presence != y->presence) return "presence of a layer";
    if (x->verdict != y->verdict) return "verdict of a layer";
    if (x->level_count != y->level_count) return "number of levels";
    for (uint32_t i = 0; i < x->level_count; i++) {
        const char *d = level_difference(&x->levels[i], &y->levels[i]);
        if (d != NULL) return d;
    }
    return NULL;
}

const char *case_explanation_difference(arena scratch, const policy_case *c, const catalog *facts)
{
    explanation x, y;
    authz_explain_case(&scratch, c, facts, &x);
    oracle_explain(&scratch, c, facts, &y);
    if (!decision_equal(x.decision, y.decision)) return "decision explained";
    if (x.caller != y.caller) return "caller";
    if (x.same_account != y.same_account) return "same_account";
    if (x.needs_resource != y.needs_resource) return "needs_resource";
    if (x.granted != y.granted) return "granted";
    for (uint32_t i = 0; i <= LAYER_ENDPOINT; i++) {
        const char *d = layer_difference(&x.layers[i], &y.layers[i]);
        if (d != NULL) return d;
    }
    return NULL;
}

const char *case_decision_difference(arena scratch, const policy_case *c, const catalog *facts)
{
    return decision_equal(authz_decide_case(&scratch, c, facts), oracle_decide(c, facts)) ? NULL : "decision";
}

bool case_differs(void *facts, const policy_case *c)
{
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    bool differs = case_decision_difference(a, c, facts) != NULL || case_explanation_difference(a, c, facts) != NULL;
    arena_deinit(&a);
    return differs;
}

str case_difference(arena *a, const policy_case *c, const catalog *facts, policy_case *small)
{
    policy_case read;
    source     *row = ARENA_NEW(a, source, 1);
    err         e = {0};
    shrink_case(a, c, case_differs, (void *)(uintptr_t)facts, small);
    decision want = oracle_decide(small, facts);
    str      name = str_of(decision_name((decision_kind)want.kind));
    *row = (source){STR("row"), case_row(a, small, STR("a sentence"), name), 1};
    if (case_read(a, row, 0, row->text.len, &read, &e) != STATUS_OK) fail_msg("%s", e.text);
    assert_true(case_differs((void *)(uintptr_t)facts, &read));
    return row->text;
}

static void say(const char *who, decision d)
{
    (void)fprintf(stderr, "%-9s %s by %s at level %d\n", who, decision_name((decision_kind)d.kind),
                  layer_name((decision_layer)d.layer), d.level);
}

void case_fail(const policy_case *c, const catalog *facts, const char *file, uint64_t number)
{
    arena       a;
    policy_case small;
    err         e = {0};
    arena_init(&a, MEMORY_GENERAL);
    str         row = case_difference(&a, c, facts, &small);
    const char *what = case_decision_difference(a, &small, facts);
    (void)fprintf(stderr, "%s\n", what != NULL ? what : case_explanation_difference(a, &small, facts));
    say("evaluator", authz_decide_case(&a, &small, facts));
    say("oracle", oracle_decide(&small, facts));
    (void)fprintf(stderr, "%.*s\n", STR_FMT(row));
    if (file_write(file, arena_format(&a, "%.*s\n", STR_FMT(row)), &e) != STATUS_OK) (void)fputs(e.text, stderr);
    arena_deinit(&a);
    fail_msg("case %llu: evaluator and oracle differ; as a row of %u statements in %s", (unsigned long long)number,
             shrink_statements(&small), file);
}
