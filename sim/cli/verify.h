/* verify.h - `run --verify`: the oracle asked again about some of the decisions of a run. */
#ifndef CLI_VERIFY_H
#define CLI_VERIFY_H

#include "authz/authz.h"

/* As world_options.verify wants it; context is the catalogue. Any thread. */
bool verify_decision(void *context, const authz_image *image, const org_view *view, const authz_request *q,
                     decision got);

#endif
