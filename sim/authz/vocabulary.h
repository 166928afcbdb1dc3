/* vocabulary.h - inside this room: the values behind the ids of a request, and a request put back into text.
 *
 * Keys are numbered over all slots, the resource being key 0, so that a set of keys is one word. A key's values stand
 * by the ids of its slot.
 *
 * Derived keys have the highest numbers. The organization's id follows from the principal's slot and the resource's, as
 * long as the account is in the organization: it has values there like any key, and what is known of all accounts is
 * known of those in the organization. The others have none (but what roles say), and their text is asked.
 */
#ifndef AUTHZ_VOCABULARY_H
#define AUTHZ_VOCABULARY_H

#include "authz/authz.h"
#include "base/bitset.h"
#include "base/intern.h"

#define VOCABULARY_RESOURCE 0u  /* slot and key */
#define VOCABULARY_KEYS_MAX 64u /* the resource is one of them */
enum {
    VOCABULARY_DERIVED = 58, /* the first of them */
    VOCABULARY_CURRENT_TIME = VOCABULARY_DERIVED,
    VOCABULARY_EPOCH_TIME,
    VOCABULARY_RESOURCE_ORG_PATHS,
    VOCABULARY_PRINCIPAL_ORG_PATHS,
    VOCABULARY_RESOURCE_ORG_ID, /* from here on they have values */
    VOCABULARY_PRINCIPAL_ORG_ID,
};
#define VOCABULARY_ORG_PATHS \
    (UINT64_C(1) << VOCABULARY_RESOURCE_ORG_PATHS | UINT64_C(1) << VOCABULARY_PRINCIPAL_ORG_PATHS)
_Static_assert(VOCABULARY_PRINCIPAL_ORG_ID + 1 == VOCABULARY_KEYS_MAX, "the highest numbers");
#define VOCABULARY_ACCOUNT_LEN 12u /* an account id is 12 digits  */
_Static_assert(VOCABULARY_RESOURCE == AUTHZ_RESOURCE, "the first slot has the first key");

typedef struct {
    str          key; /* empty for the resource */
    uint32_t     slot;
    authz_shape  shape;
    bool         of_owner;
    authz_entry *values; /* [id]; texts null: absent, as mostly of id 0. Null: it has none */
    size_t       capacity;
} vocabulary_key;

typedef struct {
    uint32_t      key_first, key_count; /* of the principal, whose keys may stand apart: 0 and 0 */
    intern_table *ids;                  /* of the value's spelling; value id = intern id + 1     */
    size_t        count;
} vocabulary_slot;

typedef struct {
    const authz_part *parts;
    uint32_t          count;
} vocabulary_parts;

struct authz_vocabulary {
    arena             a;
    const catalog    *facts;
    str               organization;          /* ptr null when unknown          */
    uint32_t          slot_count, key_count; /* without those that are derived */
    vocabulary_slot   slots[AUTHZ_SLOTS];
    vocabulary_key    keys[VOCABULARY_KEYS_MAX];
    authz_entry      *principals; /* [id of slot AUTHZ_PRINCIPAL]: the role's principal, one text with a hole */
    size_t            principal_capacity;
    authz_resource   *resources; /* [resource_count] by value id; of those beyond nothing is known */
    vocabulary_parts *parts;     /* [parts_count] by id; 0 is no set                               */
    size_t            resource_count, resource_capacity, parts_count, parts_capacity;
};

static inline authz_resource vocabulary_resource(const authz_vocabulary *v, uint32_t id)
{
    authz_resource nothing = {.policy = 0};
    return id < v->resource_count ? v->resources[id] : nothing;
}

/* VOCABULARY_KEYS_MAX when there is no such key (ignoring case): requests never carry it. */
uint32_t vocabulary_key_find(const authz_vocabulary *v, str key);
/* The keys that say whose the resource is. Requests of the service DERIVE_OWNERLESS lack them, whatever their slots
 * say: policies are compiled for such requests apart, so that no other decision has to ask. */
uint64_t vocabulary_owner_keys(const authz_vocabulary *v);
/* Whether the values of a key say all of it. */
static inline bool vocabulary_key_has_values(uint32_t key)
{
    return key < VOCABULARY_DERIVED || key >= VOCABULARY_RESOURCE_ORG_ID;
}
/* The text of a single value, with the account id in its hole; in `a` where it has one. */
str vocabulary_fill(arena *a, const authz_entry *value, str account_id);

/* The account that has the resource, which may be outside the organization; what has none is its caller's own. */
str  vocabulary_owner_id(const authz_vocabulary *v, const org_view *view, const authz_request *q);
bool vocabulary_owner_inside(const authz_vocabulary *v, const authz_request *q);
/* A resource's owner is outside: the organization's id does not follow from it. */
void vocabulary_resource_leaves(authz_vocabulary *v, uint16_t id);

/* Resource and context of a request, only the keys in the set `keys`; views of the vocabulary, and what is filled in
 * `a`. */
void vocabulary_request(arena *a, const authz_vocabulary *v, const org_view *view, const authz_request *q,
                        uint64_t keys, request *out);

#endif
