#include "support/random_case.h"

#include "policy/print.h"
#include "support/random_policy.h"

#define ACCOUNT "100000000001"

#define DRAW(c, menu) (menu)[chance_below((c), COUNTOF(menu))]

/* ---- policies ---- */

static const policy *retyped(arena *a, const policy *p, policy_type type)
{
    policy *out = ARENA_NEW(a, policy, 1);
    *out = *p;
    out->type = type;
    return out;
}

static const policy *full_access(arena *a, policy_type type)
{
    return retyped(a,
                   policy_of_text(a, POLICY_IDENTITY,
                                  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"Full\",\"Effect\":\"Allow\","
                                  "\"Action\":\"*\",\"Resource\":\"*\"}]}"),
                   type);
}

static const policy_principal named[] = {
    {PRINCIPAL_EVERYONE, {.text = {"*", 1}}},
    {PRINCIPAL_AWS, {.text = {"*", 1}}},
    {PRINCIPAL_AWS, {.text = {ACCOUNT, 12}}},
    {PRINCIPAL_AWS, {.text = {"100000000002", 12}}},
    {PRINCIPAL_AWS, {.text = {"arn:aws:iam::" ACCOUNT ":root", 30}}},
    {PRINCIPAL_AWS, {.text = {"arn:aws:iam::" ACCOUNT ":role/x", 32}}},
    {PRINCIPAL_AWS, {.text = {"arn:aws:iam::" ACCOUNT ":user/u", 32}}},
    {PRINCIPAL_AWS, {.text = {"arn:aws:sts::" ACCOUNT ":assumed-role/x/s", 42}}},
    {PRINCIPAL_AWS, {.text = {"AIDAEXAMPLE", 11}}},
    {PRINCIPAL_SERVICE, {.text = {"a.amazonaws.com", 15}}},
    {PRINCIPAL_FEDERATED, {.text = {"arn:aws:iam::" ACCOUNT ":saml-provider/p", 41}}},
};

/* Statements of a policy for a resource name somebody; one in ten does not. */
static const policy *with_principals(arena *a, chance *c, const policy *p, policy_type type)
{
    policy *out = ARENA_NEW(a, policy, 1);
    *out = *p;
    out->type = type;
    out->statements = ARENA_NEW(a, policy_statement, p->statement_count);
    for (uint32_t i = 0; i < p->statement_count; i++) {
        policy_statement *s = &out->statements[i];
        *s = p->statements[i];
        if (chance_one_in(c, 10)) continue;
        s->has_principal = true;
        s->not_principal = chance_one_in(c, 6);
        s->principal_count = 1 + chance_below(c, 2);
        s->principals = ARENA_NEW(a, policy_principal, s->principal_count);
        for (uint32_t k = 0; k < s->principal_count; k++) s->principals[k] = DRAW(c, named);
        if (s->principals[0].kind == PRINCIPAL_EVERYONE) s->principal_count = 1;
        if (s->principal_count == 2 && s->principals[1].kind == PRINCIPAL_EVERYONE) s->principal_count = 1;
    }
    return out;
}

static policy_level level(arena *a, chance *c, policy_type type, uint32_t policies_max, bool plain)
{
    uint32_t       count = chance_below(c, policies_max + 1);
    const policy **policies = ARENA_NEW(a, const policy *, count + 1);
    for (uint32_t i = 0; i < count; i++) policies[i] = retyped(a, random_identity(a, c, 3), type);
    if (plain && !chance_one_in(c, 3)) policies[count++] = full_access(a, type);
    return (policy_level){policies, count};
}

static policy_level *chain(arena *a, chance *c, policy_type type, bool plain, uint32_t *count)
{
    *count = 1 + chance_below(c, 4);
    policy_level *levels = ARENA_NEW(a, policy_level, *count);
    for (uint32_t i = 0; i < *count; i++) levels[i] = level(a, c, type, 2, plain);
    return levels;
}

/* ---- the request ---- */

static void draw_context(arena *a, chance *c, request *q)
{
    static const char *const keys[] = {
        "aws:username",  "aws:PrincipalTag/t",   "aws:SourceIp", "app:n",    "app:d",
        "app:b",         "aws:RequestedRegion",  "app:arn",      "app:list", "aws:TagKeys",
        "aws:CalledVia", "aws:PrincipalAccount", "app:bin"};
    static const char *const values[] = {
        "a",    "k", "10.0.0.1", "10", "2026-01-01", "true", "eu-west-1", "100000000001", "arn:aws:iam::1:role/x",
        "YQ==", "",  "a*"};
    q->context = ARENA_NEW(a, request_key, COUNTOF(keys) + 1);
    for (size_t i = 0; i < COUNTOF(keys); i++) {
        request_key *k = &q->context[q->context_count];
        if (chance_one_in(c, 3)) continue;
        k->key = str_of(keys[i]);
        k->is_array = chance_one_in(c, 5);
        k->value_count = k->is_array ? chance_below(c, 3) : 1;
        k->values = ARENA_NEW(a, str, k->value_count);
        for (uint32_t n = 0; n < k->value_count; n++) k->values[n] = str_of(DRAW(c, values));
        q->context_count++;
    }
    if (chance_one_in(c, 4) || !str_starts(q->principal, STR("arn:"))) return;
    bool         role = str_starts(q->principal, STR("arn:aws:sts::" ACCOUNT ":assumed-role/"));
    request_key *k = &q->context[q->context_count++];
    k->key = STR("aws:PrincipalArn");
    k->value_count = 1;
    k->values = ARENA_NEW(a, str, 1);
    k->values[0] = role ? STR("arn:aws:iam::" ACCOUNT ":role/x") : q->principal;
}

