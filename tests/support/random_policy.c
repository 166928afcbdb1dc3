#include "support/random_policy.h"

#include <assert.h>

#include "policy/parse.h"

typedef struct {
    chance *c;
    bool    awkward; /* for lenient parsing */
    bool    owned;   /* principals of random_layers.h */
    char    text[8192];
    size_t  len;
} writer;

static void put(writer *w, const char *text)
{
    size_t len = strlen(text);
    assert(w->len + len < sizeof w->text);
    memcpy(w->text + w->len, text, len);
    w->len += len;
}

#define PICK(w, menu) put((w), (menu)[chance_below((w)->c, COUNTOF(menu))])

/* ---- menus ---- */

static const char *const actions[] = {"\"*\"",
                                      "\"*\"",
                                      "\"s3:*\"",
                                      "\"s3:*\"",
                                      "\"s3:Get*\"",
                                      "\"S3:getobject\"",
                                      "\"s3:Get?bject\"",
                                      "\"S3:get*\"",
                                      "[\"ec2:describe*\",\"IAM:*\"]",
                                      "\"s3:GetObject??\"",
                                      "\"s3:*Object\"",
                                      "\"s3:GetObject \"",
                                      "\"ec2:*\"",
                                      "[\"ec2:Describe*\",\"ec2:RunInstances\"]",
                                      "[\"iam:*\",\"s3:*\"]",
                                      "[\"iam:*Role*\",\"sts:*\",\"organizations:*\"]",
                                      "\"kms:*\"",
                                      "[\"kms:Decrypt\",\"kms:Create*\",\"no:Such\"]",
                                      "\"*:*\"",
                                      "[\"dynamodb:*Item\",\"lambda:Invoke*\",\"ebs:*\"]",
                                      "[\"s3:GetObject\",\"s3:PutObject\",\"s3:DeleteObject\"]",
                                      "[\"organizations:LeaveOrganization\",\"sts:GetCallerIdentity\"]"};

static const char *const resources[] = {"\"arn:aws:s3:::b/*\"",
                                        "\"arn:aws:s3:::b*\"",
                                        "\"arn:aws:s3:*\"",
                                        "\"arn:aws:s3:*:*:b/k\"",
                                        "\"arn:*\"",
                                        "[\"arn:aws:s3:::x\",\"arn:aws:s3:::b/${aws:username}\"]",
                                        "\"arn:aws:s3:::b/${aws:PrincipalTag/t, 'k'}\"",
                                        "\"arn:aws:*:table/p-*\"",
                                        "\"arn:a?s:s3:::b/k\"",
                                        "\"arn:aws:s3:::b/${*}\"",
                                        "\"arn:aws:s3:::B/K\"",
                                        "\"arn:AWS:s3:::b/k\"",
                                        "\"arn:aws:s3:::b/${aws:TagKeys}\"",
                                        "\"arn:aws:s3:::b/${open\"",
                                        "\"arn:aws:iam::100000000003:role/*\"",
                                        "\"arn:aws:iam::10000000000?:role/x\"",
                                        "\"arn:aws:iam::*7:role/*\"",
                                        "\"arn:aws:iam::????????????:role/${aws:PrincipalTag/t}\"",
                                        "\"arn:aws:iam::*:role/Admin\"",
                                        "[\"arn:aws:dynamodb:*:table/p-*\",\"arn:aws:dynamodb:us-east-1:*\"]",
                                        "\"arn:aws:s3:::b-100000000004/*\"",
                                        "\"arn:aws:s3:::b-${aws:PrincipalAccount}/k\"",
                                        "\"arn:aws:s3:::b-???????????*/k\"",
                                        "\"arn:aws:s3:::1*\"",
                                        "[\"arn:aws:kms:*:*:key/*\",\"arn:aws:s3:::v1*\"]",
                                        "\"arn:aws:kms:us-east-1:${aws:PrincipalAccount}:key/k\"",
                                        "[\"arn:aws:s3:::v?5/*\",\"arn:aws:s3:::b\"]"};
