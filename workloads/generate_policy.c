#include "workloads/generate_policy.h"

#include <assert.h>

#include "base/hash.h"
#include "workloads/generate_text.h"

#define ACTIONS_MAX 256u /* of one statement */
#define CLAUSES_MAX 8u
__extension__ typedef unsigned __int128 u128;

#define UPPER_QUARTER        (UINT64_MAX / 4 * 3)
#define FILL_MOST            65536u /* a larger limit is none */
#define FILL_CHARACTERS      10240u
#define FILL_LEAST           1000u
#define FILL_LAST            260u /* what is left for the statement that fills a text up */
#define LIST_PER_STATEMENT   40u  /* services that one statement of an allow list names */
#define LIST_SURE            40u  /* used services that every allow list names */
#define LIST_ROOM            100u /* a statement without its list */
#define LIST_GAP             50u  /* one in so many of the others is left out */
#define PART_BITS            32
#define PART_ONE             (UINT64_C(1) << PART_BITS)
#define RESOURCE_NONE_ONE_IN 4u
#define LIST_PERCENT         5u /* of all actions stand in allow lists */
#define FORM_SUM             100u
#define PREFIX_FACTOR        2u /* half of the services have no usable prefix, or named it already */
#define SAME_SIZE_ONE_IN     8u
#define MIXED_PERCENT        25u /* statements whose actions are of several services */

struct policy_maker {
    const profile          *p;
    const generate_actions *actions;
    policy_maker_options    options;
    uint32_t                characters_max;
    profile_list           *quoted; /* [pools] values as JSON strings */
    alias_table             clauses, broad, clause_counts;
    /* Chances in units of 2^-32: that a policy begins with an Allow; of a Deny statement, the last for those that name
     * single actions. allow_part is the lowest part of all statements by number of actions: those that allow `*`. */
    uint64_t allow_first, not_action, condition, services, some_resource, allow_part;
};

/* ---- the maker ---- */

static uint64_t part_of(profile_ratio r)
{
    return (uint64_t)(((u128)r.num << PART_BITS) / r.den);
}

static uint64_t part_minus(uint64_t from, uint64_t what)
{
    return from > what ? from - what : 0;
}

static uint64_t part_divide(uint64_t what, uint64_t of)
{
    return what < of ? (uint64_t)(((u128)what << PART_BITS) / of) : PART_ONE;
}

/* What the profile says of all statements, said of Deny statements: those that allow are plain `*`, those with
 * NotAction or services name no resources, and of the others some actions have none. */
static void parts_init(policy_maker *m)
{
    const profile_scp *scp = &m->p->scp;
    uint64_t           deny = part_of(scp->deny), not_action = part_of(scp->not_action);
    uint64_t           statements = 0, fraction = 0;
    quantile_mean(scp->statements, &statements, &fraction);
    u128 per_policy =
        (u128)(PART_ONE - deny) * ((statements << PART_BITS) + (fraction >> (64 - PART_BITS))) >> PART_BITS;
    m->allow_first = per_policy < PART_ONE ? (uint64_t)per_policy : PART_ONE;
    m->allow_part = (PART_ONE - deny) << (64 - PART_BITS);
    m->not_action = part_divide(not_action, deny);
    m->condition = part_divide(part_of(scp->condition), deny);
    m->services = part_minus(part_minus(scp->service * PART_ONE / FORM_SUM, not_action), LIST_PERCENT * PART_ONE / 100);
    uint64_t some = PART_ONE - part_of(scp->any_resource),
             single = part_minus(part_minus(deny, not_action), m->services);
    m->some_resource = part_divide(some + some / RESOURCE_NONE_ONE_IN, single);
}

static void pools_init(arena *a, policy_maker *m)
{
    const profile_scp *scp = &m->p->scp;
    m->quoted = ARENA_NEW(a, profile_list, scp->pool_count);
    for (uint32_t i = 0; i < scp->pool_count; i++) {
        const profile_list *values = &scp->pools[i].values;
        m->quoted[i] = (profile_list){ARENA_NEW(a, str, values->count), values->count};
        for (uint32_t k = 0; k < values->count; k++) {
            bool own = str_eq(values->items[k], PROFILE_ORGANIZATION);
            m->quoted[i].items[k] = json_quote(a, own ? m->options.organization_id : values->items[k]);
        }
    }
}

static void choice_init(arena *a, const uint64_t *weights, uint32_t count, alias_table *out)
{
    status s = choice_table(a, weights, count, out, NULL);
    assert(s == STATUS_OK); /* the profile has no weight 0 */
    (void)s;
}

