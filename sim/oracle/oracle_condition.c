#include "oracle/oracle.h"

#include "oracle/oracle_match.h"
#include "oracle/oracle_value.h"

/* One value of the policy against one of the request, before any negation. What cannot be read as the operator's type
 * holds for neither polarity (contested, spec 2.4 and C12). */
typedef enum { COMPARE_NO, COMPARE_YES, COMPARE_UNREADABLE } comparison;

static comparison yes_or_no(bool yes)
{
    return yes ? COMPARE_YES : COMPARE_NO;
}

/* ---- strings: IAM User Guide, "String condition operators"; spec 2.1 ---- */

/* Without wildcards a pattern is an exact comparison. An unresolved variable equals nothing (spec 1.8, C7). */
static comparison compare_string(arena scratch, str wanted, str given, oracle_reading reading, bool nocase)
{
    oracle_text pattern, text = oracle_text_of(&scratch, given);
    if (!oracle_pattern_of(&scratch, wanted, reading, &pattern)) return COMPARE_NO;
    return yes_or_no(oracle_glob(scratch, pattern, text, nocase ? text.count : 0));
}

/* ---- ARNs: "Amazon Resource Name (ARN) condition operators"; six parts, each a pattern of its own ---- */

static bool arn_split(oracle_text t, oracle_text parts[6])
{
    size_t part = 0, begin = 0;
    for (size_t i = 0; i < t.count && part < 5; i++)
        if (t.at[i] == ':') {
            parts[part++] = (oracle_text){.at = t.at + begin, .count = i - begin};
            begin = i + 1;
        }
    if (part < 5) return false;
    parts[5] = (oracle_text){.at = t.at + begin, .count = t.count - begin};
    return true;
}

static comparison compare_arn(arena scratch, str wanted, str given, oracle_reading reading)
{
    oracle_text pattern, patterns[6], texts[6];
    if (!arn_split(oracle_text_of(&scratch, given), texts)) return COMPARE_UNREADABLE;
    if (!oracle_pattern_of(&scratch, wanted, reading, &pattern)) return COMPARE_NO;
    if (!arn_split(pattern, patterns)) return COMPARE_UNREADABLE;
    bool all = true;
    for (size_t i = 0; i < 6; i++) all = all && oracle_glob(scratch, patterns[i], texts[i], 0);
    return yes_or_no(all);
}

/* ---- the other types ---- */

/* "Boolean condition operators". A policy value may hold a variable: contested, spec C6. */
static comparison compare_bool(arena scratch, str wanted, str given, oracle_reading reading)
{
    bool is;
    if (!oracle_bool_read(given, &is)) return COMPARE_UNREADABLE;
    return compare_string(scratch, wanted, given, reading, true);
}

static bool order_is(condition_base base, int order) /* of the request's value to the policy's */
{
    switch (base) {
    case CONDITION_NUMERIC_LESS_THAN:
    case CONDITION_DATE_LESS_THAN: return order < 0;
    case CONDITION_NUMERIC_LESS_THAN_EQUALS:
    case CONDITION_DATE_LESS_THAN_EQUALS: return order <= 0;
    case CONDITION_NUMERIC_GREATER_THAN:
    case CONDITION_DATE_GREATER_THAN: return order > 0;
    case CONDITION_NUMERIC_GREATER_THAN_EQUALS:
    case CONDITION_DATE_GREATER_THAN_EQUALS: return order >= 0;
    default: return order == 0;
    }
}

static comparison compare(arena scratch, condition_base base, str wanted, str given, oracle_reading reading)
{
    bool           yes = false;
    int            order = 0;
    oracle_reading like = reading;
    like.wildcards = true;
    switch (base) {
    case CONDITION_STRING_EQUALS:
    case CONDITION_STRING_NOT_EQUALS: return compare_string(scratch, wanted, given, reading, false);
    case CONDITION_STRING_EQUALS_IGNORE_CASE:
    case CONDITION_STRING_NOT_EQUALS_IGNORE_CASE: return compare_string(scratch, wanted, given, reading, true);
    case CONDITION_STRING_LIKE:
    case CONDITION_STRING_NOT_LIKE: return compare_string(scratch, wanted, given, like, false);
    case CONDITION_NUMERIC_EQUALS:
    case CONDITION_NUMERIC_NOT_EQUALS:
    case CONDITION_NUMERIC_LESS_THAN:
    case CONDITION_NUMERIC_LESS_THAN_EQUALS:
    case CONDITION_NUMERIC_GREATER_THAN:
    case CONDITION_NUMERIC_GREATER_THAN_EQUALS:
        if (!oracle_number_order(given, wanted, &order)) return COMPARE_UNREADABLE;
        return yes_or_no(order_is(base, order));
    case CONDITION_DATE_EQUALS:
    case CONDITION_DATE_NOT_EQUALS:
    case CONDITION_DATE_LESS_THAN:
    case CONDITION_DATE_LESS_THAN_EQUALS:
    case CONDITION_DATE_GREATER_THAN:
    case CONDITION_DATE_GREATER_THAN_EQUALS:
        if (!oracle_date_order(given, wanted, &order)) return COMPARE_UNREADABLE;
        return yes_or_no(order_is(base, order));
    case CONDITION_BOOL: return compare_bool(scratch, wanted, given, reading);
    case CONDITION_BINARY_EQUALS:
        if (!oracle_base64_equal(scratch, wanted, given, &yes)) return COMPARE_UNREADABLE;
        return yes_or_no(yes);
    case CONDITION_IP_ADDRESS:
    case CONDITION_NOT_IP_ADDRESS:
        if (!oracle_address_in(given, wanted, &yes)) return COMPARE_UNREADABLE;
        return yes_or_no(yes);
    case CONDITION_ARN_EQUALS: /* takes wildcards exactly like ArnLike */
    case CONDITION_ARN_NOT_EQUALS:
    case CONDITION_ARN_LIKE:
    case CONDITION_ARN_NOT_LIKE: return compare_arn(scratch, wanted, given, like);
    case CONDITION_NULL: /* asks for the key, not for its values */
    case CONDITION_UNKNOWN:
    case CONDITION_BASE_COUNT: break;
    }
    return COMPARE_UNREADABLE;
}

