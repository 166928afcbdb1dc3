/* A scenario: its reader says what is no scenario; what follows are lints, placed in the scenario's text where the
 * policy or the attachment stands there. Policies of files of their own are reported under their own names. */
#include "authz/org_lint.h"
#include "cli/check.h"
#include "workloads/data.h"
#include "workloads/scenario.h"

typedef struct {
    checker      *c;
    arena        *a;
    const source *in;
    document     *d;
    const node   *organization; /* its `inline`; null: it is generated */
    const err    *refused;      /* why the reader refused the scenario; null: it did not */
    bool          told;         /* a policy has an error where that is */
    lint_report   found;
} scenario_check;

/* Whether one of the findings is what the reader refused. */
static void find_told(scenario_check *s, const source *in, const lint_report *r)
{
    if (s->refused == NULL || !str_eq(str_part(str_of(s->refused->text), 0, s->refused->name_len), in->name)) return;
    for (size_t i = 0; i < r->count; i++) {
        const lint_finding *f = &r->items[i];
        s->told = s->told || (lint_rule_of(f->code)->severity == LINT_SEVERITY_ERROR && f->line == s->refused->line &&
                              f->column == s->refused->column);
    }
}

static str text_of(const scenario_check *s, const node *n)
{
    str text = {0};
    if (n == NULL || node_string(s->d, n, &text, NULL) != STATUS_OK) return (str){0};
    return text;
}

static bool type_of(const scenario_check *s, const node *entry, policy_type *out)
{
    str type = text_of(s, node_get(entry, "Type"));
    *out = str_is(type, org_policy_type_name(ORG_TYPE_RCP)) ? POLICY_RCP : POLICY_SCP;
    return type.ptr == NULL || *out == POLICY_RCP || str_is(type, org_policy_type_name(ORG_TYPE_SCP));
}

/* One policy as its entry gives it: an object, a text, or a file. */
static void check_entry(scenario_check *s, const node *entry)
{
    const node *content = node_get(entry, "Content"), *file = node_get(entry, "file");
    policy_type type;
    place       at;
    str         text;
    if (!type_of(s, entry, &type)) return;
    if (file != NULL) {
        const source *in;
        lint_report   own = {0};
        if (data_text(s->a, DATA_SCENARIO, text_of(s, file), s->in->name, &in, NULL) != STATUS_OK) return;
        (void)check_part(s->c, s->a, in, 0, in->text.len, type, &own);
        find_told(s, in, &own);
        if (own.count > 0)
            check_output_file(&s->c->out, *s->a, (check_file){in, type == POLICY_RCP ? "rcp" : "scp", {0}}, &own);
    } else if (content != NULL && node_kind_of(content) == NODE_STRING) {
        lint_report own = {0};
        source     *in = ARENA_NEW(s->a, source, 1);
        *in = (source){STR("Content"), text_of(s, content), 1};
        (void)check_part(s->c, s->a, in, 0, in->text.len, type, &own);
        for (size_t i = 0; i < own.count; i++) /* escapes hide where in the text: all at its beginning */
            lint_report_add(s->a, &s->found, own.items[i].code, document_place(s->d, content).offset,
                            own.items[i].text);
    } else if (content != NULL && node_source_text(s->d, content, &text, &at, NULL) == STATUS_OK) {
        lint_report own = {0};
        (void)check_part(s->c, s->a, s->in, at.offset, at.offset + text.len, type, &own);
        for (size_t i = 0; i < own.count; i++)
            lint_report_add(s->a, &s->found, own.items[i].code, own.items[i].at, own.items[i].text);
    }
}

static const node *entry_named(const scenario_check *s, str name)
{
    const node *list = node_get(s->organization, "policies");
    for (size_t i = 0; list != NULL && i < node_count(list); i++)
        if (str_eq(text_of(s, node_get(node_at(list, i), "Name")), name)) return node_at(list, i);
    return NULL;
}

/* Where a statement of an attached policy stands in the scenario, else its entry, else the organization. */
static size_t place_of(const scenario_check *s, const org_view *v, const org_finding *f)
{
    const node *entry = f->policy == ORG_NONE ? NULL : entry_named(s, org_policy_name(v, f->policy));
    const node *content = entry == NULL ? NULL : node_get(entry, "Content");
    if (content != NULL && node_kind_of(content) == NODE_OBJECT && f->statement != NULL)
        return document_place(s->d, content).offset + f->statement->at;
    const node *named = entry != NULL ? entry : s->organization;
    return named == NULL ? 0 : document_place(s->d, named).offset;
}

