/* explain_edits.c - one edit of a change in words, with what is to be pasted and what is to be said of it. */
#include "cli/explain.h"

#include <assert.h>
#include <inttypes.h>

#include "policy/print.h"

static bool in_chain(decision_layer layer)
{
    return layer == LAYER_SCP || layer == LAYER_RCP;
}

/* ` on OU Workloads/Prod`; nothing of policies that are not of the organization */
static str where_words(arena *a, const question *q, const remedy_edit *e, const char *preposition)
{
    if (!in_chain(e->layer)) return STR("");
    str level = e->target.v != ORG_NONE ? question_target(a, q, e->target) : question_level(a, q, e->layer, e->level);
    return arena_format(a, " %s %.*s", preposition, STR_FMT(level));
}

/* `the SCP keep-data`, `identity policy 2`, `the resource policy` */
static str policy_words(arena *a, const question *q, const remedy_edit *e)
{
    if (e->org_policy != ORG_NONE) {
        str         name = org_policy_name(q->view, e->org_policy);
        const char *whose = org_policy_aws_managed(q->view, e->org_policy) ? "AWS's own " : "the ";
        return arena_format(a, "%s%s %.*s", whose, layer_name(e->layer), STR_FMT(name));
    }
    const char *kind = in_chain(e->layer) ? layer_name(e->layer) : explain_kind_name(e->layer);
    str         name = explain_policy_words(a, q, e->layer, kind, e->level, e->policy);
    bool        several = e->layer == LAYER_IDENTITY || e->layer == LAYER_SESSION;
    return arena_format(a, "%s%.*s", several ? "" : "the ", STR_FMT(name));
}

/* The condition that is new, or has a value more: `ArnNotLike aws:PrincipalArn arn:…`. */
static str exception_words(arena *a, const policy_statement *was, const policy_statement *is)
{
    for (uint32_t i = 0; i < is->clause_count; i++) {
        const policy_clause *c = &is->clauses[i];
        bool                 wider = false;
        for (uint32_t k = 0; k < was->clause_count; k++)
            wider = wider ||
                    (str_eq(was->clauses[k].name.text, c->name.text) && str_eq(was->clauses[k].key.text, c->key.text) &&
                     was->clauses[k].value_count == c->value_count);
        if (!wider)
            return arena_format(a, "%.*s %.*s %.*s", STR_FMT(c->name.text), STR_FMT(c->key.text),
                                STR_FMT(c->values[c->value_count - 1].text));
    }
    return STR("that spares it");
}

static bool statement_same(arena *a, const policy_statement *was, const policy_statement *is)
{
    return str_eq(policy_print_statement(a, was), policy_print_statement(a, is));
}

static bool has_action(const policy_statement *s, str action)
{
    for (uint32_t i = 0; i < s->action_count; i++)
        if (str_eq(s->actions[i].text, action)) return true;
    return false;
}

/* Patterns of one statement that the other has not. */
static str actions_but(arena *a, const policy_statement *s, const policy_statement *other)
{
    str out = STR("");
    for (uint32_t i = 0; i < s->action_count; i++)
        if (!has_action(other, s->actions[i].text))
            out = arena_format(a, "%.*s%s%.*s", STR_FMT(out), out.len == 0 ? "" : ", ", STR_FMT(s->actions[i].text));
    return out;
}

static str narrow_words(arena *a, const policy_statement *was, const policy_statement *is)
{
    str lost = actions_but(a, was, is), won = actions_but(a, is, was);
    if (is->not_action && !was->not_action)
        return arena_format(a, "Action * becomes NotAction %.*s", STR_FMT(is->actions[0].text));
    if (is->not_action) return arena_format(a, "NotAction names %.*s too", STR_FMT(won));
    if (won.len == 0) return arena_format(a, "%.*s is removed", STR_FMT(lost));
    return arena_format(a, "%.*s becomes %.*s", STR_FMT(lost), STR_FMT(won));
}

