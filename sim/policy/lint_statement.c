/* Statements against each other: which one implies which. */
#include "policy/lint_rules.h"

#define ARN_PARTS 6

static bool action_covers(str outer, str inner, uint64_t *work)
{
    if (lint_action_everything(outer)) return true;
    size_t a = str_find(outer, ':', 0), b = str_find(inner, ':', 0);
    *work += 1;
    if (a == outer.len || b == inner.len || !str_eq_nocase(str_part(outer, 0, a), str_part(inner, 0, b))) return false;
    str name = str_part(outer, a + 1, outer.len - a - 1);
    if (name.len == 0 || str_find(name, ' ', 0) < name.len) return false; /* matches nothing */
    return lint_glob_covers(name, str_part(inner, b + 1, inner.len - b - 1), true, work);
}

static size_t parts_of(str arn, str parts[ARN_PARTS])
{
    size_t count = 0, at = 0;
    while (count < ARN_PARTS - 1) {
        size_t colon = str_find(arn, ':', at);
        parts[count++] = str_part(arn, at, colon - at);
        if (colon == arn.len) return count;
        at = colon + 1;
    }
    parts[count++] = str_part(arn, at, arn.len - at);
    return count;
}

/* Part by part, as a star inside a part does not leave it; a prefix before one last star takes whatever begins so. */
static bool resource_covers(str outer, str inner, uint64_t *work)
{
    str a[ARN_PARTS], b[ARN_PARTS];
    if (lint_only_stars(outer)) return true;
    *work += 1;
    if (str_eq(outer, inner)) return true;
    str head = str_part(outer, 0, outer.len - (outer.len > 0));
    if (str_ends(outer, STR("*")) && !lint_has_wildcard(head) && str_starts(inner, head)) return true;
    if (parts_of(outer, a) < ARN_PARTS || parts_of(inner, b) < ARN_PARTS) return false;
    for (size_t i = 0; i < ARN_PARTS; i++)
        if (!lint_glob_covers(a[i], b[i], false, work)) return false;
    return true;
}

typedef bool covers_one(str outer, str inner, uint64_t *work);

/* Every item of `inner` lies within one of `outer`. */
static bool list_covers(const lexeme *outer, uint32_t outer_count, const lexeme *inner, uint32_t inner_count,
                        covers_one *covers, uint64_t *work)
{
    for (uint32_t i = 0; i < inner_count; i++) {
        uint32_t k = 0;
        while (k < outer_count && !covers(outer[k].text, inner[i].text, work)) k++;
        if (k == outer_count || *work > LINT_WORK_MAX) return false;
    }
    return true;
}

static bool has_everything(const lexeme *items, uint32_t count, covers_one *covers)
{
    for (uint32_t i = 0; i < count; i++)
        if (covers == action_covers ? lint_action_everything(items[i].text) : lint_only_stars(items[i].text))
            return true;
    return false;
}

/* An element and its Not- form: what is excluded by `outer` must be excluded by `inner`. */
static bool element_covers(bool outer_not, const lexeme *outer, uint32_t outer_count, bool inner_not,
                           const lexeme *inner, uint32_t inner_count, covers_one *covers, uint64_t *work)
{
    if (!outer_not && has_everything(outer, outer_count, covers)) return true;
    if (outer_not != inner_not) return false;
    return outer_not ? list_covers(inner, inner_count, outer, outer_count, covers, work)
                     : list_covers(outer, outer_count, inner, inner_count, covers, work);
}

static bool principals_cover(const policy_statement *outer, const policy_statement *inner, uint64_t *work)
{
    if (!outer->has_principal) return true;
    if (!inner->has_principal || outer->not_principal != inner->not_principal) return false;
    const policy_statement *wide = outer->not_principal ? inner : outer, *narrow = outer->not_principal ? outer : inner;
    for (uint32_t i = 0; i < narrow->principal_count; i++) {
        uint32_t k = 0;
        for (; k < wide->principal_count; k++) {
            const policy_principal *a = &wide->principals[k], *b = &narrow->principals[i];
            *work += 1;
            if (a->kind == PRINCIPAL_EVERYONE || (a->kind == PRINCIPAL_AWS && str_is(a->value.text, "*"))) break;
            if (a->kind == b->kind && str_eq(a->value.text, b->value.text)) break;
        }
        if (k == wide->principal_count || *work > LINT_WORK_MAX) return false;
    }
    return true;
}

