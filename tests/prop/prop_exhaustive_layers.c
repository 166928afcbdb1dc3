/* Every combination of what each layer may say, for every kind of caller and resource: evaluator, oracle and a
 * table of the specification's own give one answer.
 *
 * A setup is a choice for each layer, a caller, a relation of accounts and an action. Setups that differ only in layers
 * that do not bind are one (is_redundant); all others are decided. A setup that fails is printed with its choices. */
#include "support/support.h"

#include <stdio.h>

#include "authz/case.h"
#include "oracle/oracle.h"
#include "policy/parse.h"
#include "policy/principal.h"
#include "support/case_row.h"

/* What a layer's policies say. */
enum { ABSENT, ALLOW, NOTHING, DENY, CHOICES };
enum { RCP_NONE, RCP_DENY, RCP_CONDITIONAL, RCP_CHOICES };
enum { BY_NONE, BY_EVERYONE, BY_OWN, BY_MAKER, BY_ACCOUNT, BY_OTHER, BY_SPARING, BY_DENY, BY_CHOICES };
enum { USER, SESSION, FEDERATED, ROOT, SERVICE_LINKED, SERVICE, ANONYMOUS, OUTSIDE, CALLERS };
enum { S3, KMS, ASSUME, SNS, WHO_AM_I, ACTIONS };
/* Whose the resource is; in the last two a principal of the management account asks. */
enum { SAME, OTHER, OF_MANAGEMENT, OF_OUTSIDE, IN_MANAGEMENT, BY_MANAGEMENT, RELATIONS };

typedef struct {
    uint32_t caller, relation, action, scp, rcp, identity, boundary, session, resource, endpoint;
} setup;

/* ---- the specification ---- */

/* Spec 1.7: what an Allow that names this is to the caller. */
#define D REACH_DIRECT
#define C REACH_CAPPED
#define A REACH_ACCOUNT
static const principal_reach reaches[CALLERS][BY_CHOICES] = {
    /*                 none everyone own maker account other sparing deny */
    [USER] = {0, D, D, 0, A, 0, D, 0},           [SESSION] = {0, D, D, C, A, 0, D, 0},
    [FEDERATED] = {0, D, D, C, A, 0, D, 0},      [ROOT] = {0, D, A, 0, A, 0, D, 0},
    [SERVICE_LINKED] = {0, D, D, C, A, 0, D, 0}, [SERVICE] = {0, D, D, 0, 0, 0, D, 0},
    [ANONYMOUS] = {0, D, 0, 0, 0, 0, D, 0},      [OUTSIDE] = {0, D, D, C, A, 0, D, 0},
};
#undef D
#undef C
#undef A

static bool in_account(const setup *s)
{
    return s->caller != SERVICE && s->caller != ANONYMOUS;
}

static bool scps_bind(const setup *s) /* 4.3 */
{
    return in_account(s) && s->caller != SERVICE_LINKED && s->relation < IN_MANAGEMENT;
}

static bool rcps_bind(const setup *s) /* 4.4 */
{
    return s->caller != SERVICE_LINKED && s->relation != OF_MANAGEMENT && s->relation != IN_MANAGEMENT &&
           s->action != SNS;
}

static decision by(decision_kind kind, decision_layer layer)
{
    uint8_t level = layer == LAYER_SCP ? 1 : layer == LAYER_RCP ? 2 : 0; /* where both worlds have the choices */
    return (decision){(uint8_t)kind, (uint8_t)layer, level};
}

