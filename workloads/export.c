#include "workloads/export.h"

#include "base/json.h"
#include "workloads/generate_requests.h"

typedef struct {
    FILE *out;
    arena scratch; /* emptied after every value */
    bool  first;   /* of the list that is being written */
} writer;

static void put(writer *w, str s)
{
    if (s.len > 0) (void)fwrite(s.ptr, 1, s.len, w->out);
}

static void put_text(writer *w, const char *text)
{
    put(w, str_of(text));
}

static void put_quoted(writer *w, str s)
{
    arena scratch = w->scratch;
    put(w, json_quote(&scratch, s));
}

static void put_member(writer *w, const char *before, str value)
{
    put_text(w, before);
    put_quoted(w, value);
}

/* A list whose entries stand on lines of their own. */
static void list_open(writer *w, const char *name)
{
    put_text(w, ",\n  ");
    put_quoted(w, str_of(name));
    put_text(w, ": [");
    w->first = true;
}

static void entry_open(writer *w)
{
    put_text(w, w->first ? "\n    " : ",\n    ");
    w->first = false;
}

static void list_close(writer *w)
{
    put_text(w, w->first ? "]" : "\n  ]");
}

/* ---- organization ---- */

static void put_types(writer *w, const org_view *v)
{
    list_open(w, "policy_types");
    for (uint32_t t = 0; t < ORG_TYPE_COUNT; t++) {
        if (!org_type_enabled(v, (org_policy_type)t)) continue;
        entry_open(w);
        put_quoted(w, str_of(org_policy_type_name((org_policy_type)t)));
    }
    list_close(w);
}

static void put_ous(writer *w, const org_view *v)
{
    list_open(w, "organizational_units");
    for (uint32_t i = 0; i < org_node_count(v); i++) {
        if (i == ORG_ROOT || !org_node_exists(v, i)) continue;
        entry_open(w);
        put_member(w, "{\"Id\":", org_node_id(v, i));
        put_member(w, ",\"Name\":", org_node_name(v, i));
        put_member(w, ",\"ParentId\":", org_node_id(v, org_node_parent(v, i)));
        put_text(w, "}");
    }
    list_close(w);
}

static void put_accounts(writer *w, const org_view *v)
{
    list_open(w, "accounts");
    for (uint32_t i = 0; i < org_account_count(v); i++) {
        if (i == ORG_MANAGEMENT || !org_account_exists(v, i)) continue;
        entry_open(w);
        put_member(w, "{\"Id\":", org_account_id(v, i));
        put_member(w, ",\"Name\":", org_account_name(v, i));
        put_member(w, ",\"Email\":", org_account_email(v, i));
        put_member(w, ",\"ParentId\":", org_node_id(v, org_account_parent(v, i)));
        put_text(w, "}");
    }
    list_close(w);
}

static void put_policies(writer *w, const org_view *v)
{
    list_open(w, "policies");
    for (uint32_t i = 0; i < org_policy_count(v); i++) {
        if (org_policy_aws_managed(v, i) || !org_policy_exists(v, i)) continue;
        entry_open(w);
        put_member(w, "{\"Id\":", org_policy_id(v, i));
        put_member(w, ",\"Name\":", org_policy_name(v, i));
        put_member(w, ",\"Type\":", str_of(org_policy_type_name(org_policy_type_at(v, i))));
        put_member(w, ",\"Description\":", org_policy_description(v, i));
        put_text(w, ",\"Content\":");
        put(w, org_policy_content(v, i));
        put_text(w, "}");
    }
    list_close(w);
}

static uint32_t full_access_of(org_policy_type type)
{
    return type == ORG_TYPE_SCP ? ORG_FULL_ACCESS : type == ORG_TYPE_RCP ? ORG_RCP_FULL_ACCESS : ORG_NONE;
}

static void put_link(writer *w, const org_view *v, uint32_t index, str target)
{
    entry_open(w);
    put_member(w, "{\"PolicyId\":", org_policy_id(v, index));
    put_member(w, ",\"TargetId\":", target);
    put_text(w, "}");
}

/* What is attached beside the full-access policies, or where those are not. */
static void put_links_of(writer *w, const org_view *v, org_target t, str id, bool detached)
{
    for (uint32_t k = 0; k < ORG_TYPE_COUNT; k++) {
        uint32_t        full = full_access_of((org_policy_type)k);
        bool            held = full == ORG_NONE || !org_type_enabled(v, (org_policy_type)k);
        org_attachments there = org_attached(v, (org_policy_type)k, t);
        for (uint32_t i = 0; i < there.count; i++) {
            held = held || there.policies[i] == full;
            if (!detached && there.policies[i] != full) put_link(w, v, there.policies[i], id);
        }
        if (detached && !held) put_link(w, v, full, id);
    }
}

static void put_links(writer *w, const org_view *v, const char *name, bool detached)
{
    list_open(w, name);
    for (uint32_t i = 0; i < org_node_count(v); i++)
        if (org_node_exists(v, i)) put_links_of(w, v, org_target_node(i), org_node_id(v, i), detached);
    for (uint32_t i = 0; i < org_account_count(v); i++)
        if (org_account_exists(v, i)) put_links_of(w, v, org_target_account(i), org_account_id(v, i), detached);
    list_close(w);
}