static const char *const short_resources[] = {"\"arn:aws:s3\"", "\"arn:aws:iam::100000000002\"", "\"ARN:aws:s3:::b/k\"",
                                              "\"b\"", "\"arn:aws:s3:::b/${none}\""};

/* Whom resources' policies name; the callers are those of case_stream.c. */
#define IAM "arn:aws:iam::100000000001:"
#define STS "arn:aws:sts::100000000001:"
static const char *const principals[] = {"\"*\"",
                                         "\"*\"",
                                         "\"*\"",
                                         "\"*\"",
                                         "\"*\"",
                                         "{\"AWS\":\"*\"}",
                                         "{\"AWS\":\"100000000001\"}",
                                         "{\"AWS\":\"100000000001\"}",
                                         "{\"AWS\":\"" IAM "root\"}",
                                         "{\"AWS\":\"" IAM "root\"}",
                                         "{\"AWS\":\"arn:aws:iam::100000000002:root\"}",
                                         "{\"AWS\":[\"100000000002\",\"100000000003\"]}",
                                         "{\"AWS\":\"" IAM "user/x\"}",
                                         "{\"AWS\":\"" IAM "user/team/x\"}",
                                         "{\"AWS\":\"" IAM "role/x\"}",
                                         "{\"AWS\":\"" IAM "role/x\"}",
                                         "{\"AWS\":\"" IAM "role/team/X\"}",
                                         "{\"AWS\":\"arn:aws:iam::100000000002:role/x\"}",
                                         "{\"AWS\":\"" STS "assumed-role/x/s\"}",
                                         "{\"AWS\":\"" STS "assumed-role/x/s\"}",
                                         "{\"AWS\":\"" STS "assumed-role/X/S\"}",
                                         "{\"AWS\":\"" STS "federated-user/x\"}",
                                         "{\"AWS\":[\"" IAM "role/x\",\"100000000001\"]}",
                                         "{\"AWS\":[\"" STS "assumed-role/x/s\",\"" IAM "role/x\",\"" IAM "root\"]}",
                                         "{\"Service\":\"a.amazonaws.com\"}",
                                         "{\"Service\":[\"b.amazonaws.com\",\"a.amazonaws.com\"],\"AWS\":\"" IAM
                                         "role/x\"}",
                                         "{\"Federated\":\"accounts.google.com\"}",
                                         "{\"Federated\":\"" IAM "saml-provider/p\"}",
                                         "{\"CanonicalUser\":\"79a59df900b949e5\"}",
                                         "{\"AWS\":\"79a59df900b949e5\"}",
                                         "{\"AWS\":\"" IAM "role/*\"}",
                                         "{\"AWS\":\"AROAEXAMPLE\"}"};
static const char *const grants[] = {"\"*\"", "\"*\"", "[\"s3:*\",\"kms:*\",\"sts:*\"]",
                                     "[\"s3:Get*\",\"kms:Decrypt\"]"};

static const char *const operators[] = {
#define OPERATOR(id, name) name,
    CONDITION_BASES(OPERATOR)
#undef OPERATOR
};
static const char *const sets[] = {"", "", "", "ForAllValues:", "ForAnyValue:"};

static const char *const texts[] = {"a",
                                    "A",
                                    "k",
                                    "a*",
                                    "?",
                                    "",
                                    "*",
                                    "b",
                                    "x*",
                                    "eu-*",
                                    "eu-west-1",
                                    "v1*",
                                    "v07",
                                    "v?3",
                                    "${aws:username}",
                                    "${aws:username}*",
                                    "${*}",
                                    "${none}",
                                    "${none, 'a'}",
                                    "${app:list, 'a'}",
                                    "${app:list}",
                                    "${$}{x}",
                                    "${open",
                                    "\xc3\xa4?",
                                    "\xc3\xa4\xc3\xa4",
                                    "100000000003",
                                    "10000000000?",
                                    "*5",
                                    "????????????",
                                    "${aws:PrincipalAccount}",
                                    "x100000000002",
                                    "x*",
                                    "team-*-z",
                                    "team-${aws:PrincipalAccount}-z",
                                    "1${aws:PrincipalAccount}",
                                    "o-1/r-1/*",
                                    "o-exampleorgid",
                                    "o-exampleorgid/*",
                                    "o-exampleorgid/r-ab12/",
                                    ("o-exampleorgid/r-ab12/ou-ab12-???????"
                                     "?/"), /* no trigraph */
                                    "*/ou-ab12-0000000?/*",
                                    "${aws:PrincipalOrgID}",
                                    "${aws:ResourceOrgID}/*",
                                    "2026-01-01T00:00:*"};