/* Sections 4.2, 4.5 and 4.6, with edge case 100 for federated users. */
static decision specified(const setup *s)
{
    const decision_kind explicitly = DECISION_EXPLICITLY_DENIED, implicitly = DECISION_IMPLICITLY_DENIED;
    const decision      allowed = by(DECISION_ALLOWED, LAYER_NONE);
    bool                own = in_account(s) && s->caller != ROOT;
    uint32_t            scp = scps_bind(s) ? s->scp : ABSENT, rcp = rcps_bind(s) ? s->rcp : RCP_NONE;
    uint32_t            identity = own ? s->identity : ABSENT, boundary = own ? s->boundary : ABSENT;
    uint32_t            session = own ? s->session : ABSENT;
    principal_reach     reach = reaches[s->caller][s->resource];
    bool                stranger = s->caller == OUTSIDE || s->caller == ANONYMOUS; /* to the conditional RCP */

    if (s->action == WHO_AM_I && s->caller != ANONYMOUS) return allowed;
    if (scp == DENY) return by(explicitly, LAYER_SCP);
    if (rcp == RCP_DENY || (rcp == RCP_CONDITIONAL && stranger)) return by(explicitly, LAYER_RCP);
    if (s->resource == BY_DENY) return by(explicitly, LAYER_RESOURCE);
    if (s->resource == BY_SPARING && (s->caller == ANONYMOUS || boundary != ABSENT))
        return by(explicitly, LAYER_RESOURCE);
    if (identity == DENY) return by(explicitly, LAYER_IDENTITY);
    if (boundary == DENY) return by(explicitly, LAYER_BOUNDARY);
    if (session == DENY) return by(explicitly, LAYER_SESSION);
    if (s->endpoint == DENY) return by(explicitly, LAYER_ENDPOINT);

    if (scp == NOTHING) return by(implicitly, LAYER_SCP);
    if (s->endpoint == NOTHING) return by(implicitly, LAYER_ENDPOINT);
    if (!in_account(s)) return reach == REACH_DIRECT ? allowed : by(implicitly, LAYER_IDENTITY);

    bool same = s->relation == SAME || s->relation == IN_MANAGEMENT;
    bool trusted = s->caller == ROOT || (identity == ALLOW && (s->caller != FEDERATED || session != ABSENT));
    bool delegated = reach == REACH_ACCOUNT || (s->action != KMS && s->action != ASSUME);
    if (same && reach == REACH_DIRECT) return allowed;
    bool granted = same ? reach == REACH_CAPPED || (trusted && delegated) : trusted && reach != REACH_NONE;
    if (!granted) return by(implicitly, LAYER_IDENTITY);
    if (boundary == NOTHING) return by(implicitly, LAYER_BOUNDARY);
    return session == NOTHING ? by(implicitly, LAYER_SESSION) : allowed;
}

/* ---- the product ---- */

static bool is_redundant(const setup *s)
{
    bool own = in_account(s) && s->caller != ROOT;
    if (s->identity == ABSENT) return true; /* nobody tells it from NOTHING */
    if (!in_account(s) && s->relation != OTHER && s->relation != OF_MANAGEMENT && s->relation != OF_OUTSIDE)
        return true;
    if (s->caller == OUTSIDE && s->relation >= IN_MANAGEMENT) return true;
    if (!scps_bind(s) && s->scp != NOTHING && s->scp != DENY) return true;
    if (!rcps_bind(s) && s->rcp != RCP_DENY) return true;
    if (s->caller == ANONYMOUS && (s->resource == BY_OWN || s->resource == BY_MAKER)) return true; /* has none */
    if (s->action == ASSUME && (s->resource == BY_NONE || s->resource == BY_SPARING))
        return true; /* a role has a trust policy, which may not say NotPrincipal */
    if (!own && (s->boundary != (s->identity == ALLOW ? ABSENT : s->identity) || s->session != s->boundary))
        return true;
    /* Layers are not even asked: all that deny, or none. */
    return s->action == WHO_AM_I && s->caller != ANONYMOUS &&
           (s->boundary % DENY != 0 || s->session % DENY != 0 || s->endpoint % DENY != 0 || s->identity == NOTHING);
}

/* The next choice of one layer, or the first with a carry. */
static bool carries(uint32_t *digit, uint32_t base)
{
    *digit = (*digit + 1) % base;
    return *digit == 0;
}

static bool next_layers(setup *s)
{
    return !(carries(&s->endpoint, CHOICES) && carries(&s->resource, BY_CHOICES) && carries(&s->session, CHOICES) &&
             carries(&s->boundary, CHOICES) && carries(&s->identity, CHOICES) && carries(&s->rcp, RCP_CHOICES) &&
             carries(&s->scp, CHOICES));
}

/* ---- policies ---- */

