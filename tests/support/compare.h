/* compare.h - the compiled core against the specification.
 *
 * Nothing here fails a test: a difference is returned with a description, because tests of planted faults want one.
 */
#ifndef SUPPORT_COMPARE_H
#define SUPPORT_COMPARE_H

#include "authz/authz.h"

typedef struct {
    const catalog    *facts;
    const authz_role *roles; /* those of the store */
    const org_view   *view;  /* the image's        */
} compare_with;

/* What the specification says of the request, which is put into text first. Temporaries go to scratch. */
decision compare_oracle(arena scratch, const compare_with *w, const authz_image *image, const authz_request *q);

/* What cannot be evaluated of the request, as text and over all parts, but for keys that are absent: their number. */
uint32_t compare_doubts(arena scratch, const compare_with *w, const authz_image *image, const authz_request *q,
                        uint32_t by_kind[DIAGNOSTIC_COUNT]);

/* Decides count <= AUTHZ_BATCH requests one by one and as a batch. Returns the index of the first that is not `want`,
 * else count. */
uint32_t compare_decided(const authz_image *image, const authz_request *q, uint32_t count, const decision *want);

/* Request, answers and policies by level, many lines; lives in `a`. */
str compare_describe(arena *a, const compare_with *w, const authz_image *image, const authz_request *q, decision want);

#endif