static const char *const numbers[] = {
    "10", "10.0", "010", "-3", "1767225600", "+7.50", "0.1", "100000000005", "99999999999999999999"};
static const char *const dates[] = {"2026-01-01",
                                    "2026-01",
                                    "2026",
                                    "2026-01-01T00:00:00Z",
                                    "2026-01-01T02:00:00+02:00",
                                    "2026-01-01T00:00:00.500Z",
                                    "1767225600",
                                    "1767225600.5"};
static const char *const booleans[] = {"true", "False", "TRUE", "false"};
static const char *const bytes[] = {"YQ==", "", "YWI=", "YR=="};
static const char *const addresses[] = {"10.0.0.1",      "10.0.0.0/8", "10.0.0.7/24", "2001:db8::1",
                                        "2001:DB8::/32", "::/0",       "0.0.0.0/0",   "::ffff:10.0.0.1"};
static const char *const arns[] = {"arn:aws:iam::1:role/x",
                                   "arn:aws:iam::*:role/*",
                                   "arn:aws:iam::1:role/x:y",
                                   "arn:aws:iam",
                                   "arn:aws:iam::100000000001:role/x",
                                   "arn:aws:iam::1000000000*:role/*",
                                   "arn:*:iam::*:root",
                                   "arn:aws:iam::${aws:PrincipalAccount}:role/${aws:username, 'x'}",
                                   "arn:aws:iam::??????????05:role/Admin",
                                   "*:*:*:*:*:*",
                                   "*"};
static const char *const junk[] = {"7a", "1e3", "2027-02-29", "10.0.0.300", "10.0.0.0/33", "maybe", "=", "T"};

static const char *const keys[] = {"aws:username",
                                   "aws:TagKeys",
                                   "aws:PrincipalTag/t",
                                   "AWS:PRINCIPALTAG/T",
                                   "aws:SourceIp",
                                   "app:n",
                                   "app:d",
                                   "app:b",
                                   "app:bin",
                                   "app:arn",
                                   "app:list",
                                   "aws:PrincipalArn",
                                   "aws:principalaccount",
                                   "aws:ResourceAccount",
                                   "aws:RequestedRegion",
                                   "app:many",
                                   "app:family",
                                   "app:even",
                                   "aws:PrincipalOrgPaths",
                                   "aws:CalledVia",
                                   "app:absent",
                                   "aws:PrincipalOrgID",
                                   "aws:PrincipalOrgID",
                                   "aws:ResourceOrgID",
                                   "aws:PrincipalOrgPaths",
                                   "aws:ResourceOrgPaths",
                                   "aws:CurrentTime",
                                   "aws:EpochTime",
                                   "aws:SourceVpc"};

