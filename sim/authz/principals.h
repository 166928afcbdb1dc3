/* principals.h - inside this room: whom the Principal of a statement reaches, as an atom over the principal slot.
 *
 * `<account>` in a Principal value is the account that has the resource. Whether that is the caller's own account is
 * known before the statement is asked, so there are two atoms and none of them looks at the owner.
 */
#ifndef AUTHZ_PRINCIPALS_H
#define AUTHZ_PRINCIPALS_H

#include "authz/atoms.h"
#include "policy/principal.h"

typedef enum { CALLER_OF_SAME_ACCOUNT, CALLER_OF_OTHER_ACCOUNT, CALLER_RELATION_COUNT } caller_relation;

/* The caller is reached, `reach` at least. */
uint32_t atom_of_principal(atom_table *t, const policy *p, const policy_statement *s, caller_relation relation,
                           principal_reach reach);

#endif
