/* fuzz_scenario.c - whatever bytes come as a scenario: refused in one line with a place, or read into a plan that keeps
 * its promises. A first line `--set path=value` is what the command line would add.
 *
 * Requests are made for few inputs only: that costs a hundred times as much as reading.
 */
#include "base/digest.h"
#include "fuzz/fuzz.h"
#include "workloads/scenario.h"

#define ACCOUNTS_MAX     64u
#define FULL_READ_ONE_IN 64u

static void check_plan(const scenario *s)
{
    const world_plan *plan = &s->plan;
    const org_view   *v = org_head(s->o);
    int64_t           free_ns = 0, at_ns = 0;
    if (org_revision(s->o) != 0) fuzz_wrong("revision %u before anything ran", org_revision(s->o));
    if (org_account_live(v) > ACCOUNTS_MAX) fuzz_wrong("%u accounts", org_account_live(v));
    if (plan->region_count == 0 || plan->window_count == 0) fuzz_wrong("no region or no window");
    if (plan->lag == NULL || plan->service_time == NULL) fuzz_wrong("no lag or no service time");
    for (uint32_t i = 0; i < plan->window_count; i++) {
        const world_window *w = &plan->windows[i];
        if (w->start_ns < free_ns || w->length_ns <= 0 || w->length_ns > WORLD_TIME_MAX - w->start_ns)
            fuzz_wrong("window %u is out of order", i);
        if (w->rate_num == 0 || w->rate_den == 0 || w->rate_num > WORLD_RATE_TERM_MAX ||
            w->rate_den > WORLD_RATE_TERM_MAX)
            fuzz_wrong("window %u has no rate", i);
        if (w->mix >= profile_mix_count(s->profile)) fuzz_wrong("window %u has no mix", i);
        free_ns = w->start_ns + w->length_ns;
    }
    for (uint32_t i = 0; i < plan->step_count; i++) {
        if (plan->steps[i].command.at_ns < at_ns) fuzz_wrong("step %u goes back in time", i);
        at_ns = plan->steps[i].command.at_ns;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    arena            a;
    str              text = {(const char *)bytes, size};
    scenario_set     set = {0};
    scenario_options options = {.check_only = digest_bytes(text.ptr, text.len).low % FULL_READ_ONE_IN != 0};
    scenario        *s = NULL;
    err              e = {0};
    if (str_starts(text, STR("--set "))) {
        size_t end = str_find(text, '\n', 0), equals = str_find(text, '=', 6);
        if (end == size || equals > end) return 0;
        set = (scenario_set){str_part(text, 6, equals - 6), str_part(text, equals + 1, end - equals - 1)};
        text = str_part(text, end + 1, size - end - 1);
        options.sets = &set;
        options.set_count = 1;
    }
    arena_init(&a, MEMORY_GENERAL);
    source in = {.name = STR("fuzz"), .text = text};
    status code = scenario_read_text(&a, &in, options, ACCOUNTS_MAX, &s, &e);
    /* What `--set` cannot find has no place in the file. */
    if (code == STATUS_OK || strncmp(e.text, "`--set ", 7) != 0) fuzz_check_refusal(code, &e);
    if (code == STATUS_OK) {
        check_plan(s);
        if (!options.check_only && s->requests == NULL) fuzz_wrong("no requests");
    }
    if (code == STATUS_OK) scenario_free(s);
    arena_deinit(&a);
    return 0;
}
