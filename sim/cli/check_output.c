#include "cli/check_output.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/terminal.h"

/* ---- text ---- */

/* Words on lines of the terminal's width, each line indented. A word longer than that stands alone. */
static void print_wrapped(const char *text, uint32_t columns, uint32_t indent)
{
    str      left = str_of(text);
    uint32_t at = 0;
    while (left.len > 0) {
        size_t word = str_find(left, ' ', 0), width = 0;
        for (size_t i = 0; i < word; i++) width += ((unsigned char)left.ptr[i] & 0xc0) != 0x80;
        if (at > 0 && at + 1 + width > columns) {
            (void)fputc('\n', stdout);
            at = 0;
        }
        at +=
            (uint32_t)printf("%*s%.*s", at == 0 ? (int)indent : 1, "", (int)word, left.ptr) - (uint32_t)(word - width);
        left = str_part(left, word, left.len - word);
        while (left.len > 0 && left.ptr[0] == ' ') left = str_part(left, 1, left.len - 1);
    }
    (void)fputc('\n', stdout);
}

/* The name of a file on one line, whatever it holds. */
static const char *name_line(str name, err *room)
{
    (void)err_set(room, STATUS_INVALID, "%.*s", STR_FMT(name));
    return room->text;
}

static void print_text(check_file file, const lint_report *findings)
{
    err         room;
    bool        clean = true;
    const char *name = name_line(file.in->name, &room);
    for (size_t i = 0; i < findings->count; i++) {
        const lint_finding *f = &findings->items[i];
        const lint_rule    *rule = lint_rule_of(f->code);
        clean = clean && rule->severity == LINT_SEVERITY_NOTE;
        (void)printf("%s:%zu:%zu: %s ORG%u: %.*s\n", name, f->line, f->column, lint_severity_name(rule->severity),
                     rule->number, STR_FMT(f->text));
        print_wrapped(rule->help, terminal_columns(), 4);
    }
    if (clean && file.summary.len > 0) (void)printf("%s: ok, %.*s\n", name, STR_FMT(file.summary));
}

/* ---- github ---- */

/* Workflow commands escape what would end them; in properties also what parts them. */
static void print_escaped(str s, bool property)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
            (void)printf("%%%02X", (unsigned)(unsigned char)c);
        else
            (void)fputc(c, stdout);
    }
}

static void print_github(check_file file, const lint_report *findings)
{
    static const char *const commands[] = {"notice", "warning", "error"};
    for (size_t i = 0; i < findings->count; i++) {
        const lint_finding *f = &findings->items[i];
        const lint_rule    *rule = lint_rule_of(f->code);
        (void)printf("::%s file=", commands[rule->severity]);
        print_escaped(file.in->name, true);
        (void)printf(",line=%zu,col=%zu,title=ORG%u %s::", f->line, f->column, rule->number, rule->name);
        print_escaped(f->text, false);
        (void)fputs("%0A", stdout);
        print_escaped(str_of(rule->help), false);
        (void)fputc('\n', stdout);
    }
}

/* ---- json ---- */

static void collect_json(check_output *o, arena scratch, check_file file, const lint_report *findings)
{
    out_node *one = out_object(o->list, NULL);
    out_str(one, "file", file.in->name);
    out_text(one, "type", file.type);
    out_node *list = out_array(one, "findings");
    for (size_t i = 0; i < findings->count; i++) {
        const lint_finding *f = &findings->items[i];
        const lint_rule    *rule = lint_rule_of(f->code);
        out_node           *row = out_object(list, NULL);
        out_str(row, "code", arena_format(&scratch, "ORG%u", rule->number));
        out_text(row, "name", rule->name);
        out_text(row, "severity", lint_severity_name(rule->severity));
        out_u64(row, "line", f->line);
        out_u64(row, "column", f->column);
        out_str(row, "text", f->text);
        out_text(row, "help", rule->help);
    }
}

/* ---- sarif ---- */

static const char *sarif_level(lint_severity s)
{
    return lint_severity_name(s); /* SARIF has the same three words */
}

/* helpUri and informationUri are absolute by SARIF 2.1.0, and the project has no address of its own:
 * the help is here in whole. */
