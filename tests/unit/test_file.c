/* test_file.c - whole files in and out, in a folder of the test's own. */
#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/gzip.h"

static arena memory;
static char  folder[] = "test_file.XXXXXX";

/* Every test starts in an empty folder and leaves it: paths are plain names. */
static int enter(void **state)
{
    (void)state;
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    arena_init(&memory, MEMORY_GENERAL);
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static size_t names_in(const char *path, bool remove)
{
    DIR   *d = opendir(path);
    size_t count = 0;
    assert_non_null(d);
    for (struct dirent *entry; (entry = readdir(d)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        count++;
        if (!remove) continue;
        str inside = arena_format(&memory, "%s/%s", path, entry->d_name);
        if (unlink(inside.ptr) == 0) continue;
        (void)names_in(inside.ptr, true);
        assert_int_equal(rmdir(inside.ptr), 0);
    }
    (void)closedir(d);
    return count;
}

static int leave(void **state)
{
    (void)state;
    (void)names_in(".", true);
    arena_deinit(&memory);
    return chdir("..") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void expect_file(const char *path, str want)
{
    source in;
    err    e;
    if (file_read(&memory, path, FILE_BYTES_MAX, &in, &e) != STATUS_OK) fail_msg("%s", e.text);
    assert_true(str_eq(in.text, want));
    assert_int_equal(in.text.ptr[in.text.len], '\0');
    assert_true(str_is(in.name, path));
    assert_int_equal(in.line_first, 1);
}

static void expect_refusal(const char *path, size_t size_max, status code, const char *message)
{
    source in = {.line_first = 99};
    err    e;
    assert_int_equal(file_read(&memory, path, size_max, &in, &e), code);
    assert_string_equal(e.text, message);
    assert_int_equal(in.line_first, 99); /* written only on success */
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 1000000};
    for (size_t i = 0; i < COUNTOF(sizes); i++) {
        char *text = ARENA_NEW(&memory, char, sizes[i]);
        memset(text, (int)('a' + i), sizes[i]);
        str bytes = {text, sizes[i]};
        assert_int_equal(file_write("x", bytes, NULL), STATUS_OK); /* over the one before */
        expect_file("x", bytes);
        assert_int_equal(file_write_gzip("x.gz", bytes, NULL), STATUS_OK);
        expect_file("x.gz", bytes);
    }
    assert_int_equal(names_in(".", false), 2); /* no temporary file is left */
}

static void bad_paths_are_one_clear_line(void **state)
{
    (void)state;
    assert_int_equal(mkdir("d", 0777), 0);
    assert_int_equal(file_write("x", STR("12345"), NULL), STATUS_OK);
    expect_refusal("d", 100, STATUS_IO, "`d` is a directory, expected a file");
    expect_refusal("none", 100, STATUS_IO, "cannot read `none`: no such file or directory");
    expect_refusal("x/y", 100, STATUS_IO, "cannot read `x/y`: not a directory");
    expect_refusal("x", 4, STATUS_LIMIT, "`x` has 5 bytes, at most 4 are read");
    expect_refusal("", 4, STATUS_IO, "cannot read ``: no such file or directory");
    source in;
    assert_int_equal(file_read(&memory, "x", 5, &in, NULL), STATUS_OK);
    assert_int_equal(file_read(&memory, "none", 5, &in, NULL), STATUS_IO);
    assert_true(file_exists("x") && file_exists("d") && !file_exists("none"));
}

static void gzip_is_refused_with_its_name(void **state)
{
    (void)state;
    char text[1000] = {0};
    assert_int_equal(file_write_gzip("x.gz", (str){text, sizeof text}, NULL), STATUS_OK);
    expect_refusal("x.gz", 999, STATUS_LIMIT, "`x.gz`: more than 999 bytes when unpacked");
    assert_int_equal(file_write("bad", STR("\x1f\x8bnot at all"), NULL), STATUS_OK);
    expect_refusal("bad", 999, STATUS_SYNTAX, "`bad`: compressed data is damaged or cut short");
    source in;
    assert_int_equal(file_read(&memory, "bad", 999, &in, NULL), STATUS_SYNTAX); /* the code, without an err too */
}

/* Puts the file behind standard input for the time of one read. */
static status read_standard_input(const char *path, size_t size_max, source *in, err *e)
{
    int kept = dup(STDIN_FILENO), fd = open(path, O_RDONLY);
    assert_true(kept >= 0 && fd >= 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO);
    status s = file_read(&memory, "-", size_max, in, e);
    assert_true(dup2(kept, STDIN_FILENO) == STDIN_FILENO);
    (void)close(kept);
    (void)close(fd);
    return s;
}

static void minus_is_standard_input(void **state)
{
    (void)state;
    source in;
    err    e;
    assert_int_equal(file_write_gzip("x", STR("rows\n"), NULL), STATUS_OK);
    assert_int_equal(read_standard_input("x", 100, &in, &e), STATUS_OK);
    assert_true(str_is(in.name, "<stdin>") && str_is(in.text, "rows\n"));
    assert_int_equal(read_standard_input(".", 100, &in, &e), STATUS_IO);
    assert_string_equal(e.text, "`<stdin>` is a directory, expected a file");
    assert_int_equal(read_standard_input("/dev/zero", 300000, &in, &e), STATUS_LIMIT); /* no size known ahead */
    assert_string_equal(e.text, "`<stdin>` has more than 300000 bytes, the most that are read");
}

static void unwritable_target_fails_and_leaves_nothing(void **state)
{
    (void)state;
    err e;
    assert_int_equal(file_write("none/x", STR("y"), &e), STATUS_IO);
    assert_string_equal(e.text, "cannot write `none/x`: no such file or directory");
    assert_int_equal(mkdir("d", 0777), 0);
    assert_int_equal(file_write("d", STR("y"), &e), STATUS_IO); /* found out by the renaming */
    assert_string_equal(e.text, "cannot write `d`: is a directory");
    assert_int_equal(names_in(".", false), 1);
}

/* A disk that is full after `bytes`. Nothing may be printed meanwhile: the log is a file too. */
static void file_size_limit(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void short_write_keeps_what_the_target_had(void **state)
{
    (void)state;
    enum { SIZE = 300000 };
    char        *text = ARENA_NEW(&memory, char, SIZE);
    err          whole, piece, piece_early;
    file_writer *w = NULL, *early = NULL;
    assert_int_equal(file_write("x", STR("before"), NULL), STATUS_OK);
    assert_int_equal(file_writer_open("x", &w, NULL), STATUS_OK);
    assert_int_equal(file_writer_open("x", &early, NULL), STATUS_OK);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    file_size_limit(1000);
    status whole_code = file_write("x", (str){text, SIZE}, &whole);
    size_t buffered = fwrite(text, 1, 2000, file_stream(w)); /* fits the buffer, not the disk */
    status piece_code = file_writer_commit(w, &piece);
    size_t written = fwrite(text, 1, SIZE, file_stream(early)); /* fails long before the commit */
    file_size_limit(RLIM_INFINITY);
    status early_code = file_writer_commit(early, &piece_early);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(whole_code, STATUS_IO);
    assert_string_equal(whole.text, "cannot write `x`: file too large");
    assert_int_equal(buffered, 2000);
    assert_int_equal(piece_code, STATUS_IO);
    assert_string_equal(piece.text, "cannot write `x`: file too large");
    assert_true(written < SIZE);
    assert_int_equal(early_code, STATUS_IO);
    expect_file("x", STR("before"));
    assert_int_equal(names_in(".", false), 1);
}

static void writers_commit_or_abandon(void **state)
{
    (void)state;
    file_writer *first = NULL, *second = NULL;
    assert_int_equal(file_write("x.0.tmp", STR("the user's own"), NULL), STATUS_OK);
    assert_int_equal(file_writer_open("x", &first, NULL), STATUS_OK);
    assert_int_equal(file_writer_open("x", &second, NULL), STATUS_OK);
    (void)fprintf(file_stream(first), "piece %d\n", 1);
    (void)fprintf(file_stream(second), "other\n");
    assert_false(file_exists("x")); /* nothing that looks whole before the commit */
    assert_int_equal(file_writer_commit(first, NULL), STATUS_OK);
    expect_file("x", STR("piece 1\n"));
    file_writer_abandon(second);
    expect_file("x", STR("piece 1\n"));
    expect_file("x.0.tmp", STR("the user's own"));
    assert_int_equal(names_in(".", false), 2);
}

static void folders_are_made_with_parents(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "b/c/d", "b/c/e/", "b//f", "./g", ".", "/"};
    err                      e;
    for (size_t i = 0; i < COUNTOF(good); i++)
        for (int again = 0; again < 2; again++) assert_int_equal(file_make_folder(good[i], &e), STATUS_OK);
    assert_true(file_exists("a") && file_exists("b/c/d") && file_exists("b/c/e") && file_exists("b/f"));
    assert_int_equal(file_write("x", STR("y"), NULL), STATUS_OK);
    assert_int_equal(file_make_folder("x", &e), STATUS_IO);
    assert_string_equal(e.text, "`x` is a file, expected a folder");
    assert_int_equal(file_make_folder("x/y", &e), STATUS_IO);
    assert_string_equal(e.text, "cannot make folder `x/y`: not a directory");
    assert_int_equal(file_make_folder("", &e), STATUS_INVALID);
}

/* Input that comes slowly, a few bytes at a time, is the same input. */
static void pieces_of_a_slow_pipe(void **state)
{
    (void)state;
    static const volatile int go_on = 0, stop = 1;
    str                       plain = STR("first line\nsecond line\n"), packed = {NULL, 0};
    err                       e = {0};
    assert_int_equal(gzip_deflate(&memory, plain, &packed, &e), STATUS_OK);
    const str inputs[] = {plain, packed, STR(""), STR("x"), STR("\x1f")};
    int       saved = dup(STDIN_FILENO);
    for (size_t i = 0; i < COUNTOF(inputs); i++) {
        int          ends[2];
        file_reader *r = NULL;
        char         to[100];
        size_t       used = 0, given = 0, got = 1;
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
        (void)close(ends[0]);
        assert_int_equal(file_reader_open("-", &r, &e), STATUS_OK);
        assert_true(str_is(file_reader_name(r), "<stdin>"));
        assert_true(file_reader_waits(r));
        assert_int_equal(file_reader_next(r, to, sizeof to, &stop, &got, &e), STATUS_INTERRUPTED);
        while (got > 0 || given < inputs[i].len) {
            size_t part = inputs[i].len - given < 3 ? inputs[i].len - given : 3;
            if (part > 0) assert_int_equal(write(ends[1], inputs[i].ptr + given, part), (ssize_t)part);
            given += part;
            if (given == inputs[i].len && ends[1] >= 0) {
                (void)close(ends[1]);
                ends[1] = -1;
            }
            if (inputs[i].ptr == packed.ptr && ends[1] >= 0) continue; /* would wait for more than one piece */
            if (given < 2 && ends[1] >= 0) continue;
            if (file_reader_next(r, to + used, 2, &go_on, &got, &e) != STATUS_OK) fail_msg("%s", e.text);
            used += got;
        }
        str want = inputs[i].ptr == packed.ptr ? plain : inputs[i];
        assert_int_equal(used, want.len);
        assert_memory_equal(to, want.ptr, want.len);
        file_reader_close(r);
    }
    assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
    (void)close(saved);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(what_is_written_is_read),
        IN_FOLDER(bad_paths_are_one_clear_line),
        IN_FOLDER(gzip_is_refused_with_its_name),
        IN_FOLDER(minus_is_standard_input),
        IN_FOLDER(unwritable_target_fails_and_leaves_nothing),
        IN_FOLDER(short_write_keeps_what_the_target_had),
        IN_FOLDER(writers_commit_or_abandon),
        IN_FOLDER(folders_are_made_with_parents),
        IN_FOLDER(pieces_of_a_slow_pipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
