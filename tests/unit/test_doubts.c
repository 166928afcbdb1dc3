/* What a run counts as not evaluated, kind by kind: every request of a small vocabulary is looked at as text, and the
 * image has to count the same; which statements it does not look at again is what makes counting cheap.
 */
#include "authz/doubts.h"

#include "authz/case.h"
#include "authz/image.h"
#include "support/fixture.h"

#define ACCOUNTS 2u /* members; the second has left */
#define ANY      "\"Resource\":\"*\""
#define DENY     "\"Effect\":\"Deny\",\"Action\":\"s3:*\","
#define ALL      "\"Effect\":\"Allow\",\"Action\":\"*\"," ANY
/* A Deny under one condition. */
#define WHERE(operator, key, value) DENY ANY ",\"Condition\":{\"" operator"\":{\"" key "\":\"" value "\"}}"

typedef struct {
    arena             run;
    const catalog    *facts;
    authz_vocabulary *v;
    uint32_t          slot_count;
} world;

static world w;

/* ---- a vocabulary, and all its requests ---- */

#define KEY(name, value, at)                                   \
    {                                                          \
        {name, sizeof name - 1}, &(value), 1, at, AUTHZ_SINGLE \
    }

static const str            account = {"", 0}, session_name = {"AdminId:s", 9}, user_name = {"u", 1};
static const authz_role_key of_session[] = {KEY("aws:PrincipalAccount", account, 0),
                                            KEY("aws:userid", session_name, AUTHZ_NO_HOLE)};
static const authz_role_key of_user[] = {KEY("aws:PrincipalAccount", account, 0),
                                         KEY("aws:userid", user_name, AUTHZ_NO_HOLE),
                                         KEY("aws:username", user_name, AUTHZ_NO_HOLE)};
static authz_role           roles[] = {
              {.name = {"Admin", 5},
               .principal = {"arn:aws:sts:::assumed-role/Admin/s", 34},
               .hole = 13,
               .keys = of_session,
               .key_count = 2},
              {.name = {"User", 4}, /* has a user name */
               .principal = {"arn:aws:iam:::user/u", 20},
               .hole = 13,
               .keys = of_user,
               .key_count = 3},
              {.name = {"Linked", 6},
               .principal = {"arn:aws:iam:::role/aws-service-role/a.amazonaws.com/L", 53},
               .hole = 13,
               .service_linked = true},
              {.name = {"Service", 7}, .principal = {"a.amazonaws.com", 15}, .hole = AUTHZ_NO_HOLE},
};

static void value(const char *key, const char *text)
{
    uint32_t slot = AUTHZ_RESOURCE;
    uint16_t id;
    if (key != NULL) assert_int_equal(authz_slot(w.v, str_of(key), AUTHZ_SINGLE, &slot, NULL), STATUS_OK);
    assert_int_equal(authz_value(w.v, slot, str_of(text), AUTHZ_NO_HOLE, &id, NULL), STATUS_OK);
}

static int setup(void **state)
{
    (void)state;
    arena_init(&w.run, MEMORY_GENERAL);
    w.facts = fixture_catalog(&w.run);
    w.v = authz_vocabulary_new(w.facts);
    authz_organization(w.v, STR("o-exampleorgid"));
    value(NULL, "arn:aws:s3:::b/k");
    value(NULL, "arn:aws:s3:::b/u");
    value("app:date", "2026-01-01T00:00:00Z");
    value("app:word", "2026-01-01T00:00:00Z");
    value("app:word", "word");
    value("app:arn", "arn:aws:s3:::b");
    uint32_t slot;
    uint16_t id;
    str      tags[] = {STR("Owner"), STR("Team")};
    assert_int_equal(authz_slot(w.v, STR("aws:TagKeys"), AUTHZ_LIST, &slot, NULL), STATUS_OK);
    assert_int_equal(authz_value_list(w.v, slot, tags, COUNTOF(tags), &id, NULL), STATUS_OK);
    assert_int_equal(authz_roles_bind(w.v, roles, COUNTOF(roles), NULL), STATUS_OK);
    w.slot_count = authz_slot_count(w.v);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    authz_vocabulary_free(w.v);
    arena_deinit(&w.run);
    return 0;
}

