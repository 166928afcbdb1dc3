/* A synthetic organization: tree, accounts, policies, attachments, in that order, by control operations in bulk. */
#include "workloads/generate.h"

#include <assert.h>

#include "workloads/generate_policy.h"
#include "workloads/generate_rcp.h"
#include "workloads/generate_text.h"

const generate_world generate_worlds[] = {
    {"small",
     "aws-2026-05-15",
     {.accounts = 20, .ous = 6, .scps = 15, .scps_per_target_max = 4, .allow_list_percent = 20}},
    {"large",
     "aws-2026-05-15",
     {.accounts = 10000, .ous = 2000, .scps = 2000, .scps_per_target_max = 4, .allow_list_percent = 5}},
    {"quota", "aws-2026-05-15", {.accounts = 50000, .ous = 2000, .scps = 10000, .fill = true, .allow_list_percent = 5}},
    {"giant",
     "unlimited",
     {.accounts = 1000000, .ous = 100000, .scps = 20000, .scps_per_target_max = 4, .allow_list_percent = 2}},
};
const uint32_t generate_world_count = COUNTOF(generate_worlds);

const generate_world *generate_world_find(str name)
{
    for (uint32_t i = 0; i < generate_world_count; i++)
        if (str_is(name, generate_worlds[i].name)) return &generate_worlds[i];
    return NULL;
}

#define ALLOW_LIST_ONE_IN  400u /* SCPs */
#define PER_TARGET_DEFAULT 9u   /* beside FullAWSAccess, where no quota says it */
#define ROOT_CANDIDATES    64u
#define RCPS_PER_TARGET    4u
#define RCP_TARGET_DRAWS   64u /* behind those of its text */
#define NODE_PLACE_TRIES   64u

/* What RNG_ORG_TREE is asked about; never reused. */
enum { TREE_OU_PARENT = 0, TREE_OU_NAME = 1, TREE_OU_ORDER = 2, TREE_OU_ALLOW_LIST = 3 };

typedef struct {
    const profile   *p;
    const catalog   *facts;
    generate_size    size;
    uint64_t         seed;
    uint32_t         ou_depth;   /* of the quotas */
    uint32_t         per_target; /* SCPs beside FullAWSAccess */
    uint32_t         rcps_per_target;
    uint32_t         allow_lists;
    org             *o;
    control         *c;
    generate_actions actions;
    policy_maker    *maker;
    uint32_t        *policies; /* [scps] index in the org */
    uint32_t        *attached; /* [nodes] SCPs beside FullAWSAccess */
    err             *e;
} world_maker;

/* ---- calls ---- */

static status call(world_maker *w, const control_command *command, control_answer *answer)
{
    control_apply(w->c, command, answer);
    if (answer->exception == NULL) return STATUS_OK;
    return err_set(w->e, STATUS_LIMIT, "%s is refused with %s%s%s: %s", control_operation_name(command->op),
                   answer->exception, answer->reason != NULL ? ", " : "", answer->reason != NULL ? answer->reason : "",
                   answer->detail);
}

static str target_id(const world_maker *w, org_target t)
{
    const org_view *now = org_head(w->o);
    uint32_t        index = org_target_index(t);
    return org_target_is_account(t) ? org_account_id(now, index) : org_node_id(now, index);
}

static status attach(world_maker *w, uint32_t index, org_target t)
{
    control_answer  answer;
    control_command command = {.op = CONTROL_ATTACH_POLICY};
    command.member[MEMBER_PolicyId] = org_policy_id(org_head(w->o), index);
    command.member[MEMBER_TargetId] = target_id(w, t);
    return call(w, &command, &answer);
}

static status detach_full_access(world_maker *w, org_target t)
{
    control_answer  answer;
    control_command command = {.op = CONTROL_DETACH_POLICY};
    command.member[MEMBER_PolicyId] = org_policy_id(org_head(w->o), ORG_FULL_ACCESS);
    command.member[MEMBER_TargetId] = target_id(w, t);
    return call(w, &command, &answer);
}

static status enable_type(world_maker *w, org_policy_type type)
{
    control_answer  answer;
    control_command command = {.op = CONTROL_ENABLE_POLICY_TYPE};
    command.member[MEMBER_RootId] = org_root_id(org_head(w->o));
    command.member[MEMBER_PolicyType] = str_of(org_policy_type_name(type));
    return call(w, &command, &answer);
}

