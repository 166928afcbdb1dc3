#include "support/random_world.h"

#include <assert.h>
#include <inttypes.h>

#include "support/random_policy.h"

#define ORGANIZATION STR("o-exampleorgid")

/* ---- vocabulary ---- */

static const struct {
    const char *key;
    const char *values[14]; /* `<>` is where the account id goes */
} singles[] = {
    {"",
     {"arn:aws:s3:::b/k", "arn:aws:s3:::b", "arn:aws:s3:::b/a", "arn:aws:s3:::b/*", "arn:aws:s3:::B/K",
      "arn:aws:kms:us-east-1:<>:key/k", "arn:aws:kms:us-east-1:<>:alias/key/k", "arn:aws:iam::<>:role/x",
      "arn:aws:iam::<>:role/Admin", "arn:aws:dynamodb:us-east-1:<>:table/p-1", "arn:aws:s3:::b-<>/k", "arn:aws:s3:::<>",
      "arn:aws-cn:s3:::b/k", "bucket"}},
    {"aws:SourceIp",
     {"10.0.0.1", "10.0.0.200", "11.0.0.1", "2001:db8::1", "2001:DB8:0:0::1", "::ffff:10.0.0.1", "10.0.0.0/8", "10"}},
    {"app:n", {"10", "10.0", "9.99", "-3", "-3.0", "7.5", "0.1", "10a", "1767225600", ""}},
    {"app:d",
     {"2026-01-01T00:00:00Z", "2026-01-01T02:00:00+02:00", "2026-01-01", "2025-12-31T23:59:59.999Z", "2026",
      "1767225600", "2026-01-01T00:00:00", "never"}},
    {"app:b", {"true", "false", "True", "1", ""}},
    {"app:bin", {"YQ==", "YWI=", "", "a"}},
    {"app:arn", {"arn:aws:iam::1:role/x", "arn:aws:iam::1:role/x:y", "arn:aws:iam::2:user/u", "arn:aws:iam", "a"}},
    {"aws:RequestedRegion", {"eu-west-1", "eu-central-1", "us-east-1"}},
    {"aws:ResourceAccount", {"<>", "100000000003"}},
    {"aws:CalledVia", {"a", "", "k"}}, /* multivalued by its type, though given alone */
};
static const struct {
    const char *key;
    const char *values[8][3];
    uint32_t    counts[8], count;
} lists[] = {
    {"aws:TagKeys",
     {{0}, {""}, {"a"}, {"a", "k"}, {"A", "b", "a*"}, {"k", "k"}, {"100000000003", "x"}},
     {0, 1, 1, 2, 3, 2, 2},
     7},
    {"aws:SourceVpc", {{"a"}, {"a", "b"}}, {1, 2}, 2}, /* single by its type, though given as a list */
};
/* Keys that go together: any of them may be absent while another is there. */
#define BUNDLE_COLUMNS 4
#define NO_LIST        UINT32_MAX
static const struct {
    const char *user, *tag, *family; /* null: absent */
    const char *list[3];
    uint32_t    list_count; /* or NO_LIST */
} bundled[] = {
    {"a", NULL, NULL, {0}, NO_LIST},  {"A", "a", "x<>", {0}, NO_LIST},
    {"k", "A", "<>y", {0}, 0},        {"a*", "k", "team-<>-z", {""}, 1},
    {"?", "*", "1<>", {"a"}, 1},      {"", "x", "<>", {"b", "a"}, 2},
    {"b", "", "x", {"a"}, 1},         {NULL, "x:y", "team-<>-z", {"v07", "10", "true"}, 3},
    {NULL, NULL, "<>", {0}, NO_LIST}, {"a", "k", NULL, {"b", "a"}, 2},
};
static const authz_column bundle_columns[BUNDLE_COLUMNS] = {{{"aws:username", 12}, AUTHZ_SINGLE, false},
                                                            {{"aws:PrincipalTag/t", 18}, AUTHZ_SINGLE, false},
                                                            {{"app:family", 10}, AUTHZ_SINGLE, true},
                                                            {{"app:list", 8}, AUTHZ_LIST, false}};
#define NUMBERED_SLOTS 2 /* `app:many`, and `app:even` whose domain is 64 */