/* By policy: its `Id` where that is a `$name`. Policies have mostly the order of their entries. */
static const str *aliases_of(const scenario_check *s, const org_view *v)
{
    uint32_t    count = org_policy_count(v), next = 0;
    str        *aliases = ARENA_NEW(s->a, str, count);
    const node *list = node_get(s->organization, "policies");
    for (size_t i = 0; list != NULL && i < node_count(list); i++) {
        str name = text_of(s, node_get(node_at(list, i), "Name")), id = text_of(s, node_get(node_at(list, i), "Id"));
        uint32_t tried = 0;
        for (; tried < count && !str_eq(org_policy_name(v, next), name); tried++)
            next = next + 1 < count ? next + 1 : 0;
        if (tried < count && str_starts(id, STR("$"))) aliases[next] = id;
    }
    return aliases;
}

static void check_attachments(scenario_check *s, const scenario *read)
{
    org_lint_report      found = {0};
    const org_view      *v = org_at(read->o, 0);
    const quota_profile *q = s->c->quotas_given ? &s->c->quotas : &read->quotas;
    org_lint_options     options = {.scps_per_target = q->scps_per_target == QUOTA_UNLIMITED ? 0 : q->scps_per_target,
                                    .rcps_per_target = q->rcps_per_target == QUOTA_UNLIMITED ? 0 : q->rcps_per_target,
                                    .quotas = q->name,
                                    .changes = read->plan.step_count > 0,
                                    .off = s->c->off,
                                    .aliases = aliases_of(s, v)};
    org_lint(s->a, v, options, &found);
    for (size_t i = 0; i < found.count; i++) {
        const org_finding *f = &found.items[i];
        str more = f->more == 0 ? f->text : arena_format(s->a, "%.*s, and at %u more", STR_FMT(f->text), f->more);
        lint_report_add(s->a, &s->found, f->code, place_of(s, v, f), more);
    }
}

static str summary_of(arena *a, const scenario *s)
{
    const org_view *v = org_at(s->o, 0);
    uint32_t        accounts = org_account_live(v), ous = org_ou_live(v), scps = org_policy_live(v, ORG_TYPE_SCP);
    return arena_format(a, "scenario `%.*s`, %u account%s, %u OU%s, %u SCP%s, %u step%s", STR_FMT(s->name), accounts,
                        accounts == 1 ? "" : "s", ous, ous == 1 ? "" : "s", scps, scps == 1 ? "" : "s",
                        s->plan.step_count, s->plan.step_count == 1 ? "" : "s");
}

static void check_entries(scenario_check *s)
{
    const node *list = node_get(s->organization, "policies");
    for (size_t i = 0; list != NULL && i < node_count(list); i++) check_entry(s, node_at(list, i));
}

/* What the reader refused, among the findings where it is in the scenario, else under the name of its file. */
static void report_refused(scenario_check *s)
{
    lint_code code = s->refused->code == STATUS_SYNTAX ? LINT_JSON : LINT_SCENARIO;
    str       name = str_part(str_of(s->refused->text), 0, s->refused->name_len);
    if (s->told || (s->c->off != NULL && s->c->off[code])) return;
    if (s->refused->line == 0 || str_eq(name, s->in->name)) {
        lint_report_add(s->a, &s->found, code, s->refused->offset, str_of(s->refused->text + s->refused->message));
        return;
    }
    check_output_refusal(&s->c->out, *s->a, (check_file){&(source){.name = name}, "policy", {0}}, code, s->refused);
}

/* A scenario that is refused keeps no attachments to look at; its policies stand in its text. */
static void check_refused(scenario_check *s)
{
    if (document_parse(s->a, s->in, &s->d, NULL) == STATUS_OK) {
        s->organization = node_get(node_get(document_root(s->d), "organization"), "inline");
        check_entries(s);
    }
    lint_report_finish(s->in, &s->found);
    find_told(s, s->in, &s->found);
    report_refused(s);
    lint_report_finish(s->in, &s->found);
    check_output_file(&s->c->out, *s->a, (check_file){s->in, "scenario", {0}}, &s->found);
    if (s->d != NULL) document_free(s->d);
}

status check_scenario(checker *c, arena *a, const source *in, str path, err *e)
{
    scenario        *read = NULL;
    scenario_check   s = {.c = c, .a = a, .in = in};
    scenario_options options = {.check_only = true};
    status           parsed = str_is(path, "-") ? scenario_read_text(a, in, options, 2000000, &read, e)
                                                : scenario_read(a, path, options, &read, e);
    if (parsed != STATUS_OK) {
        s.refused = e;
        if (c->out.format != CHECK_TEXT) check_refused(&s);
        return parsed;
    }
    parsed = document_parse(a, in, &s.d, e);
    if (parsed == STATUS_OK) {
        quota_profile given = c->quotas;
        if (!c->quotas_given) c->quotas = read->quotas;
        s.organization = node_get(node_get(document_root(s.d), "organization"), "inline");
        check_entries(&s);
        if (s.organization != NULL) check_attachments(&s, read);
        c->quotas = given;
        lint_report_finish(in, &s.found);
        check_output_file(&c->out, *a, (check_file){in, "scenario", summary_of(a, read)}, &s.found);
        document_free(s.d);
    }
    scenario_free(read);
    return parsed;
}
