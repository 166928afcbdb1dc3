/* remedy_context.h - what a denied request could carry so that it is allowed, no policy being changed.
 *
 * Where all that an Allow lacks is a condition, or a Deny would not match but for one, the way that the policies mean
 * to be taken is to fulfil it: with the external id, over TLS, from the network.
 * Keys      those that a caller has in hand: not what AWS knows of the principal, the resource, the organization and
 *           the time; aws:RequestedRegion only where the resource does not say it.
 * Search    up to REMEDY_CONTEXT_STEPS statements, one after the other; values are the first of the policy that do.
 * Verified  the request was decided again with them, and is Allowed.
 * Memory    all lives in `a`.
 */
#ifndef AUTHZ_REMEDY_CONTEXT_H
#define AUTHZ_REMEDY_CONTEXT_H

#include "authz/explain.h"

#define REMEDY_CONTEXT_STEPS 3u

/* The keys that are new or have another value, each with one, aws:TagKeys left out, which follows from others. Returns
 * how many; 0: there are none, or it is allowed as it is. */
uint32_t authz_remedy_context(arena *a, const policy_case *c, const catalog *facts, request_key **out);

#endif
