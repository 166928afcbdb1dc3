/* replay.c - calls a fuzz entry with files instead of libFuzzer: replay_ENTRY PATH...
 *
 * A folder stands for its files in the order of their names, a `.jsonl` file for its lines. A path that does not exist
 * is an entry that has no seeds or findings yet.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "fuzz/fuzz.h"

static size_t count;

/* In a block of its own size, so that reading past the end is seen. */
static void replay_bytes(str bytes)
{
    uint8_t *copy = malloc(bytes.len + (bytes.len == 0));
    if (copy == NULL) fuzz_wrong("no memory for an input of %zu bytes", bytes.len);
    if (bytes.len > 0) memcpy(copy, bytes.ptr, bytes.len);
    (void)LLVMFuzzerTestOneInput(copy, bytes.len);
    free(copy);
    count++;
}

static void replay_file(const char *path)
{
    arena  a;
    source in;
    err    e = {0};
    arena_init(&a, MEMORY_GENERAL);
    if (file_read(&a, path, FILE_BYTES_MAX, &in, &e) != STATUS_OK) fuzz_wrong("%s", e.text);
    (void)fprintf(stderr, "%s\n", path); /* the last line before a crash names the file */
    size_t len = strlen(path);
    if (len < 6 || strcmp(path + len - 6, ".jsonl") != 0) {
        replay_bytes(in.text);
    } else {
        for (size_t begin = 0, end = 0; begin < in.text.len; begin = end + 1) {
            end = str_find(in.text, '\n', begin);
            replay_bytes(str_part(in.text, begin, end - begin));
        }
    }
    arena_deinit(&a);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void replay(const char *path)
{
    struct stat     about;
    struct dirent **names = NULL;
    char            inner[4096];
    if (stat(path, &about) != 0) return;
    if (!S_ISDIR(about.st_mode)) {
        replay_file(path);
        return;
    }
    int found = scandir(path, &names, visible, alphasort);
    for (int i = 0; i < found; i++) {
        (void)snprintf(inner, sizeof inner, "%s/%s", path, names[i]->d_name);
        free(names[i]);
        replay(inner);
    }
    free(names);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) replay(argv[i]);
    (void)printf("%zu inputs replayed\n", count);
    return count == 0;
}
