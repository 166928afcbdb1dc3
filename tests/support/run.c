#include "support/run.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/rng.h"
#include "support/support.h"

#define CELLS      24
#define CHANGES    8
#define WINDOW_NS  INT64_C(600000000000)
#define SERVICE_NS 20000000
#define SEED       0x2a

static const world_region regions[] = {
    {{"us-east-1", 9}, 12},
    {{"eu-central-1", 12}, 8},
    {{"ap-southeast-2", 14}, 4},
};

static const struct {
    control_operation op;
    const char       *label;
    int64_t           at_ns;
    uint32_t          allow_percent, deny_percent; /* of outdated decisions */
} changes[CHANGES] = {
    {CONTROL_CREATE_POLICY, "policy \"deny <leave> & stay\", made", 30000000000, 0, 0},
    {CONTROL_ATTACH_POLICY, "deny leaving the organization", 60000000000, 9, 0},
    {CONTROL_ATTACH_POLICY, "region fence for every workload account below the production unit", 150000000000, 31, 0},
    {CONTROL_DETACH_POLICY, NULL, 240000000000, 0, 27},
    {CONTROL_MOVE_ACCOUNT, "sandbox-4 to prod", 300000000000, 2, 1},
    {CONTROL_ATTACH_POLICY, "one more than the quota", 330000000000, 0, 0},
    {CONTROL_UPDATE_POLICY, "fence: eu-north-1 too", 420000000000, 0, 12},
    {CONTROL_DETACH_POLICY, "fence gone", 540000000000, 0, 36},
};

/* ---- organization and plan ---- */

static org *make_org(void)
{
    org     *o = org_new((org_options){.org_id = STR("o-exampleorgid"),
                                       .root_id = STR("r-ab12"),
                                       .management_id = STR("111111111111"),
                                       .management_name = STR("management"),
                                       .management_email = STR("management@example.com")});
    uint32_t ou = org_ou_create(o, ORG_ROOT, STR("ou-ab12-11111111"), STR("prod"));
    (void)org_account_create(o, ou, STR("222222222222"), STR("shop"), STR("shop@example.com"));
    (void)org_account_create(o, ORG_ROOT, STR("333333333333"), STR("log"), STR("log@example.com"));
    (void)org_policy_create(
        o, ORG_TYPE_RCP, STR("p-rcp00001"), STR("only us"), STR(""),
        STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\","
            "\"Resource\":\"*\"}]}"));
    (void)org_commit(o);
    return o;
}

static void make_scenario(arena *a, scenario *s)
{
    uint64_t *weights = ARENA_NEW(a, uint64_t, CELLS);
    for (uint32_t i = 0; i < CELLS; i++) weights[i] = i < 12 ? 4 : i < 20 ? 3 : 1;
    world_window *window = ARENA_NEW(a, world_window, 1);
    *window = (world_window){.length_ns = WINDOW_NS, .rate_num = 432, .rate_den = 1, .name = STR("steady")};
    quantile *service = NULL, *lag = NULL;
    assert_int_equal(quantile_constant(a, SERVICE_NS, &service, NULL), STATUS_OK);
    assert_int_equal(quantile_lognormal(a, 3500000000, 35, 100, &lag, NULL), STATUS_OK);
    scenario_file *files = ARENA_NEW(a, scenario_file, 2);
    files[0] = (scenario_file){STR("scenario"), STR("fence & leave"), digest_bytes("a", 1)};
    files[1] = (scenario_file){STR("catalog"), STR("aws"), digest_bytes("b", 1)};
    *s = (scenario){
        .name = STR("fence & leave"),
        .description = STR("A region fence is put up and taken down again while <shop> sells."),
        .epoch = STR("2026-11-01T00:00:00Z"),
        .profile_name = STR("public-policies-2026"),
        .lag_model = STR("log-normal, median 3.5 s, sigma 0.35"),
        .service_model = STR("constant, 20 ms"),
        .quotas = {.name = STR("aws-2026-05-15"),
                   .date = STR("2026-05-15"),
                   .source = STR("AWS Organizations User Guide"),
                   .confidence = STR("high")},
        .o = make_org(),
        .files = files,
        .file_count = 2,
        .plan = {.seed = SEED,
                 .regions = regions,
                 .region_count = COUNTOF(regions),
                 .windows = window,
                 .window_count = 1,
                 .source = {.cell_weight = weights},
                 .service_time = service,
                 .lag = lag},
    };
    s->plan.o = s->o;
}

