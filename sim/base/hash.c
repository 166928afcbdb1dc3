#include "base/hash.h"

/* Bytes in a fixed order, whatever the machine's. */
static uint64_t read_le(const unsigned char *p, size_t count)
{
    uint64_t v = 0;
    for (size_t i = 0; i < count; i++) v |= (uint64_t)p[i] << (8 * i);
    return v;
}

uint64_t hash_bytes(const void *bytes, size_t len, uint64_t seed)
{
    const unsigned char *p = bytes;
    uint64_t             h = hash_mix(seed, (uint64_t)len);
    for (; len >= 16; p += 16, len -= 16) h = hash_mix(h ^ read_le(p, 8), read_le(p + 8, 8));
    if (len >= 8) {
        h = hash_mix(h, read_le(p, 8));
        p += 8;
        len -= 8;
    }
    return hash_mix(h ^ 0xa0761d6478bd642fu, read_le(p, len));
}

uint64_t hash_str_nocase(str s, uint64_t seed)
{
    uint64_t h = hash_mix(seed, (uint64_t)s.len);
    for (size_t i = 0; i < s.len; i += 8) {
        uint64_t word = 0;
        for (size_t j = 0; j < 8 && i + j < s.len; j++)
            word |= (uint64_t)(unsigned char)char_lower(s.ptr[i + j]) << (8 * j);
        h = hash_mix(h, word);
    }
    return h;
}
