/* The explanation of a case is the oracle's in every field, and its decision that of the evaluator of cases; and each
 * change that is offered turns the decision, in the oracle's eyes too. */
#include "support/support.h"

#include <inttypes.h>

#include "authz/case.h"
#include "authz/explain.h"
#include "authz/remedy.h"
#include "oracle/oracle.h"
#include "support/case_compare.h"
#include "support/case_row.h"
#include "support/case_stream.h"

#define CASES        60000
#define REMEDY_CASES 3000
#define SEED         UINT64_C(20261124)

static arena       a, row;
static case_stream stream;

static int open_arenas(void **state)
{
    (void)state;
    arena_init(&a, MEMORY_GENERAL);
    arena_init(&row, MEMORY_POLICY);
    case_stream_init(&stream, SEED);
    return 0;
}

static int close_arenas(void **state)
{
    (void)state;
    case_stream_deinit(&stream);
    arena_deinit(&row);
    arena_deinit(&a);
    return 0;
}

static const char *as_row(const policy_case *c)
{
    return arena_str(&row, case_row(&row, c, STR("drawn"), (str){0})).ptr;
}

static void explanations_are_the_oracles(void **state)
{
    (void)state;
    const catalog *facts = support_catalog(&a);
    uint32_t       seen[LAYER_ENDPOINT + 1][2] = {{0}}, present[LAYER_NOTHING_NEEDED + 1] = {0};
    for (uint32_t n = 0; n < CASES; n++) {
        policy_case drawn;
        explanation x;
        case_stream_at(&stream, n, &drawn);
        authz_explain_case(&row, &drawn, facts, &x);
        if (case_explanation_difference(row, &drawn, facts) != NULL ||
            !decision_equal(x.decision, authz_decide_case(&row, &drawn, facts)))
            case_fail(&drawn, facts, "prop_explain.jsonl", n);
        seen[x.decision.layer][x.decision.kind == DECISION_EXPLICITLY_DENIED]++;
        for (uint32_t i = LAYER_SCP; i <= LAYER_ENDPOINT; i++) present[x.layers[i].presence]++;
        arena_reset(&row);
    }
    /* Each layer denies in both ways, but RCPs and resources' policies, which only do so explicitly. */
    for (uint32_t i = LAYER_NONE; i <= LAYER_ENDPOINT; i++)
        for (uint32_t k = 0; k < 2; k++) {
            bool never = (i == LAYER_NONE && k == 1) || ((i == LAYER_RCP || i == LAYER_RESOURCE) && k == 0);
            if ((seen[i][k] > 0) == never) fail_msg("layer %" PRIu32 ", %" PRIu32 ": %" PRIu32, i, k, seen[i][k]);
        }
    for (size_t i = 0; i < COUNTOF(present); i++)
        if (present[i] == 0) fail_msg("no layer was ever of presence %zu", i);
}

static void each_remedy_turns_the_decision(void **state)
{
    (void)state;
    const catalog *facts = support_catalog(&a);
    uint32_t       given[2] = {0, 0}, none[2] = {0, 0};
    for (uint32_t n = 0; n < REMEDY_CASES; n++) {
        policy_case drawn;
        explanation x;
        remedy_list list;
        case_stream_at(&stream, CASES + n, &drawn);
        authz_explain_case(&row, &drawn, facts, &x);
        bool allowed = x.decision.kind == DECISION_ALLOWED;
        authz_remedies(&row, &drawn, &x, facts, NULL, &list);
        assert_true(list.count <= REMEDY_MAX);
        for (uint32_t i = 0; i < list.count; i++) {
            const remedy *r = &list.items[i];
            decision      after = oracle_decide(&r->changed, facts);
            assert_in_range(r->count, 1, REMEDY_EDITS);
            if ((after.kind == DECISION_ALLOWED) == allowed || !decision_equal(after, r->after))
                fail_msg("case %" PRIu32 ", change %" PRIu32 " (%s) leaves it %s\n%s\n-- changed --\n%s", n, i,
                         remedy_kind_name(r->edits[0].kind), decision_name(after.kind), as_row(&drawn),
                         as_row(&r->changed));
        }
        if (!str_is(drawn.request.action, "sts:GetCallerIdentity")) {
            given[allowed] += list.count > 0;
            none[allowed] += list.count == 0;
        }
        arena_reset(&row);
    }
    print_message("denied: %u with a change, %u without; allowed: %u, %u\n", given[0], none[0], given[1], none[1]);
    /* Where nothing helps more than three policies stand in the way, or there is a deny that spares nobody. */
    assert_true(given[0] > 4 * none[0]);
    assert_true(given[1] > 4 * none[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(explanations_are_the_oracles, open_arenas, close_arenas),
        cmocka_unit_test_setup_teardown(each_remedy_turns_the_decision, open_arenas, close_arenas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
