/* rows.h - inside this room: in which revisions an account's row changed, remembered by each worker.
 *
 * A decision that is outdated by a hundred revisions would have to look at a hundred images; mostly none of them, or
 * one, has changed the row of its account. So a worker keeps one bit a revision for the accounts it met last. Rows of
 * a revision never change: what is remembered stays true whichever cell comes next.
 */
#ifndef WORLD_ROWS_H
#define WORLD_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "authz/authz.h"

#define ROW_MEMOS          (1u << 13) /* accounts of a worker, by their low bits */
#define ROW_MEMO_REVISIONS 256u

/* For every revision r of low + 1 … until: bit r of `changed`, counted in a ring, says that the account's row in r is
 * not the one in r - 1.  until - low <= ROW_MEMO_REVISIONS. */
typedef struct {
    uint32_t account, low, until;
    bool     known;
    uint64_t changed[ROW_MEMO_REVISIONS / 64];
} row_memo;

/* The memo of an account, made to reach from `seen` to `newest`, or as far back from newest as it can. Images of
 * seen … newest are there. */
const row_memo *row_memo_get(row_memo *memos, authz_image *const *images, uint32_t account, uint32_t seen,
                             uint32_t newest);

/* The greatest revision of seen + 1 … from that changed the row; `seen` when none did. */
uint32_t row_change(const row_memo *m, authz_image *const *images, uint32_t seen, uint32_t from);

#endif
