/* case_stream.h - questions over all layers by every kind of caller: case n of a seed is always the same.
 *
 * Accounts, names, keys and values are few, so that principals and patterns meet. A case is put together from a pool of
 * parsed policies that CASE_POOL_CASES neighbours share, as parsing takes longer than deciding.
 *
 *   case_stream s;
 *   case_stream_init(&s, seed);
 *   case_stream_at(&s, n, &c);  lives until the next call
 *   case_stream_deinit(&s);
 */
#ifndef SUPPORT_CASE_STREAM_H
#define SUPPORT_CASE_STREAM_H

#include "policy/request.h"
#include "support/chance.h"

#define CASE_POOL_CASES 64
#define CASE_POOL_SIZE  6

typedef struct {
    arena         pool_arena, case_arena;
    uint64_t      seed;
    uint32_t      pool_number; /* + 1; 0: none is drawn */
    const policy *pool[POLICY_TYPE_COUNT][CASE_POOL_SIZE];
} case_stream;

void case_stream_init(case_stream *s, uint64_t seed);
void case_stream_deinit(case_stream *s);
void case_stream_at(case_stream *s, uint32_t n, policy_case *out);

#endif
