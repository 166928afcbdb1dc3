/* case.h - one row of a case file: a request and every policy that applies to it, as JSON.
 *
 * Members  `id`, `request` {principal action resource resource_account context aws_managed_key}, `policies` {scps rcps
 *          identity resource permissions_boundary session vpc_endpoint}, `management_account`; others are ignored.
 *          Policies are read leniently unless `strict`. What is absent or null is none, and so are an empty `scps`,
 *          `rcps`, `identity` and `session`; but a level that is `[]` allows nothing. A lone document counts as an
 *          array of one where an array is due. Our own: `aws_managed_key` is true where the resource is a KMS key that
 *          AWS manages.
 * Texts    `principal` is an ARN (of iam and sts with an account of 12 digits), the name of a service or a federation
 *          provider, which has a dot, or `anonymous`; `action` is `service:Name`, `resource` an ARN or `*`; an account
 *          has 12 digits.
 * Errors   out->id is set as soon as it was read, so that the answer to a bad row can name it.
 */
#ifndef POLICY_CASE_H
#define POLICY_CASE_H

#include "policy/derive.h"
#include "policy/policy_table.h"

/* Reads in->text[begin, end); everything lives in `a`, views in the text. */
typedef struct {
    policy_table *table; /* null: every policy is parsed; else what it keeps is the table's, until it is trimmed */
    /* Unknown members are refused, and policies that the strict grammar of their type does not take: the policy of a
     * role is a trust policy; RCPFullAWSAccess, which no customer could write, may stand among RCPs. */
    bool strict;
} case_options;
status case_read_as(arena *a, const source *in, size_t begin, size_t end, case_options options, policy_case *out,
                    err *e);

status case_read(arena *a, const source *in, size_t begin, size_t end, policy_case *out, err *e);

#endif
