/* derive.h - context keys that follow from the request itself and from the organization, as the core fills them in. The
 * oracle derives on its own.
 *
 * Source  spec 3.2, columns "Auto" and "Presence rule"; AWS global condition context keys.
 * Rule    a key that the request carries already, whatever its case, is left as it is. A caller in an account is the
 *         root user, a user, a role, a session or a federated user.
 *   aws:PrincipalAccount         of callers in an account; `anonymous` of unsigned requests; no other has one
 *   aws:PrincipalArn             of callers in an account, as asked; of a session the role's, without its path
 *   aws:PrincipalType            `Account` of the root user, `User`, `AssumedRole` of roles and sessions,
 *                                `FederatedUser`, `Anonymous`; no other has one
 *   aws:username                 of users, without the path
 *   aws:userid                   of the root user: the account
 *   aws:PrincipalIsAWSService    always; `true` of services
 *   aws:PrincipalServiceName     of services
 *   aws:PrincipalOrgID           of callers in an account whose organization is known
 *   aws:PrincipalOrgPaths        likewise; an array of one
 *   aws:ResourceAccount          the request's, unless empty; never of actions of `ebs`, nor are the next two. The
 *                                guide says that some which accept what another account offers lack it as well, and
 *                                does not name them: those are not covered
 *   aws:ResourceOrgID            where the organization is known
 *   aws:ResourceOrgPaths         likewise; an array of one
 *   aws:RequestedRegion          of the resource's ARN; where it has none, or no ARN is asked for, the region that the
 *                                partition's global services are at home in: `us-east-1`, `cn-north-1` (aws-cn),
 *                                `us-gov-west-1` (aws-us-gov). Not of `s3`, which is regional though its ARNs do not
 *                                say where: the request says, or nobody
 *   aws:TagKeys                  of keys aws:RequestTag/…, where there are some: what follows the `/`, in their order
 *   aws:ViaAWSService            always; `true` where aws:CalledVia is there and not empty
 *   aws:CalledViaFirst, …Last    of aws:CalledVia, where it is there and not empty
 *   aws:CurrentTime              `2026-01-01T00:00:00Z`; of the years 0 to 9999
 *   aws:EpochTime                seconds
 */
#ifndef POLICY_DERIVE_H
#define POLICY_DERIVE_H

#include "policy/request.h"

typedef struct {      /* of an account; ptr null: in no organization that is known */
    str organization; /* `o-exampleorg1`                        */
    str path;         /* `o-exampleorg1/r-ab12/ou-ab12-x/`      */
} derive_place;

/* The service whose requests do not say whose the resource is: EBS direct APIs. */
#define DERIVE_OWNERLESS STR("ebs")

#define DERIVE_NO_TIME INT64_MIN
typedef struct {
    derive_place principal, resource;
    int64_t      unix_seconds; /* or DERIVE_NO_TIME */
} derive_facts;

/* `2026-01-01T00:00:00Z`; ptr null for years that have no such text. */
str derive_date(arena *a, int64_t unix_seconds);

/* q->context is replaced by a longer one in `a`; what was there stands first. The order of the others says nothing. */
void request_derive(arena *a, request *q, const derive_facts *facts);

#endif
