/* Actions: do they exist, does a pattern fit any, is anything said twice. */
#include "policy/lint_rules.h"

#include "policy/match.h"

typedef struct {
    str prefix, name;
} action_parts;

static action_parts parts_of(str action)
{
    size_t colon = str_find(action, ':', 0);
    if (colon == action.len) return (action_parts){{NULL, 0}, action};
    return (action_parts){str_part(action, 0, colon), str_part(action, colon + 1, action.len - colon - 1)};
}

static bool name_blank(str name)
{
    return name.len == 0 || str_find(name, ' ', 0) < name.len;
}

/* Once in a list: a service that is gone is seldom named by one action alone. */
static bool named_before(linter *l, const policy_statement *s, const lexeme *action, str prefix)
{
    for (const lexeme *earlier = s->actions; earlier < action; earlier++)
        if (!lint_work(l, 1) || str_eq_nocase(parts_of(earlier->text).prefix, prefix)) return true;
    return false;
}

static void service_unknown(linter *l, const lexeme *action, str prefix)
{
    uint32_t count = catalog_service_count(l->facts);
    arena    scratch = *l->a;
    str      near = {0};
    if (lint_work(l, (uint64_t)count * 64)) {
        str *names = ARENA_NEW(&scratch, str, count);
        for (uint32_t i = 0; i < count; i++) names[i] = catalog_service_at(l->facts, i)->prefix;
        near = str_nearest(prefix, names, count);
    }
    if (near.ptr != NULL)
        lint_add(l, LINT_SERVICE_UNKNOWN, action->at, "unknown service `%.*s` in `%.*s`, did you mean `%.*s`?",
                 LINT_FMT(prefix), LINT_FMT(action->text), LINT_FMT(near));
    else
        lint_add(l, LINT_SERVICE_UNKNOWN, action->at, "unknown service `%.*s` in `%.*s`", LINT_FMT(prefix),
                 LINT_FMT(action->text));
}

static void action_unknown(linter *l, const lexeme *action, const catalog_service *service, str name)
{
    arena scratch = *l->a;
    str   near = {0};
    if (lint_work(l, (uint64_t)service->action_count * 256)) {
        str *names = ARENA_NEW(&scratch, str, service->action_count);
        for (uint32_t i = 0; i < service->action_count; i++)
            names[i] = catalog_action_at(l->facts, service->action_first + i)->name;
        near = str_nearest(name, names, service->action_count);
    }
    if (near.ptr != NULL)
        lint_add(l, LINT_ACTION_UNKNOWN, action->at, "unknown action `%.*s`, did you mean `%.*s:%.*s`?",
                 LINT_FMT(action->text), LINT_FMT(service->prefix), LINT_FMT(near));
    else
        lint_add(l, LINT_ACTION_UNKNOWN, action->at, "unknown action `%.*s`", LINT_FMT(action->text));
}

/* Whether an action of the service fits; true too when there is no work left to find out. */
static bool any_fits(linter *l, const catalog_service *service, str pattern)
{
    for (uint32_t i = 0; i < service->action_count; i++) {
        str name = catalog_action_at(l->facts, service->action_first + i)->name;
        if (!lint_work(l, pattern.len + name.len) || match_action_name(pattern, name)) return true;
    }
    return false;
}

static void lint_action(linter *l, const policy_statement *in, const lexeme *action)
{
    str s = action->text;
    if (str_is(s, "*:*")) lint_add(l, LINT_ACTION_STARS, action->at, "action `*:*`, expected `*`");
    if (lint_action_everything(s)) return;
    action_parts parts = parts_of(s);
    uint32_t     known = catalog_service_find(l->facts, parts.prefix);
    if (name_blank(parts.name)) {
        lint_add(l, LINT_ACTION_BLANK, action->at, "action `%.*s` never matches: its name %s", LINT_FMT(s),
                 parts.name.len == 0 ? "is empty" : "holds a blank");
        return;
    }
    if (known == CATALOG_NONE) {
        if (!named_before(l, in, action, parts.prefix)) service_unknown(l, action, parts.prefix);
        return;
    }
    const catalog_service *service = catalog_service_at(l->facts, known);
    if (l->p->type == POLICY_RCP && !service->rcp)
        lint_add(l, LINT_RCP_SERVICE, action->at, "`%.*s`: service `%.*s` does not honour RCPs", LINT_FMT(s),
                 LINT_FMT(service->prefix));
    if (!lint_has_wildcard(parts.name)) {
        if (catalog_action_find(l->facts, s) == CATALOG_NONE) action_unknown(l, action, service, parts.name);
    } else if (!any_fits(l, service, parts.name)) {
        lint_add(l, LINT_ACTION_NOTHING, action->at, "no action of `%.*s` fits `%.*s`", LINT_FMT(service->prefix),
                 LINT_FMT(s));
    }
}