/* ---- tree and accounts ---- */

/* How many OUs at each depth that the quota allows: by weight, at least one above any that has one below. */
static void depth_counts(const world_maker *w, uint32_t counts[ORG_OU_DEPTH_MAX])
{
    uint64_t total = 0;
    uint32_t placed = 0, depths = w->ou_depth > 0 ? w->ou_depth : 1; /* none: AWS's answer to the first one says it */
    for (uint32_t d = 0; d < depths; d++) total += w->p->ou_depth[d];
    for (uint32_t d = 0; d < ORG_OU_DEPTH_MAX; d++) {
        counts[d] = d < depths && total > 0 ? (uint32_t)(w->size.ous * w->p->ou_depth[d] / total) : 0;
        placed += counts[d];
    }
    for (uint32_t d = 0; placed<w->size.ous; d = depths> 1 ? 1 - d : 0, placed++) counts[d]++; /* the rest above */
    for (uint32_t d = ORG_OU_DEPTH_MAX; d-- > 1;)
        if (counts[d] > 0 && counts[d - 1] == 0) {
            counts[d - 1] += counts[d];
            counts[d] = 0;
        }
}

static str pick(const profile_list *list, uint64_t u)
{
    return list->items[rng_scale(u, list->count)];
}

static status make_ous(world_maker *w, arena scratch)
{
    uint32_t counts[ORG_OU_DEPTH_MAX], above = ORG_ROOT, above_count = 1, made = 1;
    depth_counts(w, counts);
    for (uint32_t d = 0; d < ORG_OU_DEPTH_MAX; d++) {
        uint32_t first = made;
        for (uint32_t i = 0; i < counts[d]; i++, made++) {
            arena           here = scratch;
            control_answer  answer;
            control_command command = {.op = CONTROL_CREATE_ORGANIZATIONAL_UNIT};
            uint32_t        parent =
                above + (uint32_t)rng_scale(rng_at(w->seed, RNG_ORG_TREE, TREE_OU_PARENT, made), above_count);
            rng_pair name = rng_pair_at(w->seed, RNG_ORG_TREE, TREE_OU_NAME, made);
            command.member[MEMBER_ParentId] = org_node_id(org_head(w->o), parent);
            command.member[MEMBER_Name] = arena_format(&here, "%.*s-%.*s-%u", STR_FMT(pick(&w->p->units, name.a)),
                                                       STR_FMT(pick(&w->p->environments, name.b)), made);
            TRY(call(w, &command, &answer));
            assert(answer.index == made);
        }
        if (counts[d] == 0) break;
        above = first;
        above_count = counts[d];
    }
    return STATUS_OK;
}

/* Accounts choose their OU by Zipf's law over the OUs in a shuffled order. */
static status make_accounts(world_maker *w, arena scratch)
{
    uint32_t    ous = w->size.ous;
    alias_table by_rank = {0};
    uint32_t   *order = ARENA_NEW(&scratch, uint32_t, ous + 1);
    uint64_t   *weights = ARENA_NEW(&scratch, uint64_t, ous + 1);
    for (uint32_t i = 0; i < ous; i++) {
        uint32_t other = (uint32_t)rng_scale(rng_at(w->seed, RNG_ORG_TREE, TREE_OU_ORDER, i), i + 1);
        order[i] = order[other];
        order[other] = i + 1;
    }
    tables_zipf_weights(ous, w->p->accounts_per_ou_zipf.num, w->p->accounts_per_ou_zipf.den, weights);
    if (ous > 0) TRY(choice_table(&scratch, weights, ous, &by_rank, w->e));
    for (uint32_t i = 1; i < w->size.accounts; i++) {
        arena           here = scratch;
        control_answer  answer;
        control_command command = {.op = CONTROL_CREATE_ACCOUNT, .parent_given = true};
        rng_pair        place_name = rng_pair_at(w->seed, RNG_ORG_ACCOUNT, i, 0);
        uint32_t        parent = ous > 0 ? order[alias_draw(&by_rank, place_name.a)] : ORG_ROOT;
        str             unit = pick(&w->p->units, place_name.b);
        str             environment = pick(&w->p->environments, rng_at(w->seed, RNG_ORG_ACCOUNT, i, 1));
        command.member[MEMBER_ParentId] = org_node_id(org_head(w->o), parent);
        command.member[MEMBER_AccountName] =
            arena_format(&here, "%.*s-%.*s-%u", STR_FMT(unit), STR_FMT(environment), i);
        command.member[MEMBER_Email] = arena_format(&here, "aws+%u@example.com", i);
        TRY(call(w, &command, &answer));
        assert(answer.index == i);
    }
    return STATUS_OK;
}

