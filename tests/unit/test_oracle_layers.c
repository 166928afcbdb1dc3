/* All layers together, by the tables of the specification: chains of SCPs (5.3), grants that pass by implicit denials
 * (4.2), who is bound by SCPs (4.3) and RCPs (4.4), two accounts (4.5), keys and roles (4.6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "oracle/oracle.h"
#include "policy/parse.h"

static arena    run;
static catalog *facts;

static int setup(void **state)
{
    static source text;
    err           e = {0};
    (void)state;
    arena_init(&run, MEMORY_GENERAL);
    if (file_read(&run, SOURCE_DIR "/workloads/catalog/aws.txt", FILE_BYTES_MAX, &text, &e) != STATUS_OK ||
        catalog_load(&run, &text, &facts, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&run);
    return 0;
}

/* ---- policies, written short ---- */

/* Statements as JSON, with ' for ". */
static const policy *policy_of(policy_type type, const char *statements)
{
    source *in = ARENA_NEW(&run, source, 1);
    policy *p;
    err     e = {0};
    str     text = arena_format(&run, "{'Version':'2012-10-17','Statement':[%s]}", statements);
    char   *bytes = ARENA_NEW(&run, char, text.len + 1);
    for (size_t i = 0; i < text.len; i++) bytes[i] = text.ptr[i] == '\'' ? '"' : text.ptr[i];
    *in = (source){str_of(statements), {bytes, text.len}, 1};
    if (policy_parse(&run, in, (policy_parse_options){.type = type, .lenient = true}, &p, &e) != STATUS_OK)
        fail_msg("%s: %s", statements, e.text);
    return p;
}

static policy_level level_of(policy_type type, const char *statements)
{
    const policy **p = ARENA_NEW(&run, const policy *, 1);
    if (statements == NULL) return (policy_level){NULL, 0};
    p[0] = policy_of(type, statements);
    return (policy_level){p, 1};
}

static const policy *policy_or_none(policy_type type, const char *statements)
{
    return statements == NULL ? NULL : policy_of(type, statements);
}

#define ANY           "'Action':'*','Resource':'*'}"
#define ALLOW         "{'Effect':'Allow'," ANY
#define DENY          "{'Effect':'Deny'," ANY
#define ALLOW_TO(who) "{'Effect':'Allow','Principal':" who "," ANY
#define DENY_TO(who)  "{'Effect':'Deny','Principal':" who "," ANY
#define BUT(who)      "{'Effect':'Deny','NotPrincipal':" who "," ANY
#define AWS(arn)      "{'AWS':'" arn "'}"
#define OTHER         "{'Effect':'Allow','Action':'other:Thing','Resource':'*'}" /* allows nothing that is asked for */

/* `Full`, `A(ec2,s3)` or `D(s3)`. */
static const policy *scp_of(str word)
{
    if (str_is(word, "Full")) return policy_of(POLICY_SCP, ALLOW);
    str services = str_part(word, 2, word.len - 3), actions = STR("");
    for (size_t begin = 0, end; begin < services.len; begin = end + 1) {
        end = str_find(services, ',', begin);
        actions = arena_format(&run, "%.*s%s'%.*s:*'", STR_FMT(actions), begin == 0 ? "" : ",",
                               STR_FMT(str_part(services, begin, end - begin)));
    }
    return policy_of(POLICY_SCP, arena_format(&run, "{'Effect':'%s','Action':[%.*s],'Resource':'*'}",
                                              word.ptr[0] == 'A' ? "Allow" : "Deny", STR_FMT(actions))
                                     .ptr);
}

/* Policies between blanks, levels between ` / `, root first. */
static void chain_set(policy_case *c, const char *chain)
{
    str            text = str_of(chain);
    policy_level  *levels = NULL;
    const policy **policies = NULL;
    size_t         count = 0, capacity = 0, policy_count = 0, policy_capacity = 0;
    for (size_t begin = 0, end; begin <= text.len; begin = end + 1) {
        end = str_find(text, ' ', begin);
        str  word = str_part(text, begin, end - begin);
        bool closes = str_is(word, "/");
        if (!closes) *ARENA_PUSH(&run, const policy *, policies, policy_count, policy_capacity) = scp_of(word);
        if (!closes && end < text.len) continue;
        *ARENA_PUSH(&run, policy_level, levels, count, capacity) = (policy_level){policies, (uint32_t)policy_count};
        policies = NULL;
        policy_count = policy_capacity = 0;
    }
    c->scps = levels;
    c->scp_level_count = (uint32_t)count;
    c->scps_apply = true;
}

