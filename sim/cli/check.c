#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/check.h"
#include "cli/cli.h"
#include "workloads/data.h"

static const char text[] = "Checks policies against the strict grammar of their type and for what is doubtful\n"
                           "or without effect, and scenarios with their policies and attachments. A folder\n"
                           "stands for the .json files in it, `-` for standard input, the name of a scenario\n"
                           "inside the program for it (`./NAME` is a file). Without --type a file whose\n"
                           "`schema` says so is a scenario, any other an SCP. TYPE is scp, rcp, identity,\n"
                           "boundary, session, resource, trust, endpoint or scenario; FORMAT text, json, github\n"
                           "or sarif; CODES such as ORG121,unknown-key. Sizes are those of the quota profile for\n"
                           "SCPs and RCPs; with --quotas also IAM's for identity, boundary, session and trust.\n"
                           "Exit code: 0 clean (notes do not count), 1 warnings only, 2 errors.\n";

#define POLICY_BYTES_MAX ((size_t)256 << 20)
#define QUOTAS_NEWEST    "aws-2026-05-15"

static const char *const type_names[] = {"scp",      "rcp",   "identity", "boundary", "session",
                                         "resource", "trust", "endpoint", "scenario"};
enum { TYPE_SCENARIO = COUNTOF(type_names) - 1, TYPE_BY_SCHEMA };

/* Whether the text begins as an object whose member `schema` names a scenario; what is no JSON is no scenario. */
static bool says_scenario(arena scratch, const source *in)
{
    json_reader r;
    json_token  t;
    size_t      begin, end;
    json_init(&r, &scratch, in, 0, in->text.len);
    if (json_next(&r, &t, NULL) != STATUS_OK || t.kind != JSON_OBJECT) return false;
    while (json_next(&r, &t, NULL) == STATUS_OK && t.kind != JSON_OBJECT_END) {
        bool schema = str_is(t.text, "schema");
        if (!schema && json_skip(&r, &begin, &end, NULL) != STATUS_OK) return false;
        if (schema)
            return json_next(&r, &t, NULL) == STATUS_OK && t.kind == JSON_STRING &&
                   str_starts(t.text, STR("orgsim.scenario/"));
    }
    return false;
}

/* Spec section 1.9: SCPs and RCPs as the profile says; IAM's own limits where a profile is asked for. */
uint32_t check_characters_max(const checker *c, policy_type type)
{
    uint32_t max = 0;
    switch (type) {
    case POLICY_SCP: max = c->quotas.scp_characters; break;
    case POLICY_RCP: max = c->quotas.rcp_characters; break;
    case POLICY_IDENTITY:
    case POLICY_BOUNDARY: max = c->quotas_given ? 6144 : 0; break;
    case POLICY_SESSION: max = c->quotas_given ? 2048 : 0; break;
    case POLICY_TRUST: max = c->quotas_given ? 4096 : 0; break;
    default: break;
    }
    return max == QUOTA_UNLIMITED || c->quotas.scp_characters == QUOTA_UNLIMITED ? 0 : max;
}

const policy *check_part(const checker *c, arena *a, const source *in, size_t begin, size_t end, policy_type type,
                         lint_report *out)
{
    lint_options options = {.type = type,
                            .dialect = c->legacy ? DIALECT_SCP_LEGACY : DIALECT_SCP_FULL,
                            .characters_max = check_characters_max(c, type),
                            .quotas = c->quotas.name,
                            .minified = c->minified,
                            .off = c->off};
    return lint_policy(a, in, begin, end, options, c->facts, out);
}

static void check_policy(checker *c, arena *a, const source *in, policy_type type)
{
    lint_report   found = {0};
    const policy *p = check_part(c, a, in, 0, in->text.len, type, &found);
    str           summary = {0};
    if (p != NULL)
        summary = arena_format(a, "%u statement%s, %u characters (%u without white space)", p->statement_count,
                               p->statement_count == 1 ? "" : "s", p->characters, p->characters_minified);
    check_output_file(&c->out, *a, (check_file){in, type_names[type], summary}, &found);
}

/* A word that names a scenario inside the program means it in every folder, as for the other commands. */
static bool is_inside(str path)
{
    for (uint32_t i = 0; i < data_count(DATA_SCENARIO); i++)
        if (str_eq(path, data_name(DATA_SCENARIO, i))) return true;
    return false;
}

static bool takes_inside(size_t type, str path)
{
    return (type == TYPE_SCENARIO || type == TYPE_BY_SCHEMA) && is_inside(path);
}

