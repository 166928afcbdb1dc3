/* An organization as a file lists it, made by the calls that would make it. Entities may refer to each other in any
 * order; what AWS would refuse is an error at the value that asks for it.
 */
#include "policy/parse.h"
#include "workloads/scenario_read.h"

#define LISTED_MAX      2000000u /* entries of one list */
#define CYCLE_BYTES_MAX 400u     /* of a message        */

typedef struct {
    scenario_reader *r;
    const node      *ous;
    intern_table    *keys;   /* Id of an OU as written, in order of the list */
    uint32_t        *state;  /* [OU]: OU_FRESH, OU_OPEN, OU_MADE */
    uint32_t        *parent; /* [OU]: the listed OU above, or INTERN_NONE */
} ou_maker;

enum { OU_FRESH, OU_OPEN, OU_MADE };

/* ---- one call ---- */

static status call(scenario_reader *r, const node *n, control_command *command, control_answer *answer)
{
    control_apply(r->s->c, command, answer);
    if (answer->exception == NULL) return STATUS_OK;
    const char *reason = answer->reason;
    return node_error(r->d, n, r->e, STATUS_INVALID, "%s is refused: %s%s%s%s: %s", control_operation_name(command->op),
                      answer->exception, reason ? " (" : "", reason ? reason : "", reason ? ")" : "", answer->detail);
}

/* An `Id`: AWS's own becomes the entity's, a `$name` is bound once the entity is there. */
static status read_id(scenario_reader *r, const node *n, control_command *command, str *name)
{
    str text = {0};
    *name = (str){0};
    TRY(read_optional_text(r, n, 130, &text));
    if (text.ptr != NULL && name_is(text))
        *name = text;
    else
        command->id = text;
    return STATUS_OK;
}

static status bind_made(scenario_reader *r, const node *n, str name, str id)
{
    return name.ptr == NULL ? STATUS_OK : name_bind(r, n, name, id);
}

/* A member that names an entity: an AWS id or a `$name` of this file. */
static status read_reference(scenario_reader *r, const node *n, const char *member, str *out)
{
    const node *value;
    str         text;
    TRY(node_need(r->d, n, member, &value, r->e));
    TRY(read_text(r, value, 130, &text));
    return name_resolve(r, value, text, out);
}

static status read_list(scenario_reader *r, const node *n, const char *member, const node **out, size_t *count)
{
    *out = node_get(n, member);
    *count = 0;
    if (*out == NULL) return STATUS_OK;
    TRY(node_array(r->d, *out, r->e));
    *count = node_count(*out);
    if (*count > LISTED_MAX)
        return node_error(r->d, *out, r->e, STATUS_LIMIT, "%zu entries, the limit is %u", *count, LISTED_MAX);
    return STATUS_OK;
}

static status read_entry(scenario_reader *r, const node *n, const char *const *members, size_t count)
{
    TRY(node_object(r->d, n, r->e));
    return node_only(r->d, n, members, count, r->e);
}

/* ---- OUs ---- */

static status ous_index(ou_maker *m, size_t count)
{
    static const char *const members[] = {"Id", "Name", "ParentId"};
    scenario_reader         *r = m->r;
    for (size_t i = 0; i < count; i++) {
        const node *n = node_at(m->ous, i);
        str         key = {0};
        TRY(read_entry(r, n, members, COUNTOF(members)));
        TRY(read_optional_text(r, node_get(n, "Id"), 130, &key));
        if (name_is(key)) TRY(name_check(r, node_get(n, "Id"), key));
        if (key.ptr == NULL) key = arena_format(r->a, "#%zu", i); /* nobody can refer to it */
        if (intern_add(m->keys, key) != i)
            return node_error(r->d, node_get(n, "Id"), r->e, STATUS_INVALID, "OU `%.*s` is there twice", STR_FMT(key));
    }
    for (size_t i = 0; i < count; i++) {
        const node *parent;
        str         key;
        TRY(node_need(r->d, node_at(m->ous, i), "ParentId", &parent, r->e));
        TRY(read_text(r, parent, 130, &key));
        m->parent[i] = intern_find(m->keys, key);
    }
    return STATUS_OK;
}

/* `ou-ab12-sandbox1` belongs to root `r-ab12`. */
static status ou_id_check(scenario_reader *r, const node *n, str id)
{
    str root = org_root_id(org_head(r->s->o)), of_root = str_part(root, 2, root.len - 2);
    /* None given, or one that the call refuses. */
    if (id.ptr == NULL || !control_id_valid(CONTROL_ID_OU, id)) return STATUS_OK;
    if (str_starts(str_part(id, 3, id.len - 3), of_root) && id.ptr[3 + of_root.len] == '-') return STATUS_OK;
    return node_error(r->d, n, r->e, STATUS_INVALID, "OU `%.*s` does not belong to root `%.*s`, expected `ou-%.*s-…`",
                      STR_FMT(id), STR_FMT(root), STR_FMT(of_root));
}

