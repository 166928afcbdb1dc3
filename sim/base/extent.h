/* extent.h - where a JSON object or array ends, found at memory speed: by brackets, quotes and backslashes alone.
 *
 * Nothing is checked. Of a well-formed value the end is exact, of anything else it is some place; so it serves where
 * the bytes are known to be well-formed already, or are checked afterwards.
 *
 * Cost  64 bytes at a time, about a hundred instructions for each.
 */
#ifndef BASE_EXTENT_H
#define BASE_EXTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A scan that can be cut anywhere and go on with the bytes that follow. All zero: before the opening bracket. */
typedef struct {
    uint64_t in_string; /* all ones inside a string, else 0         */
    uint64_t escaped;   /* 1 when the next byte is behind a backslash */
    uint64_t depth;     /* open brackets                            */
} extent_scan;

/* Looks at p[0, len). True when the outermost bracket was closed; then *used is the offset behind it, else len. */
bool extent_next(extent_scan *s, const char *p, size_t len, size_t *used);

#endif
