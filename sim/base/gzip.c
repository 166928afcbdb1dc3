#include "base/gzip.h"

#include <assert.h>
#include <zlib.h>

#define WINDOW_ZLIB 15
#define WINDOW_GZIP (15 + 16)

bool gzip_is(str bytes)
{
    return bytes.len >= 2 && (unsigned char)bytes.ptr[0] == 0x1f && (unsigned char)bytes.ptr[1] == 0x8b;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Inflates until the stream ends; of gzip, until the last of several members ends. One byte more than size_max is
 * room enough to see that there is too much. */
static int inflate_stream(z_stream *z, arena *a, str bytes, size_t size_max, int window, str *out)
{
    size_t limit = size_max < SIZE_MAX / 2 ? size_max + 1 : SIZE_MAX / 2;
    size_t capacity = least(bytes.len * 4 + 4096, limit), used = 0, taken = 0;
    char  *text = ARENA_NEW(a, char, capacity + 1);
    for (;;) {
        if (used == capacity) {
            size_t wider = least(capacity * 2, limit);
            text = memcpy(ARENA_NEW(a, char, wider + 1), text, used);
            capacity = wider;
        }
        uInt in = (uInt)least(bytes.len - taken, UINT32_MAX), room = (uInt)least(capacity - used, UINT32_MAX);
        z->next_in = (Bytef *)(uintptr_t)(bytes.ptr + taken); /* zlib does not write there */
        z->avail_in = in;
        z->next_out = (Bytef *)(text + used);
        z->avail_out = room;
        int code = inflate(z, Z_NO_FLUSH);
        taken += in - z->avail_in;
        used += room - z->avail_out;
        text[used] = '\0'; /* zlib may use the room behind its output */
        *out = (str){text, used};
        if (used > size_max) return Z_STREAM_END;
        if (code == Z_STREAM_END && taken < bytes.len)
            code = window == WINDOW_GZIP && gzip_is(str_part(bytes, taken, bytes.len - taken)) ? inflateReset(z)
                                                                                               : Z_DATA_ERROR;
        if (code != Z_OK) return code;
    }
}

static status damaged(err *e)
{
    return err_set(e, STATUS_SYNTAX, "compressed data is damaged or cut short");
}

static status inflate_all(arena *a, str bytes, size_t size_max, int window, str *out, err *e)
{
    z_stream z = {0};
    str      text = {NULL, 0};
    if (inflateInit2(&z, window) != Z_OK) return err_set(e, STATUS_INTERNAL, "zlib does not start");
    int code = inflate_stream(&z, a, bytes, size_max, window, &text);
    (void)inflateEnd(&z);
    if (code != Z_STREAM_END) return damaged(e);
    if (text.len > size_max) return err_set(e, STATUS_LIMIT, "more than %zu bytes when unpacked", size_max);
    *out = text;
    return STATUS_OK;
}

static status deflate_all(arena *a, str bytes, int window, str *out, err *e)
{
    z_stream z = {0};
    if (bytes.len > UINT32_MAX / 2) return err_set(e, STATUS_LIMIT, "too much to compress: %zu bytes", bytes.len);
    if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return err_set(e, STATUS_INTERNAL, "zlib does not start");
    size_t capacity = deflateBound(&z, (uLong)bytes.len);
    char  *text = ARENA_NEW(a, char, capacity + 1);
    z.next_in = (Bytef *)(uintptr_t)bytes.ptr;
    z.avail_in = (uInt)bytes.len;
    z.next_out = (Bytef *)text;
    z.avail_out = (uInt)capacity;
    int code = deflate(&z, Z_FINISH);
    *out = (str){text, capacity - z.avail_out};
    (void)deflateEnd(&z);
    assert(code == Z_STREAM_END);
    return STATUS_OK;
}

status gzip_inflate(arena *a, str bytes, size_t size_max, str *out, err *e)
{
    return inflate_all(a, bytes, size_max, WINDOW_GZIP, out, e);
}

status gzip_deflate(arena *a, str bytes, str *out, err *e)
{
    return deflate_all(a, bytes, WINDOW_GZIP, out, e);
}

status zlib_inflate(arena *a, str bytes, size_t size_max, str *out, err *e)
{
    return inflate_all(a, bytes, size_max, WINDOW_ZLIB, out, e);
}

status zlib_deflate(arena *a, str bytes, str *out, err *e)
{
    return deflate_all(a, bytes, WINDOW_ZLIB, out, e);
}

/* ---- in pieces ---- */

struct gzip_reader {
    z_stream z;
    bool     whole;  /* the last member has ended, no other has begun */
    bool     behind; /* zlib may have more to give of what it has taken */
};

gzip_reader *gzip_reader_new(void)
{
    gzip_reader *g = memory_alloc(MEMORY_GENERAL, sizeof *g);
    if (inflateInit2(&g->z, WINDOW_GZIP) == Z_OK) return g;
    memory_free(MEMORY_GENERAL, g);
    return NULL;
}

void gzip_reader_free(gzip_reader *g)
{
    if (g == NULL) return;
    (void)inflateEnd(&g->z);
    memory_free(MEMORY_GENERAL, g);
}

status gzip_reader_next(gzip_reader *g, str *in, char *to, size_t room, size_t *got, err *e)
{
    *got = 0;
    while (*got < room && (in->len > 0 || g->behind)) {
        if (g->whole && inflateReset(&g->z) != Z_OK) return err_set(e, STATUS_INTERNAL, "zlib does not start again");
        g->whole = false;
        uInt offered = (uInt)least(in->len, UINT32_MAX), space = (uInt)least(room - *got, UINT32_MAX);
        g->z.next_in = (Bytef *)(uintptr_t)in->ptr; /* zlib does not write there */
        g->z.avail_in = offered;
        g->z.next_out = (Bytef *)(to + *got);
        g->z.avail_out = space;
        int    code = inflate(&g->z, Z_NO_FLUSH);
        size_t taken = offered - g->z.avail_in;
        *in = str_part(*in, taken, in->len - taken);
        *got += space - g->z.avail_out;
        bool fine = code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR; /* the last: no more from so little */
        if (!fine && *got == 0) return damaged(e);
        if (!fine) break; /* zlib says so again, when what came before is taken */
        g->whole = code == Z_STREAM_END;
        g->behind = code == Z_OK && g->z.avail_out == 0;
    }
    return STATUS_OK;
}

status gzip_reader_end(const gzip_reader *g, err *e)
{
    return g->whole ? STATUS_OK : damaged(e);
}
