#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/terminal.h"
#include "workloads/data.h"
#include "workloads/export.h"
#include "workloads/generate.h"

static const char text[] = "Makes a synthetic organization from a profile (default corpus-2026-11, a model\n"
                           "of published SCPs) and writes into DIR\n"
                           "\n"
                           "  scenario.json     the organization and its policies, in a scenario that runs\n"
                           "  requests.jsonl    authorization cases with every policy that applies, as\n"
                           "                    `orgsim eval --cases` reads them\n"
                           "\n"
                           "WORLD is small, large, quota or giant; --accounts, --ous, --scps and --rcps\n"
                           "change its size. Equal arguments give equal bytes.\n";

typedef struct {
    str      world, out, quotas;
    uint64_t seed, accounts, ous, scps, rcps, requests;
    bool     accounts_given, ous_given, scps_given, rcps_given;
} generate_flags;

static status read_size(const generate_flags *f, generate_size *size, str *quotas, err *e)
{
    const generate_world *world = generate_world_find(f->world);
    if (world == NULL)
        return err_set(e, STATUS_INVALID, "unknown world `%.*s`, expected small, large, quota or giant",
                       STR_FMT(f->world));
    if (f->accounts < 1 || f->accounts > 2000000 || f->ous > 1000000 || f->scps > 1000000 || f->rcps > 1000000)
        return err_set(e, STATUS_INVALID, "expected 1 to 2,000,000 accounts, up to 1,000,000 OUs, SCPs and RCPs");
    *size = world->size;
    if (f->accounts_given) size->accounts = (uint32_t)f->accounts;
    if (f->ous_given) size->ous = (uint32_t)f->ous;
    if (f->scps_given) size->scps = (uint32_t)f->scps;
    if (f->rcps_given) size->rcps = (uint32_t)f->rcps;
    *quotas = f->quotas.ptr != NULL ? f->quotas : str_of(world->quota_profile);
    return STATUS_OK;
}

typedef struct { /* freed in one place */
    document          *profile_text, *quota_text;
    profile           *p;
    catalog           *facts;
    quota_profile      quotas;
    org               *o;
    control           *c;
    generate_requests *requests;
} made;

static status make(arena *a, str profile_wanted, const generate_flags *f, made *m, err *e)
{
    const source *in;
    generate_size size;
    str           quotas;
    TRY(read_size(f, &size, &quotas, e));
    TRY(data_catalog(a, &m->facts, e));
    TRY(data_text(a, DATA_PROFILE, profile_wanted, (str){0}, &in, e));
    TRY(document_parse(a, in, &m->profile_text, e));
    TRY(profile_read(a, m->profile_text, m->facts, &m->p, e));
    TRY(data_text(a, DATA_QUOTA, quotas, (str){0}, &in, e));
    TRY(document_parse(a, in, &m->quota_text, e));
    TRY(quota_read(a, m->quota_text, &m->quotas, e));
    TRY(generate_organization(a, m->p, m->facts, &m->quotas, size, f->seed, &m->o, &m->c, e));
    const generate_region region = {{STR("us-east-1"), 1}, 1};
    return generate_requests_new(a, m->p, m->facts, org_at(m->o, 0), &region, 1, f->seed, &m->requests, e);
}

/* A scenario around the organization: the smallest that runs. */
static void scenario_print(const made *m, uint64_t seed, str profile_wanted, FILE *out)
{
    (void)fprintf(out,
                  "{\"schema\":\"orgsim.scenario/1\",\"name\":\"generated\",\"seed\":\"0x%" PRIx64
                  "\",\n\"quota_profile\":\"%.*s\",\n\"organization\":{\"profile\":\"%.*s\",\"inline\":\n",
                  seed, STR_FMT(m->quotas.name), STR_FMT(profile_wanted));
    export_organization(org_at(m->o, 0), out);
    (void)fputs("},\n\"evaluators\":{\"regions\":[{\"name\":\"us-east-1\",\"cells\":4}],\"service_time\":\"20us\"},\n"
                "\"propagation\":{\"preset\":\"aws-iam-observed\"},\n\"timeline\":[],\n"
                "\"workload\":{\"windows\":[{\"start\":\"0s\",\"duration\":\"10s\",\"scenario\":\"steady\"}],\n"
                "\"scenarios\":{\"steady\":{\"executor\":\"constant-arrival-rate\",\"rate\":10000}}}}\n",
                out);
}

