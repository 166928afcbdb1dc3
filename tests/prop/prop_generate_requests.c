/* Every generated request could be real, is a function of (cell, n), and is denied about as often as the profile says;
 * the image decides it as the oracle does. */
#include <stdio.h>

#include "base/digest.h"
#include "oracle/oracle.h"
#include "policy/match.h"
#include "policy/principal.h"
#include "support/worlds.h"

static arena          all;
static const catalog *facts;
static const profile *corpus;

#define REGIONS 3u
#define CELLS   7u
static const generate_region regions[REGIONS] = {
    {{{"us-east-1", 9}, 4}, 50}, {{{"eu-central-1", 12}, 2}, 30}, {{{"ap-southeast-2", 14}, 1}, 20}};

typedef struct {
    support_world      w;
    const org_view    *view;
    generate_requests *g;
    world_source       source;
    authz_store       *store;
    authz_image       *image;
    const authz_role  *roles;
    uint64_t           weight; /* of all cells */
} scene;

static scene scene_of(arena *a, support_world w, uint64_t seed)
{
    scene s = {.w = w, .view = org_at(w.o, 0)};
    err   e = {0};
    if (generate_requests_new(a, corpus, facts, s.view, regions, REGIONS, seed, &s.g, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    s.roles = generate_setting(s.g).roles;
    s.source = generate_source(s.g);
    s.store = authz_store_new(facts, generate_vocabulary(s.g), generate_setting(s.g));
    s.image = authz_image_build(s.store, s.view, NULL);
    for (uint32_t c = 0; c < CELLS; c++) s.weight += s.source.cell_weight[c];
    return s;
}

static void scene_free(scene *s)
{
    authz_image_release(s->store, s->image);
    authz_store_free(s->store);
    generate_requests_free(s->g);
    support_world_free(&s->w);
}

/* About `total` requests of a mix, by the cells' weights, in batches. */
typedef void    visitor(void *context, const scene *s, const authz_request *q, decision d);
static uint64_t visit(const scene *s, uint32_t mix, uint64_t total, visitor *f, void *context)
{
    uint64_t seen = 0;
    for (uint32_t c = 0; c < CELLS; c++) {
        uint64_t share = total * (s->source.cell_weight[c] >> 20) / (s->weight >> 20);
        for (uint64_t n = 0; n < share; n += AUTHZ_BATCH) {
            authz_request q[AUTHZ_BATCH];
            decision      d[AUTHZ_BATCH];
            uint32_t      count = share - n < AUTHZ_BATCH ? (uint32_t)(share - n) : AUTHZ_BATCH;
            s->source.requests(s->source.context, mix, c, n, count, q);
            authz_decide_batch(s->image, q, count, d);
            for (uint32_t i = 0; i < count; i++, seen++) f(context, s, &q[i], d[i]);
        }
    }
    return seen;
}

static void near(const char *what, uint64_t part, uint64_t whole, uint64_t low, uint64_t high)
{
    if (part * 10000 < low * whole || part * 10000 > high * whole)
        fail_msg("%s: %llu of %llu, expected %llu to %llu of 10,000", what, (unsigned long long)part,
                 (unsigned long long)whole, (unsigned long long)low, (unsigned long long)high);
}

/* ---- could be real ---- */

/* Whether the ARN has the shape: `${…}` and `*` stand for any text. */
static bool has_shape(arena scratch, str shape, str arn)
{
    char  *glob = ARENA_NEW(&scratch, char, shape.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < shape.len; i++) {
        size_t close = str_find(shape, '}', i);
        bool   variable = shape.ptr[i] == '$' && close < shape.len;
        glob[len++] = variable ? '*' : shape.ptr[i];
        if (variable) i = close;
    }
    return match_glob((str){glob, len}, arn);
}

static bool listed(const uint32_t *keys, uint32_t count, uint32_t key)
{
    for (uint32_t i = 0; i < count; i++)
        if (keys[i] == key) return true;
    return false;
}

typedef struct {
    arena    scratch;
    uint64_t with_resource, from_vpc, from_address, tagged, forwarded;
} real_counts;

/* The type whose resource it is. */
static const catalog_resource *resource_fits(arena scratch, const catalog_action *x, str resource)
{
    uint32_t count = x->required_count > 0 ? x->required_count : x->resource_count;
    for (uint32_t i = 0; i < count; i++) {
        const catalog_resource *type = catalog_resource_at(facts, x->resources[i]);
        if (has_shape(scratch, type->arn, resource)) return type;
    }
    if (x->resource_count > 0 || !str_is(resource, "*"))
        fail_msg("`%.*s` takes no resource `%.*s`", STR_FMT(x->name), STR_FMT(resource));
    return NULL;
}

/* A key is in the catalogue, as many-valued as there, and listed where it belongs to a call or a service. */
static void key_is_real(const catalog_action *x, const catalog_resource *type, const request_key *k)
{
    uint32_t known = catalog_key_find(facts, k->key);
    if (known == CATALOG_NONE) fail_msg("no key `%.*s`", STR_FMT(k->key));
    const catalog_key *fact = catalog_key_at(facts, known);
    assert_int_equal(k->is_array, fact->multivalued);
    bool tag = str_starts(k->key, STR("aws:RequestTag/")) || str_is(k->key, "aws:TagKeys");
    bool of_call = str_is(fact->category, "request") && tag;
    bool of_owner = str_starts(k->key, STR("aws:ResourceOrg")) || str_is(k->key, "aws:ResourceAccount");
    bool of_service = (fact->category.len == 0 || str_is(fact->category, "resource")) && !of_owner;
    bool own = listed(x->keys, x->key_count, known) || (type != NULL && listed(type->keys, type->key_count, known));
    if ((of_call || of_service) && !own) fail_msg("`%.*s` does not list `%.*s`", STR_FMT(x->name), STR_FMT(k->key));
}

static str value_of(const request *r, const char *key)
{
    for (uint32_t i = 0; i < r->context_count; i++)
        if (str_is(r->context[i].key, key)) return r->context[i].value_count > 0 ? r->context[i].values[0] : STR("");
    return (str){0};
}

/* Spec 3.2, columns "Presence rule". */
static void caller_is_real(const scene *s, const authz_request *q, const request *r)
{
    caller who = caller_read(r->principal);
    bool   inside = s->roles[authz_request_role(q)].hole != AUTHZ_NO_HOLE, service = who.kind == CALLER_SERVICE;
    str    account = value_of(r, "aws:PrincipalAccount"), organization = value_of(r, "aws:PrincipalOrgID");
    assert_int_equal(value_of(r, "aws:PrincipalArn").len > 0, caller_in_account(&who));
    assert_int_equal(value_of(r, "aws:PrincipalServiceName").len > 0, service);
    assert_int_equal(value_of(r, "aws:SourceAccount").len > 0, service);
    assert_true(str_is(value_of(r, "aws:PrincipalIsAWSService"), service ? "true" : "false"));
    assert_int_equal(value_of(r, "aws:username").len > 0, who.kind == CALLER_USER);
    assert_int_equal(value_of(r, "aws:CalledVia").len > 0, str_is(value_of(r, "aws:ViaAWSService"), "true"));
    if (inside) assert_true(str_eq(who.account, org_account_id(s->view, q->account)));
    if (caller_in_account(&who)) assert_true(str_eq(account, who.account));
    if (who.kind == CALLER_ANONYMOUS) assert_true(str_is(account, "anonymous"));
    assert_int_equal(inside, str_eq(organization, org_id(s->view)));
}

static void resource_is_real(const scene *s, const authz_request *q, const request *r)
{
    str region = value_of(r, "aws:RequestedRegion"), in_region = arn_part(r->resource, 3);
    str of_account = arn_part(r->resource, 4), owner = org_account_id(s->view, q->owner);
    if (in_region.len > 0 && !str_eq(in_region, region) && !str_is(region, "us-east-1"))
        fail_msg("`%.*s` from %.*s", STR_FMT(r->resource), STR_FMT(region));
    if (of_account.len == 12) assert_true(str_eq(of_account, r->resource_account));
    bool inside = str_eq(r->resource_account, owner), says = !str_starts(r->action, STR("ebs:"));
    assert_int_equal(says, str_eq(value_of(r, "aws:ResourceAccount"), r->resource_account));
    assert_int_equal(says && inside, str_eq(value_of(r, "aws:ResourceOrgID"), org_id(s->view)));
    assert_int_equal(says && inside, value_of(r, "aws:ResourceOrgPaths").len > 0);
    assert_true(inside || org_account_find(s->view, r->resource_account) == ORG_NONE);
}

static void is_real(void *context, const scene *s, const authz_request *q, decision d)
{
    real_counts *counts = context;
    (void)d;
    for (uint32_t part = 0; part < authz_request_parts(s->image, q); part++) {
        arena       scratch = counts->scratch;
        policy_case c;
        authz_request_case(&scratch, s->image, q, part, &c);
        request  r = c.request;
        uint32_t index = catalog_action_find(facts, r.action);
        if (index == CATALOG_NONE) fail_msg("no action `%.*s`", STR_FMT(r.action));
        const catalog_action   *x = catalog_action_at(facts, index);
        const catalog_resource *type = resource_fits(scratch, x, r.resource);
        for (uint32_t i = 0; i < r.context_count; i++) key_is_real(x, type, &r.context[i]);
        caller_is_real(s, q, &r);
        resource_is_real(s, q, &r);
        str vpc = value_of(&r, "aws:SourceVpc"), address = value_of(&r, "aws:SourceIp");
        assert_true(address.len == 0 || vpc.len == 0);
        assert_int_equal(vpc.len > 0, value_of(&r, "aws:SourceVpce").len > 0);
        assert_true(value_of(&r, "aws:RequestedRegion").len > 0);
        if (part > 0) continue;
        counts->with_resource += !str_is(r.resource, "*");
        counts->from_vpc += vpc.len > 0;
        counts->from_address += address.len > 0;
        counts->tagged += value_of(&r, "aws:TagKeys").len > 0;
        counts->forwarded += value_of(&r, "aws:CalledViaFirst").len > 0;
    }
}

static void every_request_could_be_real(void **state)
{
    (void)state;
    arena a = all;
    scene s = scene_of(&a, support_world_named(&a, corpus, facts, "small", 7), 7);
    for (uint32_t mix = 0; mix < profile_mix_count(corpus); mix++) {
        real_counts counts = {.scratch = a};
        uint64_t    seen = visit(&s, mix, 4000, is_real, &counts);
        assert_true(seen > 3900);
        assert_true(counts.with_resource > seen / 4 && counts.with_resource < seen);
        assert_true(counts.from_vpc > seen / 10 && counts.from_address > seen / 10);
        assert_true(counts.tagged > 0 && counts.forwarded > seen / 100);
    }
    scene_free(&s);
}

/* ---- every layer ---- */

typedef struct {
    arena    scratch;
    uint64_t seen, denied[DECISION_EXPLICITLY_DENIED + 1][LAYER_ENDPOINT + 1], met[LAYER_ENDPOINT + 1];
    uint64_t cross, outside, several, foreign, kms, assumed, granted; /* granted: by the resource's policy alone */
} layer_counts;

static void count_layers(void *context, const scene *s, const authz_request *q, decision d)
{
    layer_counts *n = context;
    arena         scratch = n->scratch;
    policy_case   c;
    authz_request_case(&scratch, s->image, q, 0, &c);
    bool outside = !str_eq(c.request.resource_account, org_account_id(s->view, q->owner));
    bool foreign = s->roles[authz_request_role(q)].hole == AUTHZ_NO_HOLE;
    n->seen++;
    n->denied[d.kind][d.layer]++;
    n->met[LAYER_RESOURCE] += c.resource != NULL && d.kind == DECISION_ALLOWED;
    n->met[LAYER_BOUNDARY] += c.boundary != NULL && d.kind == DECISION_ALLOWED;
    n->met[LAYER_SESSION] += c.session.count > 0 && d.kind == DECISION_ALLOWED;
    n->met[LAYER_ENDPOINT] += c.endpoint != NULL && d.kind == DECISION_ALLOWED;
    n->cross += q->owner != q->account;
    n->outside += outside;
    n->several += (q->action.flags & AUTHZ_SEVERAL) != 0;
    n->foreign += foreign;
    n->granted += foreign && d.kind == DECISION_ALLOWED;
    n->kms +=
        str_starts(c.request.action, STR("kms:")) && str_find(c.request.resource, '/', 0) < c.request.resource.len;
    n->assumed += str_is(c.request.action, "sts:AssumeRole") && c.resource != NULL;
}

static void every_layer_decides_and_denies(void **state)
{
    (void)state;
    arena         a = all;
    generate_size size = {.accounts = 60, .ous = 12, .scps = 30, .rcps = 12, .allow_list_percent = 30};
    scene         s = scene_of(&a, support_world_sized(&a, corpus, facts, size, 3), 3);
    uint32_t      mix = 0;
    layer_counts  n = {.scratch = a};
    assert_int_equal(profile_mix_find(corpus, STR("every-layer"), &mix, NULL), STATUS_OK);
    visit(&s, mix, 20000, count_layers, &n);
    static const struct {
        decision_kind  kind;
        decision_layer layer;
        uint64_t       least; /* of 10,000 */
    } denies[] = {{DECISION_IMPLICITLY_DENIED, LAYER_IDENTITY, 500}, {DECISION_IMPLICITLY_DENIED, LAYER_BOUNDARY, 50},
                  {DECISION_IMPLICITLY_DENIED, LAYER_SESSION, 100},  {DECISION_IMPLICITLY_DENIED, LAYER_ENDPOINT, 50},
                  {DECISION_EXPLICITLY_DENIED, LAYER_SCP, 100},      {DECISION_EXPLICITLY_DENIED, LAYER_RCP, 100},
                  {DECISION_EXPLICITLY_DENIED, LAYER_RESOURCE, 15},  {DECISION_EXPLICITLY_DENIED, LAYER_IDENTITY, 5},
                  {DECISION_EXPLICITLY_DENIED, LAYER_BOUNDARY, 8},   {DECISION_EXPLICITLY_DENIED, LAYER_SESSION, 8},
                  {DECISION_EXPLICITLY_DENIED, LAYER_ENDPOINT, 15}};
    for (size_t i = 0; i < COUNTOF(denies); i++)
        near(layer_name(denies[i].layer), n.denied[denies[i].kind][denies[i].layer], n.seen, denies[i].least, 3000);
    for (uint32_t l = LAYER_RESOURCE; l <= LAYER_ENDPOINT; l++)
        if (l != LAYER_IDENTITY) near("allowed where there is one", n.met[l], n.seen, 200, 6000);
    near("to other accounts", n.cross, n.seen, 600, 1000); /* of 0.1 those that may, and do not stray */
    near("to accounts outside", n.outside, n.seen, 120, 300);
    near("several resources", n.several, n.seen, 250, 500);
    near("from services and strangers", n.foreign, n.seen, 1000, 2000);
    near("of them allowed", n.granted, n.seen, 100, 1000);
    near("of KMS keys", n.kms, n.seen, 200, 600);
    near("roles assumed", n.assumed, n.seen, 30, 300);
    scene_free(&s);
}

/* ---- functions of (cell, n) ---- */

static void streams_are_functions_of_cell_and_number(void **state)
{
    (void)state;
    arena         a = all;
    scene         s = scene_of(&a, support_world_named(&a, corpus, facts, "small", 3), 3);
    authz_request batch[AUTHZ_BATCH], again[AUTHZ_BATCH], one;
    for (uint32_t mix = 0; mix < profile_mix_count(corpus); mix++)
        for (uint32_t c = 0; c < CELLS; c++)
            for (uint64_t first = 0; first < UINT64_C(1) << 40; first = first * 1000 + 17) {
                memset(batch, 0xa5, sizeof batch);
                s.source.requests(s.source.context, mix, c, first, AUTHZ_BATCH, batch);
                s.source.requests(s.source.context, mix, c, first + 1, AUTHZ_BATCH - 1, again);
                assert_memory_equal(batch + 1, again, (AUTHZ_BATCH - 1) * sizeof one);
                for (uint32_t i = 0; i < AUTHZ_BATCH; i += 5) {
                    s.source.requests(s.source.context, mix, c, first + i, 1, &one);
                    assert_memory_equal(&batch[i], &one, sizeof one);
                }
                for (uint32_t i = 0; i < AUTHZ_BATCH; i++) assert_true(org_account_exists(s.view, batch[i].account));
            }
    scene_free(&s);
}

static void digest_str(digest_state *d, str s)
{
    digest_u64(d, s.len);
    digest_update(d, s.ptr, s.len);
}

/* Keys by name: in which slots they travel is no part of what is asked. Nor is what follows from account and time. */
static void digest_request(digest_state *d, request q)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < q.context_count; i++) {
        str key = q.context[i].key;
        if (str_ends(key, STR("OrgPaths")) || str_is(key, "aws:CurrentTime") || str_is(key, "aws:EpochTime")) continue;
        q.context[kept++] = q.context[i];
    }
    q.context_count = kept;
    digest_str(d, q.principal);
    digest_str(d, q.action);
    digest_str(d, q.resource);
    digest_str(d, q.resource_account);
    for (uint32_t i = 1; i < q.context_count; i++) {
        request_key k = q.context[i];
        uint32_t    at = i;
        for (; at > 0 && str_cmp_nocase(q.context[at - 1].key, k.key) > 0; at--) q.context[at] = q.context[at - 1];
        q.context[at] = k;
    }
    for (uint32_t i = 0; i < q.context_count; i++) {
        digest_str(d, q.context[i].key);
        digest_u32(d, q.context[i].is_array);
        digest_u32(d, q.context[i].value_count);
        for (uint32_t k = 0; k < q.context[i].value_count; k++) digest_str(d, q.context[i].values[k]);
    }
}

