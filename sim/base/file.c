#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/gzip.h"

/* "cannot read `x`: no such file or directory", by errno. */
static status io_error(err *e, const char *verb, const char *path)
{
    const char *reason = strerror(errno);
    return err_set(e, STATUS_IO, "cannot %s `%s`: %c%s", verb, path, char_lower(reason[0]), reason + 1);
}

static status read_all(arena *a, int fd, const char *path, size_t size_max, str *out, err *e)
{
    struct stat info;
    if (fstat(fd, &info) != 0) return io_error(e, "read", path);
    if (S_ISDIR(info.st_mode)) return err_set(e, STATUS_IO, "`%s` is a directory, expected a file", path);
    size_t size = S_ISREG(info.st_mode) ? (size_t)info.st_size : 0;
    if (size > size_max)
        return err_set(e, STATUS_LIMIT, "`%s` has %zu bytes, at most %zu are read", path, size, size_max);
    size_t capacity = size > 0 ? size + 1 : (size_t)1 << 16; /* one more, to see the end without growing */
    size_t used = 0;
    char  *text = ARENA_NEW(a, char, capacity + 1);
    for (;;) {
        if (used == capacity) {
            text = memcpy(ARENA_NEW(a, char, capacity * 2 + 1), text, used);
            capacity *= 2;
        }
        ssize_t n = read(fd, text + used, capacity - used);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return io_error(e, "read", path);
        if (n == 0) break;
        used += (size_t)n;
        if (used > size_max)
            return err_set(e, STATUS_LIMIT, "`%s` has more than %zu bytes, the most that are read", path, size_max);
    }
    *out = (str){text, used};
    return STATUS_OK;
}

status file_read(arena *a, const char *path, size_t size_max, source *out, err *e)
{
    bool        standard = strcmp(path, "-") == 0;
    const char *name = standard ? "<stdin>" : path;
    int         fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return io_error(e, "read", name);
    str    text = {NULL, 0};
    status s = read_all(a, fd, name, size_max, &text, e);
    if (!standard) (void)close(fd);
    if (s == STATUS_OK && gzip_is(text)) {
        s = gzip_inflate(a, text, size_max, &text, e);
        if (s != STATUS_OK) (void)err_wrap(e, "`%s`", name);
    }
    if (s != STATUS_OK) return s;
    *out = (source){.name = arena_str(a, str_of(name)), .text = text, .line_first = 1};
    return STATUS_OK;
}

/* ---- in pieces ---- */

#define PACKED_BYTES ((size_t)256 << 10)
#define PIPE_BYTES   (1 << 20) /* as wide as anybody may make one: fewer turns between two programs */
#define STOP_LOOK_MS 100       /* how long a wait may overlook the stop */

/* What was read and not given out yet stands in packed[begin, end): bytes of a gzip stream, or the first two, by which
 * one is recognised. */
struct file_reader {
    str          name;
    int          fd;
    bool         regular, ended;
    gzip_reader *unpack;
    char        *packed;
    size_t       begin, end;
};

str file_reader_name(const file_reader *r)
{
    return r->name;
}

void file_reader_close(file_reader *r)
{
    if (r == NULL) return;
    if (r->fd != STDIN_FILENO) (void)close(r->fd);
    gzip_reader_free(r->unpack);
    memory_free(MEMORY_GENERAL, r->packed);
    memory_free(MEMORY_GENERAL, r);
}

status file_reader_open(const char *path, file_reader **out, err *e)
{
    bool        standard = strcmp(path, "-") == 0;
    const char *name = standard ? "<stdin>" : path;
    int         fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0) {
        status s = io_error(e, "read", name);
        if (fd >= 0 && !standard) (void)close(fd);
        return s;
    }
    if (S_ISDIR(info.st_mode)) {
        if (!standard) (void)close(fd);
        return err_set(e, STATUS_IO, "`%s` is a directory, expected a file", name);
    }
    file_reader *r = memory_alloc(MEMORY_GENERAL, sizeof *r + strlen(name) + 1); /* the name stands behind the struct */
    *r =
        (file_reader){.fd = fd, .regular = S_ISREG(info.st_mode), .packed = memory_alloc(MEMORY_GENERAL, PACKED_BYTES)};
    (void)fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES); /* of no effect on what is no pipe */
    r->name = (str){memcpy(r + 1, name, strlen(name)), strlen(name)};
    *out = r;
    return STATUS_OK;
}

static bool is_ready(const file_reader *r, int wait_ms)
{
    struct pollfd asked = {.fd = r->fd, .events = POLLIN};
    return r->regular || r->ended || poll(&asked, 1, wait_ms) > 0;
}

bool file_reader_waits(const file_reader *r)
{
    return r->begin == r->end && !is_ready(r, 0);
}

/* Bytes as they stand in the file; *got is 0 at the end only. */
static status read_piece(file_reader *r, char *to, size_t room, const volatile int *stop, size_t *got, err *e)
{
    for (*got = 0; !r->ended;) {
        if (stop_is_set(stop)) return err_set(e, STATUS_INTERRUPTED, "`%s`: interrupted", r->name.ptr);
        if (!is_ready(r, STOP_LOOK_MS)) continue;
        ssize_t n = read(r->fd, to, room);
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (n < 0) return io_error(e, "read", r->name.ptr);
        r->ended = n == 0;
        *got = (size_t)n;
        if (n > 0) break;
    }
    return STATUS_OK;
}

