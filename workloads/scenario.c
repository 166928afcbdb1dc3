#include "workloads/scenario_read.h"

#include <stdio.h>

#include "base/file.h"
#include "base/json.h"

#define ACCOUNTS_MAX 2000000u
#define TEXT_MAX     ((size_t)256 << 20) /* 10,000 SCPs of 10,240 characters fit */

/* ---- words that all parts use ---- */

status read_text(scenario_reader *r, const node *n, size_t max, str *out)
{
    str text;
    TRY(node_string(r->d, n, &text, r->e));
    if (text.len == 0) return node_error(r->d, n, r->e, STATUS_INVALID, "empty text, expected 1 to %zu bytes", max);
    if (text.len > max)
        return node_error(r->d, n, r->e, STATUS_INVALID, "text of %zu bytes, expected 1 to %zu", text.len, max);
    *out = text;
    return STATUS_OK;
}

status read_optional_text(scenario_reader *r, const node *n, size_t max, str *out)
{
    return n == NULL ? STATUS_OK : read_text(r, n, max, out);
}

status read_count(scenario_reader *r, const node *n, uint32_t min, uint32_t max, uint32_t *out)
{
    int64_t value;
    TRY(node_i64(r->d, n, min, max, &value, r->e));
    *out = (uint32_t)value;
    return STATUS_OK;
}

status error_at(scenario_reader *r, const node *n, const err *why)
{
    if (n == NULL) return err_set(r->e, why->code, "%s", why->text);
    return node_error(r->d, n, r->e, why->code, "%s", why->text);
}

status need_either(scenario_reader *r, const node *n, const char *one, const char *other)
{
    TRY(node_object(r->d, n, r->e));
    bool has_one = node_get(n, one) != NULL, has_other = node_get(n, other) != NULL;
    if (has_one != has_other) return STATUS_OK;
    return node_error(r->d, n, r->e, STATUS_INVALID, "expected either `%s` or `%s`, found %s", one, other,
                      has_one ? "both" : "neither");
}

status need_content(scenario_reader *r, const node *n)
{
    if (node_kind_of(n) == NODE_OBJECT || node_kind_of(n) == NODE_STRING) return STATUS_OK;
    return node_error(r->d, n, r->e, STATUS_INVALID, "expected a policy, as an object or a string, found %s",
                      node_kind_name(node_kind_of(n)));
}

str time_text(arena *a, int64_t ns)
{
    static const struct {
        const char *unit;
        int64_t     ns;
    } units[] = {{"s", 1000000000}, {"ms", 1000000}, {"us", 1000}, {"ns", 1}};
    size_t u = 0;
    while (u + 1 < COUNTOF(units) && ns < units[u].ns) u++;
    str text = arena_format(a, "%lld.%09lld", (long long)(ns / units[u].ns),
                            (long long)(ns % units[u].ns * (1000000000 / units[u].ns)));
    while (str_ends(text, STR("0"))) text.len--;
    if (str_ends(text, STR("."))) text.len--;
    return arena_format(a, "%.*s %s", STR_FMT(text), units[u].unit);
}

void file_note(scenario_reader *r, const char *kind, str name, const source *text)
{
    *ARENA_PUSH(r->a, scenario_file, r->files, r->file_count, r->file_capacity) =
        (scenario_file){str_of(kind), arena_str(r->a, name), digest_bytes(text->text.ptr, text->text.len)};
}

/* ---- names ---- */

bool name_is(str text)
{
    return text.len > 0 && text.ptr[0] == '$';
}

bool plain_name(str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = char_lower(text.ptr[i]);
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!word && (i == 0 || (c != '-' && c != '_' && c != '.'))) return false;
    }
    return text.len > 0;
}

static bool has_meaning(str name)
{
    return str_is(name, "$root") || str_is(name, "$management");
}

