/* explain_words.c - what an explanation says in sentences: the reason, one change, one line for all. */
#include "cli/explain.h"

#include <inttypes.h>

#include "bench/text.h"

static str clause_words(arena *a, const question *q, const policy_clause *c)
{
    (void)q;
    str values = c->value_count > 0 ? c->values[0].text : STR("nothing");
    for (uint32_t i = 1; i < c->value_count; i++)
        values = arena_format(a, "%.*s, %.*s", STR_FMT(values), STR_FMT(c->values[i].text));
    return arena_format(a, "%.*s %.*s %.*s", STR_FMT(c->name.text), STR_FMT(c->key.text), STR_FMT(values));
}

static bool in_chain(decision_layer layer)
{
    return layer == LAYER_SCP || layer == LAYER_RCP;
}

const statement_trace *explain_decisive(const explanation *x)
{
    if (x->decision.kind != DECISION_EXPLICITLY_DENIED) return NULL;
    const layer_trace *layer = &x->layers[x->decision.layer];
    const level_trace *level = &layer->levels[in_chain((decision_layer)x->decision.layer) ? x->decision.level : 0];
    for (uint32_t i = 0; i < level->count; i++) {
        const statement_trace *t = &level->statements[i];
        if (t->outcome == STATEMENT_MATCHES && t->in->statements[t->statement].deny) return t;
    }
    return NULL;
}

/* `statement 2` or `statement 2 "KeepData"` */
static str statement_words(arena *a, const statement_trace *t)
{
    str sid = t->in->statements[t->statement].sid.text;
    if (sid.ptr == NULL) return arena_format(a, "statement %" PRIu32, t->statement + 1);
    return arena_format(a, "statement %" PRIu32 " (%.*s)", t->statement + 1, STR_FMT(sid));
}

/* ---- the reason ---- */

static const char *kind_name(decision_layer layer)
{
    static const char *const names[] = {[LAYER_NONE] = "nothing",
                                        [LAYER_SCP] = "service control policy",
                                        [LAYER_RCP] = "resource control policy",
                                        [LAYER_RESOURCE] = "resource policy",
                                        [LAYER_IDENTITY] = "identity policy",
                                        [LAYER_BOUNDARY] = "permissions boundary",
                                        [LAYER_SESSION] = "session policy",
                                        [LAYER_ENDPOINT] = "endpoint policy"};
    return names[layer];
}

static str explicit_reason(arena *a, const explain_answer *w)
{
    const explanation     *x = w->x;
    const statement_trace *t = explain_decisive(x);
    decision_layer         layer = (decision_layer)x->decision.layer;
    str                    name = question_policy(a, w->q, layer, x->decision.level, t->policy);
    str                    statement = statement_words(a, t), level = question_level(a, w->q, layer, x->decision.level);
    if (!in_chain(layer))
        return arena_format(a, "%s, %.*s denies it. A Deny wins over every Allow.",
                            layer == LAYER_IDENTITY || layer == LAYER_SESSION
                                ? arena_format(a, "The %s %.*s", kind_name(layer), STR_FMT(name)).ptr
                                : arena_format(a, "The %s", kind_name(layer)).ptr,
                            STR_FMT(statement));
    return arena_format(
        a, "The %s %.*s on %.*s, %.*s, denies it. A Deny wins over every Allow, whatever other levels say.",
        kind_name(layer), STR_FMT(name), STR_FMT(level), STR_FMT(statement));
}

