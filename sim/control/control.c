#include "control/control.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/intern.h"
#include "base/rng.h"
#include "control/operation.h"
#include "control/throttle.h"
#include "control/verdicts.h"

#define RECORDS_PER_CHUNK 4096u
#define ID_KIND_COUNT     5u

struct control {
    org             *o;
    quota_profile    quotas;
    const catalog   *facts;
    arena            scratch; /* empty between calls */
    uint64_t         seed;
    bool             bulk, throttled;
    throttle         buckets;
    verdicts         says;
    uint64_t         id_serial[ID_KIND_COUNT];
    control_record **chunks;
    uint32_t         record_count, chunk_capacity;
    idmap           *created; /* account to the record of its creation, bulk loading apart */
};

/* ---- life ---- */

control *control_new(org *o, const quota_profile *quotas, const catalog *facts, uint64_t seed)
{
    assert(quotas->ou_depth <= ORG_OU_DEPTH_MAX);
    control *c = memory_alloc(MEMORY_WORLD, sizeof *c);
    c->o = o;
    c->quotas = *quotas;
    c->facts = facts;
    c->seed = seed;
    arena_init(&c->scratch, MEMORY_WORLD);
    c->created = idmap_new(MEMORY_WORLD);
    throttle_init(&c->buckets);
    return c;
}

void control_free(control *c)
{
    if (c == NULL) return;
    for (uint32_t i = 0; i * RECORDS_PER_CHUNK < c->record_count; i++) memory_free(MEMORY_WORLD, c->chunks[i]);
    memory_free(MEMORY_WORLD, c->chunks);
    idmap_free(c->created);
    throttle_deinit(&c->buckets);
    verdicts_deinit(&c->says);
    arena_deinit(&c->scratch);
    memory_free(MEMORY_WORLD, c);
}

void control_throttle(control *c, bool on)
{
    c->throttled = on;
}

void control_bulk_begin(control *c)
{
    assert(!c->bulk);
    c->bulk = true;
}

uint32_t control_bulk_end(control *c)
{
    assert(c->bulk);
    c->bulk = false;
    return org_commit(c->o);
}

/* ---- one call ---- */

static void record_add(control *c, control_record record)
{
    assert(c->record_count < ORG_NONE);
    uint32_t chunk = c->record_count / RECORDS_PER_CHUNK;
    if (c->record_count % RECORDS_PER_CHUNK == 0) {
        if (chunk == c->chunk_capacity) {
            uint32_t wider = chunk == 0 ? 16 : chunk * 2;
            c->chunks = memory_realloc(MEMORY_WORLD, c->chunks, chunk * sizeof *c->chunks, wider * sizeof *c->chunks);
            c->chunk_capacity = wider;
        }
        c->chunks[chunk] = memory_alloc(MEMORY_WORLD, RECORDS_PER_CHUNK * sizeof record);
    }
    c->chunks[chunk][c->record_count++ % RECORDS_PER_CHUNK] = record;
}

/* Whether the row says that the operation may answer so, or all may; creating an account may fail later, for reasons of
 * its own. */
static bool is_listed(const operation_row *row, const control_answer *answer)
{
    str exception = str_of(answer->exception), rest = str_of(row->facts.errors), one;
    if (str_is(exception, "InvalidInputException") || str_is(exception, "FAILED") ||
        str_is(exception, "AccessDeniedException") || str_is(exception, "TooManyRequestsException") ||
        str_is(exception, "AWSOrganizationsNotInUseException"))
        return true;
    for (size_t end; rest.len > 0; rest = str_part(rest, end, rest.len - end)) {
        while (rest.len > 0 && rest.ptr[0] == ' ') rest = str_part(rest, 1, rest.len - 1);
        end = str_find(rest, ' ', 0);
        one = str_part(rest, 0, end);
        if (!str_starts(one, exception)) continue;
        str reason = str_part(one, exception.len, one.len - exception.len);
        if (reason.len == 0 && answer->reason == NULL) return true;
        if (reason.len > 0 && answer->reason != NULL && str_is(str_part(reason, 1, reason.len - 1), answer->reason))
            return true;
    }
    return false;
}