static void sarif_rules(out_node *driver, arena scratch)
{
    out_node *list = out_array(driver, "rules");
    for (int i = 0; i < LINT_CODE_COUNT; i++) {
        const lint_rule *rule = lint_rule_of((lint_code)i);
        out_node        *row = out_object(list, NULL), *help;
        out_str(row, "id", arena_format(&scratch, "ORG%u", rule->number));
        out_text(row, "name", rule->name);
        out_text(out_object(row, "shortDescription"), "text", rule->what);
        out_str(out_object(row, "fullDescription"), "text", arena_format(&scratch, "%s: %s", rule->what, rule->help));
        help = out_object(row, "help");
        out_text(help, "text", rule->help);
        out_str(
            help, "markdown",
            arena_format(&scratch,
                         "**ORG%u `%s`** (%s): %s\n\n%s\n\n`orgsim check --explain ORG%u` prints this; `LINTS.md` of "
                         "orgsim lists all findings.",
                         rule->number, rule->name, lint_severity_name(rule->severity), rule->what, rule->help,
                         rule->number));
        out_text(out_object(row, "defaultConfiguration"), "level", sarif_level(rule->severity));
    }
}

/* RFC 3986: what a path may hold stays, the rest is percent-encoded. A whole path is a URI of a file. */
static str uri_of(arena *a, str path)
{
    static const char plain[] = "/-._~!$&'()*+,;=@", hex[] = "0123456789ABCDEF", scheme[] = "file://";
    char             *text = ARENA_NEW(a, char, path.len * 3 + sizeof scheme);
    size_t            len = str_starts(path, STR("/")) ? sizeof scheme - 1 : 0;
    memcpy(text, scheme, len);
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        char          lower = char_lower(path.ptr[i]);
        if ((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || (c != '\0' && strchr(plain, c) != NULL)) {
            text[len++] = path.ptr[i];
        } else {
            text[len++] = '%';
            text[len++] = hex[c >> 4];
            text[len++] = hex[c & 15];
        }
    }
    return (str){text, len};
}

/* SARIF counts characters, our places bytes. */
static size_t column_in_characters(const source *in, const lint_finding *f)
{
    size_t end = f->at < in->text.len ? f->at : in->text.len, column = 1;
    if (f->column > end + 1) return f->column; /* the text is not there */
    for (size_t i = end - (f->column - 1); i < end; i++) column += ((unsigned char)in->text.ptr[i] & 0xc0) != 0x80;
    return column;
}

static void collect_sarif(check_output *o, arena scratch, check_file file, const lint_report *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const lint_finding *f = &findings->items[i];
        const lint_rule    *rule = lint_rule_of(f->code);
        out_node           *row = out_object(o->list, NULL);
        out_str(row, "ruleId", arena_format(&scratch, "ORG%u", rule->number));
        out_u64(row, "ruleIndex", (uint64_t)f->code);
        out_text(row, "level", sarif_level(rule->severity));
        out_str(out_object(row, "message"), "text", arena_format(&scratch, "%.*s\n%s", STR_FMT(f->text), rule->help));
        out_node *where = out_object(out_object(out_array(row, "locations"), NULL), "physicalLocation");
        out_str(out_object(where, "artifactLocation"), "uri",
                str_is(file.in->name, "<stdin>") ? STR("stdin") : uri_of(&scratch, file.in->name));
        out_node *region = out_object(where, "region");
        out_u64(region, "startLine", f->line);
        out_u64(region, "startColumn", column_in_characters(file.in, f));
    }
}

/* ---- all formats ---- */