/* The same on every machine, whatever compiler and optimisation. */
static void streams_are_pinned(void **state)
{
    (void)state;
    arena         a = all;
    scene         s = scene_of(&a, support_world_named(&a, corpus, facts, "small", 7), 7);
    digest_state *d = digest_new();
    char          text[DIGEST_TEXT_SIZE];
    for (uint32_t mix = 0; mix < profile_mix_count(corpus); mix++)
        for (uint32_t c = 0; c < CELLS; c++) {
            authz_request batch[AUTHZ_BATCH];
            s.source.requests(s.source.context, mix, c, 0, AUTHZ_BATCH, batch);
            digest_u64(d, s.source.cell_weight[c]);
            for (uint32_t i = 0; i < AUTHZ_BATCH; i++) {
                digest_u32(d, batch[i].account);
                for (uint32_t part = 0; part < authz_request_parts(s.image, &batch[i]); part++) {
                    arena       scratch = a;
                    policy_case asked;
                    authz_request_case(&scratch, s.image, &batch[i], part, &asked);
                    digest_request(d, asked.request);
                }
            }
        }
    digest_text(digest_value(d), text);
    digest_free(d);
    assert_string_equal(text, "b133a26a8a1a021f6d6304068bae0485");
    scene_free(&s);
}

/* ---- how often ---- */