/* One line on standard error; in the formats for machines, which may not look there, a finding too. */
static void report_unread(checker *c, arena a, str path, const char *type, const err *e)
{
    int code = cli_fail(e);
    if (code > c->code) c->code = code;
    c->out.failed = true;
    if (c->out.format != CHECK_TEXT && code == EXIT_BAD_INPUT && !c->off[LINT_UNREAD])
        check_output_refusal(&c->out, a, (check_file){&(source){.name = path}, type, {0}}, LINT_UNREAD, e);
}

static void check_file_at(checker *c, str path, size_t type)
{
    arena         a;
    source        in;
    const source *inside;
    err           e = {0};
    status        s;
    arena_init(&a, MEMORY_POLICY);
    if (takes_inside(type, path)) {
        s = data_text(&a, DATA_SCENARIO, path, (str){0}, &inside, &e);
        if (s == STATUS_OK) in = *inside;
    } else {
        s = file_read(&a, path.ptr, POLICY_BYTES_MAX, &in, &e);
    }
    if (s != STATUS_OK) {
        report_unread(c, a, path, type == TYPE_BY_SCHEMA ? "unknown" : type_names[type], &e);
    } else if (type == TYPE_SCENARIO || (type == TYPE_BY_SCHEMA && says_scenario(a, &in))) {
        if (check_scenario(c, &a, &in, path, &e) != STATUS_OK) {
            int code = cli_fail(&e);
            if (code > c->code) c->code = code;
            c->out.failed = true;
        }
    } else {
        check_policy(c, &a, &in, type == TYPE_BY_SCHEMA ? POLICY_SCP : (policy_type)type);
    }
    arena_deinit(&a);
}

/* ---- folders ---- */

static int by_name(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
}

static bool is_folder(str path)
{
    struct stat info;
    return stat(path.ptr, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Its files in alphabetical order, so that the output does not depend on the disk. */
static void check_folder(checker *c, str path, size_t type)
{
    arena  a;
    str   *names = NULL;
    size_t count = 0, capacity = 0;
    err    e = {0};
    arena_init(&a, MEMORY_GENERAL);
    DIR *folder = opendir(path.ptr);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        str name = str_of(entry->d_name);
        if (!str_ends(name, STR(".json"))) continue;
        str slash = str_ends(path, STR("/")) ? STR("") : STR("/");
        str whole = arena_format(&a, "%.*s%.*s%.*s", STR_FMT(path), STR_FMT(slash), STR_FMT(name));
        if (!is_folder(whole)) *ARENA_PUSH(&a, str, names, count, capacity) = whole;
    }
    if (folder != NULL) (void)closedir(folder);
    if (count > 1) qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++) check_file_at(c, names[i], type);
    if (count == 0) {
        (void)err_set(&e, STATUS_IO, "`%.*s` is a directory without `.json` files", STR_FMT(path));
        report_unread(c, a, path, "unknown", &e);
    }
    arena_deinit(&a);
}

/* ---- arguments ---- */

/* `ORG121,unknown-key`: sets those codes in on[]. -1 to go on, else the exit code. */
static int read_codes(const char *flag_name, str list, bool on[LINT_CODE_COUNT])
{
    for (size_t at = 0; at <= list.len;) {
        size_t    end = str_find(list, ',', at);
        str       word = str_part(list, at, end - at), names[LINT_CODE_COUNT];
        lint_code code;
        if (!lint_code_find(word, &code)) {
            for (int i = 0; i < LINT_CODE_COUNT; i++) names[i] = str_of(lint_rule_of((lint_code)i)->name);
            str near = str_nearest(word, names, LINT_CODE_COUNT);
            if (near.ptr != NULL)
                return cli_usage("check", "`--%s`: unknown code `%.*s`, did you mean `%.*s`?", flag_name, STR_FMT(word),
                                 STR_FMT(near));
            return cli_usage("check", "`--%s`: unknown code `%.*s`, expected one such as `ORG121`", flag_name,
                             STR_FMT(word));
        }
        on[code] = true;
        at = end + 1;
    }
    return -1;
}

static int read_off(str only, str ignore, bool off[LINT_CODE_COUNT])
{
    bool wanted[LINT_CODE_COUNT] = {0};
    int  code = only.ptr == NULL ? -1 : read_codes("only", only, wanted);
    for (int i = 0; i < LINT_CODE_COUNT; i++)
        off[i] = only.ptr != NULL && !wanted[i] && lint_rule_of((lint_code)i)->severity != LINT_SEVERITY_ERROR;
    if (code >= 0 || ignore.ptr == NULL) return code;
    return read_codes("ignore", ignore, off);
}

