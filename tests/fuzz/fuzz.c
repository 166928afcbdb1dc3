#include "fuzz/fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "authz/case.h"
#include "oracle/oracle.h"
#include "workloads/data.h"

void fuzz_wrong(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
    abort();
}

/* Loaded once: it costs more than any input. */
const catalog *fuzz_catalog(void)
{
    static arena    run;
    static catalog *facts;
    err             e = {0};
    if (facts != NULL) return facts;
    arena_init(&run, MEMORY_GENERAL);
    if (data_catalog(&run, &facts, &e) != STATUS_OK) fuzz_wrong("%s", e.text);
    return facts;
}

void fuzz_check_refusal(status code, const err *e)
{
    if (code == STATUS_OK) return;
    if (e->code != code) fuzz_wrong("refused with code %d, the error says %d", (int)code, (int)e->code);
    if (strncmp(e->text, "fuzz:", 5) != 0) fuzz_wrong("a refusal without a place: `%s`", e->text);
    for (const char *c = e->text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) fuzz_wrong("a refusal with a control character: `%s`", e->text);
}

void fuzz_check_decision(arena *scratch, const policy_case *c)
{
    decision fast = authz_decide_case(scratch, c, fuzz_catalog()), slow = oracle_decide(c, fuzz_catalog());
    if (!decision_equal(fast, slow))
        fuzz_wrong("`%.*s` on `%.*s`: %s by %s %d, the oracle says %s by %s %d", STR_FMT(c->request.action),
                   STR_FMT(c->request.resource), decision_name(fast.kind), layer_name(fast.layer), fast.level,
                   decision_name(slow.kind), layer_name(slow.layer), slow.level);
}