typedef struct {
    uint64_t seen, denied, by_scp, by_identity, reads, s3, root;
    uint64_t tested_allowed, tested_denied; /* conditions took part */
    uint64_t top_account;
} rates;

static void count(void *context, const scene *s, const authz_request *q, decision d)
{
    rates                *r = context;
    const catalog_action *x = catalog_action_at(facts, catalog_action_of(facts, q->action));
    bool                  denied = d.kind != DECISION_ALLOWED, tested = authz_decide_cost(s->image, q) > 0;
    r->seen++;
    r->denied += denied;
    r->by_scp += denied && d.layer == LAYER_SCP;
    r->by_identity += denied && d.layer == LAYER_IDENTITY;
    r->reads += (x->access & ~(CATALOG_LIST | CATALOG_READ)) == 0;
    r->s3 += str_is(catalog_service_at(facts, x->service)->prefix, "s3");
    r->root += s->roles[authz_request_role(q)].root;
    r->tested_allowed += tested && !denied;
    r->tested_denied += tested && denied;
}

static void rates_are_near_the_profile(void **state)
{
    (void)state;
    static const char *const worlds[] = {"small", "large"};
    for (size_t i = 0; i < COUNTOF(worlds); i++)
        for (uint64_t seed = 1; seed <= 2 - i; seed++) {
            arena a = all;
            rates r = {0}, incident = {0};
            scene s = scene_of(&a, support_world_named(&a, corpus, facts, worlds[i], seed), seed);
            visit(&s, 0, 40000, count, &r);
            near("denied", r.denied, r.seen, 60, 150);
            near("denied by SCPs", r.by_scp, r.seen, 10, 120);
            near("denied by identity policies", r.by_identity, r.seen, 10, 120);
            near("reads", r.reads, r.seen, 7800, 8800);
            near("s3", r.s3, r.seen, 1000, 3500);
            assert_true(r.root > 0);
            assert_true(r.tested_allowed > 0 && r.tested_denied > 0);
            generate_calibration c = generate_calibrated(s.g, 0);
            assert_int_equal(c.target_num, 1);
            assert_int_equal(c.target_den, 100);
            near("calibrated", c.denied, c.sampled, 60, 150);
            assert_true(c.ordinary < c.denied);
            visit(&s, 2, 12000, count, &incident);
            near("denied in an incident", incident.denied, incident.seen, 850, 1150);
            scene_free(&s);
        }
}

