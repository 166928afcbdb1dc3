#include "support/case_stream.h"

#include "oracle/oracle.h"
#include "support/random_policy.h"

#define FROM(c, menu) (menu)[chance_below((c), COUNTOF(menu))]
#define LEVELS_MAX    3

/* `#` stands for an account. Resources' policies name those of the first (random_policy.c). */
static const char *const accounts[] = {"100000000001", "100000000001", "100000000001", "100000000002", "100000000003"};
static const char *const principals[] = {"arn:aws:iam::#:user/x",
                                         "arn:aws:iam::#:user/x",
                                         "arn:aws:iam::#:user/team/x",
                                         "arn:aws:iam::#:user/X",
                                         "arn:aws:iam::#:role/x",
                                         "arn:aws:iam::#:role/x",
                                         "arn:aws:iam::#:role/team/x",
                                         "arn:aws:sts::#:assumed-role/x/s",
                                         "arn:aws:sts::#:assumed-role/x/s",
                                         "arn:aws:sts::#:assumed-role/x/s",
                                         "arn:aws:sts::#:assumed-role/X/S",
                                         "arn:aws:iam::#:root",
                                         "arn:aws:iam::#:root",
                                         "arn:aws:sts::#:federated-user/x",
                                         "arn:aws:sts::#:federated-user/x",
                                         "arn:aws:sts::#:federated-user/y",
                                         "arn:aws:iam::#:role/aws-service-role/a.amazonaws.com/AWSServiceRoleForA",
                                         "arn:aws:sts::#:assumed-role/AWSServiceRoleForA/s",
                                         "arn:aws:iam::#:saml-provider/p",
                                         "arn:aws-cn:iam::#:role/x",
                                         "a.amazonaws.com",
                                         "a.amazonaws.com",
                                         "accounts.google.com",
                                         "79a59df900b949e5",
                                         "anonymous",
                                         "anonymous"};

typedef struct {
    const char *resource;
    const char *actions[4]; /* null behind the last */
} target;
static const target targets[] = {
    {"arn:aws:s3:::b/k", {"s3:GetObject", "S3:getobject", "s3:PutObject", "s3:GetObject"}},
    {"arn:aws:s3:::b/k", {"s3:GetObject", "s3:DeleteObject"}},
    {"arn:aws:s3:::b/a", {"s3:GetObject"}},
    {"arn:aws:s3:::b/*", {"s3:GetObject"}},
    {"arn:aws:s3:::b", {"s3:ListBucket"}},
    {"arn:aws:s3:::b-#/k", {"s3:GetObject"}},
    {"arn:aws-cn:s3:::b/k", {"s3:GetObject"}},
    {"*", {"s3:ListAllMyBuckets", "ec2:DescribeInstances", "iam:ListUsers", "sts:GetCallerIdentity"}},
    {"*", {"kms:CreateKey", "organizations:LeaveOrganization", "new:Thing"}},
    {"arn:aws:kms:us-east-1:#:key/k", {"kms:Decrypt", "KMS:decrypt", "kms:CreateGrant", "kms:RetireGrant"}},
    {"arn:aws:kms:us-east-1:#:key/k", {"kms:Decrypt"}},
    {"arn:aws:kms:us-east-1:#:alias/k", {"kms:UpdateAlias"}},
    {"arn:aws:iam::#:role/x", {"sts:AssumeRole", "sts:AssumeRole", "sts:TagSession", "iam:GetRole"}},
    {"arn:aws:iam::#:role/Admin", {"sts:AssumeRole"}},
    {"arn:aws:dynamodb:us-east-1:#:table/p-1", {"dynamodb:GetItem"}},
    {"arn:aws:ec2:us-east-1:#:instance/i-1", {"ec2:RunInstances"}},
};

