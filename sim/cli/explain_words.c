/* explain_words.c - what an explanation says in sentences: the reason, one change, one line for all. */
#include "cli/explain.h"

#include <assert.h>
#include <inttypes.h>

#include "bench/text.h"
#include "policy/print.h"

static bool in_chain(decision_layer layer)
{
    return layer == LAYER_SCP || layer == LAYER_RCP;
}

/* The first Deny that matches there, and how many more do. */
static const statement_trace *ground_of(const explanation *x, decision d, uint32_t *more)
{
    const level_trace     *level = &x->layers[d.layer].levels[authz_explain_level(x, d)];
    const statement_trace *first = NULL;
    *more = 0;
    for (uint32_t i = 0; i < level->count; i++) {
        const statement_trace *t = &level->statements[i];
        if (t->outcome != STATEMENT_MATCHES || !t->in->statements[t->statement].deny) continue;
        if (first == NULL)
            first = t;
        else
            (*more)++;
    }
    return first;
}

/* `statement 2` or `statement 2 (KeepData)` */
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
                                        [LAYER_RESOURCE] = "resource's policy",
                                        [LAYER_IDENTITY] = "identity policy",
                                        [LAYER_BOUNDARY] = "permissions boundary",
                                        [LAYER_SESSION] = "session policy",
                                        [LAYER_ENDPOINT] = "endpoint policy"};
    return names[layer];
}

/* `service control policy keep-data`, `identity policy 2 of Application`, `resource policy` */
static str named(arena *a, const question *q, decision_layer layer, const char *kind, uint32_t level, uint32_t index)
{
    str name = question_policy(a, q, layer, level, index);
    if (layer == LAYER_RESOURCE || layer == LAYER_BOUNDARY || layer == LAYER_ENDPOINT) return str_of(kind);
    if (question_policy_id(q, layer, level, index).ptr == NULL) /* it is called `policy 2` */
        name = str_part(name, strlen("policy "), name.len - strlen("policy "));
    return arena_format(a, "%s %.*s", kind, STR_FMT(name));
}

/* `service control policy keep-data on OU Workloads/Prod, statement 1 (KeepData),` */
static str ground_words(arena *a, const explain_answer *w, decision d, uint32_t *more)
{
    const statement_trace *t = ground_of(w->x, d, more);
    decision_layer         layer = (decision_layer)d.layer;
    uint32_t               at = authz_explain_level(w->x, d);
    str                    name = named(a, w->q, layer, kind_name(layer), at, t->policy);
    str                    statement = statement_words(a, t), level = question_level(a, w->q, layer, at);
    if (!in_chain(layer)) return arena_format(a, "%.*s, %.*s,", STR_FMT(name), STR_FMT(statement));
    return arena_format(a, "%.*s on %.*s, %.*s,", STR_FMT(name), STR_FMT(level), STR_FMT(statement));
}

static str more_words(arena *a, uint32_t more)
{
    if (more == 0) return STR("");
    return arena_format(a, ", and so %s %" PRIu32 " more there", more == 1 ? "does" : "do", more);
}

static str explicit_reason(arena *a, const explain_answer *w)
{
    uint32_t more;
    str      ground = ground_words(a, w, w->x->decision, &more), others = more_words(a, more);
    return arena_format(a, "The %.*s denies it%.*s. A Deny wins over every Allow%s.", STR_FMT(ground), STR_FMT(others),
                        in_chain((decision_layer)w->x->decision.layer) ? ", whatever other levels say" : "");
}

/* AWS KMS Developer Guide, "Key policies in AWS KMS"; IAM User Guide, "Roles terms and concepts", trust policy. */
static str own_policy_reason(arena *a, const explain_answer *w)
{
    str  resource = w->q->c.request.resource;
    bool role = str_eq_nocase(str_part(w->q->c.request.action, 0, 4), STR("sts:"));
    bool none = w->q->policy_unknown || w->q->c.resource == NULL || w->q->c.resource->statement_count == 0;
    return arena_format(a,
                        role ? "Who may assume %.*s is for its trust policy to say, and %s."
                             : "Identity policies count for %.*s only as far as its key policy lets them, and %s.",
                        STR_FMT(resource), none ? "none is known" : "that does not allow it");
}