/* Before all else: what is refused otherwise has taken a token (unobserved). */
static bool has_token(call *k)
{
    control *c = k->c;
    if (c->bulk || !c->throttled || throttle_take(&c->buckets, k->in->op, k->in->caller, k->in->at_ns)) return true;
    return call_refuse(k, "TooManyRequestsException", NULL, "more calls of %s than AWS lets through",
                       control_operation_name(k->in->op));
}

void control_apply(control *c, const control_command *command, control_answer *answer)
{
    assert(control_modelled(command->op));
    memset(answer, 0, sizeof *answer);
    answer->index = ORG_NONE;
    call                 k = {.c = c,
                              .o = c->o,
                              .now = org_head(c->o),
                              .quotas = &c->quotas,
                              .in = command,
                              .out = answer,
                              .first = ORG_NONE,
                              .second = ORG_NONE};
    const operation_row *row = operation_at(command->op);
    bool                 accepted =
        has_token(&k) && call_authorized(&k) && call_shape_holds(&k, row->required, row->optional) && row->handler(&k);
    assert(accepted == (answer->exception == NULL));
    assert(accepted || command->parent_given || is_listed(row, answer));
    if (accepted && command->op == CONTROL_CREATE_ACCOUNT && !c->bulk)
        idmap_put(c->created, answer->index, c->record_count);
    if (accepted && !c->bulk && row->facts.kind == CONTROL_WRITE) (void)org_commit(c->o);
    uint32_t making = org_view_revision(k.now);
    answer->revision = c->bulk || making == 0 ? making : making - 1;
    record_add(c, (control_record){.at_ns = command->at_ns,
                                   .op = command->op,
                                   .exception = answer->exception,
                                   .reason = answer->reason,
                                   .revision = answer->revision,
                                   .caller = command->caller,
                                   .first = k.first,
                                   .second = k.second});
}

bool call_refuse(call *k, const char *exception, const char *reason, const char *format, ...)
{
    control_answer *out = k->out;
    va_list         arguments;
    va_start(arguments, format);
    int len = vsnprintf(out->detail, sizeof out->detail, format, arguments);
    va_end(arguments);
    assert(len >= 0);
    if ((size_t)len >= sizeof out->detail) { /* cut: not in the middle of a character */
        size_t end = sizeof out->detail - 1;
        while (end > 0 && ((unsigned char)out->detail[end - 1] & 0xC0) == 0x80) end--;
        if (end > 0 && (unsigned char)out->detail[end - 1] >= 0xC0) end--;
        out->detail[end] = '\0';
    }
    out->exception = exception;
    out->reason = reason;
    return false;
}

bool call_created(call *k, str id, uint32_t index)
{
    k->first = k->out->index = index;
    k->out->id = id;
    return true;
}

bool call_id(call *k, control_id_kind kind, char room[CONTROL_ID_SIZE], str *out)
{
    str given = k->in->id;
    if (given.ptr != NULL && !control_id_valid(kind, given))
        return call_refuse(k, "InvalidInputException", "INVALID_PATTERN:ID", "`%.*s` is not an id in AWS's pattern",
                           STR_FMT(given));
    if (given.ptr != NULL && org_id_used(k->o, given))
        return call_refuse(k, "InvalidInputException", NULL, "id `%.*s` is already in use", STR_FMT(given));
    *out = given;
    while (given.ptr == NULL) {
        *out = control_id_draw(kind, k->c->seed, k->c->id_serial[kind]++, org_root_id(k->now), room);
        if (!org_id_used(k->o, *out)) break;
    }
    return true;
}

const catalog *call_catalog(const call *k)
{
    assert(k->c->facts != NULL);
    return k->c->facts;
}

verdicts *call_verdicts(call *k)
{
    return &k->c->says;
}

arena *call_scratch(call *k)
{
    return &k->c->scratch;
}

bool call_account_created_ns(const call *k, uint32_t account, int64_t *out)
{
    uint32_t record = 0;
    if (!idmap_get(k->c->created, account, &record)) return false;
    *out = control_record_at(k->c, record)->at_ns;
    return true;
}

/* ---- ids ---- */

