/* derive.h - context keys that follow from the request itself and from the organization, as the core fills them in. The
 * oracle derives on its own.
 *
 * Source  spec 3.2, columns "Auto" and "Presence rule"; AWS global condition context keys.
 * Rule    a key that the request carries already is left as it is. Always: aws:PrincipalAccount (`anonymous` for
 *         unsigned requests), aws:PrincipalIsAWSService, aws:ViaAWSService (true where aws:CalledVia is there),
 *         aws:RequestedRegion (of the resource's ARN, else us-east-1). Where they apply: aws:PrincipalArn (of a session
 *         the role's, without its path), aws:PrincipalType, aws:username, aws:userid (the root user's),
 *         aws:PrincipalServiceName, aws:ResourceAccount, aws:TagKeys (of aws:RequestTag/…), aws:CalledViaFirst and
 *         aws:CalledViaLast. From the organization: aws:PrincipalOrgID, aws:PrincipalOrgPaths, aws:ResourceOrgID,
 *         aws:ResourceOrgPaths. From the time: aws:CurrentTime, aws:EpochTime.
 */
#ifndef POLICY_DERIVE_H
#define POLICY_DERIVE_H

#include "policy/request.h"

typedef struct {      /* of an account; ptr null: in no organization that is known */
    str organization; /* `o-exampleorg1`                        */
    str path;         /* `o-exampleorg1/r-ab12/ou-ab12-x/`      */
} derive_place;

#define DERIVE_NO_TIME INT64_MIN
typedef struct {
    derive_place principal, resource;
    int64_t      unix_seconds; /* or DERIVE_NO_TIME */
} derive_facts;

/* q->context is replaced by a longer one in `a`; what was there stands first. */
void request_derive(arena *a, request *q, const derive_facts *facts);

#endif
