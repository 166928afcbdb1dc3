/* fuzz_case.c - whatever bytes come as a row of a case file: it is refused in one line, or both evaluators decide it
 * alike. */
#include "fuzz/fuzz.h"
#include "policy/case.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    arena a;
    arena_init(&a, MEMORY_POLICY);
    source      in = {.name = STR("fuzz"), .text = {(const char *)bytes, size}};
    policy_case c;
    err         e = {0};
    status      code = case_read(&a, &in, 0, size, &c, &e);
    fuzz_check_refusal(code, &e);
    if (code == STATUS_OK && c.unsupported == NULL) fuzz_check_decision(&a, &c);
    arena_deinit(&a);
    return 0;
}