/* The first two bytes, however slowly they come, say whether it is a gzip stream. */
static status look_first(file_reader *r, const volatile int *stop, err *e)
{
    while (r->end < 2 && !r->ended) {
        size_t got = 0;
        TRY(read_piece(r, r->packed + r->end, PACKED_BYTES - r->end, stop, &got, e));
        r->end += got;
    }
    if (!gzip_is((str){r->packed, r->end})) return STATUS_OK;
    r->unpack = gzip_reader_new();
    return r->unpack != NULL ? STATUS_OK : err_set(e, STATUS_INTERNAL, "zlib does not start");
}

static status unpack_next(file_reader *r, char *to, size_t room, const volatile int *stop, size_t *got, err *e)
{
    for (;;) {
        str in = {r->packed + r->begin, r->end - r->begin};
        TRY(gzip_reader_next(r->unpack, &in, to, room, got, e));
        r->begin = r->end - in.len;
        if (*got > 0) return STATUS_OK;
        r->begin = 0;
        TRY(read_piece(r, r->packed, PACKED_BYTES, stop, &r->end, e));
        if (r->ended) return gzip_reader_end(r->unpack, e);
    }
}

status file_reader_next(file_reader *r, char *to, size_t room, const volatile int *stop, size_t *got, err *e)
{
    *got = 0;
    if (r->end == 0) TRY(look_first(r, stop, e));
    if (r->unpack != NULL) {
        status s = unpack_next(r, to, room, stop, got, e);
        return s != STATUS_SYNTAX ? s : err_wrap(e, "`%s`", r->name.ptr);
    }
    if (r->begin == r->end) return read_piece(r, to, room, stop, got, e);
    *got = r->end - r->begin < room ? r->end - r->begin : room;
    memcpy(to, r->packed + r->begin, *got);
    r->begin += *got;
    return STATUS_OK;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

status file_make_folder(const char *path, err *e)
{
    size_t len = strlen(path);
    if (len == 0) return err_set(e, STATUS_INVALID, "the name of a folder is empty");
    char *part = memory_alloc(MEMORY_GENERAL, len + 1);
    bool  failed = false;
    for (size_t i = 1; i <= len && !failed; i++) { /* a `/` in front is no part of its own */
        if (path[i] != '/' && path[i] != '\0') continue;
        memcpy(part, path, i);
        failed = mkdir(part, 0777) != 0 && errno != EEXIST;
    }
    status s = failed ? io_error(e, "make folder", part) : STATUS_OK;
    memory_free(MEMORY_GENERAL, part);
    if (s == STATUS_OK && !is_folder(path)) return err_set(e, STATUS_IO, "`%s` is a file, expected a folder", path);
    return s;
}

/* Both names stand behind the struct, in the same block. */
struct file_writer {
    FILE *to;
    char *path, *temporary;
};

#define TEMPORARY_NAMES_MAX 100

/* Never opens a file that exists: it may be the user's, or another process's that writes to the same target. */
status file_writer_open(const char *path, file_writer **out, err *e)
{
    size_t       path_size = strlen(path) + 1, temporary_size = path_size + sizeof ".00.tmp";
    file_writer *w = memory_alloc(MEMORY_GENERAL, sizeof *w + path_size + temporary_size);
    w->path = (char *)(w + 1);
    w->temporary = w->path + path_size;
    memcpy(w->path, path, path_size);
    int fd = -1;
    for (unsigned n = 0; n < TEMPORARY_NAMES_MAX; n++) {
        (void)snprintf(w->temporary, temporary_size, "%s.%u.tmp", path, n);
        fd = open(w->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST) break;
    }
    w->to = fd < 0 ? NULL : fdopen(fd, "wb");
    if (w->to == NULL) {
        status s = io_error(e, "write", path);
        if (fd >= 0) {
            (void)close(fd);
            (void)unlink(w->temporary);
        }
        memory_free(MEMORY_GENERAL, w);
        return s;
    }
    *out = w;
    return STATUS_OK;
}

FILE *file_stream(file_writer *w)
{
    return w->to;
}

static status writer_fail(file_writer *w, err *e)
{
    status s = io_error(e, "write", w->path);
    file_writer_abandon(w);
    return s;
}

status file_writer_commit(file_writer *w, err *e)
{
    if (fflush(w->to) != 0) return writer_fail(w, e);
    if (ferror(w->to)) { /* an earlier write; its errno is gone */
        errno = EIO;
        return writer_fail(w, e);
    }
    int closed = fclose(w->to);
    w->to = NULL;
    if (closed != 0) return writer_fail(w, e);
    if (rename(w->temporary, w->path) != 0) return writer_fail(w, e);
    memory_free(MEMORY_GENERAL, w);
    return STATUS_OK;
}

void file_writer_abandon(file_writer *w)
{
    if (w->to != NULL) (void)fclose(w->to);
    (void)unlink(w->temporary);
    memory_free(MEMORY_GENERAL, w);
}

status file_write(const char *path, str bytes, err *e)
{
    file_writer *w = NULL;
    TRY(file_writer_open(path, &w, e));
    if (bytes.len > 0 && fwrite(bytes.ptr, 1, bytes.len, w->to) != bytes.len) return writer_fail(w, e);
    return file_writer_commit(w, e);
}

status file_write_gzip(const char *path, str bytes, err *e)
{
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    str    packed = {NULL, 0};
    status s = gzip_deflate(&a, bytes, &packed, e);
    if (s == STATUS_OK) s = file_write(path, packed, e);
    arena_deinit(&a);
    return s;
}
