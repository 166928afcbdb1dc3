/* Resources: may the statement's actions take them; and policy variables wherever they stand. */
#include "policy/lint_rules.h"

#include "policy/match.h"

#define ARN_PARTS 6

/* ---- policy variables ---- */

static void lint_variable(linter *l, const lexeme *value, str name)
{
    size_t comma = str_find(name, ',', 0);
    name = str_part(name, 0, comma); /* behind it: the default */
    if (lint_key_foreign(name)) return;
    uint32_t key = catalog_key_find(l->facts, name);
    if (key != CATALOG_NONE) {
        if (catalog_key_at(l->facts, key)->multivalued)
            lint_add(l, LINT_VARIABLE_MULTIVALUED, value->at, "variable `${%.*s}` has several values", LINT_FMT(name));
        return;
    }
    str near = lint_key_near(l, name);
    if (near.ptr != NULL)
        lint_add(l, LINT_VARIABLE_UNKNOWN, value->at, "unknown variable `${%.*s}`, did you mean `${%.*s}`?",
                 LINT_FMT(name), LINT_FMT(near));
    else
        lint_add(l, LINT_VARIABLE_UNKNOWN, value->at, "unknown variable `${%.*s}`", LINT_FMT(name));
}

void lint_variables(linter *l, const lexeme *value)
{
    str s = value->text;
    for (size_t i = str_find(s, '$', 0); i < s.len; i = str_find(s, '$', i + 1)) {
        if (i + 1 >= s.len || s.ptr[i + 1] != '{') continue;
        size_t close = str_find(s, '}', i);
        if (!l->p->version_2012) {
            lint_add(l, LINT_VARIABLE_VERSION, value->at, "`%.*s` is plain text in this version", LINT_FMT(s));
            return;
        }
        if (close == s.len) {
            lint_add(l, LINT_VARIABLE_OPEN, value->at, "`${` without `}` in `%.*s`", LINT_FMT(s));
            return;
        }
        str  name = str_part(s, i + 2, close - i - 2);
        bool escape = name.len == 1 && memchr("*?$", name.ptr[0], 3) != NULL;
        if (!escape) lint_variable(l, value, name);
        i = close;
    }
}

static void lint_variable_place(linter *l, const lexeme *resource)
{
    str    s = resource->text;
    size_t colons = 0;
    for (size_t i = 0; i + 1 < s.len && colons < ARN_PARTS - 1; i++) {
        colons += s.ptr[i] == ':';
        if (s.ptr[i] != '$' || s.ptr[i + 1] != '{') continue;
        lint_add(l, LINT_RESOURCE_VARIABLE, resource->at, "variable in the head of resource `%.*s`", LINT_FMT(s));
        return;
    }
}

/* ---- resources against the resource types of actions ---- */

static size_t colons_of(str s)
{
    size_t colons = 0;
    for (size_t i = 0; i < s.len; i++) colons += s.ptr[i] == ':';
    return colons;
}

/* Variables stand for any text: as stars. */
static str stars_for_variables(arena *a, str s)
{
    char  *text = ARENA_NEW(a, char, s.len);
    size_t len = 0, close = 0;
    for (size_t i = 0; i < s.len; i++) {
        bool variable = s.ptr[i] == '$' && i + 1 < s.len && s.ptr[i + 1] == '{' && close < s.len;
        if (variable) close = str_find(s, '}', i);
        variable = variable && close < s.len;
        text[len++] = variable ? '*' : s.ptr[i];
        if (variable) i = close;
    }
    return (str){text, len};
}

/* The part of an ARN that begins at `*at`, which moves behind its colon; the last part keeps all that is left. */
static str next_part(str arn, size_t *at, bool last)
{
    size_t begin = *at, end = last ? arn.len : str_find(arn, ':', begin);
    *at = end < arn.len ? end + 1 : end;
    return str_part(arn, begin, end - begin);
}

/* Part by part: a variable of the type's ARN fills its own part. */
static bool shape_takes(linter *l, str shape, str wanted, bool bucket)
{
    size_t shape_at = 0, wanted_at = 0;
    for (size_t i = 0; i < ARN_PARTS; i++) {
        bool last = i + 1 == ARN_PARTS;
        str  a = next_part(shape, &shape_at, last), b = next_part(wanted, &wanted_at, last);
        /* A bucket's name holds no slash: what tells buckets from their objects. */
        if (last && bucket && str_find(b, '/', 0) < b.len) return false;
        if (l->work <= LINT_WORK_MAX && !lint_globs_meet(a, b, !last, &l->work)) return false;
    }
    return true;
}

/* A type may have several ARNs, with a comma and a blank between them. */
static bool type_takes(linter *l, arena scratch, const catalog_resource *type, str pattern)
{
    if (!lint_work(l, pattern.len)) return true;
    str  shapes = stars_for_variables(&scratch, type->arn), wanted = stars_for_variables(&scratch, pattern);
    bool bucket = str_ends(type->arn, STR(":${BucketName}"));
    if (colons_of(wanted) < ARN_PARTS - 1) return true; /* a short ARN covers whatever follows */
    for (size_t at = 0; at < shapes.len;) {
        size_t end = str_find(shapes, ',', at);
        if (shape_takes(l, str_part(shapes, at, end - at), wanted, bucket)) return true;
        at = end + 2 < shapes.len ? end + 2 : shapes.len;
    }
    return false;
}

