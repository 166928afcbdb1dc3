#include "bench/report_data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/document.h"
#include "base/file.h"
#include "bench/output.h"

/* ---- members by table ---- */

typedef enum { FIELD_TEXT, FIELD_U64, FIELD_I64, FIELD_BOOL, FIELD_REAL } field_kind;

typedef struct {
    const char *name;
    field_kind  kind;
    size_t      offset; /* of a str, uint64_t, int64_t, bool or double */
} field;

#define FIELD(type, kind, name, member)    \
    {                                      \
        name, kind, offsetof(type, member) \
    }

static str number_text(const document *d, const node *n)
{
    str   text = {"", 0};
    place at;
    (void)node_source_text(d, n, &text, &at, NULL);
    return text;
}

/* Our own integers are exact beyond 2^53, so the number_text is read and not cJSON's double. Null is 0 or empty. */
static status read_field(const document *d, const node *n, field_kind kind, void *to, err *e)
{
    node_kind found = node_kind_of(n);
    if (found == NODE_NULL) return STATUS_OK;
    if (kind == FIELD_TEXT) return node_string(d, n, to, e);
    if (kind == FIELD_BOOL) return node_bool(d, n, to, e);
    if (found != NODE_NUMBER)
        return node_error(d, n, e, STATUS_INVALID, "expected a number, found %s", node_kind_name(found));
    str text = number_text(d, n);
    if (kind == FIELD_REAL) {
        char z[64] = "";
        memcpy(z, text.ptr, text.len < sizeof z ? text.len : sizeof z - 1);
        *(double *)to = strtod(z, NULL);
        return isfinite(*(double *)to) ? STATUS_OK : node_error(d, n, e, STATUS_INVALID, "a number out of range");
    }
    if (kind == FIELD_U64 ? str_to_u64(text, to) : str_to_i64(text, to)) return STATUS_OK;
    return node_error(d, n, e, STATUS_INVALID, "expected an integer%s, found `%.*s`",
                      kind == FIELD_U64 ? " that is not negative" : "", text.len < 40 ? (int)text.len : 40, text.ptr);
}

static status read_fields(const document *d, const node *object, const field *fields, size_t count, void *base, err *e)
{
    for (size_t i = 0; i < count; i++) {
        const node *n = NULL;
        TRY(node_need(d, object, fields[i].name, &n, e));
        TRY(read_field(d, n, fields[i].kind, (char *)base + fields[i].offset, e));
    }
    return STATUS_OK;
}
#define READ(d, object, fields, base, e) read_fields((d), (object), (fields), COUNTOF(fields), (base), (e))

static status need_array(const document *d, const node *object, const char *name, const node **out, err *e)
{
    TRY(node_need(d, object, name, out, e));
    return node_array(d, *out, e);
}

static status open_document(arena *a, const char *folder, const char *file, const char *schema, document **out, err *e)
{
    source *in = ARENA_NEW(a, source, 1);
    str     path = arena_format(a, "%s/%s", folder, file), found;
    TRY(file_read(a, path.ptr, FILE_BYTES_MAX, in, e));
    TRY(document_parse(a, in, out, e));
    const node *n = NULL;
    status      code = node_need(*out, document_root(*out), "schema", &n, e);
    if (code == STATUS_OK) code = node_string(*out, n, &found, e);
    if (code == STATUS_OK && !str_is(found, schema))
        code = node_error(*out, n, e, STATUS_INVALID, "schema `%.*s`, expected `%s`",
                          found.len < 40 ? (int)found.len : 40, found.ptr, schema);
    return code;
}

/* ---- results.json ---- */

static const field quantile_fields[] = {
    FIELD(report_quantiles, FIELD_U64, "count", count), FIELD(report_quantiles, FIELD_I64, "min", min_ns),
    FIELD(report_quantiles, FIELD_I64, "p50", p50_ns),  FIELD(report_quantiles, FIELD_I64, "p90", p90_ns),
    FIELD(report_quantiles, FIELD_I64, "p99", p99_ns),  FIELD(report_quantiles, FIELD_I64, "p99.9", p999_ns),
    FIELD(report_quantiles, FIELD_I64, "max", max_ns),  FIELD(report_quantiles, FIELD_U64, "clipped", clipped),
};

