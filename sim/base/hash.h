/* hash.h - 64-bit hashes for tables in memory. Same value on every machine; never written to a file (that is what
 * digest.h is for). Multiply and fold, after wyhash (Wang Yi, public domain).
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 u128;
    u128                                    product = (u128)(a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xe7037ed1a0b428dbu);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}
uint64_t hash_bytes(const void *bytes, size_t len, uint64_t seed);
uint64_t hash_str_nocase(str s, uint64_t seed); /* equal for strings equal up to ASCII case */

#endif
