/* tables.h - integer alias tables: a weighted choice in O(1) from one u64 (Walker 1977).
 *
 * Exact  the weights become shares, integers that sum to count * 2^32 exactly; an item's share is off by less than
 *        one such unit, and zero for weight zero. The columns hold precisely these shares. Same table everywhere.
 * Zipf   item i of n has weight 1/(i+1)^s, s an exact ratio, n up to 2^24; weights from fixed.h.
 */
#ifndef BASE_TABLES_H
#define BASE_TABLES_H

#include "base/arena.h"
#include "base/status.h"

#define TABLES_ZIPF_MAX (1u << 24)

typedef struct {
    uint32_t count;
    struct alias_column {
        uint32_t keep;  /* of 2^32: the column's own share; the rest is `other`'s */
        uint32_t other; /* the column itself when it is full                     */
    } * columns;
} alias_table;

/* At least one weight must be positive; fails with STATUS_INVALID otherwise, STATUS_LIMIT above 2^24 items.
 * Takes 8 bytes per item of scratch. */
status alias_init(arena *a, const uint64_t *weights, uint32_t count, arena scratch, alias_table *out, err *e);
status alias_zipf(arena *a, uint32_t count, uint64_t s_num, uint64_t s_den, arena scratch, alias_table *out, err *e);
/* weights[i] = 2^40 / (i+1)^s to the nearest, within 2^-16 more; at least 1. count <= 2^24, s_den > 0, s < 2^20. */
void tables_zipf_weights(uint32_t count, uint64_t s_num, uint64_t s_den, uint64_t *weights);

static inline uint32_t alias_draw(const alias_table *t, uint64_t u)
{
    __extension__ typedef unsigned __int128 u128;
    u128                                    wide = (u128)u * t->count;
    const struct alias_column              *c = &t->columns[(uint64_t)(wide >> 64)];
    uint32_t                                low = (uint32_t)((uint64_t)wide >> 32);
    return low < c->keep ? (uint32_t)(c - t->columns) : c->other;
}

#endif
