#include "workloads/profile.h"

#include <assert.h>
#include <inttypes.h>

#define WEIGHT_MAX      1000000
#define DENOMINATOR_MAX 1000000000u
#define POWER_MAX       8u
#define COUNTS_MAX      64u
#define NAME_LENGTH_MAX 40u

/* ---- words ---- */

status profile_text(arena *a, const document *d, const node *n, const char *name, str *out, err *e)
{
    const node *member = NULL;
    str         text = {0};
    TRY(node_need(d, n, name, &member, e));
    TRY(node_string(d, member, &text, e));
    *out = arena_str(a, text);
    return STATUS_OK;
}

static status ratio_within(const document *d, const node *n, const char *name, uint64_t max, profile_ratio *out, err *e)
{
    const node   *member = NULL;
    profile_ratio r = {0};
    TRY(node_need(d, n, name, &member, e));
    TRY(node_ratio(d, member, &r.num, &r.den, e));
    if (r.num / r.den > max || (r.num / r.den == max && r.num % r.den > 0))
        return node_error(d, member, e, STATUS_INVALID, "`%s` is above %" PRIu64, name, max);
    if (r.den > DENOMINATOR_MAX)
        return node_error(d, member, e, STATUS_INVALID, "`%s` has a denominator above %u", name, DENOMINATOR_MAX);
    *out = r;
    return STATUS_OK;
}

status profile_share(const document *d, const node *n, const char *name, profile_ratio *out, err *e)
{
    return ratio_within(d, n, name, 1, out, e);
}

status profile_power(const document *d, const node *n, const char *name, profile_ratio *out, err *e)
{
    return ratio_within(d, n, name, POWER_MAX, out, e);
}

status profile_weight(const document *d, const node *n, uint64_t *out, err *e)
{
    int64_t value = 0;
    TRY(node_i64(d, n, 1, WEIGHT_MAX, &value, e));
    *out = (uint64_t)value;
    return STATUS_OK;
}

status profile_array(const document *d, const node *n, const char *name, const node **out, err *e)
{
    TRY(node_need(d, n, name, out, e));
    TRY(node_array(d, *out, e));
    if (node_count(*out) == 0) return node_error(d, *out, e, STATUS_INVALID, "`%s` is empty", name);
    return STATUS_OK;
}

status profile_members(const document *d, const node *n, const char *name, const node **out, err *e)
{
    TRY(node_need(d, n, name, out, e));
    TRY(node_object(d, *out, e));
    if (node_count(*out) == 0) return node_error(d, *out, e, STATUS_INVALID, "`%s` is empty", name);
    return STATUS_OK;
}

status profile_strings(arena *a, const document *d, const node *n, const char *name, profile_list *out, err *e)
{
    const node *array = NULL;
    TRY(profile_array(d, n, name, &array, e));
    profile_list list = {ARENA_NEW(a, str, node_count(array)), (uint32_t)node_count(array)};
    for (uint32_t i = 0; i < list.count; i++) {
        str text = {0};
        TRY(node_string(d, node_at(array, i), &text, e));
        if (text.len == 0) return node_error(d, node_at(array, i), e, STATUS_INVALID, "an empty string in `%s`", name);
        list.items[i] = arena_str(a, text);
    }
    *out = list;
    return STATUS_OK;
}

/* Names become parts of names and ARNs: nothing in them needs quoting or could be a pattern. */
status profile_names(arena *a, const document *d, const node *n, const char *name, profile_list *out, err *e)
{
    TRY(profile_strings(a, d, n, name, out, e));
    for (uint32_t i = 0; i < out->count; i++) {
        str  s = out->items[i];
        bool fits = s.len <= NAME_LENGTH_MAX;
        for (size_t k = 0; k < s.len; k++) {
            char c = char_lower(s.ptr[k]);
            fits = fits && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
        }
        if (!fits)
            return node_error(d, node_at(node_get(n, name), i), e, STATUS_INVALID,
                              "name `%.*s`, expected up to %u letters, digits or hyphens", STR_FMT(s), NAME_LENGTH_MAX);
    }
    return STATUS_OK;
}

status profile_weights(arena *a, const document *d, const node *n, profile_choice *out, err *e)
{
    profile_choice c = {ARENA_NEW(a, profile_weighted, node_count(n)), (uint32_t)node_count(n)};
    for (uint32_t i = 0; i < c.count; i++) {
        c.items[i].text = arena_str(a, node_name(node_at(n, i)));
        TRY(profile_weight(d, node_at(n, i), &c.items[i].weight, e));
    }
    *out = c;
    return STATUS_OK;
}

status profile_counts(arena *a, const document *d, const node *n, const char *name, uint64_t **out, uint32_t *count,
                      err *e)
{
    const node *array = NULL;
    TRY(profile_array(d, n, name, &array, e));
    if (node_count(array) > COUNTS_MAX)
        return node_error(d, array, e, STATUS_INVALID, "`%s` has more than %u weights", name, COUNTS_MAX);
    *count = (uint32_t)node_count(array);
    *out = ARENA_NEW(a, uint64_t, *count);
    for (uint32_t i = 0; i < *count; i++) TRY(profile_weight(d, node_at(array, i), &(*out)[i], e));
    return STATUS_OK;
}

