#include "policy/condition.h"

#include <assert.h>

#include "base/mutant.h"
#include "policy/match.h"
#include "policy/pattern.h"
#include "policy/value.h"

bool condition_has_variable(const policy_clause *c, bool version_2012)
{
    if (!version_2012) return false;
    for (uint32_t i = 0; i < c->value_count; i++)
        for (size_t j = 0; j + 1 < c->values[i].text.len; j++)
            if (c->values[i].text.ptr[j] == '$' && c->values[i].text.ptr[j + 1] == '{') return true;
    return false;
}

/* What one comparison said; UNREADABLE: a value is not of the operator's type. */
typedef enum { DIFFERS, AGREES, UNREADABLE } outcome;

static outcome outcome_of(bool agrees)
{
    return agrees ? AGREES : DIFFERS;
}

/* Whether an order (-1, 0, 1 of request against policy) satisfies an operator, by its rank in its family:
 * Equals, NotEquals, LessThan, LessThanEquals, GreaterThan, GreaterThanEquals. */
static outcome ordered(int order, unsigned rank)
{
    switch (rank) {
    case 0:
    case 1: return outcome_of(order == 0); /* NotEquals is negated by the caller */
    case 2: return outcome_of(order < 0);
    case 3: return outcome_of(order <= 0);
    case 4: return outcome_of(order > 0);
    default: return outcome_of(order >= 0);
    }
}

static outcome compare_number(condition_base base, str want, str have)
{
    value_number a, b;
    if (!value_number_read(have, &a) || !value_number_read(want, &b)) return UNREADABLE;
    return ordered(value_number_cmp(a, b), base - CONDITION_NUMERIC_EQUALS);
}

static outcome compare_date(condition_base base, str want, str have)
{
    value_date a, b;
    if (!value_date_read(have, &a) || !value_date_read(want, &b)) return UNREADABLE;
    if (MUTANT(MUTANT_DATE_NOT_AFTER_IS_BEFORE) && base == CONDITION_DATE_LESS_THAN_EQUALS) base--;
    return ordered(value_date_cmp(a, b), base - CONDITION_DATE_EQUALS);
}

static outcome compare_ip(str want, str have)
{
    value_ip block, address;
    bool     is_block = str_find(have, '/', 0) < have.len; /* a caller has an address */
    if (is_block || !value_ip_read(have, &address) || !value_ip_read(want, &block)) return UNREADABLE;
    if (MUTANT(MUTANT_CIDR_MASK_IGNORED)) block.bits = address.bits;
    return outcome_of(value_ip_in(address, block));
}

/* The policy value is base64; the request's is too, as contexts are text. */
static outcome compare_binary(arena *scratch, str want, str have)
{
    size_t   want_len = 0, have_len = 0;
    uint8_t *a = ARENA_NEW(scratch, uint8_t, want.len + 1), *b = ARENA_NEW(scratch, uint8_t, have.len + 1);
    if (!value_base64_read(want, a, &want_len) || !value_base64_read(have, b, &have_len)) return UNREADABLE;
    return outcome_of(want_len == have_len && memcmp(a, b, want_len) == 0);
}

static outcome compare_bool(pattern want, str have)
{
    bool a = false, b = false;
    if (!value_bool_read(want.text, &a) || !value_bool_read(have, &b)) return UNREADABLE;
    return outcome_of(a == b);
}

static outcome compare(arena *scratch, condition_base base, pattern want, str have)
{
    switch (base) {
    case CONDITION_STRING_EQUALS:
    case CONDITION_STRING_NOT_EQUALS: return outcome_of(str_eq(want.text, have));
    case CONDITION_STRING_EQUALS_IGNORE_CASE:
    case CONDITION_STRING_NOT_EQUALS_IGNORE_CASE: return outcome_of(str_eq_nocase(want.text, have));
    case CONDITION_STRING_LIKE:
    case CONDITION_STRING_NOT_LIKE:
        return outcome_of(pattern_glob(want, have, MUTANT(MUTANT_STRING_LIKE_IGNORES_CASE)));
    case CONDITION_ARN_EQUALS:
    case CONDITION_ARN_NOT_EQUALS:
    case CONDITION_ARN_LIKE:
    case CONDITION_ARN_NOT_LIKE:
        if (!pattern_arn_ok(want)) return UNREADABLE;
        return outcome_of(pattern_arn(want, have));
    case CONDITION_BOOL: return compare_bool(want, have);
    case CONDITION_BINARY_EQUALS: return compare_binary(scratch, want.text, have);
    case CONDITION_IP_ADDRESS:
    case CONDITION_NOT_IP_ADDRESS: return compare_ip(want.text, have);
    default: break;
    }
    if (base <= CONDITION_NUMERIC_GREATER_THAN_EQUALS) return compare_number(base, want.text, have);
    assert(base <= CONDITION_DATE_GREATER_THAN_EQUALS);
    return compare_date(base, want.text, have);
}