static status read_provenance(arena *a, const document *d, report_data *r, err *e)
{
    static const field top[] = {FIELD(report_data, FIELD_TEXT, "digest", digest),
                                FIELD(report_data, FIELD_TEXT, "reproduce", reproduce)};
    static const field own[] = {
        FIELD(report_data, FIELD_TEXT, "orgsim", version),
        FIELD(report_data, FIELD_TEXT, "commit", commit),
        FIELD(report_data, FIELD_BOOL, "commit_dirty", commit_dirty),
        FIELD(report_data, FIELD_TEXT, "scenario", scenario),
        FIELD(report_data, FIELD_TEXT, "description", description),
        FIELD(report_data, FIELD_TEXT, "seed", seed),
        FIELD(report_data, FIELD_TEXT, "epoch", epoch),
    };
    static const field models[] = {FIELD(report_data, FIELD_TEXT, "profile", profile),
                                   FIELD(report_data, FIELD_TEXT, "lag", lag),
                                   FIELD(report_data, FIELD_TEXT, "service_time", service)};
    static const field sources[] = {FIELD(report_data, FIELD_TEXT, "profile_source", profile_source),
                                    FIELD(report_data, FIELD_TEXT, "profile_confidence", profile_confidence),
                                    FIELD(report_data, FIELD_TEXT, "lag_source", lag_source),
                                    FIELD(report_data, FIELD_TEXT, "lag_confidence", lag_confidence)};
    static const field quotas[] = {FIELD(report_data, FIELD_TEXT, "name", quota_name),
                                   FIELD(report_data, FIELD_TEXT, "date", quota_date),
                                   FIELD(report_data, FIELD_TEXT, "source", quota_source),
                                   FIELD(report_data, FIELD_TEXT, "confidence", quota_confidence)};
    static const field file[] = {FIELD(report_file, FIELD_TEXT, "kind", kind),
                                 FIELD(report_file, FIELD_TEXT, "name", name),
                                 FIELD(report_file, FIELD_TEXT, "digest", digest)};
    const node        *provenance = NULL, *n = NULL;
    TRY(READ(d, document_root(d), top, r, e));
    TRY(node_need(d, document_root(d), "provenance", &provenance, e));
    TRY(READ(d, provenance, own, r, e));
    TRY(node_need(d, provenance, "models", &n, e));
    TRY(READ(d, n, models, r, e));
    r->has_sources = node_get(n, "lag_source") != NULL;
    if (r->has_sources) TRY(READ(d, n, sources, r, e));
    TRY(node_need(d, n, "quotas", &n, e));
    TRY(READ(d, n, quotas, r, e));
    TRY(need_array(d, provenance, "files", &n, e));
    r->file_count = node_count(n);
    r->files = ARENA_NEW(a, report_file, r->file_count);
    for (size_t i = 0; i < r->file_count; i++) TRY(READ(d, node_at(n, i), file, &r->files[i], e));
    return STATUS_OK;
}

static status read_org(const document *d, report_data *r, err *e)
{
    static const field own[] = {FIELD(report_data, FIELD_U64, "revision", revision),
                                FIELD(report_data, FIELD_U64, "accounts", accounts),
                                FIELD(report_data, FIELD_U64, "ous", ous), FIELD(report_data, FIELD_U64, "scps", scps),
                                FIELD(report_data, FIELD_U64, "images_built", images_built)};
    static const field image[] = {FIELD(report_data, FIELD_U64, "bytes", image_bytes),
                                  FIELD(report_data, FIELD_U64, "rows", image_rows),
                                  FIELD(report_data, FIELD_U64, "formulas", image_formulas)};
    const node        *n = NULL;
    static const field rcps[] = {FIELD(report_data, FIELD_U64, "rcps", rcps)};
    TRY(node_need(d, document_root(d), "org", &n, e));
    TRY(READ(d, n, own, r, e));
    r->has_rcps = node_get(n, "rcps") != NULL;
    if (r->has_rcps) TRY(READ(d, n, rcps, r, e));
    TRY(node_need(d, n, "first_image", &n, e));
    return READ(d, n, image, r, e);
}

