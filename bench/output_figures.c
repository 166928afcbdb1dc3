#include "bench/output_figures.h"

#include <inttypes.h>

#include "workloads/data.h"

output_quantiles output_quantiles_of(const hist *h, int64_t shift)
{
    output_quantiles q = {.count = hist_count(h), .clipped = hist_clipped(h)};
    if (q.count == 0) return q;
    q.min_ns = hist_min(h) - shift;
    q.p50_ns = hist_quantile(h, 1, 2) - shift;
    q.p90_ns = hist_quantile(h, 9, 10) - shift;
    q.p99_ns = hist_quantile(h, 99, 100) - shift;
    q.p999_ns = hist_quantile(h, 999, 1000) - shift;
    q.max_ns = hist_max(h) - shift;
    return q;
}

/* The smallest count that is at least the num/den-th part of the total. */
static uint64_t part_of(uint64_t total, uint64_t num, uint64_t den)
{
    __extension__ typedef unsigned __int128 u128;
    u128                                    product = (u128)total * num;
    return (uint64_t)((product + den - 1) / den);
}

bool output_beyond(uint64_t count, uint64_t clipped, uint64_t num, uint64_t den)
{
    return clipped > 0 && part_of(count, num, den) > count - clipped;
}

#define SPECTRUM_STEPS 20 /* of each halving */
#define SPECTRUM_MAX   (64 * SPECTRUM_STEPS + 1)

uint32_t output_spectrum(arena *a, const hist *h, const output_step **out)
{
    uint64_t     total = hist_count(h), cumulative = 0;
    output_step *steps = ARENA_NEW(a, output_step, SPECTRUM_MAX);
    uint32_t     count = 0;
    size_t       cursor = 0;
    hist_bucket  bucket = {0};
    *out = steps;
    if (total == 0) return 0;
    for (uint32_t half = 0; half < 52 && (UINT64_C(1) << half) < total; half++) {
        uint64_t den = (UINT64_C(1) << half) * 2 * SPECTRUM_STEPS;
        for (uint32_t i = 0; i < SPECTRUM_STEPS; i++) {
            uint64_t num = den - 2 * SPECTRUM_STEPS + i, need = part_of(total, num, den);
            while (bucket.cumulative < need || bucket.count == 0)
                if (!hist_next(h, &cursor, &cumulative, &bucket)) break;
            if (num > 0) steps[count++] = (output_step){num, den, bucket.high};
        }
    }
    steps[count++] = (output_step){1, 1, hist_max(h)};
    return count;
}

int64_t output_windows_ns(const world_plan *plan)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < plan->window_count; i++) sum += plan->windows[i].length_ns;
    return sum;
}

output_load output_load_of(const world_plan *plan, const world_result *r)
{
    double  window = (double)output_windows_ns(plan);
    int64_t busiest = 0;
    if (window <= 0 || r->cell_count == 0) return (output_load){0};
    for (uint32_t i = 0; i < r->cell_count; i++)
        if (r->cells[i].counts.busy_ns > busiest) busiest = r->cells[i].counts.busy_ns;
    return (output_load){(double)r->totals.busy_ns / (window * r->cell_count), (double)busiest / window};
}

uint64_t output_denied(const world_counts *c)
{
    return c->implicitly_denied + c->explicitly_denied;
}

uint64_t output_decided(const world_counts *c)
{
    return c->allowed + output_denied(c);
}

static void add(world_counts *to, const world_counts *c)
{
    to->attempts += c->attempts;
    to->allowed += c->allowed;
    to->implicitly_denied += c->implicitly_denied;
    to->explicitly_denied += c->explicitly_denied;
    to->shed += c->shed;
    to->timed_out += c->timed_out;
    to->unfinished += c->unfinished;
    to->outdated += c->outdated;
    to->stale_allow += c->stale_allow;
    to->stale_deny += c->stale_deny;
    to->stale_neutral += c->stale_neutral;
    to->verified += c->verified;
    to->mismatched += c->mismatched;
    to->busy_ns += c->busy_ns;
    if (c->finish_ns > to->finish_ns) to->finish_ns = c->finish_ns;
    for (size_t kind = 0; kind < 2; kind++)
        for (size_t layer = 0; layer < WORLD_LAYERS; layer++)
            for (size_t level = 0; level < ORG_CHAIN_MAX; level++)
                to->denied_at[kind][layer][level] += c->denied_at[kind][layer][level];
}

world_counts output_sum(const world_result *r, uint32_t region)
{
    world_counts sum = {0};
    for (uint32_t i = 0; i < r->cell_count; i++)
        if (region == UINT32_MAX || r->cells[i].region == region) add(&sum, &r->cells[i].counts);
    return sum;
}

