#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "policy/parse.h"
#include "workloads/scenario.h"

static const char text[] = "Checks policies against the strict grammar of their type, and scenarios, and\n"
                           "says the first error of each as file:line:column. Without --type a file whose\n"
                           "`schema` says so is a scenario, any other an SCP. TYPE is scp, rcp, identity,\n"
                           "boundary, session, resource, trust, endpoint or scenario.\n";

#define POLICY_BYTES_MAX ((size_t)256 << 20)

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

static status check_policy(arena *a, const source *in, policy_parse_options options, err *e)
{
    policy *p = NULL;
    TRY(policy_parse(a, in, options, &p, e));
    (void)printf("%.*s: ok, %u statements, %u characters (%u without white space)\n", STR_FMT(in->name),
                 p->statement_count, p->characters, p->characters_minified);
    return STATUS_OK;
}

static status check_scenario(arena *a, str path, err *e)
{
    scenario *s = NULL;
    TRY(scenario_read(a, path, (scenario_options){.check_only = true}, &s, e));
    const org_view *v = org_at(s->o, 0);
    (void)printf("%.*s: ok, scenario `%.*s`, %" PRIu32 " accounts, %" PRIu32 " OUs, %" PRIu32 " SCPs, %" PRIu32
                 " steps\n",
                 STR_FMT(path), STR_FMT(s->name), org_account_live(v), org_ou_live(v), org_policy_live(v, ORG_TYPE_SCP),
                 s->plan.step_count);
    scenario_free(s);
    return STATUS_OK;
}

static int check_file(str path, size_t type, policy_parse_options options)
{
    arena  a;
    source in;
    err    e = {0};
    arena_init(&a, MEMORY_POLICY);
    status s = file_read(&a, path.ptr, POLICY_BYTES_MAX, &in, &e);
    if (s == STATUS_OK)
        s = type == TYPE_SCENARIO || (type == TYPE_BY_SCHEMA && says_scenario(a, &in))
                ? check_scenario(&a, path, &e)
                : check_policy(&a, &in, options, &e);
    int code = s == STATUS_OK ? EXIT_OK : cli_fail(&e);
    arena_deinit(&a);
    return code;
}

int cli_check(int argc, char **argv)
{
    policy_parse_options options = {.type = POLICY_SCP};
    str                  type = {0}, files[1024];
    uint32_t             file_count = 0;
    bool                 legacy = false;
    const flag           flags[] = {
                  {"type", "TYPE", FLAG_TEXT, &type, "what the files are", NULL},
                  {"legacy", NULL, FLAG_BOOL, &legacy, "take the SCP language before September 2025", NULL},
    };
    const command c = {"check", "FILE...",      text, "orgsim check tests/cases/permit.json",
                       flags,   COUNTOF(flags), 1,    COUNTOF(files)};
    int           code = arguments_read(&c, argc, argv, files, &file_count);
    if (code >= 0) return code;
    size_t t = type.ptr == NULL ? TYPE_BY_SCHEMA : 0;
    while (t < COUNTOF(type_names) && !str_is(type, type_names[t])) t++;
    if (t == COUNTOF(type_names) && type.ptr != NULL) return cli_usage("check", "unknown type `%.*s`", STR_FMT(type));
    if (t < TYPE_SCENARIO) options.type = (policy_type)t;
    if (legacy) options.dialect = DIALECT_SCP_LEGACY;
    code = EXIT_OK;
    for (uint32_t i = 0; i < file_count; i++) {
        int one = check_file(files[i], t, options);
        if (one > code) code = one;
    }
    return cli_finish(code);
}
