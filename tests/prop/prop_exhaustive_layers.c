/* Every combination of what each layer may say, for every kind of caller and resource: evaluator, oracle, the compiled
 * image and a table of the specification's own give one answer.
 *
 * A setup is a choice for each layer, a caller, a relation of accounts and an action. Setups that differ only in layers
 * that do not bind are one (is_redundant); all others are decided. A setup that fails is printed with its choices. */
#include "support/support.h"

#include <stdio.h>

#include "authz/authz.h"
#include "authz/case.h"
#include "oracle/oracle.h"
#include "policy/parse.h"
#include "policy/principal.h"
#include "support/case_row.h"
#include "support/compare.h"

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
#define MEMBERS        (3u * RCP_CHOICES) /* one for each choice of SCPs and RCPs; absent SCPs are a revision */

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
    str one = arena_format(a, "\"%.*s\"", STR_FMT(text));
    return before.len == 0 ? one : joined(a, joined(a, before, STR(",")), one);
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

/* Of the image's resources: with a policy for callers of its own account, or of all accounts of the organization; of
 * two owners outside. */
enum { TO_OWN, TO_ALL, OWNED_OUTSIDE, OWNED_BY_CALLER, RESOURCE_KINDS };

/* By whether the types are enabled; where RCPs are not, plain requests take a path of their own. */
enum { BOTH, NO_SCPS, NO_RCPS, NEITHER, IMAGES };

typedef struct { /* requests that wait for one batch */
    authz_request requests[AUTHZ_BATCH];
    decision      want[AUTHZ_BATCH];
    uint32_t      count;
} queue;

