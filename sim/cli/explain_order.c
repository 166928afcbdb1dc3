/* explain_order.c - which change is offered first, once it is known what each does to other requests. */
#include <assert.h>

#include "cli/explain.h"

bool explain_is_wide(const explanation *x, const remedy *r)
{
    for (uint32_t i = 0; i < r->count; i++) {
        bool everywhere = r->edits[i].who == WHO_ORGANIZATION && r->edits[i].kind == REMEDY_DETACH;
        if (everywhere && x->decision.kind == DECISION_ALLOWED) return true;
    }
    return false;
}

/* Of what stands before the radius. */
static uint32_t rank_of(const explanation *x, const remedy *r, const blast_radius *b)
{
    return (b->refused != NULL ? 100u : 0u) + (explain_is_wide(x, r) ? 10u : 0u) + r->count;
}

static void swap(remedy_list *list, blast_radius *blast, uint32_t i, uint32_t k)
{
    remedy       r = list->items[i];
    blast_radius b = blast[i];
    list->items[i] = list->items[k];
    blast[i] = blast[k];
    list->items[k] = r;
    blast[k] = b;
}

static uint64_t turned(const blast_radius *b)
{
    return b->allowed + b->denied;
}

void explain_order(const explanation *x, remedy_list *list, blast_radius *blast)
{
    uint32_t rank[REMEDY_MAX];
    assert(list->count <= REMEDY_MAX);
    for (uint32_t i = 1; i < list->count; i++)
        for (uint32_t k = i;
             k > 0 && rank_of(x, &list->items[k], &blast[k]) < rank_of(x, &list->items[k - 1], &blast[k - 1]); k--)
            swap(list, blast, k, k - 1);
    for (uint32_t i = 0; i < list->count; i++) rank[i] = rank_of(x, &list->items[i], &blast[i]);
    /* Those of one rank that are measured, among the places that they have. */
    for (uint32_t i = 1; i < list->count; i++)
        for (uint32_t k = i, before = i; blast[k].measured && before-- > 0;) {
            if (!blast[before].measured) continue;
            if (rank[before] != rank[k] || turned(&blast[before]) <= turned(&blast[k])) break;
            swap(list, blast, k, before);
            k = before;
        }
}
