/* oracle_match.h - texts, patterns and wildcards as the oracle sees them; private to the room.
 *
 * A text is a row of symbols, one for each character. A pattern is such a row in which four further symbols stand for
 * its wildcards, so that a character that was escaped or put in by a variable can never be taken for one.
 *
 * Memory  what is made lives in the arena given; scratch comes by value and is released by returning.
 * Cost    a match takes pattern * text steps and one flag for each character of the text.
 */
#ifndef ORACLE_ORACLE_MATCH_H
#define ORACLE_ORACLE_MATCH_H

#include "base/arena.h"
#include "policy/catalog.h"
#include "policy/explanation.h"

/* A character's symbol is its UTF-8 bytes as one number: at most 0x7f, or at least 0xc080. */
enum {
    SYMBOL_ONE = 0x100, /* `?`: any one character      */
    SYMBOL_RUN,         /* `*`: any number of any characters */
    SYMBOL_ONE_INSIDE,  /* the same two, but no colon  */
    SYMBOL_RUN_INSIDE,
};

typedef struct {
    uint32_t *at;
    size_t    count, capacity;
} oracle_text;

/* What a policy's value may hold besides plain characters, and where its variables are looked up. */
typedef struct {
    bool           wildcards, variables;
    const request *request; /* needed for variables */
    const catalog *facts;   /* may be null: no key is known */
} oracle_reading;

oracle_text oracle_text_of(arena *a, str s);
/* False when a variable cannot be resolved. */
bool oracle_pattern_of(arena *a, str value, oracle_reading reading, oracle_text *out);
/* The first nocase_count characters of the text are compared without regard to case (ASCII letters). */
bool oracle_glob(arena scratch, oracle_text pattern, oracle_text text, size_t nocase_count);

/* Indexes of the first pattern that takes the request, of Not- elements too; EXPLAIN_NONE when none does. */
uint32_t oracle_action_taken_by(arena scratch, const policy_statement *s, str action);
uint32_t oracle_resource_taken_by(arena scratch, const policy_statement *s, const policy *p, const request *q,
                                  const catalog *facts);
/* Index of the first clause that fails; EXPLAIN_NONE when all hold. */
uint32_t oracle_condition_failing(arena scratch, const policy_statement *s, const policy *p, const request *q,
                                  const catalog *facts);

/* The context's entry of that name, whatever its case; null when the key is missing. */
const request_key *oracle_key(const request *q, str name);
/* Multivalued by type; a key that nobody lists, by the shape of its value (spec 2.3). */
bool oracle_key_multivalued(const request_key *k, const catalog *facts);

#endif