/* Regions have their weights exactly, within them accounts their own, and most of an account is in one region. */
static void cells_share_the_requests(void **state)
{
    (void)state;
    arena    a = all;
    scene    s = scene_of(&a, support_world_named(&a, corpus, facts, "large", 2), 2);
    uint64_t by_region[REGIONS] = {0};
    for (uint32_t r = 0, c = 0; r < REGIONS; r++)
        for (uint32_t k = 0; k < regions[r].base.cell_count; k++) by_region[r] += s.source.cell_weight[c++];
    for (uint32_t r = 0; r < REGIONS; r++)
        near("region", by_region[r], s.weight, regions[r].weight * 100 - 1, regions[r].weight * 100 + 1);
    uint32_t(*seen)[REGIONS] = arena_alloc(&a, sizeof *seen, alignof(uint32_t), org_account_count(s.view));
    uint64_t home = 0, total = 0, most = 0;
    for (uint32_t c = 0; c < CELLS; c++) {
        uint32_t region = c < 4 ? 0 : c < 6 ? 1 : 2;
        for (uint64_t n = 0; n < 120 * AUTHZ_BATCH; n += AUTHZ_BATCH) {
            authz_request q[AUTHZ_BATCH];
            s.source.requests(s.source.context, 0, c, n, AUTHZ_BATCH, q);
            for (uint32_t i = 0; i < AUTHZ_BATCH; i++) {
                seen[q[i].account][region]++;
                assert_int_equal(world_cell_in_region(q[i].account, regions[region].base.cell_count),
                                 c - (region == 0   ? 0
                                      : region == 1 ? 4
                                                    : 6));
            }
        }
    }
    for (uint32_t i = 0; i < org_account_count(s.view); i++) {
        uint64_t sum = 0, top = 0;
        for (uint32_t r = 0; r < REGIONS; r++) {
            sum += seen[i][r];
            top = seen[i][r] > top ? seen[i][r] : top;
        }
        total += sum;
        home += top;
        most = sum > most ? sum : most;
    }
    assert_true(home > total * 6 / 10);
    assert_true(most > total / 50 && most < total / 3); /* Zipf's first of 10,000 has a tenth, more in its own cell */
    scene_free(&s);
}