static void assert_decision(const char *what, decision d, decision_kind kind, decision_layer layer, uint8_t level)
{
    if (d.kind != kind || d.layer != layer || d.level != level)
        fail_msg("%s: expected %s %s %d, got %s %s %d", what, decision_name(kind), layer_name(layer), level,
                 decision_name(d.kind), layer_name(d.layer), d.level);
}

/* ---- chains: spec 5.3, T1 to T8 and T10 ---- */

static const struct {
    const char *chain, *passes; /* services; `but x`: all others */
} chains[] = {
    /* T1, plain deny list */
    {"Full / Full D(s3) / Full", "but s3"},
    {"Full / Full D(s3) / Full D(ec2)", "but s3 ec2"},
    /* T2, an Allow must exist at every level */
    {"Full / A(ec2) / Full", "ec2"},
    {"Full / A(ec2) / A(s3)", ""},
    {"A(ec2,s3) / Full / A(s3,iam)", "s3"},
    /* T3, missing Allow at one level */
    {"D(s3) / Full / Full", ""},
    {"Full / D(s3) / Full", ""},
    {"Full / Full / D(s3)", ""},
    /* T4, OR inside a level */
    {"A(iam,ec2) A(s3,cloudwatch) / Full / Full", "iam ec2 s3 cloudwatch"},
    {"Full / A(ec2) Full / Full", "but"},
    {"Full / A(ec2) A(s3) D(s3) / Full", "ec2"},
    /* T5, layered denies */
    {"Full / Full / Full D(ec2) / Full", "but ec2"},
    {"Full / Full / Full / Full", "but"},
    /* T6, allow list of an OU */
    {"Full / Full / A(ec2) / Full", "ec2"},
    /* T7, a root's Deny beats a lower Allow */
    {"Full D(s3) / Full / A(s3) / Full", ""},
    {"Full D(s3) / Full / Full / Full", "but s3"},
    /* T8, five nested OUs */
    {"Full / Full / Full / Full / Full / Full / Full", "but"},
    {"Full / Full / Full / A(ec2,s3) / Full / Full D(s3) / Full", "ec2"},
    {"Full / Full / Full / Full / A(ec2) / A(s3) / Full", ""},
    {"Full / Full D(iam) / Full / Full / Full / Full / A(iam)", ""},
    /* T10, an account that moves: its own policies go with it */
    {"Full / A(ec2,rds) / Full D(rds)", "ec2"},
    {"Full / Full / Full D(rds)", "but rds"},
    {"Full / Full D(rds)", "but rds"},
};

static bool has_word(str words, str word)
{
    for (size_t begin = 0, end; begin < words.len; begin = end + 1) {
        end = str_find(words, ' ', begin);
        if (str_eq(str_part(words, begin, end - begin), word)) return true;
    }
    return false;
}

static policy_case case_of(const char *principal, const char *action, const char *resource, const char *owner)
{
    return (policy_case){.request = {.principal = str_of(principal),
                                     .action = str_of(action),
                                     .resource = str_of(resource),
                                     .resource_account = str_of(owner)}};
}

#define USER           "arn:aws:iam::111111111111:user/team/Ann"
#define ROLE           "arn:aws:iam::111111111111:role/team/Dev"
#define SESSION        "arn:aws:sts::111111111111:assumed-role/Dev/ann"
#define FEDERATED      "arn:aws:sts::111111111111:federated-user/Ann"
#define ROOT           "arn:aws:iam::111111111111:root"
#define ACCOUNT        "111111111111"
#define OTHERS         "222222222222"
#define LINKED         "arn:aws:iam::111111111111:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
#define LINKED_SESSION "arn:aws:sts::111111111111:assumed-role/AWSServiceRoleForConfig/x"
#define SERVICE        "cloudtrail.amazonaws.com"
#define BUCKET         "arn:aws:s3:::logs"

static void chains_let_through_what_every_level_allows(void **state)
{
    static const char *const services[] = {"s3", "ec2", "iam", "cloudwatch", "rds", "sqs"};
    (void)state;
    for (size_t i = 0; i < COUNTOF(chains); i++) {
        str  passes = str_of(chains[i].passes);
        bool but = str_starts(passes, STR("but"));
        for (size_t s = 0; s < COUNTOF(services); s++) {
            policy_case c = case_of(USER, arena_format(&run, "%s:Thing", services[s]).ptr, "*", ACCOUNT);
            c.identity = level_of(POLICY_IDENTITY, ALLOW);
            chain_set(&c, chains[i].chain);
            decision d = oracle_decide(&c, facts);
            bool     want = has_word(passes, str_of(services[s])) != but;
            if ((d.kind == DECISION_ALLOWED) != want || (!want && d.layer != LAYER_SCP))
                fail_msg("`%s`, %s: %s %s", chains[i].chain, services[s], decision_name(d.kind), layer_name(d.layer));
        }
    }
}