/* ---- result ---- */

/* The lag within which `count` cells saw a change. */
static int64_t seen_by(const int64_t *lag, uint32_t count)
{
    int64_t best = INT64_MAX;
    for (uint32_t i = 0; i < CELLS; i++) {
        uint32_t within = 0;
        for (uint32_t k = 0; k < CELLS; k++) within += lag[k] <= lag[i];
        if (within >= count && lag[i] < best) best = lag[i];
    }
    return best;
}

static void make_changes(arena *a, const scenario *s, world_result *r)
{
    r->changes = ARENA_NEW(a, world_change, CHANGES);
    r->change_count = CHANGES;
    for (uint32_t i = 0; i < CHANGES; i++) {
        world_change *c = &r->changes[i];
        *c = (world_change){.step = i,
                            .op = changes[i].op,
                            .label = str_of(changes[i].label),
                            .at_ns = changes[i].at_ns,
                            .first_stale_ns = -1,
                            .last_stale_ns = -1};
        if (i == 5) {
            c->exception = "ConstraintViolationException";
            c->reason = "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED";
            c->detail = STR("`prod` has 10 SCPs, at most 10 fit");
            continue;
        }
        c->revision = ++r->revision_last;
        int64_t *lag = ARENA_NEW(a, int64_t, CELLS);
        for (uint32_t cell = 0; cell < CELLS; cell++)
            lag[cell] = quantile_at(s->plan.lag, rng_at(SEED, RNG_LAG, c->revision, cell));
        c->lag_ns = lag;
        c->lag_50_ns = seen_by(lag, CELLS / 2);
        c->lag_99_ns = c->lag_100_ns = seen_by(lag, CELLS);
    }
}

static void count_denial(world_counts *c, uint64_t u)
{
    static const struct {
        uint32_t       kind, level;
        decision_layer layer;
    } places[] = {
        {1, 0, LAYER_SCP}, {1, 2, LAYER_SCP}, {1, 3, LAYER_SCP},      {0, 1, LAYER_SCP},
        {0, 3, LAYER_SCP}, {1, 2, LAYER_SCP}, {0, 0, LAYER_IDENTITY}, {0, 0, LAYER_IDENTITY},
    };
    size_t i = (size_t)(u >> 32) % COUNTOF(places);
    c->denied_at[places[i].kind][places[i].layer][places[i].level]++;
    *(places[i].kind == 0 ? &c->implicitly_denied : &c->explicitly_denied) += 1;
}

/* A decision at a moment: charged to the earliest change that the cell has not seen. */
static void decide(world_result *r, uint32_t cell, int64_t at_ns, uint64_t u)
{
    world_counts *c = &r->cells[cell].counts;
    int64_t       bin = at_ns / r->bin_ns;
    world_bin    *b = &r->bins[bin < WORLD_BINS ? bin : WORLD_BINS - 1];
    bool          denied = (u & 0xff) < 20;
    b->decisions++;
    *(denied ? &b->denied : &b->allowed) += 1;
    if (denied)
        count_denial(c, u);
    else
        c->allowed++;
    for (uint32_t i = 0; i < CHANGES; i++) {
        world_change *change = &r->changes[i];
        if (change->lag_ns == NULL || at_ns < change->at_ns || at_ns >= change->at_ns + change->lag_ns[cell]) continue;
        uint64_t chance = (u >> 16) % 100;
        c->outdated++;
        b->outdated++;
        bool allow = chance < changes[i].allow_percent, deny = chance >= 100 - changes[i].deny_percent;
        *(allow ? &c->stale_allow : deny ? &c->stale_deny : &c->stale_neutral) += 1;
        *(allow ? &change->stale_allow : deny ? &change->stale_deny : &change->stale_neutral) += 1;
        b->stale_allow += allow;
        b->stale_deny += deny;
        if ((allow || deny) && change->first_stale_ns < 0) change->first_stale_ns = at_ns;
        if ((allow || deny) && change->last_stale_ns < at_ns) change->last_stale_ns = at_ns;
        break;
    }
}