/* Takes the hole out of the text; `room` holds what is left. */
static authz_entry entry_of(const char *text, char room[128], str *out)
{
    size_t len = strlen(text), hole = AUTHZ_NO_HOLE;
    assert(len < 128);
    for (size_t i = 0; i + 1 < len; i++)
        if (text[i] == '<' && text[i + 1] == '>') hole = i;
    memcpy(room, text, len);
    if (hole != AUTHZ_NO_HOLE) {
        memcpy(room + hole, text + hole + 2, len - hole - 2);
        len -= 2;
    }
    *out = (str){room, len};
    return (authz_entry){out, 1, hole};
}

static void value_add(authz_vocabulary *v, uint32_t slot, const char *text)
{
    char        room[128];
    str         without;
    uint16_t    id;
    authz_entry x = entry_of(text, room, &without);
    status      s = authz_value(v, slot, without, x.hole, &id, NULL);
    assert(s == STATUS_OK);
    (void)s;
}

static void bundle_add(authz_vocabulary *v)
{
    uint32_t slot = 0;
    status   s = authz_bundle(v, bundle_columns, BUNDLE_COLUMNS, &slot, NULL);
    for (size_t i = 0; i < COUNTOF(bundled) && s == STATUS_OK; i++) {
        char        room[128];
        str         single[3], texts[3];
        uint16_t    id;
        authz_entry entries[BUNDLE_COLUMNS] = {{0}};
        if (bundled[i].user != NULL) single[0] = str_of(bundled[i].user);
        if (bundled[i].user != NULL) entries[0] = (authz_entry){&single[0], 1, AUTHZ_NO_HOLE};
        if (bundled[i].tag != NULL) single[1] = str_of(bundled[i].tag);
        if (bundled[i].tag != NULL) entries[1] = (authz_entry){&single[1], 1, AUTHZ_NO_HOLE};
        if (bundled[i].family != NULL) entries[2] = entry_of(bundled[i].family, room, &single[2]);
        for (uint32_t k = 0; k < 3 && bundled[i].list[k] != NULL; k++) texts[k] = str_of(bundled[i].list[k]);
        if (bundled[i].list_count != NO_LIST) entries[3] = (authz_entry){texts, bundled[i].list_count, AUTHZ_NO_HOLE};
        s = authz_bundle_value(v, slot, entries, &id, NULL);
    }
    assert(s == STATUS_OK);
}

static void numbered_add(authz_vocabulary *v, const char *key, const char *pattern, uint32_t count)
{
    arena    scratch;
    uint32_t slot = 0;
    status   s = key[0] == '\0' ? STATUS_OK : authz_slot(v, str_of(key), AUTHZ_SINGLE, &slot, NULL);
    assert(s == STATUS_OK);
    arena_init(&scratch, MEMORY_GENERAL);
    for (uint32_t i = 0; i < count; i++) {
        str number = arena_format(&scratch, "%02u", i), before = str_of(pattern), after;
        after = str_part(before, str_find(before, '#', 0) + 1, before.len - str_find(before, '#', 0) - 1);
        before.len -= after.len + 1;
        value_add(v, slot,
                  arena_format(&scratch, "%.*s%.*s%.*s", STR_FMT(before), STR_FMT(number), STR_FMT(after)).ptr);
    }
    arena_deinit(&scratch);
    (void)s;
}

/* Who asks, and what follows from it; their policies differ from world to world. */
static const struct {
    const char *name, *principal, *arn, *account; /* `<>` as above; arn and account null: absent   */
    const char *organization, *path;              /* in place of what would be derived; null: that */
} askers[RANDOM_PLAIN_ROLES] = {
    {"Admin", "arn:aws:sts::<>:assumed-role/Admin/s", "arn:aws:iam::<>:role/Admin", "<>", NULL, NULL},
    {"ReadOnly", "arn:aws:sts::<>:assumed-role/ReadOnly/s", "arn:aws:iam::<>:role/x", "<>", NULL, NULL},
    {"App", "arn:aws:iam::<>:role/App", "arn:aws:iam::<>:role/App", "<>", NULL, NULL},
    {"User", "arn:aws:iam::<>:user/u", "arn:aws:iam::1:role/x", "100000000003", "a", NULL}, /* no user is so */
    {"root", "arn:aws:iam::<>:root", "arn:aws:iam::<>:root", "<>", NULL, "o-1/r-1/ou-a/"},
    {"ServiceLinked", "arn:aws:iam::<>:role/aws-service-role/a.amazonaws.com/AWSServiceRoleForA",
     "arn:aws:iam::<>:role/x", NULL, NULL, NULL},
    {"Service", "a.amazonaws.com", NULL, NULL, "o-exampleorgid", "o-exampleorgid/r-ab12/"},
    {"Anonymous", "anonymous", NULL, "anonymous", NULL, NULL},
};

