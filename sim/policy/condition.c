#include "policy/condition.h"

#include <assert.h>

#include "base/mutant.h"
#include "policy/match.h"

bool condition_has_variable(const policy_clause *c, bool version_2012)
{
    if (!version_2012) return false;
    for (uint32_t i = 0; i < c->value_count; i++)
        if (pattern_has_variable(c->values[i].text)) return true;
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

typedef enum { FAMILY_STRING, FAMILY_NUMBER, FAMILY_DATE, FAMILY_BOOL, FAMILY_BINARY, FAMILY_IP, FAMILY_ARN } family;

static family family_of(condition_base base)
{
    if (base <= CONDITION_STRING_NOT_LIKE) return FAMILY_STRING;
    if (base <= CONDITION_NUMERIC_GREATER_THAN_EQUALS) return FAMILY_NUMBER;
    if (base <= CONDITION_DATE_GREATER_THAN_EQUALS) return FAMILY_DATE;
    if (base == CONDITION_BOOL) return FAMILY_BOOL;
    if (base == CONDITION_BINARY_EQUALS) return FAMILY_BINARY;
    if (base <= CONDITION_NOT_IP_ADDRESS) return FAMILY_IP;
    assert(base <= CONDITION_ARN_NOT_LIKE);
    return FAMILY_ARN;
}

/* Policy values and request values alike: both are text; base64 of both is decoded. */
static void operand_read(arena *a, family of, pattern p, prepared_operand *out)
{
    size_t len = 0;
    switch (of) {
    case FAMILY_STRING: out->readable = true; return;
    case FAMILY_NUMBER: out->readable = value_number_read(p.text, &out->as.number); return;
    case FAMILY_DATE: out->readable = value_date_read(p.text, &out->as.date); return;
    case FAMILY_BOOL: out->readable = value_bool_read(p.text, &out->as.truth); return;
    case FAMILY_IP: out->readable = value_ip_read(p.text, &out->as.ip); return;
    case FAMILY_ARN: out->readable = pattern_arn_read(p, &out->as.arn); return;
    case FAMILY_BINARY: {
        uint8_t *bytes = ARENA_NEW(a, uint8_t, p.text.len + 1);
        out->readable = value_base64_read(p.text, bytes, &len);
        out->as.bytes = (str){(const char *)bytes, len};
        return;
    }
    }
}

/* As a caller's: an address, not a block. */
static void operand_read_request(arena *a, family of, str text, prepared_operand *out)
{
    operand_read(a, of, (pattern){text, NULL}, out);
    if (of == FAMILY_IP && str_find(text, '/', 0) < text.len) out->readable = false;
}

bool condition_readable(arena *scratch, condition_base base, str text, bool from_request)
{
    arena            temporary = *scratch;
    prepared_operand read;
    if (from_request)
        operand_read_request(&temporary, family_of(base), text, &read);
    else
        operand_read(&temporary, family_of(base), (pattern){text, NULL}, &read);
    return read.readable;
}

static outcome compare_string(condition_base base, pattern want, str have)
{
    switch (base) {
    case CONDITION_STRING_EQUALS:
    case CONDITION_STRING_NOT_EQUALS: return outcome_of(str_eq(want.text, have));
    case CONDITION_STRING_EQUALS_IGNORE_CASE:
    case CONDITION_STRING_NOT_EQUALS_IGNORE_CASE: return outcome_of(str_eq_nocase(want.text, have));
    default: return outcome_of(pattern_glob(want, have, MUTANT(MUTANT_STRING_LIKE_IGNORES_CASE)));
    }
}

static outcome compare_date(condition_base base, value_date want, value_date have)
{
    if (MUTANT(MUTANT_DATE_NOT_AFTER_IS_BEFORE) && base == CONDITION_DATE_LESS_THAN_EQUALS) base--;
    return ordered(value_date_cmp(have, want), base - CONDITION_DATE_EQUALS);
}

static outcome compare_ip(value_ip want, value_ip have)
{
    if (MUTANT(MUTANT_CIDR_MASK_IGNORED)) want.bits = have.bits;
    return outcome_of(value_ip_in(have, want));
}

static outcome compare(condition_base base, family of, const prepared_operand *want, const prepared_operand *have)
{
    if (!want->readable || !have->readable) return UNREADABLE;
    switch (of) {
    case FAMILY_NUMBER:
        return ordered(value_number_cmp(have->as.number, want->as.number), base - CONDITION_NUMERIC_EQUALS);
    case FAMILY_DATE: return compare_date(base, want->as.date, have->as.date);
    case FAMILY_BOOL: return outcome_of(want->as.truth == have->as.truth);
    case FAMILY_BINARY: return outcome_of(str_eq(want->as.bytes, have->as.bytes));
    case FAMILY_IP: return compare_ip(want->as.ip, have->as.ip);
    case FAMILY_ARN: return outcome_of(pattern_arn(&want->as.arn, &have->as.arn));
    case FAMILY_STRING: break;
    }
    assert(false);
    return UNREADABLE;
}

bool condition_takes_variables(condition_base base)
{
    return base <= CONDITION_STRING_NOT_LIKE || base == CONDITION_BOOL ||
           (base >= CONDITION_ARN_EQUALS && base <= CONDITION_ARN_NOT_LIKE);
}

/* ---- reading a clause ---- */

void clause_prepare(arena *a, const policy_clause *c, bool version_2012, prepared_clause *out)
{
    *out = (prepared_clause){.clause = c, .mark = key_mark(c->key.text), .negated = condition_negated(c->base)};
    if (c->base == CONDITION_NULL || c->base == CONDITION_UNKNOWN) return;
    family of = family_of(c->base);
    bool   variables = version_2012 && condition_takes_variables(c->base);
    out->values = ARENA_NEW(a, prepared_value, c->value_count);
    if (of != FAMILY_STRING) out->reads = ARENA_NEW(a, prepared_operand, c->value_count);
    for (uint32_t i = 0; i < c->value_count; i++) {
        prepared_value *v = &out->values[i];
        v->text = (pattern){c->values[i].text, NULL};
        v->variable = variables && pattern_has_variable(v->text.text);
        if (of != FAMILY_STRING && !v->variable) operand_read(a, of, v->text, &out->reads[i]);
    }
}

void clause_prepare_listing(prepared_clause *c, const catalog *facts)
{
    uint32_t listed = facts == NULL ? CATALOG_NONE : catalog_key_find(facts, c->clause->key.text);
    c->listed = KEY_UNLISTED;
    if (listed != CATALOG_NONE) c->listed = catalog_key_at(facts, listed)->multivalued ? KEY_MULTIVALUED : KEY_SINGLE;
}

/* ---- keys of a request ---- */

/* The last eight bytes, in which keys differ most; the bit that folds case is set in all of them, which takes some
 * other characters for each other too. */
uint64_t key_mark(str key)
{
    uint64_t tail = 0;
    if (key.len >= sizeof tail)
        memcpy(&tail, key.ptr + key.len - sizeof tail, sizeof tail);
    else if (key.len > 0)
        memcpy(&tail, key.ptr, key.len);
    return (tail | 0x2020202020202020u) ^ (uint64_t)key.len << 32;
}

void request_keys_mark(arena *a, request_keys *keys)
{
    uint64_t *marks = ARENA_NEW(a, uint64_t, keys->q->context_count);
    for (uint32_t i = 0; i < keys->q->context_count; i++) marks[i] = key_mark(keys->q->context[i].key);
    keys->marks = marks;
}

const request_key *request_keys_find(const request_keys *keys, const prepared_clause *c)
{
    const request *q = keys->q;
    if (keys->marks == NULL) return request_key_find(q, c->clause->key.text);
    for (uint32_t i = 0; i < q->context_count; i++)
        if (keys->marks[i] == c->mark && str_eq_nocase(q->context[i].key, c->clause->key.text)) return &q->context[i];
    return NULL;
}

bool clause_multivalued(const request_keys *keys, const prepared_clause *c, const request_key *k)
{
    if (c->listed == KEY_NOT_ASKED) return request_key_multivalued(k, keys->facts);
    return c->listed == KEY_UNLISTED ? k->is_array : c->listed == KEY_MULTIVALUED;
}

/* ---- evaluating it ---- */

/* One value of the policy, by number, against one of the request, `read` as the operator's family reads it. */
static outcome value_compare(arena *scratch, const prepared_clause *c, uint32_t index, const request_keys *keys,
                             str have, const prepared_operand *read)
{
    condition_base        base = c->clause->base;
    family                of = family_of(base);
    const prepared_value *v = &c->values[index];
    /* Asked of the request's value alone: an unresolved variable does not make a non-ARN readable. */
    if (of == FAMILY_ARN && !read->readable) return UNREADABLE;
    if (!v->variable && of == FAMILY_STRING) return compare_string(base, v->text, have);
    if (!v->variable) return compare(base, of, &c->reads[index], read);
    arena            temporary = *scratch;
    pattern          resolved;
    prepared_operand want;
    if (!pattern_resolve(&temporary, v->text.text, 0, keys->q, keys->facts, &resolved, NULL)) return DIFFERS;
    if (of == FAMILY_STRING) return compare_string(base, resolved, have);
    operand_read(&temporary, of, resolved, &want);
    return compare(base, of, &want, read);
}

/* One request value against all policy values: OR for positive operators, NOR for negated ones. What cannot be read
 * counts as no match for the former; for the latter it makes the clause false (contested point C12). */
static bool value_holds(arena *scratch, const prepared_clause *c, const request_keys *keys, str have,
                        bool *indeterminate)
{
    arena            temporary = *scratch;
    uint32_t         agreeing = 0, count = c->clause->value_count;
    bool             unreadable = false;
    prepared_operand read;
    operand_read_request(&temporary, family_of(c->clause->base), have, &read);
    for (uint32_t i = 0; i < count; i++) {
        outcome o = value_compare(&temporary, c, i, keys, have, &read);
        agreeing += o == AGREES;
        unreadable = unreadable || o == UNREADABLE;
        if (o == AGREES) break; /* settled, for either polarity */
    }
    if (unreadable && agreeing == 0 && indeterminate != NULL) *indeterminate = true;
    if (!c->negated) return agreeing > 0;
    if (MUTANT(MUTANT_NONE_OF_IS_SOME_NOT)) return agreeing < count;
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

bool clause_holds(arena *scratch, const prepared_clause *r, const request_keys *keys, bool *indeterminate)
{
    const policy_clause *c = r->clause;
    if (c->base == CONDITION_UNKNOWN) return false;
    const request_key *k = request_keys_find(keys, r);
    bool               multivalued = k != NULL && clause_multivalued(keys, r, k);
    if (c->base == CONDITION_NULL) return null_holds(c, k == NULL || (multivalued && k->value_count == 0));
    if (k == NULL) return missing_key_holds(c);
    /* A multivalued key needs a set operator: neither polarity holds without (contested point C9). */
    bool one_only = c->set == CONDITION_PLAIN && !MUTANT(MUTANT_SET_OPERATOR_OPTIONAL);
    if (one_only && (multivalued || k->value_count != 1)) return false;
    /* A set of nothing but the empty string is empty: for either operator, though Null finds the key (contested). */
    if (c->set != CONDITION_PLAIN && multivalued && k->value_count == 1 && k->values[0].len == 0)
        return c->set == CONDITION_FOR_ALL;
    uint32_t holding = 0;
    for (uint32_t i = 0; i < k->value_count; i++) holding += value_holds(scratch, r, keys, k->values[i], indeterminate);
    if (c->set != CONDITION_FOR_ALL) return holding > 0;
    return holding == k->value_count && !(MUTANT(MUTANT_FOR_ALL_EMPTY_FAILS) && k->value_count == 0);
}

bool condition_holds(arena *scratch, const policy_clause *c, bool version_2012, const request *q, const catalog *facts,
                     bool *indeterminate)
{
    arena           temporary = *scratch;
    prepared_clause r;
    request_keys    keys = {q, facts, NULL};
    clause_prepare(&temporary, c, version_2012, &r);
    return clause_holds(&temporary, &r, &keys, indeterminate);
}
