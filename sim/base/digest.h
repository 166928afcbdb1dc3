/* digest.h - XXH3-128 over bytes written field by field, little-endian; the fingerprint of runs and files.
 *
 * Source: https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md; the hex text is the canonical (big-endian) form.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

typedef struct {
    uint64_t low, high;
} digest;

#define DIGEST_TEXT_SIZE 33 /* 32 hex digits and a NUL */

typedef struct digest_state digest_state;
digest_state               *digest_new(void);
void                        digest_free(digest_state *s);
void                        digest_reset(digest_state *s);
void                        digest_update(digest_state *s, const void *bytes, size_t len);
void                        digest_u32(digest_state *s, uint32_t v); /* little-endian on every machine */
void                        digest_u64(digest_state *s, uint64_t v);
digest                      digest_value(const digest_state *s); /* may go on updating afterwards  */

digest digest_bytes(const void *bytes, size_t len);
void   digest_text(digest d, char out[DIGEST_TEXT_SIZE]);

#endif
