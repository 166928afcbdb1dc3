#include "base/extent.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* One bit a byte of the 64 looked at, the first byte lowest. */
typedef struct {
    uint64_t quote, slash, open, close;
} marks;

#define OPEN_BYTE  0x7b /* `{`; a bracket differs from a brace in the bit 0x20 alone */
#define CLOSE_BYTE 0x7d
#define CASE_BIT   0x20

#ifdef __SSE2__
static inline marks marks_of(const char *p)
{
    marks         m = {0, 0, 0, 0};
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), fold = _mm_set1_epi8(CASE_BIT);
    const __m128i open = _mm_set1_epi8(OPEN_BYTE), close = _mm_set1_epi8(CLOSE_BYTE);
    for (unsigned i = 0; i < 4; i++) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + (size_t)16 * i));
        __m128i folded = _mm_or_si128(v, fold);
        m.quote |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, quote)) << 16 * i;
        m.slash |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, slash)) << 16 * i;
        m.open |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(folded, open)) << 16 * i;
        m.close |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(folded, close)) << 16 * i;
    }
    return m;
}
#else
static inline marks marks_of(const char *p)
{
    marks m = {0, 0, 0, 0};
    for (unsigned i = 0; i < 64; i++) {
        unsigned char c = (unsigned char)p[i];
        m.quote |= (uint64_t)(c == '"') << i;
        m.slash |= (uint64_t)(c == '\\') << i;
        m.open |= (uint64_t)((c | CASE_BIT) == OPEN_BYTE) << i;
        m.close |= (uint64_t)((c | CASE_BIT) == CLOSE_BYTE) << i;
    }
    return m;
}
#endif

/* Bytes behind a backslash that is not itself behind one. Few blocks have backslashes, and those few. */
static uint64_t escaped_of(extent_scan *s, uint64_t slash)
{
    uint64_t escaped = s->escaped;
    s->escaped = 0;
    for (slash &= ~escaped; slash != 0;) {
        unsigned at = (unsigned)__builtin_ctzll(slash);
        if (at == 63) {
            s->escaped = 1;
            break;
        }
        escaped |= UINT64_C(2) << at;
        slash &= ~(UINT64_C(3) << at);
    }
    return escaped;
}

/* Bit n is the parity of bits 0..n: set from an opening quote up to before the closing one. */
static inline uint64_t between_quotes(uint64_t quotes)
{
    for (unsigned shift = 1; shift < 64; shift *= 2) quotes ^= quotes << shift;
    return quotes;
}

/* Offset behind the bracket that closes the outermost one, or 0. */
static inline size_t block_next(extent_scan *s, marks m)
{
    uint64_t escaped = (m.slash | s->escaped) != 0 ? escaped_of(s, m.slash) : 0;
    uint64_t in_string = between_quotes(m.quote & ~escaped) ^ s->in_string;
    s->in_string = (in_string >> 63) * UINT64_MAX;
    uint64_t open = m.open & ~in_string;
    for (uint64_t left = (m.open | m.close) & ~in_string; left != 0; left &= left - 1) {
        s->depth += (open & left & -left) != 0 ? 1 : UINT64_MAX;
        if (s->depth == 0) return (size_t)__builtin_ctzll(left) + 1;
    }
    return 0;
}

bool extent_next(extent_scan *s, const char *p, size_t len, size_t *used)
{
    size_t at = 0;
    for (; len - at >= 64; at += 64) {
        size_t end = block_next(s, marks_of(p + at));
        if (end == 0) continue;
        *used = at + end;
        return true;
    }
    *used = len;
    if (at == len) return false;
    /* The rest is put to the end of a block that begins blank, so that what the block leaves behind is right. Its first
     * byte may be behind a backslash: then it is nothing but a byte. */
    size_t rest = len - at;
    char   block[64];
    memset(block, ' ', sizeof block - rest);
    memcpy(block + sizeof block - rest, p + at, rest);
    if (s->escaped != 0) block[sizeof block - rest] = ' ';
    s->escaped = 0;
    size_t end = block_next(s, marks_of(block));
    if (end == 0) return false;
    *used = at + end - (sizeof block - rest);
    return true;
}
