/* explain_text.c - an explanation as a page: the decision, each layer and level, and what would turn it. */
#include "cli/explain.h"

#include <inttypes.h>

#include "bench/text.h"
#include "cli/page.h"
#include "policy/match.h"

#define NAME_COLUMNS     22u /* of a level's name, where there is room for a table; wider where names are */
#define NAME_COLUMNS_MAX 34u /* … with longer ones there is no table */
#define PATTERNS_MAX     6u  /* of a list, for one that does not match              */

typedef struct {
    page                 *p;
    arena                *a;
    const explain_answer *w;
    const question       *q;
    const explanation    *x;
} writer;

static bool in_chain(decision_layer layer)
{
    return layer == LAYER_SCP || layer == LAYER_RCP;
}

/* ---- one statement ---- */

static str list_words(arena *a, const lexeme *items, uint32_t count, uint32_t most)
{
    str out = STR("");
    for (uint32_t i = 0; i < count && i < most; i++)
        out = arena_format(a, "%.*s%s%.*s", STR_FMT(out), i == 0 ? "" : ", ", STR_FMT(items[i].text));
    return count > most ? arena_format(a, "%.*s and %" PRIu32 " more", STR_FMT(out), count - most) : out;
}

static str request_values(arena *a, const request *q, str key)
{
    const request_key *k = request_key_find(q, key);
    str                out = STR("");
    if (k == NULL) return STR("absent");
    if (k->value_count == 0) return STR("an empty list");
    for (uint32_t i = 0; i < k->value_count; i++)
        out = arena_format(a, "%.*s%s%.*s", STR_FMT(out), i == 0 ? "" : ", ", STR_FMT(k->values[i]));
    return out.len == 0 ? STR("empty text") : out;
}

static void put_clause(const writer *w, const policy_clause *c, bool holds)
{
    str values = list_words(w->a, c->values, c->value_count, 20);
    str has = request_values(w->a, &w->q->c.request, c->key.text);
    page_put(w->p, "      condition ", 16, STYLE_PLAIN,
             arena_format(w->a, "%.*s %.*s %s", STR_FMT(c->name.text), STR_FMT(c->key.text),
                          holds ? "holds" : "does not hold"));
    page_put(w->p, "        policy  ", 16, STYLE_PLAIN, values);
    page_put(w->p, "        request ", 16, STYLE_PLAIN, has);
}

static void put_element(const writer *w, const char *first, const lexeme *items, uint32_t count, uint32_t index,
                        bool negated, str asked)
{
    if (index != EXPLAIN_NONE && !negated)
        page_put(w->p, first, 16, STYLE_PLAIN,
                 arena_format(w->a, "%.*s takes %.*s", STR_FMT(items[index].text), STR_FMT(asked)));
    else
        page_put(w->p, first, 16, STYLE_PLAIN,
                 arena_format(w->a, "all but %.*s", STR_FMT(list_words(w->a, items, count, PATTERNS_MAX))));
}

/* Everything that made it match. */
static void put_match(const writer *w, const statement_trace *t)
{
    const policy_statement *s = &t->in->statements[t->statement];
    const request          *q = &w->q->c.request;
    put_element(w, "      action    ", s->actions, s->action_count, t->action, s->not_action, q->action);
    if (s->has_principal) page_put(w->p, "      principal ", 16, STYLE_PLAIN, STR("reaches the caller"));
    if (s->has_resource)
        put_element(w, "      resource  ", s->resources, s->resource_count, t->resource, s->not_resource, q->resource);
    for (uint32_t i = 0; i < s->clause_count; i++) put_clause(w, &s->clauses[i], true);
}

/* `keep-data, statement 1 (KeepData)` */
static str statement_name(const writer *w, decision_layer layer, uint32_t level, const statement_trace *t)
{
    str name = question_policy(w->a, w->q, layer, level, t->policy), sid = t->in->statements[t->statement].sid.text;
    if (sid.ptr == NULL) return arena_format(w->a, "%.*s, statement %" PRIu32, STR_FMT(name), t->statement + 1);
    return arena_format(w->a, "%.*s, statement %" PRIu32 " (%.*s)", STR_FMT(name), t->statement + 1, STR_FMT(sid));
}

