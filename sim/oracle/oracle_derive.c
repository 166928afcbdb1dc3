/* oracle_derive.c - the keys that follow from a request: spec 3.2, the columns "Auto" and "Presence rule". Keys that
 * the guide does not describe (aws:ViaAWSMCPService: contested, spec C32) are the request's alone. */
#include <inttypes.h>

#include "oracle/oracle.h"
#include "oracle/oracle_match.h"
#include "oracle/oracle_principal.h"

typedef struct {
    arena   *a;
    request *q;
    caller   who;
    size_t   capacity;
} derivation;

/* ---- adding keys ---- */

static void add_list(derivation *d, const char *key, str *values, uint32_t count, bool is_array)
{
    request *q = d->q;
    size_t   used = q->context_count;
    if (oracle_key(q, str_of(key)) != NULL) return; /* the request says itself */
    *ARENA_PUSH(d->a, request_key, q->context, used, d->capacity) = (request_key){str_of(key), values, count, is_array};
    q->context_count = (uint32_t)used;
}

static void add(derivation *d, const char *key, str value)
{
    str *values = ARENA_NEW(d->a, str, 1);
    values[0] = value;
    add_list(d, key, values, 1, false);
}

static void add_bool(derivation *d, const char *key, bool value)
{
    add(d, key, value ? STR("true") : STR("false"));
}

static void add_list_of_one(derivation *d, const char *key, str value)
{
    str *values = ARENA_NEW(d->a, str, 1);
    values[0] = value;
    add_list(d, key, values, 1, true);
}

/* ---- who asks ---- */

/* aws:PrincipalArn "for IAM roles, the request context returns the ARN of the role, not the ARN of the user that
 * assumed the role" (IAM User Guide, "AWS global condition context keys"). A session's ARN has lost the role's path; a
 * role's has it and keeps it (contested, spec C29). */
static str principal_arn(derivation *d)
{
    if (d->who.kind != CALLER_SESSION) return d->who.arn;
    return arena_format(d->a, "arn:%.*s:iam::%.*s:role/%.*s", STR_FMT(oracle_arn_part(d->who.arn, 1)),
                        STR_FMT(d->who.account), STR_FMT(d->who.name));
}

static const char *principal_type(caller_kind kind)
{
    switch (kind) {
    case CALLER_ANONYMOUS: return "Anonymous";
    case CALLER_ROOT: return "Account";
    case CALLER_USER: return "User";
    case CALLER_ROLE:
    case CALLER_SESSION: return "AssumedRole";
    case CALLER_FEDERATED_USER: return "FederatedUser";
    case CALLER_SERVICE:
    case CALLER_PROVIDER: break;
    }
    return NULL;
}

static void derive_principal(derivation *d, const derive_place *known)
{
    bool        in_account = oracle_in_account(&d->who);
    const char *type = principal_type(d->who.kind);
    if (d->who.kind == CALLER_ANONYMOUS) add(d, "aws:PrincipalAccount", STR("anonymous"));
    if (in_account) add(d, "aws:PrincipalAccount", d->who.account);
    if (in_account) add(d, "aws:PrincipalArn", principal_arn(d));
    if (type != NULL) add(d, "aws:PrincipalType", str_of(type));
    if (d->who.kind == CALLER_USER) add(d, "aws:username", d->who.name);
    if (d->who.kind == CALLER_ROOT) add(d, "aws:userid", d->who.account);
    add_bool(d, "aws:PrincipalIsAWSService", d->who.kind == CALLER_SERVICE);
    if (d->who.kind == CALLER_SERVICE) add(d, "aws:PrincipalServiceName", d->who.arn);
    if (in_account && known->organization.ptr != NULL) add(d, "aws:PrincipalOrgID", known->organization);
    if (in_account && known->path.ptr != NULL) add_list_of_one(d, "aws:PrincipalOrgPaths", known->path);
}

/* ---- what is asked for ---- */

