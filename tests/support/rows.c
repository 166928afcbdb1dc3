#include "support/rows.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/json.h"

static int by_name(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
}

uint32_t rows_files(arena *a, const char *folder, str **paths)
{
    size_t count = 0, capacity = 0;
    str    path = arena_format(a, "%s/cases/%s", TESTS_FOLDER, folder);
    DIR   *entries = opendir(path.ptr);
    *paths = NULL;
    if (entries == NULL) fail_msg("no folder %s", path.ptr);
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries))
        if (str_ends(str_of(entry->d_name), STR(".jsonl")))
            *ARENA_PUSH(a, str, *paths, count, capacity) = arena_format(a, "%s/%s", path.ptr, entry->d_name);
    (void)closedir(entries);
    if (count == 0) fail_msg("no rows in %s", path.ptr);
    qsort(*paths, count, sizeof **paths, by_name);
    return (uint32_t)count;
}

void rows_open(arena *a, str path, rows *out)
{
    err e = {0};
    *out = (rows){0};
    if (file_read(a, path.ptr, FILE_BYTES_MAX, &out->in, &e) != STATUS_OK) fail_msg("%s", e.text);
}

bool rows_next(rows *r)
{
    if (r->at >= r->in.text.len) return false;
    size_t end = str_find(r->in.text, '\n', r->at);
    r->line = (source){r->in.name, str_part(r->in.text, r->at, end - r->at), r->line.line_first + 1};
    r->at = end + 1;
    return true;
}

str row_json(arena *a, const source *row, const char *member)
{
    json_reader r;
    json_token  t;
    err         e = {0};
    size_t      begin = 0, end = 0;
    str         found = {NULL, 0};
    json_init(&r, a, row, 0, row->text.len);
    if (json_expect(&r, JSON_OBJECT, "row", &t, &e) != STATUS_OK) fail_msg("%s", e.text);
    for (;;) {
        if (json_next(&r, &t, &e) != STATUS_OK) fail_msg("%s", e.text);
        if (t.kind == JSON_OBJECT_END) return found;
        if (json_skip(&r, &begin, &end, &e) != STATUS_OK) fail_msg("%s", e.text);
        if (str_is(t.text, member)) found = str_part(row->text, begin, end - begin);
    }
}

str row_text(arena *a, const source *row, const char *member)
{
    str         json = row_json(a, row, member);
    json_reader r;
    json_token  t;
    err         e = {0};
    if (json.ptr == NULL) return json;
    size_t begin = (size_t)(json.ptr - row->text.ptr);
    json_init(&r, a, row, begin, begin + json.len);
    if (json_expect(&r, JSON_STRING, member, &t, &e) != STATUS_OK) fail_msg("%s", e.text);
    return t.text;
}