void export_organization(const org_view *v, FILE *out)
{
    writer w = {.out = out};
    arena_init(&w.scratch, MEMORY_GENERAL);
    put_member(&w, "{\n  \"id\": ", org_id(v));
    put_member(&w, ",\n  \"root_id\": ", org_root_id(v));
    put_member(&w, ",\n  \"management\": {\"Id\":", org_account_id(v, ORG_MANAGEMENT));
    put_member(&w, ",\"Name\":", org_account_name(v, ORG_MANAGEMENT));
    put_member(&w, ",\"Email\":", org_account_email(v, ORG_MANAGEMENT));
    put_text(&w, "}");
    put_types(&w, v);
    put_ous(&w, v);
    put_accounts(&w, v);
    put_policies(&w, v);
    put_links(&w, v, "attachments", false);
    put_links(&w, v, "detached", true);
    put_text(&w, "\n}\n");
    arena_deinit(&w.scratch);
}

/* ---- requests ---- */

/* A row is one line: white space between tokens may hold line ends, and no string may. */
static void put_policy(writer *w, const policy *p)
{
    str text = str_part(p->in->text, p->at, p->end - p->at);
    for (size_t begin = 0, end = 0; begin < text.len; begin = end + 1) {
        end = begin;
        while (end < text.len && text.ptr[end] != '\n' && text.ptr[end] != '\r') end++;
        put(w, str_part(text, begin, end - begin));
    }
}

static void put_level(writer *w, policy_level level)
{
    put_text(w, "[");
    for (uint32_t i = 0; i < level.count; i++) {
        if (i > 0) put_text(w, ",");
        put_policy(w, level.policies[i]);
    }
    put_text(w, "]");
}

static void put_context(writer *w, const request *q)
{
    put_text(w, ",\"context\":{");
    for (uint32_t i = 0; i < q->context_count; i++) {
        const request_key *k = &q->context[i];
        if (i > 0) put_text(w, ",");
        put_quoted(w, k->key);
        put_text(w, k->is_array ? ":[" : ":");
        for (uint32_t n = 0; n < k->value_count; n++) {
            if (n > 0) put_text(w, ",");
            put_quoted(w, k->values[n]);
        }
        if (k->is_array) put_text(w, "]");
    }
    put_text(w, "}");
}

static void put_levels(writer *w, const char *name, const policy_level *levels, uint32_t count)
{
    put_text(w, name);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) put_text(w, ",");
        put_level(w, levels[i]);
    }
    put_text(w, "]");
}

static void put_one(writer *w, const char *name, const policy *p)
{
    if (p == NULL) return;
    put_text(w, name);
    put_policy(w, p);
}

/* `2-17`, of a call that names several resources `2-17.0`, `2-17.1`, … */
static void put_row(writer *w, const generate_requests *g, str id, const authz_request *q, uint32_t part)
{
    arena       scratch = w->scratch, before = w->scratch;
    policy_case c;
    requests_case(&scratch, g, q, part, &c);
    w->scratch = scratch; /* quoting goes behind the request */
    put_member(w, "{\"id\":", id);
    put_member(w, ",\"request\":{\"principal\":", c.request.principal);
    put_member(w, ",\"action\":", c.request.action);
    put_member(w, ",\"resource\":", c.request.resource);
    put_member(w, ",\"resource_account\":", c.request.resource_account);
    if (c.aws_managed_key) put_text(w, ",\"aws_managed_key\":true");
    put_context(w, &c.request);
    put_text(w, "},\"policies\":{\"identity\":");
    put_level(w, c.identity);
    if (c.scps_apply) put_levels(w, ",\"scps\":[", c.scps, c.scp_level_count);
    if (c.rcps_apply) put_levels(w, ",\"rcps\":[", c.rcps, c.rcp_level_count);
    put_one(w, ",\"resource\":", c.resource);
    put_one(w, ",\"permissions_boundary\":", c.boundary);
    if (c.session.count > 0) {
        put_text(w, ",\"session\":");
        put_level(w, c.session);
    }
    put_one(w, ",\"vpc_endpoint\":", c.endpoint);
    put_text(w, "}");
    put_member(w, ",\"management_account\":", c.management_account);
    put_text(w, "}\n");
    w->scratch = before;
}

static void put_request(writer *w, const generate_requests *g, uint32_t cell, uint64_t n, const authz_request *q)
{
    arena    before = w->scratch;
    uint32_t parts = requests_parts(g, q);
    str      id = arena_format(&w->scratch, "%u-%llu", cell, (unsigned long long)n);
    for (uint32_t i = 0; i < parts; i++)
        put_row(w, g, parts == 1 ? id : arena_format(&w->scratch, "%.*s.%u", STR_FMT(id), i), q, i);
    w->scratch = before;
}

void export_requests(const generate_requests *g, uint32_t mix, uint64_t count, const volatile int *stop, FILE *out)
{
    writer w = {.out = out};
    arena_init(&w.scratch, MEMORY_GENERAL);
    uint64_t written = 0;
    bool     end = false;
    for (uint64_t n = 0; written < count && !end; n++)
        for (uint32_t cell = 0; cell < g->cell_count && written < count && !end; cell++) {
            authz_request q;
            if (g->cells[cell].alias.count == 0) continue; /* no account sends requests here */
            requests_one(g, mix, cell, n, STRAY_BY_COIN, &q);
            put_request(&w, g, cell, n, &q);
            written++;
            end = ferror(out) || (stop != NULL && *stop);
        }
    arena_deinit(&w.scratch);
}