/* "always; global single-endpoint services report their home region". An S3 ARN without a region is no global one's. */
static void derive_region(derivation *d)
{
    static const struct {
        const char *partition, *home;
    } rows[] = {{"aws-cn", "cn-north-1"}, {"aws-us-gov", "us-gov-west-1"}};
    str region = oracle_arn_part(d->q->resource, 3), partition = oracle_arn_part(d->q->resource, 1);
    if (region.len == 0 && str_is(oracle_arn_part(d->q->resource, 2), "s3")) return;
    for (size_t i = 0; i < COUNTOF(rows) && region.len == 0; i++)
        if (str_is(partition, rows[i].partition)) region = str_of(rows[i].home);
    add(d, "aws:RequestedRegion", region.len > 0 ? region : STR("us-east-1"));
}

static void derive_resource(derivation *d, const derive_place *known)
{
    derive_region(d);
    /* "nearly always; … all EBS direct actions lack it", and with the account what follows from it. */
    str service = str_part(d->q->action, 0, str_find(d->q->action, ':', 0));
    if (str_eq_nocase(service, STR("ebs"))) return;
    if (d->q->resource_account.len > 0) add(d, "aws:ResourceAccount", d->q->resource_account);
    if (known->organization.ptr != NULL) add(d, "aws:ResourceOrgID", known->organization);
    if (known->path.ptr != NULL) add_list_of_one(d, "aws:ResourceOrgPaths", known->path);
}

/* The tag keys of the call, as spelled and in their order. */
static void derive_tag_keys(derivation *d)
{
    str    prefix = STR("aws:RequestTag/"), *values = NULL;
    size_t count = 0, capacity = 0;
    for (uint32_t i = 0; i < d->q->context_count; i++) {
        str key = d->q->context[i].key;
        if (key.len <= prefix.len || !str_eq_nocase(str_part(key, 0, prefix.len), prefix)) continue;
        *ARENA_PUSH(d->a, str, values, count, capacity) = str_part(key, prefix.len, key.len - prefix.len);
    }
    if (count > 0) add_list(d, "aws:TagKeys", values, (uint32_t)count, true);
}

/* Through which services the call came: aws:CalledVia is theirs in order; an empty list says that it came directly. */
static void derive_called_via(derivation *d)
{
    const request_key *via = oracle_key(d->q, STR("aws:CalledVia"));
    bool               is_there = via != NULL && via->value_count > 0;
    str                first = is_there ? via->values[0] : STR("");
    str                last = is_there ? via->values[via->value_count - 1] : STR("");
    add_bool(d, "aws:ViaAWSService", is_there);
    if (is_there) add(d, "aws:CalledViaFirst", first);
    if (is_there) add(d, "aws:CalledViaLast", last);
}

/* ---- when ---- */

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_of_month(int64_t year, int month) /* from 0 */
{
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month] + (month == 1 && is_leap(year));
}

/* `2026-01-01T00:00:00Z`, of the proleptic Gregorian calendar, which repeats itself every 400 years. */
static str date_text(arena *a, int64_t unix_seconds)
{
    const int64_t day_seconds = 86400, period_days = 146097;
    int64_t       second = unix_seconds % day_seconds, day = unix_seconds / day_seconds, year = 1970;
    int           month = 0;
    if (second < 0) second += day_seconds, day--;
    year += day / period_days * 400;
    day %= period_days;
    if (day < 0) year -= 400, day += period_days;
    for (; day >= 365 + is_leap(year); year++) day -= 365 + is_leap(year);
    for (; day >= days_of_month(year, month); month++) day -= days_of_month(year, month);
    if (year < 0 || year > 9999) return (str){NULL, 0}; /* four digits are all that the form has for it */
    return arena_format(a, "%04" PRId64 "-%02d-%02dT%02d:%02d:%02dZ", year, month + 1, (int)day + 1,
                        (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
}

static void derive_time(derivation *d, int64_t unix_seconds)
{
    if (unix_seconds == DERIVE_NO_TIME) return;
    str date = date_text(d->a, unix_seconds);
    if (date.ptr != NULL) add(d, "aws:CurrentTime", date);
    add(d, "aws:EpochTime", arena_format(d->a, "%" PRId64, unix_seconds));
}

void oracle_derive(arena *a, request *q, const derive_facts *facts)
{
    derivation d = {.a = a, .q = q, .who = oracle_caller(q->principal), .capacity = q->context_count};
    derive_tag_keys(&d);
    derive_called_via(&d);
    derive_principal(&d, &facts->principal);
    derive_resource(&d, &facts->resource);
    derive_time(&d, facts->unix_seconds);
}