status name_check(scenario_reader *r, const node *n, str name)
{
    if (!name_is(name) || !plain_name(str_part(name, 1, name.len - 1)) || name.len > SCENARIO_NAME_MAX)
        return node_error(r->d, n, r->e, STATUS_INVALID,
                          "name `%.*s`, expected `$` and up to %u letters, digits, `-`, `_` and `.`", STR_FMT(name),
                          SCENARIO_NAME_MAX - 1);
    if (has_meaning(name))
        return node_error(r->d, n, r->e, STATUS_INVALID, "name `%.*s` has a meaning already, expected another",
                          STR_FMT(name));
    if (intern_find(r->names, name) == INTERN_NONE) return STATUS_OK;
    return node_error(r->d, n, r->e, STATUS_INVALID, "name `%.*s` is bound twice", STR_FMT(name));
}

status name_bind(scenario_reader *r, const node *n, str name, str id)
{
    TRY(name_check(r, n, name));
    (void)intern_add(r->names, name);
    *ARENA_PUSH(r->a, str, r->name_ids, r->name_count, r->name_capacity) = id;
    return STATUS_OK;
}

status name_resolve(scenario_reader *r, const node *n, str text, str *id)
{
    const org_view *now = org_head(r->s->o);
    *id = text;
    if (!name_is(text)) {
        arena scratch = *r->a;
        str   named = arena_format(&scratch, "$%.*s", STR_FMT(text));
        if (!has_meaning(named) && intern_find(r->names, named) == INTERN_NONE) return STATUS_OK;
        return node_error(r->d, n, r->e, STATUS_INVALID, "`%.*s` is no id of AWS, did you mean `%.*s`?", STR_FMT(text),
                          STR_FMT(named));
    }
    if (has_meaning(text)) {
        *id = str_is(text, "$root") ? org_root_id(now) : org_account_id(now, ORG_MANAGEMENT);
        return STATUS_OK;
    }
    uint32_t known = intern_find(r->names, text);
    if (known != INTERN_NONE) {
        *id = r->name_ids[known];
        return STATUS_OK;
    }
    arena    scratch = *r->a;
    uint32_t count = intern_count(r->names);
    str     *names = ARENA_NEW(&scratch, str, (size_t)count + 2);
    for (uint32_t i = 0; i < count; i++) names[i] = intern_text(r->names, i);
    names[count] = STR("$root");
    names[count + 1] = STR("$management");
    str near = str_nearest(text, names, (size_t)count + 2);
    if (near.ptr != NULL)
        return node_error(r->d, n, r->e, STATUS_INVALID, "unknown name `%.*s`, did you mean `%.*s`?", STR_FMT(text),
                          STR_FMT(near));
    return node_error(r->d, n, r->e, STATUS_INVALID, "unknown name `%.*s`, nothing above is bound to it",
                      STR_FMT(text));
}

/* ---- `--set` ---- */

static bool is_json(arena scratch, str text)
{
    source    in = {.name = STR("value"), .text = text};
    document *d = NULL;
    err       why;
    if (document_parse(&scratch, &in, &d, &why) != STATUS_OK) return false;
    document_free(d);
    return true;
}

/* One step of the path; *absent: the last step names a member that is not there. */
static const node *step_into(const node *n, str step, bool *absent)
{
    uint64_t index;
    *absent = false;
    if (node_kind_of(n) == NODE_ARRAY)
        return str_to_u64(step, &index) && index < node_count(n) ? node_at(n, index) : NULL;
    if (node_kind_of(n) != NODE_OBJECT) return NULL;
    for (size_t i = 0; i < node_count(n); i++)
        if (str_eq(node_name(node_at(n, i)), step)) return node_at(n, i);
    *absent = true;
    return NULL;
}

static status set_error(err *e, str path, str step)
{
    if (step.len == 0)
        return err_set(e, STATUS_INVALID, "`--set %.*s`: expected a path such as `workload/scenarios/steady/rate`",
                       STR_FMT(path));
    return err_set(e, STATUS_INVALID, "`--set %.*s`: the scenario has no `%.*s` there", STR_FMT(path), STR_FMT(step));
}

typedef struct { /* what a set put into the text: [begin, end), in place of so many bytes */
    size_t begin, end, before;
} set_span;