static int read_quotas(checker *c, arena *a, str name)
{
    const source *in;
    document     *d = NULL;
    err           e = {0};
    c->quotas_given = name.ptr != NULL;
    status s = data_text(a, DATA_QUOTA, name.ptr == NULL ? STR(QUOTAS_NEWEST) : name, (str){"", 0}, &in, &e);
    if (s == STATUS_OK) s = document_parse(a, in, &d, &e);
    if (s == STATUS_OK) s = quota_read(a, d, &c->quotas, &e);
    if (d != NULL) document_free(d);
    return s == STATUS_OK ? -1 : cli_fail(&e);
}

static int run(checker *c, size_t type, const str *files, uint32_t file_count)
{
    arena a;
    err   e = {0};
    arena_init(&a, MEMORY_GENERAL);
    if (data_catalog(&a, &c->facts, &e) != STATUS_OK) {
        int failed = cli_fail(&e);
        arena_deinit(&a);
        return failed;
    }
    for (uint32_t i = 0; i < file_count; i++) {
        if (!takes_inside(type, files[i]) && is_folder(files[i]))
            check_folder(c, files[i], type);
        else
            check_file_at(c, files[i], type);
    }
    int code = check_output_end(&c->out, a);
    arena_deinit(&a);
    return cli_finish(code > c->code ? code : c->code);
}

static int explain(str word)
{
    bool on[LINT_CODE_COUNT] = {0};
    int  code = read_codes("explain", word, on);
    if (code >= 0) return code;
    for (int i = 0; i < LINT_CODE_COUNT; i++)
        if (on[i]) check_print_explained((lint_code)i);
    return cli_finish(EXIT_OK);
}

int cli_check(int argc, char **argv)
{
    static const char *const formats[] = {"text", "json", "github", "sarif"};
    checker                  c = {0};
    bool                     off[LINT_CODE_COUNT] = {0}, codes = false;
    str                      type = {0}, quotas = {0}, format = STR("text"), only = {0}, ignore = {0}, why = {0};
    str                      files[1024];
    uint32_t                 file_count = 0;
    const flag               flags[] = {
                      {"type", "TYPE", FLAG_TEXT, &type, "what the files are", NULL},
                      {"legacy", NULL, FLAG_BOOL, &c.legacy, "take the SCP language before September 2025", NULL},
                      {"quotas", "PROFILE", FLAG_TEXT, &quotas, "sizes by this quota profile", NULL},
                      {"minified", NULL, FLAG_BOOL, &c.minified, "sizes without white space", NULL},
                      {"format", "FORMAT", FLAG_TEXT, &format, "how findings are written", NULL},
                      {"only", "CODES", FLAG_TEXT, &only, "no warnings and notes but these", NULL},
                      {"ignore", "CODES", FLAG_TEXT, &ignore, "not these", NULL},
                      {"codes", NULL, FLAG_BOOL, &codes, "print the table of codes and end", NULL},
                      {"explain", "CODES", FLAG_TEXT, &why, "print these codes' rows of it and end", NULL},
    };
    const command self = {"check", "FILE...",      text, "orgsim check --type rcp tests/cases/permit.json",
                          flags,   COUNTOF(flags), 0,    COUNTOF(files)};
    int           code = arguments_read(&self, argc, argv, files, &file_count);
    if (code >= 0) return code;
    if (codes) {
        check_print_codes();
        return cli_finish(EXIT_OK);
    }
    if (why.ptr != NULL) return explain(why);
    if (file_count == 0) return cli_usage("check", "no FILE... given");
    size_t t = type.ptr == NULL ? TYPE_BY_SCHEMA : 0, f = 0;
    while (t < COUNTOF(type_names) && !str_is(type, type_names[t])) t++;
    if (t == COUNTOF(type_names) && type.ptr != NULL) return cli_usage("check", "unknown type `%.*s`", STR_FMT(type));
    while (f < COUNTOF(formats) && !str_is(format, formats[f])) f++;
    if (f == COUNTOF(formats))
        return cli_usage("check", "unknown format `%.*s`, expected text, json, github or sarif", STR_FMT(format));
    code = read_off(only, ignore, off);
    if (code >= 0) return code;
    c.off = off;
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    code = read_quotas(&c, &a, quotas);
    if (code < 0) {
        check_output_begin(&c.out, (check_format)f);
        code = run(&c, t, files, file_count);
    }
    arena_deinit(&a);
    return code;
}
