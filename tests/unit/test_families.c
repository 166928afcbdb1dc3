#include "authz/families.h"

#include "support/fixture.h"

static arena run;

static int setup(void **state)
{
    (void)state;
    arena_init(&run, MEMORY_GENERAL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&run);
    return 0;
}

static void plain_families(void **state)
{
    static const struct {
        const char *before, *after;
        bool        want;
    } rows[] = {
        {"arn:aws:iam::", ":role/x", true},
        {"", "", true},
        {"b-", "/k", true},
        {"1", "", false},  /* the id is not bounded here … */
        {"", "7x", false}, /* … and there                  */
        {"arn:aws:iam::", ":role/r12345678901", true},
        {"arn:aws:iam::", ":role/r123456789012", false}, /* another run that may be taken for an id */
        {"123456789012345/", "", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        str         text = arena_format(&run, "%s%s", rows[i].before, rows[i].after);
        authz_entry value = {&text, 1, strlen(rows[i].before)};
        if (family_is_plain(&value) != rows[i].want) fail_msg("row %zu: %s<>%s", i, rows[i].before, rows[i].after);
    }
}

static void clean_patterns(void **state)
{
    static const struct {
        const char *text;
        bool        want;
    } rows[] = {
        {"arn:aws:iam::*:role/app-*", true},
        {"arn:aws:iam::123456789012:role/r7", true},
        {"*", true},
        {"", true},
        {"arn:aws:iam::1*:role/x", false},
        {"role/r7*", false},
        {"*7", false},
        {"r?2", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        lexeme item = {.text = str_of(rows[i].text)};
        if (patterns_are_clean(&item, 1) != rows[i].want) fail_msg("row %zu: `%s`", i, rows[i].text);
    }
}

static void accounts_spelled_out(void **state)
{
    (void)state;
    lexeme    items[] = {{.text = STR("arn:aws:iam::000000000300:role/r12")},
                         {.text = STR("a 000000000200 b 000000000300 c 0000000001000")},
                         {.text = STR("99999999999")}};
    uint32_t  count;
    uint64_t *accounts = accounts_named(&run, items, COUNTOF(items), &count);
    assert_int_equal(count, 2);
    assert_int_equal(accounts[0], 200);
    assert_int_equal(accounts[1], 300);
    assert_int_equal(account_number(STR("000000000300")), 300);
}

static void readings_of_a_family(void **state)
{
    (void)state;
    str         text = STR("arn:aws:iam:::role/r7");
    authz_entry value = {&text, 1, 13};
    assert_true(str_is(family_of_account(&run, &value, 42), "arn:aws:iam::000000000042:role/r7"));
    assert_true(str_is(family_levelled(&run, &value), "arn:aws:iam::000000000000:role/r0"));
    str marked = family_marked(&run, &value);
    assert_int_equal(marked.len, text.len + 12);
    for (size_t i = 0; i < 12; i++) assert_int_equal((unsigned char)marked.ptr[13 + i], 0xff);
    assert_true(str_is(levelled(&run, STR("a1b23")), "a0b00"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_families),
        cmocka_unit_test(clean_patterns),
        cmocka_unit_test(accounts_spelled_out),
        cmocka_unit_test(readings_of_a_family),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
