/* Clauses of one statement against each other: can all of them hold? Only what is sure is said: values without policy
 * variables, keys with one value, operators without sets. */
#include "policy/lint_rules.h"

#include "policy/match.h"
#include "policy/value.h"

static bool has_value(const policy_clause *c, const char *value)
{
    for (uint32_t i = 0; i < c->value_count; i++)
        if (str_eq_nocase(c->values[i].text, str_of(value))) return true;
    return false;
}

/* Demands that the key is present. */
static bool demands_key(const policy_clause *c)
{
    if (c->base == CONDITION_NULL) return has_value(c, "false") && !has_value(c, "true");
    if (c->if_exists || c->set == CONDITION_FOR_ALL) return false;
    return c->set == CONDITION_FOR_ANY || !condition_negated(c->base);
}

static bool demands_absence(const policy_clause *c)
{
    return c->base == CONDITION_NULL && has_value(c, "true") && !has_value(c, "false");
}

static bool plain_values(const policy_clause *c)
{
    for (uint32_t i = 0; i < c->value_count; i++)
        if (str_find(c->values[i].text, '$', 0) < c->values[i].text.len) return false;
    return c->set == CONDITION_PLAIN && c->value_count > 0;
}

/* A list of whole texts, one of which the key must be. */
static bool is_list(const policy_clause *c)
{
    return plain_values(c) && !c->if_exists && c->base == CONDITION_STRING_EQUALS;
}

/* Whether the clause, of a family that compares text, holds for the value. */
static bool text_holds(const policy_clause *c, str value)
{
    bool any = false, like = c->base == CONDITION_STRING_LIKE || c->base == CONDITION_STRING_NOT_LIKE;
    bool nocase = c->base == CONDITION_STRING_EQUALS_IGNORE_CASE || c->base == CONDITION_STRING_NOT_EQUALS_IGNORE_CASE;
    for (uint32_t i = 0; i < c->value_count && !any; i++) {
        str v = c->values[i].text;
        any = like ? match_glob(v, value) : nocase ? str_eq_nocase(v, value) : str_eq(v, value);
    }
    return any != condition_negated(c->base);
}

static uint64_t bytes_of(const policy_clause *c)
{
    uint64_t bytes = 1;
    for (uint32_t i = 0; i < c->value_count; i++) bytes += c->values[i].text.len + 1;
    return bytes;
}

static bool lists_contradict(linter *l, const policy_clause *list, const policy_clause *other)
{
    if (!is_list(list) || !plain_values(other) || other->base > CONDITION_STRING_NOT_LIKE) return false;
    if (!lint_work(l, bytes_of(list) * bytes_of(other))) return false;
    for (uint32_t i = 0; i < list->value_count; i++)
        if (text_holds(other, list->values[i].text)) return false;
    return true;
}

static bool bools_contradict(const policy_clause *a, const policy_clause *b)
{
    if (a->base != CONDITION_BOOL || b->base != CONDITION_BOOL || !plain_values(a) || !plain_values(b)) return false;
    if (a->if_exists && b->if_exists) return false;
    return !(has_value(a, "true") && has_value(b, "true")) && !(has_value(a, "false") && has_value(b, "false"));
}

/* One end of a range: of several values the widest holds. */
typedef struct {
    bool                 upper, strict;
    const policy_clause *clause;
} bound;

static bool bound_of(const policy_clause *c, condition_base first, bound *out)
{
    if (c->base < first || c->base > first + 3 || !plain_values(c)) return false;
    *out = (bound){.upper = c->base < first + 2, .strict = (c->base - first) % 2 == 0, .clause = c};
    return true;
}

static int number_cmp(str a, str b)
{
    value_number x, y;
    return value_number_read(a, &x) && value_number_read(b, &y) ? value_number_cmp(x, y) : 0;
}

static int date_cmp(str a, str b)
{
    value_date x, y;
    return value_date_read(a, &x) && value_date_read(b, &y) ? value_date_cmp(x, y) : 0;
}

static str widest(bound b, int (*cmp)(str, str))
{
    str widest = b.clause->values[0].text;
    for (uint32_t i = 1; i < b.clause->value_count; i++) {
        int order = cmp(b.clause->values[i].text, widest);
        if (b.upper ? order > 0 : order < 0) widest = b.clause->values[i].text;
    }
    return widest;
}

static bool ranges_contradict(linter *l, const policy_clause *a, const policy_clause *b, condition_base first,
                              int (*cmp)(str, str))
{
    bound x, y;
    if (!bound_of(a, first, &x) || !bound_of(b, first, &y) || x.upper == y.upper) return false;
    if ((a->if_exists && b->if_exists) || !lint_work(l, bytes_of(a) + bytes_of(b))) return false;
    int order =
        x.upper ? cmp(widest(y, cmp), widest(x, cmp)) : cmp(widest(x, cmp), widest(y, cmp)); /* lower to upper */
    return order > 0 || (order == 0 && (x.strict || y.strict));
}

/* The key has one value as far as anybody knows. */
static bool single(linter *l, str key)
{
    uint32_t id = catalog_key_find(l->facts, key);
    return id == CATALOG_NONE || !catalog_key_at(l->facts, id)->multivalued;
}

static bool contradict(linter *l, const policy_clause *a, const policy_clause *b)
{
    if ((demands_absence(a) && demands_key(b)) || (demands_absence(b) && demands_key(a))) return true;
    if (!single(l, a->key.text)) return false;
    return lists_contradict(l, a, b) || lists_contradict(l, b, a) || bools_contradict(a, b) ||
           ranges_contradict(l, a, b, CONDITION_NUMERIC_LESS_THAN, number_cmp) ||
           ranges_contradict(l, a, b, CONDITION_DATE_LESS_THAN, date_cmp);
}

void lint_logic(linter *l, const policy_statement *s)
{
    for (uint32_t i = 0; i < s->clause_count; i++) {
        const policy_clause *c = &s->clauses[i];
        if (c->base == CONDITION_NULL && has_value(c, "true") && has_value(c, "false"))
            lint_add(l, LINT_NULL_BOTH, c->key.at, "`Null` of `%.*s` always holds", LINT_FMT(c->key.text));
        for (uint32_t k = 0; k < i; k++) {
            const policy_clause *earlier = &s->clauses[k];
            if (!lint_work(l, 8)) return;
            if (!str_eq_nocase(c->key.text, earlier->key.text) || !contradict(l, earlier, c)) continue;
            lint_add(l, LINT_CONTRADICTION, c->key.at,
                     "%.*s never matches: `%.*s` and `%.*s` on `%.*s` exclude each other",
                     STR_FMT(lint_statement_name(l, s)), LINT_FMT(earlier->name.text), LINT_FMT(c->name.text),
                     LINT_FMT(c->key.text));
            break;
        }
    }
}