/* Where what the sets before `last` put there is now; what it replaced is nowhere. */
static void spans_move(set_span *spans, const set_span *last)
{
    size_t at = last->begin, behind = at + last->before, len = last->end - at;
    for (set_span *s = spans; s < last; s++) {
        bool later = s->begin >= behind, around = s->begin < at && s->end >= behind;
        if (s->begin >= at && s->end <= behind && last->before > 0) *s = (set_span){0};
        if (later) s->begin = s->begin - last->before + len;
        if (later || around) s->end = s->end - last->before + len;
    }
}

/* What is wrong with a value of the command line is in no file. */
static void set_blame(const source *in, const scenario_set *sets, const set_span *spans, uint32_t count, err *e)
{
    if (e == NULL || e->line == 0 || !str_eq(str_part(str_of(e->text), 0, e->name_len), in->name)) return;
    for (uint32_t i = count; i-- > 0;) {
        if (e->offset < spans[i].begin || e->offset >= spans[i].end) continue;
        err why = *e;
        (void)err_set(e, why.code, "`--set %.*s`: %s", STR_FMT(sets[i].path), why.text + why.message);
        return;
    }
}

/* The text with one value replaced, or one member added to an object that is there. */
static status set_apply(arena *a, const source *in, scenario_set set, const source **out, set_span *span, err *e)
{
    document *d = NULL;
    TRY(document_parse(a, in, &d, e));
    str         value = is_json(*a, set.value) ? set.value : json_quote(a, set.value), text = {0}, step = {0};
    const node *n = document_root(d), *above = n;
    bool        absent = false;
    size_t      begin = 0;
    for (; begin <= set.path.len && n != NULL; begin += step.len + 1) {
        step = str_part(set.path, begin, str_find(set.path, '/', begin) - begin);
        above = n;
        n = step_into(above, step, &absent);
    }
    place  at = {0};
    status s = STATUS_OK;
    if (n == NULL && (!absent || begin <= set.path.len || step.len == 0)) s = set_error(e, set.path, step);
    if (s == STATUS_OK) s = node_source_text(d, n == NULL ? above : n, &text, &at, e);
    if (s == STATUS_OK) {
        str name = json_quote(a, step), added = value;
        if (n == NULL) {
            added = arena_format(a, "%.*s: %.*s%s", STR_FMT(name), STR_FMT(value), node_count(above) > 0 ? ", " : "");
            at.offset++; /* behind the brace */
            text.len = 0;
        }
        source *changed = ARENA_NEW(a, source, 1);
        size_t  behind = at.offset + text.len;
        *changed = (source){.name = in->name,
                            .text = arena_format(a, "%.*s%.*s%.*s", (int)at.offset, in->text.ptr, STR_FMT(added),
                                                 (int)(in->text.len - behind), in->text.ptr + behind)};
        *out = changed;
        *span = (set_span){at.offset, at.offset + added.len, text.len};
    }
    document_free(d);
    return s;
}

/* ---- the head of the file ---- */

static bool days_valid(int64_t year, int64_t month, int64_t day)
{
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool                 leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= lengths[month - 1] + (month == 2 && leap);
}

/* `YYYY-MM-DDThh:mm:ssZ` to Unix seconds (days from civil, Howard Hinnant). */
static bool epoch_read(str s, int64_t *out)
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
    int64_t           field[6] = {0};
    size_t            f = 0;
    if (s.len != sizeof form - 1) return false;
    for (size_t i = 0; i < s.len; i++) {
        if (form[i] != 'd') {
            if (s.ptr[i] != form[i]) return false;
            f++;
            continue;
        }
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return false;
        field[f] = field[f] * 10 + s.ptr[i] - '0';
    }
    if (!days_valid(field[0], field[1], field[2]) || field[3] > 23 || field[4] > 59 || field[5] > 59) return false;
    int64_t year = field[0] - (field[1] <= 2), era = year / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (field[1] + (field[1] > 2 ? -3 : 9)) + 2) / 5 + field[2] - 1;
    int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    *out = ((days * 24 + field[3]) * 60 + field[4]) * 60 + field[5];
    return true;
}