policy_maker *policy_maker_new(arena *a, const profile *p, const generate_actions *actions,
                               policy_maker_options options)
{
    policy_maker      *m = ARENA_NEW(a, policy_maker, 1);
    const profile_scp *scp = &p->scp;
    uint32_t           most = scp->clause_count > scp->broad_count ? scp->clause_count : scp->broad_count;
    uint64_t          *weights = ARENA_NEW(a, uint64_t, most);
    *m = (policy_maker){.p = p, .actions = actions, .options = options, .characters_max = options.characters_max};
    if (options.fill && options.characters_max > FILL_MOST) m->characters_max = FILL_CHARACTERS;
    if (!options.fill && (int64_t)m->characters_max > quantile_max(scp->bytes))
        m->characters_max = (uint32_t)quantile_max(scp->bytes);
    parts_init(m);
    pools_init(a, m);
    for (uint32_t i = 0; i < scp->clause_count; i++) weights[i] = scp->clauses[i].weight;
    choice_init(a, weights, scp->clause_count, &m->clauses);
    for (uint32_t i = 0; i < scp->broad_count; i++) weights[i] = scp->broad[i].weight;
    choice_init(a, weights, scp->broad_count, &m->broad);
    choice_init(a, scp->clause_counts, scp->clause_counts_max, &m->clause_counts);
    return m;
}

/* ---- one statement ---- */

typedef struct {
    const policy_maker   *m;
    arena                *a;
    draws                *d;
    const profile_clause *clauses[CLAUSES_MAX];
    uint32_t              clause_count;
    str                   actions[ACTIONS_MAX];
    uint32_t              action_count;
    uint32_t              resource_action; /* whose resource types the statement may name, CATALOG_NONE: `*` */
    bool                  not_action;
} statement;

static void action_add(statement *s, str text)
{
    for (uint32_t i = 0; i < s->action_count; i++)
        if (str_eq(s->actions[i], text)) return;
    if (s->action_count < ACTIONS_MAX) s->actions[s->action_count++] = text;
}

/* The first action that names resources gives its kinds to the statement. */
static void resource_take(statement *s, uint32_t action)
{
    const catalog_action *x = catalog_action_at(s->m->actions->facts, action);
    for (uint32_t i = 0; i < x->resource_count && s->resource_action == CATALOG_NONE; i++)
        if (resource_usable(s->m->actions->facts, x->resources[i])) s->resource_action = action;
}

static str action_name(statement *s, uint32_t action)
{
    const catalog_action *x = catalog_action_at(s->m->actions->facts, action);
    str                   prefix = catalog_service_at(s->m->actions->facts, x->service)->prefix;
    resource_take(s, action);
    return arena_format(s->a, "%.*s:%.*s", STR_FMT(prefix), STR_FMT(x->name));
}

static const guarded_service *service_draw(statement *s)
{
    const generate_actions *x = s->m->actions;
    assert(x->service_count > 0);
    uint32_t at = draw_below(s->d, x->service_count);
    if (x->first_count == 0 || draw_chance(s->d, 1, 4)) return &x->services[at];
    uint32_t service = catalog_action_at(x->facts, x->first[draw_below(s->d, x->first_count)])->service;
    for (uint32_t i = 0; i < x->service_count; i++)
        if (x->services[i].service == service) return &x->services[i];
    return &x->services[at];
}

/* Guarded actions, one by one or by prefix; of one service mostly. */
static void guarded_add(statement *s, uint32_t count)
{
    const profile_scp     *scp = &s->m->p->scp;
    bool                   mixed = draw_chance(s->d, MIXED_PERCENT, 100);
    const guarded_service *from = service_draw(s);
    uint32_t               at = draw_below(s->d, from->count);
    for (uint32_t tries = 0; s->action_count < count && tries < 2 * count + 8; tries++) {
        if (mixed || tries >= from->count) {
            from = service_draw(s);
            at = draw_below(s->d, from->count);
        }
        if (from->prefix_count > 0 && draw_chance(s->d, PREFIX_FACTOR * scp->prefix, FORM_SUM)) {
            str prefix = catalog_service_at(s->m->actions->facts, from->service)->prefix;
            str name = from->prefixes[draw_below(s->d, from->prefix_count)];
            action_add(s, arena_format(s->a, "%.*s:%.*s", STR_FMT(prefix), STR_FMT(name)));
        } else {
            action_add(s, action_name(s, from->actions[at++ % from->count]));
        }
    }
}

