/* principal.h - who asks, and how far a statement's Principal or NotPrincipal reaches them, as the core sees it. The
 * oracle has its own.
 *
 * Source  IAM User Guide, "Principal", "NotPrincipal"; the tables of spec 1.7 and 4.2. A name with a wildcard in it, or
 *         the unique id of a deleted principal (`AIDA…`, `AROA…`), matches nobody; `*` alone is everyone. Names of
 *         roles and users compare without regard to case, sessions' names with.
 * Memory  views into the text given.
 */
#ifndef POLICY_PRINCIPAL_H
#define POLICY_PRINCIPAL_H

#include "policy/request.h"

typedef enum {
    CALLER_ANONYMOUS,
    CALLER_SERVICE,        /* `cloudtrail.amazonaws.com`, `….amazonaws.com.cn`                                 */
    CALLER_ROOT,           /* `arn:aws:iam::111122223333:root`                                                 */
    CALLER_USER,           /* `…:user/path/Name`                                                               */
    CALLER_ROLE,           /* `…:role/path/Name`: some session of it                                           */
    CALLER_SESSION,        /* `arn:aws:sts::…:assumed-role/Name/Session`                                       */
    CALLER_FEDERATED_USER, /* `arn:aws:sts::…:federated-user/Name`                                             */
    CALLER_PROVIDER /* `…:saml-provider/…`, `…:oidc-provider/…`, `accounts.google.com`: who federates in is no principal
                     * yet. Any other text that is no ARN, too: without a dot it is a canonical user's id          */
} caller_kind;

typedef struct {
    caller_kind kind;
    str         arn;
    str         account; /* 12 digits; empty without */
    str         name;    /* of user or role, its path left out; of a session: the role's */
    str         session; /* of CALLER_SESSION */
    bool        service_linked;
} caller;

caller             caller_read(str principal);
static inline bool caller_in_account(const caller *who) /* a principal of some account */
{
    return who->kind >= CALLER_ROOT && who->kind <= CALLER_FEDERATED_USER;
}

/* Ordered: of several that reach, the strongest counts. */
typedef enum {
    REACH_NONE,
    REACH_ACCOUNT, /* by the account: in the same account it delegates to identity policies and grants nothing */
    REACH_CAPPED, /* by the role of a session, or the user of a federated one: boundary and session policies cap it   */
    REACH_DIRECT, /* by `*`, its own ARN, the service's name: no implicit deny in the caller's account takes it back */
} principal_reach;

/* Of a statement without Principal: REACH_DIRECT (the layer has none). has_boundary: whether one is attached to the
 * caller, which a NotPrincipal with Deny then always reaches. user: of a federated session, the user's ARN if known. */
principal_reach principal_reaches(const policy_statement *s, const caller *who, bool has_boundary);

#endif
