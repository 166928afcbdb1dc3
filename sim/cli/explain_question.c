#include "cli/explain.h"

#include <inttypes.h>

#include "authz/case.h"
#include "base/file.h"
#include "policy/case.h"
#include "policy/match.h"
#include "policy/parse.h"
#include "workloads/data.h"

/* ---- a case of a file ---- */

typedef struct {
    arena               *a;
    const explain_flags *f;
    question            *out;
    const char          *unit; /* `line`, `element` */
    bool                 found;
} case_search;

/* The case in in->text[begin, end), if it is the one that is wanted: the first, the number-th, the one with the id. */
static status case_try(case_search *x, const source *in, size_t begin, size_t end, uint64_t number, err *e)
{
    policy_case *c = &x->out->c;
    err          local = {0};
    if (x->f->line_given && number != x->f->line) return STATUS_OK;
    status s = case_read(x->a, in, begin, end, c, &local);
    if (x->f->id.ptr != NULL && (c->id.ptr == NULL || !str_eq(c->id, x->f->id))) return STATUS_OK;
    x->found = true;
    if (s != STATUS_OK) {
        *e = local;
        return s;
    }
    x->out->asked =
        arena_format(x->a, "case %.*s, %s %" PRIu64 " of %.*s", STR_FMT(c->id), x->unit, number, STR_FMT(in->name));
    return STATUS_OK;
}

static status cases_in_lines(case_search *x, const source *in, err *e)
{
    size_t begin = 0;
    for (uint64_t line = 1; begin < in->text.len && !x->found; line++) {
        size_t end = str_find(in->text, '\n', begin), first = begin;
        while (first < end &&
               (in->text.ptr[first] == ' ' || in->text.ptr[first] == '\r' || in->text.ptr[first] == '\t'))
            first++;
        source *text = ARENA_NEW(x->a, source, 1);
        *text = (source){in->name, str_part(in->text, begin, end - begin), (size_t)line};
        if (first < end) TRY(case_try(x, text, 0, text->text.len, line, e));
        begin = end + 1;
    }
    return STATUS_OK;
}

static status cases_in_array(case_search *x, const source *in, err *e)
{
    json_reader r;
    json_token  t;
    size_t      begin, end;
    json_init(&r, x->a, in, 0, in->text.len);
    TRY(json_next(&r, &t, e));
    for (uint64_t number = 0; !x->found; number++) {
        TRY(json_peek(&r, &t, e));
        if (t.kind == JSON_ARRAY_END) break;
        TRY(json_skip(&r, &begin, &end, e));
        TRY(case_try(x, in, begin, end, number, e));
    }
    return STATUS_OK;
}

static status case_open(arena *a, const explain_flags *f, question *out, err *e)
{
    source *in = ARENA_NEW(a, source, 1);
    size_t  first = 0;
    TRY(file_read(a, arena_str(a, f->cases).ptr, FILE_BYTES_MAX, in, e));
    while (first < in->text.len && strchr(" \t\r\n", in->text.ptr[first]) != NULL) first++;
    bool        array = first < in->text.len && in->text.ptr[first] == '[';
    case_search x = {a, f, out, array ? "element" : "line", false};
    TRY(array ? cases_in_array(&x, in, e) : cases_in_lines(&x, in, e));
    if (x.found) return STATUS_OK;
    if (f->id.ptr != NULL)
        return err_set(e, STATUS_NOT_FOUND, "`%.*s` has no case with id `%.*s`", STR_FMT(f->cases), STR_FMT(f->id));
    if (f->line_given)
        return err_set(e, STATUS_NOT_FOUND, "`%.*s` has no case at %s %" PRIu64, STR_FMT(f->cases), x.unit, f->line);
    return err_set(e, STATUS_INVALID, "`%.*s` is empty, expected cases, one JSON object a line", STR_FMT(f->cases));
}

/* ---- a moment of a scenario ---- */

