/* export.h - an organization and its requests as files that this program (and others) can read.
 *
 * Organization  the value of `organization.inline` in a scenario: ids, tree, accounts, policies, attachments. Entities
 *               that were deleted or removed are left out; the full-access policies are implied on every target while
 *               their type is enabled, and `detached` lists where they are not.
 * Requests      case rows as JSON Lines (`orgsim eval --cases`): the request at GENERATE_TIME_S, and the policies of
 *               every layer that it meets: SCPs and RCPs level by level, identity policies, boundary, session policies,
 *               those of resource and endpoint; the management account. Policies stand as they were written, with their
 *               holes filled; those attached to many are repeated in each row, so that a row stands alone. A call that
 *               names several resources is a row for each, `CELL-N.PART`, and allowed where all of them are.
 * Output        goes to the stream in one pass; errors of the stream are the caller's to look for (file_writer_commit).
 */
#ifndef WORKLOADS_EXPORT_H
#define WORKLOADS_EXPORT_H

#include <stdio.h>

#include "workloads/generate.h"

void export_organization(const org_view *v, FILE *out);
/* The first `count` requests of a mix, cell after cell in turn; fewer when *stop (may be null) becomes set, or the
 * stream fails. */
void export_requests(const generate_requests *g, uint32_t mix, uint64_t count, const volatile int *stop, FILE *out);

#endif