/* Without policies; the role's texts live in `a`. */
static authz_role role_of(arena *a, uint32_t at)
{
    if (at >= RANDOM_PLAIN_ROLES) return random_layered_role(a, at - RANDOM_PLAIN_ROLES);
    str            *texts = ARENA_NEW(a, str, 5);
    authz_role_key *keys = ARENA_NEW(a, authz_role_key, 4);
    uint32_t        count = 0;
    authz_entry     x = entry_of(askers[at].principal, ARENA_NEW(a, char, 128), &texts[0]);
    authz_role      r = {.name = str_of(askers[at].name), .principal = texts[0], .hole = x.hole, .keys = keys};
    r.root = str_ends(texts[0], STR(":root"));
    r.service_linked = str_ends(texts[0], STR("AWSServiceRoleForA"));
    if (askers[at].arn != NULL) {
        x = entry_of(askers[at].arn, ARENA_NEW(a, char, 128), &texts[1]);
        keys[count++] = (authz_role_key){STR("aws:PrincipalArn"), x.texts, 1, x.hole, AUTHZ_SINGLE};
    }
    if (askers[at].account != NULL) {
        x = entry_of(askers[at].account, ARENA_NEW(a, char, 128), &texts[2]);
        keys[count++] = (authz_role_key){STR("aws:PrincipalAccount"), x.texts, 1, x.hole, AUTHZ_SINGLE};
    }
    if (askers[at].organization != NULL) {
        texts[3] = str_of(askers[at].organization);
        keys[count++] = (authz_role_key){STR("aws:PrincipalOrgID"), &texts[3], 1, AUTHZ_NO_HOLE, AUTHZ_SINGLE};
    }
    if (askers[at].path != NULL) {
        texts[4] = str_of(askers[at].path);
        keys[count++] = (authz_role_key){STR("aws:PrincipalOrgPaths"), &texts[4], 1, AUTHZ_NO_HOLE, AUTHZ_LIST};
    }
    r.key_count = count;
    return r;
}

static void roles_bind(authz_vocabulary *v)
{
    arena      scratch;
    authz_role roles[RANDOM_ROLES];
    arena_init(&scratch, MEMORY_GENERAL);
    for (uint32_t i = 0; i < RANDOM_ROLES; i++) roles[i] = role_of(&scratch, i);
    status s = authz_roles_bind(v, roles, RANDOM_ROLES, NULL);
    assert(s == STATUS_OK);
    (void)s;
    arena_deinit(&scratch);
}

authz_vocabulary *random_vocabulary(const catalog *facts, bool wide)
{
    authz_vocabulary *v = authz_vocabulary_new(facts);
    authz_organization(v, ORGANIZATION);
    random_layered_resources(v);
    for (size_t i = 0; i < COUNTOF(singles); i++) {
        uint32_t slot = 0;
        if (i > 0) (void)authz_slot(v, str_of(singles[i].key), AUTHZ_SINGLE, &slot, NULL);
        for (size_t k = 0; k < COUNTOF(singles[i].values) && singles[i].values[k] != NULL; k++)
            value_add(v, slot, singles[i].values[k]);
    }
    for (size_t i = 0; i < COUNTOF(lists); i++) {
        uint32_t slot = 0;
        uint16_t id;
        (void)authz_slot(v, str_of(lists[i].key), AUTHZ_LIST, &slot, NULL);
        for (uint32_t k = 0; k < lists[i].count; k++) {
            str texts[3];
            for (uint32_t n = 0; n < lists[i].counts[k]; n++) texts[n] = str_of(lists[i].values[k][n]);
            (void)authz_value_list(v, slot, texts, lists[i].counts[k], &id, NULL);
        }
    }
    numbered_add(v, "app:many", "v#", wide ? 100 : 20);
    numbered_add(v, "app:even", "#", wide ? 64 : 63); /* with "absent" one more than, or just, what a mask holds */
    if (wide) numbered_add(v, "", "arn:aws:s3:::v#/k", 80);
    bundle_add(v);
    roles_bind(v);
    random_parts(v);
    assert(authz_slot_count(v) == COUNTOF(singles) + COUNTOF(lists) + NUMBERED_SLOTS + 2); /* bundle and principal */
    return v;
}

