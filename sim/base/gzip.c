#include "base/gzip.h"

#include <assert.h>
#include <zlib.h>

#define WINDOW_ZLIB 15
#define WINDOW_GZIP (15 + 16)

bool gzip_is(str bytes)
{
    return bytes.len >= 2 && (unsigned char)bytes.ptr[0] == 0x1f && (unsigned char)bytes.ptr[1] == 0x8b;
}

static status inflate_all(arena *a, str bytes, size_t size_max, int window, str *out, err *e)
{
    z_stream z = { 0 };
    if (inflateInit2(&z, window) != Z_OK) return err_set(e, STATUS_INTERNAL, "zlib does not start");
    size_t capacity = bytes.len * 4 + 4096, used = 0, taken = 0;
    char  *text = ARENA_NEW(a, char, capacity + 1);
    int    code = Z_OK;
    while (taken < bytes.len) {
        if (used == capacity) {
            char *wider = ARENA_NEW(a, char, capacity * 2 + 1);
            memcpy(wider, text, used);
            text = wider;
            capacity *= 2;
        }
        size_t in = bytes.len - taken < UINT32_MAX ? bytes.len - taken : UINT32_MAX;
        size_t room = capacity - used < UINT32_MAX ? capacity - used : UINT32_MAX;
        z.next_in = (Bytef *)(uintptr_t)(bytes.ptr + taken);
        z.avail_in = (uInt)in;
        z.next_out = (Bytef *)(text + used);
        z.avail_out = (uInt)room;
        code = inflate(&z, Z_NO_FLUSH);
        taken += in - z.avail_in;
        used += room - z.avail_out;
        if (used > size_max) {
            (void)inflateEnd(&z);
            return err_set(e, STATUS_LIMIT, "more than %zu bytes when unpacked", size_max);
        }
        if (code == Z_STREAM_END && window == WINDOW_GZIP && taken < bytes.len &&
            gzip_is(str_part(bytes, taken, bytes.len - taken)))
            code = inflateReset(&z); /* gzip files may hold several members */
        else if (code == Z_STREAM_END)
            break;
        if (code != Z_OK && code != Z_BUF_ERROR) break;
        if (code == Z_BUF_ERROR && used < capacity) break;
    }
    (void)inflateEnd(&z);
    if (code != Z_STREAM_END) return err_set(e, STATUS_SYNTAX, "compressed data is damaged or cut short");
    text[used] = '\0';
    *out = (str){ text, used };
    return STATUS_OK;
}

static status deflate_all(arena *a, str bytes, int window, str *out, err *e)
{
    z_stream z = { 0 };
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
    *out = (str){ text, capacity - z.avail_out };
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
