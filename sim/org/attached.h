/* attached.h - inside this room: what is attached to a target, hash-consed.
 *
 * A target stores one u32: the id of a combination of lists, one list per policy type. A million accounts that carry
 * just FullAWSAccess share one combination; 0 is "nothing attached". Lists and combinations are never freed: their
 * number grows with the distinct ones ever made, not with targets or revisions.
 */
#ifndef ORG_ATTACHED_H
#define ORG_ATTACHED_H

#include "base/intern.h"
#include "org/org.h"

typedef struct {
    uint32_t list[ORG_TYPE_COUNT];
} attached_combination;

typedef struct {
    arena                 arrays;  /* policy indexes of the lists */
    arena                 scratch; /* empty between calls         */
    org_attachments      *lists;
    uint32_t              list_count, list_capacity;
    idmap                *list_index;
    attached_combination *combinations;
    uint32_t              combination_count, combination_capacity;
    idmap                *combination_index;
} attached;

void   attached_init(attached *a);
void   attached_deinit(attached *a);
size_t attached_bytes(const attached *a);

org_attachments attached_list(const attached *a, uint32_t id, org_policy_type type);
bool            attached_has(const attached *a, uint32_t id, org_policy_type type, uint32_t policy);
/* The combination with one policy more, one less, or with just that one (ORG_NONE: none) of the type. */
uint32_t attached_with(attached *a, uint32_t id, org_policy_type type, uint32_t policy);
uint32_t attached_without(attached *a, uint32_t id, org_policy_type type, uint32_t policy);
uint32_t attached_only(attached *a, uint32_t id, org_policy_type type, uint32_t policy);

#endif
