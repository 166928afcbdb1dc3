#include "bench/plot.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/html.h"

/* bench/embed.cmake */
extern const char plot_common_gp_begin[], plot_common_gp_end[];
#define PLOT_FILES(X)     X(spectrum) X(lag) X(stale) X(levels) X(sizes)
#define PLOT_EXTERN(name) extern const char plot_##name##_gp_begin[], plot_##name##_gp_end[];
PLOT_FILES(PLOT_EXTERN)
#undef PLOT_EXTERN
#define PLOT_TEXT(name) plot_##name##_gp_begin, plot_##name##_gp_end

static const struct {
    const char *name, *begin, *end;
    const char *settings; /* in front of the script */
} plots[PLOT_COUNT] = {
    [PLOT_RESPONSE] = {"response", PLOT_TEXT(spectrum), "table = \"response.csv\"\n"},
    [PLOT_DECIDE] = {"decide", PLOT_TEXT(spectrum), "table = \"decide.csv\"\n"},
    [PLOT_LAG] = {"lag", PLOT_TEXT(lag), ""},
    [PLOT_STALE] = {"stale", PLOT_TEXT(stale), ""},
    [PLOT_LEVELS] = {"levels", PLOT_TEXT(levels), ""},
    [PLOT_SIZES] = {"sizes", PLOT_TEXT(sizes), ""},
};

/* ---- gnuplot ---- */

#define EXIT_NOT_FOUND 127

/* A file in memory with the text, read from its start; -1 when there is none. */
static int memory_file(str text)
{
    int fd = memfd_create("orgsim", MFD_CLOEXEC);
    if (fd < 0) return -1;
    for (size_t done = 0; done < text.len;) {
        ssize_t n = write(fd, text.ptr + done, text.len - done);
        if (n < 0 && errno != EINTR) {
            (void)close(fd);
            return -1;
        }
        if (n > 0) done += (size_t)n;
    }
    (void)lseek(fd, 0, SEEK_SET);
    return fd;
}

static _Noreturn void become_gnuplot(const char *folder, int in, int out)
{
    /* -d: no start-up file of the user's; LC_ALL: numbers with a point. */
    char *const arguments[] = {(char *)"gnuplot", (char *)"-d", (char *)"-", NULL};
    if (chdir(folder) == 0 && dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
        freopen("/dev/null", "w", stderr) != NULL && setenv("LC_ALL", "C.UTF-8", 1) == 0)
        (void)execvp(arguments[0], arguments);
    _exit(EXIT_NOT_FOUND);
}

/* The exit code of gnuplot; -1 when it could not be waited for. */
static int run_gnuplot(const char *folder, int in, int out)
{
    (void)fflush(NULL); /* else the child would write what is buffered once more */
    pid_t child = fork();
    if (child == 0) become_gnuplot(folder, in, out);
    int   state = 0;
    pid_t ended;
    do ended = child < 0 ? -1 : waitpid(child, &state, 0);
    while (ended < 0 && errno == EINTR);
    return ended < 0 || !WIFEXITED(state) ? -1 : WEXITSTATUS(state);
}

static str read_all(arena *a, int fd)
{
    off_t size = lseek(fd, 0, SEEK_END);
    if (size <= 0) return (str){"", 0};
    char  *text = ARENA_NEW(a, char, (size_t)size);
    size_t used = 0;
    while (used < (size_t)size) {
        ssize_t n = pread(fd, text + used, (size_t)size - used, (off_t)used);
        if (n <= 0) break;
        used += (size_t)n;
    }
    return (str){text, used};
}

static str draw(arena *a, const char *folder, str script, str *why)
{
    int in = memory_file(script), out = memory_file((str){"", 0});
    int code = in < 0 || out < 0 ? -1 : run_gnuplot(folder, in, out);
    str svg = code == 0 ? read_all(a, out) : (str){"", 0};
    if (in >= 0) (void)close(in);
    if (out >= 0) (void)close(out);
    if (code == EXIT_NOT_FOUND)
        *why = STR("gnuplot is not installed (Debian: gnuplot-nox), so the report has no pictures");
    else if (code != 0)
        *why = STR("gnuplot failed, so the report lacks a picture");
    return svg;
}

/* ---- its SVG ---- */

/* From the first `from` at or after `at` to the end of the next `to`; false when there is none. */
static bool find_part(str s, size_t at, const char *from, const char *to, size_t *begin, size_t *end)
{
    const char *first = at < s.len ? memmem(s.ptr + at, s.len - at, from, strlen(from)) : NULL;
    if (first == NULL) return false;
    *begin = (size_t)(first - s.ptr);
    const char *last = memmem(first, s.len - *begin, to, strlen(to));
    if (last == NULL) return false;
    *end = (size_t)(last - s.ptr) + strlen(to);
    return true;
}

