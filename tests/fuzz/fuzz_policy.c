/* fuzz_policy.c - whatever bytes come as a policy document: every type refuses it in one line or takes it, what strict
 * parsing takes lenient parsing takes, and the two evaluators agree on what it decides. */
#include "fuzz/fuzz.h"
#include "policy/parse.h"

#define ACCOUNT "111122223333"
#define TEXT(text)               \
    {                            \
        (text), sizeof(text) - 1 \
    } /* STR in a static initializer */

/* One of each kind of caller, resource and value that the conditions tell apart. */
static str         one_value[] = {TEXT("a"), TEXT("10"), TEXT("true"), TEXT("2026-01-01T00:00:00Z"), TEXT("10.1.2.3")};
static str         many_values[] = {TEXT("a"), TEXT("b*"), TEXT("")};
static request_key context[] = {
    {.key = TEXT("aws:PrincipalTag/t"), .values = &one_value[0], .value_count = 1},
    {.key = TEXT("app:n"), .values = &one_value[1], .value_count = 1},
    {.key = TEXT("aws:MultiFactorAuthPresent"), .values = &one_value[2], .value_count = 1},
    {.key = TEXT("aws:CurrentTime"), .values = &one_value[3], .value_count = 1},
    {.key = TEXT("aws:SourceIp"), .values = &one_value[4], .value_count = 1},
    {.key = TEXT("aws:TagKeys"), .values = many_values, .value_count = 3, .is_array = true},
};
static const struct {
    str principal, action, resource;
} asked[] = {
    {TEXT("arn:aws:iam::" ACCOUNT ":role/Dev"), TEXT("s3:GetObject"), TEXT("arn:aws:s3:::b/k")},
    {TEXT("arn:aws:iam::" ACCOUNT ":user/a"), TEXT("S3:getobject"), TEXT("arn:aws:s3:::b/a/b:c")},
    {TEXT("arn:aws:iam::" ACCOUNT ":root"), TEXT("ec2:RunInstances"), TEXT("*")},
    {TEXT("arn:aws:sts::" ACCOUNT ":assumed-role/Dev/s"), TEXT("kms:Decrypt"),
     TEXT("arn:aws:kms:us-east-1:" ACCOUNT ":key/k")},
    {TEXT("arn:aws:iam::" ACCOUNT ":role/aws-service-role/a.amazonaws.com/AWSServiceRoleForA"), TEXT("new:Thing"),
     TEXT("arn:aws:dynamodb:us-east-1:" ACCOUNT ":table/p-1")},
};

static void decide_alike(arena scratch, const policy *p)
{
    const policy *policies[] = {p};
    policy_level  level = {.policies = policies, .count = 1};
    for (size_t i = 0; i < COUNTOF(asked); i++) {
        policy_case c = {.request = {.principal = asked[i].principal,
                                     .action = asked[i].action,
                                     .resource = asked[i].resource,
                                     .resource_account = STR(ACCOUNT),
                                     .context = context,
                                     .context_count = COUNTOF(context)},
                         .identity = level};
        if (p->type == POLICY_SCP) {
            c.scps_apply = true;
            c.scps = &level;
            c.scp_level_count = 1;
        }
        arena now = scratch;
        fuzz_check_decision(&now, &c);
    }
}

static bool parse(arena scratch, const source *in, policy_parse_options options)
{
    policy *p = NULL;
    err     e = {0};
    status  code = policy_parse(&scratch, in, options, &p, &e);
    fuzz_check_refusal(code, &e);
    if (code != STATUS_OK) return false;
    if (p->at > p->end || p->end > in->text.len) fuzz_wrong("extent %u to %u", p->at, p->end);
    if (p->characters_minified > p->characters || p->characters > p->bytes)
        fuzz_wrong("%u bytes, %u characters, %u minified", p->bytes, p->characters, p->characters_minified);
    if (options.lenient && (options.type == POLICY_SCP || options.type == POLICY_IDENTITY)) decide_alike(scratch, p);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    arena a;
    arena_init(&a, MEMORY_POLICY);
    source in = {.name = STR("fuzz"), .text = {(const char *)bytes, size}};
    for (int type = 0; type < POLICY_TYPE_COUNT; type++) {
        policy_parse_options options = {.type = (policy_type)type};
        bool                 strict = parse(a, &in, options);
        options.dialect = DIALECT_SCP_LEGACY;
        bool legacy = parse(a, &in, options);
        options.lenient = true;
        bool lenient = parse(a, &in, options);
        if ((strict || legacy) && !lenient) fuzz_wrong("type %d: strict parsing takes what lenient refuses", type);
        if (legacy && !strict) fuzz_wrong("type %d: the older language takes what the newer refuses", type);
    }
    arena_deinit(&a);
    return 0;
}