status profile_name_of(const document *d, const node *n, str text, const char *what, const str *known, uint32_t count,
                       uint32_t *out, err *e)
{
    uint32_t i = 0;
    while (i < count && !str_eq(known[i], text)) i++;
    *out = i;
    if (i < count) return STATUS_OK;
    str near = str_nearest(text, known, count);
    if (near.len == 0) return node_error(d, n, e, STATUS_INVALID, "unknown %s `%.*s`", what, STR_FMT(text));
    return node_error(d, n, e, STATUS_INVALID, "unknown %s `%.*s`, did you mean `%.*s`?", what, STR_FMT(text),
                      STR_FMT(near));
}

/* ---- the document ---- */

static status read_tree(arena *a, const document *d, const node *n, profile *p, err *e)
{
    static const char *const members[] = {"ou_depth", "accounts_per_ou_zipf", "units", "environments"};
    const node              *depths = NULL;
    uint64_t                 sum = 0;
    TRY(node_only(d, n, members, COUNTOF(members), e));
    TRY(profile_array(d, n, "ou_depth", &depths, e));
    if (node_count(depths) > ORG_OU_DEPTH_MAX)
        return node_error(d, depths, e, STATUS_INVALID, "OUs nest to depth %d at most", ORG_OU_DEPTH_MAX);
    for (size_t i = 0; i < node_count(depths); i++) {
        TRY(profile_weight(d, node_at(depths, i), &p->ou_depth[i], e));
        sum += p->ou_depth[i];
    }
    if (sum != 100)
        return node_error(d, depths, e, STATUS_INVALID, "the weights of `ou_depth` add up to %" PRIu64 ", expected 100",
                          sum);
    TRY(profile_power(d, n, "accounts_per_ou_zipf", &p->accounts_per_ou_zipf, e));
    TRY(profile_names(a, d, n, "units", &p->units, e));
    return profile_names(a, d, n, "environments", &p->environments, e);
}

status profile_read(arena *a, const document *d, const catalog *facts, profile **out, err *e)
{
    static const char *const members[] = {"schema", "name", "date", "source",  "confidence",
                                          "tree",   "scp",  "rcp",  "requests"};
    const node              *root = document_root(d), *part = NULL;
    profile                 *p = ARENA_NEW(a, profile, 1);
    str                      schema = {0};
    TRY(node_only(d, root, members, COUNTOF(members), e));
    TRY(profile_text(a, d, root, "schema", &schema, e));
    if (!str_is(schema, "orgsim.profile/1"))
        return node_error(d, node_get(root, "schema"), e, STATUS_INVALID,
                          "schema is `%.*s`, expected `orgsim.profile/1`", STR_FMT(schema));
    TRY(profile_text(a, d, root, "name", &p->name, e));
    TRY(profile_text(a, d, root, "date", &p->date, e));
    TRY(profile_text(a, d, root, "source", &p->source, e));
    TRY(profile_text(a, d, root, "confidence", &p->confidence, e));
    TRY(node_need(d, root, "tree", &part, e));
    TRY(read_tree(a, d, part, p, e));
    TRY(node_need(d, root, "scp", &part, e));
    TRY(profile_read_scp(a, d, part, facts, &p->scp, e));
    if (node_get(root, "rcp") != NULL) TRY(profile_read_rcp(a, d, node_get(root, "rcp"), &p->rcp, e));
    TRY(node_need(d, root, "requests", &part, e));
    TRY(profile_read_requests(a, d, part, facts, &p->requests, e));
    *out = p;
    return STATUS_OK;
}

str profile_name(const profile *p)
{
    return p->name;
}

uint32_t profile_mix_count(const profile *p)
{
    return p->requests.mix_count;
}

bool profile_service_is_global(const profile *p, uint32_t service)
{
    for (uint32_t i = 0; i < p->requests.global_count; i++)
        if (p->requests.global_services[i] == service) return true;
    return false;
}

status profile_mix_find(const profile *p, str name, uint32_t *out, err *e)
{
    const profile_requests *r = &p->requests;
    str                     names[PROFILE_MIXES_MAX];
    for (uint32_t i = 0; i < r->mix_count; i++) {
        names[i] = r->mixes[i].name;
        *out = i;
        if (str_eq(names[i], name)) return STATUS_OK;
    }
    str near = str_nearest(name, names, r->mix_count);
    if (near.len == 0) near = names[0];
    return err_set(e, STATUS_NOT_FOUND, "unknown mix `%.*s` of profile `%.*s`, did you mean `%.*s`?", STR_FMT(name),
                   STR_FMT(p->name), STR_FMT(near));
}