/* ---- roles ---- */

/* allowed: one policy that allows that, null: policies are drawn. */
static void role_make(random_world *w, uint32_t at, uint32_t policy_count, const char *allowed)
{
    const policy **policies = ARENA_NEW(&w->a, const policy *, policy_count);
    for (uint32_t i = 0; i < policy_count; i++)
        policies[i] = allowed == NULL ? random_identity(&w->a, &w->c, w->sizes.statements)
                                      : policy_of_text(&w->a, POLICY_IDENTITY, allowed);
    w->roles[at] = role_of(&w->a, at);
    w->roles[at].identity = (policy_level){policies, policy_count};
}

static void roles_make(random_world *w)
{
#define STATEMENT(rest) \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Resource\":\"*\"," rest "}]}"
    role_make(w, 0, 1, STATEMENT("\"Action\":\"*\""));
    role_make(w, 1, 1, STATEMENT("\"Action\":[\"s3:Get*\",\"s3:List*\",\"ec2:Describe*\",\"iam:Get*\",\"kms:*\"]"));
    role_make(w, 2, 2, NULL);
    role_make(w, 3, 1 + chance_below(&w->c, 3), NULL);
    role_make(w, 4, chance_below(&w->c, 2), NULL);
    role_make(w, 5, 1, chance_one_in(&w->c, 2) ? STATEMENT("\"Action\":[\"s3:*\",\"ec2:*\"]") : NULL);
    role_make(w, 6, 1, NULL);
    role_make(w, 7, chance_below(&w->c, 2), NULL);
    for (uint32_t i = RANDOM_PLAIN_ROLES; i < RANDOM_ROLES; i++) {
        bool all = !w->sizes.layers || chance_one_in(&w->c, 2);
        role_make(w, i, 1, all ? STATEMENT("\"Action\":\"*\"") : NULL);
    }
#undef STATEMENT
}

/* ---- what else requests meet ---- */

static const policy *layer_draw(random_world *w, policy_type type)
{
    return random_layer_policy(&w->a, &w->c, type, w->sizes.statements);
}

static void role_layers_make(random_world *w, uint32_t at)
{
    authz_role *role = &w->roles[RANDOM_PLAIN_ROLES + at];
    if (random_has_boundary(at)) role->boundary = layer_draw(w, POLICY_BOUNDARY);
    if (!random_has_session(at)) return;
    role->session.count = 1 + chance_below(&w->c, 2);
    const policy **session = ARENA_NEW(&w->a, const policy *, role->session.count);
    for (uint32_t i = 0; i < role->session.count; i++) session[i] = layer_draw(w, POLICY_SESSION);
    role->session.policies = session;
}

static void layers_make(random_world *w)
{
    for (uint32_t i = 0; i < RANDOM_LAYERED_ROLES; i++) role_layers_make(w, i);
    for (uint32_t i = 0; i < RANDOM_RESOURCE_POLICIES; i++)
        w->policies[i] = (authz_resource_policy){
            STR("drawn"),
            random_resource_policy(&w->a, &w->c, i == 3 ? POLICY_TRUST : POLICY_RESOURCE, w->sizes.statements)};
    for (uint32_t i = 0; i < RANDOM_ENDPOINTS; i++) w->endpoints[i] = layer_draw(w, POLICY_ENDPOINT);
}

authz_setting random_setting(const random_world *w)
{
    return (authz_setting){.roles = w->roles,
                           .role_count = RANDOM_ROLES,
                           .policies = w->policies,
                           .policy_count = w->sizes.layers ? RANDOM_RESOURCE_POLICIES : 0,
                           .endpoints = w->endpoints,
                           .endpoint_count = w->sizes.layers ? RANDOM_ENDPOINTS : 0};
}

/* ---- one change ---- */

static uint32_t below(random_world *w, uint32_t bound)
{
    return chance_below(&w->c, bound);
}

