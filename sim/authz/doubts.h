/* doubts.h - what could not be evaluated when an image decided, counted: policy/diagnose.h says what that is.
 *
 * Which actions a statement takes that may leave something unevaluated is known when it is compiled. Requests for them
 * are looked at again as text, exactly; all others cost one bit, and in an image without such statements nothing.
 * A variable is no such thing where its key has one value whoever asks: of the time, and of what all roles have that
 * the policy binds (`${aws:PrincipalAccount}` in an SCP).
 * That a key is absent is no doubt here: the requests of a run are complete.
 */
#ifndef AUTHZ_DOUBTS_H
#define AUTHZ_DOUBTS_H

#include "authz/authz.h"

bool authz_has_doubts(const authz_image *image); /* false: authz_request_doubts is 0 for every request */
/* How many there are in the image's view, over all parts of the request; by_kind is filled. Any thread. */
uint32_t authz_request_doubts(const authz_image *image, const authz_request *q, uint32_t by_kind[DIAGNOSTIC_COUNT]);

/* Inside this room: whether a statement may leave something unevaluated for some request of the vocabulary. */
bool statement_may_doubt(const authz_vocabulary *v, const policy *p, const policy_statement *s);

#endif