static bool takes_variables(condition_base base)
{
    return base <= CONDITION_STRING_NOT_LIKE || base == CONDITION_BOOL ||
           (base >= CONDITION_ARN_EQUALS && base <= CONDITION_ARN_NOT_LIKE);
}

/* One request value against all policy values: OR for positive operators, NOR for negated ones. What cannot be read
 * counts as no match for the former; for the latter it makes the clause false (contested point C12). */
static bool value_holds(const arena *scratch, const policy_clause *c, bool version_2012, const request *q,
                        const catalog *facts, str have, bool *indeterminate)
{
    uint32_t agreeing = 0;
    bool     unreadable = false;
    /* Asked of the request's value alone: an unresolved variable does not make a non-ARN readable. */
    bool no_arn =
        c->base >= CONDITION_ARN_EQUALS && c->base <= CONDITION_ARN_NOT_LIKE && !pattern_arn_ok((pattern){have, NULL});
    for (uint32_t i = 0; i < c->value_count; i++) {
        arena   temporary = *scratch;
        pattern want = {c->values[i].text, NULL};
        bool    plain = !version_2012 || !takes_variables(c->base);
        bool    resolved = plain || pattern_resolve(&temporary, want.text, 0, q, facts, &want);
        outcome o = no_arn ? UNREADABLE : resolved ? compare(&temporary, c->base, want, have) : DIFFERS;
        agreeing += o == AGREES;
        unreadable = unreadable || o == UNREADABLE;
    }
    if (unreadable && indeterminate != NULL) *indeterminate = true;
    if (!condition_negated(c->base)) return agreeing > 0;
    if (MUTANT(MUTANT_NONE_OF_IS_SOME_NOT)) return agreeing < c->value_count;
    return agreeing == 0 && (!unreadable || MUTANT(MUTANT_UNREADABLE_NEGATED_HOLDS));
}

/* Presence is asked of the key, not of its values, so a set operator changes nothing. An empty set is absent. */
static bool null_holds(const policy_clause *c, bool absent)
{
    bool want = false, any = false;
    for (uint32_t i = 0; i < c->value_count; i++)
        any = any || (value_bool_read(c->values[i].text, &want) && want == absent);
    return any;
}

static bool missing_key_holds(const policy_clause *c)
{
    if (c->if_exists && !MUTANT(MUTANT_IF_EXISTS_IGNORED)) return true; /* under ForAnyValue too: contested, C10 */
    if (c->set == CONDITION_FOR_ALL) return !MUTANT(MUTANT_FOR_ALL_EMPTY_FAILS);
    return c->set == CONDITION_PLAIN && condition_negated(c->base) && !MUTANT(MUTANT_NEGATED_MISSING_KEY_FAILS);
}

bool condition_holds(arena *scratch, const policy_clause *c, bool version_2012, const request *q, const catalog *facts,
                     bool *indeterminate)
{
    const request_key *k = request_key_find(q, c->key.text);
    bool               multivalued = k != NULL && request_key_multivalued(k, facts);
    if (c->base == CONDITION_UNKNOWN) return false;
    if (c->base == CONDITION_NULL) return null_holds(c, k == NULL || (multivalued && k->value_count == 0));
    if (k == NULL) return missing_key_holds(c);
    /* A multivalued key needs a set operator: neither polarity holds without (contested point C9). */
    bool one_only = c->set == CONDITION_PLAIN && !MUTANT(MUTANT_SET_OPERATOR_OPTIONAL);
    if (one_only && (multivalued || k->value_count != 1)) return false;
    uint32_t holding = 0;
    for (uint32_t i = 0; i < k->value_count; i++)
        holding += value_holds(scratch, c, version_2012, q, facts, k->values[i], indeterminate);
    if (c->set != CONDITION_FOR_ALL) return holding > 0;
    if (MUTANT(MUTANT_FOR_ALL_EMPTY_FAILS) && k->value_count == 0) return false;
    /* A set of nothing but the empty string is empty. */
    return holding == k->value_count || (multivalued && k->value_count == 1 && k->values[0].len == 0);
}