#define DOCUMENT(statements) "{\"Version\":\"2012-10-17\",\"Statement\":[" statements "]}"
#define ALLOW_ALL            "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}"
#define DENY_ALL             "{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}"
static const char *const documents[CHOICES] = {
    [ALLOW] = DOCUMENT(ALLOW_ALL),
    [NOTHING] = DOCUMENT("{\"Effect\":\"Allow\",\"Action\":\"iam:CreateUser\",\"Resource\":\"*\"}"),
    [DENY] = DOCUMENT(ALLOW_ALL "," DENY_ALL),
};
#define DENY_RCP \
    "\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":[\"s3:*\",\"kms:*\",\"sts:*\",\"sns:*\"],\"Resource\":\"*\""
static const char *const rcp_documents[RCP_CHOICES] = {
    [RCP_DENY] = DOCUMENT("{" DENY_RCP "}"),
    [RCP_CONDITIONAL] =
        DOCUMENT("{" DENY_RCP ",\"Condition\":{\"StringNotEqualsIfExists\":{\"aws:PrincipalOrgID\":\"o-exampleorg1\"},"
                 "\"BoolIfExists\":{\"aws:PrincipalIsAWSService\":\"false\"}}}"),
};

/* `@` is where the account goes. maker: the role of a session, the user of a federated one; a role that none is. */
static const struct {
    const char *principal, *maker;
} callers[CALLERS] = {
    [USER] = {"arn:aws:iam::@:user/u", "arn:aws:iam::@:role/R"},
    [SESSION] = {"arn:aws:sts::@:assumed-role/R/s", "arn:aws:iam::@:role/R"},
    [FEDERATED] = {"arn:aws:sts::@:federated-user/u", "arn:aws:iam::@:user/u"},
    [ROOT] = {"arn:aws:iam::@:root", "arn:aws:iam::@:role/R"},
    [SERVICE_LINKED] = {"arn:aws:sts::@:assumed-role/AWSServiceRoleForX/s",
                        "arn:aws:iam::@:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"},
    [SERVICE] = {"x.amazonaws.com", "arn:aws:iam::@:role/R"},
    [ANONYMOUS] = {"anonymous", "arn:aws:iam::@:role/R"},
    [OUTSIDE] = {"arn:aws:sts::999999999999:assumed-role/R/s", "arn:aws:iam::999999999999:role/R"},
};
static const struct {
    const char *name, *resource;
} actions[ACTIONS] = {
    [S3] = {"s3:GetObject", "arn:aws:s3:::b/k"},
    [KMS] = {"kms:Decrypt", "arn:aws:kms:us-east-1:@:key/k"},
    [ASSUME] = {"sts:AssumeRole", "arn:aws:iam::@:role/t"},
    [SNS] = {"sns:Publish", "arn:aws:sns:us-east-1:@:t"},
    [WHO_AM_I] = {"sts:GetCallerIdentity", NULL},
};

#define OUTSIDE_CALLER "999999999999"
#define OUTSIDE_OWNER  "777777777777"
#define MANAGEMENT     "111111111111"
#define NOBODY         "888888888888"

static str joined(arena *a, str x, str y)
{
    return arena_format(a, "%.*s%.*s", STR_FMT(x), STR_FMT(y));
}

static str filled(arena *a, str text, str id)
{
    size_t at = str_find(text, '@', 0);
    if (at == text.len) return text;
    return joined(a, joined(a, str_part(text, 0, at), id), str_part(text, at + 1, text.len - at - 1));
}

static str quoted(arena *a, str before, str text)
{
    return arena_format(a, "%.*s%s\"%.*s\"", STR_FMT(before), before.len > 0 ? "," : "", STR_FMT(text));
}

static const policy *parsed(arena *a, policy_type type, str text)
{
    source *in = ARENA_NEW(a, source, 1);
    policy *out = NULL;
    err     e = {0};
    *in = (source){STR("policy"), text, 1};
    if (policy_parse(a, in, (policy_parse_options){.type = type}, &out, &e) != STATUS_OK) fail_msg("%s", e.text);
    return out;
}

/* Whom the statement of a resource's policy names, of callers of these accounts. */
static str names_of(arena *a, uint32_t who, uint32_t way, const str *ids, uint32_t count)
{
    str names = {0}, service = STR("\"Service\":\"x.amazonaws.com\"");
    if (way == BY_EVERYONE || way == BY_DENY) return STR("\"*\"");
    if (who == SERVICE && way == BY_OWN) return arena_format(a, "{%.*s}", STR_FMT(service));
    if (way == BY_OTHER || who == ANONYMOUS) names = quoted(a, names, STR(NOBODY));
    for (uint32_t i = 0; i < count && way != BY_OTHER && who != ANONYMOUS; i++) {
        str id = who == OUTSIDE ? STR(OUTSIDE_CALLER) : ids[i];
        if (who != SERVICE && way != BY_MAKER && way != BY_ACCOUNT)
            names = quoted(a, names, filled(a, str_of(callers[who].principal), id));
        if (way != BY_OWN && way != BY_ACCOUNT) names = quoted(a, names, filled(a, str_of(callers[who].maker), id));
        if (way != BY_OWN && way != BY_MAKER) names = quoted(a, names, id);
    }
    if (who == SERVICE && way == BY_SPARING)
        return arena_format(a, "{\"AWS\":[%.*s],%.*s}", STR_FMT(names), STR_FMT(service));
    return arena_format(a, "{\"AWS\":[%.*s]}", STR_FMT(names));
}

static const policy *resource_policy(arena *a, uint32_t who, uint32_t way, bool trust, const str *ids, uint32_t count)
{
    if (way == BY_NONE || (trust && way == BY_SPARING)) return NULL;
    const char *on = trust ? "\"Action\":\"sts:*\"" : "\"Action\":\"*\",\"Resource\":\"*\"";
    bool        sparing = way == BY_SPARING, deny = way == BY_DENY || sparing;
    str         names = names_of(a, who, way, ids, count);
    str         text = arena_format(a, "{\"Effect\":\"%s\",\"%s\":%.*s,%s}", deny ? "Deny" : "Allow",
                            sparing ? "NotPrincipal" : "Principal", STR_FMT(names), on);
    if (sparing) text = arena_format(a, "{\"Effect\":\"Allow\",\"Principal\":\"*\",%s},%.*s", on, STR_FMT(text));
    return parsed(a, trust ? POLICY_TRUST : POLICY_RESOURCE, arena_format(a, DOCUMENT("%.*s"), STR_FMT(text)));
}

/* ---- what all setups share ---- */

typedef struct {
    arena          run;
    const catalog *facts;
    const policy  *layer[POLICY_TYPE_COUNT][CHOICES], *rcp[RCP_CHOICES];

    uint64_t decided, seen[DECISION_EXPLICITLY_DENIED + 1][LAYER_ENDPOINT + 1];
} worlds;

/* ---- as a case ---- */

static str account_of(const setup *s)
{
    if (s->caller == OUTSIDE) return STR(OUTSIDE_CALLER);
    return s->relation >= IN_MANAGEMENT ? STR(MANAGEMENT) : STR("222222222222");
}

static str owner_of(const setup *s)
{
    static const char *const owners[RELATIONS] = {[OTHER] = "333333333333",
                                                  [OF_MANAGEMENT] = MANAGEMENT,
                                                  [OF_OUTSIDE] = OUTSIDE_OWNER,
                                                  [IN_MANAGEMENT] = MANAGEMENT,
                                                  [BY_MANAGEMENT] = "222222222222"};
    return s->relation == SAME ? account_of(s) : str_of(owners[s->relation]);
}

static policy_level level_of(const policy *const *p)
{
    return (policy_level){p, *p != NULL};
}

/* The request, with what follows from it, and the policies that its resource may have. */
static void question_make(worlds *w, arena *a, const setup *s, policy_case *c, const policy *ways[BY_CHOICES])
{
    str          id = account_of(s), owner = owner_of(s);
    derive_place ours = {STR("o-exampleorg1"), STR("o-exampleorg1/r-ab12/ou-ab12-00000000/")};
    derive_facts facts = {.unix_seconds = DERIVE_NO_TIME};
    if (in_account(s) && s->caller != OUTSIDE) facts.principal = ours;
    if (!str_is(owner, OUTSIDE_OWNER) && !str_is(owner, OUTSIDE_CALLER)) facts.resource = ours;
    *c = (policy_case){.request = {.principal = filled(a, str_of(callers[s->caller].principal), id),
                                   .action = str_of(actions[s->action].name),
                                   .resource = STR("*"),
                                   .resource_account = owner},
                       .management_account = STR(MANAGEMENT)};
    if (actions[s->action].resource != NULL)
        c->request.resource = filled(a, str_of(actions[s->action].resource), owner);
    oracle_derive(a, &c->request, &facts);
    for (uint32_t i = 0; i < BY_CHOICES; i++) ways[i] = resource_policy(a, s->caller, i, s->action == ASSUME, &id, 1);
    c->scps = ARENA_NEW(a, policy_level, 3);
    c->rcps = ARENA_NEW(a, policy_level, 3);
    c->scp_level_count = c->rcp_level_count = 3;
    c->scps[0] = c->scps[2] = level_of(&w->layer[POLICY_SCP][ALLOW]);
}

static void layers_put(const worlds *w, const setup *s, const policy *const ways[BY_CHOICES], policy_case *c)
{
    c->scps_apply = s->scp != ABSENT;
    c->rcps_apply = s->rcp != RCP_NONE;
    c->scps[1] = level_of(&w->layer[POLICY_SCP][s->scp]);
    c->rcps[2] = level_of(&w->rcp[s->rcp]);
    c->identity = level_of(&w->layer[POLICY_IDENTITY][s->identity]);
    c->boundary = w->layer[POLICY_BOUNDARY][s->boundary];
    c->session = level_of(&w->layer[POLICY_SESSION][s->session]);
    c->endpoint = w->layer[POLICY_ENDPOINT][s->endpoint];
    c->resource = ways[s->resource];
}

static void say(const char *who, decision d)
{
    (void)fprintf(stderr, "%-13s %s by %s at level %d\n", who, decision_name((decision_kind)d.kind),
                  layer_name((decision_layer)d.layer), d.level);
}

static void check_case(worlds *w, arena scratch, const setup *s, const policy_case *c)
{
    decision want = specified(s), oracle = oracle_decide(c, w->facts);
    decision got = authz_decide_case(&scratch, c, w->facts);
    w->decided++;
    w->seen[want.kind][want.layer]++;
    if (decision_equal(want, oracle) && decision_equal(want, got)) return;
    say("specification", want);
    say("oracle", oracle);
    say("evaluator", got);
    str row = case_row(&scratch, c, STR("a setup"), str_of(decision_name((decision_kind)want.kind)));
    (void)fprintf(stderr, "%.*s\n", STR_FMT(row)); /* cmocka cuts long messages */
    fail_msg("caller %u, relation %u, action %u, scp %u, rcp %u, identity %u, boundary %u, session %u, resource %u, "
             "endpoint %u",
             s->caller, s->relation, s->action, s->scp, s->rcp, s->identity, s->boundary, s->session, s->resource,
             s->endpoint);
}

static void every_setup_as_a_case(worlds *w)
{
    arena a;
    arena_init(&a, MEMORY_POLICY);
    for (uint32_t i = 0; i < CALLERS * RELATIONS * ACTIONS; i++) {
        setup s = {.caller = i / (RELATIONS * ACTIONS), .relation = i / ACTIONS % RELATIONS, .action = i % ACTIONS};
        policy_case   c;
        const policy *ways[BY_CHOICES];
        question_make(w, &a, &s, &c, ways);
        do {
            if (is_redundant(&s)) continue;
            layers_put(w, &s, ways, &c);
            check_case(w, a, &s, &c);
        } while (next_layers(&s));
        arena_reset(&a);
    }
    arena_deinit(&a);
}

static void worlds_make(worlds *w)
{
    static const policy_type types[] = {POLICY_SCP, POLICY_IDENTITY, POLICY_BOUNDARY, POLICY_SESSION, POLICY_ENDPOINT};
    *w = (worlds){0};
    arena_init(&w->run, MEMORY_GENERAL);
    w->facts = support_catalog(&w->run);
    for (size_t i = 0; i < COUNTOF(types); i++)
        for (uint32_t k = ALLOW; k < CHOICES; k++)
            w->layer[types[i]][k] = parsed(&w->run, types[i], str_of(documents[k]));
    for (uint32_t k = RCP_DENY; k < RCP_CHOICES; k++) w->rcp[k] = parsed(&w->run, POLICY_RCP, str_of(rcp_documents[k]));
}

static void every_combination_of_layers(void **state)
{
    (void)state;
    worlds w;
    worlds_make(&w);
    every_setup_as_a_case(&w);
    print_message("%llu setups as cases\n", (unsigned long long)w.decided);
    for (uint32_t i = LAYER_SCP; i <= LAYER_ENDPOINT; i++) {
        assert_true(w.seen[DECISION_EXPLICITLY_DENIED][i] > 1000);
        assert_true((w.seen[DECISION_IMPLICITLY_DENIED][i] > 1000) == (i != LAYER_RCP && i != LAYER_RESOURCE));
    }
    assert_true(w.seen[DECISION_ALLOWED][LAYER_NONE] > 10000);
    arena_deinit(&w.run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_combination_of_layers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
