#include "authz/actions.h"

#include "base/mutant.h"
#include "policy/match.h"

typedef struct {
    arena         *a;
    const catalog *facts;
    action_chunk  *chunks; /* ascending */
    size_t         count, capacity;
    bool           every; /* `*` */
} action_marks;

static void mark(action_marks *m, uint32_t chunk, uint64_t mask)
{
    size_t at = m->count;
    if (mask == 0) return;
    while (at > 0 && m->chunks[at - 1].chunk > chunk) at--;
    if (at > 0 && m->chunks[at - 1].chunk == chunk) {
        m->chunks[at - 1].mask |= mask;
        return;
    }
    (void)ARENA_PUSH(m->a, action_chunk, m->chunks, m->count, m->capacity);
    memmove(&m->chunks[at + 1], &m->chunks[at], (m->count - 1 - at) * sizeof *m->chunks);
    m->chunks[at] = (action_chunk){chunk, mask};
}

static bool has_wildcard(str s)
{
    return str_find(s, '*', 0) < s.len || str_find(s, '?', 0) < s.len;
}

/* `*` or a run of them; `*:*` is read as `*` (contested point C21). */
static bool takes_everything(str pattern)
{
    size_t stars = 0;
    while (stars < pattern.len && pattern.ptr[stars] == '*') stars++;
    return (stars > 0 && stars == pattern.len) || str_is(pattern, "*:*");
}

static void mark_pattern(action_marks *m, str pattern)
{
    size_t colon = str_find(pattern, ':', 0);
    m->every = m->every || takes_everything(pattern);
    if (m->every || colon == pattern.len) return;
    str name = str_part(pattern, colon + 1, pattern.len - colon - 1);
    if (!has_wildcard(name)) {
        uint32_t action = catalog_action_find(m->facts, pattern);
        if (action == CATALOG_NONE) return;
        action_handle h = catalog_action_at(m->facts, action)->handle;
        mark(m, h.chunk, UINT64_C(1) << h.bit);
        return;
    }
    uint32_t service = catalog_service_find(m->facts, str_part(pattern, 0, colon));
    if (service == CATALOG_NONE) return;
    const catalog_service *s = catalog_service_at(m->facts, service);
    if (str_is(name, "*")) {
        for (uint32_t c = s->chunk_first; c < (uint32_t)s->chunk_first + s->chunk_count; c++)
            mark(m, c, catalog_chunk_mask(m->facts, c));
        return;
    }
    for (uint32_t i = s->action_first; i < s->action_first + s->action_count; i++) {
        const catalog_action *x = catalog_action_at(m->facts, i);
        if (match_action_name(name, x->name)) mark(m, x->handle.chunk, UINT64_C(1) << x->handle.bit);
    }
}

action_set actions_of(arena *a, arena scratch, const catalog *facts, const policy_statement *s)
{
    bool         others = s->not_action && !MUTANT(MUTANT_NOT_ACTION_INVERTED);
    action_marks m = {.a = &scratch, .facts = facts};
    for (uint32_t i = 0; i < s->action_count; i++) mark_pattern(&m, s->actions[i].text);
    if (m.every) return (action_set){.rest = !others};
    action_chunk *chunks = ARENA_NEW(a, action_chunk, m.count);
    for (size_t i = 0; i < m.count; i++) {
        chunks[i] = m.chunks[i];
        if (others) chunks[i].mask = catalog_chunk_mask(facts, chunks[i].chunk) & ~chunks[i].mask;
    }
    return (action_set){chunks, (uint32_t)m.count, others};
}
