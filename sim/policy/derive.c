#include "policy/derive.h"

#include <inttypes.h>

#include "policy/match.h"
#include "policy/principal.h"

#define DERIVED_MOST 18
#define DAY_SECONDS  86400
#define ERA_DAYS     146097 /* 400 years */
#define EPOCH_DAY    719468 /* days from 0000-03-01 to 1970-01-01 */
#define YEAR_MOST    9999

/* ---- adding keys ---- */

typedef struct {
    arena   *a;
    request *q;
} keys;

static void put_all(keys *k, const char *key, str *values, uint32_t count, bool is_array)
{
    if (request_key_find(k->q, str_of(key)) != NULL) return; /* the request says itself */
    k->q->context[k->q->context_count++] = (request_key){str_of(key), values, count, is_array};
}

static void put(keys *k, const char *key, str value)
{
    str *one = ARENA_NEW(k->a, str, 1);
    *one = value;
    put_all(k, key, one, 1, false);
}

static void put_list(keys *k, const char *key, str value)
{
    str *one = ARENA_NEW(k->a, str, 1);
    *one = value;
    put_all(k, key, one, 1, true);
}

/* ---- who asks ---- */

static void put_principal(keys *k, const derive_place *at)
{
    static const char *const types[] = {
        [CALLER_ANONYMOUS] = "Anonymous", [CALLER_ROOT] = "Account",        [CALLER_USER] = "User",
        [CALLER_ROLE] = "AssumedRole",    [CALLER_SESSION] = "AssumedRole", [CALLER_FEDERATED_USER] = "FederatedUser",
        [CALLER_PROVIDER] = NULL,
    };
    caller who = caller_read(k->q->principal);
    put(k, "aws:PrincipalIsAWSService", who.kind == CALLER_SERVICE ? STR("true") : STR("false"));
    if (types[who.kind] != NULL) put(k, "aws:PrincipalType", str_of(types[who.kind]));
    if (who.kind == CALLER_ANONYMOUS) put(k, "aws:PrincipalAccount", STR("anonymous"));
    if (who.kind == CALLER_SERVICE) put(k, "aws:PrincipalServiceName", who.arn);
    if (who.kind == CALLER_USER) put(k, "aws:username", who.name);
    if (who.kind == CALLER_ROOT) put(k, "aws:userid", who.account);
    if (!caller_in_account(&who)) return;
    str arn = who.arn;
    if (who.kind == CALLER_SESSION) /* the role's; its path is not to be had from the session */
        arn = arena_format(k->a, "arn:%.*s:iam::%.*s:role/%.*s", STR_FMT(arn_part(who.arn, 1)), STR_FMT(who.account),
                           STR_FMT(who.name));
    put(k, "aws:PrincipalAccount", who.account);
    put(k, "aws:PrincipalArn", arn);
    if (at->organization.ptr != NULL) put(k, "aws:PrincipalOrgID", at->organization);
    if (at->path.ptr != NULL) put_list(k, "aws:PrincipalOrgPaths", at->path);
}

/* ---- what is asked for ---- */

/* Where services with one endpoint for a whole partition report that they are. */
static str home_region(str partition)
{
    if (str_is(partition, "aws-cn")) return STR("cn-north-1");
    return str_is(partition, "aws-us-gov") ? STR("us-gov-west-1") : STR("us-east-1");
}

static void put_region(keys *k)
{
    str arn = k->q->resource, region = arn_part(arn, 3);
    if (region.len > 0)
        put(k, "aws:RequestedRegion", region);
    else if (!str_is(arn_part(arn, 2), "s3")) /* a bucket is somewhere, but its ARN does not say where */
        put(k, "aws:RequestedRegion", home_region(arn_part(arn, 1)));
}

static void put_resource(keys *k, const derive_place *at)
{
    const request *q = k->q;
    put_region(k);
    if (str_eq_nocase(str_part(q->action, 0, str_find(q->action, ':', 0)), DERIVE_OWNERLESS)) return;
    if (q->resource_account.len > 0) put(k, "aws:ResourceAccount", q->resource_account);
    if (at->organization.ptr != NULL) put(k, "aws:ResourceOrgID", at->organization);
    if (at->path.ptr != NULL) put_list(k, "aws:ResourceOrgPaths", at->path);
}

/* The keys of the tags that the call passes, as they are spelled. */
static void put_tag_keys(keys *k)
{
    const str prefix = STR("aws:RequestTag/");
    str      *tags = ARENA_NEW(k->a, str, k->q->context_count);
    uint32_t  count = 0;
    for (uint32_t i = 0; i < k->q->context_count; i++) {
        str key = k->q->context[i].key;
        if (key.len > prefix.len && str_eq_nocase(str_part(key, 0, prefix.len), prefix))
            tags[count++] = str_part(key, prefix.len, key.len - prefix.len);
    }
    if (count > 0) put_all(k, "aws:TagKeys", tags, count, true);
}

static void put_called_via(keys *k)
{
    const request_key *via = request_key_find(k->q, STR("aws:CalledVia"));
    uint32_t           count = via == NULL ? 0 : via->value_count;
    str                first = {0}, last = {0};
    if (count > 0) {
        first = via->values[0];
        last = via->values[count - 1];
    }
    put(k, "aws:ViaAWSService", count > 0 ? STR("true") : STR("false"));
    if (count == 0) return;
    put(k, "aws:CalledViaFirst", first);
    put(k, "aws:CalledViaLast", last);
}

/* ---- when ---- */

/* Years begin in March here, so that the odd day of a leap year is the last (after H. Hinnant, "chrono-compatible
 * low-level date algorithms"). */
str derive_date(arena *a, int64_t unix_seconds)
{
    int64_t second = unix_seconds % DAY_SECONDS, days = unix_seconds / DAY_SECONDS;
    if (second < 0) {
        second += DAY_SECONDS;
        days--;
    }
    days += EPOCH_DAY;
    int64_t era = (days >= 0 ? days : days - (ERA_DAYS - 1)) / ERA_DAYS, of_era = days - era * ERA_DAYS;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / (ERA_DAYS - 1)) / 365;
    int64_t day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t from_march = (5 * day_of_year + 2) / 153;
    int64_t day = day_of_year - (153 * from_march + 2) / 5 + 1;
    int64_t month = from_march < 10 ? from_march + 3 : from_march - 9;
    int64_t year = year_of_era + era * 400 + (month <= 2);
    if (year < 0 || year > YEAR_MOST) return (str){NULL, 0}; /* has no such text */
    return arena_format(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)year, (int)month, (int)day, (int)(second / 3600),
                        (int)(second / 60 % 60), (int)(second % 60));
}

static void put_time(keys *k, int64_t unix_seconds)
{
    if (unix_seconds == DERIVE_NO_TIME) return;
    str text = derive_date(k->a, unix_seconds);
    if (text.ptr != NULL) put(k, "aws:CurrentTime", text);
    put(k, "aws:EpochTime", arena_format(k->a, "%" PRId64, unix_seconds));
}

void request_derive(arena *a, request *q, const derive_facts *facts)
{
    request_key *longer = ARENA_NEW(a, request_key, q->context_count + DERIVED_MOST);
    keys         k = {a, q};
    if (q->context_count > 0) memcpy(longer, q->context, q->context_count * sizeof *longer);
    q->context = longer;
    put_tag_keys(&k);
    put_called_via(&k);
    put_principal(&k, &facts->principal);
    put_resource(&k, &facts->resource);
    put_time(&k, facts->unix_seconds);
}
