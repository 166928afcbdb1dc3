#include "policy/evaluate.h"

#include "base/mutant.h"
#include "policy/condition.h"
#include "policy/match.h"

bool statement_takes_action(const policy_statement *s, str action)
{
    bool any = false;
    for (uint32_t i = 0; i < s->action_count && !any; i++) any = match_action(s->actions[i].text, action);
    if (MUTANT(MUTANT_NOT_ACTION_INVERTED)) return any;
    return any != s->not_action;
}

bool statement_resource_holds(arena *scratch, const policy_statement *s, const policy *p, const request *q,
                              const catalog *facts)
{
    bool any = false;
    if (!s->has_resource) return true; /* the attachment names the resource */
    if (MUTANT(MUTANT_NOT_RESOURCE_IGNORED) && s->not_resource) return true;
    for (uint32_t i = 0; i < s->resource_count && !any; i++)
        any = match_resource_pattern(scratch, s->resources[i].text, q, facts, p->type, p->version_2012);
    return any != s->not_resource;
}

bool statement_conditions_hold(arena *scratch, const policy_statement *s, const policy *p, const request *q,
                               const catalog *facts)
{
    for (uint32_t i = 0; i < s->clause_count; i++)
        if (!condition_holds(scratch, &s->clauses[i], p->version_2012, q, facts, NULL)) return false;
    return true;
}

static bool statement_matches(arena *scratch, const policy_statement *s, const policy *p, const policy_question *x,
                              principal_reach *reach)
{
    if (!statement_takes_action(s, x->q->action)) return false;
    /* Some services take a statement for a resource that names nobody; it never matches. */
    if (!s->has_principal && (p->type == POLICY_RESOURCE || p->type == POLICY_TRUST)) return false;
    *reach = principal_reaches(s, x->who, x->has_boundary);
    return *reach != REACH_NONE && statement_resource_holds(scratch, s, p, x->q, x->facts) &&
           statement_conditions_hold(scratch, s, p, x->q, x->facts);
}

verdict level_evaluate(arena *scratch, policy_level level, const policy_question *x, principal_reach *granted)
{
    principal_reach strongest = REACH_NONE, reach = REACH_NONE;
    principal_reach enough = granted == NULL ? REACH_ACCOUNT : REACH_DIRECT;
    if (granted != NULL) *granted = REACH_NONE;
    for (uint32_t i = 0; i < level.count; i++) {
        const policy *p = level.policies[i];
        for (uint32_t k = 0; k < p->statement_count; k++) {
            const policy_statement *s = &p->statements[k];
            if (!s->deny && strongest >= enough) continue;
            if (!statement_matches(scratch, s, p, x, &reach)) continue;
            if (s->deny) return VERDICT_EXPLICIT;
            strongest = reach > strongest ? reach : strongest;
        }
    }
    if (granted != NULL) *granted = strongest;
    return strongest == REACH_NONE ? VERDICT_IMPLICIT : VERDICT_ALLOW;
}

verdict chain_evaluate(arena *scratch, const policy_level *levels, uint32_t count, const policy_question *x,
                       uint32_t *level_out)
{
    verdict so_far = VERDICT_ALLOW;
    *level_out = 0;
    for (uint32_t i = 0; i < count; i++) {
        verdict v = level_evaluate(scratch, levels[i], x, NULL);
        if (v == VERDICT_EXPLICIT) {
            *level_out = i;
            return v;
        }
        if (v == VERDICT_IMPLICIT && so_far == VERDICT_ALLOW) {
            *level_out = i;
            so_far = v;
        }
    }
    return so_far;
}

uint32_t chain_denies(arena *scratch, const policy_level *levels, uint32_t count, const policy_question *x)
{
    for (uint32_t i = 0; i < count; i++)
        if (level_evaluate(scratch, levels[i], x, NULL) == VERDICT_EXPLICIT) return i;
    return CHAIN_NO_DENY;
}