static bool value_is(str a, str b, uint64_t *work)
{
    *work += 1;
    return str_eq(a, b);
}

/* The same test with no fewer values (no more, where they are excluded). */
static bool clause_covers(const policy_clause *outer, const policy_clause *inner, uint64_t *work)
{
    *work += 1;
    if (outer->base != inner->base || outer->set != inner->set || outer->if_exists != inner->if_exists ||
        !str_eq_nocase(outer->key.text, inner->key.text))
        return false;
    bool                 negated = condition_negated(outer->base);
    const policy_clause *wide = negated ? inner : outer, *narrow = negated ? outer : inner;
    return list_covers(wide->values, wide->value_count, narrow->values, narrow->value_count, value_is, work);
}

static bool clauses_cover(const policy_statement *outer, const policy_statement *inner, uint64_t *work)
{
    for (uint32_t i = 0; i < outer->clause_count; i++) {
        uint32_t k = 0;
        while (k < inner->clause_count && !clause_covers(&outer->clauses[i], &inner->clauses[k], work)) k++;
        if (k == inner->clause_count || *work > LINT_WORK_MAX) return false;
    }
    return true;
}

bool lint_statement_covers(const policy_statement *outer, const policy_statement *inner, uint64_t *work)
{
    *work += 1;
    if (outer->clause_count > 0 && inner->clause_count == 0) return false;
    if (!element_covers(outer->not_action, outer->actions, outer->action_count, inner->not_action, inner->actions,
                        inner->action_count, action_covers, work))
        return false;
    if (outer->has_resource &&
        (!inner->has_resource ||
         !element_covers(outer->not_resource, outer->resources, outer->resource_count, inner->not_resource,
                         inner->resources, inner->resource_count, resource_covers, work)))
        return false;
    return principals_cover(outer, inner, work) && clauses_cover(outer, inner, work);
}

static bool actions_meet(str a, str b, uint64_t *work)
{
    if (lint_action_everything(a) || lint_action_everything(b)) return true;
    size_t x = str_find(a, ':', 0), y = str_find(b, ':', 0);
    *work += 1;
    if (x == a.len || y == b.len || !str_eq_nocase(str_part(a, 0, x), str_part(b, 0, y))) return false;
    return lint_globs_meet(str_part(a, x + 1, a.len - x - 1), str_part(b, y + 1, b.len - y - 1), true, work);
}

bool lint_actions_overlap(const policy_statement *a, const policy_statement *b, uint64_t *work)
{
    if (a->not_action && b->not_action) return true;
    if (a->not_action || b->not_action) { /* none only where all of one list is excluded by the other */
        const policy_statement *list = a->not_action ? b : a, *excluded = a->not_action ? a : b;
        return !list_covers(excluded->actions, excluded->action_count, list->actions, list->action_count, action_covers,
                            work);
    }
    for (uint32_t i = 0; i < a->action_count; i++)
        for (uint32_t k = 0; k < b->action_count; k++)
            if (actions_meet(a->actions[i].text, b->actions[k].text, work)) return true;
    return false;
}

void lint_statements(linter *l)
{
    const policy *p = l->p;
    for (uint32_t i = 0; i < p->statement_count; i++)
        for (uint32_t k = 0; k < p->statement_count; k++) {
            const policy_statement *inner = &p->statements[i], *outer = &p->statements[k];
            if (i == k || (inner->deny && !outer->deny)) continue;
            if (!lint_work(l, 8)) return;
            if (!lint_statement_covers(outer, inner, &l->work)) continue;
            bool same = inner->deny == outer->deny;
            /* Of two that say the same the later one is the finding. */
            if (same && k > i && lint_statement_covers(inner, outer, &l->work)) continue;
            if (same)
                lint_add(l, LINT_SHADOWED, inner->at, "%.*s is implied by %.*s", STR_FMT(lint_statement_name(l, inner)),
                         STR_FMT(lint_statement_name(l, outer)));
            else
                lint_add(l, LINT_DENIED, inner->at, "%.*s is denied by %.*s wholly",
                         STR_FMT(lint_statement_name(l, inner)), STR_FMT(lint_statement_name(l, outer)));
            break;
        }
}
