/* Every subset of five statements at each of three levels: 32^3 chains, sixteen requests each, image against oracle.
 *
 * The root's subset changes from revision to revision, one attachment at a time (a Gray code), and each image is
 * derived from the one before; below it stand 32 OUs, one for each subset, with 32 accounts in each, one for each. */
#include "support/support.h"

#include <stdio.h>

#include "authz/authz.h"
#include "policy/parse.h"
#include "support/compare.h"

#define SUBSETS  32u
#define REQUESTS 16u

#define DOCUMENT(statement) "{\"Version\":\"2012-10-17\",\"Statement\":[{" statement "}]}"
static const char *const statements[] = {
    DOCUMENT("\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\""),
    DOCUMENT("\"Effect\":\"Allow\",\"Action\":[\"s3:*\",\"ec2:*\"],\"Resource\":\"*\","
             "\"Condition\":{\"StringEquals\":{\"aws:RequestedRegion\":[\"eu-west-1\",\"eu-west-2\"]}}"),
    DOCUMENT("\"Effect\":\"Deny\",\"Action\":\"s3:Get*\",\"Resource\":\"*\","
             "\"Condition\":{\"StringNotEquals\":{\"aws:PrincipalTag/team\":\"red\"}}"),
    DOCUMENT("\"Effect\":\"Deny\",\"NotAction\":[\"s3:*\",\"iam:*\"],\"Resource\":\"*\""),
    DOCUMENT("\"Effect\":\"Allow\",\"Action\":[\"s3:*\",\"iam:Create*\"],"
             "\"Resource\":[\"arn:aws:s3:::logs/*\",\"arn:aws:iam::*:role/app-*\"]"),
};
_Static_assert(SUBSETS == 1u << COUNTOF(statements), "one subset a bit pattern");

typedef struct {
    arena             run;
    const catalog    *facts;
    authz_vocabulary *v;
    org              *o;
    uint32_t          policies[COUNTOF(statements)];
    authz_role        admin;
    policy           *identity;
    authz_request     requests[REQUESTS];
} small_world;

/* ---- the organization ---- */

static void attach_subset(small_world *w, org_target target, uint32_t subset)
{
    org_detach(w->o, ORG_FULL_ACCESS, target);
    for (uint32_t i = 0; i < COUNTOF(statements); i++)
        if (subset >> i & 1) org_attach(w->o, w->policies[i], target);
}

static void organization_make(small_world *w)
{
    w->o = org_new((org_options){.org_id = STR("o-exampleorgid"),
                                 .root_id = STR("r-ab12"),
                                 .management_id = STR("111111111111"),
                                 .management_name = STR("management"),
                                 .management_email = STR("management@example.com")});
    org_type_enable(w->o, ORG_TYPE_SCP);
    for (uint32_t i = 0; i < COUNTOF(statements); i++) {
        str name = arena_format(&w->run, "p-%08u", i);
        w->policies[i] = org_policy_create(w->o, ORG_TYPE_SCP, name, name, name, str_of(statements[i]));
    }
    attach_subset(w, org_target_node(ORG_ROOT), 0);
    for (uint32_t i = 0; i < SUBSETS; i++) {
        str      name = arena_format(&w->run, "ou-ab12-%08u", i);
        uint32_t ou = org_ou_create(w->o, ORG_ROOT, name, name);
        attach_subset(w, org_target_node(ou), i);
        for (uint32_t k = 0; k < SUBSETS; k++) {
            str      id = arena_format(&w->run, "%012u", 1000 + i * SUBSETS + k);
            uint32_t account = org_account_create(w->o, ou, id, id, id);
            assert_int_equal(account, 1 + i * SUBSETS + k);
            attach_subset(w, org_target_account(account), k);
        }
    }
}

/* ---- the requests ---- */

static uint32_t slot_of(small_world *w, const char *key)
{
    uint32_t slot = AUTHZ_RESOURCE;
    if (key != NULL) assert_int_equal(authz_slot(w->v, str_of(key), AUTHZ_SINGLE, &slot, NULL), STATUS_OK);
    return slot;
}

static uint16_t value(small_world *w, const char *key, const char *text, size_t hole)
{
    uint16_t id = 0;
    assert_int_equal(authz_value(w->v, slot_of(w, key), str_of(text), hole, &id, NULL), STATUS_OK);
    return id;
}

