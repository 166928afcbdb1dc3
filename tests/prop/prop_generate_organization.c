/* What is generated is an organization that calls could have made, the same for the same seed, in the shapes of the
 * profile. */
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "support/worlds.h"

static arena          all;
static const catalog *facts;
static const profile *corpus;

static int setup(void **state)
{
    (void)state;
    arena_init(&all, MEMORY_GENERAL);
    facts = support_catalog(&all);
    corpus = support_profile(&all, facts, "corpus-2026-11");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&all);
    return 0;
}

static void digest_str(digest_state *s, str text)
{
    digest_u32(s, (uint32_t)text.len);
    digest_update(s, text.ptr, text.len);
}

static void digest_target(digest_state *s, const org_view *v, org_target t)
{
    org_attachments there = org_attached(v, ORG_TYPE_SCP, t);
    digest_u32(s, there.count);
    for (uint32_t i = 0; i < there.count; i++) digest_u32(s, there.policies[i]);
}

/* Of everything that the organization says. */
static digest world_digest(const support_world *w)
{
    digest_state   *s = digest_new();
    const org_view *v = org_at(w->o, 0);
    digest_str(s, org_id(v));
    for (uint32_t i = 0; i < org_node_count(v); i++) {
        digest_str(s, org_node_id(v, i));
        digest_str(s, org_node_name(v, i));
        digest_u32(s, org_node_parent(v, i));
        digest_target(s, v, org_target_node(i));
    }
    for (uint32_t i = 0; i < org_account_count(v); i++) {
        digest_str(s, org_account_id(v, i));
        digest_str(s, org_account_name(v, i));
        digest_str(s, org_account_email(v, i));
        digest_u32(s, org_account_parent(v, i));
        digest_target(s, v, org_target_account(i));
    }
    for (uint32_t i = 0; i < org_policy_count(v); i++) {
        digest_str(s, org_policy_id(v, i));
        digest_str(s, org_policy_name(v, i));
        digest_str(s, org_policy_content(v, i));
    }
    digest value = digest_value(s);
    digest_free(s);
    return value;
}

static void check(const support_world *w, generate_size size)
{
    const org_view *v = org_at(w->o, 0);
    err             e = {0};
    if (org_check(v, &e) != STATUS_OK) fail_msg("%s", e.text);
    assert_int_equal(org_account_live(v), size.accounts);
    assert_int_equal(org_ou_live(v), size.ous);
    assert_int_equal(org_policy_live(v, ORG_TYPE_SCP), size.scps);
    assert_true(org_type_enabled(v, ORG_TYPE_SCP));
    assert_int_equal(org_policy_live(v, ORG_TYPE_RCP), size.rcps);
    assert_int_equal(org_type_enabled(v, ORG_TYPE_RCP), size.rcps > 0);
}

static void same_seed_same_bytes(void **state)
{
    (void)state;
    arena         scratch = all;
    support_world one = support_world_named(&scratch, corpus, facts, "small", 7),
                  again = support_world_named(&scratch, corpus, facts, "small", 7),
                  other = support_world_named(&scratch, corpus, facts, "small", 8);
    char   text[DIGEST_TEXT_SIZE];
    digest d = world_digest(&one), d_again = world_digest(&again), d_other = world_digest(&other);
    digest_text(d, text);
    assert_memory_equal(&d, &d_again, sizeof d);
    assert_memory_not_equal(&d, &d_other, sizeof d);
    assert_string_equal(text, "78ef2f46a8293a198866af1d3d7a9703");
    digest control_one = control_digest(one.c), control_again = control_digest(again.c);
    assert_memory_equal(&control_one, &control_again, sizeof control_one);
    support_world_free(&one);
    support_world_free(&again);
    support_world_free(&other);
}

static void named_worlds_hold_together(void **state)
{
    (void)state;
    static const char *const names[] = {"small", "large"};
    for (size_t i = 0; i < COUNTOF(names); i++) {
        arena         scratch = all;
        support_world w = support_world_named(&scratch, corpus, facts, names[i], 11);
        check(&w, generate_world_find(str_of(names[i]))->size);
        support_world_free(&w);
    }
    assert_null(generate_world_find(STR("larger")));
    assert_non_null(generate_world_find(STR("giant")));
}

