/* tables.h - integer alias tables: a weighted choice in O(1) from one u64 (Walker 1977, Vose 1991).
 *
 * Exact in the integers it is given: weights are scaled to 2^32 per column with the rounding error spread so that
 * a column's error is < 2^-31 of its share. Same table on every machine.
 * Zipf: item i of n has weight 1/(i+1)^s, s an exact ratio, n up to 2^24; weights from fixed.h.
 */
#ifndef BASE_TABLES_H
#define BASE_TABLES_H

#include "base/arena.h"
#include "base/status.h"

#define TABLES_ZIPF_MAX (1u << 24)

typedef struct {
    uint32_t count;
    struct alias_column {
        uint32_t keep; /* of 2^32: keep the column when the low word is below it (0xffffffff: always) */
        uint32_t other;
    } * columns;
} alias_table;

/* At least one weight must be positive; fails with STATUS_INVALID otherwise, STATUS_LIMIT above 2^24 items. */
status alias_init(arena *a, const uint64_t *weights, uint32_t count, arena scratch, alias_table *out, err *e);
status alias_zipf(arena *a, uint32_t count, uint64_t s_num, uint64_t s_den, arena scratch, alias_table *out, err *e);
/* weights[i] = round(2^40 / (i+1)^s), at least 1. */
void tables_zipf_weights(uint32_t count, uint64_t s_num, uint64_t s_den, uint64_t *weights);

static inline uint32_t alias_draw(const alias_table *t, uint64_t u)
{
    __extension__ typedef unsigned __int128 u128;
    u128                                    wide = (u128)u * t->count;
    const struct alias_column              *c = &t->columns[(uint64_t)(wide >> 64)];
    uint32_t                                low = (uint32_t)((uint64_t)wide >> 32);
    return low <= c->keep ? (uint32_t)(c - t->columns) : c->other;
}

#endif
