#include <stdio.h>

#include "base/file.h"
#include "cli/cli.h"
#include "policy/parse.h"

static const char help[] = "orgsim check [--type TYPE] FILE...\n"
                           "\n"
                           "Checks policy documents against the strict grammar of their type and says the first error of\n"
                           "each as file:line:column. TYPE is scp (default), rcp, identity, boundary, session, resource,\n"
                           "trust or endpoint. --legacy takes the SCP language before September 2025.\n"
                           "\n"
                           "example: orgsim check --type scp deny-leave.json\n";

#define POLICY_BYTES_MAX ((size_t)256 << 20)

int cli_check(int argc, char **argv)
{
    static const str     names[] = { { "scp", 3 },     { "rcp", 3 },      { "identity", 8 }, { "boundary", 8 },
                                     { "session", 7 }, { "resource", 8 }, { "trust", 5 },    { "endpoint", 8 } };
    policy_parse_options options = { .type = POLICY_SCP };
    int                  files = 0, code = EXIT_OK;
    for (int i = 0; i < argc; i++) {
        if (str_is(str_of(argv[i]), "--help")) return fputs(help, stdout) < 0 ? EXIT_INTERNAL : EXIT_OK;
        if (str_is(str_of(argv[i]), "--legacy")) {
            options.dialect = DIALECT_SCP_LEGACY;
            continue;
        }
        if (str_is(str_of(argv[i]), "--type")) {
            size_t t = 0;
            if (++i == argc) return cli_usage("check ", "`--type` without a type");
            while (t < COUNTOF(names) && !str_is(names[t], argv[i])) t++;
            if (t == COUNTOF(names)) return cli_usage("check ", "unknown type `%s`", argv[i]);
            options.type = (policy_type)t;
            continue;
        }
        if (argv[i][0] == '-' && argv[i][1] != '\0') return cli_usage("check ", "unknown argument `%s`", argv[i]);
        files++;
        arena   a;
        source  in;
        policy *p = NULL;
        err     e = { 0 };
        arena_init(&a, MEMORY_POLICY);
        status s = file_read(&a, argv[i], POLICY_BYTES_MAX, &in, &e);
        if (s == STATUS_OK) s = policy_parse(&a, &in, options, &p, &e);
        if (s == STATUS_OK)
            (void)printf("%s: ok, %u statements, %u characters (%u without white space)\n", argv[i], p->statement_count,
                         p->characters, p->characters_minified);
        else
            code = cli_fail(&e);
        arena_deinit(&a);
    }
    return files == 0 ? cli_usage("check ", "no file given") : code;
}