static str added_words(arena *a, const question *q, const remedy_edit *e)
{
    const char *effect = e->after->statements[e->statement].deny ? "denies" : "allows";
    str         where = where_words(a, q, e, "to"), whose;
    switch (e->layer) {
    case LAYER_SCP:
    case LAYER_RCP:
        return arena_format(a, "attach%.*s a new %s that %s it", STR_FMT(where), layer_name(e->layer), effect);
    case LAYER_RESOURCE:
        if (e->what == WHAT_ALL)
            return STR(
                "let the key's policy delegate to its account, so that identity policies count, with a statement");
        if (e->before == NULL && q->policy_unknown)
            return arena_format(a, "add to the resource's policy a statement that %s it", effect);
        if (e->before == NULL) return arena_format(a, "give the resource a policy that %s it", effect);
        break;
    default: break;
    }
    if (e->before == NULL)
        return arena_format(a, "%s that %s it",
                            e->layer == LAYER_SESSION ? "pass a session policy" : "give the caller a policy", effect);
    whose = policy_words(a, q, e);
    return arena_format(a, "add to %.*s a statement that %s it", STR_FMT(whose), effect);
}

uint32_t explain_changed(arena *a, const remedy *r, uint32_t index, uint32_t **out)
{
    const remedy_edit *e = &r->edits[index];
    bool               drops = e->kind == REMEDY_DROP,
         changes = drops || e->kind == REMEDY_EXCEPT || e->kind == REMEDY_EXTEND || e->kind == REMEDY_NARROW;
    uint32_t count = 0, kept = 0;
    *out = NULL;
    if (!changes) return 0;
    *out = ARENA_NEW(a, uint32_t, e->before->statement_count);
    for (uint32_t i = 0; i < e->before->statement_count; i++) {
        uint32_t at = drops ? kept : i;
        bool     same =
            at < e->after->statement_count && statement_same(a, &e->before->statements[i], &e->after->statements[at]);
        kept += same;
        if (!same) (*out)[count++] = i;
    }
    return count;
}

/* Of a statement that an edit finds: where it stood before edits of the same change took some away. */
static uint32_t number_of(arena *a, const remedy *r, uint32_t index, uint32_t statement)
{
    const policy *before = r->edits[index].before;
    while (index-- > 0) {
        const remedy_edit *e = &r->edits[index];
        uint32_t          *gone, count;
        if (e->after == NULL || e->after != before) continue;
        before = e->before;
        if (e->kind != REMEDY_DROP) continue;
        count = explain_changed(a, r, index, &gone);
        for (uint32_t i = 0; i < count && gone[i] <= statement; i++) statement++;
    }
    return statement + 1;
}

/* `statements 1, 2 (A) and 4` */
static str statements_words(arena *a, const remedy *r, uint32_t index, const uint32_t *changed, uint32_t count)
{
    str out = str_of(count == 1 ? "statement" : "statements");
    for (uint32_t i = 0; i < count; i++) {
        str         sid = r->edits[index].before->statements[changed[i]].sid.text;
        const char *before = i == 0 ? "" : i + 1 == count ? " and" : ",";
        out = arena_format(a, "%.*s%s %" PRIu32, STR_FMT(out), before, number_of(a, r, index, changed[i]));
        if (sid.ptr != NULL) out = arena_format(a, "%.*s (%.*s)", STR_FMT(out), STR_FMT(sid));
    }
    return out;
}

/* What becomes of the actions: said once where it is the same of all. */
static str narrowed_words(arena *a, const remedy *r, uint32_t index, const uint32_t *changed, uint32_t count)
{
    const remedy_edit *e = &r->edits[index];
    str                out = STR(""), first = STR("");
    bool               same = true;
    for (uint32_t i = 0; i < count; i++) {
        str what = narrow_words(a, &e->before->statements[changed[i]], &e->after->statements[changed[i]]);
        if (i == 0) first = what;
        same = same && str_eq(what, first);
        out = arena_format(a, "%.*s%sin %" PRIu32 " %.*s", STR_FMT(out), i == 0 ? "" : "; ",
                           number_of(a, r, index, changed[i]), STR_FMT(what));
    }
    return same ? first : out;
}