static void the_topmost_level_that_denies_is_named(void **state)
{
    static const struct {
        const char   *chain;
        decision_kind kind;
        uint8_t       level;
    } rows[] = {
        {"Full / D(s3) Full / D(s3)", DECISION_EXPLICITLY_DENIED, 1},
        {"Full / A(ec2) / A(ec2)", DECISION_IMPLICITLY_DENIED, 1},
        {"A(ec2) / Full / Full D(s3)", DECISION_EXPLICITLY_DENIED, 2}, /* an explicit one, though it stands below */
        {"D(s3) / Full", DECISION_EXPLICITLY_DENIED, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        policy_case c = case_of(USER, "s3:GetObject", BUCKET, ACCOUNT);
        c.identity = level_of(POLICY_IDENTITY, ALLOW);
        chain_set(&c, rows[i].chain);
        assert_decision(rows[i].chain, oracle_decide(&c, facts), rows[i].kind, LAYER_SCP, rows[i].level);
    }
}

/* T9: a region that is closed to all but one service; the management account is not looked at. */
static void conditions_in_scps(void **state)
{
    static const struct {
        const char   *action, *region, *management;
        decision_kind kind;
    } rows[] = {
        {"ec2:RunInstances", "eu-west-1", OTHERS, DECISION_ALLOWED},
        {"ec2:RunInstances", "us-east-1", OTHERS, DECISION_EXPLICITLY_DENIED},
        {"iam:CreateUser", "us-east-1", OTHERS, DECISION_ALLOWED},
        {"ec2:RunInstances", "us-east-1", ACCOUNT, DECISION_ALLOWED},
    };
    (void)state;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        str          region = str_of(rows[i].region);
        request_key  key = {STR("aws:RequestedRegion"), &region, 1, false};
        policy_case  c = case_of(USER, rows[i].action, "*", ACCOUNT);
        policy_level scps =
            level_of(POLICY_SCP, ALLOW ",{'Effect':'Deny','NotAction':'iam:*','Resource':'*','Condition':"
                                       "{'StringNotEquals':{'aws:RequestedRegion':'eu-west-1'}}}");
        c.request.context = &key;
        c.request.context_count = 1;
        c.identity = level_of(POLICY_IDENTITY, ALLOW);
        c.scps = &scps;
        c.scp_level_count = 1;
        c.scps_apply = true;
        c.management_account = str_of(rows[i].management);
        assert_decision(rows[i].action, oracle_decide(&c, facts), rows[i].kind,
                        rows[i].kind == DECISION_ALLOWED ? LAYER_NONE : LAYER_SCP, 0);
    }
}

/* ---- one request, all layers ---- */

typedef struct {
    const char    *what, *principal, *action, *resource, *owner;
    const char    *scp, *rcp, *policy, *identity, *boundary, *session, *endpoint; /* statements; null: none */
    decision_kind  kind;
    decision_layer layer;
} layers_row;

#define ALLOWED          .kind = DECISION_ALLOWED
#define IMPLICIT(by)     .kind = DECISION_IMPLICITLY_DENIED, .layer = LAYER_##by
#define EXPLICIT(by)     .kind = DECISION_EXPLICITLY_DENIED, .layer = LAYER_##by
#define READS(who, from) .principal = (who), .action = "s3:GetObject", .resource = BUCKET "/x", .owner = (from)

static policy_case case_of_row(const layers_row *r, policy_level *scp, policy_level *rcp)
{
    policy_case c = case_of(r->principal, r->action, r->resource, r->owner);
    *scp = level_of(POLICY_SCP, r->scp);
    *rcp = level_of(POLICY_RCP, r->rcp);
    c.scps = scp;
    c.rcps = rcp;
    c.scps_apply = r->scp != NULL;
    c.rcps_apply = r->rcp != NULL;
    c.scp_level_count = c.scps_apply;
    c.rcp_level_count = c.rcps_apply;
    c.resource = policy_or_none(POLICY_RESOURCE, r->policy);
    c.identity = level_of(POLICY_IDENTITY, r->identity);
    c.boundary = policy_or_none(POLICY_BOUNDARY, r->boundary);
    c.session = level_of(POLICY_SESSION, r->session);
    c.endpoint = policy_or_none(POLICY_ENDPOINT, r->endpoint);
    c.management_account = STR("999999999999");
    return c;
}