/* ---- the image against the oracle ---- */

static void same_as_oracle(void *context, const scene *s, const authz_request *q, decision d)
{
    arena    scratch = *(arena *)context;
    decision o = {DECISION_ALLOWED, LAYER_NONE, 0};
    request  r = {0};
    for (uint32_t part = 0; part < authz_request_parts(s->image, q); part++) {
        policy_case c;
        authz_request_case(&scratch, s->image, q, part, &c);
        decision one = oracle_decide_at(s->view, &c, facts);
        bool     sooner = one.kind == DECISION_EXPLICITLY_DENIED && o.kind != DECISION_EXPLICITLY_DENIED;
        if (o.kind == DECISION_ALLOWED || sooner) o = one;
        r = c.request;
    }
    if (!decision_equal(o, d))
        fail_msg("`%.*s` `%.*s` `%.*s`: image %d/%d/%d, oracle %d/%d/%d", STR_FMT(r.principal), STR_FMT(r.action),
                 STR_FMT(r.resource), d.kind, d.layer, d.level, o.kind, o.layer, o.level);
}

static void image_decides_as_the_oracle(void **state)
{
    (void)state;
    static const struct {
        const char *world;
        uint64_t    requests;
    } rows[] = {{"small", 2000}, {"large", 700}};
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        arena a = all;
        scene s = scene_of(&a, support_world_named(&a, corpus, facts, rows[i].world, 21), 21);
        for (uint32_t mix = 0; mix < profile_mix_count(corpus); mix++)
            visit(&s, mix, rows[i].requests, same_as_oracle, &a);
        scene_free(&s);
    }
}