static str without(arena *a, str s, const char *from, const char *to)
{
    char  *text = ARENA_NEW(a, char, s.len + 1);
    size_t at = 0, len = 0, begin, end;
    while (find_part(s, at, from, to, &begin, &end)) {
        memcpy(text + len, s.ptr + at, begin - at);
        len += begin - at;
        at = end;
    }
    memcpy(text + len, s.ptr + at, s.len - at);
    return (str){text, len + s.len - at};
}

static str replaced(arena *a, str s, const char *from, str to)
{
    size_t from_len = strlen(from), count = 0, len = 0, at = 0;
    for (const char *p = s.ptr; (p = memmem(p, s.len - (size_t)(p - s.ptr), from, from_len)) != NULL; p += from_len)
        count++;
    char *text = ARENA_NEW(a, char, s.len + count * to.len + 1);
    for (const char *p; (p = memmem(s.ptr + at, s.len - at, from, from_len)) != NULL;) {
        size_t before = (size_t)(p - s.ptr) - at;
        memcpy(text + len, s.ptr + at, before);
        memcpy(text + len + before, to.ptr, to.len);
        len += before + to.len;
        at += before + from_len;
    }
    memcpy(text + len, s.ptr + at, s.len - at);
    return (str){text, len + s.len - at};
}

str plot_fit(arena *a, str svg, const char *name, bool narrow, str label)
{
    size_t begin, end, box, box_end;
    if (!find_part(svg, 0, "<svg", ">", &begin, &end) || !find_part(svg, begin, "viewBox=\"", "\"", &box, &box_end))
        return (str){"", 0};
    if (!find_part(svg, box + strlen("viewBox=\""), "", "\"", &box, &box_end)) return (str){"", 0};
    str view = str_part(svg, box, box_end - box - 1), body = str_part(svg, end, svg.len - end);
    str prefix = arena_format(a, "%s%s_", name, narrow ? "_narrow" : "");
    body = without(a, body, "<title>", "</title>");
    body = without(a, body, "<desc>", "</desc>");
    body = without(a, body, "<filter", "</filter>");
    body = replaced(a, body, "'gpDot", arena_format(a, "'%.*sgpDot", STR_FMT(prefix)));
    body = replaced(a, body, "#gpDot", arena_format(a, "#%.*sgpDot", STR_FMT(prefix)));
    body = replaced(a, body, "'gpPt", arena_format(a, "'%.*sgpPt", STR_FMT(prefix)));
    body = replaced(a, body, "#gpPt", arena_format(a, "#%.*sgpPt", STR_FMT(prefix)));
    body = replaced(a, body, "\"gnuplot_canvas\"", arena_format(a, "\"%.*scanvas\"", STR_FMT(prefix)));
    body = replaced(a, body, "id=\"orgsim_plot", arena_format(a, "id=\"%.*splot", STR_FMT(prefix)));
    body = replaced(a, body, "\"black\"", STR("\"currentColor\""));
    body = replaced(a, body, "'black'", STR("'currentColor'"));
    body = replaced(a, body, "rgb(  0,   0,   0)", STR("currentColor"));
    body = replaced(a, body, "rgb(0,0,0)", STR("currentColor"));
    body = replaced(a, body, "rgb(  0, 114, 178)", STR("var(--blue)")); /* report.css: lighter on a dark ground */
    body = replaced(a, body, "xlink:href", STR("href"));
    str shown = html_escape(a, label);
    return arena_format(a, "<svg class=\"%s\" viewBox=\"%.*s\" role=\"img\" aria-label=\"%.*s\">%.*s",
                        narrow ? "narrow" : "wide", STR_FMT(view), STR_FMT(shown), STR_FMT(body));
}

str plot_svg(arena *a, const char *folder, plot_kind kind, bool narrow, str label, str *why)
{
    assert(kind < PLOT_COUNT);
    str common = {plot_common_gp_begin, (size_t)(plot_common_gp_end - plot_common_gp_begin)};
    str own = {plots[kind].begin, (size_t)(plots[kind].end - plots[kind].begin)};
    str script =
        arena_format(a, "narrow = %d\n%s%.*s%.*s", narrow, plots[kind].settings, STR_FMT(common), STR_FMT(own));
    str svg = draw(a, folder, script, why);
    str fit = plot_fit(a, svg, plots[kind].name, narrow, label);
    if (svg.len > 0 && fit.len == 0) *why = STR("gnuplot printed no SVG, so the report lacks a picture");
    return fit;
}
