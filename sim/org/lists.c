#include "org/lists.h"

#include <assert.h>

#include "org/state.h"

/* Mostly at the end, as newer entities have higher numbers. */
uint32_t lists_place(const id_list *l, uint32_t id)
{
    uint32_t low = 0, high = l->count;
    if (high > 0 && l->ids[high - 1] < id) return high;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (l->ids[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static id_list *list_of(id_lists *l, uint32_t owner)
{
    if (owner >= l->count) {
        uint32_t wider = l->count == 0 ? 64 : l->count;
        while (wider <= owner) wider *= 2;
        l->owners = memory_realloc(MEMORY_ORG, l->owners, l->count * sizeof *l->owners, wider * sizeof *l->owners);
        l->count = wider;
    }
    return &l->owners[owner];
}

void lists_add(lists *l, org_list_kind kind, uint32_t owner, uint32_t id)
{
    if (!l->made) return;
    id_list *list = list_of(&l->of[kind], owner);
    uint32_t at = lists_place(list, id);
    assert(at == list->count || list->ids[at] != id);
    if (list->count == list->capacity) {
        uint32_t wider = list->capacity == 0 ? 4 : list->capacity * 2;
        list->ids =
            memory_realloc(MEMORY_ORG, list->ids, list->capacity * sizeof *list->ids, wider * sizeof *list->ids);
        list->capacity = wider;
    }
    memmove(list->ids + at + 1, list->ids + at, (list->count - at) * sizeof *list->ids);
    list->ids[at] = id;
    list->count++;
}

void lists_remove(lists *l, org_list_kind kind, uint32_t owner, uint32_t id)
{
    if (!l->made) return;
    id_list *list = list_of(&l->of[kind], owner);
    uint32_t at = lists_place(list, id);
    assert(at < list->count && list->ids[at] == id);
    memmove(list->ids + at, list->ids + at + 1, (list->count - at - 1) * sizeof *list->ids);
    list->count--;
}

void lists_deinit(lists *l)
{
    for (uint32_t kind = 0; kind < ORG_LIST_COUNT; kind++) {
        for (uint32_t i = 0; i < l->of[kind].count; i++) memory_free(MEMORY_ORG, l->of[kind].owners[i].ids);
        memory_free(MEMORY_ORG, l->of[kind].owners);
    }
    *l = (lists){0};
}

size_t lists_bytes(const lists *l)
{
    size_t bytes = 0;
    for (uint32_t kind = 0; kind < ORG_LIST_COUNT; kind++) {
        bytes += l->of[kind].count * sizeof(id_list);
        for (uint32_t i = 0; i < l->of[kind].count; i++) bytes += l->of[kind].owners[i].capacity * sizeof(uint32_t);
    }
    return bytes;
}

static void targets_add(org *o, uint32_t attached_id, org_list_kind kind, uint32_t id)
{
    for (uint32_t t = 0; t < ORG_TYPE_COUNT; t++) {
        org_attachments l = attached_list(&o->attached, attached_id, (org_policy_type)t);
        for (uint32_t i = 0; i < l.count; i++) lists_add(&o->lists, kind, l.policies[i], id);
    }
}

void lists_make(org *o)
{
    lists_deinit(&o->lists);
    o->lists.made = true;
    for (uint32_t i = 0; i < o->head.nodes.count; i++) {
        const org_node *n = state_node(&o->head, i);
        if (!n->exists) continue;
        if (n->parent != ORG_NONE) lists_add(&o->lists, ORG_LIST_CHILD_NODES, n->parent, i);
        targets_add(o, n->attached, ORG_LIST_TARGET_NODES, i);
    }
    for (uint32_t i = 0; i < o->head.accounts.count; i++) {
        const org_account *a = state_account(&o->head, i);
        if (a->parent == ORG_NONE) continue;
        lists_add(&o->lists, ORG_LIST_CHILD_ACCOUNTS, a->parent, i);
        targets_add(o, a->attached, ORG_LIST_TARGET_ACCOUNTS, i);
    }
}

uint32_t org_list(org *o, org_list_kind kind, uint32_t owner, uint32_t from, uint32_t *out, uint32_t max)
{
    assert(kind < ORG_LIST_COUNT);
    if (!o->lists.made) lists_make(o);
    if (owner >= o->lists.of[kind].count) return 0;
    const id_list *list = &o->lists.of[kind].owners[owner];
    uint32_t       count = 0;
    for (uint32_t at = lists_place(list, from); at < list->count && count < max; at++) out[count++] = list->ids[at];
    return count;
}