static status ou_make(ou_maker *m, uint32_t i)
{
    scenario_reader *r = m->r;
    const node      *n = node_at(m->ous, i), *name;
    control_command  command = {.op = CONTROL_CREATE_ORGANIZATIONAL_UNIT};
    control_answer   answer;
    str              bound;
    TRY(node_need(r->d, n, "Name", &name, r->e));
    TRY(node_string(r->d, name, &command.member[MEMBER_Name], r->e));
    TRY(read_id(r, node_get(n, "Id"), &command, &bound));
    TRY(ou_id_check(r, node_get(n, "Id"), command.id));
    TRY(read_reference(r, n, "ParentId", &command.member[MEMBER_ParentId]));
    TRY(call(r, n, &command, &answer));
    m->state[i] = OU_MADE;
    return bind_made(r, node_get(n, "Id"), bound, answer.id);
}

/* Parents first, whatever their order in the file; an OU above itself is named with the ids on the way. */
static status ous_make(ou_maker *m, size_t count)
{
    uint32_t *path = ARENA_NEW(m->r->a, uint32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t depth = 0;
        for (uint32_t at = i; at != INTERN_NONE && m->state[at] != OU_MADE; at = m->parent[at]) {
            if (m->state[at] == OU_OPEN) {
                str      way = intern_text(m->keys, at);
                uint32_t k = depth;
                for (; path[k - 1] != at && way.len < CYCLE_BYTES_MAX; k--) {
                    str above = intern_text(m->keys, path[k - 1]);
                    way = arena_format(m->r->a, "%.*s` under `%.*s", STR_FMT(above), STR_FMT(way));
                }
                if (path[k - 1] != at) way = arena_format(m->r->a, "…` under `%.*s", STR_FMT(way));
                return node_error(m->r->d, node_get(node_at(m->ous, at), "ParentId"), m->r->e, STATUS_INVALID,
                                  "cycle of parents: `%.*s` under `%.*s`", STR_FMT(intern_text(m->keys, at)),
                                  STR_FMT(way));
            }
            m->state[at] = OU_OPEN;
            path[depth++] = at;
        }
        while (depth > 0) TRY(ou_make(m, path[--depth]));
    }
    return STATUS_OK;
}

static status make_ous(scenario_reader *r, const node *n)
{
    size_t   count;
    ou_maker m = {.r = r};
    TRY(read_list(r, n, "organizational_units", &m.ous, &count));
    if (count == 0) return STATUS_OK;
    m.keys = intern_new(MEMORY_GENERAL, false);
    m.state = ARENA_NEW(r->a, uint32_t, count);
    m.parent = ARENA_NEW(r->a, uint32_t, count);
    status s = ous_index(&m, count);
    if (s == STATUS_OK) s = ous_make(&m, count);
    intern_free(m.keys);
    return s;
}

/* ---- accounts ---- */

static status account_make(scenario_reader *r, const node *n, size_t i)
{
    static const char *const members[] = {"Id", "Name", "Email", "ParentId"};
    control_command          command = {.op = CONTROL_CREATE_ACCOUNT, .parent_given = true};
    control_answer           answer;
    const node              *name;
    str                      bound;
    TRY(read_entry(r, n, members, COUNTOF(members)));
    TRY(node_need(r->d, n, "Name", &name, r->e));
    TRY(node_string(r->d, name, &command.member[MEMBER_AccountName], r->e));
    command.member[MEMBER_Email] = arena_format(r->a, "account-%zu@example.com", i + 1);
    TRY(read_optional_text(r, node_get(n, "Email"), 64, &command.member[MEMBER_Email]));
    TRY(read_id(r, node_get(n, "Id"), &command, &bound));
    TRY(read_reference(r, n, "ParentId", &command.member[MEMBER_ParentId]));
    TRY(call(r, n, &command, &answer));
    return bind_made(r, node_get(n, "Id"), bound, answer.id);
}

static status make_accounts(scenario_reader *r, const node *n)
{
    const node *list;
    size_t      count;
    TRY(read_list(r, n, "accounts", &list, &count));
    if (count >= r->accounts_max)
        return node_error(r->d, list, r->e, STATUS_LIMIT, "%zu accounts, the limit here is %u", count, r->accounts_max);
    for (size_t i = 0; i < count; i++) TRY(account_make(r, node_at(list, i), i));
    return STATUS_OK;
}

