/* org.h - the facts of one organization, versioned.
 *
 * What is in it: the root, OUs to depth 5, management and member accounts, policies with their text, attachments by
 * policy type, enabled types. What is not: who may change it and what AWS answers (control/).
 *
 * Identity   everything is named by a dense index in order of creation, never reused: node 0 is the root; accounts
 *            and policies have their own index spaces. AWS ids (`ou-…`, 12 digits, `p-…`) are attributes.
 * Versions   changes are made on the head; org_commit closes them into revision n+1 and gives a read-only view that
 *            stays valid until org_release(revision). Views share what did not change (copy-on-write pages), so a
 *            revision costs O(what changed). Revision 0 is the state at the first commit.
 * Contracts  mutators assert what must hold (indexes in range, depth, uniqueness of ids); control/ and the readers
 *            check first and answer with AWS's exceptions or with an error. org_check verifies every invariant anew.
 * Memory     one org owns all; texts are copied in. Policy texts are parsed once, by content.
 * Threads    views may be read by any number of threads while nobody changes or releases.
 */
#ifndef ORG_ORG_H
#define ORG_ORG_H

#include "policy/ast.h"
#include "policy/parse.h"
#include "policy/request.h"

#define ORG_NONE         UINT32_MAX
#define ORG_OU_DEPTH_MAX 5  /* levels of OUs below the root */
#define ORG_CHAIN_MAX    7  /* root, five OUs, account      */
#define ORG_ROOT         0u /* node index of the root       */

/* Policy types that attach to nodes (spec/organizations 1.5); SCPs and RCPs take part in decisions. */
typedef enum {
    ORG_TYPE_SCP, /* SERVICE_CONTROL_POLICY  */
    ORG_TYPE_RCP, /* RESOURCE_CONTROL_POLICY */
    ORG_TYPE_TAG,
    ORG_TYPE_BACKUP,
    ORG_TYPE_AI_OPT_OUT,
    ORG_TYPE_COUNT
} org_policy_type;
const char *org_policy_type_name(org_policy_type t); /* `SERVICE_CONTROL_POLICY` … */
bool        org_policy_type_of(str name, org_policy_type *out);

/* A root or OU (its node index) or an account (its account index, marked). */
typedef struct {
    uint32_t v;
} org_target;
#define ORG_TARGET_ACCOUNT 0x80000000u
static inline org_target org_target_node(uint32_t index)
{
    return (org_target){index};
}
static inline org_target org_target_account(uint32_t index)
{
    return (org_target){index | ORG_TARGET_ACCOUNT};
}
static inline bool org_target_is_account(org_target t)
{
    return (t.v & ORG_TARGET_ACCOUNT) != 0;
}
static inline uint32_t org_target_index(org_target t)
{
    return t.v & ~ORG_TARGET_ACCOUNT;
}

typedef struct org      org;
typedef struct org_view org_view;

/* ---- making and changing ---- */
typedef struct {
    str org_id;        /* `o-…`                                                         */
    str root_id;       /* `r-…`                                                         */
    str management_id; /* 12 digits; becomes account 0, placed under the root           */
    str management_name, management_email;
} org_options;

#define ORG_FULL_ACCESS     0u     /* policy index of FullAWSAccess                          */
#define ORG_RCP_FULL_ACCESS 1u     /* policy index of RCPFullAWSAccess                       */
org *org_new(org_options options); /* all features, no policy type enabled, both AWS-managed policies */
void org_free(org *o);

uint32_t org_ou_create(org *o, uint32_t parent, str id, str name);
void     org_ou_rename(org *o, uint32_t node, str name);
void     org_ou_delete(org *o, uint32_t node); /* must be empty */
uint32_t org_account_create(org *o, uint32_t parent, str id, str name, str email);
void     org_account_move(org *o, uint32_t account, uint32_t parent);
void     org_account_remove(org *o, uint32_t account); /* left or closed: attachments gone */
/* Whether the content is valid for its type: an SCP or RCP by its grammar, other types as a JSON object. What passes
 * is kept parsed, so that creating a policy with it costs no second parse. */
status org_content_check(org *o, org_policy_type type, str content, err *e);
/* The content must be valid for its type (asserted). */
uint32_t org_policy_create(org *o, org_policy_type type, str id, str name, str description, str content);
void     org_policy_update(org *o, uint32_t policy, str name, str description, str content); /* ptr null: keep */
void     org_policy_delete(org *o, uint32_t policy);                                         /* attached nowhere */
void     org_attach(org *o, uint32_t policy, org_target target);
void     org_detach(org *o, uint32_t policy, org_target target);
/* Enabling SCPs attaches FullAWSAccess to the root, every OU and every account, enabling RCPs RCPFullAWSAccess; so do
 * new OUs and accounts get them. Disabling detaches all of the type. */
void org_type_enable(org *o, org_policy_type type);
void org_type_disable(org *o, org_policy_type type);

uint32_t        org_commit(org *o);                      /* the new revision's number           */
uint32_t        org_revision(const org *o);              /* newest committed; asserts there is one */
const org_view *org_at(const org *o, uint32_t revision); /* committed and not released          */
const org_view *org_head(const org *o);                  /* the uncommitted state, for control/ */
void            org_release(org *o, uint32_t revision);  /* never the newest                    */
/* Pages of all revisions, texts, attachment lists and parsed policies; the id and name indexes apart. */
size_t org_bytes(const org *o);

/* What must be unique, in the uncommitted state; ORG_NONE when free. */
uint32_t org_ou_named(const org *o, uint32_t parent, str name);
uint32_t org_policy_named(const org *o, org_policy_type type, str name);
uint32_t org_email_holder(const org *o, str email); /* ignores case; removed accounts keep theirs */
bool     org_id_used(const org *o, str id);         /* ever, by a node, account or policy          */

