#include <stdio.h>

#include "authz/case.h"
#include "base/file.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "policy/case.h"
#include "workloads/data.h"

/* Answers one line; false when the answer is an error. */
static bool answer(arena *a, const source *in, size_t begin, size_t end, const catalog *facts, uint64_t line)
{
    policy_case c;
    err         e = {0};
    status      s = case_read(a, in, begin, end, &c, &e);
    if (c.id.ptr != NULL) {
        str id = json_quote(a, c.id);
        (void)printf("{\"id\":%.*s,", STR_FMT(id));
    } else {
        (void)printf("{\"line\":%llu,", (unsigned long long)line);
    }
    if (s == STATUS_OK) {
        (void)printf("\"decision\":\"%s\"}\n", decision_name(authz_decide_case(a, &c, facts).kind));
        return true;
    }
    str text = json_quote(a, str_of(e.text));
    (void)printf("\"error\":%.*s}\n", STR_FMT(text));
    return false;
}

static const char text[] = "Decides authorization cases: one JSON object a line in, one line of JSON a case\n"
                           "out, in the order of the input. FILE is a path (gzip is fine) or - for standard\n"
                           "input. A case has the members `id`, `request` and `policies`:\n"
                           "\n"
                           "  {\"id\":\"a\",\n"
                           "   \"request\":{\"principal\":\"arn:aws:iam::111111111111:role/Dev\",\n"
                           "     \"action\":\"s3:GetObject\",\"resource\":\"arn:aws:s3:::b/k\",\n"
                           "     \"resource_account\":\"111111111111\",\"context\":{}},\n"
                           "   \"policies\":{\"scps\":[[…root],[…OU],[…account]],\"identity\":[…]}}\n"
                           "\n"
                           "and is answered with Allowed, ImplicitlyDenied or ExplicitlyDenied, or with\n"
                           "what is wrong with it; then the exit code is 1:\n"
                           "\n"
                           "  {\"id\":\"a\",\"decision\":\"Allowed\"}\n"
                           "  {\"id\":\"b\",\"error\":\"what is wrong\"}\n"
                           "\n"
                           "Decided so far: SCPs and identity policies. A row with other policies is\n"
                           "answered with an error.\n";

int cli_eval(int argc, char **argv)
{
    str           file = {0};
    const flag    flags[] = {{"cases", "FILE", FLAG_TEXT, &file, "the cases; - is standard input", NULL}};
    const command c = {"eval",         "", text, "orgsim eval --cases tests/cases/evaluation/scp.jsonl", flags,
                       COUNTOF(flags), 0,  0};
    int           code = arguments_read(&c, argc, argv, NULL, NULL);
    if (code >= 0) return code;
    if (file.ptr == NULL) return cli_usage("eval", "no `--cases FILE`");
    const char *path = file.ptr;

    arena    run, row;
    source   in = {0};
    catalog *facts = NULL;
    err      e = {0};
    arena_init(&run, MEMORY_GENERAL);
    arena_init(&row, MEMORY_POLICY);
    code = EXIT_OK;
    if (data_catalog(&run, &facts, &e) != STATUS_OK || file_read(&run, path, FILE_BYTES_MAX, &in, &e) != STATUS_OK) {
        code = cli_fail(&e);
    } else if (in.text.len == 0) {
        (void)err_set(&e, STATUS_INVALID, "`%s` is empty, expected cases, one JSON object a line", path);
        code = cli_fail(&e);
    }
    size_t begin = 0;
    for (uint64_t line = 1; code != EXIT_BAD_INPUT && begin < in.text.len; line++) {
        size_t end = str_find(in.text, '\n', begin), first = begin;
        while (first < end && (in.text.ptr[first] == ' ' || in.text.ptr[first] == '\r' || in.text.ptr[first] == '\t'))
            first++;
        /* A row is its own small source, so that finding a place in it is quick. */
        source line_text = {in.name, str_part(in.text, begin, end - begin), (size_t)line};
        if (first < end && !answer(&row, &line_text, 0, line_text.text.len, facts, line)) code = EXIT_FAILED;
        arena_reset(&row);
        begin = end + 1;
    }
    arena_deinit(&row);
    arena_deinit(&run);
    return cli_finish(code);
}