static void odd_sizes_hold_together(void **state)
{
    (void)state;
    static const generate_size sizes[] = {
        {.accounts = 1},
        {.accounts = 1, .ous = 1, .scps = 1, .allow_list_percent = 100},
        {.accounts = 3, .ous = 0, .scps = 40, .scps_per_target_max = 2},
        {.accounts = 2, .ous = 30, .scps = 2, .allow_list_percent = 100, .scps_per_target_max = 1},
        {.accounts = 200, .ous = 1, .scps = 300, .scps_per_target_max = 60},
        {.accounts = 50, .ous = 9, .scps = 3, .fill = true, .allow_list_percent = 50},
        {.accounts = 50, .ous = 9, .scps = 1, .fill = true, .allow_list_percent = 50},
        {.accounts = 50, .ous = 9, .scps = 3, .rcps = 20},
        {.accounts = 1, .rcps = 9},
    };
    for (size_t i = 0; i < COUNTOF(sizes); i++)
        for (uint64_t seed = 0; seed < 5; seed++) {
            arena         scratch = all;
            support_world w = support_world_sized(&scratch, corpus, facts, sizes[i], seed);
            check(&w, sizes[i]);
            support_world_free(&w);
        }
}

/* The first RCP binds everybody, no target has more than AWS allows, and RCPs change nothing else. */
static void rcps_come_beside_the_rest(void **state)
{
    (void)state;
    arena           scratch = all;
    generate_size   with = {.accounts = 60, .ous = 12, .scps = 10, .rcps = 40}, without = with;
    support_world   w = support_world_sized(&scratch, corpus, facts, with, 3), bare;
    const org_view *v = org_at(w.o, 0);
    without.rcps = 0;
    bare = support_world_sized(&scratch, corpus, facts, without, 3);
    uint32_t more = 0;
    for (uint32_t i = 0; i < org_node_count(v) + org_account_count(v); i++) {
        bool       is_node = i < org_node_count(v);
        org_target t = is_node ? org_target_node(i) : org_target_account(i - org_node_count(v));
        assert_in_range(org_attached(v, ORG_TYPE_RCP, t).count, 1, 5); /* AWS: with RCPFullAWSAccess */
        more += org_attached(v, ORG_TYPE_RCP, t).count > 1;
        org_attachments scps = org_attached(v, ORG_TYPE_SCP, t),
                        same = org_attached(org_at(bare.o, 0), ORG_TYPE_SCP, t);
        assert_int_equal(scps.count, same.count);
    }
    assert_true(org_attached(v, ORG_TYPE_RCP, org_target_node(ORG_ROOT)).count > 1);
    assert_true(more > 10);
    support_world_free(&w);
    support_world_free(&bare);
}

