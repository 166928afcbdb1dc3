#include "bench/core_world.h"

#include <assert.h>
#include <inttypes.h>

#include "base/hash.h"
#include "base/rng.h"
#include "oracle/oracle.h"
#include "workloads/data.h"

#define CORE_PROFILE "corpus-2026-11"

/* ---- data ---- */

static status profile_load(arena *a, const catalog *facts, profile **out, err *e)
{
    const source *text;
    document     *d;
    TRY(data_text(a, DATA_PROFILE, STR(CORE_PROFILE), STR(""), &text, e));
    TRY(document_parse(a, text, &d, e));
    status s = profile_read(a, d, facts, out, e);
    document_free(d);
    return s;
}

status core_data_read(arena *a, core_data *out, err *e)
{
    TRY(data_catalog(a, &out->facts, e));
    return profile_load(a, out->facts, &out->shapes, e);
}

static status quotas_load(arena *a, const char *name, quota_profile *out, err *e)
{
    const source *text;
    document     *d;
    TRY(data_text(a, DATA_QUOTA, str_of(name), STR(""), &text, e));
    TRY(document_parse(a, text, &d, e));
    status s = quota_read(a, d, out, e);
    document_free(d);
    return s;
}

/* ---- the world ---- */

/* FullAWSAccess says what an identity policy that allows everything says, and every organization has it. */
static status roles_double(arena *a, core_world *w, err *e)
{
    authz_setting     generated = generate_setting(w->g);
    const authz_role *roles = generated.roles;
    const policy    **everything = ARENA_NEW(a, const policy *, 1);
    const authz_role  none = {0};
    w->role_count = generated.role_count;
    everything[0] = org_policy_parsed(w->view, ORG_FULL_ACCESS);
    assert(everything[0] != NULL);
    authz_role *doubled = ARENA_NEW(a, authz_role, 2 * (size_t)w->role_count);
    for (uint32_t i = 0; i < w->role_count; i++) {
        authz_role open = none;
        doubled[i] = roles[i];
        open = roles[i];
        open.name = arena_format(a, "%.*s, everything allowed", STR_FMT(roles[i].name));
        open.identity = (policy_level){everything, 1};
        doubled[w->role_count + i] = open;
    }
    w->setting = generated;
    w->setting.roles = doubled;
    w->setting.role_count = 2 * w->role_count;
    return authz_roles_bind(generate_vocabulary(w->g), doubled + w->role_count, w->role_count, e);
}

status core_world_make(arena *a, const core_data *data, const char *quotas, generate_size size, uint64_t seed,
                       core_world *out, err *e)
{
    static const generate_region region = {{{"us-east-1", 9}, 1}, 1};
    core_world                   w = {.facts = data->facts, .shapes = data->shapes, .size = size};
    status                       s = quotas_load(a, quotas, &w.quotas, e);
    if (s == STATUS_OK) s = generate_organization(a, data->shapes, data->facts, &w.quotas, size, seed, &w.o, &w.c, e);
    if (s != STATUS_OK) return s;
    w.view = org_at(w.o, 0);
    s = generate_requests_new(a, data->shapes, data->facts, w.view, &region, 1, seed, &w.g, e);
    if (s == STATUS_OK) s = profile_mix_find(data->shapes, STR("default"), &w.mix, e);
    if (s == STATUS_OK) s = roles_double(a, &w, e);
    if (s == STATUS_OK) {
        w.store = authz_store_new(data->facts, generate_vocabulary(w.g), w.setting);
        w.image = authz_image_build(w.store, w.view, NULL);
        authz_image_stats_get(w.store, w.image, &w.stats);
        *out = w;
    } else {
        core_world_free(&w);
    }
    return s;
}

void core_world_free(core_world *w)
{
    if (w->image != NULL) authz_image_release(w->store, w->image);
    if (w->store != NULL) authz_store_free(w->store);
    if (w->g != NULL) generate_requests_free(w->g);
    if (w->c != NULL) control_free(w->c);
    if (w->o != NULL) org_free(w->o);
    *w = (core_world){0};
}

/* ---- pools ---- */

/* Each on its own line of the cache; arenas align less. */
static authz_request *requests_new(arena *a, uint64_t count)
{
    uintptr_t at = (uintptr_t)ARENA_NEW(a, authz_request, count + 1);
    return (authz_request *)((at + sizeof(authz_request) - 1) & ~(uintptr_t)(sizeof(authz_request) - 1));
}

