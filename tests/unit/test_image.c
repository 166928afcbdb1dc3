/* What images share with each other and what a change makes anew; the answers themselves are compared with the oracle
 * in tests/prop. */
#include "authz/image.h"

#include "support/fixture.h"

#define OUS      4u
#define ACCOUNTS 40u /* ten in each OU */
#define DENY_S3  SCP("\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"")
#define DENY_EC2 SCP("\"Effect\":\"Deny\",\"Action\":\"ec2:*\",\"Resource\":\"*\"")
#define DENY_SQS SCP("\"Effect\":\"Deny\",\"Action\":\"sqs:*\",\"Resource\":\"*\"")

typedef struct {
    arena             run;
    const catalog    *facts;
    authz_vocabulary *v;
    authz_role        roles[3];
    org              *o;
    authz_store      *s;
    uint32_t          deny_s3, deny_ec2;
} world;

static int setup(void **state)
{
    world *w = memory_alloc(MEMORY_GENERAL, sizeof *w);
    arena_init(&w->run, MEMORY_GENERAL);
    w->facts = fixture_catalog(&w->run);
    w->v = authz_vocabulary_new(w->facts);
    const policy **all = ARENA_NEW(&w->run, const policy *, 1);
    all[0] = fixture_policy(&w->run, POLICY_IDENTITY, SCP("\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\""));
    w->roles[0] = (authz_role){
        .name = STR("Admin"), .principal = STR("arn:aws:sts:::assumed-role/Admin/s"), .hole = 13, .identity = {all, 1}};
    w->roles[1] = (authz_role){
        .name = STR("Other"), .principal = STR("arn:aws:iam:::role/Other"), .hole = 13, .identity = {all, 1}};
    w->roles[2] = (authz_role){.name = STR("Linked"),
                               .principal = STR("arn:aws:iam:::role/aws-service-role/a.amazonaws.com/L"),
                               .hole = 13,
                               .identity = {all, 1},
                               .service_linked = true};
    w->o = org_new(
        (org_options){STR("o-exampleorgid"), STR("r-ab12"), STR("100000000000"), STR("m"), STR("m@example.com")});
    org_type_enable(w->o, ORG_TYPE_SCP);
    w->deny_s3 = org_policy_create(w->o, ORG_TYPE_SCP, STR("p-00000001"), STR("s3"), STR(""), STR(DENY_S3));
    w->deny_ec2 = org_policy_create(w->o, ORG_TYPE_SCP, STR("p-00000002"), STR("ec2"), STR(""), STR(DENY_EC2));
    for (uint32_t i = 0; i < OUS; i++) {
        str name = arena_format(&w->run, "ou-ab12-0000000%u", i);
        (void)org_ou_create(w->o, ORG_ROOT, name, name);
    }
    for (uint32_t i = 0; i < ACCOUNTS; i++) {
        str name = arena_format(&w->run, "1000000001%02u", i);
        (void)org_account_create(w->o, 1 + i % OUS, name, name, name);
    }
    org_attach(w->o, w->deny_s3, org_target_node(1));
    uint16_t object;
    assert_int_equal(authz_value(w->v, AUTHZ_RESOURCE, STR("arn:aws:s3:::b/k"), AUTHZ_NO_HOLE, &object, NULL),
                     STATUS_OK);
    assert_int_equal(object, 1);
    assert_int_equal(authz_roles_bind(w->v, w->roles, COUNTOF(w->roles), NULL), STATUS_OK);
    w->s = authz_store_new(w->facts, w->v, (authz_setting){.roles = w->roles, .role_count = COUNTOF(w->roles)});
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    authz_store_free(w->s);
    org_free(w->o);
    authz_vocabulary_free(w->v);
    arena_deinit(&w->run);
    memory_free(MEMORY_GENERAL, w);
    return 0;
}

static authz_image *build(world *w, const authz_image *previous)
{
    return authz_image_build(w->s, org_at(w->o, org_commit(w->o)), previous);
}

