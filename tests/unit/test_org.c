#include "org/org.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define ALLOW_S3 \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"
#define DENY_EC2 \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"ec2:*\",\"Resource\":\"*\"}]}"

static org *small(void)
{
    return org_new((org_options){.org_id = STR("o-exampleorgid"),
                                 .root_id = STR("r-ab12"),
                                 .management_id = STR("111111111111"),
                                 .management_name = STR("management"),
                                 .management_email = STR("management@example.com")});
}

static void must_hold(const org_view *v)
{
    err e = {0};
    if (org_check(v, &e) != STATUS_OK) fail_msg("%s", e.text);
}

static void assert_str(str got, const char *want)
{
    if (!str_is(got, want)) fail_msg("`%.*s`, expected `%s`", STR_FMT(got), want);
}

static void assert_attached(const org_view *v, org_target t, uint32_t count, const uint32_t *want)
{
    org_attachments l = org_attached(v, ORG_TYPE_SCP, t);
    assert_int_equal(l.count, count);
    for (uint32_t i = 0; i < count; i++) assert_int_equal(l.policies[i], want[i]);
}

static void a_new_organization(void **state)
{
    (void)state;
    org            *o = small();
    const org_view *v = org_head(o);
    must_hold(v);
    assert_str(org_id(v), "o-exampleorgid");
    assert_str(org_root_id(v), "r-ab12");
    assert_str(org_node_name(v, ORG_ROOT), "Root");
    assert_int_equal(org_node_count(v), 1);
    assert_int_equal(org_node_parent(v, ORG_ROOT), ORG_NONE);
    assert_int_equal(org_account_find(v, STR("111111111111")), ORG_MANAGEMENT);
    assert_int_equal(org_account_parent(v, ORG_MANAGEMENT), ORG_ROOT);
    assert_str(org_account_name(v, ORG_MANAGEMENT), "management");
    assert_str(org_account_email(v, ORG_MANAGEMENT), "management@example.com");
    assert_int_equal(org_policy_find(v, STR("p-FullAWSAccess")), ORG_FULL_ACCESS);
    assert_int_equal(org_policy_find(v, STR("p-RCPFullAWSAccess")), ORG_RCP_FULL_ACCESS);
    for (uint32_t t = 0; t < ORG_TYPE_COUNT; t++) assert_false(org_type_enabled(v, (org_policy_type)t));
    assert_int_equal(org_ou_live(v), 0);
    assert_int_equal(org_account_live(v), 1);
    assert_int_equal(org_policy_live(v, ORG_TYPE_SCP), 0);
    org_free(o);
}

static void policy_types_by_name(void **state)
{
    (void)state;
    for (uint32_t t = 0; t < ORG_TYPE_COUNT; t++) {
        org_policy_type back = ORG_TYPE_COUNT;
        assert_true(org_policy_type_of(str_of(org_policy_type_name((org_policy_type)t)), &back));
        assert_int_equal(back, t);
    }
    org_policy_type none = ORG_TYPE_COUNT;
    assert_false(org_policy_type_of(STR("SCP"), &none));
}