/* The keys whose values are of an operator's type, so that most comparisons are about something. */
static const char *key_of(writer *w, condition_base base)
{
    static const char *const ip[] = {"aws:SourceIp"}, *const number[] = {"app:n", "aws:PrincipalAccount", "app:even"};
    static const char *const arn[] = {"app:arn", "aws:PrincipalArn", "aws:PrincipalArn"}, *const date[] = {"app:d",
                                                                                                           "app:n"};
    static const char *const boolean[] = {"app:b"}, *const binary[] = {"app:bin"};
#define FROM(menu) (menu)[chance_below(w->c, COUNTOF(menu))]
    if (chance_one_in(w->c, 4) || base == CONDITION_NULL || base <= CONDITION_STRING_NOT_LIKE) return FROM(keys);
    if (base <= CONDITION_NUMERIC_GREATER_THAN_EQUALS) return FROM(number);
    if (base <= CONDITION_DATE_GREATER_THAN_EQUALS) return FROM(date);
    if (base == CONDITION_BOOL) return FROM(boolean);
    if (base == CONDITION_BINARY_EQUALS) return FROM(binary);
    return base <= CONDITION_NOT_IP_ADDRESS ? FROM(ip) : FROM(arn);
}

static const char *value_of(writer *w, condition_base base)
{
    if (w->awkward && chance_one_in(w->c, 6)) return FROM(junk);
    if (w->awkward && chance_one_in(w->c, 6)) return FROM(texts);
    if (base <= CONDITION_STRING_NOT_LIKE) return chance_one_in(w->c, 6) ? FROM(arns) : FROM(texts);
    if (base <= CONDITION_NUMERIC_GREATER_THAN_EQUALS) return FROM(numbers);
    if (base <= CONDITION_DATE_GREATER_THAN_EQUALS) return FROM(dates);
    if (base == CONDITION_BOOL && chance_one_in(w->c, 4)) return "${app:b}";
    if (base == CONDITION_BOOL || base == CONDITION_NULL) return FROM(booleans);
    if (base == CONDITION_BINARY_EQUALS) return FROM(bytes);
    return base <= CONDITION_NOT_IP_ADDRESS ? FROM(addresses) : FROM(arns);
#undef FROM
}

/* ---- documents ---- */

static void put_clause(writer *w)
{
    condition_base base = (condition_base)chance_below(w->c, COUNTOF(operators));
    uint32_t       count = 1 + chance_below(w->c, 3);
    put(w, "\"");
    PICK(w, sets);
    put(w, w->awkward && chance_one_in(w->c, 20) ? "NoSuch" : operators[base]);
    put(w, chance_one_in(w->c, 4) && base != CONDITION_NULL ? "IfExists\":{\"" : "\":{\"");
    put(w, key_of(w, base));
    put(w, "\":[");
    if (w->awkward && chance_one_in(w->c, 20)) count = 0;
    for (uint32_t i = 0; i < count; i++) {
        put(w, i == 0 ? "\"" : ",\"");
        put(w, value_of(w, base));
        put(w, "\"");
    }
    put(w, "]}");
}

static void put_statement(writer *w)
{
    bool     deny = chance_below(w->c, 5) < 2;
    uint32_t clauses = chance_below(w->c, 3);
    if (deny && clauses == 0 && !chance_one_in(w->c, 4)) clauses = 1; /* else denials are all there is */
    put(w, deny ? "{\"Effect\":\"Deny\"," : "{\"Effect\":\"Allow\",");
    put(w, chance_one_in(w->c, 4) ? "\"NotAction\":" : "\"Action\":");
    PICK(w, actions);
    put(w, chance_one_in(w->c, 5) ? ",\"NotResource\":" : ",\"Resource\":");
    if (w->awkward && chance_one_in(w->c, 6))
        PICK(w, short_resources);
    else if (chance_one_in(w->c, 2))
        put(w, "\"*\"");
    else
        PICK(w, resources);
    for (uint32_t i = 0; i < clauses; i++) {
        put(w, i == 0 ? ",\"Condition\":{" : ",");
        put_clause(w);
    }
    put(w, clauses > 0 ? "}}" : "}");
}

static void put_document(writer *w, uint32_t statements_max)
{
    uint32_t count = 1 + chance_below(w->c, statements_max);
    put(w, "{");
    if (!w->awkward || !chance_one_in(w->c, 8)) put(w, "\"Version\":\"2012-10-17\",");
    put(w, "\"Statement\":[");
    for (uint32_t i = 0; i < count; i++) {
        put(w, i == 0 ? "" : ",");
        put_statement(w);
    }
    put(w, "]}");
}