static status time_read(arena *a, str text, int64_t *ns, err *e)
{
    document *d = NULL;
    source   *in = ARENA_NEW(a, source, 1);
    *in = (source){STR("--at"), json_quote(a, text), 1};
    status s = document_parse(a, in, &d, e);
    if (s == STATUS_OK) s = node_time_ns(d, document_root(d), ns, NULL);
    document_free(d);
    if (s == STATUS_OK) return s;
    return err_set(e, STATUS_INVALID, "`--at` is `%.*s`, expected a time such as `15s` or `2m`", STR_FMT(text));
}

static int64_t end_of(const world_plan *plan)
{
    int64_t end = plan->step_count > 0 ? plan->steps[plan->step_count - 1].command.at_ns : 0;
    for (uint32_t i = 0; i < plan->window_count; i++) {
        int64_t closes = plan->windows[i].start_ns + plan->windows[i].length_ns;
        if (closes > end) end = closes;
    }
    return end;
}

/* As `--at` would be written: `60s`, else in the largest unit that is exact. */
static str time_text(arena *a, int64_t ns)
{
    static const struct {
        int64_t     ns;
        const char *name;
    } units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};
    size_t i = 0;
    while (ns % units[i].ns != 0) i++;
    return arena_format(a, "%" PRId64 "%s", ns / units[i].ns, units[i].name);
}

/* Nothing is known of an organization after its scenario's end. */
static status time_check(arena *a, const explain_flags *f, const question *q, err *e)
{
    int64_t end = end_of(&q->s->plan);
    if (q->at_ns <= end) return STATUS_OK;
    return err_set(e, STATUS_INVALID, "`--at` is `%.*s`, expected `0s` to `%.*s`: the scenario ends then",
                   STR_FMT(f->at), STR_FMT(time_text(a, end)));
}

static void levels_from(arena *a, question *q)
{
    policy_case  *c = &q->c;
    policy_level *scps = ARENA_NEW(a, policy_level, ORG_CHAIN_MAX), *rcps = ARENA_NEW(a, policy_level, ORG_CHAIN_MAX);
    c->management_account = org_account_id(q->view, ORG_MANAGEMENT);
    c->scp_level_count = q->account == ORG_NONE ? 0 : org_levels(a, q->view, ORG_TYPE_SCP, q->account, scps);
    c->rcp_level_count = q->owner == ORG_NONE ? 0 : org_levels(a, q->view, ORG_TYPE_RCP, q->owner, rcps);
    c->scps = scps;
    c->rcps = rcps;
    c->scps_apply = c->scp_level_count > 0;
    c->rcps_apply = c->rcp_level_count > 0;
}

/* ---- a request of the stream ---- */

static uint32_t mix_at(const world_plan *plan, int64_t at_ns)
{
    uint32_t mix = plan->window_count > 0 ? plan->windows[0].mix : 0;
    for (uint32_t i = 0; i < plan->window_count && plan->windows[i].start_ns <= at_ns; i++) mix = plan->windows[i].mix;
    return mix;
}

authz_setting explain_setting(const question *q)
{
    return q->s->plan.setting;
}

/* Of a call that names several resources the part that decides is explained. */
static void stream_take(arena *a, question *q, const authz_image *image)
{
    uint32_t part = 0, parts = authz_request_parts(image, &q->stream);
    decision whole = authz_decide(image, &q->stream);
    for (; part < parts; part++) {
        authz_request_case(a, image, &q->stream, part, &q->c);
        q->resource = authz_request_resource(image, &q->stream, part);
        q->account = org_account_find(q->view, caller_read(q->c.request.principal).account);
        q->owner = org_account_find(q->view, q->c.request.resource_account);
        levels_from(a, q);
        if (part + 1 == parts || decision_equal(authz_decide_case(a, &q->c, q->facts), whole)) break;
    }
    q->asked = arena_format(a, parts > 1 ? "%.*s, resource %" PRIu32 " of %" PRIu32 : "%.*s", STR_FMT(q->asked),
                            part + 1, parts);
}

