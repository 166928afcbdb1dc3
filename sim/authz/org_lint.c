#include "authz/org_lint.h"

typedef struct {
    arena           *a;
    const org_view  *v;
    org_lint_options options;
    org_lint_report *out;
    uint32_t        *found; /* [policy * LINT_CODE_COUNT + code]: index in out + 1 */
    uint64_t         work;
} org_linter;

/* For people: ids of OUs are made by the program, and names of accounts need not be unique.
 * `Root/Work`, `Root/Work/Shop` (222222222222). */
static str target_name(const org_linter *l, org_target t)
{
    uint32_t i = org_target_index(t);
    bool     account = org_target_is_account(t);
    str      path = account ? org_account_name(l->v, i) : org_node_name(l->v, i);
    for (i = account ? org_account_parent(l->v, i) : org_node_parent(l->v, i); i != ORG_NONE;
         i = org_node_parent(l->v, i))
        path = arena_format(l->a, "%.*s/%.*s", STR_FMT(org_node_name(l->v, i)), STR_FMT(path));
    if (!account) return arena_format(l->a, "`%.*s`", STR_FMT(path));
    return arena_format(l->a, "`%.*s` (%.*s)", STR_FMT(path), STR_FMT(org_account_id(l->v, org_target_index(t))));
}

/* `AllowStorage` ($allow-storage) */
static str policy_name(const org_linter *l, uint32_t i)
{
    str name = org_policy_name(l->v, i), alias = l->options.aliases == NULL ? (str){0} : l->options.aliases[i];
    if (alias.ptr == NULL) return arena_format(l->a, "`%.*s`", STR_FMT(name));
    return arena_format(l->a, "`%.*s` (%.*s)", STR_FMT(name), STR_FMT(alias));
}

static void add(org_linter *l, lint_code code, org_target target, uint32_t policy_index, const policy_statement *s,
                str text)
{
    if (l->options.off != NULL && l->options.off[code]) return;
    uint32_t *found = policy_index == ORG_NONE ? NULL : &l->found[(size_t)policy_index * LINT_CODE_COUNT + code];
    if (found != NULL && *found > 0) {
        org_finding *first = &l->out->items[*found - 1];
        first->more += first->target.v != target.v;
        return;
    }
    if (l->out->count >= LINT_FINDINGS_MAX) return;
    *ARENA_PUSH(l->a, org_finding, l->out->items, l->out->count, l->out->capacity) =
        (org_finding){.code = code, .target = target, .policy = policy_index, .statement = s, .text = text};
    if (found != NULL) *found = (uint32_t)l->out->count;
}

static str statement_name(org_linter *l, const policy *p, const policy_statement *s)
{
    if (s->sid.text.len > 0 && s->sid.text.len <= 128) return arena_format(l->a, "`%.*s`", STR_FMT(s->sid.text));
    return arena_format(l->a, "statement %zu", (size_t)(s - p->statements) + 1);
}

/* ---- one level ---- */

static const policy *parsed(const org_linter *l, org_attachments at, uint32_t i)
{
    return org_policy_parsed(l->v, at.policies[i]);
}

static bool level_allows_anything(const org_linter *l, org_attachments at)
{
    for (uint32_t i = 0; i < at.count; i++) {
        const policy *p = parsed(l, at, i);
        for (uint32_t k = 0; k < p->statement_count; k++)
            if (!p->statements[k].deny) return true;
    }
    return false;
}

/* Another policy of the level whose Allow takes in this one; of two that say the same the later one is the finding. */
static uint32_t broader_allow(org_linter *l, org_attachments at, uint32_t own, const policy_statement *s)
{
    for (uint32_t i = 0; i < at.count; i++) {
        const policy *p = parsed(l, at, i);
        for (uint32_t k = 0; i != own && k < p->statement_count && l->work <= LINT_WORK_MAX; k++) {
            const policy_statement *other = &p->statements[k];
            if (other->deny || !lint_statement_covers(other, s, &l->work)) continue;
            if (i < own || !lint_statement_covers(s, other, &l->work)) return at.policies[i];
        }
    }
    return ORG_NONE;
}

