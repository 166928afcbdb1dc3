/* catalog.h - what AWS offers: services, actions, access levels, condition keys, resource ARN shapes.
 *
 * Facts, not code: loaded from one compact dated text (workloads/catalog), so that this room holds none.
 * An action's handle (chunk, bit) is how the core names it: a chunk holds up to 64 actions of one service, so a set
 * of actions is one u64 per chunk. Handles are dense and depend on the text alone (services and actions in order).
 *
 * Memory  the arena given to catalog_load owns everything but the names, which are views into the text; immutable
 *         afterwards, any number of threads.
 * Errors  a line that the format (described in workloads/catalog/make.py) does not know is refused with its place.
 * Source  AWS Service Authorization Reference, as named in the header of the text.
 */
#ifndef POLICY_CATALOG_H
#define POLICY_CATALOG_H

#include "base/arena.h"
#include "base/status.h"

#define CATALOG_NONE UINT32_MAX

typedef struct {
    uint16_t chunk;
    uint8_t  bit;   /* 0..63                                    */
    uint8_t  flags; /* 0; free for the use of whoever carries it */
} action_handle;

typedef enum {
    CATALOG_LIST = 1,
    CATALOG_READ = 2,
    CATALOG_TAGGING = 4,
    CATALOG_WRITE = 8,
    CATALOG_PERMISSIONS = 16, /* Permissions management */
} catalog_access;             /* a set: some actions carry two */

typedef enum {
    CATALOG_KEY_STRING,
    CATALOG_KEY_ARN,
    CATALOG_KEY_BOOL,
    CATALOG_KEY_NUMERIC,
    CATALOG_KEY_DATE,
    CATALOG_KEY_IP,
    CATALOG_KEY_BINARY,
} catalog_key_type;

typedef struct {
    str             prefix, name;
    bool            rcp;  /* its actions honour resource control policies */
    const uint32_t *keys; /* condition keys that the service defines or supports */
    uint32_t        key_count;
    uint32_t        action_first, action_count;
    uint32_t        resource_first, resource_count;
    uint16_t        chunk_first, chunk_count;
} catalog_service;

typedef struct {
    str             name; /* as AWS spells it, without the prefix */
    uint32_t        service;
    uint8_t         access; /* set of catalog_access */
    action_handle   handle;
    const uint32_t *resources; /* resource types the action may name; empty: only `*` */
    uint32_t        resource_count;
    uint32_t        required_count; /* the first of them, which every call names */
    const uint32_t *keys;           /* service and action condition keys */
    uint32_t        key_count;
} catalog_action;

typedef struct {
    str             name; /* e.g. `instance` */
    str             arn;  /* e.g. `arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}` */
    uint32_t        service;
    const uint32_t *keys;
    uint32_t        key_count;
} catalog_resource;

typedef struct {
    str              name; /* `aws:PrincipalArn`; `${…}` in it stands for any text: `aws:RequestTag/${TagKey}` */
    catalog_key_type type;
    bool             multivalued;
    str              category; /* of a global key: `network`, `principal`, …; empty: a service's own */
} catalog_key;

typedef struct catalog catalog;

status catalog_load(arena *a, const source *text, catalog **out, err *e);

uint32_t                catalog_service_count(const catalog *c);
uint32_t                catalog_action_count(const catalog *c);
uint32_t                catalog_chunk_count(const catalog *c);
const catalog_service  *catalog_service_at(const catalog *c, uint32_t i);
const catalog_action   *catalog_action_at(const catalog *c, uint32_t i);
const catalog_resource *catalog_resource_at(const catalog *c, uint32_t i);
const catalog_key      *catalog_key_at(const catalog *c, uint32_t i);
uint32_t                catalog_key_count(const catalog *c);
uint32_t                catalog_resource_count(const catalog *c);
str                     catalog_dated(const catalog *c);  /* `2026-09-26` */
str                     catalog_source(const catalog *c); /* one line      */

uint64_t catalog_chunk_mask(const catalog *c, uint32_t chunk); /* the bits that are actions */
uint32_t catalog_chunk_service(const catalog *c, uint32_t chunk);
uint32_t catalog_action_of(const catalog *c, action_handle h); /* index of the action      */

/* All lookups ignore case. CATALOG_NONE when absent. */
uint32_t catalog_service_find(const catalog *c, str prefix);
uint32_t catalog_action_find(const catalog *c, str action); /* `s3:GetObject`              */
uint32_t catalog_key_find(const catalog *c, str key);       /* `aws:RequestTag/team` finds the `${TagKey}` row */

#endif