/* ---- policies ---- */

/* The content's text, checked by the grammar first: so a fault has its own place, inside the policy. */
static status read_content(scenario_reader *r, const node *n, str type, str *out)
{
    const node *content = node_get(n, "Content"), *file = node_get(n, "file");
    source      in;
    policy     *parsed;
    bool scp = str_is(type, org_policy_type_name(ORG_TYPE_SCP)), rcp = str_is(type, org_policy_type_name(ORG_TYPE_RCP));
    policy_parse_options options = {.type = scp ? POLICY_SCP : POLICY_RCP};
    TRY(need_either(r, n, "Content", "file"));
    if (file != NULL) {
        str path;
        err why = {0};
        TRY(read_text(r, file, 4096, &path));
        const source *text;
        if (!str_ends(path, STR(".json")))
            return node_error(r->d, file, r->e, STATUS_INVALID, "`%.*s`, expected the path of a `.json` file",
                              STR_FMT(path));
        if (data_text(r->a, DATA_SCENARIO, path, r->s->path, &text, &why) != STATUS_OK) return error_at(r, file, &why);
        *out = text->text;
        file_note(r, "policy", path, text);
        return scp || rcp ? policy_parse(r->a, text, options, &parsed, r->e) : STATUS_OK;
    }
    TRY(need_content(r, content));
    if (node_kind_of(content) == NODE_STRING) {
        err why = {0};
        TRY(node_string(r->d, content, out, r->e));
        in = (source){.name = STR("Content"), .text = *out};
        if ((!scp && !rcp) || policy_parse(r->a, &in, options, &parsed, &why) == STATUS_OK) return STATUS_OK;
        return error_at(r, content, &why);
    }
    place at;
    TRY(node_source_text(r->d, content, out, &at, r->e));
    return scp || rcp ? policy_parse_part(r->a, at.in, at.offset, at.offset + out->len, options, &parsed, r->e)
                      : STATUS_OK;
}

static status policy_make(scenario_reader *r, const node *n)
{
    static const char *const members[] = {"Id", "Name", "Type", "Description", "Content", "file"};
    control_command          command = {.op = CONTROL_CREATE_POLICY};
    control_answer           answer;
    const node              *name;
    str                      bound, type = str_of(org_policy_type_name(ORG_TYPE_SCP));
    org_policy_type          known;
    TRY(read_entry(r, n, members, COUNTOF(members)));
    TRY(node_need(r->d, n, "Name", &name, r->e));
    TRY(node_string(r->d, name, &command.member[MEMBER_Name], r->e));
    TRY(read_optional_text(r, node_get(n, "Type"), 64, &type));
    if (!org_policy_type_of(type, &known))
        return node_error(r->d, node_get(n, "Type"), r->e, STATUS_INVALID,
                          "unknown policy type `%.*s`, expected `SERVICE_CONTROL_POLICY` or another of AWS's",
                          STR_FMT(type));
    command.member[MEMBER_Type] = type;
    command.member[MEMBER_Description] = STR("");
    if (node_get(n, "Description") != NULL)
        TRY(node_string(r->d, node_get(n, "Description"), &command.member[MEMBER_Description], r->e));
    TRY(read_id(r, node_get(n, "Id"), &command, &bound));
    TRY(read_content(r, n, type, &command.member[MEMBER_Content]));
    TRY(call(r, n, &command, &answer));
    return bind_made(r, node_get(n, "Id"), bound, answer.id);
}

static status make_each(scenario_reader *r, const node *n, const char *member,
                        status (*make)(scenario_reader *r, const node *n))
{
    const node *list;
    size_t      count;
    TRY(read_list(r, n, member, &list, &count));
    for (size_t i = 0; i < count; i++) TRY(make(r, node_at(list, i)));
    return STATUS_OK;
}

static status link_make(scenario_reader *r, const node *n, control_operation op)
{
    static const char *const members[] = {"PolicyId", "TargetId"};
    control_command          command = {.op = op};
    control_answer           answer;
    TRY(read_entry(r, n, members, COUNTOF(members)));
    TRY(read_reference(r, n, "PolicyId", &command.member[MEMBER_PolicyId]));
    TRY(read_reference(r, n, "TargetId", &command.member[MEMBER_TargetId]));
    return call(r, n, &command, &answer);
}

/* AWS keeps one SCP on every target and allows ten: a target that loses FullAWSAccess gets its first other policy, then
 * loses it, then gets the rest. Where nothing takes its place, AWS's refusal is the answer.
 */