static status stream_open(arena *a, const explain_flags *f, question *q, err *e)
{
    const world_plan *plan = &q->s->plan;
    uint32_t          cells = 0;
    for (uint32_t i = 0; i < plan->region_count; i++) cells += plan->regions[i].cell_count;
    if (f->cell >= cells)
        return err_set(e, STATUS_INVALID, "`--cell` is %" PRIu64 ", expected 0 to %u", f->cell, cells - 1);
    uint64_t most = f->request < UINT64_MAX ? f->request + 1 : UINT64_MAX, count = 0;
    TRY(world_arrivals(plan, (uint32_t)f->cell, most, &count, e));
    if (count == 0) return err_set(e, STATUS_INVALID, "`--request` given: cell %" PRIu64 " gets no requests", f->cell);
    if (f->request >= count)
        return err_set(e, STATUS_INVALID,
                       "`--request` is %" PRIu64 ", expected 0 to %" PRIu64 ", the requests of cell %" PRIu64,
                       f->request, count - 1, f->cell);
    plan->source.requests(plan->source.context, q->mix, (uint32_t)f->cell, f->request, 1, &q->stream);
    q->stream.time_s = (uint32_t)(q->s->epoch_seconds + q->at_ns / 1000000000);
    authz_store *store = authz_store_new(q->facts, plan->v, explain_setting(q));
    authz_image *image = authz_image_build(store, q->view, NULL);
    q->asked = arena_format(a, "request %" PRIu64 " of cell %" PRIu64, f->request, f->cell);
    stream_take(a, q, image);
    authz_image_release(store, image);
    authz_store_free(store);
    q->is_stream = true;
    q->role = plan->setting.roles[authz_request_role(&q->stream)].name;
    return STATUS_OK;
}

/* ---- a question in words ---- */

/* By id or name; where two bear the name, the first. */
static status account_find(const question *q, str name, const char *flag_name, uint32_t *out, err *e)
{
    *out = org_account_find(q->view, name);
    for (uint32_t i = 0; *out == ORG_NONE && i < org_account_count(q->view); i++)
        if (org_account_exists(q->view, i) && str_eq_nocase(org_account_name(q->view, i), name)) *out = i;
    if (*out != ORG_NONE) return STATUS_OK;
    for (uint32_t i = 0; i < org_account_count(q->view); i++)
        if (str_eq(org_account_id(q->view, i), name) || str_eq_nocase(org_account_name(q->view, i), name))
            return err_set(e, STATUS_NOT_FOUND,
                           "`--%s` is `%.*s`: that account has left the organization by then, expected one that is in "
                           "it, or an earlier `--at`",
                           flag_name, STR_FMT(name));
    return err_set(e, STATUS_NOT_FOUND, "`--%s` is `%.*s`: the organization has no account of that id or name",
                   flag_name, STR_FMT(name));
}

static const policy *allow_all(arena *a)
{
    static const char text[] =
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}";
    source *in = ARENA_NEW(a, source, 1);
    policy *out = NULL;
    *in = (source){STR("assumed"), STR(text), 1};
    (void)policy_parse(a, in, (policy_parse_options){.type = POLICY_IDENTITY}, &out, NULL);
    return out;
}

/* how: it is told otherwise, or empty. */
static void assume(arena *a, question *q, str what, str how)
{
    const char *more = q->assumed.len == 0 ? "" : "; ";
    q->assumed = arena_format(a, "%.*s%s%.*s", STR_FMT(q->assumed), more, STR_FMT(what));
    if (how.len > 0) q->how = arena_format(a, "%.*s%s%.*s", STR_FMT(q->how), q->how.len == 0 ? "" : ", ", STR_FMT(how));
}

/* The role by its name among those of the scenario; without a name an administrator, of whom it need not know. */
static status role_take(arena *a, const explain_flags *f, question *q, err *e)
{
    const world_plan *plan = &q->s->plan;
    str id = org_account_id(q->view, q->account), name = f->role.ptr != NULL ? f->role : STR("Administrator");
    for (uint32_t i = 0; i < plan->setting.role_count; i++) {
        const authz_role *role = &plan->setting.roles[i];
        if (!str_eq_nocase(role->name, name) || role->hole == AUTHZ_NO_HOLE) continue;
        q->c.request.principal =
            arena_format(a, "%.*s%.*s%.*s", (int)role->hole, role->principal.ptr, STR_FMT(id),
                         (int)(role->principal.len - role->hole), role->principal.ptr + role->hole);
        q->c.identity = role->identity;
        q->c.boundary = role->boundary;
        q->c.session = role->session;
        q->role = role->name;
        return STATUS_OK;
    }
    q->c.request.principal = arena_format(a, "arn:aws:iam::%.*s:role/%.*s", STR_FMT(id), STR_FMT(name));
    if (f->role.ptr == NULL) return STATUS_OK;
    str known = STR("");
    for (uint32_t i = 0; i < plan->setting.role_count; i++) {
        const authz_role *role = &plan->setting.roles[i];
        if (role->hole == AUTHZ_NO_HOLE) continue;
        known = arena_format(a, "%.*s%s`%.*s`", STR_FMT(known), known.len == 0 ? "" : ", ", STR_FMT(role->name));
    }
    return err_set(e, STATUS_NOT_FOUND, "`--role` is `%.*s`: the scenario has no such role, expected one of %.*s",
                   STR_FMT(name), STR_FMT(known));
}

