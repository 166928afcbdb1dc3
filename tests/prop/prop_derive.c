/* The keys that evaluator and oracle derive from a request are the same, as a set, over random requests. */
#include "support/support.h"

#include "base/hash.h"
#include "oracle/oracle.h"
#include "policy/derive.h"

#define REQUESTS 60000
#define SEED     UINT64_C(20261124)

static uint32_t draw(uint64_t which, uint64_t n, uint32_t bound)
{
    return (uint32_t)(hash_mix(hash_mix(SEED, which), n) >> 33) % bound;
}

static const char *const principals[] = {
    "anonymous",
    "s3.amazonaws.com",
    "accounts.google.com",
    "arn:",
    "arn:aws:iam::111111111111:root",
    "arn:aws:iam::111111111111:user/Ann",
    "arn:aws:iam::111111111111:user/team/Ann",
    "arn:aws:iam::111111111111:user/",
    "arn:aws:iam::111111111111:role/Dev",
    "arn:aws:iam::111111111111:role/team/Dev",
    "arn:aws:iam::111111111111:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
    "arn:aws:iam::111111111111:group/Admins",
    "arn:aws-cn:sts::111111111111:assumed-role/Dev/ann",
    "arn:aws:sts::111111111111:assumed-role/Dev",
    "arn:aws:sts::111111111111:federated-user/Ann",
    "arn:aws:iam::111111111111:saml-provider/Idp",
    "arn:aws:iam::111111111111:oidc-provider/x.example/y",
};
static const char *const resources[] = {
    "*", "arn:aws:s3:::b/k", "arn:aws:sqs:eu-west-1:111111111111:q", "arn:aws:x:us-gov-west-1", "arn:aws", "",
};
static const char *const accounts[] = {"111111111111", "222222222222", ""};
/* What requests bring themselves: keys that would be derived, and those that others are derived from. */
static const char *const keys[] = {
    "aws:CalledVia",
    "AWS:calledvia",
    "aws:RequestTag/team",
    "aws:requesttag/Cost",
    "aws:RequestTag/",
    "aws:TagKeys",
    "aws:PrincipalArn",
    "AWS:PRINCIPALACCOUNT",
    "aws:PrincipalType",
    "aws:username",
    "aws:userid",
    "aws:ViaAWSService",
    "aws:CalledViaFirst",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:ResourceOrgID",
    "aws:CurrentTime",
    "aws:epochtime",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:SourceIp",
};

static request request_of(arena *a, uint64_t n)
{
    request q = {.principal = str_of(principals[draw(n, 0, COUNTOF(principals))]),
                 .action = STR("s3:GetObject"),
                 .resource = str_of(resources[draw(n, 1, COUNTOF(resources))]),
                 .resource_account = str_of(accounts[draw(n, 2, COUNTOF(accounts))])};
    q.context_count = draw(n, 3, 6);
    q.context = ARENA_NEW(a, request_key, q.context_count);
    for (uint32_t i = 0; i < q.context_count; i++) {
        request_key *k = &q.context[i];
        k->key = str_of(keys[draw(n, 10 + 4 * i, COUNTOF(keys))]);
        k->is_array = draw(n, 11 + 4 * i, 2) == 0;
        k->value_count = k->is_array ? draw(n, 12 + 4 * i, 4) : 1;
        k->values = ARENA_NEW(a, str, k->value_count);
        for (uint32_t v = 0; v < k->value_count; v++) k->values[v] = arena_format(a, "%u", draw(n, 100 + v, 5));
    }
    return q;
}

static bool same_key(const request_key *x, const request_key *y)
{
    bool same = str_eq(x->key, y->key) && x->is_array == y->is_array && x->value_count == y->value_count;
    for (uint32_t v = 0; same && v < x->value_count; v++) same = str_eq(x->values[v], y->values[v]);
    return same;
}

/* The first key of one that the other has not. */
static const request_key *lacking(const request *q, const request *other)
{
    for (uint32_t i = 0; i < q->context_count; i++) {
        bool found = false;
        for (uint32_t j = 0; j < other->context_count && !found; j++)
            found = same_key(&q->context[i], &other->context[j]);
        if (!found) return &q->context[i];
    }
    return NULL;
}

static derive_place place_of(uint64_t n, uint64_t at)
{
    derive_place p = {0};
    if (draw(n, at, 3) > 0) p.organization = STR("o-exampleorg1");
    if (draw(n, at, 3) > 1) p.path = STR("o-exampleorg1/r-ab12/ou-ab12-x/");
    return p;
}

static void both_derive_the_same_keys(void **state)
{
    (void)state;
    for (uint64_t n = 0; n < REQUESTS; n++) {
        arena a;
        arena_init(&a, MEMORY_GENERAL);
        int64_t      seconds = (int64_t)draw(n, 8, 2000000000) * ((int64_t)draw(n, 9, 9) - 2);
        derive_facts facts = {place_of(n, 5), place_of(n, 6), draw(n, 7, 5) == 0 ? DERIVE_NO_TIME : seconds};
        request      given = request_of(&a, n), fast = given, slow = given;
        request_derive(&a, &fast, &facts);
        oracle_derive(&a, &slow, &facts);
        const request_key *k = lacking(&fast, &slow);
        if (k == NULL) k = lacking(&slow, &fast);
        if (k != NULL || fast.context_count != slow.context_count)
            fail_msg("request %d of %.*s: they differ in `%.*s`, %u and %u keys", (int)n, STR_FMT(given.principal),
                     STR_FMT(k == NULL ? STR("") : k->key), fast.context_count, slow.context_count);
        for (uint32_t i = 0; i < given.context_count; i++) {
            assert_true(same_key(&given.context[i], &fast.context[i]));
            assert_true(same_key(&given.context[i], &slow.context[i]));
        }
        arena_deinit(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_derive_the_same_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
