#include "support/random_layers.h"

#include <assert.h>

#include "policy/principal.h"

/* `<>` is where the account id goes. */
static const struct {
    const char *name, *principal;
    bool        boundary, session;
} askers[RANDOM_LAYERED_ROLES] = {
    {"Bounded", "arn:aws:sts::<>:assumed-role/Bounded/s", true, false},
    {"BoundedUser", "arn:aws:iam::<>:user/path/b", true, false},
    {"Passed", "arn:aws:sts::<>:assumed-role/Admin/t", false, true},
    {"BoundedAndPassed", "arn:aws:sts::<>:assumed-role/Bounded/t", true, true},
    {"BoundedRole", "arn:aws:iam::<>:role/path/Bounded", true, false},
    {"Federated", "arn:aws:sts::<>:federated-user/u", false, true},
    {"FederatedBare", "arn:aws:sts::<>:federated-user/v", false, false},
    {"Outsider", "arn:aws:sts::999999999999:assumed-role/Admin/s", false, false},
    {"BoundedOutsider", "arn:aws:iam::888888888888:user/u", true, false},
    {"OutsideRoot", "arn:aws:iam::999999999999:root", false, false},
    {"Provider", "arn:aws:iam::<>:saml-provider/p", false, false},
    {"OtherService", "b.amazonaws.com", false, false},
};

static const struct {
    const char *text;
    uint16_t    policy; /* number + 1 */
    const char *outside;
    bool        aws_managed_key;
} resources[RANDOM_LAYERED_RESOURCES] = {
    {"arn:aws:s3:::b/own", 1, NULL, false},
    {"arn:aws:sqs:us-east-1:<>:q", 2, NULL, false},
    {"arn:aws:kms:us-east-1:<>:key/p", 3, NULL, false},
    {"arn:aws:iam::<>:role/Trust", 4, NULL, false},
    {"arn:aws:s3:::v-out/k", 5, "999999999999", false},
    {"arn:aws:s3:::v-none/k", 0, "888888888888", false},
    {"arn:aws:kms:us-east-1:<>:key/aws", 3, NULL, true},
    {"arn:aws:kms:us-east-1:999999999999:key/o", 3, "999999999999", false},
    {"arn:aws:dynamodb:us-east-1:<>:table/p-2", 6, NULL, false},
    {"arn:aws:kms:us-east-1:<>:key/bare", 0, NULL, true},
    {"arn:aws:s3:::b/bare", 1, "888888888888", false},
    {"arn:aws:iam::<>:role/aws-service-role/b.amazonaws.com/AWSServiceRoleForB", 4, NULL, false},
};

bool random_has_boundary(uint32_t at)
{
    return askers[at].boundary;
}

bool random_has_session(uint32_t at)
{
    return askers[at].session;
}

/* The text without its hole. */
static str holed(arena *a, const char *text, size_t *hole)
{
    size_t len = strlen(text);
    *hole = AUTHZ_NO_HOLE;
    for (size_t i = 0; i + 1 < len; i++)
        if (text[i] == '<' && text[i + 1] == '>') *hole = i;
    if (*hole == AUTHZ_NO_HOLE) return str_of(text);
    return arena_format(a, "%.*s%s", (int)*hole, text, text + *hole + 2);
}

/* Principals of the organization say their account, so that policies that bind no others may rely on it. */
authz_role random_layered_role(arena *a, uint32_t at)
{
    authz_role r = {.name = str_of(askers[at].name)};
    r.principal = holed(a, askers[at].principal, &r.hole);
    r.root = str_ends(r.principal, STR(":root"));
    caller who = caller_read(r.principal);
    if (r.hole == AUTHZ_NO_HOLE || !caller_in_account(&who)) return r;
    str            *account = ARENA_NEW(a, str, 1);
    authz_role_key *key = ARENA_NEW(a, authz_role_key, 1);
    *account = STR("");
    *key = (authz_role_key){STR("aws:PrincipalAccount"), account, 1, 0, AUTHZ_SINGLE};
    r.keys = key;
    r.key_count = 1;
    return r;
}

void random_layered_resources(authz_vocabulary *v)
{
    arena scratch;
    arena_init(&scratch, MEMORY_GENERAL);
    for (uint32_t i = 0; i < RANDOM_LAYERED_RESOURCES; i++) {
        size_t         hole;
        uint16_t       id;
        authz_resource r = {.policy = resources[i].policy, .aws_managed_key = resources[i].aws_managed_key};
        str            text = holed(&scratch, resources[i].text, &hole);
        status         s = authz_value(v, AUTHZ_RESOURCE, text, hole, &id, NULL);
        assert(s == STATUS_OK && id == i + 1);
        (void)s;
        if (resources[i].outside != NULL) r.outside = str_of(resources[i].outside);
        authz_resource_set(v, id, r);
    }
    arena_deinit(&scratch);
}

void random_parts(authz_vocabulary *v)
{
    chance c = chance_at(UINT64_C(20261127), authz_value_count(v, AUTHZ_RESOURCE));
    for (uint32_t n = 0; n < RANDOM_PARTS; n++) {
        authz_part parts[4];
        uint16_t   id;
        uint32_t   count = 1 + chance_below(&c, COUNTOF(parts));
        for (uint32_t i = 0; i < count; i++) {
            uint32_t slot = 2 + chance_below(&c, authz_slot_count(v) - 2);
            parts[i] = (authz_part){.resource = (uint16_t)(1 + chance_below(&c, authz_value_count(v, AUTHZ_RESOURCE)))};
            if (chance_one_in(&c, 2)) continue;
            parts[i].slot = (uint16_t)slot;
            parts[i].value = (uint16_t)chance_below(&c, authz_value_count(v, slot) + 1);
        }
        status s = authz_parts_add(v, parts, count, &id, NULL);
        assert(s == STATUS_OK && id == n + 1);
        (void)s;
    }
}