static void draw_request(arena *a, chance *c, request *q)
{
    static const char *const principals[] = {"arn:aws:iam::" ACCOUNT ":role/x",
                                             "arn:aws:iam::" ACCOUNT ":user/u",
                                             "arn:aws:sts::" ACCOUNT ":assumed-role/x/s",
                                             "arn:aws:sts::" ACCOUNT ":assumed-role/x/s",
                                             "arn:aws:iam::" ACCOUNT ":root",
                                             "arn:aws:iam::" ACCOUNT
                                             ":role/aws-service-role/a.amazonaws.com/AWSServiceRoleForA",
                                             "arn:aws:sts::" ACCOUNT ":federated-user/u",
                                             "arn:aws:iam::" ACCOUNT ":saml-provider/p",
                                             "a.amazonaws.com",
                                             "anonymous"};
    static const char *const actions[] = {"s3:GetObject", "s3:GetObject",   "S3:PUTOBJECT",   "ec2:RunInstances",
                                          "iam:GetUser",  "kms:Decrypt",    "sts:AssumeRole", "sts:GetCallerIdentity",
                                          "new:Thing",    "kms:RetireGrant"};
    static const char *const resources[] = {"*",
                                            "arn:aws:s3:::b/k",
                                            "arn:aws:s3:::b/k",
                                            "arn:aws:s3:::b",
                                            "arn:aws:kms:us-east-1:" ACCOUNT ":key/k",
                                            "arn:aws:iam::" ACCOUNT ":role/x",
                                            "arn:aws:dynamodb:us-east-1:" ACCOUNT ":table/p-1"};
    q->principal = str_of(DRAW(c, principals));
    q->action = str_of(DRAW(c, actions));
    q->resource = str_of(DRAW(c, resources));
    q->resource_account = chance_one_in(c, 4) ? STR("100000000002") : STR(ACCOUNT);
    draw_context(a, c, q);
}

void random_case(arena *a, chance *c, bool plain, policy_case *out)
{
    static const char *const managements[] = {ACCOUNT, "100000000002", "100000000009"};
    *out = (policy_case){.id = STR("drawn")};
    draw_request(a, c, &out->request);
    out->scps_apply = !chance_one_in(c, 4);
    if (out->scps_apply) out->scps = chain(a, c, POLICY_SCP, plain, &out->scp_level_count);
    out->rcps_apply = chance_one_in(c, 3);
    if (out->rcps_apply) out->rcps = chain(a, c, POLICY_RCP, plain, &out->rcp_level_count);
    out->identity = level(a, c, POLICY_IDENTITY, 2, plain);
    bool trust = str_starts(out->request.action, STR("sts:"));
    if (chance_one_in(c, 2))
        out->resource = with_principals(a, c, random_identity(a, c, 3), trust ? POLICY_TRUST : POLICY_RESOURCE);
    /* A root user, a service, anybody without a name can have none. */
    bool bare = !str_starts(out->request.principal, STR("arn:")) || str_ends(out->request.principal, STR(":root")) ||
                str_ends(out->request.principal, STR("saml-provider/p"));
    if (!bare && chance_one_in(c, 4)) out->boundary = retyped(a, random_identity(a, c, 3), POLICY_BOUNDARY);
    if (chance_one_in(c, 4)) out->session = level(a, c, POLICY_SESSION, 2, plain);
    if (chance_one_in(c, 5)) out->endpoint = retyped(a, random_identity(a, c, 2), POLICY_ENDPOINT);
    if (chance_one_in(c, 3)) out->management_account = str_of(DRAW(c, managements));
    out->aws_managed_key = chance_one_in(c, 8);
}

/* ---- in words ---- */

static str level_describe(arena *a, str so_far, const char *name, uint32_t at, policy_level l)
{
    for (uint32_t i = 0; i < l.count; i++) {
        str text = policy_print(a, l.policies[i]);
        so_far = arena_format(a, "%.*s%s %u: %.*s\n", STR_FMT(so_far), name, at, STR_FMT(text));
    }
    return so_far;
}

str random_case_describe(arena *a, const policy_case *c)
{
    const request *q = &c->request;
    str            out = arena_format(a, "%.*s %.*s %.*s of %.*s\n", STR_FMT(q->principal), STR_FMT(q->action),
                                      STR_FMT(q->resource), STR_FMT(q->resource_account));
    for (uint32_t i = 0; i < q->context_count; i++)
        for (uint32_t k = 0; k < q->context[i].value_count; k++)
            out = arena_format(a, "%.*s%.*s = %.*s\n", STR_FMT(out), STR_FMT(q->context[i].key),
                               STR_FMT(q->context[i].values[k]));
    for (uint32_t i = 0; i < c->scp_level_count; i++) out = level_describe(a, out, "SCP", i, c->scps[i]);
    for (uint32_t i = 0; i < c->rcp_level_count; i++) out = level_describe(a, out, "RCP", i, c->rcps[i]);
    out = level_describe(a, out, "identity", 0, c->identity);
    out = level_describe(a, out, "session", 0, c->session);
    if (c->resource != NULL) out = level_describe(a, out, "resource", 0, (policy_level){&c->resource, 1});
    if (c->boundary != NULL) out = level_describe(a, out, "boundary", 0, (policy_level){&c->boundary, 1});
    if (c->endpoint != NULL) out = level_describe(a, out, "endpoint", 0, (policy_level){&c->endpoint, 1});
    return out;
}