/* Why there is no grant: the first thing that is missing. */
static str grant_reason(arena *a, const explain_answer *w)
{
    const explanation *x = w->x;
    bool               by_identity =
        x->layers[LAYER_IDENTITY].presence == LAYER_APPLIES && x->layers[LAYER_IDENTITY].verdict == LEVEL_ALLOW;
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
    if (x->needs_resource && x->granted == REACH_NONE) return own_policy_reason(a, w);
    if (x->caller == CALLER_FEDERATED_USER && x->layers[LAYER_SESSION].presence == LAYER_ABSENT)
        return STR("A federated session without session policies may do what resources' policies allow, and none "
                   "does.");
    if (x->layers[LAYER_IDENTITY].presence == LAYER_ABSENT)
        return STR("Nothing allows it: the caller has no identity policy. What is not allowed is denied.");
    return STR("No identity policy of the caller allows it. What is not allowed is denied.");
}

static str implicit_reason(arena *a, const explain_answer *w, decision d)
{
    const explanation *x = w->x;
    decision_layer     layer = (decision_layer)d.layer;
    str                level = question_level(a, w->q, layer, authz_explain_level(x, d));
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
    default: return grant_reason(a, w);
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
        return STR("Identity policies and the policy of the other account's resource allow it, and nothing denies it.");
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
    return implicit_reason(a, w, w->x->decision);
}

str explain_obstacle(arena *a, const explain_answer *w, decision d)
{
    uint32_t more;
    if (d.kind == DECISION_EXPLICITLY_DENIED) {
        str ground = ground_words(a, w, d, &more);
        return arena_format(a, "the %.*s denies it%.*s", STR_FMT(ground), STR_FMT(more_words(a, more)));
    }
    if (d.layer == LAYER_SCP) {
        str level = question_level(a, w->q, LAYER_SCP, authz_explain_level(w->x, d));
        return arena_format(a, "no service control policy on %.*s allows it", STR_FMT(level));
    }
    str    reason = implicit_reason(a, w, d);
    size_t end = 0; /* of the first sentence; names have dots in them */
    while (end + 1 < reason.len && (reason.ptr[end] != '.' || reason.ptr[end + 1] != ' ')) end++;
    reason = str_part(reason, 0, end);
    char first = char_lower(reason.ptr[0]);
    return arena_format(a, "%c%.*s", first, (int)reason.len - 1, reason.ptr + 1);
}

/* ---- one change ---- */

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
    const char *kind = in_chain(e->layer) ? layer_name(e->layer) : kind_name(e->layer);
    str         name = named(a, q, e->layer, kind, e->level, e->policy);
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

str explain_edit_note(arena *a, const question *q, const remedy_edit *e)
{
    bool narrows = e->kind == REMEDY_NARROW, changes = narrows || e->kind == REMEDY_EXTEND || e->kind == REMEDY_DROP;
    uint32_t targets = changes && e->org_policy != ORG_NONE ? org_policy_target_count(q->view, e->org_policy) : 0;
    str      out = STR("");
    for (uint32_t i = 0; narrows && i < e->after->statement_count; i++) {
        str note = wildcard_note(a, &e->before->statements[i], &e->after->statements[i]);
        if (note.len > 0) out = arena_format(a, "%.*s%s%.*s", STR_FMT(out), out.len == 0 ? "" : "; ", STR_FMT(note));
    }
    if (targets > 1)
        out = arena_format(a, "%.*s%sthe policy is attached to %" PRIu32 " targets and changes for all of them",
                           STR_FMT(out), out.len == 0 ? "" : "; ", targets);
    return out;
}

str explain_carried(arena *a, const explain_answer *w)
{
    str out = STR("");
    for (uint32_t i = 0; i < w->carried_count; i++) {
        const request_key *k = &w->carried[i];
        const char        *before = i == 0 ? "" : i + 1 == w->carried_count ? " and " : ", ";
        out = arena_format(a, "%.*s%s%.*s=%.*s", STR_FMT(out), before, STR_FMT(k->key), STR_FMT(k->values[0]));
    }
    return out.len == 0 ? out : arena_format(a, "with %.*s in the request it is allowed", STR_FMT(out));
}

/* ---- notes ---- */

str explain_action_note(arena *a, const question *q)
{
    str    action = q->c.request.action;
    size_t colon = str_find(action, ':', 0);
    str    prefix = str_part(action, 0, colon);
    if (q->facts == NULL || catalog_action_find(q->facts, action) != CATALOG_NONE) return STR("");
    uint32_t index = catalog_service_find(q->facts, prefix);
    if (index == CATALOG_NONE || colon == action.len)
        return arena_format(a, "the catalogue of actions has no service %.*s: the action is taken as it stands",
                            STR_FMT(prefix));
    const catalog_service *service = catalog_service_at(q->facts, index);
    str                   *names = ARENA_NEW(a, str, service->action_count);
    for (uint32_t i = 0; i < service->action_count; i++)
        names[i] = catalog_action_at(q->facts, service->action_first + i)->name;
    str near = str_nearest(str_part(action, colon + 1, action.len - colon - 1), names, service->action_count);
    str hint =
        near.ptr == NULL ? STR("") : arena_format(a, "; is %.*s:%.*s meant?", STR_FMT(service->prefix), STR_FMT(near));
    return arena_format(a, "the catalogue of actions does not have %.*s: it is taken as it stands%.*s", STR_FMT(action),
                        STR_FMT(hint));
}