static bool of_class(str s, size_t min, size_t max, bool upper)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
        if (!plain && !(upper && ((c >= 'A' && c <= 'Z') || c == '_'))) return false;
    }
    return s.len >= min && s.len <= max;
}

static bool prefixed(str id, str prefix, size_t min, size_t max, bool upper)
{
    return str_starts(id, prefix) && of_class(str_part(id, prefix.len, id.len - prefix.len), min, max, upper);
}

/* API model of AWS Organizations: OrganizationId, RootId, OrganizationalUnitId, AccountId, PolicyId. */
bool control_id_valid(control_id_kind kind, str id)
{
    switch (kind) {
    case CONTROL_ID_ORGANIZATION: return prefixed(id, STR("o-"), 10, 32, false);
    case CONTROL_ID_ROOT: return prefixed(id, STR("r-"), 4, 32, false);
    case CONTROL_ID_POLICY: return prefixed(id, STR("p-"), 8, 128, true);
    case CONTROL_ID_OU: {
        size_t dash = str_find(id, '-', 3);
        return prefixed(str_part(id, 0, dash), STR("ou-"), 4, 32, false) && dash < id.len &&
               of_class(str_part(id, dash + 1, id.len - dash - 1), 8, 32, false);
    }
    case CONTROL_ID_ACCOUNT: {
        uint64_t number = 0;
        return id.len == 12 && str_to_u64(id, &number);
    }
    }
    return false;
}

static size_t digits_write(char *out, uint64_t value, uint32_t base, size_t count)
{
    for (size_t i = count; i-- > 0; value /= base) out[i] = "0123456789abcdefghijklmnopqrstuvwxyz"[value % base];
    return count;
}

str control_id_draw(control_id_kind kind, uint64_t seed, uint64_t serial, str root_id, char out[CONTROL_ID_SIZE])
{
    static const struct {
        const char *prefix;
        uint32_t    base, count;
    } shapes[ID_KIND_COUNT] = {
        [CONTROL_ID_ORGANIZATION] = {"o-", 36, 10}, [CONTROL_ID_ROOT] = {"r-", 36, 4},
        [CONTROL_ID_OU] = {"ou-", 36, 8},           [CONTROL_ID_ACCOUNT] = {"", 10, 12},
        [CONTROL_ID_POLICY] = {"p-", 36, 10},
    };
    uint64_t range = 1;
    for (uint32_t i = 0; i < shapes[kind].count; i++) range *= shapes[kind].base;
    size_t len = strlen(shapes[kind].prefix);
    memcpy(out, shapes[kind].prefix, len);
    if (kind == CONTROL_ID_OU) {
        assert(control_id_valid(CONTROL_ID_ROOT, root_id));
        memcpy(out + len, root_id.ptr + 2, root_id.len - 2);
        len += root_id.len - 2;
        out[len++] = '-';
    }
    uint64_t draw = rng_scale(rng_at(seed, RNG_ID, (uint32_t)kind, serial), range);
    len += digits_write(out + len, draw, shapes[kind].base, shapes[kind].count);
    assert(len < CONTROL_ID_SIZE);
    return (str){out, len};
}

/* ---- the audit trail ---- */

uint32_t control_record_count(const control *c)
{
    return c->record_count;
}

const control_record *control_record_at(const control *c, uint32_t i)
{
    assert(i < c->record_count);
    return &c->chunks[i / RECORDS_PER_CHUNK][i % RECORDS_PER_CHUNK];
}

static void digest_name(digest_state *s, const char *name)
{
    str text = str_of(name);
    digest_u32(s, (uint32_t)text.len);
    digest_update(s, text.ptr, text.len);
}

digest control_digest(const control *c)
{
    digest_state *s = digest_new();
    for (uint32_t i = 0; i < c->record_count; i++) {
        const control_record *r = control_record_at(c, i);
        digest_u64(s, (uint64_t)r->at_ns);
        digest_u32(s, (uint32_t)r->op);
        digest_name(s, r->exception);
        digest_name(s, r->reason);
        digest_u32(s, r->revision);
        digest_u32(s, r->caller);
        digest_u32(s, r->first);
        digest_u32(s, r->second);
    }
    digest value = digest_value(s);
    digest_free(s);
    return value;
}