static core_pool pool_finish(arena *a, const core_world *w, const authz_request *requests, uint64_t count)
{
    count -= count % AUTHZ_BATCH;
    decision *answers = ARENA_NEW(a, decision, count);
    core_pool pool = {.requests = requests, .answers = answers, .count = count};
    for (uint64_t i = 0; i < count; i++) {
        answers[i] = authz_decide(w->image, &requests[i]);
        pool.denied += answers[i].kind != DECISION_ALLOWED;
        pool.tests += authz_decide_cost(w->image, &requests[i]);
    }
    return pool;
}

static core_pool pool_uniform(arena *a, const core_world *w, const core_pool *from, uint64_t seed)
{
    authz_request *q = requests_new(a, from->count);
    uint32_t       accounts = org_account_count(w->view);
    uint64_t       n = 0;
    for (uint64_t i = 0; i < from->count; i++) {
        q[i] = from->requests[i];
        do q[i].account = q[i].owner = (uint32_t)rng_scale(core_draw_at(seed, CORE_DRAW_ACCOUNT, n++), accounts);
        while (!org_account_exists(w->view, q[i].account));
    }
    return pool_finish(a, w, q, from->count);
}

static core_pool pool_by_tests(arena *a, const core_world *w, const core_pool *from, uint32_t min, uint32_t max)
{
    uint64_t count = 0;
    for (uint64_t i = 0; i < from->count; i++) {
        uint32_t tests = authz_decide_cost(w->image, &from->requests[i]);
        count += tests >= min && tests <= max;
    }
    authz_request *q = requests_new(a, count);
    count = 0;
    for (uint64_t i = 0; i < from->count; i++) {
        uint32_t tests = authz_decide_cost(w->image, &from->requests[i]);
        if (tests >= min && tests <= max) q[count++] = from->requests[i];
    }
    return pool_finish(a, w, q, count);
}

/* Nothing but SCPs and identity policies decides it. */
static bool is_plain(const core_world *w, const authz_request *q)
{
    const authz_role *role = &w->setting.roles[authz_request_role(q)];
    bool              capped = role->boundary != NULL || role->session.count > 0;
    return q->action.flags == 0 && role->hole != AUTHZ_NO_HOLE && !capped;
}

/* The first plain requests of the stream. */
static void requests_take(const core_world *w, authz_request *out, uint64_t count)
{
    world_source  from = generate_source(w->g);
    authz_request batch[AUTHZ_BATCH];
    uint64_t      taken = 0;
    for (uint64_t first = 0; taken < count; first += AUTHZ_BATCH) {
        from.requests(from.context, w->mix, 0, first, AUTHZ_BATCH, batch);
        for (uint32_t i = 0; i < AUTHZ_BATCH && taken < count; i++)
            if (is_plain(w, &batch[i])) out[taken++] = batch[i];
    }
}

/* A mix as it is, whatever layers its requests meet. */
static status pool_of_mix(arena *a, const core_world *w, const char *name, uint64_t count, core_pool *out, err *e)
{
    world_source   from = generate_source(w->g);
    authz_request *q = requests_new(a, count);
    uint32_t       mix;
    TRY(profile_mix_find(w->shapes, str_of(name), &mix, e));
    for (uint64_t i = 0; i + AUTHZ_BATCH <= count; i += AUTHZ_BATCH)
        from.requests(from.context, mix, 0, i, AUTHZ_BATCH, &q[i]);
    *out = pool_finish(a, w, q, count);
    return STATUS_OK;
}

