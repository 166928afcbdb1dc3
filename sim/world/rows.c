#include "world/rows.h"

#include <assert.h>

static bool changes(authz_image *const *images, uint32_t account, uint32_t revision)
{
    return !authz_same_row(images[revision - 1], images[revision], account);
}

static void note(row_memo *m, authz_image *const *images, uint32_t revision)
{
    uint64_t *word = &m->changed[revision % ROW_MEMO_REVISIONS / 64], bit = UINT64_C(1) << (revision % 64);
    *word = changes(images, m->account, revision) ? *word | bit : *word & ~bit;
}

const row_memo *row_memo_get(row_memo *memos, authz_image *const *images, uint32_t account, uint32_t seen,
                             uint32_t newest)
{
    row_memo *m = &memos[account & (ROW_MEMOS - 1)];
    uint32_t  low = newest - seen > ROW_MEMO_REVISIONS ? newest - ROW_MEMO_REVISIONS : seen;
    if (m->known && m->account == account && m->low <= low && newest <= m->until) return m;
    bool joins = m->known && m->account == account && low <= m->until && m->low <= newest;
    if (joins && m->until < newest) {
        while (m->until < newest) note(m, images, ++m->until);
        if (m->until - m->low > ROW_MEMO_REVISIONS) m->low = m->until - ROW_MEMO_REVISIONS;
    }
    if (joins && m->until - low <= ROW_MEMO_REVISIONS) {
        while (m->low > low) note(m, images, m->low--);
        return m;
    }
    *m = (row_memo){.account = account, .low = low, .until = low, .known = true};
    while (m->until < newest) note(m, images, ++m->until);
    return m;
}

/* Bits of one word after the other, from the highest that is asked for. */
static uint32_t remembered(const row_memo *m, uint32_t low, uint32_t from)
{
    while (from > low) {
        uint64_t bits = m->changed[from % ROW_MEMO_REVISIONS / 64] << (63 - from % 64);
        uint32_t first = from - from % 64;
        if (bits != 0) {
            uint32_t at = from - (uint32_t)__builtin_clzll(bits);
            return at > low ? at : low;
        }
        if (first <= low) return low;
        from = first - 1;
    }
    return low;
}

uint32_t row_change(const row_memo *m, authz_image *const *images, uint32_t seen, uint32_t from)
{
    assert(from <= m->until);
    uint32_t low = m->low > seen ? m->low : seen;
    if (from > low) {
        from = remembered(m, low, from);
        if (from > low) return from;
    }
    while (from > seen && !changes(images, m->account, from)) from--;
    return from;
}