static status read_diagnostics(const document *d, const node *object, report_data *r, err *e)
{
    static const field own[] = {FIELD(report_data, FIELD_U64, "decisions", doubtful)};
    const node        *n = NULL;
    TRY(READ(d, object, own, r, e));
    for (uint32_t kind = 0; kind < DIAGNOSTIC_COUNT; kind++) {
        if (kind == DIAGNOSTIC_MISSING_KEY) continue; /* the requests of a run are complete */
        bool later = kind == DIAGNOSTIC_UNKNOWN_OPERATOR || kind == DIAGNOSTIC_OLD_VARIABLE;
        if (later && node_get(object, diagnostic_name((diagnostic_kind)kind)) == NULL)
            continue; /* of an older orgsim */
        TRY(node_need(d, object, diagnostic_name((diagnostic_kind)kind), &n, e));
        TRY(read_field(d, n, FIELD_U64, &r->diagnostics[kind], e));
    }
    return STATUS_OK;
}

static status read_decisions(arena *a, const document *d, report_data *r, err *e)
{
    static const field own[] = {FIELD(report_data, FIELD_U64, "attempts", attempts),
                                FIELD(report_data, FIELD_U64, "allowed", allowed),
                                FIELD(report_data, FIELD_U64, "implicitly_denied", implicitly_denied),
                                FIELD(report_data, FIELD_U64, "explicitly_denied", explicitly_denied),
                                FIELD(report_data, FIELD_U64, "shed", shed),
                                FIELD(report_data, FIELD_U64, "timed_out", timed_out),
                                FIELD(report_data, FIELD_U64, "unfinished", unfinished)};
    static const field denial[] = {
        FIELD(report_denial, FIELD_TEXT, "kind", kind), FIELD(report_denial, FIELD_TEXT, "layer", layer),
        FIELD(report_denial, FIELD_U64, "level", level), FIELD(report_denial, FIELD_TEXT, "level_name", level_name),
        FIELD(report_denial, FIELD_U64, "decisions", decisions)};
    const node *decisions = NULL, *n = NULL;
    TRY(node_need(d, document_root(d), "decisions", &decisions, e));
    TRY(READ(d, decisions, own, r, e));
    r->has_diagnostics = node_get(decisions, "diagnostics") != NULL;
    if (r->has_diagnostics) TRY(read_diagnostics(d, node_get(decisions, "diagnostics"), r, e));
    TRY(need_array(d, decisions, "denied", &n, e));
    r->denial_count = node_count(n);
    r->denials = ARENA_NEW(a, report_denial, r->denial_count);
    for (size_t i = 0; i < r->denial_count; i++) TRY(READ(d, node_at(n, i), denial, &r->denials[i], e));
    return STATUS_OK;
}

static status read_load(const document *d, const node *object, report_region *to, err *e)
{
    static const field own[] = {FIELD(report_region, FIELD_U64, "cells", cells),
                                FIELD(report_region, FIELD_U64, "attempts", attempts)};
    static const field utilisation[] = {FIELD(report_region, FIELD_I64, "busy_ns", busy_ns),
                                        FIELD(report_region, FIELD_I64, "windows_ns", windows_ns)};
    const node        *n = NULL;
    TRY(READ(d, object, own, to, e));
    TRY(node_need(d, object, "utilisation", &n, e));
    TRY(READ(d, n, utilisation, to, e));
    TRY(node_need(d, object, "response_ns", &n, e));
    return READ(d, n, quantile_fields, &to->response, e);
}

static status read_queueing(arena *a, const document *d, report_data *r, err *e)
{
    static const field name[] = {FIELD(report_region, FIELD_TEXT, "name", name)};
    static const field own[] = {FIELD(report_data, FIELD_I64, "finish_ns", finish_ns)};
    const node        *queueing = NULL, *n = NULL;
    TRY(node_need(d, document_root(d), "queueing", &queueing, e));
    TRY(READ(d, queueing, own, r, e));
    TRY(read_load(d, queueing, &r->total, e));
    TRY(node_need(d, queueing, "waiting_ns", &n, e));
    TRY(READ(d, n, quantile_fields, &r->waiting, e));
    TRY(need_array(d, queueing, "regions", &n, e));
    r->region_count = node_count(n);
    r->regions = ARENA_NEW(a, report_region, r->region_count);
    for (size_t i = 0; i < r->region_count; i++) {
        TRY(READ(d, node_at(n, i), name, &r->regions[i], e));
        TRY(read_load(d, node_at(n, i), &r->regions[i], e));
    }
    return STATUS_OK;
}