/* ---- organizations made by hand ---- */

static support_world by_hand(arena *a, const char *scp)
{
    support_world   w = {.o = org_new((org_options){.org_id = STR("o-byhand1234"),
                                                    .root_id = STR("r-hand"),
                                                    .management_id = STR("111111111111"),
                                                    .management_name = STR("management"),
                                                    .management_email = STR("m@example.com")})};
    quota_profile   quotas = support_quotas(a, "aws-2026-05-15");
    control_answer  answer;
    control_command enable = {.op = CONTROL_ENABLE_POLICY_TYPE}, account = {.op = CONTROL_CREATE_ACCOUNT},
                    create = {.op = CONTROL_CREATE_POLICY}, attach = {.op = CONTROL_ATTACH_POLICY};
    w.c = control_new(w.o, &quotas, NULL, 1);
    control_bulk_begin(w.c);
    if (scp != NULL) {
        enable.member[MEMBER_RootId] = attach.member[MEMBER_TargetId] = STR("r-hand");
        enable.member[MEMBER_PolicyType] = create.member[MEMBER_Type] = STR("SERVICE_CONTROL_POLICY");
        account.member[MEMBER_AccountName] = STR("one");
        account.member[MEMBER_Email] = STR("one@example.com");
        create.member[MEMBER_Name] = create.member[MEMBER_Description] = STR("guard");
        create.member[MEMBER_Content] = str_of(scp);
        control_apply(w.c, &enable, &answer);
        control_apply(w.c, &account, &answer);
        control_apply(w.c, &create, &answer);
        attach.member[MEMBER_PolicyId] = answer.id;
        control_apply(w.c, &attach, &answer);
        if (answer.exception != NULL) fail_msg("%s", answer.detail);
    }
    (void)control_bulk_end(w.c);
    return w;
}

