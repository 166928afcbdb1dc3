/* profile.h - inside this room: a profile (`orgsim.profile/1`) as read. Shares are exact ratios, distributions are
 * tables of base/quantile.h, everything named by the profile was found in the catalogue or in the profile itself.
 *
 * Order   arrays keep the order of the file, so that what is generated depends on the file alone.
 * Memory  the arena given to profile_read; identity policies are views into the document's source.
 */
#ifndef WORKLOADS_PROFILE_H
#define WORKLOADS_PROFILE_H

#include "base/document.h"
#include "base/quantile.h"
#include "workloads/generate.h"

#define PROFILE_VALUES_MAX   63 /* of one context key: with "absent" they stay one word of bits */
#define PROFILE_ROLES_MAX    48
#define PROFILE_MIXES_MAX    32
#define PROFILE_SESSIONS_MAX 16
#define PROFILE_POLICIES_MAX 64

typedef struct { /* 0 <= num <= den, den > 0 */
    uint64_t num, den;
} profile_ratio;

typedef struct {
    str      text;
    uint64_t weight;
} profile_weighted;

typedef struct { /* count >= 1, no weight is 0 */
    profile_weighted *items;
    uint32_t          count;
} profile_choice;

typedef struct {
    str     *items;
    uint32_t count;
} profile_list;

typedef struct {
    str          name;
    profile_list values;
} profile_pool;

typedef struct {
    uint64_t     weight;
    str          op, key;
    uint32_t     pool, values_min, values_max; /* within the pool's count */
    profile_list actions;                      /* what a statement with this clause names; empty: anything guarded */
} profile_clause;

typedef struct { /* clauses that together hold for few requests: for statements that deny much */
    uint64_t        weight;
    profile_clause *clauses;
    uint32_t        count;
} profile_broad;

#define PROFILE_REQUEST_TAG STR("aws:RequestTag/")

/* `<organization>` stands for the organization's id; `<account>`, in Principal values of resources' policies and in
 * what services say of whom they act for, for an account's. */
#define PROFILE_ORGANIZATION STR("<organization>")
#define PROFILE_ACCOUNT      STR("<account>")

typedef struct {
    quantile       *bytes, *statements, *actions;
    profile_ratio   deny, condition, not_action, any_resource, on_account;
    uint64_t        exact, service, prefix;        /* weights of the forms of an action, sum 100 */
    uint64_t       *clause_counts, *target_counts; /* [n] the weight of n + 1 */
    uint32_t        clause_counts_max, target_counts_max;
    profile_ratio   node_zipf;
    profile_pool   *pools;
    uint32_t        pool_count;
    profile_clause *clauses;
    uint32_t        clause_count;
    profile_broad  *broad;
    uint32_t        broad_count;
    profile_list    exempt_actions, guarded, guarded_verbs;
} profile_scp;

typedef struct { /* `<organization>` and `<name>` in a statement are filled in; count 0: no RCPs can be made */
    profile_weighted *statements; /* texts */
    uint32_t          statement_count;
    uint64_t         *statement_counts, *target_counts; /* [n] the weight of n + 1 */
    uint32_t          statement_counts_max, target_counts_max;
    profile_ratio     on_account;
} profile_rcp;

typedef struct {
    str            key;
    profile_ratio  present;
    profile_choice values;
} profile_key;

typedef struct {
    profile_key *items;
    uint32_t     count;
} profile_keys;

typedef struct { /* keys that go together, or none */
    uint64_t weight;
    str     *keys, *values; /* [count] */
    uint32_t count;
} profile_bundle;

typedef struct {
    profile_bundle *items;
    uint32_t        count;
} profile_bundles;

typedef struct { /* a chain of services that call on behalf of who asked; count 0: called directly */
    uint64_t     weight;
    profile_list services;
} profile_via;

typedef struct {
    str             name;
    profile_bundles origins;
    profile_keys    keys;
    profile_via    *via;
    uint32_t        via_count; /* 0: the session says nothing of it */
} profile_session;

typedef enum {
    PROFILE_ROLE,
    PROFILE_USER,
    PROFILE_ROOT,
    PROFILE_SERVICE_LINKED,
    PROFILE_FEDERATED_USER,
    PROFILE_SERVICE, /* from here on: no principal of the organization */
    PROFILE_ANONYMOUS,
    PROFILE_OUTSIDE_ROLE,
    PROFILE_ROLE_KINDS
} profile_role_kind;

typedef struct {                             /* texts that are not given are empty */
    str               name, service;         /* service: of a service-linked role; that asks                */
    str               provider;              /* aws:FederatedProvider                                        */
    str               account, organization; /* of an outside role; organization empty: it is in none */
    str               source_account, source_organization, source_arn; /* whom a service acts for     */
    profile_role_kind kind;
    uint32_t          session;
    profile_ratio     reads;
    bool              reads_given;
    policy_level      identity, session_policies;
    const policy     *boundary; /* null: none */
    profile_list      asks;     /* patterns of actions; count 0: all that its identity policies allow */
} profile_role;