static void services_add(statement *s, uint32_t count)
{
    const generate_actions *x = s->m->actions;
    for (uint32_t tries = 0; s->action_count < count && tries < 4 * count && x->unused_count > 0; tries++) {
        uint32_t service = x->unused[draw_below(s->d, x->unused_count)];
        action_add(s, arena_format(s->a, "%.*s:*", STR_FMT(catalog_service_at(x->facts, service)->prefix)));
    }
}

/* A run of `count` neighbours from a list, beginning anywhere. */
static void listed_add(statement *s, const profile_list *list, uint32_t count)
{
    uint32_t at = draw_below(s->d, list->count);
    for (uint32_t i = 0; i < count && i < list->count; i++) {
        str      text = list->items[(at + i) % list->count];
        uint32_t action = catalog_action_find(s->m->actions->facts, text);
        action_add(s, text);
        if (action != CATALOG_NONE) resource_take(s, action);
    }
}

static bool clause_fits(const statement *s, const profile_clause *c)
{
    if (s->clause_count > 0 && c->actions.count > 0) return false;
    for (uint32_t i = 0; i < s->clause_count; i++)
        if (str_eq(s->clauses[i]->op, c->op) || str_eq(s->clauses[i]->key, c->key)) return false;
    return s->clause_count < CLAUSES_MAX;
}

static void clauses_draw(statement *s)
{
    const profile_scp *scp = &s->m->p->scp;
    uint32_t           count = 1 + alias_draw(&s->m->clause_counts, draw(s->d));
    for (uint32_t tries = 0; s->clause_count < count && tries < 3 * count; tries++) {
        const profile_clause *c = &scp->clauses[alias_draw(&s->m->clauses, draw(s->d))];
        if (clause_fits(s, c)) s->clauses[s->clause_count++] = c;
    }
}

static void broad_draw(statement *s)
{
    const profile_broad *b = &s->m->p->scp.broad[alias_draw(&s->m->broad, draw(s->d))];
    for (uint32_t i = 0; i < b->count; i++)
        if (clause_fits(s, &b->clauses[i])) s->clauses[s->clause_count++] = &b->clauses[i];
}

/* What a Deny statement says, not yet as text. */
static void statement_draw(statement *s, uint64_t u, bool conditional)
{
    const policy_maker *m = s->m;
    uint32_t count = (uint32_t)quantile_at(m->p->scp.actions, m->allow_part + (u - rng_scale(u, m->allow_part)));
    if (count > ACTIONS_MAX) count = ACTIONS_MAX;
    s->not_action = conditional && draw_chance(s->d, m->not_action, PART_ONE);
    if (s->not_action) {
        broad_draw(s);
        listed_add(s, &m->p->scp.exempt_actions, count);
        s->resource_action = CATALOG_NONE;
        return;
    }
    if (conditional && draw_chance(s->d, m->condition, PART_ONE)) clauses_draw(s);
    if (s->clause_count > 0 && s->clauses[0]->actions.count > 0)
        listed_add(s, &s->clauses[0]->actions, count);
    else if (draw_chance(s->d, m->services, PART_ONE) || m->actions->service_count == 0)
        services_add(s, count);
    else
        guarded_add(s, count);
    if (!draw_chance(s->d, m->some_resource, PART_ONE)) s->resource_action = CATALOG_NONE;
}

/* ---- as text ---- */

static void quoted_put(text_builder *t, str s)
{
    TEXT_PUT(t, "\"");
    text_put(t, s);
    TEXT_PUT(t, "\"");
}

static void values_put(text_builder *t, const statement *s, const profile_clause *c)
{
    const profile_list *pool = &s->m->quoted[c->pool];
    uint32_t            count = c->values_min + draw_below(s->d, c->values_max - c->values_min + 1);
    uint32_t            at = count < pool->count ? draw_below(s->d, pool->count) : 0;
    if (count > 1) TEXT_PUT(t, "[");
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) TEXT_PUT(t, ",");
        text_put(t, pool->items[(at + i) % pool->count]);
    }
    if (count > 1) TEXT_PUT(t, "]");
}

static void conditions_put(text_builder *t, const statement *s)
{
    TEXT_PUT(t, ",\"Condition\":{");
    for (uint32_t i = 0; i < s->clause_count; i++) {
        const profile_clause *c = s->clauses[i];
        if (i > 0 && str_eq(s->clauses[i - 1]->op, c->op)) {
            t->len--; /* one object for the operator: its brace is taken back */
            TEXT_PUT(t, ",");
        } else {
            if (i > 0) TEXT_PUT(t, ",");
            text_put(t, json_quote(s->a, c->op));
            TEXT_PUT(t, ":{");
        }
        text_put(t, json_quote(s->a, c->key));
        TEXT_PUT(t, ":");
        values_put(t, s, c);
        TEXT_PUT(t, "}");
    }
    TEXT_PUT(t, "}");
}

