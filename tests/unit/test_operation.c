/* The table of operations: complete, and consistent in itself. */
#include "control/control.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* spec/organizations 2: API version 2016-11-28. */
static void all_of_the_api_are_there(void **state)
{
    (void)state;
    assert_int_equal(CONTROL_OPERATION_COUNT, 63);
    for (uint32_t i = 0; i < CONTROL_OPERATION_COUNT; i++) {
        control_operation op = (control_operation)i, found;
        assert_true(control_operation_of(str_of(control_operation_name(op)), &found));
        assert_int_equal(found, op);
    }
    control_operation none;
    assert_false(control_operation_of(STR("createAccount"), &none));
}

/* Audit records carry the numbers: those of before keep theirs. */
static void numbers_stay(void **state)
{
    (void)state;
    assert_int_equal(CONTROL_CREATE_ORGANIZATIONAL_UNIT, 0);
    assert_int_equal(CONTROL_DISABLE_POLICY_TYPE, 12);
    assert_int_equal(CONTROL_CREATE_ORGANIZATION, 13);
    assert_int_equal(CONTROL_TERMINATE_RESPONSIBILITY_TRANSFER, 62);
}

static void members_by_name(void **state)
{
    (void)state;
    for (uint32_t m = 0; m < CONTROL_MEMBER_COUNT; m++) {
        control_member found;
        assert_true(control_member_of(str_of(control_member_name((control_member)m)), &found));
        assert_int_equal(found, m);
    }
    control_member target;
    assert_true(control_member_of(STR("Target.Id"), &target));
    assert_int_equal(target, MEMBER_Target_Id);
}

/* Lists come in pages, nothing else does; ListTagsForResource alone says no size. */
static void pages(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < CONTROL_OPERATION_COUNT; i++) {
        control_operation    op = (control_operation)i;
        const control_facts *f = control_operation_facts(op);
        bool                 required, token = control_takes(op, MEMBER_NextToken, &required);
        bool                 size = control_takes(op, MEMBER_MaxResults, &required);
        assert_int_equal(token, f->kind == CONTROL_LIST);
        assert_int_equal(size, token && op != CONTROL_LIST_TAGS_FOR_RESOURCE);
        assert_true(str_starts(str_of(control_operation_name(op)), STR("List")) == (f->kind == CONTROL_LIST));
        if (f->kind == CONTROL_READ) assert_true(str_starts(str_of(control_operation_name(op)), STR("Describe")));
    }
}

/* Names of exceptions as AWS spells them, a Reason in upper snake case, none twice. */
static void check_errors(const char *name, const char *errors)
{
    str rest = str_of(errors), seen = STR("");
    while (rest.len > 0) {
        size_t end = str_find(rest, ' ', 0), colon;
        str    one = str_part(rest, 0, end), exception;
        colon = str_find(one, ':', 0);
        exception = str_part(one, 0, colon);
        if (!str_ends(exception, STR("Exception"))) fail_msg("%s: `%.*s`", name, STR_FMT(one));
        for (size_t i = colon + 1; i < one.len; i++)
            if (!(one.ptr[i] >= 'A' && one.ptr[i] <= 'Z') && one.ptr[i] != '_')
                fail_msg("%s: `%.*s`", name, STR_FMT(one));
        for (size_t at = 0; at + one.len <= seen.len; at++)
            if (str_eq(str_part(seen, at, one.len), one) && (at + one.len == seen.len || seen.ptr[at + one.len] == ' '))
                fail_msg("%s: `%.*s` twice", name, STR_FMT(one));
        seen = (str){errors, (size_t)(one.ptr + one.len - errors)};
        rest = end < rest.len ? str_part(rest, end + 1, rest.len - end - 1) : STR("");
    }
}

static void rows_are_consistent(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < CONTROL_OPERATION_COUNT; i++) {
        control_operation    op = (control_operation)i;
        const control_facts *f = control_operation_facts(op);
        const char          *name = control_operation_name(op);
        if (f->callers == 0) fail_msg("%s: nobody may call it", name);
        if (f->account.burst == 0 || f->account.rate_milli == 0) fail_msg("%s: not throttled by account", name);
        /* Spec 8.1: what an organization may do is no less than what each of its accounts may. */
        if (f->organization.burst > 0) assert_true(f->organization.rate_milli >= f->account.rate_milli);
        if (f->kind != CONTROL_WRITE) assert_false(f->callers & CONTROL_BY_WRITER);
        check_errors(name, f->errors);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_the_api_are_there), cmocka_unit_test(numbers_stay),
        cmocka_unit_test(members_by_name),          cmocka_unit_test(pages),
        cmocka_unit_test(rows_are_consistent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
