/* The entities of one hash stand at consecutive keys of an idmap; a removed one in between leaves ORG_NONE, so that
 * those behind it are still found. */
#include "org/state.h"

#include <assert.h>

#include "base/hash.h"

typedef struct {
    uint32_t scope;
    str      name;
} scoped_name;

static scoped_name name_of(const org *o, names_kind kind, uint32_t entity)
{
    switch (kind) {
    case NAMES_OU: {
        const org_node *n = state_node(&o->head, entity);
        return (scoped_name){n->parent, {n->name, n->name_bytes}};
    }
    case NAMES_POLICY: {
        const org_policy *p = state_policy(&o->head, entity);
        return (scoped_name){p->type, p->name};
    }
    default: return (scoped_name){0, state_account_email(state_account(&o->head, entity))};
    }
}

static bool name_same(names_kind kind, scoped_name a, scoped_name b)
{
    if (a.scope != b.scope) return false;
    return kind == NAMES_EMAIL ? str_eq_nocase(a.name, b.name) : str_eq(a.name, b.name);
}

static uint64_t name_key(names_kind kind, scoped_name n)
{
    uint64_t hash =
        kind == NAMES_EMAIL ? hash_str_nocase(n.name, n.scope) : hash_bytes(n.name.ptr, n.name.len, n.scope);
    return hash >> 1; /* leaves room behind the last key */
}

uint32_t names_find(const org *o, names_kind kind, uint32_t scope, str name)
{
    scoped_name wanted = {scope, name};
    uint32_t    entity = ORG_NONE;
    for (uint64_t key = name_key(kind, wanted); idmap_get(o->names[kind], key, &entity); key++)
        if (entity != ORG_NONE && name_same(kind, wanted, name_of(o, kind, entity))) return entity;
    return ORG_NONE;
}

void names_add(org *o, names_kind kind, uint32_t entity)
{
    uint32_t there = ORG_NONE;
    uint64_t key = name_key(kind, name_of(o, kind, entity));
    while (idmap_get(o->names[kind], key, &there) && there != ORG_NONE) key++;
    idmap_put(o->names[kind], key, entity);
}

void names_remove(org *o, names_kind kind, uint32_t entity)
{
    uint32_t there = ORG_NONE;
    uint64_t key = name_key(kind, name_of(o, kind, entity));
    for (; there != entity; key++) {
        bool found = idmap_get(o->names[kind], key, &there);
        assert(found);
    }
    uint32_t behind = ORG_NONE;
    if (idmap_get(o->names[kind], key, &behind))
        idmap_put(o->names[kind], key - 1, ORG_NONE);
    else
        idmap_remove(o->names[kind], key - 1);
}
