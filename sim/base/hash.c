#include "base/hash.h"

/* Up to 8 bytes, the first lowest on every machine. */
static uint64_t read_tail(const unsigned char *p, size_t count)
{
    uint64_t v = 0;
    for (size_t i = 0; i < count; i++) v |= (uint64_t)p[i] << (8 * i);
    return v;
}

static uint64_t read_word(const unsigned char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

uint64_t hash_bytes(const void *bytes, size_t len, uint64_t seed)
{
    const unsigned char *p = bytes;
    uint64_t             h = hash_mix(seed, len);
    for (; len >= 8; p += 8, len -= 8) h = hash_mix(h, read_word(p));
    return hash_mix(h ^ 0xa0761d6478bd642fu, read_tail(p, len));
}

/* ASCII letters of all eight bytes to lower case at once: a byte's top bit in `from_a` says >= 'A', in `past_z` > 'Z',
 * so where they differ stands a capital, and 0x20 (that bit shifted by two) makes it small. */
static uint64_t lower_word(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101u, tops = ones << 7;
    uint64_t       low = word & ~tops;
    uint64_t       from_a = low + ones * (0x80 - 'A'), past_z = low + ones * (0x7f - 'Z');
    return word | (((from_a ^ past_z) & ~word & tops) >> 2);
}

uint64_t hash_str_nocase(str s, uint64_t seed)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t               len = s.len;
    uint64_t             h = hash_mix(seed, len);
    for (; len >= 8; p += 8, len -= 8) h = hash_mix(h, lower_word(read_word(p)));
    return hash_mix(h ^ 0xa0761d6478bd642fu, lower_word(read_tail(p, len)));
}
