#include <stdio.h>

#include "base/file.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "policy/parse.h"

static const char text[] = "Checks policy documents against the strict grammar of their type and says the first\n"
                           "error of each as file:line:column. TYPE is scp (default), rcp, identity, boundary,\n"
                           "session, resource, trust or endpoint.\n";

#define POLICY_BYTES_MAX ((size_t)256 << 20)

static int check_policy(const char *path, policy_parse_options options)
{
    arena   a;
    source  in;
    policy *p = NULL;
    err     e = {0};
    arena_init(&a, MEMORY_POLICY);
    status s = file_read(&a, path, POLICY_BYTES_MAX, &in, &e);
    if (s == STATUS_OK) s = policy_parse(&a, &in, options, &p, &e);
    if (s == STATUS_OK)
        (void)printf("%s: ok, %u statements, %u characters (%u without white space)\n", path, p->statement_count,
                     p->characters, p->characters_minified);
    int code = s == STATUS_OK ? EXIT_OK : cli_fail(&e);
    arena_deinit(&a);
    return code;
}

int cli_check(int argc, char **argv)
{
    static const char *const names[] = {"scp",     "rcp",      "identity", "boundary",
                                        "session", "resource", "trust",    "endpoint"};
    policy_parse_options     options = {.type = POLICY_SCP};
    str                      type = STR("scp"), files[1024];
    uint32_t                 file_count = 0;
    bool                     legacy = false;
    const flag               flags[] = {
                      {"type", "TYPE", FLAG_TEXT, &type, "the policies' type", NULL},
                      {"legacy", NULL, FLAG_BOOL, &legacy, "take the SCP language before September 2025", NULL},
    };
    const command c = {"check", "FILE...",      text, "orgsim check --type scp deny-leave.json",
                       flags,   COUNTOF(flags), 1,    COUNTOF(files)};
    int           code = arguments_read(&c, argc, argv, files, &file_count);
    if (code >= 0) return code;
    size_t t = 0;
    while (t < COUNTOF(names) && !str_is(type, names[t])) t++;
    if (t == COUNTOF(names)) return cli_usage("check", "unknown type `%.*s`", STR_FMT(type));
    options.type = (policy_type)t;
    if (legacy) options.dialect = DIALECT_SCP_LEGACY;
    code = EXIT_OK;
    for (uint32_t i = 0; i < file_count; i++) {
        int one = check_policy(files[i].ptr, options);
        if (one > code) code = one;
    }
    return cli_finish(code);
}