static status read_quotas(scenario_reader *r, const node *n)
{
    str           name = STR("aws-2026-05-15");
    const source *in;
    document     *d;
    err           why = {0};
    TRY(read_optional_text(r, n, 4096, &name));
    if (data_text(r->a, DATA_QUOTA, name, r->s->path, &in, &why) != STATUS_OK) return error_at(r, n, &why);
    TRY(document_parse(r->a, in, &d, r->e));
    status s = quota_read(r->a, d, &r->s->quotas, r->e);
    document_free(d);
    TRY(s);
    file_note(r, data_kind_name(DATA_QUOTA), name, in);
    return STATUS_OK;
}

status need_schema(const document *d, const char *wanted, err *e)
{
    const node *schema;
    str         text;
    TRY(node_need(d, document_root(d), "schema", &schema, e));
    TRY(node_string(d, schema, &text, e));
    if (str_is(text, wanted)) return STATUS_OK;
    return node_error(d, schema, e, STATUS_INVALID, "schema is `%.*s`, expected `%s`", STR_FMT(text), wanted);
}

static status read_head(scenario_reader *r, const node *root, const uint64_t *seed)
{
    const node *name;
    TRY(node_need(r->d, root, "name", &name, r->e));
    TRY(read_text(r, name, SCENARIO_NAME_MAX, &r->s->name));
    if (!plain_name(r->s->name))
        return node_error(r->d, name, r->e, STATUS_INVALID,
                          "name `%.*s`, expected letters, digits, `-`, `_` and `.` (a folder is named after it)",
                          STR_FMT(r->s->name));
    TRY(read_optional_text(r, node_get(root, "description"), 4000, &r->s->description));
    r->seed = 1;
    if (node_get(root, "seed") != NULL) TRY(node_u64(r->d, node_get(root, "seed"), &r->seed, r->e));
    if (seed != NULL) r->seed = *seed;
    r->s->plan.seed = r->seed;
    r->s->epoch = STR("2026-11-01T00:00:00Z");
    TRY(read_optional_text(r, node_get(root, "epoch"), 64, &r->s->epoch));
    if (!epoch_read(r->s->epoch, &r->s->epoch_seconds))
        return node_error(r->d, node_get(root, "epoch"), r->e, STATUS_INVALID,
                          "epoch `%.*s`, expected a time such as `2026-11-01T00:00:00Z`", STR_FMT(r->s->epoch));
    return read_quotas(r, node_get(root, "quota_profile"));
}

/* ---- the whole ---- */

static status read_requests(scenario_reader *r)
{
    scenario *s = r->s;
    TRY(generate_requests_new(r->a, s->profile, s->facts, org_at(s->o, 0), r->regions, s->plan.region_count, r->seed,
                              &s->requests, r->e));
    s->plan.o = s->o;
    s->plan.c = s->c;
    s->plan.facts = s->facts;
    s->plan.v = generate_vocabulary(s->requests);
    s->plan.setting = generate_setting(s->requests);
    s->plan.epoch_s = s->epoch_seconds;
    s->plan.source = generate_source(s->requests);
    return STATUS_OK;
}

/* Calls of the timeline are throttled as AWS throttles them, unless the file says otherwise. */
static status read_control(scenario_reader *r, const node *n)
{
    static const char *const members[] = {"throttling"};
    bool                     on = true;
    if (n != NULL) TRY(node_only(r->d, n, members, COUNTOF(members), r->e));
    if (node_get(n, "throttling") != NULL) TRY(node_bool(r->d, node_get(n, "throttling"), &on, r->e));
    control_throttle(r->s->c, on);
    return STATUS_OK;
}

