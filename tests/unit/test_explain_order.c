#include "support/fixture.h"

#include "cli/explain.h"

/* A change of one edit or more, told apart by the level of its first. */
static remedy change(uint32_t name, uint32_t edits)
{
    remedy r = {.count = edits};
    for (uint32_t i = 0; i < edits; i++) r.edits[i].kind = REMEDY_ADD, r.edits[i].who = WHO_ACCOUNT;
    r.edits[0].level = name;
    return r;
}

static blast_radius turning(uint64_t requests)
{
    return (blast_radius){.measured = true, .requests = 100, .allowed = requests};
}

static const blast_radius not_counted = {.why = "elsewhere"}, refused = {.why = "AWS refuses it", .refused = "Refused"};

static void order_is(const explanation *x, remedy *items, blast_radius *blast, uint32_t count, const char *want)
{
    remedy_list list = {.items = items, .count = count};
    char        have[REMEDY_MAX + 1] = {0};
    explain_order(x, &list, blast);
    for (uint32_t i = 0; i < count; i++) have[i] = (char)('0' + items[i].edits[0].level);
    assert_string_equal(have, want);
}

static void fewer_edits_then_fewer_requests(void **state)
{
    explanation  x = {.decision = {DECISION_IMPLICITLY_DENIED, LAYER_SCP, 0}};
    remedy       items[] = {change(0, 2), change(1, 1), change(2, 1), change(3, 1), change(4, 2), change(5, 1)};
    blast_radius blast[] = {turning(1), turning(30), turning(20), turning(20), turning(0), turning(10)};
    (void)state;
    order_is(&x, items, blast, COUNTOF(items), "523140"); /* equals as they came */
    assert_int_equal(blast[0].allowed, 10);
    assert_int_equal(blast[5].allowed, 1);
}

static void what_is_not_counted_keeps_its_place(void **state)
{
    explanation  x = {.decision = {DECISION_IMPLICITLY_DENIED, LAYER_SCP, 0}};
    remedy       items[] = {change(0, 1), change(1, 1), change(2, 1), change(3, 1)};
    blast_radius blast[] = {not_counted, turning(9), not_counted, turning(1)};
    (void)state;
    order_is(&x, items, blast, COUNTOF(items), "0321");
}

static void what_aws_refuses_stands_last(void **state)
{
    explanation  x = {.decision = {DECISION_IMPLICITLY_DENIED, LAYER_SCP, 0}};
    remedy       items[] = {change(0, 1), change(1, 1), change(2, 3)};
    blast_radius blast[] = {refused, turning(9), turning(1)};
    (void)state;
    order_is(&x, items, blast, COUNTOF(items), "120");
}

/* Whatever it is counted to turn, and whatever else needs more edits. */
static void no_whole_organization_is_shut_out_first(void **state)
{
    explanation  x = {.decision = {DECISION_ALLOWED, LAYER_NONE, 0}};
    remedy       items[] = {change(0, 1), change(1, 1), change(2, 2)};
    blast_radius blast[] = {turning(0), turning(5), turning(7)};
    (void)state;
    items[0].edits[0].kind = REMEDY_DETACH;
    items[0].edits[0].who = WHO_ORGANIZATION;
    assert_true(explain_is_wide(&x, &items[0]));
    order_is(&x, items, blast, COUNTOF(items), "120");
    /* To allow one, a Deny at the root may have to go. */
    x.decision.kind = DECISION_EXPLICITLY_DENIED;
    assert_false(explain_is_wide(&x, &items[2]));
    order_is(&x, items, blast, COUNTOF(items), "012");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fewer_edits_then_fewer_requests),
        cmocka_unit_test(what_is_not_counted_keeps_its_place),
        cmocka_unit_test(what_aws_refuses_stands_last),
        cmocka_unit_test(no_whole_organization_is_shut_out_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
