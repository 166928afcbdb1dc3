#include "cli/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/terminal.h"

static const char text[] = "Says why a request is decided as it is: every layer and level, the policy and\n"
                           "statement that decided, and the smallest changes that would turn it. The\n"
                           "request is\n"
                           "\n"
                           "  a case of a file     --cases FILE [--line N | --id ID], as `orgsim eval` reads\n"
                           "  one of a scenario    SCENARIO --request N [--cell C]\n"
                           "  a question in words  SCENARIO --account Shop --action s3:GetObject, with\n"
                           "                       --resource, --role or --principal, --context key=value\n"
                           "\n"
                           "Of a scenario it is asked at a time (--at 15s, default: the beginning); each\n"
                           "change is then tried on the organization, and the scenario's requests that it\n"
                           "turns too are counted. Sentences count statements from 1; in JSON what ends\n"
                           "in _index counts from 0.\n";

#define COLUMNS_MIN  20u
#define COLUMNS_MAX  400u
#define REQUESTS_MAX 100000000u

static void print(arena *a, const explain_flags *f, const explain_answer *answer)
{
    bool     terminal = isatty(STDOUT_FILENO) != 0;
    uint32_t columns = f->columns > 0 ? (uint32_t)f->columns : terminal_columns();
    str      out;
    if (columns < COLUMNS_MIN) columns = COLUMNS_MIN;
    if (f->json)
        out = explain_json(a, answer);
    else
        out = f->one_line ? explain_line(a, answer) : explain_text(a, answer, columns, terminal);
    (void)fwrite(out.ptr, 1, out.len, stdout);
}

static int explain(arena *a, const explain_flags *f)
{
    question    q = {0};
    explanation x;
    remedy_list fixes = {.complete = true};
    err         e = {0};
    if (question_open(a, f, &q, &e) != STATUS_OK) {
        question_close(&q);
        return cli_fail(&e);
    }
    authz_explain_case(a, &q.c, q.facts, &x);
    if (!f->no_fixes) authz_remedies(a, &q.c, &x, q.facts, q.view, &fixes);
    blast_radius *blast = ARENA_NEW(a, blast_radius, REMEDY_MAX);
    explain_blast(a, &q, &fixes, f->requests, blast);
    explain_order(&x, &fixes, blast);
    diagnostic    *notes = NULL;
    uint32_t       note_count = authz_diagnose_case(a, &q.c, q.facts, &notes);
    request_key   *carried = NULL;
    uint32_t       carried_count = f->no_fixes ? 0 : authz_remedy_context(a, &q.c, q.facts, &carried);
    decision      *obstacles = NULL;
    uint32_t       obstacle_count = authz_explain_obstacles(a, &x, &obstacles);
    explain_answer answer = {.q = &q,
                             .x = &x,
                             .fixes = f->no_fixes ? NULL : &fixes,
                             .blast = blast,
                             .notes = notes,
                             .note_count = note_count,
                             .obstacles = obstacles,
                             .obstacle_count = obstacle_count,
                             .carried = carried,
                             .carried_count = carried_count,
                             .all = f->all};
    print(a, f, &answer);
    question_close(&q);
    return cli_finish(EXIT_OK);
}

