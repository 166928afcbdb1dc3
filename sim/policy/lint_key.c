/* Condition keys: do they exist, for these actions, of this type, with or without a set operator. */
#include "policy/lint_rules.h"

#include <stdlib.h>

bool lint_key_is(const policy_clause *c, const char *key)
{
    return str_eq_nocase(c->key.text, str_of(key));
}

/* OIDC and SAML providers name their keys after a host, the claim behind it: `oidc.eks.example/id/1:sub`. */
bool lint_key_foreign(str key)
{
    size_t colon = key.len;
    for (size_t i = 0; i < key.len && colon == key.len; i++)
        if (key.ptr[i] == ':') colon = i;
    if (str_find(str_part(key, 0, colon), '.', 0) < colon) return true;
    static const str claims[] = {{":sub", 4}, {":aud", 4}, {":amr", 4}, {":azp", 4}, {":oaud", 5}, {":email", 6}};
    for (size_t i = 0; i < COUNTOF(claims); i++)
        if (str_ends(key, claims[i])) return true;
    return false;
}

str lint_key_near(linter *l, str key)
{
    uint32_t count = catalog_key_count(l->facts), candidates = 0;
    size_t   colon = str_find(key, ':', 0);
    if (!lint_work(l, (uint64_t)count * 64)) return (str){0};
    arena scratch = *l->a;
    str  *names = ARENA_NEW(&scratch, str, count);
    for (uint32_t i = 0; i < count; i++) {
        str name = catalog_key_at(l->facts, i)->name;
        if (name.len > colon && str_eq_nocase(str_part(name, 0, colon), str_part(key, 0, colon)))
            names[candidates++] = name;
    }
    bool same_prefix = candidates > 0;
    if (!same_prefix)
        for (uint32_t i = 0; i < count; i++) names[candidates++] = catalog_key_at(l->facts, i)->name;
    return str_nearest(key, names, candidates);
}

static void key_unknown(linter *l, const policy_clause *c)
{
    str       key = c->key.text, near = {0};
    bool      global = key.len >= 4 && str_eq_nocase(str_part(key, 0, 4), STR("aws:"));
    lint_code code = global ? LINT_KEY_GLOBAL_UNKNOWN : LINT_KEY_UNKNOWN;
    near = lint_key_near(l, key);
    if (near.ptr != NULL)
        lint_add(l, code, c->key.at, "unknown condition key `%.*s`, did you mean `%.*s`?", LINT_FMT(key),
                 LINT_FMT(near));
    else
        lint_add(l, code, c->key.at, "unknown condition key `%.*s`", LINT_FMT(key));
}

static bool service_has_key(linter *l, str action, uint32_t key)
{
    size_t   colon = str_find(action, ':', 0);
    uint32_t known = catalog_service_find(l->facts, str_part(action, 0, colon));
    if (known == CATALOG_NONE || colon == action.len) return true;
    const catalog_service *service = catalog_service_at(l->facts, known);
    if (!lint_work(l, service->key_count)) return true;
    for (uint32_t i = 0; i < service->key_count; i++)
        if (service->keys[i] == key) return true;
    return false;
}

static void lint_key_service(linter *l, const policy_statement *s, const policy_clause *c, uint32_t key)
{
    if (catalog_key_at(l->facts, key)->category.len > 0 || s->not_action) return;
    for (uint32_t i = 0; i < s->action_count; i++)
        if (lint_action_everything(s->actions[i].text) || service_has_key(l, s->actions[i].text, key)) return;
    lint_add(l, LINT_KEY_SERVICE, c->key.at, "condition key `%.*s` belongs to no service of these actions",
             LINT_FMT(c->key.text));
}

typedef enum { FAMILY_STRING, FAMILY_NUMERIC, FAMILY_DATE, FAMILY_BOOL, FAMILY_BINARY, FAMILY_IP, FAMILY_ARN } family;

static family family_of(condition_base base)
{
    if (base <= CONDITION_STRING_NOT_LIKE) return FAMILY_STRING;
    if (base <= CONDITION_NUMERIC_GREATER_THAN_EQUALS) return FAMILY_NUMERIC;
    if (base <= CONDITION_DATE_GREATER_THAN_EQUALS) return FAMILY_DATE;
    if (base == CONDITION_BOOL) return FAMILY_BOOL;
    if (base == CONDITION_BINARY_EQUALS) return FAMILY_BINARY;
    return base <= CONDITION_NOT_IP_ADDRESS ? FAMILY_IP : FAMILY_ARN;
}

/* What compares as the author means it. Text operators read any value as text, which serves all but addresses. */
static bool family_fits(family f, const catalog_key *key)
{
    if (f == FAMILY_STRING) return key->type != CATALOG_KEY_IP;
    switch (key->type) {
    case CATALOG_KEY_STRING: return f == FAMILY_ARN;
    case CATALOG_KEY_ARN: return f == FAMILY_ARN;
    case CATALOG_KEY_BOOL: return f == FAMILY_BOOL;
    case CATALOG_KEY_NUMERIC: return f == FAMILY_NUMERIC;
    case CATALOG_KEY_DATE:
        return f == FAMILY_DATE || (f == FAMILY_NUMERIC && str_eq_nocase(key->name, STR("aws:EpochTime")));
    case CATALOG_KEY_IP: return f == FAMILY_IP;
    case CATALOG_KEY_BINARY: return f == FAMILY_BINARY;
    }
    return true;
}

