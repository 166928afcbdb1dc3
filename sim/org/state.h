/* state.h - inside this room: what an org is made of. Columns are records in versioned pages (pages.h); everything
 * else only grows and is shared by all revisions: texts, id tables, attachment lists, parsed contents. */
#ifndef ORG_STATE_H
#define ORG_STATE_H

#include <assert.h>

#include "base/intern.h"
#include "org/attached.h"
#include "org/lists.h"
#include "org/org.h"
#include "org/pages.h"

typedef struct {
    uint32_t    parent;   /* ORG_NONE: root, or deleted */
    uint32_t    attached; /* id of a combination        */
    const char *name;
    uint32_t    name_bytes;
    uint32_t    child_count, account_count;
    uint8_t     depth;
    bool        exists;
} org_node;

typedef struct {
    uint16_t name_bytes, email_bytes;
    char     bytes[]; /* name, then email */
} org_account_text;

typedef struct {                      /* tight: there may be a million */
    uint32_t                parent;   /* ORG_NONE: removed */
    uint32_t                attached; /* id of a combination */
    const org_account_text *text;
} org_account;

typedef struct {
    source          in;     /* in.text is the content */
    const policy   *parsed; /* null for management policies */
    org_policy_type type;
} org_content;

typedef struct {
    str                name, description;
    const org_content *content;
    uint32_t           target_count;
    uint8_t            type; /* org_policy_type */
    bool               exists, aws_managed;
} org_policy;

struct org_view {
    const org  *owner;
    uint32_t    revision;
    bool        type_enabled[ORG_TYPE_COUNT];
    pages_table nodes, accounts, policies;
    uint32_t    live_nodes, live_accounts;
    uint32_t    live_policies[ORG_TYPE_COUNT]; /* AWS-managed ones apart */
    org_change *changes;
    uint32_t    change_count;
    org_view   *older, *newer; /* among the views not released */
    pages_page *dead;          /* seen by this view, not by the next */
};

/* Names that must be unique now; only the head needs them. */
typedef enum { NAMES_OU, NAMES_POLICY, NAMES_EMAIL, NAMES_COUNT } names_kind;

struct org {
    org_view            head, *newest;
    org_view          **views; /* [head.revision] null when released */
    uint32_t            view_capacity;
    pages_store         pages;
    arena               texts;
    str                 id;
    intern_table       *node_ids, *account_ids, *policy_ids; /* intern id = index: ids are never used again */
    idmap              *names[NAMES_COUNT];
    lists               lists;
    attached            attached;
    uint32_t            attached_fresh; /* what a new OU or account gets */
    arena               contents;
    const org_content **content_list;
    uint32_t            content_count, content_capacity;
    idmap              *content_index;
    org_change         *pending; /* of the revision being made, unsorted */
    uint32_t            pending_count, pending_capacity;
};

static inline const org_node *state_node(const org_view *v, uint32_t node)
{
    assert(node < v->nodes.count);
    return pages_at(&v->nodes, node);
}
static inline const org_account *state_account(const org_view *v, uint32_t account)
{
    assert(account < v->accounts.count);
    return pages_at(&v->accounts, account);
}
static inline const org_policy *state_policy(const org_view *v, uint32_t index)
{
    assert(index < v->policies.count);
    return pages_at(&v->policies, index);
}
static inline uint32_t state_attached(const org_view *v, org_target t)
{
    return org_target_is_account(t) ? state_account(v, org_target_index(t))->attached
                                    : state_node(v, org_target_index(t))->attached;
}
static inline str state_account_name(const org_account *a)
{
    return (str){a->text->bytes, a->text->name_bytes};
}
static inline str state_account_email(const org_account *a)
{
    return (str){a->text->bytes + a->text->name_bytes, a->text->email_bytes};
}

/* org_change.c: with its texts copied; type, name, description and aws_managed are given in `p`. */
uint32_t state_policy_create(org *o, org_policy p, str id, str content);

/* names.c: scope is the parent of an OU, the type of a policy, 0 for an e-mail address. Add after the record is
 * written, remove before it changes. */
uint32_t names_find(const org *o, names_kind kind, uint32_t scope, str name);
void     names_add(org *o, names_kind kind, uint32_t entity);
void     names_remove(org *o, names_kind kind, uint32_t entity);

/* content.c: parsed once by (type, text); STATUS_SYNTAX or STATUS_INVALID when not valid for its type. AWS-managed
 * contents are read leniently: RCPFullAWSAccess allows, which no customer's RCP may. */
status content_get(org *o, org_policy_type type, str content, bool aws_managed, const org_content **out, err *e);

#endif