static status links_make(scenario_reader *r, const node *n)
{
    const node *attached, *detached;
    size_t      attached_count, detached_count;
    TRY(read_list(r, n, "attachments", &attached, &attached_count));
    TRY(read_list(r, n, "detached", &detached, &detached_count));
    bool         *made = ARENA_NEW(r->a, bool, attached_count);
    uint32_t     *first = ARENA_NEW(r->a, uint32_t, attached_count); /* [target]: its first attachment */
    intern_table *targets = intern_new(MEMORY_GENERAL, false);
    status        s = STATUS_OK;
    for (uint32_t i = 0; i < attached_count && s == STATUS_OK; i++) {
        str target;
        s = read_reference(r, node_at(attached, i), "TargetId", &target);
        if (s != STATUS_OK) break;
        uint32_t known = intern_count(targets), id = intern_add(targets, target);
        if (id == known) first[id] = i;
    }
    for (size_t i = 0; i < detached_count && s == STATUS_OK; i++) {
        str target;
        s = read_reference(r, node_at(detached, i), "TargetId", &target);
        uint32_t id = s == STATUS_OK ? intern_find(targets, target) : INTERN_NONE;
        if (id != INTERN_NONE && !made[first[id]]) {
            made[first[id]] = true;
            s = link_make(r, node_at(attached, first[id]), CONTROL_ATTACH_POLICY);
        }
        if (s == STATUS_OK) s = link_make(r, node_at(detached, i), CONTROL_DETACH_POLICY);
    }
    for (size_t i = 0; i < attached_count && s == STATUS_OK; i++)
        if (!made[i]) s = link_make(r, node_at(attached, i), CONTROL_ATTACH_POLICY);
    intern_free(targets);
    return s;
}

static status type_enable(scenario_reader *r, const node *n)
{
    control_command command = {.op = CONTROL_ENABLE_POLICY_TYPE};
    control_answer  answer;
    command.member[MEMBER_RootId] = org_root_id(org_head(r->s->o));
    TRY(node_string(r->d, n, &command.member[MEMBER_PolicyType], r->e));
    return call(r, n, &command, &answer);
}

/* ---- all of it ---- */

static status read_fixed_id(scenario_reader *r, const node *n, control_id_kind kind, const char *example, str *out)
{
    char room[CONTROL_ID_SIZE];
    if (n == NULL) {
        *out = arena_str(r->a, control_id_draw(kind, r->seed, 0, (str){0}, room));
        return STATUS_OK;
    }
    TRY(read_text(r, n, 64, out));
    if (control_id_valid(kind, *out)) return STATUS_OK;
    return node_error(r->d, n, r->e, STATUS_INVALID, "`%.*s` is not an id in AWS's pattern, such as `%s`",
                      STR_FMT(*out), example);
}

static status read_management(scenario_reader *r, const node *n, org_options *out)
{
    static const char *const members[] = {"Id", "Name", "Email"};
    out->management_name = STR("Management");
    out->management_email = STR("management@example.com");
    if (n != NULL) TRY(read_entry(r, n, members, COUNTOF(members)));
    TRY(read_fixed_id(r, node_get(n, "Id"), CONTROL_ID_ACCOUNT, "111111111111", &out->management_id));
    TRY(read_optional_text(r, node_get(n, "Name"), 50, &out->management_name));
    return read_optional_text(r, node_get(n, "Email"), 64, &out->management_email);
}

status read_inline(scenario_reader *r, const node *n)
{
    static const char *const members[] = {"id",       "root_id",  "management",  "policy_types", "organizational_units",
                                          "accounts", "policies", "attachments", "detached"};
    org_options              options = {0};
    TRY(read_entry(r, n, members, COUNTOF(members)));
    TRY(read_fixed_id(r, node_get(n, "id"), CONTROL_ID_ORGANIZATION, "o-exampleorg", &options.org_id));
    TRY(read_fixed_id(r, node_get(n, "root_id"), CONTROL_ID_ROOT, "r-ab12", &options.root_id));
    TRY(read_management(r, node_get(n, "management"), &options));
    r->s->o = org_new(options);
    r->s->c = control_new(r->s->o, &r->s->quotas, r->s->facts, r->seed);
    control_bulk_begin(r->s->c);
    /* Types first, so that OUs and accounts are born with FullAWSAccess. */
    TRY(make_each(r, n, "policy_types", type_enable));
    TRY(make_ous(r, n));
    TRY(make_accounts(r, n));
    TRY(make_each(r, n, "policies", policy_make));
    TRY(links_make(r, n));
    (void)control_bulk_end(r->s->c);
    return STATUS_OK;
}