/* ---- documents of any layer ---- */

static const char *const owned_principals[] = {
    "\"*\"",
    "\"*\"",
    "{\"AWS\":\"*\"}",
    "{\"AWS\":\"<account>\"}",
    "{\"AWS\":\"arn:aws:iam::<account>:root\"}",
    "{\"AWS\":\"arn:aws:iam::<account>:root\"}",
    "{\"AWS\":[\"100000000003\",\"100000000005\"]}",
    "{\"AWS\":\"arn:aws:iam::100000000002:root\"}",
    "{\"AWS\":[\"arn:aws:iam::999999999999:root\",\"888888888888\"]}",
    "{\"AWS\":\"arn:aws:iam::<account>:role/Admin\"}",
    "{\"AWS\":\"arn:aws:iam::<account>:role/path/Bounded\"}",
    "{\"AWS\":[\"arn:aws:iam::<account>:role/bounded\",\"AROAEXAMPLE\"]}",
    "{\"AWS\":\"arn:aws:iam::100000000004:role/Bounded\"}",
    "{\"AWS\":\"arn:aws:sts::<account>:assumed-role/Bounded/t\"}",
    "{\"AWS\":\"arn:aws:sts::<account>:assumed-role/Admin/s\"}",
    "{\"AWS\":\"arn:aws:sts::999999999999:assumed-role/Admin/s\"}",
    "{\"AWS\":[\"arn:aws:iam::<account>:user/u\",\"arn:aws:iam::<account>:user/path/b\"]}",
    "{\"AWS\":\"arn:aws:iam::888888888888:user/u\"}",
    "{\"AWS\":\"arn:aws:iam::<account>:role/*\"}",
    "{\"AWS\":\"arn:aws:iam::100000000001:user/u\"}",
    "{\"AWS\":\"arn:aws:sts::<account>:federated-user/u\"}",
    "{\"Service\":[\"a.amazonaws.com\",\"c.amazonaws.com\"]}",
    "{\"Service\":\"b.amazonaws.com\",\"AWS\":\"<account>\"}",
    "{\"Federated\":\"arn:aws:iam::<account>:saml-provider/p\"}",
    "{\"CanonicalUser\":\"a.amazonaws.com\"}"};

static const char *const rcp_actions[] = {"\"s3:*\"",
                                          "\"s3:Get*\"",
                                          "\"kms:*\"",
                                          "[\"sqs:*\",\"sts:*\"]",
                                          "\"dynamodb:*\"",
                                          "\"ec2:*\"",
                                          "[\"kms:RetireGrant\",\"kms:Decrypt\",\"s3:Put*\"]",
                                          "\"iam:*\"",
                                          "\"sts:AssumeRole\""};

static void put_principal(writer *w, policy_type type, bool deny)
{
    bool plain = type == POLICY_RCP || type == POLICY_ENDPOINT;
    bool fits = plain || type == POLICY_RESOURCE || type == POLICY_TRUST;
    if (fits == chance_one_in(w->c, 40)) return; /* rarely one that is missing, or that the type does not have */
    if (plain && !chance_one_in(w->c, 20)) {
        put(w, "\"Principal\":\"*\",");
        return;
    }
    put(w, chance_one_in(w->c, deny ? 3 : 12) ? "\"NotPrincipal\":" : "\"Principal\":");
    if (w->owned)
        PICK(w, owned_principals);
    else
        PICK(w, principals);
    put(w, ",");
}