static str miss_words(const writer *w, const statement_trace *t)
{
    const policy_statement *s = &t->in->statements[t->statement];
    arena                  *a = w->a;
    switch (t->outcome) {
    case STATEMENT_OTHER_ACTION:
        if (s->not_action)
            return arena_format(a, "leaves the action out: NotAction %.*s", STR_FMT(s->actions[t->action].text));
        return arena_format(a, "other actions: %.*s",
                            STR_FMT(list_words(a, s->actions, s->action_count, PATTERNS_MAX)));
    case STATEMENT_OTHER_PRINCIPAL: return STR("other principals");
    case STATEMENT_OTHER_RESOURCE:
        if (s->not_resource)
            return arena_format(a, "leaves the resource out: NotResource %.*s",
                                STR_FMT(s->resources[t->resource].text));
        return arena_format(a, "other resources: %.*s",
                            STR_FMT(list_words(a, s->resources, s->resource_count, PATTERNS_MAX)));
    case STATEMENT_CONDITION_FAILS: return STR("a condition does not hold");
    case STATEMENT_MATCHES: break;
    }
    return STR("matches");
}

static void put_statement(const writer *w, decision_layer layer, uint32_t level, const statement_trace *t)
{
    const policy_statement *s = &t->in->statements[t->statement];
    page_style              style = STYLE_DIM;
    if (t->outcome == STATEMENT_MATCHES) style = s->deny ? STYLE_BAD : STYLE_GOOD;
    page_put(w->p, "    ", 6, style,
             arena_format(w->a, "%.*s: %s, %.*s", STR_FMT(statement_name(w, layer, level, t)),
                          s->deny ? "Deny" : "Allow", STR_FMT(miss_words(w, t))));
    if (t->outcome == STATEMENT_MATCHES) put_match(w, t);
    if (t->outcome == STATEMENT_CONDITION_FAILS) put_clause(w, &s->clauses[t->clause], false);
}

/* ---- levels and layers ---- */

/* The first that matches with the effect that the level's verdict rests on. */
static const statement_trace *ground_of(const level_trace *level)
{
    for (uint32_t i = 0; i < level->count; i++) {
        const statement_trace *t = &level->statements[i];
        bool                   deny = t->in->statements[t->statement].deny;
        if (t->outcome == STATEMENT_MATCHES && deny == (level->verdict == LEVEL_EXPLICIT)) return t;
    }
    return NULL;
}

/* Where nothing grants: whether it is this layer that would have to. */
static bool owes_grant(const writer *w, decision_layer layer)
{
    const explanation *x = w->x;
    bool               in_account = x->caller >= CALLER_ROOT && x->caller <= CALLER_FEDERATED_USER;
    bool               by_identity = x->caller == CALLER_ROOT || (x->layers[LAYER_IDENTITY].presence == LAYER_APPLIES &&
                                                    x->layers[LAYER_IDENTITY].verdict == LEVEL_ALLOW);
    if (layer == LAYER_IDENTITY) return in_account && !by_identity;
    return layer == LAYER_RESOURCE && x->granted == REACH_NONE &&
           (!in_account || !x->same_account || x->needs_resource ||
            (by_identity && x->caller == CALLER_FEDERATED_USER));
}

static bool is_decisive(const writer *w, decision_layer layer, uint32_t level)
{
    decision d = w->x->decision;
    if (d.kind == DECISION_IMPLICITLY_DENIED && d.layer == LAYER_IDENTITY) return owes_grant(w, layer);
    if (d.layer != layer || d.kind == DECISION_ALLOWED) return false;
    return !in_chain(layer) || authz_explain_level(w->x, d) == level;
}

static bool may_allow(const level_trace *level)
{
    for (uint32_t i = 0; i < level->count; i++)
        if (!level->statements[i].in->statements[level->statements[i].statement].deny) return true;
    return false;
}

