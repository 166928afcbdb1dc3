#include "support/compare.h"

#include <assert.h>

#include "authz/case.h"
#include "oracle/oracle.h"

/* What requests need not carry is derived by the oracle once more, but for what the role says of its organization. */
static bool is_derived(str key)
{
    static const char *const names[] = {"aws:PrincipalOrgID",   "aws:PrincipalOrgPaths", "aws:ResourceOrgID",
                                        "aws:ResourceOrgPaths", "aws:CurrentTime",       "aws:EpochTime"};
    for (size_t i = 0; i < COUNTOF(names); i++)
        if (str_is(key, names[i])) return true;
    return false;
}

static bool role_says(const authz_role *role, str key)
{
    for (uint32_t i = 0; i < role->key_count; i++)
        if (str_eq(role->keys[i].key, key)) return true;
    return false;
}

static bool says_owner(const request *q)
{
    for (uint32_t i = 0; i < q->context_count; i++)
        if (str_starts(q->context[i].key, STR("aws:ResourceOrg")) || str_is(q->context[i].key, "aws:ResourceAccount"))
            return true;
    return false;
}

static void derive_again(arena *a, const compare_with *w, const authz_request *q, request *out)
{
    const authz_role *role = &w->roles[authz_request_role(q)];
    request           bare = *out;
    request_key      *kept = ARENA_NEW(a, request_key, out->context_count + 6);
    derive_facts      facts = {.unix_seconds = q->time_s};
    uint32_t          count = 0;
    assert(!says_owner(out) || !str_starts(out->action, STR("ebs:")));
    for (uint32_t i = 0; i < out->context_count; i++)
        if (!is_derived(out->context[i].key) || role_says(role, out->context[i].key)) kept[count++] = out->context[i];
    if (org_account_exists(w->view, q->account) && role->hole != AUTHZ_NO_HOLE)
        facts.principal =
            (derive_place){org_id(w->view), org_path(a, w->view, org_account_parent(w->view, q->account))};
    if (org_account_exists(w->view, q->owner) && str_eq(out->resource_account, org_account_id(w->view, q->owner)))
        facts.resource = (derive_place){org_id(w->view), org_path(a, w->view, org_account_parent(w->view, q->owner))};
    bare.context = ARENA_NEW(a, request_key, count);
    memcpy(bare.context, kept, count * sizeof *kept);
    bare.context_count = count;
    oracle_derive(a, &bare, &facts);
    for (uint32_t i = count; i < bare.context_count; i++)
        if (is_derived(bare.context[i].key)) kept[count++] = bare.context[i];
    out->context = kept;
    out->context_count = count;
}

decision compare_oracle(arena scratch, const compare_with *w, const authz_image *image, const authz_request *q)
{
    decision first = {DECISION_ALLOWED, LAYER_NONE, 0};
    for (uint32_t part = 0; part < authz_request_parts(image, q); part++) {
        policy_case c;
        authz_request_case(&scratch, image, q, part, &c);
        derive_again(&scratch, w, q, &c.request);
        decision d = oracle_decide_at(w->view, &c, w->facts);
        if (d.kind == DECISION_EXPLICITLY_DENIED) return d;
        if (first.kind == DECISION_ALLOWED) first = d;
    }
    return first;
}

uint32_t compare_doubts(arena scratch, const compare_with *w, const authz_image *image, const authz_request *q,
                        uint32_t by_kind[DIAGNOSTIC_COUNT])
{
    uint32_t total = 0;
    memset(by_kind, 0, DIAGNOSTIC_COUNT * sizeof *by_kind);
    for (uint32_t part = 0; part < authz_request_parts(image, q); part++) {
        arena        here = scratch;
        policy_case  c;
        policy_level scps[ORG_CHAIN_MAX], rcps[ORG_CHAIN_MAX];
        diagnostic  *found;
        authz_request_case(&here, image, q, part, &c);
        derive_again(&here, w, q, &c.request);
        uint32_t account = org_account_find(w->view, oracle_account_of(c.request.principal));
        uint32_t owner = org_account_find(w->view, c.request.resource_account);
        c.scps = scps;
        c.rcps = rcps;
        c.management_account = org_account_id(w->view, ORG_MANAGEMENT);
        if (account != ORG_NONE) c.scp_level_count = org_levels(&here, w->view, ORG_TYPE_SCP, account, scps);
        if (owner != ORG_NONE) c.rcp_level_count = org_levels(&here, w->view, ORG_TYPE_RCP, owner, rcps);
        c.scps_apply = c.scp_level_count > 0;
        c.rcps_apply = c.rcp_level_count > 0;
        uint32_t count = authz_diagnose_case(&here, &c, w->facts, &found);
        for (uint32_t i = 0; i < count; i++) {
            by_kind[found[i].kind] += found[i].kind != DIAGNOSTIC_MISSING_KEY;
            total += found[i].kind != DIAGNOSTIC_MISSING_KEY;
        }
    }
    return total;
}