static status read_change(const document *d, const node *object, report_change *to, err *e)
{
    static const field own[] = {
        FIELD(report_change, FIELD_U64, "change", number),
        FIELD(report_change, FIELD_TEXT, "operation", operation),
        FIELD(report_change, FIELD_TEXT, "label", label),
        FIELD(report_change, FIELD_I64, "at_ns", at_ns),
        FIELD(report_change, FIELD_TEXT, "exception", exception),
        FIELD(report_change, FIELD_TEXT, "reason", reason),
        FIELD(report_change, FIELD_TEXT, "detail", detail),
        FIELD(report_change, FIELD_U64, "revision", revision),
        FIELD(report_change, FIELD_U64, "stale_allow", stale_allow),
        FIELD(report_change, FIELD_U64, "stale_deny", stale_deny),
        FIELD(report_change, FIELD_U64, "stale_neutral", stale_neutral),
        FIELD(report_change, FIELD_I64, "last_stale_ns", last_stale_ns),
    };
    static const field lag[] = {FIELD(report_change, FIELD_I64, "p50", lag_50_ns),
                                FIELD(report_change, FIELD_I64, "p99", lag_99_ns),
                                FIELD(report_change, FIELD_I64, "p100", lag_100_ns)};
    const node        *n = NULL;
    TRY(READ(d, object, own, to, e));
    TRY(node_need(d, object, "lag_ns", &n, e));
    return node_kind_of(n) == NODE_NULL ? STATUS_OK : READ(d, n, lag, to, e);
}

static status read_staleness(arena *a, const document *d, report_data *r, err *e)
{
    static const field own[] = {FIELD(report_data, FIELD_U64, "outdated", outdated),
                                FIELD(report_data, FIELD_U64, "stale_allow", stale_allow),
                                FIELD(report_data, FIELD_U64, "stale_deny", stale_deny),
                                FIELD(report_data, FIELD_U64, "stale_neutral", stale_neutral)};
    const node        *n = NULL;
    TRY(node_need(d, document_root(d), "staleness", &n, e));
    TRY(READ(d, n, own, r, e));
    TRY(need_array(d, n, "changes", &n, e));
    r->change_count = node_count(n);
    r->changes = ARENA_NEW(a, report_change, r->change_count);
    for (size_t i = 0; i < r->change_count; i++) TRY(read_change(d, node_at(n, i), &r->changes[i], e));
    return STATUS_OK;
}

static status read_verdict(const document *d, report_data *r, err *e)
{
    static const char *const laws[REPORT_LAWS] = {"attempts_accounted", "cells_sum", "stale_sum"};
    static const field       law[] = {FIELD(report_law, FIELD_TEXT, "says", says),
                                      FIELD(report_law, FIELD_BOOL, "holds", holds)};
    static const field       own[] = {FIELD(report_data, FIELD_TEXT, "run", run)};
    const node              *verdict = NULL, *n = NULL;
    TRY(node_need(d, document_root(d), "verdict", &verdict, e));
    TRY(READ(d, verdict, own, r, e));
    for (size_t i = 0; i < REPORT_LAWS; i++) {
        TRY(node_need(d, verdict, laws[i], &n, e));
        TRY(READ(d, n, law, &r->laws[i], e));
    }
    return STATUS_OK;
}

static status read_results(arena *a, const document *d, report_data *r, err *e)
{
    TRY(read_provenance(a, d, r, e));
    TRY(read_org(d, r, e));
    TRY(read_decisions(a, d, r, e));
    TRY(read_queueing(a, d, r, e));
    TRY(read_staleness(a, d, r, e));
    return read_verdict(d, r, e);
}

/* ---- analysis.json ---- */

static status read_interval(const document *d, const node *object, const char *name, double *low, double *high, err *e)
{
    const node *n = NULL;
    TRY(need_array(d, object, name, &n, e));
    if (node_count(n) != 2) return node_error(d, n, e, STATUS_INVALID, "expected two numbers");
    TRY(read_field(d, node_at(n, 0), FIELD_REAL, low, e));
    return read_field(d, node_at(n, 1), FIELD_REAL, high, e);
}