/* A name as a pattern: itself, what begins like it, or all. */
static str name_pattern(const statement *s)
{
    const profile_list *names = &s->m->p->requests.resource_names;
    str                 name = names->items[draw_below(s->d, names->count)];
    uint32_t            form = draw_below(s->d, 4);
    if (form == 0) return name;
    if (form == 3) return STR("*");
    return arena_format(s->a, "%.*s-*", (int)str_find(name, '-', 0), name.ptr);
}

/* The ARN shape with `*` for region and account, and one pattern for everything that is named. */
static str resource_pattern(const statement *s, str shape)
{
    text_builder t = {.a = s->a};
    str          name = name_pattern(s);
    for (size_t i = 0, colons = 0; i < shape.len; i++) {
        size_t close = str_find(shape, '}', i);
        bool   variable = shape.ptr[i] == '$' && close < shape.len;
        colons += shape.ptr[i] == ':';
        if (!variable) {
            text_put(&t, str_part(shape, i, 1));
            continue;
        }
        text_put(&t, colons == 1 ? STR("aws") : colons < 5 ? STR("*") : name);
        i = close;
    }
    return text_of(&t);
}

static void resources_put(text_builder *t, const statement *s)
{
    const catalog *facts = s->m->actions->facts;
    TEXT_PUT(t, ",\"Resource\":");
    if (s->resource_action == CATALOG_NONE) {
        TEXT_PUT(t, "\"*\"");
        return;
    }
    const catalog_action *x = catalog_action_at(facts, s->resource_action);
    uint32_t              at = draw_below(s->d, x->resource_count);
    while (!resource_usable(facts, x->resources[at])) at = (at + 1) % x->resource_count;
    quoted_put(t, resource_pattern(s, catalog_resource_at(facts, x->resources[at])->arn));
}

static void actions_put(text_builder *t, const statement *s)
{
    text_put(t, s->not_action ? STR(",\"NotAction\":") : STR(",\"Action\":"));
    if (s->action_count > 1) TEXT_PUT(t, "[");
    for (uint32_t i = 0; i < s->action_count; i++) {
        if (i > 0) TEXT_PUT(t, ",");
        quoted_put(t, s->actions[i]);
    }
    if (s->action_count > 1) TEXT_PUT(t, "]");
}

/* `Deny` or `Allow`, the service that the first action is of, and numbers that no other statement has. */
static void sid_put(text_builder *t, arena *a, bool deny, str action, uint32_t serial, uint32_t index, str *word)
{
    size_t colon = str_find(action, ':', 0);
    str    service = colon < action.len ? arena_str(a, str_part(action, 0, colon)) : arena_str(a, STR("all"));
    char  *letters = ARENA_NEW(a, char, service.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < service.len; i++)
        if (service.ptr[i] != '-') letters[len++] = service.ptr[i];
    if (letters[0] >= 'a' && letters[0] <= 'z') letters[0] = (char)(letters[0] - ('a' - 'A'));
    *word = arena_format(a, "%s%.*s", deny ? "Deny" : "Allow", (int)len, letters);
    text_put(t, arena_format(a, "{\"Sid\":\"%.*s%ux%u\",\"Effect\":\"%s\"", STR_FMT(*word), serial, index,
                             deny ? "Deny" : "Allow"));
}

typedef struct {
    text_builder        t;
    const policy_maker *m;
    draws               d;
    arena              *a;
    uint32_t            serial, count; /* statements so far */
    str                 word;          /* of the first statement */
} document_text;

static void statement_open(document_text *p, bool deny, str action)
{
    str word;
    if (p->count > 0) TEXT_PUT(&p->t, ",");
    sid_put(&p->t, p->a, deny, action, p->serial, p->count, &word);
    if (p->count++ == 0) p->word = word;
}

/* One Deny statement, or none where it would not fit: then the text is as before. */
static bool deny_put(document_text *p, uint64_t u, bool conditional, size_t len_max)
{
    size_t    before = p->t.len;
    statement s = {.m = p->m, .a = p->a, .d = &p->d, .resource_action = CATALOG_NONE};
    statement_draw(&s, u, conditional);
    if (s.action_count == 0) return false;
    statement_open(p, true, s.actions[0]);
    actions_put(&p->t, &s);
    resources_put(&p->t, &s);
    if (s.clause_count > 0) conditions_put(&p->t, &s);
    TEXT_PUT(&p->t, "}");
    if (p->t.len <= len_max) return true;
    p->t.len = before;
    p->count--;
    return false;
}

