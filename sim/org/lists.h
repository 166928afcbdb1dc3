/* lists.h - inside this room: what is directly below each node, and where each policy is attached.
 *
 * Of the head alone, for those who list it page by page. Made when first asked for, so that who only loads pays
 * nothing; from then on each change keeps it. Lists ascend.
 */
#ifndef ORG_LISTS_H
#define ORG_LISTS_H

#include "org/org.h"

typedef struct {
    uint32_t *ids;
    uint32_t  count, capacity;
} id_list;

typedef struct {
    id_list *owners;
    uint32_t count; /* of owners */
} id_lists;

typedef struct {
    bool     made;
    id_lists of[ORG_LIST_COUNT];
} lists;

void   lists_deinit(lists *l);
size_t lists_bytes(const lists *l);
/* Where the id stands in the list, or where it would go. */
uint32_t lists_place(const id_list *l, uint32_t id);
/* Nothing where they are not made. */
void lists_add(lists *l, org_list_kind kind, uint32_t owner, uint32_t id);
void lists_remove(lists *l, org_list_kind kind, uint32_t owner, uint32_t id);
void lists_make(org *o);

#endif
