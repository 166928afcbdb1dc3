#include "policy/print.h"

#include "base/json.h"

typedef struct {
    arena *a;
    char  *text;
    size_t count, capacity;
} printer;

static void put(printer *w, str s)
{
    for (size_t i = 0; i < s.len; i++) *ARENA_PUSH(w->a, char, w->text, w->count, w->capacity) = s.ptr[i];
}

static void put_quoted(printer *w, str s)
{
    put(w, json_quote(w->a, s));
}

/* `,"name":`, the comma left out behind an opening brace. */
static void put_name(printer *w, const char *name)
{
    if (w->text[w->count - 1] != '{') put(w, STR(","));
    put_quoted(w, str_of(name));
    put(w, STR(":"));
}

static void put_list(printer *w, const lexeme *items, uint32_t count)
{
    if (count == 1) {
        put_quoted(w, items[0].text);
        return;
    }
    put(w, STR("["));
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) put(w, STR(","));
        put_quoted(w, items[i].text);
    }
    put(w, STR("]"));
}

static void put_principals(printer *w, const policy_statement *s)
{
    static const char *const names[] = {[PRINCIPAL_AWS] = "AWS",
                                        [PRINCIPAL_SERVICE] = "Service",
                                        [PRINCIPAL_FEDERATED] = "Federated",
                                        [PRINCIPAL_CANONICAL] = "CanonicalUser"};
    if (s->principal_count == 1 && s->principals[0].kind == PRINCIPAL_EVERYONE) {
        put_quoted(w, s->principals[0].value.text);
        return;
    }
    put(w, STR("{"));
    for (uint32_t kind = PRINCIPAL_AWS; kind <= PRINCIPAL_CANONICAL; kind++) {
        uint32_t count = 0;
        lexeme  *values = ARENA_NEW(w->a, lexeme, s->principal_count);
        for (uint32_t i = 0; i < s->principal_count; i++)
            if (s->principals[i].kind == (principal_kind)kind) values[count++] = s->principals[i].value;
        if (count == 0) continue;
        put_name(w, names[kind]);
        put_list(w, values, count);
    }
    put(w, STR("}"));
}

/* Keys of one operator stand together, wherever its clauses are. */
static void put_condition(printer *w, const policy_statement *s)
{
    put(w, STR("{"));
    for (uint32_t i = 0; i < s->clause_count; i++) {
        str  name = s->clauses[i].name.text;
        bool printed = false;
        for (uint32_t k = 0; k < i && !printed; k++) printed = str_eq(s->clauses[k].name.text, name);
        if (printed) continue;
        put_name(w, arena_str(w->a, name).ptr);
        put(w, STR("{"));
        for (uint32_t k = i; k < s->clause_count; k++) {
            if (!str_eq(s->clauses[k].name.text, name)) continue;
            put_name(w, arena_str(w->a, s->clauses[k].key.text).ptr);
            put_list(w, s->clauses[k].values, s->clauses[k].value_count);
        }
        put(w, STR("}"));
    }
    put(w, STR("}"));
}

static void put_statement(printer *w, const policy_statement *s)
{
    put(w, STR("{"));
    if (s->sid.text.ptr != NULL) {
        put_name(w, "Sid");
        put_quoted(w, s->sid.text);
    }
    put_name(w, "Effect");
    put(w, s->deny ? STR("\"Deny\"") : STR("\"Allow\""));
    if (s->has_principal) {
        put_name(w, s->not_principal ? "NotPrincipal" : "Principal");
        put_principals(w, s);
    }
    put_name(w, s->not_action ? "NotAction" : "Action");
    put_list(w, s->actions, s->action_count);
    if (s->has_resource) {
        put_name(w, s->not_resource ? "NotResource" : "Resource");
        put_list(w, s->resources, s->resource_count);
    }
    if (s->clause_count > 0) {
        put_name(w, "Condition");
        put_condition(w, s);
    }
    put(w, STR("}"));
}

str policy_print(arena *a, const policy *p)
{
    printer w = {.a = a};
    put(&w, STR("{"));
    if (p->has_version) {
        put_name(&w, "Version");
        put(&w, p->version_2012 ? STR("\"2012-10-17\"") : STR("\"2008-10-17\""));
    }
    if (p->id.text.ptr != NULL) {
        put_name(&w, "Id");
        put_quoted(&w, p->id.text);
    }
    put_name(&w, "Statement");
    put(&w, STR("["));
    for (uint32_t i = 0; i < p->statement_count; i++) {
        if (i > 0) put(&w, STR(","));
        put_statement(&w, &p->statements[i]);
    }
    put(&w, STR("]}"));
    return (str){w.text, w.count};
}

str policy_print_statement(arena *a, const policy_statement *s)
{
    printer w = {.a = a};
    put_statement(&w, s);
    return (str){w.text, w.count};
}