static decision ask(const world *w, const authz_image *image, uint32_t account, uint16_t role, const char *action)
{
    uint32_t      x = catalog_action_find(w->facts, str_of(action));
    authz_request q = {.account = account,
                       .owner = account,
                       .value[AUTHZ_PRINCIPAL] = (uint16_t)(role + 1),
                       .action = catalog_action_at(w->facts, x)->handle};
    return authz_decide(image, &q);
}

static bool is(decision d, decision_kind kind, decision_layer layer, uint32_t level)
{
    return decision_equal(d, (decision){(uint8_t)kind, (uint8_t)layer, (uint8_t)level});
}

static void accounts_of_one_ou_share_a_row(void **state)
{
    world            *w = *state;
    authz_image      *image = build(w, NULL);
    authz_image_stats stats;
    authz_image_stats_get(w->s, image, &stats);
    /* FullAWSAccess everywhere says nothing new: the open row serves root, OUs and accounts but for one OU. */
    assert_int_equal(stats.rows, 2);
    assert_int_equal(stats.rows_shared, 0);
    assert_ptr_equal(*image_row(image, 1), *image_row(image, 1 + OUS));
    assert_ptr_not_equal(*image_row(image, 1), *image_row(image, 2));
    assert_ptr_equal(*image_row(image, 2), image->open);
    assert_ptr_equal(*image_row(image, ORG_MANAGEMENT), image->open);
    assert_ptr_equal(image->roles[0].identity, image->roles[1].identity); /* roles that say the same */
    assert_true(is(ask(w, image, 1, 0, "s3:GetObject"), DECISION_EXPLICITLY_DENIED, LAYER_SCP, 1));
    assert_true(is(ask(w, image, 2, 0, "s3:GetObject"), DECISION_ALLOWED, LAYER_NONE, 0));
    assert_true(is(ask(w, image, 1, 2, "s3:GetObject"), DECISION_ALLOWED, LAYER_NONE, 0));
    authz_image_release(w->s, image);
}

static void attaching_and_detaching_comes_back_to_the_same_row(void **state)
{
    world       *w = *state;
    authz_image *first = build(w, NULL);
    org_attach(w->o, w->deny_ec2, org_target_node(2));
    authz_image *second = build(w, first);
    org_detach(w->o, w->deny_ec2, org_target_node(2));
    authz_image *third = build(w, second);
    for (uint32_t account = 1; account <= ACCOUNTS; account++) {
        assert_int_equal(authz_same_row(first, second, account), account % OUS != 2);
        assert_true(authz_same_row(first, third, account));
    }
    assert_true(is(ask(w, first, 2, 0, "ec2:RunInstances"), DECISION_ALLOWED, LAYER_NONE, 0));
    assert_true(is(ask(w, second, 2, 0, "ec2:RunInstances"), DECISION_EXPLICITLY_DENIED, LAYER_SCP, 1));
    assert_true(is(ask(w, third, 2, 0, "ec2:RunInstances"), DECISION_ALLOWED, LAYER_NONE, 0));
    authz_image_stats stats;
    authz_image_stats_get(w->s, third, &stats);
    assert_int_equal(stats.rows, 2);
    assert_int_equal(stats.rows_shared, 2);
    authz_image_release(w->s, second);
    authz_image_release(w->s, first);
    authz_image_release(w->s, third);
}

static void a_change_copies_the_pages_it_writes(void **state)
{
    world       *w = *state;
    authz_image *first = build(w, NULL);
    authz_image *same = build(w, first);
    assert_ptr_equal(first->scps.accounts[0], same->scps.accounts[0]);
    assert_ptr_equal(first->scps.leaves[0], same->scps.leaves[0]);
    assert_ptr_equal(first->scps.nodes[0], same->scps.nodes[0]);
    org_account_move(w->o, 1, 2);
    authz_image *moved = build(w, same);
    assert_ptr_not_equal(first->scps.accounts[0], moved->scps.accounts[0]);
    assert_ptr_equal(first->scps.nodes[0], moved->scps.nodes[0]);
    assert_ptr_equal(*image_row(moved, 1), *image_row(moved, 2));
    authz_image_release(w->s, first);
    authz_image_release(w->s, same);
    authz_image_release(w->s, moved);
}