/* Every statement that reads otherwise then is named, as the change that was tried is of all of them. */
static str changed_words(arena *a, const remedy *r, uint32_t index, str whose)
{
    const remedy_edit *e = &r->edits[index];
    uint32_t          *changed, count = explain_changed(a, r, index, &changed);
    str                statements = statements_words(a, r, index, changed, count);
    statements = arena_format(a, "%.*s of %.*s", STR_FMT(statements), STR_FMT(whose));
    if (e->kind == REMEDY_DROP) return arena_format(a, "remove %.*s", STR_FMT(statements));
    assert(count > 0);
    const policy_statement *was = &e->before->statements[changed[0]], *is = &e->after->statements[changed[0]];
    if (e->kind == REMEDY_EXCEPT)
        return arena_format(a, "spare the caller in %.*s with the condition %.*s", STR_FMT(statements),
                            STR_FMT(exception_words(a, was, is)));
    if (e->kind == REMEDY_EXTEND)
        return arena_format(a, "add %.*s to %.*s", STR_FMT(is->actions[is->action_count - 1].text),
                            STR_FMT(statements));
    return arena_format(a, "leave the action out of %.*s: %.*s", STR_FMT(statements),
                        STR_FMT(narrowed_words(a, r, index, changed, count)));
}

str explain_edit(arena *a, const question *q, const remedy *r, uint32_t index)
{
    const remedy_edit *e = &r->edits[index];
    if (e->kind == REMEDY_MOVE) {
        str to = question_target(a, q, org_target_node(e->node)), name = org_account_name(q->view, q->account);
        return arena_format(a, "move account %.*s to %.*s", STR_FMT(name), STR_FMT(to));
    }
    if (e->kind == REMEDY_ADD) return added_words(a, q, e);
    str whose = policy_words(a, q, e);
    if (e->kind == REMEDY_ATTACH)
        return arena_format(a, "attach %.*s%.*s", STR_FMT(whose), STR_FMT(where_words(a, q, e, "to")));
    if (e->kind == REMEDY_DETACH)
        return arena_format(a, "%s %.*s%.*s", in_chain(e->layer) ? "detach" : "take away", STR_FMT(whose),
                            STR_FMT(where_words(a, q, e, "from")));
    whose = arena_format(a, "%.*s%.*s", STR_FMT(whose), STR_FMT(where_words(a, q, e, "on")));
    return changed_words(a, r, index, whose);
}

uint32_t explain_paste(arena *a, const question *q, const remedy_edit *e, str **out)
{
    bool     whole = e->kind == REMEDY_ADD && e->before == NULL && !(e->layer == LAYER_RESOURCE && q->policy_unknown);
    bool     changed = e->kind == REMEDY_EXCEPT || e->kind == REMEDY_EXTEND || e->kind == REMEDY_NARROW;
    uint32_t count = 0;
    *out = NULL;
    if (e->kind != REMEDY_ADD && !changed) return 0;
    *out = ARENA_NEW(a, str, e->after->statement_count + 1);
    if (whole) (*out)[count++] = e->text;
    for (uint32_t i = 0; i < e->after->statement_count && !whole; i++) {
        str is = policy_print_statement(a, &e->after->statements[i]);
        if (e->kind == REMEDY_ADD ? i == e->statement
                                  : !statement_same(a, &e->before->statements[i], &e->after->statements[i]))
            (*out)[count++] = is;
    }
    return count;
}

bool explain_shows_paste(const remedy_edit *e)
{
    return e->kind == REMEDY_ADD || e->layer == LAYER_RESOURCE;
}

static bool has_wildcard(str value)
{
    return str_find(value, '*', 0) < value.len || str_find(value, '?', 0) < value.len;
}

static str lost_wildcards(arena *a, const policy_statement *was, const policy_statement *is)
{
    str out = STR("");
    for (uint32_t i = 0; i < was->action_count && !is->not_action; i++) { /* NotAction still takes whatever comes */
        str value = was->actions[i].text;
        if (!has_wildcard(value) || has_action(is, value)) continue;
        out = arena_format(a, "%.*s%s%.*s", STR_FMT(out), out.len == 0 ? "" : ", ", STR_FMT(value));
    }
    return out;
}

static str wildcard_note(arena *a, const policy_statement *was, const policy_statement *is)
{
    str         lost = lost_wildcards(a, was, is);
    const char *effect = was->deny ? "denied" : "allowed";
    if (lost.len == 0) return lost;
    if (actions_but(a, is, was).len > 0)
        return arena_format(
            a, "%.*s gives way to the names that it takes today: what AWS adds to them later is no longer %s here",
            STR_FMT(lost), effect);
    return arena_format(a,
                        "%.*s goes as a whole, as it takes too many other actions to name them: none is %s here then",
                        STR_FMT(lost), effect);
}

