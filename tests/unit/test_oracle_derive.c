/* Keys that follow from a request, by the rules of policy/derive.h, as the oracle reads them. */
#include "support/derive_rows.h"

#include "oracle/oracle.h"

FIXTURE_ARENA()

DERIVE_TESTS(oracle_derive)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DERIVE_TESTS_LIST,
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
