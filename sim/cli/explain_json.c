/* explain_json.c - an explanation as one JSON object; names as in explanation.h. What ends in `_index` or `_indexes`
 * counts from 0, as a program reads it out of the policy; levels are distances from the root; sentences count from 1.
 */
#include "base/document.h"
#include "cli/explain.h"
#include "policy/match.h"

static const char *const outcomes[] = {[STATEMENT_MATCHES] = "matches",
                                       [STATEMENT_OTHER_ACTION] = "other-action",
                                       [STATEMENT_OTHER_PRINCIPAL] = "other-principal",
                                       [STATEMENT_OTHER_RESOURCE] = "other-resource",
                                       [STATEMENT_CONDITION_FAILS] = "condition-fails"};
static const char *const verdicts[] = {
    [LEVEL_IMPLICIT] = "no-allow", [LEVEL_ALLOW] = "allow", [LEVEL_EXPLICIT] = "deny"};
static const char *const presences[] = {[LAYER_APPLIES] = "applies",
                                        [LAYER_ABSENT] = "absent",
                                        [LAYER_NOT_IN_ACCOUNT] = "caller-not-in-account",
                                        [LAYER_SERVICE_LINKED] = "service-linked-role",
                                        [LAYER_MANAGEMENT] = "management-account",
                                        [LAYER_OTHER_SERVICE] = "service-does-not-honour",
                                        [LAYER_NOT_RESTRICTED] = "not-restricted",
                                        [LAYER_ROOT_USER] = "root-user",
                                        [LAYER_NOTHING_NEEDED] = "nothing-needed"};
static const char *const reaches[] = {
    [REACH_NONE] = "none", [REACH_ACCOUNT] = "account", [REACH_CAPPED] = "capped", [REACH_DIRECT] = "direct"};

static void out_lexeme(out_node *to, const char *name, const lexeme *items, uint32_t index)
{
    if (index != EXPLAIN_NONE) out_str(to, name, items[index].text);
}

static void out_clause(out_node *to, const question *q, const policy_clause *c)
{
    out_node          *at = out_object(to, "clause");
    const request_key *has = request_key_find(&q->c.request, c->key.text);
    out_str(at, "operator", c->name.text);
    out_str(at, "key", c->key.text);
    out_node *values = out_array(at, "policy");
    for (uint32_t i = 0; i < c->value_count; i++) out_str(values, NULL, c->values[i].text);
    if (has == NULL) {
        out_null(at, "request");
        return;
    }
    values = out_array(at, "request");
    for (uint32_t i = 0; i < has->value_count; i++) out_str(values, NULL, has->values[i]);
}

static void out_statement(out_node *to, arena *a, const question *q, decision_layer layer, uint32_t level,
                          const statement_trace *t)
{
    const policy_statement *s = &t->in->statements[t->statement];
    str                     id = question_policy_id(q, layer, level, t->policy);
    out_str(to, "policy", question_policy(a, q, layer, level, t->policy));
    if (id.ptr != NULL) out_str(to, "policy_id", id);
    out_u64(to, "policy_index", t->policy);
    out_u64(to, "statement_index", t->statement);
    if (s->sid.text.ptr != NULL) out_str(to, "sid", s->sid.text);
    out_text(to, "effect", s->deny ? "Deny" : "Allow");
    out_text(to, "outcome", outcomes[t->outcome]);
    if (s->has_principal && t->outcome != STATEMENT_OTHER_ACTION) out_text(to, "reach", reaches[t->reach]);
    out_lexeme(to, s->not_action ? "not_action" : "action", s->actions, t->action);
    out_lexeme(to, s->not_resource ? "not_resource" : "resource", s->resources, t->resource);
    if (t->clause != EXPLAIN_NONE) out_clause(to, q, &s->clauses[t->clause]);
}

static void out_layer(out_node *to, arena *a, const explain_answer *w, decision_layer layer)
{
    const layer_trace *t = &w->x->layers[layer];
    out_text(to, "layer", layer_name(layer));
    out_text(to, "presence", presences[t->presence]);
    if (t->presence != LAYER_APPLIES) return;
    out_text(to, "verdict", verdicts[t->verdict]);
    out_node *levels = out_array(to, "levels");
    for (uint32_t i = 0; i < t->level_count; i++) {
        out_node *level = out_object(levels, NULL);
        out_str(level, "name", question_level(a, w->q, layer, i));
        out_text(level, "verdict", verdicts[t->levels[i].verdict]);
        out_node *statements = out_array(level, "statements");
        for (uint32_t k = 0; k < t->levels[i].count; k++)
            out_statement(out_object(statements, NULL), a, w->q, layer, i, &t->levels[i].statements[k]);
    }
}

static void out_decision(out_node *to, const char *name, decision d)
{
    out_node *at = out_object(to, name);
    out_text(at, "decision", decision_name((decision_kind)d.kind));
    out_text(at, "layer", layer_name((decision_layer)d.layer));
    out_u64(at, "level", d.level);
}

static void out_edit(out_node *to, arena *a, const explain_answer *w, const remedy *r, uint32_t index)
{
    const question    *q = w->q;
    const remedy_edit *e = &r->edits[index];
    uint32_t          *changed, changed_count = explain_changed(a, r, index, &changed);
    out_text(to, "kind", remedy_kind_name(e->kind));
    out_str(to, "text", explain_edit(a, q, r, index));
    out_text(to, "layer", layer_name(e->layer));
    if (e->kind == REMEDY_MOVE) {
        out_str(to, "to", org_node_id(q->view, e->node));
        return;
    }
    out_u64(to, "level", e->level);
    if (e->org_policy != ORG_NONE) out_str(to, "policy_id", org_policy_id(q->view, e->org_policy));
    if (e->policy != EXPLAIN_NONE) out_u64(to, "policy_index", e->policy);
    if (e->statement != EXPLAIN_NONE) out_u64(to, "statement_index", e->statement);
    out_node *indexes = changed_count > 0 ? out_array(to, "statement_indexes") : NULL;
    for (uint32_t i = 0; i < changed_count; i++) out_u64(indexes, NULL, changed[i]);
    str     *paste, note = explain_edit_note(a, w, r, index);
    uint32_t count = explain_paste(a, q, e, &paste);
    if (e->after != NULL) out_raw(to, "document", e->text);
    out_node *statements = count > 0 ? out_array(to, "paste") : NULL;
    for (uint32_t i = 0; i < count; i++) out_raw(statements, NULL, paste[i]);
    if (note.len > 0) out_str(to, "note", note);
}