static void check_rows(const layers_row *rows, size_t count)
{
    policy_level scp, rcp;
    for (size_t i = 0; i < count; i++) {
        policy_case c = case_of_row(&rows[i], &scp, &rcp);
        assert_decision(rows[i].what, oracle_decide(&c, facts), rows[i].kind, rows[i].layer, 0);
    }
}

/* The table of spec 4.2: which grants of a resource's policy pass by which implicit denials, in the same account. */
static void grants_pass_by_implicit_denials(void **state)
{
    static const struct {
        const char *what, *principal, *named;
        bool        identity, boundary, session; /* passed by */
    } rows[] = {
        {"user", USER, AWS(USER), true, true, true},
        {"session", SESSION, AWS(SESSION), true, true, true},
        {"federated user", FEDERATED, AWS(FEDERATED), true, true, true},
        {"role of a session", SESSION, AWS(ROLE), true, false, false},
        {"role itself", ROLE, AWS(ROLE), true, false, false},
        {"user of a federated user", FEDERATED, AWS(USER), true, false, false},
        {"everyone", SESSION, "'*'", true, true, true},
        {"everyone of AWS", USER, AWS("*"), true, true, true},
        {"account", USER, AWS(ACCOUNT), false, false, false},
        {"account's root ARN", SESSION, AWS(ROOT), false, false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        policy_level scp, rcp;
        str          grant = arena_format(&run, "{'Effect':'Allow','Principal':%s," ANY, rows[i].named);
        struct {
            bool           passed_by;
            const char    *identity, *boundary, *session;
            decision_layer layer;
        } tries[] = {
            {rows[i].identity, NULL, NULL, NULL, LAYER_IDENTITY},
            {rows[i].identity, OTHER, NULL, NULL, LAYER_IDENTITY},
            {rows[i].boundary, ALLOW, OTHER, ALLOW, LAYER_BOUNDARY},
            {rows[i].session, ALLOW, ALLOW, OTHER, LAYER_SESSION},
        };
        for (size_t t = 0; t < COUNTOF(tries); t++) {
            layers_row  r = {READS(rows[i].principal, ACCOUNT), .policy = grant.ptr, .identity = tries[t].identity,
                             .boundary = tries[t].boundary, .session = tries[t].session};
            policy_case c = case_of_row(&r, &scp, &rcp);
            assert_decision(rows[i].what, oracle_decide(&c, facts),
                            tries[t].passed_by ? DECISION_ALLOWED : DECISION_IMPLICITLY_DENIED,
                            tries[t].passed_by ? LAYER_NONE : tries[t].layer, 0);
        }
    }
}

static void no_grant_passes_by_a_deny_or_the_organization(void **state)
{
    static const layers_row rows[] = {
        {"SCP", READS(USER, ACCOUNT), .policy = ALLOW_TO("'*'"), .scp = OTHER, IMPLICIT(SCP)},
        {"SCP before identity", READS(USER, ACCOUNT), .scp = OTHER, IMPLICIT(SCP)},
        {"endpoint", READS(USER, ACCOUNT), .policy = ALLOW_TO("'*'"), .endpoint = OTHER, IMPLICIT(ENDPOINT)},
        {"SCP before endpoint", READS(USER, ACCOUNT), .scp = OTHER, .endpoint = OTHER, IMPLICIT(SCP)},
        {"endpoint before identity", READS(USER, ACCOUNT), .endpoint = OTHER, IMPLICIT(ENDPOINT)},
        {"endpoint for others", READS(USER, ACCOUNT), .identity = ALLOW, .endpoint = ALLOW_TO(AWS(OTHERS)),
         IMPLICIT(ENDPOINT)},
        {"endpoint for the account", READS(USER, ACCOUNT), .identity = ALLOW, .endpoint = ALLOW_TO(AWS(ACCOUNT)),
         ALLOWED},
        {"endpoint of anonymous", READS("anonymous", ACCOUNT), .policy = ALLOW_TO("'*'"), .endpoint = OTHER,
         IMPLICIT(ENDPOINT)},
        {"identity", READS(USER, ACCOUNT), .policy = ALLOW_TO("'*'"), .identity = DENY, EXPLICIT(IDENTITY)},
        {"boundary", READS(USER, ACCOUNT), .policy = ALLOW_TO("'*'"), .boundary = DENY, EXPLICIT(BOUNDARY)},
        {"session", READS(SESSION, ACCOUNT), .policy = ALLOW_TO("'*'"), .session = DENY, EXPLICIT(SESSION)},
        {"resource", READS(USER, ACCOUNT), .policy = DENY_TO(AWS(ACCOUNT)), .identity = ALLOW, EXPLICIT(RESOURCE)},
        {"its Deny of another", READS(USER, ACCOUNT), .policy = DENY_TO(AWS(OTHERS)), .identity = ALLOW, ALLOWED},
        {"order: SCP", READS(USER, ACCOUNT), .scp = DENY, .rcp = DENY_TO("'*'"), .policy = DENY_TO("'*'"),
         EXPLICIT(SCP)},
        {"order: RCP", READS(USER, ACCOUNT), .rcp = DENY_TO("'*'"), .policy = DENY_TO("'*'"), .identity = DENY,
         EXPLICIT(RCP)},
        {"order: resource", READS(USER, ACCOUNT), .policy = DENY_TO("'*'"), .identity = DENY, EXPLICIT(RESOURCE)},
        {"order: identity", READS(USER, ACCOUNT), .identity = DENY, .boundary = DENY, EXPLICIT(IDENTITY)},
        {"order: boundary", READS(USER, ACCOUNT), .boundary = DENY, .session = DENY, EXPLICIT(BOUNDARY)},
        {"order: session", READS(USER, ACCOUNT), .session = DENY, .endpoint = DENY, EXPLICIT(SESSION)},
        {"order: endpoint", READS(USER, ACCOUNT), .endpoint = DENY, .scp = OTHER, EXPLICIT(ENDPOINT)},
        {"NotPrincipal", READS(USER, ACCOUNT), .policy = BUT(AWS(ROLE)), .identity = ALLOW, EXPLICIT(RESOURCE)},
        {"NotPrincipal that lists", READS(USER, ACCOUNT), .policy = BUT(AWS(USER)), .identity = ALLOW, ALLOWED},
        {"NotPrincipal and boundary", READS(USER, ACCOUNT), .policy = BUT(AWS(USER)), .identity = ALLOW,
         .boundary = ALLOW, EXPLICIT(RESOURCE)},
        {"NotPrincipal and who can have none", READS(ROOT, ACCOUNT), .policy = BUT(AWS(ROOT)), .boundary = ALLOW,
         ALLOWED},
        {"boundary before session", READS(SESSION, ACCOUNT), .identity = ALLOW, .boundary = OTHER, .session = OTHER,
         IMPLICIT(BOUNDARY)},
        {"no grant before boundary", READS(SESSION, ACCOUNT), .boundary = OTHER, IMPLICIT(IDENTITY)},
        {"names nobody", READS(USER, ACCOUNT), .policy = ALLOW, IMPLICIT(IDENTITY)},
    };
    (void)state;
    check_rows(rows, COUNTOF(rows));
}

/* Spec 4.3. */
static void who_is_bound_by_scps(void **state)
{
    static const layers_row rows[] = {
        {"user", READS(USER, ACCOUNT), .scp = DENY, .identity = ALLOW, EXPLICIT(SCP)},
        {"session", READS(SESSION, ACCOUNT), .scp = DENY, .identity = ALLOW, EXPLICIT(SCP)},
        {"federated user", READS(FEDERATED, ACCOUNT), .scp = DENY, .identity = ALLOW, EXPLICIT(SCP)},
        {"root user", READS(ROOT, ACCOUNT), .scp = DENY, EXPLICIT(SCP)},
        {"root user without an Allow", READS(ROOT, ACCOUNT), .scp = OTHER, IMPLICIT(SCP)},
        {"root user of the management account", READS("arn:aws:iam::999999999999:root", "999999999999"), .scp = DENY,
         ALLOWED},
        {"role of it", READS("arn:aws:iam::999999999999:role/Dev", "999999999999"), .scp = DENY, .identity = ALLOW,
         ALLOWED},
        {"service-linked role", READS(LINKED, ACCOUNT), .scp = DENY, .identity = ALLOW, ALLOWED},
        {"its session", READS(LINKED_SESSION, ACCOUNT), .scp = DENY, .identity = ALLOW, ALLOWED},
        {"a user of such a name", READS("arn:aws:iam::111111111111:user/aws-service-role/AWSServiceRoleForX", ACCOUNT),
         .scp = DENY, .identity = ALLOW, EXPLICIT(SCP)},
        {"service", READS(SERVICE, ACCOUNT), .scp = DENY, .policy = ALLOW_TO("{'Service':'" SERVICE "'}"), ALLOWED},
        {"anonymous", READS("anonymous", ACCOUNT), .scp = DENY, .policy = ALLOW_TO("'*'"), ALLOWED},
    };
    (void)state;
    check_rows(rows, COUNTOF(rows));
}

/* Spec 4.4. */
static void when_rcps_apply(void **state)
{
#define RCP .rcp = DENY_TO("'*'")
    static const layers_row rows[] = {
        {"user", READS(USER, ACCOUNT), RCP, .identity = ALLOW, EXPLICIT(RCP)},
        {"of another account", READS(USER, OTHERS), RCP, .identity = ALLOW, .policy = ALLOW_TO("'*'"), EXPLICIT(RCP)},
        {"of the management account", READS("arn:aws:iam::999999999999:user/a", OTHERS), RCP, .identity = ALLOW,
         .policy = ALLOW_TO("'*'"), EXPLICIT(RCP)},
        {"root user", READS(ROOT, ACCOUNT), RCP, EXPLICIT(RCP)},
        {"service", READS(SERVICE, ACCOUNT), RCP, .policy = ALLOW_TO("'*'"), EXPLICIT(RCP)},
        {"anonymous", READS("anonymous", ACCOUNT), RCP, .policy = ALLOW_TO("'*'"), EXPLICIT(RCP)},
        {"service-linked role", READS(LINKED, ACCOUNT), RCP, .identity = ALLOW, ALLOWED},
        {"its session", READS(LINKED_SESSION, ACCOUNT), RCP, .identity = ALLOW, ALLOWED},
        {"management account's resource", READS(USER, "999999999999"), RCP, .identity = ALLOW,
         .policy = ALLOW_TO("'*'"), ALLOWED},
        {"nothing denies, nothing allows", READS(USER, ACCOUNT), .rcp = "", .identity = ALLOW, ALLOWED},
        {"an Allow is none", READS(USER, ACCOUNT), .rcp = ALLOW_TO("'*'"), IMPLICIT(IDENTITY)},
        {"other service", .principal = USER, .action = "ec2:RunInstances", .resource = "*", .owner = ACCOUNT, RCP,
         .identity = ALLOW, ALLOWED},
        {"unknown service", .principal = USER, .action = "nosuch:Thing", .resource = "*", .owner = ACCOUNT, RCP,
         .identity = ALLOW, ALLOWED},
        {"KMS:retiregrant", .principal = USER, .action = "KMS:retiregrant", .resource = "arn:aws:kms:::key/k",
         .owner = ACCOUNT, RCP, .policy = ALLOW_TO("'*'"), ALLOWED},
        {"kms:CreateGrant", .principal = USER, .action = "kms:CreateGrant", .resource = "arn:aws:kms:::key/k",
         .owner = ACCOUNT, RCP, .policy = ALLOW_TO("'*'"), EXPLICIT(RCP)},
        {"no resource, caller's account", .principal = USER, .action = "s3:ListAllMyBuckets", .resource = "*",
         .owner = "999999999999", RCP, .identity = ALLOW, EXPLICIT(RCP)},
    };
    (void)state;
    check_rows(rows, COUNTOF(rows));

    policy_level scp, rcp;
    policy_case  c = case_of_row(&rows[14], &scp, &rcp);
    c.aws_managed_key = true;
    assert_decision("key that AWS manages", oracle_decide(&c, facts), DECISION_ALLOWED, LAYER_NONE, 0);
    c = case_of_row(&rows[12], &scp, &rcp); /* without a catalogue every service honours them */
    assert_decision("no catalogue", oracle_decide(&c, NULL), DECISION_EXPLICITLY_DENIED, LAYER_RCP, 0);
}

/* T13: a perimeter, by the caller's organization. */
static void a_perimeter_of_rcps(void **state)
{
    static const struct {
        const char   *what, *principal, *owner, *organization, *is_service, *action;
        decision_kind kind;
    } rows[] = {
        {"inside", USER, OTHERS, "o-1", "false", "s3:GetObject", DECISION_ALLOWED},
        {"other organization", USER, OTHERS, "o-2", "false", "s3:GetObject", DECISION_EXPLICITLY_DENIED},
        {"no organization", USER, OTHERS, NULL, "false", "s3:GetObject", DECISION_EXPLICITLY_DENIED},
        {"service", SERVICE, OTHERS, NULL, "true", "s3:GetObject", DECISION_ALLOWED},
        {"management account's bucket", USER, "999999999999", "o-2", "false", "s3:GetObject", DECISION_ALLOWED},
        {"other action", USER, OTHERS, "o-2", "false", "sqs:SendMessage", DECISION_ALLOWED},
    };
    (void)state;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        policy_level scp, rcp;
        str          is_service = str_of(rows[i].is_service), organization = str_of(rows[i].organization);
        request_key  keys[] = {{STR("aws:PrincipalIsAWSService"), &is_service, 1, false},
                               {STR("aws:PrincipalOrgID"), &organization, 1, false}};
        layers_row   r = {.principal = rows[i].principal,
                          .action = rows[i].action,
                          .resource = BUCKET,
                          .owner = rows[i].owner,
                          .identity = ALLOW,
                          .policy = ALLOW_TO("'*'"),
                          .rcp = "{'Effect':'Deny','Principal':'*','Action':'s3:*','Resource':'*','Condition':{"
                                   "'StringNotEqualsIfExists':{'aws:PrincipalOrgID':'o-1'},"
                                   "'BoolIfExists':{'aws:PrincipalIsAWSService':'false'}}}"};
        policy_case  c = case_of_row(&r, &scp, &rcp);
        c.request.context = keys;
        c.request.context_count = rows[i].organization == NULL ? 1 : 2;
        assert_decision(rows[i].what, oracle_decide(&c, facts), rows[i].kind,
                        rows[i].kind == DECISION_ALLOWED ? LAYER_NONE : LAYER_RCP, 0);
    }
}