static status generate_into(arena *a, str profile_wanted, const generate_flags *f, made *m, err *e)
{
    const volatile int *stop = interrupt_catch();
    file_writer        *w;
    TRY(make(a, profile_wanted, f, m, e));
    if (*stop) return err_set(e, STATUS_INTERRUPTED, "interrupted; nothing was written");
    TRY(file_make_folder(arena_str(a, f->out).ptr, e));
    TRY(file_writer_open(arena_format(a, "%.*s/scenario.json", STR_FMT(f->out)).ptr, &w, e));
    scenario_print(m, f->seed, profile_wanted, file_stream(w));
    TRY(file_writer_commit(w, e));
    if (f->requests == 0) return STATUS_OK;
    TRY(file_writer_open(arena_format(a, "%.*s/requests.jsonl", STR_FMT(f->out)).ptr, &w, e));
    export_requests(m->requests, 0, f->requests, stop, file_stream(w));
    if (!*stop) return file_writer_commit(w, e);
    file_writer_abandon(w);
    return err_set(e, STATUS_INTERRUPTED, "interrupted; `requests.jsonl` was not written");
}

int cli_generate(int argc, char **argv)
{
    generate_flags f = {
        .world = STR("small"), .out = STR("results/runs/generated"), .seed = 1, .accounts = 1, .requests = 1000};
    str        profile_wanted = STR("corpus-2026-11");
    const flag flags[] = {
        {"world", "WORLD", FLAG_TEXT, &f.world, "default small", NULL},
        {"accounts", "N", FLAG_COUNT, &f.accounts, "with the management account", &f.accounts_given},
        {"ous", "N", FLAG_COUNT, &f.ous, "organizational units", &f.ous_given},
        {"scps", "N", FLAG_COUNT, &f.scps, "service control policies", &f.scps_given},
        {"rcps", "N", FLAG_COUNT, &f.rcps, "resource control policies", &f.rcps_given},
        {"quotas", "NAME", FLAG_TEXT, &f.quotas, "quota profile (default: the world's)", NULL},
        {"requests", "N", FLAG_COUNT, &f.requests, "how many requests (default 1000)", NULL},
        {"seed", "S", FLAG_HEX, &f.seed, "default 1", NULL},
        {"out", "DIR", FLAG_TEXT, &f.out, "default results/runs/generated", NULL},
    };
    const command c = {"generate", "[PROFILE]",    text, "orgsim generate --world small --requests 1000 --out /tmp/org",
                       flags,      COUNTOF(flags), 0,    1};
    int           code = arguments_read(&c, argc, argv, &profile_wanted, NULL);
    if (code >= 0) return code;
    arena a;
    err   e = {0};
    made  m = {0};
    arena_init(&a, MEMORY_GENERAL);
    status s = generate_into(&a, profile_wanted, &f, &m, &e);
    if (s == STATUS_OK) {
        const org_view *v = org_at(m.o, 0);
        (void)printf("%u accounts, %u OUs, %u SCPs, %llu requests\n%.*s/scenario.json\n", org_account_live(v),
                     org_ou_live(v), org_policy_live(v, ORG_TYPE_SCP), (unsigned long long)f.requests, STR_FMT(f.out));
        if (f.requests > 0) (void)printf("%.*s/requests.jsonl\n", STR_FMT(f.out));
    }
    code = s == STATUS_OK ? cli_finish(EXIT_OK) : cli_fail(&e);
    if (m.requests != NULL) generate_requests_free(m.requests);
    if (m.c != NULL) control_free(m.c);
    if (m.o != NULL) org_free(m.o);
    document_free(m.profile_text);
    document_free(m.quota_text);
    arena_deinit(&a);
    return code;
}
