/* fuzz_case.c - whatever bytes come as a row of a case file: it is refused in one line, or both evaluators decide it
 * alike. A table of policies changes nothing: neither when it sees a policy first, nor when it knows it, nor what other
 * inputs left in it. */
#include "authz/case.h"
#include "fuzz/fuzz.h"
#include "policy/case.h"

#define TABLE_BYTES ((size_t)1 << 20) /* small, so that policies go, too */

static void check_with(arena *a, const source *in, policy_table *table, status want, const err *why, decision decided)
{
    policy_case c;
    err         e = {0};
    status      code = case_read_as(a, in, 0, in->text.len, (case_options){.table = table}, &c, &e);
    if (code != want || strcmp(e.text, why->text) != 0)
        fuzz_wrong("with a table `%s`, without `%s`", e.text, why->text);
    if (code != STATUS_OK) return;
    decision d = authz_decide_case(a, &c, fuzz_catalog());
    if (!decision_equal(d, decided))
        fuzz_wrong("with a table %s by %s %d, without %s by %s %d", decision_name(d.kind), layer_name(d.layer), d.level,
                   decision_name(decided.kind), layer_name(decided.layer), decided.level);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static policy_table *table;
    if (table == NULL) table = policy_table_new(TABLE_BYTES);
    arena a;
    arena_init(&a, MEMORY_POLICY);
    source      in = {.name = STR("fuzz"), .text = {(const char *)bytes, size}};
    policy_case c;
    decision    decided = {0, 0, 0};
    err         e = {0};
    status      code = case_read(&a, &in, 0, size, &c, &e);
    fuzz_check_refusal(code, &e);
    if (code == STATUS_OK) {
        fuzz_check_decision(&a, &c);
        decided = authz_decide_case(&a, &c, fuzz_catalog());
    }
    for (int again = 0; again < 2; again++) check_with(&a, &in, table, code, &e, decided);
    policy_table_trim(table);
    arena_deinit(&a);
    return 0;
}
