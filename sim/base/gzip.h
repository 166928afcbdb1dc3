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

/* A gzip stream of any length, unpacked in pieces; several members are joined. */
typedef struct gzip_reader gzip_reader;
gzip_reader               *gzip_reader_new(void);
void                       gzip_reader_free(gzip_reader *g);
/* Unpacks from *in, which moves on, into to[0, room), until one of them is used up; *got: how much came out. */
status gzip_reader_next(gzip_reader *g, str *in, char *to, size_t room, size_t *got, err *e);
/* The input may end here; a failure says that it is cut short. */
status gzip_reader_end(const gzip_reader *g, err *e);

#endif