static void attachments_follow_the_type(void **state)
{
    (void)state;
    org            *o = small();
    const org_view *v = org_head(o);
    uint32_t        ou = org_ou_create(o, ORG_ROOT, STR("ou-ab12-00000001"), STR("prod"));
    uint32_t        account = org_account_create(o, ou, STR("222222222222"), STR("a"), STR("a@example.com"));
    uint32_t        scp = org_policy_create(o, ORG_TYPE_SCP, STR("p-0000000001"), STR("s3"), STR(""), STR(ALLOW_S3));
    org_type_enable(o, ORG_TYPE_SCP);
    const uint32_t full[] = {ORG_FULL_ACCESS}, both[] = {ORG_FULL_ACCESS, scp}, own[] = {scp};
    assert_attached(v, org_target_node(ORG_ROOT), 1, full);
    assert_attached(v, org_target_node(ou), 1, full);
    assert_attached(v, org_target_account(account), 1, full);
    assert_int_equal(org_policy_target_count(v, ORG_FULL_ACCESS), 4);
    org_attach(o, scp, org_target_node(ou));
    assert_attached(v, org_target_node(ou), 2, both);
    org_detach(o, ORG_FULL_ACCESS, org_target_node(ou));
    assert_attached(v, org_target_node(ou), 1, own);
    must_hold(v);
    uint32_t late = org_account_create(o, ou, STR("333333333333"), STR("b"), STR("b@example.com"));
    assert_attached(v, org_target_account(late), 1, full);
    org_type_enable(o, ORG_TYPE_RCP);
    must_hold(v);
    org_type_disable(o, ORG_TYPE_SCP);
    must_hold(v);
    assert_attached(v, org_target_node(ou), 0, NULL);
    assert_int_equal(org_policy_target_count(v, scp), 0);
    org_type_enable(o, ORG_TYPE_SCP);
    assert_attached(v, org_target_node(ou), 1, full); /* what was attached before is not remembered */
    must_hold(v);
    org_free(o);
}

static void levels_of_a_chain(void **state)
{
    (void)state;
    org            *o = small();
    const org_view *v = org_head(o);
    uint32_t        node = ORG_ROOT, nodes[ORG_CHAIN_MAX] = {ORG_ROOT};
    for (uint32_t depth = 1; depth <= ORG_OU_DEPTH_MAX; depth++) {
        char id[32];
        (void)snprintf(id, sizeof id, "ou-ab12-0000000%u", depth);
        nodes[depth] = node = org_ou_create(o, node, str_of(id), STR("same name, other parent"));
        assert_int_equal(org_node_depth(v, node), depth);
    }
    uint32_t   account = org_account_create(o, node, STR("222222222222"), STR("a"), STR("a@example.com"));
    org_target chain[ORG_CHAIN_MAX];
    assert_int_equal(org_chain(v, account, chain), ORG_CHAIN_MAX);
    for (uint32_t i = 0; i <= ORG_OU_DEPTH_MAX; i++) assert_int_equal(chain[i].v, org_target_node(nodes[i]).v);
    assert_int_equal(chain[ORG_CHAIN_MAX - 1].v, org_target_account(account).v);
    assert_int_equal(org_chain(v, ORG_MANAGEMENT, chain), 2);

    arena a;
    arena_init(&a, MEMORY_GENERAL);
    policy_level levels[ORG_CHAIN_MAX];
    assert_int_equal(org_levels(&a, v, ORG_TYPE_SCP, account, levels), 0); /* type disabled */
    org_type_enable(o, ORG_TYPE_SCP);
    uint32_t scp = org_policy_create(o, ORG_TYPE_SCP, STR("p-0000000001"), STR("s3"), STR(""), STR(DENY_EC2));
    org_attach(o, scp, org_target_node(nodes[3]));
    assert_int_equal(org_levels(&a, v, ORG_TYPE_SCP, ORG_MANAGEMENT, levels), 0); /* SCPs do not bind it */
    assert_int_equal(org_levels(&a, v, ORG_TYPE_SCP, account, levels), ORG_CHAIN_MAX);
    for (uint32_t i = 0; i < ORG_CHAIN_MAX; i++) assert_int_equal(levels[i].count, i == 3 ? 2 : 1);
    assert_ptr_equal(levels[3].policies[1], org_policy_parsed(v, scp));
    assert_true(levels[3].policies[1]->statements[0].deny);
    arena_deinit(&a);
    org_free(o);
}