/* What the policies' conditions ask for; the rest of random_policy.c's keys is never there. */
static const struct {
    const char *key;
    bool        list;
    const char *values[8];
} keys[] = {
    {"aws:username", false, {"x", "a", "A", "k", "b"}},
    {"aws:TagKeys", true, {"a", "k", "A", "", "*"}},
    {"aws:PrincipalTag/t", false, {"a", "k", "b", "*", "x*", "Admin"}},
    {"AWS:PRINCIPALTAG/T", false, {"a", "A"}},
    {"aws:SourceIp", false, {"10.0.0.1", "2001:db8::1", "10.0.0.200", "::ffff:10.0.0.1", "10.0.0.300"}},
    {"app:n", false, {"10", "10.0", "-3", "7.5", "0.1", "7a", "1767225600"}},
    {"app:d", false, {"2026-01-01", "2026-01-01T00:00:00Z", "1767225600", "2026-01-01T00:00:00.5Z", "2027-02-29"}},
    {"app:b", false, {"true", "false", "True", "1"}},
    {"app:bin", false, {"YQ==", "YWI=", "", "a"}},
    {"app:arn", false, {"arn:aws:iam::1:role/x", "arn:aws:iam::1:role/x:y", "arn:aws:iam::2:user/u", "a"}},
    {"app:list", true, {"a", "b", "", "10", "k"}},
    {"aws:PrincipalArn", false, {"arn:aws:iam::100000000001:role/x", "arn:aws:iam::1:root", "arn:aws:iam::2:user/x"}},
    {"aws:PrincipalAccount", false, {"100000000001", "100000000003", "anonymous"}},
    {"aws:RequestedRegion", false, {"eu-west-1", "us-east-1", "eu-x"}},
    {"app:many", false, {"v07", "v13", "v1", "v"}},
    {"aws:PrincipalOrgPaths", true, {"o-1/r-1/", "o-1/r-1/ou-1/", "o-2/r-1/"}},
    {"aws:CalledVia", true, {"a", "b.amazonaws.com"}},
    {"aws:PrincipalOrgID", false, {"a", "b", "o-1"}},
};

static str in_account(arena *a, const char *template, const char *account)
{
    const char *hole = strchr(template, '#');
    if (hole == NULL) return str_of(template);
    return arena_format(a, "%.*s%s%s", (int)(hole - template), template, account, hole + 1);
}

/* ---- the request ---- */

static const char *value_of(chance *c, size_t key)
{
    uint32_t count = 0;
    while (count < COUNTOF(keys[key].values) && keys[key].values[count] != NULL) count++;
    return keys[key].values[chance_below(c, count)];
}

/* A multivalued key may come as plain text, and a single value as a list of one or two. */
static void draw_values(arena *a, chance *c, size_t key, request_key *out)
{
    bool     list = keys[key].list != chance_one_in(c, 16);
    uint32_t count = list ? chance_below(c, 4) : 1;
    out->key = str_of(keys[key].key);
    out->is_array = list;
    out->values = ARENA_NEW(a, str, count);
    out->value_count = count;
    for (uint32_t i = 0; i < count; i++) out->values[i] = str_of(value_of(c, key));
}

static void draw_context(arena *a, chance *c, request *q)
{
    q->context = ARENA_NEW(a, request_key, COUNTOF(keys));
    for (size_t i = 0; i < COUNTOF(keys); i++)
        if (chance_below(c, 5) < 2) draw_values(a, c, i, &q->context[q->context_count++]);
}

static void draw_request(arena *a, chance *c, policy_case *out)
{
    request      *q = &out->request;
    const target *t = &FROM(c, targets);
    const char   *caller_account = FROM(c, accounts);
    const char   *owner = chance_below(c, 3) > 0 ? caller_account : FROM(c, accounts);
    uint32_t      count = 0;
    while (count < COUNTOF(t->actions) && t->actions[count] != NULL) count++;
    q->principal = in_account(a, FROM(c, principals), caller_account);
    q->action = str_of(t->actions[chance_below(c, count)]);
    if (chance_one_in(c, 12)) q->action = str_of(FROM(c, targets).actions[0]);
    q->resource = in_account(a, t->resource, owner);
    q->resource_account = str_of(owner);
    draw_context(a, c, q);
    out->aws_managed_key = chance_one_in(c, 20);
    if (!chance_one_in(c, 3)) out->management_account = str_of(chance_one_in(c, 4) ? owner : "100000000003");
}