/* What stands directly below a node, and where a policy is attached, in the uncommitted state: indexes from `from` on,
 * ascending, at most max of them; how many. The first call makes lists of everything, which changes then keep. */
typedef enum {
    ORG_LIST_CHILD_NODES,    /* owner: node   */
    ORG_LIST_CHILD_ACCOUNTS, /* owner: node   */
    ORG_LIST_TARGET_NODES,   /* owner: policy */
    ORG_LIST_TARGET_ACCOUNTS,
    ORG_LIST_COUNT
} org_list_kind;
uint32_t org_list(org *o, org_list_kind kind, uint32_t owner, uint32_t from, uint32_t *out, uint32_t max);

/* Every invariant, slowly: one tree, depth, unique ids and names, one parent, at least one SCP per node while the
 * type is enabled, attachments only of enabled types and living policies, management account present and a member of
 * the tree, back references. Returns STATUS_INVALID with the first one broken. */
status org_check(const org_view *v, err *e);

/* ---- reading a view ---- */
uint32_t org_view_revision(const org_view *v);
str      org_id(const org_view *v);
str      org_root_id(const org_view *v);
bool     org_type_enabled(const org_view *v, org_policy_type type);

uint32_t org_node_count(const org_view *v); /* created so far, deleted ones included */
bool     org_node_exists(const org_view *v, uint32_t node);
uint32_t org_node_parent(const org_view *v, uint32_t node); /* ORG_NONE for the root */
uint32_t org_node_depth(const org_view *v, uint32_t node);  /* root 0 */
str      org_node_id(const org_view *v, uint32_t node);
str      org_node_name(const org_view *v, uint32_t node);
uint32_t org_node_child_count(const org_view *v, uint32_t node);   /* OUs directly below      */
uint32_t org_node_account_count(const org_view *v, uint32_t node); /* accounts directly below */

#define ORG_MANAGEMENT 0u                      /* account index of the management account */
uint32_t org_account_count(const org_view *v); /* created so far, removed ones included */
bool     org_account_exists(const org_view *v, uint32_t account);
uint32_t org_account_parent(const org_view *v, uint32_t account);
str      org_account_id(const org_view *v, uint32_t account);
str      org_account_name(const org_view *v, uint32_t account);
str      org_account_email(const org_view *v, uint32_t account);

uint32_t        org_policy_count(const org_view *v);
bool            org_policy_exists(const org_view *v, uint32_t policy);
org_policy_type org_policy_type_at(const org_view *v, uint32_t policy);
str             org_policy_id(const org_view *v, uint32_t policy);
str             org_policy_name(const org_view *v, uint32_t policy);
str             org_policy_description(const org_view *v, uint32_t policy);
str             org_policy_content(const org_view *v, uint32_t policy);
/* Parsed content of an SCP or RCP, null for other types; the same pointer for the same content, for as long as the org
 * lives. */
const policy *org_policy_parsed(const org_view *v, uint32_t policy);
bool          org_policy_aws_managed(const org_view *v, uint32_t policy);
uint32_t      org_policy_target_count(const org_view *v, uint32_t policy);

typedef struct {
    const uint32_t *policies; /* ascending policy indexes */
    uint32_t        count;
} org_attachments;
org_attachments org_attached(const org_view *v, org_policy_type type, org_target target);

/* How many there are, deleted and removed ones left out: what quotas count. */
uint32_t org_ou_live(const org_view *v);
uint32_t org_account_live(const org_view *v);                      /* with the management account   */
uint32_t org_policy_live(const org_view *v, org_policy_type type); /* without the AWS-managed ones  */

/* AWS ids to indexes; ORG_NONE when unknown, deleted or removed. */
uint32_t org_node_find(const org_view *v, str id); /* root or OU */
uint32_t org_account_find(const org_view *v, str id);
uint32_t org_policy_find(const org_view *v, str id);
bool     org_target_find(const org_view *v, str id, org_target *out);

/* The chain of an account, root first, as targets; returns its length (2..ORG_CHAIN_MAX). */
uint32_t org_chain(const org_view *v, uint32_t account, org_target out[ORG_CHAIN_MAX]);
/* The SCPs or RCPs of each level of that chain, parsed: what an evaluator reads. Returns the number of levels, or 0
 * when they do not apply to the account (type disabled, management account, account removed). Arrays live in `a`. */
uint32_t org_levels(arena *a, const org_view *v, org_policy_type type, uint32_t account,
                    policy_level out[ORG_CHAIN_MAX]);
/* What aws:PrincipalOrgPaths says of accounts directly in a node: `o-exampleorg1/r-ab12/ou-ab12-x/`. */
str org_path(arena *a, const org_view *v, uint32_t node);

/* What changed between a revision and the one before: for those who keep derived state (images, indexes). */
typedef enum {
    ORG_CHANGED_TARGET,  /* its attachments                                                      */
    ORG_CHANGED_POLICY,  /* created, deleted, or name, description or content                    */
    ORG_CHANGED_ACCOUNT, /* created, moved or removed, with all its attachments                  */
    ORG_CHANGED_NODE,    /* created, renamed or deleted, with all its attachments                */
    ORG_CHANGED_TYPE     /* enabled or disabled, hence the attachments of the type at every target */
} org_changed;
typedef struct {
    org_changed what;
    uint32_t    index; /* target.v, policy, account, node or type */
} org_change;
/* Ascending by (what, index), each once. Revision 0 has no revision before it and gives an empty list. */
uint32_t org_changes(const org_view *v, const org_change **out);

#endif