static void requests_meet_what_is_denied(void **state)
{
    (void)state;
    arena a = all;
    rates r = {0};
    scene s = scene_of(&a,
                       by_hand(&a, "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":"
                                   "\"ec2:TerminateInstances\",\"Resource\":\"*\"}]}"),
                       5);
    visit(&s, 0, 60000, count, &r);
    near("denied", r.denied, r.seen, 60, 150);
    near("denied by the one SCP", r.by_scp, r.seen, 2, 120);
    scene_free(&s);
}

/* Where the target cannot be met, the calibration says so. */
static void calibration_says_what_it_cannot(void **state)
{
    (void)state;
    static const char deny_all[] = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\","
                                   "\"Resource\":\"*\"}]}";
    arena             a = all;
    scene             s = scene_of(&a, by_hand(&a, deny_all), 5);
    generate_calibration c = generate_calibrated(s.g, 0);
    assert_int_equal(c.stray_below, 0);
    assert_int_equal(c.denied, c.ordinary);
    assert_true(c.ordinary > c.sampled / 50);
    scene_free(&s);
    s = scene_of(&a, by_hand(&a, NULL), 5); /* the management account alone */
    c = generate_calibrated(s.g, 0);
    assert_true(c.stray_below > 0 && c.denied > 0);
    scene_free(&s);
}

static void regions_are_checked(void **state)
{
    (void)state;
    arena              a = all;
    support_world      w = by_hand(&a, NULL);
    generate_requests *g = NULL;
    err                e = {0};
    generate_region    none = regions[0], weightless = regions[0], many = regions[0];
    none.base.cell_count = 0;
    weightless.weight = 0;
    many.base.cell_count = WORLD_CELLS_MAX + 1;
    const struct {
        const generate_region *regions;
        uint32_t               count;
        const char            *message;
    } rows[] = {{regions, 0, "requests need at least one region"},
                {&none, 1, "region `us-east-1` has no cell"},
                {&weightless, 1, "no region has a weight"},
                {&many, 1, "65537 cells, at most 65536"}};
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        assert_int_not_equal(
            generate_requests_new(&a, corpus, facts, org_at(w.o, 0), rows[i].regions, rows[i].count, 1, &g, &e),
            STATUS_OK);
        assert_string_equal(e.text, rows[i].message);
        assert_null(g);
    }
    support_world_free(&w);
}

static int setup(void **state)
{
    (void)state;
    arena_init(&all, MEMORY_GENERAL);
    facts = support_catalog(&all);
    corpus = support_profile(&all, facts, "corpus-2026-11");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&all);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_could_be_real),
        cmocka_unit_test(every_layer_decides_and_denies),
        cmocka_unit_test(streams_are_functions_of_cell_and_number),
        cmocka_unit_test(streams_are_pinned),
        cmocka_unit_test(rates_are_near_the_profile),
        cmocka_unit_test(cells_share_the_requests),
        cmocka_unit_test(image_decides_as_the_oracle),
        cmocka_unit_test(requests_meet_what_is_denied),
        cmocka_unit_test(calibration_says_what_it_cannot),
        cmocka_unit_test(regions_are_checked),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