/* Spec 4.5: both accounts must agree, and nothing passes by. */
static void two_accounts(void **state)
{
    static const layers_row rows[] = {
        {"both", READS(USER, OTHERS), .identity = ALLOW, .policy = ALLOW_TO(AWS(USER)), ALLOWED},
        {"by account", READS(SESSION, OTHERS), .identity = ALLOW, .policy = ALLOW_TO(AWS(ACCOUNT)), ALLOWED},
        {"by role", READS(SESSION, OTHERS), .identity = ALLOW, .policy = ALLOW_TO(AWS(ROLE)), ALLOWED},
        {"identity alone", READS(USER, OTHERS), .identity = ALLOW, IMPLICIT(IDENTITY)},
        {"identity, policy names others", READS(USER, OTHERS), .identity = ALLOW, .policy = ALLOW_TO(AWS(OTHERS)),
         IMPLICIT(IDENTITY)},
        {"user's ARN alone", READS(USER, OTHERS), .policy = ALLOW_TO(AWS(USER)), IMPLICIT(IDENTITY)},
        {"everyone alone", READS(USER, OTHERS), .policy = ALLOW_TO("'*'"), IMPLICIT(IDENTITY)},
        {"session's ARN and session policy", READS(SESSION, OTHERS), .identity = ALLOW, .session = OTHER,
         .policy = ALLOW_TO(AWS(SESSION)), IMPLICIT(SESSION)},
        {"user's ARN and boundary", READS(USER, OTHERS), .identity = ALLOW, .boundary = OTHER,
         .policy = ALLOW_TO(AWS(USER)), IMPLICIT(BOUNDARY)},
        {"endpoint", READS(USER, OTHERS), .identity = ALLOW, .endpoint = OTHER, .policy = ALLOW_TO(AWS(USER)),
         IMPLICIT(ENDPOINT)},
        {"root user", READS(ROOT, OTHERS), .policy = ALLOW_TO(AWS(ACCOUNT)), ALLOWED},
        {"root user alone", READS(ROOT, OTHERS), IMPLICIT(IDENTITY)},
        {"service", READS(SERVICE, OTHERS), .policy = ALLOW_TO("{'Service':'" SERVICE "'}"), ALLOWED},
        {"another service", READS(SERVICE, OTHERS), .policy = ALLOW_TO("{'Service':'s3.amazonaws.com'}"),
         IMPLICIT(IDENTITY)},
        {"anonymous", READS("anonymous", OTHERS), .policy = ALLOW_TO("'*'"), ALLOWED},
        {"anonymous and somebody", READS("anonymous", OTHERS), .policy = ALLOW_TO(AWS(ACCOUNT)), IMPLICIT(IDENTITY)},
        {"what a service does not have", READS(SERVICE, OTHERS), .identity = DENY, .boundary = DENY, .session = DENY,
         .policy = ALLOW_TO("'*'"), ALLOWED},
    };
    (void)state;
    check_rows(rows, COUNTOF(rows));
}

