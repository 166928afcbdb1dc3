/* case_compare.h - the evaluator of cases against the oracle, and what is left of a case on which they differ. */
#ifndef SUPPORT_CASE_COMPARE_H
#define SUPPORT_CASE_COMPARE_H

#include "policy/catalog.h"
#include "policy/request.h"

/* What differs first: "decision", or a field of the explanations; null: nothing. Temporaries go to scratch. */
const char *case_decision_difference(arena scratch, const policy_case *c, const catalog *facts);
const char *case_explanation_difference(arena scratch, const policy_case *c, const catalog *facts);
/* Either of them, as a shrink_test; facts: the catalogue. */
bool case_differs(void *facts, const policy_case *c);
/* The case made small, as one row with the oracle's decision as the expected one; read again, it still differs. */
str case_difference(arena *a, const policy_case *c, const catalog *facts, policy_case *small);
/* Fails the test: the row goes to FILE in the working directory, ready for tests/cases, and to standard error. */
void case_fail(const policy_case *c, const catalog *facts, const char *file, uint64_t number);

#endif
