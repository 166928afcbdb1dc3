#include "control/throttle.h"

#define PARTS INT64_C(1000000000000) /* of one token */

void throttle_init(throttle *t)
{
    *t = (throttle){.accounts = idmap_new(MEMORY_WORLD)};
}

void throttle_deinit(throttle *t)
{
    idmap_free(t->accounts);
    memory_free(MEMORY_WORLD, t->buckets);
}

static void bucket_fill(throttle_bucket *b, control_rate r, int64_t now_ns)
{
    int64_t full = r.burst * PARTS, elapsed_ns = now_ns > b->at_ns ? now_ns - b->at_ns : 0;
    bool    whole = elapsed_ns >= (full - b->parts) / r.rate_milli + 1;
    b->parts = whole ? full : b->parts + elapsed_ns * r.rate_milli;
    if (b->parts > full) b->parts = full;
    if (now_ns > b->at_ns) b->at_ns = now_ns;
}

static throttle_bucket *account_bucket(throttle *t, control_operation op, uint32_t account, control_rate r,
                                       int64_t now_ns)
{
    uint64_t key = (uint64_t)account << 8 | (uint64_t)op;
    uint32_t at = 0;
    _Static_assert(CONTROL_OPERATION_COUNT <= 256, "an operation fits its bits");
    if (idmap_get(t->accounts, key, &at)) return &t->buckets[at];
    if (t->count == t->capacity) {
        uint32_t wider = t->capacity == 0 ? 64 : t->capacity * 2;
        t->buckets =
            memory_realloc(MEMORY_WORLD, t->buckets, t->capacity * sizeof *t->buckets, wider * sizeof *t->buckets);
        t->capacity = wider;
    }
    idmap_put(t->accounts, key, t->count);
    t->buckets[t->count] = (throttle_bucket){.parts = r.burst * PARTS, .at_ns = now_ns};
    return &t->buckets[t->count++];
}

bool throttle_take(throttle *t, control_operation op, uint32_t account, int64_t now_ns)
{
    const control_facts *f = control_operation_facts(op);
    throttle_bucket     *own = NULL, *shared = NULL;
    if (f->account.burst > 0) {
        own = account_bucket(t, op, account, f->account, now_ns);
        bucket_fill(own, f->account, now_ns);
    }
    if (f->organization.burst > 0) {
        shared = &t->organization[op];
        if (!t->organization_used[op])
            *shared = (throttle_bucket){.parts = f->organization.burst * PARTS, .at_ns = now_ns};
        t->organization_used[op] = true;
        bucket_fill(shared, f->organization, now_ns);
    }
    if ((own != NULL && own->parts < PARTS) || (shared != NULL && shared->parts < PARTS)) return false;
    if (own != NULL) own->parts -= PARTS;
    if (shared != NULL) shared->parts -= PARTS;
    return true;
}