str explain_note(arena *a, const question *q, const diagnostic *d)
{
    static const char *const texts[] = {
        [DIAGNOSTIC_UNREADABLE_VALUE] = "cannot be read as the operator wants it, so its condition is false",
        [DIAGNOSTIC_UNRESOLVED_VARIABLE] = "has no value in this request",
        [DIAGNOSTIC_TAG_KEY_CASE] = "is asked for, and the request has it in two spellings",
        [DIAGNOSTIC_NO_SET_OPERATOR] = "may have several values, and the operator is none for sets: false",
        [DIAGNOSTIC_UNKNOWN_OPERATOR] = "is no condition operator, so the statement never matches",
        [DIAGNOSTIC_OLD_VARIABLE] = "is plain text: variables need \"Version\": \"2012-10-17\"",
        [DIAGNOSTIC_MISSING_KEY] = "is asked for, and the request does not have it"};
    str name = question_policy(a, q, d->layer, d->level, d->policy), what = d->what;
    str where =
        in_chain(d->layer) ? arena_format(a, " on %.*s", STR_FMT(question_level(a, q, d->layer, d->level))) : STR("");
    return arena_format(a, "%.*s%.*s, statement %" PRIu32 ": %.*s %s", STR_FMT(name), STR_FMT(where), d->statement + 1,
                        STR_FMT(what), texts[d->kind]);
}

/* ---- one line ---- */

/* JSON stands in backticks, so that what is to be copied ends where it ends. */
static str edit_line(arena *a, const question *q, const remedy *r, uint32_t index)
{
    const remedy_edit *e = &r->edits[index];
    str               *paste, out = explain_edit(a, q, r, index);
    uint32_t           count = explain_shows_paste(e) ? explain_paste(a, q, e, &paste) : 0;
    for (uint32_t i = 0; i < count; i++)
        out = arena_format(a, "%.*s%s `%.*s`", STR_FMT(out),
                           i > 0                   ? ","
                           : e->kind == REMEDY_ADD ? ":"
                           : count > 1             ? ", so that they read"
                                                   : ", so that it reads",
                           STR_FMT(paste[i]));
    return out;
}

str explain_line(arena *a, const explain_answer *w)
{
    str reason = explain_reason(a, w);
    str out = arena_format(a, "%s: %.*s", decision_name((decision_kind)w->x->decision.kind), STR_FMT(reason));
    str carried = explain_carried(a, w);
    if (carried.len > 0) out = arena_format(a, "%.*s W%.*s.", STR_FMT(out), (int)carried.len - 1, carried.ptr + 1);
    if (w->fixes != NULL && w->fixes->count > 0) {
        const remedy *r = &w->fixes->items[0];
        const char   *which = explain_is_wide(w->x, r) ? "Nothing narrower was found than:"
                              : carried.len > 0        ? "Smallest change of policies:"
                                                       : "Smallest change:";
        out = arena_format(a, "%.*s %s", STR_FMT(out), which);
        for (uint32_t i = 0; i < r->count; i++) {
            str edit = edit_line(a, w->q, r, i);
            out = arena_format(a, "%.*s%s %.*s", STR_FMT(out), i == 0 ? "" : "; and", STR_FMT(edit));
        }
        out = arena_format(a, "%.*s.", STR_FMT(out));
    } else if (w->fixes != NULL && w->obstacle_count > 0) {
        out = arena_format(a, "%.*s No change of up to three edits would allow it. In the way:", STR_FMT(out));
        for (uint32_t i = 0; i < w->obstacle_count; i++) {
            str obstacle = explain_obstacle(a, w, w->obstacles[i]);
            out = arena_format(a, "%.*s%s %.*s", STR_FMT(out), i == 0 ? "" : ";", STR_FMT(obstacle));
        }
        out = arena_format(a, "%.*s.", STR_FMT(out));
    }
    if (w->q->assumed.len > 0) out = arena_format(a, "%.*s Assumed: %.*s.", STR_FMT(out), STR_FMT(w->q->assumed));
    str note = explain_action_note(a, w->q);
    if (note.len > 0) out = arena_format(a, "%.*s Worth a look: %.*s", STR_FMT(out), STR_FMT(note));
    out = text_line(a, out, UINT32_MAX);
    return arena_format(a, "%.*s\n", STR_FMT(out));
}