static bool level_may_allow(org_linter *l, org_attachments at, const policy_statement *s)
{
    for (uint32_t i = 0; i < at.count; i++) {
        const policy *p = parsed(l, at, i);
        for (uint32_t k = 0; k < p->statement_count; k++)
            if (!p->statements[k].deny &&
                (l->work > LINT_WORK_MAX || lint_actions_overlap(&p->statements[k], s, &l->work)))
                return true;
    }
    return false;
}

static bool level_denies(org_linter *l, org_attachments at, const policy_statement *s)
{
    for (uint32_t i = 0; i < at.count; i++) {
        const policy *p = parsed(l, at, i);
        for (uint32_t k = 0; k < p->statement_count && l->work <= LINT_WORK_MAX; k++)
            if (p->statements[k].deny && lint_statement_covers(&p->statements[k], s, &l->work)) return true;
    }
    return false;
}

/* ---- one target ---- */

static bool parent_of(const org_linter *l, org_target t, org_target *out)
{
    uint32_t i = org_target_index(t);
    uint32_t parent = org_target_is_account(t) ? org_account_parent(l->v, i) : org_node_parent(l->v, i);
    *out = org_target_node(parent);
    return parent != ORG_NONE;
}

/* The nearest level above that allows none of the statement's actions. */
static bool blocked_above(org_linter *l, org_target t, const policy_statement *s, org_target *out)
{
    for (*out = t; parent_of(l, *out, out);)
        if (!level_may_allow(l, org_attached(l->v, ORG_TYPE_SCP, *out), s)) return true;
    return false;
}

/* Each action of a list by itself; of a NotAction all are one. */
static void lint_allow_above(org_linter *l, org_target t, org_attachments at, uint32_t own, const policy_statement *s)
{
    str        name = statement_name(l, parsed(l, at, own), s), in = policy_name(l, at.policies[own]), first = {0};
    org_target above, first_above = t;
    uint32_t   blocked = 0;
    if (blocked_above(l, t, s, &above)) {
        add(l, LINT_ALLOW_ABOVE, t, at.policies[own], s,
            arena_format(l->a, "Allow of %.*s in %.*s at %.*s has no effect: %.*s allows none of its actions",
                         STR_FMT(name), STR_FMT(in), STR_FMT(target_name(l, t)), STR_FMT(target_name(l, above))));
        return;
    }
    for (uint32_t i = 0; i < s->action_count && !s->not_action && s->action_count > 1; i++) {
        policy_statement one = *s;
        one.actions = &s->actions[i];
        one.action_count = 1;
        if (!blocked_above(l, t, &one, &above)) continue;
        if (blocked++ > 0) continue;
        first = s->actions[i].text;
        first_above = above;
    }
    if (blocked == 0) return;
    str where = arena_format(l->a, "%.*s in %.*s at %.*s", STR_FMT(name), STR_FMT(in), STR_FMT(target_name(l, t)));
    str blocks = target_name(l, first_above);
    first = lint_clip(first);
    add(l, LINT_ALLOW_ABOVE, t, at.policies[own], s,
        blocked == 1
            ? arena_format(l->a, "`%.*s` of %.*s has no effect: %.*s allows no such action", STR_FMT(first),
                           STR_FMT(where), STR_FMT(blocks))
            : arena_format(l->a, "`%.*s` and %u more of %.*s have no effect: no such actions above, as in %.*s",
                           STR_FMT(first), blocked - 1, STR_FMT(where), STR_FMT(blocks)));
}

static void lint_allow(org_linter *l, org_target t, org_attachments at, uint32_t own, const policy_statement *s)
{
    uint32_t broader = broader_allow(l, at, own, s);
    if (broader == ORG_NONE) {
        lint_allow_above(l, t, at, own, s);
        return;
    }
    add(l, LINT_ALLOW_BESIDE_FULL, t, at.policies[own], s,
        arena_format(l->a, "Allow of %.*s in %.*s has no effect beside %.*s at %.*s",
                     STR_FMT(statement_name(l, parsed(l, at, own), s)), STR_FMT(policy_name(l, at.policies[own])),
                     STR_FMT(policy_name(l, broader)), STR_FMT(target_name(l, t))));
}

