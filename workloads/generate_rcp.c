#include "workloads/generate_rcp.h"

#include "workloads/generate_text.h"

#define CHARACTERS_MAX 5120u
#define PER_POLICY_MAX 8u
#define NAME_HOLE      STR("<name>")

static void put_filled(text_builder *t, str statement, str organization_id, str name)
{
    for (size_t i = 0; i < statement.len;) {
        str rest = str_part(statement, i, statement.len - i);
        if (str_starts(rest, PROFILE_ORGANIZATION)) {
            text_put(t, organization_id);
            i += PROFILE_ORGANIZATION.len;
        } else if (str_starts(rest, NAME_HOLE)) {
            text_put(t, name);
            i += NAME_HOLE.len;
        } else {
            text_put(t, str_part(rest, 0, 1));
            i++;
        }
    }
}

str rcp_of_statements(arena *a, const str *statements, uint32_t count, str organization_id, str name)
{
    text_builder t = {.a = a};
    TEXT_PUT(&t, "{\"Version\":\"2012-10-17\",\"Statement\":[");
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) TEXT_PUT(&t, ",");
        put_filled(&t, statements[i], organization_id, name);
    }
    TEXT_PUT(&t, "]}");
    return text_of(&t);
}

/* One of the weighted items that is not taken yet; count where all are. */
static uint32_t pick_new(draws *d, const profile_weighted *items, uint32_t count, uint64_t taken)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < count; i++) total += taken >> i & 1 ? 0 : items[i].weight;
    if (total == 0) return count;
    uint64_t left = rng_scale(draw(d), total);
    for (uint32_t i = 0; i < count; i++) {
        if (taken >> i & 1) continue;
        if (left < items[i].weight) return i;
        left -= items[i].weight;
    }
    return count;
}

static uint32_t pick_count(draws *d, const uint64_t *weights, uint32_t max)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < max; i++) total += weights[i];
    uint64_t left = rng_scale(draw(d), total);
    uint32_t i = 0;
    while (left >= weights[i]) left -= weights[i++];
    return i + 1;
}

str rcp_text(arena *a, const profile *p, uint64_t seed, uint32_t serial, str organization_id)
{
    const profile_rcp  *rcp = &p->rcp;
    const profile_list *names = &p->requests.resource_names;
    draws               d = {.seed = seed, .stream = RNG_RCP, .entity = serial};
    str                 chosen[PER_POLICY_MAX], text = {0};
    uint64_t            taken = 0;
    str                 name = names->items[draw_below(&d, names->count)];
    uint32_t            wanted = pick_count(&d, rcp->statement_counts, rcp->statement_counts_max), count = 0;
    while (count < wanted && count < PER_POLICY_MAX) {
        uint32_t i = pick_new(&d, rcp->statements, rcp->statement_count, taken);
        if (i == rcp->statement_count) break;
        taken |= UINT64_C(1) << i;
        chosen[count] = rcp->statements[i].text;
        str longer = rcp_of_statements(a, chosen, count + 1, organization_id, name);
        if (longer.len > CHARACTERS_MAX && count > 0) break;
        text = longer;
        count++;
    }
    return text;
}
