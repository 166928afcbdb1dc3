/* fuzz.h - what the fuzz entries share. An entry is tests/fuzz/fuzz_<entry>.c with LLVMFuzzerTestOneInput.
 *
 * Under the preset `fuzz` libFuzzer calls it; everywhere else replay.c does, with the seeds of tests/fuzz/seeds/<entry>
 * and what was ever found, tests/fuzz/findings/<entry>.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "policy/catalog.h"
#include "policy/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

_Noreturn void fuzz_wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

const catalog *fuzz_catalog(void);

/* Wrong unless a refusal has a code and one line of text that names the input. */
void fuzz_check_refusal(status code, const err *e);

/* Wrong unless the evaluator and the oracle give the same decision, layer and level. */
void fuzz_check_decision(arena *scratch, const policy_case *c);

#endif
