#include "control/verdicts.h"

#include <stdio.h>

#include "policy/evaluate.h"

enum { KNOWN = 1, ALLOWS = 2, DENIES = 4, DEPENDS = 8 };

void verdicts_deinit(verdicts *v)
{
    memory_free(MEMORY_WORLD, v->policies);
    *v = (verdicts){0};
}

static bool takes_every_resource(const policy_statement *s)
{
    if (s->not_resource) return false;
    for (uint32_t i = 0; i < s->resource_count; i++)
        if (str_is(s->resources[i].text, "*")) return true;
    return false;
}

static uint8_t policy_says(const policy *p, control_operation op)
{
    char    text[96];
    int     len = snprintf(text, sizeof text, "organizations:%s", control_operation_name(op));
    str     action = {text, (size_t)len};
    uint8_t says = KNOWN;
    for (uint32_t i = 0; i < p->statement_count; i++) {
        const policy_statement *s = &p->statements[i];
        if (!statement_takes_action(s, action)) continue;
        bool fixed = s->clause_count == 0 && takes_every_resource(s);
        says |= !fixed ? DEPENDS : s->deny ? DENIES : ALLOWS;
    }
    return says;
}

static uint8_t verdict_of(verdicts *v, const org_view *view, uint32_t which, control_operation op)
{
    const char *content = org_policy_content(view, which).ptr;
    if (which >= v->count) {
        uint32_t wider = v->count == 0 ? 64 : v->count;
        while (wider <= which) wider *= 2;
        v->policies =
            memory_realloc(MEMORY_WORLD, v->policies, v->count * sizeof *v->policies, wider * sizeof *v->policies);
        v->count = wider;
    }
    policy_verdicts *p = &v->policies[which];
    if (p->content != content) *p = (policy_verdicts){.content = content};
    if (p->says[op] == 0) p->says[op] = policy_says(org_policy_parsed(view, which), op);
    return p->says[op];
}

/* A Deny that always holds decides whatever else depends on the request; all else has to be fixed to decide. */
chain_verdict verdicts_of_chain(verdicts *v, const org_view *view, uint32_t account, control_operation op)
{
    org_target chain[ORG_CHAIN_MAX];
    uint32_t   length = org_chain(view, account, chain);
    bool       depends = false, lacks = false;
    for (uint32_t i = 0; i < length; i++) {
        org_attachments here = org_attached(view, ORG_TYPE_SCP, chain[i]);
        uint8_t         level = 0;
        for (uint32_t k = 0; k < here.count; k++) level |= verdict_of(v, view, here.policies[k], op);
        if (level & DENIES) return CHAIN_DENIES;
        depends = depends || (level & DEPENDS) != 0;
        lacks = lacks || (level & ALLOWS) == 0;
    }
    if (depends) return CHAIN_DEPENDS;
    return lacks ? CHAIN_DENIES : CHAIN_ALLOWS;
}
