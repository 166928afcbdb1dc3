#include "bench/output.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "bench/output_parts.h"

static const char *path_of(arena *a, const char *folder, const char *file)
{
    return arena_format(a, "%s/%s", folder, file).ptr;
}

static const char *const fixed_names[] = {"results.json",  "timing.json", "analysis.json",
                                          "response.hlog", "decide.hlog", "report.html"};

static status remove_file(arena scratch, const char *folder, const char *file, err *e)
{
    const char *path = path_of(&scratch, folder, file);
    if (unlink(path) == 0 || errno == ENOENT) return STATUS_OK;
    const char *reason = strerror(errno);
    return err_set(e, STATUS_IO, "cannot replace `%s`: %c%s", path, char_lower(reason[0]), reason + 1);
}

/* results.json first: without it the folder counts for nothing, however far this gets. */
static status remove_earlier(arena scratch, const char *folder, err *e)
{
    for (size_t i = 0; i < COUNTOF(fixed_names); i++) TRY(remove_file(scratch, folder, fixed_names[i], e));
    for (uint32_t i = 0; i < output_table_count; i++) TRY(remove_file(scratch, folder, output_tables[i].file, e));
    return STATUS_OK;
}

static status write_log(arena scratch, const char *path, str comment, const hist_interval *interval, err *e)
{
    char  *text = NULL;
    size_t len = 0;
    FILE  *to = open_memstream(&text, &len);
    assert(to != NULL);
    status code = hist_log_write(to, (hist_log_head){.comment = comment}, interval, 1, scratch, e);
    int    closed = fclose(to);
    assert(closed == 0);
    if (code == STATUS_OK) code = file_write(path, (str){text, len}, e);
    free(text);
    return code;
}

static status write_logs(arena scratch, const char *folder, const output_run *run, err *e)
{
    const world_result *r = run->result;
    int64_t             start_ns = 0;
    if (run->scenario->plan.window_count > 0) start_ns = run->scenario->plan.windows[0].start_ns;
    hist_interval response = {
        .start_ns = start_ns,
        .length_ns = r->totals.finish_ns > start_ns ? r->totals.finish_ns - start_ns : 0,
        .h = r->response_ns,
    };
    TRY(write_log(scratch, path_of(&scratch, folder, "response.hlog"), STR("orgsim: virtual response time, ns"),
                  &response, e));
    if (r->decide_ns == NULL) return STATUS_OK;
    hist_interval decide = {.length_ns = run->phases.run_ns, .h = r->decide_ns};
    return write_log(scratch, path_of(&scratch, folder, "decide.hlog"), STR("orgsim: measured time of a decision, ns"),
                     &decide, e);
}

static status write_text(arena scratch, const char *folder, const char *file, str text, err *e)
{
    return file_write(path_of(&scratch, folder, file), text, e);
}

static status write_tables(arena scratch, const char *folder, const output_run *run, err *e)
{
    for (uint32_t i = 0; i < output_table_count; i++) {
        arena a = scratch;
        str   text = output_tables[i].text(&a, run);
        if (text.ptr != NULL) TRY(write_text(a, folder, output_tables[i].file, text, e));
    }
    return STATUS_OK;
}

static status write_all(arena *a, const char *folder, const output_run *run, err *e)
{
    TRY(file_make_folder(folder, e));
    TRY(remove_earlier(*a, folder, e));
    TRY(write_tables(*a, folder, run, e));
    TRY(write_logs(*a, folder, run, e));
    TRY(write_text(*a, folder, "timing.json", output_timing(a, run), e));
    TRY(write_text(*a, folder, "analysis.json", output_analysis(a, run), e));
    return write_text(*a, folder, "results.json", output_results(a, run), e);
}

status output_write(const char *folder, const output_run *run, err *e)
{
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    status code = write_all(&a, folder, run, e);
    arena_deinit(&a);
    return code;
}
