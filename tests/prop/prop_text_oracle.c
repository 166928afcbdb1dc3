/* The evaluator of cases and the oracle agree on decision, layer and level, and on why, over random policies of all
 * layers and requests by every kind of caller. What they differ on is made small and printed as a row for tests/cases;
 * label release.
 *
 *   prop_text_oracle [FIRST [END]]   cases FIRST to END-1 of the seed; without END that one case
 */
#include "support/support.h"

#include <stdlib.h>

#include "authz/case.h"
#include "policy/principal.h"
#include "support/case_compare.h"
#include "support/case_stream.h"

#define SEED      UINT64_C(20261124)
#define EXPLAINED 8 /* one case in so many is explained too */
#ifdef ORGSIM_HOT_ASSERTS
#define CASES 300000u /* under sanitizers; the preset `release` does all */
#else
#define CASES 1000000u
#endif

static uint32_t first_case, case_end = CASES;

typedef struct {
    uint32_t decided[DECISION_EXPLICITLY_DENIED + 1][LAYER_ENDPOINT + 1];
    uint32_t asked[CALLER_PROVIDER + 1], allowed[CALLER_PROVIDER + 1];
    uint32_t cross_account;
} shares;

static void count(shares *s, const policy_case *c, decision d)
{
    caller who = caller_read(c->request.principal);
    s->decided[d.kind][d.layer]++;
    s->asked[who.kind]++;
    s->allowed[who.kind] += d.kind == DECISION_ALLOWED;
    s->cross_account += caller_in_account(&who) && !str_eq(who.account, c->request.resource_account);
}

static void say_shares(const shares *s, uint32_t all)
{
    for (uint32_t k = 0; k < COUNTOF(s->decided); k++)
        for (uint32_t l = 0; l < COUNTOF(s->decided[k]); l++)
            if (s->decided[k][l] > 0)
                print_message("%-16s %-8s %5.2f %%\n", decision_name((decision_kind)k), layer_name((decision_layer)l),
                              100.0 * s->decided[k][l] / all);
    for (uint32_t k = 0; k < COUNTOF(s->asked); k++)
        print_message("caller of kind %u: %5.2f %%, allowed %5.2f %%\n", k, 100.0 * s->asked[k] / all,
                      100.0 * s->allowed[k] / all);
    print_message("another account   %5.2f %%\n", 100.0 * s->cross_account / all);
}

/* Menus that only ever say one thing would prove nothing: shares in thousandths of all cases. */
static void check_shares(const shares *s, uint32_t all)
{
    static const uint32_t least[DECISION_EXPLICITLY_DENIED + 1][LAYER_ENDPOINT + 1] = {
        [DECISION_ALLOWED] = {[LAYER_NONE] = 100},
        [DECISION_IMPLICITLY_DENIED] = {[LAYER_SCP] = 20,
                                        [LAYER_IDENTITY] = 100,
                                        [LAYER_BOUNDARY] = 10,
                                        [LAYER_SESSION] = 10,
                                        [LAYER_ENDPOINT] = 20},
        [DECISION_EXPLICITLY_DENIED] = {[LAYER_SCP] = 10,
                                        [LAYER_RCP] = 10,
                                        [LAYER_RESOURCE] = 10,
                                        [LAYER_IDENTITY] = 10,
                                        [LAYER_BOUNDARY] = 10,
                                        [LAYER_SESSION] = 10,
                                        [LAYER_ENDPOINT] = 10},
    };
    for (uint32_t k = 0; k < COUNTOF(least); k++)
        for (uint32_t l = 0; l < COUNTOF(least[k]); l++) {
            uint64_t share = UINT64_C(1000) * s->decided[k][l] / all;
            if (share < least[k][l] || (least[k][l] == 0 && s->decided[k][l] > 0))
                fail_msg("%s by %s: %u of %u", decision_name((decision_kind)k), layer_name((decision_layer)l),
                         s->decided[k][l], all);
        }
    for (uint32_t k = 0; k < COUNTOF(s->asked); k++) {
        assert_true(s->asked[k] > all / 50);
        assert_true(s->allowed[k] > all / 1000);
    }
    assert_true(s->cross_account > all / 10);
}

static void evaluator_equals_oracle(void **state)
{
    (void)state;
    arena       run, row;
    case_stream stream;
    shares      s = {0};
    arena_init(&run, MEMORY_GENERAL);
    arena_init(&row, MEMORY_POLICY);
    case_stream_init(&stream, SEED);
    const catalog *facts = support_catalog(&run);
    for (uint32_t n = first_case; n < case_end; n++) {
        policy_case c;
        case_stream_at(&stream, n, &c);
        bool explained = n % EXPLAINED == 0 || case_end == first_case + 1;
        if (case_decision_difference(row, &c, facts) != NULL ||
            (explained && case_explanation_difference(row, &c, facts) != NULL))
            case_fail(&c, facts, "prop_text_oracle.jsonl", n);
        count(&s, &c, authz_decide_case(&row, &c, facts));
        arena_reset(&row);
    }
    say_shares(&s, case_end - first_case);
    if (case_end - first_case >= 10000) check_shares(&s, case_end - first_case);
    case_stream_deinit(&stream);
    arena_deinit(&row);
    arena_deinit(&run);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        first_case = (uint32_t)strtoul(argv[1], NULL, 10);
        case_end = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : first_case + 1;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(evaluator_equals_oracle)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