/* Four actions, each in and outside the regions of the second statement, with two pairs of resource and tag. */
static void requests_make(small_world *w)
{
    static const struct {
        const char *action, *inside, *outside;
        size_t      hole;
    } rows[] = {{"s3:GetObject", "arn:aws:s3:::logs/a", "arn:aws:s3:::data/a", AUTHZ_NO_HOLE},
                {"s3:PutObject", "arn:aws:s3:::logs/a", "arn:aws:s3:::data/a", AUTHZ_NO_HOLE},
                {"iam:CreateRole", "arn:aws:iam:::role/app-1", "arn:aws:iam:::role/db", 13},
                {"ec2:RunInstances", "*", "*", AUTHZ_NO_HOLE}};
    uint16_t regions[] = {value(w, "aws:RequestedRegion", "eu-west-2", AUTHZ_NO_HOLE),
                          value(w, "aws:RequestedRegion", "us-east-1", AUTHZ_NO_HOLE)};
    uint16_t red = value(w, "aws:PrincipalTag/team", "red", AUTHZ_NO_HOLE);
    for (uint32_t i = 0; i < REQUESTS; i++) {
        authz_request *q = &w->requests[i];
        size_t         row = i >> 2;
        bool           odd = i & 1, outside = i >> 1 & 1;
        uint32_t       action = catalog_action_find(w->facts, str_of(rows[row].action));
        assert_true(action != CATALOG_NONE);
        *q = (authz_request){.value[AUTHZ_PRINCIPAL] = 1, .action = catalog_action_at(w->facts, action)->handle};
        q->value[0] = value(w, NULL, odd ? rows[row].outside : rows[row].inside, rows[row].hole);
        q->value[slot_of(w, "aws:RequestedRegion")] = regions[outside];
        q->value[slot_of(w, "aws:PrincipalTag/team")] =
            odd != outside ? red : 0; /* all four pairs of resource and tag meet each action */
    }
}

static void world_make(small_world *w)
{
    static const source text = {{"identity", 8},
                                {DOCUMENT("\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\""),
                                 sizeof DOCUMENT("\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"") - 1},
                                1};
    *w = (small_world){0};
    arena_init(&w->run, MEMORY_GENERAL);
    w->facts = support_catalog(&w->run);
    w->v = authz_vocabulary_new(w->facts);
    organization_make(w);
    requests_make(w);
    policy_parse_options options = {.type = POLICY_IDENTITY};
    assert_int_equal(policy_parse(&w->run, &text, options, &w->identity, NULL), STATUS_OK);
    w->admin = (authz_role){.name = STR("Admin"),
                            .principal = STR("arn:aws:sts:::assumed-role/Admin/s"),
                            .hole = 13,
                            .identity = {(const policy *const *)&w->identity, 1}};
    assert_int_equal(authz_roles_bind(w->v, &w->admin, 1, NULL), STATUS_OK);
}

/* ---- the comparison ---- */

static uint32_t compare_revision(small_world *w, const authz_image *image, const org_view *view, uint32_t seen[3])
{
    compare_with with = {w->facts, &w->admin, view};
    uint32_t     compared = 0;
    for (uint32_t account = 1; account <= SUBSETS * SUBSETS; account++) {
        decision want[REQUESTS];
        for (uint32_t i = 0; i < REQUESTS; i++) {
            w->requests[i].account = w->requests[i].owner = account;
            want[i] = compare_oracle(w->run, &with, image, &w->requests[i]);
            seen[want[i].kind]++;
        }
        uint32_t at = compare_decided(image, w->requests, REQUESTS, want);
        if (at < REQUESTS) {
            str text = compare_describe(&w->run, &with, image, &w->requests[at], want[at]);
            (void)fprintf(stderr, "%.*s\n", STR_FMT(text)); /* cmocka cuts long messages */
            fail_msg("revision %u, account %u, request %u", org_view_revision(view), account, at);
        }
        compared += REQUESTS;
    }
    return compared;
}

static void every_chain_of_three_levels(void **state)
{
    (void)state;
    small_world w;
    world_make(&w);
    authz_store *s = authz_store_new(w.facts, w.v, (authz_setting){.roles = &w.admin, .role_count = 1});
    authz_image *image = NULL;
    uint32_t     compared = 0, seen[3] = {0, 0, 0};
    for (uint32_t i = 0; i < SUBSETS; i++) {
        if (i > 0) { /* the Gray codes of i - 1 and i differ in this one bit */
            uint32_t bit = (uint32_t)__builtin_ctz(i);
            bool     add = (i ^ i >> 1) >> bit & 1;
            (add ? org_attach : org_detach)(w.o, w.policies[bit], org_target_node(ORG_ROOT));
        }
        const org_view *view = org_at(w.o, org_commit(w.o));
        authz_image    *next = authz_image_build(s, view, image);
        authz_image_release(s, image);
        image = next;
        compared += compare_revision(&w, image, view, seen);
    }
    assert_int_equal(compared, SUBSETS * SUBSETS * SUBSETS * REQUESTS);
    for (uint32_t i = 0; i < COUNTOF(seen); i++) assert_true(seen[i] > compared / 50);
    authz_image_release(s, image);
    authz_store_free(s);
    org_free(w.o);
    authz_vocabulary_free(w.v);
    arena_deinit(&w.run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_chain_of_three_levels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
