#include "policy/prepare.h"

#include "base/hash.h"
#include "base/mutant.h"
#include "policy/match.h"

#define WORD_BITS     64u
#define BUCKETS_LEAST 4u
#define EACH_BYTE(x)  ((x)*UINT64_C(0x0101010101010101))

/* ---- beginnings of texts, letters of either case alike ---- */

/* Eight bytes from `from` on, zeros behind the end. The bit that makes a letter small is set in all of them: that takes
 * some other bytes for each other, which costs a match that fails. */
static uint64_t begins_at(str s, size_t from)
{
    uint64_t word = 0;
    if (from + sizeof word <= s.len)
        memcpy(&word, s.ptr + from, sizeof word);
    else if (from < s.len)
        memcpy(&word, s.ptr + from, s.len - from);
    return word | EACH_BYTE(0x20);
}

/* All ones in the first `count` bytes as they stand in memory. */
static uint64_t mask_of(size_t count)
{
    static const unsigned char ones[16] = {255, 255, 255, 255, 255, 255, 255, 255};
    uint64_t                   mask;
    memcpy(&mask, ones + (count < sizeof mask ? sizeof mask - count : 0), sizeof mask);
    return mask;
}

/* The bytes before anything that may stand for other text. */
static size_t plain_bytes(str pattern_text)
{
    size_t n = 0;
    while (n < pattern_text.len && memchr("*?$", pattern_text.ptr[n], 3) == NULL) n++;
    return n;
}

/* ---- actions ---- */

static str service_of(str action)
{
    return str_part(action, 0, str_find(action, ':', 0));
}

static str name_of(str action)
{
    size_t colon = str_find(action, ':', 0);
    return colon == action.len ? str_part(action, colon, 0) : str_part(action, colon + 1, action.len - colon - 1);
}

static uint64_t service_hash(str service)
{
    return hash_str_nocase(service, 0);
}

static uint64_t action_hash(str name, uint64_t service)
{
    return hash_str_nocase(name, service | 1);
}

/* A pattern without a wildcard takes one action and is filed under it, another under its service. */
static prepared_action action_prepare(str text, uint32_t statement, uint32_t action)
{
    str      name = name_of(text);
    uint64_t hash = service_hash(service_of(text));
    size_t   plain = 0;
    while (plain < name.len && name.ptr[plain] != '*' && name.ptr[plain] != '?') plain++;
    if (plain == name.len) hash = action_hash(name, hash);
    return (prepared_action){begins_at(name, 0), mask_of(plain), (uint32_t)hash, statement, action};
}

static uint64_t key_bit(uint32_t key)
{
    return UINT64_C(1) << (key >> 26);
}

/* Files the patterns by bucket, in their order. A bucket is known by its end first; filled backwards, by its start. */
static void actions_file(arena *a, policy_prepared *r, const prepared_action *unfiled, uint32_t count)
{
    uint32_t bucket_count = BUCKETS_LEAST;
    while (bucket_count < count) bucket_count *= 2;
    r->bucket_mask = bucket_count - 1;
    r->buckets = ARENA_NEW(a, uint32_t, bucket_count + 1);
    r->actions = ARENA_NEW(a, prepared_action, count);
    for (uint32_t i = 0; i < count; i++) {
        r->services |= key_bit(unfiled[i].key);
        r->buckets[unfiled[i].key & r->bucket_mask]++;
    }
    for (uint32_t b = 0; b < bucket_count; b++) r->buckets[b + 1] += r->buckets[b];
    for (uint32_t i = count; i-- > 0;) r->actions[--r->buckets[unfiled[i].key & r->bucket_mask]] = unfiled[i];
}

static uint64_t bucket_taken(const policy_prepared *r, const policy *p, uint32_t key, uint32_t word, const request *q,
                             const prepared_request *x)
{
    uint64_t taken = 0;
    uint32_t bucket = key & r->bucket_mask;
    for (uint32_t i = r->buckets[bucket]; i < r->buckets[bucket + 1]; i++) {
        const prepared_action *c = &r->actions[i];
        uint64_t               bit = UINT64_C(1) << c->statement % WORD_BITS;
        if (c->key != key || ((c->begins ^ x->name_begins) & c->mask) != 0) continue;
        if (c->statement / WORD_BITS != word || (taken & bit) != 0) continue;
        if (match_action(p->statements[c->statement].actions[c->action].text, q->action)) taken |= bit;
    }
    return taken;
}