static void views_do_not_change(void **state)
{
    (void)state;
    org     *o = small();
    uint32_t ou = org_ou_create(o, ORG_ROOT, STR("ou-ab12-00000001"), STR("one"));
    uint32_t account = org_account_create(o, ou, STR("222222222222"), STR("a"), STR("a@example.com"));
    uint32_t scp = org_policy_create(o, ORG_TYPE_SCP, STR("p-0000000001"), STR("s3"), STR(""), STR(ALLOW_S3));
    org_type_enable(o, ORG_TYPE_SCP);
    assert_int_equal(org_commit(o), 0);
    org_ou_rename(o, ou, STR("two"));
    org_account_move(o, account, ORG_ROOT);
    assert_int_equal(org_commit(o), 1);
    org_ou_delete(o, ou);
    org_attach(o, scp, org_target_account(account));
    assert_int_equal(org_commit(o), 2);
    org_policy_update(o, scp, (str){0}, (str){0}, STR(DENY_EC2));
    assert_int_equal(org_commit(o), 3);
    org_account_remove(o, account);
    org_type_disable(o, ORG_TYPE_SCP);
    assert_int_equal(org_commit(o), 4);
    assert_int_equal(org_revision(o), 4);

    const org_view *v[5];
    for (uint32_t r = 0; r < COUNTOF(v); r++) {
        v[r] = org_at(o, r);
        assert_int_equal(org_view_revision(v[r]), r);
        must_hold(v[r]);
    }
    assert_str(org_node_name(v[0], ou), "one");
    assert_str(org_node_name(v[1], ou), "two");
    assert_int_equal(org_account_parent(v[0], account), ou);
    assert_int_equal(org_account_parent(v[1], account), ORG_ROOT);
    assert_true(org_node_exists(v[1], ou));
    assert_false(org_node_exists(v[2], ou));
    assert_int_equal(org_node_find(v[1], STR("ou-ab12-00000001")), ou);
    assert_int_equal(org_node_find(v[2], STR("ou-ab12-00000001")), ORG_NONE);
    assert_int_equal(org_attached(v[1], ORG_TYPE_SCP, org_target_account(account)).count, 1);
    assert_int_equal(org_attached(v[2], ORG_TYPE_SCP, org_target_account(account)).count, 2);
    assert_str(org_policy_content(v[2], scp), ALLOW_S3);
    assert_str(org_policy_content(v[3], scp), DENY_EC2);
    assert_true(org_account_exists(v[3], account));
    assert_false(org_account_exists(v[4], account));
    assert_int_equal(org_account_find(v[4], STR("222222222222")), ORG_NONE);
    assert_true(org_id_used(o, STR("222222222222")));

    org_release(o, 2); /* in the middle, then at the start: what others see stays */
    org_release(o, 0);
    must_hold(org_at(o, 1));
    must_hold(org_at(o, 3));
    assert_str(org_node_name(org_at(o, 1), ou), "two");
    assert_str(org_policy_content(org_at(o, 3), scp), DENY_EC2);
    org_release(o, 1);
    org_release(o, 3);
    must_hold(org_at(o, 4));
    org_free(o);
}

static void changes_of_a_revision(void **state)
{
    (void)state;
    org     *o = small();
    uint32_t ou = org_ou_create(o, ORG_ROOT, STR("ou-ab12-00000001"), STR("one"));
    uint32_t scp = org_policy_create(o, ORG_TYPE_SCP, STR("p-0000000001"), STR("s3"), STR(""), STR(ALLOW_S3));
    org_type_enable(o, ORG_TYPE_SCP);
    (void)org_commit(o);
    const org_change *c = NULL;
    assert_int_equal(org_changes(org_at(o, 0), &c), 0);
    org_attach(o, scp, org_target_node(ou));
    org_ou_rename(o, ou, STR("two"));
    org_attach(o, scp, org_target_node(ORG_ROOT));
    org_detach(o, ORG_FULL_ACCESS, org_target_node(ou));
    (void)org_commit(o);
    assert_int_equal(org_changes(org_at(o, 1), &c), 3);
    assert_true(c[0].what == ORG_CHANGED_TARGET && c[0].index == org_target_node(ORG_ROOT).v);
    assert_true(c[1].what == ORG_CHANGED_TARGET && c[1].index == org_target_node(ou).v);
    assert_true(c[2].what == ORG_CHANGED_NODE && c[2].index == ou);
    (void)org_commit(o);
    assert_int_equal(org_changes(org_at(o, 2), &c), 0);
    org_free(o);
}

