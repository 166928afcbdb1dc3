/* explain_words.c - what an explanation says in sentences: the reason, notes, one line for all. */
#include "cli/explain.h"

#include <inttypes.h>

#include "bench/text.h"

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

str explain_statement_words(arena *a, const statement_trace *t)
{
    str sid = t->in->statements[t->statement].sid.text;
    if (sid.ptr == NULL) return arena_format(a, "statement %" PRIu32, t->statement + 1);
    return arena_format(a, "statement %" PRIu32 " (%.*s)", t->statement + 1, STR_FMT(sid));
}

/* ---- the reason ---- */

const char *explain_kind_name(decision_layer layer)
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

str explain_policy_words(arena *a, const question *q, decision_layer layer, const char *kind, uint32_t level,
                         uint32_t index)
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
    str                    name = explain_policy_words(a, w->q, layer, explain_kind_name(layer), at, t->policy);
    str                    statement = explain_statement_words(a, t), level = question_level(a, w->q, layer, at);
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
static str edit_line(arena *a, const explain_answer *w, const remedy *r, uint32_t index)
{
    const question    *q = w->q;
    const remedy_edit *e = &r->edits[index];
    str               *paste, out = explain_edit(a, q, r, index), warning = explain_edit_warning(a, w, r, index);
    uint32_t           count = explain_shows_paste(e) ? explain_paste(a, q, e, &paste) : 0;
    for (uint32_t i = 0; i < count; i++)
        out = arena_format(a, "%.*s%s `%.*s`", STR_FMT(out),
                           i > 0                   ? ","
                           : e->kind == REMEDY_ADD ? ":"
                           : count > 1             ? ", so that they read"
                                                   : ", so that it reads",
                           STR_FMT(paste[i]));
    if (warning.len > 0) out = arena_format(a, "%.*s (%.*s)", STR_FMT(out), STR_FMT(warning));
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
            str edit = edit_line(a, w, r, i);
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
    str     *odd;
    uint32_t odd_count = explain_unlikely(a, w->q, &odd);
    for (uint32_t i = 0; i < odd_count; i++)
        out = arena_format(a, "%.*s%s %.*s", STR_FMT(out), i == 0 ? " Worth a look:" : ";", STR_FMT(odd[i]));
    out = text_line(a, out, UINT32_MAX);
    return arena_format(a, "%.*s\n", STR_FMT(out));
}
