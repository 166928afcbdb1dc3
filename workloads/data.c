#include "workloads/data.h"

#include <assert.h>

#include "base/file.h"
#include "workloads/embedded.h"

#define FILE_TEXT_MAX ((size_t)64 << 20)

extern const char data_catalog_begin[], data_catalog_end[];

static const char *const kind_names[DATA_KIND_COUNT] = {
    [DATA_PROFILE] = "profile",
    [DATA_QUOTA] = "quota profile",
    [DATA_PROPAGATION] = "propagation preset",
    [DATA_SCENARIO] = "scenario",
};

const char *data_kind_name(data_kind kind)
{
    assert(kind < DATA_KIND_COUNT);
    return kind_names[kind];
}

static const source *embedded_source(arena *a, const char *path, const char *begin, const char *end)
{
    source *out = ARENA_NEW(a, source, 1);
    *out = (source){.name = str_of(path), .text = {begin, (size_t)(end - begin)}};
    return out;
}

status data_catalog(arena *a, catalog **out, err *e)
{
    return catalog_load(a, embedded_source(a, "workloads/catalog/aws.txt", data_catalog_begin, data_catalog_end), out,
                        e);
}

/* Where the kind's files begin in the table. */
static uint32_t kind_first(data_kind kind)
{
    assert(kind < DATA_KIND_COUNT);
    uint32_t i = 0;
    while (i < embedded_file_count && embedded_files[i].kind < kind) i++;
    return i;
}

uint32_t data_count(data_kind kind)
{
    uint32_t first = kind_first(kind), i = first;
    while (i < embedded_file_count && embedded_files[i].kind == kind) i++;
    return i - first;
}

str data_name(data_kind kind, uint32_t i)
{
    assert(i < data_count(kind));
    return str_of(embedded_files[kind_first(kind) + i].name);
}

static status unknown_name(arena *a, data_kind kind, str name, err *e)
{
    arena    scratch = *a;
    uint32_t count = data_count(kind);
    str     *names = ARENA_NEW(&scratch, str, count), known = STR("none");
    for (uint32_t i = 0; i < count; i++) {
        names[i] = data_name(kind, i);
        known = i == 0 ? arena_format(&scratch, "`%.*s`", STR_FMT(names[i]))
                       : arena_format(&scratch, "%.*s, `%.*s`", STR_FMT(known), STR_FMT(names[i]));
    }
    str near = str_nearest(name, names, count);
    if (near.ptr != NULL)
        return err_set(e, STATUS_NOT_FOUND, "unknown %s `%.*s`, did you mean `%.*s`? known are %.*s", kind_names[kind],
                       STR_FMT(name), STR_FMT(near), STR_FMT(known));
    return err_set(e, STATUS_NOT_FOUND, "unknown %s `%.*s`, known are %.*s; a path ends in `.json`", kind_names[kind],
                   STR_FMT(name), STR_FMT(known));
}

/* A relative path counts from the folder of the file that names it. */
static str path_beside(arena *a, str path, str base_path)
{
    size_t folder = base_path.len;
    while (folder > 0 && base_path.ptr[folder - 1] != '/') folder--;
    if (str_starts(path, STR("/"))) folder = 0;
    return arena_format(a, "%.*s%.*s", (int)folder, base_path.ptr, STR_FMT(path));
}

status data_text(arena *a, data_kind kind, str name, str base_path, const source **out, err *e)
{
    if (str_ends(name, STR(".json"))) {
        source *file = ARENA_NEW(a, source, 1);
        TRY(file_read(a, path_beside(a, name, base_path).ptr, FILE_TEXT_MAX, file, e));
        *out = file;
        return STATUS_OK;
    }
    for (uint32_t i = kind_first(kind); i < embedded_file_count && embedded_files[i].kind == kind; i++) {
        const embedded_file *f = &embedded_files[i];
        if (!str_is(name, f->name)) continue;
        *out = embedded_source(a, f->path, f->begin, f->end);
        return STATUS_OK;
    }
    return unknown_name(a, kind, name, e);
}
