/* The organization of a scenario: generated, or made from what the file lists. */
#include "workloads/scenario_read.h"

status read_profile(scenario_reader *r, const node *n)
{
    str           name = STR("corpus-2026-11");
    const source *in;
    document     *d;
    err           why = {0};
    TRY(read_optional_text(r, n, 4096, &name));
    if (data_text(r->a, DATA_PROFILE, name, r->s->path, &in, &why) != STATUS_OK) return error_at(r, n, &why);
    TRY(document_parse(r->a, in, &d, r->e));
    r->profile_text = d; /* the profile may view it */
    TRY(profile_read(r->a, d, r->s->facts, &r->s->profile, r->e));
    r->s->profile_name = profile_name(r->s->profile);
    TRY(read_origin(r, d, &r->s->profile_source, &r->s->profile_confidence));
    file_note(r, data_kind_name(DATA_PROFILE), name, in);
    return read_mixes(r);
}

/* What the quotas would refuse after seconds of work is refused at once. */
static status check_size(scenario_reader *r, const node *n, const generate_size *size)
{
    const quota_profile *q = &r->s->quotas;
    const struct {
        const char *what;
        uint32_t    count, quota, limit;
    } rows[] = {{"accounts", size->accounts, q->accounts, r->accounts_max},
                {"OUs", size->ous, q->ous, r->accounts_max},
                {"SCPs", size->scps, q->scps, r->accounts_max},
                {"RCPs", size->rcps, q->rcps, r->accounts_max}};
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        if (rows[i].count > rows[i].quota)
            return node_error(r->d, n, r->e, STATUS_LIMIT, "%u %s, quota profile `%.*s` allows %u", rows[i].count,
                              rows[i].what, STR_FMT(q->name), rows[i].quota);
        if (rows[i].count > rows[i].limit)
            return node_error(r->d, n, r->e, STATUS_LIMIT, "%u %s, the limit here is %u", rows[i].count, rows[i].what,
                              rows[i].limit);
    }
    return STATUS_OK;
}

static status read_world(scenario_reader *r, const node *n, generate_size *out)
{
    str name;
    TRY(read_text(r, n, SCENARIO_NAME_MAX, &name));
    const generate_world *world = generate_world_find(name);
    if (world == NULL) {
        str known = STR(""), names[16];
        for (uint32_t i = 0; i < generate_world_count && i < COUNTOF(names); i++) {
            names[i] = str_of(generate_worlds[i].name);
            known = arena_format(r->a, "%.*s%s`%s`", STR_FMT(known), i > 0 ? ", " : "", generate_worlds[i].name);
        }
        return node_error(r->d, n, r->e, STATUS_INVALID, "unknown world `%.*s`, expected one of %.*s", STR_FMT(name),
                          STR_FMT(known));
    }
    *out = world->size;
    return STATUS_OK;
}

static status read_generate(scenario_reader *r, const node *n)
{
    static const char *const members[] = {
        "profile", "world", "accounts", "ous", "scps", "rcps", "scps_per_target_max", "allow_list_percent"};
    generate_size size = {.accounts = 20, .ous = 6, .scps = 15, .allow_list_percent = 5};
    TRY(node_object(r->d, n, r->e));
    TRY(node_only(r->d, n, members, COUNTOF(members), r->e));
    if (node_get(n, "world") != NULL) TRY(read_world(r, node_get(n, "world"), &size));
    const struct {
        const char *name;
        uint32_t    min, max;
        uint32_t   *out;
    } counts[] = {{"accounts", 1, 2000000, &size.accounts},
                  {"ous", 0, 1000000, &size.ous},
                  {"scps", 0, 1000000, &size.scps},
                  {"rcps", 0, 1000000, &size.rcps},
                  {"scps_per_target_max", 0, 1000, &size.scps_per_target_max},
                  {"allow_list_percent", 0, 100, &size.allow_list_percent}};
    for (size_t i = 0; i < COUNTOF(counts); i++) {
        const node *member = node_get(n, counts[i].name);
        if (member != NULL) TRY(read_count(r, member, counts[i].min, counts[i].max, counts[i].out));
    }
    TRY(check_size(r, n, &size));
    TRY(read_profile(r, node_get(n, "profile")));
    err    why = {0};
    status s =
        generate_organization(r->a, r->s->profile, r->s->facts, &r->s->quotas, size, r->seed, &r->s->o, &r->s->c, &why);
    return s == STATUS_OK ? s : error_at(r, n, &why);
}

status read_organization(scenario_reader *r, const node *n)
{
    static const char *const members[] = {"generate", "inline", "import", "profile"};
    TRY(node_object(r->d, n, r->e));
    TRY(node_only(r->d, n, members, COUNTOF(members), r->e));
    const node *generate = node_get(n, "generate"), *listed = node_get(n, "inline"), *import = node_get(n, "import");
    if (import != NULL)
        return node_error(r->d, import, r->e, STATUS_INVALID,
                          "`import` is not supported yet, expected `generate` or `inline`");
    TRY(need_either(r, n, "generate", "inline"));
    if (generate != NULL && node_get(n, "profile") != NULL)
        return node_error(r->d, node_get(n, "profile"), r->e, STATUS_INVALID,
                          "`profile` stands beside `inline`; of a generated organization it is a member of `generate`");
    return generate != NULL ? read_generate(r, generate) : read_inline(r, listed);
}