static bool null_checked(linter *l, const policy_statement *s, str key)
{
    if (!lint_work(l, s->clause_count)) return true;
    for (uint32_t i = 0; i < s->clause_count; i++) {
        const policy_clause *c = &s->clauses[i];
        /* Whoever demands a tag of the request demands that aws:TagKeys is there. */
        bool tag = str_eq_nocase(key, STR("aws:TagKeys")) && c->key.text.len > 15 &&
                   str_eq_nocase(str_part(c->key.text, 0, 15), STR("aws:RequestTag/"));
        if (tag && !c->if_exists && c->set != CONDITION_FOR_ALL && c->base != CONDITION_NULL &&
            !condition_negated(c->base))
            return true;
        if (!tag && !str_eq_nocase(c->key.text, key)) continue;
        bool demanded =
            c->base == CONDITION_NULL && c->value_count == 1 && str_eq_nocase(c->values[0].text, STR("false"));
        bool any = c->set == CONDITION_FOR_ANY && !c->if_exists;
        if (demanded || any) return true;
    }
    return false;
}

static void lint_key_sets(linter *l, const policy_statement *s, const policy_clause *c, const catalog_key *key)
{
    if (key != NULL && key->multivalued && c->set == CONDITION_PLAIN)
        lint_add(l, LINT_KEY_MULTIVALUED, c->key.at, "`%.*s` has several values, `%.*s` compares one",
                 LINT_FMT(c->key.text), LINT_FMT(c->name.text));
    if (key != NULL && !key->multivalued && c->set != CONDITION_PLAIN)
        lint_add(l, LINT_KEY_SINGLE, c->key.at, "`%.*s` has one value, `%.*s` compares sets", LINT_FMT(c->key.text),
                 LINT_FMT(c->name.text));
    if (c->set == CONDITION_FOR_ALL && !null_checked(l, s, c->key.text))
        lint_add(l, LINT_FOR_ALL, c->key.at, "`%.*s` holds without `%.*s` too%s", LINT_FMT(c->name.text),
                 LINT_FMT(c->key.text), s->deny ? ": every request without it is denied" : "");
}

static void lint_key(linter *l, const policy_statement *s, const policy_clause *c)
{
    if (lint_key_foreign(c->key.text)) return;
    uint32_t           id = catalog_key_find(l->facts, c->key.text);
    const catalog_key *key = id == CATALOG_NONE ? NULL : catalog_key_at(l->facts, id);
    if (key == NULL)
        key_unknown(l, c);
    else
        lint_key_service(l, s, c, id);
    if (c->base >= CONDITION_NULL) return;
    if (key != NULL && !family_fits(family_of(c->base), key)) {
        static const char *const types[] = {"text",   "an ARN",     "a boolean", "a number",
                                            "a date", "an address", "binary"};
        lint_add(l, LINT_KEY_TYPE, c->key.at, "`%.*s` is %s, which `%.*s` does not compare", LINT_FMT(c->key.text),
                 types[key->type], LINT_FMT(c->name.text));
    }
    lint_key_sets(l, s, c, key);
}

void lint_keys(linter *l, const policy_statement *s)
{
    for (uint32_t i = 0; i < s->clause_count; i++) lint_key(l, s, &s->clauses[i]);
    for (uint32_t i = 1; i < s->clause_count; i++)
        for (uint32_t k = 0; k < i; k++) {
            const policy_clause *a = &s->clauses[i], *b = &s->clauses[k];
            if (!lint_work(l, 8)) return;
            if (a->base != b->base || a->set != b->set || a->if_exists != b->if_exists ||
                !str_eq_nocase(a->key.text, b->key.text))
                continue;
            lint_add(l, LINT_KEY_TWICE, a->key.at, "`%.*s` stands under `%.*s` already, as `%.*s`",
                     LINT_FMT(a->key.text), LINT_FMT(b->name.text), LINT_FMT(b->key.text));
            break;
        }
}

/* ---- tag keys over the whole policy ---- */

typedef struct {
    str    tag;
    size_t at;
    bool   of_principal; /* people's tags and resources' tags are spelled by different hands */
} tag_key;

static int tag_compare(const void *a, const void *b)
{
    const tag_key *x = a, *y = b;
    if (x->of_principal != y->of_principal) return x->of_principal ? 1 : -1;
    int order = str_cmp_nocase(x->tag, y->tag);
    if (order != 0) return order;
    return x->at < y->at ? -1 : x->at > y->at;
}

void lint_tag_keys(linter *l)
{
    static const str prefixes[] = {{"aws:RequestTag/", 15}, {"aws:ResourceTag/", 16}, {"aws:PrincipalTag/", 17}};
    tag_key         *tags = NULL;
    size_t           count = 0, capacity = 0;
    for (uint32_t i = 0; i < l->p->statement_count; i++)
        for (uint32_t k = 0; k < l->p->statements[i].clause_count; k++) {
            lexeme key = l->p->statements[i].clauses[k].key;
            for (size_t j = 0; j < COUNTOF(prefixes); j++) {
                size_t len = prefixes[j].len;
                if (key.text.len < len || !str_eq_nocase(str_part(key.text, 0, len), prefixes[j])) continue;
                *ARENA_PUSH(l->a, tag_key, tags, count, capacity) =
                    (tag_key){str_part(key.text, len, key.text.len - len), key.at, j == 2};
            }
        }
    if (count > 1) qsort(tags, count, sizeof *tags, tag_compare);
    for (size_t i = 1, first = 0; i < count; i++) {
        bool same = tags[i].of_principal == tags[first].of_principal && str_eq_nocase(tags[i].tag, tags[first].tag);
        if (!same)
            first = i;
        else if (!str_eq(tags[i].tag, tags[first].tag))
            lint_add(l, LINT_TAG_CASE, tags[i].at, "tag key `%.*s` is spelled `%.*s` elsewhere in this policy",
                     LINT_FMT(tags[i].tag), LINT_FMT(tags[first].tag));
    }
}
