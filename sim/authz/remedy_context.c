#include "authz/remedy_context.h"

#include "authz/case.h"
#include "policy/condition.h"
#include "policy/match.h"

#define TRIES_MAX 300u

typedef struct {
    arena         *a;
    const catalog *facts;
    caller         who;
    bool           region_told; /* by the resource */
    uint32_t       tried;
} carrying;

/* ---- keys ---- */

static bool starts(str key, const char *prefix)
{
    str p = str_of(prefix);
    return key.len >= p.len && str_eq_nocase(str_part(key, 0, p.len), p);
}

/* What a service passes on when it calls for another; what AWS sets of itself. */
static bool is_set_by_aws(str key)
{
    static const char *const names[] = {"aws:CurrentTime", "aws:EpochTime", "aws:TokenIssueTime", "aws:CalledVia",
                                        "aws:ViaAWS",      "aws:TagKeys",   "aws:Vpce",           "aws:SourceOrg",
                                        "aws:AssumedRoot", "aws:IsMcp",     "aws:Ec2Instance",    "aws:ChatbotSource"};
    for (size_t i = 0; i < COUNTOF(names); i++)
        if (starts(key, names[i])) return true;
    return false;
}

static bool of_resource(str key)
{
    size_t colon = str_find(key, ':', 0);
    str    name = str_part(key, colon < key.len ? colon + 1 : colon, colon < key.len ? key.len - colon - 1 : 0);
    return starts(name, "resource") || starts(name, "ExistingObjectTag");
}

static bool may_carry(const carrying *w, str key)
{
    uint32_t index = w->facts == NULL ? CATALOG_NONE : catalog_key_find(w->facts, key);
    bool     global = starts(key, "aws:");
    if (global && index == CATALOG_NONE) return false; /* misspelled, say */
    if (is_set_by_aws(key) || of_resource(key)) return false;
    if (str_eq_nocase(key, STR("aws:RequestedRegion"))) return !w->region_told;
    if (starts(key, "aws:SourceAccount") || starts(key, "aws:SourceArn") || starts(key, "aws:SourceOwner"))
        return w->who.kind == CALLER_SERVICE;
    str category = index == CATALOG_NONE ? STR("") : catalog_key_at(w->facts, index)->category;
    return !str_is(category, "principal") && !str_is(category, "resource");
}

static void put_key(const carrying *w, request *q, str key, const str *values, uint32_t count)
{
    request_key *keys = ARENA_NEW(w->a, request_key, q->context_count + 1), *k = NULL;
    uint32_t     known = w->facts == NULL ? CATALOG_NONE : catalog_key_find(w->facts, key);
    if (q->context_count > 0) memcpy(keys, q->context, q->context_count * sizeof *keys);
    for (uint32_t i = 0; i < q->context_count && k == NULL; i++)
        if (str_eq_nocase(keys[i].key, key)) k = &keys[i];
    if (k == NULL) k = &keys[q->context_count++];
    str *copy = ARENA_NEW(w->a, str, count);
    memcpy(copy, values, count * sizeof *copy);
    bool array = known != CATALOG_NONE && catalog_key_at(w->facts, known)->multivalued;
    *k = (request_key){.key = key, .values = copy, .value_count = count, .is_array = array};
    q->context = keys;
}

static void set(const carrying *w, request *q, str key, str value)
{
    static const char  tag[] = "aws:RequestTag/";
    const request_key *has = request_key_find(q, STR("aws:TagKeys"));
    bool               is_new = request_key_find(q, key) == NULL;
    put_key(w, q, key, &value, 1);
    if (!starts(key, tag) || !is_new) return;
    uint32_t count = has == NULL ? 0 : has->value_count;
    str     *tags = ARENA_NEW(w->a, str, count + 1);
    if (count > 0) memcpy(tags, has->values, count * sizeof *tags);
    tags[count] = str_part(key, sizeof tag - 1, key.len - (sizeof tag - 1));
    put_key(w, q, STR("aws:TagKeys"), tags, count + 1);
}

/* ---- values ---- */

/* Text that a pattern takes, the address of a network; empty where there are variables. */
static str concrete(arena *a, const policy_clause *c, str value)
{
    str  out = STR("");
    bool like = c->base == CONDITION_STRING_LIKE || c->base == CONDITION_STRING_NOT_LIKE ||
                c->base == CONDITION_ARN_EQUALS || c->base == CONDITION_ARN_LIKE ||
                c->base == CONDITION_ARN_NOT_EQUALS || c->base == CONDITION_ARN_NOT_LIKE;
    if (str_find(value, '$', 0) < value.len) return out;
    if (c->base == CONDITION_IP_ADDRESS || c->base == CONDITION_NOT_IP_ADDRESS)
        return str_part(value, 0, str_find(value, '/', 0));
    for (size_t i = 0; i < value.len; i++) {
        char        one[2] = {value.ptr[i], 0};
        const char *part = like && one[0] == '*' ? "example" : like && one[0] == '?' ? "x" : one;
        out = arena_format(a, "%.*s%s", STR_FMT(out), part);
    }
    return out;
}