/* ---- policies ---- */

static status make_policies(world_maker *w, arena scratch)
{
    for (uint32_t i = 0; i < w->size.scps; i++) {
        arena           here = scratch;
        control_answer  answer;
        str             word;
        control_command command = {.op = CONTROL_CREATE_POLICY};
        command.member[MEMBER_Content] = policy_text(&here, w->maker, i, i < w->allow_lists, &word);
        command.member[MEMBER_Name] = arena_format(&here, "%.*s-%u", STR_FMT(word), i);
        command.member[MEMBER_Description] = i < w->allow_lists ? STR("services in use") : STR("guardrail");
        command.member[MEMBER_Type] = str_of(org_policy_type_name(ORG_TYPE_SCP));
        TRY(call(w, &command, &answer));
        w->policies[i] = answer.index;
    }
    return STATUS_OK;
}

/* ---- attachments ---- */

/* Some OUs allow by lists: there FullAWSAccess gives way to one. */
static status attach_allow_lists(world_maker *w)
{
    for (uint32_t ou = 1; ou <= w->size.ous && w->allow_lists > 0 && w->per_target > 0; ou++) {
        rng_pair u = rng_pair_at(w->seed, RNG_ORG_TREE, TREE_OU_ALLOW_LIST, ou);
        if (!rng_chance(u.a, w->size.allow_list_percent, 100)) continue;
        TRY(attach(w, w->policies[rng_scale(u.b, w->allow_lists)], org_target_node(ou)));
        TRY(detach_full_access(w, org_target_node(ou)));
    }
    return STATUS_OK;
}

/* Every target holds as many as it may: OUs by turns, so that every SCP is somewhere; the accounts of an OU all hold
 * the same ones, as accounts made by one factory do. */
static status attach_full(world_maker *w)
{
    uint32_t plain = w->size.scps - w->allow_lists, next = 0;
    for (uint32_t ou = 0; ou <= w->size.ous; ou++)
        for (uint32_t k = 0; k < w->per_target; k++, next++)
            TRY(attach(w, w->policies[w->allow_lists + next % plain], org_target_node(ou)));
    for (uint32_t i = 0; i < w->size.accounts; i++) {
        uint32_t parent = org_account_parent(org_head(w->o), i);
        uint32_t first = (uint32_t)rng_scale(rng_at(w->seed, RNG_ATTACH, parent, 0), plain);
        for (uint32_t k = 0; k < w->per_target; k++)
            TRY(attach(w, w->policies[w->allow_lists + (first + k) % plain], org_target_account(i)));
    }
    return STATUS_OK;
}

static uint32_t deny_count(const org_view *v, uint32_t index)
{
    const policy *p = org_policy_parsed(v, index);
    uint32_t      count = 0;
    for (uint32_t i = 0; i < p->statement_count; i++) count += p->statements[i].deny;
    return count;
}

/* What every account is to be kept from stands at the root: of the first policies, those that deny most. */
static status attach_root(world_maker *w)
{
    const org_view *now = org_head(w->o);
    uint32_t        first = w->allow_lists, behind = first + ROOT_CANDIDATES;
    bool            taken[ROOT_CANDIDATES] = {false};
    if (behind > w->size.scps) behind = w->size.scps;
    for (uint32_t n = 0; n < w->per_target && n < behind - first; n++) {
        uint32_t best = behind;
        for (uint32_t i = first; i < behind; i++) {
            if (taken[i - first]) continue;
            if (best == behind || deny_count(now, w->policies[i]) > deny_count(now, w->policies[best])) best = i;
        }
        taken[best - first] = true;
        TRY(attach(w, w->policies[best], org_target_node(ORG_ROOT)));
        w->attached[ORG_ROOT]++;
    }
    return STATUS_OK;
}

