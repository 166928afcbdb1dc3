#include "support/worlds.h"

static document *embedded(arena *a, data_kind kind, const char *name)
{
    const source *text = NULL;
    document     *d = NULL;
    err           e = {0};
    if (data_text(a, kind, str_of(name), STR(""), &text, &e) != STATUS_OK ||
        document_parse(a, text, &d, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    return d;
}

profile *support_profile(arena *a, const catalog *facts, const char *name)
{
    document *d = embedded(a, DATA_PROFILE, name);
    profile  *p = NULL;
    err       e = {0};
    if (profile_read(a, d, facts, &p, &e) != STATUS_OK) fail_msg("%s", e.text);
    document_free(d);
    return p;
}

quota_profile support_quotas(arena *a, const char *name)
{
    document     *d = embedded(a, DATA_QUOTA, name);
    quota_profile quotas = {0};
    err           e = {0};
    if (quota_read(a, d, &quotas, &e) != STATUS_OK) fail_msg("%s", e.text);
    document_free(d);
    return quotas;
}

static support_world made(arena *a, const profile *p, const catalog *facts, const char *quotas, generate_size size,
                          uint64_t seed)
{
    support_world w = {0};
    err           e = {0};
    quota_profile q = support_quotas(a, quotas);
    if (generate_organization(a, p, facts, &q, size, seed, &w.o, &w.c, &e) != STATUS_OK) fail_msg("%s", e.text);
    return w;
}

support_world support_world_named(arena *a, const profile *p, const catalog *facts, const char *name, uint64_t seed)
{
    const generate_world *world = generate_world_find(str_of(name));
    if (world == NULL) fail_msg("no world `%s`", name);
    return made(a, p, facts, world->quota_profile, world->size, seed);
}

support_world support_world_sized(arena *a, const profile *p, const catalog *facts, generate_size size, uint64_t seed)
{
    return made(a, p, facts, "unlimited", size, seed);
}

void support_world_free(support_world *w)
{
    control_free(w->c);
    org_free(w->o);
}
