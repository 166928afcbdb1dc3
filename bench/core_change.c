#include "bench/core_change.h"

#include "base/rng.h"
#include "bench/environment.h"

#define SPARE_POLICIES 16u /* SCPs to change: those with the fewest targets */
#define SECOND_NS      INT64_C(1000000000)

/* ---- one change ---- */

static status change_make(core_change *c, control_command command, bool *refused, err *e)
{
    control_answer answer;
    command.at_ns = (int64_t)(++c->serial) * SECOND_NS;
    control_apply(c->w->c, &command, &answer);
    if (refused != NULL) *refused = answer.exception != NULL;
    if (answer.exception == NULL || refused != NULL) return STATUS_OK;
    return err_set(e, STATUS_INTERNAL, "bench core: %s was refused: %s: %s", control_operation_name(command.op),
                   answer.exception, answer.detail);
}

/* The image of the newest revision, timed; the one before is let go. */
static void change_build(core_change *c, core_change_kind kind, bool dropped, core_slice *out)
{
    uint32_t     revision = org_revision(c->w->o);
    authz_image *before = c->image;
    int64_t      start_ns = clock_wall_ns(), cpu_ns = clock_cpu_ns();
    c->image = authz_image_build(c->w->store, org_at(c->w->o, revision), before);
    cpu_ns = clock_cpu_ns() - cpu_ns;
    out->wall_ns += clock_wall_ns() - start_ns;
    out->cpu_ns += cpu_ns;
    out->iterations++;
    if (!dropped) core_samples_add(&c->samples[kind], cpu_ns);
    if (before == c->w->image) return;
    uint32_t old = authz_image_revision(before);
    authz_image_release(c->w->store, before);
    org_release(c->w->o, old);
}

static status attach_or_detach(core_change *c, core_change_kind kind, uint32_t scp, uint32_t ou, bool dropped,
                               core_slice *out, err *e)
{
    const org_view *now = org_at(c->w->o, org_revision(c->w->o));
    control_command command = {.op = kind == CORE_ATTACH ? CONTROL_ATTACH_POLICY : CONTROL_DETACH_POLICY};
    command.member[MEMBER_PolicyId] = org_policy_id(now, scp);
    command.member[MEMBER_TargetId] = org_node_id(now, ou);
    TRY(change_make(c, command, NULL, e));
    change_build(c, kind, dropped, out);
    return STATUS_OK;
}

/* `{` and a space where the text had `{`: the same policy in other bytes. */
static str spaced(arena *a, str text)
{
    size_t brace = str_find(text, '{', 0);
    return arena_format(a, "%.*s{ %.*s", (int)brace, text.ptr, (int)(text.len - brace - 1), text.ptr + brace + 1);
}

static status update(core_change *c, uint32_t scp, uint32_t from, bool dropped, core_slice *out, err *e)
{
    const org_view *now = org_at(c->w->o, org_revision(c->w->o));
    arena           scratch = c->scratch;
    bool            refused;
    control_command command = {.op = CONTROL_UPDATE_POLICY};
    command.member[MEMBER_PolicyId] = org_policy_id(now, scp);
    command.member[MEMBER_Content] = spaced(&scratch, org_policy_content(now, from));
    TRY(change_make(c, command, &refused, e));
    if (refused) {
        command.member[MEMBER_Content] = org_policy_content(now, from);
        TRY(change_make(c, command, NULL, e));
    }
    change_build(c, CORE_UPDATE, dropped, out);
    return STATUS_OK;
}

/* ---- a round ---- */

static uint32_t pick(core_change *c, uint32_t count)
{
    return (uint32_t)rng_scale(core_draw_at(c->seed, CORE_DRAW_CHANGE, c->draws++), count);
}

static bool attached(org_attachments list, uint32_t scp)
{
    for (uint32_t i = 0; i < list.count; i++)
        if (list.policies[i] == scp) return true;
    return false;
}

static status round_run(core_change *c, bool dropped, core_slice *out, err *e)
{
    const org_view *now = org_at(c->w->o, org_revision(c->w->o));
    uint32_t        at = pick(c, c->node_count), ou = c->nodes[at];
    org_attachments list = org_attached(now, ORG_TYPE_SCP, org_target_node(ou));
    uint32_t        scp = c->policies[pick(c, c->policy_count)], from = c->texts[pick(c, c->text_count)], evicted;
    bool            full = list.count >= c->w->quotas.scps_per_target;
    if (attached(list, scp)) return STATUS_OK; /* rare: it has hardly any targets */
    evicted = list.count > 0 ? list.policies[list.count - 1] : ORG_NONE;
    if (full) TRY(attach_or_detach(c, CORE_DETACH, evicted, ou, dropped, out, e));
    TRY(attach_or_detach(c, CORE_ATTACH, scp, ou, dropped, out, e));
    TRY(update(c, scp, from, dropped, out, e));
    TRY(attach_or_detach(c, CORE_DETACH, scp, ou, dropped, out, e));
    if (full) TRY(attach_or_detach(c, CORE_ATTACH, evicted, ou, dropped, out, e));
    c->accounts += c->node_accounts[at];
    c->round_count++;
    return STATUS_OK;
}