static inline bool profile_is_foreign(profile_role_kind kind)
{
    return kind >= PROFILE_SERVICE;
}

/* A policy, and the resources that have it: of each type one by each name, in each region. */
typedef struct {
    str          name, text; /* text: with its holes */
    str          owner;      /* an account outside the organization; empty: accounts of it */
    uint64_t     weight;     /* of its types among those of other policies, 1 where none is given */
    bool         aws_managed_key, trust;
    uint32_t    *types; /* the catalogue's */
    uint32_t     type_count;
    profile_list names;
} profile_resource_policy;

typedef struct {
    str id, text; /* `vpce-…`; its policy, with its holes */
} profile_endpoint;

typedef struct {
    str           name;
    uint64_t     *role_weight; /* [role_count] */
    profile_ratio reads, denied;
    profile_ratio with_policy, cross_account, outside_owner, several; /* together at most 1 */
} profile_mix;

typedef struct {
    profile_ratio    account_zipf, service_zipf, action_zipf; /* exponents: may exceed 1 */
    profile_ratio    reads, denied, guarded_share, home_region;
    uint32_t        *services; /* most used first; others are unused */
    uint32_t         service_count;
    uint32_t        *popular; /* actions, most used first within their service */
    uint32_t         popular_count;
    uint32_t        *global_services;
    uint32_t         global_count;
    profile_list     resource_names;
    profile_keys     principal_tags, action_keys;
    profile_bundles  tag_sets;
    profile_session *sessions;
    uint32_t         session_count;
    profile_role    *roles;
    uint32_t         role_count;
    profile_mix     *mixes;
    uint32_t         mix_count;

    profile_resource_policy *policies;
    uint32_t                 policy_count;
    profile_endpoint        *endpoints;
    uint32_t                 endpoint_count;
} profile_requests;

struct profile {
    str              name, date, source, confidence;
    uint64_t         ou_depth[ORG_OU_DEPTH_MAX]; /* weights, sum 100 */
    profile_ratio    accounts_per_ou_zipf;
    profile_list     units, environments;
    profile_scp      scp;
    profile_rcp      rcp;
    profile_requests requests;
};

typedef struct { /* what the readers of one part hand on to each other */
    arena          *a;
    const document *d;
    const catalog  *facts;
    err            *e;
} profile_reader;

/* Readers of the parts; profile.c puts them together. Roles need the sessions, policies the names, endpoints both. */
status profile_read_scp(arena *a, const document *d, const node *n, const catalog *facts, profile_scp *out, err *e);
status profile_read_rcp(arena *a, const document *d, const node *n, profile_rcp *out, err *e);
status profile_read_requests(arena *a, const document *d, const node *n, const catalog *facts, profile_requests *out,
                             err *e);

status profile_read_roles(arena *a, const document *d, const node *n, const catalog *facts, profile_requests *out,
                          err *e);
status profile_read_layers(arena *a, const document *d, const node *n, const catalog *facts, profile_requests *out,
                           err *e);

/* The text with `what` replaced wherever it stands. */
str profile_fill(arena *a, str text, str what, str with);
/* A policy's text with its holes filled, parsed; `<account>` is kept where it is null. */
status profile_policy_parse(arena *a, str name, str text, policy_type type, str organization, str account,
                            const policy **out, err *e);

/* Words for both. */
status profile_text(arena *a, const document *d, const node *n, const char *name, str *out, err *e);
status profile_share(const document *d, const node *n, const char *name, profile_ratio *out, err *e); /* within 0..1 */
status profile_power(const document *d, const node *n, const char *name, profile_ratio *out, err *e); /* within 0..8 */
status profile_weight(const document *d, const node *n, uint64_t *out, err *e);                       /* 1..10^6     */
status profile_counts(arena *a, const document *d, const node *n, const char *name, uint64_t **out, uint32_t *count,
                      err *e); /* the weights of 1, 2, 3, … */
status profile_strings(arena *a, const document *d, const node *n, const char *name, profile_list *out, err *e);
status profile_names(arena *a, const document *d, const node *n, const char *name, profile_list *out, err *e);
status profile_weights(arena *a, const document *d, const node *n, profile_choice *out, err *e); /* {"text": weight} */
status profile_array(const document *d, const node *n, const char *name, const node **out, err *e); /* not empty */
status profile_account(const document *d, const node *n, str text, err *e);                         /* 12 digits */
status profile_members(const document *d, const node *n, const char *name, const node **out,
                       err *e); /* an object, not empty */
/* The index of `text`, found at n, among `known`; else an error that names `what` and the nearest. */
status profile_name_of(const document *d, const node *n, str text, const char *what, const str *known, uint32_t count,
                       uint32_t *out, err *e);

#endif
