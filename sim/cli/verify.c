#include "cli/verify.h"

#include "oracle/oracle.h"

/* Of the parts of a call the first explicit denial goes first, then the first denial. */
static decision oracle_whole(const authz_image *image, const org_view *view, const authz_request *q,
                             const catalog *facts)
{
    decision first = {DECISION_ALLOWED, LAYER_NONE, 0};
    uint32_t parts = authz_request_parts(image, q);
    for (uint32_t i = 0; i < parts && first.kind != DECISION_EXPLICITLY_DENIED; i++) {
        arena       a; /* one of its own: any thread may be here */
        policy_case c;
        arena_init(&a, MEMORY_GENERAL);
        authz_request_case(&a, image, q, i, &c);
        decision d = oracle_decide_at(view, &c, facts);
        if (first.kind == DECISION_ALLOWED || d.kind == DECISION_EXPLICITLY_DENIED) first = d;
        arena_deinit(&a);
    }
    return first;
}

bool verify_decision(void *context, const authz_image *image, const org_view *view, const authz_request *q,
                     decision got)
{
    return decision_equal(got, oracle_whole(image, view, q, context));
}