static status read_root(scenario_reader *r, const scenario_options *options)
{
    static const char *const members[] = {"schema",        "name",         "description", "seed",        "epoch",
                                          "quota_profile", "organization", "evaluators",  "propagation", "control",
                                          "timeline",      "workload",     "measure",     "warmup",      "slo",
                                          "expect",        "sweep"};
    static const char *const later[] = {"warmup", "slo", "expect", "sweep"};
    const node              *root = document_root(r->d), *organization, *evaluators, *propagation, *workload;
    TRY(need_schema(r->d, "orgsim.scenario/1",
                    r->e)); /* first: a file of another kind is told by its kind, not by its members */
    TRY(node_only(r->d, root, members, COUNTOF(members), r->e));
    for (size_t i = 0; i < COUNTOF(later); i++)
        if (node_get(root, later[i]) != NULL)
            return node_error(r->d, node_get(root, later[i]), r->e, STATUS_INVALID, "`%s` is not supported yet",
                              later[i]);
    TRY(read_head(r, root, options->seed));
    TRY(node_need(r->d, root, "organization", &organization, r->e));
    TRY(node_need(r->d, root, "evaluators", &evaluators, r->e));
    TRY(node_need(r->d, root, "propagation", &propagation, r->e));
    TRY(node_need(r->d, root, "workload", &workload, r->e));
    /* What is cheap to refuse goes first: an organization may take seconds. */
    TRY(read_evaluators(r, evaluators));
    TRY(read_propagation(r, propagation));
    TRY(read_measure(r, node_get(root, "measure")));
    TRY(read_workload(r, workload));
    TRY(data_catalog(r->a, &r->s->facts, r->e));
    TRY(read_organization(r, organization));
    TRY(read_control(r, node_get(root, "control")));
    TRY(read_timeline(r, node_get(root, "timeline")));
    if (r->s->profile == NULL) TRY(read_profile(r, node_get(organization, "profile")));
    return options->check_only ? STATUS_OK : read_requests(r);
}

static status read_with_sets(arena *a, const source **in, scenario_options options, uint32_t accounts_max,
                             set_span *spans, scenario **out, err *e)
{
    const source   *text = *in;
    scenario       *s = ARENA_NEW(a, scenario, 1);
    scenario_reader r = {.a = a, .s = s, .e = e, .accounts_max = accounts_max};
    *s = (scenario){.path = text->name, .as_written = digest_bytes(text->text.ptr, text->text.len)};
    for (uint32_t i = 0; i < options.set_count; i++) {
        TRY(set_apply(a, text, options.sets[i], &text, &spans[i], e));
        spans_move(spans, &spans[i]);
    }
    *in = text;
    TRY(document_parse(a, text, &s->text, e));
    r.d = s->text;
    r.names = intern_new(MEMORY_GENERAL, false);
    file_note(&r, "scenario", STR(""), text);
    status code = read_root(&r, &options);
    intern_free(r.names);
    s->profile_text = r.profile_text;
    if (code != STATUS_OK) {
        scenario_free(s);
        return code;
    }
    r.files[0].name = s->name; /* a path would differ from machine to machine */
    s->files = r.files;
    s->file_count = (uint32_t)r.file_count;
    *out = s;
    return STATUS_OK;
}

status scenario_read_text(arena *a, const source *text, scenario_options options, uint32_t accounts_max, scenario **out,
                          err *e)
{
    set_span *spans = ARENA_NEW(a, set_span, options.set_count);
    return read_with_sets(a, &text, options, accounts_max, spans, out, e);
}

status scenario_read(arena *a, str path, scenario_options options, scenario **out, err *e)
{
    const source *text;
    source        file;
    err           why = {0};
    /* A word alone means the same in every folder: what is inside the program comes before a file of that name. */
    bool word = !str_is(path, "-") && !str_ends(path, STR(".json")) && str_find(path, '/', 0) == path.len;
    bool inside = word && data_text(a, DATA_SCENARIO, path, (str){0}, &text, &why) == STATUS_OK;
    if (word && !inside && !file_exists(arena_str(a, path).ptr)) return err_set(e, why.code, "%s", why.text);
    if (!inside) {
        TRY(file_read(a, arena_str(a, path).ptr, TEXT_MAX, &file, e));
        text = &file;
    }
    source *kept = ARENA_NEW(a, source, 1);
    *kept = *text;
    set_span *spans = ARENA_NEW(a, set_span, options.set_count);
    text = kept;
    status code = read_with_sets(a, &text, options, ACCOUNTS_MAX, spans, out, e);
    if (code != STATUS_OK) set_blame(text, options.sets, spans, options.set_count, e);
    return code;
}

void scenario_free(scenario *s)
{
    if (s == NULL) return;
    if (s->requests != NULL) generate_requests_free(s->requests);
    if (s->c != NULL) control_free(s->c);
    if (s->o != NULL) org_free(s->o);
    document_free(s->profile_text);
    document_free(s->text);
}
