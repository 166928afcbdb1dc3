/* gzip.h - zlib streams in memory (RFC 1950, RFC 1952). The only file that names zlib is gzip.c. */
#ifndef BASE_GZIP_H
#define BASE_GZIP_H

#include "base/arena.h"
#include "base/status.h"

bool   gzip_is(str bytes);                                                   /* by the two magic bytes */
status gzip_inflate(arena *a, str bytes, size_t size_max, str *out, err *e); /* gzip, several members joined */
status gzip_deflate(arena *a, str bytes, str *out, err *e); /* gzip, mtime 0: equal in, equal out      */
status zlib_inflate(arena *a, str bytes, size_t size_max, str *out, err *e); /* zlib wrapper, for HDR logs   */
status zlib_deflate(arena *a, str bytes, str *out, err *e);

#endif
