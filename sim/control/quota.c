#include "control/quota.h"

#include "org/org.h"

static status quota_value(const document *d, const node *quotas, const char *name, uint32_t *out, err *e)
{
    const node *n = node_get(quotas, name);
    if (n == NULL) return node_error(d, quotas, e, STATUS_INVALID, "quota `%s` is missing", name);
    if (node_kind_of(n) == NODE_STRING) {
        str text = {0};
        TRY(node_string(d, n, &text, e));
        if (!str_is(text, "unlimited"))
            return node_error(d, n, e, STATUS_INVALID, "quota `%s` is `%.*s`, expected a number or `unlimited`", name,
                              STR_FMT(text));
        *out = QUOTA_UNLIMITED;
        return STATUS_OK;
    }
    int64_t value = 0;
    TRY(node_i64(d, n, 0, QUOTA_UNLIMITED - 1, &value, e));
    *out = (uint32_t)value;
    return STATUS_OK;
}

static status quota_text(arena *a, const document *d, const char *name, str *out, err *e)
{
    const node *n = node_get(document_root(d), name);
    str         text = {0};
    if (n == NULL) return node_error(d, document_root(d), e, STATUS_INVALID, "`%s` is missing", name);
    TRY(node_string(d, n, &text, e));
    *out = arena_str(a, text);
    return STATUS_OK;
}

status quota_read(arena *a, const document *d, quota_profile *out, err *e)
{
    static const char *const members[] = {"schema", "name", "date", "source", "confidence", "quotas"};
    static const char *const names[] = {
#define QUOTA_NAME(name) #name,
        QUOTAS(QUOTA_NAME)
#undef QUOTA_NAME
    };
    quota_profile q = {0};
    str           schema = {0};
    TRY(node_only(d, document_root(d), members, COUNTOF(members), e));
    TRY(quota_text(a, d, "schema", &schema, e));
    if (!str_is(schema, "orgsim.quota/1"))
        return node_error(d, node_get(document_root(d), "schema"), e, STATUS_INVALID,
                          "schema is `%.*s`, expected `orgsim.quota/1`", STR_FMT(schema));
    TRY(quota_text(a, d, "name", &q.name, e));
    TRY(quota_text(a, d, "date", &q.date, e));
    TRY(quota_text(a, d, "source", &q.source, e));
    TRY(quota_text(a, d, "confidence", &q.confidence, e));
    const node *quotas = node_get(document_root(d), "quotas");
    if (quotas == NULL) return node_error(d, document_root(d), e, STATUS_INVALID, "`quotas` is missing");
    TRY(node_only(d, quotas, names, COUNTOF(names), e));
#define QUOTA_READ(name) TRY(quota_value(d, quotas, #name, &q.name, e));
    QUOTAS(QUOTA_READ)
#undef QUOTA_READ
    if (q.ou_depth > ORG_OU_DEPTH_MAX)
        return node_error(d, node_get(quotas, "ou_depth"), e, STATUS_INVALID, "OUs nest to depth %d at most",
                          ORG_OU_DEPTH_MAX);
    *out = q;
    return STATUS_OK;
}