static bool action_takes_any(linter *l, const catalog_action *action, const policy_statement *s)
{
    for (uint32_t i = 0; i < s->resource_count; i++) {
        if (lint_only_stars(s->resources[i].text)) return true;
        for (uint32_t k = 0; k < action->resource_count; k++)
            if (type_takes(l, *l->a, catalog_resource_at(l->facts, action->resources[k]), s->resources[i].text))
                return true;
    }
    return false;
}

typedef enum { FITS_NONE, FITS_SOME, FITS_UNKNOWN } fit;

/* Whether an action that the pattern names takes one of the resources. */
static fit pattern_fits(linter *l, str pattern, const policy_statement *s)
{
    size_t   colon = str_find(pattern, ':', 0);
    uint32_t exact = catalog_action_find(l->facts, pattern), known;
    if (exact != CATALOG_NONE)
        return action_takes_any(l, catalog_action_at(l->facts, exact), s) ? FITS_SOME : FITS_NONE;
    if (lint_action_everything(pattern) || colon == pattern.len || !lint_has_wildcard(pattern)) return FITS_UNKNOWN;
    known = catalog_service_find(l->facts, str_part(pattern, 0, colon));
    if (known == CATALOG_NONE) return FITS_UNKNOWN;
    const catalog_service *service = catalog_service_at(l->facts, known);
    str                    name = str_part(pattern, colon + 1, pattern.len - colon - 1);
    fit                    found = FITS_UNKNOWN; /* until an action is named at all */
    for (uint32_t i = 0; i < service->action_count; i++) {
        const catalog_action *action = catalog_action_at(l->facts, service->action_first + i);
        if (!lint_work(l, name.len + action->name.len)) return FITS_UNKNOWN;
        if (!match_action_name(name, action->name)) continue;
        if (action_takes_any(l, action, s)) return FITS_SOME;
        found = FITS_NONE;
    }
    return found;
}

/* One action, by its own name, that takes none of the resources. */
static void add_unfit(linter *l, const lexeme *pattern)
{
    const catalog_action *action = catalog_action_at(l->facts, catalog_action_find(l->facts, pattern->text));
    str                   dated = catalog_dated(l->facts);
    if (action->resource_count == 0)
        lint_add(l, LINT_RESOURCE_STAR, pattern->at, "by the catalogue of %.*s `%.*s` takes `*` alone", STR_FMT(dated),
                 LINT_FMT(pattern->text));
    else
        lint_add(l, LINT_RESOURCE_ACTION, pattern->at,
                 "by the catalogue of %.*s `%.*s` takes none of the resources listed, but `%.*s`", STR_FMT(dated),
                 LINT_FMT(pattern->text), LINT_FMT(catalog_resource_at(l->facts, action->resources[0])->arn));
}

static bool has_types(const linter *l, str pattern)
{
    uint32_t exact = catalog_action_find(l->facts, pattern);
    return exact == CATALOG_NONE || catalog_action_at(l->facts, exact)->resource_count > 0;
}

static void lint_fit(linter *l, const policy_statement *s)
{
    fit     *fits = ARENA_NEW(l->a, fit, s->action_count);
    uint32_t none = 0, typed = 0;
    for (uint32_t i = 0; i < s->action_count; i++) {
        fits[i] = pattern_fits(l, s->actions[i].text, s);
        none += fits[i] == FITS_NONE;
        typed += fits[i] == FITS_NONE && has_types(l, s->actions[i].text);
    }
    if (typed > 0 && none == s->action_count) {
        lint_add(l, LINT_RESOURCE_NEVER, s->resources[0].at,
                 "by the catalogue of %.*s %.*s never matches: none of its actions takes `%.*s`%s",
                 STR_FMT(catalog_dated(l->facts)), STR_FMT(lint_statement_name(l, s)), LINT_FMT(s->resources[0].text),
                 s->resource_count > 1 ? " or another of its resources" : "");
        return;
    }
    for (uint32_t i = 0; i < s->action_count && none > 0; i++)
        if (fits[i] == FITS_NONE && !lint_has_wildcard(s->actions[i].text)) add_unfit(l, &s->actions[i]);
}

void lint_resources(linter *l, const policy_statement *s)
{
    lint_duplicates(l, s->resources, s->resource_count, false, "resource");
    for (uint32_t i = 0; i < s->resource_count; i++) {
        lint_variable_place(l, &s->resources[i]);
        lint_variables(l, &s->resources[i]);
    }
    if (!s->has_resource) return;
    if (s->not_resource && !s->deny)
        lint_add(l, LINT_ALLOW_NOT_RESOURCE, s->at, "%.*s allows all but the resources it lists",
                 STR_FMT(lint_statement_name(l, s)));
    if (!s->not_resource && !s->not_action) lint_fit(l, s);
}