uint64_t prepared_taken(const policy_prepared *r, const policy *p, uint32_t word, const request *q,
                        const prepared_request *x)
{
    const prepared_word *w = &r->words[word];
    uint64_t             taken = w->every;
    if ((r->services & x->services) != 0)
        taken |= bucket_taken(r, p, x->service_key, word, q, x) | bucket_taken(r, p, x->action_key, word, q, x);
    return MUTANT(MUTANT_NOT_ACTION_INVERTED) ? taken : taken ^ w->inverted;
}

prepared_request prepare_request(const request *q)
{
    uint64_t         service = service_hash(service_of(q->action));
    str              name = name_of(q->action);
    prepared_request x = {.service_key = (uint32_t)service,
                          .action_key = (uint32_t)action_hash(name, service),
                          .name_begins = begins_at(name, 0),
                          .resource_begins = {begins_at(q->resource, 0), begins_at(q->resource, 8)}};
    x.services = key_bit(x.service_key) | key_bit(x.action_key);
    return x;
}

/* ---- resources ---- */

static prepared_resource resource_prepare(arena *a, str text, const policy *p)
{
    prepared_resource r = {.pattern = resource_pattern_read(a, text, p->type, p->version_2012)};
    size_t            plain = plain_bytes(text);
    for (size_t i = 0; i < 2; i++) {
        r.begins[i] = begins_at(text, i * 8);
        r.mask[i] = mask_of(plain > i * 8 ? plain - i * 8 : 0);
    }
    return r;
}

static bool is_any_resource(const policy_statement *s, const prepared_resource *resources)
{
    if (!s->has_resource || (MUTANT(MUTANT_NOT_RESOURCE_IGNORED) && s->not_resource)) return true;
    bool every = false;
    for (uint32_t i = 0; i < s->resource_count && !every; i++) every = resources[i].pattern.everything;
    return every && !s->not_resource;
}

/* ---- a policy ---- */

const policy_prepared *policy_prepare(arena *a, const policy *p, const catalog *facts)
{
    policy_prepared *r = ARENA_NEW(a, policy_prepared, 1);
    uint32_t         actions = 0, resources = 0, clauses = 0;
    for (uint32_t i = 0; i < p->statement_count; i++) {
        actions += p->statements[i].action_count;
        resources += p->statements[i].resource_count;
        clauses += p->statements[i].clause_count;
    }
    r->facts = facts;
    r->word_count = (p->statement_count + WORD_BITS - 1) / WORD_BITS;
    r->words = ARENA_NEW(a, prepared_word, r->word_count);
    r->statements = ARENA_NEW(a, prepared_statement, p->statement_count);
    r->resources = ARENA_NEW(a, prepared_resource, resources);
    r->clauses = ARENA_NEW(a, prepared_clause, clauses);
    prepared_action *unfiled = ARENA_NEW(a, prepared_action, actions);
    actions = resources = clauses = 0;
    for (uint32_t i = 0; i < p->statement_count; i++) {
        const policy_statement *s = &p->statements[i];
        prepared_word          *w = &r->words[i / WORD_BITS];
        uint64_t                bit = UINT64_C(1) << i % WORD_BITS;
        r->statements[i] = (prepared_statement){resources, clauses};
        for (uint32_t k = 0; k < s->action_count; k++) {
            if (match_action_every(s->actions[k].text))
                w->every |= bit;
            else
                unfiled[actions++] = action_prepare(s->actions[k].text, i, k);
        }
        for (uint32_t k = 0; k < s->resource_count; k++)
            r->resources[resources++] = resource_prepare(a, s->resources[k].text, p);
        for (uint32_t k = 0; k < s->clause_count; k++, clauses++) {
            clause_prepare(a, &s->clauses[k], p->version_2012, &r->clauses[clauses]);
            clause_prepare_listing(&r->clauses[clauses], facts);
        }
        w->inverted |= s->not_action ? bit : 0;
        w->deny |= s->deny ? bit : 0;
        w->any_resource |= is_any_resource(s, &r->resources[r->statements[i].resources]) ? bit : 0;
        r->open = r->open || ((w->every | w->inverted) & bit) != 0;
    }
    actions_file(a, r, unfiled, actions);
    return r;
}
