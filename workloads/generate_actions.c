#include "workloads/generate_actions.h"

#include <assert.h>
#include <stdlib.h>

#include "base/hash.h"
#include "policy/match.h"

__extension__ typedef unsigned __int128 u128;

bool action_reads(const catalog_action *x)
{
    return (x->access & ~(unsigned)(CATALOG_LIST | CATALOG_READ)) == 0;
}

/* The part of an ARN shape behind `colons` colons, up to the next one. */
static str shape_part(str shape, size_t colons)
{
    size_t begin = 0;
    for (; colons > 0 && begin < shape.len; colons--) begin = str_find(shape, ':', begin) + 1;
    return begin > shape.len ? (str){shape.ptr, 0} : str_part(shape, begin, str_find(shape, ':', begin) - begin);
}

bool resource_nameable(const catalog *facts, uint32_t resource)
{
    str shape = catalog_resource_at(facts, resource)->arn;
    str service = shape_part(shape, 2), region = shape_part(shape, 3), account = shape_part(shape, 4);
    if (str_find(shape, ' ', 0) < shape.len || str_find(service, '$', 0) < service.len) return false;
    bool place_known = region.len == 0 || str_is(region, "${Region}");
    bool owner_known =
        account.len == 0 || str_is(account, "${Account}") || str_is(account, "${AccountId}") || str_is(account, "aws");
    return shape_part(shape, 5).len > 0 && place_known && owner_known;
}

bool resource_usable(const catalog *facts, uint32_t resource)
{
    str  shape = catalog_resource_at(facts, resource)->arn;
    bool key = str_is(shape_part(shape, 2), "kms") && str_starts(shape_part(shape, 5), STR("key/"));
    return resource_nameable(facts, resource) && !key;
}

/* ---- how often an action is called ---- */

typedef struct { /* where an action stands in its service: popular ones by their place, others by hash */
    uint64_t order;
    uint32_t action;
} ranked;

static int ranked_cmp(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->order != y->order) return x->order < y->order ? -1 : 1;
    return (x->action > y->action) - (x->action < y->action);
}

static void weigh_service(arena scratch, const generate_actions *g, const uint32_t *popular_place, uint32_t service,
                          uint64_t service_weight, const uint64_t *zipf)
{
    const catalog_service *s = catalog_service_at(g->facts, service);
    ranked                *order = ARENA_NEW(&scratch, ranked, s->action_count);
    uint64_t               sum = 0;
    for (uint32_t i = 0; i < s->action_count; i++) {
        uint32_t action = s->action_first + i, rank = popular_place[action];
        str      name = catalog_action_at(g->facts, action)->name;
        order[i] = (ranked){rank > 0 ? rank : UINT32_MAX + (hash_str_nocase(name, 0) >> 1), action};
        sum += zipf[i];
    }
    qsort(order, s->action_count, sizeof *order, ranked_cmp);
    for (uint32_t i = 0; i < s->action_count; i++) {
        uint64_t weight = (uint64_t)((u128)service_weight * zipf[i] / sum);
        g->weight[order[i].action] = weight > 0 ? weight : 1;
    }
}

static void weigh(arena scratch, const profile_requests *r, const generate_actions *g)
{
    uint32_t *popular_place = ARENA_NEW(&scratch, uint32_t, catalog_action_count(g->facts));
    uint32_t  longest = 1;
    for (uint32_t i = 0; i < r->popular_count; i++) popular_place[r->popular[i]] = i + 1;
    for (uint32_t i = 0; i < r->service_count; i++) {
        uint32_t count = catalog_service_at(g->facts, r->services[i])->action_count;
        longest = count > longest ? count : longest;
    }
    uint64_t *by_service = ARENA_NEW(&scratch, uint64_t, r->service_count),
             *by_action = ARENA_NEW(&scratch, uint64_t, longest);
    tables_zipf_weights(r->service_count, r->service_zipf.num, r->service_zipf.den, by_service);
    tables_zipf_weights(longest, r->action_zipf.num, r->action_zipf.den, by_action);
    for (uint32_t i = 0; i < r->service_count; i++)
        weigh_service(scratch, g, popular_place, r->services[i], by_service[i], by_action);
}

/* ---- what is guarded ---- */

static bool guarded_by_verb(const profile_scp *scp, const catalog_action *x)
{
    if (action_reads(x)) return false;
    for (uint32_t i = 0; i < scp->guarded_verbs.count; i++)
        if (str_starts(x->name, scp->guarded_verbs.items[i])) return true;
    return false;
}

static void mark_guarded(arena *a, const profile *p, generate_actions *g)
{
    const profile_scp *scp = &p->scp;
    g->first = ARENA_NEW(a, uint32_t, scp->guarded.count);
    for (uint32_t s = 0; s < p->requests.service_count; s++) {
        const catalog_service *service = catalog_service_at(g->facts, p->requests.services[s]);
        for (uint32_t i = 0; i < service->action_count; i++)
            if (guarded_by_verb(scp, catalog_action_at(g->facts, service->action_first + i)))
                bitset_set(g->guarded, service->action_first + i);
    }
    for (uint32_t i = 0; i < p->requests.popular_count; i++) bitset_clear(g->guarded, p->requests.popular[i]);
    for (uint32_t i = 0; i < scp->guarded.count; i++) {
        uint32_t action = catalog_action_find(g->facts, scp->guarded.items[i]);
        if (action == CATALOG_NONE) continue; /* `service:*` */
        bitset_set(g->guarded, action);
        if (g->used_rank[catalog_action_at(g->facts, action)->service] != CATALOG_NONE)
            g->first[g->first_count++] = action;
    }
}