/* Why there is no grant: the first thing that is missing. */
static str grant_reason(arena *a, const explanation *x)
{
    bool by_identity =
        x->layers[LAYER_IDENTITY].presence == LAYER_APPLIES && x->layers[LAYER_IDENTITY].verdict == LEVEL_ALLOW;
    (void)a;
    if (x->caller < CALLER_ROOT || x->caller == CALLER_PROVIDER)
        return STR("Nothing allows it: only a policy of the resource can let this caller in, and none does.");
    if (!x->same_account && x->granted == REACH_NONE)
        return by_identity || x->caller == CALLER_ROOT
                   ? STR("The resource is of another account, whose policy on it has to allow the caller too; it does "
                         "not.")
                   : STR("The resource is of another account: both the caller's identity policies and the resource's "
                         "policy have to allow it, and neither does.");
    if (!x->same_account)
        return STR("The resource's policy would let the caller in, but the caller's own identity policies do not "
                   "allow it, which another account's resource needs as well.");
    if (x->needs_resource && x->granted == REACH_NONE)
        return STR("A key or role counts identity policies only where its own policy lets it, and that does not.");
    if (x->caller == CALLER_FEDERATED_USER && x->layers[LAYER_SESSION].presence == LAYER_ABSENT)
        return STR("A federated session without session policies may do what resources' policies allow, and none "
                   "does.");
    if (x->layers[LAYER_IDENTITY].presence == LAYER_ABSENT)
        return STR("Nothing allows it: the caller has no identity policy. What is not allowed is denied.");
    return STR("No identity policy of the caller allows it. What is not allowed is denied.");
}

static str implicit_reason(arena *a, const explain_answer *w)
{
    const explanation *x = w->x;
    decision_layer     layer = (decision_layer)x->decision.layer;
    str                level = question_level(a, w->q, layer, x->decision.level);
    switch (layer) {
    case LAYER_SCP:
        return arena_format(a,
                            "No service control policy on %.*s allows it. Every level from the root to the account "
                            "needs an Allow of its own.",
                            STR_FMT(level));
    case LAYER_ENDPOINT: return STR("The policy of the VPC endpoint that the request came through does not allow it.");
    case LAYER_BOUNDARY:
        return STR(
            "The permissions boundary does not allow it. It grants nothing, and caps what other policies grant.");
    case LAYER_SESSION:
        return STR("No session policy allows it. They grant nothing, and cap what other policies grant.");
    default: return grant_reason(a, x);
    }
}

static str allowed_reason(arena *a, const explain_answer *w)
{
    const explanation *x = w->x;
    (void)a;
    if (str_eq_nocase(w->q->c.request.action, STR("sts:GetCallerIdentity")))
        return STR("sts:GetCallerIdentity needs no permission; no policy takes it away.");
    if (x->caller == CALLER_ROOT) return STR("The root user may do everything that no policy of others denies.");
    if (x->caller < CALLER_ROOT || x->caller == CALLER_PROVIDER)
        return STR("The resource's policy lets the caller in, and nothing denies it.");
    if (!x->same_account)
        return STR("Identity policies and the other account's resource policy allow it, and nothing denies it.");
    if (x->granted == REACH_DIRECT || (x->granted == REACH_CAPPED && x->layers[LAYER_IDENTITY].verdict != LEVEL_ALLOW))
        return STR("The resource's policy grants it to the caller, and nothing denies it.");
    return STR("An identity policy allows it, every other layer lets it through, and nothing denies it.");
}

str explain_reason(arena *a, const explain_answer *w)
{
    switch ((decision_kind)w->x->decision.kind) {
    case DECISION_ALLOWED: return allowed_reason(a, w);
    case DECISION_EXPLICITLY_DENIED: return explicit_reason(a, w);
    case DECISION_IMPLICITLY_DENIED: break;
    }
    return implicit_reason(a, w);
}

/* ---- one change ---- */

static str place_words(arena *a, const question *q, const remedy_edit *e)
{
    if (!in_chain(e->layer)) return STR("");
    str level = question_level(a, q, e->layer, e->level);
    return arena_format(a, " on %.*s", STR_FMT(level));
}

/* `the SCP keep-data`, `identity policy 2`, `the bucket's policy` */
static str policy_words(arena *a, const question *q, const remedy_edit *e)
{
    str name = e->org_policy != ORG_NONE ? org_policy_name(q->view, e->org_policy)
                                         : question_policy(a, q, e->layer, e->level, e->policy);
    if (in_chain(e->layer)) return arena_format(a, "the %s %.*s", layer_name(e->layer), STR_FMT(name));
    if (e->layer == LAYER_IDENTITY || e->layer == LAYER_SESSION)
        return arena_format(a, "%s %.*s", layer_name(e->layer), STR_FMT(name));
    return name;
}