static str policy_names(const writer *w, decision_layer layer, uint32_t i, const level_trace *level)
{
    str out = STR("");
    for (uint32_t k = 0; k < level->count; k++) {
        if (k > 0 && level->statements[k].policy == level->statements[k - 1].policy) continue;
        str name = question_policy(w->a, w->q, layer, i, level->statements[k].policy);
        out = arena_format(w->a, "%.*s%s%.*s", STR_FMT(out), k == 0 ? "" : ", ", STR_FMT(name));
    }
    return out;
}

static const char *absent_words(const writer *w, decision_layer layer)
{
    bool known = w->q->view != NULL;
    switch (layer) {
    case LAYER_SCP:
        if (known && w->q->account == ORG_NONE)
            return caller_read(w->q->c.request.principal).account.len > 0
                       ? "the caller's account is not in the organization"
                       : "the caller is of no account";
        if (known && w->q->account == ORG_MANAGEMENT) return "they do not bind the management account";
        return known ? "the organization has not enabled them" : "none in the case";
    case LAYER_RCP:
        if (known && w->q->owner == ORG_NONE) return "the resource's account is not in the organization";
        if (known && w->q->owner == ORG_MANAGEMENT) return "they do not bind the management account's resources";
        return known ? "the organization has not enabled them" : "none in the case";
    case LAYER_RESOURCE: return w->q->policy_unknown ? "not known, and taken to be none" : "the resource has none";
    case LAYER_BOUNDARY: return "none is set";
    case LAYER_SESSION: return "none was passed";
    case LAYER_ENDPOINT: return "the request came through no endpoint";
    default: return "the caller has none";
    }
}

/* Of the names of a layer's levels, and a space. */
static uint32_t name_columns(const writer *w, decision_layer layer)
{
    uint32_t most = NAME_COLUMNS;
    for (uint32_t i = 0; in_chain(layer) && i < w->x->layers[layer].level_count; i++) {
        uint32_t wide = text_columns(question_level(w->a, w->q, layer, i)) + 1;
        if (wide > most) most = wide;
    }
    return most;
}

static void put_level(const writer *w, decision_layer layer, uint32_t i, const level_trace *level)
{
    static const char *const verdicts[] = {
        [LEVEL_IMPLICIT] = "no Allow", [LEVEL_ALLOW] = "Allow", [LEVEL_EXPLICIT] = "DENY"};
    bool                   decisive = is_decisive(w, layer, i);
    const statement_trace *ground = ground_of(level);
    str                    name = question_level(w->a, w->q, layer, i), by = STR("");
    page_style             style = level->verdict == LEVEL_ALLOW ? STYLE_GOOD : STYLE_BAD;
    const char            *word = verdicts[level->verdict];
    if (layer == LAYER_RCP && level->verdict == LEVEL_IMPLICIT) word = "passes", style = STYLE_GOOD;
    if (layer == LAYER_RESOURCE && level->verdict == LEVEL_IMPLICIT) style = STYLE_DIM;
    if (ground != NULL) by = statement_name(w, layer, i, ground);
    uint32_t most = w->p->columns >= 60 ? name_columns(w, layer) : UINT32_MAX;
    bool     table = most <= NAME_COLUMNS_MAX; /* else there is no room for one */
    str      what = str_of(word);
    if (by.len > 0) what = arena_format(w->a, table ? "%-8s %.*s" : "%s, %.*s", word, STR_FMT(by));
    str first = decisive ? STR("> ") : STR("  ");
    if (in_chain(layer) && table)
        first = arena_format(w->a, "%.*s%.*s%*s", STR_FMT(first), STR_FMT(name), (int)(most - text_columns(name)), "");
    else if (in_chain(layer) && text_columns(name) + 14 <= w->p->columns)
        first = arena_format(w->a, "%.*s%.*s: ", STR_FMT(first), STR_FMT(name));
    else if (in_chain(layer)) /* too long for what is not wrapped */
        what = arena_format(w->a, "%.*s: %.*s", STR_FMT(name), STR_FMT(what));
    page_put(w->p, first.ptr, 4, style, what);
    /* A level without an Allow stands in the way, whether it is the topmost or not. */
    bool lacks = level->verdict == LEVEL_IMPLICIT &&
                 (decisive || (layer == LAYER_SCP && w->x->decision.kind != DECISION_ALLOWED));
    for (uint32_t k = 0; k < level->count; k++) {
        const statement_trace *t = &level->statements[k];
        bool                   deny = t->in->statements[t->statement].deny;
        if (w->w->all || (lacks && !deny) || (decisive && t->outcome == STATEMENT_MATCHES && deny))
            put_statement(w, layer, i, t);
    }
    if (lacks && level->count > 0 && !may_allow(level))
        page_put(
            w->p, "    ", 4, STYLE_PLAIN,
            arena_format(w->a, "attached here, without any Allow: %.*s", STR_FMT(policy_names(w, layer, i, level))));
    if (level->count == 0 && lacks)
        page_put(w->p, "    ", 4, STYLE_PLAIN,
                 str_of(in_chain(layer)                                   ? "nothing is attached here"
                        : layer == LAYER_RESOURCE && w->q->policy_unknown ? absent_words(w, layer)
                                                                          : "it has no statement"));
}