typedef struct {
    arena          run;
    const catalog *facts;
    const policy  *layer[POLICY_TYPE_COUNT][CHOICES], *rcp[RCP_CHOICES];
    uint64_t       decided, by_image, seen[DECISION_EXPLICITLY_DENIED + 1][LAYER_ENDPOINT + 1];

    authz_vocabulary     *v;
    org                  *o;
    str                   ids[MEMBERS + 1]; /* of accounts */
    authz_store          *store;
    authz_image          *images[IMAGES];
    const org_view       *views[IMAGES];
    queue                 queues[IMAGES];
    authz_role            roles[CALLERS * CHOICES * CHOICES * CHOICES];
    uint32_t              role_count, role_first[CALLERS];
    authz_resource_policy policies[2 * 2 * CALLERS * BY_CHOICES];
    uint32_t              policy_count;
    uint16_t              resources[RESOURCE_KINDS][CALLERS][BY_CHOICES][ACTIONS];
    action_handle         actions[ACTIONS];
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

/* ---- as a request to an image ---- */

/* Resources, once for each caller and way; an image's resource has one policy for all who ask. */
static void resource_make(worlds *w, uint32_t kind, uint32_t who, uint32_t way, uint32_t action, uint16_t number)
{
    authz_resource r = {.policy = number};
    str            text = arena_format(&w->run, "%s-%u-%u-%u", actions[action].resource, kind, who, way);
    size_t         hole = str_find(text, '@', 0);
    if (kind == OWNED_OUTSIDE) r.outside = STR(OUTSIDE_OWNER);
    if (kind == OWNED_BY_CALLER) r.outside = STR(OUTSIDE_CALLER);
    text = filled(&w->run, text, r.outside.ptr == NULL ? STR("") : r.outside);
    if (hole > text.len || r.outside.ptr != NULL || action == S3) hole = AUTHZ_NO_HOLE;
    uint16_t *id = &w->resources[kind][who][way][action];
    assert_int_equal(authz_value(w->v, AUTHZ_RESOURCE, text, hole, id, NULL), STATUS_OK);
    authz_resource_set(w->v, *id, r);
}

static uint16_t policy_add(worlds *w, uint32_t kind, uint32_t who, uint32_t way, bool trust)
{
    const str     own = AUTHZ_OWN_ACCOUNT;
    bool          to_own = kind == TO_OWN;
    const policy *p = resource_policy(&w->run, who, way, trust, to_own ? &own : w->ids, to_own ? 1 : MEMBERS + 1);
    if (p == NULL) return 0;
    w->policies[w->policy_count++] = (authz_resource_policy){STR("a policy"), p};
    return (uint16_t)w->policy_count;
}

static void resources_make(worlds *w)
{
    for (uint32_t i = 0; i < CALLERS * BY_CHOICES; i++) {
        uint16_t ids[RESOURCE_KINDS][2];
        uint32_t who = i / BY_CHOICES, way = i % BY_CHOICES;
        for (uint32_t k = 0; k <= TO_ALL; k++)
            for (uint32_t trust = 0; trust < 2; trust++) ids[k][trust] = policy_add(w, k, who, way, trust);
        memcpy(ids[OWNED_OUTSIDE], ids[TO_ALL], sizeof ids[0]);
        memcpy(ids[OWNED_BY_CALLER], ids[TO_ALL], sizeof ids[0]);
        for (uint32_t k = 0; k < RESOURCE_KINDS; k++)
            for (uint32_t action = 0; action < WHO_AM_I; action++)
                resource_make(w, k, who, way, action, ids[k][action == ASSUME]);
    }
}

static void roles_make(worlds *w)
{
    static const str            truth[] = {{"false", 5}, {"true", 4}};
    static const authz_role_key keys[] = {
        {{"aws:PrincipalIsAWSService", 25}, &truth[0], 1, AUTHZ_NO_HOLE, AUTHZ_SINGLE},
        {{"aws:PrincipalIsAWSService", 25}, &truth[1], 1, AUTHZ_NO_HOLE, AUTHZ_SINGLE},
    };
    for (uint32_t who = 0; who < CALLERS; who++) {
        str        text = str_of(callers[who].principal);
        size_t     hole = str_find(text, '@', 0);
        setup      any = {.caller = who};
        bool       own = in_account(&any) && who != ROOT;
        authz_role r = {.name = text,
                        .principal = filled(&w->run, text, STR("")),
                        .hole = hole == text.len ? AUTHZ_NO_HOLE : hole,
                        .root = who == ROOT,
                        .service_linked = who == SERVICE_LINKED,
                        .keys = &keys[who == SERVICE],
                        .key_count = 1};
        w->role_first[who] = w->role_count;
        for (uint32_t i = 0; i < (own ? CHOICES * CHOICES * CHOICES : 1u); i++) {
            r.identity = level_of(&w->layer[POLICY_IDENTITY][i / (CHOICES * CHOICES)]);
            r.boundary = w->layer[POLICY_BOUNDARY][i / CHOICES % CHOICES];
            r.session = level_of(&w->layer[POLICY_SESSION][i % CHOICES]);
            w->roles[w->role_count++] = r;
        }
    }
    assert_int_equal(authz_roles_bind(w->v, w->roles, w->role_count, NULL), STATUS_OK);
}

static uint32_t policy_made(worlds *w, org_policy_type type, const char *text, uint32_t number)
{
    str name = arena_format(&w->run, "p-%08u", number);
    return org_policy_create(w->o, type, name, name, name, str_of(text));
}

/* Below the root an OU for each choice of SCPs and RCPs: SCPs at the OU, RCPs at its one account. */
static void organization_scps(worlds *w)
{
    uint32_t made[CHOICES] = {0};
    org_type_enable(w->o, ORG_TYPE_SCP);
    for (uint32_t i = ALLOW; i < CHOICES; i++) made[i] = policy_made(w, ORG_TYPE_SCP, documents[i], i);
    w->ids[0] = STR(MANAGEMENT);
    for (uint32_t i = 0; i < MEMBERS; i++) {
        str      name = arena_format(&w->run, "ou-ab12-%08u", i), id = arena_format(&w->run, "%012u", 1000 + i);
        uint32_t ou = org_ou_create(w->o, ORG_ROOT, name, name);
        assert_int_equal(org_account_create(w->o, ou, id, id, id), 1 + i);
        w->ids[1 + i] = id;
        org_attach(w->o, made[ALLOW + i / RCP_CHOICES], org_target_node(ou));
        org_detach(w->o, ORG_FULL_ACCESS, org_target_node(ou));
    }
}

static void organization_rcps(worlds *w)
{
    uint32_t made[RCP_CHOICES] = {0};
    org_type_enable(w->o, ORG_TYPE_RCP);
    for (uint32_t i = RCP_DENY; i < RCP_CHOICES; i++)
        made[i] = policy_made(w, ORG_TYPE_RCP, rcp_documents[i], CHOICES + i);
    for (uint32_t i = 0; i < MEMBERS; i++)
        if (i % RCP_CHOICES != RCP_NONE) org_attach(w->o, made[i % RCP_CHOICES], org_target_account(1 + i));
}

static void organization_make(worlds *w)
{
    w->o = org_new((org_options){.org_id = STR("o-exampleorg1"),
                                 .root_id = STR("r-ab12"),
                                 .management_id = STR(MANAGEMENT),
                                 .management_name = STR("management"),
                                 .management_email = STR("management@example.com")});
    organization_scps(w);
    w->views[NO_RCPS] = org_at(w->o, org_commit(w->o));
    organization_rcps(w);
    w->views[BOTH] = org_at(w->o, org_commit(w->o));
    org_type_disable(w->o, ORG_TYPE_SCP);
    w->views[NO_SCPS] = org_at(w->o, org_commit(w->o));
    org_type_disable(w->o, ORG_TYPE_RCP);
    w->views[NEITHER] = org_at(w->o, org_commit(w->o));
}

static void images_make(worlds *w)
{
    w->v = authz_vocabulary_new(w->facts);
    organization_make(w);
    authz_organization(w->v, STR("o-exampleorg1"));
    roles_make(w);
    resources_make(w);
    for (uint32_t i = 0; i < ACTIONS; i++) {
        uint32_t action = catalog_action_find(w->facts, str_of(actions[i].name));
        assert_true(action != CATALOG_NONE);
        w->actions[i] = catalog_action_at(w->facts, action)->handle;
    }
    w->store = authz_store_new(w->facts, w->v,
                               (authz_setting){.roles = w->roles,
                                               .role_count = w->role_count,
                                               .policies = w->policies,
                                               .policy_count = w->policy_count,
                                               .endpoints = &w->layer[POLICY_ENDPOINT][ALLOW],
                                               .endpoint_count = CHOICES - ALLOW});
    static const uint32_t order[IMAGES] = {NO_RCPS, BOTH, NO_SCPS, NEITHER};
    for (uint32_t i = 0; i < IMAGES; i++)
        w->images[order[i]] = authz_image_build(w->store, w->views[order[i]], i == 0 ? NULL : w->images[order[i - 1]]);
}

static void images_free(worlds *w)
{
    for (uint32_t i = 0; i < IMAGES; i++) authz_image_release(w->store, w->images[i]);
    authz_store_free(w->store);
    org_free(w->o);
    authz_vocabulary_free(w->v);
}

static uint32_t member(uint32_t scp, uint32_t rcp)
{
    return 1 + scp % 3 * RCP_CHOICES + rcp % RCP_CHOICES;
}

static void request_make(const worlds *w, const setup *s, authz_request *q)
{
    uint32_t scp = s->scp == ABSENT ? 0 : s->scp - ALLOW, kind = TO_ALL, role = w->role_first[s->caller];
    *q = (authz_request){.action = w->actions[s->action]};
    q->account = q->owner = member(scp, s->rcp);
    if (s->relation == SAME) kind = s->caller == OUTSIDE ? OWNED_BY_CALLER : TO_OWN;
    if (s->relation == OTHER) {
        q->account = member(scp, s->rcp + 1);
        q->owner = member(scp + 1, s->rcp);
    }
    if (s->relation == OF_MANAGEMENT || s->relation == IN_MANAGEMENT) q->owner = 0;
    if (s->relation == IN_MANAGEMENT || s->relation == BY_MANAGEMENT) q->account = 0;
    if (s->relation == IN_MANAGEMENT) kind = TO_OWN;
    if (s->relation == OF_OUTSIDE) kind = OWNED_OUTSIDE;
    if (in_account(s) && s->caller != ROOT) role += (s->identity * CHOICES + s->boundary) * CHOICES + s->session;
    q->value[AUTHZ_PRINCIPAL] = (uint16_t)(role + 1);
    if (s->action != WHO_AM_I)
        q->value[AUTHZ_RESOURCE] = w->resources[kind][s->caller][s->resource][s->action];
    else if (s->caller != ANONYMOUS)
        q->owner = q->account;
    q->action.flags = (uint8_t)s->endpoint;
    authz_request_seal(w->v, q);
}

static void queue_ask(worlds *w, uint32_t which)
{
    queue   *waiting = &w->queues[which];
    uint32_t at = compare_decided(w->images[which], waiting->requests, waiting->count, waiting->want);
    if (at < waiting->count) {
        compare_with with = {w->facts, w->roles, w->views[which]};
        str text = compare_describe(&w->run, &with, w->images[which], &waiting->requests[at], waiting->want[at]);
        (void)fprintf(stderr, "not as specified (called the oracle's first):\n%.*s\n", STR_FMT(text));
        fail_msg("image %u", which);
    }
    w->by_image += waiting->count;
    waiting->count = 0;
}

static void queue_put(worlds *w, uint32_t which, const setup *s, decision want)
{
    queue *waiting = &w->queues[which];
    request_make(w, s, &waiting->requests[waiting->count]);
    waiting->want[waiting->count++] = want;
    if (waiting->count == AUTHZ_BATCH) queue_ask(w, which);
}

/* What is outside has no policies of this organization. */
static void check_images(worlds *w, const setup *s)
{
    setup    seen = *s;
    uint32_t which = s->scp == ABSENT ? NO_SCPS : BOTH;
    if (s->action == WHO_AM_I && (s->resource != BY_NONE || s->relation == OF_OUTSIDE))
        return; /* `*` has no policy and no owner outside */
    if (s->caller == OUTSIDE) seen.scp = ABSENT;
    if (s->relation == OF_OUTSIDE || (s->caller == OUTSIDE && s->relation == SAME)) seen.rcp = RCP_NONE;
    decision want = specified(&seen);
    queue_put(w, which, s, want);
    if (seen.rcp == RCP_NONE || !rcps_bind(s)) queue_put(w, which | NO_RCPS, s, want);
}

/* ---- all setups ---- */

static void every_setup(worlds *w)
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
            check_images(w, &s);
        } while (next_layers(&s));
        arena_reset(&a);
    }
    for (uint32_t i = 0; i < IMAGES; i++) queue_ask(w, i);
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
    static worlds w;
    worlds_make(&w);
    images_make(&w);
    every_setup(&w);
    print_message("%llu setups as cases, %llu of images\n", (unsigned long long)w.decided,
                  (unsigned long long)w.by_image);
    for (uint32_t i = LAYER_SCP; i <= LAYER_ENDPOINT; i++) {
        assert_true(w.seen[DECISION_EXPLICITLY_DENIED][i] > 1000);
        assert_true((w.seen[DECISION_IMPLICITLY_DENIED][i] > 1000) == (i != LAYER_RCP && i != LAYER_RESOURCE));
    }
    assert_true(w.seen[DECISION_ALLOWED][LAYER_NONE] > 10000);
    images_free(&w);
    arena_deinit(&w.run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_combination_of_layers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