status core_pools_make(arena *a, const core_world *w, const core_world *layered, uint64_t count, uint64_t seed,
                       core_pool out[CORE_POOL_COUNT], err *e)
{
    authz_request *own = requests_new(a, count), *open = requests_new(a, count);
    requests_take(w, own, count);
    for (uint64_t i = 0; i < count; i++) {
        open[i] = own[i];
        open[i].value[AUTHZ_PRINCIPAL] = (uint16_t)(own[i].value[AUTHZ_PRINCIPAL] + w->role_count);
    }
    out[CORE_POOL_ZIPF] = pool_finish(a, w, open, count);
    out[CORE_POOL_IDENTITY] = pool_finish(a, w, own, count);
    out[CORE_POOL_UNIFORM] = pool_uniform(a, w, &out[CORE_POOL_ZIPF], seed);
    out[CORE_POOL_UNCONDITIONAL] = pool_by_tests(a, w, &out[CORE_POOL_ZIPF], 0, 0);
    out[CORE_POOL_FEW] = pool_by_tests(a, w, &out[CORE_POOL_ZIPF], 1, 3);
    out[CORE_POOL_MANY] = pool_by_tests(a, w, &out[CORE_POOL_ZIPF], 4, UINT32_MAX);
    out[CORE_POOL_DEFAULT] = out[CORE_POOL_EVERY] = (core_pool){.count = 0};
    if (layered == NULL) return STATUS_OK;
    TRY(pool_of_mix(a, layered, "default", count, &out[CORE_POOL_DEFAULT], e));
    return pool_of_mix(a, layered, "every-layer", count, &out[CORE_POOL_EVERY], e);
}

/* ---- answers ---- */

static status answer_compare(const core_world *w, const authz_request *q, decision got, arena scratch, err *e)
{
    policy_case       c;
    const authz_role *role = &w->setting.roles[authz_request_role(q)];
    decision          want = {DECISION_ALLOWED, LAYER_NONE, 0};
    for (uint32_t part = 0; part < authz_request_parts(w->image, q) && want.kind != DECISION_EXPLICITLY_DENIED;
         part++) {
        authz_request_case(&scratch, w->image, q, part, &c);
        decision d = oracle_decide_at(w->view, &c, w->facts);
        if (want.kind == DECISION_ALLOWED || d.kind == DECISION_EXPLICITLY_DENIED) want = d;
    }
    if (decision_equal(got, want)) return STATUS_OK;
    return err_set(e, STATUS_INTERNAL,
                   "bench core: account `%.*s`, role `%.*s`, `%.*s` on `%.*s`: answered %s (%s, level %d), the oracle "
                   "says %s (%s, level %d)",
                   STR_FMT(org_account_id(w->view, q->account)), STR_FMT(role->name), STR_FMT(c.request.action),
                   STR_FMT(c.request.resource), decision_name(got.kind), layer_name(got.layer), got.level,
                   decision_name(want.kind), layer_name(want.layer), want.level);
}

status core_pool_check(const core_world *w, const core_pool *pool, uint64_t sample, uint64_t seed, err *e)
{
    status s = STATUS_OK;
    arena  scratch;
    arena_init(&scratch, MEMORY_GENERAL);
    for (uint64_t n = 0; n < sample && pool->count > 0 && s == STATUS_OK; n++) {
        uint64_t i = rng_scale(core_draw_at(seed, CORE_DRAW_ORACLE, n), pool->count);
        uint64_t first = i - i % AUTHZ_BATCH;
        decision batch[AUTHZ_BATCH];
        authz_decide_batch(w->image, &pool->requests[first], AUTHZ_BATCH, batch);
        s = answer_compare(w, &pool->requests[i], batch[i % AUTHZ_BATCH], scratch, e);
    }
    arena_deinit(&scratch);
    return s;
}

void core_answers_add(core_answers *h, const decision batch[AUTHZ_BATCH])
{
    uint64_t words[AUTHZ_BATCH * sizeof(decision) / sizeof(uint64_t)];
    _Static_assert(sizeof words == AUTHZ_BATCH * sizeof(decision), "a batch is whole words");
    memcpy(words, batch, sizeof words);
    for (size_t i = 0; i < COUNTOF(words); i++) h->lane[i % 4] = (h->lane[i % 4] ^ words[i]) * 0x9e3779b97f4a7c15u;
}

uint64_t core_answers_hash(core_answers h)
{
    return hash_mix(hash_mix(h.lane[0], h.lane[1]), hash_mix(h.lane[2], h.lane[3]));
}

uint64_t core_answers_of(const decision *answers, uint64_t count)
{
    core_answers h = {{0}};
    assert(count % AUTHZ_BATCH == 0);
    for (uint64_t i = 0; i < count; i += AUTHZ_BATCH) core_answers_add(&h, &answers[i]);
    return core_answers_hash(h);
}