static void administrator_take(arena *a, question *q)
{
    const policy **policies = ARENA_NEW(a, const policy *, 1);
    policies[0] = allow_all(a);
    q->c.identity = (policy_level){policies, 1};
    assume(a, q, STR("the caller's identity policies are taken to allow everything"), STR(""));
}

/* The resource type that the action is named after (`DeleteObject`: `object`), else its first. */
static const catalog_resource *resource_of(const question *q, const catalog_action *x)
{
    const catalog_resource *best = catalog_resource_at(q->facts, x->resources[0]);
    size_t                  longest = 0;
    for (uint32_t i = 0; i < x->resource_count; i++) {
        const catalog_resource *r = catalog_resource_at(q->facts, x->resources[i]);
        if (r->name.len <= longest || r->name.len > x->name.len) continue;
        for (size_t at = 0; at + r->name.len <= x->name.len; at++)
            if (str_eq_nocase(str_part(x->name, at, r->name.len), r->name)) best = r, longest = r->name.len;
    }
    return best;
}

/* An ARN of a resource that the action takes; `*` where it takes none. */
static str example_resource(arena *a, const question *q, str action, str account)
{
    uint32_t index = catalog_action_find(q->facts, action);
    if (index == CATALOG_NONE) return STR("*");
    const catalog_action *x = catalog_action_at(q->facts, index);
    if (x->resource_count == 0) return STR("*");
    str    shape = resource_of(q, x)->arn, out = STR("");
    size_t at = 0;
    while (at < shape.len) {
        size_t open = str_find(shape, '$', at), close = str_find(shape, '}', open);
        out = arena_format(a, "%.*s%.*s", STR_FMT(out), (int)(open - at), shape.ptr + at);
        if (open == shape.len) break;
        str variable = str_part(shape, open, close < shape.len ? close + 1 - open : shape.len - open);
        str value = STR("example");
        if (str_is(variable, "${Partition}")) value = STR("aws");
        if (str_is(variable, "${Region}"))
            value = q->s->plan.region_count > 0 ? q->s->plan.regions[0].name : STR("us-east-1");
        if (str_is(variable, "${Account}")) value = account;
        out = arena_format(a, "%.*s%.*s", STR_FMT(out), STR_FMT(value));
        at = open + variable.len;
    }
    return out;
}

static status context_add(arena *a, const explain_flags *f, question *q, err *e)
{
    request *r = &q->c.request;
    r->context = ARENA_NEW(a, request_key, f->context.count);
    for (uint32_t i = 0; i < f->context.count; i++) {
        str    text = f->context.items[i];
        size_t equals = str_find(text, '=', 0);
        if (equals == 0 || equals == text.len)
            return err_set(e, STATUS_INVALID, "`--context %.*s`, expected `key=value`", STR_FMT(text));
        str          name = str_part(text, 0, equals), value = str_part(text, equals + 1, text.len - equals - 1);
        request_key *k = NULL;
        for (uint32_t n = 0; n < r->context_count && k == NULL; n++)
            if (str_eq_nocase(r->context[n].key, name)) k = &r->context[n];
        if (k == NULL) {
            k = &r->context[r->context_count++];
            *k = (request_key){.key = name, .values = ARENA_NEW(a, str, f->context.count)};
        }
        k->values[k->value_count++] = value;
        uint32_t known = catalog_key_find(q->facts, name);
        k->is_array = k->value_count > 1 || (known != CATALOG_NONE && catalog_key_at(q->facts, known)->multivalued);
    }
    return STATUS_OK;
}

