#include "policy/diagnose.h"

#include <assert.h>

#include "policy/match.h"

const char *diagnostic_name(diagnostic_kind kind)
{
    static const char *const names[] = {
#define DIAGNOSTIC_NAME(id, name) name,
        DIAGNOSTICS(DIAGNOSTIC_NAME)
#undef DIAGNOSTIC_NAME
    };
    assert((size_t)kind < COUNTOF(names));
    return names[kind];
}

/* ---- as text ---- */

static const policy_clause *clause_of(const diagnostic *d)
{
    return &d->in->statements[d->statement].clauses[d->clause];
}

static str what_is_wrong(arena *a, const diagnostic *d)
{
    switch (d->kind) {
    case DIAGNOSTIC_UNREADABLE_VALUE:
        return arena_format(a, "value `%.*s` under `%.*s` cannot be read", STR_FMT(d->what),
                            STR_FMT(clause_of(d)->name.text));
    case DIAGNOSTIC_UNRESOLVED_VARIABLE: return arena_format(a, "variable `%.*s` has no value", STR_FMT(d->what));
    case DIAGNOSTIC_TAG_KEY_CASE:
        return arena_format(a, "keys of the request differ from `%.*s` by case only, the first counts",
                            STR_FMT(d->what));
    case DIAGNOSTIC_NO_SET_OPERATOR:
        return arena_format(a, "key `%.*s` is multivalued, `%.*s` lacks ForAllValues or ForAnyValue", STR_FMT(d->what),
                            STR_FMT(clause_of(d)->name.text));
    case DIAGNOSTIC_UNKNOWN_OPERATOR:
        return arena_format(a, "condition operator `%.*s` does not exist, the statement never matches",
                            STR_FMT(d->what));
    case DIAGNOSTIC_OLD_VARIABLE:
        return arena_format(a, "`%.*s` is plain text without \"Version\": \"2012-10-17\"", STR_FMT(d->what));
    case DIAGNOSTIC_MISSING_KEY: return arena_format(a, "key `%.*s` is not in the request", STR_FMT(d->what));
    case DIAGNOSTIC_COUNT: break;
    }
    assert(false);
    return (str){NULL, 0};
}

str diagnostic_text(arena *a, const diagnostic *d)
{
    str  sid = d->in->statements[d->statement].sid.text, wrong = what_is_wrong(a, d), level = STR("");
    bool by_level = d->layer == LAYER_SCP || d->layer == LAYER_RCP;
    if (by_level)
        level = d->level == 0 ? STR(" at the root") : arena_format(a, " at level %u below the root", d->level);
    if (sid.ptr != NULL) sid = arena_format(a, " (`%.*s`)", STR_FMT(sid));
    return arena_format(a, "%s%.*s, policy %u, statement %u%.*s: %.*s", layer_name(d->layer), STR_FMT(level),
                        d->policy + 1, d->statement + 1, (int)sid.len, sid.ptr == NULL ? "" : sid.ptr, STR_FMT(wrong));
}

/* ---- finding ---- */

typedef struct {
    diagnostics           *to;
    diagnostic             at;
    const policy_question *x;
} finder;

static void found(finder *f, diagnostic_kind kind, uint32_t clause, str what)
{
    for (size_t i = 0; i < f->to->count; i++) {
        const diagnostic *d = &f->to->items[i];
        if (d->kind == kind && d->layer == f->at.layer && d->level == f->at.level && d->policy == f->at.policy &&
            d->statement == f->at.statement && d->clause == clause && str_eq(d->what, what))
            return;
    }
    diagnostic *d = ARENA_PUSH(f->to->a, diagnostic, f->to->items, f->to->count, f->to->capacity);
    *d = f->at;
    d->kind = kind;
    d->clause = clause;
    d->what = what;
}

/* A key is missed where it could have been: the global ones, and those of the action's service. */
static bool may_be_there(const policy_question *x, str key)
{
    if (x->facts == NULL) return false;
    uint32_t id = catalog_key_find(x->facts, key);
    if (id == CATALOG_NONE) return false;
    if (catalog_key_at(x->facts, id)->category.len > 0) return true;
    str      action = x->q->action;
    uint32_t service = catalog_service_find(x->facts, str_part(action, 0, str_find(action, ':', 0)));
    if (service == CATALOG_NONE) return false;
    const catalog_service *s = catalog_service_at(x->facts, service);
    for (uint32_t i = 0; i < s->key_count; i++)
        if (s->keys[i] == id) return true;
    return false;
}

static bool differ_by_case(const request *q, str key)
{
    uint32_t alike = 0;
    for (uint32_t i = 0; i < q->context_count; i++) alike += str_eq_nocase(q->context[i].key, key);
    return alike > 1;
}