static void out_obstacles(out_node *to, arena *a, const explain_answer *w)
{
    out_node *list = out_array(to, "obstacles");
    for (uint32_t i = 0; i < w->obstacle_count; i++) {
        decision  d = w->obstacles[i];
        out_node *at = out_object(list, NULL);
        out_text(at, "decision", decision_name((decision_kind)d.kind));
        out_text(at, "layer", layer_name((decision_layer)d.layer));
        out_u64(at, "level", d.level);
        out_str(at, "text", explain_obstacle(a, w, d));
    }
}

static void out_fixes(out_node *to, arena *a, const explain_answer *w)
{
    if (w->fixes == NULL) return;
    out_node *list = out_array(to, "changes");
    for (uint32_t i = 0; i < w->fixes->count; i++) {
        const remedy       *r = &w->fixes->items[i];
        const blast_radius *b = &w->blast[i];
        out_node           *fix = out_object(list, NULL);
        out_node           *edits = out_array(fix, "edits");
        for (uint32_t k = 0; k < r->count; k++) out_edit(out_object(edits, NULL), a, w, r, k);
        out_decision(fix, "after", r->after);
        out_node *also = out_object(fix, "also");
        if (b->measured) {
            out_u64(also, "requests", b->requests);
            out_u64(also, "denied_to_allowed", b->allowed);
            out_u64(also, "allowed_to_denied", b->denied);
        } else {
            out_text(also, "not_measured", b->why);
            if (b->refused != NULL) {
                out_text(also, "exception", b->refused);
                out_text(also, "detail", b->detail);
            }
        }
    }
    out_bool(to, "changes_complete", w->fixes->complete);
}

static void out_request(out_node *to, const question *q)
{
    const request *r = &q->c.request;
    out_node      *at = out_object(to, "request");
    out_str(at, "principal", r->principal);
    out_str(at, "action", r->action);
    out_str(at, "resource", r->resource);
    out_str(at, "resource_account", r->resource_account);
    out_node *context = out_object(at, "context");
    for (uint32_t i = 0; i < r->context_count; i++) {
        const request_key *k = &r->context[i];
        arena              a;
        arena_init(&a, MEMORY_GENERAL);
        const char *name = arena_str(&a, k->key).ptr;
        if (!k->is_array && k->value_count == 1) {
            out_str(context, name, k->values[0]);
        } else {
            out_node *values = out_array(context, name);
            for (uint32_t n = 0; n < k->value_count; n++) out_str(values, NULL, k->values[n]);
        }
        arena_deinit(&a);
    }
}

str explain_json(arena *a, const explain_answer *w)
{
    static const decision_layer order[] = {LAYER_SCP,      LAYER_RCP,     LAYER_IDENTITY, LAYER_RESOURCE,
                                           LAYER_BOUNDARY, LAYER_SESSION, LAYER_ENDPOINT};
    document                   *d = document_new_object();
    out_node                   *to = document_out(d);
    out_str(to, "asked", w->q->asked);
    out_request(to, w->q);
    out_decision(to, "result", w->x->decision);
    out_str(to, "reason", explain_reason(a, w));
    if (w->q->assumed.len > 0) out_str(to, "assumed", w->q->assumed);
    if (w->q->how.len > 0) out_str(to, "assumed_unless", w->q->how);
    str      *odd;
    uint32_t  odd_count = explain_unlikely(a, w->q, &odd);
    out_node *unlikely = odd_count > 0 ? out_array(to, "unlikely") : NULL;
    for (uint32_t i = 0; i < odd_count; i++) out_str(unlikely, NULL, odd[i]);
    out_bool(to, "same_account", w->x->same_account);
    out_bool(to, "needs_resource_policy", w->x->needs_resource);
    out_text(to, "granted_by_resource_policy", reaches[w->x->granted]);
    out_node *layers = out_array(to, "layers");
    for (size_t i = 0; i < COUNTOF(order); i++) out_layer(out_object(layers, NULL), a, w, order[i]);
    out_node *notes = out_array(to, "diagnostics");
    for (uint32_t i = 0; i < w->note_count; i++) {
        out_node *at = out_object(notes, NULL);
        out_text(at, "kind", diagnostic_name(w->notes[i].kind));
        out_str(at, "what", w->notes[i].what);
        out_text(at, "layer", layer_name(w->notes[i].layer));
        out_u64(at, "level", w->notes[i].level);
        out_u64(at, "policy_index", w->notes[i].policy);
        out_u64(at, "statement_index", w->notes[i].statement);
        out_str(at, "text", explain_note(a, w->q, &w->notes[i]));
    }
    out_obstacles(to, a, w);
    out_node *carried = w->carried_count > 0 ? out_object(to, "allowed_with_context") : NULL;
    for (uint32_t i = 0; i < w->carried_count; i++)
        out_str(carried, arena_str(a, w->carried[i].key).ptr, w->carried[i].values[0]);
    out_fixes(to, a, w);
    str out = document_print(a, d);
    document_free(d);
    return out;
}