static derive_place place_of(arena *a, const org_view *v, uint32_t account)
{
    if (account == ORG_NONE) return (derive_place){{NULL, 0}, {NULL, 0}};
    return (derive_place){org_id(v), org_path(a, v, org_account_parent(v, account))};
}

/* ---- what a question in words may leave out or get wrong ---- */

static status principal_check(const explain_flags *f, const question *q, err *e)
{
    str  text = f->principal;
    bool named = str_is(text, "anonymous") || str_starts(text, STR("arn:")) || str_find(text, '.', 0) < text.len;
    if (!named)
        return err_set(e, STATUS_INVALID,
                       "`--principal` is `%.*s`, expected an ARN, a service such as `cloudtrail.amazonaws.com` or "
                       "`anonymous`",
                       STR_FMT(text));
    if (f->account.ptr == NULL || str_eq(caller_read(text).account, org_account_id(q->view, q->account)))
        return STATUS_OK;
    return err_set(e, STATUS_INVALID, "`--principal %.*s` is none of the account `%.*s`, expected one of the two flags",
                   STR_FMT(text), STR_FMT(f->account));
}

static bool is_plain(str text)
{
    return str_find(text, '*', 0) == text.len && str_find(text, '?', 0) == text.len;
}

/* Whose the resource is: what its ARN says, else what --resource-account says, else the caller's. */
static status owner_find(const explain_flags *f, question *q, str callers, err *e)
{
    str told = f->resource.ptr != NULL ? arn_part(f->resource, 4) : (str){NULL, 0};
    if (f->resource.ptr != NULL && !str_is(f->resource, "*") && !str_starts(f->resource, STR("arn:")))
        return err_set(e, STATUS_INVALID, "`--resource` is `%.*s`, expected an ARN or `*`", STR_FMT(f->resource));
    q->owner = told.len > 0 ? org_account_find(q->view, told) : q->account;
    q->c.request.resource_account = told.len > 0 ? told : callers;
    if (f->owner.ptr == NULL) return STATUS_OK;
    TRY(account_find(q, f->owner, "resource-account", &q->owner, e));
    q->c.request.resource_account = org_account_id(q->view, q->owner);
    if (told.len == 0 || str_eq(told, q->c.request.resource_account)) return STATUS_OK;
    return err_set(e, STATUS_INVALID, "`--resource-account` is `%.*s`, but the ARN says `%.*s`", STR_FMT(f->owner),
                   STR_FMT(told));
}

static status policy_of_resource(arena *a, const explain_flags *f, question *q, err *e)
{
    static const char nothing[] = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";
    const request    *r = &q->c.request;
    source           *in = ARENA_NEW(a, source, 1);
    policy           *out = NULL;
    bool              trust = r->action.len > 4 && str_eq_nocase(str_part(r->action, 0, 4), STR("sts:")) &&
                 str_find(r->resource, '/', 0) < r->resource.len;
    bool key = r->action.len > 4 && str_eq_nocase(str_part(r->action, 0, 4), STR("kms:")) && !str_is(r->resource, "*");
    if (f->resource_policy.ptr != NULL) {
        TRY(file_read(a, f->resource_policy.ptr, (size_t)16 << 20, in, e));
    } else if (trust) {
        *in = (source){STR("assumed"), STR(nothing), 1};
    } else {
        bool asks = key || q->owner != q->account || q->account == ORG_NONE;
        q->policy_unknown = true;
        if (asks)
            assume(a, q, STR("the resource's policy is not known and taken to be none"), STR("--resource-policy FILE"));
        return STATUS_OK;
    }
    if (f->resource_policy.ptr == NULL) {
        q->policy_unknown = true;
        assume(a, q, STR("the role's trust policy is not known and taken to be none"), STR("--resource-policy FILE"));
    }
    TRY(policy_parse(a, in, (policy_parse_options){.type = POLICY_RESOURCE, .lenient = true}, &out, e));
    q->c.resource = out;
    return STATUS_OK;
}

