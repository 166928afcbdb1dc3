/* org_lint.h - what is without effect where policies are attached: lints that need more than one policy.
 *
 * Each policy and code is reported once, with its first target in order (root, OUs, accounts) and the number of further
 * ones. Cost: linear in attachments, but for comparing statements, which stops at LINT_WORK_MAX with a note.
 * Source: spec "Inheritance of SCPs and RCPs": every level must allow, Allows of one level add up, a Deny holds below.
 */
#ifndef AUTHZ_ORG_LINT_H
#define AUTHZ_ORG_LINT_H

#include "org/org.h"
#include "policy/lint.h"

typedef struct {
    lint_code               code;
    org_target              target;    /* the first one; the root where the finding is about none */
    uint32_t                policy;    /* ORG_NONE: about the target alone                        */
    const policy_statement *statement; /* null: about the whole policy                            */
    uint32_t                more;      /* further targets                                         */
    str                     text;      /* without them                                            */
} org_finding;

typedef struct {
    uint32_t    scps_per_target, rcps_per_target;
    str         quotas;  /* name of the profile                                        */
    bool        changes; /* attachments will change: unattached policies are no finding */
    const bool *off;     /* [LINT_CODE_COUNT]; may be null                              */
    const str  *aliases; /* [policy]: what the user's file calls it; ptr null: nothing. May be null */
} org_lint_options;

typedef struct {
    org_finding *items;
    size_t       count, capacity;
} org_lint_report;

void org_lint(arena *a, const org_view *v, org_lint_options options, org_lint_report *out);

#endif
