#include "control/throttle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)

/* MoveAccount: 2 a second, 3 at once, of each account. */
static void a_burst_then_the_rate(void **state)
{
    throttle t;
    (void)state;
    throttle_init(&t);
    for (int i = 0; i < 3; i++) assert_true(throttle_take(&t, CONTROL_MOVE_ACCOUNT, 0, 0));
    assert_false(throttle_take(&t, CONTROL_MOVE_ACCOUNT, 0, 0));
    assert_false(throttle_take(&t, CONTROL_MOVE_ACCOUNT, 0, SECOND / 2 - 1));
    assert_true(throttle_take(&t, CONTROL_MOVE_ACCOUNT, 0, SECOND / 2));
    assert_false(throttle_take(&t, CONTROL_MOVE_ACCOUNT, 0, SECOND / 2));
    assert_true(throttle_take(&t, CONTROL_MOVE_ACCOUNT, 1, SECOND / 2));  /* another account's own */
    assert_true(throttle_take(&t, CONTROL_ATTACH_POLICY, 0, SECOND / 2)); /* another operation's */
    for (int i = 0; i < 3; i++) assert_true(throttle_take(&t, CONTROL_MOVE_ACCOUNT, 0, 100 * SECOND));
    assert_false(throttle_take(&t, CONTROL_MOVE_ACCOUNT, 0, 100 * SECOND)); /* no more than a burst is saved */
    throttle_deinit(&t);
}

/* DescribePolicy: 2 a second and 2 at once of each account, 2 a second and 3 at once of all. */
static void all_accounts_share_one(void **state)
{
    throttle t;
    (void)state;
    throttle_init(&t);
    assert_true(throttle_take(&t, CONTROL_DESCRIBE_POLICY, 0, 5));
    assert_true(throttle_take(&t, CONTROL_DESCRIBE_POLICY, 0, 5));
    assert_true(throttle_take(&t, CONTROL_DESCRIBE_POLICY, 1, 5));
    assert_false(throttle_take(&t, CONTROL_DESCRIBE_POLICY, 1, 5));             /* of its own it has one left … */
    assert_true(throttle_take(&t, CONTROL_DESCRIBE_POLICY, 1, 5 + SECOND / 2)); /* … which the refusal did not take */
    throttle_deinit(&t);
}

/* CloseAccount: one in 20 s. No rounding, however long it goes on, and no overflow. */
static void exact_over_years(void **state)
{
    throttle t;
    (void)state;
    throttle_init(&t);
    for (int64_t i = 0; i < 100000; i++) {
        if (i > 0) assert_false(throttle_take(&t, CONTROL_CLOSE_ACCOUNT, 7, i * 20 * SECOND - 1));
        assert_true(throttle_take(&t, CONTROL_CLOSE_ACCOUNT, 7, i * 20 * SECOND));
    }
    assert_true(throttle_take(&t, CONTROL_CLOSE_ACCOUNT, 7, INT64_MAX));
    assert_false(throttle_take(&t, CONTROL_CLOSE_ACCOUNT, 7, INT64_MAX));
    assert_false(throttle_take(&t, CONTROL_CLOSE_ACCOUNT, 7, 0)); /* backwards: standing still */
    throttle_deinit(&t);
}

/* Of each operation just as many as its rows say in a long time: 1,000 s. */
static void every_rate(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < CONTROL_OPERATION_COUNT; i++) {
        control_operation    op = (control_operation)i;
        const control_facts *f = control_operation_facts(op);
        uint64_t             got = 0, want = f->account.burst + f->account.rate_milli - 1;
        throttle             t;
        throttle_init(&t);
        for (int64_t ms = 0; ms < 1000 * 1000; ms += 5) got += throttle_take(&t, op, 3, ms * 1000000);
        /* The last token comes at the end, which is not asked any more; steps of 5 ms miss none below 200 a second. */
        if (got < want || got > want + 1)
            fail_msg("%s: %u, expected %u", control_operation_name(op), (unsigned)got, (unsigned)want);
        throttle_deinit(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_then_the_rate),
        cmocka_unit_test(all_accounts_share_one),
        cmocka_unit_test(exact_over_years),
        cmocka_unit_test(every_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