static status change_run(void *context, bool dropped, core_slice *out, err *e)
{
    core_change *c = context;
    for (uint32_t i = 0; i < c->rounds; i++) TRY(round_run(c, dropped, out, e));
    if (out->iterations == 0) out->iterations = 1;
    return STATUS_OK;
}

/* ---- where and with what ---- */

/* Accounts below each node, in the whole subtree. */
static uint32_t *accounts_below(arena *a, const org_view *view)
{
    uint32_t *below = ARENA_NEW(a, uint32_t, org_node_count(view));
    for (uint32_t i = 0; i < org_account_count(view); i++) {
        if (!org_account_exists(view, i)) continue;
        for (uint32_t ou = org_account_parent(view, i); ou != ORG_NONE; ou = org_node_parent(view, ou)) below[ou]++;
    }
    return below;
}

/* OUs with a share of accounts between 1/20 and 1/5; without one, the OU nearest to a tenth. */
static void nodes_choose(arena *a, core_change *c, const org_view *view)
{
    uint32_t *below = accounts_below(a, view), count = org_node_count(view), all = org_account_live(view);
    uint32_t  nearest = ORG_NONE, distance_min = UINT32_MAX;
    c->nodes = ARENA_NEW(a, uint32_t, count);
    c->node_accounts = ARENA_NEW(a, uint32_t, count);
    for (uint32_t ou = ORG_ROOT + 1; ou < count; ou++) {
        uint32_t distance = below[ou] > all / 10 ? below[ou] - all / 10 : all / 10 - below[ou];
        if (!org_node_exists(view, ou)) continue;
        if (distance < distance_min) {
            distance_min = distance;
            nearest = ou;
        }
        if (below[ou] < all / 20 || below[ou] > all / 5) continue;
        c->node_accounts[c->node_count] = below[ou];
        c->nodes[c->node_count++] = ou;
    }
    if (c->node_count > 0 || nearest == ORG_NONE) return;
    c->node_accounts[0] = below[nearest];
    c->nodes[0] = nearest;
    c->node_count = 1;
}

static void policies_choose(arena *a, core_change *c, const org_view *view)
{
    uint32_t count = org_policy_count(view);
    c->texts = ARENA_NEW(a, uint32_t, count);
    c->policies = ARENA_NEW(a, uint32_t, SPARE_POLICIES);
    for (uint32_t i = 0; i < count; i++)
        if (org_policy_exists(view, i) && org_policy_type_at(view, i) == ORG_TYPE_SCP &&
            !org_policy_aws_managed(view, i))
            c->texts[c->text_count++] = i;
    for (uint32_t i = 0; i < c->text_count; i++) { /* insertion into the few with the fewest targets */
        uint32_t targets = org_policy_target_count(view, c->texts[i]), at = c->policy_count;
        while (at > 0 && org_policy_target_count(view, c->policies[at - 1]) > targets) at--;
        if (at == SPARE_POLICIES) continue;
        if (c->policy_count < SPARE_POLICIES) c->policy_count++;
        for (uint32_t k = c->policy_count - 1; k > at; k--) c->policies[k] = c->policies[k - 1];
        c->policies[at] = c->texts[i];
    }
}

bool core_change_task(arena *a, const char *name, const core_world *w, uint64_t seed, uint32_t slices, uint32_t rounds,
                      core_task *task, core_change **out)
{
    core_change *c = ARENA_NEW(a, core_change, 1);
    *c = (core_change){.w = w, .image = w->image, .seed = seed, .rounds = rounds};
    nodes_choose(a, c, w->view);
    policies_choose(a, c, w->view);
    if (c->node_count == 0 || c->policy_count == 0) return false;
    for (int kind = 0; kind < CORE_CHANGE_COUNT; kind++)
        c->samples[kind] = core_samples_new(a, (size_t)slices * rounds * 2);
    arena_init(&c->scratch, MEMORY_GENERAL);
    *out = c;
    *task = (core_task){.name = name, .run = change_run, .context = c, .slices = slices};
    return true;
}

void core_change_free(core_change *c)
{
    if (c == NULL) return;
    if (c->image != c->w->image) authz_image_release(c->w->store, c->image);
    arena_deinit(&c->scratch);
}