/* The clause or patterns that make the difference. */
static str change_words(arena *a, const question *q, const remedy_edit *e)
{
    const policy_statement *was = e->before == NULL ? NULL : &e->before->statements[e->statement];
    const policy_statement *is = &e->after->statements[e->statement];
    if (e->kind == REMEDY_EXCEPT) {
        for (uint32_t i = 0; i < is->clause_count; i++)
            if (i >= was->clause_count || is->clauses[i].value_count > was->clauses[i].value_count)
                return clause_words(a, q, &is->clauses[i]);
    }
    if (is->not_action && !was->not_action)
        return arena_format(a, "NotAction %.*s", STR_FMT(is->actions[is->action_count - 1].text));
    if (is->not_action)
        return arena_format(a, "%.*s added to NotAction", STR_FMT(is->actions[is->action_count - 1].text));
    str out = STR("Action");
    for (uint32_t i = 0; i < is->action_count; i++)
        out = arena_format(a, "%.*s%s%.*s", STR_FMT(out), i == 0 ? " " : ", ", STR_FMT(is->actions[i].text));
    return out;
}

str explain_edit(arena *a, const question *q, const remedy_edit *e)
{
    str where = place_words(a, q, e), whose, what;
    if (e->kind == REMEDY_MOVE) {
        str to = question_node(a, q, e->node), name = org_account_name(q->view, q->account);
        return arena_format(a, "move the account %.*s to %.*s", STR_FMT(name), STR_FMT(to));
    }
    if (e->before == NULL)
        return arena_format(a, "%s %s %s%.*s: %.*s", in_chain(e->layer) ? "attach a new" : "give a new",
                            kind_name(e->layer), e->after->statements[0].deny ? "that denies it" : "that allows it",
                            STR_FMT(where), STR_FMT(e->text));
    whose = policy_words(a, q, e);
    switch (e->kind) {
    case REMEDY_ADD:
        return arena_format(a, "add a statement to %.*s that %s it", STR_FMT(whose),
                            e->after->statements[e->statement].deny ? "denies" : "allows");
    case REMEDY_DROP:
        return arena_format(a, "take statement %" PRIu32 " out of %.*s%.*s", e->statement + 1, STR_FMT(whose),
                            STR_FMT(where));
    case REMEDY_DETACH:
        return arena_format(a, "%s %.*s%.*s", in_chain(e->layer) ? "detach" : "take away", STR_FMT(whose),
                            STR_FMT(where));
    default: what = change_words(a, q, e); break;
    }
    const char *verb = e->kind == REMEDY_EXCEPT   ? "spare this caller in"
                       : e->kind == REMEDY_EXTEND ? "allow the action too in"
                                                  : "take the action out of";
    return arena_format(a, "%s %.*s%.*s, statement %" PRIu32 ": %.*s", verb, STR_FMT(whose), STR_FMT(where),
                        e->statement + 1, STR_FMT(what));
}

/* ---- one line ---- */

str explain_line(arena *a, const explain_answer *w)
{
    str reason = explain_reason(a, w);
    str out = arena_format(a, "%s: %.*s", decision_name((decision_kind)w->x->decision.kind), STR_FMT(reason));
    if (w->fixes->count > 0) {
        const remedy *r = &w->fixes->items[0];
        out = arena_format(a, "%.*s Smallest change:", STR_FMT(out));
        for (uint32_t i = 0; i < r->count; i++) {
            str edit = explain_edit(a, w->q, &r->edits[i]);
            out = arena_format(a, "%.*s%s %.*s", STR_FMT(out), i == 0 ? "" : "; and", STR_FMT(edit));
        }
        out = arena_format(a, "%.*s.", STR_FMT(out));
    }
    out = text_line(a, out, UINT32_MAX);
    return arena_format(a, "%.*s\n", STR_FMT(out));
}
