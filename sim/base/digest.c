#include "base/digest.h"

#include <assert.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* The library allocates the state itself, because it must be aligned to 64 bytes. */
struct digest_state {
    XXH3_state_t xxh;
};
static_assert(sizeof(digest_state) == sizeof(XXH3_state_t), "a digest_state is the library's state");

digest_state *digest_new(void)
{
    digest_state *s = (digest_state *)XXH3_createState();
    assert(s != NULL);
    digest_reset(s);
    return s;
}

void digest_free(digest_state *s)
{
    if (s != NULL) (void)XXH3_freeState(&s->xxh);
}

void digest_reset(digest_state *s)
{
    (void)XXH3_128bits_reset(&s->xxh);
}

void digest_update(digest_state *s, const void *bytes, size_t len)
{
    if (len > 0) (void)XXH3_128bits_update(&s->xxh, bytes, len);
}

static void digest_little_endian(digest_state *s, uint64_t v, size_t len)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < len; i++) bytes[i] = (unsigned char)(v >> (8 * i));
    digest_update(s, bytes, len);
}

void digest_u32(digest_state *s, uint32_t v)
{
    digest_little_endian(s, v, 4);
}

void digest_u64(digest_state *s, uint64_t v)
{
    digest_little_endian(s, v, 8);
}

static digest digest_of(XXH128_hash_t h)
{
    return (digest){h.low64, h.high64};
}

digest digest_value(const digest_state *s)
{
    return digest_of(XXH3_128bits_digest(&s->xxh));
}

digest digest_bytes(const void *bytes, size_t len)
{
    return digest_of(XXH3_128bits(bytes, len));
}

void digest_text(digest d, char out[DIGEST_TEXT_SIZE])
{
    static const char hex[] = "0123456789abcdef";
    for (unsigned i = 0; i < 16; i++) {
        out[i] = hex[d.high >> (60 - 4 * i) & 15];
        out[16 + i] = hex[d.low >> (60 - 4 * i) & 15];
    }
    out[DIGEST_TEXT_SIZE - 1] = '\0';
}