static void find_unreadable(finder *f, uint32_t index, const policy_clause *c, bool version_2012, const request_key *k)
{
    arena *a = f->to->a;
    for (uint32_t i = 0; i < k->value_count; i++)
        if (!condition_readable(a, c->base, k->values[i], true))
            found(f, DIAGNOSTIC_UNREADABLE_VALUE, index, k->values[i]);
    for (uint32_t i = 0; i < c->value_count; i++) {
        arena   temporary = *a;
        pattern p = {c->values[i].text, NULL};
        if (version_2012 && condition_takes_variables(c->base) &&
            !pattern_resolve(&temporary, p.text, 0, f->x->q, f->x->facts, &p, NULL))
            continue;
        if (!condition_readable(&temporary, c->base, p.text, false))
            found(f, DIAGNOSTIC_UNREADABLE_VALUE, index, c->values[i].text);
    }
}

/* Of variables, whose keys are between `${` and the tag's end; a default comes behind a comma. */
static void find_tag_key_case(finder *f, uint32_t index, str text, size_t from)
{
    for (size_t i = from; i + 2 < text.len; i++) {
        if (text.ptr[i] != '$' || text.ptr[i + 1] != '{') continue;
        size_t begin = i + 2, end = str_find(text, '}', begin), comma = str_find(text, ',', begin);
        if (end == text.len) return; /* literal text */
        str key = str_part(text, begin, (comma < end ? comma : end) - begin);
        if (differ_by_case(f->x->q, key)) found(f, DIAGNOSTIC_TAG_KEY_CASE, index, key);
        i = end;
    }
}

static void find_unresolved(finder *f, uint32_t index, str text, size_t from)
{
    find_tag_key_case(f, index, text, from);
    arena   temporary = *f->to->a;
    pattern p;
    str     missing;
    if (!pattern_resolve(&temporary, text, from, f->x->q, f->x->facts, &p, &missing))
        found(f, DIAGNOSTIC_UNRESOLVED_VARIABLE, index, missing);
}

static void find_in_clause(finder *f, uint32_t index, const policy_clause *c, bool version_2012)
{
    const request     *q = f->x->q;
    const request_key *k = request_key_find(q, c->key.text);
    if (c->base == CONDITION_UNKNOWN) {
        found(f, DIAGNOSTIC_UNKNOWN_OPERATOR, index, c->name.text);
        return;
    }
    if (differ_by_case(q, c->key.text)) found(f, DIAGNOSTIC_TAG_KEY_CASE, index, c->key.text);
    if (c->base == CONDITION_NULL) return;
    if (k == NULL) {
        if (!c->if_exists && may_be_there(f->x, c->key.text)) found(f, DIAGNOSTIC_MISSING_KEY, index, c->key.text);
        return;
    }
    if (c->set == CONDITION_PLAIN && (k->value_count != 1 || request_key_multivalued(k, f->x->facts))) {
        found(f, DIAGNOSTIC_NO_SET_OPERATOR, index, c->key.text);
        return;
    }
    bool  indeterminate = false;
    arena temporary = *f->to->a;
    bool  holds = condition_holds(&temporary, c, version_2012, q, f->x->facts, &indeterminate);
    if (condition_negated(c->base) && indeterminate && !holds) find_unreadable(f, index, c, version_2012, k);
    for (uint32_t i = 0; i < c->value_count && condition_takes_variables(c->base); i++) {
        str text = c->values[i].text;
        if (version_2012)
            find_unresolved(f, index, text, 0);
        else if (pattern_has_variable(text))
            found(f, DIAGNOSTIC_OLD_VARIABLE, index, text);
    }
}

static void find_in_statement(finder *f, const policy_statement *s)
{
    const policy *p = f->at.in;
    if (!statement_takes_action(s, f->x->q->action) || statement_reach(p, s, f->x) == REACH_NONE) return;
    for (uint32_t i = 0; i < s->resource_count; i++) {
        arena            temporary = *f->to->a;
        resource_pattern r = resource_pattern_read(&temporary, s->resources[i].text, p->type, true);
        if (r.variable && p->version_2012) find_unresolved(f, UINT32_MAX, r.text, r.head);
        if (r.variable && !p->version_2012) found(f, DIAGNOSTIC_OLD_VARIABLE, UINT32_MAX, s->resources[i].text);
    }
    arena temporary = *f->to->a;
    if (!statement_resource_holds(&temporary, s, p, f->x->q, f->x->facts)) return;
    for (uint32_t i = 0; i < s->clause_count; i++) find_in_clause(f, i, &s->clauses[i], p->version_2012);
}

void diagnose_level(diagnostics *to, decision_layer layer, uint32_t level, policy_level policies,
                    const policy_question *x)
{
    finder f = {.to = to, .at = {.layer = layer, .level = level}, .x = x};
    for (uint32_t i = 0; i < policies.count; i++) {
        f.at.in = policies.policies[i];
        f.at.policy = i;
        for (uint32_t k = 0; k < f.at.in->statement_count; k++) {
            f.at.statement = k;
            find_in_statement(&f, &f.at.in->statements[k]);
        }
    }
}