static str joined(arena *a, str notes, str more)
{
    if (more.len == 0) return notes;
    return arena_format(a, "%.*s%s%.*s", STR_FMT(notes), notes.len == 0 ? "" : "; ", STR_FMT(more));
}

static bool is_everyone(const policy_statement *s)
{
    for (uint32_t i = 0; i < s->principal_count; i++)
        if (!s->not_principal && str_is(s->principals[i].value.text, "*")) return true;
    return s->not_principal;
}

static bool has_clause(const policy_statement *s, const policy_clause *c)
{
    for (uint32_t i = 0; i < s->clause_count; i++)
        if (str_eq(s->clauses[i].name.text, c->name.text) && str_eq(s->clauses[i].key.text, c->key.text)) return true;
    return false;
}

/* `it leaves out StringEquals sts:ExternalId, which statement 2 of the resource's policy asks for` */
static str unguarded_note(arena *a, const explain_answer *w, const remedy_edit *e)
{
    const layer_trace *layer = &w->x->layers[e->layer];
    str                out = STR("");
    if (e->level >= layer->level_count) return out;
    const level_trace *level = &layer->levels[e->level];
    for (uint32_t i = 0; i < level->count; i++) {
        const statement_trace  *t = &level->statements[i];
        const policy_statement *s = &t->in->statements[t->statement];
        if (s->deny || t->outcome != STATEMENT_CONDITION_FAILS) continue;
        str lost = STR("");
        for (uint32_t k = 0; k < s->clause_count; k++)
            if (!has_clause(&e->after->statements[e->statement], &s->clauses[k]))
                lost = arena_format(a, "%.*s%s%.*s %.*s", STR_FMT(lost), lost.len == 0 ? "" : ", ",
                                    STR_FMT(s->clauses[k].name.text), STR_FMT(s->clauses[k].key.text));
        str name = question_policy(a, w->q, e->layer, e->level, t->policy);
        out = joined(a, out,
                     arena_format(a, "it leaves out the condition %.*s that %.*s, %.*s, asks for", STR_FMT(lost),
                                  STR_FMT(name), STR_FMT(explain_statement_words(a, t))));
    }
    return out;
}

str explain_edit_warning(arena *a, const explain_answer *w, const remedy *r, uint32_t index)
{
    const remedy_edit *e = &r->edits[index];
    str                out = STR("");
    bool               moved = false;
    for (uint32_t i = 0; i < index; i++) moved = moved || r->edits[i].kind == REMEDY_MOVE;
    if (e->kind != REMEDY_ADD && e->kind != REMEDY_EXTEND) return out;
    const policy_statement *s = &e->after->statements[e->statement];
    if (s->deny) return out;
    if (e->kind == REMEDY_ADD && !moved) out = unguarded_note(a, w, e);
    if (e->layer == LAYER_RESOURCE && is_everyone(s))
        out = joined(a, out,
                     str_of(s->clause_count == 0 ? "it opens the resource to everybody, without credentials too"
                                                 : "it opens the resource to everybody who fulfils the condition"));
    return out;
}

str explain_edit_note(arena *a, const explain_answer *w, const remedy *r, uint32_t index)
{
    const remedy_edit *e = &r->edits[index];
    bool narrows = e->kind == REMEDY_NARROW, changes = narrows || e->kind == REMEDY_EXTEND || e->kind == REMEDY_DROP;
    uint32_t targets = changes && e->org_policy != ORG_NONE ? org_policy_target_count(w->q->view, e->org_policy) : 0;
    str      out = explain_edit_warning(a, w, r, index);
    for (uint32_t i = 0; narrows && i < e->after->statement_count; i++)
        out = joined(a, out, wildcard_note(a, &e->before->statements[i], &e->after->statements[i]));
    if (targets > 1)
        out = joined(
            a, out,
            arena_format(a, "the policy is attached to %" PRIu32 " targets and changes for all of them", targets));
    return out;
}
