#include "authz/principals.h"

#include <assert.h>

#include "authz/families.h"

/* ---- `<account>` ---- */

static str own_account_filled(arena *a, str text, str account)
{
    str name = AUTHZ_OWN_ACCOUNT;
    for (size_t at = 0; at + name.len <= text.len; at++) {
        if (!str_eq(str_part(text, at, name.len), name)) continue;
        str after = str_part(text, at + name.len, text.len - at - name.len);
        return arena_format(a, "%.*s%.*s%.*s", (int)at, text.ptr, STR_FMT(account), STR_FMT(after));
    }
    return text;
}

/* ---- one caller ---- */

typedef struct {
    const policy_statement *s;
    const authz_role       *roles;
    caller_relation         relation;
    principal_reach         reach;
} question;

/* To a caller of another account `<account>` is some account that is not theirs, which the name itself is as well. */
static bool is_reached(arena scratch, const question *q, uint32_t role, str principal)
{
    policy_statement s = *q->s;
    caller           who = caller_read(principal);
    if (q->relation == CALLER_OF_SAME_ACCOUNT && s.principal_count > 0) {
        s.principals = ARENA_NEW(&scratch, policy_principal, s.principal_count);
        for (uint32_t i = 0; i < s.principal_count; i++) {
            s.principals[i] = q->s->principals[i];
            s.principals[i].value.text = own_account_filled(&scratch, q->s->principals[i].value.text, who.account);
        }
    }
    return principal_reaches(&s, &who, q->roles[role].boundary != NULL) >= q->reach;
}

/* ---- all roles ---- */

/* An account id that stands for all that no value spells out: names are compared whole, so those are all alike. */
static uint64_t account_unnamed(const uint64_t *named, uint32_t count)
{
    uint64_t account = 0;
    while (account < count && named[account] == account) account++; /* they ascend */
    return account;
}

/* What the atom asks, unambiguously. */
static str name_of(arena *a, const question *q)
{
    const policy_statement *s = q->s;
    str                     name =
        arena_format(a, "P%d%d%d%d%d", (int)q->relation, (int)q->reach, s->has_principal, s->not_principal, s->deny);
    for (uint32_t i = 0; i < s->principal_count; i++) {
        str value = s->principals[i].value.text;
        name =
            arena_format(a, "%.*s %d:%zu:%.*s", STR_FMT(name), (int)s->principals[i].kind, value.len, STR_FMT(value));
    }
    return name;
}

static void tabulate(atom_table *t, arena scratch, const question *q, atom *x)
{
    size_t    words = bitset_words(value_domain(t->v, AUTHZ_PRINCIPAL));
    lexeme   *items = ARENA_NEW(&scratch, lexeme, q->s->principal_count);
    uint64_t *yes = ARENA_NEW(&t->a, uint64_t, words), *listed = ARENA_NEW(&t->a, uint64_t, words);
    for (uint32_t i = 0; i < q->s->principal_count; i++) items[i] = q->s->principals[i].value;
    x->accounts = accounts_named(&t->a, items, q->s->principal_count, &x->account_count);
    uint64_t *flips = ARENA_NEW(&t->a, uint64_t, x->account_count * words);
    uint64_t  unnamed = account_unnamed(x->accounts, x->account_count);
    bool      all = true;
    for (uint32_t role = 0; role < t->role_count; role++) {
        const authz_entry *principal = &t->v->principals[role + 1];
        bool               family = principal->hole != AUTHZ_NO_HOLE;
        arena              temporary = scratch;
        str                text = family ? family_of_account(&temporary, principal, unnamed) : principal->texts[0];
        bool               base = is_reached(temporary, q, role, text);
        if (base) value_put(yes, role + 1);
        all = all && base;
        for (uint32_t k = 0; k < x->account_count && family; k++) {
            arena per_account = temporary;
            text = family_of_account(&per_account, principal, x->accounts[k]);
            if (is_reached(per_account, q, role, text) == base) continue;
            value_put(flips + k * words, role + 1);
            value_put(listed, role + 1);
            x->listed = listed;
        }
    }
    if (all) value_put(yes, 0); /* no request is made by nobody: then it says nothing */
    x->yes = yes;
    x->flips = flips;
    x->word_count = (uint32_t)words;
    uint64_t *bound = ARENA_NEW(&scratch, uint64_t, words);
    for (size_t i = 0; i < words; i++) bound[i] = yes[i] & ~listed[i];
    x->always = value_set_keep(&t->sets, AUTHZ_PRINCIPAL, bound);
    for (size_t i = 0; i < words; i++) bound[i] = yes[i] | listed[i];
    x->may = value_set_keep(&t->sets, AUTHZ_PRINCIPAL, bound);
}

uint32_t atom_of_principal(atom_table *t, const policy *p, const policy_statement *s, caller_relation relation,
                           principal_reach reach)
{
    uint32_t id;
    question q = {s, t->roles, relation, reach};
    arena    scratch = t->scratch;
    assert(reach > REACH_NONE);
    /* Some services take a statement for a resource that names nobody; it never matches. */
    if (!s->has_principal) return p->type == POLICY_RESOURCE || p->type == POLICY_TRUST ? ATOM_FALSE : ATOM_TRUE;
    id = intern_add(t->spellings, name_of(&scratch, &q));
    if (id < t->count) return atom_id(t, id);
    atom x = {.policy = p, .statement = s, .slot = AUTHZ_PRINCIPAL};
    tabulate(t, scratch, &q, &x);
    return atom_keep(t, id, x);
}