static str name_next(random_world *w, const char *prefix)
{
    return arena_format(&w->a, "%s%08u", prefix, w->serial++);
}

/* One that is there; ORG_NONE after a few misses. */
static uint32_t some_node(random_world *w)
{
    const org_view *v = org_head(w->o);
    for (uint32_t tries = 0; tries < 8; tries++) {
        uint32_t node = below(w, org_node_count(v));
        if (org_node_exists(v, node)) return node;
    }
    return ORG_ROOT;
}

static uint32_t some_account(random_world *w, const org_view *v)
{
    for (uint32_t tries = 0; tries < 8; tries++) {
        uint32_t account = below(w, org_account_count(v));
        if (org_account_exists(v, account)) return account;
    }
    return ORG_MANAGEMENT;
}

static org_policy_type some_type(random_world *w)
{
    return w->sizes.layers && chance_one_in(&w->c, 3) ? ORG_TYPE_RCP : ORG_TYPE_SCP;
}

static uint32_t some_policy(random_world *w, org_policy_type type)
{
    const org_view *v = org_head(w->o);
    for (uint32_t tries = 0; tries < 8; tries++) {
        uint32_t p = below(w, org_policy_count(v));
        if (org_policy_exists(v, p) && org_policy_type_at(v, p) == type) return p;
    }
    return type == ORG_TYPE_SCP ? ORG_FULL_ACCESS : ORG_RCP_FULL_ACCESS;
}

/* The root seldom, lest it decide for all below. */
static org_target some_target(random_world *w)
{
    uint32_t node = some_node(w);
    if (node == ORG_ROOT && !chance_one_in(&w->c, 3)) node = some_node(w);
    return chance_one_in(&w->c, 2) ? org_target_account(some_account(w, org_head(w->o))) : org_target_node(node);
}

/* Mostly below what was made last, so that chains grow long. */
static uint32_t some_parent(random_world *w)
{
    uint32_t newest = org_node_count(org_head(w->o)) - 1;
    return chance_below(&w->c, 3) > 0 && org_node_exists(org_head(w->o), newest) ? newest : some_node(w);
}

static void ou_create(random_world *w)
{
    uint32_t parent = some_parent(w);
    str      name = name_next(w, "ou-ab12-");
    if (org_node_depth(org_head(w->o), parent) < ORG_OU_DEPTH_MAX) (void)org_ou_create(w->o, parent, name, name);
}

static void account_create(random_world *w)
{
    str id = arena_format(&w->a, "%012" PRIu64, RANDOM_ACCOUNT_FIRST + org_account_count(org_head(w->o)));
    (void)org_account_create(w->o, some_parent(w), id, id, id);
}

static str text_draw(random_world *w, org_policy_type type)
{
    return (type == ORG_TYPE_SCP ? random_scp : random_rcp)(&w->a, &w->c, w->sizes.statements);
}

static void policy_create(random_world *w)
{
    str             name = name_next(w, "p-");
    org_policy_type type = some_type(w);
    (void)org_policy_create(w->o, type, name, name, name, text_draw(w, type));
}

static void policy_update(random_world *w)
{
    org_policy_type type = some_type(w);
    uint32_t        p = some_policy(w, type);
    str             keep = {0}, content = keep;
    if (org_policy_aws_managed(org_head(w->o), p)) return;
    switch (below(w, 4)) {
    case 0: org_policy_update(w->o, p, name_next(w, "p-"), keep, keep); return;
    case 1: /* then two have one text */ content = org_policy_content(org_head(w->o), some_policy(w, type)); break;
    default: content = text_draw(w, type);
    }
    if (type == ORG_TYPE_RCP && str_eq(content, org_policy_content(org_head(w->o), ORG_RCP_FULL_ACCESS))) return;
    org_policy_update(w->o, p, keep, keep, content);
}

static void policy_delete(random_world *w)
{
    uint32_t p = some_policy(w, some_type(w));
    if (!org_policy_aws_managed(org_head(w->o), p) && org_policy_target_count(org_head(w->o), p) == 0)
        org_policy_delete(w->o, p);
}

static void attach(random_world *w, uint32_t which, org_target target)
{
    const org_view *v = org_head(w->o);
    org_policy_type type = org_policy_type_at(v, which);
    if (!org_type_enabled(v, type)) return;
    org_attachments l = org_attached(v, type, target);
    for (uint32_t i = 0; i < l.count; i++)
        if (l.policies[i] == which) return;
    org_attach(w->o, which, target);
}

