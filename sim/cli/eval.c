#include <stdio.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/eval_rows.h"
#include "cli/terminal.h"
#include "engine/transport.h"
#include "workloads/data.h"

static const char text[] = "Decides authorization cases: one line of JSON out for each case in, in the order\n"
                           "of the input. FILE is a path (gzip is fine) or - for standard input; it holds\n"
                           "one JSON object a line, or one JSON array of them, of any length. A case:\n"
                           "\n"
                           "  {\"id\":\"a\",\n"
                           "   \"request\":{\"principal\":\"arn:aws:iam::111111111111:role/Dev\",\n"
                           "     \"action\":\"s3:GetObject\",\"resource\":\"arn:aws:s3:::b/k\",\n"
                           "     \"resource_account\":\"222222222222\",\n"
                           "     \"context\":{\"aws:TagKeys\":[\"team\"]},\"aws_managed_key\":false},\n"
                           "   \"policies\":{\n"
                           "     \"scps\":[[…root],[…OU],[…account]],  of the principal's account\n"
                           "     \"rcps\":[[…root],[…OU],[…account]],  of the resource's account\n"
                           "     \"identity\":[…],                     managed, inline, group policies\n"
                           "     \"resource\":{…},                     bucket, key, trust … policy\n"
                           "     \"permissions_boundary\":{…},\n"
                           "     \"session\":[…],\n"
                           "     \"vpc_endpoint\":{…}},\n"
                           "   \"management_account\":\"999999999999\"}\n"
                           "\n"
                           "`id` and `request` with its first four members are required; what is absent or\n"
                           "null is none. Blank lines and members of other names are passed over; a file of\n"
                           "nothing but white space is bad input, `[]` is none. Policies are read as they\n"
                           "are found, with --strict by the grammar of their type, as AWS takes them: the\n"
                           "first bad case then ends the answers, and its error is the one line printed\n"
                           "(exit code 2). `orgsim check` lists all that AWS would refuse. Answers:\n"
                           "\n"
                           "  {\"id\":\"a\",\"decision\":\"Allowed\"}  or ImplicitlyDenied, ExplicitlyDenied\n"
                           "  {\"id\":\"b\",\"error\":\"cases.jsonl:2:17: what is wrong with it\"}\n"
                           "\n"
                           "With --diagnostics an answer has a member `diagnostics`, an array of strings,\n"
                           "where a value, a variable, a key or an operator could not be evaluated as it\n"
                           "was meant.\n"
                           "A case without a readable `id` is known by its line (of an array by its index,\n"
                           "from 0). Errors do not stop the others. What is wrong with the input and with no\n"
                           "case ends the answers, which stay, and is the one line printed: damaged gzip, an\n"
                           "array with a comma too many or missing, without its end, with text behind it.\n"
                           "Exit code: 0 when all were decided, 1 when some were answered with an error, 2\n"
                           "for bad input, 130 when interrupted.\n";

static status decide(const char *path, eval_options *o, eval_totals *totals, err *e)
{
    arena          run;
    catalog       *facts = NULL;
    record_reader *in = NULL;
    arena_init(&run, MEMORY_GENERAL);
    status s = data_catalog(&run, &facts, e);
    if (s == STATUS_OK) s = record_reader_open(path, &in, e);
    if (s == STATUS_OK) {
        o->answers.facts = facts;
        s = eval_rows(in, o, totals, e);
    }
    if (s == STATUS_OK && totals->answered == 0 && totals->write_error == 0 && !record_reader_is_array(in))
        s = err_set(e, STATUS_INVALID, "`%.*s` %s, expected cases, one JSON object a line",
                    STR_FMT(record_reader_name(in)),
                    record_reader_bytes(in) == 0 ? "is empty" : "holds nothing but white space");
    record_reader_close(in);
    arena_deinit(&run);
    return s;
}

static int run(const char *path, eval_options *o)
{
    err         e = {.code = STATUS_OK};
    eval_totals totals = {0};
    o->stop = interrupt_catch();
    status s = decide(path, o, &totals, &e);
    if (totals.write_error != 0) return cli_unwritten(totals.write_error);
    if (s != STATUS_OK) return cli_fail(&e);
    return totals.failed > 0 ? EXIT_FAILED : EXIT_OK;
}

int cli_eval(int argc, char **argv)
{
    long         online = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t     threads = online > 0 ? (uint64_t)online : 1;
    str          file = {0};
    eval_options o = {0};
    const flag   flags[] = {
          {"cases", "FILE", FLAG_TEXT, &file, "the cases; - is standard input", NULL},
          {"threads", "N", FLAG_COUNT, &threads, "default: one per processor", NULL},
          {"strict", NULL, FLAG_BOOL, &o.stop_at_error, "stop at a bad case, an unknown member or a lax policy", NULL},
          {"derive", NULL, FLAG_BOOL, &o.answers.derive, "add context keys that follow from the request", NULL},
          {"diagnostics", NULL, FLAG_BOOL, &o.answers.diagnostics, "say what could not be evaluated", NULL},
          {"oracle", NULL, FLAG_BOOL, &o.answers.oracle, "decide by the slow specification, to compare", NULL},
    };
    const command c = {"eval",         "", text, "orgsim eval --cases tests/cases/evaluation/scp.jsonl", flags,
                       COUNTOF(flags), 0,  0};
    int           code = arguments_read(&c, argc, argv, NULL, NULL);
    if (code >= 0) return code;
    if (file.ptr == NULL) return cli_usage("eval", "no `--cases FILE`");
    if (threads == 0 || threads > TRANSPORT_THREADS_MAX)
        return cli_usage("eval", "`--threads` is %llu, expected 1 to %d", (unsigned long long)threads,
                         TRANSPORT_THREADS_MAX);
    o.threads = (uint32_t)threads;
    o.answers.strict = o.stop_at_error;
    return run(file.ptr, &o);
}
