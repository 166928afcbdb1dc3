/* generate_actions.h - inside this room: what a profile says of the catalogue's actions.
 *
 * Used      the profile's services; ordinary requests go there, by Zipf's law over services and over the actions of a
 *           service: the profile's popular ones first, the others in an order that hashes of their names give.
 * Guarded   what SCPs are written against: the profile's own list, and in used services every write whose name begins
 *           with one of its verbs, unless it is popular. Ordinary requests call them seldom (`guarded_share`).
 * Memory    the arena given to actions_new; immutable afterwards.
 */
#ifndef WORKLOADS_GENERATE_ACTIONS_H
#define WORKLOADS_GENERATE_ACTIONS_H

#include "base/bitset.h"
#include "workloads/profile.h"

typedef struct { /* one used service with guarded actions */
    uint32_t  service;
    uint32_t *actions; /* guarded, the profile's own first */
    uint32_t  count;
    str      *prefixes; /* `Delete*`: takes guarded actions only */
    uint32_t  prefix_count;
} guarded_service;

typedef struct {
    const catalog   *facts;
    uint64_t        *weight; /* [actions] of ordinary requests; 0 in unused services */
    bitset           guarded;
    uint32_t        *used_rank; /* [services] place in the profile's list, CATALOG_NONE when unused */
    uint32_t        *unused;    /* services */
    uint32_t         unused_count;
    guarded_service *services;
    uint32_t         service_count;
    uint32_t        *first; /* of the profile's guarded list, those of used services */
    uint32_t         first_count;
} generate_actions;

void actions_new(arena *a, const profile *p, const catalog *facts, generate_actions *out);
bool action_reads(const catalog_action *x); /* lists or reads, and nothing else */

/* Whether requests can name resources of this type: one ARN, of a known service, in a region or none, of an account or
 * none. */
bool resource_nameable(const catalog *facts, uint32_t resource);
/* … also where they have no policy: only a key policy opens a KMS key. */
bool resource_usable(const catalog *facts, uint32_t resource);

/* The actions that a pattern of a policy takes, ascending: `*`, `service:pattern`. */
typedef struct {
    const uint32_t *actions;
    uint32_t        count;
} action_list;
action_list actions_matching(arena *a, const catalog *facts, str pattern);

#endif
