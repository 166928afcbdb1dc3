#include "authz/doubts.h"

#include <assert.h>

#include "authz/answer.h"
#include "authz/case.h"
#include "authz/scratch.h"
#include "base/mutant.h"
#include "policy/condition.h"
#include "policy/match.h"
#include "policy/principal.h"
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

/* An account's id put in makes an ARN of an ARN, and of a date none. */
static bool entry_may_doubt(condition_base base, const authz_entry *x)
{
    if (x->texts == NULL) return false;
    if (x->hole != AUTHZ_NO_HOLE && base != CONDITION_ARN_NOT_EQUALS && base != CONDITION_ARN_NOT_LIKE) return true;
    for (uint32_t i = 0; i < x->count; i++)
        if (!is_readable(base, x->texts[i])) return true;
    return false;
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
        if (entry_may_doubt(c->base, &k->values[id])) return true;
    return false;
}

/* Whether a policy is never asked when this role asks. */
static bool is_spared(const authz_vocabulary *v, const policy *p, size_t role)
{
    const authz_entry *principal = &v->principals[role];
    if (p->type != POLICY_SCP) return false;
    if (principal->hole == AUTHZ_NO_HOLE) return true; /* of no account of the organization */
    caller who = caller_read(principal->texts[0]);
    return !caller_in_account(&who) || who.service_linked;
}

/* Whether every request that the policy meets has one value of the key. Slots may be left empty; of the roles that ask,
 * each one is known. */
static bool is_always_there(const authz_vocabulary *v, const policy *p, str name)
{
    uint32_t key = vocabulary_key_find(v, name), listed = catalog_key_find(v->facts, name);
    if (key == VOCABULARY_KEYS_MAX || v->keys[key].shape != AUTHZ_SINGLE) return false;
    if (listed != CATALOG_NONE && catalog_key_at(v->facts, listed)->multivalued) return false;
    if (key == VOCABULARY_CURRENT_TIME || key == VOCABULARY_EPOCH_TIME) return true;
    if (v->keys[key].slot != AUTHZ_PRINCIPAL) return false;
    for (size_t role = 1; role <= v->slots[AUTHZ_PRINCIPAL].count; role++) {
        const str *texts = v->keys[key].values[role].texts;
        if (is_spared(v, p, role)) continue;
        if (texts == NULL && !MUTANT(MUTANT_ABSENT_KEY_NO_DOUBT)) return false;
        /* An account that was removed has no organization; SCPs do not bind it. */
        if (texts == &v->organization && p->type != POLICY_SCP) return false;
    }
    return true;
}

static bool variables_may_doubt(const authz_vocabulary *v, const policy *p, str text)
{
    str key;
    if (!p->version_2012) return pattern_has_variable(text);
    for (size_t at = 0; match_variable_next(text, &at, &key);)
        if (!is_always_there(v, p, key)) return true;
    return false;
}

static bool clause_may_doubt(const authz_vocabulary *v, const policy *p, const policy_clause *c)
{
    if (c->base == CONDITION_UNKNOWN) return true;
    uint32_t key = vocabulary_key_find(v, c->key.text);
    if (key == VOCABULARY_KEYS_MAX || c->base == CONDITION_NULL) return false;
    for (uint32_t i = 0; i < c->value_count && condition_takes_variables(c->base); i++)
        if (variables_may_doubt(v, p, c->values[i].text)) return true;
    uint32_t known = catalog_key_find(v->facts, c->key.text);
    bool     multivalued = known != CATALOG_NONE && catalog_key_at(v->facts, known)->multivalued;
    bool     list = multivalued || v->keys[key].shape == AUTHZ_LIST;
    if (c->set == CONDITION_PLAIN && list && !MUTANT(MUTANT_NO_SET_OPERATOR_NO_DOUBT)) return true;
    if (!is_choosy(c->base)) return false;
    return condition_has_variable(c, p->version_2012) || values_may_doubt(v, c, key);
}

bool statement_may_doubt(const authz_vocabulary *v, const policy *p, const policy_statement *s)
{
    for (uint32_t i = 0; i < s->resource_count; i++)
        if (variables_may_doubt(v, p, s->resources[i].text)) return true;
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
