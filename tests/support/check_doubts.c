#include "support/check_doubts.h"

#include "authz/doubts.h"
#include "support/compare.h"
#include "support/random_policy.h"

#define ACCOUNTS 8u
#define ALLOW_BY(principal)                                                                                        \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\"," principal "\"Action\":\"*\",\"Resource\":" \
    "\"*\"}]}"

static const policy *allow(random_world *w, policy_type type)
{
    bool names = type == POLICY_RESOURCE || type == POLICY_TRUST || type == POLICY_ENDPOINT;
    return policy_of_text(&w->a, type, names ? ALLOW_BY("\"Principal\":\"*\",") : ALLOW_BY(""));
}

static policy_level one_level(random_world *w, const policy *p)
{
    const policy **set = ARENA_NEW(&w->a, const policy *, 1);
    *set = p;
    return (policy_level){set, 1};
}

/* Policies that say nothing doubtful, where the drawn ones were. */
static void silence(random_world *w)
{
    for (uint32_t i = 0; i < RANDOM_ROLES; i++) {
        w->roles[i].identity = one_level(w, allow(w, POLICY_IDENTITY));
        if (w->roles[i].boundary != NULL) w->roles[i].boundary = allow(w, POLICY_BOUNDARY);
        if (w->roles[i].session.count > 0) w->roles[i].session = one_level(w, allow(w, POLICY_SESSION));
    }
    for (uint32_t i = 0; i < RANDOM_RESOURCE_POLICIES; i++) w->policies[i].parsed = allow(w, POLICY_RESOURCE);
    for (uint32_t i = 0; i < RANDOM_ENDPOINTS; i++) w->endpoints[i] = allow(w, POLICY_ENDPOINT);
}

/* A statement that asks for one variable of a key that follows from who asks, or from the request: random policies ask
 * for few of them. */
static str asking(random_world *w, policy_type type)
{
    static const char *const keys[] = {"aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID",
                                       "aws:ResourceOrgID",    "aws:CurrentTime",  "aws:PrincipalOrgPaths"};
    const char              *key = keys[chance_below(&w->c, COUNTOF(keys))];
    return arena_format(&w->a,
                        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",%s\"Action\":\"s3:*\","
                        "\"Resource\":\"*\",\"Condition\":{\"StringLike\":{\"aws:EpochTime\":\"${%s}\"}}}]}",
                        type == POLICY_RCP || type == POLICY_RESOURCE ? "\"Principal\":\"*\"," : "", key);
}

/* Of all layers but those of the organization one gets a drawn policy, in most of the worlds. */
static void speak(random_world *w)
{
    authz_role *role = &w->roles[chance_below(&w->c, RANDOM_ROLES)];
    switch (chance_below(&w->c, 8)) {
    case 0: role->identity = one_level(w, random_identity(&w->a, &w->c, 1)); break;
    case 1:
        if (role->boundary != NULL) role->boundary = random_layer_policy(&w->a, &w->c, POLICY_BOUNDARY, 1);
        break;
    case 2:
        if (role->session.count > 0) role->session = one_level(w, random_layer_policy(&w->a, &w->c, POLICY_SESSION, 1));
        break;
    case 3:
        w->policies[chance_below(&w->c, RANDOM_RESOURCE_POLICIES)].parsed =
            random_resource_policy(&w->a, &w->c, POLICY_RESOURCE, 1);
        break;
    case 4: w->endpoints[0] = random_layer_policy(&w->a, &w->c, POLICY_ENDPOINT, 1); break;
    case 5:
        role->identity = one_level(w, policy_of_text(&w->a, POLICY_IDENTITY, asking(w, POLICY_IDENTITY).ptr));
        break;
    case 6: w->policies[0].parsed = policy_of_text(&w->a, POLICY_RESOURCE, asking(w, POLICY_RESOURCE).ptr); break;
    default: break;
    }
}

/* The organization's own policy binds everywhere. */
static void spread(random_world *w)
{
    const org_view *v = org_head(w->o);
    uint32_t        drawn = org_policy_count(v) - 1;
    org_policy_type type = org_policy_type_at(v, drawn);
    if (org_policy_aws_managed(v, drawn)) return;
    str keep = {0};
    if (chance_one_in(&w->c, 3))
        org_policy_update(w->o, drawn, keep, keep, asking(w, type == ORG_TYPE_SCP ? POLICY_SCP : POLICY_RCP));
    if (!org_type_enabled(v, type)) org_type_enable(w->o, type);
    org_attachments l = org_attached(org_head(w->o), type, org_target_node(ORG_ROOT));
    for (uint32_t i = 0; i < l.count; i++)
        if (l.policies[i] == drawn) return;
    org_attach(w->o, drawn, org_target_node(ORG_ROOT));
}

static bool check_requests(arena *a, random_world *w, const authz_image *image, const org_view *view, uint32_t requests,
                           doubt_counts *counts, str *difference)
{
    compare_with with = {w->facts, w->roles, view};
    uint64_t     before = counts->doubtful;
    for (uint32_t n = 0; n < requests; n++) {
        uint32_t      want[DIAGNOSTIC_COUNT], have[DIAGNOSTIC_COUNT];
        authz_request q;
        random_request(w, view, &q);
        uint32_t count = compare_doubts(*a, &with, image, &q, want);
        counts->compared++;
        counts->doubtful += count > 0;
        for (uint32_t i = 0; i < DIAGNOSTIC_COUNT; i++) counts->by_kind[i] += want[i];
        if (authz_request_doubts(image, &q, have) == count && memcmp(want, have, sizeof want) == 0) continue;
        *difference = compare_describe(a, &with, image, &q, authz_decide(image, &q));
        return false;
    }
    counts->worlds++;
    counts->clear += !authz_has_doubts(image);
    counts->in_vain += authz_has_doubts(image) && counts->doubtful == before;
    return true;
}

bool check_doubts(arena *a, const catalog *facts, const authz_vocabulary *v, chance c, uint32_t requests,
                  doubt_counts *counts, str *difference)
{
    random_world w;
    random_world_init(&w, facts, v, c, (random_sizes){ACCOUNTS, 2, 1, 1, true});
    silence(&w);
    speak(&w);
    spread(&w);
    uint32_t gone = chance_below(&w.c, org_account_count(org_head(w.o)));
    if (gone != ORG_MANAGEMENT) org_account_remove(w.o, gone);
    const org_view *view = org_at(w.o, org_commit(w.o));
    authz_store    *s = authz_store_new(facts, v, random_setting(&w));
    authz_image    *image = authz_image_build(s, view, NULL);
    bool            same = check_requests(a, &w, image, view, requests, counts, difference);
    authz_image_release(s, image);
    authz_store_free(s);
    random_world_deinit(&w);
    return same;
}
