#include "policy/evaluate.h"

#include "base/mutant.h"
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

policy_question policy_question_make(const request *q, const catalog *facts, const caller *who, bool has_boundary)
{
    return (policy_question){.q = q, .facts = facts, .who = who, .has_boundary = has_boundary};
}

static void question_ready(arena *scratch, policy_question *x)
{
    x->ready = true;
    x->prepared = prepare_request(x->q);
    x->resource = resource_asked_read(x->q->resource);
    x->keys = (request_keys){x->q, x->facts, NULL};
    request_keys_mark(scratch, &x->keys);
}

static bool resource_taken(arena *scratch, const policy_statement *s, const prepared_resource *resources,
                           const policy_question *x)
{
    bool any = false;
    for (uint32_t i = 0; i < s->resource_count && !any; i++)
        any = prepared_may_hold(&resources[i], &x->prepared) &&
              resource_pattern_holds(scratch, &resources[i].pattern, x->q, x->resource, x->facts);
    return any != s->not_resource;
}

/* Some services take a statement for a resource that names nobody; it never matches. */
principal_reach statement_reach(const policy *p, const policy_statement *s, const policy_question *x)
{
    if (!s->has_principal && (p->type == POLICY_RESOURCE || p->type == POLICY_TRUST)) return REACH_NONE;
    return principal_reaches(s, x->who, x->has_boundary);
}

/* What a level has said so far. */
typedef struct {
    principal_reach strongest, enough; /* an Allow that reaches no further than `enough` changes nothing */
} level_so_far;

static bool is_of_use(bool deny, const policy_question *x, const level_so_far *so_far)
{
    return deny || (!x->denies_only && so_far->strongest < so_far->enough);
}

/* Takes down that a statement matches; true when it denies, which settles the level. */
static bool is_settled_by(bool deny, principal_reach reach, level_so_far *so_far)
{
    if (!deny && reach > so_far->strongest) so_far->strongest = reach;
    return deny;
}

static bool prepared_holds(arena *scratch, const policy *p, uint32_t index, const policy_question *x)
{
    const policy_prepared    *r = p->prepared;
    const policy_statement   *s = &p->statements[index];
    const prepared_statement *at = &r->statements[index];
    bool                      any = (r->words[index / 64].any_resource >> index % 64 & 1) != 0;
    if (!any && !resource_taken(scratch, s, &r->resources[at->resources], x)) return false;
    for (uint32_t i = 0; i < s->clause_count; i++) {
        prepared_clause c = r->clauses[at->clauses + i];
        if (r->facts != x->facts) c.listed = KEY_NOT_ASKED;
        if (!clause_holds(scratch, &c, &x->keys, NULL)) return false;
    }
    return true;
}

static bool prepared_denies(arena *scratch, const policy *p, const policy_question *x, level_so_far *so_far)
{
    const policy_prepared *r = p->prepared;
    if (!prepared_may_take(r, &x->prepared)) return false;
    for (uint32_t w = 0; w < r->word_count; w++) {
        uint64_t taken = prepared_taken(r, p, w, x->q, &x->prepared);
        for (; taken != 0; taken &= taken - 1) {
            uint32_t index = w * 64 + (uint32_t)__builtin_ctzll(taken);
            bool     deny = (r->words[w].deny >> index % 64 & 1) != 0;
            if (!is_of_use(deny, x, so_far)) continue;
            principal_reach reach = statement_reach(p, &p->statements[index], x);
            if (reach == REACH_NONE || !prepared_holds(scratch, p, index, x)) continue;
            if (is_settled_by(deny, reach, so_far)) return true;
        }
    }
    return false;
}

static bool plain_denies(arena *scratch, const policy *p, const policy_question *x, level_so_far *so_far)
{
    for (uint32_t i = 0; i < p->statement_count; i++) {
        const policy_statement *s = &p->statements[i];
        if (!is_of_use(s->deny, x, so_far) || !statement_takes_action(s, x->q->action)) continue;
        principal_reach reach = statement_reach(p, s, x);
        if (reach == REACH_NONE || !statement_resource_holds(scratch, s, p, x->q, x->facts)) continue;
        if (!statement_conditions_hold(scratch, s, p, x->q, x->facts)) continue;
        if (is_settled_by(s->deny, reach, so_far)) return true;
    }
    return false;
}

verdict level_evaluate(arena *scratch, policy_level level, policy_question *x, principal_reach *granted)
{
    level_so_far so_far = {REACH_NONE, granted == NULL ? REACH_ACCOUNT : REACH_DIRECT};
    if (granted != NULL) *granted = REACH_NONE;
    for (uint32_t i = 0; i < level.count; i++) {
        const policy *p = level.policies[i];
        if (p->prepared != NULL && !x->ready) question_ready(scratch, x);
        bool denies =
            p->prepared == NULL ? plain_denies(scratch, p, x, &so_far) : prepared_denies(scratch, p, x, &so_far);
        if (denies) return VERDICT_EXPLICIT;
    }
    if (granted != NULL) *granted = so_far.strongest;
    return so_far.strongest == REACH_NONE ? VERDICT_IMPLICIT : VERDICT_ALLOW;
}

verdict chain_evaluate(arena *scratch, const policy_level *levels, uint32_t count, policy_question *x,
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
            x->denies_only = true;
        }
    }
    return so_far;
}

uint32_t chain_denies(arena *scratch, const policy_level *levels, uint32_t count, policy_question *x)
{
    bool was = x->denies_only;
    x->denies_only = true;
    uint32_t i = 0;
    while (i < count && level_evaluate(scratch, levels[i], x, NULL) != VERDICT_EXPLICIT) i++;
    x->denies_only = was;
    return i < count ? i : CHAIN_NO_DENY;
}
