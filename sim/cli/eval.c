#include <errno.h>
#include <stdio.h>

#include "authz/case.h"
#include "base/file.h"
#include "cli/cli.h"
#include "policy/case.h"
#include "workloads/data.h"

static const char help[] = "orgsim eval --cases FILE\n"
                           "\n"
                           "Decides authorization cases: one JSON object a line in, one line of JSON a case out, in the\n"
                           "order of the input. FILE is a path (gzip is fine) or - for standard input.\n"
                           "\n"
                           "  {\"id\":\"a\",\"request\":{\"principal\":\"arn:aws:iam::111111111111:role/Dev\",\"action\":\"s3:GetObject\",\n"
                           "   \"resource\":\"arn:aws:s3:::b/k\",\"resource_account\":\"111111111111\"},\"policies\":{\"scps\":[[…],[…]],\n"
                           "   \"identity\":[…]}}\n"
                           "\n"
                           "  {\"id\":\"a\",\"decision\":\"Allowed\"}      Allowed, ImplicitlyDenied or ExplicitlyDenied\n"
                           "  {\"id\":\"b\",\"error\":\"what is wrong\"}   the row could not be decided; the exit code is then 1\n"
                           "\n"
                           "Layers decided: SCPs and identity policies. A row with other policies is answered with an error.\n"
                           "\n"
                           "example: orgsim eval --cases tests/cases/evaluation/scp.jsonl\n";

/* Answers one line; false when the answer is an error. */
static bool answer(arena *a, const source *in, size_t begin, size_t end, const catalog *facts, uint64_t line)
{
    policy_case c;
    err         e = { 0 };
    status      s = case_read(a, in, begin, end, &c, &e);
    if (s == STATUS_OK && c.unsupported != NULL)
        s = err_set(&e, STATUS_INVALID, "`%s` policies are not evaluated yet", c.unsupported);
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

int cli_eval(int argc, char **argv)
{
    const char *path = NULL;
    for (int i = 0; i < argc; i++) {
        if (str_is(str_of(argv[i]), "--help")) return fputs(help, stdout) < 0 ? EXIT_INTERNAL : EXIT_OK;
        if (!str_is(str_of(argv[i]), "--cases")) return cli_usage("eval ", "unknown argument `%s`", argv[i]);
        if (++i == argc) return cli_usage("eval ", "`--cases` without a file");
        path = argv[i];
    }
    if (path == NULL) return cli_usage("eval ", "no `--cases FILE`");

    arena    run, row;
    source   in = { 0 };
    catalog *facts = NULL;
    err      e = { 0 };
    arena_init(&run, MEMORY_GENERAL);
    arena_init(&row, MEMORY_POLICY);
    int code = EXIT_OK;
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
        source text = { in.name, str_part(in.text, begin, end - begin), (size_t)line };
        if (first < end && !answer(&row, &text, 0, text.text.len, facts, line)) code = EXIT_FAILED;
        arena_reset(&row);
        begin = end + 1;
    }
    if (fflush(stdout) != 0) {
        (void)fprintf(stderr, "orgsim: cannot write the answers: %s\n", strerror(errno));
        code = EXIT_BAD_INPUT;
    }
    arena_deinit(&row);
    arena_deinit(&run);
    return code;
}