static void contents_are_parsed_once(void **state)
{
    (void)state;
    org            *o = small();
    const org_view *v = org_head(o);
    err             e = {0};
    assert_int_equal(org_content_check(o, ORG_TYPE_SCP, STR("{\"Version\":\"2012-10-17\"}"), &e), STATUS_INVALID);
    assert_non_null(strstr(e.text, "Content:1:"));
    assert_int_not_equal(org_content_check(o, ORG_TYPE_TAG, STR("[]"), &e), STATUS_OK);
    assert_int_not_equal(org_content_check(o, ORG_TYPE_TAG, STR("{} {}"), &e), STATUS_OK);
    assert_int_equal(org_content_check(o, ORG_TYPE_TAG, STR("{\"tags\":{}}"), &e), STATUS_OK);
    /* The text of RCPFullAWSAccess is AWS's alone: a customer's RCP may not allow. */
    str rcp_full = org_policy_content(v, ORG_RCP_FULL_ACCESS);
    assert_int_not_equal(org_content_check(o, ORG_TYPE_RCP, rcp_full, &e), STATUS_OK);
    assert_int_equal(org_content_check(o, ORG_TYPE_SCP, STR(ALLOW_S3), &e), STATUS_OK);
    uint32_t a = org_policy_create(o, ORG_TYPE_SCP, STR("p-0000000001"), STR("a"), STR(""), STR(ALLOW_S3));
    uint32_t b = org_policy_create(o, ORG_TYPE_SCP, STR("p-0000000002"), STR("b"), STR(""), STR(ALLOW_S3));
    uint32_t t = org_policy_create(o, ORG_TYPE_TAG, STR("p-0000000003"), STR("a"), STR(""), STR("{\"tags\":{}}"));
    assert_ptr_equal(org_policy_parsed(v, a), org_policy_parsed(v, b));
    assert_null(org_policy_parsed(v, t));
    org_policy_delete(o, a);
    assert_int_equal(org_policy_named(o, ORG_TYPE_SCP, STR("a")), ORG_NONE);
    assert_int_equal(org_policy_named(o, ORG_TYPE_TAG, STR("a")), t);
    must_hold(v);
    org_free(o);
}

static void names_are_found_and_freed(void **state)
{
    (void)state;
    org *o = small();
    char id[32], name[32];
    for (uint32_t i = 0; i < 300; i++) {
        (void)snprintf(id, sizeof id, "ou-ab12-%08u", i);
        (void)snprintf(name, sizeof name, "ou %u", i);
        assert_int_equal(org_ou_create(o, ORG_ROOT, str_of(id), str_of(name)), i + 1);
    }
    for (uint32_t i = 0; i < 300; i += 2) org_ou_delete(o, i + 1);
    for (uint32_t i = 0; i < 300; i++) {
        (void)snprintf(name, sizeof name, "ou %u", i);
        assert_int_equal(org_ou_named(o, ORG_ROOT, str_of(name)), i % 2 == 0 ? ORG_NONE : i + 1);
        assert_int_equal(org_ou_named(o, 1, str_of(name)), ORG_NONE);
    }
    assert_int_equal(org_email_holder(o, STR("Management@Example.com")), ORG_MANAGEMENT);
    assert_int_equal(org_ou_live(org_head(o)), 150);
    must_hold(org_head(o));
    org_free(o);
}

