/* prepare.h - what a policy says without a request, found out once so that it can be asked many times.
 *
 *   action -----> two keys: of its service, of its whole name
 *     key ------> bucket of patterns --> those whose name begins alike are matched; statements as bits of words
 *   resource ---> patterns that begin otherwise are passed over by one comparison; the others are matched
 *   clause -----> its key's mark and type, its values as their operator reads them
 *
 * Every table only leaves out what cannot match; whether something does is said by match.h and condition.h alone, so an
 * answer is the same with and without.
 * Memory   the arena given; lives as long as the policy. Read by any number of threads.
 * Cost     about that of parsing the policy.
 */
#ifndef POLICY_PREPARE_H
#define POLICY_PREPARE_H

#include "policy/condition.h"
#include "policy/principal.h"

typedef struct policy_prepared policy_prepared;

/* `p->prepared` is for the caller to set. facts may be null; with others the answers are the same, only later. */
const policy_prepared *policy_prepare(arena *a, const policy *p, const catalog *facts);

/* ---- inside this room ---- */

typedef struct {
    uint64_t begins, mask; /* of the name, its first eight bytes */
    uint32_t key;
    uint32_t statement, action;
} prepared_action;

typedef struct {
    resource_pattern pattern;
    uint64_t         begins[2], mask[2]; /* of the ARN, its first sixteen bytes */
} prepared_resource;

typedef struct {              /* bits of 64 statements */
    uint64_t every, inverted; /* an Action pattern that takes all; NotAction          */
    uint64_t deny;
    uint64_t any_resource; /* the request's resource does not matter */
} prepared_word;

typedef struct {
    uint32_t resources, clauses; /* the first of them */
} prepared_statement;

struct policy_prepared {
    const catalog      *facts;
    uint64_t            services; /* a bit for each key that is there */
    bool                open;     /* some word has `every` or `inverted`: never passed over */
    uint32_t            word_count, bucket_mask;
    prepared_word      *words;
    prepared_statement *statements;
    uint32_t           *buckets; /* [bucket_mask + 2] the first action of each */
    prepared_action    *actions;
    prepared_resource  *resources;
    prepared_clause    *clauses;
};

/* A request as these tables want it. */
typedef struct {
    uint32_t service_key, action_key;
    uint64_t services;
    uint64_t name_begins;
    uint64_t resource_begins[2];
} prepared_request;
prepared_request prepare_request(const request *q);

/* Which statements of a word take the action. */
uint64_t prepared_taken(const policy_prepared *r, const policy *p, uint32_t word, const request *q,
                        const prepared_request *x);

static inline bool prepared_may_take(const policy_prepared *r, const prepared_request *x)
{
    return r->open || (r->services & x->services) != 0;
}

static inline bool prepared_may_hold(const prepared_resource *r, const prepared_request *x)
{
    return ((r->begins[0] ^ x->resource_begins[0]) & r->mask[0]) == 0 &&
           ((r->begins[1] ^ x->resource_begins[1]) & r->mask[1]) == 0;
}

#endif
