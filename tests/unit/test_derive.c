#include "support/derive_rows.h"

#include "policy/match.h"
#include "policy/value.h"

FIXTURE_ARENA()

DERIVE_TESTS(request_derive)

/* Against the reader of dates in policies. */
static void time_is_written_as_it_is_read(void **state)
{
    (void)state;
    for (int64_t seconds = -5000000000; seconds < 9000000000; seconds += 86399 * 13) {
        request    q = derive_asked("anonymous", "*");
        value_date date;
        request_derive(&a, &q, &(derive_facts){.unix_seconds = seconds});
        assert_true(value_date_read(request_key_find(&q, STR("aws:CurrentTime"))->values[0], &date));
        if (date.seconds != seconds) fail_msg("%lld is read as %lld", (long long)seconds, (long long)date.seconds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DERIVE_TESTS_LIST,
        cmocka_unit_test(time_is_written_as_it_is_read),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
