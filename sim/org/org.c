#include "org/state.h"

#include <stdlib.h>

static const char *const type_names[ORG_TYPE_COUNT] = {
    [ORG_TYPE_SCP] = "SERVICE_CONTROL_POLICY",
    [ORG_TYPE_RCP] = "RESOURCE_CONTROL_POLICY",
    [ORG_TYPE_TAG] = "TAG_POLICY",
    [ORG_TYPE_BACKUP] = "BACKUP_POLICY",
    [ORG_TYPE_AI_OPT_OUT] = "AISERVICES_OPT_OUT_POLICY",
};

const char *org_policy_type_name(org_policy_type t)
{
    assert(t < ORG_TYPE_COUNT);
    return type_names[t];
}

bool org_policy_type_of(str name, org_policy_type *out)
{
    for (uint32_t t = 0; t < ORG_TYPE_COUNT; t++) {
        if (!str_is(name, type_names[t])) continue;
        *out = (org_policy_type)t;
        return true;
    }
    return false;
}

/* ---- life ---- */

static void columns_init(org *o, org_options options)
{
    o->head.nodes.record_bytes = sizeof(org_node);
    o->head.accounts.record_bytes = sizeof(org_account);
    o->head.policies.record_bytes = sizeof(org_policy);
    org_node *root = pages_push(&o->pages, &o->head.nodes);
    *root = (org_node){.parent = ORG_NONE, .name = "Root", .name_bytes = 4, .exists = true};
    o->head.live_nodes = 1;
    (void)intern_add(o->node_ids, options.root_id);
}

static void managed_policies_init(org *o)
{
    uint32_t full = state_policy_create(
        o,
        (org_policy){.name = STR("FullAWSAccess"),
                     .description = STR("Allows access to every operation"),
                     .type = ORG_TYPE_SCP,
                     .aws_managed = true},
        STR("p-FullAWSAccess"),
        STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}"));
    uint32_t rcp_full =
        state_policy_create(o,
                            (org_policy){.name = STR("RCPFullAWSAccess"),
                                         .description = STR("Allow access to every resource"),
                                         .type = ORG_TYPE_RCP,
                                         .aws_managed = true},
                            STR("p-RCPFullAWSAccess"),
                            STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\","
                                "\"Action\":\"*\",\"Resource\":\"*\"}]}"));
    assert(full == ORG_FULL_ACCESS);
    assert(rcp_full == ORG_RCP_FULL_ACCESS);
}

org *org_new(org_options options)
{
    org *o = memory_alloc(MEMORY_ORG, sizeof *o);
    o->head.owner = o;
    arena_init(&o->texts, MEMORY_ORG);
    arena_init(&o->contents, MEMORY_POLICY);
    o->id = arena_str(&o->texts, options.org_id);
    o->node_ids = intern_new(MEMORY_ORG, false);
    o->account_ids = intern_new(MEMORY_ORG, false);
    o->policy_ids = intern_new(MEMORY_ORG, false);
    for (uint32_t k = 0; k < NAMES_COUNT; k++) o->names[k] = idmap_new(MEMORY_ORG);
    o->content_index = idmap_new(MEMORY_POLICY);
    attached_init(&o->attached);
    columns_init(o, options);
    managed_policies_init(o);
    uint32_t management =
        org_account_create(o, ORG_ROOT, options.management_id, options.management_name, options.management_email);
    assert(management == ORG_MANAGEMENT);
    return o;
}

/* A page is reachable from the head or lies on exactly one dead list. */
static void pages_free_all(org *o)
{
    for (org_view *v = o->newest, *older; v != NULL; v = older) {
        older = v->older;
        pages_bury(&o->pages, v->dead, 0, NULL);
        memory_free(MEMORY_ORG, v->changes);
        memory_free(MEMORY_ORG, v);
    }
    pages_bury(&o->pages, o->pages.dead, 0, NULL);
    pages_free(&o->pages, &o->head.nodes);
    pages_free(&o->pages, &o->head.accounts);
    pages_free(&o->pages, &o->head.policies);
    assert(o->pages.bytes == 0);
}

void org_free(org *o)
{
    if (o == NULL) return;
    pages_free_all(o);
    for (uint32_t k = 0; k < NAMES_COUNT; k++) idmap_free(o->names[k]);
    intern_free(o->node_ids);
    intern_free(o->account_ids);
    intern_free(o->policy_ids);
    attached_deinit(&o->attached);
    lists_deinit(&o->lists);
    idmap_free(o->content_index);
    memory_free(MEMORY_POLICY, o->content_list);
    memory_free(MEMORY_ORG, o->views);
    memory_free(MEMORY_ORG, o->pending);
    arena_deinit(&o->contents);
    arena_deinit(&o->texts);
    memory_free(MEMORY_ORG, o);
}

size_t org_bytes(const org *o)
{
    return o->pages.bytes + arena_bytes(&o->texts) + arena_bytes(&o->contents) + attached_bytes(&o->attached) +
           lists_bytes(&o->lists);
}

/* ---- versions ---- */

static int change_cmp(const void *a, const void *b)
{
    const org_change *x = a, *y = b;
    if (x->what != y->what) return x->what < y->what ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static void changes_close(org *o, org_view *v)
{
    if (o->pending_count == 0) return;
    qsort(o->pending, o->pending_count, sizeof *o->pending, change_cmp);
    uint32_t count = 1;
    for (uint32_t i = 1; i < o->pending_count; i++)
        if (change_cmp(&o->pending[i], &o->pending[count - 1]) != 0) o->pending[count++] = o->pending[i];
    v->changes = memory_alloc(MEMORY_ORG, count * sizeof *v->changes);
    memcpy(v->changes, o->pending, count * sizeof *v->changes);
    v->change_count = count;
    o->pending_count = 0;
}

uint32_t org_commit(org *o)
{
    uint32_t revision = o->head.revision;
    assert(revision < ORG_NONE - 1);
    if (revision == o->view_capacity) {
        uint32_t wider = revision == 0 ? 64 : revision * 2;
        o->views = memory_realloc(MEMORY_ORG, o->views, revision * sizeof *o->views, wider * sizeof *o->views);
        o->view_capacity = wider;
    }
    org_view *v = memory_alloc(MEMORY_ORG, sizeof *v);
    *v = o->head;
    changes_close(o, v);
    v->older = o->newest;
    if (v->older != NULL) {
        v->older->newer = v;
        v->older->dead = o->pages.dead;
    }
    assert(v->older != NULL || o->pages.dead == NULL);
    o->pages.dead = NULL;
    o->newest = o->views[revision] = v;
    o->pages.revision = o->head.revision = revision + 1;
    return revision;
}

uint32_t org_revision(const org *o)
{
    assert(o->newest != NULL);
    return o->newest->revision;
}

const org_view *org_at(const org *o, uint32_t revision)
{
    assert(revision < o->head.revision);
    assert(o->views[revision] != NULL);
    return o->views[revision];
}

const org_view *org_head(const org *o)
{
    return &o->head;
}

void org_release(org *o, uint32_t revision)
{
    assert(revision < o->head.revision);
    org_view *v = o->views[revision];
    assert(v != NULL);
    assert(v != o->newest);
    if (v->older != NULL) {
        pages_bury(&o->pages, v->dead, v->older->revision, &v->older->dead);
        v->older->newer = v->newer;
    } else {
        pages_bury(&o->pages, v->dead, 0, NULL);
    }
    v->newer->older = v->older;
    o->views[revision] = NULL;
    memory_free(MEMORY_ORG, v->changes);
    memory_free(MEMORY_ORG, v);
}