/* Draws in this order, whatever a compiler does with arguments. */
static void attach_some(random_world *w)
{
    org_target target = some_target(w);
    attach(w, some_policy(w, some_type(w)), target);
}

static void detach(random_world *w, org_target target)
{
    org_attachments l = org_attached(org_head(w->o), some_type(w), target);
    if (l.count == 0 || (l.count == 1 && !chance_one_in(&w->c, 6))) return; /* mostly as AWS has it: one stays */
    org_detach(w->o, l.policies[below(w, l.count)], target);
}

static void account_move(random_world *w)
{
    uint32_t account = some_account(w, org_head(w->o)), to = some_node(w);
    if (org_account_parent(org_head(w->o), account) != to) org_account_move(w->o, account, to);
}

static void account_remove(random_world *w)
{
    uint32_t account = some_account(w, org_head(w->o));
    if (account != ORG_MANAGEMENT) org_account_remove(w->o, account);
}

static void ou_delete(random_world *w)
{
    const org_view *v = org_head(w->o);
    uint32_t        node = some_node(w);
    if (node != ORG_ROOT && org_node_child_count(v, node) == 0 && org_node_account_count(v, node) == 0)
        org_ou_delete(w->o, node);
}

static void ou_rename(random_world *w)
{
    uint32_t node = some_node(w);
    if (node != ORG_ROOT) org_ou_rename(w->o, node, name_next(w, "ou-ab12-"));
}

static void type_switch(random_world *w)
{
    org_policy_type t = chance_one_in(&w->c, 2) ? ORG_TYPE_SCP : ORG_TYPE_RCP;
    bool            enabled = org_type_enabled(org_head(w->o), t);
    if (enabled && t == ORG_TYPE_SCP && !chance_one_in(&w->c, 3)) return;
    (enabled ? org_type_disable : org_type_enable)(w->o, t);
}

static void change_one(random_world *w)
{
    switch (below(w, 28)) {
    case 0: policy_create(w); break;
    case 1: policy_delete(w); break;
    case 2: ou_create(w); break;
    case 3: ou_delete(w); break;
    case 4: ou_rename(w); break;
    case 5:
    case 6: account_create(w); break;
    case 7: account_remove(w); break;
    case 8: type_switch(w); break;
    case 9:
    case 10:
    case 11: account_move(w); break;
    case 12:
    case 13:
    case 14:
    case 15: policy_update(w); break;
    case 16:
    case 17:
    case 18:
    case 19:
    case 20: detach(w, some_target(w)); break;
    default: attach_some(w); break;
    }
}

void random_world_change(random_world *w)
{
    uint32_t count = below(w, 8) == 0 ? 0 : 1 + below(w, 3);
    for (uint32_t i = 0; i < count; i++) change_one(w);
    if (!org_type_enabled(org_head(w->o), ORG_TYPE_SCP) && chance_one_in(&w->c, 2)) org_type_enable(w->o, ORG_TYPE_SCP);
    (void)org_commit(w->o);
}

/* ---- life ---- */

void random_world_init(random_world *w, const catalog *facts, const authz_vocabulary *v, chance c, random_sizes sizes)
{
    *w = (random_world){.c = c, .sizes = sizes, .facts = facts, .v = v};
    arena_init(&w->a, MEMORY_GENERAL);
    w->o = org_new((org_options){.org_id = ORGANIZATION,
                                 .root_id = STR("r-ab12"),
                                 .management_id = STR("100000000000"),
                                 .management_name = STR("management"),
                                 .management_email = STR("management@example.com")});
    roles_make(w);
    if (sizes.layers) layers_make(w);
    if (sizes.layers && !chance_one_in(&w->c, 4)) org_type_enable(w->o, ORG_TYPE_RCP);
    if (!chance_one_in(&w->c, 10)) org_type_enable(w->o, ORG_TYPE_SCP);
    uint32_t ous = below(w, sizes.ous + 1);
    for (uint32_t i = sizes.accounts / 6 + below(w, sizes.accounts * 5 / 6 + 1); i > 0; i--) {
        if (below(w, i) < ous) {
            ou_create(w);
            ous--;
        }
        account_create(w);
    }
    for (uint32_t i = 1 + below(w, sizes.policies); i > 0; i--) policy_create(w);
    for (uint32_t i = below(w, sizes.policies + 2 * sizes.ous + sizes.accounts + 1); i > 0; i--) attach_some(w);
    for (uint32_t i = below(w, (sizes.ous + sizes.accounts) / 2 + 2); i > 0; i--) detach(w, some_target(w));
    (void)org_commit(w->o);
}