static bool covers(const lexeme *outer, const lexeme *inner, uint64_t *work)
{
    action_parts a = parts_of(outer->text), b = parts_of(inner->text);
    if (lint_action_everything(outer->text)) return true;
    (*work)++;
    return !lint_action_everything(inner->text) && str_eq_nocase(a.prefix, b.prefix) && !name_blank(a.name) &&
           !name_blank(b.name) && lint_glob_covers(a.name, b.name, true, work);
}

static void lint_covered(linter *l, const policy_statement *s)
{
    for (uint32_t i = 0; i < s->action_count; i++)
        for (uint32_t k = 0; k < s->action_count; k++) {
            if (!lint_work(l, 8)) return;
            if (i == k || str_eq_nocase(s->actions[i].text, s->actions[k].text)) continue;
            if (!covers(&s->actions[k], &s->actions[i], &l->work)) continue;
            /* Two that cover each other, such as `s3:*` and `s3:**`: the later one is the finding. */
            if (k > i && covers(&s->actions[i], &s->actions[k], &l->work)) continue;
            lint_add(l, LINT_COVERED_ENTRY, s->actions[i].at, "`%.*s` is covered by `%.*s`",
                     LINT_FMT(s->actions[i].text), LINT_FMT(s->actions[k].text));
            break;
        }
}

/* Conditions that speak of who calls, or of whose behalf. */
static bool spares_somebody(const policy_statement *s)
{
    static const str prefixes[] = {{"aws:Principal", 13},
                                   {"aws:userid", 10},
                                   {"aws:username", 12},
                                   {"aws:SourceIdentity", 18},
                                   {"aws:AssumedRoot", 15}};
    for (uint32_t i = 0; i < s->clause_count; i++)
        for (size_t k = 0; k < COUNTOF(prefixes); k++) {
            str key = s->clauses[i].key.text;
            if (key.len >= prefixes[k].len && str_eq_nocase(str_part(key, 0, prefixes[k].len), prefixes[k]))
                return true;
        }
    return false;
}

static bool open_to_all(const policy_statement *s)
{
    if (!s->has_principal) return true;
    for (uint32_t i = 0; i < s->principal_count; i++)
        if (!s->not_principal && str_is(s->principals[i].value.text, "*")) return true;
    return false;
}

void lint_actions(linter *l, const policy_statement *s)
{
    for (uint32_t i = 0; i < s->action_count; i++) lint_action(l, s, &s->actions[i]);
    lint_duplicates(l, s->actions, s->action_count, true, "action");
    lint_covered(l, s);
    if (!s->not_action) return;
    str name = lint_statement_name(l, s);
    if (!s->deny)
        lint_add(l, LINT_ALLOW_NOT_ACTION, s->at, "%.*s allows all but the actions it lists", LINT_FMT(name));
    else if (s->clause_count == 0 && open_to_all(s) && !s->not_resource &&
             (!s->has_resource || lint_only_stars(s->resources[0].text)))
        lint_add(l, LINT_DENY_NOT_ACTION, s->at, "%.*s denies everybody all but the actions it lists", LINT_FMT(name));
    else if (s->clause_count > 0 && open_to_all(s) && !spares_somebody(s))
        lint_add(l, LINT_DENY_NOT_ACTION_PRINCIPAL, s->at, "%.*s denies all but the actions it lists and spares nobody",
                 LINT_FMT(name));
}