/* broad: an Allow of much, or a Deny under a condition, as policies have them; else anything. */
static void put_layer_statement(writer *w, policy_type type, bool broad)
{
    bool     rcp = type == POLICY_RCP && !w->awkward; /* of a strict parser: denials of some services */
    bool     deny = type == POLICY_RCP ? rcp || !chance_one_in(w->c, 8) : !broad && chance_below(w->c, 3) > 0;
    uint32_t clauses = broad && !deny ? 0 : chance_below(w->c, 3);
    if (deny && clauses == 0 && !chance_one_in(w->c, 3)) clauses = 1;
    put(w, deny ? "{\"Effect\":\"Deny\"," : "{\"Effect\":\"Allow\",");
    put_principal(w, type, deny);
    put(w, !rcp && chance_one_in(w->c, broad ? 20 : 5) ? "\"NotAction\":" : "\"Action\":");
    if (rcp)
        PICK(w, rcp_actions);
    else if (broad || chance_one_in(w->c, 2))
        PICK(w, grants);
    else
        PICK(w, actions);
    if (rcp || !chance_one_in(w->c, 12)) {
        put(w, chance_one_in(w->c, broad ? 20 : 6) ? ",\"NotResource\":" : ",\"Resource\":");
        if (broad || chance_below(w->c, 3) > 0)
            put(w, "\"*\"");
        else if (chance_one_in(w->c, 8))
            PICK(w, short_resources);
        else
            PICK(w, resources);
    }
    for (uint32_t i = 0; i < clauses; i++) {
        put(w, i == 0 ? ",\"Condition\":{" : ",");
        put_clause(w);
    }
    put(w, clauses > 0 ? "}}" : "}");
}

static void put_layer_document(writer *w, policy_type type, uint32_t statements_max)
{
    uint32_t count = 1 + chance_below(w->c, statements_max);
    put(w, "{");
    if (!chance_one_in(w->c, 10)) put(w, "\"Version\":\"2012-10-17\",");
    put(w, "\"Statement\":[");
    for (uint32_t i = 0; i < count; i++) {
        put(w, i == 0 ? "" : ",");
        put_layer_statement(w, type, i == 0 && !chance_one_in(w->c, 3));
    }
    put(w, "]}");
}

typedef enum { PLAIN, LAYERED, OWNED } drawn;

/* Draws until the parser takes it: the menus make what it refuses (one operator twice in a statement, say) rare. */
static const policy *draw(arena *a, chance *c, uint32_t statements_max, policy_type type, bool lenient, drawn layered)
{
    policy_parse_options options = {.type = type, .lenient = lenient};
    writer               w = {.c = c, .awkward = lenient, .owned = layered == OWNED};
    source              *in = ARENA_NEW(a, source, 1);
    policy              *out = NULL;
    for (uint32_t tries = 0; out == NULL; tries++) {
        assert(tries < 1000);
        w.len = 0;
        if (layered != PLAIN)
            put_layer_document(&w, type, statements_max);
        else
            put_document(&w, statements_max);
        *in = (source){STR("drawn"), arena_str(a, (str){w.text, w.len}), 1};
        (void)policy_parse(a, in, options, &out, NULL);
    }
    return out;
}

str random_scp(arena *a, chance *c, uint32_t statements_max)
{
    return draw(a, c, statements_max, POLICY_SCP, false, PLAIN)->in->text;
}

const policy *random_identity(arena *a, chance *c, uint32_t statements_max)
{
    return draw(a, c, statements_max, POLICY_IDENTITY, true, PLAIN);
}

const policy *random_layer_policy(arena *a, chance *c, policy_type type, uint32_t statements_max)
{
    return draw(a, c, statements_max, type, true, LAYERED);
}

const policy *random_resource_policy(arena *a, chance *c, policy_type type, uint32_t statements_max)
{
    return draw(a, c, statements_max, type, true, OWNED);
}

str random_rcp(arena *a, chance *c, uint32_t statements_max)
{
    return draw(a, c, statements_max, POLICY_RCP, false, LAYERED)->in->text;
}

const policy *policy_of_text(arena *a, policy_type type, const char *text)
{
    source *in = ARENA_NEW(a, source, 1);
    policy *out = NULL;
    *in = (source){STR("text"), str_of(text), 1};
    status s = policy_parse(a, in, (policy_parse_options){.type = type}, &out, NULL);
    assert(s == STATUS_OK);
    return s == STATUS_OK ? out : NULL;
}