static status read_analysis(arena *a, const document *d, report_data *r, err *e)
{
    static const field own[] = {FIELD(report_data, FIELD_REAL, "rho", rho),
                                FIELD(report_data, FIELD_REAL, "rho_of_busiest_cell", rho_of_busiest),
                                FIELD(report_data, FIELD_REAL, "requests_per_second", requests_per_second),
                                FIELD(report_data, FIELD_REAL, "mean_response_ns", mean_response_ns),
                                FIELD(report_data, FIELD_REAL, "mean_waiting_ns", mean_waiting_ns)};
    static const field theory[] = {FIELD(report_data, FIELD_TEXT, "model", theory_model),
                                   FIELD(report_data, FIELD_REAL, "mean_waiting_ns", theory_waiting_ns),
                                   FIELD(report_data, FIELD_TEXT, "refused", theory_refused)};
    const node        *n = NULL, *list = NULL;
    (void)a; /* the changes have their room */
    TRY(node_need(d, document_root(d), "queueing", &n, e));
    TRY(READ(d, n, own, r, e));
    TRY(node_need(d, n, "theory", &n, e));
    TRY(READ(d, n, theory, r, e));
    TRY(node_need(d, document_root(d), "staleness", &n, e));
    TRY(need_array(d, n, "changes", &list, e));
    for (size_t i = 0, k = 0; i < node_count(list); i++) {
        uint64_t number = 0;
        TRY(node_need(d, node_at(list, i), "change", &n, e));
        TRY(read_field(d, n, FIELD_U64, &number, e));
        while (k < r->change_count && r->changes[k].number < number) k++;
        if (k == r->change_count || r->changes[k].number != number)
            return node_error(d, n, e, STATUS_INVALID, "change %llu is not in results.json",
                              (unsigned long long)number);
        report_change *c = &r->changes[k];
        TRY(read_interval(d, node_at(list, i), "stale_allow_95", &c->allow_low, &c->allow_high, e));
        TRY(read_interval(d, node_at(list, i), "stale_deny_95", &c->deny_low, &c->deny_high, e));
    }
    r->has_analysis = true;
    return STATUS_OK;
}

/* ---- timing.json ---- */

typedef struct {
    str      name;
    double   real_ns;
    uint64_t iterations;
} row;

static double optional(const document *d, const node *object, const char *name)
{
    double      value = 0;
    const node *n = node_get(object, name);
    if (n != NULL && node_kind_of(n) == NODE_NUMBER) (void)read_field(d, n, FIELD_REAL, &value, NULL);
    return value;
}

static status read_rows(arena *a, const document *d, report_data *r, err *e)
{
    static const field own[] = {FIELD(row, FIELD_TEXT, "name", name), FIELD(row, FIELD_REAL, "real_time", real_ns),
                                FIELD(row, FIELD_U64, "iterations", iterations)};
    const node        *list = NULL;
    TRY(need_array(d, document_root(d), "benchmarks", &list, e));
    r->phases = ARENA_NEW(a, report_phase, node_count(list));
    for (size_t i = 0; i < node_count(list); i++) {
        const node *n = node_at(list, i);
        row         found = {0};
        TRY(READ(d, n, own, &found, e));
        if (str_is(found.name, "decide")) {
            r->decide_mean_ns = found.real_ns;
            r->decide_count = found.iterations;
            r->decide_50_ns = (int64_t)optional(d, n, "p50");
            r->decide_99_ns = (int64_t)optional(d, n, "p99");
            r->decide_999_ns = (int64_t)optional(d, n, "p99.9");
            continue;
        }
        if (str_is(found.name, "run")) r->decisions_per_second = optional(d, n, "items_per_second");
        r->phases[r->phase_count++] =
            (report_phase){found.name, (int64_t)found.real_ns, (int64_t)optional(d, n, "cpu_time")};
    }
    return STATUS_OK;
}

static status read_memory(arena *a, const document *d, report_data *r, err *e)
{
    static const field peak[] = {FIELD(report_data, FIELD_U64, "peak_resident_bytes", peak_resident_bytes)};
    static const field own[] = {FIELD(report_memory, FIELD_TEXT, "name", name),
                                FIELD(report_memory, FIELD_U64, "allocated_bytes", allocated_bytes),
                                FIELD(report_memory, FIELD_U64, "resident_bytes", resident_bytes)};
    const node        *n = NULL;
    TRY(node_need(d, document_root(d), "memory", &n, e));
    TRY(READ(d, n, peak, r, e));
    TRY(need_array(d, n, "subsystems", &n, e));
    r->memory_count = node_count(n);
    r->memory = ARENA_NEW(a, report_memory, r->memory_count);
    for (size_t i = 0; i < r->memory_count; i++) TRY(READ(d, node_at(n, i), own, &r->memory[i], e));
    return STATUS_OK;
}