/* What else follows from the question. Where nothing says where it is asked, it is where the requests of a run would
 * be: of services of one endpoint for all regions there, of every other in the scenario's first region. */
static void derive(arena *a, question *q)
{
    static const char region[] = "aws:RequestedRegion";
    request          *r = &q->c.request;
    derive_facts      facts = {place_of(a, q->view, q->account), place_of(a, q->view, q->owner),
                               q->s->epoch_seconds + q->at_ns / 1000000000};
    uint32_t          service = catalog_service_find(q->facts, str_part(r->action, 0, str_find(r->action, ':', 0)));
    bool              told = request_key_find(r, STR(region)) != NULL || arn_part(r->resource, 3).len > 0;
    if (!told && !profile_service_is_global(q->s->profile, service) && q->s->plan.region_count > 0) {
        request_key *wider = ARENA_NEW(a, request_key, r->context_count + 1);
        str         *value = ARENA_NEW(a, str, 1);
        if (r->context_count > 0) memcpy(wider, r->context, r->context_count * sizeof *wider);
        *value = q->s->plan.regions[0].name;
        wider[r->context_count++] = (request_key){STR(region), value, 1, false};
        r->context = wider;
    }
    request_derive(a, r, &facts);
    const request_key *k = request_key_find(r, STR(region));
    if (!told && k != NULL)
        assume(a, q, arena_format(a, "asked in %.*s", STR_FMT(k->values[0])),
               STR("--context aws:RequestedRegion=NAME"));
}

static status words_open(arena *a, const explain_flags *f, question *q, err *e)
{
    request *r = &q->c.request;
    if (f->action.ptr == NULL) return err_set(e, STATUS_INVALID, "no `--action`, `--request` or `--cases` given");
    size_t colon = str_find(f->action, ':', 0);
    if (colon == 0 || colon + 1 >= f->action.len)
        return err_set(e, STATUS_INVALID, "`--action` is `%.*s`, expected `service:Action`", STR_FMT(f->action));
    if (f->account.ptr == NULL && f->principal.ptr == NULL)
        return err_set(e, STATUS_INVALID, "no `--account` or `--principal` given: who asks?");
    if (f->account.ptr != NULL) TRY(account_find(q, f->account, "account", &q->account, e));
    r->action = f->action;
    if (!is_plain(f->action))
        return err_set(e, STATUS_INVALID, "`--action` is `%.*s`, expected one action, without wildcards",
                       STR_FMT(f->action));
    if (f->principal.ptr != NULL)
        TRY(principal_check(f, q, e));
    else
        TRY(role_take(a, f, q, e));
    if (f->principal.ptr != NULL) r->principal = f->principal;
    caller who = caller_read(r->principal);
    q->account = org_account_find(q->view, who.account);
    if (caller_in_account(&who) && who.kind != CALLER_ROOT && q->c.identity.count == 0) administrator_take(a, q);
    TRY(owner_find(f, q, who.account, e));
    r->resource = f->resource.ptr != NULL ? f->resource : example_resource(a, q, r->action, r->resource_account);
    if (f->resource.ptr == NULL && !str_is(r->resource, "*"))
        assume(a, q, STR("the resource is an example"), STR("--resource ARN"));
    TRY(policy_of_resource(a, f, q, e));
    TRY(context_add(a, f, q, e));
    derive(a, q);
    levels_from(a, q);
    q->asked = STR("a question in words");
    return STATUS_OK;
}

static status scenario_open(arena *a, const explain_flags *f, question *q, err *e)
{
    if (f->at.ptr != NULL) TRY(time_read(a, f->at, &q->at_ns, e));
    TRY(scenario_read(a, f->scenario, (scenario_options){0}, &q->s, e));
    q->facts = q->s->facts;
    TRY(time_check(a, f, q, e));
    q->mix = mix_at(&q->s->plan, q->at_ns);
    uint32_t revision = f->at.ptr == NULL ? 0 : world_timeline(a, &q->s->plan, q->at_ns);
    q->view = org_at(q->s->o, revision);
    return f->request_given ? stream_open(a, f, q, e) : words_open(a, f, q, e);
}