void random_world_deinit(random_world *w)
{
    org_free(w->o);
    arena_deinit(&w->a);
}

/* ---- one request ---- */

static action_handle some_action(random_world *w)
{
    static const char *const asked[] = {
        "s3:GetObject",     "s3:PutObject",          "s3:DeleteObject",       "s3:ListBucket",
        "s3:GetObjectAcl",  "ec2:RunInstances",      "ec2:DescribeInstances", "iam:CreateRole",
        "iam:GetUser",      "kms:Decrypt",           "kms:CreateKey",         "sts:AssumeRole",
        "kms:RetireGrant",  "sqs:SendMessage",       "sts:GetCallerIdentity", "organizations:LeaveOrganization",
        "dynamodb:GetItem", "lambda:InvokeFunction", "ebs:GetSnapshotBlock"};
    uint32_t action;
    if (chance_one_in(&w->c, 6))
        action = below(w, catalog_action_count(w->facts));
    else
        action = catalog_action_find(w->facts, str_of(asked[below(w, COUNTOF(asked))]));
    assert(action != CATALOG_NONE);
    return catalog_action_at(w->facts, action)->handle;
}

/* Removed ones go on asking. */
static uint32_t some_asker(random_world *w, const org_view *view)
{
    return w->sizes.layers && chance_one_in(&w->c, 12) ? below(w, org_account_count(view)) : some_account(w, view);
}

/* Resources that have no policy, and an owner inside: where SCPs and identity policies suffice. */
static void plain_request(authz_request *out)
{
    uint16_t *resource = &out->value[AUTHZ_RESOURCE];
    if (*resource > 0 && *resource <= RANDOM_LAYERED_RESOURCES)
        *resource = (uint16_t)(*resource + RANDOM_LAYERED_RESOURCES);
}

static void layered_request(random_world *w, const org_view *view, authz_request *out)
{
    uint16_t *resource = &out->value[AUTHZ_RESOURCE];
    if (*resource > 0 && !chance_one_in(&w->c, 4)) *resource = (uint16_t)(1 + below(w, RANDOM_LAYERED_RESOURCES));
    if (chance_one_in(&w->c, 4)) out->action.flags = (uint8_t)(1 + below(w, RANDOM_ENDPOINTS));
    if (chance_one_in(&w->c, 8)) {
        out->action.flags |= AUTHZ_SEVERAL;
        *resource = (uint16_t)(1 + below(w, RANDOM_PARTS));
    }
    if (*resource > 0 && chance_one_in(&w->c, 2)) out->owner = some_asker(w, view);
}

void random_request(random_world *w, const org_view *view, authz_request *out)
{
    static const uint32_t times[] = {1767225600, 1767225599, 1767225601, 0, 1893456000};
    /* Half of plain requests by the administrator: for others the identity policies hide much of the SCPs. */
    bool     plain = !w->sizes.layers || chance_one_in(&w->c, 3), administrator = plain && chance_one_in(&w->c, 2);
    uint32_t role = administrator ? 0 : below(w, plain ? RANDOM_PLAIN_ROLES : RANDOM_ROLES);
    uint32_t asker = some_asker(w, view);
    *out = (authz_request){.account = asker, .action = some_action(w)};
    out->owner = out->account;
    out->time_s = times[below(w, COUNTOF(times))];
    for (uint32_t slot = 0; slot < authz_slot_count(w->v); slot++)
        if (slot != AUTHZ_PRINCIPAL && !chance_one_in(&w->c, 4))
            out->value[slot] = (uint16_t)(1 + below(w, authz_value_count(w->v, slot)));
    out->value[AUTHZ_PRINCIPAL] = (uint16_t)(role + 1);
    if (plain)
        plain_request(out);
    else
        layered_request(w, view, out);
    authz_request_seal(w->v, out);
}
