/* How often requests stray: so often that about the profile's share of them is denied.
 *
 * A sample is decided as text, each request as an ordinary and some as a stray one too. With N ordinary denials and S
 * stray ones among M, a stray probability x gives N + x (S - N) denials on average: solved for the target, no search is
 * needed. What is reported is then counted with the requests' own coins. An image would decide faster, but building one
 * for a million accounts takes longer than all of this.
 */
#include "authz/case.h"
#include "workloads/generate_requests.h"
#include "workloads/generate_text.h"

__extension__ typedef unsigned __int128 u128;

#define SAMPLE       4096u /* of the default mix; half as many of the others */
#define STRAY_ONE_IN 4u    /* of them are decided as stray ones too */
#define COIN_BITS    32
#define SPREAD       UINT64_C(0x9e3779b97f4a7c15) /* 2^64 over the golden ratio: multiples of it lie evenly */

static bool denied(arena scratch, const generate_requests *g, const authz_request *q)
{
    for (uint32_t part = 0; part < requests_parts(g, q); part++) {
        arena       here = scratch;
        policy_case c;
        requests_case(&here, g, q, part, &c);
        if (authz_decide_case(&here, &c, g->facts).kind != DECISION_ALLOWED) return true;
    }
    return false;
}

typedef struct {
    arena                    scratch;
    const generate_requests *g;
    const alias_table       *cells;
    uint32_t                 mix;
} sampler;

/* The i-th request of the sample: cells by weight, evenly. */
static bool sample_denied(const sampler *s, uint32_t i, stray_choice stray)
{
    authz_request q;
    requests_one(s->g, s->mix, alias_draw(s->cells, (i + 1) * SPREAD), i, stray, &q);
    return denied(s->scratch, s->g, &q);
}

static void calibrate_mix(const sampler *s, const profile_ratio target, request_mix *m)
{
    uint32_t size = s->mix == 0 ? SAMPLE : SAMPLE / 2;
    arena    scratch = s->scratch;
    bool    *ordinary = ARENA_NEW(&scratch, bool, size);
    uint64_t base = 0, strays = 0, count = 0;
    sampler  inner = *s;
    inner.scratch = scratch;
    for (uint32_t i = 0; i < size; i++) {
        ordinary[i] = sample_denied(&inner, i, STRAY_NEVER);
        base += ordinary[i];
        if (i % STRAY_ONE_IN == 0) strays += STRAY_ONE_IN * sample_denied(&inner, i, STRAY_ALWAYS);
    }
    /* x = (target * M - N) / (S - N), within 0 and 1, in 2^-32 */
    u128 wanted = ((u128)target.num * size << COIN_BITS) / target.den, known = (u128)base << COIN_BITS;
    m->stray_below = 0;
    if (wanted > known && strays > base) {
        u128 below = (wanted - known) / (strays - base);
        m->stray_below = below > UINT64_C(1) << COIN_BITS ? UINT64_C(1) << COIN_BITS : (uint64_t)below;
    }
    for (uint32_t i = 0; i < size; i++) {
        bool stray = requests_stray_coin(s->g, alias_draw(s->cells, (i + 1) * SPREAD), i) < m->stray_below;
        count += stray ? sample_denied(&inner, i, STRAY_ALWAYS) : ordinary[i];
    }
    m->calibration = (generate_calibration){size, count, base, m->stray_below, target.num, target.den};
}

status requests_calibrate(generate_requests *g)
{
    arena       scratch;
    alias_table cells;
    arena_init(&scratch, MEMORY_GENERAL);
    status s = choice_table(&scratch, g->cell_weight, g->cell_count, &cells, g->e);
    for (uint32_t i = 0; s == STATUS_OK && i < g->mix_count; i++) {
        sampler by_mix = {scratch, g, &cells, i};
        calibrate_mix(&by_mix, g->p->requests.mixes[i].denied, &g->mixes[i]);
    }
    arena_deinit(&scratch);
    return s;
}
