#include "policy/policy_table.h"

#include <assert.h>

#include "base/digest.h"
#include "base/extent.h"
#include "policy/parse.h"
#include "policy/prepare.h"

typedef struct entry {
    digest               key;
    policy_table_options options;
    arena                a;
    size_t               bytes;
    source               in; /* a copy of the text */
    policy              *p;
    struct entry        *same_bucket;
    struct entry        *older, *newer; /* by last use */
} entry;

struct policy_table {
    entry            **buckets; /* by key.low */
    size_t             bucket_count;
    entry             *oldest, *newest;
    size_t             bytes_max;
    policy_table_stats stats;
    bool               prepares;
    const catalog     *facts;
};

#define BUCKETS_MIN    1024 /* a power of two */
#define KEEP_SHARE     16   /* a text of more than this part of the limit is not kept                 */
#define ENTRY_OVERHEAD 512  /* beside its text: the parser's stacks and the tree of a small policy    */

policy_table *policy_table_new(size_t bytes_max)
{
    policy_table *t = memory_alloc(MEMORY_POLICY, sizeof *t);
    t->bytes_max = bytes_max;
    t->bucket_count = BUCKETS_MIN;
    t->buckets = memory_alloc(MEMORY_POLICY, t->bucket_count * sizeof *t->buckets);
    return t;
}

policy_table_stats policy_table_stats_get(const policy_table *t)
{
    return t->stats;
}

/* ---- entries: in a bucket, and in the order of their last use ---- */

static entry **bucket_of(const policy_table *t, digest key)
{
    return &t->buckets[key.low & (t->bucket_count - 1)];
}

static void use_unlink(policy_table *t, entry *x)
{
    *(x->older != NULL ? &x->older->newer : &t->oldest) = x->newer;
    *(x->newer != NULL ? &x->newer->older : &t->newest) = x->older;
}

static void use_newest(policy_table *t, entry *x)
{
    x->older = t->newest;
    x->newer = NULL;
    *(t->newest != NULL ? &t->newest->newer : &t->oldest) = x;
    t->newest = x;
}

static void buckets_grow(policy_table *t)
{
    memory_free(MEMORY_POLICY, t->buckets);
    t->bucket_count *= 2;
    t->buckets = memory_alloc(MEMORY_POLICY, t->bucket_count * sizeof *t->buckets);
    for (entry *x = t->oldest; x != NULL; x = x->newer) {
        entry **bucket = bucket_of(t, x->key);
        x->same_bucket = *bucket;
        *bucket = x;
    }
}

static void entry_add(policy_table *t, entry *x)
{
    if (t->stats.count == t->bucket_count) buckets_grow(t);
    entry **bucket = bucket_of(t, x->key);
    x->same_bucket = *bucket;
    *bucket = x;
    use_newest(t, x);
    t->stats.count++;
    t->stats.bytes += x->bytes;
}

static void entry_drop(policy_table *t, entry *x)
{
    entry **link = bucket_of(t, x->key);
    while (*link != x) link = &(*link)->same_bucket;
    *link = x->same_bucket;
    use_unlink(t, x);
    t->stats.count--;
    t->stats.bytes -= x->bytes;
    arena a = x->a; /* holds the entry itself */
    arena_deinit(&a);
}

void policy_table_trim(policy_table *t)
{
    for (; t->stats.bytes > t->bytes_max && t->oldest != NULL; t->stats.dropped++) entry_drop(t, t->oldest);
}

void policy_table_free(policy_table *t)
{
    if (t == NULL) return;
    while (t->oldest != NULL) entry_drop(t, t->oldest);
    memory_free(MEMORY_POLICY, t->buckets);
    memory_free(MEMORY_POLICY, t);
}

void policy_table_prepare(policy_table *t, const catalog *facts)
{
    t->prepares = true;
    t->facts = facts;
}

/* At the second use: what comes once is not worth it. */
static void entry_prepare(policy_table *t, entry *x)
{
    x->p->prepared = policy_prepare(&x->a, x->p, t->facts);
    t->stats.bytes -= x->bytes;
    x->bytes = arena_bytes(&x->a);
    t->stats.bytes += x->bytes;
}

static bool is_entry(const entry *x, str text, policy_table_options options, digest key)
{
    return x->key.low == key.low && x->key.high == key.high && x->options.type == options.type &&
           x->options.strict == options.strict && str_eq(x->in.text, text);
}

static entry *entry_find(policy_table *t, str text, policy_table_options options, digest key)
{
    for (entry *x = *bucket_of(t, key); x != NULL; x = x->same_bucket) {
        if (!is_entry(x, text, options, key)) continue;
        if (x != t->newest) {
            use_unlink(t, x);
            use_newest(t, x);
        }
        t->stats.found++;
        return x;
    }
    return NULL;
}

/* ---- reading ---- */

static status parse(arena *a, const source *in, size_t begin, size_t end, policy_table_options options, policy **out,
                    err *e)
{
    policy_parse_options how = {.type = options.type, .dialect = DIALECT_SCP_FULL, .lenient = !options.strict};
    return policy_parse_part(a, in, begin, end, how, out, e);
}

/* Parses a copy of the text, all in one arena. Null when it is refused. */
static entry *entry_new(str text, policy_table_options options, digest key)
{
    arena a;
    arena_init_small(&a, MEMORY_POLICY, sizeof(entry) + 3 * text.len + ENTRY_OVERHEAD);
    entry *x = ARENA_NEW(&a, entry, 1);
    *x = (entry){.key = key, .options = options, .in = {STR("policy"), arena_str(&a, text), 1}};
    if (parse(&a, &x->in, 0, text.len, options, &x->p, NULL) != STATUS_OK) {
        arena_deinit(&a);
        return NULL;
    }
    x->bytes = arena_bytes(&a);
    x->a = a;
    return x;
}

status policy_table_read(policy_table *t, arena *a, json_reader *r, policy_table_options options, const policy **out,
                         err *e)
{
    json_token  opened;
    extent_scan scan = {0, 0, 0};
    size_t      begin = 0, end = 0;
    str         all = r->in->text;
    TRY(json_peek(r, &opened, e));
    digest key = {0, 0};
    bool   closed = opened.kind == JSON_OBJECT && extent_next(&scan, all.ptr + opened.at, r->end - opened.at, &end);
    bool   keep = closed && end <= t->bytes_max / KEEP_SHARE;
    str    text = str_part(all, opened.at, end);
    if (keep) {
        key = digest_bytes(text.ptr, text.len);
        entry *known = entry_find(t, text, options, key);
        if (known != NULL) {
            if (t->prepares && known->p->prepared == NULL) entry_prepare(t, known);
            *out = known->p;
            return json_take_known(r, opened.at + end, e);
        }
    }
    /* Of well-formed text, and only of such is more made here, the reader finds the same end. */
    TRY(json_skip(r, &begin, &end, e));
    t->stats.parsed++;
    entry *x = keep ? entry_new(text, options, key) : NULL;
    if (x != NULL) {
        entry_add(t, x);
        *out = x->p;
        return STATUS_OK;
    }
    policy *p = NULL;
    TRY(parse(a, r->in, begin, end, options, &p, e)); /* a refusal says where in the row */
    *out = p;
    return STATUS_OK;
}