/* A node with room, drawn by Zipf's law over the nodes from the root down; where that one is full, the next. */
static bool node_find(world_maker *w, const alias_table *nodes, uint64_t u, uint32_t *out)
{
    uint32_t at = alias_draw(nodes, u);
    for (uint32_t i = 0; i < NODE_PLACE_TRIES; i++, at = (at + 1) % nodes->count) {
        *out = at;
        if (w->attached[at] < w->per_target) return true;
    }
    return false;
}

/* per_target: beside the full access policy, or what stands for it. */
static bool may_attach(const world_maker *w, org_policy_type type, uint32_t per_target, uint32_t index, org_target t)
{
    org_attachments there = org_attached(org_head(w->o), type, t);
    for (uint32_t i = 0; i < there.count; i++)
        if (there.policies[i] == index) return false;
    return there.count <= per_target;
}

static status attach_policy(world_maker *w, const alias_table *nodes, const alias_table *counts, uint32_t i)
{
    draws    d = {.seed = w->seed, .stream = RNG_ATTACH, .entity = i};
    uint32_t wanted = 1 + alias_draw(counts, draw(&d)), count = 0;
    for (uint32_t tries = 0; count < wanted && tries < 2 * wanted; tries++) {
        const profile_ratio on_account = w->p->scp.on_account;
        bool                account = draw_chance(&d, on_account.num, on_account.den) && w->size.accounts > 1;
        uint32_t            index = 0;
        if (account)
            index = 1 + draw_below(&d, w->size.accounts - 1);
        else if (!node_find(w, nodes, draw(&d), &index))
            continue;
        org_target t = account ? org_target_account(index) : org_target_node(index);
        if (!may_attach(w, ORG_TYPE_SCP, w->per_target, w->policies[i], t)) continue;
        TRY(attach(w, w->policies[i], t));
        if (!account) w->attached[index]++;
        count++;
    }
    return STATUS_OK;
}

static status attach_policies(world_maker *w, arena *a)
{
    const profile_scp *scp = &w->p->scp;
    alias_table        nodes, counts;
    uint32_t           node_count = w->size.ous + 1;
    uint64_t          *weights = ARENA_NEW(a, uint64_t, node_count);
    tables_zipf_weights(node_count, scp->node_zipf.num, scp->node_zipf.den, weights);
    TRY(choice_table(a, weights, node_count, &nodes, w->e));
    TRY(choice_table(a, scp->target_counts, scp->target_counts_max, &counts, w->e));
    TRY(attach_root(w));
    for (uint32_t i = w->allow_lists; i < w->size.scps; i++) TRY(attach_policy(w, &nodes, &counts, i));
    return STATUS_OK;
}

/* ---- resource control policies ---- */

/* The first one guards the whole organization; others are drawn their targets, the root among them. */
static status attach_rcp(world_maker *w, const alias_table *nodes, const alias_table *counts, uint32_t serial,
                         uint32_t index)
{
    draws               d = {.seed = w->seed, .stream = RNG_RCP, .entity = serial, .n = RCP_TARGET_DRAWS};
    const profile_ratio on_account = w->p->rcp.on_account;
    uint32_t            wanted = 1 + alias_draw(counts, draw(&d)), count = 0;
    if (serial == 0) return attach(w, index, org_target_node(ORG_ROOT));
    for (uint32_t tries = 0; count < wanted && tries < 2 * wanted; tries++) {
        bool       account = draw_chance(&d, on_account.num, on_account.den) && w->size.accounts > 1;
        org_target t = account ? org_target_account(1 + draw_below(&d, w->size.accounts - 1))
                               : org_target_node(alias_draw(nodes, draw(&d)));
        if (!may_attach(w, ORG_TYPE_RCP, w->rcps_per_target, index, t)) continue;
        TRY(attach(w, index, t));
        count++;
    }
    return STATUS_OK;
}