static bool accounted(const world_counts *c)
{
    return c->attempts == output_decided(c) + c->shed + c->timed_out + c->unfinished;
}

output_laws output_laws_of(const world_result *r)
{
    output_laws  laws = {.attempts_accounted = accounted(&r->totals)};
    world_counts cells = output_sum(r, UINT32_MAX);
    uint64_t     allow = 0, deny = 0, neutral = 0;
    for (uint32_t i = 0; i < r->cell_count; i++)
        laws.attempts_accounted = laws.attempts_accounted && accounted(&r->cells[i].counts);
    for (uint32_t i = 0; i < r->change_count; i++) {
        allow += r->changes[i].stale_allow;
        deny += r->changes[i].stale_deny;
        neutral += r->changes[i].stale_neutral;
    }
    const world_counts *t = &r->totals;
    laws.cells_sum = memcmp(cells.denied_at, t->denied_at, sizeof cells.denied_at) == 0 &&
                     cells.attempts == t->attempts && cells.allowed == t->allowed && cells.busy_ns == t->busy_ns &&
                     cells.outdated == t->outdated && cells.stale_allow == t->stale_allow &&
                     cells.stale_deny == t->stale_deny && cells.stale_neutral == t->stale_neutral;
    laws.stale_sum = allow == t->stale_allow && deny == t->stale_deny && neutral == t->stale_neutral &&
                     allow + deny + neutral == t->outdated;
    return laws;
}

static int64_t extreme_change(const world_result *r, int sign)
{
    int64_t best = -1;
    for (uint32_t i = 0; i < r->change_count; i++) {
        const world_change *c = &r->changes[i];
        if (c->exception != NULL) continue;
        if (best < 0 || sign * c->lag_99_ns > sign * r->changes[best].lag_99_ns) best = i;
    }
    return best;
}

int64_t output_slowest_change(const world_result *r)
{
    return extreme_change(r, 1);
}

int64_t output_fastest_change(const world_result *r)
{
    return extreme_change(r, -1);
}

str output_level_name(arena *a, decision_layer layer, uint32_t level)
{
    if (layer != LAYER_SCP && layer != LAYER_RCP) return STR("");
    if (level == 0) return STR("level 0 (root)");
    return arena_format(a, "level %" PRIu32 "%s", level, level == ORG_CHAIN_MAX - 1 ? " (account)" : "");
}

/* For a shell: as it is where nothing needs quoting, else in single quotes. */
static str shell_word(arena *a, str word)
{
    bool plain = word.len > 0;
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i], l = char_lower(c);
        plain = plain && ((l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || (c != 0 && strchr("-_./:=,+@%", c)));
    }
    if (plain) return word;
    char  *text = ARENA_NEW(a, char, word.len * 4 + 2);
    size_t len = 0;
    text[len++] = '\'';
    for (size_t i = 0; i < word.len; i++) {
        str piece = word.ptr[i] == '\'' ? STR("'\\''") : str_part(word, i, 1);
        memcpy(text + len, piece.ptr, piece.len);
        len += piece.len;
    }
    text[len++] = '\'';
    return (str){text, len};
}

/* Whether the scenario is, before `--set`, the one of that name inside the program: by its bytes, not by its place. */
static bool is_embedded(arena scratch, const scenario *s)
{
    const source *text = NULL;
    bool          known = false;
    for (uint32_t i = 0; i < data_count(DATA_SCENARIO); i++)
        known = known || str_eq(data_name(DATA_SCENARIO, i), s->name);
    if (!known || data_text(&scratch, DATA_SCENARIO, s->name, (str){"", 0}, &text, NULL) != STATUS_OK) return false;
    digest own = digest_bytes(text->text.ptr, text->text.len);
    return s->as_written.low == own.low && s->as_written.high == own.high;
}

str output_reproduce(arena *a, const output_run *run, bool with_path)
{
    const scenario *s = run->scenario;
    bool            embedded = is_embedded(*a, s), path = with_path && !embedded;
    str             file = arena_format(a, "%.*s%s", STR_FMT(s->name), embedded ? "" : ".json");
    path = path && s->path.len > 0 && !str_is(s->path, "<stdin>");
    str name = shell_word(a, path ? s->path : file);
    str text = arena_format(a, "orgsim run %.*s --seed 0x%" PRIx64, STR_FMT(name), s->plan.seed);
    for (uint32_t i = 0; i < run->set_count; i++) {
        const scenario_set *set = &run->sets[i];
        str                 pair = arena_format(a, "%.*s=%.*s", STR_FMT(set->path), STR_FMT(set->value));
        pair = shell_word(a, pair);
        text = arena_format(a, "%.*s --set %.*s", STR_FMT(text), STR_FMT(pair));
    }
    return text;
}
