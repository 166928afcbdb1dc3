/* explain.h - inside this room: a question to explain, with the names that people know its parts by, and its answer.
 *
 * Memory  everything lives in `a`; question_close gives back the scenario.
 */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include "authz/authz.h"
#include "authz/case.h"
#include "authz/remedy.h"
#include "authz/remedy_context.h"
#include "cli/arguments.h"
#include "workloads/scenario.h"

/* How the question was put on the command line. */
typedef struct {
    str       cases, id, scenario;       /* `--cases` with `--line` or `--id`; a scenario             */
    str       account, action, resource; /* of a question in words                                    */
    str       resource_policy;
    str       role, principal, owner; /* owner: `--resource-account`                               */
    str       at;                     /* `15s`                                                     */
    text_list context;                /* `key=value`                                               */
    uint64_t  line, request, cell, requests;
    bool      line_given, request_given, json, one_line, all, no_fixes;
    uint64_t  columns;
} explain_flags;

typedef struct {
    policy_case     c;
    const catalog  *facts;
    scenario       *s;    /* null: a case of a file */
    const org_view *view; /* null: likewise         */
    int64_t         at_ns;
    uint32_t        mix;            /* of requests, at that time */
    uint32_t        account, owner; /* in the view; ORG_NONE: not in the organization */
    authz_request   stream;         /* of the scenario's requests, when is_stream     */
    uint16_t        resource;       /* … the value of slot 0 that the part in question names */
    bool            is_stream;
    str             role;           /* name among the scenario's roles; else empty                   */
    str             asked;          /* in one phrase: `request 7 of cell 0`, `case bad-1`          */
    str             assumed, how;   /* what was filled in, and the flags that tell; else empty     */
    bool            policy_unknown; /* of the resource, which may well have one             */
} question;

status question_open(arena *a, const explain_flags *f, question *out, err *e);
void   question_close(question *q);
/* What the scenario's images are built of. */
authz_setting explain_setting(const question *q);

/* Names. level: in the chain of that layer. */
str question_level(arena *a, const question *q, decision_layer layer, uint32_t level);
/* `keep-data`, `policy 2`; org_policy and p as in a remedy_edit, or of the level and index of a trace. */
str question_policy(arena *a, const question *q, decision_layer layer, uint32_t level, uint32_t index);
str question_policy_id(const question *q, decision_layer layer, uint32_t level, uint32_t index); /* or ptr null */
/* `account Shop`, `account 999999999999 (not of the organization)`; id empty: a caller of no account. */
str question_account(arena *a, const question *q, str id);
str question_target(arena *a, const question *q, org_target t); /* `OU Workloads/Prod`, `the root`, `account Shop` */

const char *explain_kind_name(decision_layer layer); /* `service control policy`, `resource's policy` */
/* `service control policy keep-data`, `identity policy 2 of Application`; kind as it is to begin. */
str explain_policy_words(arena *a, const question *q, decision_layer layer, const char *kind, uint32_t level,
                         uint32_t index);
str explain_statement_words(arena *a, const statement_trace *t); /* `statement 2` or `statement 2 (KeepData)` */

/* ---- what a change does to other requests ---- */

typedef struct {
    bool        measured;
    const char *why;                       /* it was not, else null         */
    const char *refused;                   /* by AWS: the exception, else null */
    char        detail[240];               /* … and why, as control says it    */
    uint64_t    requests, allowed, denied; /* that were denied and are allowed; that were allowed and are denied */
} blast_radius;

/* Policies of roles, resources and endpoints, which the scenario has beside its organization, with a change: those of
 * one account, as everybody has its own. */
typedef struct {
    authz_setting  setting;
    uint32_t       account, owner; /* whose requests, to whose resources; ORG_NONE: whoever's */
    uint16_t       resource;       /* the value that has another policy in the vocabulary, where owner is given */
    authz_resource before;
} own_change;
/* False: the change is of no such policy (why null), or cannot be counted (why). */
bool explain_own_make(arena *a, const question *q, const remedy *r, own_change *out, const char **why);
void explain_own_unmake(const question *q, const own_change *change);
bool explain_is_own(const remedy_edit *e); /* of no policy of the organization */

/* Each change, made through control as a revision of its own and taken back, or in the scenario's own policies: both
 * images decide the scenario's requests. out[list->count]. */
void explain_blast(arena *a, const question *q, const remedy_list *list, uint64_t requests, blast_radius *out);

/* What AWS takes comes first; then what is not one step that shuts out a whole organization to deny one request; then
 * fewer edits; then fewer other requests turned, those that are not measured left where they were; then as it was. */
void explain_order(const explanation *x, remedy_list *list, blast_radius *blast);
/* To deny one request, FullAWSAccess or another allow list goes from the root. */
bool explain_is_wide(const explanation *x, const remedy *r);

/* ---- output ---- */

typedef struct {
    const question     *q;
    const explanation  *x;
    const remedy_list  *fixes;
    const blast_radius *blast;
    const diagnostic   *notes; /* what could not be evaluated */
    uint32_t            note_count;
    const decision     *obstacles; /* authz_explain_obstacles */
    uint32_t            obstacle_count;
    const request_key  *carried; /* authz_remedy_context */
    uint32_t            carried_count;
    bool                all; /* statements that did not decide too */
} explain_answer;

str explain_text(arena *a, const explain_answer *answer, uint32_t columns, bool colour);
str explain_line(arena *a, const explain_answer *answer);
str explain_json(arena *a, const explain_answer *answer);

/* One edit of a change in words: `remove statements 2 (A) and 3 of the SCP keep-data on the root`. Every statement that
 * it changes is named, by its number in the policy before the whole change. What is to be pasted is not in them. */
str explain_edit(arena *a, const question *q, const remedy *r, uint32_t index);
/* Indexes of the statements that an edit changes or takes away, in the policy that it finds. */
uint32_t explain_changed(arena *a, const remedy *r, uint32_t index, uint32_t **out);
/* The JSON that an edit gives or leaves: the new policy; or the statements that are new or read otherwise then. */
uint32_t explain_paste(arena *a, const question *q, const remedy_edit *e, str **out);
/* Whether people are shown it: of what is new, and of the policies of resources. */
bool explain_shows_paste(const remedy_edit *e);
/* What it undoes: a condition that stands in the way, or that a resource is closed to some; or empty. */
str explain_edit_warning(arena *a, const explain_answer *answer, const remedy *r, uint32_t index);
/* The same, what it does to wildcards, and that it changes a policy at several targets; or empty. */
str explain_edit_note(arena *a, const explain_answer *answer, const remedy *r, uint32_t index);
/* What came out, in one sentence. */
str explain_reason(arena *a, const explain_answer *answer);
/* Of authz_explain_obstacles: one, without a full stop. */
str explain_obstacle(arena *a, const explain_answer *answer, decision d);
/* `with sts:ExternalId=x in the request it is allowed`, or empty. */
str explain_carried(arena *a, const explain_answer *answer);
/* What is odd about the question, one sentence each: an action, resource or key that does not exist, say. */
uint32_t explain_unlikely(arena *a, const question *q, str **out);
/* One thing that could not be evaluated as it was meant. */
str explain_note(arena *a, const question *q, const diagnostic *d);

#endif