void check_output_begin(check_output *o, check_format format)
{
    *o = (check_output){.format = format};
    if (format != CHECK_JSON && format != CHECK_SARIF) return;
    o->d = document_new_object();
    out_node *root = document_out(o->d);
    if (format == CHECK_JSON) {
        out_text(root, "schema", "orgsim.check/1");
        o->list = out_array(root, "files");
        return;
    }
    arena scratch;
    arena_init(&scratch, MEMORY_GENERAL);
    out_text(root, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    out_text(root, "version", "2.1.0");
    out_node *run = out_object(out_array(root, "runs"), NULL), *driver = out_object(out_object(run, "tool"), "driver");
    out_text(driver, "name", "orgsim");
    out_text(driver, "version", ORGSIM_VERSION);
    sarif_rules(driver, scratch);
    out_text(run, "columnKind", "unicodeCodePoints");
    o->invocations = out_array(run, "invocations");
    o->list = out_array(run, "results");
    arena_deinit(&scratch);
}

void check_output_file(check_output *o, arena scratch, check_file file, const lint_report *findings)
{
    o->files++;
    for (size_t i = 0; i < findings->count; i++) o->counts[lint_rule_of(findings->items[i].code)->severity]++;
    switch (o->format) {
    case CHECK_TEXT: print_text(file, findings); break;
    case CHECK_GITHUB: print_github(file, findings); break;
    case CHECK_JSON: collect_json(o, scratch, file, findings); break;
    case CHECK_SARIF: collect_sarif(o, scratch, file, findings); break;
    }
}

void check_output_refusal(check_output *o, arena scratch, check_file file, lint_code code, const err *e)
{
    lint_finding one = {.code = code,
                        .line = e->line == 0 ? 1 : e->line,
                        .column = e->line == 0 ? 1 : e->column,
                        .text = str_of(e->text + e->message)};
    lint_report  found = {.items = &one, .count = 1};
    check_output_file(o, scratch, file, &found);
}

static void print_count(uint64_t count, const char *what, const char *behind)
{
    (void)printf("%" PRIu64 " %s%s%s", count, what, count == 1 ? "" : "s", behind);
}

int check_output_end(check_output *o, arena scratch)
{
    uint64_t notes = o->counts[LINT_SEVERITY_NOTE], warnings = o->counts[LINT_SEVERITY_WARNING],
             errors = o->counts[LINT_SEVERITY_ERROR];
    if (o->format == CHECK_TEXT && notes + warnings + errors > 0) {
        print_count(errors, "error", ", ");
        print_count(warnings, "warning", ", ");
        print_count(notes, "note", " in ");
        print_count(o->files, "file", "\n");
    }
    if (o->format == CHECK_SARIF) out_bool(out_object(o->invocations, NULL), "executionSuccessful", !o->failed);
    if (o->format == CHECK_JSON) {
        out_u64(document_out(o->d), "errors", errors);
        out_u64(document_out(o->d), "warnings", warnings);
        out_u64(document_out(o->d), "notes", notes);
    }
    if (o->d != NULL) {
        str text = document_print(&scratch, o->d);
        (void)fwrite(text.ptr, 1, text.len, stdout);
        document_free(o->d);
        o->d = NULL;
    }
    if (errors > 0 || o->failed) return EXIT_BAD_INPUT;
    return warnings > 0 ? EXIT_FAILED : EXIT_OK;
}

/* ---- the table ---- */

void check_print_explained(lint_code code)
{
    const lint_rule *rule = lint_rule_of(code);
    (void)printf("ORG%u %s (%s)\n\n", rule->number, rule->name, lint_severity_name(rule->severity));
    (void)printf("  %s\n\n", rule->what);
    print_wrapped(rule->help, terminal_columns(), 2);
}

void check_print_codes(void)
{
    static const struct {
        uint16_t    last;
        const char *title;
    } families[] = {{111, "What AWS refuses"},
                    {114, "What cannot be checked"},
                    {119, "Size and number"},
                    {134, "Actions"},
                    {139, "Resources"},
                    {149, "Policy variables"},
                    {159, "Condition keys"},
                    {169, "Condition values"},
                    {179, "Statements and clauses against each other"},
                    {189, "Principals"},
                    {199, "Organizations"},
                    {209, "KMS key policies"}};
    size_t family = 0;
    (void)puts("# What `orgsim check` finds\n\n"
               "Written by `orgsim check --codes`; the table is `sim/policy/lint_codes.h`. Codes are stable: a number\n"
               "is never used again. An error is what AWS refuses, a warning what it takes but hardly anybody means,\n"
               "a note what may well be meant. Exit code: 2 with errors, 1 with warnings, 0 otherwise.\n"
               "`orgsim check --explain ORG121` prints one, `--only` and `--ignore` take codes or names.");
    for (int i = 0; i < LINT_CODE_COUNT; i++) {
        const lint_rule *rule = lint_rule_of((lint_code)i);
        bool             first = i == 0 || rule->number > families[family].last;
        while (rule->number > families[family].last) family++;
        if (first)
            (void)printf("\n## %s\n\n| code | | what | why, and how to mend it |\n| --- | --- | --- | --- |\n",
                         families[family].title);
        (void)printf("| ORG%u `%s` | %s | %s | %s |\n", rule->number, rule->name, lint_severity_name(rule->severity),
                     rule->what, rule->help);
    }
}
