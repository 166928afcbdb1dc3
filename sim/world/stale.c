#include "world/cell.h"

#include <assert.h>

#include "base/mutant.h"

static bool allows(const authz_image *image, const authz_request *q)
{
    return authz_decide(image, q).kind == DECISION_ALLOWED;
}

/* In which revisions the answer may have changed: what the principal's account and the resource's own have. */
typedef struct {
    authz_image *const *images;
    uint32_t            seen, count;
    row_memo            rows[2]; /* copies: both accounts may share a place of the memory */
} history;

static void history_open(const stage *s, worker *w, const batch *b, const authz_request *q, history *out)
{
    out->images = s->images;
    out->seen = b->seen;
    out->count = 1;
    out->rows[0] = *row_memo_get(w->rows, s->images, q->account, b->seen, b->newest);
    if (q->owner == q->account || MUTANT(MUTANT_OWNER_NOT_LOOKED_AT)) return;
    out->rows[out->count++] = *row_memo_get(w->rows, s->images, q->owner, b->seen, b->newest);
}

/* The greatest revision of seen + 1 … from that changed a row of either account; `seen` when none did. */
static uint32_t history_change(const history *h, uint32_t from)
{
    uint32_t latest = row_change(&h->rows[0], h->images, h->seen, from);
    for (uint32_t i = 1; i < h->count; i++) {
        uint32_t other = row_change(&h->rows[i], h->images, h->seen, from);
        latest = other > latest ? other : latest;
    }
    return latest;
}

/* Goes back from the newest revision to the one seen. The charged change is the first one met whose revision gives the
 * newest answer while the one before does not; when there is none, every unseen revision gives it, and the earliest is
 * charged. Only revisions that changed a row of the request's accounts have to be asked. */
static uint32_t charged_of(const stage *s, worker *w, const batch *b, const authz_request *q, bool mine, bool *newest)
{
    history h;
    history_open(s, w, b, q, &h);
    uint32_t r = history_change(&h, b->newest);
    *newest = r > b->seen ? allows(s->images[r], q) : mine;
    for (; r > b->seen; r = history_change(&h, r - 1)) {
        bool before = r - 1 == b->seen ? mine : allows(s->images[r - 1], q);
        if (before != *newest) return r;
    }
    return b->seen + 1;
}

static void charge_add(charge *c, stale_kind kind, int64_t at_ns)
{
    c->stale_allow += kind == STALE_ALLOW;
    c->stale_deny += kind == STALE_DENY;
    c->stale_neutral += kind == STALE_NEUTRAL;
    if (kind == STALE_NEUTRAL) return;
    if (at_ns < c->first_ns) c->first_ns = at_ns;
    if (at_ns > c->last_ns) c->last_ns = at_ns;
}

void stale_judge(const stage *s, worker *w, const batch *b)
{
    assert(b->seen < b->newest);
    for (uint32_t i = 0; i < b->count; i++) {
        bool       mine = w->decisions[i].kind == DECISION_ALLOWED, newest;
        uint32_t   charged = charged_of(s, w, b, &w->requests[i], mine, &newest);
        stale_kind kind = mine == newest ? STALE_NEUTRAL : mine ? STALE_ALLOW : STALE_DENY;
        if (MUTANT(MUTANT_CHARGED_TO_NEWEST)) charged = b->newest;
        if (MUTANT(MUTANT_CHARGED_TO_FIRST)) charged = b->seen + 1;
        if (MUTANT(MUTANT_STALE_SIDES_SWAPPED) && mine != newest) kind = mine ? STALE_DENY : STALE_ALLOW;
        w->stale[i] = (uint8_t)kind;
        charge_add(&w->charges[charged], kind, w->start_ns[i]);
    }
}
