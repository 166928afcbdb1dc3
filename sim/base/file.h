/* file.h - whole files in and out.
 *
 * Reading  a directory, a missing or an unreadable file is one clear line; gzip is recognised by its first bytes.
 * Writing  everything goes to a temporary name beside the target and is renamed when whole; a failure (full disk,
 *          no right) removes the temporary file, and the target keeps what it had.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdio.h>

#include "base/arena.h"
#include "base/status.h"

#define FILE_BYTES_MAX ((size_t)4 << 30)

/* `out->text` has a NUL after it. Path `-` is standard input. size_max bounds the (uncompressed) size. */
status file_read(arena *a, const char *path, size_t size_max, source *out, err *e);

/* For what is longer than memory: piece by piece, gzip unpacked on the way. */
typedef struct file_reader file_reader;
status                     file_reader_open(const char *path, file_reader **out, err *e); /* `-`: standard input */
str                        file_reader_name(const file_reader *r); /* as messages say it: `<stdin>` */
/* Into to[0, room); *got is 0 at the end only. Waits for input; STATUS_INTERRUPTED when *stop is set meanwhile. */
status file_reader_next(file_reader *r, char *to, size_t room, const volatile int *stop, size_t *got, err *e);
bool   file_reader_waits(const file_reader *r); /* nothing is there yet, though it is not the end */
void   file_reader_close(file_reader *r);

status file_write(const char *path, str bytes, err *e);
status file_write_gzip(const char *path, str bytes, err *e);
status file_make_folder(const char *path, err *e); /* with parents; fine when it exists */
bool   file_exists(const char *path);

/* For what is written piece by piece: write to file_stream(w), then commit, else abandon. */
typedef struct file_writer file_writer;
status                     file_writer_open(const char *path, file_writer **out, err *e);
FILE                      *file_stream(file_writer *w);
status file_writer_commit(file_writer *w, err *e); /* flush, check every earlier error, rename; frees w */
void   file_writer_abandon(file_writer *w);        /* removes the temporary file; frees w              */

#endif