static void run_cell(const scenario *s, world_result *r, uint32_t cell, hist *response, hist *waiting, hist *region)
{
    const world_window *w = &s->plan.windows[0];
    world_counts       *c = &r->cells[cell].counts;
    quantile           *gap = NULL;
    arena               a;
    arena_init(&a, MEMORY_GENERAL);
    int64_t mean = (int64_t)(INT64_C(1000000000) * 76 / (w->rate_num * s->plan.source.cell_weight[cell]));
    assert_int_equal(quantile_exponential(&a, mean, &gap, NULL), STATUS_OK);
    int64_t arrival = 0, free_ns = 0;
    for (uint64_t n = 0;; n++) {
        arrival += quantile_at(gap, rng_at(SEED, RNG_ARRIVAL_TIME, cell, n));
        if (arrival >= WINDOW_NS) break;
        int64_t start = arrival > free_ns ? arrival : free_ns;
        free_ns = start + SERVICE_NS;
        c->attempts++;
        c->busy_ns += SERVICE_NS;
        c->finish_ns = free_ns;
        hist_record(response, free_ns - arrival);
        hist_record(region, free_ns - arrival);
        hist_record(waiting, start - arrival + 1);
        decide(r, cell, start, rng_at(SEED, RNG_TEST, cell, n));
    }
    arena_deinit(&a);
}

static void sum_up(world_result *r)
{
    world_counts *t = &r->totals;
    for (uint32_t i = 0; i < CELLS; i++) {
        const world_counts *c = &r->cells[i].counts;
        t->attempts += c->attempts;
        t->allowed += c->allowed;
        t->implicitly_denied += c->implicitly_denied;
        t->explicitly_denied += c->explicitly_denied;
        t->outdated += c->outdated;
        t->stale_allow += c->stale_allow;
        t->stale_deny += c->stale_deny;
        t->stale_neutral += c->stale_neutral;
        t->busy_ns += c->busy_ns;
        if (c->finish_ns > t->finish_ns) t->finish_ns = c->finish_ns;
        for (uint32_t k = 0; k < 2; k++)
            for (uint32_t layer = 0; layer < WORLD_LAYERS; layer++)
                for (uint32_t level = 0; level < ORG_CHAIN_MAX; level++)
                    t->denied_at[k][layer][level] += c->denied_at[k][layer][level];
    }
}