static str candidate(const carrying *w, const policy_clause *c, uint32_t i)
{
    if (c->base == CONDITION_NULL) return i == 0 ? STR("example") : STR("");
    if (i < c->value_count) return concrete(w->a, c, c->values[i].text);
    if (c->base == CONDITION_BOOL) return i == c->value_count ? STR("true") : STR("false");
    return STR("");
}

/* The key gets the first value with which the clause holds, or does not. */
static bool turn(const carrying *w, const policy *p, const policy_clause *c, bool holds, request *q)
{
    if (!may_carry(w, c->key.text)) return false;
    for (uint32_t i = 0; i < c->value_count + 2; i++) {
        str value = candidate(w, c, i);
        if (value.len == 0 || (c->base != CONDITION_NULL && !condition_readable(w->a, c->base, value, true))) continue;
        request next = *q;
        set(w, &next, c->key.text, value);
        if (condition_holds(w->a, c, p->version_2012, &next, w->facts, NULL) != holds) continue;
        *q = next;
        return true;
    }
    return false;
}

/* Whether the Allow takes the request once its conditions are fulfilled, as they are in *c then. */
static bool fulfil(const carrying *w, const statement_trace *t, policy_case *c)
{
    const policy_statement *s = &t->in->statements[t->statement];
    for (uint32_t i = 0; i < s->clause_count; i++)
        if (!condition_holds(w->a, &s->clauses[i], t->in->version_2012, &c->request, w->facts, NULL) &&
            !turn(w, t->in, &s->clauses[i], true, &c->request))
            return false;
    return authz_explain_statement(w->a, t->in, s, c, &w->who, w->facts).outcome == STATEMENT_MATCHES;
}

/* ---- the search ---- */

static bool search(carrying *w, policy_case c, uint32_t depth, policy_case *out);

static bool search_level(carrying *w, const policy_case *c, const level_trace *level, bool deny, uint32_t depth,
                         policy_case *out)
{
    for (uint32_t i = 0; i < level->count; i++) {
        const statement_trace  *t = &level->statements[i];
        const policy_statement *s = &t->in->statements[t->statement];
        if (s->deny != deny || t->outcome != (deny ? STATEMENT_MATCHES : STATEMENT_CONDITION_FAILS)) continue;
        for (uint32_t k = 0; k < (deny ? s->clause_count : 1); k++) {
            policy_case next = *c;
            bool        done = deny ? turn(w, t->in, &s->clauses[k], false, &next.request) : fulfil(w, t, &next);
            if (done && search(w, next, depth - 1, out)) return true;
        }
        if (deny) return false; /* each Deny has to go: the first as well as another */
    }
    return false;
}

static bool search(carrying *w, policy_case c, uint32_t depth, policy_case *out)
{
    explanation x;
    authz_explain_case(w->a, &c, w->facts, &x);
    decision d = x.decision;
    *out = c;
    if (d.kind == DECISION_ALLOWED) return true;
    if (depth == 0 || w->tried++ == TRIES_MAX) return false;
    bool grant = d.kind == DECISION_IMPLICITLY_DENIED && d.layer == LAYER_IDENTITY;
    for (uint32_t i = LAYER_SCP; grant && i <= LAYER_ENDPOINT; i++) {
        const layer_trace *layer = &x.layers[i];
        if ((i != LAYER_IDENTITY && i != LAYER_RESOURCE) || layer->level_count == 0) continue;
        if (search_level(w, &c, &layer->levels[0], false, depth, out)) return true;
    }
    if (grant || x.layers[d.layer].level_count == 0) return false;
    return search_level(w, &c, &x.layers[d.layer].levels[authz_explain_level(&x, d)],
                        d.kind == DECISION_EXPLICITLY_DENIED, depth, out);
}

static bool same_values(const request_key *a, const request_key *b)
{
    if (a == NULL || b == NULL || a->value_count != b->value_count) return false;
    for (uint32_t i = 0; i < a->value_count; i++)
        if (!str_eq(a->values[i], b->values[i])) return false;
    return true;
}

uint32_t authz_remedy_context(arena *a, const policy_case *c, const catalog *facts, request_key **out)
{
    carrying w = {.a = a, .facts = facts, .who = caller_read(c->request.principal)};
    bool     found = false;
    uint32_t count = 0;
    w.region_told = arn_part(c->request.resource, 3).len > 0;
    *out = NULL;
    policy_case changed;
    for (uint32_t depth = 1; depth <= REMEDY_CONTEXT_STEPS && !found; depth++) found = search(&w, *c, depth, &changed);
    if (!found || authz_decide_case(a, &changed, facts).kind != DECISION_ALLOWED) return 0;
    *out = ARENA_NEW(a, request_key, changed.request.context_count);
    for (uint32_t i = 0; i < changed.request.context_count; i++) {
        const request_key *k = &changed.request.context[i];
        if (str_eq_nocase(k->key, STR("aws:TagKeys")) || same_values(k, request_key_find(&c->request, k->key)))
            continue;
        (*out)[count++] = *k;
    }
    return count;
}
