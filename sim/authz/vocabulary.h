/* vocabulary.h - inside this room: the values behind the ids of a request, and a request put back into text. */
#ifndef AUTHZ_VOCABULARY_H
#define AUTHZ_VOCABULARY_H

#include "authz/authz.h"
#include "base/intern.h"

#define VOCABULARY_RESOURCE     AUTHZ_RESOURCE
#define VOCABULARY_KEYS         2u   /* the first slot of a context key                       */
#define VOCABULARY_ACCOUNT_LEN  12u  /* an account id is 12 digits                            */
#define VOCABULARY_FAMILY_BYTES 512u /* longest family text, so that filling one needs no heap */

typedef struct {
    const str *texts; /* [count]; count 1 unless the slot holds lists */
    uint32_t   count;
    size_t     hole; /* where the account id goes, or AUTHZ_NO_HOLE */
} vocabulary_value;

typedef struct {
    str               key; /* empty for the resource */
    authz_shape       shape;
    intern_table     *ids;    /* of the value's spelling; value id = intern id + 1 */
    vocabulary_value *values; /* [count + 1]; 0 is "absent"                        */
    size_t            count, capacity;
} vocabulary_slot;

struct authz_vocabulary {
    arena           a;
    const catalog  *facts;
    uint32_t        slot_count;
    vocabulary_slot slots[AUTHZ_SLOTS];
};

/* Room for one request's texts: on the stack, so that a decision allocates nothing. */
typedef struct {
    request_key keys[AUTHZ_SLOTS];
    str         texts[AUTHZ_SLOTS];
    char        filled[AUTHZ_SLOTS][VOCABULARY_FAMILY_BYTES + VOCABULARY_ACCOUNT_LEN];
} vocabulary_text;

/* The part of an ARN behind `colons` colons: up to the next one, or from the fifth on all the rest. */
str vocabulary_arn_part(str arn, size_t colons);
/* AUTHZ_SLOTS when no slot has that key (ignoring case): requests never carry it. */
uint32_t vocabulary_slot_find(const authz_vocabulary *v, str key);
/* The text of a single value, its hole filled with the account id in `room` (where it needs one). */
str vocabulary_fill(const vocabulary_value *value, str account_id, char *room);
/* Resource and context of `value`, only the slots in the set `slots`; `out` views `room` and the vocabulary. */
void vocabulary_request(const authz_vocabulary *v, const uint16_t value[AUTHZ_SLOTS], uint32_t slots, str account_id,
                        vocabulary_text *room, request *out);

#endif
