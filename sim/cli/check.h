/* check.h - what the files of `orgsim check` share. */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "cli/check_output.h"
#include "control/quota.h"

typedef struct {
    catalog      *facts;
    quota_profile quotas;
    bool          quotas_given, legacy, minified;
    const bool   *off; /* [LINT_CODE_COUNT] */
    check_output  out;
    int           code; /* exit code of what could not be read */
} checker;

uint32_t      check_characters_max(const checker *c, policy_type type); /* 0: none */
const policy *check_part(const checker *c, arena *a, const source *in, size_t begin, size_t end, policy_type type,
                         lint_report *out);
/* The scenario by its own reader, then its policies and where they are attached. An error is one of the reader: as text
 * it is the caller's to print; in the other formats it is a finding too, beside those of the policies. */
status check_scenario(checker *c, arena *a, const source *in, str path, err *e);

#endif