static status read_timing(arena *a, const document *d, report_data *r, err *e)
{
    static const field own[] = {
        FIELD(report_data, FIELD_TEXT, "date", date),
        FIELD(report_data, FIELD_TEXT, "os", os),
        FIELD(report_data, FIELD_TEXT, "kernel", kernel),
        FIELD(report_data, FIELD_TEXT, "cpu", cpu),
        FIELD(report_data, FIELD_TEXT, "governor", governor),
        FIELD(report_data, FIELD_TEXT, "compiler", compiler),
        FIELD(report_data, FIELD_TEXT, "flags", flags),
        FIELD(report_data, FIELD_TEXT, "build_type", build_type),
        FIELD(report_data, FIELD_TEXT, "libc", libc),
        FIELD(report_data, FIELD_TEXT, "allocator", allocator),
        FIELD(report_data, FIELD_TEXT, "command", command),
        FIELD(report_data, FIELD_U64, "num_cpus", cpus),
        FIELD(report_data, FIELD_U64, "memory_bytes", memory_bytes),
        FIELD(report_data, FIELD_U64, "threads", threads),
        FIELD(report_data, FIELD_BOOL, "noisy", noisy),
        FIELD(report_data, FIELD_BOOL, "virtual_machine", virtual_machine),
    };
    static const field verify[] = {FIELD(report_data, FIELD_U64, "verified", verified),
                                   FIELD(report_data, FIELD_U64, "mismatched", mismatched)};
    const node        *n = NULL;
    TRY(node_need(d, document_root(d), "verify", &n, e));
    TRY(READ(d, n, verify, r, e));
    TRY(node_need(d, document_root(d), "context", &n, e));
    TRY(READ(d, n, own, r, e));
    if (node_get(n, "reproduce") != NULL)
        TRY(read_field(d, node_get(n, "reproduce"), FIELD_TEXT, &r->reproduce_here, e));
    TRY(read_rows(a, d, r, e));
    TRY(read_memory(a, d, r, e));
    TRY(node_need(d, document_root(d), "harness", &n, e));
    r->harness_tax = node_kind_of(n) == NODE_OBJECT ? optional(d, n, "tax") : -1;
    r->has_timing = true;
    return STATUS_OK;
}

/* ---- the folder ---- */

static bool has_rows(arena scratch, const char *folder, const char *file)
{
    source text;
    str    path = arena_format(&scratch, "%s/%s", folder, file);
    if (file_read(&scratch, path.ptr, FILE_BYTES_MAX, &text, NULL) != STATUS_OK) return false;
    return str_find(text.text, '\n', 0) + 1 < text.text.len;
}

typedef status reader(arena *a, const document *d, report_data *r, err *e);

/* node_string gives views, so the documents live as long as the data does. */
static status read_file(arena *a, const char *folder, const char *file, const char *schema, reader *read,
                        document **keep, report_data *r, err *e)
{
    TRY(open_document(a, folder, file, schema, keep, e));
    return read(a, *keep, r, e);
}

status report_read(arena *a, const char *folder, report_data *out, err *e)
{
    static const struct {
        const char *file, *schema;
        reader     *read;
    } files[REPORT_DOCUMENTS] = {{"results.json", ORGSIM_RESULTS_SCHEMA, read_results},
                                 {"analysis.json", ORGSIM_ANALYSIS_SCHEMA, read_analysis},
                                 {"timing.json", ORGSIM_TIMING_SCHEMA, read_timing}};
    *out = (report_data){.harness_tax = -1};
    for (size_t i = 0; i < REPORT_DOCUMENTS; i++) {
        arena scratch = *a;
        bool  there = file_exists(arena_format(&scratch, "%s/%s", folder, files[i].file).ptr);
        if (i == 0 && !there)
            return err_set(e, STATUS_NOT_FOUND, "no `results.json` in `%s`: not the folder of a finished run", folder);
        if (there) TRY(read_file(a, folder, files[i].file, files[i].schema, files[i].read, &out->documents[i], out, e));
    }
    out->has_lag_table = has_rows(*a, folder, "lag.csv");
    return STATUS_OK;
}

void report_data_free(report_data *r)
{
    for (size_t i = 0; i < REPORT_DOCUMENTS; i++) document_free(r->documents[i]);
}