/* ---- the policies ---- */

static const policy *some(case_stream *s, chance *c, policy_type type)
{
    return s->pool[type][chance_below(c, CASE_POOL_SIZE)];
}

static policy_level draw_set(case_stream *s, chance *c, policy_type type, uint32_t count)
{
    const policy **of = ARENA_NEW(&s->case_arena, const policy *, count);
    for (uint32_t i = 0; i < count; i++) of[i] = some(s, c, type);
    return (policy_level){of, count};
}

/* least: policies at every level, but for a level now and then. */
static policy_level *draw_levels(case_stream *s, chance *c, policy_type type, uint32_t least, uint32_t *count)
{
    *count = 1 + chance_below(c, LEVELS_MAX);
    policy_level *levels = ARENA_NEW(&s->case_arena, policy_level, *count);
    for (uint32_t i = 0; i < *count; i++)
        levels[i] = draw_set(s, c, type, chance_one_in(c, 30) ? 0 : least + chance_below(c, 2));
    return levels;
}

static void draw_policies(case_stream *s, chance *c, policy_case *out)
{
    if (chance_below(c, 5) < 2) out->scps = draw_levels(s, c, POLICY_SCP, 1, &out->scp_level_count);
    if (chance_below(c, 5) < 2) out->rcps = draw_levels(s, c, POLICY_RCP, 0, &out->rcp_level_count);
    out->scps_apply = out->scp_level_count > 0;
    out->rcps_apply = out->rcp_level_count > 0;
    if (!chance_one_in(c, 5)) out->identity = draw_set(s, c, POLICY_IDENTITY, 1 + chance_below(c, 2));
    /* Whoever has no policies of his own, or asks in another account, gets nowhere without it. */
    bool alone = !str_starts(out->request.principal, STR("arn:aws:")) ||
                 !str_eq(oracle_account_of(out->request.principal), out->request.resource_account);
    if (chance_below(c, 10) < (alone ? 9 : 6)) out->resource = some(s, c, POLICY_RESOURCE);
    if (chance_below(c, 5) < 2) out->boundary = some(s, c, POLICY_BOUNDARY);
    if (chance_below(c, 5) < 2) out->session = draw_set(s, c, POLICY_SESSION, 1 + chance_below(c, 2));
    if (chance_one_in(c, 4)) out->endpoint = some(s, c, POLICY_ENDPOINT);
}

static void draw_pool(case_stream *s, uint32_t number)
{
    chance c = chance_at(s->seed, number);
    arena_reset(&s->pool_arena);
    for (uint32_t type = 0; type < POLICY_TYPE_COUNT; type++)
        for (uint32_t i = 0; type != POLICY_TRUST && i < CASE_POOL_SIZE; i++)
            s->pool[type][i] = random_layer_policy(&s->pool_arena, &c, (policy_type)type, 3);
    s->pool_number = number + 1;
}

void case_stream_init(case_stream *s, uint64_t seed)
{
    *s = (case_stream){.seed = seed};
    arena_init(&s->pool_arena, MEMORY_POLICY);
    arena_init(&s->case_arena, MEMORY_GENERAL);
}

void case_stream_deinit(case_stream *s)
{
    arena_deinit(&s->pool_arena);
    arena_deinit(&s->case_arena);
}

void case_stream_at(case_stream *s, uint32_t n, policy_case *out)
{
    chance c = chance_at(s->seed ^ UINT64_C(0x9e3779b97f4a7c15), n);
    if (s->pool_number != n / CASE_POOL_CASES + 1) draw_pool(s, n / CASE_POOL_CASES);
    arena_reset(&s->case_arena);
    *out = (policy_case){.id = STR("drawn")};
    draw_request(&s->case_arena, &c, out);
    draw_policies(s, &c, out);
}