static const char *presence_words(const writer *w, decision_layer layer, layer_presence presence)
{
    switch (presence) {
    case LAYER_APPLIES: break;
    case LAYER_ABSENT: return absent_words(w, layer);
    case LAYER_NOT_IN_ACCOUNT: return "the caller is no user or role of an account";
    case LAYER_SERVICE_LINKED: return "service-linked roles are not restricted";
    case LAYER_MANAGEMENT:
        return layer == LAYER_SCP ? "they do not bind the management account"
                                  : "they do not bind the management account's resources";
    case LAYER_OTHER_SERVICE: return "the service does not honour them";
    case LAYER_NOT_RESTRICTED: return "not restricted: a key that AWS manages, or kms:RetireGrant";
    case LAYER_ROOT_USER: return "the root user has an implicit Allow instead";
    case LAYER_NOTHING_NEEDED: return "nothing is needed for sts:GetCallerIdentity";
    }
    return "";
}

static const struct {
    decision_layer layer;
    const char    *title, *rule;
} titles[] = {
    {LAYER_SCP, "Service control policies", "every level needs an Allow, a Deny anywhere wins"},
    {LAYER_RCP, "Resource control policies", "a Deny at any level of the resource's account wins"},
    {LAYER_IDENTITY, "Identity policies", "one has to allow, unless the resource's policy grants"},
    {LAYER_RESOURCE, "Policy of the resource", "may grant in its own account, has to across accounts"},
    {LAYER_BOUNDARY, "Permissions boundary", "caps what is granted"},
    {LAYER_SESSION, "Session policies", "cap what is granted"},
    {LAYER_ENDPOINT, "Endpoint policy", "has to allow"},
};

/* What is missing and would have to allow is in play as well. */
static bool in_play(const writer *w, decision_layer layer)
{
    return w->x->layers[layer].presence == LAYER_APPLIES || is_decisive(w, layer, 0);
}

static void put_layers(const writer *w)
{
    for (size_t i = 0; i < COUNTOF(titles); i++) {
        const layer_trace *layer = &w->x->layers[titles[i].layer];
        if (!in_play(w, titles[i].layer)) continue;
        bool own = titles[i].layer == LAYER_RESOURCE && w->x->needs_resource;
        page_put(
            w->p, "", 2, STYLE_BOLD,
            arena_format(w->a, "%s: %s", titles[i].title, own ? "of a key or role it has to allow" : titles[i].rule));
        for (uint32_t k = 0; k < layer->level_count; k++) put_level(w, titles[i].layer, k, &layer->levels[k]);
        if (layer->presence == LAYER_APPLIES) continue;
        page_put(w->p, "> ", 4, STYLE_BAD, STR("no Allow"));
        page_put(w->p, "    ", 4, STYLE_PLAIN, str_of(presence_words(w, titles[i].layer, layer->presence)));
    }
    page_put(w->p, "", 2, STYLE_BOLD, STR("Not in play"));
    for (size_t i = 0; i < COUNTOF(titles); i++) {
        const layer_trace *layer = &w->x->layers[titles[i].layer];
        if (in_play(w, titles[i].layer)) continue;
        page_put(w->p, "  ", 4, STYLE_DIM,
                 arena_format(w->a, "%s: %s", titles[i].title, presence_words(w, titles[i].layer, layer->presence)));
    }
}