status question_open(arena *a, const explain_flags *f, question *out, err *e)
{
    *out = (question){.account = ORG_NONE, .owner = ORG_NONE};
    if (f->scenario.ptr != NULL) return scenario_open(a, f, out, e);
    catalog *facts = NULL;
    TRY(data_catalog(a, &facts, e));
    out->facts = facts;
    return case_open(a, f, out, e);
}

void question_close(question *q)
{
    scenario_free(q->s);
}

/* ---- names ---- */

str question_account(arena *a, const question *q, str id)
{
    if (id.len == 0) return STR("a caller of no account");
    for (uint32_t i = 0; i < org_account_count(q->view); i++) {
        str name = org_account_name(q->view, i);
        if (!str_eq(org_account_id(q->view, i), id)) continue;
        if (org_account_exists(q->view, i)) return arena_format(a, "account %.*s", STR_FMT(name));
        return arena_format(a, "account %.*s (%.*s, has left the organization)", STR_FMT(name), STR_FMT(id));
    }
    return arena_format(a, "account %.*s (not of the organization)", STR_FMT(id));
}

str question_target(arena *a, const question *q, org_target t)
{
    uint32_t index = org_target_index(t);
    str      path = STR("");
    if (org_target_is_account(t)) return arena_format(a, "account %.*s", STR_FMT(org_account_name(q->view, index)));
    if (index == ORG_ROOT) return STR("the root");
    for (uint32_t at = index; at != ORG_ROOT; at = org_node_parent(q->view, at)) {
        str name = org_node_name(q->view, at);
        path = arena_format(a, "%.*s%s%.*s", STR_FMT(name), path.len > 0 ? "/" : "", STR_FMT(path));
    }
    return arena_format(a, "OU %.*s", STR_FMT(path));
}

static bool target_at(const question *q, decision_layer layer, uint32_t level, org_target *out)
{
    org_target chain[ORG_CHAIN_MAX];
    uint32_t   account = layer == LAYER_RCP ? q->owner : q->account;
    if (q->view == NULL || (layer != LAYER_SCP && layer != LAYER_RCP) || account == ORG_NONE) return false;
    if (level >= org_chain(q->view, account, chain)) return false;
    *out = chain[level];
    return true;
}

str question_level(arena *a, const question *q, decision_layer layer, uint32_t level)
{
    org_target t;
    if (layer != LAYER_SCP && layer != LAYER_RCP) return str_of(layer_name(layer));
    uint32_t count = layer == LAYER_SCP ? q->c.scp_level_count : q->c.rcp_level_count;
    if (target_at(q, layer, level, &t)) return question_target(a, q, t);
    if (level == 0) return STR("the root");
    return level + 1 == count ? STR("the account") : arena_format(a, "the OU at level %" PRIu32, level);
}

static uint32_t policy_at(const question *q, decision_layer layer, uint32_t level, uint32_t index)
{
    org_target t;
    if (!target_at(q, layer, level, &t)) return ORG_NONE;
    org_attachments here = org_attached(q->view, layer == LAYER_SCP ? ORG_TYPE_SCP : ORG_TYPE_RCP, t);
    return index < here.count ? here.policies[index] : ORG_NONE;
}

str question_policy(arena *a, const question *q, decision_layer layer, uint32_t level, uint32_t index)
{
    uint32_t found = policy_at(q, layer, level, index);
    if (found != ORG_NONE) return org_policy_name(q->view, found);
    if (layer == LAYER_RESOURCE) return STR("the resource's policy");
    if (layer == LAYER_BOUNDARY) return STR("the permissions boundary");
    if (layer == LAYER_ENDPOINT) return STR("the endpoint's policy");
    if (layer == LAYER_IDENTITY && q->role.len > 0)
        return arena_format(a, "policy %" PRIu32 " of %.*s", index + 1, STR_FMT(q->role));
    return arena_format(a, "policy %" PRIu32, index + 1);
}

str question_policy_id(const question *q, decision_layer layer, uint32_t level, uint32_t index)
{
    uint32_t found = policy_at(q, layer, level, index);
    return found == ORG_NONE ? (str){NULL, 0} : org_policy_id(q->view, found);
}