static void a_new_text_reaches_every_place_that_holds_the_policy(void **state)
{
    world       *w = *state;
    authz_image *first = build(w, NULL);
    org_attach(w->o, w->deny_s3, org_target_account(3));
    authz_image *second = build(w, first);
    org_policy_update(w->o, w->deny_s3, (str){0}, (str){0}, STR(DENY_SQS));
    authz_image *third = build(w, second);
    assert_true(is(ask(w, third, 1, 0, "s3:GetObject"), DECISION_ALLOWED, LAYER_NONE, 0));
    assert_true(is(ask(w, third, 1, 0, "sqs:SendMessage"), DECISION_EXPLICITLY_DENIED, LAYER_SCP, 1));
    assert_true(is(ask(w, third, 3, 0, "sqs:SendMessage"), DECISION_EXPLICITLY_DENIED, LAYER_SCP, 2));
    assert_true(is(ask(w, second, 3, 0, "s3:GetObject"), DECISION_EXPLICITLY_DENIED, LAYER_SCP, 2));
    authz_image_release(w->s, first);
    authz_image_release(w->s, second);
    authz_image_release(w->s, third);
}

static void images_outlive_the_stock_they_were_made_from(void **state)
{
    world       *w = *state;
    authz_image *first = build(w, NULL);
    authz_store_renew(w->s);
    org_attach(w->o, w->deny_ec2, org_target_node(2));
    authz_image      *second = build(w, first); /* compiled from nothing: nothing is shared */
    authz_image_stats stats;
    authz_image_stats_get(w->s, second, &stats);
    assert_int_equal(stats.rows_shared, 0);
    assert_false(authz_same_row(first, second, 1));
    assert_true(is(ask(w, first, 1, 0, "s3:GetObject"), DECISION_EXPLICITLY_DENIED, LAYER_SCP, 1));
    assert_true(is(ask(w, second, 1, 0, "s3:GetObject"), DECISION_EXPLICITLY_DENIED, LAYER_SCP, 1));
    assert_true(is(ask(w, second, 2, 0, "ec2:RunInstances"), DECISION_EXPLICITLY_DENIED, LAYER_SCP, 1));
    authz_image_release(w->s, second);
    assert_true(is(ask(w, first, 2, 0, "ec2:RunInstances"), DECISION_ALLOWED, LAYER_NONE, 0));
    authz_image_release(w->s, first);
}

/* Of account 2, which no SCP binds, about an object of `owner`. */
static decision ask_object(const world *w, const authz_image *image, uint32_t owner, const char *action)
{
    uint32_t      x = catalog_action_find(w->facts, str_of(action));
    authz_request q = {.account = 2, .owner = owner, .action = catalog_action_at(w->facts, x)->handle};
    q.value[AUTHZ_PRINCIPAL] = q.value[AUTHZ_RESOURCE] = 1;
    authz_request_seal(w->v, &q);
    assert_int_equal(q.action.flags, owner == 2 ? 0 : AUTHZ_LAYERED);
    return authz_decide(image, &q);
}

