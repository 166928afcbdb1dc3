#include "cli/verify.h"

#include "oracle/oracle.h"

bool verify_decision(void *context, const authz_image *image, const org_view *view, const authz_request *q,
                     decision got)
{
    const verify_facts *facts = context;
    arena               a; /* one of its own: any thread may be here */
    policy_case         c;
    arena_init(&a, MEMORY_GENERAL);
    authz_request_case(&a, image, q, 0, &c);
    decision want = oracle_decide_at(view, &c, facts->facts);
    arena_deinit(&a);
    return decision_equal(got, want);
}