/* The n-th request: an action, an account, and values as digits of a number; false when there are no more. */
static bool request_at(uint32_t n, authz_request *q)
{
    static const char *const actions[] = {"s3:GetObject", "ec2:RunInstances"};
    uint32_t                 action = catalog_action_find(w.facts, str_of(actions[n % 2]));
    *q = (authz_request){.account = 1 + n / 2 % ACCOUNTS, .time_s = 1793534400};
    q->owner = q->account;
    q->action = catalog_action_at(w.facts, action)->handle;
    q->value[AUTHZ_PRINCIPAL] = (uint16_t)(1 + n / 2 / ACCOUNTS % COUNTOF(roles));
    n = n / 2 / ACCOUNTS / COUNTOF(roles);
    for (uint32_t slot = 0; slot < w.slot_count; slot++) {
        if (slot == AUTHZ_PRINCIPAL) continue;
        uint32_t count = authz_value_count(w.v, slot) + 1;
        q->value[slot] = (uint16_t)(n % count);
        n /= count;
    }
    authz_request_seal(w.v, q);
    return n == 0;
}

/* ---- one statement, as SCP of the root or as identity policy of every role in an account ---- */

typedef struct {
    bool     looked_at; /* the image does not know by itself that nothing can be left unevaluated */
    uint32_t requests, by_kind[DIAGNOSTIC_COUNT];
} counted;

static void count_requests(arena free_memory, const authz_image *image, counted *out)
{
    authz_request q;
    for (uint32_t n = 0; request_at(n, &q); n++) {
        arena       scratch = free_memory;
        policy_case c;
        diagnostic *found;
        uint32_t    have[DIAGNOSTIC_COUNT], want[DIAGNOSTIC_COUNT] = {0}, total = 0;
        request_case_in_view(&scratch, image, &q, &c);
        uint32_t count = authz_diagnose_case(&scratch, &c, w.facts, &found);
        for (uint32_t i = 0; i < count; i++) {
            want[found[i].kind] += found[i].kind != DIAGNOSTIC_MISSING_KEY;
            total += found[i].kind != DIAGNOSTIC_MISSING_KEY;
        }
        if (authz_request_doubts(image, &q, have) != total || memcmp(have, want, sizeof have) != 0)
            fail_msg("request %u of `%.*s`: %u in its text", n, STR_FMT(c.request.principal), total);
        out->requests++;
        for (uint32_t i = 0; i < DIAGNOSTIC_COUNT; i++) out->by_kind[i] += want[i] > 0;
    }
}

static org *organization(void)
{
    return org_new(
        (org_options){STR("o-exampleorgid"), STR("r-ab12"), STR("100000000000"), STR("m"), STR("m@example.com")});
}

