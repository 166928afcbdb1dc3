/* oracle_principal.h - who asks and whom a statement names, as the oracle sees it; private to the room.
 *
 * Shares the words of policy/principal.h and nothing else of it.
 * Source  IAM User Guide, "AWS JSON policy elements: Principal", "NotPrincipal"; spec 1.7 and 4.2.
 * Memory  views into the text given.
 */
#ifndef ORACLE_ORACLE_PRINCIPAL_H
#define ORACLE_ORACLE_PRINCIPAL_H

#include "policy/principal.h"

/* The part of an ARN by number, from 0; the sixth holds the rest. Empty when there is none. */
str oracle_arn_part(str arn, uint32_t part);

caller oracle_caller(str principal);
bool   oracle_in_account(const caller *who); /* has policies of its own: no service, anonymous caller or provider */

/* How far the statement's Principal or NotPrincipal reaches the caller. A policy on a resource has to name somebody;
 * in the other layers a statement with neither element is for everyone (REACH_DIRECT). */
principal_reach oracle_reach(const policy_statement *s, const caller *who, bool has_boundary, bool on_resource);

#endif