/* Prefixes such as `Delete*` whose actions are all guarded. */
static void list_prefixes(arena *a, const profile_scp *scp, const generate_actions *g, guarded_service *out)
{
    const catalog_service *s = catalog_service_at(g->facts, out->service);
    out->prefixes = ARENA_NEW(a, str, scp->guarded_verbs.count);
    for (uint32_t v = 0; v < scp->guarded_verbs.count; v++) {
        str      verb = scp->guarded_verbs.items[v];
        uint32_t taken = 0, open = 0;
        for (uint32_t i = 0; i < s->action_count; i++) {
            uint32_t action = s->action_first + i;
            if (!str_starts(catalog_action_at(g->facts, action)->name, verb)) continue;
            taken++;
            open += !bitset_get(g->guarded, action);
        }
        if (taken > 1 && open == 0) out->prefixes[out->prefix_count++] = arena_format(a, "%.*s*", STR_FMT(verb));
    }
}

static void list_services(arena *a, const profile *p, generate_actions *g)
{
    g->services = ARENA_NEW(a, guarded_service, p->requests.service_count);
    for (uint32_t k = 0; k < p->requests.service_count; k++) {
        const catalog_service *s = catalog_service_at(g->facts, p->requests.services[k]);
        guarded_service        out = {.service = p->requests.services[k]};
        out.actions = ARENA_NEW(a, uint32_t, s->action_count);
        for (uint32_t i = 0; i < g->first_count; i++)
            if (catalog_action_at(g->facts, g->first[i])->service == out.service)
                out.actions[out.count++] = g->first[i];
        uint32_t own = out.count;
        for (uint32_t i = 0; i < s->action_count; i++) {
            uint32_t action = s->action_first + i, known = 0;
            while (known < own && out.actions[known] != action) known++;
            if (known == own && bitset_get(g->guarded, action)) out.actions[out.count++] = action;
        }
        if (out.count == 0) continue;
        list_prefixes(a, &p->scp, g, &out);
        g->services[g->service_count++] = out;
    }
}

/* The weights of guarded actions are scaled so that they are `guarded_share` of all requests, given that they are
 * writes and how many of the requests are. */
static void scale_guarded(const profile_requests *r, const generate_actions *g)
{
    u128 guarded = 0, other = 0;
    for (uint32_t i = 0; i < catalog_action_count(g->facts); i++) {
        if (action_reads(catalog_action_at(g->facts, i))) continue;
        *(bitset_get(g->guarded, i) ? &guarded : &other) += g->weight[i];
    }
    /* share = guarded_share / (1 - reads) of the writes; scale = share / (1 - share) * other / guarded, in 2^-32. */
    u128 share_num = (u128)r->guarded_share.num * r->reads.den,
         share_den = (u128)r->guarded_share.den * (r->reads.den - r->reads.num);
    if (guarded == 0 || share_num >= share_den) return;
    u128 odds = (share_num << 32) / (share_den - share_num), scale = odds * (other >> 20) / ((guarded >> 20) + 1);
    for (uint32_t i = 0; i < catalog_action_count(g->facts); i++) {
        if (!bitset_get(g->guarded, i) || g->weight[i] == 0) continue;
        uint64_t weight = (uint64_t)(g->weight[i] * scale >> 32);
        g->weight[i] = weight > 0 ? weight : 1;
    }
}

void actions_new(arena *a, const profile *p, const catalog *facts, generate_actions *out)
{
    uint32_t service_count = catalog_service_count(facts), action_count = catalog_action_count(facts);
    *out = (generate_actions){.facts = facts,
                              .weight = ARENA_NEW(a, uint64_t, action_count),
                              .guarded = bitset_new(a, action_count),
                              .used_rank = ARENA_NEW(a, uint32_t, service_count),
                              .unused = ARENA_NEW(a, uint32_t, service_count)};
    for (uint32_t i = 0; i < service_count; i++) out->used_rank[i] = CATALOG_NONE;
    for (uint32_t i = 0; i < p->requests.service_count; i++) out->used_rank[p->requests.services[i]] = i;
    for (uint32_t i = 0; i < service_count; i++)
        if (out->used_rank[i] == CATALOG_NONE) out->unused[out->unused_count++] = i;
    mark_guarded(a, p, out);
    list_services(a, p, out);
    weigh(*a, &p->requests, out);
    scale_guarded(&p->requests, out);
}

action_list actions_matching(arena *a, const catalog *facts, str pattern)
{
    size_t colon = str_find(pattern, ':', 0);
    bool   wild = memchr(pattern.ptr, '*', pattern.len) != NULL || memchr(pattern.ptr, '?', pattern.len) != NULL;
    if (!wild) {
        uint32_t *action = ARENA_NEW(a, uint32_t, 1);
        *action = catalog_action_find(facts, pattern);
        return (action_list){action, *action != CATALOG_NONE};
    }
    uint32_t first = 0, count = catalog_action_count(facts), service;
    if (colon < pattern.len && !str_is(pattern, "*:*")) {
        service = catalog_service_find(facts, str_part(pattern, 0, colon));
        if (service == CATALOG_NONE) return (action_list){NULL, 0};
        first = catalog_service_at(facts, service)->action_first;
        count = catalog_service_at(facts, service)->action_count;
    }
    str       name = colon < pattern.len ? str_part(pattern, colon + 1, pattern.len - colon - 1) : STR("*");
    uint32_t *actions = ARENA_NEW(a, uint32_t, count), taken = 0;
    for (uint32_t i = 0; i < count; i++)
        if (match_action_name(name, catalog_action_at(facts, first + i)->name)) actions[taken++] = first + i;
    return (action_list){actions, taken};
}