static status make_rcps(world_maker *w, arena scratch)
{
    const profile_rcp *rcp = &w->p->rcp;
    alias_table        nodes, counts;
    uint32_t           node_count = w->size.ous + 1;
    uint64_t          *weights = ARENA_NEW(&scratch, uint64_t, node_count);
    tables_zipf_weights(node_count, w->p->scp.node_zipf.num, w->p->scp.node_zipf.den, weights);
    TRY(choice_table(&scratch, weights, node_count, &nodes, w->e));
    TRY(choice_table(&scratch, rcp->target_counts, rcp->target_counts_max, &counts, w->e));
    TRY(enable_type(w, ORG_TYPE_RCP));
    for (uint32_t i = 0; i < w->size.rcps; i++) {
        arena           here = scratch;
        control_answer  answer;
        control_command command = {.op = CONTROL_CREATE_POLICY};
        command.member[MEMBER_Content] = rcp_text(&here, w->p, w->seed, i, org_id(org_head(w->o)));
        command.member[MEMBER_Name] = arena_format(&here, "perimeter-%u", i);
        command.member[MEMBER_Description] = STR("who may reach resources");
        command.member[MEMBER_Type] = str_of(org_policy_type_name(ORG_TYPE_RCP));
        TRY(call(w, &command, &answer));
        TRY(attach_rcp(w, &nodes, &counts, i, answer.index));
    }
    return STATUS_OK;
}

/* ---- all of it ---- */

static org *org_drawn(uint64_t seed)
{
    char        room[4][CONTROL_ID_SIZE];
    org_options options = {
        .org_id = control_id_draw(CONTROL_ID_ORGANIZATION, seed, 0, STR(""), room[0]),
        .root_id = control_id_draw(CONTROL_ID_ROOT, seed, 0, STR(""), room[1]),
        .management_id = control_id_draw(CONTROL_ID_ACCOUNT, seed, 0, STR(""), room[2]),
        .management_name = STR("management"),
        .management_email = STR("aws+management@example.com"),
    };
    return org_new(options);
}

static status fill(world_maker *w, arena scratch)
{
    control_bulk_begin(w->c);
    status s = enable_type(w, ORG_TYPE_SCP);
    if (s == STATUS_OK) s = make_ous(w, scratch);
    if (s == STATUS_OK) s = make_accounts(w, scratch);
    if (s == STATUS_OK) s = make_policies(w, scratch);
    if (s == STATUS_OK) s = attach_allow_lists(w);
    if (s == STATUS_OK) s = w->size.fill ? attach_full(w) : attach_policies(w, &scratch);
    if (s == STATUS_OK && w->size.rcps > 0) s = make_rcps(w, scratch);
    if (s == STATUS_OK) (void)control_bulk_end(w->c);
    return s;
}

status generate_organization(arena *a, const profile *p, const catalog *facts, const quota_profile *quotas,
                             generate_size size, uint64_t seed, org **o, control **c, err *e)
{
    arena       scratch = *a;
    world_maker w = {.p = p, .facts = facts, .size = size, .seed = seed, .ou_depth = quotas->ou_depth, .e = e};
    if (size.accounts == 0) return err_set(e, STATUS_INVALID, "an organization has at least its management account");
    w.per_target = size.scps_per_target_max;
    if (w.per_target == 0)
        w.per_target = quotas->scps_per_target == QUOTA_UNLIMITED ? PER_TARGET_DEFAULT : quotas->scps_per_target - 1;
    if (size.rcps > 0 && p->rcp.statement_count == 0)
        return err_set(e, STATUS_INVALID, "profile `%.*s` has no `rcp`, so no RCPs can be made", STR_FMT(p->name));
    w.rcps_per_target = quotas->rcps_per_target == QUOTA_UNLIMITED ? RCPS_PER_TARGET : quotas->rcps_per_target - 1;
    w.allow_lists = size.allow_list_percent > 0 ? size.scps / ALLOW_LIST_ONE_IN + (size.scps > 1) : 0;
    if (size.fill && w.per_target > size.scps - w.allow_lists) w.per_target = size.scps - w.allow_lists;
    w.policies = ARENA_NEW(&scratch, uint32_t, size.scps + 1);
    w.attached = ARENA_NEW(&scratch, uint32_t, (size_t)size.ous + 1);
    w.o = org_drawn(seed);
    w.c = control_new(w.o, quotas, facts, seed);
    actions_new(&scratch, p, facts, &w.actions);
    policy_maker_options options = {.seed = seed,
                                    .organization_id = org_id(org_head(w.o)),
                                    .characters_max = quotas->scp_characters,
                                    .fill = size.fill};
    w.maker = policy_maker_new(&scratch, p, &w.actions, options);
    status s = fill(&w, scratch);
    if (s != STATUS_OK) {
        control_free(w.c);
        org_free(w.o);
        return s;
    }
    *o = w.o;
    *c = w.c;
    return STATUS_OK;
}