/* ---- values, sets and missing keys: spec 2.2, 2.3 ---- */

/* m(r) of spec 2.3: any of the policy's values for a positive operator, none of them for a negated one. Where the
 * policy has none, that is no and yes (contested, spec C31). */
static bool value_passes(arena scratch, const policy_clause *c, str given, oracle_reading reading)
{
    bool any = false, unreadable = false;
    for (uint32_t i = 0; i < c->value_count; i++) {
        comparison is = compare(scratch, c->base, c->values[i].text, given, reading);
        any = any || is == COMPARE_YES;
        unreadable = unreadable || is == COMPARE_UNREADABLE;
    }
    return condition_negated(c->base) ? !any && !unreadable : any;
}

/* "Condition operator to check existence of condition keys". An empty set counts as absent (spec 2.9), a single
 * value is there even when it is empty (contested, spec C15); a set operator in front changes nothing. */
static bool null_holds(const policy_clause *c, bool absent)
{
    bool want, any = false;
    for (uint32_t i = 0; i < c->value_count; i++)
        any = any || (oracle_bool_read(c->values[i].text, &want) && want == absent);
    return any;
}

static bool missing_key_holds(const policy_clause *c)
{
    if (c->if_exists || c->set == CONDITION_FOR_ALL) return true; /* with ForAnyValue too: contested, spec C10 */
    return c->set == CONDITION_PLAIN && condition_negated(c->base);
}

/* "Multivalued context keys". A set whose only member is the empty string is empty (spec 2.3, the empty-set rule),
 * for ForAnyValue too, though Null finds the key (contested).
 * The guide's table for ForAllValues:StringNotLike contradicts this definition of its own (spec C11). */
static bool set_holds(arena scratch, const policy_clause *c, const request_key *k, bool multivalued,
                      oracle_reading reading)
{
    uint32_t passed = 0;
    if (multivalued && k->value_count == 1 && k->values[0].len == 0) return c->set == CONDITION_FOR_ALL;
    for (uint32_t i = 0; i < k->value_count; i++) passed += value_passes(scratch, c, k->values[i], reading);
    return c->set == CONDITION_FOR_ANY ? passed > 0 : passed == k->value_count;
}

static bool clause_holds(arena scratch, const policy_clause *c, oracle_reading reading)
{
    if (c->base == CONDITION_UNKNOWN) return false;
    const request_key *k = oracle_key(reading.request, c->key.text);
    bool               multivalued = k != NULL && oracle_key_multivalued(k, reading.facts);
    if (c->base == CONDITION_NULL) return null_holds(c, k == NULL || (multivalued && k->value_count == 0));
    if (k == NULL) return missing_key_holds(c);
    if (c->set != CONDITION_PLAIN) return set_holds(scratch, c, k, multivalued, reading);
    /* Several values need a set operator (contested, spec C9). */
    return !multivalued && k->value_count == 1 && value_passes(scratch, c, k->values[0], reading);
}

uint32_t oracle_condition_failing(arena scratch, const policy_statement *s, const policy *p, const request *q,
                                  const catalog *facts)
{
    oracle_reading reading = {.variables = p->version_2012, .request = q, .facts = facts};
    for (uint32_t i = 0; i < s->clause_count; i++)
        if (!clause_holds(scratch, &s->clauses[i], reading)) return i;
    return EXPLAIN_NONE;
}

bool oracle_condition_holds(arena scratch, const policy_statement *s, const policy *p, const request *q,
                            const catalog *facts)
{
    return oracle_condition_failing(scratch, s, p, q, facts) == EXPLAIN_NONE;
}