/* What does not go together. */
static int check(const explain_flags *f)
{
    bool in_words = f->action.ptr != NULL || f->account.ptr != NULL || f->principal.ptr != NULL ||
                    f->role.ptr != NULL || f->resource.ptr != NULL || f->owner.ptr != NULL || f->context.count > 0;
    if (f->cases.ptr == NULL && f->scenario.ptr == NULL)
        return cli_usage("explain", "nothing to explain: no SCENARIO and no `--cases FILE`");
    if (f->cases.ptr != NULL && f->scenario.ptr != NULL)
        return cli_usage("explain", "both a scenario and `--cases` given, expected one of them");
    if (f->cases.ptr != NULL && (in_words || f->request_given || f->at.ptr != NULL))
        return cli_usage("explain", "`--cases` takes `--line` or `--id` only");
    if (f->scenario.ptr != NULL && (f->line_given || f->id.ptr != NULL))
        return cli_usage("explain", "`--line` and `--id` belong to `--cases`");
    if (f->line_given && f->id.ptr != NULL) return cli_usage("explain", "both `--line` and `--id` given");
    if (f->request_given && in_words) return cli_usage("explain", "`--request` already says who asks what");
    if (f->cell > 0 && !f->request_given) return cli_usage("explain", "`--cell` belongs to `--request`");
    if (f->role.ptr != NULL && f->principal.ptr != NULL)
        return cli_usage("explain", "both `--role` and `--principal` given");
    if (f->requests == 0 || f->requests > REQUESTS_MAX)
        return cli_usage("explain", "`--requests` is %" PRIu64 ", expected 1 to %u", f->requests, REQUESTS_MAX);
    if (f->columns > COLUMNS_MAX) return cli_usage("explain", "`--columns` is above %u", COLUMNS_MAX);
    if (f->json && f->one_line) return cli_usage("explain", "both `--json` and `--one-line` given");
    return -1;
}

int cli_explain(int argc, char **argv)
{
    explain_flags f = {.requests = 100000};
    const flag    flags[] = {
           {"cases", "FILE", FLAG_TEXT, &f.cases, "a file of cases; - is standard input", NULL},
           {"line", "N", FLAG_COUNT, &f.line, "the case at that line (default: the first)", &f.line_given},
           {"id", "ID", FLAG_TEXT, &f.id, "the case with that id", NULL},
           {"request", "N", FLAG_COUNT, &f.request, "a request of the scenario, counted from 0", &f.request_given},
           {"cell", "C", FLAG_COUNT, &f.cell, "… of that cell (default 0)", NULL},
           {"at", "TIME", FLAG_TEXT, &f.at, "the organization as it is then", NULL},
           {"account", "ID|NAME", FLAG_TEXT, &f.account, "whose principal asks", NULL},
           {"action", "ACTION", FLAG_TEXT, &f.action, "what for: service:Action", NULL},
           {"resource", "ARN", FLAG_TEXT, &f.resource, "on what (default: an example, or *)", NULL},
           {"resource-account", "ID|NAME", FLAG_TEXT, &f.owner, "whose it is (default: as its ARN says)", NULL},
           {"resource-policy", "FILE", FLAG_TEXT, &f.resource_policy, "its bucket, key, queue or trust policy", NULL},
           {"role", "NAME", FLAG_TEXT, &f.role, "of the scenario (default Administrator)", NULL},
           {"principal", "ARN", FLAG_TEXT, &f.principal, "instead of account and role", NULL},
           {"context", "KEY=VALUE", FLAG_TEXTS, &f.context, "a condition key; may be repeated", NULL},
           {"requests", "N", FLAG_COUNT, &f.requests, "that a change is tried on (default 100000)", NULL},
           {"no-fixes", NULL, FLAG_BOOL, &f.no_fixes, "no changes that would turn it", NULL},
           {"all", NULL, FLAG_BOOL, &f.all, "every statement, not those that decided alone", NULL},
           {"one-line", NULL, FLAG_BOOL, &f.one_line, "decision, reason and smallest change on a line", NULL},
           {"json", NULL, FLAG_BOOL, &f.json, "everything as one JSON object", NULL},
           {"columns", "N", FLAG_COUNT, &f.columns, "width (default: the terminal's, else 80)", NULL},
    };
    const command c = {
        "explain", "[SCENARIO]",   text, "orgsim explain five-accounts --account Shop --action s3:DeleteObject",
        flags,     COUNTOF(flags), 0,    1};
    int code = arguments_read(&c, argc, argv, &f.scenario, NULL);
    if (code >= 0) return code;
    code = check(&f);
    if (code >= 0) return code;
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    code = explain(&a, &f);
    arena_deinit(&a);
    return code;
}