uint32_t compare_decided(const authz_image *image, const authz_request *q, uint32_t count, const decision *want)
{
    decision batch[AUTHZ_BATCH];
    assert(count <= AUTHZ_BATCH);
    authz_decide_batch(image, q, count, batch);
    for (uint32_t i = 0; i < count; i++)
        if (!decision_equal(batch[i], want[i]) || !decision_equal(authz_decide(image, &q[i]), want[i])) return i;
    return count;
}

static str say_decision(arena *a, const char *who, decision d)
{
    return arena_format(a, "%s: %s by %s at level %d\n", who, decision_name(d.kind), layer_name(d.layer), d.level);
}

static str join(arena *a, str first, str second)
{
    return arena_format(a, "%.*s%.*s", STR_FMT(first), STR_FMT(second));
}

static str say_request(arena *a, const request *q)
{
    str s = arena_format(a, "%.*s\n%.*s\n%.*s\n", STR_FMT(q->principal), STR_FMT(q->action), STR_FMT(q->resource));
    for (uint32_t i = 0; i < q->context_count; i++) {
        s = join(a, s, arena_format(a, "  %.*s =", STR_FMT(q->context[i].key)));
        for (uint32_t k = 0; k < q->context[i].value_count; k++)
            s = join(a, s, arena_format(a, " `%.*s`", STR_FMT(q->context[i].values[k])));
        s = join(a, s, STR("\n"));
    }
    return s;
}

static str say_level(arena *a, uint32_t number, policy_level level)
{
    str s = arena_format(a, "level %u\n", number);
    for (uint32_t i = 0; i < level.count; i++)
        s = join(a, s, arena_format(a, "  %.*s\n", STR_FMT(level.policies[i]->in->text)));
    return s;
}

static str say_layer(arena *a, const char *name, policy_level level)
{
    return level.count == 0 ? STR("") : join(a, arena_format(a, "%s\n", name), say_level(a, 0, level));
}

static str say_one(arena *a, const char *name, const policy *p)
{
    return p == NULL ? STR("") : say_layer(a, name, (policy_level){&p, 1});
}

static str say_chain(arena *a, const char *name, const org_view *view, org_policy_type type, uint32_t account)
{
    policy_level levels[ORG_CHAIN_MAX];
    uint32_t     count = org_levels(a, view, type, account, levels);
    str          s = count == 0 ? STR("") : arena_format(a, "%s\n", name);
    for (uint32_t i = 0; i < count; i++) s = join(a, s, say_level(a, i, levels[i]));
    return s;
}

static str say_part(arena *a, const compare_with *w, const authz_image *image, const authz_request *q, uint32_t part)
{
    policy_case c;
    authz_request_case(a, image, q, part, &c);
    derive_again(a, w, q, &c.request);
    decision want = oracle_decide_at(w->view, &c, w->facts);
    str      s = arena_format(a, "--- part %u, owner %.*s%s\n", part, STR_FMT(c.request.resource_account),
                         c.aws_managed_key ? ", key of AWS" : "");
    s = join(a, s, say_decision(a, "oracle", want));
    s = join(a, s, say_request(a, &c.request));
    s = join(a, s, say_layer(a, "identity", c.identity));
    s = join(a, s, say_one(a, "boundary", c.boundary));
    s = join(a, s, say_layer(a, "session", c.session));
    s = join(a, s, say_one(a, "resource", c.resource));
    return join(a, s, say_one(a, "endpoint", c.endpoint));
}

str compare_describe(arena *a, const compare_with *w, const authz_image *image, const authz_request *q, decision want)
{
    decision batch;
    authz_decide_batch(image, q, 1, &batch);
    str s = say_decision(a, "oracle", want);
    s = join(a, s, say_decision(a, "image", authz_decide(image, q)));
    s = join(a, s, say_decision(a, "batch", batch));
    for (uint32_t i = 0; i < authz_request_parts(image, q); i++) s = join(a, s, say_part(a, w, image, q, i));
    s = join(a, s, say_chain(a, "SCPs", w->view, ORG_TYPE_SCP, q->account));
    return join(a, s, say_chain(a, "RCPs", w->view, ORG_TYPE_RCP, q->owner));
}