static void put_notes(const writer *w)
{
    str     *odd;
    uint32_t odd_count = explain_unlikely(w->a, w->q, &odd);
    if (w->w->note_count + odd_count == 0) return;
    page_put(w->p, "", 2, STYLE_BOLD, STR("Worth a look"));
    for (uint32_t i = 0; i < odd_count; i++) page_put(w->p, "  ", 4, STYLE_PLAIN, odd[i]);
    for (uint32_t i = 0; i < w->w->note_count; i++)
        page_put(w->p, "  ", 4, STYLE_PLAIN, explain_note(w->a, w->q, &w->w->notes[i]));
}

/* ---- what would turn it ---- */

static void put_blast(const writer *w, const blast_radius *b)
{
    if (!b->measured) {
        page_put(w->p, "     ", 5, STYLE_DIM,
                 b->refused != NULL ? arena_format(w->a, "%s: %s", b->refused, b->detail)
                                    : arena_format(w->a, "not counted: %s", b->why));
        return;
    }
    str turned = text_count(w->a, b->allowed + b->denied), of = text_count(w->a, b->requests);
    str allowed = text_count(w->a, b->allowed), denied = text_count(w->a, b->denied);
    page_put(w->p, "     ", 5, STYLE_DIM,
             b->allowed + b->denied == 0
                 ? arena_format(w->a, "changes the answer to none of %.*s requests", STR_FMT(of))
                 : arena_format(w->a, "changes the answer to %.*s of %.*s requests: %.*s %s allowed, %.*s denied",
                                STR_FMT(turned), STR_FMT(of), STR_FMT(allowed), b->allowed == 1 ? "becomes" : "become",
                                STR_FMT(denied)));
}

/* What is to be pasted has lines of its own. */
static void put_edit(const writer *w, const char *first, const remedy *r, uint32_t index)
{
    const remedy_edit *e = &r->edits[index];
    str               *paste, text = explain_edit(w->a, w->q, r, index), note = explain_edit_note(w->a, w->w, r, index);
    uint32_t           count = explain_shows_paste(e) ? explain_paste(w->a, w->q, e, &paste) : 0;
    const char        *reads = count > 1 ? ". They then read" : ". It then reads";
    if (count > 0) text = arena_format(w->a, "%.*s%s:", STR_FMT(text), e->kind == REMEDY_ADD ? "" : reads);
    page_put(w->p, first, 5, STYLE_PLAIN, text);
    for (uint32_t i = 0; i < count; i++) page_put(w->p, "     ", 5, STYLE_PLAIN, paste[i]);
    if (note.len > 0) page_put(w->p, "     ", 5, STYLE_DIM, arena_format(w->a, "(%.*s)", STR_FMT(note)));
}

static void put_obstacles(const writer *w)
{
    page_put(
        w->p, "", 2, STYLE_BOLD,
        str_of(w->w->fixes->complete
                   ? "No change of up to three edits would allow it. In the way stand, one behind the other"
                   : "No change was found before the search was cut short. In the way stand, one behind the other"));
    for (uint32_t i = 0; i < w->w->obstacle_count; i++)
        page_put(w->p, arena_format(w->a, "%3" PRIu32 "  ", i + 1).ptr, 5, STYLE_PLAIN,
                 explain_obstacle(w->a, w->w, w->w->obstacles[i]));
}