/* Spec 4.6, and the root user, federated users and what needs no permission. */
static void keys_roles_and_root_users(void **state)
{
#define KEY(who, from)  .principal = (who), .action = "kms:Decrypt", .resource = "arn:aws:kms:::key/k", .owner = (from)
#define TAKE(who, from) .principal = (who), .action = "sts:AssumeRole", .resource = ROLE, .owner = (from)
#define WHOAMI(who)     .principal = (who), .action = "sts:getcalleridentity", .resource = "*", .owner = ACCOUNT
    static const layers_row rows[] = {
        {"key without a policy", KEY(USER, ACCOUNT), .identity = ALLOW, IMPLICIT(IDENTITY)},
        {"key of others", KEY(USER, ACCOUNT), .identity = ALLOW, .policy = ALLOW_TO(AWS(OTHERS)), IMPLICIT(IDENTITY)},
        {"key that delegates", KEY(USER, ACCOUNT), .identity = ALLOW, .policy = ALLOW_TO(AWS(ROOT)), ALLOWED},
        {"key that delegates to nothing", KEY(USER, ACCOUNT), .policy = ALLOW_TO(AWS(ROOT)), IMPLICIT(IDENTITY)},
        {"key that grants", KEY(USER, ACCOUNT), .policy = ALLOW_TO(AWS(USER)), ALLOWED},
        {"key and role", KEY(SESSION, ACCOUNT), .policy = ALLOW_TO(AWS(ROLE)), ALLOWED},
        {"key and root user", KEY(ROOT, ACCOUNT), .policy = ALLOW_TO(AWS(ROOT)), ALLOWED},
        {"key without the root user", KEY(ROOT, ACCOUNT), .policy = ALLOW_TO(AWS(USER)), IMPLICIT(IDENTITY)},
        {"alias", .principal = USER, .action = "kms:CreateAlias", .resource = "arn:aws:kms:::alias/key/k",
         .owner = ACCOUNT, .identity = ALLOW, ALLOWED},
        {"role without a policy", TAKE(USER, ACCOUNT), .identity = ALLOW, ALLOWED},
        {"role that trusts others", TAKE(USER, ACCOUNT), .identity = ALLOW, .policy = ALLOW_TO(AWS(OTHERS)),
         IMPLICIT(IDENTITY)},
        {"role that trusts the account", TAKE(USER, ACCOUNT), .identity = ALLOW, .policy = ALLOW_TO(AWS(ACCOUNT)),
         ALLOWED},
        {"role that trusts the user", TAKE(USER, ACCOUNT), .policy = ALLOW_TO(AWS(USER)), ALLOWED},
        {"role of another account", TAKE(USER, OTHERS), .policy = ALLOW_TO(AWS(USER)), IMPLICIT(IDENTITY)},
        {"provider", TAKE("arn:aws:iam::111111111111:saml-provider/Idp", ACCOUNT),
         .policy = ALLOW_TO("{'Federated':'arn:aws:iam::111111111111:saml-provider/Idp'}"), .scp = DENY, ALLOWED},
        {"another provider", TAKE("arn:aws:iam::111111111111:saml-provider/Idp", ACCOUNT),
         .policy = ALLOW_TO(AWS(ACCOUNT)), IMPLICIT(IDENTITY)},
        {"root user", READS(ROOT, ACCOUNT), .identity = DENY, .boundary = DENY, .session = DENY, ALLOWED},
        {"root user and its bucket", READS(ROOT, ACCOUNT), .policy = DENY_TO("'*'"), EXPLICIT(RESOURCE)},
        {"federated user without session policy", READS(FEDERATED, ACCOUNT), .identity = ALLOW, IMPLICIT(IDENTITY)},
        {"federated user with one", READS(FEDERATED, ACCOUNT), .identity = ALLOW, .session = ALLOW, ALLOWED},
        {"role session without one", READS(SESSION, ACCOUNT), .identity = ALLOW, ALLOWED},
        {"who am I", WHOAMI(USER), .scp = DENY, .identity = DENY, ALLOWED},
        {"who am I, anonymous", WHOAMI("anonymous"), IMPLICIT(IDENTITY)},
    };
    (void)state;
    check_rows(rows, COUNTOF(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_let_through_what_every_level_allows),
        cmocka_unit_test(the_topmost_level_that_denies_is_named),
        cmocka_unit_test(conditions_in_scps),
        cmocka_unit_test(grants_pass_by_implicit_denials),
        cmocka_unit_test(no_grant_passes_by_a_deny_or_the_organization),
        cmocka_unit_test(who_is_bound_by_scps),
        cmocka_unit_test(when_rcps_apply),
        cmocka_unit_test(a_perimeter_of_rcps),
        cmocka_unit_test(two_accounts),
        cmocka_unit_test(keys_roles_and_root_users),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
