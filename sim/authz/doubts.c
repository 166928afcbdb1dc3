#include "authz/doubts.h"

#include <assert.h>

#include "authz/answer.h"
#include "authz/case.h"
#include "authz/scratch.h"
#include "policy/condition.h"
#include "policy/value.h"

/* ---- what a statement may leave unevaluated ---- */

static bool has_five_colons(str s)
{
    uint32_t colons = 0;
    for (size_t i = 0; i < s.len; i++) colons += s.ptr[i] == ':';
    return colons >= 5;
}

static bool is_readable(condition_base base, str value)
{
    if (base == CONDITION_NUMERIC_NOT_EQUALS) return value_number_ok(value);
    if (base == CONDITION_DATE_NOT_EQUALS) return value_date_ok(value);
    if (base == CONDITION_NOT_IP_ADDRESS) return value_ip_ok(value) && str_find(value, '/', 0) == value.len;
    return has_five_colons(value);
}

/* Of the operators that negate, those that read more than a text. */
static bool is_choosy(condition_base base)
{
    return base == CONDITION_NUMERIC_NOT_EQUALS || base == CONDITION_DATE_NOT_EQUALS ||
           base == CONDITION_NOT_IP_ADDRESS || base == CONDITION_ARN_NOT_EQUALS || base == CONDITION_ARN_NOT_LIKE;
}

static bool values_may_doubt(const authz_vocabulary *v, const policy_clause *c, uint32_t key)
{
    for (uint32_t i = 0; i < c->value_count; i++) {
        str  text = c->values[i].text;
        bool block = c->base == CONDITION_NOT_IP_ADDRESS && value_ip_ok(text);
        if (!block && !is_readable(c->base, text)) return true;
    }
    if (key >= VOCABULARY_DERIVED) return true; /* its values are not listed: the text says */
    const vocabulary_key *k = &v->keys[key];
    for (size_t id = 0; id <= v->slots[k->slot].count && k->values != NULL; id++)
        for (uint32_t i = 0; i < k->values[id].count; i++)
            if (k->values[id].texts != NULL && !is_readable(c->base, k->values[id].texts[i])) return true;
    return false;
}

static bool clause_may_doubt(const authz_vocabulary *v, const policy *p, const policy_clause *c)
{
    uint32_t key = vocabulary_key_find(v, c->key.text);
    if (condition_has_variable(c, p->version_2012)) return true;
    if (key == VOCABULARY_KEYS_MAX || c->base == CONDITION_NULL || c->base == CONDITION_UNKNOWN) return false;
    uint32_t known = catalog_key_find(v->facts, c->key.text);
    bool     multivalued = known != CATALOG_NONE && catalog_key_at(v->facts, known)->multivalued;
    bool     list = key < VOCABULARY_DERIVED && v->keys[key].shape == AUTHZ_LIST;
    if (c->set == CONDITION_PLAIN && (multivalued || list)) return true;
    return is_choosy(c->base) && values_may_doubt(v, c, key);
}

bool statement_may_doubt(const authz_vocabulary *v, const policy *p, const policy_statement *s)
{
    for (uint32_t i = 0; i < s->resource_count && p->version_2012; i++) {
        str    text = s->resources[i].text;
        size_t dollar = str_find(text, '$', 0);
        if (dollar + 1 < text.len && text.ptr[dollar + 1] == '{') return true;
    }
    for (uint32_t i = 0; i < s->clause_count; i++)
        if (clause_may_doubt(v, p, &s->clauses[i])) return true;
    return false;
}

/* ---- requests ---- */

bool authz_has_doubts(const authz_image *image)
{
    return image->doubtful != NULL;
}

uint32_t authz_request_doubts(const authz_image *image, const authz_request *q, uint32_t by_kind[DIAGNOSTIC_COUNT])
{
    uint32_t total = 0;
    memset(by_kind, 0, DIAGNOSTIC_COUNT * sizeof *by_kind);
    if (image->doubtful == NULL || !(image->doubtful[q->action.chunk] >> q->action.bit & 1)) return 0;
    for (uint32_t part = 0; part < authz_request_parts(image, q); part++) {
        arena         scratch = scratch_get();
        policy_case   c;
        diagnostic   *found;
        authz_request one = request_part(image, q, part);
        request_case_in_view(&scratch, image, &one, &c);
        uint32_t count = authz_diagnose_case(&scratch, &c, image->store->facts, &found);
        for (uint32_t i = 0; i < count; i++) {
            if (found[i].kind == DIAGNOSTIC_MISSING_KEY) continue;
            by_kind[found[i].kind]++;
            total++;
        }
    }
    return total;
}