static void allow_all_put(document_text *p)
{
    statement_open(p, false, STR("*"));
    TEXT_PUT(&p->t, ",\"Action\":\"*\",\"Resource\":\"*\"}");
}

/* Used services, most used first; some of the others are left out, as nobody had asked for them. */
static void allow_list_put(document_text *p, size_t len_max)
{
    static const char       end[] = "],\"Resource\":\"*\"}";
    const profile_requests *r = &p->m->p->requests;
    uint32_t                here = 0;
    for (uint32_t i = 0; i < r->service_count; i++) {
        str prefix = catalog_service_at(p->m->actions->facts, r->services[i])->prefix;
        str text = arena_format(p->a, "\"%.*s:*\"", STR_FMT(prefix));
        if (i >= LIST_SURE && draw_chance(&p->d, 1, LIST_GAP)) continue;
        if (p->t.len + text.len + LIST_ROOM > len_max) break;
        if (here == LIST_PER_STATEMENT) {
            text_put(&p->t, str_of(end));
            here = 0;
        }
        if (here == 0) {
            statement_open(p, false, STR("services:*"));
            TEXT_PUT(&p->t, ",\"Action\":[");
        }
        if (here++ > 0) TEXT_PUT(&p->t, ",");
        text_put(&p->t, text);
    }
    if (here > 0) text_put(&p->t, str_of(end));
}

/* The last statement of a full text: its Sid makes up what is missing. */
static void fill_put(document_text *p, size_t len)
{
    static const char rest[] =
        "\",\"Effect\":\"Deny\",\"Action\":\"organizations:LeaveOrganization\",\"Resource\":\"*\"}";
    TEXT_PUT(&p->t, ",{\"Sid\":\"Fill");
    assert(p->t.len + sizeof rest - 1 <= len);
    while (p->t.len + sizeof rest - 1 < len) {
        char letter = (char)('A' + p->t.len % 26);
        text_put(&p->t, (str){&letter, 1});
    }
    text_put(&p->t, str_of(rest));
}

static void statements_fill(document_text *p, size_t len_max)
{
    for (uint32_t tries = 0; tries < 256 && p->t.len + FILL_LAST < len_max; tries++)
        (void)deny_put(p, tries < 128 ? draw(&p->d) : 0, tries < 192, len_max - FILL_LAST / 2);
    fill_put(p, len_max);
}

/* Some of the draws for sizes are one and the same, so that policies with many statements have long lists too, and
 * each size keeps its distribution. Statements make the text as long as they are; only its upper quarter is held to the
 * profile's figures, else long lists in many statements would go beyond them. */
static void statements_draw(document_text *p, size_t len_max)
{
    const profile_scp *scp = &p->m->p->scp;
    uint64_t           size = draw(&p->d);
    uint32_t           count = (uint32_t)quantile_at(scp->statements, size);
    size_t             len = (size_t)quantile_at(scp->bytes, size > UPPER_QUARTER ? size : UPPER_QUARTER);
    len += len / 4;
    if (len < len_max) len_max = len;
    if (draw_chance(&p->d, p->m->allow_first, PART_ONE)) allow_all_put(p);
    while (p->count < count) {
        uint64_t u = draw_chance(&p->d, 1, SAME_SIZE_ONE_IN) ? size : draw(&p->d);
        if (deny_put(p, u, true, len_max) || deny_put(p, u / 4, true, len_max) || deny_put(p, 0, false, len_max))
            continue;
        break;
    }
}

str policy_text(arena *a, const policy_maker *m, uint32_t serial, bool allow_list, str *name)
{
    document_text p = {.t = {.a = a},
                       .m = m,
                       .d = {.seed = m->options.seed, .stream = RNG_POLICY, .entity = serial},
                       .a = a,
                       .serial = serial};
    size_t        len_max = m->characters_max > 2 ? m->characters_max - 2 : 0; /* two close the document */
    TEXT_PUT(&p.t, "{\"Version\":\"2012-10-17\",\"Statement\":[");
    if (allow_list) allow_list_put(&p, len_max);
    if (m->options.fill && len_max >= FILL_LEAST)
        statements_fill(&p, len_max);
    else if (!allow_list)
        statements_draw(&p, len_max);
    if (p.count == 0) allow_all_put(&p);
    TEXT_PUT(&p.t, "]}");
    *name = p.word;
    return text_of(&p.t);
}