static void lint_deny(org_linter *l, org_policy_type type, org_target t, org_attachments at, uint32_t own,
                      const policy_statement *s)
{
    for (org_target above = t; parent_of(l, above, &above);) {
        if (!level_denies(l, org_attached(l->v, type, above), s)) continue;
        add(l, LINT_DENY_ABOVE, t, at.policies[own], s,
            arena_format(l->a, "Deny of %.*s in %.*s at %.*s repeats one of %.*s",
                         STR_FMT(statement_name(l, parsed(l, at, own), s)), STR_FMT(policy_name(l, at.policies[own])),
                         STR_FMT(target_name(l, t)), STR_FMT(target_name(l, above))));
        return;
    }
}

static void lint_target(org_linter *l, org_policy_type type, org_target t)
{
    org_attachments at = org_attached(l->v, type, t);
    bool            scp = type == ORG_TYPE_SCP, management = t.v == org_target_account(ORG_MANAGEMENT).v;
    uint32_t        max = scp ? l->options.scps_per_target : l->options.rcps_per_target;
    if (max > 0 && at.count > max)
        add(l, LINT_ATTACHMENTS, t, ORG_NONE, NULL,
            arena_format(l->a, "%u %ss at %.*s, quota profile `%.*s` allows %u", at.count, scp ? "SCP" : "RCP",
                         STR_FMT(target_name(l, t)), STR_FMT(l->options.quotas), max));
    if (scp && !management && at.count > 0 && !level_allows_anything(l, at))
        add(l, LINT_LEVEL_EMPTY, t, ORG_NONE, NULL,
            arena_format(l->a, "the SCPs at %.*s allow nothing", STR_FMT(target_name(l, t))));
    for (uint32_t i = 0; i < at.count; i++) {
        if (org_policy_aws_managed(l->v, at.policies[i])) continue;
        if (management) {
            add(l, LINT_MANAGEMENT, t, at.policies[i], NULL,
                arena_format(l->a, "%.*s has no effect on the management account %.*s",
                             STR_FMT(policy_name(l, at.policies[i])), STR_FMT(target_name(l, t))));
            continue;
        }
        const policy *p = parsed(l, at, i);
        for (uint32_t k = 0; k < p->statement_count; k++) {
            if (p->statements[k].deny)
                lint_deny(l, type, t, at, i, &p->statements[k]);
            else if (scp)
                lint_allow(l, t, at, i, &p->statements[k]);
        }
    }
}

static void lint_type(org_linter *l, org_policy_type type)
{
    if (!org_type_enabled(l->v, type)) return;
    for (uint32_t i = 0; i < org_node_count(l->v); i++)
        if (org_node_exists(l->v, i)) lint_target(l, type, org_target_node(i));
    for (uint32_t i = 0; i < org_account_count(l->v); i++)
        if (org_account_exists(l->v, i)) lint_target(l, type, org_target_account(i));
}

void org_lint(arena *a, const org_view *v, org_lint_options options, org_lint_report *out)
{
    org_linter l = {.a = a, .v = v, .options = options, .out = out};
    uint32_t   count = org_policy_count(v);
    l.found = ARENA_NEW(a, uint32_t, (size_t)count * LINT_CODE_COUNT);
    lint_type(&l, ORG_TYPE_SCP);
    lint_type(&l, ORG_TYPE_RCP);
    for (uint32_t i = 0; i < count && !options.changes; i++) {
        bool attaches = org_policy_exists(v, i) && !org_policy_aws_managed(v, i) && org_policy_target_count(v, i) == 0;
        if (attaches)
            add(&l, LINT_UNATTACHED, org_target_node(ORG_ROOT), i, NULL,
                arena_format(a, "%.*s is attached nowhere", STR_FMT(policy_name(&l, i))));
    }
    if (l.work > LINT_WORK_MAX)
        add(&l, LINT_BOUNDED, org_target_node(ORG_ROOT), ORG_NONE, NULL,
            arena_format(a, "%u policies are too many to compare all of them", count));
}
