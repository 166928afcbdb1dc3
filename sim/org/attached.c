#include "org/attached.h"

#include <assert.h>

#include "base/hash.h"

static uint32_t list_cons(attached *a, const uint32_t *policies, uint32_t count);
static uint32_t combination_cons(attached *a, attached_combination c);

void attached_init(attached *a)
{
    *a = (attached){.list_index = idmap_new(MEMORY_ORG), .combination_index = idmap_new(MEMORY_ORG)};
    arena_init(&a->arrays, MEMORY_ORG);
    arena_init(&a->scratch, MEMORY_ORG);
    uint32_t empty = list_cons(a, NULL, 0);
    uint32_t nothing = combination_cons(a, (attached_combination){{0}});
    assert(empty == 0);
    assert(nothing == 0);
}

void attached_deinit(attached *a)
{
    arena_deinit(&a->arrays);
    arena_deinit(&a->scratch);
    memory_free(MEMORY_ORG, a->lists);
    memory_free(MEMORY_ORG, a->combinations);
    idmap_free(a->list_index);
    idmap_free(a->combination_index);
}

size_t attached_bytes(const attached *a)
{
    return arena_bytes(&a->arrays) + a->list_capacity * sizeof *a->lists +
           a->combination_capacity * sizeof *a->combinations;
}

org_attachments attached_list(const attached *a, uint32_t id, org_policy_type type)
{
    assert(id < a->combination_count);
    return a->lists[a->combinations[id].list[type]];
}

/* Where the policy stands in the ascending list, or where it would go. */
static uint32_t list_place(org_attachments l, uint32_t which)
{
    uint32_t i = 0;
    while (i < l.count && l.policies[i] < which) i++;
    return i;
}

bool attached_has(const attached *a, uint32_t id, org_policy_type type, uint32_t which)
{
    org_attachments l = attached_list(a, id, type);
    uint32_t        at = list_place(l, which);
    return at < l.count && l.policies[at] == which;
}

static uint32_t combination_replace(attached *a, uint32_t id, org_policy_type type, const uint32_t *policies,
                                    uint32_t count)
{
    attached_combination c = a->combinations[id];
    c.list[type] = list_cons(a, policies, count);
    return combination_cons(a, c);
}

uint32_t attached_with(attached *a, uint32_t id, org_policy_type type, uint32_t which)
{
    assert(!attached_has(a, id, type, which));
    org_attachments l = attached_list(a, id, type);
    uint32_t        at = list_place(l, which);
    arena           scratch = a->scratch;
    uint32_t       *wider = ARENA_NEW(&scratch, uint32_t, l.count + 1u);
    for (uint32_t i = 0; i < l.count; i++) wider[i < at ? i : i + 1] = l.policies[i];
    wider[at] = which;
    return combination_replace(a, id, type, wider, l.count + 1);
}

uint32_t attached_without(attached *a, uint32_t id, org_policy_type type, uint32_t which)
{
    assert(attached_has(a, id, type, which));
    org_attachments l = attached_list(a, id, type);
    uint32_t        at = list_place(l, which);
    arena           scratch = a->scratch;
    uint32_t       *narrower = ARENA_NEW(&scratch, uint32_t, l.count - 1u);
    for (uint32_t i = 0; i + 1 < l.count; i++) narrower[i] = l.policies[i < at ? i : i + 1];
    return combination_replace(a, id, type, narrower, l.count - 1);
}

uint32_t attached_only(attached *a, uint32_t id, org_policy_type type, uint32_t which)
{
    return combination_replace(a, id, type, &which, which == ORG_NONE ? 0 : 1);
}

/* Doubles a table when it is full. */
static void *grown(void *items, uint32_t count, uint32_t *capacity, size_t size_bytes)
{
    if (count < *capacity) return items;
    uint32_t wider = *capacity == 0 ? 64 : *capacity * 2;
    void    *fresh = memory_realloc(MEMORY_ORG, items, *capacity * size_bytes, wider * size_bytes);
    *capacity = wider;
    return fresh;
}

/* Different lists of one hash stand at the next free key. */
static uint32_t list_cons(attached *a, const uint32_t *policies, uint32_t count)
{
    uint64_t key = count;
    for (uint32_t i = 0; i < count; i++) key = hash_mix(key, policies[i]);
    uint32_t id = 0;
    for (key >>= 1; idmap_get(a->list_index, key, &id); key++) {
        org_attachments l = a->lists[id];
        if (l.count == count && (count == 0 || memcmp(l.policies, policies, count * sizeof *policies) == 0)) return id;
    }
    uint32_t *copy = ARENA_NEW(&a->arrays, uint32_t, count);
    if (count > 0) memcpy(copy, policies, count * sizeof *copy);
    a->lists = grown(a->lists, a->list_count, &a->list_capacity, sizeof *a->lists);
    a->lists[a->list_count] = (org_attachments){copy, count};
    idmap_put(a->list_index, key, a->list_count);
    return a->list_count++;
}

static uint32_t combination_cons(attached *a, attached_combination c)
{
    uint64_t key = 0;
    for (uint32_t t = 0; t < ORG_TYPE_COUNT; t++) key = hash_mix(key, c.list[t]);
    uint32_t id = 0;
    for (key >>= 1; idmap_get(a->combination_index, key, &id); key++)
        if (memcmp(&a->combinations[id], &c, sizeof c) == 0) return id;
    a->combinations = grown(a->combinations, a->combination_count, &a->combination_capacity, sizeof c);
    a->combinations[a->combination_count] = c;
    idmap_put(a->combination_index, key, a->combination_count);
    return a->combination_count++;
}
