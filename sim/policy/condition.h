/* condition.h - one condition clause against a request, as the core evaluates it.
 *
 * Tables of spec section 2: missing keys, IfExists, set operators, type failures (unparsable under a negated operator
 * is false, C12). Multi-valued is a matter of the key's type in the catalogue, else of the value's shape.
 */
#ifndef POLICY_CONDITION_H
#define POLICY_CONDITION_H

#include "policy/catalog.h"
#include "policy/pattern.h"
#include "policy/request.h"
#include "policy/value.h"

/* Whether the clause holds. *indeterminate (may be null) is set when no value agrees and one could not be read. */
bool condition_holds(arena *scratch, const policy_clause *c, bool version_2012, const request *q, const catalog *facts,
                     bool *indeterminate);
/* Whether any value of the clause holds a policy variable (only possible when version_2012). */
bool condition_has_variable(const policy_clause *c, bool version_2012);
bool condition_takes_variables(condition_base base);
/* Whether a value is of the operator's type. Not of Null. */
bool condition_readable(arena *scratch, condition_base base, str text, bool from_request);

/* ---- the same in two steps: what a clause says by itself is read once, for many requests ---- */

/* A value as its operator's family reads it. */
typedef struct {
    bool readable;
    union {
        value_number number;
        value_date   date;
        value_ip     ip;
        bool         truth;
        str          bytes;
        arn_pattern  arn;
    } as;
} prepared_operand;

typedef struct {
    pattern text;
    bool    variable; /* to be put in with each request: not read */
} prepared_value;

typedef enum { KEY_NOT_ASKED, KEY_UNLISTED, KEY_SINGLE, KEY_MULTIVALUED } key_listing;
typedef struct {
    const policy_clause *clause;
    uint64_t             mark;
    prepared_value      *values; /* [clause->value_count]                         */
    prepared_operand    *reads;  /* likewise; null under String operators, which compare text */
    bool                 negated;
    key_listing          listed; /* by the catalogue that it was read with */
} prepared_clause;

void clause_prepare(arena *a, const policy_clause *c, bool version_2012, prepared_clause *out);
void clause_prepare_listing(prepared_clause *c, const catalog *facts);

/* Keys of a request by name. A mark is equal for names that are equal up to case, and mostly different for others. */
typedef struct {
    const request  *q;
    const catalog  *facts;
    const uint64_t *marks; /* null: not made */
} request_keys;
uint64_t           key_mark(str key);
void               request_keys_mark(arena *a, request_keys *keys);
const request_key *request_keys_find(const request_keys *keys, const prepared_clause *c);
bool               clause_multivalued(const request_keys *keys, const prepared_clause *c, const request_key *k);

bool clause_holds(arena *scratch, const prepared_clause *c, const request_keys *keys, bool *indeterminate);

#endif