/* As roles may have them: what AWS would refuse is read as it stands. */
static const policy *lenient_policy(arena *a, const char *text)
{
    source *in = ARENA_NEW(a, source, 1);
    policy *out = NULL;
    err     e = {0};
    *in = (source){STR("policy"), str_of(text), 1};
    if (policy_parse(a, in, (policy_parse_options){.type = POLICY_IDENTITY, .lenient = true}, &out, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    return out;
}

/* `!` before the statement: in a policy of the older version. */
static counted count_statement(const char *statement, policy_type type)
{
    arena       scratch = w.run;
    org        *o = organization();
    const char *text =
        arena_format(&scratch, "{\"Version\":\"%s\",\"Statement\":[{%s}]}",
                     statement[0] == '!' ? "2008-10-17" : "2012-10-17", statement + (statement[0] == '!'))
            .ptr;
    const policy **set = ARENA_NEW(&scratch, const policy *, 2);
    uint32_t       identity = type == POLICY_IDENTITY ? 2 : 1;
    counted        out = {0};
    set[0] = fixture_policy(&scratch, POLICY_IDENTITY, SCP(ALL));
    if (type == POLICY_IDENTITY) set[1] = lenient_policy(&scratch, text);
    for (size_t i = 0; i < COUNTOF(roles); i++) roles[i].identity = (policy_level){set, identity};
    org_type_enable(o, ORG_TYPE_SCP);
    for (uint32_t i = 0; i < ACCOUNTS; i++) {
        str id = arena_format(&scratch, "10000000010%u", i);
        (void)org_account_create(o, ORG_ROOT, id, id, id);
    }
    if (type == POLICY_SCP)
        org_attach(o, org_policy_create(o, ORG_TYPE_SCP, STR("p-00000001"), STR("p"), STR(""), str_of(text)),
                   org_target_node(ORG_ROOT));
    org_account_remove(o, ACCOUNTS);
    authz_store *s = authz_store_new(w.facts, w.v, (authz_setting){.roles = roles, .role_count = COUNTOF(roles)});
    authz_image *image = authz_image_build(s, org_at(o, org_commit(o)), NULL);
    out.looked_at = authz_has_doubts(image);
    count_requests(scratch, image, &out);
    authz_image_release(s, image);
    authz_store_free(s);
    org_free(o);
    return out;
}

typedef struct {
    const char     *statement;
    diagnostic_kind kind; /* COUNT: none */
    policy_type     type;
    bool            looked_at; /* though nothing comes of it; where a kind is named it has to be */
} statement_row;

static void count_rows(const statement_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        counted c = count_statement(rows[i].statement, rows[i].type);
        bool    some = rows[i].kind != DIAGNOSTIC_COUNT;
        if (c.looked_at != (some || rows[i].looked_at)) fail_msg("row %zu: looked at %d", i, c.looked_at);
        for (uint32_t kind = 0; kind < DIAGNOSTIC_COUNT; kind++) {
            bool raised = c.by_kind[kind] > 0;
            if (raised != (kind == rows[i].kind))
                fail_msg("row %zu: %u of `%s`", i, c.by_kind[kind], diagnostic_name((diagnostic_kind)kind));
            if (c.by_kind[kind] == c.requests) fail_msg("row %zu: no request without", i);
        }
    }
}

#define NOTHING DIAGNOSTIC_COUNT

static void each_kind_is_counted(void **state)
{
    (void)state;
    static const statement_row rows[] = {
        {WHERE("DateNotEquals", "app:word", "2026-01-01T00:00:00Z"), DIAGNOSTIC_UNREADABLE_VALUE, POLICY_SCP, true},
        {WHERE("DateNotEquals", "app:date", "2026-01-01T00:00:00Z"), NOTHING, POLICY_SCP, false},
        {WHERE("DateEquals", "app:word", "2026-01-01T00:00:00Z"), NOTHING, POLICY_SCP, false},
        {WHERE("NumericNotEquals", "app:date", "1"), DIAGNOSTIC_UNREADABLE_VALUE, POLICY_IDENTITY, true},
        {WHERE("ArnNotLike", "app:word", "arn:aws:s3:::b"), DIAGNOSTIC_UNREADABLE_VALUE, POLICY_SCP, true},
        {WHERE("ArnNotLike", "app:arn", "arn:aws:s3:::b"), NOTHING, POLICY_SCP, false},
        {WHERE("NotIpAddress", "app:word", "10.0.0.0/8"), DIAGNOSTIC_UNREADABLE_VALUE, POLICY_SCP, true},
        {WHERE("StringEquals", "aws:TagKeys", "Owner"), DIAGNOSTIC_NO_SET_OPERATOR, POLICY_SCP, true},
        {WHERE("ForAnyValue:StringEquals", "aws:TagKeys", "Owner"), NOTHING, POLICY_SCP, false},
        {WHERE("Null", "aws:TagKeys", "true"), NOTHING, POLICY_SCP, false},
        {WHERE("StringEquals", "app:word", "${aws:username}"), DIAGNOSTIC_UNRESOLVED_VARIABLE, POLICY_SCP, true},
        {WHERE("StringEquals", "app:word", "${aws:userid}"), NOTHING, POLICY_SCP, false},
        {DENY "\"Resource\":\"arn:aws:s3:::b/${aws:username}\"", DIAGNOSTIC_UNRESOLVED_VARIABLE, POLICY_SCP, true},
        {DENY "\"Resource\":\"arn:aws:s3:::b/${aws:userid}\"", NOTHING, POLICY_SCP, false},
        /* of keys that no request has nothing is said, but that they are missing */
        {WHERE("StringEquals", "app:never", "${aws:username}"), NOTHING, POLICY_SCP, false},
        {WHERE("Null", "app:word", "false"), NOTHING, POLICY_SCP, false},
        /* SCPs of an organization are strict, and never have these two */
        {WHERE("StringNotEqual", "app:never", "x"), DIAGNOSTIC_UNKNOWN_OPERATOR, POLICY_IDENTITY, true},
        {"!" WHERE("StringEquals", "app:word", "${aws:userid}"), DIAGNOSTIC_OLD_VARIABLE, POLICY_IDENTITY, true},
        {"!" WHERE("StringEquals", "app:never", "${aws:userid}"), NOTHING, POLICY_IDENTITY, false},
        {"!" WHERE("StringEquals", "app:word", "word"), NOTHING, POLICY_IDENTITY, false},
        {"!" DENY "\"Resource\":\"arn:aws:s3:::b/${aws:userid}\"", DIAGNOSTIC_OLD_VARIABLE, POLICY_IDENTITY, true},
        {"!" DENY "\"Resource\":\"arn:aws:s3:::b/k\"", NOTHING, POLICY_IDENTITY, false},
    };
    count_rows(rows, COUNTOF(rows));
}

/* Which variables have a value whoever asks, and which only for some. */
static void variables_that_always_have_a_value(void **state)
{
    (void)state;
    static const statement_row rows[] = {
        {WHERE("StringEquals", "app:word", "${aws:PrincipalAccount}"), NOTHING, POLICY_SCP, false},
        {WHERE("StringEquals", "app:word", "x-${AWS:principalaccount}-${aws:userid}"), NOTHING, POLICY_SCP, false},
        {WHERE("StringEquals", "app:word", "${aws:PrincipalAccount}${aws:username}"), DIAGNOSTIC_UNRESOLVED_VARIABLE,
         POLICY_SCP, true},
        /* a service-linked role, which SCPs do not bind, has identity policies */
        {WHERE("StringEquals", "app:word", "${aws:PrincipalAccount}"), DIAGNOSTIC_UNRESOLVED_VARIABLE, POLICY_IDENTITY,
         true},
        {WHERE("StringEquals", "app:word", "${aws:username, 'nobody'}"), NOTHING, POLICY_SCP, false},
        {WHERE("StringEquals", "app:word", "${*}${?}${$}"), NOTHING, POLICY_SCP, false},
        {WHERE("StringEquals", "app:word", "${aws:username"), NOTHING, POLICY_SCP, false},
        {WHERE("StringEquals", "app:word", "${app:never}"), DIAGNOSTIC_UNRESOLVED_VARIABLE, POLICY_SCP, true},
        {WHERE("StringEquals", "app:word", "${aws:TagKeys}"), DIAGNOSTIC_UNRESOLVED_VARIABLE, POLICY_SCP, true},
        {WHERE("StringEquals", "app:word", "${app:date}"), DIAGNOSTIC_UNRESOLVED_VARIABLE, POLICY_SCP, true},
        /* begun before the fifth colon of a resource, a variable is read from behind it */
        {DENY "\"Resource\":\"arn:aws:s3::${aws:PrincipalAccount}/k\"", NOTHING, POLICY_SCP, false},
        {DENY "\"Resource\":\"arn:aws:s3::${aws:PrincipalAccount, '${app:never}'}\"", DIAGNOSTIC_UNRESOLVED_VARIABLE,
         POLICY_SCP, true},
        /* what a variable makes of an ARN is seen in the request only */
        {WHERE("ArnNotLike", "app:arn", "arn:aws:iam::${aws:PrincipalAccount}:role/x"), NOTHING, POLICY_SCP, true},
        {WHERE("ArnNotLike", "app:arn", "arn:aws:s3:${aws:PrincipalAccount}"), DIAGNOSTIC_UNREADABLE_VALUE, POLICY_SCP,
         true},
        /* no variables there */
        {WHERE("DateLessThan", "app:date", "2026-01-01T00:00:00Z"), NOTHING, POLICY_SCP, false},
    };
    count_rows(rows, COUNTOF(rows));
}

/* Keys of the highest numbers: they follow from view and request. */
static void keys_that_are_derived(void **state)
{
    (void)state;
    static const statement_row rows[] = {
        {WHERE("StringEquals", "app:word", "${aws:CurrentTime}"), NOTHING, POLICY_IDENTITY, false},
        {WHERE("StringEquals", "app:word", "${aws:EpochTime}"), NOTHING, POLICY_SCP, false},
        {WHERE("StringEquals", "app:word", "${aws:PrincipalOrgID}"), NOTHING, POLICY_SCP, false},
        /* who was removed has none, and identity policies yet */
        {WHERE("StringEquals", "app:word", "${aws:PrincipalOrgID}"), DIAGNOSTIC_UNRESOLVED_VARIABLE, POLICY_IDENTITY,
         true},
        {WHERE("StringEquals", "app:word", "${aws:ResourceOrgID}"), NOTHING, POLICY_SCP, true},
        {WHERE("StringEquals", "app:word", "${aws:ResourceOrgID}"), DIAGNOSTIC_UNRESOLVED_VARIABLE, POLICY_IDENTITY,
         true},
        {WHERE("StringEquals", "app:word", "${aws:PrincipalOrgPaths}"), DIAGNOSTIC_UNRESOLVED_VARIABLE, POLICY_SCP,
         true},
        {WHERE("StringLike", "aws:PrincipalOrgPaths", "o-exampleorgid/*"), DIAGNOSTIC_NO_SET_OPERATOR, POLICY_SCP,
         true},
        {WHERE("ForAllValues:StringLike", "aws:ResourceOrgPaths", "o-exampleorgid/*"), NOTHING, POLICY_SCP, false},
        {WHERE("StringNotEquals", "aws:PrincipalOrgID", "o-other"), NOTHING, POLICY_SCP, false},
        /* the texts are not listed, so that requests are one */
        {WHERE("DateNotEquals", "aws:CurrentTime", "2026-01-01T00:00:00Z"), NOTHING, POLICY_SCP, true},
        {WHERE("ArnNotLike", "aws:PrincipalOrgID", "arn:aws:s3:::b"), DIAGNOSTIC_UNREADABLE_VALUE, POLICY_SCP, true},
    };
    count_rows(rows, COUNTOF(rows));
}

/* Hence no request of an image has two keys that differ by case only, and none is ever counted. */
static void keys_of_requests_never_differ_by_case_only(void **state)
{
    (void)state;
    uint32_t       upper, lower, count = authz_slot_count(w.v);
    authz_role_key twice[] = {KEY("app:Own", user_name, AUTHZ_NO_HOLE), KEY("APP:own", user_name, AUTHZ_NO_HOLE)};
    assert_int_equal(authz_slot(w.v, STR("APP:WORD"), AUTHZ_SINGLE, &upper, NULL), STATUS_OK);
    assert_int_equal(authz_slot(w.v, STR("app:word"), AUTHZ_SINGLE, &lower, NULL), STATUS_OK);
    assert_int_equal(upper, lower);
    assert_int_equal(authz_slot_count(w.v), count);
    authz_vocabulary *v = authz_vocabulary_new(w.facts);
    authz_role        role = roles[0];
    request           q;
    org              *o = organization();
    role.keys = twice;
    role.key_count = COUNTOF(twice);
    assert_int_equal(authz_roles_bind(v, &role, 1, NULL), STATUS_OK);
    authz_request one = {.value[AUTHZ_PRINCIPAL] = 1};
    uint32_t      own = 0;
    one.action = catalog_action_at(w.facts, catalog_action_find(w.facts, STR("s3:GetObject")))->handle;
    arena scratch = w.run;
    authz_request_text(&scratch, v, org_at(o, org_commit(o)), &one, &q);
    for (uint32_t i = 0; i < q.context_count; i++) own += str_eq_nocase(q.context[i].key, STR("app:own"));
    assert_int_equal(own, 1);
    org_free(o);
    authz_vocabulary_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_is_counted),
        cmocka_unit_test(variables_that_always_have_a_value),
        cmocka_unit_test(keys_that_are_derived),
        cmocka_unit_test(keys_of_requests_never_differ_by_case_only),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
