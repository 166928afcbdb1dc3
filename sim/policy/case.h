/* case.h - one row of a case file: a request and every policy that applies to it, as JSON.
 *
 * Members  `id`, `request` {principal action resource resource_account context}, `policies` {scps identity …},
 *          `management_account`; others are ignored. Policies are read leniently. An absent, null or empty `scps`
 *          means that no SCPs apply; a level that is `[]` allows nothing.
 * Layers   other policies that are present and not empty are named in `unsupported`, never ignored.
 * Errors   out->id is set as soon as it was read, so that the answer to a bad row can name it.
 */
#ifndef POLICY_CASE_H
#define POLICY_CASE_H

#include "policy/derive.h"

/* Reads in->text[begin, end); everything lives in `a`, views in the text. */
status case_read(arena *a, const source *in, size_t begin, size_t end, policy_case *out, err *e);

#endif