static void put_fixes_head(const writer *w, const remedy_list *list, const char *verb)
{
    str text = arena_format(w->a, "Changes that would %s it, the smallest first", verb);
    if (list->count == 1) text = arena_format(w->a, "The change that would %s it", verb);
    page_put(w->p, "", 2, STYLE_BOLD, text);
}

static void put_fixes(const writer *w)
{
    const remedy_list *list = w->w->fixes;
    bool               allowed = w->x->decision.kind == DECISION_ALLOWED;
    str                carried = explain_carried(w->a, w->w);
    page_blank(w->p);
    if (carried.len > 0) { /* no protection is undone: it comes first */
        page_put(w->p, "", 2, STYLE_BOLD, STR("No change of policies is needed"));
        page_put(w->p, "     ", 5, STYLE_PLAIN, carried);
    }
    if (list->count == 0) {
        if (allowed)
            page_put(w->p, "", 2, STYLE_BOLD, STR("No change of policies would deny it"));
        else
            put_obstacles(w);
        return;
    }
    put_fixes_head(w, list, allowed ? "deny" : "allow");
    for (uint32_t i = 0; i < list->count; i++) {
        bool refused = w->w->blast[i].refused != NULL;
        if (refused && i > 0 && w->w->blast[i - 1].refused == NULL)
            page_put(w->p, "", 2, STYLE_BOLD, STR("Would do as well, but AWS would refuse"));
        const remedy *r = &list->items[i];
        for (uint32_t k = 0; k < r->count; k++)
            put_edit(w, k == 0 ? arena_format(w->a, "%3" PRIu32 "  ", i + 1).ptr : "     and ", r, k);
        if (w->q->view != NULL) put_blast(w, &w->w->blast[i]);
    }
    if (!list->complete)
        page_put(w->p, "     ", 5, STYLE_DIM, STR("the search was cut short: there may be smaller ones"));
}

static void put_assumed(const writer *w)
{
    const question *q = w->q;
    str             text = arena_format(w->a, "(assumed: %.*s", STR_FMT(q->assumed));
    if (q->how.len > 0) text = arena_format(w->a, "%.*s; else say %.*s", STR_FMT(text), STR_FMT(q->how));
    page_put(w->p, "  ", 3, STYLE_DIM, arena_format(w->a, "%.*s)", STR_FMT(text)));
}

static void put_head(const writer *w)
{
    const request *q = &w->q->c.request;
    decision_kind  kind = (decision_kind)w->x->decision.kind;
    page_put(w->p, "", 2, kind == DECISION_ALLOWED ? STYLE_GOOD : STYLE_BAD,
             arena_format(w->a, "%s: %.*s", decision_name(kind), STR_FMT(q->action)));
    page_put(w->p, "  by ", 5, STYLE_PLAIN, q->principal);
    page_put(w->p, "  on ", 5, STYLE_PLAIN, q->resource);
    if (w->q->view != NULL) {
        caller who = caller_read(q->principal);
        str    whose = question_account(w->a, w->q, who.account), at = text_instant(w->a, w->q->at_ns);
        page_put(w->p, "  in ", 5, STYLE_PLAIN,
                 arena_format(w->a, "%.*s, %.*s, at %.*s%s%.*s", STR_FMT(w->q->s->name), STR_FMT(whose), STR_FMT(at),
                              w->q->is_stream ? ", " : "", STR_FMT(w->q->is_stream ? w->q->asked : STR(""))));
    } else {
        page_put(w->p, "  in ", 5, STYLE_PLAIN, w->q->asked);
    }
    if (w->q->assumed.len > 0) put_assumed(w);
    page_blank(w->p);
    page_put(w->p, "", 0, STYLE_BOLD, explain_reason(w->a, w->w));
    page_blank(w->p);
}

str explain_text(arena *a, const explain_answer *answer, uint32_t columns, bool colour)
{
    page   p = {.a = a, .columns = columns, .colour = colour};
    writer w = {&p, a, answer, answer->q, answer->x};
    put_head(&w);
    put_layers(&w);
    put_notes(&w);
    if (answer->fixes != NULL) put_fixes(&w);
    return page_text(&p);
}