/* More accounts than one level of pages holds, so that trees of every height are walked and shared. */
static void many_accounts(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    org *o = small();
    org_type_enable(o, ORG_TYPE_SCP);
    char id[16], email[32];
    for (uint32_t i = 1; i < COUNT; i++) {
        (void)snprintf(id, sizeof id, "%012u", i);
        (void)snprintf(email, sizeof email, "%u@example.com", i);
        assert_int_equal(org_account_create(o, ORG_ROOT, str_of(id), str_of(id), str_of(email)), i);
        if (i % 500 == 0) (void)org_commit(o);
    }
    (void)org_commit(o);
    for (uint32_t r = 0; r <= org_revision(o); r++) {
        must_hold(org_at(o, r));
        assert_int_equal(org_account_live(org_at(o, r)), r == org_revision(o) ? COUNT : (r + 1) * 500 + 1);
    }
    size_t before = org_bytes(o);
    org_account_remove(o, 77);
    (void)org_commit(o);
    assert_true(org_bytes(o) - before < 16384); /* a change costs the pages on its path */
    for (uint32_t r = 0; r < org_revision(o); r++) org_release(o, r);
    must_hold(org_at(o, org_revision(o)));
    assert_int_equal(org_account_live(org_head(o)), COUNT - 1);
    org_free(o);
}

/* Lists of what is below a node and where a policy is attached, kept by every kind of change. */
static void lists_are_kept(void **state)
{
    (void)state;
    org     *o = small();
    uint32_t out[8], a, b, moved, gone;
    org_type_enable(o, ORG_TYPE_SCP);
    a = org_ou_create(o, ORG_ROOT, STR("ou-ab12-000000a1"), STR("a1"));
    moved = org_account_create(o, ORG_ROOT, STR("900000000001"), STR("moved"), STR("moved@example.com"));
    assert_true(org_list(o, ORG_LIST_CHILD_ACCOUNTS, ORG_ROOT, 0, out, 8) >= 2); /* made here */
    must_hold(org_head(o));
    b = org_ou_create(o, a, STR("ou-ab12-000000b1"), STR("b1"));
    gone = org_account_create(o, a, STR("900000000002"), STR("gone"), STR("gone@example.com"));
    org_account_move(o, moved, a);
    must_hold(org_head(o));
    assert_int_equal(org_list(o, ORG_LIST_CHILD_ACCOUNTS, a, 0, out, 8), 2);
    assert_int_equal(out[0], moved);
    assert_int_equal(out[1], gone);
    assert_int_equal(org_list(o, ORG_LIST_CHILD_ACCOUNTS, a, moved + 1, out, 8), 1);
    assert_int_equal(org_list(o, ORG_LIST_CHILD_ACCOUNTS, a, 0, out, 1), 1);
    assert_int_equal(org_list(o, ORG_LIST_CHILD_NODES, a, 0, out, 8), 1);
    assert_int_equal(out[0], b);
    org_account_remove(o, gone);
    org_ou_delete(o, b);
    must_hold(org_head(o));
    uint32_t p = org_policy_create(o, ORG_TYPE_SCP, STR("p-listed00"), STR("listed"), STR(""), STR(ALLOW_S3));
    org_attach(o, p, org_target_account(moved));
    org_attach(o, p, org_target_node(a));
    assert_int_equal(org_list(o, ORG_LIST_TARGET_ACCOUNTS, p, 0, out, 8), 1);
    assert_int_equal(org_list(o, ORG_LIST_TARGET_NODES, p, 0, out, 8), 1);
    org_detach(o, p, org_target_node(a));
    assert_int_equal(org_list(o, ORG_LIST_TARGET_NODES, p, 0, out, 8), 0);
    must_hold(org_head(o));
    org_type_disable(o, ORG_TYPE_SCP);
    assert_int_equal(org_list(o, ORG_LIST_TARGET_ACCOUNTS, p, 0, out, 8), 0);
    must_hold(org_head(o));
    org_type_enable(o, ORG_TYPE_SCP);
    must_hold(org_head(o));
    assert_int_equal(org_list(o, ORG_LIST_CHILD_NODES, 4000000000u, 0, out, 8), 0);
    org_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_organization),
        cmocka_unit_test(policy_types_by_name),
        cmocka_unit_test(attachments_follow_the_type),
        cmocka_unit_test(levels_of_a_chain),
        cmocka_unit_test(views_do_not_change),
        cmocka_unit_test(changes_of_a_revision),
        cmocka_unit_test(contents_are_parsed_once),
        cmocka_unit_test(names_are_found_and_freed),
        cmocka_unit_test(many_accounts),
        cmocka_unit_test(lists_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