static void make_result(arena *a, const scenario *s, world_result *r)
{
    hist  *response = hist_new(a, 1, INT64_C(3600000000000), 3), *waiting = hist_new(a, 1, INT64_C(3600000000000), 3);
    hist  *decide_ns = hist_new(a, 1, 1000000000, 3);
    hist **region = ARENA_NEW(a, hist *, COUNTOF(regions));
    r->complete = true;
    r->bin_ns = WINDOW_NS / WORLD_BINS;
    r->cells = ARENA_NEW(a, world_cell, CELLS);
    r->cell_count = CELLS;
    make_changes(a, s, r);
    for (uint32_t i = 0, cell = 0; i < COUNTOF(regions); i++) {
        region[i] = hist_new(a, 1, INT64_C(3600000000000), 3);
        for (uint32_t k = 0; k < regions[i].cell_count; k++, cell++) {
            r->cells[cell].region = i;
            run_cell(s, r, cell, response, waiting, region[i]);
        }
    }
    sum_up(r);
    r->totals.doubtful = 1234;
    r->totals.doubts[DIAGNOSTIC_UNREADABLE_VALUE] = 1111;
    r->totals.doubts[DIAGNOSTIC_UNRESOLVED_VARIABLE] = 222;
    r->totals.doubts[DIAGNOSTIC_NO_SET_OPERATOR] = 33;
    r->totals.doubts[DIAGNOSTIC_UNKNOWN_OPERATOR] = 5;
    for (uint64_t n = 0; n < 4096; n++) hist_record(decide_ns, (int64_t)(12 + (rng_at(SEED, RNG_TEST, 99, n) >> 60)));
    r->response_ns = response;
    r->waiting_ns = waiting;
    r->region_response_ns = (const hist **)region;
    r->decide_ns = decide_ns;
    r->digest = digest_bytes("run", 3);
    r->images_built = r->revision_last + 1;
    r->first_image = (authz_image_stats){.bytes = 20480, .rows = 7, .formulas = 11, .atoms = 5, .pages = 3};
}

support_run *support_run_new(arena *a)
{
    support_run *made = ARENA_NEW(a, support_run, 1);
    make_scenario(a, &made->s);
    make_result(a, &made->s, &made->r);
    environment_read(a, &made->env);
    made->run = (output_run){.scenario = &made->s,
                             .result = &made->r,
                             .threads = 2,
                             .phases = {.read_ns = 12000000, .run_ns = 31000000, .run_cpu_ns = 58000000},
                             .environment = &made->env,
                             .invocation = "orgsim run fence --out /tmp/x"};
    return made;
}

void support_run_free(support_run *made)
{
    org_free(made->s.o);
}

/* ---- folders ---- */

str support_folder(arena *a, const char *name)
{
    str            folder = arena_format(a, "folder-%s-%ld", name, (long)getpid());
    DIR           *open = opendir(folder.ptr);
    struct dirent *entry;
    while (open != NULL && (entry = readdir(open)) != NULL)
        if (entry->d_name[0] != '.') (void)unlink(arena_format(a, "%s/%s", folder.ptr, entry->d_name).ptr);
    if (open != NULL) (void)closedir(open);
    (void)rmdir(folder.ptr);
    return folder;
}

str support_file(arena *a, str folder, const char *file)
{
    source text;
    str    path = arena_format(a, "%.*s/%s", STR_FMT(folder), file);
    return file_read(a, path.ptr, FILE_BYTES_MAX, &text, NULL) == STATUS_OK ? text.text : (str){NULL, 0};
}

bool support_has_part(str text, const char *part)
{
    return text.ptr != NULL && memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* ---- schemas ---- */

bool support_schemas_known(void)
{
    return system("python3 -c 'from jsonschema import Draft202012Validator' >/dev/null 2>&1") == 0;
}

bool support_schemas_hold(arena *a, const char *schemas, str folder)
{
    static const char judge[] =
        "import json, sys\n"
        "from jsonschema import Draft202012Validator as V\n"
        "for name in ('results', 'timing', 'analysis'):\n"
        "    schema = json.load(open(sys.argv[1] + '/' + name + '.schema.json'))\n"
        "    V.check_schema(schema)\n"
        "    found = list(V(schema).iter_errors(json.load(open(sys.argv[2] + '/' + name + '.json'))))\n"
        "    for e in found: print(name, e.json_path, e.message[:200])\n"
        "    if found: sys.exit(1)\n";
    str script = arena_format(a, "%.*s/judge.py", STR_FMT(folder));
    if (file_write(script.ptr, STR(judge), NULL) != STATUS_OK) return false;
    return system(arena_format(a, "python3 %s %s %.*s", script.ptr, schemas, STR_FMT(folder)).ptr) == 0;
}
