/* fuzz_check.c - whatever bytes come to be checked: findings have a place inside the text and one line of words, come
 * in order, and a text with an error is one that strict parsing refuses, and the other way round. */
#include "fuzz/fuzz.h"
#include "policy/lint.h"

static void check_finding(const source *in, const lint_finding *f)
{
    size_t line, column;
    place_line_column((place){in, f->at}, &line, &column);
    if (f->at > in->text.len || f->line != line || f->column != column)
        fuzz_wrong("ORG%u at %zu, %zu:%zu, expected %zu:%zu", lint_rule_of(f->code)->number, f->at, f->line, f->column,
                   line, column);
    if (f->text.len == 0) fuzz_wrong("ORG%u without text", lint_rule_of(f->code)->number);
    for (size_t i = 0; i < f->text.len; i++)
        if ((unsigned char)f->text.ptr[i] < 0x20 || f->text.ptr[i] == 0x7f)
            fuzz_wrong("ORG%u with a control character", lint_rule_of(f->code)->number);
}

static void check_as(arena scratch, const source *in, lint_options options)
{
    lint_report   found = {0};
    bool          errors = false;
    policy       *strict = NULL;
    const policy *p = lint_policy(&scratch, in, 0, in->text.len, options, fuzz_catalog(), &found);
    for (size_t i = 0; i < found.count; i++) {
        check_finding(in, &found.items[i]);
        if (i > 0 && found.items[i].at < found.items[i - 1].at) fuzz_wrong("finding %zu out of order", i);
        errors = errors || lint_rule_of(found.items[i].code)->severity == LINT_SEVERITY_ERROR;
    }
    if (found.count > LINT_FINDINGS_MAX + 2 || (found.dropped > 0 && found.count <= LINT_FINDINGS_MAX))
        fuzz_wrong("%zu findings, %llu dropped", found.count, (unsigned long long)found.dropped);
    policy_parse_options plain = {.type = options.type, .dialect = options.dialect};
    bool                 refused = policy_parse(&scratch, in, plain, &strict, NULL) != STATUS_OK;
    if (refused != errors) fuzz_wrong("type %d: refused %d, errors %d", (int)options.type, refused, errors);
    if (!refused && p == NULL) fuzz_wrong("type %d: taken, and no policy", (int)options.type);
    if (!refused && p->statement_count != strict->statement_count) fuzz_wrong("statements are lost");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    arena a;
    arena_init(&a, MEMORY_POLICY);
    source in = {.name = STR("fuzz"), .text = {(const char *)bytes, size}};
    for (int type = 0; type < POLICY_TYPE_COUNT; type++) {
        lint_options options = {.type = (policy_type)type};
        check_as(a, &in, options);
        options.dialect = DIALECT_SCP_LEGACY;
        if (type == POLICY_SCP) check_as(a, &in, options);
    }
    arena_deinit(&a);
    return 0;
}