/* The `quota` world in little: every target full, every SCP of the greatest size and somewhere attached. */
static void full_worlds_reach_the_limits(void **state)
{
    (void)state;
    arena                 scratch = all;
    const generate_world *quota = generate_world_find(STR("quota"));
    quota_profile         quotas = support_quotas(&scratch, quota->quota_profile);
    generate_size         size = {.accounts = 300, .ous = 40, .scps = 200, .fill = true, .allow_list_percent = 10};
    support_world         w;
    err                   e = {0};
    if (generate_organization(&scratch, corpus, facts, &quotas, size, 3, &w.o, &w.c, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    check(&w, size);
    const org_view *v = org_at(w.o, 0);
    for (uint32_t i = 0; i < org_node_count(v); i++)
        assert_int_equal(org_attached(v, ORG_TYPE_SCP, org_target_node(i)).count, quotas.scps_per_target);
    for (uint32_t i = 0; i < org_account_count(v); i++)
        assert_int_equal(org_attached(v, ORG_TYPE_SCP, org_target_account(i)).count, quotas.scps_per_target);
    for (uint32_t i = 0; i < org_policy_count(v); i++) {
        if (org_policy_aws_managed(v, i)) continue;
        assert_int_equal(org_policy_content(v, i).len, quotas.scp_characters);
        assert_true(org_policy_target_count(v, i) > 0);
    }
    support_world_free(&w);
    assert_int_equal(quota->size.accounts, quotas.accounts);
    assert_int_equal(quota->size.ous, quotas.ous);
    assert_int_equal(quota->size.scps, quotas.scps);
}

static void quotas_refuse(void **state)
{
    (void)state;
    arena         scratch = all;
    quota_profile quotas = support_quotas(&scratch, "aws-2024");
    support_world w = {0};
    err           e = {0};
    generate_size too_many = {.accounts = 10, .ous = 1001, .scps = 2};
    assert_int_equal(generate_organization(&scratch, corpus, facts, &quotas, too_many, 1, &w.o, &w.c, &e),
                     STATUS_LIMIT);
    assert_string_equal(e.text, "CreateOrganizationalUnit is refused with ConstraintViolationException, "
                                "OU_NUMBER_LIMIT_EXCEEDED: the organization has 1000 OUs, which is the limit");
    assert_null(w.o);
    assert_int_equal(generate_organization(&scratch, corpus, facts, &quotas, (generate_size){0}, 1, &w.o, &w.c, &e),
                     STATUS_INVALID);
    quotas.ou_depth = 2;
    generate_size flat = {.accounts = 10, .ous = 50, .scps = 2};
    if (generate_organization(&scratch, corpus, facts, &quotas, flat, 1, &w.o, &w.c, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    support_world_free(&w);
    static const uint32_t short_texts[] = {0, 1, 90, 150, 900};
    for (size_t i = 0; i < COUNTOF(short_texts); i++) /* some are too short for any statement: an error, no crash */
        for (int fill = 0; fill < 2; fill++) {
            generate_size some = {.accounts = 2, .scps = 9, .allow_list_percent = 10, .fill = fill == 1};
            w = (support_world){0};
            quotas.scp_characters = short_texts[i];
            status s = generate_organization(&scratch, corpus, facts, &quotas, some, 1, &w.o, &w.c, &e);
            assert_int_equal(s, short_texts[i] > 120 ? STATUS_OK : STATUS_LIMIT);
            if (s == STATUS_OK) support_world_free(&w);
        }
    generate_size small_texts = {.accounts = 10, .ous = 4, .scps = 300, .allow_list_percent = 50};
    quotas.scp_characters = 400;
    if (generate_organization(&scratch, corpus, facts, &quotas, small_texts, 1, &w.o, &w.c, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    support_world_free(&w);
}

/* ---- shapes ---- */

typedef struct {
    uint32_t bytes[4000], statements[4000], actions[40000];
    uint32_t policies, statement_count;
    uint32_t deny, condition, not_action, any_resource;
    uint32_t exact, service, prefix, everything;
    uint32_t operators[CONDITION_BASE_COUNT][2], clauses;
} shapes;

static int u32_cmp(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void measure(const org_view *v, shapes *out)
{
    for (uint32_t i = 0; i < org_policy_count(v); i++) {
        const policy *p = org_policy_parsed(v, i);
        if (org_policy_aws_managed(v, i)) continue;
        out->bytes[out->policies] = p->characters_minified;
        out->statements[out->policies++] = p->statement_count;
        for (uint32_t k = 0; k < p->statement_count; k++) {
            const policy_statement *s = &p->statements[k];
            out->actions[out->statement_count++] = s->action_count;
            out->deny += s->deny;
            out->condition += s->clause_count > 0;
            out->not_action += s->not_action;
            out->any_resource += s->resource_count == 1 && str_is(s->resources[0].text, "*");
            for (uint32_t a = 0; a < s->action_count; a++) {
                str text = s->actions[a].text;
                *(str_is(text, "*")           ? &out->everything
                  : str_ends(text, STR(":*")) ? &out->service
                  : str_ends(text, STR("*"))  ? &out->prefix
                                              : &out->exact) += 1;
            }
            for (uint32_t c = 0; c < s->clause_count; c++, out->clauses++)
                out->operators[s->clauses[c].base][s->clauses[c].if_exists]++;
        }
    }
    qsort(out->bytes, out->policies, sizeof(uint32_t), u32_cmp);
    qsort(out->statements, out->policies, sizeof(uint32_t), u32_cmp);
    qsort(out->actions, out->statement_count, sizeof(uint32_t), u32_cmp);
}

static void quantile_near(const char *what, const uint32_t *sorted, uint32_t count, uint32_t percent, uint32_t low,
                          uint32_t high)
{
    uint32_t found = sorted[percent == 100 ? count - 1 : (uint64_t)count * percent / 100];
    if (found < low || found > high)
        fail_msg("%s, percentile %u: %u, expected %u to %u", what, percent, found, low, high);
}

static void share_near(const char *what, uint32_t part, uint32_t whole, uint32_t low, uint32_t high)
{
    uint64_t thousandths = (uint64_t)part * 1000 / whole;
    if (thousandths < low || thousandths > high)
        fail_msg("%s: %u of %u, expected %u to %u thousandths", what, part, whole, low, high);
}

/* Two thousand SCPs against the figures of the profile's source. */
static void policies_have_the_shapes_of_the_profile(void **state)
{
    (void)state;
    arena         scratch = all;
    shapes       *m = ARENA_NEW(&scratch, shapes, 1);
    support_world w = support_world_named(&scratch, corpus, facts, "large", 5);
    measure(org_at(w.o, 0), m);
    assert_int_equal(m->policies, 2000);
    quantile_near("bytes", m->bytes, m->policies, 50, 300, 430);
    quantile_near("bytes", m->bytes, m->policies, 75, 580, 850);
    quantile_near("bytes", m->bytes, m->policies, 90, 1000, 1450);
    quantile_near("bytes", m->bytes, m->policies, 100, 2800, 3522);
    quantile_near("statements", m->statements, m->policies, 50, 1, 1);
    quantile_near("statements", m->statements, m->policies, 90, 3, 3);
    quantile_near("statements", m->statements, m->policies, 100, 6, 10);
    quantile_near("actions", m->actions, m->statement_count, 50, 2, 2);
    quantile_near("actions", m->actions, m->statement_count, 75, 6, 9);
    quantile_near("actions", m->actions, m->statement_count, 90, 12, 18);
    quantile_near("actions", m->actions, m->statement_count, 100, 44, 48);
    share_near("Deny", m->deny, m->statement_count, 840, 890);
    share_near("Condition", m->condition, m->statement_count, 690, 750);
    share_near("NotAction", m->not_action, m->statement_count, 50, 85);
    share_near("Resource *", m->any_resource, m->statement_count, 770, 840);
    uint32_t named = m->exact + m->service + m->prefix;
    share_near("exact actions", m->exact, named, 740, 830);
    share_near("service:*", m->service, named, 130, 210);
    share_near("service:Prefix*", m->prefix, named, 25, 60);
    share_near("ArnNotLike", m->operators[CONDITION_ARN_NOT_LIKE][0], m->clauses, 230, 310);
    share_near("StringNotEqualsIfExists", m->operators[CONDITION_STRING_NOT_EQUALS][1], m->clauses, 240, 310);
    share_near("Null", m->operators[CONDITION_NULL][0], m->clauses, 75, 125);
    share_near("StringEquals", m->operators[CONDITION_STRING_EQUALS][0], m->clauses, 75, 150);
    support_world_free(&w);
}

/* Shares of OUs by depth; the fullest OU against an average one. */
static void trees_have_the_shape_of_the_profile(void **state)
{
    (void)state;
    static const uint32_t expected[ORG_OU_DEPTH_MAX + 1] = {0, 300, 1100, 500, 80, 20};
    arena                 scratch = all;
    support_world         w = support_world_named(&scratch, corpus, facts, "large", 5);
    const org_view       *v = org_at(w.o, 0);
    uint32_t              depth[ORG_OU_DEPTH_MAX + 1] = {0}, fullest = 0, listed = 0;
    for (uint32_t i = 1; i < org_node_count(v); i++) {
        depth[org_node_depth(v, i)]++;
        uint32_t here = org_node_account_count(v, i);
        fullest = here > fullest ? here : fullest;
        org_attachments scps = org_attached(v, ORG_TYPE_SCP, org_target_node(i));
        listed += scps.policies[0] != ORG_FULL_ACCESS;
    }
    for (uint32_t d = 1; d <= ORG_OU_DEPTH_MAX; d++) assert_int_equal(depth[d], expected[d]);
    assert_true(fullest > 300 && fullest < 700); /* 10,000 / (sum over 2,000 of 1/i^0.8) = 520 */
    assert_true(listed > 60 && listed < 140);    /* 5 % of 2,000 */
    support_world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_same_bytes),
        cmocka_unit_test(named_worlds_hold_together),
        cmocka_unit_test(odd_sizes_hold_together),
        cmocka_unit_test(rcps_come_beside_the_rest),
        cmocka_unit_test(full_worlds_reach_the_limits),
        cmocka_unit_test(quotas_refuse),
        cmocka_unit_test(policies_have_the_shapes_of_the_profile),
        cmocka_unit_test(trees_have_the_shape_of_the_profile),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