static void rcps_have_rows_of_their_own(void **state)
{
    world *w = *state;
    org_type_enable(w->o, ORG_TYPE_RCP);
    authz_image *none = build(w, NULL); /* RCPFullAWSAccess at every level says nothing */
    assert_null(none->rcps.accounts);
    uint32_t deny = org_policy_create(w->o, ORG_TYPE_RCP, STR("p-00000003"), STR("rcp"), STR(""),
                                      STR(SCP("\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":[\"s3:*\",\"ec2:*\"],"
                                              "\"Resource\":\"*\"")));
    org_attach(w->o, deny, org_target_node(2));
    authz_image *bound = build(w, none);
    for (uint32_t account = 0; account <= ACCOUNTS; account++)
        assert_int_equal(authz_same_row(none, bound, account), account == 0 || account % OUS != 2);
    assert_true(is(ask_object(w, none, 2, "s3:GetObject"), DECISION_ALLOWED, LAYER_NONE, 0));
    assert_true(is(ask_object(w, bound, 2, "s3:GetObject"), DECISION_EXPLICITLY_DENIED, LAYER_RCP, 1));
    assert_true(is(ask_object(w, bound, 6, "s3:GetObject"), DECISION_EXPLICITLY_DENIED, LAYER_RCP, 1));
    assert_true(is(ask_object(w, bound, 3, "s3:GetObject"), DECISION_IMPLICITLY_DENIED, LAYER_IDENTITY, 0));
    assert_true(is(ask_object(w, bound, 2, "ec2:RunInstances"), DECISION_ALLOWED, LAYER_NONE, 0)); /* honours none */
    org_detach(w->o, deny, org_target_node(2));
    authz_image *again = build(w, bound);
    assert_false(again->rcps_bind);
    for (uint32_t account = 0; account <= ACCOUNTS; account++) assert_true(authz_same_row(none, again, account));
    org_account_remove(w->o, 2);
    authz_image *removed = build(w, again);
    assert_false(authz_same_row(again, removed, 2));
    assert_true(is(ask_object(w, removed, 2, "s3:GetObject"), DECISION_ALLOWED, LAYER_NONE, 0));
    authz_image_release(w->s, none);
    authz_image_release(w->s, bound);
    authz_image_release(w->s, again);
    authz_image_release(w->s, removed);
}

static void batches_of_any_size(void **state)
{
    world        *w = *state;
    authz_image  *image = build(w, NULL);
    authz_request q[AUTHZ_BATCH];
    decision      out[AUTHZ_BATCH + 1];
    uint32_t      x = catalog_action_find(w->facts, STR("s3:GetObject"));
    for (uint32_t i = 0; i < AUTHZ_BATCH; i++)
        q[i] = (authz_request){.account = 1 + i % ACCOUNTS,
                               .owner = 1 + i % ACCOUNTS,
                               .value[AUTHZ_PRINCIPAL] = 1,
                               .action = catalog_action_at(w->facts, x)->handle};
    for (uint32_t count = 0; count <= AUTHZ_BATCH; count++) {
        memset(out, 0xee, sizeof out);
        authz_decide_batch(image, q, count, out);
        for (uint32_t i = 0; i < count; i++) assert_true(decision_equal(out[i], authz_decide(image, &q[i])));
        assert_int_equal(out[count].kind, 0xee);
    }
    assert_int_equal(authz_decide_cost(image, &q[0]), 0);
    authz_image_release(w->s, image);
}

static void a_request_as_text(void **state)
{
    world        *w = *state;
    authz_image  *image = build(w, NULL);
    uint32_t      x = catalog_action_find(w->facts, STR("s3:getobject"));
    authz_request q = {
        .account = 1, .owner = 1, .value[AUTHZ_PRINCIPAL] = 1, .action = catalog_action_at(w->facts, x)->handle};
    policy_case c;
    authz_request_case(&w->run, image, &q, 0, &c);
    request text = c.request;
    assert_true(str_is(text.action, "s3:GetObject"));
    assert_true(str_is(text.principal, "arn:aws:sts::100000000100:assumed-role/Admin/s"));
    assert_true(str_is(text.resource, "*"));
    assert_true(str_is(text.resource_account, "100000000100"));
    assert_int_equal(text.context_count, 2); /* the time, twice */
    assert_int_equal(authz_image_revision(image), 0);
    authz_image_release(w->s, image);
}

int main(void)
{
#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_WORLD(accounts_of_one_ou_share_a_row),
        WITH_WORLD(attaching_and_detaching_comes_back_to_the_same_row),
        WITH_WORLD(a_change_copies_the_pages_it_writes),
        WITH_WORLD(a_new_text_reaches_every_place_that_holds_the_policy),
        WITH_WORLD(images_outlive_the_stock_they_were_made_from),
        WITH_WORLD(rcps_have_rows_of_their_own),
        WITH_WORLD(batches_of_any_size),
        WITH_WORLD(a_request_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
