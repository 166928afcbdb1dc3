#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/gzip.h"

static status read_all(arena *a, int fd, const char *path, size_t size_max, str *out, err *e)
{
    struct stat info;
    size_t      capacity = (size_t)1 << 16, used = 0;
    if (fstat(fd, &info) != 0) return err_set(e, STATUS_IO, "cannot read `%s`: %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode)) return err_set(e, STATUS_IO, "`%s` is a directory, expected a file", path);
    if (S_ISREG(info.st_mode) && info.st_size > 0) capacity = (size_t)info.st_size + 1;
    if (capacity - 1 > size_max)
        return err_set(e, STATUS_LIMIT, "`%s` has %zu bytes, at most %zu are read", path, capacity - 1, size_max);
    char *text = ARENA_NEW(a, char, capacity + 1);
    for (;;) {
        if (used == capacity) {
            char *wider = ARENA_NEW(a, char, capacity * 2 + 1);
            memcpy(wider, text, used);
            text = wider;
            capacity *= 2;
        }
        ssize_t n = read(fd, text + used, capacity - used);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return err_set(e, STATUS_IO, "cannot read `%s`: %s", path, strerror(errno));
        if (n == 0) break;
        used += (size_t)n;
        if (used > size_max) return err_set(e, STATUS_LIMIT, "`%s`: more than %zu bytes", path, size_max);
    }
    text[used] = '\0';
    *out = (str){ text, used };
    return STATUS_OK;
}

status file_read(arena *a, const char *path, size_t size_max, source *out, err *e)
{
    bool standard = strcmp(path, "-") == 0;
    int  fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_set(e, STATUS_IO, "cannot open `%s`: %s", path, strerror(errno));
    str    text = { NULL, 0 };
    status s = read_all(a, fd, path, size_max, &text, e);
    if (!standard) (void)close(fd);
    if (s != STATUS_OK) return s;
    if (gzip_is(text) && gzip_inflate(a, text, size_max, &text, e) != STATUS_OK) return err_wrap(e, "`%s`", path);
    *out = (source){ .name = arena_str(a, standard ? STR("<stdin>") : str_of(path)), .text = text, .line_first = 1 };
    return STATUS_OK;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

status file_make_folder(const char *path, err *e)
{
    char *copy = strdup(path);
    assert(copy != NULL);
    for (char *p = copy + 1;; p++) {
        if (*p != '/' && *p != '\0') continue;
        char end = *p;
        *p = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST) {
            status s = err_set(e, STATUS_IO, "cannot make folder `%s`: %s", copy, strerror(errno));
            free(copy);
            return s;
        }
        *p = end;
        if (end == '\0') break;
    }
    struct stat info;
    bool        folder = stat(copy, &info) == 0 && S_ISDIR(info.st_mode);
    free(copy);
    return folder ? STATUS_OK : err_set(e, STATUS_IO, "`%s` is not a folder", path);
}

struct file_writer {
    FILE *to;
    char *path, *temporary;
};

static status writer_fail(file_writer *w, err *e)
{
    status s = err_set(e, STATUS_IO, "cannot write `%s`: %s", w->path, strerror(errno));
    file_writer_abandon(w);
    return s;
}

status file_writer_open(const char *path, file_writer **out, err *e)
{
    size_t       size = strlen(path) + sizeof ".tmp";
    file_writer *w = calloc(1, sizeof *w);
    assert(w != NULL);
    w->path = strdup(path);
    w->temporary = malloc(size);
    assert(w->path != NULL && w->temporary != NULL);
    (void)snprintf(w->temporary, size, "%s.tmp", path);
    w->to = fopen(w->temporary, "wbe");
    if (w->to == NULL) return writer_fail(w, e);
    *out = w;
    return STATUS_OK;
}

FILE *file_stream(file_writer *w)
{
    return w->to;
}

static void writer_free(file_writer *w)
{
    free(w->path);
    free(w->temporary);
    free(w);
}

status file_writer_commit(file_writer *w, err *e)
{
    errno = EIO;
    if (ferror(w->to) || fflush(w->to) != 0) return writer_fail(w, e);
    int closed = fclose(w->to);
    w->to = NULL;
    if (closed != 0 || rename(w->temporary, w->path) != 0) return writer_fail(w, e);
    writer_free(w);
    return STATUS_OK;
}

void file_writer_abandon(file_writer *w)
{
    if (w->to != NULL) (void)fclose(w->to);
    (void)unlink(w->temporary);
    writer_free(w);
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
    str    packed = { NULL, 0 };
    status s = gzip_deflate(&a, bytes, &packed, e);
    if (s == STATUS_OK) s = file_write(path, packed, e);
    arena_deinit(&a);
    return s;
}
